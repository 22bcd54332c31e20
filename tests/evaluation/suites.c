#include "support/support.h"

extern const test_case test_cases_cases[], test_cases_properties[], test_cases_memory[], test_cases_world[],
    test_cases_answer[];
extern const test_case test_cases_example[], test_cases_authoring[], test_cases_boundaries[], test_cases_impact[],
    test_cases_narrow[], test_cases_crowds[];

const test_suite test_suites[] = {
    {"worlds", test_cases_world},
    {"cases as folders", test_cases_cases},
    {"answers", test_cases_answer},
    {"properties", test_cases_properties},
    {"memory", test_cases_memory},
    {"examples", test_cases_example},
    {"authoring tools", test_cases_authoring},
    {"boundaries", test_cases_boundaries},
    {"impact", test_cases_impact},
    {"narrow worlds", test_cases_narrow},
    {"crowds", test_cases_crowds},
    {0},
};
