/*
 * Elements of a list that are like an earlier one are passed by comparison with
 * it (json_alike.c).  They must give what they give alone, where there is
 * nothing to compare with, and must be refused for the same reason.
 */
#include "record/record_internal.h"
#include "record_support.h"

#include <stdlib.h>

/* A scan of a copy of exactly that length, so that the sanitizer sees reading too far. */
static vigil_status scan_exact(vg_arena *arena, const char *text, size_t length, vg_json_scan_result *ret, vigil_error *error)
{
	char *exact = malloc(length ? length : 1);
	memcpy(exact, text, length);
	vigil_status status = vg_json_scan(arena, arena, exact, length, NULL, ret, error);
	free(exact);
	return status;
}

/* The value `node` of `whole` is the root of `alone`, node by node, and lies where that does in its part of the text. */
static bool is_same_alone(const vg_json_scan_result *whole, uint32_t node, const vg_json_scan_result *alone)
{
	const vg_json_node *a = whole->nodes + node, *b = alone->nodes;
	const vg_json_span *at = whole->spans + node, *at_alone = alone->spans;
	bool same = a->size == b->size;
	for (uint32_t i = 0; same && i < a->size; i++) {
		bool name = a[i].kind == VG_JSON_NAME, text = name || a[i].kind == VG_JSON_TEXT;
		same = a[i].kind == b[i].kind && a[i].size == b[i].size && (i == 0 || a[i].key == b[i].key) &&
		       (!text || strcmp(a[i].text, b[i].text) == 0) &&
		       (a[i].kind != VG_JSON_NUMBER || a[i].number == b[i].number) &&
		       (name || (at[i].start == at->start + at_alone[i].start && at[i].end == at->start + at_alone[i].end));
	}
	return same;
}

/* The values that a scan has found, each scanned alone; returns how many. */
static size_t compare_parts(const char *text, const vg_json_scan_result *scan, const char *what)
{
	vg_arena arena;
	vg_json_scan_result alone;
	vigil_error error = VIGIL_ERROR_INIT;
	size_t compared = 0;
	vg_arena_init(&arena, NULL, 0);
	for (size_t i = 0; i < scan->entry_count; i++) {
		const vg_json_entry *entry = &scan->entries[i];
		if (!entry->length)
			continue;
		CHECK(scan_exact(&arena, text + entry->offset, entry->length, &alone, &error) == VIGIL_OK, "%s, entry %zu: %s",
		      what, i, error.text);
		CHECK(is_same_alone(scan, entry->node, &alone), "%s: entry %zu is another value alone", what, i);
		vg_arena_reset(&arena);
		compared++;
	}
	for (size_t i = 0; i < scan->member_count; i++) {
		const vg_json_member *member = &scan->members[i];
		CHECK(scan_exact(&arena, text + member->offset, member->length, &alone, &error) == VIGIL_OK,
		      "%s, member %zu: %s", what, i, error.text);
		CHECK(is_same_alone(scan, member->node, &alone), "%s: member %zu is another value alone", what, i);
		vg_arena_reset(&arena);
		compared++;
	}
	vg_arena_free(&arena);
	return compared;
}

static void parts_of_fixtures_are_what_they_are_alone(void)
{
	static const char *const files[] = {"fixtures/records/collection.json", "fixtures/records/order-select.json",
					    "fixtures/demo/record.json"};
	size_t compared = 0;
	for (size_t i = 0; i < VG_COUNT(files); i++) {
		vg_arena arena;
		vg_arena_init(&arena, NULL, 0);
		char *text;
		size_t length;
		vg_json_scan_result scan;
		vigil_error error = VIGIL_ERROR_INIT;
		CHECK(vg_read_file(&arena, files[i], 1 << 20, &text, &length, &error) == VIGIL_OK &&
			  scan_exact(&arena, text, length, &scan, &error) == VIGIL_OK,
		      "%s: %s", files[i], error.text);
		if (!*error.text)
			compared += compare_parts(text, &scan, files[i]);
		vg_arena_free(&arena);
	}
	CHECK(compared > 30, "only %zu entries and members", compared);
}

/* ---- random lists ------------------------------------------------------------------------------------ */

