/*
 * Measures the knowledge floor: compiling and opening a pack, the memory that
 * it takes, and single lookups.
 *
 *     bench/generate_knowledge.py FOLDER
 *     knowledge CACHE FOLDER...
 *
 * The first run compiles, the next ones open the compiled file.
 */
#include "knowledge/knowledge.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint32_t seed = 1;
static uint32_t pick(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)seed * below >> 32);
}

enum { LOOKUPS = 2000000 };

static void measure_lookups(const vg_knowledge *knowledge)
{
	uint32_t concepts = (uint32_t)vg_concept_count(knowledge), sets = (uint32_t)vg_set_count(knowledge);
	size_t found = 0;
	double begin = seconds();
	for (int i = 0; i < LOOKUPS; i++) {
		vg_concept id = 1 + pick(concepts);
		found += vg_concept_find(knowledge, vg_concept_system(knowledge, id), vg_concept_code(knowledge, id)) == id;
	}
	printf("vg_concept_find  %6.0f ns (%zu found)\n", (seconds() - begin) / LOOKUPS * 1e9, found);
	begin = seconds();
	for (int i = 0; i < LOOKUPS; i++)
		found += vg_pairs_of(knowledge, VG_INTERACTIONS, 1 + pick(sets), 1 + pick(sets)).count;
	printf("vg_pairs_of      %6.0f ns\n", (seconds() - begin) / LOOKUPS * 1e9);
	begin = seconds();
	for (int i = 0; i < LOOKUPS; i++)
		found += vg_set_has(knowledge, 1 + pick(sets), 1 + pick(concepts));
	printf("vg_set_has       %6.0f ns\n", (seconds() - begin) / LOOKUPS * 1e9);
	begin = seconds();
	for (int i = 0; i < LOOKUPS / 20; i++)
		found += vg_concept_by_name(knowledge, VG_NAME_DRUG, vg_concept_name(knowledge, 1 + pick(concepts))) != 0;
	printf("vg_concept_by_name %4.0f ns (%zu)\n", (seconds() - begin) / LOOKUPS * 20 * 1e9, found);
}

int main(int count, char **arguments)
{
	vg_pack_folder packs[16];
	vg_knowledge_sources sources = {packs, 0, NULL, NULL, count > 1 ? arguments[1] : NULL};
	vigil_error error = VIGIL_ERROR_INIT;
	vg_findings findings;
	vg_knowledge *knowledge = NULL;
	struct rusage usage;
	if (count < 3 || count > 18) {
		fprintf(stderr, "usage: %s CACHE FOLDER...\n", arguments[0]);
		return 2;
	}
	for (int i = 2; i < count; i++)
		packs[sources.pack_count++] = (vg_pack_folder){arguments[i], "bench", "1"};
	vg_findings_init(&findings, NULL);
	double begin = seconds();
	if (vg_knowledge_open(&sources, NULL, &findings, &knowledge, &error) != VIGIL_OK) {
		fprintf(stderr, "%s\n", error.text);
		return 4;
	}
	double opened = seconds() - begin;
	getrusage(RUSAGE_SELF, &usage);
	printf("opened in        %6.1f ms, %ld MB at most\n", opened * 1e3, usage.ru_maxrss / 1024);
	printf("%zu concepts, %zu sets, %zu interactions, %zu findings\n", vg_concept_count(knowledge), vg_set_count(knowledge),
	       vg_pair_count(knowledge, VG_INTERACTIONS), findings.count);
	if (vg_concept_count(knowledge) && vg_set_count(knowledge))
		measure_lookups(knowledge);
	vg_knowledge_free(knowledge);
	vg_findings_free(&findings);
	return 0;
}
