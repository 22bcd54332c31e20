/*
 * Importing, the part that reads: lines and files become packed resources, and
 * these go to the buckets of their patients.
 *
 * A batch is about a megabyte of whole lines, or a file.  Batches are read in
 * order, packed by as many threads as there are, and staged in order: there
 * templates get their numbers, and what was counted is added up, so that the
 * store has the same bytes whatever the number of threads (pipeline.c).
 *
 * What is wrong with a line is noted with file, line and reason, and reading
 * goes on; what is wrong with a file as a whole - cut off, unreadable - ends the
 * import, for then nobody knows what is missing.
 *
 * A full dictionary changes how resources are packed.  Whether it was full is
 * told by the batches before: one that was packed without knowing it is packed
 * again when its turn comes.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "store/population_internal.h"

enum { FULL_DICTIONARY = 1 << 18 };

typedef struct word { /* a packed item, in the batch's arena: what is needed of it */
	vg_packed_item item;
	uint64_t line, number; /* number: of its patient */
	uint16_t sections;
	bool named, lone; /* named: it says whose it is */
	vg_staged_identifier *identifiers;
} word;

typedef struct batch {
	vg_arena arena;
	vg_chunk chunk;
	size_t input;
	uint64_t done;     /* lines up to here were staged before a kill */
	uint64_t read;     /* bytes of the file behind it */
	bool sparse, last; /* last: of its input */
	word *words;
	size_t count, capacity;
	uint64_t texts, bytes;
} batch;

typedef struct reader {
	vg_import_run *all;
	unsigned threads, slots;
	vg_packer **packers; /* one a thread, and one for what is packed again */
	batch *batches;      /* one a slot */
	vg_lines *lines;     /* of the input that is being read */
	size_t next;         /* the input that is read next, or is being read */
	uint64_t done;       /* of the first one */
	uint64_t bytes_before, since_checkpoint;
	atomic_bool full;
	vg_arena arena;
	vg_buffer packed;
} reader;

static size_t limit_of(const vg_import_config *config) { return config->line_limit ? config->line_limit : (size_t)256 << 20; }

/* ---- one text becomes words ------------------------------------------------------------------ */

static bool keep_text(batch *self, const char **text)
{
	if (**text)
		*text = vg_copy_text(&self->arena, *text, strlen(*text));
	return *text != NULL;
}

static bool keep_bytes(batch *self, vg_packed *packed)
{
	if (packed->length)
		packed->bytes = vg_copy_text(&self->arena, packed->bytes, packed->length);
	return packed->bytes || !packed->length;
}

static bool keep_identifiers(batch *self, word *made)
{
	const vg_packed_item *item = &made->item;
	if (!item->identifier_count)
		return true;
	made->identifiers = vg_alloc_array(&self->arena, item->identifier_count, sizeof *made->identifiers);
	for (size_t i = 0; made->identifiers && i < item->identifier_count; i++) {
		const vg_identifier *identifier = &item->identifiers[i];
		uint64_t parts[2] = {vg_hash(identifier->system, strlen(identifier->system)),
				     vg_hash(identifier->value, strlen(identifier->value))};
		made->identifiers[i] = (vg_staged_identifier){
		    .hash = vg_hash(parts, sizeof parts), .patient = made->number, .birth = item->birth, .sex = item->sex[0]};
	}
	return made->identifiers != NULL;
}

static word *new_word(batch *self)
{
	word *words = vg_grow(&self->arena, self->words, self->count, &self->capacity, sizeof *words);
	if (!words)
		return NULL;
	self->words = words;
	words[self->count] = (word){.item = {.key = "", .patient = "", .product = "", .why = "", .sex = "", .section = -1}};
	return &words[self->count++];
}

/* The item in memory that lasts until the batch is staged. */
static vigil_status add_word(reader *all, batch *self, vg_packer *packer, uint64_t line, const vg_packed_item *item,
			     uint16_t sections, vigil_error *err)
{
	word *made = new_word(self);
	if (!made)
		return vg_fail_memory(err);
	made->item = *item;
	made->line = line;
	made->sections = sections;
	made->lone = sections == VG_LONE_RESOURCE;
	made->named = *item->patient;
	made->number = made->named ? vg_join_number(all->all->source, item->patient) : 0;
	if (item->kind == VG_PACKED_DELETION) {
		int64_t updated = item->updated;
		if (updated == VG_NO_INSTANT)
			updated = all->all->inputs.items[self->input].transaction;
		vigil_status status = vg_pack_deletion(packer, item->key, all->all->state.source, updated, &made->item.template,
						       &made->item.packed, err);
		if (status != VIGIL_OK)
			return status;
	}
	bool by_key = item->kind == VG_PACKED_DELETION || item->kind == VG_PACKED_PRODUCT;
	bool kept = (!by_key || keep_text(self, &made->item.key)) && keep_text(self, &made->item.product) &&
		    keep_text(self, &made->item.why) && keep_bytes(self, &made->item.template) &&
		    keep_bytes(self, &made->item.packed) && keep_identifiers(self, made);
	return kept ? VIGIL_OK : vg_fail_memory(err);
}

