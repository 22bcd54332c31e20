/* Lines of plain and compressed files, feeds in parts, and work finished in order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "store/store.h"
#include "support/support.h"

static char folder[64];
static char path[96];

static const char *place(const char *name)
{
	if (!*folder) {
		snprintf(folder, sizeof folder, "/tmp/vigil-feed-XXXXXX");
		CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	}
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void tidy(const char *name) { remove(place(name)); }

static void write_file(const char *name, const void *bytes, size_t length)
{
	FILE *stream = fopen(place(name), "wb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
	CU_ASSERT_EQUAL(fwrite(bytes, 1, length, stream), length);
	fclose(stream);
}

/* `count` lines, the n-th of n % 977 letters; returns the length. */
static char *many_lines(size_t count, size_t *ret_length)
{
	char *text = malloc(count * 980 + 1), *at = text;
	for (size_t i = 0; text && i < count; i++) {
		memset(at, (int)('a' + i % 26), i % 977);
		at += i % 977;
		*at++ = '\n';
	}
	*ret_length = (size_t)(at - text);
	return text;
}

/* Reads the file through chunks and checks that they are the text; returns the number of lines. */
static size_t read_back(const char *name, const char *text, size_t length, vigil_status *ret, vigil_error *err)
{
	vg_lines *lines = NULL;
	vg_chunk chunk;
	size_t seen = 0, count = 0, place_in_chunk, line_length;
	const char *line;
	vg_chunk_init(&chunk, NULL);
	*ret = vg_lines_open(place(name), 1 << 20, NULL, &lines, err);
	while (*ret == VIGIL_OK) {
		*ret = vg_lines_fill(lines, &chunk, err);
		if (*ret != VIGIL_OK || !chunk.length)
			break;
		CHECK(chunk.first_line == count + 1, "the chunk begins with line %d", (int)count + 1);
		CHECK(seen + chunk.length <= length && memcmp(text + seen, chunk.text, chunk.length) == 0,
		      "the same bytes at %zu", seen);
		seen += chunk.length;
		for (place_in_chunk = 0; vg_chunk_line(&chunk, &place_in_chunk, &line, &line_length);)
			count++;
	}
	if (*ret == VIGIL_OK)
		CHECK(seen == length, "%zu of %zu bytes", seen, length);
	vg_lines_close(lines);
	vg_chunk_free(&chunk);
	return count;
}

static void reads_lines_of_every_packing(void)
{
	size_t length, packed_length = 0;
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_status status;
	char *text = many_lines(12000, &length);
	char *packed = malloc(length + 1000);
	CU_ASSERT_PTR_NOT_NULL_FATAL(packed);
	write_file("plain", text, length);
	CHECK(read_back("plain", text, length, &status, &error) == 12000 && status == VIGIL_OK, "plain: %s", error.text);
	write_file("tail", text, length - 1);
	CHECK(read_back("tail", text, length - 1, &status, &error) == 12000 && status == VIGIL_OK,
	      "the last line may lack its break");

	gzFile stream = gzopen(place("gzip"), "wb");
	gzwrite(stream, text, (unsigned)(length / 2)); /* two streams, one behind the other */
	gzclose(stream);
	stream = gzopen(place("gzip"), "ab");
	gzwrite(stream, text + length / 2, (unsigned)(length - length / 2));
	gzclose(stream);
	CHECK(read_back("gzip", text, length, &status, &error) == 12000 && status == VIGIL_OK, "gzip: %s", error.text);

	ZSTD_CCtx *context = ZSTD_createCCtx();
	ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	packed_length = ZSTD_compress2(context, packed, length + 1000, text, length);
	ZSTD_freeCCtx(context);
	write_file("zstd", packed, packed_length);
	CHECK(read_back("zstd", text, length, &status, &error) == 12000 && status == VIGIL_OK, "zstd: %s", error.text);
	write_file("cut", packed, packed_length - 20);
	read_back("cut", text, length, &status, &error);
	CHECK(status == VIGIL_BAD_INPUT && strstr(error.text, "ends in the middle"), "a cut file is an error: %s", error.text);
	CHECK(strstr(error.file, "cut") != NULL, "and is named: %s", error.file);
	packed[packed_length - 3] ^= 0x55; /* in the checksum */
	write_file("cut", packed, packed_length);
	read_back("cut", text, length, &status, &error);
	CHECK(status == VIGIL_BAD_INPUT, "so is a damaged one: %s", error.text);
	free(packed);
	free(text);
	tidy("plain");
	tidy("tail");
	tidy("gzip");
	tidy("zstd");
	tidy("cut");
}

