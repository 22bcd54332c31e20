/*
 * Shared by the files example*.c of the evaluation floor.
 *
 * An example goes three steps: example_build.c and example_given.c write what is
 * `given` as FHIR, example_run.c reads that like any other record and evaluates
 * it, example_expect.c compares the answer with what is expected.
 * example_rows.c writes and runs examples for the rows of the pair tables.
 */
#ifndef VG_EXAMPLE_INTERNAL_H
#define VG_EXAMPLE_INTERNAL_H

#include "evaluation/evaluation.h"

/* What is being written: the chart, and the orders being made. */
typedef struct vg_example {
	const vg_knowledge *knowledge;
	vg_arena *arena;
	vg_day today;
	vg_buffer chart, orders; /* entries, each with a comma behind */
	vg_buffer *out;          /* of the resource that is being written */
	unsigned resources;      /* so far; the next one's id */
	const char *last_taken;  /* reference of the last medication, for :renewing */
	vg_buffer sections;      /* for vg_record_sections */
	const char *birth, *sex;
	bool deceased, has_gap; /* has_gap: some section has no_information */
	vg_buffer problem;      /* what is wrong with the example itself; empty when nothing is */
} vg_example;

void vg_example_begin(vg_example *example, const vg_knowledge *knowledge, vg_arena *arena, vg_day today);
/* Adds what a phrase of `given` says.  Mistakes go into `problem`. */
void vg_example_give(vg_example *example, const vg_item *item);
typedef struct vg_example_texts {
	const char *chart, *orders; /* FHIR Bundles; orders is NULL when nothing is ordered */
	const char *bundle;         /* both in one, for people: `vigil check FILE --record-drafts` */
} vg_example_texts;
/* False when memory ran out. */
bool vg_example_end(vg_example *example, vg_example_texts *ret);
/* Reads the two, the orders as orders that are being made. `ret_orders` is NULL when there are none. */
vigil_status vg_example_read(vg_world *world, const vg_example_texts *texts, vg_record **ret, vg_record **ret_orders,
			     vigil_error *err);
void vg_example_complain(vg_example *example, const char *format, ...) VG_FORMAT(2, 3);

/* A concept of a set that stands for it in an example: the preferred one, else
 * the plainest, among those whose systems are of the wanted uses.  0: none. */
vg_concept vg_example_concept(const vg_knowledge *knowledge, vg_set set, unsigned uses);
/* How plain a concept is, 1 the plainest; up to 3 it is a drug. */
int vg_example_plainness(const vg_knowledge *knowledge, vg_concept concept, unsigned uses);
/* Medication requests, by concept, for example_rows.c too. */
void vg_example_take(vg_example *example, vg_concept drug);
void vg_example_order(vg_example *example, vg_concept drug);
void vg_example_allergy(vg_example *example, vg_concept substance); /* an active one */

/* Pieces of FHIR.  Members begin with a comma; a resource is begun with its
 * type and its member for the patient, and ended. */
const char *vg_put_begin(vg_example *example, const char *type, const char *patient); /* its reference */
void vg_put_begin_order(vg_example *example, const char *type);
void vg_put_end(vg_example *example);
void vg_put_concept(vg_example *example, vg_concept concept);
void vg_put_concept_as(vg_example *example, const char *member, vg_concept concept);
void vg_put_code(vg_example *example, const char *member, const char *system, const char *code); /* of HL7's own systems */
void vg_put_text(vg_example *example, const char *member, const char *text);
void vg_put_quantity(vg_example *example, const char *member, const char *sign, double number, const char *unit); /* no comma */
bool vg_split_quantity(vg_example *example, const char *text, const char **ret_sign, double *ret_number, const char **ret_unit);
unsigned vg_uses_of(const vg_knowledge *knowledge, vg_concept concept); /* bits of vg_set_use, from its system */

typedef struct vg_dated {
	vg_day day;
	const char *text;
} vg_dated;
vg_dated vg_days_before(vg_example *example, int days);
const char *vg_example_day(vg_example *example, vg_day day);
/* "2026-01-02", "2026-01" or "3 months ago"; true when it can be read. `text` is written as FHIR. */
bool vg_example_date(vg_example *example, const char *text, vg_day *ret, const char **ret_text);

/* One example against its answer. */
typedef struct vg_expectation {
	vg_world *world;
	const vg_declaration *example;
	const vg_answer *answer;
	vg_arena *arena;
	vg_buffer wrong;  /* what is wrong; empty when nothing is */
	vg_claim *claims; /* what it says of which rules */
	size_t claim_count, claim_capacity;
} vg_expectation;
void vg_example_claims(vg_expectation *expectation);  /* fills `claims`; needs no answer */
void vg_example_compare(vg_expectation *expectation); /* adds to `wrong` */

const vg_item *vg_example_line(const vg_declaration *example, const char *name); /* NULL when it is not there */

#endif
