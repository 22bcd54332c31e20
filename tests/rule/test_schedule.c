/* Schedules of screenings, the events they count from, and what check functions read. */
#include "rule_tests.h"

#include <stdio.h>

#define SCREEN(options)                                                                                                        \
	"screening \"s\" { title = \"t\", for_patients = { age_at_least \"50 years\" }, satisfied_by = { " options " }, "      \
	"due_soon = \"60 days\", remind = \"Due on {due}, last {last done} on {date of last done}. {last done colonoscopy}\" " \
	"}"

static void compiles_options(void)
{
	test_book book =
	    book_of(SCREEN("done \"colonoscopy\" :every \"10 years\", vaccinated \"zoster vaccine\" :doses_at_least(2) :once, "
			   "all { done \"Pap test\", done \"HPV test\" :within \"5 years\" } :every \"5 years\""));
	const vg_rule *rule = book_rule(&book, "s");
	CHECK(rule != NULL, "not compiled:%s", book_findings(&book));
	CU_ASSERT_FATAL(rule != NULL);
	CU_ASSERT_EQUAL(rule->triggers, VG_ON_CHART);
	CU_ASSERT_EQUAL(rule->due_soon.days, 60);
	CU_ASSERT_EQUAL_FATAL(rule->option_count, 3);
	CU_ASSERT_TRUE(rule->options[0].every.months == 120 && !rule->options[0].once && rule->options[0].also == VG_NO_NODE);
	CU_ASSERT_TRUE(rule->options[1].once && book.book->leaves[rule->options[1].leaf].times == 2);
	CU_ASSERT_TRUE(rule->options[2].every.months == 60 && rule->options[2].also != VG_NO_NODE);
	CU_ASSERT_EQUAL(rule->remind.count, 8);
	CU_ASSERT_EQUAL(rule->remind.parts[1].kind, VG_PART_DUE);
	CU_ASSERT_EQUAL(rule->remind.parts[3].leaf, VG_NO_LEAF);
	CU_ASSERT_EQUAL(rule->remind.parts[7].kind, VG_PART_LAST_DONE);
	CU_ASSERT_TRUE(rule->remind.parts[7].leaf != VG_NO_LEAF);
	CU_ASSERT_EQUAL(rule->sections, 1u << VG_PROCEDURES | 1u << VG_IMMUNIZATIONS | 1u << VG_RESULTS);
	book_close(&book);
}

static const char *reference_of(const vg_clinical_fact *fact) { return fact ? fact->reference : ""; }

