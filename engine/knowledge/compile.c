/*
 * The steps of a compilation, in their order.
 *
 * Sets must be known before allergens name them, closed before they are
 * frozen, and frozen before names are, which ask what two concepts have in
 * common.  The texts come last, as every step may add some.
 */
#include "knowledge/knowledge_internal.h"

vigil_status vg_compile(vg_builder *builder, const vg_source_layer *layers, size_t layer_count, vigil_error *err)
{
	static void (*const steps[])(vg_builder *) = {vg_check_needed_cells, vg_compile_drugs,     vg_compile_code_map,
						      vg_collect_sets,       vg_compile_allergens, vg_close_sets,
						      vg_freeze_sets,        vg_check_rows,        vg_freeze_pairs,
						      vg_freeze_tables,      vg_freeze_names,      vg_freeze_rest};
	for (size_t i = 0; i < layer_count; i++) {
		if (!layers[i].folder)
			continue;
		vigil_status status = vg_read_layer(builder, &layers[i], (uint32_t)i, err);
		if (status != VIGIL_OK)
			return status;
	}
	for (size_t i = 0; i < VG_COUNT(steps) && !builder->failed; i++) {
		steps[i](builder);
		vg_arena_reset(&builder->scratch);
	}
	return builder->failed ? vg_fail_memory(err) : VIGIL_OK;
}
