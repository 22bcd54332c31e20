/*
 * Texts with placeholders, and summaries that fit a card.
 *
 * A placeholder whose value nobody knows reads "not known": a text that a rule
 * promised never has a hole in it.
 */
#include "evaluation/evaluation_internal.h"

enum { SUMMARY_LIMIT = 139 }; /* CDS Hooks: fewer than 140 characters */
static const char not_known[] = "not known";

static void add_when(vg_buffer *out, vg_when when)
{
	char text[32];
	vg_add(out, vg_when_known(when) ? vg_when_text(when, text) : not_known);
}

static const vg_clinical_fact *latest_of(vg_work *work, const vg_part *part)
{
	return part->leaf == VG_NO_LEAF ? NULL : vg_leaf_latest(&work->scene, &work->book->leaves[part->leaf]);
}

static void add_age(vg_work *work, vg_buffer *out)
{
	vg_when birth = work->scene.record->patient.birth;
	if (!vg_when_known(birth)) {
		vg_add(out, not_known);
		return;
	}
	int most = vg_years_between(birth.first, work->scene.as_of), least = vg_years_between(birth.last, work->scene.as_of);
	if (least == most)
		vg_addf(out, "%d years", most);
	else
		vg_addf(out, "%d or %d years", least, most);
}

/* What was done last, and when: of the screening itself, or of the leaf's own set. */
static void add_last_done(vg_work *work, const vg_part *part, vg_filling *filling, vg_buffer *out)
{
	const vg_clinical_fact *fact = filling->screening ? filling->screening->last : NULL;
	vg_when when = filling->screening ? filling->screening->last_done : VG_NO_WHEN;
	if (part->leaf != VG_NO_LEAF) {
		vg_event event;
		memset(&event, 0, sizeof event);
		event.first = event.last = VG_NO_DAY;
		vg_leaf_event(&work->scene, &work->book->leaves[part->leaf], &event);
		fact = event.fact;
		when = fact ? fact->when : VG_NO_WHEN;
		when.first = event.first;
		when.last = event.last;
	}
	if (part->kind == VG_PART_LAST_DONE)
		vg_add(out, fact ? vg_fact_words(fact) : not_known);
	else
		add_when(out, fact ? when : VG_NO_WHEN);
}

static void add_daily_dose(vg_work *work, const vg_part *part, vg_filling *filling, vg_buffer *out)
{
	if (part->leaf != VG_NO_LEAF) {
		vg_look look = {.arena = work->arena};
		vg_leaf_truth(&work->scene, &work->book->leaves[part->leaf], filling->binding, &look);
		vg_add(out, look.value ? look.value : not_known);
		return;
	}
	const vg_clinical_fact *drug = filling->subject;
	for (uint16_t i = 0; drug && i < drug->ingredient_count; i++) {
		double amount;
		const char *unit;
		if (filling->ingredient && drug->ingredients[i] != filling->ingredient)
			continue;
		if (!vg_daily_dose(work->scene.record, drug, i, &amount, &unit))
			break;
		vg_add_number(out, amount);
		vg_addf(out, " %s", unit);
		return;
	}
	vg_add(out, not_known);
}

static void add_part(vg_work *work, const vg_part *part, vg_filling *filling, vg_buffer *out)
{
	const vg_clinical_fact *fact;
	char day[16];
	switch ((vg_part_kind)part->kind) {
	case VG_PART_TEXT:
		vg_add(out, part->text);
		break;
	case VG_PART_THIS_ORDER:
		vg_add(out, filling->subject ? vg_fact_words(filling->subject) : "this order");
		break;
	case VG_PART_OTHER_DRUG:
		vg_add(out, *filling->others ? filling->others : "the other drug");
		break;
	case VG_PART_LATEST:
		fact = latest_of(work, part);
		vg_add(out, fact && fact->value.text && *fact->value.text ? fact->value.text : not_known);
		break;
	case VG_PART_DATE_OF_LATEST:
		fact = latest_of(work, part);
		add_when(out, fact ? fact->when : VG_NO_WHEN);
		break;
	case VG_PART_AGE:
		add_age(work, out);
		break;
	case VG_PART_LAST_DONE:
	case VG_PART_DATE_OF_LAST_DONE:
		add_last_done(work, part, filling, out);
		break;
	case VG_PART_DUE:
		vg_add(out, filling->screening && filling->screening->due != VG_NO_DAY
				? vg_day_text(filling->screening->due, day)
				: not_known);
		break;
	case VG_PART_DAILY_DOSE:
		add_daily_dose(work, part, filling, out);
		break;
	case VG_PART_COUNT:
		vg_addf(out, "%zu", filling->count);
		break;
	}
}

const char *vg_fill_text(vg_work *work, const vg_text *text, vg_filling *filling)
{
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	for (size_t i = 0; i < text->count; i++)
		add_part(work, &text->parts[i], filling, &out);
	const char *filled = vg_buffer_text(&out);
	filling->unknown = filled && strstr(filled, not_known) != NULL;
	return filled ? filled : "";
}

const char *vg_cut_summary(vg_arena *arena, const char *text)
{
	if (vg_utf8_count(text) <= SUMMARY_LIMIT)
		return text;
	size_t length = strlen(text), at = 0, blank = 0;
	for (size_t count = 0; count < SUMMARY_LIMIT - 1 && at < length; count++) {
		if (text[at] == ' ')
			blank = at;
		size_t step = vg_utf8_step(text + at, length - at);
		at += step ? step : 1;
	}
	size_t end = blank ? blank : at;
	while (end > 0 && strchr(" ,;:", text[end - 1]))
		end--;
	const char *cut = vg_format(arena, "%.*s…", (int)end, text);
	return cut ? cut : "";
}