static void finds_events(void)
{
	static const struct {
		const char *option, *record, *fact, *excepted, *doubtful;
		bool unknown;
		int unseen; /* 0 none, 1 any, else the year before which */
	} rows[] = {
	    {"done \"colonoscopy\"", "proc colonoscopy on=2015-05-06", "Procedure/proc-1", "", "", false, 0},
	    {"done \"colonoscopy\"", "proc colonoscopy on=2015-05-06; proc colonoscopy on=2018-05-06", "Procedure/proc-2", "",
	     "", false, 0},
	    {"done \"colonoscopy\"", "", "", "", "", false, 0},
	    {"done \"colonoscopy\"", "no procedures", "", "", "", true, 1},
	    {"done \"colonoscopy\"", "since procedures 2020-01-01", "", "", "", true, 2020},
	    {"done \"colonoscopy\"", "since procedures 2020-01-01; proc colonoscopy on=2018-05-06", "Procedure/proc-1", "", "",
	     false, 2020},
	    {"done \"colonoscopy\"", "proc colonoscopy", "", "", "Procedure/proc-1", true, 0},
	    {"done \"colonoscopy\"", "proc colonoscopy; proc colonoscopy on=2018-05-06", "Procedure/proc-2", "",
	     "Procedure/proc-1", true, 0},
	    {"done \"colonoscopy\"", "proc colonoscopy on=2030-01-01", "", "", "", false, 0},
	    {"done \"colonoscopy\"", "proc colonoscopy on=2018-05; proc colonoscopy on=2018-05-31", "Procedure/proc-2", "", "",
	     false, 0},
	    {"done \"FIT\" :unless_result \"abnormal\"", "coded FIT negative on=2025-05; report FIT on=2025-05-10",
	     "Observation/coded-1", "", "DiagnosticReport/report-2", true, 0},
	    {"done \"FIT\" :unless_result \"abnormal\"", "coded FIT positive on=2025-05-06", "", "Observation/coded-1", "",
	     false, 0},
	    {"done \"FIT\" :unless_result \"abnormal\"", "coded FIT negative on=2025-05-06; coded FIT positive on=2024-05-06",
	     "Observation/coded-1", "", "", false, 0},
	    {"done \"FIT\" :unless_result \"abnormal\"", "coded FIT negative on=2024-05-06; coded FIT positive on=2025-05-06",
	     "Observation/coded-1", "Observation/coded-2", "", false, 0},
	    {"done \"FIT\" :unless_result \"abnormal\"", "report FIT on=2025-05-06", "", "", "DiagnosticReport/report-1", true,
	     0},
	    {"done \"FIT\" :unless_result \"abnormal\"", "report FIT on=2024-05-06; coded FIT negative on=2025-05-06",
	     "Observation/coded-2", "", "", false, 0},
	    {"vaccinated \"zoster vaccine\" :doses_at_least(2)", "shot zoster on=2020-01-01", "", "", "", false, 0},
	    {"vaccinated \"zoster vaccine\" :doses_at_least(2)", "shot zoster on=2020-01-01; shot zoster on=2020-06-01",
	     "Immunization/shot-2", "", "", false, 0},
	    {"vaccinated \"zoster vaccine\" :doses_at_least(2)", "shot zoster on=2020-01-01; no immunizations", "", "", "",
	     true, 1},
	    {"done \"colonoscopy\" :after_age \"50 years\"", "born 1970-01-01; proc colonoscopy on=2015-05-06", "", "", "",
	     false, 0},
	    {"done \"colonoscopy\" :after_age \"50 years\"", "proc colonoscopy on=2015-05-06", "", "", "Procedure/proc-1", true,
	     0},
	    {"resulted \"HbA1c\" :is_above \"9 %\"", "lab HbA1c 10 % on=2020-01-01; lab HbA1c 5 % on=2021-01-01",
	     "Observation/lab-1", "", "", false, 0},
	    {"visited \"dialysis\"", "visit dialysis on=2025-01-01 to=2025-02-01", "Encounter/visit-1", "", "", false, 0},
	};
	for (size_t i = 0; i < VG_COUNT(rows); i++) {
		char text[512];
		snprintf(text, sizeof text,
			 "screening \"s\" { title = \"t\", for_patients = { deceased }, satisfied_by = { %s :every \"1 year\" "
			 "}, remind = \"w\" }",
			 rows[i].option);
		test_book book = book_of(text);
		const vg_rule *rule = book_rule(&book, "s");
		CHECK(rule != NULL, "%s is not compiled:%s", rows[i].option, book_findings(&book));
		CU_ASSERT_FATAL(rule != NULL);
		test_scene *scene = scene_of(book.book, rows[i].record, TEST_DAY);
		vg_event event;
		bool found = vg_leaf_event(&scene->scene, &book.book->leaves[rule->options[0].leaf], &event);
		CHECK(found == (*rows[i].fact != '\0') && found == (event.fact != NULL), "%s with \"%s\": found %d",
		      rows[i].option, rows[i].record, found);
		CHECK_TEXT(reference_of(event.fact), rows[i].fact);
		CHECK_TEXT(reference_of(event.excepted), rows[i].excepted);
		CHECK_TEXT(reference_of(event.doubtful), rows[i].doubtful);
		CHECK(event.unknown == rows[i].unknown, "%s with \"%s\": unknown %d", rows[i].option, rows[i].record,
		      event.unknown);
		CHECK(!event.unknown || event.missing, "%s with \"%s\": unknown, but does not say why", rows[i].option,
		      rows[i].record);
		vg_day unseen = rows[i].unseen == 0   ? VG_NO_DAY
				: rows[i].unseen == 1 ? VG_FAR_FUTURE
						      : vg_day_from(rows[i].unseen, 1, 1);
		CHECK(event.unseen_before == unseen, "%s with \"%s\": unseen before %d", rows[i].option, rows[i].record,
		      event.unseen_before);
		scene_close(scene);
		book_close(&book);
	}
}

/* Looking no further than the newest event that is certain tells the same as looking at all: with an entry that has no date
 * and does not count, all are looked at. */