/* Of a file whole parts are read at once; the limit is what one line may make of memory, so lines of several parts show it. */
static void passes_over_lines_that_are_too_long(void)
{
	size_t length = 5 << 20;
	char *text = malloc(length + 20);
	vg_lines *lines;
	vg_chunk chunk;
	vigil_error error = VIGIL_ERROR_INIT;
	CU_ASSERT_PTR_NOT_NULL_FATAL(text);
	memset(text, 'x', length);
	memcpy(text, "one\n", 4);
	memcpy(text + length, "\nthree\n", 7);
	write_file("long", text, length + 7);
	free(text);
	vg_chunk_init(&chunk, NULL);
	CU_ASSERT_EQUAL_FATAL(vg_lines_open(place("long"), 1000, NULL, &lines, &error), VIGIL_OK);
	CU_ASSERT_EQUAL(vg_lines_fill(lines, &chunk, &error), VIGIL_OK);
	CHECK(chunk.length == 4 && chunk.first_line == 1, "the line before it: %zu bytes", chunk.length);
	CU_ASSERT_EQUAL(vg_lines_fill(lines, &chunk, &error), VIGIL_OK);
	CHECK(chunk.too_long && chunk.first_line == 2 && chunk.length == 0, "the line is told, not given");
	CU_ASSERT_EQUAL(vg_lines_fill(lines, &chunk, &error), VIGIL_OK);
	CHECK(chunk.length == 6 && chunk.first_line == 3 && !chunk.too_long, "the line behind it: %zu bytes", chunk.length);
	CU_ASSERT_EQUAL(vg_lines_fill(lines, &chunk, &error), VIGIL_OK);
	CHECK(chunk.length == 0 && !chunk.too_long, "the end");
	CHECK(chunk.capacity < 4 << 20, "memory does not grow with the line: %zu", chunk.capacity);
	vg_lines_close(lines);
	vg_chunk_free(&chunk);
	tidy("long");
}

/* ---- pipelines -------------------------------------------------------------------------- */

typedef struct counting {
	unsigned numbers[16]; /* of the batch in each slot */
	unsigned filled, finished, most, fail_fill, fail_work, fail_finish;
	bool in_order;
} counting;

static vigil_status fill(void *user, unsigned slot, bool *ret_any, vigil_error *err)
{
	counting *self = user;
	*ret_any = self->filled < self->most;
	if (self->fail_fill && self->filled + 1 == self->fail_fill)
		return vg_fail(err, VIGIL_BAD_INPUT, "", "fill");
	self->numbers[slot] = self->filled += *ret_any;
	return VIGIL_OK;
}

static vigil_status work(void *user, unsigned thread, unsigned slot, vigil_error *err)
{
	counting *self = user;
	(void)thread;
	if (self->numbers[slot] % 7 == 0)
		usleep(300); /* some batches take longer than those behind them */
	if (self->numbers[slot] == self->fail_work)
		return vg_fail(err, VIGIL_BAD_INPUT, "", "work");
	return VIGIL_OK;
}

static vigil_status finish(void *user, unsigned slot, vigil_error *err)
{
	counting *self = user;
	self->in_order &= self->numbers[slot] == self->finished + 1;
	self->finished++;
	if (self->finished == self->fail_finish)
		return vg_fail(err, VIGIL_BAD_OUTPUT, "", "finish");
	return VIGIL_OK;
}

