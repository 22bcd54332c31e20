/*
 * Explaining: why a rule fired or did not, for every order, medication or pair
 * that it is about.
 *
 * The same judging as in an evaluation, one binding at a time and for one rule,
 * so that an explanation cannot differ from the answer; then its trees are
 * walked and each condition says what it looked at.  When nothing in the record
 * sets the rule off, that is said, and its conditions are shown all the same.
 */
#include "evaluation/authoring_internal.h"

typedef struct story {
	vg_work *work;
	uint32_t rule;
	vg_explanation *items;
	size_t count, capacity;
	vg_stopwatch *stopwatch;
	uint64_t nanoseconds; /* of judging what is told next */
	vg_visitor *visit;    /* instead of telling */
	void *user;
} story;

static const char *or_empty(const char *text) { return text ? text : ""; }

/* ---- conditions ------------------------------------------------------------------ */

typedef struct condition_list {
	vg_explained *items;
	size_t count, capacity;
} condition_list;

static void add_condition(vg_work *work, condition_list *list, const vg_explained *item)
{
	vg_explained *items = vg_grow(work->arena, list->items, list->count, &list->capacity, sizeof *items);
	if (!items)
		return;
	list->items = items;
	items[list->count++] = *item;
}

static void add_step(vg_work *work, condition_list *list, const vg_step *step, const char *part)
{
	vg_shown_list facts = {.items = NULL};
	for (size_t i = 0; i < step->look.fact_count; i++)
		vg_show(work, &facts, step->look.facts[i],
			step->look.facts[i]->value.text && *step->look.facts[i]->value.text ? step->look.facts[i]->value.text
											    : "");
	vg_explained item = {.depth = step->depth,
			     .part = part,
			     .sentence = or_empty(step->sentence),
			     .truth = step->truth,
			     .value = step->look.value,
			     .missing = step->look.missing,
			     .would_need = step->look.would_need,
			     .facts = facts.items,
			     .fact_count = facts.count,
			     .place = step->place,
			     .nanoseconds = step->nanoseconds};
	add_condition(work, list, &item);
}

static void add_tree(vg_work *work, condition_list *list, uint32_t node, const vg_binding *binding, const char *part,
		     vg_walk *walk)
{
	vg_walk_tree(work, node, binding, walk);
	for (size_t i = 0; i < walk->count; i++)
		add_step(work, list, &walk->steps[i], part);
}

/* A test of a schedule: when it was done last. */
static void add_option(vg_work *work, condition_list *list, const vg_option *option)
{
	const vg_leaf *leaf = &work->book->leaves[option->leaf];
	uint64_t begun = vg_lap(work, 0);
	vg_event event;
	memset(&event, 0, sizeof event);
	event.first = event.last = event.unseen_before = VG_NO_DAY;
	vg_leaf_event(&work->scene, leaf, &event);
	uint64_t spent = vg_lap(work, begun);
	vg_shown_list facts = {.items = NULL};
	if (event.fact)
		vg_show(work, &facts, event.fact, "");
	char every[32];
	const char *sentence = option->once ? vg_format(work->arena, "%s, once", or_empty(leaf->sentence))
					    : vg_format(work->arena, "%s, every %s", or_empty(leaf->sentence),
							vg_duration_text(option->every, every));
	vg_explained item = {.part = "option",
			     .sentence = or_empty(sentence),
			     .truth = event.fact      ? VG_TRUE
				      : event.unknown ? VG_UNKNOWN
						      : VG_FALSE,
			     .value = event.fact ? vg_fact_date(work, event.fact) : NULL,
			     .missing = event.missing,
			     .facts = facts.items,
			     .fact_count = facts.count,
			     .place = option->place,
			     .nanoseconds = spent};
	add_condition(work, list, &item);
}

