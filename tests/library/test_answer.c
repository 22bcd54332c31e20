/*
 * An answer as JSON and as cards, from an answer put together by hand.
 */
#include <cjson/cJSON.h>
#include <string.h>

#include "library/sample.h"
#include "support/support.h"

/* ---- JSON --------------------------------------------------------------------- */

static char *as_json(vg_arena *arena, const vg_answer *answer, bool trace)
{
	vg_buffer out;
	vg_buffer_init(&out, arena);
	vg_answer_json(answer, trace, &out);
	return (char *)vg_buffer_text(&out);
}

static cJSON *member(const cJSON *object, const char *key) { return cJSON_GetObjectItemCaseSensitive(object, key); }

static const char *text_of(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(member(object, key));
	return text ? text : "(missing)";
}

static void json_has_the_documented_shape(void)
{
	static const char *const top[] = {"schema",      "patient",     "as_of",      "hook",     "packs",
					  "notices",     "alerts",      "screenings", "complete", "not_evaluated",
					  "not_checked", "rule_errors", "counts"};
	vg_arena arena;
	answer_sample sample;
	vg_arena_init(&arena, NULL, 0);
	make_sample(&sample, VG_HOOK_ORDER_SIGN);
	char *text = as_json(&arena, &sample.answer, false);
	cJSON *json = cJSON_ParseWithOpts(text, NULL, 1);
	CHECK(json != NULL, "not JSON: %s", text);
	CHECK(!strchr(text, '\n'), "the document is more than one line");
	for (size_t i = 0; i < VG_COUNT(top); i++)
		CHECK(member(json, top[i]) != NULL, "%s is missing", top[i]);
	CHECK_TEXT(text_of(json, "schema"), "vigil.check/1");
	CHECK_TEXT(text_of(json, "as_of"), "2026-03-01");
	CHECK_TEXT(text_of(json, "hook"), "order-sign");
	const cJSON *alert = cJSON_GetArrayItem(member(json, "alerts"), 0);
	CHECK_TEXT(text_of(alert, "severity"), "critical");
	CHECK_TEXT(text_of(alert, "outcome"), "alert");
	CHECK_TEXT(text_of(alert, "summary"), "Bleeding \"risk\"");
	CHECK_TEXT(text_of(member(alert, "order"), "display"), HOSTILE);
	CHECK_TEXT(text_of(member(alert, "source"), "url"), "https://example.org/p");
	CHECK(!member(alert, "trace"), "a trace that nobody asked for");
	const cJSON *evidence = cJSON_GetArrayItem(member(alert, "evidence"), 1);
	CHECK(!member(evidence, "reference") && !member(evidence, "date") && !member(evidence, "says"),
	      "members without a value are written");
	const cJSON *instead = cJSON_GetArrayItem(member(alert, "suggestions"), 1);
	CHECK_TEXT(text_of(instead, "action"), "order_instead");
	CHECK_TEXT(text_of(instead, "resource"), "MedicationRequest");
	CHECK_TEXT(text_of(member(instead, "code"), "code"), "313782");
	const cJSON *ask = cJSON_GetArrayItem(member(json, "alerts"), 1);
	CHECK_TEXT(text_of(ask, "outcome"), "ask");
	CHECK(cJSON_IsNull(member(ask, "order")), "the order of what is taken already is not null");
	CHECK(cJSON_IsArray(member(ask, "evidence")) && cJSON_IsArray(member(ask, "not_excluded")) &&
		  cJSON_IsArray(member(ask, "suggestions")) && cJSON_IsArray(member(ask, "override_reasons")),
	      "an empty list is missing");
	const cJSON *overdue = cJSON_GetArrayItem(member(json, "screenings"), 0);
	CHECK_TEXT(text_of(overdue, "due"), "2021-05-06");
	CHECK_TEXT(text_of(overdue, "overdue_since"), "2021-05-07");
	CHECK_TEXT(text_of(member(overdue, "last_done"), "date"), "2011-05");
	CHECK(!member(cJSON_GetArrayItem(member(json, "screenings"), 1), "due"), "a due date out of nothing");
	CHECK(cJSON_IsFalse(member(json, "complete")), "an incomplete answer is called complete");
	CHECK_TEXT(text_of(cJSON_GetArrayItem(member(json, "rule_errors"), 0), "code"), "time");
	CHECK(member(member(json, "counts"), "facts")->valueint == 9, "facts are miscounted");
	cJSON_Delete(json);
	vg_arena_free(&arena);
}

