#include "support/support.h"

extern const test_case test_cases_cases[];

const test_suite test_suites[] = {
    {"cases as folders", test_cases_cases},
    {0},
};
