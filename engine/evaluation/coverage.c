/*
 * Coverage: which conditions of a rule its examples show at work.
 *
 * A rule is a few trees (requirements, exceptions, one a case) and, for a
 * screening, a list of tests.  For each order, medication or pair that an
 * example puts before the rule, every condition is asked whether the tree
 * would be otherwise if this condition alone were the opposite, and whether
 * the tree itself could still decide: exceptions only count where the
 * requirements hold, a case only where no earlier one has decided.  A
 * condition is shown when it decided so at least once being true and once
 * being false: masking MC/DC, in which two members of `any` can both be shown
 * although they never differ alone.  A condition written twice in one tree is
 * one condition there.
 *
 * Called by `vigil test --coverage`.
 */
#include "evaluation/authoring_internal.h"

#include <stdlib.h>

enum { TREE_REQUIRES, TREE_UNLESS, TREE_CASES }; /* the cases follow each other */

typedef struct place_in_rule { /* beside a vg_covered: where it is in the rule */
	uint32_t tree;         /* of an option: UINT32_MAX */
	uint32_t leaf, option;
} place_in_rule;

typedef struct rule_work {
	uint32_t number;
	place_in_rule *conditions;
	size_t capacity, where_capacity;
} rule_work;

typedef struct collector {
	vg_world *world;
	vg_coverage *coverage;
	rule_work *works; /* beside coverage->items */
	const char *only;
	vg_rule_coverage *current;
	rule_work *current_work;
	vigil_status status;
	vigil_error error;
} collector;

/* ---- the conditions of a rule --------------------------------------------------------- */

static void add_condition(collector *all, const vg_covered *covered, const place_in_rule *where)
{
	vg_arena *arena = &all->coverage->arena;
	vg_rule_coverage *item = all->current;
	rule_work *work = all->current_work;
	vg_covered *conditions = vg_grow(arena, item->conditions, item->count, &work->capacity, sizeof *conditions);
	place_in_rule *places = vg_grow(arena, work->conditions, item->count, &work->where_capacity, sizeof *places);
	if (!conditions || !places)
		return; /* the arena is marked as failed */
	item->conditions = conditions;
	work->conditions = places;
	places[item->count] = *where;
	conditions[item->count++] = *covered;
}

static void add_tree(collector *all, uint32_t number, uint32_t tree, const char *part)
{
	const vg_rulebook *book = all->world->rulebook;
	if (number == VG_NO_NODE)
		return;
	const vg_node *node = &book->nodes[number];
	for (uint32_t i = 0; node->kind != VG_NODE_LEAF && i < node->count; i++)
		add_tree(all, book->children[node->first + i], tree, part);
	if (node->kind != VG_NODE_LEAF)
		return;
	for (size_t i = 0; i < all->current->count; i++)
		if (all->current_work->conditions[i].tree == tree && all->current_work->conditions[i].leaf == node->leaf)
			return;
	vg_covered covered = {.part = part, .place = node->place};
	covered.sentence = node->sentence && *node->sentence ? node->sentence : book->leaves[node->leaf].sentence;
	add_condition(all, &covered, &(place_in_rule){.tree = tree, .leaf = node->leaf});
}

static void add_options(collector *all, const vg_rule *rule)
{
	const vg_rulebook *book = all->world->rulebook;
	for (uint32_t i = 0; i < rule->option_count; i++) {
		const vg_option *option = &rule->options[i];
		char every[32];
		const char *sentence = book->leaves[option->leaf].sentence;
		sentence = option->once ? vg_format(&all->coverage->arena, "%s, once", sentence)
					: vg_format(&all->coverage->arena, "%s, every %s", sentence,
						    vg_duration_text(option->every, every));
		vg_covered covered = {.part = "option", .sentence = sentence, .place = option->place};
		add_condition(all, &covered, &(place_in_rule){.tree = UINT32_MAX, .option = i});
	}
}

static bool list_rules(collector *all)
{
	const vg_rulebook *book = all->world->rulebook;
	vg_coverage *coverage = all->coverage;
	coverage->items = vg_alloc_array(&coverage->arena, book->rule_count, sizeof *coverage->items);
	all->works = vg_alloc_array(&coverage->arena, book->rule_count, sizeof *all->works);
	if (!coverage->items || !all->works)
		return false;
	for (uint32_t i = 0; i < book->rule_count; i++) {
		const vg_rule *rule = &book->rules[i];
		if (rule->family || rule->status == VG_STATUS_RETIRED || (all->only && strcmp(all->only, rule->id) != 0))
			continue;
		all->current = &coverage->items[coverage->count];
		all->current_work = &all->works[coverage->count++];
		*all->current = (vg_rule_coverage){.rule = rule->id, .place = rule->place};
		*all->current_work = (rule_work){.number = i};
		add_tree(all, rule->requires, TREE_REQUIRES, "requirement");
		add_tree(all, rule->unless, TREE_UNLESS, "exception");
		for (uint32_t k = 0; k < rule->case_count; k++)
			add_tree(all, rule->cases[k].node, TREE_CASES + k, "case");
		add_options(all, rule);
	}
	return !coverage->arena.failed;
}

