/*
 * Rule files with random changes, the same in every run: bytes and tokens of
 * real rules, mistakes and hostile bodies are taken away, doubled, swapped and
 * replaced.  `make fuzz` looks further, with libFuzzer.
 */
#include "script/fuzz_file.h"
#include "script_tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SEEDS = 400, LONGEST = 6000, ROUNDS = 4000 };

static const char *const folders[] = {"fixtures/mistakes", "fixtures/hostile",        "rules/interactions",
				      "rules/screenings",  "rules/contraindications", "fixtures/packs/examples"};
static const char *const dictionary[] = {
    "{",
    "}",
    "(",
    "==",
    "=",
    ":",
    ",",
    "\"",
    "'",
    "[[",
    "--[[",
    "\\",
    "\\z",
    "\\u{FFFF}",
    "if ",
    "end",
    "or",
    "and ",
    "not ",
    "nil",
    "true",
    "1e999",
    "0x",
    "\n",
    "\r",
    "\xC2",
    "\xE2\x80",
    "\xE2\x89\xA5",
    "“",
    "”",
    "≠",
    "µg/m²",
    ":once",
    "::",
    "..",
    "taking",
    "latest",
    "function",
    "check = ",
    "needs = ",
    "rule \"x\" {",
    "local ",
    "return ",
    "math.",
    "p.",
    "goto x",
    "in hospice",
    ":within 6 months",
    "// two words",
    "example \"e\" {",
    "today = \"2026-02-30\"",
};

typedef struct seeds {
	vg_arena arena;
	char *texts[MOST_SEEDS];
	size_t lengths[MOST_SEEDS], count;
} seeds;

static void read_seeds(seeds *ret)
{
	for (size_t i = 0; i < VG_COUNT(folders); i++) {
		const char *const *files;
		size_t count = 0;
		CHECK(vg_list_files(&ret->arena, folders[i], ".lua", &files, &count, NULL) == VIGIL_OK && count > 0,
		      "%s is empty", folders[i]);
		for (size_t k = 0; k < count && ret->count < MOST_SEEDS; k++) {
			size_t at = ret->count;
			const char *path = vg_format(&ret->arena, "%s/%s", folders[i], files[k]);
			if (vg_read_file(&ret->arena, path, 1 << 20, &ret->texts[at], &ret->lengths[at], NULL) == VIGIL_OK)
				ret->count++;
		}
	}
}

static uint32_t next(uint32_t *random, uint32_t below)
{
	*random = *random * 1664525u + 1013904223u;
	return (*random >> 8) % below;
}

/* One change at a random place; the length afterwards. */
static size_t change(char *text, size_t length, uint32_t *random, const seeds *from)
{
	size_t at = length ? next(random, (uint32_t)length) : 0, size = 0;
	const char *put = "";
	size_t take = 0;
	switch (next(random, 5)) {
	case 0: /* a piece away */
		take = 1 + next(random, 12);
		break;
	case 1: /* a word of the dictionary in */
		put = dictionary[next(random, VG_COUNT(dictionary))];
		break;
	case 2: /* or in place of something */
		put = dictionary[next(random, VG_COUNT(dictionary))];
		take = strlen(put);
		break;
	case 3: { /* a piece of another file in */
		size_t other = next(random, (uint32_t)from->count);
		size_t begin = next(random, (uint32_t)from->lengths[other]);
		size = 1 + next(random, 60);
		size = begin + size > from->lengths[other] ? from->lengths[other] - begin : size;
		put = from->texts[other] + begin;
		break;
	}
	default: /* a byte turned */
		if (length)
			text[at] = (char)(text[at] ^ (1 << next(random, 8)));
		return length;
	}
	size = size ? size : strlen(put);
	take = at + take > length ? length - at : take;
	if (length - take + size > LONGEST)
		return length;
	memmove(text + at + size, text + at + take, length - at - take);
	memcpy(text + at, put, size);
	return length - take + size;
}

static void survives_random_changes(void)
{
	seeds from = {.count = 0};
	uint32_t random = 20261122;
	vg_arena_init(&from.arena, &vg_system_allocator, 0);
	read_seeds(&from);
	CHECK(from.count > 100, "%zu seeds", from.count);
	for (int round = 0; round < ROUNDS && from.count; round++) {
		static char text[LONGEST];
		size_t seed = next(&random, (uint32_t)from.count);
		size_t length = from.lengths[seed] < LONGEST ? from.lengths[seed] : LONGEST;
		memcpy(text, from.texts[seed], length);
		for (uint32_t changes = 1 + next(&random, 6); changes > 0; changes--)
			length = change(text, length, &random, &from);
		const char *wrong = fuzz_rule_file(text, length);
		CHECK(!wrong, "round %d: %s\n%.*s", round, wrong, (int)length, text);
	}
	vg_arena_free(&from.arena);
}

static void seeds_are_good(void)
{
	seeds from = {.count = 0};
	vg_arena_init(&from.arena, &vg_system_allocator, 0);
	read_seeds(&from);
	for (size_t i = 0; i < from.count; i++) {
		const char *wrong = fuzz_rule_file(from.texts[i], from.lengths[i]);
		CHECK(!wrong, "seed %zu: %s\n%.300s", i, wrong, from.texts[i]);
	}
	/* Quoted in findings, these are cut inside a character. */
	static const char *const nasty[] = {
	    "rule \"a\" { title = \"a title of thirty-seven letters or soµµµµµ\" status = \"draft\" }",
	    "rule \"a\" { title = \"a title of thirty-seven letters or so–µµµµ\" status = \"draft\" }",
	    "rule \"a\" { aµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµ = 1 }",
	    "µµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµµ–µµµµµµµµµµµµ",
	};
	for (size_t i = 0; i < VG_COUNT(nasty); i++)
		for (int longer = 0; longer < 2; longer++) {
			char text[300];
			snprintf(text, sizeof text, "%.*s%s%.*s", 8, nasty[i], longer ? "x" : "", 280, nasty[i] + 8);
			const char *wrong = fuzz_rule_file(text, strlen(text));
			CHECK(!wrong, "%s: %s", text, wrong);
		}
	vg_arena_free(&from.arena);
}

const test_case test_cases_fuzz[] = {{"real rules, mistakes and hostile bodies as they are", seeds_are_good},
				     {"4,000 of them with random changes", survives_random_changes},
				     {0}};
