/* Kleene's three values, all of the tables. */
#include "base/base.h"
#include "support/support.h"

/* What an unknown could be decides: a result is known when both possibilities agree. */
static vg_truth by_cases(vg_truth a, vg_truth b, bool all)
{
	bool can_be_true = false, can_be_false = false;
	for (int x = 0; x < 2; x++)
		for (int y = 0; y < 2; y++) {
			if ((a != VG_UNKNOWN && (int)a != x) || (b != VG_UNKNOWN && (int)b != y))
				continue;
			bool result = all ? x && y : x || y;
			can_be_true |= result;
			can_be_false |= !result;
		}
	return can_be_true && can_be_false ? VG_UNKNOWN : can_be_true ? VG_TRUE : VG_FALSE;
}

static void follows_the_cases(void)
{
	static const vg_truth values[] = {VG_FALSE, VG_TRUE, VG_UNKNOWN};
	for (size_t i = 0; i < 3; i++) {
		for (size_t j = 0; j < 3; j++) {
			vg_truth a = values[i], b = values[j];
			CHECK(vg_and(a, b) == by_cases(a, b, true), "%s and %s is %s", vg_truth_text(a), vg_truth_text(b),
			      vg_truth_text(vg_and(a, b)));
			CHECK(vg_or(a, b) == by_cases(a, b, false), "%s or %s is %s", vg_truth_text(a), vg_truth_text(b),
			      vg_truth_text(vg_or(a, b)));
			CHECK(vg_not(vg_and(a, b)) == vg_or(vg_not(a), vg_not(b)), "De Morgan fails");
		}
		CU_ASSERT_EQUAL(vg_not(vg_not(values[i])), values[i]);
	}
	CU_ASSERT_EQUAL(vg_not(VG_TRUE), VG_FALSE);
	CU_ASSERT_EQUAL(vg_not(VG_UNKNOWN), VG_UNKNOWN);
	CHECK_TEXT(vg_truth_text(VG_TRUE), "true");
	CHECK_TEXT(vg_truth_text(VG_FALSE), "false");
	CHECK_TEXT(vg_truth_text(VG_UNKNOWN), "unknown");
}

const test_case test_cases_truth[] = {
    {"and, or, not are what all possibilities agree on", follows_the_cases},
    {NULL, NULL},
};
