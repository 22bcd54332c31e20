/*
 * Trigger keys: which facts must be present for a rule to matter.
 *
 * A promise is a set of keys: if none of them holds for a scene, the tree is
 * false.  Keys are sets with facts in the chart, sets with orders or drafts,
 * sections that are not complete, and "an allergy is recorded".  A leaf
 * promises what it needs to be anything but false; leaves that nothing makes
 * false for certain (ages, latest, settings) promise nothing.  all{} takes the
 * rarest promise of its children; any{} needs one from every child and joins
 * them; at_least{n of m} joins the m - n + 1 rarest; none{} promises nothing.
 * A rule has besides the promise of its occasion: an order of its set, a
 * medication of its set.
 *
 * Because unknown counts as not false, every key of a section is joined by
 * "the section is not complete": unknown data descends into every branch.
 *
 * Invariant: candidates(scene) contains every rule whose outcome is not
 * silent.  tests/rule/test_trigger.c compares the index with a full scan.
 */
#include "rule/rule_internal.h"

#include <stdlib.h>

enum { TRIGGER_BITS = 6 };

typedef struct vg_slot_rules { /* slot → rules: one list after the other */
	const uint32_t *first; /* slot_count + 1 items */
	const uint32_t *rules;
	const uint32_t *used; /* the slots that have rules */
	uint32_t used_count;
} vg_slot_rules;

struct vg_trigger_index {
	vg_slot_rules chart, orders;
	const vg_bits *sections[VG_SECTION_COUNT]; /* rules that matter while the section is not complete */
	const vg_bits *allergies;                  /* rules that matter when an allergy is recorded */
	const vg_bits *always;                     /* rules without a promise */
	const vg_bits *by_trigger[TRIGGER_BITS];   /* rules of each vg_trigger bit; retired ones of none */
};

typedef struct key_promise {
	bool given; /* false: may be anything whatever the record holds */
	uint32_t *chart, *orders;
	size_t chart_count, orders_count;
	unsigned sections;
	bool allergies;
	double weight; /* how many codes could keep it: smaller is rarer */
} key_promise;

typedef struct index_builder {
	vg_compiler *compiler;
	const vg_rulebook *book;
	key_promise *promises; /* one a rule */
} index_builder;

/* ---- promises ------------------------------------------------------------------------ */

static double set_weight(const index_builder *builder, vg_set set)
{
	return 1 + (double)vg_set_members(builder->book->knowledge, set).count;
}

static void add_slot(index_builder *builder, uint32_t **slots, size_t *count, uint32_t slot)
{
	for (size_t i = 0; i < *count; i++)
		if ((*slots)[i] == slot)
			return;
	uint32_t *grown = vg_alloc_array(&builder->compiler->scratch, *count + 1, sizeof *grown);
	if (!grown)
		return;
	if (*count)
		memcpy(grown, *slots, *count * sizeof *grown);
	grown[(*count)++] = slot;
	*slots = grown;
}

static void promise_set(index_builder *builder, key_promise *promise, vg_set set, bool chart, bool orders)
{
	uint32_t slot = builder->compiler->slot_of_set[set];
	promise->weight += set_weight(builder, set);
	if (chart)
		add_slot(builder, &promise->chart, &promise->chart_count, slot);
	if (orders)
		add_slot(builder, &promise->orders, &promise->orders_count, slot);
}

static void join(index_builder *builder, key_promise *to, const key_promise *from)
{
	for (size_t i = 0; i < from->chart_count; i++)
		add_slot(builder, &to->chart, &to->chart_count, from->chart[i]);
	for (size_t i = 0; i < from->orders_count; i++)
		add_slot(builder, &to->orders, &to->orders_count, from->orders[i]);
	to->sections |= from->sections;
	to->allergies |= from->allergies;
	to->weight += from->weight;
	to->given &= from->given;
}

/* A dose of nothing at all is 0, which is below any limit. */
static bool needs_a_dose(const vg_leaf *leaf)
{
	if (vg_duration_given(leaf->often))
		return true;
	bool from_below = leaf->comparison == VG_ABOVE || leaf->comparison == VG_AT_LEAST || leaf->comparison == VG_BETWEEN;
	return from_below && leaf->low.number > 0;
}

