/*
 * Importing a population: reading and staging, then joining.
 *
 * Files are read in order, a line or a file at a time; each resource is packed
 * and goes to the bucket of its patient.  What is wrong with a line is noted
 * with file, line and reason, and reading goes on; what is wrong with a file
 * as a whole - cut off, unreadable - ends the import, for then nobody knows
 * what is missing.
 *
 * A patient's number is a hash of the source's name and his id there.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/population_internal.h"

enum { BUCKET_BYTES = 48 << 20, EXPANSION = 12 };

static const char *const errors_head = "file,line,reason\n";

typedef struct reading {
	const vg_import_config *config;
	vg_import_report *report;
	vg_import_inputs inputs;
	const char *source;
	vg_stage *stage;
	vg_packer *packer;
	vg_import_state state;
	size_t staged_templates;
	uint64_t imports;                        /* into the store so far */
	uint64_t since_checkpoint, bytes_before; /* bytes of the inputs before the current one */
} reading;

/* ---- errors of the input ------------------------------------------------------------------ */

/* A cell of CSV, quoted. */
static void add_cell(vg_buffer *out, const char *text)
{
	vg_add(out, "\"");
	for (const char *at = text; *at; at++) {
		if (*at == '"')
			vg_add(out, "\"");
		vg_add_bytes(out, at, 1);
	}
	vg_add(out, "\"");
}

vigil_status vg_import_note(vg_stage *stage, const char *name, uint64_t line, const char *why, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	vg_buffer out;
	vg_buffer_init(&out, &arena);
	add_cell(&out, name);
	vg_addf(&out, ",%llu,", (unsigned long long)line);
	add_cell(&out, why);
	vg_add(&out, "\n");
	vigil_status status =
	    out.failed ? vg_fail_memory(err) : vg_stage_bytes(stage, VG_STREAM_ERRORS, out.text, out.length, err);
	vg_arena_free(&arena);
	return status;
}

static vigil_status note_bad(reading *all, const vg_import_input *input, uint64_t line, const char *why, vigil_error *err)
{
	all->state.bad++;
	return vg_import_note(all->stage, input->name, line, why, err);
}

/* ---- items ------------------------------------------------------------------------------------ */

static vigil_status stage_identifiers(reading *all, const vg_packed_item *item, uint64_t number, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; status == VIGIL_OK && i < item->identifier_count; i++) {
		const vg_identifier *identifier = &item->identifiers[i];
		uint64_t parts[2] = {vg_hash(identifier->system, strlen(identifier->system)),
				     vg_hash(identifier->value, strlen(identifier->value))};
		vg_staged_identifier staged;
		memset(&staged, 0, sizeof staged);
		staged.hash = vg_hash(parts, sizeof parts);
		staged.patient = number;
		staged.birth = item->birth;
		staged.sex = item->sex[0];
		status = vg_stage_bytes(all->stage, VG_STREAM_IDENTIFIERS, &staged, sizeof staged, err);
	}
	return status;
}

static vigil_status stage_deletion(reading *all, const vg_import_input *input, const vg_packed_item *item, vg_frame *frame,
				   vigil_error *err)
{
	int64_t updated = item->updated != VG_NO_INSTANT ? item->updated : input->transaction;
	all->state.deletions++;
	vigil_status status = vg_pack_deletion(all->packer, item->key, all->state.source, updated, &frame->packed, err);
	if (status != VIGIL_OK)
		return status;
	if (!*item->patient)
		return vg_stage_keyed(all->stage, VG_STREAM_DELETIONS, item->key, frame->packed, err);
	frame->kind = VG_FRAME_DELETION;
	return vg_stage_frame(all->stage, frame, err);
}

static vigil_status stage_item(reading *all, const vg_import_input *input, uint64_t line, const vg_packed_item *item,
			       uint16_t sections, bool lone, vigil_error *err)
{
	vg_frame frame = {.kind = VG_FRAME_RESOURCE,
			  .file = (uint32_t)all->state.input,
			  .line = line,
			  .patient = *item->patient ? vg_join_number(all->source, item->patient) : 0,
			  .product = item->product,
			  .packed = item->packed,
			  .sections = sections};
	switch (item->kind) {
	case VG_PACKED_BAD:
		return note_bad(all, input, line ? line : (uint64_t)item->line, item->why, err);
	case VG_PACKED_NOTHING:
		all->state.passed_over++;
		return VIGIL_OK;
	case VG_PACKED_DELETION:
		return stage_deletion(all, input, item, &frame, err);
	case VG_PACKED_PRODUCT:
		all->state.resources++;
		return vg_stage_keyed(all->stage, VG_STREAM_PRODUCTS, item->key, item->packed, err);
	case VG_PACKED_PATIENT:
		frame.kind = VG_FRAME_PERSON;
		break;
	case VG_PACKED_FACT:
		break;
	}
	all->state.resources++;
	if (!*item->patient) {
		all->state.orphans++;
		return vg_import_note(all->stage, input->name, line,
				      item->kind == VG_PACKED_PATIENT ? "The Patient has no id." : "It names no patient.", err);
	}
	if (lone && item->section >= 0)
		all->state.sections |= 1U << item->section;
	vigil_status status = vg_stage_frame(all->stage, &frame, err);
	if (status == VIGIL_OK && item->kind == VG_PACKED_PATIENT)
		status = stage_identifiers(all, item, frame.patient, err);
	return status;
}

