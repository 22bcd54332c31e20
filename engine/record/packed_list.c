/*
 * A patient's packed resources, while deliveries are joined.
 *
 * A resource is known by its source and its key, one without a key by its
 * contents.  Of two the one with the later meta.lastUpdated stays, then the one
 * with the higher versionId; where neither tells, the later delivered.  A
 * deletion is a resource like others and stays as a mark, so that an older
 * delivery that comes again does not bring back what was deleted.
 *
 * Written records are sorted - the Patient, Medications, the rest by key - so
 * that the same resources give the same bytes whatever their order was.
 */
#include "record/packed_internal.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct member {
	const char *key;  /* with its source in front; what has none, a hash of its contents */
	const char *bare; /* without it */
	uint32_t template, source;
	uint8_t rank; /* 0 Patient, 1 Medication, 2 others */
	bool deleted;
	int64_t updated;
	double version;
	vg_packed whole;
} member;

struct vg_packed_list {
	vg_arena lasting, arena; /* the list itself, its contents */
	vg_map place_of;
	member *members;
	size_t count, capacity;
	uint16_t sections;
	bool any_sections;
};

vigil_status vg_packed_list_open(const vg_allocator *allocator, vg_packed_list **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_packed_list *list = vg_alloc(&arena, sizeof *list);
	if (!list) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	list->lasting = arena;
	vg_arena_init(&list->arena, allocator, 0);
	vg_packed_list_clear(list);
	*ret = list;
	return VIGIL_OK;
}

void vg_packed_list_close(vg_packed_list *list)
{
	if (!list)
		return;
	vg_arena_free(&list->arena);
	vg_arena lasting = list->lasting;
	vg_arena_free(&lasting);
}

void vg_packed_list_clear(vg_packed_list *list)
{
	vg_arena_reset(&list->arena);
	vg_map_init(&list->place_of, &list->arena);
	list->members = NULL;
	list->count = list->capacity = 0;
	list->any_sections = false;
}

/* The type that a template begins with; "" of a deletion's. */
static vg_view type_of(const vg_template_list *templates, uint32_t template)
{
	static const char before[] = "{\"resourceType\":\"";
	if (template == 0 || template > vg_template_list_count(templates))
		return (vg_view){"", 0};
	vg_packed text = vg_template_list_text(templates, template);
	const char *start = (const char *)text.bytes + sizeof before - 1;
	const char *end = text.length >= sizeof before ? memchr(start, '"', text.length - (sizeof before - 1)) : NULL;
	return end ? (vg_view){start, (size_t)(end - start)} : (vg_view){"", 0};
}

static uint8_t rank_of(vg_view type) { return vg_view_is(type, "Patient") ? 0 : vg_view_is(type, "Medication") ? 1 : 2; }

/* "1 " */
static const char *before_keys(uint32_t source, char room[16])
{
	char *at = room + 15;
	*at = '\0';
	*--at = ' ';
	do
		*--at = (char)('0' + source % 10);
	while (source /= 10);
	return at;
}

/* "1 Observation/17"; of what has no key the hash of its contents. */
static const char *key_of(vg_packed_list *list, vg_view type, const vg_packed_resource *resource, const char **ret_bare)
{
	const char *key;
	if (resource->flags & VG_PACKED_NAMELESS) {
		uint64_t hash = vg_hash(resource->whole.bytes, resource->whole.length);
		key = vg_format(&list->arena, "%u #%016llx", resource->source, (unsigned long long)hash);
	} else if (resource->flags & VG_PACKED_WHOLE_KEY) {
		key = vg_format(&list->arena, "%u %s", resource->source, resource->id.text);
	} else {
		char room[16];
		key = vg_packed_key(&list->arena, before_keys(resource->source, room), type, vg_view_of(resource->id.text));
	}
	*ret_bare = key ? strchr(key, ' ') + 1 : "";
	return key;
}

/* Whether what was delivered later is the newer word. */
static bool is_newer(const member *later, const member *earlier)
{
	if (later->updated != VG_NO_INSTANT && earlier->updated != VG_NO_INSTANT && later->updated != earlier->updated)
		return later->updated > earlier->updated;
	return !(later->version < earlier->version);
}

static vigil_status damaged(vigil_error *err)
{
	return vg_fail(err, VIGIL_BAD_INPUT, "Restore a copy of the store, or import the population again.",
		       "A patient's record is damaged.");
}

