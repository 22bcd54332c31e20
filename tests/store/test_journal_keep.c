/* What happens behind the rows of an open journal: its head, its log's size, and a file system that stops taking writes. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal_support.h"

static uint64_t head_of(const journal_place *place)
{
	uint64_t number = 0;
	vg_chain_code code;
	bool damaged;
	return vg_chain_head_read(place->head, &number, &code, &damaged) ? number : 0;
}

/* The number of the head once it names `least` or a later row; 0: it never did. */
static uint64_t head_follows(const journal_place *place, uint64_t least)
{
	uint64_t number = 0;
	WAIT_UNTIL((number = head_of(place)) >= least);
	return number >= least ? number : 0;
}

static void keeps_the_head(vg_durability durability)
{
	journal_place place;
	journal_place_make(&place);
	vg_journal *journal = journal_open(&place, durability);
	for (uint64_t i = 1; i < 256; i++)
		CU_ASSERT_EQUAL(journal_add(journal, i, NULL), VIGIL_OK);
	CU_ASSERT_EQUAL(head_of(&place), 0);
	for (uint64_t i = 256; i <= 300; i++)
		CU_ASSERT_EQUAL(journal_add(journal, i, NULL), VIGIL_OK);
	uint64_t named = head_follows(&place, 256);
	CHECK(named >= 256 && named <= 300, "the head names row %llu", (unsigned long long)named);
	vg_journal_report report = journal_verified(&place);
	CHECK(report.problem[0] == '\0' && report.checkpoint == named, "read beside the writer: %s", report.problem);
	for (uint64_t i = 301; i <= 600; i++)
		CU_ASSERT_EQUAL(journal_add(journal, i, NULL), VIGIL_OK);
	CHECK(head_follows(&place, named + 256), "the head does not follow a second time");
	vg_journal_close(journal);
	CU_ASSERT_EQUAL(head_of(&place), 600);
	CHECK_TEXT(journal_verified(&place).problem, "");
	journal_place_remove(&place);
}

static void head_of_a_process(void) { keeps_the_head(VG_DURABLE_PROCESS); }
static void head_under_power_loss(void) { keeps_the_head(VG_DURABLE_POWER); }

static long log_size(const journal_place *place)
{
	char path[128];
	struct stat info;
	snprintf(path, sizeof path, "%s-wal", place->file);
	return stat(path, &info) == 0 ? (long)info.st_size : -1;
}

/* SQLite's log is written from its beginning again once it was moved: then it is as large after many rows as before. */
static void moves_the_log(void)
{
	enum { ROWS = 2000, MOST_ROUNDS = 100 };
	journal_place place;
	journal_place_make(&place);
	vg_journal *journal = journal_open(&place, VG_DURABLE_PROCESS);
	long before = 0, size = 0;
	uint64_t row = 0;
	int round = 0;
	do {
		before = size;
		for (int i = 0; i < ROWS; i++)
			CU_ASSERT_EQUAL(journal_add(journal, ++row, NULL), VIGIL_OK);
		size = log_size(&place);
	} while (size > before && ++round < MOST_ROUNDS);
	CHECK(size > 0 && round < MOST_ROUNDS, "the log has %ld bytes after %llu rows and grows on", size,
	      (unsigned long long)row);
	vg_journal_close(journal);
	vg_journal_report report = journal_verified(&place);
	CHECK(report.problem[0] == '\0' && report.rows == row, "%llu rows of %llu: %s", (unsigned long long)report.rows,
	      (unsigned long long)row, report.problem);
	journal_place_remove(&place);
}

/* What SQLite writes with, as long as `read_only` is not set: as if the file system had become read-only. */
static bool read_only;
static ssize_t write_if_allowed(int descriptor, const void *bytes, size_t length, off_t at)
{
	if (!read_only)
		return real_pwrite(descriptor, bytes, length, at);
	errno = EROFS;
	return -1;
}

static void survives_read_only(vg_durability durability)
{
	sqlite3_vfs *files = sqlite3_vfs_find(NULL);
	journal_place place;
	vigil_error error = VIGIL_ERROR_INIT;
	uint64_t number = 0;
	journal_place_make(&place);
	CU_ASSERT_EQUAL(files->xSetSystemCall(files, "pwrite", (sqlite3_syscall_ptr)write_if_allowed), SQLITE_OK);
	CU_ASSERT_EQUAL(files->xSetSystemCall(files, "pwrite64", (sqlite3_syscall_ptr)write_if_allowed), SQLITE_OK);
	vg_journal *journal = journal_open(&place, durability);
	CU_ASSERT_EQUAL(journal_add(journal, 1, NULL), VIGIL_OK);
	read_only = true;
	tail_hooks.pwrite = write_if_allowed;
	for (int i = 0; i < 3; i++) {
		vg_journal_row row = {.kind = "answer", .body = "{}"};
		CU_ASSERT_EQUAL(vg_journal_append(journal, &row, &error), VIGIL_BAD_OUTPUT);
		CHECK(error.text[0] && error.advice[0] && error.file[0], "no text, advice or file: %s", error.text);
	}
	read_only = false;
	CU_ASSERT_EQUAL(journal_add(journal, 2, &number), VIGIL_OK);
	CU_ASSERT_EQUAL(number, 2);
	vg_journal_close(journal);
	tail_hooks = (tail_calls){0};
	files->xSetSystemCall(files, NULL, NULL);
	vg_journal_report report = journal_verified(&place);
	CHECK(report.problem[0] == '\0' && report.rows == 2, "%llu rows: %s", (unsigned long long)report.rows, report.problem);
	journal_place_remove(&place);
}

static void read_only_process(void) { survives_read_only(VG_DURABLE_PROCESS); }
static void read_only_power(void) { survives_read_only(VG_DURABLE_POWER); }

const test_case test_cases_journal_keep[] = {
    {"the head follows every 256 rows and at the end", head_of_a_process},
    {"the head follows a gathering writer", head_under_power_loss},
    {"the log is moved while rows are written", moves_the_log},
    {"a file system that becomes read-only fails the row, and the journal goes on", read_only_process},
    {"a file system that becomes read-only fails gathered rows, and the journal goes on", read_only_power},
    {0},
};
