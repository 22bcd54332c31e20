/*
 * Impact: who gets or loses an alert or a due screening when packs change.
 *
 * Both sets of packs are asked about the same record.  An alert belongs to the
 * rule that leads it and to those that found the same, so that a mere change of
 * the lead is no change of what a rule says.  Of one rule a patient has an
 * alert or none; its severity is that of the gravest.  A screening is due when
 * it is due soon or overdue.
 *
 * Of the patients who differ the first few are kept, with the sentence that
 * tells why the rule speaks now, or why it does not any more.
 *
 * Called by `vigil impact`, one record after the other.
 */
#include "evaluation/authoring_internal.h"

#include <stdlib.h>

typedef struct standing { /* of one rule, for one patient */
	bool there[2];
	uint8_t severity[2];
} standing;

void vg_impact_init(vg_impact *impact, const vg_allocator *allocator, size_t sample)
{
	*impact = (vg_impact){.sample = sample};
	vg_arena_init(&impact->arena, allocator, 0);
	vg_arena_init(&impact->scratch, allocator, 0);
	vg_map_init(&impact->numbers, &impact->arena);
}

void vg_impact_free(vg_impact *impact)
{
	vg_arena_free(&impact->scratch);
	vg_arena_free(&impact->arena);
	impact->rules = NULL;
	impact->rule_count = 0;
}

/* The rule's number; SIZE_MAX when memory ran out. */
static size_t number_of(vg_impact *impact, const char *id, bool screening)
{
	uint32_t *known = vg_map_at(&impact->numbers, id, strlen(id), false);
	if (known)
		return *known - 1;
	vg_impact_rule *rules =
	    vg_grow(&impact->arena, impact->rules, impact->rule_count, &impact->rule_capacity, sizeof *rules);
	const char *copy = vg_copy_text(&impact->arena, id, strlen(id));
	if (!rules)
		return SIZE_MAX;
	impact->rules = rules;
	uint32_t *place = copy ? vg_map_at(&impact->numbers, copy, strlen(copy), true) : NULL;
	if (!place)
		return SIZE_MAX;
	rules[impact->rule_count] = (vg_impact_rule){.rule = copy, .screening = screening};
	*place = (uint32_t)++impact->rule_count;
	return impact->rule_count - 1;
}

/* ---- what an answer says ------------------------------------------------------------ */

typedef struct standings { /* beside impact->rules, for one patient */
	standing *items;
	size_t count;
} standings;

static standing *standing_of(vg_impact *impact, standings *all, const char *id, bool screening)
{
	size_t number = number_of(impact, id, screening);
	if (number == SIZE_MAX)
		return NULL;
	if (number >= all->count) { /* a rule that nobody had before */
		standing *items = vg_alloc_array(&impact->scratch, impact->rule_count + 64, sizeof *items);
		if (!items)
			return NULL;
		if (all->count)
			memcpy(items, all->items, all->count * sizeof *items);
		all->items = items;
		all->count = impact->rule_count + 64;
	}
	return &all->items[number];
}

static bool note_alert(vg_impact *impact, standings *all, const char *id, const vg_alert *alert, int side)
{
	standing *one = standing_of(impact, all, id, false);
	if (!one)
		return false;
	if (!one->there[side] || alert->severity > one->severity[side])
		one->severity[side] = alert->severity;
	one->there[side] = true;
	return true;
}

static bool is_due(const vg_screening *screening)
{
	return screening->status == VG_DUE_SOON || screening->status == VG_OVERDUE;
}

static bool note_answer(vg_impact *impact, standings *all, const vg_answer *answer, int side)
{
	for (size_t i = 0; i < answer->alert_count; i++) {
		const vg_alert *alert = &answer->alerts[i];
		if (!note_alert(impact, all, alert->rule, alert, side))
			return false;
		for (size_t k = 0; k < alert->also_count; k++)
			if (!note_alert(impact, all, alert->also[k], alert, side))
				return false;
		impact->alerts[side][alert->severity]++;
		impact->rules[number_of(impact, alert->rule, false)].alerts[side][alert->severity]++;
	}
	for (size_t i = 0; i < answer->screening_count; i++) {
		standing *one =
		    is_due(&answer->screenings[i]) ? standing_of(impact, all, answer->screenings[i].rule->id, true) : NULL;
		if (is_due(&answer->screenings[i]) && !one)
			return false;
		if (one)
			one->there[side] = true;
		impact->due[side] += one != NULL;
	}
	return true;
}

/* ---- cases ------------------------------------------------------------------------------ */

static const char *summary_of(const vg_answer *answer, const char *id)
{
	for (size_t i = 0; i < answer->alert_count; i++) {
		const vg_alert *alert = &answer->alerts[i];
		bool named = strcmp(alert->rule, id) == 0;
		for (size_t k = 0; k < alert->also_count; k++)
			named |= strcmp(alert->also[k], id) == 0;
		if (named)
			return alert->summary;
	}
	for (size_t i = 0; i < answer->screening_count; i++)
		if (strcmp(answer->screenings[i].rule->id, id) == 0)
			return answer->screenings[i].reason;
	return "";
}

