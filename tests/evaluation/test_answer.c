/* Single properties of answers: texts, suggestions, sources, budgets, faulty checks, explanations. */
#include "evaluation_tests.h"

#include <stdlib.h>
#include <unistd.h>

#define RXNORM "http://www.nlm.nih.gov/research/umls/rxnorm"

static vg_evaluator *evaluator;

static bool begin(test_sample *sample, const char *record, const char *const *orders, size_t count)
{
	evaluator = NULL;
	memset(sample, 0, sizeof *sample);
	bool ready = cases_world() && vg_evaluator_open(NULL, &evaluator, NULL) == VIGIL_OK &&
		     sample_open(sample, cases_world(), record, orders, count, "2026-03-01");
	CHECK(ready, "the sample is ready");
	return ready;
}

static void end(test_sample *sample)
{
	sample_close(sample);
	vg_evaluator_close(evaluator);
}

static const vg_answer *answer_to(test_sample *sample)
{
	const vg_answer *answer = NULL;
	vigil_error err = VIGIL_ERROR_INIT;
	CHECK(vg_evaluate(evaluator, cases_world(), &sample->question, &answer, &err) == VIGIL_OK, "answered: %s", err.text);
	return answer;
}

/* ---- texts ------------------------------------------------------------------------- */

static void suggestions_have_codes(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	test_sample sample;
	const char *orders[] = {drug_json("o", "861007", "draft", "2026-03-01", &arena)};
	const char *record = BUNDLE(&arena, patient_json("1990-01-01", "male", &arena),
				    result_json("e", "98979-8", "24", "mL/min/{1.73_m2}", "2026-02-01", &arena));
	if (begin(&sample, record, orders, 1)) {
		const vg_answer *answer = answer_to(&sample);
		CHECK(answer && answer->alert_count == 1, "one alert");
		const vg_alert *alert = &answer->alerts[0];
		CHECK(alert->suggestion_count == 2, "%zu suggestions", alert->suggestion_count);
		CHECK(alert->suggestions[0].kind == VG_CANCEL_THIS_ORDER && alert->suggestions[0].order == alert->order,
		      "cancels this order");
		CHECK_TEXT(alert->suggestions[0].label, "Cancel drug 861007");
		CHECK_TEXT(alert->suggestions[1].system, "http://loinc.org");
		CHECK_TEXT(alert->suggestions[1].code, "98979-8");
		CHECK(!alert->suggestions[1].orders_medication, "a test is no medication");
		CHECK(alert->override_count == 0, "the rule offers no reasons of its own, and gets none");
		CHECK_TEXT(alert->source_label, "cases");
	}
	end(&sample);
	vg_arena_free(&arena);
}

static void built_in_checks_have_reasons_and_a_source(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	test_sample sample;
	const char *orders[] = {drug_json("o", "313988", "draft", "2026-03-01", &arena)};
	const char *record =
	    BUNDLE(&arena, patient_json("1990-01-01", "male", &arena), allergy_json("a", RXNORM, "4603", "", &arena));
	if (begin(&sample, record, orders, 1)) {
		sample.question.trace = true;
		const vg_answer *answer = answer_to(&sample);
		CHECK(answer && answer->alert_count == 1, "one alert");
		const vg_alert *alert = &answer->alerts[0];
		CHECK_TEXT(alert->rule, "allergy-same-ingredient");
		CHECK(!alert->lua_rule && alert->row == UINT32_MAX, "neither a rule nor a row");
		CHECK(alert->override_count >= 3 && alert->suggestion_count == 1 && *alert->source_label,
		      "reasons, a suggestion, a source");
		CHECK(alert->trace && strstr(alert->trace, "allergy-same-ingredient"), "a trace");
	}
	end(&sample);
	vg_arena_free(&arena);
}

static void rows_have_a_source_and_a_title(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	test_sample sample;
	const char *orders[] = {drug_json("o", "308416", "draft", "2026-03-01", &arena)};
	const char *record = BUNDLE(&arena, patient_json("1940-01-01", "male", &arena),
				    drug_json("w", "855332", "active", "2026-01-01", &arena));
	if (begin(&sample, record, orders, 1)) {
		sample.question.trace = true;
		const vg_answer *answer = answer_to(&sample);
		CHECK(answer && answer->alert_count == 1, "one alert");
		const vg_alert *alert = &answer->alerts[0];
		CHECK_TEXT(alert->summary, "Bleeding: aspirin with warfarin");
		CHECK_TEXT(alert->source_label, "Made for tests");
		CHECK(alert->row != UINT32_MAX && alert->family == VG_INTERACTIONS, "a row of the interactions");
		CHECK(alert->trace && strstr(alert->trace, "row wf02") &&
			  strstr(alert->trace, "age is at least 80 years: true"),
		      "the trace tells: %s", alert->trace);
	}
	end(&sample);
	vg_arena_free(&arena);
}

