/* Items 43 to 56 of the checklist of CDS Hooks against a running server: who may ask, browsers, and what Da Vinci CRD adds. */
#include "calling.h"
#include "tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static calling own;
static token_maker maker;

#define DISCOVERY_URL "https://cds.test/cds-services"
#define SIGN_URL DISCOVERY_URL "/vigil-order-sign"

/* A server that asks for tokens of https://ehr.test signed with the test's key. */
static bool open_with_tokens(const char *algorithm, const char *more)
{
	if (!token_maker_open(&maker, algorithm))
		return false;
	const char *const settings[] = {"auth.required=on",
					"auth.issuers=https://ehr.test",
					"server.public_url=https://cds.test",
					maker.setting,
					"auth.jku_allow=https://keys.test/jwks",
					more,
					NULL};
	return calling_open(&own, settings);
}

static void close_with_tokens(void)
{
	calling_close(&own);
	token_maker_close(&maker);
}

static int call_with(const char *token, const char *method, const char *path, const char *body)
{
	char headers[4096];
	snprintf(headers, sizeof headers, "Authorization: Bearer %s\r\n%s", token, body ? JSON_TYPE : "");
	return call(&own, method, path, headers, body);
}

static const char *fresh(const char *audience) { return token_for(&maker, &own.server.arena, audience); }

/* A token with its claims changed: `changes` is JSON whose members replace those of a good one, null takes one away. */
static const char *changed(const char *header_text, const char *changes)
{
	json_int_t now = (json_int_t)time(NULL);
	json_t *header = json_loads(header_text, 0, NULL), *more = json_loads(changes, 0, NULL), *value;
	json_t *claims = json_pack("{s:s, s:s, s:I, s:I, s:o}", "iss", "https://ehr.test", "aud", DISCOVERY_URL, "exp",
				   now + 300, "iat", now, "jti", json_sprintf("changed-%u", maker.next++));
	const char *key;
	json_object_foreach(more, key, value)
	{
		if (json_is_null(value))
			json_object_del(claims, key);
		else if (json_is_integer(value) && strcmp(key, "jti") != 0)
			json_object_set_new(claims, key, json_integer(now + json_integer_value(value))); /* moments: from now */
		else
			json_object_set(claims, key, value);
	}
	const char *token = token_sign(&maker, &own.server.arena, header, claims);
	json_decref(header);
	json_decref(more);
	json_decref(claims);
	return token;
}
#define GOOD_HEADER "{\"alg\":\"RS384\",\"kid\":\"k1\"}"

static void needs_tls_outside(void)
{
	vg_settings settings;
	vg_arena arena;
	vg_texts warnings = {0};
	vg_arena_init(&arena, NULL, 0);
	vg_settings_init(&settings);
	settings.no_journal = true;
	vg_settings_set(&settings, &arena, "server.listen", "0.0.0.0:8080", NULL);
	CHECK(vg_settings_check(&settings, &arena, &warnings, NULL) == VIGIL_OK && warnings.count == 2, "%zu warnings",
	      warnings.count);
	CHECK(strstr(warnings.items[0], "without TLS"), "the first is about TLS: %s", warnings.items[0]);
	vg_arena_free(&arena);
}

