/*
 * Packed records: what comes back is what went in, seen through whole answers.
 *
 * Each record is read as ever and answered; then packed, unpacked and answered
 * again: the JSON, with every alert, screening, reference and name, has the
 * same bytes.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/population_support.h"

static vg_world *world;

static const char *read_text(vg_arena *arena, const char *path, size_t *ret_length)
{
	char *text = NULL;
	return vg_read_file(arena, path, 0, &text, ret_length, NULL) == VIGIL_OK ? text : NULL;
}

/* Packs a text, and joins what belongs to its one patient. */
static vigil_status pack_one(vg_packer *packer, vg_template_list *templates, vg_packed_list *list, const char *text,
			     size_t length, vg_packed *ret)
{
	vg_arena arena; /* of the words, which the list points to */
	vg_arena_init(&arena, NULL, 0);
	vigil_status status = pack_text(packer, templates, list, &arena, text, length);
	if (status == VIGIL_OK)
		status = vg_packed_list_write(list, ret, NULL);
	vg_arena_free(&arena);
	return status;
}

typedef struct round_trip { /* there and back */
	vg_arena arena;
	vg_packer *packer;
	vg_template_list *templates;
	vg_packed_list *list;
	vg_dictionary *dictionary;
	vg_unpacker *unpacker;
	vg_evaluator *evaluator;
} round_trip;

static void trip_open(round_trip *trip)
{
	*trip = (round_trip){0};
	vg_arena_init(&trip->arena, NULL, 0);
	CHECK(vg_packer_open(NULL, &trip->packer, NULL) == VIGIL_OK, "no packer");
	CHECK(vg_template_list_open(NULL, &trip->templates, NULL) == VIGIL_OK, "no dictionary");
	CHECK(vg_packed_list_open(NULL, &trip->list, NULL) == VIGIL_OK, "no list");
	CHECK(vg_evaluator_open(NULL, &trip->evaluator, NULL) == VIGIL_OK, "no evaluator");
}

static void trip_close(round_trip *trip)
{
	vg_unpacker_close(trip->unpacker);
	vg_dictionary_free(trip->dictionary);
	vg_packed_list_close(trip->list);
	vg_packer_close(trip->packer);
	vg_template_list_close(trip->templates);
	vg_evaluator_close(trip->evaluator);
	vg_arena_free(&trip->arena);
}

/* The dictionary as it is now, for the one unpacker. */
static vigil_status see_dictionary(round_trip *trip, vg_unpack what)
{
	static const uint32_t none[] = {0};
	vg_unpacker_close(trip->unpacker);
	vg_dictionary_free(trip->dictionary);
	trip->unpacker = NULL;
	trip->dictionary = NULL;
	size_t count = vg_template_list_count(trip->templates);
	vg_packed *templates = vg_alloc_array(&trip->arena, count, sizeof *templates);
	for (size_t i = 0; templates && i < count; i++)
		templates[i] = vg_template_list_text(trip->templates, i + 1);
	vigil_status status = vg_dictionary_open(templates, count, none, 1, world->knowledge, world->rulebook->watch, NULL,
						 &trip->dictionary, NULL);
	return status == VIGIL_OK ? vg_unpacker_open(trip->dictionary, what, &trip->unpacker, NULL) : status;
}

static const char *answer_text(round_trip *trip, const vg_record *record, bool only_screenings)
{
	vg_question question = {
	    .record = record, .judge_existing = !only_screenings, .all_statuses = true, .all_screenings = true};
	vg_when as_of;
	const vg_answer *answer = NULL;
	vg_date_parse("2021-04-01", 10, &as_of);
	question.as_of = as_of;
	vigil_status status = vg_evaluate(trip->evaluator, world, &question, &answer, NULL);
	vg_buffer out;
	vg_buffer_init(&out, &trip->arena);
	if (status != VIGIL_OK)
		return "no answer";
	if (!only_screenings)
		vg_answer_json(answer, true, &out);
	for (size_t i = 0; only_screenings && i < answer->screening_count; i++) {
		const vg_screening *screening = &answer->screenings[i];
		vg_addf(&out, "%s %d %d %d %s %s\n", screening->rule->id, screening->status, screening->due,
			screening->overdue_since, screening->reason, screening->last ? screening->last->reference : "");
	}
	const char *text = vg_buffer_text(&out);
	return text ? text : "no memory";
}

