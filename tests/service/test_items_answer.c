/* Items 24 to 42 of the checklist of CDS Hooks against a running server: its answers, and feedback. */
#include "calling.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static calling own;

static bool open_it(void) { return calling_open(&own, NULL); }

#define DOSE(id, code, name) DRUG(id, "draft", code, name)
#define AMOXICILLIN DOSE("o2", "308191", "amoxicillin 500 MG Oral Capsule")
#define METFORMIN DOSE("o3", "861007", "metformin hydrochloride 500 MG Oral Tablet")
#define OMEPRAZOLE DOSE("o4", "198051", "omeprazole 20 MG Delayed Release Oral Capsule")
#define NAPROXEN DOSE("o5", "198014", "naproxen 500 MG Oral Tablet")
#define LOW_EGFR RESULT("e1", "98979-8", "eGFR", "24", "mL/min/{1.73_m2}")
#define POTASSIUM(value) RESULT("k1", "2823-3", "potassium", value, "mmol/L")
#define VIEW HEAD("patient-view") "\"context\":{\"userId\":\"Practitioner/1\",\"patientId\":\"p1\"}," SECTIONS(EMPTY, EMPTY) "}"
#define SIGN_WITH(drafts, medications, observations)                                                                           \
	HEAD("order-sign") ORDERS(drafts) "," SECTIONS(medications, observations) "}"

#define IN_A_YEAR(id, code, name)                                                                                              \
	"{\"resourceType\":\"MedicationRequest\",\"id\":\"" id "\",\"status\":\"active\",\"intent\":\"order\",\"subject\":{"   \
	"\"reference\":\"Patient/p1\"},\"authoredOn\":\"@-365@\",\"medicationCodeableConcept\":" CODED(RX, code, name) "}"

static void counts_what_is_dated_ahead(void)
{
	if (!open_it())
		return;
	CHECK(call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN) == 200 && !at(own.json, EXTENSION "futureFacts"), "%s",
	      own.body);
	CHECK(call_hook(&own, "vigil-order-sign",
			SIGN_WITH(ENTRY(ORDERS_IBUPROFEN),
				  SET(ENTRY(IN_A_YEAR("m1", "855332", "warfarin sodium 5 MG Oral Tablet"))), EMPTY)) == 200,
	      "%s", own.body);
	CHECK(cJSON_GetNumberValue(at(own.json, EXTENSION "futureFacts")) > 0, "it is not used, and counted: %s", own.body);
	calling_close(&own);
}

static void many_findings(void)
{
	CHECK(call_hook(&own, "vigil-order-sign",
			SIGN_WITH(ENTRY(ORDERS_IBUPROFEN) "," ENTRY(AMOXICILLIN) "," ENTRY(METFORMIN),
				  SET(ENTRY(TAKES_WARFARIN)), SET(ENTRY(LOW_EGFR)))) == 200,
	      "several orders are %d: %s", own.status, own.body);
	CHECK(card_count(&own) == 3, "three findings are %d cards: %s", card_count(&own), own.body);
}

/* Both kinds of answers, one after the other; each is checked against the schema by call_hook. */
static void each_answer(void (*look)(void))
{
	if (!open_it())
		return;
	many_findings();
	look();
	CHECK(call_hook(&own, "vigil-patient-view", VIEW) == 200 && card_count(&own) > 0, "a chart is %d: %s", own.status,
	      own.body);
	look();
	calling_close(&own);
}

static void answers_with_cards(void)
{
	if (!open_it())
		return;
	CHECK(call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN) == 200 && card_count(&own) == 1, "a finding is %d: %s",
	      own.status, own.body);
	CHECK(call_hook(&own, "vigil-order-sign", SIGN_WITH(ENTRY(OMEPRAZOLE), EMPTY, SET(ENTRY(POTASSIUM("4"))))) == 200,
	      "nothing to say is %d", own.status);
	CHECK(cJSON_IsArray(at(own.json, "cards")) && card_count(&own) == 0 && is_complete_answer(&own),
	      "nothing to say is an empty list, and complete: %s", own.body);
	CHECK_TEXT(outcome_of(&own, "fails-above-nine"), "clear");
	CHECK(call_hook(&own, "vigil-order-select",
			HEAD("order-select") "\"context\":{\"userId\":\"Practitioner/"
					     "1\",\"patientId\":\"p1\",\"selections\":[\"MedicationRequest/o1\"],"
					     "\"draftOrders\":" SET(
						 ENTRY("{\"resourceType\":\"MedicationRequest\",\"id\":\"o1\","
						       "\"status\":\"draft\",\"intent\":\"order\",\"subject\":{"
						       "\"reference\":\"Patient/p1\"}}")) "}," ON_WARFARIN "}") == 200,
	      "an order without its drug yet is %d: %s", own.status, own.body);
	calling_close(&own);
}

