/* Records without JSON, and sections marked from outside. */
#include "record_support.h"

#include <stdlib.h>

static vg_builder *open_builder(const vg_allocator *allocator, vigil_error *error)
{
	vg_builder *builder = NULL;
	vigil_status status = vg_builder_open(test_knowledge(), allocator, &builder, error);
	if (status == VIGIL_OK)
		status = vg_builder_patient(builder, "p", "1950-06-15", "female", error);
	if (status == VIGIL_OK)
		return builder;
	vg_builder_close(builder);
	return NULL;
}

static vigil_fact fact(const char *type, const char *id, const char *status, const char *system, const char *code,
		       const char *date)
{
	vigil_fact made = VIGIL_FACT_INIT;
	made.type = type;
	made.id = id;
	made.status = status;
	made.system = system;
	made.code = code;
	made.date = date;
	return made;
}

static void a_built_record_is_the_one_that_is_read(void)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_builder *builder = open_builder(NULL, &error);
	vigil_fact facts[] = {
	    fact("MedicationRequest", "m", "active", "rxnorm", "855332", "2026-01-01"),
	    fact("MedicationRequest", "s", "stopped", "http://www.nlm.nih.gov/research/umls/rxnorm", "310965", "2025-01-01"),
	    fact("Condition", "c", "resolved", "icd10cm", "E11.9", "2015"),
	    fact("AllergyIntolerance", "a", "active", "snomed", "373270004", NULL),
	    fact("Observation", "o", "final", "loinc", "33914-3", "2026-02-01"),
	    fact("ServiceRequest", "q", "active", "loinc", "4548-4", "2026-02-01"),
	};
	facts[2].end = "2020-03";
	facts[4].value = "24";
	facts[4].unit = "mL/min";
	for (size_t i = 0; i < VG_COUNT(facts); i++)
		CHECK(vg_builder_add(builder, &facts[i], &error) == VIGIL_OK, "%s", error.text);
	vg_record *built = NULL;
	CHECK(vg_builder_finish(builder, test_watch(), &built, &error) == VIGIL_OK, "%s", error.text);
	vg_builder_close(builder);
	vg_record *read = RECORD("{'resourceType':'MedicationRequest','id':'m','status':'active','authoredOn':'2026-01-01','"
				 "medicationCodeableConcept':{'coding':[{'system':"
				 "'http://www.nlm.nih.gov/research/umls/rxnorm','code':'855332'}]}}",
				 "{'resourceType':'MedicationRequest','id':'s','status':'stopped','authoredOn':'2025-01-01','"
				 "medicationCodeableConcept':{'coding':[{'system':"
				 "'http://www.nlm.nih.gov/research/umls/rxnorm','code':'310965'}]}}",
				 "{'resourceType':'Condition','id':'c','clinicalStatus':'resolved','onsetDateTime':'2015','"
				 "abatementDateTime':'2020-03','code':{'coding':[{'system':"
				 "'http://hl7.org/fhir/sid/icd-10-cm','code':'E11.9'}]}}",
				 "{'resourceType':'AllergyIntolerance','id':'a','clinicalStatus':'active','code':{'coding':[{'"
				 "system':'http://snomed.info/sct','code':'373270004'}]}}",
				 "{'resourceType':'Observation','id':'o','status':'final','effectiveDateTime':'2026-02-01','"
				 "code':{'coding':[{'system':'http://loinc.org','code':"
				 "'33914-3'}]},'valueQuantity':{'value':24,'unit':'mL/min'}}",
				 "{'resourceType':'ServiceRequest','id':'q','status':'active','authoredOn':'2026-02-01','code':"
				 "{'coding':[{'system':'http://loinc.org','code':"
				 "'4548-4'}]}}");
	char *a = record_text(built), *b = record_text(read);
	CHECK_TEXT(a, b);
	free(a);
	free(b);
	vg_record_free(built);
	vg_record_free(read);
}

