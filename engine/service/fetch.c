/*
 * Fetching from the request's FHIR server what its prefetch lacks.
 *
 * Off unless the site says so, and then from listed servers only, with the
 * token that the client gave, within one deadline for the whole request.  All
 * searches go out at once; further pages follow on the same server, within
 * limits.  Whatever fails leaves its section as it was and is said in words: in
 * the answer's extension, in a card, and in a refusal (412).  The token stands
 * in no text of ours.
 *
 * What was fetched goes into the request's text, and the record is read again:
 * there is one way in which data become facts.  A section that cannot be read
 * so (another patient's, no FHIR) is left out by itself.
 */
#include "service/answer_internal.h"

#include <string.h>

enum { MOST = VG_SECTION_COUNT + 1, LONGEST_BASE = 2048 };

typedef struct wanted {
	const char *key; /* as in the prefetch */
	vg_prefetch_part part;
	const char *url; /* to be asked next; NULL: no more */
	const char *why; /* it failed, or was cut short */
	vg_buffer bundle;
	unsigned pages;
	bool better_than_none; /* what the client sent is not given up for a part of it */
} wanted;

typedef struct fetching {
	vg_call *call;
	const vg_service_config *config;
	wanted list[MOST];
	size_t count, left; /* left: bytes that may still come */
	int64_t until;
} fetching;

/* ---- what is lacking -------------------------------------------------------------------- */

/* An id in a URL: everything but unreserved characters is escaped. */
static void add_escaped(vg_buffer *out, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~", c);
		char escaped[] = {'%', digits[c >> 4], digits[c & 15], '\0'};
		if (plain)
			vg_add_byte(out, *text);
		else
			vg_add(out, escaped);
	}
}

/* The template of discovery with the patient's id in it, at this server. NULL: no memory. */
static const char *url_of(const vg_call *call, const char *server, const char *template)
{
	static const char token[] = "{{context.patientId}}";
	const char *place = strstr(template, token);
	const char *id = vg_record_behind(call->record)->patient.reference + strlen("Patient/");
	size_t length = strlen(server);
	vg_buffer url;
	vg_buffer_init(&url, call->arena);
	vg_add_bytes(&url, server, length - (server[length - 1] == '/'));
	vg_add(&url, "/");
	vg_add_bytes(&url, template, (size_t)(place - template));
	add_escaped(&url, id);
	vg_add(&url, place + sizeof token - 1);
	return vg_buffer_text(&url);
}

static void want(fetching *own, const char *key, vg_prefetch_part part, const char *template, const char *server)
{
	wanted *item = &own->list[own->count++];
	*item = (wanted){.key = key, .part = part};
	vg_buffer_init(&item->bundle, own->call->arena);
	item->url = server ? url_of(own->call, server, template) : NULL;
	own->call->failed = own->call->failed || (server && !item->url);
}

static void list_wanted(fetching *own, const char *server)
{
	const vg_record *record = vg_record_behind(own->call->record);
	unsigned sections = vg_record_world(own->call->record)->hooks[own->call->hook].sections;
	if (vg_call_orders_nothing(own->call, record))
		return;
	if (!vg_call_has_patient(own->call, record))
		want(own, "patient", (vg_prefetch_part){.is_patient = true}, vg_prefetch_patient, server);
	for (int section = 0; section < VG_SECTION_COUNT; section++)
		if (sections & 1u << section && record->sections[section].state != VG_COMPLETE) {
			want(own, vg_section_key((vg_section)section), (vg_prefetch_part){.section = (vg_section)section},
			     vg_prefetch_template((vg_section)section), server);
			own->list[own->count - 1].better_than_none = record->sections[section].state != VG_NOT_SUPPLIED;
		}
}

/* ---- asking ------------------------------------------------------------------------------ */

/* What a server sent for one of them. */
static void take(fetching *own, wanted *item, const vg_fetched *fetched)
{
	vg_call *call = own->call;
	vigil_error error = VIGIL_ERROR_INIT;
	const char *next = NULL, *url = item->url;
	vigil_status status = fetched->status;
	item->url = NULL;
	if (status != VIGIL_OK) {
		error = fetched->error;
	} else if (item->part.is_patient) {
		item->part.json = fetched->body;
		item->part.length = fetched->length;
		if (!vg_is_patient(fetched->body, fetched->length, call->arena))
			status = vg_fail(&error, VIGIL_BAD_INPUT, "", "what came is no Patient");
	} else {
		status = vg_searchset_add(&item->bundle, fetched->body, fetched->length, &next, &error);
	}
	call->failed = call->failed || status == VIGIL_NO_MEMORY;
	if (status != VIGIL_OK) {
		item->why = vg_copy_text(call->arena, error.text, strlen(error.text));
		return;
	}
	own->left -= fetched->length;
	item->pages++;
	if (!next)
		return;
	if (item->pages >= own->config->fetch_pages)
		item->why = "there are more pages than may be fetched";
	else if (!(item->url = vg_client_follow(url, next, call->arena)))
		item->why = "its next page is not on the same server";
}