static void everything_needs_a_token(void)
{
	if (!open_with_tokens("RS384", NULL))
		return;
	CHECK(call(&own, "GET", "/cds-services", "", NULL) == 401, "discovery is %d", own.status);
	CHECK(call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN) == 401, "a call is %d", own.status);
	CHECK(call(&own, "POST", "/cds-services/vigil-order-sign/feedback", JSON_TYPE, "{}") == 401, "feedback is %d",
	      own.status);
	CHECK(call_with(fresh(DISCOVERY_URL), "GET", "/cds-services", NULL) == 200, "with a token it is %d", own.status);
	CHECK(call_with(fresh(SIGN_URL), "POST", "/cds-services/vigil-order-sign", SIGN_IBUPROFEN) == 200 &&
		  card_count(&own) == 1,
	      "with a token it is %d", own.status);
	CHECK(call_with(fresh(SIGN_URL), "POST", "/cds-services/vigil-order-select", SIGN_IBUPROFEN) == 401,
	      "a token for another endpoint is %d", own.status);
	static const struct {
		const char *header, *changes;
		int status;
	} cases[] = {{GOOD_HEADER, "{}", 200},
		     {GOOD_HEADER, "{\"aud\":[\"https://x.test\",\"" DISCOVERY_URL "\"]}", 200},
		     {GOOD_HEADER, "{\"aud\":\"https://x.test\"}", 401},
		     {GOOD_HEADER, "{\"aud\":null}", 401},
		     {GOOD_HEADER, "{\"iss\":\"https://evil.test\"}", 401},
		     {GOOD_HEADER, "{\"exp\":-60}", 401},
		     {GOOD_HEADER, "{\"exp\":null}", 401},
		     {GOOD_HEADER, "{\"iat\":3000}", 401},
		     {GOOD_HEADER, "{\"jti\":null}", 401}};
	for (size_t i = 0; i < VG_COUNT(cases); i++)
		CHECK(call_with(changed(cases[i].header, cases[i].changes), "GET", "/cds-services", NULL) == cases[i].status,
		      "%s: %d, not %d", cases[i].changes, own.status, cases[i].status);
	/* {"alg":"none"}.{claims}. and the same as HS256 */
	CHECK(call_with("eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2Voci50ZXN0In0.", "GET", "/cds-services", NULL) == 401,
	      "none is %d", own.status);
	CHECK(call_with("eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJodHRwczovL2Voci50ZXN0In0.AAAA", "GET", "/cds-services", NULL) == 401,
	      "HS256 is %d", own.status);
	close_with_tokens();
	if (!open_with_tokens("ES384", "auth.tenant=north"))
		return;
	CHECK(call_with(fresh(DISCOVERY_URL), "GET", "/cds-services", NULL) == 401, "without its tenant it is %d", own.status);
	CHECK(call_with(changed("{\"alg\":\"ES384\",\"kid\":\"k1\"}", "{\"tenant\":\"north\"}"), "GET", "/cds-services",
			NULL) == 200,
	      "ES384 and the tenant are %d", own.status);
	close_with_tokens();
}

static void keys_come_from_lists_only(void)
{
	if (!open_with_tokens("RS384", NULL))
		return;
	CHECK(call_with(changed("{\"alg\":\"RS384\",\"kid\":\"k1\",\"jku\":\"https://127.0.0.1:1/jwks\"}", "{}"), "GET",
			"/cds-services", NULL) == 401,
	      "a jku of nobody is %d", own.status);
	CHECK(!strstr(test_server_log(&own.server), "key-set"), "and it is not fetched: %s", test_server_log(&own.server));
	CHECK(call_with(fresh(DISCOVERY_URL), "GET", "/cds-services", NULL) == 200,
	      "without a jku the configured key counts: %d", own.status);
	close_with_tokens();
}

static void a_refusal_says_nothing(void)
{
	char first[2048];
	if (!open_with_tokens("RS384", NULL))
		return;
	call(&own, "GET", "/cds-services", "", NULL);
	snprintf(first, sizeof first, "%s", own.body);
	const char *token = changed(GOOD_HEADER, "{\"exp\":-60}");
	call_with(token, "GET", "/cds-services", NULL);
	CHECK_TEXT(own.body, first);
	CHECK(strcasestr(own.head, "\r\nWWW-Authenticate: Bearer"), "it is a bearer that is asked for: %s", own.head);
	CHECK(
	    call_with(
		fresh(SIGN_URL), "POST", "/cds-services/vigil-order-sign",
		HEAD("order-sign") "\"fhirServer\":\"https://x.test\",\"fhirAuthorization\":{\"access_token\":\"canary-token\","
				   "\"token_type\":\"Bearer\"}," ORDERS(ENTRY(ORDERS_IBUPROFEN)) "," ON_WARFARIN "}") == 200,
	    "it is %d", own.status);
	CHECK(!strstr(own.body, "canary-token"), "the access token is in the answer");
	const char *log = test_server_log(&own.server);
	CHECK(!strstr(log, "eyJ") && !strstr(log, "canary-token"), "a token is in the log: %s", log);
	close_with_tokens();
}

static void a_token_counts_once(void)
{
	if (!open_with_tokens("RS384", NULL))
		return;
	const char *token = fresh(DISCOVERY_URL);
	CHECK(call_with(token, "GET", "/cds-services", NULL) == 200, "the first time it is %d", own.status);
	CHECK(call_with(token, "GET", "/cds-services", NULL) == 401, "the second time it is %d", own.status);
	CHECK(call_with(changed(GOOD_HEADER, "{\"exp\":7200}"), "GET", "/cds-services", NULL) == 401,
	      "a life longer than ids are remembered is %d", own.status);
	close_with_tokens();
}

