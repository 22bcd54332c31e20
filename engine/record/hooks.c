/*
 * CDS Hooks requests: liberal in.
 *
 * What the hook library's own examples write is understood, misspelt and
 * wrapped members too; refused is what cannot be understood: no hook, no
 * hookInstance, no context, no patient, no orders where the hook is about
 * orders.
 *
 * Sections.  A prefetch key of a known name tells of its section: absent or an
 * OperationOutcome, not supplied; null or an empty Bundle, complete and empty;
 * a page with a `next` link, complete since the day after its oldest entry
 * (of that day more may follow) when it stands newest first; a query limited
 * by date, complete since then.  Resources under other keys are read, but they
 * make no section complete: nobody knows what was asked for.
 */
#include "record/record_internal.h"

enum { LONGEST_ID = 128 }; /* a FHIR id has 64; URNs and the like are longer */

static const char why_failed[] = "the query failed (OperationOutcome)";

/* ---- the request itself ------------------------------------------------------------- */

static const char *text_member(vg_reading *reading, vg_json_group group, const char *key)
{
	const vg_json_member *member = vg_json_member_find(&reading->scan, group, key);
	if (!member || member->kind != VG_JSON_TEXT)
		return NULL;
	return vg_keep_bytes(&reading->in, member->text.bytes, member->text.length);
}

static const char *required(vg_reading *reading, vg_json_group group, const char *key, const char *place)
{
	const char *text = text_member(reading, group, key);
	if (text && *text)
		return text;
	vg_refuse(&reading->in, "CDS Hooks requires it, as a text.", "The request's %s is missing, or is not a text.", place);
	return NULL;
}

static void take_patient(vg_reading *reading)
{
	vg_intake *in = &reading->in;
	const char *given = required(reading, VG_JSON_CONTEXT, "patientId", "context.patientId");
	if (!given)
		return;
	vg_view key = vg_reference_key(given);
	if (key.length > 8 && memcmp(key.text, "Patient/", 8) == 0)
		key = (vg_view){key.text + 8, key.length - 8};
	if (key.length > LONGEST_ID) {
		vg_refuse(in, "FHIR's ids have at most 64 characters.",
			  "The request's context.patientId is too long to be an id.");
		return;
	}
	const char *reference = vg_format(&in->record->arena, "Patient/%.*s", (int)key.length, key.text);
	if (!reference)
		return;
	in->record->patient.reference = reference;
	in->patient_id = reference + 8;
}

static void take_encounter(vg_reading *reading)
{
	vg_intake *in = &reading->in;
	const char *given = text_member(reading, VG_JSON_CONTEXT, "encounterId");
	if (!given || !*given)
		return;
	vg_view key = vg_reference_key(given);
	bool whole = memchr(key.text, '/', key.length) || vg_starts_with(given, "urn:");
	in->record->encounter =
	    whole ? vg_keep_bytes(in, key.text, key.length) : vg_format(&in->record->arena, "Encounter/%s", given);
}

/* ---- orders ------------------------------------------------------------------------------ */

/* Members of a context that hold orders being made. */
static bool holds_orders(vg_json_text key)
{
	static const char *const keys[] = {"draftOrders", "orders", "medications", "medication", "order"};
	for (size_t i = 0; i < VG_COUNT(keys); i++)
		if (vg_json_text_is(key, keys[i]))
			return true;
	return false;
}

static const struct about_orders {
	const char *hook, *member;
} about_orders[] = {
    {"order-select", "draftOrders"},        {"order-sign", "draftOrders"},           {"order-review", "orders"},
    {"order-dispatch", "dispatchedOrders"}, {"medication-prescribe", "medications"}, {"medication-refill", "medications"},
    {"medication-verify", "medication"}};

static bool names_any(const vg_json_node *list)
{
	bool any = false;
	for (vg_list each = vg_list_of(list); each.item; vg_list_next(&each))
		any = any || vg_is_something(each.item);
	return any;
}

