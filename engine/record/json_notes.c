/*
 * Where the resources of a text lie: the half of the JSON scan that knows FHIR
 * and CDS Hooks.  json_scan.c calls it for the few values that have a role.
 *
 * JSON's keys come in any order, so nothing is known before it is over: what
 * looks like a Bundle's `entry` or a request's `context` is noted, and dropped
 * when the object that holds it turns out to be something else.
 *
 * Invariant: an entry stands before all entries below it, so what is below the
 * entry that ends is exactly what follows it in the list.
 */
#include "record/json_internal.h"

/* ---- roles of keys ----------------------------------------------------- */

const uint8_t vg_json_roles_within[ROLE_COUNT][VG_KEY_COUNT] = {
    [ROLE_RESOURCE] = {[VG_KEY_resourceType] = ROLE_TYPE,
		       [VG_KEY_id] = ROLE_ID,
		       [VG_KEY_subject] = ROLE_SUBJECT,
		       [VG_KEY_patient] = ROLE_SUBJECT,
		       [VG_KEY_type] = ROLE_BUNDLE_TYPE,
		       [VG_KEY_entry] = ROLE_ENTRIES,
		       [VG_KEY_link] = ROLE_LINKS,
		       [VG_KEY_code] = ROLE_CODE,
		       [VG_KEY_vaccineCode] = ROLE_CODE,
		       [VG_KEY_component] = ROLE_PARTS,
		       [VG_KEY_contained] = ROLE_PARTS,
		       [VG_KEY_bodySite] = ROLE_PARTS},
    [ROLE_ENTRY] = {[VG_KEY_resource] = ROLE_RESOURCE,
		    [VG_KEY_fullUrl] = ROLE_FULL_URL,
		    [VG_KEY_request] = ROLE_REQUEST,
		    [VG_KEY_search] = ROLE_SEARCH},
    [ROLE_ROOT] = {[VG_KEY_context] = ROLE_CONTEXT, [VG_KEY_prefetch] = ROLE_PREFETCH},
    [ROLE_REQUEST] = {[VG_KEY_method] = ROLE_METHOD},
    [ROLE_SEARCH] = {[VG_KEY_mode] = ROLE_MODE},
    [ROLE_LINK] = {[VG_KEY_relation] = ROLE_RELATION},
    [ROLE_SUBJECT] = {[VG_KEY_reference] = ROLE_REFERENCE},
};

/* ---- growing ----------------------------------------------------------- */

static bool add_entry(vg_json_scanner *scanner, const char *at, uint32_t bundle, uint32_t member, uint32_t *ret)
{
	if (scanner->entry_count > scanner->limits.entries || scanner->entry_count >= VG_JSON_NONE)
		return vg_json_fail_limit(scanner, at, "the text has more resources than", scanner->limits.entries);
	vg_json_entry *entries =
	    vg_grow(scanner->arena, scanner->entries, scanner->entry_count, &scanner->entry_capacity, sizeof *entries);
	if (!entries)
		return vg_json_fail_memory(scanner);
	scanner->entries = entries;
	*ret = (uint32_t)scanner->entry_count;
	entries[scanner->entry_count++] = (vg_json_entry){.bundle = bundle, .member = member};
	return true;
}

static bool add_member(vg_json_scanner *scanner, vg_json_group group, vg_json_text key)
{
	vg_json_member *members =
	    vg_grow(scanner->arena, scanner->members, scanner->member_count, &scanner->member_capacity, sizeof *members);
	if (!members)
		return vg_json_fail_memory(scanner);
	scanner->members = members;
	scanner->pending = (uint32_t)scanner->member_count;
	members[scanner->member_count++] = (vg_json_member){.group = group, .key = key};
	return true;
}

/* ---- while walking ----------------------------------------------------- */

/* Few resources are shorter; where they are, or there are more, the list grows. */
enum { BYTES_OF_AN_ENTRY = 400, MOST_EXPECTED = 4096 };

