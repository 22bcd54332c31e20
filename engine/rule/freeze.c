/*
 * From the compiler's growing arrays to the rulebook's: contiguous, sorted,
 * immutable, in one arena.  Nothing points back to declarations or scratch.
 */
#include "rule/rule_internal.h"

#include <stdlib.h>

static int compare_rules(const void *left, const void *right)
{
	const vg_rule *a = left, *b = right;
	return a->severity != b->severity ? (a->severity < b->severity) - (a->severity > b->severity) : strcmp(a->id, b->id);
}

static void *keep_array(vg_compiler *compiler, const void *items, size_t count, size_t size)
{
	void *kept = vg_alloc_array(&compiler->book->arena, count, size);
	if (kept && count)
		memcpy(kept, items, count * size);
	return kept;
}

/* ---- what a rule reads -------------------------------------------------------------- */

typedef struct rule_reading {
	unsigned sections;
	bool age, sex;
} rule_reading;

static void read_leaf(const vg_rulebook *book, uint32_t number, rule_reading *ret)
{
	if (number == VG_NO_LEAF)
		return;
	const vg_leaf *leaf = &book->leaves[number];
	ret->sections |= leaf->sections;
	ret->age |= leaf->word == VG_WORD_AGE_BETWEEN || leaf->word == VG_WORD_AGE_AT_LEAST ||
		    leaf->word == VG_WORD_AGE_BELOW || leaf->word == VG_WORD_AGE_IN_YEARS || vg_duration_given(leaf->after_age);
	ret->sex |= leaf->word == VG_WORD_SEX;
}

static void read_node(const vg_rulebook *book, uint32_t number, rule_reading *ret)
{
	if (number == VG_NO_NODE)
		return;
	const vg_node *node = &book->nodes[number];
	if (node->kind == VG_NODE_LEAF)
		read_leaf(book, node->leaf, ret);
	for (uint32_t i = 0; i < node->count; i++)
		read_node(book, book->children[node->first + i], ret);
}

static unsigned kind_sections(const vg_rule *rule)
{
	unsigned medications = 1u << VG_MEDICATIONS;
	switch (rule->kind) {
	case VG_KIND_INTERACTION:
	case VG_KIND_DUPLICATE_THERAPY:
		return medications;
	case VG_KIND_ALLERGY:
		return 1u << VG_ALLERGIES;
	case VG_KIND_DUPLICATE_TEST:
		return 1u << VG_RESULTS | 1u << VG_ORDERS;
	default:
		return rule->triggers & VG_ON_TAKING ? medications : 0;
	}
}

static void settle_rule(const vg_rulebook *book, vg_rule *rule)
{
	rule_reading reading = {kind_sections(rule), false, false};
	read_node(book, rule->requires, &reading);
	read_node(book, rule->unless, &reading);
	for (size_t i = 0; i < rule->case_count; i++)
		read_node(book, rule->cases[i].node, &reading);
	for (size_t i = 0; i < rule->need_count; i++)
		read_leaf(book, rule->needs[i].leaf, &reading);
	for (size_t i = 0; i < rule->option_count; i++) {
		read_leaf(book, rule->options[i].leaf, &reading);
		read_node(book, rule->options[i].also, &reading);
	}
	rule->sections = reading.sections;
	rule->uses_age = reading.age;
	rule->uses_sex = reading.sex;
}

unsigned vg_node_needs(const vg_rulebook *rulebook, uint32_t node, bool *age, bool *sex)
{
	rule_reading reading = {0};
	read_node(rulebook, node, &reading);
	*age = *age || reading.age;
	*sex = *sex || reading.sex;
	return reading.sections;
}

/* ---- replaced rows -------------------------------------------------------------------- */

static bool names_rule(const vg_rulebook *book, const char *id) { return vg_rule_find(book, id) != UINT32_MAX; }

const char *vg_rule_replacing(const vg_rulebook *rulebook, const char *id)
{
	for (uint32_t i = 0; i < rulebook->rule_count; i++)
		for (size_t j = 0; j < rulebook->rules[i].replaces_count; j++)
			if (strcmp(rulebook->rules[i].replaces[j], id) == 0)
				return rulebook->rules[i].id;
	return NULL;
}

