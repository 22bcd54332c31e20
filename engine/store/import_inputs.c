/*
 * What an import is to read: files of folders, in byte order, and what a bulk
 * export's manifest says about them.
 *
 * A manifest is a JSON file with `transactionTime` and `output`.  Its files are
 * those of its own folder whose names end as its addresses do; one that is not
 * there makes the export incomplete, and is said.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "store/population_internal.h"

typedef struct finding {
	vg_arena *arena;
	vg_import_input *items;
	size_t count, capacity;
	const char **missing;
	size_t missing_count, missing_capacity;
	const char **passed; /* files that a manifest lists as its errors, and manifests */
	size_t passed_count, passed_capacity;
	vigil_error *err;
} finding;

enum { LARGEST_MANIFEST = 16 << 20 };

static bool ends_with(const char *text, const char *suffix)
{
	size_t length = strlen(text), end = strlen(suffix);
	return length >= end && strcmp(text + length - end, suffix) == 0;
}

static bool is_lines(const char *path)
{
	return ends_with(path, ".ndjson") || ends_with(path, ".ndjson.gz") || ends_with(path, ".ndjson.zst") ||
	       ends_with(path, ".jsonl") || ends_with(path, ".jsonl.gz");
}

static bool is_input(const char *path) { return is_lines(path) || ends_with(path, ".json"); }

static vigil_status no_memory(finding *all) { return vg_fail_memory(all->err); }

static vigil_status add_file(finding *all, const char *path, uint64_t size)
{
	for (size_t i = 0; i < all->count; i++)
		if (strcmp(all->items[i].path, path) == 0)
			return VIGIL_OK; /* named twice */
	vg_import_input *items = vg_grow(all->arena, all->items, all->count, &all->capacity, sizeof *items);
	if (!items)
		return no_memory(all);
	all->items = items;
	items[all->count++] =
	    (vg_import_input){.path = path, .name = path, .lines = is_lines(path), .size = size, .transaction = VG_NO_INSTANT};
	return VIGIL_OK;
}

/* ---- manifests ------------------------------------------------------------------------ */

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* Whether a file is what an address names: the same last part, compressed or not. */
static bool is_named(const char *file, const char *address)
{
	size_t length = strcspn(last_part(address), "?#");
	const char *name = last_part(address), *mine = last_part(file);
	if (strncmp(mine, name, length) != 0)
		return false;
	return mine[length] == '\0' || strcmp(mine + length, ".gz") == 0 || strcmp(mine + length, ".zst") == 0 ||
	       strcmp(mine + length, ".ndjson") == 0 || strcmp(mine + length, ".ndjson.gz") == 0;
}

static const char *text_member(const cJSON *object, const char *name)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
	return cJSON_IsString(member) ? member->valuestring : "";
}

static size_t find_named(finding *all, size_t first, const char *address)
{
	for (size_t i = first; i < all->count; i++)
		if (is_named(all->items[i].path, address))
			return i;
	return SIZE_MAX;
}

static vigil_status add_text(finding *all, const char ***texts, size_t *count, size_t *capacity, const char *text)
{
	const char *copy = vg_copy_text(all->arena, text, strlen(text));
	const char **grown = vg_grow(all->arena, *texts, *count, capacity, sizeof *grown);
	if (!copy || !grown)
		return no_memory(all);
	*texts = grown;
	grown[(*count)++] = copy;
	return VIGIL_OK;
}

/* Marks the files of one of the manifest's lists. */
static vigil_status read_list(finding *all, size_t first, const cJSON *list, const char *name, int64_t time)
{
	vigil_status status = VIGIL_OK;
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		const char *address = text_member(item, "url");
		size_t found = *address ? find_named(all, first, address) : SIZE_MAX;
		if (found != SIZE_MAX) {
			all->items[found].transaction = time;
			all->items[found].deletes = strcmp(name, "deleted") == 0;
			if (strcmp(name, "error") == 0)
				status = add_text(all, &all->passed, &all->passed_count, &all->passed_capacity,
						  all->items[found].path);
		} else if (*address && strcmp(name, "error") != 0) {
			status = add_text(all, &all->missing, &all->missing_count, &all->missing_capacity, last_part(address));
		}
		if (status != VIGIL_OK)
			return status;
	}
	return VIGIL_OK;
}

