/*
 * Where the resources of a text lie: what of the JSON scan knows FHIR and CDS
 * Hooks.  It walks over the nodes that the scan has left, and looks at the
 * members of the request, of Bundles, of their entries and of resources, never
 * at what is inside of these.
 *
 * A nested Bundle is a call inside the call of the one around it; the limit of
 * depth, which the scan has kept, limits that too.
 */
#include "record/json_internal.h"
#include "record/record_internal.h"

/* ---- what is found -------------------------------------------------------- */

static const char *place_of(const vg_json_scanner *scanner, const vg_json_node *node)
{
	return scanner->text + scanner->spans[node - scanner->nodes].start;
}

static bool add_entry(vg_json_scanner *scanner, const vg_json_node *node, uint32_t bundle, uint32_t member, uint32_t *ret)
{
	if (scanner->entry_count > scanner->limits.entries || scanner->entry_count >= VG_JSON_NONE)
		return vg_json_fail_limit(scanner, place_of(scanner, node), "the text has more resources than",
					  scanner->limits.entries);
	vg_json_entry *entries =
	    vg_grow(scanner->arena, scanner->entries, scanner->entry_count, &scanner->entry_capacity, sizeof *entries);
	if (!entries)
		return vg_json_fail_memory(scanner);
	scanner->entries = entries;
	*ret = (uint32_t)scanner->entry_count;
	entries[scanner->entry_count++] = (vg_json_entry){.bundle = bundle, .member = member};
	return true;
}

static bool add_member(vg_json_scanner *scanner, vg_json_group group, vg_json_text key, const vg_json_node *value)
{
	vg_json_member *members =
	    vg_grow(scanner->arena, scanner->members, scanner->member_count, &scanner->member_capacity, sizeof *members);
	if (!members)
		return vg_json_fail_memory(scanner);
	scanner->members = members;
	vg_json_span span = scanner->spans[value - scanner->nodes];
	members[scanner->member_count++] = (vg_json_member){.group = group,
							    .key = key,
							    .kind = value->kind,
							    .offset = span.start,
							    .length = span.end - span.start,
							    .node = (uint32_t)(value - scanner->nodes),
							    .text = vg_json_text_of(value)};
	return true;
}

/* Where the value of an entry, or of a member that may be a resource, lies. */
static void place_entry(vg_json_scanner *scanner, uint32_t place, const vg_json_node *value)
{
	vg_json_entry *entry = &scanner->entries[place];
	vg_json_span span = scanner->spans[value - scanner->nodes];
	entry->kind = value->kind;
	entry->offset = span.start;
	entry->length = span.end - span.start;
	entry->node = (uint32_t)(value - scanner->nodes);
}

/* ---- resources, and the entries of Bundles ----------------------------------- */

static const vg_json_node *only_object(const vg_json_node *node) { return vg_is(node, VG_JSON_OBJECT) ? node : NULL; }

/* The resource `value`, which is the value of `place`, and of a Bundle its entries. */
static bool note_resource(vg_json_scanner *scanner, uint32_t place, const vg_json_node *value);

static bool note_element(vg_json_scanner *scanner, uint32_t bundle, const vg_json_node *element)
{
	uint32_t place;
	scanner->entries[bundle].entry_count++;
	if (!add_entry(scanner, element, bundle, scanner->entries[bundle].member, &place))
		return false;
	if (!vg_is(element, VG_JSON_OBJECT)) {
		place_entry(scanner, place, element);
		return true;
	}
	enum { FULL_URL, REQUEST, SEARCH, MEMBERS };
	static const vg_places names = {VG_AT(fullUrl, FULL_URL), VG_AT(request, REQUEST), VG_AT(search, SEARCH)};
	const vg_json_node *member[MEMBERS], *resource = VG_MEMBER(element, resource);
	VG_PICK(element, names, member);
	vg_json_entry *entry = &scanner->entries[place];
	entry->full_url = vg_json_text_of(member[FULL_URL]);
	entry->method = vg_json_text_of(VG_MEMBER(only_object(member[REQUEST]), method));
	entry->url = vg_json_text_of(VG_MEMBER(only_object(member[REQUEST]), url));
	entry->mode = vg_json_text_of(VG_MEMBER(only_object(member[SEARCH]), mode));
	return !resource || note_resource(scanner, place, resource);
}

static bool note_bundle(vg_json_scanner *scanner, uint32_t place, const vg_json_node *value)
{
	const vg_json_node *links = VG_MEMBER(value, link), *elements = VG_MEMBER(value, entry);
	vg_json_entry *entry = &scanner->entries[place];
	entry->bundle_type = vg_json_text_of(VG_MEMBER(value, type));
	if (vg_is(links, VG_JSON_OBJECT) || vg_is(links, VG_JSON_ARRAY))
		entry->link = (uint32_t)(links - scanner->nodes);
	for (vg_list list = vg_list_of(vg_is(links, VG_JSON_ARRAY) ? links : NULL); list.item; vg_list_next(&list))
		if (vg_json_text_is(vg_json_text_of(VG_MEMBER(only_object(list.item), relation)), "next"))
			entry->has_next = true;
	entry->bad_entries = elements && elements->kind != VG_JSON_ARRAY && elements->kind != VG_JSON_NULL;
	if (!vg_is(elements, VG_JSON_ARRAY))
		return true;
	for (const vg_json_node *element = elements + 1, *end = elements + elements->size; element < end;
	     element += element->size)
		if (!note_element(scanner, place, element)) /* null too: it is said that it holds nothing */
			return false;
	return true;
}

