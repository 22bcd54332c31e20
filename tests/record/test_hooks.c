/* CDS Hooks requests, and orders that are read apart. */
#include "record_support.h"

#include <stdio.h>
#include <stdlib.h>

#define RXNORM(code)                                                                                                           \
	"'medicationCodeableConcept':{'coding':[{'system':'http://www.nlm.nih.gov/research/umls/rxnorm','code':'" code "'}]}"
#define DRAFT(id, code)                                                                                                        \
	"{'resourceType':'MedicationRequest','id':'" id                                                                        \
	"','status':'draft','subject':{'reference':'Patient/p'}," RXNORM(code) "}"
#define SELECT(context, rest)                                                                                                  \
	"{'hook':'order-select','hookInstance':'1','context':{'patientId':'p'," context                                        \
	",'draftOrders':{'resourceType':'Bundle','entry':[{'resource':" DRAFT("a", "310965") "},{'resource':" DRAFT(           \
	    "b", "855332") "}]}}" rest "}"

static void what_cannot_be_understood_is_refused(void)
{
	static const struct {
		const char *json, *says;
	} cases[] = {
	    {"{'hookInstance':'1','context':{'patientId':'p'}}", "hook is missing"},
	    {"{'hook':7,'hookInstance':'1','context':{'patientId':'p'}}", "hook is missing, or is not a text"},
	    {"{'hook':'patient-view','context':{'patientId':'p'}}", "hookInstance is missing"},
	    {"{'hook':'patient-view','hookInstance':'1'}", "context is missing"},
	    {"{'hook':'patient-view','hookInstance':'1','context':[]}", "context is missing, or is not an object"},
	    {"{'hook':'patient-view','hookInstance':'1','context':{}}", "context.patientId is missing"},
	    {"{'hook':'patient-view','hookInstance':'1','context':{'patientId':''}}", "context.patientId is missing"},
	    {"{'hook':'order-sign','hookInstance':'1','context':{'patientId':'p'}}", "context.draftOrders is missing"},
	    {"{'hook':'order-sign','hookInstance':'1','context':{'patientId':'p','draftOrders':[]}}",
	     "context.draftOrders is missing, or is not"},
	    {"{'hook':'order-dispatch','hookInstance':'1','context':{'patientId':'p'}}", "context.dispatchedOrders is missing"},
	    {"{'hook':'medication-refill','hookInstance':'1','context':{'patientId':'p'}}", "context.medications is missing"},
	    {"{'hook':'patient-view','hookInstance':'1','context':{'patientId':'p'},'prefetch':{'patient':{'resourceType':'"
	     "Patient','id':'q'}}}",
	     "Not every Patient resource is the patient that the request names."},
	    {"{'hook':'patient-view','hookInstance':'1','context':{'patientId':'"
	     "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012"
	     "34567890123456789'}}",
	     "context.patientId is too long"},
	    {"{'hook':'patient-view','hookInstance':'1','context':{'patientId':'p'},'prefetch':{'x':{'resourceType':'Condition'"
	     ",'id':'c','subject':"
	     "{'reference':'Patient/q'}}}}",
	     "Condition/c belongs to another patient than the record."},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		const char *text = refused(cases[i].json, VIGIL_BAD_INPUT);
		CHECK(strstr(text, cases[i].says) != NULL, "\"%s\" does not say \"%s\"", text, cases[i].says);
	}
}

static void a_request_without_prefetch_supplies_nothing(void)
{
	vg_record *record =
	    read_json("{'hook':'patient-view','hookInstance':'1','context':{'patientId':'Patient/p','encounterId':'9'}}");
	CHECK_TEXT(record ? record->patient.reference : "", "Patient/p");
	CHECK_TEXT(record ? record->encounter : "", "Encounter/9");
	CHECK(record && !vg_when_known(record->patient.birth), "nobody knows the birth date");
	for (int i = 0; record && i < VG_SECTION_COUNT; i++)
		CHECK(record->sections[i].state == VG_NOT_SUPPLIED, "%s", vg_section_name((vg_section)i));
	vg_record_free(record);
}

