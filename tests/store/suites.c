/* The suites of the store floor. */
#include "support/support.h"

extern const test_case test_cases_journal[], test_cases_journal_damage[], test_cases_packed[];

const test_suite test_suites[] = {
    {"journal", test_cases_journal},
    {"tampering with the journal", test_cases_journal_damage},
    {"packed records", test_cases_packed},
    {0},
};
