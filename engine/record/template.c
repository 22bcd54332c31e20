/*
 * Templates: what many resources of a population have in common.
 *
 * A resource's tree is written as JSON, but for what differs from patient to
 * patient: dates, references, inner ids, measured numbers and long texts become
 * holes, and their values go into the patient's record.  A million blood
 * pressures share one template, which readers of FHIR and knowledge look at
 * once.
 *
 * The outermost member `resourceType` stands first; `id` is left out.
 *
 * A hole is the JSON text "$".  Texts that begin with "$" are holes themselves,
 * so that no text of a record can look like one.  Holes stand in the order in
 * which the tree is walked.
 */
#include "record/packed_internal.h"

/* ---- reading -------------------------------------------------------------------- */

static bool is_hole(const vg_json_node *node) { return vg_is(node, VG_JSON_TEXT) && strcmp(node->text, "$") == 0; }

/* Counts the holes, and notes them when there is room for it. */
static size_t find_holes(vg_json_node *tree, vg_json_node **holes)
{
	size_t count = 0;
	for (vg_json_node *node = tree, *end = tree + tree->size; node < end; node++) {
		if (!is_hole(node))
			continue;
		if (holes)
			holes[count] = node;
		count++;
	}
	return count;
}

vigil_status vg_template_read(vg_arena *arena, vg_packed text, vg_template *ret, vigil_error *err)
{
	vg_json_scan_result scan;
	vigil_status status = vg_json_scan(arena, arena, text.bytes, text.length, NULL, &scan, err);
	if (status != VIGIL_OK)
		return status;
	vg_template made = {.tree = (vg_json_node *)scan.nodes}; /* the arena's, and nobody else's yet */
	made.hole_count = find_holes(made.tree, NULL);
	made.holes = vg_alloc_array(arena, made.hole_count, sizeof *made.holes);
	if (!made.holes)
		return vg_fail_memory(err);
	find_holes(made.tree, made.holes);
	*ret = made;
	return VIGIL_OK;
}
