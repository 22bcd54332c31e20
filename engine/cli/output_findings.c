/*
 * Findings for people (with the line they speak of and a marker below the
 * column), for machines (JSON; SARIF in output_sarif.c), and for editors (one
 * line each).
 */
#include <string.h>

#include "cli/cli.h"

const char *vg_level_name(vigil_level level)
{
	return level == VIGIL_ERROR ? "error" : level == VIGIL_WARNING ? "warning" : "note";
}

void vg_write_quantity(vg_buffer *out, size_t count, const char *one, const char *many)
{
	vg_addf(out, "%zu %s", count, count == 1 ? one : many);
}

/* ---- for people ------------------------------------------------------------------ */

/* The line of a file, or NULL.  The last file read is kept: findings come file by file. */
typedef struct source_file {
	const char *name;
	const char *text;
} source_file;

static const char *source_line(vg_page *page, source_file *source, const char *file, int line)
{
	char *text;
	size_t length;
	if (!file || line <= 0)
		return NULL;
	if (!source->name || strcmp(source->name, file) != 0) {
		source->name = file;
		source->text = vg_read_file(page->out.arena, file, 16u << 20, &text, &length, NULL) == VIGIL_OK ? text : NULL;
	}
	const char *at = source->text;
	while (at && --line > 0) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at ? vg_copy_text(page->out.arena, at, strcspn(at, "\r\n")) : NULL;
}

/* The columns of the terminal before a character of a line; a tab is shown as one blank. */
static unsigned columns_before(vg_page *page, const char *line, int column)
{
	size_t length = strlen(line), bytes = 0;
	while (--column > 0 && bytes < length)
		bytes += vg_utf8_step(line + bytes, length - bytes) ? vg_utf8_step(line + bytes, length - bytes) : 1;
	const char *before = vg_copy_text(page->out.arena, line, bytes);
	return before ? vg_text_width(before) : 0;
}

static void add_source(vg_page *page, source_file *source, const vigil_finding *finding)
{
	const char *line = source_line(page, source, finding->file, finding->line);
	if (!line || !*line || strlen(line) > 200)
		return;
	vg_page_add(page, VG_DIM, "    | ");
	vg_page_add(page, VG_PLAIN, line);
	vg_page_line(page);
	if (finding->column > 0) {
		vg_page_add(page, VG_DIM, "    | ");
		vg_page_blanks(page, columns_before(page, line, finding->column));
		vg_page_add(page, VG_RED, "^");
		vg_page_line(page);
	}
}

static void add_finding(vg_page *page, source_file *source, const vigil_finding *finding)
{
	static const vg_ink inks[] = {[VIGIL_NOTE] = VG_CYAN, [VIGIL_WARNING] = VG_YELLOW, [VIGIL_ERROR] = VG_RED};
	vg_buffer place;
	vg_buffer_init(&place, page->out.arena);
	if (finding->file)
		vg_add(&place, finding->file);
	if (finding->file && finding->line > 0)
		vg_addf(&place, ":%d", finding->line);
	if (finding->file && finding->line > 0 && finding->column > 0)
		vg_addf(&place, ":%d", finding->column);
	if (place.length)
		vg_add(&place, ": ");
	vg_page_add(page, VG_BOLD, vg_buffer_text(&place));
	vg_page_add(page, inks[finding->level],
		    vg_format(page->out.arena, "%s %s", vg_level_name(finding->level), finding->code));
	if (finding->rule)
		vg_page_add(page, VG_PLAIN, vg_format(page->out.arena, ", rule %s", finding->rule));
	vg_page_line(page);
	vg_page_item(page, 4, "", VG_PLAIN, finding->text);
	add_source(page, source, finding);
	if (finding->advice && *finding->advice)
		vg_page_item(page, 4, "→ ", VG_GREEN, finding->advice);
}

static void write_for_people(const vigil_findings *findings, vg_page *page)
{
	source_file source = {NULL, NULL};
	for (size_t i = 0; i < findings->count; i++) {
		add_finding(page, &source, &findings->items[i]);
		vg_page_line(page);
	}
}

/* ---- for machines -------------------------------------------------------------------- */

static size_t count_level(const vigil_findings *findings, vigil_level level)
{
	size_t count = 0;
	for (size_t i = 0; i < findings->count; i++)
		count += findings->items[i].level == level;
	return count;
}

static void write_json(vg_cli *cli, const vigil_findings *findings)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_json_writer writer = {&out, false}, *json = &writer;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "schema", "vigil.findings/1");
	vg_json_open(json, "findings", '[');
	for (size_t i = 0; i < findings->count; i++) {
		const vigil_finding *finding = &findings->items[i];
		const vg_finding_kind *kind = vg_finding_kind_find(finding->code);
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "code", finding->code);
		vg_json_text(json, "name", kind ? kind->name : NULL);
		vg_json_text_always(json, "level", vg_level_name(finding->level));
		vg_json_text(json, "file", finding->file);
		if (finding->line > 0)
			vg_json_count(json, "line", (uint64_t)finding->line);
		if (finding->line > 0 && finding->column > 0)
			vg_json_count(json, "column", (uint64_t)finding->column);
		vg_json_text(json, "rule", finding->rule);
		vg_json_text_always(json, "text", finding->text);
		vg_json_text(json, "advice", finding->advice);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_open(json, "counts", '{');
	vg_json_count(json, "errors", count_level(findings, VIGIL_ERROR));
	vg_json_count(json, "warnings", count_level(findings, VIGIL_WARNING));
	vg_json_count(json, "notes", count_level(findings, VIGIL_NOTE));
	vg_json_close(json, '}');
	vg_json_close(json, '}');
	vg_add(&out, "\n");
	vg_print_buffer(cli, &out);
}

/* A finding's text may have line breaks; a line of an editor's list may not. */
static void add_one_line(vg_buffer *out, const char *text)
{
	for (; *text; text++)
		vg_add_byte(out, *text == '\n' ? ' ' : *text);
}

static void write_lines(vg_cli *cli, const vigil_findings *findings)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	for (size_t i = 0; i < findings->count; i++) {
		const vigil_finding *finding = &findings->items[i];
		vg_addf(&out, "%s:%d:%d: %s: %s: ", finding->file ? finding->file : "-", finding->line > 0 ? finding->line : 1,
			finding->column > 0 ? finding->column : 1, vg_level_name(finding->level), finding->code);
		add_one_line(&out, finding->text);
		if (finding->advice && *finding->advice) {
			vg_add(&out, " ");
			add_one_line(&out, finding->advice);
		}
		vg_add(&out, "\n");
	}
	vg_print_buffer(cli, &out);
}

void vg_write_findings(vg_cli *cli, const vigil_findings *findings, vg_findings_form form, vg_page *page)
{
	if (form == VG_FINDINGS_JSON)
		write_json(cli, findings);
	else if (form == VG_FINDINGS_SARIF)
		vg_write_sarif(cli, findings);
	else if (form == VG_FINDINGS_ONELINE)
		write_lines(cli, findings);
	else
		write_for_people(findings, page);
}
