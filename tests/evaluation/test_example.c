/*
 * Examples: given words become a record, what comes is compared with what is
 * expected, rules are judged by it, and rows of the pair tables are proven.
 */
#include <stdlib.h>
#include <unistd.h>

#include "evaluation_tests.h"

#define EXAMPLES_PACK "fixtures/packs/examples"

/* ---- packs of a test ------------------------------------------------------------ */

typedef struct opened {
	char folder[64];
	vg_world *world;
	vg_findings findings;
	vigil_status status;
	vigil_error error;
} opened;

static void write_text(const char *folder, const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s cannot be written", path);
}

/* The pack of examples with a layer over it: Lua, rows of interactions, other files (name and text). Each may be NULL. */
static void open_with(opened *out, const char *lua, const char *rows, const char *const (*files)[2])
{
	char path[128];
	*out = (opened){.folder = "/tmp/vigil-example-XXXXXX", .error = VIGIL_ERROR_INIT};
	CHECK(mkdtemp(out->folder) != NULL, "no folder for a pack");
	write_text(out->folder, "pack.lua", "pack { name = \"layer\", version = \"1\", language = \"1\" }");
	if (lua)
		write_text(out->folder, "rules.lua", lua);
	snprintf(path, sizeof path, "mkdir -p %s/tables", out->folder);
	CHECK(system(path) == 0, "no folder for tables");
	if (rows)
		write_text(out->folder, "tables/interactions.csv", rows);
	for (; files && (*files)[0]; files++)
		write_text(out->folder, (*files)[0], (*files)[1]);
	const char *layer = out->folder;
	vigil_config config = VIGIL_CONFIG_INIT;
	config.starter_dir = EXAMPLES_PACK;
	config.rule_dirs = &layer;
	config.rule_dir_count = 1;
	config.accept_errors = 1;
	vg_findings_init(&out->findings, NULL);
	out->status = vg_world_open(&config, &out->findings, &out->world, &out->error);
	CHECK(out->status == VIGIL_OK, "the world opens: %s", out->error.text);
}

static void close_it(opened *out)
{
	char command[128];
	vg_world_release(out->world);
	vg_findings_free(&out->findings);
	snprintf(command, sizeof command, "rm -rf %s", out->folder);
	CHECK(system(command) == 0, "the folder is left");
}

/* "VG401 VG402 …" of the layer's findings of one range, in order. */
static const char *codes(const opened *out, const char *range, vg_arena *arena)
{
	vg_buffer text;
	vg_buffer_init(&text, arena);
	for (size_t i = 0; i < out->findings.count; i++) {
		const vigil_finding *finding = &out->findings.items[i];
		if (vg_starts_with(finding->code, range) && vg_starts_with(finding->file, out->folder))
			vg_addf(&text, "%s%s", text.length ? " " : "", finding->code);
	}
	return vg_buffer_text(&text);
}

static const vg_example_result *find_result(const vg_example_report *report, const char *name)
{
	for (size_t i = 0; i < report->count; i++)
		if (strcmp(report->items[i].name, name) == 0)
			return &report->items[i];
	return NULL;
}

/* ---- every word --------------------------------------------------------------------- */

static vigil_status open_pack(const char *folder, const vg_allocator *allocator, vg_findings *findings, vg_world **ret)
{
	vigil_config config = VIGIL_CONFIG_INIT;
	vigil_error error = VIGIL_ERROR_INIT;
	config.starter_dir = folder;
	config.accept_errors = 1;
	if (allocator) {
		config.resize = allocator->resize;
		config.resize_user = allocator->user;
	}
	vigil_status status = vg_world_open(&config, findings, ret, &error);
	CHECK(status == VIGIL_OK || status == VIGIL_NO_MEMORY, "%s opens: %s", folder, error.text);
	return status;
}

static void tell_failures(const vg_example_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		CHECK(report->items[i].passed != report->items[i].known_gap, "%s:%d: \"%s\": %s", report->items[i].place.file,
		      report->items[i].place.line, report->items[i].name, report->items[i].text);
}

static void words_do_what_they_say(void)
{
	vg_world *world;
	vg_example_report report;
	if (open_pack(EXAMPLES_PACK, NULL, NULL, &world) != VIGIL_OK)
		return;
	CHECK(vg_examples_run(world, NULL, &report, NULL) == VIGIL_OK, "the examples run");
	CHECK(report.count >= 100 && report.failed == 0, "%zu examples, %zu failed", report.count, report.failed);
	tell_failures(&report);
	vg_example_report_free(&report);
	vg_world_release(world);
}

