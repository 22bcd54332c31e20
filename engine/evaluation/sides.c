/*
 * Sides: the drugs that can be one half of a pair.
 *
 * Judged orders first, then the session's other drafts, then the chart's
 * medications: active ones, stale ones (listed, long not renewed), and those
 * that were stopped, because some drugs act after they are stopped.  Each side
 * carries tags: the sets it belongs to that the pair tables use, with the
 * ingredient that brings it there, so that a class met with itself can leave
 * out the same ingredient, and a combination is met with each of its drugs.
 *
 * An order that renews a medication takes its place: the two never conflict,
 * and for the other orders the renewing one stands for both.
 */
#include "evaluation/evaluation_internal.h"

#include <string.h>

static void add_side(vg_work *work, const vg_clinical_fact *fact, vg_role role, vg_day stopped_on)
{
	vg_side *side = &work->sides[work->side_count++]; /* zeroed */
	side->fact = fact;
	side->role = role;
	side->stopped_on = stopped_on;
}

bool vg_is_same_medicine(const vg_clinical_fact *a, const vg_clinical_fact *b)
{
	return a == b || (a->ingredient_count && a->ingredient_count == b->ingredient_count &&
			  memcmp(a->ingredients, b->ingredients, a->ingredient_count * sizeof *a->ingredients) == 0);
}

/* Whether some rule or row says that such a drug acts after it is stopped. */
static bool may_linger(const vg_work *work, const vg_clinical_fact *fact)
{
	const vg_bits *lingering = work->plan->lingering;
	if (!lingering)
		return true;
	for (int kind = 0; kind < 2; kind++) {
		unsigned count = kind ? fact->code_count : fact->ingredient_count;
		for (unsigned i = 0; i < count; i++) {
			vg_ids sets = vg_concept_sets(work->knowledge, kind ? fact->codes[i].concept : fact->ingredients[i]);
			for (size_t k = 0; k < sets.count; k++)
				if (vg_bit_test(lingering, sets.ids[k]))
					return true;
		}
	}
	return false;
}

static void add_chart(vg_work *work)
{
	const vg_scene *scene = &work->scene;
	const vg_record *record = scene->record;
	for (uint32_t i = 0; i < record->kind_counts[VG_FACT_MEDICATION]; i++) {
		uint32_t place = record->kind_facts[VG_FACT_MEDICATION][i];
		const vg_clinical_fact *fact = &record->facts[place];
		if (scene->activity[place] != VG_NOT_ACTIVE) {
			add_side(work, fact, scene->activity[place] == VG_STALE ? VG_ROLE_STALE : VG_ROLE_TAKEN, VG_NO_DAY);
			continue;
		}
		if (!work->plan->may_linger || fact->other_draft || !may_linger(work, fact))
			continue;
		bool superseded = fact->superseded_by && fact->superseded_from <= scene->as_of;
		vg_day stopped = superseded ? VG_NO_DAY : vg_medication_stopped_on(fact);
		if (stopped != VG_NO_DAY && stopped <= scene->as_of)
			add_side(work, fact, VG_ROLE_STOPPED, stopped);
	}
}

enum { NOT_YET, NO, YES }; /* of work->renews */

/* Asked for few pairs of many, so found out when asked for the first time. */
bool vg_renews(const vg_work *work, uint32_t order_side, uint32_t side)
{
	uint8_t *known = &work->renews[(size_t)order_side * work->side_count + side];
	if (*known == NOT_YET) {
		const vg_side *before = &work->sides[side];
		bool taken = before->role == VG_ROLE_TAKEN || before->role == VG_ROLE_STALE;
		*known =
		    taken && vg_order_is_renewal(work->scene.record, work->sides[order_side].fact, before->fact) ? YES : NO;
	}
	return *known == YES;
}

/* By any order: asked again for every drug that the side would stand beside. */
bool vg_is_renewed(const vg_work *work, uint32_t side)
{
	uint8_t *known = &work->renews[(size_t)work->order_sides * work->side_count + side];
	for (uint32_t order = 0; order < work->order_sides && *known == NOT_YET; order++)
		if (vg_renews(work, order, side))
			*known = YES;
	if (*known == NOT_YET)
		*known = NO;
	return *known == YES;
}

