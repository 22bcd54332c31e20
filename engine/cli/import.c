/*
 * `vigil knowledge import`, `list-imports`, `remove`: terminologies that a site
 * may use and Vigil may not ship, as CSV files in the import folder, a layer
 * below all packs (engine/knowledge/open.c reads it).
 *
 * An import writes each of its files beside its place, syncs it and renames
 * it: a reader finds the old file or the new one, never a part, and what an
 * import that was stopped leaves behind has a name that nothing reads.  Files
 * that belong together are put into a twin of their folder, which then changes
 * places with it; a file system that cannot do that (NFS) gets them one by one,
 * what others refer to first.
 */
#include "cli/import.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char head[] = "# vigil import ";
static const char *const folders[] = {"sets", "tables"};

/* ---- a file ---------------------------------------------------------------------- */

vigil_status vg_import_fail_write(const char *path, vigil_error *err)
{
	return vg_fail(err, VIGIL_BAD_OUTPUT, "Make room, or import elsewhere with --to DIR.", "\"%s\" cannot be written: %s.",
		       path, strerrordesc_np(errno));
}

#define TEMPORARY ".import-" /* between a file's name and six letters by chance */

/* Makes the folder that a file is to be in, and those above it. */
static void make_folders(vg_cli *cli, const char *path)
{
	char *copy = vg_copy_text(&cli->arena, path, strlen(path));
	for (char *at = copy ? copy + 1 : NULL; at && *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		mkdir(copy, 0755); /* whether it is there now shows when the file is made */
		*at = '/';
	}
}

vigil_status vg_import_begin(vg_cli *cli, const char *folder, const char *path, vg_import_file *ret, vigil_error *err)
{
	char *temporary = vg_format(&cli->arena, "%s/%s" TEMPORARY "XXXXXX", folder, path);
	*ret = (vg_import_file){vg_format(&cli->arena, "%s/%s", folder, path), temporary, NULL};
	if (!ret->path || !temporary)
		return vg_fail_memory(err);
	make_folders(cli, ret->path);
	int file = mkstemp(temporary);
	if (file < 0)
		return vg_import_fail_write(ret->path, err);
	fchmod(file, 0644);
	ret->stream = fdopen(file, "w");
	if (ret->stream)
		return VIGIL_OK;
	close(file);
	unlink(temporary);
	return vg_fail_memory(err);
}

void vg_import_abandon(vg_import_file *file)
{
	if (!file->stream)
		return;
	fclose(file->stream);
	unlink(file->temporary);
	file->stream = NULL;
}

vigil_status vg_import_finish(vg_import_file *file, vigil_error *err)
{
	bool fine = fflush(file->stream) == 0 && !ferror(file->stream) && fsync(fileno(file->stream)) == 0;
	if (fine && rename(file->temporary, file->path) == 0) {
		fclose(file->stream);
		file->stream = NULL;
		return VIGIL_OK;
	}
	vigil_status status = vg_import_fail_write(file->path, err);
	vg_import_abandon(file);
	return status;
}

static char *folder_of(vg_cli *cli, const char *path)
{
	const char *slash = strrchr(path, '/');
	return vg_copy_text(&cli->arena, path, slash ? (size_t)(slash - path) : 0);
}

/* Takes a folder away with the files in it. */
static void remove_folder(vg_cli *cli, const char *folder)
{
	const char *const *names;
	size_t count = 0;
	vigil_error ignored = VIGIL_ERROR_INIT;
	if (vg_list_files(&cli->arena, folder, "", &names, &count, &ignored) != VIGIL_OK)
		return;
	for (size_t i = 0; i < count; i++) {
		const char *path = vg_format(&cli->arena, "%s/%s", folder, names[i]);
		if (path)
			unlink(path);
	}
	rmdir(folder);
}

/* One of the files, or a temporary of one: this import's, or what another left that was killed. */
static bool is_one_of(const vg_import_file *files, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(files[i].path);
		if (strncmp(files[i].path, path, length) == 0 &&
		    (!path[length] || strncmp(path + length, TEMPORARY, strlen(TEMPORARY)) == 0))
			return true;
	}
	return false;
}

