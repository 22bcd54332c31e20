/*
 * Authoring tools: what coverage sees, what mutation finds, in words.
 */
#include <stdlib.h>

#include "evaluation/authoring.h"
#include "evaluation_tests.h"

#define PACK "tests/library/pack"

static vg_world *open_pack(const vg_allocator *allocator)
{
	vigil_config config = VIGIL_CONFIG_INIT;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_world *world = NULL;
	config.starter_dir = PACK;
	if (allocator) {
		config.resize = allocator->resize;
		config.resize_user = allocator->user;
	}
	CHECK(vg_world_open(&config, NULL, &world, &error) == VIGIL_OK, "the pack opens: %s", error.text);
	return world;
}

static const vg_covered *find_condition(const vg_coverage *coverage, const char *rule, const char *part)
{
	for (size_t i = 0; i < coverage->count; i++)
		for (size_t k = 0; strcmp(coverage->items[i].rule, rule) == 0 && k < coverage->items[i].count; k++)
			if (strcmp(coverage->items[i].conditions[k].part, part) == 0)
				return &coverage->items[i].conditions[k];
	return NULL;
}

static void coverage_sees_what_decides_alone(void)
{
	vg_world *world = open_pack(NULL);
	vg_example_report report;
	vg_coverage coverage;
	if (!world || vg_examples_cover(world, NULL, &report, &coverage, NULL) != VIGIL_OK) {
		CHECK(false, "coverage runs");
		return;
	}
	CHECK(report.failed == 0 && report.count == 6, "%zu examples, %zu failed", report.count, report.failed);
	const vg_covered *limit = find_condition(&coverage, "metformin-low-egfr", "requirement");
	CHECK(limit && limit->was_true && limit->was_false && limit->was_unknown, "the limit was true, false and unknown");
	CHECK(limit && limit->alone_true && limit->alone_false, "the limit decides alone");
	const vg_covered *exception = find_condition(&coverage, "colonoscopy", "exception");
	CHECK(exception && !exception->was_true && exception->was_false, "the exception was never true");
	CHECK(exception && !exception->alone_true && exception->alone_false, "its absence decided");
	const vg_covered *option = find_condition(&coverage, "colonoscopy", "option");
	CHECK(option && option->alone_true && option->alone_false, "the test decides alone");
	vg_coverage_free(&coverage);
	vg_example_report_free(&report);
	vg_world_release(world);
}

static void missing_examples_are_told(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	vg_covered condition = {.sentence = "has diabetes"};
	CHECK_TEXT(
	    vg_missing_example(&condition, &arena),
	    "No example shows that \"has diabetes\" alone changes the outcome. Add one where it is so and one where it is "
	    "not, all else alike.");
	condition.alone_true = true;
	CHECK_TEXT(vg_missing_example(&condition, &arena),
		   "No example shows that \"has diabetes\" alone changes the outcome. Add "
		   "one where it is not so, all else as where it is.");
	condition.alone_false = true;
	CHECK(vg_missing_example(&condition, &arena) == NULL, "nothing is missing");
	vg_arena_free(&arena);
}

static bool survives(const vg_mutated *item, const char *text)
{
	for (size_t i = 0; i < item->survivor_count; i++)
		if (strcmp(item->survivors[i].change, text) == 0)
			return true;
	return false;
}

static void count_steps(void *user, size_t done, size_t all)
{
	size_t *last = user;
	CHECK(done >= *last && done <= all, "progress does not go back: %zu after %zu of %zu", done, *last, all);
	*last = done == all ? 0 : done;
}

static void mutation_finds_what_nobody_notices(void)
{
	vg_world *world = open_pack(NULL);
	vg_mutation mutation;
	size_t last = 0;
	vg_progress progress = {count_steps, &last};
	if (!world)
		return;
	uint32_t rule = vg_rule_find(world->rulebook, "metformin-low-egfr");
	CHECK(vg_mutate(world, &rule, 1, &progress, &mutation, NULL) == VIGIL_OK && mutation.count == 1, "mutation runs");
	const vg_mutated *item = &mutation.items[0];
	CHECK(item->examples == 3 && item->changes > 8 && item->noticed + item->survivor_count == item->changes,
	      "%zu examples, %zu changes, %zu noticed, %zu not", item->examples, item->changes, item->noticed,
	      item->survivor_count);
	CHECK(survives(item, "the limit \"30 mL/min/1.73 m²\" of latest \"eGFR\" :is_below were \"31 mL/min/1.73 m²\""),
	      "24 and 90 do not tell 30 from 31");
	CHECK(survives(item, ":is_below of latest \"eGFR\" were :is_at_most"), "nor below from at most");
	CHECK(!survives(item, ":is_below of latest \"eGFR\" were :is_at_least"), "they tell below from at least");
	CHECK(!survives(item, "what happens \"ask\" of if_unknown were \"stay silent\""), "the example without eGFR asks");
	CHECK(vg_mutation_score(item) == item->noticed * 100 / item->changes, "the score is a percentage");
	vg_mutation_free(&mutation);
	vg_world_release(world);
}

static void failed_allocations_are_told(void)
{
	test_allocator allocator = {0};
	vg_allocator base = {test_resize, &allocator};
	vg_world *world = open_pack(&base);
	size_t refused = 0;
	if (!world)
		return;
	uint32_t rule = vg_rule_find(world->rulebook, "metformin-low-egfr");
	for (size_t after = 1; after < 100000; after += after / 3 + 1) {
		vg_example_report report;
		vg_coverage coverage;
		vg_mutation mutation;
		allocator.fail_at = allocator.calls + after;
		vigil_status covered = vg_examples_cover(world, NULL, &report, &coverage, NULL);
		allocator.fail_at = allocator.calls + after;
		vigil_status mutated = vg_mutate(world, &rule, 1, NULL, &mutation, NULL);
		allocator.fail_at = 0;
		CHECK(covered == VIGIL_OK || covered == VIGIL_NO_MEMORY, "coverage: status %d", covered);
		CHECK(mutated == VIGIL_OK || mutated == VIGIL_NO_MEMORY, "mutation: status %d", mutated);
		refused += covered != VIGIL_OK;
		refused += mutated != VIGIL_OK;
		if (covered == VIGIL_OK) {
			vg_coverage_free(&coverage);
			vg_example_report_free(&report);
		}
		if (mutated == VIGIL_OK)
			vg_mutation_free(&mutation);
	}
	CHECK(refused > 10, "only %zu failures were told", refused);
	vg_world_release(world);
	CHECK(allocator.live_blocks == 0, "%zu blocks are left", allocator.live_blocks);
}

const test_case test_cases_authoring[] = {
    {"coverage sees what decides alone", coverage_sees_what_decides_alone},
    {"missing examples are told", missing_examples_are_told},
    {"mutation finds what nobody notices", mutation_finds_what_nobody_notices},
    {"failed allocations are told", failed_allocations_are_told},
    {0},
};
