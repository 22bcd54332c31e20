/* Arenas: zeroed, aligned, bounded, given back, and honest about running out. */
#include "base/base.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_zero(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

static void hands_out_zeroed_parts(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	for (int round = 0; round < 3; round++) {
		size_t sum = 0;
		for (size_t i = 0; i < 3000; i++) {
			size_t size = i % 97 * (i % 13 == 0 ? 70 : 1);
			char *part = vg_alloc(&arena, size);
			CHECK(part && (uintptr_t)part % 16 == 0, "part %zu of %zu bytes is not aligned", i, size);
			CHECK(is_zero(part, size), "part %zu of round %d is not zeroed", i, round);
			memset(part, 0xAB, size);
			sum += (size + (size == 0) + 15) / 16 * 16;
		}
		CU_ASSERT_EQUAL(arena.used, sum);
		vg_arena_reset(&arena);
		CU_ASSERT_EQUAL(arena.used, 0);
	}
	vg_arena_free(&arena);
	vg_arena_free(&arena); /* twice is once */
}

static void keeps_parts_apart(void)
{
	enum { COUNT = 500 };
	vg_arena arena;
	char *parts[COUNT];
	vg_arena_init(&arena, NULL, 0);
	for (size_t i = 0; i < COUNT; i++) {
		parts[i] = vg_alloc(&arena, 1 + i * i % 5000);
		memset(parts[i], (int)(i % 251), 1 + i * i % 5000);
	}
	for (size_t i = 0; i < COUNT; i++)
		for (size_t j = 0; j < 1 + i * i % 5000; j++)
			if ((unsigned char)parts[i][j] != i % 251) {
				CHECK(false, "part %zu was overwritten", i);
				break;
			}
	vg_arena_free(&arena);
}

/* Formats of texts alone take a way of their own: the same as the C library's. */
static void formats_texts_as_the_library_does(void)
{
	static const char *const texts[] = {"", "a", "µ", "a text of some length that is joined to others", NULL};
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	for (size_t a = 0; a < VG_COUNT(texts); a++)
		for (size_t b = 0; b < VG_COUNT(texts); b++) {
			char expected[200];
			snprintf(expected, sizeof expected, "%s, %s%s", texts[a] ? texts[a] : "(null)",
				 texts[b] ? texts[b] : "(null)", "!");
			CHECK_TEXT(vg_format(&arena, "%s, %s%s", texts[a], texts[b], "!"), expected);
		}
	CHECK_TEXT(vg_format(&arena, "%s", ""), "");
	CHECK_TEXT(vg_format(&arena, "no text"), "no text");
	CHECK_TEXT(vg_format(&arena, "%s is 5 %%", "x"), "x is 5 %");
	CHECK_TEXT(vg_format(&arena, "%.*s and %s", 2, "abc", "d"), "ab and d");
	vg_arena_free(&arena);
	test_allocator state = {.fail_at = 1};
	vg_allocator allocator = {test_resize, &state};
	vg_arena_init(&arena, &allocator, 0);
	CHECK(!vg_format(&arena, "%s", "x") && arena.failed, "running out of memory is not told");
	vg_arena_free(&arena);
}

static void stays_in_its_limit(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 1000);
	CHECK(vg_alloc(&arena, 992) != NULL, "992 of 1000 bytes are refused");
	CHECK(vg_alloc(&arena, 9) == NULL && arena.failed, "more than the limit is handed out");
	vg_arena_reset(&arena);
	CHECK(!arena.failed && vg_alloc(&arena, 16) != NULL, "an arena stays failed after a reset");
	CHECK(vg_alloc(&arena, SIZE_MAX) == NULL && vg_alloc(&arena, SIZE_MAX / 2) == NULL, "nonsense is handed out");
	vg_arena_free(&arena);
	vg_arena_init(&arena, NULL, 0);
	CHECK(vg_alloc_array(&arena, SIZE_MAX / 4, 8) == NULL && arena.failed, "an overflowing array is handed out");
	vg_arena_free(&arena);
	vg_arena_init(&arena, NULL, 0);
	CHECK(vg_copy_text(&arena, "x", SIZE_MAX) == NULL && arena.failed, "an overflowing text is copied");
	vg_arena_free(&arena);
}

