/*
 * What the imports share (import.c): places, a file that replaces another one
 * at once, and lines of CSV.  A file that was imported begins with a line
 * "# vigil import NAME from SOURCE, COUNT CODES", which list-imports reads back.
 */
#ifndef VG_IMPORT_H
#define VG_IMPORT_H

#include <stdio.h>

#include "cli/cli.h"

typedef struct vg_import_file { /* written beside its place, then renamed */
	const char *path, *temporary;
	FILE *stream;
} vg_import_file;

/* `path` is relative to the import folder, which is made when it is missing. */
vigil_status vg_import_begin(vg_cli *cli, const char *folder, const char *path, vg_import_file *ret, vigil_error *err);
void vg_import_abandon(vg_import_file *file); /* nothing is left of it; does nothing when it was finished */
vigil_status vg_import_finish(vg_import_file *file, vigil_error *err);
/* The same for files of one folder that belong together: all of them appear at once, or none. */
vigil_status vg_import_finish_all(vg_cli *cli, vg_import_file *files, size_t count, vigil_error *err);
/* The line that says what this is. */
void vg_import_head(vg_import_file *file, const char *name, const char *source, size_t count, const char *of);
void vg_import_row(FILE *stream, const char *const *cells, size_t count); /* one line of CSV */
const char *vg_import_slug(vg_cli *cli, const char *text);                /* "Diabetes, type 2" → "diabetes-type-2" */
vigil_status vg_import_fail_write(const char *path, vigil_error *err);    /* says errno */

/* Each writes its files below `folder` and says in *ret what it did. */
vigil_status vg_import_rxnorm(vg_cli *cli, const char *source, const char *folder, const char **ret, vigil_error *err);
vigil_status vg_import_valueset(vg_cli *cli, const char *source, const char *folder, const char *set, const char **ret,
				vigil_error *err);
vigil_status vg_import_sets(vg_cli *cli, const char *source, const char *folder, const char **ret, vigil_error *err);
vigil_status vg_import_local_codes(vg_cli *cli, const char *source, const char *folder, const char **ret, vigil_error *err);
int vg_command_import(vg_cli *cli, const vg_options *options); /* import, list-imports, remove */

#endif
