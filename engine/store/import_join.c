/*
 * Joining: what was staged becomes part of the store, in one transaction.
 *
 * Order: new templates, the source, persons that are one (identifiers),
 * Medications, then bucket by bucket each patient's resources with what the
 * store has of him, then deletions and changed Medications that may concern
 * anybody.  A patient whose record comes out with the same bytes is not
 * written, so importing the same again changes nothing.
 *
 * Persons: two Patient resources are one person when they share an identifier
 * (system and value), have the same birth date, and no different sex.  The one
 * that was there first keeps the number; the other's number is linked to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/population_internal.h"

enum { MOST_CHANGES = 100000 };

/* ---- Medications ---------------------------------------------------------------------------------- */

static vigil_status change_all(vg_join *all, vigil_error *err);

/* A word that every patient is to be asked about: at the end, and whenever there are many. */
static vigil_status note_change(vg_join *all, const char *key, vg_packed packed, vigil_error *err)
{
	size_t most = all->given->config->changes ? all->given->config->changes : MOST_CHANGES;
	const char *name = vg_format(&all->changing, "%u %s", all->given->state->source, key);
	char *copy = vg_copy_text(&all->changing, packed.bytes, packed.length);
	vg_packed *changed = vg_grow(&all->changing, all->changed, all->change_count, &all->change_capacity, sizeof *changed);
	uint32_t *place = name && copy && changed ? vg_map_at(&all->changes, name, strlen(name), true) : NULL;
	if (!place)
		return vg_fail_memory(err);
	all->changed = changed;
	if (*place && !vg_packed_is_newer(packed, changed[*place - 1]))
		return VIGIL_OK;
	if (!*place)
		*place = (uint32_t)++all->change_count;
	changed[*place - 1] = (vg_packed){copy, packed.length};
	return all->change_count < most ? VIGIL_OK : change_all(all, err);
}

static vigil_status get_product(vg_join *all, const char *key, vg_packed *ret, bool *ret_found, vigil_error *err)
{
	sqlite3_stmt *get = vg_tables_use(&all->tables, VG_SQL_PRODUCT_GET);
	sqlite3_bind_int64(get, 1, all->given->state->source);
	sqlite3_bind_text(get, 2, key, -1, SQLITE_STATIC);
	vigil_status status = vg_tables_row(&all->tables, get, ret_found, err);
	if (status != VIGIL_OK || !*ret_found)
		return status;
	size_t length = (size_t)sqlite3_column_bytes(get, 0);
	const void *bytes = sqlite3_column_blob(get, 0);
	char *copy = bytes ? vg_copy_text(&all->arena, bytes, length) : NULL;
	sqlite3_reset(get);
	*ret = (vg_packed){copy, length};
	return copy ? VIGIL_OK : vg_fail_memory(err);
}

/* Patients who refer to a Medication that was not there get it now. */
static vigil_status serve_wanted(vg_join *all, const char *key, vg_packed packed, vigil_error *err)
{
	for (;;) {
		bool found, known;
		sqlite3_stmt *get = vg_tables_use(&all->tables, VG_SQL_WANTED_GET);
		sqlite3_bind_int64(get, 1, all->given->state->source);
		sqlite3_bind_text(get, 2, key, -1, SQLITE_STATIC);
		vigil_status status = vg_tables_row(&all->tables, get, &found, err);
		if (status != VIGIL_OK || !found)
			return status;
		uint64_t number = (uint64_t)sqlite3_column_int64(get, 0);
		sqlite3_reset(get);
		sqlite3_stmt *delete = vg_tables_use(&all->tables, VG_SQL_WANTED_DELETE);
		sqlite3_bind_int64(delete, 1, all->given->state->source);
		sqlite3_bind_text(delete, 2, key, -1, SQLITE_STATIC);
		sqlite3_bind_int64(delete, 3, (int64_t)number);
		vg_patient_row before = {0};
		status = vg_tables_run(&all->tables, delete, err);
		if (status == VIGIL_OK)
			status = vg_join_find_person(all, number, &number, err);
		if (status == VIGIL_OK)
			status = vg_join_take_row(all, number, &before, err);
		if (status != VIGIL_OK)
			return status;
		if (!before.there)
			continue;
		vg_packed_list_clear(all->list);
		status = vg_packed_list_record(all->list, all->given->templates, before.record, err);
		if (status == VIGIL_OK)
			status = vg_packed_list_add(all->list, all->given->templates, packed, err);
		if (status == VIGIL_OK)
			status = vg_join_settle_row(all, number, &before, &known, err);
		if (status != VIGIL_OK)
			return status;
	}
}

