/*
 * `vigil words`: the rule language as a list, a page, or JSON, all from the
 * one table that the loader reads (rule/words.def and its sisters); and the
 * files by which editors know it (words_editor.c).
 *
 * docs/rules/words.md is `--format markdown`, docs/editor is `--format editor`.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/words.h"

bool vg_words_next(const char **list, char name[64])
{
	size_t length = strcspn(*list, " ");
	if (length == 0 || length >= 64)
		return false;
	memcpy(name, *list, length);
	name[length] = '\0';
	*list += length + ((*list)[length] == ' ');
	return true;
}

/* ---- a list for people -------------------------------------------------------------- */

static void list_words(vg_page *page)
{
	size_t count;
	const vg_word_info *words = vg_words(&count);
	const char *group = "";
	for (size_t i = 0; i < count; i++) {
		if (strcmp(group, words[i].group) != 0) {
			vg_page_line(page);
			group = words[i].group;
			vg_page_add(page, VG_BOLD, group);
			vg_page_line(page);
		}
		vg_page_field(page, 2, words[i].name, words[i].meaning);
	}
	vg_page_line(page);
	vg_page_item(page, 0, "", VG_PLAIN,
		     "`vigil words NAME` tells of one word, :refinement, line or kind of rule what it takes.");
}

static void add_usage(vg_page *page, const char *usage, const char *meaning)
{
	vg_page_item(page, 0, "", VG_PLAIN, meaning);
	vg_page_line(page);
	vg_page_item(page, 4, "", VG_CYAN, usage);
}

static bool tell_one(vg_page *page, const char *name)
{
	const vg_refinement_info *refinement = vg_refinement_find(name + (*name == ':'));
	const vg_word_info *word = *name == ':' ? NULL : vg_word_find(name);
	const vg_rule_line_info *line = *name == ':' ? NULL : vg_rule_line_find(name);
	const vg_kind_info *kind = *name == ':' ? NULL : vg_kind_find(name);
	bool told = false;
	if (word) {
		vg_page_add(page, VG_BOLD, vg_format(page->out.arena, "%s, a word about %s", word->name, word->group));
		vg_page_line(page);
		add_usage(page, word->usage, word->meaning);
		if (*word->refinements)
			vg_page_item(page, 4, "takes ", VG_PLAIN, word->refinements);
		told = true;
	}
	if (refinement) {
		if (told)
			vg_page_line(page);
		vg_page_add(page, VG_BOLD, vg_format(page->out.arena, ":%s, a refinement", refinement->name));
		vg_page_line(page);
		add_usage(page, refinement->usage, refinement->meaning);
		told = true;
	}
	if (line) {
		if (told)
			vg_page_line(page);
		vg_page_add(page, VG_BOLD, vg_format(page->out.arena, "%s =, a line", line->name));
		vg_page_line(page);
		add_usage(page, line->usage, line->meaning);
		told = true;
	}
	if (kind) {
		if (told)
			vg_page_line(page);
		vg_page_add(page, VG_BOLD, vg_format(page->out.arena, "%s, a kind of statement", kind->name));
		vg_page_line(page);
		add_usage(page, kind->usage, kind->meaning);
		if (*kind->fields)
			vg_page_item(page, 4, "lines (needed ones with !) ", VG_PLAIN, kind->fields);
		told = true;
	}
	return told;
}

static int tell(vg_cli *cli, const vg_options *options)
{
	vg_page page;
	vg_page_init(&page, cli);
	for (size_t i = 0; i < options->arguments.count; i++) {
		if (i > 0)
			vg_page_line(&page);
		if (!tell_one(&page, options->arguments.items[i]))
			return vg_wrong_use("`vigil words` lists them.",
					    "There is no word, refinement, line or kind \"%.40s\".",
					    options->arguments.items[i]);
	}
	if (options->arguments.count == 0)
		list_words(&page);
	vg_print_buffer(cli, &page.out);
	return VIGIL_OK;
}

/* ---- JSON ------------------------------------------------------------------------------- */

static void add_list(vg_json_writer *json, const char *key, const char *list)
{
	char name[64];
	vg_json_open(json, key, '[');
	while (vg_words_next(&list, name)) {
		name[strcspn(name, "!")] = '\0';
		vg_json_text_always(json, NULL, name);
	}
	vg_json_close(json, ']');
}

static void add_uses(vg_json_writer *json, unsigned uses)
{
	static const char *const names[] = {"condition", "action", "example", "need", "trigger"};
	vg_json_open(json, "uses", '[');
	for (unsigned i = 0; i < VG_COUNT(names); i++)
		if (uses >> i & 1)
			vg_json_text_always(json, NULL, names[i]);
	vg_json_close(json, ']');
}

