/* Texts: comparing, UTF-8, folding, "did you mean". */
#include "base/base.h"
#include "support/support.h"

#include <string.h>
#include <unistr.h>

static void compares(void)
{
	CHECK(vg_same_text("a", "a") && !vg_same_text("a", "A") && !vg_same_text("a", "ab"), "same text is not exact");
	CHECK(vg_same_text(NULL, NULL) && !vg_same_text(NULL, "") && !vg_same_text("", NULL), "NULL equals something");
	CHECK(vg_same_fold(NULL, NULL) && !vg_same_fold(NULL, "") && !vg_same_fold("", NULL), "NULL folds to something");
	CHECK(vg_starts_with("warfarin", "war") && vg_starts_with("war", "") && vg_starts_with("", ""), "a prefix is missed");
	CHECK(!vg_starts_with("war", "warfarin") && !vg_starts_with("warfarin", "far"), "a prefix is made up");
}

static void folds(void)
{
	static const char *const same[][2] = {
	    {"", ""},
	    {"WARFARIN", "warfarin"},
	    {"Systemic NSAID", "systemic nsaid"},
	    {"ÄÖÜ É Ñ", "äöü é ñ"},
	    {"ΣΊΣΥΦΟΣ", "σίσυφος"},
	    {"ЖЁЛТЫЙ", "жёлтый"},
	    {"µg", "μg"} /* micro sign, Greek mu */,
	    {"\u212A", "k"},
	    {"ſ", "S"},
	    {"ẞ", "ß"},
	    {"Å", "\u212B"},
	    {"Ⅷ", "ⅷ"},
	    {"𐐀", "𐐨"},
	};
	static const char *const different[][2] = {
	    {"a", "b"}, {"ab", "a"},   {"a", "ab"},      {"i", "ı"},    {"İ", "i"},
	    {"é", "e"}, {"\xff", "ÿ"}, {"\xff", "\xfe"}, {"\xc3", "Ã"}, {"2", "²"},
	};
	for (size_t i = 0; i < VG_COUNT(same); i++)
		CHECK(vg_same_fold(same[i][0], same[i][1]) && vg_same_fold(same[i][1], same[i][0]), "\"%s\" is not \"%s\"",
		      same[i][0], same[i][1]);
	for (size_t i = 0; i < VG_COUNT(different); i++)
		CHECK(!vg_same_fold(different[i][0], different[i][1]) && !vg_same_fold(different[i][1], different[i][0]),
		      "\"%s\" is \"%s\"", different[i][0], different[i][1]);
	CHECK(vg_same_fold("\xff!", "\xff!"), "bad bytes differ from themselves");
}

