/* Maps, bit sets, hashes and digests. */
#include "base/base.h"
#include "support/support.h"

#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

static void keeps_what_it_is_given(void)
{
	enum { COUNT = 20000 };
	vg_arena arena;
	vg_map map;
	vg_arena_init(&arena, NULL, 0);
	vg_map_init(&map, &arena);
	CHECK(vg_map_at(&map, "x", 1, false) == NULL, "an empty map has a key");
	for (uint32_t i = 0; i < COUNT; i++) {
		char *key = vg_format(&arena, "http://loinc.org|%u", i);
		uint32_t *value = vg_map_at(&map, key, strlen(key), true);
		CHECK(value && *value == 0, "new key %u has a value already", i);
		*value = i + 1;
	}
	CU_ASSERT_EQUAL(map.count, COUNT);
	for (uint32_t i = 0; i < 2 * COUNT; i++) {
		char key[64];
		int length = snprintf(key, sizeof key, "http://loinc.org|%u", i);
		uint32_t *value = vg_map_at(&map, key, (size_t)length, false);
		CHECK(i < COUNT ? value && *value == i + 1 : value == NULL, "key %u is lost or made up", i);
		if (i < COUNT)
			CHECK(vg_map_at(&map, key, (size_t)length, true) == value, "key %u is made twice", i);
	}
	CU_ASSERT_EQUAL(map.count, COUNT);
	vg_arena_free(&arena);
}

static void keys_are_bytes(void)
{
	vg_arena arena;
	vg_map map;
	vg_arena_init(&arena, NULL, 0);
	vg_map_init(&map, &arena);
	static const char *const keys[] = {"ab", "ab\0c", "ab\0d", "", "\0"};
	static const size_t lengths[] = {2, 4, 4, 0, 1};
	for (uint32_t i = 0; i < 5; i++)
		*vg_map_at(&map, keys[i], lengths[i], true) = i + 1;
	for (uint32_t i = 0; i < 5; i++)
		CU_ASSERT_EQUAL(*vg_map_at(&map, keys[i], lengths[i], false), i + 1);
	CU_ASSERT_EQUAL(*vg_map_at(&map, NULL, 0, false), 4);
	/* Lengths are kept in 32 bits: a longer key is refused, not cut. */
	CHECK(!vg_map_at(&map, "ab", (size_t)UINT32_MAX + 3, false) && !arena.failed, "a key of 4 GB is found");
	CHECK(!vg_map_at(&map, "ab", (size_t)UINT32_MAX + 3, true) && arena.failed, "a key of 4 GB is kept");
	vg_arena_free(&arena);
}

static void room_made_before_changes_nothing(void)
{
	vg_arena arena;
	vg_map map;
	static uint32_t keys[1000];
	vg_arena_init(&arena, NULL, 0);
	vg_map_init(&map, &arena);
	CHECK(vg_map_reserve(&map, 500) && map.count == 0, "there is no room");
	size_t capacity = map.capacity;
	for (uint32_t i = 0; i < 1000; i++) {
		keys[i] = i;
		*vg_map_at(&map, &keys[i], sizeof keys[i], true) = i + 1;
		CHECK(i >= 500 || map.capacity == capacity, "the map grew at key %u", i);
		if (i == 700)
			CHECK(vg_map_reserve(&map, 3) && vg_map_reserve(&map, 2000), "no more room is made");
	}
	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t *value = vg_map_at(&map, &keys[i], sizeof keys[i], false);
		CHECK(value && *value == i + 1, "key %u is lost", i);
	}
	vg_arena_free(&arena);
	test_allocator state = {.fail_at = 1};
	vg_allocator allocator = {test_resize, &state};
	vg_arena_init(&arena, &allocator, 0);
	vg_map_init(&map, &arena);
	CHECK(!vg_map_reserve(&map, 500) && arena.failed, "running out of memory is not told");
	vg_arena_free(&arena);
}

