/*
 * From FHIR to packed resources, without knowledge: nothing is decided here
 * but whose a resource is and what no reader looks at.
 *
 * A text is scanned strictly, as every input is; each resource that facts come
 * from becomes a template and its holes.
 * What is wrong with a text or an entry is an item of its own: an import goes
 * on, and says it.
 *
 * Called by the import, a line or a file at a time.
 */
#include "record/packed_internal.h"

#include <stdio.h>

enum { LONGEST_ID = 40 };

struct vg_packer {
	vg_arena lasting;             /* the packer itself */
	vg_arena arena;               /* of one call */
	vg_arena rooms;               /* of what follows, made anew for each resource */
	vg_members members;           /* of the resource that is being packed */
	const vg_json_node *resource; /* that one */
	vg_map number_of;             /* template → number */
	vg_packed *templates;
	size_t count, capacity;
	/* of one call */
	const char *text;
	uint32_t source;
	bool sparse;
	vg_json_scan_result scan;
	vg_map person_of;  /* key or alias of a Patient in the text → its place + 1 in `persons` */
	vg_map product_of; /* alias of a Medication in the text → its entry + 1 */
	const char **persons;
	size_t person_count, person_capacity;
	vg_packed_item *items;
	size_t item_count, item_capacity;
	vg_buffer template_text, holes, packed;
};

vigil_status vg_packer_open(const vg_allocator *allocator, vg_packer **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_packer *packer = vg_alloc(&arena, sizeof *packer);
	if (!packer) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	packer->lasting = arena;
	vg_arena_init(&packer->arena, allocator, 0);
	vg_arena_init(&packer->rooms, allocator, 0);
	packer->members.arena = &packer->rooms;
	*ret = packer;
	return VIGIL_OK;
}

void vg_packer_close(vg_packer *packer)
{
	if (!packer)
		return;
	vg_arena_free(&packer->rooms);
	vg_arena_free(&packer->arena);
	vg_arena lasting = packer->lasting; /* the packer lies in it */
	vg_arena_free(&lasting);
}

/* ---- items ----------------------------------------------------------------------- */

static vg_packed_item *new_item(vg_packer *packer, vg_packed_kind kind)
{
	vg_packed_item *items =
	    vg_grow(&packer->arena, packer->items, packer->item_count, &packer->item_capacity, sizeof *items);
	if (!items)
		return NULL;
	packer->items = items;
	vg_packed_item *item = &items[packer->item_count++];
	*item = (vg_packed_item){.kind = kind,
				 .key = "",
				 .patient = "",
				 .product = "",
				 .section = -1,
				 .birth = VG_NO_DAY,
				 .sex = "",
				 .updated = VG_NO_INSTANT,
				 .why = ""};
	return item;
}

static void add_bad(vg_packer *packer, const char *why, int line)
{
	vg_packed_item *item = new_item(packer, VG_PACKED_BAD);
	if (!item)
		return;
	item->why = why;
	item->line = line;
}

/* ---- names -------------------------------------------------------------------------- */

typedef struct name { /* under which names a resource is known */
	const char *key, *alias;
	bool has_id;
} name;

static name name_of(vg_packer *packer, const vg_json_entry *entry)
{
	vg_view url =
	    vg_reference_key_of((vg_view){entry->full_url.bytes ? entry->full_url.bytes : "", entry->full_url.length});
	const char *full_url = url.length ? vg_copy_text(&packer->arena, url.text, url.length) : "";
	if (!full_url)
		full_url = "";
	if (!entry->id.bytes || !entry->id.length)
		return (name){full_url, "", false};
	vg_view type = {entry->type.bytes ? entry->type.bytes : "", entry->type.length},
		id = {entry->id.bytes, entry->id.length};
	const char *key = vg_packed_key(&packer->arena, "", type, id);
	return (name){key ? key : "", key && strcmp(key, full_url) == 0 ? "" : full_url, true};
}

const char *vg_person_name(const char *key)
{
	static const char *const before[] = {"Patient/", "urn:uuid:", "urn:oid:"};
	for (size_t i = 0; i < VG_COUNT(before); i++)
		if (vg_starts_with(key, before[i]))
			return key + strlen(before[i]);
	return key;
}