/* One text: a line, or a file that is no NDJSON (line 0). */
static vigil_status read_text(reading *all, const vg_import_input *input, uint64_t line, const char *text, size_t length,
			      vigil_error *err)
{
	const vg_packed_item *items;
	size_t count;
	uint16_t sections;
	vigil_status status = vg_pack_text(all->packer, text, length, all->state.source, &items, &count, &sections, err);
	bool lone = sections == VG_LONE_RESOURCE;
	for (size_t i = 0; status == VIGIL_OK && i < count; i++)
		status = stage_item(all, input, line, &items[i], sections, lone, err);
	all->state.texts++;
	return status;
}

/* ---- files -------------------------------------------------------------------------------------- */

static vigil_status stage_templates(reading *all, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	for (; status == VIGIL_OK && all->staged_templates < vg_packer_template_count(all->packer); all->staged_templates++)
		status = vg_stage_keyed(all->stage, VG_STREAM_TEMPLATES, "",
					vg_packer_template(all->packer, all->staged_templates + 1), err);
	return status;
}

/* Everything before `line` of the current input is staged. */
static vigil_status note_place(reading *all, uint64_t line, uint64_t bytes, bool must, vigil_error *err)
{
	const vg_import_config *config = all->config;
	all->state.line = line;
	all->since_checkpoint += bytes;
	if (!must && all->since_checkpoint < (config->checkpoint ? config->checkpoint : (size_t)64 << 20))
		return VIGIL_OK;
	all->since_checkpoint = 0;
	vigil_status status = stage_templates(all, err);
	return status == VIGIL_OK ? vg_stage_checkpoint(all->stage, &all->state, err) : status;
}

static size_t limit_of(const vg_import_config *config) { return config->line_limit ? config->line_limit : (size_t)256 << 20; }

static bool is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
			return false;
	return true;
}

static vigil_status read_chunk(reading *all, const vg_import_input *input, const vg_chunk *chunk, uint64_t done,
			       vigil_error *err)
{
	const char *text;
	size_t place = 0, length;
	uint64_t line = chunk->first_line;
	vigil_status status = VIGIL_OK;
	if (chunk->too_long && line > done) {
		char why[80];
		snprintf(why, sizeof why, "The line is longer than %zu bytes.", limit_of(all->config));
		all->state.texts++;
		status = note_bad(all, input, line, why, err);
	}
	for (; !chunk->too_long && status == VIGIL_OK && vg_chunk_line(chunk, &place, &text, &length); line++) {
		if (line <= done || is_blank(text, length))
			continue;
		all->state.bytes += length + 1;
		status = read_text(all, input, line, text, length, err);
	}
	all->state.line = chunk->too_long ? line : line - 1;
	return status;
}

static void tell(reading *all, uint64_t read)
{
	if (all->config->progress)
		all->config->progress(all->config->user, 0, all->bytes_before + read, all->inputs.bytes, all->state.resources);
}

static vigil_status read_lines(reading *all, const vg_import_input *input, vigil_error *err)
{
	vg_lines *lines = NULL;
	vg_chunk chunk;
	uint64_t done = all->state.line, size, before = 0;
	vg_chunk_init(&chunk, all->config->allocator);
	vigil_status status = vg_lines_open(input->path, limit_of(all->config), all->config->allocator, &lines, err);
	while (status == VIGIL_OK) {
		status = vg_lines_fill(lines, &chunk, err);
		if (status != VIGIL_OK || (chunk.length == 0 && !chunk.too_long))
			break;
		status = read_chunk(all, input, &chunk, done, err);
		uint64_t now = vg_lines_read(lines, &size);
		if (status == VIGIL_OK && all->state.line > done)
			status = note_place(all, all->state.line, all->state.bytes - before, false, err);
		before = all->state.bytes;
		tell(all, now);
	}
	vg_lines_close(lines);
	vg_chunk_free(&chunk);
	return status;
}