static void survives_running_out(void)
{
	for (size_t fail_at = 1;; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		vg_allocator allocator = {test_resize, &state};
		vg_arena arena;
		vg_map map;
		static uint32_t keys[3000];
		uint32_t stored = 0;
		vg_arena_init(&arena, &allocator, 0);
		vg_map_init(&map, &arena);
		for (uint32_t i = 0; i < 3000; i++) {
			keys[i] = i;
			uint32_t *value = vg_map_at(&map, &keys[i], sizeof keys[i], true);
			if (!value)
				break;
			*value = i + 1;
			stored++;
		}
		bool failed = state.calls >= fail_at;
		CHECK(failed == (stored < 3000) && failed == arena.failed, "failure %zu is not told", fail_at);
		for (uint32_t i = 0; i < stored; i++) {
			uint32_t *value = vg_map_at(&map, &keys[i], sizeof keys[i], false);
			CHECK(value && *value == i + 1, "key %u is lost after failure %zu", i, fail_at);
		}
		vg_arena_free(&arena);
		if (!failed) {
			CHECK(fail_at > 4, "too few allocations to test");
			return;
		}
	}
}

static void hashes_are_stable(void)
{
	/* XXH3_64bits with seed 0: published figures, so that stored hashes stay valid. */
	CHECK(vg_hash("", 0) == UINT64_C(0x2D06800538D394C2), "the hash of nothing is %llx",
	      (unsigned long long)vg_hash("", 0));
	char bytes[5000];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 131 % 251);
	for (size_t length = 0; length <= sizeof bytes; length += 1 + length / 50)
		CHECK(vg_hash(bytes, length) == XXH3_64bits(bytes, length), "the hash of %zu bytes hangs on the processor",
		      length);
	CHECK(vg_hash("a", 1) != vg_hash("b", 1), "different texts have one hash");
	CHECK(vg_hash("abc", 2) == vg_hash("abd", 2), "the length is not kept");
}

static void bits_are_kept_apart(void)
{
	vg_bits bits[VG_BITS_WORDS(130)] = {0};
	CU_ASSERT_EQUAL(VG_BITS_WORDS(130), 3);
	CU_ASSERT_EQUAL(VG_BITS_WORDS(128), 2);
	CU_ASSERT_EQUAL(VG_BITS_WORDS(0), 0);
	for (size_t i = 0; i < 130; i += 3)
		vg_bit_set(bits, i);
	for (size_t i = 0; i < 130; i++)
		CHECK(vg_bit_test(bits, i) == (i % 3 == 0), "bit %zu is wrong", i);
}

static void digest_of(const char *bytes, size_t length, size_t step, char out[65])
{
	vg_digest_state hash;
	vg_digest digest;
	vg_digest_begin(&hash);
	for (size_t i = 0; i < length; i += step)
		vg_digest_add(&hash, bytes + i, length - i < step ? length - i : step);
	vg_digest_end(&hash, &digest);
	vg_digest_text(&digest, out);
}

/* The examples of FIPS 180-4. */
static void digests_are_sha_256(void)
{
	char text[65], again[65];
	digest_of("", 0, 1, text);
	CHECK_TEXT(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_of("abc", 3, 3, text);
	CHECK_TEXT(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	digest_of(two_blocks, 56, 56, text);
	CHECK_TEXT(text, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	for (size_t step = 1; step < 56; step++) {
		digest_of(two_blocks, 56, step, again);
		CHECK_TEXT(again, text);
	}
}

static void text_digest(const char *const *texts, size_t count, char out[65])
{
	vg_digest_state hash;
	vg_digest digest;
	vg_digest_begin(&hash);
	for (size_t i = 0; i < count; i++)
		vg_digest_add_text(&hash, texts[i]);
	vg_digest_end(&hash, &digest);
	vg_digest_text(&digest, out);
}

static void parts_cannot_run_together(void)
{
	static const char *const parts[][2] = {{"ab", "c"}, {"a", "bc"},   {"abc", ""},
					       {"", "abc"}, {"abc", NULL}, {NULL, "abc"}};
	char texts[VG_COUNT(parts)][65];
	for (size_t i = 0; i < VG_COUNT(parts); i++) {
		text_digest(parts[i], 2, texts[i]);
		for (size_t j = 0; j < i; j++)
			CHECK(strcmp(texts[i], texts[j]) != 0, "parts %zu and %zu have one digest", i, j);
	}
}

const test_case test_cases_map[] = {
    {"a map keeps 20,000 keys and makes up none", keeps_what_it_is_given},
    {"keys are bytes with a length", keys_are_bytes},
    {"room made before changes nothing", room_made_before_changes_nothing},
    {"a map that cannot grow keeps what it has", survives_running_out},
    {"hashes are the same for ever", hashes_are_stable},
    {"bits are kept apart", bits_are_kept_apart},
    {"digests are SHA-256, in pieces of any size", digests_are_sha_256},
    {"parts of a digest cannot run together", parts_cannot_run_together},
    {NULL, NULL},
};
