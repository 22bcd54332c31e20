/* Trimming leaves out what no reader looks at, and nothing else. */
#include "record/record_internal.h"
#include "record_support.h"

#include <stdio.h>
#include <stdlib.h>

static void trims(const char *text, const char *expected)
{
	size_t length = strlen(text);
	char *out = malloc(length + 1);
	out[vg_trim(text, length, out)] = 0;
	CHECK_TEXT(out, expected);
	free(out);
}

static void leaves_out_members_of_the_resource_only(void)
{
	trims("{}", "{}");
	trims(" { } ", "{}");
	trims("{\"text\":{\"div\":\"<p>}\"}}", "{}");
	trims("{\"id\":\"a\"}", "{\"id\":\"a\"}");
	trims("{\"text\":1,\"id\":\"a\",\"meta\":[1,{\"x\":[]}],\"code\":{\"text\":\"kept\"}}",
	      "{\"id\":\"a\",\"code\":{\"text\":\"kept\"}}");
	trims("{ \"id\" : \"a\" ,\n \"note\" : [ \"}\" ] , \"code\" : 1 }", "{\"id\" : \"a\" ,\"code\" : 1 }");
	trims("{\"texts\":1,\"tex\":2,\"\":3}", "{\"texts\":1,\"tex\":2,\"\":3}");
	trims("{\"a\":\"\\\"text\\\":\",\"text\":\"\\\\\",\"b\":\"\\\\\\\"\"}", "{\"a\":\"\\\"text\\\":\",\"b\":\"\\\\\\\"\"}");
	trims("{\"a\":null,\"encounter\":true,\"b\":-1.5e3,\"extension\":[],\"c\":[[],{}]}",
	      "{\"a\":null,\"b\":-1.5e3,\"c\":[[],{}]}");
}

/* What remains is what the library reads of the whole, member by member. */
static void what_remains_is_unchanged(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
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
			char *out = malloc(strlen(printed) + 1);
			out[vg_trim(printed, strlen(printed), out)] = 0;
			cJSON *trimmed = cJSON_Parse(out);
			CHECK(trimmed != NULL, "not JSON any more: %s", out);
			const cJSON *kept = trimmed ? trimmed->child : NULL;
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
			cJSON_Delete(trimmed);
			free(out);
			cJSON_free(printed);
		}
	}
	CHECK(compared > 200 && gone > 4, "%zu members kept, %zu left out", compared, gone);
	cJSON_Delete(bundle);
	vg_arena_free(&arena);
}

const test_case test_cases_trim[] = {
    {"only members of the resource itself are left out", leaves_out_members_of_the_resource_only},
    {"what remains is unchanged", what_remains_is_unchanged},
    {0},
};
