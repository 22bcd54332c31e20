/*
 * Workers: requests, their checks, results, and what happens to them when a
 * record is closed or memory runs out.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "library/sample.h"
#include "support/support.h"

typedef struct test_bench {
	vigil_engine *engine;
	vigil_worker *worker;
	vigil_error error;
	vigil_json order;
	vigil_request request;
} test_bench;

static bool set_up(test_bench *bench, const char *order)
{
	memset(bench, 0, sizeof *bench);
	bench->error = (vigil_error)VIGIL_ERROR_INIT;
	bench->request = (vigil_request)VIGIL_REQUEST_INIT;
	bench->engine = open_test_engine();
	if (!bench->engine)
		return false;
	CHECK(vigil_worker_open(bench->engine, &bench->worker, &bench->error) == VIGIL_OK, "%s", bench->error.text);
	bench->request.json = test_record;
	bench->request.json_length = strlen(test_record);
	bench->request.as_of = "2026-03-01";
	if (order) {
		bench->order = (vigil_json){order, strlen(order)};
		bench->request.orders = &bench->order;
		bench->request.order_count = 1;
	}
	return bench->worker != NULL;
}

static void tear_down(test_bench *bench)
{
	vigil_worker_close(bench->worker);
	vigil_engine_close(bench->engine);
}

static const vigil_result *evaluate(test_bench *bench)
{
	const vigil_result *result = NULL;
	vigil_status status = vigil_evaluate(bench->worker, &bench->request, &result, &bench->error);
	CHECK(status == VIGIL_OK, "status %d: %s %s", (int)status, bench->error.text, bench->error.advice);
	return result;
}

static void an_interaction(void)
{
	test_bench bench;
	vigil_alert alert = VIGIL_ALERT_INIT;
	vigil_evidence evidence = VIGIL_EVIDENCE_INIT;
	if (!set_up(&bench, test_ibuprofen))
		return;
	const vigil_result *result = evaluate(&bench);
	CHECK(vigil_result_alert_count(result) == 1, "%zu alerts", vigil_result_alert_count(result));
	CHECK(vigil_result_alert(result, 0, &alert) == VIGIL_OK, "the alert cannot be read");
	CHECK_TEXT(alert.rule, "t01");
	CHECK_TEXT(alert.kind, "interaction");
	CHECK_TEXT(alert.status, "active");
	CHECK_TEXT(alert.outcome, "alert");
	CHECK(alert.severity == VIGIL_SEVERITY_WARNING, "severity %d", (int)alert.severity);
	CHECK_TEXT(alert.order_reference, "MedicationRequest/o1");
	CHECK(alert.evidence_count >= 1, "an alert without evidence");
	bool warfarin = false;
	for (size_t i = 0; i < alert.evidence_count; i++) {
		CHECK(vigil_result_evidence(result, 0, i, &evidence) == VIGIL_OK, "evidence %zu cannot be read", i);
		warfarin = warfarin || (evidence.reference && strcmp(evidence.reference, "MedicationRequest/m1") == 0);
	}
	CHECK(warfarin, "the alert does not name the warfarin that it rests on");
	CHECK(alert.source_label && *alert.source_label, "an alert without a source");
	tear_down(&bench);
}

static void a_screening(void)
{
	test_bench bench;
	vigil_screening screening = VIGIL_SCREENING_INIT;
	if (!set_up(&bench, NULL))
		return;
	const vigil_result *result = evaluate(&bench);
	CHECK(vigil_result_screening_count(result) == 1, "%zu screenings", vigil_result_screening_count(result));
	CHECK(vigil_result_screening(result, 0, &screening) == VIGIL_OK, "the screening cannot be read");
	CHECK_TEXT(screening.rule, "colonoscopy");
	CHECK_TEXT(screening.status, "overdue");
	CHECK_TEXT(screening.due, "2011-01-15");
	CHECK_TEXT(screening.overdue_since, "2011-01-16");
	CHECK(screening.last_done_date == NULL, "a last time that never was: %s", screening.last_done_date);
	tear_down(&bench);
}

static void no_screenings(void)
{
	test_bench bench;
	if (!set_up(&bench, test_ibuprofen))
		return;
	bench.request.no_screenings = 1;
	bench.request.not_supplied = "procedures"; /* a screening would be a gap */
	const vigil_result *result = evaluate(&bench);
	CHECK(vigil_result_screening_count(result) == 0 && vigil_result_alert_count(result) == 1, "%zu screenings, %zu alerts",
	      vigil_result_screening_count(result), vigil_result_alert_count(result));
	const char *json = vigil_result_json(result);
	CHECK(json && !strstr(json, "colonoscopy"), "a screening that nobody asked for is told: %s", json);
	bench.request.no_screenings = 0;
	json = vigil_result_json(evaluate(&bench));
	CHECK(json && strstr(json, "colonoscopy"), "it is not told when it is asked for: %s", json);
	tear_down(&bench);
}

