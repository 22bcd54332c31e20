/* Our own trees of resources: what the JSON library would have read, less what no reader looks at. */
#include "record/record_internal.h"
#include "record_support.h"

#include <stdio.h>
#include <stdlib.h>

static const cJSON *tree_of(vg_tree_room *room, const char *text, bool trimmed)
{
	size_t length = strlen(text);
	char *exact = malloc(length); /* no byte behind it, so that the sanitizer sees reading too far */
	memcpy(exact, text, length);
	const cJSON *tree = vg_tree_make(room, exact, length, trimmed);
	free(exact);
	return tree;
}

/* Written out again by the library. */
static void trims(const char *text, const char *expected)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	char *printed = cJSON_PrintUnformatted(tree_of(&(vg_tree_room){.arena = &arena}, text, true));
	CHECK_TEXT(printed, expected);
	cJSON_free(printed);
	vg_arena_free(&arena);
}

static void leaves_out_members_of_the_resource_only(void)
{
	trims("{}", "{}");
	trims(" { } ", "{}");
	trims("{\"text\":{\"div\":\"<p>}\"}}", "{}");
	trims("{\"id\":\"a\"}", "{\"id\":\"a\"}");
	trims("{\"text\":1,\"id\":\"a\",\"meta\":[1,{\"x\":[]}],\"code\":{\"text\":\"kept\"}}",
	      "{\"id\":\"a\",\"code\":{\"text\":\"kept\"}}");
	trims("{ \"id\" : \"a\" ,\n \"note\" : [ \"}\" ] , \"code\" : 1 }", "{\"id\":\"a\",\"code\":1}");
	trims("{\"texts\":1,\"tex\":2,\"\":3,\"telecom\":4,\"zzz\":5}", "{\"texts\":1,\"tex\":2,\"\":3,\"zzz\":5}");
	trims("{\"a\":\"\\\"text\\\":\",\"text\":\"\\\\\",\"b\":\"\\\\\\\"\"}", "{\"a\":\"\\\"text\\\":\",\"b\":\"\\\\\\\"\"}");
	trims("{\"a\":null,\"encounter\":true,\"b\":-1.5e3,\"extension\":[],\"c\":[[],{}]}",
	      "{\"a\":null,\"b\":-1500,\"c\":[[],{}]}");
	trims("{\"addres\":1,\"address\":2,\"addresses\":3,\"t\\u0065xt\":4}", "{\"addres\":1,\"addresses\":3}");
}

typedef struct random_source {
	uint64_t state;
} random_source;

static size_t random_below(random_source *random, size_t limit)
{
	random->state = random->state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(random->state >> 33) % limit;
}

/* Random documents, as the library writes them; `depth` left. */
static cJSON *random_value(random_source *random, int depth)
{
	static const char *const texts[] = {"",
					    "a",
					    "ü",
					    "\"",
					    "\\",
					    "text",
					    "/",
					    "a\tb\n\r",
					    "\x01\x1f",
					    "0123456789abcdef",
					    "0123456789abcde\"f",
					    "😀 x",
					    "a text that is longer than two blocks of sixteen bytes",
					    "code"};
	static const char *const keys[] = {"code",  "coding", "system", "id", "medicationCodeableConcept", "effectiveDateTime",
					   "value", "Value"};
	static const double numbers[] = {0, -0.0, 1, -1.5, 1e300, 1e-300, 123456789012345678.0, 0.1, 5e-324};
	switch (random_below(random, depth > 0 ? 7 : 5)) {
	case 0:
		return cJSON_CreateNull();
	case 1:
		return cJSON_CreateBool((int)random_below(random, 2));
	case 2:
		return cJSON_CreateNumber(numbers[random_below(random, VG_COUNT(numbers))]);
	case 3:
	case 4:
		return cJSON_CreateString(texts[random_below(random, VG_COUNT(texts))]);
	case 5: {
		cJSON *list = cJSON_CreateArray();
		for (size_t i = random_below(random, 5); i > 0; i--)
			cJSON_AddItemToArray(list, random_value(random, depth - 1));
		return list;
	}
	default: {
		cJSON *object = cJSON_CreateObject();
		for (size_t i = random_below(random, 5); i > 0; i--) {
			char key[64];
			const char *known = keys[random_below(random, VG_COUNT(keys))];
			snprintf(key, sizeof key, "%s%zu", texts[random_below(random, VG_COUNT(texts))], i);
			bool use_known = random_below(random, 2) && !cJSON_GetObjectItemCaseSensitive(object, known);
			cJSON_AddItemToObject(object, use_known ? known : key, random_value(random, depth - 1));
		}
		return object;
	}
	}
}

