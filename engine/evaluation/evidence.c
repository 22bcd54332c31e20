/*
 * Evidence: the facts that an alert rests on, each with its reference, its date
 * and what it says.  First what the alert is about, then what made its
 * conditions true; the same entry of the record with the same words once.
 */
#include "evaluation/evaluation_internal.h"

static bool is_shown(const vg_shown_list *list, const char *reference, const char *display, const char *says)
{
	for (size_t i = 0; i < list->count; i++) {
		const vg_shown *item = &list->items[i];
		if (vg_same_text(item->reference, reference) && vg_same_text(item->display, display) &&
		    vg_same_text(item->says, says))
			return true;
	}
	return false;
}

static void add_shown(vg_work *work, vg_shown_list *list, const char *reference, const char *display, const char *date,
		      const char *says)
{
	if (is_shown(list, reference, display, says))
		return;
	vg_shown *items = vg_grow(work->arena, list->items, list->count, &list->capacity, sizeof *items);
	if (!items)
		return;
	list->items = items;
	items[list->count++] = (vg_shown){reference, display, date, says};
}

void vg_show(vg_work *work, vg_shown_list *list, const vg_clinical_fact *fact, const char *says)
{
	const char *reference = fact->reference && *fact->reference ? fact->reference : NULL;
	add_shown(work, list, reference, vg_fact_words(fact), vg_fact_date(work, fact), says);
}

void vg_show_walk(vg_work *work, vg_shown_list *list, const vg_walk *walk)
{
	for (size_t i = 0; i < walk->count; i++) {
		const vg_step *step = &walk->steps[i];
		if (!step->leaf || step->truth != VG_TRUE || !vg_step_decides(walk, i, VG_TRUE))
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

void vg_add_text(vg_work *work, vg_text_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (vg_same_text(list->items[i], text))
			return;
	const char **items = text ? vg_grow(work->arena, list->items, list->count, &list->capacity, sizeof *items) : NULL;
	if (!items)
		return;
	list->items = items;
	items[list->count++] = text;
}
