/*
 * Interaction rules of the packs on one pair of drugs.
 *
 * A rule is about a pair when one drug is of its first set and the other of its
 * second, whichever was ordered; a class with itself needs two different
 * ingredients.  A drug that was stopped counts as long as the rule says that it
 * still acts.
 */
#include "evaluation/evaluation_internal.h"

/* An ingredient of the fact in `set` other than `not_this`; 0 when there is none. */
static vg_concept other_ingredient(const vg_work *work, const vg_clinical_fact *fact, vg_set set, vg_concept not_this)
{
	for (uint16_t i = 0; i < fact->ingredient_count; i++)
		if (fact->ingredients[i] != not_this && vg_set_has(work->knowledge, set, fact->ingredients[i]))
			return fact->ingredients[i];
	return 0;
}

/* Two members of the sets that are not the same ingredient. */
static bool take_members(const vg_work *work, const vg_side *subject, vg_set subject_set, const vg_side *other,
			 vg_set other_set, vg_binding *binding)
{
	vg_concept a, b;
	if (!vg_side_has(work, subject, subject_set, &a) || !vg_side_has(work, other, other_set, &b))
		return false;
	if (a && a == b) {
		vg_concept second = other_ingredient(work, other->fact, other_set, a);
		vg_concept first = second ? 0 : other_ingredient(work, subject->fact, subject_set, b);
		if (!first && !second)
			return false;
		if (first)
			a = first;
		else
			b = second;
	}
	binding->subject_ingredient = a;
	binding->other_ingredient = b;
	binding->subject_set = subject_set;
	binding->other_set = other_set;
	return true;
}

static bool still_acts(const vg_work *work, const vg_side *side, vg_duration still_counts)
{
	return side->role != VG_ROLE_STOPPED ||
	       (vg_duration_given(still_counts) && work->scene.as_of <= vg_day_plus(side->stopped_on, still_counts));
}

bool vg_pair_matches(const vg_work *work, const vg_rule *rule, const vg_side *subject, const vg_side *other, vg_binding *ret)
{
	bool ordered = subject->role == VG_ROLE_ORDER;
	*ret = (vg_binding){.order = ordered ? subject->fact : NULL, .subject = subject->fact, .other = other->fact};
	for (int turned = 0; turned < 2; turned++)
		if (still_acts(work, other, rule->still_counts[!turned]) &&
		    still_acts(work, subject, rule->still_counts[turned]) &&
		    take_members(work, subject, rule->pair[turned], other, rule->pair[!turned], ret))
			return true;
	return false;
}

/* Whether some medication that the order renews, and that is surely taken, holds the ingredient too. */
static bool renews_member(const vg_work *work, const vg_pair *pair, const vg_binding *binding)
{
	if (pair->order_side == VG_NO_ORDER)
		return false;
	for (uint32_t i = work->first_chart_side; i < work->side_count; i++) {
		const vg_side *before = &work->sides[i];
		if (before->role != VG_ROLE_TAKEN || !vg_renews(work, pair->order_side, i))
			continue;
		if (!binding->subject_ingredient ||
		    vg_fact_ingredient_in(work->scene.record, before->fact, binding->subject_set))
			return true;
	}
	return false;
}

static uint32_t order_side_of(const vg_work *work, const vg_side *side)
{
	return side->role == VG_ROLE_ORDER ? (uint32_t)(side - work->sides) : VG_NO_ORDER;
}

/* A pair is renewed when the order renews its own member and the other one was there: taken, or itself renewed. */
unsigned vg_pair_notes(const vg_work *work, const vg_pair *pair, const vg_binding *binding)
{
	if (!renews_member(work, pair, binding))
		return pair->notes;
	bool was_there = pair->other->role == VG_ROLE_TAKEN || pair->other->role == VG_ROLE_STALE;
	if (pair->other->role == VG_ROLE_ORDER) {
		vg_pair turned = {order_side_of(work, pair->other), pair->other, pair->subject, 0};
		vg_binding back = {.subject_ingredient = binding->other_ingredient, .subject_set = binding->other_set};
		was_there = renews_member(work, &turned, &back);
	}
	return was_there ? pair->notes | VG_NOTE_RENEWED : pair->notes;
}

void vg_judge_pair_rules(vg_work *work, const vg_pair *pair)
{
	for (uint32_t i = 0; i < work->pair_rule_count; i++) {
		uint32_t number = work->pair_rules[i];
		const vg_rule *rule = &work->book->rules[number];
		vg_binding binding;
		if (rule->kind == VG_KIND_INTERACTION && vg_pair_matches(work, rule, pair->subject, pair->other, &binding))
			vg_judge_rule(work, number, &binding, VG_TRUE, vg_pair_notes(work, pair, &binding));
	}
}
