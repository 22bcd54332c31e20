/*
 * Feedback: what was done with cards.
 *
 * Each item is judged for itself, so that a bad one does not lose the good
 * ones; repeats, cards of earlier calls and cards that nobody knows are
 * accepted, the last as unmatched.  A comment is free text that may name a
 * patient: the journal learns that there was one, not what it says.
 */
#include "service/answer_internal.h"

#include <cjson/cJSON.h>
#include <string.h>

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsString(item) && *item->valuestring ? item->valuestring : NULL;
}

/* Why an item cannot be used; NULL: it can. */
static const char *problem_of(const cJSON *item)
{
	const char *outcome = text_of(item, "outcome"), *at = text_of(item, "outcomeTimestamp");
	const cJSON *accepted = cJSON_GetObjectItemCaseSensitive(item, "acceptedSuggestions"), *suggestion;
	const cJSON *reason = cJSON_GetObjectItemCaseSensitive(item, "overrideReason");
	vg_when when;
	if (!text_of(item, "card"))
		return "`card` is missing";
	if (!outcome || (strcmp(outcome, "accepted") != 0 && strcmp(outcome, "overridden") != 0))
		return "`outcome` is neither accepted nor overridden";
	if (!at || !vg_date_parse(at, strlen(at), &when) || when.instant == VG_NO_INSTANT)
		return "`outcomeTimestamp` is missing, or is no moment";
	if (strcmp(outcome, "accepted") == 0 && (!cJSON_IsArray(accepted) || !accepted->child))
		return "`acceptedSuggestions` is missing";
	cJSON_ArrayForEach(suggestion, accepted)
	{
		if (!text_of(suggestion, "id"))
			return "an accepted suggestion has no `id`";
	}
	if (reason && !text_of(reason, "userComment") && !cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(reason, "reason")))
		return "`overrideReason` has neither a reason nor a comment";
	return NULL;
}

static const char *row_of(vg_service *service, const vg_http_request *in, const cJSON *item, const char *rule, vg_arena *arena)
{
	const cJSON *override = cJSON_GetObjectItemCaseSensitive(item, "overrideReason"), *suggestion;
	const cJSON *reason = cJSON_GetObjectItemCaseSensitive(override, "reason");
	vg_asker asker;
	vg_buffer body;
	vg_buffer_init(&body, arena);
	vg_json_writer writer = {&body, false}, *json = &writer;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "schema", "vigil.journal.feedback/1");
	vg_json_text_always(json, "service", in->id);
	vg_json_text(json, "request", in->request_id);
	if (service->journal && vg_asker_read(cJSON_GetObjectItemCaseSensitive(item, "extension"), arena, &asker))
		vg_asker_write(service, &asker, json);
	vg_json_text_always(json, "card", text_of(item, "card"));
	vg_json_text(json, "rule", rule);
	vg_json_boolean(json, "matched", *rule != '\0');
	vg_json_text_always(json, "outcome", text_of(item, "outcome"));
	vg_json_text_always(json, "at", text_of(item, "outcomeTimestamp"));
	vg_json_open(json, "suggestions", '[');
	cJSON_ArrayForEach(suggestion, cJSON_GetObjectItemCaseSensitive(item, "acceptedSuggestions"))
	{
		vg_json_text(json, NULL, text_of(suggestion, "id"));
	}
	vg_json_close(json, ']');
	if (reason) {
		vg_json_open(json, "reason", '{');
		vg_json_text(json, "system", text_of(reason, "system"));
		vg_json_text(json, "code", text_of(reason, "code"));
		vg_json_close(json, '}');
	}
	vg_json_boolean(json, "comment", text_of(override, "userComment") != NULL);
	vg_json_close(json, '}');
	return vg_buffer_text(&body);
}

static void count(vg_service *service, const cJSON *item, bool matched)
{
	bool accepted = strcmp(text_of(item, "outcome"), "accepted") == 0;
	atomic_fetch_add(accepted ? &service->feedback_accepted : &service->feedback_overridden, 1);
	if (!matched)
		atomic_fetch_add(&service->feedback_unmatched, 1);
}

static void answer_items(vg_service *service, const vg_http_request *in, const cJSON *list, vg_http_response *out)
{
	size_t received = 0, stored = 0, unmatched = 0, bad = 0;
	vg_buffer body, refused;
	vg_buffer_init(&body, out->arena);
	vg_buffer_init(&refused, out->arena);
	vg_json_writer json = {&body, false}, problems = {&refused, false};
	const cJSON *item;
	const char *first = NULL;
	cJSON_ArrayForEach(item, list)
	{
		const char *problem = problem_of(item);
		size_t index = received++;
		if (problem) {
			first = first ? first : problem;
			bad++;
			vg_json_open(&problems, NULL, '{');
			vg_json_count(&problems, "index", index);
			vg_json_text_always(&problems, "why", problem);
			vg_json_close(&problems, '}');
			continue;
		}
		char rule[129] = "";
		bool lost = false;
		bool matched =
		    service->journal && vg_journal_card_rule(service->journal, text_of(item, "card"), rule, sizeof rule);
		if (!matched)
			rule[0] = '\0';
		if (!vg_service_record(service, in, "feedback", row_of(service, in, item, rule, out->arena), NULL, 0, out,
				       &lost))
			return;
		stored += service->journal && !lost;
		unmatched += !matched;
		count(service, item, matched);
	}
	if (received == bad) {
		vg_http_refuse(out, 400, "invalid", "The feedback holds nothing that can be used: %s.",
			       first ? first : "the list is empty");
		return;
	}
	vg_json_open(&json, NULL, '{');
	vg_json_count(&json, "received", received);
	vg_json_count(&json, "stored", stored);
	vg_json_count(&json, "unmatched", unmatched);
	if (bad) {
		const char *text = vg_buffer_text(&refused);
		vg_add(&body, ",\"refused\":[");
		vg_add(&body, text ? text : "");
		vg_add(&body, "]");
		body.failed = body.failed || !text;
	}
	vg_json_close(&json, '}');
	vg_service_send(out, &body);
}

void vg_answer_feedback(vg_service *service, const vg_http_request *in, vg_http_response *out)
{
	vg_hook hook;
	if (!vg_service_hook(in->id, &hook)) {
		vg_http_refuse(out, 404, "not-found", "There is no such service; /cds-services lists them.");
		return;
	}
	cJSON *root = vg_utf8_valid(in->body, in->length) ? cJSON_ParseWithLength(in->body, in->length) : NULL;
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "feedback");
	if (!root)
		vg_http_refuse(out, 400, "structure", "The body is not JSON.");
	else if (!cJSON_IsArray(list))
		vg_http_refuse(out, 400, "required", "The body has no list `feedback`.");
	else
		answer_items(service, in, list, out);
	cJSON_Delete(root);
}
