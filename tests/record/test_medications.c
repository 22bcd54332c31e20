/* Medications: which, how much, since when, until when, and who speaks for whom. */
#include "record/record_internal.h"
#include "record_support.h"

#include <stdio.h>
#include <stdlib.h>

#define RXNORM(code)                                                                                                           \
	"'medicationCodeableConcept':{'coding':[{'system':'http://www.nlm.nih.gov/research/umls/rxnorm','code':'" code "'}]}"
#define WARFARIN RXNORM("855332")
#define REQUEST(id, rest) "{'resourceType':'MedicationRequest','id':'" id "'," rest "}"

static vg_activity activity_at(const vg_record *record, const char *reference, const char *as_of)
{
	return vg_medication_activity(fact_at(record, reference), day(as_of));
}

/* ---- status ------------------------------------------------------------------------ */

static void medications_count_as_they_say(void)
{
	static const struct {
		const char *type, *json;
		bool there;
		vg_activity activity;
	} cases[] = {
	    {"MedicationRequest", "'status':'active'", true, VG_ACTIVE},
	    {"MedicationRequest", "'status':'on-hold'", true, VG_ACTIVE},
	    {"MedicationRequest", "'status':'unknown'", true, VG_ACTIVE},
	    {"MedicationRequest", "'intent':'order'", true, VG_ACTIVE},
	    {"MedicationRequest", "'status':'stopped'", true, VG_NOT_ACTIVE},
	    {"MedicationRequest", "'status':'cancelled'", true, VG_NOT_ACTIVE},
	    {"MedicationRequest", "'status':'completed'", true, VG_NOT_ACTIVE},
	    {"MedicationRequest", "'status':'draft'", true, VG_NOT_ACTIVE},
	    {"MedicationRequest", "'status':'entered-in-error'", false, VG_NOT_ACTIVE},
	    {"MedicationRequest", "'status':'active','intent':'proposal'", true, VG_NOT_ACTIVE},
	    {"MedicationRequest", "'status':'active','intent':'plan'", true, VG_NOT_ACTIVE},
	    {"MedicationRequest", "'status':'active','intent':'plan','reportedBoolean':true", true, VG_ACTIVE},
	    {"MedicationRequest", "'status':'active','intent':'option'", true, VG_NOT_ACTIVE},
	    {"MedicationRequest", "'status':'active','doNotPerform':true", true, VG_NOT_ACTIVE},
	    {"MedicationRequest", "'status':'active','dosageInstruction':[{'asNeededBoolean':true}]", true, VG_ACTIVE},
	    {"MedicationStatement", "'status':'active'", true, VG_ACTIVE},
	    {"MedicationStatement", "'status':'intended'", true, VG_ACTIVE},
	    {"MedicationStatement", "'status':'not-taken'", true, VG_NOT_ACTIVE},
	    {"MedicationStatement", "'status':'active','taken':'n'", true, VG_NOT_ACTIVE},
	    {"MedicationStatement", "'status':'active','wasNotTaken':true", true, VG_NOT_ACTIVE},
	    {"MedicationStatement", "'status':'completed'", true, VG_NOT_ACTIVE},
	    {"MedicationAdministration", "'status':'in-progress'", true, VG_ACTIVE},
	    {"MedicationAdministration", "'status':'completed','effectiveDateTime':'2026-02-28'", true, VG_ACTIVE},
	    {"MedicationAdministration", "'status':'completed','effectiveDateTime':'2026-02-27'", true, VG_NOT_ACTIVE},
	    {"MedicationAdministration", "'status':'not-done'", true, VG_NOT_ACTIVE},
	    {"MedicationAdministration", "'notGiven':true", true, VG_NOT_ACTIVE},
	    {"MedicationDispense", "'status':'completed','whenHandedOver':'2026-01-02','daysSupply':{'value':30,'code':'d'}",
	     true, VG_ACTIVE},
	    {"MedicationDispense", "'status':'completed','whenHandedOver':'2025-12-01','daysSupply':{'value':30,'code':'d'}",
	     true, VG_NOT_ACTIVE},
	    {"MedicationDispense", "'status':'completed','whenHandedOver':'2025-12-01'", true, VG_ACTIVE},
	    {"MedicationDispense", "'status':'completed','whenHandedOver':'2025-11-30'", true, VG_NOT_ACTIVE},
	    {"MedicationDispense", "'status':'preparation'", true, VG_NOT_ACTIVE},
	    {"MedicationOrder", "'status':'active','dateWritten':'2026-01-01'", true, VG_ACTIVE},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[600], reference[60];
		snprintf(text, sizeof text, "{'resourceType':'%s','id':'m'," WARFARIN ",%s}", cases[i].type, cases[i].json);
		snprintf(reference, sizeof reference, "%s/m", cases[i].type);
		vg_record *record = RECORD(text);
		CHECK(has_fact(record, reference) == cases[i].there, "%s %s: there or not", cases[i].type, cases[i].json);
		if (cases[i].there)
			CHECK(activity_at(record, reference, "2026-03-01") == cases[i].activity, "%s %s", cases[i].type,
			      cases[i].json);
		vg_record_free(record);
	}
}

