/*
 * Floor 6, evaluation: a world (packs, knowledge, rules), a question, an answer.
 *
 * An evaluation has two halves.  The fast one decides: which rules fire for
 * which order, medication or pair, with what severity, and what each
 * screening's status is.  The other renders: texts, evidence, dates.  Both
 * write into the evaluator's arena and keep nothing but counters.
 *
 * An answer never hides what was not known: rules that came out unknown,
 * facts that could not be used, rules that failed, sections that are missing.
 */
#ifndef VG_EVALUATION_H
#define VG_EVALUATION_H

#include "script/script.h"

/* ---- hooks (scene.c) ---------------------------------------------------------------- */

typedef enum vg_hook {
	VG_HOOK_NONE,
	VG_HOOK_PATIENT_VIEW,
	VG_HOOK_ORDER_SELECT,
	VG_HOOK_ORDER_SIGN,
	VG_HOOK_ORDER_DISPATCH,
	VG_HOOK_ENCOUNTER_START,
	VG_HOOK_ENCOUNTER_DISCHARGE,
	VG_HOOK_APPOINTMENT_BOOK,
	VG_HOOK_ALLERGY_CREATE,
	VG_HOOK_PROBLEM_CREATE,
	VG_HOOK_MEDICATION_REFILL,
	VG_HOOK_MEDICATION_VERIFY,
	VG_HOOK_COUNT
} vg_hook;
const char *vg_hook_name(vg_hook hook); /* "order-sign" */
bool vg_hook_find(const char *name, vg_hook *ret);
uint32_t vg_rulebook_triggers(vg_hook hook); /* vg_trigger bits that a hook sets off */

/* ---- the world (world.c) -------------------------------------------------------- */

typedef struct vg_hook_needs { /* of a world's active rules and tables (hook_needs.c) */
	unsigned kinds;        /* bits of vg_rule_kind that the hook sets off; 0: it sets off nothing */
	unsigned sections;     /* bits of vg_section that they read */
} vg_hook_needs;

typedef struct vg_world { /* immutable, reference-counted */
	vg_knowledge *knowledge;
	vg_script *script;
	vg_rulebook *rulebook;
	const vg_pack *packs;
	size_t pack_count;
	char (*pack_digests)[65]; /* hexadecimal, one a pack */
	vg_digest digest;         /* of everything that decides answers */
	vg_allocator allocator;
	vg_findings findings; /* of its loading */
	vg_hook_needs hooks[VG_HOOK_COUNT];
	bool has_shadow;        /* some rule is in shadow */
	struct vg_world *whole; /* of a narrow world: the one that it is a part of, to which all but the rulebook belongs */
	_Atomic uint32_t references;
} vg_world;

/* Loads folders and knowledge, compiles, proves the examples (once a digest),
 * withdraws active rules without passing examples (with findings).  With
 * errors among the findings it fails with VIGIL_BAD_RULES unless
 * config->accept_errors.  `findings` (may be NULL) receives a copy of them in any case. */
vigil_status vg_world_open(const vigil_config *config, vg_findings *findings, vg_world **ret, vigil_error *err);
/* A world of some of another's rules, for asking them of many records: what an evaluation costs hangs on how many
 * rules and watched sets there are.  Rules mean what they mean in the whole world; the tables' rows and the engine's
 * own checks are left out, as with question->only_rules.  Records are read (or unpacked) with the narrow rulebook's
 * `watch`; those of the whole world cannot be asked.  Holds a reference to `world`; to be released. */
vigil_status vg_world_narrow(vg_world *world, const uint32_t *rules, size_t count, vg_world **ret, vigil_error *err);
vg_world *vg_world_take(vg_world *world);
void vg_world_release(vg_world *world); /* NULL is allowed */

/* ---- questions --------------------------------------------------------------------- */

/* The budget where nobody waits for one answer, as in scans and proofs: a busy machine must not change what they say. */
enum { VG_UNHURRIED_MS = 60000 };

typedef struct vg_question {
	const vg_record *record;
	const vg_record *const *order_records; /* of --order: their orders are judged beside the record's own */
	size_t order_record_count;
	vg_hook hook;  /* VG_HOOK_NONE: order-sign with orders, else patient-view */
	vg_when as_of; /* a day, and an instant when given */
	bool judge_existing, all_statuses, record_drafts, trace, all_screenings, no_screenings;
	const uint32_t *only_rules; /* NULL: all; else rule numbers */
	size_t only_count;
	uint32_t budget_ms; /* 0: 500 (P4), or VG_UNHURRIED_MS; time is read only for this limit */
	bool full_scan;     /* judges every rule, not only the index's candidates: for the property test */
} vg_question;

/* ---- answers ------------------------------------------------------------------------- */

