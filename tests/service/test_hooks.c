/* Calls, feedback, switches and the native interface, asked without sockets. */
#include "asking.h"

#include "service/answer_internal.h"

#include <stdio.h>
#include <string.h>

#define EXTENSION "extension/io.vigil-cds.answer/"

static asking own;

static void looks_at_selections(void)
{
	static const char none[] =
	    HEAD("order-select") "\"context\":{\"patientId\":\"p1\",\"selections\":[\"MedicationRequest/o2\"],"
				 "\"draftOrders\":" SET(ENTRY(IBUPROFEN("o1")) "," ENTRY(
				     MEDICATION("o2", "draft", "313782", "acetaminophen"))) "}," PREFETCH "}";
	if (!asking_open(&own, false, false))
		return;
	CHECK(ask_hook(&own, "vigil-order-select", none) == 200, "selections are %d", own.out.status);
	for (int i = 0; i < cJSON_GetArraySize(at(own.answer, EXTENSION "rules")); i++) {
		const cJSON *rule = cJSON_GetArrayItem(at(own.answer, EXTENSION "rules"), i);
		CHECK(strcmp(text_at(rule, "outcome"), "fired") != 0, "an order that is not selected alerts: %s", own.out.body);
	}
	asking_close(&own);
}

static void understands_small_clients(void)
{
	static const char small[] =
	    "{\"hook\":\"order-sign\",\"prefetch\":{\"patient\":" PATIENT
	    ",\"draftMedicationRequests\":" SET(ENTRY(IBUPROFEN("o1"))) ",\"medications\":" SET(ENTRY(WARFARIN)) "," ALL_EMPTY
														 "}}";
	if (!asking_open(&own, false, false))
		return;
	CHECK(ask_hook(&own, "vigil-order-sign", small) == 400, "without the switch it is %d", own.out.status);
	asking_close(&own);
	if (!asking_open(&own, false, true))
		return;
	CHECK(ask_hook(&own, "vigil-order-sign", small) == 200, "with the switch it is %d: %s", own.out.status, own.out.body);
	CHECK_TEXT(text_at(own.answer, EXTENSION "rules/0/outcome"), "fired");
	asking_close(&own);
}

static void takes_feedback(void)
{
	char body[2048];
	if (!asking_open(&own, true, false))
		return;
	ask_hook(&own, "vigil-order-sign", SIGN);
	const char *uuid = text_at(own.answer, "cards/0/uuid");
	snprintf(body, sizeof body,
		 "{\"feedback\":[{\"card\":\"%s\",\"outcome\":\"overridden\",\"outcomeTimestamp\":\"2026-03-01T12:01:00Z\","
		 "\"overrideReason\":{\"reason\":{\"code\":\"x\",\"system\":\"y\"}}},"
		 "{\"card\":\"unknown\",\"outcome\":\"accepted\",\"acceptedSuggestions\":[{\"id\":\"s\"}],"
		 "\"outcomeTimestamp\":\"2026-03-01T12:01:00Z\"},"
		 "{\"card\":\"x\",\"outcome\":\"ignored\",\"outcomeTimestamp\":\"2026-03-01T12:01:00Z\"}]}",
		 uuid ? uuid : "");
	CHECK(ask(&own, VG_ENDPOINT_FEEDBACK, "vigil-order-sign", "", body) == 200, "feedback is %d", own.out.status);
	CHECK(cJSON_GetNumberValue(at(own.answer, "received")) == 3 && cJSON_GetNumberValue(at(own.answer, "stored")) == 2 &&
		  cJSON_GetNumberValue(at(own.answer, "unmatched")) == 1,
	      "it says %s", own.out.body);
	CHECK(cJSON_GetNumberValue(at(own.answer, "refused/0/index")) == 2, "the bad item is not named");
	CHECK(ask(&own, VG_ENDPOINT_FEEDBACK, "vigil-order-sign", "", "{\"feedback\":[]}") == 400, "no item is feedback");
	CHECK(ask(&own, VG_ENDPOINT_FEEDBACK, "vigil-order-sign", "", "nonsense") == 400, "nonsense is feedback");
	vg_journal_report report;
	vg_service_close(own.service);
	own.service = NULL;
	CHECK(vg_journal_verify(own.journal, NULL, &report, NULL) == VIGIL_OK && report.rows == 3 && !*report.problem,
	      "the journal has %llu rows, %s", (unsigned long long)report.rows, report.problem);
	asking_close(&own);
}