static void require_orders(vg_reading *reading)
{
	const struct about_orders *found = NULL;
	for (size_t i = 0; i < VG_COUNT(about_orders); i++)
		if (strcmp(about_orders[i].hook, reading->in.record->hook) == 0)
			found = &about_orders[i];
	if (!found)
		return;
	for (size_t i = 0; i < reading->scan.member_count; i++) {
		const vg_json_member *member = &reading->scan.members[i];
		if (member->group != VG_JSON_CONTEXT)
			continue;
		bool dispatch = vg_json_text_is(member->key, "dispatchedOrders") &&
				(member->kind == VG_JSON_ARRAY || member->kind == VG_JSON_TEXT) &&
				names_any(&reading->scan.nodes[member->node]);
		bool reference = vg_json_text_is(member->key, "order") && member->kind == VG_JSON_TEXT;
		if (dispatch || reference || (holds_orders(member->key) && member->kind == VG_JSON_OBJECT))
			return;
	}
	vg_refuse(&reading->in, "Send the orders that the hook is about.",
		  "The request's context.%s is missing, or is not what the hook needs.", found->member);
}

/* {"resource": {…}} where the resource itself belongs: the entry becomes the inner one. */
static void unwrap(vg_reading *reading, vg_entry *entry)
{
	vg_intake *in = &reading->in;
	const vg_json_node *inner = VG_MEMBER(entry->node, resource);
	const char *type = vg_text_of(VG_MEMBER(inner, resourceType));
	const vg_type_row *row = vg_type_find(type, strlen(type));
	vg_json_entry *span = row ? vg_alloc(&in->scratch, sizeof *span) : NULL;
	if (!span)
		return;
	*span = *entry->span;
	span->type = (vg_json_text){row->type, strlen(row->type)};
	const char *id = vg_text_of(VG_MEMBER(inner, id));
	const char *key = *id ? vg_format(&in->record->arena, "%s/%s", type, id) : "";
	entry->span = span;
	entry->row = row;
	entry->matter = VG_MATTER_FACT;
	entry->key = key ? key : "";
	entry->node = inner;
	entry->role = VG_ROLE_CHART;
}

/* Which resources of the context are orders; those of `appointments` and the like are nothing to us. */
static void assign_roles(vg_reading *reading)
{
	for (size_t i = 1; i < reading->scan.entry_count; i++) {
		vg_entry *entry = &reading->entries[i];
		uint32_t place = entry->span->member;
		const vg_json_member *member = place == VG_JSON_NONE ? NULL : &reading->scan.members[place];
		if (!member || member->group != VG_JSON_CONTEXT)
			continue;
		if (entry->role == VG_ROLE_NONE && entry->span->bundle == VG_JSON_NONE && !entry->span->type.bytes)
			unwrap(reading, entry);
		if (entry->role == VG_ROLE_NONE && entry->span->bundle == VG_JSON_NONE && holds_orders(member->key) &&
		    !vg_json_text_is(entry->span->type, "Bundle"))
			vg_unusable(&reading->in, VG_ORDERS, "", "The orders of the request", "they are no FHIR resource");
		if (entry->role != VG_ROLE_NONE && !*entry->key)
			vg_entry_name(&reading->in, entry); /* selections may name what no fact comes from */
		if (entry->role != VG_ROLE_NONE && entry->row && entry->row->can_be_ordered && holds_orders(member->key))
			entry->role = VG_ROLE_ORDER;
	}
}

/* Each order is judged beside all others, and told with them: what is asked grows with the square of their number. */
static void limit_orders(vg_reading *reading)
{
	size_t count = 0, limit = reading->in.limits->orders;
	for (size_t i = 0; i < reading->scan.entry_count; i++)
		count += reading->entries[i].role == VG_ROLE_ORDER;
	if (count > limit)
		vg_refuse(&reading->in, "Send them in parts.", "The request has more than %zu orders being made.", limit);
}

/* Reference keys of a list in the request: key → NAMED, later MET. */
enum { NAMED = 1, MET = 2 };

static void name_all(vg_reading *reading, const vg_json_node *list, vg_map *keys)
{
	vg_map_init(keys, &reading->in.scratch);
	for (vg_list each = vg_list_of(list); each.item; vg_list_next(&each)) {
		vg_view key = vg_reference_key(vg_reference_text(each.item));
		uint32_t *place = key.length ? vg_map_at(keys, key.text, key.length, true) : NULL;
		if (place)
			*place = NAMED;
	}
}

static bool meets(vg_map *keys, const vg_entry *entry)
{
	const char *names[] = {entry->key, entry->alias};
	bool met = false;
	for (size_t i = 0; i < VG_COUNT(names); i++) {
		uint32_t *place = *names[i] ? vg_map_at(keys, names[i], strlen(names[i]), false) : NULL;
		if (place) {
			*place = MET;
			met = true;
		}
	}
	return met;
}

