/*
 * A hook's call: request in, cards out.
 *
 * Order of things: read; refuse what is another hook's; 412 when nothing could
 * be decided; evaluate; take out what was switched off, and say so; cards; look
 * at the cards; journal; answer.  An empty list of cards therefore always
 * means "checked, and nothing to say", and the extension says what was not.
 */
#include "service/answer_internal.h"

#include <cjson/cJSON.h>
#include <string.h>
#include <sys/random.h>

typedef struct call {
	vg_service *service;
	const vg_http_request *in;
	vg_http_response *out;
	vg_hook hook;
	int64_t began;
	vg_arena *arena;
	vg_journal_card *cards; /* given, then those of shadow rules */
	size_t card_count, card_capacity;
	bool failed;
	const char **off; /* rules whose alerts were suppressed */
	size_t off_count;
} call;

/* ---- fresh uuids ---------------------------------------------------------------- */

static bool fresh_uuid(void *user, char out[37])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[16];
	(void)user;
	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return false;
	bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
	bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
	return true;
}

static void add_card(call *own, const char *uuid, const char *rule, const char *severity, const char *status)
{
	vg_journal_card *items = vg_grow(own->arena, own->cards, own->card_count, &own->card_capacity, sizeof *own->cards);
	const char *copy = vg_copy_text(own->arena, uuid, strlen(uuid)), *id = vg_copy_text(own->arena, rule, strlen(rule));
	if (items)
		own->cards = items;
	if (items && copy && id)
		own->cards[own->card_count++] = (vg_journal_card){copy, id, severity, status};
	else
		own->failed = true;
}

static void given(void *user, const char *uuid, const char *rule, const char *severity)
{
	add_card(user, uuid, rule, severity, "active");
}

/* ---- the request ------------------------------------------------------------------ */

static bool is_for_service(const call *own, const char *hook)
{
	static const char *const signing[] = {"medication-prescribe", "order-review"};
	if (strcmp(hook, vg_hook_name(own->hook)) == 0)
		return true;
	for (size_t i = 0; own->hook == VG_HOOK_ORDER_SIGN && i < VG_COUNT(signing); i++)
		if (strcmp(hook, signing[i]) == 0)
			return true;
	return false;
}

/* The id behind a reference of the first resource that has a subject. */
static const char *patient_of_prefetch(const cJSON *prefetch)
{
	const cJSON *patient = cJSON_GetObjectItemCaseSensitive(prefetch, "patient");
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(patient, "id");
	return cJSON_IsString(id) ? id->valuestring : NULL;
}

/* Requests of clients that send {hook, prefetch} only get what they lack. Drafts
 * in the prefetch are what is being ordered. NULL: it cannot be made a request. */
static const char *completed(call *own, size_t *ret_length)
{
	cJSON *root = cJSON_ParseWithLength(own->in->body, own->in->length);
	const cJSON *prefetch = cJSON_GetObjectItemCaseSensitive(root, "prefetch");
	const char *patient = patient_of_prefetch(prefetch), *text = NULL;
	char uuid[37];
	if (!cJSON_IsObject(root) || !patient || cJSON_HasObjectItem(root, "context") || !fresh_uuid(NULL, uuid))
		goto done;
	if (!cJSON_HasObjectItem(root, "hookInstance") && !cJSON_AddStringToObject(root, "hookInstance", uuid))
		goto done;
	cJSON *context = cJSON_AddObjectToObject(root, "context");
	const cJSON *drafts = cJSON_GetObjectItemCaseSensitive(prefetch, "draftMedicationRequests");
	if (!context || !cJSON_AddStringToObject(context, "patientId", patient))
		goto done;
	if (drafts && !cJSON_AddItemToObject(context, "draftOrders", cJSON_Duplicate(drafts, true)))
		goto done;
	char *printed = cJSON_PrintUnformatted(root);
	if (printed) {
		*ret_length = strlen(printed);
		text = vg_copy_text(own->arena, printed, *ret_length);
		cJSON_free(printed);
	}
done:
	cJSON_Delete(root);
	return text;
}

/* Members of which the record keeps nothing; parsed a second time only when the text can hold them. */
static bool lacks_server(const call *own, const vg_record *record)
{
	if (record->fhir_server || !memmem(own->in->body, own->in->length, "fhirAuthorization", strlen("fhirAuthorization")))
		return false;
	cJSON *root = cJSON_ParseWithLength(own->in->body, own->in->length);
	bool lacks = cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(root, "fhirAuthorization"));
	cJSON_Delete(root);
	return lacks;
}