static const char *one_of(random_source *random, const char *const *texts, size_t count)
{
	return texts[random_below(random, count)];
}

/* A leaf; short and long texts, escapes, characters beyond ASCII, numbers, words. */
static void add_leaf(vg_buffer *out, random_source *random)
{
	static const char *const leaves[] = {"\"\"",
					     "\"final\"",
					     "\"a text of thirty-one characters.\"",
					     "\"a text of some more than thirty-two characters, beyond one look\"",
					     "\"\\u00fc\\\"\\\\ \\ud83d\\ude00\"",
					     "\"ü€😀\"",
					     "0",
					     "-12.50e1",
					     "true",
					     "false",
					     "null",
					     "\"]}\"",
					     "\",\\\"code\\\":\""};
	vg_add(out, one_of(random, leaves, VG_COUNT(leaves)));
}

/* The same members for the same `shape`, with other leaves; now and then one more or one less. */
static void add_object(vg_buffer *out, random_source *shape, random_source *random, int depth, const char *first)
{
	static const char *const names[] = {"code",    "status", "subject", "component", "c\\u006fding",
					    "unknown", "ü",      "entry",   "resource",  "resourceType"};
	static const char *const blanks[] = {"", "", "", "\n  "};
	size_t start = random_below(shape, VG_COUNT(names)), count = 2 + random_below(shape, 5);
	const char *blank = one_of(shape, blanks, VG_COUNT(blanks));
	count -= random_below(random, 40) == 0;
	vg_addf(out, "{%s", first);
	for (size_t i = 0; i < count; i++) {
		const char *name = names[(start + i) % (VG_COUNT(names) - (*first != '\0'))]; /* no second resourceType */
		size_t kind = depth ? random_below(shape, 4) : 0, length = random_below(shape, 3);
		vg_addf(out, "%s\"%s\":%s", i || *first ? "," : "", name, blank);
		if (kind == 1) {
			add_object(out, shape, random, depth - 1, "");
			continue;
		}
		if (kind == 2)
			vg_add(out, "[");
		for (size_t k = 0; kind == 2 && k < length; k++) {
			vg_add(out, k ? "," : "");
			add_object(out, shape, random, depth - 1, "");
		}
		if (kind == 2)
			vg_add(out, "]");
		else
			add_leaf(out, random);
	}
	vg_addf(out, "%s}", blank);
}

static void add_bundle(vg_buffer *out, random_source *random)
{
	static const char *const types[] = {"\"resourceType\":\"Observation\"", "\"resourceType\":\"Condition\""};
	uint64_t shapes[3];
	for (size_t i = 0; i < VG_COUNT(shapes); i++)
		shapes[i] = random_below(random, SIZE_MAX);
	vg_add(out, "{\"resourceType\":\"Bundle\",\"entry\":[");
	for (size_t i = 0, count = 1 + random_below(random, 30); i < count; i++) {
		size_t kind = random_below(random, VG_COUNT(shapes));
		random_source shape = {shapes[kind]};
		vg_addf(out, "%s{\"fullUrl\":", i ? "," : "");
		add_leaf(out, random);
		vg_add(out, ",\"resource\":");
		add_object(out, &shape, random, 3, types[kind % 2]);
		vg_add(out, "}");
	}
	vg_add(out, "]}");
}

static void elements_are_what_they_are_alone(void)
{
	random_source random = {20261122};
	size_t compared = 0;
	for (int round = 0; round < 300; round++) {
		vg_arena arena;
		vg_arena_init(&arena, NULL, 0);
		vg_buffer out;
		vg_buffer_init(&out, &arena);
		add_bundle(&out, &random);
		vg_json_scan_result scan;
		vigil_error error = VIGIL_ERROR_INIT;
		const char *text = vg_buffer_text(&out);
		if (scan_exact(&arena, text, out.length, &scan, &error) == VIGIL_OK)
			compared += compare_parts(text, &scan, "a random Bundle");
		else
			CHECK(false, "%s in %s", error.text, text);
		vg_arena_free(&arena);
	}
	CHECK(compared > 3000, "only %zu entries", compared);
}

