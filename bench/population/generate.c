/*
 * A seeded population for measurements: patients of some hundred facts each, as one FHIR Bundle a line and
 * as the tables that the peers query.  The same seed and number give the same bytes on every machine.
 *
 *     generate DIRECTORY PATIENTS [FACTS]     writes bundles.ndjson, patients.csv, facts.csv
 *
 * Each patient has a stream of random numbers of his own, drawn from his index alone, so a larger population
 * begins with the smaller one.  Of the facts some ten matter to the ten screenings of bench/population/pack;
 * the rest are what a chart is full of: vital signs, laboratory values, visits, prescriptions.  The tables hold
 * dates as whole numbers (20260301) so that an interval in years is one addition for every peer; 29 February
 * is never drawn, so that this addition and calendar arithmetic agree.  Nothing is dated after 28 February 2026.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST_DAY 20260228
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

struct code {
	const char *code, *display;
};

/* What the screenings look at: {code, display}, the chance in 1,000 that a patient has it at all, most often how many, and the
 * years that they lie back. */
enum type { OBSERVATION, PROCEDURE, CONDITION };
struct event {
	enum type type;
	struct code code;
	int chance, most, years;
};
static const struct event EVENTS[] = {
    {CONDITION, {"363406005", "Malignant tumor of colon"}, 15, 1, 12},
    {PROCEDURE, {"73761001", "Colonoscopy"}, 420, 2, 14},
    {PROCEDURE, {"418714002", "Virtual computed tomography colonoscopy"}, 30, 1, 8},
    {OBSERVATION, {"57905-2", "Hemoglobin.gastrointestinal.lower [Presence] in Stool by Immunoassay"}, 300, 4, 5},
    {PROCEDURE, {"27865001", "Bilateral mastectomy"}, 12, 1, 15},
    {OBSERVATION, {"24606-6", "MG Breast Screening"}, 450, 5, 9},
    {PROCEDURE, {"236886002", "Hysterectomy"}, 60, 1, 25},
    {OBSERVATION, {"10524-7", "Microscopic observation [Identifier] in Cervix by Cyto stain"}, 400, 4, 9},
    {OBSERVATION, {"21440-3", "Human papilloma virus DNA [Presence] in Cervix by Probe"}, 250, 2, 9},
    {CONDITION, {"44054006", "Diabetes mellitus type 2"}, 130, 1, 15},
    {OBSERVATION, {"4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"}, 300, 6, 4},
    {PROCEDURE, {"252779009", "Single bright white flash electroretinography"}, 160, 3, 4},
    {OBSERVATION, {"2093-3", "Cholesterol [Mass/volume] in Serum or Plasma"}, 700, 4, 9},
    {OBSERVATION, {"85354-9", "Blood pressure panel with all children optional"}, 930, 8, 4},
    {PROCEDURE, {"312681000", "Bone density scan"}, 200, 2, 6},
    {OBSERVATION, {"16128-1", "Hepatitis C virus Ab [Presence] in Serum"}, 500, 1, 12},
    {OBSERVATION, {"75622-1", "HIV 1 and 2 tests - Meaningful Use set"}, 450, 2, 12},
};

/* What charts are full of. */
static const struct code VALUES[] = {
    {"8867-4", "Heart rate"},
    {"8310-5", "Body temperature"},
    {"9279-1", "Respiratory rate"},
    {"29463-7", "Body weight"},
    {"8302-2", "Body height"},
    {"39156-5", "Body mass index (BMI) [Ratio]"},
    {"2339-0", "Glucose [Mass/volume] in Blood"},
    {"2951-2", "Sodium [Moles/volume] in Serum or Plasma"},
    {"2823-3", "Potassium [Moles/volume] in Serum or Plasma"},
    {"2075-0", "Chloride [Moles/volume] in Serum or Plasma"},
    {"2028-9", "Carbon dioxide, total [Moles/volume] in Serum or Plasma"},
    {"3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma"},
    {"2160-0", "Creatinine [Mass/volume] in Serum or Plasma"},
    {"17861-6", "Calcium [Mass/volume] in Serum or Plasma"},
    {"718-7", "Hemoglobin [Mass/volume] in Blood"},
    {"4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count"},
    {"6690-2", "Leukocytes [#/volume] in Blood by Automated count"},
    {"777-3", "Platelets [#/volume] in Blood by Automated count"},
    {"1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma"},
    {"1920-8", "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma"},
    {"1975-2", "Bilirubin.total [Mass/volume] in Serum or Plasma"},
    {"6768-6", "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma"},
    {"1751-7", "Albumin [Mass/volume] in Serum or Plasma"},
    {"2571-8", "Triglyceride [Mass/volume] in Serum or Plasma"},
    {"72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported"},
};
static const struct code PROBLEMS[] = {
    {"59621000", "Essential hypertension"},
    {"55822004", "Hyperlipidemia"},
    {"195662009", "Acute viral pharyngitis"},
    {"10509002", "Acute bronchitis"},
    {"444814009", "Viral sinusitis"},
    {"40055000", "Chronic sinusitis"},
    {"162864005", "Body mass index 30+ - obesity"},
    {"271737000", "Anemia"},
    {"239873007", "Osteoarthritis of knee"},
    {"82423001", "Chronic pain"},
    {"370143000", "Major depressive disorder"},
    {"68496003", "Polyp of colon"},
};
static const struct code DRUGS[] = {
    {"314076", "lisinopril 10 MG Oral Tablet"},
    {"308136", "amlodipine 2.5 MG Oral Tablet"},
    {"860975", "24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet"},
    {"617311", "atorvastatin 40 MG Oral Tablet"},
    {"310798", "hydrochlorothiazide 25 MG Oral Tablet"},
    {"313782", "acetaminophen 325 MG Oral Tablet"},
    {"198440", "acetaminophen 500 MG Oral Tablet"},
    {"966222", "levothyroxine sodium 0.075 MG Oral Tablet"},
    {"198051", "omeprazole 20 MG Delayed Release Oral Capsule"},
};
static const struct code VISITS[] = {
    {"162673000", "General examination of patient"},
    {"185345009", "Encounter for symptom"},
    {"185349003", "Encounter for check up"},
    {"390906007", "Follow-up encounter"},
};