static void note_person(vg_packer *packer, const vg_json_entry *entry)
{
	name known = name_of(packer, entry);
	const char **persons =
	    vg_grow(&packer->arena, packer->persons, packer->person_count, &packer->person_capacity, sizeof *persons);
	if (!persons)
		return;
	packer->persons = persons;
	persons[packer->person_count++] = vg_person_name(known.key);
	const char *names[] = {known.key, known.alias};
	for (size_t i = 0; i < VG_COUNT(names); i++) {
		uint32_t *place = *names[i] ? vg_map_at(&packer->person_of, names[i], strlen(names[i]), true) : NULL;
		if (place)
			*place = (uint32_t)packer->person_count;
	}
}

/* Where there is one Patient, what names nobody is his. */
static const char *only_person(const vg_packer *packer)
{
	bool same = packer->person_count > 0;
	for (size_t i = 1; i < packer->person_count; i++)
		same = same && strcmp(packer->persons[i], packer->persons[0]) == 0;
	return same ? packer->persons[0] : "";
}

/* Whose a resource is, by its `subject` or `patient`.  *ret_own: it is a patient's. */
static const char *person_of(vg_packer *packer, bool *ret_own)
{
	const vg_json_node *subject = VG_MEMBER(packer->resource, subject);
	if (!subject)
		subject = VG_MEMBER(packer->resource, patient);
	vg_view view = vg_reference_key(vg_reference_text(subject));
	*ret_own = true;
	if (view.length == 0)
		return only_person(packer);
	uint32_t *place = vg_map_at(&packer->person_of, view.text, view.length, false);
	if (place && *place)
		return packer->persons[*place - 1];
	const char *key = vg_copy_text(&packer->arena, view.text, view.length);
	bool urn = vg_starts_with(view.text, "urn:");
	*ret_own = urn || !memchr(view.text, '/', view.length) || vg_starts_with(view.text, "Patient/");
	if (!*ret_own) /* a group, a device: kept with the patient that the text is about, and listed */
		return only_person(packer);
	return key ? vg_person_name(key) : "";
}

/* The Medication that a fact refers to, as its key. */
static const char *product_of(vg_packer *packer)
{
	const vg_json_node *holder = VG_MEMBER(packer->resource, medicationReference);
	if (!holder)
		holder = VG_MEMBER(packer->resource, medication);
	const vg_json_node *nested = VG_MEMBER(holder, reference);
	if (vg_is(nested, VG_JSON_OBJECT))
		holder = nested;
	vg_view key = vg_reference_key(vg_reference_text(holder));
	if (key.length == 0 || vg_starts_with(key.text, "#"))
		return "";
	uint32_t *place = vg_map_at(&packer->product_of, key.text, key.length, false);
	if (place && *place)
		return name_of(packer, &packer->scan.entries[*place - 1]).key;
	const char *product = vg_starts_with(key.text, "urn:uuid:")
				  ? vg_format(&packer->arena, "Medication/%.*s", (int)key.length - 9, key.text + 9)
				  : vg_copy_text(&packer->arena, key.text, key.length);
	return product ? product : "";
}

/* ---- one resource ---------------------------------------------------------------------- */

static int64_t moment_of(const char *text)
{
	vg_when when;
	if (!*text || !vg_date_parse(text, strlen(text), &when))
		return VG_NO_INSTANT;
	return when.instant != VG_NO_INSTANT ? when.instant : (int64_t)when.first * 86400;
}

/* What stands before the holes: see packed_internal.h. */
/* "urn:uuid:ID": a name that every resource has. */
static bool is_usual(const char *alias, const char *id)
{
	return vg_starts_with(alias, "urn:uuid:") && strlen(id) <= LONGEST_ID && strcmp(alias + 9, id) == 0;
}

static void put_head(vg_packer *packer, const name *known, uint64_t contents)
{
	const vg_json_node *meta = VG_MEMBER(packer->resource, meta);
	vg_buffer *out = &packer->packed;
	const char *id = known->has_id ? strchr(known->key, '/') + 1 : known->key;
	int64_t updated = moment_of(vg_text_of(VG_MEMBER(meta, lastUpdated)));
	double version;
	if (!vg_number_of(VG_MEMBER(meta, versionId), &version) || !(version >= 0 && version < 9e15))
		version = NAN;
	bool alias = *known->alias && !is_usual(known->alias, id);
	unsigned flags = (packer->source != 1 ? VG_PACKED_SOURCE : 0) | (known->has_id ? 0 : VG_PACKED_WHOLE_KEY) |
			 (*known->key ? 0 : VG_PACKED_NAMELESS) | (alias ? VG_PACKED_ALIAS : 0) |
			 (updated != VG_NO_INSTANT ? VG_PACKED_UPDATED : 0) | (isnan(version) ? 0 : VG_PACKED_VERSION);
	char byte = (char)flags;
	vg_add_byte(out, byte);
	if (flags & VG_PACKED_SOURCE)
		vg_put_number(out, packer->source);
	if (flags & VG_PACKED_NAMELESS)
		vg_add_bytes(out, (const char *)&contents, sizeof contents);
	else
		vg_put_text_hole(out, vg_view_of(id));
	if (alias)
		vg_put_text_hole(out, vg_view_of(known->alias));
	if (flags & VG_PACKED_UPDATED)
		vg_put_signed(out, updated);
	if (flags & VG_PACKED_VERSION)
		vg_put_number(out, (uint64_t)version);
}