/* A summary stays below 140 characters and is cut between words. */
static void summaries_fit_a_card(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	test_sample sample;
	const char *orders[] = {drug_json("o", "313988", "draft", "2026-03-01", &arena)};
	char name[700] = "";
	for (int i = 0; i < 40; i++)
		strcat(name, "fürosémide ");
	const char *allergy = vg_format(&arena,
					"{\"resourceType\":\"AllergyIntolerance\",\"id\":\"a\",\"patient\":{\"reference\":"
					"\"Patient/p\"},\"code\":{\"coding\":"
					"[{\"system\":\"" RXNORM "\",\"code\":\"4603\"}],\"text\":\"%s\"}}",
					name);
	const char *record = BUNDLE(&arena, patient_json("1990-01-01", "male", &arena), allergy);
	if (begin(&sample, record, orders, 1)) {
		const vg_answer *answer = answer_to(&sample);
		CHECK(answer && answer->alert_count == 1, "one alert");
		const char *summary = answer->alerts[0].summary;
		CHECK(vg_utf8_count(summary) < 140, "%zu characters", vg_utf8_count(summary));
		CHECK(vg_utf8_valid(summary, strlen(summary)) && strstr(summary, "fürosémide…"), "cut behind a whole word: %s",
		      summary);
		CHECK(strstr(answer->alerts[0].detail, name) || strlen(answer->alerts[0].detail) > 400,
		      "the detail has all of it");
	}
	end(&sample);
	vg_arena_free(&arena);
}

static void traces_tell_every_condition(void)
{
	test_sample sample;
	memset(&sample, 0, sizeof sample);
	evaluator = NULL;
	if (cases_world() && vg_evaluator_open(NULL, &evaluator, NULL) == VIGIL_OK &&
	    sample_read(&sample, cases_world(), "fixtures/cases/pair-inr-high", NULL)) {
		sample.question.trace = true;
		const vg_answer *answer = answer_to(&sample);
		const char *trace = answer && answer->alert_count ? answer->alerts[0].trace : "";
		CHECK(strstr(trace, "for ibuprofen 400 MG Oral Tablet with warfarin sodium 5 MG Oral Tablet\n"),
		      "whom it is about: %s", trace);
		CHECK(strstr(trace, "case: ") &&
			  strstr(trace, "latest INR is above 4, in the last 14 days: true (5.2 INR) [6301-6 2026-02-22]"),
		      "the case: %s", trace);
		CHECK(answer->screening_count && answer->screenings[0].trace &&
			  strstr(answer->screenings[0].trace, "for patients: "),
		      "screenings too");
	}
	end(&sample);
}

/* ---- the budget --------------------------------------------------------------------- */

static const char *many_drugs(vg_arena *arena, unsigned count)
{
	const char **items = vg_alloc_array(arena, count + 1, sizeof *items);
	static const char *const codes[] = {"855332", "197805", "198014", "308416", "312961",
					    "310385", "312941", "312347", "198051", "313988"};
	items[0] = patient_json("1960-01-01", "male", arena);
	for (unsigned i = 0; i < count; i++)
		items[i + 1] = drug_json(vg_format(arena, "m%u", i), codes[i % VG_COUNT(codes)], "active",
					 vg_format(arena, "2025-%02u-%02u", i % 12 + 1, i % 28 + 1), arena);
	return bundle(items, count + 1, arena);
}

