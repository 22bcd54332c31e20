/*
 * The same test again before it can tell anything new.
 *
 * The interval runs to the day for which the order wants the test, not to the
 * day on which it is written.  What counts: results, reports and procedures
 * that stand (preliminary ones too), orders that are pending, and the session's
 * earlier orders.  Cancelled results are not even facts.
 *
 * Panels, both ways.  A panel that was reported counts for its members, unless
 * the report lists its results, which then speak for themselves.  A panel that
 * is ordered is a repetition only when every member was measured in the
 * interval, for else it still tells something new.
 */
#include "evaluation/evaluation_internal.h"

vg_when vg_wanted_on(const vg_work *work, const vg_clinical_fact *order)
{
	if (vg_when_known(order->planned))
		return order->planned;
	if (order->is_order && vg_when_known(order->when) && order->when.first > work->scene.as_of)
		return order->when;
	return (vg_when){work->scene.as_of, work->scene.as_of, VG_NO_INSTANT};
}

/* Whether `when` lies at most the interval before (or after) the wanted day. */
static vg_truth is_near(vg_when when, vg_when wanted, vg_duration interval)
{
	if (!vg_when_known(when))
		return VG_UNKNOWN;
	vg_day first = when.first < wanted.first ? when.first : wanted.first;
	vg_day last = when.last > wanted.last ? when.last : wanted.last;
	if (last <= vg_day_plus(first, interval))
		return VG_TRUE;
	bool before = when.last<wanted.first, after = when.first> wanted.last;
	if (before && wanted.first > vg_day_plus(when.last, interval))
		return VG_FALSE;
	if (after && when.first > vg_day_plus(wanted.last, interval))
		return VG_FALSE;
	return VG_UNKNOWN;
}

static bool stands(const vg_clinical_fact *fact)
{
	return fact->standing == VG_CURRENT || fact->standing == VG_PRELIMINARY || fact->standing == VG_INTENDED;
}

static bool has_code(const vg_clinical_fact *fact, vg_concept concept)
{
	for (uint8_t i = 0; i < fact->code_count; i++)
		if (fact->codes[i].concept == concept)
			return true;
	return false;
}

/* The members of a fact's panel; none when it is no panel. */
static vg_ids panel_of(const vg_work *work, const vg_clinical_fact *fact)
{
	for (uint8_t i = 0; i < fact->code_count; i++) {
		vg_ids members =
		    fact->codes[i].concept ? vg_panel_members(work->knowledge, fact->codes[i].concept) : (vg_ids){NULL, 0};
		if (members.count)
			return members;
	}
	return (vg_ids){NULL, 0};
}

static bool panel_touches(const vg_work *work, const vg_clinical_fact *fact, vg_set set)
{
	vg_ids members = panel_of(work, fact);
	for (size_t i = 0; i < members.count; i++)
		if (vg_set_has(work->knowledge, set, members.ids[i]))
			return true;
	return false;
}

/* Something was measured or done, or is still to come (a registered result). */
static bool is_outcome(const vg_clinical_fact *fact)
{
	if (fact->kind == VG_FACT_SERVICE)
		return stands(fact);
	if (fact->standing == VG_PLANNED)
		return fact->kind != VG_FACT_PROCEDURE;
	if (!stands(fact))
		return false;
	return fact->kind != VG_FACT_RESULT || vg_value_readable(fact);
}

/* Whether a fact of the chart is the test of `set`. */
static bool is_test(const vg_work *work, const vg_clinical_fact *fact, vg_set set)
{
	if (vg_fact_in_set(work->scene.record, fact, set))
		return is_outcome(fact);
	bool whole = fact->kind == VG_FACT_REPORT ? fact->result_count == 0 : fact->kind == VG_FACT_SERVICE;
	return whole && (stands(fact) || fact->standing == VG_PLANNED) && panel_touches(work, fact, set);
}

static vg_when day_of(const vg_work *work, const vg_clinical_fact *fact)
{
	if (fact->kind == VG_FACT_SERVICE && (fact->is_order || fact->other_draft))
		return vg_wanted_on(work, fact);
	return fact->kind == VG_FACT_SERVICE && vg_when_known(fact->planned) ? fact->planned : fact->when;
}