static bool holds_word(const vg_item *item, const char *word, const char *refinement)
{
	for (size_t i = 0; i < item->item_count; i++) {
		const vg_phrase *phrase = item->items[i].kind == VG_ITEM_PHRASE ? item->items[i].phrase : NULL;
		if (!phrase || (word && strcmp(phrase->word, word) != 0))
			continue;
		if (!refinement)
			return true;
		for (size_t k = 0; k < phrase->refinement_count; k++)
			if (strcmp(phrase->refinements[k].name, refinement) == 0)
				return true;
	}
	return false;
}

static bool is_used(const vg_world *world, const char *word, const char *refinement)
{
	size_t count;
	const vg_declaration *declarations = vg_script_declarations(world->script, &count);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; strcmp(declarations[i].kind, "example") == 0 && k < declarations[i].body.field_count; k++)
			if (holds_word(&declarations[i].body.fields[k].value, word, refinement))
				return true;
	return false;
}

static void every_word_has_an_example(void)
{
	vg_world *world;
	size_t count;
	if (open_pack(EXAMPLES_PACK, NULL, NULL, &world) != VIGIL_OK)
		return;
	const vg_word_info *words = vg_words(&count);
	for (size_t i = 0; i < count; i++)
		CHECK(!(words[i].uses & VG_WORD_EXAMPLE) || is_used(world, words[i].name, NULL), "no example uses `%s`",
		      words[i].name);
	const vg_refinement_info *refinements = vg_refinements(&count);
	for (size_t i = 0; i < count; i++)
		CHECK(!(refinements[i].uses & VG_WORD_EXAMPLE) || is_used(world, NULL, refinements[i].name),
		      "no example uses `:%s`", refinements[i].name);
	vg_world_release(world);
}

/* ---- what is told when it does not come out ------------------------------------------- */

/* Words behind a name: only the run of the example shows what they are. */
static const char *local_of(const char *example)
{
	return strstr(example, "fired")       ? "local fired = alert \"fires\""
	       : strstr(example, "small")     ? "local small = age_between(\"1 year\", \"2 years\")"
	       : strstr(example, "expecting") ? "local expecting = pregnant"
					      : "";
}

