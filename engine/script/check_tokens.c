/*
 * The token check: which statements a rule file may hold.
 *
 *     file      = { statement [ ";" ] }
 *     statement = KIND "id" table | `local` NAME "=" value
 *
 * Nothing else: no control flow, no assignment, no operator, no function but
 * behind `check =`.  What stands inside a statement is read by forms.c.  Each
 * deviation is a finding with its reason and the right words, and reading goes
 * on with the next statement, so that one run finds all of them.
 *
 * Invariant: a statement that is not marked as broken consists of calls of
 * words of the vocabulary over texts, numbers, truths and tables.  vocabulary.c
 * runs only such statements.
 *
 * Called by load.c, once a file, after the lexer.
 */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

static bool is(const vg_reader *reader, size_t ahead, const char *symbol)
{
	return vg_token_is(vg_peek(reader, ahead), symbol);
}

static const vg_kind_info *kind_of(const vg_token *token)
{
	char name[32];
	if (token->kind != VG_TOKEN_NAME || token->length >= sizeof name)
		return NULL;
	memcpy(name, token->text, token->length);
	name[token->length] = '\0';
	return vg_kind_find(name);
}

bool vg_begins_statement(const vg_source *source, size_t at)
{
	const vg_token *token = &source->tokens[at];
	if (token->column != 1 || token->kind == VG_TOKEN_END)
		return false;
	if (vg_token_is(token, "local"))
		return true;
	const vg_token *next = token + 1; /* there is one: the last token is the end */
	return kind_of(token) && (next->kind == VG_TOKEN_TEXT || vg_token_is(next, "{") || vg_token_is(next, "("));
}

/* Goes to where the next statement may begin. */
static void skip_statement(vg_reader *reader)
{
	while (vg_peek(reader, 0)->kind != VG_TOKEN_END && !vg_begins_statement(reader->source, reader->at))
		vg_step(reader);
}

/* ---- declarations --------------------------------------------------------------- */

/* Behind what may stand in round brackets: they must be closed. */
static void close_bracket(vg_reader *reader, bool opened, const vg_token *opener)
{
	if (!opened)
		return;
	if (is(reader, 0, ")"))
		vg_step(reader);
	else
		vg_complain(reader, VG115, opener, "Close it with ), or leave it out.",
			    "The ( that is opened here is not closed.");
}

/* The id behind a kind: "id" or ("id"). */
static const char *read_id(vg_reader *reader, const vg_token *kind)
{
	const vg_token *opener = vg_peek(reader, 0);
	bool bracket = vg_token_is(opener, "(") && vg_peek(reader, 1)->kind == VG_TOKEN_TEXT;
	if (bracket)
		vg_step(reader);
	const vg_token *token = vg_peek(reader, 0);
	if (token->kind == VG_TOKEN_NAME) {
		char *name = vg_token_copy(reader, token);
		vg_complain(reader, VG131, token,
			    vg_format(reader->source->arena, "Put it in quotes: %.*s \"%.60s\" { … }", (int)kind->length,
				      kind->text, name ? name : ""),
			    "The rule's name `%.60s` stands without quotes.", name ? name : "");
		while (vg_peek(reader, 0)->line == kind->line && vg_peek(reader, 0)->kind != VG_TOKEN_END &&
		       !is(reader, 0, "{"))
			vg_step(reader);
		return NULL;
	}
	if (token->kind != VG_TOKEN_TEXT) {
		vg_complain(reader, VG131, kind, "Give it a short name in quotes, as in: rule \"metformin-low-egfr\" { … }",
			    "`%.*s` has no name behind it.", (int)kind->length, kind->text);
		return NULL;
	}
	vg_step(reader);
	close_bracket(reader, bracket, opener);
	if (token->value_length == 0 || token->value_length > 120 || strchr(token->value, '\n'))
		vg_complain(reader, VG131, token, "Use 1 to 120 bytes, without line breaks.",
			    "This name is empty, or too long to be one.");
	return token->value;
}

