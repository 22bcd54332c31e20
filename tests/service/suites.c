#include "support/support.h"

extern const test_case test_cases_auth[], test_cases_auth_keys[], test_cases_auth_seen[], test_cases_client[],
    test_cases_config[], test_cases_http[], test_cases_http_load[], test_cases_http_queue[], test_cases_hostile[],
    test_cases_hooks[], test_cases_journal[], test_cases_items_request[], test_cases_items_answer[],
    test_cases_items_security[], test_cases_examples[], test_cases_openapi[], test_cases_fetch[], test_cases_coordination[],
    test_cases_operations[], test_cases_tls[];

const test_suite test_suites[] = {{"tokens", test_cases_auth},
				  {"keys and signatures", test_cases_auth_keys},
				  {"ids of tokens", test_cases_auth_seen},
				  {"asking other servers", test_cases_client},
				  {"settings, endpoints, refusals", test_cases_config},
				  {"the transport", test_cases_http},
				  {"the transport under load", test_cases_http_load},
				  {"who answers", test_cases_http_queue},
				  {"hostile requests", test_cases_hostile},
				  {"calls, feedback and the native interface", test_cases_hooks},
				  {"what the journal is told", test_cases_journal},
				  {"items 1 to 23, against a running server", test_cases_items_request},
				  {"items 24 to 42", test_cases_items_answer},
				  {"items 43 to 56", test_cases_items_security},
				  {"official examples", test_cases_examples},
				  {"docs/service/openapi.json", test_cases_openapi},
				  {"fetching from a FHIR server", test_cases_fetch},
				  {"order-select and order-sign together", test_cases_coordination},
				  {"what operators see", test_cases_operations},
				  {"the certificate", test_cases_tls},
				  {0}};
