/*
 * Proof: nothing of the packs runs that no example has shown to work.
 *
 * The packs' examples are run and judged, which withdraws active rules without
 * passing examples.  Layers are proven from below: first the packs without the
 * last one, as a world of their own, then all of them; so a later pack may
 * change what an earlier pack's example expects.  Then each active row of the pair tables is proven by
 * patients that are made for it.  A proof without an error is remembered under
 * the world's digest, so that opening the same packs again costs nothing; its
 * warnings are told by the opening that proves.  Where a rule was withdrawn
 * nothing is remembered, so that it is withdrawn again.
 */
#include "evaluation/evaluation_internal.h"

#include <sys/stat.h>

/* Only packs with a digest of their own can be remembered: a lone file has none. */
static bool can_remember(const vg_world *world)
{
	for (size_t i = 0; i < world->pack_count; i++) {
		struct stat info;
		if (stat(world->packs[i].folder, &info) != 0 || !S_ISDIR(info.st_mode))
			return false;
	}
	return true;
}

/* The packs below the last one.  What their proof found is found here too. */
static vigil_status open_below(vg_world *world, const vigil_config *config, vg_world **ret, vigil_error *err)
{
	vigil_config earlier = *config;
	vg_findings found;
	earlier.rule_dir_count--;
	earlier.accept_errors = 1;
	earlier.knowledge_file = NULL; /* it is that of all packs */
	vg_findings_init(&found, &world->allocator);
	vigil_status status = vg_world_open(&earlier, &found, ret, err);
	for (size_t i = 0; i < found.count && status == VIGIL_OK; i++) {
		const vigil_finding *finding = &found.items[i];
		const vg_finding_kind *kind = vg_finding_kind_find(finding->code);
		vg_place place = {vg_copy_text(&world->findings.arena, finding->file, strlen(finding->file)), finding->line,
				  finding->column};
		for (int code = VG400; code <= VG405 && place.file; code++)
			if (kind == vg_finding_kind_of((vg_finding_code)code))
				vg_report(&world->findings, (vg_finding_code)code, place, finding->rule, finding->advice, "%s",
					  finding->text);
	}
	vg_findings_free(&found);
	return status;
}

static vigil_status prove(vg_world *world, const vigil_config *config, vigil_error *err)
{
	vg_example_report report;
	vg_world *below = NULL;
	vigil_status status = VIGIL_OK;
	if (world->pack_count > 1 && config->rule_dir_count > 0)
		status = open_below(world, config, &below, err);
	if (status == VIGIL_OK)
		status = vg_examples_run(world, NULL, &report, err);
	if (status == VIGIL_OK) {
		status = vg_examples_judge(world, below, &report, &world->findings, err);
		vg_example_report_free(&report);
	}
	vg_world_release(below);
	if (status != VIGIL_OK)
		return status;
	size_t rows;
	return vg_rows_prove(world, &world->findings, &rows, err);
}

vigil_status vg_world_prove(vg_world *world, const vigil_config *config, vigil_error *err)
{
	bool remembers = can_remember(world);
	if (remembers && vg_knowledge_was_proven(world->knowledge, &world->digest))
		return VIGIL_OK;
	size_t errors = world->findings.errors;
	vigil_status status = prove(world, config, err);
	if (status == VIGIL_OK && world->findings.arena.failed)
		status = vg_fail_memory(err);
	if (status == VIGIL_OK && remembers && world->findings.errors == errors)
		vg_knowledge_remember_proof(world->knowledge, &world->digest);
	return status;
}
