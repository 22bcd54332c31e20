/*
 * Grouping: from what was found, pair by pair, to one alert a problem.
 *
 * First, of what several rules and rows found about one pair, the gravest
 * leads and the others are named beside it (at the same severity a rule of the
 * packs before a row, a row before the engine's own check, then by id).  Then
 * the pairs of one order that have the same leader become one alert, so an
 * order against three NSAIDs is one alert naming three.  What the patient takes
 * already is grouped by rule.  Alerts of rules in service never mix with what
 * draft and shadow rules would have said.
 *
 * Everything is ordered by severity, id and the places of facts in the record,
 * never by addresses or by the order of discovery.
 */
#include "evaluation/evaluation_internal.h"

#include <stdlib.h>

typedef struct sortable {
	const vg_found *found;
	uint64_t subject, other;
	bool paired; /* found about a pair: several rules may mean the same */
} sortable;

static int compare_number(uint64_t a, uint64_t b) { return (a > b) - (a < b); }

static int compare_leading(const vg_found *a, const vg_found *b)
{
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	int order = compare_number(a->rule == VG_NO_RULE, b->rule == VG_NO_RULE);
	if (!order)
		order = compare_number(a->own != VG_OWN_NONE, b->own != VG_OWN_NONE);
	return order ? order : strcmp(a->id, b->id);
}

/* Together: what may be said in one breath. */
static int compare_pair(const sortable *a, const sortable *b)
{
	int order = compare_number(a->found->status, b->found->status);
	if (!order)
		order = compare_number(a->found->ask, b->found->ask);
	if (!order)
		order = compare_number(a->found->kind, b->found->kind);
	if (!order)
		order = compare_number(a->paired, b->paired);
	if (!order && !a->paired)
		order = strcmp(a->found->id, b->found->id);
	if (!order)
		order = compare_number(a->subject, b->subject);
	return order ? order : compare_number(a->other, b->other);
}

static int by_pair(const void *left, const void *right)
{
	const sortable *a = left, *b = right;
	int order = compare_pair(a, b);
	return order ? order : compare_leading(a->found, b->found);
}

typedef struct lead {
	sortable head;
	const sortable *also; /* the rest of the run, behind the head */
	size_t also_count;
} lead;

/* Allergies without a rule of their own: several entries that speak against one
 * drug are one problem, whatever row or check found each. */
static bool is_table_allergy(const vg_found *found) { return found->kind == VG_KIND_ALLERGY && found->rule == VG_NO_RULE; }

/* Taken in two forms, a drug is one: its tablets and its injection are one problem with an NSAID. */
static int compare_drug(const lead *a, const lead *b)
{
	const vg_clinical_fact *x = a->head.found->binding.subject, *y = b->head.found->binding.subject;
	int order = compare_number(x->ingredient_count, y->ingredient_count);
	for (uint16_t i = 0; !order && i < x->ingredient_count; i++)
		order = compare_number(x->ingredients[i], y->ingredients[i]);
	return order || x->ingredient_count ? order : compare_number(a->head.subject, b->head.subject);
}

/* Alerts: of one order, with one leader; of what is taken already, of one rule. */
static int compare_alert(const lead *a, const lead *b)
{
	const vg_found *x = a->head.found, *y = b->head.found;
	int order = compare_number(x->status, y->status);
	if (!order)
		order = compare_number(x->ask, y->ask);
	if (!order)
		order = compare_number(x->kind, y->kind);
	if (!order && !(is_table_allergy(x) && is_table_allergy(y)))
		order = strcmp(x->id, y->id);
	if (!order)
		order = compare_number(!x->binding.order, !y->binding.order);
	bool whole = !x->binding.order && !a->head.paired;
	if (order || whole)
		return order;
	return x->binding.order ? compare_number(a->head.subject, b->head.subject) : compare_drug(a, b);
}