/* A line, or a file that is no NDJSON (line 0). */
static vigil_status pack_text(reader *all, batch *self, vg_packer *packer, uint64_t line, const char *text, size_t length,
			      vigil_error *err)
{
	const vg_packed_item *items;
	size_t count;
	uint16_t sections;
	vigil_status status =
	    vg_pack_text(packer, text, length, all->all->state.source, self->sparse, &items, &count, &sections, err);
	for (size_t i = 0; status == VIGIL_OK && i < count; i++)
		status = add_word(all, self, packer, line, &items[i], sections, err);
	self->texts++;
	return status;
}

static vigil_status add_bad(batch *self, uint64_t line, const char *why, vigil_error *err)
{
	word *made = new_word(self);
	if (!made)
		return vg_fail_memory(err);
	made->item.kind = VG_PACKED_BAD;
	made->item.why = why;
	made->line = line;
	return VIGIL_OK;
}

static bool is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
			return false;
	return true;
}

static vigil_status pack_lines(reader *all, batch *self, vg_packer *packer, vigil_error *err)
{
	const vg_chunk *chunk = &self->chunk;
	const char *text;
	size_t place = 0, length;
	uint64_t line = chunk->first_line;
	vigil_status status = VIGIL_OK;
	if (chunk->too_long && line > self->done) {
		const char *why = vg_format(&self->arena, "The line is longer than %zu bytes.", limit_of(all->all->config));
		self->texts++;
		status = why ? add_bad(self, line, why, err) : vg_fail_memory(err);
	}
	for (; !chunk->too_long && status == VIGIL_OK && vg_chunk_line(chunk, &place, &text, &length); line++) {
		if (line <= self->done || is_blank(text, length))
			continue;
		self->bytes += length + 1;
		status = pack_text(all, self, packer, line, text, length, err);
	}
	return status;
}

static vigil_status pack_file(reader *all, batch *self, vg_packer *packer, vigil_error *err)
{
	const vg_import_input *input = &all->all->inputs.items[self->input];
	size_t limit = limit_of(all->all->config), length;
	char *text;
	if (input->size > limit) {
		const char *why =
		    vg_format(&self->arena, "The file is larger than %zu bytes; split it, or write it as NDJSON.", limit);
		return why ? add_bad(self, 0, why, err) : vg_fail_memory(err);
	}
	vg_arena arena; /* of the text, which may be large */
	vg_arena_init(&arena, all->all->config->allocator, 0);
	vigil_status status = vg_read_file(&arena, input->path, 0, &text, &length, err);
	if (status == VIGIL_OK) {
		self->bytes += length;
		status = pack_text(all, self, packer, 0, text, length, err);
	}
	vg_arena_free(&arena);
	return status;
}

static vigil_status pack_batch(reader *all, batch *self, vg_packer *packer, vigil_error *err)
{
	vg_arena_reset(&self->arena);
	self->words = NULL;
	self->count = self->capacity = 0;
	self->texts = self->bytes = 0;
	return all->all->inputs.items[self->input].lines ? pack_lines(all, self, packer, err)
							 : pack_file(all, self, packer, err);
}

/* ---- words are staged --------------------------------------------------------------------------- */

static vigil_status stage_fact(vg_import_run *all, const word *from, vg_frame *frame, vigil_error *err)
{
	vigil_status status = vg_stage_frame(all->stage, frame, err);
	for (size_t i = 0; status == VIGIL_OK && frame->kind == VG_FRAME_PERSON && i < from->item.identifier_count; i++)
		status =
		    vg_stage_bytes(all->stage, VG_STREAM_IDENTIFIERS, &from->identifiers[i], sizeof *from->identifiers, err);
	return status;
}

