/* See record_support.h. */
#include "record_support.h"

#include <stdio.h>
#include <stdlib.h>

static vg_knowledge *knowledge;
static uint32_t *slots;

static void close_knowledge(void)
{
	vg_knowledge_free(knowledge);
	free(slots);
}

const vg_knowledge *test_knowledge(void)
{
	if (knowledge)
		return knowledge;
	vg_findings findings;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_findings_init(&findings, NULL);
	vg_pack_folder pack = {"fixtures/records/pack", "record-tests", "1.0.0"};
	vg_knowledge_sources sources = {.packs = &pack, .pack_count = 1};
	vigil_status status = vg_knowledge_open(&sources, NULL, &findings, &knowledge, &error);
	for (size_t i = 0; i < findings.count; i++)
		if (findings.items[i].level == VIGIL_ERROR)
			printf("%s:%d: %s\n", findings.items[i].file, findings.items[i].line, findings.items[i].text);
	vg_findings_free(&findings);
	if (status != VIGIL_OK) {
		printf("fixtures/records/pack cannot be opened: %s\n", error.text);
		exit(5);
	}
	atexit(close_knowledge);
	return knowledge;
}

vg_watch test_watch(void)
{
	size_t count = vg_set_count(test_knowledge());
	if (!slots) {
		slots = calloc(count + 1, sizeof *slots);
		for (uint32_t set = 1; slots && set <= count; set++)
			slots[set] = set;
	}
	return (vg_watch){slots, (uint32_t)count + 1};
}

vg_set test_set(const char *name)
{
	vg_set set = vg_set_find(test_knowledge(), name);
	CHECK(set != 0, "the test pack has no set \"%s\"", name);
	return set;
}

static char *unquoted(const char *quoted)
{
	char *text = strdup(quoted);
	for (char *c = text; c && *c; c++)
		if (*c == '\'')
			*c = '"';
	return text;
}

vg_record *read_json(const char *quoted)
{
	char *text = unquoted(quoted);
	vigil_error error = VIGIL_ERROR_INIT;
	vg_record *record = NULL;
	vigil_status status = vg_record_read(text, strlen(text), test_knowledge(), test_watch(), NULL, NULL, &record, &error);
	CHECK(status == VIGIL_OK, "not read: %s", error.text);
	free(text);
	return record;
}

const char *refused(const char *quoted, vigil_status expected)
{
	static vigil_error error;
	error = (vigil_error)VIGIL_ERROR_INIT;
	char *text = unquoted(quoted);
	vg_record *record = NULL;
	vigil_status status = vg_record_read(text, strlen(text), test_knowledge(), test_watch(), NULL, NULL, &record, &error);
	CHECK(status == expected, "status %d instead of %d for %.200s", (int)status, (int)expected, quoted);
	CHECK(record == NULL || status == VIGIL_OK, "a refused input gave a record");
	CHECK(status == VIGIL_OK || (error.status == status && *error.text && *error.advice),
	      "an error without text or advice");
	vg_record_free(record);
	free(text);
	return error.text;
}

static char *bundle_from(const char *first, va_list rest)
{
	static const char head[] =
	    "{'resourceType':'Bundle','type':'collection','entry':[{'resource':{'resourceType':'Patient','id':'p',"
	    "'birthDate':'1950-06-15','gender':'female'}}";
	va_list again;
	va_copy(again, rest);
	size_t size = sizeof head + 8;
	for (const char *each = first; each; each = va_arg(again, const char *))
		size += strlen(each) + 20;
	va_end(again);
	char *text = malloc(size);
	if (!text)
		return NULL;
	strcpy(text, head);
	for (const char *each = first; each; each = va_arg(rest, const char *)) {
		strcat(text, ",{'resource':");
		strcat(text, each);
		strcat(text, "}");
	}
	return strcat(text, "]}");
}

char *bundle_of(const char *first, ...)
{
	va_list rest;
	va_start(rest, first);
	char *text = bundle_from(first, rest);
	va_end(rest);
	return text;
}

vg_record *record_of(const char *first, ...)
{
	va_list rest;
	va_start(rest, first);
	char *text = bundle_from(first, rest);
	va_end(rest);
	vg_record *record = read_json(text);
	free(text);
	return record;
}

