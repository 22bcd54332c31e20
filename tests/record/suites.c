/* The suites of the record floor. */
#include "support/support.h"

extern const test_case test_cases_json_scan[], test_cases_json_entries[];

const test_suite test_suites[] = {
	{"strict JSON scan", test_cases_json_scan},
	{"resources found by the scan", test_cases_json_entries},
	{NULL, NULL},
};