static void selections_are_judged_and_the_others_are_context(void)
{
	static const struct {
		const char *selections;
		uint32_t orders, drafts;
		bool has_selections;
		const char *unmet;
	} cases[] = {{"'selections':['MedicationRequest/a']", 1, 1, true, NULL},
		     {"'selections':['http://x/fhir/MedicationRequest/b/_history/1']", 1, 1, true, NULL},
		     {"'selections':['MedicationRequest/a','MedicationRequest/b']", 2, 0, true, NULL},
		     {"'selections':['MedicationRequest/a','MedicationRequest/gone']", 1, 1, true, "MedicationRequest/gone"},
		     {"'selections':['MedicationRequest/gone']", 2, 0, false, "MedicationRequest/gone"},
		     {"'selections':[]", 2, 0, false, NULL},
		     {"'userId':'Practitioner/1'", 2, 0, false, NULL}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[1500];
		snprintf(text, sizeof text, SELECT("%s", ""), cases[i].selections);
		vg_record *record = read_json(text);
		uint32_t drafts = 0;
		for (uint32_t k = 0; record && k < record->fact_count; k++)
			drafts +=
			    record->facts[k].other_draft && record->facts[k].standing == VG_DRAFT && !record->facts[k].is_order;
		CHECK(record && record->order_count == cases[i].orders && drafts == cases[i].drafts &&
			  record->has_selections == cases[i].has_selections,
		      "%s: %u orders, %u drafts", cases[i].selections, record ? record->order_count : 0, drafts);
		CHECK(!cases[i].unmet || unused_of(record, cases[i].unmet), "%s: what is missing is not said",
		      cases[i].selections);
		CHECK(cases[i].unmet || (record && record->unused_count == 0), "%s: something is said", cases[i].selections);
		vg_record_free(record);
	}
}

static void selections_may_name_what_is_not_checked(void)
{
	vg_record *record = read_json(
	    "{'hook':'order-select','hookInstance':'1','context':{'patientId':'p','selections':['VisionPrescription/v'],"
	    "'draftOrders':{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'VisionPrescription','id':'v'}},"
	    "{'resource':" DRAFT("a", "310965") "}]}}}");
	CHECK(record && record->unused_count == 0, "it is there: nothing to say");
	CHECK(record && record->order_count == 1, "no selection meets an order that is checked: all are judged");
	vg_record_free(record);
}

static void an_order_is_not_also_a_fact_of_the_chart(void)
{
	vg_record *record =
	    read_json(SELECT("'userId':'x'", ",'prefetch':{'medications':{'resourceType':'Bundle','entry':[{'resource':" DRAFT(
						 "a", "310965") "},{'resource':{'resourceType':'MedicationRequest','id':'c','"
								"status':'active'," RXNORM("855332") "}}]}}"));
	CHECK(record && record->order_count == 2 && record->fact_count == 1, "order a counts twice");
	CHECK(has_fact(record, "MedicationRequest/c"), "the other is there");
	vg_record_free(record);
}

static void orders_that_are_over_are_no_orders(void)
{
	vg_record *record = read_json(
	    "{'hook':'order-sign','hookInstance':'1','context':{'patientId':'p','draftOrders':{'resourceType':'Bundle','entry':"
	    "["
	    "{'resource':{'resourceType':'MedicationRequest','id':'stopped','status':'stopped'," RXNORM(
		"310965") "}},"
			  "{'resource':{'resourceType':'MedicationRequest','id':'error','status':'entered-in-error'," RXNORM(
			      "310965") "}},"
					"{'resource':{'resourceType':'MedicationRequest','id':'not','status':'draft','"
					"doNotPerform':true," RXNORM(
					    "310965") "}},"
						      "{'resource':{'resourceType':'MedicationRequest','id':'signed','status':'"
						      "active'," RXNORM(
							  "310965") "}},"
								    "{'resource':{'resourceType':'MedicationRequest','id':'"
								    "proposal','status':'draft','intent':'proposal'," RXNORM(
									"310965") "}},{'resource':{'resourceType':'"
										  "MedicationRequest','id':'empty','status':'"
										  "draft'}}]}}}");
	CHECK(record && record->order_count == 3, "%u orders instead of signed, proposal, empty",
	      record ? record->order_count : 0);
	CHECK(unused_of(record, "MedicationRequest/stopped") && unused_of(record, "MedicationRequest/not"), "it is said");
	CHECK(record && record->errors_left_out == 1, "an error is counted");
	CHECK(!unused_of(record, "MedicationRequest/empty"), "a draft without a drug is nothing to complain about");
	vg_record_free(record);
}