static void asks_and_gaps(void)
{
	test_bench bench;
	vigil_gap gap = VIGIL_GAP_INIT;
	if (!set_up(&bench, test_metformin))
		return;
	vigil_alert alert = VIGIL_ALERT_INIT;
	const vigil_result *result = evaluate(&bench);
	vigil_result_alert(result, 0, &alert);
	CHECK_TEXT(alert.rule, "metformin-low-egfr");
	CHECK(alert.severity == VIGIL_SEVERITY_CRITICAL, "severity %d", (int)alert.severity);
	bench.request.as_of = "2028-03-01"; /* the eGFR is two years old by then */
	result = evaluate(&bench);
	CHECK(!vigil_result_complete(result), "an answer with an unknown rule is called complete");
	CHECK(vigil_result_alert_count(result) == 1 && vigil_result_alert(result, 0, &alert) == VIGIL_OK,
	      "the rule does not ask");
	CHECK_TEXT(alert.outcome, "ask");
	CHECK(vigil_result_gap_count(result) >= 1, "the gap is not told");
	bool told = false;
	for (size_t i = 0; i < vigil_result_gap_count(result); i++) {
		CHECK(vigil_result_gap(result, i, &gap) == VIGIL_OK, "a gap cannot be read");
		told = told || (gap.rule && strcmp(gap.rule, "metformin-low-egfr") == 0);
	}
	CHECK(told, "the rule that could not be evaluated is not named");
	tear_down(&bench);
}

static void sections_of_the_request(void)
{
	test_bench bench;
	if (!set_up(&bench, test_ibuprofen))
		return;
	bench.request.not_supplied = "medications";
	const vigil_result *result = evaluate(&bench);
	CHECK(!vigil_result_complete(result), "an answer without the medications is called complete");
	CHECK(vg_result_answer(result)->notice_count > 0, "no notice says that interactions could not be checked");
	vigil_gap last = VIGIL_GAP_INIT;
	vigil_result_gap(result, vigil_result_gap_count(result) - 1, &last);
	CHECK(!last.rule && !last.reference && last.text, "the notice is not among the gaps");
	bench.request.not_supplied = NULL;
	result = evaluate(&bench);
	CHECK(vg_result_answer(result)->notice_count == 0, "the sections of one request stuck to the next");
	bench.request.not_supplied = "medicine";
	CHECK(vigil_evaluate(bench.worker, &bench.request, &result, &bench.error) == VIGIL_WRONG_USE, "an unknown section: %s",
	      bench.error.text);
	tear_down(&bench);
}

static void parse_once_evaluate_often(void)
{
	test_bench bench;
	vigil_record *record = NULL;
	if (!set_up(&bench, test_ibuprofen))
		return;
	CHECK(vigil_record_read(bench.engine, test_record, strlen(test_record), &record, &bench.error) == VIGIL_OK, "%s",
	      bench.error.text);
	char once[20000];
	snprintf(once, sizeof once, "%s", vigil_result_json(evaluate(&bench)));
	bench.request.json = NULL;
	bench.request.record = record;
	bench.request.not_supplied = "allergies";
	evaluate(&bench);
	bench.request.not_supplied = NULL;
	CHECK_TEXT(vigil_result_json(evaluate(&bench)), once);
	const vigil_result *result = evaluate(&bench);
	vigil_record_close(record);
	vigil_engine_reload(bench.engine, NULL, NULL);
	CHECK_TEXT(vigil_result_json(result), once);
	tear_down(&bench);
}

