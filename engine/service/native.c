/*
 * The native interface: the same evaluation without CDS Hooks around it.
 *
 * The body is a record as `vigil check` takes it (a Bundle, or a CDS Hooks
 * request); what else there is to say stands in the query: as_of, hook,
 * not_supplied, drafts, existing, all_statuses, all_screenings, trace, rule.
 */
#include "service/answer_internal.h"

#include <string.h>

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A member of the query, decoded; "" when it is there without a value, NULL when it is not there or not readable. */
static const char *query_text(const vg_http_request *in, vg_arena *arena, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = in->query; at && *at; at += *at == '&') {
		size_t part = strcspn(at, "&");
		if (part >= length && strncmp(at, name, length) == 0 && (part == length || at[length] == '=')) {
			char *text = vg_copy_text(arena, at + length + (part > length), part - length - (part > length));
			char *to = text;
			for (const char *from = text; from && *from; from++) {
				if (*from != '%') {
					*to++ = *from;
					continue;
				}
				int high = digit_of(from[1]), low = high < 0 ? -1 : digit_of(from[2]);
				if (low < 0 || high * 16 + low < 32)
					return NULL;
				*to++ = (char)(high * 16 + low);
				from += 2;
			}
			if (to)
				*to = '\0';
			return text;
		}
		at += part;
	}
	return NULL;
}

static int query_flag(const vg_http_request *in, vg_arena *arena, const char *name)
{
	const char *text = query_text(in, arena, name);
	return text && (!*text || strcmp(text, "1") == 0 || strcmp(text, "true") == 0);
}

static vigil_request request_of(const vg_http_request *in, vg_arena *arena)
{
	vigil_request request = VIGIL_REQUEST_INIT;
	const char *as_of = query_text(in, arena, "as_of");
	request.json = in->body;
	request.json_length = in->length;
	request.as_of = as_of ? as_of : in->now;
	request.hook = query_text(in, arena, "hook");
	request.not_supplied = query_text(in, arena, "not_supplied");
	request.record_drafts = query_flag(in, arena, "drafts");
	request.judge_existing = query_flag(in, arena, "existing");
	request.all_statuses = query_flag(in, arena, "all_statuses");
	request.all_screenings = query_flag(in, arena, "all_screenings");
	request.trace = query_flag(in, arena, "trace");
	return request;
}

void vg_answer_evaluate(vg_service *service, const vg_http_request *in, vg_http_response *out)
{
	int64_t began = vg_service_clock();
	vigil_request request = request_of(in, out->arena);
	vigil_error error = VIGIL_ERROR_INIT;
	const vg_answer *answer = NULL;
	vg_buffer body;
	vg_buffer_init(&body, out->arena);
	vigil_worker *worker = vg_service_take_worker(service);
	vigil_status status = vg_worker_answer(worker, &request, &answer, &error);
	if (status != VIGIL_OK) {
		vg_service_refuse(out, status, &error);
	} else {
		vg_journal_card *cards = vg_alloc_array(out->arena, answer->alert_count + 1, sizeof *cards);
		size_t count = 0;
		bool lost = false;
		for (size_t i = 0; cards && i < answer->alert_count; i++)
			if (answer->alerts[i].status == VG_STATUS_ACTIVE)
				cards[count++] =
				    (vg_journal_card){"", answer->alerts[i].rule,
						      vg_severity_name((vigil_severity)answer->alerts[i].severity), "active"};
		vg_answer_json(answer, request.trace, &body);
		const char *row = cards ? vg_answer_row(service, in, answer, &(vg_asker){NULL, NULL}, cards, count, 0,
							vg_service_clock() - began, out->arena)
					: NULL;
		vg_count_answer(service, answer);
		vg_note_failures(service, answer);
		/* There are no cards, so none is kept: the row's body names the rules. */
		if (!row)
			vg_service_refuse(out, VIGIL_NO_MEMORY, NULL);
		else if (vg_service_record(service, in, "answer", row, NULL, 0, out, &lost)) {
			if (lost && body.length) {
				body.text[--body.length] = '\0';
				vg_add(&body, ",\"journal\":\"lost\"}");
			}
			vg_service_send(out, &body);
		}
	}
	vg_service_give_worker(service, worker);
	vg_count_latency(service, VG_HOOK_NONE, vg_service_clock() - began);
}