struct writer {
	FILE *bundles, *patients, *facts;
	uint64_t state;
	uint64_t patient;
	int serial;
};

static uint64_t draw(struct writer *w)
{ /* splitmix64: any seed gives a full period */
	uint64_t z = (w->state += UINT64_C(0x9E3779B97F4A7C15));
	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static int below(struct writer *w, int limit) { return (int)(draw(w) % (uint64_t)limit); }

static int day(struct writer *w, int first_year, int years)
{ /* a date as 20260301, never in the future, never 29 February */
	int drawn = (first_year + below(w, years)) * 10000 + (1 + below(w, 12)) * 100 + 1 + below(w, 28);
	return drawn > LAST_DAY ? LAST_DAY : drawn;
}

static void begin(struct writer *w, const char *type)
{
	fprintf(w->bundles,
		",{\"fullUrl\":\"urn:uuid:%" PRIu64 "-%d\",\"resource\":{\"resourceType\":\"%s\",\"id\":\"%" PRIu64 "-%d\"",
		w->patient, w->serial, type, w->patient, w->serial);
	w->serial++;
}

static void coding(struct writer *w, const char *member, const char *system, const struct code *code)
{
	fprintf(w->bundles, ",\"%s\":{\"coding\":[{\"system\":\"%s\",\"code\":\"%s\",\"display\":\"%s\"}],\"text\":\"%s\"}",
		member, system, code->code, code->display, code->display);
}

static void date(struct writer *w, const char *member, int at, const char *time)
{
	fprintf(w->bundles, ",\"%s\":\"%04d-%02d-%02d%s\"", member, at / 10000, at / 100 % 100, at % 100, time);
}

static void subject(struct writer *w, const char *member)
{
	fprintf(w->bundles, ",\"%s\":{\"reference\":\"Patient/p%" PRIu64 "\"}", member, w->patient);
}

static void row(struct writer *w, char kind, const struct code *code, int at)
{
	fprintf(w->facts, "%" PRIu64 ",%c,%s,%d\n", w->patient, kind, code->code, at);
}

static void observation(struct writer *w, const struct code *code, int at, int value)
{
	begin(w, "Observation");
	fputs(",\"status\":\"final\",\"category\":[{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"
	      "observation-category\",\"code\":\"laboratory\"}]}]",
	      w->bundles);
	coding(w, "code", "http://loinc.org", code);
	subject(w, "subject");
	date(w, "effectiveDateTime", at, "T09:12:00+00:00");
	date(w, "issued", at, "T11:40:00.000+00:00");
	fprintf(w->bundles,
		",\"valueQuantity\":{\"value\":%d.%d,\"unit\":\"{score}\",\"system\":\"http://"
		"unitsofmeasure.org\",\"code\":\"{score}\"}}}",
		value / 10, value % 10);
	row(w, 'o', code, at);
}

static void procedure(struct writer *w, const struct code *code, int at)
{
	begin(w, "Procedure");
	fputs(",\"status\":\"completed\"", w->bundles);
	coding(w, "code", "http://snomed.info/sct", code);
	subject(w, "subject");
	date(w, "performedDateTime", at, "T08:30:00+00:00");
	fputs("}}", w->bundles);
	row(w, 'p', code, at);
}

static void condition(struct writer *w, const struct code *code, int at)
{
	begin(w, "Condition");
	fputs(",\"clinicalStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"
	      "condition-clinical\",\"code\":\"active\"}]}"
	      ",\"verificationStatus\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/"
	      "condition-ver-status\",\"code\":\"confirmed\"}]}",
	      w->bundles);
	coding(w, "code", "http://snomed.info/sct", code);
	subject(w, "subject");
	date(w, "onsetDateTime", at, "");
	fputs("}}", w->bundles);
	row(w, 'c', code, at);
}

static void prescription(struct writer *w, const struct code *code, int at)
{
	begin(w, "MedicationRequest");
	fputs(",\"status\":\"completed\",\"intent\":\"order\"", w->bundles);
	coding(w, "medicationCodeableConcept", "http://www.nlm.nih.gov/research/umls/rxnorm", code);
	subject(w, "subject");
	date(w, "authoredOn", at, "T10:00:00+00:00");
	fputs(",\"dosageInstruction\":[{\"timing\":{\"repeat\":{\"frequency\":1,\"period\":1,\"periodUnit\":\"d\"}},"
	      "\"doseAndRate\":[{\"doseQuantity\":{\"value\":1}}]}]}}",
	      w->bundles);
	row(w, 'm', code, at);
}

static void visit(struct writer *w, const struct code *code, int at)
{
	begin(w, "Encounter");
	fputs(",\"status\":\"finished\",\"class\":{\"system\":\"http://terminology.hl7.org/CodeSystem/"
	      "v3-ActCode\",\"code\":\"AMB\"}",
	      w->bundles);
	fprintf(w->bundles,
		",\"type\":[{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"%s\",\"display\":\"%s\"}]}]",
		code->code, code->display);
	subject(w, "subject");
	fprintf(w->bundles,
		",\"period\":{\"start\":\"%04d-%02d-%02dT09:00:00+00:00\",\"end\":\"%04d-%02d-%02dT09:30:00+00:00\"}}}",
		at / 10000, at / 100 % 100, at % 100, at / 10000, at / 100 % 100, at % 100);
	row(w, 'e', code, at);
}

static void person(struct writer *w, uint64_t index, int facts)
{
	w->patient = index;
	w->state = index * UINT64_C(0xD1342543DE82EF95) + 2026;
	w->serial = 0;
	int birth = day(w, 1936, 80), female = below(w, 2);
	fprintf(w->patients, "%" PRIu64 ",%d,%s\n", index, birth, female ? "female" : "male");
	fprintf(w->bundles,
		"{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"fullUrl\":\"urn:uuid:%" PRIu64
		"\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p%" PRIu64
		"\",\"gender\":\"%s\",\"birthDate\":\"%04d-%02d-%02d\"}}",
		index, index, female ? "female" : "male", birth / 10000, birth / 100 % 100, birth % 100);
	for (size_t i = 0; i < COUNT(EVENTS); i++) {
		const struct event *event = &EVENTS[i];
		if (below(w, 1000) >= event->chance)
			continue;
		int first = 2026 - event->years, born = birth / 10000 + 1; /* nothing before the first birthday */
		if (first < born)
			first = born;
		for (int n = 1 + below(w, event->most); n > 0; n--) {
			int at = day(w, first, 2027 - first);
			if (event->type == OBSERVATION)
				observation(w, &event->code, at, 40 + below(w, 1200));
			else if (event->type == PROCEDURE)
				procedure(w, &event->code, at);
			else
				condition(w, &event->code, at);
		}
	}
	while (w->serial < facts) {
		int kind = below(w, 100), at = day(w, 2016, 11);
		if (kind < 68)
			observation(w, &VALUES[below(w, (int)COUNT(VALUES))], at, 40 + below(w, 1200));
		else if (kind < 78)
			condition(w, &PROBLEMS[below(w, (int)COUNT(PROBLEMS))], at);
		else if (kind < 88)
			prescription(w, &DRUGS[below(w, (int)COUNT(DRUGS))], at);
		else
			visit(w, &VISITS[below(w, (int)COUNT(VISITS))], at);
	}
	fputs("]}\n", w->bundles);
}

static FILE *open_in(const char *directory, const char *name)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *file = fopen(path, "w");
	if (!file) {
		perror(path);
		exit(6);
	}
	return file;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: generate DIRECTORY PATIENTS [FACTS]\n");
		return 2;
	}
	uint64_t patients = strtoull(argv[2], NULL, 10);
	int facts = argc > 3 ? atoi(argv[3]) : 100;
	struct writer w = {
	    open_in(argv[1], "bundles.ndjson"), open_in(argv[1], "patients.csv"), open_in(argv[1], "facts.csv"), 0, 0, 0};
	fputs("patient,birth,sex\n", w.patients);
	fputs("patient,kind,code,date\n", w.facts);
	for (uint64_t i = 0; i < patients; i++)
		person(&w, i, facts);
	if (fclose(w.bundles) || fclose(w.patients) || fclose(w.facts)) {
		perror(argv[1]);
		return 6;
	}
	return 0;
}
