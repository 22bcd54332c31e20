/*
 * Tidy files: what is put in order, and that nothing else is touched.
 */
#include <string.h>

#include "script/script_tests.h"

/* The tidied text; NULL when it was refused. */
static const char *tidy(const char *text, vg_arena *arena, vigil_error *error)
{
	vg_findings findings;
	const char *tidied = NULL;
	vg_findings_init(&findings, &vg_system_allocator);
	vigil_status status = vg_format_rules("rule.lua", text, strlen(text), arena, &findings, &tidied, error);
	CHECK((status == VIGIL_OK) == (tidied != NULL), "a text comes exactly when it went well");
	CHECK(status != VIGIL_BAD_INPUT || findings.errors > 0, "a refusal has its findings");
	vg_findings_free(&findings);
	return tidied;
}

static void blanks_and_commas_are_settled(void)
{
	static const struct {
		const char *written, *tidied;
	} texts[] = {
	    {"", ""},
	    {"-- alone\n\n\n\n", "-- alone\n"},
	    {"define 'a' {any{pregnant,deceased}}", "define \"a\" { any { pregnant, deceased } }\n"},
	    {"define \"a\" { any { pregnant, deceased, }, }\n", "define \"a\" { any { pregnant, deceased } }\n"},
	    {"define \"a\" {\nany {\npregnant,\ndeceased\n}\n}\n",
	     "define \"a\" {\n  any {\n    pregnant,\n    deceased,\n  },\n}\n"},
	    {"define \"a\" {\n\n\n  pregnant\n\n}\n\n\n\ndefine \"b\" { deceased }",
	     "define \"a\" {\n  pregnant,\n}\n\ndefine \"b\" { deceased }\n"},
	    {"define \"a\" { taking  \"x\":at_least( 2 )  :by_route   'oral' ; deceased }",
	     "define \"a\" { taking \"x\" :at_least(2) :by_route \"oral\", deceased }\n"},
	    {"define \"a\" { taking \"x\"\n:within \"1 year\" }\n",
	     "define \"a\" { taking \"x\"\n               :within \"1 year\" }\n"},
	    {"define 'a' { named('say \"x\"', pregnant) }", "define \"a\" { named('say \"x\"', pregnant) }\n"},
	    {"rule \"a\" {\n  title = \"x\", -- one\n  when_opening_chart = true,   -- two\n  if_all = { pregnant,\ndeceased } "
	     "}",
	     "rule \"a\" {\n  title = \"x\",                -- one\n  when_opening_chart = true,  -- two\n  if_all = { "
	     "pregnant,\n "
	     "            deceased } }\n"},
	    {"rule \"a\" {\n  title = \"x\",\n  severity = \"info\",\n  status = \"draft\", owner = \"me\",\n  warn = "
	     "\"y\",\n}\n",
	     "rule \"a\" {\n  title    = \"x\",\n  severity = \"info\",\n  status = \"draft\", owner = \"me\",\n  warn = "
	     "\"y\",\n}\n"},
	    {"define \"a\" { pregnant } --[[ long\n   comment ]] define \"b\" { deceased }",
	     "define \"a\" { pregnant }  --[[ long\n   comment ]] define \"b\" { deceased }\n"},
	    {"rule \"a\" {\n  needs = { x = age_in_years },\n  check = function(p)\n  if p.x>3 then\n return true\n        "
	     "else\n return "
	     "false\n   end\n  end,\n}\n",
	     "rule \"a\" {\n  needs = { x = age_in_years },\n  check = function(p)\n    if p.x>3 then\n      return true\n    "
	     "else\n "
	     "     return false\n    end\n  end,\n}\n"},
	    {"define \"a\" { -- why\r\n\tpregnant }\r\n", "define \"a\" {  -- why\n  pregnant }\n"},
	};
	for (size_t i = 0; i < VG_COUNT(texts); i++) {
		vg_arena arena;
		vigil_error error = VIGIL_ERROR_INIT;
		vg_arena_init(&arena, NULL, 0);
		const char *once = tidy(texts[i].written, &arena, &error);
		CHECK(once != NULL, "text %zu: %s", i, error.text);
		CHECK_TEXT(once, texts[i].tidied);
		if (once)
			CHECK_TEXT(tidy(once, &arena, &error), once);
		vg_arena_free(&arena);
	}
}

