/*
 * A scan as FHIR R4: a resource a line.
 *
 *     CommunicationRequest   a patient for whom something is due soon or overdue: what outreach is to say
 *     DetectedIssue          an alert, with --alerts
 *     OperationOutcome       a record that could not be read, in its place
 *     List, Group            at the end, for each screening: who is due, for its report and for whoever exports or invites them
 *     MeasureReport          behind them: how many are where in the funnel
 *
 * The lists' members are kept in a file that has no name until the end comes,
 * so that memory does not grow with the population.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/scan.h"

struct vg_scan_lists { /* a file a screening, made when it gets its first member */
	const vg_summary *summary;
	FILE **files;
	uint64_t *counts;
};

static void add_coding(vg_json_writer *json, const char *key, const char *system, const char *code, const char *text)
{
	vg_json_open(json, key, '{');
	if (code) {
		vg_json_open(json, "coding", '[');
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "system", system);
		vg_json_text_always(json, "code", code);
		vg_json_close(json, '}');
		vg_json_close(json, ']');
	}
	vg_json_text(json, "text", text);
	vg_json_close(json, '}');
}

static void add_reference(vg_json_writer *json, const char *key, const char *reference)
{
	vg_json_open(json, key, '{');
	vg_json_text_always(json, "reference", reference);
	vg_json_close(json, '}');
}

static void add_identifier(vg_json_writer *json, const char *rule)
{
	vg_json_open(json, "identifier", '[');
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "system", "urn:vigil:rule");
	vg_json_text_always(json, "value", rule);
	vg_json_close(json, '}');
	vg_json_close(json, ']');
}

static void begin(vg_json_writer *json, const char *type)
{
	json->comma = false;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "resourceType", type);
}

static void end(vg_json_writer *json)
{
	vg_json_close(json, '}');
	vg_add(json->out, "\n");
}

/* ---- a patient ------------------------------------------------------------------------ */

static bool is_due(const vg_screening *screening)
{
	return screening->status == VG_OVERDUE || screening->status == VG_DUE_SOON;
}

static void add_payload(vg_json_writer *json, const vg_screening *screening)
{
	const char *title = screening->rule->title && *screening->rule->title ? screening->rule->title : screening->rule->id;
	const char *text = vg_format(json->out->arena, "%s: %s. %s", title,
				     screening->status == VG_OVERDUE ? "overdue" : "due soon", screening->reason);
	if (!text)
		json->out->failed = true;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "contentString", text);
	vg_json_close(json, '}');
}

static void add_outreach(const vg_answer *answer, vg_json_writer *json)
{
	char day[16];
	bool any = false;
	for (size_t i = 0; i < answer->screening_count; i++)
		any |= is_due(&answer->screenings[i]);
	if (!any)
		return;
	begin(json, "CommunicationRequest");
	vg_json_text_always(json, "status", "draft"); /* whoever sends it decides that it is sent */
	add_reference(json, "subject", answer->record->patient.reference);
	vg_json_open(json, "payload", '[');
	for (size_t i = 0; i < answer->screening_count; i++)
		if (is_due(&answer->screenings[i]))
			add_payload(json, &answer->screenings[i]);
	vg_json_close(json, ']');
	vg_json_text_always(json, "authoredOn", vg_day_text(answer->as_of.first, day));
	vg_json_open(json, "reasonCode", '[');
	for (size_t i = 0; i < answer->screening_count; i++)
		if (is_due(&answer->screenings[i]))
			add_coding(json, NULL, "urn:vigil:rule", answer->screenings[i].rule->id, NULL);
	vg_json_close(json, ']');
	end(json);
}

/* Categories of the value set detectedissue-category, where one fits. */
static const char *issue_code(uint8_t kind)
{
	switch ((vg_rule_kind)kind) {
	case VG_KIND_INTERACTION:
		return "DRG";
	case VG_KIND_ALLERGY:
		return "ALGY";
	case VG_KIND_DUPLICATE_THERAPY:
		return "DUPTHPY";
	default:
		return NULL;
	}
}

static void add_issue(const vg_answer *answer, const vg_alert *alert, vg_json_writer *json)
{
	static const char *const severities[] = {"low", "moderate", "high"};
	char day[16];
	begin(json, "DetectedIssue");
	add_identifier(json, alert->rule);
	vg_json_text_always(json, "status", "preliminary"); /* a person has not looked at it */
	add_coding(json, "code", "http://terminology.hl7.org/CodeSystem/v3-ActCode", issue_code(alert->kind), alert->summary);
	vg_json_text_always(json, "severity", severities[alert->severity]);
	add_reference(json, "patient", answer->record->patient.reference);
	vg_json_text_always(json, "identifiedDateTime", vg_day_text(answer->as_of.first, day));
	bool any = false;
	for (size_t i = 0; i < alert->evidence_count; i++) {
		const char *reference = alert->evidence[i].reference;
		if (!reference || !*reference)
			continue;
		if (!any)
			vg_json_open(json, "implicated", '[');
		any = true;
		add_reference(json, NULL, reference);
	}
	if (any)
		vg_json_close(json, ']');
	vg_json_text(json, "detail", alert->detail);
	vg_json_text(json, "reference", alert->source_url);
	end(json);
}

