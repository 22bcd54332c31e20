/*
 * Records written as one line to FHIR, read as any other record.
 */
#include "rule_tests.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static const struct coding {
	const char *name, *system, *code;
} codings[] = {
    {"warfarin", "rxnorm", "855332"},
    {"ibuprofen", "rxnorm", "310965"},
    {"ibuprofen-gel", "rxnorm", "900001"},
    {"ibuprofen-somehow", "rxnorm", "900002"},
    {"naproxen", "rxnorm", "198013"},
    {"acetaminophen325", "rxnorm", "313782"},
    {"acetaminophen500", "rxnorm", "198440"},
    {"oxycodone-acetaminophen", "rxnorm", "900003"},
    {"metformin", "rxnorm", "861007"},
    {"glyburide", "rxnorm", "310537"},
    {"amoxicillin", "rxnorm", "308191"},
    {"atorvastatin", "rxnorm", "617310"},
    {"simvastatin", "rxnorm", "314231"},
    {"methotrexate", "rxnorm", "105585"},
    {"phenelzine", "rxnorm", "313447"},
    {"omeprazole", "rxnorm", "199149"},
    {"penicillin-class", "snomed", "373270004"},
    {"penicillin-g", "rxnorm", "7980"},
    {"eGFR", "loinc", "33914-3"},
    {"creatinine", "loinc", "2160-0"},
    {"potassium", "loinc", "2823-3"},
    {"HbA1c", "loinc", "4548-4"},
    {"INR", "loinc", "6301-6"},
    {"weight", "loinc", "29463-7"},
    {"culture", "loinc", "630-4"},
    {"FIT", "loinc", "57905-2"},
    {"FIT2", "loinc", "29771-3"},
    {"systolic", "loinc", "8480-6"},
    {"diastolic", "loinc", "8462-4"},
    {"HPV", "loinc", "21440-3"},
    {"due-date", "loinc", "11778-8"},
    {"pregnancy-status", "loinc", "82810-3"},
    {"positive", "snomed", "10828004"},
    {"negative", "snomed", "260385009"},
    {"unheard-of", "snomed", "999999999"},
    {"pregnant", "snomed", "77386006"},
    {"colonoscopy", "snomed", "73761001"},
    {"colectomy", "snomed", "26390003"},
    {"pap", "snomed", "171149006"},
    {"hospice", "snomed", "385763009"},
    {"dialysis", "snomed", "108241001"},
    {"pregnancy", "icd10cm", "Z33.1"},
    {"diabetes", "icd10cm", "E11.9"},
    {"heart-failure", "icd10cm", "I50.9"},
    {"hypertension", "icd10cm", "I10"},
    {"colon-cancer", "icd10cm", "C18.9"},
    {"breast-cancer", "icd10cm", "C50.9"},
    {"anaphylaxis", "snomed", "39579001"},
    {"hives", "snomed", "126485001"},
    {"zoster", "cvx", "187"},
    {"hospice-icd", "snomed", "385763009"},
};

typedef struct record_entry { /* "lab eGFR 24 mL/min on=2026-01-02" in pieces */
	char text[256];
	const char *words[8];
	size_t word_count;
	const char *keys[8], *values[8];
	size_t key_count;
} record_entry;

static void split(record_entry *entry, const char *text, size_t length)
{
	*entry = (struct record_entry){.word_count = 0};
	snprintf(entry->text, sizeof entry->text, "%.*s", (int)length, text);
	for (char *word = strtok(entry->text, " \n\t"); word; word = strtok(NULL, " \n\t")) {
		char *equals = strchr(word, '=');
		if (equals && isalpha((unsigned char)*word)) {
			*equals = '\0';
			entry->keys[entry->key_count] = word;
			entry->values[entry->key_count++] = equals + 1;
		} else {
			entry->words[entry->word_count++] = word;
		}
	}
}

static const char *key(const record_entry *entry, const char *name, const char *otherwise)
{
	for (size_t i = 0; i < entry->key_count; i++)
		if (strcmp(entry->keys[i], name) == 0)
			return entry->values[i];
	return otherwise;
}

