/* Somebody whose chart says that he has died: what is listed is not judged, and every answer says so. */
#include "calling.h"

#include <string.h>

static calling own;

#define METFORMIN(id, status) DRUG(id, status, "861007", "metformin hydrochloride 500 MG Oral Tablet")
#define LOW_EGFR RESULT("e1", "98979-8", "eGFR", "24", "mL/min/{1.73_m2}")
#define PERSON(death) "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"gender\":\"female\",\"birthDate\":\"1966-01-15\"" death "}"
#define CHART(death)                                                                                                           \
	"\"prefetch\":{\"patient\":" PERSON(death) ",\"medications\":" SET(ENTRY(METFORMIN(                                    \
	    "m1", "active"))) ",\"observations\":" SET(ENTRY(LOW_EGFR)) ",\"allergies\":" EMPTY ",\"conditions\":" EMPTY       \
									",\"procedures\":" EMPTY ",\"immunizations\":" EMPTY   \
									",\"encounters\":" EMPTY ",\"orders\":" EMPTY "}"
#define VIEW(death) HEAD("patient-view") "\"context\":{\"userId\":\"Practitioner/1\",\"patientId\":\"p1\"}," CHART(death) "}"
#define SIGN_IT(death) HEAD("order-sign") ORDERS(ENTRY(METFORMIN("o1", "draft"))) "," CHART(death) "}"
#define RECORD(death) SET(ENTRY(PERSON(death)) "," ENTRY(METFORMIN("m1", "active")) "," ENTRY(LOW_EGFR))
#define ON_A_DAY ",\"deceasedDateTime\":\"2020-02-15\""
#define IN_A_YEAR ",\"deceasedDateTime\":\"2020\""
#define SOME_TIME ",\"deceasedBoolean\":true"
#define NOTICE(when)                                                                                                           \
	"The record says that the patient died" when                                                                           \
	": listed drugs and screenings are not judged, orders are. If that is wrong, correct it."

static void a_card_says_it(void)
{
	static const struct {
		const char *body, *notice, *date;
	} cases[] = {{VIEW(ON_A_DAY), NOTICE(" (2020-02-15)"), "2020-02-15"},
		     {VIEW(IN_A_YEAR), NOTICE(" (2020)"), "2020"},
		     {VIEW(SOME_TIME), NOTICE(""), NULL}};
	if (!calling_open(&own, NULL))
		return;
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		CHECK(call_hook(&own, "vigil-patient-view", cases[i].body) == 200, "%s", own.body);
		CHECK(!card_with(&own, "eGFR") && card_count(&own) == 1, "what is listed is not judged: %s", own.body);
		CHECK_TEXT(said(&own, "cards/0/summary"), cases[i].notice);
		CHECK_TEXT(said(&own, "cards/0/indicator"), "info");
		CHECK_TEXT(said(&own, "cards/0/source/topic/code"), "not_checked");
		if (cases[i].date)
			CHECK_TEXT(said(&own, EXTENSION "deceased"), cases[i].date);
		else
			CHECK(cJSON_IsTrue(at(own.json, EXTENSION "deceased")), "a death without a date: %s", own.body);
		CHECK(is_complete_answer(&own), "nothing is missing: %s", own.body);
	}
	calling_close(&own);
}

static void without_the_card_the_extension_says_it(void)
{
	if (!calling_open(&own, (const char *const[]){"answers.not_checked_card=off", NULL}))
		return;
	CHECK(call_hook(&own, "vigil-patient-view", VIEW(ON_A_DAY)) == 200 && card_count(&own) == 0, "%s", own.body);
	CHECK_TEXT(said(&own, EXTENSION "deceased"), "2020-02-15");
	calling_close(&own);
}

static void orders_are_judged(void)
{
	if (!calling_open(&own, NULL))
		return;
	CHECK(call_hook(&own, "vigil-order-sign", SIGN_IT(ON_A_DAY)) == 200, "%s", own.body);
	CHECK(card_with(&own, "eGFR") && card_with(&own, "not_checked"), "it may be the wrong chart: %s", own.body);
	calling_close(&own);
}

static void of_the_living_nothing_is_said(void)
{
	static const char *const bodies[] = {VIEW(""), VIEW(",\"deceasedBoolean\":false"),
					     VIEW(",\"deceasedDateTime\":\"2199-01-01\"")};
	if (!calling_open(&own, NULL))
		return;
	for (size_t i = 0; i < VG_COUNT(bodies); i++) {
		CHECK(call_hook(&own, "vigil-patient-view", bodies[i]) == 200 && card_with(&own, "eGFR"), "%s", own.body);
		CHECK(!at(own.json, EXTENSION "deceased") && !card_with(&own, "not_checked"), "a death of the living: %s",
		      own.body);
	}
	calling_close(&own);
}

static void the_native_interface_says_it(void)
{
	if (!calling_open(&own, NULL))
		return;
	CHECK(call(&own, "POST", "/v1/evaluate?existing", JSON_TYPE, RECORD(ON_A_DAY)) == 200, "%s", own.body);
	conforms(&own, "Answer", "evaluate");
	CHECK_TEXT(said(&own, "deceased"), "2020-02-15");
	CHECK_TEXT(said(&own, "notices/0"), NOTICE(" (2020-02-15)"));
	CHECK(call(&own, "POST", "/v1/evaluate?as_of=2020-02-14&existing", JSON_TYPE, RECORD(ON_A_DAY)) == 200, "%s", own.body);
	CHECK(!at(own.json, "deceased") && !at(own.json, "notices/0"), "alive the day before: %s", own.body);
	CHECK(call(&own, "POST", "/v1/explain?rule=metformin-low-egfr", JSON_TYPE, RECORD(SOME_TIME)) == 200, "%s", own.body);
	conforms(&own, "Explanations", "explain");
	CHECK_TEXT(said(&own, "explanations/0/notice"), NOTICE(""));
	CHECK(call(&own, "POST", "/v1/explain?rule=metformin-low-egfr", JSON_TYPE, RECORD("")) == 200, "%s", own.body);
	CHECK(!at(own.json, "explanations/0/notice"), "a death of the living: %s", own.body);
	calling_close(&own);
}

const test_case test_cases_deceased[] = {
    {"a card and the extension say it", a_card_says_it},
    {"where the site wants no such card the extension says it", without_the_card_the_extension_says_it},
    {"orders are judged", orders_are_judged},
    {"of the living nothing is said", of_the_living_nothing_is_said},
    {"the native interface says it", the_native_interface_says_it},
    {0}};