static void json_words(vg_json_writer *json)
{
	static const char *const forms[] = {"bare", "call", "list", "counted", "named"};
	size_t count;
	const vg_word_info *words = vg_words(&count);
	vg_json_open(json, "words", '[');
	for (size_t i = 0; i < count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "name", words[i].name);
		vg_json_text_always(json, "group", words[i].group);
		vg_json_text_always(json, "form", forms[words[i].form]);
		add_uses(json, words[i].uses);
		add_list(json, "arguments", words[i].arguments);
		vg_json_count(json, "least_arguments", words[i].least_arguments);
		vg_json_count(json, "most_arguments", words[i].most_arguments);
		add_list(json, "refinements", words[i].refinements);
		vg_json_text_always(json, "usage", words[i].usage);
		vg_json_text_always(json, "meaning", words[i].meaning);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	const vg_refinement_info *refinements = vg_refinements(&count);
	vg_json_open(json, "refinements", '[');
	for (size_t i = 0; i < count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "name", refinements[i].name);
		add_uses(json, refinements[i].uses);
		add_list(json, "arguments", refinements[i].arguments);
		vg_json_count(json, "least_arguments", refinements[i].least_arguments);
		vg_json_count(json, "most_arguments", refinements[i].most_arguments);
		vg_json_text_always(json, "usage", refinements[i].usage);
		vg_json_text_always(json, "meaning", refinements[i].meaning);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
}

static void json_kinds(vg_json_writer *json)
{
	size_t count;
	char name[64];
	const vg_kind_info *kinds = vg_kinds(&count);
	vg_json_open(json, "kinds", '[');
	for (size_t i = 0; i < count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "name", kinds[i].name);
		add_list(json, "lines", kinds[i].fields);
		vg_json_open(json, "needed", '[');
		for (const char *at = kinds[i].fields; vg_words_next(&at, name);) {
			size_t length = strcspn(name, "!");
			if (name[length] == '!') {
				name[length] = '\0';
				vg_json_text_always(json, NULL, name);
			}
		}
		vg_json_close(json, ']');
		vg_json_text_always(json, "usage", kinds[i].usage);
		vg_json_text_always(json, "meaning", kinds[i].meaning);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	const vg_rule_line_info *lines = vg_rule_lines(&count);
	vg_json_open(json, "lines", '[');
	for (size_t i = 0; i < count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "name", lines[i].name);
		vg_json_text_always(json, "type", lines[i].type);
		vg_json_text_always(json, "usage", lines[i].usage);
		vg_json_text_always(json, "meaning", lines[i].meaning);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
}

static void write_json(vg_buffer *out)
{
	vg_json_writer json = {out, false};
	vg_json_open(&json, NULL, '{');
	vg_json_text_always(&json, "schema", "vigil.words/1");
	json_words(&json);
	json_kinds(&json);
	vg_json_close(&json, '}');
	vg_add(out, "\n");
}

/* ---- the page ------------------------------------------------------------------------------ */

static void markdown_list(vg_buffer *out, const char *lead, const char *list, const char *anchor)
{
	char name[64];
	bool first = true;
	for (const char *at = list; vg_words_next(&at, name); first = false) {
		bool needed = name[strcspn(name, "!")] == '!';
		name[strcspn(name, "!")] = '\0';
		vg_addf(out, "%s[`%s%s`](#%s%s)%s", first ? lead : ", ", *anchor == 'r' ? ":" : "", name, anchor, name,
			needed ? " (needed)" : "");
	}
	vg_add(out, first ? "" : ".\n\n");
}

static void markdown_words(vg_buffer *out)
{
	size_t count;
	const vg_word_info *words = vg_words(&count);
	const char *group = "";
	for (size_t i = 0; i < count; i++) {
		if (strcmp(group, words[i].group) != 0) {
			group = words[i].group;
			vg_addf(out, "## Words: %s\n\n", group);
		}
		vg_addf(out, "### <a id=\"word-%s\"></a>%s\n\n```lua\n%s\n```\n\n%s\n\n", words[i].name, words[i].name,
			words[i].usage, words[i].meaning);
		if (*words[i].arguments)
			vg_addf(out, "Behind it: %s%s.\n\n", words[i].arguments,
				words[i].least_arguments < words[i].most_arguments ? " (the last may be left out)" : "");
		markdown_list(out, "Takes ", words[i].refinements, "refinement-");
	}
}