/* What was written, in the call's arena. */
static vg_packed copy_of(vg_packer *packer, const vg_buffer *written)
{
	char *copy = written->failed ? NULL : vg_copy_text(&packer->arena, written->text, written->length);
	packer->arena.failed = packer->arena.failed || !copy;
	return (vg_packed){copy, copy ? written->length : 0};
}

static void clear(vg_buffer *buffer) { buffer->length = 0; }

static void pack_members(vg_packer *packer, vg_view type, const name *known, vg_packed_item *item)
{
	clear(&packer->template_text);
	clear(&packer->holes);
	clear(&packer->packed);
	vg_template_writer writer = {.text = &packer->template_text, .holes = &packer->holes, .sparse = packer->sparse};
	vg_template_write(&writer, type, &packer->members);
	const char *text = vg_buffer_text(&packer->template_text), *holes = vg_buffer_text(&packer->holes);
	if (!text || !holes) {
		packer->arena.failed = true;
		return;
	}
	uint64_t contents =
	    *known->key ? 0 : vg_hash(text, packer->template_text.length) ^ vg_hash(holes, packer->holes.length);
	put_head(packer, known, contents);
	vg_add_bytes(&packer->packed, holes, packer->holes.length);
	item->template = copy_of(packer, &packer->template_text);
	item->packed = copy_of(packer, &packer->packed);
}

/* A Patient's own: what he is found, counted and joined by. */
static void read_person(vg_packer *packer, vg_packed_item *item)
{
	vg_when birth;
	const char *text = vg_text_of(VG_MEMBER(packer->resource, birthDate));
	if (*text && vg_date_parse(text, strlen(text), &birth) && birth.first == birth.last)
		item->birth = birth.first;
	static const char *const sexes[] = {"male", "female", "other", "unknown"};
	const char *sex = vg_text_of(VG_MEMBER(packer->resource, gender));
	for (size_t i = 0; i < VG_COUNT(sexes); i++)
		if (strcmp(sex, sexes[i]) == 0)
			item->sex = sexes[i];
	const vg_json_node *list = VG_MEMBER(packer->resource, identifier);
	size_t count = 0;
	for (vg_list each = vg_list_of(list); each.item; vg_list_next(&each))
		count++;
	vg_identifier *identifiers = vg_alloc_array(&packer->arena, count, sizeof *identifiers);
	for (vg_list each = vg_list_of(list); identifiers && each.item; vg_list_next(&each)) {
		vg_identifier read = {vg_text_of(VG_MEMBER(each.item, system)), vg_text_of(VG_MEMBER(each.item, value))};
		if (*read.system && *read.value && item->identifier_count < count)
			identifiers[item->identifier_count++] = read;
	}
	item->identifiers = identifiers;
}

static void pack_resource(vg_packer *packer, const vg_json_entry *entry)
{
	const vg_type_row *row = vg_type_find(entry->type.bytes, entry->type.length);
	bool person = vg_json_text_is(entry->type, "Patient"), product = vg_json_text_is(entry->type, "Medication");
	if (!row && !person && !product) {
		new_item(packer, VG_PACKED_NOTHING);
		return;
	}
	packer->resource = &packer->scan.nodes[entry->node];
	if (!vg_members_find(&packer->members, packer->text + entry->offset, entry->length, &packer->arena))
		return;
	vg_packed_item *item = new_item(packer, VG_PACKED_FACT);
	if (!item)
		return;
	name known = name_of(packer, entry);
	bool own = true;
	item->key = known.key;
	if (person) {
		item->kind = VG_PACKED_PATIENT;
		item->patient = vg_person_name(known.key);
		read_person(packer, item);
	} else if (product) {
		item->patient = only_person(packer);
		item->kind = *item->patient ? VG_PACKED_FACT : VG_PACKED_PRODUCT;
	} else {
		item->patient = person_of(packer, &own);
		item->product = row->kind == VG_FACT_MEDICATION ? product_of(packer) : "";
		item->section = row->kind == VG_FACT_FAMILY_HISTORY ? -1 : (int)vg_section_of(row->kind);
	}
	vg_member *about[] = {vg_members_named(&packer->members, "subject"), vg_members_named(&packer->members, "patient")};
	for (size_t i = 0; own && i < VG_COUNT(about); i++)
		if (about[i])
			about[i]->left_out = true;
	pack_members(packer, (vg_view){entry->type.bytes, entry->type.length}, &known, item);
}

