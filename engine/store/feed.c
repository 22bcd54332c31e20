/*
 * Feeds: one record after the other, from lines, files, folders and stores.
 *
 * A feed is a list of inputs in a fixed order.  An input is read by one thread
 * at a time, a batch of items at a time; what an item says is read later, by
 * whichever thread works on its batch.  An item that cannot be read is an item
 * with its trouble, so that it is answered in its place; an input that breaks
 * off fails the feed, for nobody knows how many records are missing.
 *
 * A shard takes every count-th line of an input of lines, every count-th of the
 * files that are a record each, and of a store an equal range of its patients, so
 * that the shards' results one after the other are the whole's.
 */
#include "store/store_internal.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const of_lines[] = {".ndjson", ".ndjson.gz", ".ndjson.zst", ".jsonl", ".jsonl.gz", ".jsonl.zst"};

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), tail = strlen(end);
	return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool holds_lines(const char *path)
{
	for (size_t i = 0; i < VG_COUNT(of_lines); i++)
		if (ends_with(path, of_lines[i]))
			return true;
	return strcmp(path, "-") == 0;
}

static bool is_store(const char *path)
{
	static const char magic[] = "SQLite format 3";
	char head[sizeof magic] = "";
	FILE *stream = strcmp(path, "-") == 0 ? NULL : fopen(path, "re");
	bool read = stream && fread(head, 1, sizeof head, stream) == sizeof head;
	if (stream)
		fclose(stream);
	return ends_with(path, ".db") || (read && memcmp(head, magic, sizeof magic) == 0);
}

enum { PATIENTS_OF_A_BATCH = 256 };

/* The store's part of the shard, dealt out into batches: ranges of patients. */
static vigil_status open_store(vg_feed *feed, vg_input *input, vigil_error *err)
{
	vigil_status status = vg_population_open(input->path, &feed->allocator, &input->population, err);
	if (status != VIGIL_OK)
		return status;
	uint64_t patients = vg_population_info_of(input->population)->patients;
	input->range = VG_WHOLE_POPULATION;
	if (feed->shard.count) {
		input->range = vg_population_part(input->range, feed->shard.number, feed->shard.count);
		patients /= feed->shard.count;
	}
	input->parts = patients / PATIENTS_OF_A_BATCH + 1;
	feed->size += input->parts;
	return VIGIL_OK;
}

static vigil_status add_input(vg_feed *feed, const char *path, bool lines, vigil_error *err)
{
	vg_input *inputs = vg_grow(&feed->arena, feed->inputs, feed->count, &feed->capacity, sizeof *inputs);
	if (!inputs)
		return vg_fail_memory(err);
	feed->inputs = inputs;
	vg_input *input = &feed->inputs[feed->count];
	*input = (vg_input){.path = path, .lines = lines};
	feed->count++;
	if (!lines && is_store(path))
		return open_store(feed, input, err);
	struct stat about;
	if (strcmp(path, "-") != 0 && stat(path, &about) == 0 && S_ISREG(about.st_mode))
		feed->size += (uint64_t)about.st_size;
	return VIGIL_OK;
}

static vigil_status add_folder(vg_feed *feed, const char *folder, vigil_error *err)
{
	const char *const *names;
	size_t count, before = feed->count;
	vigil_status status = vg_list_files(&feed->arena, folder, "", &names, &count, err);
	for (size_t i = 0; status == VIGIL_OK && i < count; i++) {
		if (!holds_lines(names[i]) && !ends_with(names[i], ".json"))
			continue;
		const char *path = vg_format(&feed->arena, "%s/%s", folder, names[i]);
		status = path ? add_input(feed, path, holds_lines(names[i]), err) : vg_fail_memory(err);
	}
	if (status == VIGIL_OK && feed->count == before)
		return vg_fail(err, VIGIL_BAD_INPUT, "Name a folder of *.json and *.ndjson (also .gz and .zst) files.",
			       "The folder \"%s\" holds no file of records.", folder);
	return status;
}

static vigil_status add_path(vg_feed *feed, const char *path, vigil_error *err)
{
	struct stat about;
	if (strcmp(path, "-") != 0 && stat(path, &about) == 0 && S_ISDIR(about.st_mode))
		return add_folder(feed, path, err);
	return add_input(feed, path, holds_lines(path), err);
}

vigil_status vg_feed_open(const char *const *paths, size_t count, vg_shard shard, const vg_allocator *allocator, vg_feed **ret,
			  vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_feed *feed = vg_alloc(&arena, sizeof *feed);
	if (!feed) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	feed->arena = arena;
	feed->allocator = arena.allocator;
	feed->shard = shard;
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; status == VIGIL_OK && i < count; i++)
		status = add_path(feed, paths[i], err);
	if (status != VIGIL_OK)
		vg_feed_close(feed);
	else
		*ret = feed;
	return status;
}