static vigil_status stage_word(reader *reading, const word *from, vigil_error *err)
{
	vg_import_run *all = reading->all;
	const vg_packed_item *item = &from->item;
	const vg_import_input *input = &all->inputs.items[all->state.input];
	vg_frame frame = {.kind = item->kind == VG_PACKED_PATIENT    ? VG_FRAME_PERSON
				  : item->kind == VG_PACKED_DELETION ? VG_FRAME_DELETION
								     : VG_FRAME_RESOURCE,
			  .file = (uint32_t)all->state.input,
			  .line = from->line,
			  .patient = from->number,
			  .product = item->product,
			  .sections = from->sections};
	bool deletion = item->kind == VG_PACKED_DELETION;
	if (item->kind == VG_PACKED_BAD) {
		all->state.bad++;
		return vg_import_note(all->stage, input->name, from->line ? from->line : (uint64_t)item->line, item->why, err);
	}
	if (item->kind == VG_PACKED_NOTHING) {
		all->state.passed_over++;
		return VIGIL_OK;
	}
	all->state.resources += !deletion;
	all->state.deletions += deletion;
	vigil_status status =
	    vg_template_list_pack(all->templates, item->template, item->packed, &reading->packed, &frame.packed, err);
	if (status != VIGIL_OK)
		return status;
	if (item->kind == VG_PACKED_PRODUCT)
		return vg_stage_keyed(all->stage, VG_STREAM_PRODUCTS, item->key, frame.packed, err);
	if (deletion && !from->named)
		return vg_stage_keyed(all->stage, VG_STREAM_DELETIONS, item->key, frame.packed, err);
	if (!from->named) {
		all->state.orphans++;
		return vg_import_note(all->stage, input->name, from->line,
				      item->kind == VG_PACKED_PATIENT ? "The Patient has no id." : "It names no patient.", err);
	}
	if (from->lone && item->section >= 0 && !deletion)
		all->state.sections |= 1U << item->section;
	return stage_fact(all, from, &frame, err);
}

static vigil_status stage_templates(vg_import_run *all, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	for (; status == VIGIL_OK && all->staged_templates < vg_template_list_count(all->templates); all->staged_templates++)
		status = vg_stage_keyed(all->stage, VG_STREAM_TEMPLATES, "",
					vg_template_list_text(all->templates, all->staged_templates + 1), err);
	return status;
}

/* Everything before the place that the state tells is staged. */
static vigil_status note_place(reader *self, uint64_t bytes, bool must, vigil_error *err)
{
	const vg_import_config *config = self->all->config;
	self->since_checkpoint += bytes;
	if (!must && self->since_checkpoint < (config->checkpoint ? config->checkpoint : (size_t)64 << 20))
		return VIGIL_OK;
	self->since_checkpoint = 0;
	vigil_status status = stage_templates(self->all, err);
	return status == VIGIL_OK ? vg_stage_checkpoint(self->all->stage, &self->all->state, err) : status;
}

/* The state is behind the batch. */
static void move_on(reader *self, const batch *done)
{
	vg_import_run *all = self->all;
	const vg_import_input *input = &all->inputs.items[done->input];
	all->state.texts += done->texts;
	all->state.bytes += done->bytes;
	if (input->lines) {
		uint64_t line = done->chunk.first_line;
		if (!done->chunk.too_long) {
			size_t place = 0, length;
			const char *text;
			for (line--; vg_chunk_line(&done->chunk, &place, &text, &length);)
				line++;
		}
		all->state.line = line > all->state.line ? line : all->state.line;
	}
	if (all->config->progress)
		all->config->progress(all->config->user, 0, self->bytes_before + done->read, all->inputs.bytes,
				      all->state.resources);
	if (done->last) {
		all->state.files++;
		all->state.input++;
		all->state.line = 0;
		self->bytes_before += input->size;
	}
}

/* ---- batches --------------------------------------------------------------------------------------- */

/* The next lines of the input that is open; *ret_any false: it has none left. */
static vigil_status fill_lines(reader *self, batch *next, bool *ret_any, vigil_error *err)
{
	const vg_import_config *config = self->all->config;
	vigil_status status = VIGIL_OK;
	uint64_t size;
	if (!self->lines)
		status = vg_lines_open(self->all->inputs.items[self->next].path, limit_of(config), config->allocator,
				       &self->lines, err);
	if (status == VIGIL_OK)
		status = vg_lines_fill(self->lines, &next->chunk, err);
	if (status != VIGIL_OK)
		return status;
	next->read = vg_lines_read(self->lines, &size);
	*ret_any = next->chunk.length > 0 || next->chunk.too_long;
	return VIGIL_OK;
}

