/*
 * A store's dictionary of templates while it grows: from text to number.
 *
 * Resources are packed by many threads, which know of no numbers; here they get
 * them, one after the other in the order of the input, so that the numbers are
 * the same whoever packed what.
 */
#include "record/packed_internal.h"

struct vg_template_list {
	vg_arena arena;   /* the dictionary itself */
	vg_map number_of; /* text → number */
	vg_packed *texts;
	size_t count, capacity;
};

vigil_status vg_template_list_open(const vg_allocator *allocator, vg_template_list **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_template_list *templates = vg_alloc(&arena, sizeof *templates);
	if (!templates) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	templates->arena = arena;
	vg_map_init(&templates->number_of, &templates->arena);
	*ret = templates;
	return VIGIL_OK;
}

void vg_template_list_close(vg_template_list *templates)
{
	if (!templates)
		return;
	vg_arena arena = templates->arena; /* the dictionary lies in it */
	vg_arena_free(&arena);
}

/* The number of a template, a new one when it is not there; 0 when memory ran out. */
static uint32_t number_of(vg_template_list *templates, vg_packed text)
{
	uint32_t *number = vg_map_at(&templates->number_of, text.bytes, text.length, false);
	if (number)
		return *number;
	vg_packed *texts = vg_grow(&templates->arena, templates->texts, templates->count, &templates->capacity, sizeof *texts);
	char *copy = vg_copy_text(&templates->arena, text.bytes, text.length);
	if (texts)
		templates->texts = texts;
	number = texts && copy ? vg_map_at(&templates->number_of, copy, text.length, true) : NULL;
	if (!number)
		return 0;
	templates->texts[templates->count] = (vg_packed){copy, text.length};
	return *number = (uint32_t)++templates->count;
}

vigil_status vg_template_list_add(vg_template_list *templates, vg_packed text, vigil_error *err)
{
	size_t count = templates->count;
	if (number_of(templates, text) == 0)
		return vg_fail_memory(err);
	return templates->count > count ? VIGIL_OK
					: vg_fail(err, VIGIL_BAD_INPUT, "Import the population again.",
						  "The dictionary has the same template twice.");
}

size_t vg_template_list_count(const vg_template_list *templates) { return templates->count; }

vg_packed vg_template_list_text(const vg_template_list *templates, size_t number) { return templates->texts[number - 1]; }

vigil_status vg_template_list_pack(vg_template_list *templates, vg_packed template, vg_packed packed, vg_buffer *out,
				   vg_packed *ret, vigil_error *err)
{
	uint32_t number = number_of(templates, template);
	out->length = 0;
	vg_put_number(out, number);
	vg_put_number(out, packed.length);
	vg_add_bytes(out, packed.bytes, packed.length);
	*ret = (vg_packed){out->text, out->length};
	if (number && !out->failed)
		return VIGIL_OK;
	templates->arena.failed = false; /* the dictionary is as it was, or has one more */
	return vg_fail_memory(err);
}
