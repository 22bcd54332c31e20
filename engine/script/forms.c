/*
 * Forms: what may stand inside a statement, read from its tokens.
 *
 *     value    = text | number | true | false | table | word | local
 *     word     = NAME [ arguments ] { ":" NAME [ arguments ] }
 *     table    = "{" [ [ NAME "=" ] value { "," … } ] "}"
 *     function = only as `check = function … end`, see check_function.c
 *
 * Everything else is reported and stepped over, so that the next mistake is
 * found too: an operator with its right side, a missing comma as if it stood
 * there.  A brace that is never closed ends where the next statement begins
 * in the first column, and is reported where it was opened.
 */
#include "script/script_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is(const vg_reader *reader, size_t ahead, const char *symbol)
{
	return vg_token_is(vg_peek(reader, ahead), symbol);
}

static bool begins_value(const vg_token *token)
{
	return token->kind == VG_TOKEN_NAME || token->kind == VG_TOKEN_TEXT || token->kind == VG_TOKEN_NUMBER ||
	       vg_token_is(token, "{") || vg_token_is(token, "true") || vg_token_is(token, "false") ||
	       vg_token_is(token, "nil") || vg_token_is(token, "not") || vg_token_is(token, "function") ||
	       vg_token_is(token, "[") || vg_token_is(token, "in");
}

static bool at_end(const vg_reader *reader)
{
	return vg_peek(reader, 0)->kind == VG_TOKEN_END || vg_begins_statement(reader->source, reader->at);
}

static bool too_deep(vg_reader *reader, const vg_token *token)
{
	if (reader->depth < VG_DEEPEST)
		return false;
	vg_complain(reader, VG126, token, "Name a part of it with `define` and use `meets`.",
		    "More than %d lists are nested here.", VG_DEEPEST);
	while (!at_end(reader))
		vg_step(reader);
	return true;
}

static void complain_unclosed(vg_reader *reader, const vg_token *opener, const char *closer)
{
	const vg_token *here = vg_peek(reader, 0);
	char advice[64];
	snprintf(advice, sizeof advice, "Close it with %s.", closer);
	if (here->kind == VG_TOKEN_END)
		vg_complain(reader, VG115, opener, advice, "The %.*s that is opened here is not closed before the file ends.",
			    (int)opener->length, opener->text);
	else
		vg_complain(reader, VG115, opener, advice,
			    "The %.*s that is opened here is not closed before line %d, where `%.*s` begins a statement.",
			    (int)opener->length, opener->text, here->line, (int)here->length, here->text);
}

/* ---- tables ------------------------------------------------------------------------- */

static bool keep_field(vg_reader *reader, vg_form *table, const char *name, const vg_token *token, vg_form *value)
{
	if (table->field_count == VG_MOST_LINES) {
		vg_complain(reader, VG126, token, "Long lists of data belong into tables/*.csv.",
			    "One table has more than %d lines.", VG_MOST_LINES);
		return false;
	}
	if (table->field_count > VG_MOST_LINES)
		return false;
	for (size_t i = 0; i < table->field_count; i++)
		if (strcmp(table->fields[i].name, name) == 0) {
			vg_complain(reader, VG111, token, "Keep one of them.",
				    "`%s` stands here again; it is already in line %d.", name, table->fields[i].place.line);
			return true;
		}
	vg_form_field *fields =
	    vg_grow(reader->source->arena, table->fields, table->field_count, &table->field_capacity, sizeof *fields);
	if (!fields) {
		reader->source->failed = true;
		return false;
	}
	table->fields = fields;
	fields[table->field_count++] = (vg_form_field){name, vg_token_place(reader->source, token), value};
	return true;
}

static void keep_order(vg_reader *reader, vg_form *table, vg_form *value)
{
	vg_form **order =
	    vg_grow(reader->source->arena, table->order, table->order_count, &table->order_capacity, sizeof *order);
	if (!order) {
		reader->source->failed = true;
		return;
	}
	table->order = order;
	order[table->order_count++] = value;
}

/* A lone name that nobody knows: mostly a text without its quotes. */
static bool unknown_text(vg_reader *reader)
{
	const vg_token *token = vg_peek(reader, 0);
	char *name = token->kind == VG_TOKEN_NAME ? vg_token_copy(reader, token) : NULL;
	return name && !vg_begins_statement(reader->source, reader->at) && !vg_word_find(name) &&
	       !vg_local_find(reader, name) && (is(reader, 1, ",") || is(reader, 1, "}"));
}

