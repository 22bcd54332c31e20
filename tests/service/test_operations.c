/* What operators see: rules that are switched off or fail, reloads that were refused. */
#include "calling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static calling own;

static bool listed(const char *path, const char *rule)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, at(own.json, path))
	{
		if (strcmp(item->valuestring, rule) == 0)
			return true;
	}
	return false;
}

static bool metrics_say(const char *line)
{
	call(&own, "GET", "/metrics", "", NULL);
	return own.status == 200 && strstr(own.body, line);
}

static void a_switch_is_seen_everywhere(void)
{
	static const char path[] = "/v1/rules/warfarin-nsaid/switch";
	if (!calling_open(&own, NULL))
		return;
	CHECK(call(&own, "POST", path, JSON_TYPE, "{\"on\":false,\"why\":\"x\"}") == 403, "over TCP it is %d", own.status);
	CHECK(call_local(&own, "POST", path, JSON_TYPE, "{\"on\":false,\"why\":\"under review\"}") == 200, "it is %d",
	      own.status);
	CHECK(call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN) == 200 && !card_with(&own, "Bleeding risk"),
	      "a rule that is off speaks: %s", own.body);
	CHECK_TEXT(outcome_of(&own, "warfarin-nsaid"), "suppressed");
	CHECK(!is_complete_answer(&own) && card_with(&own, "switched off at this site"), "and nobody sees it: %s", own.body);
	CHECK(call(&own, "GET", "/readyz", "", NULL) == 200 && listed("switched_off", "warfarin-nsaid"), "the readiness: %s",
	      own.body);
	CHECK(metrics_say("vigil_rule_switched_off{rule=\"warfarin-nsaid\"} 1\n"), "the metrics: %s", own.body);
	CHECK(call(&own, "GET", "/v1/rules/warfarin-nsaid", "", NULL) == 200 && cJSON_IsFalse(at(own.json, "on")),
	      "the rule: %s", own.body);
	CHECK(call_local(&own, "POST", "/v1/reload", "", "") == 200 && call(&own, "GET", "/readyz", "", NULL) == 200 &&
		  listed("switched_off", "warfarin-nsaid"),
	      "a reload switches it on: %s", own.body);
	CHECK(call_local(&own, "POST", path, JSON_TYPE, "{\"on\":true,\"why\":\"reviewed\"}") == 200, "on again it is %d",
	      own.status);
	CHECK(call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN) == 200 && card_with(&own, "Bleeding risk"),
	      "it speaks again: %s", own.body);
	call(&own, "GET", "/readyz", "", NULL);
	CHECK_TEXT(own.body, "{\"status\":\"ready\"}");
	calling_close(&own);
}

#define OMEPRAZOLE_AT(potassium)                                                                                               \
	HEAD("order-sign")                                                                                                     \
	ORDERS(ENTRY(DRUG("o4", "draft", "198051", "omeprazole 20 MG")) "," ENTRY(ORDERS_IBUPROFEN))                           \
	"," SECTIONS(SET(ENTRY(TAKES_WARFARIN)), SET(ENTRY(RESULT("k1", "2823-3", "potassium", potassium, "mmol/L")))) "}"

static void a_failing_rule_is_seen_everywhere(void)
{
	if (!calling_open(&own, NULL))
		return;
	CHECK(call_hook(&own, "vigil-order-sign", OMEPRAZOLE_AT("10")) == 200, "it is %d", own.status);
	CHECK_TEXT(outcome_of(&own, "fails-above-nine"), "error");
	CHECK_TEXT(outcome_of(&own, "warfarin-nsaid"), "fired");
	CHECK(!is_complete_answer(&own) && card_with(&own, "could not be evaluated"), "the failure is no card: %s", own.body);
	CHECK(call(&own, "GET", "/readyz", "", NULL) == 200 && listed("failing", "fails-above-nine"), "the readiness: %s",
	      own.body);
	conforms(&own, "Ready", "/readyz");
	CHECK(metrics_say("vigil_rule_failing{rule=\"fails-above-nine\"} 1\n"), "the metrics: %s", own.body);
	CHECK(call_local(&own, "POST", "/v1/rules/fails-above-nine/switch", JSON_TYPE, "{\"on\":false,\"why\":\"it fails\"}") ==
		  200,
	      "it is %d", own.status);
	CHECK(call_hook(&own, "vigil-order-sign", OMEPRAZOLE_AT("10")) == 200, "it is %d", own.status);
	CHECK_TEXT(outcome_of(&own, "fails-above-nine"), "suppressed");
	CHECK(call_local(&own, "POST", "/v1/reload", "", "") == 200, "a reload is %d", own.status);
	CHECK(call(&own, "GET", "/readyz", "", NULL) == 200 && !at(own.json, "failing"), "after a reload it may be well: %s",
	      own.body);
	calling_close(&own);
}