static void each_hook_brings_its_own(void)
{
	static const char *const resource =
	    "{'resourceType':'MedicationRequest','id':'a','status':'active'," RXNORM("310965") "}";
	static const struct {
		const char *hook, *member;
		bool wrapped, order;
	} cases[] = {{"medication-refill", "medications", false, true},
		     {"medication-prescribe", "medications", false, true},
		     {"order-review", "orders", false, true},
		     {"medication-verify", "medication", false, true},
		     {"medication-verify", "order", true, true},
		     {"something-else", "draftOrders", false, true},
		     {"patient-view", "extra", false, false}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[700];
		snprintf(text, sizeof text, "{'hook':'%s','hookInstance':'1','context':{'patientId':'p','%s':%s%s%s}}",
			 cases[i].hook, cases[i].member, cases[i].wrapped ? "{'resource':" : "", resource,
			 cases[i].wrapped ? "}" : "");
		vg_record *record = read_json(text);
		CHECK(fact_at(record, "MedicationRequest/a")->is_order == cases[i].order, "%s with %s", cases[i].hook,
		      cases[i].member);
		vg_record_free(record);
	}
	vg_record *record = read_json("{'hook':'problem-list-item-create','hookInstance':'1','context':{'patientId':'p','"
				      "conditions':{'resourceType':'Bundle',"
				      "'entry':[{'resource':{'resourceType':'Condition','id':'c','code':{'text':'x'}}}]}}}");
	CHECK(has_fact(record, "Condition/c"), "the new problem is a fact");
	vg_record_free(record);
	record = read_json("{'hook':'order-dispatch','hookInstance':'1','context':{'patientId':'p','dispatchedOrders':['"
			   "ServiceRequest/s','ServiceRequest/t']},"
			   "'prefetch':{'orders':{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'ServiceRequest'"
			   ",'id':'s','status':'active'}}]}}}");
	CHECK(record && record->order_count == 1 && unused_of(record, "ServiceRequest/t"),
	      "the dispatched order is judged, the missing one said");
	vg_record_free(record);
}