static key_promise promise_of_leaf(index_builder *builder, const vg_leaf *leaf)
{
	key_promise promise = {.given = true, .sections = leaf->sections};
	switch (leaf->word) {
	case VG_WORD_TAKING:
	case VG_WORD_STARTED:
	case VG_WORD_STOPPED:
	case VG_WORD_HAS_CONDITION:
	case VG_WORD_EVER_HAD:
	case VG_WORD_FAMILY_HISTORY_OF:
	case VG_WORD_RESULTED:
	case VG_WORD_DONE:
	case VG_WORD_DECLINED:
	case VG_WORD_ORDERED:
	case VG_WORD_VACCINATED:
	case VG_WORD_VISITED:
		promise_set(builder, &promise, leaf->set, true, false);
		return promise;
	case VG_WORD_ORDERING:
		promise_set(builder, &promise, leaf->set, false, true);
		return promise;
	case VG_WORD_WILL_BE_TAKING:
		promise_set(builder, &promise, leaf->set, true, true);
		return promise;
	case VG_WORD_TOTAL_DAILY_DOSE:
		promise.given = needs_a_dose(leaf);
		promise_set(builder, &promise, leaf->set, true, true);
		return promise;
	case VG_WORD_HAS_ALLERGY_TO:
		promise.allergies = true;
		promise.weight = 1000; /* many patients have some allergy */
		return promise;
	case VG_WORD_PREGNANT:
	case VG_WORD_IN_HOSPICE:
		for (size_t i = 0; i < VG_COUNT(leaf->helper_sets); i++)
			if (leaf->helper_sets[i])
				promise_set(builder, &promise, leaf->helper_sets[i], true, false);
		return promise;
	case VG_WORD_THIS_ORDER:
		promise.given = leaf->other_set != 0;
		promise.sections |= 1u << VG_MEDICATIONS;
		if (leaf->other_set)
			promise_set(builder, &promise, leaf->other_set, true, true);
		return promise;
	default:
		promise.given = false;
		return promise;
	}
}

static int compare_weights(const void *left, const void *right)
{
	const key_promise *a = left, *b = right;
	if (a->given != b->given)
		return b->given - a->given;
	return (a->weight > b->weight) - (a->weight < b->weight);
}

static key_promise promise_of_node(index_builder *builder, uint32_t number)
{
	const vg_node *node = &builder->book->nodes[number];
	key_promise joined = {.given = true};
	if (node->kind == VG_NODE_LEAF)
		return promise_of_leaf(builder, &builder->book->leaves[node->leaf]);
	if (node->kind == VG_NODE_NONE)
		return (key_promise){.given = false};
	key_promise *children = vg_alloc_array(&builder->compiler->scratch, node->count, sizeof *children);
	if (!children)
		return (key_promise){.given = false};
	for (uint32_t i = 0; i < node->count; i++)
		children[i] = promise_of_node(builder, builder->book->children[node->first + i]);
	qsort(children, node->count, sizeof *children, compare_weights);
	size_t needed = node->kind == VG_NODE_ALL   ? 1
			: node->kind == VG_NODE_ANY ? node->count
						    : node->count - node->least + 1u;
	for (size_t i = 0; i < needed; i++)
		join(builder, &joined, &children[i]);
	return joined;
}

/* What must be there for the rule to be asked at all. */
static key_promise promise_of_occasion(index_builder *builder, const vg_rule *rule)
{
	key_promise promise = {.given = true};
	if (rule->triggers & (VG_ON_ANY_ORDER | VG_ON_CHART | VG_ON_DISCHARGE)) {
		promise.given = false;
		return promise;
	}
	if (rule->triggers & VG_ON_ORDERING)
		promise_set(builder, &promise, rule->ordering, false, true);
	if (rule->triggers & VG_ON_TAKING)
		promise_set(builder, &promise, rule->taking, true, false);
	if (rule->triggers & VG_ON_TAKING || rule->kind == VG_KIND_DUPLICATE_THERAPY)
		promise.sections |= 1u << VG_MEDICATIONS;
	if (rule->kind == VG_KIND_DUPLICATE_THERAPY)
		promise_set(builder, &promise, rule->ordering, true, false); /* of what is taken already, when that is judged */
	if (rule->triggers & VG_ON_PAIR) {
		bool second =
		    rule->kind == VG_KIND_ALLERGY || set_weight(builder, rule->pair[1]) < set_weight(builder, rule->pair[0]);
		promise_set(builder, &promise, rule->pair[second], true, true);
		promise.sections |= 1u << VG_MEDICATIONS;
	}
	return promise;
}

