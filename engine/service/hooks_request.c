/*
 * Reading a hook's call: from bytes to a record that can be judged.
 *
 * Order of things: the compatibility switch; the record; what is another
 * service's hook (400); what the client wishes; fetching, where the site allows
 * it; and 412, before anything is evaluated, when nothing could be decided.
 */
#include "service/answer_internal.h"

#include <cjson/cJSON.h>
#include <string.h>

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsString(item) && *item->valuestring ? item->valuestring : NULL;
}

/* ---- what kind of request ------------------------------------------------------------ */

static bool is_for_service(const vg_call *own, const char *hook)
{
	static const char *const signing[] = {"medication-prescribe", "order-review"};
	if (strcmp(hook, vg_hook_name(own->hook)) == 0)
		return true;
	for (size_t i = 0; own->hook == VG_HOOK_ORDER_SIGN && i < VG_COUNT(signing); i++)
		if (strcmp(hook, signing[i]) == 0)
			return true;
	return false;
}

/* Requests of clients that send {hook, prefetch} only get what they lack, put
 * before what they sent.  Drafts in the prefetch are what is being ordered.
 * NULL: it cannot be made a request. */
static const char *completed(vg_call *own, size_t *ret_length)
{
	cJSON *root = cJSON_ParseWithLength(own->in->body, own->in->length);
	const cJSON *prefetch = cJSON_GetObjectItemCaseSensitive(root, "prefetch");
	const cJSON *drafts = cJSON_GetObjectItemCaseSensitive(prefetch, "draftMedicationRequests");
	const char *patient = text_of(cJSON_GetObjectItemCaseSensitive(prefetch, "patient"), "id"), *text = NULL;
	const char *start = memchr(own->in->body, '{', own->in->length);
	char uuid[37], *printed = drafts ? cJSON_PrintUnformatted(drafts) : NULL;
	vg_buffer made;
	vg_buffer_init(&made, own->arena);
	if (!cJSON_IsObject(root) || !patient || cJSON_HasObjectItem(root, "context") || !vg_fresh_uuid(own, uuid) ||
	    !drafts != !printed)
		goto done;
	vg_add(&made, "{");
	if (!cJSON_HasObjectItem(root, "hookInstance"))
		vg_addf(&made, "\"hookInstance\":\"%s\",", uuid);
	vg_add(&made, "\"context\":{\"patientId\":");
	vg_add_json_text(&made, patient);
	if (printed) {
		vg_add(&made, ",\"draftOrders\":");
		vg_add(&made, printed);
	}
	vg_add(&made, "},");
	vg_add_bytes(&made, start + 1, own->in->length - (size_t)(start + 1 - own->in->body));
	text = made.failed ? NULL : vg_buffer_text(&made);
	*ret_length = made.length;
done:
	if (printed)
		cJSON_free(printed);
	cJSON_Delete(root);
	return text;
}

/* ---- what the client wishes ---------------------------------------------------------- */

/* Da Vinci CRD: options that discovery lists; others, and values of another type, are ignored. */
static void read_configuration(vg_call *own, const cJSON *configuration)
{
	for (int kind = VG_KIND_INTERACTION; kind <= VG_KIND_RULE; kind++)
		if (cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(configuration, vg_rule_kind_name((vg_rule_kind)kind))))
			own->kinds_off |= 1u << kind;
}

static void read_coordination(vg_call *own, const cJSON *coordination)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(coordination, "shown"), *mark;
	if (!cJSON_IsObject(coordination))
		return;
	own->coordinates = true;
	own->shown = vg_alloc_array(own->arena, (size_t)cJSON_GetArraySize(list) + 1, sizeof *own->shown);
	own->failed = own->failed || !own->shown;
	cJSON_ArrayForEach(mark, list)
	{
		const char *text = cJSON_IsString(mark) ? mark->valuestring : "";
		if (own->shown && (own->shown[own->shown_count] = vg_copy_text(own->arena, text, strlen(text))))
			own->shown_count++;
		else
			own->failed = true;
	}
}

/* Members of which the record keeps nothing but that they are there; only then the text is parsed a second time. */
static bool read_wishes(vg_call *own, const vg_record *record)
{
	bool needless = !record->has_authorization || (record->fhir_server && !own->service->client);
	if (!record->has_extension && needless)
		return true; /* nothing of it is needed */
	cJSON *root = cJSON_ParseWithLength(own->in->body, own->in->length);
	const cJSON *extension = cJSON_GetObjectItemCaseSensitive(root, "extension");
	const cJSON *authorization = cJSON_GetObjectItemCaseSensitive(root, "fhirAuthorization");
	bool lacks_server = cJSON_IsObject(authorization) && !record->fhir_server;
	const char *token = text_of(authorization, "access_token"), *type = text_of(authorization, "token_type");
	own->authorized = cJSON_IsObject(authorization);
	if (token && type && vg_same_fold(type, "Bearer")) {
		own->token = vg_copy_text(own->arena, token, strlen(token));
		own->failed = own->failed || !own->token;
	}
	read_configuration(own, cJSON_GetObjectItemCaseSensitive(extension, VG_CONFIGURATION));
	read_coordination(own, cJSON_GetObjectItemCaseSensitive(extension, VG_COORDINATION));
	own->failed = own->failed || !vg_asker_read(extension, own->arena, &own->asker);
	cJSON_Delete(root);
	if (lacks_server)
		vg_http_refuse(own->out, 400, "required", "The request has `fhirAuthorization` without `fhirServer`.");
	else if (own->failed)
		vg_service_refuse(own->out, VIGIL_NO_MEMORY, NULL);
	return !lacks_server && !own->failed;
}

