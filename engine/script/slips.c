/*
 * Slips of the pen: what people write who know the clinic and not Lua.
 *
 *     taking warfarin      in hospice        title: "…"
 *     :within 6 months     (pregnant, …)     [ pregnant, … ]
 *
 * The grammar would tell of each as of two or three strange things.  Here it
 * is one, with the words to write instead; reading goes on as if they had
 * been written, and the statement stays broken.
 *
 * Called by forms.c and check_tokens.c where such a slip may stand.
 */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

static bool is(const vg_reader *reader, size_t ahead, const char *symbol)
{
	return vg_token_is(vg_peek(reader, ahead), symbol);
}

/* Whether the token `ahead` stands on the line of the one before it. */
static bool same_line(const vg_reader *reader, size_t ahead)
{
	return vg_peek(reader, ahead)->kind != VG_TOKEN_END &&
	       vg_peek(reader, ahead)->line == reader->source->tokens[reader->at + ahead - 1].last_line;
}

static bool is_wordlike(const vg_token *token) { return token->kind == VG_TOKEN_NAME || token->kind == VG_TOKEN_KEYWORD; }

/* The source from the current token over `count` tokens, as written. */
static const char *written(vg_reader *reader, size_t count)
{
	const vg_token *first = vg_peek(reader, 0), *last = vg_peek(reader, count - 1);
	const char *text = vg_copy_text(reader->source->arena, first->text, (size_t)(last->text + last->length - first->text));
	reader->source->failed |= !text;
	return text ? text : "";
}

static const char *format(vg_reader *reader, const char *pattern, const char *a, const char *b)
{
	const char *text = vg_format(reader->source->arena, "%s%s%s", pattern, a, b);
	reader->source->failed |= !text;
	return text ? text : "";
}

static void step_over(vg_reader *reader, size_t count)
{
	while (count-- > 0)
		vg_step(reader);
}

/* ---- texts without quotes ------------------------------------------------------------ */

bool vg_slip_argument(vg_reader *reader, const char *sign, const char *name, const char *usage)
{
	size_t count = 0;
	bool number = vg_peek(reader, 0)->kind == VG_TOKEN_NUMBER;
	while (same_line(reader, count)) {
		const vg_token *token = vg_peek(reader, count);
		bool part = is_wordlike(token) || token->kind == VG_TOKEN_NUMBER || (count > 0 && vg_token_is(token, "/")) ||
			    (count > 0 && vg_token_is(token, "-"));
		if (!part || (token->kind == VG_TOKEN_KEYWORD && count == 0) || vg_word_find(vg_token_copy(reader, token)) ||
		    vg_token_is(vg_peek(reader, count + 1), "="))
			break;
		count++;
	}
	if (count == 0 || (!number && vg_local_find(reader, vg_token_copy(reader, vg_peek(reader, 0)))))
		return false;
	const char *text = written(reader, count);
	const char *quoted = vg_format(reader->source->arena, "Write %s%s \"%.60s\".", sign, name, text);
	vg_complain(reader, VG127, vg_peek(reader, 0),
		    number && count == 1 ? format(reader, "Write it as in: ", usage, "") : quoted,
		    "`%.60s` stands behind `%s%s` without quotes.", text, sign, name);
	step_over(reader, count);
	return true;
}

void vg_slip_unknown_value(vg_reader *reader, const vg_token *token, const char *line)
{
	char *name = vg_token_copy(reader, token);
	if (!token->broken)
		vg_complain(reader, VG200, token,
			    vg_format(reader->source->arena, "If it is a text, put it in quotes: %s = \"%.60s\".", line,
				      name ? name : ""),
			    "`%.100s` is not a word of the rule language.", name ? name : "");
	vg_step(reader);
}

/* ---- words written with blanks ------------------------------------------------------- */

const char *vg_slip_joined(vg_reader *reader)
{
	char name[64];
	if (!is_wordlike(vg_peek(reader, 0)))
		return NULL;
	int length = snprintf(name, sizeof name, "%.*s", (int)vg_peek(reader, 0)->length, vg_peek(reader, 0)->text);
	for (size_t count = 1; count < 4 && is_wordlike(vg_peek(reader, count)) && same_line(reader, count); count++) {
		const vg_token *token = vg_peek(reader, count);
		if (length < 0 || (size_t)length + token->length + 2 > sizeof name)
			return NULL;
		length += snprintf(name + length, sizeof name - (size_t)length, "_%.*s", (int)token->length, token->text);
		const vg_word_info *word = vg_word_find(name);
		if (!word)
			continue;
		vg_complain(reader, VG200, vg_peek(reader, 0), format(reader, "Write ", word->name, "."),
			    "`%s` is written with a blank.", written(reader, count + 1));
		step_over(reader, count); /* the last of them is the current token */
		return word->name;
	}
	return NULL;
}

