/* Facts that are no medications: what each resource becomes. */
#include "record/record_internal.h"
#include "record_support.h"

#include <stdio.h>

#define LOINC(code) "'code':{'coding':[{'system':'http://loinc.org','code':'" code "'}]}"
#define OBSERVATION(rest)                                                                                                      \
	"{'resourceType':'Observation','id':'o','status':'final','effectiveDateTime':'2026-01-01'," LOINC("4548-4") "," rest "}"

/* ---- values ------------------------------------------------------------------------- */

static void reads_every_kind_of_value(void)
{
	static const struct {
		const char *json;
		vg_value_kind kind;
		double number;
		const char *text;
	} cases[] = {
	    {"'valueQuantity':{'value':24,'unit':'mL/min/1.73 m²','code':'mL/min/{1.73_m2}'}", VG_VALUE_QUANTITY, 24,
	     "24 mL/min/1.73 m²"},
	    {"'valueQuantity':{'value':7.0,'code':'%'}", VG_VALUE_QUANTITY, 7, "7 %"},
	    {"'valueQuantity':{'value':'7.5','unit':'%'}", VG_VALUE_QUANTITY, 7.5, "7.5 %"},
	    {"'valueQuantity':{'value':51.67590142760355,'unit':'cm'}", VG_VALUE_QUANTITY, 51.67590142760355, "51.6759 cm"},
	    {"'valueQuantity':{'value':0.00012345678,'unit':'g'}", VG_VALUE_QUANTITY, 0.00012345678, "0.0001235 g"},
	    {"'valueQuantity':{'unit':'cm'}", VG_VALUE_NONE, NAN, ""},
	    {"'valueInteger':3", VG_VALUE_QUANTITY, 3, "3"},
	    {"'valueBoolean':true", VG_VALUE_BOOLEAN, NAN, "yes"},
	    {"'valueBoolean':false", VG_VALUE_BOOLEAN, NAN, "no"},
	    {"'valueString':'7.4'", VG_VALUE_TEXT, NAN, "7.4"},
	    {"'valueString':''", VG_VALUE_NONE, NAN, ""},
	    {"'valueCodeableConcept':{'coding':[{'code':'260385009','display':'Negative'}]}", VG_VALUE_CODED, NAN, "Negative"},
	    {"'valueCodeableConcept':{'text':'Positive'}", VG_VALUE_CODED, NAN, "Positive"},
	    {"'valueRange':{'low':{'value':5,'unit':'mg'},'high':{'value':9,'unit':'mg'}}", VG_VALUE_RANGE, 5, "5 mg – 9 mg"},
	    {"'valueRange':{'high':{'value':9,'unit':'mg'}}", VG_VALUE_RANGE, NAN, "up to 9 mg"},
	    {"'valueRatio':{'numerator':{'value':1},'denominator':{'value':128}}", VG_VALUE_TEXT, NAN, "1:128"},
	    {"'valueTime':'10:30:00'", VG_VALUE_TEXT, NAN, "10:30:00"},
	    {"'valueDateTime':'2026-01-01'", VG_VALUE_TEXT, NAN, "2026-01-01"},
	    {"'valuePeriod':{'start':'2026-01-01','end':'2026-01-03'}", VG_VALUE_TEXT, NAN, "2026-01-01 – 2026-01-03"},
	    {"'valueSampledData':{'origin':{'value':1},'period':10,'dimensions':1,'data':'1 2'}", VG_VALUE_NONE, NAN, ""},
	    {"'dataAbsentReason':{'text':'unknown'},'interpretation':[{'coding':[{'code':'A'}]}]", VG_VALUE_NONE, NAN, ""},
	    {"'interpretation':[{'coding':[{'code':'A','display':'Abnormal'}]}]", VG_VALUE_CODED, NAN, "Abnormal"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[700];
		snprintf(text, sizeof text, OBSERVATION("%s"), cases[i].json);
		vg_record *record = RECORD(text);
		const vg_value *value = &fact_at(record, "Observation/o")->value;
		CHECK(value->kind == cases[i].kind, "%s is of kind %d", cases[i].json, (int)value->kind);
		CHECK(isnan(cases[i].number) ? isnan(value->number) : value->number == cases[i].number, "%s: %g", cases[i].json,
		      value->number);
		CHECK_TEXT(value->text, cases[i].text);
		vg_record_free(record);
	}
}

static void keeps_comparators(void)
{
	static const struct {
		const char *sign;
		vg_comparator comparator;
		const char *text;
	} cases[] = {{"<", VG_LESS, "< 5 mg/L"},
		     {"<=", VG_LESS_OR_SAME, "≤ 5 mg/L"},
		     {">=", VG_GREATER_OR_SAME, "≥ 5 mg/L"},
		     {">", VG_GREATER, "> 5 mg/L"}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[500];
		snprintf(text, sizeof text,
			 OBSERVATION("'valueQuantity':{'value':5,'comparator':'%s','unit':'mg/L','code':'mg/L'}"),
			 cases[i].sign);
		vg_record *record = RECORD(text);
		const vg_value *value = &fact_at(record, "Observation/o")->value;
		CHECK(value->comparator == cases[i].comparator && value->unit_known, "%s", cases[i].sign);
		CHECK_TEXT(value->text, cases[i].text);
		vg_record_free(record);
	}
}

static void an_unreadable_unit_is_not_known(void)
{
	vg_record *record = RECORD(OBSERVATION("'valueQuantity':{'value':5,'unit':'frobs per gallon'}"));
	CHECK(!fact_at(record, "Observation/o")->value.unit_known, "nobody knows frobs");
	vg_record_free(record);
	record = RECORD(OBSERVATION("'valueQuantity':{'value':5,'unit':'mg/dL','code':'MYMGDL'}"));
	CHECK(fact_at(record, "Observation/o")->value.unit_known, "the unit's name is not tried");
	vg_record_free(record);
}

static void interpretations_follow_the_coded_value(void)
{
	vg_record *record =
	    RECORD(OBSERVATION("'valueCodeableConcept':{'coding':[{'code':'x'}]},'interpretation':[{'coding':[{'system':"
			       "'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation','code':'POS'}]}]"));
	const vg_value *value = &fact_at(record, "Observation/o")->value;
	CHECK(value->code_count == 2 && vg_set_has(test_knowledge(), test_set("abnormal"), value->codes[1].concept),
	      "the interpretation");
	vg_record_free(record);
	record = RECORD(OBSERVATION("'valueString':'Positive'"));
	value = &fact_at(record, "Observation/o")->value;
	CHECK(value->code_count == 1 && vg_set_has(test_knowledge(), test_set("abnormal"), value->codes[0].concept),
	      "a word that a set names");
	vg_record_free(record);
}

static void components_are_facts_of_their_own(void)
{
	vg_record *record = RECORD(
	    "{'resourceType':'Observation','id':'bp','status':'preliminary','effectiveDateTime':'2026-01-01'"
	    "," LOINC("85354-9") ",'component':[{" LOINC("8480-6") ",'valueQuantity':{'value':140,'code':'mm["
								   "Hg]'}},{" LOINC("8462-4") ",'valueQuantity':{'value':"
											      "90,'code':'mm[Hg]'}}]}");
	CHECK(record && record->fact_count == 3, "three facts");
	for (uint32_t i = 0; record && i < record->fact_count; i++) {
		CHECK_TEXT(record->facts[i].reference, "Observation/bp");
		CHECK(record->facts[i].standing == VG_PRELIMINARY, "preliminary, each");
		CHECK_TEXT(date_of(record->facts[i].when), "2026-01-01");
		CHECK(i == 0 ? record->facts[i].parent == NULL : record->facts[i].parent == &record->facts[0],
		      "part %u and its whole", i);
	}
	CHECK(record && vg_fact_in_set(record, &record->facts[1], test_set("systolic")), "in the order written");
	vg_record_free(record);
}

static void a_reason_stands_in_place_of_a_value(void)
{
	enum { NO_FACT = -1 };
	static const struct {
		const char *members;
		int standing; /* NO_FACT: left out */
		bool without;
		const char *value;
	} rows[] = {
	    {"'valueString':'x'", VG_CURRENT, false, "x"},
	    {"'note':[]", VG_CURRENT, true, ""},
	    {"'dataAbsentReason':{'coding':[{'code':'unknown'}]}", VG_CURRENT, true, ""},
	    {"'dataAbsentReason':{'text':'no idea'}", VG_CURRENT, true, ""},
	    {"'dataAbsentReason':{'coding':[{'code':'not-performed'}]}", VG_NOT_DONE, true, ""},
	    {"'dataAbsentReason':{'coding':[{'code':'x'},{'code':'asked-declined'}]}", VG_NOT_DONE, true, ""},
	    {"'dataAbsentReason':{'coding':[{'code':'error'}]}", NO_FACT, true, ""},
	    {"'dataAbsentReason':{'coding':[{'code':'masked','display':'Masked'}]}", VG_CURRENT, false, "Masked"},
	    {"'valueString':'x','dataAbsentReason':{'coding':[{'code':'error'}]}", VG_CURRENT, false, "x"},
	    {"'hasMember':[{'reference':'Observation/2'}],'dataAbsentReason':{'coding':[{'code':'error'}]}", VG_CURRENT, false,
	     ""},
	    {"'component':[{'valueInteger':1}],'dataAbsentReason':{'coding':[{'code':'error'}]}", VG_CURRENT, false, ""},
	    {"'component':[{'dataAbsentReason':{'coding':[{'code':'not-performed'}]}}]", VG_CURRENT, true, ""},
	    {"'component':[[1],[[{'valueInteger':1}]],'x']", VG_CURRENT, true, ""},
	};
	for (size_t i = 0; i < VG_COUNT(rows); i++) {
		char json[512];
		snprintf(json, sizeof json, "{'resourceType':'Observation','id':'o','status':'final'," LOINC("4548-4") ",%s}",
			 rows[i].members);
		vg_record *record = RECORD(json);
		CHECK(record != NULL, "%s is read", rows[i].members);
		if (record && rows[i].standing == NO_FACT) {
			CHECK(record->fact_count == 0 && record->errors_left_out == 1, "%s: left out, and counted",
			      rows[i].members);
		} else if (record) {
			const vg_clinical_fact *fact = &record->facts[0];
			CHECK(fact->standing == rows[i].standing && fact->without_result == rows[i].without,
			      "%s: stands as %d, %s", rows[i].members, fact->standing,
			      fact->without_result ? "without" : "with");
			CHECK_TEXT(fact->value.text, rows[i].value);
		}
		vg_record_free(record);
	}
}

/* ---- dates ------------------------------------------------------------------------------ */

static void results_are_dated(void)
{
	static const struct {
		const char *json, *date;
	} cases[] = {{"'effectiveDateTime':'2026-01'", "2026-01"},
		     {"'effectivePeriod':{'start':'2026-01-01','end':'2026-01-05'}", "2026-01-05"},
		     {"'effectivePeriod':{'start':'2026-01-01'}", "2026-01-01"},
		     {"'effectiveInstant':'2026-01-01T23:30:00-05:00'", "2026-01-01"},
		     {"'effectiveTiming':{'event':['2026-01-01','2026-01-04','2026-01-02']}", "2026-01-04"},
		     {"'issued':'2026-01-09T00:00:00Z'", "2026-01-09"},
		     {"'effectiveDateTime':'2026-02-30'", "date unknown"}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[300];
		snprintf(text, sizeof text, "{'resourceType':'Observation','id':'o','status':'final',%s}", cases[i].json);
		vg_record *record = RECORD(text);
		CHECK_TEXT(date_of(fact_at(record, "Observation/o")->when), cases[i].date);
		CHECK((unused_of(record, "Observation/o") != NULL) == (strcmp(cases[i].date, "date unknown") == 0),
		      "an unreadable date is said");
		vg_record_free(record);
	}
}

static void ages_become_dates(void)
{
	vg_record *record = RECORD(
	    "{'resourceType':'Condition','id':'a','onsetAge':{'value':45,'code':'a'},'abatementAge':{'value':47,'unit':'years'}"
	    "}",
	    "{'resourceType':'Condition','id':'b','onsetRange':{'low':{'value':40,'code':'a'},'high':{'value':49,'code':'a'}}}",
	    "{'resourceType':'Procedure','id':'c','status':'completed','performedAge':{'value':18,'code':'mo'}}");
	const vg_clinical_fact *a = fact_at(record, "Condition/a"), *b = fact_at(record, "Condition/b"),
			       *c = fact_at(record, "Procedure/c");
	CHECK(a->when.first == day("1995-06-15") && a->when.last == day("1996-06-14"), "at 45: %s", date_of(a->when));
	CHECK(a->until.first == day("1997-06-15") && a->until.last == day("1998-06-14"), "until 47");
	CHECK(b->when.first == day("1990-06-15") && b->when.last == day("2000-06-14"), "from 40 to 49");
	CHECK(c->when.first == day("1951-12-15") && c->when.last == day("1952-01-14"), "at 18 months");
	vg_record_free(record);
}

/* ---- conditions ----------------------------------------------------------------------------- */

static void conditions_stand_as_they_say(void)
{
	static const struct {
		const char *json;
		bool there, active;
	} cases[] = {
	    {"'clinicalStatus':{'coding':[{'code':'active'}]}", true, true},
	    {"'clinicalStatus':'recurrence'", true, true},
	    {"'clinicalStatus':{'coding':[{'code':'relapse'}]}", true, true},
	    {"'clinicalStatus':{'coding':[{'code':'inactive'}]}", true, false},
	    {"'clinicalStatus':{'coding':[{'code':'remission'}]}", true, false},
	    {"'clinicalStatus':{'text':'resolved'}", true, false},
	    {"'code':{'text':'x'}", true, true},
	    {"'abatementDateTime':'2025-01-01'", true, false},
	    {"'abatementBoolean':true", true, false},
	    {"'abatementString':'long ago'", true, false},
	    {"'verificationStatus':{'coding':[{'code':'unconfirmed'}]}", true, true},
	    {"'verificationStatus':{'coding':[{'code':'provisional'}]}", true, true},
	    {"'verificationStatus':{'coding':[{'code':'differential'}]}", true, false},
	    {"'verificationStatus':{'coding':[{'code':'refuted'}]}", false, false},
	    {"'verificationStatus':'entered-in-error'", false, false},
	    {"'clinicalStatus':'resolved','abatementDateTime':'2026-06-01','onsetDateTime':'2020-01-01'", true, true},
	    {"'clinicalStatus':'resolved','abatementDateTime':'2026-01-01','onsetDateTime':'2020-01-01'", true, false},
	    {"'clinicalStatus':'active','onsetDateTime':'2026-05-01'", true, false},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[400];
		snprintf(text, sizeof text, "{'resourceType':'Condition','id':'c',%s}", cases[i].json);
		vg_record *record = RECORD(text);
		CHECK(has_fact(record, "Condition/c") == cases[i].there, "%s: there or not", cases[i].json);
		CHECK(record && record->errors_left_out == (cases[i].there ? 0u : 1u), "%s: counted or not", cases[i].json);
		if (cases[i].there)
			CHECK(vg_condition_active(fact_at(record, "Condition/c"), day("2026-03-01")) == cases[i].active,
			      "%s: active or not", cases[i].json);
		vg_record_free(record);
	}
}

static void a_condition_without_onset_began_when_it_was_recorded(void)
{
	vg_record *record =
	    RECORD("{'resourceType':'Condition','id':'c','recordedDate':'2026-02-01'}",
		   "{'resourceType':'Condition','id':'d','onsetPeriod':{'start':'2026-01-01','end':'2026-01-20'}}");
	CHECK_TEXT(date_of(fact_at(record, "Condition/c")->when), "2026-02-01");
	CHECK(fact_at(record, "Condition/d")->when.first == day("2026-01-01") &&
		  fact_at(record, "Condition/d")->when.last == day("2026-01-20"),
	      "it began within the period");
	vg_record_free(record);
}

static void an_unknown_status_is_said_and_counts_as_missing(void)
{
	vg_record *record =
	    RECORD("{'resourceType':'Condition','id':'c','clinicalStatus':'sort-of'}",
		   "{'resourceType':'Procedure','id':'p','status':'unknown'}", "{'resourceType':'Procedure','id':'q'}");
	CHECK(vg_condition_active(fact_at(record, "Condition/c"), day("2026-03-01")), "as if it were missing");
	CHECK(unused_of(record, "Condition/c") && unused_of(record, "Procedure/p") && unused_of(record, "Procedure/q"),
	      "it is said");
	CHECK(fact_at(record, "Procedure/p")->standing == VG_PLANNED && fact_at(record, "Procedure/q")->standing == VG_PLANNED,
	      "a procedure of unknown status must not satisfy anything");
	vg_record_free(record);
}

/* ---- allergies -------------------------------------------------------------------------------- */

#define ALLERGY(id, rest) "{'resourceType':'AllergyIntolerance','id':'" id "'," rest "}"

static void allergies_are_recognised_by_code_and_name(void)
{
	vg_record *record = RECORD(
	    ALLERGY("snomed", "'code':{'coding':[{'system':'http://snomed.info/sct','code':'373270004'}]}"),
	    ALLERGY("rxnorm", "'code':{'coding':[{'system':'http://www.nlm.nih.gov/research/umls/rxnorm','code':'723'}]}"),
	    ALLERGY("product", "'code':{'coding':[{'system':'http://www.nlm.nih.gov/research/umls/rxnorm','code':'617296'}]}"),
	    ALLERGY("text", "'code':{'text':'Penicillin'}"),
	    ALLERGY("local", "'code':{'coding':[{'system':'urn:x','code':'1','display':'Ibuprofen'}]}"),
	    ALLERGY("substance", "'code':{'text':'a drug'},'reaction':[{'substance':{'text':'Amoxicillin'}}]"),
	    ALLERGY("mould", "'code':{'coding':[{'system':'http://snomed.info/sct','code':'419474003'}]}"),
	    ALLERGY("nobody", "'code':{'coding':[{'system':'http://snomed.info/sct','code':'1'}],'text':'nobody knows it'}"));
	static const char *const known[] = {"snomed", "rxnorm", "product", "text", "local", "substance", "mould"};
	for (size_t i = 0; i < VG_COUNT(known); i++) {
		char reference[60];
		snprintf(reference, sizeof reference, "AllergyIntolerance/%s", known[i]);
		CHECK(!fact_at(record, reference)->unmapped && !unused_of(record, reference), "%s is not recognised", known[i]);
	}
	CHECK(fact_at(record, "AllergyIntolerance/text")->by_text && fact_at(record, "AllergyIntolerance/local")->by_text,
	      "marked");
	CHECK(!fact_at(record, "AllergyIntolerance/snomed")->by_text, "a code is no name");
	CHECK(fact_at(record, "AllergyIntolerance/product")->ingredient_count == 2, "both parts of a combination");
	CHECK(fact_at(record, "AllergyIntolerance/substance")->ingredient_count == 1, "the substance of the event");
	const vg_unused *unused = unused_of(record, "AllergyIntolerance/nobody");
	CHECK_TEXT(unused ? unused->why : "", "allergy code not known");
	vg_record_free(record);
}

static void no_known_allergy_is_no_fact(void)
{
	vg_record *record = RECORD(ALLERGY("a", "'code':{'coding':[{'system':'http://snomed.info/sct','code':'716186003'}]}"),
				   ALLERGY("b", "'code':{'text':'NKDA'}"));
	CHECK(record && record->fact_count == 0 && record->unused_count == 0 && record->errors_left_out == 0, "they are facts");
	CHECK(record && record->sections[VG_ALLERGIES].state == VG_COMPLETE, "the section stands");
	vg_record_free(record);
}

static void allergies_stand_as_they_say(void)
{
	static const struct {
		const char *json;
		bool there, active, intolerance;
	} cases[] = {{"'clinicalStatus':{'coding':[{'code':'active'}]},'type':'allergy'", true, true, false},
		     {"'type':'intolerance'", true, true, true},
		     {"'clinicalStatus':'inactive'", true, false, false},
		     {"'clinicalStatus':{'coding':[{'code':'resolved'}]}", true, false, false},
		     {"'verificationStatus':{'coding':[{'code':'unconfirmed'}]}", true, true, false},
		     {"'verificationStatus':{'coding':[{'code':'refuted'}]}", false, false, false},
		     {"'verificationStatus':'entered-in-error'", false, false, false},
		     {"'status':'confirmed'", true, true, false},
		     {"'status':'refuted'", false, false, false}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[400];
		snprintf(text, sizeof text, ALLERGY("a", "'code':{'text':'Ibuprofen'},%s"), cases[i].json);
		vg_record *record = RECORD(text);
		CHECK(has_fact(record, "AllergyIntolerance/a") == cases[i].there, "%s: there or not", cases[i].json);
		if (cases[i].there) {
			const vg_clinical_fact *fact = fact_at(record, "AllergyIntolerance/a");
			CHECK(vg_allergy_active(fact) == cases[i].active && fact->intolerance == cases[i].intolerance, "%s",
			      cases[i].json);
		}
		vg_record_free(record);
	}
}

/* ---- reports, services, immunisations, visits, families -------------------------------------------- */

static void contained_results_are_facts(void)
{
	vg_record *record = RECORD(
	    "{'resourceType':'DiagnosticReport','id':'r','status':'final','contained':[{'resourceType':'Observation','id':'x',"
	    "'status':'final','effectiveDateTime':'2026-01-01'," LOINC(
		"33914-3") ",'valueQuantity':{'value':24,'code':'mL/min'}}],'result':[{'reference':'#x'}],'effectiveDateTime':"
			   "'2026-01-02'}",
	    "{'resourceType':'DiagnosticReport','id':'registered','status':'registered'}",
	    "{'resourceType':'DiagnosticReport','id':'cancelled','status':'cancelled'}");
	const vg_clinical_fact *report = fact_at(record, "DiagnosticReport/r"),
			       *result = fact_at(record, "DiagnosticReport/r#x");
	CHECK(vg_fact_in_set(record, result, test_set("eGFR")) && result->value.number == 24, "the contained result");
	CHECK(report->result_count == 1 && &record->facts[report->results[0]] == result, "and the report knows it");
	CHECK(fact_at(record, "DiagnosticReport/registered")->standing == VG_PLANNED, "nothing was found yet");
	CHECK(!has_fact(record, "DiagnosticReport/cancelled"), "cancelled");
	vg_record_free(record);
}

static void services_are_read(void)
{
	vg_record *record =
	    RECORD("{'resourceType':'ServiceRequest','id':'active','status':'active','intent':'order','authoredOn':'2026-01-01'"
		   "," LOINC("4548-4") "}",
		   "{'resourceType':'ServiceRequest','id':'plan','status':'active','intent':'plan'}",
		   "{'resourceType':'ServiceRequest','id':'not','status':'active','doNotPerform':true,'reasonCode':[{'text':'"
		   "declined'}]}",
		   "{'resourceType':'ServiceRequest','id':'draft','status':'draft'}",
		   "{'resourceType':'ServiceRequest','id':'revoked','status':'revoked'}",
		   "{'resourceType':'ServiceRequest','id':'nobody','status':'active','code':{'text':'a test of nobody'}}",
		   "{'resourceType':'ServiceRequest','id':'done','status':'completed','code':{'text':'a test of nobody'}}",
		   "{'resourceType':'DeviceRequest','id':'device','status':'active','codeCodeableConcept':{'text':'a walker'}}",
		   "{'resourceType':'NutritionOrder','id':'diet','status':'active','oralDiet':{'type':[{'text':'soft'}]}}",
		   "{'resourceType':'DiagnosticOrder','id':'old','status':'requested','item':[{'code':{'coding':[{'system':'"
		   "http://loinc.org','code':"
		   "'4548-4'}]}}]}");
	static const struct {
		const char *id;
		vg_standing standing;
	} cases[] = {
	    {"ServiceRequest/active", VG_CURRENT}, {"ServiceRequest/plan", VG_PLANNED},    {"ServiceRequest/not", VG_NOT_DONE},
	    {"ServiceRequest/draft", VG_DRAFT},    {"ServiceRequest/revoked", VG_PLANNED}, {"ServiceRequest/done", VG_PAST},
	    {"DeviceRequest/device", VG_CURRENT},  {"NutritionOrder/diet", VG_CURRENT},    {"DiagnosticOrder/old", VG_CURRENT}};
	for (size_t i = 0; i < VG_COUNT(cases); i++)
		CHECK(fact_at(record, cases[i].id)->standing == cases[i].standing, "%s stands as %d", cases[i].id,
		      fact_at(record, cases[i].id)->standing);
	CHECK_TEXT(fact_at(record, "ServiceRequest/not")->reason_not_done, "declined");
	CHECK(unused_of(record, "ServiceRequest/nobody") && !unused_of(record, "ServiceRequest/done") &&
		  !unused_of(record, "DeviceRequest/device"),
	      "unknown tests that are pending are listed, nothing else");
	CHECK(vg_fact_in_set(record, fact_at(record, "DiagnosticOrder/old"), test_set("HbA1c")), "DSTU2's items");
	vg_record_free(record);
}

static void immunisations_and_visits_are_read(void)
{
	vg_record *record = RECORD(
	    "{'resourceType':'Immunization','id':'done','status':'completed','occurrenceDateTime':'2025-10','vaccineCode':{'"
	    "coding':[{'system':"
	    "'http://hl7.org/fhir/sid/cvx','code':'140'}]}}",
	    "{'resourceType':'Immunization','id':'not','status':'not-done','statusReason':{'coding':[{'display':'patient "
	    "objection'}]}}",
	    "{'resourceType':'Immunization','id':'weak','status':'completed','isSubpotent':true}",
	    "{'resourceType':'Immunization','id':'old','status':'completed','wasNotGiven':true}",
	    "{'resourceType':'Encounter','id':'word','status':'arrived','class':'inpatient','period':{'start':'2026-01-01'}}",
	    "{'resourceType':'Encounter','id':'list','status':'in-progress','class':[{'coding':[{'system':"
	    "'http://terminology.hl7.org/CodeSystem/v3-ActCode','code':'IMP'}]}]}",
	    "{'resourceType':'Encounter','id':'over','status':'finished','period':{'start':'2025-01-01','end':'2025-01-09'}}",
	    "{'resourceType':'Encounter','id':'off','status':'cancelled'}");
	CHECK(vg_fact_in_set(record, fact_at(record, "Immunization/done"), test_set("influenza vaccine")), "CVX");
	CHECK_TEXT(date_of(fact_at(record, "Immunization/done")->when), "2025-10");
	CHECK(fact_at(record, "Immunization/not")->standing == VG_NOT_DONE &&
		  fact_at(record, "Immunization/old")->standing == VG_NOT_DONE,
	      "declined");
	CHECK_TEXT(fact_at(record, "Immunization/not")->reason_not_done, "patient objection");
	CHECK(fact_at(record, "Immunization/weak")->standing == VG_PLANNED, "a subpotent dose does not count");
	CHECK(fact_at(record, "Encounter/word")->standing == VG_CURRENT && fact_at(record, "Encounter/word")->code_count == 1,
	      "class as a word");
	CHECK(vg_fact_in_set(record, fact_at(record, "Encounter/list"), test_set("inpatient")), "class as a list");
	CHECK(fact_at(record, "Encounter/over")->standing == VG_PAST &&
		  fact_at(record, "Encounter/off")->standing == VG_PLANNED,
	      "past and off");
	CHECK_TEXT(date_of(fact_at(record, "Encounter/over")->when), "2025-01-09");
	vg_record_free(record);
}

static void relatives_conditions_are_facts(void)
{
	vg_record *record = RECORD(
	    "{'resourceType':'FamilyMemberHistory','id':'f','status':'completed','patient':{'reference':'Patient/"
	    "p'},'relationship':"
	    "{'text':'aunt'},'condition':[{'code':{'coding':[{'system':'http://snomed.info/sct','code':'254837009'}]}},{'code':"
	    "{'text':'gout'}}]}",
	    "{'resourceType':'FamilyMemberHistory','id':'g','status':'health-unknown','condition':[{'code':{'text':'x'}}]}",
	    "{'resourceType':'FamilyMemberHistory','id':'h','status':'completed'}");
	CHECK(record && record->kind_counts[VG_FACT_FAMILY_HISTORY] == 3, "two of the aunt, one of nobody knows whom");
	const vg_clinical_fact *fact = fact_at(record, "FamilyMemberHistory/f");
	CHECK_TEXT(fact->codes ? fact->codes[fact->code_count - 1].display : "", "aunt");
	CHECK(fact_at(record, "FamilyMemberHistory/g")->standing == VG_PLANNED, "nothing is known");
	vg_record_free(record);
}

static void several_codings_say_the_same_thing(void)
{
	vg_record *record = RECORD(
	    "{'resourceType':'Condition','id':'c','code':{'coding':[{'system':'urn:local','code':'x','display':'local "
	    "name'},{'system':"
	    "'urn:oid:2.16.840.1.113883.6.96','code':'44054006','display':'their name'}]}}",
	    "{'resourceType':'Condition','id':'d','code':{'coding':{'system':'http://snomed.info/sct','code':'44054006'}}}");
	const vg_clinical_fact *fact = fact_at(record, "Condition/c");
	CHECK(vg_fact_in_set(record, fact, test_set("diabetes")) && fact->code_count == 2 && !fact->unmapped,
	      "the second is known");
	CHECK_TEXT(fact->display, "their name");
	CHECK_TEXT(fact->code_count == 2 ? fact->codes[1].system : "", "http://snomed.info/sct");
	CHECK(vg_fact_in_set(record, fact_at(record, "Condition/d"), test_set("diabetes")), "one coding where a list belongs");
	vg_record_free(record);
}

static void a_side_told_beside_the_code_counts(void)
{
#define BREAST "'code':{'coding':[{'system':'http://snomed.info/sct','code':'248802009','display':'Absence of breast'}]}"
#define SIDE(code) "{'coding':[{'system':'http://snomed.info/sct','code':'" code "'}]}"
	vg_record *record =
	    RECORD("{'resourceType':'Condition','id':'none'," BREAST "}",
		   "{'resourceType':'Condition','id':'left'," BREAST ",'bodySite':[" SIDE("7771000") "]}",
		   "{'resourceType':'Condition','id':'both'," BREAST ",'bodySite':[" SIDE("7771000") "," SIDE("24028007") "]}",
		   "{'resourceType':'Procedure','id':'right','status':'completed'," BREAST ",'bodySite':" SIDE("24028007") "}",
		   "{'resourceType':'Condition','id':'elsewhere'," BREAST ",'bodySite':[" SIDE("76752008") "]}");
	static const struct {
		const char *id;
		bool left, right;
	} cases[] = {{"Condition/none", false, false},
		     {"Condition/left", true, false},
		     {"Condition/both", true, true},
		     {"Procedure/right", false, true},
		     {"Condition/elsewhere", false, false}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		const vg_clinical_fact *fact = fact_at(record, cases[i].id);
		CHECK(vg_fact_in_set(record, fact, test_set("left mastectomy")) == cases[i].left, "%s: left", cases[i].id);
		CHECK(vg_fact_in_set(record, fact, test_set("right mastectomy")) == cases[i].right, "%s: right", cases[i].id);
		CHECK_TEXT(fact->display, "Absence of breast");
	}
	vg_record_free(record);
}

static void a_discharge_tells_of_the_visit(void)
{
#define TO_HOSPICE                                                                                                             \
	"{'dischargeDisposition':{'coding':[{'system':'http://snomed.info/sct','code':'428361000124107','display':'home'}]}}"
	vg_record *record = RECORD(
	    "{'resourceType':'Encounter','id':'r4','status':'finished','type':[{'text':'stay'}],'hospitalization':" TO_HOSPICE
	    ",'period':{'end':'2025-01-09'}}",
	    "{'resourceType':'Encounter','id':'r5','status':'completed','admission':" TO_HOSPICE "}",
	    "{'resourceType':'Encounter','id':'home','status':'finished','hospitalization':{'dischargeDisposition':"
	    "{'text':'home'}}}");
	CHECK(vg_fact_in_set(record, fact_at(record, "Encounter/r4"), test_set("hospice care")), "R4");
	CHECK(vg_fact_in_set(record, fact_at(record, "Encounter/r5"), test_set("hospice care")), "R5");
	CHECK(!vg_fact_in_set(record, fact_at(record, "Encounter/home"), test_set("hospice care")), "another discharge");
	CHECK_TEXT(fact_at(record, "Encounter/r4")->display, "stay");
	vg_record_free(record);
}

/* Whatever begins with "value" is one, and the first of two counts: of every name that the scan knows, and of one it does not.
 */
static void the_first_value_counts(void)
{
	size_t tried = 0;
	for (int key = 0; key <= VG_KEY_COUNT; key++) {
		const char *name = key < VG_KEY_COUNT ? vg_json_known_keys[key].text : "valueOther";
		if (!name || !vg_starts_with(name, "value") || vg_same_text(name, "valueInteger"))
			continue;
		char json[400];
		snprintf(json, sizeof json, OBSERVATION("'%s':{},'valueInteger':7"), name);
		vg_record *record = RECORD(json);
		CHECK(fact_at(record, "Observation/o")->value.kind == VG_VALUE_NONE, "%s is passed over", name);
		vg_record_free(record);
		tried++;
	}
	CHECK(tried > 10, "only %zu names", tried);
}

const test_case test_cases_facts[] = {
    {"values of every kind are read", reads_every_kind_of_value},
    {"the first value counts, whatever it is called", the_first_value_counts},
    {"comparators are kept", keeps_comparators},
    {"a unit that cannot be read is not known", an_unreadable_unit_is_not_known},
    {"interpretations follow the coded value", interpretations_follow_the_coded_value},
    {"components are facts of their own", components_are_facts_of_their_own},
    {"a reason stands in place of a value", a_reason_stands_in_place_of_a_value},
    {"results are dated by every effective[x]", results_are_dated},
    {"ages become dates", ages_become_dates},
    {"conditions stand as they say", conditions_stand_as_they_say},
    {"a condition without onset began when it was recorded", a_condition_without_onset_began_when_it_was_recorded},
    {"an unknown status is said", an_unknown_status_is_said_and_counts_as_missing},
    {"allergies are recognised by code and name", allergies_are_recognised_by_code_and_name},
    {"no known allergy is no fact", no_known_allergy_is_no_fact},
    {"allergies stand as they say", allergies_stand_as_they_say},
    {"contained results are facts", contained_results_are_facts},
    {"services are read", services_are_read},
    {"immunisations and visits are read", immunisations_and_visits_are_read},
    {"relatives' conditions are facts", relatives_conditions_are_facts},
    {"several codings say the same thing", several_codings_say_the_same_thing},
    {"a side told beside the code counts", a_side_told_beside_the_code_counts},
    {"a discharge tells of the visit", a_discharge_tells_of_the_visit},
    {0},
};