static void json_of_nothing(void)
{
	vg_arena arena;
	answer_sample sample;
	vg_arena_init(&arena, NULL, 0);
	make_sample(&sample, VG_HOOK_PATIENT_VIEW);
	sample.answer = (vg_answer){.world = &sample.world,
				    .record = &sample.record,
				    .hook = VG_HOOK_PATIENT_VIEW,
				    .as_of = sample.answer.as_of,
				    .complete = true};
	CHECK_TEXT(
	    as_json(&arena, &sample.answer, true),
	    "{\"schema\":\"vigil.check/1\",\"patient\":\"Patient/p1\",\"as_of\":\"2026-03-01\",\"hook\":\"patient-view\","
	    "\"packs\":[{\"name\":\"test\",\"version\":\"1\",\"digest\":\""
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}],\"notices\":[],\"alerts\":[],\"screenings\":["
	    "],"
	    "\"complete\":true,\"not_evaluated\":[],\"not_checked\":[],\"rule_errors\":[],"
	    "\"counts\":{\"rules\":7,\"candidates\":0,\"facts\":0,\"future_facts\":0}}");
	vg_arena_free(&arena);
}

static void json_trace(void)
{
	vg_arena arena;
	answer_sample sample;
	vg_arena_init(&arena, NULL, 0);
	make_sample(&sample, VG_HOOK_ORDER_SIGN);
	cJSON *json = cJSON_Parse(as_json(&arena, &sample.answer, true));
	const cJSON *trace = member(cJSON_GetArrayItem(member(json, "alerts"), 0), "trace");
	CHECK(cJSON_GetArraySize(trace) == 2, "%d lines of trace", cJSON_GetArraySize(trace));
	CHECK_TEXT(cJSON_GetStringValue(cJSON_GetArrayItem(trace, 1)), "two unknown");
	cJSON_Delete(json);
	vg_arena_free(&arena);
}

/* ---- cards: the checklist of the specification, on every card -------------------- */

static bool fail_uuid(void *user, char out[37])
{
	(void)user;
	out[0] = '\0';
	return false;
}

static cJSON *as_cards(vg_arena *arena, const vg_answer *answer)
{
	vg_derived_uuids derived = {{{7}}, 0};
	vg_uuids uuids = {vg_derived_uuid, &derived, NULL};
	vg_buffer out;
	vg_buffer_init(&out, arena);
	CHECK(vg_answer_cards(answer, &uuids, &out), "cards were not made");
	cJSON *json = cJSON_ParseWithOpts(vg_buffer_text(&out), NULL, 1);
	CHECK(json != NULL, "not JSON: %s", vg_buffer_text(&out));
	return json;
}

/* No null and no empty member, anywhere but `cards: []`. */
static void check_no_empty(const cJSON *item, const char *path)
{
	CHECK(!cJSON_IsNull(item), "%s is null", path);
	CHECK(!(cJSON_IsString(item) && !*item->valuestring), "%s is empty", path);
	CHECK(!((cJSON_IsArray(item) || cJSON_IsObject(item)) && !item->child), "%s is empty", path);
	for (const cJSON *child = item->child; child; child = child->next)
		check_no_empty(child, child->string ? child->string : path);
}