static bool find_replaced(vg_compiler *compiler)
{
	vg_rulebook *book = compiler->book;
	vg_bits *rows[2];
	for (int family = 0; family < 2; family++) {
		rows[family] = vg_alloc_array(
		    &book->arena, VG_BITS_WORDS(vg_pair_count(compiler->knowledge, (vg_family)family)), sizeof *rows[family]);
		if (!rows[family])
			return false;
		book->replaced_rows[family] = rows[family];
	}
	for (uint32_t i = 0; i < book->rule_count; i++) {
		const vg_rule *rule = &book->rules[i];
		compiler->rule = rule->id;
		for (size_t j = 0; j < rule->replaces_count; j++) {
			bool found = names_rule(book, rule->replaces[j]);
			for (int family = 0; family < 2; family++) {
				uint32_t row = vg_pair_find_id(compiler->knowledge, (vg_family)family, rule->replaces[j]);
				if (row != UINT32_MAX)
					vg_bit_set(rows[family], row);
				found |= row != UINT32_MAX;
			}
			if (!found)
				VG_COMPLAIN(compiler, VG209, rule->place, "Correct the id, or take it out of replaces.",
					    "`replaces` names \"%s\", and there is no such row or rule.", rule->replaces[j]);
		}
	}
	return true;
}

/* ---- freezing ---------------------------------------------------------------------------- */

static bool keep_definitions(vg_compiler *compiler)
{
	vg_definition *definitions = vg_alloc_array(&compiler->book->arena, compiler->defined_count, sizeof *definitions);
	if (!definitions)
		return false;
	for (size_t i = 0; i < compiler->defined_count; i++) {
		const vg_defined *defined = &compiler->defined[i];
		int side = defined->progress[0] == VG_COMPILED ? 0 : 1;
		definitions[i] = (vg_definition){.name = vg_keep_text(compiler, defined->declaration->id),
						 .node = defined->faulty ? VG_NO_NODE : defined->nodes[side],
						 .place = vg_keep_place(compiler, defined->declaration->place),
						 .used = defined->used};
	}
	compiler->book->definitions = definitions;
	compiler->book->definition_count = (uint32_t)compiler->defined_count;
	return true;
}

bool vg_freeze_rulebook(vg_compiler *compiler)
{
	vg_rulebook *book = compiler->book;
	vg_rule *rules = keep_array(compiler, compiler->rules, compiler->rule_count, sizeof *rules);
	book->leaves = keep_array(compiler, compiler->leaves, compiler->leaf_count, sizeof *book->leaves);
	book->nodes = keep_array(compiler, compiler->nodes, compiler->node_count, sizeof *book->nodes);
	book->children = keep_array(compiler, compiler->children, compiler->child_count, sizeof *book->children);
	if (!rules || !book->leaves || !book->nodes || !book->children || !keep_definitions(compiler))
		return false;
	book->leaf_count = (uint32_t)compiler->leaf_count;
	book->node_count = (uint32_t)compiler->node_count;
	book->rule_count = (uint32_t)compiler->rule_count;
	book->rules = rules;
	book->words = VG_BITS_WORDS(book->rule_count);
	if (book->rule_count)
		qsort(rules, book->rule_count, sizeof *rules, compare_rules);
	for (uint32_t i = 0; i < book->rule_count; i++)
		settle_rule(book, &rules[i]);
	rule_reading reading = {0, false, false};
	for (size_t i = 0; i < book->pair_case_count; i++)
		read_node(book, book->pair_case_nodes[i], &reading);
	book->pair_sections = reading.sections | 1u << VG_MEDICATIONS | 1u << VG_ALLERGIES;
	if (!find_replaced(compiler) || !vg_build_triggers(compiler))
		return false;
	book->watch = (vg_watch){compiler->slot_of_set, compiler->slot_count};
	return vg_compiler_sound(compiler);
}