static void failures_tell_their_story(void)
{
	static const struct {
		const char *example, *says; /* says: parts of the text, separated by "|" */
	} cases[] = {
	    {"given = { ordering \"metformin\" }, expect = { \"fires\", silent \"fires\" }",
	     "Expected silent \"fires\", but it alerts (warning)"},
	    {"given = { ordering \"warfarin\" }, expect = { \"fires\" }",
	     "Expected \"fires\", but it is silent.|No alert came."},
	    {"given = { ordering \"metformin\" }, expect = { alert \"fires\" :with_severity \"critical\" }",
	     "Expected alert \"fires\" with severity critical, but it alerts (warning)|Alerts that came: fires"},
	    {"given = { ordering \"metformin\" }, expect = { ask \"fires\", not_evaluated \"fires\" }",
	     "Expected ask \"fires\", but it alerts|Expected not_evaluated \"fires\", but it alerts"},
	    {"given = { ordering \"metformin\" }, expect_only = { }", "Expected nothing else, but \"fires\" alerts."},
	    {"given = { ordering \"metformin\", taking \"ibuprofen\" }, expect_only = { \"p1\" }",
	     "Expected \"p1\", but it is silent.|Expected nothing else, but \"fires\" alerts."},
	    {"given = { age \"60 years\" }, expect = { up_to_date \"bowel\" }",
	     "Expected up_to_date \"bowel\", but it is overdue"},
	    {"given = { age \"60 years\" }, expect = { silent \"bowel\" }", "Expected silent \"bowel\", but it is overdue"},
	    {"given = { ordering \"metformin\", no_information \"results\" }, expect = { \"unknown\" }",
	     "Expected \"unknown\", but it is not evaluated: results not supplied"},
	    {"given = { ordering \"metformin\", result(\"eGFR\", \"5 mL/min/1.73 m²\") }, expect = { \"broken\" }",
	     "Expected \"broken\", but it failed: The check function"},
	    {"given = { ordering \"metformin\" }, expect = { \"fire\" }",
	     "There is no rule \"fire\" in service.|Did you mean \"fires\"?"},
	    {"given = { ordering \"metformn\" }, expect = { \"fires\" }",
	     "There is no set \"metformn\"; did you mean \"metformin\"?"},
	    {"given = { ordering \"colorectal cancer\" }, expect = { \"fires\" }", "has no code that fits here"},
	    {"given = { taking \"warfarin\" :within \"3 days\" }, expect = { \"fires\" }",
	     "`:within` cannot stand behind `taking`"},
	    {"given = { fired }, expect = { \"fires\" }", "`alert` says what is expected, not what is given."},
	    {"given = { small }, expect = { \"fires\" }", "`age_between` cannot stand in an example."},
	    {"given = { \"metformin\" }, expect = { \"fires\" }", "`given` holds words"},
	    {"given = { age \"old\", born \"x\", in_setting \"moon\" }, expect = { \"fires\" }",
	     "\"old\" is no age|\"x\" is no date of birth|\"moon\" is no setting"},
	    {"given = { taking \"warfarin\" :on \"soon\", no_information \"weather\" }, expect = { \"fires\" }",
	     "\"soon\" is no date|\"weather\" is no section"},
	    {"given = { ordering \"metformin\" :lasting \"long\", taking \"warfarin\" :by_route \"wire\" :daily_dose \"much\" "
	     "}, "
	     "expect = { \"fires\" }",
	     "\"long\" is no length of time|\"wire\" is no route|\"much\" is no dose"},
	    {"given = { has_allergy_to \"penicillin\" :with_severity \"odd\" }, expect = { \"fires\" }",
	     "\"odd\" is no severity"},
	    {"given = { done \"colonoscopy\" :with_result \"abnormal\" }, expect = { \"fires\" }",
	     "is no test that has a result"},
	    {"given = { }, expect = { expecting }", "neither a rule's id nor a word"},
	    {"given = { }, expect = { \"fires\" }, hook = \"coffee-break\"", "`hook` is no hook"},
	};
	static const char rules[] =
	    "rule \"fires\" { title = \"t\", severity = \"warning\", status = \"draft\", when_ordering = \"metformin\", warn = "
	    "\"w\" }\n"
	    "rule \"unknown\" { title = \"t\", severity = \"warning\", status = \"draft\", when_ordering = \"metformin\", "
	    "if_all = { latest \"eGFR\" :is_below \"30 mL/min/1.73 m²\" }, warn = \"w\" }\n"
	    "rule \"broken\" { title = \"t\", severity = \"warning\", status = \"draft\", when_ordering = \"metformin\", "
	    "needs = { egfr = latest \"eGFR\" }, check = function(p) error(\"x\") return p.egfr > 1 end, warn = \"w\" }\n";
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_arena arena;
		opened out;
		vg_example_report report = {.count = 0};
		vg_arena_init(&arena, NULL, 0);
		open_with(&out,
			  vg_format(&arena, "%s%s\nexample \"it\" { today = \"2026-03-01\", %s }", rules,
				    local_of(cases[i].example), cases[i].example),
			  NULL, NULL);
		if (out.world)
			CHECK(vg_examples_run(out.world, NULL, &report, NULL) == VIGIL_OK, "the examples run");
		const vg_example_result *result = find_result(&report, "it");
		CHECK(result && !result->passed && report.failed == 1, "%s: does not fail", cases[i].example);
		char *says = vg_copy_text(&arena, cases[i].says, strlen(cases[i].says));
		for (char *part; result && (part = strsep(&says, "|"));)
			CHECK(strstr(result->text, part), "%s\n    says     %s\n    not      %s", cases[i].example,
			      result->text, part);
		vg_example_report_free(&report);
		close_it(&out);
		vg_arena_free(&arena);
	}
}

/* ---- rules are judged ------------------------------------------------------------------ */