static vigil_status use_product(vg_join *all, const char *key, vg_packed packed, vigil_error *err)
{
	vg_packed before;
	bool found;
	vigil_status status = get_product(all, key, &before, &found, err);
	if (status != VIGIL_OK || (found && (vg_same_bytes(before, packed) || !vg_packed_is_newer(packed, before))))
		return status;
	sqlite3_stmt *put = vg_tables_use(&all->tables, VG_SQL_PRODUCT_PUT);
	sqlite3_bind_int64(put, 1, all->given->state->source);
	sqlite3_bind_text(put, 2, key, -1, SQLITE_STATIC);
	sqlite3_bind_blob64(put, 3, packed.bytes, packed.length, SQLITE_STATIC);
	status = vg_tables_run(&all->tables, put, err);
	if (status != VIGIL_OK)
		return status;
	return found ? note_change(all, key, packed, err) : serve_wanted(all, key, packed, err);
}

/* Each of a stream's keyed words. */
static vigil_status join_stream(vg_join *all, vg_stream stream,
				vigil_status (*use)(vg_join *, const char *, vg_packed, vigil_error *), vigil_error *err)
{
	vg_arena bytes;
	vg_arena_init(&bytes, &all->arena.allocator, 0);
	vg_stage_walk walk;
	vg_stage_walk_begin(&walk, all->given->stage, stream, &bytes);
	vg_packed key, packed;
	bool any = true;
	vigil_status status = VIGIL_OK;
	while (status == VIGIL_OK && (status = vg_stage_walk_keyed(&walk, &key, &packed, &any, err)) == VIGIL_OK && any) {
		vg_arena_reset(&all->arena);
		const char *name = vg_copy_text(&all->arena, key.bytes, key.length);
		status = name ? use(all, name, packed, err) : vg_fail_memory(err);
	}
	vg_arena_free(&bytes);
	return status;
}