/* What a request does: small parts, some large, growing lists, texts. */
static bool work(vg_arena *arena)
{
	size_t capacity = 0, count = 0;
	uint32_t *list = NULL;
	for (uint32_t i = 0; i < 3000; i++) {
		uint32_t *grown = vg_grow(arena, list, count, &capacity, sizeof *list);
		if (!grown)
			return false;
		list = grown;
		list[count++] = i;
		if (i % 10 == 0 && !vg_alloc(arena, i))
			return false;
	}
	for (uint32_t i = 0; i < 3000; i++)
		if (list[i] != i)
			return false;
	char *text = vg_format(arena, "%d %s", 7, "pieces");
	char *copy = vg_copy_text(arena, "abc", 2);
	return text && copy && strcmp(text, "7 pieces") == 0 && strcmp(copy, "ab") == 0 && vg_alloc(arena, 3 << 20);
}

static void gives_all_back(void)
{
	test_allocator state = {0};
	vg_allocator allocator = {test_resize, &state};
	vg_arena arena;
	vg_arena_init(&arena, &allocator, 0);
	CHECK(state.calls == 0, "an arena allocates before it is used");
	CHECK(work(&arena), "the work fails with all the memory there is");
	size_t first = state.calls;
	for (int round = 0; round < 5; round++) {
		vg_arena_reset(&arena);
		CHECK(state.live_blocks <= 1, "a reset keeps %zu blocks", state.live_blocks);
		CHECK(state.live_bytes <= 1 << 20, "a reset keeps %zu bytes", state.live_bytes);
		CHECK(work(&arena), "the work fails in round %d", round);
	}
	CHECK(state.calls - first < 5 * first, "the kept block is not used again");
	vg_arena_free(&arena);
	CHECK(state.live_bytes == 0 && state.live_blocks == 0, "%zu bytes are lost", state.live_bytes);
}

static void needs_no_new_block_for_alike_requests(void)
{
	test_allocator state = {0};
	vg_allocator allocator = {test_resize, &state};
	vg_arena arena;
	vg_arena_init(&arena, &allocator, 0);
	size_t before = 0;
	for (int round = 0; round < 6; round++) {
		before = state.calls;
		for (int i = 0; i < 300; i++)
			vg_alloc(&arena, 100);
		vg_arena_reset(&arena);
	}
	CHECK(state.calls == before, "the sixth of equal requests still allocates");
	vg_arena_free(&arena);
}

static void keeps_the_largest_block(void)
{
	test_allocator state = {0};
	vg_allocator allocator = {test_resize, &state};
	vg_arena arena;
	vg_arena_init(&arena, &allocator, 0);
	vg_alloc(&arena, 16);
	vg_alloc(&arena, 600000);
	vg_alloc(&arena, 300000);
	vg_alloc(&arena, 2 << 20);
	vg_arena_reset(&arena);
	CHECK(state.live_blocks == 1 && state.live_bytes > 600000 && state.live_bytes < 700000,
	      "%zu blocks of %zu bytes are kept", state.live_blocks, state.live_bytes);
	size_t calls = state.calls;
	CHECK(vg_alloc(&arena, 500000) && state.calls == calls, "the kept block is not used");
	vg_arena_free(&arena);
	CU_ASSERT_EQUAL(state.live_bytes, 0);
}

static void wastes_nothing_on_large_parts(void)
{
	test_allocator state = {0};
	vg_allocator allocator = {test_resize, &state};
	vg_arena arena;
	vg_arena_init(&arena, &allocator, 0);
	char *small = vg_alloc(&arena, 16);
	vg_alloc(&arena, 100000);
	char *next = vg_alloc(&arena, 16);
	CHECK(next > small && next - small <= 64, "a large part closes the block of the small ones");
	CU_ASSERT_EQUAL(state.live_blocks, 2);
	vg_arena_free(&arena);
}

