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

#endif
