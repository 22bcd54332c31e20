/*
 * From packed records to records.
 *
 * A dictionary holds a store's templates and what one world's knowledge makes
 * of them; it is made once and shared.  An unpacker has trees of the templates
 * of its own: it fills the holes and hands the tree to the same readers that
 * read FHIR, so that a record from a store is the record that was imported,
 * whatever knowledge and rules have become since.
 *
 * For screenings most facts do not matter: a template none of whose facts
 * belongs to a watched set is passed over without being looked at.
 */
#include "record/packed_internal.h"

struct vg_dictionary {
	vg_arena arena; /* the dictionary itself */
	const vg_packed *templates;
	size_t count;
	const uint32_t *sources;
	size_t source_count;
	const vg_knowledge *knowledge;
	vg_watch watch;
	/* by number - 1 */
	const vg_type_row **rows; /* NULL: Patient, Medication, or a mark of deletion */
	uint8_t *kinds;
	bool *seen;
	vg_memo *memos;    /* of those that have one */
	uint32_t *memo_of; /* place + 1 in `memos`; 0: none */
	size_t memo_count, memo_capacity;
	vg_intake keeper; /* in whose record lies what the memos point to */
};
enum { KIND_FACT, KIND_PATIENT, KIND_PRODUCT, KIND_NOTHING };

struct vg_unpacker {
	vg_arena arena; /* the unpacker itself */
	const vg_dictionary *dictionary;
	vg_unpack what;
	vg_template *ready; /* by number - 1; tree NULL: not made yet */
	vg_hole *room;      /* of the holes of one resource */
	size_t room_count;
	bool many_sources; /* the record being read is of: a key is its own source's only */
};

static vigil_status damaged(vigil_error *err, const char *what)
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

static void fill(cJSON *node, const vg_hole *hole)
{
	bool number = hole->tag == VG_HOLE_DECIMAL || hole->tag == VG_HOLE_DOUBLE;
	node->type = number ? cJSON_Number : cJSON_String;
	node->valuedouble = hole->number;
	node->valuestring = number ? NULL : (char *)hole->text;
}

/* The tree of a resource; it lives until the next one is asked for. */
static const cJSON *filled(vg_unpacker *unpacker, uint32_t template, vg_bytes holes)
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
static void read_person(vg_intake *in, const vg_source *source, const cJSON *tree)
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
	const vg_memo *memo = &dictionary->memos[dictionary->memo_of[resource->template - 1] - 1];
	vg_source source;
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
	const cJSON *tree = NULL;
	bool whole = vg_packed_read(template, bytes, &resource);
	if (whole && resource.flags & VG_PACKED_DELETED)
		return;
	in->scope = unpacker->many_sources ? resource.source : 0;
	if (whole && dictionary->memo_of[template - 1] && use_memo(unpacker, in, &resource))
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
		in->status = unpacker->arena.failed ? vg_fail_memory(in->err) : damaged(in->err, "A patient's record");
		return;
	}
	const vg_type_row *row = dictionary->rows[template - 1];
	uint8_t kind = dictionary->kinds[template - 1];
	const char *type = kind == KIND_PATIENT ? "Patient" : kind == KIND_PRODUCT ? "Medication" : row ? row->type : "";
	vg_source source = source_of(in, &resource, type, row);
	if (kind == KIND_PATIENT)
		read_person(in, &source, tree);
	else if (kind == KIND_PRODUCT)
		vg_read_product(in, &source, tree);
	else if (row)
		row->read(in, &source, tree);
}

/* ---- a record -------------------------------------------------------------------------- */

static void set_sections(const vg_dictionary *dictionary, const vg_packed_head *head, vg_record *record)
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

static vigil_status read_all(vg_unpacker *unpacker, vg_intake *in, vg_packed packed)
{
	const vg_dictionary *dictionary = unpacker->dictionary;
	vg_packed_head head;
	vg_bytes all, bytes;
	uint32_t template;
	if (!vg_packed_begin(packed, &head, &all))
		return damaged(in->err, "A patient's record");
	set_sections(dictionary, &head, in->record);
	unpacker->many_sources = head.source_count > 1;
	bool only_seen = unpacker->what == VG_UNPACK_SEEN;
	while (vg_packed_next(&all, &template, &bytes)) {
		if (template == 0 || template > dictionary->count)
			return damaged(in->err, "The store's dictionary, or a patient's record,");
		if (only_seen && !dictionary->seen[template - 1])
			continue;
		read_resource(unpacker, in, template, bytes);
		vigil_status status = vg_intake_status(in);
		if (status != VIGIL_OK)
			return status;
	}
	return all.failed ? damaged(in->err, "A patient's record") : VIGIL_OK;
}

