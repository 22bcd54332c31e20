/* Items 1 to 23 of the checklist of CDS Hooks against a running server: discovery, and what it does with requests. */
#include "calling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static calling own;

static bool open_it(void) { return calling_open(&own, NULL); }

/* ---- discovery ---------------------------------------------------------------------- */

static void lists_services(void)
{
	if (!open_it())
		return;
	CHECK(call(&own, "GET", "/cds-services", "", NULL) == 200, "discovery is %d", own.status);
	conforms(&own, "Discovery", "discovery");
	CHECK(cJSON_GetArraySize(at(own.json, "services")) == 11, "a service for each hook is listed: %.300s", own.body);
	calling_close(&own);
	/* Without any rule there is no service, and that is an answer. */
	static const char *const empty[] = {"tests/service/empty"};
	vg_service_config config = {.workers = 1, .engine = VIGIL_CONFIG_INIT};
	vg_service *service = NULL;
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	vg_http_response out = {.arena = &arena};
	const vg_http_request in = {.endpoint = VG_ENDPOINT_DISCOVERY, .id = "", .query = "", .body = "", .now = "2026-03-01"};
	config.engine.rule_dirs = empty;
	config.engine.rule_dir_count = 1;
	CHECK(vg_service_open(&config, NULL, &service, NULL) == VIGIL_OK, "a service without rules opens");
	if (service)
		vg_service_answer(service, &in, &out);
	CHECK(out.status == 200, "it is %d", out.status);
	CHECK_TEXT(out.body, "{\"services\":[]}");
	vg_service_close(service);
	vg_arena_free(&arena);
}

/* Each service of discovery; the list is a copy, so that others may be called meanwhile. */
static cJSON *services(void)
{
	call(&own, "GET", "/cds-services", "", NULL);
	return cJSON_Duplicate(at(own.json, "services"), true);
}

static void services_are_whole(void)
{
	if (!open_it())
		return;
	cJSON *list = services(), *service;
	cJSON_ArrayForEach(service, list)
	{
		static const char *const texts[] = {"hook", "id", "description", "title"};
		for (size_t i = 0; i < VG_COUNT(texts); i++)
			CHECK(text_at(service, texts[i]) && *text_at(service, texts[i]), "%s of a service is a text: %s",
			      texts[i], text_at(service, "id"));
		char id[64];
		snprintf(id, sizeof id, "vigil-%s", text_at(service, "hook"));
		CHECK_TEXT(text_at(service, "id"), id);
	}
	cJSON_Delete(list);
	calling_close(&own);
}

static void leaves_out_what_is_empty(void)
{
	if (!open_it())
		return;
	call(&own, "GET", "/cds-services", "", NULL);
	CHECK(!has_empty(own.json), "discovery has an empty member: %.300s", own.body);
	calling_close(&own);
}

static void serves_each_listed_id(void)
{
	if (!open_it())
		return;
	cJSON *list = services(), *service;
	cJSON_ArrayForEach(service, list)
	{
		CHECK(call_hook(&own, text_at(service, "id"), "{}") == 400, "%s is not served", text_at(service, "id"));
	}
	cJSON_Delete(list);
	calling_close(&own);
}

static void asks_with_plain_tokens(void)
{
	static const char *const never[] = {"selections", "draftOrders", "appointments", "fulfillmentTasks"};
	if (!open_it())
		return;
	cJSON *list = services(), *service;
	cJSON_ArrayForEach(service, list)
	{
		const cJSON *key;
		cJSON_ArrayForEach(key, at(service, "prefetch"))
		{
			const char *token = strstr(key->valuestring, "{{"), *end = token ? strstr(token, "}}") : NULL;
			CHECK(token && end, "%s has its token between braces", key->valuestring);
			CHECK(token && strncmp(token, "{{context.patientId}}", 21) == 0 && !strstr(end + 2, "{{"),
			      "%s asks by the patient's id alone", key->valuestring);
			for (size_t i = 0; i < VG_COUNT(never); i++)
				CHECK(!strstr(key->valuestring, never[i]), "%s asks by %s", key->valuestring, never[i]);
		}
	}
	cJSON_Delete(list);
	calling_close(&own);
}

static void asks_with_recommended_queries(void)
{
	if (!open_it())
		return;
	cJSON *list = services(), *service;
	cJSON_ArrayForEach(service, list)
	{
		const cJSON *key;
		cJSON_ArrayForEach(key, at(service, "prefetch"))
		{
			const char *query = strchr(key->valuestring, '?');
			bool read = strcmp(key->valuestring, "Patient/{{context.patientId}}") == 0;
			CHECK(read || (query && strncmp(query, "?patient={{context.patientId}}&_sort=-", 38) == 0 &&
				       !strchr(query + 38, '&') && !strchr(query + 38, ':')),
			      "%s is neither a read nor a search by token, sorted", key->valuestring);
		}
	}
	cJSON_Delete(list);
	calling_close(&own);
}