/* Makes a folder beside `folder` that holds its files, the new ones in the place of the old. */
static bool make_twin(vg_cli *cli, const vg_import_file *files, size_t count, const char *folder, const char *twin)
{
	const char *const *names;
	size_t found = 0;
	vigil_error ignored = VIGIL_ERROR_INIT;
	bool fine = vg_list_files(&cli->arena, folder, "", &names, &found, &ignored) == VIGIL_OK;
	for (size_t i = 0; fine && i < found; i++) {
		const char *from = vg_format(&cli->arena, "%s/%s", folder, names[i]);
		const char *to = vg_format(&cli->arena, "%s/%s", twin, names[i]);
		fine = from && to && (is_one_of(files, count, from) || link(from, to) == 0);
	}
	for (size_t i = 0; fine && i < count; i++) {
		const char *to = vg_format(&cli->arena, "%s%s", twin, files[i].path + strlen(folder));
		fine = to && link(files[i].temporary, to) == 0;
	}
	return fine;
}

/* One exchange of two folders: a reader finds all old files or all new ones.  false where the file system cannot. */
static bool exchange(vg_cli *cli, vg_import_file *files, size_t count)
{
	struct stat info;
	char *folder = folder_of(cli, files[0].path), *twin = folder ? vg_format(&cli->arena, "%s.XXXXXX", folder) : NULL;
	if (!twin || lstat(folder, &info) != 0 || !S_ISDIR(info.st_mode) || !mkdtemp(twin))
		return false;
	chmod(twin, 0755);
	bool fine =
	    make_twin(cli, files, count, folder, twin) && renameat2(AT_FDCWD, twin, AT_FDCWD, folder, RENAME_EXCHANGE) == 0;
	remove_folder(cli, twin);
	return fine;
}

vigil_status vg_import_finish_all(vg_cli *cli, vg_import_file *files, size_t count, vigil_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (fflush(files[i].stream) != 0 || ferror(files[i].stream) || fsync(fileno(files[i].stream)) != 0)
			return vg_import_fail_write(files[i].path, err);
	bool together = exchange(cli, files, count);
	for (size_t i = 0; i < count; i++) {
		if (!together && rename(files[i].temporary, files[i].path) != 0)
			return vg_import_fail_write(files[i].path, err);
		fclose(files[i].stream);
		files[i].stream = NULL;
	}
	return VIGIL_OK;
}

void vg_import_head(vg_import_file *file, const char *name, const char *source, size_t count, const char *of)
{
	fprintf(file->stream, "%s%s from ", head, name);
	for (const char *at = source; *at; at++)
		fputc((unsigned char)*at < 0x20 ? '?' : *at, file->stream);
	fprintf(file->stream, ", %zu %s\n", count, of);
}

/* What no table may hold becomes a blank or a question mark: one odd name must not stop a whole pack from loading. */
static char fit(char byte, bool utf8)
{
	unsigned char value = (unsigned char)byte;
	if (value < 0x20 || value == 0x7F)
		return ' ';
	return utf8 || value < 0x80 ? byte : '?';
}

void vg_import_row(FILE *stream, const char *const *cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *cell = cells[i] ? cells[i] : "";
		bool utf8 = vg_utf8_valid(cell, strlen(cell));
		bool quoted = strpbrk(cell, ",\"\t\r\n") || *cell == ' ' || *cell == '#';
		if (i)
			fputc(',', stream);
		if (quoted)
			fputc('"', stream);
		for (; *cell; cell++) {
			if (*cell == '"')
				fputc('"', stream);
			fputc(fit(*cell, utf8), stream);
		}
		if (quoted)
			fputc('"', stream);
	}
	fputc('\n', stream);
}