static void wrong_requests(void)
{
	test_bench bench;
	const vigil_result *result = NULL;
	if (!set_up(&bench, test_ibuprofen))
		return;
	vigil_request good = bench.request;
#define REFUSED(why)                                                                                                           \
	CHECK(vigil_evaluate(bench.worker, &bench.request, &result, &bench.error) == VIGIL_WRONG_USE && !result &&             \
		  *bench.error.text,                                                                                           \
	      "accepted: %s", why);                                                                                            \
	bench.request = good
	bench.request.json = NULL;
	REFUSED("neither record nor text");
	bench.request.record = (const vigil_record *)&bench;
	REFUSED("both record and text");
	bench.request.as_of = NULL;
	REFUSED("no day of evaluation");
	bench.request.as_of = "2026-03";
	REFUSED("a partial date");
	bench.request.as_of = "yesterday";
	REFUSED("no date");
	bench.request.orders = NULL;
	REFUSED("a count without orders");
	bench.request.hook = "order-sing";
	REFUSED("an unknown hook");
	CHECK(strstr(bench.error.advice, "order-sign") != NULL, "no \"did you mean\": %s", bench.error.advice);
	bench.request.size = 3;
	REFUSED("a size that is too small");
	vigil_json nothing = {NULL, 0};
	bench.request.orders = &nothing;
	REFUSED("an order without text");
#undef REFUSED
	CHECK(vigil_evaluate(NULL, &good, &result, &bench.error) == VIGIL_WRONG_USE, "no worker");
	CHECK(vigil_evaluate(bench.worker, NULL, &result, &bench.error) == VIGIL_WRONG_USE, "no request");
	CHECK(vigil_evaluate(bench.worker, &good, NULL, &bench.error) == VIGIL_WRONG_USE, "nowhere to put the result");
	CHECK(vigil_worker_open(NULL, &bench.worker, &bench.error) == VIGIL_WRONG_USE, "no engine");
	CHECK(vigil_record_read(bench.engine, NULL, 0, NULL, &bench.error) == VIGIL_WRONG_USE, "nothing to read");
	CHECK(evaluate(&bench) != NULL, "after refusals the worker does not work");
	tear_down(&bench);
}

static void bad_inputs_name_their_place(void)
{
	test_bench bench;
	const vigil_result *result = NULL;
	if (!set_up(&bench, test_ibuprofen))
		return;
	vigil_json orders[2] = {{test_ibuprofen, strlen(test_ibuprofen)}, {"{\"resourceType\":", 16}};
	bench.request.orders = orders;
	bench.request.order_count = 2;
	CHECK(vigil_evaluate(bench.worker, &bench.request, &result, &bench.error) == VIGIL_BAD_INPUT, "a cut order was read");
	CHECK_TEXT(bench.error.file, "orders[1]");
	static const char other[] =
	    "{\"resourceType\":\"MedicationRequest\",\"id\":\"o9\",\"status\":\"draft\",\"intent\":\"order\","
	    "\"subject\":{\"reference\":\"Patient/other\"},\"medicationCodeableConcept\":{\"text\":\"x\"}}";
	orders[1] = (vigil_json){other, strlen(other)};
	CHECK(vigil_evaluate(bench.worker, &bench.request, &result, &bench.error) == VIGIL_BAD_INPUT,
	      "another patient's order was read");
	bench.request.json_length = 100;
	CHECK(vigil_evaluate(bench.worker, &bench.request, &result, &bench.error) == VIGIL_BAD_INPUT, "a cut record was read");
	CHECK(result == NULL, "an output was written on failure");
	tear_down(&bench);
}

static const char hooks_request[] =
    "{\"hook\":\"order-sign\",\"hookInstance\":\"1\",\"context\":{\"userId\":\"Practitioner/"
    "1\",\"patientId\":\"p1\",\"draftOrders\":"
    "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":%s}]}},\"prefetch\":{\"patient\":"
    "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"gender\":\"female\",\"birthDate\":\"1966-01-15\"},\"medications\":%s,"
    "\"allergies\":null}}";

