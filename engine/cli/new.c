/*
 * `vigil new`: a working rule with its examples, to begin from.
 *
 * What is written is a file of its own, ID.lua; where it is the first one of a
 * folder, that becomes a pack.  Nothing that is there is ever touched.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

static int unknown_kind(vg_cli *cli, const char *kind)
{
	size_t count;
	const vg_template *templates = vg_templates(&count);
	const char **names = vg_alloc_array(&cli->arena, count, sizeof *names);
	vg_buffer list;
	vg_buffer_init(&list, &cli->arena);
	for (size_t i = 0; names && i < count; i++) {
		names[i] = templates[i].kind;
		vg_addf(&list, "%s%-18s %s", i ? "\n         " : "Kinds are:\n         ", templates[i].kind,
			templates[i].about);
	}
	const char *nearest = names ? vg_nearest(kind, names, count) : NULL;
	const char *advice = nearest ? vg_format(&cli->arena, "Did you mean %s?", nearest) : vg_buffer_text(&list);
	return vg_wrong_use(advice ? advice : "", "There is no kind \"%.40s\".", kind);
}

/* An id is what people and files are to be called by: "colorectal-cancer". */
static bool is_id(const char *id)
{
	size_t length = strlen(id);
	return length > 0 && length <= 60 && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == length && id[0] != '-' &&
	       id[length - 1] != '-';
}

static const char *filled(vg_cli *cli, const char *text, const char *id, const char *review)
{
	const struct {
		const char *mark, *value;
	} places[] = {{"@ID@", id}, {"@REVIEW@", review}};
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	while (*text) {
		const char *value = NULL;
		for (size_t i = 0; i < VG_COUNT(places) && !value; i++)
			if (vg_starts_with(text, places[i].mark)) {
				value = places[i].value;
				text += strlen(places[i].mark);
			}
		if (value)
			vg_add(&out, value);
		else
			vg_add_byte(&out, *text++);
	}
	return vg_buffer_text(&out);
}

/* Two years from now. */
static const char *review_day(vg_cli *cli, vigil_error *err)
{
	const char *now;
	vg_when when;
	char text[16];
	if (vg_now(cli, NULL, &now, err) != VIGIL_OK)
		return NULL;
	if (!vg_date_parse(now, strlen(now), &when)) {
		vg_fail(err, VIGIL_INTERNAL, "Set the system's clock.", "The present day cannot be read.");
		return NULL;
	}
	vg_day_text(vg_day_plus(when.first, (vg_duration){.months = 24}), text);
	return vg_copy_text(&cli->arena, text, strlen(text));
}

static bool is_there(const char *path)
{
	struct stat what;
	return lstat(path, &what) == 0;
}

/* The folder's own name, for its pack. */
static const char *pack_text(vg_cli *cli, const char *folder)
{
	size_t length = strlen(folder);
	while (length > 1 && folder[length - 1] == '/')
		length--;
	size_t start = length;
	while (start > 0 && folder[start - 1] != '/')
		start--;
	const char *name = vg_copy_text(&cli->arena, folder + start, length - start);
	bool fits = name && is_id(name);
	return vg_format(
	    &cli->arena,
	    "-- A rule pack: a folder with this file, rules in *.lua, sets in sets/*.csv, tables in tables/*.csv.\n"
	    "pack { name = \"%s\", version = \"0.1.0\", publisher = \"Who answers for this pack\", language = \"1\" }\n",
	    fits ? name : "my-pack");
}

static int write_rule(vg_cli *cli, const vg_template *template, const char *id, const char *folder)
{
	vigil_error error = VIGIL_ERROR_INIT;
	const char *path = vg_format(&cli->arena, "%s/%s.lua", folder, id);
	const char *pack = vg_format(&cli->arena, "%s/pack.lua", folder), *review = review_day(cli, &error);
	if (!path || !pack)
		return vg_out_of_memory();
	if (!review)
		return vg_tell_error(&error);
	if (is_there(path))
		return vg_wrong_use("Choose another id, or another folder with --out DIR.", "%s is there already.", path);
	const char *text = filled(cli, template->text, id, review), *head = pack_text(cli, folder);
	if (!text || !head)
		return vg_out_of_memory();
	bool first = !is_there(pack);
	if ((first && vg_write_file(cli, pack, head, strlen(head), &error) != VIGIL_OK) ||
	    vg_write_file(cli, path, text, strlen(text), &error) != VIGIL_OK)
		return vg_tell_error(&error);
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	if (first)
		vg_addf(&out, "%s\n", pack);
	vg_addf(&out, "%s\n\nIt is a draft: it says nothing before status = \"active\". What to do next:\n", path);
	vg_addf(&out, "  vigil lint %s\n  vigil test %s --coverage\n  vigil boundaries %s --rules %s\n", folder, folder,
		strcmp(template->kind, "define") == 0 ? vg_format(&cli->arena, "%s-contrast", id) : id, folder);
	vg_print_buffer(cli, &out);
	return VIGIL_OK;
}

int vg_command_new(vg_cli *cli, const vg_options *options)
{
	const char *kind = options->arguments.items[0], *id = options->arguments.items[1];
	size_t count;
	const vg_template *templates = vg_templates(&count), *found = NULL;
	for (size_t i = 0; i < count; i++)
		if (strcmp(templates[i].kind, kind) == 0)
			found = &templates[i];
	if (!found)
		return unknown_kind(cli, kind);
	if (!is_id(id))
		return vg_wrong_use("Write it in small letters, digits and hyphens: \"metformin-low-egfr\".",
				    "\"%.80s\" cannot be the id of a rule.", id);
	vigil_engine *engine;
	int status = vg_open_engine(cli, options, &engine);
	if (status != VIGIL_OK)
		return status;
	vg_world *world = vg_engine_world(engine);
	bool taken = vg_rule_find(world->rulebook, id) != UINT32_MAX ||
		     vg_pair_find_id(world->knowledge, VG_INTERACTIONS, id) != UINT32_MAX ||
		     vg_pair_find_id(world->knowledge, VG_CROSS_REACTIVITY, id) != UINT32_MAX;
	vg_world_release(world);
	vigil_engine_close(engine);
	if (taken)
		return vg_wrong_use("Choose another id: a rule of the same id would take the place of that one.",
				    "There is a rule \"%.80s\" already.", id);
	return write_rule(cli, found, id, options->out ? options->out : ".");
}
