/*
 * The JSON scan's rare paths: errors with their places, and escapes.
 *
 * Errors never quote the text that was scanned: it is a patient's.
 */
#include "record/json_internal.h"

#include <stdio.h>

/* ---- errors ------------------------------------------------------------ */

int vg_json_line(const char *text, size_t offset)
{
	int line = 1;
	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

bool vg_json_fail(vg_json_scanner *scanner, const char *at, const char *advice, const char *what)
{
	size_t offset = (size_t)(at - scanner->text), column = 1;
	while (column <= offset && scanner->text[offset - column] != '\n')
		column++;
	int line = vg_json_line(scanner->text, offset);
	scanner->status = vg_fail(scanner->err, VIGIL_BAD_INPUT, advice,
				  "The JSON cannot be read: line %d, column %zu (byte %zu): %s", line, column, offset, what);
	if (scanner->err)
		scanner->err->line = line;
	return false;
}

bool vg_json_fail_memory(vg_json_scanner *scanner)
{
	scanner->status = vg_fail_memory(scanner->err);
	return false;
}

bool vg_json_fail_limit(vg_json_scanner *scanner, const char *at, const char *what, size_t limit)
{
	char text[128];
	snprintf(text, sizeof text, "%s %zu.", what, limit);
	return vg_json_fail(scanner, at, "Send a smaller record, or only the resources that matter.", text);
}

/* ---- escapes ----------------------------------------------------------- */

static const char *refuse(vg_json_scanner *scanner, const char *at, const char *advice, const char *what)
{
	vg_json_fail(scanner, at, advice, what);
	return NULL;
}

/* Four hexadecimal digits; -1 when they are not. */
static int hex_code(const char *at, const char *end)
{
	int code = 0;
	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = at[i] >= '0' && at[i] <= '9'                 ? at[i] - '0'
			    : (at[i] | 32) >= 'a' && (at[i] | 32) <= 'f' ? (at[i] | 32) - 'a' + 10
									 : -1;
		if (digit < 0)
			return -1;
		code = code * 16 + digit;
	}
	return code;
}

static bool is_high_half(int code) { return code >= 0xD800 && code <= 0xDBFF; }
static bool is_low_half(int code) { return code >= 0xDC00 && code <= 0xDFFF; }

/* `at` is the backslash; returns what follows the escape. */
const char *vg_json_pass_escape(vg_json_scanner *scanner, const char *at)
{
	const char *end = scanner->end;
	if (end - at < 2 || !at[1] || !strchr("\"\\/bfnrtu", at[1]))
		return refuse(scanner, at, "Write a backslash itself as \\\\.",
			      "a backslash is followed by a character that it cannot escape.");
	if (at[1] != 'u')
		return at + 2;
	int code = hex_code(at + 2, end);
	if (code < 0)
		return refuse(scanner, at, "Write \\u and four digits 0-9, a-f.",
			      "\\u is not followed by four hexadecimal digits.");
	if (code == 0)
		return refuse(scanner, at, "Leave the character out.", "\\u0000 cannot be part of a text.");
	bool pair = is_high_half(code) && end - at >= 8 && at[6] == '\\' && at[7] == 'u' && is_low_half(hex_code(at + 8, end));
	if (pair)
		return at + 12;
	if (is_high_half(code) || is_low_half(code))
		return refuse(scanner, at, "Write the character itself, in UTF-8.", "half of a surrogate pair stands alone.");
	return at + 6;
}

static size_t put_utf8(char *to, unsigned code)
{
	if (code < 0x80) {
		to[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		to[0] = (char)(0xC0 | code >> 6);
		to[1] = (char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		to[0] = (char)(0xE0 | code >> 12);
		to[1] = (char)(0x80 | (code >> 6 & 0x3F));
		to[2] = (char)(0x80 | (code & 0x3F));
		return 3;
	}
	to[0] = (char)(0xF0 | code >> 18);
	to[1] = (char)(0x80 | (code >> 12 & 0x3F));
	to[2] = (char)(0x80 | (code >> 6 & 0x3F));
	to[3] = (char)(0x80 | (code & 0x3F));
	return 4;
}

char *vg_json_undo_escape(const char **place, char *to)
{
	static const char meanings[128] = {
	    ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t', ['"'] = '"', ['/'] = '/', ['\\'] = '\\'};
	const char *at = *place;
	if (at[1] != 'u') {
		*place = at + 2;
		*to = meanings[(unsigned char)at[1]];
		return to + 1;
	}
	unsigned code = (unsigned)hex_code(at + 2, at + 6);
	at += 6;
	if (is_high_half((int)code)) {
		code = 0x10000 + ((code - 0xD800) << 10) + ((unsigned)hex_code(at + 2, at + 6) - 0xDC00);
		at += 6;
	}
	*place = at;
	return to + put_utf8(to, code);
}

vg_json_text vg_json_unescape(vg_arena *arena, const char *bytes, size_t length)
{
	char *to = vg_alloc(arena, length + 1); /* an escape is never shorter than what it means */
	vg_json_text text = {to, 0};
	const char *at = bytes, *end = bytes + length;
	while (to && at < end) {
		if (*at == '\\')
			to = vg_json_undo_escape(&at, to);
		else
			*to++ = *at++;
	}
	text.length = to ? (size_t)(to - text.bytes) : 0;
	return text;
}