static void check_action(const cJSON *action)
{
	const char *type = text_of(action, "type");
	CHECK(strcmp(type, "create") == 0 || strcmp(type, "delete") == 0, "an action of type %s", type);
	CHECK(member(action, "description") != NULL, "an action without a description");
	if (strcmp(type, "delete") == 0) {
		CHECK(member(action, "resourceId") && !member(action, "resource"),
		      "a deletion needs a resourceId and no resource");
		return;
	}
	const cJSON *resource = member(action, "resource");
	CHECK(resource && !member(action, "resourceId"), "a creation needs a resource and no resourceId");
	CHECK_TEXT(text_of(resource, "status"), "draft");
	CHECK_TEXT(text_of(resource, "intent"), "order");
	CHECK_TEXT(text_of(member(resource, "subject"), "reference"), "Patient/p1");
	CHECK(member(resource, "code") || member(resource, "medicationCodeableConcept"), "a draft order of nothing");
}

static void check_card(const cJSON *card)
{
	const char *summary = text_of(card, "summary"), *indicator = text_of(card, "indicator");
	CHECK(vg_utf8_count(summary) < 140, "a summary of %zu characters", vg_utf8_count(summary));
	CHECK(strcmp(indicator, "info") == 0 || strcmp(indicator, "warning") == 0 || strcmp(indicator, "critical") == 0,
	      "the indicator %s", indicator);
	CHECK(member(card, "uuid") != NULL, "a card without a uuid");
	CHECK(member(member(card, "source"), "label") != NULL, "a source without a label");
	const cJSON *url = member(member(card, "source"), "url");
	CHECK(!url || vg_starts_with(url->valuestring, "https://"), "the source's url is not absolute");
	const cJSON *topic = member(member(card, "source"), "topic");
	CHECK(!topic || (member(topic, "system") && member(topic, "code")), "a topic without system and code");
	const cJSON *suggestions = member(card, "suggestions"), *item, *action;
	CHECK(!suggestions == !member(card, "selectionBehavior"), "selectionBehavior belongs to suggestions");
	cJSON_ArrayForEach(item, suggestions)
	{
		CHECK(member(item, "label") && member(item, "uuid"), "a suggestion without label or uuid");
		cJSON_ArrayForEach(action, member(item, "actions")) check_action(action);
	}
	cJSON_ArrayForEach(item, member(card, "overrideReasons"))
	    CHECK(member(item, "code") && member(item, "system") && member(item, "display"), "an override reason lacks a part");
	cJSON_ArrayForEach(item, member(card, "links"))
	{
		CHECK(member(item, "label") != NULL, "a link without a label");
		CHECK_TEXT(text_of(item, "type"), "absolute");
		CHECK(vg_starts_with(text_of(item, "url"), "https://"), "the link %s", text_of(item, "url"));
	}
	const char *detail = text_of(card, "detail");
	CHECK(!strchr(detail, '<') && !strstr(detail, " [") && !strstr(detail, "p://"), "markup of a record in a detail: %s",
	      detail);
}

static void cards_obey_the_specification(void)
{
	static const vg_hook hooks[] = {VG_HOOK_ORDER_SIGN, VG_HOOK_PATIENT_VIEW};
	vg_arena arena;
	answer_sample sample;
	vg_arena_init(&arena, NULL, 0);
	for (size_t i = 0; i < VG_COUNT(hooks); i++) {
		make_sample(&sample, hooks[i]);
		cJSON *json = as_cards(&arena, &sample.answer);
		const cJSON *card;
		check_no_empty(member(json, "cards"), "cards");
		cJSON_ArrayForEach(card, member(json, "cards")) check_card(card);
		cJSON_Delete(json);
	}
	vg_arena_free(&arena);
}