static key_promise promise_of_rule(index_builder *builder, const vg_rule *rule)
{
	key_promise occasion = promise_of_occasion(builder, rule);
	if (rule->requires == VG_NO_NODE)
		return occasion;
	key_promise requires = promise_of_node(builder, rule->requires);
	return compare_weights(&occasion, &requires) <= 0 ? occasion : requires;
}

/* ---- the index -------------------------------------------------------------------------- */

static bool build_slots(index_builder *builder, bool orders, vg_slot_rules *ret)
{
	vg_arena *arena = &builder->compiler->book->arena;
	uint32_t slots = builder->compiler->slot_count, rules = builder->book->rule_count;
	uint32_t *first = vg_alloc_array(arena, (size_t)slots + 2, sizeof *first);
	uint32_t *used = vg_alloc_array(arena, slots, sizeof *used);
	if (!first || !used)
		return false;
	for (uint32_t rule = 0; rule < rules; rule++) {
		const key_promise *promise = &builder->promises[rule];
		size_t count = !promise->given ? 0 : orders ? promise->orders_count : promise->chart_count;
		for (size_t i = 0; i < count; i++)
			first[(orders ? promise->orders : promise->chart)[i] + 2]++;
	}
	for (uint32_t slot = 0; slot < slots; slot++) {
		if (first[slot + 2])
			used[ret->used_count++] = slot;
		first[slot + 2] += first[slot + 1];
	}
	uint32_t *list = vg_alloc_array(arena, first[slots + 1], sizeof *list);
	if (!list)
		return false;
	/* first[slot + 1] runs from the beginning of the slot's list to its end. */
	for (uint32_t rule = 0; rule < rules; rule++) {
		const key_promise *promise = &builder->promises[rule];
		size_t count = !promise->given ? 0 : orders ? promise->orders_count : promise->chart_count;
		for (size_t i = 0; i < count; i++)
			list[first[(orders ? promise->orders : promise->chart)[i] + 1]++] = rule;
	}
	ret->first = first;
	ret->rules = list;
	ret->used = used;
	return true;
}

static bool build_bits(index_builder *builder, struct vg_trigger_index *index)
{
	vg_arena *arena = &builder->compiler->book->arena;
	size_t words = builder->book->words;
	vg_bits *bits = vg_alloc_array(arena, words * (VG_SECTION_COUNT + 2 + TRIGGER_BITS), sizeof *bits);
	if (!bits)
		return false;
	vg_bits *sections = bits, *allergies = bits + words * VG_SECTION_COUNT, *always = allergies + words,
		*triggers = always + words;
	for (uint32_t i = 0; i < builder->book->rule_count; i++) {
		const key_promise *promise = &builder->promises[i];
		const vg_rule *rule = &builder->book->rules[i];
		if (!promise->given)
			vg_bit_set(always, i);
		for (unsigned section = 0; promise->given && section < VG_SECTION_COUNT; section++)
			if (promise->sections >> section & 1)
				vg_bit_set(sections + words * section, i);
		if (promise->given && promise->allergies)
			vg_bit_set(allergies, i);
		for (unsigned trigger = 0; rule->status != VG_STATUS_RETIRED && trigger < TRIGGER_BITS; trigger++)
			if (rule->triggers >> trigger & 1)
				vg_bit_set(triggers + words * trigger, i);
	}
	for (unsigned section = 0; section < VG_SECTION_COUNT; section++)
		index->sections[section] = sections + words * section;
	for (unsigned trigger = 0; trigger < TRIGGER_BITS; trigger++)
		index->by_trigger[trigger] = triggers + words * trigger;
	index->allergies = allergies;
	index->always = always;
	return true;
}

/* Sets of occasions are watched like those of leaves. */
static void watch_occasions(vg_compiler *compiler)
{
	for (uint32_t i = 0; i < compiler->book->rule_count; i++) {
		const vg_rule *rule = &compiler->book->rules[i];
		const vg_set sets[] = {rule->ordering, rule->taking, rule->pair[0], rule->pair[1], rule->subject};
		for (size_t j = 0; j < VG_COUNT(sets); j++)
			vg_watch_set(compiler, sets[j]);
	}
	for (size_t i = 0; i < compiler->leaf_count; i++)
		if (compiler->leaves[i].word == VG_WORD_THIS_ORDER)
			vg_watch_set(compiler, compiler->leaves[i].other_set);
}