/* ---- deletions --------------------------------------------------------------------------- */

static void pack_deletion(vg_packer *packer, const vg_json_entry *entry)
{
	name known = name_of(packer, entry);
	if (!*known.key) {
		vg_view view = vg_reference_key_of((vg_view){entry->url.bytes ? entry->url.bytes : "", entry->url.length});
		known.key = vg_copy_text(&packer->arena, view.text, view.length);
	}
	if (!known.key || !*known.key)
		return add_bad(packer, "An entry that deletes does not say what.", vg_json_line(packer->text, entry->offset));
	vg_packed_item *item = new_item(packer, VG_PACKED_DELETION);
	if (!item)
		return;
	item->key = known.key;
	item->patient = vg_starts_with(known.key, "Patient/") ? vg_person_name(known.key) : only_person(packer);
	const vg_json_node *bundle = &packer->scan.nodes[packer->scan.entries[entry->bundle].node];
	item->updated = moment_of(vg_text_of(VG_MEMBER(bundle, timestamp)));
}

vigil_status vg_pack_deletion(vg_packer *packer, const char *key, uint32_t source, int64_t updated, vg_packed *ret_template,
			      vg_packed *ret, vigil_error *err)
{
	static const char template[] = "{\"resourceType\":\"\"}";
	vg_buffer *out = &packer->packed;
	if (!out->arena)
		vg_buffer_init(out, &packer->arena);
	clear(out);
	char flags = (char)(VG_PACKED_WHOLE_KEY | VG_PACKED_DELETED | (source != 1 ? VG_PACKED_SOURCE : 0) |
			    (updated != VG_NO_INSTANT ? VG_PACKED_UPDATED : 0));
	vg_add_byte(out, flags);
	if (source != 1)
		vg_put_number(out, source);
	vg_put_text_hole(out, vg_view_of(key));
	if (updated != VG_NO_INSTANT)
		vg_put_signed(out, updated);
	*ret_template = (vg_packed){template, sizeof template - 1};
	*ret = copy_of(packer, out);
	return packer->arena.failed ? vg_fail_memory(err) : VIGIL_OK;
}

/* ---- a text ------------------------------------------------------------------------------- */

static void note_names(vg_packer *packer)
{
	for (size_t i = 0; i < packer->scan.entry_count; i++) {
		const vg_json_entry *entry = &packer->scan.entries[i];
		if (entry->kind != VG_JSON_OBJECT)
			continue;
		if (vg_json_text_is(entry->type, "Patient"))
			note_person(packer, entry);
		if (!vg_json_text_is(entry->type, "Medication"))
			continue;
		name known = name_of(packer, entry);
		const char *names[] = {known.key, known.alias};
		for (size_t k = 0; k < VG_COUNT(names); k++) {
			uint32_t *place = *names[k] ? vg_map_at(&packer->product_of, names[k], strlen(names[k]), true) : NULL;
			if (place)
				*place = (uint32_t)i + 1;
		}
	}
}

static void pack_entry(vg_packer *packer, const vg_json_entry *entry)
{
	bool in_bundle = entry->bundle != VG_JSON_NONE;
	if (vg_json_text_is(entry->type, "Bundle"))
		return;
	if (in_bundle && vg_json_text_is(entry->method, "DELETE"))
		return pack_deletion(packer, entry);
	if (entry->kind != VG_JSON_OBJECT || !entry->type.bytes || (in_bundle && !vg_is_type_name(entry->type)))
		return add_bad(packer, "An entry of a Bundle holds no FHIR resource.",
			       vg_json_line(packer->text, entry->offset));
	pack_resource(packer, entry);
}