vg_record *read_file(const char *path)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	char *text;
	size_t length;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_record *record = NULL;
	vigil_status status = vg_read_file(&arena, path, (size_t)1 << 30, &text, &length, &error);
	if (status == VIGIL_OK)
		status = vg_record_read(text, length, test_knowledge(), test_watch(), NULL, NULL, &record, &error);
	CHECK(status == VIGIL_OK, "%s: %s", path, error.text);
	vg_arena_free(&arena);
	return record;
}

static const vg_clinical_fact *find(const vg_record *record, const char *reference)
{
	for (uint32_t i = 0; record && i < record->order_count; i++)
		if (strcmp(record->orders[i].reference, reference) == 0)
			return &record->orders[i];
	for (uint32_t i = 0; record && i < record->fact_count; i++)
		if (strcmp(record->facts[i].reference, reference) == 0)
			return &record->facts[i];
	return NULL;
}

bool has_fact(const vg_record *record, const char *reference) { return find(record, reference) != NULL; }

const vg_clinical_fact *fact_at(const vg_record *record, const char *reference)
{
	static const vg_clinical_fact none = {.reference = "", .display = "", .type = "", .status = "", .value = {.text = ""}};
	const vg_clinical_fact *fact = find(record, reference);
	CHECK(fact != NULL, "there is no fact %s", reference);
	return fact ? fact : &none;
}

const vg_unused *unused_of(const vg_record *record, const char *reference)
{
	for (size_t i = 0; record && i < record->unused_count; i++)
		if (strcmp(record->unused[i].reference, reference) == 0)
			return &record->unused[i];
	return NULL;
}

vg_day day(const char *text)
{
	vg_when when = VG_NO_WHEN;
	CHECK(vg_date_parse(text, strlen(text), &when), "\"%s\" is no date", text);
	return when.first;
}

const char *date_of(vg_when when)
{
	static char texts[2][32];
	static int turn;
	turn = !turn;
	return vg_when_text(when, texts[turn]);
}

static void print_fact(FILE *out, const vg_record *record, const vg_clinical_fact *fact)
{
	fprintf(out, "%d %d %s [%s] %s | %s | %s..%s %s | %s", fact->kind, fact->standing, fact->type, fact->status,
		fact->reference, fact->display, date_of(fact->when), date_of(fact->until), fact->prior, fact->value.text);
	for (int i = 0; i < fact->code_count; i++)
		fprintf(out, " %s|%s|%u", fact->codes[i].system, fact->codes[i].code, fact->codes[i].concept);
	for (int i = 0; i < fact->ingredient_count; i++)
		fprintf(out, " +%u", fact->ingredients[i]);
	for (int i = 0; i < fact->result_count; i++)
		fprintf(out, " >%s", record->facts[fact->results[i]].reference);
	fprintf(out, " route %d supply %d order %d draft %d", fact->route, fact->supply_end, fact->is_order, fact->other_draft);
	if (fact->superseded_by)
		fprintf(out, " superseded by %s", record->facts[fact->superseded_by - 1].reference);
	if (fact->parent)
		fprintf(out, " part of %s", fact->parent->reference);
	fprintf(out, "\n");
}

char *record_text(const vg_record *record)
{
	char *text = NULL;
	size_t size;
	FILE *out = record ? open_memstream(&text, &size) : NULL;
	if (!out)
		return NULL;
	fprintf(out, "%s %s %s\n", record->patient.reference, record->patient.sex, date_of(record->patient.birth));
	for (uint32_t i = 0; i < record->order_count; i++)
		print_fact(out, record, &record->orders[i]);
	for (uint32_t i = 0; i < record->fact_count; i++)
		print_fact(out, record, &record->facts[i]);
	for (size_t i = 0; i < record->unused_count; i++)
		fprintf(out, "unused %s %s %s %u\n", record->unused[i].reference, record->unused[i].display,
			record->unused[i].why, record->unused[i].fact);
	for (int i = 0; i < VG_SECTION_COUNT; i++)
		fprintf(out, "%s %d %s\n", vg_section_name((vg_section)i), (int)record->sections[i].state,
			record->sections[i].why);
	for (uint32_t slot = 0; slot < record->slot_count; slot++)
		for (uint32_t i = record->watch_first[slot]; i < record->watch_first[slot + 1]; i++)
			fprintf(out, "watch %u %u\n", slot, record->watch_facts[i]);
	fprintf(out, "%u left out, %u unmapped\n", record->errors_left_out, record->unmapped_count);
	fclose(out);
	return text;
}

size_t random_below(random_source *random, size_t limit)
{
	random->state = random->state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(random->state >> 33) % limit;
}
