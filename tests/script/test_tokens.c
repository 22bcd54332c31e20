/*
 * The token check: every form that the language does not have is a finding of
 * its own, with its place and the right words; nothing that it has is one.
 */
#include "script/script_tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct mistake {
	const char *text, *codes, *advice; /* advice: part of the first finding's text or advice */
} mistake;

static void check_mistakes(const mistake *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		vg_arena arena;
		test_load loaded;
		vg_arena_init(&arena, &vg_system_allocator, 0);
		load_text(&loaded, cases[i].text);
		const char *text = findings_text(&loaded, &arena);
		CHECK(strcmp(text, cases[i].codes) == 0, "%s\n    got      %s\n    expected %s", cases[i].text, text,
		      cases[i].codes);
		bool advised = false;
		for (size_t k = 0; k < loaded.findings.count; k++)
			advised |=
			    strstr(loaded.findings.items[k].text, cases[i].advice) ||
			    (loaded.findings.items[k].advice && strstr(loaded.findings.items[k].advice, cases[i].advice));
		CHECK(advised || !cases[i].advice[0], "%s\n    no finding says: %s", cases[i].text, cases[i].advice);
		unload(&loaded);
		vg_arena_free(&arena);
	}
}

static void operators(void)
{
	static const mistake cases[] = {
	    {"rule \"a\" { if_all = { pregnant or in_hospice } }", "VG104@1:32", "any { a, b }"},
	    {"rule \"a\" { if_all = { pregnant and in_hospice } }", "VG104@1:32", "all { a, b }"},
	    {"rule \"a\" { if_all = { not pregnant } }", "VG104@1:23", "none { a }"},
	    {"rule \"a\" { if_all = { latest \"INR\" > 4 } }", "VG105@1:36", ":is_above"},
	    {"rule \"a\" { if_all = { latest \"INR\" < \"4\" } }", "VG105@1:36", ":is_below"},
	    {"rule \"a\" { if_all = { latest \"INR\" == 4 } }", "VG105@1:36", ":is"},
	    {"rule \"a\" { if_all = { sex ~= \"male\" } }", "VG105@1:27", "none"},
	    {"rule \"a\" { if_all = { age >= 65 and in_hospise } }", "VG105@1:27 VG104@1:33 VG200@1:37", "in_hospice"},
	    {"rule \"a\" { at_most = 1 + 2 * 3 }", "VG106@1:24 VG106@1:28", "check"},
	    {"rule \"a\" { title = \"a\" .. \"b\" }", "VG106@1:24", "{placeholders}"},
	    {"rule \"a\" { if_all = { #pregnant, pregnant | in_hospice & deceased, ~pregnant } }",
	     "VG106@1:23 VG107@1:43 VG107@1:56 VG107@1:68", "any { a, b }"},
	    {"local x = pregnant or in_hospice\nrule \"a\" { if_all = { x } }", "VG104@1:20", "any"},
	};
	check_mistakes(cases, VG_COUNT(cases));
}

