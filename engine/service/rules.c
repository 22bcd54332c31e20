/*
 * The rules in use, one of them, and switching one off at run time.
 *
 * A rule that is switched off is still evaluated; what it finds is taken out of
 * the answer and named there as suppressed, counted in /metrics, and the switch
 * itself is a row of the journal.  It holds until it is taken back or the
 * process ends, and outlives a reload.  The native interface
 * tells what rules find, switched or not.
 */
#include "service/answer_internal.h"

#include <cjson/cJSON.h>
#include <string.h>

static void write_rule(vg_service *service, vg_json_writer *json, const vg_rulebook *book, const vg_rule *rule, bool whole)
{
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "id", rule->id);
	vg_json_text(json, "title", rule->title);
	vg_json_text_always(json, "kind", vg_rule_kind_name((vg_rule_kind)rule->kind));
	vg_json_text_always(json, "severity", vg_severity_name((vigil_severity)rule->severity));
	vg_json_text_always(json, "status", vg_rule_status_name((vg_rule_status)rule->status));
	vg_json_boolean(json, "on", !vg_service_is_off(service, rule->id));
	if (whole) {
		vg_arena *arena = json->out->arena;
		vg_json_text(json, "table", rule->family);
		vg_json_text(json, "owner", rule->owner);
		vg_json_text(json, "review_by", rule->review_by);
		if (rule->requires != VG_NO_NODE)
			vg_json_text(json, "requires", vg_node_sentence(book, rule->requires, arena));
		if (rule->unless != VG_NO_NODE)
			vg_json_text(json, "unless", vg_node_sentence(book, rule->unless, arena));
		vg_json_open(json, "reads", '[');
		for (int section = 0; section < VG_SECTION_COUNT; section++)
			if (rule->sections & 1u << section)
				vg_json_text(json, NULL, vg_section_name((vg_section)section));
		vg_json_close(json, ']');
		vg_json_open(json, "evidence", '{');
		vg_json_text(json, "title", rule->evidence.title);
		vg_json_text(json, "publisher", rule->evidence.publisher);
		vg_json_text(json, "year", rule->evidence.year);
		vg_json_text(json, "grade", rule->evidence.grade);
		vg_json_text(json, "url", rule->evidence.url);
		vg_json_close(json, '}');
	}
	vg_json_close(json, '}');
}

void vg_answer_rules(vg_service *service, const vg_http_request *in, vg_http_response *out)
{
	vg_world *world = vg_engine_world(service->engine);
	const vg_rulebook *book = world->rulebook;
	vg_buffer body;
	vg_buffer_init(&body, out->arena);
	vg_json_writer json = {&body, false};
	if (in->endpoint == VG_ENDPOINT_RULE) {
		uint32_t number = vg_rule_find(book, in->id);
		if (number == UINT32_MAX) {
			vg_http_refuse(out, 404, "not-found", "There is no such rule; /v1/rules lists them.");
		} else {
			write_rule(service, &json, book, &book->rules[number], true);
			vg_service_send(out, &body);
		}
	} else {
		vg_json_open(&json, NULL, '{');
		vg_json_open(&json, "rules", '[');
		for (uint32_t i = 0; i < book->rule_count; i++)
			write_rule(service, &json, book, &book->rules[i], false);
		vg_json_close(&json, ']');
		vg_json_open(&json, "rows", '{');
		vg_json_count(&json, "interactions", vg_pair_count(world->knowledge, VG_INTERACTIONS));
		vg_json_count(&json, "cross_reactivity", vg_pair_count(world->knowledge, VG_CROSS_REACTIVITY));
		vg_json_close(&json, '}');
		vg_json_close(&json, '}');
		vg_service_send(out, &body);
	}
	vg_world_release(world);
}

bool vg_is_failing(vg_service *service, const vg_switched *item) { return item->reloads == atomic_load(&service->reloads); }

void vg_note_failures(vg_service *service, const vg_answer *answer)
{
	if (!answer->error_count)
		return;
	pthread_mutex_lock(&service->lock);
	for (size_t i = 0; i < answer->error_count; i++) {
		const char *rule = answer->errors[i].rule;
		vg_switched *item = service->failing;
		while (item && strcmp(item->rule, rule) != 0)
			item = item->next;
		if (!item) {
			const char *copy = vg_copy_text(&service->arena, rule, strlen(rule));
			item = copy ? vg_alloc(&service->arena, sizeof *item) : NULL;
			if (!item)
				continue; /* unnamed here for want of memory: the answer names it */
			*item = (vg_switched){.rule = copy, .next = service->failing};
			service->failing = item;
		}
		item->reloads = atomic_load(&service->reloads);
	}
	pthread_mutex_unlock(&service->lock);
}

