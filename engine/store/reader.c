/*
 * Readers: from a feed's batches to records, each thread with its own.
 *
 * A store's dictionary is looked at once with a world's knowledge, for all
 * threads; a cursor and an unpacker are a thread's own, and are opened anew where
 * a feed goes from one store to the next.
 *
 * An item of lines or of a file is read as `vigil check` reads its record, so
 * what is wrong with it is said in the same words.
 */
#include "store/store_internal.h"

#include <string.h>

struct vg_lens {
	vg_arena arena; /* it lies in it */
	vg_allocator allocator;
	const vg_feed *feed;
	vg_world *world;
	vg_unpack what;
	vg_dictionary **dictionaries; /* of the stores, by input */
};

struct vg_reader {
	vg_arena arena; /* it lies in it */
	const vg_lens *lens;
	uint32_t input; /* that cursor and unpacker are of */
	vg_cursor *cursor;
	vg_unpacker *unpacker;
};

static vigil_status open_dictionaries(vg_lens *lens, vigil_error *err)
{
	const vg_feed *feed = lens->feed;
	vigil_status status = VIGIL_OK;
	lens->dictionaries = vg_alloc_array(&lens->arena, feed->count, sizeof(vg_dictionary *));
	if (!lens->dictionaries)
		return vg_fail_memory(err);
	for (size_t i = 0; status == VIGIL_OK && i < feed->count; i++)
		if (feed->inputs[i].population)
			status = vg_population_dictionary(feed->inputs[i].population, lens->world->knowledge,
							  lens->world->rulebook->watch, &lens->dictionaries[i], err);
	return status;
}

vigil_status vg_lens_open(const vg_feed *feed, vg_world *world, vg_unpack what, const vg_allocator *allocator, vg_lens **ret,
			  vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_lens *lens = vg_alloc(&arena, sizeof *lens);
	if (!lens) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	*lens =
	    (vg_lens){.arena = arena, .allocator = arena.allocator, .feed = feed, .world = vg_world_take(world), .what = what};
	vigil_status status = open_dictionaries(lens, err);
	if (status != VIGIL_OK)
		vg_lens_close(lens);
	else
		*ret = lens;
	return status;
}

void vg_lens_close(vg_lens *lens)
{
	if (!lens)
		return;
	for (size_t i = 0; lens->dictionaries && i < lens->feed->count; i++)
		if (lens->dictionaries[i])
			vg_dictionary_free(lens->dictionaries[i]);
	vg_world_release(lens->world);
	vg_arena arena = lens->arena; /* it lies in it */
	vg_arena_free(&arena);
}

vigil_status vg_reader_open(const vg_lens *lens, vg_reader **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, &lens->allocator, 0);
	vg_reader *reader = vg_alloc(&arena, sizeof *reader);
	if (!reader) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	*reader = (vg_reader){.arena = arena, .lens = lens};
	*ret = reader;
	return VIGIL_OK;
}

static void leave_store(vg_reader *reader)
{
	if (reader->cursor)
		vg_cursor_close(reader->cursor);
	if (reader->unpacker)
		vg_unpacker_close(reader->unpacker);
	reader->cursor = NULL;
	reader->unpacker = NULL;
}

void vg_reader_close(vg_reader *reader)
{
	if (!reader)
		return;
	leave_store(reader);
	vg_arena arena = reader->arena; /* it lies in it */
	vg_arena_free(&arena);
}

/* ---- a store's patients ------------------------------------------------------------- */

static vigil_status enter_store(vg_reader *reader, uint32_t input, vigil_error *err)
{
	if (reader->unpacker && reader->input == input)
		return VIGIL_OK;
	leave_store(reader);
	reader->input = input;
	return vg_unpacker_open(reader->lens->dictionaries[input], reader->lens->what, &reader->unpacker, err);
}

static vigil_status store_item(vg_reader *reader, vg_batch *batch, vg_feed_item *ret, bool *ret_any, vigil_error *err)
{
	vigil_status status = enter_store(reader, batch->input, err);
	if (status == VIGIL_OK && !reader->cursor)
		status = vg_cursor_open(reader->lens->feed->inputs[batch->input].population, &reader->cursor, err);
	if (status == VIGIL_OK && !batch->sought)
		status = vg_cursor_seek(reader->cursor, batch->range, err);
	batch->sought = true;
	ret->input = batch->input;
	return status == VIGIL_OK ? vg_cursor_next(reader->cursor, &ret->number, &ret->packed, ret_any, err) : status;
}

