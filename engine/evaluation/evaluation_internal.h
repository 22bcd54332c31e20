/*
 * Private to the floor `evaluation`: what its files share.
 *
 * One evaluation is a `vg_work`: the scene (what is judged), what was found
 * (one vg_found for each rule, row or built-in check that speaks about one
 * order, medication or pair), what came out unknown, and what failed.  group.c
 * turns what was found into alerts; the render files give them words.
 *
 * Everything of a work lives in the evaluator's arena.  A failed allocation
 * marks that arena, and vg_evaluate answers VIGIL_NO_MEMORY: nobody below it
 * has to hand the failure up, but everybody has to stand a NULL.
 */
#ifndef VG_EVALUATION_INTERNAL_H
#define VG_EVALUATION_INTERNAL_H

#include <math.h>
#include <string.h>

#include "evaluation/evaluation.h"

#define VG_NO_RULE UINT32_MAX
#define VG_NO_ROW UINT32_MAX
#define VG_NO_ORDER UINT32_MAX

/* ---- the evaluator (evaluator.c) ------------------------------------------------ */

/* What is derived from a world once, so that a request need not look for it. */
typedef struct vg_plan {
	vg_bits *active, *shown;    /* rules in service; and those that all_statuses shows */
	const uint32_t *screenings; /* rule numbers, by id */
	uint32_t screening_count;
	const uint32_t *therapies; /* duplicate_therapy */
	uint32_t therapy_count;
	const uint32_t *tests; /* duplicate_test */
	uint32_t test_count;
	const uint32_t *pairs; /* interactions and allergies: rules of VG_ON_PAIR */
	uint32_t pair_count;
	bool rules_only;                  /* a narrow world: no rows and no checks of the engine's own */
	bool has_interactions, has_cross; /* rows */
	bool same_ingredient_ruled;       /* a duplicate_therapy rule speaks about the same ingredient twice */
	bool asks_setting;                /* some leaf asks where the patient is seen */
	unsigned sections;                /* bits of vg_section that active rules read */
	bool may_linger;                  /* some drug acts after it is stopped */
	const vg_bits *lingering;  /* sets whose drugs act after they are stopped, by some rule or row; NULL: may be any */
	const bool *test_in_panel; /* beside `tests`: some panel has a member in the rule's set */
	vg_set severe_reaction;    /* manifestations that count as severe; 0: the packs have no such set */
} vg_plan;

struct vg_evaluator {
	vg_arena home;        /* holds the evaluator itself, and its work */
	struct vg_work *work; /* of the current answer: what is rendered later needs it */
	vg_arena arena;       /* of the current answer */
	vg_arena plan_arena;
	vg_allocator allocator;
	vg_world *world; /* whose plan and checker these are; a reference is held */
	vg_plan plan;
	vg_checker *checker;            /* opened when a rule first needs it */
	vg_allocator checker_allocator; /* the evaluator's own, but noting when it has nothing left */
	bool starved;                   /* it had nothing left: what Lua then called an error is none of a rule's */
};

/* ---- one evaluation --------------------------------------------------------------- */

typedef enum vg_own_check { /* what the engine checks without any rule or row */
			    VG_OWN_NONE,
			    VG_OWN_ALLERGY_INGREDIENT,
			    VG_OWN_ALLERGY_CLASS,
			    VG_OWN_DUPLICATE_INGREDIENT
} vg_own_check;
const char *vg_own_check_id(vg_own_check check); /* "allergy-same-ingredient" … */

enum vg_note {                    /* bits: why a severity is what it is, and what has to be said */
	       VG_NOTE_STALE = 1, /* the other drug is listed, but long not renewed */
	       VG_NOTE_SUBJECT_STALE = 2,
	       VG_NOTE_RENEWED = 4, /* the order renews what the patient has together already */
	       VG_NOTE_STOPPED = 8, /* the other drug was stopped, and still acts */
	       VG_NOTE_INTOLERANCE = 16,
	       VG_NOTE_LOW_CRITICALITY = 32,
	       VG_NOTE_SEVERE = 64,         /* a severe reaction or a high criticality is recorded */
	       VG_NOTE_LOCAL_ROUTE = 128,   /* one of the two is not given systemically */
	       VG_NOTE_STALE_LOWERS = 256,  /* being listed so long has made the severity lower */
	       VG_NOTE_RENEWED_LOWERS = 512 /* being renewed has */
};

/* A case that would raise the severity, if it were known to be true. */
typedef struct vg_unknown_case {
	uint32_t number; /* + 1; 0: none */
	uint8_t severity;
} vg_unknown_case;
void vg_note_unknown_case(vg_unknown_case *unknown, uint32_t place, uint8_t severity); /* keeps the gravest */

