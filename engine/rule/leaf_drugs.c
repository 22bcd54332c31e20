/*
 * taking, ordering, will_be_taking: which drugs of a set there are.
 *
 * `taking` counts what is active or stale in the chart, `ordering` the orders
 * being judged, `will_be_taking` both and the other drafts.  With :at_least it
 * is different ingredients that count, not boxes.
 */
#include "rule/rule_internal.h"

enum { MOST_DRUGS = 32 }; /* :at_least goes no higher */

typedef struct drug_tally {
	vg_truth any;
	uint32_t certain[MOST_DRUGS], possible[MOST_DRUGS];
	uint16_t certain_count, possible_count;
} drug_tally;

static void note(uint32_t *list, uint16_t *count, uint32_t drug)
{
	for (uint16_t i = 0; i < *count; i++)
		if (list[i] == drug)
			return;
	if (*count < MOST_DRUGS)
		list[(*count)++] = drug;
}

static void note_drug(drug_tally *tally, uint32_t drug, vg_truth truth)
{
	note(tally->possible, &tally->possible_count, drug);
	if (truth == VG_TRUE)
		note(tally->certain, &tally->certain_count, drug);
}

static void count_fact(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, vg_truth truth,
		       drug_tally *tally, vg_look *look)
{
	if (truth == VG_FALSE)
		return;
	tally->any = vg_or(tally->any, truth);
	vg_look_fact(look, fact);
	if (truth == VG_UNKNOWN)
		vg_tell_unfit(leaf, fact, look);
	if (leaf->times < 2)
		return;
	bool found = false;
	for (uint16_t i = 0; i < fact->ingredient_count; i++) {
		if (!vg_set_has(scene->knowledge, leaf->set, fact->ingredients[i]))
			continue;
		found = true;
		note_drug(tally, fact->ingredients[i], truth);
	}
	if (!found && fact->code_count)
		note_drug(tally, fact->codes[0].concept, truth);
}

/* Taken now, or, with a window, at some time in it. */
static vg_truth is_taken(const vg_scene *scene, const vg_window *window, uint32_t number)
{
	const vg_clinical_fact *fact = &scene->record->facts[number];
	if (vg_is_active(scene, number))
		return VG_TRUE;
	if (!window->given || !vg_was_taken(scene, fact) || vg_is_superseded(scene, fact))
		return VG_FALSE;
	vg_day stopped = vg_medication_stopped_on(fact);
	if (stopped == VG_NO_DAY)
		return VG_UNKNOWN;
	return vg_in_window(window, (vg_when){stopped, stopped, VG_NO_INSTANT}, VG_NO_WHEN);
}

static vg_truth taken_long_enough(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact)
{
	vg_day limit = vg_day_minus(scene->as_of, leaf->least);
	vg_when start = vg_course_start(scene, leaf, fact);
	if (vg_when_known(start))
		return vg_not(vg_day_reached(start, limit + 1, limit + 1));
	return vg_when_known(fact->recorded) && fact->recorded.last <= limit ? VG_TRUE : VG_UNKNOWN;
}

static void count_chart(const vg_scene *scene, const vg_leaf *leaf, drug_tally *tally, vg_look *look)
{
	vg_window window;
	vg_window_of(scene, leaf, &window);
	vg_ids ids = vg_record_watched(scene->record, leaf->slot);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		vg_truth truth = fact->kind == VG_FACT_MEDICATION ? is_taken(scene, &window, ids.ids[i]) : VG_FALSE;
		if (truth != VG_FALSE)
			truth = vg_and(truth, vg_drug_fits(scene, leaf, fact));
		if (truth != VG_FALSE && vg_duration_given(leaf->least))
			truth = vg_and(truth, taken_long_enough(scene, leaf, fact));
		count_fact(scene, leaf, fact, truth, tally, look);
	}
}

static void count_orders(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *const *orders, uint32_t count,
			 bool drugs_only, drug_tally *tally, vg_look *look)
{
	for (uint32_t i = 0; i < count; i++) {
		const vg_clinical_fact *order = orders[i];
		if (order->standing == VG_NOT_DONE || (drugs_only && order->kind != VG_FACT_MEDICATION) ||
		    !vg_fact_in_set(scene->record, order, leaf->set))
			continue;
		count_fact(scene, leaf, order, vg_drug_fits(scene, leaf, order), tally, look);
	}
}

static vg_truth sum_up(const vg_leaf *leaf, const drug_tally *tally)
{
	if (leaf->times < 2)
		return tally->any;
	if (tally->certain_count >= leaf->times)
		return VG_TRUE;
	return tally->possible_count >= leaf->times ? VG_UNKNOWN : VG_FALSE;
}

vg_truth vg_truth_taking(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	drug_tally tally;
	tally.any = VG_FALSE;
	tally.certain_count = tally.possible_count = 0;
	count_chart(scene, leaf, &tally, look);
	vg_truth truth = sum_up(leaf, &tally);
	return truth != VG_FALSE ? truth : vg_nothing_found(scene, leaf->sections, VG_NO_DAY, look);
}

vg_truth vg_truth_ordering(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	drug_tally tally;
	tally.any = VG_FALSE;
	tally.certain_count = tally.possible_count = 0;
	count_orders(scene, leaf, scene->orders, scene->order_count, false, &tally, look);
	return sum_up(leaf, &tally);
}

vg_truth vg_truth_will_be_taking(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	drug_tally tally;
	tally.any = VG_FALSE;
	tally.certain_count = tally.possible_count = 0;
	count_chart(scene, leaf, &tally, look);
	count_orders(scene, leaf, scene->orders, scene->order_count, true, &tally, look);
	count_orders(scene, leaf, scene->drafts, scene->draft_count, true, &tally, look);
	vg_truth truth = sum_up(leaf, &tally);
	return truth != VG_FALSE ? truth : vg_nothing_found(scene, leaf->sections, VG_NO_DAY, look);
}