static vigil_status add(vg_packed_list *list, const vg_template_list *templates, vg_packed whole, uint32_t template,
			vg_bytes bytes, vigil_error *err)
{
	vg_packed_resource resource = {.whole = whole};
	if (template == 0 || template > vg_template_list_count(templates) || !vg_packed_read(template, bytes, &resource))
		return damaged(err);
	vg_view type = type_of(templates, template);
	const char *bare;
	member made = {.key = key_of(list, type, &resource, &bare),
		       .template = template,
		       .source = resource.source,
		       .rank = rank_of(type),
		       .deleted = resource.flags & VG_PACKED_DELETED,
		       .updated = resource.updated,
		       .version = resource.version,
		       .whole = whole};
	made.bare = bare;
	uint32_t *place = made.key ? vg_map_at(&list->place_of, made.key, strlen(made.key), true) : NULL;
	if (!place)
		return vg_fail_memory(err);
	if (*place) {
		member *before = &list->members[*place - 1];
		if (is_newer(&made, before))
			*before = made;
		return VIGIL_OK;
	}
	member *members = vg_grow(&list->arena, list->members, list->count, &list->capacity, sizeof *members);
	if (!members)
		return vg_fail_memory(err);
	list->members = members;
	members[list->count] = made;
	*place = (uint32_t)++list->count;
	return VIGIL_OK;
}

vigil_status vg_packed_list_add(vg_packed_list *list, const vg_template_list *templates, vg_packed resource, vigil_error *err)
{
	vg_bytes all = {resource.bytes, (const unsigned char *)resource.bytes + resource.length, false}, bytes;
	uint32_t template;
	if (!vg_packed_next(&all, &template, &bytes))
		return damaged(err);
	return add(list, templates, resource, template, bytes, err);
}

vigil_status vg_packed_list_record(vg_packed_list *list, const vg_template_list *templates, vg_packed record, vigil_error *err)
{
	vg_packed_head head;
	vg_bytes all, bytes;
	uint32_t template;
	if (!vg_packed_begin(record, &head, &all))
		return damaged(err);
	vg_packed_list_sections(list, head.sections);
	const unsigned char *start = all.at;
	while (vg_packed_next(&all, &template, &bytes)) {
		vigil_status status = add(list, templates, (vg_packed){start, (size_t)(all.at - start)}, template, bytes, err);
		if (status != VIGIL_OK)
			return status;
		start = all.at;
	}
	return all.failed ? damaged(err) : VIGIL_OK;
}

void vg_packed_list_sections(vg_packed_list *list, uint16_t sections)
{
	if (!list->any_sections) {
		list->sections = sections;
		list->any_sections = true;
		return;
	}
	unsigned joined = 0;
	for (int section = 0; section < VG_SECTION_COUNT; section++) {
		unsigned before = list->sections >> (2 * section) & 3, now = sections >> (2 * section) & 3;
		bool keep = before == VG_SECTION_COMPLETE || now == VG_SECTION_ABSENT; /* a lone resource says nothing new */
		joined |= (keep ? before : now) << (2 * section);
	}
	list->sections = (uint16_t)joined;
}

bool vg_packed_list_has(const vg_packed_list *list, const char *key, uint32_t source)
{
	vg_packed_list *mine = (vg_packed_list *)list; /* the map is only asked */
	char text[512];
	int length = snprintf(text, sizeof text, "%u %s", source, key);
	if (length < 0 || (size_t)length >= sizeof text)
		return false;
	uint32_t *place = vg_map_at(&mine->place_of, text, (size_t)length, false);
	return place && *place && !list->members[*place - 1].deleted;
}

const char *vg_packed_list_key(const vg_packed_list *list, size_t index, uint32_t *ret_source)
{
	if (index >= list->count)
		return NULL;
	*ret_source = list->members[index].source;
	return list->members[index].bare;
}

const char *vg_packed_list_patient(const vg_packed_list *list, size_t index, uint32_t *ret_source)
{
	size_t patients = 0;
	for (size_t i = 0; i < list->count; i++)
		if (list->members[i].rank == 0 && patients++ == index)
			return vg_packed_list_key(list, i, ret_source);
	return NULL;
}

size_t vg_packed_list_count(const vg_packed_list *list)
{
	size_t count = 0;
	for (size_t i = 0; i < list->count; i++)
		count += !list->members[i].deleted;
	return count;
}

static bool read_packed(vg_packed packed, member *ret)
{
	vg_bytes all = {packed.bytes, (const unsigned char *)packed.bytes + packed.length, false}, bytes;
	vg_packed_resource resource = {.whole = packed};
	uint32_t template;
	if (!vg_packed_next(&all, &template, &bytes) || !vg_packed_read(template, bytes, &resource))
		return false;
	*ret = (member){.updated = resource.updated, .version = resource.version};
	return true;
}

