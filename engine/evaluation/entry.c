/*
 * Since when a patient meets a condition: the day on which a screening that was
 * never done fell due.
 *
 * A birthday is the day on which its age is completed; a problem, a drug or an
 * event is met from its earliest fact on.  All conditions of a list are met
 * with the last of them, one of a list with the first.  What has no beginning
 * that could be told (sex, the absence of something) adds nothing.
 */
#include "evaluation/evaluation_internal.h"

static vg_when birthday(const vg_work *work, const vg_leaf *leaf)
{
	vg_when birth = work->scene.record->patient.birth;
	if (!vg_when_known(birth) || !vg_duration_given(leaf->least))
		return VG_NO_WHEN;
	vg_day first = vg_day_plus(birth.first, leaf->least);
	return (vg_when){first, birth.first == birth.last ? first : vg_day_plus(birth.last, leaf->least), VG_NO_INSTANT};
}

static vg_when earlier(vg_when a, vg_when b)
{
	if (!vg_when_known(a) || !vg_when_known(b))
		return vg_when_known(a) ? a : b;
	return (vg_when){a.first < b.first ? a.first : b.first, a.last < b.last ? a.last : b.last, VG_NO_INSTANT};
}

static vg_when later(vg_when a, vg_when b)
{
	if (!vg_when_known(a) || !vg_when_known(b))
		return vg_when_known(a) ? a : b;
	return (vg_when){a.first > b.first ? a.first : b.first, a.last > b.last ? a.last : b.last, VG_NO_INSTANT};
}

static vg_when begun(const vg_clinical_fact *fact) { return vg_when_known(fact->when) ? fact->when : fact->recorded; }

/* With :for_at_least a condition is met only when it has gone on so long. */
static vg_when gone_on(vg_when begun_on, vg_duration least)
{
	if (!vg_when_known(begun_on) || !vg_duration_given(least))
		return begun_on;
	return (vg_when){vg_day_plus(begun_on.first, least), vg_day_plus(begun_on.last, least), VG_NO_INSTANT};
}

static vg_when problem_onset(const vg_work *work, const vg_leaf *leaf)
{
	const vg_record *record = work->scene.record;
	vg_when onset = VG_NO_WHEN;
	vg_ids facts = leaf->slot ? vg_record_watched(record, leaf->slot) : (vg_ids){NULL, 0};
	for (size_t i = 0; i < facts.count; i++) {
		const vg_clinical_fact *fact = &record->facts[facts.ids[i]];
		bool counts = fact->kind == VG_FACT_CONDITION &&
			      (leaf->word == VG_WORD_EVER_HAD ? !vg_fact_is_future(fact, work->scene.as_of)
							      : vg_condition_active(fact, work->scene.as_of));
		if (counts)
			onset = earlier(onset, gone_on(begun(fact), leaf->least));
	}
	return onset;
}

static vg_when first_fact(vg_work *work, const vg_leaf *leaf)
{
	vg_look look = {.arena = work->arena};
	vg_when first = VG_NO_WHEN;
	if (vg_leaf_truth(&work->scene, leaf, NULL, &look) == VG_TRUE)
		for (size_t i = 0; i < look.fact_count; i++) {
			const vg_clinical_fact *fact = look.facts[i];
			bool course = vg_duration_given(leaf->least) && fact->kind == VG_FACT_MEDICATION;
			vg_when start = course ? vg_course_start(&work->scene, leaf, fact) : begun(fact);
			first = earlier(first, gone_on(vg_when_known(start) ? start : begun(fact), leaf->least));
		}
	return first;
}

static vg_when leaf_entered_on(vg_work *work, const vg_leaf *leaf, bool ages_only)
{
	switch (leaf->word) {
	case VG_WORD_AGE_BETWEEN:
	case VG_WORD_AGE_AT_LEAST:
	case VG_WORD_AGE_BELOW:
		return birthday(work, leaf);
	case VG_WORD_SEX:
		return VG_NO_WHEN;
	case VG_WORD_HAS_CONDITION:
	case VG_WORD_EVER_HAD:
		return ages_only ? VG_NO_WHEN : problem_onset(work, leaf);
	default:
		return ages_only ? VG_NO_WHEN : first_fact(work, leaf);
	}
}

/* The day on which the `least`-th of the true children began. */
static vg_when counted_entry(vg_work *work, const vg_node *node, bool ages_only, uint32_t least)
{
	vg_when *days = vg_alloc_array(work->arena, node->count, sizeof *days);
	uint32_t count = 0;
	for (uint32_t i = 0; days && i < node->count; i++) {
		uint32_t child = work->book->children[node->first + i];
		if (vg_ask_node(work, child, NULL) != VG_TRUE)
			continue;
		vg_when day = vg_entered_on(work, child, ages_only);
		uint32_t place = count++;
		for (; place > 0 && days[place - 1].first > day.first; place--)
			days[place] = days[place - 1];
		days[place] = day;
	}
	if (count == 0)
		return VG_NO_WHEN;
	/* Those without a beginning stand first: VG_NO_DAY is the smallest day. */
	return days[least && least <= count ? least - 1 : count - 1];
}

vg_when vg_entered_on(vg_work *work, uint32_t number, bool ages_only)
{
	vg_when day = VG_NO_WHEN;
	if (number == VG_NO_NODE)
		return day;
	const vg_node *node = &work->book->nodes[number];
	switch ((vg_node_kind)node->kind) {
	case VG_NODE_LEAF:
		return leaf_entered_on(work, &work->book->leaves[node->leaf], ages_only);
	case VG_NODE_ALL:
		for (uint32_t i = 0; i < node->count; i++)
			day = later(day, vg_entered_on(work, work->book->children[node->first + i], ages_only));
		return day;
	case VG_NODE_ANY:
		return counted_entry(work, node, ages_only, 1);
	case VG_NODE_AT_LEAST:
		return counted_entry(work, node, ages_only, node->least);
	case VG_NODE_NONE:
		break;
	}
	return day;
}
