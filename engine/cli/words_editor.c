/*
 * Files by which editors and luacheck know the rule language.
 *
 * Rules are Lua but for one thing: a refinement without arguments is written
 * bare (`:once`), where Lua wants `:once()`.  The plugin of the language server
 * writes the brackets for the server's eyes only.
 */
#include <string.h>

#include "cli/words.h"
#include "script/script.h"

static void add_comment(vg_buffer *out, const char *meaning, const char *usage)
{
	vg_addf(out, "---%s\n---```lua\n---%s\n---```\n", meaning, usage);
}

static const char *type_of(const char *kind)
{
	return strcmp(kind, "number") == 0       ? "integer"
	       : strcmp(kind, "conditions") == 0 ? "vigil.condition[]"
	       : strcmp(kind, "condition") == 0  ? "vigil.condition"
	       : strcmp(kind, "value") == 0      ? "string|number"
						 : "string";
}

/* The parameters of a function: their annotations, then its head. */
static void add_parameters(vg_buffer *out, const char *kinds, unsigned most, unsigned least, const char *returned,
			   const char *head)
{
	char name[64] = "", names[8][64];
	const char *at = kinds;
	for (unsigned i = 0; i < most && i < VG_COUNT(names); i++) {
		vg_words_next(&at, name); /* the last kind repeats */
		memcpy(names[i], name, sizeof name);
		vg_addf(out, "---@param %s%u%s %s\n", name, i + 1, i >= least ? "?" : "", type_of(name));
	}
	vg_addf(out, "---@return %s\nfunction %s(", returned, head);
	for (unsigned i = 0; i < most && i < VG_COUNT(names); i++)
		vg_addf(out, "%s%s%u", i ? ", " : "", names[i], i + 1);
	vg_add(out, ") end\n");
}

/* ---- words and refinements ---------------------------------------------------------- */

static void luals_refinements(vg_buffer *out, vg_arena *arena)
{
	size_t count;
	const vg_refinement_info *refinements = vg_refinements(&count);
	vg_add(out, "\n---@class vigil.condition\nlocal condition = {}\n");
	for (size_t i = 0; i < count; i++) {
		vg_add(out, "\n");
		add_comment(out, refinements[i].meaning, refinements[i].usage);
		add_parameters(out, refinements[i].arguments, refinements[i].most_arguments, refinements[i].least_arguments,
			       "vigil.condition", vg_format(arena, "condition:%s", refinements[i].name));
	}
	vg_add(out, "\n---@class vigil.expectation: vigil.condition\n---@class vigil.action\n");
}

static void luals_words(vg_buffer *out)
{
	size_t count;
	const vg_word_info *words = vg_words(&count);
	for (size_t i = 0; i < count; i++) {
		const char *type = words[i].uses & VG_WORD_ACTION          ? "vigil.action"
				   : strcmp(words[i].group, "expect") == 0 ? "vigil.expectation"
									   : "vigil.condition";
		vg_add(out, "\n");
		add_comment(out, words[i].meaning, words[i].usage);
		if (words[i].form == VG_FORM_BARE)
			vg_addf(out, "---@type %s\n%s = {}\n", type, words[i].name);
		else
			add_parameters(out, words[i].arguments, words[i].most_arguments, words[i].least_arguments, type,
				       words[i].name);
	}
}

/* ---- statements and their lines -------------------------------------------------------- */

static const char *line_type(const vg_rule_line_info *line)
{
	static const char *const types[][2] = {
	    {"number", "number"},
	    {"boolean", "boolean"},
	    {"sets", "string[]"},
	    {"conditions", "vigil.condition[]"},
	    {"list", "any[]"},
	    {"table", "table"},
	    {"function", "fun(p: table, this_order: table?): boolean?"},
	};
	if (strcmp(line->name, "when_ordering") == 0)
		return "string|vigil.condition"; /* anything */
	for (size_t i = 0; i < VG_COUNT(types); i++)
		if (strcmp(types[i][0], line->type) == 0)
			return types[i][1];
	return "string";
}