/* NAME = value, or ["name"] = value; true when there was one. */
static bool read_field(vg_reader *reader, vg_form *table, bool declares)
{
	const vg_token *token = vg_peek(reader, 0);
	const char *name = NULL;
	if ((token->kind == VG_TOKEN_NAME || token->kind == VG_TOKEN_KEYWORD) && is(reader, 1, "=")) {
		name = vg_token_copy(reader, token);
		if (token->kind == VG_TOKEN_KEYWORD)
			vg_complain(reader, VG122, token, "Use another name.",
				    "`%.*s` is a word of Lua itself and cannot name a line.", (int)token->length, token->text);
		vg_step(reader);
	} else if (is(reader, 0, "[") && vg_peek(reader, 1)->kind == VG_TOKEN_TEXT && is(reader, 2, "]") &&
		   is(reader, 3, "=")) {
		name = vg_peek(reader, 1)->value;
		vg_step(reader);
		vg_step(reader);
		vg_step(reader);
	} else if (vg_slip_colon(reader)) {
		name = vg_token_copy(reader, token);
		vg_step(reader);
	} else {
		return false;
	}
	vg_step(reader); /* = */
	if (name && declares && strcmp(name, "check") == 0 && vg_slip_no_function(reader))
		return true;
	bool check = name && declares && strcmp(name, "check") == 0;
	if (name && declares && !check && unknown_text(reader)) {
		vg_slip_unknown_value(reader, vg_peek(reader, 0), name);
		return true;
	}
	vg_form *value = check ? vg_form_check(reader) : vg_form_value(reader);
	if (name && value && keep_field(reader, table, name, token, value))
		keep_order(reader, table, value);
	return true;
}

static void read_list_item(vg_reader *reader, vg_form *table)
{
	const vg_token *token = vg_peek(reader, 0);
	vg_form *value = vg_form_value(reader);
	if (value && value->kind == VG_FORM_BOOLEAN_VALUE)
		vg_complain(reader, VG112, token, "Write the condition itself: pregnant, age_at_least \"65 years\" …",
			    "A plain `%.*s` stands here, where a condition or a name belongs.", (int)token->length,
			    token->text);
	if (value && vg_add_item(reader, table, value))
		keep_order(reader, table, value);
}

/* What cannot begin a value: reported once, stepped over up to a place where reading can go on. */
static void skip_unexpected(vg_reader *reader)
{
	const vg_token *token = vg_peek(reader, 0);
	const vg_operator *sign = vg_operator_at(token);
	if (vg_token_is(token, ")") || vg_token_is(token, "]"))
		vg_complain(reader, VG116, token, "Remove it, or open it where it belongs.", "This %.*s was never opened.",
			    (int)token->length, token->text);
	else if (vg_token_is(token, ","))
		vg_complain(reader, VG122, token, "Remove it.", "There is nothing before this comma.");
	else if (sign)
		vg_complain(reader, sign->code, token, sign->advice, "`%s` has no meaning here.", sign->sign);
	else if (token->kind == VG_TOKEN_KEYWORD)
		vg_complain(reader, VG108, token, "Say it with all { }, any { }, none { }, or compute in `check`.",
			    "`%.*s` has no meaning in a rule.", (int)token->length, token->text);
	else
		vg_complain(reader, VG122, token, "A list holds words, texts and tables, with commas between them.",
			    "`%.*s` has no meaning here.", (int)token->length, token->text);
	vg_step(reader);
	while (!at_end(reader) && !is(reader, 0, ",") && !is(reader, 0, ";") && !is(reader, 0, "}") && !is(reader, 0, "{") &&
	       !begins_value(vg_peek(reader, 0)))
		vg_step(reader);
}

/* Behind an item: true when a comma (or a missing one, reported) lets the list go on. */
static bool read_separator(vg_reader *reader, const char *closer)
{
	if (is(reader, 0, ",") || is(reader, 0, ";")) {
		vg_step(reader);
		return true;
	}
	if (is(reader, 0, closer) || is(reader, 0, "}") || at_end(reader))
		return false;
	const vg_token *token = vg_peek(reader, 0);
	if (begins_value(token)) {
		const vg_token *before = &reader->source->tokens[reader->at - 1];
		if (before->kind == VG_TOKEN_TEXT && before->broken && before->text[before->length - 1] == ',')
			return true; /* a text that is not closed has swallowed the comma */
		vg_token behind = *before;
		behind.line = before->last_line;
		behind.column =
		    before->last_line == before->line ? before->column + (int)vg_utf8_count(vg_token_copy(reader, before)) : 1;
		vg_complain(reader, VG114, &behind, "Put a comma between them.",
			    "A comma is missing between `%.*s` and `%.*s`.", (int)(before->length < 40 ? before->length : 40),
			    before->text, (int)(token->length < 40 ? token->length : 40), token->text);
		return true;
	}
	skip_unexpected(reader);
	if (is(reader, 0, ","))
		vg_step(reader);
	return true;
}

