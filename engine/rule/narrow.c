/*
 * A small rulebook of some rules of a large one, for scans that ask the same
 * few rules of a million records.
 *
 * What a record's index and an evaluation cost hangs on how many sets are
 * watched and how many leaves there are.  So the rules are copied with the
 * leaves, trees and slots that they need and no others; texts, options' dates
 * and the like stay where they are, in the large rulebook, which must live as
 * long.  A rule means here what it means there: tests/evaluation compares them.
 */
#include "rule/rule_internal.h"

typedef struct narrowing {
	const vg_rulebook *whole;
	vg_compiler compiler;        /* as far as slots and triggers need one */
	uint32_t *leaf_of, *node_of; /* the large book's number → ours + 1 */
	vg_leaf *leaves;
	vg_node *nodes;
	uint32_t *children;
	uint32_t leaf_count, node_count, child_count;
} narrowing;

static uint32_t keep_leaf(narrowing *narrow, uint32_t number)
{
	if (number == VG_NO_LEAF)
		return number;
	if (!narrow->leaf_of[number]) {
		vg_leaf *leaf = &narrow->leaves[narrow->leaf_count];
		*leaf = narrow->whole->leaves[number];
		leaf->slot = leaf->slot ? vg_watch_set(&narrow->compiler, leaf->set) : 0;
		for (size_t i = 0; i < VG_COUNT(leaf->helper_sets); i++)
			leaf->helper_slots[i] =
			    leaf->helper_slots[i] ? vg_watch_set(&narrow->compiler, leaf->helper_sets[i]) : 0;
		narrow->leaf_of[number] = ++narrow->leaf_count;
	}
	return narrow->leaf_of[number] - 1;
}

static uint32_t keep_node(narrowing *narrow, uint32_t number)
{
	if (number == VG_NO_NODE)
		return number;
	if (narrow->node_of[number])
		return narrow->node_of[number] - 1;
	vg_node node = narrow->whole->nodes[number];
	const uint32_t *children = &narrow->whole->children[node.first];
	if (node.kind == VG_NODE_LEAF)
		node.leaf = keep_leaf(narrow, node.leaf);
	node.first = narrow->child_count;
	narrow->child_count += node.count;
	for (uint32_t i = 0; i < node.count; i++)
		narrow->children[node.first + i] = keep_node(narrow, children[i]);
	narrow->nodes[narrow->node_count] = node;
	narrow->node_of[number] = ++narrow->node_count;
	return narrow->node_of[number] - 1;
}

static const void *copy(narrowing *narrow, const void *items, size_t count, size_t size)
{
	void *kept = vg_alloc_array(&narrow->compiler.book->arena, count, size);
	if (kept && count)
		memcpy(kept, items, count * size);
	return kept;
}

static void keep_text(narrowing *narrow, vg_text *text)
{
	vg_part *parts = (vg_part *)copy(narrow, text->parts, text->count, sizeof *parts); /* ours, not yet shared */
	for (size_t i = 0; parts && i < text->count; i++)
		parts[i].leaf = keep_leaf(narrow, parts[i].leaf);
	text->parts = parts;
}

static void keep_rule(narrowing *narrow, vg_rule *rule)
{
	rule->requires = keep_node(narrow, rule->requires);
	rule->unless = keep_node(narrow, rule->unless);
	vg_case *cases = (vg_case *)copy(narrow, rule->cases, rule->case_count, sizeof *cases);
	for (size_t i = 0; cases && i < rule->case_count; i++) {
		cases[i].node = keep_node(narrow, cases[i].node);
		keep_text(narrow, &cases[i].say);
	}
	vg_need *needs = (vg_need *)copy(narrow, rule->needs, rule->need_count, sizeof *needs);
	for (size_t i = 0; needs && i < rule->need_count; i++)
		needs[i].leaf = keep_leaf(narrow, needs[i].leaf);
	vg_option *options = (vg_option *)copy(narrow, rule->options, rule->option_count, sizeof *options);
	for (size_t i = 0; options && i < rule->option_count; i++) {
		options[i].leaf = keep_leaf(narrow, options[i].leaf);
		options[i].also = keep_node(narrow, options[i].also);
	}
	rule->cases = cases;
	rule->needs = needs;
	rule->options = options;
	keep_text(narrow, &rule->warn);
	keep_text(narrow, &rule->ask);
	keep_text(narrow, &rule->remind);
}