static void answers_preflights(void)
{
	static const char *const paths[] = {"/cds-services", "/cds-services/vigil-order-sign",
					    "/cds-services/vigil-order-sign/feedback"};
	if (!open_with_tokens("RS384", "server.allow_origin=https://emr.test"))
		return;
	for (size_t i = 0; i < VG_COUNT(paths); i++) {
		CHECK(call(&own, "OPTIONS", paths[i], "Origin: https://emr.test\r\nAccess-Control-Request-Method: POST\r\n",
			   NULL) == 204,
		      "%s: a preflight is %d", paths[i], own.status);
		CHECK(strcasestr(own.head, "\r\nAccess-Control-Allow-Origin: https://emr.test\r\n") &&
			  strcasestr(own.head, "\r\nAccess-Control-Allow-Methods: GET, POST, OPTIONS\r\n") &&
			  strcasestr(own.head, "\r\nAccess-Control-Allow-Headers: authorization, content-type"),
		      "%s: %s", paths[i], own.head);
	}
	call(&own, "OPTIONS", paths[0], "Origin: https://evil.test\r\n", NULL);
	CHECK(!strcasestr(own.head, "Access-Control-Allow-Origin"), "another origin may ask: %s", own.head);
	close_with_tokens();
}

/* ---- Da Vinci CRD --------------------------------------------------------------------------- */

static bool count_rows(void *user, const vg_journal_row *row)
{
	int *counts = user;
	counts[0] += strcmp(row->kind, "answer") == 0;
	counts[1] += strstr(row->body, "warfarin-nsaid") != NULL;
	return true;
}

static void keeps_each_answer(void)
{
	static const char *const suffixes[] = {"", ".key", "-wal", "-shm", ".checkpoint"};
	char folder[] = "/tmp/vigil-journal-XXXXXX", file[64], setting[96], name[96];
	int counts[2] = {0};
	if (!mkdtemp(folder))
		return;
	snprintf(file, sizeof file, "%s/j.db", folder);
	snprintf(setting, sizeof setting, "journal.file=%s", file);
	if (calling_open(&own, (const char *const[]){setting, NULL})) {
		call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN);
		call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN);
		calling_close(&own);
		CHECK(vg_journal_read(file, 0, INT64_MAX, count_rows, counts, NULL) == VIGIL_OK && counts[0] == 2 &&
			  counts[1] == 2,
		      "%d rows, %d with the rule", counts[0], counts[1]);
	}
	for (size_t i = 0; i < VG_COUNT(suffixes); i++) {
		snprintf(name, sizeof name, "%s%s", file, suffixes[i]);
		unlink(name);
	}
	rmdir(folder);
}

static void suggestions_have_uuids(void)
{
	if (!calling_open(&own, NULL))
		return;
	call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN);
	CHECK(cJSON_GetArraySize(at(own.json, "cards/0/suggestions")) == 2, "two suggestions: %s", own.body);
	for (int i = 0; i < 2; i++) {
		char path[48];
		snprintf(path, sizeof path, "cards/0/suggestions/%d/uuid", i);
		CHECK(strlen(said(&own, path)) == 36, "suggestion %d has no uuid", i);
	}
	calling_close(&own);
}

static const cJSON *option_of(const char *hook, const char *code)
{
	const cJSON *service, *option;
	cJSON_ArrayForEach(service, at(own.json, "services"))
	{
		cJSON_ArrayForEach(option, at(service, "extension/davinci-crd.configuration-options"))
		{
			if (strcmp(text_at(service, "hook"), hook) == 0 && strcmp(text_at(option, "code"), code) == 0)
				return option;
		}
	}
	return NULL;
}

static void lists_options(void)
{
	if (!calling_open(&own, NULL))
		return;
	call(&own, "GET", "/cds-services", "", NULL);
	const cJSON *option = option_of("order-sign", "interaction");
	CHECK_TEXT(text_at(option, "type"), "boolean");
	CHECK(text_at(option, "name") && text_at(option, "description") && cJSON_IsTrue(at(option, "default")),
	      "an option is not whole");
	CHECK(option_of("order-sign", "allergy") && option_of("order-sign", "contraindication") &&
		  option_of("order-sign", "duplicate_test"),
	      "a switch for each kind of card");
	CHECK(option_of("patient-view", "screening") && !option_of("order-sign", "screening"),
	      "screenings come when a chart is opened");
	calling_close(&own);
}

#define CONFIGURED(options)                                                                                                    \
	HEAD("order-sign")                                                                                                     \
	"\"extension\":{\"davinci-crd.configuration\":" options "}," ORDERS(ENTRY(ORDERS_IBUPROFEN)) "," ON_WARFARIN "}"

