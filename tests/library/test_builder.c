/*
 * The builder: the same facts give the same answer as their JSON does.
 */
#include <stdio.h>
#include <string.h>

#include "library/sample.h"
#include "support/support.h"

#define RXNORM "http://www.nlm.nih.gov/research/umls/rxnorm"

static vigil_record_builder *open_builder(vigil_engine *engine)
{
	vigil_record_builder *builder = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	CHECK(vigil_record_builder_open(engine, &builder, &error) == VIGIL_OK, "%s", error.text);
	CHECK(vigil_record_builder_patient(builder, "p1", "1966-01-15", "female", &error) == VIGIL_OK, "%s", error.text);
	return builder;
}

static void add(vigil_record_builder *builder, const vigil_fact *fact)
{
	vigil_error error = VIGIL_ERROR_INIT;
	CHECK(vigil_record_builder_add(builder, fact, &error) == VIGIL_OK, "%s %s", error.text, error.advice);
}

static void add_facts(vigil_record_builder *builder)
{
	vigil_fact warfarin = VIGIL_FACT_INIT, egfr = VIGIL_FACT_INIT, order = VIGIL_FACT_INIT;
	warfarin.type = "MedicationRequest";
	warfarin.id = "m1";
	warfarin.status = "active";
	warfarin.system = RXNORM;
	warfarin.code = "855332";
	warfarin.display = "warfarin sodium 5 MG Oral Tablet";
	warfarin.date = "2026-01-10";
	add(builder, &warfarin);
	egfr.type = "Observation";
	egfr.id = "e1";
	egfr.status = "final";
	egfr.system = "http://loinc.org";
	egfr.code = "33914-3";
	egfr.display = "eGFR";
	egfr.date = "2026-02-01";
	egfr.value = "24";
	egfr.unit = "mL/min/{1.73_m2}";
	add(builder, &egfr);
	order = warfarin;
	order.id = "o1";
	order.status = "draft";
	order.code = "197805";
	order.display = "ibuprofen 400 MG Oral Tablet";
	order.date = "2026-03-01";
	order.is_draft = 1;
	add(builder, &order);
}

static void built_equals_read(void)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_engine *engine = open_test_engine();
	if (!engine)
		return;
	vigil_record *built = NULL;
	vigil_worker *worker = NULL;
	const vigil_result *result = NULL;
	const vigil_json order = {test_ibuprofen, strlen(test_ibuprofen)};
	vigil_request request = VIGIL_REQUEST_INIT;
	char read[20000] = "";
	vigil_record_builder *builder = open_builder(engine);
	add_facts(builder);
	CHECK(vigil_record_builder_finish(builder, &built, &error) == VIGIL_OK, "%s", error.text);
	CHECK(vigil_record_builder_finish(builder, &built, &error) == VIGIL_WRONG_USE, "a builder was finished twice");
	vigil_record_builder_close(builder);
	CHECK(vigil_worker_open(engine, &worker, &error) == VIGIL_OK, "%s", error.text);
	request.json = test_record;
	request.json_length = strlen(test_record);
	request.orders = &order;
	request.order_count = 1;
	request.as_of = "2026-03-01";
	CHECK(vigil_evaluate(worker, &request, &result, &error) == VIGIL_OK, "%s", error.text);
	snprintf(read, sizeof read, "%s", vigil_result_json(result));
	request.json = NULL;
	request.orders = NULL;
	request.order_count = 0;
	request.record = built;
	CHECK(vigil_evaluate(worker, &request, &result, &error) == VIGIL_OK, "%s", error.text);
	CHECK_TEXT(vigil_result_json(result), read);
	vigil_worker_close(worker);
	vigil_record_close(built);
	vigil_engine_close(engine);
}

static void sections(void)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_engine *engine = open_test_engine();
	if (!engine)
		return;
	vigil_record *record = NULL;
	vigil_record_builder *builder = open_builder(engine);
	CHECK(vigil_record_builder_section(builder, "medications", 0, NULL, &error) == VIGIL_OK, "%s", error.text);
	CHECK(vigil_record_builder_section(builder, "procedures", 1, "2024-01-01", &error) == VIGIL_OK, "%s", error.text);
	CHECK(vigil_record_builder_section(builder, "medicine", 0, NULL, &error) == VIGIL_WRONG_USE, "an unknown section");
	CHECK(vigil_record_builder_section(builder, NULL, 0, NULL, &error) == VIGIL_WRONG_USE, "no section");
	CHECK(vigil_record_builder_section(builder, "results", 0, "2024-01-01", &error) == VIGIL_WRONG_USE,
	      "not supplied, and since when");
	CHECK(vigil_record_builder_finish(builder, &record, &error) == VIGIL_OK, "refused calls spoilt the builder: %s",
	      error.text);
	const vg_record *behind = vg_record_behind(record);
	CHECK(behind->sections[VG_MEDICATIONS].state == VG_NOT_SUPPLIED, "medications are called complete");
	CHECK(behind->sections[VG_PROCEDURES].state == VG_SUPPLIED_SINCE, "procedures are called complete");
	CHECK(behind->sections[VG_RESULTS].state == VG_COMPLETE, "results are not called complete");
	vigil_record_close(record);
	vigil_record_builder_close(builder);
	vigil_engine_close(engine);
}

static void wrong_calls(void)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_engine *engine = open_test_engine();
	if (!engine)
		return;
	vigil_record_builder *builder = NULL;
	vigil_record *record = NULL;
	vigil_fact fact = VIGIL_FACT_INIT;
	CHECK(vigil_record_builder_open(NULL, &builder, &error) == VIGIL_WRONG_USE, "no engine");
	CHECK(vigil_record_builder_open(engine, NULL, &error) == VIGIL_WRONG_USE, "nowhere to put the builder");
	CHECK(vigil_record_builder_add(NULL, &fact, &error) == VIGIL_WRONG_USE, "no builder");
	builder = open_builder(engine);
	CHECK(vigil_record_builder_add(builder, NULL, &error) == VIGIL_WRONG_USE, "no fact");
	CHECK(vigil_record_builder_add(builder, &fact, &error) == VIGIL_WRONG_USE, "a fact without a type");
	fact.type = "Nonsense";
	CHECK(vigil_record_builder_add(builder, &fact, &error) == VIGIL_WRONG_USE, "a type that does not exist");
	fact.size = 4;
	CHECK(vigil_record_builder_add(builder, &fact, &error) == VIGIL_WRONG_USE, "a size that is too small");
	CHECK(vigil_record_builder_finish(builder, NULL, &error) == VIGIL_WRONG_USE, "nowhere to put the record");
	CHECK(vigil_record_builder_finish(builder, &record, &error) == VIGIL_OK,
	      "after wrong calls the builder does not finish: %s", error.text);
	vigil_record_close(record);
	vigil_record_close(NULL);
	vigil_record_builder_close(builder);
	vigil_record_builder_close(NULL);
	vigil_engine_close(engine);
}

const test_case test_cases_builder[] = {{"a record that was built answers like one that was read", built_equals_read},
					{"sections of a built record", sections},
					{"wrong calls are refused and spoil nothing", wrong_calls},
					{0}};
