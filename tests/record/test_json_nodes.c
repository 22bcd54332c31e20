/* Nodes of JSON: what the JSON library would have read, with the numbers of known names. */
#include "record/record_internal.h"
#include "record_support.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

/* NULL: memory ran out. */
static const vg_json_node *tree_of(vg_arena *arena, const char *text)
{
	size_t length = strlen(text);
	char *exact =
	    malloc(length ? length : 1); /* so that the sanitizer sees reading too far, and nodes that point into it */
	memcpy(exact, text, length);
	vg_json_scan_result scan;
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_status status = vg_json_scan(arena, arena, exact, length, NULL, &scan, &error);
	CHECK(status == VIGIL_OK || status == VIGIL_NO_MEMORY, "%s", error.text);
	free(exact);
	return status == VIGIL_OK ? scan.nodes : NULL;
}

/* The library's own tree of the same. */
static cJSON *library_tree(const vg_json_node *node)
{
	cJSON *made = node->kind == VG_JSON_OBJECT   ? cJSON_CreateObject()
		      : node->kind == VG_JSON_ARRAY  ? cJSON_CreateArray()
		      : node->kind == VG_JSON_TEXT   ? cJSON_CreateString(node->text)
		      : node->kind == VG_JSON_NUMBER ? cJSON_CreateNumber(node->number)
		      : node->kind == VG_JSON_NULL   ? cJSON_CreateNull()
						     : cJSON_CreateBool(node->kind == VG_JSON_TRUE);
	CHECK(node->kind != VG_JSON_NAME && node->kind != VG_JSON_ABSENT, "a node of kind %d is no value", node->kind);
	CHECK(node->size == 1 || node->kind == VG_JSON_OBJECT || node->kind == VG_JSON_ARRAY, "a leaf of size %u", node->size);
	for (uint32_t i = 1; i < node->size; i += node[i].size) {
		if (node[i].kind == VG_JSON_NAME)
			continue;
		cJSON *child = library_tree(&node[i]);
		if (node->kind == VG_JSON_OBJECT)
			cJSON_AddItemToObject(made, vg_name_of(&node[i]), child);
		else
			cJSON_AddItemToArray(made, child);
	}
	return made;
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

/* Each member of a known name has its number, and stands behind no other name; an element has none. */
static bool is_numbered(const vg_json_node *parent)
{
	bool right = true;
	for (uint32_t i = 1; i < parent->size && right; i += parent[i].size) {
		const vg_json_node *child = &parent[i];
		bool named = child->kind == VG_JSON_NAME;
		const char *name = named ? child->text : parent->kind == VG_JSON_OBJECT ? vg_name_of(child) : "";
		vg_json_key_id id = VG_KEY_UNKNOWN + 1;
		while (id < VG_KEY_COUNT && strcmp(vg_json_known_keys[id].text, name) != 0)
			id++;
		right = child->key == (id < VG_KEY_COUNT ? id : VG_KEY_UNKNOWN) && (!named || id == VG_KEY_COUNT) &&
			(named || is_numbered(child));
	}
	return right;
}

static void reads_what_the_library_reads(void)
{
	random_source random = {20261122};
	size_t objects = 0;
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	for (int round = 0; round < 3000; round++) {
		cJSON *value = random_value(&random, 6);
		char *printed = round % 2 ? cJSON_Print(value) : cJSON_PrintUnformatted(value);
		cJSON *expected = cJSON_Parse(printed);
		const vg_json_node *tree = tree_of(&arena, printed);
		cJSON *made = library_tree(tree);
		objects += expected && expected->type == cJSON_Object;
		CHECK(expected && cJSON_Compare(made, expected, true), "read otherwise: %s", printed);
		CHECK(is_numbered(tree), "a name's number is wrong: %s", printed);
		char *again = round % 2 ? cJSON_Print(made) : cJSON_PrintUnformatted(made); /* with the order of members */
		CHECK_TEXT(again, printed);
		cJSON_free(again);
		cJSON_free(printed);
		cJSON_Delete(made);
		cJSON_Delete(value);
		cJSON_Delete(expected);
		vg_arena_reset(&arena);
	}
	CHECK(objects > 100, "%zu objects", objects);
	vg_arena_free(&arena);
}

static void knows_names_however_written(void)
{
	static const char text[] =
	    "{\"code\":1,\"c\\u006fding\":[{\"system\":1,\"\\u0063ode\":2,\"codes\":3},{\"system\" : 1,\n\"code\" "
	    ":2,\"cod\":3},"
	    "{\"system\":1, "
	    "\"code\":2},{\"code\":2,\"system\":1}],\"effectiveDateTim\\u0065\":0,\"medicationCodeableConcept\":4}";
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const vg_json_node *tree = tree_of(&arena, text);
	CHECK(is_numbered(tree), "a name's number is wrong");
	const vg_json_node *coding = VG_MEMBER(tree, coding);
	size_t items = 0;
	CHECK(coding->key == VG_KEY_coding, "coding is not known");
	for (vg_list list = vg_list_of(coding); list.item; vg_list_next(&list), items++) {
		const vg_json_node *code = VG_MEMBER(list.item, code);
		CHECK(list.item->key == VG_KEY_UNKNOWN && code->key == VG_KEY_code && code->number == 2, "code is not known");
	}
	CHECK(items == 4, "%zu items", items);
	CHECK(VG_MEMBER(tree, effectiveDateTime)->key == VG_KEY_effectiveDateTime, "effectiveDateTime is not known");
	CHECK(VG_MEMBER(tree, medicationCodeableConcept)->key == VG_KEY_medicationCodeableConcept,
	      "medicationCodeableConcept is not known");
	vg_arena_free(&arena);
}

static void undoes_every_escape(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const vg_json_node *tree =
	    tree_of(&arena, "[\"\\b\\f\\n\\r\\t\\\"\\/\\\\\",\"\\u0041\\u00fc\\u20AC\\ud83D\\uDe00x\",\"\\\\u0041\"]");
	CHECK_TEXT(tree[1].text, "\b\f\n\r\t\"/\\");
	CHECK_TEXT(tree[2].text, "Aü€😀x");
	CHECK_TEXT(tree[3].text, "\\u0041");
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
		const vg_json_node *tree = tree_of(&arena, text);
		bool whole = tree != NULL;
		if (whole)
			CHECK_TEXT(tree[tree->size - 1].text, "c");
		CHECK(whole == !arena.failed, "a failure was not told");
		failures += !whole;
		vg_arena_free(&arena);
		if (whole)
			break;
	}
	CHECK(failures > 3, "%d failures", failures);
}

const test_case test_cases_json_nodes[] = {
    {"random documents are read as the library reads them", reads_what_the_library_reads},
    {"known names are known however they are written", knows_names_however_written},
    {"escapes are undone", undoes_every_escape},
    {"a lack of memory is told", survives_a_lack_of_memory},
    {0},
};
