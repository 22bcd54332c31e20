/*
 * An answer as lines: CSV for a spreadsheet or a work list, JSON for programs.
 *
 * A line of JSON is the document that `vigil check --format json` prints for
 * the same record.  In CSV a row is a line, a cell is quoted where it has to be,
 * and none is a formula.  A record that could not be read has a line in its place.
 * Compared with an earlier result, what did not change is left out.
 */
#include <string.h>

#include "cli/scan.h"

static const char screening_columns[] = "patient,rule,status,due,overdue_since,last_done,reason\n";
static const char alert_columns[] = "patient,rule,kind,severity,summary,evidence\n";
static const char change_columns[] = "patient,rule,change,before,status,due,overdue_since,last_done,reason\n";

static void add_cell(vg_buffer *out, const char *text, bool last)
{
	size_t begin = out->length;
	if (strpbrk(text, ",\"\r\n\t") || (*text && strchr("=+-@", *text)))
		vg_add_csv_cell(out, text);
	else
		vg_add(out, text);
	for (size_t i = begin; i < out->length; i++)
		if (out->text[i] == '\n' || out->text[i] == '\r')
			out->text[i] = ' ';
	vg_add(out, last ? "\n" : ",");
}

static void add_day(vg_buffer *out, vg_day day)
{
	char text[16];
	add_cell(out, day == VG_NO_DAY ? "" : vg_day_text(day, text), false);
}

/* status … reason: what both forms of a row end with */
static void add_standing(const vg_screening *screening, const char *reason, vg_buffer *out)
{
	char text[32];
	add_cell(out, vg_screening_status_name((vg_screening_status)screening->status), false);
	add_day(out, screening->due);
	add_day(out, screening->overdue_since);
	add_cell(out, screening->last ? vg_when_text(screening->last_done, text) : "", false);
	add_cell(out, reason, true);
}

static const char *reason_of(vg_evaluator *by, const vg_answer *answer, size_t i, vg_buffer *out)
{
	const char *reason = answer->screenings[i].reason;
	if (!reason)
		reason = vg_screening_reason(by, i);
	if (!reason)
		out->failed = true;
	return reason ? reason : "";
}

static void add_screenings(const vg_scan *scan, vg_evaluator *by, const vg_answer *answer, vg_buffer *out)
{
	for (size_t i = 0; i < answer->screening_count; i++) {
		const vg_screening *screening = &answer->screenings[i];
		if (screening->status == VG_NOT_APPLICABLE && !scan->options->all)
			continue;
		add_cell(out, answer->record->patient.reference, false);
		add_cell(out, screening->rule->id, false);
		add_standing(screening, reason_of(by, answer, i, out), out);
	}
}

/* ---- what has changed --------------------------------------------------------------- */

static void add_change(const vg_scan *scan, vg_evaluator *by, const vg_answer *answer, size_t i, vg_screening_status before,
		       vg_buffer *out, vg_json_writer *json)
{
	const vg_screening *screening = &answer->screenings[i];
	const char *change = vg_change_name(vg_change_between(before, (vg_screening_status)screening->status));
	const char *was = vg_screening_status_name(before), *reason = reason_of(by, answer, i, out);
	char day[16];
	if (scan->format == VG_SCAN_CSV) {
		add_cell(out, answer->record->patient.reference, false);
		add_cell(out, screening->rule->id, false);
		add_cell(out, change, false);
		add_cell(out, was, false);
		add_standing(screening, reason, out);
		return;
	}
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "rule", screening->rule->id);
	vg_json_text_always(json, "change", change);
	vg_json_text_always(json, "before", was);
	vg_json_text_always(json, "status", vg_screening_status_name((vg_screening_status)screening->status));
	if (screening->due != VG_NO_DAY)
		vg_json_text(json, "due", vg_day_text(screening->due, day));
	vg_json_text_always(json, "reason", reason);
	vg_json_close(json, '}');
}

static void add_changes(const vg_scan *scan, vg_evaluator *by, const vg_answer *answer, vg_summary *sums, vg_buffer *out)
{
	vg_json_writer writer = {out, false}, *json = &writer;
	bool whole = scan->format == VG_SCAN_NDJSON;
	char day[16];
	if (whole) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "schema", "vigil.changes/1");
		vg_json_text_always(json, "patient", answer->record->patient.reference);
		vg_json_text_always(json, "as_of", vg_day_text(answer->as_of.first, day));
		vg_json_open(json, "changes", '[');
	}
	for (size_t i = 0; i < answer->screening_count; i++) {
		const vg_screening *screening = &answer->screenings[i];
		vg_screening_status before =
		    vg_since_before(scan->since, answer->record->patient.reference, screening->rule->id);
		vg_change change = vg_change_between(before, (vg_screening_status)screening->status);
		vg_summary_change(sums, screening, change);
		if (change != VG_CHANGE_NONE && scan->format != VG_SCAN_TABLE)
			add_change(scan, by, answer, i, before, out, json);
	}
	if (whole) {
		vg_json_close(json, ']');
		vg_json_close(json, '}');
		vg_add(out, "\n");
	}
}

/* ---- alerts ---------------------------------------------------------------------------- */