#define LONG                                                                                                                   \
	"ibuprofen 400 milligrams as an oral tablet in a package of one hundred with a name so long that no summary of a "     \
	"card can "                                                                                                            \
	"ever hold it together with what it is about, żółć ✖"

static void summaries_are_short(void)
{
	if (!open_it())
		return;
	static const char request[] = HEAD("order-sign") ORDERS(ENTRY(
	    "{\"resourceType\":\"MedicationRequest\",\"id\":\"o1\",\"status\":\"draft\",\"intent\":\"order\",\"subject\":{"
	    "\"reference\":\"Patient/p1\"},\"medicationCodeableConcept\":" CODED(
		RX, "197805",
		LONG) "}")) "," SECTIONS(SET(ENTRY(DRUG("m1", "active", "312941", "sertraline 50 MG Oral Tablet"))), EMPTY) "}";
	CHECK(call_hook(&own, "vigil-order-sign", request) == 200 && card_count(&own) > 0, "a long name is %d: %s", own.status,
	      own.body);
	const cJSON *card;
	cJSON_ArrayForEach(card, at(own.json, "cards"))
	{
		size_t length = vg_utf8_count(text_at(card, "summary"));
		CHECK(length > 0 && length < 140, "a summary of %zu characters", length);
	}
	CHECK(strstr(own.body, "żółć") != NULL, "the whole name stands in the detail: %s", own.body);
	calling_close(&own);
}

static void look_at_indicators(void)
{
	const cJSON *card;
	cJSON_ArrayForEach(card, at(own.json, "cards"))
	{
		const char *indicator = text_at(card, "indicator");
		CHECK(strcmp(indicator, "info") == 0 || strcmp(indicator, "warning") == 0 || strcmp(indicator, "critical") == 0,
		      "an indicator is %s", indicator);
	}
}

static void indicators_are_three(void)
{
	each_answer(look_at_indicators);
	/* A rule with another severity is refused when it is loaded. */
	static const char rule[] = "pack { name = \"bad\", version = \"1.0.0\", publisher = \"x\", language = \"1\" }\n"
				   "contraindication \"bad\" { title = \"Bad\", severity = \"fatal\", status = \"active\",\n"
				   "  when_ordering = \"anything\", if_all = { age_at_least \"1 year\" }, warn = \"Bad.\" }\n";
	char folder[] = "/tmp/vigil-pack-XXXXXX", file[64];
	const char *folders[] = {mkdtemp(folder)};
	snprintf(file, sizeof file, "%s/pack.lua", folder);
	FILE *out = fopen(file, "w");
	fputs(rule, out);
	fclose(out);
	vg_service_config config = {.workers = 1, .engine = VIGIL_CONFIG_INIT};
	vg_service *service = NULL;
	config.engine.rule_dirs = folders;
	config.engine.rule_dir_count = 1;
	CHECK(vg_service_open(&config, NULL, &service, NULL) != VIGIL_OK, "a severity of nobody is loaded");
	vg_service_close(service);
	unlink(file);
	rmdir(folder);
}

static void look_at_sources(void)
{
	const cJSON *card;
	cJSON_ArrayForEach(card, at(own.json, "cards"))
	{
		const char *url = text_at(card, "source/url");
		CHECK(text_at(card, "source/label") && *text_at(card, "source/label"), "a source has no label: %s", own.body);
		CHECK(!url || strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0, "%s is not absolute", url);
		CHECK(text_at(card, "source/topic/code") && text_at(card, "source/topic/system"), "a topic is not whole");
	}
}
static void sources_are_whole(void) { each_answer(look_at_sources); }

static void patients_texts_are_escaped(void)
{
	static const char request[] = HEAD("order-sign") ORDERS(
	    ENTRY(DRUG("o1", "draft", "197805",
		       "<img src=x onerror=alert(1)> [click](https://evil.test) *bold* `code` &amp; |x|"))) "," ON_WARFARIN "}";
	if (!open_it())
		return;
	CHECK(call_hook(&own, "vigil-order-sign", request) == 200 && card_count(&own) > 0, "it is %d: %s", own.status,
	      own.body);
	const char *detail = said(&own, "cards/0/detail");
	CHECK(strstr(detail, "img"), "the name is shown: %s", detail);
	CHECK(!strstr(detail, "<img") && strstr(detail, "\\[click\\](https") && !strstr(detail, " *bold*") &&
		  !strstr(detail, " `code`"),
	      "markup comes out of a patient's text: %s", detail);
	calling_close(&own);
}