/* Room for as much as the large book has. */
static bool make_room(narrowing *narrow)
{
	const vg_rulebook *whole = narrow->whole;
	vg_arena *scratch = &narrow->compiler.scratch;
	size_t children = 0;
	for (uint32_t i = 0; i < whole->node_count; i++)
		children += whole->nodes[i].count;
	narrow->leaf_of = vg_alloc_array(scratch, whole->leaf_count, sizeof *narrow->leaf_of);
	narrow->node_of = vg_alloc_array(scratch, whole->node_count, sizeof *narrow->node_of);
	narrow->leaves = vg_alloc_array(scratch, whole->leaf_count, sizeof *narrow->leaves);
	narrow->nodes = vg_alloc_array(scratch, whole->node_count, sizeof *narrow->nodes);
	narrow->children = vg_alloc_array(scratch, children, sizeof *narrow->children);
	narrow->compiler.slot_count = 1;
	narrow->compiler.slot_of_set = vg_alloc_array(&narrow->compiler.book->arena, vg_set_count(whole->knowledge) + 1,
						      sizeof *narrow->compiler.slot_of_set);
	return !scratch->failed && narrow->compiler.slot_of_set;
}

/* In the large book's order, each once, whatever order they are named in. */
static bool keep_rules(narrowing *narrow, const uint32_t *rules, size_t count)
{
	vg_rulebook *book = narrow->compiler.book;
	vg_bits *wanted = vg_alloc_array(&narrow->compiler.scratch, narrow->whole->words, sizeof *wanted);
	vg_rule *kept = vg_alloc_array(&book->arena, count, sizeof *kept);
	if (!wanted || !kept)
		return false;
	for (size_t i = 0; i < count; i++)
		vg_bit_set(wanted, rules[i]);
	for (uint32_t i = 0; i < narrow->whole->rule_count; i++) {
		if (!vg_bit_test(wanted, i))
			continue;
		kept[book->rule_count] = narrow->whole->rules[i];
		keep_rule(narrow, &kept[book->rule_count++]);
	}
	book->rules = kept;
	book->words = VG_BITS_WORDS(book->rule_count);
	book->leaves = copy(narrow, narrow->leaves, narrow->leaf_count, sizeof *narrow->leaves);
	book->nodes = copy(narrow, narrow->nodes, narrow->node_count, sizeof *narrow->nodes);
	book->children = copy(narrow, narrow->children, narrow->child_count, sizeof *narrow->children);
	book->leaf_count = narrow->leaf_count;
	book->node_count = narrow->node_count;
	narrow->compiler.leaves = narrow->leaves;
	narrow->compiler.leaf_count = narrow->leaf_count;
	return !book->arena.failed;
}

vigil_status vg_rulebook_narrow(const vg_rulebook *whole, const uint32_t *rules, size_t count, const vg_allocator *allocator,
				vg_rulebook **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_rulebook *book = vg_alloc(&arena, sizeof *book);
	if (!book) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	book->arena = arena;
	book->knowledge = whole->knowledge;
	memcpy(book->replaced_rows, whole->replaced_rows, sizeof book->replaced_rows);
	narrowing narrow = {.whole = whole, .compiler = {.book = book, .knowledge = whole->knowledge}};
	vg_arena_init(&narrow.compiler.scratch, allocator, 0);
	bool good = make_room(&narrow) && keep_rules(&narrow, rules, count) && vg_build_triggers(&narrow.compiler);
	book->watch = (vg_watch){narrow.compiler.slot_of_set, narrow.compiler.slot_count};
	good = good && !book->arena.failed && !narrow.compiler.scratch.failed;
	vg_arena_free(&narrow.compiler.scratch);
	if (!good) {
		vg_rulebook_free(book);
		return vg_fail_memory(err);
	}
	*ret = book;
	return VIGIL_OK;
}