/* One rule, row or built-in check that speaks about one order, medication or pair. */
typedef struct vg_found {
	const char *id;
	uint32_t rule, row;  /* VG_NO_RULE, VG_NO_ROW */
	uint8_t own, family; /* vg_own_check, vg_family */
	uint8_t kind, severity, status;
	bool ask;
	bool warned; /* fires although its requirements are unknown (if_unknown = "warn") */
	bool exception_unknown;
	uint16_t notes;       /* vg_note */
	uint32_t case_number; /* + 1: the case that decided, of the rule or of the row */
	vg_unknown_case unknown;
	vg_binding binding;
} vg_found;

/* A rule whose verdict is final for one order or pair. */
typedef struct vg_final {
	uint32_t rule;
	uint32_t before; /* + 1: the one before it for the same order or pair */
} vg_final;
typedef struct vg_concerned { /* an order or a medication; with `other`, a pair */
	const vg_clinical_fact *subject, *other;
} vg_concerned;

typedef struct vg_unsettled { /* a rule that came out unknown */
	uint32_t rule;
	vg_binding binding;
	const char *missing; /* what its conditions do not tell; NULL: nothing */
} vg_unsettled;

typedef struct vg_group {       /* the finds behind one alert */
	const vg_found **leads; /* one for each order, medication or pair; the gravest first */
	size_t lead_count;
	const vg_found **also; /* what found the same */
	size_t also_count;
} vg_group;

/* A drug that is judged or that stands beside those that are. */
typedef enum vg_role { VG_ROLE_ORDER, VG_ROLE_DRAFT, VG_ROLE_TAKEN, VG_ROLE_STALE, VG_ROLE_STOPPED } vg_role;
typedef struct vg_tag { /* one of a drug's sets that the pair tables use, and the ingredient that brings it */
	vg_set set;
	vg_concept ingredient; /* 0: the product itself is the member */
} vg_tag;
typedef struct vg_half { /* a drug is of set `place` of a rule of two drugs */
	uint8_t place;
	vg_concept ingredient;
} vg_half;
typedef struct vg_side {
	const vg_clinical_fact *fact;
	vg_role role;
	bool tagged;
	uint32_t drug;      /* of the chart: the first side with the same ingredients */
	vg_day stopped_on;  /* VG_ROLE_STOPPED */
	const vg_tag *tags; /* of vg_side_tags */
	size_t tag_count;
} vg_side;

/* What a screening's status rests on, for its reason. */
typedef struct vg_screened {
	bool options_unknown; /* a past test may not be on record */
	bool eligible_unknown, exception_unknown, deceased, excluded, once_done, partial, entered;
	uint32_t missing_option;          /* + 1: the first option that is unknown */
	uint32_t option;                  /* + 1: the one that gives the due date */
	uint32_t last_option;             /* + 1: the one that `last` belongs to */
	const vg_clinical_fact *excepted; /* its result keeps it from satisfying */
	uint32_t excepted_option;         /* + 1 */
	bool follow_up;                   /* the excepted test is newer than whatever satisfies */
} vg_screened;

/* Whether two medications are the same drug, whatever their forms and strengths. */
bool vg_is_same_medicine(const vg_clinical_fact *a, const vg_clinical_fact *b);

typedef struct vg_looked { /* what a leaf looked at, and found */
	vg_look look;
	vg_truth truth;
} vg_looked;

