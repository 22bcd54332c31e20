/*
 * Events: done, resulted, declined, ordered, vaccinated, visited; and the events from
 * which schedules count.
 *
 * An event is dated by its end (the record sees to it; a visit by the day it
 * ended, a present one by today).  A test whose result :unless_result excepts
 * does not count; one whose result cannot be read may or may not, and so does a
 * test that must have a value (tables/analytes.csv) and has none.  Several
 * entries of one day (a report and its values) tell each other's result.
 */
#include "rule/rule_internal.h"

/* Not when its text says that nothing came of it ("hemolyzed"). */
static bool is_done(const vg_clinical_fact *fact)
{
	bool event = fact->kind == VG_FACT_RESULT || fact->kind == VG_FACT_REPORT || fact->kind == VG_FACT_PROCEDURE ||
		     fact->kind == VG_FACT_IMMUNIZATION;
	return event && fact->standing <= VG_INTENDED &&
	       (fact->kind != VG_FACT_RESULT || fact->value.kind == VG_VALUE_NONE || vg_value_readable(fact));
}

static bool is_event(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact)
{
	bool result = fact->kind == VG_FACT_RESULT || fact->kind == VG_FACT_REPORT;
	switch (leaf->word) {
	case VG_WORD_DONE:
		return is_done(fact);
	case VG_WORD_RESULTED:
		return result && fact->standing <= VG_INTENDED && vg_has_value(scene, fact);
	case VG_WORD_VACCINATED:
		return fact->kind == VG_FACT_IMMUNIZATION && fact->standing <= VG_INTENDED;
	case VG_WORD_VISITED:
		return fact->kind == VG_FACT_ENCOUNTER && fact->standing <= VG_PAST;
	case VG_WORD_DECLINED:
		return fact->standing == VG_NOT_DONE;
	default:
		return (fact->kind == VG_FACT_SERVICE || fact->kind == VG_FACT_MEDICATION) && fact->standing <= VG_PAST &&
		       strstr(fact->type, "Request") != NULL;
	}
}

static vg_when event_when(const vg_scene *scene, const vg_clinical_fact *fact)
{
	if (fact->kind == VG_FACT_RESULT || fact->kind == VG_FACT_REPORT)
		return vg_result_when(fact);
	if (fact->kind != VG_FACT_ENCOUNTER)
		return fact->when;
	if (fact->standing == VG_CURRENT && vg_when_known(fact->when) &&
	    (!vg_when_known(fact->until) || fact->until.first > scene->as_of))
		return (vg_when){scene->as_of, scene->as_of, scene->as_of_instant};
	return vg_when_known(fact->until) && fact->until.first <= scene->as_of + 1 ? fact->until : fact->when;
}

static bool same_day(const vg_clinical_fact *a, const vg_clinical_fact *b)
{
	vg_when first = vg_result_when(a), second = vg_result_when(b);
	return vg_when_known(first) && first.first == second.first && first.last == second.last;
}

vg_truth vg_is_excepted(const vg_scene *scene, const vg_leaf *leaf, vg_ids ids, const vg_clinical_fact *fact)
{
	vg_truth truth = vg_coded_in(scene, fact, leaf->other_set);
	if (truth != VG_UNKNOWN)
		return truth;
	/* Its own result is not known: another entry of the same day may tell it. */
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *other = &scene->record->facts[ids.ids[i]];
		if (other == fact || !is_event(scene, leaf, other) || !same_day(fact, other))
			continue;
		vg_truth told = vg_coded_in(scene, other, leaf->other_set);
		if (told == VG_TRUE)
			return VG_TRUE;
		if (told == VG_FALSE)
			truth = VG_FALSE;
	}
	return truth;
}

/* A measurement without a value: whether it was made is not told, unless another entry of the day tells it. */
static bool is_empty(const vg_scene *scene, const vg_leaf *leaf, vg_ids ids, const vg_clinical_fact *fact)
{
	if (leaf->word != VG_WORD_DONE || !fact->without_result || !vg_set_is_measured(scene->knowledge, leaf->set))
		return false;
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *other = &scene->record->facts[ids.ids[i]];
		if (!other->without_result && is_event(scene, leaf, other) && same_day(fact, other))
			return false;
	}
	return true;
}

