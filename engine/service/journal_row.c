/*
 * What the journal keeps of an answer: which rules of which packs spoke, what
 * could not be looked at, how long it took.  Of the patient there is a keyed
 * hash, unless the site asked for the reference itself.
 */
#include "service/answer_internal.h"

#include <cjson/cJSON.h>
#include <string.h>

enum { LONGEST_NAME = 256 }; /* bytes of a user or a location; a longer one is none */

static const char *name_of(const cJSON *object, const char *key, vg_arena *arena)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	if (!cJSON_IsString(item) || !*item->valuestring || strlen(item->valuestring) > LONGEST_NAME)
		return NULL;
	return vg_copy_text(arena, item->valuestring, strlen(item->valuestring));
}

bool vg_asker_read(const cJSON *extension, vg_arena *arena, vg_asker *ret)
{
	const cJSON *told = cJSON_GetObjectItemCaseSensitive(extension, VG_ASKER);
	ret->user = name_of(told, "user", arena);
	ret->location = name_of(told, "location", arena);
	return !arena->failed;
}

void vg_asker_write(vg_service *service, const vg_asker *asker, vg_json_writer *json)
{
	static const char *const staff[] = {"Practitioner/", "PractitionerRole/"};
	char hash[33];
	const char *user = asker->user;
	bool known = false;
	for (size_t i = 0; user && i < VG_COUNT(staff); i++)
		known = known || strstr(user, staff[i]);
	if (user && !known && !service->config.plain_patients) {
		vg_journal_hash(service->journal, user, hash);
		user = hash;
	}
	vg_json_text(json, "user", user);
	vg_json_text(json, "location", asker->location);
}

const char *vg_answer_row(vg_service *service, const vg_http_request *in, const vg_answer *answer, const vg_asker *asker,
			  const vg_journal_card *cards, size_t card_count, size_t suppressed, int64_t microseconds,
			  vg_arena *arena)
{
	if (!service->journal)
		return "";
	char patient[33];
	vg_buffer body;
	vg_buffer_init(&body, arena);
	vg_json_writer writer = {&body, false}, *json = &writer;
	vg_journal_hash(service->journal, answer->record->patient.reference, patient);
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "schema", "vigil.journal.answer/1");
	vg_json_text_always(json, "hook", vg_hook_name(answer->hook));
	vg_json_text(json, "request", in->request_id);
	const char *user = answer->record->user;
	vg_asker told = *asker;
	if (!told.user && user && strlen(user) <= LONGEST_NAME)
		told.user = user;
	vg_asker_write(service, &told, json);
	vg_json_text_always(json, "patient", service->config.plain_patients ? answer->record->patient.reference : patient);
	vg_json_open(json, "packs", '[');
	for (size_t i = 0; i < answer->world->pack_count; i++)
		vg_json_text_always(json, NULL, answer->world->pack_digests[i]);
	vg_json_close(json, ']');
	vg_json_open(json, "fired", '[');
	for (size_t i = 0; i < card_count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "rule", cards[i].rule);
		vg_json_text_always(json, "severity", cards[i].severity);
		vg_json_text(json, "card", cards[i].uuid);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_boolean(json, "complete", answer->complete);
	vg_json_count(json, "candidates", answer->candidates);
	vg_json_count(json, "not_checked", answer->not_checked_count);
	vg_json_count(json, "not_evaluated", answer->not_evaluated_count);
	vg_json_count(json, "errors", answer->error_count);
	vg_json_count(json, "suppressed", suppressed);
	vg_json_count(json, "microseconds", (uint64_t)microseconds);
	vg_json_close(json, '}');
	return vg_buffer_text(&body);
}