/* Each member has the number of its name, and a known one the name in the table; each element that of its list. */
static bool is_numbered(const cJSON *parent)
{
	for (const cJSON *child = parent->child; child; child = child->next) {
		vg_json_key_id id = VG_KEY_UNKNOWN + 1;
		while (child->string && id < VG_KEY_COUNT && strcmp(vg_json_known_keys[id].text, child->string) != 0)
			id++;
		int expected = !child->string ? parent->valueint : id < VG_KEY_COUNT ? (int)id : VG_KEY_UNKNOWN;
		if (child->valueint != expected || child->prev || !is_numbered(child))
			return false;
		if (child->string && expected && child->string != vg_json_known_keys[expected].text)
			return false;
	}
	return true;
}

static void reads_what_the_library_reads(void)
{
	random_source random = {20261122};
	size_t objects = 0;
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	vg_tree_room room = {.arena = &arena}; /* one for all: each tree takes the last one's place, and expects its keys */
	for (int round = 0; round < 3000; round++) {
		cJSON *value = random_value(&random, 6);
		char *printed = round % 2 ? cJSON_Print(value) : cJSON_PrintUnformatted(value);
		cJSON *expected = cJSON_Parse(printed);
		const cJSON *tree = tree_of(&room, printed, false);
		objects += expected && expected->type == cJSON_Object;
		CHECK(expected && cJSON_Compare(tree, expected, true), "read otherwise: %s", printed);
		CHECK(is_numbered(tree), "a name's number is wrong: %s", printed);
		char *again = round % 2 ? cJSON_Print(tree) : cJSON_PrintUnformatted(tree);
		CHECK_TEXT(again, printed); /* the order of members too, which the comparison does not see */
		cJSON_free(again);
		cJSON_free(printed);
		cJSON_Delete(value);
		cJSON_Delete(expected);
	}
	vg_arena_free(&arena);
	CHECK(objects > 100, "%zu objects", objects);
}

/* Known names are known however they are written, wherever they stand, and however often. */
static void knows_names_however_written(void)
{
	static const char text[] =
	    "{\"code\":1,\"c\\u006fding\":[{\"system\":1,\"\\u0063ode\":2,\"codes\":3},{\"system\" : 1,\n\"code\" "
	    ":2,\"cod\":3},"
	    "{\"system\":1, "
	    "\"code\":2},{\"code\":2,\"system\":1}],\"effectiveDateTim\\u0065\":0,\"medicationCodeableConcept\":4}";
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const cJSON *tree = tree_of(&(vg_tree_room){.arena = &arena}, text, false);
	CHECK(is_numbered(tree), "a name's number is wrong");
	const cJSON *coding = cJSON_GetObjectItemCaseSensitive(tree, "coding");
	CHECK(coding->valueint == VG_KEY_coding && cJSON_GetArraySize(coding) == 4, "coding is not known");
	for (const cJSON *item = coding->child; item; item = item->next) {
		const cJSON *code = cJSON_GetObjectItemCaseSensitive(item, "code");
		CHECK(code->valueint == VG_KEY_code && code->valuedouble == 2, "code is not known");
	}
	CHECK(cJSON_GetObjectItemCaseSensitive(tree, "effectiveDateTime")->valueint == VG_KEY_effectiveDateTime,
	      "effectiveDateTime is not known");
	CHECK(cJSON_GetObjectItemCaseSensitive(tree, "medicationCodeableConcept")->valueint == VG_KEY_medicationCodeableConcept,
	      "medicationCodeableConcept is not known");
	vg_arena_free(&arena);
}

