/*
 * Narrow worlds: some rules of a large world say there what they say in it,
 * and a reason that is asked for late is the one that is given at once.
 */
#include "evaluation_tests.h"

#include <dirent.h>
#include <stdlib.h>

static uint64_t dice = 0x6e6172726f77;

static unsigned roll(unsigned sides)
{
	dice = dice * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(dice >> 33) % sides;
}

/* Some rules, in no order. */
static size_t pick_rules(const vg_rulebook *book, uint32_t *rules)
{
	size_t count = 0;
	unsigned share = 1 + roll(6);
	for (uint32_t i = 0; i < book->rule_count; i++)
		if (roll(share) == 0)
			rules[count++] = i;
	for (size_t i = count; i > 1; i--) {
		size_t other = roll((unsigned)i);
		uint32_t held = rules[i - 1];
		rules[i - 1] = rules[other];
		rules[other] = held;
	}
	return count;
}

/* Which sections concern a question hangs on the rules of its world, so `complete` is left out. */
static const char *asked(vg_evaluator *evaluator, vg_world *world, const vg_question *question, vg_arena *arena)
{
	const vg_answer *answer = NULL;
	vigil_error err = VIGIL_ERROR_INIT;
	vigil_status status = vg_evaluate(evaluator, world, question, &answer, &err);
	CHECK(status == VIGIL_OK, "the question is answered: %s", err.text);
	const char *text = status == VIGIL_OK ? answer_text(answer, true, arena) : "";
	const char *end = strstr(text, "complete ");
	return end ? vg_copy_text(arena, text, (size_t)(end - text)) : text;
}

static void set_up(vg_question *question, unsigned bits)
{
	question->judge_existing = bits & 1;
	question->all_statuses = bits & 2;
	question->record_drafts = bits & 4;
	question->all_screenings = bits & 8;
	question->full_scan = bits & 16;
}

typedef struct tally {
	size_t alerts, screenings, reasons;
} tally;

static void compare_case(vg_evaluator *wide, vg_evaluator *small, const char *folder, tally *seen)
{
	uint32_t rules[256];
	vg_world *whole = cases_world(), *narrow = NULL;
	test_sample sample, again;
	vigil_error err = VIGIL_ERROR_INIT;
	CHECK(whole->rulebook->rule_count <= VG_COUNT(rules), "the pack has %u rules", whole->rulebook->rule_count);
	size_t count = pick_rules(whole->rulebook, rules);
	vigil_status status = vg_world_narrow(whole, rules, count, &narrow, &err);
	CHECK(status == VIGIL_OK, "%s", err.text);
	if (status != VIGIL_OK)
		return;
	CHECK(narrow->rulebook->rule_count == count, "%zu rules are kept", count);
	if (sample_read(&sample, whole, folder, NULL) && sample_read(&again, narrow, folder, NULL)) {
		unsigned bits = roll(32);
		set_up(&sample.question, bits);
		set_up(&again.question, bits);
		sample.question.only_rules = rules;
		sample.question.only_count = count;
		const char *of_whole = asked(wide, whole, &sample.question, &sample.arena);
		const char *of_narrow = asked(small, narrow, &again.question, &sample.arena);
		CHECK(strcmp(of_whole, of_narrow) == 0, "%s\n--- whole\n%s--- narrow\n%s", folder, of_whole, of_narrow);
		seen->alerts += strstr(of_narrow, "alert ") != NULL;
		seen->screenings += strstr(of_narrow, "screening ") != NULL;
		const vg_answer *answer = NULL;
		status = vg_evaluate(small, whole, &again.question, &answer, &err);
		CHECK(status == VIGIL_WRONG_USE, "a record of the narrow world is refused by the whole one, status %d", status);
	}
	sample_close(&sample);
	sample_close(&again);
	vg_world_release(narrow);
}

/* The late reasons of all screenings are those that an evaluation renders. */
static void compare_reasons(vg_evaluator *evaluator, const char *folder, tally *seen)
{
	test_sample sample;
	if (sample_read(&sample, cases_world(), folder, NULL)) {
		const vg_answer *answer = NULL;
		const char *reasons[64];
		sample.question.all_screenings = true;
		vigil_status status = vg_evaluate(evaluator, cases_world(), &sample.question, &answer, NULL);
		size_t count = status == VIGIL_OK ? answer->screening_count : 0;
		CHECK(count > 0 && count <= VG_COUNT(reasons), "%s: %zu screenings", folder, count);
		for (size_t i = 0; i < count; i++)
			reasons[i] =
			    vg_copy_text(&sample.arena, answer->screenings[i].reason, strlen(answer->screenings[i].reason));
		status = vg_decide(evaluator, cases_world(), &sample.question, &answer, NULL);
		CHECK(status == VIGIL_OK && answer->screening_count == count, "%s: decided", folder);
		for (size_t i = count; i-- > 0;) /* in any order */
			CHECK_TEXT(vg_screening_reason(evaluator, i), reasons[i]);
		seen->reasons += count;
	}
	sample_close(&sample);
}