static void check_trip(round_trip *trip, const char *name, const char *text, size_t length, vg_unpack what)
{
	vg_record *before = NULL, *after = NULL;
	vg_packed packed = {"", 0};
	vigil_error error = VIGIL_ERROR_INIT;
	bool seen = what == VG_UNPACK_SEEN;
	if (vg_record_read(text, length, world->knowledge, world->rulebook->watch, NULL, NULL, &before, NULL) != VIGIL_OK)
		return; /* no record: refused with a reason, and tested elsewhere */
	vigil_status status = pack_one(trip->packer, trip->templates, trip->list, text, length, &packed);
	if (status == VIGIL_OK)
		status = see_dictionary(trip, what);
	if (status == VIGIL_OK)
		status = vg_unpack_record(trip->unpacker, packed, &after, &error);
	CHECK(status == VIGIL_OK, "%s does not come back: %s", name, error.text);
	if (status == VIGIL_OK && before->order_count == 0 && !before->hook)
		CHECK_TEXT(answer_text(trip, after, seen), answer_text(trip, before, seen));
	vg_record_free(after);
	vg_record_free(before);
}

static void try_file(round_trip *trip, const char *path, vg_unpack what)
{
	size_t length = 0;
	const char *text = read_text(&trip->arena, path, &length);
	if (text)
		check_trip(trip, path, text, length, what);
}

static void try_folder(const char *folder, const char *suffix, vg_unpack what)
{
	const char *const *files = NULL;
	size_t count = 0;
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	CHECK(vg_list_files(&arena, folder, suffix, &files, &count, NULL) == VIGIL_OK && count > 0, "nothing in %s", folder);
	round_trip trip;
	trip_open(&trip);
	for (size_t i = 0; i < count; i++)
		try_file(&trip, vg_format(&arena, "%s/%s", folder, files[i]), what);
	trip_close(&trip);
	vg_arena_free(&arena);
}

static void cases_come_back(void)
{
	world = population_world();
	try_folder("fixtures/cases", "record.json", VG_UNPACK_ALL);
	try_folder("fixtures/records", ".json", VG_UNPACK_ALL);
}

static void seen_facts_suffice(void)
{
	world = population_world();
	try_folder("fixtures/cases", "record.json", VG_UNPACK_SEEN);
}

static void synthea_comes_back(void)
{
	world = population_world();
	const char *folder = test_data("synthea/bundles");
	if (!folder)
		return;
	try_folder(folder, ".json", VG_UNPACK_ALL);
	try_folder(folder, ".json", VG_UNPACK_SEEN);
}

/* ---- spelling ------------------------------------------------------------------------ */

typedef enum spelling { AS_IT_IS, WITHOUT_BLANKS, WITH_BLANKS, WITH_ESCAPES, SPELLINGS } spelling;

/* The same JSON in another spelling: blanks between its parts dropped or added, letters of keys and texts escaped. */
static const char *respell(vg_arena *arena, const char *text, size_t length, spelling how)
{
	vg_buffer out;
	vg_buffer_init(&out, arena);
	bool inside = false;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (inside && c == '\\') { /* an escape as it is */
			size_t more = text[i + 1] == 'u' ? 6 : 2;
			vg_add_bytes(&out, text + i, more);
			i += more - 1;
			continue;
		}
		inside = c == '"' ? !inside : inside;
		if (!inside && c != '"' && how == WITHOUT_BLANKS && (c == ' ' || c == '\n'))
			continue;
		if (!inside && how == WITH_BLANKS && strchr("{}[]:,", c))
			vg_addf(&out, "\t%c \n", c);
		else if (inside && how == WITH_ESCAPES && letter)
			vg_addf(&out, "\\u%04x", (unsigned)c);
		else
			vg_add_bytes(&out, &c, 1);
	}
	return vg_buffer_text(&out);
}

static uint64_t sum_of_templates(const vg_template_list *templates)
{
	uint64_t sums[2] = {0};
	for (size_t i = 1; i <= vg_template_list_count(templates); i++) {
		vg_packed text = vg_template_list_text(templates, i);
		sums[1] = vg_hash(text.bytes, text.length);
		sums[0] = vg_hash(sums, sizeof sums);
	}
	return sums[0];
}

