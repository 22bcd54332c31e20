/*
 * Check functions, before they run: their tokens, their names, their needs.
 *
 * The sandbox holds whatever a function does; these checks tell its author at
 * load what would fail for every patient: a name that does not exist, a need
 * that is not listed, a write to something shared, a function without
 * `return`.  They go by tokens and not by scopes: a name that is local
 * anywhere in the function counts as local everywhere in it, so nothing valid
 * is refused, and the sandbox's environment catches the rest when it runs.
 *
 * Also here: messages of Lua's compiler, said in words that help.
 *
 * Called by forms.c and check_tokens.c for each `check = function … end`.
 */
#include "script/script_internal.h"

#include <stdio.h>
#include <string.h>

struct body { /* of one check function */
	vg_source *source;
	size_t first, past;
	const char *rule;
	char (*names)[48]; /* local somewhere in it */
	size_t name_count, name_capacity;
	const vg_token *p; /* the first parameter's name */
};

static const vg_token *at(const struct body *body, size_t index) { return &body->source->tokens[index]; }
static bool is(const struct body *body, size_t index, const char *sign)
{
	return index >= body->first && index < body->past && vg_token_is(at(body, index), sign);
}
static bool is_name(const struct body *body, size_t index)
{
	return index >= body->first && index < body->past && at(body, index)->kind == VG_TOKEN_NAME;
}
static bool same(const vg_token *a, const vg_token *b)
{
	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}
static bool same_text(const vg_token *a, const char *text)
{
	return strlen(text) == a->length && memcmp(a->text, text, a->length) == 0;
}

static void complain(const struct body *body, vg_finding_code code, const vg_token *token, const char *advice, const char *text)
{
	if (!token->broken)
		vg_report(body->source->findings, code, vg_token_place(body->source, token), body->rule, advice, "`%.*s` %s",
			  (int)(token->length < 60 ? token->length : 60), token->text, text);
}

static bool is_local(const struct body *body, const vg_token *token);

static void add_name(struct body *body, const vg_token *token)
{
	if (body->name_count >= VG_MOST_NAMES || is_local(body, token))
		return;
	char(*names)[48] = vg_grow(body->source->arena, body->names, body->name_count, &body->name_capacity, sizeof *names);
	if (!names) {
		body->source->failed = true;
		return;
	}
	body->names = names;
	snprintf(names[body->name_count++], sizeof *names, "%.*s", (int)token->length, token->text);
}

static bool is_local(const struct body *body, const vg_token *token)
{
	char name[48];
	snprintf(name, sizeof name, "%.*s", (int)token->length, token->text);
	for (size_t i = 0; i < body->name_count; i++)
		if (strcmp(body->names[i], name) == 0)
			return true;
	return false;
}

/* "<const>" behind a local name. */
static bool is_attribute(const struct body *body, size_t i)
{
	return is(body, i, "<") && is_name(body, i - 1) && (is(body, i - 2, "local") || is(body, i - 2, ",")) &&
	       is_name(body, i + 1) && is(body, i + 2, ">") && (is(body, i + 3, "=") || is(body, i + 3, ","));
}

/* NAME { "," NAME } from `index` on. */
static void add_names(struct body *body, size_t index)
{
	while (is_name(body, index)) {
		add_name(body, at(body, index++));
		index += is_attribute(body, index) ? 3 : 0;
		if (!is(body, index++, ","))
			break;
	}
}

/* Every name that `local`, `for` or a parameter list declares. */
static void collect_names(struct body *body)
{
	for (size_t i = body->first; i < body->past; i++) {
		if (is(body, i, "local") && is(body, i + 1, "function"))
			add_names(body, i + 2);
		else if (is(body, i, "local") || is(body, i, "for"))
			add_names(body, i + 1);
		else if (is(body, i, "function"))
			add_names(body, i + (is(body, i + 1, "(") ? 2 : 3));
	}
}

static bool in_list(const char *library, const vg_token *token)
{
	size_t count;
	const char *const *names = vg_allowed_names(library, &count);
	for (size_t i = 0; i < count; i++)
		if (same_text(token, names[i]))
			return true;
	return false;
}