static void goes_by_the_hook_of_the_request(void)
{
	if (!open_it())
		return;
	cJSON *list = services();
	for (const cJSON *a = list->child; a; a = a->next)
		for (const cJSON *b = a->next; b; b = b->next)
			CHECK(strcmp(text_at(a, "id"), text_at(b, "id")) != 0 &&
				  strcmp(text_at(a, "hook"), text_at(b, "hook")) != 0,
			      "%s is listed under two hooks", text_at(a, "id"));
	cJSON_Delete(list);
	CHECK(call_hook(&own, "vigil-order-select", SIGN_IBUPROFEN) == 400, "order-select answers order-sign: %d", own.status);
	calling_close(&own);
}

static void tells_its_version(void)
{
	if (!open_it())
		return;
	call(&own, "GET", "/cds-services", "", NULL);
	CHECK_TEXT(said(&own, "services/0/version"), vigil_version());
	calling_close(&own);
}

/* ---- requests ------------------------------------------------------------------------- */

static void takes_and_gives_json(void)
{
	static const struct {
		const char *type;
		int status;
	} cases[] = {{"Content-Type: application/json\r\n", 200},
		     {"Content-Type: application/json; charset=utf-8\r\n", 200},
		     {"Content-Type: application/JSON;charset=\"UTF-8\"\r\n", 200},
		     {"Content-Type: text/plain\r\n", 415},
		     {"Content-Type: application/json; charset=latin1\r\n", 415},
		     {"", 415}};
	if (!open_it())
		return;
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		int status = call(&own, "POST", "/cds-services/vigil-order-sign", cases[i].type, SIGN_IBUPROFEN);
		CHECK(status == cases[i].status, "%s is %d, not %d", cases[i].type, status, cases[i].status);
		CHECK(strcasestr(own.head, "\r\nContent-Type: application/json\r\n"), "%s: what comes is JSON: %s",
		      cases[i].type, own.head);
	}
	calling_close(&own);
}

static void good_again(const char *after)
{
	CHECK(call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN) == 200 && card_count(&own) > 0,
	      "after %s a good request is %d", after, own.status);
}

static void requires_what_is_required(void)
{
	static const char *const wrong[] = {"null", "7", "[]", "true"};
	static const char *const members[] = {"hook", "hookInstance", "context"};
	static const char *const good[] = {"\"order-sign\"", "\"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea\"",
					   "{\"patientId\":\"p1\",\"draftOrders\":" EMPTY "}"};
	if (!open_it())
		return;
	for (size_t i = 0; i < VG_COUNT(members); i++)
		for (size_t j = 0; j <= VG_COUNT(wrong); j++) {
			char body[1024] = "{";
			for (size_t k = 0; k < VG_COUNT(members); k++)
				if (k != i || j < VG_COUNT(wrong))
					snprintf(body + strlen(body), sizeof body - strlen(body), "\"%s\":%s,", members[k],
						 k == i ? wrong[j] : good[k]);
			strcat(body, "\"prefetch\":{}}");
			CHECK(call_hook(&own, "vigil-order-sign", body) == 400, "%s is %d", body, own.status);
			CHECK(strstr(said(&own, "issue/0/diagnostics"), members[i]), "%s: the outcome names %s: %s", body,
			      members[i], own.body);
		}
	good_again("bad members");
	calling_close(&own);
}

static void refuses_another_hook(void)
{
	if (!open_it())
		return;
	CHECK(call_hook(&own, "vigil-patient-view", SIGN_IBUPROFEN) == 400, "order-sign at patient-view is %d", own.status);
	CHECK(strstr(said(&own, "issue/0/diagnostics"), "patient-view"), "the outcome names the hook: %s", own.body);
	CHECK(call_hook(&own, "vigil-order-sign", HEAD("tea-time") ORDERS(ENTRY(ORDERS_IBUPROFEN)) "," ON_WARFARIN "}") == 400,
	      "a hook of nobody is %d", own.status);
	good_again("another hook");
	calling_close(&own);
}