/* ---- texts ---------------------------------------------------------------------------- */

static bool is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
			return false;
	return true;
}

/* A whole file: read here, by the thread that works on it. */
static vigil_status file_item(vg_batch *batch, const vg_input *from, vg_feed_item *ret, vigil_error *err)
{
	vigil_error error = VIGIL_ERROR_INIT;
	char *text = NULL;
	vg_arena_reset(&batch->arena);
	vigil_status status = vg_read_file(&batch->arena, from->path, vg_default_limits.bytes, &text, &ret->length, &error);
	ret->text = text;
	if (status == VIGIL_OK)
		return status;
	ret->text = NULL;
	ret->trouble = vg_copy_text(&batch->arena, error.text, strlen(error.text));
	return status == VIGIL_NO_MEMORY || !ret->trouble ? vg_fail_memory(err) : VIGIL_OK;
}

vigil_status vg_reader_next(vg_reader *reader, vg_batch *batch, vg_feed_item *ret, bool *ret_any, vigil_error *err)
{
	const vg_feed *feed = reader->lens->feed;
	const vg_input *from = &feed->inputs[batch->input];
	const char *name = strcmp(from->path, "-") == 0 ? "standard input" : from->path;
	*ret = (vg_feed_item){.name = name};
	*ret_any = false;
	if (from->population)
		return store_item(reader, batch, ret, ret_any, err);
	if (!from->lines) {
		*ret_any = !batch->read;
		batch->read = true;
		return *ret_any ? file_item(batch, from, ret, err) : VIGIL_OK;
	}
	if (batch->chunk.too_long && batch->place == 0) {
		batch->place = 1;
		ret->line = ++batch->line;
		ret->trouble = "The line is longer than the largest record that is read (64 MB).";
		*ret_any = feed->shard.count == 0 || (ret->line - 1) % feed->shard.count == feed->shard.number - 1;
		return VIGIL_OK;
	}
	while (vg_chunk_line(&batch->chunk, &batch->place, &ret->text, &ret->length)) {
		ret->line = ++batch->line;
		bool ours = feed->shard.count == 0 || (ret->line - 1) % feed->shard.count == feed->shard.number - 1;
		if (!ours || ret->line <= batch->behind_line || is_blank(ret->text, ret->length))
			continue;
		*ret_any = true;
		return VIGIL_OK;
	}
	return VIGIL_OK;
}

/* A Patient alone is a line of an export by type: read as a whole record, it would say that he was never given anything. */
static bool is_lone_patient(const char *text, size_t length)
{
	static const char *const tokens[] = {"{", "\"resourceType\"", ":", "\"Patient\""};
	size_t at = 0;
	for (size_t i = 0; i < VG_COUNT(tokens); i++) {
		while (at < length && strchr(" \t\r\n", text[at]))
			at++;
		size_t token = strlen(tokens[i]);
		if (length - at < token || memcmp(text + at, tokens[i], token) != 0)
			return false;
		at += token;
	}
	return true;
}

vigil_status vg_reader_record(vg_reader *reader, const vg_feed_item *item, vg_record **ret, vigil_error *err)
{
	const vg_world *world = reader->lens->world;
	if (item->trouble)
		return vg_fail(err, VIGIL_BAD_INPUT, NULL, "%s", item->trouble);
	if (item->packed.bytes) {
		vigil_status status = enter_store(reader, item->input, err);
		return status == VIGIL_OK ? vg_unpack_record(reader->unpacker, item->packed, ret, err) : status;
	}
	if (item->line && is_lone_patient(item->text, item->length))
		return vg_fail(err, VIGIL_BAD_INPUT, "`vigil import` reads exports by resource type.",
			       "It is a Patient alone, not a Bundle of one patient's resources.");
	vigil_status (*read)(const char *, size_t, const vg_knowledge *, vg_watch, const vg_limits *, const vg_allocator *,
			     vg_record **, vigil_error *) =
	    reader->lens->what == VG_UNPACK_SEEN ? vg_record_read_seen : vg_record_read;
	return read(item->text, item->length, world->knowledge, world->rulebook->watch, &vg_default_limits,
		    &reader->lens->allocator, ret, err);
}
