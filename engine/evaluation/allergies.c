/*
 * Recorded allergies against the drugs being ordered, and against those that
 * are taken when that is asked for or when the allergy is new.
 *
 * Severity.  The drug itself is critical, its recorded class a warning, and a
 * row of the cross-reactivity table what the row says.  A severe reaction or a
 * high criticality makes a match of the engine's own critical, and so a row
 * that warns.  A low criticality, and an intolerance, lower by a level each
 * unless the record tells of a severe reaction; where a case of a row or a rule
 * has decided, its word stands.  A row whose severity is "silent" keeps other
 * rows quiet about its pair; the drug itself and its recorded class it does not.
 */
#include "evaluation/evaluation_internal.h"

const char *vg_own_check_id(vg_own_check check)
{
	static const char *const ids[] = {
	    [VG_OWN_NONE] = "",
	    [VG_OWN_ALLERGY_INGREDIENT] = "allergy-same-ingredient",
	    [VG_OWN_ALLERGY_CLASS] = "allergy-same-class",
	    [VG_OWN_DUPLICATE_INGREDIENT] = "duplicate-same-ingredient",
	};
	return ids[check];
}

typedef struct bout { /* one allergy against one drug */
	const vg_clinical_fact *allergy, *drug;
	vg_side *drug_side, *allergy_side;
	bool ordered;
	unsigned notes;
} bout;

static unsigned notes_of(const vg_work *work, const vg_clinical_fact *allergy)
{
	if (vg_allergy_severe(work, allergy))
		return VG_NOTE_SEVERE | (vg_allergy_intolerance(work, allergy) ? VG_NOTE_INTOLERANCE : 0u);
	return (allergy->criticality == VG_CRITICALITY_LOW ? VG_NOTE_LOW_CRITICALITY : 0u) |
	       (vg_allergy_intolerance(work, allergy) ? VG_NOTE_INTOLERANCE : 0u);
}

static uint8_t weighed(uint8_t severity, unsigned notes)
{
	if (notes & VG_NOTE_SEVERE)
		return severity >= VIGIL_SEVERITY_WARNING ? VIGIL_SEVERITY_CRITICAL : severity;
	return vg_lowered(severity, (notes & VG_NOTE_LOW_CRITICALITY ? 1u : 0u) + (notes & VG_NOTE_INTOLERANCE ? 1u : 0u));
}

static vg_binding bind(const bout *now)
{
	return (vg_binding){.order = now->ordered ? now->drug : NULL, .subject = now->drug, .other = now->allergy};
}

static void add_own(vg_work *work, const bout *now, vg_own_check check, vg_concept ingredient, vg_set set, uint8_t severity)
{
	vg_found found = {.id = vg_own_check_id(check),
			  .rule = VG_NO_RULE,
			  .row = VG_NO_ROW,
			  .own = (uint8_t)check,
			  .kind = VG_KIND_ALLERGY,
			  .severity = weighed(severity, now->notes),
			  .status = VG_STATUS_ACTIVE,
			  .notes = (uint16_t)now->notes,
			  .binding = bind(now)};
	found.binding.subject_ingredient = found.binding.other_ingredient = ingredient;
	found.binding.subject_set = found.binding.other_set = set;
	if (!vg_is_replaced(work, VG_NO_RULE, found.id, now->drug, now->allergy))
		vg_add_found(work, &found);
}

/* ---- rows -------------------------------------------------------------------------- */

typedef struct row_list {
	vg_matched *items;
	size_t count, capacity;
	bool silent; /* a row in service says that this pair is harmless */
} row_list;

static void take_row(vg_work *work, const bout *now, uint32_t number, vg_tag allergen, vg_tag drug, row_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].row == number)
			return;
	vg_matched item = {.row = number, .binding = bind(now), .notes = now->notes};
	vg_pair_get(work->knowledge, VG_CROSS_REACTIVITY, number, &item.cells);
	if (!vg_row_shown(work, item.cells.status) || vg_is_replaced(work, VG_NO_RULE, item.cells.id, now->drug, now->allergy))
		return;
	if (item.cells.silent) {
		list->silent |= item.cells.status == VG_STATUS_ACTIVE;
		return;
	}
	item.binding.subject_ingredient = drug.ingredient;
	item.binding.other_ingredient = allergen.ingredient;
	item.binding.subject_set = drug.set;
	item.binding.other_set = allergen.set;
	if (!vg_row_severity(work, &item))
		return;
	vg_matched *items = vg_grow(work->arena, list->items, list->count, &list->capacity, sizeof *items);
	if (!items)
		return;
	list->items = items;
	items[list->count++] = item;
}

