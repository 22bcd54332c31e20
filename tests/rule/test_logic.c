/* Kleene's tables for the logic words, with every pair of truths. */
#include "rule_tests.h"

/* true: taking warfarin; false: has_condition "diabetes"; unknown: sex of nobody knows whom. */
#define TRUE_ "taking \"warfarin\""
#define FALSE_ "has_condition \"diabetes\""
#define UNKNOWN_ "sex \"female\""
#define RECORD_ "med warfarin on=2026-01-01"

static void joins_truths(void)
{
	static const truth_row rows[] = {
	    {"all { " TRUE_ ", " TRUE_ " }", RECORD_, T},
	    {"all { " TRUE_ ", " UNKNOWN_ " }", RECORD_, U},
	    {"all { " UNKNOWN_ ", " FALSE_ " }", RECORD_, F},
	    {"all { " FALSE_ ", " UNKNOWN_ " }", RECORD_, F},
	    {"any { " FALSE_ ", " FALSE_ " }", RECORD_, F},
	    {"any { " UNKNOWN_ ", " TRUE_ " }", RECORD_, T},
	    {"any { " FALSE_ ", " UNKNOWN_ " }", RECORD_, U},
	    {"none { " FALSE_ ", " FALSE_ " }", RECORD_, T},
	    {"none { " FALSE_ ", " UNKNOWN_ " }", RECORD_, U},
	    {"none { " UNKNOWN_ ", " TRUE_ " }", RECORD_, F},
	    {"none { " FALSE_ " }", RECORD_, T},
	    {"at_least(2, { " TRUE_ ", " TRUE_ ", " FALSE_ " })", RECORD_, T},
	    {"at_least(2, { " TRUE_ ", " UNKNOWN_ ", " FALSE_ " })", RECORD_, U},
	    {"at_least(2, { " TRUE_ ", " FALSE_ ", " FALSE_ " })", RECORD_, F},
	    {"at_least(2, { " UNKNOWN_ ", " UNKNOWN_ ", " TRUE_ " })", RECORD_, U},
	    {"at_least(3, { " UNKNOWN_ ", " FALSE_ ", " TRUE_ " })", RECORD_, F},
	    {"at_least(1, { " FALSE_ ", " TRUE_ " })", RECORD_, T},
	    {"named(\"x\", " TRUE_ ")", RECORD_, T},
	    {"named(\"x\", any { " FALSE_ ", " UNKNOWN_ " })", RECORD_, U},
	    {"meets \"hospice services\"", RECORD_, F},
	    {"meets \"Hospice Services\"", "no encounters", U},
	    {"none { meets \"frail patient\" }", "born 1920-01-01", F},
	    {"all { any { " FALSE_ ", all { " TRUE_ ", none { " FALSE_ " } } }, " TRUE_ " }", RECORD_, T},
	};
	CHECK_TRUTHS(rows);
}

/* A memo never changes an answer, and keeps no leaf that speaks of an order. */
static void remembers_leaves(void)
{
	test_book book = book_of("rule \"r\" { title = \"t\", severity = \"info\", when_ordering = \"systemic NSAID\", "
				 "if_all = { any { " TRUE_ ", " UNKNOWN_ " }, this_order :is \"systemic NSAID\", " TRUE_
				 " }, warn = \"w\" }");
	test_scene *scene = scene_of(book.book, RECORD_ "; order ibuprofen; order metformin", TEST_DAY);
	uint8_t memo[64];
	memset(memo, VG_MEMO_UNSET, sizeof memo);
	CU_ASSERT_FATAL(book.book->leaf_count <= sizeof memo);
	uint32_t requires = book_rule(&book, "r")->requires;
	for (uint32_t i = 0; i < 2; i++) {
		vg_binding binding = {.order = scene->scene.orders[i], .subject = scene->scene.orders[i]};
		CU_ASSERT_EQUAL(vg_node_truth(&scene->scene, requires, &binding, memo), i == 0 ? VG_TRUE : VG_FALSE);
		CU_ASSERT_EQUAL(vg_node_truth(&scene->scene, requires, &binding, NULL), i == 0 ? VG_TRUE : VG_FALSE);
	}
	for (uint32_t i = 0; i < book.book->leaf_count; i++)
		if (book.book->leaves[i].bound)
			CU_ASSERT_EQUAL(memo[i], VG_MEMO_UNSET);
	CU_ASSERT_EQUAL(vg_node_truth(&scene->scene, VG_NO_NODE, NULL, memo), VG_TRUE);
	scene_close(scene);
	book_close(&book);
}

const test_case test_cases_logic[] = {
    {"all, any, none, at_least, named and meets follow Kleene", joins_truths},
    {"the memo keeps unbound leaves only, and the answer", remembers_leaves},
    {0},
};
