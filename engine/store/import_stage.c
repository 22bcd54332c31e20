/*
 * Staging: what was read of an import's input, sorted into buckets by patient.
 *
 * A patient's resources are spread over the files of an export.  While these
 * are read once, each resource goes to the bucket of its patient, a file in
 * FILE.import/; joining then takes one bucket at a time into memory, however
 * many patients there are.
 *
 * A checkpoint says how long each file was when everything before a place of
 * the input was in it.  After a kill the files are cut back to the last
 * checkpoint and reading goes on from there, so that the end is the same as
 * without the kill.  The files are not synced: when the machine itself went
 * down (another boot), reading begins anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/population_internal.h"

enum { BUCKETS = 512, BUFFER = 32 << 10, WALK = 256 << 10, PART = 16 << 20, BOOT = 40, PLAN = 65 };

typedef struct staged_file { /* a file that is appended to */
	int file;
	uint64_t length; /* written, what waits in the buffer included */
	size_t waiting;
	char *buffer;
} staged_file;

typedef struct checkpoint { /* the file `state`; read only by the build that wrote it */
	uint64_t sum;       /* of all that follows */
	char boot[BOOT], plan[PLAN];
	uint64_t size, buckets;
	vg_import_state state;
	uint64_t lengths[BUCKETS + VG_STREAM_COUNT];
} checkpoint;

struct vg_stage {
	vg_arena arena; /* the stage itself */
	const char *folder;
	int lock;
	char plan[PLAN];
	size_t buckets, part;
	staged_file *channels; /* streams, then buckets */
	checkpoint *point;     /* room for the next one */
	const char *state_path, *fresh_path;
	vg_buffer frame;
};

static vigil_status fail(const vg_stage *stage, const char *path, int reason, vigil_error *err)
{
	vg_fail(err, VIGIL_BAD_OUTPUT,
		reason == ENOSPC || reason == EDQUOT
		    ? "Free some space on the disk and run the same import again: it goes on where it was."
		    : "Check that the folder of the store may be written, and run the same import again.",
		"What was read cannot be kept: %s.", strerrordesc_np(reason));
	vg_error_place(err, path ? path : stage->folder, 0);
	return VIGIL_BAD_OUTPUT;
}

/* ---- names ---------------------------------------------------------------------------- */

static const char *const stream_names[VG_STREAM_COUNT] = {"templates", "identifiers", "products", "deletions", "errors"};

/* The path of a channel's file, in the stage's arena; NULL when memory ran out. */
static const char *path_of(vg_stage *stage, size_t index)
{
	if (index < VG_STREAM_COUNT)
		return vg_format(&stage->arena, "%s/%s", stage->folder, stream_names[index]);
	return vg_format(&stage->arena, "%s/bucket-%03zu", stage->folder, index - VG_STREAM_COUNT);
}

size_t vg_stage_bucket_count(const vg_stage *stage) { return stage->buckets; }

static void read_boot(char out[BOOT])
{
	memset(out, 0, BOOT);
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	if (!file)
		return;
	if (!fgets(out, BOOT, file))
		out[0] = '\0';
	fclose(file);
}

/* ---- writing ----------------------------------------------------------------------------- */