static void drafts_are_orders_and_values_keep_their_sign(void)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_builder *builder = open_builder(NULL, &error);
	vigil_fact order = fact("MedicationRequest", "d", NULL, "rxnorm", "310965", "2026-03-01");
	order.is_draft = 1;
	vigil_fact titre = fact("Observation", "t", NULL, NULL, NULL, "2026-03-01"), less = titre;
	titre.display = "a titre";
	titre.value = "1:128";
	less.id = "l";
	less.value = "<=5";
	less.unit = "mg/L";
	vigil_fact nkda = fact("AllergyIntolerance", "n", NULL, NULL, NULL, NULL);
	nkda.display = "NKDA";
	vigil_fact error_fact = fact("Condition", "e", "entered-in-error", "icd10cm", "E11.9", NULL);
	CHECK(vg_builder_add(builder, &order, &error) == VIGIL_OK && vg_builder_add(builder, &titre, &error) == VIGIL_OK &&
		  vg_builder_add(builder, &less, &error) == VIGIL_OK && vg_builder_add(builder, &nkda, &error) == VIGIL_OK &&
		  vg_builder_add(builder, &error_fact, &error) == VIGIL_OK,
	      "%s", error.text);
	vg_record *record = NULL;
	CHECK(vg_builder_finish(builder, (vg_watch){0}, &record, &error) == VIGIL_OK, "%s", error.text);
	CHECK(record && record->order_count == 1 && record->fact_count == 2 && record->errors_left_out == 1,
	      "one order, two results, one error");
	CHECK(fact_at(record, "MedicationRequest/d")->is_order && fact_at(record, "MedicationRequest/d")->standing == VG_DRAFT,
	      "a draft");
	CHECK(fact_at(record, "Observation/t")->value.kind == VG_VALUE_TEXT, "a titre is a text");
	CHECK(fact_at(record, "Observation/l")->value.comparator == VG_LESS_OR_SAME &&
		  fact_at(record, "Observation/l")->value.number == 5,
	      "at most 5");
	CHECK(vg_builder_add(builder, &order, &error) == VIGIL_WRONG_USE, "a finished builder takes facts");
	vg_builder_close(builder);
	vg_record_free(record);
}

static void a_later_word_replaces_the_earlier(void)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_builder *builder = open_builder(NULL, &error);
	vigil_fact unknown = fact("MedicationRequest", "m", "active", "urn:x", "nobody", "2026-01-01");
	vigil_fact known = fact("MedicationRequest", "m", "stopped", "rxnorm", "855332", "2026-01-01");
	vigil_fact order = known;
	order.id = "o";
	order.status = NULL;
	order.is_draft = 1;
	CHECK(vg_builder_add(builder, &unknown, &error) == VIGIL_OK && vg_builder_add(builder, &known, &error) == VIGIL_OK,
	      "%s", error.text);
	CHECK(vg_builder_add(builder, &order, &error) == VIGIL_OK && vg_builder_add(builder, &order, &error) == VIGIL_OK, "%s",
	      error.text);
	vg_record *record = NULL;
	CHECK(vg_builder_finish(builder, test_watch(), &record, &error) == VIGIL_OK, "%s", error.text);
	CHECK(record && record->fact_count == 1 && record->order_count == 1, "they count twice");
	CHECK_TEXT(fact_at(record, "MedicationRequest/m")->status, "stopped");
	CHECK(record && record->unused_count == 0, "what was replaced is still said");
	vg_builder_close(builder);
	vg_record_free(record);
}

