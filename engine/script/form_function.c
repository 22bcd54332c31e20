/*
 * A check function as a form: where it ends, its source for the checkers, its
 * tokens hidden from the run of the file.
 *
 * Called by forms.c and check_tokens.c; what may stand in a function is looked
 * at by check_function.c.
 */
#include "script/script_internal.h"

#include <string.h>

static bool at_end(const vg_reader *reader)
{
	return vg_peek(reader, 0)->kind == VG_TOKEN_END || vg_begins_statement(reader->source, reader->at);
}

/* Steps from `function` behind its `end`; up to a statement when `bounded`. */
static bool skip_blocks(vg_reader *reader, bool bounded)
{
	size_t depth = 0;
	do {
		const vg_token *token = vg_peek(reader, 0);
		if (vg_token_is(token, "function") || vg_token_is(token, "do") || vg_token_is(token, "if") ||
		    vg_token_is(token, "repeat"))
			depth++;
		else if (vg_token_is(token, "end") || vg_token_is(token, "until"))
			depth--;
		vg_step(reader);
	} while (depth > 0 && !(bounded ? at_end(reader) : vg_peek(reader, 0)->kind == VG_TOKEN_END));
	return depth == 0;
}

size_t vg_skip_function(vg_reader *reader, bool *ret_closed)
{
	/* A `local` in the first column may well stand in the function; only when it is never closed is that where it ends. */
	size_t first = reader->at;
	bool broken = reader->broken;
	*ret_closed = !reader->unclosed && skip_blocks(reader, false);
	if (!*ret_closed) {
		reader->unclosed = true; /* nor would a later one be: it ends the same way */
		reader->at = first;
		reader->broken = broken;
		*ret_closed = skip_blocks(reader, true);
	}
	return first;
}

vg_form *vg_form_check(vg_reader *reader)
{
	vg_source *source = reader->source;
	vg_script *script = reader->script;
	vg_form *form = vg_new_form(reader, VG_FORM_FUNCTION_VALUE, vg_peek(reader, 0));
	bool closed;
	size_t first = vg_skip_function(reader, &closed);
	if (!form)
		return NULL;
	form->check = UINT32_MAX;
	if (!closed) {
		vg_complain(reader, VG115, &source->tokens[first], "Close it, and every if, for and while in it, with `end`.",
			    "The function that begins here has no `end`.");
		return form;
	}
	if (++reader->functions == VG_MOST_FUNCTIONS + 1)
		vg_complain(reader, VG126, &source->tokens[first], "Use several files, or tables.",
			    "The file has more than %d check functions.", VG_MOST_FUNCTIONS);
	source->tokens[first].function = true;
	for (size_t i = first + 1; i < reader->at; i++)
		source->tokens[i].hidden = true;
	reader->broken |= !vg_check_function_tokens(source, first, reader->at, reader->id);
	bool readable = true; /* else what Lua would say of it was said already */
	for (size_t i = first; i < reader->at; i++)
		readable = readable && !source->tokens[i].broken;

	if (reader->functions > VG_MOST_FUNCTIONS)
		return form;
	const vg_token *last = &source->tokens[reader->at - 1];
	vg_check check = {.file = vg_copy_text(&script->arena, source->file, strlen(source->file)),
			  .line = source->tokens[first].line};
	check.length = (size_t)(last->text + last->length - source->tokens[first].text);
	check.text = vg_copy_text(&script->arena, source->tokens[first].text, check.length);
	check.rule = reader->id ? vg_copy_text(&script->arena, reader->id, strlen(reader->id)) : "";
	vg_check *checks =
	    vg_grow(&script->arena, script->checks, script->check_count, &script->check_capacity, sizeof *checks);
	if (!checks || !check.file || !check.text || !check.rule) {
		source->failed = true;
		return NULL;
	}
	script->checks = checks;
	form->check = readable ? (uint32_t)script->check_count : UINT32_MAX;
	checks[script->check_count++] = check;
	return form;
}
