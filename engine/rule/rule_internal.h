/*
 * Private to the floor `rule`: what its files share.
 */
#ifndef VG_RULE_INTERNAL_H
#define VG_RULE_INTERNAL_H

#include <math.h>
#include <string.h>

#include "rule/rule.h"

/* ---- the vocabulary (words.c) ------------------------------------------------ */

typedef enum vg_refinement_id {
#define REFINEMENT(id, ...) VG_REFINE_##id,
#include "rule/refinements.def"
#undef REFINEMENT
	VG_REFINE_COUNT
} vg_refinement_id;

vg_word_id vg_word_id_of(const vg_word_info *info);
vg_refinement_id vg_refinement_id_of(const vg_refinement_info *info);
/* The word of a blank-separated list that is nearest to `word`, or NULL. */
const char *vg_list_nearest(vg_arena *arena, const char *list, const char *word);
/* "a, b or c", of a blank-separated list. */
const char *vg_list_text(vg_arena *arena, const char *list);

typedef enum vg_builtin_set {
#define BUILTIN_SET(id, name, needed) VG_BUILTIN_##id,
#include "rule/builtin_sets.def"
#undef BUILTIN_SET
	VG_BUILTIN_COUNT
} vg_builtin_set;

/* ---- compiling (compile.c and the files it names) -------------------------------- */

/* What a rule's conditions and texts may speak of. */
enum vg_frame {
	VG_FRAME_ORDER = 1,    /* this_order, the */
	VG_FRAME_PAIR = 2,     /* other_drug */
	VG_FRAME_SCHEDULE = 4, /* last done, due; :every and :once */
	VG_FRAME_NEED = 8      /* a need of a check function */
};

typedef enum vg_progress { VG_TO_COMPILE, VG_COMPILING, VG_COMPILED } vg_progress;
typedef struct vg_defined { /* a `define` */
	const vg_declaration *declaration;
	uint32_t nodes[2]; /* as a requirement, as an exception */
	uint8_t progress[2];
	uint8_t speaks; /* vg_frame: what whoever uses it must have */
	bool used, faulty;
} vg_defined;

/*
 * A rulebook being made.  What stays is in book->arena, what does not in
 * `scratch`.  A mistake of a rule sets `failed`, which its statement clears;
 * an allocation that fails marks its arena, and whoever drives the compiling
 * asks vg_compiler_sound after each statement.
 */
typedef struct vg_compiler {
	vg_rulebook *book;
	vg_arena scratch;
	const vg_knowledge *knowledge;
	vg_findings *findings;
	vg_leaf *leaves;
	size_t leaf_count, leaf_capacity;
	vg_map leaf_of; /* what a leaf asks, as text → its number + 1 */
	vg_node *nodes;
	size_t node_count, node_capacity;
	uint32_t *children;
	size_t child_count, child_capacity;
	vg_rule *rules;
	size_t rule_count, rule_capacity;
	vg_defined *defined;
	size_t defined_count;
	const char **defined_names;
	vg_map text_of; /* kept texts: text → place in texts + 1 */
	const char **texts;
	size_t text_count, text_capacity;
	uint32_t *slot_of_set; /* 0: not watched */
	uint32_t slot_count;   /* slot 0 included */
	bool builtin_missed[VG_BUILTIN_COUNT];
	/* of the statement being compiled */
	const char *rule;
	unsigned frame; /* vg_frame */
	bool strict;    /* inside an exception, or a negation of a requirement */
	bool failed;
	unsigned speaks; /* vg_frame: what its conditions speak of */
} vg_compiler;

bool vg_compiler_sound(const vg_compiler *compiler); /* memory has not run out */
/* Reports a finding of the current rule; an error marks the rule as failed. */
#define VG_COMPLAIN(compiler, code, place, advice, ...)                                                                        \
	(vg_report((compiler)->findings, code, place, (compiler)->rule, advice, __VA_ARGS__), vg_complained(compiler, code))
void vg_complained(vg_compiler *compiler, vg_finding_code code);
/* Advice of the form `did you mean "x"?`, or `otherwise` when nothing is near. */
const char *vg_advise(vg_compiler *compiler, const char *nearest, const char *otherwise);
const char *vg_keep_text(vg_compiler *compiler, const char *text); /* one copy of each; "" when memory ran out */
vg_place vg_keep_place(vg_compiler *compiler, vg_place place);
const vg_item *vg_item_field(const vg_item *table, const char *name); /* NULL: no such line */
const char *vg_item_kind_text(vg_item_kind kind);                     /* "a text", "a number" … */
/* What a finding's sentence begins with: a line's name in backquotes, a phrase ("the limit") with a capital. */
const char *vg_opening(vg_compiler *compiler, const char *what);