vigil_status vg_unpack_record(vg_unpacker *unpacker, vg_packed packed, vg_record **ret, vigil_error *err)
{
	const vg_dictionary *dictionary = unpacker->dictionary;
	vg_intake in;
	vigil_status status = vg_intake_open(&in, dictionary->knowledge, NULL, &unpacker->arena.allocator, err);
	if (status != VIGIL_OK)
		return status;
	status = read_all(unpacker, &in, packed);
	if (status == VIGIL_OK)
		status = vg_freeze(&in, dictionary->watch, ret);
	unpacker->arena.failed = false; /* the next record may fit */
	vg_intake_close(&in);
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
	*ret = unpacker;
	return VIGIL_OK;
}

void vg_unpacker_close(vg_unpacker *unpacker)
{
	if (!unpacker)
		return;
	vg_arena arena = unpacker->arena;
	vg_arena_free(&arena);
}

/* ---- the dictionary -------------------------------------------------------------------- */

static bool contains(vg_packed text, const char *part) { return memmem(text.bytes, text.length, part, strlen(part)) != NULL; }

/* A name that is a hole may be any name, and a reference may be to anything. */
static bool is_open(vg_packed text, const vg_type_row *row)
{
	return contains(text, "\"text\":\"$\"") || contains(text, "\"display\":\"$\"") || contains(text, "\"code\":\"$\"") ||
	       (row->kind == VG_FACT_MEDICATION && contains(text, "\"reference\":\"$\""));
}

/* Allergies, and visits that still go on, are looked at without a set. */
static bool fact_is_seen(const vg_dictionary *dictionary, const vg_clinical_fact *fact)
{
	if (fact->kind == VG_FACT_ALLERGY || (fact->kind == VG_FACT_ENCOUNTER && fact->standing != VG_PAST))
		return true;
	for (uint8_t i = 0; i < fact->code_count; i++)
		if (vg_is_watched(dictionary->knowledge, dictionary->watch, fact->codes[i].concept))
			return true;
	for (uint16_t i = 0; i < fact->ingredient_count; i++)
		if (vg_is_watched(dictionary->knowledge, dictionary->watch, fact->ingredients[i]))
			return true;
	return false;
}

/* Reads the template as it is, with "$" in its holes, and looks at what comes of it. */
static vigil_status find_seen(vg_dictionary *dictionary, size_t index, const vg_template *template, vigil_error *err)
{
	const vg_type_row *row = dictionary->rows[index];
	vg_intake in;
	vigil_status status = vg_intake_open(&in, dictionary->knowledge, NULL, &dictionary->arena.allocator, err);
	if (status != VIGIL_OK)
		return status;
	vg_source source = {.type = row->type, .status_type = row->status_type, .reference = "$", .key = "", .alias = ""};
	row->read(&in, &source, template->tree);
	status = vg_intake_status(&in);
	bool seen = status == VIGIL_BAD_INPUT; /* refused: as it is when a record is read */
	for (size_t i = 0; status == VIGIL_OK && !seen && i < in.sketch_count; i++)
		seen = fact_is_seen(dictionary, &in.sketches[i].fact);
	dictionary->seen[index] = seen;
	vg_intake_close(&in);
	return status == VIGIL_NO_MEMORY ? status : VIGIL_OK;
}

