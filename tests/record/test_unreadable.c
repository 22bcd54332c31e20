/*
 * What is there and cannot be understood: a member of another type, an entry
 * without a resource, a reference to nobody knows what.  It is said, always;
 * what is empty says nothing, and nothing is said of it.
 */
#include "record_support.h"

#include <stdio.h>
#include <stdlib.h>

static bool says(const vg_record *record, const char *why)
{
	for (size_t i = 0; i < record->unused_count; i++)
		if (strcmp(record->unused[i].why, why) == 0)
			return true;
	return false;
}

/* NULL: nothing is said. */
static void expect(const char *text, const vg_record *record, const char *why)
{
	if (record && why)
		CHECK(says(record, why), "\"%s\" is not said of %s", why, text);
	else if (record)
		CHECK(record->unused_count == 0, "\"%s\" of %s", record->unused_count ? record->unused[0].why : "", text);
}

#define DATE "a date of it cannot be read"
#define CODE "a code of it cannot be read"
#define VALUE "its value cannot be read"

/* ---- members of a resource -------------------------------------------------------------- */

#define FOR_P "'subject':{'reference':'Patient/p'},"
#define RESULT(rest) "{'resourceType':'Observation','id':'o','status':'final'," FOR_P rest "}"
#define OF_EGFR "'code':{'coding':[{'system':'http://loinc.org','code':'33914-3'}]}"
#define OF_IT "'code':{'text':'it'},"

static void wrong_types_of_members_are_said(void)
{
	static const struct {
		const char *json, *why;
	} cases[] = {
	    {RESULT("'code':true"), CODE},
	    {RESULT("'code':[[1]]"), CODE},
	    {RESULT("'code':{'coding':'33914-3'}"), CODE},
	    {RESULT("'code':{'coding':[7]}"), CODE},
	    {RESULT("'code':{'coding':[{'system':'http://loinc.org','code':7}]}"), CODE},
	    {RESULT("'code':{'coding':[{'system':['http://loinc.org'],'code':'1'}]}"), CODE},
	    {RESULT("'code':{'text':{}}"), CODE},
	    {RESULT("'code':{'Coding':[{'code':'33914-3'}]}"), CODE},
	    {RESULT("'code':{'coding':[{'Code':'33914-3'}]}"), CODE},
	    {RESULT(OF_EGFR ",'valueQuantity':7"), VALUE},
	    {RESULT(OF_EGFR ",'valueQuantity':'7 mL'"), VALUE},
	    {RESULT(OF_EGFR ",'valueQuantity':[[7]]"), VALUE},
	    {RESULT(OF_EGFR ",'valueQuantity':{'value':'high'}"), VALUE},
	    {RESULT(OF_EGFR ",'valueQuantity':{'value':[7]}"), VALUE},
	    {RESULT(OF_EGFR ",'valueRange':{'low':{'value':true}}"), VALUE},
	    {RESULT(OF_EGFR ",'valueBoolean':'yes'"), VALUE},
	    {RESULT(OF_EGFR ",'valueInteger':'many'"), VALUE},
	    {RESULT(OF_EGFR ",'valueCodeableConcept':7"), VALUE},
	    {RESULT(OF_EGFR ",'valueString':7"), VALUE},
	    {RESULT(OF_EGFR ",'component':[{'code':{'text':'a'},'valueQuantity':'x'}]"), VALUE},
	    {RESULT(OF_EGFR ",'component':[{'code':7,'valueInteger':1}]"), CODE},
	    {RESULT(OF_EGFR ",'valueInteger':7,'effectiveDateTime':20240105"), DATE},
	    {RESULT(OF_EGFR ",'valueInteger':7,'effectiveDateTime':['2024-01-05']"), DATE},
	    {RESULT(OF_EGFR ",'valueInteger':7,'effectivePeriod':'2024-01-05'"), DATE},
	    {RESULT(OF_EGFR ",'valueInteger':7,'effectivePeriod':{'end':{}},'issued':true"), DATE},
	    {RESULT(OF_EGFR ",'valueInteger':7"), NULL},
	    {RESULT(OF_EGFR ",'valueInteger':'7'"), NULL},
	    {RESULT(OF_EGFR ",'valueQuantity':{'unit':'mL'}"), NULL},
	    {RESULT(OF_EGFR ",'valueQuantity':{'value':null},'effectiveDateTime':null"), NULL},
	    {RESULT(OF_EGFR ",'valueSampledData':{'origin':{'value':1}}"), NULL},
	    {RESULT(OF_EGFR ",'valueString':'','effectivePeriod':{}"), NULL},
	    {RESULT("'code':{'coding':[{'system':'http://loinc.org','code':'33914-3'},7]},'valueInteger':7"), NULL},
	    {RESULT("'code':{'extension':[{'url':'u'}]},'valueInteger':7"), NULL},
	    {"{'resourceType':'Condition','id':'c'," FOR_P OF_IT "'onsetDateTime':2019}", DATE},
	    {"{'resourceType':'Procedure','id':'c','status':'completed'," FOR_P OF_IT "'performedPeriod':[1]}", DATE},
	    {"{'resourceType':'Medication','id':'c','code':7}", CODE},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_record *record = RECORD(cases[i].json);
		expect(cases[i].json, record, cases[i].why);
		vg_record_free(record);
	}
}

