/*
 * A store's templates, seen with one world's knowledge.
 *
 * Each template is read once: which facts come of it, whether a watched set has
 * any of them, and whether a memo can stand for its reader.  Made once, shared
 * by all threads, immutable.
 */
#include "record/packed_internal.h"

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
	dictionary->glances[index + 1].seen = seen;
	vg_intake_close(&in);
	return status == VIGIL_NO_MEMORY ? status : VIGIL_OK;
}

/* Keeps a memo where one can be made; `person` is of a Patient. */
static vigil_status find_memo(vg_dictionary *dictionary, size_t index, const vg_template *template, bool person,
			      vigil_error *err)
{
	vg_memo memo;
	vg_person_memo known;
	vg_intake *keeper = &dictionary->keeper;
	vg_arena *arena = &dictionary->arena;
	bool made = person ? vg_person_memo_make(keeper, template, &known)
			   : vg_memo_make(keeper, dictionary->rows[index], template, dictionary->watch, &memo);
	bool failed = keeper->scratch.failed || keeper->record->arena.failed;
	keeper->status = VIGIL_OK; /* what a reader refuses it refuses again when a record is read */
	keeper->unreadable = 0;
	if (!failed && made && person) {
		vg_person_memo *persons = vg_grow(arena, dictionary->persons, dictionary->person_count,
						  &dictionary->person_capacity, sizeof *persons);
		if (persons) {
			dictionary->persons = persons;
			persons[dictionary->person_count++] = known;
			dictionary->glances[index + 1].memo = (uint32_t)dictionary->person_count;
		}
	} else if (!failed && made) {
		vg_memo *memos =
		    vg_grow(arena, dictionary->memos, dictionary->memo_count, &dictionary->memo_capacity, sizeof *memos);
		if (memos) {
			dictionary->memos = memos;
			memos[dictionary->memo_count++] = memo;
			dictionary->glances[index + 1].memo = (uint32_t)dictionary->memo_count;
		}
	}
	return failed || arena->failed ? vg_fail_memory(err) : VIGIL_OK;
}

static vigil_status look_at(vg_dictionary *dictionary, size_t index, vg_arena *scratch, vigil_error *err)
{
	vg_template template;
	vg_packed text = dictionary->templates[index];
	vigil_status status = vg_template_read(scratch, text, &template, err);
	bool person = dictionary->glances[index + 1].kind == VG_TEMPLATE_PATIENT;
	if (status == VIGIL_OK && !person && dictionary->watch.slot_of_set && !is_open(text, dictionary->rows[index]))
		status = find_seen(dictionary, index, &template, err);
	if (status == VIGIL_OK && dictionary->glances[index + 1].seen)
		status = find_memo(dictionary, index, &template, person, err);
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
	dictionary->glances[index + 1].kind = vg_view_is(view, "Patient")      ? VG_TEMPLATE_PATIENT
					      : vg_view_is(view, "Medication") ? VG_TEMPLATE_PRODUCT
					      : dictionary->rows[index]        ? VG_TEMPLATE_FACT
									       : VG_TEMPLATE_NOTHING;
	return true;
}

static vigil_status look_at_all(vg_dictionary *dictionary, vigil_error *err)
{
	vg_arena scratch;
	vg_arena_init(&scratch, &dictionary->arena.allocator, 0);
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; status == VIGIL_OK && i < dictionary->count; i++) {
		vg_glance *glance = &dictionary->glances[i + 1];
		if (!note_type(dictionary, i))
			status = vg_fail_damaged(err, "The store's dictionary");
		else if (glance->kind == VG_TEMPLATE_FACT || glance->kind == VG_TEMPLATE_PATIENT)
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
	made->glances = vg_alloc_array(&made->arena, count + 1 + VG_SHORT_NUMBERS, sizeof *made->glances);
	bool room = made->rows && made->glances;
	for (size_t i = 0; room && i < count + 1 + VG_SHORT_NUMBERS; i++)
		made->glances[i] = (vg_glance){.kind = VG_TEMPLATE_NONE, .seen = true};
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
