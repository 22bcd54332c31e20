/* Reading: shapes, bundles of every type, references, versions, one patient, errors, limits. */
#include "record_support.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

#define PATIENT "{'resourceType':'Patient','id':'p','birthDate':'1950-06-15','gender':'female'}"
#define WARFARIN_CODE                                                                                                          \
	"'medicationCodeableConcept':{'coding':[{'system':'http://www.nlm.nih.gov/research/umls/rxnorm','code':'855332'}]}"

/* ---- shapes ------------------------------------------------------------------------ */

static void reads_bundles_of_every_type(void)
{
	static const char *const types[] = {"collection", "searchset", "batch",          "transaction",         "document",
					    "message",    "history",   "batch-response", "transaction-response"};
	for (size_t i = 0; i < VG_COUNT(types); i++) {
		char text[1000];
		snprintf(text, sizeof text,
			 "{'resourceType':'Bundle','type':'%s','entry':[{'fullUrl':'http://x/Patient/p','resource':" PATIENT
			 ",'request':{'method':'PUT','url':'Patient/"
			 "p'}},{'resource':{'resourceType':'MedicationRequest','id':'m','status':"
			 "'active','subject':{'reference':'Patient/p'}," WARFARIN_CODE "}}]}",
			 types[i]);
		vg_record *record = read_json(text);
		CHECK(record && record->fact_count == 1, "a %s did not give its one fact", types[i]);
		CHECK_TEXT(fact_at(record, "MedicationRequest/m")->status, "active");
		CHECK_TEXT(record ? record->patient.reference : "", "Patient/p");
		CHECK(record && record->patient.birth.first == day("1950-06-15"), "the birth date is lost");
		CHECK_TEXT(record ? record->patient.sex : "", "female");
		vg_record_free(record);
	}
}

static void reads_a_lone_patient(void)
{
	vg_record *record = read_json("{'resourceType':'Patient','id':'p','deceasedDateTime':'2020-01-02'}");
	CHECK(record && record->fact_count == 0 && record->patient.deceased && record->patient.deceased_known, "deceased");
	CHECK(record && record->patient.death.first == day("2020-01-02"), "the day of death is lost");
	vg_record_free(record);
	record = read_json("{'resourceType':'Patient','id':'p','deceasedBoolean':false}");
	CHECK(record && !record->patient.deceased && record->patient.deceased_known, "known not to be deceased");
	vg_record_free(record);
	record = read_json("{'resourceType':'Patient','id':'p','birthDate':'1950-13-45'}");
	CHECK(record && !vg_when_known(record->patient.birth) && unused_of(record, "Patient/p"),
	      "an impossible birth date is not said");
	vg_record_free(record);
}

static void skips_what_no_fact_comes_from(void)
{
	vg_record *record = RECORD("{'resourceType':'Claim','id':'c','patient':{'reference':'Patient/p'}}",
				   "{'resourceType':'Practitioner','id':'d'}", "{'resourceType':'NoSuchThing','id':'n'}");
	CHECK(record && record->fact_count == 0 && record->unused_count == 0, "claims and practitioners are facts");
	vg_record_free(record);
}

static void empty_means_complete_in_a_file(void)
{
	vg_record *record = read_json(PATIENT);
	for (int i = 0; record && i < VG_SECTION_COUNT; i++)
		CHECK(record->sections[i].state == VG_COMPLETE, "%s is not complete", vg_section_name((vg_section)i));
	vg_record_free(record);
}

static void a_page_and_a_failed_query_are_not_complete(void)
{
	vg_record *record =
	    read_json("{'resourceType':'Bundle','type':'searchset','link':[{'relation':'next','url':'http://x?p=2'}],"
		      "'entry':[{'resource':" PATIENT "}]}");
	for (int i = 0; record && i < VG_SECTION_COUNT; i++)
		CHECK(record->sections[i].state == VG_NOT_SUPPLIED, "%s counts as complete", vg_section_name((vg_section)i));
	CHECK_TEXT(record ? record->sections[VG_ALLERGIES].why : "", "first page only");
	vg_record_free(record);

	static const char outcome[] =
	    "{'resourceType':'Bundle','type':'searchset','entry':[{'resource':" PATIENT
	    "},{'resource':{'resourceType':'OperationOutcome','issue':[{'severity':'%s','code':'processing'}]},"
	    "'search':{'mode':'outcome'}}]}";
	char text[600];
	snprintf(text, sizeof text, outcome, "error");
	record = read_json(text);
	CHECK(record && record->sections[VG_MEDICATIONS].state == VG_NOT_SUPPLIED, "a failed query counts as empty");
	CHECK_TEXT(record ? record->sections[VG_MEDICATIONS].why : "", "the query failed (OperationOutcome)");
	vg_record_free(record);
	snprintf(text, sizeof text, outcome, "warning");
	record = read_json(text);
	CHECK(record && record->sections[VG_MEDICATIONS].state == VG_COMPLETE, "a warning makes the section incomplete");
	vg_record_free(record);
}