static void switches_visibly(void)
{
	if (!asking_open(&own, true, false))
		return;
	ask_hook(&own, "vigil-order-sign", SIGN);
	CHECK(ask(&own, VG_ENDPOINT_SWITCH, "no-such-rule", "", "{\"on\":false,\"why\":\"test\"}") == 404,
	      "it switches nothing off");
	CHECK(ask(&own, VG_ENDPOINT_RULES, "", "", NULL) == 200, "rules are %d", own.out.status);
	char rule[129] = "";
	snprintf(rule, sizeof rule, "%s", text_at(own.answer, "rules/0/id"));
	CHECK(ask(&own, VG_ENDPOINT_RULE, rule, "", NULL) == 200, "%s is %d", rule, own.out.status);
	CHECK(ask(&own, VG_ENDPOINT_SWITCH, rule, "", "{\"on\":false}") == 400, "a switch without why");
	CHECK(ask(&own, VG_ENDPOINT_SWITCH, rule, "", "{\"on\":false,\"why\":\"test\"}") == 200, "%s is not switched", rule);
	ask(&own, VG_ENDPOINT_RULE, rule, "", NULL);
	CHECK(cJSON_IsFalse(at(own.answer, "on")), "%s is not said to be off", rule);
	CHECK(ask(&own, VG_ENDPOINT_METRICS, "", "", NULL) == 200 && strstr(own.out.body, "vigil_rule_switched_off{rule="),
	      "metrics do not say it");
	CHECK(!strstr(own.out.body, "p1"), "metrics name a patient");
	CHECK(ask(&own, VG_ENDPOINT_SWITCH, rule, "", "{\"on\":true,\"why\":\"test\"}") == 200, "%s stays off", rule);
	CHECK(ask(&own, VG_ENDPOINT_RELOAD, "", "", NULL) == 200 && cJSON_IsTrue(at(own.answer, "reloaded")), "no reload");
	CHECK(ask(&own, VG_ENDPOINT_HEALTH, "", "", NULL) == 200 && ask(&own, VG_ENDPOINT_READY, "", "", NULL) == 200,
	      "not well");
	asking_close(&own);
}

#define METFORMIN_SIGN                                                                                                         \
	HEAD("order-sign")                                                                                                     \
	"\"context\":{\"patientId\":\"p1\",\"draftOrders\":" SET(                                                              \
	    ENTRY(MEDICATION("o2", "draft", "861007", "metformin hydrochloride 500 MG Oral Tablet"))) "}," PREFETCH "}"

static void says_what_is_suppressed(void)
{
	if (!asking_open(&own, true, false))
		return;
	CHECK(ask_hook(&own, "vigil-order-sign", METFORMIN_SIGN) == 200, "metformin is %d", own.out.status);
	CHECK_TEXT(text_at(own.answer, EXTENSION "rules/0/rule"), "metformin-low-egfr");
	CHECK_TEXT(text_at(own.answer, EXTENSION "rules/0/outcome"), "asked");
	CHECK(cJSON_GetArraySize(at(own.answer, EXTENSION "rules")) == 1, "a rule that asks is told of twice: %s",
	      own.out.body);
	ask(&own, VG_ENDPOINT_SWITCH, "metformin-low-egfr", "", "{\"on\":false,\"why\":\"test\"}");
	CHECK(ask_hook(&own, "vigil-order-sign", METFORMIN_SIGN) == 200, "switched off it is %d", own.out.status);
	CHECK_TEXT(text_at(own.answer, EXTENSION "rules/0/outcome"), "suppressed");
	CHECK(cJSON_IsFalse(at(own.answer, EXTENSION "complete")), "an answer without a rule is complete");
	CHECK(cJSON_GetArraySize(at(own.answer, "cards")) == 1, "the suppression is no card: %s", own.out.body);
	CHECK_TEXT(text_at(own.answer, "cards/0/source/topic/code"), "not_checked");
	asking_close(&own);
}

/* "" when there is none. */
static const char *problem_of(const char *json)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const char *problem = vg_card_problem(json, strlen(json), &arena);
	vg_arena_free(&arena);
	return problem ? problem : "";
}

