/* Rows of tables and of pairs. */
#include "knowledge_tests.h"

#include <string.h>

static void gives_tables(void)
{
	const vg_knowledge *k = base_knowledge();
	const vg_table *retest = vg_knowledge_table(k, "retest_intervals");
	CU_ASSERT_PTR_NOT_NULL_FATAL(retest);
	CHECK(retest->row_count == 2, "%zu rows", retest->row_count);
	CHECK_TEXT(vg_cell(retest, &retest->rows[0], "id"), "rt01"); /* in order of id */
	CHECK_TEXT(vg_cell(retest, &retest->rows[1], "id"), "rt02");
	CHECK_TEXT(vg_cell(retest, &retest->rows[1], "interval"), "60 days");
	CHECK_TEXT(vg_cell(retest, &retest->rows[1], "unless"), "pregnant");
	CHECK_TEXT(vg_cell(retest, &retest->rows[0], "unless"), "");
	CHECK_TEXT(vg_cell(retest, &retest->rows[0], "no such column"), "");
	CHECK_TEXT(retest->rows[0].place.file, BASE_PACK "/tables/retest_intervals.csv");
	CHECK(retest->rows[0].place.line == 3 && retest->rows[0].pack == 0, "line %d of pack %u", retest->rows[0].place.line,
	      retest->rows[0].pack);
	CHECK(vg_knowledge_table(k, "drug_lab_disease")->row_count == 3, "drug_lab_disease");
	CHECK(vg_knowledge_table(k, "max_daily_dose")->row_count == 1, "max_daily_dose");
	CHECK(vg_knowledge_table(k, "duplicate_therapy")->row_count == 2, "duplicate_therapy");
	CHECK(vg_knowledge_table(k, "interactions") == NULL, "pair rows are given as a table");
	CHECK(vg_knowledge_table(k, "products") == NULL && vg_knowledge_table(k, "nothing") == NULL,
	      "what is no table is given");
}

static void gives_pair_rows(void)
{
	const vg_knowledge *k = base_knowledge();
	vg_pair_row row;
	CHECK(vg_pair_count(k, VG_INTERACTIONS) == 3 && vg_pair_count(k, VG_CROSS_REACTIVITY) == 2, "counts");
	uint32_t index = vg_pair_find_id(k, VG_INTERACTIONS, "wf01");
	CHECK(index == 1, "wf01 is row %u in order of id", index);
	vg_pair_get(k, VG_INTERACTIONS, index, &row);
	CHECK_TEXT(row.id, "wf01");
	CHECK_TEXT(row.title, "Bleeding risk");
	CHECK(row.a == set_of(k, "warfarin") && row.b == set_of(k, "NSAID"), "its sets");
	CHECK(row.severity == VIGIL_SEVERITY_WARNING && row.status == VG_STATUS_ACTIVE && !row.silent,
	      "its severity and status");
	CHECK_TEXT(row.mechanism, "");
	CHECK_TEXT(row.effect, "bleeding");
	CHECK_TEXT(row.management, "Avoid, or check the INR");
	CHECK_TEXT(row.silences, "wf02");
	CHECK(row.still_counts_a.days == 5 && !vg_duration_given(row.still_counts_b), "how long it still counts");
	CHECK_TEXT(row.owner, "pharmacy");
	CHECK_TEXT(row.review_by, "2027-09-01");
	CHECK_TEXT(row.evidence, "Guideline");
	CHECK_TEXT(row.url, "https://example.org");
	CHECK_TEXT(row.publisher, "Publisher");
	CHECK_TEXT(row.year, "2012");
	CHECK_TEXT(row.grade, "1B");
	CHECK_TEXT(row.source, "test");
	CHECK_TEXT(row.verified, "yes");
	CHECK_TEXT(row.place.file, BASE_PACK "/tables/interactions.csv");
	CHECK(row.place.line == 2 && row.pack == 0, "line %d of pack %u", row.place.line, row.pack);
	vg_pair_get(k, VG_INTERACTIONS, vg_pair_find_id(k, VG_INTERACTIONS, "wf02"), &row);
	CHECK(row.still_counts_b.days == 14 && !vg_duration_given(row.still_counts_a), "the other side");
	vg_pair_get(k, VG_CROSS_REACTIVITY, vg_pair_find_id(k, VG_CROSS_REACTIVITY, "xr01"), &row);
	CHECK(row.silent && row.a == set_of(k, "penicillins") && row.b == set_of(k, "cefazolin"), "a silent pair");
	CHECK(vg_pair_find_id(k, VG_INTERACTIONS, "xr01") == UINT32_MAX, "a row of the other family is found");
	CHECK(vg_pair_find_id(k, VG_INTERACTIONS, "") == UINT32_MAX, "nothing is found");
}

