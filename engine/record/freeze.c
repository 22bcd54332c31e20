/*
 * From an intake to a record: ages become dates, entries are linked, facts are
 * sorted and indexed; after this nothing changes any more.
 *
 * The order of facts depends on what they say, never on where they stood in the
 * input: newest first, then kind, reference, part and what is written in them.
 *
 * Invariants: facts[i].superseded_by, results and unused[].fact are places in
 * the frozen arrays; `parent` points into facts; every fact of a watched set is
 * once in that set's slot.
 */
#include "record/record_internal.h"

#include <stdlib.h>

/* ---- ages ------------------------------------------------------------------ */

/* "At 45 years": from the birthday until the day before the next. */
static vg_when age_to_when(vg_when birth, double low, double high)
{
	if (!vg_when_known(birth) || !(low >= 0 && low < 200))
		return VG_NO_WHEN;
	if (!(high >= low && high < 200))
		high = low;
	vg_duration from = {.months = (int32_t)floor(low * 12)};
	double last_month = high * 12;
	/* An age in whole years lasts a year, one in months a month. */
	vg_duration until = {.months = (int32_t)floor(last_month) + (fmod(high, 1) == 0 ? 12 : 1)};
	vg_day first = from.months ? vg_day_plus(birth.first, from) : birth.first;
	return (vg_when){first, vg_day_plus(birth.last, until) - 1, VG_NO_INSTANT};
}

static void resolve_ages(vg_intake *in)
{
	vg_when birth = in->record->patient.birth;
	for (size_t i = 0; i < in->sketch_count; i++) {
		vg_sketch *sketch = &in->sketches[i];
		vg_clinical_fact *fact = &sketch->fact;
		if (!isnan(sketch->onset_age) && !vg_when_known(fact->when))
			fact->when = age_to_when(birth, sketch->onset_age, sketch->onset_age_to);
		if (!isnan(sketch->end_age) && !vg_when_known(fact->until))
			fact->until = age_to_when(birth, sketch->end_age, NAN);
		/* A date of recording is the best guess of when something began, where nothing else is told. */
		bool guessed =
		    fact->kind == VG_FACT_CONDITION || fact->kind == VG_FACT_ALLERGY || fact->kind == VG_FACT_FAMILY_HISTORY;
		if (guessed && !vg_when_known(fact->when))
			fact->when = fact->recorded;
	}
}

/* ---- sorting --------------------------------------------------------------- */

static int by_number(int64_t a, int64_t b) { return (a < b) - (a > b); } /* larger first */

static int by_when(vg_when a, vg_when b)
{
	int order = by_number(a.last, b.last); /* VG_NO_DAY is the smallest: last */
	return order ? order : by_number(a.instant, b.instant);
}

static int compare(const vg_sketch *a, const vg_sketch *b)
{
	int order = by_when(a->fact.when, b->fact.when);
	if (!order)
		order = by_when(a->fact.recorded, b->fact.recorded);
	if (!order)
		order = (int)a->fact.kind - (int)b->fact.kind;
	if (!order)
		order = strcmp(a->fact.reference, b->fact.reference);
	if (!order && *a->fact.reference)
		order = (int)a->part - (int)b->part;
	if (!order)
		order = strcmp(a->fact.display, b->fact.display);
	if (!order)
		order = strcmp(a->fact.status, b->fact.status);
	if (!order)
		order = strcmp(a->fact.value.text, b->fact.value.text);
	return order;
}

/* Sorts by merging ever longer runs, to and fro between two arrays, and returns the one in which it ends.  What says the
 * same keeps the input's order. */
static const vg_sketch **sort(const vg_sketch **from, const vg_sketch **to, size_t count)
{
	for (size_t run = 1; run < count; run *= 2) {
		for (size_t first = 0; first < count; first += 2 * run) {
			size_t a = first, middle = count - first < run ? count : first + run;
			size_t b = middle, end = count - middle < run ? count : middle + run;
			for (size_t i = first; i < end; i++) {
				bool left = b == end || (a < middle && compare(from[a], from[b]) <= 0);
				to[i] = left ? from[a++] : from[b++];
			}
		}
		const vg_sketch **sorted = to;
		to = from;
		from = sorted;
	}
	return from;
}

/* Copies the sketches into the record's array; ret_place[old] is the new place + 1, 0 for dropped ones. */
static vg_clinical_fact *sort_facts(vg_intake *in, uint32_t **ret_place)
{
	size_t count = 0;
	const vg_sketch **sorted = vg_alloc_unset(&in->scratch, 2 * in->sketch_count * sizeof *sorted);
	uint32_t *place = vg_alloc_array(&in->scratch, in->sketch_count, sizeof *place);
	vg_clinical_fact *facts = vg_alloc_unset(&in->record->arena, in->sketch_count * sizeof *facts);
	if (!sorted || !place || !facts)
		return NULL;
	for (size_t i = 0; i < in->sketch_count; i++)
		if (!in->sketches[i].dropped)
			sorted[count++] = &in->sketches[i];
	sorted = sort(sorted, sorted + in->sketch_count, count);
	for (size_t i = 0; i < count; i++) {
		facts[i] = sorted[i]->fact;
		place[sorted[i] - in->sketches] = (uint32_t)i + 1;
	}
	in->record->fact_count = (uint32_t)count;
	*ret_place = place;
	return facts;
}

