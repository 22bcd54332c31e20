/*
 * What is done behind the journal's rows, by a thread of its own: the keeper.
 *
 * Writing the chain's head and moving SQLite's log into the file both sync, and
 * a sync takes milliseconds: nobody who waits for an answer waits for the head,
 * and hardly anybody for the log.  The head names a row only when that row is on
 * the disk: the log is synced first, so a power loss never looks like a tail that
 * somebody cut off.
 *
 * The log is moved by the connection that writes, under its lock (SQLite up to
 * 3.51.2 has a rare race between writers and checkpointers); synced just before,
 * it is moved in the time that copying some hundred pages and one sync take.
 *
 * Neither can lose a row, so a failure is left to the next time.
 */
#include "store/journal_internal.h"

enum {
	LOG_PAGES = 4000, /* of SQLite's log, some 1,500 answers: fewer than one in a hundred meets the moving */
	HEAD_EVERY = 256  /* rows from one head to the next */
};

/*
 * SQLite's log as SQLite has it open. The lock is held, and need not be for syncing
 * it: the log stays open as long as the connection, and a sync looks at nothing of
 * it but its descriptor.
 */
static sqlite3_file *open_log(vg_journal *journal)
{
	sqlite3_file *log = NULL;
	int code = sqlite3_file_control(journal->database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
	return code == SQLITE_OK && log && log->pMethods ? log : NULL;
}

/* When this is true, all commits until now are on the disk, in the log or in the file. */
static bool is_synced(sqlite3_file *log)
{
	return log && log->pMethods->xSync(log, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) == SQLITE_OK;
}

/* As far as no reader needs the log's old pages; then it grows on. The lock is held. */
static void move_log(vg_journal *journal)
{
	int log = -1, moved = -1;
	int code = sqlite3_wal_checkpoint_v2(journal->database, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &moved);
	bool whole = code == SQLITE_OK && log == moved;
	journal->log_due = whole ? LOG_PAGES : journal->log_pages + LOG_PAGES;
	journal->log_pages = 0; /* the next commit tells */
}

static bool is_due(const vg_journal *journal)
{
	return journal->number >= journal->head_due || journal->log_pages >= journal->log_due;
}

static void *keep(void *user)
{
	vg_journal *journal = user;
	bool ending;
	pthread_mutex_lock(&journal->lock);
	do {
		while (!journal->ending && !is_due(journal))
			pthread_cond_wait(&journal->keep, &journal->lock);
		ending = journal->ending;
		uint64_t number = journal->number;
		vg_chain_code code = journal->code;
		sqlite3_file *log = open_log(journal);
		journal->head_due = number + HEAD_EVERY;
		pthread_mutex_unlock(&journal->lock);
		/* Without the lock: rows are written meanwhile. */
		if (number > 0 && is_synced(log))
			(void)vg_chain_head_write(journal->head_file, number, &code, NULL);
		pthread_mutex_lock(&journal->lock);
		if (journal->log_pages >= journal->log_due)
			move_log(journal);
	} while (!ending);
	pthread_mutex_unlock(&journal->lock);
	return NULL;
}

void vg_journal_keep(vg_journal *journal)
{
	if (is_due(journal))
		pthread_cond_signal(&journal->keep);
}

vigil_status vg_journal_keeper_start(vg_journal *journal, vigil_error *err)
{
	journal->head_due = journal->number + HEAD_EVERY;
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
