/*
 * The lexer: a rule file as the tokens of Lua 5.4, each with its place.
 *
 * It reads all of Lua's lexical form (long brackets, every escape, hexadecimal
 * numbers, comments), because a token that it saw differently than Lua would
 * let through what the token check believes to have refused.  It is stricter
 * in four things: the text is UTF-8, names are ASCII, texts hold no NUL and
 * decode to UTF-8, and characters that hide or turn what is written are
 * refused everywhere, in comments too.
 *
 * It goes on after a mistake, so that one run tells all of them: a text that
 * is not closed ends with its line.
 *
 * Called by load.c, once a file.
 */
#include "script/script_internal.h"

#include <string.h>

const char *const vg_keywords[] = {"and",      "break",  "do",   "else", "elseif", "end",  "false", "for",
				   "function", "goto",   "if",   "in",   "local",  "nil",  "not",   "or",
				   "repeat",   "return", "then", "true", "until",  "while"};
const size_t vg_keyword_count = VG_COUNT(vg_keywords);

static const char *const symbols[] = {"...", "<<", ">>", "//", "==", "~=", "<=", ">=", "::", "..", "+",
				      "-",   "*",  "/",  "%",  "^",  "#",  "&",  "~",  "|",  "<",  ">",
				      "=",   "(",  ")",  "{",  "}",  "[",  "]",  ";",  ":",  ",",  "."};

bool vg_token_is(const vg_token *token, const char *symbol_or_keyword)
{
	return (token->kind == VG_TOKEN_SYMBOL || token->kind == VG_TOKEN_KEYWORD) &&
	       strlen(symbol_or_keyword) == token->length && memcmp(token->text, symbol_or_keyword, token->length) == 0;
}

bool vg_keyword(const char *text, size_t length)
{
	for (size_t i = 0; i < vg_keyword_count; i++)
		if (strlen(vg_keywords[i]) == length && memcmp(vg_keywords[i], text, length) == 0)
			return true;
	return false;
}

static int column_of(vg_lexer *lexer, size_t at)
{
	for (; lexer->counted < at; lexer->counted++)
		lexer->characters += ((unsigned char)lexer->text[lexer->counted] & 0xC0) != 0x80;
	return lexer->characters + 1;
}

vg_place vg_lexer_place(vg_lexer *lexer, size_t at)
{
	vg_place place = {lexer->source->file, lexer->line, 0};
	if (at >= lexer->counted)
		place.column = column_of(lexer, at);
	return place;
}

int vg_lexer_peek(const vg_lexer *lexer, size_t ahead)
{
	return lexer->at + ahead < lexer->length ? (unsigned char)lexer->text[lexer->at + ahead] : -1;
}

