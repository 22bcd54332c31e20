#include "support/support.h"

extern const test_case test_cases_hooks[];

const test_suite test_suites[] = {{"calls, feedback and the native interface", test_cases_hooks}, {0}};
