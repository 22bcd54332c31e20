/*
 * Reading tokens: what check_tokens.c and forms.c share.
 *
 * The current token and the next ones, findings with the current rule's name,
 * the table of operators that the language does not have, and what a misspelt
 * name may mean.
 */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

const vg_token *vg_peek(const vg_reader *reader, size_t ahead)
{
	size_t last = reader->source->token_count - 1, at = reader->at + ahead;
	return &reader->source->tokens[at < last ? at : last];
}

void vg_step(vg_reader *reader)
{
	const vg_token *token = vg_peek(reader, 0);
	reader->broken |= token->broken;
	if (token->kind != VG_TOKEN_END)
		reader->at++;
}

void vg_complain(vg_reader *reader, vg_finding_code code, const vg_token *at, const char *advice, const char *text, ...)
{
	char what[512];
	va_list arguments;
	va_start(arguments, text);
	int length = vsnprintf(what, sizeof what, text, arguments);
	va_end(arguments);
	reader->broken = true;
	vg_report(reader->source->findings, code, vg_token_place(reader->source, at), reader->id, advice, "%s",
		  length < 0 ? vg_finding_kind_of(code)->title : what);
}

char *vg_token_copy(vg_reader *reader, const vg_token *token)
{
	char *text = vg_copy_text(reader->source->arena, token->text, token->length);
	reader->source->failed |= !text;
	return text;
}

vg_form *vg_new_form(vg_reader *reader, vg_form_kind kind, const vg_token *token)
{
	vg_form *form = vg_alloc(reader->source->arena, sizeof *form);
	if (!form) {
		reader->source->failed = true;
		return NULL;
	}
	form->kind = (uint8_t)kind;
	form->place = vg_token_place(reader->source, token);
	return form;
}

bool vg_add_item(vg_reader *reader, vg_form *form, vg_form *item)
{
	vg_form **items = vg_grow(reader->source->arena, form->items, form->item_count, &form->item_capacity, sizeof *items);
	if (!items) {
		reader->source->failed = true;
		return false;
	}
	form->items = items;
	items[form->item_count++] = item;
	return true;
}

vg_local *vg_local_find(vg_reader *reader, const char *name)
{
	for (size_t i = 0; name && i < reader->local_count; i++)
		if (strcmp(reader->locals[i].name, name) == 0)
			return &reader->locals[i];
	return NULL;
}

/* ---- operators ------------------------------------------------------------------- */

static const vg_operator operators[] = {
    {"and", VG104, "Write all { a, b } instead of a and b."},
    {"or", VG104, "Write any { a, b } instead of a or b."},
    {"==", VG105,
     "Write the word with its text behind it, as in sex \"female\"; latest \"…\" :is \"…\" for coded values, "
     "age_between(\"65 years\", \"65 years\") for ages."},
    {"~=", VG105, "Write none { … } instead of a ~= b."},
    {"<", VG105, "Write :is_below \"…\" with the limit and its unit, or age_below \"…\"."},
    {">", VG105, "Write :is_above \"…\" with the limit and its unit."},
    {"<=", VG105, "Write :is_at_most \"…\" with the limit and its unit."},
    {">=", VG105, "Write :is_at_least \"…\" with the limit and its unit, or age_at_least \"…\"."},
    {"≥", VG105, "Write :is_at_least \"…\" with the limit and its unit, or age_at_least \"…\"."},
    {"≤", VG105, "Write :is_at_most \"…\" with the limit and its unit."},
    {"≠", VG105, "Write none { … }."},
    {"..", VG106, "Write the text as one; {placeholders} fill in what the record says."},
    {"+", VG106, "Write the sum as a quantity, or compute in `check`."},
    {"-", VG106, "Write the difference as a quantity, or compute in `check`."},
    {"*", VG106, "Write the product as a quantity, or compute in `check`."},
    {"/", VG106, "Write the quotient as a quantity, or compute in `check`."},
    {"//", VG106, "Write the quotient as a quantity, or compute in `check`."},
    {"%", VG106, "A percentage is a text: \"50 %\"."},
    {"^", VG106, "Write the power as a quantity, or compute in `check`."},
    {"#", VG106, "Count with at_least(2, { … }) or :times(2)."},
    {"&", VG107, "Write all { a, b }."},
    {"|", VG107, "Write any { a, b }."},
    {"~", VG107, "Write none { a }."},
    {"<<", VG107, "Remove it."},
    {">>", VG107, "Remove it."},
};

const vg_operator *vg_operator_at(const vg_token *token)
{
	for (size_t i = 0; i < VG_COUNT(operators); i++)
		if (vg_token_is(token, operators[i].sign))
			return &operators[i];
	return NULL;
}

/* ---- misspelt names ------------------------------------------------------------------ */

const char *vg_nearest_keyword(const char *name)
{
	/* Only words that people type: "ro" is not a misspelt "or". */
	static const char *const typed[] = {"local", "function", "return", "false", "true",  "then",
					    "else",  "elseif",   "while",  "until", "repeat"};
	for (size_t i = 0; i < vg_keyword_count; i++)
		if (vg_same_fold(vg_keywords[i], name))
			return vg_keywords[i];
	return vg_nearest(name, typed, VG_COUNT(typed));
}

const char *vg_nearest_name(vg_reader *reader, const char *name)
{
	size_t word_count, kind_count, count = 0;
	const vg_word_info *words = vg_words(&word_count);
	const vg_kind_info *kinds = vg_kinds(&kind_count);
	const char **names =
	    vg_alloc_array(reader->source->arena, word_count + kind_count + reader->local_count, sizeof *names);
	if (!names) {
		reader->source->failed = true;
		return NULL;
	}
	for (size_t i = 0; i < reader->local_count; i++)
		names[count++] = reader->locals[i].name;
	for (size_t i = 0; i < word_count; i++)
		names[count++] = words[i].name;
	for (size_t i = 0; i < kind_count; i++)
		names[count++] = kinds[i].name;
	return vg_nearest(name, names, count);
}
