/*
 * What was not known, said: notices, rules that came out unknown, facts that
 * could not be used, and whether the answer is complete.
 */
#include "evaluation/evaluation_internal.h"

static const char *or_empty(const char *text) { return text ? text : ""; }

/* ---- notices ---------------------------------------------------------------------- */

/* Why so little is said of this chart, in which the entry of a death may be wrong. */
const char *vg_death_notice(const vg_work *work)
{
	if (!work->has_died)
		return NULL;
	char day[32];
	vg_when death = work->scene.record->patient.death;
	bool dated = vg_when_known(death);
	return or_empty(vg_format(work->arena,
				  "The record says that the patient died%s%s%s: listed drugs and screenings are not judged, "
				  "orders are. If that is wrong, correct it.",
				  dated ? " (" : "", dated ? vg_when_text(death, day) : "", dated ? ")" : ""));
}

static void add_notices(vg_work *work, vg_answer *answer)
{
	bool drugs = vg_has_drug_orders(work) || work->judges_taken;
	if (!drugs && !work->late && !work->has_died)
		return;
	const char **notices = vg_alloc_array(work->arena, 4, sizeof *notices);
	if (!notices)
		return;
	if (drugs && work->scene.sections[VG_MEDICATIONS].state == VG_NOT_SUPPLIED)
		notices[answer->notice_count++] = "Interactions could not be checked: no medication list.";
	if (drugs && work->scene.sections[VG_ALLERGIES].state == VG_NOT_SUPPLIED)
		notices[answer->notice_count++] = "Allergies could not be checked: no allergy list.";
	if (work->late)
		notices[answer->notice_count++] =
		    work->late_pairs ? "Not everything could be checked in time: interactions and allergies may be missing."
				     : "Not everything could be checked in time.";
	answer->death_notice = vg_death_notice(work);
	if (answer->death_notice)
		notices[answer->notice_count++] = answer->death_notice;
	answer->notices = notices;
}

/* ---- rules that came out unknown ---------------------------------------------------- */

static const char *screening_reason(const vg_work *work, const vg_rule *rule)
{
	for (size_t i = 0; i < work->screening_count; i++)
		if (work->screenings[i].rule == rule)
			return or_empty(work->screenings[i].reason);
	return "";
}

static void add_text(vg_buffer *out, const char *text)
{
	if (!text || !*text || (out->length && strstr(out->text, text)))
		return;
	vg_add(out, out->length ? "; " : "");
	vg_add(out, text);
}

/* What a check function needs and nobody knows. */
static void add_needs(vg_work *work, const vg_unsettled *item, vg_buffer *out)
{
	const vg_rule *rule = &work->book->rules[item->rule];
	for (size_t i = 0; i < rule->need_count; i++) {
		vg_argument argument;
		if (rule->needs[i].optional || vg_need_argument(work, &rule->needs[i], &item->binding, &argument))
			continue;
		const vg_leaf *leaf = &work->book->leaves[rule->needs[i].leaf];
		vg_look look = {.arena = work->arena};
		vg_leaf_truth(&work->scene, leaf, &item->binding, &look);
		add_text(out, look.missing ? look.missing : vg_format(work->arena, "not known: %s", or_empty(leaf->sentence)));
	}
}

static const char *missing_text(vg_work *work, const vg_unsettled *item)
{
	const vg_rule *rule = &work->book->rules[item->rule];
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	add_text(&out, item->missing);
	if (rule->kind == VG_KIND_SCREENING) {
		if (!item->missing)
			add_text(&out, screening_reason(work, rule));
	} else if (!item->missing || !rule->bound) {
		vg_walk walk = {.steps = NULL};
		vg_walk_tree(work, rule->requires, &item->binding, &walk);
		if (walk.count && walk.steps[0].truth == VG_UNKNOWN)
			add_text(&out, vg_walk_missing(work, &walk));
		if (rule->check)
			add_needs(work, item, &out);
		if (rule->check && out.length == 0)
			add_text(&out, "its check could not tell");
	}
	return or_empty(vg_buffer_text(&out));
}

static void add_not_evaluated(vg_work *work, vg_answer *answer, bool with_texts)
{
	if (work->unsettled_count == 0)
		return;
	vg_not_evaluated *items = vg_alloc_array(work->arena, work->unsettled_count, sizeof *items);
	if (!items)
		return;
	/* In the order of the rules, so that nobody sees in what order they were judged. */
	for (size_t word = 0; word < work->book->words; word++)
		for (vg_bits bits = work->unsettled_rules[word]; bits; bits &= bits - 1) {
			uint32_t number = (uint32_t)(word * 64 + (size_t)__builtin_ctzll(bits));
			for (size_t i = 0; i < work->unsettled_count; i++)
				if (work->unsettled[i].rule == number)
					items[answer->not_evaluated_count++] =
					    (vg_not_evaluated){work->book->rules[number].id,
							       with_texts ? missing_text(work, &work->unsettled[i]) : ""};
		}
	answer->not_evaluated = items;
}

/* ---- facts that could not be used ------------------------------------------------------ */