/* ---- one observation -------------------------------------------------------------------- */

/* The value of a walked tree, were one of its leaves otherwise. */
static vg_truth value_with(const vg_work *work, const vg_walk *walk, const vg_leaf *leaf, vg_truth truth)
{
	uint32_t *yes = vg_alloc_array(work->arena, 2 * walk->count, sizeof *yes);
	if (!yes)
		return VG_UNKNOWN;
	uint32_t *unknown = yes + walk->count;
	vg_truth value = VG_UNKNOWN;
	for (size_t i = walk->count; i-- > 0;) { /* children stand behind their parents */
		const vg_step *step = &walk->steps[i];
		value = step->leaf ? step->leaf == leaf ? truth : step->truth
				   : vg_list_truth(&work->book->nodes[step->node], yes[i], unknown[i]);
		if (step->parent != UINT32_MAX) {
			yes[step->parent] += value == VG_TRUE;
			unknown[step->parent] += value == VG_UNKNOWN;
		}
	}
	return value;
}

static void note_truth(vg_covered *covered, vg_truth truth, bool decides)
{
	covered->was_true |= truth == VG_TRUE;
	covered->was_false |= truth == VG_FALSE;
	covered->was_unknown |= truth == VG_UNKNOWN;
	covered->alone_true |= decides && truth == VG_TRUE;
	covered->alone_false |= decides && truth == VG_FALSE;
}

/* `open`: whether this tree can still decide. */
static void note_tree(collector *all, vg_work *work, const vg_walk *walk, uint32_t tree, bool open)
{
	for (size_t i = 0; i < all->current->count; i++) {
		const place_in_rule *where = &all->current_work->conditions[i];
		if (where->tree != tree)
			continue;
		const vg_leaf *leaf = &work->book->leaves[where->leaf];
		vg_truth truth = VG_UNKNOWN;
		for (size_t k = 0; k < walk->count; k++)
			if (walk->steps[k].leaf == leaf)
				truth = walk->steps[k].truth;
		bool decides = false;
		if (open && truth != VG_UNKNOWN) {
			vg_truth now = walk->steps[0].truth, then = value_with(work, walk, leaf, vg_not(truth));
			/* Only what is true silences or decides a case; unknown requirements have an outcome of their own. */
			decides = tree == TREE_REQUIRES ? now != then : (now == VG_TRUE) != (then == VG_TRUE);
		}
		note_truth(&all->current->conditions[i], truth, decides);
	}
}

/* Whether a test was done lately enough. */
static vg_truth in_time(vg_work *work, const vg_option *option)
{
	vg_event event;
	memset(&event, 0, sizeof event);
	event.first = event.last = event.unseen_before = VG_NO_DAY;
	vg_leaf_event(&work->scene, &work->book->leaves[option->leaf], &event);
	vg_truth also = option->also == VG_NO_NODE ? VG_TRUE : vg_ask_node(work, option->also, NULL);
	if (!event.fact || event.first == VG_NO_DAY)
		return event.unknown ? VG_UNKNOWN : VG_FALSE;
	vg_day today = work->scene.as_of;
	bool first = option->once || vg_day_plus(event.first, option->every) >= today;
	bool last = option->once || vg_day_plus(event.last, option->every) >= today;
	return vg_and(also, first ? VG_TRUE : last ? VG_UNKNOWN : VG_FALSE);
}

static void note_options(collector *all, vg_work *work, const vg_rule *rule, bool open)
{
	vg_truth *truths = vg_alloc_array(work->arena, rule->option_count, sizeof *truths);
	size_t satisfied = 0;
	for (size_t i = 0; truths && i < rule->option_count; i++) {
		truths[i] = in_time(work, &rule->options[i]);
		satisfied += truths[i] == VG_TRUE;
	}
	for (size_t i = 0; truths && i < all->current->count; i++) {
		const place_in_rule *where = &all->current_work->conditions[i];
		if (where->tree != UINT32_MAX)
			continue;
		vg_truth truth = truths[where->option];
		bool alone = satisfied == (truth == VG_TRUE); /* no other one satisfies */
		note_truth(&all->current->conditions[i], truth, open && alone);
	}
}

