/* Sets: names, members through includes and ingredients, ICD-10-CM prefixes, places. */
#include "knowledge_tests.h"

#include <string.h>

#define RXNORM "rxnorm"

static void finds_sets_by_name(void)
{
	const vg_knowledge *k = base_knowledge();
	vg_set nsaid = set_of(k, "NSAID");
	CHECK(vg_set_find(k, "nsaid") == nsaid && vg_set_find(k, "  Nsaid\t") == nsaid, "case and outer blanks matter");
	CHECK_TEXT(vg_set_name(k, nsaid), "NSAID");
	CHECK(vg_set_find(k, "warfarin") != 0 && vg_set_find(k, "WARFARIN") == vg_set_find(k, "warfarin"),
	      "an ingredient is no set");
	CHECK(vg_set_find(k, "paracetamol") == set_of(k, "acetaminophen"), "a synonym does not find the ingredient's set");
	CHECK(vg_set_find(k, "Rat Poison") == set_of(k, "warfarin"), "a synonym of two words does not find the set");
	CHECK(vg_set_find(k, "") == 0 && vg_set_find(k, NULL) == 0 && vg_set_find(k, "   ") == 0, "nothing is a set");
	CHECK(vg_set_find(k, "warfari") == 0 && vg_set_find(k, "warfarin x") == 0, "a part or more of a name is a set");
	for (vg_set set = 1; set <= vg_set_count(k); set++)
		CHECK(vg_set_find(k, vg_set_name(k, set)) == set, "\"%s\" does not find itself", vg_set_name(k, set));
}

static void suggests_names(void)
{
	const vg_knowledge *k = base_knowledge();
	CHECK_TEXT(vg_set_nearest(k, "warfrin"), "warfarin");
	CHECK_TEXT(vg_set_nearest(k, "NSAIDs"), "NSAID");
	CHECK_TEXT(vg_set_nearest(k, "something else altogether"), NULL);
}

static void products_belong_to_their_ingredients_sets(void)
{
	const vg_knowledge *k = base_knowledge();
	CHECK(in_set(k, "warfarin", RXNORM, "11289"), "the ingredient");
	CHECK(in_set(k, "warfarin", RXNORM, "855332"), "a product");
	CHECK(in_set(k, "warfarin", RXNORM, "114194"), "a salt");
	CHECK(in_set(k, "warfarin", "unii", "5Q7ZVV76EI"), "a UNII");
	CHECK(in_set(k, "warfarin", "atc", "B01AA03"), "a code that an explicit set adds to the ingredient's");
	CHECK(in_set(k, "NSAID", RXNORM, "310965"), "a product through an included set");
	CHECK(in_set(k, "NSAID", RXNORM, "308297"), "a combination with one ingredient of the set");
	CHECK(in_set(k, "systemic NSAID", RXNORM, "142442"), "a salt through two includes");
	CHECK(in_set(k, "beta-lactams", RXNORM, "562251") && in_set(k, "penicillins", RXNORM, "562251"),
	      "amoxicillin/clavulanate");
	CHECK(!in_set(k, "NSAID", RXNORM, "161") && !in_set(k, "NSAID", RXNORM, "834061"), "what has no NSAID in it is one");
	CHECK(!in_set(k, "penicillins", RXNORM, "2180"), "cefazolin is a penicillin");
	CHECK(in_set(k, "clarithromycin", RXNORM, "1000001"), "a pack has its ingredients");
	CHECK(in_set(k, "warfarin", "combination", "1191+161+1886") == false &&
		  in_set(k, "aspirin", "combination", "1191+161+1886"),
	      "a combination");
}

static void members_and_sets_agree(void)
{
	const vg_knowledge *k = site_knowledge();
	size_t pairs = 0, reversed = 0;
	for (vg_set set = 1; set <= vg_set_count(k); set++) {
		vg_ids members = vg_set_members(k, set);
		pairs += members.count;
		for (size_t i = 0; i < members.count; i++) {
			CHECK(i == 0 || members.ids[i - 1] < members.ids[i], "members of \"%s\" are not ascending",
			      vg_set_name(k, set));
			CHECK(vg_set_has(k, set, members.ids[i]), "a member of \"%s\" does not have it", vg_set_name(k, set));
		}
	}
	for (vg_concept id = 1; id <= vg_concept_count(k); id++) {
		vg_ids sets = vg_concept_sets(k, id);
		reversed += sets.count;
		for (size_t i = 1; i < sets.count; i++)
			CHECK(sets.ids[i - 1] < sets.ids[i], "sets of %s are not ascending", vg_concept_code(k, id));
	}
	CHECK(pairs == reversed && pairs > 50, "%zu memberships from sets, %zu from concepts", pairs, reversed);
	CHECK(!vg_set_has(k, 0, 1) && !vg_set_has(k, 1, 0) && !vg_set_has(k, UINT32_MAX, UINT32_MAX), "nothing has something");
	CHECK(vg_set_members(k, 0).count == 0 && vg_set_members(k, UINT32_MAX).count == 0, "no set has members");
	CHECK_TEXT(vg_set_name(k, 0), "");
	CHECK_TEXT(vg_set_name(k, UINT32_MAX), "");
}

