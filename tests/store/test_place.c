/*
 * Records for screenings, made straight from their bytes: the same as those that
 * the readers make, every field of every fact.
 *
 * A record that is told to be of two sources takes the readers' way whatever is
 * in it, so the same bytes can be unpacked both ways.  Texts come from fixtures
 * and synthetic patients, as they are and with digits of them changed at random:
 * other dates, dates that are none, equal times, codes that nobody knows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/population_support.h"

enum { MOST_RECORDS = 4000, ROUNDS = 3 };

typedef struct collection { /* packed records and the dictionary of all */
	vg_arena arena;
	vg_world *narrow; /* the starter pack's screenings */
	vg_packer *packer;
	vg_template_list *templates;
	vg_packed_list *list;
	vg_dictionary *dictionary;
	vg_unpacker *unpacker;
	vg_packed *records;
	size_t count;
	uint64_t state;
	size_t placed; /* by the way that is tested */
} collection;

/* ---- collecting ---------------------------------------------------------------------- */

static void collection_open(collection *all)
{
	vg_world *world = population_world();
	const vg_rulebook *book = world->rulebook;
	*all = (collection){.state = 2026};
	vg_arena_init(&all->arena, NULL, 0);
	uint32_t *rules = vg_alloc_array(&all->arena, book->rule_count, sizeof *rules);
	size_t count = 0;
	for (uint32_t i = 0; i < book->rule_count; i++)
		if (book->rules[i].kind == VG_KIND_SCREENING)
			rules[count++] = i;
	all->records = vg_alloc_array(&all->arena, MOST_RECORDS, sizeof *all->records);
	CHECK(vg_world_narrow(world, rules, count, &all->narrow, NULL) == VIGIL_OK, "no narrow world");
	CHECK(vg_packer_open(NULL, &all->packer, NULL) == VIGIL_OK, "no packer");
	CHECK(vg_template_list_open(NULL, &all->templates, NULL) == VIGIL_OK, "no dictionary");
	CHECK(vg_packed_list_open(NULL, &all->list, NULL) == VIGIL_OK, "no list");
}

static void collection_close(collection *all)
{
	vg_unpacker_close(all->unpacker);
	vg_dictionary_free(all->dictionary);
	vg_packed_list_close(all->list);
	vg_packer_close(all->packer);
	vg_template_list_close(all->templates);
	vg_world_release(all->narrow);
	vg_arena_free(&all->arena);
}

/* Packs a text as one record, whosever its resources are. */
static void collect(collection *all, const char *text, size_t length)
{
	vg_packed packed;
	bool fine = pack_text(all->packer, all->templates, all->list, &all->arena, text, length) == VIGIL_OK;
	if (fine && vg_packed_list_count(all->list) == 0)
		return;
	fine = fine && vg_packed_list_write(all->list, &packed, NULL) == VIGIL_OK;
	CHECK(fine && all->count < MOST_RECORDS, "record %zu cannot be packed", all->count);
	if (fine && all->count < MOST_RECORDS)
		all->records[all->count++] = (vg_packed){vg_copy_text(&all->arena, packed.bytes, packed.length), packed.length};
}

static uint32_t draw(collection *all, uint32_t limit)
{
	all->state = all->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((all->state >> 33) % limit);
}

/* Some digits of a text become others: it stays JSON, as no number of it begins with a zero that was none. */
static char *edited(collection *all, const char *text, size_t length)
{
	char *copy = vg_copy_text(&all->arena, text, length);
	for (size_t edits = 1 + length / 400; copy && edits; edits--) {
		size_t at = draw(all, (uint32_t)length);
		while (at < length && !(copy[at] >= '0' && copy[at] <= '9'))
			at++;
		if (at < length)
			copy[at] = (char)('1' + draw(all, 9));
	}
	return copy;
}

static void collect_folder(collection *all, const char *folder, const char *suffix, size_t rounds)
{
	const char *const *files = NULL;
	size_t count = 0;
	CHECK(vg_list_files(&all->arena, folder, suffix, &files, &count, NULL) == VIGIL_OK && count, "nothing in %s", folder);
	for (size_t i = 0; i < count; i++) {
		char *text;
		size_t length;
		const char *path = vg_format(&all->arena, "%s/%s", folder, files[i]);
		if (vg_read_file(&all->arena, path, 0, &text, &length, NULL) != VIGIL_OK)
			continue;
		collect(all, text, length);
		for (size_t round = 0; round < rounds; round++)
			collect(all, edited(all, text, length), length);
	}
}

