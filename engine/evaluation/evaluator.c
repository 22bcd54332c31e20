/*
 * Evaluators: what one thread keeps between its requests.
 *
 * Two arenas (the current answer; what is derived from the world), the world
 * itself, so that its address cannot be given to another one meanwhile, and a
 * Lua state for check functions, opened when a rule first needs one.  A request
 * for another world rebuilds all of it; nothing of a patient is kept.
 */
#include "evaluation/evaluation_internal.h"

#include <stdlib.h>

static void *resize_for_checker(void *user, void *old, size_t old_size, size_t new_size)
{
	vg_evaluator *evaluator = user;
	void *block = evaluator->allocator.resize(evaluator->allocator.user, old, old_size, new_size);
	evaluator->starved |= !block && new_size > 0;
	return block;
}

vigil_status vg_evaluator_open(const vg_allocator *allocator, vg_evaluator **ret, vigil_error *err)
{
	vg_arena home;
	vg_arena_init(&home, allocator, 0);
	vg_evaluator *evaluator = vg_alloc(&home, sizeof *evaluator);
	vg_work *work = evaluator ? vg_alloc(&home, sizeof *work) : NULL;
	if (!work) {
		vg_arena_free(&home);
		return vg_fail_memory(err);
	}
	evaluator->work = work;
	evaluator->home = home;
	evaluator->allocator = home.allocator;
	evaluator->checker_allocator = (vg_allocator){resize_for_checker, evaluator};
	vg_arena_init(&evaluator->arena, allocator, 0);
	vg_arena_init(&evaluator->plan_arena, allocator, 0);
	*ret = evaluator;
	return VIGIL_OK;
}

static void forget_world(vg_evaluator *evaluator)
{
	vg_checker_close(evaluator->checker);
	evaluator->checker = NULL;
	vg_world_release(evaluator->world);
	evaluator->world = NULL;
	vg_arena_reset(&evaluator->plan_arena);
	evaluator->plan = (vg_plan){.active = NULL};
}

void vg_evaluator_close(vg_evaluator *evaluator)
{
	if (!evaluator)
		return;
	forget_world(evaluator);
	vg_arena_free(&evaluator->plan_arena);
	vg_arena_free(&evaluator->arena);
	vg_arena home = evaluator->home; /* the evaluator lies in it */
	vg_arena_free(&home);
}

vg_arena *vg_evaluator_arena(vg_evaluator *evaluator) { return &evaluator->arena; }

/* The rules of one kind, by number. */
static const uint32_t *rules_of_kind(vg_arena *arena, const vg_rulebook *book, unsigned kinds, uint32_t *ret_count)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < book->rule_count; i++)
		count += (kinds >> book->rules[i].kind) & 1;
	uint32_t *numbers = vg_alloc_array(arena, count, sizeof *numbers);
	if (!numbers)
		return NULL;
	*ret_count = 0;
	for (uint32_t i = 0; i < book->rule_count; i++)
		if ((kinds >> book->rules[i].kind) & 1)
			numbers[(*ret_count)++] = i;
	return numbers;
}

static int compare_ids(const void *left, const void *right, void *book)
{
	const vg_rule *rules = ((const vg_rulebook *)book)->rules;
	return strcmp(rules[*(const uint32_t *)left].id, rules[*(const uint32_t *)right].id);
}

static void note_rule(vg_plan *plan, const vg_rule *rule, uint32_t number)
{
	if (rule->status == VG_STATUS_ACTIVE) {
		vg_bit_set(plan->active, number);
		plan->sections |= rule->sections;
	}
	if (rule->status != VG_STATUS_RETIRED)
		vg_bit_set(plan->shown, number);
	if (rule->kind == VG_KIND_DUPLICATE_THERAPY && rule->subject == 0)
		plan->same_ingredient_ruled = true;
}

enum { MOST_ROWS_LOOKED_AT = 20000 };