static void say_unmet(vg_reading *reading, const vg_json_node *list, vg_map *keys, const char *why)
{
	for (vg_list each = vg_list_of(list); each.item; vg_list_next(&each)) {
		vg_view key = vg_reference_key(vg_reference_text(each.item));
		uint32_t *place = key.length ? vg_map_at(keys, key.text, key.length, false) : NULL;
		if (!key.length && vg_is_something(each.item))
			vg_unusable(&reading->in, VG_ORDERS, "", "An order of the request", "its reference cannot be read");
		if (!place || *place != NAMED)
			continue;
		*place = MET; /* said once */
		const char *reference = vg_keep_bytes(&reading->in, key.text, key.length);
		vg_unusable(&reading->in, VG_ORDERS, reference, reference, why);
	}
}

/* Selected orders are judged, the other drafts are context.  Selections that
 * meet no draft at all select nothing, and all drafts are judged. */
static void apply_selections(vg_reading *reading, const vg_json_node *selections)
{
	vg_intake *in = &reading->in;
	vg_map keys;
	name_all(reading, selections, &keys);
	vg_bits *selected = vg_alloc_array(&in->scratch, VG_BITS_WORDS(reading->scan.entry_count), sizeof *selected);
	if (!selected)
		return;
	bool any = false;
	for (size_t i = 0; i < reading->scan.entry_count; i++) {
		const vg_entry *entry = &reading->entries[i];
		if (meets(&keys, entry) && entry->role == VG_ROLE_ORDER) {
			vg_bit_set(selected, i);
			any = true;
		}
	}
	say_unmet(reading, selections, &keys, "selected, but not among the draft orders");
	in->record->has_selections = any;
	for (size_t i = 0; any && i < reading->scan.entry_count; i++)
		if (reading->entries[i].role == VG_ROLE_ORDER && !vg_bit_test(selected, i))
			reading->entries[i].role = VG_ROLE_OTHER_DRAFT;
}

/* order-dispatch names orders that exist already: those that the prefetch brought are judged. */
static void apply_dispatch(vg_reading *reading, const vg_json_node *orders)
{
	vg_map keys;
	name_all(reading, orders, &keys);
	for (size_t i = 0; i < reading->scan.entry_count; i++) {
		vg_entry *entry = &reading->entries[i];
		if (entry->role != VG_ROLE_NONE && entry->row && entry->row->can_be_ordered && meets(&keys, entry))
			entry->role = VG_ROLE_ORDER;
	}
	say_unmet(reading, orders, &keys, "the order that is dispatched was not supplied");
}

static void apply_references(vg_reading *reading, const char *key, void (*apply)(vg_reading *, const vg_json_node *))
{
	const vg_json_member *member = vg_json_member_find(&reading->scan, VG_JSON_CONTEXT, key);
	if (!member || (member->kind != VG_JSON_ARRAY && member->kind != VG_JSON_TEXT))
		return;
	apply(reading, &reading->scan.nodes[member->node]);
}

void vg_hooks_begin(vg_reading *reading)
{
	vg_intake *in = &reading->in;
	vg_record *record = in->record;
	for (int section = 0; section < VG_SECTION_COUNT; section++)
		record->sections[section] = (vg_completeness){VG_NOT_SUPPLIED, VG_NO_DAY, "not supplied"};
	record->hook = required(reading, VG_JSON_TOP, "hook", "hook");
	record->hook_instance = required(reading, VG_JSON_TOP, "hookInstance", "hookInstance");
	const vg_json_member *context = vg_json_member_find(&reading->scan, VG_JSON_TOP, "context");
	if (!context || context->kind != VG_JSON_OBJECT)
		vg_refuse(in, "CDS Hooks requires it, as an object.", "The request's context is missing, or is not an object.");
	take_patient(reading);
	if (vg_intake_status(in) != VIGIL_OK)
		return;
	record->fhir_server = text_member(reading, VG_JSON_TOP, "fhirServer");
	take_encounter(reading);
	record->user = text_member(reading, VG_JSON_CONTEXT, "userId");
	record->has_extension = vg_json_member_find(&reading->scan, VG_JSON_TOP, "extension");
	record->has_authorization = vg_json_member_find(&reading->scan, VG_JSON_TOP, "fhirAuthorization");
	require_orders(reading);
	assign_roles(reading);
	limit_orders(reading);
	apply_references(reading, "selections", apply_selections);
	if (strcmp(record->hook, "order-dispatch") == 0) {
		apply_references(reading, "dispatchedOrders", apply_dispatch);
		apply_references(reading, "order", apply_dispatch);
	}
}