static void prefetch_keys_have_four_states(void)
{
	static const struct {
		const char *prefetch;
		vg_supply state;
		const char *why, *since;
	} cases[] = {
	    {"'x':null", VG_NOT_SUPPLIED, "not supplied", NULL},
	    {"'conditions':null", VG_COMPLETE, "", NULL},
	    {"'conditions':{'resourceType':'Bundle','type':'searchset','total':0}", VG_COMPLETE, "", NULL},
	    {"'problems':{'resourceType':'Bundle','entry':[]}", VG_COMPLETE, "", NULL},
	    {"'conditions':{'resourceType':'OperationOutcome','issue':[]}", VG_NOT_SUPPLIED,
	     "the query failed (OperationOutcome)", NULL},
	    {"'conditions':{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'OperationOutcome','issue':[{'"
	     "severity':'fatal'}]}}]}",
	     VG_NOT_SUPPLIED, "the query failed (OperationOutcome)", NULL},
	    {"'conditions':{'resourceType':'Condition','id':'c'}", VG_NOT_SUPPLIED, "a single resource, no list", NULL},
	    {"'conditions':'text'", VG_NOT_SUPPLIED, "its prefetch holds no FHIR", NULL},
	    {"'mine':{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'Condition','id':'c'}}]}", VG_NOT_SUPPLIED,
	     "known in part only, from prefetch keys of other names", NULL},
	    {"'conditions':{'resourceType':'Bundle','link':[{'relation':'next','url':'x'}],'entry':[]}", VG_NOT_SUPPLIED,
	     "first page only", NULL},
	    {"'conditions':{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'Condition','id':'a','onsetDateTime':'"
	     "2026-02-01'}},{'resource':"
	     "{'resourceType':'Condition','id':'b','onsetDateTime':'2026-01-01'}}],'link':[{'relation':'next','url':'x'}]}",
	     VG_SUPPLIED_SINCE, "first page only: complete since 2026-01-02", "2026-01-02"},
	    {"'conditions':{'resourceType':'Bundle','link':[{'relation':'next','url':'x'}],'entry':[{'resource':{'resourceType'"
	     ":'Condition','id':'a','onsetDateTime':"
	     "'2026-01-01'}},{'resource':{'resourceType':'Condition','id':'b','onsetDateTime':'2026-02-01'}}]}",
	     VG_NOT_SUPPLIED, "first page only", NULL},
	    {"'conditions':{'resourceType':'Bundle','link':[{'relation':'self','url':'http://x/"
	     "Condition?patient=p&onset-date=ge2020-05-01&_count=9'}]}",
	     VG_SUPPLIED_SINCE, "the query was limited by date: complete since 2020-05-01", "2020-05-01"},
	    {"'conditions':{'resourceType':'Bundle','link':[{'relation':'self','url':'http://x/"
	     "Condition?onset-date=gt2020-05-01T00%3A00%3A00Z'}]}",
	     VG_SUPPLIED_SINCE, "the query was limited by date: complete since 2020-05-02", "2020-05-02"},
	    {"'conditions':{'resourceType':'Bundle','link':[{'relation':'self','url':'http://x/"
	     "Condition?onset-date=le2020-05-01'}]}",
	     VG_NOT_SUPPLIED, "the query was limited by date", NULL},
	    {"'conditions':{'resourceType':'Bundle','link':[{'relation':'self','url':'http://x/"
	     "Condition?patient=p&_sort=-date'}]}",
	     VG_COMPLETE, "", NULL},
	    {"'conditions':null,'problems':{'resourceType':'OperationOutcome'}", VG_NOT_SUPPLIED,
	     "the query failed (OperationOutcome)", NULL},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[1200];
		snprintf(text, sizeof text,
			 "{'hook':'patient-view','hookInstance':'1','context':{'patientId':'p'},'prefetch':{%s}}",
			 cases[i].prefetch);
		vg_record *record = read_json(text);
		const vg_completeness *section = record ? &record->sections[VG_CONDITIONS] : NULL;
		CHECK(section && section->state == cases[i].state, "%s: state %d", cases[i].prefetch,
		      section ? (int)section->state : -1);
		CHECK_TEXT(section ? section->why : "", cases[i].why);
		CHECK(!section || !cases[i].since || section->since == day(cases[i].since), "%s: since", cases[i].prefetch);
		CHECK(record && record->sections[VG_ALLERGIES].state == VG_NOT_SUPPLIED, "another section is supplied");
		vg_record_free(record);
	}
}

/* ---- orders read apart ---------------------------------------------------------------- */

static vigil_status read_orders(const char *quoted, const vg_record *record, vg_record **ret, vigil_error *error)
{
	char *text = strdup(quoted);
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	vigil_status status = vg_orders_read(text, strlen(text), record, test_watch(), NULL, NULL, ret, error);
	free(text);
	return status;
}

static void orders_are_read_apart(void)
{
	vg_record *record = RECORD("{'resourceType':'Medication','id':'w','code':{'coding':[{'system':'http://www.nlm.nih.gov/"
				   "research/umls/rxnorm','code':"
				   "'855332'}]}}");
	vg_record *orders = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	CHECK(read_orders(DRAFT("a", "310965"), record, &orders, &error) == VIGIL_OK, "%s", error.text);
	CHECK(orders && orders->order_count == 1 && orders->fact_count == 0 && fact_at(orders, "MedicationRequest/a")->is_order,
	      "an order and nothing else");
	CHECK_TEXT(orders ? orders->patient.reference : "", "Patient/p");
	vg_record_free(orders);
	orders = NULL;
	CHECK(read_orders("{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'MedicationRequest','"
			  "medicationReference':{'reference':"
			  "'Medication/"
			  "w'}}},{'resource':{'resourceType':'MedicationRequest','medicationReference':{'reference':'"
			  "Medication/w'}}},{'resource':"
			  "{'resourceType':'Condition','id':'c','code':{'text':'x'}}}]}",
			  record, &orders, &error) == VIGIL_OK,
	      "%s", error.text);
	CHECK(orders && orders->order_count == 2, "two nameless orders are two orders");
	CHECK(orders && orders->order_count == 2 && vg_fact_in_set(orders, &orders->orders[1], test_set("warfarin")),
	      "the record's Medication is known");
	CHECK(unused_of(orders, "Condition/c") && orders->fact_count == 0, "a Condition is no order, and that is said");
	vg_record_free(orders);
	vg_record_free(record);
}