/* A request that cannot be finished in a millisecond says what it left out. */
static void what_is_late_is_named(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	test_sample sample;
	if (begin(&sample, many_drugs(&arena, 1500), NULL, 0)) {
		sample.question.judge_existing = true;
		sample.question.budget_ms = 1;
		const vg_answer *answer = answer_to(&sample);
		CHECK(answer && !answer->complete, "not complete");
		bool said = false;
		for (size_t i = 0; answer && i < answer->notice_count; i++)
			said |= strstr(answer->notices[i], "in time") != NULL;
		CHECK(said, "a visible notice");
		bool named = false;
		for (size_t i = 0; answer && i < answer->not_evaluated_count; i++)
			named |= strcmp(answer->not_evaluated[i].rule, "colorectal-cancer") == 0 &&
				 strstr(answer->not_evaluated[i].missing, "time");
		CHECK(named, "the screening that came after it is named");
		sample.question.judge_existing = false;
		sample.question.budget_ms = VG_UNHURRIED_MS;
		answer = answer_to(&sample);
		CHECK(answer && answer->notice_count == 0, "the next request has its own budget");
	}
	end(&sample);
	vg_arena_free(&arena);
}

/* ---- faulty checks ------------------------------------------------------------------- */

static const char faulty_rules[] =
    "rule \"faulty\" { title = \"Faulty\", severity = \"critical\", status = \"draft\", when_ordering = \"furosemide\",\n"
    "  needs = { age = age_in_years }, check = function(p) error(\"no\") return true end, warn = \"x\" }\n"
    "rule \"endless\" { title = \"Endless\", severity = \"critical\", status = \"draft\", when_ordering = \"furosemide\",\n"
    "  needs = { age = age_in_years }, check = function(p) while true do end return true end, warn = \"x\" }\n"
    "rule \"text\" { title = \"Text\", severity = \"info\", status = \"draft\", when_ordering = \"furosemide\",\n"
    "  needs = { age = age_in_years }, check = function(p) return \"yes\" end, warn = \"x\" }\n"
    "rule \"sound\" { title = \"Sound\", severity = \"info\", status = \"draft\", when_ordering = \"furosemide\",\n"
    "  needs = { age = age_in_years }, check = function(p, this_order) return p.age > 30 and not this_order.is_renewal end, "
    "warn = \"x\" }\n"
    "rule \"nil\" { title = \"Nil\", severity = \"info\", status = \"draft\", when_ordering = \"furosemide\",\n"
    "  needs = { age = age_in_years }, check = function(p) return nil end, warn = \"x\" }\n";

static void a_faulty_check_stops_nobody_else(void)
{
	char folder[] = "/tmp/vigil-tests-XXXXXX", path[256];
	CHECK(mkdtemp(folder) != NULL, "a folder is made");
	const char *const names[] = {"pack.lua", "rules.lua"};
	const char *const texts[] = {"pack { name = \"faulty\", version = \"1\", publisher = \"tests\", language = \"1\" }\n",
				     faulty_rules};
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		FILE *file = fopen(path, "w");
		if (file) {
			fputs(texts[i], file);
			fclose(file);
		}
	}
	const char *folders[] = {folder};
	vigil_config config = VIGIL_CONFIG_INIT;
	config.starter_dir = CASES_PACK;
	config.rule_dirs = folders;
	config.rule_dir_count = 1;
	vg_world *world = NULL;
	vigil_error err = VIGIL_ERROR_INIT;
	CHECK(vg_world_open(&config, NULL, &world, &err) == VIGIL_OK, "opens: %s", err.text);
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	test_sample sample = {.record = NULL};
	const char *orders[] = {drug_json("o", "313988", "draft", "2026-03-01", &arena)};
	evaluator = NULL;
	if (world && vg_evaluator_open(NULL, &evaluator, NULL) == VIGIL_OK &&
	    sample_open(&sample, world, BUNDLE(&arena, patient_json("1990-01-01", "male", &arena)), orders, 1, "2026-03-01")) {
		sample.question.all_statuses = true;
		for (int round = 0; round < 2; round++) {
			const vg_answer *answer = NULL;
			CHECK(vg_evaluate(evaluator, world, &sample.question, &answer, &err) == VIGIL_OK, "answered: %s",
			      err.text);
			CHECK(answer->alert_count == 1 && strcmp(answer->alerts[0].rule, "sound") == 0,
			      "the sound rule fires: %s", answer_text(answer, true, &arena));
			CHECK(answer->error_count == 3, "%zu rules failed", answer->error_count);
			CHECK(answer->outcomes[vg_rule_find(world->rulebook, "faulty")] == VG_FAILED, "the faulty one failed");
			CHECK(answer->outcomes[vg_rule_find(world->rulebook, "nil")] == VG_NOT_KNOWN, "nil is unknown");
			CHECK(!answer->complete, "not complete");
			for (size_t i = 0; i < answer->error_count; i++)
				CHECK(*answer->errors[i].code && *answer->errors[i].text, "%s: %s", answer->errors[i].rule,
				      answer->errors[i].text);
		}
	}
	sample_close(&sample);
	vg_evaluator_close(evaluator);
	vg_world_release(world);
	vg_arena_free(&arena);
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		remove(path);
	}
	rmdir(folder);
}

