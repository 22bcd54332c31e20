/*
 * Which of Vigil's SQLite files a file is.
 *
 * A file says it in its header: application_id names the kind, user_version the
 * form of its tables.  A newer form is refused, never guessed at; a file that
 * lacks a table of its form was not written by a release, or is damaged.
 * Called by whoever opens a journal or a population store.
 */
#include "store/store_internal.h"

#include <string.h>

typedef struct header {
	int application, version, tables;
} header;

static int read_header(sqlite3 *database, header *ret)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(
	    database,
	    "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version), "
	    "(SELECT count(*) FROM sqlite_schema)",
	    -1, &statement, NULL);
	if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		*ret = (header){sqlite3_column_int(statement, 0), sqlite3_column_int(statement, 1),
				sqlite3_column_int(statement, 2)};
		code = SQLITE_OK;
	}
	sqlite3_finalize(statement);
	return code;
}

/* How many of the named tables are there, of how many. */
static int count_tables(sqlite3 *database, const char *names, int *ret_there, int *ret_all)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(database, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", -1,
				      &statement, NULL);
	*ret_there = *ret_all = 0;
	while (code == SQLITE_OK && *names) {
		size_t length = strcspn(names, " ");
		sqlite3_bind_text(statement, 1, names, (int)length, SQLITE_STATIC);
		int step = sqlite3_step(statement);
		*ret_there += step == SQLITE_ROW;
		*ret_all += 1;
		code = step == SQLITE_ROW || step == SQLITE_DONE ? SQLITE_OK : step;
		sqlite3_reset(statement);
		names += length + strspn(names + length, " ");
	}
	sqlite3_finalize(statement);
	return code;
}

vigil_status vg_store_check_kind(const vg_store_kind *kind, sqlite3 *database, const char *file, bool *ret_empty,
				 vigil_error *err)
{
	header found = {0};
	int there = 0, all = 0;
	int code = read_header(database, &found);
	*ret_empty = code == SQLITE_OK && found.tables == 0 && found.application == 0;
	bool ours = code == SQLITE_OK && found.application == kind->application, known = found.version <= kind->version;
	if (ours && known)
		code = count_tables(database, kind->tables, &there, &all);
	if (code != SQLITE_OK)
		return kind->fail(err, file, database, code, "reading its header");
	vigil_status status = VIGIL_OK;
	if (!*ret_empty && !ours)
		status = vg_fail(err, VIGIL_BAD_INPUT, kind->name_one, "%s", kind->other);
	else if (!known)
		status = vg_fail(err, VIGIL_BAD_INPUT, kind->use_newer,
				 "The %s was written by a newer release (format %d, this one knows %d).", kind->name,
				 found.version, kind->version);
	else if (there < all)
		status = vg_fail(err, VIGIL_BAD_INPUT, kind->make_again,
				 "The %s lacks %d of the %d tables that it should have: no release wrote it so.", kind->name,
				 all - there, all);
	if (status != VIGIL_OK)
		vg_error_place(err, file, 0);
	return status;
}
