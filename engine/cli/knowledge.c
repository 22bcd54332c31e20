/*
 * `vigil knowledge info`: which tables, sets and codes are loaded, from where.
 */
#include <stdio.h>
#include <string.h>

#include "cli/import.h"

static const struct {
	const char *uri, *label;
} systems[] = {
#define X(name, label, uri, others) {uri, label},
#include "knowledge/systems.def"
#undef X
};
enum { SYSTEM_COUNT = VG_COUNT(systems) };

static const char *const tables[] = {"ingredients",      "products",          "allergens",        "panels",
				     "analytes",         "interactions",      "cross_reactivity", "pair_cases",
				     "retest_intervals", "duplicate_therapy", "drug_lab_disease", "max_daily_dose"};

static size_t row_count(const vg_knowledge *knowledge, const char *name)
{
	if (strcmp(name, "interactions") == 0)
		return vg_pair_count(knowledge, VG_INTERACTIONS);
	if (strcmp(name, "cross_reactivity") == 0)
		return vg_pair_count(knowledge, VG_CROSS_REACTIVITY);
	const vg_table *table = vg_knowledge_table(knowledge, name);
	return table ? table->row_count : 0;
}

/* Codes of each known system; the last count is of all others. */
static void count_codes(const vg_knowledge *knowledge, size_t counts[SYSTEM_COUNT + 1])
{
	memset(counts, 0, (SYSTEM_COUNT + 1) * sizeof *counts);
	for (size_t i = 1; i <= vg_concept_count(knowledge); i++) {
		const char *system = vg_concept_system(knowledge, (vg_concept)i);
		size_t at = 0;
		while (at < SYSTEM_COUNT && strcmp(system, systems[at].uri) != 0)
			at++;
		counts[at]++;
	}
}

static void write_json(vg_buffer *out, const vg_world *world, const size_t counts[SYSTEM_COUNT + 1])
{
	vg_json_writer writer = {out, false}, *json = &writer;
	char digest[65];
	vg_digest_text(vg_knowledge_digest(world->knowledge), digest);
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "schema", "vigil.knowledge/1");
	vg_json_text_always(json, "digest", digest);
	vg_json_open(json, "packs", '[');
	for (size_t i = 0; i < world->pack_count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "name", world->packs[i].name);
		vg_json_text_always(json, "version", world->packs[i].version);
		vg_json_text_always(json, "folder", world->packs[i].folder);
		vg_json_text_always(json, "digest", world->pack_digests[i]);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_open(json, "codes", '{');
	for (size_t i = 0; i < SYSTEM_COUNT; i++)
		if (counts[i])
			vg_json_count(json, systems[i].uri, counts[i]);
	vg_json_count(json, "other", counts[SYSTEM_COUNT]);
	vg_json_close(json, '}');
	vg_json_count(json, "sets", vg_set_count(world->knowledge));
	vg_json_open(json, "tables", '{');
	for (size_t i = 0; i < VG_COUNT(tables); i++)
		if (row_count(world->knowledge, tables[i]))
			vg_json_count(json, tables[i], row_count(world->knowledge, tables[i]));
	vg_json_close(json, '}');
	vg_json_count(json, "rules", world->rulebook->rule_count);
	vg_json_close(json, '}');
	vg_add(out, "\n");
}

static void add_count(vg_cli *cli, vg_grid *grid, const char *label, size_t count)
{
	vg_grid_add(&cli->arena, grid, label);
	vg_grid_add(&cli->arena, grid, vg_format(&cli->arena, "%zu", count));
}

static void write_text(vg_cli *cli, vg_page *page, const vg_world *world, const size_t counts[SYSTEM_COUNT + 1])
{
	char digest[65];
	vg_grid grid = {.columns = 2};
	vg_digest_text(vg_knowledge_digest(world->knowledge), digest);
	for (size_t i = 0; i < world->pack_count; i++)
		vg_page_field(page, 0, i ? "" : "Packs",
			      vg_format(&cli->arena, "%s %s (%s), %.12s", world->packs[i].name, world->packs[i].version,
					world->packs[i].folder, world->pack_digests[i]));
	vg_page_field(page, 0, "Digest", digest);
	vg_page_line(page);
	for (size_t i = 0; i < SYSTEM_COUNT; i++)
		if (counts[i])
			add_count(cli, &grid, vg_format(&cli->arena, "%s codes", systems[i].label), counts[i]);
	if (counts[SYSTEM_COUNT])
		add_count(cli, &grid, "other codes", counts[SYSTEM_COUNT]);
	add_count(cli, &grid, "sets", vg_set_count(world->knowledge));
	for (size_t i = 0; i < VG_COUNT(tables); i++)
		if (row_count(world->knowledge, tables[i]))
			add_count(cli, &grid, vg_format(&cli->arena, "rows of %s", tables[i]),
				  row_count(world->knowledge, tables[i]));
	add_count(cli, &grid, "rules", world->rulebook->rule_count);
	vg_page_grid(page, 0, &grid);
}

int vg_command_knowledge(vg_cli *cli, const vg_options *options)
{
	const char *what = options->arguments.items[0];
	vigil_engine *engine = NULL;
	size_t counts[SYSTEM_COUNT + 1];
	vg_page page;
	if (strcmp(what, "import") == 0 || strcmp(what, "list-imports") == 0 || strcmp(what, "remove") == 0)
		return vg_command_import(cli, options);
	if (strcmp(what, "info") != 0 || options->arguments.count != 1)
		return vg_wrong_use("Usage: vigil knowledge info, import, list-imports or remove",
				    "`vigil knowledge` does not know \"%.40s\".", what);
	int status = vg_open_engine(cli, options, &engine);
	if (status != VIGIL_OK)
		return status;
	vg_world *world = vg_engine_world(engine);
	count_codes(world->knowledge, counts);
	vg_page_init(&page, cli);
	if (strcmp(options->format, "json") == 0)
		write_json(&page.out, world, counts);
	else
		write_text(cli, &page, world, counts);
	vg_print_buffer(cli, &page.out);
	vg_world_release(world);
	vigil_engine_close(engine);
	return VIGIL_OK;
}
