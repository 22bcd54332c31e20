/* Tampering: what was changed, removed or put elsewhere is found, and where. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal_support.h"

enum { ROWS = 9 };

/* Runs SQL on a fresh copy of a journal of nine rows, and expects what verification says. */
static void expect_after(const char *sql, uint64_t bad_row, const char *problem)
{
	journal_place place;
	journal_place_make(&place);
	journal_fill(&place, ROWS);
	journal_tamper(&place, sql);
	vg_journal_report report = journal_verified(&place);
	CHECK(strstr(report.problem, problem) && (report.problem[0] == '\0') == (problem[0] == '\0'), "%s: \"%s\"", sql,
	      report.problem);
	CHECK(report.bad_row == bad_row, "%s: row %llu", sql, (unsigned long long)report.bad_row);
	journal_place_remove(&place);
}

static void finds_each_row_changed(void)
{
	char sql[256];
	static const char *const changes[] = {"at = at + 1",         "kind = 'feedback'",
					      "body = body || ' '",  "body = replace(body, 'sign', 'sigm')",
					      "code = zeroblob(32)", "body = CAST(body AS BLOB)"};
	for (unsigned row = 1; row <= ROWS; row++)
		for (size_t i = 0; i < VG_COUNT(changes); i++) {
			snprintf(sql, sizeof sql, "UPDATE entry SET %s WHERE number = %u", changes[i], row);
			expect_after(sql, row, "was changed");
		}
	expect_after("SELECT 1", 0, "");
}

static void finds_each_row_removed(void)
{
	char sql[256];
	for (unsigned row = 1; row < ROWS; row++) {
		snprintf(sql, sizeof sql, "DELETE FROM entry WHERE number = %u", row);
		expect_after(sql, row, "is missing");
		snprintf(sql, sizeof sql,
			 "DELETE FROM entry WHERE number = %u; UPDATE entry SET number = number - 1 WHERE number > %u", row,
			 row);
		expect_after(sql, row, "was changed");
	}
}

static void finds_each_pair_of_rows_exchanged(void)
{
	char sql[400];
	for (unsigned row = 1; row < ROWS; row++) {
		snprintf(sql, sizeof sql,
			 "UPDATE entry SET number = 99 WHERE number = %u; UPDATE entry SET number = %u WHERE number = %u; "
			 "UPDATE entry SET number = %u WHERE number = 99",
			 row, row, row + 1, row + 1);
		expect_after(sql, row, "was changed");
	}
}

static void finds_cards_changed(void)
{
	expect_after("DELETE FROM card WHERE uuid = 'card-3-b'", 3, "cards was changed");
	expect_after("UPDATE card SET severity = 'info' WHERE uuid = 'card-5-a'", 5, "cards was changed");
	expect_after("UPDATE card SET status = 'shadow' WHERE uuid = 'card-5-a'", 5, "cards was changed");
	expect_after("UPDATE card SET rule = 'other' WHERE uuid = 'card-9-b'", 9, "cards was changed");
	expect_after("UPDATE card SET entry = 2 WHERE uuid = 'card-1-a'", 1, "cards was changed");
	expect_after("UPDATE card SET position = 1 - position WHERE entry = 7", 7, "cards was changed");
	expect_after("INSERT INTO card VALUES('x', 4, 0, 'r', 'info', 'active')", 4, "cards was changed");
	expect_after("INSERT INTO card VALUES('x', 0, 0, 'r', 'info', 'active')", 1, "cards was changed");
	expect_after("INSERT INTO card VALUES('x', 44, 0, 'r', 'info', 'active')", 44, "does not belong");
}

static void finds_a_tail_cut_off(void)
{
	char sql[160];
	for (unsigned last = 0; last < ROWS; last++) {
		snprintf(sql, sizeof sql, "DELETE FROM entry WHERE number > %u; DELETE FROM card WHERE entry > %u", last, last);
		expect_after(sql, last + 1, "missing at the end");
	}
}

/* A shortened journal is refused, for its next head would hide the loss. */
static void does_not_continue_a_shortened_journal(void)
{
	journal_place place;
	vigil_error error = VIGIL_ERROR_INIT;
	journal_place_make(&place);
	journal_fill(&place, ROWS);
	journal_tamper(&place, "DELETE FROM entry WHERE number > 4; DELETE FROM card WHERE entry > 4");
	for (int i = 0; i < 2; i++) { /* the first refusal must not write a head */
		CU_ASSERT_EQUAL(journal_try(&place, &error), VIGIL_BAD_INPUT);
		CHECK(strstr(error.text, "row 5: rows are missing at the end") != NULL, "%s", error.text);
	}
	unlink(place.file);
	CU_ASSERT_EQUAL(journal_try(&place, &error), VIGIL_BAD_INPUT);
	CHECK(strstr(error.text, "row 1: rows are missing at the end") != NULL, "a journal that is gone: %s", error.text);
	journal_place_remove(&place);
}

