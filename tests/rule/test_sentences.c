/* Conditions in plain English. */
#include "rule_tests.h"

#include <stdio.h>

static void says_conditions(void)
{
	static const struct {
		const char *condition, *sentence;
	} rows[] = {
	    {"latest \"eGFR\" :is_below \"30 mL/min/1.73 m²\" :within \"1 year\"",
	     "latest eGFR is below 30 mL/min/1.73 m², in the last year"},
	    {"latest \"INR\" :is_above \"4\" :within \"14 days\"", "latest INR is above 4, in the last 14 days"},
	    {"latest \"HbA1c\" :is_at_least \"6.5 %\"", "latest HbA1c is at least 6.5 %"},
	    {"latest \"HbA1c\" :is_at_most \"6.5 %\" :since \"2020-01-01\"", "latest HbA1c is at most 6.5 %, since 2020-01-01"},
	    {"latest \"potassium\" :is_between(\"3 mmol/L\", \"5 mmol/L\")",
	     "latest potassium is between 3 mmol/L and 5 mmol/L"},
	    {"latest \"FIT\" :is \"abnormal\"", "latest FIT is abnormal"},
	    {"latest \"creatinine\" :risen_by \"50 %\" :within \"7 days\"",
	     "latest creatinine has risen by 50 % or more, in the last 7 days"},
	    {"latest \"creatinine\" :fallen_by \"0.3 mg/dL\" :within \"48 hours\"",
	     "latest creatinine has fallen by 0.3 mg/dL or more, in the last 48 hours"},
	    {"readings \"blood pressure\" :last(3) :at_least(2) :above \"140/90 mm[Hg]\" :on_different_days",
	     "of the last 3 readings of blood pressure at least 2 are above 140/90 mm[Hg], on different days"},
	    {"readings \"potassium\" :last(2) :below \"3 mmol/L\"", "the last 2 readings of potassium are all below 3 mmol/L"},
	    {"readings \"potassium\" :at_least(2) :below \"3 mmol/L\"", "at least 2 readings of potassium are below 3 mmol/L"},
	    {"age_between(\"45 years\", \"75 years\")", "age is between 45 years and 75 years, both included"},
	    {"age_at_least \"65 years\"", "age is at least 65 years"},
	    {"age_below \"18 months\"", "age is below 18 months"},
	    {"sex \"female\"", "sex is female"},
	    {"deceased", "has died"},
	    {"in_setting \"inpatient\"", "the setting is inpatient"},
	    {"taking \"systemic NSAID\" :by_route \"systemic\" :for_at_least \"90 days\"",
	     "is taking systemic NSAID, by the systemic route, for at least 90 days"},
	    {"taking \"statin\" :at_least(2)", "is taking at least 2 different drugs of statin"},
	    {"ordering \"metformin\" :daily_dose_above \"2 g\"", "there is an order for metformin, more than 2 g a day"},
	    {"will_be_taking \"proton pump inhibitor\"", "is or will be taking proton pump inhibitor"},
	    {"started \"warfarin\" :within \"60 days\"", "has started warfarin, in the last 60 days"},
	    {"stopped \"MAO inhibitor\" :within \"14 days\"", "has stopped MAO inhibitor, in the last 14 days"},
	    {"total_daily_dose(\"methotrexate\") :more_often_than \"1 week\"",
	     "the total daily dose of methotrexate, more often than every 7 days"},
	    {"has_condition \"diabetes\" :onset_within \"6 months\"", "has diabetes, begun in the last 6 months"},
	    {"ever_had \"breast cancer\" :since \"2020-01-01\"", "has or had breast cancer, since 2020-01-01"},
	    {"family_history_of \"breast cancer\"", "has a family history of breast cancer"},
	    {"has_allergy_to \"penicillin\" :with_severity \"severe\" :including_intolerance :ever",
	     "has or had an allergy to penicillin or an intolerance of it, with at least a severe reaction"},
	    {"has_allergy_to \"penicillin\" :with_reaction \"anaphylaxis\"",
	     "has an allergy to penicillin, with the reaction anaphylaxis"},
	    {"resulted \"HbA1c\" :is_above \"9 %\" :times(2)", "HbA1c has a result that is above 9 % at least 2 times"},
	    {"done \"FIT\" :unless_result \"abnormal\" :during \"2025\"",
	     "FIT was done, unless the result is abnormal, from 2025-01-01 to 2025-12-31"},
	    {"done \"colonoscopy\" :after_age \"50 years\" :during \"last year\"",
	     "colonoscopy was done, in the last calendar year, at the age of 50 years or later"},
	    {"vaccinated \"zoster vaccine\" :doses_at_least(2)", "zoster vaccine was given, at least 2 doses"},
	    {"visited \"dialysis\" :times(2) :on_different_days", "dialysis was visited at least 2 times on different days"},
	    {"declined \"FIT\"", "FIT was declined"},
	    {"ordered \"FIT\"", "FIT was ordered"},
	    {"this_order :is \"opioid\" :duration_above \"5 days\"", "this order is of opioid and runs for longer than 5 days"},
	    {"the \"warfarin\" :is_renewal", "the warfarin is a renewal"},
	    {"the \"warfarin\"", "the warfarin is concerned"},
	    {"other_drug :by_route \"topical\"", "the other drug is given by the topical route"},
	    {"all { pregnant, deceased }", "is pregnant and has died"},
	    {"any { pregnant, all { deceased, in_hospice } }", "is pregnant or (has died and is in hospice care)"},
	    {"none { pregnant }", "not (is pregnant)"},
	    {"none { any { pregnant, deceased } }", "neither is pregnant nor has died"},
	    {"none { pregnant, deceased, in_hospice }", "none of (is pregnant; has died; is in hospice care)"},
	    {"none { pregnant, deceased }", "neither is pregnant nor has died"},
	    {"at_least(2, { pregnant, deceased, in_hospice })", "at least 2 of (is pregnant; has died; is in hospice care)"},
	    {"named(\"high risk\", any { pregnant, deceased })", "high risk"},
	    {"all { named(\"high risk\", pregnant), deceased }", "high risk and has died"},
	};
	for (size_t i = 0; i < VG_COUNT(rows); i++) {
		char text[1024];
		snprintf(
		    text, sizeof text,
		    "interaction \"r\" { title = \"t\", severity = \"info\", between = { \"warfarin\", \"systemic NSAID\" }, "
		    "if_all = { %s }, warn = \"w\" }",
		    rows[i].condition);
		test_book book = book_of(text);
		const vg_rule *rule = book_rule(&book, "r");
		CHECK(rule != NULL, "%s is not compiled:%s", rows[i].condition, book_findings(&book));
		vg_arena arena;
		vg_arena_init(&arena, &vg_system_allocator, 0);
		if (rule)
			CHECK_TEXT(vg_node_sentence(book.book, rule->requires, &arena), rows[i].sentence);
		vg_arena_free(&arena);
		book_close(&book);
	}
}

