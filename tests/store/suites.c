/* The suites of the store floor. */
#include "support/support.h"

extern const test_case test_cases_feed[], test_cases_summary[], test_cases_suppress[];
extern const test_case test_cases_journal[], test_cases_journal_damage[], test_cases_journal_keep[], test_cases_tail[],
    test_cases_tail_damage[], test_cases_packed[], test_cases_place[], test_cases_population[], test_cases_population_damage[],
    test_cases_power[], test_cases_statistics[];

const test_suite test_suites[] = {
    {"journal", test_cases_journal},
    {"tampering with the journal", test_cases_journal_damage},
    {"power cuts", test_cases_power},
    {"what happens behind the journal's rows", test_cases_journal_keep},
    {"the journal's tails", test_cases_tail},
    {"damage to the journal's tails", test_cases_tail_damage},
    {"figures of rules and their alarms", test_cases_statistics},
    {"packed records", test_cases_packed},
    {"records straight from their bytes", test_cases_place},
    {"population stores", test_cases_population},
    {"damage to population stores", test_cases_population_damage},
    {"lines, feeds and work in order", test_cases_feed},
    {"populations in sum", test_cases_summary},
    {"small numbers", test_cases_suppress},
    {0},
};
