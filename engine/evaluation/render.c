/*
 * Rendering alerts: summary, detail, evidence, what was not excluded, what to
 * do, the source.
 *
 * A rule of the packs brings its own title and text; a row is given words from
 * its cells (render_row.c), the engine's own checks from here.  Whatever made a
 * severity other than the rule's own is said: stale entries, renewals, drugs
 * that were stopped, intolerances, names that stand for codes.
 */
#include "evaluation/evaluation_internal.h"

/* ---- names of those concerned -------------------------------------------------- */

static const char *other_name(vg_work *work, const vg_found *found)
{
	const vg_clinical_fact *other = found->binding.other;
	return other->kind == VG_FACT_MEDICATION ? vg_ingredient_words(work, other, found->binding.other_ingredient)
						 : vg_fact_words(other);
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80; }

/* As words of their own, with or without a capital: "iron" is not named by "environment". */
static bool is_named(const char *title, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = title; *at; at++)
		if ((at == title || !is_letter(at[-1])) && (*at | 0x20) == (*name | 0x20) &&
		    strncmp(at + 1, name + 1, length - 1) == 0 && !is_letter(at[length]))
			return true;
	return false;
}

static bool are_named(const char *title, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (*names[i] && !is_named(title, names[i]))
			return false;
	return true;
}

const char *vg_group_names(vg_work *work, const vg_group *group, const char *title)
{
	vg_text_list subjects = {.items = NULL}, others = {.items = NULL};
	bool allergy = false;
	for (size_t i = 0; i < group->lead_count; i++) {
		const vg_found *found = group->leads[i];
		if (found->binding.subject)
			vg_add_text(work, &subjects,
				    vg_ingredient_words(work, found->binding.subject, found->binding.subject_ingredient));
		if (found->binding.other && subjects.count &&
		    strcmp(other_name(work, found), subjects.items[subjects.count - 1]) != 0)
			vg_add_text(work, &others, other_name(work, found));
		allergy |= found->kind == VG_KIND_ALLERGY;
	}
	if (subjects.count == 0)
		return "";
	if (are_named(title, subjects.items, subjects.count) && are_named(title, others.items, others.count))
		return "";
	const char *subject = vg_join_words(work->arena, subjects.items, subjects.count);
	if (others.count == 0)
		return subject;
	const char *text = vg_format(work->arena, allergy ? "%s, allergy to %s" : "%s with %s", subject,
				     vg_join_words(work->arena, others.items, others.count));
	return text ? text : "";
}

/* The products and entries, for {other_drug}. */
static const char *others_text(vg_work *work, const vg_alert *alert)
{
	vg_text_list names = {.items = NULL};
	for (size_t i = 0; alert->others && i < alert->partner_count; i++)
		vg_add_text(work, &names, vg_fact_words(alert->others[i]));
	return vg_join_words(work->arena, names.items, names.count);
}

/* ---- what has to be said besides -------------------------------------------------- */

static void add_once(vg_buffer *out, const char *text)
{
	if (!text || !*text || (out->length && strstr(out->text, text)))
		return;
	vg_add(out, out->length ? " " : "");
	vg_add(out, text);
}

/* A sentence that the notes do not say yet. */
static void add_note(vg_buffer *out, const char *text)
{
	vg_buffer one;
	vg_buffer_init(&one, out->arena);
	vg_add_sentence(&one, text);
	add_once(out, vg_buffer_text(&one));
}

