/* The suites of the script floor. */
#include "script/script_tests.h"

const test_suite test_suites[] = {
    {"tokens are those of Lua 5.4", test_cases_lexer},
    {"what is not the language is told, with the right words", test_cases_tokens},
    {"check functions are looked at before they run", test_cases_functions},
    {"words become declarations with places", test_cases_words},
    {"packs are loaded whole", test_cases_load},
    {"the sandbox holds", test_cases_sandbox},
    {"check functions are called", test_cases_checker},
    {"hostile rules harm nobody", test_cases_hostile},
    {"files are tidied", test_cases_format},
    {"whatever bytes are called a rule file", test_cases_fuzz},
    {0},
};
