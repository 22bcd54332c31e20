/*
 * Where a leaf looks: the sections of a record that must be complete before
 * "nothing found" means no.
 *
 * For events the set decides: laboratory codes are looked for among results,
 * procedure codes among procedures, vaccine codes among immunisations; a set
 * of several kinds needs all of them.
 */
#include "rule/rule_internal.h"

#define BIT(section) (1u << (section))

static unsigned event_sections(unsigned uses)
{
	unsigned sections = (uses & VG_USE_RESULT ? BIT(VG_RESULTS) : 0) | (uses & VG_USE_PROCEDURE ? BIT(VG_PROCEDURES) : 0) |
			    (uses & VG_USE_IMMUNIZATION ? BIT(VG_IMMUNIZATIONS) : 0);
	return sections ? sections : BIT(VG_PROCEDURES);
}

static unsigned declined_sections(unsigned uses)
{
	unsigned sections = (uses & VG_USE_RESULT ? BIT(VG_ORDERS) : 0) | (uses & VG_USE_PROCEDURE ? BIT(VG_PROCEDURES) : 0) |
			    (uses & VG_USE_IMMUNIZATION ? BIT(VG_IMMUNIZATIONS) : 0) |
			    (uses & VG_USE_DRUG ? BIT(VG_MEDICATIONS) : 0);
	return sections ? sections : BIT(VG_PROCEDURES);
}

static unsigned ordered_sections(unsigned uses)
{
	unsigned sections =
	    (uses & VG_USE_DRUG ? BIT(VG_MEDICATIONS) : 0) | (uses & ~(unsigned)VG_USE_DRUG ? BIT(VG_ORDERS) : 0);
	return sections ? sections : BIT(VG_ORDERS);
}

static unsigned sections_of(const vg_leaf *leaf, unsigned set_uses)
{
	switch (leaf->word) {
	case VG_WORD_TAKING:
	case VG_WORD_WILL_BE_TAKING:
	case VG_WORD_STARTED:
	case VG_WORD_STOPPED:
	case VG_WORD_TOTAL_DAILY_DOSE:
		return BIT(VG_MEDICATIONS);
	case VG_WORD_HAS_CONDITION:
	case VG_WORD_EVER_HAD:
	case VG_WORD_FAMILY_HISTORY_OF:
		return BIT(VG_CONDITIONS);
	case VG_WORD_HAS_ALLERGY_TO:
		return BIT(VG_ALLERGIES);
	case VG_WORD_RESULTED:
	case VG_WORD_LATEST:
	case VG_WORD_READINGS:
		return BIT(VG_RESULTS);
	case VG_WORD_DONE:
		return event_sections(set_uses);
	case VG_WORD_VACCINATED:
		return BIT(VG_IMMUNIZATIONS);
	case VG_WORD_VISITED:
		return BIT(VG_ENCOUNTERS);
	case VG_WORD_DECLINED:
		return declined_sections(set_uses);
	case VG_WORD_ORDERED:
		return ordered_sections(set_uses);
	case VG_WORD_PREGNANT:
		return BIT(VG_CONDITIONS) | (leaf->helper_sets[1] || leaf->helper_sets[2] ? BIT(VG_RESULTS) : 0);
	case VG_WORD_IN_HOSPICE:
		return BIT(VG_CONDITIONS) | BIT(VG_PROCEDURES) | BIT(VG_ENCOUNTERS) | BIT(VG_ORDERS);
	case VG_WORD_THIS_ORDER:
	case VG_WORD_THE:
	case VG_WORD_OTHER_DRUG:
		return leaf->renewal ? BIT(VG_MEDICATIONS) : 0;
	default:
		return 0;
	}
}

void vg_leaf_plan(vg_leaf *leaf, unsigned set_uses)
{
	leaf->sections = (uint16_t)sections_of(leaf, set_uses);
	leaf->bound = leaf->word == VG_WORD_THIS_ORDER || leaf->word == VG_WORD_THE || leaf->word == VG_WORD_OTHER_DRUG;
}
