/*
 * Whole lines of large files, plain, gzip or zstd.
 *
 * What is read is cut behind its last line break; the rest is carried over to
 * the next chunk.  So a chunk can be given to another thread while this one
 * reads on, and no line is copied apart.  From a pipe a chunk is what has come
 * until now: a program that writes a line and waits for the answer gets it.
 *
 * The kind of a file is told by its first bytes, not by its name.  A compressed
 * file that ends in the middle of its stream is an error, never a shorter file.
 * Several streams one behind the other are one file, as gzip and zstd have it.
 */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { CHUNK = 1 << 20, PACKED = 1 << 18, LEAST_ROOM = 1 << 16 };

typedef enum packing { PLAIN, GZIP, ZSTD } packing;

struct vg_lines {
	vg_arena arena; /* it lies in it */
	vg_allocator allocator;
	const char *path;
	int file;
	bool regular, ended, skipping, whole; /* whole: no compressed stream is open */
	packing packing;
	size_t limit;
	uint64_t next_line, read, size;
	char *carry; /* what stands behind the last line break */
	size_t carry_length, carry_capacity;
	char *packed; /* bytes as they were read: compressed ones, and the first ones in any case */
	size_t packed_from, packed_to;
	z_stream gzip;
	ZSTD_DStream *zstd;
};

static vigil_status fail_read(const vg_lines *lines, vigil_error *err, const char *advice, const char *what)
{
	vigil_status status = vg_fail(err, VIGIL_BAD_INPUT, advice, "It cannot be read further: %s.", what);
	vg_error_place(err, lines->path, (int)(lines->next_line < INT32_MAX ? lines->next_line : 0));
	return status;
}

static bool make_room(const vg_allocator *allocator, char **text, size_t *capacity, size_t wanted)
{
	if (wanted <= *capacity)
		return true;
	size_t larger = wanted > *capacity * 2 ? wanted : *capacity * 2;
	char *moved = allocator->resize(allocator->user, *text, *capacity, larger);
	if (!moved)
		return false;
	*text = moved;
	*capacity = larger;
	return true;
}

void vg_chunk_init(vg_chunk *chunk, const vg_allocator *allocator)
{
	*chunk = (vg_chunk){.allocator = allocator ? *allocator : vg_system_allocator};
}

void vg_chunk_free(vg_chunk *chunk)
{
	if (chunk->capacity)
		chunk->allocator.resize(chunk->allocator.user, chunk->text, chunk->capacity, 0);
	chunk->text = NULL;
	chunk->length = chunk->capacity = 0;
}

/* ---- bytes ------------------------------------------------------------------------------ */

/* 0 at the end; -1: `err` is filled. */
static ssize_t read_bytes(vg_lines *lines, char *to, size_t room, vigil_error *err)
{
	ssize_t count;
	do {
		count = read(lines->file, to, room);
	} while (count < 0 && errno == EINTR);
	if (count < 0)
		fail_read(lines, err, NULL, strerrordesc_np(errno));
	else
		lines->read += (uint64_t)count;
	return count;
}

static ssize_t refill(vg_lines *lines, vigil_error *err)
{
	if (lines->packed_from < lines->packed_to)
		return 1;
	ssize_t count = read_bytes(lines, lines->packed, PACKED, err);
	lines->packed_from = 0;
	lines->packed_to = count > 0 ? (size_t)count : 0;
	return count;
}

static ssize_t fail_packed(vg_lines *lines, vigil_error *err, const char *what)
{
	fail_read(lines, err, "Make or fetch the file again.", what);
	return -1;
}

static ssize_t inflate_some(vg_lines *lines, char *to, size_t room, vigil_error *err)
{
	z_stream *stream = &lines->gzip;
	stream->next_out = (unsigned char *)to;
	stream->avail_out = (unsigned)room;
	while (stream->avail_out == room) {
		ssize_t more = refill(lines, err);
		if (more <= 0)
			return more < 0 || lines->whole ? more : fail_packed(lines, err, "its gzip stream ends in the middle");
		if (lines->whole && inflateReset(stream) != Z_OK)
			return fail_packed(lines, err, "its gzip stream is damaged");
		lines->whole = false;
		stream->next_in = (unsigned char *)lines->packed + lines->packed_from;
		stream->avail_in = (unsigned)(lines->packed_to - lines->packed_from);
		int status = inflate(stream, Z_NO_FLUSH);
		lines->packed_from = lines->packed_to - stream->avail_in;
		if (status == Z_MEM_ERROR)
			return vg_fail_memory(err), -1;
		if (status != Z_OK && status != Z_STREAM_END)
			return fail_packed(lines, err, "its gzip stream is damaged");
		lines->whole = status == Z_STREAM_END;
	}
	return (ssize_t)(room - stream->avail_out);
}