/* The same elements as members of an object, where none is compared with another. */
static void what_is_wrong_is_refused_for_the_same_reason(void)
{
	static const char damage[] = "\"\\{}[],:x0 \n\x01\x80\xff";
	random_source random = {4};
	size_t refused = 0, accepted = 0;
	for (int round = 0; round < 3000; round++) {
		vg_arena arena;
		vg_arena_init(&arena, NULL, 0);
		vg_buffer list, object;
		vg_buffer_init(&list, &arena);
		vg_buffer_init(&object, &arena);
		uint64_t seed = random_below(&random, SIZE_MAX);
		size_t count = 2 + random_below(&random, 6), broken = random_below(&random, count);
		for (size_t i = 0; i < count; i++) {
			random_source shape = {seed};
			vg_buffer element;
			vg_buffer_init(&element, &arena);
			add_object(&element, &shape, &random, 2, "");
			char *text = (char *)vg_buffer_text(&element);
			if (i == broken)
				text[1 + random_below(&random, element.length - 1)] =
				    damage[random_below(&random, sizeof damage - 1)];
			vg_add(&list, i ? "," : "[");
			vg_add_bytes(&list, text, element.length);
			vg_addf(&object, "%c\"%c\":", i ? ',' : '{', (char)('p' + i));
			vg_add_bytes(&object, text, element.length);
		}
		vg_add(&list, "]");
		vg_add(&object, "}");
		vg_json_scan_result scan;
		vigil_error error = VIGIL_ERROR_INIT, other = VIGIL_ERROR_INIT;
		vigil_status status = scan_exact(&arena, vg_buffer_text(&list), list.length, &scan, &error),
			     alone = scan_exact(&arena, vg_buffer_text(&object), object.length, &scan, &other);
		/* A bracket that closes too early ends the element, and what follows then is another list, or another object.
		 */
		bool same = status == alone && (status == VIGIL_OK || strcmp(error.advice, other.advice) == 0);
		bool early = strstr(error.text, "is expected here") || strstr(other.text, "is expected here") ||
			     strstr(error.text, "is missing here") || strstr(other.text, "is missing here");
		CHECK(same || early, "%s, and: %s, of %s", error.text, other.text, vg_buffer_text(&list));
		refused += status != VIGIL_OK;
		accepted += status == VIGIL_OK;
		vg_arena_free(&arena);
	}
	CHECK(refused > 500 && accepted > 200, "%zu refused, %zu accepted", refused, accepted);
}

/* Limits count what is compared like what is read. */
static void limits_hold(void)
{
	static const char element[] = "{\"a\":[1,2,3,4,5,6,7,8,9,10,11,12],\"b\":\"0123456789\"}"; /* 15 values */
	enum { ELEMENTS = 20, VALUES = 1 + ELEMENTS * 15 };
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	vg_buffer out;
	vg_buffer_init(&out, &arena);
	for (int i = 0; i < ELEMENTS; i++)
		vg_addf(&out, "%s%s", i ? "," : "[", element);
	vg_add(&out, "]");
	const char *text = vg_buffer_text(&out);
	vg_json_scan_result scan;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_limits limits = vg_default_limits;
	limits.nodes = VALUES;
	CHECK(vg_json_scan(&arena, &arena, text, out.length, &limits, &scan, &error) == VIGIL_OK, "%s", error.text);
	limits.nodes = VALUES - 1;
	CHECK(vg_json_scan(&arena, &arena, text, out.length, &limits, &scan, &error) == VIGIL_BAD_INPUT,
	      "a value too many is accepted");
	limits = vg_default_limits;
	limits.string_length = 9;
	CHECK(vg_json_scan(&arena, &arena, text, out.length, &limits, &scan, &error) == VIGIL_BAD_INPUT,
	      "a long text is accepted");
	vg_arena_free(&arena);
}

const test_case test_cases_json_alike[] = {
    {"the parts of fixtures are what they are alone", parts_of_fixtures_are_what_they_are_alone},
    {"elements that are like others are what they are alone", elements_are_what_they_are_alone},
    {"what is wrong is refused for the same reason", what_is_wrong_is_refused_for_the_same_reason},
    {"limits count what is compared", limits_hold},
    {0},
};
