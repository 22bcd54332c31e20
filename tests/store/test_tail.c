/* The journal's tails: seen by readers before and after a kill, moved, used in turn, full, and never holding anybody up. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/journal_internal.h"
#include "store/journal_support.h"

static void expect_whole(const journal_place *place, uint64_t rows, const char *when)
{
	vg_journal_report report = journal_verified(place);
	journal_seen seen = journal_read_all(place);
	uint64_t answers = 0;
	CHECK(report.problem[0] == '\0' && report.rows == rows, "%s: %llu rows, row %llu: %s", when,
	      (unsigned long long)report.rows, (unsigned long long)report.bad_row, report.problem);
	CHECK(seen.status == VIGIL_OK && seen.rows == rows && seen.cards == (rows + 1) / 2 * 2, "%s: readers see %llu rows",
	      when, (unsigned long long)seen.rows);
	CHECK(vg_journal_count(place->file, INT64_MIN, INT64_MAX, "answer", &answers, NULL) == VIGIL_OK && answers == rows,
	      "%s: %llu answers are counted", when, (unsigned long long)answers);
}

static long size_of(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 ? (long)info.st_size : -1;
}

static void survives_a_kill(vg_durability durability, uint64_t moved, uint64_t rows, bool both)
{
	journal_place place;
	char rule[64];
	uint64_t number = 0;
	journal_place_make(&place);
	journal_kill(&place, durability, moved, rows);
	CHECK(size_of(place.tails[0]) > 0 && (size_of(place.tails[1]) > 0) == both, "the tails have %ld and %ld bytes",
	      size_of(place.tails[0]), size_of(place.tails[1]));
	expect_whole(&place, rows, "after the kill");
	vg_journal *journal = journal_open(&place, durability);
	CU_ASSERT_TRUE(vg_journal_card_rule(journal, "card-1-a", rule, sizeof rule));
	CHECK(journal_add(journal, rows + 1, &number) == VIGIL_OK && number == rows + 1, "it goes on with row %llu",
	      (unsigned long long)number);
	vg_journal_close(journal);
	expect_whole(&place, rows + 1, "after it was opened again");
	CHECK(size_of(place.tails[0]) == -1 && size_of(place.tails[1]) == -1, "the tails are left behind");
	journal_place_remove(&place);
}
static void killed_before_anything_is_moved(void) { survives_a_kill(VG_DURABLE_PROCESS, 0, 7, false); }
static void killed_with_both_tails(void) { survives_a_kill(VG_DURABLE_PROCESS, 0, 2 * VG_MOVE_ROWS, true); }
static void killed_with_both_tails_and_power(void) { survives_a_kill(VG_DURABLE_POWER, 0, 2 * VG_MOVE_ROWS, true); }

/* Rows that the file has already are passed over, in tails that were not used again. */
static void killed_after_rows_were_moved(void)
{
	journal_place place;
	char kept[2][128];
	journal_place_make(&place);
	journal_kill(&place, VG_DURABLE_PROCESS, 3, 9);
	for (int i = 0; i < 2; i++) {
		snprintf(kept[i], sizeof kept[i], "%s.kept", place.tails[i]);
		copy_file(place.tails[i], kept[i]);
	}
	CU_ASSERT_EQUAL(journal_try(&place, NULL), VIGIL_OK); /* commits all rows */
	for (int i = 0; i < 2; i++)
		copy_file(kept[i], place.tails[i]);
	expect_whole(&place, 9, "with tails that were moved");
	CU_ASSERT_EQUAL(journal_try(&place, NULL), VIGIL_OK);
	expect_whole(&place, 9, "after it was opened again");
	journal_place_remove(&place);
}

/* A reader of its own process, as long as the other end of the pipe is open: what was there stays there. */
static int read_on(const journal_place *place, int pipe)
{
	uint64_t before = 0;
	char end;
	unsigned readings = 0;
	for (; read(pipe, &end, 1) < 0 && errno == EAGAIN; readings++) {
		vg_journal_report report = {0};
		vigil_error error = VIGIL_ERROR_INIT;
		uint64_t answers = 0;
		if (vg_journal_verify(place->file, NULL, &report, &error) != VIGIL_OK || report.problem[0] ||
		    report.rows < before ||
		    vg_journal_count(place->file, INT64_MIN, INT64_MAX, "answer", &answers, &error) != VIGIL_OK ||
		    answers < report.rows) {
			fprintf(stderr, "%llu rows after %llu, %llu answers, row %llu: %s%s\n", (unsigned long long)report.rows,
				(unsigned long long)before, (unsigned long long)answers, (unsigned long long)report.bad_row,
				report.problem, error.text);
			return 1;
		}
		before = report.rows;
	}
	return readings > 0 ? 0 : 2;
}

