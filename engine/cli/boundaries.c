/*
 * `vigil boundaries`: patients just beside each limit of a rule, with what
 * becomes of each, as a table for a clinician to read and sign; `--write` keeps
 * them as examples.
 *
 * The examples stand at the end of the rule's own file, between two lines of
 * comment; a row's stand in `examples/ID.lua` of its pack.  Writing them again
 * replaces what stands between the lines, so it can be done after each change.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* ---- text and Markdown ------------------------------------------------------------------- */

static const char *place_of(vg_arena *arena, vg_place place)
{
	const char *text = vg_format(arena, "%s:%d", place.file ? place.file : "", place.line);
	return text ? text : "";
}

static const char *replaced_text(vg_cli *cli, const vg_boundaries *all)
{
	return vg_format(&cli->arena, "%s decides in its place: see its boundaries.", all->replaced_by);
}

static void write_text(vg_cli *cli, const vg_boundaries *all)
{
	vg_page page;
	char today[16];
	vg_page_init(&page, cli);
	vg_page_add(&page, VG_BOLD, all->rule);
	vg_page_line(&page);
	vg_page_item(&page, 0, "", VG_PLAIN,
		     vg_format(&cli->arena, "%s  (%s), as of %s", all->title ? all->title : "",
			       place_of(&cli->arena, all->place), vg_day_text(all->today, today)));
	if (all->replaced_by)
		vg_page_item(&page, 0, "! ", VG_YELLOW, replaced_text(cli, all));
	for (size_t i = 0; i < all->count; i++) {
		const vg_boundary *item = &all->items[i];
		vg_grid grid = {.columns = 3};
		vg_page_line(&page);
		vg_page_item(&page, 0, "", VG_PLAIN,
			     vg_format(&cli->arena, "%s: %s  [limit %s, line %d]", item->part, item->sentence, item->limit,
				       item->place.line));
		for (size_t k = 0; k < item->count; k++) {
			vg_grid_add(&cli->arena, &grid, item->edges[k].what);
			vg_grid_add(&cli->arena, &grid, item->edges[k].outcome);
			vg_grid_add(&cli->arena, &grid, item->edges[k].says);
		}
		if (cli->arena.failed)
			return;
		vg_page_grid(&page, 2, &grid);
		if (!item->decides)
			vg_page_item(&page, 2, "! ", VG_YELLOW,
				     "The same on both sides: something else decides for these patients.");
	}
	if (all->count == 0)
		vg_page_item(&page, 0, "", VG_PLAIN, "No limit was found in it.");
	for (size_t i = 0; i < all->untried_count; i++)
		vg_page_item(&page, 0, "Not tried: ", VG_YELLOW, all->untried[i]);
	vg_print_buffer(cli, &page.out);
}

/* A cell of a Markdown table. */
static void add_cell(vg_buffer *out, const char *text)
{
	vg_add(out, "| ");
	vg_add_cell(out, text);
	vg_add(out, " ");
}

static void write_markdown(vg_cli *cli, const vg_boundaries *all)
{
	vg_buffer buffer, *out = &buffer;
	char today[16];
	vg_buffer_init(out, &cli->arena);
	vg_addf(out, "# Boundaries of `%s`\n\n%s. As of %s, %s.\n\n", all->rule, all->title ? all->title : "",
		vg_day_text(all->today, today), place_of(&cli->arena, all->place));
	if (all->replaced_by)
		vg_addf(out, "**%s**\n\n", replaced_text(cli, all));
	vg_add(out, "| Condition | Limit | Patient | Outcome | Because | Right? |\n| --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < all->count; i++)
		for (size_t k = 0; k < all->items[i].count; k++) {
			add_cell(out, vg_format(&cli->arena, "%s: %s", all->items[i].part, all->items[i].sentence));
			add_cell(out, all->items[i].limit);
			add_cell(out, all->items[i].edges[k].what);
			add_cell(out, all->items[i].edges[k].outcome);
			add_cell(out, all->items[i].edges[k].says);
			vg_add(out, "| ☐ |\n");
		}
	for (size_t i = 0; i < all->untried_count; i++)
		vg_addf(out, "%s- Not tried: %s\n", i ? "" : "\n", all->untried[i]);
	vg_add(out, "\nRead and found right by: ______________________  Date: ____________\n");
	vg_print_buffer(cli, out);
}

/* ---- HTML ------------------------------------------------------------------------------------ */

static void add_html(vg_buffer *out, const char *text)
{
	static const struct {
		char byte;
		const char *text;
	} entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}};
	for (; *text; text++) {
		const char *entity = NULL;
		for (size_t i = 0; i < VG_COUNT(entities); i++)
			if (entities[i].byte == *text)
				entity = entities[i].text;
		if (entity)
			vg_add(out, entity);
		else
			vg_add_byte(out, (unsigned char)*text < 0x20 ? ' ' : *text);
	}
}