/* Why the rule speaks, or does not, as the new packs see it. */
static vigil_status explain(vg_impact *impact, const vg_impact_side *now, const char *id, bool gained, const char **ret,
			    vigil_error *err)
{
	const vg_explanation *explanations;
	size_t count;
	uint32_t number = vg_rule_find(now->world->rulebook, id);
	*ret = gained ? "It is a row of a table, or always checked."
		      : "There is no such rule any more, or it is a row of a table.";
	if (number == UINT32_MAX)
		return VIGIL_OK;
	vigil_status status = vg_explain(now->evaluator, now->world, &now->question, number, NULL, &explanations, &count, err);
	for (size_t i = 0; i < count && status == VIGIL_OK; i++) {
		bool speaks = explanations[i].outcome == VG_FIRED || explanations[i].outcome == VG_ASKED;
		if (i > 0 && speaks != gained)
			continue;
		*ret = vg_copy_text(&impact->arena, explanations[i].sentence, strlen(explanations[i].sentence));
		if (!*ret)
			return vg_fail_memory(err);
		if (speaks == gained)
			break;
	}
	return status;
}

static vigil_status keep_case(vg_impact *impact, const vg_impact_side sides[2], size_t number, bool gained, const char *record,
			      vigil_error *err)
{
	vg_impact_rule *rule = &impact->rules[number];
	vg_arena *arena = &impact->arena;
	size_t same = gained ? rule->gained_cases : rule->case_count - rule->gained_cases;
	const vg_answer *answer;
	vg_impact_case one = {.gained = gained};
	if (same >= impact->sample)
		return VIGIL_OK;
	const vg_impact_side *speaks = &sides[gained ? VG_AFTER : VG_BEFORE];
	vigil_status status = vg_evaluate(speaks->evaluator, speaks->world, &speaks->question, &answer, err);
	if (status != VIGIL_OK)
		return status;
	const char *summary = summary_of(answer, rule->rule), *patient = answer->record->patient.reference;
	one.summary = vg_copy_text(arena, summary ? summary : "", summary ? strlen(summary) : 0);
	one.patient = vg_copy_text(arena, patient ? patient : "", patient ? strlen(patient) : 0);
	one.record = vg_copy_text(arena, record, strlen(record));
	status = explain(impact, &sides[VG_AFTER], rule->rule, gained, &one.why, err);
	if (status != VIGIL_OK)
		return status;
	vg_impact_case *cases = vg_grow(arena, (void *)rule->cases, rule->case_count, &rule->case_capacity, sizeof *cases);
	if (!cases || arena->failed)
		return vg_fail_memory(err);
	rule->cases = cases;
	cases[rule->case_count++] = one;
	rule->gained_cases += gained;
	return VIGIL_OK;
}

/* ---- one patient ---------------------------------------------------------------------------- */

static void count_rule(vg_impact_rule *rule, const standing *one)
{
	rule->patients[VG_BEFORE] += one->there[VG_BEFORE];
	rule->patients[VG_AFTER] += one->there[VG_AFTER];
	rule->gained += one->there[VG_AFTER] && !one->there[VG_BEFORE];
	rule->lost += one->there[VG_BEFORE] && !one->there[VG_AFTER];
	if (one->there[VG_BEFORE] && one->there[VG_AFTER]) {
		rule->graver += one->severity[VG_AFTER] > one->severity[VG_BEFORE];
		rule->milder += one->severity[VG_AFTER] < one->severity[VG_BEFORE];
	}
}

static uint64_t count_orders(const vg_question *question)
{
	uint64_t count = question->record->order_count;
	for (size_t i = 0; i < question->order_record_count; i++)
		count += question->order_records[i]->order_count;
	return count;
}

vigil_status vg_impact_add(vg_impact *impact, const vg_impact_side sides[2], const char *record, vigil_error *err)
{
	standings all = {.items = NULL};
	bool alerted[2];
	vg_arena_reset(&impact->scratch);
	for (int side = VG_BEFORE; side <= VG_AFTER; side++) {
		const vg_answer *answer;
		vigil_status status = vg_decide(sides[side].evaluator, sides[side].world, &sides[side].question, &answer, err);
		if (status != VIGIL_OK)
			return status;
		if (!note_answer(impact, &all, answer, side))
			return vg_fail_memory(err);
		alerted[side] = answer->alert_count > 0;
		impact->alerted[side] += alerted[side];
	}
	impact->patients++;
	impact->orders += count_orders(&sides[VG_AFTER].question);
	impact->alerted_gained += alerted[VG_AFTER] && !alerted[VG_BEFORE];
	impact->alerted_lost += alerted[VG_BEFORE] && !alerted[VG_AFTER];
	for (size_t i = 0; i < impact->rule_count && i < all.count; i++) {
		const standing *one = &all.items[i];
		count_rule(&impact->rules[i], one);
		if (one->there[VG_BEFORE] == one->there[VG_AFTER])
			continue;
		vigil_status status = keep_case(impact, sides, i, one->there[VG_AFTER], record, err);
		if (status != VIGIL_OK)
			return status;
	}
	return VIGIL_OK;
}

/* ---- the whole -------------------------------------------------------------------------------- */

static int by_id(const void *left, const void *right)
{
	return strcmp(((const vg_impact_rule *)left)->rule, ((const vg_impact_rule *)right)->rule);
}

void vg_impact_finish(vg_impact *impact)
{
	if (impact->rule_count)
		qsort(impact->rules, impact->rule_count, sizeof *impact->rules, by_id);
}

bool vg_impact_changed(const vg_impact_rule *rule) { return rule->gained || rule->lost || rule->graver || rule->milder; }