static void ends_and_staleness_follow_the_rules(void)
{
#define BOUNDS(text) "'dosageInstruction':[{'timing':{'repeat':{" text "}}}]"
#define SUPPLY(days, repeats)                                                                                                  \
	"'dispenseRequest':{'numberOfRepeatsAllowed':" repeats ",'expectedSupplyDuration':{'value':" days                      \
	",'code':'d','unit':'days'}}"
	static const struct {
		const char *json, *last_active, *then;
		vg_activity after;
	} cases[] = {
	    {"'authoredOn':'2026-01-01'," BOUNDS("'boundsPeriod':{'start':'2026-01-01','end':'2026-01-20'}"), "2026-01-20",
	     "2026-01-21", VG_NOT_ACTIVE},
	    {"'authoredOn':'2026-01-01'," BOUNDS("'boundsDuration':{'value':10,'code':'d'}"), "2026-01-11", "2026-01-12",
	     VG_NOT_ACTIVE},
	    {"'authoredOn':'2026-01-01'," BOUNDS("'boundsRange':{'low':{'value':5,'code':'d'},'high':{'value':1,'code':'wk'}}"),
	     "2026-01-08", "2026-01-09", VG_NOT_ACTIVE},
	    {"'authoredOn':'2026-01-01'," BOUNDS("'count':6,'frequency':2,'period':1,'periodUnit':'d'"), "2026-01-04",
	     "2026-01-05", VG_NOT_ACTIVE},
	    {"'authoredOn':'2026-01-31'," SUPPLY("30", "0"), "2026-04-02", "2026-04-03", VG_STALE},
	    {"'authoredOn':'2026-01-01'," SUPPLY("30", "2"), "2026-05-01", "2026-05-02", VG_STALE},
	    {"'authoredOn':'2026-01-01'", "2027-04-01", "2027-04-02", VG_STALE},
	    {"'authoredOn':'2026-01'", "2027-04-30", "2027-05-01", VG_STALE},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[700];
		snprintf(text, sizeof text, REQUEST("m", "'status':'active'," WARFARIN ",%s"), cases[i].json);
		vg_record *record = RECORD(text);
		CHECK(activity_at(record, "MedicationRequest/m", cases[i].last_active) == VG_ACTIVE, "%s is not active on %s",
		      cases[i].json, cases[i].last_active);
		CHECK(activity_at(record, "MedicationRequest/m", cases[i].then) == cases[i].after, "%s on %s", cases[i].json,
		      cases[i].then);
		vg_record_free(record);
	}
}

static void future_entries_do_not_count(void)
{
	vg_record *record = RECORD(REQUEST("m", "'status':'active'," WARFARIN ",'authoredOn':'2026-03-10'"));
	CHECK(activity_at(record, "MedicationRequest/m", "2026-03-08") == VG_NOT_ACTIVE, "two days ahead");
	CHECK(activity_at(record, "MedicationRequest/m", "2026-03-09") == VG_ACTIVE, "a day ahead may be the time zone");
	vg_record_free(record);
}

static void tells_when_it_was_stopped(void)
{
	vg_record *record = RECORD(REQUEST("a", "'status':'stopped'," WARFARIN ",'authoredOn':'2026-01-01'"),
				   "{'resourceType':'MedicationStatement','id':'b','status':'stopped'," RXNORM(
				       "310965") ",'effectivePeriod':{'start':'2025-01-01','end':'2026-02-01'}}",
				   REQUEST("c", "'status':'cancelled'," RXNORM("105585") ",'authoredOn':'2026-01-01'"));
	CHECK(vg_medication_stopped_on(fact_at(record, "MedicationRequest/a")) == VG_NO_DAY, "nobody said when");
	CHECK(vg_medication_stopped_on(fact_at(record, "MedicationStatement/b")) == day("2026-02-02"),
	      "the day after its last");
	CHECK(vg_medication_stopped_on(fact_at(record, "MedicationRequest/c")) == VG_NO_DAY, "never taken");
	vg_record_free(record);
}

