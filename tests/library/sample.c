#include "library/sample.h"

#include <string.h>

#include "support/support.h"

static const char *const reasons[] = {"Benefit outweighs risk", "Kurz, überwacht"};
static const char *const exceptions[] = {"in hospice: encounters not supplied"};
static const char *const also[] = {"r2"};
static const char *const notices[] = {"Interactions could not be checked: no medication list."};

static void make_facts(answer_sample *sample)
{
	sample->order = (vg_clinical_fact){.kind = VG_FACT_MEDICATION, .reference = "MedicationRequest/o1", .display = HOSTILE};
	sample->colonoscopy =
	    (vg_clinical_fact){.kind = VG_FACT_PROCEDURE, .reference = "Procedure/9", .display = "colonoscopy"};
	sample->evidence[0] = (vg_shown){"MedicationRequest/m7", "warfarin 5 mg", "2026-01-02", "taking warfarin"};
	sample->evidence[1] = (vg_shown){NULL, HOSTILE, NULL, ""};
	sample->suggestions[0] =
	    (vg_suggestion){.kind = VG_CANCEL_THIS_ORDER, .label = "Cancel this order", .order = &sample->order};
	sample->suggestions[1] = (vg_suggestion){VG_ORDER_INSTEAD,
						 "Order paracetamol instead",
						 "",
						 &sample->order,
						 "http://www.nlm.nih.gov/research/umls/rxnorm",
						 "313782",
						 "acetaminophen 325 MG Oral Tablet",
						 true};
	sample->suggestions[2] = (vg_suggestion){.kind = VG_LINK, .label = "Guideline", .url = "https://example.org/g"};
	sample->suggestions[3] = (vg_suggestion){.kind = VG_LINK, .label = "Relative", .url = "javascript:alert(1)"};
	sample->reminder[0] = (vg_suggestion){VG_ORDER, "Order FIT", NULL, NULL, "http://loinc.org", "27396-1", "FIT", false};
}

static void make_alerts(answer_sample *sample)
{
	vg_alert *alert = &sample->alerts[0];
	alert->rule = "r1";
	alert->row = UINT32_MAX;
	alert->kind = VG_KIND_INTERACTION;
	alert->severity = VIGIL_SEVERITY_CRITICAL;
	alert->status = VG_STATUS_ACTIVE;
	alert->order = alert->subject = &sample->order;
	alert->also = also;
	alert->also_count = 1;
	alert->summary = "Bleeding \"risk\"";
	alert->detail = "First line\nsecond line " HOSTILE;
	alert->evidence = sample->evidence;
	alert->evidence_count = 2;
	alert->not_excluded = exceptions;
	alert->not_excluded_count = 1;
	alert->suggestions = sample->suggestions;
	alert->suggestion_count = 4;
	alert->override_reasons = reasons;
	alert->override_count = 2;
	alert->source_label = "A paper";
	alert->source_url = "https://example.org/p";
	alert->trace = "one true\ntwo unknown\n";
	sample->alerts[1] = (vg_alert){.rule = "r3",
				       .row = UINT32_MAX,
				       .kind = VG_KIND_RULE,
				       .severity = VIGIL_SEVERITY_WARNING,
				       .status = VG_STATUS_ACTIVE,
				       .ask = true,
				       .detail = "",
				       .source_label = "",
				       .source_url = ""};
	sample->alerts[1].summary =
	    "A very long summary, which tells of wwwarfarin and of everything else that anybody could ever want to "
	    "know about it, and which goes on well beyond what a card has room for, äöü, to the very end";
	sample->alerts[2] = (vg_alert){.rule = "r4",
				       .row = UINT32_MAX,
				       .kind = VG_KIND_DUPLICATE_TEST,
				       .severity = VIGIL_SEVERITY_INFO,
				       .status = VG_STATUS_SHADOW,
				       .summary = "In the shadow",
				       .detail = "x",
				       .source_label = "Vigil",
				       .source_url = "not absolute"};
}

static void make_screenings(answer_sample *sample)
{
	sample->rule.id = "colorectal-cancer";
	sample->rule.title = "Colorectal cancer screening";
	sample->rule.status = VG_STATUS_ACTIVE;
	sample->rule.evidence = (vg_evidence_source){"Statement", "https://example.org/s", "USPSTF", "2021", "A", "", ""};
	for (int i = 0; i < 4; i++)
		sample->screenings[i] = (vg_screening){.rule = &sample->rule,
						       .due = VG_NO_DAY,
						       .overdue_since = VG_NO_DAY,
						       .last_done = VG_NO_WHEN,
						       .reason = "because",
						       .detail = ""};
	vg_screening *overdue = &sample->screenings[0];
	overdue->status = VG_OVERDUE;
	overdue->due = vg_day_from(2021, 5, 6);
	overdue->overdue_since = vg_day_from(2021, 5, 7);
	overdue->last = &sample->colonoscopy;
	overdue->last_done = (vg_when){vg_day_from(2011, 5, 1), vg_day_from(2011, 5, 31), VG_NO_INSTANT};
	overdue->detail = "Offer a test.";
	overdue->suggestions = sample->reminder;
	overdue->suggestion_count = 1;
	sample->screenings[1].status = VG_UP_TO_DATE;
	sample->screenings[2].status = VG_INDETERMINATE;
	sample->screenings[3].status = VG_DUE_SOON;
	sample->screenings[3].due = vg_day_from(2026, 4, 1);
}

