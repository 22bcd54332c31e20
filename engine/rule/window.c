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

/* Narrows the window to what begins on a day that lies in first … last. */
static void begin_on(vg_window *window, vg_day first, vg_day last)
{
	window->given = true;
	window->from_first = first > window->from_first ? first : window->from_first;
	window->from_last = last > window->from_last ? last : window->from_last;
}

static void add_within(vg_window *window, const vg_scene *scene, vg_duration within)
{
	if (within.hours) {
		/* By the calendar of any zone this much is certain. */
		vg_day day = scene->as_of - (within.hours / 24 + 2);
		window->given = window->by_instant = true;
		window->from_first = day > window->from_first ? day : window->from_first;
		if (scene->as_of_instant != VG_NO_INSTANT)
			window->from_instant = scene->as_of_instant - (int64_t)within.hours * 3600;
	} else {
		vg_day day = vg_day_minus(scene->as_of, within);
		begin_on(window, day, day);
	}
}

static void add_calendar(vg_window *window, const vg_scene *scene, uint8_t calendar)
{
	int year, month, day;
	vg_day_split(scene->as_of, &year, &month, &day);
	year -= calendar == VG_LAST_YEAR;
	vg_day first = vg_day_from(year, 1, 1);
	begin_on(window, first, first);
	window->to = vg_day_from(year, 12, 31);
}

void vg_window_of(const vg_scene *scene, const vg_leaf *leaf, vg_window *ret)
{
	vg_when birth = scene->record->patient.birth;
	*ret = (vg_window){.from_first = VG_NO_DAY, .from_last = VG_NO_DAY, .to = VG_NO_DAY, .from_instant = VG_NO_INSTANT};
	if (vg_duration_given(leaf->within))
		add_within(ret, scene, leaf->within);
	if (leaf->calendar)
		add_calendar(ret, scene, leaf->calendar);
	if (leaf->day_from != VG_NO_DAY)
		begin_on(ret, leaf->day_from, leaf->day_from);
	if (leaf->day_to != VG_NO_DAY) {
		ret->given = true;
		ret->to = leaf->day_to;
	}
	if (!vg_duration_given(leaf->after_age))
		return;
	ret->given = true;
	if (vg_when_known(birth))
		begin_on(ret, vg_day_plus(birth.first, leaf->after_age), vg_day_plus(birth.last, leaf->after_age));
	else
		ret->birth_unknown = true;
}

vg_truth vg_in_given_window(const vg_window *window, vg_when when, vg_when recorded)
{
	if (!vg_when_known(when)) {
		/* It was when it was recorded, or earlier: `before the window` is certain, nothing else is. */
		bool before = vg_when_known(recorded) && window->from_first != VG_NO_DAY && recorded.last < window->from_first;
		return before ? VG_FALSE : VG_UNKNOWN;
	}
	if (window->from_first != VG_NO_DAY && when.last < window->from_first)
		return VG_FALSE;
	if (window->to != VG_NO_DAY && when.first > window->to)
		return VG_FALSE;
	vg_truth truth = window->birth_unknown ? VG_UNKNOWN : VG_TRUE;
	if (window->by_instant) {
		if (window->from_instant == VG_NO_INSTANT || when.instant == VG_NO_INSTANT)
			truth = VG_UNKNOWN;
		else if (when.instant < window->from_instant)
			return VG_FALSE;
	}
	if (window->from_last != VG_NO_DAY && when.first < window->from_last)
		truth = VG_UNKNOWN;
	if (window->to != VG_NO_DAY && when.last > window->to)
		truth = VG_UNKNOWN;
	return truth;
}

vg_truth vg_nothing_found(const vg_scene *scene, unsigned sections, vg_day start, vg_look *look)
{
	sections &= ~scene->complete;
	for (unsigned i = 0; sections >> i; i++) {
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