static void checks_its_own_cards(void)
{
	static const char good[] =
	    "{\"cards\":[{\"uuid\":\"u\",\"summary\":\"s\",\"indicator\":\"info\",\"source\":{\"label\":\"l\"}%s}]}";
	static const char *const bad[] = {
	    ",\"suggestions\":[{\"label\":\"l\",\"uuid\":\"u\"}]",
	    ",\"selectionBehavior\":\"any\",\"suggestions\":[{\"label\":\"l\"}]",
	    ",\"selectionBehavior\":\"any\",\"suggestions\":[{\"label\":\"l\",\"uuid\":\"u\",\"actions\":[{\"type\":\"delete\","
	    "\"description\":\"d\"}]}]",
	    ",\"selectionBehavior\":\"any\",\"suggestions\":[{\"label\":\"l\",\"uuid\":\"u\",\"actions\":[{\"type\":\"create\","
	    "\"description\":\"d\"}]}]",
	    ",\"overrideReasons\":[{\"code\":\"c\",\"display\":\"d\"}]",
	    ",\"links\":[{\"label\":\"l\",\"url\":\"javascript:x\",\"type\":\"absolute\"}]",
	    ",\"detail\":\"\"",
	    ",\"detail\":null"};
	static const char *const broken[] = {"",
					     "{",
					     "{\"cards\":[]}]",
					     "{\"cards\":[}",
					     "{\"cards\":[],}",
					     "{\"cards\":[\"\\x\"]}",
					     "{\"cards\":[\"\\u12g4\"]}",
					     "{\"cards\":[\"a]}",
					     "{\"cards\":[\"a\nb\"]}",
					     "{\"cards\":[\"a\"]}\n",
					     "{\"cards\":[\"\\\"]}",
					     "{\"cards\":[],\"a\":nil}",
					     "{\"cards\":[],\"a\":\"\xC3(\"}",
					     "{\"cards\":[],\"a\":\"\\",
					     "{\"cards\":{}}",
					     "{}"};
	char text[1024];
	CHECK_TEXT(problem_of("{\"cards\":[]}"), "");
	for (size_t i = 0; i < VG_COUNT(broken); i++)
		CHECK_TEXT(problem_of(broken[i]), "there is no list of cards");
	snprintf(text, sizeof text, good, "");
	CHECK_TEXT(problem_of(text), "");
	for (size_t i = 0; i < VG_COUNT(bad); i++) {
		snprintf(text, sizeof text, good, bad[i]);
		CHECK(*problem_of(text), "a bad card passes: %s", text);
	}
}

/* Wherever it stands: among those that are looked at eight at a time, or among the last. */
static void finds_control_characters(void)
{
	char text[64];
	for (int length = 1; length < 20; length++) {
		int end = snprintf(text, sizeof text, "{\"cards\":[],\"a\":\"%0*d\"}", length, 0);
		CHECK_TEXT(problem_of(text), "");
		for (int at = end - 2 - length; at < end - 2; at++) {
			char before = text[at];
			for (text[at] = 1; text[at] < 0x20; text[at]++)
				CHECK_TEXT(problem_of(text), "there is no list of cards");
			text[at] = before;
		}
	}
}

static void counts_a_summary(void)
{
	static const char card[] =
	    "{\"cards\":[{\"uuid\":\"u\",\"summary\":\"%s\",\"indicator\":\"info\",\"source\":{\"label\":\"l\"}}]}";
	static const char *const characters[] = {"a", "ä", "😀", "\\\"", "\\u001f"};
	for (size_t i = 0; i < VG_COUNT(characters); i++) {
		char summary[1024] = "", text[1200];
		for (int count = 0; count < 139; count++)
			strcat(summary, characters[i]);
		snprintf(text, sizeof text, card, summary);
		CHECK(!*problem_of(text), "139 of %s: %s", characters[i], problem_of(text));
		strcat(summary, "b");
		snprintf(text, sizeof text, card, summary);
		CHECK_TEXT(problem_of(text), "a summary is missing or too long");
	}
}

static void answers_natively(void)
{
	static const char chart[] = SET(ENTRY(PATIENT) "," ENTRY(WARFARIN) "," ENTRY(IBUPROFEN("o1")));
	if (!asking_open(&own, false, false))
		return;
	CHECK(ask(&own, VG_ENDPOINT_EVALUATE, "", "as_of=2026-03-01&drafts=1", chart) == 200, "%s", own.out.body);
	CHECK_TEXT(text_at(own.answer, "as_of"), "2026-03-01");
	CHECK(cJSON_GetArraySize(at(own.answer, "alerts")) == 1, "%s", own.out.body);
	CHECK(ask(&own, VG_ENDPOINT_EVALUATE, "", "as_of=2026-%30%33-01", chart) == 200, "an escape is not read");
	CHECK(ask(&own, VG_ENDPOINT_EVALUATE, "", "as_of=yesterday", chart) == 400, "yesterday is a day");
	CHECK(ask(&own, VG_ENDPOINT_EXPLAIN, "", "", chart) == 400, "no rule is explained");
	CHECK(ask(&own, VG_ENDPOINT_EXPLAIN, "", "rule=no-such-rule", chart) == 404, "no such rule is explained");
	asking_close(&own);
}

const test_case test_cases_hooks[] = {
    {"selections: other drafts are context", looks_at_selections},
    {"a client that sends hook and prefetch only, by the switch", understands_small_clients},
    {"items 39-42: feedback in batches, unmatched, partly bad", takes_feedback},
    {"a rule is switched off visibly", switches_visibly},
    {"what a switched-off rule would have said is named, in a card too", says_what_is_suppressed},
    {"items 25-34: the check of our own cards sees each fault", checks_its_own_cards},
    {"finds control characters", finds_control_characters},
    {"characters of a summary are counted", counts_a_summary},
    {"the native interface", answers_natively},
    {0}};