static void look_at_behaviour(void)
{
	const cJSON *card;
	cJSON_ArrayForEach(card, at(own.json, "cards"))
	{
		const cJSON *suggestion;
		int recommended = 0;
		CHECK(!at(card, "suggestions") == !at(card, "selectionBehavior"),
		      "suggestions and their behaviour come together");
		cJSON_ArrayForEach(suggestion, at(card, "suggestions"))
		{
			recommended += cJSON_IsTrue(at(suggestion, "isRecommended"));
		}
		CHECK(recommended <= 1, "%d are recommended", recommended);
	}
}
static void suggestions_have_a_behaviour(void) { each_answer(look_at_behaviour); }

static void look_at_suggestions(void)
{
	const cJSON *card, *suggestion;
	int count = 0;
	cJSON_ArrayForEach(card, at(own.json, "cards"))
	{
		cJSON_ArrayForEach(suggestion, at(card, "suggestions"))
		{
			const cJSON *recommended = at(suggestion, "isRecommended");
			count++;
			CHECK(text_at(suggestion, "label") && *text_at(suggestion, "label"), "a suggestion has no label");
			CHECK(!recommended || cJSON_IsBool(recommended), "isRecommended is no boolean");
		}
	}
	CHECK(count > 0, "there are suggestions: %s", own.body);
}
static void suggestions_have_labels(void) { each_answer(look_at_suggestions); }

static void actions_are_whole(void)
{
	int deletions = 0, creations = 0;
	if (!open_it())
		return;
	many_findings();
	const cJSON *card, *suggestion, *action;
	cJSON_ArrayForEach(card, at(own.json, "cards")) cJSON_ArrayForEach(suggestion, at(card, "suggestions"))
	{
		bool created = false;
		cJSON_ArrayForEach(action, at(suggestion, "actions"))
		{
			const char *type = text_at(action, "type");
			CHECK(text_at(action, "description") && *text_at(action, "description"),
			      "an action has no description");
			if (strcmp(type, "delete") == 0) {
				deletions++;
				CHECK(!created, "deletions come first");
				CHECK(text_at(action, "resourceId") && !at(action, "resource"),
				      "a deletion names its resource alone");
			} else {
				created = true;
				creations++;
				CHECK_TEXT(type, "create");
				CHECK(text_at(action, "resource/resourceType") && !at(action, "resource/id") &&
					  !at(action, "resourceId"),
				      "a creation has a new resource");
				CHECK_TEXT(text_at(action, "resource/subject/reference"), "Patient/p1");
			}
		}
	}
	CHECK(deletions >= 2 && creations >= 1, "%d deletions, %d creations", deletions, creations);
	calling_close(&own);
}

static void reasons_are_whole(void)
{
	if (!open_it())
		return;
	many_findings();
	const cJSON *card = card_with(&own, "Amoxicillin"), *reason;
	CHECK(cJSON_GetArraySize(at(card, "overrideReasons")) == 2, "two reasons: %s", own.body);
	cJSON_ArrayForEach(reason, at(card, "overrideReasons"))
	{
		CHECK(text_at(reason, "code") && text_at(reason, "system") && text_at(reason, "display"),
		      "a reason is not whole");
	}
	CHECK_TEXT(text_at(card, "overrideReasons/0/code"), "the-dose-is-known");
	CHECK_TEXT(text_at(card, "overrideReasons/0/system"), "urn:vigil:override-reason");
	calling_close(&own);
}

static void links_are_whole(void)
{
	if (!open_it())
		return;
	many_findings();
	const cJSON *card = card_with(&own, "Amoxicillin");
	CHECK_TEXT(text_at(card, "links/0/label"), "Local guideline");
	CHECK_TEXT(text_at(card, "links/0/url"), "https://guideline.example.org/amoxicillin");
	CHECK_TEXT(text_at(card, "links/0/type"), "absolute");
	CHECK(!at(card, "links/0/appContext"), "appContext is for apps");
	calling_close(&own);
}

static void look_for_empty(void) { CHECK(!has_empty(at(own.json, "cards")), "something is empty: %s", own.body); }
static void nothing_is_empty(void) { each_answer(look_for_empty); }

static void count_uuids(const cJSON *item, char (*seen)[37], int *count)
{
	const char *uuid = cJSON_IsObject(item) ? text_at(item, "uuid") : NULL;
	if (uuid) {
		for (int i = 0; i < *count; i++)
			CHECK(strcmp(seen[i], uuid) != 0, "%s is used twice", uuid);
		if (*count < 64)
			snprintf(seen[(*count)++], 37, "%s", uuid);
	}
	for (const cJSON *child = item->child; child; child = child->next)
		count_uuids(child, seen, count);
}

