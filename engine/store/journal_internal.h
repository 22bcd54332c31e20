/*
 * What the files of the journal share: the open journal, and its tails.
 *
 *     journal.c         opening and closing, what is looked up in it
 *     journal_append.c  rows, written to the tail, alone or gathered
 *     journal_tail.c    what a tail holds, and walking over it
 *     journal_tails.c   both tails behind the rows that FILE has
 *     journal_keep.c    what is done behind the rows: moving them into FILE, the chain's head, SQLite's log
 *     journal_view.c    FILE and its tails at one moment, for readers
 *
 * A row is written to one of two tails, and later moved into FILE by the
 * keeper.  The tails are used in turn: while one is appended to, the other is
 * moved, and then overwritten from its beginning.
 *
 * Invariants: `number` and `code` are those of the newest row, `moved` and
 * `moved_code` of the newest in FILE; every row between them lies whole in a tail.  A
 * tail is overwritten only when FILE has its rows on the disk.  `lock` guards
 * the tails and what is known of the newest row; `gather_lock` guards the rows that wait
 * to be written, and is never held with the other.  The writing connection
 * belongs to the keeper, before it is started to whoever opens the journal.
 */
#ifndef VG_STORE_JOURNAL_INTERNAL_H
#define VG_STORE_JOURNAL_INTERNAL_H

#include <pthread.h>

#include "store/store_internal.h"

enum {
	VG_TAIL_COUNT = 2,
	VG_TAIL_ROOM = 64 << 20, /* bytes of one tail; rows beyond it are refused */
	VG_MOVE_ROWS = 256       /* rows in a tail from which on they are moved at once */
};

/* ---- what a tail holds (journal_tail.c) ----------------------------------------------- */

/* Bytes of a row in a tail. */
size_t vg_tail_row_size(const vg_journal_row *row);
/* Writes them to `to`; `boot` as vg_tail_boot has it. */
void vg_tail_row_write(char *to, size_t size, const vg_journal_row *row, const vg_chain_code *code, uint64_t boot);

/* Walks over the bytes of a tail, row by row.  To begin with, all is zero but the first two, and `cards` of an earlier
 * walk. */
typedef struct vg_tail_walk {
	const char *bytes;
	size_t length, place; /* place: behind the row */
	bool on_row;          /* else nothing that follows was written behind the row given last */
	vg_journal_row row;   /* its texts lie in `bytes` */
	vg_chain_code code;
	uint64_t boot; /* when it was written */
	vg_journal_card *cards;
	size_t card_room;
} vg_tail_walk;
/* false: there is no further row, or the arena has failed. */
bool vg_tail_next(vg_tail_walk *walk, vg_arena *arena);
/* Whether behind the walk's end there lies a row with a number above `number` that was written since the machine was
 * started: then something was lost before it. */
bool vg_tail_goes_on(const vg_tail_walk *walk, uint64_t number, uint64_t boot);
/* Tells one start of the machine from another. */
uint64_t vg_tail_boot(void);

/* ---- both tails (journal_tails.c) --------------------------------------------------------- */

/* The rows of the tails that follow those in FILE, in order. */
typedef struct vg_tails {
	vg_arena *arena;
	vg_tail_walk walks[VG_TAIL_COUNT];
	uint64_t number;     /* of the row given last */
	vg_journal_row row;  /* that row; lives until the next */
	vg_chain_code code;  /* and its code, as it stands there */
	uint64_t boot;       /* of now */
	const char *problem; /* at the end: what is wrong with the row that should follow; NULL: nothing */
} vg_tails;
/* "FILE.tail-a", "FILE.tail-b" */
const char *vg_tail_path(const char *file, size_t which, vg_arena *arena);
/* Reads both tails of a journal into the arena; one that is not there is empty. */
vigil_status vg_tails_read(const char *file, vg_arena *arena, vg_tails *ret, vigil_error *err);
/* What follows is the row behind this one, the newest in FILE. */
void vg_tails_begin(vg_tails *tails, uint64_t number);
/* false: the end, or the arena has failed. */
bool vg_tails_next(vg_tails *tails);

/* ---- FILE and its tails at one moment (journal_view.c) --------------------------------------- */

typedef struct vg_journal_view {
	vg_arena arena;
	sqlite3 *database; /* in a transaction */
	vg_tails tails;
	uint64_t newest; /* row in FILE */
	int code;        /* SQLite's, when it could not tell that; else SQLITE_OK */
} vg_journal_view;
vigil_status vg_journal_view_open(const char *file, vg_journal_view *ret, vigil_error *err);
void vg_journal_view_close(vg_journal_view *view); /* also of one that failed to open */
/* The number of the newest row in FILE: SQLite's code. */
int vg_journal_newest(sqlite3 *database, uint64_t *ret);
/* The end of the journal only: that the newest row in FILE fits the key and the row before it, that those in the
 * tails follow it, and the head a row.  `report` tells what is wrong, as vg_journal_verify does. */
vigil_status vg_journal_check_end(sqlite3 *database, vg_tails *tails, const char *file, const char *head_file,
				  const vg_chain_key *key, vg_journal_report *report, vigil_error *err);

/* ---- the open journal ----------------------------------------------------------------------- */

typedef struct vg_tail_file {
	const char *path;
	int file;
	uint64_t length;     /* of the rows in it that FILE does not have */
	uint64_t rows, last; /* how many these are, and the number of the newest */
	bool torn;           /* behind `length` may lie what was refused, and could not be cut off */
} vg_tail_file;

typedef struct vg_waiting_row { /* a row that is to be written */
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
	uint64_t boot;

	pthread_mutex_t lock;
	vg_tail_file tails[VG_TAIL_COUNT];
	vg_tail_file *tail; /* that is appended to */
	vg_chain_code code;
	uint64_t number;
	vg_arena row_arena;  /* room in which rows are put together */
	vigil_error trouble; /* why rows could not be moved the last time; status VIGIL_OK: they could */

	/* the keeper */
	pthread_t keeper;
	bool has_keeper, ending; /* `ending` is guarded by `lock` */
	pthread_cond_t keep;
	sqlite3 *database;
	sqlite3_stmt *begin, *commit, *rollback, *insert, *insert_card;
	vg_arena move_arena;
	vg_chain_code moved_code;
	uint64_t moved, head_due; /* head_due: the number of the row at which the head is to be written next */
	int log_pages, log_due;   /* of SQLite's log after the last commit, and at which it is to be moved */

	/* rows that wait for the thread that writes */
	pthread_mutex_t gather_lock;
	pthread_cond_t written;
	bool writing;
	vg_waiting_row *first, *last;

	pthread_mutex_t reader_lock;
	sqlite3 *reader; /* finds cards while rows are written */
	sqlite3_stmt *find_card;
};

/* journal_append.c: cuts off what lies behind the rows; false: errno tells why not. */
bool vg_tail_cut(vg_journal *journal, vg_tail_file *tail);

/* journal_keep.c */
/* Moves rows into FILE and onto the disk; all of them or none. */
vigil_status vg_journal_move(vg_journal *journal, vg_tails *tails, vigil_error *err);
vigil_status vg_journal_keeper_start(vg_journal *journal, vigil_error *err);
void vg_journal_keeper_stop(vg_journal *journal); /* when all rows are moved, if they can be, and the last head is written */

#endif
