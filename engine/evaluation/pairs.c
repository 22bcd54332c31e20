/*
 * Pairs: each judged order with every drug that it would stand beside.
 *
 * The order that completes a pair is the one that is warned about: of two
 * orders made at once, the later one.  Pairs that the patient takes already are
 * judged only when they are asked for; the newer drug of the two is then the subject.
 * Rules of the packs come first, because their verdict on a pair may replace a
 * row's; then the interaction table.
 */
#include "evaluation/evaluation_internal.h"

static bool is_stale(const vg_side *side) { return side->role == VG_ROLE_STALE; }

unsigned vg_side_notes(const vg_side *subject, const vg_side *other)
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

/* Of the chart: the drug that was written last comes first, in all its forms. */
static bool comes_before(const vg_work *work, uint32_t a, uint32_t b)
{
	uint32_t first = work->sides[a].drug, second = work->sides[b].drug;
	return first != second ? first < second : a < b;
}

/* An order stands beside the orders before it, the other drafts, and what no
 * order takes the place of.  Of two that are taken the newer drug is the
 * subject; a drug that was stopped never is. */
bool vg_stands_beside(const vg_work *work, uint32_t subject, uint32_t other)
{
	if (subject < work->order_sides) {
		if (other < work->order_sides)
			return other < subject;
		return other < work->first_chart_side || !vg_is_renewed(work, other);
	}
	return other >= work->first_chart_side && other != subject && work->sides[subject].role != VG_ROLE_STOPPED &&
	       (work->sides[other].role == VG_ROLE_STOPPED || comes_before(work, subject, other));
}

static void judge_rows(vg_work *work, uint32_t subject)
{
	vg_side_tags(work, &work->sides[subject], VG_INTERACTIONS);
	if (work->sides[subject].tag_count == 0)
		return; /* no row names it */
	for (uint32_t i = 0; i < work->side_count && !vg_out_of_time(work); i++) {
		if (!vg_stands_beside(work, subject, i))
			continue;
		vg_pair pair = {subject < work->order_sides ? subject : VG_NO_ORDER, &work->sides[subject], &work->sides[i],
				vg_side_notes(&work->sides[subject], &work->sides[i])};
		vg_judge_pair_rows(work, &pair);
	}
}

/* Rules first: their verdict on a pair may replace a row's. */
static void judge_subject(vg_work *work, uint32_t subject)
{
	if (work->pair_rule_count && !vg_out_of_time(work))
		vg_judge_pair_rules(work, subject);
	if (work->plan->has_interactions && !vg_rules_only(work))
		judge_rows(work, subject);
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
	for (uint32_t order = 0; order < work->order_sides; order++)
		judge_subject(work, order);
	for (uint32_t i = work->first_chart_side; i < work->side_count && work->judges_taken; i++)
		if (work->sides[i].role != VG_ROLE_STOPPED)
			judge_subject(work, i);
	note_unknown_partners(work);
	if (work->late && (work->order_sides || work->judges_taken))
		work->late_pairs = true;
}
