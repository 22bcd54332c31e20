/*
 * Writing rows.
 *
 * With VG_DURABLE_PROCESS the caller's thread commits its own row: in WAL mode
 * with synchronous=NORMAL a commit is a write to the page cache, which a killed
 * process does not lose.  With VG_DURABLE_POWER each commit is a sync, so rows
 * are gathered: one thread commits all that wait in one transaction, and every
 * caller returns when its own row is on the disk.
 */
#include <string.h>

#include "store/journal_internal.h"

enum { MOST_GATHERED = 256 };

static int step_once(sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);
	int reset = sqlite3_reset(statement);
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : reset != SQLITE_OK ? reset : code;
}

static int insert_row(vg_journal *journal, vg_journal_row *row, vg_chain_code *code)
{
	vg_chain_state state;
	vg_chain_code next;
	vg_chain_begin(&state, &journal->key, code, row);
	for (size_t i = 0; i < row->card_count; i++)
		vg_chain_card(&state, &row->cards[i]);
	vg_chain_end(&state, &next);
	sqlite3_stmt *insert = journal->insert;
	sqlite3_bind_int64(insert, 1, (sqlite3_int64)row->number);
	sqlite3_bind_int64(insert, 2, row->at);
	sqlite3_bind_text(insert, 3, row->kind, -1, SQLITE_STATIC);
	sqlite3_bind_text(insert, 4, row->body, -1, SQLITE_STATIC);
	sqlite3_bind_blob(insert, 5, next.bytes, sizeof next.bytes, SQLITE_STATIC);
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
	if (result == SQLITE_OK)
		*code = next;
	return result;
}

/* Commits rows in one transaction: all of them or none. The lock is held. */
static vigil_status commit_rows(vg_journal *journal, vg_journal_row *const *rows, size_t count, vigil_error *err)
{
	vg_chain_code code = journal->code;
	uint64_t number = journal->number;
	int result = step_once(journal->begin);
	for (size_t i = 0; i < count && result == SQLITE_OK; i++) {
		rows[i]->number = ++number;
		result = insert_row(journal, rows[i], &code);
	}
	if (result == SQLITE_OK)
		result = step_once(journal->commit);
	if (result != SQLITE_OK) {
		vigil_status status = vg_store_fail(err, journal->file, journal->database, result, "writing a row");
		if (!sqlite3_get_autocommit(journal->database))
			step_once(journal->rollback);
		return status;
	}
	journal->code = code;
	journal->number = number;
	vg_journal_keep(journal);
	return VIGIL_OK;
}

/* Commits what was gathered; one row that cannot be written must not take the others with it. */
static void commit_gathered(vg_journal *journal, vg_waiting_row *const *batch, vg_journal_row *const *rows, size_t count)
{
	vigil_error error = VIGIL_ERROR_INIT;
	pthread_mutex_lock(&journal->lock);
	vigil_status status = commit_rows(journal, rows, count, &error);
	for (size_t i = 0; i < count; i++) {
		batch[i]->error = error;
		batch[i]->status =
		    status == VIGIL_OK || count == 1 ? status : commit_rows(journal, &rows[i], 1, &batch[i]->error);
	}
	pthread_mutex_unlock(&journal->lock);
}

static void *write_gathered(void *user)
{
	vg_journal *journal = user;
	pthread_mutex_lock(&journal->gather_lock);
	for (;;) {
		vg_waiting_row *batch[MOST_GATHERED];
		vg_journal_row *rows[MOST_GATHERED];
		size_t count = 0;
		while (!journal->first && !journal->closing)
			pthread_cond_wait(&journal->gathered, &journal->gather_lock);
		if (!journal->first)
			break;
		for (vg_waiting_row *next = journal->first; next && count < MOST_GATHERED; next = next->next) {
			batch[count] = next;
			rows[count++] = next->row;
		}
		journal->first = batch[count - 1]->next;
		if (!journal->first)
			journal->last = NULL;
		/* Others gather meanwhile. */
		pthread_mutex_unlock(&journal->gather_lock);
		commit_gathered(journal, batch, rows, count);
		pthread_mutex_lock(&journal->gather_lock);
		for (size_t i = 0; i < count; i++)
			batch[i]->done = true;
		pthread_cond_broadcast(&journal->written);
	}
	pthread_mutex_unlock(&journal->gather_lock);
	return NULL;
}

vigil_status vg_journal_writer_start(vg_journal *journal, vigil_error *err)
{
	if (pthread_create(&journal->writer, NULL, write_gathered, journal) != 0)
		return vg_fail(err, VIGIL_INTERNAL, "Raise the limit of threads.",
			       "The journal's writer could not be started.");
	journal->has_writer = true;
	return VIGIL_OK;
}

void vg_journal_writer_stop(vg_journal *journal)
{
	if (!journal->has_writer)
		return;
	pthread_mutex_lock(&journal->gather_lock);
	journal->closing = true;
	pthread_cond_signal(&journal->gathered);
	pthread_mutex_unlock(&journal->gather_lock);
	pthread_join(journal->writer, NULL);
}

/* Hands the row to the writer, who uses it until it is done. */
static vigil_status append_gathered(vg_journal *journal, vg_journal_row *row, vigil_error *err)
{
	vg_waiting_row own = {.row = row, .error = VIGIL_ERROR_INIT};
	pthread_mutex_lock(&journal->gather_lock);
	if (journal->last)
		journal->last->next = &own;
	else
		journal->first = &own; // cppcheck-suppress autoVariables
	journal->last = &own;          // cppcheck-suppress autoVariables
	pthread_cond_signal(&journal->gathered);
	while (!own.done)
		pthread_cond_wait(&journal->written, &journal->gather_lock);
	pthread_mutex_unlock(&journal->gather_lock);
	if (err && own.status != VIGIL_OK) {
		own.error.size = err->size;
		memcpy(err, &own.error, err->size < sizeof own.error ? err->size : sizeof own.error);
	}
	return own.status;
}

vigil_status vg_journal_append(vg_journal *journal, vg_journal_row *row, vigil_error *err)
{
	if (journal->has_writer)
		return append_gathered(journal, row, err);
	pthread_mutex_lock(&journal->lock);
	vigil_status status = commit_rows(journal, &row, 1, err);
	pthread_mutex_unlock(&journal->lock);
	return status;
}