static void complain_name(const struct body *body, const vg_token *token, const char *library)
{
	char name[48], advice[160];
	size_t count;
	const char *const *names = vg_allowed_names(library, &count);
	snprintf(name, sizeof name, "%.*s", (int)token->length, token->text);
	const char *near = vg_nearest(name, names, count);
	if (near)
		snprintf(advice, sizeof advice, "Did you mean `%s`?", near);
	else
		snprintf(advice, sizeof advice, "Use p, this_order, names made with `local`, and: %s",
			 library ? "upper lower sub len format floor ceil min max abs log exp sqrt."
				 : "ipairs select tonumber tostring type error contains math string.");
	complain(body, VG140, token, advice, "is not known in a check function.");
}

/* What kind of bracket or block encloses each token: whether NAME = is a line of a table. */
struct nesting {
	char open[256];
	size_t depth;
};

static void follow(struct nesting *nesting, const struct body *body, size_t i)
{
	const vg_token *token = at(body, i);
	char open = vg_token_is(token, "{")                              ? '{'
		    : vg_token_is(token, "(") || vg_token_is(token, "[") ? '('
		    : vg_token_is(token, "function") || vg_token_is(token, "do") || vg_token_is(token, "if") ||
			    vg_token_is(token, "repeat")
			? 'f'
			: 0;
	bool close = vg_token_is(token, "}") || vg_token_is(token, ")") || vg_token_is(token, "]") ||
		     vg_token_is(token, "end") || vg_token_is(token, "until");
	if (open) {
		if (nesting->depth < sizeof nesting->open)
			nesting->open[nesting->depth] = open;
		nesting->depth++;
	} else if (close && nesting->depth > 0) {
		nesting->depth--;
	}
}

static bool in_table(const struct nesting *nesting)
{
	return nesting->depth > 0 && nesting->depth <= sizeof nesting->open && nesting->open[nesting->depth - 1] == '{';
}

/* Behind token `i` a new statement begins, without a sign between. */
static bool ends_statement(const struct body *body, size_t i)
{
	const vg_token *token = at(body, i);
	bool ends = token->kind == VG_TOKEN_NAME || token->kind == VG_TOKEN_NUMBER || token->kind == VG_TOKEN_TEXT ||
		    is(body, i, ")") || is(body, i, "]") || is(body, i, "}") || is(body, i, "true") || is(body, i, "false") ||
		    is(body, i, "nil");
	return ends && is_name(body, i + 1);
}

/* Whether the = at `i` stands in the condition of an `if`, a `while` or an `until`, or behind `return`, `and`, `or`, `not`. */
static bool asks(const struct body *body, size_t i)
{
	static const char *const before[] = {"if", "elseif", "while", "until", "return", "and", "or", "not"};
	static const char *const between[] = {"then",     "do", "end", "else", "repeat", "local",
					      "function", ";",  "=",   "{",    ",",      "("};
	while (i-- > body->first && !ends_statement(body, i)) {
		for (size_t k = 0; k < VG_COUNT(before); k++)
			if (is(body, i, before[k]))
				return true;
		for (size_t k = 0; k < VG_COUNT(between); k++)
			if (is(body, i, between[k]))
				return false;
	}
	return false;
}

/* A name as a variable: not behind "." or ":", not a line of a table. */
static void check_variable(const struct body *body, size_t i)
{
	const vg_token *token = at(body, i);
	bool assigned = is(body, i + 1, "=") && !asks(body, i + 1);
	if (is_local(body, token) || same_text(token, "_ENV"))
		return;
	if (in_list(NULL, token)) {
		if (assigned)
			complain(body, VG142, token, "Use a local name of your own.", "is given and cannot be written to.");
	} else if (assigned) {
		complain(body, VG142, token, "Write `local` in front of it.", "is written to without being local.");
	} else {
		complain_name(body, token, NULL);
	}
}

static void check_name(const struct body *body, size_t i, const struct nesting *nesting)
{
	const vg_token *token = at(body, i);
	if (is(body, i - 1, "goto") || is(body, i - 1, "::") || is_attribute(body, i - 1))
		return; /* a label or an attribute, reported where it begins */
	if (is(body, i - 1, ":")) {
		if (!same_text(token, "upper") && !same_text(token, "lower") && !same_text(token, "sub") &&
		    !same_text(token, "len"))
			complain(body, VG141, token, "Texts have :upper() :lower() :sub() and :len().",
				 "is not a method that can be called here.");
	} else if (is(body, i - 1, ".")) {
		bool library = is_name(body, i - 2) && !is(body, i - 3, ".") && !is_local(body, at(body, i - 2));
		if (library && same_text(at(body, i - 2), "math") && !in_list("math", token))
			complain_name(body, token, "math");
		else if (library && same_text(at(body, i - 2), "string") && !in_list("string", token))
			complain_name(body, token, "string");
		if (is(body, i + 1, "=") && !asks(body, i + 1) && is_name(body, i - 2) &&
		    (same(at(body, i - 2), body->p) || same_text(at(body, i - 2), "this_order") || library))
			complain(body, VG142, token, "Keep the value in a local name of your own.",
				 "belongs to what is only read.");
	} else if (!(in_table(nesting) && is(body, i + 1, "=") &&
		     (is(body, i - 1, "{") || is(body, i - 1, ",") || is(body, i - 1, ";")))) {
		check_variable(body, i);
	}
}

