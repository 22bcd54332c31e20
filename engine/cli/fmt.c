/*
 * `vigil fmt`: rule files with their blanks, indents, quotes and commas in order.
 *
 * A file with a mistake in it is left as it is and told; the others are done.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"

typedef struct tidying {
	vg_cli *cli;
	bool check;
	size_t files, changed;
	int status; /* the worst */
} tidying;

static void fail(tidying *all, const vigil_error *error)
{
	int status = vg_tell_error(error);
	all->status = status > all->status ? status : all->status;
}

/* What is wrong with a file that cannot be tidied. */
static void tell_mistakes(const vg_findings *findings)
{
	for (size_t i = 0; i < findings->count && i < 10; i++) {
		const vigil_finding *finding = &findings->items[i];
		if (finding->level == VIGIL_ERROR)
			fprintf(stderr, "vigil: %s:%d:%d: %s: %s\n", finding->file ? finding->file : "-", finding->line,
				finding->column, finding->code, finding->text);
	}
}

static vigil_status tidy(tidying *all, const char *path, vg_arena *arena, vg_findings *findings, vigil_error *err)
{
	char *text;
	const char *tidied = NULL;
	size_t length;
	bool stream = strcmp(path, "-") == 0;
	vigil_status status = vg_read_file(arena, path, 0, &text, &length, err);
	if (status == VIGIL_OK)
		status = vg_format_rules(path, text, length, arena, findings, &tidied, err);
	if (status != VIGIL_OK) {
		tell_mistakes(findings);
		snprintf(err->file, sizeof err->file, "%s", path);
		return status;
	}
	bool same = strlen(tidied) == length && memcmp(text, tidied, length) == 0;
	all->files++;
	all->changed += !same;
	if (stream && !all->check)
		vg_print(all->cli, tidied);
	if (same || stream)
		return VIGIL_OK;
	vg_print(all->cli, vg_format(&all->cli->arena, "%s\n", path));
	return all->check ? VIGIL_OK : vg_write_file(all->cli, path, tidied, strlen(tidied), err);
}

static void tidy_file(tidying *all, const char *path)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_findings findings;
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	vg_findings_init(&findings, &vg_system_allocator);
	if (tidy(all, path, &arena, &findings, &error) != VIGIL_OK)
		fail(all, &error);
	vg_findings_free(&findings);
	vg_arena_free(&arena);
}

static void tidy_folder(tidying *all, const char *folder)
{
	vigil_error error = VIGIL_ERROR_INIT;
	const char *const *names;
	size_t count;
	if (vg_list_files(&all->cli->arena, folder, ".lua", &names, &count, &error) != VIGIL_OK) {
		fail(all, &error);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const char *path = vg_format(&all->cli->arena, "%s/%s", folder, names[i]);
		if (path)
			tidy_file(all, path);
		else
			all->status = vg_out_of_memory();
	}
}

int vg_command_fmt(vg_cli *cli, const vg_options *options)
{
	tidying all = {.cli = cli, .check = options->check};
	for (size_t i = 0; i < options->arguments.count; i++) {
		const char *path = options->arguments.items[i];
		struct stat what;
		if (strcmp(path, "-") != 0 && stat(path, &what) == 0 && S_ISDIR(what.st_mode))
			tidy_folder(&all, path);
		else
			tidy_file(&all, path);
	}
	if (all.status == VIGIL_OK && all.check && all.changed) {
		fprintf(stderr, "vigil: %zu of %zu files would change.\n       `vigil fmt` changes them.\n", all.changed,
			all.files);
		return VG_EXIT_FOUND;
	}
	return all.status;
}
