/*
 * What is done behind the journal's rows, by a thread of its own: the keeper.
 *
 * Rows are moved from the tails into FILE, many in one transaction: a second
 * after the first of them was written, or when there are many.  Before a tail is
 * used again SQLite's log is synced: else a power loss could take the rows from the log
 * while the tail has them no more, and with them the rows that follow.
 *
 * The chain's head names a row only when that row is on the disk in FILE: a
 * power loss never looks like an end that somebody cut off.  SQLite's log is moved by the
 * connection that writes (SQLite up to 3.51.2 has a rare race between writers and
 * checkpointers).  Nobody who waits for an answer waits for any of it.
 *
 * A failure loses no row.  Rows that could not be moved stay in their tail and
 * the keeper tries again each second; what the trouble is, is told by
 * vg_journal_health_of, and to whoever finds no room in the tail.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "store/journal_internal.h"

enum {
	MOVE_AFTER = 1,      /* seconds from a row to its moving, and from a failure to the next try */
	LOG_PAGES = 4000,    /* of SQLite's log, some 1,500 answers */
	HEAD_EVERY = 256,    /* rows from one head to the next */
	LARGE_TAIL = 4 << 20 /* bytes; a smaller one keeps its blocks, as overwriting them makes syncing cheap */
};

/* ---- into FILE ------------------------------------------------------------------------- */

static int step_once(sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);
	int reset = sqlite3_reset(statement);
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : reset != SQLITE_OK ? reset : code;
}

static int insert_row(vg_journal *journal, const vg_journal_row *row, const vg_chain_code *code)
{
	sqlite3_stmt *insert = journal->insert;
	sqlite3_bind_int64(insert, 1, (sqlite3_int64)row->number);
	sqlite3_bind_int64(insert, 2, row->at);
	sqlite3_bind_text(insert, 3, row->kind, -1, SQLITE_STATIC);
	sqlite3_bind_text(insert, 4, row->body, -1, SQLITE_STATIC);
	sqlite3_bind_blob(insert, 5, code->bytes, sizeof code->bytes, SQLITE_STATIC);
	int result = step_once(insert);
	for (size_t i = 0; i < row->card_count && result == SQLITE_OK; i++) {
		const char *cells[] = {row->cards[i].uuid, row->cards[i].rule, row->cards[i].severity, row->cards[i].status};
		sqlite3_bind_text(journal->insert_card, 1, cells[0], -1, SQLITE_STATIC);
		sqlite3_bind_int64(journal->insert_card, 2, (sqlite3_int64)row->number);
		sqlite3_bind_int64(journal->insert_card, 3, (sqlite3_int64)i);
		for (int cell = 1; cell < 4; cell++)
			sqlite3_bind_text(journal->insert_card, cell + 3, cells[cell], -1, SQLITE_STATIC);
		result = step_once(journal->insert_card);
	}
	return result;
}

/* All that follows what FILE has, in one transaction. */
static vigil_status insert_rows(vg_journal *journal, vg_tails *tails, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	int result = step_once(journal->begin);
	while (result == SQLITE_OK && vg_tails_next(tails))
		result = insert_row(journal, &tails->row, &tails->code);
	if (tails->arena->failed)
		status = vg_fail_memory(err);
	else if (result == SQLITE_OK)
		result = step_once(journal->commit);
	if (result != SQLITE_OK)
		status = vg_store_fail(err, journal->file, journal->database, result, "moving rows into it");
	if (status != VIGIL_OK && !sqlite3_get_autocommit(journal->database))
		step_once(journal->rollback);
	if (status == VIGIL_OK && tails->number > journal->moved) {
		journal->moved = tails->number;
		journal->moved_code = tails->code;
	}
	return status;
}