static void add_fact_notes(vg_work *work, const vg_found *found, const vg_clinical_fact *fact, vg_buffer *out)
{
	const char *name = vg_fact_words(fact);
	if (fact->by_text)
		add_note(out, vg_format(work->arena, "\"%s\" was recognised by its name only, it has no usable code", name));
	if (fact->kind == VG_FACT_MEDICATION && fact->standing == VG_INTENDED)
		add_note(out, vg_format(work->arena, "%s has the status %s", name, *fact->status ? fact->status : "unknown"));
	if (fact->kind == VG_FACT_MEDICATION && fact->as_needed)
		add_note(out, vg_format(work->arena, "%s is taken as needed", name));
	if (fact->kind == VG_FACT_ALLERGY && fact->standing == VG_PRELIMINARY)
		add_note(out, vg_format(work->arena, "The allergy to %s is not confirmed", name));
	if (fact->kind == VG_FACT_SERVICE && fact == found->binding.other) {
		const char *date = vg_fact_date(work, fact);
		if (vg_order_place(work, fact) != VG_NO_ORDER || fact->other_draft)
			add_note(out, vg_format(work->arena, "%s is being ordered already", name));
		else
			add_note(out,
				 vg_format(work->arena, "%s is pending%s%s", name, date ? " since " : "", date ? date : ""));
	}
	if ((fact->kind == VG_FACT_RESULT || fact->kind == VG_FACT_REPORT) && fact->standing == VG_PRELIMINARY)
		add_note(out, vg_format(work->arena, "%s is preliminary", name));
}

static const char one_level_lower[] = ", so the severity is one level lower";

static void add_stale_note(vg_work *work, const vg_found *found, const vg_clinical_fact *fact, vg_buffer *out)
{
	const char *date = vg_fact_date(work, fact);
	add_note(out, vg_format(work->arena, "%s is listed since %s and was not renewed%s", vg_fact_words(fact),
				date ? date : "an unknown day", found->notes & VG_NOTE_STALE_LOWERS ? one_level_lower : ""));
}

static void add_found_notes(vg_work *work, const vg_found *found, vg_buffer *out)
{
	const vg_binding *binding = &found->binding;
	const char *other = binding->other ? vg_fact_words(binding->other) : "";
	if (found->notes & VG_NOTE_SUBJECT_STALE && binding->subject)
		add_stale_note(work, found, binding->subject, out);
	if (found->notes & VG_NOTE_STALE && binding->other)
		add_stale_note(work, found, binding->other, out);
	if (found->notes & VG_NOTE_STOPPED && binding->other) {
		char day[16];
		add_note(out, vg_format(work->arena, "%s was stopped (last taken before %s) and still acts", other,
					vg_day_text(vg_medication_stopped_on(binding->other), day)));
	}
	if (found->notes & VG_NOTE_RENEWED)
		add_note(out,
			 vg_format(work->arena, "The patient takes these together already; this order renews one of them%s",
				   found->notes & VG_NOTE_RENEWED_LOWERS ? one_level_lower : ""));
	if (found->notes & VG_NOTE_LOCAL_ROUTE)
		add_note(out, "One of the two does not act on the whole body");
	if (found->notes & VG_NOTE_INTOLERANCE)
		add_note(out, vg_format(work->arena, "%s is recorded as an intolerance, not as an allergy", other));
	if (found->notes & VG_NOTE_SEVERE)
		add_note(out, vg_format(work->arena, "A severe reaction or a high criticality is recorded for %s", other));
	if (found->notes & VG_NOTE_LOW_CRITICALITY)
		add_note(out, vg_format(work->arena, "The allergy to %s is recorded with low criticality", other));
}

const char *vg_note_sentences(vg_work *work, const vg_group *group)
{
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	for (size_t i = 0; i < group->lead_count; i++)
		add_found_notes(work, group->leads[i], &out);
	for (size_t i = 0; i < group->lead_count; i++) {
		const vg_clinical_fact *facts[2] = {group->leads[i]->binding.subject, group->leads[i]->binding.other};
		for (int k = 0; k < 2; k++)
			if (facts[k])
				add_fact_notes(work, group->leads[i], facts[k], &out);
	}
	const char *text = vg_buffer_text(&out);
	return text ? text : "";
}

void vg_add_not_excluded(vg_work *work, const vg_walk *walk, vg_text_list *list)
{
	for (size_t i = 0; i < walk->count; i++) {
		const vg_step *step = &walk->steps[i];
		if (!step->leaf || !vg_step_decides(walk, i, VG_UNKNOWN))
			continue;
		const char *why = step->look.missing;
		vg_add_text(work, list, why ? vg_format(work->arena, "%s (%s)", step->sentence, why) : step->sentence);
	}
}

