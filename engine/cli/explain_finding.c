/*
 * `vigil lint --explain CODE`: what a finding means, with a wrong and a right
 * example; and `--explain all --format markdown`, the page of all of them,
 * which docs/findings.md is.
 */
#include <string.h>

#include "cli/cli.h"

/* ---- one, for people and for machines ---------------------------------------------- */

static void add_code(vg_page *page, const char *title, const char *text)
{
	vg_page_line(page);
	vg_page_add(page, VG_BOLD, title);
	vg_page_line(page);
	while (*text) {
		size_t length = strcspn(text, "\n");
		vg_page_blanks(page, 4);
		vg_page_add(page, VG_PLAIN, vg_copy_text(page->out.arena, text, length));
		vg_page_line(page);
		text += length + (text[length] == '\n');
	}
}

static void explain_text(vg_page *page, const vg_finding_kind *kind)
{
	vg_page_add(page, VG_BOLD,
		    vg_format(page->out.arena, "%s, %s: %s", kind->code, vg_level_name(kind->level), kind->title));
	vg_page_line(page);
	vg_page_line(page);
	vg_page_item(page, 0, "", VG_PLAIN, kind->why);
	add_code(page, "Wrong", kind->wrong);
	add_code(page, "Right", kind->right);
}

static void explain_json(vg_json_writer *json, const vg_finding_kind *kind)
{
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "code", kind->code);
	vg_json_text_always(json, "name", kind->name);
	vg_json_text_always(json, "level", vg_level_name(kind->level));
	vg_json_text_always(json, "title", kind->title);
	vg_json_text_always(json, "why", kind->why);
	vg_json_text_always(json, "wrong", kind->wrong);
	vg_json_text_always(json, "right", kind->right);
	vg_json_close(json, '}');
}

/* ---- the page ------------------------------------------------------------------------- */

static void explain_markdown(vg_buffer *out, const vg_finding_kind *kind)
{
	vg_addf(out, "\n### %s: %s\n\n", kind->code, kind->title);
	vg_addf(out, "*%s*, `%s`. %s\n\n", vg_level_name(kind->level), kind->name, kind->why);
	vg_addf(out, "```text\n%s\n```\n\nbecomes\n\n```text\n%s\n```\n", kind->wrong, kind->right);
}

/* The ranges of codes, by their hundreds. */
static const char *const ranges[] = {NULL,
				     "The form of a rule file",
				     "The meaning of rules",
				     "Knowledge: tables, sets, units",
				     "Examples, evidence, layers",
				     "Records and orders"};

static void add_page(vg_buffer *out)
{
	char range = '0';
	vg_add(out, "<!-- made by `vigil lint --explain all --format markdown`; do not edit -->\n"
		    "# Findings\n\n"
		    "Everything that `vigil lint` can find, with what would go wrong for a patient and what to write instead. "
		    "An *error*\n"
		    "keeps its rule, row or file from being used; a *warning* and a *note* do not. `vigil lint --explain "
		    "VG104` tells one\n"
		    "of them on the terminal.\n");
	for (vg_finding_code code = 0; code < VG_FINDING_CODES; code++) {
		const vg_finding_kind *kind = vg_finding_kind_of(code);
		if (kind->code[2] != range) {
			range = kind->code[2];
			vg_addf(out, "\n## VG%c00–VG%c99: %s\n", range, range, ranges[range - '0']);
		}
		explain_markdown(out, kind);
	}
}

static void explain_all(vg_cli *cli, const vg_options *options)
{
	vg_page page;
	vg_page_init(&page, cli);
	vg_json_writer json = {&page.out, false};
	bool machine = strcmp(options->format, "json") == 0;
	if (machine)
		vg_json_open(&json, NULL, '[');
	if (strcmp(options->format, "markdown") == 0)
		add_page(&page.out);
	for (vg_finding_code code = 0; code < VG_FINDING_CODES && strcmp(options->format, "markdown") != 0; code++) {
		const vg_finding_kind *kind = vg_finding_kind_of(code);
		if (machine) {
			explain_json(&json, kind);
		} else {
			vg_page_item(&page, 0, vg_format(&cli->arena, "%s %-8s", kind->code, vg_level_name(kind->level)),
				     VG_PLAIN, kind->title);
		}
	}
	if (machine) {
		vg_json_close(&json, ']');
		vg_add(&page.out, "\n");
	}
	vg_print_buffer(cli, &page.out);
}

int vg_explain_finding(vg_cli *cli, const vg_options *options)
{
	const vg_finding_kind *kind = vg_finding_kind_find(options->explain);
	vg_page page;
	if (strcmp(options->format, "oneline") == 0 || strcmp(options->format, "sarif") == 0)
		return vg_wrong_use("It takes text, json and markdown.", "--explain has no format %s.", options->format);
	if (strcmp(options->explain, "all") == 0) {
		explain_all(cli, options);
		return VIGIL_OK;
	}
	if (!kind)
		return vg_wrong_use("Codes are written as VG104; --explain all lists them.", "There is no finding \"%.40s\".",
				    options->explain);
	vg_page_init(&page, cli);
	if (strcmp(options->format, "json") == 0) {
		vg_json_writer json = {&page.out, false};
		explain_json(&json, kind);
		vg_add(&page.out, "\n");
	} else if (strcmp(options->format, "markdown") == 0) {
		explain_markdown(&page.out, kind);
	} else {
		explain_text(&page, kind);
	}
	vg_print_buffer(cli, &page.out);
	return VIGIL_OK;
}