static vigil_status read_file(reading *all, const vg_import_input *input, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, all->config->allocator, 0);
	char *text;
	size_t length;
	vigil_status status;
	if (input->size > limit_of(all->config)) {
		char why[100];
		snprintf(why, sizeof why, "The file is larger than %zu bytes; split it, or write it as NDJSON.",
			 limit_of(all->config));
		status = note_bad(all, input, 0, why, err);
	} else {
		status = vg_read_file(&arena, input->path, 0, &text, &length, err);
		if (status == VIGIL_OK) {
			all->state.bytes += length;
			status = read_text(all, input, 0, text, length, err);
		}
	}
	tell(all, input->size);
	vg_arena_free(&arena);
	return status;
}

static vigil_status read_inputs(reading *all, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	for (uint64_t i = 0; i < all->state.input && i < all->inputs.count; i++)
		all->bytes_before += all->inputs.items[i].size;
	for (size_t i = 0; !all->report->resumed && status == VIGIL_OK && i < all->inputs.missing_count; i++) {
		vg_import_input missing = {.name = all->inputs.missing[i]};
		status = note_bad(all, &missing, 0, "The export's manifest names this file, and it is not there.", err);
	}
	while (status == VIGIL_OK && all->state.input < all->inputs.count) {
		const vg_import_input *input = &all->inputs.items[all->state.input];
		status = input->lines ? read_lines(all, input, err) : read_file(all, input, err);
		if (status != VIGIL_OK)
			break;
		all->state.files++;
		all->state.input++;
		all->bytes_before += input->size;
		status = note_place(all, 0, input->lines ? 0 : input->size, false, err);
	}
	if (status == VIGIL_OK)
		all->state.reading_done = 1;
	return status == VIGIL_OK ? note_place(all, 0, 0, true, err) : status;
}

/* ---- beginning ------------------------------------------------------------------------------------ */

static int each_template(vg_packer *packer, sqlite3_stmt *row, vigil_status *ret_status, vigil_error *err)
{
	int code;
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		vg_packed text = {sqlite3_column_blob(row, 1), (size_t)sqlite3_column_bytes(row, 1)};
		bool next = text.bytes && (size_t)sqlite3_column_int64(row, 0) == vg_packer_template_count(packer) + 1 &&
			    (uint64_t)sqlite3_column_int64(row, 2) == vg_hash(text.bytes, text.length);
		*ret_status = next ? vg_packer_add_template(packer, text, err) : VIGIL_BAD_INPUT;
		if (!next)
			return SQLITE_CORRUPT;
		if (*ret_status != VIGIL_OK)
			return SQLITE_DONE;
	}
	return code;
}

static vigil_status read_store(reading *all, sqlite3 *database, vigil_error *err)
{
	const char *file = all->config->file;
	bool empty = false;
	vigil_status status = vg_population_check_kind(database, file, &empty, err);
	all->state.source = 1;
	if (status != VIGIL_OK || empty)
		return status;
	sqlite3_stmt *row = NULL;
	int code = sqlite3_prepare_v2(database, "SELECT number, text, sum FROM template ORDER BY number", -1, &row, NULL);
	if (code == SQLITE_OK)
		code = each_template(all->packer, row, &status, err);
	sqlite3_finalize(row);
	if (code == SQLITE_DONE && status != VIGIL_OK)
		return status;
	all->state.first_template = vg_packer_template_count(all->packer);
	if (code == SQLITE_DONE)
		code = sqlite3_prepare_v2(
		    database,
		    "SELECT coalesce((SELECT number FROM source WHERE name = ?1), (SELECT count(*) + 1 FROM source)),"
		    " (SELECT count(*) FROM import)",
		    -1, &row, NULL);
	if (code == SQLITE_OK) {
		sqlite3_bind_text(row, 1, all->source, -1, SQLITE_STATIC);
		code = sqlite3_step(row);
		all->state.source = (uint32_t)sqlite3_column_int64(row, 0);
		all->imports = (uint64_t)sqlite3_column_int64(row, 1);
		sqlite3_finalize(row);
	}
	if (code != SQLITE_ROW)
		return vg_population_fail(err, file, code == SQLITE_CORRUPT ? NULL : database, code, "reading its dictionary");
	if (all->state.source > VG_POPULATION_SOURCES)
		return vg_fail(err, VIGIL_WRONG_USE, "Name one of the sources that the store has.",
			       "A store holds what comes from at most %d sources.", VG_POPULATION_SOURCES);
	return VIGIL_OK;
}

/* The dictionary and the sources of the store that is there. */
static vigil_status begin_store(reading *all, vigil_error *err)
{
	all->state.source = 1;
	if (access(all->config->file, F_OK) != 0)
		return VIGIL_OK;
	sqlite3 *database = NULL;
	vigil_status status = vg_population_connect(all->config->file, false, &database, err);
	if (status == VIGIL_OK)
		status = read_store(all, database, err);
	sqlite3_close(database);
	return status;
}

