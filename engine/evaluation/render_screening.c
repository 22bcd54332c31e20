/*
 * Words for a screening: why it has its status, what was not excluded, what to
 * offer.  Reasons name the test, the day and the interval, so that a clinician
 * can check them against the chart.
 */
#include "evaluation/evaluation_internal.h"

static const char *or_empty(const char *text) { return text ? text : ""; }

static const char *option_name(const vg_work *work, const vg_rule *rule, uint32_t number)
{
	if (number == 0 || number > rule->option_count)
		return "";
	const vg_leaf *leaf = &work->book->leaves[rule->options[number - 1].leaf];
	return leaf->set ? vg_set_name(work->knowledge, leaf->set) : or_empty(leaf->sentence);
}

static const char *not_applicable_reason(vg_work *work, const vg_rule *rule, const vg_screened *notes)
{
	if (notes->deceased)
		return "The patient has died.";
	vg_walk walk = {.steps = NULL};
	vg_walk_tree(work, notes->excluded ? rule->unless : rule->requires, NULL, &walk);
	vg_truth value = notes->excluded ? VG_TRUE : VG_FALSE;
	for (size_t i = 0; i < walk.count; i++) {
		const vg_step *step = &walk.steps[i];
		if (!step->leaf || !vg_step_decides(&walk, i, value))
			continue;
		const vg_clinical_fact *fact = step->look.fact_count ? step->look.facts[0] : NULL;
		const char *date = fact ? vg_fact_date(work, fact) : NULL;
		if (notes->excluded)
			return or_empty(vg_format(work->arena, "Excluded: %s%s%s%s%s.", step->sentence, fact ? " (" : "",
						  fact ? vg_fact_words(fact) : "", date ? " " : "",
						  fact ? date ? vg_format(work->arena, "%s)", date) : ")" : ""));
		return or_empty(vg_format(work->arena, "Not meant for this patient. It is not so: %s.", step->sentence));
	}
	return "Not meant for this patient.";
}

static const char *every_text(vg_work *work, const vg_rule *rule, uint32_t number)
{
	char text[32];
	if (number == 0 || number > rule->option_count || rule->options[number - 1].once)
		return "";
	return or_empty(vg_format(work->arena, ", %s after it", vg_duration_text(rule->options[number - 1].every, text)));
}

/* "colonoscopy on 2011-05-06" */
static const char *last_text(vg_work *work, const vg_screening *screening, const vg_screened *notes)
{
	char date[32];
	return or_empty(vg_format(work->arena, "%s on %s", option_name(work, screening->rule, notes->last_option),
				  vg_when_text(screening->last_done, date)));
}

static const char *follow_up_text(vg_work *work, const vg_rule *rule, const vg_screened *notes)
{
	char date[32];
	const vg_leaf *leaf = &work->book->leaves[rule->options[notes->excepted_option - 1].leaf];
	return or_empty(vg_format(work->arena, "follow-up of an %s %s of %s",
				  leaf->other_set ? vg_set_name(work->knowledge, leaf->other_set) : "excepted",
				  option_name(work, rule, notes->excepted_option), vg_when_text(notes->excepted->when, date)));
}

static const char *dated_reason(vg_work *work, const vg_screening *screening, const vg_screened *notes)
{
	const char *verb = screening->status == VG_OVERDUE ? "was due on" : "is due on";
	char due[16];
	const char *day = screening->due == VG_NO_DAY ? NULL : vg_day_text(screening->due, due);
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	if (notes->follow_up)
		vg_add_sentence(&out, follow_up_text(work, screening->rule, notes));
	if (screening->last && notes->once_done && screening->status == VG_UP_TO_DATE && !day)
		vg_add_sentence(&out, vg_format(work->arena, "Done once and for all: %s", last_text(work, screening, notes)));
	else if (screening->last)
		vg_add_sentence(&out, vg_format(work->arena, "Last done: %s", last_text(work, screening, notes)));
	else
		vg_add_sentence(&out, "No such test is on record");
	if (day && screening->last && !notes->follow_up)
		vg_add_sentence(&out, vg_format(work->arena, "The next one %s %s%s", verb, day,
						every_text(work, screening->rule, notes->option)));
	else if (day)
		vg_add_sentence(&out, vg_format(work->arena, "It %s %s", verb, day));
	if (notes->options_unknown)
		vg_add_sentence(
		    &out, "The record does not show every test of the past; the status is the same whatever it does not show");
	if (notes->partial)
		vg_add_sentence(&out, "A date is known only in part; the status is the same for every day that it may mean");
	return or_empty(vg_buffer_text(&out));
}