static void open_dictionary(collection *all)
{
	static const uint32_t supplied[] = {1u << VG_RESULTS, 0};
	size_t count = vg_template_list_count(all->templates);
	vg_packed *templates = vg_alloc_array(&all->arena, count, sizeof *templates);
	for (size_t i = 0; templates && i < count; i++)
		templates[i] = vg_template_list_text(all->templates, i + 1);
	vigil_status status = vg_dictionary_open(templates, count, supplied, 2, all->narrow->knowledge,
						 all->narrow->rulebook->watch, NULL, &all->dictionary, NULL);
	if (status == VIGIL_OK)
		status = vg_unpacker_open(all->dictionary, VG_UNPACK_SEEN, &all->unpacker, NULL);
	CHECK(status == VIGIL_OK, "no dictionary of %zu templates", count);
}

/* The same resources, told to be of two sources. */
static vg_packed of_two_sources(collection *all, vg_packed record)
{
	const char *from = record.bytes;
	size_t head = 9;
	while (from[head] & 0x80)
		head++;
	head++; /* behind the sections: the number of sources, and the one */
	CHECK(from[head] == 1 && from[head + 1] == 1, "it is no record of one source");
	char *made = vg_alloc(&all->arena, record.length + 1);
	memcpy(made, from, head);
	memcpy(made + head, "\2\1\2", 3);
	memcpy(made + head + 3, from + head + 2, record.length - head - 2);
	uint64_t sum = vg_hash(made + 8, record.length + 1 - 8);
	for (size_t i = 0; i < 8; i++, sum >>= 8)
		made[i] = (char)(unsigned char)sum;
	return (vg_packed){made, record.length + 1};
}

/* ---- comparing ------------------------------------------------------------------------- */

static void tell_when(vg_buffer *out, vg_when when)
{
	vg_addf(out, " %d:%d:%lld", when.first, when.last, (long long)when.instant);
}

static void tell_codes(vg_buffer *out, const vg_code *codes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		vg_addf(out, " %s|%s|%s|%u", codes[i].system, codes[i].code, codes[i].display, codes[i].concept);
	vg_add(out, ";");
}

static void tell_value(vg_buffer *out, const vg_value *value)
{
	vg_addf(out, " value %d %d %d %d '%s' ", value->kind, value->comparator, value->unit_known, value->boolean,
		value->text);
	vg_add_number(out, value->number);
	vg_add(out, " ");
	vg_add_number(out, value->upper);
	vg_addf(out, " %s", value->unit.text ? value->unit.text : "-");
	tell_codes(out, value->codes, value->code_count);
}

static void tell_fact(vg_buffer *out, const vg_record *record, const vg_clinical_fact *fact)
{
	vg_addf(out, "%d %d %d %s '%s' %s %s %d%d%d%d%d%d", fact->kind, fact->standing, fact->route, fact->reference,
		fact->display, fact->type, fact->status, fact->is_order, fact->other_draft, fact->by_text, fact->unmapped,
		fact->as_needed, fact->without_result);
	tell_when(out, fact->when);
	tell_when(out, fact->until);
	tell_when(out, fact->recorded);
	tell_when(out, fact->planned);
	vg_addf(out, " %d %d %u %d %u", fact->supply_end, fact->renewed, fact->superseded_by, fact->superseded_from,
		fact->product);
	tell_codes(out, fact->codes, fact->code_count);
	for (uint16_t i = 0; i < fact->ingredient_count; i++)
		vg_addf(out, " %u", fact->ingredients[i]);
	tell_value(out, &fact->value);
	vg_addf(out, " parent %td results %u doses %u %s ", fact->parent ? fact->parent - record->facts : -1,
		fact->result_count, fact->dose_count, fact->prior);
	vg_add_number(out, fact->duration_days);
	vg_addf(out, " %d %d %d '%s'", fact->criticality, fact->reaction, fact->intolerance, fact->reason_not_done);
	tell_codes(out, fact->reactions, fact->reaction_count);
	vg_add(out, "\n");
}

static const char *tell(vg_arena *arena, const vg_record *record, const vg_world *world)
{
	vg_buffer buffer, *out = &buffer;
	vg_buffer_init(out, arena);
	const vg_patient *patient = &record->patient;
	vg_addf(out, "%s %s %s %d %d", patient->reference, patient->full_url, patient->sex, patient->deceased,
		patient->deceased_known);
	tell_when(out, patient->birth);
	tell_when(out, patient->death);
	for (int i = 0; i < VG_SECTION_COUNT; i++)
		vg_addf(out, " %d %d %s,", record->sections[i].state, record->sections[i].since, record->sections[i].why);
	vg_addf(out, "\n%u facts, %u orders, %zu unused, %u left out, %u unmapped, %zu products, %u drafts, %u slots\n",
		record->fact_count, record->order_count, record->unused_count, record->errors_left_out, record->unmapped_count,
		record->product_count, record->draft_count, record->slot_count);
	for (uint32_t i = 0; i < record->fact_count; i++)
		tell_fact(out, record, &record->facts[i]);
	for (int kind = 0; kind < VG_FACT_KIND_COUNT; kind++)
		for (uint32_t i = 0; i < record->kind_counts[kind]; i++)
			vg_addf(out, " %u", record->kind_facts[kind][i]);
	for (uint32_t slot = 0; slot < world->rulebook->watch.slot_count; slot++) {
		vg_ids ids = vg_record_watched(record, slot);
		for (size_t i = 0; i < ids.count; i++)
			vg_addf(out, " %u:%u", slot, ids.ids[i]);
	}
	const char *text = vg_buffer_text(out);
	return text ? text : "no memory";
}