/* A fact's Medication is kept beside it. */
static vigil_status add_product(vg_join *all, uint64_t number, vg_packed key, vigil_error *err)
{
	const char *name = vg_copy_text(&all->arena, key.bytes, key.length);
	if (!name)
		return vg_fail_memory(err);
	if (vg_packed_list_has(all->list, name, all->given->state->source))
		return VIGIL_OK;
	vg_packed packed;
	bool found;
	vigil_status status = get_product(all, name, &packed, &found, err);
	if (status != VIGIL_OK)
		return status;
	if (found)
		return vg_packed_list_add(all->list, all->given->templates, packed, err);
	sqlite3_stmt *want = vg_tables_use(&all->tables, VG_SQL_WANTED_ADD);
	sqlite3_bind_int64(want, 1, all->given->state->source);
	sqlite3_bind_text(want, 2, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(want, 3, (int64_t)number);
	return vg_tables_run(&all->tables, want, err);
}

/* ---- buckets ------------------------------------------------------------------------------------------ */

typedef struct ordered { /* where a frame lies, to be sorted by patient, then as it came */
	uint64_t patient;
	const char *at;
} ordered;

static int compare(const void *left, const void *right)
{
	const ordered *a = left, *b = right;
	if (a->patient != b->patient)
		return a->patient < b->patient ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

static vg_frame frame_at(const ordered *place, const char *end)
{
	vg_frame frame = {0};
	const char *at = place->at;
	vg_frame_next(&at, end, &frame); /* it was one when it was put in order */
	return frame;
}

static vigil_status add_frame(vg_join *all, const vg_frame *frame, vigil_error *err)
{
	if (frame->kind == VG_FRAME_PERSON)
		vg_packed_list_sections(all->list, frame->sections);
	return vg_packed_list_add(all->list, all->given->templates, frame->packed, err);
}

static vigil_status note_orphans(vg_join *all, const ordered *places, size_t count, const char *end, vigil_error *err)
{
	const vg_joining *given = all->given;
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; i < count && status == VIGIL_OK; i++) {
		vg_frame frame = frame_at(&places[i], end);
		if (frame.kind == VG_FRAME_DELETION)
			continue;
		given->report->orphans++;
		const char *name = frame.file < given->inputs->count ? given->inputs->items[frame.file].name : "";
		status = vg_import_note(given->stage, name, frame.line,
					"It is about a patient of whom there is no Patient resource.", err);
	}
	return status;
}

/* All words about one number; `list` is cleared, the arena is the bucket's. */
static vigil_status join_patient(vg_join *all, const ordered *places, size_t count, const char *end, vigil_error *err)
{
	vg_patient_row before = {0};
	uint64_t number;
	bool known, was_there;
	vg_packed_list_clear(all->list);
	vigil_status status = vg_join_find_person(all, places[0].patient, &number, err);
	if (status == VIGIL_OK)
		status = vg_join_take_row(all, number, &before, err);
	was_there = before.there;
	if (status == VIGIL_OK && was_there)
		status = vg_packed_list_record(all->list, all->given->templates, before.record, err);
	for (size_t i = 0; status == VIGIL_OK && i < count; i++) {
		vg_frame frame = frame_at(&places[i], end);
		status = add_frame(all, &frame, err);
	}
	for (size_t i = 0; status == VIGIL_OK && i < count; i++) {
		vg_frame frame = frame_at(&places[i], end);
		if (frame.key.length)
			status = add_product(all, number, frame.key, err);
	}
	if (status == VIGIL_OK)
		status = vg_join_settle_row(all, number, &before, &known, err);
	if (status == VIGIL_OK && !known && !was_there)
		status = note_orphans(all, places, count, end, err);
	return status;
}

/* Frames in the order of patients, then as they came. */
static ordered *put_in_order(vg_arena *arena, const vg_stage_words *words)
{
	ordered *places = vg_alloc_array(arena, words->count, sizeof *places);
	const char *at = words->bytes, *end = words->bytes + words->length;
	for (size_t i = 0; places && i < words->count; i++) {
		vg_frame frame = {0};
		places[i].at = at;
		vg_frame_next(&at, end, &frame);
		places[i].patient = frame.patient;
	}
	if (places && words->count)
		qsort(places, words->count, sizeof *places, compare);
	return places;
}

static vigil_status join_part(vg_join *all, size_t bucket, size_t part, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, &all->arena.allocator, 0);
	vg_stage_words words = {0};
	vigil_status status = vg_stage_read_bucket(all->given->stage, bucket, part, &arena, &words, err);
	ordered *places = status == VIGIL_OK ? put_in_order(&arena, &words) : NULL;
	if (status == VIGIL_OK && !places)
		status = vg_fail_memory(err);
	for (size_t first = 0, next; status == VIGIL_OK && first < words.count; first = next) {
		for (next = first + 1; next < words.count && places[next].patient == places[first].patient;)
			next++;
		vg_arena_reset(&all->arena);
		status = join_patient(all, places + first, next - first, words.bytes + words.length, err);
	}
	vg_arena_free(&arena);
	return status;
}