static const char *change_text(vg_work *work, const vg_walk *requires, const vg_walk *unless, vg_outcome outcome,
			       bool screening)
{
	const char *text = "", *what = screening ? "apply" : "fire";
	if (outcome == VG_FIRED || outcome == VG_ASKED) {
		text = vg_walk_change(work, requires, VG_FALSE);
		return *text ? or_empty(vg_format(work->arena, "would not %s if %s", what, text)) : "";
	}
	vg_truth met = requires->count ? requires->steps[0].truth : VG_TRUE;
	vg_truth excluded = unless->count ? unless->steps[0].truth : VG_FALSE;
	const char *need = met == VG_TRUE ? "" : vg_walk_change(work, requires, VG_TRUE);
	const char *lift = excluded == VG_TRUE ? vg_walk_change(work, unless, VG_FALSE) : "";
	if (*need && *lift)
		text = vg_format(work->arena, "would %s if %s, and if %s", what, need, lift);
	else if (*need || *lift)
		text = vg_format(work->arena, "would %s if %s", what, *need ? need : lift);
	return or_empty(text);
}

/* ---- one binding ------------------------------------------------------------------ */

static const char *subject_text(vg_work *work, const vg_binding *binding)
{
	if (!binding->subject)
		return "";
	const char *form = binding->order ? "the order %s%s%s" : "%s%s%s";
	return or_empty(vg_format(work->arena, form, vg_fact_words(binding->subject), binding->other ? " with " : "",
				  binding->other ? vg_fact_words(binding->other) : ""));
}

/* The first conditions that decide, in words. */
static const char *why(vg_work *work, const vg_walk *walk, vg_truth value)
{
	for (size_t i = 0; i < walk->count; i++) {
		const vg_step *step = &walk->steps[i];
		if (!step->leaf || !vg_step_decides(walk, i, value))
			continue;
		if (value == VG_UNKNOWN && step->look.missing)
			return step->look.missing;
		return or_empty(vg_format(work->arena, "%s%s%s%s%s", value == VG_FALSE ? "this is not so: " : "",
					  step->sentence, step->look.value ? " (" : "",
					  step->look.value ? step->look.value : "", step->look.value ? ")" : ""));
	}
	return "";
}

/* The severity, and the case that gave it: what was judged last is what is told. */
static const char *fired_sentence(vg_work *work, const vg_rule *rule, const vg_walk *requires)
{
	const vg_found *found = work->found_count ? &work->found[work->found_count - 1] : NULL;
	const char *because = requires->count ? why(work, requires, VG_TRUE) : "", *decided = "";
	if (!found || strcmp(found->id, rule->id) != 0)
		return or_empty(vg_format(work->arena, "%s fired%s%s.", rule->id, *because ? ", because " : "", because));
	if (found->case_number) {
		vg_walk walk = {.steps = NULL};
		vg_walk_tree(work, rule->cases[found->case_number - 1].node, &found->binding, &walk);
		decided = walk.count ? or_empty(vg_node_sentence(work->book, walk.steps[0].node, work->arena)) : "";
	}
	return or_empty(vg_format(work->arena, "%s fired as %s, because %s%s%s.", rule->id,
				  vg_severity_name((vigil_severity)found->severity), because,
				  *because && *decided ? ", and " : "",
				  *decided   ? decided
				  : *because ? ""
					     : "what it is about is there"));
}

static const char *sentence_of(vg_work *work, const vg_rule *rule, vg_outcome outcome, const vg_walk *requires,
			       const vg_walk *unless)
{
	vg_truth met = requires->count ? requires->steps[0].truth : VG_TRUE;
	vg_truth excluded = unless->count ? unless->steps[0].truth : VG_FALSE;
	switch (outcome) {
	case VG_FIRED:
		return fired_sentence(work, rule, requires);
	case VG_ASKED:
		return or_empty(vg_format(work->arena, "%s asks, because something is not known: %s.", rule->id,
					  why(work, requires, VG_UNKNOWN)));
	case VG_NOT_KNOWN:
		return or_empty(vg_format(work->arena, "%s could not be evaluated, because something is not known: %s.",
					  rule->id, why(work, requires, VG_UNKNOWN)));
	case VG_FAILED:
		return or_empty(
		    vg_format(work->arena, "%s could not be evaluated, because its check function failed.", rule->id));
	case VG_SILENT:
		break;
	}
	if (met == VG_FALSE)
		return or_empty(
		    vg_format(work->arena, "%s did not fire, because %s.", rule->id, why(work, requires, VG_FALSE)));
	if (excluded == VG_TRUE)
		return or_empty(vg_format(work->arena, "%s did not fire, because of an exception: %s.", rule->id,
					  why(work, unless, VG_TRUE)));
	return or_empty(vg_format(work->arena, "%s did not fire.", rule->id));
}

