/*
 * has_condition, ever_had, family_history_of.
 *
 * The window of a problem is that of its onset.
 */
#include "rule/rule_internal.h"

/* It began at least so long ago. */
static vg_truth old_enough(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact)
{
	if (!vg_duration_given(leaf->least))
		return VG_TRUE;
	vg_day limit = vg_day_minus(scene->as_of, leaf->least);
	if (vg_when_known(fact->when))
		return vg_not(vg_day_reached(fact->when, limit + 1, limit + 1));
	return vg_when_known(fact->recorded) && fact->recorded.last <= limit ? VG_TRUE : VG_UNKNOWN;
}

static bool counts(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact)
{
	if (fact->kind != VG_FACT_CONDITION || !vg_fact_usable(scene, fact))
		return false;
	return leaf->word == VG_WORD_EVER_HAD ? fact->standing <= VG_PAST : vg_condition_active(fact, scene->as_of);
}

vg_truth vg_truth_condition(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	vg_truth result = VG_FALSE;
	vg_window window;
	vg_window_of(scene, leaf, &window);
	vg_ids ids = vg_record_watched(scene->record, leaf->slot);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		if (!counts(scene, leaf, fact))
			continue;
		vg_truth truth = vg_and(vg_in_window(&window, fact->when, fact->recorded), old_enough(scene, leaf, fact));
		if (truth == VG_FALSE)
			continue;
		result = vg_or(result, truth);
		vg_look_fact(look, fact);
		if (truth == VG_UNKNOWN)
			vg_look_missing(look, "when %s began is not known exactly", fact->display);
		if (!look && result == VG_TRUE)
			return VG_TRUE;
	}
	return result != VG_FALSE ? result : vg_nothing_found(scene, leaf->sections, window.from_first, look);
}

vg_truth vg_truth_family(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	vg_truth result = VG_FALSE;
	vg_ids ids = vg_record_watched(scene->record, leaf->slot);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		if (fact->kind != VG_FACT_FAMILY_HISTORY || fact->standing > VG_PAST)
			continue;
		result = VG_TRUE;
		vg_look_fact(look, fact);
	}
	return result != VG_FALSE ? result : vg_nothing_found(scene, leaf->sections, VG_NO_DAY, look);
}