static void a_narrow_world_says_the_same(void)
{
	vg_evaluator *wide = NULL, *small = NULL;
	DIR *cases = opendir("fixtures/cases");
	tally seen = {0};
	bool open = cases && cases_world() && vg_evaluator_open(NULL, &wide, NULL) == VIGIL_OK &&
		    vg_evaluator_open(NULL, &small, NULL) == VIGIL_OK;
	CHECK(open, "there are cases and evaluators");
	for (struct dirent *entry = open ? readdir(cases) : NULL; entry; entry = readdir(cases)) {
		char folder[300];
		snprintf(folder, sizeof folder, "fixtures/cases/%s", entry->d_name);
		if (entry->d_name[0] == '.')
			continue;
		compare_case(wide, small, folder, &seen);
		compare_reasons(wide, folder, &seen);
	}
	CHECK(seen.alerts > 5 && seen.screenings > 20 && seen.reasons > 100,
	      "%zu with alerts, %zu with screenings, %zu reasons", seen.alerts, seen.screenings, seen.reasons);
	if (cases)
		closedir(cases);
	vg_evaluator_close(wide);
	vg_evaluator_close(small);
}

/* ---- reading only what is seen ---------------------------------------------------------- */

static const char *screenings_of(vg_evaluator *evaluator, vg_world *world, const vg_record *record, vg_arena *arena)
{
	const vg_answer *answer = NULL;
	vg_question question = {.record = record, .hook = VG_HOOK_PATIENT_VIEW, .all_screenings = true, .all_statuses = true};
	vg_date_parse("2021-04-01", 10, &question.as_of);
	if (vg_evaluate(evaluator, world, &question, &answer, NULL) != VIGIL_OK)
		return "";
	vg_buffer out;
	vg_buffer_init(&out, arena);
	for (size_t i = 0; i < answer->screening_count; i++) {
		const vg_screening *screening = &answer->screenings[i];
		vg_addf(&out, "%s %d %d %d %s %s\n", screening->rule->id, screening->status, screening->due,
			screening->overdue_since, screening->last ? screening->last->reference : "-", screening->reason);
	}
	return vg_buffer_text(&out);
}

typedef struct reduction {
	size_t records, facts, kept;
} reduction;

static void compare_seen(vg_evaluator *evaluator, vg_world *narrow, const char *path, reduction *sum)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	char *text;
	size_t length;
	vg_record *all = NULL, *seen = NULL;
	vigil_error err = VIGIL_ERROR_INIT;
	vigil_status status = vg_read_file(&arena, path, 1 << 26, &text, &length, NULL);
	if (status == VIGIL_OK) { /* a folder without a record has none to compare */
		status = vg_record_read(text, length, narrow->knowledge, narrow->rulebook->watch, NULL, NULL, &all, &err);
		vigil_status again =
		    vg_record_read_seen(text, length, narrow->knowledge, narrow->rulebook->watch, NULL, NULL, &seen, &err);
		CHECK(status == again, "%s: read with status %d, as far as it is seen with %d: %s", path, status, again,
		      err.text);
	}
	if (all && seen) {
		const char *of_all = screenings_of(evaluator, narrow, all, &arena);
		CHECK_TEXT(screenings_of(evaluator, narrow, seen, &arena), of_all);
		sum->records++;
		sum->facts += all->fact_count;
		sum->kept += seen->fact_count;
	}
	vg_record_free(all);
	vg_record_free(seen);
	vg_arena_free(&arena);
}

static void compare_folder(vg_evaluator *evaluator, vg_world *narrow, const char *folder, const char *format, reduction *sum)
{
	DIR *names = opendir(folder);
	CHECK(names != NULL, "%s is there", folder);
	for (struct dirent *entry = names ? readdir(names) : NULL; entry; entry = readdir(names)) {
		char path[600];
		snprintf(path, sizeof path, format, folder, entry->d_name);
		if (entry->d_name[0] != '.')
			compare_seen(evaluator, narrow, path, sum);
	}
	if (names)
		closedir(names);
}