static void add_row(vg_work *work, const vg_matched *row)
{
	bool decided = row->case_number && row->severity != (uint8_t)row->cells.severity;
	vg_found found = {.id = row->cells.id,
			  .rule = VG_NO_RULE,
			  .row = row->row,
			  .family = VG_CROSS_REACTIVITY,
			  .kind = VG_KIND_ALLERGY,
			  .severity = decided ? row->severity : weighed(row->severity, row->notes),
			  .status = (uint8_t)row->cells.status,
			  .notes = (uint16_t)row->notes,
			  .case_number = row->case_number,
			  .unknown = row->unknown,
			  .binding = row->binding};
	vg_add_found(work, &found);
}

/* What lies beside the allergen: never the very ingredient that is recorded. */
static void judge_rows(vg_work *work, const bout *now)
{
	row_list list = {.items = NULL};
	for (size_t i = 0; i < now->allergy_side->tag_count; i++) {
		vg_tag allergen = now->allergy_side->tags[i];
		for (size_t k = 0; k < now->drug_side->tag_count; k++) {
			vg_tag drug = now->drug_side->tags[k];
			if (allergen.ingredient && allergen.ingredient == drug.ingredient)
				continue;
			vg_ids rows = vg_pairs_of(work->knowledge, VG_CROSS_REACTIVITY, allergen.set, drug.set);
			for (size_t r = 0; r < rows.count; r++)
				take_row(work, now, rows.ids[r], allergen, drug, &list);
		}
	}
	if (list.silent)
		return;
	vg_silence_rows(list.items, list.count);
	for (size_t i = 0; i < list.count; i++)
		if (!list.items[i].silenced)
			add_row(work, &list.items[i]);
}

/* ---- one allergy against one drug ------------------------------------------------------ */

static void judge_rules(vg_work *work, const bout *now)
{
	for (uint32_t i = 0; i < work->pair_rule_count; i++) {
		const vg_rule *rule = &work->book->rules[work->pair_rules[i]];
		vg_binding binding = bind(now);
		if (rule->kind != VG_KIND_ALLERGY || !vg_allergy_in(work, now->allergy, rule->pair[0]) ||
		    !vg_fact_in_set(work->scene.record, now->drug, rule->pair[1]))
			continue;
		binding.subject_ingredient = vg_fact_ingredient_in(work->scene.record, now->drug, rule->pair[1]);
		binding.other_ingredient = vg_fact_ingredient_in(work->scene.record, now->allergy, rule->pair[0]);
		binding.subject_set = rule->pair[1];
		binding.other_set = rule->pair[0];
		vg_judge_rule(work, work->pair_rules[i], &binding, VG_TRUE,
			      now->notes & (VG_NOTE_SEVERE | VG_NOTE_INTOLERANCE));
	}
}

static void judge_bout(vg_work *work, const bout *now)
{
	judge_rules(work, now);
	if (vg_rules_only(work))
		return;
	vg_allergy_match match = vg_allergy_matches(work, now->allergy, now->drug);
	if (match.ingredient)
		add_own(work, now, VG_OWN_ALLERGY_INGREDIENT, match.ingredient, 0, VIGIL_SEVERITY_CRITICAL);
	if (match.of_class)
		add_own(work, now, VG_OWN_ALLERGY_CLASS, 0, match.of_class, VIGIL_SEVERITY_WARNING);
	if (work->plan->has_cross)
		judge_rows(work, now);
}

