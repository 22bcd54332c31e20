/*
 * When a fact was, against a leaf's window, in three values.
 *
 * Windows include their first day.  A partial date that straddles an end is
 * unknown.  Windows in hours compare points in time and are unknown where one
 * is missing, unless the day alone decides.  A fact without a date of its own
 * happened on or before the day on which it was recorded; that can only show
 * that it was before the window.
 */
#include "rule/rule_internal.h"

vg_truth vg_day_reached(vg_when when, vg_day first, vg_day last)
{
	if (when.first >= last)
		return VG_TRUE;
	return when.last < first ? VG_FALSE : VG_UNKNOWN;
}

static vg_truth within_hours(const vg_scene *scene, int32_t hours, vg_when when)
{
	vg_day days = hours / 24 + 2; /* by the calendar of any zone */
	if (when.last < scene->as_of - days)
		return VG_FALSE;
	if (scene->as_of_instant == VG_NO_INSTANT || when.instant == VG_NO_INSTANT)
		return VG_UNKNOWN;
	return when.instant >= scene->as_of_instant - (int64_t)hours * 3600 ? VG_TRUE : VG_FALSE;
}

static vg_truth after_age(const vg_scene *scene, vg_duration age, vg_when when)
{
	vg_when birth = scene->record->patient.birth;
	if (!vg_when_known(birth))
		return VG_UNKNOWN;
	return vg_day_reached(when, vg_day_plus(birth.first, age), vg_day_plus(birth.last, age));
}

/* The first and last day of :since and :during; VG_NO_DAY where open. */
static void fixed_window(const vg_scene *scene, const vg_leaf *leaf, vg_day *ret_from, vg_day *ret_to)
{
	*ret_from = leaf->day_from;
	*ret_to = leaf->day_to;
	if (leaf->calendar == VG_NO_CALENDAR)
		return;
	int year, month, day;
	vg_day_split(scene->as_of, &year, &month, &day);
	year -= leaf->calendar == VG_LAST_YEAR;
	*ret_from = vg_day_from(year, 1, 1);
	*ret_to = vg_day_from(year, 12, 31);
}

static vg_truth known_when_in_window(const vg_scene *scene, const vg_leaf *leaf, vg_when when)
{
	vg_truth truth = VG_TRUE;
	vg_day from, to;
	if (leaf->within.hours) {
		truth = within_hours(scene, leaf->within.hours, when);
	} else if (vg_duration_given(leaf->within)) {
		vg_day start = vg_day_minus(scene->as_of, leaf->within);
		truth = vg_day_reached(when, start, start);
	}
	fixed_window(scene, leaf, &from, &to);
	if (from != VG_NO_DAY)
		truth = vg_and(truth, vg_day_reached(when, from, from));
	if (to != VG_NO_DAY)
		truth = vg_and(truth, vg_not(vg_day_reached(when, to + 1, to + 1)));
	if (vg_duration_given(leaf->after_age))
		truth = vg_and(truth, after_age(scene, leaf->after_age, when));
	return truth;
}

static bool has_window(const vg_leaf *leaf)
{
	return vg_duration_given(leaf->within) || leaf->day_from != VG_NO_DAY || leaf->day_to != VG_NO_DAY || leaf->calendar ||
	       vg_duration_given(leaf->after_age);
}

vg_truth vg_when_in_window(const vg_scene *scene, const vg_leaf *leaf, vg_when when, vg_when recorded)
{
	if (!has_window(leaf))
		return VG_TRUE;
	if (vg_when_known(when))
		return known_when_in_window(scene, leaf, when);
	if (!vg_when_known(recorded))
		return VG_UNKNOWN;
	/* It was then or earlier: `before the window` is certain, nothing else is. */
	vg_leaf lower = *leaf;
	lower.day_to = VG_NO_DAY;
	vg_day start = vg_window_start(scene, &lower);
	return start != VG_NO_DAY && recorded.last < start ? VG_FALSE : VG_UNKNOWN;
}

vg_day vg_window_start(const vg_scene *scene, const vg_leaf *leaf)
{
	vg_day start = VG_NO_DAY, from, to;
	if (leaf->within.hours)
		start = scene->as_of - (leaf->within.hours / 24 + 2);
	else if (vg_duration_given(leaf->within))
		start = vg_day_minus(scene->as_of, leaf->within);
	fixed_window(scene, leaf, &from, &to);
	if (from != VG_NO_DAY && from > start)
		start = from;
	if (vg_duration_given(leaf->after_age) && vg_when_known(scene->record->patient.birth)) {
		vg_day birthday = vg_day_plus(scene->record->patient.birth.first, leaf->after_age);
		start = birthday > start ? birthday : start;
	}
	return start;
}

vg_truth vg_nothing_found(const vg_scene *scene, unsigned sections, vg_day start, vg_look *look)
{
	for (unsigned i = 0; i < VG_SECTION_COUNT; i++) {
		const vg_completeness *section = &scene->sections[i];
		if (!(sections >> i & 1) || section->state == VG_COMPLETE)
			continue;
		if (section->state == VG_SUPPLIED_SINCE && start != VG_NO_DAY && start >= section->since)
			continue;
		vg_look_section(look, scene, 1u << i);
		return VG_UNKNOWN;
	}
	return VG_FALSE;
}