static void rules_are_judged_by_their_examples(void)
{
#define FIRES                                                                                                                   \
	"example \"f\" { today = \"2026-03-01\", given = { ordering \"metformin\", result(\"eGFR\", \"5 mL/min/1.73 m²\") }, " \
	"expect = { \"r\" } }\n"
#define QUIET                                                                                                                  \
	"example \"q\" { today = \"2026-03-01\", given = { ordering \"metformin\", result(\"eGFR\", \"90 mL/min/1.73 m²\") "  \
	"}, expect = { silent \"r\" } }\n"
#define ONLY                                                                                                                   \
	"example \"o\" { today = \"2026-03-01\", given = { ordering \"metformin\", result(\"eGFR\", \"90 mL/min/1.73 m²\") "  \
	"}, expect_only = { } }\n"
#define HOLE "example \"h\" { today = \"2026-03-01\", given = { ordering \"metformin\" }, expect = { ask \"r\" } }\n"
#define GAP                                                                                                                    \
	"example \"g\" { today = \"2026-03-01\", given = { ordering \"metformin\", no_information \"results\" }, expect = { "  \
	"ask \"r\" } }\n"
#define WRONG "example \"w\" { today = \"2026-03-01\", given = { ordering \"warfarin\" }, expect = { \"r\" } }\n"
#define KNOWN                                                                                                                  \
	"example \"k\" { today = \"2026-03-01\", given = { ordering \"warfarin\" }, expect = { \"r\" }, known_gap = "          \
	"\"later\" }\n"
#define CLOSED                                                                                                                 \
	"example \"c\" { today = \"2026-03-01\", given = { ordering \"metformin\" }, expect = { ask \"r\" }, known_gap = "     \
	"\"later\" }\n"
	static const struct {
		const char *examples, *codes;
		bool active;
	} cases[] = {
	    {FIRES QUIET HOLE, "", true},
	    {FIRES ONLY HOLE, "", true},
	    {FIRES QUIET GAP, "", true},
	    {"", "VG400", false},
	    {QUIET HOLE, "VG402", false},
	    {FIRES HOLE, "VG403", false},
	    {FIRES QUIET, "VG404", false},
	    {FIRES, "VG403 VG404", false},
	    {FIRES QUIET HOLE WRONG, "VG401", false},
	    {FIRES QUIET HOLE KNOWN, "", true},
	    {FIRES QUIET HOLE CLOSED, "VG405", true},
	    {QUIET HOLE KNOWN, "VG402", false},
	};
	static const char rule[] =
	    "rule \"r\" { title = \"t\", severity = \"warning\", status = \"active\", when_ordering = \"metformin\", "
	    "if_unknown = \"ask\",\n"
	    "if_all = { latest \"eGFR\" :is_below \"30 mL/min/1.73 m²\" }, warn = \"w\", ask = \"a\" }\n";
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_arena arena;
		opened out;
		vg_arena_init(&arena, NULL, 0);
		open_with(&out, vg_format(&arena, "%s%s", rule, cases[i].examples), NULL, NULL);
		const char *got = codes(&out, "VG4", &arena);
		CHECK(strcmp(got, cases[i].codes) == 0, "%s\n    got      %s\n    expected %s", cases[i].examples, got,
		      cases[i].codes);
		uint32_t number = out.world ? vg_rule_find(out.world->rulebook, "r") : UINT32_MAX;
		bool active = number != UINT32_MAX && out.world->rulebook->rules[number].status == VG_STATUS_ACTIVE;
		CHECK(active == cases[i].active, "%s\n    the rule is %s", cases[i].examples,
		      active ? "in service" : "withdrawn");
		close_it(&out);
		vg_arena_free(&arena);
	}
}

/* ---- rows ---------------------------------------------------------------------------------- */

