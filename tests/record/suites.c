/* The suites of the record floor. */
#include "support/support.h"

extern const test_case test_cases_json_scan[], test_cases_json_entries[], test_cases_json_keys[], test_cases_status[],
    test_cases_read[], test_cases_fixtures[], test_cases_facts[], test_cases_medications[], test_cases_hooks[],
    test_cases_builder[], test_cases_json_nodes[], test_cases_json_alike[], test_cases_fill[], test_cases_references[],
    test_cases_unreadable[];

const test_suite test_suites[] = {
    {"strict JSON scan", test_cases_json_scan},
    {"resources found by the scan", test_cases_json_entries},
    {"known member names", test_cases_json_keys},
    {"statuses", test_cases_status},
    {"nodes of JSON", test_cases_json_nodes},
    {"elements that are like others", test_cases_json_alike},
    {"references", test_cases_references},
    {"reading a record", test_cases_read},
    {"one patient in every form", test_cases_fixtures},
    {"facts", test_cases_facts},
    {"medications", test_cases_medications},
    {"what cannot be understood", test_cases_unreadable},
    {"CDS Hooks requests and orders", test_cases_hooks},
    {"filling a request", test_cases_fill},
    {"builder and sections", test_cases_builder},
    {NULL, NULL},
};