static void check_token(const struct body *body, size_t i)
{
	static const char *const bits[] = {"&", "|", "~", "<<", ">>"};
	const vg_token *token = at(body, i);
	for (size_t k = 0; k < VG_COUNT(bits); k++)
		if (vg_token_is(token, bits[k]))
			complain(body, VG107, token, "Write `and`, `or`, `not` inside a check function.",
				 "works on bits of numbers.");
	const vg_lookalike *sign = token->kind == VG_TOKEN_SYMBOL ? vg_lookalike_at(token->text, token->length) : NULL;
	if (sign)
		complain(body, VG143, token, vg_format(body->source->arena, "Write %s.", sign->write), "is no sign of Lua.");
	bool compares = vg_token_is(token, "=") && asks(body, i);
	if (compares)
		complain(body, VG143, token, "Write == to compare; one = gives a value to a name.",
			 "stands where two values are compared.");
	body->source->tokens[i].broken |= sign || compares;
	if (is_name(body, i) && same_text(token, "_ENV"))
		complain(body, VG141, token, "Remove it.", "is not allowed in a check function.");
	if (vg_token_is(token, "goto") || vg_token_is(token, "::"))
		complain(body, VG141, token, "Use if, for, while and break.", "is not allowed in a check function.");
	if (is_attribute(body, i))
		complain(body, VG141, token, "Remove the attribute.",
			 "begins an attribute, which is not allowed in a check function.");
	if (vg_token_is(token, "function") && is_name(body, i + 1) && !is(body, i - 1, "local"))
		complain(body, VG141, token, "Write `local function` in front of the name.",
			 "defines a name that is not local.");
}

/* (p) or (p, this_order) */
static bool check_parameters(struct body *body)
{
	size_t i = body->first + 1;
	bool one = is(body, i, "(") && is_name(body, i + 1) && is(body, i + 2, ")");
	bool two =
	    is(body, i, "(") && is_name(body, i + 1) && is(body, i + 2, ",") && is_name(body, i + 3) && is(body, i + 4, ")");
	if (one || two) {
		body->p = at(body, i + 1);
		return true;
	}
	complain(body, VG144, at(body, body->first), "Write check = function(p, this_order) … end.",
		 "takes other parameters than (p) or (p, this_order).");
	return false;
}

bool vg_check_function_tokens(vg_source *source, size_t first, size_t past, const char *rule)
{
	struct body body = {.source = source, .first = first, .past = past, .rule = rule};
	size_t errors = source->findings->errors;
	if (past - first > VG_MOST_TOKENS) {
		complain(&body, VG141, at(&body, first), "Leave to the function what words cannot say.",
			 "begins a function that is too long.");
		return false;
	}
	if (!check_parameters(&body))
		return false;
	collect_names(&body);
	if (body.name_count >= VG_MOST_NAMES)
		complain(&body, VG141, at(&body, first), "Leave to the function what words cannot say.",
			 "begins a function with too many local names.");
	struct nesting nesting = {.depth = 0};
	bool returns = false;
	for (size_t i = first; i < past && !vg_stopped(source); i++) {
		follow(&nesting, &body, i);
		check_token(&body, i);
		if (is_name(&body, i))
			check_name(&body, i, &nesting);
		returns |= is(&body, i, "return");
	}
	if (!returns)
		complain(&body, VG146, at(&body, first), "Return true, false, or nil when it cannot be told.",
			 "begins a check that never returns anything.");
	return source->findings->errors == errors;
}

/* ---- needs ------------------------------------------------------------------------- */

