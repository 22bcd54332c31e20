/* Growing texts: whole, or known to be failed. */
#include "base/base.h"
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static vg_arena arena;

static const char *json(const char *text)
{
	vg_buffer buffer;
	vg_buffer_init(&buffer, &arena);
	vg_add_json_text(&buffer, text);
	return vg_buffer_text(&buffer);
}

static void joins_texts(void)
{
	vg_arena_init(&arena, NULL, 0);
	vg_buffer buffer;
	vg_buffer_init(&buffer, &arena);
	CHECK_TEXT(vg_buffer_text(&buffer), "");
	vg_add(&buffer, "");
	vg_add(&buffer, "latest ");
	vg_add_bytes(&buffer, "eGFR!!", 4);
	vg_add_bytes(&buffer, NULL, 0);
	vg_addf(&buffer, " is below %d %s", 30, "mL/min");
	vg_add(&buffer, " ");
	vg_add_number(&buffer, 1.73);
	CHECK_TEXT(vg_buffer_text(&buffer), "latest eGFR is below 30 mL/min 1.73");
	CU_ASSERT_EQUAL(buffer.length, strlen("latest eGFR is below 30 mL/min 1.73"));
	vg_arena_free(&arena);
}

static void grows_from_any_length(void)
{
	vg_arena_init(&arena, NULL, 0);
	for (size_t step = 1; step < 300; step += 13) {
		vg_buffer buffer;
		vg_buffer_init(&buffer, &arena);
		char piece[300];
		memset(piece, 'a', step);
		piece[step] = '\0';
		for (int i = 0; i < 40; i++) {
			if (i % 2)
				vg_add(&buffer, piece);
			else
				vg_addf(&buffer, "%s", piece);
			if (i % 7 == 0)
				vg_alloc(&arena, 1); /* something behind it, so that it has to move */
		}
		const char *text = vg_buffer_text(&buffer);
		CHECK(strlen(text) == 40 * step && strspn(text, "a") == 40 * step, "pieces of %zu bytes are lost", step);
	}
	vg_arena_free(&arena);
}

static void writes_json(void)
{
	vg_arena_init(&arena, NULL, 0);
	CHECK_TEXT(json(""), "\"\"");
	CHECK_TEXT(json(NULL), "null");
	CHECK_TEXT(json("1.73 m² \"BSA\" \\ a/b"), "\"1.73 m² \\\"BSA\\\" \\\\ a/b\"");
	CHECK_TEXT(json("\b\t\n\f\r\x01\x1f\x7f"), "\"\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\"");
	CHECK_TEXT(json("a\xff\xc3(b\xe2\x82"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD(b\xEF\xBF\xBD\xEF\xBF\xBD\"");
	CHECK_TEXT(json("😀 ÿ"), "\"😀 ÿ\"");
	vg_arena_free(&arena);
}

/* Every byte at every place of a text, for what is looked at eight bytes at a time. */
static void escapes_anywhere(void)
{
	for (size_t length = 1; length <= 20; length++)
		for (size_t at = 0; at < length; at++)
			for (unsigned byte = 1; byte < 256; byte++) {
				char text[24] = "abcdefghijklmnopqrst", expected[40], middle[8] = {(char)byte};
				text[length] = '\0';
				const char *rest = text + at + 1;
				if (byte >= 0x80)
					memcpy(middle, "\xEF\xBF\xBD", 4); /* alone it is no UTF-8 */
				else if (byte == '"' || byte == '\\')
					snprintf(middle, sizeof middle, "\\%c", (int)byte);
				else if (byte < 0x20 && strchr("\b\t\n\f\r", (int)byte))
					snprintf(middle, sizeof middle, "\\%c", "btn?fr"[byte - '\b']);
				else if (byte < 0x20)
					snprintf(middle, sizeof middle, "\\u%04x", byte);
				snprintf(expected, sizeof expected, "\"%.*s%s%s\"", (int)at, text, middle, rest);
				text[at] = (char)byte;
				vg_arena_init(&arena, NULL, 0);
				CHECK_TEXT(json(text), expected);
				vg_arena_free(&arena);
			}
}

static void writes_counts(void)
{
	static const uint64_t counts[] = {0, 9, 10, 4294967296, UINT64_MAX};
	static const char *const texts[] = {"0", "9", "10", "4294967296", "18446744073709551615"};
	for (size_t i = 0; i < VG_COUNT(counts); i++) {
		vg_buffer buffer;
		vg_arena_init(&arena, NULL, 0);
		vg_buffer_init(&buffer, &arena);
		vg_add_count(&buffer, counts[i]);
		CHECK_TEXT(vg_buffer_text(&buffer), texts[i]);
		vg_arena_free(&arena);
	}
}

static void stays_failed(void)
{
	for (size_t limit = 16; limit < 2000; limit += 64) {
		vg_buffer buffer;
		vg_arena_init(&arena, NULL, limit);
		vg_buffer_init(&buffer, &arena);
		for (int i = 0; i < 100; i++) {
			vg_addf(&buffer, "%d,", i);
			vg_add_json_text(&buffer, "a \"quoted\" text");
		}
		CHECK(vg_buffer_text(&buffer) == NULL, "a shorter text passes for the whole one with %zu bytes", limit);
		vg_arena_free(&arena);
	}
}

static void tells_every_failure(void)
{
	for (size_t fail_at = 1;; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		vg_allocator allocator = {test_resize, &state};
		vg_arena_init(&arena, &allocator, 0);
		vg_buffer buffer;
		vg_buffer_init(&buffer, &arena);
		for (int i = 0; i < 2000; i++)
			vg_addf(&buffer, "line %d\n", i);
		const char *text = vg_buffer_text(&buffer);
		bool failed = state.calls >= fail_at;
		CHECK((text == NULL) == failed, "allocation %zu fails and the text is %s", fail_at, text ? "there" : "missing");
		CHECK(failed || strlen(text) == 10 * 7 + 90 * 8 + 900 * 9 + 1000 * 10, "the text is not whole");
		vg_arena_free(&arena);
		if (!failed) {
			CHECK(fail_at > 2, "too few allocations to test");
			return;
		}
	}
}

const test_case test_cases_buffer[] = {
    {"pieces are joined", joins_texts},
    {"pieces of any length, moved or not", grows_from_any_length},
    {"JSON texts are escaped, bad bytes replaced", writes_json},
    {"each byte is escaped wherever it stands", escapes_anywhere},
    {"counts are written in full", writes_counts},
    {"a buffer that failed stays failed", stays_failed},
    {"each allocation fails in turn", tells_every_failure},
    {NULL, NULL},
};