/* True when the list was taken for ended, reported, before it was closed. */
static bool read_items(vg_reader *reader, vg_form *table, bool declares, const vg_token *opener, const char *closer)
{
	while (!is(reader, 0, "}") && !is(reader, 0, closer) && !at_end(reader) && !vg_stopped(reader->source)) {
		if (is(reader, 0, ",")) {
			skip_unexpected(reader);
			continue;
		}
		if (!declares && table->item_count > 0 && vg_slip_open_list(reader, opener))
			return true;
		if (!read_field(reader, table, declares))
			read_list_item(reader, table);
		if (!read_separator(reader, closer))
			break;
	}
	return false;
}

vg_form *vg_form_table(vg_reader *reader, bool declares)
{
	const vg_token opener = *vg_peek(reader, 0);
	const bool unclosed = reader->unclosed;
	vg_form *table = vg_new_form(reader, VG_FORM_TABLE_VALUE, &opener);
	if (!table || too_deep(reader, &opener))
		return NULL;
	reader->depth++;
	vg_step(reader);
	bool ended = read_items(reader, table, declares, &opener, "}");
	reader->depth--;
	if (ended)
		return table;
	if (is(reader, 0, "}"))
		vg_step(reader);
	else if (reader->unclosed == unclosed) /* a function without `end` swallows what closes the table */
		complain_unclosed(reader, &opener, "}");
	return table;
}

/* ---- words ---------------------------------------------------------------------------- */

static void read_argument(vg_reader *reader, vg_form *form, const vg_word_info *word)
{
	const vg_token *token = vg_peek(reader, 0);
	vg_form *value = vg_form_value(reader);
	if (!value)
		return;
	if (value->kind == VG_FORM_BOOLEAN_VALUE)
		vg_complain(reader, VG112, token, "Write what is meant as a word or a text.",
			    "A plain `%.*s` stands where an argument of `%s` belongs.", (int)token->length, token->text,
			    form->name);
	bool set = word && form->item_count == 0 && strncmp(word->arguments, "set", 3) == 0;
	if (set && value->kind == VG_FORM_TEXT_VALUE && vg_slip_glued(value->name))
		vg_complain(reader, VG124, token, "Write the comparison behind it: :is_below \"30 mL/min/1.73 m²\".",
			    "\"%s\" holds a comparison; a set's name stands alone in its quotes.", value->name);
	vg_add_item(reader, form, value);
}

static bool begins_arguments(const vg_token *token)
{
	return token->kind == VG_TOKEN_TEXT || vg_token_is(token, "{") || vg_token_is(token, "(");
}

/* "text", { table } or ( list ) behind a word, a refinement. */
static void read_arguments(vg_reader *reader, vg_form *form, const vg_word_info *word)
{
	const vg_token opener = *vg_peek(reader, 0);
	form->called = true;
	if (!vg_token_is(&opener, "(")) {
		read_argument(reader, form, word);
		return;
	}
	vg_step(reader);
	while (!is(reader, 0, ")") && !is(reader, 0, "}") && !at_end(reader) && !vg_stopped(reader->source)) {
		if (is(reader, 0, ",")) {
			skip_unexpected(reader);
			continue;
		}
		read_argument(reader, form, word);
		if (!read_separator(reader, ")"))
			break;
	}
	if (is(reader, 0, ")"))
		vg_step(reader);
	else
		complain_unclosed(reader, &opener, ")");
}

