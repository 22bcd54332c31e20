/*
 * Opening and closing the journal, and what is looked up in it while it is written.
 *
 * Nothing is ever updated or deleted; triggers refuse it.  Rows are written by
 * journal_append.c and moved into the file by journal_keep.c.  What a killed process left
 * in the tails is moved at opening, so an open journal begins with empty ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/journal_internal.h"

static const char schema[] =
    "CREATE TABLE entry(number INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, code BLOB NOT "
    "NULL);"
    "CREATE TABLE card(uuid TEXT PRIMARY KEY, entry INTEGER NOT NULL, position INTEGER NOT NULL, rule TEXT NOT NULL, severity "
    "TEXT NOT NULL,"
    " status TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TRIGGER entry_is_final BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;"
    "CREATE TRIGGER entry_stays BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;"
    "CREATE TRIGGER card_is_final BEFORE UPDATE ON card BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;"
    "CREATE TRIGGER card_stays BEFORE DELETE ON card BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;";

vigil_status vg_store_fail(vigil_error *err, const char *file, sqlite3 *database, int code, const char *doing)
{
	const char *advice = "Run `vigil journal verify` on it, and mend or replace the file.";
	vigil_status status = VIGIL_BAD_OUTPUT;
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return vg_fail_memory(err);
	case SQLITE_FULL:
		advice = "Free some space on the disk.";
		break;
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		advice = "Check that the folder exists and that the user that runs Vigil may write the file.";
		break;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		advice = "Another process has it open; give each service a journal of its own.";
		break;
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		status = VIGIL_BAD_INPUT;
		advice = "It is not a journal, or is damaged; name another file, or restore a copy.";
		break;
	default:
		break;
	}
	vg_fail(err, status, advice, "The file could not be used while %s: %s.", doing,
		database ? sqlite3_errmsg(database) : sqlite3_errstr(code));
	vg_error_place(err, file, 0);
	return status;
}

static vigil_status run_sql(vg_journal *journal, const char *sql, const char *doing, vigil_error *err)
{
	int code = sqlite3_exec(journal->database, sql, NULL, NULL, NULL);
	return code == SQLITE_OK ? VIGIL_OK : vg_store_fail(err, journal->file, journal->database, code, doing);
}

/* SQLite tells us how many pages its log has after each commit. */
static int log_grew(void *user, sqlite3 *database, const char *name, int pages)
{
	(void)database;
	(void)name;
	((vg_journal *)user)->log_pages = pages;
	return SQLITE_OK;
}

vigil_status vg_journal_check_kind(sqlite3 *database, const char *file, bool *ret_empty, vigil_error *err)
{
	static const vg_store_kind kind = {
	    .application = VG_JOURNAL_APPLICATION,
	    .version = VG_JOURNAL_VERSION,
	    .name = "journal",
	    .tables = "entry card",
	    .other = "The file is not a journal of Vigil.",
	    .name_one = "Name a journal, or a file that does not exist yet.",
	    .use_newer = "Use the newer release to read it.",
	    .make_again = "Restore a copy of the journal.",
	    .fail = vg_store_fail,
	};
	return vg_store_check_kind(&kind, database, file, ret_empty, err);
}

/* The newest row in the file. */
static vigil_status read_newest(vg_journal *journal, vigil_error *err)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(journal->database, "SELECT number, code FROM entry ORDER BY number DESC LIMIT 1", -1,
				      &statement, NULL);
	if (code == SQLITE_OK) {
		code = sqlite3_step(statement);
		if (code == SQLITE_ROW && sqlite3_column_bytes(statement, 1) == (int)sizeof journal->moved_code.bytes) {
			journal->moved = (uint64_t)sqlite3_column_int64(statement, 0);
			memcpy(journal->moved_code.bytes, sqlite3_column_blob(statement, 1), sizeof journal->moved_code.bytes);
		} else if (code == SQLITE_ROW) {
			code = SQLITE_CORRUPT;
		}
	}
	vigil_status status = VIGIL_OK;
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		status = vg_store_fail(err, journal->file, journal->database, code, "reading its newest row");
	sqlite3_finalize(statement);
	return status;
}

