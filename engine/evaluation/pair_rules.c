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

static bool still_acts(const vg_work *work, const vg_side *side, vg_duration still_counts)
{
	return side->role != VG_ROLE_STOPPED ||
	       (vg_duration_given(still_counts) && work->scene.as_of <= vg_day_plus(side->stopped_on, still_counts));
}

/* Whether `other` completes the pair of a subject that is of the rule's set `half->place`. */
static bool completes(const vg_work *work, const vg_rule *rule, const vg_side *subject, vg_half half, const vg_side *other,
		      vg_binding *ret)
{
	int place = half.place;
	vg_concept mine = half.ingredient, theirs;
	if (!vg_side_has(work, other, rule->pair[!place], &theirs) || !still_acts(work, other, rule->still_counts[!place]))
		return false;
	if (mine && mine == theirs) { /* two members that are not the same ingredient */
		vg_concept second = other_ingredient(work, other->fact, rule->pair[!place], mine);
		vg_concept first = second ? 0 : other_ingredient(work, subject->fact, rule->pair[place], mine);
		if (!first && !second)
			return false;
		mine = first ? first : mine;
		theirs = second ? second : theirs;
	}
	*ret = (vg_binding){.order = subject->role == VG_ROLE_ORDER ? subject->fact : NULL,
			    .subject = subject->fact,
			    .other = other->fact,
			    .subject_ingredient = mine,
			    .other_ingredient = theirs,
			    .subject_set = rule->pair[place],
			    .other_set = rule->pair[!place]};
	return true;
}

bool vg_pair_matches(const vg_work *work, const vg_rule *rule, const vg_side *subject, const vg_side *other, vg_binding *ret)
{
	for (uint8_t place = 0; place < 2; place++) {
		vg_half half = {.place = place};
		if (vg_side_has(work, subject, rule->pair[place], &half.ingredient) &&
		    completes(work, rule, subject, half, other, ret))
			return true;
	}
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

/* One half of a rule against every drug that could be the other. */
static void judge_half(vg_work *work, uint32_t subject, uint32_t number, vg_half half, uint32_t *partners, vg_bits *met)
{
	const vg_rule *rule = &work->book->rules[number];
	const vg_side *side = &work->sides[subject];
	uint32_t count = vg_sides_of_set(work, rule->pair[!half.place], partners);
	for (uint32_t i = 0; i < count; i++) {
		const vg_side *other = &work->sides[partners[i]];
		vg_binding binding;
		if (vg_bit_test(met, partners[i]) || !completes(work, rule, side, half, other, &binding) ||
		    !vg_stands_beside(work, subject, partners[i]))
			continue;
		vg_bit_set(met, partners[i]);
		vg_pair pair = {subject < work->order_sides ? subject : VG_NO_ORDER, &work->sides[subject],
				&work->sides[partners[i]], vg_side_notes(side, other)};
		vg_judge_rule(work, number, &binding, VG_TRUE, vg_pair_notes(work, &pair, &binding));
	}
}

void vg_judge_pair_rules(vg_work *work, uint32_t subject)
{
	uint32_t *partners = vg_alloc_array(work->arena, work->side_count, sizeof *partners);
	vg_bits *met = vg_alloc_array(work->arena, VG_BITS_WORDS(work->side_count), sizeof *met);
	for (uint32_t i = 0; partners && met && i < work->pair_rule_count && !vg_out_of_time(work); i++) {
		const vg_rule *rule = &work->book->rules[work->pair_rules[i]];
		bool any = false;
		for (uint8_t place = 0; place < 2 && rule->kind == VG_KIND_INTERACTION; place++) {
			vg_half half = {.place = place};
			if (!vg_side_has(work, &work->sides[subject], rule->pair[place], &half.ingredient))
				continue;
			if (!any) /* a drug may be both halves of a rule: each other drug is met once */
				memset(met, 0, VG_BITS_WORDS(work->side_count) * sizeof *met);
			any = true;
			judge_half(work, subject, work->pair_rules[i], half, partners, met);
		}
	}
}
