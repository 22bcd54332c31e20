/*
 * The sandbox: the allow list does what the manual says, whatever the locale,
 * and nothing else is there.
 */
#include "script/script_tests.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void allow_list_answers(void)
{
	static const char *const truths[] = {
	    "math.floor(2.7) == 2 and math.floor(-2.1) == -3 and math.ceil(2.1) == 3",
	    "math.min(3, 1, 2) == 1 and math.max(3, 1, 2) == 3 and math.max(7) == 7",
	    "math.abs(-2) == 2 and math.abs(-2.5) == 2.5 and math.abs(2) == 2",
	    "math.sqrt(9) == 3 and math.exp(0) == 1 and math.log(1) == 0",
	    "math.abs(math.log(8, 2) - 3) < 1e-12 and math.log(1000, 10) == 3 and math.abs(math.log(9, 3) - 2) < 1e-12",
	    "tostring(1.5) == '1.5' and tostring(10) == '10' and tostring(nil) == 'nil' and tostring(true) == 'true'",
	    "tostring({}) == 'table' and tostring(tostring) == 'function' and tostring(p) == 'userdata'",
	    "tonumber('1.5') == 1.5 and tonumber('0x10') == 16 and tonumber('x') == nil and tonumber(nil) == nil and "
	    "tonumber(3) == 3",
	    "tonumber('1e999') == nil and tonumber('nan') == nil and tonumber('inf') == nil and tonumber('1,5') == nil",
	    "type(1) == 'number' and type('') == 'string' and type({}) == 'table' and type(nil) == 'nil'",
	    "select('#', 1, nil, 3) == 3 and select(2, 'a', 'b', 'c') == 'b' and select(-1, 'a', 'b') == 'b' and select(5, 1) "
	    "== nil",
	    "contains('ibuprofen 400 mg', '400') and not contains('a.c', 'abc') and contains('x', '') and contains('a%d', "
	    "'%d')",
	    "string.upper('aéz') == 'AéZ' and string.lower('AZ') == 'az' and ('Ab'):upper() == 'AB' and ('Ab'):lower() == 'ab'",
	    "('hello'):sub(2, 3) == 'el' and ('hello'):sub(-3) == 'llo' and ('hello'):sub(2) == 'ello' and ('hello'):sub(0) == "
	    "'hello'",
	    "('hello'):sub(9) == '' and ('hello'):sub(3, 2) == '' and ('hello'):sub(-99, 2) == 'he' and ('hello'):sub(1, -99) "
	    "== ''",
	    "('abc'):len() == 3 and string.len('') == 0 and #'abc' == 3",
	    "string.format('%5.1f|%-4d|%x|%s|%g|%%', 2.25, 7, 255, 'a', 0.5) == '  2.2|7   |ff|a|0.5|%'",
	    "string.format('%05d %+d', 42, 7) == '00042 +7' and string.format('%.2s|%4s|%-4s', 'abc', 'a', 'b') == 'ab|   a|b  "
	    " '",
	    "string.format('%s %s', nil, {}) == 'nil table' and 1.5 .. '' == '1.5' and 2 .. 'x' == '2x'",
	    "p.number == 24.5 and p.text == 'Smith' and p.truth == true and p.missing == nil and this_order.display == "
	    "'ibuprofen 400 mg'",
	    "(function() local n = 0 for i, v in ipairs({ 5, 6, nil, 7 }) do n = n + i * v end return n end)() == 17",
	    "1 // 2 == 0 and 7 % 3 == 1 and 2 ^ 3 == 8 and 7 / 2 == 3.5 and -7 // 2 == -4",
	};
	for (size_t i = 0; i < VG_COUNT(truths); i++) {
		char body[400];
		vg_check_error error;
		snprintf(body, sizeof body, "return %s", truths[i]);
		const char *outcome = run_body(body, &error);
		CHECK(strcmp(outcome, "true") == 0, "%s\n    is %s %s", truths[i], outcome, error.text);
	}
}