static ssize_t unpack_zstd(vg_lines *lines, char *to, size_t room, vigil_error *err)
{
	ZSTD_outBuffer out = {to, room, 0};
	while (out.pos == 0) {
		ssize_t more = refill(lines, err);
		if (more <= 0)
			return more < 0 || lines->whole ? more : fail_packed(lines, err, "its zstd stream ends in the middle");
		ZSTD_inBuffer in = {lines->packed, lines->packed_to, lines->packed_from};
		size_t left = ZSTD_decompressStream(lines->zstd, &out, &in);
		lines->packed_from = in.pos;
		if (ZSTD_isError(left))
			return fail_packed(lines, err, "its zstd stream is damaged");
		lines->whole = left == 0;
	}
	return (ssize_t)out.pos;
}

static ssize_t read_some(vg_lines *lines, char *to, size_t room, vigil_error *err)
{
	if (lines->packing == GZIP)
		return inflate_some(lines, to, room, err);
	if (lines->packing == ZSTD)
		return unpack_zstd(lines, to, room, err);
	size_t first = lines->packed_to - lines->packed_from; /* read to see what kind of file it is */
	if (!first)
		return read_bytes(lines, to, room, err);
	first = first < room ? first : room;
	memcpy(to, lines->packed + lines->packed_from, first);
	lines->packed_from += first;
	return (ssize_t)first;
}

/* Whether more can be had without waiting for who writes it. */
static bool more_is_there(const vg_lines *lines)
{
	struct pollfd waiting = {.fd = lines->file, .events = POLLIN};
	return lines->regular || lines->packed_from < lines->packed_to || poll(&waiting, 1, 0) > 0;
}

/* ---- opening ------------------------------------------------------------------------------ */

static vigil_status start_packing(vg_lines *lines, vigil_error *err)
{
	ssize_t count;
	do { /* four bytes tell; a pipe may bring them one by one */
		count = read_bytes(lines, lines->packed + lines->packed_to, PACKED - lines->packed_to, err);
		lines->packed_to += count > 0 ? (size_t)count : 0;
	} while (count > 0 && lines->packed_to < 4);
	if (count < 0)
		return VIGIL_BAD_INPUT;
	lines->whole = true;
	if (lines->packed_to >= 2 && memcmp(lines->packed, "\x1f\x8b", 2) == 0) {
		if (inflateInit2(&lines->gzip, 15 + 16) != Z_OK)
			return vg_fail_memory(err);
		lines->packing = GZIP;
	} else if (lines->packed_to >= 4 && memcmp(lines->packed, "\x28\xb5\x2f\xfd", 4) == 0) {
		lines->zstd = ZSTD_createDStream();
		if (!lines->zstd || ZSTD_isError(ZSTD_initDStream(lines->zstd)))
			return vg_fail_memory(err);
		lines->packing = ZSTD;
	}
	return VIGIL_OK;
}

static vigil_status open_file(vg_lines *lines, const char *path, vigil_error *err)
{
	struct stat about;
	bool standard = strcmp(path, "-") == 0;
	lines->path = standard ? "standard input" : vg_copy_text(&lines->arena, path, strlen(path));
	if (!lines->path)
		return vg_fail_memory(err);
	lines->file = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
	if (lines->file < 0 || fstat(lines->file, &about) != 0) {
		vigil_status status = vg_fail(err, VIGIL_BAD_INPUT, "Check its path and its permissions.",
					      "\"%s\" cannot be opened: %s.", lines->path, strerrordesc_np(errno));
		vg_error_place(err, lines->path, 0);
		return status;
	}
	if (S_ISDIR(about.st_mode)) {
		vigil_status status =
		    vg_fail(err, VIGIL_BAD_INPUT, "Name a file in it.", "\"%s\" is a folder, not a file.", lines->path);
		vg_error_place(err, lines->path, 0);
		return status;
	}
	lines->regular = S_ISREG(about.st_mode);
	lines->size = lines->regular ? (uint64_t)about.st_size : 0;
	if (lines->regular)
		posix_fadvise(lines->file, 0, 0, POSIX_FADV_SEQUENTIAL);
	return VIGIL_OK;
}

vigil_status vg_lines_open(const char *path, size_t limit, const vg_allocator *allocator, vg_lines **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_lines *lines = vg_alloc(&arena, sizeof *lines);
	char *packed = vg_alloc(&arena, PACKED);
	if (!packed || !lines) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	lines->arena = arena;
	lines->allocator = arena.allocator;
	lines->packed = packed;
	lines->limit = limit;
	lines->next_line = 1;
	lines->file = -1;
	vigil_status status = open_file(lines, path, err);
	if (status == VIGIL_OK)
		status = start_packing(lines, err);
	if (status != VIGIL_OK) {
		vg_lines_close(lines);
		return status;
	}
	*ret = lines;
	return VIGIL_OK;
}