/* Cases that would make the matter graver, and are not known. */
void vg_not_excluded_cases(vg_work *work, const vg_group *group, const vg_pair_row *row, vg_text_list *list)
{
	for (size_t i = 0; i < group->lead_count; i++) {
		const vg_found *found = group->leads[i];
		bool graver = found->unknown.number && found->unknown.severity > group->leads[0]->severity;
		bool same = row ? found->row == group->leads[0]->row && found->rule == VG_NO_RULE
				: found->rule == group->leads[0]->rule;
		if (!graver || !same)
			continue;
		uint32_t place = found->unknown.number - 1;
		vg_walk walk = {.steps = NULL};
		vg_walk_tree(work,
			     row ? work->book->pair_case_nodes[row->first_case + place]
				 : work->book->rules[found->rule].cases[place].node,
			     &found->binding, &walk);
		vg_add_not_excluded(work, &walk, list);
	}
}

/* ---- a rule of the packs --------------------------------------------------------- */

static vg_filling filling_of(vg_work *work, const vg_found *found, const vg_alert *alert)
{
	return (vg_filling){.subject = found->binding.subject,
			    .others = others_text(work, alert),
			    .count = alert->partner_count + 1,
			    .ingredient = found->binding.subject_ingredient,
			    .binding = &found->binding};
}

static void add_cases(vg_work *work, const vg_group *group, const vg_rule *rule, const vg_filling *filling, vg_buffer *out)
{
	vg_buffer all;
	vg_buffer_init(&all, work->arena);
	for (size_t i = 0; i < group->lead_count; i++) {
		const vg_found *found = group->leads[i];
		if (!found->case_number)
			continue;
		vg_filling own = *filling;
		own.subject = found->binding.subject;
		own.binding = &found->binding;
		add_once(&all, vg_fill_text(work, &rule->cases[found->case_number - 1].say, &own));
	}
	vg_add_sentence(out, vg_buffer_text(&all));
}

static void render_rule(vg_work *work, const vg_group *group, vg_alert *alert)
{
	const vg_found *head = group->leads[0];
	const vg_rule *rule = alert->lua_rule;
	vg_filling filling = filling_of(work, head, alert);
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	/* A question must not be read as the finding that it asks about. */
	const char *title = rule->title && *rule->title ? rule->title : rule->id;
	const char *summary = head->ask ? vg_format(work->arena, "%s: could not be determined", title) : title;
	alert->summary = summary ? vg_cut_summary(work->arena, summary) : NULL;
	const char *text = vg_fill_text(work, head->ask && rule->ask.count ? &rule->ask : &rule->warn, &filling);
	/* The text of a repeated test tells of the last result; of a test that is still to come there is none. */
	if (rule->kind != VG_KIND_DUPLICATE_TEST || !filling.unknown)
		vg_add_sentence(&out, text);
	add_cases(work, group, rule, &filling, &out);
	if (head->warned || head->ask) {
		vg_walk walk = {.steps = NULL};
		vg_walk_tree(work, rule->requires, &head->binding, &walk);
		const char *missing = vg_walk_missing(work, &walk);
		if (*missing)
			vg_add_sentence(&out, vg_format(work->arena, "Not known: %s", missing));
	}
	vg_add_sentence(&out, vg_note_sentences(work, group));
	alert->detail = vg_buffer_text(&out);
}

static void show_rule(vg_work *work, const vg_group *group, const vg_rule *rule, vg_shown_list *list)
{
	for (size_t i = 0; i < group->lead_count; i++) {
		const vg_found *found = group->leads[i];
		vg_walk walk = {.steps = NULL};
		vg_walk_tree(work, rule->requires, &found->binding, &walk);
		if (found->case_number)
			vg_walk_tree(work, rule->cases[found->case_number - 1].node, &found->binding, &walk);
		vg_show_walk(work, list, &walk);
		for (size_t k = 0; k < rule->need_count; k++) {
			vg_look look;
			const vg_leaf *leaf = &work->book->leaves[rule->needs[k].leaf];
			vg_look_at_leaf(work, &rule->needs[k].leaf, &found->binding, &look);
			for (size_t f = 0; f < look.fact_count; f++)
				vg_show(work, list, look.facts[f], leaf->sentence);
		}
	}
}