static void prefixes_reach_exact_codes_below(void)
{
	const vg_knowledge *k = base_knowledge();
	CHECK(in_set(k, "diabetes", "icd10cm", "E11.621"), "an exact code below a prefix does not inherit its set");
	CHECK(in_set(k, "diabetic foot", "icd10cm", "E11.621"), "an exact code lost its own set");
	CHECK(in_set(k, "endocrine disease", "icd10cm", "E11.621"), "a code does not inherit from the shorter prefix");
	CHECK(in_set(k, "endocrine disease", "icd10cm", "E11"), "a prefix does not inherit from a shorter one");
	CHECK(in_set(k, "diabetes", "icd10cm", "E11.65") && !in_set(k, "diabetic foot", "icd10cm", "E11.65"),
	      "an unknown code");
	CHECK(!in_set(k, "diabetes", "icd10cm", "E66.9"), "obesity is diabetes");
}

static void tells_what_sets_are_about(void)
{
	const vg_knowledge *k = base_knowledge();
	CHECK(vg_set_uses(k, set_of(k, "NSAID")) == VG_USE_DRUG, "NSAID: %u", vg_set_uses(k, set_of(k, "NSAID")));
	CHECK(vg_set_uses(k, set_of(k, "penicillins")) == VG_USE_DRUG, "allergen codes make a drug set a condition");
	CHECK(vg_set_uses(k, set_of(k, "ibuprofen")) == VG_USE_DRUG,
	      "a substance's SNOMED code makes an ingredient a condition");
	CHECK(vg_set_uses(k, set_of(k, "HbA1c")) == VG_USE_RESULT, "HbA1c");
	CHECK(vg_set_uses(k, set_of(k, "diabetes")) == (VG_USE_CONDITION | VG_USE_PROCEDURE), "ICD-10-CM and SNOMED CT");
	CHECK(vg_set_uses(k, set_of(k, "endocrine disease")) == VG_USE_CONDITION, "ICD-10-CM");
	CHECK(vg_set_uses(k, set_of(k, "hepatitis B vaccine")) == VG_USE_IMMUNIZATION, "CVX");
	CHECK(vg_set_uses(k, set_of(k, "herbal tea")) == 31, "a set of local codes only may be about anything");
	CHECK(vg_set_uses(k, 0) == 0 && vg_set_uses(k, UINT32_MAX) == 0, "no set is about something");
}

static void has_preferred_codes_and_places(void)
{
	const vg_knowledge *k = base_knowledge();
	CHECK_TEXT(vg_concept_code(k, vg_set_preferred(k, set_of(k, "HbA1c"))), "4548-4");
	CHECK_TEXT(vg_concept_code(k, vg_set_preferred(k, set_of(k, "warfarin"))), "855332");
	CHECK_TEXT(vg_concept_code(k, vg_set_preferred(k, set_of(k, "paracetamol"))), "161"); /* the ingredient itself */
	CHECK(vg_set_preferred(k, set_of(k, "NSAID")) == 0, "a set without a preferred code has one");
	vg_place place = vg_set_place(k, set_of(k, "NSAID"));
	CHECK_TEXT(place.file, BASE_PACK "/sets/drugs.csv");
	CHECK(place.line == 3, "NSAID is defined in line %d", place.line);
	place = vg_set_place(k, set_of(k, "warfarin"));
	CHECK_TEXT(place.file, BASE_PACK "/sets/drugs.csv");
	place = vg_set_place(k, set_of(k, "caffeine"));
	CHECK_TEXT(place.file, "ingredients");
}

const test_case test_cases_set[] = {
    {"sets are found by name, whatever the case; ingredients and synonyms are sets", finds_sets_by_name},
    {"did you mean", suggests_names},
    {"products, salts and packs belong to the sets of their ingredients", products_belong_to_their_ingredients_sets},
    {"members and sets agree in both directions", members_and_sets_agree},
    {"an exact ICD-10-CM code inherits the sets of the prefixes above it", prefixes_reach_exact_codes_below},
    {"what a set is about follows from its code systems", tells_what_sets_are_about},
    {"preferred codes and places", has_preferred_codes_and_places},
    {NULL, NULL},
};
