/* Pages put together, and a request with more in its prefetch. */
#include "record_support.h"

#include <stdio.h>
#include <stdlib.h>

static char *unquoted(const char *quoted)
{
	char *text = strdup(quoted);
	for (char *at = text; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	return text;
}

#define MEDICATION(id, code)                                                                                                   \
	"{'resourceType':'MedicationRequest','id':'" id "','status':'active','subject':{'reference':'Patient/p'},"             \
	"'medicationCodeableConcept':{'coding':[{'system':'http://www.nlm.nih.gov/research/umls/rxnorm','code':'" code "'}]}}"
#define NEXT ",'link':[{'relation':'self','url':'x'},{'relation':'next','url':'https://f.test/r4?page=2'}]"
#define REQUEST(rest) "{'hook':'patient-view','hookInstance':'1','context':{'patientId':'p'}" rest "}"

/* Adds a page; what the next one is called: "-" where there is none, "!" where the page is refused. */
static const char *add(vg_buffer *bundle, const char *quoted)
{
	char *page = unquoted(quoted);
	vigil_error error = VIGIL_ERROR_INIT;
	const char *next = NULL;
	vigil_status status = vg_searchset_add(bundle, page, strlen(page), &next, &error);
	free(page);
	return status != VIGIL_OK ? "!" : next ? next : "-";
}

static void puts_pages_together(void)
{
	vg_arena arena;
	vg_buffer bundle;
	vg_arena_init(&arena, NULL, 0);
	vg_buffer_init(&bundle, &arena);
	CHECK_TEXT(add(&bundle,
		       "{'resourceType':'Bundle','type':'searchset','entry':[{'fullUrl':'urn:a','search':{'mode':'match'},"
		       "'resource':{'resourceType':'Observation','valueQuantity':{'value':7.40}}},{'fullUrl':'urn:none'}]" NEXT
		       "}"),
		   "https://f.test/r4?page=2");
	CHECK_TEXT(add(&bundle, "{'resourceType':'OperationOutcome','issue':[]}"), "!");
	CHECK_TEXT(add(&bundle, "{'resourceType':'Bundle','entry':[{"), "!");
	CHECK_TEXT(add(&bundle, "[]"), "!");
	CHECK_TEXT(
	    add(&bundle,
		"{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'Condition'}}],'link':[{'relation':'next'}]}"),
	    "");
	CHECK_TEXT(add(&bundle, "{'resourceType':'Bundle'}"), "-");
	vg_searchset_end(&bundle, true);
	char *whole =
	    unquoted("{'resourceType':'Bundle','type':'searchset','entry':[{'fullUrl':'urn:a','search':{'mode':'match'},"
		     "'resource':{'resourceType':'Observation','valueQuantity':{'value':7.40}}},"
		     "{'resource':{'resourceType':'Condition'}}]}");
	CHECK_TEXT(vg_buffer_text(&bundle), whole);
	free(whole);
	vg_arena_free(&arena);
}

/* The request with these parts; read as a record, and its text in `ret_text`. */
static vg_record *filled(const char *quoted, const vg_prefetch_part *parts, size_t count, char **ret_text)
{
	char *request = unquoted(quoted);
	vg_arena arena;
	vg_buffer out;
	vg_record *record = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_arena_init(&arena, NULL, 0);
	vg_buffer_init(&out, &arena);
	CHECK(vg_request_fill(request, strlen(request), parts, count, &out, &error) == VIGIL_OK, "%s: %s", quoted, error.text);
	CHECK(vg_record_read(out.text, out.length, test_knowledge(), test_watch(), NULL, NULL, &record, &error) == VIGIL_OK,
	      "%s cannot be read: %s", out.text, error.text);
	*ret_text = strdup(vg_buffer_text(&out));
	vg_arena_free(&arena);
	free(request);
	return record;
}

static void fills_every_form_of_prefetch(void)
{
	static const struct {
		const char *request;
		bool keeps_condition;
	} cases[] = {
	    {REQUEST(""), false},
	    {REQUEST(",'prefetch':null"), false},
	    {REQUEST(",'prefetch':{}"), false},
	    {"{'prefetch':{},'hook':'patient-view','hookInstance':'1','context':{'patientId':'p'}}", false},
	    {REQUEST(
		 ",'prefetch':{'Meds':{'resourceType':'OperationOutcome'},'c\\u006fnditions':{'resourceType':'Bundle','entry':"
		 "[{'resource':{'resourceType':'Condition','id':'c','code':{'text':'x'}}}]}}"),
	     true}};
	char *patient = unquoted("{'resourceType':'Patient','id':'p','gender':'female'}");
	char *list = unquoted("{'resourceType':'Bundle','entry':[{'resource':" MEDICATION("m", "855332") "}]}");
	const vg_prefetch_part parts[] = {{.is_patient = true, .json = patient, .length = strlen(patient)},
					  {.section = VG_MEDICATIONS, .json = list, .length = strlen(list)}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char *text;
		vg_record *record = filled(cases[i].request, parts, 2, &text);
		CHECK(record && strcmp(record->patient.sex, "female") == 0, "%s: the patient is there", text);
		CHECK(record && record->sections[VG_MEDICATIONS].state == VG_COMPLETE, "%s: the medications are complete",
		      text);
		CHECK(record && has_fact(record, "MedicationRequest/m"), "%s: and there", text);
		CHECK(record && (record->sections[VG_CONDITIONS].state == VG_COMPLETE) == cases[i].keeps_condition,
		      "%s: the other keys stay", text);
		CHECK(!strstr(text, "OperationOutcome"), "%s: what told of the section before is gone", text);
		vg_record_free(record);
		free(text);
	}
	free(patient);
	free(list);
	CHECK_TEXT(vg_section_key(VG_RESULTS), "observations");
	CHECK_TEXT(vg_section_key(VG_ALLERGIES), "allergies");
}

static void an_unfinished_search_is_not_complete(void)
{
	vg_arena arena;
	vg_buffer bundle;
	char *text;
	vg_arena_init(&arena, NULL, 0);
	vg_buffer_init(&bundle, &arena);
	add(&bundle, "{'resourceType':'Bundle','entry':[{'resource':" MEDICATION("m", "855332") "}]" NEXT "}");
	vg_searchset_end(&bundle, false);
	const vg_prefetch_part part = {.section = VG_MEDICATIONS, .json = bundle.text, .length = bundle.length};
	vg_record *record = filled(REQUEST(""), &part, 1, &text);
	CHECK(record && record->sections[VG_MEDICATIONS].state == VG_NOT_SUPPLIED, "a first page passes as the whole");
	CHECK(record && has_fact(record, "MedicationRequest/m"), "what was sent is used");
	vg_record_free(record);
	free(text);
	vg_arena_free(&arena);
}

static void knows_a_patient(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	CHECK(vg_is_patient("{\"resourceType\":\"Patient\"}", 26, &arena), "a patient is one");
	CHECK(!vg_is_patient("{\"resourceType\":\"Person\"}", 25, &arena), "a person is none");
	CHECK(!vg_is_patient("{\"resourceType\":\"Patient\"", 25, &arena), "half a text is none");
	vg_arena_free(&arena);
}

static void every_failed_allocation_is_told(void)
{
	char *page = unquoted(
	    "{'resourceType':'Bundle','entry':[{'fullUrl':'urn:\\u0061','resource':{'resourceType':'Condition'}}]" NEXT "}");
	char *request = unquoted(REQUEST(",'prefetch':{'\\u0061':null}"));
	bool done = false;
	for (size_t fail_at = 1; !done; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		const vg_allocator allocator = {test_resize, &state};
		vg_arena arena;
		vg_buffer bundle, out;
		vigil_error error = VIGIL_ERROR_INIT;
		const char *next = NULL;
		vg_arena_init(&arena, &allocator, 0);
		vg_buffer_init(&bundle, &arena);
		vg_buffer_init(&out, &arena);
		vigil_status status = vg_searchset_add(&bundle, page, strlen(page), &next, &error);
		if (status == VIGIL_OK) {
			vg_searchset_end(&bundle, true);
			const vg_prefetch_part part = {
			    .section = VG_CONDITIONS, .json = vg_buffer_text(&bundle), .length = bundle.length};
			status =
			    part.json ? vg_request_fill(request, strlen(request), &part, 1, &out, &error) : VIGIL_NO_MEMORY;
		}
		done = state.calls < fail_at;
		CHECK(status == (done ? VIGIL_OK : VIGIL_NO_MEMORY), "allocation %zu fails: %d %s", fail_at, status,
		      error.text);
		vg_arena_free(&arena);
		CHECK(state.live_blocks == 0, "allocation %zu fails: all is given back", fail_at);
	}
	free(page);
	free(request);
}

const test_case test_cases_fill[] = {{"pages are put together byte for byte", puts_pages_together},
				     {"a prefetch is filled, whatever its form", fills_every_form_of_prefetch},
				     {"a search with more pages is not complete", an_unfinished_search_is_not_complete},
				     {"a patient is told from others", knows_a_patient},
				     {"every failed allocation is told", every_failed_allocation_is_told},
				     {0}};
