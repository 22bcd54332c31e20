/*
 * What a rule needs of a record: its sections and the sets that it looks at,
 * for `vigil show`, prefetch templates and FHIR searches.  Derived from the
 * trees, never declared by hand.
 */
#include "rule/rule_internal.h"

#include <stdlib.h>

typedef struct set_collector {
	const vg_rulebook *rulebook;
	vg_arena *arena;
	uint32_t *sets;
	size_t count, capacity;
} set_collector;

static void add_set(set_collector *collector, vg_set set)
{
	if (!set)
		return;
	for (size_t i = 0; i < collector->count; i++)
		if (collector->sets[i] == set)
			return;
	uint32_t *sets = vg_grow(collector->arena, collector->sets, collector->count, &collector->capacity, sizeof *sets);
	if (!sets)
		return;
	collector->sets = sets;
	sets[collector->count++] = set;
}

static void add_leaf(set_collector *collector, uint32_t number)
{
	if (number == VG_NO_LEAF)
		return;
	const vg_leaf *leaf = &collector->rulebook->leaves[number];
	add_set(collector, leaf->set);
	add_set(collector, leaf->other_set);
	for (size_t i = 0; i < VG_COUNT(leaf->helper_sets); i++)
		add_set(collector, leaf->helper_sets[i]);
}

static void add_node(set_collector *collector, uint32_t number)
{
	if (number == VG_NO_NODE)
		return;
	const vg_node *node = &collector->rulebook->nodes[number];
	if (node->kind == VG_NODE_LEAF)
		add_leaf(collector, node->leaf);
	for (uint32_t i = 0; i < node->count; i++)
		add_node(collector, collector->rulebook->children[node->first + i]);
}

static void add_text(set_collector *collector, vg_text text)
{
	for (size_t i = 0; i < text.count; i++)
		add_leaf(collector, text.parts[i].leaf);
}

static int compare_sets(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	return (a > b) - (a < b);
}

unsigned vg_rule_sections(const vg_rulebook *rulebook, uint32_t rule) { return rulebook->rules[rule].sections; }

vg_ids vg_rule_sets(const vg_rulebook *rulebook, uint32_t number, vg_arena *arena)
{
	set_collector collector = {.rulebook = rulebook, .arena = arena};
	const vg_rule *rule = &rulebook->rules[number];
	const vg_set own[] = {rule->ordering, rule->taking, rule->pair[0], rule->pair[1], rule->subject};
	for (size_t i = 0; i < VG_COUNT(own); i++)
		add_set(&collector, own[i]);
	add_node(&collector, rule->requires);
	add_node(&collector, rule->unless);
	for (size_t i = 0; i < rule->case_count; i++) {
		add_node(&collector, rule->cases[i].node);
		add_text(&collector, rule->cases[i].say);
	}
	for (size_t i = 0; i < rule->need_count; i++)
		add_leaf(&collector, rule->needs[i].leaf);
	for (size_t i = 0; i < rule->option_count; i++) {
		add_leaf(&collector, rule->options[i].leaf);
		add_node(&collector, rule->options[i].also);
	}
	add_text(&collector, rule->warn);
	add_text(&collector, rule->ask);
	add_text(&collector, rule->remind);
	if (collector.count)
		qsort(collector.sets, collector.count, sizeof *collector.sets, compare_sets);
	return (vg_ids){collector.sets, collector.count};
}