/* Why nobody can tell. */
static const char *unknown_reason(vg_work *work, const vg_screening *screening, const vg_screened *notes)
{
	const vg_rule *rule = screening->rule;
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	if (notes->eligible_unknown) {
		vg_walk walk = {.steps = NULL};
		vg_walk_tree(work, rule->requires, NULL, &walk);
		vg_add_sentence(&out, vg_format(work->arena, "Not known whether it is meant for this patient: %s",
						vg_walk_missing(work, &walk)));
	} else if (notes->missing_option) {
		vg_event event;
		memset(&event, 0, sizeof event);
		event.first = event.last = event.unseen_before = VG_NO_DAY;
		vg_leaf_event(&work->scene, &work->book->leaves[rule->options[notes->missing_option - 1].leaf], &event);
		vg_add_sentence(&out,
				vg_format(work->arena, "Not known whether it was done: %s",
					  event.missing ? event.missing : option_name(work, rule, notes->missing_option)));
	} else {
		vg_add_sentence(&out, "A date is known only in part, and the status depends on the day that it means");
	}
	if (screening->last)
		vg_add_sentence(&out, vg_format(work->arena, "Last done: %s", last_text(work, screening, notes)));
	return or_empty(vg_buffer_text(&out));
}

static const char *trace_screening(vg_work *work, const vg_rule *rule)
{
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	const uint32_t trees[2] = {rule->requires, rule->unless};
	static const char *const parts[2] = {"for patients", "exception"};
	for (int i = 0; i < 2; i++) {
		vg_walk walk = {.steps = NULL};
		vg_walk_tree(work, trees[i], NULL, &walk);
		vg_walk_trace(work, &walk, parts[i], &out);
	}
	for (size_t i = 0; i < rule->option_count; i++) {
		const vg_leaf *leaf = &work->book->leaves[rule->options[i].leaf];
		vg_event event;
		memset(&event, 0, sizeof event);
		event.first = event.last = event.unseen_before = VG_NO_DAY;
		vg_leaf_event(&work->scene, leaf, &event);
		vg_addf(&out, "satisfied by: %s: ", or_empty(leaf->sentence));
		const char *date = event.fact ? vg_fact_date(work, event.fact) : NULL;
		if (event.fact)
			vg_addf(&out, "%s %s\n", vg_fact_words(event.fact), date ? date : "on an unknown day");
		else
			vg_addf(&out, "%s\n", event.missing ? event.missing : "never");
	}
	return vg_buffer_text(&out);
}

static const char *reason_of(vg_work *work, const vg_screening *screening, const vg_screened *notes)
{
	if (screening->status == VG_NOT_APPLICABLE)
		return not_applicable_reason(work, screening->rule, notes);
	if (screening->status == VG_INDETERMINATE)
		return unknown_reason(work, screening, notes);
	return dated_reason(work, screening, notes);
}

const char *vg_screening_reason(vg_evaluator *evaluator, size_t number)
{
	vg_work *work = evaluator->work;
	const char *reason = reason_of(work, &work->screenings[number], &work->screened[number]);
	return work->arena->failed ? NULL : reason;
}

static void render_screening(vg_work *work, vg_screening *screening, const vg_screened *notes)
{
	const vg_rule *rule = screening->rule;
	bool due = screening->status == VG_OVERDUE || screening->status == VG_DUE_SOON,
	     unknown = screening->status == VG_INDETERMINATE;
	screening->reason = reason_of(work, screening, notes);
	vg_filling filling = {.others = "", .screening = screening};
	screening->detail = due       ? vg_fill_text(work, &rule->remind, &filling)
			    : unknown ? vg_fill_text(work, &rule->ask, &filling)
				      : "";
	vg_text_list list = {.items = NULL};
	vg_walk walk = {.steps = NULL};
	if (notes->exception_unknown)
		vg_walk_tree(work, rule->unless, NULL, &walk);
	vg_add_not_excluded(work, &walk, &list);
	screening->not_excluded = list.items;
	screening->not_excluded_count = list.count;
	if (due || unknown)
		vg_suggest(work, rule, NULL, &screening->suggestions, &screening->suggestion_count);
	screening->override_reasons = rule->override_reasons;
	screening->override_count = rule->override_count;
	if (work->question->trace)
		screening->trace = trace_screening(work, rule);
}

void vg_render_screenings(vg_work *work)
{
	for (size_t i = 0; i < work->screening_count; i++)
		render_screening(work, &work->screenings[i], &work->screened[i]);
}