static void mistakes_are_left_alone(void)
{
	static const char *const texts[] = {"rule \"a\" {", "define \"a\" { pregnant or deceased }",
					    "define \"a\" { \"open }\n", "if x then end"};
	for (size_t i = 0; i < VG_COUNT(texts); i++) {
		vg_arena arena;
		vigil_error error = VIGIL_ERROR_INIT;
		vg_arena_init(&arena, NULL, 0);
		CHECK(tidy(texts[i], &arena, &error) == NULL, "text %zu is refused", i);
		CHECK(error.status == VIGIL_BAD_INPUT && error.advice[0], "text %zu is told", i);
		vg_arena_free(&arena);
	}
}

/* A text without blanks and commas: what tidying has to leave alone. */
static const char *bones(const char *text, vg_arena *arena)
{
	vg_buffer out;
	vg_buffer_init(&out, arena);
	for (; *text; text++)
		if (!strchr(" \t\r\n,;", *text))
			vg_add_bytes(&out, text, 1);
	return vg_buffer_text(&out);
}

static uint64_t step_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

/* Other blanks between the tokens, at random; texts and comments as they are. */
static const char *shaken(const char *text, vg_arena *arena, uint64_t *state)
{
	vg_findings findings;
	vg_buffer out;
	vg_source source = {.file = "rule.lua", .text = text, .length = strlen(text), .arena = arena, .findings = &findings};
	vg_findings_init(&findings, &vg_system_allocator);
	vg_buffer_init(&out, arena);
	CHECK(vg_lex(&source), "the text can be read");
	const char *at = text;
	for (size_t i = 0; i < source.token_count; i++) {
		const vg_token *token = &source.tokens[i];
		for (; at < token->text; at++) {
			bool comment = at[0] == '-' && at + 1 < token->text && at[1] == '-';
			if (comment) {
				size_t length = (size_t)(token->text - at);
				vg_add_bytes(&out, at, length);
				at += length - 1;
			} else if (*at == ' ') {
				vg_add(&out, step_random(state) % 3 ? "  " : "\n\t");
			} else {
				vg_add_bytes(&out, at, 1);
			}
		}
		vg_add_bytes(&out, token->text, token->length);
		at = token->text + token->length;
	}
	vg_findings_free(&findings);
	return vg_buffer_text(&out);
}

/* Every rule file of the starter pack, and each shaken: the same words, and tidy is tidy. */
static void nothing_is_lost(void)
{
	vg_arena names, arena;
	const char *const *files;
	size_t count;
	uint64_t state = 20261122;
	vg_arena_init(&names, NULL, 0);
	CHECK(vg_list_files(&names, "rules", ".lua", &files, &count, NULL) == VIGIL_OK && count > 30, "the pack is there");
	for (size_t i = 0; i < count; i++) {
		vigil_error error = VIGIL_ERROR_INIT;
		char *text;
		size_t length;
		vg_arena_init(&arena, NULL, 0);
		const char *path = vg_format(&arena, "rules/%s", files[i]);
		if (vg_read_file(&arena, path, 0, &text, &length, &error) != VIGIL_OK)
			text = "";
		for (int round = 0; round < 3; round++) {
			const char *written = round ? shaken(text, &arena, &state) : text;
			const char *once = tidy(written, &arena, &error);
			CHECK(once != NULL, "%s: %s", path, error.text);
			if (!once)
				continue;
			CHECK_TEXT(bones(once, &arena), bones(written, &arena));
			CHECK_TEXT(tidy(once, &arena, &error), once);
		}
		vg_arena_free(&arena);
	}
	vg_arena_free(&names);
}

static void failed_allocations_are_told(void)
{
	static const char text[] = "rule \"a\" {\n title='x', -- one\n if_all={pregnant,deceased\n}\n}\n";
	size_t refused = 0;
	for (size_t after = 1; after < 200; after++) {
		test_allocator allocator = {.fail_at = after};
		vg_allocator base = {test_resize, &allocator};
		vg_findings findings;
		vg_arena arena;
		const char *tidied = NULL;
		vg_arena_init(&arena, &base, 0);
		vg_findings_init(&findings, &base);
		vigil_status status = vg_format_rules("rule.lua", text, strlen(text), &arena, &findings, &tidied, NULL);
		CHECK(status == VIGIL_OK || status == VIGIL_NO_MEMORY, "status %d after %zu", status, after);
		refused += status != VIGIL_OK;
		vg_findings_free(&findings);
		vg_arena_free(&arena);
		CHECK(allocator.live_blocks == 0, "%zu blocks are left", allocator.live_blocks);
	}
	CHECK(refused >= 2, "only %zu failures were told", refused);
}

const test_case test_cases_format[] = {
    {"blanks and commas are settled", blanks_and_commas_are_settled},
    {"mistakes are left alone", mistakes_are_left_alone},
    {"nothing is lost", nothing_is_lost},
    {"failed allocations are told", failed_allocations_are_told},
    {0},
};