/* A page that has a next one is no whole section, and the reason is told. */
static void tells_why_a_section_is_incomplete(void)
{
	test_book book = book_of("rule \"r\" { title = \"t\", severity = \"info\", when_opening_chart = true, if_all = { "
				 "latest \"INR\" :is_above \"4\" }, warn = \"w\" }");
	test_scene *scene = scene_of(book.book, "lab INR 3 on=2026-01-01", TEST_DAY);
	scene->scene.sections[VG_RESULTS] = (vg_completeness){VG_NOT_SUPPLIED, 0, "first page only"};
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	vg_look look = {.arena = &arena};
	const vg_leaf *leaf = &book.book->leaves[book.book->nodes[book_rule(&book, "r")->requires].leaf];
	CU_ASSERT_EQUAL(vg_leaf_truth(&scene->scene, leaf, NULL, &look), VG_UNKNOWN);
	CHECK_TEXT(look.missing, "results incomplete: first page only");
	vg_arena_free(&arena);
	scene_close(scene);
	book_close(&book);
}

/* What a look tells: facts, values, what is missing, what would change it. */
static void tells_reasons(void)
{
	static const struct {
		const char *condition, *record, *missing, *value, *need;
		size_t facts;
	} rows[] = {
	    {"latest \"eGFR\" :is_below \"30 mL/min/1.73 m²\" :within \"1 year\"", "", "no eGFR, in the last year", NULL,
	     "eGFR below 30 mL/min/1.73 m²", 0},
	    {"latest \"INR\" :is_above \"4\"", "lab INR 3 on=2026-01-01", NULL, "3", "INR above 4", 1},
	    {"latest \"INR\" :is_above \"4\"", "lab INR 5 on=2026-01-01", NULL, "5", NULL, 1},
	    {"latest \"INR\" :is_above \"4\"", "no results", "results not supplied", NULL, "INR above 4", 0},
	    {"done \"colonoscopy\"", "since procedures 2020-01-01", "procedures supplied only since 2020-01-01", NULL, NULL, 0},
	    {"has_allergy_to \"penicillin\"", "no allergies", "allergies not supplied", NULL, NULL, 0},
	    {"age_at_least \"65 years\"", "", "no date of birth", NULL, NULL, 0},
	    {"age_at_least \"65 years\"", "born 1950-01-01", NULL, "76 years", NULL, 0},
	    {"age_at_least \"65 years\"", "born 1961", "of the date of birth only 1961 is known", "64 or 65 years", NULL, 0},
	    {"sex \"female\"", "", "sex not recorded", NULL, NULL, 0},
	    {"taking \"ibuprofen\" :by_route \"topical\"", "med ibuprofen-somehow on=2026-01-01",
	     "route of ibuprofen-somehow not known", NULL, NULL, 1},
	    {"taking \"warfarin\"", "med warfarin on=2026-01-01", NULL, NULL, NULL, 1},
	    {"total_daily_dose(\"acetaminophen\") :is_above \"4 g\"", "order acetaminophen500 dose=2 per=5", NULL,
	     "5000 mg a day", NULL, 1},
	    {"has_condition \"diabetes\"", "cond diabetes", NULL, NULL, NULL, 1},
	};
	for (size_t i = 0; i < VG_COUNT(rows); i++) {
		char text[512];
		snprintf(text, sizeof text,
			 "rule \"r\" { title = \"t\", severity = \"info\", when_ordering = anything, if_all = { %s }, warn = "
			 "\"w\" }",
			 rows[i].condition);
		test_book book = book_of(text);
		const vg_rule *rule = book_rule(&book, "r");
		CU_ASSERT_FATAL(rule != NULL);
		test_scene *scene = scene_of(book.book, rows[i].record, TEST_DAY);
		vg_arena arena;
		vg_arena_init(&arena, &vg_system_allocator, 0);
		vg_look look = {.arena = &arena};
		vg_leaf_truth(&scene->scene, &book.book->leaves[book.book->nodes[rule->requires].leaf], NULL, &look);
		CHECK_TEXT(look.missing, rows[i].missing);
		CHECK_TEXT(look.value, rows[i].value);
		CHECK_TEXT(look.would_need, rows[i].need);
		CHECK(look.fact_count == rows[i].facts, "%s with \"%s\" shows %zu facts", rows[i].condition, rows[i].record,
		      look.fact_count);
		vg_arena_free(&arena);
		scene_close(scene);
		book_close(&book);
	}
}

const test_case test_cases_sentences[] = {
    {"every word and every joint has its sentence", says_conditions},
    {"an incomplete section tells why it is", tells_why_a_section_is_incomplete},
    {"a condition tells its facts, its value and what is missing", tells_reasons},
    {0},
};