bool vg_build_triggers(vg_compiler *compiler)
{
	vg_rulebook *book = compiler->book;
	index_builder builder = {.compiler = compiler, .book = book};
	struct vg_trigger_index *index = vg_alloc(&book->arena, sizeof *index);
	builder.promises = vg_alloc_array(&compiler->scratch, book->rule_count, sizeof *builder.promises);
	if (!index || !builder.promises)
		return false;
	watch_occasions(compiler);
	for (uint32_t i = 0; i < book->rule_count; i++)
		builder.promises[i] = promise_of_rule(&builder, &book->rules[i]);
	if (!build_slots(&builder, false, &index->chart) || !build_slots(&builder, true, &index->orders) ||
	    !build_bits(&builder, index))
		return false;
	book->triggers = index;
	return true;
}

/* ---- asking ------------------------------------------------------------------------------- */

static void add_slot_rules(const vg_slot_rules *index, uint32_t slot, vg_bits *bits)
{
	for (uint32_t i = index->first[slot]; i < index->first[slot + 1]; i++)
		vg_bit_set(bits, index->rules[i]);
}

static void add_concept(const vg_scene *scene, vg_concept concept, vg_bits *bits)
{
	const vg_watch *watch = &scene->rulebook->watch;
	vg_ids sets = vg_concept_sets(scene->knowledge, concept);
	for (size_t i = 0; i < sets.count; i++)
		if (watch->slot_of_set[sets.ids[i]])
			add_slot_rules(&scene->rulebook->triggers->orders, watch->slot_of_set[sets.ids[i]], bits);
}

static void add_order(const vg_scene *scene, const vg_clinical_fact *order, vg_bits *bits)
{
	for (size_t i = 0; i < order->code_count; i++)
		if (order->codes[i].concept)
			add_concept(scene, order->codes[i].concept, bits);
	for (size_t i = 0; i < order->ingredient_count; i++)
		add_concept(scene, order->ingredients[i], bits);
	if (order->product)
		add_concept(scene, order->product, bits);
}

static void add_bits(vg_bits *bits, const vg_bits *more, size_t words)
{
	for (size_t i = 0; i < words; i++)
		bits[i] |= more[i];
}

void vg_candidates(const vg_scene *scene, unsigned triggers, vg_bits *bits)
{
	const vg_rulebook *book = scene->rulebook;
	const struct vg_trigger_index *index = book->triggers;
	const vg_record *record = scene->record;
	add_bits(bits, index->always, book->words);
	for (uint32_t i = 0; i < index->chart.used_count; i++) {
		uint32_t slot = index->chart.used[i];
		if (record->watch_first[slot + 1] > record->watch_first[slot])
			add_slot_rules(&index->chart, slot, bits);
	}
	for (uint32_t i = 0; i < scene->order_count; i++)
		add_order(scene, scene->orders[i], bits);
	for (uint32_t i = 0; i < scene->draft_count; i++)
		add_order(scene, scene->drafts[i], bits);
	for (unsigned section = 0; section < VG_SECTION_COUNT; section++)
		if (scene->sections[section].state != VG_COMPLETE)
			add_bits(bits, index->sections[section], book->words);
	if (record->kind_counts[VG_FACT_ALLERGY])
		add_bits(bits, index->allergies, book->words);
	for (size_t i = 0; i < book->words; i++) {
		vg_bits allowed = 0;
		for (unsigned trigger = 0; trigger < TRIGGER_BITS; trigger++)
			if (triggers >> trigger & 1)
				allowed |= index->by_trigger[trigger][i];
		bits[i] &= allowed;
	}
}

void vg_all_rules(const vg_rulebook *rulebook, vg_bits *bits)
{
	for (uint32_t i = 0; i < rulebook->rule_count; i++)
		if (rulebook->rules[i].status != VG_STATUS_RETIRED)
			vg_bit_set(bits, i);
}

bool vg_rule_always_checked(const vg_rulebook *rulebook, uint32_t rule)
{
	return vg_bit_test(rulebook->triggers->always, rule);
}
