/* Every allocation failed in turn: compiling says so and leaks nothing; looking marks its arena. */
#include "rule_tests.h"

#include <stdio.h>

static const char text[] =
    "define \"d\" { any { pregnant, in_hospice } }"
    "interaction \"i\" { title = \"t\", severity = \"warning\", between = { \"warfarin\", \"systemic NSAID\" }, "
    "  cases = { { if_any = { the \"systemic NSAID\" :by_route \"topical\" }, severity = \"info\", say = \"s {latest INR}\" } "
    "}, "
    "  warn = \"{this_order}\", suggest = { cancel_this_order }, accept_override = { \"x\" }, replaces = { \"wf01\" } }"
    "screening \"s\" { title = \"t\", for_patients = { age_at_least \"50 years\", none { meets \"d\" } }, "
    "  satisfied_by = { done \"FIT\" :every \"1 year\" }, remind = \"r {due}\" }"
    "rule \"bad\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { takin \"warfarin\", taking \"x\" "
    "}, warn = \"{x}\" }"
    "rule \"n\" { title = \"t\", severity = \"info\", when_ordering = \"statin\", needs = { x = latest \"creatinine\" }, check "
    "= function end, warn = \"w\" }";

static vigil_status compile(test_allocator *state, const test_source *source, uint32_t *ret_rules)
{
	vg_allocator allocator = {test_resize, state};
	vg_findings findings;
	vg_rulebook *book = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_findings_init(&findings, &allocator);
	vigil_status status =
	    vg_rulebook_compile(source->declarations, source->count, test_knowledge(), &allocator, &findings, &book, &error);
	CHECK((status == VIGIL_OK) == (book != NULL), "status %d with%s a rulebook", status, book ? "" : "out");
	if (book)
		*ret_rules = book->rule_count;
	vg_rulebook_free(book);
	vg_findings_free(&findings);
	return status;
}

/* Every allocation of one compilation in turn; the number of allocations. */
static size_t fail_each(const test_source *source)
{
	uint32_t rules = 0, whole;
	test_allocator counting = {0};
	CU_ASSERT_EQUAL(compile(&counting, source, &rules), VIGIL_OK);
	CU_ASSERT_EQUAL(counting.live_blocks, 0);
	whole = rules;
	for (size_t i = 1; i <= counting.calls; i++) {
		test_allocator state = {.fail_at = i};
		vigil_status status = compile(&state, source, &rules);
		CHECK(status == VIGIL_NO_MEMORY, "failing allocation %zu of %zu gives status %d", i, counting.calls, status);
		CHECK(state.live_blocks == 0, "failing allocation %zu leaves %zu blocks", i, state.live_blocks);
	}
	test_allocator after = {.fail_at = counting.calls + 1};
	CU_ASSERT_EQUAL(compile(&after, source, &rules), VIGIL_OK);
	CU_ASSERT_EQUAL(rules, whole);
	return counting.calls;
}

/* Arenas take memory in blocks; rules of different length move the places where a new block is needed. */
static void compiles_or_says_so(void)
{
	static const char definitions[] =
	    "define \"frail patient\" { age_at_least \"85 years\" } define \"hospice services\" { in_hospice } "
	    "define \"high INR\" { latest \"INR\" :is_above \"4\" }";
	static char padding[9000];
	size_t calls = 0;
	for (size_t length = 0; length < 4000; length += 101) {
		test_source source = {.count = 0};
		snprintf(padding, sizeof padding,
			 "rule \"p\" { title = \"t\", severity = \"info\", when_ordering = anything, if_all = { pregnant }, "
			 "warn = \"%0*d\" }",
			 (int)length + 1, 7);
		source_read(&source, definitions, 0);
		source_read(&source, length % 2 ? padding : "", 0);
		source_read(&source, text, 0);
		source_read(&source, length % 2 ? "" : padding, 0);
		calls += fail_each(&source);
		source_free(&source);
	}
	CHECK(calls > 200, "only %zu allocations were failed", calls);
}

static void looks_or_marks_its_arena(void)
{
	test_book book = book_of("rule \"r\" { title = \"t\", severity = \"info\", when_opening_chart = true, warn = \"w\", "
				 "if_all = { latest \"INR\" :is_above \"4\" :within \"14 days\" } }");
	const vg_leaf *leaf = &book.book->leaves[book.book->nodes[book_rule(&book, "r")->requires].leaf];
	test_scene *scene = scene_of(book.book, "lab INR 3 on=2026-02-25", TEST_DAY);
	test_allocator state = {.fail_at = 1};
	vg_arena arena;
	vg_arena_init(&arena, &(vg_allocator){test_resize, &state}, 0);
	vg_look look = {.arena = &arena};
	CU_ASSERT_EQUAL(vg_leaf_truth(&scene->scene, leaf, NULL, &look), VG_FALSE);
	CHECK(arena.failed, "a look that ran out of memory does not say so");
	vg_arena_free(&arena);
	CU_ASSERT_EQUAL(state.live_blocks, 0);
	scene_close(scene);
	book_close(&book);
}

const test_case test_cases_memory[] = {
    {"each failing allocation of compiling is reported and leaves nothing behind", compiles_or_says_so},
    {"a look without memory marks its arena and keeps the truth", looks_or_marks_its_arena},
    {0},
};
