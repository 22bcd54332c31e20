/* What the journal's tests share: a folder of their own with one journal in it, and sample rows. */
#ifndef VG_JOURNAL_SUPPORT_H
#define VG_JOURNAL_SUPPORT_H

#include "store/store_internal.h"
#include "support/support.h"

typedef struct journal_place { /* a new folder under $TMPDIR, and the paths in it */
	char folder[64], file[96], head[112], key[112], tails[2][112];
} journal_place;
void journal_place_make(journal_place *place);
void journal_place_remove(journal_place *place);

vg_journal *journal_open(const journal_place *place, vg_durability durability); /* checks that it opens */
vigil_status journal_try(const journal_place *place, vigil_error *err);         /* opens and closes */
/* Row n, with two cards when n is odd; its body names n. */
vigil_status journal_add(vg_journal *journal, uint64_t n, uint64_t *ret_number);
void journal_fill(const journal_place *place, uint64_t rows); /* opens, adds rows 1 … n, closes */
/* Opens the file with SQLite, with the triggers off, as somebody would who wants to change it. */
void journal_tamper(const journal_place *place, const char *sql);
vg_journal_report journal_verified(const journal_place *place); /* checks that it could be read */
void copy_file(const char *from, const char *to);

/* Adds rows 1 … n and kills the process that wrote them, so that the rows from `moved` + 1 on lie in the tails; with
 * `moved` 0 the first VG_MOVE_ROWS of them in the first tail. */
void journal_kill(const journal_place *place, vg_durability durability, uint64_t moved, uint64_t rows);
/* The numbers of the rows that readers are given, and of the last; `status`: of the reading. */
typedef struct journal_seen {
	vigil_status status;
	uint64_t rows, last, cards;
} journal_seen;
journal_seen journal_read_all(const journal_place *place);

/* What the journal's tails are written with, instead of the system's calls; NULL: these.  Set by tests, taken back by
 * them. */
typedef struct tail_calls {
	ssize_t (*pwrite)(int file, const void *bytes, size_t length, off_t at);
	int (*fdatasync)(int file);
	int (*ftruncate)(int file, off_t length);
	const char *_Atomic boot_file; /* read instead of the system's, to seem to be another start of the machine */
} tail_calls;
extern tail_calls tail_hooks;
ssize_t real_pwrite(int file, const void *bytes, size_t length, off_t at);
int real_ftruncate(int file, off_t length);
/* The path of an open file. */
void path_of(int file, char *out, size_t size);

#endif
