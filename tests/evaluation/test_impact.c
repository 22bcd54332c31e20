/*
 * Impact: what differs between two sets of packs, counted both ways round.
 */
#include <string.h>

#include "evaluation/authoring.h"
#include "evaluation_tests.h"

static vg_world *open_pack(const char *folder, const vg_allocator *allocator)
{
	vigil_config config = VIGIL_CONFIG_INIT;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_world *world = NULL;
	config.starter_dir = folder;
	if (allocator) {
		config.resize = allocator->resize;
		config.resize_user = allocator->user;
	}
	CHECK(vg_world_open(&config, NULL, &world, &error) == VIGIL_OK, "the pack opens: %s", error.text);
	return world;
}

typedef struct pair {
	vg_world *worlds[2];
	vg_evaluator *evaluators[2];
} pair;

static bool open_pair(pair *all, const char *before, const char *after, const vg_allocator *allocator)
{
	const char *const folders[] = {before, after};
	for (int side = 0; side < 2; side++) {
		all->worlds[side] = open_pack(folders[side], allocator);
		all->evaluators[side] = NULL;
		if (!all->worlds[side] || vg_evaluator_open(allocator, &all->evaluators[side], NULL) != VIGIL_OK)
			return false;
	}
	return true;
}

static void close_pair(pair *all)
{
	for (int side = 0; side < 2; side++) {
		vg_evaluator_close(all->evaluators[side]);
		vg_world_release(all->worlds[side]);
	}
}

/* Adds patients of 40, 60 and 80 years who take and are ordered nothing. */
static vigil_status add_patients(pair *all, vg_impact *impact, vigil_error *err)
{
	static const char *const births[] = {"1986-01-01", "1966-01-01", "1946-01-01"};
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; i < VG_COUNT(births) && status == VIGIL_OK; i++) {
		test_sample samples[2];
		vg_impact_side sides[2];
		for (int side = 0; side < 2; side++) {
			vg_arena arena;
			vg_arena_init(&arena, NULL, 0);
			const char *record = BUNDLE(&arena, patient_json(births[i], "female", &arena));
			CHECK(sample_open(&samples[side], all->worlds[side], record, NULL, 0, "2026-03-01"), "a patient");
			sides[side] = (vg_impact_side){all->worlds[side], all->evaluators[side], samples[side].question};
			vg_arena_free(&arena);
		}
		status = vg_impact_add(impact, sides, "made", err);
		sample_close(&samples[0]);
		sample_close(&samples[1]);
	}
	vg_impact_finish(impact);
	return status;
}

static const vg_impact_rule *rule_of(const vg_impact *impact, const char *id)
{
	for (size_t i = 0; i < impact->rule_count; i++)
		if (strcmp(impact->rules[i].rule, id) == 0)
			return &impact->rules[i];
	return NULL;
}

static void the_same_packs_change_nothing(void)
{
	pair all;
	vg_impact impact;
	vg_impact_init(&impact, NULL, 3);
	if (open_pair(&all, "tests/library/pack", "tests/library/pack", NULL)) {
		CHECK(add_patients(&all, &impact, NULL) == VIGIL_OK, "they are compared");
		CHECK(impact.patients == 3 && impact.due[VG_BEFORE] == 1 && impact.due[VG_AFTER] == 1,
		      "one is due before and after");
		for (size_t i = 0; i < impact.rule_count; i++)
			CHECK(!vg_impact_changed(&impact.rules[i]) && impact.rules[i].case_count == 0, "%s is as it was",
			      impact.rules[i].rule);
	}
	vg_impact_free(&impact);
	close_pair(&all);
}