/* ---- links ------------------------------------------------------------------ */

static void link_results(vg_intake *in, const vg_sketch *sketch, vg_clinical_fact *fact, const uint32_t *place)
{
	uint32_t *results = vg_alloc_array(&in->record->arena, sketch->result_count, sizeof *results);
	if (!results)
		return;
	uint16_t count = 0;
	for (uint16_t i = 0; i < sketch->result_count; i++) {
		const char *key = sketch->result_keys[i];
		uint32_t found = vg_intake_fact(in, sketch->scope, key);
		if (found && place[found - 1])
			results[count++] = place[found - 1] - 1;
	}
	fact->results = results;
	fact->result_count = count;
}

/* A prescription is named as its fact is: by reference, however it was referred to. */
static void name_prior(vg_intake *in, uint32_t scope, vg_clinical_fact *fact)
{
	uint32_t found = vg_intake_fact(in, scope, fact->prior);
	if (found && *in->sketches[found - 1].fact.reference)
		fact->prior = in->sketches[found - 1].fact.reference;
}

static void link_facts(vg_intake *in, vg_clinical_fact *facts, const uint32_t *place)
{
	for (size_t i = 0; i < in->sketch_count; i++) {
		const vg_sketch *sketch = &in->sketches[i];
		if (!place[i])
			continue;
		vg_clinical_fact *fact = &facts[place[i] - 1];
		name_prior(in, sketch->scope, fact);
		if (fact->superseded_by)
			fact->superseded_by = place[fact->superseded_by - 1];
		if (sketch->parent && place[sketch->parent - 1])
			fact->parent = &facts[place[sketch->parent - 1] - 1];
		if (sketch->result_count)
			link_results(in, sketch, fact, place);
	}
}

static void copy_orders(vg_intake *in, uint32_t **ret_place)
{
	vg_clinical_fact *orders = vg_alloc_array(&in->record->arena, in->order_count, sizeof *orders);
	uint32_t *place = vg_alloc_array(&in->scratch, in->order_count, sizeof *place);
	if (!orders || !place)
		return;
	for (size_t i = 0; i < in->order_count; i++) {
		if (in->orders[i].dropped)
			continue;
		orders[in->record->order_count] = in->orders[i].fact;
		name_prior(in, in->orders[i].scope, &orders[in->record->order_count]);
		place[i] = ++in->record->order_count;
	}
	in->record->orders = orders;
	*ret_place = place;
}

/* ---- what could not be used -------------------------------------------------- */

static int compare_unused(const void *left, const void *right)
{
	const vg_unused *a = left, *b = right;
	int order = (int)a->section - (int)b->section;
	if (!order)
		order = strcmp(a->reference, b->reference);
	if (!order)
		order = strcmp(a->display, b->display);
	if (!order)
		order = strcmp(a->why, b->why);
	return order ? order : (a->fact > b->fact) - (a->fact < b->fact);
}

static void copy_unused(vg_intake *in, const uint32_t *fact_place, const uint32_t *order_place)
{
	vg_unused *unused = vg_alloc_array(&in->record->arena, in->unused_count, sizeof *unused);
	if (!unused || !order_place)
		return;
	size_t count = 0;
	for (size_t i = 0; i < in->unused_count; i++) {
		unused[count] = in->unused[i];
		if (unused[count].fact) {
			const uint32_t *place = unused[count].of_order ? order_place : fact_place;
			unused[count].fact = place[unused[count].fact - 1];
			if (!unused[count].fact)
				continue;
		}
		count++;
	}
	if (count)
		qsort(unused, count, sizeof *unused, compare_unused);
	in->record->unused = unused;
	in->record->unused_count = count;
}

static void copy_products(vg_intake *in)
{
	vg_product *products = vg_alloc_array(&in->record->arena, in->product_count, sizeof *products);
	if (!products || !in->product_count)
		return;
	memcpy(products, in->products, in->product_count * sizeof *products);
	in->record->products = products;
	in->record->product_count = in->product_count;
}

/* ---- indexes ------------------------------------------------------------------ */

