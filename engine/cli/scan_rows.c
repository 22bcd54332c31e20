/*
 * An answer as lines: CSV for a spreadsheet or a work list, JSON for programs.
 *
 * A line of JSON is the document that `vigil check --format json` prints for
 * the same record.  In CSV a cell is quoted where it has to be, and none is a
 * formula.  A record that could not be read has a line in its place.
 */
#include <string.h>

#include "cli/scan.h"

static const char screening_columns[] = "patient,rule,status,due,overdue_since,last_done,reason\n";
static const char alert_columns[] = "patient,rule,kind,severity,summary,evidence\n";

static void add_cell(vg_buffer *out, const char *text, bool last)
{
	if (strpbrk(text, ",\"\r\n\t") || (*text && strchr("=+-@", *text)))
		vg_add_csv_cell(out, text);
	else
		vg_add(out, text);
	vg_add(out, last ? "\n" : ",");
}

static void add_day(vg_buffer *out, vg_day day)
{
	char text[16];
	add_cell(out, day == VG_NO_DAY ? "" : vg_day_text(day, text), false);
}

static void add_screening(const vg_answer *answer, const vg_screening *screening, vg_buffer *out)
{
	char text[32];
	add_cell(out, answer->record->patient.reference, false);
	add_cell(out, screening->rule->id, false);
	add_cell(out, vg_screening_status_name((vg_screening_status)screening->status), false);
	add_day(out, screening->due);
	add_day(out, screening->overdue_since);
	add_cell(out, screening->last ? vg_when_text(screening->last_done, text) : "", false);
	add_cell(out, screening->reason ? screening->reason : "", true);
}

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
		vg_add(out, scan->options->alerts ? alert_columns : screening_columns);
}

void vg_scan_rows(const vg_scan *scan, const vg_answer *answer, vg_buffer *out)
{
	if (scan->format == VG_SCAN_TABLE)
		return;
	vg_answer narrow = narrowed(scan, answer, out->arena);
	if (scan->format == VG_SCAN_NDJSON) {
		vg_answer_json(&narrow, false, out);
		vg_add(out, "\n");
	} else if (scan->options->alerts) {
		for (size_t i = 0; i < narrow.alert_count; i++)
			add_alert(&narrow, &narrow.alerts[i], out);
	} else {
		for (size_t i = 0; i < narrow.screening_count; i++)
			add_screening(&narrow, &narrow.screenings[i], out);
	}
}

/* "line 3", "a.ndjson, line 3", "b.json" */
static const char *place_of(const vg_feed_item *item, vg_arena *arena)
{
	bool standard = strcmp(item->name, "standard input") == 0;
	if (!item->line)
		return item->name;
	return vg_format(arena, standard ? "%sline %llu" : "%s, line %llu", standard ? "" : item->name,
			 (unsigned long long)item->line);
}

void vg_scan_trouble(const vg_scan *scan, const vg_feed_item *item, const char *text, vg_buffer *out)
{
	if (scan->format == VG_SCAN_NDJSON) {
		vg_json_writer json = {out, false};
		vg_json_open(&json, NULL, '{');
		if (strcmp(item->name, "standard input") != 0)
			vg_json_text_always(&json, "file", item->name);
		if (item->line)
			vg_json_count(&json, "line", item->line);
		vg_json_text_always(&json, "error", text);
		vg_json_close(&json, '}');
		vg_add(out, "\n");
	} else if (scan->format == VG_SCAN_CSV) {
		const char *place = place_of(item, out->arena);
		const char *whole = place ? vg_format(out->arena, "%s: %s", place, text) : NULL;
		if (!whole)
			out->failed = true;
		vg_add(out, scan->options->alerts ? ",,error,," : ",,error,,,,");
		add_cell(out, whole ? whole : "", !scan->options->alerts);
		if (scan->options->alerts)
			add_cell(out, "", true);
	}
}