/* set_use.c: names to sets.  0 after a finding. */
vg_set vg_find_set(vg_compiler *compiler, const char *name, vg_place place, unsigned uses, const char *for_what);
const char *vg_builtin_name(vg_builtin_set which);
vg_set vg_find_builtin(vg_compiler *compiler, vg_builtin_set which, vg_place place);
uint32_t vg_watch_set(vg_compiler *compiler, vg_set set); /* its slot, made when needed */

/* value.c: quantities, durations, dates, choices. false after a finding. */
bool vg_take_text(vg_compiler *compiler, const vg_item *item, const char *what, const char **ret);
bool vg_take_count(vg_compiler *compiler, const vg_item *item, const char *what, uint16_t least, uint16_t most, uint16_t *ret);
bool vg_take_duration(vg_compiler *compiler, const vg_item *item, const char *what, vg_duration *ret);
bool vg_take_date(vg_compiler *compiler, const vg_item *item, const char *what, vg_when *ret);
bool vg_take_period(vg_compiler *compiler, const vg_item *item, vg_leaf *leaf);
/* `analyte` with its usual unit checks the unit; `pair` (may be NULL) takes the second number of "140/90". */
bool vg_take_quantity(vg_compiler *compiler, const vg_item *item, vg_set analyte, vg_quantity *ret, vg_quantity *pair);
bool vg_take_dose(vg_compiler *compiler, const vg_item *item, vg_quantity *ret, bool *ret_in_units); /* to mg or [iU] */
/* One of a blank-separated list; reports with what is allowed. -1 after a finding. */
int vg_take_choice(vg_compiler *compiler, const vg_item *item, const char *what, const char *choices);

/* condition.c: phrases to trees.  VG_NO_NODE after a finding. */
uint32_t vg_compile_condition(vg_compiler *compiler, const vg_item *item);
uint32_t vg_compile_list(vg_compiler *compiler, const vg_item *item, vg_node_kind kind, const char *line);
uint32_t vg_add_node(vg_compiler *compiler, vg_node_kind kind, uint16_t least, const uint32_t *children, size_t count,
		     vg_place place);
uint32_t vg_leaf_node(vg_compiler *compiler, uint32_t leaf, vg_place place);
uint32_t vg_definition_node(vg_compiler *compiler, const char *name, vg_place place);
/* phrase.c: a phrase of a condition word to a leaf.  VG_NO_LEAF after a finding. `every`
 * and `once` receive the schedule's refinements; NULL where there is no schedule. */
uint32_t vg_compile_phrase(vg_compiler *compiler, const vg_phrase *phrase, vg_duration *every, bool *once);
const vg_word_info *vg_phrase_word(vg_compiler *compiler, const vg_phrase *phrase, unsigned uses, const char *here);
bool vg_check_refinements(vg_compiler *compiler, const vg_phrase *phrase, const vg_word_info *info, unsigned uses);
uint32_t vg_intern_leaf(vg_compiler *compiler, vg_leaf *leaf); /* intern.c */
const char *vg_leaf_key(vg_arena *arena, const vg_leaf *leaf); /* what it asks, as text; NULL when memory ran out */
void vg_leaf_plan(vg_leaf *leaf, unsigned set_uses);           /* plan.c: sections that it needs, whether it is bound */
const char *vg_leaf_sentence(vg_arena *arena, const vg_knowledge *knowledge, const vg_leaf *leaf); /* sentence.c */
const char *vg_window_text(vg_arena *arena, const vg_leaf *leaf);               /* ", in the last year"; "" */
void vg_check_leaf(vg_compiler *compiler, const vg_leaf *leaf, vg_place place); /* consistent.c: contradictory refinements */

/* text.c: a text with placeholders. */
vg_text vg_compile_text(vg_compiler *compiler, const vg_item *item, const char *line);