static vg_explanation *add_explanation(story *telling)
{
	vg_explanation *items =
	    vg_grow(telling->work->arena, telling->items, telling->count, &telling->capacity, sizeof *items);
	if (!items)
		return NULL;
	telling->items = items;
	memset(&items[telling->count], 0, sizeof *items);
	return &items[telling->count++];
}

static void tell(story *telling, const vg_binding *binding, vg_outcome outcome, const char *sentence)
{
	vg_work *work = telling->work;
	const vg_rule *rule = &work->book->rules[telling->rule];
	if (telling->visit) {
		telling->visit(telling->user, work, telling->rule, binding, outcome);
		telling->count++;
		return;
	}
	vg_explanation *out = add_explanation(telling);
	if (!out)
		return;
	condition_list list = {.items = NULL};
	vg_walk requires = {.steps = NULL}, unless = {.steps = NULL};
	add_tree(work, &list, rule->requires, binding, "requirement", &requires);
	add_tree(work, &list, rule->unless, binding, "exception", &unless);
	for (size_t i = 0; i < rule->case_count; i++) {
		vg_walk walk = {.steps = NULL};
		add_tree(work, &list, rule->cases[i].node, binding, "case", &walk);
	}
	for (size_t i = 0; i < rule->option_count; i++)
		add_option(work, &list, &rule->options[i]);
	out->rule = rule;
	out->subject = subject_text(work, binding);
	out->outcome = outcome;
	out->sentence = sentence ? sentence : sentence_of(work, rule, outcome, &requires, &unless);
	out->conditions = list.items;
	out->condition_count = list.count;
	out->nanoseconds = telling->nanoseconds;
	out->change = change_text(work, &requires, &unless, outcome, rule->kind == VG_KIND_SCREENING);
	out->death_notice = vg_death_notice(work);
}

/* ---- all bindings ------------------------------------------------------------------- */

static void tell_judged(story *telling, const vg_binding *binding, unsigned notes)
{
	uint64_t begun = vg_lap(telling->work, 0);
	vg_outcome outcome = vg_judge_rule(telling->work, telling->rule, binding, VG_TRUE, notes);
	telling->nanoseconds = vg_lap(telling->work, begun);
	tell(telling, binding, outcome, NULL);
}

static void tell_orders(story *telling, const vg_rule *rule)
{
	const vg_scene *scene = &telling->work->scene;
	bool any = rule->triggers & VG_ON_ANY_ORDER;
	for (uint32_t i = 0; rule->triggers & (VG_ON_ORDERING | VG_ON_ANY_ORDER) && i < scene->order_count; i++) {
		const vg_clinical_fact *order = scene->orders[i];
		vg_binding binding = {.order = order, .subject = order};
		if (!any && !vg_fact_in_set(scene->record, order, rule->ordering))
			continue;
		binding.subject_set = any ? 0 : rule->ordering;
		binding.subject_ingredient = any ? 0 : vg_fact_ingredient_in(scene->record, order, rule->ordering);
		tell_judged(telling, &binding, 0);
	}
}

static void tell_taken(story *telling, const vg_rule *rule)
{
	const vg_scene *scene = &telling->work->scene;
	const vg_record *record = scene->record;
	bool asked = rule->triggers & telling->work->triggers & VG_ON_TAKING;
	for (uint32_t i = 0; asked && i < record->kind_counts[VG_FACT_MEDICATION]; i++) {
		uint32_t place = record->kind_facts[VG_FACT_MEDICATION][i];
		const vg_clinical_fact *fact = &record->facts[place];
		if (scene->activity[place] == VG_NOT_ACTIVE || !vg_fact_in_set(record, fact, rule->taking))
			continue;
		vg_binding binding = {.subject = fact,
				      .subject_ingredient = vg_fact_ingredient_in(record, fact, rule->taking),
				      .subject_set = rule->taking};
		tell_judged(telling, &binding, scene->activity[place] == VG_STALE ? VG_NOTE_SUBJECT_STALE : 0);
	}
}

