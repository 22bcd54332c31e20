/*
 * Codes that stand for a code of another system: a site's own laboratory codes
 * for LOINC, package codes (NDC) for RxNorm.
 *
 * A mapped code is a concept that looking it up never gives: vg_concept_find
 * gives what it means, so rules, sets, panels and alerts see one concept.  A row of
 * sets/ that names a mapped code names what it means.  Maps go one step; a
 * code that the knowledge has as a drug keeps its own meaning.
 */
#include "knowledge/knowledge_internal.h"

static void map_code(vg_builder *builder, const vg_row *row)
{
	const int table = VG_TABLE_code_map;
	vg_concept from =
	    vg_add_concept(builder, vg_new_system(builder, vg_row_cell(builder, table, row, VG_COLUMN_code_map_system)),
			   vg_row_cell(builder, table, row, VG_COLUMN_code_map_code));
	vg_concept to =
	    vg_add_concept(builder, vg_new_system(builder, vg_row_cell(builder, table, row, VG_COLUMN_code_map_to_system)),
			   vg_row_cell(builder, table, row, VG_COLUMN_code_map_to_code));
	if (!from || !to || from == to)
		return;
	vg_new_concept *concept = vg_concept_at(builder, from);
	if (!concept->name)
	concept->name = row->cells[VG_COLUMN_code_map_display - VG_FIRST_code_map];
	if (!concept->ingredient_count)
	concept->means = to;
}

void vg_compile_code_map(vg_builder *builder)
{
	const vg_list *rows = &builder->tables[VG_TABLE_code_map].list;
	for (size_t i = 0; i < rows->count && !builder->failed; i++) {
		const vg_row *row = vg_list_at(rows, i);
		if (!row->left_out)
			map_code(builder, row);
	}
}