static void statements(void)
{
	static const mistake cases[] = {
	    {"if pregnant then rule \"a\" { } end\nrule \"b\" { }", "VG108@1:1", "all { }"},
	    {"for i = 1, 3 do rule \"a\" { } end", "VG108@1:1", "`for`"},
	    {"while true do end", "VG108@1:1", "`while`"},
	    {"return 1", "VG108@1:1", "`return`"},
	    {"goto x", "VG108@1:1", "`goto`"},
	    {"repeat until true", "VG108@1:1", "`repeat`"},
	    {"x = latest \"INR\"", "VG109@1:1", "local"},
	    {"severity = \"info\"", "VG109@1:1", "local"},
	    {"function f() return 1 end", "VG110@1:1", "check ="},
	    {"local function f() end", "VG110@1:7", "check ="},
	    {"local f = function() end", "VG110@1:11", "check ="},
	    {"rule \"a\" { warn = function() return 1 end }", "VG110@1:19", "check ="},
	    {"rule \"a\" { cases = { { check = function(p) return p.x end } } }", "VG110@1:32", "check ="},
	    {"latest \"INR\" :is_above \"4\"", "VG120@1:1", "joined to nothing"},
	    {"pregnant", "VG120@1:1", "alone"},
	    {"local x = pregnant", "VG120@1:7", "joined to nothing"},
	    {"local a, b = pregnant, in_hospice", "VG122@1:7", "one name a line"},
	    {"local x", "VG122@1:7", "one name a line"},
	    {"local x = \"text\"\nrule \"a\" { title = x }", "VG122@1:11", "condition"},
	    {"local taking = pregnant", "VG125@1:7", "another name"},
	    {"local x = pregnant\nlocal x = deceased\nrule \"a\" { if_all = { x } }", "VG125@2:7", "line 1"},
	    {"locl x = pregnant\nrule \"a\" { if_all = { x } }", "VG123@1:1", "`local`"},
	    {"interacton \"a\" { title = \"t\" }", "VG121@1:1", "`interaction`"},
	    {"foo \"a\" { title = 1 + 2 }", "VG121@1:1 VG106@1:21", "kinds are"},
	    {"rule { title = \"t\" }", "VG131@1:1", "short name"},
	    {"rule \"\" { title = \"t\" }", "VG131@1:6", "1 to 120"},
	    {"rule \"a\"", "VG131@1:1", "body"},
	    {"rule(\"a\" { }", "VG115@1:5", "not closed"},
	    {"rule \"a\" ({ }", "VG115@1:10", "not closed"},
	    {"}", "VG116@1:1", "never opened"},
	    {"\"text\"", "VG122@1:1", "cannot begin"},
	    {"example \"e\" { todya = \"2026-01-01\", given = { }, expect_only = { } }", "VG204@1:1 VG203@1:15", "`today`"},
	    {"example \"e\" { today = \"2026-01-01\", given = { }, expect_only = { }, \"x\" }", "VG122@1:1", "named lines"},
	    {"example \"e\" { today = \"2026-02-30\", given = { }, expect_only = { } }", "VG231@1:23", "year, month and day"},
	    {"example \"e\" { today = \"2026-02\", given = { }, expect_only = { } }", "VG231@1:23", "no day of the calendar"},
	    {"example \"e\" { today = \"2026-02-01\", given = pregnant, expect = \"r\" }", "VG218@1:45 VG218@1:64", "braces"},
	    {"example \"e\" { today = \"2026-02-01\", given = { sex = \"male\" }, expect = { } }", "VG217@1:47 VG216@1:72",
	     "cannot fail"},
	    {"example \"e\" { today = \"2026-02-01\", given = { } }", "VG204@1:1", "expect = { \"rule-id\" }"},
	    {"example \"e\" { today = \"2026-02-01\", given = { latest \"x\" :is_above \"4\" }, expect_only = { } }",
	     "VG201@1:47", "Write result("},
	    {"example \"e\" { today = \"2026-02-01\", given = { silent \"x\" }, expect = { pregnant } }",
	     "VG201@1:47 VG201@1:72", "alert, ask, silent"},
	};
	check_mistakes(cases, VG_COUNT(cases));
}