void vg_scan_fhir(const vg_scan *scan, const vg_answer *answer, vg_buffer *out)
{
	vg_json_writer writer = {out, false};
	add_outreach(answer, &writer);
	for (size_t i = 0; scan->options->alerts && i < answer->alert_count; i++)
		if (vg_scan_wants_alert(scan, &answer->alerts[i]))
			add_issue(answer, &answer->alerts[i], &writer);
}

void vg_scan_fhir_trouble(const char *text, vg_buffer *out)
{
	vg_json_writer writer = {out, false}, *json = &writer;
	begin(json, "OperationOutcome");
	vg_json_open(json, "issue", '[');
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "severity", "error");
	vg_json_text_always(json, "code", "structure");
	vg_json_text_always(json, "diagnostics", text);
	vg_json_close(json, '}');
	vg_json_close(json, ']');
	end(json);
}

/* ---- the lists ------------------------------------------------------------------------------ */

vigil_status vg_scan_lists_open(vg_cli *cli, const vg_summary *summary, vg_scan_lists **ret, vigil_error *err)
{
	vg_scan_lists *lists = vg_alloc(&cli->arena, sizeof *lists);
	if (!lists)
		return vg_fail_memory(err);
	lists->summary = summary;
	lists->files = vg_alloc_array(&cli->arena, summary->screening_count, sizeof *lists->files);
	lists->counts = vg_alloc_array(&cli->arena, summary->screening_count, sizeof *lists->counts);
	if (!lists->files || !lists->counts)
		return vg_fail_memory(err);
	*ret = lists;
	return VIGIL_OK;
}

void vg_scan_lists_close(vg_scan_lists *lists)
{
	for (size_t i = 0; lists && i < lists->summary->screening_count; i++)
		if (lists->files[i])
			fclose(lists->files[i]);
}

/* "3 Patient/17\n": the members that a batch adds, by the screening's place among the sums. */
void vg_scan_lists_note(const vg_summary *sums, const vg_answer *answer, vg_buffer *out)
{
	for (size_t i = 0; i < answer->screening_count; i++) {
		const vg_screening *screening = &answer->screenings[i];
		uint32_t number = sums->number_of[screening->rule - sums->book->rules];
		if (number && is_due(screening))
			vg_addf(out, "%u %s\n", number - 1, answer->record->patient.reference);
	}
}

static vigil_status fail_spool(vigil_error *err)
{
	return vg_fail(err, VIGIL_BAD_OUTPUT, "Make room there, or set TMPDIR.",
		       "A temporary file for the lists of patients cannot be written.");
}

vigil_status vg_scan_lists_add(vg_scan_lists *lists, const char *notes, vigil_error *err)
{
	while (notes && *notes) {
		char *name;
		unsigned long number = strtoul(notes, &name, 10);
		size_t length = strcspn(name, "\n"); /* of the blank and the name, so also of the name and the line break */
		if (!lists->files[number])
			lists->files[number] = tmpfile();
		if (!lists->files[number] || fwrite(name + 1, 1, length, lists->files[number]) != length)
			return fail_spool(err);
		lists->counts[number]++;
		notes = name + length + 1;
	}
	return VIGIL_OK;
}