static void uuids_are_fresh(void)
{
	char seen[64][37];
	int count = 0;
	if (!open_it())
		return;
	for (int i = 0; i < 3; i++) {
		many_findings();
		count_uuids(at(own.json, "cards"), seen, &count);
	}
	CHECK(count >= 21, "cards and suggestions have uuids: %d", count);
	calling_close(&own);
}

static void look_at_extensions(void)
{
	static const char *const known[] = {"io.vigil-cds.answer", "davinci-associated-resource"};
	const cJSON *card, *member;
	cJSON_ArrayForEach(member, own.json)
	{
		CHECK(strcmp(member->string, "cards") == 0 || strcmp(member->string, "extension") == 0,
		      "%s stands beside the cards", member->string);
	}
	CHECK(cJSON_IsObject(at(own.json, "extension")), "the extension is an object");
	CHECK_TEXT(at(own.json, "extension")->child->string, known[0]);
	cJSON_ArrayForEach(card, at(own.json, "cards"))
	{
		const cJSON *extension = at(card, "extension");
		CHECK(!extension || (cJSON_GetArraySize(extension) == 1 && strcmp(extension->child->string, known[1]) == 0),
		      "a card's extension is of one kind");
	}
}
static void strange_things_are_extensions(void) { each_answer(look_at_extensions); }

static void answers_are_fast(void)
{
	int64_t best = INT64_MAX;
	if (!open_it())
		return;
	for (int i = 0; i < 5; i++) {
		int64_t began = vg_milliseconds();
		many_findings();
		int64_t took = vg_milliseconds() - began;
		best = took < best ? took : best;
	}
	CHECK(best < 500, "the best of five took %lld ms", (long long)best);
	calling_close(&own);
}

static void look_for_system_actions(void) { CHECK(!at(own.json, "systemActions"), "the service acts by itself: %s", own.body); }
static void nothing_is_done_unasked(void) { each_answer(look_for_system_actions); }

/* ---- feedback ------------------------------------------------------------------------------ */

#define FEEDBACK "/cds-services/vigil-order-sign/feedback"
#define AT "\"outcomeTimestamp\":\"2026-03-01T12:01:00Z\""

static int feedback(const char *items)
{
	char body[4096];
	snprintf(body, sizeof body, "{\"feedback\":[%s]}", items);
	call(&own, "POST", FEEDBACK, JSON_TYPE, body);
	if (own.status == 200)
		conforms(&own, "FeedbackAnswer", items);
	return own.status;
}

static double number(const char *path) { return cJSON_GetNumberValue(at(own.json, path)); }

static bool with_journal(char *file, size_t size)
{
	static char setting[128];
	char folder[] = "/tmp/vigil-journal-XXXXXX";
	if (!mkdtemp(folder))
		return false;
	snprintf(file, size, "%s/journal.db", folder);
	snprintf(setting, sizeof setting, "journal.file=%s", file);
	return calling_open(&own, (const char *const[]){setting, NULL});
}

static void drop_journal(char *file)
{
	static const char *const suffixes[] = {"", ".key", "-wal", "-shm", ".checkpoint"};
	char name[128];
	calling_close(&own);
	for (size_t i = 0; i < VG_COUNT(suffixes); i++) {
		snprintf(name, sizeof name, "%s%s", file, suffixes[i]);
		unlink(name);
	}
	*strrchr(file, '/') = '\0';
	rmdir(file);
}

static void takes_feedback(void)
{
	char file[96], items[1024], uuid[37];
	if (!with_journal(file, sizeof file))
		return;
	call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN);
	snprintf(uuid, sizeof uuid, "%s", said(&own, "cards/0/uuid"));
	call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN); /* a later call: the first card is of an earlier hookInstance */
	snprintf(items, sizeof items,
		 "{\"card\":\"%s\",\"outcome\":\"accepted\",\"acceptedSuggestions\":[{\"id\":\"s\"}]," AT
		 "},{\"card\":\"%s\",\"outcome\":\"overridden\"," AT "}",
		 uuid, uuid);
	CHECK(feedback(items) == 200, "feedback is %d: %s", own.status, own.body);
	CHECK(number("received") == 2 && number("stored") == 2 && number("unmatched") == 0, "several items: %s", own.body);
	CHECK(feedback(items) == 200 && number("stored") == 2, "again: %s", own.body);
	drop_journal(file);
}