/* ---- which drug ---------------------------------------------------------------------------- */

static void drugs_are_recognised(void)
{
	vg_record *record = RECORD(
	    REQUEST("codes", "'status':'active','medicationCodeableConcept':{'coding':[{'system':'http://hl7.org/fhir/sid/"
			     "ndc','code':'1-2-3'},{'system':"
			     "'http://www.nlm.nih.gov/research/umls/rxnorm','code':'617296'}]}"),
	    REQUEST("text", "'status':'active','medicationCodeableConcept':{'text':'Warfarin Sodium 5 MG Oral Tablet'}"),
	    REQUEST("nobody", "'status':'active','medicationCodeableConcept':{'coding':[{'system':'urn:local','code':'Z','"
			      "display':'Mixture of the house'}]}"),
	    REQUEST("over", "'status':'stopped','medicationCodeableConcept':{'text':'Mixture of the house'}"),
	    REQUEST("nothing", "'status':'active'"),
	    REQUEST("compound", "'status':'active','contained':[{'resourceType':'Medication','id':'c','ingredient':[{'"
				"itemCodeableConcept':{'text':"
				"'Hydrocodone'}},{'itemCodeableConcept':{'coding':[{'system':'http://www.nlm.nih.gov/research/"
				"umls/rxnorm','code':'161'}]}}]}],"
				"'medicationReference':{'reference':'#c'}"),
	    REQUEST(
		"part",
		"'status':'active','contained':[{'resourceType':'Medication','id':'c','code':{'text':'Mix'},'ingredient':[{'"
		"itemCodeableConcept':"
		"{'coding':[{'system':'urn:x','code':'y'}]}},{'itemCodeableConcept':{'coding':[{'system':"
		"'http://www.nlm.nih.gov/research/umls/rxnorm','code':'161'}]}}]}],'medicationReference':{'reference':'#c'}"),
	    REQUEST("gel", "'status':'active'," RXNORM("855633")), REQUEST("salt", "'status':'active'," RXNORM("114194")));
	const vg_clinical_fact *codes = fact_at(record, "MedicationRequest/codes");
	CHECK(codes->ingredient_count == 2 && codes->code_count == 2 && codes->product == codes->codes[1].concept,
	      "the first coding that is known");
	CHECK(vg_fact_ingredient_in(record, codes, test_set("penicillins")) != 0, "amoxicillin is the ingredient in question");
	CHECK(fact_at(record, "MedicationRequest/text")->by_text &&
		  vg_fact_in_set(record, fact_at(record, "MedicationRequest/text"), test_set("warfarin")),
	      "by its name");
	static const struct {
		const char *reference, *why;
	} listed[] = {{"MedicationRequest/nobody", "drug code not known"},
		      {"MedicationRequest/over", NULL},
		      {"MedicationRequest/nothing", "no medication is named"},
		      {"MedicationRequest/part", "an ingredient's code is not known"},
		      {"MedicationRequest/gel", NULL}};
	for (size_t i = 0; i < VG_COUNT(listed); i++) {
		const vg_unused *unused = unused_of(record, listed[i].reference);
		CHECK_TEXT(unused ? unused->why : NULL, listed[i].why);
	}
	CHECK(fact_at(record, "MedicationRequest/part")->ingredient_count == 1, "what is known of it is checked");
	CHECK(fact_at(record, "MedicationRequest/gel")->route == VG_ROUTE_TOPICAL, "the route of the form");
	CHECK(vg_fact_in_set(record, fact_at(record, "MedicationRequest/salt"), test_set("warfarin")),
	      "a salt is its ingredient");
	CHECK(fact_at(record, "MedicationRequest/compound")->ingredient_count == 2, "a compound's parts");
	vg_record_free(record);
}