static void lists_and_words(void)
{
	static const mistake cases[] = {
	    {"rule \"a\" { severity = \"info\"\n status = \"draft\" }", "VG114@1:29", "comma is missing"},
	    {"rule \"a\" { if_all = { taking \"x\" pregnant } }", "VG114@1:33", "comma"},
	    {"rule \"a\" { if_all = { readings \"x\" :on_different_days \"y\" } }", "VG114@1:54", "comma"},
	    {"rule \"a\" { if_all = { all { pregnant } { deceased } } }", "VG114@1:39", "comma"},
	    {"rule \"a\" {\n if_all = { pregnant,\n}\nrule \"b\" { }", "VG115@1:10", "line 4"},
	    {"rule \"a\" {\n if_all = { pregnant }", "VG115@1:10", "file ends"},
	    {"rule \"a\" { if_all = { age_between(\"1 year\", \"2 years\" } }", "VG115@1:34", "Close it with )"},
	    {"rule \"a\" { check = function(p) if p.x then return true end }\nrule \"b\" { }", "VG115@1:20", "`end`"},
	    {"rule \"a\" { if_all = { pregnant }} }", "VG116@1:35", "closes too early"},
	    {"rule \"a\" { if_all = { pregnant }},\n warn = \"w\" }", "VG116@1:33", "one too many"},
	    {"rule \"a\" { if_all = { pregnant }}\n warn = \"w\" }", "VG116@1:33", "lines of a rule follow"},
	    {"rule \"a\" { title: \"t\", status: draft }", "VG122@1:17 VG122@1:30 VG200@1:32", "Write title ="},
	    {"rule \"a\" { severity = critical }", "VG200@1:23", "severity = \"critical\""},
	    {"rule \"a\" { check = p.x > 3, warn = \"w\" }", "VG143@1:20", "check = function(p)"},
	    {"rule a_b { title = \"t\" }", "VG131@1:6", "rule \"a_b\""},
	    {"rule \"a\" { if_all = { taking warfarin, pregnant } }", "VG127@1:30", "taking \"warfarin\""},
	    {"rule \"a\" { if_all = { taking systemic NSAID } }", "VG127@1:30", "taking \"systemic NSAID\""},
	    {"rule \"a\" { if_all = { done \"x\" :within 6 months } }", "VG127@1:40", ":within \"6 months\""},
	    {"rule \"a\" { if_all = { done \"x\" :within 90 } }", "VG127@1:40", ":within \"90 days\""},
	    {"rule \"a\" { if_all = { taking pregnant } }", "VG127@1:23 VG114@1:29", "comma"},
	    {"rule \"a\" { if_all = { in hospice, will be taking \"x\" } }", "VG200@1:23 VG200@1:35", "will_be_taking"},
	    {"rule \"a\" { if_all = (pregnant, deceased) }", "VG218@1:21", "Write {"},
	    {"rule \"a\" { if_all = [pregnant, any { deceased }], warn = \"w\" }", "VG218@1:21", "square"},
	    {"rule \"a\" {\n if_all = { pregnant,\n warn = \"w\" }\nrule \"b\" { }", "VG115@2:11", "line 3, where `warn`"},
	    {"rule \"a\" {\n if_all = { pregnant\n warn = \"w\" }", "VG115@2:11 VG114@2:21", "comma"},
	    {"rule \"a\" { if_all = [pregnant, warn = \"w\" }", "VG115@1:21 VG218@1:21", "not closed"},
	    {"rule \"a\" { if_all = { age ≥ \"65 years\" } }", "VG105@1:27", ":is_at_least"},
	    {"rule \"a\" { title = \"t,\n warn = \"w\" }", "VG117@1:20", "quote"},
	    {"rule \"a\" { if_all = { pregnant ) } }", "VG116@1:32", "never opened"},
	    {"rule \"a\" { status = \"x\", status = \"y\" }", "VG111@1:26", "line 1"},
	    {"rule \"a\" { status = \"x\",\n[\"status\"] = \"y\" }", "VG111@2:1", "line 1"},
	    {"rule \"a\" { if_all = { true } }", "VG112@1:23", "pregnant"},
	    {"rule \"a\" { if_all = { any { false, pregnant } } }", "VG112@1:29", "plain `false`"},
	    {"rule \"a\" { if_all = nil }", "VG112@1:21", "Leave the line out"},
	    {"rule \"a\" { if_all = { named(\"x\", true) } }", "VG112@1:34", "argument"},
	    {"rule \"a\" { if_all = { latest \"INR\" .is_above \"4\" } }", "VG113@1:36", "colon"},
	    {"rule \"a\" { if_all = { taking.x } }", "VG127@1:23 VG113@1:29", "colon"},
	    {"rule \"a\" { if_all = { in_hospise, pregannt } }", "VG200@1:23 VG200@1:35", "`in_hospice`"},
	    {"rule \"a\" { if_all = { quux } }", "VG200@1:23", "manual"},
	    {"rule \"a\" { if_all = { True } }", "VG123@1:23", "`true`"},
	    {"rule \"a\" { if_all = { latest \"eGFR < 30\" } }", "VG124@1:30", ":is_below"},
	    {"rule \"a\" { if_all = { latest \"INR ≥ 4\", taking \"x>=3\" } }", "VG124@1:30 VG124@1:48", ":is_below"},
	    {"rule \"a\" { if_all = { taking, pregnant } }", "VG127@1:23", "taking \"warfarin\""},
	    {"rule \"a\" { if_all = { pregnant(\"x\") } }", "VG122@1:23", "written bare"},
	    {"rule \"a\" { if_all = { latest \"x\" : } }", "VG122@1:34", "no refinement"},
	    {"rule \"a\" { if_all = }", "VG122@1:21", "value is missing"},
	    {"rule \"a\" { if_all = { , pregnant } }", "VG122@1:23", "nothing before"},
	    {"rule \"a\" { if_all = { pregnant,, deceased } }", "VG122@1:32", "nothing before"},
	    {"rule \"a\" { at_most = 1e999 }", "VG119@1:22", "too large"},
	    {"rule \"a\" { if_all = { taking [\"x\"] } }", "VG122@1:30", "quotes or round brackets"},
	    {"rule \"a\" { end = 1 }", "VG122@1:12", "word of Lua"},
	    {"rule \"a\" { if_all = { latest \"INR\" ::is \"x\" } }", "VG122@1:36", "one colon"},
	};
	check_mistakes(cases, VG_COUNT(cases));
}

static void nesting(void)
{
	char text[2000] = "rule \"a\" { if_all = { ";
	for (int i = 0; i < 100; i++)
		strcat(text, "any { ");
	strcat(text, "pregnant");
	for (int i = 0; i < 100; i++)
		strcat(text, " }");
	strcat(text, " } }\nrule \"b\" { title = 1 + 1 }");
	test_load loaded;
	load_text(&loaded, text);
	CHECK(finding_of(&loaded, "VG126") != NULL, "a hundred nested lists are let through");
	CHECK(finding_of(&loaded, "VG106") != NULL, "the mistake in the statement below is not told");
	unload(&loaded);
}

