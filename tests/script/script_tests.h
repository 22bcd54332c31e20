/*
 * What the tests of the script floor share: a source text goes in, findings
 * and declarations come out as one line each.
 */
#ifndef VG_SCRIPT_TESTS_H
#define VG_SCRIPT_TESTS_H

#include "script/script_internal.h"
#include "support/support.h"

typedef struct test_load {
	vg_findings findings;
	vg_script *script; /* NULL when loading failed */
	vigil_status status;
	vigil_error error;
} test_load;

/* Writes the text to a file of its own and loads that file. */
void load_text(test_load *loaded, const char *text);
void load_bytes(test_load *loaded, const char *bytes, size_t length);
void load_folders(test_load *loaded, const char *const *folders, size_t count, const vg_allocator *allocator);
void unload(test_load *loaded);

/* "VG104@2:17 VG200@3:1", in order of place. */
const char *findings_text(const test_load *loaded, vg_arena *arena);
/* The first finding with this code; NULL. */
const vigil_finding *finding_of(const test_load *loaded, const char *code);
/* A declaration as "rule x {if_all = {latest("INR") :is_above("4")}}". */
const char *declaration_text(const vg_declaration *declaration, vg_arena *arena, bool with_places);

/* A temporary folder, with files; removed again by remove_folder. */
const char *make_folder(void);
void write_file(const char *folder, const char *name, const char *bytes, size_t length);
void remove_folder(const char *folder);

/* Calls the body of a check function that did not pass the token check: the sandbox alone.
 * Returns the outcome: "true", "false", "unknown", or the code of its error. */
const char *run_body(const char *body, vg_check_error *error);

/* An allocator that remembers the most bytes that lived at once. */
typedef struct peak_allocator {
	size_t live, peak;
} peak_allocator;
void *peak_resize(void *user, void *old, size_t old_size, size_t new_size);

extern const test_case test_cases_lexer[], test_cases_tokens[], test_cases_functions[], test_cases_words[], test_cases_load[],
    test_cases_sandbox[], test_cases_checker[], test_cases_hostile[], test_cases_format[], test_cases_fuzz[];

#endif
