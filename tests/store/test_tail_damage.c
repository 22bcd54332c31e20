/* Damage to the journal's tails: what is lost is told when later rows show it, and nothing is ever read wrongly. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal_internal.h"
#include "store/journal_support.h"

enum { ROWS = 5 };

static size_t read_tail(const char *path, char *bytes, size_t room)
{
	FILE *file = fopen(path, "rb");
	size_t length = file ? fread(bytes, 1, room, file) : 0;
	if (file)
		fclose(file);
	return length;
}

static void write_tail(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "wb");
	CHECK(file && fwrite(bytes, 1, length, file) == length, "%s cannot be written", path);
	if (file)
		fclose(file);
}

/* Where the rows of a tail end: ends[i] is the end of row i + 1. */
static size_t find_ends(const char *bytes, size_t length, size_t *ends, size_t room)
{
	vg_arena arena;
	size_t count = 0;
	vg_arena_init(&arena, NULL, 0);
	for (vg_tail_walk walk = {.bytes = bytes, .length = length}; count < room && vg_tail_next(&walk, &arena);)
		ends[count++] = walk.place;
	vg_arena_free(&arena);
	return count;
}

typedef struct killed { /* a journal whose rows all lie in its first tail */
	journal_place place;
	char bytes[8192];
	size_t length, ends[ROWS];
} killed;

static void make_killed(killed *own)
{
	journal_place_make(&own->place);
	journal_kill(&own->place, VG_DURABLE_PROCESS, 0, ROWS);
	own->length = read_tail(own->place.tails[0], own->bytes, sizeof own->bytes);
	CU_ASSERT_EQUAL_FATAL(find_ends(own->bytes, own->length, own->ends, ROWS), ROWS);
	CU_ASSERT_EQUAL(own->ends[ROWS - 1], own->length);
}

/* What verification says, without its reading again: that is for a journal which is written meanwhile. */
static vg_journal_report look_at_tails(const journal_place *place)
{
	vg_journal_report report = {0};
	vg_arena arena;
	vg_tails tails;
	vg_arena_init(&arena, NULL, 0);
	CU_ASSERT_EQUAL(vg_tails_read(place->file, &arena, &tails, NULL), VIGIL_OK);
	vg_tails_begin(&tails, 0);
	while (vg_tails_next(&tails))
		report.rows = tails.number;
	report.bad_row = tails.problem ? tails.number + 1 : 0;
	snprintf(report.problem, sizeof report.problem, "%s", tails.problem ? tails.problem : "");
	vg_arena_free(&arena);
	return report;
}

static void each_byte_flipped(void)
{
	enum { VERIFIED = 50 };
	killed own;
	make_killed(&own);
	for (size_t at = 0; at < own.length; at++) {
		char changed = (char)(own.bytes[at] ^ (1 << at % 8));
		uint64_t row = 1;
		while (own.ends[row - 1] <= at)
			row++;
		int file = open(own.place.tails[0], O_WRONLY);
		CU_ASSERT_EQUAL(pwrite(file, &changed, 1, (off_t)at), 1);
		vg_journal_report report = at % VERIFIED ? look_at_tails(&own.place) : journal_verified(&own.place);
		CHECK(report.rows == row - 1, "byte %zu of row %llu: %llu rows count", at, (unsigned long long)row,
		      (unsigned long long)report.rows);
		CHECK(row == ROWS ? report.problem[0] == '\0' : report.bad_row == row && strstr(report.problem, "damaged"),
		      "byte %zu of row %llu: row %llu: \"%s\"", at, (unsigned long long)row, (unsigned long long)report.bad_row,
		      report.problem);
		CU_ASSERT_EQUAL(pwrite(file, &own.bytes[at], 1, (off_t)at), 1);
		close(file);
	}
	CHECK_TEXT(journal_verified(&own.place).problem, "");
	journal_place_remove(&own.place);
}

/* Damage is refused by whoever would go on with the journal, and told to readers behind the rows before it. */
static void damage_is_not_passed_over(void)
{
	killed own;
	vigil_error error = VIGIL_ERROR_INIT;
	make_killed(&own);
	own.bytes[own.ends[1] + 70] ^= 1;
	write_tail(own.place.tails[0], own.bytes, own.length);
	journal_seen seen = journal_read_all(&own.place);
	CHECK(seen.status == VIGIL_BAD_INPUT && seen.rows == 2, "status %d after %llu rows", (int)seen.status,
	      (unsigned long long)seen.rows);
	uint64_t answers = 77;
	CU_ASSERT_EQUAL(vg_journal_count(own.place.file, INT64_MIN, INT64_MAX, "answer", &answers, NULL), VIGIL_BAD_INPUT);
	CU_ASSERT_EQUAL(answers, 77);
	for (int i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(journal_try(&own.place, &error), VIGIL_BAD_INPUT);
		CHECK(strstr(error.text, "row 3") != NULL, "%s", error.text);
	}
	own.bytes[own.ends[1] + 70] ^= 1;
	write_tail(own.place.tails[0], own.bytes, own.length);
	CU_ASSERT_EQUAL(journal_try(&own.place, &error), VIGIL_OK);
	CU_ASSERT_EQUAL(journal_verified(&own.place).rows, ROWS);
	journal_place_remove(&own.place);
}