static bool write_all(int file, const char *bytes, size_t length)
{
	while (length) {
		ssize_t count = write(file, bytes, length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		bytes += count;
		length -= (size_t)count;
	}
	return true;
}

static vigil_status flush(vg_stage *stage, staged_file *channel, vigil_error *err)
{
	size_t waiting = channel->waiting;
	channel->waiting = 0;
	return write_all(channel->file, channel->buffer, waiting) ? VIGIL_OK : fail(stage, NULL, errno, err);
}

static vigil_status append(vg_stage *stage, staged_file *channel, const char *bytes, size_t length, vigil_error *err)
{
	if (channel->waiting + length > BUFFER) {
		vigil_status status = flush(stage, channel, err);
		if (status != VIGIL_OK)
			return status;
	}
	channel->length += length;
	if (length > BUFFER)
		return write_all(channel->file, bytes, length) ? VIGIL_OK : fail(stage, NULL, errno, err);
	memcpy(channel->buffer + channel->waiting, bytes, length);
	channel->waiting += length;
	return VIGIL_OK;
}

vigil_status vg_stage_bytes(vg_stage *stage, vg_stream stream, const void *bytes, size_t length, vigil_error *err)
{
	return append(stage, &stage->channels[stream], bytes, length, err);
}

static void add_u64(vg_buffer *out, uint64_t number) { vg_add_bytes(out, (const char *)&number, sizeof number); }

static void add_sized(vg_buffer *out, const void *bytes, size_t length)
{
	add_u64(out, length);
	vg_add_bytes(out, bytes, length);
}

/* Buckets are equal parts of the numbers, so that patients come in the order of the store. */
static size_t bucket_of(uint64_t patient, size_t buckets) { return (size_t)((patient >> 31) * buckets >> 32); }

vigil_status vg_stage_frame(vg_stage *stage, const vg_frame *frame, vigil_error *err)
{
	vg_buffer *out = &stage->frame;
	uint64_t head[] = {frame->patient, frame->line,
			   (uint64_t)frame->kind << 48 | (uint64_t)frame->sections << 32 | frame->file};
	out->length = 0;
	vg_add_bytes(out, (const char *)head, sizeof head);
	add_sized(out, frame->product, strlen(frame->product));
	add_sized(out, frame->packed.bytes ? frame->packed.bytes : "", frame->packed.length);
	if (out->failed)
		return vg_fail_memory(err);
	size_t bucket = bucket_of(frame->patient, stage->buckets);
	return append(stage, &stage->channels[VG_STREAM_COUNT + bucket], out->text, out->length, err);
}

vigil_status vg_stage_keyed(vg_stage *stage, vg_stream stream, const char *key, vg_packed packed, vigil_error *err)
{
	stage->frame.length = 0;
	add_sized(&stage->frame, key, strlen(key));
	add_sized(&stage->frame, packed.bytes, packed.length);
	if (stage->frame.failed)
		return vg_fail_memory(err);
	return vg_stage_bytes(stage, stream, stage->frame.text, stage->frame.length, err);
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool take(const char **at, const char *end, void *out, size_t length)
{
	if ((size_t)(end - *at) < length)
		return false;
	memcpy(out, *at, length);
	*at += length;
	return true;
}

/* Keys get their end by being followed by the length of what comes next: a copy is not needed. */
static bool take_sized(const char **at, const char *end, vg_packed *ret)
{
	uint64_t length;
	if (!take(at, end, &length, sizeof length) || length > (size_t)(end - *at))
		return false;
	*ret = (vg_packed){*at, (size_t)length};
	*at += length;
	return true;
}

static bool keyed_next(const char **at, const char *end, vg_packed *ret_key, vg_packed *ret)
{
	return take_sized(at, end, ret_key) && take_sized(at, end, ret);
}

bool vg_frame_next(const char **at, const char *end, vg_frame *ret)
{
	uint64_t head[3];
	if (!take(at, end, head, sizeof head))
		return false;
	*ret = (vg_frame){.patient = head[0],
			  .line = head[1],
			  .kind = (vg_frame_kind)(head[2] >> 48),
			  .sections = (uint16_t)(head[2] >> 32),
			  .file = (uint32_t)head[2]};
	return keyed_next(at, end, &ret->key, &ret->packed);
}

static vigil_status read_some(vg_stage *stage, size_t index, uint64_t from, char *to, size_t room, size_t *ret,
			      vigil_error *err)
{
	ssize_t count;
	do {
		count = pread(stage->channels[index].file, to, room, (off_t)from);
	} while (count < 0 && errno == EINTR);
	*ret = count > 0 ? (size_t)count : 0;
	return count >= 0 ? VIGIL_OK : fail(stage, path_of(stage, index), errno, err);
}

void vg_stage_walk_begin(vg_stage_walk *walk, vg_stage *stage, vg_stream stream, vg_arena *arena)
{
	*walk = (vg_stage_walk){.stage = stage, .arena = arena, .channel = stream, .at = "", .end = ""};
}

/* Reads on behind what was not taken yet; *ret_any false: there is nothing more. */
static vigil_status walk_on(vg_stage_walk *walk, bool *ret_any, vigil_error *err)
{
	size_t left = (size_t)(walk->end - walk->at), count = 0;
	vigil_status status = VIGIL_OK;
	if (left == walk->room || !walk->bytes) {
		size_t room = walk->bytes ? walk->room * 2 : WALK;
		char *bytes = vg_alloc(walk->arena, room);
		if (!bytes)
			return vg_fail_memory(err);
		walk->bytes = memcpy(bytes, walk->at, left);
		walk->room = room;
	} else {
		memmove(walk->bytes, walk->at, left);
	}
	status = read_some(walk->stage, walk->channel, walk->offset, walk->bytes + left, walk->room - left, &count, err);
	walk->offset += count;
	walk->at = walk->bytes;
	walk->end = walk->bytes + left + count;
	*ret_any = count > 0;
	if (status == VIGIL_OK && count == 0 && left) /* nobody but us writes here, and always whole words */
		status = fail(walk->stage, path_of(walk->stage, walk->channel), EIO, err);
	return status;
}

vigil_status vg_stage_walk_keyed(vg_stage_walk *walk, vg_packed *ret_key, vg_packed *ret, bool *ret_any, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	*ret_any = true;
	for (const char *at; status == VIGIL_OK && *ret_any; status = walk_on(walk, ret_any, err)) {
		at = walk->at;
		if (keyed_next(&at, walk->end, ret_key, ret)) {
			walk->at = at;
			return VIGIL_OK;
		}
	}
	return status;
}

/* Walks over a bucket's frames of one part: their bytes and number; with `to` they are copied there. */
static vigil_status walk_bucket(vg_stage *stage, size_t bucket, size_t part, size_t parts, vg_stage_words *words, char *to,
				vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, &stage->arena.allocator, 0);
	vg_stage_walk walk = {.stage = stage, .arena = &arena, .channel = VG_STREAM_COUNT + bucket, .at = "", .end = ""};
	vigil_status status = VIGIL_OK;
	words->length = words->count = 0;
	for (bool any = true; status == VIGIL_OK && any; status = walk_on(&walk, &any, err)) {
		vg_frame frame;
		for (const char *at = walk.at; vg_frame_next(&at, walk.end, &frame); walk.at = at) {
			/* A part of a bucket is a bucket of as many more. */
			if (bucket_of(frame.patient, stage->buckets * parts) != bucket * parts + part)
				continue;
			if (to)
				memcpy(to + words->length, walk.at, (size_t)(at - walk.at));
			words->length += (size_t)(at - walk.at);
			words->count++;
		}
	}
	vg_arena_free(&arena);
	return status;
}

size_t vg_stage_bucket_parts(const vg_stage *stage, size_t bucket)
{
	return (size_t)(stage->channels[VG_STREAM_COUNT + bucket].length / stage->part) + 1;
}

vigil_status vg_stage_read_bucket(vg_stage *stage, size_t bucket, size_t part, vg_arena *arena, vg_stage_words *ret,
				  vigil_error *err)
{
	size_t parts = vg_stage_bucket_parts(stage, bucket);
	vigil_status status = walk_bucket(stage, bucket, part, parts, ret, NULL, err);
	if (status != VIGIL_OK)
		return status;
	char *bytes = vg_alloc(arena, ret->length + 1);
	ret->bytes = bytes;
	return bytes ? walk_bucket(stage, bucket, part, parts, ret, bytes, err) : vg_fail_memory(err);
}

vigil_status vg_stage_read_identifiers(vg_stage *stage, uint64_t from, vg_staged_identifier *out, size_t count,
				       size_t *ret_count, vigil_error *err)
{
	ssize_t read =
	    pread(stage->channels[VG_STREAM_IDENTIFIERS].file, out, count * sizeof *out, (off_t)(from * sizeof *out));
	if (read < 0)
		return fail(stage, NULL, errno, err);
	*ret_count = (size_t)read / sizeof *out;
	return VIGIL_OK;
}

/* ---- publishing ------------------------------------------------------------------------------- */

static bool copy_stream(const staged_file *from, FILE *to)
{
	char bytes[16384];
	for (uint64_t at = 0; at < from->length;) {
		ssize_t count = pread(from->file, bytes, sizeof bytes, (off_t)at);
		if (count <= 0 || fwrite(bytes, 1, (size_t)count, to) != (size_t)count)
			return false;
		at += (uint64_t)count;
	}
	return fflush(to) == 0 && fsync(fileno(to)) == 0;
}

vigil_status vg_stage_publish(vg_stage *stage, vg_stream stream, const char *head, const char *path, bool *ret_any,
			      vigil_error *err)
{
	staged_file *channel = &stage->channels[stream];
	*ret_any = channel->length > 0;
	if (!*ret_any)
		return VIGIL_OK;
	vigil_status status = flush(stage, channel, err);
	const char *fresh = vg_format(&stage->arena, "%s.new", path);
	if (status != VIGIL_OK)
		return status;
	if (!fresh)
		return vg_fail_memory(err);
	FILE *file = fopen(fresh, "we");
	bool fine = file && fputs(head, file) >= 0 && copy_stream(channel, file);
	int reason = errno;
	if (file && fclose(file) != 0 && fine) {
		reason = errno;
		fine = false;
	}
	if (fine && rename(fresh, path) == 0)
		return VIGIL_OK;
	reason = fine ? errno : reason;
	unlink(fresh);
	return fail(stage, path, reason, err);
}

/* ---- checkpoints ------------------------------------------------------------------------------ */

static uint64_t sum_of(const checkpoint *point)
{
	return vg_hash((const char *)point + sizeof point->sum, sizeof *point - sizeof point->sum);
}

vigil_status vg_stage_checkpoint(vg_stage *stage, const vg_import_state *state, vigil_error *err)
{
	checkpoint *point = stage->point;
	const char *path = stage->state_path, *fresh = stage->fresh_path;
	read_boot(point->boot);
	memcpy(point->plan, stage->plan, sizeof point->plan);
	point->size = sizeof *point;
	point->buckets = stage->buckets;
	point->state = *state;
	for (size_t i = 0; i < VG_STREAM_COUNT + stage->buckets; i++) {
		vigil_status status = flush(stage, &stage->channels[i], err);
		if (status != VIGIL_OK)
			return status;
		point->lengths[i] = stage->channels[i].length;
	}
	point->sum = sum_of(point);
	int file = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool fine = file >= 0 && write_all(file, (const char *)point, sizeof *point);
	int reason = errno;
	if (file >= 0 && close(file) != 0) {
		reason = errno;
		fine = false;
	}
	if (fine && rename(fresh, path) == 0)
		return VIGIL_OK;
	return fail(stage, path, fine ? errno : reason, err);
}

/* The last checkpoint; false: there is none that can be gone on from. */
static bool read_checkpoint(const vg_stage *stage, checkpoint *ret)
{
	char boot[BOOT];
	FILE *file = fopen(stage->state_path, "re");
	bool whole = file && fread(ret, sizeof *ret, 1, file) == 1;
	if (file)
		fclose(file);
	read_boot(boot);
	return whole && ret->size == sizeof *ret && ret->sum == sum_of(ret) && ret->buckets && ret->buckets <= BUCKETS &&
	       memcmp(boot, ret->boot, BOOT) == 0;
}

/* ---- opening ------------------------------------------------------------------------------------- */

static vigil_status lock_folder(vg_stage *stage, vigil_error *err)
{
	const char *path = vg_format(&stage->arena, "%s/lock", stage->folder);
	if (!path)
		return vg_fail_memory(err);
	if (mkdir(stage->folder, 0700) != 0 && errno != EEXIST)
		return fail(stage, NULL, errno, err);
	stage->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (stage->lock < 0)
		return fail(stage, path, errno, err);
	if (flock(stage->lock, LOCK_EX | LOCK_NB) == 0)
		return VIGIL_OK;
	vg_fail(err, VIGIL_BAD_OUTPUT, "Wait until it is done.", "Another import into the store is running.");
	vg_error_place(err, stage->folder, 0);
	return VIGIL_BAD_OUTPUT;
}

static vigil_status open_channels(vg_stage *stage, const checkpoint *from, vigil_error *err)
{
	size_t count = VG_STREAM_COUNT + stage->buckets;
	stage->channels = vg_alloc_array(&stage->arena, count, sizeof *stage->channels);
	for (size_t i = 0; stage->channels && i < count; i++)
		stage->channels[i].file = -1;
	for (size_t i = 0; i < count; i++) {
		const char *path = path_of(stage, i);
		staged_file *channel = stage->channels ? &stage->channels[i] : NULL;
		char *buffer = channel && path ? vg_alloc(&stage->arena, BUFFER) : NULL;
		if (!buffer)
			return vg_fail_memory(err);
		channel->buffer = buffer;
		channel->file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		channel->length = from ? from->lengths[i] : 0;
		struct stat info;
		if (channel->file < 0 || fstat(channel->file, &info) != 0)
			return fail(stage, path, errno, err);
		if ((uint64_t)info.st_size < channel->length) { /* nobody but us writes here */
			vg_fail(err, VIGIL_BAD_INPUT, "Remove the folder; the import then begins anew.",
				"What an unfinished import left is not whole.");
			vg_error_place(err, stage->folder, 0);
			return VIGIL_BAD_INPUT;
		}
		if (ftruncate(channel->file, (off_t)channel->length) != 0 ||
		    lseek(channel->file, (off_t)channel->length, SEEK_SET) < 0)
			return fail(stage, path, errno, err);
	}
	return VIGIL_OK;
}

static vigil_status other_plan(const vg_stage *stage, vigil_error *err)
{
	vg_fail(err, VIGIL_WRONG_USE, "Run that import again to finish it, or remove the folder to forget it.",
		"An import of other files into this store was not finished.");
	vg_error_place(err, stage->folder, 0);
	return VIGIL_WRONG_USE;
}

vigil_status vg_stage_open(const char *store, const char *plan, size_t buckets, size_t part, const vg_allocator *allocator,
			   vg_stage **ret, vg_import_state *state, bool *ret_resumed, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_stage *stage = vg_alloc(&arena, sizeof *stage);
	checkpoint *point = vg_alloc(&arena, sizeof *point);
	if (!stage || !point) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	*stage = (vg_stage){.arena = arena, .lock = -1, .buckets = buckets < BUCKETS ? buckets : BUCKETS, .point = point};
	stage->part = part ? part : PART;
	stage->folder = vg_format(&stage->arena, "%s.import", store);
	stage->state_path = vg_format(&stage->arena, "%s.import/state", store);
	stage->fresh_path = vg_format(&stage->arena, "%s.import/state.new", store);
	vg_buffer_init(&stage->frame, &stage->arena);
	vg_digest_state digest;
	vg_digest words;
	vg_digest_begin(&digest);
	vg_digest_add_text(&digest, plan);
	vg_digest_end(&digest, &words);
	vg_digest_text(&words, stage->plan);
	vigil_status status =
	    stage->folder && stage->state_path && stage->fresh_path ? lock_folder(stage, err) : vg_fail_memory(err);
	*ret_resumed = status == VIGIL_OK && read_checkpoint(stage, point);
	if (*ret_resumed && memcmp(point->plan, stage->plan, PLAN) != 0)
		status = other_plan(stage, err);
	if (status == VIGIL_OK && *ret_resumed) {
		stage->buckets = (size_t)point->buckets;
		*state = point->state;
	}
	if (status == VIGIL_OK)
		status = open_channels(stage, *ret_resumed ? point : NULL, err);
	if (status != VIGIL_OK) {
		vg_stage_close(stage);
		return status;
	}
	*ret = stage;
	return VIGIL_OK;
}

void vg_stage_remove(vg_stage *stage)
{
	static const char *const others[] = {"state", "state.new", "lock"};
	char path[4096];
	for (size_t i = 0; i < VG_COUNT(others) - 1; i++) { /* first what would be gone on from */
		snprintf(path, sizeof path, "%s/%s", stage->folder, others[i]);
		unlink(path);
	}
	for (size_t i = 0; i < VG_STREAM_COUNT + stage->buckets; i++) {
		const char *name = path_of(stage, i);
		if (name)
			unlink(name);
	}
	snprintf(path, sizeof path, "%s/lock", stage->folder);
	unlink(path);
	rmdir(stage->folder);
}

void vg_stage_close(vg_stage *stage)
{
	if (!stage)
		return;
	for (size_t i = 0; stage->channels && i < VG_STREAM_COUNT + stage->buckets; i++)
		if (stage->channels[i].file >= 0)
			close(stage->channels[i].file);
	if (stage->lock >= 0)
		close(stage->lock);
	vg_arena arena = stage->arena; /* the stage lies in it */
	vg_arena_free(&arena);
}