static void both_ways_round_mirror_each_other(void)
{
	pair there, back;
	vg_impact forth, again;
	vg_impact_init(&forth, NULL, 1);
	vg_impact_init(&again, NULL, 1);
	if (open_pair(&there, "tests/library/pack", "rules", NULL) & open_pair(&back, "rules", "tests/library/pack", NULL)) {
		CHECK(add_patients(&there, &forth, NULL) == VIGIL_OK && add_patients(&back, &again, NULL) == VIGIL_OK,
		      "they are compared");
		CHECK(forth.rule_count == again.rule_count && forth.rule_count > 5, "%zu and %zu rules", forth.rule_count,
		      again.rule_count);
		for (size_t i = 0; i < forth.rule_count && i < again.rule_count; i++) {
			const vg_impact_rule *a = &forth.rules[i], *b = &again.rules[i];
			CHECK_TEXT(a->rule, b->rule);
			CHECK(a->gained == b->lost && a->lost == b->gained, "%s: what one gains the other loses", a->rule);
			CHECK(a->patients[VG_BEFORE] == b->patients[VG_AFTER], "%s: before is after", a->rule);
			CHECK(a->gained_cases <= 1 && a->case_count - a->gained_cases <= 1, "%s: one case each way", a->rule);
			CHECK(a->patients[VG_AFTER] + a->lost == a->patients[VG_BEFORE] + a->gained, "%s: it adds up", a->rule);
		}
		const vg_impact_rule *lost = rule_of(&forth, "colonoscopy"), *gained = rule_of(&forth, "colorectal-cancer");
		CHECK(lost && lost->lost == 1 && lost->case_count == 1 && !lost->cases[0].gained, "the old one is lost");
		CHECK(gained && gained->gained == 1 && gained->case_count == 1 && gained->screening, "the new one is gained");
		CHECK(gained && strstr(gained->cases[0].why, "colorectal-cancer"), "and says why: %s",
		      gained ? gained->cases[0].why : "");
		CHECK(lost && strstr(lost->cases[0].why, "no such rule"), "and so does the old one: %s",
		      lost ? lost->cases[0].why : "");
		CHECK(forth.due[VG_AFTER] == again.due[VG_BEFORE] && forth.due[VG_AFTER] > 5, "all that is due");
	}
	vg_impact_free(&forth);
	vg_impact_free(&again);
	close_pair(&there);
	close_pair(&back);
}

static void failed_allocations_are_told(void)
{
	test_allocator allocator = {0};
	vg_allocator base = {test_resize, &allocator};
	pair all;
	size_t refused = 0;
	if (!open_pair(&all, "tests/library/pack", "tests/library/pack", &base)) {
		close_pair(&all);
		return;
	}
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const char *record = BUNDLE(&arena, patient_json("1966-01-01", "female", &arena));
	vg_day early = vg_day_from(2000, 1, 1);
	for (size_t after = 1; after < 3000; after += after / 6 + 1) {
		test_sample samples[2];
		vg_impact impact;
		vg_impact_side sides[2];
		for (int side = 0; side < 2; side++) {
			CHECK(sample_open(&samples[side], all.worlds[side], record, NULL, 0, "2026-03-01"), "a patient");
			sides[side] = (vg_impact_side){all.worlds[side], all.evaluators[side], samples[side].question};
		}
		/* Before the patient was 45: what is due is not meant for him. */
		sides[VG_AFTER].question.as_of = (vg_when){early, early, VG_NO_INSTANT};
		vg_impact_init(&impact, &base, 3);
		allocator.fail_at = allocator.calls + after;
		vigil_status status = vg_impact_add(&impact, sides, "made", NULL);
		allocator.fail_at = 0;
		CHECK(status == VIGIL_OK || status == VIGIL_NO_MEMORY, "status %d after %zu", status, after);
		refused += status != VIGIL_OK;
		vg_impact_free(&impact);
		sample_close(&samples[0]);
		sample_close(&samples[1]);
	}
	vg_arena_free(&arena);
	CHECK(refused > 1, "only %zu failures were told", refused);
	close_pair(&all);
	CHECK(allocator.live_blocks == 0, "%zu blocks are left", allocator.live_blocks);
}

const test_case test_cases_impact[] = {
    {"the same packs change nothing", the_same_packs_change_nothing},
    {"both ways round mirror each other", both_ways_round_mirror_each_other},
    {"failed allocations are told", failed_allocations_are_told},
    {0},
};