static void obeys_options(void)
{
	static const char *const ignored[] = {
	    "{}", "{\"interaction\":true}",   "{\"allergy\":false}", "{\"interaction\":0}", "{\"newest-version\":true}",
	    "7",  "{\"coverage-info\":false}"};
	if (!calling_open(&own, NULL))
		return;
	CHECK(call_hook(&own, "vigil-order-sign", CONFIGURED("{\"interaction\":false}")) == 200 && card_count(&own) == 0,
	      "switched off it is %d: %s", own.status, own.body);
	CHECK_TEXT(outcome_of(&own, "warfarin-nsaid"), "suppressed");
	CHECK(!is_complete_answer(&own), "an answer without a kind of cards is complete");
	for (size_t i = 0; i < VG_COUNT(ignored); i++) {
		char body[4096];
		snprintf(body, sizeof body, CONFIGURED("%s"), ignored[i]);
		CHECK(call_hook(&own, "vigil-order-sign", body) == 200 && card_count(&own) == 1, "%s is %d: %s", ignored[i],
		      own.status, own.body);
	}
	calling_close(&own);
}

static void says_which_order(void)
{
	if (!calling_open(&own, NULL))
		return;
	call_hook(&own, "vigil-order-sign",
		  HEAD("order-sign") ORDERS(ENTRY(ORDERS_IBUPROFEN) "," ENTRY(
		      DRUG("o9", "draft", "861007", "metformin 500 MG"))) "," ON_WARFARIN "}");
	const cJSON *card, *first = card_with(&own, "warfarin");
	CHECK(first && strstr(text_at(first, "detail"), "ibuprofen"), "the detail names the order: %s", own.body);
	CHECK_TEXT(text_at(first, "extension/davinci-associated-resource/0"), "MedicationRequest/o1");
	cJSON_ArrayForEach(card, at(own.json, "cards"))
	{
		const char *topic = text_at(card, "source/topic/code");
		CHECK(strcmp(topic, "not_checked") == 0 || text_at(card, "extension/davinci-associated-resource/0"),
		      "a card is about no order: %s", own.body);
	}
	calling_close(&own);
}

static void critical_is_what_rules_say(void)
{
	if (!calling_open(&own, NULL))
		return;
	call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN);
	char indicator[16];
	snprintf(indicator, sizeof indicator, "%s", said(&own, "cards/0/indicator"));
	call(&own, "GET", "/v1/rules/warfarin-nsaid", "", NULL);
	CHECK_TEXT(indicator, said(&own, "severity"));
	call_hook(&own, "vigil-patient-view",
		  HEAD("patient-view") "\"context\":{\"userId\":\"Practitioner/1\",\"patientId\":\"p1\"}," SECTIONS(EMPTY,
														    EMPTY) "}");
	const cJSON *card;
	cJSON_ArrayForEach(card, at(own.json, "cards")) { CHECK_TEXT(text_at(card, "indicator"), "info"); }
	calling_close(&own);
}

static void the_first_lines_matter(void)
{
	if (!calling_open(&own, NULL))
		return;
	call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN);
	CHECK_TEXT(said(&own, "cards/0/summary"), "Bleeding risk: warfarin with an NSAID");
	CHECK(strstr(said(&own, "cards/0/detail"), "raises the risk of serious bleeding") <
		  strstr(said(&own, "cards/0/detail"), "\n"),
	      "what is wrong stands in the first paragraph: %s", said(&own, "cards/0/detail"));
	calling_close(&own);
}

static void few_cards(void)
{
	if (!calling_open(&own, NULL))
		return;
	/* Two orders of NSAIDs beside warfarin: found by a rule and by rows, and each pair once. */
	call_hook(&own, "vigil-order-sign",
		  HEAD("order-sign") ORDERS(ENTRY(ORDERS_IBUPROFEN)) "," SECTIONS(
		      SET(ENTRY(TAKES_WARFARIN) "," ENTRY(DRUG("m2", "active", "855332", "warfarin sodium 5 MG Oral Tablet"))),
		      EMPTY) "}");
	CHECK(card_count(&own) == 1, "one problem is %d cards: %s", card_count(&own), own.body);
	calling_close(&own);
}

const test_case test_cases_items_security[] = {
    {"item 43: without TLS outside of the machine it warns (TLS itself: tests/service/run.sh)", needs_tls_outside},
    {"item 44: discovery, calls and feedback need a good token", everything_needs_a_token},
    {"item 45: keys come from lists only", keys_come_from_lists_only},
    {"item 46: a refused token is told nothing, and logged nowhere", a_refusal_says_nothing},
    {"item 47: a token counts once", a_token_counts_once},
    {"item 48: browsers' preflights need no token", answers_preflights},
    {"item 49: each answer is kept", keeps_each_answer},
    {"item 50: suggestions have uuids", suggestions_have_uuids},
    {"item 51: discovery lists options", lists_options},
    {"item 52: options are obeyed, unknown ones ignored", obeys_options},
    {"item 53: a card says which order it is about", says_which_order},
    {"item 54: critical is what its rule calls so", critical_is_what_rules_say},
    {"item 55: the first lines say what is wrong", the_first_lines_matter},
    {"item 56: one problem, one card", few_cards},
    {0}};