void make_sample(answer_sample *sample, vg_hook hook)
{
	memset(sample, 0, sizeof *sample);
	make_facts(sample);
	make_alerts(sample);
	make_screenings(sample);
	sample->pack = (vg_pack){.folder = "rules", .name = "test", .version = "1"};
	memset(sample->digests[0], 'a', 64);
	sample->rulebook.rule_count = 7;
	sample->world.rulebook = &sample->rulebook;
	sample->world.packs = &sample->pack;
	sample->world.pack_count = 1;
	sample->world.pack_digests = sample->digests;
	sample->record.patient.reference = "Patient/p1";
	sample->not_evaluated[0] = (vg_not_evaluated){"r5", "no eGFR"};
	sample->not_checked[0] = (vg_not_checked){"MedicationRequest/m9", HOSTILE, "drug code not known"};
	sample->not_checked[1] = (vg_not_checked){NULL, "", "no code"};
	sample->errors[0] = (vg_rule_error){"r6", "time", "took too long"};
	sample->answer = (vg_answer){.world = &sample->world,
				     .record = &sample->record,
				     .hook = hook,
				     .as_of = {vg_day_from(2026, 3, 1), vg_day_from(2026, 3, 1), VG_NO_INSTANT},
				     .alerts = sample->alerts,
				     .alert_count = 3,
				     .screenings = sample->screenings,
				     .screening_count = 4,
				     .not_evaluated = sample->not_evaluated,
				     .not_evaluated_count = 1,
				     .not_checked = sample->not_checked,
				     .not_checked_count = 2,
				     .errors = sample->errors,
				     .error_count = 1,
				     .notices = notices,
				     .notice_count = 1,
				     .candidates = 3,
				     .facts = 9,
				     .future_facts = 2};
}

vigil_engine *open_test_engine(void)
{
	vigil_config config = VIGIL_CONFIG_INIT;
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_engine *engine = NULL;
	config.starter_dir = TEST_PACK;
	vigil_status status = vigil_engine_open(&config, &engine, &error);
	CHECK(status == VIGIL_OK, "the test pack does not open: %s:%d: %s %s", error.file, error.line, error.text,
	      error.advice);
	return engine;
}

#define CODING(system, code, display)                                                                                          \
	"{\"coding\":[{\"system\":\"" system "\",\"code\":\"" code "\",\"display\":\"" display "\"}]}"
#define RXNORM "http://www.nlm.nih.gov/research/umls/rxnorm"

const char test_record[] =
    "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["
    "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p1\",\"gender\":\"female\",\"birthDate\":\"1966-01-15\"}},"
    "{\"resource\":{\"resourceType\":\"MedicationRequest\",\"id\":\"m1\",\"status\":\"active\",\"intent\":\"order\","
    "\"subject\":{\"reference\":\"Patient/p1\"},\"authoredOn\":\"2026-01-10\",\"medicationCodeableConcept\":" CODING(
	RXNORM, "855332", "warfarin sodium 5 MG Oral Tablet") "}},"
							      "{\"resource\":{\"resourceType\":\"Observation\",\"id\":\"e1\","
							      "\"status\":\"final\",\"subject\":{\"reference\":\"Patient/p1\"},"
							      "\"effectiveDateTime\":\"2026-02-01\",\"valueQuantity\":{"
							      "\"value\":24,\"unit\":\"mL/min/1.73 m2\","
							      "\"system\":\"http://unitsofmeasure.org\",\"code\":\"mL/min/"
							      "{1.73_m2}\"},\"code\":" CODING("http://loinc.org", "33914-3",
											      "eGFR") "}}]}";

#define ORDER(id, code, display)                                                                                               \
	"{\"resourceType\":\"MedicationRequest\",\"id\":\"" id "\",\"status\":\"draft\",\"intent\":\"order\","                 \
	"\"subject\":{\"reference\":\"Patient/p1\"},\"authoredOn\":\"2026-03-01\",\"medicationCodeableConcept\":" CODING(      \
	    RXNORM, code, display) "}"
const char test_ibuprofen[] = ORDER("o1", "197805", "ibuprofen 400 MG Oral Tablet");
const char test_metformin[] = ORDER("o2", "861007", "metformin hydrochloride 500 MG Oral Tablet");