static void finds_pairs(void)
{
	const vg_knowledge *k = base_knowledge();
	vg_set warfarin = set_of(k, "warfarin"), nsaid = set_of(k, "NSAID"), blood = set_of(k, "anticoagulant");
	vg_set penicillins = set_of(k, "penicillins"), lactams = set_of(k, "beta-lactams"), cefazolin = set_of(k, "cefazolin");
	CHECK(vg_pairs_of(k, VG_INTERACTIONS, warfarin, nsaid).count == 1, "warfarin and NSAID");
	CHECK(vg_pairs_of(k, VG_INTERACTIONS, nsaid, warfarin).count == 1, "the other order");
	CHECK(vg_pairs_of(k, VG_INTERACTIONS, blood, nsaid).count == 1, "a row that is written the other way round");
	CHECK(vg_pairs_of(k, VG_INTERACTIONS, warfarin, warfarin).count == 0, "a pair without a row");
	CHECK(vg_pairs_of(k, VG_INTERACTIONS, 0, 0).count == 0 && vg_pairs_of(k, VG_INTERACTIONS, UINT32_MAX, 1).count == 0,
	      "no sets");
	CHECK(vg_pairs_of(k, VG_CROSS_REACTIVITY, penicillins, lactams).count == 1, "an allergy and an order");
	CHECK(vg_pairs_of(k, VG_CROSS_REACTIVITY, lactams, penicillins).count == 0, "the other order is another thing");
	CHECK(vg_pair_uses(k, VG_INTERACTIONS, nsaid) && !vg_pair_uses(k, VG_INTERACTIONS, cefazolin), "used by interactions");
	CHECK(vg_pair_uses(k, VG_CROSS_REACTIVITY, cefazolin) && !vg_pair_uses(k, VG_CROSS_REACTIVITY, nsaid),
	      "used by allergies");
	CHECK(!vg_pair_uses(k, VG_INTERACTIONS, 0) && !vg_pair_uses(k, VG_INTERACTIONS, UINT32_MAX), "no set is used");
}

static void several_rows_of_a_pair_come_in_order(void)
{
	test_folder folder = folder_make();
	folder_text(&folder, "tables/ingredients.csv", "rxcui,name\n1,alpha\n2,beta\n");
	folder_text(
	    &folder, "tables/interactions.csv",
	    "id,a,b,severity,status,evidence\nz,alpha,beta,info,draft,e\nm,beta,alpha,info,draft,e\na,alpha,beta,info,draft,e\n"
	    "k,alpha,alpha,info,draft,e\n");
	test_world world = world_open(folder.path, NULL, (test_options){0});
	const vg_knowledge *k = world.knowledge;
	if (k) {
		vg_ids rows = vg_pairs_of(k, VG_INTERACTIONS, set_of(k, "alpha"), set_of(k, "beta"));
		CHECK(rows.count == 3 && rows.ids[0] == 0 && rows.ids[1] == 2 && rows.ids[2] == 3, "%zu rows", rows.count);
		rows = vg_pairs_of(k, VG_INTERACTIONS, set_of(k, "alpha"), set_of(k, "alpha"));
		CHECK(rows.count == 1 && rows.ids[0] == 1, "a set with itself: %zu rows", rows.count);
	}
	CHECK(k != NULL, "%s", world.error.text);
	world_close(&world);
	folder_remove(&folder);
}

static void gives_cases_in_their_order(void)
{
	const vg_knowledge *k = base_knowledge();
	vg_pair_row row;
	vg_pair_get(k, VG_INTERACTIONS, vg_pair_find_id(k, VG_INTERACTIONS, "wf01"), &row);
	CHECK(row.case_count == 3, "%u cases", row.case_count);
	const vg_pair_case *first = vg_pair_case_get(k, row.first_case), *second = vg_pair_case_get(k, row.first_case + 1);
	const vg_pair_case *third = vg_pair_case_get(k, row.first_case + 2);
	CHECK_TEXT(first->definition, "INR above 4");
	CHECK(first->changes_severity && first->severity == VIGIL_SEVERITY_CRITICAL && !first->silences, "the first case");
	CHECK_TEXT(first->say, "INR is high.");
	CHECK(first->place.line == 4, "line %d", first->place.line);
	CHECK_TEXT(second->definition, "on a proton pump inhibitor");
	CHECK_TEXT(third->definition, "tenth case"); /* 10 is behind 2 */
	CHECK(!third->changes_severity && !third->silences, "an empty severity only adds its sentence");
	vg_pair_get(k, VG_CROSS_REACTIVITY, vg_pair_find_id(k, VG_CROSS_REACTIVITY, "xr02"), &row);
	CHECK(row.case_count == 1 && vg_pair_case_get(k, row.first_case)->silences, "a case that silences");
	vg_pair_get(k, VG_INTERACTIONS, vg_pair_find_id(k, VG_INTERACTIONS, "wf02"), &row);
	CHECK(row.case_count == 0, "a row without cases has some");
	CHECK(vg_pair_case_get(k, 4) == NULL && vg_pair_case_get(k, UINT32_MAX) == NULL, "a case beyond the last");
}

const test_case test_cases_table[] = {
    {"tables in order of id, cell by cell", gives_tables},
    {"pair rows with all their cells", gives_pair_rows},
    {"pairs are found by their sets", finds_pairs},
    {"several rows of one pair come in order of id", several_rows_of_a_pair_come_in_order},
    {"cases come in the order of their numbers", gives_cases_in_their_order},
    {NULL, NULL},
};