/* What has no answer raises: a comparison with it would always be false. */
static void no_answer_raises(void)
{
	static const char *const bodies[] = {
	    "return math.sqrt(-1)",
	    "return math.log(0)",
	    "return math.log(-1)",
	    "return math.exp(1000)",
	    "return math.max()",
	    "return math.max(1, 0/0)",
	    "return math.floor('1')",
	    "return math.abs(nil)",
	    "return ('x'):rep(3)",
	    "return ('x'):find('x')",
	    "return string.rep",
	    "return string.gsub",
	    "return math.random",
	    "return math.huge",
	    "return math.pi",
	    "return p.other",
	    "return this_order.other",
	    "return p[1]",
	    "return p[nil]",
	    "p.number = 1",
	    "this_order.x = 1",
	    "x = 1",
	    "return x",
	    "return pairs",
	    "return next",
	    "return pcall",
	    "return getmetatable",
	    "return setmetatable",
	    "return rawget",
	    "return load",
	    "return require",
	    "return os",
	    "return io",
	    "return debug",
	    "return coroutine",
	    "return table",
	    "return utf8",
	    "return print",
	    "return assert",
	    "return _G",
	    "return collectgarbage",
	    "return unpack",
	    "return '1' + 1",
	    "return '10' < 9",
	    "return {} .. ''",
	    "return #5",
	    "return nil > 1",
	    "return ipairs('x')",
	    "return ipairs(p)",
	    "return select(0)",
	    "return select(-5, 1)",
	    "return select('x')",
	    "return tonumber('10', 2)",
	    "return tonumber()",
	    "return type()",
	    "return tostring()",
	    "return contains('x')",
	    "return contains(1, 2)",
	    "return string.format('%q', 'x')",
	    "return string.format('%p', {})",
	    "return string.format('%100d', 1)",
	    "return string.format('%.100f', 1)",
	    "return string.format('%d', 'x')",
	    "return string.format('%d', 1.5)",
	    "return string.format('%d')",
	    "return string.format('%f', 0/0)",
	    "return string.format('%')",
	    "return string.format('%5')",
	    "return string.format('%c', 65)",
	    "math.max = 1",
	    "string.format = 1",
	    "ipairs = 1",
	    "_ENV.x = 1",
	    "return p()",
	    "return p .. ''",
	    "return p + 1",
	    "return p < p",
	    "return #p",
	    "error()",
	    "error('x')",
	    "error({})",
	    "error(p)",
	    "local x = p.text x.y = 1",
	};
	for (size_t i = 0; i < VG_COUNT(bodies); i++) {
		vg_check_error error;
		const char *outcome = run_body(bodies[i], &error);
		CHECK(strcmp(outcome, "error") == 0, "%s\n    is %s instead of raising", bodies[i], outcome);
		CHECK(strstr(error.text, "hostile.lua:1"), "%s\n    the error does not tell its place: %s", bodies[i],
		      error.text);
		CHECK(!strstr(error.text, "Smith") && !strstr(error.text, "ibuprofen") && !strstr(error.text, "0x"),
		      "%s\n    the error tells data: %s", bodies[i], error.text);
	}
}

static void results(void)
{
	static const struct {
		const char *body, *outcome;
	} cases[] = {
	    {"return true", "true"},
	    {"return false", "false"},
	    {"return nil", "unknown"},
	    {"return", "unknown"},
	    {"", "unknown"},
	    {"return 1", "result"},
	    {"return 'x'", "result"},
	    {"return {}", "result"},
	    {"return p", "result"},
	    {"return true, 1", "true"},
	    {"return function() end", "result"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_check_error error;
		CHECK_TEXT(run_body(cases[i].body, &error), cases[i].outcome);
	}
}

/* In a child process, which ends here: the C library does not give back all that a locale needs. */
static void child_with_comma(const char *folder)
{
	setenv("LOCPATH", folder, 1);
	locale_t comma = newlocale(LC_ALL_MASK, "comma", (locale_t)0);
	if (!comma)
		_exit(2);
	uselocale(comma);
	unsigned failed_before = CU_get_number_of_failures();
	vg_check_error error;
	CHECK_TEXT(run_body("return 1.5 .. '' == '1.5' and tostring(0.25) == '0.25' and tonumber('1.5') == 1.5 and "
			    "tonumber('1,5') == nil and string.format('%.1f', 1.5) == '1.5' and ('a' < 'B') == false",
			    &error),
		   "true");
	allow_list_answers();
	char text[16];
	snprintf(text, sizeof text, "%.1f", 1.5);
	CHECK_TEXT(text, "1,5"); /* the caller's locale is his again */
	test_load loaded;
	load_text(&loaded, "rule \"a\" { at_most = 1.5 }");
	size_t count;
	const vg_declaration *declarations = vg_script_declarations(loaded.script, &count);
	CHECK(count == 1 && declarations[0].body.fields[0].value.number == 1.5, "1.5 is read as another number");
	unload(&loaded);
	_exit(CU_get_number_of_failures() != failed_before);
}

/* Numbers look the same under a locale whose decimal sign is a comma; it is made here, since the system may have none. */
static void locale_does_not_matter(void)
{
	char command[200];
	const char *folder = make_folder();
	snprintf(command, sizeof command, "localedef -c -f UTF-8 -i de_DE %s/comma >/dev/null 2>&1", folder);
	bool made = system(command) == 0;
	if (!made)
		printf("skipped: no locale with a decimal comma can be made here\n");
	fflush(NULL);
	pid_t child = made ? fork() : -1;
	if (child == 0)
		child_with_comma(folder);
	int status = 0;
	if (child > 0)
		CHECK(waitpid(child, &status, 0) == child && status == 0, "numbers differ where the decimal point is a comma");
	remove_folder(folder);
}

const test_case test_cases_sandbox[] = {{"what is allowed gives the right answers", allow_list_answers},
					{"what is not allowed, or has no answer, raises and tells no data", no_answer_raises},
					{"true, false, nil; anything else is an error", results},
					{"the locale does not matter", locale_does_not_matter},
					{0}};