typedef struct retest { /* for what makes one order a repetition */
	vg_work *work;
	const vg_rule *rule;
	const vg_clinical_fact *order;
	uint32_t order_place;
	vg_when wanted;
	const vg_clinical_fact **near;
	size_t near_count, near_capacity;
	const vg_clinical_fact *perhaps; /* its date does not tell */
} retest;

static void consider(retest *hunt, const vg_clinical_fact *fact)
{
	vg_truth near = is_near(day_of(hunt->work, fact), hunt->wanted, hunt->rule->interval);
	if (near == VG_UNKNOWN && fact->kind == VG_FACT_SERVICE && !vg_when_known(day_of(hunt->work, fact)))
		near = VG_TRUE; /* pending, and nobody knows since when */
	if (near == VG_UNKNOWN)
		hunt->perhaps = fact;
	if (near != VG_TRUE)
		return;
	const vg_clinical_fact **items =
	    vg_grow(hunt->work->arena, hunt->near, hunt->near_count, &hunt->near_capacity, sizeof *items);
	if (!items)
		return;
	hunt->near = items;
	items[hunt->near_count++] = fact;
}

static void consider_chart(retest *hunt, const vg_clinical_fact *fact)
{
	const vg_work *work = hunt->work;
	if (vg_fact_is_future(fact, work->scene.as_of) || fact->other_draft || !is_test(work, fact, hunt->rule->subject))
		return;
	if (!vg_same_resource(fact, hunt->order) && vg_order_place(work, fact) == VG_NO_ORDER)
		consider(hunt, fact);
}

static bool may_be_test(const vg_clinical_fact *fact)
{
	return fact->kind == VG_FACT_RESULT || fact->kind == VG_FACT_REPORT || fact->kind == VG_FACT_PROCEDURE ||
	       fact->kind == VG_FACT_SERVICE;
}

/* Facts of the test itself: by the record's index where the set is watched. */
static void search_chart(retest *hunt)
{
	const vg_record *record = hunt->work->scene.record;
	const vg_watch *watch = &hunt->work->book->watch;
	uint32_t slot = watch->slot_of_set && hunt->rule->subject ? watch->slot_of_set[hunt->rule->subject] : 0;
	vg_ids watched = slot ? vg_record_watched(record, slot) : (vg_ids){NULL, record->fact_count};
	for (size_t i = 0; i < watched.count; i++) {
		const vg_clinical_fact *fact = &record->facts[slot ? watched.ids[i] : i];
		if (may_be_test(fact) && vg_fact_in_set(record, fact, hunt->rule->subject))
			consider_chart(hunt, fact);
	}
}

/* Panels that hold the test, under codes of their own. */
static void search_panels(retest *hunt)
{
	static const uint8_t kinds[] = {VG_FACT_REPORT, VG_FACT_SERVICE};
	const vg_record *record = hunt->work->scene.record;
	for (size_t k = 0; k < VG_COUNT(kinds); k++)
		for (uint32_t i = 0; i < record->kind_counts[kinds[k]]; i++) {
			const vg_clinical_fact *fact = &record->facts[record->kind_facts[kinds[k]][i]];
			if (!vg_fact_in_set(record, fact, hunt->rule->subject))
				consider_chart(hunt, fact);
		}
}

/* Orders before this one, and the session's other drafts. */
static void search_orders(retest *hunt)
{
	const vg_work *work = hunt->work;
	for (uint32_t i = 0; i < hunt->order_place + work->scene.draft_count; i++) {
		const vg_clinical_fact *order =
		    i < hunt->order_place ? work->scene.orders[i] : work->scene.drafts[i - hunt->order_place];
		if (order->kind == VG_FACT_SERVICE && (vg_fact_in_set(work->scene.record, order, hunt->rule->subject) ||
						       panel_touches(work, order, hunt->rule->subject)))
			consider(hunt, order);
	}
}

static void search(retest *hunt, bool in_panel)
{
	search_chart(hunt);
	if (in_panel)
		search_panels(hunt);
	search_orders(hunt);
}