/* An OperationOutcome among the entries tells that the query failed, or only warns. */
static bool tells_failure(vg_packer *packer, const vg_json_entry *entry)
{
	const vg_json_node *outcome = &packer->scan.nodes[entry->node];
	for (vg_list list = vg_list_of(VG_MEMBER(outcome, issue)); list.item; vg_list_next(&list)) {
		const char *severity = vg_text_of(VG_MEMBER(list.item, severity));
		if (strcmp(severity, "error") == 0 || strcmp(severity, "fatal") == 0)
			return true;
	}
	return false;
}

/* A Bundle is complete, unless it says itself that it is a page of several or that a query failed. */
static uint16_t judge_sections(vg_packer *packer)
{
	unsigned state = VG_SECTION_COMPLETE;
	bool bundle = vg_json_text_is(packer->scan.entries[0].type, "Bundle");
	for (size_t i = 0; bundle && i < packer->scan.entry_count && state != VG_SECTION_FAILED; i++) {
		const vg_json_entry *entry = &packer->scan.entries[i];
		if (entry->has_next)
			state = VG_SECTION_PAGE;
		if (vg_json_text_is(entry->type, "OperationOutcome") && tells_failure(packer, entry))
			state = VG_SECTION_FAILED;
	}
	if (!bundle)
		state = VG_SECTION_ABSENT;
	unsigned all = 0;
	for (int section = 0; section < VG_SECTION_COUNT; section++)
		all |= state << (2 * section);
	return (uint16_t)all;
}

static void pack_text(vg_packer *packer)
{
	const vg_json_scan_result *scan = &packer->scan;
	if (scan->shape == VG_JSON_HOOK_REQUEST)
		return add_bad(packer, "It is a CDS Hooks request, not a FHIR resource or Bundle.", 0);
	if (scan->shape == VG_JSON_OTHER)
		return add_bad(packer, "It is JSON, but no FHIR resource: the object has no resourceType.", 0);
	bool bundle = vg_json_text_is(scan->entries[0].type, "Bundle");
	bool newest_first = bundle && vg_json_text_is(scan->entries[0].bundle_type, "history");
	note_names(packer);
	for (size_t i = 0; i < scan->entry_count; i++)
		if (scan->entries[i].bad_entries)
			add_bad(packer, "The entries of a Bundle are no list.",
				vg_json_line(packer->text, scan->entries[i].offset));
	for (size_t i = bundle; i < scan->entry_count && !packer->arena.failed; i++)
		pack_entry(packer, &scan->entries[newest_first ? scan->entry_count - i : i]);
}

vigil_status vg_pack_text(vg_packer *packer, const char *text, size_t length, uint32_t source, bool sparse,
			  const vg_packed_item **ret, size_t *ret_count, uint16_t *ret_sections, vigil_error *err)
{
	vg_arena_reset(&packer->arena);
	packer->text = text;
	packer->source = source;
	packer->sparse = sparse;
	packer->items = NULL;
	packer->persons = NULL;
	packer->item_count = packer->item_capacity = packer->person_count = packer->person_capacity = 0;
	vg_map_init(&packer->person_of, &packer->arena);
	vg_map_init(&packer->product_of, &packer->arena);
	vg_buffer_init(&packer->template_text, &packer->arena);
	vg_buffer_init(&packer->holes, &packer->arena);
	vg_buffer_init(&packer->packed, &packer->arena);
	vg_limits limits = vg_default_limits;
	limits.bytes = SIZE_MAX; /* a file of many patients: the caller has a limit of his own */
	limits.nodes = limits.entries = SIZE_MAX;
	vigil_error wrong = VIGIL_ERROR_INIT;
	vigil_status status = vg_json_scan(&packer->arena, &packer->arena, text, length, &limits, &packer->scan, &wrong);
	*ret_sections = 0;
	if (status == VIGIL_OK) {
		pack_text(packer);
		*ret_sections = judge_sections(packer);
	} else if (status == VIGIL_BAD_INPUT) {
		const char *why = vg_copy_text(&packer->arena, wrong.text, strlen(wrong.text));
		add_bad(packer, why ? why : "", wrong.line);
	}
	if (packer->arena.failed || packer->rooms.failed || status == VIGIL_NO_MEMORY) {
		packer->rooms.failed = false;
		return vg_fail_memory(err);
	}
	*ret = packer->items;
	*ret_count = packer->item_count;
	return VIGIL_OK;
}