bool vg_json_note_start(vg_json_scanner *scanner)
{
	uint32_t root;
	scanner->pending = VG_JSON_NONE;
	size_t expected = (size_t)(scanner->end - scanner->text) / BYTES_OF_AN_ENTRY + 2;
	scanner->entry_capacity = expected < MOST_EXPECTED ? expected : MOST_EXPECTED;
	scanner->entries = vg_alloc_array(scanner->arena, scanner->entry_capacity, sizeof *scanner->entries);
	if (!scanner->entries)
		return vg_json_fail_memory(scanner);
	return add_entry(scanner, scanner->text, VG_JSON_NONE, VG_JSON_NONE, &root);
}

bool vg_json_note_key(vg_json_scanner *scanner, vg_json_key_id id, vg_json_role *ret)
{
	const vg_json_known_key *known = &vg_json_known_keys[id];
	vg_json_text key = {known->text, known->length};
	if (id == VG_KEY_UNKNOWN)
		key = (vg_json_text){scanner->other.bytes, scanner->other.length};
	vg_json_role within = scanner->frames[scanner->depth - 1].role;
	if (within != ROLE_ROOT) {
		*ret = ROLE_MEMBER;
		return add_member(scanner, within == ROLE_CONTEXT ? VG_JSON_CONTEXT : VG_JSON_PREFETCH, key);
	}
	*ret = vg_json_roles_within[ROLE_RESOURCE][id];
	if (scanner->entries[0].type.bytes)
		return true; /* a resource, not a request */
	if (*ret == ROLE_NONE)
		*ret = vg_json_roles_within[ROLE_ROOT][id];
	if (*ret == ROLE_NONE)
		*ret = ROLE_MEMBER;
	return add_member(scanner, VG_JSON_TOP, key);
}

static uint32_t take_pending(vg_json_scanner *scanner, vg_json_kind kind, const char *at)
{
	uint32_t member = scanner->pending;
	scanner->pending = VG_JSON_NONE;
	if (member != VG_JSON_NONE) {
		scanner->members[member].kind = kind;
		scanner->members[member].offset = (size_t)(at - scanner->text);
		scanner->members[member].node = vg_json_last_node(scanner);
	}
	return member;
}

static void place_entry(vg_json_scanner *scanner, uint32_t entry, vg_json_kind kind, const char *at)
{
	scanner->entries[entry].kind = kind;
	scanner->entries[entry].offset = (size_t)(at - scanner->text);
	scanner->entries[entry].node = vg_json_last_node(scanner);
}

/* The entry of the frame around the innermost one; the root has none around it. */
static uint32_t outer_entry(const vg_json_scanner *scanner, size_t depth)
{
	return depth ? scanner->frames[depth - 1].entry : 0;
}

/* A new element of the list `entry` of the Bundle `bundle`. */
static bool add_element(vg_json_scanner *scanner, const char *at, uint32_t bundle, uint32_t *ret)
{
	scanner->entries[bundle].entry_count++;
	return add_entry(scanner, at, bundle, scanner->entries[bundle].member, ret);
}