static void tells_every_failure(void)
{
	for (size_t fail_at = 1; fail_at < 100; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		vg_allocator allocator = {test_resize, &state};
		vg_arena arena;
		vg_arena_init(&arena, &allocator, 0);
		bool done = work(&arena);
		CHECK(done == (state.calls < fail_at), "allocation %zu failed and the work said %d", fail_at, done);
		CHECK(arena.failed == !done, "allocation %zu failed and the arena does not know", fail_at);
		vg_arena_free(&arena);
		CHECK(state.live_bytes == 0, "%zu bytes lost when allocation %zu fails", state.live_bytes, fail_at);
		if (done) {
			CHECK(fail_at > 3, "the work made too few allocations to test");
			return;
		}
	}
	CHECK(false, "the work never ends");
}

static void grows_lists(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	size_t capacity = 0;
	uint64_t *list = vg_grow(&arena, NULL, 0, &capacity, sizeof *list);
	CHECK(list && capacity > 0 && is_zero((char *)list, capacity * sizeof *list), "a new list is not zeroed");
	CHECK(vg_grow(&arena, list, 0, &capacity, sizeof *list) == list, "a list with room moves");
	size_t old = capacity;
	for (size_t i = 0; i < old; i++)
		list[i] = i + 1;
	uint64_t *same = vg_grow(&arena, list, old, &capacity, sizeof *list);
	CHECK(same == list && capacity > old, "the newest list does not grow in place");
	CHECK(is_zero((char *)(list + old), (capacity - old) * sizeof *list), "what was added in place is not zeroed");
	vg_alloc(&arena, 1);
	old = capacity;
	uint64_t *moved = vg_grow(&arena, list, old, &capacity, sizeof *list);
	CHECK(moved != list && moved[0] == 1 && moved[7] == 8, "a moved list loses its items");
	CHECK(is_zero((char *)(moved + old), (capacity - old) * sizeof *list), "what was added by moving is not zeroed");
	size_t huge = SIZE_MAX / 4;
	CHECK(vg_grow(&arena, moved, huge, &huge, sizeof *list) == NULL && arena.failed, "a list grows beyond all memory");
	CHECK(huge == SIZE_MAX / 4, "a failed list has another capacity");
	vg_arena_free(&arena);
}

static void formats_any_length(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	char expected[700];
	for (size_t length = 0; length < sizeof expected; length += 7) {
		memset(expected, 'x', length);
		expected[length] = '\0';
		CHECK_TEXT(vg_format(&arena, "%s", expected), expected);
	}
	vg_arena_free(&arena);
}

static void system_allocator_resizes(void)
{
	char *block = vg_system_allocator.resize(NULL, NULL, 0, 10);
	CU_ASSERT_PTR_NOT_NULL_FATAL(block);
	strcpy(block, "123456789");
	block = vg_system_allocator.resize(NULL, block, 10, 100000);
	CHECK_TEXT(block, "123456789");
	CHECK(vg_system_allocator.resize(NULL, block, 100000, 0) == NULL, "freeing returns a block");
}

const test_case test_cases_arena[] = {
    {"parts are zeroed, aligned and counted, after a reset too", hands_out_zeroed_parts},
    {"parts do not overlap", keeps_parts_apart},
    {"the limit holds, and sizes cannot overflow", stays_in_its_limit},
    {"a reset keeps one block, freeing gives all back", gives_all_back},
    {"equal requests allocate nothing after the first few", needs_no_new_block_for_alike_requests},
    {"a reset keeps the largest block of ordinary size", keeps_the_largest_block},
    {"a large part leaves the current block in use", wastes_nothing_on_large_parts},
    {"each allocation fails in turn, and each failure is told", tells_every_failure},
    {"lists grow, in place where they can", grows_lists},
    {"formatted texts have any length", formats_any_length},
    {"formats of texts alone say what the library's would", formats_texts_as_the_library_does},
    {"the system's allocator allocates, resizes and frees", system_allocator_resizes},
    {NULL, NULL},
};
