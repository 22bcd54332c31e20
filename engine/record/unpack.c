/*
 * From packed records to records.
 *
 * An unpacker has trees of the dictionary's templates of its own: it fills the
 * holes and hands the tree to the same readers that read FHIR, so that a record
 * from a store is the record that was imported, whatever knowledge and rules
 * have become since.  Where a memo says what the reader would make of it, the
 * memo's facts go into the intake in its place.
 *
 * For screenings most facts do not matter: a template none of whose facts
 * belongs to a watched set is passed over without being looked at.  And where
 * all that is left has memos, the record is made without an intake (place.c).
 */
#include "record/packed_internal.h"

vigil_status vg_fail_damaged(vigil_error *err, const char *what)
{
	return vg_fail(err, VIGIL_BAD_INPUT, "Restore a copy of the store, or import the population again.", "%s is damaged.",
		       what);
}

/* ---- filling a template ---------------------------------------------------------- */

static bool more_room(vg_unpacker *unpacker, size_t count)
{
	if (count <= unpacker->room_count)
		return true;
	unpacker->room = vg_alloc_array(&unpacker->arena, count * 2, sizeof *unpacker->room);
	unpacker->room_count = unpacker->room ? count * 2 : 0;
	return unpacker->room != NULL;
}

static void fill(vg_json_node *node, const vg_hole *hole)
{
	if (hole->tag == VG_HOLE_DECIMAL || hole->tag == VG_HOLE_DOUBLE) {
		node->kind = VG_JSON_NUMBER;
		node->number = hole->number;
	} else {
		node->kind = VG_JSON_TEXT;
		node->text = hole->text;
	}
}

/* The tree of a resource; it lives until the next one is asked for. */
static const vg_json_node *filled(vg_unpacker *unpacker, uint32_t template, vg_bytes holes)
{
	const vg_template *ready = &unpacker->ready[template - 1];
	if (!more_room(unpacker, ready->hole_count))
		return NULL;
	for (size_t i = 0; i < ready->hole_count; i++) {
		vg_get_hole(&holes, true, &unpacker->room[i]);
		fill(ready->holes[i], &unpacker->room[i]);
	}
	return holes.failed || holes.at != holes.end ? NULL : ready->tree;
}

/* ---- one resource ------------------------------------------------------------------ */

static vg_source source_of(vg_intake *in, const vg_packed_resource *resource, const char *type, const vg_type_row *row)
{
	const char *key = "", *alias = "";
	vg_arena *arena = &in->record->arena;
	if (resource->flags & VG_PACKED_WHOLE_KEY)
		key = vg_keep(in, resource->id.text);
	else if (!(resource->flags & VG_PACKED_NAMELESS)) {
		key = vg_format(arena, "%s/%s", type, resource->id.text);
		alias = resource->flags & VG_PACKED_ALIAS ? vg_keep(in, resource->alias.text)
							  : vg_format(arena, "urn:uuid:%s", resource->id.text);
	}
	key = key ? key : "";
	return (vg_source){.type = type,
			   .status_type = row ? row->status_type : type,
			   .reference = key,
			   .key = key,
			   .alias = alias ? alias : ""};
}

static const char *known_sex(const char *sex) { return *sex && strcmp(sex, "unknown") != 0 ? sex : ""; }

/* A person whom several sources tell of: the first has the name, the others fill what it leaves open. */
static void read_person(vg_intake *in, const vg_source *source, const vg_json_node *tree)
{
	vg_patient first = in->record->patient, *now = &in->record->patient;
	*now = (vg_patient){.reference = "", .full_url = "", .sex = "", .birth = VG_NO_WHEN, .death = VG_NO_WHEN};
	vg_read_patient(in, source, tree);
	now->full_url = vg_starts_with(source->key, "Patient/") ? source->alias : source->key;
	if (!*now->reference)
		now->reference = "Patient";
	if (!*first.reference) {
		in->patient_id = vg_starts_with(source->key, "Patient/") ? source->key + strlen("Patient/") : "";
		return;
	}
	vg_patient other = *now;
	*now = first;
	if (!vg_when_known(now->birth))
		now->birth = other.birth;
	if (!*known_sex(now->sex) && *other.sex)
		now->sex = other.sex;
	if (other.deceased && !now->deceased) {
		now->deceased = true;
		now->death = other.death;
	}
	now->deceased_known = now->deceased_known || other.deceased_known;
}

/* For screenings nothing asks for a fact by its key. */
static bool use_memo(vg_unpacker *unpacker, vg_intake *in, const vg_packed_resource *resource)
{
	const vg_dictionary *dictionary = unpacker->dictionary;
	const vg_type_row *row = dictionary->rows[resource->template - 1];
	const vg_memo *memo = &dictionary->memos[dictionary->glances[resource->template].memo - 1];
	vg_source source;
	if (memo->only_seen && unpacker->what == VG_UNPACK_ALL)
		return false;
	if (unpacker->what == VG_UNPACK_ALL || resource->flags & (VG_PACKED_WHOLE_KEY | VG_PACKED_NAMELESS)) {
		source = source_of(in, resource, row->type, row);
	} else {
		size_t type = strlen(row->type), id = strlen(resource->id.text);
		char *reference = vg_alloc(&in->record->arena, type + id + 2);
		if (!reference)
			return false;
		memcpy(reference, row->type, type);
		reference[type] = '/';
		memcpy(reference + type + 1, resource->id.text, id + 1);
		source = (vg_source){.reference = reference, .key = "", .alias = ""};
	}
	return vg_memo_use(in, memo, &source, resource->holes);
}