/* parts.c: cases, needs, actions, evidence and the other lines that many kinds have. */
void vg_compile_cases(vg_compiler *compiler, const vg_item *item, vg_rule *rule);
void vg_compile_needs(vg_compiler *compiler, const vg_item *item, vg_rule *rule);
void vg_compile_actions(vg_compiler *compiler, const vg_item *item, vg_rule *rule);
void vg_compile_governance(vg_compiler *compiler, const vg_item *body, vg_place place, vg_rule *rule);
const char *const *vg_compile_text_list(vg_compiler *compiler, const vg_item *item, const char *line, size_t *ret_count);
/* schedule.c */
void vg_compile_schedule(vg_compiler *compiler, const vg_item *body, vg_rule *rule);
/* kind.c: one declaration of a rule to a rule; false after a finding. */
bool vg_compile_rule(vg_compiler *compiler, const vg_declaration *declaration, const char *family, vg_rule *ret);
bool vg_check_lines(vg_compiler *compiler, const vg_kind_info *kind, const vg_declaration *declaration);
/* tables.c: the declarations that the rows of the families stand for. */
typedef struct vg_made { /* a declaration made of a row */
	vg_declaration declaration;
	const char *family;
} vg_made;
bool vg_declare_tables(vg_compiler *compiler, vg_made **ret, size_t *ret_count);
/* pair_cases.c: definitions that pair rows name. */
void vg_compile_pair_cases(vg_compiler *compiler);
/* contradict.c: lists whose conditions exclude, repeat or imply each other. */
void vg_check_tree(vg_compiler *compiler, uint32_t requires, uint32_t unless);
void vg_check_overlaps(vg_compiler *compiler);
/* implied.c: whether `b` holds whenever `a` does. */
bool vg_leaf_implies(vg_compiler *compiler, const vg_leaf *a, const vg_leaf *b);
/* freeze.c: from the compiler's arrays to the rulebook's. */
bool vg_freeze_rulebook(vg_compiler *compiler);

/* ---- the trigger index (trigger.c) -------------------------------------------------- */

bool vg_build_triggers(vg_compiler *compiler);

/* ---- leaves (leaf.c and leaf_*.c) ------------------------------------------------------ */

typedef vg_truth vg_leaf_function(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look);
vg_leaf_function vg_truth_age, vg_truth_sex, vg_truth_pregnant, vg_truth_hospice, vg_truth_deceased,
    vg_truth_setting;                                                         /* leaf_patient.c */
vg_leaf_function vg_truth_taking, vg_truth_ordering, vg_truth_will_be_taking; /* leaf_drugs.c */
vg_leaf_function vg_truth_started, vg_truth_stopped;                          /* leaf_courses.c */
vg_leaf_function vg_truth_total_dose;                                         /* leaf_dose.c */
vg_leaf_function vg_truth_condition, vg_truth_family;                         /* leaf_problems.c */
vg_leaf_function vg_truth_allergy;                                            /* leaf_allergies.c */
vg_leaf_function vg_truth_latest;                                             /* leaf_results.c */
vg_leaf_function vg_truth_readings, vg_truth_trend;                           /* leaf_trends.c */
vg_leaf_function vg_truth_event;                                              /* leaf_events.c */
vg_leaf_function vg_truth_order;                                              /* leaf_orders.c */

/* look.c: what a leaf tells about itself; all take look == NULL. */
void vg_look_fact(vg_look *look, const vg_clinical_fact *fact);
void vg_look_missing(vg_look *look, const char *format, ...) VG_FORMAT(2, 3); /* the first one stays */
void vg_look_value(vg_look *look, const char *text);
void vg_look_need(vg_look *look, const char *format, ...) VG_FORMAT(2, 3);
void vg_look_section(vg_look *look, const vg_scene *scene, unsigned sections); /* which of them is not complete */

/* window.c: when a fact was, against the leaf's window. */
typedef struct vg_window {
	bool given;                   /* false: any time will do */
	bool by_instant;              /* hours: points in time are compared */
	bool birth_unknown;           /* :after_age of nobody knows which day */
	vg_day from_first, from_last; /* it begins on a day from first to last; VG_NO_DAY: open */
	vg_day to;
	int64_t from_instant; /* VG_NO_INSTANT: not known */
} vg_window;
void vg_window_of(const vg_scene *scene, const vg_leaf *leaf, vg_window *ret);
vg_truth vg_in_given_window(const vg_window *window, vg_when when, vg_when recorded);
static inline vg_truth vg_in_window(const vg_window *window, vg_when when, vg_when recorded)
{
	return window->given ? vg_in_given_window(window, when, recorded) : VG_TRUE;
}
vg_truth vg_day_reached(vg_when when, vg_day first, vg_day last); /* on or after a day that lies in first … last */
/* day >= from + duration, mostly without the calendar: months are between 28 and 31 days, and never stray 8 days from their
 * mean of 30.436875; only near the day itself is it needed. */