/* Whether an event (is_event) counts, its window aside. */
static vg_truth event_counts(const vg_scene *scene, const vg_leaf *leaf, vg_ids ids, const vg_clinical_fact *fact,
			     vg_look *look)
{
	vg_truth truth = VG_TRUE;
	if (!vg_fact_usable(scene, fact))
		return VG_FALSE;
	if (leaf->word == VG_WORD_RESULTED && leaf->comparison != VG_NO_COMPARISON)
		truth = fact->value.kind == VG_VALUE_NONE ? VG_FALSE : vg_judge(scene, leaf, fact, look);
	else if (leaf->other_set)
		truth = vg_not(vg_is_excepted(scene, leaf, ids, fact));
	if (truth == VG_TRUE && is_empty(scene, leaf, ids, fact))
		truth = VG_UNKNOWN;
	if (truth == VG_UNKNOWN)
		vg_look_missing(look, "the result of %s cannot be read", fact->display);
	return truth;
}

typedef struct event_tally {
	vg_truth any;
	uint32_t certain, possible;
	vg_day last_day;
} event_tally;

static void count_event(const vg_leaf *leaf, vg_when when, vg_truth truth, event_tally *events)
{
	/* Tests and doses of one day are one event; visits and orders only when that is asked. */
	bool by_day = leaf->different_days || leaf->word == VG_WORD_DONE || leaf->word == VG_WORD_RESULTED;
	bool exact = vg_when_known(when) && when.first == when.last;
	events->any = vg_or(events->any, truth);
	if (by_day && exact && when.first == events->last_day)
		return;
	events->possible++;
	if (truth != VG_TRUE || (by_day && !exact))
		return;
	events->certain++;
	events->last_day = exact ? when.first : events->last_day;
}

static vg_truth sum_up(const vg_leaf *leaf, const event_tally *events)
{
	if (leaf->times < 2)
		return events->any;
	if (events->certain >= leaf->times)
		return VG_TRUE;
	return events->possible >= leaf->times ? VG_UNKNOWN : VG_FALSE;
}

vg_truth vg_truth_event(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	(void)binding;
	event_tally events = {VG_FALSE, 0, 0, VG_FAR_FUTURE};
	vg_window window;
	vg_window_of(scene, leaf, &window);
	vg_ids ids = vg_record_watched(scene->record, leaf->slot);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		if (!is_event(scene, leaf, fact))
			continue;
		vg_when when = event_when(scene, fact);
		vg_truth timely = vg_in_window(&window, when, fact->recorded);
		vg_truth truth = timely == VG_FALSE ? VG_FALSE : vg_and(timely, event_counts(scene, leaf, ids, fact, look));
		if (truth == VG_FALSE)
			continue;
		count_event(leaf, when, truth, &events);
		vg_look_fact(look, fact);
		if (timely == VG_UNKNOWN)
			vg_look_missing(look, "the date of %s is not known exactly", fact->display);
		if (!look && events.any == VG_TRUE && leaf->times < 2)
			return VG_TRUE;
	}
	vg_truth truth = sum_up(leaf, &events);
	if (truth == VG_UNKNOWN)
		vg_look_missing(look, "how often there was %s cannot be told from its dates",
				vg_set_name(scene->knowledge, leaf->set));
	return truth != VG_FALSE ? truth : vg_nothing_found(scene, leaf->sections, window.from_first, look);
}

/* ---- schedules ------------------------------------------------------------------------------ */

static const char *const section_missing[VG_SECTION_COUNT] = {
    [VG_MEDICATIONS] = "medications not complete", [VG_ALLERGIES] = "allergies not complete",
    [VG_CONDITIONS] = "conditions not complete",   [VG_RESULTS] = "results not complete",
    [VG_PROCEDURES] = "procedures not complete",   [VG_IMMUNIZATIONS] = "immunizations not complete",
    [VG_ENCOUNTERS] = "encounters not complete",   [VG_ORDERS] = "orders not complete",
};
static const char *const section_not_supplied[VG_SECTION_COUNT] = {
    [VG_MEDICATIONS] = "medications not supplied", [VG_ALLERGIES] = "allergies not supplied",
    [VG_CONDITIONS] = "conditions not supplied",   [VG_RESULTS] = "results not supplied",
    [VG_PROCEDURES] = "procedures not supplied",   [VG_IMMUNIZATIONS] = "immunizations not supplied",
    [VG_ENCOUNTERS] = "encounters not supplied",   [VG_ORDERS] = "orders not supplied",
};

