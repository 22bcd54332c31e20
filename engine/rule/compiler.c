/*
 * Small things that every part of the compiler uses: complaining, keeping
 * texts, looking into tables of items.
 *
 * A text that stays is kept once, in the rulebook's arena, so that equal texts
 * are equal pointers and nothing of the script floor is pointed to.
 */
#include <ctype.h>

#include "rule/rule_internal.h"

bool vg_compiler_sound(const vg_compiler *compiler)
{
	return !compiler->scratch.failed && !compiler->book->arena.failed && !compiler->findings->arena.failed;
}

void vg_complained(vg_compiler *compiler, vg_finding_code code)
{
	if (vg_finding_kind_of(code)->level == VIGIL_ERROR)
		compiler->failed = true;
}

const char *vg_advise(vg_compiler *compiler, const char *nearest, const char *otherwise)
{
	if (!nearest)
		return otherwise;
	const char *text = vg_format(&compiler->scratch, "Did you mean \"%s\"?", nearest);
	return text ? text : otherwise;
}

const char *vg_keep_text(vg_compiler *compiler, const char *text)
{
	if (!text || !*text)
		return "";
	uint32_t *place = vg_map_at(&compiler->text_of, text, strlen(text), false);
	if (place && *place)
		return compiler->texts[*place - 1];
	const char **texts =
	    vg_grow(&compiler->scratch, compiler->texts, compiler->text_count, &compiler->text_capacity, sizeof *texts);
	char *kept = vg_copy_text(&compiler->book->arena, text, strlen(text));
	if (!texts || !kept)
		return "";
	compiler->texts = texts;
	place = vg_map_at(&compiler->text_of, kept, strlen(kept), true);
	if (!place) {
		compiler->scratch.failed = true;
		return "";
	}
	texts[compiler->text_count++] = kept;
	*place = (uint32_t)compiler->text_count;
	return kept;
}

vg_place vg_keep_place(vg_compiler *compiler, vg_place place)
{
	place.file = vg_keep_text(compiler, place.file);
	return place;
}

const vg_item *vg_item_field(const vg_item *table, const char *name)
{
	for (size_t i = 0; table && i < table->field_count; i++)
		if (vg_same_text(table->fields[i].name, name))
			return &table->fields[i].value;
	return NULL;
}

const char *vg_item_kind_text(vg_item_kind kind)
{
	static const char *const texts[] = {"nothing", "a text",      "a number",  "true or false",
					    "a list",  "a condition", "a function"};
	return (size_t)kind < VG_COUNT(texts) ? texts[kind] : "something else";
}

const char *vg_opening(vg_compiler *compiler, const char *what)
{
	bool name = !strchr(what, ' ');
	char *text = vg_format(&compiler->scratch, name ? "`%s`" : "%s", what);
	if (text && !name)
		text[0] = (char)toupper((unsigned char)text[0]);
	return text ? text : what;
}

const char *vg_list_nearest(vg_arena *arena, const char *list, const char *word)
{
	const char *names[64];
	size_t count = 0;
	char *copy = vg_copy_text(arena, list, strlen(list));
	for (char *at = copy; at && *at && count < VG_COUNT(names);) {
		names[count++] = at;
		at += strcspn(at, " ");
		if (at[-1] == '!')
			at[-1] = '\0';
		if (*at)
			*at++ = '\0';
	}
	return vg_nearest(word, names, count);
}

const char *vg_list_text(vg_arena *arena, const char *list)
{
	vg_buffer buffer;
	vg_buffer_init(&buffer, arena);
	for (const char *at = list; *at;) {
		size_t length = strcspn(at, " ");
		const char *next = at + length + (at[length] == ' ');
		if (at != list)
			vg_add(&buffer, *next ? ", " : " or ");
		vg_add_bytes(&buffer, at, length - (at[length - 1] == '!'));
		at = next;
	}
	const char *text = vg_buffer_text(&buffer);
	return text ? text : "";
}