void vg_lines_close(vg_lines *lines)
{
	if (!lines)
		return;
	if (lines->packing == GZIP)
		inflateEnd(&lines->gzip);
	ZSTD_freeDStream(lines->zstd);
	if (lines->file >= 0)
		close(lines->file);
	if (lines->carry_capacity)
		lines->allocator.resize(lines->allocator.user, lines->carry, lines->carry_capacity, 0);
	vg_arena arena = lines->arena; /* it lies in it */
	vg_arena_free(&arena);
}

uint64_t vg_lines_read(const vg_lines *lines, uint64_t *ret_all)
{
	*ret_all = lines->size;
	return lines->read;
}

/* ---- lines ---------------------------------------------------------------------------------- */

static uint64_t count_lines(const char *text, size_t length)
{
	uint64_t count = 0;
	for (const char *at = text, *end = text + length; (at = memchr(at, '\n', (size_t)(end - at))); at++)
		count++;
	return count;
}

/* Keeps what stands behind the chunk's first `length` bytes for the next one. */
static bool cut(vg_lines *lines, vg_chunk *chunk, size_t length)
{
	size_t rest = chunk->length - length;
	if (rest && !make_room(&lines->allocator, &lines->carry, &lines->carry_capacity, rest))
		return false;
	if (rest)
		memcpy(lines->carry, chunk->text + length, rest);
	lines->carry_length = rest;
	chunk->length = length;
	return true;
}

/* Passes over the rest of a line that is too long: the chunk tells of it and holds nothing. */
static vigil_status pass_over(vg_lines *lines, vg_chunk *chunk, vigil_error *err)
{
	for (;;) {
		ssize_t count = read_some(lines, chunk->text, chunk->capacity, err);
		if (count < 0)
			return err ? err->status : VIGIL_BAD_INPUT;
		chunk->length = (size_t)count;
		const char *end = count ? memchr(chunk->text, '\n', chunk->length) : NULL;
		lines->ended = count == 0;
		if (!end && count)
			continue;
		size_t passed = end ? (size_t)(end - chunk->text) + 1 : 0;
		memmove(chunk->text, chunk->text + passed, chunk->length - passed);
		chunk->length -= passed;
		chunk->too_long = true;
		lines->next_line++;
		return cut(lines, chunk, 0) ? VIGIL_OK : vg_fail_memory(err);
	}
}

/* Begins a chunk with what was carried over; returns whether there is room. */
static bool begin_chunk(vg_lines *lines, vg_chunk *chunk)
{
	chunk->length = 0;
	chunk->too_long = false;
	chunk->first_line = lines->next_line;
	if (!make_room(&chunk->allocator, &chunk->text, &chunk->capacity, CHUNK + LEAST_ROOM + lines->carry_length))
		return false;
	if (lines->carry_length)
		memcpy(chunk->text, lines->carry, lines->carry_length);
	chunk->length = lines->carry_length;
	lines->carry_length = 0;
	return true;
}

vigil_status vg_lines_fill(vg_lines *lines, vg_chunk *chunk, vigil_error *err)
{
	if (!begin_chunk(lines, chunk))
		return vg_fail_memory(err);
	const char *last = chunk->length ? memrchr(chunk->text, '\n', chunk->length) : NULL;
	size_t whole = last ? (size_t)(last - chunk->text) + 1 : 0;
	while (!lines->ended && (!whole || (chunk->length < CHUNK && more_is_there(lines)))) {
		if (!whole && chunk->length > lines->limit)
			return pass_over(lines, chunk, err);
		if (!make_room(&chunk->allocator, &chunk->text, &chunk->capacity, chunk->length + LEAST_ROOM))
			return vg_fail_memory(err);
		ssize_t count = read_some(lines, chunk->text + chunk->length, chunk->capacity - chunk->length, err);
		if (count < 0)
			return err ? err->status : VIGIL_BAD_INPUT;
		lines->ended = count == 0;
		last = count ? memrchr(chunk->text + chunk->length, '\n', (size_t)count) : NULL;
		chunk->length += (size_t)count;
		whole = last ? (size_t)(last - chunk->text) + 1 : whole;
	}
	if (!cut(lines, chunk, lines->ended ? chunk->length : whole))
		return vg_fail_memory(err);
	lines->next_line += count_lines(chunk->text, chunk->length);
	return VIGIL_OK;
}

bool vg_chunk_line(const vg_chunk *chunk, size_t *place, const char **ret, size_t *ret_length)
{
	if (*place >= chunk->length)
		return false;
	const char *text = chunk->text + *place, *end = memchr(text, '\n', chunk->length - *place);
	*ret = text;
	*ret_length = end ? (size_t)(end - text) : chunk->length - *place;
	*place += *ret_length + 1;
	return true;
}
