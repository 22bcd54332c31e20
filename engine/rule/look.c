/*
 * What a leaf tells about itself when it is asked to: the facts that made it
 * so, why it is unknown, what was compared, what would change it.
 *
 * On the fast path there is no look and nothing is formatted.  Texts hold set
 * names, dates and values of the record; they go into answers, never into logs.
 */
#include "rule/rule_internal.h"

#include <stdio.h>

static const char *format_text(vg_arena *arena, const char *format, va_list arguments)
{
	char text[512];
	int length = vsnprintf(text, sizeof text, format, arguments);
	if (length < 0)
		return NULL;
	size_t end = (size_t)length < sizeof text ? (size_t)length : sizeof text - 1;
	while (end > 0 && end == sizeof text - 1 && !vg_utf8_valid(text, end))
		end--; /* never half a character */
	return vg_copy_text(arena, text, end);
}

void vg_look_fact(vg_look *look, const vg_clinical_fact *fact)
{
	if (!look || !fact)
		return;
	for (size_t i = 0; i < look->fact_count; i++)
		if (look->facts[i] == fact)
			return;
	const vg_clinical_fact **facts =
	    vg_grow(look->arena, look->facts, look->fact_count, &look->fact_capacity, sizeof *facts);
	if (!facts)
		return;
	look->facts = facts;
	facts[look->fact_count++] = fact;
}

void vg_look_missing(vg_look *look, const char *format, ...)
{
	if (!look || look->missing)
		return;
	va_list arguments;
	va_start(arguments, format);
	look->missing = format_text(look->arena, format, arguments);
	va_end(arguments);
}

void vg_look_value(vg_look *look, const char *text)
{
	if (look && text && *text && !look->value)
		look->value = vg_copy_text(look->arena, text, strlen(text));
}

void vg_look_need(vg_look *look, const char *format, ...)
{
	if (!look || look->would_need)
		return;
	va_list arguments;
	va_start(arguments, format);
	look->would_need = format_text(look->arena, format, arguments);
	va_end(arguments);
}

void vg_look_section(vg_look *look, const vg_scene *scene, unsigned sections)
{
	char day[16];
	for (unsigned i = 0; look && i < VG_SECTION_COUNT; i++) {
		const vg_completeness *section = &scene->sections[i];
		if (!(sections >> i & 1) || section->state == VG_COMPLETE)
			continue;
		const char *name = vg_section_name((vg_section)i);
		if (section->state == VG_SUPPLIED_SINCE)
			vg_look_missing(look, "%s supplied only since %s", name, vg_day_text(section->since, day));
		else if (!section->why || !*section->why || vg_same_text(section->why, "not supplied"))
			vg_look_missing(look, "%s not supplied", name);
		else
			vg_look_missing(look, "%s incomplete: %s", name, section->why);
		return;
	}
}
