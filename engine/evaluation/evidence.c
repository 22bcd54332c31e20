/*
 * Evidence: the facts that an alert rests on, each with its reference, its date
 * and what it says.  First what the alert is about, then what made its
 * conditions true; the same entry of the record with the same words once.
 */
#include "evaluation/evaluation_internal.h"

enum { SHORT_LIST = 16 };

static bool is_same(const vg_shown *a, const vg_shown *b)
{
	return vg_same_text(a->reference, b->reference) && vg_same_text(a->display, b->display) &&
	       vg_same_text(a->says, b->says);
}

static uint64_t hash_of(const vg_shown *item)
{
	const char *texts[3] = {item->reference, item->display, item->says};
	uint64_t hash = 0;
	for (int i = 0; i < 3; i++)
		hash = hash * 31 + (texts[i] ? vg_hash(texts[i], strlen(texts[i])) : 0);
	return hash;
}

/* Where the item's number (+ 1) stands, or would stand. */
static uint32_t *slot_of(const vg_shown_list *list, const vg_shown *item)
{
	size_t at = hash_of(item) & (list->slot_count - 1);
	while (list->slots[at] && !is_same(&list->items[list->slots[at] - 1], item))
		at = (at + 1) & (list->slot_count - 1);
	return &list->slots[at];
}

/* Short lists are compared one by one; what names half the chart is looked up. */
static bool is_shown(const vg_shown_list *list, const vg_shown *item)
{
	if (list->slots)
		return *slot_of(list, item) != 0;
	for (size_t i = 0; i < list->count; i++)
		if (is_same(&list->items[i], item))
			return true;
	return false;
}

/* Room for one item more; at most half of the slots are taken. */
static bool make_slots(vg_work *work, vg_shown_list *list)
{
	if (list->count < SHORT_LIST || (list->count + 1) * 2 <= list->slot_count)
		return true;
	size_t count = list->slot_count ? list->slot_count * 2 : SHORT_LIST * 4;
	uint32_t *slots = vg_alloc_array(work->arena, count, sizeof *slots);
	if (!slots)
		return false;
	list->slots = slots;
	list->slot_count = count;
	for (size_t i = 0; i < list->count; i++)
		*slot_of(list, &list->items[i]) = (uint32_t)i + 1;
	return true;
}

static void add_shown(vg_work *work, vg_shown_list *list, const char *reference, const char *display, const char *date,
		      const char *says)
{
	vg_shown item = {reference, display, date, says};
	if (is_shown(list, &item))
		return;
	vg_shown *items = vg_grow(work->arena, list->items, list->count, &list->capacity, sizeof *items);
	if (!items)
		return;
	list->items = items;
	if (!make_slots(work, list))
		return;
	if (list->slots)
		*slot_of(list, &item) = (uint32_t)list->count + 1;
	items[list->count++] = item;
}

void vg_show(vg_work *work, vg_shown_list *list, const vg_clinical_fact *fact, const char *says)
{
	const char *reference = fact->reference && *fact->reference ? fact->reference : NULL;
	add_shown(work, list, reference, vg_fact_words(fact), vg_fact_date(work, fact), says);
}

/* Whether the same condition was shown already; what speaks of this order or pair may show something else. */
static bool is_step_shown(vg_work *work, vg_shown_list *list, const vg_step *step)
{
	if (step->leaf->bound)
		return false;
	for (size_t i = 0; i < list->step_count; i++)
		if (list->steps[i]->leaf == step->leaf && list->steps[i]->sentence == step->sentence)
			return true;
	const vg_step **steps = vg_grow(work->arena, list->steps, list->step_count, &list->step_capacity, sizeof *steps);
	if (!steps)
		return false;
	list->steps = steps;
	steps[list->step_count++] = step;
	return false;
}

void vg_show_walk(vg_work *work, vg_shown_list *list, const vg_walk *walk)
{
	for (size_t i = 0; i < walk->count; i++) {
		const vg_step *step = &walk->steps[i];
		if (!step->leaf || step->truth != VG_TRUE || !vg_step_decides(walk, i, VG_TRUE) ||
		    is_step_shown(work, list, step))
			continue;
		const char *says = step->sentence;
		if (step->look.value && *step->look.value) {
			const char *with_value = vg_format(work->arena, "%s: %s", step->sentence, step->look.value);
			says = with_value ? with_value : says;
		}
		for (size_t k = 0; k < step->look.fact_count; k++)
			vg_show(work, list, step->look.facts[k], says);
		if (step->look.fact_count == 0 && step->look.value)
			add_shown(work, list, NULL, step->look.value, NULL, step->sentence);
	}
}

