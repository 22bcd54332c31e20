/*
 * The lexer must see what Lua sees: kinds, values and places of tokens; and
 * it must refuse what hides from a reader.
 */
#include "script/script_tests.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

typedef struct lexed {
	vg_arena arena;
	vg_findings findings;
	vg_source source;
	bool good;
} lexed;

static void lex(lexed *out, const char *text, size_t length)
{
	*out = (lexed){.good = false};
	vg_arena_init(&out->arena, &vg_system_allocator, 0);
	vg_findings_init(&out->findings, &vg_system_allocator);
	out->source =
	    (vg_source){.file = "f", .text = text, .length = length, .arena = &out->arena, .findings = &out->findings};
	out->good = vg_lex(&out->source);
}

static void done(lexed *out)
{
	vg_arena_free(&out->arena);
	vg_findings_free(&out->findings);
}

/* "name 1:1 symbol 1:6 …" */
static const char *kinds(lexed *out)
{
	static const char *const names[] = {"end", "name", "keyword", "text", "number", "symbol"};
	vg_buffer text;
	vg_buffer_init(&text, &out->arena);
	for (size_t i = 0; i < out->source.token_count; i++) {
		const vg_token *token = &out->source.tokens[i];
		vg_addf(&text, "%s%s %d:%d", i ? " " : "", names[token->kind], token->line, token->column);
	}
	return vg_buffer_text(&text);
}