static void add_coding(vg_buffer *json, const char *name)
{
	for (size_t i = 0; i < VG_COUNT(codings); i++)
		if (strcmp(codings[i].name, name) == 0) {
			vg_addf(json, "{\"coding\":[{\"system\":\"%s\",\"code\":\"%s\",\"display\":\"%s\"}]}",
				vg_system_uri(codings[i].system), codings[i].code, name);
			return;
		}
	CHECK(false, "the test names a code \"%s\" that its table does not have", name);
	vg_addf(json, "{\"text\":\"%s\"}", name);
}

static void add_member(vg_buffer *json, const char *name, const char *value)
{
	if (value)
		vg_addf(json, ",\"%s\":\"%s\"", name, value);
}

static void add_dosage(vg_buffer *json, const record_entry *entry)
{
	const char *dose = key(entry, "dose", NULL), *route = key(entry, "route", NULL), *end = key(entry, "to", NULL);
	const char *per = key(entry, "per", "1"), *every = key(entry, "every", "1"), *days = key(entry, "days", NULL);
	vg_add(json, ",\"dosageInstruction\":[{\"text\":\"x\"");
	if (dose)
		vg_addf(json, ",\"doseAndRate\":[{\"doseQuantity\":{\"value\":%s,\"unit\":\"tablet\"}}]", dose);
	if (route)
		vg_addf(json, ",\"route\":{\"text\":\"%s\"}", route);
	if (dose || end || days) {
		vg_add(json, ",\"timing\":{\"repeat\":{\"x\":1");
		if (dose)
			vg_addf(json, ",\"frequency\":%s,\"period\":%s,\"periodUnit\":\"d\"", per, every);
		if (end)
			vg_addf(json, ",\"boundsPeriod\":{\"start\":\"%s\",\"end\":\"%s\"}", key(entry, "on", "2020-01-01"),
				end);
		else if (days)
			vg_addf(json,
				",\"boundsDuration\":{\"value\":%s,\"unit\":\"d\",\"system\":\"http://"
				"unitsofmeasure.org\",\"code\":\"d\"}",
				days);
		vg_add(json, "}}");
	}
	vg_add(json, "}]");
}

static void add_medication(vg_buffer *json, const record_entry *entry, const char *status)
{
	vg_addf(json,
		"\"resourceType\":\"MedicationRequest\",\"intent\":\"order\",\"status\":\"%s\",\"medicationCodeableConcept\":",
		key(entry, "status", status));
	add_coding(json, entry->words[1]);
	add_member(json, "authoredOn", key(entry, "on", NULL));
	if (key(entry, "renews", NULL))
		vg_addf(json, ",\"priorPrescription\":{\"reference\":\"%s\"}", key(entry, "renews", NULL));
	add_dosage(json, entry);
}

static void add_observation(vg_buffer *json, const record_entry *entry, const char *code)
{
	vg_addf(json, "\"resourceType\":\"Observation\",\"status\":\"%s\",\"code\":", key(entry, "status", "final"));
	add_coding(json, code);
	add_member(json, "effectiveDateTime", key(entry, "at", key(entry, "on", NULL)));
	add_member(json, "issued", key(entry, "issued", NULL));
}

static void add_quantity(vg_buffer *json, const char *number, const char *unit)
{
	size_t skip = strspn(number, "<>=");
	vg_addf(json, "{\"value\":%s", number + skip);
	if (skip)
		vg_addf(json, ",\"comparator\":\"%.*s\"", (int)skip, number);
	if (unit)
		vg_addf(json, ",\"unit\":\"%s\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"%s\"", unit, unit);
	vg_add(json, "}");
}

static void add_pressure(vg_buffer *json, const record_entry *entry)
{
	char numbers[32];
	snprintf(numbers, sizeof numbers, "%s", entry->words[1]);
	char *slash = strchr(numbers, '/');
	*slash = '\0';
	vg_addf(json, "\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http://"
		      "loinc.org\",\"code\":"
		      "\"85354-9\"}]}");
	add_member(json, "effectiveDateTime", key(entry, "on", NULL));
	vg_add(json, ",\"component\":[{\"code\":");
	add_coding(json, "systolic");
	vg_add(json, ",\"valueQuantity\":");
	add_quantity(json, numbers, "mm[Hg]");
	if (strcmp(slash + 1, "-") != 0) {
		vg_add(json, "},{\"code\":");
		add_coding(json, "diastolic");
		vg_add(json, ",\"valueQuantity\":");
		add_quantity(json, slash + 1, "mm[Hg]");
	}
	vg_add(json, "}]");
}

