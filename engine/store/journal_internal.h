/*
 * What the files of the journal share: the open journal.
 *
 *     journal.c        opening and closing, what is looked up in it
 *     journal_write.c  rows, one by one or gathered
 *     journal_keep.c   what is done behind the rows: the chain's head, SQLite's log
 *
 * Invariant: `number` and `code` are those of the newest committed row.  `lock`
 * guards them and the writing connection; `gather_lock` guards the rows that wait
 * for the writer, and is never held with the other.
 */
#ifndef VG_STORE_JOURNAL_INTERNAL_H
#define VG_STORE_JOURNAL_INTERNAL_H

#include <pthread.h>

#include "store/store_internal.h"

typedef struct vg_waiting_row { /* a row that the writer is to commit */
	vg_journal_row *row;
	vigil_status status;
	vigil_error error;
	bool done;
	struct vg_waiting_row *next;
} vg_waiting_row;

struct vg_journal {
	vg_allocator allocator;
	vg_arena arena;
	const char *file, *head_file;
	int lock_file; /* held while the journal is open: one process a file */
	vg_durability durability;
	vg_chain_key key;

	pthread_mutex_t lock;
	sqlite3 *database;
	sqlite3_stmt *begin, *commit, *rollback, *insert, *insert_card;
	vg_chain_code code;
	uint64_t number;
	int log_pages; /* of SQLite's log after the last commit */

	/* the keeper */
	pthread_t keeper;
	bool has_keeper, ending; /* `ending` is guarded by `lock`, and so are the next two */
	uint64_t head_due;       /* the number of the row at which the head is to be written next */
	int log_due;             /* and the log's size at which it is to be moved */
	pthread_cond_t keep;

	/* the writer, with VG_DURABLE_POWER */
	pthread_mutex_t gather_lock;
	pthread_cond_t gathered, written;
	pthread_t writer;
	bool has_writer, closing;
	vg_waiting_row *first, *last;

	pthread_mutex_t reader_lock;
	sqlite3 *reader; /* finds cards while rows are written */
	sqlite3_stmt *find_card;
};

/* journal_write.c: the writer's thread and its end. */
vigil_status vg_journal_writer_start(vg_journal *journal, vigil_error *err);
void vg_journal_writer_stop(vg_journal *journal); /* when all that waits is written */

/* journal_keep.c: the keeper's thread and its end, which writes the last head. */
vigil_status vg_journal_keeper_start(vg_journal *journal, vigil_error *err);
void vg_journal_keeper_stop(vg_journal *journal);
void vg_journal_keep(vg_journal *journal); /* tells the keeper of a commit; the lock is held */

#endif