static void newest_event_tells_all(void)
{
	static const char *const options[] = {"done \"colonoscopy\"", "done \"FIT\" :unless_result \"abnormal\""};
	static const char *const kinds[][4] = {
	    {"proc colonoscopy", "proc colonoscopy", "proc colonoscopy", "proc colonoscopy"},
	    {"coded FIT negative", "coded FIT positive", "report FIT", "coded FIT negative"}};
	static const char *const undated[] = {"proc colonoscopy status=not-done", "text FIT hemolyzed"};
	static const char *const dates[] = {" on=2018-05",    " on=2018-05-31", " on=2018-05-03", " on=2018",
					    " on=2019-01-01", " on=2030-01-01", " on=2018-06",    ""};
	unsigned state = 1;
	for (size_t option = 0; option < VG_COUNT(options); option++) {
		char text[400];
		snprintf(text, sizeof text,
			 "screening \"s\" { title = \"t\", for_patients = { deceased }, satisfied_by = { %s :every \"1 year\" "
			 "}, remind = \"w\" }",
			 options[option]);
		test_book book = book_of(text);
		const vg_rule *rule = book_rule(&book, "s");
		CU_ASSERT_FATAL(rule != NULL);
		const vg_leaf *leaf = &book.book->leaves[rule->options[0].leaf];
		for (int round = 0; round < 1000; round++) {
			char record[600] = "sex female";
			for (unsigned left = (state = state * 1103515245 + 12345) >> 16 & 7; left; left--) {
				state = state * 1103515245 + 12345;
				strcat(strcat(strcat(record, "; "), kinds[option][state >> 16 & 3]), dates[state >> 20 & 7]);
			}
			test_scene *short_look = scene_of(book.book, record, TEST_DAY);
			strcat(strcat(record, "; "), undated[option]);
			test_scene *whole_look = scene_of(book.book, record, TEST_DAY);
			vg_event got, all;
			vg_leaf_event(&short_look->scene, leaf, &got);
			vg_leaf_event(&whole_look->scene, leaf, &all);
			CHECK(strcmp(reference_of(got.fact), reference_of(all.fact)) == 0 &&
				  strcmp(reference_of(got.excepted), reference_of(all.excepted)) == 0 &&
				  strcmp(reference_of(got.doubtful), reference_of(all.doubtful)) == 0 &&
				  got.first == all.first && got.last == all.last && got.unknown == all.unknown &&
				  vg_same_text(got.missing, all.missing),
			      "%s with \"%s\": %s, with a look at all %s", options[option], record, reference_of(got.fact),
			      reference_of(all.fact));
			scene_close(short_look);
			scene_close(whole_look);
		}
		book_close(&book);
	}
}

/* An event of a visit counts on the day it ended. */
static void dates_events(void)
{
	test_book book = book_of("screening \"s\" { title = \"t\", for_patients = { deceased }, satisfied_by = { visited "
				 "\"dialysis\" :every \"1 year\" }, remind = \"w\" }");
	test_scene *scene = scene_of(book.book, "visit dialysis on=2025-01-01 to=2025-02", TEST_DAY);
	vg_event event;
	CU_ASSERT_TRUE(vg_leaf_event(&scene->scene, &book.book->leaves[book_rule(&book, "s")->options[0].leaf], &event));
	CU_ASSERT_EQUAL(event.first, vg_day_from(2025, 2, 1));
	CU_ASSERT_EQUAL(event.last, vg_day_from(2025, 2, 28));
	scene_close(scene);
	book_close(&book);
}