/* What an earlier run staged of the dictionary. */
static vigil_status resume_templates(reading *all, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, all->config->allocator, 0);
	vg_stage_walk walk;
	vg_stage_walk_begin(&walk, all->stage, VG_STREAM_TEMPLATES, &arena);
	vg_packed key, text;
	bool any = true;
	vigil_status status = vg_stage_walk_keyed(&walk, &key, &text, &any, err);
	for (; status == VIGIL_OK && any;
	     status = status == VIGIL_OK ? vg_stage_walk_keyed(&walk, &key, &text, &any, err) : status)
		status = vg_packer_add_template(all->packer, text, err);
	vg_arena_free(&arena);
	return status;
}

/* Whether the store has this import already: it was killed after that, before its folder was removed. */
static bool is_joined(const reading *all)
{
	sqlite3 *database = NULL;
	sqlite3_stmt *row = NULL;
	bool found = access(all->config->file, F_OK) == 0 &&
		     vg_population_connect(all->config->file, false, &database, NULL) == VIGIL_OK &&
		     sqlite3_prepare_v2(database, "SELECT 1 FROM import WHERE token = ?1", -1, &row, NULL) == SQLITE_OK &&
		     sqlite3_bind_text(row, 1, all->state.token, -1, SQLITE_STATIC) == SQLITE_OK &&
		     sqlite3_step(row) == SQLITE_ROW;
	sqlite3_finalize(row);
	sqlite3_close(database);
	return found;
}

static vigil_status begin(reading *all, vigil_error *err)
{
	uint64_t first = 0;
	vigil_status status = vg_packer_open(all->config->allocator, &all->packer, err);
	if (status == VIGIL_OK)
		status = begin_store(all, err);
	first = all->state.first_template;
	uint64_t bytes = 0;
	for (size_t i = 0; i < all->inputs.count; i++)
		bytes += all->inputs.items[i].size * (strstr(all->inputs.items[i].path, ".gz") ? EXPANSION : 1);
	size_t buckets = all->config->buckets ? all->config->buckets : (size_t)(bytes / BUCKET_BYTES) + 1;
	if (status == VIGIL_OK)
		status = vg_stage_open(all->config->file, all->inputs.plan, buckets, all->config->part, all->config->allocator,
				       &all->stage, &all->state, &all->report->resumed, err);
	bool joined = status == VIGIL_OK && all->report->resumed && all->state.reading_done && is_joined(all);
	if (status == VIGIL_OK && !joined && all->state.first_template != first)
		status = vg_fail(err, VIGIL_WRONG_USE, "Remove the folder FILE.import; the import then begins anew.",
				 "The store is another one than when this import was begun.");
	if (status == VIGIL_OK && all->report->resumed && !joined)
		status = resume_templates(all, err);
	if (status == VIGIL_OK && !all->report->resumed)
		snprintf(all->state.token, sizeof all->state.token, "%.36s %ld %llu", all->config->now, (long)getpid(),
			 (unsigned long long)all->imports);
	all->staged_templates = all->report->resumed ? vg_packer_template_count(all->packer) : (size_t)first;
	return status;
}

static void fill_report(const reading *all)
{
	vg_import_report *report = all->report;
	report->files = all->state.files;
	report->texts = all->state.texts;
	report->bytes = all->state.bytes;
	report->resources = all->state.resources;
	report->passed_over = all->state.passed_over;
	report->deletions = all->state.deletions;
	report->bad = all->state.bad;
	report->orphans = all->state.orphans;
}

vigil_status vg_import_population(const vg_import_config *config, vg_arena *arena, vg_import_report *ret, vigil_error *err)
{
	*ret = (vg_import_report){0};
	reading all = {.config = config, .report = ret, .source = config->source && *config->source ? config->source : "main"};
	const char *errors = config->errors ? config->errors : vg_format(arena, "%s.errors.csv", config->file);
	vigil_status status = errors ? vg_import_find(config->paths, config->path_count, all.source, arena, &all.inputs, err)
				     : vg_fail_memory(err);
	if (status == VIGIL_OK)
		status = begin(&all, err);
	if (status == VIGIL_OK && !all.state.reading_done)
		status = read_inputs(&all, err);
	bool unreadable = status == VIGIL_BAD_INPUT;
	if (status == VIGIL_OK) {
		fill_report(&all);
		vg_joining joining = {.config = config,
				      .inputs = &all.inputs,
				      .stage = all.stage,
				      .packer = all.packer,
				      .state = &all.state,
				      .source = all.source,
				      .report = ret};
		status = vg_import_join(&joining, err);
	}
	bool any = false;
	if (status == VIGIL_OK)
		status = vg_stage_publish(all.stage, VG_STREAM_ERRORS, errors_head, errors, &any, err);
	ret->errors = any ? errors : NULL;
	if (all.stage && (status == VIGIL_OK || unreadable))
		vg_stage_remove(all.stage);
	vg_stage_close(all.stage);
	vg_packer_close(all.packer);
	return status;
}
