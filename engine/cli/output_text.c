/*
 * An answer as a page: what is dangerous, what is due, what could not be
 * checked; each alert with why, what to do and whence.
 */
#include <string.h>

#include "cli/cli.h"

typedef struct severity_look {
	const char *symbol, *word;
	vg_ink ink;
} severity_look;
static const severity_look severities[] = {[VIGIL_SEVERITY_INFO] = {"ℹ", "INFO", VG_CYAN},
					   [VIGIL_SEVERITY_WARNING] = {"▲", "WARNING", VG_YELLOW},
					   [VIGIL_SEVERITY_CRITICAL] = {"✖", "CRITICAL", VG_RED}};

static bool given(const char *text) { return text && *text; }

static void add_heading(vg_page *page, const char *text)
{
	vg_page_line(page);
	vg_page_add(page, VG_BOLD, text);
	vg_page_line(page);
}

/* ---- alerts ------------------------------------------------------------------ */

static void add_evidence(vg_page *page, const vg_shown *evidence, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const vg_shown *shown = &evidence[i];
		const char *text = vg_format(
		    page->out.arena, "%s%s%s%s%s%s%s%s", given(shown->date) ? shown->date : "", given(shown->date) ? "  " : "",
		    given(shown->display) ? shown->display : "a fact without a name", given(shown->says) ? ": " : "",
		    given(shown->says) ? shown->says : "", given(shown->reference) ? " (" : "",
		    given(shown->reference) ? shown->reference : "", given(shown->reference) ? ")" : "");
		vg_page_field(page, 2, i ? "" : "Because", text);
	}
}

static void add_suggestions(vg_page *page, unsigned indent, const vg_suggestion *suggestions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const vg_suggestion *suggestion = &suggestions[i];
		const char *url = given(suggestion->url) ? suggestion->url : "";
		vg_page_field(page, indent, i ? "" : "What to do",
			      vg_format(page->out.arena, "%s%s%s", suggestion->label, *url ? ": " : "", url));
	}
}

static void add_list(vg_page *page, unsigned indent, const char *label, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		vg_page_field(page, indent, i ? "" : label, texts[i]);
}

static const char *joined(vg_page *page, const char *const *texts, size_t count)
{
	vg_buffer out;
	vg_buffer_init(&out, page->out.arena);
	for (size_t i = 0; i < count; i++)
		vg_addf(&out, "%s%s", i ? "; " : "", texts[i]);
	return vg_buffer_text(&out);
}

static void add_title(vg_page *page, const vg_alert *alert)
{
	const severity_look *look = &severities[alert->severity];
	const char *word =
	    vg_format(page->out.arena, "%s %s%s%s%s  ", look->symbol, look->word, alert->ask ? ", to be asked" : "",
		      alert->status == VG_STATUS_ACTIVE ? "" : ", ",
		      alert->status == VG_STATUS_ACTIVE ? "" : vg_rule_status_name((vg_rule_status)alert->status));
	vg_page_line(page);
	if (word)
		vg_page_item(page, 0, word, look->ink, alert->summary);
}

static void add_source(vg_page *page, const char *label, const char *url)
{
	vg_page_field(page, 2, "Source",
		      vg_format(page->out.arena, "%s%s%s", label, given(url) ? ", " : "", given(url) ? url : ""));
}

static void add_alert(vg_page *page, const vg_alert *alert, bool trace)
{
	add_title(page, alert);
	if (alert->order)
		vg_page_field(page, 2, "Order",
			      vg_format(page->out.arena, "%s%s%s%s", alert->order->display,
					*alert->order->reference ? " (" : "", alert->order->reference,
					*alert->order->reference ? ")" : ""));
	else
		vg_page_field(page, 2, "Order", "none: the patient takes this already");
	if (given(alert->detail))
		vg_page_item(page, 2, "", VG_PLAIN, alert->detail);
	add_evidence(page, alert->evidence, alert->evidence_count);
	add_list(page, 2, "Not excluded", alert->not_excluded, alert->not_excluded_count);
	add_suggestions(page, 2, alert->suggestions, alert->suggestion_count);
	vg_page_field(page, 2, "Acceptable if", joined(page, alert->override_reasons, alert->override_count));
	add_source(page, alert->source_label, alert->source_url);
	vg_page_field(page, 2, "Rule",
		      vg_format(page->out.arena, "%s%s%s", alert->rule, alert->also_count ? "; also " : "",
				alert->also_count ? joined(page, alert->also, alert->also_count) : ""));
	if (trace && given(alert->trace))
		vg_page_field(page, 2, "Conditions", alert->trace);
}