/* Reads the request and refuses what is not for this service. NULL after a refusal. */
static vigil_record *read_request(vg_call *own)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_record *record = NULL;
	own->text = own->in->body;
	own->length = own->in->length;
	if (own->service->config.lenient_requests) {
		size_t made = 0;
		const char *whole = completed(own, &made);
		if (whole) {
			own->text = whole;
			own->length = made;
		}
	}
	vigil_status status = vigil_record_read(own->service->engine, own->text, own->length, &record, &error);
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
	else if (read_wishes(own, read))
		return record;
	vigil_record_close(record);
	return NULL;
}

/* ---- whether anything can be decided ---------------------------------------------------- */

bool vg_call_has_patient(const vg_call *own, const vg_record *record)
{
	if (vg_when_known(record->patient.birth) || *record->patient.sex || record->patient.deceased_known)
		return true;
	/* Nothing is known of the patient: there is no resource, or one that is silent. */
	cJSON *root = cJSON_ParseWithLength(own->text, own->length);
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(root, "prefetch"), *item;
	const cJSON *prefetch = cJSON_IsObject(given) ? given : NULL; /* the elements of a list have no names */
	bool found = false;
	cJSON_ArrayForEach(item, prefetch)
	{
		const char *type = text_of(item, "resourceType");
		bool none = cJSON_IsNull(item) && strcmp(item->string, "patient") == 0; /* known: there is no such data */
		found = found || none || (type && strcmp(type, "Patient") == 0);
	}
	cJSON_Delete(root);
	return found;
}

bool vg_call_orders_nothing(const vg_call *own, const vg_record *record)
{
	if (own->hook != VG_HOOK_ORDER_SELECT && own->hook != VG_HOOK_ORDER_SIGN)
		return false;
	for (uint32_t i = 0; i < record->order_count; i++) {
		const vg_clinical_fact *order = &record->orders[i];
		if (order->code_count || order->ingredient_count || strcmp(order->display, order->type) != 0)
			return false; /* it names something */
	}
	return true;
}

static const char *why_not_fetched(const vg_call *own, const char *key)
{
	for (size_t i = 0; i < own->note_count; i++)
		if (strcmp(own->notes[i].key, key) == 0 && own->notes[i].why)
			return own->notes[i].why;
	return NULL;
}

/* 412 loses alerts: only when there is no patient, or nothing of what the rules need. */
static bool can_decide(vg_call *own, const vg_record *record, const vg_world *world)
{
	unsigned sections = world->hooks[own->hook].sections, there = 0;
	for (int section = 0; section < VG_SECTION_COUNT; section++)
		there |= record->sections[section].state != VG_NOT_SUPPLIED ? 1u << section : 0;
	if (there && vg_call_orders_nothing(own, record))
		return true; /* an order is begun, and its drug is not chosen yet */
	if (!vg_call_has_patient(own, record)) {
		const char *why = why_not_fetched(own, "patient");
		vg_http_refuse(own->out, 412, "required", "The prefetch has no `patient`, and it was not fetched: %s",
			       why ? why : "the service does not ask the FHIR server.");
		return false;
	}
	if (!sections || sections & there || vg_call_orders_nothing(own, record))
		return true;
	vg_buffer text;
	vg_buffer_init(&text, own->arena);
	for (int section = 0; section < VG_SECTION_COUNT; section++) {
		if (!(sections & 1u << section))
			continue;
		const char *why = why_not_fetched(own, vg_section_key((vg_section)section));
		vg_addf(&text, "%s%s (%s)", text.length ? ", " : "", vg_section_key((vg_section)section),
			why ? why : record->sections[section].why);
	}
	const char *list = vg_buffer_text(&text);
	vg_http_refuse(own->out, 412, "required", "Nothing of what the rules need was supplied, and it was not fetched: %s.",
		       list ? list : "");
	return false;
}

bool vg_call_read(vg_call *own)
{
	own->record = read_request(own);
	if (!own->record)
		return false;
	if (!vg_record_world(own->record)->hooks[own->hook].kinds)
		vg_http_refuse(own->out, 404, "not-found", "No rule in use speaks at this hook.");
	else if (own->service->client && !vg_call_fetch(own))
		vg_service_refuse(own->out, VIGIL_NO_MEMORY, NULL);
	else if (can_decide(own, vg_record_behind(own->record), vg_record_world(own->record)))
		return true;
	vigil_record_close(own->record);
	own->record = NULL;
	return false;
}