static vigil_status prepare_database(vg_journal *journal, vigil_error *err)
{
	bool empty = false;
	vigil_status status;
	/* SQLite would make it readable for everybody; whether it can be made is SQLite's to tell. */
	int file = open(journal->file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (file >= 0)
		close(file);
	int code =
	    sqlite3_open_v2(journal->file, &journal->database,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
	if (code != SQLITE_OK)
		return vg_store_fail(err, journal->file, journal->database, code, "opening it");
	sqlite3_extended_result_codes(journal->database, 1);
	sqlite3_busy_timeout(journal->database, 5000); /* a reader may be recovering the log after a crash */
	if ((status = vg_journal_check_kind(journal->database, journal->file, &empty, err)) != VIGIL_OK)
		return status;
	/* Whether a row outlives a power loss is the tail's matter until the keeper has synced SQLite's log. */
	if ((status = run_sql(journal, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0;",
			      "opening it", err)) != VIGIL_OK)
		return status;
	if (empty) { /* the checkpoint syncs it: after a power loss it is a journal, not an empty file */
		char *sql = sqlite3_mprintf("BEGIN IMMEDIATE; PRAGMA application_id=%d; PRAGMA user_version=%d; %s COMMIT;"
					    "PRAGMA wal_checkpoint;",
					    VG_JOURNAL_APPLICATION, VG_JOURNAL_VERSION, schema);
		status = sql ? run_sql(journal, sql, "creating it", err) : vg_fail_memory(err);
		sqlite3_free(sql);
		if (status != VIGIL_OK)
			return status;
	}
	const struct {
		sqlite3_stmt **statement;
		const char *sql;
	} statements[] = {
	    {&journal->begin, "BEGIN IMMEDIATE"},
	    {&journal->commit, "COMMIT"},
	    {&journal->rollback, "ROLLBACK"},
	    {&journal->insert, "INSERT INTO entry(number, at, kind, body, code) VALUES (?1, ?2, ?3, ?4, ?5)"},
	    {&journal->insert_card,
	     "INSERT INTO card(uuid, entry, position, rule, severity, status) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"},
	};
	for (size_t i = 0; i < VG_COUNT(statements); i++) {
		code = sqlite3_prepare_v3(journal->database, statements[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
					  statements[i].statement, NULL);
		if (code != SQLITE_OK)
			return vg_store_fail(err, journal->file, journal->database, code, "preparing it");
	}
	sqlite3_wal_hook(journal->database, log_grew, journal);
	return read_newest(journal, err);
}

static vigil_status prepare_reader(vg_journal *journal, vigil_error *err)
{
	vigil_status status = vg_journal_open_reader(journal->file, &journal->reader, err);
	if (status != VIGIL_OK)
		return status;
	int code = sqlite3_prepare_v3(journal->reader, "SELECT rule FROM card WHERE uuid = ?1", -1, SQLITE_PREPARE_PERSISTENT,
				      &journal->find_card, NULL);
	return code == SQLITE_OK ? VIGIL_OK : vg_store_fail(err, journal->file, journal->reader, code, "preparing it");
}

/* A lock of its own file: closing a second descriptor of the database would drop SQLite's locks. */
static vigil_status lock_out_others(vg_journal *journal, vigil_error *err)
{
	const char *path = vg_format(&journal->arena, "%s.lock", journal->file);
	if (!path)
		return vg_fail_memory(err);
	vigil_status status = VIGIL_OK;
	journal->lock_file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (journal->lock_file < 0)
		status = vg_fail(err, VIGIL_BAD_OUTPUT,
				 "Check that the folder exists and that the user that runs Vigil may write in it.",
				 "The journal cannot be locked: %s.", strerrordesc_np(errno));
	else if (flock(journal->lock_file, LOCK_EX | LOCK_NB) != 0)
		status = vg_fail(err, VIGIL_BAD_OUTPUT, "Give each service a journal of its own.",
				 "Another process writes this journal.");
	if (status != VIGIL_OK)
		vg_error_place(err, path, 0);
	return status;
}

/* A journal that lost its end, or that has another key, is not continued: the first new head would hide it. */
static vigil_status check_end(vg_journal *journal, vg_tails *tails, vigil_error *err)
{
	vg_journal_report report;
	vigil_status status =
	    vg_journal_check_end(journal->database, tails, journal->file, journal->head_file, &journal->key, &report, err);
	if (status == VIGIL_OK && report.problem[0] != '\0') {
		status = vg_fail(
		    err, VIGIL_BAD_INPUT,
		    "Restore the journal, its tails, its key and its head from a copy; or move all of them away to "
		    "begin a new one.",
		    "The journal cannot be continued; row %llu: %s.", (unsigned long long)report.bad_row, report.problem);
		vg_error_place(err, journal->file, 0);
	}
	return status;
}

/* Empty tails; what was in them is in the file and on the disk. */
static vigil_status open_tails(vg_journal *journal, vigil_error *err)
{
	for (size_t i = 0; i < VG_TAIL_COUNT; i++) {
		vg_tail_file *tail = &journal->tails[i];
		tail->file = open(tail->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (tail->file < 0 || !vg_tail_cut(journal, tail) ||
		    (journal->durability == VG_DURABLE_POWER && !vg_sync_folder(tail->path))) {
			vg_fail(err, VIGIL_BAD_OUTPUT,
				"Check that the folder exists and that the user that runs Vigil may write in it.",
				"The journal's tail cannot be opened: %s.", strerrordesc_np(errno));
			vg_error_place(err, tail->path, 0);
			return VIGIL_BAD_OUTPUT;
		}
	}
	return VIGIL_OK;
}

/* Goes on where the tails end, or the file without them. */
static vigil_status go_on(vg_journal *journal, const char *key_file, vigil_error *err)
{
	vg_tails tails;
	vigil_status status = vg_tails_read(journal->file, &journal->move_arena, &tails, err);
	if (status != VIGIL_OK)
		return status;
	/* A new key for rows that are there already would make them all look forged. */
	vg_tails_begin(&tails, 0);
	bool none = journal->moved == 0 && !tails.walks[0].on_row && !tails.walks[1].on_row;
	if ((status = vg_chain_key_read(key_file, none, &journal->key, err)) != VIGIL_OK ||
	    (status = check_end(journal, &tails, err)) != VIGIL_OK ||
	    (status = vg_journal_move(journal, &tails, err)) != VIGIL_OK)
		return status;
	journal->number = journal->moved;
	journal->code = journal->moved_code;
	return open_tails(journal, err);
}

static void init_locks(vg_journal *journal)
{
	pthread_condattr_t kind;
	pthread_condattr_init(&kind);
	pthread_condattr_setclock(&kind, CLOCK_MONOTONIC);
	pthread_cond_init(&journal->keep, &kind);
	pthread_condattr_destroy(&kind);
	pthread_cond_init(&journal->written, NULL);
	pthread_mutex_init(&journal->lock, NULL);
	pthread_mutex_init(&journal->reader_lock, NULL);
	pthread_mutex_init(&journal->gather_lock, NULL);
}

/* The names of the files beside the journal; false: no memory. */
static bool name_files(vg_journal *journal, const char *file)
{
	bool named = (journal->file = vg_copy_text(&journal->arena, file, strlen(file))) != NULL &&
		     (journal->head_file = vg_format(&journal->arena, "%s.head", file)) != NULL;
	for (size_t i = 0; i < VG_TAIL_COUNT; i++) {
		journal->tails[i].file = -1;
		journal->tails[i].path = vg_tail_path(file, i, &journal->arena);
		named = named && journal->tails[i].path;
	}
	return named;
}

vigil_status vg_journal_open(const vg_journal_config *config, const vg_allocator *allocator, vg_journal **ret, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	vg_journal *journal = allocator->resize(allocator->user, NULL, 0, sizeof *journal);
	if (!journal)
		return vg_fail_memory(err);
	memset(journal, 0, sizeof *journal);
	journal->allocator = *allocator;
	journal->durability = config->durability;
	journal->lock_file = -1;
	journal->boot = vg_tail_boot();
	journal->tail = &journal->tails[0];
	init_locks(journal);
	vg_arena_init(&journal->arena, allocator, 0);
	vg_arena_init(&journal->row_arena, allocator, 0);
	vg_arena_init(&journal->move_arena, allocator, 0);
	bool named = name_files(journal, config->file);
	const char *key_file = config->key_file ? config->key_file : vg_format(&journal->arena, "%s.key", config->file);
	if (!named || !key_file) {
		status = vg_fail_memory(err);
		goto out;
	}
	if ((status = lock_out_others(journal, err)) != VIGIL_OK || (status = prepare_database(journal, err)) != VIGIL_OK ||
	    (status = prepare_reader(journal, err)) != VIGIL_OK || (status = go_on(journal, key_file, err)) != VIGIL_OK ||
	    (status = vg_journal_keeper_start(journal, err)) != VIGIL_OK)
		goto out;
	*ret = journal;
	journal = NULL;
out:
	vg_journal_close(journal);
	return status;
}

/* ---- looking up ------------------------------------------------------------------------- */

static bool find_in_file(vg_journal *journal, const char *uuid, char *rule, size_t size)
{
	bool found = false;
	pthread_mutex_lock(&journal->reader_lock);
	sqlite3_bind_text(journal->find_card, 1, uuid, -1, SQLITE_STATIC);
	if (sqlite3_step(journal->find_card) == SQLITE_ROW) {
		snprintf(rule, size, "%s", (const char *)sqlite3_column_text(journal->find_card, 0));
		found = true;
	}
	sqlite3_reset(journal->find_card);
	pthread_mutex_unlock(&journal->reader_lock);
	return found;
}

static bool has_card(const vg_journal_row *row, const char *uuid, char *rule, size_t size)
{
	for (size_t i = 0; i < row->card_count; i++)
		if (strcmp(row->cards[i].uuid, uuid) == 0) {
			snprintf(rule, size, "%s", row->cards[i].rule);
			return true;
		}
	return false;
}

/* Each tail for itself: one of them may be overwritten meanwhile. */
static bool find_in_tails(vg_journal *journal, const char *uuid, char *rule, size_t size)
{
	vg_arena arena;
	vg_tails tails;
	bool found = false;
	vg_arena_init(&arena, &journal->allocator, 0);
	if (vg_tails_read(journal->file, &arena, &tails, NULL) != VIGIL_OK)
		goto out;
	for (size_t i = 0; i < VG_TAIL_COUNT && !found; i++) {
		vg_tail_walk *walk = &tails.walks[i];
		while (!found && vg_tail_next(walk, &arena))
			found = has_card(&walk->row, uuid, rule, size);
	}
out:
	vg_arena_free(&arena);
	return found;
}

bool vg_journal_card_rule(vg_journal *journal, const char *uuid, char *rule, size_t size)
{
	/* The file a second time: the row may have been moved into it between the first two looks. */
	return find_in_file(journal, uuid, rule, size) || find_in_tails(journal, uuid, rule, size) ||
	       find_in_file(journal, uuid, rule, size);
}

void vg_journal_hash(const vg_journal *journal, const char *text, char out[33])
{
	struct hmac_sha256_ctx context;
	vg_chain_code code;
	char hex[65];
	hmac_sha256_set_key(&context, sizeof journal->key.bytes, journal->key.bytes);
	hmac_sha256_update(&context, 8, (const uint8_t *)"patient:");
	hmac_sha256_update(&context, strlen(text), (const uint8_t *)text);
	hmac_sha256_digest(&context, sizeof code.bytes, code.bytes);
	vg_chain_text(&code, hex);
	memcpy(out, hex, 32);
	out[32] = '\0';
}

void vg_journal_close(vg_journal *journal)
{
	if (!journal)
		return;
	vg_journal_keeper_stop(journal);
	sqlite3_stmt *statements[] = {journal->begin,  journal->commit,      journal->rollback,
				      journal->insert, journal->insert_card, journal->find_card};
	for (size_t i = 0; i < VG_COUNT(statements); i++)
		sqlite3_finalize(statements[i]);
	sqlite3_close(journal->reader);
	sqlite3_close(journal->database);
	bool moved = journal->has_keeper && !journal->tails[0].rows && !journal->tails[1].rows;
	for (size_t i = 0; i < VG_TAIL_COUNT; i++) {
		if (journal->tails[i].file >= 0)
			close(journal->tails[i].file);
		if (moved)
			unlink(journal->tails[i].path);
	}
	if (journal->lock_file >= 0)
		close(journal->lock_file);
	pthread_mutex_destroy(&journal->reader_lock);
	pthread_cond_destroy(&journal->written);
	pthread_cond_destroy(&journal->keep);
	pthread_mutex_destroy(&journal->gather_lock);
	pthread_mutex_destroy(&journal->lock);
	vg_arena_free(&journal->move_arena);
	vg_arena_free(&journal->row_arena);
	vg_arena_free(&journal->arena);
	journal->allocator.resize(journal->allocator.user, journal, sizeof *journal, 0);
}