/* ---- screenings ---------------------------------------------------------------- */

static const char *screening_title(vg_page *page, const vg_screening *screening)
{
	vg_arena *arena = page->out.arena;
	const char *title = given(screening->rule->title) ? screening->rule->title : screening->rule->id;
	const char *mark = screening->rule->status == VG_STATUS_ACTIVE ? "" : " (not active)";
	char day[16] = "";
	if (screening->status == VG_OVERDUE && screening->overdue_since != VG_NO_DAY)
		return vg_format(arena, "overdue since %s  %s%s", vg_day_text(screening->overdue_since, day), title, mark);
	if (screening->due != VG_NO_DAY)
		vg_day_text(screening->due, day);
	switch (screening->status) {
	case VG_OVERDUE:
		return vg_format(arena, "overdue  %s%s", title, mark);
	case VG_DUE_SOON:
		return vg_format(arena, "due %s  %s%s", *day ? day : "soon", title, mark);
	case VG_UP_TO_DATE:
		return vg_format(arena, "up to date%s%s  %s%s", *day ? " until " : "", day, title, mark);
	case VG_NOT_APPLICABLE:
		return vg_format(arena, "not applicable  %s%s", title, mark);
	default:
		return vg_format(arena, "cannot be told  %s%s", title, mark);
	}
}

/* When an order is signed a screening is one line; when the chart is opened it is told whole. */
static void add_screening(vg_page *page, const vg_screening *screening, bool whole, bool trace)
{
	static const struct {
		const char *symbol;
		vg_ink ink;
	} marks[] = {[VG_NOT_APPLICABLE] = {"– ", VG_DIM},
		     [VG_UP_TO_DATE] = {"✓ ", VG_GREEN},
		     [VG_DUE_SOON] = {"◷ ", VG_CYAN},
		     [VG_OVERDUE] = {"▲ ", VG_YELLOW},
		     [VG_INDETERMINATE] = {"? ", VG_CYAN}};
	const char *title = screening_title(page, screening);
	bool brief = screening->status == VG_UP_TO_DATE || screening->status == VG_NOT_APPLICABLE;
	char when[32];
	vg_page_item(page, 2, marks[screening->status].symbol, marks[screening->status].ink, title ? title : "");
	if (!whole)
		return;
	if (given(screening->reason))
		vg_page_item(page, 4, "", VG_PLAIN, screening->reason);
	if (screening->last && !brief)
		vg_page_field(page, 4, "Last done",
			      vg_format(page->out.arena, "%s  %s%s%s%s", vg_when_text(screening->last_done, when),
					screening->last->display, *screening->last->reference ? " (" : "",
					screening->last->reference, *screening->last->reference ? ")" : ""));
	add_list(page, 4, "Not excluded", screening->not_excluded, screening->not_excluded_count);
	if (!brief) {
		vg_page_field(page, 4, "Advice", screening->detail);
		add_suggestions(page, 4, screening->suggestions, screening->suggestion_count);
	}
	if (trace && given(screening->trace))
		vg_page_field(page, 4, "Conditions", screening->trace);
}

/* Of which nothing can be told: when an order is signed one item names them all. */
static void add_undetermined(vg_page *page, const vg_answer *answer)
{
	vg_buffer names;
	vg_buffer_init(&names, page->out.arena);
	for (size_t i = 0; i < answer->screening_count; i++) {
		const vg_rule *rule = answer->screenings[i].rule;
		if (answer->screenings[i].status == VG_INDETERMINATE)
			vg_addf(&names, "%s%s", names.length ? "; " : "cannot be told  ",
				given(rule->title) ? rule->title : rule->id);
	}
	if (names.length)
		vg_page_item(page, 2, "? ", VG_CYAN, vg_buffer_text(&names));
}

/* The urgent first; among equals in the answer's order. */
static void add_screenings(vg_page *page, const vg_answer *answer, bool whole, bool trace)
{
	static const uint8_t order[] = {VG_OVERDUE, VG_DUE_SOON, VG_INDETERMINATE, VG_UP_TO_DATE, VG_NOT_APPLICABLE};
	if (!answer->screening_count)
		return;
	add_heading(page, whole ? "Preventive services" : "Preventive services (in full: --hook patient-view)");
	for (size_t i = 0; i < VG_COUNT(order); i++) {
		if (!whole && order[i] == VG_INDETERMINATE) {
			add_undetermined(page, answer);
			continue;
		}
		for (size_t j = 0; j < answer->screening_count; j++)
			if (answer->screenings[j].status == order[i])
				add_screening(page, &answer->screenings[j], whole, trace);
	}
}