typedef struct vg_work {
	vg_evaluator *evaluator;
	vg_arena *arena;
	const vg_world *world;
	const vg_rulebook *book;
	const vg_knowledge *knowledge;
	const vg_plan *plan;
	const vg_question *question;
	vg_scene scene;
	vg_hook hook;
	unsigned triggers;
	bool has_died;     /* and takes nothing; orders are judged still, as the chart may be the wrong one */
	bool judges_taken; /* what is taken is judged as orders are */
	uint8_t *memo;     /* of leaves */
	vg_bits *candidates;
	const vg_bits *enabled;
	uint8_t *outcomes; /* vg_outcome, one a rule */
	/* drugs: judged orders first, then other drafts, then the chart's */
	vg_side *sides;
	uint32_t side_count, order_sides, first_chart_side;
	uint8_t
	    *renews; /* [order side * side_count + side], as far as it was asked for; in the row behind them, of any order */
	const uint32_t *pair_rules; /* candidates of VG_ON_PAIR */
	uint32_t pair_rule_count;
	vg_found *found;
	size_t found_count, found_capacity;
	vg_final *finals;
	size_t final_count, final_capacity;
	vg_map newest_finals; /* vg_concerned -> its newest final + 1; to be used when there are finals */
	vg_unsettled *unsettled;
	size_t unsettled_count, unsettled_capacity;
	vg_bits *unsettled_rules;
	vg_rule_error *errors;
	size_t error_count, error_capacity;
	vg_screening *screenings;
	vg_screened *screened;
	size_t screening_count;
	vg_alert *alerts;
	vg_group *groups;
	size_t alert_count;
	vg_looked *looks; /* of leaves that are not bound */
	size_t look_count, look_capacity;
	vg_map look_places; /* the leaf's number -> its look + 1; to be used when there are looks */
	bool late_pairs;    /* time ran out while pairs were judged */
	bool met_shadow;    /* a row in shadow fits what was judged */
	uint64_t deadline;  /* ns of the monotonic clock; 0: not begun */
	uint32_t ticks;
	bool late;
	vg_stopwatch *stopwatch; /* of an explanation; NULL: nothing is timed */
} vg_work;

/* scene.c */
bool vg_scene_make(vg_work *work); /* false when memory ran out */
const char *vg_setting_of(const vg_work *work);
uint32_t vg_order_place(const vg_work *work, const vg_clinical_fact *fact); /* among the scene's orders; VG_NO_ORDER */
uint64_t vg_fact_place(const vg_work *work, const vg_clinical_fact *fact);  /* an order that does not depend on addresses */
bool vg_has_drug_orders(const vg_work *work);

/* hook_needs.c: fills the world's `hooks` and `has_shadow`, when the statuses of its rules are final. */
void vg_find_hook_needs(vg_world *world);

/* clock.c: the request's budget. */
bool vg_look_at_clock(vg_work *work); /* whether the budget is used up */
bool vg_out_of_time(vg_work *work);   /* the same, but looks at the clock only now and then */

/* outcome.c: one rule on one order, medication or pair. */
vg_truth vg_ask_node(vg_work *work, uint32_t node, const vg_binding *binding); /* memoised; VG_NO_NODE is true */
/* `met` is the kind's own requirement.  Notes lower the severity (vg_lower_found). */
vg_outcome vg_judge_rule(vg_work *work, uint32_t rule, const vg_binding *binding, vg_truth met, unsigned notes);
/* A rule about `order` (NULL: about what is taken) whose other half lies in a section that was not supplied. */
void vg_judge_untold(vg_work *work, uint32_t rule, const vg_clinical_fact *order, vg_section section);
void vg_note_outcome(vg_work *work, uint32_t rule, vg_outcome outcome);
void vg_add_unsettled(vg_work *work, uint32_t rule, const vg_binding *binding, const char *missing);
void vg_explain_unsettled(vg_work *work, uint32_t rule, const char *missing); /* puts it before what the conditions tell */
vg_found *vg_add_found(vg_work *work, const vg_found *found);
void vg_add_final(vg_work *work, uint32_t rule, const vg_binding *binding);
/* `asker`: the rule whose id it is; VG_NO_RULE for rows and the engine's own checks. */
bool vg_is_replaced(vg_work *work, uint32_t asker, const char *id, const vg_clinical_fact *subject,
		    const vg_clinical_fact *other);
uint8_t vg_lowered(uint8_t severity, unsigned steps);
/* One level lower for a drug that may no longer be taken, one for what is only renewed; what a case has `raised`
 * above the rule's or row's own severity is news, and does not sink for being renewed.  Says what it did in the notes. */
void vg_lower_found(vg_found *found, bool raised);
/* Of a row that fits: whether it may speak.  Notes that one in shadow was met. */
bool vg_row_shown(vg_work *work, vg_rule_status status);

/* check.c */
bool vg_call_check(vg_work *work, uint32_t rule, const vg_binding *binding, vg_truth *ret); /* false: failed, and listed */
bool vg_need_argument(vg_work *work, const vg_need *need, const vg_binding *binding, vg_argument *ret); /* false: unknown */

/* sides.c */
bool vg_sides_make(vg_work *work);
void vg_side_tags(vg_work *work, vg_side *side, vg_family family); /* of one family a request */
bool vg_side_has(const vg_work *work, const vg_side *side, vg_set set, vg_concept *ret_ingredient);
bool vg_renews(const vg_work *work, uint32_t order_side, uint32_t side); /* the order takes the medication's place */
bool vg_is_renewed(const vg_work *work, uint32_t side);                  /* some judged order does */
/* The sides that are of a set, by the record's index where it is watched: at most side_count numbers. */
uint32_t vg_sides_of_set(const vg_work *work, vg_set set, uint32_t *sides);