static void wrong_use_is_told_and_changes_nothing(void)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_builder *builder = NULL;
	vg_record *record = NULL;
	CHECK(vg_builder_open(test_knowledge(), NULL, &builder, &error) == VIGIL_OK, "%s", error.text);
	CHECK(vg_builder_finish(builder, (vg_watch){0}, &record, &error) == VIGIL_WRONG_USE, "a record of nobody");
	CHECK(vg_builder_patient(builder, "", NULL, NULL, &error) == VIGIL_WRONG_USE, "a patient without an id");
	CHECK(vg_builder_patient(builder, "p", "15 June", NULL, &error) == VIGIL_WRONG_USE, "no date");
	CHECK(vg_builder_patient(builder, "p", NULL, "F", &error) == VIGIL_WRONG_USE, "no sex of FHIR");
	CHECK(vg_builder_patient(builder, "Patient/p", NULL, NULL, &error) == VIGIL_OK, "%s", error.text);
	vigil_fact wrong[] = {
	    fact("Medication", "x", NULL, NULL, NULL, NULL),   fact(NULL, "x", NULL, NULL, NULL, NULL),
	    fact("Condition", "x", "alive", NULL, NULL, NULL), fact("Condition", "x", NULL, NULL, NULL, "soon"),
	    fact("Condition", "x", NULL, NULL, NULL, NULL),    fact("Condition", "x", NULL, NULL, NULL, NULL)};
	wrong[4].is_draft = 1;
	wrong[5].end = "later";
	for (size_t i = 0; i < VG_COUNT(wrong); i++) {
		error = (vigil_error)VIGIL_ERROR_INIT;
		CHECK(vg_builder_add(builder, &wrong[i], &error) == VIGIL_WRONG_USE && *error.text && *error.advice,
		      "wrong use %zu", i);
	}
	CHECK(vg_builder_section(builder, "allergy", false, NULL, &error) == VIGIL_WRONG_USE, "no such section");
	CHECK(vg_builder_section(builder, "allergies", true, "soon", &error) == VIGIL_WRONG_USE, "no date");
	CHECK(vg_builder_section(builder, "allergies", false, NULL, &error) == VIGIL_OK, "%s", error.text);
	CHECK(vg_builder_section(builder, "results", true, "2024-01-01", &error) == VIGIL_OK, "%s", error.text);
	CHECK(vg_builder_finish(builder, (vg_watch){0}, &record, &error) == VIGIL_OK, "%s", error.text);
	CHECK_TEXT(record ? record->patient.reference : "", "Patient/p");
	CHECK(record && record->fact_count == 0, "wrong facts are kept");
	CHECK(record && record->sections[VG_ALLERGIES].state == VG_NOT_SUPPLIED &&
		  record->sections[VG_RESULTS].state == VG_SUPPLIED_SINCE &&
		  record->sections[VG_RESULTS].since == day("2024-01-01") &&
		  record->sections[VG_CONDITIONS].state == VG_COMPLETE,
	      "sections");
	vg_builder_close(builder);
	vg_record_free(record);
	vg_builder_close(NULL);
}

/* One allocation fails, the call is repeated, and the record is the same as ever. */
static void a_failed_call_can_be_repeated(void)
{
	char *expected = NULL;
	for (size_t fail_at = 0;; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		vg_allocator allocator = {test_resize, &state};
		vigil_error error = VIGIL_ERROR_INIT;
		vg_builder *builder = NULL;
		int failures = 0;
		while (vg_builder_open(test_knowledge(), &allocator, &builder, &error) != VIGIL_OK)
			CHECK(++failures == 1 && error.status == VIGIL_NO_MEMORY, "opening failed: %s", error.text);
		while (vg_builder_patient(builder, "p", "1950", "male", &error) != VIGIL_OK)
			CHECK(++failures == 1 && error.status == VIGIL_NO_MEMORY, "the patient failed: %s", error.text);
		for (int i = 0; i < 12; i++) {
			static const char *const codes[] = {"855332", "310965", "617296", "nobody"};
			char id[3] = {(char)('a' + i % 9), 0, 0};
			vigil_fact made = fact("MedicationRequest", id, "active", i % 4 == 3 ? "urn:local" : "rxnorm",
					       codes[i % 4], "2026-01-01");
			made.display = "a name that needs some room to be kept in";
			while (vg_builder_add(builder, &made, &error) != VIGIL_OK)
				CHECK(++failures == 1 && error.status == VIGIL_NO_MEMORY, "fact %d failed: %s", i, error.text);
			vigil_fact result = fact("Observation", id, "final", "loinc", "4548-4", "2026-01-01");
			result.value = "5";
			result.unit = i % 2 ? "%" : "mmol/mol";
			while (vg_builder_add(builder, &result, &error) != VIGIL_OK)
				CHECK(++failures == 1 && error.status == VIGIL_NO_MEMORY, "result %d failed: %s", i,
				      error.text);
		}
		while (vg_builder_section(builder, "results", true, "2020", &error) != VIGIL_OK)
			CHECK(++failures == 1 && error.status == VIGIL_NO_MEMORY, "the section failed: %s", error.text);
		vg_record *record = NULL;
		while (vg_builder_finish(builder, test_watch(), &record, &error) != VIGIL_OK)
			CHECK(++failures == 1 && error.status == VIGIL_NO_MEMORY, "finishing failed: %s", error.text);
		char *text = record_text(record);
		if (!expected)
			expected = strdup(text ? text : "");
		CHECK_TEXT(text, expected);
		free(text);
		vg_record_free(record);
		vg_builder_close(builder);
		CHECK(state.live_blocks == 0, "failing allocation %zu leaks %zu blocks", fail_at, state.live_blocks);
		if (fail_at && failures == 0)
			break;
	}
	free(expected);
}

