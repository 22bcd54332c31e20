/*
 * Importing a population: reading and staging (import_read.c), then joining
 * (import_join.c); here both are begun, gone on with and brought to an end.
 *
 * What was read before a kill is known by a checkpoint, what the store holds by
 * its dictionary and its list of imports.  A patient's number is a hash of the
 * source's name and his id there.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/population_internal.h"

enum { BUCKET_BYTES = 48 << 20, EXPANSION = 12 };

static const char *const errors_head = "file,line,reason\n";

/* ---- errors of the input ------------------------------------------------------------------ */

/* A cell of CSV, quoted. */
static void add_cell(vg_buffer *out, const char *text)
{
	vg_add(out, "\"");
	for (const char *at = text; *at; at++) {
		if (*at == '"')
			vg_add(out, "\"");
		vg_add_byte(out, *at);
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

/* ---- beginning ------------------------------------------------------------------------------------ */

static int each_template(vg_template_list *templates, sqlite3_stmt *row, vigil_status *ret_status, vigil_error *err)
{
	int code;
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		vg_packed text = {sqlite3_column_blob(row, 1), (size_t)sqlite3_column_bytes(row, 1)};
		bool next = text.bytes && (size_t)sqlite3_column_int64(row, 0) == vg_template_list_count(templates) + 1 &&
			    (uint64_t)sqlite3_column_int64(row, 2) == vg_hash(text.bytes, text.length);
		*ret_status = next ? vg_template_list_add(templates, text, err) : VIGIL_BAD_INPUT;
		if (!next)
			return SQLITE_CORRUPT;
		if (*ret_status != VIGIL_OK)
			return SQLITE_DONE;
	}
	return code;
}

static vigil_status read_store(vg_import_run *all, sqlite3 *database, vigil_error *err)
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
		code = each_template(all->templates, row, &status, err);
	sqlite3_finalize(row);
	if (code == SQLITE_DONE && status != VIGIL_OK)
		return status;
	all->state.first_template = vg_template_list_count(all->templates);
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
static vigil_status begin_store(vg_import_run *all, vigil_error *err)
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
static vigil_status resume_templates(vg_import_run *all, vigil_error *err)
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
		status = vg_template_list_add(all->templates, text, err);
	vg_arena_free(&arena);
	return status;
}

/* Whether the store has this import already: it was killed after that, before its folder was removed. */
static bool is_joined(const vg_import_run *all)
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

static vigil_status begin(vg_import_run *all, vigil_error *err)
{
	uint64_t first = 0;
	vigil_status status = vg_template_list_open(all->config->allocator, &all->templates, err);
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
	all->staged_templates = all->report->resumed ? vg_template_list_count(all->templates) : (size_t)first;
	return status;
}

static void fill_report(const vg_import_run *all)
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
	vg_import_run all = {
	    .config = config, .report = ret, .source = config->source && *config->source ? config->source : "main"};
	const char *errors = config->errors ? config->errors : vg_format(arena, "%s.errors.csv", config->file);
	vigil_status status = errors ? vg_import_find(config->paths, config->path_count, all.source, arena, &all.inputs, err)
				     : vg_fail_memory(err);
	if (status == VIGIL_OK)
		status = begin(&all, err);
	if (status == VIGIL_OK && !all.state.reading_done)
		status = vg_import_read(&all, err);
	bool unreadable = status == VIGIL_BAD_INPUT;
	if (status == VIGIL_OK) {
		fill_report(&all);
		vg_joining joining = {.config = config,
				      .inputs = &all.inputs,
				      .stage = all.stage,
				      .templates = all.templates,
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
	vg_template_list_close(all.templates);
	return status;
}
