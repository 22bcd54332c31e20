/*
 * Screening status and dates (RULES.md §4, "Screening status" and "Dates").
 *
 * What is known of the past gives a span for the due date, first … last: it is
 * one day when every date is whole and every section complete.  A partial date
 * widens it, and so does a test that may have been done unseen.  The status is
 * computed at both ends; where they differ it is indeterminate.  The due date
 * is the latest of date done + interval; for somebody never screened it is the
 * day of entering `for_patients`.  Nothing is due before the age at which it
 * begins, and a test before that age counts as what it is.
 *
 * A result that `unless_result` excepts does not satisfy; when it is newer than
 * everything that does, what is due is its follow-up.
 */
#include "evaluation/evaluation_internal.h"

typedef struct span {
	vg_day first, last; /* VG_NO_DAY: since always; VG_FAR_FUTURE: never again */
} span;

typedef struct history { /* what the record tells of one screening */
	span known;      /* of what surely satisfies */
	bool any_known, any_possible;
	vg_day possible; /* latest due date that unseen or doubtful events could give */
	vg_day newest;   /* day of the newest event that satisfies */
	const vg_clinical_fact *fact;
	vg_day fact_first, fact_last;
} history;

static vg_day latest(vg_day a, vg_day b) { return a > b ? a : b; }

static vg_day due_after(const vg_option *option, vg_day day)
{
	return option->once ? VG_FAR_FUTURE : vg_day_plus(day, option->every);
}

static void add_possible(history *past, const vg_option *option, vg_day day)
{
	vg_day due = due_after(option, day);
	past->possible = past->any_possible ? latest(past->possible, due) : due;
	past->any_possible = true;
}

static void add_known(history *past, const vg_option *option, uint32_t number, const vg_event *event, vg_screened *notes)
{
	span due = {due_after(option, event->first), VG_NO_DAY};
	due.last = event->last == event->first ? due.first : due_after(option, event->last);
	if (!past->any_known || due.first > past->known.first)
		notes->option = number + 1;
	past->known.first = past->any_known ? latest(past->known.first, due.first) : due.first;
	past->known.last = past->any_known ? latest(past->known.last, due.last) : due.last;
	if (!past->any_known || event->last > past->newest) {
		past->newest = event->last;
		past->fact = event->fact;
		past->fact_first = event->first;
		past->fact_last = event->last;
		notes->last_option = number + 1;
	}
	past->any_known = true;
	notes->once_done |= option->once;
	notes->partial |= event->first != event->last;
}

static vg_day last_day_of(const vg_work *work, const vg_clinical_fact *fact)
{
	vg_day day = vg_when_known(fact->until)  ? fact->until.last
		     : vg_when_known(fact->when) ? fact->when.last
						 : work->scene.as_of;
	return day > work->scene.as_of ? work->scene.as_of : day;
}

/* Events that the record may not show, or shows doubtfully. */
static void add_unseen(vg_work *work, history *past, const vg_option *option, uint32_t number, const vg_event *event,
		       vg_screened *notes)
{
	vg_day today = work->scene.as_of;
	bool any = false;
	if (event->doubtful) {
		add_possible(past, option, last_day_of(work, event->doubtful));
		any = true;
	}
	if (event->unseen_before != VG_NO_DAY) {
		add_possible(past, option, event->unseen_before > today ? today : event->unseen_before - 1);
		any = true;
	} else if (event->unknown && !any) {
		add_possible(past, option, today);
		any = true;
	}
	if (any && !notes->missing_option)
		notes->missing_option = number + 1;
}

static void note_excepted(vg_screened *notes, uint32_t number, const vg_event *event)
{
	const vg_clinical_fact *fact = event->excepted;
	if (!fact || (notes->excepted && notes->excepted->when.last >= fact->when.last))
		return;
	notes->excepted = fact;
	notes->excepted_option = number + 1;
}

static void look_back(vg_work *work, const vg_rule *rule, history *past, vg_screened *notes)
{
	for (uint32_t i = 0; i < rule->option_count; i++) {
		const vg_option *option = &rule->options[i];
		vg_event event;
		vg_leaf_event(&work->scene, &work->book->leaves[option->leaf], &event);
		vg_truth also = option->also == VG_NO_NODE ? VG_TRUE : vg_ask_node(work, option->also, NULL);
		if (also == VG_FALSE)
			continue;
		bool dated = event.fact && event.first != VG_NO_DAY;
		if (dated && also == VG_TRUE)
			add_known(past, option, i, &event, notes);
		else if (event.fact) {
			add_possible(past, option, dated ? event.last : work->scene.as_of);
			if (!notes->missing_option)
				notes->missing_option = i + 1;
		}
		add_unseen(work, past, option, i, &event, notes);
		note_excepted(notes, i, &event);
	}
	notes->follow_up = notes->excepted && vg_when_known(notes->excepted->when) &&
			   (!past->any_known || notes->excepted->when.last >= past->newest);
}

