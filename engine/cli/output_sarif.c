/*
 * Findings as SARIF 2.1.0, which code hosts and editors read: one run, the
 * kinds of findings that occur as its rules, one result a finding.
 */
#include <string.h>

#include "cli/cli.h"

/* A path as a URI: what is not plain is percent-encoded; an absolute one is a file's. */
static void add_uri(vg_json_writer *json, vg_arena *arena, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
	vg_buffer uri;
	vg_buffer_init(&uri, arena);
	vg_add(&uri, *path == '/' ? "file://" : "");
	for (; *path; path++)
		if (strchr(plain, *path))
			vg_add_byte(&uri, *path);
		else
			vg_addf(&uri, "%%%02X", (unsigned)(unsigned char)*path);
	vg_json_text_always(json, "uri", vg_buffer_text(&uri));
}

static void add_message(vg_json_writer *json, const char *key, const char *text)
{
	vg_json_open(json, key, '{');
	vg_json_text_always(json, "text", text);
	vg_json_close(json, '}');
}

static void add_kind(vg_json_writer *json, vg_arena *arena, const vg_finding_kind *kind)
{
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "id", kind->code);
	vg_json_text_always(json, "name", kind->name);
	add_message(json, "shortDescription", kind->title);
	add_message(json, "fullDescription", kind->why);
	add_message(json, "help", vg_format(arena, "%s\n\nWrong:\n%s\n\nRight:\n%s", kind->why, kind->wrong, kind->right));
	vg_json_open(json, "defaultConfiguration", '{');
	vg_json_text_always(json, "level", vg_level_name(kind->level));
	vg_json_close(json, '}');
	vg_json_close(json, '}');
}

static void add_place(vg_json_writer *json, vg_arena *arena, const vigil_finding *finding)
{
	vg_json_open(json, "locations", '[');
	if (finding->file && *finding->file) {
		vg_json_open(json, NULL, '{');
		vg_json_open(json, "physicalLocation", '{');
		vg_json_open(json, "artifactLocation", '{');
		add_uri(json, arena, finding->file);
		vg_json_close(json, '}');
		if (finding->line > 0) {
			vg_json_open(json, "region", '{');
			vg_json_count(json, "startLine", (uint64_t)finding->line);
			if (finding->column > 0)
				vg_json_count(json, "startColumn", (uint64_t)finding->column);
			vg_json_close(json, '}');
		}
		vg_json_close(json, '}');
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
}

static void add_result(vg_json_writer *json, vg_arena *arena, const vigil_finding *finding, size_t index)
{
	const bool advised = finding->advice && *finding->advice;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "ruleId", finding->code);
	vg_json_count(json, "ruleIndex", index);
	vg_json_text_always(json, "level", vg_level_name(finding->level));
	add_message(json, "message",
		    vg_format(arena, "%s%s%s", finding->text, advised ? " → " : "", advised ? finding->advice : ""));
	add_place(json, arena, finding);
	vg_json_close(json, '}');
}

void vg_write_sarif(vg_cli *cli, const vigil_findings *findings)
{
	vg_buffer out;
	size_t index[VG_FINDING_CODES] = {0}, count = 0;
	vg_buffer_init(&out, &cli->arena);
	vg_json_writer writer = {&out, false}, *json = &writer;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	vg_json_text_always(json, "version", "2.1.0");
	vg_json_open(json, "runs", '[');
	vg_json_open(json, NULL, '{');
	vg_json_open(json, "tool", '{');
	vg_json_open(json, "driver", '{');
	vg_json_text_always(json, "name", "vigil");
	vg_json_text_always(json, "version", VIGIL_VERSION_TEXT);
	vg_json_open(json, "rules", '[');
	for (vg_finding_code code = 0; code < VG_FINDING_CODES; code++) {
		const vg_finding_kind *kind = vg_finding_kind_of(code);
		bool found = false;
		for (size_t i = 0; i < findings->count && !found; i++)
			found = strcmp(findings->items[i].code, kind->code) == 0;
		if (!found)
			continue;
		index[code] = count++;
		add_kind(json, &cli->arena, kind);
	}
	vg_json_close(json, ']');
	vg_json_close(json, '}');
	vg_json_close(json, '}');
	vg_json_text_always(json, "columnKind", "unicodeCodePoints");
	vg_json_open(json, "results", '[');
	for (size_t i = 0; i < findings->count; i++) {
		vg_finding_code code = 0;
		while (code < VG_FINDING_CODES && strcmp(vg_finding_kind_of(code)->code, findings->items[i].code) != 0)
			code++;
		add_result(json, &cli->arena, &findings->items[i], code < VG_FINDING_CODES ? index[code] : 0);
	}
	vg_json_close(json, ']');
	vg_json_close(json, '}');
	vg_json_close(json, ']');
	vg_json_close(json, '}');
	vg_add(&out, "\n");
	vg_print_buffer(cli, &out);
}