static int by_alert(const void *left, const void *right)
{
	const lead *a = left, *b = right;
	int order = compare_alert(a, b);
	bool allergies = is_table_allergy(a->head.found);
	if (!order && allergies && a->head.found->severity == b->head.found->severity)
		order = compare_leading(a->head.found, b->head.found);
	if (!order && a->head.found->severity != b->head.found->severity)
		order = a->head.found->severity > b->head.found->severity ? -1 : 1;
	if (!order)
		order = compare_number(a->head.subject, b->head.subject);
	return order ? order : compare_number(a->head.other, b->head.other);
}

static bool may_pair(const vg_found *found)
{
	bool pair_kind = found->kind == VG_KIND_INTERACTION || found->kind == VG_KIND_ALLERGY ||
			 found->kind == VG_KIND_DUPLICATE_THERAPY || found->kind == VG_KIND_DUPLICATE_TEST;
	return pair_kind && found->binding.other;
}

static sortable *sort_found(vg_work *work, size_t *ret_count)
{
	sortable *items = vg_alloc_array(work->arena, work->found_count, sizeof *items);
	*ret_count = 0;
	for (size_t i = 0; items && i < work->found_count; i++) {
		const vg_found *found = &work->found[i];
		if (vg_is_replaced(work, found->rule, found->id, found->binding.subject, found->binding.other))
			continue;
		items[(*ret_count)++] = (sortable){found, vg_fact_place(work, found->binding.subject),
						   vg_fact_place(work, found->binding.other), may_pair(found)};
	}
	if (items && *ret_count > 1)
		qsort(items, *ret_count, sizeof *items, by_pair);
	return items;
}

static lead *find_leads(vg_work *work, const sortable *items, size_t count, size_t *ret_count)
{
	lead *leads = vg_alloc_array(work->arena, count, sizeof *leads);
	*ret_count = 0;
	for (size_t i = 0; leads && i < count;) {
		size_t end = i + 1;
		while (end < count && compare_pair(&items[i], &items[end]) == 0)
			end++;
		leads[(*ret_count)++] = (lead){items[i], &items[i + 1], end - i - 1};
		i = end;
	}
	if (leads && *ret_count > 1)
		qsort(leads, *ret_count, sizeof *leads, by_alert);
	return leads;
}

static int by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The ids beside the leader's, each once. */
static void name_also(vg_work *work, const vg_group *group, vg_alert *alert)
{
	const char **ids = vg_alloc_array(work->arena, group->also_count + group->lead_count, sizeof *ids);
	size_t count = 0;
	for (size_t i = 0; ids && i < group->lead_count; i++)
		if (strcmp(group->leads[i]->id, alert->rule) != 0)
			ids[count++] = group->leads[i]->id;
	for (size_t i = 0; ids && i < group->also_count; i++)
		if (strcmp(group->also[i]->id, alert->rule) != 0)
			ids[count++] = group->also[i]->id;
	if (count > 1)
		qsort(ids, count, sizeof *ids, by_text);
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || strcmp(ids[kept - 1], ids[i]) != 0)
			ids[kept++] = ids[i];
	alert->also = ids;
	alert->also_count = kept;
}

/* Each once; `known` has those that stand in the list. */
static bool add_other(vg_map *known, const vg_clinical_fact **others, size_t *count, const vg_clinical_fact *fact)
{
	others[*count] = fact;
	uint32_t *place = vg_map_at(known, &others[*count], sizeof(const vg_clinical_fact *), true);
	if (!place || *place)
		return false;
	*place = (uint32_t)++ * count;
	return true;
}

