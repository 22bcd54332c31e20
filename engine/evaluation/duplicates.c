/*
 * The same drug twice, and more drugs of one class than make sense.
 *
 * An order is compared with what is taken, with the session's other drafts and
 * with the orders before it.  What it renews it replaces, so that is no second
 * drug.  A rule about the same ingredient is about each shared ingredient; a
 * rule about a class counts its different ingredients, or, when the class is a
 * single ingredient, the products.  A rule's exceptions are asked for each two
 * drugs: one that is excepted is not counted.  Where no rule of the packs
 * speaks about the same ingredient, the engine does.
 */
#include "evaluation/evaluation_internal.h"

/* Drugs that are taken or ordered beside an order, and that it does not replace. */
static bool stands_beside(const vg_work *work, uint32_t order, uint32_t side)
{
	return work->sides[side].role != VG_ROLE_STOPPED && vg_stands_beside(work, order, side);
}

static vg_concept shared_ingredient(const vg_clinical_fact *a, const vg_clinical_fact *b)
{
	for (uint16_t i = 0; i < a->ingredient_count; i++)
		for (uint16_t k = 0; k < b->ingredient_count; k++)
			if (a->ingredients[i] == b->ingredients[k])
				return a->ingredients[i];
	return 0;
}

static vg_binding bind(const vg_side *order, const vg_side *other, vg_concept subject_ingredient, vg_concept other_ingredient)
{
	return (vg_binding){.order = order->fact,
			    .subject = order->fact,
			    .other = other->fact,
			    .subject_ingredient = subject_ingredient,
			    .other_ingredient = other_ingredient};
}

static bool is_local(const vg_clinical_fact *fact) { return !vg_route_systemic((vg_route)fact->route); }

static unsigned notes_of(const vg_side *order, const vg_side *other)
{
	return (other->role == VG_ROLE_STALE ? VG_NOTE_STALE : 0u) |
	       (is_local(order->fact) != is_local(other->fact) ? VG_NOTE_LOCAL_ROUTE : 0u);
}

/* ---- the same ingredient ---------------------------------------------------------- */

static void add_own(vg_work *work, const vg_binding *binding, unsigned notes)
{
	vg_found found = {.id = vg_own_check_id(VG_OWN_DUPLICATE_INGREDIENT),
			  .rule = VG_NO_RULE,
			  .row = VG_NO_ROW,
			  .own = VG_OWN_DUPLICATE_INGREDIENT,
			  .kind = VG_KIND_DUPLICATE_THERAPY,
			  .severity = notes & VG_NOTE_LOCAL_ROUTE ? VIGIL_SEVERITY_INFO : VIGIL_SEVERITY_WARNING,
			  .status = VG_STATUS_ACTIVE,
			  .notes = (uint16_t)notes,
			  .binding = *binding};
	vg_lower_found(&found, false);
	if (!vg_is_replaced(work, VG_NO_RULE, found.id, binding->subject, binding->other))
		vg_add_found(work, &found);
}

static void judge_same_ingredient(vg_work *work, uint32_t order, const uint32_t *rules, uint32_t rule_count)
{
	const vg_side *subject = &work->sides[order];
	for (uint32_t i = 0; i < work->side_count && !vg_out_of_time(work); i++) {
		const vg_side *other = &work->sides[i];
		vg_concept ingredient = shared_ingredient(subject->fact, other->fact);
		if (!ingredient || !stands_beside(work, order, i))
			continue;
		vg_binding binding = bind(subject, other, ingredient, ingredient);
		unsigned notes = notes_of(subject, other);
		for (uint32_t k = 0; k < rule_count; k++)
			vg_judge_rule(work, rules[k], &binding, VG_TRUE, notes);
		if (!work->plan->same_ingredient_ruled && !vg_rules_only(work))
			add_own(work, &binding, notes);
	}
}

/* ---- one class ----------------------------------------------------------------------- */

static bool seen_before(const vg_concept *seen, size_t count, vg_concept ingredient)
{
	for (size_t i = 0; i < count; i++)
		if (seen[i] == ingredient)
			return true;
	return false;
}

