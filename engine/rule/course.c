/*
 * One medication or order: its route, dose, frequency, length, and what went
 * before it.  What cannot be read is unknown, never normal.
 */
#include "rule/rule_internal.h"

enum { DAYS_BETWEEN_RENEWALS = 30 }; /* a gap up to this is one course: people refill late */

vg_truth vg_route_is(uint8_t route, uint8_t wanted)
{
	if (!wanted)
		return VG_TRUE;
	if (route == VG_ROUTE_UNKNOWN)
		return VG_UNKNOWN;
	bool is = wanted == VG_ROUTE_SYSTEMIC ? vg_route_systemic((vg_route)route) : route == wanted;
	return is ? VG_TRUE : VG_FALSE;
}

static double days_of(vg_duration duration) { return duration.hours ? duration.hours / 24.0 : vg_day_plus(0, duration); }

vg_truth vg_often(const vg_clinical_fact *fact, vg_duration limit)
{
	vg_truth truth = fact->dose_count ? VG_FALSE : VG_UNKNOWN;
	double least = days_of(limit) * (1 - 1e-9);
	for (uint16_t i = 0; i < fact->dose_count; i++) {
		double interval = fact->doses[i].interval_days;
		truth = vg_or(truth, isnan(interval) ? VG_UNKNOWN : interval < least ? VG_TRUE : VG_FALSE);
	}
	return truth;
}

/* A medication's own daily dose of an ingredient against the leaf's limit. */
static vg_truth ingredient_above(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, uint16_t ingredient)
{
	double dose;
	const char *unit;
	if (!vg_daily_dose(scene->record, fact, ingredient, &dose, &unit) || (*unit == '[') != leaf->dose_in_units)
		return VG_UNKNOWN;
	return vg_span_above((vg_span){dose, dose, false, false}, leaf->low.number);
}

vg_truth vg_dose_above(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact)
{
	vg_truth truth = VG_FALSE;
	bool found = false;
	for (uint16_t i = 0; i < fact->ingredient_count; i++) {
		if (leaf->set && !vg_set_has(scene->knowledge, leaf->set, fact->ingredients[i]))
			continue;
		found = true;
		truth = vg_or(truth, ingredient_above(scene, leaf, fact, i));
	}
	return found ? truth : VG_UNKNOWN;
}

vg_truth vg_lasts_longer(const vg_clinical_fact *fact, vg_duration limit)
{
	vg_when end = fact->until;
	if (!vg_when_known(end) && fact->supply_end != VG_NO_DAY)
		end = (vg_when){fact->supply_end - 1, fact->supply_end - 1, VG_NO_INSTANT}; /* the last day supplied */
	vg_when start = vg_when_known(fact->when) ? fact->when : fact->recorded;
	if (!vg_when_known(end) || !vg_when_known(start))
		return VG_UNKNOWN;
	return vg_day_reached(end, vg_day_plus(start.first, limit), vg_day_plus(start.last, limit));
}

vg_truth vg_drug_fits(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact)
{
	vg_truth truth = vg_route_is(fact->route, leaf->route);
	if (truth != VG_FALSE && leaf->dose_limited)
		truth = vg_and(truth, vg_dose_above(scene, leaf, fact));
	if (truth != VG_FALSE && vg_duration_given(leaf->often))
		truth = vg_and(truth, vg_often(fact, leaf->often));
	if (truth != VG_FALSE && vg_duration_given(leaf->longer))
		truth = vg_and(truth, vg_lasts_longer(fact, leaf->longer));
	return truth;
}

void vg_tell_unfit(const vg_leaf *leaf, const vg_clinical_fact *fact, vg_look *look)
{
	if (leaf->route && fact->route == VG_ROUTE_UNKNOWN)
		vg_look_missing(look, "route of %s not known", fact->display);
	else if (leaf->dose_limited)
		vg_look_missing(look, "daily dose of %s cannot be read", fact->display);
	else if (vg_duration_given(leaf->often))
		vg_look_missing(look, "how often %s is taken cannot be read", fact->display);
	else if (vg_duration_given(leaf->longer))
		vg_look_missing(look, "how long %s is taken cannot be read", fact->display);
	else
		vg_look_missing(look, "when %s was begun or stopped is not known", fact->display);
}

bool vg_same_drug(const vg_clinical_fact *a, const vg_clinical_fact *b)
{
	for (uint16_t i = 0; i < a->ingredient_count; i++)
		for (uint16_t j = 0; j < b->ingredient_count; j++)
			if (a->ingredients[i] == b->ingredients[j])
				return true;
	if (a->ingredient_count || b->ingredient_count)
		return false;
	for (uint8_t i = 0; i < a->code_count; i++)
		for (uint8_t j = 0; j < b->code_count; j++)
			if (a->codes[i].concept && a->codes[i].concept == b->codes[j].concept)
				return true;
	return false;
}

bool vg_was_taken(const vg_scene *scene, const vg_clinical_fact *fact)
{
	return fact->kind == VG_FACT_MEDICATION && fact->standing <= VG_PAST && vg_fact_usable(scene, fact);
}

bool vg_taking(const vg_scene *scene, uint32_t fact) { return vg_is_active(scene, fact); }

bool vg_is_superseded(const vg_scene *scene, const vg_clinical_fact *fact)
{
	return fact->superseded_by && fact->superseded_from <= scene->as_of;
}

bool vg_is_active(const vg_scene *scene, uint32_t fact)
{
	return scene->record->facts[fact].kind == VG_FACT_MEDICATION && scene->activity[fact] != VG_NOT_ACTIVE;
}

bool vg_continues(const vg_scene *scene, const vg_clinical_fact *later, const vg_clinical_fact *earlier)
{
	if (earlier == later || !vg_was_taken(scene, earlier) || !vg_when_known(earlier->when) || !vg_when_known(later->when) ||
	    earlier->when.first >= later->when.first || !vg_same_drug(earlier, later))
		return false;
	vg_day end = vg_medication_stopped_on(earlier);
	if (end == VG_NO_DAY && earlier->standing == VG_PAST)
		return false;
	return end == VG_NO_DAY || end + DAYS_BETWEEN_RENEWALS >= later->when.first;
}

vg_when vg_course_start(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact)
{
	vg_ids ids = vg_record_watched(scene->record, leaf->slot);
	const vg_clinical_fact *first = fact;
	/* Each step goes to an earlier fact, so that there are no more steps than facts. */
	for (bool moved = true; moved;) {
		moved = false;
		for (size_t i = 0; i < ids.count && !moved; i++) {
			const vg_clinical_fact *earlier = &scene->record->facts[ids.ids[i]];
			moved = vg_continues(scene, first, earlier);
			first = moved ? earlier : first;
		}
	}
	return first->when;
}