/* ---- what one fact says ------------------------------------------------------------ */

static const char *asides(vg_work *work, const vg_clinical_fact *fact)
{
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	if (fact->standing == VG_INTENDED)
		vg_addf(&out, ", %s", fact->status && *fact->status ? fact->status : "status not known");
	if (fact->as_needed)
		vg_add(&out, ", as needed");
	if (fact->standing == VG_PRELIMINARY && fact->kind == VG_FACT_ALLERGY)
		vg_add(&out, ", not confirmed");
	else if (fact->standing == VG_PRELIMINARY)
		vg_addf(&out, ", %s", fact->status && *fact->status ? fact->status : "preliminary");
	if (fact->by_text)
		vg_add(&out, ", recognised by its name only");
	const char *text = vg_buffer_text(&out);
	return text ? text : "";
}

static const char *drug_says(vg_work *work, const vg_found *found, const vg_clinical_fact *fact)
{
	bool is_other = fact == found->binding.other;
	const char *name =
	    vg_ingredient_words(work, fact, is_other ? found->binding.other_ingredient : found->binding.subject_ingredient);
	const char *date = vg_fact_date(work, fact), *rest = asides(work, fact), *text;
	if (vg_order_place(work, fact) != VG_NO_ORDER || fact->other_draft)
		text = vg_format(work->arena, "%s is being ordered%s", name, rest);
	else if (is_other && found->notes & VG_NOTE_STOPPED)
		text = vg_format(work->arena, "%s was stopped, and still acts%s", name, rest);
	else if (is_other ? found->notes & VG_NOTE_STALE : found->notes & VG_NOTE_SUBJECT_STALE)
		text = vg_format(work->arena, "%s is listed since %s and was not renewed%s", name,
				 date ? date : "an unknown day", rest);
	else
		text = vg_format(work->arena, "taking %s%s", name, rest);
	return text ? text : "";
}

static const char *result_says(vg_work *work, const vg_clinical_fact *fact)
{
	const char *rest = asides(work, fact), *text;
	if (fact->kind == VG_FACT_SERVICE)
		text = vg_format(work->arena,
				 vg_order_place(work, fact) != VG_NO_ORDER || fact->other_draft ? "is being ordered%s"
												: "is ordered and pending%s",
				 rest);
	else if (fact->standing == VG_PLANNED)
		text = vg_format(work->arena, "is registered, the result is to come%s", rest);
	else if (fact->value.text && *fact->value.text)
		text = vg_format(work->arena, "result: %s%s", fact->value.text, rest);
	else
		text = vg_format(work->arena, "was done%s", rest);
	return text ? text : "";
}

const char *vg_says(vg_work *work, const vg_found *found, const vg_clinical_fact *fact)
{
	const char *text;
	switch (fact->kind) {
	case VG_FACT_MEDICATION:
		return drug_says(work, found, fact);
	case VG_FACT_ALLERGY:
		text = vg_format(work->arena, "%s to %s%s", found->notes & VG_NOTE_INTOLERANCE ? "intolerance" : "allergy",
				 vg_allergy_words(work, fact), asides(work, fact));
		return text ? text : "";
	default:
		return result_says(work, fact);
	}
}

static bool has_text(vg_text_list *list, const char *text)
{
	if (list->count >= SHORT_LIST)
		return vg_map_at(&list->known, text, strlen(text), false) != NULL;
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

void vg_add_text(vg_work *work, vg_text_list *list, const char *text)
{
	if (!text || has_text(list, text))
		return;
	const char **items = vg_grow(work->arena, list->items, list->count, &list->capacity, sizeof *items);
	if (!items)
		return;
	list->items = items;
	items[list->count++] = text;
	if (list->count == SHORT_LIST)
		vg_map_init(&list->known, work->arena);
	for (size_t i = list->count == SHORT_LIST ? 0 : list->count - 1; list->count >= SHORT_LIST && i < list->count; i++)
		vg_map_at(&list->known, items[i], strlen(items[i]), true);
}
