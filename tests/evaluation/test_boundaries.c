/*
 * Boundaries: patients beside each limit, and what becomes of them.  Most is
 * checked on the starter pack, because it has every kind of limit that its
 * authors ever needed.
 */
#include <string.h>

#include "evaluation/authoring.h"
#include "evaluation_tests.h"

static vg_world *open_rules(const char *folder, const vg_allocator *allocator)
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

static vg_day day_of(const char *text)
{
	vg_when when;
	return vg_date_parse(text, strlen(text), &when) ? when.first : VG_NO_DAY;
}

/* "what: outcome; what: outcome; …" of the limit whose sentence and limit begin so; "" when there is none. */
static const char *limit_text(const vg_boundaries *all, const char *sentence, const char *limit, vg_arena *arena)
{
	vg_buffer out;
	vg_buffer_init(&out, arena);
	for (size_t i = 0; i < all->count; i++) {
		const vg_boundary *item = &all->items[i];
		if (!vg_starts_with(item->sentence, sentence) || !vg_starts_with(item->limit, limit))
			continue;
		for (size_t k = 0; k < item->count; k++)
			vg_addf(&out, "%s%s: %s", k ? "; " : "", item->edges[k].what, item->edges[k].outcome);
		break;
	}
	return vg_buffer_text(&out);
}

static void limits_are_approached(void)
{
	static const struct {
		const char *rule, *sentence, *limit, *edges;
	} limits[] = {
	    {"metformin-low-egfr", "latest eGFR", "30 mL",
	     "29.9 mL/min/1.73 m2: alerts (critical); 30 mL/min/1.73 m2: says nothing; 30.1 mL/min/1.73 m2: says nothing"},
	    {"metformin-low-egfr", "latest eGFR", "1 year",
	     "a day less than 1 year ago: alerts (critical); 1 year ago: alerts (critical); 1 year and a day ago: asks"},
	    {"colorectal-cancer", "age is", "45 years",
	     "the day before turning 45 years: does not apply; on the day of turning 45 years: is due soon; the day after "
	     "turning 45 years: is overdue"},
	    {"colorectal-cancer", "age is", "76 years",
	     "the day before turning 76 years: is overdue; on the day of turning 76 years: does not apply; the day after "
	     "turning 76 years: does not apply"},
	    {"colorectal-cancer", "colonoscopy", "10 years",
	     "a day less than 10 years ago: is due soon; 10 years ago: is due soon; 10 years and a day ago: is overdue"},
	    {"colorectal-cancer", "colonoscopy", "60 days before",
	     "a day more than 60 days before it is due: is up to date; 60 days before it is due: is due soon; a day less than "
	     "60 days before it is due: is due soon"},
	    {"retest-hba1c", "HbA1c was done", "60 days",
	     "a day less than 60 days ago: alerts (info); 60 days ago: alerts (info); 60 days and a day ago: says nothing"},
	    {"retest-hba1c", "has started", "60 days",
	     "a day less than 60 days ago: says nothing; 60 days ago: says nothing; 60 days and a day ago: alerts (info)"},
	    {"ab12", "disulfiram", "14 days",
	     "disulfiram stopped a day less than 14 days ago: alerts (critical); disulfiram stopped 14 days ago: alerts "
	     "(critical); disulfiram stopped 14 days and a day ago: says nothing"},
	    {"warfarin-nsaid", "latest INR", "4", "3.9: alerts (critical); 4: alerts (critical); 4.1: alerts (critical)"},
	};
	vg_world *world = open_rules("rules", NULL);
	vg_arena arena;
	if (!world)
		return;
	vg_arena_init(&arena, NULL, 0);
	for (size_t i = 0; i < VG_COUNT(limits); i++) {
		vg_boundaries all;
		vigil_error error = VIGIL_ERROR_INIT;
		vigil_status status = vg_boundaries_make(world, limits[i].rule, day_of("2026-03-01"), &all, &error);
		CHECK(status == VIGIL_OK, "%s: %s", limits[i].rule, error.text);
		if (status != VIGIL_OK)
			continue;
		CHECK_TEXT(limit_text(&all, limits[i].sentence, limits[i].limit, &arena), limits[i].edges);
		vg_boundaries_free(&all);
	}
	vg_arena_free(&arena);
	vg_world_release(world);
}

/* Of every rule of the starter pack: each limit is tried, and where the rule
 * speaks at all it decides.  The few others are known: another rule speaks
 * instead, or another limit hides this one. */
static void limits_decide(void)
{
	static const char *const hidden[] = {
	    "diabetes-hba1c", "dl01", "lung-cancer", "retest-uacr", "duplicate-acetaminophen", "duplicate-thyroid-hormone"};
	vg_world *world = open_rules("rules", NULL);
	size_t limits = 0, deciding = 0;
	if (!world)
		return;
	for (uint32_t i = 0; i < world->rulebook->rule_count; i++) {
		vg_boundaries all;
		const char *id = world->rulebook->rules[i].id;
		vigil_status status = vg_boundaries_make(world, id, day_of("2026-03-01"), &all, NULL);
		bool known = false;
		for (size_t k = 0; k < VG_COUNT(hidden); k++)
			known |= strcmp(hidden[k], id) == 0;
		CHECK(status == VIGIL_OK, "%s: status %d", id, status);
		for (size_t k = 0; status == VIGIL_OK && k < all.count; k++) {
			limits++;
			deciding += all.items[k].decides;
			CHECK(all.items[k].decides || known, "%s: %s (limit %s) decides nothing", id, all.items[k].sentence,
			      all.items[k].limit);
		}
		if (status == VIGIL_OK)
			vg_boundaries_free(&all);
	}
	CHECK(limits > 200 && deciding + 10 > limits, "%zu of %zu limits decide", deciding, limits);
	vg_world_release(world);
}

