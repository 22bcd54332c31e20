/*
 * Every allocation failed in turn: the answer is the fault-free one or a clear
 * VIGIL_NO_MEMORY, never a shorter one, and nothing leaks (P1, P6).
 */
#include "evaluation_tests.h"

static const char *const folders[] = {"fixtures/cases/pair-three-nsaids",
				      "fixtures/cases/allergy-two-entries",
				      "fixtures/cases/check-function",
				      "fixtures/cases/screening-abnormal-after-normal",
				      "fixtures/cases/test-panel-ordered-all-known",
				      "fixtures/cases/pair-row-case-unknown",
				      "fixtures/cases/egfr-none",
				      "fixtures/cases/unknown-drug-code"};

/* One evaluation with a fresh evaluator whose n-th allocation fails. */
static vigil_status ask_starved(test_sample *sample, size_t fail_at, const char **text, test_allocator *state, bool trace)
{
	*state = (test_allocator){.fail_at = fail_at};
	vg_allocator allocator = {test_resize, state};
	vg_evaluator *evaluator = NULL;
	vigil_status status = vg_evaluator_open(&allocator, &evaluator, NULL);
	const vg_answer *answer = NULL;
	sample->question.trace = trace;
	if (status == VIGIL_OK)
		status = vg_evaluate(evaluator, cases_world(), &sample->question, &answer, NULL);
	*text = status == VIGIL_OK ? answer_text(answer, true, &sample->arena) : "";
	if (status == VIGIL_NO_MEMORY && evaluator) {
		/* The same evaluator answers when there is memory again. */
		state->fail_at = 0;
		vigil_status again = vg_evaluate(evaluator, cases_world(), &sample->question, &answer, NULL);
		CHECK(again == VIGIL_OK, "after a failed allocation the evaluator answers again, status %d", again);
	}
	vg_evaluator_close(evaluator);
	return status;
}

static void evaluating_survives_every_failed_allocation(void)
{
	for (size_t i = 0; i < VG_COUNT(folders) && cases_world(); i++) {
		test_sample sample;
		test_allocator state;
		const char *whole, *text;
		if (sample_read(&sample, cases_world(), folders[i], NULL)) {
			vigil_status status = ask_starved(&sample, 0, &whole, &state, true);
			CHECK(status == VIGIL_OK && state.live_blocks == 0, "%s: answered, %zu blocks left", folders[i],
			      state.live_blocks);
			size_t calls = state.calls;
			CHECK(calls >= 2, "%s: %zu allocations", folders[i], calls);
			for (size_t n = 1; n <= calls; n++) {
				status = ask_starved(&sample, n, &text, &state, true);
				bool same = status == VIGIL_OK && strcmp(text, whole) == 0;
				CHECK(same || status == VIGIL_NO_MEMORY, "%s: allocation %zu of %zu failed: status %d\n%s",
				      folders[i], n, calls, status, text);
				CHECK(state.live_blocks == 0, "%s: allocation %zu failed: %zu blocks left", folders[i], n,
				      state.live_blocks);
			}
		}
		sample_close(&sample);
	}
}

static void opening_survives_failed_allocations(void)
{
	test_allocator state = {.fail_at = 0};
	vg_allocator allocator = {test_resize, &state};
	vg_world *world = NULL;
	vigil_status status = cases_world_open(&allocator, NULL, &world, NULL);
	CHECK(status == VIGIL_OK, "the pack opens, status %d", status);
	vg_world_release(world);
	CHECK(state.live_blocks == 0, "%zu blocks left after closing", state.live_blocks);
	size_t calls = state.calls;
	/* A load takes thousands of allocations: each of the first and last hundreds, and a sample between. */
	for (size_t n = 1; n <= calls; n += n < 300 || n + 300 > calls ? 1 : 1 + calls / 150) {
		state = (test_allocator){.fail_at = n};
		world = NULL;
		status = cases_world_open(&allocator, NULL, &world, NULL);
		CHECK(status == VIGIL_OK || status == VIGIL_NO_MEMORY, "allocation %zu of %zu failed: status %d", n, calls,
		      status);
		CHECK(status != VIGIL_OK || world->findings.errors == 0,
		      "allocation %zu failed: the world that opens has errors", n);
		CHECK((status == VIGIL_OK) == (world != NULL), "allocation %zu failed: a world only with VIGIL_OK", n);
		vg_world_release(world);
		CHECK(state.live_blocks == 0, "allocation %zu failed: %zu blocks left", n, state.live_blocks);
	}
}

const test_case test_cases_memory[] = {
    {"evaluating survives every failed allocation", evaluating_survives_every_failed_allocation},
    {"opening a world survives failed allocations", opening_survives_failed_allocations},
    {0},
};
