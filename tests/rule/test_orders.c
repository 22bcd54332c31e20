/* Truth tables: this_order, the, other_drug. */
#include "rule_tests.h"

#include <stdio.h>

static void knows_this_order(void)
{
	static const truth_row rows[] = {
	    {"this_order :is \"systemic NSAID\"", "order ibuprofen", T},
	    {"this_order :is \"systemic NSAID\"", "order metformin", F},
	    {"this_order :is \"FIT\"", "test FIT", T},
	    {"this_order :by_route \"oral\"", "order ibuprofen", T},
	    {"this_order :by_route \"topical\"", "order ibuprofen-gel", T},
	    {"this_order :by_route \"topical\"", "order ibuprofen-somehow", U},
	    {"this_order :is_renewal", "order warfarin; med warfarin on=2026-01-01", T},
	    {"this_order :is_renewal", "order warfarin; med metformin on=2026-01-01", F},
	    {"this_order :is_renewal", "order warfarin; med warfarin on=2026-01-01 status=stopped", F},
	    {"this_order :is_renewal", "order warfarin; no medications", U},
	    {"this_order :is_renewal", "order warfarin renews=MedicationRequest/x; no medications", T},
	    {"this_order :daily_dose_above \"1 g\"", "order metformin dose=2 per=2", T},
	    {"this_order :daily_dose_above \"2 g\"", "order metformin dose=2 per=2", F},
	    {"this_order :daily_dose_above \"2 g\"", "order metformin", U},
	    {"this_order :duration_above \"5 days\"", "order ibuprofen on=2026-03-01 to=2026-03-06", T},
	    {"this_order :more_often_than \"1 week\"", "order methotrexate dose=1 every=1", T},
	    {"this_order :is \"systemic NSAID\" :by_route \"topical\"", "order metformin route=x", F},
	    {"the \"systemic NSAID\" :by_route \"oral\"", "order ibuprofen", T},
	    {"the \"systemic NSAID\" :by_route \"oral\"", "order metformin", F},
	};
	CHECK_TRUTHS(rows);
}

static vg_truth ask_pair(const char *condition, const char *record, int subject_set_first)
{
	char text[512];
	snprintf(text, sizeof text,
		 "interaction \"r\" { title = \"t\", severity = \"info\", between = { \"warfarin\", \"systemic NSAID\" }, "
		 "if_all = { %s }, warn = \"w\" }",
		 condition);
	test_book book = book_of(text);
	const vg_rule *rule = book_rule(&book, "r");
	CHECK(rule != NULL, "%s is not compiled:%s", condition, book_findings(&book));
	test_scene *scene = scene_of(book.book, record, TEST_DAY);
	vg_binding binding = {.order = scene->scene.orders[0],
			      .subject = scene->scene.orders[0],
			      .other = &scene->record->facts[0],
			      .subject_set = rule->pair[!subject_set_first],
			      .other_set = rule->pair[subject_set_first]};
	vg_truth truth = vg_node_truth(&scene->scene, rule->requires, &binding, NULL);
	CHECK(vg_node_truth(&scene->scene, rule->requires, NULL, NULL) == VG_UNKNOWN, "%s is known without an order",
	      condition);
	scene_close(scene);
	book_close(&book);
	return truth;
}

static void knows_pairs(void)
{
	static const char nsaid_order[] = "med warfarin on=2026-01-01; order ibuprofen-gel";
	static const char warfarin_order[] = "med ibuprofen-gel on=2026-01-01; order warfarin";
	CU_ASSERT_EQUAL(ask_pair("the \"systemic NSAID\" :by_route \"topical\"", nsaid_order, 0), VG_TRUE);
	CU_ASSERT_EQUAL(ask_pair("the \"systemic NSAID\" :by_route \"topical\"", warfarin_order, 1), VG_TRUE);
	CU_ASSERT_EQUAL(ask_pair("the \"warfarin\" :by_route \"topical\"", nsaid_order, 0), VG_FALSE);
	CU_ASSERT_EQUAL(ask_pair("the \"warfarin\"", nsaid_order, 0), VG_TRUE);
	CU_ASSERT_EQUAL(ask_pair("other_drug :is \"warfarin\"", nsaid_order, 0), VG_TRUE);
	CU_ASSERT_EQUAL(ask_pair("other_drug :is \"warfarin\"", warfarin_order, 1), VG_FALSE);
	CU_ASSERT_EQUAL(ask_pair("this_order :is \"warfarin\"", warfarin_order, 1), VG_TRUE);
}

const test_case test_cases_orders[] = {
    {"what is judged: its set, route, dose, length, renewal", knows_this_order},
    {"the members of a pair", knows_pairs},
    {0},
};
