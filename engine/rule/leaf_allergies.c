/*
 * has_allergy_to.
 *
 * An allergy counts for a set when its substance is of the set, or when it is an
 * allergy to a whole class that holds all of the set ("penicillins" for
 * amoxicillin).  Intolerances count only when they are asked for, inactive and
 * resolved allergies only with :ever.
 */
#include "rule/rule_internal.h"

static bool class_holds(const vg_scene *scene, vg_set class, vg_set set)
{
	if (class == set)
		return true;
	vg_ids members = vg_set_members(scene->knowledge, set);
	for (size_t i = 0; i < members.count; i++)
		if (!vg_set_has(scene->knowledge, class, members.ids[i]))
			return false;
	return members.count > 0;
}

static bool is_of_class(const vg_scene *scene, const vg_clinical_fact *fact, vg_set set)
{
	for (uint8_t i = 0; i < fact->code_count; i++) {
		vg_concept concept = fact->codes[i].concept;
		if (!concept || vg_allergen_kind_of(scene->knowledge, concept) != VG_ALLERGEN_CLASS)
			continue;
		vg_ids classes = vg_allergen_sets(scene->knowledge, concept);
		for (size_t j = 0; j < classes.count; j++)
			if (class_holds(scene, classes.ids[j], set))
				return true;
	}
	return false;
}

static vg_truth had_reaction(const vg_scene *scene, const vg_clinical_fact *fact, vg_set set)
{
	bool unknown = fact->reaction_count == 0;
	for (uint16_t i = 0; i < fact->reaction_count; i++) {
		vg_concept concept = fact->reactions[i].concept;
		if (concept && vg_set_has(scene->knowledge, set, concept))
			return VG_TRUE;
		unknown |= concept == 0;
	}
	return unknown ? VG_UNKNOWN : VG_FALSE;
}

static vg_truth severe_enough(const vg_clinical_fact *fact, uint8_t severity)
{
	if (fact->reaction == VG_REACTION_UNKNOWN)
		return VG_UNKNOWN;
	return fact->reaction >= severity ? VG_TRUE : VG_FALSE;
}

static vg_truth allergy_truth(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact)
{
	bool stands = leaf->ever ? fact->standing <= VG_PAST : vg_allergy_active(fact);
	if (!stands || !vg_fact_usable(scene, fact) || (fact->intolerance && !leaf->including_intolerance))
		return VG_FALSE;
	if (!vg_fact_in_set(scene->record, fact, leaf->set) && !is_of_class(scene, fact, leaf->set))
		return VG_FALSE;
	vg_truth truth = leaf->other_set ? had_reaction(scene, fact, leaf->other_set) : VG_TRUE;
	return leaf->severity ? vg_and(truth, severe_enough(fact, leaf->severity)) : truth;
}

vg_truth vg_truth_allergy(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	vg_truth result = VG_FALSE;
	const vg_record *record = scene->record;
	for (uint32_t i = 0; i < record->kind_counts[VG_FACT_ALLERGY]; i++) {
		const vg_clinical_fact *fact = &record->facts[record->kind_facts[VG_FACT_ALLERGY][i]];
		vg_truth truth = allergy_truth(scene, leaf, fact);
		if (truth == VG_FALSE)
			continue;
		result = vg_or(result, truth);
		vg_look_fact(look, fact);
		if (truth == VG_UNKNOWN)
			vg_look_missing(look, "the reaction to %s is not recorded", fact->display);
	}
	return result != VG_FALSE ? result : vg_nothing_found(scene, leaf->sections, VG_NO_DAY, look);
}
