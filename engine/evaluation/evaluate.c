/*
 * Evaluating: scene, candidates, outcomes, groups; and then, where texts are
 * wanted, words.
 *
 * The trigger index proposes rules; each is asked for every order, medication
 * or pair that it is about.  Order matters only where one verdict may replace
 * another: rules before rows, pair by pair.  The answer is put together last,
 * and given only when no allocation failed on the way.
 */
#include "evaluation/evaluation_internal.h"

/* ---- rules about one drug, or about nothing but the patient ------------------------ */

static void judge_ordered(vg_work *work, uint32_t number, bool any)
{
	const vg_rule *rule = &work->book->rules[number];
	for (uint32_t i = 0; i < work->scene.order_count; i++) {
		const vg_clinical_fact *order = work->scene.orders[i];
		if (!any && !vg_fact_in_set(work->scene.record, order, rule->ordering))
			continue;
		vg_binding binding = {.order = order, .subject = order, .subject_set = any ? 0 : rule->ordering};
		if (!any)
			binding.subject_ingredient = vg_fact_ingredient_in(work->scene.record, order, rule->ordering);
		vg_judge_rule(work, number, &binding, VG_TRUE, 0);
	}
}

static void judge_taken(vg_work *work, uint32_t number)
{
	const vg_scene *scene = &work->scene;
	const vg_record *record = scene->record;
	const vg_rule *rule = &work->book->rules[number];
	bool any = false;
	for (uint32_t i = 0; i < record->kind_counts[VG_FACT_MEDICATION]; i++) {
		uint32_t place = record->kind_facts[VG_FACT_MEDICATION][i];
		const vg_clinical_fact *fact = &record->facts[place];
		if (scene->activity[place] == VG_NOT_ACTIVE || !vg_fact_in_set(record, fact, rule->taking))
			continue;
		vg_binding binding = {.subject = fact,
				      .subject_ingredient = vg_fact_ingredient_in(record, fact, rule->taking),
				      .subject_set = rule->taking};
		vg_judge_rule(work, number, &binding, VG_TRUE, scene->activity[place] == VG_STALE ? VG_NOTE_SUBJECT_STALE : 0);
		any = true;
	}
	if (!any && scene->sections[VG_MEDICATIONS].state != VG_COMPLETE)
		vg_judge_untold(work, number, NULL, VG_MEDICATIONS); /* nobody knows what is taken */
}

static void judge_once(vg_work *work, uint32_t number)
{
	vg_binding binding = {.order = NULL};
	vg_judge_rule(work, number, &binding, VG_TRUE, 0);
}

static void judge_plain(vg_work *work, uint32_t number)
{
	unsigned set_off = work->book->rules[number].triggers & work->triggers;
	if (set_off & VG_ON_ANY_ORDER)
		judge_ordered(work, number, true);
	else if (set_off & VG_ON_ORDERING)
		judge_ordered(work, number, false);
	if (set_off & VG_ON_TAKING)
		judge_taken(work, number);
	if (set_off & (VG_ON_CHART | VG_ON_DISCHARGE))
		judge_once(work, number);
}

/* ---- all of them ----------------------------------------------------------------------- */

static bool is_plain(uint8_t kind) { return kind == VG_KIND_CONTRAINDICATION || kind == VG_KIND_RULE; }

static void find_candidates(vg_work *work)
{
	const vg_rulebook *book = work->book;
	if (work->question->full_scan)
		vg_all_rules(book, work->candidates);
	else
		vg_candidates(&work->scene, work->triggers | VG_ON_CHART, work->candidates);
	for (size_t i = 0; i < book->words; i++)
		work->candidates[i] &= work->enabled[i];
}

/* Rules of two drugs; the index knows orders, so pairs taken already ask all of them. */
static bool find_pair_rules(vg_work *work)
{
	const vg_plan *plan = work->plan;
	bool all = work->judges_taken || work->hook == VG_HOOK_ALLERGY_CREATE;
	uint32_t *rules = plan->pair_count ? vg_alloc_array(work->arena, plan->pair_count, sizeof *rules) : NULL;
	if (!rules)
		return plan->pair_count == 0;
	for (uint32_t i = 0; i < plan->pair_count; i++)
		if (vg_bit_test(all ? work->enabled : work->candidates, plan->pairs[i]))
			rules[work->pair_rule_count++] = plan->pairs[i];
	work->pair_rules = rules;
	return true;
}