typedef struct vg_shown {                              /* one line of evidence */
	const char *reference, *display, *date, *says; /* reference and date may be NULL */
} vg_shown;
typedef struct vg_suggestion {
	uint8_t kind; /* vg_action_kind */
	const char *label, *url;
	const vg_clinical_fact *order;       /* the order that is cancelled or postponed */
	const char *system, *code, *display; /* what is ordered */
	bool orders_medication;              /* else a service */
} vg_suggestion;

typedef struct vg_alert {
	const char *rule;                      /* id of the rule or row that leads */
	const vg_rule *lua_rule;               /* NULL for a pair row or a built-in check */
	uint8_t family;                        /* of a pair row */
	uint32_t row;                          /* its number; UINT32_MAX for a rule or a built-in check */
	uint8_t kind, severity, status;        /* vg_rule_kind, vigil_severity, vg_rule_status */
	bool ask;                              /* outcome "ask" */
	const vg_clinical_fact *order;         /* NULL for what the patient takes already */
	const vg_clinical_fact *subject;       /* the order or the medication judged */
	const vg_clinical_fact *const *others; /* medications, allergies, earlier results it conflicts with */
	size_t other_count;
	size_t
	    partner_count; /* the first so many of `others` are what it conflicts with, the rest the same drug in other forms */
	const char *const *also; /* ids of other rules and rows that found the same */
	size_t also_count;
	/* rendered */
	const char *summary, *detail;
	const vg_shown *evidence;
	size_t evidence_count;
	const char *const *not_excluded;
	size_t not_excluded_count;
	const vg_suggestion *suggestions;
	size_t suggestion_count;
	const char *const *override_reasons;
	size_t override_count;
	const char *source_label, *source_url; /* url may be "" */
	const char *trace; /* with question->trace: the conditions and their values, a line each; else NULL */
} vg_alert;

typedef enum vg_screening_status {
	VG_NOT_APPLICABLE,
	VG_UP_TO_DATE,
	VG_DUE_SOON,
	VG_OVERDUE,
	VG_INDETERMINATE
} vg_screening_status;
const char *vg_screening_status_name(vg_screening_status status);
typedef struct vg_screening {
	const vg_rule *rule;
	uint8_t status;
	bool excluded;                /* not applicable because of an exception */
	vg_day due, overdue_since;    /* VG_NO_DAY: none */
	const vg_clinical_fact *last; /* NULL: never */
	vg_when last_done;
	/* rendered */
	const char *reason;
	const char *const *not_excluded;
	size_t not_excluded_count;
	const char *detail; /* the remind or ask text */
	const vg_suggestion *suggestions;
	size_t suggestion_count;
	const char *const *override_reasons;
	size_t override_count;
	const char *trace;
} vg_screening;

typedef struct vg_not_evaluated {
	const char *rule, *missing;
} vg_not_evaluated;
typedef struct vg_not_checked {
	const char *reference, *display, *why;
} vg_not_checked;
typedef struct vg_rule_error {
	const char *rule, *code, *text;
} vg_rule_error;

typedef enum vg_outcome { VG_SILENT, VG_FIRED, VG_ASKED, VG_NOT_KNOWN, VG_FAILED } vg_outcome; /* of one candidate rule */

typedef struct vg_answer {
	const vg_world *world;
	const vg_record *record;
	vg_hook hook;
	vg_when as_of;
	const vg_alert *alerts; /* by severity, then rule id, then order */
	size_t alert_count;
	const vg_screening *screenings; /* by rule id */
	size_t screening_count;
	const vg_not_evaluated *not_evaluated;
	size_t not_evaluated_count;
	const vg_not_checked *not_checked;
	size_t not_checked_count;
	const vg_rule_error *errors;
	size_t error_count;
	const char *const *notices; /* visible: "Interactions could not be checked: no medication list." */
	size_t notice_count;
	const char *death_notice; /* the last of the notices; NULL: the record does not say that the patient has died */
	bool complete;
	bool shadow; /* rules or met rows are in shadow: with all_statuses an answer may have alerts of theirs */
	uint32_t candidates, facts, future_facts;
	const vg_bits *candidate_rules; /* which rules the index proposed: a bit a rule of the rulebook; screenings are among
					   them at every hook */
	const uint8_t *outcomes;        /* vg_outcome of each rule of the rulebook, for traces and the service's extension */
} vg_answer;

/* ---- evaluating (evaluate.c, pairs.c, allergies.c, duplicates.c, screening.c, group.c, render.c …) ------ */

typedef struct vg_evaluator vg_evaluator; /* one thread at a time: arena, memo, Lua state */
vigil_status vg_evaluator_open(const vg_allocator *allocator, vg_evaluator **ret, vigil_error *err);
void vg_evaluator_close(vg_evaluator *evaluator);
/* Decides and renders.  The answer lives until the evaluator's next call.  The
 * world is the one that the record was read with. */