/* Whether a JSON file is a manifest; marks the other files of its folder (from `first`) by it. */
static vigil_status read_manifest(finding *all, size_t first, const char *path)
{
	vg_arena scratch;
	vg_arena_init(&scratch, &all->arena->allocator, 0);
	char *text;
	size_t length;
	cJSON *tree = NULL;
	vigil_status status = vg_read_file(&scratch, path, LARGEST_MANIFEST, &text, &length, all->err);
	if (status == VIGIL_OK && memmem(text, length, "\"transactionTime\"", 17))
		tree = cJSON_ParseWithLength(text, length);
	const char *time = text_member(tree, "transactionTime");
	const cJSON *output = cJSON_GetObjectItemCaseSensitive(tree, "output");
	if (status == VIGIL_OK && *time && cJSON_IsArray(output)) {
		static const char *const lists[] = {"output", "deleted", "error"};
		vg_when when = VG_NO_WHEN;
		vg_date_parse(time, strlen(time), &when);
		for (size_t i = 0; status == VIGIL_OK && i < VG_COUNT(lists); i++)
			status =
			    read_list(all, first, cJSON_GetObjectItemCaseSensitive(tree, lists[i]), lists[i], when.instant);
		if (status == VIGIL_OK)
			status = add_text(all, &all->passed, &all->passed_count, &all->passed_capacity, path);
	}
	if (status == VIGIL_BAD_INPUT)
		status = VIGIL_OK; /* too large for one, or gone: reading it will say so */
	cJSON_Delete(tree);
	vg_arena_free(&scratch);
	return status;
}

/* ---- folders ------------------------------------------------------------------------------ */

static vigil_status fail_path(finding *all, const char *path, int reason)
{
	vg_fail(all->err, VIGIL_BAD_INPUT, "Name a folder of a bulk export, NDJSON files or FHIR bundles.",
		"It cannot be read: %s.", strerrordesc_np(reason));
	vg_error_place(all->err, path, 0);
	return VIGIL_BAD_INPUT;
}

static vigil_status add_path(finding *all, const char *path)
{
	struct stat info;
	if (stat(path, &info) != 0)
		return fail_path(all, path, errno);
	size_t first = all->count;
	if (!S_ISDIR(info.st_mode))
		return add_file(all, path, (uint64_t)info.st_size);
	const char *const *files;
	size_t count;
	vigil_status status = vg_list_files(all->arena, path, "", &files, &count, all->err);
	for (size_t i = 0; status == VIGIL_OK && i < count; i++) {
		const char *whole = is_input(files[i]) ? vg_format(all->arena, "%s/%s", path, files[i]) : "";
		if (!whole)
			return no_memory(all);
		if (*whole)
			status = stat(whole, &info) == 0 ? add_file(all, whole, (uint64_t)info.st_size)
							 : fail_path(all, whole, errno);
	}
	for (size_t i = first; status == VIGIL_OK && i < all->count; i++)
		if (!all->items[i].lines && all->items[i].size <= LARGEST_MANIFEST)
			status = read_manifest(all, first, all->items[i].path);
	if (status == VIGIL_OK && all->count == first) {
		vg_fail(all->err, VIGIL_BAD_INPUT,
			"An export's files end in .ndjson, .ndjson.gz or .ndjson.zst, bundles in .json.",
			"There is no FHIR in the folder.");
		vg_error_place(all->err, path, 0);
		return VIGIL_BAD_INPUT;
	}
	return status;
}

static bool is_passed(const finding *all, const char *path)
{
	for (size_t i = 0; i < all->passed_count; i++)
		if (strcmp(all->passed[i], path) == 0)
			return true;
	return false;
}

vigil_status vg_import_find(const char *const *paths, size_t count, const char *source, vg_arena *arena, vg_import_inputs *ret,
			    vigil_error *err)
{
	finding all = {.arena = arena, .err = err};
	for (size_t i = 0; i < count; i++) {
		vigil_status status = add_path(&all, paths[i]);
		if (status != VIGIL_OK)
			return status;
	}
	vg_buffer plan;
	vg_buffer_init(&plan, arena);
	vg_addf(&plan, "source %s\n", source);
	*ret = (vg_import_inputs){.items = all.items, .missing = all.missing, .missing_count = all.missing_count};
	for (size_t i = 0; i < all.count; i++) {
		vg_import_input input = all.items[i];
		if (is_passed(&all, input.path))
			continue;
		all.items[ret->count++] = input;
		ret->bytes += input.size;
		vg_addf(&plan, "%llu %d %lld %s\n", (unsigned long long)input.size, input.deletes, (long long)input.transaction,
			input.path);
	}
	ret->plan = vg_buffer_text(&plan);
	return ret->plan ? VIGIL_OK : vg_fail_memory(err);
}
