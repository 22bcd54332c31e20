/*
 * Tidy rule files: blanks, indentation, quotes and commas, nothing else.
 *
 * Line breaks are the author's; what stands between two tokens of a line, and
 * before the first, is made anew.  Inside a bracket whose first member follows
 * it, the lines below stand under that member; otherwise they are two deeper.
 * The `=` of neighbouring lines stand under each other where the names are of
 * like length, comments behind lines likewise.  A list that ends on a line of
 * its own has a comma behind its last member; one that does not, has none.
 *
 * Invariant: the tokens and the comments of the result are those of the source,
 * but for commas before a closing brace, `;` in lists, and the kind of quotes.
 * It is checked before the result is given out.
 *
 * Called by `vigil fmt`; a file with a mistake in it is not touched.
 */
#include "script/script_internal.h"

#include <string.h>

typedef struct piece {         /* a token, or a comment */
	const vg_token *token; /* NULL: a comment */
	const char *text;      /* as it is to be written; not ended by a NUL */
	size_t length;
	unsigned breaks;   /* line breaks before it; 2: an empty line as well */
	bool blank;        /* some blank before it */
	bool added, gone;  /* a comma that is made, or left out */
	unsigned name_pad; /* blanks behind a name, so that its `=` stands under its neighbours' */
} piece;

typedef struct bracket { /* an open one, or a block of a function */
	unsigned column; /* of lines inside */
	unsigned closing;
	bool block;
} bracket;

typedef struct formatter {
	vg_source source;
	vg_arena *arena;
	piece *pieces;
	size_t count, capacity;
	vg_buffer out;
	bracket *brackets;
	size_t depth, bracket_capacity;
	size_t line_start; /* in `out` */
	unsigned indent;   /* of the line that is being written */
	size_t *comments;  /* places in `out` at which comments begin behind a line */
	size_t comment_count, comment_capacity;
} formatter;

enum { STEP = 2, MOST_COLUMNS = 128, LIKE_LENGTH = 7 };

/* ---- pieces ----------------------------------------------------------------------- */

static piece *add_piece(formatter *all)
{
	piece *pieces = vg_grow(all->arena, all->pieces, all->count, &all->capacity, sizeof *pieces);
	if (!pieces)
		return NULL;
	all->pieces = pieces;
	pieces[all->count] = (piece){.breaks = 0};
	return &pieces[all->count++];
}