static vigil_status join_bucket(vg_join *all, size_t bucket, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	size_t parts = vg_stage_bucket_parts(all->given->stage, bucket);
	for (size_t part = 0; status == VIGIL_OK && part < parts; part++)
		status = join_part(all, bucket, part, err);
	return status;
}

/* ---- what may concern anybody ------------------------------------------------------------------------------ */

static vigil_status change_patient(vg_join *all, uint64_t number, vigil_error *err)
{
	vg_patient_row before = {0};
	bool known;
	vg_arena_reset(&all->arena);
	vg_packed_list_clear(all->list);
	vigil_status status = vg_join_take_row(all, number, &before, err);
	if (status == VIGIL_OK && before.there)
		status = vg_packed_list_record(all->list, all->given->templates, before.record, err);
	uint32_t source;
	const char *key;
	for (size_t i = 0; status == VIGIL_OK && (key = vg_packed_list_key(all->list, i, &source)); i++) {
		const char *name = vg_format(&all->arena, "%u %s", source, key);
		uint32_t *place = name ? vg_map_at(&all->changes, name, strlen(name), false) : NULL;
		if (!name)
			status = vg_fail_memory(err);
		else if (place && *place)
			status = vg_packed_list_add(all->list, all->given->templates, all->changed[*place - 1], err);
	}
	return status == VIGIL_OK ? vg_join_settle_row(all, number, &before, &known, err) : status;
}

