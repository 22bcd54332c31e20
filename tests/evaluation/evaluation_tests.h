/*
 * What the tests of the evaluation floor share: one world from
 * fixtures/packs/cases, cases read from folders, and an answer as a compact
 * text that a reviewer can read line by line.
 */
#ifndef VG_EVALUATION_TESTS_H
#define VG_EVALUATION_TESTS_H

#include <stdio.h>
#include <string.h>

#include "evaluation/evaluation.h"
#include "support/support.h"

#define CASES_PACK "fixtures/packs/cases"

/* The world of the cases, opened once; NULL after a failed check. */
vg_world *cases_world(void);
void cases_world_close(void);
vigil_status cases_world_open(const vg_allocator *allocator, vg_findings *findings, vg_world **ret, vigil_error *err);

/* A question with its records; everything of it is freed by sample_close. */
typedef struct test_sample {
	vg_arena arena;
	vg_record *record;
	vg_record *orders[8];
	size_t order_count;
	vg_question question;
} test_sample;
/* Reads texts; `record` may be NULL for a patient of whom nothing is known but that everything is complete. */
bool sample_open(test_sample *out, vg_world *world, const char *record, const char *const *orders, size_t order_count,
		 const char *as_of);
void sample_close(test_sample *sample);
/* Reads fixtures/cases/NAME: record.json, order*.json, args. */
bool sample_read(test_sample *out, vg_world *world, const char *folder, const vg_allocator *allocator);

/* The answer: alerts, screenings, what was not known.  `details`: with texts and evidence. */
const char *answer_text(const vg_answer *answer, bool details, vg_arena *arena);
/* Evaluates and tells; "" after a failed check. */
const char *ask(vg_evaluator *evaluator, test_sample *sample, bool details, vg_arena *arena);

/* FHIR resources for samples, in static buffers of their own (eight of each may be alive). */
const char *bundle(const char *const *resources, size_t count, vg_arena *arena);
#define BUNDLE(arena, ...)                                                                                                     \
	bundle((const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), arena)
const char *patient_json(const char *birth, const char *sex, vg_arena *arena);
const char *drug_json(const char *id, const char *rxnorm, const char *status, const char *date, vg_arena *arena);
const char *allergy_json(const char *id, const char *system, const char *code, const char *extra, vg_arena *arena);
const char *result_json(const char *id, const char *loinc, const char *value, const char *unit, const char *date,
			vg_arena *arena);
const char *test_json(const char *id, const char *loinc, const char *status, const char *date, vg_arena *arena);
const char *condition_json(const char *id, const char *system, const char *code, const char *onset, vg_arena *arena);
const char *procedure_json(const char *id, const char *snomed, const char *date, vg_arena *arena);

#endif