/* When this is true, all commits until now are on the disk, in SQLite's log or in the file. */
static bool sync_log(vg_journal *journal)
{
	sqlite3_file *log = NULL;
	int code = sqlite3_file_control(journal->database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	return code == SQLITE_OK && log && log->pMethods &&
	       log->pMethods->xSync(log, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) == SQLITE_OK;
}

vigil_status vg_journal_move(vg_journal *journal, vg_tails *tails, vigil_error *err)
{
	vg_tails_begin(tails, journal->moved);
	vigil_status status = insert_rows(journal, tails, err);
	if (status == VIGIL_OK && !sync_log(journal)) {
		status = vg_fail(err, VIGIL_BAD_OUTPUT, "Look at the disk, and at the kernel's log.",
				 "The rows that were moved cannot be synced.");
		vg_error_place(err, journal->file, 0);
	}
	return status;
}

/* As far as no reader needs the log's old pages; then it grows on. */
static void move_log(vg_journal *journal)
{
	int log = -1, moved = -1;
	int code = sqlite3_wal_checkpoint_v2(journal->database, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &moved);
	bool whole = code == SQLITE_OK && log == moved;
	journal->log_due = whole ? LOG_PAGES : journal->log_pages + LOG_PAGES;
	journal->log_pages = 0; /* the next commit tells */
}

/* ---- from the tails -------------------------------------------------------------------- */

static vigil_status read_tail(vg_journal *journal, const vg_tail_file *tail, vg_tails *ret, vigil_error *err)
{
	vg_arena_reset(&journal->move_arena);
	*ret = (vg_tails){.arena = &journal->move_arena, .boot = journal->boot};
	char *bytes = vg_alloc_unset(&journal->move_arena, tail->length);
	if (!bytes)
		return vg_fail_memory(err);
	for (size_t i = 0; i < VG_TAIL_COUNT; i++)
		ret->walks[i].bytes = "";
	ret->walks[0] = (vg_tail_walk){.bytes = bytes, .length = tail->length};
	for (size_t done = 0; done < tail->length;) {
		ssize_t count = pread(tail->file, bytes + done, tail->length - done, (off_t)done);
		if (count <= 0) {
			vg_fail(err, VIGIL_BAD_OUTPUT, "Look at the disk, and at the kernel's log.",
				"The journal's tail cannot be read.");
			vg_error_place(err, tail->path, 0);
			return VIGIL_BAD_OUTPUT;
		}
		done += (size_t)count;
	}
	return VIGIL_OK;
}

/* Moves a tail that is not appended to. What it holds is known, so a row that does not count any more is seen. */
static vigil_status move_tail(vg_journal *journal, const vg_tail_file *tail, vigil_error *err)
{
	vg_tails tails;
	vigil_status status = read_tail(journal, tail, &tails, err);
	if (status == VIGIL_OK)
		status = vg_journal_move(journal, &tails, err);
	if (status == VIGIL_OK && journal->moved != tail->last) {
		status = vg_fail(err, VIGIL_BAD_INPUT, "Run `vigil journal verify` on the journal, and restore the file.",
				 "Row %llu is damaged.", (unsigned long long)journal->moved + 1);
		vg_error_place(err, tail->path, 0);
	}
	return status;
}

/* The head and SQLite's log; what fails is left to the next time. */
static void keep_file(vg_journal *journal, bool ending)
{
	if (journal->moved > 0 && (ending || journal->moved >= journal->head_due)) {
		(void)vg_chain_head_write(journal->head_file, journal->moved, &journal->moved_code, NULL);
		journal->head_due = journal->moved + HEAD_EVERY;
	}
	if (journal->log_pages >= journal->log_due)
		move_log(journal);
}

/* ---- the thread ---------------------------------------------------------------------------- */

static vg_tail_file *other_tail(vg_journal *journal) { return &journal->tails[journal->tail == &journal->tails[0]]; }

/* Until rows are to be moved, or the journal ends. The lock is held. */
static void wait_for_rows(vg_journal *journal)
{
	struct timespec until;
	while (!journal->ending && !journal->tail->rows && !other_tail(journal)->rows)
		pthread_cond_wait(&journal->keep, &journal->lock);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += MOVE_AFTER;
	bool late = false;
	while (!journal->ending && !late && (journal->trouble.status != VIGIL_OK || journal->tail->rows < VG_MOVE_ROWS))
		late = pthread_cond_timedwait(&journal->keep, &journal->lock, &until) != 0;
}

/* One tail is moved, and free then. The lock is held, and given up meanwhile. */
static void move_rows(vg_journal *journal, bool ending)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_tail_file *tail = other_tail(journal);
	if (!tail->rows) { /* else it could not be moved the last time */
		vg_tail_file *filled = journal->tail;
		journal->tail = tail;
		tail = filled;
	}
	pthread_mutex_unlock(&journal->lock);
	vigil_status status = tail->rows ? move_tail(journal, tail, &error) : VIGIL_OK;
	keep_file(journal, ending);
	bool large = tail->length > LARGE_TAIL;
	pthread_mutex_lock(&journal->lock);
	journal->trouble = error;
	if (status != VIGIL_OK)
		return;
	tail->rows = 0;
	tail->length = 0;
	if (large)
		vg_tail_cut(journal, tail);
}

static void *keep(void *user)
{
	vg_journal *journal = user;
	bool ending;
	pthread_mutex_lock(&journal->lock);
	do {
		wait_for_rows(journal);
		ending = journal->ending;
		move_rows(journal, ending);
		if (ending && other_tail(journal)->rows == 0 && journal->tail->rows > 0)
			move_rows(journal, ending); /* it was the older of the two */
	} while (!ending);
	pthread_mutex_unlock(&journal->lock);
	return NULL;
}

vigil_status vg_journal_keeper_start(vg_journal *journal, vigil_error *err)
{
	journal->head_due = journal->moved + HEAD_EVERY;
	journal->log_due = LOG_PAGES;
	if (pthread_create(&journal->keeper, NULL, keep, journal) != 0)
		return vg_fail(err, VIGIL_INTERNAL, "Raise the limit of threads.",
			       "The journal's keeper could not be started.");
	journal->has_keeper = true;
	return VIGIL_OK;
}

void vg_journal_keeper_stop(vg_journal *journal)
{
	if (!journal->has_keeper)
		return;
	pthread_mutex_lock(&journal->lock);
	journal->ending = true;
	pthread_cond_signal(&journal->keep);
	pthread_mutex_unlock(&journal->lock);
	pthread_join(journal->keeper, NULL);
}

void vg_journal_health_of(vg_journal *journal, vg_journal_health *ret)
{
	pthread_mutex_lock(&journal->lock);
	ret->waiting = journal->tails[0].rows + journal->tails[1].rows;
	ret->trouble = journal->trouble;
	pthread_mutex_unlock(&journal->lock);
}
