/*
 * Characters that people type, or paste from a word processor, and that are
 * not what they look like: curly quotes, long dashes, signs such as ≥; and
 * characters that nobody sees.
 *
 * Called by the lexer, which tells of each with what to write instead.
 */
#include "script/script_internal.h"

#include <string.h>

static const vg_lookalike lookalikes[] = {
    {"\u201C", "\"", VG_LOOKS_LIKE_QUOTE}, {"\u201D", "\"", VG_LOOKS_LIKE_QUOTE}, {"\u201E", "\"", VG_LOOKS_LIKE_QUOTE},
    {"\u00AB", "\"", VG_LOOKS_LIKE_QUOTE}, {"\u00BB", "\"", VG_LOOKS_LIKE_QUOTE}, {"\u2018", "'", VG_LOOKS_LIKE_QUOTE},
    {"\u2019", "'", VG_LOOKS_LIKE_QUOTE},  {"\u2013", "-", VG_LOOKS_LIKE_DASH},   {"\u2014", "-", VG_LOOKS_LIKE_DASH},
    {"\u2212", "-", VG_LOOKS_LIKE_DASH},   {"\u2265", ">=", VG_IS_COMPARISON},    {"\u2264", "<=", VG_IS_COMPARISON},
    {"\u2260", "~=", VG_IS_COMPARISON},    {"\u00A0", "a blank", VG_LOOKS_LIKE},  {"\u202F", "a blank", VG_LOOKS_LIKE},
    {"\u2009", "a blank", VG_LOOKS_LIKE},  {"\uFF0C", ",", VG_LOOKS_LIKE},        {"\uFF1A", ":", VG_LOOKS_LIKE},
    {"\uFF08", "(", VG_LOOKS_LIKE},        {"\uFF09", ")", VG_LOOKS_LIKE},        {"\uFF1D", "=", VG_LOOKS_LIKE},
};

const vg_lookalike *vg_lookalike_at(const char *text, size_t length)
{
	for (size_t i = 0; i < VG_COUNT(lookalikes); i++) {
		size_t size = strlen(lookalikes[i].bytes);
		if (length >= size && memcmp(lookalikes[i].bytes, text, size) == 0)
			return &lookalikes[i];
	}
	return NULL;
}

bool vg_is_hiding(const char *text, size_t size)
{
	const unsigned char *c = (const unsigned char *)text;
	if (size == 1)
		return (c[0] < 0x20 && !strchr(" \t\v\f\n", c[0])) || c[0] == 0 || c[0] == 0x7F;
	if (size == 2)
		return (c[0] == 0xC2 && c[1] < 0xA0) || (c[0] == 0xD8 && c[1] == 0x9C);
	if (size != 3)
		return false;
	if (c[0] == 0xEF)
		return c[1] == 0xBB && c[2] == 0xBF;
	return c[0] == 0xE2 && ((c[1] == 0x80 && ((c[2] >= 0x8B && c[2] <= 0x8F) || (c[2] >= 0xA8 && c[2] <= 0xAE))) ||
				(c[1] == 0x81 && c[2] >= 0xA0 && c[2] <= 0xAF));
}