bool vg_json_note_open(vg_json_scanner *scanner, vg_json_role role, const char *at)
{
	vg_json_frame *frame = &scanner->frames[scanner->depth - 1];
	vg_json_kind kind = frame->is_object ? VG_JSON_OBJECT : VG_JSON_ARRAY;
	frame->entry = outer_entry(scanner, scanner->depth - 1);
	frame->member = take_pending(scanner, kind, at);
	frame->role = ROLE_NONE;
	switch (role) {
	case ROLE_ROOT:
	case ROLE_RESOURCE:
		place_entry(scanner, frame->entry, kind, at);
		frame->role = frame->is_object ? (uint8_t)role : ROLE_MISPLACED;
		break;
	case ROLE_ENTRY:
		if (!add_element(scanner, at, frame->entry, &frame->entry))
			return false;
		if (!frame->is_object)
			place_entry(scanner, frame->entry, kind, at);
		frame->role = frame->is_object ? ROLE_ENTRY : ROLE_MISPLACED;
		break;
	case ROLE_MEMBER:
		frame->role = ROLE_MEMBER;
		if (!frame->is_object || scanner->members[frame->member].group == VG_JSON_TOP)
			break;
		if (!add_entry(scanner, at, VG_JSON_NONE, frame->member, &frame->entry))
			return false;
		place_entry(scanner, frame->entry, kind, at);
		frame->role = ROLE_RESOURCE;
		break;
	case ROLE_ENTRIES:
		if (!frame->is_object)
			frame->role = (uint8_t)role;
		break;
	case ROLE_LINKS:
		scanner->entries[frame->entry].link = (size_t)(at - scanner->text);
		scanner->entries[frame->entry].link_node = vg_json_last_node(scanner);
		frame->role = (uint8_t)role;
		break;
	case ROLE_CODE:
		scanner->entries[frame->entry].code = (size_t)(at - scanner->text);
		scanner->entries[frame->entry].code_node = vg_json_last_node(scanner);
		frame->role = (uint8_t)role;
		break;
	case ROLE_PARTS:
		scanner->entries[frame->entry].has_parts = true;
		break;
	case ROLE_CONTEXT:
	case ROLE_PREFETCH:
	case ROLE_REQUEST:
	case ROLE_SEARCH:
	case ROLE_LINK:
	case ROLE_SUBJECT:
		if (frame->is_object)
			frame->role = (uint8_t)role;
		break;
	default: /* an object where a text is wanted */
		break;
	}
	if (frame->role == ROLE_NONE && frame->member != VG_JSON_NONE)
		frame->role = ROLE_MEMBER;
	return true;
}

/* What only a Bundle has; other resources have keys of the same names. */
static void forget_bundle(vg_json_entry *entry)
{
	entry->bundle_type = (vg_json_text){NULL, 0};
	entry->has_next = false;
	entry->link = entry->link_length = 0;
	entry->entry_count = 0;
}

void vg_json_note_close(vg_json_scanner *scanner, const char *end)
{
	const vg_json_frame *frame = &scanner->frames[scanner->depth - 1];
	size_t offset = (size_t)(end - scanner->text);
	if (frame->member != VG_JSON_NONE)
		scanner->members[frame->member].length = offset - scanner->members[frame->member].offset;
	vg_json_entry *entry = &scanner->entries[frame->entry];
	if (frame->role == ROLE_CODE)
		entry->code_length = offset - entry->code;
	if (frame->role == ROLE_LINKS)
		entry->link_length = offset - entry->link;
	if (frame->role == ROLE_RESOURCE || frame->role == ROLE_ROOT || frame->role == ROLE_MISPLACED)
		entry->length = offset - entry->offset;
	if (frame->role == ROLE_RESOURCE && !vg_json_text_is(entry->type, "Bundle")) {
		scanner->entry_count = frame->entry + (size_t)1;
		forget_bundle(entry);
	}
}

/* Where an entry keeps the text of each role. */
static const size_t text_place[ROLE_COUNT] = {
    [ROLE_TYPE] = offsetof(vg_json_entry, type),
    [ROLE_ID] = offsetof(vg_json_entry, id),
    [ROLE_REFERENCE] = offsetof(vg_json_entry, patient),
    [ROLE_FULL_URL] = offsetof(vg_json_entry, full_url),
    [ROLE_METHOD] = offsetof(vg_json_entry, method),
    [ROLE_MODE] = offsetof(vg_json_entry, mode),
    [ROLE_BUNDLE_TYPE] = offsetof(vg_json_entry, bundle_type),
};

static void keep_text(vg_json_scanner *scanner, uint32_t entry, vg_json_role role, vg_json_text text)
{
	*(vg_json_text *)(void *)((char *)&scanner->entries[entry] + text_place[role]) = text;
}