static const char *list_id(vg_arena *arena, size_t number, const char *rule)
{
	char *id = vg_format(arena, "due-%zu-%.40s", number + 1, rule);
	for (char *at = id; at && *at; at++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.", *at))
			*at = '-';
	return id;
}

static vigil_status write_out(const vg_scan *scan, vg_buffer *out, vigil_error *err)
{
	vigil_status status =
	    vg_buffer_text(out) ? vg_scan_output_write(scan->output, out->text, out->length, err) : vg_fail_memory(err);
	out->length = 0;
	return status;
}

/* List.entry.item or Group.member.entity: one for each patient for whom it is due. */
static vigil_status write_members(const vg_scan *scan, FILE *members, const char *each, const char *key, vg_json_writer *json,
				  vigil_error *err)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	vigil_status status = VIGIL_OK;
	if (!members)
		return VIGIL_OK;
	if (fflush(members) != 0 || fseek(members, 0, SEEK_SET) != 0)
		return fail_spool(err);
	vg_json_open(json, each, '[');
	while (status == VIGIL_OK && (length = getline(&line, &room, members)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		vg_json_open(json, NULL, '{');
		add_reference(json, key, line);
		vg_json_close(json, '}');
		if (json->out->length > 1 << 20)
			status = write_out(scan, json->out, err);
	}
	free(line);
	if (status == VIGIL_OK && ferror(members))
		return fail_spool(err);
	vg_json_close(json, ']');
	return status;
}

static void add_population(vg_json_writer *json, const char *code, const char *text, uint64_t count, const char *list)
{
	vg_json_open(json, NULL, '{');
	add_coding(json, "code", "http://terminology.hl7.org/CodeSystem/measure-population", code, text);
	vg_json_count(json, "count", count);
	if (list)
		add_reference(json, "subjectResults", list);
	vg_json_close(json, '}');
}

static void add_report(const vg_scan *scan, uint64_t patients, const vg_screening_sum *sum, const char *list,
		       vg_json_writer *json)
{
	uint64_t counts[VG_STEP_COUNT], meant = 0;
	char day[16];
	vg_day_text(scan->as_of.first, day);
	for (int step = 0; step < VG_STEP_COUNT; step++) {
		counts[step] = vg_screening_count(sum, (vg_step)step);
		meant += step == VG_STEP_NOT_MEANT ? 0 : counts[step];
	}
	begin(json, "MeasureReport");
	vg_json_text_always(json, "status", "complete");
	vg_json_text_always(json, "type", "subject-list");
	const char *measure = vg_format(json->out->arena, "urn:vigil:screening:%s", sum->rule);
	if (!measure)
		json->out->failed = true;
	vg_json_text_always(json, "measure", measure);
	vg_json_text_always(json, "date", day);
	vg_json_open(json, "period", '{');
	vg_json_text_always(json, "start", day);
	vg_json_text_always(json, "end", day);
	vg_json_close(json, '}');
	vg_json_open(json, "group", '[');
	vg_json_open(json, NULL, '{');
	vg_json_open(json, "population", '[');
	add_population(json, "initial-population", "all patients", patients, NULL);
	add_population(json, "denominator", "meant for, exclusions counted in", meant, NULL);
	add_population(json, "denominator-exclusion", "excluded", counts[VG_STEP_EXCLUDED], NULL);
	add_population(json, "numerator", "up to date or due soon", counts[VG_STEP_UP_TO_DATE] + counts[VG_STEP_DUE_SOON],
		       NULL);
	add_population(json, NULL, "due soon or overdue", counts[VG_STEP_DUE_SOON] + counts[VG_STEP_OVERDUE], list);
	add_population(json, NULL, "overdue", counts[VG_STEP_OVERDUE], NULL);
	add_population(json, NULL, "indeterminate", counts[VG_STEP_INDETERMINATE], NULL);
	vg_json_close(json, ']');
	vg_json_close(json, '}');
	vg_json_close(json, ']');
	end(json);
}

static vigil_status write_list(const vg_scan *scan, vg_scan_lists *lists, size_t number, vg_buffer *out, vigil_error *err)
{
	vg_json_writer writer = {out, false}, *json = &writer;
	const vg_screening_sum *sum = &lists->summary->screenings[number];
	const char *id = list_id(out->arena, number, sum->rule);
	const char *reference = id ? vg_format(out->arena, "List/%s", id) : NULL;
	char day[16];
	if (!reference)
		return vg_fail_memory(err);
	begin(json, "List");
	vg_json_text_always(json, "id", id);
	add_identifier(json, sum->rule);
	vg_json_text_always(json, "status", "current");
	vg_json_text_always(json, "mode", "snapshot");
	vg_json_text(json, "title", sum->title);
	vg_json_text_always(json, "date", vg_day_text(scan->as_of.first, day));
	vigil_status status = write_members(scan, lists->files[number], "entry", "item", json, err);
	if (status != VIGIL_OK)
		return status;
	end(json);
	begin(json, "Group");
	vg_json_text_always(json, "id", id);
	add_identifier(json, sum->rule);
	vg_json_text_always(json, "type", "person");
	vg_json_boolean(json, "actual", true);
	vg_json_text(json, "name", sum->title);
	vg_json_count(json, "quantity", lists->counts[number]);
	status = write_members(scan, lists->files[number], "member", "entity", json, err);
	if (status != VIGIL_OK)
		return status;
	end(json);
	add_report(scan, lists->summary->patients, sum, reference, json);
	return write_out(scan, out, err);
}

vigil_status vg_scan_lists_write(const vg_scan *scan, vg_scan_lists *lists, vigil_error *err)
{
	vg_arena arena;
	vg_buffer out;
	vigil_status status = VIGIL_OK;
	vg_arena_init(&arena, NULL, 0);
	vg_buffer_init(&out, &arena);
	for (size_t i = 0; status == VIGIL_OK && i < lists->summary->screening_count; i++)
		status = write_list(scan, lists, i, &out, err);
	vg_arena_free(&arena);
	return status;
}
