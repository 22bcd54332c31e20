/*
 * Words that speak of what is judged: this_order, the "set", other_drug.
 *
 * `this_order` is the order, or the medication that is judged when a rule about
 * what is taken is asked.  `the "set"` is the member of the matched pair that
 * belongs to the set; when both do, either may answer.
 */
#include "rule/rule_internal.h"

/* Whether the order renews something that is taken. */
static vg_truth renews(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *order, vg_look *look)
{
	const vg_record *record = scene->record;
	if (order->kind != VG_FACT_MEDICATION || (!order->is_order && order->standing != VG_DRAFT))
		return VG_FALSE;
	if (*order->prior)
		return VG_TRUE;
	for (uint32_t i = 0; i < record->kind_counts[VG_FACT_MEDICATION]; i++) {
		uint32_t number = record->kind_facts[VG_FACT_MEDICATION][i];
		if (!vg_is_active(scene, number) || vg_same_resource(order, &record->facts[number]) ||
		    !vg_order_is_renewal(record, order, &record->facts[number]))
			continue;
		vg_look_fact(look, &record->facts[number]);
		return VG_TRUE;
	}
	return vg_nothing_found(scene, leaf->sections, VG_NO_DAY, look);
}

static vg_truth drug_truth(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, vg_look *look)
{
	vg_truth truth = VG_TRUE;
	if (leaf->other_set)
		truth = vg_fact_in_set(scene->record, fact, leaf->other_set) ? VG_TRUE : VG_FALSE;
	if (truth == VG_TRUE && leaf->renewal)
		truth = renews(scene, leaf, fact, look);
	if (truth != VG_FALSE) {
		vg_truth fits = vg_drug_fits(scene, leaf, fact);
		if (fits == VG_UNKNOWN)
			vg_tell_unfit(leaf, fact, look);
		truth = vg_and(truth, fits);
	}
	if (truth != VG_FALSE)
		vg_look_fact(look, fact);
	return truth;
}

/* The members of the pair that `the "set"` means. */
static vg_truth the_truth(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	const vg_clinical_fact *members[] = {binding->subject, binding->other};
	const vg_set matched[] = {binding->subject_set, binding->other_set};
	vg_truth result = VG_FALSE;
	bool by_match = matched[0] == leaf->set || matched[1] == leaf->set;
	for (int i = 0; i < 2; i++) {
		if (!members[i] || (by_match ? matched[i] != leaf->set : !vg_fact_in_set(scene->record, members[i], leaf->set)))
			continue;
		result = vg_or(result, drug_truth(scene, leaf, members[i], look));
	}
	return result;
}

vg_truth vg_truth_order(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	const vg_clinical_fact *fact = !binding ? NULL : leaf->word == VG_WORD_OTHER_DRUG ? binding->other : binding->subject;
	if (!fact) {
		vg_look_missing(look, "there is no %s", leaf->word == VG_WORD_OTHER_DRUG ? "other drug" : "order");
		return VG_UNKNOWN;
	}
	return leaf->word == VG_WORD_THE ? the_truth(scene, leaf, binding, look) : drug_truth(scene, leaf, fact, look);
}