static void requires_the_context_of_the_hook(void)
{
	static const struct {
		const char *hook, *rest, *named;
	} cases[] = {{"patient-view", "{}", "patientId"},
		     {"patient-view", "{\"patientId\":7}", "patientId"},
		     {"order-sign", "{\"draftOrders\":" EMPTY "}", "patientId"},
		     {"order-sign", "{\"patientId\":\"p1\"}", "draftOrders"},
		     {"order-sign", "{\"patientId\":\"p1\",\"draftOrders\":[]}", "draftOrders"},
		     {"order-select", "{\"patientId\":\"p1\",\"selections\":[]}", "draftOrders"},
		     {"order-dispatch", "{\"patientId\":\"p1\"}", "dispatchedOrders"},
		     {"medication-refill", "{\"patientId\":\"p1\"}", "medications"},
		     {"medication-verify", "{\"patientId\":\"p1\"}", "medication"},
		     {"encounter-start", "{}", "patientId"},
		     {"encounter-discharge", "{}", "patientId"},
		     {"appointment-book", "{}", "patientId"},
		     {"allergyintolerance-create", "{}", "patientId"},
		     {"problem-list-item-create", "{}", "patientId"}};
	char body[512], id[64];
	if (!open_it())
		return;
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		snprintf(id, sizeof id, "vigil-%s", cases[i].hook);
		snprintf(body, sizeof body, "{\"hook\":\"%s\",\"hookInstance\":\"i\",\"context\":%s}", cases[i].hook,
			 cases[i].rest);
		CHECK(call_hook(&own, id, body) == 400 && strstr(own.body, cases[i].named), "%s: %s is %d: %s", cases[i].hook,
		      cases[i].rest, own.status, own.body);
	}
	calling_close(&own);
}

static void lives_without_prefetch(void)
{
	if (!open_it())
		return;
	CHECK(call_hook(&own, "vigil-order-sign", HEAD("order-sign") ORDERS(ENTRY(ORDERS_IBUPROFEN)) "}") == 412,
	      "without prefetch nothing can be decided: %d", own.status);
	CHECK(strstr(own.body, "patient"), "and it says what is missing: %s", own.body);
#define INSTEAD(prefetch) HEAD("order-sign") ORDERS(ENTRY(ORDERS_IBUPROFEN)) ",\"prefetch\":" prefetch "}"
	static const char *const none[] = {INSTEAD("null"), INSTEAD("true"),       INSTEAD("\"patient\""),
					   INSTEAD("[]"),   INSTEAD("[null]"),     INSTEAD("[" PATIENT "]"),
					   INSTEAD("[[]]"), INSTEAD("[\"a\",{}]"), INSTEAD("{}")};
	for (size_t i = 0; i < VG_COUNT(none); i++)
		CHECK(call_hook(&own, "vigil-order-sign", none[i]) == 412, "%s is none: %d", none[i], own.status);
	good_again("no prefetch");
	calling_close(&own);
}

/* order-sign of ibuprofen with this prefetch. */
#define WITH(prefetch) HEAD("order-sign") ORDERS(ENTRY(ORDERS_IBUPROFEN)) ",\"prefetch\":{" prefetch "}}"
#define REST                                                                                                                   \
	"\"observations\":" EMPTY ",\"allergies\":" EMPTY ",\"conditions\":" EMPTY ",\"procedures\":" EMPTY                    \
	",\"encounters\":" EMPTY ",\"orders\":" EMPTY

static void an_absent_key_is_not_supplied(void)
{
	if (!open_it())
		return;
	CHECK(call_hook(&own, "vigil-order-sign", WITH("\"patient\":" PATIENT "," REST)) == 200, "without medications it is %d",
	      own.status);
	CHECK(!is_complete_answer(&own), "and not complete");
	CHECK(card_with(&own, "no medication list") != NULL, "a card says what was not checked: %s", own.body);
	CHECK_TEXT(outcome_of(&own, "warfarin-nsaid"), "not_evaluated");
	CHECK(call_hook(&own, "vigil-order-sign", WITH("\"patient\":" PATIENT)) == 412, "the patient alone is %d", own.status);
	CHECK(strstr(own.body, "medications (not supplied)"), "it says what is missing: %s", own.body);
	CHECK(call_hook(&own, "vigil-order-sign", WITH("\"medications\":" SET(ENTRY(TAKES_WARFARIN)) "," REST)) == 412,
	      "no patient is %d", own.status);
	calling_close(&own);
}

