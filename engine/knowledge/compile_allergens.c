/*
 * Allergens, panels and analytes.
 *
 * A substance that stands for ingredients' own sets is derived from those
 * ingredients, as a product is.  Any other allergen code joins the sets that it
 * stands for and the sets that include them, unless it is a drug's own code
 * (RxNorm 7980 for "penicillin G" or the class): a drug is what it is made of.
 */
#include "knowledge/knowledge_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_SETS = 64 };

static int id_order(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/* The sets of a list "a; b"; false after a finding. */
static bool read_sets(vg_builder *builder, const vg_row *row, const char *text, uint32_t sets[MOST_SETS], size_t *ret_count)
{
	size_t count = 0;
	while (*text) {
		size_t length = strcspn(text, ";");
		const char *name =
		    vg_pool_text(builder, vg_fold_text(builder, vg_pool_text(builder, vg_pool_add(builder, text, length))));
		text += length + (text[length] == ';');
		if (!*name)
			continue;
		vg_set set = vg_look_set(builder, name);
		if (builder->failed)
			return false;
		if (!set || count == MOST_SETS) {
			vg_note(builder, VG310, row->file, row->line, vg_nearest_set(builder, name),
				"There is no set \"%s\", which stands_for names: the row is left out.", name);
			return false;
		}
		sets[count++] = set;
	}
	qsort(sets, count, sizeof *sets, id_order);
	*ret_count = 0;
	for (size_t i = 0; i < count; i++)
		if (i == 0 || sets[i] != sets[i - 1])
			sets[(*ret_count)++] = sets[i];
	return true;
}

/* The ingredients whose own sets these are, ascending; 0 when one of them is no ingredient's set. */
static size_t ingredients_of(vg_builder *builder, const uint32_t *sets, size_t count, uint32_t ids[MOST_SETS])
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		const vg_new_set *set = vg_set_at(builder, sets[i]);
		size_t before = found;
		for (size_t j = 0; j < set->entry_count && found < MOST_SETS; j++)
			if (vg_concept_at(builder, set->entries[j]->concept)->ingredient_set == sets[i])
		ids[found++] = set->entries[j]->concept;
		if (found == before)
			return 0;
	}
	qsort(ids, found, sizeof *ids, id_order);
	return found;
}

static uint32_t *copy_ids(vg_builder *builder, const uint32_t *ids, size_t count)
{
	uint32_t *copy = vg_build_array(builder, count, sizeof *copy);
	if (copy && count)
		memcpy(copy, ids, count * sizeof *copy);
	return copy;
}

static void read_allergen(vg_builder *builder, const vg_row *row)
{
	const int table = VG_TABLE_allergens;
	uint32_t sets[MOST_SETS] = {0}, ids[MOST_SETS];
	size_t count, ingredient_count;
	const char *name = vg_row_cell(builder, table, row, VG_COLUMN_allergens_name);
	const char *code = vg_row_cell(builder, table, row, VG_COLUMN_allergens_code);
	uint32_t system = vg_new_system(builder, vg_row_cell(builder, table, row, VG_COLUMN_allergens_system));
	vg_allergen_kind kind = vg_allergen_kind_of_name(vg_row_cell(builder, table, row, VG_COLUMN_allergens_kind));
	if (!read_sets(builder, row, vg_row_cell(builder, table, row, VG_COLUMN_allergens_stands_for), sets, &count))
		return;
	vg_concept id = vg_add_concept(builder, system, code);
	if (!id)
		return;
	if (count == 0 &&
	    (kind == VG_ALLERGEN_CLASS || (kind == VG_ALLERGEN_SUBSTANCE && !vg_concept_at(builder, id)->ingredient_count)))
		vg_note(builder, VG347, row->file, row->line, "Fill in stands_for, or make its kind \"other\".",
			"The allergen \"%s\" stands for no set: no order is ever checked against it.", *name ? name : code);
	vg_new_concept *concept = vg_concept_at(builder, id);
	concept->is_allergen = true;
	concept->allergen = kind;
	concept->stands_for = copy_ids(builder, sets, count);
	concept->stands_for_count = (uint32_t)count;
	if (strcmp(vg_row_cell(builder, table, row, VG_COLUMN_allergens_intolerance), "yes") == 0)
	concept->flags |= VG_CONCEPT_INTOLERANCE;
	if (!concept->name)
	concept->name = vg_pool_add_text(builder, *name ? name : code);
	if (kind == VG_ALLERGEN_SUBSTANCE && !concept->ingredient_count &&
	    (ingredient_count = ingredients_of(builder, sets, count, ids)) > 0) {
		concept->ingredients = copy_ids(builder, ids, ingredient_count);
		concept->ingredient_count = (uint32_t)ingredient_count;
		concept->flags |= VG_CONCEPT_DERIVED;
	}
	vg_add_name(builder, name, id, 1u << VG_NAME_ALLERGEN, system == VG_SYSTEM_NAME ? VG_RANK_ALIAS : VG_RANK_ALLERGEN);
	if (system == VG_SYSTEM_NAME)
		vg_add_name(builder, code, id, 1u << VG_NAME_ALLERGEN, VG_RANK_ALIAS);
}

