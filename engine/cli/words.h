/* Shared by words.c and words_editor.c: what `vigil words` writes. */
#ifndef VG_WORDS_H
#define VG_WORDS_H

#include "cli/cli.h"

typedef struct vg_words_file {
	const char *format, *name; /* of --format, and below --out */
	void (*write)(vg_buffer *out);
} vg_words_file;

bool vg_words_next(const char **list, char name[64]); /* of a blank-separated list; false at its end */

void vg_words_luals(vg_buffer *out);    /* definitions for lua-language-server, with the text that it shows on hover */
void vg_words_plugin(vg_buffer *out);   /* its plugin, which writes () behind refinements that stand bare */
void vg_words_luarc(vg_buffer *out);    /* its settings */
void vg_words_luacheck(vg_buffer *out); /* the names that luacheck knows */

#endif
