/* Code systems by all their names, and concepts by their codes. */
#include "knowledge_tests.h"

#include <stdio.h>
#include <string.h>

static void knows_code_systems(void)
{
	static const char *const names[] = {"rxnorm", "snomed", "loinc", "icd10cm", "icd9cm", "icd10pcs", "cvx",
					    "cpt",    "hcpcs",  "ndc",   "unii",    "atc",    "ucum"};
	for (uint32_t i = 0; i < VG_COUNT(names); i++)
		CHECK_TEXT(vg_system_definitions[i].name, names[i]); /* the enum's order */
	CHECK_TEXT(vg_system_uri("rxnorm"), "http://www.nlm.nih.gov/research/umls/rxnorm");
	CHECK_TEXT(vg_system_uri("RxNorm"), "http://www.nlm.nih.gov/research/umls/rxnorm");
	CHECK_TEXT(vg_system_uri("urn:oid:2.16.840.1.113883.6.96"), "http://snomed.info/sct");
	CHECK_TEXT(vg_system_uri("urn:oid:2.16.840.1.113883.6.1"), "http://loinc.org");
	CHECK_TEXT(vg_system_uri("https://loinc.org"), "http://loinc.org");
	CHECK_TEXT(vg_system_uri("http://loinc.org"), "http://loinc.org");
	CHECK_TEXT(vg_system_uri("urn:example:local"), "urn:example:local");
	CHECK_TEXT(vg_system_uri("urn:oid:2.16.840.1.113883.6"), "urn:oid:2.16.840.1.113883.6");
	CHECK_TEXT(vg_system_name("http://snomed.info/sct"), "SNOMED CT");
	CHECK_TEXT(vg_system_name("urn:oid:2.16.840.1.113883.6.90"), "ICD-10-CM");
	CHECK_TEXT(vg_system_name("urn:example:local"), "urn:example:local");
	CHECK_TEXT(vg_system_known("loinc"), "http://loinc.org");
	CHECK(!vg_system_known("urn:example:local") && !vg_system_known(""), "a stranger is known");
	for (uint32_t i = 0; i < VG_SYSTEMS_KNOWN; i++) { /* so that a text is looked for among either, not both */
		const vg_system_definition *system = &vg_system_definitions[i];
		CHECK(!strchr(system->name, ':') && !strchr(system->label, ':'), "%s looks like a URI", system->name);
		for (const char *word = system->others; *word; word += strcspn(word, " "), word += strspn(word, " "))
			CHECK(memchr(word, ':', strcspn(word, " ")), "a URI of %s has no colon", system->name);
	}
}

static void finds_codes(void)
{
	const vg_knowledge *k = base_knowledge();
	vg_concept warfarin = vg_concept_find(k, "http://www.nlm.nih.gov/research/umls/rxnorm", "11289");
	CHECK(warfarin != 0, "warfarin's code is not known");
	CHECK(vg_concept_find(k, "rxnorm", "11289") == warfarin, "the short name finds another concept");
	CHECK(vg_concept_find(k, "urn:oid:2.16.840.1.113883.6.88", "11289") == warfarin, "the OID finds another concept");
	CHECK_TEXT(vg_concept_name(k, warfarin), "warfarin");
	CHECK_TEXT(vg_concept_code(k, warfarin), "11289");
	CHECK_TEXT(vg_concept_system(k, warfarin), "http://www.nlm.nih.gov/research/umls/rxnorm");
	CHECK(vg_concept_find(k, "loinc", "11289") == 0, "a code is found in a system that does not have it");
	CHECK(vg_concept_find(k, "rxnorm", "999999999") == 0, "an unknown code is found");
	CHECK(vg_concept_find(k, "urn:example:unknown", "11289") == 0, "an unknown system has codes");
	CHECK(vg_concept_find(k, "rxnorm", "") == 0, "no code is found");
	uint32_t rxnorm = vg_system_number(k, "rxnorm");
	CHECK(vg_concept_of(k, rxnorm, "11289") == warfarin && vg_concept_of(k, rxnorm, "") == 0,
	      "its number finds another concept");
	CHECK(vg_concept_of(k, vg_system_number(k, "urn:example:unknown"), "11289") == 0, "no system's number has codes");
	CHECK(vg_concept_find(k, "rxnorm", NULL) == 0 && vg_concept_find(k, NULL, "11289") == 0, "NULL is found");
	CHECK(vg_concept_find(k, "urn:example:herbs", "T1") != 0, "a site's own code system is not known");
	CHECK(vg_concept_find(k, "cvx", "08") != 0 && vg_concept_find(k, "cvx", "08") == vg_concept_find(k, "cvx", "8"),
	      "CVX 8 and 08 differ");
}