bool vg_packed_is_newer(vg_packed later, vg_packed earlier)
{
	member a, b;
	return !read_packed(earlier, &b) || (read_packed(later, &a) && is_newer(&a, &b));
}

/* ---- the person --------------------------------------------------------------------- */

/* The text of a Patient's member: it stands in the template, or in a hole. */
static const char *member_text(const vg_template *template, vg_json_key_id key, const vg_hole *holes)
{
	const vg_json_node *found = vg_member_of(template->tree, key);
	for (size_t i = 0; i < template->hole_count; i++)
		if (template->holes[i] == found)
			return holes[i].text;
	return vg_text_of(found);
}

static bool read_person(vg_packed_list *list, vg_packed text, vg_bytes all, vg_day *ret_birth, const char **ret_sex)
{
	static const char *const sexes[] = {"male", "female", "other", "unknown"};
	vg_packed_resource resource;
	vg_template template;
	vg_bytes bytes;
	uint32_t number;
	vg_when birth;
	if (!vg_packed_next(&all, &number, &bytes) || !vg_packed_read(number, bytes, &resource) ||
	    vg_template_read(&list->arena, text, &template, NULL) != VIGIL_OK)
		return false;
	vg_hole *holes = vg_alloc_array(&list->arena, template.hole_count + 1, sizeof *holes);
	for (size_t i = 0; holes && i < template.hole_count; i++)
		vg_get_hole(&resource.holes, true, &holes[i]);
	if (!holes)
		return false;
	const char *date = member_text(&template, VG_KEY_birthDate, holes), *sex = member_text(&template, VG_KEY_gender, holes);
	*ret_birth = vg_date_parse(date, strlen(date), &birth) && birth.first == birth.last ? birth.first : VG_NO_DAY;
	*ret_sex = "";
	for (size_t i = 0; i < VG_COUNT(sexes); i++)
		if (strcmp(sexes[i], sex) == 0)
			*ret_sex = sexes[i];
	return true;
}

bool vg_packed_list_person(vg_packed_list *list, const vg_template_list *templates, vg_day *ret_birth, const char **ret_sex)
{
	bool found = false;
	const char *first = NULL;
	for (size_t i = 0; i < list->count; i++) {
		const member *each = &list->members[i];
		if (each->rank != 0 || each->deleted || (first && strcmp(first, each->key) < 0))
			continue;
		const unsigned char *start = each->whole.bytes;
		vg_bytes all = {start, start + each->whole.length, false};
		if (read_person(list, vg_template_list_text(templates, each->template), all, ret_birth, ret_sex)) {
			found = true;
			first = each->key;
		}
	}
	return found;
}

/* ---- writing ---------------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
	const member *a = left, *b = right;
	return a->rank != b->rank ? (int)a->rank - (int)b->rank : strcmp(a->key, b->key);
}

vigil_status vg_packed_list_write(vg_packed_list *list, vg_packed *ret, vigil_error *err)
{
	bool named[VG_PACKED_SOURCES + 1] = {false};
	size_t sources = 0;
	if (list->count)
		qsort(list->members, list->count, sizeof *list->members, compare);
	for (size_t i = 0; i < list->count; i++) {
		uint32_t source = list->members[i].source;
		if (source == 0 || source > VG_PACKED_SOURCES)
			return damaged(err);
		sources += !named[source];
		named[source] = true;
	}
	vg_buffer out;
	vg_buffer_init(&out, &list->arena);
	char blank[VG_PACKED_CHECKSUM + 1] = {0};
	blank[VG_PACKED_CHECKSUM] = VG_PACKED_FORMAT;
	vg_add_bytes(&out, blank, sizeof blank);
	vg_put_number(&out, list->sections);
	vg_put_number(&out, sources);
	for (uint32_t source = 1; source <= VG_PACKED_SOURCES; source++)
		if (named[source])
			vg_put_number(&out, source);
	for (size_t i = 0; i < list->count; i++)
		vg_add_bytes(&out, list->members[i].whole.bytes, list->members[i].whole.length);
	if (out.failed)
		return vg_fail_memory(err);
	uint64_t sum = vg_hash(out.text + VG_PACKED_CHECKSUM, out.length - VG_PACKED_CHECKSUM);
	for (size_t i = 0; i < VG_PACKED_CHECKSUM; i++, sum >>= 8)
		out.text[i] = (char)(unsigned char)sum;
	vg_map_init(&list->place_of, &list->arena); /* places have changed: nothing is added any more */
	*ret = (vg_packed){out.text, out.length};
	return VIGIL_OK;
}
