/* The checker: calls by number, keeps nothing, recovers from everything. */
#include "script/script_tests.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char rules[] =
    "rule \"above\" { needs = { n = latest \"n\" }, check = function(p) return p.n > 3 end }\n"
    "rule \"loops\" { needs = { n = latest \"n\" }, check = function(p) while p.n do end return true end }\n"
    "rule \"fails\" { needs = { n = latest \"n\" }, check = function(p) return p.n < \"x\" end }\n"
    "rule \"order\" { check = function(p, this_order) return this_order and this_order.renewal end }\n"
    "rule \"state\" { check = function(p)\n"
    "local count = 0\nlocal function add() count = count + 1 return count end\nadd()\nreturn add() == 2 end }\n";

static bool call(vg_checker *checker, uint32_t check, double number, vg_truth *truth, vg_check_error *error)
{
	vg_argument argument = {"n", VG_ARGUMENT_NUMBER, number, NULL, false};
	return vg_checker_call(checker, check, &argument, 1, NULL, 0, truth, error);
}

static void calls_by_number(void)
{
	test_load loaded;
	vg_checker *checker;
	vg_check_error error = {.code = ""};
	vg_truth truth;
	load_text(&loaded, rules);
	CHECK(loaded.findings.errors == 0, "%zu findings", loaded.findings.count);
	CHECK(vg_checker_open(loaded.script, &vg_system_allocator, &checker, NULL) == VIGIL_OK, "no checker");
	CHECK(call(checker, 0, 4, &truth, &error) && truth == VG_TRUE, "4 is not above 3");
	CHECK(call(checker, 0, 2, &truth, &error) && truth == VG_FALSE, "2 is above 3");
	for (int i = 0; i < 3; i++)
		CHECK(call(checker, 4, 1, &truth, &error) && truth == VG_TRUE, "a count is kept from call to call");
	vg_argument order = {"renewal", VG_ARGUMENT_BOOLEAN, 0, NULL, true};
	CHECK(vg_checker_call(checker, 3, NULL, 0, &order, 1, &truth, &error) && truth == VG_TRUE,
	      "this_order.renewal is not true");
	CHECK(vg_checker_call(checker, 3, NULL, 0, NULL, 0, &truth, &error) && truth == VG_UNKNOWN,
	      "this_order is there without an order");
	vg_checker_close(checker);
	unload(&loaded);
}

static void recovers(void)
{
	test_load loaded;
	vg_checker *checker;
	vg_check_error error = {.code = ""};
	vg_truth truth = VG_UNKNOWN;
	load_text(&loaded, rules);
	CHECK(vg_checker_open(loaded.script, &vg_system_allocator, &checker, NULL) == VIGIL_OK, "no checker");
	for (int i = 0; i < 5; i++) {
		CHECK(!call(checker, 1, 1, &truth, &error) &&
			  (!strcmp(error.code, "time") || !strcmp(error.code, "instructions")),
		      "an endless loop ends with %s", error.code);
		CHECK(strstr(error.text, "rules.lua:2") != NULL, "%s", error.text);
		CHECK(!call(checker, 2, 1, &truth, &error), "an error is no error");
		CHECK_TEXT(error.code, "error");
		CHECK(strstr(error.text, "rules.lua:3 failed: attempt to compare") != NULL, "%s", error.text);
		CHECK(truth == VG_UNKNOWN, "a failed call wrote a truth");
		CHECK(call(checker, 0, 4, &truth, &error) && truth == VG_TRUE, "the next call is harmed");
		truth = VG_UNKNOWN;
	}
	vg_checker_close(checker);
	unload(&loaded);
}

/* The same numbers in the states of two threads, in whatever order the functions are called. */
static void numbers_do_not_depend_on_order(void)
{
	test_load loaded;
	vg_checker *first = NULL, *second = NULL;
	vg_check_error error = {.code = ""};
	vg_truth truth;
	load_text(&loaded, rules);
	CHECK(vg_checker_open(loaded.script, &vg_system_allocator, &first, NULL) == VIGIL_OK &&
		  vg_checker_open(loaded.script, &vg_system_allocator, &second, NULL) == VIGIL_OK,
	      "no checkers");
	CHECK(call(first, 4, 1, &truth, &error) && truth == VG_TRUE, "state");
	CHECK(call(first, 0, 4, &truth, &error) && truth == VG_TRUE, "above");
	CHECK(call(second, 0, 4, &truth, &error) && truth == VG_TRUE, "above");
	CHECK(call(second, 4, 1, &truth, &error) && truth == VG_TRUE, "state");
	vg_checker_close(first);
	vg_checker_close(second);
	unload(&loaded);
}

static void survives_every_failed_allocation(void)
{
	test_load loaded;
	load_text(&loaded, rules);
	size_t failures = 0;
	for (size_t at = 1;; at++) {
		test_allocator state = {.fail_at = at};
		vg_allocator allocator = {test_resize, &state};
		vg_checker *checker = NULL;
		vg_check_error error = {.code = ""};
		vg_truth truth;
		if (vg_checker_open(loaded.script, &allocator, &checker, NULL) == VIGIL_OK) {
			bool good = call(checker, 4, 1, &truth, &error) && truth == VG_TRUE;
			failures += !good;
			CHECK(good || strcmp(error.code, "no_memory") == 0, "allocation %zu failed: %s %s", at, error.code,
			      error.text);
			good = call(checker, 0, 4, &truth, &error) && truth == VG_TRUE;
			CHECK(good, "after allocation %zu failed, the next call fails: %s", at, error.text);
			vg_checker_close(checker);
		} else {
			failures++;
		}
		CHECK(state.live_blocks == 0 && state.live_bytes == 0, "allocation %zu failed: %zu blocks are left", at,
		      state.live_blocks);
		if (state.calls < at)
			break;
	}
	CHECK(failures > 50, "only %zu failures", failures);
	unload(&loaded);
}

/* A state does not grow with the number of calls, and does not slow down. */
static void does_not_grow(void)
{
	test_load loaded;
	load_text(&loaded, "rule \"a\" { needs = { n = latest \"n\" }, check = function(p)\n"
			   "local t = { p.n, tostring(p.n) .. \"x\" }\nreturn t[1] > 3 end }");
	peak_allocator peak = {0};
	vg_allocator allocator = {peak_resize, &peak};
	vg_checker *checker;
	vg_check_error error = {.code = ""};
	vg_truth truth = VG_FALSE;
	CHECK(vg_checker_open(loaded.script, &allocator, &checker, NULL) == VIGIL_OK, "no checker");
	size_t early = 0;
	for (int i = 0; i < 200000; i++) {
		if (!call(checker, 0, i + 4, &truth, &error) || truth != VG_TRUE) {
			CHECK(false, "call %d: %s", i, error.text);
			break;
		}
		if (i == 1000)
			early = peak.peak;
	}
	CHECK(early > 0 && peak.peak <= early + 100000, "%zu bytes after 1,000 calls, %zu after 200,000", early, peak.peak);
	vg_checker_close(checker);
	CHECK(peak.live == 0, "%zu bytes are left", peak.live);
	unload(&loaded);
}

const test_case test_cases_checker[] = {{"by number, with arguments and an order", calls_by_number},
					{"errors and limits end one call, the next one works", recovers},
					{"numbers are the same in every state", numbers_do_not_depend_on_order},
					{"each allocation failed in turn", survives_every_failed_allocation},
					{"two hundred thousand calls need no more memory than a thousand", does_not_grow},
					{0}};