/* ---- what could not be checked ----------------------------------------------------- */

static bool told_above(const vg_answer *answer, const char *rule)
{
	for (size_t i = 0; i < answer->screening_count; i++)
		if (strcmp(answer->screenings[i].rule->id, rule) == 0)
			return true;
	return false;
}

/* Rules that came out unknown, those that lack the same together. */
static void add_not_evaluated(vg_page *page, const vg_answer *answer, bool whole)
{
	for (size_t i = 0; i < answer->not_evaluated_count; i++) {
		const char *missing = answer->not_evaluated[i].missing;
		bool first = true;
		vg_buffer names;
		vg_buffer_init(&names, page->out.arena);
		for (size_t j = 0; j < i && first; j++)
			first = strcmp(answer->not_evaluated[j].missing, missing) != 0;
		for (size_t j = i; first && j < answer->not_evaluated_count; j++) {
			const vg_not_evaluated *item = &answer->not_evaluated[j];
			if (strcmp(item->missing, missing) == 0 && !(whole && told_above(answer, item->rule)))
				vg_addf(&names, "%s%s", names.length ? ", " : "", item->rule);
		}
		if (names.length)
			vg_page_item(page, 2, "? ", VG_CYAN, vg_format(page->out.arena, "%s (%s)", missing, names.text));
	}
}

static void add_gaps(vg_page *page, const vg_answer *answer, bool whole)
{
	vg_arena *arena = page->out.arena;
	bool all_told = whole;
	for (size_t i = 0; i < answer->not_evaluated_count; i++)
		all_told = all_told && told_above(answer, answer->not_evaluated[i].rule);
	if (!answer->not_checked_count && !answer->error_count && (all_told || !answer->not_evaluated_count))
		return;
	add_heading(page, "Could not be checked");
	for (size_t i = 0; i < answer->not_checked_count; i++) {
		const vg_not_checked *item = &answer->not_checked[i];
		const char *name = given(item->display) ? item->display : item->reference;
		vg_page_item(page, 2, "• ", VG_PLAIN,
			     vg_format(arena, "%s: %s", given(name) ? name : "a fact without a name", item->why));
	}
	for (size_t i = 0; i < answer->error_count; i++)
		vg_page_item(page, 2, "✖ ", VG_RED,
			     vg_format(arena, "the rule %s failed (%s): %s", answer->errors[i].rule, answer->errors[i].code,
				       answer->errors[i].text));
	add_not_evaluated(page, answer, whole);
}

static size_t screenings_that_are(const vg_answer *answer, uint8_t status)
{
	size_t count = 0;
	for (size_t i = 0; i < answer->screening_count; i++)
		count += answer->screenings[i].status == status;
	return count;
}

static void add_sum(vg_page *page, const vg_answer *answer)
{
	size_t due = screenings_that_are(answer, VG_OVERDUE) + screenings_that_are(answer, VG_DUE_SOON);
	vg_buffer sum;
	vg_buffer_init(&sum, page->out.arena);
	vg_write_quantity(&sum, answer->alert_count, "alert", "alerts");
	vg_add(&sum, ", ");
	vg_write_quantity(&sum, due, "service due", "services due");
	vg_add(&sum, answer->complete ? "; everything could be checked." : "; NOT everything could be checked.");
	const char *text = vg_buffer_text(&sum);
	vg_page_line(page);
	vg_page_item(page, 0, "", VG_PLAIN, text ? text : "");
}

void vg_write_answer(vg_page *page, const vg_answer *answer, bool trace)
{
	char day[16];
	bool whole = trace || (vg_rulebook_triggers(answer->hook) & VG_ON_CHART);
	vg_page_add(page, VG_BOLD, answer->record->patient.reference);
	vg_page_add(page, VG_DIM,
		    vg_format(page->out.arena, "  %s, %s", vg_day_text(answer->as_of.first, day), vg_hook_name(answer->hook)));
	vg_page_line(page);
	for (size_t i = 0; i < answer->notice_count; i++)
		vg_page_item(page, 0, "▲ ", VG_YELLOW, answer->notices[i]);
	for (size_t i = 0; i < answer->alert_count; i++)
		add_alert(page, &answer->alerts[i], trace);
	add_screenings(page, answer, whole, trace);
	add_gaps(page, answer, whole);
	add_sum(page, answer);
}
