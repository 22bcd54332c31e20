/*
 * The service: opens what it needs, hands each request to its endpoint, lends
 * workers, writes journal rows, reloads.
 *
 * Invariants: an answer that had to be in the journal is there before it is
 * returned with 200; a request holds one worker at most and gives it back on
 * every path; a reload that fails changes nothing.
 */
#include "service/answer_internal.h"

#include <string.h>
#include <time.h>

int64_t vg_service_clock(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- opening -------------------------------------------------------------------- */

static vigil_status open_parts(vg_service *service, vg_findings *findings, vigil_error *err)
{
	const vg_service_config *config = &service->config;
	vigil_status status = vg_engine_open(&config->engine, findings, &service->engine, err);
	if (status == VIGIL_OK && config->journal)
		status = vg_journal_open(config->journal, &service->allocator, &service->journal, err);
	if (status == VIGIL_OK && config->fetch)
		status = vg_client_open(config->fetch, &service->allocator, &service->client, err);
	if (status == VIGIL_OK && config->openapi_file) {
		char *text = NULL;
		status = vg_read_file(&service->arena, config->openapi_file, 1 << 20, &text, &service->openapi_length, err);
		service->openapi = text;
	}
	if (status != VIGIL_OK)
		return status;
	unsigned count = config->workers ? config->workers : 1;
	service->workers = vg_alloc_array(&service->arena, count, sizeof(vigil_worker *));
	if (!service->workers)
		return vg_fail_memory(err);
	for (; service->worker_count < count; service->worker_count++) {
		status = vigil_worker_open(service->engine, &service->workers[service->worker_count], err);
		if (status != VIGIL_OK)
			return status;
		service->idle++;
	}
	return VIGIL_OK;
}

vigil_status vg_service_open(const vg_service_config *config, vg_findings *findings, vg_service **ret, vigil_error *err)
{
	vg_allocator allocator = vg_system_allocator;
	if (config->engine.resize)
		allocator = (vg_allocator){config->engine.resize, config->engine.resize_user};
	vg_service *service = allocator.resize(allocator.user, NULL, 0, sizeof *service);
	if (!service)
		return vg_fail_memory(err);
	memset(service, 0, sizeof *service);
	service->config = *config;
	service->allocator = allocator;
	vg_arena_init(&service->arena, &allocator, 0);
	vg_map_init(&service->rule_places, &service->arena);
	pthread_mutex_init(&service->pool_lock, NULL);
	pthread_mutex_init(&service->lock, NULL);
	pthread_cond_init(&service->pool_free, NULL);
	vigil_status status = open_parts(service, findings, err);
	if (status != VIGIL_OK) {
		vg_service_close(service);
		return status;
	}
	*ret = service;
	return VIGIL_OK;
}

void vg_service_close(vg_service *service)
{
	if (!service)
		return;
	vg_allocator allocator = service->allocator;
	for (unsigned i = 0; i < service->worker_count; i++)
		vigil_worker_close(service->workers[i]);
	if (service->journal)
		vg_journal_close(service->journal);
	vg_client_close(service->client);
	vigil_engine_close(service->engine);
	pthread_mutex_destroy(&service->pool_lock);
	pthread_mutex_destroy(&service->lock);
	pthread_cond_destroy(&service->pool_free);
	vg_arena_free(&service->arena);
	allocator.resize(allocator.user, service, sizeof *service, 0);
}

bool vg_service_journal(vg_service *service, vg_journal_health *ret)
{
	if (service->journal)
		vg_journal_health_of(service->journal, ret);
	return service->journal != NULL;
}

vg_transport_counts *vg_service_counts(vg_service *service) { return &service->counts; }

/* ---- workers ---------------------------------------------------------------------- */

vigil_worker *vg_service_take_worker(vg_service *service)
{
	pthread_mutex_lock(&service->pool_lock);
	while (!service->idle)
		pthread_cond_wait(&service->pool_free, &service->pool_lock);
	vigil_worker *worker = service->workers[--service->idle];
	pthread_mutex_unlock(&service->pool_lock);
	return worker;
}

void vg_service_give_worker(vg_service *service, vigil_worker *worker)
{
	/* The places behind the idle ones are free, and all of them are idle when the service is closed. */
	pthread_mutex_lock(&service->pool_lock);
	service->workers[service->idle++] = worker;
	pthread_cond_signal(&service->pool_free);
	pthread_mutex_unlock(&service->pool_lock);
}

bool vg_service_any_off(vg_service *service)
{
	pthread_mutex_lock(&service->lock);
	bool any = service->switched != NULL;
	pthread_mutex_unlock(&service->lock);
	return any;
}

bool vg_service_is_off(vg_service *service, const char *rule)
{
	bool off = false;
	pthread_mutex_lock(&service->lock);
	for (const vg_switched *item = service->switched; item && !off; item = item->next)
		off = strcmp(item->rule, rule) == 0;
	pthread_mutex_unlock(&service->lock);
	return off;
}

/* ---- what endpoints share --------------------------------------------------------- */

bool vg_service_record(vg_service *service, const vg_http_request *in, const char *kind, const char *body,
		       const vg_journal_card *cards, size_t card_count, vg_http_response *out, bool *ret_lost)
{
	*ret_lost = false;
	if (!service->journal)
		return true;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_journal_row row = {.at = in->arrived, .kind = kind, .body = body, .cards = cards, .card_count = card_count};
	if (body && vg_journal_append(service->journal, &row, &error) == VIGIL_OK)
		return true;
	atomic_fetch_add(&service->journal_lost, 1);
	out->note = "the journal could not be written";
	if (service->config.on_loss == VG_LOSS_ANSWER) {
		*ret_lost = true;
		return true;
	}
	vg_http_refuse(out, 503, "transient", "The journal cannot be written, and without its row no answer is given.");
	out->retry_after = 5;
	return false;
}

void vg_service_refuse(vg_http_response *out, vigil_status status, const vigil_error *err)
{
	if (status == VIGIL_BAD_INPUT || status == VIGIL_WRONG_USE) {
		if (err->line)
			vg_http_refuse(out, 400, "invalid", "%s (line %d) %s", err->text, err->line, err->advice);
		else
			vg_http_refuse(out, 400, "invalid", "%s%s%s", err->text, *err->advice ? " " : "", err->advice);
	} else if (status == VIGIL_NO_MEMORY) {
		vg_http_refuse(out, 503, "transient", "Memory ran out; the request was not answered.");
		out->retry_after = 5;
	} else {
		vg_http_refuse(out, 500, "exception", "The request could not be answered because of a defect of the service.");
		out->note = "an evaluation failed";
	}
}

void vg_service_send(vg_http_response *out, vg_buffer *body)
{
	const char *text = vg_buffer_text(body);
	if (!text || body->failed) {
		vg_service_refuse(out, VIGIL_NO_MEMORY, NULL);
		return;
	}
	out->status = 200;
	out->body = text;
	out->length = body->length;
}

/* ---- reloading --------------------------------------------------------------------- */

vigil_status vg_service_reload(vg_service *service, vg_arena *arena, const char **ret_summary, vigil_error *err)
{
	vigil_findings *findings = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_status status = vigil_engine_reload(service->engine, &findings, &error);
	size_t errors = findings ? findings->errors : 0, count = findings ? findings->count : 0;
	if (status == VIGIL_OK) {
		vg_world *world = vg_engine_world(service->engine);
		*ret_summary = vg_format(arena, "%u rules of %zu packs are in use; %zu findings", world->rulebook->rule_count,
					 world->pack_count, count);
		vg_world_release(world);
		atomic_fetch_add(&service->reloads, 1);
	} else {
		*ret_summary = vg_format(arena, "the old rules stay in use: %s%s%s (%zu errors)", error.text,
					 *error.file ? " in " : "", error.file, errors);
		atomic_fetch_add(&service->reloads_refused, 1);
	}
	atomic_store(&service->reload_refused, status != VIGIL_OK);
	if (!*ret_summary)
		*ret_summary = status == VIGIL_OK ? "the rules were read again" : "the old rules stay in use";
	vigil_findings_close(findings);
	if (err)
		*err = error;
	return status;
}

static void answer_reload(vg_service *service, const vg_http_request *in, vg_http_response *out)
{
	const char *summary = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_status status = vg_service_reload(service, out->arena, &summary, &error);
	vg_buffer body;
	vg_buffer_init(&body, out->arena);
	vg_json_writer json = {&body, false};
	vg_json_open(&json, NULL, '{');
	vg_json_boolean(&json, "reloaded", status == VIGIL_OK);
	vg_json_text_always(&json, "summary", summary);
	vg_json_close(&json, '}');
	bool lost = false;
	if (!vg_service_record(service, in, "reload", vg_buffer_text(&body), NULL, 0, out, &lost))
		return;
	if (status == VIGIL_OK)
		vg_service_send(out, &body);
	else
		vg_http_refuse(out, 409, "business-rule", "%s", summary);
}

/* ---- the one entry ----------------------------------------------------------------- */

void vg_service_answer(vg_service *service, const vg_http_request *in, vg_http_response *out)
{
	static const char healthy[] = "{\"status\":\"ok\"}";
	switch (in->endpoint) {
	case VG_ENDPOINT_DISCOVERY:
		vg_answer_discovery(service, out);
		return;
	case VG_ENDPOINT_HOOK:
		vg_answer_hook(service, in, out);
		return;
	case VG_ENDPOINT_FEEDBACK:
		vg_answer_feedback(service, in, out);
		return;
	case VG_ENDPOINT_EVALUATE:
		vg_answer_evaluate(service, in, out);
		return;
	case VG_ENDPOINT_EXPLAIN:
		vg_answer_explain(service, in, out);
		return;
	case VG_ENDPOINT_RULES:
	case VG_ENDPOINT_RULE:
		vg_answer_rules(service, in, out);
		return;
	case VG_ENDPOINT_SWITCH:
		vg_answer_switch(service, in, out);
		return;
	case VG_ENDPOINT_RELOAD:
		answer_reload(service, in, out);
		return;
	case VG_ENDPOINT_OPENAPI:
		if (!service->openapi)
			break;
		out->status = 200;
		out->body = service->openapi;
		out->length = service->openapi_length;
		return;
	case VG_ENDPOINT_HEALTH:
		out->status = 200;
		out->body = healthy;
		out->length = sizeof healthy - 1;
		return;
	case VG_ENDPOINT_READY:
		vg_answer_ready(service, in, out);
		return;
	case VG_ENDPOINT_METRICS:
		vg_answer_metrics(service, out);
		return;
	case VG_ENDPOINT_NONE:
	case VG_ENDPOINTS:
		break;
	}
	vg_http_refuse(out, 404, "not-found", "There is nothing at this address.");
}