static void hooks_of_a_request(void)
{
	test_bench bench;
	char text[20000];
	const vigil_result *result = NULL;
	if (!set_up(&bench, NULL))
		return;
	snprintf(text, sizeof text, hooks_request, test_ibuprofen, test_record);
	bench.request.json = text;
	bench.request.json_length = strlen(text);
	result = evaluate(&bench);
	CHECK(vigil_result_alert_count(result) == 1, "the request's draft order was not judged: %s", vigil_result_json(result));
	bench.request.hook = "order-sign";
	CHECK(vigil_result_alert_count(evaluate(&bench)) == 1, "the same hook again is no contradiction");
	bench.request.hook = "patient-view";
	CHECK(vigil_evaluate(bench.worker, &bench.request, &result, &bench.error) == VIGIL_WRONG_USE,
	      "a hook that contradicts the request");
	bench.request.hook = NULL;
	memcpy(strstr(text, "order-sign"), "order-sinn", 10);
	CHECK(vigil_evaluate(bench.worker, &bench.request, &result, &bench.error) == VIGIL_BAD_INPUT,
	      "an unknown hook in a request");
	tear_down(&bench);
}

static void accessors_check_their_arguments(void)
{
	test_bench bench;
	vigil_alert alert = VIGIL_ALERT_INIT;
	vigil_evidence evidence = VIGIL_EVIDENCE_INIT;
	vigil_screening screening = VIGIL_SCREENING_INIT;
	vigil_gap gap = VIGIL_GAP_INIT;
	if (!set_up(&bench, test_ibuprofen))
		return;
	const vigil_result *result = evaluate(&bench);
	CHECK(vigil_result_alert(result, 1, &alert) == VIGIL_WRONG_USE, "an alert that is not there");
	CHECK(vigil_result_alert(NULL, 0, &alert) == VIGIL_WRONG_USE, "no result");
	CHECK(vigil_result_alert(result, 0, NULL) == VIGIL_WRONG_USE, "nowhere to put the alert");
	alert.size = 8;
	CHECK(vigil_result_alert(result, 0, &alert) == VIGIL_WRONG_USE && !alert.rule,
	      "a structure that is too small was filled");
	CHECK(vigil_result_evidence(result, 0, 99, &evidence) == VIGIL_WRONG_USE, "evidence that is not there");
	CHECK(vigil_result_evidence(result, 9, 0, &evidence) == VIGIL_WRONG_USE, "evidence of no alert");
	CHECK(vigil_result_screening(result, 99, &screening) == VIGIL_WRONG_USE, "a screening that is not there");
	CHECK(vigil_result_gap(result, 99999, &gap) == VIGIL_WRONG_USE, "a gap that is not there");
	CHECK(vigil_result_not_excluded(result, 0, 99) == NULL && vigil_result_trace(result, 0) == NULL,
	      "texts that are not there");
	CHECK(vigil_result_alert_count(NULL) == 0 && vigil_result_screening_count(NULL) == 0 &&
		  vigil_result_gap_count(NULL) == 0 && !vigil_result_complete(NULL) && !vigil_result_json(NULL) &&
		  !vigil_result_cards(NULL),
	      "no result has nothing, and is not complete");
	struct {
		vigil_alert alert;
		char later[64];
	} longer = {VIGIL_ALERT_INIT, "untouched"};
	longer.alert.size = sizeof longer;
	CHECK(vigil_result_alert(result, 0, &longer.alert) == VIGIL_OK && longer.alert.size == sizeof longer, "a later caller");
	CHECK_TEXT(longer.later, "untouched");
	tear_down(&bench);
}

static void traces(void)
{
	test_bench bench;
	if (!set_up(&bench, test_metformin))
		return;
	bench.request.trace = 1;
	const vigil_result *result = evaluate(&bench);
	const char *trace = vigil_result_trace(result, 0);
	CHECK(trace && strstr(trace, "eGFR"), "the trace does not tell the condition: %s", trace ? trace : "(none)");
	CHECK(strstr(vigil_result_json(result), "\"trace\":[") != NULL, "the trace is not in the JSON");
	tear_down(&bench);
}