/* The examples of the catalogue are true: `wrong` is told with its code. */
static void catalogue_is_true(void)
{
	static const struct {
		const char *code, *before, *behind;
	} frames[] = {
	    {"VG102", "", "\nrule \"a\" { if_all = { severe } }"},
	    {"VG103", "rule \"a\" { ", " }"},
	    {"VG104", "rule \"a\" { ", " }"},
	    {"VG105", "rule \"a\" { if_all = { ", " } }"},
	    {"VG106", "rule \"a\" { if_all = { ", " } }"},
	    {"VG107", "rule \"a\" { ", " }"},
	    {"VG109", "", "\nrule \"a\" { if_all = { severe } }"},
	    {"VG110", "rule \"a\" { ", " }"},
	    {"VG111", "rule \"a\" { ", " }"},
	    {"VG112", "rule \"a\" { ", " }"},
	    {"VG113", "rule \"a\" { if_all = { ", " } }"},
	    {"VG114", "rule \"a\" { ", " }"},
	    {"VG115", "", ""},
	    {"VG117", "rule \"a\" {\n", "\n}"},
	    {"VG118", "rule \"a\" { ", " }"},
	    {"VG119", "rule \"a\" { ", " }"},
	    {"VG124", "rule \"a\" { if_all = { ", " } }"},
	    {"VG127", "rule \"a\" { ", " }"},
	    {"VG131", "", ""},
	    {"VG134", "", ""},
	};
	for (size_t i = 0; i < VG_COUNT(frames); i++)
		for (int right = 0; right < 2; right++) {
			vg_arena arena;
			test_load loaded;
			vg_arena_init(&arena, &vg_system_allocator, 0);
			const vg_finding_kind *kind = vg_finding_kind_find(frames[i].code);
			const char *text =
			    vg_format(&arena, "%s%s%s", frames[i].before, right ? kind->right : kind->wrong, frames[i].behind);
			char *dots; /* "{ … }" stands for a body */
			while ((dots = strstr(text, "…")))
				memcpy(dots, "   ", 3);
			load_text(&loaded, text);
			CHECK(!finding_of(&loaded, frames[i].code) == (right == 1), "the %s example of %s is %sreported: %s",
			      right ? "right" : "wrong", frames[i].code, right ? "" : "not ", text);
			unload(&loaded);
			vg_arena_free(&arena);
		}
}

/* Whatever is typed, reading ends and nothing is lost: token soup. */
static void survives_anything(void)
{
	static const char *const pieces[] = {"rule ",    "\"a\" ", "{ ",    "} ",   "( ",         ") ",        ", ",  "= ",
					     ": ",       "local ", "x ",    "any ", "taking ",    "pregnant ", "or ", "not ",
					     "function", "end ",   "if ",   "\n",   "check ",     "42 ",       "-",   "[ ",
					     "] ",       ";",      "true ", "nil ", ".is_above ", "::"};
	uint32_t random = 7;
	for (int round = 0; round < 3000; round++) {
		char text[400] = "";
		for (int i = 0; i < 30; i++) {
			random = random * 1664525u + 1013904223u;
			strcat(text, pieces[(random >> 16) % VG_COUNT(pieces)]);
		}
		vg_arena arena, script_arena;
		vg_findings findings;
		vg_script script = {.packs = NULL};
		vg_arena_init(&arena, &vg_system_allocator, 0);
		vg_arena_init(&script.arena, &vg_system_allocator, 0);
		vg_arena_init(&script_arena, &vg_system_allocator, 0);
		vg_findings_init(&findings, &vg_system_allocator);
		vg_source source = {.file = "f", .text = text, .length = strlen(text), .arena = &arena, .findings = &findings};
		vg_program program;
		CHECK(vg_lex(&source) && vg_read_forms(&source, &script, &program), "reading fails: %s", text);
		size_t errors = findings.errors;
		vigil_status status = vg_run_program(&source, &program, &script, 0, &vg_system_allocator, NULL);
		bool refused = false;
		for (size_t i = 0; i < findings.count; i++)
			refused |= strcmp(findings.items[i].code, "VG161") == 0;
		CHECK(status == VIGIL_OK && !refused, "the token check lets through what Lua refuses (%zu errors before): %s",
		      errors, text);
		vg_arena_free(&arena);
		vg_arena_free(&script.arena);
		vg_arena_free(&script_arena);
		vg_findings_free(&findings);
	}
}

const test_case test_cases_tokens[] = {
    {"operators", operators},
    {"statements", statements},
    {"lists, words and refinements", lists_and_words},
    {"lists nested too deeply", nesting},
    {"the wrong example of each finding is reported, the right one is not", catalogue_is_true},
    {"3,000 soups of tokens: what passes is valid for Lua", survives_anything},
    {0}};
