/*
 * One medication told by several sources counts once.
 *
 * Entries of the same ingredients and route form a group.  In it,
 *   - the newest statement of intent (a request, or a statement by somebody)
 *     speaks for those of other sources; of two equally dated ones an active
 *     one is never dropped for one that is over;
 *   - what was dispensed or given belongs to the intent that covers it and
 *     renews it; it counts by itself only where no intent covers it;
 *   - of several dispenses without an intent the newest counts.
 * Besides, a prescription speaks for the one it renews, and a dispense on a
 * prescription that was stopped is over.
 *
 * The newer entry speaks from its own day on, so that the record stays right
 * for every day it is asked about.  Called by vg_freeze, before sorting.
 */
#include "record/record_internal.h"

#define NONE UINT32_MAX

typedef struct groups {
	vg_intake *in;
	vg_map by_key;
	uint32_t *first; /* group → first sketch */
	uint32_t *next;  /* sketch → next of its group */
	uint32_t count;
} groups;

static bool counts(const vg_clinical_fact *fact)
{
	return fact->standing == VG_CURRENT || fact->standing == VG_PRELIMINARY || fact->standing == VG_INTENDED;
}

static bool is_event(const vg_clinical_fact *fact)
{
	return strcmp(fact->type, "MedicationDispense") == 0 || strcmp(fact->type, "MedicationAdministration") == 0;
}

static bool is_statement(const vg_clinical_fact *fact) { return strcmp(fact->type, "MedicationStatement") == 0; }

static bool same_source(const vg_sketch *a, const vg_sketch *b)
{
	if (is_statement(&a->fact) != is_statement(&b->fact))
		return false;
	return !is_statement(&a->fact) || strcmp(a->source, b->source) == 0;
}

/* The day of its news: as late as it may be for what counts, as early as it may be for what is over. */
static vg_day news_of(const vg_clinical_fact *fact)
{
	bool open = counts(fact);
	const vg_when *days[] = {&fact->when, &fact->recorded, open ? NULL : &fact->until};
	vg_day newest = VG_NO_DAY;
	for (size_t i = 0; i < VG_COUNT(days); i++) {
		if (!days[i] || !vg_when_known(*days[i]))
			continue;
		vg_day day = open ? days[i]->last : days[i]->first;
		if (day > newest)
			newest = day;
	}
	return newest;
}

/* What a group is known by: a route, and the ingredients, which are sorted because combinations are named in any order. */
typedef struct group_key {
	uint32_t *parts; /* NULL: memory ran out */
	size_t length;   /* in bytes */
} group_key;

static group_key key_of(vg_intake *in, const vg_clinical_fact *fact)
{
	size_t length = (fact->ingredient_count + (size_t)1) * sizeof(uint32_t);
	group_key key = {vg_alloc_unset(&in->scratch, length), length};
	for (uint16_t i = 0; key.parts && i < fact->ingredient_count; i++) {
		uint16_t at = i;
		while (at > 0 && key.parts[at] > fact->ingredients[i]) {
			key.parts[at + 1] = key.parts[at];
			at--;
		}
		key.parts[at + 1] = fact->ingredients[i];
	}
	return key;
}

static uint32_t *group_at(groups *all, const group_key *key, uint32_t route, bool make)
{
	if (!key->parts)
		return NULL;
	key->parts[0] = route;
	return vg_map_at(&all->by_key, key->parts, key->length, make);
}

static void join_group(groups *all, uint32_t sketch, const group_key *key, uint32_t route)
{
	uint32_t *group = group_at(all, key, route, true);
	if (!group)
		return;
	if (*group == 0) {
		*group = ++all->count;
		all->first[*group - 1] = NONE;
	}
	all->next[sketch] = all->first[*group - 1];
	all->first[*group - 1] = sketch;
}

static bool takes_part(const vg_sketch *sketch)
{
	const vg_clinical_fact *fact = &sketch->fact;
	return fact->kind == VG_FACT_MEDICATION && fact->ingredient_count && !sketch->dropped && !fact->other_draft &&
	       (counts(fact) || fact->standing == VG_PAST);
}

/* An unknown route may be any systemic one that is there. */
static uint32_t systemic_route(groups *all, const group_key *key)
{
	static const uint32_t systemic[] = {VG_ROUTE_ORAL, VG_ROUTE_INJECTED, VG_ROUTE_TRANSDERMAL, VG_ROUTE_RECTAL};
	for (size_t i = 0; i < VG_COUNT(systemic); i++)
		if (group_at(all, key, systemic[i], false))
			return systemic[i];
	return VG_ROUTE_UNKNOWN;
}

/* Known routes first. */
static void make_groups(groups *all)
{
	vg_intake *in = all->in;
	for (int unknown = 0; unknown <= 1; unknown++) {
		for (uint32_t i = 0; i < in->sketch_count; i++) {
			const vg_sketch *sketch = &in->sketches[i];
			if (!takes_part(sketch) || (sketch->fact.route == VG_ROUTE_UNKNOWN) != unknown)
				continue;
			group_key key = key_of(in, &sketch->fact);
			join_group(all, i, &key, unknown ? systemic_route(all, &key) : sketch->fact.route);
		}
	}
}