static void every_concept_is_found_by_its_code(void)
{
	const vg_knowledge *k = base_knowledge();
	for (vg_concept id = 1; id <= vg_concept_count(k); id++)
		CHECK(vg_concept_find(k, vg_concept_system(k, id), vg_concept_code(k, id)) == id, "%s %s does not find itself",
		      vg_concept_system(k, id), vg_concept_code(k, id));
}

static void icd_ignores_dots_and_case(void)
{
	const vg_knowledge *k = base_knowledge();
	vg_concept foot = vg_concept_find(k, "icd10cm", "E11.621");
	CHECK(foot != 0, "E11.621 is not known");
	CHECK(vg_concept_find(k, "icd10cm", "e11621") == foot, "e11621 is another concept");
	CHECK(vg_concept_find(k, "icd10cm", "E11621") == foot, "E11621 is another concept");
	CHECK_TEXT(vg_concept_code(k, foot), "E11.621");
}

static void icd_falls_back_to_the_longest_prefix(void)
{
	const vg_knowledge *k = base_knowledge();
	vg_concept type2 = vg_concept_find(k, "icd10cm", "E11"), endocrine = vg_concept_find(k, "icd10cm", "E");
	CHECK(vg_concept_find(k, "icd10cm", "E11.9") == type2, "E11.9 is not below E11");
	CHECK(vg_concept_find(k, "icd10cm", "E1165") == type2, "E1165 is not below E11");
	CHECK(vg_concept_find(k, "icd10cm", "E11.6219") == type2, "what is below an exact code must not be that code");
	CHECK(vg_concept_find(k, "icd10cm", "E66.9") == endocrine, "E66.9 is not below E");
	CHECK(vg_concept_find(k, "icd10cm", "I10") == 0, "I10 is known");
	CHECK(vg_concept_find(k, "icd9cm", "E11.9") == 0, "another system falls back");
	CHECK(vg_concept_find(k, "icd10cm", "E11.9999999999999999999999999999999999999999") == 0, "an endless code is known");
	CHECK(vg_concept_find(k, "icd10cm", ".") == 0 && vg_concept_find(k, "icd10cm", "...") == 0, "dots alone are known");
}

static void numbers_out_of_range_are_nothing(void)
{
	const vg_knowledge *k = base_knowledge();
	vg_concept beyond = (vg_concept)vg_concept_count(k) + 1;
	const vg_concept ids[] = {0, beyond, UINT32_MAX};
	for (size_t i = 0; i < VG_COUNT(ids); i++) {
		CHECK_TEXT(vg_concept_code(k, ids[i]), "");
		CHECK_TEXT(vg_concept_name(k, ids[i]), "");
		CHECK_TEXT(vg_concept_system(k, ids[i]), "");
		CHECK(vg_concept_sets(k, ids[i]).count == 0, "concept %u has sets", ids[i]);
		CHECK(vg_drug_ingredients(k, ids[i]).count == 0, "concept %u has ingredients", ids[i]);
		CHECK(vg_drug_strengths(k, ids[i]) == NULL, "concept %u has strengths", ids[i]);
		CHECK(vg_drug_route(k, ids[i]) == VG_ROUTE_UNKNOWN, "concept %u has a route", ids[i]);
		CHECK(!vg_drug_is_pack(k, ids[i]) && !vg_ingredient_set(k, ids[i]), "concept %u is a pack or an ingredient",
		      ids[i]);
		CHECK(vg_allergen_kind_of(k, ids[i]) == VG_ALLERGEN_NONE, "concept %u is an allergen", ids[i]);
		CHECK(vg_allergen_sets(k, ids[i]).count == 0 && vg_panel_members(k, ids[i]).count == 0,
		      "concept %u stands for sets", ids[i]);
		CHECK(!vg_allergen_is_intolerance(k, ids[i]), "concept %u is an intolerance", ids[i]);
	}
}

const test_case test_cases_concept[] = {
    {"code systems are known by URI, OID, short name and label", knows_code_systems},
    {"codes are found in their system only", finds_codes},
    {"every concept is found by its code", every_concept_is_found_by_its_code},
    {"ICD-10-CM ignores dots and case", icd_ignores_dots_and_case},
    {"unknown ICD-10-CM codes fall back to the longest prefix", icd_falls_back_to_the_longest_prefix},
    {"numbers out of range are nothing", numbers_out_of_range_are_nothing},
    {NULL, NULL},
};