static void a_nested_page_concerns_its_own_section(void)
{
	vg_record *record = read_json("{'resourceType':'Bundle','type':'batch-response','entry':[{'resource':" PATIENT
				      "},{'resource':{'resourceType':'Bundle',"
				      "'type':'searchset','link':[{'relation':'next','url':'x'}],'entry':[{'resource':{'"
				      "resourceType':'Condition','id':'c',"
				      "'subject':{'reference':'Patient/p'}}}]}}]}");
	CHECK(has_fact(record, "Condition/c"), "facts of a nested Bundle are lost");
	CHECK(record && record->sections[VG_CONDITIONS].state == VG_NOT_SUPPLIED, "the paged section counts as complete");
	CHECK(record && record->sections[VG_MEDICATIONS].state == VG_COMPLETE, "another section does not");
	vg_record_free(record);
}

/* ---- refusals ----------------------------------------------------------------------- */

static void refuses_with_a_message_of_its_own(void)
{
	static const struct {
		const char *json, *says;
	} cases[] = {
	    {"", ""},
	    {"{'resourceType':'Bundle','entry':[", ""},
	    {"warfarin", ""},
	    {"[]", "neither a FHIR resource nor a CDS Hooks request: it is no object"},
	    {"{'a':1}", "the object has no resourceType"},
	    {"{'resourceType':'Bundle','entry':[]}", "There is no Patient in it"},
	    {"{'resourceType':'MedicationRequest','id':'m'}", "There is no Patient in it"},
	    {"{'resourceType':'OperationOutcome','issue':[]}", "It is an OperationOutcome"},
	    {"{'resourceType':'Bundle','entry':[{'resource':" PATIENT "},{'resource':{'resourceType':'Patient','id':'q'}}]}",
	     "The record holds several patients."},
	    {"{'resourceType':'Bundle','entry':[{'resource':" PATIENT
	     "},{'resource':{'resourceType':'Observation','id':'o','subject':"
	     "{'reference':'Patient/q'}}}]}",
	     "Observation/o belongs to another patient than the record."},
	    {"{'resourceType':'Bundle','entry':[{'resource':" PATIENT
	     "},{'resource':{'resourceType':'Claim','id':'c','patient':"
	     "{'reference':'http://x/fhir/Patient/q/_history/2'}}}]}",
	     "Claim/c belongs to another patient"},
	    {"{'resourceType':'Bundle','entry':[{'fullUrl':'urn:uuid:a','resource':{'resourceType':'Patient'}},{'resource':"
	     "{'resourceType':'Condition','id':'c','subject':{'reference':'urn:uuid:b'}}}]}",
	     "Condition/c belongs to another patient"},
	    {"{'resourceType':'Bundle','entry':[{'resource':" PATIENT "},{'resource':'text'}]}", "holds no FHIR resource"},
	    {"{'resourceType':'Bundle','entry':[{'resource':" PATIENT "},{'resource':{'id':'x'}}]}", "holds no FHIR resource"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		const char *text = refused(cases[i].json, VIGIL_BAD_INPUT);
		CHECK(strstr(text, cases[i].says) != NULL, "\"%s\" does not say \"%s\"", text, cases[i].says);
	}
}

static void errors_hold_no_patient_data(void)
{
	const char *text =
	    refused("{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'Patient','id':'p','name':[{'family':"
		    "'CANARY'}]}},{'resource':{'resourceType':'Condition','id':'c','code':{'text':'CANARY'},'subject':"
		    "{'reference':'Patient/q','display':'CANARY'}}}]}",
		    VIGIL_BAD_INPUT);
	CHECK(!strstr(text, "CANARY"), "patient data in \"%s\"", text);
}

static void each_limit_has_its_own_message(void)
{
	char *text =
	    bundle_of("{'resourceType':'Condition','id':'c','subject':{'reference':'Patient/p'},'code':{'text':'a long enough "
		      "text','coding':[{'code':'1'},{'code':'2'},{'code':'3'}]}}",
		      NULL);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	char messages[7][512] = {{0}};
	for (int i = 0; i < 7; i++) {
		vg_limits limits = vg_default_limits;
		size_t *all[] = {&limits.bytes,         &limits.depth,   &limits.nodes,  &limits.keys,
				 &limits.string_length, &limits.entries, &limits.codings};
		*all[i] = i == 0 ? 50 : i == 5 ? 1 : 2;
		vg_record *record = NULL;
		vigil_error error = VIGIL_ERROR_INIT;
		vigil_status status =
		    vg_record_read(text, strlen(text), test_knowledge(), (vg_watch){0}, &limits, NULL, &record, &error);
		CHECK(status == VIGIL_BAD_INPUT && *error.text && *error.advice, "limit %d: status %d \"%s\"", i, (int)status,
		      error.text);
		strcpy(messages[i], error.text);
		for (int k = 0; k < i; k++)
			CHECK(strcmp(messages[k], messages[i]) != 0, "limits %d and %d say the same: %s", k, i, messages[i]);
		vg_record_free(record);
	}
	free(text);
}

/* ---- references ------------------------------------------------------------------------- */

static void understands_references_of_every_form(void)
{
	static const char *const forms[] = {
	    "Patient/p", "http://x.org/fhir/Patient/p", "https://other/Patient/p/_history/7", "urn:uuid:p", "urn:uuid:0-1",
	    "p"};
	for (size_t i = 0; i < VG_COUNT(forms); i++) {
		char text[600];
		snprintf(text, sizeof text,
			 "{'resourceType':'Bundle','entry':[{'fullUrl':'urn:uuid:0-1','resource':" PATIENT
			 "},{'resource':{'resourceType':'Condition','id':'c','subject':{'reference':'%s'}}}]}",
			 forms[i]);
		vg_record *record = read_json(text);
		CHECK(has_fact(record, "Condition/c"), "%s is not understood", forms[i]);
		vg_record_free(record);
	}
}

static void finds_medications_by_reference(void)
{
	static const char *const forms[] = {"Medication/w", "http://x/fhir/Medication/w", "urn:uuid:77", "#inside"};
	for (size_t i = 0; i < VG_COUNT(forms); i++) {
		char text[1200];
		snprintf(text, sizeof text,
			 "{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'MedicationRequest','id':'m','status':'"
			 "active','subject':"
			 "{'reference':'Patient/"
			 "p'},'contained':[{'resourceType':'Medication','id':'inside','code':{'coding':[{'system':"
			 "'http://www.nlm.nih.gov/research/umls/"
			 "rxnorm','code':'855332'}]}}],'medicationReference':{'reference':'%s'}}},"
			 "{'resource':" PATIENT
			 "},{'fullUrl':'urn:uuid:77','resource':{'resourceType':'Medication','id':'w','code':{'coding':"
			 "[{'system':'http://www.nlm.nih.gov/research/umls/rxnorm','code':'855332'}]}}}]}",
			 forms[i]);
		vg_record *record = read_json(text);
		CHECK(vg_fact_in_set(record, fact_at(record, "MedicationRequest/m"), test_set("warfarin")), "%s is not found",
		      forms[i]);
		vg_record_free(record);
	}
	vg_record *record =
	    RECORD("{'resourceType':'MedicationRequest','id':'m','status':'active','medicationReference':{'reference':"
		   "'Medication/gone','display':'Warfarin'}}");
	CHECK(fact_at(record, "MedicationRequest/m")->by_text, "the reference's own words are not used");
	vg_record_free(record);
}

static void what_is_not_about_the_patient_is_said(void)
{
	vg_record *record =
	    RECORD("{'resourceType':'Observation','id':'o','status':'final','subject':{'reference':'Device/d'}}");
	CHECK(!has_fact(record, "Observation/o"), "a device's Observation is the patient's");
	const vg_unused *unused = unused_of(record, "Observation/o");
	CHECK_TEXT(unused ? unused->why : "", "it is not about the patient");
	vg_record_free(record);
}

static void a_patient_without_a_name_is_whom_the_record_speaks_of(void)
{
	static const char json[] =
	    "{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'Patient','gender':'male'}},{'resource':"
	    "{'resourceType':'Condition','id':'a','subject':{'reference':'Patient/1'}}},{'resource':{'resourceType':"
	    "'Condition','id':'b','subject':{'reference':'Patient/%d'}}}]}";
	char text[400];
	snprintf(text, sizeof text, json, 1);
	vg_record *record = read_json(text);
	CHECK(record && record->fact_count == 2, "facts are lost");
	vg_record_free(record);
	snprintf(text, sizeof text, json, 2);
	refused(text, VIGIL_BAD_INPUT);
}

/* ---- versions ---------------------------------------------------------------------------- */

#define STATUS(status, meta)                                                                                                   \
	"{'resourceType':'MedicationRequest','id':'m','status':'" status "'," meta                                             \
	"'subject':{'reference':'Patient/p'}," WARFARIN_CODE "}"

static void a_resource_twice_counts_once(void)
{
	vg_record *record = RECORD(STATUS("active", ""), STATUS("active", ""));
	CHECK(record && record->fact_count == 1, "%u facts instead of 1", record ? record->fact_count : 0);
	vg_record_free(record);
	record = RECORD("{'resourceType':'Condition','code':{'text':'a'}}", "{'resourceType':'Condition','code':{'text':'a'}}",
			"{'resourceType':'Condition','code':{'text':'b'}}");
	CHECK(record && record->fact_count == 2, "the same nameless resource counts twice");
	vg_record_free(record);
}

static void the_newest_version_counts(void)
{
	static const char *const older[] = {"'meta':{'lastUpdated':'2020-01-01T00:00:00Z'},", "'meta':{'versionId':'9'},"};
	static const char *const newer[] = {"'meta':{'lastUpdated':'2020-01-01T00:00:01Z'},", "'meta':{'versionId':'10'},"};
	for (size_t i = 0; i < VG_COUNT(older); i++) {
		char a[500], b[500];
		snprintf(a, sizeof a, STATUS("active", "%s"), older[i]);
		snprintf(b, sizeof b, STATUS("stopped", "%s"), newer[i]);
		for (int turn = 0; turn < 2; turn++) {
			vg_record *record = RECORD(turn ? a : b, turn ? b : a);
			CHECK_TEXT(fact_at(record, "MedicationRequest/m")->status, "stopped");
			CHECK(record && record->fact_count == 1, "both versions count");
			vg_record_free(record);
		}
	}
}

static void histories_stand_newest_first(void)
{
	static const char history[] = "{'resourceType':'Bundle','type':'history','entry':[{'resource':" PATIENT "},%s]}";
	static const struct {
		const char *entries, *status;
	} cases[] = {
	    {"{'resource':" STATUS("stopped", "") "},{'resource':" STATUS("active", "") "}", "stopped"},
	    {"{'fullUrl':'http://x/MedicationRequest/m','request':{'method':'DELETE','url':'MedicationRequest/"
	     "m'}},{'resource':" STATUS("active", "") "}",
	     NULL},
	    {"{'request':{'method':'DELETE','url':'MedicationRequest/m'}},{'resource':" STATUS("active", "") "}", NULL},
	    {"{'resource':" STATUS(
		 "active", "") "},{'request':{'method':'DELETE','url':'MedicationRequest/m'}},{'resource':" STATUS("stopped",
														   "") "}",
	     "active"},
	    {"{'request':{'method':'DELETE','url':'MedicationRequest/other'}},{'resource':" STATUS("active", "") "}", "active"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[2000];
		snprintf(text, sizeof text, history, cases[i].entries);
		vg_record *record = read_json(text);
		if (cases[i].status)
			CHECK_TEXT(fact_at(record, "MedicationRequest/m")->status, cases[i].status);
		else
			CHECK(!has_fact(record, "MedicationRequest/m") && record && record->errors_left_out == 1,
			      "case %zu: deleted, yet there", i);
		vg_record_free(record);
	}
}

/* ---- properties ------------------------------------------------------------------------------ */

static void the_order_of_entries_does_not_matter(void)
{
	static const char *const resources[] = {
	    STATUS("active", "'authoredOn':'2026-01-01',"),
	    "{'resourceType':'MedicationStatement','id':'s','status':'active','effectiveDateTime':'2026-01-01','subject':{'"
	    "reference':"
	    "'Patient/p'}," WARFARIN_CODE "}",
	    "{'resourceType':'MedicationDispense','id':'d','status':'completed','whenHandedOver':'2026-01-01','daysSupply':{'"
	    "value':30,"
	    "'code':'d'}," WARFARIN_CODE "}",
	    "{'resourceType':'Observation','id':'o1','status':'final','effectiveDateTime':'2026-01-01','valueInteger':1}",
	    "{'resourceType':'Observation','id':'o2','status':'final','effectiveDateTime':'2026-01-01','valueInteger':1,'"
	    "component':["
	    "{'code':{'text':'a'},'valueInteger':1},{'code':{'text':'b'},'valueInteger':2}]}",
	    "{'resourceType':'DiagnosticReport','id':'r','status':'final','result':[{'reference':'Observation/"
	    "o1'},{'reference':"
	    "'Observation/o2'}]}",
	    "{'resourceType':'Condition','code':{'text':'one'}}",
	    "{'resourceType':'Condition','code':{'text':'two'}}",
	    "{'resourceType':'AllergyIntolerance','id':'a','code':{'text':'nobody knows'}}",
	};
	enum { COUNT = VG_COUNT(resources) };
	char *first = NULL;
	unsigned seed = 7;
	for (int turn = 0; turn < 40; turn++) {
		const char *r[COUNT];
		memcpy(r, resources, sizeof r);
		for (size_t i = COUNT - 1; turn && i > 0; i--) {
			seed = seed * 1103515245u + 12345u;
			size_t k = (seed >> 16) % (i + 1);
			const char *swap = r[i];
			r[i] = r[k];
			r[k] = swap;
		}
		vg_record *record = RECORD(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8]);
		char *text = record_text(record);
		if (!first) {
			first = strdup(text ? text : "");
			CHECK(record && record->fact_count == 11, "%u facts instead of 11", record ? record->fact_count : 0);
		}
		CHECK_TEXT(text, first);
		free(text);
		vg_record_free(record);
	}
	free(first);
}

/* However many they are: newest first, and in the input's order what says the same. */
static void many_facts_stand_in_order(void)
{
	for (unsigned count = 0; count <= 70; count++) {
		char text[12000];
		size_t length = (size_t)snprintf(text, sizeof text,
						 "{'resourceType':'Bundle','type':'collection','entry':["
						 "{'resource':{'resourceType':'Patient','id':'p'}}");
		for (unsigned i = 0; i < count; i++)
			length +=
			    (size_t)snprintf(text + length, sizeof text - length,
					     ",{'resource':{'resourceType':'Condition','onsetDateTime':'2020-01-%02u','code':"
					     "{'text':'x','coding':[{'code':'%03u'}]}}}",
					     1 + i * 7 % 5, i);
		snprintf(text + length, sizeof text - length, "]}");
		vg_record *record = read_json(text);
		CHECK(record && record->fact_count == count, "not %u facts", count);
		for (uint32_t i = 1; record && i < record->fact_count; i++) {
			const vg_clinical_fact *a = &record->facts[i - 1], *b = &record->facts[i];
			bool right = a->when.last > b->when.last ||
				     (a->when.last == b->when.last && strcmp(a->codes[0].code, b->codes[0].code) < 0);
			CHECK(right, "of %u facts number %u stands before its place", count, i);
		}
		vg_record_free(record);
	}
}

static void facts_stand_newest_first_and_are_indexed(void)
{
	vg_record *record = RECORD(
	    "{'resourceType':'Observation','id':'a','status':'final','effectiveDateTime':'2020-01-01','code':{'coding':"
	    "[{'system':'http://loinc.org','code':'4548-4'}]}}",
	    "{'resourceType':'Observation','id':'b','status':'final','code':{'coding':[{'system':'http://loinc.org',"
	    "'code':'17856-6'}]}}",
	    "{'resourceType':'Observation','id':'c','status':'final','effectiveDateTime':'2021-01-01T10:00:00Z','code':"
	    "{'coding':[{'system':'http://loinc.org','code':'4548-4'}]}}",
	    "{'resourceType':'Observation','id':'d','status':'final','effectiveDateTime':'2021-01-01T11:00:00Z','code':"
	    "{'coding':[{'system':'http://loinc.org','code':'17856-6'},{'system':'http://loinc.org','code':'4548-4'}]}}");
	vg_ids watched = vg_record_watched(record, test_watch().slot_of_set[test_set("HbA1c")]);
	static const char *const expected[] = {"Observation/d", "Observation/c", "Observation/a", "Observation/b"};
	CHECK(watched.count == 4, "%zu facts of the set instead of 4", watched.count);
	for (size_t i = 0; i < watched.count && i < 4; i++)
		CHECK_TEXT(record->facts[watched.ids[i]].reference, expected[i]);
	CHECK(record->kind_counts[VG_FACT_RESULT] == 4, "the index of kinds lacks results");
	for (uint32_t i = 0; i < record->kind_counts[VG_FACT_RESULT] && i < 4; i++)
		CHECK_TEXT(record->facts[record->kind_facts[VG_FACT_RESULT][i]].reference, expected[i]);
	CHECK(vg_record_watched(record, test_watch().slot_of_set[test_set("eGFR")]).count == 0, "an empty slot is not empty");
	vg_record_free(record);
}

/* The index says of every fact and set what vg_fact_in_set says. */
static void check_index(const vg_record *record)
{
	vg_watch watch = test_watch();
	for (vg_set set = 1; set <= vg_set_count(test_knowledge()); set++) {
		vg_ids watched = vg_record_watched(record, watch.slot_of_set[set]);
		size_t at = 0;
		for (uint32_t i = 0; i < record->fact_count; i++) {
			bool listed = at < watched.count && watched.ids[at] == i;
			at += listed;
			if (vg_fact_in_set(record, &record->facts[i], set) != listed)
				CHECK(false, "%s and the set %s: the index is wrong", record->facts[i].reference,
				      vg_set_name(test_knowledge(), set));
		}
		CHECK(at == watched.count, "the slot of %s is not in order", vg_set_name(test_knowledge(), set));
	}
}

static void synthea_bundles_are_read(void)
{
	const char *folder = test_data("synthea/bundles");
	if (!folder)
		return;
	char root[512];
	strcpy(root, folder);
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const char *const *names;
	size_t count;
	vigil_error error = VIGIL_ERROR_INIT;
	CHECK(vg_list_files(&arena, root, ".json", &names, &count, &error) == VIGIL_OK && count == 60, "%zu files: %s", count,
	      error.text);
	size_t facts = 0;
	for (size_t i = 0; i < count; i++) {
		char path[1024];
		snprintf(path, sizeof path, "%s/%s", root, names[i]);
		vg_record *record = read_file(path);
		if (record) {
			facts += record->fact_count;
			check_index(record);
			CHECK(vg_when_known(record->patient.birth) && *record->patient.sex, "%s: no birth date or sex",
			      names[i]);
			CHECK(record->errors_left_out == 0, "%s: %u left out", names[i], record->errors_left_out);
		}
		vg_record_free(record);
	}
	/* Counted in the files by other means: entries of fact types and components of Observations. */
	CHECK(facts == 14664, "%zu facts", facts);
	vg_arena_free(&arena);
}

static void measure_cases_are_read(void)
{
	const char *folder = test_data("ecqm");
	if (!folder)
		return;
	char root[512];
	strcpy(root, folder);
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const char *const *names;
	size_t count, read = 0;
	vigil_error error = VIGIL_ERROR_INIT;
	CHECK(vg_list_files(&arena, root, ".json", &names, &count, &error) == VIGIL_OK, "%s", error.text);
	for (size_t i = 0; i < count; i++) {
		if (!strstr(names[i], "cases/"))
			continue;
		char path[1024];
		snprintf(path, sizeof path, "%s/%s", root, names[i]);
		vg_record *record = read_file(path);
		read += record != NULL;
		vg_record_free(record);
	}
	CHECK(read == 284, "%zu cases read", read);
	vg_arena_free(&arena);
}

/* ---- memory ------------------------------------------------------------------------------------ */

static void every_failed_allocation_is_survived(const char *quoted, bool orders)
{
	char *text = strdup(quoted);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	vg_record *base = orders ? read_json(PATIENT) : NULL;
	char *expected = NULL;
	for (size_t fail_at = 0;; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		vg_allocator allocator = {test_resize, &state};
		vigil_error error = VIGIL_ERROR_INIT;
		vg_record *record = NULL;
		vigil_status status =
		    orders
			? vg_orders_read(text, strlen(text), base, test_watch(), NULL, &allocator, &record, &error)
			: vg_record_read(text, strlen(text), test_knowledge(), test_watch(), NULL, &allocator, &record, &error);
		bool failed = fail_at && state.calls >= fail_at;
		CHECK(status == (failed ? VIGIL_NO_MEMORY : VIGIL_OK), "failing allocation %zu gave status %d", fail_at,
		      (int)status);
		CHECK((record != NULL) == (status == VIGIL_OK), "a record of a failed reading");
		char *got = record_text(record);
		if (fail_at == 0)
			expected = strdup(got ? got : "");
		else if (got)
			CHECK_TEXT(got, expected);
		free(got);
		vg_record_free(record);
		CHECK(state.live_blocks == 0, "failing allocation %zu leaks %zu blocks", fail_at, state.live_blocks);
		if (fail_at && !failed)
			break;
	}
	free(expected);
	vg_record_free(base);
	free(text);
}

static void a_record_survives_every_failed_allocation(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	char *text;
	size_t length;
	vigil_error error = VIGIL_ERROR_INIT;
	static const char *const files[] = {"fixtures/records/collection.json", "fixtures/records/order-select.json",
					    "fixtures/records/history.json"};
	for (size_t i = 0; i < VG_COUNT(files); i++) {
		CHECK(vg_read_file(&arena, files[i], 1 << 20, &text, &length, &error) == VIGIL_OK, "%s", error.text);
		if (!*error.text)
			every_failed_allocation_is_survived(text, false);
	}
	vg_arena_free(&arena);
	every_failed_allocation_is_survived(
	    "{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'MedicationRequest','id':'o1',"
	    "'status':'draft','subject':{'reference':'Patient/p'}," WARFARIN_CODE "}},{'resource':{"
	    "'resourceType':'ServiceRequest','id':'o2','status':'draft','code':{'text':'a test'}}}]}",
	    true);
}

const test_case test_cases_read[] = {
    {"Bundles of every type are read", reads_bundles_of_every_type},
    {"a lone Patient is a record", reads_a_lone_patient},
    {"what no fact comes from is skipped", skips_what_no_fact_comes_from},
    {"a file is complete in all sections", empty_means_complete_in_a_file},
    {"a page and a failed query are not complete", a_page_and_a_failed_query_are_not_complete},
    {"a nested page concerns its own section only", a_nested_page_concerns_its_own_section},
    {"what cannot be read is refused with a message of its own", refuses_with_a_message_of_its_own},
    {"errors hold no patient data", errors_hold_no_patient_data},
    {"each limit has its own message", each_limit_has_its_own_message},
    {"references of every form are understood", understands_references_of_every_form},
    {"Medications are found by reference", finds_medications_by_reference},
    {"what is not about the patient is said", what_is_not_about_the_patient_is_said},
    {"a Patient without id is whom the record speaks of", a_patient_without_a_name_is_whom_the_record_speaks_of},
    {"a resource twice counts once", a_resource_twice_counts_once},
    {"the newest version counts", the_newest_version_counts},
    {"histories stand newest first, deletions remove", histories_stand_newest_first},
    {"the order of entries does not matter", the_order_of_entries_does_not_matter},
    {"many facts stand in order", many_facts_stand_in_order},
    {"facts stand newest first and are indexed", facts_stand_newest_first_and_are_indexed},
    {"the synthetic patients are read whole", synthea_bundles_are_read},
    {"the cases of the quality measures are read", measure_cases_are_read},
    {"a record survives every failed allocation", a_record_survives_every_failed_allocation},
    {0},
};