static void append_until_killed(const journal_place *place, unsigned milliseconds)
{
	vg_journal *journal = NULL;
	vg_journal_config config = {.file = place->file};
	if (vg_journal_open(&config, &vg_system_allocator, &journal, NULL) != VIGIL_OK)
		_exit(8);
	uint64_t row = journal->number;
	for (unsigned i = 0; i < milliseconds * 20; i++)
		if (journal_add(journal, ++row, NULL) != VIGIL_OK)
			_exit(7);
	kill(getpid(), SIGKILL);
}

static void readers_beside_kills(void)
{
	enum { KILLS = 20 };
	journal_place place;
	int ends[2], state = 0;
	journal_place_make(&place);
	journal_fill(&place, 1);
	CU_ASSERT_EQUAL_FATAL(pipe2(ends, O_NONBLOCK), 0);
	pid_t reader = fork();
	if (reader == 0) {
		close(ends[1]);
		_exit(read_on(&place, ends[0]));
	}
	for (unsigned i = 0; i < KILLS; i++) {
		pid_t writer = fork();
		if (writer == 0)
			append_until_killed(&place, 1 + i * 7 % 30);
		waitpid(writer, &state, 0);
		CHECK(WIFSIGNALED(state), "kill %u: the writer ended with %d", i, WEXITSTATUS(state));
	}
	close(ends[1]);
	waitpid(reader, &state, 0);
	CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 0, "the reader ended with %d", WEXITSTATUS(state));
	close(ends[0]);
	CHECK_TEXT(journal_verified(&place).problem, "");
	journal_place_remove(&place);
}

/* ---- the file cannot take rows ------------------------------------------------------------- */