/* Whether some result in the interval is of this very test. */
static bool measured(const retest *hunt, vg_concept test)
{
	const vg_record *record = hunt->work->scene.record;
	for (uint32_t i = 0; i < record->kind_counts[VG_FACT_RESULT]; i++) {
		const vg_clinical_fact *fact = &record->facts[record->kind_facts[VG_FACT_RESULT][i]];
		if (stands(fact) && vg_value_readable(fact) && has_code(fact, test) &&
		    !vg_fact_is_future(fact, hunt->work->scene.as_of) &&
		    is_near(fact->when, hunt->wanted, hunt->rule->interval) == VG_TRUE)
			return true;
	}
	return false;
}

/* An ordered panel tells something new as long as one member was not measured. */
static bool panel_is_stale(const retest *hunt)
{
	const vg_work *work = hunt->work;
	vg_ids members = panel_of(work, hunt->order);
	for (size_t i = 0; i < members.count; i++)
		if (!vg_set_has(work->knowledge, hunt->rule->subject, members.ids[i]) && !measured(hunt, members.ids[i]))
			return false;
	return true;
}

static bool covered(const vg_work *work, vg_section section, vg_day from)
{
	const vg_completeness *state = &work->scene.sections[section];
	return state->state == VG_COMPLETE || (state->state == VG_SUPPLIED_SINCE && state->since <= from);
}

static const char *missing_section(const retest *hunt)
{
	vg_day from = vg_day_minus(hunt->wanted.first, hunt->rule->interval);
	if (!covered(hunt->work, VG_RESULTS, from))
		return "results not supplied";
	if (!covered(hunt->work, VG_ORDERS, from))
		return "orders not supplied";
	return NULL;
}

static void judge_order(vg_work *work, uint32_t number, bool in_panel, uint32_t place)
{
	retest hunt = {
	    .work = work, .rule = &work->book->rules[number], .order = work->scene.orders[place], .order_place = place};
	bool direct = vg_fact_in_set(work->scene.record, hunt.order, hunt.rule->subject);
	if (hunt.order->kind != VG_FACT_SERVICE ||
	    (!direct && !(in_panel && panel_touches(work, hunt.order, hunt.rule->subject))))
		return;
	hunt.wanted = vg_wanted_on(work, hunt.order);
	search(&hunt, in_panel);
	if (!direct && hunt.near_count && !panel_is_stale(&hunt))
		return;
	vg_binding binding = {
	    .order = hunt.order, .subject = hunt.order, .subject_set = hunt.rule->subject, .other_set = hunt.rule->subject};
	for (size_t i = 0; i < hunt.near_count; i++) {
		binding.other = hunt.near[i];
		vg_judge_rule(work, number, &binding, VG_TRUE, 0);
	}
	if (hunt.near_count)
		return;
	binding.other = hunt.perhaps;
	const char *missing = missing_section(&hunt);
	if (hunt.perhaps || (direct && missing)) {
		/* As unknown as any other requirement: exceptions may silence it, if_unknown may say it. */
		if (vg_judge_rule(work, number, &binding, VG_UNKNOWN, 0) != VG_SILENT)
			vg_explain_unsettled(work, number,
					     hunt.perhaps ? "the date of an earlier result is not known exactly" : missing);
	}
}

void vg_judge_tests(vg_work *work)
{
	bool any = false, any_panel = false;
	for (uint32_t i = 0; i < work->scene.order_count; i++) {
		const vg_clinical_fact *order = work->scene.orders[i];
		any |= order->kind == VG_FACT_SERVICE;
		any_panel |= order->kind == VG_FACT_SERVICE && panel_of(work, order).count;
	}
	for (uint32_t i = 0; any && i < work->plan->test_count; i++) {
		uint32_t number = work->plan->tests[i];
		/* An order of a panel is no member of the test's own set, so the index does not know it. */
		bool may_speak = vg_bit_test(work->candidates, number) || (any_panel && work->plan->test_in_panel[i]);
		if (!may_speak || !vg_rule_enabled(work, number))
			continue;
		for (uint32_t order = 0; order < work->scene.order_count; order++)
			if (!vg_out_of_time(work))
				judge_order(work, number, work->plan->test_in_panel[i], order);
			else
				vg_add_unsettled(work, number, NULL, "the request's time was used up");
	}
}
