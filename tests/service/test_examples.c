/*
 * The hook library's own examples and requests that the community's simulator
 * sent: as they are, and with a prefetch of a patient of whom nothing is known
 * but that there is nothing.  Every answer is checked against the schema.
 */
#include "calling.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static calling own;

typedef struct example {
	vg_arena arena;
	char *body;
	size_t length;
	char hook[64], id[80], patient[64];
} example;

static bool read_example(const char *path, example *ret)
{
	vigil_error error = VIGIL_ERROR_INIT;
	*ret = (example){.length = 0};
	vg_arena_init(&ret->arena, NULL, 0);
	bool good = vg_read_file(&ret->arena, path, 0, &ret->body, &ret->length, &error) == VIGIL_OK;
	CHECK(good, "%s can be read: %s", path, error.text);
	cJSON *root = good ? cJSON_Parse(ret->body) : NULL;
	snprintf(ret->hook, sizeof ret->hook, "%s", text_at(root, "hook") ? text_at(root, "hook") : "");
	snprintf(ret->id, sizeof ret->id, "vigil-%s", ret->hook);
	snprintf(ret->patient, sizeof ret->patient, "%s",
		 text_at(root, "context/patientId") ? text_at(root, "context/patientId") : "");
	cJSON_Delete(root);
	return good && *ret->hook;
}

/* The example with a patient, and nothing in any section. */
static const char *with_prefetch(example *from)
{
	vg_prefetch_part parts[VG_SECTION_COUNT + 1] = {{.is_patient = true}};
	vg_buffer out;
	vg_buffer_init(&out, &from->arena);
	parts[0].json = vg_format(
	    &from->arena, "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"gender\":\"male\",\"birthDate\":\"1960-05-05\"}",
	    from->patient);
	parts[0].length = strlen(parts[0].json);
	for (int section = 0; section < VG_SECTION_COUNT; section++)
		parts[section + 1] = (vg_prefetch_part){.section = (vg_section)section, .json = "null", .length = 4};
	vigil_error error = VIGIL_ERROR_INIT;
	CHECK(vg_request_fill(from->body, from->length, parts, VG_SECTION_COUNT + 1, &out, &error) == VIGIL_OK,
	      "it is filled: %s", error.text);
	return vg_buffer_text(&out);
}

static void answers_one(const char *path, int bare, int *count)
{
	example one;
	if (read_example(path, &one)) {
		++*count;
		CHECK(call_hook(&own, one.id, one.body) == bare, "%s is %d, not %d: %.300s", path, own.status, bare, own.body);
		CHECK(call_hook(&own, one.id, with_prefetch(&one)) == 200, "%s with a prefetch is %d: %.300s", path, own.status,
		      own.body);
		CHECK(call_hook(&own, "vigil-order-sign", SIGN_IBUPROFEN) == 200 && card_count(&own) == 1,
		      "after %s a good request is %d", path, own.status);
	}
	vg_arena_free(&one.arena);
}

/* None of the specification's examples has a prefetch: nothing can be decided, and that is said. */
static void answers_the_specification(void)
{
	const char *folder = test_data("cds_hooks/spec");
	if (!folder || !calling_open(&own, NULL))
		return;
	char path[512];
	int count = 0;
	DIR *all = opendir(folder);
	for (struct dirent *entry; all && (entry = readdir(all));) {
		if (!strstr(entry->d_name, ".json"))
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		answers_one(path, 412, &count);
	}
	if (all)
		closedir(all);
	CHECK(count == 24, "%d examples", count);
	calling_close(&own);
}

static void answers_the_simulator(void)
{
	static const struct {
		const char *name;
		int status;
	} requests[] = {{"sandbox-1-order-select", 200} /* no drug is chosen yet */,
			{"sandbox-2-order-select", 412},
			{"sandbox-3-order-sign", 412}};
	const char *found = test_data("cds_hooks/sandbox");
	char folder[256], path[512];
	int count = 0;
	if (!found || !calling_open(&own, NULL))
		return;
	snprintf(folder, sizeof folder, "%s", found);
	for (size_t i = 0; i < VG_COUNT(requests); i++) {
		snprintf(path, sizeof path, "%s/%s.json", folder, requests[i].name);
		answers_one(path, requests[i].status, &count);
	}
	CHECK(count == 3, "%d requests", count);
	calling_close(&own);
}

const test_case test_cases_examples[] = {
    {"the specification's 24 examples", answers_the_specification}, {"the simulator's requests", answers_the_simulator}, {0}};