static void spelling_makes_no_difference(void)
{
	const char *const *files = NULL;
	size_t count = 0, length;
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	CHECK(vg_list_files(&arena, "fixtures/cases", "record.json", &files, &count, NULL) == VIGIL_OK && count, "no cases");
	for (size_t i = 0; i < count; i++) {
		const char *text = read_text(&arena, vg_format(&arena, "fixtures/cases/%s", files[i]), &length);
		vg_packed first = {"", 0}, packed = {"", 0};
		uint64_t sum = 0;
		for (spelling how = AS_IT_IS; text && how < SPELLINGS; how++) {
			round_trip trip;
			trip_open(&trip);
			const char *again = respell(&arena, text, length, how);
			vigil_status status = pack_one(trip.packer, trip.templates, trip.list, again, strlen(again), &packed);
			if (how == AS_IT_IS) {
				first = (vg_packed){vg_copy_text(&arena, packed.bytes, packed.length), packed.length};
				sum = sum_of_templates(trip.templates);
			}
			CHECK(status == VIGIL_OK && packed.length == first.length &&
				  memcmp(packed.bytes, first.bytes, first.length) == 0,
			      "%s in spelling %d is another record", files[i], (int)how);
			CHECK(sum_of_templates(trip.templates) == sum, "%s in spelling %d has other templates", files[i],
			      (int)how);
			trip_close(&trip);
		}
	}
	vg_arena_free(&arena);
}

/* Each allocation failed in turn: a clear answer that says so, and the same record once it goes through. */
static vigil_status pack_and_unpack(const vg_allocator *allocator, const char *text, size_t length, size_t *ret_facts)
{
	static const uint32_t none[] = {0};
	vg_packer *packer = NULL;
	vg_template_list *known = NULL;
	vg_packed_list *list = NULL;
	vg_dictionary *dictionary = NULL;
	vg_unpacker *unpacker = NULL;
	vg_record *record = NULL;
	vg_packed packed = {"", 0}, templates[64];
	vigil_status status = vg_packer_open(allocator, &packer, NULL);
	if (status == VIGIL_OK)
		status = vg_template_list_open(allocator, &known, NULL);
	if (status == VIGIL_OK)
		status = vg_packed_list_open(allocator, &list, NULL);
	if (status == VIGIL_OK)
		status = pack_one(packer, known, list, text, length, &packed);
	size_t count = status == VIGIL_OK ? vg_template_list_count(known) : 0;
	CHECK(count <= VG_COUNT(templates), "%zu templates", count);
	for (size_t i = 0; i < count; i++)
		templates[i] = vg_template_list_text(known, i + 1);
	if (status == VIGIL_OK)
		status = vg_dictionary_open(templates, count, none, 1, world->knowledge, world->rulebook->watch, allocator,
					    &dictionary, NULL);
	if (status == VIGIL_OK)
		status = vg_unpacker_open(dictionary, VG_UNPACK_ALL, &unpacker, NULL);
	if (status == VIGIL_OK)
		status = vg_unpack_record(unpacker, packed, &record, NULL);
	*ret_facts = status == VIGIL_OK ? record->fact_count : 0;
	vg_record_free(record);
	vg_unpacker_close(unpacker);
	vg_dictionary_free(dictionary);
	vg_packed_list_close(list);
	vg_template_list_close(known);
	vg_packer_close(packer);
	return status;
}

static void failed_allocations_are_said(void)
{
	world = population_world();
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	size_t length = 0, facts = 0, all = 0;
	const char *text = read_text(&arena, "fixtures/demo/record.json", &length);
	test_allocator counter = {0};
	vg_allocator allocator = {test_resize, &counter};
	CHECK(text && pack_and_unpack(&allocator, text, length, &all) == VIGIL_OK && all > 5, "%zu facts", all);
	CHECK(counter.live_blocks == 0, "%zu blocks are lost", counter.live_blocks);
	size_t calls = counter.calls;
	for (size_t i = 1; text && i <= calls; i++) {
		counter = (test_allocator){.fail_at = i};
		vigil_status status = pack_and_unpack(&allocator, text, length, &facts);
		CHECK(status == VIGIL_NO_MEMORY || (status == VIGIL_OK && facts == all),
		      "allocation %zu of %zu: status %d, %zu facts", i, calls, (int)status, facts);
		CHECK(counter.live_blocks == 0, "allocation %zu: %zu blocks are lost", i, counter.live_blocks);
	}
	vg_arena_free(&arena);
}

const test_case test_cases_packed[] = {
    {"each case's record comes back from its packed form with the same answer", cases_come_back},
    {"for screenings the facts that are seen are enough", seen_facts_suffice},
    {"other blanks and escapes give the same record", spelling_makes_no_difference},
    {"each failed allocation is said, and loses nothing", failed_allocations_are_said},
    {"60 synthetic patients come back with the same answers", synthea_comes_back},
    {0},
};
