/*
 * Reading the journal: what `vigil journal verify`, `export` and `stats` stand on.
 *
 * Verification reads every row in order, those of FILE and then those of the
 * tails, and computes its code anew.  It tells the first row that does not fit and how: a
 * number that is missing or out of order, contents that were changed, cards that
 * do not belong, an end before the checkpoint.
 */
#include <stdio.h>
#include <string.h>

#include "store/journal_internal.h"

/* To a reader, whatever is wrong with the file is bad input. */
static vigil_status reading_failed(vigil_error *err, const char *file, sqlite3 *database, int code, const char *doing)
{
	vigil_status status = vg_store_fail(err, file, database, code, doing);
	if (status == VIGIL_NO_MEMORY)
		return status;
	if (err)
		err->status = VIGIL_BAD_INPUT;
	return VIGIL_BAD_INPUT;
}

vigil_status vg_journal_open_reader(const char *file, sqlite3 **ret, vigil_error *err)
{
	bool empty = false;
	vigil_status status;
	int code = sqlite3_open_v2(file, ret, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (code != SQLITE_OK)
		return reading_failed(err, file, *ret, code, "opening it");
	sqlite3_busy_timeout(*ret, 5000);
	code =
	    sqlite3_exec(*ret, "PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA query_only=ON", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return reading_failed(err, file, *ret, code, "opening it");
	if ((status = vg_journal_check_kind(*ret, file, &empty, err)) != VIGIL_OK)
		return status;
	if (empty) {
		status = vg_fail(err, VIGIL_BAD_INPUT, "Name the journal that `vigil serve` writes.",
				 "The file is empty; it is not a journal.");
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

/* Reading rows and their cards side by side, both in order. */
typedef struct walk {
	sqlite3 *database;
	sqlite3_stmt *rows, *cards;
	const vg_chain_key *key;
	vg_chain_code code; /* of the last row that fitted */
	int card_state;     /* SQLITE_ROW: `cards` stands on a card that no row has claimed yet */
	int failure;        /* SQLite's, when it met one */
} walk;

static const char all_rows[] = "SELECT number, at, kind, body, code FROM entry WHERE number >= ?1 ORDER BY number";
static const char all_cards[] = "SELECT entry, uuid, rule, severity, status FROM card ORDER BY entry, position";
static const char cards_from[] =
    "SELECT entry, uuid, rule, severity, status FROM card WHERE entry >= ?1 ORDER BY entry, position";

static int next_card(walk *state)
{
	state->card_state = sqlite3_step(state->cards);
	return state->card_state == SQLITE_ROW || state->card_state == SQLITE_DONE ? SQLITE_OK : state->card_state;
}

static int begin_walk(walk *state, uint64_t from)
{
	int code = sqlite3_prepare_v2(state->database, all_rows, -1, &state->rows, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(state->database, from ? cards_from : all_cards, -1, &state->cards, NULL);
	if (code != SQLITE_OK)
		return code;
	sqlite3_bind_int64(state->rows, 1, from ? (sqlite3_int64)from : INT64_MIN);
	if (from)
		sqlite3_bind_int64(state->cards, 1, (sqlite3_int64)from);
	return next_card(state);
}

static void end_walk(walk *state)
{
	sqlite3_finalize(state->rows);
	sqlite3_finalize(state->cards);
}

/* The text of a column when it holds one without a NUL inside, else NULL. */
static const char *whole_text(sqlite3_stmt *statement, int column)
{
	const char *text =
	    sqlite3_column_type(statement, column) == SQLITE_TEXT ? (const char *)sqlite3_column_text(statement, column) : NULL;
	return text && strlen(text) == (size_t)sqlite3_column_bytes(statement, column) ? text : NULL;
}

/* The cards of the row that `rows` stands on go into its code. */
static bool add_cards(walk *state, uint64_t number, vg_chain_state *chain)
{
	while (state->card_state == SQLITE_ROW && sqlite3_column_int64(state->cards, 0) <= (sqlite3_int64)number) {
		vg_journal_card card = {whole_text(state->cards, 1), whole_text(state->cards, 2), whole_text(state->cards, 3),
					whole_text(state->cards, 4)};
		if (sqlite3_column_int64(state->cards, 0) != (sqlite3_int64)number || !card.uuid || !card.rule ||
		    !card.severity || !card.status)
			return false;
		vg_chain_card(chain, &card);
		if ((state->failure = next_card(state)) != SQLITE_OK)
			return false;
	}
	return true;
}

static const char was_changed[] = "the row or one of its cards was changed, or the key is another one";

/* One row: its number must follow, its code must fit. */
static bool check_row(walk *state, vg_journal_report *report)
{
	vg_chain_code expected;
	vg_chain_state chain;
	vg_journal_row row = {.number = (uint64_t)sqlite3_column_int64(state->rows, 0),
			      .at = sqlite3_column_int64(state->rows, 1),
			      .kind = whole_text(state->rows, 2),
			      .body = whole_text(state->rows, 3)};
	if (row.number != report->rows + 1) {
		tell(report, report->rows + 1, "the row is missing");
		return false;
	}
	const void *stored = sqlite3_column_blob(state->rows, 4);
	bool fits = false;
	if (row.kind && row.body && sqlite3_column_type(state->rows, 1) == SQLITE_INTEGER &&
	    sqlite3_column_bytes(state->rows, 4) == (int)sizeof expected.bytes) {
		vg_chain_begin(&chain, state->key, &state->code, &row);
		fits = add_cards(state, row.number, &chain);
		vg_chain_end(&chain, &expected);
		fits = fits && memcmp(stored, expected.bytes, sizeof expected.bytes) == 0;
	}
	if (!fits) {
		if (state->failure == SQLITE_OK)
			tell(report, row.number, was_changed);
		return false;
	}
	state->code = expected;
	report->rows = row.number;
	return true;
}

/* Every row from the present one on.  SQLite's code: SQLITE_OK when it could read what it was asked for. */
static int check_rows(walk *state, uint64_t named, vg_chain_code *at_named, vg_journal_report *report)
{
	int code;
	while ((code = sqlite3_step(state->rows)) == SQLITE_ROW) {
		if (!check_row(state, report))
			return state->failure;
		if (report->rows == named)
			*at_named = state->code;
	}
	if (code == SQLITE_DONE && state->card_state == SQLITE_ROW)
		tell(report, (uint64_t)sqlite3_column_int64(state->cards, 0),
		     "a card does not belong to the row that it names");
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* The rows of the tails, behind those of FILE; their numbers follow. */
static void check_tails(vg_tails *tails, const vg_chain_key *key, vg_chain_code *code, uint64_t named, vg_chain_code *at_named,
			vg_journal_report *report)
{
	vg_tails_begin(tails, report->rows);
	while (vg_tails_next(tails)) {
		vg_chain_row(key, code, &tails->row, code);
		if (memcmp(code->bytes, tails->code.bytes, sizeof code->bytes) != 0) {
			tell(report, tails->number, was_changed);
			return;
		}
		report->rows = tails->number;
		if (report->rows == named)
			*at_named = *code;
	}
	if (tails->problem)
		tell(report, tails->number + 1, tails->problem);
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

static bool is_damage(int code) { return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB; }

/* The code that a row has in the file; false when there is no such row. */
static int stored_code(sqlite3 *database, uint64_t number, vg_chain_code *ret, bool *ret_found)
{
	sqlite3_stmt *statement = NULL;
	*ret_found = false;
	int code = sqlite3_prepare_v2(database, "SELECT code FROM entry WHERE number = ?1", -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, (sqlite3_int64)number);
		code = sqlite3_step(statement);
		if (code == SQLITE_ROW && sqlite3_column_bytes(statement, 0) == (int)sizeof ret->bytes) {
			memcpy(ret->bytes, sqlite3_column_blob(statement, 0), sizeof ret->bytes);
			*ret_found = true;
		}
	}
	sqlite3_finalize(statement);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

vigil_status vg_journal_check_end(sqlite3 *database, vg_tails *tails, const char *file, const char *head_file,
				  const vg_chain_key *key, vg_journal_report *report, vigil_error *err)
{
	walk state = {.database = database, .key = key};
	vg_chain_code head = {{0}}, at_named = {{0}}, unused;
	uint64_t named = 0, newest = 0;
	bool damaged = false, found = true;
	*report = (vg_journal_report){0};
	bool has_head = vg_chain_head_read(head_file, &named, &head, &damaged);
	int code = vg_journal_newest(database, &newest);
	if (code == SQLITE_OK && newest > 0) {
		report->rows = newest - 1;
		if (newest > 1)
			code = stored_code(database, newest - 1, &state.code, &found);
		if (code == SQLITE_OK && !found)
			tell(report, newest - 1, "the row is missing");
		if (code == SQLITE_OK && found && (code = begin_walk(&state, newest)) == SQLITE_OK)
			code = check_rows(&state, 0, &unused, report);
		end_walk(&state);
	}
	if (code == SQLITE_OK && has_head && named <= newest)
		code = stored_code(database, named, &at_named, &found);
	if (code != SQLITE_OK)
		return vg_store_fail(err, file, database, code, "reading its newest row");
	if (report->problem[0] == '\0')
		check_tails(tails, key, &state.code, named, &at_named, report);
	if (tails->arena->failed)
		return vg_fail_memory(err);
	if (report->problem[0] == '\0')
		check_head(named, &head, &at_named, has_head, damaged, report);
	return VIGIL_OK;
}

vigil_status vg_journal_verify(const char *file, const char *key_file, vg_journal_report *ret, vigil_error *err)
{
	vg_chain_key key;
	vg_chain_code head = {{0}}, at_named = {{0}};
	uint64_t named = 0;
	bool damaged = false, has_head;
	vg_journal_view view;
	walk state = {.key = &key};
	char own_key[4096], head_file[4096];
	vg_journal_report report = {0};
	vigil_status status;

	if (snprintf(own_key, sizeof own_key, "%s.key", file) >= (int)sizeof own_key ||
	    snprintf(head_file, sizeof head_file, "%s.head", file) >= (int)sizeof head_file)
		return vg_fail(err, VIGIL_WRONG_USE, "Choose a shorter path.", "The journal's path is too long.");
	/* The head before the rows: rows written meanwhile only lie behind it. */
	has_head = vg_chain_head_read(head_file, &named, &head, &damaged);
	if ((status = vg_journal_view_open(file, &view, err)) != VIGIL_OK ||
	    (status = vg_chain_key_read(key_file ? key_file : own_key, false, &key, err)) != VIGIL_OK)
		goto out;
	state.database = view.database;
	int result = view.code;
	if (result == SQLITE_OK)
		result = begin_walk(&state, 0);
	if (result == SQLITE_OK)
		result = check_rows(&state, named, &at_named, &report);
	if (result != SQLITE_OK && !is_damage(result)) {
		status = reading_failed(err, file, view.database, result, "reading its rows");
		goto out;
	}
	if (result != SQLITE_OK)
		tell(&report, report.rows + 1, "the file itself is damaged here");
	else if (report.problem[0] == '\0')
		check_tails(&view.tails, &key, &state.code, named, &at_named, &report);
	if (view.arena.failed) {
		status = vg_fail_memory(err);
		goto out;
	}
	if (report.problem[0] == '\0')
		check_head(named, &head, &at_named, has_head, damaged, &report);
	*ret = report;
out:
	end_walk(&state);
	vg_journal_view_close(&view);
	return status;
}

/* ---- rows for others -------------------------------------------------------------------- */

/* The cards of one row, copied: SQLite's texts end with the next card. */
static bool take_cards(sqlite3_stmt *cards, int *state, vg_arena *arena, vg_journal_row *row)
{
	vg_journal_card *items = NULL;
	size_t capacity = 0;
	while (*state == SQLITE_ROW && sqlite3_column_int64(cards, 0) <= (sqlite3_int64)row->number) {
		const char *cells[4];
		for (int i = 0; i < 4; i++) {
			const char *text = (const char *)sqlite3_column_text(cards, i + 1);
			cells[i] = vg_copy_text(arena, text ? text : "", text ? strlen(text) : 0);
		}
		items = vg_grow(arena, items, row->card_count, &capacity, sizeof *items);
		if (!items || arena->failed)
			return false;
		if (sqlite3_column_int64(cards, 0) == (sqlite3_int64)row->number)
			items[row->card_count++] = (vg_journal_card){cells[0], cells[1], cells[2], cells[3]};
		*state = sqlite3_step(cards);
	}
	row->cards = items;
	return true;
}

/* The rows of a range, and what to do with them. */
typedef struct reading {
	vg_journal_view view;
	int64_t from, until;
	vg_journal_visit visit;
	void *user;
	bool stopped; /* by the visitor */
} reading;

/* Visits the rows of FILE.  SQLite's code: SQLITE_DONE when there was no failure. */
static int visit_rows(reading *own, sqlite3_stmt *rows, sqlite3_stmt *cards)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	int code = SQLITE_DONE, card_state = sqlite3_step(cards);
	while (!own->stopped && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		vg_journal_row row = {.number = (uint64_t)sqlite3_column_int64(rows, 0),
				      .at = sqlite3_column_int64(rows, 1),
				      .kind = (const char *)sqlite3_column_text(rows, 2),
				      .body = (const char *)sqlite3_column_text(rows, 3)};
		code = row.kind && row.body ? SQLITE_DONE : SQLITE_CORRUPT;
		vg_arena_reset(&arena);
		if (code == SQLITE_DONE && !take_cards(cards, &card_state, &arena, &row))
			code = SQLITE_NOMEM;
		if (code == SQLITE_DONE && card_state != SQLITE_ROW)
			code = card_state;
		if (code != SQLITE_DONE)
			break;
		own->stopped = !own->visit(own->user, &row);
	}
	vg_arena_free(&arena);
	return code;
}

static int visit_file(reading *own)
{
	static const char rows_of[] = "SELECT number, at, kind, body FROM entry WHERE at >= ?1 AND at < ?2 ORDER BY number";
	static const char cards_of[] = "SELECT entry, uuid, rule, severity, status FROM card WHERE entry >= "
				       "(SELECT min(number) FROM entry WHERE at >= ?1 AND at < ?2) ORDER BY entry, position";
	sqlite3_stmt *rows = NULL, *cards = NULL;
	int code = sqlite3_prepare_v2(own->view.database, rows_of, -1, &rows, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_prepare_v2(own->view.database, cards_of, -1, &cards, NULL);
	if (code == SQLITE_OK) {
		sqlite3_stmt *const both[] = {rows, cards};
		for (size_t i = 0; i < VG_COUNT(both); i++) {
			sqlite3_bind_int64(both[i], 1, own->from);
			sqlite3_bind_int64(both[i], 2, own->until);
		}
		code = visit_rows(own, rows, cards);
	}
	sqlite3_finalize(rows);
	sqlite3_finalize(cards);
	return code;
}

/* Visits the rows of the tails. To whoever wants the rows, a tail with a gap is bad input: there are more of them. */
static vigil_status visit_tails(reading *own, const char *file, vigil_error *err)
{
	vg_tails *tails = &own->view.tails;
	vg_tails_begin(tails, own->view.newest);
	while (!own->stopped && vg_tails_next(tails))
		if (tails->row.at >= own->from && tails->row.at < own->until)
			own->stopped = !own->visit(own->user, &tails->row);
	if (tails->arena->failed)
		return vg_fail_memory(err);
	if (!tails->problem)
		return VIGIL_OK;
	vg_fail(err, VIGIL_BAD_INPUT, "Run `vigil journal verify` on it, and restore the file.", "Row %llu: %s.",
		(unsigned long long)tails->number + 1, tails->problem);
	vg_error_place(err, file, 0);
	return VIGIL_BAD_INPUT;
}

vigil_status vg_journal_read(const char *file, int64_t from, int64_t until, vg_journal_visit visit, void *user,
			     vigil_error *err)
{
	reading own = {.from = from, .until = until, .visit = visit, .user = user};
	vigil_status status = vg_journal_view_open(file, &own.view, err);
	if (status == VIGIL_OK) {
		int code = own.view.code == SQLITE_OK ? visit_file(&own) : own.view.code;
		status = code == SQLITE_DONE ? visit_tails(&own, file, err)
					     : reading_failed(err, file, own.view.database, code, "reading its rows");
	}
	vg_journal_view_close(&own.view);
	return status;
}

typedef struct count {
	const char *kind;
	uint64_t rows;
} count;

static bool count_row(void *user, const vg_journal_row *row)
{
	count *own = user;
	own->rows += strcmp(row->kind, own->kind) == 0;
	return true;
}

vigil_status vg_journal_count(const char *file, int64_t from, int64_t until, const char *kind, uint64_t *ret, vigil_error *err)
{
	sqlite3_stmt *statement = NULL;
	count counted = {.kind = kind};
	reading own = {.from = from, .until = until, .visit = count_row, .user = &counted};
	vigil_status status = vg_journal_view_open(file, &own.view, err);
	if (status != VIGIL_OK)
		goto out;
	int code = own.view.code;
	if (code == SQLITE_OK)
		code =
		    sqlite3_prepare_v2(own.view.database, "SELECT count(*) FROM entry WHERE at >= ?1 AND at < ?2 AND kind = ?3",
				       -1, &statement, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_int64(statement, 1, from);
		sqlite3_bind_int64(statement, 2, until);
		sqlite3_bind_text(statement, 3, kind, -1, SQLITE_STATIC);
		code = sqlite3_step(statement);
	}
	if (code == SQLITE_ROW)
		status = visit_tails(&own, file, err);
	else
		status = reading_failed(err, file, own.view.database, code, "counting its rows");
	if (status == VIGIL_OK)
		*ret = (uint64_t)sqlite3_column_int64(statement, 0) + counted.rows;
out:
	sqlite3_finalize(statement);
	vg_journal_view_close(&own.view);
	return status;
}
