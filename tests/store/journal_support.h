/* What the journal's tests share: a folder of their own with one journal in it, and sample rows. */
#ifndef VG_JOURNAL_SUPPORT_H
#define VG_JOURNAL_SUPPORT_H

#include "store/store_internal.h"
#include "support/support.h"

typedef struct journal_place { /* a new folder under $TMPDIR, and the paths in it */
	char folder[64], file[96], head[112], key[112];
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

#endif