static vigil_status run(counting *self, unsigned threads, vigil_error *err)
{
	const vg_pipeline pipeline = {threads, threads == 1 ? 1 : 2 * threads, self, fill, work, finish};
	self->in_order = true;
	return vg_pipeline_run(&pipeline, err);
}

static void finishes_in_order(void)
{
	for (unsigned threads = 1; threads <= 8; threads *= 2) {
		counting self = {.most = 400};
		vigil_error error = VIGIL_ERROR_INIT;
		CU_ASSERT_EQUAL(run(&self, threads, &error), VIGIL_OK);
		CHECK(self.in_order && self.finished == 400, "%u threads: %u finished", threads, self.finished);
	}
}

static void ends_with_the_first_failure(void)
{
	for (unsigned threads = 1; threads <= 4; threads *= 2) {
		counting in_fill = {.most = 400, .fail_fill = 100};
		counting in_work = {.most = 400, .fail_work = 100}, in_finish = {.most = 400, .fail_finish = 100};
		vigil_error error = VIGIL_ERROR_INIT;
		CU_ASSERT_EQUAL(run(&in_fill, threads, &error), VIGIL_BAD_INPUT);
		CHECK(in_fill.finished == 99 && in_fill.in_order, "fill: what came before is finished: %u", in_fill.finished);
		CHECK_TEXT(error.text, "fill");
		CU_ASSERT_EQUAL(run(&in_work, threads, &error), VIGIL_BAD_INPUT);
		CHECK(in_work.finished == 99 && in_work.in_order, "work: what came before is finished: %u", in_work.finished);
		CHECK_TEXT(error.text, "work");
		CU_ASSERT_EQUAL(run(&in_finish, threads, &error), VIGIL_BAD_OUTPUT);
		CHECK(in_finish.finished == 100 && in_finish.in_order, "finish: nothing behind it: %u", in_finish.finished);
	}
}

/* ---- earlier results -------------------------------------------------------------------------- */

static void reads_earlier_results(void)
{
	static const char csv[] = "patient,rule,status,due,overdue_since,last_done,reason\n"
				  "Patient/a,hiv,overdue,2020-01-01,2020-01-02,,\"No such test, ever.\"\n"
				  ",,error,,,,\"line 2: bad\"\n"
				  "Patient/b,hiv,up_to_date,,,,x\n";
	static const char ndjson[] = "{\"schema\":\"vigil.check/1\",\"patient\":\"Patient/"
				     "a\",\"screenings\":[{\"rule\":\"hiv\",\"status\":\"overdue\"}]}\n"
				     "{\"line\":2,\"error\":\"bad\"}\n"
				     "{\"schema\":\"vigil.check/1\",\"patient\":\"Patient/"
				     "b\",\"screenings\":[{\"rule\":\"hiv\",\"status\":\"up_to_date\"}]}\n";
	static const char *const names[2] = {"since.csv", "since.ndjson"}, *const texts[2] = {csv, ndjson};
	vigil_error error = VIGIL_ERROR_INIT;
	for (int i = 0; i < 2; i++) {
		vg_since *since = NULL;
		write_file(names[i], texts[i], strlen(texts[i]));
		CU_ASSERT_EQUAL_FATAL(vg_since_open(place(names[i]), NULL, &since, &error), VIGIL_OK);
		CU_ASSERT_EQUAL(vg_since_left(since), 1);
		CU_ASSERT_EQUAL(vg_since_before(since, "Patient/a", "hiv"), VG_OVERDUE);
		CU_ASSERT_EQUAL(vg_since_before(since, "Patient/b", "hiv"), VG_UP_TO_DATE);
		CU_ASSERT_EQUAL(vg_since_before(since, "Patient/a", "aids"), VG_NOT_APPLICABLE);
		CU_ASSERT_EQUAL(vg_since_left(since), 0);
		vg_since_close(since);
		tidy(names[i]);
	}
	vg_since *none = NULL;
	static const char alerts[] = "patient,rule,kind,severity\nPatient/a,wf01,interaction,warning\n";
	write_file("since.csv", alerts, sizeof alerts - 1);
	CU_ASSERT_EQUAL(vg_since_open(place("since.csv"), NULL, &none, &error), VIGIL_BAD_INPUT);
	CHECK(error.line == 1, "a result of alerts is not one to compare with: line %d", error.line);
	CU_ASSERT_PTR_NULL(none);
	tidy("since.csv");
	rmdir(folder);
	*folder = '\0';
}