/* ---- panels ------------------------------------------------------------------ */

typedef struct panel_item {
	vg_concept panel, member;
} panel_item;

static int panel_order(const void *a, const void *b)
{
	const panel_item *x = a, *y = b;
	if (x->panel != y->panel)
		return x->panel < y->panel ? -1 : 1;
	return (x->member > y->member) - (x->member < y->member);
}

static vg_concept add_test(vg_builder *builder, const char *code, const char *name)
{
	vg_concept id = vg_add_concept(builder, VG_SYSTEM_LOINC, code);
	if (id && !vg_concept_at(builder, id)->name)
		vg_concept_at(builder, id)->name = vg_pool_add_text(builder, name);
	return id;
}

static void compile_panels(vg_builder *builder)
{
	const int table = VG_TABLE_panels;
	size_t rows = builder->tables[table].list.count, count = 0, spans = 0;
	panel_item *items = vg_build_array(builder, rows, sizeof *items);
	vg_packed_span *span = vg_build_array(builder, rows, sizeof *span);
	uint32_t *members = vg_build_array(builder, rows, sizeof *members);
	if (builder->failed)
		return;
	for (size_t i = 0; i < rows; i++) {
		const vg_row *row = vg_row_at(builder, table, i);
		if (row->left_out)
			continue;
		items[count].panel = add_test(builder, vg_row_cell(builder, table, row, VG_COLUMN_panels_panel),
					      vg_row_cell(builder, table, row, VG_COLUMN_panels_name));
		items[count++].member = add_test(builder, vg_row_cell(builder, table, row, VG_COLUMN_panels_member),
						 vg_row_cell(builder, table, row, VG_COLUMN_panels_member_name));
	}
	qsort(items, count, sizeof *items, panel_order);
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || items[i].panel != items[i - 1].panel)
			span[spans++] = (vg_packed_span){items[i].panel, (uint32_t)i, 0};
		span[spans - 1].count++;
		members[i] = items[i].member;
	}
	builder->image.panels.items = span;
	builder->image.panels.count = spans;
	builder->image.panel_members.items = members;
	builder->image.panel_members.count = count;
}

/* ---- analytes ---------------------------------------------------------------- */

static double cell_number(const char *text)
{
	double number = 0;
	return vg_parse_number(text, strlen(text), &number) ? number : 0;
}

static int analyte_order(const void *a, const void *b)
{
	const vg_packed_analyte *x = a, *y = b;
	return (x->set > y->set) - (x->set < y->set);
}

static void compile_analytes(vg_builder *builder)
{
	const int table = VG_TABLE_analytes;
	size_t rows = builder->tables[table].list.count, count = 0;
	vg_packed_analyte *analytes = vg_build_array(builder, rows, sizeof *analytes);
	for (size_t i = 0; i < rows && !builder->failed; i++) {
		const vg_row *row = vg_row_at(builder, table, i);
		const char *name = vg_row_cell(builder, table, row, VG_COLUMN_analytes_set);
		if (row->left_out)
			continue;
		vg_set set = vg_look_set(builder, name);
		if (!set) {
			vg_note(builder, VG310, row->file, row->line, vg_nearest_set(builder, name),
				"There is no set \"%s\": the row is left out.", name);
			continue;
		}
		analytes[count++] = (vg_packed_analyte){
		    .molar_mass = cell_number(vg_row_cell(builder, table, row, VG_COLUMN_analytes_molar_mass)),
		    .valence = cell_number(vg_row_cell(builder, table, row, VG_COLUMN_analytes_valence)),
		    .set = set,
		    .unit = vg_pool_add_text(builder, vg_row_cell(builder, table, row, VG_COLUMN_analytes_unit)),
		    .ifcc = strcmp(vg_row_cell(builder, table, row, VG_COLUMN_analytes_ifcc), "yes") == 0};
	}
	if (builder->failed)
		return;
	qsort(analytes, count, sizeof *analytes, analyte_order);
	builder->image.analytes.items = analytes;
	builder->image.analytes.count = count;
}

void vg_compile_allergens(vg_builder *builder)
{
	const vg_list *rows = &builder->tables[VG_TABLE_allergens].list;
	for (size_t i = 0; i < rows->count && !builder->failed; i++) {
		const vg_row *row = vg_list_at(rows, i);
		if (!row->left_out)
			read_allergen(builder, row);
		vg_arena_reset(&builder->scratch);
	}
	if (!builder->failed)
		compile_panels(builder);
	if (!builder->failed)
		compile_analytes(builder);
}