/* Written under another start of the machine, the same damage is what a loss of power leaves: the tail ends there. */
static void damage_by_a_loss_of_power(void)
{
	killed own;
	char boot[128];
	make_killed(&own);
	own.bytes[own.ends[1] + 70] ^= 1;
	write_tail(own.place.tails[0], own.bytes, own.length);
	snprintf(boot, sizeof boot, "%s/boot", own.place.folder);
	write_tail(boot, "another", 7);
	tail_hooks.boot_file = boot;
	vg_journal_report report = journal_verified(&own.place);
	CHECK(report.problem[0] == '\0' && report.rows == 2, "%llu rows: %s", (unsigned long long)report.rows, report.problem);
	CU_ASSERT_EQUAL(journal_try(&own.place, NULL), VIGIL_OK);
	tail_hooks.boot_file = NULL;
	report = journal_verified(&own.place);
	CHECK(report.problem[0] == '\0' && report.rows == 2, "%llu rows: %s", (unsigned long long)report.rows, report.problem);
	journal_place_remove(&own.place);
}

static void each_length(void)
{
	killed own;
	make_killed(&own);
	for (size_t length = 0; length <= own.length; length++) {
		uint64_t rows = 0;
		while (rows < ROWS && own.ends[rows] <= length)
			rows++;
		CU_ASSERT_EQUAL(truncate(own.place.tails[0], (off_t)length), 0);
		vg_journal_report report = journal_verified(&own.place);
		CHECK(report.problem[0] == '\0' && report.rows == rows, "%zu bytes: %llu rows: %s", length,
		      (unsigned long long)report.rows, report.problem);
		write_tail(own.place.tails[0], own.bytes, own.length);
	}
	journal_place_remove(&own.place);
}

/* The older tail is gone: rows are missing between the file and the newer one. */
static void a_tail_is_gone(void)
{
	journal_place place;
	vigil_error error = VIGIL_ERROR_INIT;
	journal_place_make(&place);
	journal_kill(&place, VG_DURABLE_PROCESS, 0, 2 * VG_MOVE_ROWS);
	unlink(place.tails[0]);
	vg_journal_report report = journal_verified(&place);
	CHECK(report.bad_row == 1 && report.rows == 0 && strstr(report.problem, "missing"), "row %llu: %s",
	      (unsigned long long)report.bad_row, report.problem);
	CU_ASSERT_EQUAL(journal_try(&place, &error), VIGIL_BAD_INPUT);
	journal_place_remove(&place);
}

static void the_tail_of_another_journal(void)
{
	killed own, other;
	vigil_error error = VIGIL_ERROR_INIT;
	make_killed(&own);
	make_killed(&other);
	write_tail(own.place.tails[0], other.bytes, other.length);
	vg_journal_report report = journal_verified(&own.place);
	CHECK(report.bad_row == 1 && strstr(report.problem, "another"), "row %llu: %s", (unsigned long long)report.bad_row,
	      report.problem);
	CU_ASSERT_EQUAL(journal_try(&own.place, &error), VIGIL_BAD_INPUT);
	write_tail(own.place.tails[0], own.bytes, own.length);
	unlink(own.place.key); /* a new key is not made for rows that are there */
	CU_ASSERT_EQUAL(journal_try(&own.place, &error), VIGIL_BAD_INPUT);
	CHECK(access(own.place.key, F_OK) != 0, "a new key was made");
	journal_place_remove(&own.place);
	journal_place_remove(&other.place);
}

static void tails_that_are_no_files(void)
{
	journal_place place;
	vigil_error error = VIGIL_ERROR_INIT;
	journal_place_make(&place);
	journal_fill(&place, 2);
	for (int i = 0; i < 4; i++) {
		const char *tail = place.tails[i % 2];
		vg_journal_report report;
		CU_ASSERT_EQUAL(i < 2 ? mkdir(tail, 0700) : symlink(tail, tail), 0);
		vigil_status status = vg_journal_verify(place.file, NULL, &report, &error);
		CHECK(status == VIGIL_BAD_INPUT && error.text[0] && strcmp(error.file, tail) == 0, "verification: %d, %s: %s",
		      (int)status, error.file, error.text);
		status = journal_try(&place, &error);
		CHECK(status == VIGIL_BAD_INPUT && strcmp(error.file, tail) == 0, "opening: %d, %s: %s", (int)status,
		      error.file, error.text);
		remove(tail);
	}
	CU_ASSERT_EQUAL(journal_try(&place, NULL), VIGIL_OK);
	journal_place_remove(&place);
}

const test_case test_cases_tail_damage[] = {
    {"each byte flipped ends the tail, and is told when later rows are there", each_byte_flipped},
    {"damage is not passed over", damage_is_not_passed_over},
    {"after a loss of power it is the end", damage_by_a_loss_of_power},
    {"a tail of each length", each_length},
    {"a tail that is gone is missed", a_tail_is_gone},
    {"the tail of another journal is found", the_tail_of_another_journal},
    {"tails that are no files are told", tails_that_are_no_files},
    {0},
};
