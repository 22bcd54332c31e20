/*
 * Changes and series: latest … :risen_by, :fallen_by; readings.
 *
 * A rise is measured from the lowest earlier value in the window, a fall from
 * the highest.  One value alone shows no change: that is unknown.
 */
#include "rule/rule_internal.h"

/* ---- risen_by, fallen_by --------------------------------------------------------- */

/* How far `newest` lies above (or below) `earlier`, against what is asked. */
static vg_truth changed(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *newest,
			const vg_clinical_fact *earlier)
{
	const vg_unit *unit = leaf->low.percent ? &newest->value.unit : &leaf->low.unit;
	bool risen = leaf->comparison == VG_RISEN_BY;
	vg_span now, then, change;
	if (!vg_value_span(scene, leaf->set, &newest->value, unit, &now) ||
	    !vg_value_span(scene, leaf->set, &earlier->value, unit, &then))
		return VG_UNKNOWN;
	if (!leaf->low.percent) {
		change = risen ? (vg_span){now.low - then.high, now.high - then.low, now.low_open || then.high_open,
					   now.high_open || then.low_open}
			       : (vg_span){then.low - now.high, then.high - now.low, then.low_open || now.high_open,
					   then.high_open || now.low_open};
		return vg_span_reaches(change, leaf->low.number);
	}
	double factor = risen ? 1 + leaf->low.number / 100 : 1 - leaf->low.number / 100;
	if (then.low <= 0)
		return VG_UNKNOWN; /* a part of nothing is not defined */
	if (risen) {
		if (vg_span_reaches((vg_span){now.low, now.low, false, false}, then.high * factor) == VG_TRUE)
			return VG_TRUE;
		return vg_span_reaches((vg_span){now.high, now.high, false, false}, then.low * factor) == VG_TRUE ? VG_UNKNOWN
														  : VG_FALSE;
	}
	if (vg_span_above((vg_span){now.high, now.high, false, false}, then.low * factor) == VG_FALSE)
		return VG_TRUE;
	return vg_span_above((vg_span){now.low, now.low, false, false}, then.high * factor) == VG_FALSE ? VG_UNKNOWN : VG_FALSE;
}

static vg_truth judge_trend(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *newest, void *context,
			    vg_look *look)
{
	(void)context;
	vg_truth result = VG_FALSE;
	bool found = false;
	vg_window window;
	vg_window_of(scene, leaf, &window);
	vg_ids ids = vg_reading_ids(scene, leaf);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		if (fact == newest || !vg_reading_counts(scene, leaf, fact) || vg_definitely_newer(fact, newest))
			continue;
		vg_truth timely = vg_in_window(&window, vg_result_when(fact), VG_NO_WHEN);
		if (timely == VG_FALSE)
			continue;
		if (!vg_definitely_newer(newest, fact))
			timely = VG_UNKNOWN; /* it may be the later one of the two */
		found |= timely == VG_TRUE;
		vg_truth truth = vg_and(timely, changed(scene, leaf, newest, fact));
		result = vg_or(result, truth);
		if (truth != VG_FALSE)
			vg_look_fact(look, fact);
	}
	if (result == VG_UNKNOWN)
		vg_look_missing(look, "the change of %s cannot be told from its values or dates",
				vg_set_name(scene->knowledge, leaf->set));
	if (result != VG_FALSE || found)
		return result;
	vg_look_missing(look, "only one value of %s%s", vg_set_name(scene->knowledge, leaf->set),
			look ? vg_window_text(look->arena, leaf) : "");
	return VG_UNKNOWN;
}

vg_truth vg_truth_trend(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	vg_window window;
	vg_truth truth = vg_judge_newest(scene, leaf, judge_trend, NULL, look);
	vg_window_of(scene, leaf, &window);
	if (truth == VG_FALSE)
		truth = vg_nothing_found(scene, leaf->sections, window.from_first, look);
	if (truth != VG_TRUE)
		vg_look_need(look, "%s %s by %s", vg_set_name(scene->knowledge, leaf->set),
			     leaf->comparison == VG_RISEN_BY ? "risen" : "fallen", leaf->low.text);
	return truth;
}

/* ---- readings --------------------------------------------------------------------------- */

typedef struct reading_series {
	uint32_t seen, certain, possible;
	vg_day certain_day, possible_day, oldest;
} reading_series;

static void count_reading(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, vg_truth window,
			  reading_series *series, vg_look *look)
{
	vg_when when = vg_result_when(fact);
	vg_day day = when.first;
	bool exact = vg_when_known(when) && when.first == when.last;
	vg_truth truth = vg_judge_reading(scene, leaf, fact, look);
	if (truth == VG_FALSE)
		return;
	vg_look_fact(look, fact);
	if (!leaf->different_days || !exact || day != series->possible_day)
		series->possible++;
	if (exact)
		series->possible_day = day;
	if (truth != VG_TRUE || window != VG_TRUE)
		return;
	if (!leaf->different_days || day != series->certain_day)
		series->certain++;
	series->certain_day = day;
}

vg_truth vg_truth_readings(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	reading_series series = {0, 0, 0, VG_FAR_FUTURE, VG_FAR_FUTURE, VG_NO_DAY};
	vg_window window;
	vg_window_of(scene, leaf, &window);
	vg_ids ids = vg_reading_ids(scene, leaf);
	uint32_t needed = leaf->times ? leaf->times : leaf->last, any = 0;
	for (size_t i = 0; i < ids.count && (!leaf->last || series.seen < leaf->last); i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		vg_when when = vg_result_when(fact);
		if (!vg_reading_counts(scene, leaf, fact))
			continue;
		vg_truth timely = vg_in_window(&window, when, VG_NO_WHEN);
		if (timely == VG_FALSE)
			continue;
		any++;
		if (!vg_when_known(when) || when.first != when.last)
			timely = VG_UNKNOWN; /* its place in the series is not certain */
		if (timely == VG_TRUE) {
			series.seen++;
			series.oldest = when.first;
		}
		count_reading(scene, leaf, fact, timely, &series, look);
	}
	if (!any) {
		vg_look_section(look, scene, leaf->sections);
		vg_look_missing(look, "no readings of %s%s", vg_set_name(scene->knowledge, leaf->set),
				look ? vg_window_text(look->arena, leaf) : "");
		return VG_UNKNOWN;
	}
	if (series.certain >= needed)
		return vg_if_complete(scene, leaf, VG_TRUE, series.oldest, look);
	if (series.possible >= needed) {
		vg_look_missing(look, "the readings of %s cannot be told apart by their dates",
				vg_set_name(scene->knowledge, leaf->set));
		return VG_UNKNOWN;
	}
	vg_day start = leaf->last && series.seen == leaf->last ? series.oldest : window.from_first;
	return vg_nothing_found(scene, leaf->sections, start, look);
}