/* Where two long texts part, so that a failure can be read. */
static void check_same(const char *got, const char *expected, size_t number)
{
	size_t at = 0;
	while (got[at] && got[at] == expected[at])
		at++;
	CHECK(got[at] == expected[at], "record %zu: \"%.80s\", the readers say \"%.80s\"", number, got + at, expected + at);
}

static void compare_all(collection *all)
{
	open_dictionary(all);
	for (size_t i = 0; all->unpacker && i < all->count; i++) {
		vg_record *straight = NULL, *read = NULL;
		vg_packed two = of_two_sources(all, all->records[i]);
		vigil_status status = vg_unpack_record(all->unpacker, all->records[i], &straight, NULL);
		CHECK(vg_unpack_record(all->unpacker, two, &read, NULL) == status, "record %zu: status %d", i, (int)status);
		if (straight && read) {
			vg_arena arena;
			vg_arena_init(&arena, NULL, 0);
			check_same(tell(&arena, straight, all->narrow), tell(&arena, read, all->narrow), i);
			CHECK(read->lender == NULL, "record %zu: the other way was not taken", i);
			all->placed += straight->lender != NULL;
			vg_arena_free(&arena);
		}
		vg_record_free(straight);
		vg_record_free(read);
	}
}

/* ---- the cases ---------------------------------------------------------------------------- */

static void fixtures_are_the_same(void)
{
	collection all;
	collection_open(&all);
	collect_folder(&all, "fixtures/cases", "record.json", ROUNDS);
	collect_folder(&all, "fixtures/records", ".json", ROUNDS);
	compare_all(&all);
	CHECK(all.placed * 4 > all.count, "of %zu records %zu were made straight from their bytes", all.count, all.placed);
	collection_close(&all);
}

static void synthea_is_the_same(void)
{
	const char *folder = test_data("synthea/bundles");
	if (!folder)
		return;
	collection all;
	collection_open(&all);
	collect_folder(&all, folder, ".json", 1);
	compare_all(&all);
	CHECK(all.placed * 2 > all.count, "of %zu records %zu were made straight from their bytes", all.count, all.placed);
	collection_close(&all);
}