/* Each way of breaking a pack: refused with a reason, the old rules stay, and a mended pack is taken. */
static void a_broken_pack_replaces_nothing(void)
{
	static const char whole[] = "pack { name = \"p\", version = \"%d.0.0\", publisher = \"x\", language = \"1\" }\n";
	static const struct {
		const char *what, *text;
	} broken[] = {{"half a table", "pack {"},
		      {"no text", "\xff\xfe\x00"},
		      {"an unknown word",
		       "pack { name = \"p\", version = \"2.0.0\", publisher = \"x\", language = \"1\" }\nrulle \"x\" {}\n"},
		      {"an unknown set", "pack { name = \"p\", version = \"2.0.0\", publisher = \"x\", language = \"1\" "
					 "}\ncontraindication \"x\" { title = \"X\", "
					 "severity = \"info\", status = \"active\", when_ordering = \"no such drug\", if_all = "
					 "{ age_at_least \"1 year\" }, warn = \"X.\" }\n"},
		      {"nothing", ""}};
	char folder[] = "/tmp/vigil-pack-XXXXXX", file[64], text[256];
	const char *folders[] = {"fixtures/packs/cases", mkdtemp(folder)};
	vg_service_config config = {.workers = 1, .engine = VIGIL_CONFIG_INIT};
	vg_service *service = NULL;
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	snprintf(file, sizeof file, "%s/pack.lua", folder);
	config.engine.rule_dirs = folders;
	config.engine.rule_dir_count = 2;
	for (size_t i = 0; i <= VG_COUNT(broken); i++) {
		const char *summary = NULL;
		vigil_error error = VIGIL_ERROR_INIT;
		FILE *out = fopen(file, "w");
		fprintf(out, whole, (int)i + 1);
		fclose(out);
		if (!service)
			CHECK(vg_service_open(&config, NULL, &service, &error) == VIGIL_OK, "it opens: %s", error.text);
		else
			CHECK(vg_service_reload(service, &arena, &summary, &error) == VIGIL_OK, "a mended pack is taken: %s",
			      error.text);
		if (i == VG_COUNT(broken) || !service)
			break;
		out = fopen(file, "w");
		fputs(broken[i].text, out);
		fclose(out);
		CHECK(vg_service_reload(service, &arena, &summary, &error) != VIGIL_OK && summary && *error.text, "%s is taken",
		      broken[i].what);
		vg_http_response answer = {.arena = &arena};
		const vg_http_request sign = {.endpoint = VG_ENDPOINT_HOOK,
					      .id = "vigil-order-sign",
					      .query = "",
					      .body = SIGN,
					      .length = strlen(SIGN),
					      .request_id = "r",
					      .now = "2026-03-01T12:00:00+01:00"};
		vg_service_answer(service, &sign, &answer);
		snprintf(text, sizeof text, "\"version\":\"%d.0.0\"", (int)i + 1);
		CHECK(answer.status == 200 && strstr(answer.body, text) && strstr(answer.body, "Bleeding risk"),
		      "%s: the old rules answer, and are named: %.300s", broken[i].what, answer.body);
	}
	vg_service_close(service);
	vg_arena_free(&arena);
	unlink(file);
	rmdir(folder);
}

/* Each allocation of an answer failed in turn: the whole answer, or a refusal that says that nothing was checked. */
static void lack_of_memory_is_a_refusal(void)
{
	static const char request[] =
	    HEAD("order-sign") "\"extension\":{\"io.vigil-cds.coordination\":{\"shown\":[\"a\",\"b\"]},"
			       "\"davinci-crd.configuration\":{\"allergy\":false}}," CONTEXT "," PREFETCH "}";
	static const char *const folders[] = {"fixtures/packs/cases"};
	vg_service_config config = {.workers = 1, .not_checked_card = true, .engine = VIGIL_CONFIG_INIT};
	vg_service *service = NULL;
	bool done = false;
	size_t whole = 0, refused = 0;
	config.engine.rule_dirs = folders;
	config.engine.rule_dir_count = 1;
	CHECK(vg_service_open(&config, NULL, &service, NULL) == VIGIL_OK, "a service opens");
	for (size_t fail_at = 1; service && !done; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		const vg_allocator allocator = {test_resize, &state};
		vg_arena arena;
		vg_arena_init(&arena, &allocator, 0);
		vg_http_response out = {.arena = &arena};
		const vg_http_request in = {.endpoint = VG_ENDPOINT_HOOK,
					    .id = "vigil-order-sign",
					    .query = "",
					    .body = request,
					    .length = strlen(request),
					    .request_id = "r",
					    .now = "2026-03-01T12:00:00+01:00"};
		vg_service_answer(service, &in, &out);
		done = state.calls < fail_at;
		if (out.status == 200) {
			whole++;
			CHECK(strstr(out.body, "Bleeding risk") && out.body[out.length - 1] == '}',
			      "allocation %zu fails: half an answer: %.200s", fail_at, out.body);
		} else {
			refused++;
			CHECK(out.status == 503 && strstr(out.body, "OperationOutcome"), "allocation %zu fails: %d %.200s",
			      fail_at, out.status, out.body);
		}
		vg_arena_free(&arena);
		CHECK(state.live_blocks == 0, "allocation %zu fails: all is given back", fail_at);
	}
	CHECK(whole >= 1 && refused >= 1, "%zu answers, %zu refusals", whole, refused);
	vg_service_close(service);
}

const test_case test_cases_operations[] = {{"a rule that is switched off is seen everywhere", a_switch_is_seen_everywhere},
					   {"a rule that fails is seen everywhere", a_failing_rule_is_seen_everywhere},
					   {"a broken pack replaces nothing", a_broken_pack_replaces_nothing},
					   {"lack of memory is a refusal, never half an answer", lack_of_memory_is_a_refusal},
					   {0}};
