/*
 * Which result is the newest.
 *
 * A result dates from its `when`, without one from when it was issued.  Of two
 * with the same point in time the one issued later is newer, then a final one
 * is newer than a preliminary one.  When dates still leave it open (two values
 * of one day without times, a month only), every result that could be the
 * newest is judged: when all say the same, that is the answer, else it is
 * unknown.  So neither the higher nor the lower of two values of one moment is
 * silently preferred.
 *
 * In a section that is not complete a newer result may be missing: what the
 * shown one denies is unknown, and what it affirms counts for a requirement
 * (it is evidence) but not for an exception (vg_leaf.strict).
 */
#include "rule/rule_internal.h"

vg_when vg_result_when(const vg_clinical_fact *fact) { return vg_when_known(fact->when) ? fact->when : fact->recorded; }

bool vg_definitely_newer(const vg_clinical_fact *a, const vg_clinical_fact *b)
{
	vg_when first = vg_result_when(a), second = vg_result_when(b);
	if (!vg_when_known(first) || !vg_when_known(second))
		return false;
	if (first.instant == VG_NO_INSTANT || second.instant == VG_NO_INSTANT)
		return first.first > second.last;
	if (first.instant != second.instant)
		return first.instant > second.instant;
	if (a->recorded.instant != VG_NO_INSTANT && b->recorded.instant != VG_NO_INSTANT &&
	    a->recorded.instant != b->recorded.instant)
		return a->recorded.instant > b->recorded.instant;
	return a->standing == VG_CURRENT && b->standing == VG_PRELIMINARY;
}

vg_ids vg_reading_ids(const vg_scene *scene, const vg_leaf *leaf)
{
	return vg_record_watched(scene->record, leaf->paired ? leaf->helper_slots[0] : leaf->slot);
}

/* Of a pair, the systolic part stands for the reading: it or its whole is of the set. */
static bool pair_counts(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact)
{
	if (vg_fact_in_set(scene->record, fact, leaf->set) || leaf->set == leaf->helper_sets[2])
		return true;
	return fact->parent && vg_fact_in_set(scene->record, fact->parent, leaf->set);
}

bool vg_reading_counts(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact)
{
	if ((fact->kind != VG_FACT_RESULT && fact->kind != VG_FACT_REPORT) || fact->standing > VG_INTENDED ||
	    !vg_fact_usable(scene, fact) || !vg_value_readable(fact))
		return false;
	return !leaf->paired || pair_counts(scene, leaf, fact);
}

static vg_truth in_window(const vg_window *window, const vg_clinical_fact *fact)
{
	return vg_in_window(window, vg_result_when(fact), VG_NO_WHEN);
}

const vg_clinical_fact *vg_newest(const vg_scene *scene, const vg_leaf *leaf, const vg_window *window, bool *ret_open)
{
	const vg_clinical_fact *newest = NULL;
	vg_ids ids = vg_reading_ids(scene, leaf);
	*ret_open = false;
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		if ((newest && vg_definitely_newer(newest, fact)) || !vg_reading_counts(scene, leaf, fact))
			continue;
		vg_truth timely = in_window(window, fact);
		if (timely == VG_TRUE && (!newest || vg_definitely_newer(fact, newest)))
			newest = fact;
		else
			*ret_open |= timely != VG_FALSE;
	}
	return newest;
}

/* Whether something that certainly lies in the window is newer than `fact`. */
static bool is_beaten(const vg_scene *scene, const vg_leaf *leaf, const vg_window *window, const vg_clinical_fact *fact)
{
	vg_ids ids = vg_reading_ids(scene, leaf);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *other = &scene->record->facts[ids.ids[i]];
		if (vg_definitely_newer(other, fact) && vg_reading_counts(scene, leaf, other) &&
		    in_window(window, other) == VG_TRUE)
			return true;
	}
	return false;
}

static vg_truth none_found(const vg_scene *scene, const vg_leaf *leaf, bool unsure, vg_look *look)
{
	if (!look)
		return VG_UNKNOWN;
	vg_look_section(look, scene, leaf->sections);
	const char *set = vg_set_name(scene->knowledge, leaf->set);
	if (unsure)
		vg_look_missing(look, "the date of the result of %s is not known exactly", set);
	else
		vg_look_missing(look, "no %s%s", set, vg_window_text(look->arena, leaf));
	return VG_UNKNOWN;
}