/* The length of a comment: to the end of its line, or of its long brackets. */
static size_t comment_length(const char *at, const char *end)
{
	const char *from = at + 2;
	size_t level = 0;
	if (from < end && *from == '[') {
		while (from + 1 + level < end && from[1 + level] == '=')
			level++;
		if (from + 1 + level < end && from[1 + level] == '[')
			for (const char *close = from + 2 + level; close + 1 + level < end; close++) {
				size_t equals = 0;
				while (*close == ']' && close + 1 + equals < end && close[1 + equals] == '=')
					equals++;
				if (*close == ']' && equals == level && close + 1 + level < end && close[1 + level] == ']')
					return (size_t)(close + 2 + level - at);
			}
	}
	size_t length = 0;
	while (at + length < end && at[length] != '\n' && at[length] != '\r')
		length++;
	while (length > 2 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
		length--;
	return length;
}

/* Comments and line breaks between two tokens; what they leave for the second one. */
static bool add_gap(formatter *all, const char *at, const char *end, unsigned *ret_breaks, bool *ret_blank)
{
	*ret_breaks = 0;
	*ret_blank = false;
	while (at < end) {
		if (at[0] == '-' && at + 1 < end && at[1] == '-') {
			piece *comment = add_piece(all);
			if (!comment)
				return false;
			comment->text = at;
			comment->length = comment_length(at, end);
			comment->breaks = *ret_breaks;
			comment->blank = *ret_blank;
			at += comment->length;
			*ret_breaks = 0;
			*ret_blank = false;
			continue;
		}
		*ret_blank = true;
		if (*at == '\r' && at + 1 < end && at[1] == '\n')
			at++;
		*ret_breaks += *at == '\n' || *at == '\r';
		at++;
	}
	return true;
}

/* 'a' becomes "a" where nothing in it has to be escaped for that. */
static const char *with_double_quotes(formatter *all, const vg_token *token)
{
	if (token->kind != VG_TOKEN_TEXT || token->text[0] != '\'' || memchr(token->text, '"', token->length) ||
	    memchr(token->text, '\\', token->length))
		return token->text;
	char *copy = vg_copy_text(all->arena, token->text, token->length);
	if (copy)
		copy[0] = copy[token->length - 1] = '"';
	return copy;
}

static bool make_pieces(formatter *all)
{
	const char *at = all->source.text;
	for (size_t i = 0; i < all->source.token_count; i++) {
		const vg_token *token = &all->source.tokens[i];
		unsigned breaks;
		bool blank;
		if (!add_gap(all, at, token->text, &breaks, &blank))
			return false;
		at = token->text + token->length;
		if (token->kind == VG_TOKEN_END)
			break;
		piece *one = add_piece(all);
		if (!one)
			return false;
		*one = (piece){.token = token,
			       .text = with_double_quotes(all, token),
			       .length = token->length,
			       .breaks = breaks,
			       .blank = blank};
		if (!one->text)
			return false;
	}
	return true;
}

static bool is(const piece *one, const char *symbol) { return one && one->token && vg_token_is(one->token, symbol); }

/* ---- commas -------------------------------------------------------------------------- */

static piece *token_before(formatter *all, size_t at)
{
	while (at-- > 0)
		if (all->pieces[at].token)
			return &all->pieces[at];
	return NULL;
}

/* Inside a function's block, where `;` is Lua's own. */
static void settle_commas(formatter *all)
{
	size_t blocks = 0;
	for (size_t i = 0; i < all->count; i++) {
		piece *one = &all->pieces[i], *before = token_before(all, i);
		blocks += is(one, "function") || (blocks && (is(one, "if") || is(one, "do") || is(one, "repeat")));
		blocks -= blocks && (is(one, "end") || is(one, "until"));
		if (blocks)
			continue;
		if (is(one, ";"))
			one->text = ",";
		if (!is(one, "}") || !before || is(before, "{"))
			continue;
		bool comma = is(before, ",") || is(before, ";"), own_line = one->breaks > 0;
		before->gone = comma && !own_line;
		before->added = !comma && own_line;
	}
}

/* ---- names under each other ---------------------------------------------------------------- */

static bool opens(const piece *one) { return is(one, "{") || is(one, "(") || is(one, "["); }
static bool closes(const piece *one) { return is(one, "}") || is(one, ")") || is(one, "]"); }

/* Whether a line begins with `name =` and holds no other member of its list. */
static bool is_field_line(const formatter *all, size_t at)
{
	const piece *one = &all->pieces[at];
	size_t depth = 0;
	if (at + 1 >= all->count || !one->token || one->token->kind != VG_TOKEN_NAME || !one->breaks ||
	    !is(&all->pieces[at + 1], "=") || all->pieces[at + 1].breaks)
		return false;
	for (size_t i = at + 2; i < all->count; i++) {
		const piece *next = &all->pieces[i];
		if (depth == 0 && (closes(next) || is(next, ",")))
			return closes(next) || i + 1 == all->count || !all->pieces[i + 1].token || all->pieces[i + 1].breaks;
		depth += opens(next);
		depth -= closes(next);
	}
	return true;
}

static void pad_group(formatter *all, const size_t *lines, size_t count, size_t longest)
{
	for (size_t i = 0; i < count && count > 1; i++)
		all->pieces[lines[i]].name_pad = (unsigned)(longest - all->pieces[lines[i]].length);
}

/* Lines that follow each other without a gap, each a whole `name = value` of
 * one list; a value of several lines ends its group. */
static bool align_names(formatter *all)
{
	size_t *lines = vg_alloc_array(all->arena, all->count + 1, sizeof *lines), count = 0, least = 0, most = 0;
	size_t depth = 0, group_depth = 0;
	bool follows = false; /* the line before was a whole member of the group */
	for (size_t i = 0; lines && i < all->count; i++) {
		const piece *one = &all->pieces[i];
		size_t length = one->length;
		if (is_field_line(all, i)) {
			size_t low = count && least < length ? least : length, high = count && most > length ? most : length;
			bool joins = count && follows && one->breaks == 1 && depth == group_depth && high - low <= LIKE_LENGTH;
			if (!joins) {
				pad_group(all, lines, count, most);
				count = 0;
				low = high = length;
			}
			least = low;
			most = high;
			group_depth = depth;
			lines[count++] = i;
			follows = true;
		} else if (one->breaks && one->token && !(closes(one) && depth == group_depth)) {
			follows = false; /* a value goes on, or another kind of member stands here */
		} else if (one->breaks && !one->token) {
			follows = false;
		}
		depth += opens(one);
		depth -= depth && closes(one);
	}
	if (lines)
		pad_group(all, lines, count, most);
	return lines != NULL;
}

/* ---- writing ---------------------------------------------------------------------------------- */

static unsigned column(const formatter *all)
{
	return all->out.text ? (unsigned)vg_utf8_count(all->out.text + all->line_start) : 0;
}

static void blanks(formatter *all, unsigned count)
{
	while (count-- > 0)
		vg_add(&all->out, " ");
}

static void begin_line(formatter *all, unsigned breaks, unsigned indent)
{
	vg_add(&all->out, breaks > 1 ? "\n\n" : "\n");
	all->line_start = all->out.length;
	all->indent = indent;
	blanks(all, indent);
}

static bracket *top(formatter *all) { return all->depth ? &all->brackets[all->depth - 1] : NULL; }

static bool push(formatter *all, bracket inner)
{
	bracket *brackets = vg_grow(all->arena, all->brackets, all->depth, &all->bracket_capacity, sizeof *brackets);
	if (!brackets)
		return false;
	all->brackets = brackets;
	brackets[all->depth++] = inner;
	return true;
}

static bool opens_block(const piece *one) { return is(one, "function") || is(one, "if") || is(one, "do") || is(one, "repeat"); }

/* Whether a line that begins with this piece goes on with the statement of the line before. */
static bool goes_on(const piece *one, const piece *before)
{
	return is(one, ":") || is(before, "=") ||
	       (one->token && one->token->kind == VG_TOKEN_TEXT && before && before->token &&
		before->token->kind == VG_TOKEN_NAME);
}

static unsigned indent_of(formatter *all, const piece *one, const piece *before)
{
	const bracket *inside = top(all);
	bool back = closes(one) || is(one, "end") || is(one, "until") || is(one, "else") || is(one, "elseif");
	if (!inside)
		return goes_on(one, before) ? STEP : 0;
	return (back ? inside->closing : inside->column) + (goes_on(one, before) ? STEP : 0);
}

/* Whether a blank stands between two pieces of a line. */
static bool apart(const formatter *all, const piece *before, const piece *one)
{
	bool function = all->depth && all->brackets[all->depth - 1].block;
	if (!one->token || !before->token)
		return true;
	if (is(one, ",") || is(one, ";") || is(before, "(") || is(one, ")") || is(before, "[") || is(one, "]"))
		return false;
	if (function)
		return one->blank;
	if (is(before, ":") || is(before, ".") || is(one, ".") || is(before, "-"))
		return false;
	if (is(one, "("))
		return before->token->kind != VG_TOKEN_NAME && !is(before, "function");
	return !(is(before, "{") && is(one, "}")) && !is(one, "[");
}

static bool track_brackets(formatter *all, const piece *one, const piece *next)
{
	const bracket *inside = top(all);
	bool in_block = inside && inside->block;
	if (opens(one)) {
		bool hangs = !next || next->breaks || !next->token || closes(next);
		unsigned inner = hangs ? all->indent + STEP : column(all) + (is(one, "{") && !in_block);
		return push(all, (bracket){inner, all->indent, false});
	}
	if (is(one, "function") || (opens_block(one) && in_block))
		return push(all, (bracket){all->indent + STEP, all->indent, true});
	if (all->depth && (closes(one) || ((is(one, "end") || is(one, "until")) && in_block)))
		all->depth--;
	return true;
}

static bool note_comment(formatter *all)
{
	size_t *comments = vg_grow(all->arena, all->comments, all->comment_count, &all->comment_capacity, sizeof *comments);
	if (!comments)
		return false;
	all->comments = comments;
	comments[all->comment_count++] = all->out.length;
	return true;
}

static bool write_piece(formatter *all, const piece *one, const piece *before, const piece *next)
{
	unsigned breaks = one->breaks > 2 ? 2 : one->breaks;
	if (breaks == 2 && (closes(one) || opens(before)))
		breaks = 1; /* no empty line just inside a list */
	if (before && breaks)
		begin_line(all, breaks, indent_of(all, one, before));
	else if (before && !one->token) {
		vg_add(&all->out, "  ");
		if (!note_comment(all))
			return false;
	} else if (before && apart(all, before, one))
		vg_add(&all->out, " ");
	size_t start = all->out.length;
	vg_add_bytes(&all->out, one->text, one->length);
	for (size_t i = start; i < all->out.length && !all->out.failed; i++) /* a long text or comment */
		if (all->out.text[i] == '\n')
			all->line_start = i + 1;
	blanks(all, one->name_pad);
	if (one->added)
		vg_add(&all->out, ",");
	return track_brackets(all, one, next);
}

static bool write_all(formatter *all)
{
	const piece *before = NULL;
	for (size_t i = 0; i < all->count; i++) {
		if (all->pieces[i].gone)
			continue;
		size_t next = i + 1;
		while (next < all->count && all->pieces[next].gone)
			next++;
		if (!write_piece(all, &all->pieces[i], before, next < all->count ? &all->pieces[next] : NULL))
			return false;
		before = &all->pieces[i];
	}
	if (all->count)
		vg_add(&all->out, "\n");
	return !all->out.failed;
}

/* ---- comments under each other ----------------------------------------------------------------- */

static size_t line_of(const char *text, size_t at)
{
	while (at > 0 && text[at - 1] != '\n')
		at--;
	return at;
}

/* The column of a comment when all others of its group stand left of it. */
static size_t comment_column(const formatter *all, size_t number)
{
	const char *text = all->out.text;
	size_t start = line_of(text, all->comments[number]);
	char *line = vg_copy_text(all->arena, text + start, all->comments[number] - start);
	return line ? vg_utf8_count(line) : 0;
}

/* Whether two comments stand on neighbouring lines. */
static bool neighbours(const formatter *all, size_t first)
{
	const char *text = all->out.text;
	size_t breaks = 0;
	for (size_t i = all->comments[first]; i < all->comments[first + 1]; i++)
		breaks += text[i] == '\n';
	return breaks == 1;
}

static const char *align_comments(formatter *all)
{
	vg_buffer out;
	const char *text = vg_buffer_text(&all->out);
	size_t copied = 0;
	vg_buffer_init(&out, all->arena);
	for (size_t i = 0; text && i < all->comment_count;) {
		size_t past = i + 1, widest = comment_column(all, i);
		while (past < all->comment_count && neighbours(all, past - 1)) {
			size_t wide = comment_column(all, past++);
			widest = wide > widest ? wide : widest;
		}
		for (; i < past; i++) {
			size_t wide = comment_column(all, i);
			vg_add_bytes(&out, text + copied, all->comments[i] - copied);
			for (; wide < widest && widest < MOST_COLUMNS; wide++)
				vg_add(&out, " ");
			copied = all->comments[i];
		}
	}
	vg_add(&out, text ? text + copied : "");
	return text ? vg_buffer_text(&out) : NULL;
}

/* ---- the whole ------------------------------------------------------------------------------------ */

static bool read_source(formatter *all, const char *file, const char *text, size_t length, vg_findings *findings)
{
	vg_script script = {.packs = NULL};
	vg_program program;
	size_t errors = findings->errors;
	all->source = (vg_source){.file = file, .text = text, .length = length, .arena = all->arena, .findings = findings};
	vg_arena_init(&script.arena, &all->arena->allocator, 0);
	bool read = vg_lex(&all->source) && vg_read_forms(&all->source, &script, &program);
	vg_arena_free(&script.arena);
	return read && findings->errors == errors;
}

static bool same_token(const vg_token *a, const vg_token *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == VG_TOKEN_TEXT)
		return a->value_length == b->value_length && memcmp(a->value, b->value, a->value_length) == 0;
	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

static size_t next_kept(const formatter *all, size_t at)
{
	while (at < all->count && (is(&all->pieces[at], ",") || is(&all->pieces[at], ";")))
		at++;
	return at;
}

/* Whether two texts have the same tokens and comments, commas apart. */
static bool same_pieces(const formatter *a, const formatter *b)
{
	size_t i = next_kept(a, 0), k = next_kept(b, 0);
	while (i < a->count && k < b->count) {
		const piece *left = &a->pieces[i], *right = &b->pieces[k];
		if (!left->token != !right->token)
			return false;
		if (left->token ? !same_token(left->token, right->token)
				: left->length != right->length || memcmp(left->text, right->text, left->length) != 0)
			return false;
		i = next_kept(a, i + 1);
		k = next_kept(b, k + 1);
	}
	return i == a->count && k == b->count;
}

vigil_status vg_format_rules(const char *file, const char *text, size_t length, vg_arena *arena, vg_findings *findings,
			     const char **ret, vigil_error *err)
{
	formatter all = {.arena = arena}, again = {.arena = arena};
	const char *result = NULL;
	vg_buffer_init(&all.out, arena);
	if (!read_source(&all, file, text, length, findings))
		return arena->failed || findings->arena.failed ? vg_fail_memory(err)
							       : vg_fail(err, VIGIL_BAD_INPUT, "Mend what is reported first.",
									 "The file is not tidied: there are mistakes in it.");
	if (make_pieces(&all)) {
		settle_commas(&all);
		if (align_names(&all) && write_all(&all))
			result = align_comments(&all);
	}
	if (!result || arena->failed)
		return vg_fail_memory(err);
	bool whole =
	    read_source(&again, file, result, strlen(result), findings) && make_pieces(&again) && same_pieces(&all, &again);
	if (arena->failed || findings->arena.failed)
		return vg_fail_memory(err);
	if (!whole)
		return vg_fail(err, VIGIL_INTERNAL, "Please report it with the file.",
			       "Tidying the file would change what it says.");
	*ret = result;
	return VIGIL_OK;
}