static void add_status_code(vg_buffer *json, const char *member, const char *code)
{
	vg_addf(json, ",\"%s\":{\"coding\":[{\"code\":\"%s\"}]}", member, code);
}

static void add_allergy(vg_buffer *json, const record_entry *entry)
{
	vg_add(json, "\"resourceType\":\"AllergyIntolerance\",\"code\":");
	add_coding(json, entry->words[1]);
	add_status_code(json, "clinicalStatus", key(entry, "status", "active"));
	add_member(json, "type", key(entry, "type", NULL));
	const char *reaction = key(entry, "reaction", NULL), *severity = key(entry, "severity", NULL);
	if (!reaction && !severity)
		return;
	vg_add(json, ",\"reaction\":[{\"manifestation\":[");
	add_coding(json, reaction ? reaction : "hives");
	vg_add(json, "]");
	add_member(json, "severity", severity);
	vg_add(json, "}]");
}

static void add_period(vg_buffer *json, const record_entry *entry, const char *member)
{
	const char *start = key(entry, "on", NULL), *end = key(entry, "to", NULL);
	if (!start && !end)
		return;
	vg_addf(json, ",\"%s\":{", member);
	if (start)
		vg_addf(json, "\"start\":\"%s\"", start);
	if (end)
		vg_addf(json, "%s\"end\":\"%s\"", start ? "," : "", end);
	vg_add(json, "}");
}

/* The members of one resource; false when the entry is not one. */
static bool add_resource(vg_buffer *json, const record_entry *entry)
{
	const char *kind = entry->words[0];
	if (strcmp(kind, "med") == 0) {
		add_medication(json, entry, "active");
	} else if (strcmp(kind, "order") == 0 || strcmp(kind, "draft") == 0) {
		add_medication(json, entry, "draft");
	} else if (strcmp(kind, "lab") == 0) {
		add_observation(json, entry, entry->words[1]);
		if (entry->word_count > 2) {
			vg_add(json, ",\"valueQuantity\":");
			add_quantity(json, entry->words[2], entry->word_count > 3 ? entry->words[3] : NULL);
		}
		if (key(entry, "absent", NULL))
			add_status_code(json, "dataAbsentReason", key(entry, "absent", NULL));
		if (key(entry, "member", NULL))
			vg_addf(json, ",\"hasMember\":[{\"reference\":\"%s\"}]", key(entry, "member", NULL));
	} else if (strcmp(kind, "coded") == 0) {
		add_observation(json, entry, entry->words[1]);
		vg_add(json, ",\"valueCodeableConcept\":");
		add_coding(json, entry->words[2]);
	} else if (strcmp(kind, "text") == 0) {
		add_observation(json, entry, entry->words[1]);
		vg_addf(json, ",\"valueString\":\"%s\"", entry->words[2]);
	} else if (strcmp(kind, "date") == 0) {
		add_observation(json, entry, entry->words[1]);
		vg_addf(json, ",\"valueDateTime\":\"%s\"", entry->words[2]);
	} else if (strcmp(kind, "bp") == 0) {
		add_pressure(json, entry);
	} else if (strcmp(kind, "report") == 0) {
		vg_addf(json, "\"resourceType\":\"DiagnosticReport\",\"status\":\"final\",\"code\":");
		add_coding(json, entry->words[1]);
		add_member(json, "effectiveDateTime", key(entry, "on", NULL));
	} else if (strcmp(kind, "cond") == 0) {
		vg_add(json, "\"resourceType\":\"Condition\",\"code\":");
		add_coding(json, entry->words[1]);
		add_status_code(json, "clinicalStatus", key(entry, "status", "active"));
		add_member(json, "onsetDateTime", key(entry, "on", NULL));
		add_member(json, "abatementDateTime", key(entry, "to", NULL));
		add_member(json, "recordedDate", key(entry, "recorded", NULL));
	} else if (strcmp(kind, "family") == 0) {
		vg_add(
		    json,
		    "\"resourceType\":\"FamilyMemberHistory\",\"status\":\"completed\",\"relationship\":{\"text\":\"mother\"},"
		    "\"condition\":[{\"code\":");
		add_coding(json, entry->words[1]);
		vg_add(json, "}]");
	} else if (strcmp(kind, "proc") == 0) {
		vg_addf(json, "\"resourceType\":\"Procedure\",\"status\":\"%s\",\"code\":", key(entry, "status", "completed"));
		add_coding(json, entry->words[1]);
		add_member(json, "performedDateTime", key(entry, "on", NULL));
	} else if (strcmp(kind, "shot") == 0) {
		vg_addf(json, "\"resourceType\":\"Immunization\",\"status\":\"%s\",\"vaccineCode\":",
			key(entry, "status", "completed"));
		add_coding(json, entry->words[1]);
		add_member(json, "occurrenceDateTime", key(entry, "on", NULL));
	} else if (strcmp(kind, "visit") == 0) {
		vg_addf(json, "\"resourceType\":\"Encounter\",\"status\":\"%s\",\"type\":[", key(entry, "status", "finished"));
		add_coding(json, entry->words[1]);
		vg_add(json, "]");
		add_period(json, entry, "period");
	} else if (strcmp(kind, "service") == 0 || strcmp(kind, "test") == 0) {
		vg_addf(json, "\"resourceType\":\"ServiceRequest\",\"intent\":\"order\",\"status\":\"%s\",\"code\":",
			key(entry, "status", *kind == 't' ? "draft" : "active"));
		add_coding(json, entry->words[1]);
		add_member(json, "authoredOn", key(entry, "on", NULL));
	} else if (strcmp(kind, "allergy") == 0) {
		add_allergy(json, entry);
	} else {
		return false;
	}
	vg_addf(json, ",\"%s\":{\"reference\":\"Patient/p\"}",
		strcmp(kind, "allergy") && strcmp(kind, "shot") && strcmp(kind, "family") ? "subject" : "patient");
	return true;
}