static bool has_test_orders(const vg_work *work)
{
	for (uint32_t i = 0; i < work->scene.order_count; i++)
		if (work->scene.orders[i]->kind == VG_FACT_SERVICE)
			return true;
	return false;
}

static bool is_judged(const vg_work *work, const vg_clinical_fact *fact) { return vg_order_place(work, fact) != VG_NO_ORDER; }

/* Whether what could not be used would count today. */
static bool matters(const vg_work *work, const vg_record *record, const vg_unused *unused)
{
	if (!unused->fact)
		return true;
	const vg_clinical_fact *fact = unused->of_order ? &record->orders[unused->fact - 1] : &record->facts[unused->fact - 1];
	if (unused->of_order || fact->other_draft || is_judged(work, fact))
		return true;
	if (fact->kind == VG_FACT_MEDICATION)
		return record == work->scene.record ? work->scene.activity[unused->fact - 1] != VG_NOT_ACTIVE
						    : vg_medication_activity(fact, work->scene.as_of) != VG_NOT_ACTIVE;
	if (fact->kind == VG_FACT_ALLERGY)
		return vg_allergy_counts(work, fact);
	if (fact->kind == VG_FACT_SERVICE)
		return has_test_orders(work) && !vg_fact_is_future(fact, work->scene.as_of);
	return true;
}

typedef struct gap_list {
	vg_not_checked *items;
	size_t count, capacity;
} gap_list;

/* `from`: where what may say the same begins in the list. */
static void add_gap(vg_work *work, gap_list *list, size_t from, const char *reference, const char *display, const char *why)
{
	for (size_t i = from; i < list->count; i++)
		if (vg_same_text(list->items[i].reference, reference) && vg_same_text(list->items[i].display, display) &&
		    vg_same_text(list->items[i].why, why))
			return;
	vg_not_checked *items = vg_grow(work->arena, list->items, list->count, &list->capacity, sizeof *items);
	if (!items)
		return;
	list->items = items;
	items[list->count++] = (vg_not_checked){reference, display, why};
}

/* A record's own list is sorted, so what says the same twice stands side by side. */
static void add_unused(vg_work *work, gap_list *list, const vg_record *record)
{
	size_t before = list->count;
	for (size_t i = 0; i < record->unused_count; i++) {
		const vg_unused *unused = &record->unused[i];
		size_t from = before == 0 && list->count ? list->count - 1 : 0;
		if (matters(work, record, unused))
			add_gap(work, list, from, unused->reference, unused->display, unused->why);
	}
}

static bool is_named(const gap_list *list, const vg_clinical_fact *fact)
{
	for (size_t i = 0; i < list->count; i++)
		if (vg_same_text(list->items[i].reference, fact->reference) &&
		    vg_same_text(list->items[i].display, fact->display))
			return true;
	return false;
}

/* A drug that is ordered without an ingredient that anybody knows cannot be checked, whatever else is known of it. */
static void add_unknown_orders(vg_work *work, gap_list *list)
{
	for (uint32_t i = 0; i < work->scene.order_count; i++) {
		const vg_clinical_fact *order = work->scene.orders[i];
		bool known = order->ingredient_count || !order->unmapped;
		if (order->kind == VG_FACT_MEDICATION && !known && !is_named(list, order))
			add_gap(work, list, 0, order->reference, order->display, "drug code not known");
	}
}

static void add_not_checked(vg_work *work, vg_answer *answer)
{
	gap_list list = {.items = NULL};
	add_unused(work, &list, work->scene.record);
	for (size_t i = 0; i < work->question->order_record_count; i++)
		add_unused(work, &list, work->question->order_records[i]);
	add_unknown_orders(work, &list);
	answer->not_checked = list.items;
	answer->not_checked_count = list.count;
}

/* Whether the list would be empty; asked where nobody reads it. */
static bool all_checked(vg_work *work)
{
	for (size_t k = 0; k <= work->question->order_record_count; k++) {
		const vg_record *record = k ? work->question->order_records[k - 1] : work->scene.record;
		for (size_t i = 0; i < record->unused_count; i++)
			if (matters(work, record, &record->unused[i]))
				return false;
	}
	gap_list list = {.items = NULL};
	add_unknown_orders(work, &list);
	return list.count == 0;
}

static bool sections_complete(const vg_work *work)
{
	for (int section = 0; section < VG_SECTION_COUNT; section++)
		if ((work->plan->sections >> section) & 1 && work->scene.sections[section].state != VG_COMPLETE)
			return false;
	return true;
}

void vg_render_gaps(vg_work *work, vg_answer *answer, bool with_texts)
{
	add_notices(work, answer);
	add_not_evaluated(work, answer, with_texts);
	bool complete = sections_complete(work) && !work->late && answer->not_evaluated_count == 0 && answer->error_count == 0;
	if (with_texts)
		add_not_checked(work, answer);
	answer->shadow = work->world->has_shadow || work->met_shadow;
	answer->complete = complete && (with_texts ? answer->not_checked_count == 0 : all_checked(work));
}