/* ---- asking for some rules only --------------------------------------------------------- */

static void only_the_rules_that_are_asked_for(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	test_sample sample;
	if (begin(&sample, BUNDLE(&arena, patient_json("1956-05-05", "male", &arena)), NULL, 0)) {
		uint32_t only = vg_rule_find(cases_world()->rulebook, "aortic-aneurysm");
		sample.question.only_rules = &only;
		sample.question.only_count = 1;
		const vg_answer *answer = answer_to(&sample);
		CHECK(answer && answer->screening_count == 1 && strcmp(answer->screenings[0].rule->id, "aortic-aneurysm") == 0,
		      "one screening");
		sample.question.only_count = 0;
		answer = answer_to(&sample);
		CHECK(answer && answer->screening_count == 0, "none when none is asked for");
	}
	end(&sample);
	vg_arena_free(&arena);
}

/* ---- explaining -------------------------------------------------------------------------- */

static const vg_explanation *explain(test_sample *sample, const char *rule, size_t *count)
{
	const vg_explanation *items = NULL;
	vigil_error err = VIGIL_ERROR_INIT;
	uint32_t number = vg_rule_find(cases_world()->rulebook, rule);
	*count = 0;
	CHECK(vg_explain(evaluator, cases_world(), &sample->question, number, NULL, &items, count, &err) == VIGIL_OK,
	      "%s is explained: %s", rule, err.text);
	CHECK(*count >= 1, "%s: at least one explanation", rule);
	return items;
}

/* A clock that steps by one each time it is read: what is timed is then how often it was read in between. */
static uint64_t readings;
static uint64_t count_readings(void) { return ++readings; }

static void times_each_step(void)
{
	test_sample sample;
	evaluator = NULL;
	memset(&sample, 0, sizeof sample);
	if (cases_world() && vg_evaluator_open(NULL, &evaluator, NULL) == VIGIL_OK &&
	    sample_read(&sample, cases_world(), "fixtures/cases/egfr-24-after-80", NULL)) {
		const vg_explanation *items = NULL;
		size_t count = 0;
		uint32_t number = vg_rule_find(cases_world()->rulebook, "metformin-low-egfr");
		readings = 0;
		CHECK(vg_explain(evaluator, cases_world(), &sample.question, number, count_readings, &items, &count, NULL) ==
			  VIGIL_OK,
		      "it is explained");
		CHECK(count == 1 && items[0].nanoseconds == 1, "judging reads no clock itself");
		for (size_t i = 0; count && i < items[0].condition_count; i++) {
			const vg_explained *step = &items[0].conditions[i];
			uint64_t below = 0;
			for (size_t k = i + 1; k < items[0].condition_count && items[0].conditions[k].depth > step->depth; k++)
				below++;
			CHECK(step->nanoseconds == 1 + 2 * below, "%s: %llu and not %llu", step->sentence,
			      (unsigned long long)step->nanoseconds, (unsigned long long)(1 + 2 * below));
		}
		uint64_t read = readings;
		items = explain(&sample, "metformin-low-egfr", &count);
		CHECK(readings == read && items && items[0].nanoseconds == 0 && items[0].conditions[0].nanoseconds == 0,
		      "without a stopwatch nothing is timed");
	}
	end(&sample);
}

static void explains_why_it_fired(void)
{
	test_sample sample;
	evaluator = NULL;
	memset(&sample, 0, sizeof sample);
	if (cases_world() && vg_evaluator_open(NULL, &evaluator, NULL) == VIGIL_OK &&
	    sample_read(&sample, cases_world(), "fixtures/cases/egfr-24-after-80", NULL)) {
		size_t count;
		const vg_explanation *items = explain(&sample, "metformin-low-egfr", &count);
		CHECK(count == 1 && items[0].outcome == VG_FIRED, "fired once");
		CHECK(strstr(items[0].sentence, "metformin-low-egfr fired as critical, because latest eGFR is below 30"), "%s",
		      items[0].sentence);
		CHECK(items[0].condition_count >= 1 && strcmp(items[0].conditions[0].part, "requirement") == 0,
		      "its requirement");
		const vg_explained *leaf = &items[0].conditions[items[0].condition_count - 1];
		CHECK(leaf->truth == VG_TRUE && leaf->fact_count == 1 &&
			  strcmp(leaf->facts[0].reference, "Observation/new") == 0,
		      "the fact that was used");
		CHECK(leaf->place.line > 0, "and where the condition stands");
		CHECK(strstr(items[0].change, "would not fire if"), "%s", items[0].change);
	}
	end(&sample);
}

