/*
 * The JSON scan's less common paths: errors with their places, long blanks,
 * numbers and words, and texts that have escapes or characters beyond ASCII.
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

const char *vg_json_refuse(vg_json_scanner *scanner, const char *at, const char *advice, const char *what)
{
	vg_json_fail(scanner, at, advice, what);
	return NULL;
}

const char *vg_json_refuse_end(vg_json_scanner *scanner)
{
	return vg_json_refuse(scanner, scanner->end, "Send a JSON object; the text may have been cut off.",
			      "a value is expected, and the text ends.");
}

/* ---- blanks, numbers, words ---------------------------------------------- */

const char *vg_json_pass_many_blanks(const char *at, const char *end)
{
#ifdef __SSE2__
	const __m128i space = _mm_set1_epi8(' '), line = _mm_set1_epi8('\n'), ret = _mm_set1_epi8('\r'),
		      tab = _mm_set1_epi8('\t');
	while (end - at >= 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		__m128i blank = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, space), _mm_cmpeq_epi8(bytes, line)),
					     _mm_or_si128(_mm_cmpeq_epi8(bytes, ret), _mm_cmpeq_epi8(bytes, tab)));
		unsigned others = (unsigned)_mm_movemask_epi8(blank) ^ 0xFFFFu;
		if (others)
			return at + __builtin_ctz(others);
		at += 16;
	}
#endif
	while (at < end && vg_json_is_blank(*at))
		at++;
	return at;
}

static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

static const char *pass_number(vg_json_scanner *scanner, const char *at)
{
	enum { SAFE_DIGITS = 300 }; /* the largest double has 309 before the point */
	static const char advice[] = "Write numbers as in 12, -0.5 or 1e3.";
	const char *start = at;
	at += *at == '-';
	if (!is_digit(*at))
		return vg_json_refuse(scanner, start, advice, "a minus sign is not followed by a digit.");
	if (*at == '0' && is_digit(at[1]))
		return vg_json_refuse(scanner, start, advice, "a number begins with a needless zero.");
	while (is_digit(*at))
		at++;
	bool large = at - start > SAFE_DIGITS;
	if (*at == '.') {
		if (!is_digit(*++at))
			return vg_json_refuse(scanner, start, advice, "a decimal point is not followed by a digit.");
		while (is_digit(*at))
			at++;
	}
	if ((*at | 32) == 'e') {
		at++;
		at += *at == '+' || *at == '-';
		if (!is_digit(*at))
			return vg_json_refuse(scanner, start, advice, "an exponent has no digits.");
		while (is_digit(*at))
			at++;
		large = true;
	}
	double value;
	if (large && !vg_parse_number(start, (size_t)(at - start), &value))
		return vg_json_refuse(scanner, start, "No clinical value is that large: check the unit and the exponent.",
				      "a number is beyond the largest that can be kept (1.8e308).");
	return at;
}

bool vg_json_has_word(const char *at, const char *end, const char *word)
{
	size_t length = strlen(word);
	return (size_t)(end - at) >= length && memcmp(at, word, length) == 0;
}

const char *vg_json_pass_scalar(vg_json_scanner *scanner, const char *at, vg_json_kind *kind)
{
	const char *end = scanner->end;
	*kind = VG_JSON_NUMBER;
	if (*at == '-' || is_digit(*at))
		return pass_number(scanner, at);
	if (vg_json_has_word(at, end, "true")) {
		*kind = VG_JSON_TRUE;
		return at + 4;
	}
	if (vg_json_has_word(at, end, "false")) {
		*kind = VG_JSON_FALSE;
		return at + 5;
	}
	if (vg_json_has_word(at, end, "null")) {
		*kind = VG_JSON_NULL;
		return at + 4;
	}
	if (at == end)
		return vg_json_refuse_end(scanner);
	if (*at == ']' || *at == '}' || *at == ',')
		return vg_json_refuse(scanner, at, "Remove the comma or the colon before it, or write the value.",
				      "a value is missing here.");
	return vg_json_refuse(scanner, at, "Write a text in double quotes, a number, true, false, null, { or [.",
			      "this is not a value.");
}

/* ---- escapes ----------------------------------------------------------- */

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
		return vg_json_refuse(scanner, at, "Write a backslash itself as \\\\.",
				      "a backslash is followed by a character that it cannot escape.");
	if (at[1] != 'u')
		return at + 2;
	int code = hex_code(at + 2, end);
	if (code < 0)
		return vg_json_refuse(scanner, at, "Write \\u and four digits 0-9, a-f.",
				      "\\u is not followed by four hexadecimal digits.");
	if (code == 0)
		return vg_json_refuse(scanner, at, "Leave the character out.", "\\u0000 cannot be part of a text.");
	bool pair = is_high_half(code) && end - at >= 8 && at[6] == '\\' && at[7] == 'u' && is_low_half(hex_code(at + 8, end));
	if (pair)
		return at + 12;
	if (is_high_half(code) || is_low_half(code))
		return vg_json_refuse(scanner, at, "Write the character itself, in UTF-8.",
				      "half of a surrogate pair stands alone.");
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

char *vg_json_unescape_to(const char *bytes, size_t length, char *to)
{
	const char *at = bytes, *end = bytes + length;
	while (at < end) {
		if (*at == '\\')
			to = vg_json_undo_escape(&at, to);
		else
			*to++ = *at++;
	}
	return to;
}

/* An escape is never shorter than what it means. */
vg_json_text vg_json_unescape(vg_arena *arena, const char *bytes, size_t length)
{
	char *to = vg_alloc(arena, length + 1);
	return (vg_json_text){to, to ? (size_t)(vg_json_unescape_to(bytes, length, to) - to) : 0};
}

/* ---- texts ------------------------------------------------------------- */

/* A text with escapes, with characters beyond ASCII, or with what it must not
 * have: `at` is the first such byte of the text that begins at `start`. */
const char *vg_json_pass_special_text(vg_json_scanner *scanner, const char *start, const char *at, bool *escaped)
{
	const char *end = scanner->end;
	for (;; at = vg_json_find_care(at, end)) {
		if (at == end)
			return vg_json_refuse(scanner, start,
					      "Close the text with a quotation mark; the end may have been cut off.",
					      "a text begins here and does not end.");
		if (*at == '"')
			return at;
		if (*at == '\\') {
			*escaped = true;
			at = vg_json_pass_escape(scanner, at);
			if (!at)
				return NULL;
		} else if ((unsigned char)*at < 0x20) {
			return vg_json_refuse(scanner, at,
					      "Write line breaks as \\n, tabs as \\t, others as \\u and four digits.",
					      "a control character stands in a text.");
		}
		while (at < end && (unsigned char)*at >= 0x80) {
			size_t step = vg_utf8_step(at, (size_t)(end - at));
			if (step == 0)
				return vg_json_refuse(scanner, at, "Send the record in UTF-8.",
						      "bytes that are not UTF-8 stand in a text.");
			at += step;
		}
	}
}