static void observe(void *user, vg_work *work, uint32_t number, const vg_binding *binding, vg_outcome outcome)
{
	collector *all = user;
	const vg_rule *rule = &work->book->rules[number];
	vg_walk requires = {.steps = NULL}, unless = {.steps = NULL};
	vg_walk_tree(work, rule->requires, binding, &requires);
	vg_walk_tree(work, rule->unless, binding, &unless);
	if (work->arena->failed || outcome == VG_FAILED)
		return;
	vg_truth met = requires.count ? requires.steps[0].truth : VG_TRUE;
	vg_truth excepted = unless.count ? unless.steps[0].truth : VG_FALSE;
	note_tree(all, work, &requires, TREE_REQUIRES, excepted != VG_TRUE);
	note_tree(all, work, &unless, TREE_UNLESS, met == VG_TRUE);
	bool open = met != VG_FALSE && excepted != VG_TRUE;
	note_options(all, work, rule, met == VG_TRUE && excepted != VG_TRUE);
	for (uint32_t i = 0; i < rule->case_count; i++) {
		vg_walk walk = {.steps = NULL};
		vg_walk_tree(work, rule->cases[i].node, binding, &walk);
		if (work->arena->failed)
			return;
		note_tree(all, work, &walk, TREE_CASES + i, open);
		open = open && walk.count && walk.steps[0].truth != VG_TRUE;
	}
}

static void look_on(void *user, vg_evaluator *evaluator, const vg_question *question, const vg_expectation *expectation)
{
	collector *all = user;
	for (size_t i = 0; i < all->coverage->count && expectation->wrong.length == 0; i++) {
		bool about = false;
		all->current = &all->coverage->items[i];
		all->current_work = &all->works[i];
		for (size_t k = 0; k < expectation->claim_count; k++)
			about |= strcmp(expectation->claims[k].rule, all->current->rule) == 0;
		if (!about || all->status != VIGIL_OK)
			continue;
		all->current->examples++;
		all->status = vg_visit(evaluator, all->world, question, all->current_work->number, observe, all, &all->error);
	}
}

/* ---- the whole -------------------------------------------------------------------------------- */

static int by_id(const void *left, const void *right)
{
	return strcmp(((const vg_rule_coverage *)left)->rule, ((const vg_rule_coverage *)right)->rule);
}

static void sum_up(vg_coverage *coverage)
{
	for (size_t i = 0; i < coverage->count; i++) {
		vg_rule_coverage *item = &coverage->items[i];
		for (size_t k = 0; k < item->count; k++) {
			item->both += item->conditions[k].was_true && item->conditions[k].was_false;
			item->alone += item->conditions[k].alone_true && item->conditions[k].alone_false;
		}
	}
	if (coverage->count)
		qsort(coverage->items, coverage->count, sizeof *coverage->items, by_id);
}

vigil_status vg_examples_cover(vg_world *world, const char *rule, vg_example_report *ret_report, vg_coverage *ret,
			       vigil_error *err)
{
	vg_coverage coverage = {.count = 0};
	collector all = {.world = world, .coverage = &coverage, .only = rule, .error = VIGIL_ERROR_INIT};
	vg_example_run how = {.rule = rule, .trace = true, .evaluated = look_on, .user = &all};
	vg_arena_init(&coverage.arena, &world->allocator, 0);
	vigil_status status = list_rules(&all) ? VIGIL_OK : vg_fail_memory(err);
	if (status == VIGIL_OK)
		status = vg_examples_run_as(world, &how, ret_report, err);
	if (status == VIGIL_OK && all.status != VIGIL_OK) {
		vg_example_report_free(ret_report);
		status = all.status;
		if (err)
			*err = all.error;
	}
	if (status != VIGIL_OK) {
		vg_arena_free(&coverage.arena);
		return status;
	}
	sum_up(&coverage);
	*ret = coverage;
	return VIGIL_OK;
}

void vg_coverage_free(vg_coverage *coverage)
{
	vg_arena_free(&coverage->arena);
	coverage->items = NULL;
	coverage->count = 0;
}

const char *vg_missing_example(const vg_covered *condition, vg_arena *arena)
{
	const char *add;
	if (condition->alone_true && condition->alone_false)
		return NULL;
	if (!condition->alone_true && !condition->alone_false)
		add = "Add one where it is so and one where it is not, all else alike";
	else
		add = condition->alone_true ? "Add one where it is not so, all else as where it is"
					    : "Add one where it is so, all else as where it is not";
	const char *text =
	    vg_format(arena, "No example shows that \"%s\" alone changes the outcome. %s.", condition->sentence, add);
	return text ? text : "";
}