static vigil_status find_memo(vg_dictionary *dictionary, size_t index, const vg_template *template, vigil_error *err)
{
	vg_memo memo;
	vg_intake *keeper = &dictionary->keeper;
	bool made = vg_memo_make(keeper, dictionary->rows[index], template, &memo);
	bool failed = keeper->scratch.failed || keeper->record->arena.failed;
	keeper->status = VIGIL_OK; /* what a reader refuses it refuses again when a record is read */
	vg_memo *memos =
	    vg_grow(&dictionary->arena, dictionary->memos, dictionary->memo_count, &dictionary->memo_capacity, sizeof *memos);
	if (failed || !memos)
		return vg_fail_memory(err);
	dictionary->memos = memos;
	if (made) {
		memos[dictionary->memo_count++] = memo;
		dictionary->memo_of[index] = (uint32_t)dictionary->memo_count;
	}
	return VIGIL_OK;
}

static vigil_status look_at(vg_dictionary *dictionary, size_t index, vg_arena *scratch, vigil_error *err)
{
	vg_template template;
	vg_packed text = dictionary->templates[index];
	vigil_status status = vg_template_read(scratch, text, &template, err);
	if (status == VIGIL_OK && dictionary->watch.slot_of_set && !is_open(text, dictionary->rows[index]))
		status = find_seen(dictionary, index, &template, err);
	if (status == VIGIL_OK && dictionary->seen[index])
		status = find_memo(dictionary, index, &template, err);
	return status;
}

/* A template begins with its type. */
static bool note_type(vg_dictionary *dictionary, size_t index)
{
	static const char before[] = "{\"resourceType\":\"";
	vg_packed text = dictionary->templates[index];
	size_t skip = sizeof before - 1;
	if (text.length <= skip || memcmp(text.bytes, before, skip) != 0)
		return false;
	const char *type = (const char *)text.bytes + skip, *end = memchr(type, '"', text.length - skip);
	if (!end)
		return false;
	vg_view view = {type, (size_t)(end - type)};
	dictionary->rows[index] = vg_type_find(view.text, view.length);
	dictionary->kinds[index] = vg_view_is(view, "Patient")      ? KIND_PATIENT
				   : vg_view_is(view, "Medication") ? KIND_PRODUCT
				   : dictionary->rows[index]        ? KIND_FACT
								    : KIND_NOTHING;
	return true;
}

static vigil_status look_at_all(vg_dictionary *dictionary, vigil_error *err)
{
	vg_arena scratch;
	vg_arena_init(&scratch, &dictionary->arena.allocator, 0);
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; status == VIGIL_OK && i < dictionary->count; i++) {
		dictionary->seen[i] = true;
		if (!note_type(dictionary, i))
			status = damaged(err, "The store's dictionary");
		else if (dictionary->kinds[i] == KIND_FACT)
			status = look_at(dictionary, i, &scratch, err);
		vg_arena_reset(&scratch);
	}
	vg_arena_free(&scratch);
	return status;
}

vigil_status vg_dictionary_open(const vg_packed *templates, size_t count, const uint32_t *sources, size_t source_count,
				const vg_knowledge *knowledge, vg_watch watch, const vg_allocator *allocator,
				vg_dictionary **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_dictionary *made = vg_alloc(&arena, sizeof *made);
	if (!made) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	made->arena = arena;
	made->templates = templates;
	made->count = count;
	made->sources = sources;
	made->source_count = source_count;
	made->knowledge = knowledge;
	made->watch = watch;
	made->rows = vg_alloc_array(&made->arena, count, sizeof *made->rows);
	made->kinds = vg_alloc_array(&made->arena, count, sizeof *made->kinds);
	made->seen = vg_alloc_array(&made->arena, count, sizeof *made->seen);
	made->memo_of = vg_alloc_array(&made->arena, count, sizeof *made->memo_of);
	bool room = made->rows && made->kinds && made->seen && made->memo_of;
	vigil_status status =
	    room ? vg_intake_open(&made->keeper, knowledge, NULL, &made->arena.allocator, err) : vg_fail_memory(err);
	if (status == VIGIL_OK)
		status = look_at_all(made, err);
	if (status != VIGIL_OK) {
		vg_dictionary_free(made);
		return status;
	}
	*ret = made;
	return VIGIL_OK;
}

void vg_dictionary_free(vg_dictionary *dictionary)
{
	if (!dictionary)
		return;
	if (dictionary->keeper.record)
		vg_intake_close(&dictionary->keeper);
	vg_arena arena = dictionary->arena; /* the dictionary lies in it */
	vg_arena_free(&arena);
}
