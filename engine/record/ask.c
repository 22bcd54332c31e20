/*
 * Questions about one fact: membership in sets, whether it is active.
 */
#include "record/record_internal.h"

bool vg_fact_in_set(const vg_record *record, const vg_clinical_fact *fact, vg_set set)
{
	for (uint8_t i = 0; i < fact->code_count; i++)
		if (fact->codes[i].concept && vg_set_has(record->knowledge, set, fact->codes[i].concept))
			return true;
	return vg_fact_ingredient_in(record, fact, set) != 0;
}

vg_concept vg_fact_ingredient_in(const vg_record *record, const vg_clinical_fact *fact, vg_set set)
{
	for (uint16_t i = 0; i < fact->ingredient_count; i++)
		if (vg_set_has(record->knowledge, set, fact->ingredients[i]))
			return fact->ingredients[i];
	return 0;
}

static bool stands(const vg_clinical_fact *fact)
{
	return fact->standing == VG_CURRENT || fact->standing == VG_PRELIMINARY || fact->standing == VG_INTENDED;
}

bool vg_condition_active(const vg_clinical_fact *fact, vg_day as_of)
{
	if (vg_fact_is_future(fact, as_of))
		return false;
	bool ended_known = vg_when_known(fact->until);
	if (fact->standing == VG_PAST)
		return ended_known && vg_when_known(fact->when) && fact->until.first > as_of;
	return stands(fact) && !(ended_known && fact->until.last < as_of);
}

bool vg_allergy_active(const vg_clinical_fact *fact) { return stands(fact); }

bool vg_same_resource(const vg_clinical_fact *a, const vg_clinical_fact *b)
{
	return *a->reference && strcmp(a->reference, b->reference) == 0;
}