/* Drug sides carry tags of one family; the join of allergies has its own. */
static vg_side *tagged_sides(vg_work *work, const vg_clinical_fact *const *facts, uint32_t count)
{
	vg_side *sides = vg_alloc_array(work->arena, count, sizeof *sides);
	for (uint32_t i = 0; sides && i < count; i++) {
		sides[i].fact = facts[i];
		if (work->plan->has_cross)
			vg_side_tags(work, &sides[i], VG_CROSS_REACTIVITY);
	}
	return sides;
}

/* The drugs to be judged: what is ordered, and what is taken where that is asked for. */
static const vg_clinical_fact *const *find_drugs(vg_work *work, uint32_t *ret_count)
{
	const vg_scene *scene = &work->scene;
	const vg_record *record = scene->record;
	bool taken = work->judges_taken || (work->hook == VG_HOOK_ALLERGY_CREATE && !work->has_died);
	size_t most = work->order_sides + (taken ? record->kind_counts[VG_FACT_MEDICATION] : 0);
	const vg_clinical_fact **drugs = vg_alloc_array(work->arena, most, sizeof *drugs);
	*ret_count = 0;
	for (uint32_t i = 0; drugs && i < work->order_sides; i++)
		drugs[(*ret_count)++] = work->sides[i].fact;
	for (uint32_t i = 0; drugs && taken && i < record->kind_counts[VG_FACT_MEDICATION]; i++) {
		uint32_t place = record->kind_facts[VG_FACT_MEDICATION][i];
		if (scene->activity[place] != VG_NOT_ACTIVE)
			drugs[(*ret_count)++] = &record->facts[place];
	}
	return drugs;
}

static const vg_clinical_fact *const *find_allergies(vg_work *work, uint32_t *ret_count)
{
	const vg_record *record = work->scene.record;
	uint32_t count = record->kind_counts[VG_FACT_ALLERGY];
	const vg_clinical_fact **allergies = vg_alloc_array(work->arena, count, sizeof *allergies);
	*ret_count = 0;
	for (uint32_t i = 0; allergies && i < count; i++) {
		const vg_clinical_fact *allergy = &record->facts[record->kind_facts[VG_FACT_ALLERGY][i]];
		if (vg_allergy_counts(work, allergy))
			allergies[(*ret_count)++] = allergy;
	}
	return allergies;
}

/* Rules about an ordered drug and an allergy, when the allergies are not known. */
static void note_unknown_allergies(vg_work *work)
{
	if (work->scene.sections[VG_ALLERGIES].state == VG_COMPLETE)
		return;
	for (uint32_t i = 0; i < work->pair_rule_count; i++) {
		uint32_t number = work->pair_rules[i];
		const vg_rule *rule = &work->book->rules[number];
		for (uint32_t order = 0; order < work->order_sides && rule->kind == VG_KIND_ALLERGY; order++)
			if (vg_fact_in_set(work->scene.record, work->sides[order].fact, rule->pair[1]))
				vg_judge_untold(work, number, work->sides[order].fact, VG_ALLERGIES);
	}
}

static void judge_bouts(vg_work *work, const vg_clinical_fact *const *drugs, uint32_t drug_count)
{
	uint32_t allergy_count;
	const vg_clinical_fact *const *allergies = find_allergies(work, &allergy_count);
	if (!allergies || allergy_count == 0)
		return;
	vg_side *drug_sides = tagged_sides(work, drugs, drug_count),
		*allergy_sides = tagged_sides(work, allergies, allergy_count);
	for (uint32_t i = 0; drug_sides && allergy_sides && i < drug_count; i++)
		for (uint32_t k = 0; k < allergy_count; k++) {
			if (vg_out_of_time(work)) {
				work->late_pairs = true;
				return;
			}
			bout now = {allergies[k],          drugs[i],
				    &drug_sides[i],        &allergy_sides[k],
				    i < work->order_sides, notes_of(work, allergies[k])};
			judge_bout(work, &now);
		}
}

void vg_judge_allergies(vg_work *work)
{
	uint32_t drug_count;
	const vg_clinical_fact *const *drugs = find_drugs(work, &drug_count);
	if (!drugs || drug_count == 0)
		return;
	judge_bouts(work, drugs, drug_count);
	note_unknown_allergies(work);
}
