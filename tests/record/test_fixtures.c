/* fixtures/records: one patient, told as a Bundle of every type, gives the same record each time. */
#include "record_support.h"

#include <stdio.h>
#include <stdlib.h>

static void every_bundle_type_gives_the_same_record(void)
{
	static const char *const names[] = {"collection", "searchset", "transaction", "batch",
					    "document",   "message",   "history"};
	char *first = NULL;
	for (size_t i = 0; i < VG_COUNT(names); i++) {
		char path[100];
		snprintf(path, sizeof path, "fixtures/records/%s.json", names[i]);
		vg_record *record = read_file(path);
		if (record && strcmp(names[i], "history") == 0)
			record->errors_left_out--; /* the deleted condition */
		char *text = record_text(record);
		if (first)
			CHECK(text && strcmp(text, first) == 0, "%s.json is another record than %s.json:\n%s\n%s", names[i],
			      names[0], text, first);
		else
			first = strdup(text ? text : "");
		free(text);
		vg_record_free(record);
	}
	free(first);
}

static void the_rich_record_is_understood(void)
{
	vg_record *record = read_file("fixtures/records/collection.json");
	if (!record)
		return;
	CHECK(record->errors_left_out == 3, "%u left out instead of m5, a2, o3", record->errors_left_out);
	CHECK(!has_fact(record, "MedicationRequest/m5") && !has_fact(record, "AllergyIntolerance/a2") &&
		  !has_fact(record, "Observation/o3"),
	      "errors, refuted allergies and cancelled results are facts");
	const vg_clinical_fact *warfarin = fact_at(record, "MedicationRequest/m1");
	CHECK(vg_fact_in_set(record, warfarin, test_set("warfarin")) && warfarin->route == VG_ROUTE_ORAL, "warfarin, oral");
	CHECK(warfarin->supply_end == day("2026-01-02") + 90, "supply until %d", warfarin->supply_end);
	CHECK(warfarin->renewed == day("2026-02-20"), "renewed by the dispense");
	CHECK(fact_at(record, "MedicationDispense/m4")->superseded_by != 0, "the dispense belongs to the request");
	const vg_clinical_fact *tylenol = fact_at(record, "MedicationStatement/m2");
	CHECK(tylenol->by_text && !tylenol->unmapped && tylenol->as_needed, "a name is a last resort, and marked");
	double dose;
	const char *unit;
	CHECK(vg_daily_dose(record, tylenol, 0, &dose, &unit) && fabs(dose - 2000) < 1e-9,
	      "as needed at its maximum: 4 x 500 mg, but at most 2 g");
	const vg_unused *unused = unused_of(record, "MedicationRequest/m6");
	CHECK_TEXT(unused ? unused->why : "", "drug code not known");
	CHECK(unused && unused->unmapped && strcmp(record->facts[unused->fact - 1].reference, "MedicationRequest/m6") == 0,
	      "names its fact");
	const vg_clinical_fact *penicillin = fact_at(record, "AllergyIntolerance/a1");
	CHECK(penicillin->criticality == VG_CRITICALITY_HIGH && penicillin->reaction == VG_REACTION_SEVERE &&
		  penicillin->reaction_count == 1,
	      "criticality and reaction");
	CHECK(vg_set_has(test_knowledge(), test_set("anaphylaxis"), penicillin->reactions[0].concept),
	      "the manifestation's concept");
	CHECK(!penicillin->unmapped && unused_of(record, "AllergyIntolerance/a1") == NULL, "penicillin is known");
	CHECK(vg_fact_in_set(record, fact_at(record, "Condition/c1"), test_set("diabetes")),
	      "diabetes by a prefix of ICD-10-CM");
	CHECK_TEXT(fact_at(record, "Observation/o1")->value.text, "7.4 %");
	const vg_clinical_fact *report = fact_at(record, "DiagnosticReport/r1");
	CHECK(report->result_count == 1 && strcmp(record->facts[report->results[0]].reference, "Observation/o1") == 0,
	      "the report's result");
	CHECK(report->value.kind == VG_VALUE_CODED && report->value.code_count == 1, "the report's conclusion");
	CHECK_TEXT(date_of(fact_at(record, "Procedure/pr1")->when), "2016-08-02");
	CHECK(fact_at(record, "Procedure/pr2")->standing == VG_NOT_DONE, "declined");
	CHECK_TEXT(fact_at(record, "Procedure/pr2")->reason_not_done, "Patient declined");
	const vg_clinical_fact *stay = fact_at(record, "Encounter/e1");
	CHECK(stay->standing == VG_CURRENT && vg_fact_in_set(record, stay, test_set("inpatient")), "an inpatient now");
	CHECK_TEXT(stay->display, "Hospital admission");
	CHECK(fact_at(record, "Encounter/e2")->standing == VG_PAST, "a visit that is over");
	const vg_clinical_fact *pending = fact_at(record, "ServiceRequest/s1");
	CHECK_TEXT(date_of(pending->when), "2026-02-26");
	CHECK_TEXT(date_of(pending->planned), "2026-03-20");
	const vg_clinical_fact *family = fact_at(record, "FamilyMemberHistory/f1");
	CHECK_TEXT(family->display, "Breast cancer (mother)");
	CHECK(family->code_count == 2 && strcmp(family->codes[1].code, "MTH") == 0, "the relation is the last code");
	vg_record_free(record);
}

