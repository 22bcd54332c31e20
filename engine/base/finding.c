/*
 * Findings: what is wrong with packs and inputs, all of it, in an order that
 * does not depend on how it was found.
 *
 * The catalogue is data, one .def file a range of codes.  A list of findings
 * owns every text in it.  `errors` counts also what could not be kept when
 * memory ran out, so that a load with errors is never taken for a good one.
 */
#include "base/base_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const vg_finding_kind kinds[] = {
#define X(code, level, name, title, why, wrong, right) {#code, name, title, why, wrong, right, level},
#include "findings.def"
#undef X
};

const vg_finding_kind *vg_finding_kind_of(vg_finding_code code) { return (size_t)code < VG_COUNT(kinds) ? &kinds[code] : NULL; }

const vg_finding_kind *vg_finding_kind_find(const char *code)
{
	for (size_t i = 0; i < VG_COUNT(kinds); i++)
		if (vg_same_text(kinds[i].code, code))
			return &kinds[i];
	return NULL;
}

void vg_findings_init(vg_findings *findings, const vg_allocator *allocator)
{
	*findings = (vg_findings){.count = 0};
	vg_arena_init(&findings->arena, allocator, 0);
}

void vg_findings_free(vg_findings *findings)
{
	vg_arena_free(&findings->arena);
	findings->items = NULL;
	findings->count = findings->capacity = findings->errors = 0;
}

/* Takes out what a cut ("%.40s") has left of a character: findings are UTF-8 whatever they quote. */
static void drop_broken(char *text)
{
	size_t length = strlen(text), to = 0;
	for (size_t from = 0, size; from < length; from += size ? size : 1) {
		size = vg_utf8_step(text + from, length - from);
		memmove(text + to, text + from, size);
		to += size;
	}
	text[to] = '\0';
}

/* A copy of a text that may be NULL; false when memory ran out. */
static bool copy(vg_arena *arena, const char *text, const char **ret)
{
	char *kept = text ? vg_copy_text(arena, text, strlen(text)) : NULL;
	if (kept && !vg_utf8_valid(kept, strlen(kept)))
		drop_broken(kept);
	*ret = kept;
	return kept || !text;
}

/* File names are kept as they are. */
static bool copy_name(vg_arena *arena, const char *name, const char **ret)
{
	*ret = name ? vg_copy_text(arena, name, strlen(name)) : NULL;
	return *ret || !name;
}

void vg_report(vg_findings *findings, vg_finding_code code, vg_place place, const char *rule, const char *advice,
	       const char *text, ...)
{
	const vg_finding_kind *kind = &kinds[code];
	findings->errors += kind->level == VIGIL_ERROR;
	vigil_finding finding = VIGIL_FINDING_INIT;
	finding.code = kind->code;
	finding.level = kind->level;
	finding.line = place.line;
	finding.column = place.column;

	char what[1024];
	va_list arguments;
	va_start(arguments, text);
	int length = vsnprintf(what, sizeof what, text, arguments);
	va_end(arguments);
	if (length >= (int)sizeof what) {
		/* Texts are cut between characters and say that they are cut. */
		static const char cut[] = "…";
		size_t end = sizeof what - sizeof cut;
		while (end > 0 && ((unsigned char)what[end] & 0xC0) == 0x80)
			end--;
		memcpy(what + end, cut, sizeof cut);
	}
	vigil_finding *items =
	    vg_grow(&findings->arena, findings->items, findings->count, &findings->capacity, sizeof *findings->items);
	if (!items)
		return;
	findings->items = items;
	if (copy_name(&findings->arena, place.file, &finding.file) && copy(&findings->arena, rule, &finding.rule) &&
	    copy(&findings->arena, length < 0 ? kind->title : what, &finding.text) &&
	    copy(&findings->arena, advice, &finding.advice))
		items[findings->count++] = finding;
}

static int compare_texts(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int compare(const void *left, const void *right)
{
	const vigil_finding *a = left, *b = right;
	int order = compare_texts(a->file, b->file);
	if (order == 0)
		order = (a->line > b->line) - (a->line < b->line);
	if (order == 0)
		order = (a->column > b->column) - (a->column < b->column);
	if (order == 0)
		order = compare_texts(a->code, b->code);
	if (order == 0)
		order = compare_texts(a->rule, b->rule);
	if (order == 0)
		order = compare_texts(a->text, b->text);
	return order ? order : compare_texts(a->advice, b->advice);
}

void vg_findings_sort(vg_findings *findings)
{
	if (findings->count < 2)
		return;
	qsort(findings->items, findings->count, sizeof *findings->items, compare);
	size_t kept = 1;
	for (size_t i = 1; i < findings->count; i++) {
		if (compare(&findings->items[kept - 1], &findings->items[i]) != 0)
			findings->items[kept++] = findings->items[i];
		else
			findings->errors -= findings->items[i].level == VIGIL_ERROR;
	}
	findings->count = kept;
}