typedef struct class_count {
	vg_binding *members; /* the order with each other member */
	unsigned *notes;
	size_t count, drugs; /* drugs: the order itself counted */
} class_count;

/* The other members that stand beside the order; `single`: the class is one ingredient. */
static bool count_members(vg_work *work, uint32_t order, const vg_rule *rule, bool single, class_count *ret)
{
	const vg_side *subject = &work->sides[order];
	vg_concept own, ingredient;
	vg_concept *seen = vg_alloc_array(work->arena, work->side_count, sizeof *seen);
	*ret = (class_count){.members = vg_alloc_array(work->arena, work->side_count, sizeof *ret->members),
			     .notes = vg_alloc_array(work->arena, work->side_count, sizeof *ret->notes),
			     .drugs = 1};
	if (!seen || !ret->members || !ret->notes || !vg_side_has(work, subject, rule->subject, &own))
		return false;
	size_t seen_count = 0;
	seen[seen_count++] = own;
	for (uint32_t i = 0; i < work->side_count; i++) {
		const vg_side *other = &work->sides[i];
		if (!vg_side_has(work, other, rule->subject, &ingredient) || !stands_beside(work, order, i))
			continue;
		if (!single && ingredient == own)
			continue; /* the same drug twice is another question */
		vg_binding binding = bind(subject, other, own, ingredient);
		binding.subject_set = binding.other_set = rule->subject;
		if (rule->unless != VG_NO_NODE && vg_ask_node(work, rule->unless, &binding) == VG_TRUE)
			continue;
		ret->members[ret->count] = binding;
		ret->notes[ret->count++] = notes_of(subject, other);
		if (single || !seen_before(seen, seen_count, ingredient)) {
			seen[seen_count++] = ingredient;
			ret->drugs++;
		}
	}
	return true;
}

static bool is_single_ingredient(const vg_work *work, vg_set set)
{
	vg_concept only = 0;
	vg_ids members = vg_set_members(work->knowledge, set);
	for (size_t i = 0; i < members.count; i++) {
		vg_ids ingredients = vg_drug_ingredients(work->knowledge, members.ids[i]);
		if (ingredients.count == 1 && ingredients.ids[0] == members.ids[i]) {
			if (only)
				return false;
			only = members.ids[i];
		}
	}
	return only != 0;
}

static void judge_class(vg_work *work, uint32_t order, uint32_t number)
{
	const vg_rule *rule = &work->book->rules[number];
	class_count members;
	vg_concept own;
	if (!vg_side_has(work, &work->sides[order], rule->subject, &own))
		return;
	bool unknown = work->scene.sections[VG_MEDICATIONS].state != VG_COMPLETE;
	if (!count_members(work, order, rule, is_single_ingredient(work, rule->subject), &members))
		return;
	if (members.drugs > (rule->at_most ? rule->at_most : 1u)) {
		for (size_t i = 0; i < members.count; i++)
			vg_judge_rule(work, number, &members.members[i], VG_TRUE, members.notes[i]);
	} else if (unknown) {
		vg_judge_untold(work, number, work->sides[order].fact, VG_MEDICATIONS);
	}
}

void vg_judge_therapies(vg_work *work)
{
	uint32_t *same = vg_alloc_array(work->arena, work->plan->therapy_count, sizeof *same);
	uint32_t same_count = 0;
	for (uint32_t i = 0; same && i < work->plan->therapy_count; i++) {
		uint32_t number = work->plan->therapies[i];
		if (!vg_bit_test(work->candidates, number))
			continue;
		if (work->book->rules[number].subject == 0)
			same[same_count++] = number;
		for (uint32_t order = 0; work->book->rules[number].subject && order < work->order_sides; order++)
			if (!vg_out_of_time(work))
				judge_class(work, order, number);
			else
				vg_add_unsettled(work, number, NULL, "the request's time was used up");
	}
	for (uint32_t order = 0; same && order < work->order_sides; order++)
		judge_same_ingredient(work, order, same, same_count);
	for (uint32_t i = 0; work->late && work->order_sides && i < same_count; i++)
		vg_add_unsettled(work, same[i], NULL, "the request's time was used up");
}
