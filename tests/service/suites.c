#include "support/support.h"

extern const test_case test_cases_auth[], test_cases_client[], test_cases_config[], test_cases_http[], test_cases_hostile[],
    test_cases_hooks[], test_cases_journal[];

const test_suite test_suites[] = {{"tokens", test_cases_auth},
				  {"asking other servers", test_cases_client},
				  {"settings, endpoints, refusals", test_cases_config},
				  {"the transport", test_cases_http},
				  {"hostile requests", test_cases_hostile},
				  {"calls, feedback and the native interface", test_cases_hooks},
				  {"what the journal is told", test_cases_journal},
				  {0}};
