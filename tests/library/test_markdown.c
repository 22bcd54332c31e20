/*
 * Texts of a record inside Markdown, shortened summaries, codes of reasons,
 * derived uuids.
 */
#include <string.h>

#include "library/sample.h"
#include "support/support.h"

static const char *markdown(vg_arena *arena, const char *text)
{
	vg_buffer out;
	vg_buffer_init(&out, arena);
	vg_add_markdown(&out, text);
	return vg_buffer_text(&out);
}

static void escapes_markup(void)
{
	static const char *const cases[][2] = {
	    {"", ""},
	    {"plain text, 5 mg (daily).", "plain text, 5 mg (daily)."},
	    {"<b>&amp;</b>", "&lt;b&gt;&amp;amp;&lt;/b&gt;"},
	    {"*a* _b_ `c` [d](e) ![f](g)", "\\*a\\* \\_b\\_ \\`c\\` \\[d\\](e) \\!\\[f\\](g)"},
	    {"a|b~c~", "a\\|b\\~c\\~"},
	    {"back\\slash", "back\\\\slash"},
	    {"# heading", "\\# heading"},
	    {"- item", "\\- item"},
	    {"+ item", "\\+ item"},
	    {"1. item", "1\\. item"},
	    {"12) item", "12\\) item"},
	    {"5 mg", "5 mg"},
	    {"===", "\\==="},
	    {"    code", "code"},
	    {"> quoted", "&gt; quoted"},
	    {"one\ntwo", "one\n\ntwo"},
	    {"one\n\n\n# two", "one\n\n\\# two"},
	    {"a\rb\tc\x01", "a b c "},
	    {"a\n", "a\n\n"},
	    {"1.", "1\\."},
	};
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	for (size_t i = 0; i < VG_COUNT(cases); i++)
		CHECK_TEXT(markdown(&arena, cases[i][0]), cases[i][1]);
	vg_arena_free(&arena);
}

static void breaks_links(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const char *text = markdown(&arena, "http://a.example www.b.example WWW.c.example d@e.example ftp://f");
	CHECK(!strstr(text, "p://"), "a bare address could become a link: %s", text);
	CHECK(!strstr(text, "www.") && !strstr(text, "WWW."), "a bare host could become a link: %s", text);
	CHECK(!strstr(text, "d@"), "a mail address could become a link: %s", text);
	CHECK(strstr(text, "b.example") != NULL, "the text itself is lost: %s", text);
	vg_arena_free(&arena);
}

/* What is rendered must be the text again: undoing the escapes gives it back. */
static void loses_nothing(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const char *escaped = markdown(&arena, HOSTILE);
	char plain[1024];
	size_t length = 0;
	for (const char *at = escaped; *at; at++) {
		if (*at == '\\')
			continue;
		if (vg_starts_with(at, "\xE2\x81\xA0")) {
			at += 2;
		} else if (vg_starts_with(at, "&lt;")) {
			plain[length++] = '<';
			at += 3;
		} else if (vg_starts_with(at, "&gt;")) {
			plain[length++] = '>';
			at += 3;
		} else {
			plain[length++] = *at;
		}
	}
	plain[length] = '\0';
	CHECK_TEXT(plain, HOSTILE);
	vg_arena_free(&arena);
}

static void shortens_between_words(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	CHECK_TEXT(vg_shortened(&arena, "short", 10), "short");
	CHECK_TEXT(vg_shortened(&arena, "exactly10!", 10), "exactly10!");
	CHECK_TEXT(vg_shortened(&arena, "one two three four", 10), "one two…");
	CHECK_TEXT(vg_shortened(&arena, "one, two three", 8), "one…");
	CHECK_TEXT(vg_shortened(&arena, "Donaudampfschifffahrt", 10), "Donaudamp…");
	CHECK_TEXT(vg_shortened(&arena, "äöüäöüäöüäöü", 5), "äöüä…");
	for (size_t most = 2; most < 60; most++) {
		const char *text =
		    vg_shortened(&arena, "Ein langer Satz über Ödeme, Übelkeit und 日本語 dazwischen, der endet", most);
		CHECK(vg_utf8_count(text) <= most, "%zu code points where %zu are allowed: %s", vg_utf8_count(text), most,
		      text);
		CHECK(vg_utf8_valid(text, strlen(text)), "cut inside a character at %zu", most);
	}
	vg_arena_free(&arena);
}

static void codes_of_reasons_are_stable(void)
{
	static const char *const cases[][2] = {{"Benefit outweighs risk", "benefit-outweighs-risk"},
					       {"Short course, INR monitored", "short-course-inr-monitored"},
					       {"  (INR) 2.0 ", "inr-2-0"}};
	vg_arena arena;
	vg_buffer out, other;
	vg_arena_init(&arena, NULL, 0);
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_buffer_init(&out, &arena);
		vg_add_reason_code(&out, cases[i][0]);
		CHECK_TEXT(vg_buffer_text(&out), cases[i][1]);
	}
	vg_buffer_init(&out, &arena);
	vg_buffer_init(&other, &arena);
	vg_add_reason_code(&out, "日本");
	vg_add_reason_code(&other, "日光");
	CHECK(strcmp(vg_buffer_text(&out), vg_buffer_text(&other)) != 0,
	      "two reasons without ASCII letters have the same code %s", vg_buffer_text(&out));
	CHECK(vg_starts_with(vg_buffer_text(&out), "reason-"), "got %s", vg_buffer_text(&out));
	vg_arena_free(&arena);
}

static void derived_uuids(void)
{
	vg_derived_uuids a = {{{1, 2, 3}}, 0}, b = {{{1, 2, 3}}, 0}, c = {{{1, 2, 4}}, 0};
	char first[37], second[37], other[37], next[37];
	CHECK(vg_derived_uuid(&a, first) && vg_derived_uuid(&b, second) && vg_derived_uuid(&c, other) &&
		  vg_derived_uuid(&a, next),
	      "a uuid could not be derived");
	CHECK_TEXT(first, second);
	CHECK(strcmp(first, other) != 0, "another seed gives the same uuid");
	CHECK(strcmp(first, next) != 0, "the next number gives the same uuid");
	CHECK(strlen(first) == 36 && first[8] == '-' && first[13] == '-' && first[18] == '-' && first[23] == '-',
	      "not a uuid: %s", first);
	CHECK(first[14] == '8' && strchr("89ab", first[19]), "version or variant is wrong: %s", first);
}

const test_case test_cases_markdown[] = {{"markup in a record is shown, not rendered", escapes_markup},
					 {"bare addresses do not become links", breaks_links},
					 {"no letter is lost by escaping", loses_nothing},
					 {"a text is shortened between words and characters", shortens_between_words},
					 {"the code of an override reason is stable", codes_of_reasons_are_stable},
					 {"derived uuids depend on seed and number", derived_uuids},
					 {0}};