static void a_mark_does_not_reach_the_next_resource(void)
{
	vg_record *record =
	    RECORD("{'resourceType':'Medication','id':'a','code':7}", RESULT("'code':7,'component':[{'code':7}]"),
		   "{'resourceType':'Condition','id':'c'," FOR_P "'code':{'text':'something else'}}");
	CHECK(record && unused_of(record, "Medication/a") && unused_of(record, "Observation/o"), "both are said");
	CHECK(record && !unused_of(record, "Condition/c"), "of the others nothing is");
	vg_record_free(record);
}

static void a_coding_is_read_where_a_concept_belongs(void)
{
	vg_record *record = RECORD(RESULT("'code':{'system':'http://loinc.org','code':'33914-3'},'valueInteger':7"));
	const vg_clinical_fact *fact = fact_at(record, "Observation/o");
	CHECK(fact && fact->code_count == 1 && !fact->unmapped, "it has the same members");
	vg_record_free(record);
}

static void an_empty_death_is_none(void)
{
	static const struct {
		const char *member;
		bool died;
	} cases[] = {{"'deceasedDateTime':''", false},
		     {"'deceasedDateTime':null", false},
		     {"'deceasedBoolean':'false'", false},
		     {"'deceasedDateTime':'2020'", true},
		     {"'deceasedDateTime':'one day'", true}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[200];
		snprintf(text, sizeof text, "{'resourceType':'Patient','id':'p',%s}", cases[i].member);
		vg_record *record = read_json(text);
		CHECK(record && record->patient.deceased == cases[i].died, "%s", cases[i].member);
		vg_record_free(record);
	}
}

/* ---- orders ----------------------------------------------------------------------------- */

#define REQUEST(orders, rest)                                                                                                  \
	"{'hook':'order-sign','hookInstance':'1','context':{'patientId':'p','draftOrders':" orders "}" rest "}"
#define DRAFT(what)                                                                                                            \
	REQUEST("{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'MedicationRequest','id':'m','status':'draft'," \
		"'subject':{'reference':'Patient/p'}" what "}}]}",                                                             \
		"")
#define REFERS "the medication that it refers to is not known"
#define NO_RESOURCE "it holds no FHIR resource"
#define NO_ORDERS "they are no FHIR resource"
#define NO_LIST "its entries are no list"