static void the_request_is_understood(void)
{
	vg_record *record = read_file("fixtures/records/order-select.json");
	if (!record)
		return;
	CHECK_TEXT(record->hook, "order-select");
	CHECK_TEXT(record->encounter, "Encounter/e1");
	CHECK_TEXT(record->fhir_server, "https://ehr.example.org/fhir");
	CHECK(record->order_count == 1 && record->has_selections, "%u orders judged", record->order_count);
	const vg_clinical_fact *order = fact_at(record, "MedicationRequest/o-ibu");
	CHECK(order->is_order && order->standing == VG_DRAFT && order->duration_days == 10, "the selected order");
	double dose;
	const char *unit;
	CHECK(vg_daily_dose(record, order, 0, &dose, &unit) && dose == 1200 && strcmp(unit, "mg") == 0, "3 x 2 x 200 mg");
	const vg_clinical_fact *draft = fact_at(record, "ServiceRequest/o-hba");
	CHECK(!draft->is_order && draft->other_draft && draft->standing == VG_DRAFT, "a draft that is not selected is context");
	CHECK_TEXT(date_of(draft->when), "2026-03-05");
	static const struct {
		vg_section section;
		vg_supply state;
		const char *why;
	} sections[] = {{VG_MEDICATIONS, VG_COMPLETE, ""},
			{VG_ALLERGIES, VG_COMPLETE, ""},
			{VG_RESULTS, VG_SUPPLIED_SINCE, "the query was limited by date: complete since 2025-01-01"},
			{VG_PROCEDURES, VG_COMPLETE, ""},
			{VG_IMMUNIZATIONS, VG_NOT_SUPPLIED, "the query failed (OperationOutcome)"},
			{VG_ENCOUNTERS, VG_SUPPLIED_SINCE, "first page only: complete since 2025-05-02"},
			{VG_ORDERS, VG_NOT_SUPPLIED, "not supplied"}};
	for (size_t i = 0; i < VG_COUNT(sections); i++) {
		CHECK(record->sections[sections[i].section].state == sections[i].state, "%s",
		      vg_section_name(sections[i].section));
		CHECK_TEXT(record->sections[sections[i].section].why, sections[i].why);
	}
	CHECK(record->sections[VG_RESULTS].since == day("2025-01-01") &&
		  record->sections[VG_ENCOUNTERS].since == day("2025-05-02"),
	      "since");
	vg_record_free(record);
}

const test_case test_cases_fixtures[] = {
    {"Bundles of every type give the same record", every_bundle_type_gives_the_same_record},
    {"the rich record is understood", the_rich_record_is_understood},
    {"the rich request is understood", the_request_is_understood},
    {0},
};
