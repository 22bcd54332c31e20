/*
 * An answer as the JSON document "vigil.check/1".
 *
 * Members that have no value are left out, except those of which a reader
 * relies that they are there: `order` is null for what the patient takes
 * already, and the lists are empty rather than missing.  The order of members
 * and of lists is fixed, so that the same answer is the same bytes.
 */
#include "library/library.h"

#include <string.h>

const char *vg_action_name(uint8_t kind)
{
	static const char *const names[] = {[VG_CANCEL_THIS_ORDER] = "cancel_this_order",
					    [VG_ORDER_INSTEAD] = "order_instead",
					    [VG_ORDER] = "order",
					    [VG_POSTPONE_THIS_ORDER] = "postpone_this_order",
					    [VG_LINK] = "link"};
	return kind < VG_COUNT(names) ? names[kind] : "other";
}

static void write_suggestions(vg_json_writer *json, const vg_suggestion *suggestions, size_t count)
{
	vg_json_open(json, "suggestions", '[');
	for (size_t i = 0; i < count; i++) {
		const vg_suggestion *suggestion = &suggestions[i];
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "action", vg_action_name(suggestion->kind));
		vg_json_text_always(json, "label", suggestion->label);
		if (suggestion->order)
			vg_json_text(json, "order", suggestion->order->reference);
		if (suggestion->code && *suggestion->code) {
			vg_json_text_always(json, "resource",
					    suggestion->orders_medication ? "MedicationRequest" : "ServiceRequest");
			vg_json_open(json, "code", '{');
			vg_json_text(json, "system", suggestion->system);
			vg_json_text(json, "code", suggestion->code);
			vg_json_text(json, "display", suggestion->display);
			vg_json_close(json, '}');
		}
		vg_json_text(json, "url", suggestion->url);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
}

/* A text of several lines as an array of them. */
static void write_lines(vg_json_writer *json, const char *key, const char *text)
{
	vg_json_open(json, key, '[');
	while (text && *text) {
		size_t length = strcspn(text, "\n");
		char *line = vg_copy_text(json->out->arena, text, length);
		if (!line)
			json->out->failed = true;
		else if (length)
			vg_json_text_always(json, NULL, line);
		text += length + (text[length] == '\n');
	}
	vg_json_close(json, ']');
}

static void write_evidence(vg_json_writer *json, const vg_shown *evidence, size_t count)
{
	vg_json_open(json, "evidence", '[');
	for (size_t i = 0; i < count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text(json, "reference", evidence[i].reference);
		vg_json_text(json, "display", evidence[i].display);
		vg_json_text(json, "date", evidence[i].date);
		vg_json_text(json, "says", evidence[i].says);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
}

static void write_alert(vg_json_writer *json, const vg_alert *alert, bool trace)
{
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "rule", alert->rule);
	vg_json_text_always(json, "kind", vg_rule_kind_name((vg_rule_kind)alert->kind));
	vg_json_text_always(json, "severity", vg_severity_name((vigil_severity)alert->severity));
	vg_json_text_always(json, "status", vg_rule_status_name((vg_rule_status)alert->status));
	vg_json_text_always(json, "outcome", alert->ask ? "ask" : "alert");
	vg_json_text_always(json, "summary", alert->summary);
	vg_json_text_always(json, "detail", alert->detail);
	if (alert->order) {
		vg_json_open(json, "order", '{');
		vg_json_text(json, "reference", alert->order->reference);
		vg_json_text_always(json, "display", alert->order->display);
		vg_json_close(json, '}');
	} else {
		vg_json_null(json, "order");
	}
	write_evidence(json, alert->evidence, alert->evidence_count);
	vg_json_texts(json, "not_excluded", alert->not_excluded, alert->not_excluded_count);
	if (alert->also_count)
		vg_json_texts(json, "also", alert->also, alert->also_count);
	write_suggestions(json, alert->suggestions, alert->suggestion_count);
	vg_json_texts(json, "override_reasons", alert->override_reasons, alert->override_count);
	vg_json_open(json, "source", '{');
	vg_json_text_always(json, "label", alert->source_label);
	vg_json_text(json, "url", alert->source_url);
	vg_json_close(json, '}');
	if (trace)
		write_lines(json, "trace", alert->trace);
	vg_json_close(json, '}');
}