void vg_feed_close(vg_feed *feed)
{
	if (!feed)
		return;
	vg_lines_close(feed->lines);
	for (size_t i = 0; i < feed->count; i++)
		if (feed->inputs[i].population)
			vg_population_close(feed->inputs[i].population);
	vg_arena arena = feed->arena; /* it lies in it */
	vg_arena_free(&arena);
}

void vg_feed_sign(const vg_feed *feed, vg_digest_state *state)
{
	for (size_t i = 0; i < feed->count; i++)
		if (feed->inputs[i].population)
			vg_digest_add_text(state, vg_population_info_of(feed->inputs[i].population)->digest);
}

void vg_feed_go_on(vg_feed *feed, uint32_t number, uint64_t line)
{
	feed->current = number;
	feed->behind_line = line;
}

uint64_t vg_feed_read(const vg_feed *feed, uint64_t *ret_all)
{
	uint64_t all;
	*ret_all = feed->size;
	return feed->read + (feed->lines ? vg_lines_read(feed->lines, &all) : 0);
}

/* ---- batches ---------------------------------------------------------------------- */

void vg_batch_init(vg_batch *batch, const vg_allocator *allocator)
{
	*batch = (vg_batch){.line = 0};
	vg_arena_init(&batch->arena, allocator, 0);
	vg_chunk_init(&batch->chunk, allocator);
}

void vg_batch_free(vg_batch *batch)
{
	vg_arena_free(&batch->arena);
	vg_chunk_free(&batch->chunk);
}

static void next_input(vg_feed *feed)
{
	uint64_t all;
	if (feed->lines)
		feed->read += vg_lines_read(feed->lines, &all);
	vg_lines_close(feed->lines);
	feed->lines = NULL;
	feed->behind_line = 0;
	feed->current++;
}

/* A file that is one record. */
static bool fill_file(vg_feed *feed, vg_batch *batch)
{
	bool ours = feed->shard.count == 0 || feed->current % feed->shard.count == feed->shard.number - 1;
	batch->read = !ours;
	batch->end_input = feed->current + 1;
	batch->end_line = 0;
	next_input(feed);
	return ours;
}

static vigil_status fill_lines(vg_feed *feed, vg_batch *batch, bool *ret_any, vigil_error *err)
{
	const char *path = feed->inputs[feed->current].path;
	vigil_status status = VIGIL_OK;
	*ret_any = false;
	if (!feed->lines)
		status = vg_lines_open(path, vg_default_limits.bytes, &feed->allocator, &feed->lines, err);
	while (status == VIGIL_OK) {
		status = vg_lines_fill(feed->lines, &batch->chunk, err);
		if (status != VIGIL_OK || (!batch->chunk.length && !batch->chunk.too_long))
			break;
		uint64_t last = batch->chunk.first_line - 1 + batch->chunk.too_long;
		size_t place = 0, length;
		for (const char *text; vg_chunk_line(&batch->chunk, &place, &text, &length);)
			last++;
		batch->end_input = feed->current;
		batch->end_line = last;
		if (last <= feed->behind_line)
			continue;
		batch->line = batch->chunk.first_line - 1;
		batch->place = 0;
		batch->behind_line = feed->behind_line;
		*ret_any = true;
		return VIGIL_OK;
	}
	return status;
}

/* The next range of a store's patients; false when they are dealt out. */
static bool fill_range(vg_feed *feed, vg_batch *batch)
{
	const vg_input *input = &feed->inputs[feed->current];
	if (feed->behind_line >= input->parts)
		return false;
	batch->end_input = feed->current;
	batch->end_line = ++feed->behind_line;
	batch->range = vg_population_part(input->range, batch->end_line, input->parts);
	batch->sought = false;
	feed->read++;
	return true;
}

vigil_status vg_feed_fill(vg_feed *feed, vg_batch *batch, bool *ret_any, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	*ret_any = false;
	while (status == VIGIL_OK && !*ret_any && feed->current < feed->count) {
		batch->input = feed->current;
		if (feed->inputs[feed->current].population) {
			*ret_any = fill_range(feed, batch);
			if (!*ret_any)
				next_input(feed);
			continue;
		}
		if (!feed->inputs[feed->current].lines) {
			*ret_any = fill_file(feed, batch);
			continue;
		}
		status = fill_lines(feed, batch, ret_any, err);
		if (status == VIGIL_OK && !*ret_any)
			next_input(feed);
	}
	return status;
}
