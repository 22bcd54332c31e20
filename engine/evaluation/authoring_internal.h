/*
 * Shared by the authoring tools of the evaluation floor and by the files that
 * let them look on: example_run.c, explain.c, walk.c.
 */
#ifndef VG_AUTHORING_INTERNAL_H
#define VG_AUTHORING_INTERNAL_H

#include "evaluation/authoring.h"
#include "evaluation/evaluation_internal.h"
#include "evaluation/example_internal.h"

/* example_run.c: a run of examples that somebody looks on. */
typedef struct vg_example_run {
	const char *rule;                   /* only examples about this one; NULL: all */
	const vg_declaration *declarations; /* NULL: those of the world's packs */
	size_t count;
	bool stop_at_failure;
	bool trace;                                               /* tell of failures how the rules were judged */
	bool (*wants)(void *user, const vg_declaration *example); /* NULL: all */
	/* After the comparison; may use the evaluator, which ends the answer. */
	void (*evaluated)(void *user, vg_evaluator *evaluator, const vg_question *question, const vg_expectation *expectation);
	void *user;
} vg_example_run;
vigil_status vg_examples_run_as(vg_world *world, const vg_example_run *how, vg_example_report *ret, vigil_error *err);

/* explain.c: every order, medication or pair that a rule is about, as it is judged. */
typedef void vg_visitor(void *user, vg_work *work, uint32_t rule, const vg_binding *binding, vg_outcome outcome);
vigil_status vg_visit(vg_evaluator *evaluator, vg_world *world, const vg_question *question, uint32_t rule, vg_visitor *visit,
		      void *user, vigil_error *err);

/* walk.c: the value of a list of which so many members are true and so many unknown. */
vg_truth vg_list_truth(const vg_node *node, uint32_t yes, uint32_t unknown);

/* mutate_edits.c: the changes of one declaration. */
typedef enum vg_edit_kind {
	VG_EDIT_TEXT, /* an item's text, or a field's, a refinement's or a phrase's name */
	VG_EDIT_NUMBER,
	VG_EDIT_DROP, /* of a list, of fields, of refinements */
	VG_EDIT_SWAP  /* with the next one of its list */
} vg_edit_kind;
typedef struct vg_edit {
	vg_edit_kind kind;
	const void *target; /* vg_item, vg_field, vg_refinement or vg_phrase of the declaration */
	const char *text;
	double number;
	const char *change; /* in words, after "if" */
	vg_place place;
} vg_edit;
typedef struct vg_edit_list {
	vg_edit *items;
	size_t count, capacity;
} vg_edit_list;
void vg_list_edits(const vg_knowledge *knowledge, const vg_declaration *declaration, vg_arena *arena, vg_edit_list *out);
vg_item vg_edited(const vg_item *item, const vg_edit *edit, vg_arena *arena); /* a copy with the change */

/* "14 days" → "15 days": text with its first (or, of "140/90", second) number one step up or down; NULL when there is none. */
const char *vg_stepped_text(const char *text, int which, int direction, vg_arena *arena);

/* sketch.c, sketch_words.c: a patient for whom a rule speaks, as an example's `given`. */
typedef enum vg_facet { /* which limit of a condition, or of a rule, is approached */
			VG_FACET_NONE,
			VG_FACET_VALUE,     /* of a comparison: the limit, or the lower one */
			VG_FACET_HIGH,      /* the upper one of two; of "140/90" the second */
			VG_FACET_WITHIN,    /* :within, :onset_within */
			VG_FACET_FROM,      /* the first day of :since, :during */
			VG_FACET_TO,        /* the last day of :during */
			VG_FACET_LEAST_AGE, /* ages: the day on which it is completed */
			VG_FACET_MOST_AGE,  /* … and the one on which it is past */
			VG_FACET_EVENT_AGE, /* :after_age */
			VG_FACET_COUNT,     /* :times, :at_least, :doses_at_least; of a duplicate_therapy, at_most */
			VG_FACET_LASTING,   /* :for_at_least */
			VG_FACET_DOSE,      /* :daily_dose_above */
			VG_FACET_DURATION,  /* :duration_above */
			VG_FACET_INTERVAL,  /* of an option, of a duplicate_test */
			VG_FACET_DUE_SOON,  /* of an option */
			VG_FACET_STOPPED    /* still_counts of a pair's first or second drug */
} vg_facet;
typedef enum vg_tree { VG_TREE_NONE, VG_TREE_REQUIRES, VG_TREE_UNLESS, VG_TREE_CASE, VG_TREE_OPTION, VG_TREE_RULE } vg_tree;
typedef struct vg_focus { /* the limit that is approached, and how near */
	vg_tree tree;
	uint32_t number; /* of the case or the option; of a pair, 0 or 1 */
	uint32_t leaf;   /* VG_NO_LEAF for limits of the rule */
	vg_facet facet;
	int step; /* -1 just below, 0 at, 1 just above: in value, in age, in time gone by */
} vg_focus;
typedef struct vg_sketch {
	const vg_rulebook *book;
	const vg_knowledge *knowledge;
	const vg_rule *rule;
	vg_arena *arena;
	vg_day today;
	vg_focus focus;
	vg_item *given; /* the orders last, so that what they renew is there before */
	size_t count, capacity;
	vg_phrase *order, *taken;         /* what the rule is about; NULL */
	vg_day born_after, born_by, born; /* bounds that conditions set (VG_NO_DAY: none), and the day that the focus sets */
	const char *sex;
	const char *hook; /* NULL: as the orders decide */
	const char *what; /* how near to the limit, in words; NULL: no such patient can be made */
} vg_sketch;
/* Fills `given` and `what`. `rule` may be made up for a row. False when memory ran out. */
bool vg_sketch_make(vg_sketch *sketch, const vg_rule *rule, const vg_focus *focus);
/* sketch_words.c: adds what makes a condition true, or brings it to the focus. */
void vg_sketch_leaf(vg_sketch *sketch, uint32_t leaf);
vg_phrase *vg_sketch_give(vg_sketch *sketch, const char *word, const char *first, const char *second, const char *third);
void vg_sketch_refine(vg_sketch *sketch, vg_phrase *phrase, const char *name, const char *argument); /* NULL: none */
const char *vg_sketch_day(vg_sketch *sketch, vg_day day);
/* Names of ingredients of a set, each once: at most `most`. */
size_t vg_sketch_drugs(vg_sketch *sketch, vg_set set, const char **names, size_t most);
/* An example's word as Lua: taking "warfarin" :by_route "oral". */
void vg_add_phrase(vg_buffer *out, const vg_phrase *phrase);
void vg_add_lua_text(vg_buffer *out, const char *text); /* in quotes */

/* example_expect.c: what a rule said, in an example's words. */
typedef struct vg_came {
	const char *word;     /* alert, ask, silent, not_evaluated, a screening's status; "error" */
	const char *severity; /* of an alert; else NULL */
	const char *says;     /* "" */
} vg_came;
vg_came vg_example_came(const vg_answer *answer, const char *rule);

#endif
