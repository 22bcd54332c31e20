/*
 * `vigil show` without a rule: every rule and row with its kind, severity and
 * status, in JSON and Markdown with all that governs it; and "did you mean" for a
 * rule that is not among them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

typedef struct entry { /* texts are borrowed; "" or NULL where nothing is given */
	const char *id, *kind, *severity, *status, *title, *owner, *review_by, *evidence, *publisher, *year, *grade, *url,
	    *source, *verified, *table, *file;
	int line;
	uint32_t pack;
	bool age, sex;
} entry;

static int by_id(const void *a, const void *b) { return strcmp(((const entry *)a)->id, ((const entry *)b)->id); }

static size_t add_rows(vg_cli *cli, const vg_world *world, vg_family family, entry *entries)
{
	bool allergy = family == VG_CROSS_REACTIVITY;
	size_t count = vg_pair_count(world->knowledge, family);
	for (size_t i = 0; i < count; i++) {
		vg_pair_row row;
		vg_pair_get(world->knowledge, family, (uint32_t)i, &row);
		const char *title = row.title;
		if (!*title)
			title = vg_format(&cli->arena, "%s with %s", vg_set_name(world->knowledge, row.a),
					  vg_set_name(world->knowledge, row.b));
		entries[i] = (entry){.id = row.id,
				     .kind = vg_rule_kind_name(allergy ? VG_KIND_ALLERGY : VG_KIND_INTERACTION),
				     .severity = row.silent ? "silent" : vg_severity_name(row.severity),
				     .status = vg_rule_status_name(row.status),
				     .title = title ? title : "",
				     .owner = row.owner,
				     .review_by = row.review_by,
				     .evidence = row.evidence,
				     .publisher = row.publisher,
				     .year = row.year,
				     .grade = row.grade,
				     .url = row.url,
				     .source = row.source,
				     .verified = row.verified,
				     .table = allergy ? "cross_reactivity" : "interactions",
				     .file = row.place.file,
				     .line = row.place.line,
				     .pack = row.pack};
		for (uint32_t j = row.first_case; j < row.first_case + row.case_count; j++)
			vg_node_needs(world->rulebook, world->rulebook->pair_case_nodes[j], &entries[i].age, &entries[i].sex);
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
		const vg_evidence_source *evidence = &rule->evidence;
		entries[count++] = (entry){.id = rule->id,
					   .kind = vg_rule_kind_name((vg_rule_kind)rule->kind),
					   .severity = vg_severity_name((vigil_severity)rule->severity),
					   .status = vg_rule_status_name((vg_rule_status)rule->status),
					   .title = rule->title,
					   .owner = rule->owner,
					   .review_by = rule->review_by,
					   .evidence = evidence->title,
					   .publisher = evidence->publisher,
					   .year = evidence->year,
					   .grade = evidence->grade,
					   .url = evidence->url,
					   .source = evidence->source,
					   .verified = evidence->verified,
					   .table = rule->family,
					   .file = rule->place.file,
					   .line = rule->place.line,
					   .pack = rule->pack,
					   .age = rule->uses_age,
					   .sex = rule->uses_sex};
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

static const char *pack_name(const vg_world *world, uint32_t pack)
{
	return pack < world->pack_count ? world->packs[pack].name : "imported";
}

static void write_json(vg_cli *cli, const vg_world *world, const entry *entries, size_t count)
{
	static const char *const attributes[] = {"age", "sex"};
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_json_writer json = {&out, false};
	vg_json_open(&json, NULL, '{');
	vg_json_text_always(&json, "schema", "vigil.rules/1");
	vg_json_open(&json, "rules", '[');
	for (size_t i = 0; i < count; i++) {
		const entry *item = &entries[i];
		vg_json_open(&json, NULL, '{');
		vg_json_text_always(&json, "rule", item->id);
		vg_json_text_always(&json, "kind", item->kind);
		vg_json_text_always(&json, "severity", item->severity);
		vg_json_text_always(&json, "status", item->status);
		vg_json_text_always(&json, "title", item->title);
		vg_json_text(&json, "owner", item->owner);
		vg_json_text(&json, "review_by", item->review_by);
		vg_json_open(&json, "evidence", '{');
		vg_json_text(&json, "title", item->evidence);
		vg_json_text(&json, "publisher", item->publisher);
		vg_json_text(&json, "year", item->year);
		vg_json_text(&json, "grade", item->grade);
		vg_json_text(&json, "url", item->url);
		vg_json_text(&json, "source", item->source);
		vg_json_text(&json, "verified", item->verified);
		vg_json_close(&json, '}');
		vg_json_texts(&json, "attributes", attributes + !item->age, (size_t)item->age + (size_t)item->sex);
		vg_json_text(&json, "table", item->table);
		vg_json_text_always(&json, "pack", pack_name(world, item->pack));
		vg_json_text(&json, "file", item->file);
		if (item->line > 0)
			vg_json_count(&json, "line", (size_t)item->line);
		vg_json_close(&json, '}');
	}
	vg_json_close(&json, ']');
	vg_json_close(&json, '}');
	vg_add(&out, "\n");
	vg_print_buffer(cli, &out);
}

/* ---- the catalogue: docs/catalogue.md is this page of the starter pack ------------------- */

void vg_add_cell(vg_buffer *out, const char *text)
{
	for (; text && *text; text++) {
		if (strchr("|\\`*_<>[]", *text))
			vg_add(out, "\\");
		vg_add_byte(out, *text == '\n' || *text == '\r' ? ' ' : *text);
	}
}

static void add_cell(vg_buffer *out, const char *text)
{
	vg_add_cell(out, text);
	vg_add(out, " | ");
}

static void add_evidence(vg_buffer *out, vg_cli *cli, const entry *item)
{
	const char *const texts[] = {item->evidence, item->publisher, item->year, item->grade, item->url};
	vg_buffer joined;
	vg_buffer_init(&joined, &cli->arena);
	for (size_t i = 0; i < VG_COUNT(texts); i++)
		if (texts[i] && *texts[i])
			vg_addf(&joined, "%s%s", joined.length ? "; " : "", texts[i]);
	add_cell(out, vg_buffer_text(&joined));
}

static void write_markdown(vg_cli *cli, const vg_world *world, const entry *entries, size_t count)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_addf(&out,
		"# Catalogue of rules and rows\n\n%zu rules and rows. Written by `vigil show --format markdown`; not edited by "
		"hand.\n",
		count);
	for (int kind = 0; kind <= VG_KIND_RULE; kind++) {
		const char *name = vg_rule_kind_name((vg_rule_kind)kind);
		bool any = false;
		for (size_t i = 0; i < count; i++) {
			const entry *item = &entries[i];
			if (strcmp(item->kind, name) != 0)
				continue;
			if (!any)
				vg_addf(&out,
					"\n## %s\n\n| id | title | severity | status | owner | review by | evidence | verified "
					"| uses | pack |\n"
					"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
					name);
			any = true;
			vg_add(&out, "| ");
			const char *const cells[] = {item->id,     item->title, item->severity,
						     item->status, item->owner, item->review_by};
			for (size_t j = 0; j < VG_COUNT(cells); j++)
				add_cell(&out, cells[j]);
			add_evidence(&out, cli, item);
			add_cell(&out, item->verified);
			add_cell(&out, item->age && item->sex ? "age, sex" : item->age ? "age" : item->sex ? "sex" : "");
			vg_addf(&out, "%s |\n", pack_name(world, item->pack));
		}
	}
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
		write_json(cli, world, entries, count);
		return VIGIL_OK;
	}
	if (strcmp(options->format, "markdown") == 0) {
		write_markdown(cli, world, entries, count);
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