static void tell_pairs(story *telling, const vg_rule *rule)
{
	vg_work *work = telling->work;
	for (uint32_t i = 0; i < work->side_count; i++)
		for (uint32_t k = 0; k < work->side_count; k++) {
			vg_side *subject = &work->sides[i], *other = &work->sides[k];
			vg_binding binding;
			bool taken = subject->role == VG_ROLE_TAKEN || subject->role == VG_ROLE_STALE;
			if (subject->role != VG_ROLE_ORDER &&
			    (!taken || work->order_sides)) /* beside an order, orders are what it is about */
				continue;
			if (!vg_stands_beside(work, i, k) || !vg_pair_matches(work, rule, subject, other, &binding))
				continue;
			vg_pair pair = {i < work->order_sides ? i : VG_NO_ORDER, subject, other, vg_side_notes(subject, other)};
			tell_judged(telling, &binding, vg_pair_notes(work, &pair, &binding));
		}
}

static void tell_allergies(story *telling, const vg_rule *rule)
{
	vg_work *work = telling->work;
	const vg_record *record = work->scene.record;
	for (uint32_t i = 0; i < work->side_count; i++)
		for (uint32_t k = 0; k < record->kind_counts[VG_FACT_ALLERGY]; k++) {
			const vg_side *drug = &work->sides[i];
			const vg_clinical_fact *allergy = &record->facts[record->kind_facts[VG_FACT_ALLERGY][k]];
			if (drug->role == VG_ROLE_STOPPED || drug->role == VG_ROLE_DRAFT || !vg_allergy_counts(work, allergy) ||
			    !vg_allergy_in(work, allergy, rule->pair[0]) || !vg_fact_in_set(record, drug->fact, rule->pair[1]))
				continue;
			vg_binding binding = {.order = drug->role == VG_ROLE_ORDER ? drug->fact : NULL,
					      .subject = drug->fact,
					      .other = allergy,
					      .subject_ingredient = vg_fact_ingredient_in(record, drug->fact, rule->pair[1]),
					      .other_ingredient = vg_fact_ingredient_in(record, allergy, rule->pair[0]),
					      .subject_set = rule->pair[1],
					      .other_set = rule->pair[0]};
			tell_judged(telling, &binding, 0);
		}
}

/* Duplicates are found by counting, not by a binding: what the judging found is told. */
static void tell_found(story *telling)
{
	vg_work *work = telling->work;
	uint64_t begun = vg_lap(work, 0);
	vg_judge_therapies(work);
	vg_judge_tests(work);
	telling->nanoseconds = vg_lap(work, begun);
	for (size_t i = 0; i < work->found_count; i++)
		if (work->found[i].rule == telling->rule)
			tell(telling, &work->found[i].binding, work->found[i].ask ? VG_ASKED : VG_FIRED, NULL);
	for (size_t i = 0; i < work->unsettled_count && telling->count == 0; i++)
		if (work->unsettled[i].rule == telling->rule)
			tell(telling, &work->unsettled[i].binding, VG_NOT_KNOWN, NULL);
	/* Who visits wants to see exceptions at work too. */
	for (uint32_t i = 0; telling->visit && telling->count == 0 && i < work->scene.order_count; i++) {
		vg_binding binding = {.order = work->scene.orders[i], .subject = work->scene.orders[i]};
		if (vg_fact_in_set(work->scene.record, binding.order, work->book->rules[telling->rule].subject))
			tell(telling, &binding, VG_SILENT, NULL);
	}
}

/* "up to date" for up_to_date. */
static const char *status_words(vg_work *work, vg_screening_status status)
{
	const char *name = vg_screening_status_name(status);
	char *words = vg_copy_text(work->arena, name, strlen(name));
	for (char *at = words; at && *at; at++)
		if (*at == '_')
			*at = ' ';
	return or_empty(words);
}