static void write_screening(vg_json_writer *json, const vg_screening *screening, bool trace)
{
	char text[32];
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "rule", screening->rule->id);
	vg_json_text(json, "title", screening->rule->title);
	vg_json_text_always(json, "status", vg_screening_status_name((vg_screening_status)screening->status));
	if (screening->rule->status != VG_STATUS_ACTIVE)
		vg_json_text_always(json, "rule_status", vg_rule_status_name((vg_rule_status)screening->rule->status));
	if (screening->due != VG_NO_DAY)
		vg_json_text(json, "due", vg_day_text(screening->due, text));
	if (screening->overdue_since != VG_NO_DAY)
		vg_json_text(json, "overdue_since", vg_day_text(screening->overdue_since, text));
	if (screening->last) {
		vg_json_open(json, "last_done", '{');
		vg_json_text(json, "date", vg_when_text(screening->last_done, text));
		vg_json_text(json, "reference", screening->last->reference);
		vg_json_text(json, "display", screening->last->display);
		vg_json_close(json, '}');
	}
	vg_json_text_always(json, "reason", screening->reason);
	vg_json_text(json, "detail", screening->detail);
	if (screening->not_excluded_count)
		vg_json_texts(json, "not_excluded", screening->not_excluded, screening->not_excluded_count);
	if (screening->suggestion_count)
		write_suggestions(json, screening->suggestions, screening->suggestion_count);
	if (screening->override_count)
		vg_json_texts(json, "override_reasons", screening->override_reasons, screening->override_count);
	if (trace)
		write_lines(json, "trace", screening->trace);
	vg_json_close(json, '}');
}

void vg_json_deceased(vg_json_writer *json, const vg_answer *answer)
{
	char text[32];
	vg_when death = answer->record->patient.death;
	if (answer->death_notice && vg_when_known(death))
		vg_json_text_always(json, "deceased", vg_when_text(death, text));
	else if (answer->death_notice)
		vg_json_boolean(json, "deceased", true);
}

void vg_json_packs(vg_json_writer *json, const vg_world *world)
{
	vg_json_open(json, "packs", '[');
	for (size_t i = 0; i < world->pack_count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "name", world->packs[i].name);
		vg_json_text_always(json, "version", world->packs[i].version);
		vg_json_text_always(json, "digest", world->pack_digests[i]);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
}

static void write_gaps(vg_json_writer *json, const vg_answer *answer)
{
	vg_json_open(json, "not_evaluated", '[');
	for (size_t i = 0; i < answer->not_evaluated_count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "rule", answer->not_evaluated[i].rule);
		vg_json_text_always(json, "missing", answer->not_evaluated[i].missing);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_open(json, "not_checked", '[');
	for (size_t i = 0; i < answer->not_checked_count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text(json, "reference", answer->not_checked[i].reference);
		vg_json_text(json, "display", answer->not_checked[i].display);
		vg_json_text_always(json, "why", answer->not_checked[i].why);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_open(json, "rule_errors", '[');
	for (size_t i = 0; i < answer->error_count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "rule", answer->errors[i].rule);
		vg_json_text_always(json, "code", answer->errors[i].code);
		vg_json_text_always(json, "text", answer->errors[i].text);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
}

void vg_answer_json(const vg_answer *answer, bool trace, vg_buffer *out)
{
	vg_json_writer writer = {out, false}, *json = &writer;
	char day[16];
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "schema", "vigil.check/1");
	vg_json_text_always(json, "patient", answer->record->patient.reference);
	vg_json_text_always(json, "as_of", vg_day_text(answer->as_of.first, day));
	vg_json_deceased(json, answer);
	vg_json_text_always(json, "hook", vg_hook_name(answer->hook));
	vg_json_packs(json, answer->world);
	vg_json_texts(json, "notices", answer->notices, answer->notice_count);
	vg_json_open(json, "alerts", '[');
	for (size_t i = 0; i < answer->alert_count; i++)
		write_alert(json, &answer->alerts[i], trace);
	vg_json_close(json, ']');
	vg_json_open(json, "screenings", '[');
	for (size_t i = 0; i < answer->screening_count; i++)
		write_screening(json, &answer->screenings[i], trace);
	vg_json_close(json, ']');
	vg_json_boolean(json, "complete", answer->complete);
	write_gaps(json, answer);
	vg_json_open(json, "counts", '{');
	vg_json_count(json, "rules", answer->world->rulebook->rule_count);
	vg_json_count(json, "candidates", answer->candidates);
	vg_json_count(json, "facts", answer->facts);
	vg_json_count(json, "future_facts", answer->future_facts);
	vg_json_close(json, '}');
	vg_json_close(json, '}');
}