static void tells_kinds_and_places(void)
{
	static const struct {
		const char *text, *tokens;
	} cases[] = {
	    {"", "end 1:1"},
	    {"local x = 1", "keyword 1:1 name 1:7 symbol 1:9 number 1:11 end 1:12"},
	    {"a\n  b\r\n\tc\rd", "name 1:1 name 2:3 name 3:2 name 4:1 end 4:2"},
	    {"-- comment\nx", "name 2:1 end 2:2"},
	    {"--[[ long\ncomment ]] x", "name 2:12 end 2:13"},
	    {"--[==[ ]] ]=] ]==] x", "name 1:20 end 1:21"},
	    {"--[ short\nx", "name 2:1 end 2:2"},
	    {"[[a]b]] [=[x]]y]=]", "text 1:1 text 1:9 end 1:19"},
	    {"'µg' x", "text 1:1 name 1:6 end 1:7"},
	    {"a..b...c", "name 1:1 symbol 1:2 name 1:4 symbol 1:5 name 1:8 end 1:9"},
	    {"a // b\n// c + d\n# e",
	     "name 1:1 symbol 1:3 name 1:6 symbol 2:1 name 2:4 symbol 2:6 name 2:8 symbol 3:1 name 3:3 end 3:4"},
	    {"a ≥ b≤c ≠ d", "name 1:1 symbol 1:3 name 1:5 symbol 1:6 name 1:7 symbol 1:9 name 1:11 end 1:12"},
	    {"<<= // ~= :: ~ =", "symbol 1:1 symbol 1:3 symbol 1:5 symbol 1:8 symbol 1:11 symbol 1:14 symbol 1:16 end 1:17"},
	    {"0x1p-3 1e+5 .5 3. 0xA.8", "number 1:1 number 1:8 number 1:13 number 1:16 number 1:19 end 1:24"},
	    {"\xEF\xBB\xBFlocal", "keyword 1:1 end 1:6"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		lexed out;
		lex(&out, cases[i].text, strlen(cases[i].text));
		CHECK(out.good && out.findings.count == 0, "\"%s\" is not read", cases[i].text);
		CHECK_TEXT(kinds(&out), cases[i].tokens);
		done(&out);
	}
}

/* The same text, by Lua itself. */
static void decodes_texts_as_lua_does(void)
{
	static const char *const texts[] = {
	    "''",
	    "\"a\"",
	    "'it''s'",
	    "'\\f\\n\\t\\v\\\\\\\"\\''",
	    "'\\65\\066\\t'",
	    "'\\x41\\x7a'",
	    "'\\u{20AC}\\u{1F600}\\u{7ff}'",
	    "'a\\z   \n  b'",
	    "'a\\\nb'",
	    "'a\\\r\nb'",
	    "[[\nfirst line end is dropped\n]]",
	    "[[\r\nx\r\ny\n\rz\rw]]",
	    "[==[ ]] ]==]",
	    "'µg/m² – ≥ 日本'",
	    "[[\n\n]]",
	    "'\\0651'",
	};
	lua_State *lua = luaL_newstate();
	for (size_t i = 0; i < VG_COUNT(texts); i++) {
		char chunk[200];
		lexed out;
		snprintf(chunk, sizeof chunk, "return %s", texts[i]);
		lex(&out, chunk, strlen(chunk));
		if (luaL_dostring(lua, chunk) != LUA_OK) { /* 'it''s' is two texts: a call for Lua's grammar, not a text */
			lua_settop(lua, 0);
			done(&out);
			continue;
		}
		size_t length;
		const char *text = lua_tolstring(lua, -1, &length);
		const vg_token *token = &out.source.tokens[1];
		CHECK(out.good && out.findings.count == 0 && token->kind == VG_TOKEN_TEXT, "%s is not read", texts[i]);
		CHECK(token->value_length == length && memcmp(token->value, text, length) == 0,
		      "%s is \"%s\", and for Lua \"%s\"", texts[i], token->value, text);
		lua_settop(lua, 0);
		done(&out);
	}
	lua_close(lua);
}

/* A text is good for Lua or it is not: the lexer must never accept what Lua refuses. */
static void refuses_what_lua_refuses(void)
{
	static const char alphabet[] = "a1.e+-xXpP\"'\\[]=\n\r {}z~:<>/u0";
	lua_State *lua = luaL_newstate();
	uint32_t random = 12345;
	unsigned compared = 0;
	for (int round = 0; round < 20000; round++) {
		char text[24];
		size_t length = 1 + random % 12;
		for (size_t i = 0; i < length; i++) {
			random = random * 1664525u + 1013904223u;
			text[i] = alphabet[(random >> 16) % (sizeof alphabet - 1)];
		}
		text[length] = '\0';
		lexed out;
		lex(&out, text, length);
		luaL_loadbufferx(lua, text, length, "=x", "t");
		const char *message = lua_type(lua, -1) == LUA_TSTRING ? lua_tostring(lua, -1) : "";
		bool lexical = strstr(message, "unfinished") || strstr(message, "malformed") ||
			       strstr(message, "invalid escape") || strstr(message, "hexadecimal") ||
			       strstr(message, "decimal escape") || strstr(message, "delimiter");
		/* Lua stops at its first mistake, which may be one of grammar; a lexical one must be ours too. */
		CHECK(!lexical || out.findings.errors > 0, "Lua refuses \"%s\" (%s), the lexer does not", text, message);
		compared += lexical;
		lua_settop(lua, 0);
		done(&out);
	}
	CHECK(compared > 1000, "only %u of the random texts were wrong for Lua", compared);
	lua_close(lua);
}

static void tells_mistakes(void)
{
	static const struct {
		const char *text, *codes;
	} cases[] = {
	    {"x = \"open\ny", "VG117@1:5"},
	    {"x = 'a\\qb'", "VG118@1:7"},
	    {"x = '\\300'", "VG118@1:6"},
	    {"x = '\\u{110000}'", "VG118@1:6"},
	    {"x = '\\u{D800}'", "VG118@1:6"},
	    {"x = 'a\\0b'", "VG118@1:5"},
	    {"x = '\\xff'", "VG118@1:5"},
	    {"x = [[open\ny", "VG117@1:5"},
	    {"--[[ open\ny", "VG115@1:1"},
	    {"1.2.3 0x 5e 1..2 3x", "VG119@1:1 VG119@1:7 VG119@1:10 VG119@1:13 VG119@1:18"},
	    {"lоcal x", "VG102@1:2"},
	    {"a “b” c", "VG103@1:3"},
	    {"a “b\" c", "VG103@1:3 VG117@1:5"},
	    {"a «b c\nd» e", "VG103@1:3 VG103@2:2"},
	    {"a != b", "VG103@1:3"},
	    {"! a", "VG103@1:1"},
	    {"// two words", "VG134@1:1"},
	    {"x\n  # two words\ny = 'open", "VG134@2:3 VG117@3:5"},
	    {"— two words", "VG134@1:1"},
	    {"/* two words */", "VG134@1:1"},
	    {"a ? $ @ `", "VG103@1:3 VG103@1:5 VG103@1:7 VG103@1:9"},
	    {"-- turned \u202E text", "VG103@1:11"},
	    {"'give 5\u202E05 mg'", "VG103@1:8"},
	    {"'give 5\\u{202e}05 mg'", "VG103@1:1"},
	    {"'zero\u200Bwidth'", "VG103@1:6"},
	    {"a\u200Bb", "VG102@1:2"},
	    {"x = 'tab\\27[2J'", "VG103@1:5"},
	    {"a – b", "VG103@1:3"},
	    {"'bell \\a'", "VG103@1:1"},
	    {"x = [= 1", "VG103@1:5"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		lexed out;
		lex(&out, cases[i].text, strlen(cases[i].text));
		test_load loaded = {.findings = out.findings};
		const char *text = findings_text(&loaded, &out.arena);
		CHECK(text && strcmp(text, cases[i].codes) == 0, "\"%s\"\n    got      %s\n    expected %s", cases[i].text,
		      text, cases[i].codes);
		done(&out);
	}
}

static void refuses_files_that_are_no_text(void)
{
	static const struct {
		const char *bytes, *code;
		size_t length;
	} cases[] = {
	    {"\x1bLua\x54\0", "VG100", 6}, {"\xFF\xFEr\0u\0", "VG101", 6},      {"title = \"caf\xE9\"", "VG101", 13},
	    {"rule\0x", "VG101", 6},       {"\xEF\xBB\xBF\x1bLua", "VG100", 7},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		lexed out;
		lex(&out, cases[i].bytes, cases[i].length);
		CHECK(!out.good && out.findings.count == 1, "case %zu is read", i);
		if (out.findings.count)
			CHECK_TEXT(out.findings.items[0].code, cases[i].code);
		done(&out);
	}
}

const test_case test_cases_lexer[] = {
    {"kinds and places, in characters, over all line ends", tells_kinds_and_places},
    {"texts decode as Lua decodes them", decodes_texts_as_lua_does},
    {"whatever Lua's lexer refuses is refused (20,000 random texts)", refuses_what_lua_refuses},
    {"each lexical mistake is told with its place, and reading goes on", tells_mistakes},
    {"compiled Lua, UTF-16, Latin-1 and NUL bytes are refused", refuses_files_that_are_no_text},
    {0}};