static bool has_patient(const call *own, const vg_record *record)
{
	if (vg_when_known(record->patient.birth) || *record->patient.sex || record->patient.deceased_known)
		return true;
	/* Nothing is known of the patient: there is no resource, or one that is silent. */
	cJSON *root = cJSON_ParseWithLength(own->in->body, own->in->length);
	const cJSON *prefetch = cJSON_GetObjectItemCaseSensitive(root, "prefetch"), *item;
	bool found = false;
	cJSON_ArrayForEach(item, prefetch)
	{
		const cJSON *type = cJSON_GetObjectItemCaseSensitive(item, "resourceType");
		bool none = cJSON_IsNull(item) && strcmp(item->string, "patient") == 0; /* known: there is no such data */
		found = found || none || (cJSON_IsString(type) && strcmp(type->valuestring, "Patient") == 0);
	}
	cJSON_Delete(root);
	return found;
}

/* Hooks about orders of which there is none yet: nothing is to be judged, so nothing is needed. */
static bool nothing_ordered(const call *own, const vg_record *record)
{
	return record->order_count == 0 && (own->hook == VG_HOOK_ORDER_SELECT || own->hook == VG_HOOK_ORDER_SIGN);
}

/* 412 loses alerts: only when there is no patient, or nothing of what the rules need. */
static bool can_decide(call *own, const vg_record *record, const vg_world *world)
{
	unsigned sections = vg_hook_sections(world, own->hook), there = 0;
	for (int section = 0; section < VG_SECTION_COUNT; section++)
		there |= record->sections[section].state != VG_NOT_SUPPLIED ? 1u << section : 0;
	if (!has_patient(own, record)) {
		vg_http_refuse(own->out, 412, "required", "The prefetch has no `patient`, and the service cannot fetch it.");
		return false;
	}
	if (!sections || sections & there || nothing_ordered(own, record))
		return true;
	vg_buffer text;
	vg_buffer_init(&text, own->arena);
	for (int section = 0; section < VG_SECTION_COUNT; section++)
		if (sections & 1u << section)
			vg_addf(&text, "%s%s (%s)", text.length ? ", " : "", vg_section_name((vg_section)section),
				record->sections[section].why);
	const char *list = vg_buffer_text(&text);
	vg_http_refuse(own->out, 412, "required",
		       "Nothing of what the rules need was supplied, and the service cannot fetch it: %s.", list ? list : "");
	return false;
}

/* Reads the request and refuses what is not for this service. NULL after a refusal. */
static vigil_record *read_request(call *own)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_record *record = NULL;
	const char *text = own->in->body;
	size_t length = own->in->length;
	if (own->service->config.lenient_requests) {
		size_t made = 0;
		const char *whole = completed(own, &made);
		if (whole) {
			text = whole;
			length = made;
		}
	}
	vigil_status status = vigil_record_read(own->service->engine, text, length, &record, &error);
	if (status != VIGIL_OK) {
		vg_service_refuse(own->out, status, &error);
		return NULL;
	}
	const vg_record *read = vg_record_behind(record);
	if (!read->hook || !*read->hook)
		vg_http_refuse(own->out, 400, "required", "The request has no `hook`; it is not a CDS Hooks request.");
	else if (!is_for_service(own, read->hook))
		vg_http_refuse(own->out, 400, "invalid", "The request's `hook` is not the one of this service, %s.",
			       vg_hook_name(own->hook));
	else if (lacks_server(own, read))
		vg_http_refuse(own->out, 400, "required", "The request has `fhirAuthorization` without `fhirServer`.");
	else
		return record;
	vigil_record_close(record);
	return NULL;
}

/* ---- what was switched off --------------------------------------------------------- */

/* An alert stays as long as one of the rules that found it is on. */
static bool is_off(call *own, const vg_alert *alert)
{
	if (!vg_service_is_off(own->service, alert->rule))
		return false;
	for (size_t i = 0; i < alert->also_count; i++)
		if (!vg_service_is_off(own->service, alert->also[i]))
			return false;
	return true;
}