static void add_alert(const vg_answer *answer, const vg_alert *alert, vg_buffer *out)
{
	vg_buffer evidence;
	vg_buffer_init(&evidence, out->arena);
	for (size_t i = 0; i < alert->evidence_count; i++) {
		const vg_shown *shown = &alert->evidence[i];
		vg_addf(&evidence, "%s%s: %s", i ? "; " : "", shown->says, shown->display);
		if (shown->date && *shown->date)
			vg_addf(&evidence, ", %s", shown->date);
		if (shown->reference && *shown->reference)
			vg_addf(&evidence, " (%s)", shown->reference);
	}
	const char *text = vg_buffer_text(&evidence);
	if (!text)
		out->failed = true;
	add_cell(out, answer->record->patient.reference, false);
	add_cell(out, alert->rule, false);
	add_cell(out, vg_rule_kind_name((vg_rule_kind)alert->kind), false);
	add_cell(out, vg_severity_name((vigil_severity)alert->severity), false);
	add_cell(out, alert->summary, false);
	add_cell(out, text ? text : "", true);
}

bool vg_scan_wants_alert(const vg_scan *scan, const vg_alert *alert)
{
	bool wanted = !scan->options->only;
	const char *at = scan->options->only;
	while (!wanted && at && *at) {
		size_t length = strcspn(at, ",");
		wanted = strlen(alert->rule) == length && memcmp(alert->rule, at, length) == 0;
		at += length + (at[length] == ',');
	}
	return wanted;
}

/* The answer with the screenings and alerts that are asked for and no others. */
static vg_answer narrowed(const vg_scan *scan, const vg_answer *answer, vg_arena *arena)
{
	vg_answer narrow = *answer;
	vg_screening *screenings = vg_alloc_array(arena, answer->screening_count, sizeof *screenings);
	vg_alert *alerts = vg_alloc_array(arena, answer->alert_count, sizeof *alerts);
	narrow.screening_count = narrow.alert_count = 0;
	if (!screenings || !alerts)
		return narrow;
	for (size_t i = 0; i < answer->screening_count; i++)
		if (answer->screenings[i].status != VG_NOT_APPLICABLE || scan->options->all)
			screenings[narrow.screening_count++] = answer->screenings[i];
	for (size_t i = 0; i < answer->alert_count; i++)
		if (vg_scan_wants_alert(scan, &answer->alerts[i]))
			alerts[narrow.alert_count++] = answer->alerts[i];
	narrow.screenings = screenings;
	narrow.alerts = alerts;
	return narrow;
}

void vg_scan_head(const vg_scan *scan, vg_buffer *out)
{
	bool first = scan->shard.count == 0 || scan->shard.number == 1; /* so that the parts joined are the whole */
	if (scan->format == VG_SCAN_CSV && first)
		vg_add(out, scan->since ? change_columns : scan->options->alerts ? alert_columns : screening_columns);
}

void vg_scan_rows(const vg_scan *scan, vg_evaluator *by, const vg_answer *answer, vg_summary *sums, vg_buffer *out)
{
	if (scan->since) {
		add_changes(scan, by, answer, sums, out);
	} else if (scan->format == VG_SCAN_FHIR) {
		vg_scan_fhir(scan, answer, out);
	} else if (scan->format == VG_SCAN_NDJSON) {
		vg_answer narrow = narrowed(scan, answer, out->arena);
		vg_answer_json(&narrow, false, out);
		vg_add(out, "\n");
	} else if (scan->format == VG_SCAN_CSV && scan->options->alerts) {
		for (size_t i = 0; i < answer->alert_count; i++)
			if (vg_scan_wants_alert(scan, &answer->alerts[i]))
				add_alert(answer, &answer->alerts[i], out);
	} else if (scan->format == VG_SCAN_CSV) {
		add_screenings(scan, by, answer, out);
	}
}

const char *vg_scan_place(const vg_feed_item *item, vg_arena *arena)
{
	bool standard = strcmp(item->name, "standard input") == 0;
	if (item->number)
		return vg_format(arena, "%s, patient number %llu", item->name, (unsigned long long)item->number);
	if (!item->line)
		return item->name;
	return vg_format(arena, standard ? "%sline %llu" : "%s, line %llu", standard ? "" : item->name,
			 (unsigned long long)item->line);
}

static void add_trouble_row(const vg_scan *scan, const char *text, vg_buffer *out)
{
	vg_add(out, scan->since ? ",,error,,,,,," : scan->options->alerts ? ",,error,," : ",,error,,,,");
	add_cell(out, text, !scan->options->alerts);
	if (scan->options->alerts)
		vg_add(out, "\n");
}

static void add_trouble_document(const vg_feed_item *item, const char *text, vg_buffer *out)
{
	vg_json_writer json = {out, false};
	vg_json_open(&json, NULL, '{');
	if (strcmp(item->name, "standard input") != 0)
		vg_json_text_always(&json, "file", item->name);
	if (item->number)
		vg_json_count(&json, "number", item->number);
	if (item->line)
		vg_json_count(&json, "line", item->line);
	vg_json_text_always(&json, "error", text);
	vg_json_close(&json, '}');
	vg_add(out, "\n");
}

void vg_scan_trouble(const vg_scan *scan, const vg_feed_item *item, const char *text, vg_buffer *out)
{
	const char *place = vg_scan_place(item, out->arena);
	const char *whole = place ? vg_format(out->arena, "%s: %s", place, text) : NULL;
	if (!whole)
		out->failed = true;
	else if (scan->format == VG_SCAN_NDJSON)
		add_trouble_document(item, text, out);
	else if (scan->format == VG_SCAN_CSV)
		add_trouble_row(scan, whole, out);
	else if (scan->format == VG_SCAN_FHIR)
		vg_scan_fhir_trouble(whole, out);
}