static void judge_candidate(vg_work *work, uint32_t number)
{
	if (!is_plain(work->book->rules[number].kind))
		return;
	if (vg_out_of_time(work))
		vg_add_unsettled(work, number, NULL, "the request's time was used up");
	else
		judge_plain(work, number);
}

/* Pairs are named with the rules that were still to be asked about them. */
static void name_late_pairs(vg_work *work)
{
	for (uint32_t i = 0; work->late_pairs && i < work->pair_rule_count; i++)
		if (work->outcomes[work->pair_rules[i]] == VG_SILENT)
			vg_add_unsettled(work, work->pair_rules[i], NULL, "the request's time was used up");
}

static void judge(vg_work *work)
{
	find_candidates(work);
	if (!vg_sides_make(work) || !find_pair_rules(work))
		return;
	for (size_t word = 0; word < work->book->words; word++)
		for (vg_bits bits = work->candidates[word]; bits; bits &= bits - 1)
			judge_candidate(work, (uint32_t)(word * 64 + (size_t)__builtin_ctzll(bits)));
	if (work->order_sides || work->judges_taken)
		vg_judge_pairs(work);
	vg_judge_allergies(work);
	if (work->order_sides)
		vg_judge_therapies(work);
	vg_judge_tests(work);
	if (!work->question->no_screenings)
		vg_judge_screenings(work);
	name_late_pairs(work);
}

static uint32_t count_candidates(const vg_work *work)
{
	uint32_t count = 0;
	for (size_t i = 0; i < work->book->words; i++)
		count += (uint32_t)__builtin_popcountll(work->candidates[i]);
	return count;
}

/* Facts stand newest first, those without a date last. */
static uint32_t count_future(const vg_work *work)
{
	const vg_record *record = work->scene.record;
	uint32_t count = 0;
	while (count < record->fact_count && vg_fact_is_future(&record->facts[count], work->scene.as_of))
		count++;
	return count;
}

static vg_answer *make_answer(vg_work *work)
{
	vg_answer *answer = vg_alloc(work->arena, sizeof *answer);
	if (!answer)
		return NULL;
	answer->world = work->world;
	answer->record = work->question->record;
	answer->hook = work->hook;
	answer->as_of = work->question->as_of;
	answer->alerts = work->alerts;
	answer->alert_count = work->alert_count;
	answer->screenings = work->screenings;
	answer->screening_count = work->screening_count;
	answer->errors = work->errors;
	answer->error_count = work->error_count;
	answer->candidates = count_candidates(work);
	answer->facts = work->scene.record->fact_count;
	answer->future_facts = count_future(work);
	answer->candidate_rules = work->candidates;
	answer->outcomes = work->outcomes;
	return answer;
}

static vigil_status run(vg_evaluator *evaluator, vg_world *world, const vg_question *question, bool with_texts,
			const vg_answer **ret, vigil_error *err)
{
	vg_work *work = evaluator->work;
	vigil_status status = vg_work_begin(evaluator, world, question, work, err);
	if (status != VIGIL_OK)
		return status;
	judge(work);
	vg_group_alerts(work);
	if (with_texts && !work->arena->failed) {
		vg_render_alerts(work);
		vg_render_screenings(work);
	}
	vg_answer *answer = make_answer(work);
	if (answer)
		vg_render_gaps(work, answer, with_texts);
	if (!answer || work->arena->failed)
		return vg_fail_memory(err);
	*ret = answer;
	return VIGIL_OK;
}

vigil_status vg_evaluate(vg_evaluator *evaluator, vg_world *world, const vg_question *question, const vg_answer **ret,
			 vigil_error *err)
{
	return run(evaluator, world, question, true, ret, err);
}

vigil_status vg_decide(vg_evaluator *evaluator, vg_world *world, const vg_question *question, const vg_answer **ret,
		       vigil_error *err)
{
	return run(evaluator, world, question, false, ret, err);
}
