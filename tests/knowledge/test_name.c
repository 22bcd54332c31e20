/* Drugs, allergens and tests by their names: what must match, and what must not. */
#include "knowledge_tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *drug(const char *text)
{
	const vg_knowledge *k = base_knowledge();
	return vg_concept_code(k, vg_concept_by_name(k, VG_NAME_DRUG, text));
}

/* They are searched by halving. */
static void in_byte_order(const char *what, const char *const *words, size_t count)
{
	for (size_t i = 1; i < count; i++)
		CHECK(strcmp(words[i - 1], words[i]) < 0, "words.def: %s \"%s\" must stand behind \"%s\"", what, words[i - 1],
		      words[i]);
}

static void words_are_in_byte_order(void)
{
	static const char *const salts[] = {
#define SALT(word) word,
#include "knowledge/words.def"
#undef SALT
	};
	static const char *const metals[] = {
#define METAL(word) word,
#include "knowledge/words.def"
#undef METAL
	};
	static const char *const forms[] = {
#define FORM_WORD(word) word,
#include "knowledge/words.def"
#undef FORM_WORD
	};
	static const char *const measures[] = {
#define MEASURE(word) word,
#include "knowledge/words.def"
#undef MEASURE
	};
	in_byte_order("SALT", salts, VG_COUNT(salts));
	in_byte_order("METAL", metals, VG_COUNT(metals));
	in_byte_order("FORM_WORD", forms, VG_COUNT(forms));
	in_byte_order("MEASURE", measures, VG_COUNT(measures));
	for (size_t i = 0; i < VG_COUNT(measures); i++) { /* each is found behind a number, and nothing like it is */
		char text[64];
		snprintf(text, sizeof text, "warfarin 5 %s", measures[i]);
		CHECK(strcmp(drug(text), "11289") == 0, "\"%s\" is \"%s\"", text, drug(text));
		snprintf(text, sizeof text, "warfarin 5 %sx", measures[i]);
		CHECK(strcmp(drug(text), "11289") != 0, "\"%s\" is warfarin", text);
	}
	for (size_t i = 0; i < VG_COUNT(forms); i++) {
		char text[64];
		snprintf(text, sizeof text, "%s warfarin", forms[i]);
		CHECK(strcmp(drug(text), "11289") == 0, "\"%s\" is \"%s\"", text, drug(text));
	}
}

/* A text is looked at more closely only when it begins as a drug's name does: no name may be missed by that. */
static void every_name_is_found_behind_what_is_taken_off(void)
{
	static const char *const around[][2] = {{"", " 5 mg"},       {"tablet ", ""},          {"[brand] ", " tablet"},
						{"NDA020800, ", ""}, {"12 HR ", " Oral Film"}, {"", "[brand] capsule"}};
	const vg_knowledge *k = base_knowledge();
	size_t met = 0;
	for (vg_concept id = 1; id <= vg_concept_count(k); id++) {
		const char *name = vg_concept_name(k, id);
		if (!*name || vg_drug_ingredients(k, id).count != 1 || vg_drug_ingredients(k, id).ids[0] != id ||
		    strlen(name) > 200)
			continue;
		for (size_t i = 0; i < VG_COUNT(around); i++) {
			char text[300];
			snprintf(text, sizeof text, "%s%s%s", around[i][0], name, around[i][1]);
			CHECK(vg_concept_by_name(k, VG_NAME_DRUG, text) != 0, "\"%s\" is nothing", text);
		}
		met++;
	}
	CHECK(met > 15, "only %zu ingredients were tried", met);
}

static void whole_names_find_products(void)
{
	CHECK_TEXT(drug("ibuprofen 200 MG Oral Tablet"), "310965");
	CHECK_TEXT(drug("Ibuprofen  200 mg oral tablet "), "310965");
	CHECK_TEXT(drug("acetaminophen 250 MG / aspirin 250 MG / caffeine 65 MG Oral Tablet [Excedrin]"), "209468");
}

static void strengths_forms_and_salts_are_ignored(void)
{
	static const char *const warfarin[] = {"warfarin",
					       "Warfarin",
					       "WARFARIN SODIUM",
					       "warfarin sodium 2.5 mg tablet",
					       "warfarin 2.5mg",
					       "warfarin, 5 mg",
					       "warfarin 5 MG [Coumadin]",
					       "Jantoven",
					       "jantoven 5 mg tab",
					       "24 HR warfarin sodium 5 MG Extended Release Oral Tablet",
					       "rat poison"};
	for (size_t i = 0; i < VG_COUNT(warfarin); i++)
		CHECK(strcmp(drug(warfarin[i]), "11289") == 0, "\"%s\" is \"%s\"", warfarin[i], drug(warfarin[i]));
	CHECK_TEXT(drug("Penicillin V Potassium 125 MG Oral Tablet"), "7984");
	CHECK_TEXT(drug("paracetamol 500 mg"), "161");
	CHECK_TEXT(drug("Acetylsalicylic acid 81 mg"), "1191");
	CHECK_TEXT(drug("potassium chloride 20 mEq ER tablet"), "8591"); /* a salt that is the drug */
	CHECK_TEXT(drug("penicillin G sodium 5000000 units"), "7980");
	CHECK_TEXT(drug("hydrocortisone 1 % cream"), "5492");
	CHECK_TEXT(drug("potassium clavulanate"), "48203"); /* the metal first */
	CHECK_TEXT(drug("ibuprofen 100 mg/5mL suspension"), "5640");
}

