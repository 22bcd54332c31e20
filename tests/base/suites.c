/* The suites of the base floor. */
#include "support/support.h"

extern const test_case test_cases_error[], test_cases_arena[], test_cases_buffer[], test_cases_text[], test_cases_number[],
    test_cases_map[], test_cases_file[], test_cases_truth[], test_cases_date[], test_cases_finding[], test_cases_processors[];

const test_suite test_suites[] = {
    {"errors", test_cases_error},     {"arenas", test_cases_arena},          {"buffers", test_cases_buffer},
    {"texts", test_cases_text},       {"numbers", test_cases_number},        {"maps and digests", test_cases_map},
    {"files", test_cases_file},       {"three values", test_cases_truth},    {"dates", test_cases_date},
    {"findings", test_cases_finding}, {"processors", test_cases_processors}, {NULL, NULL},
};