static void orders_that_cannot_be_read_are_said(void)
{
	static const struct {
		const char *json, *why;
	} cases[] = {
	    {DRAFT(""), NULL}, /* begun, and nothing is chosen yet */
	    {DRAFT(",'medicationCodeableConcept':{'coding':[{'system':'s'}],'text':''}"), NULL},
	    {DRAFT(",'medicationReference':{}"), NULL},
	    {DRAFT(",'medicationReference':{'reference':'Medication/elsewhere'}"), REFERS},
	    {DRAFT(",'medicationReference':{'identifier':{'value':'7'}}"), REFERS},
	    {DRAFT(",'medicationReference':'Medication/elsewhere'"), REFERS},
	    {DRAFT(",'medicationReference':{'reference':'#a'},'contained':[{'resourceType':'Medication','id':'a'}]"), REFERS},
	    {DRAFT(",'medicationReference':{'reference':'#a'}"), REFERS},
	    {DRAFT(",'medicationReference':7"), REFERS},
	    {DRAFT(",'medicationCodeableConcept':7"), CODE},
	    {DRAFT(",'medicationCodeableConcept':{'Text':'warfarin'}"), CODE},
	    {REQUEST("{}", ""), NO_ORDERS},
	    {REQUEST("{'entry':[]}", ""), NO_ORDERS},
	    {REQUEST("{'resourceType':7,'entry':[]}", ""), NO_ORDERS},
	    {REQUEST("{'resourceType':'BUNDLE','entry':[]}", ""), NO_ORDERS},
	    {REQUEST("{'resource':{'resourceType':'Claim'}}", ""), NO_ORDERS},
	    {REQUEST("{'resourceType':'Bundle'}", ""), NULL},
	    {REQUEST("{'resourceType':'Bundle','entry':null}", ""), NULL},
	    {REQUEST("{'resourceType':'Bundle','entry':[]}", ""), NULL},
	    {REQUEST("{'resourceType':'Bundle','entry':'none'}", ""), NO_LIST},
	    {REQUEST("{'resourceType':'Bundle','entry':{'resource':{}}}", ""), NO_LIST},
	    {REQUEST("{'entry':7,'resourceType':'Bundle'}", ""), NO_LIST},
	    {REQUEST("{'resourceType':'Bundle','entry':[{}]}", ""), NO_RESOURCE},
	    {REQUEST("{'resourceType':'Bundle','entry':[7]}", ""), NO_RESOURCE},
	    {REQUEST("{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'medicationRequest'}}]}", ""), NO_RESOURCE},
	    {REQUEST("{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'MEDICATIONREQUEST'}}]}", ""), NO_RESOURCE},
	    {REQUEST("{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'Claim'}}]}", ""), NULL},
	    {REQUEST("{'resourceType':'Bundle'}", ",'prefetch':{'allergies':{'resourceType':'Bundle','entry':true}}"), NO_LIST},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_record *record = read_json(cases[i].json);
		expect(cases[i].json, record, cases[i].why);
		vg_record_free(record);
	}
}

static void references_that_cannot_be_read_are_said(void)
{
#define DISPATCH(orders)                                                                                                       \
	"{'hook':'order-dispatch','hookInstance':'1','context':{'patientId':'p','dispatchedOrders':" orders "}}"
#define SELECT(selections)                                                                                                     \
	"{'hook':'order-select','hookInstance':'1','context':{'patientId':'p','selections':" selections                        \
	",'draftOrders':{'resourceType':'Bundle'}}}"
	static const char *const said[] = {DISPATCH("[7]"), DISPATCH("[{'a':1}]"), DISPATCH("[true,[]]"),
					   SELECT("[7]"),   SELECT("[{'a':1}]"),   SELECT("[[7]]")};
	static const char *const none[] = {DISPATCH("[]"), DISPATCH("[null]"), DISPATCH("[[],'',{}]"),
					   DISPATCH("''"), DISPATCH("null"),   DISPATCH("{}")};
	for (size_t i = 0; i < VG_COUNT(said); i++) {
		vg_record *record = read_json(said[i]);
		expect(said[i], record, "its reference cannot be read");
		vg_record_free(record);
	}
	for (size_t i = 0; i < VG_COUNT(none); i++)
		CHECK(strstr(refused(none[i], VIGIL_BAD_INPUT), "context.dispatchedOrders is missing"), "%s names no order",
		      none[i]);
	vg_record *record = read_json(SELECT("[]"));
	expect("selections that select nothing", record, NULL);
	vg_record_free(record);
}

