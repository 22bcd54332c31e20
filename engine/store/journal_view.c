/*
 * The journal as its readers see it: FILE and its tails at one moment.
 *
 * It may be written meanwhile.  The tails are read first and FILE after them: a
 * row leaves a tail only when FILE has it, so what was in a tail is in one of the two.  But a
 * tail may be read while it is written, and between the two tails their writer
 * may have gone from one to the other; then a row seems to be missing, and all is
 * read again.  What is still missing then is.
 */
#include <time.h>

#include "store/journal_internal.h"

enum { MOST_READINGS = 10, PAUSE = 1000000 /* nanoseconds before it is read again */ };

int vg_journal_newest(sqlite3 *database, uint64_t *ret)
{
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(database, "SELECT max(number) FROM entry", -1, &statement, NULL);
	if (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		*ret = (uint64_t)sqlite3_column_int64(statement, 0);
		code = SQLITE_OK;
	}
	sqlite3_finalize(statement);
	return code;
}

/* Whether the tails go on where FILE ends. */
static bool is_whole(vg_journal_view *view)
{
	vg_tails_begin(&view->tails, view->newest);
	while (vg_tails_next(&view->tails))
		;
	return !view->tails.problem;
}

vigil_status vg_journal_view_open(const char *file, vg_journal_view *ret, vigil_error *err)
{
	static const struct timespec pause = {.tv_nsec = PAUSE};
	vg_journal_view *view = ret;
	*view = (vg_journal_view){0};
	vg_arena_init(&view->arena, NULL, 0);
	vigil_status status = vg_journal_open_reader(file, &view->database, err);
	for (int readings = 1; status == VIGIL_OK; readings++) {
		vg_arena_reset(&view->arena);
		if ((status = vg_tails_read(file, &view->arena, &view->tails, err)) != VIGIL_OK)
			break;
		view->code = sqlite3_exec(view->database, "BEGIN", NULL, NULL, NULL);
		if (view->code == SQLITE_OK)
			view->code = vg_journal_newest(view->database, &view->newest);
		bool enough = view->code != SQLITE_OK || is_whole(view) || readings == MOST_READINGS;
		if (view->arena.failed)
			return vg_fail_memory(err);
		if (enough)
			return VIGIL_OK;
		sqlite3_exec(view->database, "ROLLBACK", NULL, NULL, NULL);
		nanosleep(&pause, NULL);
	}
	return status;
}

void vg_journal_view_close(vg_journal_view *view)
{
	sqlite3_close(view->database);
	vg_arena_free(&view->arena);
}
