/*
 * order-select and order-sign together: what was shown once is not repeated.
 *
 * Opt-in by the client, and stateless.  A client whose request has the extension
 * io.vigil-cds.coordination gets a mark with each finding.  At order-sign it may
 * send the marks of what it showed; a finding with one of these marks is left
 * out, and said to be.
 *
 * A mark is a digest of everything that the finding shows and of the whole
 * resources that it is about, as they stand in the request: another dose,
 * another drug, a new result, another severity, another wording give another
 * mark, and the finding is shown again.  A finding about something that is not
 * in the request under an id has no mark.
 */
#include "service/answer_internal.h"

#include <cjson/cJSON.h>
#include <string.h>

static bool is_named(const cJSON *resource, const char *reference)
{
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(resource, "resourceType");
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(resource, "id");
	const char *slash = strchr(reference, '/');
	return cJSON_IsString(type) && cJSON_IsString(id) && slash &&
	       strlen(type->valuestring) == (size_t)(slash - reference) &&
	       memcmp(type->valuestring, reference, (size_t)(slash - reference)) == 0 &&
	       strcmp(id->valuestring, slash + 1) == 0;
}

/* The resource of this name in a Bundle, or in the members of an object. */
static cJSON *find_in(const cJSON *holder, const char *reference)
{
	cJSON *entry;
	cJSON_ArrayForEach(entry, cJSON_GetObjectItemCaseSensitive(holder, "entry"))
	{
		cJSON *resource = cJSON_GetObjectItemCaseSensitive(entry, "resource");
		if (is_named(resource, reference))
			return resource;
	}
	return NULL;
}

static cJSON *find(const cJSON *root, const char *reference)
{
	static const char *const places[] = {"context", "prefetch"};
	for (size_t i = 0; i < VG_COUNT(places); i++) {
		cJSON *member;
		cJSON_ArrayForEach(member, cJSON_GetObjectItemCaseSensitive(root, places[i]))
		{
			cJSON *found = is_named(member, reference) ? member : find_in(member, reference);
			if (found)
				return found;
		}
	}
	return NULL;
}

/* false: the fact is not there under a name, so nobody can tell whether it changed. */
static bool add_fact(vg_digest_state *state, const cJSON *root, const vg_clinical_fact *fact, bool *failed)
{
	if (!fact)
		return true;
	cJSON *resource = *fact->reference ? find(root, fact->reference) : NULL;
	char *text = resource ? cJSON_PrintUnformatted(resource) : NULL;
	*failed = *failed || (resource && !text);
	if (!text)
		return false;
	vg_digest_add_text(state, text);
	cJSON_free(text);
	return true;
}

static void add_texts(vg_digest_state *state, const vg_alert *alert)
{
	const char *const texts[] = {alert->rule, alert->summary, alert->detail, alert->source_label, alert->source_url};
	const unsigned char numbers[] = {alert->kind, alert->severity, alert->status, alert->ask};
	vg_digest_add(state, numbers, sizeof numbers);
	for (size_t i = 0; i < VG_COUNT(texts); i++)
		vg_digest_add_text(state, texts[i] ? texts[i] : "");
	for (size_t i = 0; i < alert->also_count; i++)
		vg_digest_add_text(state, alert->also[i]);
	for (size_t i = 0; i < alert->evidence_count; i++) {
		const vg_shown *shown = &alert->evidence[i];
		const char *const parts[] = {shown->reference, shown->display, shown->date, shown->says};
		for (size_t j = 0; j < VG_COUNT(parts); j++)
			vg_digest_add_text(state, parts[j] ? parts[j] : "");
	}
	for (size_t i = 0; i < alert->not_excluded_count; i++)
		vg_digest_add_text(state, alert->not_excluded[i]);
}

/* NULL: it has none, or memory ran out. */
static const char *mark_of(vg_call *own, const cJSON *root, const vg_answer *answer, const vg_alert *alert)
{
	vg_digest_state state;
	vg_digest digest;
	char text[65];
	vg_digest_begin(&state);
	vg_digest_add_text(&state, answer->record->patient.reference);
	add_texts(&state, alert);
	bool whole = add_fact(&state, root, alert->order, &own->failed) && add_fact(&state, root, alert->subject, &own->failed);
	for (size_t i = 0; i < alert->other_count && whole; i++)
		whole = add_fact(&state, root, alert->others[i], &own->failed);
	if (!whole)
		return NULL;
	vg_digest_end(&state, &digest);
	vg_digest_text(&digest, text);
	const char *mark = vg_copy_text(own->arena, text, strlen(text));
	own->failed = own->failed || !mark;
	return mark;
}

bool vg_call_mark(vg_call *own, const vg_answer *answer)
{
	if (!own->coordinates || !answer->alert_count)
		return true;
	cJSON *root = cJSON_ParseWithLength(own->text, own->length);
	own->marks = vg_alloc_array(own->arena, answer->alert_count, sizeof *own->marks);
	own->failed = own->failed || !root || !own->marks;
	for (size_t i = 0; i < answer->alert_count && !own->failed; i++)
		own->marks[i] = mark_of(own, root, answer, &answer->alerts[i]);
	cJSON_Delete(root);
	return !own->failed;
}