static void add_html_cell(vg_buffer *out, const char *open, const char *text)
{
	vg_add(out, open);
	add_html(out, text);
	vg_add(out, "</td>");
}

static void write_html(vg_cli *cli, const vg_boundaries *all)
{
	static const char head[] =
	    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>\n"
	    "body { font: 15px/1.45 system-ui, sans-serif; color: #1b1f24; margin: 2rem auto; max-width: 60rem; padding: 0 "
	    "1rem }\n"
	    "table { border-collapse: collapse; width: 100% } caption { text-align: left; padding: .5rem 0; color: #57606a }\n"
	    "th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid #d0d7de }\n"
	    "tbody th { padding-top: 1.2rem; font-weight: 600 } .says { color: #57606a } .box { white-space: nowrap }\n"
	    ".sign { margin-top: 2.5rem; border-top: 1px solid #1b1f24; padding-top: .3rem; width: 24rem }\n"
	    "@media print { body { margin: 0; max-width: none } tr { break-inside: avoid } }\n</style>\n<title>Boundaries of ";
	vg_buffer buffer, *out = &buffer;
	char today[16];
	vg_buffer_init(out, &cli->arena);
	vg_add(out, head);
	add_html(out, all->rule);
	vg_add(out, "</title></head><body>\n<h1>");
	add_html(out, all->title && *all->title ? all->title : all->rule);
	vg_add(out, "</h1>\n<table>\n<caption>Patients just beside each limit of the rule <code>");
	add_html(out, all->rule);
	vg_addf(out, "</code>, as of %s. ", vg_day_text(all->today, today));
	add_html(out, place_of(&cli->arena, all->place));
	if (all->replaced_by) {
		vg_add(out, " ");
		add_html(out, replaced_text(cli, all));
	}
	vg_add(out, "</caption>\n<thead><tr><th scope=\"col\">Patient</th><th scope=\"col\">Outcome</th>"
		    "<th scope=\"col\">Because</th><th scope=\"col\">Right?</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < all->count; i++) {
		const vg_boundary *item = &all->items[i];
		vg_add(out, "<tr><th scope=\"rowgroup\" colspan=\"4\">");
		add_html(out, vg_format(&cli->arena, "%s: %s (limit %s)", item->part, item->sentence, item->limit));
		vg_add(out, "</th></tr>\n");
		for (size_t k = 0; k < item->count; k++) {
			add_html_cell(out, "<tr><td>", item->edges[k].what);
			add_html_cell(out, "<td>", item->edges[k].outcome);
			add_html_cell(out, "<td class=\"says\">", item->edges[k].says);
			vg_add(out, "<td class=\"box\">☐ yes ☐ no</td></tr>\n");
		}
	}
	vg_add(out, "</tbody></table>\n");
	for (size_t i = 0; i < all->untried_count; i++) {
		vg_add(out, "<p>Not tried: ");
		add_html(out, all->untried[i]);
		vg_add(out, "</p>\n");
	}
	vg_add(out, "<p class=\"sign\">Read by, date</p>\n</body></html>\n");
	vg_print_buffer(cli, out);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static void write_json(vg_cli *cli, const vg_boundaries *all)
{
	vg_buffer out;
	char today[16];
	vg_buffer_init(&out, &cli->arena);
	vg_json_writer writer = {&out, false}, *json = &writer;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "schema", "vigil.boundaries/1");
	vg_json_text_always(json, "rule", all->rule);
	vg_json_text(json, "replaced_by", all->replaced_by);
	vg_json_text_always(json, "as_of", vg_day_text(all->today, today));
	vg_json_open(json, "limits", '[');
	for (size_t i = 0; i < all->count; i++) {
		const vg_boundary *item = &all->items[i];
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "part", item->part);
		vg_json_text_always(json, "condition", item->sentence);
		vg_json_text_always(json, "limit", item->limit);
		vg_json_text(json, "file", item->place.file);
		vg_json_count(json, "line", item->place.line > 0 ? (uint64_t)item->place.line : 0);
		vg_json_boolean(json, "decides", item->decides);
		vg_json_open(json, "patients", '[');
		for (size_t k = 0; k < item->count; k++) {
			vg_json_open(json, NULL, '{');
			vg_json_text_always(json, "patient", item->edges[k].what);
			vg_json_text_always(json, "outcome", item->edges[k].outcome);
			vg_json_text_always(json, "because", item->edges[k].says);
			vg_json_text_always(json, "given", item->edges[k].given);
			vg_json_text_always(json, "expect", item->edges[k].expect);
			vg_json_close(json, '}');
		}
		vg_json_close(json, ']');
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_texts(json, "not_tried", all->untried, all->untried_count);
	vg_json_close(json, '}');
	vg_add(&out, "\n");
	vg_print_buffer(cli, &out);
}