static void combinations_are_found(void)
{
	static const char *const texts[] = {"amoxicillin 250 MG / clavulanate 125 MG Oral Suspension",
					    "Amoxicillin/Clavulanate",
					    "amoxicillin-clavulanate 875 mg-125 mg oral tablet",
					    "amoxicillin and clavulanic acid",
					    "clavulanate / amoxicillin",
					    "amoxicillin + clavulanate potassium 875 mg"};
	const vg_knowledge *k = base_knowledge();
	for (size_t i = 0; i < VG_COUNT(texts); i++) {
		vg_concept found = vg_concept_by_name(k, VG_NAME_DRUG, texts[i]);
		CHECK_TEXT(vg_concept_name(k, found), "amoxicillin / clavulanate");
		CHECK_TEXT(concept_names(k, vg_drug_ingredients(k, found)), "amoxicillin, clavulanate");
		CHECK(vg_set_has(k, set_of(k, "penicillins"), found), "\"%s\" is no penicillin", texts[i]);
	}
	CHECK_TEXT(drug("amphetamine aspartate 5 MG / amphetamine sulfate 5 MG"), "725"); /* two salts, one ingredient */
}

static void brands_are_found(void)
{
	CHECK_TEXT(drug("Excedrin"), "1191+161+1886");
	CHECK_TEXT(drug("Glucophage 850 mg"), "6809");
	CHECK_TEXT(drug("Prevpac 14 Day"), "723+21212+17128");
	CHECK_TEXT(drug("Prevpac 14 Day Pack"), "723+21212+17128");
	CHECK_TEXT(drug("prevpac"), "723+21212+17128");
}

static void nothing_else_matches(void)
{
	static const char *const texts[] = {"no aspirin",
					    "not aspirin",
					    "aspirin allergy label",
					    "allergy to aspirin", /* no drug; an allergen, see below */
					    "aspirin allergy",
					    "aspirin free",
					    "aspirin-free",
					    "anti-aspirin",
					    "aspirin or ibuprofen",
					    "aspirin with food",
					    "history of aspirin use",
					    "aspirin 81",             /* a bare number may be part of a name */
					    "warfarin and ibuprofen", /* no product has both */
					    "warfarin / unknownium",
					    "unknownium [Glucophage]",
					    "sodium",
					    "potassium",
					    "potassium sodium",
					    "tablet",
					    "200 mg",
					    "oral tablet 200 mg",
					    "[Excedrin]",
					    "/",
					    " / ",
					    "aspirin /",
					    "",
					    "   ",
					    "warfari",
					    "warfarins"};
	const vg_knowledge *k = base_knowledge();
	for (size_t i = 0; i < VG_COUNT(texts); i++) {
		vg_concept found = vg_concept_by_name(k, VG_NAME_DRUG, texts[i]);
		CHECK(found == 0, "\"%s\" is taken for \"%s\"", texts[i], vg_concept_name(k, found));
	}
	CHECK(vg_concept_by_name(k, VG_NAME_DRUG, NULL) == 0, "NULL is a drug");
	char *text = malloc(4096);
	memset(text, 'a', 4095);
	text[4095] = '\0';
	CHECK(vg_concept_by_name(k, VG_NAME_DRUG, text) == 0, "an endless text is a drug");
	memset(text, '/', VG_NAME_LIMIT);
	text[VG_NAME_LIMIT] = '\0';
	CHECK(vg_concept_by_name(k, VG_NAME_DRUG, text) == 0, "strokes are a drug");
	free(text);
}

