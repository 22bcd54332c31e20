/*
 * Whether a recorded allergy is about a drug.
 *
 * An allergen is a substance (its ingredients), a whole class (the sets that it
 * stands for), or nothing that concerns drugs: food, environment, "no known
 * allergies".  The same ingredient and the recorded class are matches of the
 * engine's own; what lies beside them is the cross-reactivity table's.
 */
#include "evaluation/evaluation_internal.h"

/* Active, and about something: not a recorded absence of allergies. */
bool vg_allergy_counts(const vg_work *work, const vg_clinical_fact *allergy)
{
	if (!vg_allergy_active(allergy) || vg_fact_is_future(allergy, work->scene.as_of))
		return false;
	for (uint8_t i = 0; i < allergy->code_count; i++)
		if (allergy->codes[i].concept &&
		    vg_allergen_kind_of(work->knowledge, allergy->codes[i].concept) == VG_ALLERGEN_NEGATED)
			return false;
	return true;
}

static bool drug_has(const vg_clinical_fact *drug, vg_concept ingredient)
{
	for (uint16_t i = 0; i < drug->ingredient_count; i++)
		if (drug->ingredients[i] == ingredient)
			return true;
	return false;
}

static bool is_own_set(const vg_work *work, vg_set set, vg_concept ingredient)
{
	return ingredient && vg_ingredient_set(work->knowledge, ingredient) == set;
}

vg_allergy_match vg_allergy_matches(const vg_work *work, const vg_clinical_fact *allergy, const vg_clinical_fact *drug)
{
	vg_allergy_match match = {0, 0};
	for (uint16_t i = 0; i < allergy->ingredient_count && !match.ingredient; i++)
		if (drug_has(drug, allergy->ingredients[i]))
			match.ingredient = allergy->ingredients[i];
	for (uint8_t i = 0; i < allergy->code_count; i++) {
		vg_concept concept = allergy->codes[i].concept;
		vg_ids sets = concept ? vg_allergen_sets(work->knowledge, concept) : (vg_ids){NULL, 0};
		for (size_t k = 0; k < sets.count; k++) {
			if (!vg_fact_in_set(work->scene.record, drug, sets.ids[k]))
				continue;
			vg_concept member = vg_fact_ingredient_in(work->scene.record, drug, sets.ids[k]);
			if (is_own_set(work, sets.ids[k], member) && !match.ingredient)
				match.ingredient = member;
			else if (!match.of_class && !is_own_set(work, sets.ids[k], member))
				match.of_class = sets.ids[k];
		}
	}
	return match;
}

bool vg_allergy_in(const vg_work *work, const vg_clinical_fact *allergy, vg_set set)
{
	return vg_fact_in_set(work->scene.record, allergy, set);
}

bool vg_allergy_severe(const vg_work *work, const vg_clinical_fact *allergy)
{
	if (allergy->criticality == VG_CRITICALITY_HIGH || allergy->reaction == VG_REACTION_SEVERE)
		return true;
	vg_set severe = work->plan->severe_reaction;
	for (uint16_t i = 0; severe && i < allergy->reaction_count; i++)
		if (allergy->reactions[i].concept && vg_set_has(work->knowledge, severe, allergy->reactions[i].concept))
			return true;
	return false;
}

bool vg_allergy_intolerance(const vg_work *work, const vg_clinical_fact *allergy)
{
	if (allergy->intolerance)
		return true;
	for (uint8_t i = 0; i < allergy->code_count; i++)
		if (allergy->codes[i].concept && vg_allergen_is_intolerance(work->knowledge, allergy->codes[i].concept))
			return true;
	return false;
}