static void nobody_waits_for_the_file(void)
{
	enum { ROWS = 1000 };
	journal_place place;
	sqlite3 *other = NULL;
	vg_journal_health health;
	char rule[64];
	journal_place_make(&place);
	vg_journal *journal = journal_open(&place, VG_DURABLE_PROCESS);
	CU_ASSERT_EQUAL(sqlite3_open(place.file, &other), SQLITE_OK);
	CU_ASSERT_EQUAL(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	for (uint64_t row = 1; row <= ROWS; row++)
		CU_ASSERT_EQUAL(journal_add(journal, row, NULL), VIGIL_OK);
	vg_journal_health_of(journal, &health);
	CU_ASSERT_EQUAL(health.waiting, ROWS);
	expect_whole(&place, ROWS, "while the file is locked");
	CU_ASSERT_TRUE(vg_journal_card_rule(journal, "card-1-b", rule, sizeof rule));
	CHECK_TEXT(rule, "colorectal-cancer");
	CU_ASSERT_TRUE(vg_journal_card_rule(journal, "card-999-a", rule, sizeof rule));
	CU_ASSERT_FALSE(vg_journal_card_rule(journal, "card-1000-a", rule, sizeof rule));
	sqlite3_close(other);
	WAIT_UNTIL((vg_journal_health_of(journal, &health), health.waiting == 0));
	CHECK(health.waiting == 0 && health.trouble.status == VIGIL_OK, "%llu rows wait: %s",
	      (unsigned long long)health.waiting, health.trouble.text);
	vg_journal_close(journal);
	expect_whole(&place, ROWS, "in the end");
	journal_place_remove(&place);
}

/* What SQLite writes with: as if the file system of the file, and not that of the tails, had become read-only. */
static ssize_t write_nothing(int descriptor, const void *bytes, size_t length, off_t at)
{
	(void)descriptor, (void)bytes, (void)length, (void)at;
	errno = EROFS;
	return -1;
}

static void a_full_tail_refuses(void)
{
	enum { BODY = 1 << 20, MOST = 2 * VG_TAIL_ROOM / BODY + 2 };
	sqlite3_vfs *files = sqlite3_vfs_find(NULL);
	journal_place place;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_journal_health health;
	char *body = malloc(BODY);
	uint64_t rows = 0;
	memset(body, ' ', BODY - 1);
	body[BODY - 1] = '\0';
	vg_journal_row row = {.kind = "reload", .body = body};
	journal_place_make(&place);
	vg_journal *journal = journal_open(&place, VG_DURABLE_PROCESS);
	files->xSetSystemCall(files, "pwrite", (sqlite3_syscall_ptr)write_nothing);
	files->xSetSystemCall(files, "pwrite64", (sqlite3_syscall_ptr)write_nothing);
	CU_ASSERT_EQUAL(vg_journal_append(journal, &row, NULL), VIGIL_OK);
	WAIT_UNTIL((vg_journal_health_of(journal, &health), health.trouble.status != VIGIL_OK));
	CHECK(health.trouble.status == VIGIL_BAD_OUTPUT && health.trouble.file[0], "the trouble is not told: %s",
	      health.trouble.text);
	for (rows = 1; rows < MOST && vg_journal_append(journal, &row, &error) == VIGIL_OK; rows++)
		;
	CHECK(rows > 60 && rows < MOST && error.status == VIGIL_BAD_OUTPUT, "%llu rows, then: %s", (unsigned long long)rows,
	      error.text);
	CHECK(strstr(error.text, health.trouble.text) && strcmp(error.advice, health.trouble.advice) == 0,
	      "the refusal does not tell the trouble: %s", error.text);
	CHECK(journal_verified(&place).rows == rows, "not all rows are seen");
	files->xSetSystemCall(files, NULL, NULL);
	WAIT_UNTIL(vg_journal_append(journal, &row, NULL) == VIGIL_OK);
	vg_journal_close(journal);
	free(body);
	vg_journal_report report = journal_verified(&place);
	CHECK(report.problem[0] == '\0' && report.rows == rows + 1, "%llu rows of %llu: %s", (unsigned long long)report.rows,
	      (unsigned long long)rows + 1, report.problem);
	journal_place_remove(&place);
}

/* ---- writes and syncs that fail ---------------------------------------------------------------- */

static int failing;    /* calls that are still to fail */
static bool cut_fails; /* and cutting with them */
static bool die;       /* behind the half of a write */

static ssize_t write_half(int file, const void *bytes, size_t length, off_t at)
{
	if (!failing)
		return real_pwrite(file, bytes, length, at);
	if (length > 1) /* as on a disk that becomes full: first the half, then nothing */
		return real_pwrite(file, bytes, length / 2, at);
	failing--;
	if (die)
		kill(getpid(), SIGKILL);
	errno = ENOSPC;
	return -1;
}

static int sync_or_fail(int file)
{
	(void)file;
	errno = EIO;
	return failing && failing-- ? -1 : 0;
}

static int cut_or_fail(int file, off_t length)
{
	errno = EIO;
	return cut_fails ? -1 : real_ftruncate(file, length);
}

static void refused_rows_stay_away(vg_durability durability, tail_calls calls)
{
	journal_place place, copy;
	vigil_error error = VIGIL_ERROR_INIT;
	journal_place_make(&place);
	vg_journal *journal = journal_open(&place, durability);
	sqlite3 *other = NULL; /* rows stay in the tail */
	CU_ASSERT_EQUAL(sqlite3_open(place.file, &other), SQLITE_OK);
	CU_ASSERT_EQUAL(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	tail_hooks = calls;
	CU_ASSERT_EQUAL(journal_add(journal, 1, NULL), VIGIL_OK);
	vg_journal_row row = {.kind = "answer", .body = "{\"refused\":true}"};
	for (int i = 0; i < 2; i++) {
		failing = 1;
		CU_ASSERT_EQUAL(vg_journal_append(journal, &row, &error), VIGIL_BAD_OUTPUT);
		CHECK(error.text[0] && error.advice[0] && strstr(error.file, ".tail-"), "%s: %s", error.file, error.text);
		CHECK(journal_verified(&place).rows == 1, "a row that was refused is there");
	}
	failing = 1;
	cut_fails = true; /* what cannot be cut off is in nobody's way, and cut off before the next row */
	CU_ASSERT_EQUAL(vg_journal_append(journal, &row, NULL), VIGIL_BAD_OUTPUT);
	CU_ASSERT_EQUAL(vg_journal_append(journal, &row, NULL), VIGIL_BAD_OUTPUT);
	cut_fails = false;
	CU_ASSERT_EQUAL(journal_add(journal, 2, NULL), VIGIL_OK);
	CU_ASSERT_EQUAL(journal_add(journal, 3, NULL), VIGIL_OK);
	journal_place_make(&copy); /* as if the process were killed now */
	copy_file(place.tails[0], copy.tails[0]);
	expect_whole(&place, 3, "after rows that were refused");
	sqlite3_close(other);
	vg_journal_close(journal);
	tail_hooks = (tail_calls){0};
	copy_file(place.file, copy.file);
	copy_file(place.key, copy.key);
	copy_file(place.head, copy.head);
	chmod(copy.key, 0600);
	expect_whole(&place, 3, "in the end");
	CU_ASSERT_EQUAL(journal_try(&copy, NULL), VIGIL_OK);
	expect_whole(&copy, 3, "opened with the tail");
	journal_place_remove(&place);
	journal_place_remove(&copy);
}
static void a_write_fails_half_way(void)
{
	refused_rows_stay_away(VG_DURABLE_PROCESS, (tail_calls){write_half, NULL, cut_or_fail, NULL});
}
static void a_sync_fails(void)
{
	refused_rows_stay_away(VG_DURABLE_POWER, (tail_calls){NULL, sync_or_fail, cut_or_fail, NULL});
}

static void killed_half_way_of_a_row(void)
{
	journal_place place;
	int state = 0;
	journal_place_make(&place);
	pid_t child = fork();
	if (child == 0) {
		vg_journal *journal = journal_open(&place, VG_DURABLE_PROCESS);
		tail_hooks.pwrite = write_half;
		for (uint64_t row = 1; row <= 4; row++)
			if (journal_add(journal, row, NULL) != VIGIL_OK)
				_exit(1);
		die = true;
		failing = 1;
		journal_add(journal, 5, NULL);
		_exit(2);
	}
	waitpid(child, &state, 0);
	CHECK(WIFSIGNALED(state), "the child was not killed, it ended with %d", WEXITSTATUS(state));
	expect_whole(&place, 4, "half a row");
	CU_ASSERT_EQUAL(journal_try(&place, NULL), VIGIL_OK);
	expect_whole(&place, 4, "after it was opened again");
	journal_place_remove(&place);
}

static void no_memory_refuses_the_row(void)
{
	journal_place place;
	journal_place_make(&place);
	test_allocator state = {0};
	vg_allocator allocator = {test_resize, &state};
	vg_journal *journal = NULL;
	vg_journal_config config = {.file = place.file};
	CU_ASSERT_EQUAL_FATAL(vg_journal_open(&config, &allocator, &journal, NULL), VIGIL_OK);
	state.fail_at = state.calls + 1;
	CU_ASSERT_EQUAL(journal_add(journal, 1, NULL), VIGIL_NO_MEMORY);
	CU_ASSERT_EQUAL(journal_add(journal, 1, NULL), VIGIL_OK);
	state.fail_at = state.calls + 1; /* now the keeper's: it tries again */
	vg_journal_close(journal);
	CHECK(state.live_blocks == 0, "%zu blocks are left", state.live_blocks);
	expect_whole(&place, 1, "where memory ran out");
	CU_ASSERT_EQUAL(journal_try(&place, NULL), VIGIL_OK);
	expect_whole(&place, 1, "after it was opened again");
	journal_place_remove(&place);
}

const test_case test_cases_tail[] = {
    {"rows that a kill left in a tail are seen and moved", killed_before_anything_is_moved},
    {"rows that a kill left in both tails are seen and moved", killed_with_both_tails},
    {"the same in a full journal", killed_with_both_tails_and_power},
    {"rows that were moved already are not moved twice", killed_after_rows_were_moved},
    {"readers beside 20 kills see a whole journal that only grows", readers_beside_kills},
    {"a locked file holds up nobody", nobody_waits_for_the_file},
    {"a full tail refuses rows with the keeper's trouble, and goes on later", a_full_tail_refuses},
    {"a write that fails half way leaves nothing", a_write_fails_half_way},
    {"a sync that fails leaves nothing", a_sync_fails},
    {"half a row of a killed process is none", killed_half_way_of_a_row},
    {"no memory refuses the row, and moves it later", no_memory_refuses_the_row},
    {0},
};