static bool note_resource(vg_json_scanner *scanner, uint32_t place, const vg_json_node *value)
{
	place_entry(scanner, place, value);
	if (!vg_is(value, VG_JSON_OBJECT))
		return true;
	vg_json_entry *entry = &scanner->entries[place];
	entry->type = vg_json_text_of(VG_MEMBER(value, resourceType));
	entry->id = vg_json_text_of(VG_MEMBER(value, id));
	return !vg_json_text_is(entry->type, "Bundle") || note_bundle(scanner, place, value);
}

/* ---- requests ----------------------------------------------------------------- */

/* A member of an object: its name, and its value.  The first one's place is `object` + 1. */
typedef struct named {
	vg_json_text name;
	const vg_json_node *value;
} named;

static named named_at(const vg_json_node *node)
{
	if (node->kind == VG_JSON_NAME)
		return (named){{node->text, strlen(node->text)}, node + 1};
	const vg_json_known_key *known = &vg_json_known_keys[node->key];
	return (named){{known->text, known->length}, node};
}

/* The members of `context` or `prefetch`; each object may be a resource. */
static bool note_members(vg_json_scanner *scanner, vg_json_group group, const vg_json_node *object)
{
	for (const vg_json_node *node = object + 1, *end = object + object->size; node < end;) {
		named member = named_at(node);
		uint32_t place, number = (uint32_t)scanner->member_count;
		node = member.value + member.value->size;
		if (!add_member(scanner, group, member.name, member.value))
			return false;
		if (vg_is(member.value, VG_JSON_OBJECT) && (!add_entry(scanner, member.value, VG_JSON_NONE, number, &place) ||
							    !note_resource(scanner, place, member.value)))
			return false;
	}
	return true;
}

static bool note_request(vg_json_scanner *scanner, const vg_json_node *root)
{
	for (const vg_json_node *node = root + 1, *end = root + root->size; node < end;) {
		named member = named_at(node);
		node = member.value + member.value->size;
		if (!add_member(scanner, VG_JSON_TOP, member.name, member.value))
			return false;
		bool context = member.value->key == VG_KEY_context, prefetch = member.value->key == VG_KEY_prefetch;
		if (vg_is(member.value, VG_JSON_OBJECT) && (context || prefetch) &&
		    !note_members(scanner, context ? VG_JSON_CONTEXT : VG_JSON_PREFETCH, member.value))
			return false;
	}
	return true;
}

/* ---- the whole -------------------------------------------------------------------- */

/* Few resources are shorter; where they are, or there are more, the list grows. */
enum { BYTES_OF_AN_ENTRY = 400, MOST_EXPECTED = 4096 };

bool vg_json_note(vg_json_scanner *scanner, vg_json_scan_result *ret)
{
	const vg_json_node *root = scanner->nodes;
	uint32_t place;
	size_t expected = (size_t)(scanner->end - scanner->text) / BYTES_OF_AN_ENTRY + 2;
	scanner->entry_capacity = expected < MOST_EXPECTED ? expected : MOST_EXPECTED;
	scanner->entries = vg_alloc_unset(scanner->arena, scanner->entry_capacity * sizeof *scanner->entries);
	if (!scanner->entries)
		return vg_json_fail_memory(scanner);
	if (!add_entry(scanner, root, VG_JSON_NONE, VG_JSON_NONE, &place))
		return false;
	vg_json_shape shape = VG_JSON_OTHER;
	if (vg_is(VG_MEMBER(only_object(root), resourceType), VG_JSON_TEXT))
		shape = VG_JSON_RESOURCE;
	else if (vg_is(root, VG_JSON_OBJECT) &&
		 (VG_MEMBER(root, hook) || VG_MEMBER(root, context) || VG_MEMBER(root, prefetch)))
		shape = VG_JSON_HOOK_REQUEST;
	if (shape == VG_JSON_HOOK_REQUEST)
		place_entry(scanner, place, root);
	if (shape == VG_JSON_HOOK_REQUEST ? !note_request(scanner, root) : !note_resource(scanner, place, root))
		return false;
	*ret = (vg_json_scan_result){.shape = shape,
				     .entries = scanner->entries,
				     .entry_count = scanner->entry_count,
				     .members = scanner->members,
				     .member_count = scanner->member_count,
				     .nodes = root,
				     .spans = scanner->spans,
				     .copy = scanner->copy};
	return true;
}

const vg_json_member *vg_json_member_find(const vg_json_scan_result *scan, vg_json_group group, const char *key)
{
	for (size_t i = 0; i < scan->member_count; i++)
		if (scan->members[i].group == group && vg_json_text_is(scan->members[i].key, key))
			return &scan->members[i];
	return NULL;
}