/* The needs of a check function, beside it in the same table. */
static void check_needs(vg_reader *reader, size_t first, const vg_form *body)
{
	const vg_source *source = reader->source;
	const vg_form_field *needs = vg_form_line(body, "needs");
	for (size_t i = first; i < reader->at; i++) {
		if (!source->tokens[i].function)
			continue;
		size_t past = i + 1;
		while (past < reader->at && source->tokens[past].hidden)
			past++;
		size_t errors = source->findings->errors;
		vg_check_function_needs(reader->source, i, past, needs ? needs->value : NULL, reader->id);
		if (source->findings->errors == errors)
			vg_check_function_plain(reader->source, i, past, reader->id);
		reader->broken |= source->findings->errors != errors;
	}
}

/* KIND "id" table; `kind` is NULL when there is no such kind. */
static void read_declaration(vg_reader *reader, const vg_kind_info *kind, vg_statement *statement)
{
	size_t first = reader->at;
	const vg_token *token = vg_peek(reader, 0);
	vg_step(reader);
	bool pack = kind && strcmp(kind->name, "pack") == 0;
	if (!pack || !is(reader, 0, "{"))
		reader->id = read_id(reader, token);
	const vg_token *opener = vg_peek(reader, 0);
	bool bracket = vg_token_is(opener, "(") && is(reader, 1, "{");
	if (bracket)
		vg_step(reader);
	if (!is(reader, 0, "{")) {
		vg_complain(reader, VG131, token, kind ? kind->usage : NULL, "`%.*s` has no { body } behind its name.",
			    (int)token->length, token->text);
		skip_statement(reader);
		return;
	}
	vg_form *body = vg_form_table(reader, kind != NULL);
	close_bracket(reader, bracket, opener);
	if (!body)
		return;
	vg_slip_early_end(reader);
	if (kind && (pack || strcmp(kind->name, "example") == 0))
		vg_check_statement(reader, kind, token, body);
	check_needs(reader, first, body);
	vg_form *form = vg_new_form(reader, VG_FORM_DECLARED, token);
	if (form && (form->name = vg_token_copy(reader, token)) && vg_add_item(reader, form, body)) {
		statement->form = form;
		statement->id = reader->id;
	}
}

/* ---- local names ------------------------------------------------------------------ */

static void add_local(vg_reader *reader, const vg_token *token, bool broken)
{
	if (reader->local_count >= VG_MOST_LOCALS) {
		vg_complain(reader, VG126, token, "Use `define`, or several files.", "The file has more than %d local names.",
			    VG_MOST_LOCALS);
		return;
	}
	char *name = vg_token_copy(reader, token);
	vg_local *locals =
	    vg_grow(reader->source->arena, reader->locals, reader->local_count, &reader->local_capacity, sizeof *locals);
	if (!name || !locals) {
		reader->source->failed = true;
		return;
	}
	reader->locals = locals;
	locals[reader->local_count++] = (vg_local){name, vg_token_place(reader->source, token), false, broken};
}

static bool name_is_taken(vg_reader *reader, const vg_token *token)
{
	char *name = vg_token_copy(reader, token);
	if (!name)
		return false;
	for (size_t i = 0; i < reader->local_count; i++)
		if (strcmp(reader->locals[i].name, name) == 0) {
			vg_complain(reader, VG125, token, "Choose another name.", "`%s` is already the name of line %d.", name,
				    reader->locals[i].place.line);
			return true;
		}
	if (vg_word_find(name) || vg_kind_find(name)) {
		vg_complain(reader, VG125, token, "Choose another name.", "`%s` is a word of the rule language.", name);
		return true;
	}
	return false;
}