static void explains_why_it_did_not(void)
{
	test_sample sample;
	evaluator = NULL;
	memset(&sample, 0, sizeof sample);
	if (cases_world() && vg_evaluator_open(NULL, &evaluator, NULL) == VIGIL_OK &&
	    sample_read(&sample, cases_world(), "fixtures/cases/egfr-80-after-24", NULL)) {
		size_t count;
		const vg_explanation *items = explain(&sample, "metformin-low-egfr", &count);
		CHECK(items[0].outcome == VG_SILENT &&
			  strstr(items[0].sentence, "did not fire, because this is not so: latest eGFR"),
		      "%s", items[0].sentence);
		CHECK(strstr(items[0].change, "would fire if") && strstr(items[0].change, "30"), "%s", items[0].change);
		items = explain(&sample, "warfarin-nsaid", &count);
		CHECK(items[0].outcome == VG_SILENT && strstr(items[0].sentence, "nothing that it is about"), "%s",
		      items[0].sentence);
		items = explain(&sample, "colorectal-cancer", &count);
		CHECK(count == 1 && items[0].outcome == VG_FIRED && strstr(items[0].sentence, "overdue"), "%s",
		      items[0].sentence);
	}
	end(&sample);
}

/* Whatever is explained has an outcome that the evaluation has as well. */
static void explanations_agree_with_answers(void)
{
	static const char *const folders[] = {"pair-warfarin-taken-ibuprofen-ordered",
					      "pair-two-drafts",
					      "allergy-rule",
					      "test-hba1c-26-days",
					      "duplicate-class",
					      "egfr-none",
					      "check-function",
					      "chart-opening",
					      "screening-abnormal-fit",
					      "exception-unknown"};
	for (size_t i = 0; i < VG_COUNT(folders) && cases_world(); i++) {
		test_sample sample;
		char path[128];
		snprintf(path, sizeof path, "fixtures/cases/%s", folders[i]);
		evaluator = NULL;
		memset(&sample, 0, sizeof sample);
		if (vg_evaluator_open(NULL, &evaluator, NULL) == VIGIL_OK && sample_read(&sample, cases_world(), path, NULL)) {
			const vg_answer *answer = answer_to(&sample);
			uint8_t outcomes[64];
			uint32_t count = cases_world()->rulebook->rule_count;
			memcpy(outcomes, answer->outcomes, count);
			for (uint32_t rule = 0; rule < count; rule++) {
				if (outcomes[rule] != VG_FIRED && outcomes[rule] != VG_ASKED)
					continue;
				const char *id = cases_world()->rulebook->rules[rule].id;
				size_t explained;
				const vg_explanation *items = explain(&sample, id, &explained);
				bool agrees = false;
				for (size_t k = 0; k < explained; k++)
					agrees |= items[k].outcome == outcomes[rule];
				CHECK(agrees, "%s: %s is explained as it came out", folders[i], id);
			}
		}
		end(&sample);
	}
}

const test_case test_cases_answer[] = {
    {"suggestions have codes", suggestions_have_codes},
    {"built-in checks have reasons and a source", built_in_checks_have_reasons_and_a_source},
    {"rows have a source and a title made of names", rows_have_a_source_and_a_title},
    {"summaries fit a card and are cut at a word", summaries_fit_a_card},
    {"traces tell every condition", traces_tell_every_condition},
    {"what is late is named", what_is_late_is_named},
    {"a faulty check stops nobody else", a_faulty_check_stops_nobody_else},
    {"only the rules that are asked for", only_the_rules_that_are_asked_for},
    {"explains why a rule fired", explains_why_it_fired},
    {"an explanation times each step with the clock that is given", times_each_step},
    {"explains why a rule did not fire", explains_why_it_did_not},
    {"explanations agree with answers", explanations_agree_with_answers},
    {0},
};