static void undoes_every_escape(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const cJSON *tree =
	    tree_of(&(vg_tree_room){.arena = &arena},
		    "[\"\\b\\f\\n\\r\\t\\\"\\/\\\\\",\"\\u0041\\u00fc\\u20AC\\ud83D\\uDe00x\",\"\\\\u0041\"]", false);
	const cJSON *item = tree->child;
	CHECK_TEXT(item->valuestring, "\b\f\n\r\t\"/\\");
	CHECK_TEXT(item->next->valuestring, "Aü€😀x");
	CHECK_TEXT(item->next->next->valuestring, "\\u0041");
	vg_arena_free(&arena);
}

/* What remains is what the library reads of the whole, member by member. */
static void what_remains_is_unchanged(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	vg_tree_room room = {.arena = &arena}; /* one for all: each tree takes the last one's place */
	char *text;
	size_t length, compared = 0, gone = 0;
	vigil_error error = VIGIL_ERROR_INIT;
	CHECK(vg_read_file(&arena, "fixtures/records/collection.json", 1 << 20, &text, &length, &error) == VIGIL_OK, "%s",
	      error.text);
	cJSON *bundle = *error.text ? NULL : cJSON_Parse(text);
	for (vg_list list = vg_list_of(vg_member_of(bundle, "entry")); list.item; vg_list_next(&list)) {
		const cJSON *resource = vg_member_of(list.item, "resource");
		for (int formatted = 0; formatted < 2; formatted++) {
			char *printed = formatted ? cJSON_Print(resource) : cJSON_PrintUnformatted(resource);
			const cJSON *trimmed = tree_of(&room, printed, true), *kept = trimmed ? trimmed->child : NULL;
			for (const cJSON *member = resource->child; member; member = member->next) {
				if (kept && strcmp(kept->string, member->string) == 0) {
					CHECK(cJSON_Compare(kept, member, true), "%s has changed", member->string);
					kept = kept->next;
					compared++;
				} else {
					gone++;
				}
			}
			CHECK(kept == NULL, "%s was not there before", kept ? kept->string : "");
			cJSON_free(printed);
		}
	}
	CHECK(compared > 200 && gone > 4, "%zu members kept, %zu left out", compared, gone);
	cJSON_Delete(bundle);
	vg_arena_free(&arena);
}

/* Each allocation failed in turn: no tree, or the whole tree. */
static void survives_a_lack_of_memory(void)
{
	static const char text[] = "{\"a\":[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,"
				   "1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0],\"b\":\"c\"}";
	int failures = 0;
	for (size_t limit = 16;; limit += 256) {
		vg_arena arena;
		vg_arena_init(&arena, NULL, limit);
		const cJSON *tree = tree_of(&(vg_tree_room){.arena = &arena}, text, false);
		bool whole = tree != NULL;
		if (whole)
			CHECK_TEXT(cJSON_GetObjectItemCaseSensitive(tree, "b")->valuestring, "c");
		CHECK(whole == !arena.failed, "a failure was not told");
		failures += !whole;
		vg_arena_free(&arena);
		if (whole)
			break;
	}
	CHECK(failures > 3, "%d failures", failures);
}

const test_case test_cases_tree[] = {
    {"only members of the resource itself are left out", leaves_out_members_of_the_resource_only},
    {"what remains is unchanged", what_remains_is_unchanged},
    {"random documents are read as the library reads them", reads_what_the_library_reads},
    {"known names are known however they are written", knows_names_however_written},
    {"escapes are undone", undoes_every_escape},
    {"a lack of memory is told", survives_a_lack_of_memory},
    {0},
};