static void note_gaps(const vg_scene *scene, const vg_leaf *leaf, vg_event *event)
{
	unsigned sections = leaf->sections & ~scene->complete;
	event->unseen_before = VG_NO_DAY;
	for (unsigned i = 0; sections >> i; i++) {
		const vg_completeness *section = &scene->sections[i];
		if (!(sections >> i & 1) || section->state == VG_COMPLETE)
			continue;
		vg_day day = section->state == VG_NOT_SUPPLIED ? VG_FAR_FUTURE : section->since;
		if (day <= event->unseen_before)
			continue;
		event->unseen_before = day;
		event->missing = section->state == VG_NOT_SUPPLIED ? section_not_supplied[i] : section_missing[i];
	}
}

typedef struct dated {
	const vg_clinical_fact *fact; /* NULL: none yet */
	vg_when when;
} dated;

/* The newer of two by their dates; of equal ones the first, which stands first in the record's order. */
static void keep_newer(dated *kept, const vg_clinical_fact *fact, vg_when when)
{
	vg_when old = kept->when;
	if (!kept->fact || (vg_when_known(when) &&
			    (!vg_when_known(old) || when.last > old.last || (when.last == old.last && when.first > old.first))))
		*kept = (dated){fact, when};
}

/* Whether there is one that may be of a later day than the event that was found, or of the same. */
static bool may_follow(const dated *found, const vg_event *event)
{
	return found->fact && (!event->fact || !vg_when_known(found->when) || found->when.last >= event->first);
}

/* Whether facts are dated by what they are sorted by, all of them, and one is enough: then an older fact neither takes the
 * place of an event that was found nor casts a doubt on it. */
static bool newest_decides(const vg_scene *scene, const vg_leaf *leaf, vg_ids ids)
{
	bool by_date = leaf->word == VG_WORD_DONE || leaf->word == VG_WORD_RESULTED || leaf->word == VG_WORD_VACCINATED;
	return by_date && leaf->times < 2 && ids.count && vg_when_known(scene->record->facts[ids.ids[ids.count - 1]].when);
}

bool vg_leaf_event(const vg_scene *scene, const vg_leaf *leaf, vg_event *ret)
{
	vg_event event = {.first = VG_NO_DAY, .last = VG_NO_DAY};
	event_tally counted = {VG_FALSE, 0, 0, VG_FAR_FUTURE};
	dated newest = {.fact = NULL}, excepted = newest, doubtful = newest;
	vg_window window;
	vg_window_of(scene, leaf, &window);
	vg_ids ids = vg_record_watched(scene->record, leaf->slot);
	const bool decides = newest_decides(scene, leaf, ids);
	for (size_t i = 0; i < ids.count; i++) {
		const vg_clinical_fact *fact = &scene->record->facts[ids.ids[i]];
		if (decides && newest.fact && fact->when.last < newest.when.first)
			break;
		if (!is_event(scene, leaf, fact) || !vg_fact_usable(scene, fact))
			continue;
		vg_when when = event_when(scene, fact);
		vg_truth counts = event_counts(scene, leaf, ids, fact, NULL);
		vg_truth truth = vg_and(counts, vg_in_window(&window, when, fact->recorded));
		if (counts == VG_FALSE && leaf->other_set && leaf->comparison == VG_NO_COMPARISON)
			keep_newer(&excepted, fact, when);
		if (truth == VG_FALSE)
			continue;
		count_event(leaf, when, truth, &counted);
		keep_newer(truth == VG_TRUE && vg_when_known(when) ? &newest : &doubtful, fact, when);
	}
	note_gaps(scene, leaf, &event);
	vg_truth enough = sum_up(leaf, &counted);
	if (newest.fact && (leaf->times < 2 || enough == VG_TRUE)) {
		event.fact = newest.fact;
		event.first = newest.when.first;
		event.last = newest.when.last;
	}
	event.excepted = may_follow(&excepted, &event) ? excepted.fact : NULL;
	event.doubtful = may_follow(&doubtful, &event) ? doubtful.fact : NULL;
	if (event.doubtful)
		event.missing = vg_when_known(doubtful.when) ? "a result or its date cannot be read" : "a date is not known";
	event.unknown = event.doubtful || (!event.fact && (event.unseen_before != VG_NO_DAY || enough == VG_UNKNOWN));
	if (!event.unknown && event.unseen_before == VG_NO_DAY)
		event.missing = NULL;
	*ret = event;
	return event.fact != NULL;
}
