/*
 * The vocabulary, as tables made from words.def, refinements.def, kinds.def
 * and lines.def.  A word's place in the table is its vg_word_id, a refinement's
 * its vg_refinement_id.  The loader, the compiler, the linter, the editor
 * files and the manual all read these tables and nothing else.
 */
#include "rule/rule_internal.h"

static const vg_word_info words[] = {
#define WORD(id, name, group, form, uses, least, most, arguments, refinements, usage, meaning)                                 \
	{name, group, usage, meaning, form, uses, least, most, arguments, refinements},
#include "rule/words.def"
#undef WORD
};

static const vg_refinement_info refinements[] = {
#define REFINEMENT(id, name, uses, least, most, arguments, usage, meaning) {name, usage, meaning, arguments, least, most, uses},
#include "rule/refinements.def"
#undef REFINEMENT
};

static const vg_kind_info kinds[] = {
#define KIND(name, fields, usage, meaning) {name, usage, meaning, fields},
#include "rule/kinds.def"
#undef KIND
};

static const vg_rule_line_info lines[] = {
#define LINE(name, type, usage, meaning) {name, type, usage, meaning},
#include "rule/lines.def"
#undef LINE
};

const vg_word_info *vg_words(size_t *ret_count)
{
	*ret_count = VG_COUNT(words);
	return words;
}

const vg_refinement_info *vg_refinements(size_t *ret_count)
{
	*ret_count = VG_COUNT(refinements);
	return refinements;
}

const vg_kind_info *vg_kinds(size_t *ret_count)
{
	*ret_count = VG_COUNT(kinds);
	return kinds;
}

const vg_word_info *vg_word_find(const char *name)
{
	for (size_t i = 0; i < VG_COUNT(words); i++)
		if (vg_same_text(words[i].name, name))
			return &words[i];
	return NULL;
}

const vg_refinement_info *vg_refinement_find(const char *name)
{
	for (size_t i = 0; i < VG_COUNT(refinements); i++)
		if (vg_same_text(refinements[i].name, name))
			return &refinements[i];
	return NULL;
}

const vg_kind_info *vg_kind_find(const char *name)
{
	for (size_t i = 0; i < VG_COUNT(kinds); i++)
		if (vg_same_text(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

const vg_rule_line_info *vg_rule_lines(size_t *ret_count)
{
	*ret_count = VG_COUNT(lines);
	return lines;
}

const vg_rule_line_info *vg_rule_line_find(const char *name)
{
	for (size_t i = 0; i < VG_COUNT(lines); i++)
		if (vg_same_text(lines[i].name, name))
			return &lines[i];
	return NULL;
}

vg_word_id vg_word_id_of(const vg_word_info *info) { return (vg_word_id)(info - words); }

vg_refinement_id vg_refinement_id_of(const vg_refinement_info *info) { return (vg_refinement_id)(info - refinements); }

/* Whether `word` is one of the blank-separated words of `list`; a "!" behind it does not matter. */
bool vg_list_has(const char *list, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = list; (at = strstr(at, word)) != NULL; at += length) {
		char after = at[length];
		if ((at == list || at[-1] == ' ') && (after == '\0' || after == ' ' || after == '!'))
			return true;
	}
	return false;
}