/* ---- sections ------------------------------------------------------------------------------ */

static void sections_have_names(void)
{
	for (int i = 0; i < VG_SECTION_COUNT; i++) {
		vg_section found;
		CHECK(vg_section_find(vg_section_name((vg_section)i), &found) && (int)found == i, "section %d", i);
	}
	vg_section found;
	CHECK(vg_section_find("observations", &found) && found == VG_RESULTS, "the prefetch key's name");
	CHECK(!vg_section_find("Allergies", &found) && !vg_section_find("", &found), "no other names");
	CHECK(vg_section_of(VG_FACT_FAMILY_HISTORY) == VG_CONDITIONS && vg_section_of(VG_FACT_SERVICE) == VG_ORDERS, "kinds");
}

static void sections_are_marked_from_outside(void)
{
	vg_record *record = read_json("{'resourceType':'Patient','id':'p'}");
	vigil_error error = VIGIL_ERROR_INIT;
	CHECK(vg_record_sections(record, " allergies , procedures=since 2024-01-01,results = since 2023", &error) == VIGIL_OK,
	      "%s", error.text);
	CHECK(record->sections[VG_ALLERGIES].state == VG_NOT_SUPPLIED, "allergies");
	CHECK(record->sections[VG_PROCEDURES].state == VG_SUPPLIED_SINCE &&
		  record->sections[VG_PROCEDURES].since == day("2024-01-01"),
	      "procedures");
	CHECK(record->sections[VG_RESULTS].since == day("2023-12-31"), "of a year only its last day is sure");
	CHECK(record->sections[VG_MEDICATIONS].state == VG_COMPLETE, "the others stay");
	static const char *const wrong[] = {"conditions,allergie", "conditions=2024", "conditions=since",
					    "conditions=since soon", "=since 2024"};
	for (size_t i = 0; i < VG_COUNT(wrong); i++) {
		CHECK(vg_record_sections(record, wrong[i], &error) == VIGIL_WRONG_USE && *error.advice, "\"%s\" is accepted",
		      wrong[i]);
		CHECK(record->sections[VG_CONDITIONS].state == VG_COMPLETE, "\"%s\" is half done", wrong[i]);
	}
	CHECK(vg_record_sections(record, "allergie", &error) == VIGIL_WRONG_USE, "misspelt");
	CHECK_TEXT(error.advice, "Did you mean allergies?");
	CHECK(vg_record_sections(record, "", &error) == VIGIL_OK, "nothing to mark");
	vg_record_free(record);
}

const test_case test_cases_builder[] = {
    {"a built record is the one that is read", a_built_record_is_the_one_that_is_read},
    {"drafts are orders, values keep their sign", drafts_are_orders_and_values_keep_their_sign},
    {"a later word about a resource replaces the earlier", a_later_word_replaces_the_earlier},
    {"wrong use is told and changes nothing", wrong_use_is_told_and_changes_nothing},
    {"a call that failed for want of memory can be repeated", a_failed_call_can_be_repeated},
    {"sections have names", sections_have_names},
    {"sections are marked from outside", sections_are_marked_from_outside},
    {0},
};