/* pairs.c, pair_rules.c, pair_rows.c */
void vg_judge_pairs(vg_work *work);
typedef struct vg_pair {     /* two drugs being judged together */
	uint32_t order_side; /* VG_NO_ORDER: both are taken already */
	vg_side *subject, *other;
	unsigned notes;
} vg_pair;
/* Rules of the packs about this drug and any that it stands beside. */
void vg_judge_pair_rules(vg_work *work, uint32_t subject);
bool vg_stands_beside(const vg_work *work, uint32_t subject,
		      uint32_t other); /* these two are to be judged, with this subject */
unsigned vg_side_notes(const vg_side *subject, const vg_side *other);
unsigned vg_pair_notes(const vg_work *work, const vg_pair *pair, const vg_binding *binding); /* with VG_NOTE_RENEWED */
void vg_judge_pair_rows(vg_work *work, const vg_pair *pair);
/* Whether a rule of two drugs is about this pair, and which is which. */
bool vg_pair_matches(const vg_work *work, const vg_rule *rule, const vg_side *subject, const vg_side *other, vg_binding *ret);
/* Of rows that speak about one pair, those that no other one silences. */
typedef struct vg_matched {
	uint32_t row;
	vg_pair_row cells;
	vg_binding binding;
	uint8_t severity;
	uint32_t case_number;
	vg_unknown_case unknown;
	unsigned notes;
	bool silenced;
} vg_matched;
/* Weighs a row by its cases: false when the first true one silences. */
bool vg_row_severity(vg_work *work, vg_matched *row);
void vg_silence_rows(vg_matched *rows, size_t count);

/* allergies.c, allergy_match.c */
void vg_judge_allergies(vg_work *work);
typedef struct vg_allergy_match {
	vg_concept ingredient; /* the same in both; 0: none */
	vg_set of_class;       /* the recorded class holds the drug; 0: none */
} vg_allergy_match;
bool vg_allergy_counts(const vg_work *work, const vg_clinical_fact *allergy);
vg_allergy_match vg_allergy_matches(const vg_work *work, const vg_clinical_fact *allergy, const vg_clinical_fact *drug);
bool vg_allergy_severe(const vg_work *work, const vg_clinical_fact *allergy);
bool vg_allergy_intolerance(const vg_work *work, const vg_clinical_fact *allergy);
bool vg_allergy_in(const vg_work *work, const vg_clinical_fact *allergy, vg_set set);

/* duplicates.c, retest.c */
void vg_judge_therapies(vg_work *work);
void vg_judge_tests(vg_work *work);
/* The day (first … last) for which an order wants its test. */
vg_when vg_wanted_on(const vg_work *work, const vg_clinical_fact *order);

/* screening.c, entry.c */
void vg_judge_screenings(vg_work *work);
/* When the patient came to meet a tree that is true now.  `ages_only` lets
 * birthdays alone decide.  VG_NO_WHEN: always, or not known. */
vg_when vg_entered_on(vg_work *work, uint32_t node, bool ages_only);

/* group.c */
void vg_group_alerts(vg_work *work);

/* ---- words ------------------------------------------------------------------------- */

/* walk.c: a tree with what each leaf looked at, depth first. */
typedef struct vg_step {
	uint32_t node, parent; /* parent: a step's number, or UINT32_MAX */
	int depth;
	uint8_t kind; /* vg_node_kind */
	vg_truth truth;
	const vg_leaf *leaf; /* NULL for a list */
	const char *sentence;
	vg_look look;
	vg_place place;
	uint64_t nanoseconds; /* with a stopwatch */
} vg_step;
typedef struct vg_walk {
	vg_step *steps;
	size_t count, capacity;
} vg_walk;
uint64_t vg_lap(const vg_work *work,
		uint64_t begun); /* nanoseconds since then; the moment itself with 0; 0 without a stopwatch */
/* The leaf with this number, which lies where it stays. */
vg_truth vg_look_at_leaf(vg_work *work, const uint32_t *number, const vg_binding *binding, vg_look *ret);
void vg_walk_tree(vg_work *work, uint32_t node, const vg_binding *binding, vg_walk *walk); /* appends */
/* Whether a step counts towards its tree's value: all lists above it have the same. */
bool vg_step_decides(const vg_walk *walk, size_t step, vg_truth value);
/* Why the tree is unknown: "no eGFR in the last year; allergies not supplied". "" when nothing tells. */
const char *vg_walk_missing(vg_work *work, const vg_walk *walk);
const char *vg_walk_trace(vg_work *work, const vg_walk *walk, const char *part, vg_buffer *out);
/* What would have to change for the tree to become `want`, the fewest conditions; "" when nothing tells. */
const char *vg_walk_change(vg_work *work, const vg_walk *walk, vg_truth want);