/* local NAME = value */
static void read_local(vg_reader *reader, vg_statement *statement)
{
	const vg_token *name = vg_peek(reader, 1);
	vg_step(reader);
	if (vg_token_is(name, "function")) {
		bool closed;
		vg_complain(reader, VG110, name, "Put the function behind `check =` of its rule.",
			    "A local function stands here.");
		vg_skip_function(reader, &closed);
		return;
	}
	if (name->kind != VG_TOKEN_NAME || !is(reader, 1, "=")) {
		vg_complain(reader, VG122, name, "Write `local name = condition`, one name a line.",
			    "`local` is not followed by one name and its condition.");
		if (name->kind == VG_TOKEN_NAME)
			add_local(reader, name, true);
		skip_statement(reader);
		return;
	}
	bool taken = name_is_taken(reader, name);
	vg_step(reader);
	vg_step(reader);
	const vg_token *token = vg_peek(reader, 0);
	vg_form *form = vg_form_value(reader);
	if (form && form->kind != VG_FORM_WORD && form->kind != VG_FORM_REFINED && form->kind != VG_FORM_LOCAL)
		vg_complain(reader, VG122, token, "Give a condition a name: local severe = latest \"INR\" :is_above \"4\"",
			    "A local name stands for a condition, not for a text, number or table.");
	statement->form = form;
	statement->local = vg_token_copy(reader, name);
	if (!taken)
		add_local(reader, name, reader->broken || !form);
}

/* ---- statements -------------------------------------------------------------------- */

/* if, for, while …: reported once, skipped with all that belongs to it. */
static void skip_control_flow(vg_reader *reader)
{
	const vg_token *token = vg_peek(reader, 0);
	bool function = vg_token_is(token, "function");
	vg_complain(reader, function ? VG110 : VG108, token,
		    function ? "Say it with words, or put the function behind `check =` of its rule."
			     : "Say it with all { }, any { }, none { } and unless_any, or compute in `check`.",
		    "`%.*s` stands outside a check function.", (int)token->length, token->text);
	bool block = function || vg_token_is(token, "if") || vg_token_is(token, "repeat") || vg_token_is(token, "do") ||
		     vg_token_is(token, "for") || vg_token_is(token, "while");
	int depth = 0;
	do {
		token = vg_peek(reader, 0);
		if (vg_token_is(token, "function") || vg_token_is(token, "if") || vg_token_is(token, "do") ||
		    vg_token_is(token, "repeat"))
			depth++;
		else if (vg_token_is(token, "end") || vg_token_is(token, "until"))
			depth--;
		vg_step(reader);
		if (!block || depth > 0)
			continue;
		if (vg_token_is(token, "until"))
			while (vg_peek(reader, 0)->kind != VG_TOKEN_END && vg_peek(reader, 0)->line == token->line)
				vg_step(reader); /* its condition */
		if (vg_token_is(token, "until") || vg_token_is(token, "end"))
			break;
	} while (vg_peek(reader, 0)->kind != VG_TOKEN_END && !vg_begins_statement(reader->source, reader->at));
}

/* NAME = value, without `local`. */
static void read_assignment(vg_reader *reader)
{
	const vg_token *token = vg_peek(reader, 0);
	bool line = token->column > 1;
	vg_complain(reader, VG109, token,
		    line ? "Give a name of your own with `local`; a line of a rule belongs inside its braces."
			 : "Write `local` in front of it.",
		    "`%.*s` is given a value outside a rule and without `local`.", (int)token->length, token->text);
	if (!kind_of(token))
		add_local(reader, token, true);
	vg_step(reader);
	vg_step(reader);
	vg_form_value(reader);
	if (is(reader, 0, ","))
		vg_step(reader);
}