bool vg_index_kinds(vg_record *record)
{
	uint32_t *all = vg_alloc_array(&record->arena, record->fact_count, sizeof *all);
	if (!all)
		return false;
	memset(record->kind_counts, 0, sizeof record->kind_counts);
	record->draft_count = 0;
	for (uint32_t i = 0; i < record->fact_count; i++) {
		record->kind_counts[record->facts[i].kind]++;
		record->draft_count += record->facts[i].other_draft || record->facts[i].standing == VG_DRAFT;
	}
	uint32_t *lists[VG_FACT_KIND_COUNT];
	uint32_t start = 0;
	for (int kind = 0; kind < VG_FACT_KIND_COUNT; kind++) {
		record->kind_facts[kind] = lists[kind] = all + start;
		start += record->kind_counts[kind];
	}
	for (uint32_t i = 0; i < record->fact_count; i++)
		*lists[record->facts[i].kind]++ = i;
	uint32_t medications = record->kind_counts[VG_FACT_MEDICATION];
	vg_medication_span *spans = vg_alloc_array(&record->arena, medications, sizeof *spans);
	for (uint32_t i = 0; spans && i < medications; i++)
		spans[i] = vg_medication_span_of(&record->facts[record->kind_facts[VG_FACT_MEDICATION][i]]);
	record->medication_spans = spans;
	return spans != NULL;
}

typedef struct watched {
	const vg_knowledge *knowledge;
	vg_arena *scratch;
	vg_watch watch;
	uint32_t *last_fact; /* slot → the fact last put into it, + 1 */
	struct pair {
		uint32_t slot, fact;
	} * pairs;
	size_t count, capacity;
} watched;

static void watch_concept(watched *all, vg_concept concept, uint32_t fact)
{
	if (!concept)
		return;
	vg_ids sets = vg_concept_sets(all->knowledge, concept);
	for (size_t i = 0; i < sets.count; i++) {
		uint32_t slot = all->watch.slot_of_set[sets.ids[i]];
		if (!slot || all->last_fact[slot] == fact + 1)
			continue;
		all->last_fact[slot] = fact + 1;
		struct pair *pairs = vg_grow(all->scratch, all->pairs, all->count, &all->capacity, sizeof *pairs);
		if (!pairs)
			return;
		all->pairs = pairs;
		pairs[all->count++] = (struct pair){slot, fact};
	}
}

/* Facts are visited newest first, and slots keep that order: a counting sort. */
bool vg_index_watched(vg_record *record, vg_arena *scratch, vg_watch watch)
{
	if (!watch.slot_of_set)
		return true;
	watched all = {.knowledge = record->knowledge, .scratch = scratch, .watch = watch};
	size_t slots = watch.slot_count;
	all.last_fact = vg_alloc_array(scratch, slots + 1, sizeof *all.last_fact);
	uint32_t *first = vg_alloc_array(&record->arena, slots + 3, sizeof *first);
	if (!all.last_fact || !first)
		return false;
	for (uint32_t i = 0; i < record->fact_count; i++) {
		const vg_clinical_fact *fact = &record->facts[i];
		for (uint8_t k = 0; k < fact->code_count; k++)
			watch_concept(&all, fact->codes[k].concept, i);
		for (uint16_t k = 0; k < fact->ingredient_count; k++)
			watch_concept(&all, fact->ingredients[k], i);
	}
	uint32_t *facts = vg_alloc_array(&record->arena, all.count, sizeof *facts);
	if (!facts || scratch->failed)
		return false;
	/* A slot's place holds where its next fact goes until all have gone there; it is then where the next slot begins. */
	uint32_t *next = first + 1;
	for (size_t i = 0; i < all.count; i++)
		next[all.pairs[i].slot + 1]++;
	for (size_t slot = 1; slot <= slots; slot++)
		next[slot] += next[slot - 1];
	for (size_t i = 0; i < all.count; i++)
		facts[next[all.pairs[i].slot]++] = all.pairs[i].fact;
	record->watch_first = first;
	record->watch_facts = facts;
	record->slot_count = watch.slot_count;
	record->slot_of_set = watch.slot_of_set;
	return true;
}

vigil_status vg_freeze(vg_intake *in, vg_watch watch, vg_record **ret)
{
	vg_record *record = in->record;
	record->order_count = 0; /* a freezing that failed may be repeated */
	resolve_ages(in);
	vg_supersede(in);
	uint32_t *fact_place = NULL, *order_place = NULL;
	vg_clinical_fact *facts = vg_intake_status(in) == VIGIL_OK ? sort_facts(in, &fact_place) : NULL;
	if (facts) {
		link_facts(in, facts, fact_place);
		record->facts = facts;
		copy_orders(in, &order_place);
		copy_unused(in, fact_place, order_place);
		copy_products(in);
		vg_index_kinds(record);
		vg_index_watched(record, &in->scratch, watch);
	}
	vigil_status status = vg_intake_status(in);
	if (status != VIGIL_OK)
		return status;
	in->record = NULL;
	*ret = record;
	return VIGIL_OK;
}