/* ---- examples --------------------------------------------------------------------------------- */

/* The file in which the examples of a rule belong. */
static const char *examples_file(vg_cli *cli, const vg_boundaries *all)
{
	const char *file = all->place.file;
	if (!all->row)
		return file;
	for (int up = 0; up < 2; up++) { /* out of tables/ */
		const char *slash = strrchr(file, '/');
		file = slash ? vg_copy_text(&cli->arena, file, (size_t)(slash - file)) : ".";
		if (!file)
			return NULL;
	}
	return vg_format(&cli->arena, "%s/examples/%s.lua", file, all->rule);
}

/* Text with the examples in their place: instead of those that were written before, else at the end. */
static const char *with_examples(vg_cli *cli, const vg_boundaries *all, const char *text)
{
	vg_buffer out;
	const char *examples = vg_boundary_examples(all, &cli->arena);
	const char *first =
	    vg_format(&cli->arena, "-- Boundaries of %s: made by `vigil boundaries %s --write`.\n", all->rule, all->rule);
	const char *last = vg_format(&cli->arena, "-- End of the boundaries of %s.\n", all->rule);
	if (!examples || !first || !last)
		return NULL;
	const char *from = strstr(text, first), *to = from ? strstr(from, last) : NULL;
	size_t head = to ? (size_t)(from - text) : strlen(text);
	vg_buffer_init(&out, &cli->arena);
	vg_add_bytes(&out, text, head);
	if (!to && head)
		vg_add(&out, text[head - 1] == '\n' ? "\n" : "\n\n");
	vg_add(&out, first);
	vg_add(&out, examples);
	vg_add(&out, last);
	vg_add(&out, to ? to + strlen(last) : "");
	return vg_buffer_text(&out);
}

static int write_examples(vg_cli *cli, const vg_boundaries *all)
{
	vigil_error error = VIGIL_ERROR_INIT;
	const char *path = examples_file(cli, all);
	char *text = NULL;
	size_t length = 0;
	if (!path)
		return vg_out_of_memory();
	if (all->count == 0) {
		fprintf(stderr, "vigil: %s has no limit, so no example was written.\n", all->rule);
		return VIGIL_OK;
	}
	vigil_status status = all->row ? VIGIL_OK : vg_read_file(&cli->arena, path, 0, &text, &length, &error);
	if (status != VIGIL_OK)
		return vg_tell_error(&error);
	const char *changed = with_examples(cli, all, text ? text : "");
	if (!changed)
		return vg_out_of_memory();
	bool same = text && strcmp(text, changed) == 0;
	if (!same && vg_write_file(cli, path, changed, strlen(changed), &error) != VIGIL_OK)
		return vg_tell_error(&error);
	fprintf(stderr, "vigil: %s %s\n", path, same ? "has them already" : "has them now");
	return VIGIL_OK;
}

/* ---- the command ------------------------------------------------------------------------------- */

static int tell(vg_cli *cli, const vg_options *options, vg_world *world)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_boundaries all;
	const char *id = options->arguments.items[0], *as_of = options->as_of ? options->as_of : "2026-03-01";
	vg_when when;
	if (!vg_date_parse(as_of, strlen(as_of), &when) || when.first != when.last)
		return vg_wrong_use("Write a day: --as-of 2026-03-01.", "\"%.40s\" is no day.", as_of);
	if (vg_rule_find(world->rulebook, id) == UINT32_MAX &&
	    vg_pair_find_id(world->knowledge, VG_INTERACTIONS, id) == UINT32_MAX &&
	    vg_pair_find_id(world->knowledge, VG_CROSS_REACTIVITY, id) == UINT32_MAX)
		return vg_unknown_rule(cli, world, id);
	if (vg_boundaries_make(world, id, when.first, &all, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	if (strcmp(options->format, "json") == 0)
		write_json(cli, &all);
	else if (strcmp(options->format, "html") == 0)
		write_html(cli, &all);
	else if (strcmp(options->format, "markdown") == 0)
		write_markdown(cli, &all);
	else
		write_text(cli, &all);
	int status = options->write ? write_examples(cli, &all) : VIGIL_OK;
	vg_boundaries_free(&all);
	return status;
}

int vg_command_boundaries(vg_cli *cli, const vg_options *options)
{
	vigil_engine *engine;
	int status = vg_open_engine(cli, options, &engine);
	if (status != VIGIL_OK)
		return status;
	vg_world *world = vg_engine_world(engine);
	status = tell(cli, options, world);
	vg_world_release(world);
	vigil_engine_close(engine);
	return status;
}