static vigil_status change_all(vg_join *all, vigil_error *err)
{
	bool found = all->change_count > 0;
	int64_t last = -1;
	while (found) {
		sqlite3_stmt *next = vg_tables_use(&all->tables, VG_SQL_PATIENT_NEXT);
		sqlite3_bind_int64(next, 1, last);
		vigil_status status = vg_tables_row(&all->tables, next, &found, err);
		if (status == VIGIL_OK && found) {
			last = sqlite3_column_int64(next, 0);
			sqlite3_reset(next);
			status = change_patient(all, (uint64_t)last, err);
		}
		if (status != VIGIL_OK)
			return status;
	}
	all->changed = NULL;
	all->change_count = all->change_capacity = 0;
	vg_arena_reset(&all->changing);
	vg_map_init(&all->changes, &all->changing);
	return VIGIL_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------------------ */

static vigil_status add_templates(vg_join *all, vigil_error *err)
{
	const vg_template_list *templates = all->given->templates;
	for (size_t number = all->given->state->first_template + 1; number <= vg_template_list_count(templates); number++) {
		vg_packed text = vg_template_list_text(templates, number);
		sqlite3_stmt *add = vg_tables_use(&all->tables, VG_SQL_TEMPLATE_ADD);
		sqlite3_bind_int64(add, 1, (int64_t)number);
		sqlite3_bind_text(add, 2, text.bytes, (int)text.length, SQLITE_STATIC);
		sqlite3_bind_int64(add, 3, (int64_t)vg_hash(text.bytes, text.length));
		vigil_status status = vg_tables_run(&all->tables, add, err);
		if (status != VIGIL_OK)
			return status;
	}
	return VIGIL_OK;
}

static vigil_status put_source(vg_join *all, vigil_error *err)
{
	sqlite3_stmt *put = vg_tables_use(&all->tables, VG_SQL_SOURCE_PUT);
	sqlite3_bind_int64(put, 1, all->given->state->source);
	sqlite3_bind_text(put, 2, all->given->source, -1, SQLITE_STATIC);
	sqlite3_bind_int64(put, 3, all->given->state->sections);
	return vg_tables_run(&all->tables, put, err);
}

static vigil_status read_parts(vg_join *all, vigil_error *err)
{
	size_t size = VG_POPULATION_PARTS * sizeof *all->parts;
	all->parts = vg_alloc(&all->lasting, size);
	all->parts_before = vg_alloc(&all->lasting, size);
	if (!all->parts || !all->parts_before)
		return vg_fail_memory(err);
	sqlite3_stmt *get = vg_tables_use(&all->tables, VG_SQL_PARTS_GET);
	int code = vg_population_tallies(get, all->parts, (vg_population_tally){all->now.patients, all->now.sum});
	vigil_status status = VIGIL_OK;
	if (code != SQLITE_DONE)
		status = vg_population_fail(err, all->tables.file, code == SQLITE_CORRUPT ? NULL : all->tables.database, code,
					    "reading its figures");
	sqlite3_reset(get);
	memcpy(all->parts_before, all->parts, size);
	return status;
}

static vigil_status put_parts(vg_join *all, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	for (uint64_t i = 0; status == VIGIL_OK && i < VG_POPULATION_PARTS; i++) {
		vg_population_tally now = all->parts[i], before = all->parts_before[i];
		if (now.patients == before.patients && now.sum == before.sum)
			continue;
		const uint64_t columns[] = {i, now.patients, now.sum};
		sqlite3_stmt *put = vg_tables_use(&all->tables, VG_SQL_PART_PUT);
		for (size_t k = 0; k < VG_COUNT(columns); k++)
			sqlite3_bind_int64(put, (int)k + 1, (int64_t)columns[k]);
		status = vg_tables_run(&all->tables, put, err);
	}
	return status;
}

static vigil_status read_figures(vg_join *all, vigil_error *err)
{
	bool found;
	sqlite3_stmt *get = vg_tables_use(&all->tables, VG_SQL_FIGURES_GET);
	vigil_status status = vg_tables_row(&all->tables, get, &found, err);
	if (status != VIGIL_OK)
		return status;
	uint64_t *parts[] = {&all->now.patients, &all->now.resources, &all->now.without_birth_date, &all->now.without_sex,
			     &all->now.sum};
	for (size_t i = 0; found && i < VG_COUNT(parts); i++)
		*parts[i] = (uint64_t)sqlite3_column_int64(get, (int)i);
	const char *digest = found ? (const char *)sqlite3_column_text(get, 5) : NULL;
	snprintf(all->given->report->digest, sizeof all->given->report->digest, "%s", digest ? digest : "");
	sqlite3_reset(get);
	get = vg_tables_use(&all->tables, VG_SQL_LINK_ANY);
	status = vg_tables_row(&all->tables, get, &all->any_links, err);
	sqlite3_reset(get);
	if (status != VIGIL_OK)
		return status;
	get = vg_tables_use(&all->tables, VG_SQL_IMPORT_NEXT);
	status = vg_tables_row(&all->tables, get, &found, err);
	if (status != VIGIL_OK)
		return status;
	all->import = sqlite3_column_int64(get, 0);
	sqlite3_reset(get);
	return read_parts(all, err);
}

/* The digest tells two contents apart; it is of the figures, the sum of the records among them, and of the sources. */
static vigil_status put_figures(vg_join *all, vigil_error *err)
{
	vg_digest_state state;
	vg_digest digest;
	char *text = all->given->report->digest;
	vg_digest_begin(&state);
	vg_digest_add(&state, &all->now, sizeof all->now);
	vg_digest_end(&state, &digest);
	vg_digest_text(&digest, text);
	sqlite3_stmt *put = vg_tables_use(&all->tables, VG_SQL_FIGURES_PUT);
	const uint64_t parts[] = {all->now.patients, all->now.resources, all->now.without_birth_date, all->now.without_sex,
				  all->now.sum};
	for (size_t i = 0; i < VG_COUNT(parts); i++)
		sqlite3_bind_int64(put, (int)i + 1, (int64_t)parts[i]);
	sqlite3_bind_text(put, 6, text, -1, SQLITE_TRANSIENT);
	return vg_tables_run(&all->tables, put, err);
}

static vigil_status add_import(vg_join *all, vigil_error *err)
{
	const vg_import_report *report = all->given->report;
	const uint64_t parts[] = {all->given->state->source, report->files,     report->texts,   report->resources,
				  report->passed_over,       report->deletions, report->bad,     report->orphans,
				  report->conflicts,         report->added,     report->changed, report->removed};
	sqlite3_stmt *add = vg_tables_use(&all->tables, VG_SQL_IMPORT_ADD);
	sqlite3_bind_int64(add, 1, all->import);
	sqlite3_bind_text(add, 2, all->given->state->token, -1, SQLITE_STATIC);
	sqlite3_bind_text(add, 3, all->given->config->now, -1, SQLITE_STATIC);
	for (size_t i = 0; i < VG_COUNT(parts); i++)
		sqlite3_bind_int64(add, (int)i + 4, (int64_t)parts[i]);
	return vg_tables_run(&all->tables, add, err);
}

static vigil_status join_buckets(vg_join *all, vigil_error *err)
{
	const vg_import_config *config = all->given->config;
	size_t count = vg_stage_bucket_count(all->given->stage);
	vigil_status status = VIGIL_OK;
	for (size_t bucket = 0; status == VIGIL_OK && bucket < count; bucket++) {
		if (config->progress)
			config->progress(config->user, 1, bucket, count, all->now.patients);
		status = join_bucket(all, bucket, err);
	}
	return status;
}

/* A run that was killed between the commit and its end has nothing left to join. */
static vigil_status was_joined(vg_join *all, bool *ret, vigil_error *err)
{
	sqlite3_stmt *find = vg_tables_use(&all->tables, VG_SQL_IMPORT_FIND);
	sqlite3_bind_text(find, 1, all->given->state->token, -1, SQLITE_STATIC);
	vigil_status status = vg_tables_row(&all->tables, find, ret, err);
	sqlite3_reset(find);
	return status;
}

static vigil_status join_all(vg_join *all, vigil_error *err)
{
	static vigil_status (*const steps[])(vg_join *, vigil_error *) = {read_figures, add_templates, put_source,
									  vg_join_identifiers};
	bool done = false;
	vigil_status status = was_joined(all, &done, err);
	if (status != VIGIL_OK || done)
		return status == VIGIL_OK ? read_figures(all, err) : status;
	for (size_t i = 0; status == VIGIL_OK && i < VG_COUNT(steps); i++)
		status = steps[i](all, err);
	if (status == VIGIL_OK)
		status = join_stream(all, VG_STREAM_PRODUCTS, use_product, err);
	if (status == VIGIL_OK)
		status = join_buckets(all, err);
	if (status == VIGIL_OK)
		status = join_stream(all, VG_STREAM_DELETIONS, note_change, err);
	if (status == VIGIL_OK)
		status = change_all(all, err);
	if (status == VIGIL_OK)
		status = put_figures(all, err);
	if (status == VIGIL_OK)
		status = put_parts(all, err);
	if (status == VIGIL_OK)
		status = add_import(all, err);
	if (status == VIGIL_OK)
		status = vg_tables_commit(&all->tables, err);
	return status;
}

vigil_status vg_import_join(const vg_joining *joining, vigil_error *err)
{
	vg_join all = {.given = joining};
	vigil_status status = vg_tables_open(joining->config->file, &all.tables, err);
	if (status != VIGIL_OK)
		return status;
	vg_arena_init(&all.arena, joining->config->allocator, 0);
	vg_arena_init(&all.lasting, joining->config->allocator, 0);
	vg_arena_init(&all.changing, joining->config->allocator, 0);
	vg_map_init(&all.changes, &all.changing);
	status = vg_packed_list_open(joining->config->allocator, &all.list, err);
	if (status == VIGIL_OK)
		status = join_all(&all, err);
	joining->report->patients = all.now.patients;
	vg_packed_list_close(all.list);
	vg_tables_close(&all.tables);
	vg_arena_free(&all.arena);
	vg_arena_free(&all.changing);
	vg_arena_free(&all.lasting);
	return status;
}