static void write_switched(vg_service *service, vg_json_writer *json)
{
	if (service->switched)
		vg_json_open(json, "switched_off", '[');
	for (const vg_switched *item = service->switched; item; item = item->next)
		vg_json_text_always(json, NULL, item->rule);
	if (service->switched)
		vg_json_close(json, ']');
}

static void write_failing(vg_service *service, vg_json_writer *json)
{
	bool open = false;
	for (const vg_switched *item = service->failing; item; item = item->next) {
		if (!vg_is_failing(service, item))
			continue;
		if (!open)
			vg_json_open(json, "failing", '[');
		open = true;
		vg_json_text_always(json, NULL, item->rule);
	}
	if (open)
		vg_json_close(json, ']');
}

void vg_answer_ready(vg_service *service, const vg_http_request *in, vg_http_response *out)
{
	if (in->draining) {
		vg_http_refuse(out, 503, "transient", "The server is ending.");
		return;
	}
	vg_buffer body;
	vg_buffer_init(&body, out->arena);
	vg_json_writer json = {&body, false};
	vg_json_open(&json, NULL, '{');
	vg_json_text_always(&json, "status", "ready");
	pthread_mutex_lock(&service->lock);
	write_switched(service, &json);
	write_failing(service, &json);
	pthread_mutex_unlock(&service->lock);
	if (atomic_load(&service->reload_refused))
		vg_json_boolean(&json, "reload_refused", true);
	vg_journal_health journal;
	if (vg_service_journal(service, &journal) && journal.trouble.status != VIGIL_OK)
		vg_json_boolean(&json, "journal_waits", true);
	vg_json_close(&json, '}');
	vg_service_send(out, &body);
}

/* false: no memory. */
static bool set_switch(vg_service *service, const char *rule, bool on)
{
	bool done = true;
	pthread_mutex_lock(&service->lock);
	vg_switched **at = &service->switched;
	while (*at && strcmp((*at)->rule, rule) != 0)
		at = &(*at)->next;
	if (on && *at) {
		*at = (*at)->next;
	} else if (!on && !*at) {
		vg_switched *item = vg_alloc(&service->arena, sizeof *item);
		const char *copy = vg_copy_text(&service->arena, rule, strlen(rule));
		done = item && copy;
		if (done) {
			*item = (vg_switched){.rule = copy, .next = service->switched};
			service->switched = item;
		}
	}
	pthread_mutex_unlock(&service->lock);
	return done;
}

void vg_answer_switch(vg_service *service, const vg_http_request *in, vg_http_response *out)
{
	vg_world *world = vg_engine_world(service->engine);
	bool known = vg_rule_find(world->rulebook, in->id) != UINT32_MAX;
	vg_world_release(world);
	/* A rule that a reload took away can still be switched on, so that no switch stays for ever. */
	if (!known && !vg_service_is_off(service, in->id)) {
		vg_http_refuse(out, 404, "not-found", "There is no such rule; /v1/rules lists them.");
		return;
	}
	cJSON *root = cJSON_ParseWithLength(in->body, in->length);
	const cJSON *on = cJSON_GetObjectItemCaseSensitive(root, "on"), *why = cJSON_GetObjectItemCaseSensitive(root, "why");
	if (!cJSON_IsBool(on) || !cJSON_IsString(why) || !*why->valuestring) {
		vg_http_refuse(out, 400, "required", "The body is {\"on\": true or false, \"why\": \"…\"}.");
		cJSON_Delete(root);
		return;
	}
	bool turned_on = cJSON_IsTrue(on), lost = false;
	vg_buffer body;
	vg_buffer_init(&body, out->arena);
	vg_json_writer json = {&body, false};
	vg_json_open(&json, NULL, '{');
	vg_json_text_always(&json, "rule", in->id);
	vg_json_boolean(&json, "on", turned_on);
	vg_json_text_always(&json, "why", why->valuestring);
	vg_json_close(&json, '}');
	cJSON_Delete(root);
	if (!vg_service_record(service, in, "switch", vg_buffer_text(&body), NULL, 0, out, &lost))
		return;
	if (!set_switch(service, in->id, turned_on))
		vg_service_refuse(out, VIGIL_NO_MEMORY, NULL);
	else
		vg_service_send(out, &body);
}
