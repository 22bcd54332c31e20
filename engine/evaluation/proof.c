/*
 * Proof: nothing of the packs runs that no example has shown to work.
 *
 * The packs' examples are run and judged, which withdraws active rules without
 * passing examples; then each active row of the pair tables is proven by
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

static vigil_status prove(vg_world *world, vigil_error *err)
{
	vg_example_report report;
	vigil_status status = vg_examples_run(world, NULL, &report, err);
	if (status != VIGIL_OK)
		return status;
	status = vg_examples_judge(world, &report, &world->findings, err);
	vg_example_report_free(&report);
	size_t rows;
	return status == VIGIL_OK ? vg_rows_prove(world, &world->findings, &rows, err) : status;
}

vigil_status vg_world_prove(vg_world *world, vigil_error *err)
{
	bool remembers = can_remember(world);
	if (remembers && vg_knowledge_was_proven(world->knowledge, &world->digest))
		return VIGIL_OK;
	size_t errors = world->findings.errors;
	vigil_status status = prove(world, err);
	if (status == VIGIL_OK && world->findings.arena.failed)
		status = vg_fail_memory(err);
	if (status == VIGIL_OK && remembers && world->findings.errors == errors)
		vg_knowledge_remember_proof(world->knowledge, &world->digest);
	return status;
}
