/*
 * What `vigil show RULE` tells of the data that a rule needs: the FHIR searches,
 * the prefetch of a CDS Hooks client, and its sets with the sources of their codes.
 *
 * Sections and sets are derived from the rule's trees.  The prefetch is the
 * service's own, so that what is shown is what is asked for.  The sources stand
 * in the set's table, in a column that deciding needs not: it is read here.
 */
#include <string.h>

#include "cli/cli.h"
#include "knowledge/csv.h"
#include "service/service.h"

enum { SOURCES = 4 }; /* so many of a set are told, the others counted */

void vg_append_text(vg_cli *cli, vg_list *list, const char *text)
{
	const char **items = text ? vg_grow(&cli->arena, list->items, list->count, &list->capacity, sizeof *items) : NULL;
	if (!items)
		return; /* the arena says so, and nothing is printed */
	list->items = items;
	list->items[list->count++] = text;
}

void vg_list_needs(vg_cli *cli, unsigned sections, vg_list *searches, vg_list *prefetch)
{
	static const char *const also[VG_SECTION_COUNT] = {
	    [VG_MEDICATIONS] = "; MedicationStatement?patient=ID",
	    [VG_RESULTS] = "&category=laboratory,vital-signs; DiagnosticReport?patient=ID",
	    [VG_ORDERS] = "&status=active",
	};
	vg_append_text(cli, searches, "Patient/ID");
	vg_append_text(cli, prefetch, vg_format(&cli->arena, "patient: %s", vg_prefetch_patient));
	for (int section = 0; section < VG_SECTION_COUNT; section++) {
		const char *asked = vg_prefetch_template((vg_section)section);
		if (!(sections >> section & 1))
			continue;
		vg_append_text(cli, searches,
			       vg_format(&cli->arena, "%.*s?patient=ID%s", (int)strcspn(asked, "?"), asked,
					 also[section] ? also[section] : ""));
		vg_append_text(cli, prefetch, vg_format(&cli->arena, "%s: %s", vg_section_key((vg_section)section), asked));
	}
}

/* ---- sources of sets --------------------------------------------------------------------------- */

static size_t column_of(const vg_csv *header, const char *name)
{
	for (size_t i = 0; i < header->cell_count; i++)
		if (strcmp(header->cells[i], name) == 0)
			return i;
	return SIZE_MAX;
}

static bool told_already(const vg_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

/* The sources of a set's rows in its table, each once, in their order. */
static void read_sources(vg_cli *cli, const char *path, const char *name, vg_list *ret)
{
	vigil_error error = VIGIL_ERROR_INIT;
	char *text;
	size_t length;
	vg_csv csv;
	if (vg_read_file(&cli->arena, path, 0, &text, &length, &error) != VIGIL_OK) {
		vg_append_text(cli, ret, "the table can no longer be read");
		return;
	}
	vg_csv_begin(&csv, text, length);
	if (!vg_csv_next(&csv))
		return;
	size_t set = column_of(&csv, "set"), source = column_of(&csv, "source");
	while (set != SIZE_MAX && source != SIZE_MAX && vg_csv_next(&csv)) {
		if (csv.cell_count <= set || csv.cell_count <= source || strcmp(csv.cells[set], name) != 0)
			continue;
		const char *told = csv.cells[source];
		if (*told && !told_already(ret, told))
			vg_append_text(cli, ret, told);
	}
}

const char *vg_set_description(vg_cli *cli, const vg_knowledge *knowledge, vg_set set)
{
	vg_place place = vg_set_place(knowledge, set);
	vg_list sources = {0};
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_addf(&out, "%s: ", vg_set_name(knowledge, set));
	vg_write_quantity(&out, vg_set_members(knowledge, set).count, "code", "codes");
	if (place.line <= 0) { /* no table has it: the products of an ingredient */
		vg_add(&out, ", the products of this ingredient");
		return vg_buffer_text(&out);
	}
	vg_addf(&out, ", %s:%d", place.file, place.line);
	read_sources(cli, place.file, vg_set_name(knowledge, set), &sources);
	for (size_t i = 0; i < sources.count && i < SOURCES; i++)
		vg_addf(&out, "%s%s", i ? " · " : ", from: ", sources.items[i]);
	if (sources.count > SOURCES)
		vg_addf(&out, " · and %zu more", sources.count - SOURCES);
	return vg_buffer_text(&out);
}