/* Results of one patient, more than are sorted by counting; times and dates are drawn from few, so that many are equal. */
static void equal_times_are_ordered(void)
{
	collection all;
	collection_open(&all);
	for (int patient = 0; patient < 60; patient++) {
		vg_buffer text;
		vg_buffer_init(&text, &all.arena);
		vg_add(&text, "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":{\"resourceType\":"
			      "\"Patient\",\"id\":\"p\",\"gender\":\"female\",\"birthDate\":\"1960-02-03\"}}");
		for (int i = 0; i < 4 * patient; i++) {
			static const char *const codes[] = {"4548-4", "2093-3", "85354-9"};
			vg_addf(
			    &text,
			    ",{\"resource\":{\"resourceType\":\"Observation\",\"id\":\"%s%u\",\"status\":\"final\",\"code\":{"
			    "\"coding\":[{\"system\":\"http://"
			    "loinc.org\",\"code\":\"%s\"}]},\"effectiveDateTime\":\"2025-0%u-1%u",
			    draw(&all, 2) ? "o" : "01234567-89ab-cdef-0123-456789abcd", 10 + draw(&all, 80),
			    codes[draw(&all, 3)], 1 + draw(&all, 2), draw(&all, 3));
			if (draw(&all, 2))
				vg_addf(&text, "T0%u:00:00%s", draw(&all, 3), draw(&all, 2) ? "Z" : "-05:00");
			vg_addf(&text, "\",\"valueQuantity\":{\"value\":%u.%u,\"unit\":\"%%\"}}}", draw(&all, 12),
				draw(&all, 100));
		}
		vg_add(&text, "]}");
		collect(&all, vg_buffer_text(&text), text.length);
	}
	compare_all(&all);
	CHECK(all.placed == all.count, "of %zu records %zu were made straight from their bytes", all.count, all.placed);
	collection_close(&all);
}

/* Each byte changed in turn, with the sum made right again: any answer but a crash, and the same both ways. */
static void damage_is_told_the_same_way(void)
{
	collection all;
	collection_open(&all);
	char *text;
	size_t length;
	bool read = vg_read_file(&all.arena, "fixtures/demo/record.json", 0, &text, &length, NULL) == VIGIL_OK;
	CHECK(read, "no demo record");
	if (read)
		collect(&all, text, length);
	vg_packed whole = all.records[0];
	for (size_t at = 13; read && at < whole.length && all.count < MOST_RECORDS; at++) {
		char *copy = vg_copy_text(&all.arena, whole.bytes, whole.length);
		copy[at] = (char)(copy[at] ^ (1 << draw(&all, 8)));
		uint64_t sum = vg_hash(copy + 8, whole.length - 8);
		for (size_t i = 0; i < 8; i++, sum >>= 8)
			copy[i] = (char)(unsigned char)sum;
		all.records[all.count++] = (vg_packed){copy, whole.length};
	}
	compare_all(&all);
	collection_close(&all);
}

/* The room of a record that is freed serves the next; two at a time are two. */
static void records_live_side_by_side(void)
{
	collection all;
	collection_open(&all);
	collect_folder(&all, "fixtures/records", ".json", 0);
	open_dictionary(&all);
	for (size_t i = 0; i + 1 < all.count; i++) {
		vg_record *first = NULL, *second = NULL;
		vigil_status status = vg_unpack_record(all.unpacker, all.records[i], &first, NULL);
		const char *before = status == VIGIL_OK ? tell(&all.arena, first, all.narrow) : "";
		vg_unpack_record(all.unpacker, all.records[i + 1], &second, NULL);
		if (status == VIGIL_OK)
			check_same(tell(&all.arena, first, all.narrow), before, i);
		vg_record_free(i % 2 ? first : second);
		vg_record_free(i % 2 ? second : first);
	}
	collection_close(&all);
}

static void failed_allocations_are_said(void)
{
	collection all;
	collection_open(&all);
	collect_folder(&all, "fixtures/records", ".json", 0);
	open_dictionary(&all);
	size_t calls = 1;
	for (size_t fail_at = 0; fail_at <= calls; fail_at++) {
		test_allocator counter = {.fail_at = 0};
		vg_allocator allocator = {test_resize, &counter};
		vg_dictionary *dictionary = NULL;
		vg_unpacker *unpacker = NULL;
		vg_packed *templates = vg_alloc_array(&all.arena, vg_template_list_count(all.templates), sizeof *templates);
		static const uint32_t none[] = {0};
		for (size_t i = 0; i < vg_template_list_count(all.templates); i++)
			templates[i] = vg_template_list_text(all.templates, i + 1);
		CHECK(vg_dictionary_open(templates, vg_template_list_count(all.templates), none, 1, all.narrow->knowledge,
					 all.narrow->rulebook->watch, &allocator, &dictionary, NULL) == VIGIL_OK &&
			  vg_unpacker_open(dictionary, VG_UNPACK_SEEN, &unpacker, NULL) == VIGIL_OK,
		      "no unpacker");
		counter.calls = 0;
		counter.fail_at = fail_at;
		size_t failed = 0;
		for (size_t i = 0; i < all.count; i++) {
			vg_record *record = NULL, *expected = NULL;
			vigil_status status = vg_unpack_record(unpacker, all.records[i], &record, NULL);
			CHECK(status == VIGIL_OK || status == VIGIL_NO_MEMORY, "record %zu: status %d", i, (int)status);
			failed += status == VIGIL_NO_MEMORY;
			if (status == VIGIL_OK && fail_at &&
			    vg_unpack_record(all.unpacker, all.records[i], &expected, NULL) == VIGIL_OK)
				CHECK(record->fact_count == expected->fact_count, "record %zu lost facts", i);
			vg_record_free(expected);
			vg_record_free(record);
		}
		CHECK(failed == (fail_at != 0), "allocation %zu of %zu: %zu records failed", fail_at, calls, failed);
		if (!fail_at)
			calls = counter.calls;
		vg_unpacker_close(unpacker);
		vg_dictionary_free(dictionary);
		CHECK(counter.live_blocks == 0, "allocation %zu: %zu blocks are lost", fail_at, counter.live_blocks);
	}
	collection_close(&all);
}

const test_case test_cases_place[] = {
    {"fixtures, and what becomes of them with other digits, give the same records", fixtures_are_the_same},
    {"synthetic patients give the same records", synthea_is_the_same},
    {"facts of one time stand in the same order", equal_times_are_ordered},
    {"damage gives the same answer", damage_is_told_the_same_way},
    {"a record's room serves the next, and never two at a time", records_live_side_by_side},
    {"each failed allocation is said, and loses nothing", failed_allocations_are_said},
    {0},
};