static void rows_are_proven(void)
{
	static const char header[] =
	    "id,a,b,severity,status,silences,title,management,owner,review_by,evidence,source,verified\n";
	static const struct {
		const char *row, *says; /* says: part of the finding; "" when there is none */
	} cases[] = {
	    {"r,metformin,acetaminophen,info,active,,t,-,o,2099-01-01,e,made for tests,yes", ""},
	    {"r,metformin,metformin,info,active,,t,-,o,2099-01-01,e,made for tests,yes", "has the same drug on both sides"},
	    {"r,metformin,eGFR,info,active,,t,-,o,2099-01-01,e,made for tests,yes", "has a side without any drug: eGFR"},
	    {"r,metformin,eGFR,info,draft,,t,-,o,2099-01-01,e,made for tests,yes", ""},
	    {"r,warfarin,naproxen,info,active,,t,-,o,2099-01-01,e,made for tests,yes\n"
	     "s,warfarin,naproxen,critical,active,r,t,-,o,2099-01-01,e,made for tests,yes",
	     "The row \"r\" does not speak"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_arena arena;
		opened out;
		vg_arena_init(&arena, NULL, 0);
		open_with(&out, NULL, vg_format(&arena, "%s%s\n", header, cases[i].row), NULL);
		bool said = false;
		size_t count = 0;
		for (size_t k = 0; k < out.findings.count; k++)
			if (strcmp(out.findings.items[k].code, "VG406") == 0) {
				said |= strstr(out.findings.items[k].text, cases[i].says) != NULL;
				count++;
			}
		CHECK(cases[i].says[0] ? said : count == 0, "%s\n    %zu findings, none says: %s", cases[i].row, count,
		      cases[i].says);
		close_it(&out);
		vg_arena_free(&arena);
	}
}

/* A table above the limit: all rows are looked at, a sample is run, and that is said. */
static void large_tables_are_sampled(void)
{
	vg_arena arena;
	vg_buffer rows, drugs;
	opened out;
	size_t proven = 0, count = 0;
	vg_findings findings;
	vg_arena_init(&arena, NULL, 0);
	vg_buffer_init(&rows, &arena);
	vg_buffer_init(&drugs, &arena);
	vg_add(&drugs, "rxcui,name,salts,synonyms,unii,source,verified\n");
	vg_add(&rows, "id,a,b,severity,status,title,owner,review_by,evidence,source,verified\n");
	for (int i = 0; i < 112; i++) {
		vg_addf(&drugs, "%d,drug%03d,,,,made for tests,yes\n", 900000 + i, i);
		for (int k = 0; k < i; k++, count++)
			vg_addf(&rows, "b%04zu,drug%03d,drug%03d,info,active,t,o,2099-01-01,e,made for tests,yes\n", count, i,
				k);
	}
	const char *const files[][2] = {{"tables/ingredients.csv", vg_buffer_text(&drugs)}, {NULL, NULL}};
	open_with(&out, NULL, vg_buffer_text(&rows), files);
	vg_findings_init(&findings, NULL);
	if (out.world)
		CHECK(vg_rows_prove(out.world, &findings, &proven, NULL) == VIGIL_OK, "the rows cannot be proven");
	CHECK(proven > 4990 && proven <= 5001, "%zu of %zu rows are proven", proven, count);
	CHECK(findings.count == 1 && strcmp(findings.items[0].code, "VG407") == 0, "%zu findings", findings.count);
	for (size_t i = 0; i < findings.count; i++)
		CHECK(strstr(findings.items[i].text, "Of 6217 active rows all were looked at"), "%s", findings.items[i].text);
	vg_findings_free(&findings);
	close_it(&out);
	vg_arena_free(&arena);
}

/* ---- the starter pack ------------------------------------------------------------------------ */

static void starter_pack_is_proven(void)
{
	vg_world *world;
	vg_example_report report;
	vg_findings findings;
	size_t proven = 0, active = 0;
	vg_findings_init(&findings, NULL);
	if (access("rules/pack.lua", R_OK) != 0 || open_pack("rules", NULL, NULL, &world) != VIGIL_OK)
		return;
	CHECK(vg_examples_run(world, NULL, &report, NULL) == VIGIL_OK, "the examples run");
	CHECK(report.count > 200 && report.failed == 0, "%zu examples, %zu failed", report.count, report.failed);
	tell_failures(&report);
	vg_example_report_free(&report);
	for (int family = 0; family < 2; family++)
		for (size_t i = 0; i < vg_pair_count(world->knowledge, (vg_family)family); i++) {
			vg_pair_row row;
			vg_pair_get(world->knowledge, (vg_family)family, (uint32_t)i, &row);
			const vg_bits *replaced = world->rulebook->replaced_rows[family];
			active += row.status == VG_STATUS_ACTIVE && !row.silent && !(replaced && vg_bit_test(replaced, i));
		}
	CHECK(vg_rows_prove(world, &findings, &proven, NULL) == VIGIL_OK, "the rows cannot be proven");
	CHECK(proven == active && active > 200, "%zu of %zu active rows are proven", proven, active);
	for (size_t i = 0; i < findings.count; i++)
		CHECK(false, "%s: %s", findings.items[i].code, findings.items[i].text);
	vg_findings_free(&findings);
	vg_world_release(world);
}

/* ---- the record, and memory --------------------------------------------------------------------- */

/* What a report shows as the record gives the same alert when it is read by itself. */
static void record_can_be_tried_by_hand(void)
{
	vg_world *world;
	vg_example_report report;
	vg_record *record = NULL;
	vg_evaluator *evaluator = NULL;
	const vg_answer *answer = NULL;
	if (open_pack(EXAMPLES_PACK, NULL, NULL, &world) != VIGIL_OK)
		return;
	CHECK(vg_examples_run(world, "p1", &report, NULL) == VIGIL_OK && report.count == 2, "the row's examples are %zu",
	      report.count);
	const vg_example_result *result = find_result(&report, "a row, one way");
	CHECK(result && result->rule_count == 1 && strcmp(result->rules[0], "p1") == 0, "the example does not name its row");
	const char *text = result ? result->record : "{}";
	CHECK(vg_record_read(text, strlen(text), world->knowledge, world->rulebook->watch, NULL, NULL, &record, NULL) ==
		  VIGIL_OK,
	      "the record is not read: %s", text);
	vg_question question = {.record = record,
				.record_drafts = true,
				.as_of = {vg_day_from(2026, 3, 1), vg_day_from(2026, 3, 1), VG_NO_INSTANT}};
	CHECK(vg_evaluator_open(NULL, &evaluator, NULL) == VIGIL_OK && record &&
		  vg_evaluate(evaluator, world, &question, &answer, NULL) == VIGIL_OK,
	      "it is not evaluated");
	CHECK(answer && answer->alert_count == 1 && strcmp(answer->alerts[0].rule, "p1") == 0, "the alert is another");
	vg_evaluator_close(evaluator);
	vg_record_free(record);
	vg_example_report_free(&report);
	vg_world_release(world);
}

/* Each allocation of a run failed in turn: the same results, or VIGIL_NO_MEMORY. */
static void survives_every_failed_allocation(void)
{
	test_allocator state = {0};
	vg_allocator allocator = {test_resize, &state};
	vg_world *world;
	size_t failures = 0;
	if (open_pack(EXAMPLES_PACK, &allocator, NULL, &world) != VIGIL_OK)
		return;
	vg_example_report whole = {.count = 0};
	CHECK(vg_examples_run(world, "much", &whole, NULL) == VIGIL_OK && whole.count >= 4, "%zu results", whole.count);
	size_t expected = whole.count;
	vg_example_report_free(&whole);
	size_t before = state.live_blocks;
	for (size_t at = 1;; at++) {
		vg_example_report report = {.count = 0};
		state.calls = 0;
		state.fail_at = at;
		vigil_status status = vg_examples_run(world, "much", &report, NULL);
		bool over = state.calls < at;
		state.fail_at = 0;
		CHECK(status == VIGIL_NO_MEMORY || (status == VIGIL_OK && report.count == expected && report.failed == 0),
		      "allocation %zu failed: status %d, %zu results, %zu failed", at, (int)status, report.count,
		      report.failed);
		failures += status == VIGIL_NO_MEMORY;
		if (status == VIGIL_OK)
			vg_example_report_free(&report);
		CHECK(state.live_blocks == before, "allocation %zu failed: %zu blocks are left", at,
		      state.live_blocks - before);
		if (over)
			break;
	}
	CHECK(failures > 20, "only %zu failures", failures);
	vg_world_release(world);
	CHECK(state.live_blocks == 0, "%zu blocks are left", state.live_blocks);
}

const test_case test_cases_example[] = {
    {"each word of given and expect does what it says", words_do_what_they_say},
    {"each word for examples has an example", every_word_has_an_example},
    {"an example that fails tells its story", failures_tell_their_story},
    {"an active rule needs examples of three kinds, and none that fails", rules_are_judged_by_their_examples},
    {"a row that does not speak is told", rows_are_proven},
    {"large tables are sampled, and that is said", large_tables_are_sampled},
    {"the starter pack's examples pass and its rows are proven", starter_pack_is_proven},
    {"the record of an example gives the same alert by hand", record_can_be_tried_by_hand},
    {"each allocation failed in turn", survives_every_failed_allocation},
    {0},
};