/* Behind a word: ":name arguments", as often as they come. */
static vg_form *read_refinements(vg_reader *reader, vg_form *target)
{
	size_t count = 0;
	while (target && !vg_stopped(reader->source) && (is(reader, 0, ":") || is(reader, 0, ".") || is(reader, 0, "::"))) {
		const vg_token *sign = vg_peek(reader, 0), *name = vg_peek(reader, 1);
		if (name->kind != VG_TOKEN_NAME) {
			vg_complain(reader, VG122, sign, "Write the refinement's name behind one colon: :within \"6 months\".",
				    "Behind `%.*s` stands no refinement.", (int)sign->length, sign->text);
			vg_step(reader);
			return target;
		}
		if (++count == VG_MOST_REFINEMENTS + 1)
			vg_complain(reader, VG126, name, "Say it in several conditions.",
				    "One condition has more than %d refinements.", VG_MOST_REFINEMENTS);
		if (is(reader, 0, "::"))
			vg_complain(reader, VG122, sign, "Write one colon.", "Two colons stand before `%.*s`.",
				    (int)name->length, name->text);
		if (is(reader, 0, "."))
			vg_complain(reader, VG113, sign, "Write a colon instead of the dot.", "`.%.*s` stands behind a dot.",
				    (int)name->length, name->text);
		vg_form *form = vg_new_form(reader, VG_FORM_REFINED, name);
		if (!form)
			return NULL;
		form->target = target;
		form->name = vg_token_copy(reader, name);
		vg_step(reader);
		vg_step(reader);
		const vg_refinement_info *info = form->name ? vg_refinement_find(form->name) : NULL;
		bool bare = info && info->most_arguments == 0 && !is(reader, 0, "(");
		if (!bare && begins_arguments(vg_peek(reader, 0)))
			read_arguments(reader, form, NULL);
		else if (bare || !info || !vg_slip_argument(reader, ":", form->name, info->usage))
			reader->source->tokens[reader->at - 1].call_added = true;
		if (count <= VG_MOST_REFINEMENTS)
			target = form;
	}
	return target;
}

static void complain_unknown(vg_reader *reader, const vg_token *token, const char *name)
{
	if (token->broken)
		return; /* the lexer said what is wrong with it */
	const char *near = vg_nearest_name(reader, name), *keyword = vg_nearest_keyword(name);
	char advice[160];
	if (keyword && (!near || vg_same_fold(keyword, name))) {
		snprintf(advice, sizeof advice, "Did you mean `%s`?", keyword);
		vg_complain(reader, VG123, token, advice, "`%s` is no word; it looks like a misspelt word of Lua.", name);
		return;
	}
	snprintf(advice, sizeof advice, "Did you mean `%s`?", near ? near : "");
	vg_complain(reader, VG200, token, near ? advice : "The manual lists the words; a name of your own needs `local` above.",
		    "`%.100s` is not a word of the rule language.", name);
}

vg_form *vg_form_word(vg_reader *reader)
{
	const vg_token *token = vg_peek(reader, 0);
	const char *joined = vg_slip_joined(reader), *name = joined ? joined : vg_token_copy(reader, token);
	if (!name)
		return NULL;
	vg_local *local = vg_local_find(reader, name);
	const vg_word_info *word = local ? NULL : vg_word_find(name);
	vg_form *form = vg_new_form(reader, local ? VG_FORM_LOCAL : VG_FORM_WORD, token);
	vg_step(reader);
	if (!form)
		return NULL;
	form->name = name;
	if (local) {
		local->used = true;
		reader->broken |= local->broken;
	} else if (!word) {
		complain_unknown(reader, token, name);
	}
	bool bare = local || (word && word->form == VG_FORM_BARE);
	if (begins_arguments(vg_peek(reader, 0)) && !(bare && !is(reader, 0, "("))) {
		if (bare)
			vg_complain(reader, VG122, token, "Write it without brackets.",
				    "`%s` is written bare, without arguments.", name);
		read_arguments(reader, form, word);
	} else if (is(reader, 0, "[")) {
		vg_complain(reader, VG122, vg_peek(reader, 0),
			    "Write taking \"warfarin\" or age_between(\"45 years\", \"75 years\").",
			    "The arguments of a word stand in quotes or round brackets.");
		while (!is(reader, 0, "]") && !is(reader, 0, "}") && !at_end(reader))
			vg_step(reader);
		if (is(reader, 0, "]"))
			vg_step(reader);
	} else if (word && !bare && !vg_operator_at(vg_peek(reader, 0)) && !vg_slip_argument(reader, "", name, word->usage)) {
		char advice[200];
		snprintf(advice, sizeof advice, "Write it as in: %s", word->usage);
		vg_complain(reader, VG127, token, advice, "`%s` stands here without what it speaks of.", name);
	}
	return read_refinements(reader, form);
}

/* ---- values ---------------------------------------------------------------------------- */

static vg_form *read_number(vg_reader *reader, const vg_token *token)
{
	vg_form *form = vg_new_form(reader, VG_FORM_NUMBER_VALUE, token);
	char *text = vg_token_copy(reader, token);
	if (text && !token->broken && !isfinite(strtod(text, NULL)))
		vg_complain(reader, VG119, token, "Write a number that a person would write.", "\"%.40s\" is too large.", text);
	vg_step(reader);
	return form;
}