static void tells_a_damaged_head(void)
{
	journal_place place;
	journal_place_make(&place);
	journal_fill(&place, ROWS);
	struct stat info;
	CU_ASSERT_EQUAL(stat(place.head, &info), 0);
	for (off_t at = 0; at < info.st_size; at++) { /* a digit may become another one: then it does not fit */
		char byte = 0, other;
		int file = open(place.head, O_RDWR);
		CU_ASSERT_EQUAL(pread(file, &byte, 1, at), 1);
		other = (char)(byte == '0' ? '1' : byte ^ 0x10);
		CU_ASSERT_EQUAL(pwrite(file, &other, 1, at), 1);
		vg_journal_report report = journal_verified(&place);
		CHECK(report.problem[0] != '\0', "byte %ld of the head: changed and not found", (long)at);
		CU_ASSERT_EQUAL(pwrite(file, &byte, 1, at), 1);
		close(file);
	}
	CHECK_TEXT(journal_verified(&place).problem, "");
	unlink(place.head);
	CU_ASSERT_EQUAL(journal_verified(&place).checkpoint, 0);
	journal_place_remove(&place);
}

static bool digest_row(void *user, const vg_journal_row *row)
{
	char text[64];
	snprintf(text, sizeof text, "%llu %lld", (unsigned long long)row->number, (long long)row->at);
	vg_digest_add_text(user, text);
	vg_digest_add_text(user, row->kind);
	vg_digest_add_text(user, row->body);
	return true;
}

/* All that readers are told, as one digest; false when it cannot be read. */
static bool contents(const journal_place *place, vg_digest *ret)
{
	vg_digest_state state;
	vg_digest_begin(&state);
	bool readable = vg_journal_read(place->file, INT64_MIN, INT64_MAX, digest_row, &state, NULL) == VIGIL_OK;
	vg_digest_end(&state, ret);
	return readable;
}

/* Every byte: the change is found, or readers are told exactly the same rows as before. */
static void finds_each_byte_flipped(void)
{
	journal_place place;
	vg_digest before, after;
	struct stat info;
	unsigned found = 0, harmless = 0, wrong = 0;
	journal_place_make(&place);
	journal_fill(&place, 5);
	CU_ASSERT_TRUE(contents(&place, &before));
	CU_ASSERT_EQUAL(stat(place.file, &info), 0);
	int file = open(place.file, O_RDWR);
	for (off_t at = 0; at < info.st_size; at++) {
		unsigned char byte = 0, other;
		vg_journal_report report = {0};
		if (pread(file, &byte, 1, at) != 1)
			break;
		other = (unsigned char)(byte ^ (1u << at % 8));
		CU_ASSERT_EQUAL(pwrite(file, &other, 1, at), 1);
		vigil_status status = vg_journal_verify(place.file, NULL, &report, NULL);
		if (status != VIGIL_OK || report.problem[0] != '\0')
			found++;
		else if (report.rows == 5 && contents(&place, &after) && memcmp(&before, &after, sizeof before) == 0)
			harmless++;
		else if (wrong++ < 5)
			CHECK(false, "byte %ld: the change is not found, and readers see something else", (long)at);
		CU_ASSERT_EQUAL(pwrite(file, &byte, 1, at), 1);
	}
	close(file);
	printf("(%ld bytes: %u changes found, %u in bytes that nobody reads) ", (long)info.st_size, found, harmless);
	CHECK(wrong == 0 && found > 1000 && (off_t)(found + harmless) == info.st_size, "%u wrong, %u found, %u harmless", wrong,
	      found, harmless);
	CHECK_TEXT(journal_verified(&place).problem, "");
	journal_place_remove(&place);
}

static void is_append_only(void)
{
	static const char *const changes[] = {"DELETE FROM entry", "UPDATE entry SET at = 0", "DELETE FROM card",
					      "UPDATE card SET rule = 'x'"};
	journal_place place;
	journal_place_make(&place);
	journal_fill(&place, 3);
	for (size_t i = 0; i < VG_COUNT(changes); i++) {
		sqlite3 *database = NULL;
		CU_ASSERT_EQUAL(sqlite3_open(place.file, &database), SQLITE_OK);
		CHECK(sqlite3_exec(database, changes[i], NULL, NULL, NULL) == SQLITE_CONSTRAINT, "%s is let through",
		      changes[i]);
		sqlite3_close(database);
	}
	CHECK_TEXT(journal_verified(&place).problem, "");
	journal_place_remove(&place);
}

const test_case test_cases_journal_damage[] = {
    {"each row changed is found", finds_each_row_changed},
    {"each row removed is found", finds_each_row_removed},
    {"each pair of rows exchanged is found", finds_each_pair_of_rows_exchanged},
    {"cards changed, removed, added or moved are found", finds_cards_changed},
    {"a tail cut off is found back to the checkpoint", finds_a_tail_cut_off},
    {"a shortened journal is not continued", does_not_continue_a_shortened_journal},
    {"a damaged checkpoint is told", tells_a_damaged_head},
    {"each byte flipped is found, or nobody reads it", finds_each_byte_flipped},
    {"updates and deletions are refused", is_append_only},
    {0},
};