static vigil_status fill(void *user, unsigned slot, bool *ret_any, vigil_error *err)
{
	reader *self = user;
	batch *next = &self->batches[slot];
	const vg_import_inputs *inputs = &self->all->inputs;
	*ret_any = self->next < inputs->count;
	if (!*ret_any)
		return VIGIL_OK;
	const vg_import_input *input = &inputs->items[self->next];
	bool more = false;
	next->input = self->next;
	next->done = self->done;
	next->read = input->size;
	next->sparse = atomic_load(&self->full);
	vigil_status status = input->lines ? fill_lines(self, next, &more, err) : VIGIL_OK;
	next->last = !more; /* a file, or the end of one: of lines a batch that holds none */
	if (next->last) {
		vg_lines_close(self->lines);
		self->lines = NULL;
		self->next++;
		self->done = 0;
	}
	return status;
}

static vigil_status work(void *user, unsigned thread, unsigned slot, vigil_error *err)
{
	reader *self = user;
	return pack_batch(self, &self->batches[slot], self->packers[thread], err);
}

static bool is_full(const vg_import_run *all)
{
	size_t most = all->config->dictionary ? all->config->dictionary : FULL_DICTIONARY;
	return vg_template_list_count(all->templates) >= most;
}

static vigil_status finish(void *user, unsigned slot, vigil_error *err)
{
	reader *self = user;
	batch *done = &self->batches[slot];
	vigil_status status = VIGIL_OK;
	if (!done->sparse && is_full(self->all)) {
		done->sparse = true;
		status = pack_batch(self, done, self->packers[self->threads], err);
	}
	for (size_t i = 0; status == VIGIL_OK && i < done->count; i++)
		status = stage_word(self, &done->words[i], err);
	if (status != VIGIL_OK)
		return status;
	move_on(self, done);
	atomic_store(&self->full, is_full(self->all));
	bool lines = self->all->inputs.items[done->input].lines;
	return note_place(self, lines ? done->bytes : self->all->inputs.items[done->input].size, false, err);
}

/* ---- the whole ------------------------------------------------------------------------------------- */

static vigil_status open_reader(reader *self, vigil_error *err)
{
	const vg_import_config *config = self->all->config;
	self->packers = vg_alloc_array(&self->arena, self->threads + 1, sizeof *self->packers);
	self->batches = vg_alloc_array(&self->arena, self->slots, sizeof *self->batches);
	vigil_status status = self->packers && self->batches ? VIGIL_OK : vg_fail_memory(err);
	for (unsigned i = 0; status == VIGIL_OK && i < self->slots; i++) {
		vg_arena_init(&self->batches[i].arena, config->allocator, 0);
		vg_chunk_init(&self->batches[i].chunk, config->allocator);
	}
	for (unsigned i = 0; status == VIGIL_OK && i <= self->threads; i++)
		status = vg_packer_open(config->allocator, &self->packers[i], err);
	return status;
}

static void close_reader(reader *self)
{
	vg_lines_close(self->lines);
	for (unsigned i = 0; self->packers && i <= self->threads; i++)
		vg_packer_close(self->packers[i]);
	for (unsigned i = 0; self->packers && self->batches && i < self->slots; i++) {
		vg_arena_free(&self->batches[i].arena);
		vg_chunk_free(&self->batches[i].chunk);
	}
	vg_arena_free(&self->arena);
}

static vigil_status note_missing(vg_import_run *all, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; status == VIGIL_OK && i < all->inputs.missing_count; i++) {
		all->state.bad++;
		status = vg_import_note(all->stage, all->inputs.missing[i], 0,
					"The export's manifest names this file, and it is not there.", err);
	}
	return status;
}

vigil_status vg_import_read(vg_import_run *all, vigil_error *err)
{
	unsigned threads = all->config->jobs ? all->config->jobs : 1;
	reader self = {.all = all,
		       .threads = threads,
		       .slots = threads == 1 ? 1 : 2 * threads,
		       .next = all->state.input,
		       .done = all->state.line};
	atomic_init(&self.full, is_full(all));
	for (uint64_t i = 0; i < all->state.input && i < all->inputs.count; i++)
		self.bytes_before += all->inputs.items[i].size;
	vg_arena_init(&self.arena, all->config->allocator, 0);
	vg_buffer_init(&self.packed, &self.arena);
	const vg_pipeline pipeline = {threads, self.slots, &self, fill, work, finish};
	vigil_status status = all->report->resumed ? VIGIL_OK : note_missing(all, err);
	if (status == VIGIL_OK)
		status = open_reader(&self, err);
	if (status == VIGIL_OK)
		status = vg_pipeline_run(&pipeline, err);
	if (status == VIGIL_OK) {
		all->state.reading_done = 1;
		status = note_place(&self, 0, true, err);
	}
	close_reader(&self);
	return status;
}