static void find_not_excluded(vg_work *work, const vg_group *group, vg_alert *alert)
{
	vg_text_list list = {.items = NULL};
	for (size_t i = 0; i < group->lead_count; i++) {
		const vg_found *found = group->leads[i];
		vg_walk walk = {.steps = NULL};
		if (found->exception_unknown)
			vg_walk_tree(work, alert->lua_rule->unless, &found->binding, &walk);
		vg_add_not_excluded(work, &walk, &list);
	}
	vg_not_excluded_cases(work, group, NULL, &list);
	alert->not_excluded = list.items;
	alert->not_excluded_count = list.count;
}

static const char *trace_rule(vg_work *work, const vg_group *group, const vg_rule *rule)
{
	vg_buffer out;
	vg_buffer_init(&out, work->arena);
	for (size_t i = 0; i < group->lead_count; i++) {
		const vg_binding *binding = &group->leads[i]->binding;
		if (binding->subject)
			vg_addf(&out, "for %s%s%s\n", vg_fact_words(binding->subject), binding->other ? " with " : "",
				binding->other ? vg_fact_words(binding->other) : "");
		const uint32_t trees[2] = {rule->requires, rule->unless};
		static const char *const parts[2] = {"requirement", "exception"};
		for (int k = 0; k < 2; k++) {
			vg_walk walk = {.steps = NULL};
			vg_walk_tree(work, trees[k], binding, &walk);
			vg_walk_trace(work, &walk, parts[k], &out);
		}
		for (size_t k = 0; k < rule->case_count; k++) {
			vg_walk walk = {.steps = NULL};
			vg_walk_tree(work, rule->cases[k].node, binding, &walk);
			vg_walk_trace(work, &walk, "case", &out);
		}
	}
	return vg_buffer_text(&out);
}

/* ---- every alert -------------------------------------------------------------------- */

static void show_concerned(vg_work *work, const vg_group *group, vg_shown_list *list)
{
	for (size_t i = 0; i < group->lead_count; i++) {
		const vg_found *found = group->leads[i];
		if (found->binding.subject && !found->binding.order)
			vg_show(work, list, found->binding.subject, vg_says(work, found, found->binding.subject));
		if (found->binding.other)
			vg_show(work, list, found->binding.other, vg_says(work, found, found->binding.other));
	}
}

static void render_alert(vg_work *work, const vg_group *group, vg_alert *alert)
{
	const vg_rule *rule = alert->lua_rule;
	vg_shown_list list = {.items = NULL};
	show_concerned(work, group, &list);
	if (rule) {
		render_rule(work, group, alert);
		show_rule(work, group, rule, &list);
		find_not_excluded(work, group, alert);
		if (work->question->trace)
			alert->trace = trace_rule(work, group, rule);
		vg_source(work, rule, NULL, &alert->source_label, &alert->source_url);
	} else if (alert->row != VG_NO_ROW) {
		vg_render_row(work, group, alert, &list);
	} else {
		vg_render_own(work, group, alert);
	}
	alert->evidence = list.items;
	alert->evidence_count = list.count;
	vg_suggest(work, rule, alert->order, &alert->suggestions, &alert->suggestion_count);
	if (rule && (rule->override_count || !rule->family)) {
		alert->override_reasons = rule->override_reasons;
		alert->override_count = rule->override_count;
	} else {
		alert->override_reasons = vg_reasons((vg_rule_kind)alert->kind, &alert->override_count);
	}
}

void vg_render_alerts(vg_work *work)
{
	for (size_t i = 0; i < work->alert_count; i++)
		render_alert(work, &work->groups[i], &work->alerts[i]);
}
