/* Words become phrases: values from Lua, places from the tokens, order as written. */
#include "script/script_tests.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static void check_declaration(const char *text, const char *expected, bool places)
{
	vg_arena arena;
	test_load loaded;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	load_text(&loaded, text);
	size_t count;
	const vg_declaration *declarations = vg_script_declarations(loaded.script, &count);
	CHECK(count >= 1, "%s\n    no declaration: %s", text, findings_text(&loaded, &arena));
	if (count >= 1)
		CHECK_TEXT(declaration_text(&declarations[count - 1], &arena, places), expected);
	unload(&loaded);
	vg_arena_free(&arena);
}

static void shapes(void)
{
	static const struct {
		const char *text, *declaration;
	} cases[] = {
	    {"rule \"a\" { }", "rule a {}"},
	    {"rule(\"a\")({ title = 'x' })", "rule a {title = \"x\"}"},
	    {"rule \"a\" { if_all = { pregnant, taking \"x\", taking(\"y\"), age_between(\"1 year\", \"2 years\") } }",
	     "rule a {if_all = {pregnant, taking(\"x\"), taking(\"y\"), age_between(\"1 year\", \"2 years\")}}"},
	    {"rule \"a\" { if_all = { latest \"INR\" :is_above \"4\" :within \"14 days\" } }",
	     "rule a {if_all = {latest(\"INR\") :is_above(\"4\") :within(\"14 days\")}}"},
	    {"rule \"a\" { if_all = { readings \"bp\" :last(3) :at_least(2) :above \"140/90 mm[Hg]\" :on_different_days } }",
	     "rule a {if_all = {readings(\"bp\") :last(3) :at_least(2) :above(\"140/90 mm[Hg]\") :on_different_days}}"},
	    {"rule \"a\" { if_all = { this_order :is_renewal, this_order:is_renewal(), done \"x\" :once, pregnant } }",
	     "rule a {if_all = {this_order :is_renewal, this_order :is_renewal, done(\"x\") :once, pregnant}}"},
	    {"rule \"a\" { if_all = { any { pregnant, none { deceased } }, at_least(2, { pregnant, deceased }), named(\"l\", "
	     "all { pregnant }) } }",
	     "rule a {if_all = {any({pregnant, none({deceased})}), at_least(2, {pregnant, deceased}), named(\"l\", "
	     "all({pregnant}))}}"},
	    {"rule \"a\" { z = 1, b = true, a = { 1, -2.5, x = \"y\", 0x10 } }",
	     "rule a {z = 1, b = true, a = {1, -2.5, 16, x = \"y\"}}"},
	    {"rule \"a\" { [\"two words\"] = 1 }", "rule a {two words = 1}"},
	    {"local s = latest \"INR\" :is_above \"4\"\nrule \"a\" { if_any = { s, s :within \"2 days\", s :within \"3 days\" "
	     "} }",
	     "rule a {if_any = {latest(\"INR\") :is_above(\"4\"), latest(\"INR\") :is_above(\"4\") :within(\"2 days\"), "
	     "latest(\"INR\") "
	     ":is_above(\"4\") :within(\"3 days\")}}"},
	    {"local s = pregnant\nlocal t = any { s, deceased }\ndefine \"d\" { t }", "define d {any({pregnant, deceased})}"},
	    {"rule \"a\" { check = function(p) return nil end, title = \"t\" }", "rule a {check = check 0, title = \"t\"}"},
	    {"rule \"a\" { title = [[\nlong\n]], warn = \"caf\\u{e9}\" }", "rule a {title = \"long\\n\", warn = \"café\"}"},
	    {"rule \"a\" { suggest = { cancel_this_order, link(\"x\", \"https://example.org\") } }",
	     "rule a {suggest = {cancel_this_order, link(\"x\", \"https://example.org\")}}"},
	    {"rule \"a\" { if_all = { (pregnant), (latest \"x\") :within \"1 day\" } };",
	     "rule a {if_all = {pregnant, latest(\"x\") :within(\"1 day\")}}"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++)
		check_declaration(cases[i].text, cases[i].declaration, false);
}

static void places(void)
{
	check_declaration(
	    "\n  rule \"a\" {\n    title = \"µ\", if_all = {\n\tlatest \"INR\" :is_above \"4\",\n any { pregnant } } }",
	    "rule a {title@3:5 = \"µ\"@3:13, if_all@3:18 = {latest@4:2(\"INR\"@4:9) :is_above@4:16(\"4\"@4:25), "
	    "any@5:2({pregnant@5:8}@5:6)}@3:27}@2:12",
	    true);
	/* A function before it, over several lines, does not move what follows. */
	check_declaration("rule \"a\" { check = function(p)\n  return nil -- \"end\"\nend, if_all = { pregnant } }",
			  "rule a {check@1:12 = check 0@1:20, if_all@3:6 = {pregnant@3:17}@3:15}@1:10", true);
}

/* A broken statement is left out, the others stand; a condition that a broken local carries breaks who uses it. */
static void broken_statements_alone_are_left_out(void)
{
	vg_arena arena;
	test_load loaded;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	load_text(&loaded, "local bad = latest \"x\" > 3\nlocal good = pregnant\nrule \"a\" { if_all = { good } }\n"
			   "rule \"b\" { if_all = { bad } }\nrule \"c\" { title = 1 + 1 }\nrule \"d\" { }\n"
			   "rule \"e\" { check = function(p) return retrun end }\n");
	size_t count;
	const vg_declaration *declarations = vg_script_declarations(loaded.script, &count);
	CHECK(count == 2 && strcmp(declarations[0].id, "a") == 0 && strcmp(declarations[1].id, "d") == 0,
	      "%zu declarations stand", count);
	CHECK_TEXT(findings_text(&loaded, &arena), "VG105@1:24 VG106@5:22 VG140@7:39");
	unload(&loaded);
	vg_arena_free(&arena);
}

/* The second wall: what the token check would have refused raises when Lua runs it. */
static void operators_raise_in_lua(void)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
	    {"local x = pregnant < deceased", "cannot be compared"},
	    {"local x = pregnant <= deceased", "cannot be compared"},
	    {"local x = pregnant == deceased", "cannot be compared"},
	    {"local x = pregnant + 1", "cannot be computed"},
	    {"local x = -pregnant", "cannot be computed"},
	    {"local x = #pregnant", "cannot be computed"},
	    {"local x = pregnant .. \"x\"", "joined with all"},
	    {"local x = pregnant | deceased", "joined with all"},
	    {"local x = ~pregnant", "joined with all"},
	    {"pregnant(1)", "comma may be missing"},
	    {"pregnant.x = 1", "assigned"},
	    {"x = pregnant", "assigned"},
	    {"local x = pregnant; local y = x + x", "cannot be computed"},
	    {"local x = foo", "is not a word"},
	    {"local x = os", "is not a word"},
	    {"local x = getmetatable(pregnant)", "is not a word"},
	    {"local x = taking \"x\"", "did not see"},
	    {"while true do end", "too much time"},
	    {"local s = \"x\" while true do s = s .. s end", "too much memory"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		/* One statement whose tokens are handed over as if they had been checked: each bare word is its form. */
		vg_arena arena;
		vg_findings findings;
		vg_script script = {.packs = NULL};
		vg_arena_init(&arena, &vg_system_allocator, 0);
		vg_arena_init(&script.arena, &vg_system_allocator, 0);
		vg_findings_init(&findings, &vg_system_allocator);
		vg_source source = {.file = "f",
				    .text = cases[i].text,
				    .length = strlen(cases[i].text),
				    .arena = &arena,
				    .findings = &findings};
		CHECK(vg_lex(&source), "%s is not read", cases[i].text);
		vg_form word = {.kind = VG_FORM_WORD, .name = "pregnant"}, *items[] = {&word, &word, &word};
		vg_form list = {.kind = VG_FORM_TABLE_VALUE, .order = items, .order_count = 3};
		vg_statement statement = {.form = &list, .past = source.token_count - 1};
		if (strstr(cases[i].says, "did not see"))
			list.order_count = 0;
		vg_program program = {.statements = &statement, .count = 1};
		CHECK(vg_run_program(&source, &program, &script, 0, &vg_system_allocator, NULL) == VIGIL_OK, "%s: fails",
		      cases[i].text);
		bool said = false;
		for (size_t k = 0; k < findings.count; k++)
			said |= strstr(findings.items[k].text, cases[i].says) != NULL;
		CHECK(said, "%s\n    nothing says \"%s\", but: %s", cases[i].text, cases[i].says,
		      findings.count ? findings.items[0].text : "nothing");
		vg_arena_free(&arena);
		vg_arena_free(&script.arena);
		vg_findings_free(&findings);
	}
}