static void same_request_same_bytes(void)
{
	test_bench bench;
	char json[20000], cards[20000];
	if (!set_up(&bench, test_ibuprofen))
		return;
	const vigil_result *result = evaluate(&bench);
	snprintf(json, sizeof json, "%s", vigil_result_json(result));
	snprintf(cards, sizeof cards, "%s", vigil_result_cards(result));
	for (int i = 0; i < 50; i++) {
		result = evaluate(&bench);
		CHECK(strcmp(vigil_result_json(result), json) == 0, "run %d gives other JSON", i);
		CHECK(strcmp(vigil_result_cards(result), cards) == 0, "run %d gives other cards", i);
	}
	bench.request.as_of = "2026-03-02";
	CHECK(strcmp(vigil_result_cards(evaluate(&bench)), cards) != 0, "another day has the same uuids");
	tear_down(&bench);
}

/* Every allocation of a whole life, failed in turn: the same answer, or VIGIL_NO_MEMORY; nothing is left behind. */
static void memory_fails(void)
{
	char whole[20000] = "";
	size_t calls = 1;
	for (size_t fail_at = 0; fail_at <= calls; fail_at += fail_at < 300 ? 1 : 1 + calls / 200) {
		test_allocator state = {.fail_at = fail_at};
		vigil_config config = VIGIL_CONFIG_INIT;
		vigil_error error = VIGIL_ERROR_INIT;
		vigil_engine *engine = NULL;
		vigil_worker *worker = NULL;
		const vigil_result *result = NULL;
		const vigil_json order = {test_ibuprofen, strlen(test_ibuprofen)};
		vigil_request request = VIGIL_REQUEST_INIT;
		request.json = test_record;
		request.json_length = strlen(test_record);
		request.as_of = "2026-03-01";
		request.orders = &order;
		request.order_count = 1;
		request.not_supplied = "allergies";
		config.starter_dir = TEST_PACK;
		config.resize = test_resize;
		config.resize_user = &state;
		vigil_status status = vigil_engine_open(&config, &engine, &error);
		if (status == VIGIL_OK)
			status = vigil_worker_open(engine, &worker, &error);
		if (status == VIGIL_OK)
			status = vigil_evaluate(worker, &request, &result, &error);
		const char *json = status == VIGIL_OK ? vigil_result_json(result) : NULL;
		if (fail_at == 0 && json) {
			snprintf(whole, sizeof whole, "%s", json);
			calls = state.calls;
		} else if (status == VIGIL_OK) {
			CHECK(!json || strcmp(json, whole) == 0, "a failed allocation (%zu) changed the answer:\n%s\n%s",
			      fail_at, json, whole);
		} else {
			CHECK(status == VIGIL_NO_MEMORY, "failed allocation %zu ends with %d: %s", fail_at, (int)status,
			      error.text);
		}
		vigil_worker_close(worker);
		vigil_engine_close(engine);
		CHECK(state.live_blocks == 0, "%zu blocks are left after failed allocation %zu", state.live_blocks, fail_at);
	}
	CHECK(calls > 1, "nothing was allocated");
}

const test_case test_cases_worker[] = {{"an interaction is told with what it rests on", an_interaction},
				       {"a screening is told with its dates", a_screening},
				       {"no screening where none is asked for", no_screenings},
				       {"a rule that asks, and the gap it tells", asks_and_gaps},
				       {"sections of one request do not stick to the next", sections_of_the_request},
				       {"a record read once answers often, and may be closed", parse_once_evaluate_often},
				       {"wrong requests are refused with advice", wrong_requests},
				       {"a bad input is named by its place", bad_inputs_name_their_place},
				       {"the hook of a request, and one that contradicts it", hooks_of_a_request},
				       {"accessors check their arguments", accessors_check_their_arguments},
				       {"a trace on request", traces},
				       {"the same request gives the same bytes", same_request_same_bytes},
				       {"each allocation failed in turn", memory_fails},
				       {0}};