const char *vg_import_slug(vg_cli *cli, const char *text)
{
	char *slug = vg_copy_text(&cli->arena, text, strlen(text));
	size_t length = 0;
	for (const char *at = text; slug && *at && length < 80; at++) {
		if (isascii((unsigned char)*at) && isalnum((unsigned char)*at))
			slug[length++] = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
		else if (length && slug[length - 1] != '-')
			slug[length++] = '-';
	}
	while (length && slug[length - 1] == '-')
		length--;
	if (!slug || !length)
		return slug ? "unnamed" : NULL;
	slug[length] = '\0';
	return slug;
}

/* ---- what was imported -------------------------------------------------------------- */

typedef struct imported {
	const char *path; /* relative to the import folder */
	const char *name; /* "rxnorm", "valueset-…" */
	const char *rest; /* "RRF, 123 products" */
} imported;

/* Reads the first line of a file; false when it was not imported. */
static bool read_head(vg_cli *cli, const char *folder, imported *item)
{
	char line[4096];
	const char *path = vg_format(&cli->arena, "%s/%s", folder, item->path);
	FILE *stream = path ? fopen(path, "re") : NULL;
	bool found = stream && fgets(line, sizeof line, stream) && vg_starts_with(line, head);
	if (stream)
		fclose(stream);
	const char *from = found ? strstr(line, " from ") : NULL;
	if (!from)
		return false;
	const char *name = line + strlen(head), *rest = from + strlen(" from ");
	item->name = vg_copy_text(&cli->arena, name, (size_t)(from - name));
	item->rest = vg_copy_text(&cli->arena, rest, strcspn(rest, "\n"));
	return item->name && item->rest;
}

static vigil_status list_imports(vg_cli *cli, const char *folder, imported **ret, size_t *ret_count, vigil_error *err)
{
	size_t count = 0, capacity = 0;
	struct stat info;
	*ret = NULL;
	*ret_count = 0;
	for (size_t i = 0; i < VG_COUNT(folders); i++) {
		const char *const *names, *below = vg_format(&cli->arena, "%s/%s", folder, folders[i]);
		size_t found = 0;
		if (below && (stat(below, &info) != 0 || !S_ISDIR(info.st_mode)))
			continue;
		vigil_status status =
		    below ? vg_list_files(&cli->arena, below, ".csv", &names, &found, err) : vg_fail_memory(err);
		if (status != VIGIL_OK)
			return status;
		for (size_t j = 0; j < found; j++) {
			imported item = {.path = vg_format(&cli->arena, "%s/%s", folders[i], names[j])};
			imported *items = vg_grow(&cli->arena, *ret, count, &capacity, sizeof *items);
			if (!item.path || !items)
				return vg_fail_memory(err);
			*ret = items;
			if (read_head(cli, folder, &item))
				items[count++] = item;
		}
	}
	*ret_count = count;
	return VIGIL_OK;
}

