/* The suites of the rule floor. */
#include "support/support.h"

extern const test_case test_cases_words[], test_cases_patient[], test_cases_drugs[], test_cases_results[], test_cases_events[],
    test_cases_orders[], test_cases_logic[], test_cases_compile[], test_cases_findings[], test_cases_schedule[],
    test_cases_sentences[], test_cases_trigger[], test_cases_properties[], test_cases_memory[];

const test_suite test_suites[] = {
    {"the vocabulary", test_cases_words},
    {"words about the patient, problems and allergies", test_cases_patient},
    {"words about drugs", test_cases_drugs},
    {"words about results", test_cases_results},
    {"words about events", test_cases_events},
    {"words about orders", test_cases_orders},
    {"logic", test_cases_logic},
    {"declarations and rows to rules", test_cases_compile},
    {"findings", test_cases_findings},
    {"schedules and needs", test_cases_schedule},
    {"sentences", test_cases_sentences},
    {"the trigger index", test_cases_trigger},
    {"properties of all words", test_cases_properties},
    {"memory", test_cases_memory},
    {0},
};