/* A copy of the answer without what was switched off. false: no memory. */
static bool without_off(call *own, const vg_answer *full, vg_answer *ret)
{
	*ret = *full;
	/* At other hooks screenings are no part of what is said: neither a card nor "fired". */
	if (!(vg_rulebook_triggers(own->hook) & VG_ON_CHART))
		ret->screening_count = 0;
	size_t screening_count = ret->screening_count;
	if (!vg_service_any_off(own->service))
		return true;
	vg_alert *alerts = vg_alloc_array(own->arena, full->alert_count + 1, sizeof *alerts);
	vg_screening *screenings = vg_alloc_array(own->arena, screening_count + 1, sizeof *screenings);
	vg_rule_error *errors = vg_alloc_array(own->arena, full->error_count + 1, sizeof *errors);
	const char **notices = vg_alloc_array(own->arena, full->notice_count + 1, sizeof *notices);
	size_t most = full->alert_count + screening_count + full->error_count;
	own->off = vg_alloc_array(own->arena, most + 1, sizeof *own->off);
	if (!alerts || !screenings || !errors || !notices || !own->off)
		return false;
	ret->alert_count = ret->screening_count = ret->error_count = 0;
	for (size_t i = 0; i < full->alert_count; i++) {
		if (is_off(own, &full->alerts[i]))
			own->off[own->off_count++] = full->alerts[i].rule;
		else
			alerts[ret->alert_count++] = full->alerts[i];
	}
	for (size_t i = 0; i < screening_count; i++) {
		if (vg_service_is_off(own->service, full->screenings[i].rule->id))
			own->off[own->off_count++] = full->screenings[i].rule->id;
		else
			screenings[ret->screening_count++] = full->screenings[i];
	}
	for (size_t i = 0; i < full->error_count; i++) {
		if (vg_service_is_off(own->service, full->errors[i].rule))
			own->off[own->off_count++] = full->errors[i].rule;
		else
			errors[ret->error_count++] = full->errors[i];
	}
	if (full->notice_count)
		memcpy(notices, full->notices, full->notice_count * sizeof *notices);
	if (own->off_count) {
		notices[full->notice_count] = "Rules that concern this patient are switched off at this site.";
		ret->notice_count = full->notice_count + 1;
	}
	ret->alerts = alerts;
	ret->screenings = screenings;
	ret->errors = errors;
	ret->notices = notices;
	ret->complete = full->complete && !own->off_count;
	return true;
}

/* ---- the extension ------------------------------------------------------------------ */

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

/* A rule that asks for what is missing, or that is switched off, is told of once. */
static bool is_told(const call *own, const vg_answer *answer, const char *rule)
{
	for (size_t i = 0; i < answer->alert_count; i++)
		if (strcmp(answer->alerts[i].rule, rule) == 0)
			return true;
	for (size_t i = 0; i < answer->screening_count; i++)
		if (strcmp(answer->screenings[i].rule->id, rule) == 0)
			return true;
	for (size_t i = 0; i < own->off_count; i++)
		if (strcmp(own->off[i], rule) == 0)
			return true;
	return false;
}

static void write_extension(const call *own, const vg_answer *answer, vg_buffer *body)
{
	vg_json_writer writer = {body, true}, *json = &writer;
	vg_json_open(json, "extension", '{');
	vg_json_open(json, VG_EXTENSION, '{');
	vg_json_boolean(json, "complete", answer->complete);
	vg_json_open(json, "rules", '[');
	for (size_t i = 0; i < answer->alert_count; i++)
		write_rule(json, answer->alerts[i].rule, answer->alerts[i].ask ? "asked" : "fired", NULL, NULL);
	for (size_t i = 0; i < answer->screening_count; i++)
		write_rule(json, answer->screenings[i].rule->id, screening_outcome(&answer->screenings[i]), "reason",
			   answer->screenings[i].reason);
	for (size_t i = 0; i < answer->not_evaluated_count; i++)
		if (!is_told(own, answer, answer->not_evaluated[i].rule))
			write_rule(json, answer->not_evaluated[i].rule,
				   vg_service_is_off(own->service, answer->not_evaluated[i].rule) ? "suppressed"
												  : "not_evaluated",
				   "missing", answer->not_evaluated[i].missing);
	for (size_t i = 0; i < answer->error_count; i++)
		write_rule(json, answer->errors[i].rule, "error", "code", answer->errors[i].code);
	for (size_t i = 0; i < own->off_count; i++)
		write_rule(json, own->off[i], "suppressed", "reason", "switched off at this site");
	vg_json_close(json, ']');
	vg_json_count(json, "candidates", answer->candidates);
	vg_json_count(json, "notChecked", answer->not_checked_count);
	vg_json_close(json, '}');
	vg_json_close(json, '}');
}

/* ---- answering ------------------------------------------------------------------------ */