static void reads_needs(void)
{
	static const struct {
		const char *need, *record;
		bool known;
		vg_value_kind kind;
		double number;
		const char *text;
	} rows[] = {
	    {"latest \"creatinine\"", "lab creatinine 1.5 mg/dL on=2026-01-01", true, VG_VALUE_QUANTITY, 1.5, NULL},
	    {"latest \"creatinine\" :in_unit \"umol/L\"", "lab creatinine 1 mg/dL on=2026-01-01", true, VG_VALUE_QUANTITY,
	     88.4016973, NULL},
	    {"latest \"creatinine\" :within \"1 year\"", "lab creatinine 1.5 mg/dL on=2020-01-01", false, VG_VALUE_NONE, 0,
	     NULL},
	    {"latest \"creatinine\"", "", false, VG_VALUE_NONE, 0, NULL},
	    {"latest \"creatinine\"", "lab creatinine <1.5 mg/dL on=2026-01-01", false, VG_VALUE_NONE, 0, NULL},
	    {"latest \"creatinine\"", "lab creatinine 1.5 mg/dL on=2026-01-01; no results", false, VG_VALUE_NONE, 0, NULL},
	    {"latest \"creatinine\"", "lab creatinine 1.5 mg/dL on=2026-01-01; lab creatinine 1.6 mg/dL on=2026-01-01", false,
	     VG_VALUE_NONE, 0, NULL},
	    {"latest \"creatinine\"", "lab creatinine 1.5 mg/dL on=2026-01-01; lab creatinine 15 mg/L on=2026-01-01", true,
	     VG_VALUE_QUANTITY, 1.5, NULL},
	    {"latest \"creatinine\" :is_above \"1 mg/dL\"", "lab creatinine 1.5 mg/dL on=2026-01-01", true, VG_VALUE_BOOLEAN, 1,
	     NULL},
	    {"latest \"creatinine\"", "coded creatinine positive on=2026-01-01", true, VG_VALUE_TEXT, 0, "positive"},
	    {"age_in_years", "born 1960-03-02", true, VG_VALUE_QUANTITY, 65, NULL},
	    {"age_in_years", "born 1960", false, VG_VALUE_NONE, 0, NULL},
	    {"age_in_years", "", false, VG_VALUE_NONE, 0, NULL},
	    {"total_daily_dose(\"acetaminophen\")", "order acetaminophen500 dose=2 per=4", true, VG_VALUE_QUANTITY, 4000, NULL},
	    {"total_daily_dose(\"acetaminophen\") :in_unit \"g\"", "order acetaminophen500 dose=2 per=4", true,
	     VG_VALUE_QUANTITY, 4, NULL},
	    {"total_daily_dose(\"acetaminophen\")", "order acetaminophen500", false, VG_VALUE_NONE, 0, NULL},
	    {"total_daily_dose(\"acetaminophen\")", "no medications", false, VG_VALUE_NONE, 0, NULL},
	    {"pregnant", "", true, VG_VALUE_BOOLEAN, 0, NULL},
	    {"pregnant", "no conditions", false, VG_VALUE_NONE, 0, NULL},
	};
	for (size_t i = 0; i < VG_COUNT(rows); i++) {
		char text[512];
		snprintf(text, sizeof text,
			 "rule \"r\" { title = \"t\", severity = \"info\", when_ordering = anything, needs = { x = "
			 "optional(%s) }, check = function end, warn = \"w\" }",
			 rows[i].need);
		test_book book = book_of(text);
		const vg_rule *rule = book_rule(&book, "r");
		CHECK(rule != NULL, "%s is not compiled:%s", rows[i].need, book_findings(&book));
		CU_ASSERT_FATAL(rule != NULL && rule->need_count == 1);
		CU_ASSERT_TRUE(rule->needs[0].optional);
		CHECK_TEXT(rule->needs[0].name, "x");
		CU_ASSERT_EQUAL(rule->check, 1);
		test_scene *scene = scene_of(book.book, rows[i].record, TEST_DAY);
		vg_reading reading = {.kind = VG_VALUE_NONE};
		bool known = vg_leaf_reading(&scene->scene, &book.book->leaves[rule->needs[0].leaf], NULL, &reading);
		CHECK(known == rows[i].known, "%s with \"%s\": known %d", rows[i].need, rows[i].record, known);
		if (known && rows[i].known) {
			CHECK(reading.kind == rows[i].kind, "%s with \"%s\": kind %d", rows[i].need, rows[i].record,
			      reading.kind);
			if (reading.kind == VG_VALUE_QUANTITY)
				CHECK(fabs(reading.number - rows[i].number) < 1e-4, "%s with \"%s\": %d thousandths",
				      rows[i].need, rows[i].record, (int)(reading.number * 1000));
			if (reading.kind == VG_VALUE_BOOLEAN)
				CU_ASSERT_EQUAL(reading.boolean, rows[i].number != 0);
			if (reading.kind == VG_VALUE_TEXT)
				CHECK_TEXT(reading.text, rows[i].text);
		}
		scene_close(scene);
		book_close(&book);
	}
}

static void finds_the_latest(void)
{
	test_book book = book_of("rule \"r\" { title = \"t\", severity = \"info\", when_ordering = anything, if_all = { "
				 "pregnant }, warn = \"{latest INR}\" }");
	const vg_rule *rule = book_rule(&book, "r");
	CU_ASSERT_FATAL(rule && rule->warn.count == 1);
	const vg_leaf *leaf = &book.book->leaves[rule->warn.parts[0].leaf];
	test_scene *scene =
	    scene_of(book.book, "lab INR 2 on=2025-01-01; lab INR 3 on=2026-01-01; lab INR 4 on=2026-06-01", TEST_DAY);
	const vg_clinical_fact *fact = vg_leaf_latest(&scene->scene, leaf);
	CHECK_TEXT(fact ? fact->value.text : NULL, "3");
	scene_close(scene);
	scene = scene_of(book.book, "", TEST_DAY);
	CU_ASSERT_PTR_NULL(vg_leaf_latest(&scene->scene, leaf));
	scene_close(scene);
	book_close(&book);
}

const test_case test_cases_schedule[] = {
    {"options have an interval, or count once, or need something besides", compiles_options},
    {"the newest event, what is excepted, doubtful or unseen", finds_events},
    {"the newest certain event tells what all tell", newest_event_tells_all},
    {"a visit counts on the day it ended", dates_events},
    {"a check function reads numbers, texts and truths, or nothing", reads_needs},
    {"a placeholder shows the newest value that is not in the future", finds_the_latest},
    {0},
};
