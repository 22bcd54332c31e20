/* The suites of the knowledge floor. */
#include "support/support.h"

extern const test_case test_cases_csv[], test_cases_concept[], test_cases_set[], test_cases_closure[], test_cases_drug[],
    test_cases_name[], test_cases_allergen[], test_cases_unit[], test_cases_table[], test_cases_layer[], test_cases_finding[],
    test_cases_open[], test_cases_store[], test_cases_memory[];

const test_suite test_suites[] = {
    {"CSV", test_cases_csv},
    {"codes and concepts", test_cases_concept},
    {"sets", test_cases_set},
    {"closure against a slow one", test_cases_closure},
    {"drugs and routes", test_cases_drug},
    {"drugs by their names", test_cases_name},
    {"allergens and panels", test_cases_allergen},
    {"units", test_cases_unit},
    {"tables and pairs", test_cases_table},
    {"layers", test_cases_layer},
    {"findings of tables", test_cases_finding},
    {"opening", test_cases_open},
    {"the compiled file", test_cases_store},
    {"memory and threads", test_cases_memory},
    {NULL, NULL},
};