static void too_many_parts_are_refused(void)
{
	static const char ingredient[] = "{'itemReference':{'reference':'#none'}},", instruction[] = "{'text':'daily'},";
	char *text = malloc(40000);
	strcpy(text, "{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'Patient','id':'p'}},{'resource':{'"
		     "resourceType':'Medication','id':'m',"
		     "'ingredient':[");
	for (int i = 0; i < 300; i++)
		strcat(text, ingredient);
	strcat(text, "{}]}}]}");
	CHECK(strstr(refused(text, VIGIL_BAD_INPUT), "more than 200 ingredients"), "300 ingredients");
	strcpy(text, "{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'Patient','id':'p'}},{'resource':{'"
		     "resourceType':'MedicationRequest','id':'m',"
		     "'dosageInstruction':[");
	for (int i = 0; i < 100; i++)
		strcat(text, instruction);
	strcat(text, "{}]}}]}");
	CHECK(strstr(refused(text, VIGIL_BAD_INPUT), "more than 100 dosage instructions"), "101 instructions");
	free(text);
}

static void the_dosage_decides_the_route(void)
{
	vg_record *record =
	    RECORD(REQUEST("m", "'status':'active'," WARFARIN
				",'dosageInstruction':[{'route':{'coding':[{'system':'http://snomed.info/sct','code':"
				"'47625008'}],'text':'intravenous'}}]"));
	CHECK(fact_at(record, "MedicationRequest/m")->route == VG_ROUTE_INJECTED, "route %d",
	      fact_at(record, "MedicationRequest/m")->route);
	vg_record_free(record);
}

/* ---- how much ------------------------------------------------------------------------------------ */