/* What rules in shadow would have said, for the journal only: asked apart, so that they cannot change an answer. */
static void add_shadow(call *own, vigil_worker *worker, const vigil_record *record, const vg_world *world)
{
	bool any = false;
	for (uint32_t i = 0; i < world->rulebook->rule_count && !any; i++)
		any = world->rulebook->rules[i].status == VG_STATUS_SHADOW;
	if (!any || !own->service->journal)
		return;
	vigil_request request = VIGIL_REQUEST_INIT;
	const vigil_result *result = NULL;
	request.record = record;
	request.hook = vg_hook_name(own->hook);
	request.as_of = own->in->now;
	request.all_statuses = 1;
	if (vigil_evaluate(worker, &request, &result, NULL) != VIGIL_OK)
		return;
	const vg_answer *answer = vg_result_answer(result);
	for (size_t i = 0; i < answer->alert_count; i++) {
		const vg_alert *alert = &answer->alerts[i];
		char uuid[37];
		if (alert->status == VG_STATUS_SHADOW && fresh_uuid(NULL, uuid))
			add_card(own, uuid, alert->rule, vg_severity_name((vigil_severity)alert->severity), "shadow");
	}
}

static void finish(call *own, vigil_worker *worker, const vigil_record *record, const vg_answer *full)
{
	vg_answer answer, shown;
	vg_buffer body;
	const vg_uuids uuids = {fresh_uuid, own, given};
	vg_buffer_init(&body, own->arena);
	if (!without_off(own, full, &answer)) {
		vg_service_refuse(own->out, VIGIL_NO_MEMORY, NULL);
		return;
	}
	shown = answer;
	if (!own->service->config.not_checked_card)
		shown.notice_count = shown.not_checked_count = shown.error_count = 0;
	if (!vg_answer_cards(&shown, &uuids, &body) || own->failed) {
		vg_service_refuse(own->out, VIGIL_NO_MEMORY, NULL);
		return;
	}
	const char *problem = vg_card_problem(body.text, body.length);
	if (problem) {
		atomic_fetch_add(&own->service->bad_cards, 1);
		vg_http_refuse(own->out, 500, "exception", "The answer would not have been a valid one: %s.", problem);
		own->out->note = problem;
		return;
	}
	body.text[--body.length] = '\0'; /* the closing brace; the extension comes before it */
	vg_count_answer(own->service, &answer);
	atomic_fetch_add(&own->service->suppressed, own->off_count);
	write_extension(own, &answer, &body);
	vg_add(&body, "}");
	const char *row = vg_answer_row(own->service, own->in, &answer, own->cards, own->card_count, own->off_count,
					vg_service_clock() - own->began, own->arena);
	/* Shadow rules are asked last: that gives up the answer that all of the above stands on. */
	add_shadow(own, worker, record, answer.world);
	bool lost = false;
	if (own->failed || !row) {
		vg_service_refuse(own->out, VIGIL_NO_MEMORY, NULL);
		return;
	}
	if (!vg_service_record(own->service, own->in, "answer", row, own->cards, own->card_count, own->out, &lost))
		return;
	if (lost) {
		/* The extension is ours and its last member is known: the note goes before its two braces and the answer's. */
		body.length -= 3;
		body.text[body.length] = '\0';
		vg_add(&body, ",\"journal\":\"lost\"}}}");
	}
	vg_service_send(own->out, &body);
}

void vg_answer_hook(vg_service *service, const vg_http_request *in, vg_http_response *out)
{
	call own = {.service = service, .in = in, .out = out, .began = vg_service_clock(), .arena = out->arena};
	vigil_error error = VIGIL_ERROR_INIT;
	if (!vg_service_hook(in->id, &own.hook)) {
		vg_http_refuse(out, 404, "not-found", "There is no such service; /cds-services lists them.");
		return;
	}
	vigil_record *record = read_request(&own);
	if (!record)
		return;
	vigil_worker *worker = vg_service_take_worker(service);
	vigil_request request = VIGIL_REQUEST_INIT;
	const vigil_result *result = NULL;
	request.record = record;
	request.hook = vg_hook_name(own.hook);
	request.as_of = in->now;
	vigil_status status = vigil_evaluate(worker, &request, &result, &error);
	if (status != VIGIL_OK) {
		vg_service_refuse(out, status, &error);
	} else {
		const vg_answer *answer = vg_result_answer(result);
		if (!vg_hook_served(answer->world, own.hook))
			vg_http_refuse(out, 404, "not-found", "No rule in use speaks at this hook.");
		else if (can_decide(&own, vg_record_behind(record), answer->world))
			finish(&own, worker, record, answer);
	}
	vg_service_give_worker(service, worker);
	vigil_record_close(record);
	vg_count_latency(service, own.hook, vg_service_clock() - own.began);
}