static void cards_in_order(void)
{
	vg_arena arena;
	answer_sample sample;
	vg_arena_init(&arena, NULL, 0);
	make_sample(&sample, VG_HOOK_ORDER_SIGN);
	cJSON *json = as_cards(&arena, &sample.answer);
	const cJSON *cards = member(json, "cards");
	CHECK(cJSON_GetArraySize(cards) == 4, "%d cards at order-sign: three alerts and what was not checked are four",
	      cJSON_GetArraySize(cards));
	const cJSON *first = cJSON_GetArrayItem(cards, 0);
	const cJSON *instead = cJSON_GetArrayItem(member(first, "suggestions"), 1);
	CHECK_TEXT(text_of(cJSON_GetArrayItem(member(instead, "actions"), 0), "type"), "delete");
	CHECK_TEXT(text_of(cJSON_GetArrayItem(member(instead, "actions"), 1), "type"), "create");
	CHECK_TEXT(text_of(cJSON_GetArrayItem(member(instead, "actions"), 0), "resourceId"), "MedicationRequest/o1");
	CHECK(cJSON_GetArraySize(member(first, "links")) == 1, "only the absolute link is a link");
	CHECK_TEXT(text_of(cJSON_GetArrayItem(member(first, "overrideReasons"), 0), "code"), "benefit-outweighs-risk");
	CHECK(strstr(text_of(first, "detail"), "in hospice") != NULL, "what was not excluded is not said");
	const cJSON *second = cJSON_GetArrayItem(cards, 1);
	CHECK(strstr(text_of(second, "detail"), "very end") != NULL, "the end of a long summary is lost: %s",
	      text_of(second, "detail"));
	CHECK_TEXT(text_of(cJSON_GetArrayItem(cards, 2), "summary"), "(shadow) In the shadow");
	const cJSON *last = cJSON_GetArrayItem(cards, 3);
	CHECK_TEXT(text_of(last, "summary"), "Interactions could not be checked: no medication list.");
	CHECK_TEXT(text_of(last, "indicator"), "info");
	CHECK(strstr(text_of(last, "detail"), "drug code not known") && strstr(text_of(last, "detail"), "took too long"),
	      "a gap is not named: %s", text_of(last, "detail"));
	cJSON_Delete(json);
	vg_arena_free(&arena);
}

static void screenings_at_chart_opening_only(void)
{
	vg_arena arena;
	answer_sample sample;
	vg_arena_init(&arena, NULL, 0);
	make_sample(&sample, VG_HOOK_PATIENT_VIEW);
	cJSON *json = as_cards(&arena, &sample.answer);
	const cJSON *cards = member(json, "cards");
	CHECK(cJSON_GetArraySize(cards) == 6, "%d cards: overdue and due soon come on top of four", cJSON_GetArraySize(cards));
	const cJSON *overdue = cJSON_GetArrayItem(cards, 3);
	CHECK_TEXT(text_of(overdue, "summary"), "Colorectal cancer screening: overdue since 2021-05-07");
	CHECK_TEXT(text_of(overdue, "indicator"), "info");
	CHECK_TEXT(text_of(member(overdue, "source"), "label"), "USPSTF");
	CHECK_TEXT(text_of(cJSON_GetArrayItem(cards, 4), "summary"), "Colorectal cancer screening: due on 2026-04-01");
	cJSON_Delete(json);
	vg_arena_free(&arena);
}

static void many_undetermined_are_one_card(void)
{
	vg_arena arena;
	answer_sample sample;
	vg_arena_init(&arena, NULL, 0);
	make_sample(&sample, VG_HOOK_PATIENT_VIEW);
	sample.screenings[2].detail = "Ask " HOSTILE;
	cJSON *json = as_cards(&arena, &sample.answer);
	CHECK(cJSON_GetArraySize(member(json, "cards")) == 7, "one undetermined screening that asks has a card of its own");
	cJSON_Delete(json);
	sample.screenings[3] = sample.screenings[2];
	json = as_cards(&arena, &sample.answer);
	const cJSON *cards = member(json, "cards"), *item;
	CHECK(cJSON_GetArraySize(cards) == 6, "%d cards: two undetermined ones are one card", cJSON_GetArraySize(cards));
	CHECK_TEXT(text_of(cJSON_GetArrayItem(cards, 4), "summary"), "2 preventive services could not be determined");
	cJSON_ArrayForEach(item, cards) check_card(item);
	cJSON_Delete(json);
	vg_arena_free(&arena);
}

