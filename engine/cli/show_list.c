/*
 * `vigil show` without a rule: every rule and row with its kind, severity and
 * status; and "did you mean" for a rule that is not among them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

typedef struct entry {
	const char *id, *kind, *severity, *status, *title;
} entry;

static int by_id(const void *a, const void *b) { return strcmp(((const entry *)a)->id, ((const entry *)b)->id); }

static size_t add_rows(vg_cli *cli, const vg_world *world, vg_family family, entry *entries)
{
	size_t count = vg_pair_count(world->knowledge, family);
	for (size_t i = 0; i < count; i++) {
		vg_pair_row row;
		vg_pair_get(world->knowledge, family, (uint32_t)i, &row);
		const char *title = row.title;
		if (!*title)
			title = vg_format(&cli->arena, "%s with %s", vg_set_name(world->knowledge, row.a),
					  vg_set_name(world->knowledge, row.b));
		entries[i] =
		    (entry){row.id, vg_rule_kind_name(family == VG_INTERACTIONS ? VG_KIND_INTERACTION : VG_KIND_ALLERGY),
			    row.silent ? "silent" : vg_severity_name(row.severity), vg_rule_status_name(row.status),
			    title ? title : ""};
	}
	return count;
}

/* All rules and rows, by id.  NULL when memory ran out. */
static entry *list_entries(vg_cli *cli, const vg_world *world, size_t *ret_count)
{
	const vg_rulebook *rulebook = world->rulebook;
	size_t most = rulebook->rule_count + vg_pair_count(world->knowledge, VG_INTERACTIONS) +
		      vg_pair_count(world->knowledge, VG_CROSS_REACTIVITY);
	entry *entries = vg_alloc_array(&cli->arena, most, sizeof *entries);
	size_t count = 0;
	if (!entries)
		return NULL;
	for (uint32_t i = 0; i < rulebook->rule_count; i++) {
		const vg_rule *rule = &rulebook->rules[i];
		entries[count++] = (entry){rule->id, vg_rule_kind_name((vg_rule_kind)rule->kind),
					   vg_severity_name((vigil_severity)rule->severity),
					   vg_rule_status_name((vg_rule_status)rule->status), rule->title};
	}
	count += add_rows(cli, world, VG_INTERACTIONS, entries + count);
	count += add_rows(cli, world, VG_CROSS_REACTIVITY, entries + count);
	qsort(entries, count, sizeof *entries, by_id);
	*ret_count = count;
	return entries;
}

int vg_unknown_rule(vg_cli *cli, const vg_world *world, const char *id)
{
	size_t count;
	char advice[192] = "`vigil show` lists all rules.";
	entry *entries = list_entries(cli, world, &count);
	const char **ids = entries ? vg_alloc_array(&cli->arena, count, sizeof *ids) : NULL;
	if (!ids)
		return vg_out_of_memory();
	for (size_t i = 0; i < count; i++)
		ids[i] = entries[i].id;
	const char *nearest = vg_nearest(id, ids, count);
	if (nearest)
		snprintf(advice, sizeof advice, "Did you mean %.120s? `vigil show` lists all rules.", nearest);
	return vg_wrong_use(advice, "There is no rule \"%.100s\".", id);
}

static void write_json(vg_cli *cli, const entry *entries, size_t count)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_json_writer json = {&out, false};
	vg_json_open(&json, NULL, '{');
	vg_json_text_always(&json, "schema", "vigil.rules/1");
	vg_json_open(&json, "rules", '[');
	for (size_t i = 0; i < count; i++) {
		vg_json_open(&json, NULL, '{');
		vg_json_text_always(&json, "rule", entries[i].id);
		vg_json_text_always(&json, "kind", entries[i].kind);
		vg_json_text_always(&json, "severity", entries[i].severity);
		vg_json_text_always(&json, "status", entries[i].status);
		vg_json_text_always(&json, "title", entries[i].title);
		vg_json_close(&json, '}');
	}
	vg_json_close(&json, ']');
	vg_json_close(&json, '}');
	vg_add(&out, "\n");
	vg_print_buffer(cli, &out);
}

int vg_show_all(vg_cli *cli, const vg_options *options, const vg_world *world)
{
	size_t count;
	entry *entries = list_entries(cli, world, &count);
	vg_grid grid = {.columns = 5};
	vg_page page;
	if (!entries)
		return vg_out_of_memory();
	if (strcmp(options->format, "json") == 0) {
		write_json(cli, entries, count);
		return VIGIL_OK;
	}
	for (size_t i = 0; i < count; i++) {
		const char *const cells[] = {entries[i].id, entries[i].kind, entries[i].severity, entries[i].status,
					     entries[i].title};
		for (size_t j = 0; j < VG_COUNT(cells); j++)
			vg_grid_add(&cli->arena, &grid, cells[j]);
	}
	vg_page_init(&page, cli);
	vg_page_grid(&page, 0, &grid);
	vg_print_buffer(cli, &page.out);
	return VIGIL_OK;
}