static void luals_kinds(vg_buffer *out)
{
	size_t count;
	char name[64];
	const vg_kind_info *kinds = vg_kinds(&count);
	for (size_t i = 0; i < count; i++) {
		bool define = *kinds[i].fields == '\0', pack = strcmp(kinds[i].name, "pack") == 0;
		if (!define)
			vg_addf(out, "\n---@class vigil.lines.%s\n", kinds[i].name);
		for (const char *at = kinds[i].fields; vg_words_next(&at, name);) {
			bool needed = name[strcspn(name, "!")] == '!';
			name[strcspn(name, "!")] = '\0';
			const vg_rule_line_info *line = vg_rule_line_find(name);
			if (line)
				vg_addf(out, "---@field %s%s %s %s\n", name, needed ? "" : "?", line_type(line), line->meaning);
		}
		vg_add(out, "\n");
		add_comment(out, kinds[i].meaning, kinds[i].usage);
		vg_addf(out, "---@param id string%s%s\n", pack ? "|vigil.lines." : "", pack ? kinds[i].name : "");
		vg_addf(out, "---@return fun(lines: %s%s)\nfunction %s(id) end\n",
			define ? "vigil.condition[]" : "vigil.lines.", define ? "" : kinds[i].name, kinds[i].name);
	}
}

void vg_words_luals(vg_buffer *out)
{
	vg_add(out, "---@meta\n-- made by `vigil words --format luals`; do not edit\n");
	luals_refinements(out, out->arena);
	luals_words(out);
	luals_kinds(out);
}

/* ---- the plugin ---------------------------------------------------------------------------- */

void vg_words_plugin(vg_buffer *out)
{
	size_t count;
	const vg_refinement_info *refinements = vg_refinements(&count);
	vg_add(out, "-- made by `vigil words --format plugin`; do not edit\n"
		    "-- A refinement without arguments is written bare in rules; Lua wants brackets behind it.\n"
		    "local bare = {");
	for (size_t i = 0; i < count; i++)
		if (refinements[i].most_arguments == 0)
			vg_addf(out, " %s = true,", refinements[i].name);
	vg_add(out, " }\n\n"
		    "function OnSetText(_, text)\n"
		    "  local changes = {}\n"
		    "  for name, behind in text:gmatch(\":%s*([%a_]+)()\") do\n"
		    "    if bare[name] and not text:find(\"^%s*%(\", behind) then\n"
		    "      changes[#changes + 1] = { start = behind, finish = behind - 1, text = \"()\" }\n"
		    "    end\n"
		    "  end\n"
		    "  return changes\n"
		    "end\n");
}

/* ---- settings --------------------------------------------------------------------------------- */

void vg_words_luarc(vg_buffer *out)
{
	static const char *const off[] = {"bit", "bit32", "coroutine", "debug", "ffi", "io",
					  "jit", "os",    "package",   "table", "utf8"};
	vg_json_writer json = {out, false};
	vg_json_open(&json, NULL, '{');
	vg_json_text_always(&json, "runtime.version", "Lua 5.4");
	vg_json_text_always(&json, "runtime.plugin", ".vigil/plugin.lua");
	vg_json_open(&json, "runtime.builtin", '{');
	for (size_t i = 0; i < VG_COUNT(off); i++)
		vg_json_text_always(&json, off[i], "disable");
	vg_json_close(&json, '}');
	vg_json_open(&json, "workspace.library", '[');
	vg_json_text_always(&json, NULL, ".vigil");
	vg_json_close(&json, ']');
	vg_json_boolean(&json, "workspace.checkThirdParty", false);
	vg_json_close(&json, '}');
	vg_add(out, "\n");
}

static void add_library(vg_buffer *out, const char *library)
{
	size_t count;
	const char *const *names = vg_allowed_names(library, &count);
	vg_addf(out, "  %s = { fields = {", library);
	for (size_t i = 0; i < count; i++)
		vg_addf(out, "%s \"%s\"", i ? "," : "", names[i]);
	vg_add(out, " } },\n");
}

void vg_words_luacheck(vg_buffer *out)
{
	size_t word_count, kind_count, allowed_count;
	const vg_word_info *words = vg_words(&word_count);
	const vg_kind_info *kinds = vg_kinds(&kind_count);
	const char *const *allowed = vg_allowed_names(NULL, &allowed_count);
	vg_add(out, "-- made by `vigil words --format luacheck`; do not edit\n"
		    "std = \"none\"\n"
		    "max_line_length = false\n"
		    "ignore = { \"212\" } -- a check function need not read this_order\n"
		    "read_globals = {\n");
	for (size_t i = 0; i < kind_count; i++)
		vg_addf(out, "  \"%s\",\n", kinds[i].name);
	for (size_t i = 0; i < word_count; i++)
		vg_addf(out, "  \"%s\",\n", words[i].name);
	for (size_t i = 0; i < allowed_count; i++)
		if (strcmp(allowed[i], "math") != 0 && strcmp(allowed[i], "string") != 0)
			vg_addf(out, "  \"%s\",\n", allowed[i]);
	add_library(out, "math");
	add_library(out, "string");
	vg_add(out, "}\n");
}
