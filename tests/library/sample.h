/*
 * An answer put together by hand, with everything in it that an answer can
 * have, and whose texts try to break out of JSON, Markdown and HTML.
 */
#ifndef VG_TESTS_LIBRARY_SAMPLE_H
#define VG_TESTS_LIBRARY_SAMPLE_H

#include "library/library.h"

#define HOSTILE "<script>alert(1)</script> [x](javascript:y) **b** | `c` www.evil.example http://evil.example a@b.example"

typedef struct answer_sample {
	vg_world world;
	vg_rulebook rulebook;
	vg_rule rule;
	vg_pack pack;
	char digests[1][65];
	vg_record record;
	vg_clinical_fact order, colonoscopy;
	vg_shown evidence[2];
	vg_suggestion suggestions[4], reminder[1];
	vg_alert alerts[3];
	vg_screening screenings[4];
	vg_not_evaluated not_evaluated[1];
	vg_not_checked not_checked[2];
	vg_rule_error errors[1];
	vg_answer answer;
} answer_sample;
void make_sample(answer_sample *sample, vg_hook hook);

/* What the tests that need an engine share: the pack beside them, an allocator. */
#define TEST_PACK "tests/library/pack"
vigil_engine *open_test_engine(void); /* NULL, after a failed check, when it cannot be opened */
extern const char test_record[];      /* a Bundle: warfarin, an eGFR of 24, sixty years old, no colonoscopy */
extern const char test_ibuprofen[];   /* orders */
extern const char test_metformin[];

#endif