vigil_status vg_evaluate(vg_evaluator *evaluator, vg_world *world, const vg_question *question, const vg_answer **ret,
			 vigil_error *err);
/* Decides only: alerts and screenings without texts, and no list of what could not be
 * checked (`complete` says whether there is one).  What benchmarks and scans call. */
vigil_status vg_decide(vg_evaluator *evaluator, vg_world *world, const vg_question *question, const vg_answer **ret,
		       vigil_error *err);
/* The reason of answer->screenings[number] of the last answer, as vg_evaluate words it, for who has only decided.
 * While the question's record lives; NULL when memory ran out. */
const char *vg_screening_reason(vg_evaluator *evaluator, size_t number);
vg_arena *vg_evaluator_arena(vg_evaluator *evaluator); /* of the current answer: what renders further (JSON, cards) uses it */

/* ---- explaining (explain.c) ---------------------------------------------------------- */

typedef struct vg_explained { /* one condition of a rule's tree */
	int depth;            /* 0 = the rule's own requirement */
	const char *part;     /* "requirement", "exception", "case", "option" */
	const char *sentence;
	vg_truth truth;
	const char *value, *missing, *would_need;
	const vg_shown *facts;
	size_t fact_count;
	vg_place place;
	uint64_t nanoseconds; /* what it took, with all below it; 0 without a stopwatch */
} vg_explained;
typedef struct vg_explanation {
	const vg_rule *rule;
	const char *sentence; /* one sentence: fired or not, and why */
	const char *subject;  /* for which order, medication or pair; "" */
	vg_outcome outcome;
	const vg_explained *conditions;
	size_t condition_count;
	uint64_t nanoseconds;     /* of judging; of what is judged all at once (screenings, duplicates), of that */
	const char *change;       /* "would fire if eGFR were below 30"; "" */
	const char *death_notice; /* as of an answer */
} vg_explanation;
/* Nanoseconds since some moment: the caller's clock, which nothing but the times of an explanation depends on. */
typedef uint64_t vg_stopwatch(void);
/* One explanation a binding that the rule's triggers find, at least one. Without a stopwatch (NULL) there are no times. */
vigil_status vg_explain(vg_evaluator *evaluator, vg_world *world, const vg_question *question, uint32_t rule,
			vg_stopwatch *stopwatch, const vg_explanation **ret, size_t *ret_count, vigil_error *err);

/* ---- examples (example_*.c) -------------------------------------------------------------- */

/* What an example shows about one rule: bits. */
enum vg_claim_kind {
	VG_CLAIM_FIRES = 1,  /* it alerts; a screening is due */
	VG_CLAIM_SILENT = 2, /* it says nothing; a screening is not due or not applicable */
	VG_CLAIM_UNKNOWN = 4 /* what happens when something is not known */
};
typedef struct vg_claim {
	const char *rule;
	unsigned kinds;
} vg_claim;

typedef struct vg_example_result {
	const char *name;
	vg_place place;
	uint32_t pack; /* layer */
	bool passed, known_gap;
	const char *text;         /* what was expected and what came; "" when passed */
	const char *record;       /* the FHIR Bundle it ran as; "" when it could not be built */
	const char *trace;        /* of one that failed: how the rules that it names were judged, a line a condition; "" */
	const char *const *rules; /* ids it says something about */
	size_t rule_count;
	const vg_claim *claims; /* the same ids, and what it shows of each */
} vg_example_result;
typedef struct vg_example_report {
	vg_arena arena;
	const vg_example_result *items;
	size_t count, failed; /* a known gap that is still open is not counted as failed */
} vg_example_report;
/* Runs the examples of a world's packs (all, or of one rule), as FHIR built and read back. */
vigil_status vg_examples_run(vg_world *world, const char *rule, vg_example_report *ret, vigil_error *err);
void vg_example_report_free(vg_example_report *report);
/* Reports what failed, and each active Lua rule without an example that fires,
 * one that stays silent and one with unknown data; withdraws these rules and
 * those of which an example failed.  Before the world is shared.
 * `below` is the world of all packs but the last (NULL: there is one pack): a
 * rule that the last pack did not decide is proven there, and an example of an
 * earlier pack that no longer holds is a warning, for changing what earlier
 * packs say is what layers are for. */
vigil_status vg_examples_judge(vg_world *world, const vg_world *below, const vg_example_report *report, vg_findings *findings,
			       vigil_error *err);
/* Proves the active pair rows: for each, a patient is made who takes (or is
 * allergic to) a drug of one side and is ordered one of the other, and the
 * row must be among what the alert names.  Every row of up to 5,000; above
 * that all are looked at and 5,000 of them, evenly spread, are run, which a
 * finding says.  Rows that do not speak are findings. */
vigil_status vg_rows_prove(vg_world *world, vg_findings *findings, size_t *ret_proven, vigil_error *err);

#endif