static void a_section_whose_entries_are_no_list_is_not_supplied(void)
{
	vg_record *record = read_json(
	    REQUEST("{'resourceType':'Bundle'}", ",'prefetch':{'allergies':{'resourceType':'Bundle','entry':'none'}}"));
	CHECK(record && record->sections[VG_ALLERGIES].state == VG_NOT_SUPPLIED, "nobody knows what it would have held");
	vg_record_free(record);
}

static void more_orders_than_anybody_signs_are_refused(void)
{
	enum { MOST = 200 };
	char *text = malloc(MOST * 200);
	for (size_t count = MOST; count <= MOST + 1; count++) {
		char *to = text;
		to += sprintf(to, "{'hook':'order-sign','hookInstance':'1','context':{'patientId':'p','draftOrders':"
				  "{'resourceType':'Bundle','entry':[");
		for (size_t i = 0; i < count; i++)
			to += sprintf(to, "%s{'resource':{'resourceType':'MedicationRequest','id':'o%zu','status':'draft'}}",
				      i ? "," : "", i);
		strcpy(to, "]}}}");
		if (count > MOST) {
			CHECK_TEXT(refused(text, VIGIL_BAD_INPUT), "The request has more than 200 orders being made.");
			continue;
		}
		vg_record *record = read_json(text);
		CHECK(record && record->order_count == MOST, "as many as the limit are read");
		vg_record_free(record);
	}
	free(text);
}

/* ---- files ------------------------------------------------------------------------------- */

static void entries_of_a_file_without_a_resource(void)
{
#define FILE_OF(type, entry)                                                                                                   \
	"{'resourceType':'Bundle','type':'" type "','entry':[{'resource':{'resourceType':'Patient'}}," entry "]}"
	static const struct {
		const char *json, *why;
	} cases[] = {{FILE_OF("collection", "{}"), NO_RESOURCE},
		     {FILE_OF("searchset", "{'fullUrl':'urn:a'}"), NO_RESOURCE},
		     {FILE_OF("batch-response", "{'response':{'status':'201'}}"), NULL},
		     {FILE_OF("history", "{'request':{'method':'DELETE','url':'Condition/1'}}"), NULL},
		     {FILE_OF("collection", "{'request':{'method':'DELETE','url':'Condition/1'}}"), NULL}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_record *record = read_json(cases[i].json);
		expect(cases[i].json, record, cases[i].why);
		vg_record_free(record);
	}
	CHECK(strstr(refused("{'resourceType':'Bundle','entry':{}}", VIGIL_BAD_INPUT), "The entries of a Bundle are no list."),
	      "what cannot be understood in a file is refused");
	CHECK(strstr(refused(FILE_OF("collection", "{'resource':{'resourceType':'condition'}}"), VIGIL_BAD_INPUT),
		     "holds no FHIR resource"),
	      "no type of FHIR begins so");
}

const test_case test_cases_unreadable[] = {
    {"wrong types of members are said", wrong_types_of_members_are_said},
    {"a mark does not reach the next resource", a_mark_does_not_reach_the_next_resource},
    {"a Coding is read where a concept belongs", a_coding_is_read_where_a_concept_belongs},
    {"an empty date of death is none", an_empty_death_is_none},
    {"orders that cannot be read are said", orders_that_cannot_be_read_are_said},
    {"references that cannot be read are said", references_that_cannot_be_read_are_said},
    {"more orders than anybody signs are refused", more_orders_than_anybody_signs_are_refused},
    {"a section whose entries are no list is not supplied", a_section_whose_entries_are_no_list_is_not_supplied},
    {"entries of a file without a resource", entries_of_a_file_without_a_resource},
    {0}};
