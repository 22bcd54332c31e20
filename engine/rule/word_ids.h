/* The condition words as numbers, from words.def. */
#ifndef VG_WORD_IDS_H
#define VG_WORD_IDS_H
typedef enum vg_word_id {
#define WORD(id, ...) VG_WORD_##id,
#include "rule/words.def"
#undef WORD
	VG_WORD_COUNT
} vg_word_id;
#endif
