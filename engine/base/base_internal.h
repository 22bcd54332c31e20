/*
 * Shared by the files of the base floor and by nobody else.
 */
#ifndef VG_BASE_INTERNAL_H
#define VG_BASE_INTERNAL_H

#include "base/base.h"

/* Makes a block of the arena larger: in place when it is the arena's newest
 * and there is room behind it, else by copying.  `old` may be NULL.  The new
 * part is zeroed.  NULL when memory ran out; the old block is untouched. */
void *vg_arena_extend(vg_arena *arena, void *old, size_t old_size, size_t new_size);

/* vg_hash of a text that is long enough for a call (fingerprint.c). */
uint64_t vg_hash_long(const void *bytes, size_t length);

/* The simple case folding of one character: İ and ı stay what they are. */
uint32_t vg_fold_character(uint32_t character);

/* Reads one character of a NUL-terminated or bounded text and tells its bytes
 * through `step`.  A byte that begins no valid character counts as itself,
 * above the range of Unicode, so that it equals only the same byte. */
uint32_t vg_utf8_read(const char *text, size_t length, size_t *step);

#endif
