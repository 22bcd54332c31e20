/*
 * Words for a row of the pair tables and for the engine's own checks, neither
 * of which has a text with placeholders: they are made of cells and names.
 */
#include "evaluation/evaluation_internal.h"

static const char *or_empty(const char *text) { return text ? text : ""; }

/* "Bleeding: warfarin with ibuprofen"; a title that names the drugs already stands alone. */
static const char *summary(vg_work *work, const vg_group *group, const char *title)
{
	const char *names = vg_group_names(work, group, title);
	if (!*title)
		return vg_cut_summary(work->arena, vg_capital(work->arena, names));
	if (!*names)
		return vg_cut_summary(work->arena, title);
	const char *text = vg_format(work->arena, "%s: %s", title, names);
	return text ? vg_cut_summary(work->arena, text) : "";
}

static void add_row_cases(vg_work *work, const vg_group *group, const vg_alert *alert, const vg_pair_row *row, vg_buffer *out)
{
	for (size_t i = 0; i < group->lead_count; i++) {
		const vg_found *found = group->leads[i];
		if (!found->case_number || found->row != alert->row)
			continue;
		vg_filling filling = {.subject = found->binding.subject,
				      .others = found->binding.other ? vg_fact_words(found->binding.other) : "",
				      .count = group->lead_count + 1,
				      .ingredient = found->binding.subject_ingredient,
				      .binding = &found->binding};
		const char *text =
		    vg_fill_text(work, &work->book->pair_case_says[row->first_case + found->case_number - 1], &filling);
		if (*text && !(out->length && strstr(out->text, text)))
			vg_add_sentence(out, text);
	}
}

static void show_row_cases(vg_work *work, const vg_group *group, const vg_pair_row *row, vg_shown_list *list)
{
	for (size_t i = 0; i < group->lead_count; i++) {
		const vg_found *found = group->leads[i];
		vg_walk walk = {.steps = NULL};
		if (found->case_number && strcmp(found->id, row->id) == 0)
			vg_walk_tree(work, work->book->pair_case_nodes[row->first_case + found->case_number - 1],
				     &found->binding, &walk);
		vg_show_walk(work, list, &walk);
	}
}

static const char *trace_row(vg_work *work, const vg_group *group, const vg_pair_row *row)
{
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	for (size_t i = 0; i < group->lead_count; i++) {
		const vg_found *found = group->leads[i];
		vg_addf(&out, "row %s: %s with %s, for %s with %s\n", row->id, vg_set_name(work->knowledge, row->a),
			vg_set_name(work->knowledge, row->b), vg_fact_words(found->binding.subject),
			vg_fact_words(found->binding.other));
		for (uint32_t k = 0; k < row->case_count; k++) {
			vg_walk walk = {.steps = NULL};
			vg_walk_tree(work, work->book->pair_case_nodes[row->first_case + k], &found->binding, &walk);
			vg_walk_trace(work, &walk, "case", &out);
		}
	}
	return vg_buffer_text(&out);
}

static const char *pair_sentence(vg_work *work, const vg_alert *alert)
{
	if (!alert->subject)
		return "";
	vg_text_list subjects = {.items = NULL}, partners = {.items = NULL};
	vg_add_text(work, &subjects, vg_fact_words(alert->subject));
	for (size_t i = 0; i < alert->other_count; i++)
		vg_add_text(work, i < alert->partner_count ? &partners : &subjects, vg_fact_words(alert->others[i]));
	const char *form = alert->kind == VG_KIND_ALLERGY ? "%s; the list of allergies names %s" : "%s together with %s";
	return or_empty(vg_format(work->arena, form, vg_join_words(work->arena, subjects.items, subjects.count),
				  vg_join_words(work->arena, partners.items, partners.count)));
}

void vg_render_row(vg_work *work, const vg_group *group, vg_alert *alert, vg_shown_list *evidence)
{
	vg_pair_row row;
	vg_pair_get(work->knowledge, (vg_family)alert->family, alert->row, &row);
	const char *title = *row.title ? row.title : *row.effect && alert->family == VG_INTERACTIONS ? row.effect : "";
	alert->summary = summary(work, group, title);
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	vg_add_sentence(&out, pair_sentence(work, alert));
	vg_add_sentence(&out, row.mechanism);
	vg_add_sentence(&out, row.effect);
	if (*row.management)
		vg_add_sentence(&out, vg_format(work->arena, "What to do: %s", row.management));
	add_row_cases(work, group, alert, &row, &out);
	vg_add_sentence(&out, vg_note_sentences(work, group));
	alert->detail = vg_buffer_text(&out);
	show_row_cases(work, group, &row, evidence);
	vg_text_list list = {.items = NULL};
	vg_not_excluded_cases(work, group, &row, &list);
	alert->not_excluded = list.items;
	alert->not_excluded_count = list.count;
	if (work->question->trace)
		alert->trace = trace_row(work, group, &row);
	vg_source(work, NULL, &row, &alert->source_label, &alert->source_url);
}

/* ---- the engine's own checks ------------------------------------------------------ */

/* "Allergy to Penicillin on record: amoxicillin is being ordered" */
static const char *own_allergy_summary(vg_work *work, const vg_group *group, const vg_alert *alert)
{
	const vg_found *head = group->leads[0];
	const char **names = vg_alloc_array(work->arena, alert->other_count, sizeof *names);
	for (size_t i = 0; names && i < alert->other_count; i++)
		names[i] = vg_fact_words(alert->others[i]);
	if (!names)
		return "";
	const char *text =
	    vg_format(work->arena, "%s to %s on record: %s %s", head->notes & VG_NOTE_INTOLERANCE ? "Intolerance" : "Allergy",
		      vg_join_words(work->arena, names, alert->other_count),
		      vg_ingredient_words(work, alert->subject, head->binding.subject_ingredient),
		      alert->order ? "is being ordered" : "is taken");
	return text ? vg_cut_summary(work->arena, text) : "";
}

void vg_render_own(vg_work *work, const vg_group *group, vg_alert *alert)
{
	const vg_found *head = group->leads[0];
	bool allergy = head->own != VG_OWN_DUPLICATE_INGREDIENT;
	const char *advice = "Check whether this order replaces the other, and stop the one that is not needed";
	if (head->own == VG_OWN_ALLERGY_INGREDIENT)
		advice = "Ask what happened and when; choose another drug unless the entry proves wrong";
	else if (head->own == VG_OWN_ALLERGY_CLASS)
		advice = "Ask which drug it was and what happened; choose another class unless the entry proves wrong";
	alert->summary = allergy ? own_allergy_summary(work, group, alert) : summary(work, group, "The same drug twice");
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	vg_add_sentence(&out, pair_sentence(work, alert));
	if (head->own == VG_OWN_ALLERGY_CLASS)
		vg_add_sentence(&out, vg_format(work->arena, "The entry stands for the class %s",
						vg_set_name(work->knowledge, head->binding.other_set)));
	vg_add_sentence(&out, vg_note_sentences(work, group));
	vg_add_sentence(&out, advice);
	alert->detail = vg_buffer_text(&out);
	alert->source_label =
	    allergy ? "Vigil: the patient's recorded allergies" : "Vigil: drugs that are ordered or taken twice";
	alert->source_url = "";
	if (work->question->trace)
		alert->trace = vg_format(work->arena, "%s: %s\n", alert->rule, alert->summary ? alert->summary : "");
}
