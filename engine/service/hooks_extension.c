/*
 * The answer's extension: what became of each rule that could have spoken.
 *
 * Listed are the candidates, the rules that the index found to matter for this
 * patient and these orders: fired, asked, clear, not applicable, not evaluated
 * and what is missing, failed, suppressed and why.  A client that shows nothing
 * of it still has cards; one that does can tell "checked" from "not checked".
 */
#include "service/answer_internal.h"

#include <string.h>

static void write_rule(vg_json_writer *json, const char *rule, const char *outcome, const char *key, const char *text)
{
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "rule", rule);
	vg_json_text_always(json, "outcome", outcome);
	if (key)
		vg_json_text(json, key, text);
	vg_json_close(json, '}');
}

static const char *screening_outcome(const vg_screening *screening)
{
	switch (screening->status) {
	case VG_DUE_SOON:
	case VG_OVERDUE:
		return "fired";
	case VG_UP_TO_DATE:
		return "clear";
	case VG_NOT_APPLICABLE:
		return "not_applicable";
	default:
		return "not_evaluated";
	}
}

/* A rule that asks for what is missing, or whose finding was left out, is told of once. */
static bool is_told(const vg_call *own, const vg_answer *answer, const char *rule)
{
	for (size_t i = 0; i < answer->alert_count; i++)
		if (strcmp(answer->alerts[i].rule, rule) == 0)
			return true;
	for (size_t i = 0; i < answer->screening_count; i++)
		if (strcmp(answer->screenings[i].rule->id, rule) == 0)
			return true;
	for (size_t i = 0; i < answer->error_count; i++)
		if (strcmp(answer->errors[i].rule, rule) == 0)
			return true;
	for (size_t i = 0; i < own->left_out_count; i++)
		if (strcmp(own->left_out[i].rule, rule) == 0)
			return true;
	return false;
}

static bool is_not_evaluated(const vg_answer *answer, const char *rule)
{
	for (size_t i = 0; i < answer->not_evaluated_count; i++)
		if (strcmp(answer->not_evaluated[i].rule, rule) == 0)
			return true;
	return false;
}

static void write_alerts(const vg_call *own, const vg_answer *full, const vg_answer *answer, vg_json_writer *json)
{
	size_t place = 0; /* in the full answer: the filtered one keeps its order */
	for (size_t i = 0; i < answer->alert_count; i++) {
		const vg_alert *alert = &answer->alerts[i];
		while (place < full->alert_count &&
		       (full->alerts[place].rule != alert->rule || full->alerts[place].order != alert->order ||
			full->alerts[place].summary != alert->summary))
			place++;
		const char *mark = own->marks && place < full->alert_count ? own->marks[place] : NULL;
		write_rule(json, alert->rule, alert->ask ? "asked" : "fired", mark ? "mark" : NULL, mark);
		place++;
	}
}

/* Rules that were looked at and about which there is nothing else to say. */
static void write_others(const vg_call *own, const vg_answer *answer, vg_json_writer *json)
{
	const vg_rulebook *book = answer->world->rulebook;
	uint32_t triggers = vg_rulebook_triggers(own->hook);
	for (size_t word = 0; word < book->words; word++)
		for (vg_bits bits = answer->candidate_rules[word]; bits; bits &= bits - 1) {
			uint32_t number = (uint32_t)(word * 64 + (size_t)__builtin_ctzll(bits));
			const vg_rule *rule = &book->rules[number];
			if (rule->status != VG_STATUS_ACTIVE || !(rule->triggers & triggers) ||
			    is_told(own, answer, rule->id) || is_not_evaluated(answer, rule->id))
				continue;
			/* One that fired and has no alert of its own found the same as another, or was replaced. */
			write_rule(json, rule->id, answer->outcomes[number] == VG_FIRED ? "fired" : "clear", NULL, NULL);
		}
}

static void write_rules(const vg_call *own, const vg_answer *full, const vg_answer *answer, vg_json_writer *json)
{
	vg_json_open(json, "rules", '[');
	write_alerts(own, full, answer, json);
	for (size_t i = 0; i < answer->screening_count; i++)
		write_rule(json, answer->screenings[i].rule->id, screening_outcome(&answer->screenings[i]), "reason",
			   answer->screenings[i].reason);
	for (size_t i = 0; i < answer->not_evaluated_count; i++) {
		const vg_not_evaluated *item = &answer->not_evaluated[i];
		if (!is_told(own, answer, item->rule))
			write_rule(json, item->rule,
				   vg_service_is_off(own->service, item->rule) ? "suppressed" : "not_evaluated", "missing",
				   item->missing);
	}
	for (size_t i = 0; i < answer->error_count; i++)
		write_rule(json, answer->errors[i].rule, "error", "code", answer->errors[i].code);
	for (size_t i = 0; i < own->left_out_count; i++)
		write_rule(json, own->left_out[i].rule, "suppressed", "reason", own->left_out[i].why);
	write_others(own, answer, json);
	vg_json_close(json, ']');
}

static void write_fetched(const vg_call *own, vg_json_writer *json)
{
	if (!own->note_count)
		return;
	vg_json_open(json, "fetched", '[');
	for (size_t i = 0; i < own->note_count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "key", own->notes[i].key);
		vg_json_boolean(json, "fetched", !own->notes[i].why);
		vg_json_text(json, "why", own->notes[i].why);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
}

void vg_call_extension(const vg_call *own, const vg_answer *full, const vg_answer *answer, vg_buffer *body)
{
	vg_json_writer writer = {body, true}, *json = &writer;
	vg_json_open(json, "extension", '{');
	vg_json_open(json, VG_EXTENSION, '{');
	vg_json_boolean(json, "complete", answer->complete);
	vg_json_deceased(json, answer);
	vg_json_packs(json, answer->world);
	write_rules(own, full, answer, json);
	vg_json_count(json, "candidates", answer->candidates);
	vg_json_count(json, "notChecked", answer->not_checked_count);
	if (answer->future_facts)
		vg_json_count(json, "futureFacts", answer->future_facts);
	write_fetched(own, json);
	vg_json_close(json, '}');
	vg_json_close(json, '}');
}
