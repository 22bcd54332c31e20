/* Errors: what is said arrives whole, or cut between characters. */
#include "base/base.h"
#include "support/support.h"

#include <string.h>

static void says_all_of_it(void)
{
	vigil_error err = VIGIL_ERROR_INIT;
	vg_error_place(&err, "old.lua", 9);
	strcpy(err.rule, "old-rule");
	CU_ASSERT_EQUAL(vg_fail(&err, VIGIL_BAD_RULES, "mend it", "rule %s, line %d", "wf01", 12), VIGIL_BAD_RULES);
	CU_ASSERT_EQUAL(err.status, VIGIL_BAD_RULES);
	CHECK_TEXT(err.text, "rule wf01, line 12");
	CHECK_TEXT(err.advice, "mend it");
	CHECK(err.line == 0 && !err.file[0] && !err.rule[0], "a new error keeps the place of the one before it");
	vg_error_place(&err, "rules/a.lua", 12);
	CHECK_TEXT(err.file, "rules/a.lua");
	CU_ASSERT_EQUAL(err.line, 12);
	CHECK_TEXT(err.text, "rule wf01, line 12");
	vg_error_place(&err, NULL, 0);
	CHECK_TEXT(err.file, "");
}

static void needs_no_error(void)
{
	CU_ASSERT_EQUAL(vg_fail(NULL, VIGIL_BAD_INPUT, NULL, "nobody listens"), VIGIL_BAD_INPUT);
	CU_ASSERT_EQUAL(vg_fail_memory(NULL), VIGIL_NO_MEMORY);
	vg_error_place(NULL, "x", 1);
	vigil_error err = VIGIL_ERROR_INIT;
	CU_ASSERT_EQUAL(vg_fail_memory(&err), VIGIL_NO_MEMORY);
	CHECK(err.text[0] && err.advice[0], "running out of memory is not explained");
	vg_fail(&err, VIGIL_BAD_INPUT, NULL, "x");
	CHECK_TEXT(err.advice, "");
}

static void wraps_its_own_text(void)
{
	vigil_error err = VIGIL_ERROR_INIT;
	vg_fail(&err, VIGIL_BAD_INPUT, "inner advice", "inner");
	vg_fail(&err, VIGIL_BAD_INPUT, err.advice, "outer: %s", err.text);
	CHECK_TEXT(err.text, "outer: inner");
	CHECK_TEXT(err.advice, "inner advice");
}

static void cuts_between_characters(void)
{
	for (size_t lead = 0; lead < 4; lead++) {
		char text[3000] = "", path[1700] = "";
		memset(text, 'a', lead);
		memset(path, 'a', lead);
		for (size_t i = 0; i < 300; i++) {
			strcat(text, "µ€😀");
			strcat(path, "µ€");
		}
		vigil_error err = VIGIL_ERROR_INIT;
		vg_fail(&err, VIGIL_BAD_INPUT, text, "%s", text);
		CHECK(vg_utf8_valid(err.text, strlen(err.text)), "the text is cut inside a character (lead %zu)", lead);
		CHECK(vg_utf8_valid(err.advice, strlen(err.advice)), "the advice is cut inside a character (lead %zu)", lead);
		CHECK(strlen(err.text) > sizeof err.text - 5, "more is cut than needed");
		CHECK(strncmp(err.text, text, strlen(err.text)) == 0, "a cut text is another text");
		strcat(path, &"/1234/file.lua"[lead]); /* from "/1234/…" to "4/…": the cut falls on every byte */
		vg_error_place(&err, path, 1);
		CHECK(vg_utf8_valid(err.file, strlen(err.file)), "the path is cut inside a character (lead %zu)", lead);
		CHECK(strncmp(err.file, "…", 3) == 0 && strstr(err.file, "/file.lua"), "a long path loses its end: %s",
		      err.file);
	}
}

const test_case test_cases_error[] = {
    {"an error says what, where and how to mend it", says_all_of_it},
    {"an error is optional", needs_no_error},
    {"an error may be made from itself", wraps_its_own_text},
    {"long texts are cut between characters, long paths keep their end", cuts_between_characters},
    {NULL, NULL},
};
