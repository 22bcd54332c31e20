/*
 * started and stopped: the beginnings and ends of courses.
 *
 * A renewal is no start: an entry whose drug was taken until shortly before, or
 * that says which prescription it renews, goes on with an older course; where the
 * list of medications is not complete, that older course may be missing.  A drug
 * is stopped when one entry of it has ended and no other is active.
 */
#include "rule/rule_internal.h"

static bool is_renewal(const vg_scene *scene, vg_ids ids, const vg_clinical_fact *fact)
{
	if (*fact->prior)
		return true;
	for (size_t i = 0; i < ids.count; i++)
		if (vg_continues(scene, fact, &scene->record->facts[ids.ids[i]]))
			return true;
	return false;
}

/* Whether the record would show what this entry could renew: entries of the 15 months before count as taken. */
static vg_truth none_before(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, vg_look *look)
{
	static const vg_duration fifteen_months = {.months = 15};
	vg_day day = vg_when_known(fact->when) ? vg_day_minus(fact->when.first, fifteen_months) : VG_NO_DAY;
	return vg_not(vg_nothing_found(scene, leaf->sections, day, look));
}

vg_truth vg_truth_started(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	vg_truth result = VG_FALSE;
	vg_window window;
	vg_window_of(scene, leaf, &window);
	vg_ids ids = vg_record_watched(scene->record, leaf->slot);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		if (!vg_was_taken(scene, fact))
			continue;
		vg_truth truth =
		    vg_and(vg_route_is(fact->route, leaf->route), vg_in_window(&window, fact->when, fact->recorded));
		if (truth == VG_FALSE || is_renewal(scene, ids, fact))
			continue;
		truth = vg_and(truth, none_before(scene, leaf, fact, look));
		result = vg_or(result, truth);
		vg_look_fact(look, fact);
		if (truth == VG_UNKNOWN)
			vg_tell_unfit(leaf, fact, look);
	}
	return result != VG_FALSE ? result : vg_nothing_found(scene, leaf->sections, window.from_first, look);
}

static bool taken_otherwise(const vg_scene *scene, vg_ids ids, const vg_clinical_fact *fact)
{
	for (size_t i = 0; i < ids.count; i++)
		if (vg_is_active(scene, ids.ids[i]) && vg_same_drug(fact, &scene->record->facts[ids.ids[i]]))
			return true;
	return false;
}

/* The day from which it is no longer taken, against the window. */
static vg_truth has_stopped(const vg_scene *scene, const vg_window *window, const vg_clinical_fact *fact)
{
	vg_day day = vg_medication_stopped_on(fact);
	if (day != VG_NO_DAY && day > scene->as_of + 1)
		return VG_FALSE;
	vg_when when = day == VG_NO_DAY ? VG_NO_WHEN : (vg_when){day, day, VG_NO_INSTANT};
	return vg_in_window(window, when, VG_NO_WHEN);
}

vg_truth vg_truth_stopped(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	vg_truth result = VG_FALSE;
	vg_window window;
	vg_window_of(scene, leaf, &window);
	vg_ids ids = vg_record_watched(scene->record, leaf->slot);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		if (!vg_was_taken(scene, fact) || vg_is_active(scene, ids.ids[i]) || vg_is_superseded(scene, fact))
			continue;
		vg_truth truth = vg_and(vg_route_is(fact->route, leaf->route), has_stopped(scene, &window, fact));
		if (truth == VG_FALSE || taken_otherwise(scene, ids, fact))
			continue;
		/* An entry elsewhere may go on with it. */
		if (truth == VG_TRUE)
			truth = vg_not(vg_nothing_found(scene, leaf->sections, VG_NO_DAY, look));
		else
			vg_tell_unfit(leaf, fact, look);
		result = vg_or(result, truth);
		vg_look_fact(look, fact);
	}
	return result != VG_FALSE ? result : vg_nothing_found(scene, leaf->sections, VG_NO_DAY, look);
}
