/*
 * Pairs: each judged order with every drug that it would stand beside.
 *
 * The order that completes a pair is the one that is warned about: of two
 * orders made at once, the later one.  Pairs that the patient takes already are
 * judged only when they are asked for; the newer of the two is then the subject.
 * Rules of the packs come first, because their verdict on a pair may replace a
 * row's; then the interaction table.
 */
#include "evaluation/evaluation_internal.h"

static bool is_stale(const vg_side *side) { return side->role == VG_ROLE_STALE; }

static unsigned notes_of(const vg_side *subject, const vg_side *other)
{
	unsigned notes = 0;
	if (is_stale(subject))
		notes |= VG_NOTE_SUBJECT_STALE;
	if (is_stale(other))
		notes |= VG_NOTE_STALE;
	if (other->role == VG_ROLE_STOPPED)
		notes |= VG_NOTE_STOPPED;
	return notes;
}

static void judge_pair(vg_work *work, uint32_t order_side, vg_side *subject, vg_side *other)
{
	vg_pair pair = {order_side, subject, other, notes_of(subject, other)};
	vg_judge_pair_rules(work, &pair);
	if (work->plan->has_interactions && !work->question->only_rules)
		vg_judge_pair_rows(work, &pair);
}

static bool skipped(const vg_work *work, uint32_t order_side, uint32_t side)
{
	if (side < work->order_sides)
		return side >= order_side; /* the later order speaks */
	return vg_renews(work, order_side, side) || work->sides[side].renewed;
}

static void judge_orders(vg_work *work)
{
	for (uint32_t order = 0; order < work->order_sides; order++)
		for (uint32_t i = 0; i < work->side_count; i++) {
			if (vg_out_of_time(work, false))
				return;
			if (!skipped(work, order, i))
				judge_pair(work, order, &work->sides[order], &work->sides[i]);
		}
}

static void judge_taken(vg_work *work)
{
	for (uint32_t i = work->first_chart_side; i < work->side_count; i++) {
		vg_side *subject = &work->sides[i];
		for (uint32_t k = work->first_chart_side; k < work->side_count && subject->role != VG_ROLE_STOPPED; k++) {
			vg_side *other = &work->sides[k];
			if (vg_out_of_time(work, false))
				return;
			/* Of two that are taken the first of the list is the subject: the newer one. */
			if (k != i && (other->role == VG_ROLE_STOPPED || k > i))
				judge_pair(work, VG_NO_ORDER, subject, other);
		}
	}
}

/* Rules whose one drug is ordered, when nobody knows what is taken. */
static void note_unknown_partners(vg_work *work)
{
	if (work->scene.sections[VG_MEDICATIONS].state == VG_COMPLETE)
		return;
	for (uint32_t i = 0; i < work->pair_rule_count; i++) {
		uint32_t number = work->pair_rules[i];
		const vg_rule *rule = &work->book->rules[number];
		for (uint32_t order = 0; order < work->order_sides && rule->kind == VG_KIND_INTERACTION; order++) {
			vg_concept ingredient;
			const vg_side *side = &work->sides[order];
			bool half = vg_side_has(work, side, rule->pair[0], &ingredient) ||
				    vg_side_has(work, side, rule->pair[1], &ingredient);
			if (half)
				vg_judge_untold(work, number, side->fact, VG_MEDICATIONS);
		}
	}
}

void vg_judge_pairs(vg_work *work)
{
	judge_orders(work);
	if (work->question->judge_existing)
		judge_taken(work);
	note_unknown_partners(work);
	if (work->late && (work->order_sides || work->question->judge_existing))
		work->late_pairs = true;
}