/* Every text of up to four bytes out of the bytes at which UTF-8's rules change. */
static void validates_like_the_library(void)
{
	static const unsigned char bytes[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF,
					      0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
	enum { COUNT = sizeof bytes };
	size_t wrong = 0, valid = 0;
	for (size_t n = 0; n < (size_t)COUNT * COUNT * COUNT * COUNT; n++) {
		uint8_t text[4] = {bytes[n % COUNT], bytes[n / COUNT % COUNT], bytes[n / COUNT / COUNT % COUNT],
				   bytes[n / COUNT / COUNT / COUNT]};
		for (size_t length = 1; length <= 4; length++) {
			bool expected = u8_check(text, length) == NULL;
			valid += expected;
			wrong += vg_utf8_valid((const char *)text, length) != expected;
		}
	}
	CHECK(wrong == 0, "%zu of the texts are judged otherwise than by libunistring", wrong);
	CHECK(valid > 1000, "hardly any text is valid: the test tests nothing");
	CHECK(vg_utf8_valid("", 0), "an empty text is not valid");
}

static void validates_at_any_place(void)
{
	for (size_t at = 0; at < 40; at++) {
		char text[48];
		memset(text, 'a', sizeof text);
		CHECK(vg_utf8_valid(text, sizeof text), "plain ASCII is refused");
		text[at] = (char)0xC3;
		CHECK(!vg_utf8_valid(text, sizeof text), "a bad byte at %zu is passed", at);
		text[at + 1] = (char)0xA9;
		CHECK(vg_utf8_valid(text, sizeof text), "é at %zu is refused", at);
		CHECK(!vg_utf8_valid(text, at + 1), "a character cut at %zu is passed", at);
	}
}

static void steps_and_counts(void)
{
	CU_ASSERT_EQUAL(vg_utf8_count(""), 0);
	CU_ASSERT_EQUAL(vg_utf8_count("1.73 m²"), 7);
	CU_ASSERT_EQUAL(vg_utf8_count("a€😀"), 3);
	CU_ASSERT_EQUAL(vg_utf8_step("", 0), 0);
	CU_ASSERT_EQUAL(vg_utf8_step("a", 1), 1);
	CU_ASSERT_EQUAL(vg_utf8_step("²", 2), 2);
	CU_ASSERT_EQUAL(vg_utf8_step("€", 3), 3);
	CU_ASSERT_EQUAL(vg_utf8_step("😀", 4), 4);
	CU_ASSERT_EQUAL(vg_utf8_step("😀", 3), 0);
	CU_ASSERT_EQUAL(vg_utf8_step("\x80", 1), 0);
}

static void folds_names(void)
{
	static const char *const names[][2] = {
	    {"", ""},
	    {" \t\r\n ", ""},
	    {"Warfarin", "warfarin"},
	    {"  Systemic \t  NSAID\n", "systemic nsaid"},
	    {"Vitamin\u00A0K", "vitamin k"},
	    {"KÖLN", "köln"},
	    {"KO\u0308LN", "köln"},
	    {"\u3000Ⱥ\u2003Ⱥ ", "ⱥ ⱥ"},
	    {"Bad \xff Byte", "bad \xff byte"},
	    {"µg", "μg"},
	};
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	for (size_t i = 0; i < VG_COUNT(names); i++) {
		char *folded = vg_fold_name(&arena, names[i][0], strlen(names[i][0]));
		CHECK_TEXT(folded, names[i][1]);
		CHECK_TEXT(vg_fold_name(&arena, folded, strlen(folded)), names[i][1]);
	}
	CHECK_TEXT(vg_fold_name(&arena, "Aspirin 81 mg", 7), "aspirin");
	/* Names that grow most: two bytes that fold to three. */
	char long_name[2001] = "";
	for (size_t i = 0; i < 1000; i++)
		memcpy(long_name + 2 * i, "Ⱥ", 2);
	char *folded = vg_fold_name(&arena, long_name, 2000);
	CHECK(folded && strlen(folded) == 3000, "a name that grows is cut");
	vg_arena_free(&arena);
}

static void folding_names_tells_every_failure(void)
{
	static const char *const names[] = {"Warfarin", "KO\u0308LN"};
	for (size_t i = 0; i < VG_COUNT(names); i++) {
		vg_arena arena;
		vg_arena_init(&arena, NULL, 1);
		CHECK(vg_fold_name(&arena, names[i], strlen(names[i])) == NULL && arena.failed,
		      "\"%s\" is folded without memory", names[i]);
		vg_arena_free(&arena);
	}
	vg_arena arena;
	vg_arena_init(&arena, NULL, 16); /* enough to fold, not enough to compose */
	CHECK(vg_fold_name(&arena, "KO\u0308LN", 6) == NULL && arena.failed, "a name is composed without memory");
	vg_arena_free(&arena);
}

static const char *nearest(const char *word)
{
	static const char *const words[] = {"taking",     "will_be_taking", "ordering", "has_condition",
					    "in_hospice", "pregnant",       "any",      "all"};
	return vg_nearest(word, words, VG_COUNT(words));
}

static void finds_the_nearest(void)
{
	CHECK_TEXT(nearest("takng"), "taking");
	CHECK_TEXT(nearest("tkaing"), "taking");
	CHECK_TEXT(nearest("in_hospise"), "in_hospice");
	CHECK_TEXT(nearest("hascondition"), "has_condition");
	CHECK_TEXT(nearest("PREGNANT"), "pregnant");
	CHECK_TEXT(nearest("ayn"), "any");
	CHECK_TEXT(nearest("al"), NULL);
	CHECK_TEXT(nearest(""), NULL);
	CHECK_TEXT(nearest("warfarin"), NULL);
	CHECK_TEXT(vg_nearest("x", NULL, 0), NULL);
	static const char *const tied[] = {"abcx", "abcy", "abcd"};
	CHECK_TEXT(vg_nearest("abcz", tied, 2), "abcx");
	CHECK_TEXT(vg_nearest("abcd", tied, 3), "abcd");
	char long_word[200];
	memset(long_word, 'a', sizeof long_word - 1);
	long_word[sizeof long_word - 1] = '\0';
	const char *const long_words[] = {long_word, "aaa"};
	CHECK_TEXT(vg_nearest(long_word, long_words, 2), NULL);
	CHECK_TEXT(vg_nearest("aab", long_words, 2), "aaa");
}

const test_case test_cases_text[] = {
    {"texts are compared exactly, NULL only with NULL", compares},
    {"folding joins what differs in case only", folds},
    {"UTF-8 is judged as libunistring judges it", validates_like_the_library},
    {"bad bytes are found at any place", validates_at_any_place},
    {"characters are stepped over and counted", steps_and_counts},
    {"names are folded, trimmed and composed, once for all", folds_names},
    {"folding a name without memory is told", folding_names_tells_every_failure},
    {"the nearest word is found, and none that is far", finds_the_nearest},
    {NULL, NULL},
};