static void null_is_no_such_data(void)
{
	if (!open_it())
		return;
	CHECK(call_hook(&own, "vigil-order-sign", WITH("\"patient\":" PATIENT ",\"medications\":null," REST)) == 200,
	      "null is %d", own.status);
	CHECK(is_complete_answer(&own) && card_count(&own) == 0, "takes nothing: checked, nothing to say: %s", own.body);
	CHECK_TEXT(outcome_of(&own, "warfarin-nsaid"), "");
	CHECK(
	    call_hook(&own, "vigil-order-sign",
		      WITH("\"patient\":null,\"medications\":null,\"observations\":null,\"allergies\":null,\"conditions\":null,"
			   "\"procedures\":null,\"encounters\":null,\"orders\":null")) == 200,
	    "all null is %d: %s", own.status, own.body);
	good_again("an all-null prefetch");
	calling_close(&own);
}

#define FAILED "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":\"exception\"}]}"

static void a_failed_query_is_not_supplied(void)
{
	if (!open_it())
		return;
	CHECK(call_hook(&own, "vigil-order-sign", WITH("\"patient\":" PATIENT ",\"medications\":" FAILED "," REST)) == 200,
	      "a failed query is %d", own.status);
	CHECK(!is_complete_answer(&own) && card_with(&own, "no medication list"), "it passes as none: %s", own.body);
	CHECK(call_hook(&own, "vigil-order-sign", WITH("\"patient\":" FAILED ",\"medications\":" FAILED)) == 412,
	      "a failed patient is %d", own.status);
	good_again("an OperationOutcome");
	calling_close(&own);
}

#define PAGE(entries)                                                                                                          \
	"{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"link\":[{\"relation\":\"next\",\"url\":\"https://x.test/"       \
	"2\"}],\"entry\":[" entries "]}"

static void a_first_page_is_not_the_list(void)
{
	if (!open_it())
		return;
	CHECK(call_hook(&own, "vigil-order-sign",
			WITH("\"patient\":" PATIENT
			     ",\"medications\":" PAGE(ENTRY(DRUG("m2", "active", "198051", "omeprazole"))) "," REST)) == 200,
	      "a first page is %d", own.status);
	CHECK(!is_complete_answer(&own), "a first page passes as the list: %s", own.body);
	CHECK_TEXT(outcome_of(&own, "warfarin-nsaid"), "not_evaluated");
	CHECK(call_hook(&own, "vigil-order-sign",
			WITH("\"patient\":" PATIENT ",\"medications\":" PAGE(ENTRY(TAKES_WARFARIN)) "," REST)) == 200 &&
		  strcmp(outcome_of(&own, "warfarin-nsaid"), "fired") == 0,
	      "what a first page shows is used: %s", own.body);
	calling_close(&own);
}

static void says_that_it_does_not_fetch(void)
{
	if (!open_it())
		return;
	call(&own, "GET", "/cds-services", "", NULL);
	CHECK(strstr(said(&own, "services/0/usageRequirements"), "does not ask the FHIR server"), "%s",
	      said(&own, "services/0/usageRequirements"));
	CHECK(
	    call_hook(
		&own, "vigil-order-sign",
		HEAD("order-sign") "\"fhirServer\":\"http://127.0.0.1:1/\","
				   "\"fhirAuthorization\":{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":300,"
				   "\"scope\":\"x\",\"subject\":\"y\"}," ORDERS(ENTRY(ORDERS_IBUPROFEN)) "}") == 412,
	    "with a server that is not asked it is %d", own.status);
	CHECK(strstr(own.body, "does not ask the FHIR server"), "it says so: %s", own.body);
	calling_close(&own);
}

static void a_token_needs_its_server(void)
{
	if (!open_it())
		return;
	CHECK(call_hook(&own, "vigil-order-sign",
			HEAD("order-sign") "\"fhirAuthorization\":{\"access_token\":\"t\",\"token_type\":\"Bearer\"}," ORDERS(
			    ENTRY(ORDERS_IBUPROFEN)) "," ON_WARFARIN "}") == 400,
	      "it is %d", own.status);
	CHECK(strstr(own.body, "fhirServer"), "and names what is missing: %s", own.body);
	calling_close(&own);
}

static void ignores_what_it_does_not_know(void)
{
	static const char strange[] = HEAD(
	    "order-sign") "\"later\":{\"a\":[1]},\"extension\":{\"org.example.x\":{\"deep\":[null,{}]},"
			  "\"davinci-crd.configuration\":{\"coverage-info\":true,\"max\":3,\"interaction\":\"no\"}}," ORDERS(
			      ENTRY(ORDERS_IBUPROFEN)) "," ON_WARFARIN "}";
	if (!open_it())
		return;
	CHECK(call_hook(&own, "vigil-order-sign", strange) == 200, "unknown members are %d: %s", own.status, own.body);
	CHECK_TEXT(outcome_of(&own, "warfarin-nsaid"), "fired");
	calling_close(&own);
}