vg_truth vg_if_complete(const vg_scene *scene, const vg_leaf *leaf, vg_truth truth, vg_day oldest, vg_look *look)
{
	if (truth == VG_UNKNOWN || (truth == VG_TRUE && !leaf->strict))
		return truth;
	return vg_nothing_found(scene, leaf->sections, oldest, look) == VG_UNKNOWN ? VG_UNKNOWN : truth;
}

/* Other results that could be the newest; unknown when one says something else. */
static vg_truth judge_others(const vg_scene *scene, const vg_leaf *leaf, const vg_window *window,
			     const vg_clinical_fact *newest, vg_truth truth, vg_newest_judge *judge, void *context,
			     vg_look *look)
{
	vg_ids ids = vg_reading_ids(scene, leaf);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		if (fact == newest || vg_definitely_newer(newest, fact) || !vg_reading_counts(scene, leaf, fact) ||
		    in_window(window, fact) == VG_FALSE || is_beaten(scene, leaf, window, fact) ||
		    judge(scene, leaf, fact, context, NULL) == truth)
			continue;
		vg_look_fact(look, fact);
		vg_look_missing(look, "%s: \"%s\" and \"%s\" are of the same time", vg_set_name(scene->knowledge, leaf->set),
				newest->value.text, fact->value.text);
		return VG_UNKNOWN;
	}
	return truth;
}

vg_truth vg_judge_newest(const vg_scene *scene, const vg_leaf *leaf, vg_newest_judge *judge, void *context, vg_look *look)
{
	vg_window window;
	bool open;
	vg_window_of(scene, leaf, &window);
	const vg_clinical_fact *newest = vg_newest(scene, leaf, &window, &open);
	if (!newest)
		return none_found(scene, leaf, open, look);
	vg_look_fact(look, newest);
	vg_look_value(look, newest->value.text);
	vg_truth truth = judge(scene, leaf, newest, context, look);
	if (open && truth != VG_UNKNOWN)
		truth = judge_others(scene, leaf, &window, newest, truth, judge, context, look);
	vg_when when = vg_result_when(newest);
	return vg_if_complete(scene, leaf, truth, vg_when_known(when) ? when.first : VG_NO_DAY, look);
}

/* ---- readings of two numbers ----------------------------------------------------------- */

static const vg_clinical_fact *other_part(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *systolic)
{
	vg_ids ids = vg_record_watched(scene->record, leaf->helper_slots[1]);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		if (fact->parent != systolic->parent || fact->value.kind == VG_VALUE_NONE || fact->standing > VG_INTENDED)
			continue;
		if (fact->parent || (fact->when.first == systolic->when.first && fact->when.last == systolic->when.last &&
				     fact->when.instant == systolic->when.instant && vg_when_known(fact->when)))
			return fact;
	}
	return NULL;
}

static vg_truth part_truth(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *part, double limit)
{
	vg_span span;
	vg_leaf one = *leaf;
	one.low.number = limit;
	if (!part || !vg_value_span(scene, leaf->set, &part->value, &leaf->low.unit, &span))
		return VG_UNKNOWN;
	return vg_span_compare(span, &one);
}

vg_truth vg_judge_reading(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, vg_look *look)
{
	if (!leaf->paired)
		return vg_judge(scene, leaf, fact, look);
	const vg_clinical_fact *diastolic = other_part(scene, leaf, fact);
	vg_truth first = part_truth(scene, leaf, fact, leaf->low.number);
	vg_truth second = part_truth(scene, leaf, diastolic, leaf->high.number);
	bool either = leaf->comparison == VG_ABOVE || leaf->comparison == VG_AT_LEAST;
	vg_look_fact(look, diastolic);
	vg_truth truth = either ? vg_or(first, second) : vg_and(first, second);
	if (truth == VG_UNKNOWN)
		vg_look_missing(look, "%s with \"%s\" cannot be compared with %s", vg_set_name(scene->knowledge, leaf->set),
				fact->value.text, leaf->low.text);
	return truth;
}
