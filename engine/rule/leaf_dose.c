/*
 * total_daily_dose: the sum of all products that are active or ordered.
 *
 * What an order renews is not counted beside it.  The sum is a span: a dose that
 * cannot be read, a medication list that is not complete and a route that is not
 * known make its upper end open, so that "above the limit" is still found when
 * what can be read is enough for it.
 */
#include "rule/rule_internal.h"

static void add_dose(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, vg_span *sum, vg_look *look)
{
	vg_truth counts = vg_route_is(fact->route, leaf->route);
	bool found = false;
	if (counts == VG_FALSE)
		return;
	for (uint16_t i = 0; i < fact->ingredient_count; i++) {
		double dose;
		const char *unit;
		if (!vg_set_has(scene->knowledge, leaf->set, fact->ingredients[i]))
			continue;
		found = true;
		if (!vg_daily_dose(scene->record, fact, i, &dose, &unit) || (*unit == '[') != leaf->dose_in_units) {
			vg_look_missing(look, "daily dose of %s cannot be read", fact->display);
			sum->high = INFINITY;
		} else {
			sum->low += counts == VG_TRUE ? dose : 0;
			sum->high += dose;
			if (counts == VG_UNKNOWN)
				vg_look_missing(look, "route of %s not known", fact->display);
		}
	}
	if (!found) {
		vg_look_missing(look, "strength of %s not known", fact->display);
		sum->high = INFINITY;
	}
	vg_look_fact(look, fact);
}

static bool is_of_set(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact)
{
	return fact->kind == VG_FACT_MEDICATION && fact->standing != VG_NOT_DONE &&
	       vg_fact_in_set(scene->record, fact, leaf->set);
}

static bool is_renewed(const vg_scene *scene, const vg_clinical_fact *fact)
{
	for (uint32_t i = 0; i < scene->order_count; i++)
		if (vg_order_is_renewal(scene->record, scene->orders[i], fact))
			return true;
	for (uint32_t i = 0; i < scene->draft_count; i++)
		if (vg_order_is_renewal(scene->record, scene->drafts[i], fact))
			return true;
	return false;
}

/* Calls back for every medication and order that counts. */
typedef void visitor(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, void *context);

static void visit_all(const vg_scene *scene, const vg_leaf *leaf, visitor *visit, void *context)
{
	vg_ids ids = vg_record_watched(scene->record, leaf->slot);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		if (vg_is_active(scene, ids.ids[i]) && !is_renewed(scene, fact))
			visit(scene, leaf, fact, context);
	}
	for (uint32_t i = 0; i < scene->order_count; i++)
		if (is_of_set(scene, leaf, scene->orders[i]))
			visit(scene, leaf, scene->orders[i], context);
	for (uint32_t i = 0; i < scene->draft_count; i++)
		if (is_of_set(scene, leaf, scene->drafts[i]))
			visit(scene, leaf, scene->drafts[i], context);
}

typedef struct dose_context {
	vg_span sum;
	vg_truth often;
	vg_look *look;
} dose_context;

static void visit_dose(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, void *context)
{
	dose_context *doses = context;
	add_dose(scene, leaf, fact, &doses->sum, doses->look);
}

static void visit_often(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, void *context)
{
	dose_context *doses = context;
	(void)scene;
	vg_truth truth = vg_and(vg_route_is(fact->route, leaf->route), vg_often(fact, leaf->often));
	doses->often = vg_or(doses->often, truth);
	if (truth != VG_FALSE)
		vg_look_fact(doses->look, fact);
	if (truth == VG_UNKNOWN)
		vg_tell_unfit(leaf, fact, doses->look);
}

static vg_truth often_truth(const vg_scene *scene, const vg_leaf *leaf, vg_look *look)
{
	dose_context context = {.often = VG_FALSE, .look = look};
	visit_all(scene, leaf, visit_often, &context);
	return context.often != VG_FALSE ? context.often : vg_nothing_found(scene, leaf->sections, VG_NO_DAY, look);
}

static vg_span total(const vg_scene *scene, const vg_leaf *leaf, vg_look *look)
{
	dose_context context = {.look = look};
	visit_all(scene, leaf, visit_dose, &context);
	if (vg_nothing_found(scene, leaf->sections, VG_NO_DAY, NULL) == VG_UNKNOWN) {
		vg_look_section(look, scene, leaf->sections);
		context.sum.high = INFINITY;
	}
	return context.sum;
}

static void tell_total(vg_look *look, const vg_leaf *leaf, vg_span sum)
{
	if (!look)
		return;
	vg_buffer buffer;
	vg_buffer_init(&buffer, look->arena);
	vg_add(&buffer, sum.high > sum.low ? "at least " : "");
	vg_add_number(&buffer, sum.low);
	vg_add(&buffer, leaf->dose_in_units ? " units a day" : " mg a day");
	vg_look_value(look, vg_buffer_text(&buffer));
}

vg_truth vg_truth_total_dose(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	vg_truth truth = VG_TRUE;
	if (leaf->comparison != VG_NO_COMPARISON) {
		vg_span sum = total(scene, leaf, look);
		truth = vg_span_compare(sum, leaf);
		tell_total(look, leaf, sum);
	}
	if (truth != VG_FALSE && vg_duration_given(leaf->often))
		truth = vg_and(truth, often_truth(scene, leaf, look));
	if (truth != VG_UNKNOWN && look)
		look->missing = NULL; /* what could not be read did not matter */
	return truth;
}

bool vg_total_dose_number(const vg_scene *scene, const vg_leaf *leaf, double *ret)
{
	vg_span sum = total(scene, leaf, NULL);
	*ret = sum.low;
	return sum.high <= sum.low;
}
