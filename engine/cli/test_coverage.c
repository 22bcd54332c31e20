/*
 * `vigil test --coverage`: which conditions of each rule its examples show.
 *
 * A table of rules first, then, rule by rule, the examples that are missing.
 */
#include <string.h>

#include "cli/cli.h"

static const vg_rule_coverage **choose(vg_cli *cli, const vg_options *options, const vg_coverage *coverage, size_t *ret_count)
{
	const vg_rule_coverage **chosen = vg_alloc_array(&cli->arena, coverage->count + 1, sizeof *chosen);
	*ret_count = 0;
	for (size_t i = 0; chosen && i < coverage->count; i++)
		if (vg_below_arguments(options, coverage->items[i].place.file))
			chosen[(*ret_count)++] = &coverage->items[i];
	return chosen;
}

static const char *of(vg_cli *cli, size_t part, size_t whole)
{
	const char *text = vg_format(&cli->arena, "%zu of %zu", part, whole);
	return text ? text : "";
}

static void write_missing(vg_cli *cli, vg_page *page, const vg_rule_coverage *item)
{
	if (item->alone == item->count)
		return;
	vg_page_line(page);
	vg_page_add(page, VG_BOLD, item->rule);
	vg_page_line(page);
	if (item->examples == 0)
		vg_page_item(page, 2, "- ", VG_PLAIN, "No passing example says anything about it.");
	for (size_t i = 0; item->examples && i < item->count; i++) {
		const vg_covered *condition = &item->conditions[i];
		const char *text = vg_missing_example(condition, &cli->arena);
		if (text)
			vg_page_item(page, 2, "- ", VG_PLAIN,
				     vg_format(&cli->arena, "%s  (%s, %s:%d)", text, condition->part, condition->place.file,
					       condition->place.line));
	}
}

void vg_write_coverage_text(vg_cli *cli, const vg_options *options, vg_page *page, const vg_coverage *coverage)
{
	size_t count, conditions = 0, both = 0, alone = 0;
	const vg_rule_coverage **items = choose(cli, options, coverage, &count);
	vg_grid grid = {.columns = 5};
	static const char *const heads[] = {"Rule", "Examples", "True and false", "Decides alone", "Where"};
	for (size_t i = 0; i < VG_COUNT(heads); i++)
		vg_grid_add(&cli->arena, &grid, heads[i]);
	for (size_t i = 0; items && i < count; i++) {
		const vg_rule_coverage *item = items[i];
		conditions += item->count;
		both += item->both;
		alone += item->alone;
		vg_grid_add(&cli->arena, &grid, item->rule);
		vg_grid_add(&cli->arena, &grid, vg_format(&cli->arena, "%zu", item->examples));
		vg_grid_add(&cli->arena, &grid, of(cli, item->both, item->count));
		vg_grid_add(&cli->arena, &grid, of(cli, item->alone, item->count));
		vg_grid_add(&cli->arena, &grid, vg_format(&cli->arena, "%s:%d", item->place.file, item->place.line));
	}
	vg_page_line(page);
	if (cli->arena.failed)
		return;
	vg_page_grid(page, 0, &grid);
	for (size_t i = 0; i < count; i++)
		write_missing(cli, page, items[i]);
	vg_page_line(page);
	vg_page_item(
	    page, 0, "", VG_PLAIN,
	    vg_format(&cli->arena,
		      "Of %zu conditions, %zu were both true and false in examples (%zu %%), %zu decided alone (%zu %%).",
		      conditions, both, conditions ? both * 100 / conditions : 100, alone,
		      conditions ? alone * 100 / conditions : 100));
}

void vg_write_coverage_json(vg_cli *cli, const vg_options *options, vg_json_writer *json, const vg_coverage *coverage)
{
	size_t count;
	const vg_rule_coverage **items = choose(cli, options, coverage, &count);
	vg_json_open(json, "coverage", '[');
	for (size_t i = 0; items && i < count; i++) {
		const vg_rule_coverage *item = items[i];
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "rule", item->rule);
		vg_json_text(json, "file", item->place.file);
		vg_json_count(json, "examples", item->examples);
		vg_json_count(json, "both", item->both);
		vg_json_count(json, "alone", item->alone);
		vg_json_open(json, "conditions", '[');
		for (size_t k = 0; k < item->count; k++) {
			const vg_covered *condition = &item->conditions[k];
			vg_json_open(json, NULL, '{');
			vg_json_text_always(json, "part", condition->part);
			vg_json_text_always(json, "condition", condition->sentence);
			vg_json_count(json, "line", condition->place.line > 0 ? (uint64_t)condition->place.line : 0);
			vg_json_boolean(json, "was_true", condition->was_true);
			vg_json_boolean(json, "was_false", condition->was_false);
			vg_json_boolean(json, "was_unknown", condition->was_unknown);
			vg_json_boolean(json, "decided_true", condition->alone_true);
			vg_json_boolean(json, "decided_false", condition->alone_false);
			vg_json_text(json, "missing", vg_missing_example(condition, &cli->arena));
			vg_json_close(json, '}');
		}
		vg_json_close(json, ']');
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
}