static void doses_are_read(void)
{
#define TABLETS "'doseAndRate':[{'doseQuantity':{'value':2,'unit':'tablet'}}]"
#define REPEAT(text) "'timing':{'repeat':{" text "}}"
	static const struct {
		const char *code, *dosage;
		double dose; /* mg or IU of the first ingredient; NAN: not readable */
	} cases[] = {
	    {"310965", REPEAT("'frequency':3,'period':1,'periodUnit':'d'") "," TABLETS, 1200},
	    {"310965", REPEAT("'frequency':1,'period':8,'periodUnit':'h'") "," TABLETS, 1200},
	    {"310965", REPEAT("'frequency':1,'frequencyMax':4,'period':1,'periodUnit':'d'") "," TABLETS, 1600},
	    {"310965", REPEAT("'frequency':1,'period':1,'periodUnits':'d'") ",'doseQuantity':{'value':1,'unit':'{pill}'}", 200},
	    {"310965",
	     REPEAT("'frequency':1,'period':1,'periodUnit':'d'") ",'doseAndRate':{'doseQuantity':{'value':600,'code':'mg'}}",
	     600},
	    {"310965",
	     REPEAT("'frequency':1,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':0.6,'unit':'g'}}]",
	     600},
	    {"310965",
	     REPEAT("'frequency':1,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseRange':{'low':{'value':1,'unit':'"
								 "tablet'},'high':{'value':2,'unit':"
								 "'tablet'}}}]",
	     400},
	    {"310965", "'timing':{'code':{'coding':[{'code':'TID'}]}}," TABLETS, 1200},
	    {"310965", "'timing':{'code':{'text':'BID'}}," TABLETS, 800},
	    {"310965", "'timing':{'code':{'coding':[{'code':'Q6H'}]}}," TABLETS, 1600},
	    {"310965", "'timing':{'code':{'coding':[{'code':'QOD'}]}}," TABLETS, 200},
	    {"310965", REPEAT("'when':['MORN','NIGHT']") "," TABLETS, 800},
	    {"310965", REPEAT("'frequency':1,'period':1,'periodUnit':'d','when':['C']") "," TABLETS, 1200},
	    {"310965", REPEAT("'timeOfDay':['08:00','14:00','20:00']") "," TABLETS, 1200},
	    {"105585",
	     REPEAT(
		 "'frequency':1,'period':1,'periodUnit':'wk'") ",'doseAndRate':[{'doseQuantity':{'value':7,'unit':'tablets'}}]",
	     2.5},
	    {"105585", REPEAT("'dayOfWeek':['mon','thu']") ",'doseAndRate':[{'doseQuantity':{'value':7,'unit':'tablets'}}]", 5},
	    {"617993",
	     REPEAT("'frequency':2,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':5,'unit':'mL','code'"
								 ":'mL'}}]",
	     1200},
	    {"617296", REPEAT("'frequency':2,'period':1,'periodUnit':'d'") "," TABLETS, 2000},
	    {"617296",
	     REPEAT("'frequency':2,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':500,'unit':'mg'}}]",
	     NAN},
	    {"311041",
	     REPEAT("'frequency':1,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':20,'unit':'units','"
								 "code':'[iU]'}}]",
	     20},
	    {"310965", "'asNeededBoolean':true," REPEAT("'frequency':1,'period':4,'periodUnit':'h'") "," TABLETS, 2400},
	    {"310965",
	     "'asNeededBoolean':true," REPEAT(
		 "'frequency':1,'period':4,'periodUnit':'h'") "," TABLETS ",'maxDosePerPeriod':{'numerator':{'value':6,'unit':"
							      "'tablet'},'denominator':{'value':24,'unit':'hours','code':'h'}}",
	     1200},
	    {"310965",
	     "'asNeededCodeableConcept':{'text':'pain'}," TABLETS
	     ",'maxDosePerPeriod':[{'numerator':{'value':1.2,'code':'g'},'denominator':{'value':1,'code':"
	     "'d'}}]",
	     NAN},
	    {"310965",
	     "'asNeededBoolean':true,'maxDosePerPeriod':{'numerator':{'value':1.2,'code':'g'},'denominator':{'value':1,'code':'"
	     "d'}}",
	     1200},
	    {"310965", "'asNeededBoolean':true," TABLETS, NAN},
	    {"310965", REPEAT("'frequency':3") "," TABLETS, NAN},
	    {"310965", REPEAT("'frequency':3,'period':1,'periodUnit':'d'"), NAN},
	    {"310965", "'text':'two tablets three times a day'", NAN},
	    {"310965",
	     REPEAT("'frequency':3,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':5,'unit':'mg/kg'}}]",
	     NAN},
	    {"310965",
	     REPEAT("'frequency':3,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'rateQuantity':{'value':5,'unit':'mL/h'}}]",
	     NAN},
	    {"310965",
	     REPEAT("'frequency':3,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':5,'unit':'drops'}}]",
	     NAN},
	    {"310965",
	     REPEAT("'frequency':1,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':1,'unit':'dose'}}]",
	     NAN},
	    {"310965",
	     REPEAT(
		 "'frequency':1,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':1,'code':'{dose}'}}]",
	     NAN},
	    {"310965", REPEAT("'frequency':1,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':3}}]",
	     600},
	    {"310965",
	     REPEAT("'frequency':1,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':3,'code':'1'}}]",
	     600},
	    {"310965",
	     REPEAT("'frequency':1,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':3,'code':'TAB','"
								 "unit':'x'}}]",
	     600},
	    {"855633",
	     REPEAT("'frequency':4,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':1,'unit':'"
								 "application'}}]",
	     NAN},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		char text[900];
		snprintf(text, sizeof text, REQUEST("m", "'status':'active'," RXNORM("%s") ",'dosageInstruction':[{%s}]"),
			 cases[i].code, cases[i].dosage);
		vg_record *record = RECORD(text);
		double dose = NAN;
		const char *unit = "";
		bool readable = vg_daily_dose(record, fact_at(record, "MedicationRequest/m"), 0, &dose, &unit);
		CHECK(readable == !isnan(cases[i].dose), "%s {%s}: readable or not", cases[i].code, cases[i].dosage);
		CHECK(!readable || isnan(cases[i].dose) || fabs(dose - cases[i].dose) < 1e-6, "%s {%s}: %g %s instead of %g",
		      cases[i].code, cases[i].dosage, dose, unit, cases[i].dose);
		CHECK(!readable || strcmp(unit, strcmp(cases[i].code, "311041") == 0 ? "[iU]" : "mg") == 0, "%s: unit %s",
		      cases[i].code, unit);
		vg_record_free(record);
	}
}

static void instructions_add_up_or_follow_each_other(void)
{
#define ONE(rest, tablets)                                                                                                     \
	"{" rest REPEAT("'frequency':1,'period':1,'periodUnit':'d'") ",'doseAndRate':[{'doseQuantity':{'value':" tablets       \
								     ",'unit':'tablet'}}]}"
	vg_record *record = RECORD(
	    REQUEST("together", "'status':'active'," WARFARIN ",'dosageInstruction':[" ONE("", "1") "," ONE("", "2") "]"),
	    REQUEST("steps", "'status':'active'," RXNORM("105585") ",'dosageInstruction':[" ONE("'sequence':1,", "4") "," ONE(
				 "'sequence':2,", "3") "," ONE("'sequence':2,", "2") "]"),
	    REQUEST("half",
		    "'status':'active'," RXNORM("310965") ",'dosageInstruction':[" ONE("", "1") ",{'text':'and some more'}]"));
	double dose;
	const char *unit;
	CHECK(vg_daily_dose(record, fact_at(record, "MedicationRequest/together"), 0, &dose, &unit) && dose == 15,
	      "1 + 2 tablets of 5 mg");
	CHECK(vg_daily_dose(record, fact_at(record, "MedicationRequest/steps"), 0, &dose, &unit) && dose == 12.5,
	      "the largest step, 3 + 2");
	CHECK(!vg_daily_dose(record, fact_at(record, "MedicationRequest/half"), 0, &dose, &unit), "half known is unknown");
	CHECK(!vg_daily_dose(record, fact_at(record, "MedicationRequest/together"), 7, &dose, &unit),
	      "there is no such ingredient");
	vg_record_free(record);
}

static void intervals_and_courses_are_read(void)
{
	vg_record *record = RECORD(
	    REQUEST("weekly", "'status':'active'," RXNORM("105585") ",'dosageInstruction':[{" REPEAT(
				  "'frequency':1,'period':1,'periodUnit':'wk'") "}]"),
	    REQUEST("draft", "'status':'draft'," WARFARIN
			     ",'dosageInstruction':[{" REPEAT("'boundsDuration':{'value':2,'code':'wk'}") "}]"),
	    REQUEST("open", "'status':'active'," RXNORM("310965") ",'authoredOn':'2026-01-01','dosageInstruction':[{" REPEAT(
				"'boundsDuration':{'value':2,'code':'wk'}") "},{'text':'then as before'}]"));
	const vg_clinical_fact *weekly = fact_at(record, "MedicationRequest/weekly"),
			       *open = fact_at(record, "MedicationRequest/open");
	CHECK(weekly->dose_count == 1 && fabs(weekly->doses[0].interval_days - 7) < 1e-9, "seven days between doses");
	CHECK(fact_at(record, "MedicationRequest/draft")->duration_days == 14, "a draft without a date has a length");
	CHECK(!vg_when_known(open->until) && isnan(open->duration_days), "one open instruction leaves the whole open");
	vg_record_free(record);
}

/* ---- several sources ------------------------------------------------------------------------------- */

#define STATEMENT(id, rest) "{'resourceType':'MedicationStatement','id':'" id "'," WARFARIN "," rest "}"

static void of_two_sources_the_newest_speaks(void)
{
	static const struct {
		const char *a, *b;
		bool a_active, b_active;
		const char *story;
	} cases[] = {
	    {REQUEST("a", WARFARIN ",'status':'active','authoredOn':'2026-01-01'"),
	     STATEMENT("b", "'status':'stopped','dateAsserted':'2026-02-01'"), false, false, "the patient has stopped since"},
	    {REQUEST("a", WARFARIN ",'status':'stopped','authoredOn':'2026-01-01'"),
	     STATEMENT("b", "'status':'active','dateAsserted':'2026-02-01'"), false, true, "he still takes it"},
	    {REQUEST("a", WARFARIN ",'status':'active','authoredOn':'2026-02-01'"),
	     STATEMENT("b", "'status':'stopped','dateAsserted':'2026-01-01'"), true, false, "it was begun again"},
	    {REQUEST("a", WARFARIN ",'status':'active','authoredOn':'2026-02-01'"),
	     STATEMENT("b", "'status':'stopped','dateAsserted':'2026-02-01'"), true, false,
	     "of equal dates the active one stands"},
	    {REQUEST("a", WARFARIN ",'status':'active'"), STATEMENT("b", "'status':'stopped'"), true, false,
	     "without dates the active one stands"},
	    {REQUEST("a", WARFARIN ",'status':'active','authoredOn':'2026-01-01'"),
	     STATEMENT("b", "'status':'active','dateAsserted':'2026-02-01'"), false, true, "two that are active count once"},
	    {REQUEST("a", WARFARIN ",'status':'active','authoredOn':'2026-02'"),
	     STATEMENT("b", "'status':'stopped','dateAsserted':'2026-02-10'"), true, false,
	     "a partial date may be the newer one"},
	    {REQUEST("a", WARFARIN ",'status':'active','authoredOn':'2026-01-01'"),
	     STATEMENT("b", "'status':'entered-in-error','dateAsserted':'2026-02-01'"), true, false, "errors do not speak"},
	    {REQUEST("a", WARFARIN ",'status':'active','authoredOn':'2026-01-01'"),
	     REQUEST("b", WARFARIN ",'status':'stopped','authoredOn':'2026-02-01'"), true, false,
	     "two prescriptions are one source: both are told"},
	    {REQUEST("a", WARFARIN ",'status':'active','authoredOn':'2026-01-01'"),
	     "{'resourceType':'MedicationRequest','id':'b'," WARFARIN
	     ",'status':'active','authoredOn':'2026-02-01','priorPrescription':{'reference':"
	     "'MedicationRequest/a'}}",
	     false, true, "a prescription speaks for the one it renews"},
	    {STATEMENT("a", "'status':'active','dateAsserted':'2026-01-01','informationSource':{'reference':'Patient/p'}"),
	     STATEMENT("b",
		       "'status':'stopped','dateAsserted':'2026-02-01','informationSource':{'reference':'Practitioner/d'}"),
	     false, false, "statements of two people are two sources"},
	    {REQUEST("a", RXNORM("855633") ",'status':'active','authoredOn':'2026-01-01'"),
	     "{'resourceType':'MedicationStatement','id':'b'," RXNORM(
		 "3355") ",'status':'stopped','dateAsserted':'2026-02-01'}",
	     true, false, "a topical drug and one of unknown route are not the same"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_record *record = RECORD(cases[i].a, cases[i].b);
		bool active[2] = {false, false};
		for (uint32_t k = 0; record && k < record->fact_count; k++) {
			const char *reference = record->facts[k].reference;
			active[reference[strlen(reference) - 1] == 'b'] =
			    vg_medication_activity(&record->facts[k], day("2026-03-01")) != VG_NOT_ACTIVE;
		}
		CHECK(active[0] == cases[i].a_active && active[1] == cases[i].b_active, "%s: %d and %d", cases[i].story,
		      active[0], active[1]);
		vg_record_free(record);
	}
}

static void the_newer_word_counts_from_its_own_day(void)
{
	vg_record *record = RECORD(REQUEST("a", WARFARIN ",'status':'active','authoredOn':'2026-01-01'"),
				   STATEMENT("b", "'status':'stopped','dateAsserted':'2026-02-01'"));
	CHECK(activity_at(record, "MedicationRequest/a", "2026-01-31") == VG_ACTIVE, "the day before");
	CHECK(activity_at(record, "MedicationRequest/a", "2026-02-01") == VG_NOT_ACTIVE, "that day");
	vg_record_free(record);
}

static void dispenses_and_administrations_belong_to_their_prescription(void)
{
#define DISPENSE(id, rest) "{'resourceType':'MedicationDispense','id':'" id "','status':'completed'," WARFARIN "," rest "}"
	vg_record *record = RECORD(REQUEST("m", WARFARIN ",'status':'active','authoredOn':'2024-01-01'"),
				   DISPENSE("d", "'whenHandedOver':'2026-02-01','daysSupply':{'value':30,'code':'d'}"),
				   "{'resourceType':'MedicationAdministration','id':'g','status':'completed'," WARFARIN
				   ",'effectiveDateTime':'2026-02-28'}");
	CHECK(activity_at(record, "MedicationRequest/m", "2026-03-01") == VG_ACTIVE,
	      "renewed by what was handed out: not stale");
	CHECK(activity_at(record, "MedicationDispense/d", "2026-03-01") == VG_NOT_ACTIVE &&
		  activity_at(record, "MedicationAdministration/g", "2026-03-01") == VG_NOT_ACTIVE,
	      "one medication counts once");
	vg_record_free(record);

	record = RECORD(
	    REQUEST("m", WARFARIN ",'status':'stopped','authoredOn':'2026-01-01'"),
	    DISPENSE(
		"d",
		"'whenHandedOver':'2026-02-01','daysSupply':{'value':30,'code':'d'},'authorizingPrescription':[{'reference':"
		"'MedicationRequest/m'}]"));
	CHECK(activity_at(record, "MedicationDispense/d", "2026-02-10") == VG_NOT_ACTIVE,
	      "dispensed on a prescription that was stopped");
	vg_record_free(record);

	record = RECORD(
	    REQUEST("m", WARFARIN ",'status':'completed','authoredOn':'2026-01-01'"),
	    DISPENSE(
		"d",
		"'whenHandedOver':'2026-02-01','daysSupply':{'value':30,'code':'d'},'authorizingPrescription':[{'reference':"
		"'MedicationRequest/m'}]"));
	CHECK(activity_at(record, "MedicationDispense/d", "2026-02-10") == VG_ACTIVE,
	      "the prescription is filled, the drug is at home");
	vg_record_free(record);

	record = RECORD(DISPENSE("d1", "'whenHandedOver':'2026-01-01','daysSupply':{'value':30,'code':'d'}"),
			DISPENSE("d2", "'whenHandedOver':'2026-01-30','daysSupply':{'value':30,'code':'d'}"));
	CHECK(activity_at(record, "MedicationDispense/d1", "2026-02-10") == VG_NOT_ACTIVE &&
		  activity_at(record, "MedicationDispense/d2", "2026-02-10") == VG_ACTIVE,
	      "of two dispenses the newest counts");
	CHECK(activity_at(record, "MedicationDispense/d1", "2026-01-10") == VG_ACTIVE, "and before it the older one");
	vg_record_free(record);
}

static void renewals_are_recognised(void)
{
	vg_record *record = RECORD(
	    REQUEST("m", WARFARIN ",'status':'active','authoredOn':'2026-01-01'"),
	    REQUEST("same", WARFARIN ",'status':'draft'"),
	    REQUEST("text", "'status':'draft','medicationCodeableConcept':{'text':'warfarin'}"),
	    REQUEST("injected", WARFARIN ",'status':'draft','dosageInstruction':[{'route':{'text':'intravenous'}}]"),
	    REQUEST("prior",
		    RXNORM("310965") ",'status':'draft','priorPrescription':{'reference':'http://x/MedicationRequest/m'}"),
	    REQUEST("part", RXNORM("857002") ",'status':'draft'"), REQUEST("other", RXNORM("161") ",'status':'active'"));
	const vg_clinical_fact *m = fact_at(record, "MedicationRequest/m");
	CHECK(vg_order_is_renewal(record, fact_at(record, "MedicationRequest/same"), m), "the same product");
	CHECK(vg_order_is_renewal(record, fact_at(record, "MedicationRequest/text"), m), "the same drug, route not told");
	CHECK(vg_order_is_renewal(record, fact_at(record, "MedicationRequest/prior"), m), "priorPrescription");
	CHECK(!vg_order_is_renewal(record, fact_at(record, "MedicationRequest/injected"), m), "another route");
	CHECK(
	    !vg_order_is_renewal(record, fact_at(record, "MedicationRequest/part"), fact_at(record, "MedicationRequest/other")),
	    "a combination is not its part");
	vg_record_free(record);
}

static void the_units_of_doses_are_those_of_the_knowledge(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const vg_unit *units[] = {&vg_milligram, &vg_millilitre, &vg_biological};
	for (size_t i = 0; i < VG_COUNT(units); i++) {
		vg_unit parsed;
		CHECK(vg_unit_parse(&arena, units[i]->text, &parsed), "%s is not read", units[i]->text);
		CHECK(fabs(parsed.factor - units[i]->factor) < 1e-15 && parsed.offset == units[i]->offset &&
			  memcmp(parsed.dimension, units[i]->dimension, sizeof parsed.dimension) == 0,
		      "%s is another unit for the knowledge", units[i]->text);
	}
	vg_arena_free(&arena);
}

const test_case test_cases_medications[] = {
    {"medications count as they say", medications_count_as_they_say},
    {"ends and staleness follow the rules", ends_and_staleness_follow_the_rules},
    {"future entries do not count", future_entries_do_not_count},
    {"the record tells when one was stopped", tells_when_it_was_stopped},
    {"drugs are recognised by code, name and parts", drugs_are_recognised},
    {"too many parts are refused", too_many_parts_are_refused},
    {"the dosage decides the route", the_dosage_decides_the_route},
    {"daily doses are read", doses_are_read},
    {"the units of doses are those of the knowledge", the_units_of_doses_are_those_of_the_knowledge},
    {"instructions add up or follow each other", instructions_add_up_or_follow_each_other},
    {"intervals and courses are read", intervals_and_courses_are_read},
    {"of two sources the newest speaks", of_two_sources_the_newest_speaks},
    {"the newer word counts from its own day", the_newer_word_counts_from_its_own_day},
    {"dispenses and administrations belong to their prescription", dispenses_and_administrations_belong_to_their_prescription},
    {"renewals are recognised", renewals_are_recognised},
    {0},
};