static void read_resource(vg_unpacker *unpacker, vg_intake *in, uint32_t template, vg_bytes bytes)
{
	const vg_dictionary *dictionary = unpacker->dictionary;
	vg_packed_resource resource;
	const vg_json_node *tree = NULL;
	bool whole = vg_packed_read(template, bytes, &resource);
	if (whole && resource.flags & VG_PACKED_DELETED)
		return;
	in->scope = unpacker->many_sources ? resource.source : 0;
	uint8_t kind = dictionary->glances[template].kind;
	if (whole && kind == VG_TEMPLATE_FACT && dictionary->glances[template].memo && use_memo(unpacker, in, &resource))
		return;
	if (whole && !unpacker->ready[template - 1].tree) {
		vigil_status status = vg_template_read(&unpacker->arena, dictionary->templates[template - 1],
						       &unpacker->ready[template - 1], in->err);
		if (status != VIGIL_OK) {
			in->status = status;
			return;
		}
	}
	if (whole)
		tree = filled(unpacker, template, resource.holes);
	if (!tree) {
		in->status = unpacker->arena.failed ? vg_fail_memory(in->err) : vg_fail_damaged(in->err, "A patient's record");
		return;
	}
	const vg_type_row *row = dictionary->rows[template - 1];
	const char *type = kind == VG_TEMPLATE_PATIENT   ? "Patient"
			   : kind == VG_TEMPLATE_PRODUCT ? "Medication"
			   : row                         ? row->type
							 : "";
	vg_source source = source_of(in, &resource, type, row);
	if (kind == VG_TEMPLATE_PATIENT)
		read_person(in, &source, tree);
	else if (kind == VG_TEMPLATE_PRODUCT)
		vg_read_product(in, &source, tree);
	else if (row)
		row->read(in, &source, tree);
}

/* ---- a record -------------------------------------------------------------------------- */

void vg_packed_sections(const vg_dictionary *dictionary, const vg_packed_head *head, vg_record *record)
{
	static const char *const why[] = {"", "not supplied", "first page only", "the query failed (OperationOutcome)"};
	uint32_t supplied = 0;
	for (uint32_t i = 0; i < head->source_count; i++)
		if (head->sources[i] && head->sources[i] <= dictionary->source_count)
			supplied |= dictionary->sources[head->sources[i] - 1];
	for (int section = 0; section < VG_SECTION_COUNT; section++) {
		unsigned state = head->sections >> (2 * section) & 3;
		if (state != VG_SECTION_COMPLETE && !(supplied >> section & 1))
			record->sections[section] = (vg_completeness){VG_NOT_SUPPLIED, VG_NO_DAY, why[state]};
	}
}

static vigil_status read_all(vg_unpacker *unpacker, vg_intake *in, const vg_packed_head *head, vg_bytes all)
{
	const vg_dictionary *dictionary = unpacker->dictionary;
	vg_bytes bytes;
	uint32_t template;
	vg_packed_sections(dictionary, head, in->record);
	unpacker->many_sources = head->source_count > 1;
	bool only_seen = unpacker->what == VG_UNPACK_SEEN;
	while (vg_packed_next(&all, &template, &bytes)) {
		if (template == 0 || template > dictionary->count)
			return vg_fail_damaged(in->err, "The store's dictionary, or a patient's record,");
		if (only_seen && !dictionary->glances[template].seen)
			continue;
		read_resource(unpacker, in, template, bytes);
		vigil_status status = vg_intake_status(in);
		if (status != VIGIL_OK)
			return status;
	}
	return all.failed ? vg_fail_damaged(in->err, "A patient's record") : VIGIL_OK;
}

static vigil_status read_record(vg_unpacker *unpacker, const vg_packed_head *head, vg_bytes all, vg_record **ret,
				vigil_error *err)
{
	const vg_dictionary *dictionary = unpacker->dictionary;
	vg_intake in;
	vigil_status status = vg_intake_open(&in, dictionary->knowledge, NULL, &unpacker->arena.allocator, err);
	if (status != VIGIL_OK)
		return status;
	status = read_all(unpacker, &in, head, all);
	if (status == VIGIL_OK)
		status = vg_freeze(&in, dictionary->watch, ret);
	unpacker->arena.failed = false; /* the next record may fit */
	vg_intake_close(&in);
	return status;
}

vigil_status vg_unpack_record(vg_unpacker *unpacker, vg_packed packed, vg_record **ret, vigil_error *err)
{
	vg_packed_head head;
	vg_bytes all;
	if (!vg_packed_begin(packed, &head, &all))
		return vg_fail_damaged(err, "A patient's record");
	vg_record *record = NULL;
	vigil_status status = VIGIL_OK;
	if (unpacker->what == VG_UNPACK_SEEN)
		status = vg_place_record(unpacker, &head, all, &record, err);
	if (status == VIGIL_OK && !record)
		status = read_record(unpacker, &head, all, &record, err);
	if (status == VIGIL_OK)
		*ret = record;
	return status;
}

vigil_status vg_unpacker_open(const vg_dictionary *dictionary, vg_unpack what, vg_unpacker **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, &dictionary->arena.allocator, 0);
	vg_unpacker *unpacker = vg_alloc(&arena, sizeof *unpacker);
	vg_template *ready = vg_alloc_array(&arena, dictionary->count, sizeof *ready);
	if (!unpacker || !ready) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	*unpacker = (vg_unpacker){.arena = arena, .dictionary = dictionary, .what = what, .ready = ready};
	vg_arena_init(&unpacker->spare, &dictionary->arena.allocator, 0);
	*ret = unpacker;
	return VIGIL_OK;
}

void vg_unpacker_close(vg_unpacker *unpacker)
{
	if (!unpacker)
		return;
	vg_arena_free(&unpacker->spare);
	vg_arena arena = unpacker->arena;
	vg_arena_free(&arena);
}