/* The sets of rows and rules that say how long a drug acts after it is stopped. */
static bool find_lingering(vg_arena *arena, const vg_rulebook *book, vg_plan *plan)
{
	size_t rows = plan->rules_only ? 0 : vg_pair_count(book->knowledge, VG_INTERACTIONS);
	plan->may_linger = rows > MOST_ROWS_LOOKED_AT;
	if (plan->may_linger)
		return true; /* reading a million rows costs more than it saves: any drug may linger */
	vg_bits *sets = vg_alloc_array(arena, VG_BITS_WORDS(vg_set_count(book->knowledge) + 1), sizeof *sets);
	if (!sets)
		return false;
	for (uint32_t i = 0; i < rows; i++) {
		vg_pair_row row;
		vg_pair_get(book->knowledge, VG_INTERACTIONS, i, &row);
		if (vg_duration_given(row.still_counts_a))
			vg_bit_set(sets, row.a);
		if (vg_duration_given(row.still_counts_b))
			vg_bit_set(sets, row.b);
	}
	for (uint32_t i = 0; i < book->rule_count; i++)
		for (int k = 0; k < 2; k++)
			if (vg_duration_given(book->rules[i].still_counts[k]))
				vg_bit_set(sets, book->rules[i].pair[k]);
	for (size_t i = 0; i < VG_BITS_WORDS(vg_set_count(book->knowledge) + 1); i++)
		plan->may_linger |= sets[i] != 0;
	plan->lingering = sets;
	return true;
}

/* Rules about a test that some panel contains have to look at panels. */
static bool find_panels(vg_arena *arena, const vg_rulebook *book, vg_plan *plan)
{
	bool *in_panel = vg_alloc_array(arena, plan->test_count, sizeof *in_panel);
	for (vg_concept panel = 1; in_panel && plan->test_count && panel <= vg_concept_count(book->knowledge); panel++) {
		vg_ids members = vg_panel_members(book->knowledge, panel);
		for (size_t i = 0; i < members.count; i++)
			for (uint32_t k = 0; k < plan->test_count; k++)
				in_panel[k] |= vg_set_has(book->knowledge, book->rules[plan->tests[k]].subject, members.ids[i]);
	}
	plan->test_in_panel = in_panel;
	return in_panel != NULL;
}

static bool make_plan(vg_evaluator *evaluator, vg_world *world)
{
	const vg_rulebook *book = world->rulebook;
	vg_arena *arena = &evaluator->plan_arena;
	vg_plan *plan = &evaluator->plan;
	plan->rules_only = world->whole != NULL;
	plan->active = vg_alloc_array(arena, book->words, sizeof *plan->active);
	plan->shown = vg_alloc_array(arena, book->words, sizeof *plan->shown);
	if (!plan->active || !plan->shown)
		return false;
	for (uint32_t i = 0; i < book->rule_count; i++)
		note_rule(plan, &book->rules[i], i);
	plan->screenings = rules_of_kind(arena, book, 1u << VG_KIND_SCREENING, &plan->screening_count);
	plan->therapies = rules_of_kind(arena, book, 1u << VG_KIND_DUPLICATE_THERAPY, &plan->therapy_count);
	plan->tests = rules_of_kind(arena, book, 1u << VG_KIND_DUPLICATE_TEST, &plan->test_count);
	plan->pairs = rules_of_kind(arena, book, 1u << VG_KIND_INTERACTION | 1u << VG_KIND_ALLERGY, &plan->pair_count);
	if (arena->failed || !find_lingering(arena, book, plan) || !find_panels(arena, book, plan))
		return false;
	qsort_r((uint32_t *)(uintptr_t)plan->screenings, plan->screening_count, sizeof *plan->screenings, compare_ids,
		(void *)(uintptr_t)book);
	if (!plan->rules_only) {
		plan->has_interactions = vg_pair_count(world->knowledge, VG_INTERACTIONS) > 0;
		plan->has_cross = vg_pair_count(world->knowledge, VG_CROSS_REACTIVITY) > 0;
		plan->sections |= book->pair_sections | 1u << VG_MEDICATIONS | 1u << VG_ALLERGIES;
	}
	for (uint32_t i = 0; i < book->leaf_count; i++)
		plan->asks_setting |= book->leaves[i].word == VG_WORD_IN_SETTING;
	plan->severe_reaction = vg_set_find(world->knowledge, "severe allergic reaction");
	return true;
}