static void fill_alert(vg_work *work, const vg_group *group, vg_alert *alert)
{
	const vg_found *head = group->leads[0];
	*alert = (vg_alert){.rule = head->id,
			    .lua_rule = head->rule == VG_NO_RULE ? NULL : &work->book->rules[head->rule],
			    .family = head->family,
			    .row = head->row,
			    .kind = head->kind,
			    .severity = head->severity,
			    .status = head->status,
			    .ask = head->ask,
			    .order = head->binding.order,
			    .subject = head->binding.subject};
	const vg_clinical_fact **others = vg_alloc_array(work->arena, group->lead_count * 2, sizeof *others);
	vg_map known;
	vg_map_init(&known, work->arena);
	for (size_t i = 0; others && i < group->lead_count; i++) {
		const vg_clinical_fact *other = group->leads[i]->binding.other;
		if (other && add_other(&known, others, &alert->other_count, other))
			alert->partner_count++;
	}
	for (size_t i = 0; others && i < group->lead_count; i++) {
		const vg_clinical_fact *subject = group->leads[i]->binding.subject;
		if (subject && subject != alert->subject)
			add_other(&known, others, &alert->other_count, subject);
	}
	if (alert->partner_count == 0)
		alert->partner_count = alert->other_count;
	alert->others = others;
	name_also(work, group, alert);
}

static void make_group(vg_work *work, const lead *leads, size_t count, vg_group *group)
{
	size_t also_count = 0;
	for (size_t i = 0; i < count; i++)
		also_count += leads[i].also_count;
	group->leads = vg_alloc_array(work->arena, count, sizeof *group->leads);
	group->also = vg_alloc_array(work->arena, also_count, sizeof *group->also);
	if (!group->leads || !group->also)
		return;
	for (size_t i = 0; i < count; i++) {
		group->leads[group->lead_count++] = leads[i].head.found;
		for (size_t k = 0; k < leads[i].also_count; k++)
			group->also[group->also_count++] = leads[i].also[k].found;
	}
	fill_alert(work, group, &work->alerts[work->alert_count]);
	work->alert_count++;
}

/* ---- the order of alerts --------------------------------------------------------- */

typedef struct ranked {
	vg_alert alert;
	vg_group group;
	uint64_t order, subject;
} ranked;

static int by_rank(const void *left, const void *right)
{
	const ranked *a = left, *b = right;
	if (a->alert.severity != b->alert.severity)
		return a->alert.severity > b->alert.severity ? -1 : 1;
	int order = strcmp(a->alert.rule, b->alert.rule);
	if (!order)
		order = compare_number(a->order, b->order);
	if (!order)
		order = compare_number(a->subject, b->subject);
	if (!order)
		order = compare_number(a->alert.ask, b->alert.ask);
	return order ? order : compare_number(a->alert.status, b->alert.status);
}

static void sort_alerts(vg_work *work)
{
	if (work->alert_count < 2)
		return;
	ranked *items = vg_alloc_array(work->arena, work->alert_count, sizeof *items);
	if (!items)
		return;
	for (size_t i = 0; i < work->alert_count; i++)
		items[i] = (ranked){work->alerts[i], work->groups[i], vg_fact_place(work, work->alerts[i].order),
				    vg_fact_place(work, work->alerts[i].subject)};
	qsort(items, work->alert_count, sizeof *items, by_rank);
	for (size_t i = 0; i < work->alert_count; i++) {
		work->alerts[i] = items[i].alert;
		work->groups[i] = items[i].group;
	}
}

void vg_group_alerts(vg_work *work)
{
	if (work->found_count == 0)
		return;
	size_t count, lead_count;
	sortable *items = sort_found(work, &count);
	lead *leads = items ? find_leads(work, items, count, &lead_count) : NULL;
	if (!leads)
		return;
	work->alerts = vg_alloc_array(work->arena, lead_count, sizeof *work->alerts);
	work->groups = vg_alloc_array(work->arena, lead_count, sizeof *work->groups);
	if (!work->alerts || !work->groups)
		return;
	for (size_t i = 0; i < lead_count;) {
		size_t end = i + 1;
		while (end < lead_count && compare_alert(&leads[i], &leads[end]) == 0)
			end++;
		make_group(work, &leads[i], end - i, &work->groups[work->alert_count]);
		i = end;
	}
	sort_alerts(work);
}