static size_t word_length(const char *text, size_t length)
{
	size_t i = 0;
	while (i < length && ((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z') || text[i] == '\''))
		i++;
	return i;
}

static size_t blanks(const char *text, size_t length)
{
	size_t i = 0;
	while (i < length && (text[i] == ' ' || text[i] == '\t'))
		i++;
	return i;
}

/* Begins with two words and nothing between them. */
static bool is_prose(const char *text, size_t length)
{
	size_t at = blanks(text, length), word = word_length(text + at, length - at);
	if (word == 0 || vg_keyword(text + at, word))
		return false;
	at += word;
	size_t gap = blanks(text + at, length - at);
	at += gap;
	return gap > 0 && word_length(text + at, length - at) > 0;
}

static const vg_lookalike *lookalike(const vg_lexer *lexer)
{
	return vg_lookalike_at(lexer->text + lexer->at, lexer->length - lexer->at);
}

/* “text”: read as the text that is meant, up to the next such quote of the line. False when there is none. */
static bool read_curly_text(vg_lexer *lexer)
{
	size_t start = lexer->at, size = strlen(lookalike(lexer)->bytes), past = start + size;
	const vg_lookalike *closer = NULL;
	for (; past < lexer->length && lexer->text[past] != '\n' && lexer->text[past] != '\r' && !closer; past++) {
		closer = vg_lookalike_at(lexer->text + past, lexer->length - past);
		closer = closer && closer->kind == VG_LOOKS_LIKE_QUOTE ? closer : NULL;
	}
	if (!closer)
		return false;
	size_t inner = past - 1 - (start + size);
	vg_place place = vg_lexer_place(lexer, start);
	vg_token *token = vg_lexer_add(lexer, VG_TOKEN_TEXT, start);
	if (!token)
		return true;
	vg_report(lexer->source->findings, VG103, place, NULL,
		  vg_format(lexer->source->arena, "Write straight quotes: \"%.*s\".", (int)(inner < 80 ? inner : 80),
			    lexer->text + start + size),
		  "These quotes are curly, as a word processor makes them.");
	lexer->at = past - 1 + strlen(closer->bytes);
	token->value = vg_copy_text(lexer->source->arena, lexer->text + start + size, inner);
	token->value_length = (uint32_t)inner;
	lexer->source->failed |= !token->value;
	vg_lexer_end(lexer, token);
	return true;
}

/* Nothing of the language: a lookalike, a hidden character, a sign of another language. */
void vg_lexer_read_strange(vg_lexer *lexer)
{
	const vg_lookalike *like = lookalike(lexer);
	vg_place place = vg_lexer_place(lexer, lexer->at);
	if (like && like->kind == VG_IS_COMPARISON) {
		vg_lexer_add_symbol(lexer, strlen(like->bytes)); /* whoever reads it says what to write */
	} else if (like && like->kind == VG_LOOKS_LIKE_QUOTE && read_curly_text(lexer)) {
		return;
	} else if (like) {
		vg_report(lexer->source->findings, VG103, place, NULL,
			  vg_format(lexer->source->arena, "Write %s instead.", like->write),
			  "\"%s\" looks like a sign of the language and is none.", like->bytes);
		lexer->at += strlen(like->bytes);
	} else if (vg_lexer_peek(lexer, 0) == '!') {
		bool unequal = vg_lexer_peek(lexer, 1) == '=';
		vg_report(lexer->source->findings, VG103, place, NULL,
			  unequal ? "Inside a check function write ~= for \"is not\"; elsewhere none { … }."
				  : "Inside a check function write `not`; elsewhere none { … }.",
			  "`%s` is a sign of other languages.", unequal ? "!=" : "!");
		lexer->at += unequal ? 2 : 1;
	} else {
		size_t size = vg_utf8_step(lexer->text + lexer->at, lexer->length - lexer->at);
		vg_report(lexer->source->findings, VG103, place, NULL, "Remove it, or put it inside quotes.",
			  "The character \"%.*s\" has no meaning in a rule file.", (int)size, lexer->text + lexer->at);
		lexer->at += size ? size : 1;
	}
}

/* Prose behind the comment sign of another language, at the beginning of a line. */
bool vg_lexer_skip_foreign_comment(vg_lexer *lexer)
{
	const vg_source *source = lexer->source;
	const char *here = lexer->text + lexer->at;
	const vg_lookalike *like = lookalike(lexer);
	bool first = source->token_count == 0 || source->tokens[source->token_count - 1].last_line < lexer->line;
	size_t size = like && like->kind == VG_LOOKS_LIKE_DASH ? strlen(like->bytes)
		      : here[0] == '#'                         ? 1
		      : here[0] == '/' && (vg_lexer_peek(lexer, 1) == '/' || vg_lexer_peek(lexer, 1) == '*') ? 2
													     : 0;
	if (!first || size == 0 || !is_prose(here + size, lexer->length - lexer->at - size))
		return false;
	vg_report(lexer->source->findings, VG134, vg_lexer_place(lexer, lexer->at), NULL, "Begin it with two hyphens: --.",
		  "A comment does not begin with %.*s.", (int)size, here);
	while (lexer->at < lexer->length && !vg_lexer_at_line_end(lexer))
		vg_lexer_step(lexer);
	return true;
}