/* Every word, refinement and kind of the vocabulary can be written as its own usage line shows. */
static void usage_lines_are_valid(void)
{
	size_t count;
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	const vg_word_info *words = vg_words(&count);
	for (size_t i = 0; i < count; i++) {
		const char *usage = words[i].usage, *equals = strstr(usage, " = ");
		test_load loaded;
		load_text(&loaded, vg_format(&arena, equals ? "rule \"a\" { %s }" : "rule \"a\" { if_all = { %s } }", usage));
		CHECK(loaded.findings.errors == 0, "the usage of `%s` is not valid: %s (%s)", words[i].name, usage,
		      findings_text(&loaded, &arena));
		unload(&loaded);
	}
	const vg_refinement_info *refinements = vg_refinements(&count);
	for (size_t i = 0; i < count; i++) {
		test_load loaded;
		load_text(&loaded, vg_format(&arena, "rule \"a\" { if_all = { latest \"x\" %s } }", refinements[i].usage));
		CHECK(loaded.findings.errors == 0, "the usage of `:%s` is not valid: %s (%s)", refinements[i].name,
		      refinements[i].usage, findings_text(&loaded, &arena));
		unload(&loaded);
	}
	vg_arena_free(&arena);
}

const test_case test_cases_words[] = {
    {"calls, lists, refinements, local names", shapes},
    {"places of everything", places},
    {"a broken statement is left out, the others stand", broken_statements_alone_are_left_out},
    {"operators on conditions raise, were the token check not there", operators_raise_in_lua},
    {"the usage lines of the vocabulary are valid", usage_lines_are_valid},
    {0}};