static __attribute__((noinline)) bool note_any_scalar(vg_json_scanner *scanner, vg_json_role role, vg_json_kind kind,
						      const char *at, const char *end, bool escaped)
{
	uint32_t entry = outer_entry(scanner, scanner->depth);
	vg_json_text text = {NULL, 0};
	if (kind == VG_JSON_TEXT)
		text = (vg_json_text){at + 1, (size_t)(end - at) - 2};
	if (escaped) {
		text = vg_json_unescape(scanner->arena, text.bytes, text.length);
		if (!text.bytes)
			return vg_json_fail_memory(scanner);
	}
	uint32_t member = take_pending(scanner, kind, at);
	if (member != VG_JSON_NONE) {
		scanner->members[member].length = (size_t)(end - at);
		scanner->members[member].text = text;
	}
	if (text_place[role]) {
		keep_text(scanner, entry, role, text);
	} else if (role == ROLE_RELATION) {
		if (vg_json_text_is(text, "next"))
			scanner->entries[entry].has_next = true;
	} else if (role == ROLE_ROOT || role == ROLE_RESOURCE || role == ROLE_ENTRY) {
		if (role == ROLE_ENTRY && !add_element(scanner, at, entry, &entry))
			return false;
		place_entry(scanner, entry, kind, at);
		scanner->entries[entry].length = (size_t)(end - at);
	}
	return true;
}

bool vg_json_note_scalar(vg_json_scanner *scanner, vg_json_role role, vg_json_kind kind, const char *at, const char *end,
			 bool escaped)
{
	if (!text_place[role] || kind != VG_JSON_TEXT || escaped || scanner->pending != VG_JSON_NONE)
		return note_any_scalar(scanner, role, kind, at, end, escaped);
	keep_text(scanner, outer_entry(scanner, scanner->depth), role, (vg_json_text){at + 1, (size_t)(end - at) - 2});
	return true; /* as nearly always */
}

/* ---- at the end -------------------------------------------------------- */

/* Keeps, besides the root, the entries below members, or the others. */
static bool keep_entries(vg_json_scanner *scanner, bool below_members)
{
	uint32_t *new_index = vg_alloc_array(scanner->arena, scanner->entry_count, sizeof *new_index);
	if (!new_index)
		return vg_json_fail_memory(scanner);
	size_t kept = 1;
	for (size_t i = 1; i < scanner->entry_count; i++) {
		vg_json_entry *entry = &scanner->entries[i];
		if ((entry->member != VG_JSON_NONE) != below_members)
			continue;
		new_index[i] = (uint32_t)kept;
		if (entry->bundle != VG_JSON_NONE)
			entry->bundle = new_index[entry->bundle];
		if (kept < i)
			scanner->entries[kept] = *entry;
		kept++;
	}
	scanner->entry_count = kept;
	return true;
}

static bool is_request(const vg_json_scanner *scanner)
{
	for (size_t i = 0; i < scanner->member_count; i++) {
		const vg_json_member *member = &scanner->members[i];
		if (member->group == VG_JSON_TOP &&
		    (vg_json_text_is(member->key, "hook") || vg_json_text_is(member->key, "context") ||
		     vg_json_text_is(member->key, "prefetch")))
			return true;
	}
	return false;
}

bool vg_json_note_end(vg_json_scanner *scanner, vg_json_scan_result *ret)
{
	vg_json_entry *root = &scanner->entries[0];
	vg_json_shape shape = root->type.bytes ? VG_JSON_RESOURCE : is_request(scanner) ? VG_JSON_HOOK_REQUEST : VG_JSON_OTHER;
	bool is_bundle = vg_json_text_is(root->type, "Bundle");
	if (!is_bundle)
		forget_bundle(root);
	if (shape != VG_JSON_HOOK_REQUEST) {
		if (is_bundle && scanner->member_count && !keep_entries(scanner, false))
			return false;
		scanner->member_count = 0;
		if (!is_bundle)
			scanner->entry_count = 1;
	} else {
		*root = (vg_json_entry){.bundle = VG_JSON_NONE,
					.member = VG_JSON_NONE,
					.kind = root->kind,
					.offset = root->offset,
					.length = root->length};
		if (!keep_entries(scanner, true))
			return false;
	}
	*ret = (vg_json_scan_result){.shape = shape,
				     .entries = scanner->entries,
				     .entry_count = scanner->entry_count,
				     .members = scanner->members,
				     .member_count = scanner->member_count,
				     .nodes = scanner->nodes};
	return true;
}

const vg_json_member *vg_json_member_find(const vg_json_scan_result *scan, vg_json_group group, const char *key)
{
	for (size_t i = 0; i < scan->member_count; i++)
		if (scan->members[i].group == group && vg_json_text_is(scan->members[i].key, key))
			return &scan->members[i];
	return NULL;
}