/* Whether p is used other than as p.NAME: then its needs cannot be told from the tokens. */
static bool reads_need(const struct body *body, const char *need, bool *ret_otherwise)
{
	bool found = false;
	for (size_t i = body->first + 3; i < body->past; i++) {
		if (!is_name(body, i) || !same(at(body, i), body->p) || is(body, i - 1, ".") || is(body, i - 1, ":"))
			continue;
		if (!is(body, i + 1, "."))
			*ret_otherwise = true;
		else if (is_name(body, i + 2) && same_text(at(body, i + 2), need))
			found = true;
	}
	return found;
}

static bool is_need(const vg_form *needs, const vg_token *token)
{
	for (size_t i = 0; needs && i < needs->field_count; i++)
		if (same_text(token, needs->fields[i].name))
			return true;
	return false;
}

static void complain_need(const struct body *body, const vg_token *token, const vg_form *needs)
{
	const char *names[64];
	char name[48], advice[160];
	size_t count = 0;
	for (size_t i = 0; needs && i < needs->field_count && count < VG_COUNT(names); i++)
		names[count++] = needs->fields[i].name;
	snprintf(name, sizeof name, "%.*s", (int)token->length, token->text);
	const char *near = vg_nearest(name, names, count);
	snprintf(advice, sizeof advice, "Did you mean `%s`?", near ? near : "");
	complain(body, VG145, token, near ? advice : "Add it to needs = { … }, beside the function.",
		 "is read and not listed in `needs`.");
}

void vg_check_function_needs(vg_source *source, size_t first, size_t past, const vg_form *needs, const char *rule)
{
	struct body body = {.source = source, .first = first, .past = past, .rule = rule};
	if (!is(&body, first + 1, "(") || !is_name(&body, first + 2))
		return; /* reported already */
	body.p = at(&body, first + 2);
	bool otherwise = false;
	for (size_t i = first + 3; i + 2 < past; i++)
		if (is_name(&body, i) && same(at(&body, i), body.p) && !is(&body, i - 1, ".") && is(&body, i + 1, ".") &&
		    is_name(&body, i + 2) && !is_need(needs, at(&body, i + 2)))
			complain_need(&body, at(&body, i + 2), needs);
	for (size_t i = 0; needs && i < needs->field_count; i++)
		if (!reads_need(&body, needs->fields[i].name, &otherwise) && !otherwise)
			vg_report(source->findings, VG147, needs->fields[i].place, rule,
				  "Remove it, or mark it as optional( … ).",
				  "The need `%s` is listed, and the check function does not read it.", needs->fields[i].name);
}

/* ---- what words could say --------------------------------------------------------------- */

static bool is_comparison(const struct body *body, size_t i)
{
	return is(body, i, "<") || is(body, i, ">") || is(body, i, "<=") || is(body, i, ">=");
}

/* p.NAME < 30, 30 < p.NAME, p.NAME alone, not p.NAME: steps over it. */
static bool skip_plain_term(const struct body *body, size_t *i)
{
	bool negated = is(body, *i, "not");
	size_t here = *i + negated;
	bool number_first = here < body->past && at(body, here)->kind == VG_TOKEN_NUMBER && is_comparison(body, here + 1);
	here += number_first ? 2 : 0;
	if (!is_name(body, here) || !same(at(body, here), body->p) || !is(body, here + 1, ".") || !is_name(body, here + 2))
		return false;
	here += 3;
	if (!number_first && !negated && is_comparison(body, here)) {
		if (at(body, here + 1)->kind != VG_TOKEN_NUMBER)
			return false;
		here += 2;
	}
	*i = here;
	return true;
}

/* function(p) return p.a < 30 and p.b end: single needs against numbers, joined. */
static bool is_plain(const struct body *body)
{
	size_t i = body->first + (is(body, body->first + 3, ",") ? 6 : 4);
	if (!is(body, i++, "return") || !skip_plain_term(body, &i))
		return false;
	while (is(body, i, "and") || is(body, i, "or")) {
		i++;
		if (!skip_plain_term(body, &i))
			return false;
	}
	return i + 1 == body->past && is(body, i, "end");
}

void vg_check_function_plain(vg_source *source, size_t first, size_t past, const char *rule)
{
	struct body body = {.source = source, .first = first, .past = past, .rule = rule};
	if (!is(&body, first + 1, "(") || !is_name(&body, first + 2))
		return; /* reported already */
	body.p = at(&body, first + 2);
	if (is_plain(&body))
		complain(&body, VG148, at(&body, first),
			 "Write the comparisons into if_all, as in latest \"eGFR\" :is_below \"30 mL/min/1.73 m²\"; words "
			 "check their units, "
			 "and can be tabled and mutated.",
			 "begins a function that only compares: words say the same.");
}