static bool is_space(int c) { return c == ' ' || c == '\t' || c == '\v' || c == '\f'; }
static bool is_digit(int c) { return c >= '0' && c <= '9'; }
static bool is_letter(int c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

static int hex_digit(int c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Steps over a line end: "\n", "\r\n", "\n\r" or "\r" are one, as in Lua. */
static void step_line(vg_lexer *lexer)
{
	int first = vg_lexer_peek(lexer, 0), second = vg_lexer_peek(lexer, 1);
	lexer->at += (second == '\n' || second == '\r') && second != first ? 2 : 1;
	lexer->line++;
	lexer->line_start = lexer->counted = lexer->at;
	lexer->characters = 0;
}

bool vg_lexer_at_line_end(const vg_lexer *lexer) { return vg_lexer_peek(lexer, 0) == '\n' || vg_lexer_peek(lexer, 0) == '\r'; }

/* Steps over one character of a text or comment and reports it when it hides something. */
void vg_lexer_step(vg_lexer *lexer)
{
	size_t size = vg_utf8_step(lexer->text + lexer->at, lexer->length - lexer->at);
	if (size == 0)
		size = 1; /* cannot be: the whole text was checked */
	if (vg_is_hiding(lexer->text + lexer->at, size)) {
		unsigned char c = (unsigned char)lexer->text[lexer->at];
		vg_report(lexer->source->findings, VG103, vg_lexer_place(lexer, lexer->at), NULL, "Remove it.",
			  size == 1 ? "A control character (byte 0x%02X) stands here."
				    : "An invisible character that hides or turns text stands here (first byte 0x%02X).",
			  (unsigned)c);
	}
	lexer->at += size;
}

vg_token *vg_lexer_add(vg_lexer *lexer, vg_token_kind kind, size_t start)
{
	vg_source *source = lexer->source;
	vg_token *tokens = vg_grow(source->arena, source->tokens, source->token_count, &lexer->capacity, sizeof *tokens);
	if (!tokens) {
		source->failed = true;
		return NULL;
	}
	source->tokens = tokens;
	vg_token *token = &tokens[source->token_count++];
	*token = (vg_token){.text = lexer->text + start, .kind = (uint8_t)kind, .line = lexer->line, .last_line = lexer->line};
	token->column = column_of(lexer, start);
	return token;
}

void vg_lexer_end(vg_lexer *lexer, vg_token *token)
{
	token->length = (uint32_t)((size_t)(lexer->text + lexer->at - token->text));
	token->last_line = lexer->line;
	token->broken = lexer->source->findings->errors != lexer->errors;
}

/* "[[" or "[==[": how many signs; -1 when it is none. */
static int long_level(const vg_lexer *lexer, size_t at)
{
	size_t i = at + 1;
	while (i < lexer->length && lexer->text[i] == '=')
		i++;
	return i < lexer->length && lexer->text[i] == '[' && i - at < 100 ? (int)(i - at - 1) : -1;
}

/* At "[==[": goes behind the closing one; the inner text, without a first line end, is [*ret_start, *ret_end). */
static bool read_long(vg_lexer *lexer, int level, size_t *ret_start, size_t *ret_end)
{
	if (lexer->unclosed[level])
		return false;
	lexer->at += (size_t)level + 2;
	if (lexer->at < lexer->length && vg_lexer_at_line_end(lexer))
		step_line(lexer);
	*ret_start = lexer->at;
	while (lexer->at < lexer->length) {
		if (vg_lexer_peek(lexer, 0) == ']') {
			size_t i = lexer->at + 1;
			while (i < lexer->length && lexer->text[i] == '=')
				i++;
			if (i < lexer->length && lexer->text[i] == ']' && (int)(i - lexer->at - 1) == level) {
				*ret_end = lexer->at;
				lexer->at = i + 1;
				return true;
			}
		}
		if (vg_lexer_at_line_end(lexer))
			step_line(lexer);
		else
			vg_lexer_step(lexer);
	}
	lexer->unclosed[level] = true;
	return false;
}

/* An opening that is never closed: what follows its line is read as if it were. */
static void resume_behind(vg_lexer *lexer, size_t start, int line, size_t line_start)
{
	lexer->at = start;
	lexer->line = line;
	lexer->line_start = lexer->counted = line_start;
	lexer->characters = 0;
	while (lexer->at < lexer->length && !vg_lexer_at_line_end(lexer))
		lexer->at++;
}

static void skip_comment(vg_lexer *lexer)
{
	size_t start = lexer->at, line_start = lexer->line_start;
	int line = lexer->line;
	vg_place place = vg_lexer_place(lexer, start);
	lexer->at += 2;
	int level = vg_lexer_peek(lexer, 0) == '[' ? long_level(lexer, lexer->at) : -1;
	if (level >= 0) {
		size_t from, to;
		if (read_long(lexer, level, &from, &to))
			return;
		vg_report(lexer->source->findings, VG115, place, NULL, "Close it with ]], or begin each line of it with --.",
			  "The comment that is opened here is not closed.");
		resume_behind(lexer, start, line, line_start);
		return;
	}
	while (lexer->at < lexer->length && !vg_lexer_at_line_end(lexer))
		vg_lexer_step(lexer);
}

/* ---- texts ---------------------------------------------------------------------- */

static void report_escape(vg_lexer *lexer, size_t at, const char *text)
{
	vg_report(lexer->source->findings, VG118, vg_lexer_place(lexer, at), NULL,
		  "Write the character itself; a backslash is written \\\\, a quote \\\".", "%s", text);
}

/* A character by its number, as UTF-8; false when it is none. */
static size_t put_utf8(uint32_t number, char out[4])
{
	if (number == 0 || number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF))
		return 0;
	if (number < 0x80) {
		out[0] = (char)number;
		return 1;
	}
	size_t size = number < 0x800 ? 2 : number < 0x10000 ? 3 : 4;
	for (size_t i = size; i-- > 1; number >>= 6)
		out[i] = (char)(0x80 | (number & 0x3F));
	out[0] = (char)((0xF0 << (4 - size)) | (int)number);
	return size;
}

/* "\u{20AC}", at the brace. */
static uint32_t read_code_point(vg_lexer *lexer)
{
	uint32_t number = 0;
	if (vg_lexer_peek(lexer, 0) != '{' || hex_digit(vg_lexer_peek(lexer, 1)) < 0)
		return 0;
	lexer->at++;
	for (int digit; (digit = hex_digit(vg_lexer_peek(lexer, 0))) >= 0; lexer->at++)
		number = number > 0x10FFFF ? number : number * 16 + (uint32_t)digit;
	if (vg_lexer_peek(lexer, 0) != '}')
		return 0;
	lexer->at++;
	return number;
}

/* Behind the backslash: adds what the escape means. */
static void read_escape(vg_lexer *lexer, vg_buffer *out)
{
	static const char plain[] = "abfnrtv\\\"'", means[] = "\a\b\f\n\r\t\v\\\"'";
	size_t start = lexer->at - 1;
	int c = vg_lexer_peek(lexer, 0);
	const char *found = c > 0 ? strchr(plain, c) : NULL;
	if (found) {
		lexer->at++;
		vg_add_byte(out, means[found - plain]);
	} else if (c == '\n' || c == '\r') {
		step_line(lexer);
		vg_add_byte(out, '\n');
	} else if (c == 'z') {
		lexer->at++;
		while (is_space(vg_lexer_peek(lexer, 0)) || vg_lexer_at_line_end(lexer))
			if (vg_lexer_at_line_end(lexer))
				step_line(lexer);
			else
				lexer->at++;
	} else if (c == 'x' && hex_digit(vg_lexer_peek(lexer, 1)) >= 0 && hex_digit(vg_lexer_peek(lexer, 2)) >= 0) {
		char byte = (char)(hex_digit(vg_lexer_peek(lexer, 1)) * 16 + hex_digit(vg_lexer_peek(lexer, 2)));
		lexer->at += 3;
		vg_add_byte(out, byte);
	} else if (is_digit(c)) {
		int number = 0;
		for (int i = 0; i < 3 && is_digit(vg_lexer_peek(lexer, 0)); i++, lexer->at++)
			number = number * 10 + vg_lexer_peek(lexer, 0) - '0';
		char byte = (char)number;
		if (number > 255)
			report_escape(lexer, start, "The number behind this backslash is no byte.");
		else
			vg_add_byte(out, byte);
	} else if (c == 'u') {
		lexer->at++;
		char bytes[4];
		size_t size = put_utf8(read_code_point(lexer), bytes);
		if (size == 0)
			report_escape(lexer, start, "The \\u{…} here names no character.");
		vg_add_bytes(out, bytes, size);
	} else {
		report_escape(lexer, start, "This backslash is followed by something that has no meaning.");
		if (c >= 0)
			vg_lexer_step(lexer);
	}
}

static void finish_text(vg_lexer *lexer, vg_token *token, vg_buffer *value)
{
	const char *text = vg_buffer_text(value);
	if (!text) {
		lexer->source->failed = true;
		return;
	}
	token->value = text;
	token->value_length = (uint32_t)value->length;
	vg_lexer_end(lexer, token);
	vg_place place = vg_token_place(lexer->source, token);
	if (memchr(text, 0, value->length) || !vg_utf8_valid(text, value->length)) {
		vg_report(lexer->source->findings, VG118, place, NULL, "Remove the escapes from the text.",
			  "The text decodes to a NUL byte or to bytes that are not UTF-8.");
		token->broken = true;
	}
	for (size_t i = 0, size; i < value->length && !token->broken; i += size) {
		size = vg_utf8_step(text + i, value->length - i);
		if (size == 0 || (vg_is_hiding(text + i, size) && text[i] != '\n')) {
			vg_report(lexer->source->findings, VG103, place, NULL, "Remove it.",
				  "The text decodes to a control character or to one that hides or turns text.");
			token->broken = true;
		}
	}
}

static void read_text(vg_lexer *lexer)
{
	size_t start = lexer->at;
	int quote = vg_lexer_peek(lexer, 0);
	vg_token *token = vg_lexer_add(lexer, VG_TOKEN_TEXT, start);
	if (!token)
		return;
	vg_buffer value;
	vg_buffer_init(&value, lexer->source->arena);
	lexer->at++;
	while (lexer->at < lexer->length && vg_lexer_peek(lexer, 0) != quote && !vg_lexer_at_line_end(lexer) &&
	       !vg_stopped(lexer->source)) {
		size_t from = lexer->at;
		if (vg_lexer_peek(lexer, 0) == '\\') {
			lexer->at++;
			read_escape(lexer, &value);
		} else {
			vg_lexer_step(lexer);
			vg_add_bytes(&value, lexer->text + from, lexer->at - from);
		}
	}
	if (vg_lexer_peek(lexer, 0) == quote)
		lexer->at++;
	else
		vg_report(lexer->source->findings, VG117, vg_token_place(lexer->source, token), NULL,
			  "Close it with the quote that opens it; a quote inside is written \\\".",
			  "The text that begins here is not closed on its line.");
	finish_text(lexer, token, &value);
}

/* Line ends inside a long text are "\n", however they are written. */
static void read_long_text(vg_lexer *lexer, int level)
{
	size_t start = lexer->at, line_start = lexer->line_start, from = 0, to = 0;
	int line = lexer->line;
	vg_token *token = vg_lexer_add(lexer, VG_TOKEN_TEXT, start);
	if (!token)
		return;
	vg_buffer value;
	vg_buffer_init(&value, lexer->source->arena);
	if (read_long(lexer, level, &from, &to)) {
		for (size_t i = from; i < to; i++) {
			char c = lexer->text[i];
			bool end = c == '\n' || c == '\r';
			if (end && i + 1 < to && lexer->text[i + 1] != c &&
			    (lexer->text[i + 1] == '\n' || lexer->text[i + 1] == '\r'))
				i++;
			vg_add_byte(&value, end ? '\n' : c);
		}
	} else {
		vg_report(lexer->source->findings, VG117, vg_token_place(lexer->source, token), NULL, "Close it with ]].",
			  "The long text that is opened here is not closed.");
		resume_behind(lexer, start, line, line_start);
	}
	finish_text(lexer, token, &value);
}

/* ---- names, numbers, symbols --------------------------------------------------------- */

/* A name takes in letters that are not ASCII, so that "lоcal" is one mistake and not three. */
static void read_name(vg_lexer *lexer)
{
	size_t start = lexer->at;
	vg_token *token = vg_lexer_add(lexer, VG_TOKEN_NAME, start);
	if (!token)
		return;
	bool strange = false;
	for (int c; (is_letter(c = vg_lexer_peek(lexer, 0)) || is_digit(c) || c >= 0x80) &&
		    !vg_lookalike_at(lexer->text + lexer->at, lexer->length - lexer->at);
	     lexer->at++) {
		if (vg_lexer_peek(lexer, 0) < 0x80 || strange)
			continue;
		size_t size = vg_utf8_step(lexer->text + lexer->at, lexer->length - lexer->at);
		vg_report(lexer->source->findings, VG102, vg_lexer_place(lexer, lexer->at), NULL,
			  "Type the name again with plain letters; other letters belong inside quotes.",
			  "The letter \"%.*s\" (first byte 0x%02X) is not plain ASCII, although it may look so.", (int)size,
			  lexer->text + lexer->at, (unsigned)(unsigned char)lexer->text[lexer->at]);
		strange = true;
	}
	if (vg_keyword(lexer->text + start, lexer->at - start))
		token->kind = VG_TOKEN_KEYWORD;
	vg_lexer_end(lexer, token);
}

/* As Lua reads numerals: everything that could belong to one, judged afterwards. */
static void read_number(vg_lexer *lexer)
{
	size_t start = lexer->at;
	bool hexadecimal = vg_lexer_peek(lexer, 0) == '0' && (vg_lexer_peek(lexer, 1) == 'x' || vg_lexer_peek(lexer, 1) == 'X');
	size_t digits = 0;
	bool point = false, exponent = false, good = true;
	lexer->at += hexadecimal ? 2 : 0;
	for (int c; (c = vg_lexer_peek(lexer, 0)) == '.' || is_letter(c) || is_digit(c); lexer->at++) {
		if (!exponent && (hexadecimal ? c == 'p' || c == 'P' : c == 'e' || c == 'E')) {
			exponent = true;
			good = good && digits > 0;
			digits = 0;
			if (vg_lexer_peek(lexer, 1) == '+' || vg_lexer_peek(lexer, 1) == '-')
				lexer->at++;
		} else if (c == '.') {
			good = good && !point && !exponent;
			point = true;
		} else if (hexadecimal && !exponent ? hex_digit(c) >= 0 : is_digit(c)) {
			digits++;
		} else {
			good = false;
		}
	}
	vg_token *token = vg_lexer_add(lexer, VG_TOKEN_NUMBER, start);
	if (!token)
		return;
	if (!good || digits == 0)
		vg_report(lexer->source->findings, VG119, vg_token_place(lexer->source, token), NULL,
			  "A quantity with a unit is a text: \"4 g\".", "\"%.*s\" is not a number.",
			  (int)(lexer->at - start < 40 ? lexer->at - start : 40), lexer->text + start);
	vg_lexer_end(lexer, token);
}

void vg_lexer_add_symbol(vg_lexer *lexer, size_t size)
{
	size_t start = lexer->at;
	lexer->at += size;
	vg_token *token = vg_lexer_add(lexer, VG_TOKEN_SYMBOL, start);
	if (token)
		vg_lexer_end(lexer, token);
}

static bool read_symbol(vg_lexer *lexer)
{
	for (size_t i = 0; i < VG_COUNT(symbols); i++) {
		size_t size = strlen(symbols[i]);
		if (lexer->length - lexer->at < size || memcmp(symbols[i], lexer->text + lexer->at, size) != 0)
			continue;
		vg_lexer_add_symbol(lexer, size);
		return true;
	}
	return false;
}

static void read_token(vg_lexer *lexer)
{
	int c = vg_lexer_peek(lexer, 0), level;
	if (is_space(c)) {
		lexer->at++;
	} else if (vg_lexer_at_line_end(lexer)) {
		step_line(lexer);
	} else if (vg_lexer_skip_foreign_comment(lexer)) {
		return;
	} else if (c == '-' && vg_lexer_peek(lexer, 1) == '-') {
		skip_comment(lexer);
	} else if (c == '"' || c == '\'') {
		read_text(lexer);
	} else if (c == '[' && (level = long_level(lexer, lexer->at)) >= 0) {
		read_long_text(lexer, level);
	} else if (c == '[' && vg_lexer_peek(lexer, 1) == '=') {
		vg_report(lexer->source->findings, VG103, vg_lexer_place(lexer, lexer->at), NULL,
			  "A long text is opened with [[ or [=[.", "`[=` opens nothing.");
		lexer->at++;
	} else if (is_digit(c) || (c == '.' && is_digit(vg_lexer_peek(lexer, 1)))) {
		read_number(lexer);
	} else if (c >= 0x80 &&
		   (vg_lookalike_at(lexer->text + lexer->at, lexer->length - lexer->at) ||
		    vg_is_hiding(lexer->text + lexer->at, vg_utf8_step(lexer->text + lexer->at, lexer->length - lexer->at)))) {
		vg_lexer_read_strange(lexer);
	} else if (is_letter(c) || c >= 0x80) {
		read_name(lexer);
	} else if (!read_symbol(lexer)) {
		vg_lexer_read_strange(lexer);
	}
}

/* What makes the whole file unreadable. */
static bool readable(vg_source *source)
{
	vg_place place = {source->file, 1, 1};
	if (source->length > 0 && source->text[0] == '\x1b') {
		vg_report(source->findings, VG100, place, NULL, "Put the source text into the pack.",
			  "The file begins with an escape byte (0x1B): it is compiled Lua, not text.");
		return false;
	}
	if (vg_utf8_valid(source->text, source->length) && !memchr(source->text, 0, source->length))
		return true;
	for (size_t i = 0, size; i < source->length; i += size) {
		size = vg_utf8_step(source->text + i, source->length - i);
		if (size == 0 || source->text[i] == 0) {
			vg_report(source->findings, VG101, place, NULL, "Save the file as UTF-8.",
				  "The byte 0x%02X in line %d is not UTF-8 text.", (unsigned)(unsigned char)source->text[i],
				  place.line);
			return false;
		}
		place.line += source->text[i] == '\n';
	}
	return true;
}

bool vg_lex(vg_source *source)
{
	source->first_finding = source->findings->count;
	if (source->length >= 3 && memcmp(source->text, "\xEF\xBB\xBF", 3) == 0) {
		source->text += 3; /* a byte-order mark, as desktop editors write it */
		source->length -= 3;
	}
	if (!readable(source))
		return false;
	vg_lexer lexer = {.source = source, .text = source->text, .length = source->length, .line = 1};
	while (lexer.at < lexer.length && !vg_stopped(source)) {
		lexer.errors = source->findings->errors;
		size_t tokens = source->token_count;
		read_token(&lexer);
		/* A mistake between tokens breaks the statement that it stands in. */
		if (source->token_count == tokens && source->findings->errors != lexer.errors && tokens > 0)
			source->tokens[tokens - 1].broken = true;
	}
	if (!source->failed && vg_stopped(source)) {
		vg_report(source->findings, VG122, vg_lexer_place(&lexer, lexer.at), NULL, "Mend these first.",
			  "There are more than %d mistakes; the file is not read further.", VG_MOST_MISTAKES);
		return false;
	}
	vg_token *end = source->failed ? NULL : vg_lexer_add(&lexer, VG_TOKEN_END, lexer.at);
	return end && !source->arena->failed;
}
