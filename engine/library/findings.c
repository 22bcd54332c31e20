/*
 * Findings for the caller: a list of its own, independent of the engine, so
 * that it can be read while the engine is reloaded or closed.
 */
#include "library/library_internal.h"

#include <string.h>

vigil_findings *vg_findings_new(const vg_allocator *allocator)
{
	vigil_findings *findings = vg_new(allocator, sizeof *findings);
	if (findings)
		vg_findings_init(findings, allocator);
	return findings;
}

/* NULL stays NULL; *ok turns false when memory runs out. */
static const char *copied(vg_arena *arena, const char *text, bool *ok)
{
	if (!text)
		return NULL;
	const char *copy = vg_copy_text(arena, text, strlen(text));
	*ok = *ok && copy;
	return copy;
}

bool vg_findings_copy(vigil_findings *to, const vigil_findings *from)
{
	bool ok = true;
	vigil_finding *items = from->count ? vg_alloc_array(&to->arena, from->count, sizeof *items) : NULL;
	if (from->count && !items)
		return false;
	for (size_t i = 0; i < from->count; i++) {
		items[i] = from->items[i];
		items[i].code = copied(&to->arena, items[i].code, &ok);
		items[i].file = copied(&to->arena, items[i].file, &ok);
		items[i].rule = copied(&to->arena, items[i].rule, &ok);
		items[i].text = copied(&to->arena, items[i].text, &ok);
		items[i].advice = copied(&to->arena, items[i].advice, &ok);
	}
	to->items = items;
	to->count = to->capacity = from->count;
	to->errors = from->errors;
	return ok;
}

size_t vigil_findings_count(const vigil_findings *findings) { return findings ? findings->count : 0; }

vigil_status vigil_findings_get(const vigil_findings *findings, size_t index, vigil_finding *ret)
{
	if (!findings || index >= findings->count)
		return VIGIL_WRONG_USE;
	return vg_give(ret, &findings->items[index], sizeof *ret);
}

void vigil_findings_close(vigil_findings *findings)
{
	if (!findings)
		return;
	vg_allocator allocator = findings->arena.allocator;
	vg_findings_free(findings);
	vg_delete(&allocator, findings, sizeof *findings);
}
