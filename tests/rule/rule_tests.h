/*
 * What the rule floor's tests share: the pack tests/rule/pack, rules and
 * conditions written as in a rule file, records written as one line.
 *
 * A record is a list of entries, separated by semicolons:
 *
 *     born 1950-02-03; sex female; died on=2026-01-01; setting inpatient; no procedures; since results 2024-01-01
 *     med warfarin on=2025-01-01 to=2025-02-01 status=stopped route=oral dose=2 per=3 every=7 renews=med/1
 *     order ibuprofen …      draft omeprazole …          (like med)
 *     test FIT on=…          an order of a test among the orders; service colonoscopy on=… in the chart
 *     lab eGFR 24 mL/min/{1.73_m2} on=2026-01-02 status=final at=2026-01-02T10:00:00Z issued=…
 *     coded FIT positive on=…      text INR hemolyzed on=…      bp 150/95 on=…
 *     cond diabetes on=… to=… status=active      proc colonoscopy on=… status=completed
 *     shot zoster on=…      visit dialysis on=… to=… status=finished      report FIT on=… [positive]
 *     allergy penicillin status=active type=intolerance severity=severe reaction=anaphylaxis
 *     family breast-cancer
 *
 * The names of codes are in the table in rule_tests.c.
 */
#ifndef VG_RULE_TESTS_H
#define VG_RULE_TESTS_H

#include "rule/rule_internal.h"
#include "support/support.h"

const vg_knowledge *test_knowledge(void); /* opened once; ends the program when it cannot be */

/* ---- rules as text ---- */

typedef struct test_source {
	vg_arena arena;
	vg_declaration *declarations;
	size_t count, capacity;
} test_source;
/* Reads statements, `kind "id" { … }`, of layer `pack`; a failed check when the text has no such form. */
void source_read(test_source *source, const char *text, uint32_t pack);
void source_free(test_source *source);

typedef struct test_book {
	test_source source;
	vg_findings findings;
	vg_rulebook *book; /* NULL after a failed check */
} test_book;
/* The tables of the pack become rules too, so that a rule is found by its id.
 * Definitions that the tables name are added. */
test_book book_of(const char *text);
test_book book_of_layers(const char *first, const char *second);
void book_close(test_book *book);
const vg_rule *book_rule(const test_book *book, const char *id);            /* NULL: none */
const vigil_finding *book_finding(const test_book *book, const char *code); /* NULL: none */
const char *book_findings(const test_book *book);                           /* all, for messages; static */

/* ---- records as text ---- */

typedef struct test_scene {
	vg_scene scene;
	vg_record *record, *orders, *drafts;
	const vg_clinical_fact *order_list[16], *draft_list[16];
	uint8_t activity[256];
	char setting[32];
} test_scene;
/* `as_of` is a date or a dateTime. */
test_scene *scene_of(const vg_rulebook *book, const char *record, const char *as_of);
void scene_close(test_scene *scene);

/* ---- truth tables ---- */

typedef struct truth_row {
	const char *condition, *record;
	vg_truth expected;
} truth_row;
#define TEST_DAY "2026-03-01"
/* Each row on TEST_DAY, with and without a look: both must agree, and what is unknown must say why. */
void check_truths(const truth_row *rows, size_t count, const char *as_of);
#define CHECK_TRUTHS(rows) check_truths((rows), VG_COUNT(rows), TEST_DAY)
#define T VG_TRUE
#define F VG_FALSE
#define U VG_UNKNOWN

#endif