/* ---- sections -------------------------------------------------------------------------------- */

/* The fixed keys, and what other services call the same; letters only, lower case. */
bool vg_hooks_section_of_key(vg_json_text key, vg_section *ret)
{
	static const struct {
		const char *key;
		vg_section section;
	} keys[] = {{"medications", VG_MEDICATIONS},
		    {"meds", VG_MEDICATIONS},
		    {"medicationrequests", VG_MEDICATIONS},
		    {"medicationrequest", VG_MEDICATIONS},
		    {"medicationstatements", VG_MEDICATIONS},
		    {"allergies", VG_ALLERGIES},
		    {"allergyintolerances", VG_ALLERGIES},
		    {"allergyintolerance", VG_ALLERGIES},
		    {"conditions", VG_CONDITIONS},
		    {"condition", VG_CONDITIONS},
		    {"problems", VG_CONDITIONS},
		    {"observations", VG_RESULTS},
		    {"observation", VG_RESULTS},
		    {"results", VG_RESULTS},
		    {"procedures", VG_PROCEDURES},
		    {"procedure", VG_PROCEDURES},
		    {"immunizations", VG_IMMUNIZATIONS},
		    {"immunisations", VG_IMMUNIZATIONS},
		    {"immunization", VG_IMMUNIZATIONS},
		    {"encounters", VG_ENCOUNTERS},
		    {"encounter", VG_ENCOUNTERS},
		    {"orders", VG_ORDERS},
		    {"servicerequests", VG_ORDERS},
		    {"servicerequest", VG_ORDERS}};
	char letters[32];
	size_t count = 0;
	for (size_t i = 0; i < key.length && count + 1 < sizeof letters; i++) {
		char c = key.bytes[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c >= 'a' && c <= 'z')
			letters[count++] = c;
	}
	letters[count] = 0;
	for (size_t i = 0; i < VG_COUNT(keys); i++) {
		if (keys[i].key[0] == letters[0] && strcmp(keys[i].key, letters) == 0) {
			*ret = keys[i].section;
			return true;
		}
	}
	return false;
}

/* Search parameters that limit by date. */
static bool is_date_parameter(const char *name, size_t length)
{
	static const char *const names[] = {"date",       "onset-date", "recorded-date", "abatement-date", "last-date",
					    "authoredon", "authored",   "effective",     "period",         "_lastUpdated"};
	for (size_t i = 0; i < VG_COUNT(names); i++)
		if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return true;
	return false;
}

/* "ge2024-01-01…": the first day that the query asked for; VG_NO_DAY: it is no such limit. */
static vg_day first_day(const char *value, size_t length)
{
	size_t digits = 2;
	while (digits < length && digits < 12 && ((value[digits] >= '0' && value[digits] <= '9') || value[digits] == '-'))
		digits++;
	vg_when when;
	if (digits == 2 || value[0] != 'g' || (value[1] != 'e' && value[1] != 't') ||
	    !vg_date_parse(value + 2, digits - 2, &when))
		return VG_NO_DAY;
	return value[1] == 'e' ? when.first : when.last + 1;
}

/* Date limits of the query that a Bundle answers, from its `self` link: since
 * when it reaches; *ret_limited when it has a limit that no single day says. */
static vg_day query_since(const char *url, bool *ret_limited)
{
	vg_day since = VG_NO_DAY;
	const char *query = strchr(url, '?');
	while (query) {
		const char *name = query + 1;
		size_t name_length = strcspn(name, "=&"), length = strcspn(name, "&");
		if (name_length < length && is_date_parameter(name, name_length)) {
			vg_day day = first_day(name + name_length + 1, length - name_length - 1);
			if (day == VG_NO_DAY)
				*ret_limited = true;
			else if (day > since)
				since = day;
		}
		query = name[length] ? name + length : NULL;
	}
	return since;
}

static vg_completeness not_supplied(const char *why) { return (vg_completeness){VG_NOT_SUPPLIED, VG_NO_DAY, why}; }