static void what_is_not_seen_changes_no_screening(void)
{
	vg_world *whole = cases_world(), *narrow = NULL;
	vg_evaluator *evaluator = NULL;
	uint32_t rules[64];
	size_t count = 0;
	for (uint32_t i = 0; whole && i < whole->rulebook->rule_count; i++)
		if (whole->rulebook->rules[i].kind == VG_KIND_SCREENING && count < VG_COUNT(rules))
			rules[count++] = i;
	if (!whole || vg_world_narrow(whole, rules, count, &narrow, NULL) != VIGIL_OK ||
	    vg_evaluator_open(NULL, &evaluator, NULL) != VIGIL_OK) {
		CU_FAIL("not narrowed");
		return;
	}
	reduction cases = {0}, patients = {0};
	compare_folder(evaluator, narrow, "fixtures/cases", "%s/%s/record.json", &cases);
	CHECK(cases.records > 100 && cases.kept < cases.facts, "%zu records, %zu facts of %zu", cases.records, cases.kept,
	      cases.facts);
	const char *synthea = test_data("synthea/bundles");
	if (synthea) {
		compare_folder(evaluator, narrow, synthea, "%s/%s", &patients);
		CHECK(patients.records > 50 && patients.kept * 2 < patients.facts, "%zu patients, %zu facts of %zu",
		      patients.records, patients.kept, patients.facts);
	}
	vg_evaluator_close(evaluator);
	vg_world_release(narrow);
}

/* Fewer sets are watched, and a world of nothing is one too. */
static void a_narrow_world_is_small(void)
{
	vg_world *whole = cases_world(), *narrow = NULL, *none = NULL;
	uint32_t rule = 0;
	while (whole && rule < whole->rulebook->rule_count && whole->rulebook->rules[rule].kind != VG_KIND_SCREENING)
		rule++;
	if (!whole || vg_world_narrow(whole, &rule, 1, &narrow, NULL) != VIGIL_OK ||
	    vg_world_narrow(whole, NULL, 0, &none, NULL) != VIGIL_OK) {
		CU_FAIL("not narrowed");
		return;
	}
	CHECK(narrow->rulebook->watch.slot_count * 2 < whole->rulebook->watch.slot_count &&
		  narrow->rulebook->leaf_count * 2 < whole->rulebook->leaf_count,
	      "%u sets of %u are watched", narrow->rulebook->watch.slot_count, whole->rulebook->watch.slot_count);
	CHECK(none->rulebook->watch.slot_count == 1 && none->rulebook->leaf_count == 0, "a world of nothing");
	CHECK_TEXT(narrow->rulebook->rules[0].id, whole->rulebook->rules[rule].id);
	vg_world_release(narrow);
	vg_world_release(none);
}

static void narrowing_survives_failed_allocations(void)
{
	test_allocator state = {.fail_at = 0};
	vg_world *whole = NULL;
	uint32_t rules[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
	if (cases_world_open(&(vg_allocator){test_resize, &state}, NULL, &whole, NULL) != VIGIL_OK) {
		CU_FAIL("the pack does not open");
		return;
	}
	size_t before = state.live_blocks, failures = 0;
	for (size_t n = 1;; n++) {
		vg_world *narrow = NULL;
		state.calls = 0;
		state.fail_at = n;
		vigil_status status = vg_world_narrow(whole, rules, VG_COUNT(rules), &narrow, NULL);
		bool failed = state.calls >= n;
		CHECK(status == (failed ? VIGIL_NO_MEMORY : VIGIL_OK), "allocation %zu failed: status %d", n, status);
		vg_world_release(narrow);
		CHECK(state.live_blocks == before, "allocation %zu failed: %zu blocks more than before", n,
		      state.live_blocks - before);
		failures += failed;
		if (!failed)
			break;
	}
	CHECK(failures > 3, "%zu allocations were failed", failures);
	vg_world_release(whole);
	CHECK(state.live_blocks == 0, "%zu blocks left after closing", state.live_blocks);
}

const test_case test_cases_narrow[] = {
    {"a narrow world says what the whole one says", a_narrow_world_says_the_same},
    {"a narrow world is small", a_narrow_world_is_small},
    {"what no watched set sees changes no screening", what_is_not_seen_changes_no_screening},
    {"narrowing survives failed allocations", narrowing_survives_failed_allocations},
    {0},
};