typedef struct record_bundle {
	vg_buffer json;
	size_t count;
} record_bundle;

static void add_entry(record_bundle *bundle, const record_entry *entry, size_t number)
{
	vg_addf(&bundle->json, "%s{\"resource\":{\"id\":\"%s-%zu\",", bundle->count++ ? "," : "", entry->words[0], number);
	if (!add_resource(&bundle->json, entry))
		CHECK(false, "the test's record has an entry \"%s\"", entry->words[0]);
	vg_add(&bundle->json, "}}");
}

static void begin(record_bundle *bundle, vg_arena *arena)
{
	bundle->count = 0;
	vg_buffer_init(&bundle->json, arena);
	vg_add(&bundle->json, "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[");
}

static void add_patient(record_bundle *bundle, const char *born, const char *sex, bool dead, const char *death)
{
	vg_add(&bundle->json, bundle->count++ ? "," : "");
	vg_add(&bundle->json, "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p\"");
	add_member(&bundle->json, "birthDate", born);
	add_member(&bundle->json, "gender", sex);
	add_member(&bundle->json, "deceasedDateTime", death);
	vg_add(&bundle->json, dead && !death ? ",\"deceasedBoolean\":true}}]}" : "}}]}");
}

/* Sections are marked one at a time: "procedures" or "results=since 2024-01-01". */
static void mark(char *sections, size_t size, const record_entry *entry)
{
	size_t length = strlen(sections);
	snprintf(sections + length, size - length, "%s%s%s%s", length ? "," : "", entry->words[1],
		 entry->word_count > 2 ? "=since " : "", entry->word_count > 2 ? entry->words[2] : "");
}

static void read_as_of(test_scene *scene, const char *as_of)
{
	vg_when when;
	CHECK(vg_date_parse(as_of, strlen(as_of), &when), "\"%s\" is no date", as_of);
	scene->scene.as_of = when.first;
	scene->scene.as_of_instant = when.instant;
}