/* Whether a speaks rather than b: newer, else active, else a request, else by name. */
static bool speaks_before(const vg_sketch *a, const vg_sketch *b)
{
	vg_day news_a = news_of(&a->fact), news_b = news_of(&b->fact);
	if (news_a != news_b)
		return news_a > news_b;
	if (counts(&a->fact) != counts(&b->fact))
		return counts(&a->fact);
	if (is_statement(&a->fact) != is_statement(&b->fact))
		return is_statement(&b->fact);
	return strcmp(a->fact.reference, b->fact.reference) < 0;
}

static void supersede(vg_intake *in, uint32_t older, uint32_t newer)
{
	vg_clinical_fact *fact = &in->sketches[older].fact;
	if (older == newer || fact->superseded_by)
		return;
	fact->superseded_by = newer + 1;
	fact->superseded_from = news_of(&in->sketches[newer].fact);
}

/* A dispense or an administration under the intent that covers it. */
static void renew(vg_clinical_fact *intent, const vg_clinical_fact *event)
{
	vg_day day = news_of(event);
	if (day > intent->renewed)
		intent->renewed = day;
	if (intent->supply_end != VG_NO_DAY && event->supply_end > intent->supply_end)
		intent->supply_end = event->supply_end;
}

static void settle_events(groups *all, uint32_t group, uint32_t intent)
{
	vg_intake *in = all->in;
	uint32_t newest = NONE;
	for (uint32_t i = all->first[group]; i != NONE; i = all->next[i]) {
		vg_sketch *sketch = &in->sketches[i];
		if (!is_event(&sketch->fact))
			continue;
		if (intent != NONE) {
			vg_clinical_fact *covering = &in->sketches[intent].fact;
			vg_day day = news_of(&sketch->fact);
			bool covered = counts(covering) ? !vg_when_known(covering->until) || covering->until.last >= day
							: news_of(covering) >= day;
			if (covered) {
				if (counts(covering) && counts(&sketch->fact))
					renew(covering, &sketch->fact);
				supersede(in, i, intent);
				continue;
			}
		}
		bool dispense = strcmp(sketch->fact.type, "MedicationDispense") == 0 && counts(&sketch->fact);
		if (dispense && (newest == NONE || speaks_before(sketch, &in->sketches[newest])))
			newest = i;
	}
	for (uint32_t i = all->first[group]; newest != NONE && i != NONE; i = all->next[i])
		if (strcmp(in->sketches[i].fact.type, "MedicationDispense") == 0)
			supersede(in, i, newest);
}

static void settle_group(groups *all, uint32_t group)
{
	vg_intake *in = all->in;
	uint32_t intent = NONE;
	for (uint32_t i = all->first[group]; i != NONE; i = all->next[i])
		if (!is_event(&in->sketches[i].fact) &&
		    (intent == NONE || speaks_before(&in->sketches[i], &in->sketches[intent])))
			intent = i;
	for (uint32_t i = all->first[group]; intent != NONE && i != NONE; i = all->next[i])
		if (!is_event(&in->sketches[i].fact) && !same_source(&in->sketches[i], &in->sketches[intent]))
			supersede(in, i, intent);
	settle_events(all, group, intent);
}

static uint32_t find(vg_intake *in, uint32_t scope, const char *key)
{
	uint32_t place = vg_intake_fact(in, scope, key);
	return place ? place - 1 : NONE;
}

/* What prescriptions and dispenses say about each other by reference. */
static void follow_references(vg_intake *in)
{
	for (uint32_t i = 0; i < in->sketch_count; i++) {
		vg_sketch *sketch = &in->sketches[i];
		if (sketch->fact.kind != VG_FACT_MEDICATION || sketch->dropped || !counts(&sketch->fact))
			continue;
		uint32_t before = find(in, sketch->scope, sketch->fact.prior);
		if (before != NONE && in->sketches[before].fact.kind == VG_FACT_MEDICATION)
			supersede(in, before, i);
		uint32_t on = find(in, sketch->scope, sketch->prescription);
		const vg_clinical_fact *prescription = on == NONE ? NULL : &in->sketches[on].fact;
		if (prescription && !counts(prescription) && prescription->standing != VG_DRAFT &&
		    strcmp(prescription->status, "completed") != 0)
			sketch->fact.standing = VG_PAST;
	}
}

void vg_supersede(vg_intake *in)
{
	groups all = {.in = in};
	vg_map_init(&all.by_key, &in->scratch);
	all.first = vg_alloc_array(&in->scratch, in->sketch_count, sizeof *all.first);
	all.next = vg_alloc_array(&in->scratch, in->sketch_count, sizeof *all.next);
	if (!all.first || !all.next)
		return;
	follow_references(in);
	make_groups(&all);
	for (uint32_t group = 0; group < all.count; group++)
		settle_group(&all, group);
}
