/*
 * Floor 6, evaluation: what the authoring tools ask about a rule.
 *
 * Coverage: which of a rule's conditions the examples show at work.  Mutation:
 * which changes of a rule no example would notice.  Boundaries: what becomes of
 * patients just beside each limit.  Impact: who would get or lose an alert, were
 * one set of packs replaced by another.  The first three run examples, the packs' own or
 * made ones, in the way in which a world is proven.
 */
#ifndef VG_AUTHORING_H
#define VG_AUTHORING_H

#include "evaluation/evaluation.h"

/* Called between steps, for a progress bar; may be NULL. */
typedef struct vg_progress {
	void (*step)(void *user, size_t done, size_t all);
	void *user;
} vg_progress;

/* ---- coverage (coverage.c) ------------------------------------------------------ */

/* One condition of a rule, where it is written.  "Alone": there is an example in
 * which the outcome would be another if only this condition were the opposite
 * of what it is (masking MC/DC). */
typedef struct vg_covered {
	const char *part; /* "requirement", "exception", "case", "option" */
	const char *sentence;
	vg_place place;
	bool was_true, was_false, was_unknown;
	bool alone_true, alone_false; /* it was so and decided; it was not so and decided */
} vg_covered;
typedef struct vg_rule_coverage {
	const char *rule;
	vg_place place;
	vg_covered *conditions;
	size_t count;
	size_t both;     /* conditions that were true in some example and false in another */
	size_t alone;    /* those that decided alone both ways */
	size_t examples; /* passing ones that say something about the rule */
} vg_rule_coverage;
typedef struct vg_coverage {
	vg_arena arena;
	vg_rule_coverage *items; /* Lua rules, by id */
	size_t count;
} vg_coverage;
/* Runs the examples, of one rule or of all, and looks at their conditions.
 * Only what passing examples show counts. */
vigil_status vg_examples_cover(vg_world *world, const char *rule, vg_example_report *ret_report, vg_coverage *ret,
			       vigil_error *err);
void vg_coverage_free(vg_coverage *coverage);
/* The example that is missing, in words; NULL when none is. */
const char *vg_missing_example(const vg_covered *condition, vg_arena *arena);

/* ---- mutation (mutate.c, mutate_edits.c) ------------------------------------------------ */

typedef struct vg_mutant {  /* a change that no example notices */
	const char *change; /* "the limit \"4\" were \"5\" (latest … :is_above)" */
	vg_place place;
} vg_mutant;
typedef struct vg_mutated {
	const char *rule;
	vg_place place;
	size_t examples, changes, noticed;
	vg_mutant *survivors;
	size_t survivor_count;
} vg_mutated;
typedef struct vg_mutation {
	vg_arena arena;
	vg_mutated *items; /* by id */
	size_t count;
} vg_mutation;
/* Changes Lua rules, one place at a time, and runs their passing examples on
 * each change: the rules of these numbers, with the definitions of their own
 * files that they use.  Changes that make no rule are not counted. */
vigil_status vg_mutate(vg_world *world, const uint32_t *rules, size_t rule_count, const vg_progress *progress, vg_mutation *ret,
		       vigil_error *err);
void vg_mutation_free(vg_mutation *mutation);
unsigned vg_mutation_score(const vg_mutated *item); /* percent, rounded down; 100 when nothing can be changed */

/* ---- boundaries (boundaries.c, sketch.c) -------------------------------------------- */

typedef struct vg_edge {          /* one patient beside a limit, and what becomes of him */
	const char *what;         /* "29.9 mL/min/1.73 m²", "the day before turning 45 years" */
	const char *given;        /* as an example's `given` */
	const char *expect;       /* "silent \"metformin-low-egfr\"": an example's word; "" after an error */
	const char *outcome;      /* "alerts (critical)", "is overdue", "says nothing" … */
	const char *says;         /* the alert's text, the screening's reason, what is missing; "" */
	const char *example_name; /* unique in the table */
} vg_edge;
typedef struct vg_boundary { /* one limit of one condition */
	const char *part;    /* "requirement", "exception", "case", "option", "rule" */
	const char *sentence;
	const char *limit; /* "30 mL/min/1.73 m²", "1 year" */
	vg_place place;
	vg_edge edges[3]; /* just below, at, just above */
	size_t count;
	bool decides; /* the outcome is not the same at all of them */
} vg_boundary;
typedef struct vg_boundaries {
	vg_arena arena;
	const char *rule, *title;
	const char *replaced_by; /* the rule that decides in a row's place; NULL: none */
	vg_place place;
	bool row; /* of a table: there is no rule file to write examples into */
	vg_day today;
	vg_boundary *items;
	size_t count;
	const char **untried; /* limits for which no patient can be made, and why */
	size_t untried_count;
} vg_boundaries;
/* Makes a patient just below, at and just above each limit of a rule, or of a
 * row of a pair table, and evaluates each like an example. All that
 * the rule asks for besides is given, so that the limit is what decides.
 * `id` names a rule or a row that there is, else VIGIL_BAD_INPUT. */
vigil_status vg_boundaries_make(vg_world *world, const char *id, vg_day today, vg_boundaries *ret, vigil_error *err);
void vg_boundaries_free(vg_boundaries *boundaries);
/* The table as examples in Lua, every one with what came as what is expected. NULL when memory ran out. */
const char *vg_boundary_examples(const vg_boundaries *boundaries, vg_arena *arena);

/* ---- impact (impact.c) ----------------------------------------------------------------- */

enum { VG_BEFORE, VG_AFTER };
typedef struct vg_impact_case {
	const char *patient, *record; /* "Patient/p1"; where the record came from, as the caller names it */
	bool gained;                  /* else lost */
	const char *summary;          /* the alert's heading; of a screening, its reason */
	const char *why;              /* what decided, from the conditions of the rule */
} vg_impact_case;
typedef struct vg_impact_rule {
	const char *rule;
	bool screening;
	uint64_t patients[2];        /* with an alert, or due; before and after */
	uint64_t gained, lost;       /* patients */
	uint64_t graver, milder;     /* patients whose severity changed */
	uint64_t alerts[2][3];       /* by severity; of a screening, none */
	const vg_impact_case *cases; /* the first few who gained or lost */
	size_t case_count, case_capacity, gained_cases;
} vg_impact_rule;
typedef struct vg_impact {
	vg_arena arena, scratch;
	vg_map numbers;        /* rule id → number + 1 */
	vg_impact_rule *rules; /* vg_impact_finish: by id */
	size_t rule_count, rule_capacity;
	uint64_t patients, orders;             /* records, and orders made in them */
	uint64_t alerted[2];                   /* patients with any alert */
	uint64_t alerted_gained, alerted_lost; /* who had none, and who has none any more */
	uint64_t due[2];                       /* screenings due, of all patients */
	uint64_t alerts[2][3];
	size_t sample; /* cases kept a rule and direction */
} vg_impact;
/* One of the two sets of packs that are compared; the question holds the record as its world read it. */
typedef struct vg_impact_side {
	vg_world *world;
	vg_evaluator *evaluator;
	vg_question question;
} vg_impact_side;
void vg_impact_init(vg_impact *impact, const vg_allocator *allocator, size_t sample);
/* Asks both sides about one patient and counts what differs. `record` names where he came from. */
vigil_status vg_impact_add(vg_impact *impact, const vg_impact_side sides[2], const char *record, vigil_error *err);
void vg_impact_finish(vg_impact *impact); /* orders the rules */
bool vg_impact_changed(const vg_impact_rule *rule);
void vg_impact_free(vg_impact *impact);

#endif
