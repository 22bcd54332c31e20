/*
 * A strict reader of comma- or tab-separated text; see csv.c.  Packs' tables
 * are read with it, and what a site imports.
 */
#ifndef VG_CSV_H
#define VG_CSV_H

#include "base/base.h"

enum { VG_CSV_COLUMNS = 64, VG_CSV_CELL = 65536 };
typedef enum vg_csv_problem {
	VG_CSV_FINE,
	VG_CSV_QUOTE_INSIDE,
	VG_CSV_AFTER_QUOTE,
	VG_CSV_UNFINISHED_QUOTE,
	VG_CSV_TOO_MANY_CELLS,
	VG_CSV_CELL_TOO_LONG,
	VG_CSV_NOT_UTF8,
	VG_CSV_CONTROL
} vg_csv_problem;
typedef struct vg_csv {
	char *next, *end;
	char separator; /* a comma after vg_csv_begin; may be set to a tab then */
	int line;       /* of `next` */
	/* the row read last */
	char *cells[VG_CSV_COLUMNS]; /* NUL-terminated inside the text, outer blanks taken off */
	size_t lengths[VG_CSV_COLUMNS];
	size_t cell_count;
	int row_line;
	vg_csv_problem problem;
} vg_csv;
/* `text` has a NUL behind its `length` bytes and is changed by the reading. */
void vg_csv_begin(vg_csv *csv, char *text, size_t length);
bool vg_csv_next(vg_csv *csv); /* false at the end; a row with a problem is a row */
const char *vg_csv_problem_text(vg_csv_problem problem);

#endif
