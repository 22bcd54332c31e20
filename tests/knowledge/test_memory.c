/* Memory that runs out at every place, and threads that read at once. */
#include "knowledge_tests.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static test_world open_with(test_allocator *state, const char *cache)
{
	vg_allocator allocator = {test_resize, state};
	return world_open(BASE_PACK, SITE_PACK, (test_options){.cache = cache, .allocator = &allocator});
}

static void fail_each(const char *cache, const char *what)
{
	test_allocator state = {0};
	test_world world = open_with(&state, cache);
	CHECK(world.status == VIGIL_OK, "%s: %s", what, world.error.text);
	world_close(&world);
	size_t calls = state.calls;
	CHECK(state.live_blocks == 0 && calls > 3, "%s: %zu blocks are left of %zu", what, state.live_blocks, calls);
	for (size_t fail_at = 1; fail_at <= calls; fail_at++) {
		state = (test_allocator){.fail_at = fail_at};
		world = open_with(&state, cache);
		bool failed = state.calls >= fail_at;
		CHECK(world.status == (failed ? VIGIL_NO_MEMORY : VIGIL_OK), "%s: allocation %zu of %zu: status %d", what,
		      fail_at, calls, world.status);
		CHECK((world.knowledge != NULL) == (world.status == VIGIL_OK),
		      "%s: allocation %zu: a knowledge without success", what, fail_at);
		if (world.status == VIGIL_NO_MEMORY)
			CHECK(world.error.status == VIGIL_NO_MEMORY, "%s: allocation %zu: the error does not say so", what,
			      fail_at);
		world_close(&world);
		CHECK(state.live_blocks == 0, "%s: allocation %zu: %zu blocks are left", what, fail_at, state.live_blocks);
	}
}

static void compiling_survives_each_failure(void) { fail_each(NULL, "compiling"); }

static void loading_survives_each_failure(void)
{
	test_folder cache = folder_make();
	test_world world = world_open(BASE_PACK, SITE_PACK, (test_options){.cache = cache.path});
	world_close(&world);
	fail_each(cache.path, "loading");
	folder_remove(&cache);
}

/* A failure while the file is written: no file is left half, and the next opening is fine. */
static void writing_survives_each_failure(void)
{
	test_allocator state = {0};
	test_folder first = folder_make();
	test_world world = open_with(&state, first.path);
	world_close(&world);
	folder_remove(&first);
	size_t calls = state.calls;
	for (size_t fail_at = calls > 40 ? calls - 40 : 1; fail_at <= calls; fail_at++) {
		test_folder cache = folder_make();
		state = (test_allocator){.fail_at = fail_at};
		world = open_with(&state, cache.path);
		CHECK(world.status == VIGIL_OK || world.status == VIGIL_NO_MEMORY, "allocation %zu: status %d", fail_at,
		      world.status);
		world_close(&world);
		CHECK(state.live_blocks == 0, "allocation %zu: %zu blocks are left", fail_at, state.live_blocks);
		world = world_open(BASE_PACK, SITE_PACK, (test_options){.cache = cache.path});
		CHECK(world.status == VIGIL_OK && world_count(&world, "VG351") == 0, "allocation %zu: a damaged file is left",
		      fail_at);
		world_close(&world);
		folder_remove(&cache);
	}
}

/* ---- threads ------------------------------------------------------------------ */

static void *read_much(void *knowledge)
{
	const vg_knowledge *k = knowledge;
	size_t wrong = 0;
	for (int round = 0; round < 200; round++) {
		for (vg_concept id = 1; id <= vg_concept_count(k); id++) {
			wrong += vg_concept_find(k, vg_concept_system(k, id), vg_concept_code(k, id)) != id;
			vg_ids sets = vg_concept_sets(k, id);
			for (size_t i = 0; i < sets.count; i++)
				wrong += !vg_set_has(k, sets.ids[i], id);
		}
		for (uint32_t i = 0; i < vg_pair_count(k, VG_INTERACTIONS); i++) {
			vg_pair_row row;
			vg_pair_get(k, VG_INTERACTIONS, i, &row);
			wrong += vg_pairs_of(k, VG_INTERACTIONS, row.b, row.a).count == 0;
			wrong += vg_pair_find_id(k, VG_INTERACTIONS, row.id) != i;
		}
		wrong += vg_concept_by_name(k, VG_NAME_DRUG, "Warfarin Sodium 2 mg tablet") == 0;
		wrong += vg_set_find(k, "systemic NSAID") == 0;
	}
	return wrong ? knowledge : NULL;
}