static void allergens_by_name(void)
{
	const vg_knowledge *k = base_knowledge();
	vg_concept pcn = vg_concept_by_name(k, VG_NAME_ALLERGEN, "pcn");
	CHECK(pcn != 0 && vg_concept_by_name(k, VG_NAME_ALLERGEN, "Penicillin") == pcn, "an alias and its name");
	CHECK(vg_concept_by_name(k, VG_NAME_ALLERGEN, "Allergy to penicillin") == pcn, "allergy to penicillin");
	CHECK(vg_concept_by_name(k, VG_NAME_ALLERGEN, "PENICILLIN ALLERGY") == pcn, "penicillin allergy");
	CHECK(vg_allergen_kind_of(k, pcn) == VG_ALLERGEN_CLASS, "penicillin as a text is a class");
	CHECK_TEXT(vg_concept_code(k, vg_concept_by_name(k, VG_NAME_ALLERGEN, "Aspirin 81 mg")), "1191");
	CHECK_TEXT(vg_concept_code(k, vg_concept_by_name(k, VG_NAME_ALLERGEN, "allergic to aspirin")), "1191");
	CHECK_TEXT(vg_concept_code(k, vg_concept_by_name(k, VG_NAME_ALLERGEN, "eggs")), "102263004");
	CHECK(vg_concept_by_name(k, VG_NAME_ALLERGEN, "no allergy to aspirin") == 0, "a denied allergy is one");
	CHECK(vg_concept_by_name(k, VG_NAME_ALLERGEN, "aspirin allergy label") == 0, "a label is an allergen");
	CHECK(vg_concept_by_name(k, VG_NAME_DRUG, "penicillin") == 0, "an allergen's alias is a drug");
	CHECK(vg_concept_by_name(k, VG_NAME_DRUG, "eggs") == 0, "eggs are a drug");
}

static void tests_and_aliases_by_name(void)
{
	const vg_knowledge *k = base_knowledge();
	vg_concept found = vg_concept_by_name(k, VG_NAME_OTHER, "glycated haemoglobin");
	CHECK(found != 0 && vg_set_has(k, set_of(k, "HbA1c"), found), "a text that a set names");
	CHECK_TEXT(vg_concept_code(k, vg_concept_by_name(k, VG_NAME_OTHER, "Hemoglobin A1c/Hemoglobin.total in Blood")),
		   "4548-4");
	CHECK_TEXT(vg_concept_code(k, vg_concept_by_name(k, VG_NAME_OTHER, "colonoscopy")), "73761001");
	CHECK(vg_concept_by_name(k, VG_NAME_OTHER, "warfarin") == 0, "a drug is a test");
	found = vg_concept_by_name(k, VG_NAME_DRUG, "My blood thinner");
	CHECK(found != 0 && vg_set_has(k, set_of(k, "blood thinner"), found), "a text that a set of drugs names");
	CHECK(vg_drug_ingredients(k, found).count == 0, "such a text has no ingredients");
}

static void ambiguous_names_find_nothing(void)
{
	test_folder folder = folder_make();
	folder_text(&folder, "sets/all.csv",
		    "set,system,code,display\nserum glucose,loinc,2345-7,Glucose\nurine glucose,loinc,5792-7,Glucose\n"
		    "sodium level,loinc,2951-2,Sodium\nsodium level,loinc,2947-0,Sodium\n");
	folder_text(&folder, "tables/ingredients.csv", "rxcui,name,synonyms\n1,alpha,common\n2,beta,common; only beta\n");
	test_world world = world_open(folder.path, NULL, (test_options){0});
	const vg_knowledge *k = world.knowledge;
	CHECK(k != NULL, "%s", world.error.text);
	if (k) {
		CHECK(vg_concept_by_name(k, VG_NAME_OTHER, "glucose") == 0,
		      "one name of tests in different sets finds one of them");
		CHECK(vg_concept_by_name(k, VG_NAME_OTHER, "sodium") != 0, "one name of tests in the same sets finds none");
		CHECK(vg_concept_by_name(k, VG_NAME_DRUG, "common") == 0, "a synonym of two drugs finds one of them");
		CHECK(vg_set_find(k, "common") == 0, "a synonym of two drugs is a set");
		CHECK_TEXT(vg_concept_name(k, vg_concept_by_name(k, VG_NAME_DRUG, "only beta")), "beta");
		CHECK(world_finding(&world, "VG345") != NULL, "the ambiguous synonym is not told");
	}
	world_close(&world);
	folder_remove(&folder);
}

const test_case test_cases_name[] = {
    {"words around names are in byte order, and each is found", words_are_in_byte_order},
    {"every ingredient's name, with what is taken off before and behind it", every_name_is_found_behind_what_is_taken_off},
    {"a product's whole name, whatever the case", whole_names_find_products},
    {"strengths, forms, salts and brackets are ignored", strengths_forms_and_salts_are_ignored},
    {"combinations that some product has", combinations_are_found},
    {"brands of products and packs", brands_are_found},
    {"what says more or less than a drug's name is nothing", nothing_else_matches},
    {"allergens by name, and what an allergy list writes around them", allergens_by_name},
    {"tests by name and by alias", tests_and_aliases_by_name},
    {"a name of two things is nothing", ambiguous_names_find_nothing},
    {NULL, NULL},
};