/* names.c: what things are called in texts. */
const char *vg_fact_words(const vg_clinical_fact *fact);
const char *vg_ingredient_words(const vg_work *work, const vg_clinical_fact *fact,
				vg_concept ingredient); /* the ingredient's name */
const char *vg_allergy_words(vg_work *work, const vg_clinical_fact *allergy);
const char *vg_join_words(vg_arena *arena, const char *const *words, size_t count); /* "a, b and c" */
const char *vg_fact_date(vg_work *work, const vg_clinical_fact *fact);              /* NULL when unknown */
const char *vg_capital(vg_arena *arena, const char *text);
void vg_add_sentence(vg_buffer *out, const char *text); /* a capital, a full stop, a blank before it */

/* texts.c */
typedef struct vg_filling { /* what placeholders stand for */
	const vg_clinical_fact *subject;
	const char *others; /* "" */
	size_t count;
	const vg_screening *screening; /* NULL outside */
	vg_concept ingredient;
	const vg_binding *binding;
	bool unknown; /* set when a placeholder had no value */
} vg_filling;
const char *vg_fill_text(vg_work *work, const vg_text *text, vg_filling *filling);
const char *vg_cut_summary(vg_arena *arena, const char *text); /* below 140 code points, cut at a word */

typedef struct vg_text_list {
	const char **items;
	size_t count, capacity;
	vg_map known; /* the items of a list that is no longer short */
} vg_text_list;
void vg_add_text(vg_work *work, vg_text_list *list, const char *text); /* each once */

/* evidence.c */
typedef struct vg_shown_list {
	vg_shown *items;
	size_t count, capacity;
	uint32_t *slots; /* numbers of items + 1, by hash; NULL while the list is short */
	size_t slot_count;
	const vg_step **steps; /* conditions that were shown, and say the same of each order or pair */
	size_t step_count, step_capacity;
} vg_shown_list;
void vg_show(vg_work *work, vg_shown_list *list, const vg_clinical_fact *fact, const char *says);
void vg_show_walk(vg_work *work, vg_shown_list *list, const vg_walk *walk);
const char *vg_says(vg_work *work, const vg_found *found, const vg_clinical_fact *fact);

/* suggestions.c */
void vg_suggest(vg_work *work, const vg_rule *rule, const vg_clinical_fact *order, const vg_suggestion **ret,
		size_t *ret_count);
const char *const *vg_reasons(vg_rule_kind kind, size_t *ret_count); /* default override reasons */
void vg_source(vg_work *work, const vg_rule *rule, const vg_pair_row *row, const char **ret_label, const char **ret_url);

/* render.c, render_row.c, render_screening.c, notices.c */
void vg_render_alerts(vg_work *work);
void vg_render_row(vg_work *work, const vg_group *group, vg_alert *alert, vg_shown_list *evidence);
void vg_render_own(vg_work *work, const vg_group *group, vg_alert *alert);
/* "warfarin with ibuprofen and naproxen"; "" when the title names them all */
const char *vg_group_names(vg_work *work, const vg_group *group, const char *title);
const char *vg_note_sentences(vg_work *work, const vg_group *group);
void vg_render_screenings(vg_work *work);
void vg_add_not_excluded(vg_work *work, const vg_walk *walk, vg_text_list *list);
void vg_not_excluded_cases(vg_work *work, const vg_group *group, const vg_pair_row *row, vg_text_list *list);
void vg_render_gaps(vg_work *work, vg_answer *answer, bool with_texts);
/* What is said wherever somebody who has died is asked about; NULL of all others. */
const char *vg_death_notice(const vg_work *work);

/* evaluate.c: what explain.c shares with it. */
vigil_status vg_work_begin(vg_evaluator *evaluator, vg_world *world, const vg_question *question, vg_work *ret,
			   vigil_error *err);
bool vg_rule_enabled(const vg_work *work, uint32_t rule);
static inline bool vg_rules_only(const vg_work *work) { return work->plan->rules_only || work->question->only_rules; }

/* proof.c: examples before a world is used. */
vigil_status vg_world_prove(vg_world *world, const vigil_config *config, vigil_error *err);

#endif
