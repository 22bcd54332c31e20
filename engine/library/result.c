/*
 * A result's parts as the structures of vigil.h, and its texts as JSON and cards.
 *
 * Dates and joined texts are made once, when the answer is ready, so that the
 * accessors cannot fail for want of memory.  JSON and cards are made when they
 * are asked for, once.
 */
#include "library/library_internal.h"

#include <string.h>

static const char *text_or_null(const char *text) { return text && *text ? text : NULL; }

static const char *day_or_null(vg_arena *arena, vg_day day, bool *ok)
{
	char text[16];
	if (day == VG_NO_DAY)
		return NULL;
	vg_day_text(day, text);
	const char *copy = vg_copy_text(arena, text, strlen(text));
	*ok = *ok && copy;
	return copy;
}

static vigil_screening screening_of(const vg_screening *screening, vg_arena *arena, bool *ok)
{
	vigil_screening shown = VIGIL_SCREENING_INIT;
	shown.rule = screening->rule->id;
	shown.title = screening->rule->title;
	shown.status = vg_screening_status_name((vg_screening_status)screening->status);
	shown.due = day_or_null(arena, screening->due, ok);
	shown.overdue_since = day_or_null(arena, screening->overdue_since, ok);
	shown.reason = screening->reason;
	if (screening->last) {
		char text[32];
		vg_when_text(screening->last_done, text);
		shown.last_done_date = vg_copy_text(arena, text, strlen(text));
		*ok = *ok && shown.last_done_date;
		shown.last_done_reference = text_or_null(screening->last->reference);
		shown.last_done_display = text_or_null(screening->last->display);
	}
	return shown;
}

static bool prepare_gaps(vigil_result *result, vg_arena *arena)
{
	const vg_answer *answer = result->answer;
	size_t count = answer->not_evaluated_count + answer->error_count + answer->not_checked_count + answer->notice_count;
	vigil_gap *gaps = vg_alloc_array(arena, count, sizeof *gaps);
	if (!gaps)
		return false;
	vigil_gap *gap = gaps;
	for (size_t i = 0; i < answer->not_evaluated_count; i++)
		*gap++ = (vigil_gap){sizeof *gap, answer->not_evaluated[i].rule, NULL, answer->not_evaluated[i].missing};
	for (size_t i = 0; i < answer->error_count; i++)
		*gap++ = (vigil_gap){sizeof *gap, answer->errors[i].rule, NULL, answer->errors[i].text};
	for (size_t i = 0; i < answer->not_checked_count; i++) {
		const vg_not_checked *not_checked = &answer->not_checked[i];
		const char *text = not_checked->why;
		if (not_checked->display && *not_checked->display)
			text = vg_format(arena, "%s: %s", not_checked->display, not_checked->why);
		if (!text)
			return false;
		*gap++ = (vigil_gap){sizeof *gap, NULL, text_or_null(not_checked->reference), text};
	}
	for (size_t i = 0; i < answer->notice_count; i++)
		*gap++ = (vigil_gap){sizeof *gap, NULL, NULL, answer->notices[i]};
	result->gaps = gaps;
	result->gap_count = count;
	return true;
}

bool vg_result_prepare(vigil_result *result, vg_arena *arena)
{
	bool ok = true;
	size_t count = result->answer->screening_count;
	vigil_screening *screenings = vg_alloc_array(arena, count, sizeof *screenings);
	if (!screenings)
		return false;
	for (size_t i = 0; i < count; i++)
		screenings[i] = screening_of(&result->answer->screenings[i], arena, &ok);
	result->screenings = screenings;
	return ok && prepare_gaps(result, arena);
}

/* ---- accessors ---------------------------------------------------------------- */

int vigil_result_complete(const vigil_result *result) { return result && result->answer->complete; }

size_t vigil_result_alert_count(const vigil_result *result) { return result ? result->answer->alert_count : 0; }

vigil_status vigil_result_alert(const vigil_result *result, size_t index, vigil_alert *ret)
{
	if (!result || index >= result->answer->alert_count)
		return VIGIL_WRONG_USE;
	const vg_alert *alert = &result->answer->alerts[index];
	vigil_alert shown = VIGIL_ALERT_INIT;
	shown.rule = alert->rule;
	shown.kind = vg_rule_kind_name((vg_rule_kind)alert->kind);
	shown.severity = (vigil_severity)alert->severity;
	shown.status = vg_rule_status_name((vg_rule_status)alert->status);
	shown.outcome = alert->ask ? "ask" : "alert";
	shown.summary = alert->summary;
	shown.detail = alert->detail;
	if (alert->order) {
		shown.order_reference = alert->order->reference;
		shown.order_display = alert->order->display;
	}
	shown.evidence_count = alert->evidence_count;
	shown.not_excluded_count = alert->not_excluded_count;
	shown.source_label = alert->source_label;
	shown.source_url = text_or_null(alert->source_url);
	return vg_give(ret, &shown, sizeof shown);
}

vigil_status vigil_result_evidence(const vigil_result *result, size_t alert, size_t index, vigil_evidence *ret)
{
	if (!result || alert >= result->answer->alert_count || index >= result->answer->alerts[alert].evidence_count)
		return VIGIL_WRONG_USE;
	const vg_shown *shown = &result->answer->alerts[alert].evidence[index];
	vigil_evidence evidence = {sizeof evidence, text_or_null(shown->reference), shown->display, text_or_null(shown->date),
				   shown->says};
	return vg_give(ret, &evidence, sizeof evidence);
}

const char *vigil_result_not_excluded(const vigil_result *result, size_t alert, size_t index)
{
	if (!result || alert >= result->answer->alert_count || index >= result->answer->alerts[alert].not_excluded_count)
		return NULL;
	return result->answer->alerts[alert].not_excluded[index];
}

const char *vigil_result_trace(const vigil_result *result, size_t alert)
{
	return result && alert < result->answer->alert_count ? result->answer->alerts[alert].trace : NULL;
}

size_t vigil_result_screening_count(const vigil_result *result) { return result ? result->answer->screening_count : 0; }

vigil_status vigil_result_screening(const vigil_result *result, size_t index, vigil_screening *ret)
{
	if (!result || index >= result->answer->screening_count)
		return VIGIL_WRONG_USE;
	return vg_give(ret, &result->screenings[index], sizeof *ret);
}

size_t vigil_result_gap_count(const vigil_result *result) { return result ? result->gap_count : 0; }

vigil_status vigil_result_gap(const vigil_result *result, size_t index, vigil_gap *ret)
{
	if (!result || index >= result->gap_count)
		return VIGIL_WRONG_USE;
	return vg_give(ret, &result->gaps[index], sizeof *ret);
}

const char *vigil_result_json(const vigil_result *result)
{
	if (!result)
		return NULL;
	vigil_result *own = &result->worker->result;
	if (!own->json) {
		vg_buffer out;
		vg_buffer_init(&out, vg_result_arena(result));
		vg_answer_json(result->answer, result->trace, &out);
		own->json = vg_buffer_text(&out);
	}
	return own->json;
}

const char *vigil_result_cards(const vigil_result *result)
{
	if (!result)
		return NULL;
	vigil_result *own = &result->worker->result;
	if (!own->cards) {
		vg_derived_uuids derived = {result->seed, 0};
		vg_uuids uuids = {vg_derived_uuid, &derived, NULL};
		vg_buffer out;
		vg_buffer_init(&out, vg_result_arena(result));
		if (vg_answer_cards(result->answer, &uuids, &out))
			own->cards = vg_buffer_text(&out);
	}
	return own->cards;
}