static void nothing_to_say(void)
{
	vg_arena arena;
	answer_sample sample;
	vg_buffer out;
	vg_derived_uuids derived = {{{7}}, 0};
	vg_uuids uuids = {vg_derived_uuid, &derived, NULL};
	vg_arena_init(&arena, NULL, 0);
	make_sample(&sample, VG_HOOK_ORDER_SIGN);
	sample.answer =
	    (vg_answer){.world = &sample.world, .record = &sample.record, .hook = VG_HOOK_ORDER_SIGN, .complete = true};
	vg_buffer_init(&out, &arena);
	CHECK(vg_answer_cards(&sample.answer, &uuids, &out), "an empty answer has no cards, and that is an answer");
	CHECK_TEXT(vg_buffer_text(&out), "{\"cards\":[]}");
	vg_arena_free(&arena);
}

static void no_uuid_no_cards(void)
{
	vg_arena arena;
	answer_sample sample;
	vg_buffer out;
	vg_uuids uuids = {fail_uuid, NULL, NULL};
	vg_arena_init(&arena, NULL, 0);
	make_sample(&sample, VG_HOOK_ORDER_SIGN);
	vg_buffer_init(&out, &arena);
	CHECK(!vg_answer_cards(&sample.answer, &uuids, &out), "cards without uuids were called whole");
	vg_arena_free(&arena);
}

/* Every allocation failed in turn: the text is whole, or there is none. */
static void memory_fails(void)
{
	answer_sample sample;
	make_sample(&sample, VG_HOOK_PATIENT_VIEW);
	char *whole = NULL;
	vg_arena keep;
	vg_arena_init(&keep, NULL, 0);
	for (size_t fail_at = 0; fail_at < 60; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		vg_allocator allocator = {test_resize, &state};
		vg_arena arena;
		vg_derived_uuids derived = {{{7}}, 0};
		vg_uuids uuids = {vg_derived_uuid, &derived, NULL};
		vg_buffer json, cards;
		vg_arena_init(&arena, &allocator, 0);
		vg_buffer_init(&json, &arena);
		vg_buffer_init(&cards, &arena);
		vg_answer_json(&sample.answer, true, &json);
		bool made = vg_answer_cards(&sample.answer, &uuids, &cards);
		if (fail_at == 0) {
			whole = vg_format(&keep, "%s%s", vg_buffer_text(&json), vg_buffer_text(&cards));
		} else if (made && vg_buffer_text(&json)) {
			CHECK_TEXT(vg_format(&keep, "%s%s", vg_buffer_text(&json), vg_buffer_text(&cards)), whole);
		}
		vg_arena_free(&arena);
		CHECK(state.live_blocks == 0, "%zu blocks are left after failure %zu", state.live_blocks, fail_at);
	}
	vg_arena_free(&keep);
}

const test_case test_cases_answer[] = {{"JSON has the documented shape", json_has_the_documented_shape},
				       {"JSON of an answer with nothing in it", json_of_nothing},
				       {"a trace is an array of lines", json_trace},
				       {"every card obeys the specification's checklist", cards_obey_the_specification},
				       {"cards come in the answer's order and say everything", cards_in_order},
				       {"screenings become cards at chart opening only", screenings_at_chart_opening_only},
				       {"several undetermined screenings are one card", many_undetermined_are_one_card},
				       {"nothing to say is an empty list of cards", nothing_to_say},
				       {"without uuids there are no cards", no_uuid_no_cards},
				       {"when memory runs out the text is whole or missing", memory_fails},
				       {0}};