static vg_screening_status status_for(const vg_work *work, const vg_rule *rule, vg_day due)
{
	vg_day today = work->scene.as_of;
	if (due == VG_NO_DAY || today > due)
		return VG_OVERDUE;
	if (due == VG_FAR_FUTURE)
		return VG_UP_TO_DATE;
	vg_day soon = vg_duration_given(rule->due_soon) ? vg_day_minus(due, rule->due_soon) : due;
	return today >= soon ? VG_DUE_SOON : VG_UP_TO_DATE;
}

/* The span in which the screening falls due. */
static span due_span(vg_work *work, const vg_rule *rule, const history *past, vg_screened *notes)
{
	span due = past->known;
	if (!past->any_known) {
		vg_when entered = vg_entered_on(work, rule->requires, false);
		due = (span){entered.first, vg_when_known(entered) ? entered.last : VG_NO_DAY};
		notes->entered = true;
	} else if (notes->follow_up) {
		due = (span){notes->excepted->when.first, notes->excepted->when.last};
	} else if (due.first <= work->scene.as_of) { /* the age was reached by today, so what is due later is due after it */
		vg_when begin = vg_entered_on(work, rule->requires, true);
		if (vg_when_known(begin))
			due = (span){latest(due.first, begin.first), latest(due.last, begin.last)};
	}
	notes->partial |= due.first != due.last;
	if (past->any_possible)
		due.last = latest(due.last, past->possible);
	return due;
}

static void settle(vg_work *work, const vg_rule *rule, vg_screening *out, vg_screened *notes)
{
	history past = {.newest = VG_NO_DAY};
	look_back(work, rule, &past, notes);
	out->last = past.fact;
	if (past.fact) {
		out->last_done = past.fact->when;
		out->last_done.first = past.fact_first;
		out->last_done.last = past.fact_last;
	}
	span due = due_span(work, rule, &past, notes);
	vg_screening_status status = status_for(work, rule, due.first);
	notes->options_unknown = past.any_possible && past.possible > due.first;
	if (due.first != due.last && status != status_for(work, rule, due.last)) {
		out->status = VG_INDETERMINATE;
		return;
	}
	out->status = (uint8_t)status;
	if (due.first != VG_NO_DAY && due.first != VG_FAR_FUTURE)
		out->due = due.first;
	if (status == VG_OVERDUE && out->due != VG_NO_DAY)
		out->overdue_since = out->due + 1;
}

static void judge_screening(vg_work *work, uint32_t number, vg_screening *out, vg_screened *notes)
{
	const vg_rule *rule = &work->book->rules[number];
	out->rule = rule; /* the rest of both is zero */
	out->status = VG_NOT_APPLICABLE;
	out->due = out->overdue_since = VG_NO_DAY;
	out->last_done = VG_NO_WHEN;
	if (work->has_died) {
		notes->deceased = true;
		return;
	}
	vg_truth eligible = vg_ask_node(work, rule->requires, NULL);
	if (eligible == VG_FALSE)
		return;
	vg_truth excluded = rule->unless == VG_NO_NODE ? VG_FALSE : vg_ask_node(work, rule->unless, NULL);
	if (excluded == VG_TRUE) {
		notes->excluded = out->excluded = true;
		return;
	}
	notes->exception_unknown = excluded == VG_UNKNOWN;
	if (eligible == VG_UNKNOWN) {
		notes->eligible_unknown = true;
		out->status = VG_INDETERMINATE;
		return;
	}
	settle(work, rule, out, notes);
}

static void note(vg_work *work, uint32_t number, const vg_screening *screening)
{
	if (screening->status == VG_INDETERMINATE)
		vg_add_unsettled(work, number, NULL, NULL);
	else if (screening->status == VG_OVERDUE || screening->status == VG_DUE_SOON)
		vg_note_outcome(work, number, VG_FIRED);
}

void vg_judge_screenings(vg_work *work)
{
	const vg_plan *plan = work->plan;
	work->screenings = vg_alloc_array(work->arena, plan->screening_count, sizeof *work->screenings);
	work->screened = vg_alloc_array(work->arena, plan->screening_count, sizeof *work->screened);
	if (!work->screenings || !work->screened)
		return;
	for (uint32_t i = 0; i < plan->screening_count; i++) {
		uint32_t number = plan->screenings[i];
		bool wanted = vg_bit_test(work->candidates, number) || work->question->all_screenings;
		if (!vg_rule_enabled(work, number) || !wanted)
			continue;
		if (vg_out_of_time(work)) {
			vg_add_unsettled(work, number, NULL, "the request's time was used up");
			continue;
		}
		vg_screening *out = &work->screenings[work->screening_count];
		vg_screened *notes = &work->screened[work->screening_count];
		judge_screening(work, number, out, notes);
		note(work, number, out);
		if (out->status != VG_NOT_APPLICABLE || work->question->all_screenings) {
			work->screening_count++;
		} else {
			memset(out, 0, sizeof *out); /* for the next one */
			memset(notes, 0, sizeof *notes);
		}
	}
}