static void refuses_another_patient(void)
{
	if (!open_it())
		return;
	CHECK(call_hook(&own, "vigil-order-sign",
			HEAD("order-sign") "\"context\":{\"patientId\":\"p2\",\"draftOrders\":" SET(
			    ENTRY(ORDERS_IBUPROFEN)) "}," ON_WARFARIN "}") == 400,
	      "another's prefetch is %d: %s", own.status, own.body);
	CHECK(call_hook(&own, "vigil-order-sign",
			HEAD("order-sign") "\"context\":{\"patientId\":\"Patient/p1\",\"draftOrders\":" SET(
			    ENTRY(ORDERS_IBUPROFEN)) "}," ON_WARFARIN "}") == 200,
	      "an id with its type before it is the same patient: %d", own.status);
	good_again("another patient");
	calling_close(&own);
}

static void refuses_with_an_outcome(void)
{
	if (!calling_open(&own, (const char *const[]){"limits.body=4096", NULL}))
		return;
	char large[6000];
	memset(large, ' ', sizeof large);
	large[sizeof large - 1] = '\0';
	CHECK(call_hook(&own, "vigil-tea-time", SIGN_IBUPROFEN) == 404, "an unknown service is %d", own.status);
	CHECK(call(&own, "GET", "/cds-services/vigil-order-sign", "", NULL) == 405, "GET is %d", own.status);
	CHECK(strcasestr(own.head, "\r\nAllow: POST"), "it says what is allowed: %s", own.head);
	CHECK(call(&own, "DELETE", "/cds-services", "", NULL) == 405 && strcasestr(own.head, "\r\nAllow: GET"),
	      "DELETE is %d: %s", own.status, own.head);
	CHECK(call_hook(&own, "vigil-order-sign", large) == 413, "a large body is %d", own.status);
	CHECK(call_hook(&own, "vigil-order-sign", "{\"hook\":") == 400, "half a text is %d", own.status);
	CHECK(call_hook(&own, "vigil-order-sign", "\xff\xfe") == 400, "no text is %d", own.status);
	CHECK(call_hook(&own, "vigil-order-sign", "") == 400, "nothing is %d", own.status);
	calling_close(&own);
}

static void a_refusal_has_no_cards(void)
{
	static const char *const bodies[] = {"{}", "[]", HEAD("order-sign") "\"context\":{}}", WITH("\"patient\":" PATIENT),
					     "x"};
	if (!open_it())
		return;
	for (size_t i = 0; i < VG_COUNT(bodies); i++) {
		call_hook(&own, "vigil-order-sign", bodies[i]);
		CHECK(own.status >= 400 && own.status < 600 && !at(own.json, "cards"), "%s is %d with %s", bodies[i],
		      own.status, own.body);
	}
	calling_close(&own);
}

const test_case test_cases_items_request[] = {
    {"item 1: discovery, without rules too", lists_services},
    {"item 2: a service has hook, id, description and title", services_are_whole},
    {"item 3: discovery has no empty member", leaves_out_what_is_empty},
    {"item 4: each listed id is served", serves_each_listed_id},
    {"item 5: templates have tokens of the context's root alone", asks_with_plain_tokens},
    {"item 6: templates stay within the recommended queries", asks_with_recommended_queries},
    {"item 7: one id a hook, and the request's hook decides", goes_by_the_hook_of_the_request},
    {"item 8: discovery tells the version", tells_its_version},
    {"item 9: JSON in, JSON out", takes_and_gives_json},
    {"item 10: hook, hookInstance and context are required", requires_what_is_required},
    {"item 11: another service's hook is refused", refuses_another_hook},
    {"item 12: what a hook's context must have", requires_the_context_of_the_hook},
    {"item 13: a request without prefetch", lives_without_prefetch},
    {"item 14: an absent key is not supplied", an_absent_key_is_not_supplied},
    {"item 15: null is no such data", null_is_no_such_data},
    {"item 16: an OperationOutcome is a failed query", a_failed_query_is_not_supplied},
    {"item 17: a page with a next link is not the list", a_first_page_is_not_the_list},
    {"item 18: without fetching it says so", says_that_it_does_not_fetch},
    {"item 19: a token without a server is refused", a_token_needs_its_server},
    {"item 20: unknown members and extensions are ignored", ignores_what_it_does_not_know},
    {"item 21: another patient's prefetch is refused", refuses_another_patient},
    {"item 22: refusals have a status and an outcome", refuses_with_an_outcome},
    {"item 23: a refusal is never an empty list of cards", a_refusal_has_no_cards},
    {0}};