/* ---- lists in other brackets ------------------------------------------------------------ */

void vg_slip_brackets(vg_reader *reader, const vg_token *opener)
{
	vg_complain(reader, VG218, opener, "Write { before the first condition and } behind the last.",
		    "A list of conditions stands in %s brackets.", vg_token_is(opener, "(") ? "round" : "square");
}

/* ---- lines ----------------------------------------------------------------------------- */

static bool is_line(const char *name)
{
	size_t count;
	const vg_kind_info *kinds = vg_kinds(&count);
	for (size_t i = 0; i < count; i++)
		if (vg_list_has(kinds[i].fields, name))
			return true;
	return false;
}

bool vg_slip_open_list(vg_reader *reader, const vg_token *opener)
{
	const vg_token *token = vg_peek(reader, 0);
	char *line = token->kind == VG_TOKEN_NAME && is(reader, 1, "=") ? vg_token_copy(reader, token) : NULL;
	if (!line || !is_line(line) || token->line == reader->source->tokens[reader->at - 1].last_line)
		return false;
	vg_complain(reader, VG115, opener, format(reader, "Close it with ", vg_token_is(opener, "[") ? "]" : "}", "."),
		    "The %.*s that is opened here is not closed before line %d, where `%.60s` begins a line of the rule.",
		    (int)opener->length, opener->text, token->line, line);
	reader->at -= vg_token_is(&reader->source->tokens[reader->at - 1], ",");
	return true;
}

bool vg_slip_colon(vg_reader *reader)
{
	const vg_token *name = vg_peek(reader, 0), *behind = vg_peek(reader, 2);
	if (name->kind != VG_TOKEN_NAME || !is(reader, 1, ":"))
		return false;
	char *line = vg_token_copy(reader, name);
	bool value = behind->kind == VG_TOKEN_TEXT || behind->kind == VG_TOKEN_NUMBER || vg_token_is(behind, "{");
	if (!line || (!value && (vg_word_find(line) || !is_line(line))))
		return false;
	vg_complain(reader, VG122, vg_peek(reader, 1), format(reader, "Write ", line, " = …"),
		    "The line `%.60s` is written with a colon.", line);
	return true;
}

bool vg_slip_no_function(vg_reader *reader)
{
	const vg_token *token = vg_peek(reader, 0);
	if (vg_token_is(token, "function"))
		return false;
	vg_complain(reader, VG143, token, "Write check = function(p) return p.egfr < 30 end, with its needs beside it.",
		    "Behind `check =` stands no function.");
	for (int depth = 0; vg_peek(reader, 0)->kind != VG_TOKEN_END && !vg_begins_statement(reader->source, reader->at);) {
		bool opens = is(reader, 0, "(") || is(reader, 0, "{") || is(reader, 0, "[");
		bool closes = is(reader, 0, ")") || is(reader, 0, "}") || is(reader, 0, "]");
		if (depth == 0 && (closes || is(reader, 0, ",")))
			break;
		depth += opens - closes;
		vg_step(reader);
	}
	return true;
}

bool vg_slip_early_end(vg_reader *reader)
{
	const vg_token *token = vg_peek(reader, 0);
	bool line = token->kind == VG_TOKEN_NAME && token->column > 1 && is(reader, 1, "=");
	if (!vg_token_is(token, ",") && !line)
		return false;
	vg_complain(reader, VG116, &reader->source->tokens[reader->at - 1],
		    "Remove it when it is one too many; the last } of a rule has no comma behind it.",
		    "This } ends the rule, and lines of a rule follow.");
	while (vg_peek(reader, 0)->kind != VG_TOKEN_END && !vg_begins_statement(reader->source, reader->at))
		vg_step(reader);
	return true;
}

/* ---- sets --------------------------------------------------------------------------------- */

bool vg_slip_glued(const char *text)
{
	for (const char *c = text; *c; c++) {
		size_t sign = strchr("<>=", *c) ? 1 : strncmp(c, "≤", 3) == 0 || strncmp(c, "≥", 3) == 0 ? 3 : 0;
		if (sign == 0)
			continue;
		c += sign;
		c += strspn(c, "= ");
		if (*c >= '0' && *c <= '9')
			return true;
		c--;
	}
	return false;
}