static void ask(fetching *own)
{
	for (;;) {
		vg_fetch fetches[MOST];
		vg_fetched fetched[MOST];
		wanted *asked[MOST];
		size_t count = 0;
		int deadline = (int)((own->until - vg_service_clock()) / 1000);
		for (size_t i = 0; i < own->count; i++) {
			wanted *item = &own->list[i];
			if (!item->url)
				continue;
			if (deadline > 0 && own->left > 0) {
				asked[count++] = item;
				continue;
			}
			item->url = NULL;
			item->why = deadline > 0 ? "there is more than may be fetched" : "the time for fetching was used up";
		}
		if (count == 0)
			return;
		for (size_t i = 0; i < count; i++)
			fetches[i] = (vg_fetch){.url = asked[i]->url,
						.bearer = own->call->token,
						.accept = "application/fhir+json",
						.limit = own->left / count,
						.deadline = deadline};
		vg_client_get(own->call->service->client, fetches, count, own->call->arena, fetched);
		for (size_t i = 0; i < count; i++)
			take(own, asked[i], &fetched[i]);
	}
}

/* ---- using it ------------------------------------------------------------------------------ */

/* The request with these parts, read.  NULL when it cannot be. */
static vigil_record *read_with(vg_call *call, const vg_prefetch_part *parts, size_t count, vg_buffer *text, vigil_error *err)
{
	vigil_record *record = NULL;
	vg_buffer_init(text, call->arena);
	vigil_status status = vg_request_fill(call->text, call->length, parts, count, text, err);
	if (status == VIGIL_OK)
		status = vigil_record_read(call->service->engine, text->text, text->length, &record, err);
	call->failed = call->failed || status == VIGIL_NO_MEMORY;
	return record;
}

/* Leaves out what makes the request unreadable, one by one. */
static size_t usable_parts(fetching *own, vg_prefetch_part *parts, wanted **items, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		vigil_error error = VIGIL_ERROR_INIT;
		vg_buffer text;
		vigil_record *record = read_with(own->call, &parts[i], 1, &text, &error);
		if (record)
			parts[kept++] = parts[i];
		else
			items[i]->why = vg_format(own->call->arena, "what came cannot be used: %s", error.text);
		vigil_record_close(record);
	}
	return kept;
}

static void use(fetching *own)
{
	vg_call *call = own->call;
	vg_prefetch_part parts[MOST];
	wanted *items[MOST];
	size_t count = 0;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_buffer text;
	for (size_t i = 0; i < own->count; i++) {
		wanted *item = &own->list[i];
		if (item->pages == 0 || (item->why && (item->part.is_patient || item->better_than_none)))
			continue;
		if (!item->part.is_patient) {
			vg_searchset_end(&item->bundle, !item->why);
			item->part.json = vg_buffer_text(&item->bundle);
			item->part.length = item->bundle.length;
			call->failed = call->failed || !item->part.json;
		}
		items[count] = item;
		parts[count++] = item->part;
	}
	if (count == 0 || call->failed)
		return;
	vigil_record *record = read_with(call, parts, count, &text, &error);
	if (!record && !call->failed) {
		count = usable_parts(own, parts, items, count);
		record = count && !call->failed ? read_with(call, parts, count, &text, &error) : NULL;
	}
	if (!record)
		return;
	vigil_record_close(call->record);
	call->record = record;
	call->text = text.text;
	call->length = text.length;
}

static void note(fetching *own)
{
	vg_call *call = own->call;
	call->notes = vg_alloc_array(call->arena, own->count, sizeof *call->notes);
	call->failed = call->failed || !call->notes;
	for (size_t i = 0; call->notes && i < own->count; i++) {
		const wanted *item = &own->list[i];
		call->notes[call->note_count++] =
		    (vg_fetch_note){item->key, item->why, item->part.is_patient, item->part.section};
		atomic_fetch_add(&call->service->fetches, 1);
		atomic_fetch_add(&call->service->fetches_failed, item->why != NULL);
	}
}

static const char *why_not_at_all(const vg_call *call, const char *server)
{
	if (strlen(server) > LONGEST_BASE || strchr(server, '?') || !vg_client_allows(call->service->client, server))
		return "the request's FHIR server is not one that this service may ask";
	if (call->authorized && !call->token)
		return "the request's fhirAuthorization has no Bearer token";
	return NULL;
}

bool vg_call_fetch(vg_call *call)
{
	vg_service *service = call->service;
	const char *server = vg_record_behind(call->record)->fhir_server, *why;
	if (!server)
		return true;
	fetching own = {.call = call, .config = &service->config, .left = service->config.fetch_size};
	own.until = vg_service_clock() + (int64_t)service->config.fetch_deadline * 1000;
	why = why_not_at_all(call, server);
	list_wanted(&own, why ? NULL : server);
	if (own.count == 0 || call->failed)
		return !call->failed;
	/* A thread that waits for another server answers nobody: most of them stay free. */
	unsigned others = atomic_fetch_add(&service->fetching, 1);
	if (!why && others >= service->config.fetch_at_once)
		why = "the service is fetching for others";
	if (!why) {
		ask(&own);
		use(&own);
	}
	atomic_fetch_sub(&service->fetching, 1);
	for (size_t i = 0; why && i < own.count; i++)
		own.list[i].why = why;
	note(&own);
	return !call->failed;
}
