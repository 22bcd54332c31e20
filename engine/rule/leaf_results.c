/*
 * latest, and the numbers that check functions read.
 *
 * The newest is taken first and then judged, so that an old normal value never
 * hides a new abnormal one.  (`resulted` is an event: leaf_events.c.)
 */
#include "rule/rule_internal.h"

static vg_truth judge_latest(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, void *context,
			     vg_look *look)
{
	(void)context;
	return vg_judge_reading(scene, leaf, fact, look);
}

static void tell_need(const vg_leaf *leaf, const vg_scene *scene, vg_look *look)
{
	static const char *const words[] = {"", "below", "above", "at least", "at most"};
	const char *set = vg_set_name(scene->knowledge, leaf->set);
	if (leaf->comparison >= VG_BELOW && leaf->comparison <= VG_AT_MOST)
		vg_look_need(look, "%s %s %s", set, words[leaf->comparison], leaf->low.text);
	else if (leaf->comparison == VG_BETWEEN)
		vg_look_need(look, "%s between %s and %s", set, leaf->low.text, leaf->high.text);
	else if (leaf->comparison == VG_IS)
		vg_look_need(look, "%s %s", set, vg_set_name(scene->knowledge, leaf->other_set));
}

vg_truth vg_truth_latest(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	if (leaf->comparison == VG_RISEN_BY || leaf->comparison == VG_FALLEN_BY)
		return vg_truth_trend(scene, leaf, binding, look);
	vg_truth truth = vg_judge_newest(scene, leaf, judge_latest, NULL, look);
	if (truth != VG_TRUE && look)
		tell_need(leaf, scene, look);
	return truth;
}

/* A whole whose parts have values counts as a result with a value. */
bool vg_has_value(const vg_scene *scene, const vg_clinical_fact *fact)
{
	const vg_record *record = scene->record;
	if (fact->kind == VG_FACT_REPORT || vg_value_readable(fact))
		return true;
	for (uint32_t i = 0; fact->value.kind == VG_VALUE_NONE && i < record->kind_counts[VG_FACT_RESULT]; i++) {
		const vg_clinical_fact *part = &record->facts[record->kind_facts[VG_FACT_RESULT][i]];
		if (part->parent == fact && vg_value_readable(part))
			return true;
	}
	return false;
}

const vg_clinical_fact *vg_leaf_latest(const vg_scene *scene, const vg_leaf *leaf)
{
	vg_window window;
	bool open;
	vg_window_of(scene, leaf, &window);
	return vg_newest(scene, leaf, &window, &open);
}

/* ---- what a check function reads --------------------------------------------------------- */

/* TRUE when another result that could be the newest says the same as the first one. */
static vg_truth same_value(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, void *context,
			   vg_look *look)
{
	const vg_clinical_fact *first = context;
	(void)look;
	vg_span a, b;
	if (fact == first)
		return VG_TRUE;
	if (vg_value_span(scene, leaf->set, &fact->value, &leaf->low.unit, &a) &&
	    vg_value_span(scene, leaf->set, &first->value, &leaf->low.unit, &b))
		return a.low == b.low && a.high == b.high ? VG_TRUE : VG_FALSE;
	return vg_same_text(fact->value.text, first->value.text) ? VG_TRUE : VG_FALSE;
}

static bool read_latest(const vg_scene *scene, const vg_leaf *leaf, vg_reading *ret)
{
	const vg_clinical_fact *fact = vg_leaf_latest(scene, leaf);
	vg_span span;
	if (!fact || vg_judge_newest(scene, leaf, same_value, (void *)fact, NULL) != VG_TRUE)
		return false;
	if (fact->value.kind == VG_VALUE_QUANTITY || fact->value.kind == VG_VALUE_RANGE) {
		if (!vg_value_span(scene, leaf->set, &fact->value, &leaf->low.unit, &span) || span.low != span.high)
			return false;
		*ret = (vg_reading){.kind = VG_VALUE_QUANTITY, .number = span.low};
	} else if (fact->value.kind == VG_VALUE_BOOLEAN) {
		*ret = (vg_reading){.kind = VG_VALUE_BOOLEAN, .boolean = fact->value.boolean};
	} else {
		*ret = (vg_reading){.kind = VG_VALUE_TEXT, .text = fact->value.text};
	}
	return true;
}

static bool read_age(const vg_scene *scene, vg_reading *ret)
{
	vg_when birth = scene->record->patient.birth;
	if (!vg_when_known(birth) || vg_years_between(birth.first, scene->as_of) != vg_years_between(birth.last, scene->as_of))
		return false;
	*ret = (vg_reading){.kind = VG_VALUE_QUANTITY, .number = vg_years_between(birth.first, scene->as_of)};
	return true;
}

bool vg_leaf_reading(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_reading *ret)
{
	if (leaf->word == VG_WORD_AGE_IN_YEARS)
		return read_age(scene, ret);
	if (leaf->word == VG_WORD_LATEST && leaf->comparison == VG_NO_COMPARISON)
		return read_latest(scene, leaf, ret);
	if (leaf->word == VG_WORD_TOTAL_DAILY_DOSE && leaf->comparison == VG_NO_COMPARISON && !vg_duration_given(leaf->often)) {
		double dose;
		ret->kind = VG_VALUE_QUANTITY;
		return vg_total_dose_number(scene, leaf, &dose) &&
		       vg_unit_convert(scene->knowledge, 0, dose, &leaf->high.unit, &leaf->low.unit, &ret->number);
	}
	vg_truth truth = vg_leaf_truth(scene, leaf, binding, NULL);
	*ret = (vg_reading){.kind = VG_VALUE_BOOLEAN, .boolean = truth == VG_TRUE};
	return truth != VG_UNKNOWN;
}