static vg_record *read_orders(record_bundle *bundle, const vg_record *record, vg_watch watch)
{
	vg_record *orders = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	if (!bundle->count)
		return NULL;
	vg_add(&bundle->json, "]}");
	vigil_status status = vg_orders_read(bundle->json.text, bundle->json.length, record, watch, &vg_default_limits,
					     &vg_system_allocator, &orders, &error);
	CHECK(status == VIGIL_OK, "the test's orders cannot be read: %s", error.text);
	return orders;
}

static void settle(test_scene *scene, const vg_rulebook *book)
{
	scene->scene.rulebook = book;
	scene->scene.knowledge = book->knowledge;
	scene->scene.record = scene->record;
	memcpy(scene->scene.sections, scene->record->sections, sizeof scene->scene.sections);
	for (uint32_t i = 0; i < scene->record->fact_count && i < VG_COUNT(scene->activity); i++)
		scene->activity[i] = (uint8_t)vg_medication_activity(&scene->record->facts[i], scene->scene.as_of);
	scene->scene.activity = scene->activity;
	for (uint32_t i = 0; scene->orders && i < scene->orders->order_count; i++)
		scene->order_list[scene->scene.order_count++] = &scene->orders->orders[i];
	for (uint32_t i = 0; scene->drafts && i < scene->drafts->order_count; i++)
		scene->draft_list[scene->scene.draft_count++] = &scene->drafts->orders[i];
	scene->scene.orders = scene->order_list;
	scene->scene.drafts = scene->draft_list;
	scene->scene.setting = *scene->setting ? scene->setting : NULL;
}

test_scene *scene_of(const vg_rulebook *book, const char *record, const char *as_of)
{
	test_scene *scene = calloc(1, sizeof *scene);
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	record_bundle chart, orders, drafts;
	begin(&chart, &arena);
	begin(&orders, &arena);
	begin(&drafts, &arena);
	char born[32] = "", sex[16] = "", death[32] = "", sections[256] = "";
	bool dead = false;
	size_t number = 0;
	read_as_of(scene, as_of);
	for (const char *at = record; *at; at += strcspn(at, ";"), at += *at == ';') {
		record_entry entry;
		split(&entry, at, strcspn(at, ";"));
		if (!entry.word_count)
			continue;
		const char *kind = entry.words[0];
		if (strcmp(kind, "born") == 0)
			snprintf(born, sizeof born, "%s", entry.words[1]);
		else if (strcmp(kind, "sex") == 0)
			snprintf(sex, sizeof sex, "%s", entry.words[1]);
		else if (strcmp(kind, "died") == 0) {
			dead = true;
			snprintf(death, sizeof death, "%s", key(&entry, "on", ""));
		} else if (strcmp(kind, "setting") == 0)
			snprintf(scene->setting, sizeof scene->setting, "%s", entry.words[1]);
		else if (strcmp(kind, "no") == 0 || strcmp(kind, "since") == 0)
			mark(sections, sizeof sections, &entry);
		else
			add_entry(strcmp(kind, "order") == 0 || strcmp(kind, "test") == 0 ? &orders
				  : strcmp(kind, "draft") == 0                            ? &drafts
											  : &chart,
				  &entry, ++number);
	}
	add_patient(&chart, *born ? born : NULL, *sex ? sex : NULL, dead, *death ? death : NULL);
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_status status = vg_record_read(chart.json.text, chart.json.length, book->knowledge, book->watch,
					     &vg_default_limits, &vg_system_allocator, &scene->record, &error);
	CHECK(status == VIGIL_OK, "the test's record \"%s\" cannot be read: %s\n%s", record, error.text, chart.json.text);
	if (status != VIGIL_OK)
		exit(1);
	if (*sections)
		CHECK(vg_record_sections(scene->record, sections, &error) == VIGIL_OK, "sections \"%s\": %s", sections,
		      error.text);
	scene->orders = read_orders(&orders, scene->record, book->watch);
	scene->drafts = read_orders(&drafts, scene->record, book->watch);
	settle(scene, book);
	vg_arena_free(&arena);
	return scene;
}

void scene_close(test_scene *scene)
{
	vg_record_free(scene->orders);
	vg_record_free(scene->drafts);
	vg_record_free(scene->record);
	free(scene);
}