/* ---- messages of Lua's compiler ---------------------------------------------------------- */

static const struct translation {
	const char *part, *text, *advice;
} translations[] = {
    {"'end' expected", "An `if`, `for`, `while` or `function` is not closed.", "Write `end` where it ends."},
    {"'then' expected", "An `if` or `elseif` lacks its `then`.", "Write: if p.egfr < 30 then … end"},
    {"'do' expected", "A `for` or `while` lacks its `do`.", "Write: for _, value in ipairs({ … }) do … end"},
    {"'until' expected", "A `repeat` is not closed.", "Write `until` and its condition where it ends."},
    {"'}' expected", "A table's { is not closed, or a comma is missing in it.", "Close it with }, or add the comma."},
    {"')' expected", "A ( is not closed, or a comma is missing in the list behind it.", "Close it with ), or add the comma."},
    {"']' expected", "A [ is not closed.", "Close it with ]."},
    {"'=' or 'in' expected", "A `for` does not say what it runs over.",
     "Write: for i = 1, 3 do, or: for _, v in ipairs(list) do"},
    {"'=' expected", "A value alone does nothing.", "Give it a name with `local`, or return it; == compares."},
    {"<name> expected", "A name is expected here; words of Lua (end, and, in …) cannot be names.", "Choose another name."},
    {"function arguments expected", "A method lacks its brackets.", "Write: text:upper()"},
    {"unexpected symbol", "Something stands here that cannot begin a value or a statement.",
     "Look at what stands just before it."},
    {"malformed number", "This is not a number.", "Write digits and at most one point: 1.5"},
    {"syntax error", "A value alone is not a statement.", "Give it a name with `local`, or return it."},
    {"break outside", "`break` stands outside a loop.", "Remove it, or use `return`."},
    {"cannot use '...'", "`...` stands outside a function that takes it.", "Name the parameters."},
    {"attempt to assign to const", "A constant is written to.", "Use another local name."},
    {"too many local variables", "There are more than 200 local names.", "Leave to the function what words cannot say."},
    {"C stack overflow", "It is nested too deeply.", "Leave to the function what words cannot say."},
    {"too many", "It is too large for Lua.", "Leave to the function what words cannot say."},
    {"control structure too long", "It is too large for Lua.", "Leave to the function what words cannot say."},
    {"<eof> expected", "There is one `end` too many.", "Remove it, or look above for what it should close."},
};

/* Behind the "chunk:12: " of a message; the message itself when it has none. */
const char *vg_message_text(const char *message, int *ret_line)
{
	const char *c = strchr(message, ':');
	int line = 0;
	for (c = c ? c + 1 : ""; *c >= '0' && *c <= '9' && line < 100000000; c++)
		line = line * 10 + (*c - '0');
	*ret_line = strncmp(c, ": ", 2) == 0 ? line : 0;
	return *ret_line > 0 ? c + 2 : message;
}

/* Of "… near 'then'": the column of that token in its line; 0 when it cannot be told. */
static int column_near(const vg_source *source, int line, const char *message)
{
	const char *near = strstr(message, "near '"), *end = near ? strrchr(near, '\'') : NULL;
	size_t length = near ? (size_t)(end - near) : 0;
	for (size_t i = 0; length > 6 && i < source->token_count; i++) {
		const vg_token *token = &source->tokens[i];
		if (token->line == line && token->length == length - 6 && memcmp(token->text, near + 6, length - 6) == 0)
			return token->column;
	}
	return 0;
}

void vg_report_lua_message(vg_source *source, vg_finding_code code, vg_place place, const char *rule, const char *message)
{
	int line;
	const char *plain = vg_message_text(message, &line);
	if (line > 0)
		place = (vg_place){source->file, line, column_near(source, line, plain)};
	for (size_t i = 0; i < VG_COUNT(translations); i++)
		if (strstr(plain, translations[i].part)) {
			vg_report(source->findings, code, place, rule, translations[i].advice, "%s (Lua: %s.)",
				  translations[i].text, plain);
			return;
		}
	vg_report(source->findings, code, place, rule, NULL, "Lua cannot read it: %s.", plain);
}
