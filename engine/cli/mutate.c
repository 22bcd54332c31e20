/*
 * `vigil mutate`: changes of rules that no example would notice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

/* The active Lua rules, or those that are named whatever their status. False: told. */
static int choose_rules(vg_cli *cli, const vg_options *options, const vg_world *world, uint32_t **ret, size_t *ret_count)
{
	const vg_rulebook *book = world->rulebook;
	uint32_t *rules = vg_alloc_array(&cli->arena, book->rule_count + options->arguments.count + 1, sizeof *rules);
	if (!rules)
		return vg_out_of_memory();
	*ret = rules;
	*ret_count = 0;
	for (uint32_t i = 0; options->arguments.count == 0 && i < book->rule_count; i++)
		if (!book->rules[i].family && book->rules[i].status == VG_STATUS_ACTIVE)
			rules[(*ret_count)++] = i;
	for (size_t i = 0; i < options->arguments.count; i++) {
		const char *id = options->arguments.items[i];
		uint32_t number = vg_rule_find(book, id);
		bool row = number == UINT32_MAX ? vg_pair_find_id(world->knowledge, VG_INTERACTIONS, id) != UINT32_MAX ||
						      vg_pair_find_id(world->knowledge, VG_CROSS_REACTIVITY, id) != UINT32_MAX
						: book->rules[number].family != NULL;
		if (row)
			return vg_wrong_use("Rows are proven by generated examples; name a rule of a rule file.",
					    "\"%.100s\" is a row of a table.", id);
		if (number == UINT32_MAX)
			return vg_unknown_rule(cli, world, id);
		rules[(*ret_count)++] = number;
	}
	return VIGIL_OK;
}

static void write_text(vg_cli *cli, const vg_mutation *mutation)
{
	vg_page page;
	vg_grid grid = {.columns = 5};
	static const char *const heads[] = {"Rule", "Examples", "Changes", "Noticed", "Score"};
	size_t changes = 0, noticed = 0;
	vg_page_init(&page, cli);
	for (size_t i = 0; i < VG_COUNT(heads); i++)
		vg_grid_add(&cli->arena, &grid, heads[i]);
	for (size_t i = 0; i < mutation->count; i++) {
		const vg_mutated *item = &mutation->items[i];
		changes += item->changes;
		noticed += item->noticed;
		vg_grid_add(&cli->arena, &grid, item->rule);
		vg_grid_add(&cli->arena, &grid, vg_format(&cli->arena, "%zu", item->examples));
		vg_grid_add(&cli->arena, &grid, vg_format(&cli->arena, "%zu", item->changes));
		vg_grid_add(&cli->arena, &grid, vg_format(&cli->arena, "%zu", item->noticed));
		vg_grid_add(&cli->arena, &grid, vg_format(&cli->arena, "%u %%", vg_mutation_score(item)));
	}
	if (!cli->arena.failed)
		vg_page_grid(&page, 0, &grid);
	for (size_t i = 0; i < mutation->count; i++) {
		const vg_mutated *item = &mutation->items[i];
		if (item->survivor_count) {
			vg_page_line(&page);
			vg_page_add(&page, VG_BOLD, item->rule);
			vg_page_line(&page);
		}
		for (size_t k = 0; k < item->survivor_count; k++)
			vg_page_item(&page, 2, "- ", VG_PLAIN,
				     vg_format(&cli->arena, "No example would notice if %s.  (%s:%d)",
					       item->survivors[k].change, item->survivors[k].place.file,
					       item->survivors[k].place.line));
	}
	vg_page_line(&page);
	vg_page_item(&page, 0, "", VG_PLAIN,
		     vg_format(&cli->arena, "%zu of %zu changes noticed (%zu %%).", noticed, changes,
			       changes ? noticed * 100 / changes : 100));
	vg_print_buffer(cli, &page.out);
}

static void write_json(vg_cli *cli, const vg_mutation *mutation)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_json_writer writer = {&out, false}, *json = &writer;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "schema", "vigil.mutate/1");
	vg_json_open(json, "rules", '[');
	for (size_t i = 0; i < mutation->count; i++) {
		const vg_mutated *item = &mutation->items[i];
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "rule", item->rule);
		vg_json_text(json, "file", item->place.file);
		vg_json_count(json, "examples", item->examples);
		vg_json_count(json, "changes", item->changes);
		vg_json_count(json, "noticed", item->noticed);
		vg_json_count(json, "score", vg_mutation_score(item));
		vg_json_open(json, "survivors", '[');
		for (size_t k = 0; k < item->survivor_count; k++) {
			vg_json_open(json, NULL, '{');
			vg_json_text_always(json, "change", item->survivors[k].change);
			vg_json_text(json, "file", item->survivors[k].place.file);
			vg_json_count(json, "line",
				      item->survivors[k].place.line > 0 ? (uint64_t)item->survivors[k].place.line : 0);
			vg_json_close(json, '}');
		}
		vg_json_close(json, ']');
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_close(json, '}');
	vg_add(&out, "\n");
	vg_print_buffer(cli, &out);
}

static bool read_percent(const char *text, unsigned *ret)
{
	double number;
	*ret = 0;
	if (!text)
		return true;
	if (!vg_parse_number(text, strlen(text), &number) || number < 0 || number > 100)
		return false;
	*ret = (unsigned)number;
	return true;
}

static int mutate(vg_cli *cli, const vg_options *options, vg_world *world)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_mutation mutation;
	uint32_t *rules = NULL;
	size_t count = 0;
	unsigned least;
	if (!read_percent(options->at_least, &least))
		return vg_wrong_use("Write a percentage, such as --at-least 95.", "\"%.40s\" is no percentage.",
				    options->at_least);
	int status = choose_rules(cli, options, world, &rules, &count);
	if (status != VIGIL_OK)
		return status;
	vg_progress progress = vg_terminal_progress(cli, "Changing rules");
	if (vg_mutate(world, rules, count, &progress, &mutation, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	if (strcmp(options->format, "json") == 0)
		write_json(cli, &mutation);
	else
		write_text(cli, &mutation);
	for (size_t i = 0; i < mutation.count; i++)
		if (vg_mutation_score(&mutation.items[i]) < least)
			status = VG_EXIT_FOUND;
	vg_mutation_free(&mutation);
	return status;
}

int vg_command_mutate(vg_cli *cli, const vg_options *options)
{
	vigil_engine *engine;
	int status = vg_open_engine(cli, options, &engine);
	if (status != VIGIL_OK)
		return status;
	vg_world *world = vg_engine_world(engine);
	status = mutate(cli, options, world);
	vg_world_release(world);
	vigil_engine_close(engine);
	return status;
}
