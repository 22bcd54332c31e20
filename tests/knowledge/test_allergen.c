/* What codes of an allergy list stand for, and panels of tests. */
#include "knowledge_tests.h"

#include <string.h>

static vg_concept snomed(const char *code)
{
	vg_concept concept = vg_concept_find(base_knowledge(), "snomed", code);
	CHECK(concept != 0, "SNOMED CT %s is not known", code);
	return concept;
}

static void knows_kinds(void)
{
	const vg_knowledge *k = base_knowledge();
	CHECK(vg_allergen_kind_of(k, snomed("373270004")) == VG_ALLERGEN_CLASS, "a class");
	CHECK(vg_allergen_kind_of(k, snomed("387207008")) == VG_ALLERGEN_SUBSTANCE, "a substance");
	CHECK(vg_allergen_kind_of(k, snomed("716186003")) == VG_ALLERGEN_NEGATED, "no known allergy");
	CHECK(vg_allergen_kind_of(k, snomed("102263004")) == VG_ALLERGEN_OTHER, "a food");
	CHECK(vg_allergen_kind_of(k, rx(k, "5640")) == VG_ALLERGEN_NONE, "a drug that is not in the table");
	CHECK(vg_allergen_is_intolerance(k, snomed("293586001")), "an intolerance is none");
	CHECK(!vg_allergen_is_intolerance(k, snomed("387207008")), "an allergy is an intolerance");
}

static void stands_for_sets(void)
{
	const vg_knowledge *k = base_knowledge();
	CHECK_TEXT(set_names(k, vg_allergen_sets(k, snomed("373270004"))), "penicillins");
	CHECK_TEXT(set_names(k, vg_allergen_sets(k, snomed("387207008"))), "ibuprofen");
	CHECK(vg_allergen_sets(k, snomed("716186003")).count == 0, "no known allergy stands for a set");
	CHECK(vg_allergen_sets(k, rx(k, "5640")).count == 0, "a drug that is not in the table stands for a set");
	CHECK_TEXT(set_names(k, vg_allergen_sets(k, rx(k, "7980"))), "penicillins"); /* a drug's code that means the class */
}

static void belongs_to_sets(void)
{
	const vg_knowledge *k = base_knowledge();
	CHECK(in_set(k, "penicillins", "snomed", "373270004"), "a class does not belong to its set");
	CHECK(in_set(k, "beta-lactams", "snomed", "373270004"), "a class does not belong to the set that includes its set");
	CHECK(!in_set(k, "amoxicillin", "snomed", "373270004"), "an allergy to a class is one to each drug's own code");
	CHECK(in_set(k, "ibuprofen", "snomed", "387207008") && in_set(k, "NSAID", "snomed", "387207008"),
	      "a substance and its sets");
	CHECK_TEXT(concept_names(k, vg_drug_ingredients(k, snomed("387207008"))), "ibuprofen");
	CHECK(vg_drug_ingredients(k, snomed("373270004")).count == 0, "a class has ingredients");
	CHECK(in_set(k, "penicillins", "rxnorm", "7980"), "penicillin G is no penicillin");
}

static void an_allergen_that_is_a_drug_stays_what_it_is(void)
{
	test_folder folder = folder_make();
	folder_text(&folder, "tables/ingredients.csv", "rxcui,name\n1,alpha\n2,beta\n");
	folder_text(&folder, "sets/all.csv", "set,system,code\nbetas,rxnorm,2\n");
	folder_text(&folder, "tables/allergens.csv", "system,code,kind,stands_for\nrxnorm,1,class,betas\n");
	test_world world = world_open(folder.path, NULL, (test_options){0});
	const vg_knowledge *k = world.knowledge;
	if (k) {
		CHECK(!vg_set_has(k, set_of(k, "betas"), rx(k, "1")), "an order of alpha became one of a beta");
		CHECK_TEXT(set_names(k, vg_allergen_sets(k, rx(k, "1"))), "betas");
	}
	CHECK(k != NULL, "%s", world.error.text);
	world_close(&world);
	folder_remove(&folder);
}

static void knows_panels(void)
{
	const vg_knowledge *k = base_knowledge();
	vg_concept basic = vg_concept_find(k, "loinc", "24321-2");
	CHECK_TEXT(vg_concept_name(k, basic), "Basic metabolic panel");
	vg_ids members = vg_panel_members(k, basic);
	CHECK(members.count == 2 && members.ids[0] == vg_concept_find(k, "loinc", "2160-0") &&
		  members.ids[1] == vg_concept_find(k, "loinc", "2823-3"),
	      "the basic panel has %zu members", members.count);
	CHECK(vg_panel_members(k, vg_concept_find(k, "loinc", "24323-8")).count == 1, "the second panel");
	CHECK(vg_panel_members(k, vg_concept_find(k, "loinc", "2160-0")).count == 0, "a test is a panel");
	CHECK(vg_panel_members(k, 0).count == 0, "nothing is a panel");
}

const test_case test_cases_allergen[] = {
    {"substances, classes, negations, foods and intolerances", knows_kinds},
    {"the sets that an allergen stands for", stands_for_sets},
    {"the sets that an allergen belongs to", belongs_to_sets},
    {"a drug's code in the allergens' table does not change the drug", an_allergen_that_is_a_drug_stays_what_it_is},
    {"panels and their tests", knows_panels},
    {NULL, NULL},
};
