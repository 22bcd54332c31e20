/*
 * Private to the floor `rule`: what its files share.
 */
#ifndef VG_RULE_INTERNAL_H
#define VG_RULE_INTERNAL_H

#include <string.h>

#include "rule/rule.h"

/* ---- the vocabulary (words.c) ------------------------------------------------ */

typedef enum vg_refinement_id {
#define REFINEMENT(id, ...) VG_REFINE_##id,
#include "rule/refinements.def"
#undef REFINEMENT
	VG_REFINE_COUNT
} vg_refinement_id;

vg_word_id vg_word_id_of(const vg_word_info *info);
vg_refinement_id vg_refinement_id_of(const vg_refinement_info *info);
/* Whether `word` is one of the blank-separated words of `list`; a "!" behind it does not matter. */
bool vg_list_has(const char *list, const char *word);

#endif