static void tell_screening(story *telling)
{
	vg_work *work = telling->work;
	static const vg_binding nobody = {.order = NULL};
	vg_bit_set(work->candidates, telling->rule);
	uint64_t begun = vg_lap(work, 0);
	vg_judge_screenings(work);
	telling->nanoseconds = vg_lap(work, begun);
	vg_render_screenings(work);
	for (size_t i = 0; i < work->screening_count; i++) {
		const vg_screening *screening = &work->screenings[i];
		bool due = screening->status == VG_OVERDUE || screening->status == VG_DUE_SOON;
		vg_outcome outcome = screening->status == VG_INDETERMINATE ? VG_NOT_KNOWN : due ? VG_FIRED : VG_SILENT;
		const char *sentence =
		    vg_format(work->arena, "%s: %s. %s", screening->rule->id,
			      status_words(work, (vg_screening_status)screening->status), or_empty(screening->reason));
		tell(telling, &nobody, outcome, or_empty(sentence));
	}
}

static void tell_all(story *telling)
{
	const vg_rule *rule = &telling->work->book->rules[telling->rule];
	static const vg_binding nobody = {.order = NULL};
	switch ((vg_rule_kind)rule->kind) {
	case VG_KIND_SCREENING:
		tell_screening(telling);
		break;
	case VG_KIND_INTERACTION:
		tell_pairs(telling, rule);
		break;
	case VG_KIND_ALLERGY:
		tell_allergies(telling, rule);
		break;
	case VG_KIND_DUPLICATE_THERAPY:
	case VG_KIND_DUPLICATE_TEST:
		tell_found(telling);
		break;
	case VG_KIND_CONTRAINDICATION:
	case VG_KIND_RULE:
		tell_orders(telling, rule);
		tell_taken(telling, rule);
		if (rule->triggers & (VG_ON_CHART | VG_ON_DISCHARGE))
			tell_judged(telling, &nobody, 0);
		break;
	}
	if (telling->count == 0 && !telling->visit) {
		const char *text =
		    vg_format(telling->work->arena, "%s did not fire: %s.", rule->id,
			      telling->work->has_died ? "the patient has died, and nothing that it is about is ordered"
						      : "nothing that it is about is ordered or taken");
		tell(telling, &nobody, VG_SILENT, or_empty(text));
	}
}

static vigil_status tell_story(vg_evaluator *evaluator, vg_world *world, const vg_question *question, story *telling,
			       vigil_error *err)
{
	if (telling->rule >= world->rulebook->rule_count)
		return vg_fail(err, VIGIL_WRONG_USE, "`vigil lint` lists the rules.", "There is no rule of this number.");
	vg_question asked = *question; /* a draft is explained as if it were in service, and what is taken is judged too */
	asked.only_rules = &telling->rule;
	asked.only_count = 1;
	asked.all_statuses = asked.all_screenings = asked.judge_existing = true;
	vg_work work;
	vigil_status status = vg_work_begin(evaluator, world, &asked, &work, err);
	if (status != VIGIL_OK)
		return status;
	vg_bit_set((vg_bits *)(uintptr_t)work.enabled, telling->rule); /* the work's own, since only some rules are asked */
	vg_bit_set(work.candidates, telling->rule);
	work.stopwatch = telling->stopwatch;
	telling->work = &work;
	if (vg_sides_make(&work))
		tell_all(telling);
	telling->work = NULL;
	return work.arena->failed ? vg_fail_memory(err) : VIGIL_OK;
}

vigil_status vg_explain(vg_evaluator *evaluator, vg_world *world, const vg_question *question, uint32_t rule,
			vg_stopwatch *stopwatch, const vg_explanation **ret, size_t *ret_count, vigil_error *err)
{
	story telling = {.rule = rule, .stopwatch = stopwatch};
	vigil_status status = tell_story(evaluator, world, question, &telling, err);
	if (status != VIGIL_OK)
		return status;
	*ret = telling.items;
	*ret_count = telling.count;
	return VIGIL_OK;
}

vigil_status vg_visit(vg_evaluator *evaluator, vg_world *world, const vg_question *question, uint32_t rule, vg_visitor *visit,
		      void *user, vigil_error *err)
{
	story telling = {.rule = rule, .visit = visit, .user = user};
	return tell_story(evaluator, world, question, &telling, err);
}