static int show_imports(vg_cli *cli, const vg_options *options, const char *folder)
{
	imported *items;
	size_t count;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_page page;
	vg_grid grid = {.columns = 3};
	if (list_imports(cli, folder, &items, &count, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	vg_page_init(&page, cli);
	vg_json_writer json = {&page.out, false};
	bool as_json = strcmp(options->format, "json") == 0;
	if (as_json) {
		vg_json_open(&json, NULL, '{');
		vg_json_text_always(&json, "schema", "vigil.imports/1");
		vg_json_text_always(&json, "folder", folder);
		vg_json_open(&json, "imports", '[');
	}
	for (size_t i = 0; i < count; i++) {
		if (as_json) {
			vg_json_open(&json, NULL, '{');
			vg_json_text_always(&json, "name", items[i].name);
			vg_json_text_always(&json, "file", items[i].path);
			vg_json_text_always(&json, "source", items[i].rest);
			vg_json_close(&json, '}');
			continue;
		}
		vg_grid_add(&cli->arena, &grid, items[i].name);
		vg_grid_add(&cli->arena, &grid, items[i].path);
		vg_grid_add(&cli->arena, &grid, items[i].rest);
	}
	if (as_json) {
		vg_json_close(&json, ']');
		vg_json_close(&json, '}');
		vg_add(&page.out, "\n");
	} else if (count) {
		vg_page_grid(&page, 0, &grid);
	} else {
		vg_page_item(&page, 0, "", VG_PLAIN, vg_format(&cli->arena, "Nothing is imported in %s.", folder));
	}
	vg_print_buffer(cli, &page.out);
	return VIGIL_OK;
}

static int remove_import(vg_cli *cli, const char *folder, const char *name)
{
	imported *items;
	size_t count, removed = 0;
	vigil_error error = VIGIL_ERROR_INIT;
	if (list_imports(cli, folder, &items, &count, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	for (size_t i = 0; i < count; i++) {
		const char *path = vg_format(&cli->arena, "%s/%s", folder, items[i].path);
		if (strcmp(items[i].name, name) != 0)
			continue;
		if (!path)
			return vg_out_of_memory();
		if (unlink(path) != 0) {
			vg_import_fail_write(path, &error);
			return vg_tell_error(&error);
		}
		removed++;
	}
	if (!removed)
		return vg_wrong_use("`vigil knowledge list-imports` lists them.", "Nothing named \"%.80s\" is imported.", name);
	vg_print(cli, vg_format(&cli->arena, "%s is removed.\n", name));
	return VIGIL_OK;
}

/* ---- the command ----------------------------------------------------------------------- */

static const char *import_folder(vg_cli *cli, const vg_options *options)
{
	const char *root = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	if (options->to)
		return options->to;
	if (root && *root == '/')
		return vg_format(&cli->arena, "%s/vigil", root);
	return home && *home == '/' ? vg_format(&cli->arena, "%s/.local/share/vigil", home) : NULL;
}

static int import(vg_cli *cli, const vg_options *options, const char *folder)
{
	static const char usage[] = "Usage: vigil knowledge import rxnorm|valueset|sets|local-codes PATH [--to DIR]";
	const char *said = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_status status;
	if (options->arguments.count != 3)
		return vg_wrong_use(usage, "`vigil knowledge import` needs what to import and from where.");
	const char *kind = options->arguments.items[1], *source = options->arguments.items[2];
	if (options->name && strcmp(kind, "valueset") != 0)
		return vg_wrong_use("Leave it out.", "--name belongs to `vigil knowledge import valueset`.");
	if (strcmp(kind, "rxnorm") == 0)
		status = vg_import_rxnorm(cli, source, folder, &said, &error);
	else if (strcmp(kind, "valueset") == 0)
		status = vg_import_valueset(cli, source, folder, options->name, &said, &error);
	else if (strcmp(kind, "sets") == 0)
		status = vg_import_sets(cli, source, folder, &said, &error);
	else if (strcmp(kind, "local-codes") == 0)
		status = vg_import_local_codes(cli, source, folder, &said, &error);
	else
		return vg_wrong_use(usage, "`vigil knowledge import` does not know \"%.40s\".", kind);
	if (status != VIGIL_OK)
		return vg_tell_error(&error);
	vg_print(cli, said);
	return cli->arena.failed ? vg_out_of_memory() : VIGIL_OK;
}

int vg_command_import(vg_cli *cli, const vg_options *options)
{
	const char *what = options->arguments.items[0], *folder = import_folder(cli, options);
	if (!folder)
		return cli->arena.failed ? vg_out_of_memory()
					 : vg_wrong_use("Name a folder with --to DIR.",
							"Neither XDG_DATA_HOME nor HOME tells where imports are kept.");
	if (strcmp(what, "import") == 0)
		return import(cli, options, folder);
	if (strcmp(what, "list-imports") == 0 && options->arguments.count == 1)
		return show_imports(cli, options, folder);
	if (strcmp(what, "remove") == 0 && options->arguments.count == 2)
		return remove_import(cli, folder, options->arguments.items[1]);
	return vg_wrong_use("Usage: vigil knowledge list-imports, or vigil knowledge remove NAME",
			    "`vigil knowledge %s` has other arguments.", what);
}