static void names_changes(void)
{
	CU_ASSERT_EQUAL(vg_change_between(VG_UP_TO_DATE, VG_OVERDUE), VG_CHANGE_NEWLY_OVERDUE);
	CU_ASSERT_EQUAL(vg_change_between(VG_DUE_SOON, VG_OVERDUE), VG_CHANGE_NEWLY_OVERDUE);
	CU_ASSERT_EQUAL(vg_change_between(VG_NOT_APPLICABLE, VG_DUE_SOON), VG_CHANGE_NEWLY_DUE);
	CU_ASSERT_EQUAL(vg_change_between(VG_OVERDUE, VG_UP_TO_DATE), VG_CHANGE_CLOSED);
	CU_ASSERT_EQUAL(vg_change_between(VG_OVERDUE, VG_NOT_APPLICABLE), VG_CHANGE_DROPPED);
	CU_ASSERT_EQUAL(vg_change_between(VG_UP_TO_DATE, VG_INDETERMINATE), VG_CHANGE_UNKNOWN);
	CU_ASSERT_EQUAL(vg_change_between(VG_OVERDUE, VG_OVERDUE), VG_CHANGE_NONE);
}

/* ---- memory ------------------------------------------------------------------------------------ */

static vigil_status use_all(const vg_allocator *allocator, vigil_error *err)
{
	vg_lines *lines = NULL;
	vg_chunk chunk;
	vg_since *since = NULL;
	vg_chunk_init(&chunk, allocator);
	vigil_status status = vg_lines_open(place("small"), 1000, allocator, &lines, err);
	if (status == VIGIL_OK)
		status = vg_lines_fill(lines, &chunk, err);
	if (status == VIGIL_OK)
		status = vg_since_open(path, allocator, &since, err);
	vg_since_close(since);
	vg_lines_close(lines);
	vg_chunk_free(&chunk);
	return status;
}

static void survives_every_failed_allocation(void)
{
	static const char text[] = "Patient/a,hiv,overdue,,,,\nPatient/b,hiv,overdue,,,,\n";
	bool done = false;
	write_file("small", text, strlen(text));
	for (size_t i = 1; !done && i < 100; i++) {
		test_allocator failing = {.fail_at = i};
		vg_allocator allocator = {test_resize, &failing};
		vigil_error error = VIGIL_ERROR_INIT;
		vigil_status status = use_all(&allocator, &error);
		done = failing.calls < i;
		CHECK(done ? status == VIGIL_OK : status == VIGIL_NO_MEMORY, "call %zu: %d %s", i, (int)status, error.text);
		CHECK(failing.live_blocks == 0, "call %zu: %zu blocks are left", i, failing.live_blocks);
	}
	CHECK(done, "the loop came to its end");
	tidy("small");
}

const test_case test_cases_feed[] = {
    {"lines of plain, gzip and zstd files", reads_lines_of_every_packing},
    {"lines that are too long", passes_over_lines_that_are_too_long},
    {"work is finished in order", finishes_in_order},
    {"the first failure ends it", ends_with_the_first_failure},
    {"changes have names", names_changes},
    {"every allocation fails once", survives_every_failed_allocation},
    {"earlier results", reads_earlier_results},
    {0},
};