static void requires_parts_of_feedback(void)
{
	static const char *const bad[] = {"{\"outcome\":\"overridden\"," AT "}",
					  "{\"card\":\"c\"," AT "}",
					  "{\"card\":\"c\",\"outcome\":\"ignored\"," AT "}",
					  "{\"card\":\"c\",\"outcome\":\"overridden\"}",
					  "{\"card\":\"c\",\"outcome\":\"overridden\",\"outcomeTimestamp\":\"2026-03-01\"}",
					  "{\"card\":\"c\",\"outcome\":\"accepted\"," AT "}",
					  "{\"card\":\"c\",\"outcome\":\"accepted\",\"acceptedSuggestions\":[]," AT "}",
					  "{\"card\":\"c\",\"outcome\":\"accepted\",\"acceptedSuggestions\":[{}]," AT "}",
					  "{\"card\":\"c\",\"outcome\":\"overridden\",\"overrideReason\":{}," AT "}",
					  "7"};
	if (!open_it())
		return;
	for (size_t i = 0; i < VG_COUNT(bad); i++)
		CHECK(feedback(bad[i]) == 400, "%s is %d", bad[i], own.status);
	CHECK(call(&own, "POST", FEEDBACK, JSON_TYPE, "{}") == 400 && call(&own, "POST", FEEDBACK, JSON_TYPE, "x") == 400,
	      "no list is %d", own.status);
	CHECK(call(&own, "POST", "/cds-services/vigil-tea-time/feedback", JSON_TYPE, "{\"feedback\":[]}") == 404,
	      "an unknown service is %d", own.status);
	calling_close(&own);
}

static void takes_any_reason(void)
{
	static const char *const good[] = {
	    "{\"card\":\"c\",\"outcome\":\"overridden\",\"overrideReason\":{\"reason\":{\"code\":\"x\",\"system\":\"https://"
	    "y.test\"}}," AT "}",
	    "{\"card\":\"c\",\"outcome\":\"overridden\",\"overrideReason\":{\"userComment\":\"busy\"}," AT "}",
	    "{\"card\":\"c\",\"outcome\":\"overridden\",\"overrideReason\":{\"reason\":{\"code\":\"of-the-client\",\"system\":"
	    "\"z\",\"display\":\"d\"},"
	    "\"userComment\":\"x\"}," AT "}",
	    "{\"card\":\"c\",\"outcome\":\"overridden\"," AT "}"};
	if (!open_it())
		return;
	for (size_t i = 0; i < VG_COUNT(good); i++)
		CHECK(feedback(good[i]) == 200, "%s is %d: %s", good[i], own.status, own.body);
	calling_close(&own);
}

static void keeps_the_good_items(void)
{
	char file[96];
	if (!with_journal(file, sizeof file))
		return;
	CHECK(feedback("{\"card\":\"x\",\"outcome\":\"ignored\"," AT "},{\"card\":\"unknown\",\"outcome\":\"overridden\"," AT
		       "}") == 200,
	      "a bad item loses the good one: %d", own.status);
	CHECK(number("received") == 2 && number("stored") == 1 && number("unmatched") == 1 && number("refused/0/index") == 0,
	      "it says %s", own.body);
	drop_journal(file);
}

const test_case test_cases_items_answer[] = {
    {"what is dated ahead is counted", counts_what_is_dated_ahead},
    {"item 24: cards, and none where there is nothing to say", answers_with_cards},
    {"item 25: summaries are shorter than 140 characters", summaries_are_short},
    {"item 26: indicators are info, warning or critical", indicators_are_three},
    {"item 27: sources have labels, absolute URLs, whole topics", sources_are_whole},
    {"item 28: no markup comes out of a patient's text", patients_texts_are_escaped},
    {"item 29: suggestions have a behaviour", suggestions_have_a_behaviour},
    {"item 30: suggestions have labels", suggestions_have_labels},
    {"item 31: actions are whole, deletions first", actions_are_whole},
    {"item 32: override reasons are whole, their codes stable", reasons_are_whole},
    {"item 33: links are whole", links_are_whole},
    {"item 34: nothing is null or empty", nothing_is_empty},
    {"item 35: uuids of cards and suggestions are fresh", uuids_are_fresh},
    {"item 36: what is not in the specification is in an extension", strange_things_are_extensions},
    {"item 37: an answer comes within half a second", answers_are_fast},
    {"item 38: nothing is done unasked", nothing_is_done_unasked},
    {"item 39: feedback in batches, again, and of earlier calls", takes_feedback},
    {"item 40: what feedback must have", requires_parts_of_feedback},
    {"item 41: reasons without display, and of the client's own", takes_any_reason},
    {"item 42: an unknown card is kept, and a bad item loses no good one", keeps_the_good_items},
    {0}};