static vg_form *read_keyword(vg_reader *reader, const vg_token *token)
{
	if (vg_token_is(token, "true") || vg_token_is(token, "false")) {
		vg_form *form = vg_new_form(reader, VG_FORM_BOOLEAN_VALUE, token);
		vg_step(reader);
		return form;
	}
	if (vg_token_is(token, "nil")) {
		vg_complain(reader, VG112, token, "Leave the line out.", "`nil` says nothing.");
		vg_step(reader);
		return NULL;
	}
	if (vg_token_is(token, "not")) {
		vg_complain(reader, VG104, token, "Write none { a } instead of not a.", "`not` does not work on conditions.");
		vg_step(reader);
		return vg_form_value(reader);
	}
	if (vg_token_is(token, "function")) {
		bool closed;
		vg_complain(reader, VG110, token, "Say it with words, or put the function behind `check =` of the rule itself.",
			    "A function stands here.");
		vg_skip_function(reader, &closed);
		return NULL;
	}
	if (vg_token_is(token, "in") && vg_peek(reader, 1)->kind == VG_TOKEN_NAME)
		return vg_form_word(reader); /* "in hospice" */
	skip_unexpected(reader);
	return NULL;
}

/* At ( or [: a value in round brackets, or a list in the wrong ones. */
static vg_form *read_bracketed(vg_reader *reader, const vg_token opener)
{
	const bool square = vg_token_is(&opener, "[");
	const char *closer = square ? "]" : ")";
	if (too_deep(reader, &opener))
		return NULL;
	reader->depth++;
	vg_step(reader);
	vg_form *form = square ? NULL : vg_form_value(reader);
	bool ended = false;
	if (square || is(reader, 0, ",")) {
		vg_slip_brackets(reader, &opener);
		if (is(reader, 0, ","))
			vg_step(reader);
		form = vg_new_form(reader, VG_FORM_TABLE_VALUE, &opener);
		if (form)
			ended = read_items(reader, form, false, &opener, closer);
	}
	reader->depth--;
	if (ended)
		return form;
	if (is(reader, 0, closer))
		vg_step(reader);
	else
		complain_unclosed(reader, &opener, closer);
	return read_refinements(reader, form);
}

static vg_form *read_single(vg_reader *reader)
{
	const vg_token *token = vg_peek(reader, 0);
	if (token->kind == VG_TOKEN_NAME && vg_begins_statement(reader->source, reader->at))
		return NULL; /* whoever opened the list reports that it is not closed */
	if (token->kind == VG_TOKEN_TEXT) {
		vg_form *form = vg_new_form(reader, VG_FORM_TEXT_VALUE, token);
		if (form)
			form->name = token->value;
		vg_step(reader);
		return form;
	}
	if (token->kind == VG_TOKEN_NUMBER)
		return read_number(reader, token);
	if (token->kind == VG_TOKEN_NAME)
		return vg_form_word(reader);
	if (token->kind == VG_TOKEN_KEYWORD)
		return read_keyword(reader, token);
	if (vg_token_is(token, "{"))
		return vg_form_table(reader, false);
	if (vg_token_is(token, "(") || vg_token_is(token, "["))
		return read_bracketed(reader, *token);
	if (vg_token_is(token, "-") && vg_peek(reader, 1)->kind == VG_TOKEN_NUMBER) {
		vg_step(reader);
		return read_number(reader, vg_peek(reader, 0));
	}
	const vg_operator *sign = vg_operator_at(token);
	if (sign) {
		vg_complain(reader, sign->code, token, sign->advice, "`%s` has no meaning in a rule.", sign->sign);
		vg_step(reader);
		return vg_peek(reader, 0)->kind == VG_TOKEN_END ? NULL : vg_form_value(reader);
	}
	if (vg_token_is(token, "}"))
		vg_complain(reader, VG122, token, "Write the value, or remove the line.", "A value is missing before this }.");
	else if (token->kind == VG_TOKEN_END)
		vg_complain(reader, VG122, token, "Write the value, or remove the line.",
			    "A value is missing at the end of the file.");
	else
		skip_unexpected(reader);
	return NULL;
}

vg_form *vg_form_value(vg_reader *reader)
{
	const vg_token *start = vg_peek(reader, 0);
	if (too_deep(reader, start))
		return NULL;
	reader->depth++;
	vg_form *form = read_single(reader);
	for (const vg_operator *sign; (sign = vg_operator_at(vg_peek(reader, 0))) && !vg_stopped(reader->source);) {
		vg_complain(reader, sign->code, vg_peek(reader, 0), sign->advice,
			    "`%s` does not work on conditions, texts and numbers.", sign->sign);
		vg_step(reader);
		if (vg_peek(reader, 0)->kind == VG_TOKEN_END)
			break;
		read_single(reader);
	}
	reader->depth--;
	return form;
}