static inline bool vg_has_passed(vg_day from, vg_duration duration, vg_day day)
{
	int64_t mean = from + ((int64_t)duration.months * 31915377 >> 20) + duration.days; /* 31915377 / 2^20 = 30.436875 */
	if (!duration.hours && day > mean + 8)
		return true;
	if (!duration.hours && day < mean - 8)
		return false;
	return day >= vg_day_plus(from, duration);
}
/* FALSE when all of these sections are complete from `start` on, else UNKNOWN with what is missing. */
vg_truth vg_nothing_found(const vg_scene *scene, unsigned sections, vg_day start, vg_look *look);
static inline bool vg_fact_usable(const vg_scene *scene, const vg_clinical_fact *fact)
{
	return !vg_fact_is_future(fact, scene->as_of);
}

/* measure.c: values against limits. */
typedef struct vg_span { /* a number as exactly as it is known */
	double low, high;
	bool low_open, high_open; /* the end itself is excluded */
} vg_span;
bool vg_value_span(const vg_scene *scene, vg_set analyte, const vg_value *value, const vg_unit *unit, vg_span *ret);
vg_truth vg_span_compare(vg_span span, const vg_leaf *leaf);
vg_truth vg_span_above(vg_span span, double limit);
vg_truth vg_span_reaches(vg_span span, double limit); /* at least */
vg_truth vg_coded_in(const vg_scene *scene, const vg_clinical_fact *fact, vg_set set);
bool vg_has_value(const vg_scene *scene,
		  const vg_clinical_fact *fact); /* leaf_results.c: it, or one of its parts, or it is a report */
vg_truth vg_judge(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, vg_look *look);
bool vg_total_dose_number(const vg_scene *scene, const vg_leaf *leaf, double *ret); /* false: not exactly known */

/* newest.c: which result is the newest, when dates leave it open. */
typedef vg_truth vg_newest_judge(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact, void *context,
				 vg_look *look);
vg_ids vg_reading_ids(const vg_scene *scene, const vg_leaf *leaf); /* results that may count, newest first */
bool vg_reading_counts(const vg_scene *scene, const vg_leaf *leaf,
		       const vg_clinical_fact *fact); /* a result with a value, of the set */
vg_when vg_result_when(const vg_clinical_fact *fact);
bool vg_definitely_newer(const vg_clinical_fact *a, const vg_clinical_fact *b);
/* Certainly in the window; NULL: none. *ret_open: others may be newer, or of an uncertain date in the window. */
const vg_clinical_fact *vg_newest(const vg_scene *scene, const vg_leaf *leaf, const vg_window *window, bool *ret_open);
/* What the judge says of the newest result; unknown when several could be the newest and it says different things. */
vg_truth vg_judge_newest(const vg_scene *scene, const vg_leaf *leaf, vg_newest_judge *judge, void *context, vg_look *look);
vg_truth vg_judge_reading(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact,
			  vg_look *look); /* pairs too */
vg_truth vg_if_complete(const vg_scene *scene, const vg_leaf *leaf, vg_truth truth, vg_day oldest, vg_look *look);

/* leaf_events.c: whether :unless_result excepts an event. */
vg_truth vg_is_excepted(const vg_scene *scene, const vg_leaf *leaf, vg_ids ids, const vg_clinical_fact *fact);

/* course.c: one medication or order against the refinements of drugs. */
vg_truth vg_route_is(uint8_t route, uint8_t wanted);
vg_truth vg_often(const vg_clinical_fact *fact, vg_duration limit);
vg_truth vg_dose_above(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact);
vg_truth vg_lasts_longer(const vg_clinical_fact *fact, vg_duration limit);
vg_truth vg_drug_fits(const vg_scene *scene, const vg_leaf *leaf,
		      const vg_clinical_fact *fact);                                  /* route, dose, frequency, length */
void vg_tell_unfit(const vg_leaf *leaf, const vg_clinical_fact *fact, vg_look *look); /* why it was unknown */
bool vg_same_drug(const vg_clinical_fact *a, const vg_clinical_fact *b);              /* share an ingredient, or a code */
bool vg_was_taken(const vg_scene *scene, const vg_clinical_fact *fact);               /* a medication that counts or once did */
bool vg_is_active(const vg_scene *scene, uint32_t fact);
bool vg_is_superseded(const vg_scene *scene, const vg_clinical_fact *fact); /* a newer entry speaks for it on that day */
bool vg_continues(const vg_scene *scene, const vg_clinical_fact *later,
		  const vg_clinical_fact *earlier); /* no real gap between */

#endif
