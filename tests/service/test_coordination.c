/* order-select and order-sign together: what was shown is not repeated while nothing changed, and only when the client asks. */
#include "calling.h"

#include <stdio.h>
#include <string.h>

static calling own;
static char mark[65];

#define DOSE(amount)                                                                                                           \
	"{\"resourceType\":\"MedicationRequest\",\"id\":\"o1\",\"status\":\"draft\",\"intent\":\"order\",\"subject\":{"        \
	"\"reference\":"                                                                                                       \
	"\"Patient/p1\"},\"medicationCodeableConcept\":" CODED(                                                                \
	    RX, "197805", "ibuprofen 400 MG Oral Tablet") ",\"dosageInstruction\":[{\"text\":\"" amount "\"}]}"
#define ASKED(marks) "\"extension\":{\"io.vigil-cds.coordination\":{\"shown\":[" marks "]}},"
#define SELECT_ORDER(extension, order)                                                                                         \
	HEAD("order-select")                                                                                                   \
	extension "\"context\":{\"userId\":\"Practitioner/1\",\"patientId\":\"p1\",\"selections\":[\"MedicationRequest/"       \
		  "o1\"],\"draftOrders\":" SET(ENTRY(order)) "}," ON_WARFARIN "}"

/* order-sign with the mark that was shown. */
static int sign(const char *extension, const char *order, const char *prefetch)
{
	char body[8192];
	snprintf(body, sizeof body,
		 HEAD("order-sign") "%s\"context\":{\"userId\":\"Practitioner/1\",\"patientId\":\"p1\",\"draftOrders\":" SET(
		     "{\"resource\":%s}") "},%s}",
		 extension, order, prefetch);
	return call_hook(&own, "vigil-order-sign", body);
}

static const char *with_mark(void)
{
	static char extension[160];
	snprintf(extension, sizeof extension, ASKED("\"%s\""), mark);
	return extension;
}

static bool select_it(void)
{
	if (!calling_open(&own, NULL))
		return false;
	CHECK(call_hook(&own, "vigil-order-select", SELECT_ORDER("", DOSE("one"))) == 200 && !strstr(own.body, "\"mark\""),
	      "marks unasked: %s", own.body);
	CHECK(call_hook(&own, "vigil-order-select", SELECT_ORDER(ASKED(""), DOSE("one"))) == 200 && card_count(&own) == 1,
	      "it is %d: %s", own.status, own.body);
	snprintf(mark, sizeof mark, "%s", said(&own, EXTENSION "rules/0/mark"));
	CHECK(strlen(mark) == 64, "a finding has a mark: %s", own.body);
	return true;
}

static void repeats_unless_asked(void)
{
	if (!select_it())
		return;
	CHECK(sign("", DOSE("one"), ON_WARFARIN) == 200 && card_count(&own) == 1, "without the extension it is %d cards",
	      card_count(&own));
	CHECK(sign(ASKED(""), DOSE("one"), ON_WARFARIN) == 200 && card_count(&own) == 1, "without a mark it is %d cards",
	      card_count(&own));
	CHECK(sign(ASKED("\"x\",7,null"), DOSE("one"), ON_WARFARIN) == 200 && card_count(&own) == 1,
	      "with other marks it is %d cards", card_count(&own));
	calling_close(&own);
}

static void leaves_out_what_was_shown(void)
{
	if (!select_it())
		return;
	CHECK(sign(with_mark(), DOSE("one"), ON_WARFARIN) == 200 && card_count(&own) == 0,
	      "shown and unchanged it is %d cards: %s", card_count(&own), own.body);
	CHECK_TEXT(outcome_of(&own, "warfarin-nsaid"), "suppressed");
	CHECK_TEXT(said(&own, EXTENSION "rules/0/reason"), "shown before and unchanged");
	CHECK(call_hook(&own, "vigil-order-select", SELECT_ORDER(ASKED(""), DOSE("one"))) == 200 && card_count(&own) == 1,
	      "at select it is shown again");
	calling_close(&own);
}

static void repeats_what_changed(void)
{
#define TAKES(id, code, status) SECTIONS(SET(ENTRY(DRUG(id, status, code, "warfarin sodium 5 MG Oral Tablet"))), EMPTY)
	static const struct {
		const char *what, *order, *prefetch;
	} cases[] = {{"another dose", DOSE("two"), ON_WARFARIN},
		     {"another drug", DRUG("o1", "draft", "198014", "naproxen 500 MG Oral Tablet"), ON_WARFARIN},
		     {"another order", DRUG("o2", "draft", "197805", "ibuprofen 400 MG Oral Tablet"), ON_WARFARIN},
		     {"another severity", DOSE("one"),
		      SECTIONS(SET(ENTRY(TAKES_WARFARIN)),
			       SET(ENTRY("{\"resourceType\":\"Observation\",\"id\":\"i1\",\"status\":\"final\",\"subject\":{"
					 "\"reference\":\"Patient/p1\"},\"effectiveDateTime\":\"@2@\",\"code\":" CODED(
					     "http://loinc.org", "6301-6",
					     "INR") ",\"valueQuantity\":{\"value\":5,\"unit\":\"1\",\"system\":\"http://"
						    "unitsofmeasure.org\",\"code\":\"1\"}}")))},
		     {"another entry of the chart", DOSE("one"), TAKES("m9", "855332", "active")},
		     {"the chart's entry changed", DOSE("one"), TAKES("m1", "855332", "on-hold")}};
	if (!select_it())
		return;
	for (size_t i = 0; i < VG_COUNT(cases); i++)
		CHECK(sign(with_mark(), cases[i].order, cases[i].prefetch) == 200 && card_with(&own, "warfarin"),
		      "%s is not shown again: %s", cases[i].what, own.body);
	calling_close(&own);
}

static void an_order_without_an_id_has_no_mark(void)
{
	static const char order[] =
	    "{\"resourceType\":\"MedicationRequest\",\"status\":\"draft\",\"intent\":\"order\",\"subject\":{\"reference\":"
	    "\"Patient/p1\"},\"medicationCodeableConcept\":" CODED(RX, "197805", "ibuprofen 400 MG Oral Tablet") "}";
	if (!calling_open(&own, NULL))
		return;
	CHECK(sign(ASKED(""), order, ON_WARFARIN) == 200 && card_count(&own) == 1 && !strstr(own.body, "\"mark\""),
	      "nobody could tell whether it changed: %s", own.body);
	calling_close(&own);
}

const test_case test_cases_coordination[] = {{"findings are repeated unless the client asks", repeats_unless_asked},
					     {"what was shown is left out, and said", leaves_out_what_was_shown},
					     {"what changed in between is shown again", repeats_what_changed},
					     {"what has no id has no mark", an_order_without_an_id_has_no_mark},
					     {0}};