/* Makes the evaluator one of `world`. */
static vigil_status use_world(vg_evaluator *evaluator, vg_world *world, vigil_error *err)
{
	if (evaluator->world == world)
		return VIGIL_OK;
	forget_world(evaluator);
	if (!make_plan(evaluator, world)) {
		forget_world(evaluator);
		return vg_fail_memory(err);
	}
	evaluator->world = vg_world_take(world);
	return VIGIL_OK;
}

static vigil_status check_question(const vg_world *world, const vg_question *question, vigil_error *err)
{
	if (!vg_when_known(question->as_of) || question->as_of.first != question->as_of.last)
		return vg_fail(err, VIGIL_WRONG_USE, "Give a whole date, such as 2026-03-01.",
			       "The day of evaluation is not a whole day.");
	if (question->record->knowledge != world->knowledge ||
	    question->record->slot_of_set != world->rulebook->watch.slot_of_set)
		return vg_fail(err, VIGIL_WRONG_USE, "Read the record again after a reload.",
			       "The record was read with other rules and knowledge than it is to be judged with.");
	for (size_t i = 0; i < question->order_record_count; i++)
		if (question->order_records[i]->knowledge != world->knowledge)
			return vg_fail(err, VIGIL_WRONG_USE, "Read the orders again after a reload.",
				       "An order was read with other rules and knowledge than it is to be judged with.");
	return VIGIL_OK;
}

/* The rules that may speak at all: in service (or shown), and asked for. */
static const vg_bits *enabled_rules(const vg_work *work)
{
	const vg_question *question = work->question;
	const vg_bits *may = question->all_statuses ? work->plan->shown : work->plan->active;
	if (!question->only_rules)
		return may;
	vg_bits *enabled = vg_alloc_array(work->arena, work->book->words, sizeof *enabled);
	if (!enabled)
		return NULL;
	for (size_t i = 0; i < question->only_count; i++)
		vg_bit_set(enabled, question->only_rules[i]);
	for (size_t i = 0; i < work->book->words; i++)
		enabled[i] &= may[i];
	return enabled;
}

bool vg_rule_enabled(const vg_work *work, uint32_t rule) { return vg_bit_test(work->enabled, rule); }

vigil_status vg_work_begin(vg_evaluator *evaluator, vg_world *world, const vg_question *question, vg_work *ret,
			   vigil_error *err)
{
	vigil_status status = check_question(world, question, err);
	if (status == VIGIL_OK)
		status = use_world(evaluator, world, err);
	if (status != VIGIL_OK)
		return status;
	vg_arena_reset(&evaluator->arena);
	evaluator->starved = false;
	vg_work *work = ret;
	memset(work, 0, sizeof *work);
	work->evaluator = evaluator;
	work->arena = &evaluator->arena;
	work->world = world;
	work->book = world->rulebook;
	work->knowledge = world->knowledge;
	work->plan = &evaluator->plan;
	work->question = question;
	const vg_rulebook *book = work->book;
	size_t bits = book->words * sizeof *work->candidates;
	char *room = vg_alloc(work->arena, 2 * bits + book->rule_count + book->leaf_count);
	work->enabled = enabled_rules(work);
	if (!room || work->arena->failed || !vg_scene_make(work))
		return vg_fail_memory(err);
	work->candidates = (vg_bits *)(void *)room;
	work->unsettled_rules = (vg_bits *)(void *)(room + bits);
	work->outcomes = (uint8_t *)room + 2 * bits;
	work->memo = work->outcomes + book->rule_count;
	memset(work->memo, VG_MEMO_UNSET, book->leaf_count);
	return VIGIL_OK;
}
