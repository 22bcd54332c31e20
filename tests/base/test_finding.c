/* Findings: the catalogue is sound, lists are whole, sorted and without doubles. */
#include "base/base.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void catalogue_is_sound(void)
{
	int last = 0;
	CHECK(VG_FINDING_CODES > 4, "the catalogue is empty");
	for (size_t i = 0; i < VG_FINDING_CODES; i++) {
		const vg_finding_kind *kind = vg_finding_kind_of((vg_finding_code)i);
		CU_ASSERT_PTR_NOT_NULL_FATAL(kind);
		int number = 0;
		CHECK(sscanf(kind->code, "VG%3d", &number) == 1 && strlen(kind->code) == 5,
		      "the code %s is not VG and three digits", kind->code);
		CHECK(number > last && number >= 100 && number < 600, "the code %s is out of order or range", kind->code);
		last = number;
		CHECK(strspn(kind->name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(kind->name) && kind->name[0],
		      "%s has the name \"%s\"", kind->code, kind->name);
		CHECK(kind->title[0] && kind->why[0] && kind->wrong[0] && kind->right[0], "%s does not explain itself",
		      kind->code);
		CHECK(strcmp(kind->wrong, kind->right) != 0, "%s shows the wrong as right", kind->code);
		const char *texts[] = {kind->title, kind->why, kind->wrong, kind->right};
		for (size_t j = 0; j < VG_COUNT(texts); j++)
			CHECK(vg_utf8_valid(texts[j], strlen(texts[j])), "%s is not UTF-8", kind->code);
		CHECK(vg_finding_kind_find(kind->code) == kind, "%s is not found by its code", kind->code);
		for (size_t j = 0; j < i; j++)
			CHECK(!vg_same_text(kind->name, vg_finding_kind_of((vg_finding_code)j)->name),
			      "the name %s comes twice", kind->name);
	}
	CHECK_TEXT(vg_finding_kind_of(VG100)->code, "VG100");
	CHECK(vg_finding_kind_of(VG_FINDING_CODES) == NULL, "there is a kind behind the last");
	CHECK(!vg_finding_kind_find("VG999") && !vg_finding_kind_find("") && !vg_finding_kind_find("vg100") &&
		  !vg_finding_kind_find(NULL),
	      "a code is made up");
}

static void lists_own_their_texts(void)
{
	vg_findings findings;
	vg_findings_init(&findings, NULL);
	char file[] = "a.lua", rule[] = "wf01", advice[] = "mend it", word[] = "takng";
	vg_report(&findings, VG200, (vg_place){file, 3, 7}, rule, advice, "unknown word \"%s\"", word);
	memset(file, 'x', 5);
	memset(rule, 'x', 4);
	memset(advice, 'x', 7);
	memset(word, 'x', 5);
	CU_ASSERT_EQUAL_FATAL(findings.count, 1);
	const vigil_finding *finding = &findings.items[0];
	CU_ASSERT_EQUAL(finding->size, sizeof *finding);
	CHECK_TEXT(finding->code, "VG200");
	CU_ASSERT_EQUAL(finding->level, VIGIL_ERROR);
	CHECK_TEXT(finding->file, "a.lua");
	CU_ASSERT_EQUAL(finding->line, 3);
	CU_ASSERT_EQUAL(finding->column, 7);
	CHECK_TEXT(finding->rule, "wf01");
	CHECK_TEXT(finding->advice, "mend it");
	CHECK_TEXT(finding->text, "unknown word \"takng\"");
	vg_report(&findings, VG500, (vg_place){NULL, 0, 0}, NULL, NULL, "x");
	CHECK(!findings.items[1].file && !findings.items[1].rule && !findings.items[1].advice, "nothing became something");
	CU_ASSERT_EQUAL(findings.errors, 1);
	vg_findings_free(&findings);
	CU_ASSERT_EQUAL(findings.count, 0);
}

static void cuts_long_texts_between_characters(void)
{
	vg_findings findings;
	vg_findings_init(&findings, NULL);
	for (size_t lead = 0; lead < 3; lead++) {
		char text[4000] = "";
		memset(text, 'a', lead);
		for (int i = 0; i < 1000; i++)
			strcat(text, "€");
		vg_report(&findings, VG200, (vg_place){"a", 1, 1}, NULL, NULL, "%s", text);
		const char *got = findings.items[lead].text;
		CHECK(vg_utf8_valid(got, strlen(got)) && strlen(got) > 1000 && strstr(got, "…"), "a long text is cut badly");
	}
	vg_findings_free(&findings);
}

static void sorts_and_removes_doubles(void)
{
	static const struct {
		const char *file;
		int line, column;
		vg_finding_code code;
		const char *text;
	} given[] = {
	    {"b.lua", 1, 1, VG200, "b1"},       {"a.lua", 10, 1, VG200, "a10"},     {"a.lua", 2, 5, VG200, "a2-5"},
	    {"a.lua", 2, 1, VG400, "a2-1-400"}, {"a.lua", 2, 1, VG100, "a2-1-100"}, {"a.lua", 2, 5, VG200, "a2-5"},
	    {NULL, 0, 0, VG500, "nowhere"},     {"a.lua", 2, 5, VG200, "another"},  {"b.lua", 1, 1, VG200, "b1"},
	    {"b.lua", 1, 1, VG200, "b1"},
	};
	static const char expected[] = "nowhere a2-1-100 a2-1-400 a2-5 another a10 b1 ";
	for (size_t turn = 0; turn < VG_COUNT(given); turn++) {
		vg_findings findings;
		vg_findings_init(&findings, NULL);
		for (size_t i = 0; i < VG_COUNT(given); i++) {
			size_t k = (i * 7 + turn) % VG_COUNT(given);
			vg_report(&findings, given[k].code, (vg_place){given[k].file, given[k].line, given[k].column}, NULL,
				  NULL, "%s", given[k].text);
		}
		CU_ASSERT_EQUAL(findings.errors, 9);
		vg_findings_sort(&findings);
		vg_findings_sort(&findings);
		char got[256] = "";
		for (size_t i = 0; i < findings.count; i++) {
			strcat(got, findings.items[i].text);
			strcat(got, " ");
		}
		CHECK_TEXT(got, expected);
		CU_ASSERT_EQUAL(findings.errors, 6);
		vg_findings_free(&findings);
	}
}

static void running_out_is_known(void)
{
	for (size_t fail_at = 1;; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		vg_allocator allocator = {test_resize, &state};
		vg_findings findings;
		vg_findings_init(&findings, &allocator);
		for (int i = 0; i < 200; i++)
			vg_report(&findings, VG200, (vg_place){"a.lua", i, 1}, "rule", "advice", "finding %d", i);
		bool failed = state.calls >= fail_at;
		CHECK(findings.arena.failed == failed, "failure %zu is not known", fail_at);
		CHECK(failed == (findings.count < 200), "after failure %zu there are %zu findings", fail_at, findings.count);
		CHECK(findings.errors == 200, "errors that could not be kept are not counted: %zu", findings.errors);
		for (size_t i = 0; i < findings.count; i++)
			CHECK(findings.items[i].text && findings.items[i].advice && findings.items[i].file,
			      "a finding is half there");
		vg_findings_sort(&findings);
		vg_findings_free(&findings);
		CHECK(state.live_bytes == 0, "%zu bytes are lost", state.live_bytes);
		if (!failed) {
			CHECK(fail_at > 3, "too few allocations to test");
			return;
		}
	}
}

const test_case test_cases_finding[] = {
    {"each code is unique, in order, and explains itself", catalogue_is_sound},
    {"a list owns its texts", lists_own_their_texts},
    {"long texts are cut between characters", cuts_long_texts_between_characters},
    {"lists are sorted, doubles removed, whatever the order", sorts_and_removes_doubles},
    {"running out of memory is known and errors still count", running_out_is_known},
    {NULL, NULL},
};
