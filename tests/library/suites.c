#include "support/support.h"

extern const test_case test_cases_markdown[], test_cases_answer[], test_cases_engine[], test_cases_worker[],
    test_cases_builder[];

const test_suite test_suites[] = {{"Markdown, summaries, codes, uuids", test_cases_markdown},
				  {"an answer as JSON and cards", test_cases_answer},
				  {"the engine", test_cases_engine},
				  {"workers, records and results", test_cases_worker},
				  {"the record builder", test_cases_builder},
				  {0}};
