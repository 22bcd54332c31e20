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

static bool is_hole(const cJSON *node) { return vg_is(node, cJSON_String) && strcmp(node->valuestring, "$") == 0; }

/* Counts the holes below a node, and notes them when there is room for it. */
static size_t find_holes(cJSON *node, cJSON **holes, size_t count)
{
	for (cJSON *child = node->child; child; child = child->next) {
		if (is_hole(child)) {
			if (holes)
				holes[count] = child;
			count++;
		}
		count = find_holes(child, holes, count);
	}
	return count;
}

vigil_status vg_template_read(vg_arena *arena, vg_packed text, vg_template *ret, vigil_error *err)
{
	vg_arena scratch;
	vg_arena_init(&scratch, &arena->allocator, 0);
	vg_json_scan_result scan;
	vigil_status status = vg_json_scan(&scratch, text.bytes, text.length, NULL, &scan, err);
	vg_arena_free(&scratch);
	if (status != VIGIL_OK)
		return status;
	vg_tree_room room = {.arena = arena};
	vg_template made = {.tree = (cJSON *)vg_tree_make(&room, text.bytes, text.length, false)};
	if (!made.tree)
		return vg_fail_memory(err);
	made.hole_count = find_holes(made.tree, NULL, 0);
	made.holes = vg_alloc_array(arena, made.hole_count, sizeof *made.holes);
	if (!made.holes)
		return vg_fail_memory(err);
	find_holes(made.tree, made.holes, 0);
	*ret = made;
	return VIGIL_OK;
}