/* A statement that begins with a name that is no kind. */
static void read_named(vg_reader *reader)
{
	const vg_token *token = vg_peek(reader, 0), *next = vg_peek(reader, 1);
	const char *name = vg_token_copy(reader, token);
	if (!name)
		return;
	const char *near = vg_nearest_name(reader, name), *keyword = vg_nearest_keyword(name);
	if (vg_token_is(next, "=")) {
		read_assignment(reader);
	} else if (!vg_word_find(name) && keyword && next->kind == VG_TOKEN_NAME) {
		char advice[64];
		snprintf(advice, sizeof advice, "Did you mean `%s`?", keyword);
		if (!token->broken)
			vg_complain(reader, VG123, token, advice, "`%.100s` is not a word of Lua.", name);
		if (strcmp(keyword, "local") == 0)
			add_local(reader, next, true);
		vg_step(reader);
		skip_statement(reader);
	} else if (!vg_word_find(name) && next->kind == VG_TOKEN_TEXT && vg_token_is(vg_peek(reader, 2), "{")) {
		char advice[100];
		snprintf(advice, sizeof advice, "Did you mean `%s`?", near ? near : "");
		if (!token->broken)
			vg_complain(
			    reader, VG121, token,
			    near ? advice
				 : "The kinds are interaction, allergy, contraindication, duplicate_therapy, duplicate_test, "
				   "screening, rule, define and example.",
			    "There is no kind of rule named `%.100s`.", name);
		vg_statement ignored = {0};
		read_declaration(reader, NULL, &ignored);
	} else {
		size_t errors = reader->source->findings->errors;
		vg_form *form = vg_form_value(reader);
		if (form && reader->source->findings->errors == errors)
			vg_complain(reader, VG120, token,
				    "Put it into a rule's list, or give it a name with `local` and use that.",
				    "This condition stands alone and is joined to nothing.");
	}
}

static void read_statement(vg_reader *reader, vg_statement *statement)
{
	const vg_token *token = vg_peek(reader, 0);
	const vg_kind_info *kind = kind_of(token);
	if (vg_token_is(token, "local"))
		read_local(reader, statement);
	else if (kind && !is(reader, 1, "="))
		read_declaration(reader, kind, statement);
	else if (token->kind == VG_TOKEN_NAME)
		read_named(reader);
	else if (token->kind == VG_TOKEN_KEYWORD && !vg_token_is(token, "true") && !vg_token_is(token, "false") &&
		 !vg_token_is(token, "nil") && !vg_token_is(token, "not"))
		skip_control_flow(reader);
	else if (vg_token_is(token, "}") || vg_token_is(token, ")") || vg_token_is(token, "]")) {
		vg_complain(reader, VG116, token, "Remove it, or look above for a brace that closes too early.",
			    "This %.*s was never opened.", (int)token->length, token->text);
		vg_step(reader);
		if (is(reader, 0, ","))
			vg_step(reader);
	} else {
		vg_complain(reader, VG122, token, "A file holds rules, defines, examples and local names.",
			    "A statement cannot begin with `%.*s`.", (int)(token->length < 40 ? token->length : 40),
			    token->text);
		vg_step(reader);
		skip_statement(reader);
	}
}

static void report_unused_locals(vg_reader *reader)
{
	for (size_t i = 0; i < reader->local_count; i++) {
		const vg_local *local = &reader->locals[i];
		if (!local->used && !local->broken)
			vg_report(reader->source->findings, VG120, local->place, NULL,
				  "Put it into a rule's list, or remove it.",
				  "The condition `%s` is written and joined to nothing.", local->name);
	}
}

bool vg_read_forms(vg_source *source, vg_script *script, vg_program *ret)
{
	*ret = (vg_program){.count = 0};
	vg_reader reader = {.source = source, .script = script, .program = ret};
	while (vg_peek(&reader, 0)->kind != VG_TOKEN_END && !vg_stopped(source)) {
		if (is(&reader, 0, ";")) {
			vg_step(&reader);
			continue;
		}
		vg_statement statement = {.first = reader.at, .place = vg_token_place(source, vg_peek(&reader, 0))};
		reader.broken = false;
		reader.id = NULL;
		read_statement(&reader, &statement);
		statement.past = reader.at;
		statement.broken = reader.broken || !statement.form;
		vg_statement *statements =
		    vg_grow(source->arena, ret->statements, ret->count, &ret->capacity, sizeof *statements);
		if (!statements)
			return false;
		ret->statements = statements;
		statements[ret->count++] = statement;
	}
	if (!source->failed && vg_stopped(source))
		vg_report(source->findings, VG122, vg_token_place(source, vg_peek(&reader, 0)), NULL, "Mend these first.",
			  "There are more than %d mistakes; the file is not read further.", VG_MOST_MISTAKES);
	else
		report_unused_locals(&reader);
	return !source->failed && !source->arena->failed;
}