static vg_completeness since(vg_intake *in, vg_day day, const char *why)
{
	char text[16];
	const char *said = vg_format(&in->record->arena, "%s: complete since %s", why, vg_day_text(day, text));
	return (vg_completeness){VG_SUPPLIED_SINCE, day, said ? said : ""};
}

static vg_completeness judge_bundle(vg_reading *reading, uint32_t bundle)
{
	const vg_page *page = &reading->pages[bundle];
	if (page->failed)
		return not_supplied(why_failed);
	vg_day from = VG_NO_DAY;
	bool limited = false;
	const vg_json_entry *span = &reading->scan.entries[bundle];
	if (span->bad_entries)
		return not_supplied("its entries are no list");
	const vg_json_node *links = span->link ? &reading->scan.nodes[span->link] : NULL;
	for (vg_list list = vg_list_of(links); list.item; vg_list_next(&list))
		if (strcmp(vg_text_of(VG_MEMBER(list.item, relation)), "self") == 0)
			from = query_since(vg_text_of(VG_MEMBER(list.item, url)), &limited);
	if (limited)
		return not_supplied("the query was limited by date");
	if (span->has_next) {
		if (page->unsorted || page->oldest == VG_NO_DAY)
			return not_supplied("first page only");
		vg_day reached = page->oldest + 1;
		return since(&reading->in, reached > from ? reached : from, "first page only");
	}
	if (from != VG_NO_DAY)
		return since(&reading->in, from, "the query was limited by date");
	return (vg_completeness){VG_COMPLETE, VG_NO_DAY, ""};
}

static bool less_complete(vg_completeness a, vg_completeness b)
{
	if (a.state != b.state)
		return a.state < b.state;
	return a.state == VG_SUPPLIED_SINCE && a.since > b.since;
}

/* What each prefetch key tells of its section: the least of what its Bundles
 * tell.  NULL when memory ran out; `why` is NULL where a key holds nothing. */
static vg_completeness *judge_keys(vg_reading *reading)
{
	vg_completeness *keys = vg_alloc_array(&reading->in.scratch, reading->scan.member_count, sizeof *keys);
	for (uint32_t i = 1; keys && i < reading->scan.entry_count; i++) {
		const vg_json_entry *span = &reading->scan.entries[i];
		bool bundle = vg_json_text_is(span->type, "Bundle");
		if (span->member == VG_JSON_NONE || (span->bundle != VG_JSON_NONE && !bundle) ||
		    reading->scan.members[span->member].group != VG_JSON_PREFETCH)
			continue;
		bool failed = vg_json_text_is(span->type, "OperationOutcome");
		vg_completeness found =
		    bundle ? judge_bundle(reading, i) : not_supplied(failed ? why_failed : "a single resource, no list");
		if (!keys[span->member].why || less_complete(found, keys[span->member]))
			keys[span->member] = found;
	}
	return keys;
}

/* Facts that came under keys of unknown meaning: their sections are known in part. */
static void note_partial(vg_reading *reading)
{
	for (size_t i = 1; i < reading->scan.entry_count; i++) {
		const vg_entry *entry = &reading->entries[i];
		uint32_t place = entry->span->member;
		if (entry->role != VG_ROLE_CHART || !entry->row || place == VG_JSON_NONE ||
		    reading->scan.members[place].group != VG_JSON_PREFETCH)
			continue;
		vg_completeness *section = &reading->in.record->sections[vg_section_of(entry->row->kind)];
		if (section->state == VG_NOT_SUPPLIED && strcmp(section->why, "not supplied") == 0)
			section->why = "known in part only, from prefetch keys of other names";
	}
}

void vg_hooks_end(vg_reading *reading)
{
	bool judged[VG_SECTION_COUNT] = {false};
	const vg_completeness *keys = judge_keys(reading);
	if (!keys)
		return;
	for (uint32_t i = 0; i < reading->scan.member_count; i++) {
		const vg_json_member *member = &reading->scan.members[i];
		vg_section section;
		if (member->group != VG_JSON_PREFETCH || !vg_hooks_section_of_key(member->key, &section))
			continue;
		vg_completeness found = keys[i].why ? keys[i] : not_supplied("its prefetch holds no FHIR");
		if (member->kind == VG_JSON_NULL)
			found = (vg_completeness){VG_COMPLETE, VG_NO_DAY, ""};
		vg_completeness *known = &reading->in.record->sections[section];
		if (!judged[section] || less_complete(found, *known))
			*known = found;
		judged[section] = true;
	}
	note_partial(reading);
}
