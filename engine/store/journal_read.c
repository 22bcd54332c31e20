/*
 * Reading the journal: what `vigil journal verify`, `export` and `stats` stand on.
 *
 * Verification reads every row in order and computes its code anew.  It tells
 * the first row that does not fit and how: a number that is missing or out of
 * order, contents that were changed, cards that do not belong, a tail that
 * ends before the checkpoint.
 */
#include <stdio.h>
#include <string.h>

#include "store/store_internal.h"

vigil_status vg_journal_open_reader(const char *file, sqlite3 **ret, vigil_error *err)
{
	bool empty = false;
	vigil_status status;
	int code = sqlite3_open_v2(file, ret, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (code != SQLITE_OK)
		return vg_store_fail(err, file, *ret, code, "opening it");
	sqlite3_busy_timeout(*ret, 5000);
	if ((status = vg_journal_check_kind(*ret, file, &empty, err)) != VIGIL_OK)
		return status;
	if (empty) {
		status = vg_fail(err, VIGIL_BAD_INPUT, "Name the journal that `vigil serve` writes.", "The file is empty; it is not a journal.");
		vg_error_place(err, file, 0);
	}
	return status;
}

static void tell(vg_journal_report *report, uint64_t row, const char *problem)
{
	if (report->problem[0] == '\0') {
		report->bad_row = row;
		snprintf(report->problem, sizeof report->problem, "%s", problem);
	}
}

/* One row: its number must follow, its code must fit. */
static bool check_row(sqlite3_stmt *statement, const vg_chain_key *key, vg_chain_code *code, vg_journal_report *report)
{
	vg_chain_code expected;
	vg_journal_row row = {.number = (uint64_t)sqlite3_column_int64(statement, 0),
			      .at = sqlite3_column_int64(statement, 1),
			      .kind = (const char *)sqlite3_column_text(statement, 2),
			      .body = (const char *)sqlite3_column_text(statement, 3)};
	if (row.number != report->rows + 1) {
		tell(report, report->rows + 1, "the row is missing");
		return false;
	}
	const void *stored = sqlite3_column_blob(statement, 4);
	bool fits = false;
	if (row.kind && row.body && strlen(row.body) == (size_t)sqlite3_column_bytes(statement, 3) &&
	    sqlite3_column_bytes(statement, 4) == (int)sizeof expected.bytes) {
		vg_chain_next(key, code, &row, &expected);
		fits = memcmp(stored, expected.bytes, sizeof expected.bytes) == 0;
	}
	if (!fits) {
		tell(report, row.number, "the row was changed, or the key is another one");
		return false;
	}
	*code = expected;
	report->rows = row.number;
	return true;
}

static void check_head(uint64_t named, const vg_chain_code *head, const vg_chain_code *at_named, bool has_head, bool damaged,
		       vg_journal_report *report)
{
	if (damaged)
		tell(report, 0, "the checkpoint beside the journal cannot be read");
	if (!has_head)
		return;
	report->checkpoint = named;
	if (named > report->rows)
		tell(report, report->rows + 1, "rows are missing at the end: the checkpoint names a later one");
	else if (memcmp(head->bytes, at_named->bytes, sizeof head->bytes) != 0)
		tell(report, named, "the row does not fit the checkpoint beside the journal");
}

/* Cards are written with the row that gave them, which names them in its body. */
static int check_cards(sqlite3 *database, vg_journal_report *report)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(database,
				      "SELECT card.entry FROM card LEFT JOIN entry ON entry.number = card.entry WHERE entry.number IS NULL OR "
				      "instr(entry.body, card.uuid) = 0 OR instr(entry.body, card.rule) = 0 ORDER BY 1 LIMIT 1",
				      -1, &statement, NULL);
	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
		if (code == SQLITE_ROW)
			tell(report, (uint64_t)sqlite3_column_int64(statement, 0), "a card does not belong to the row that it names");
	}
	sqlite3_finalize(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

vigil_status vg_journal_verify(const char *file, const char *key_file, vg_journal_report *ret, vigil_error *err)
{
	vg_chain_key key;
	vg_chain_code code = {{0}}, head = {{0}}, at_named = {{0}};
	uint64_t named = 0;
	bool damaged = false, has_head;
	sqlite3 *database = NULL;
	sqlite3_stmt *statement = NULL;
	char own_key[4096], head_file[4096];
	vg_journal_report report = {0};
	vigil_status status;

	if (snprintf(own_key, sizeof own_key, "%s.key", file) >= (int)sizeof own_key ||
	    snprintf(head_file, sizeof head_file, "%s.head", file) >= (int)sizeof head_file)
		return vg_fail(err, VIGIL_WRONG_USE, "Choose a shorter path.", "The journal's path is too long.");
	if ((status = vg_chain_key_read(key_file ? key_file : own_key, false, &key, err)) != VIGIL_OK)
		return status;
	/* The head first: rows written meanwhile only lie behind it. */
	has_head = vg_chain_head_read(head_file, &named, &head, &damaged);
	if ((status = vg_journal_open_reader(file, &database, err)) != VIGIL_OK)
		goto out;
	int result = sqlite3_exec(database, "BEGIN", NULL, NULL, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_prepare_v2(database, "SELECT number, at, kind, body, code FROM entry ORDER BY number", -1, &statement, NULL);
	if (result == SQLITE_OK) {
		while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
			if (!check_row(statement, &key, &code, &report))
				break;
			if (report.rows == named)
				at_named = code;
		}
		if (result == SQLITE_ROW || result == SQLITE_DONE)
			result = SQLITE_OK;
	}
	if (result == SQLITE_OK && report.problem[0] == '\0')
		result = check_cards(database, &report);
	if (result != SQLITE_OK && (result & 0xff) != SQLITE_CORRUPT && (result & 0xff) != SQLITE_NOTADB) {
		status = vg_store_fail(err, file, database, result, "reading its rows");
		goto out;
	}
	if (result != SQLITE_OK)
		tell(&report, report.rows + 1, "the file itself is damaged here");
	else if (report.problem[0] == '\0')
		check_head(named, &head, &at_named, has_head, damaged, &report);
	*ret = report;
out:
	sqlite3_finalize(statement);
	sqlite3_close(database);
	return status;
}

vigil_status vg_journal_read(const char *file, int64_t from, int64_t until, vg_journal_visit visit, void *user, vigil_error *err)
{
	sqlite3 *database = NULL;
	sqlite3_stmt *statement = NULL;
	vigil_status status = vg_journal_open_reader(file, &database, err);
	if (status != VIGIL_OK)
		goto out;
	int code = sqlite3_prepare_v2(database, "SELECT number, at, kind, body FROM entry WHERE at >= ?1 AND at < ?2 ORDER BY number", -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, from);
		sqlite3_bind_int64(statement, 2, until);
		while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
			vg_journal_row row = {.number = (uint64_t)sqlite3_column_int64(statement, 0),
					      .at = sqlite3_column_int64(statement, 1),
					      .kind = (const char *)sqlite3_column_text(statement, 2),
					      .body = (const char *)sqlite3_column_text(statement, 3)};
			if (!row.kind || !row.body) {
				code = SQLITE_CORRUPT;
				break;
			}
			if (!visit(user, &row)) {
				code = SQLITE_DONE;
				break;
			}
		}
	}
	if (code != SQLITE_DONE)
		status = vg_store_fail(err, file, database, code, "reading its rows");
out:
	sqlite3_finalize(statement);
	sqlite3_close(database);
	return status;
}