bool vg_sides_make(vg_work *work)
{
	const vg_scene *scene = &work->scene;
	size_t most = (size_t)scene->order_count + scene->draft_count;
	if (most || work->judges_taken)
		most += scene->record->kind_counts[VG_FACT_MEDICATION];
	if (most == 0)
		return true;
	work->sides = vg_alloc_array(work->arena, most, sizeof *work->sides);
	if (!work->sides)
		return false;
	for (uint32_t i = 0; i < scene->order_count; i++)
		if (scene->orders[i]->kind == VG_FACT_MEDICATION)
			add_side(work, scene->orders[i], VG_ROLE_ORDER, VG_NO_DAY);
	work->order_sides = work->side_count;
	for (uint32_t i = 0; i < scene->draft_count; i++)
		if (scene->drafts[i]->kind == VG_FACT_MEDICATION)
			add_side(work, scene->drafts[i], VG_ROLE_DRAFT, VG_NO_DAY);
	work->first_chart_side = work->side_count;
	if (work->order_sides || work->judges_taken)
		add_chart(work);
	for (uint32_t i = work->first_chart_side; work->judges_taken && i < work->side_count; i++) {
		uint32_t first = work->first_chart_side;
		while (!vg_is_same_medicine(work->sides[first].fact, work->sides[i].fact))
			first++;
		work->sides[i].drug = first;
	}
	work->renews = vg_alloc(work->arena, ((size_t)work->order_sides + 1) * work->side_count);
	return work->renews != NULL;
}

bool vg_side_has(const vg_work *work, const vg_side *side, vg_set set, vg_concept *ret_ingredient)
{
	const vg_clinical_fact *fact = side->fact;
	*ret_ingredient = vg_fact_ingredient_in(work->scene.record, fact, set);
	if (*ret_ingredient)
		return true;
	for (uint8_t i = 0; i < fact->code_count; i++)
		if (fact->codes[i].concept && vg_set_has(work->knowledge, set, fact->codes[i].concept))
			return true;
	return false;
}

/* The chart side of a fact; side_count when it is none.  Chart sides stand in the order of facts. */
static uint32_t side_of_fact(const vg_work *work, uint32_t place)
{
	const vg_clinical_fact *fact = &work->scene.record->facts[place];
	uint32_t low = work->first_chart_side, high = work->side_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (work->sides[middle].fact < fact)
			low = middle + 1;
		else
			high = middle;
	}
	return low < work->side_count && work->sides[low].fact == fact ? low : work->side_count;
}

uint32_t vg_sides_of_set(const vg_work *work, vg_set set, uint32_t *sides)
{
	const vg_record *record = work->scene.record;
	const vg_watch *watch = &work->book->watch;
	uint32_t slot = watch->slot_of_set ? watch->slot_of_set[set] : 0, count = 0;
	vg_concept ingredient;
	for (uint32_t i = 0; i < (slot ? work->first_chart_side : work->side_count); i++)
		if (vg_side_has(work, &work->sides[i], set, &ingredient))
			sides[count++] = i;
	vg_ids watched = slot ? vg_record_watched(record, slot) : (vg_ids){NULL, 0};
	for (size_t i = 0; i < watched.count; i++) {
		uint32_t side = side_of_fact(work, watched.ids[i]);
		if (side < work->side_count)
			sides[count++] = side;
	}
	return count;
}

/* ---- tags --------------------------------------------------------------------- */

typedef struct tag_list {
	vg_tag *items;
	size_t count, capacity;
} tag_list;

static bool has_set(const tag_list *list, vg_set set)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].set == set)
			return true;
	return false;
}

/* The sets of a concept that the tables use. `ingredient` 0: only those that no ingredient brings. */
static void add_tags(vg_work *work, tag_list *list, vg_family family, vg_concept concept, vg_concept ingredient)
{
	vg_ids sets = vg_concept_sets(work->knowledge, concept);
	for (size_t i = 0; i < sets.count; i++) {
		if (!vg_pair_uses(work->knowledge, family, sets.ids[i]) || (!ingredient && has_set(list, sets.ids[i])))
			continue;
		vg_tag *items = vg_grow(work->arena, list->items, list->count, &list->capacity, sizeof *items);
		if (!items)
			return;
		list->items = items;
		items[list->count++] = (vg_tag){sets.ids[i], ingredient};
	}
}

void vg_side_tags(vg_work *work, vg_side *side, vg_family family)
{
	if (side->tagged)
		return;
	tag_list list = {.items = NULL};
	for (uint16_t i = 0; i < side->fact->ingredient_count; i++)
		add_tags(work, &list, family, side->fact->ingredients[i], side->fact->ingredients[i]);
	for (uint8_t i = 0; i < side->fact->code_count; i++)
		if (side->fact->codes[i].concept)
			add_tags(work, &list, family, side->fact->codes[i].concept, 0);
	side->tags = list.items;
	side->tag_count = list.count;
	side->tagged = true;
}