static void orders_that_cannot_be_read_are_refused(void)
{
	vg_record *record = RECORD("{'resourceType':'Condition','id':'c'}");
	static const struct {
		const char *json, *says;
	} cases[] = {
	    {"{'resourceType':'MedicationRequest','id':'a','subject':{'reference':'Patient/q'}}",
	     "MedicationRequest/a belongs to another patient"},
	    {"{'resourceType':'Patient','id':'p'}", "There is no order in it"},
	    {"{'resourceType':'Bundle','entry':[]}", "There is no order in it"},
	    {"{'hook':'order-sign','hookInstance':'1','context':{}}", "A CDS Hooks request stands where orders are expected"},
	    {"{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'Patient','id':'q'}},{'resource':{'resourceType':'"
	     "ServiceRequest'}}]}",
	     "Not every Patient resource is the patient that the request names."},
	    {"[1]", "neither a FHIR resource"}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_record *orders = NULL;
		vigil_error error = VIGIL_ERROR_INIT;
		CHECK(read_orders(cases[i].json, record, &orders, &error) == VIGIL_BAD_INPUT && !orders, "%s is read",
		      cases[i].json);
		CHECK(strstr(error.text, cases[i].says) != NULL, "\"%s\" does not say \"%s\"", error.text, cases[i].says);
	}
	vg_record_free(record);
}

/* ---- what others wrote --------------------------------------------------------------------- */

static void the_official_examples_are_understood(void)
{
	const char *folder = test_data("cds_hooks");
	if (!folder)
		return;
	char root[512];
	strcpy(root, folder);
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const char *const *names;
	size_t count, understood = 0;
	vigil_error error = VIGIL_ERROR_INIT;
	CHECK(vg_list_files(&arena, root, ".json", &names, &count, &error) == VIGIL_OK, "%s", error.text);
	for (size_t i = 0; i < count; i++) {
		if (strstr(names[i], "jwks"))
			continue;
		char path[1024];
		snprintf(path, sizeof path, "%s/%s", root, names[i]);
		vg_record *record = read_file(path);
		understood += record != NULL;
		bool about_orders =
		    strstr(names[i], "order-se") || strstr(names[i], "order-sign") || strstr(names[i], "medication-");
		CHECK(record && (record->order_count > 0) == about_orders, "%s: %u orders", names[i],
		      record ? record->order_count : 0);
		bool creates = strstr(names[i], "-create");
		CHECK(record && (record->fact_count == 1) == creates, "%s: %u facts", names[i],
		      record ? record->fact_count : 0);
		vg_record_free(record);
	}
	CHECK(understood == 27, "%zu of 27 requests are understood", understood);
	vg_arena_free(&arena);
}

const test_case test_cases_hooks[] = {
    {"what cannot be understood is refused, naming the member", what_cannot_be_understood_is_refused},
    {"a request without prefetch supplies nothing", a_request_without_prefetch_supplies_nothing},
    {"selections are judged, the others are context", selections_are_judged_and_the_others_are_context},
    {"selections may name what is not checked", selections_may_name_what_is_not_checked},
    {"an order is not also a fact of the chart", an_order_is_not_also_a_fact_of_the_chart},
    {"orders that are over are no orders", orders_that_are_over_are_no_orders},
    {"each hook brings its own", each_hook_brings_its_own},
    {"prefetch keys have four states", prefetch_keys_have_four_states},
    {"orders are read apart", orders_are_read_apart},
    {"orders that cannot be read are refused", orders_that_cannot_be_read_are_refused},
    {"the official examples are understood", the_official_examples_are_understood},
    {0},
};
