/*
 * What the record floor's tests share: a small knowledge (fixtures/records/pack),
 * JSON written with ' for ", and finding facts.
 */
#ifndef VG_TESTS_RECORD_SUPPORT_H
#define VG_TESTS_RECORD_SUPPORT_H

#include "record/record.h"
#include "support/support.h"

#include <math.h>
#include <string.h>

const vg_knowledge *test_knowledge(void); /* opened once; ends the program when it cannot be */
vg_watch test_watch(void);                /* every set; its slot is its number */
vg_set test_set(const char *name);        /* fails the test when there is none */

/* `'` stands for `"`.  NULL and a failed check when it is refused. */
vg_record *read_json(const char *quoted);
/* The error's text when it is refused as `expected`; a failed check otherwise. The text lives until the next call. */
const char *refused(const char *quoted, vigil_status expected);
/* A Bundle of type collection: Patient/p (born 1950-06-15, female) and the given resources, NULL at the end. */
char *bundle_of(const char *first, ...); /* to be given back with free() */
vg_record *record_of(const char *first, ...);
#define RECORD(...) record_of(__VA_ARGS__, NULL)
vg_record *read_file(const char *path);

const vg_clinical_fact *fact_at(const vg_record *record,
				const char *reference); /* first of that name; a failed check when none */
bool has_fact(const vg_record *record, const char *reference);
const vg_unused *unused_of(const vg_record *record, const char *reference); /* NULL: none */
vg_day day(const char *text);
const char *date_of(vg_when when); /* as vg_when_text; lives until the next but one call */
/* Everything that a record says, as one text to be compared; to be given back with free(). */
char *record_text(const vg_record *record);

/* Numbers that look random and are the same in every run. */
typedef struct random_source {
	uint64_t state;
} random_source;
size_t random_below(random_source *random, size_t limit);

#endif