static void markdown_rest(vg_buffer *out)
{
	size_t count;
	const vg_refinement_info *refinements = vg_refinements(&count);
	vg_add(out, "## Refinements\n\n");
	for (size_t i = 0; i < count; i++)
		vg_addf(out, "### <a id=\"refinement-%s\"></a>:%s\n\n```lua\n%s\n```\n\n%s\n\n", refinements[i].name,
			refinements[i].name, refinements[i].usage, refinements[i].meaning);
	const vg_kind_info *kinds = vg_kinds(&count);
	vg_add(out, "## Statements\n\n");
	for (size_t i = 0; i < count; i++) {
		vg_addf(out, "### <a id=\"kind-%s\"></a>%s\n\n```lua\n%s\n```\n\n%s\n\n", kinds[i].name, kinds[i].name,
			kinds[i].usage, kinds[i].meaning);
		markdown_list(out, "Lines: ", kinds[i].fields, "line-");
	}
	const vg_rule_line_info *lines = vg_rule_lines(&count);
	vg_add(out, "## Lines\n\n");
	for (size_t i = 0; i < count; i++)
		vg_addf(out, "### <a id=\"line-%s\"></a>%s\n\n```lua\n%s\n```\n\n%s\n%s", lines[i].name, lines[i].name,
			lines[i].usage, lines[i].meaning, i + 1 < count ? "\n" : "");
}

static void write_markdown(vg_buffer *out)
{
	vg_add(out, "<!-- made by `vigil words --format markdown`; do not edit -->\n"
		    "# The words of the rule language\n\n"
		    "Every word, refinement, statement and line, from the table that Vigil itself reads. What each condition "
		    "means when data\n"
		    "is missing stands in [meaning.md](meaning.md).\n\n");
	markdown_words(out);
	markdown_rest(out);
}

/* ---- the command ----------------------------------------------------------------------------- */

static const vg_words_file files[] = {
    {"json", "words.json", write_json},
    {"markdown", "words.md", write_markdown},
    {"luals", ".vigil/vigil.lua", vg_words_luals},
    {"plugin", ".vigil/plugin.lua", vg_words_plugin},
    {"luarc", ".luarc.json", vg_words_luarc},
    {"luacheck", ".luacheckrc", vg_words_luacheck},
};

static int cannot_write(const char *path)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_fail(&error, VIGIL_BAD_OUTPUT, "Look at the folder's rights and the space on its disk.", "%s cannot be written: %s.",
		path, strerror(errno));
	return vg_tell_error(&error);
}

static int write_file(vg_cli *cli, const vg_words_file *file, const char *folder)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	file->write(&out);
	const char *path = vg_format(&cli->arena, "%s/%s", folder, file->name), *text = vg_buffer_text(&out);
	if (!path || !text)
		return vg_out_of_memory();
	if (strchr(file->name, '/')) {
		const char *inner = vg_format(&cli->arena, "%s/.vigil", folder);
		if (!inner)
			return vg_out_of_memory();
		if (mkdir(inner, 0777) != 0 && errno != EEXIST)
			return cannot_write(inner);
	}
	FILE *stream = fopen(path, "w");
	if (!stream)
		return cannot_write(path);
	bool fine = fputs(text, stream) >= 0;
	fine = fclose(stream) == 0 && fine;
	return fine ? VIGIL_OK : cannot_write(path);
}

int vg_command_words(vg_cli *cli, const vg_options *options)
{
	const char *folder = options->out;
	bool editor = strcmp(options->format, "editor") == 0;
	int status = VIGIL_OK;
	if (strcmp(options->format, "text") == 0) {
		if (folder)
			return vg_wrong_use("Name a format of files: editor, json, markdown …", "--out goes with --format.");
		return tell(cli, options);
	}
	if (options->arguments.count)
		return vg_wrong_use("Leave the name out.", "Only --format text tells of one word.");
	if (editor && !folder)
		return vg_wrong_use("Name the pack's folder: --out DIR.", "--format editor writes several files.");
	for (size_t i = 0; i < VG_COUNT(files) && status == VIGIL_OK; i++) {
		if (editor ? strcmp(files[i].format, "markdown") == 0 : strcmp(files[i].format, options->format) != 0)
			continue;
		if (folder) {
			status = write_file(cli, &files[i], folder);
		} else {
			vg_buffer out;
			vg_buffer_init(&out, &cli->arena);
			files[i].write(&out);
			vg_print_buffer(cli, &out);
		}
	}
	return status;
}