static void many_threads_read_at_once(void)
{
	pthread_t threads[4];
	union { /* pthreads take no const */
		const vg_knowledge *given;
		void *taken;
	} knowledge = {.given = site_knowledge()};
	for (size_t i = 0; i < VG_COUNT(threads); i++)
		CHECK(pthread_create(&threads[i], NULL, read_much, knowledge.taken) == 0, "no thread");
	for (size_t i = 0; i < VG_COUNT(threads); i++) {
		void *wrong = NULL;
		pthread_join(threads[i], &wrong);
		CHECK(wrong == NULL, "thread %zu read something wrong", i);
	}
}

/* A pack of one's own, opened with each of its allocations failing in turn; `errors` is how many findings it has. */
static void fail_each_of(const test_folder *folder, size_t errors)
{
	test_allocator state = {0};
	vg_allocator allocator = {test_resize, &state};
	test_world world = world_open(folder->path, NULL, (test_options){.allocator = &allocator});
	size_t calls = state.calls;
	CHECK(world.status == VIGIL_OK && world.findings.errors == errors, "%zu errors", world.findings.errors);
	world_close(&world);
	for (size_t fail_at = 1; fail_at <= calls; fail_at++) {
		state = (test_allocator){.fail_at = fail_at};
		world = world_open(folder->path, NULL, (test_options){.allocator = &allocator});
		CHECK(world.status == VIGIL_NO_MEMORY, "allocation %zu of %zu: status %d", fail_at, calls, world.status);
		world_close(&world);
		CHECK(state.live_blocks == 0, "allocation %zu: %zu blocks are left", fail_at, state.live_blocks);
	}
}

static void many_findings_survive_failures(void)
{
	test_folder folder = folder_make();
	folder_text(&folder, "sets/a.csv", "set,system,code,mtch\nx,loinc,1-8,\ny,lonc,2-6,\nz,set,w,\n");
	fail_each_of(&folder, 3);
	folder_remove(&folder);
}

/* Enough mapped codes that lists grow while they are read. */
static void mapped_codes_survive_failures(void)
{
	static char rows[64 * 1024];
	size_t length = (size_t)snprintf(rows, sizeof rows, "system,code,to_system,to_code,display\n");
	for (int i = 0; i < 600; i++)
		length += (size_t)snprintf(rows + length, sizeof rows - length,
					   "http://lab.example.org,T%d,loinc,4548-4,test %d\n", i, i);
	test_folder folder = folder_make();
	folder_text(&folder, "sets/a.csv", "set,system,code\nHbA1c,loinc,4548-4\n");
	folder_text(&folder, "tables/code_map.csv", rows);
	test_world world = world_open(folder.path, NULL, (test_options){0});
	vg_set set = vg_set_find(world.knowledge, "HbA1c");
	vg_concept last = vg_concept_find(world.knowledge, "http://lab.example.org", "T599");
	CHECK(set && last && vg_set_has(world.knowledge, set, last), "the last code means what it is mapped to");
	world_close(&world);
	fail_each_of(&folder, 0);
	folder_remove(&folder);
}

const test_case test_cases_memory[] = {
    {"compiling survives the failure of each allocation", compiling_survives_each_failure},
    {"loading survives the failure of each allocation", loading_survives_each_failure},
    {"writing survives the failure of each allocation", writing_survives_each_failure},
    {"findings survive the failure of each allocation", many_findings_survive_failures},
    {"mapped codes survive the failure of each allocation", mapped_codes_survive_failures},
    {"many threads read at once", many_threads_read_at_once},
    {NULL, NULL},
};