static const char *outcome_name(vg_outcome outcome)
{
	static const char *const names[] = {[VG_SILENT] = "clear",
					    [VG_FIRED] = "fired",
					    [VG_ASKED] = "asked",
					    [VG_NOT_KNOWN] = "not_evaluated",
					    [VG_FAILED] = "error"};
	return names[outcome];
}

static void write_condition(vg_json_writer *json, const vg_explained *condition)
{
	vg_json_open(json, NULL, '{');
	vg_json_count(json, "depth", (uint64_t)condition->depth);
	vg_json_text(json, "part", condition->part);
	vg_json_text_always(json, "sentence", condition->sentence);
	vg_json_text_always(json, "truth", vg_truth_text(condition->truth));
	vg_json_text(json, "value", condition->value);
	vg_json_text(json, "missing", condition->missing);
	vg_json_text(json, "would_need", condition->would_need);
	if (condition->fact_count)
		vg_json_open(json, "facts", '[');
	for (size_t i = 0; i < condition->fact_count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text(json, "reference", condition->facts[i].reference);
		vg_json_text(json, "display", condition->facts[i].display);
		vg_json_text(json, "date", condition->facts[i].date);
		vg_json_text(json, "says", condition->facts[i].says);
		vg_json_close(json, '}');
	}
	if (condition->fact_count)
		vg_json_close(json, ']');
	vg_json_close(json, '}');
}

void vg_answer_explain(vg_service *service, const vg_http_request *in, vg_http_response *out)
{
	vigil_request request = request_of(in, out->arena);
	const char *rule = query_text(in, out->arena, "rule");
	vigil_error error = VIGIL_ERROR_INIT;
	const vg_explanation *items = NULL;
	size_t count = 0;
	if (!rule || !*rule) {
		vg_http_refuse(out, 400, "required", "The query has no `rule`; /v1/rules lists them.");
		return;
	}
	vg_world *world = vg_engine_world(service->engine);
	bool known = vg_rule_find(world->rulebook, rule) != UINT32_MAX;
	vg_world_release(world);
	if (!known) {
		vg_http_refuse(out, 404, "not-found", "There is no such rule; /v1/rules lists them.");
		return;
	}
	vigil_worker *worker = vg_service_take_worker(service);
	vigil_status status = vg_worker_explain(worker, &request, rule, NULL, &items, &count, &error);
	if (status != VIGIL_OK) {
		vg_service_refuse(out, status, &error);
	} else {
		vg_buffer body;
		vg_buffer_init(&body, out->arena);
		vg_json_writer writer = {&body, false}, *json = &writer;
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "rule", rule);
		vg_json_open(json, "explanations", '[');
		for (size_t i = 0; i < count; i++) {
			vg_json_open(json, NULL, '{');
			vg_json_text_always(json, "outcome", outcome_name(items[i].outcome));
			vg_json_text_always(json, "sentence", items[i].sentence);
			vg_json_text(json, "subject", items[i].subject);
			vg_json_text(json, "change", items[i].change);
			vg_json_text(json, "notice", items[i].death_notice);
			vg_json_open(json, "conditions", '[');
			for (size_t j = 0; j < items[i].condition_count; j++)
				write_condition(json, &items[i].conditions[j]);
			vg_json_close(json, ']');
			vg_json_close(json, '}');
		}
		vg_json_close(json, ']');
		vg_json_close(json, '}');
		vg_service_send(out, &body);
	}
	vg_service_give_worker(service, worker);
}