static void other_days_give_the_same(void)
{
	static const char *const days[] = {"2024-02-29", "2025-12-31", "2031-07-15"};
	vg_world *world = open_rules("rules", NULL);
	vg_boundaries first;
	if (!world || vg_boundaries_make(world, "abdominal-aortic-aneurysm", day_of("2026-03-01"), &first, NULL) != VIGIL_OK) {
		CHECK(false, "boundaries are made");
		return;
	}
	for (size_t i = 0; i < VG_COUNT(days); i++) {
		vg_boundaries all;
		if (vg_boundaries_make(world, first.rule, day_of(days[i]), &all, NULL) != VIGIL_OK) {
			CHECK(false, "boundaries are made for %s", days[i]);
			continue;
		}
		CHECK(all.count == first.count, "%zu and %zu limits", all.count, first.count);
		for (size_t k = 0; k < all.count && k < first.count; k++)
			for (size_t e = 0, other = 0; e < all.items[k].count; e++, other++) {
				/* Nobody turns 65 on 29 February who was born on 28 February. */
				if (strcmp(all.items[k].edges[e].what, first.items[k].edges[other].what) != 0)
					other++;
				CHECK_TEXT(all.items[k].edges[e].what, first.items[k].edges[other].what);
				CHECK_TEXT(all.items[k].edges[e].outcome, first.items[k].edges[other].outcome);
			}
		vg_boundaries_free(&all);
	}
	vg_boundaries_free(&first);
	vg_world_release(world);
}

static void unknown_rules_are_refused(void)
{
	vg_world *world = open_rules("tests/library/pack", NULL);
	vg_boundaries all;
	vigil_error error = VIGIL_ERROR_INIT;
	if (!world)
		return;
	CHECK(vg_boundaries_make(world, "nothing", day_of("2026-03-01"), &all, &error) == VIGIL_BAD_INPUT, "it is refused");
	CHECK_TEXT(error.text, "There is no rule \"nothing\".");
	vg_world_release(world);
}

static void examples_are_written(void)
{
	static const char expected[] =
	    "example \"metformin-low-egfr, latest eGFR is below 30 mL/min/1.73 m², in the last year: 29.9 mL/min/1.73 m²\" {\n"
	    "  today  = \"2026-03-01\",\n"
	    "  given  = { result(\"eGFR\", \"29.9 mL/min/1.73 m²\", \"2026-01-30\"), born \"1976-03-01\", ordering "
	    "\"metformin\" "
	    "},\n"
	    "  expect = { alert \"metformin-low-egfr\" :with_severity \"critical\" },\n"
	    "}\n";
	vg_world *world = open_rules("tests/library/pack", NULL);
	vg_arena arena;
	vg_boundaries all;
	if (!world)
		return;
	vg_arena_init(&arena, NULL, 0);
	CHECK(vg_boundaries_make(world, "metformin-low-egfr", day_of("2026-03-01"), &all, NULL) == VIGIL_OK, "they are made");
	const char *text = vg_boundary_examples(&all, &arena);
	CHECK(vg_starts_with(text, expected), "they begin so: %s", text);
	size_t count = 0;
	for (const char *at = text; (at = strstr(at, "example \"")); at++)
		count++;
	CHECK(count == 6, "%zu examples", count);
	vg_boundaries_free(&all);
	vg_arena_free(&arena);
	vg_world_release(world);
}

static void failed_allocations_are_told(void)
{
	test_allocator allocator = {0};
	vg_allocator base = {test_resize, &allocator};
	vg_world *world = open_rules("tests/library/pack", &base);
	size_t refused = 0;
	if (!world)
		return;
	for (size_t after = 1; after < 100000; after += after / 4 + 1) {
		vg_boundaries all;
		allocator.fail_at = allocator.calls + after;
		vigil_status status = vg_boundaries_make(world, "colonoscopy", day_of("2026-03-01"), &all, NULL);
		allocator.fail_at = 0;
		CHECK(status == VIGIL_OK || status == VIGIL_NO_MEMORY, "status %d after %zu", status, after);
		refused += status != VIGIL_OK;
		if (status == VIGIL_OK) {
			CHECK(all.count == 4, "%zu limits", all.count);
			vg_boundaries_free(&all);
		}
	}
	CHECK(refused > 5, "only %zu failures were told", refused);
	vg_world_release(world);
	CHECK(allocator.live_blocks == 0, "%zu blocks are left", allocator.live_blocks);
}

const test_case test_cases_boundaries[] = {
    {"limits are approached", limits_are_approached},
    {"limits decide", limits_decide},
    {"other days give the same", other_days_give_the_same},
    {"unknown rules are refused", unknown_rules_are_refused},
    {"examples are written", examples_are_written},
    {"failed allocations are told", failed_allocations_are_told},
    {0},
};
