/*
 * Files: reading a whole one, listing a folder.
 *
 * What is read is everything up to the end of the file at the time of reading,
 * or an error; never a part.  "-" is the standard input.  Pipes are read too
 * (`vigil check <(zcat record.json.gz)`), so the size that the system tells is
 * only where the reading begins, and the limit holds for what was read.
 *
 * Listings are sorted by bytes, so that they do not depend on the file system.
 * Names that begin with a dot are not listed nor entered: they are editors'
 * and version control's.
 */
#include "base/base_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static vigil_status at_path(vigil_error *err, const char *path, vigil_status status)
{
	vg_error_place(err, path, 0);
	return status;
}

static vigil_status fail_opening(vigil_error *err, const char *path, const char *what, int number)
{
	vigil_status status;
	if (number == ENOENT || number == ENOTDIR)
		status = vg_fail(err, VIGIL_BAD_INPUT, "Check the spelling of its path.", "There is no %s \"%s\".", what, path);
	else if (number == EACCES || number == EPERM)
		status = vg_fail(err, VIGIL_BAD_INPUT, "Give the user that runs Vigil the right to read it.",
				 "The %s \"%s\" may not be read.", what, path);
	else if (number == ENOMEM)
		status = vg_fail_memory(err);
	else
		status = vg_fail(err, VIGIL_BAD_INPUT, NULL, "The %s \"%s\" cannot be read: %s.", what, path,
				 strerrordesc_np(number));
	return at_path(err, path, status);
}

static vigil_status fail_folder(vigil_error *err, const char *path)
{
	return at_path(err, path, vg_fail(err, VIGIL_BAD_INPUT, "Name a file in it.", "\"%s\" is a folder, not a file.", path));
}

static vigil_status fail_size(vigil_error *err, const char *path, size_t limit)
{
	return at_path(err, path,
		       vg_fail(err, VIGIL_BAD_INPUT, "Split the file, or raise the limit.", "\"%s\" is larger than %zu bytes.",
			       path, limit));
}

/* Reads until the end; `expected` bytes are likely. */
static vigil_status read_all(vg_arena *arena, int file, const char *path, size_t expected, size_t limit, char **ret,
			     size_t *ret_length, vigil_error *err)
{
	size_t capacity = expected + 2, length = 0; /* one for the NUL, one to meet the end without growing */
	char *text = vg_alloc(arena, capacity);
	if (!text)
		return at_path(err, path, vg_fail_memory(err));
	for (;;) {
		ssize_t count = read(file, text + length, capacity - 1 - length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return fail_opening(err, path, "file", errno);
		if (count == 0)
			break;
		length += (size_t)count;
		if (limit && length > limit)
			return fail_size(err, path, limit);
		if (length < capacity - 1)
			continue;
		text = vg_arena_extend(arena, text, capacity, capacity * 2);
		if (!text)
			return at_path(err, path, vg_fail_memory(err));
		capacity *= 2;
	}
	text[length] = '\0';
	*ret = text;
	*ret_length = length;
	return VIGIL_OK;
}

vigil_status vg_read_file(vg_arena *arena, const char *path, size_t limit, char **ret, size_t *ret_length, vigil_error *err)
{
	enum { FIRST_OF_PIPE = 65536 };
	bool standard = strcmp(path, "-") == 0;
	int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (file < 0)
		return fail_opening(err, path, "file", errno);
	struct stat info;
	vigil_status status;
	if (fstat(file, &info) != 0)
		status = fail_opening(err, path, "file", errno);
	else if (S_ISDIR(info.st_mode))
		status = fail_folder(err, path);
	else if (limit && S_ISREG(info.st_mode) && (uintmax_t)info.st_size > limit && !standard)
		status = fail_size(err, path, limit);
	else
		status = read_all(arena, file, path, S_ISREG(info.st_mode) ? (size_t)info.st_size : FIRST_OF_PIPE, limit, ret,
				  ret_length, err);
	if (!standard)
		close(file);
	return status;
}

/* ---- folders ----------------------------------------------------------- */

enum { DEEPEST_FOLDER = 32 };

typedef struct listing {
	vg_arena *arena;
	const char *folder, *suffix;
	const char **names;
	size_t count, capacity;
} listing;

static bool ends_with(const char *text, const char *suffix)
{
	size_t length = strlen(text), suffix_length = strlen(suffix);
	return length >= suffix_length && memcmp(text + length - suffix_length, suffix, suffix_length) == 0;
}

static vigil_status list_below(listing *list, const char *below, int depth, vigil_error *err);

static vigil_status list_entry(listing *list, DIR *folder, const char *below, const char *name, int depth, vigil_error *err)
{
	struct stat info;
	if (name[0] == '.')
		return VIGIL_OK;
	char *path = vg_format(list->arena, "%s%s%s", below, *below ? "/" : "", name);
	if (!path)
		return vg_fail_memory(err);
	if (fstatat(dirfd(folder), name, &info, 0) != 0)
		return fail_opening(err, path, "file", errno);
	if (S_ISDIR(info.st_mode))
		return list_below(list, path, depth + 1, err);
	if (!S_ISREG(info.st_mode) || !ends_with(name, list->suffix))
		return VIGIL_OK;
	const char **names = vg_grow(list->arena, list->names, list->count, &list->capacity, sizeof *names);
	if (!names)
		return vg_fail_memory(err);
	list->names = names;
	names[list->count++] = path;
	return VIGIL_OK;
}

static vigil_status list_below(listing *list, const char *below, int depth, vigil_error *err)
{
	char *path = vg_format(list->arena, "%s%s%s", list->folder, *below ? "/" : "", below);
	if (!path)
		return vg_fail_memory(err);
	if (depth > DEEPEST_FOLDER)
		return at_path(err, path,
			       vg_fail(err, VIGIL_BAD_INPUT, "Look for a link that leads back to a folder above it.",
				       "Folders below \"%s\" are nested more than %d deep.", list->folder, DEEPEST_FOLDER));
	DIR *folder = opendir(path);
	if (!folder)
		return fail_opening(err, path, "folder", errno);
	vigil_status status = VIGIL_OK;
	while (status == VIGIL_OK) {
		errno = 0;
		struct dirent *entry = readdir(folder);
		if (!entry) {
			if (errno)
				status = fail_opening(err, path, "folder", errno);
			break;
		}
		status = list_entry(list, folder, below, entry->d_name, depth, err);
	}
	closedir(folder);
	return status;
}

static int by_bytes(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

vigil_status vg_list_files(vg_arena *arena, const char *folder, const char *suffix, const char *const **ret, size_t *ret_count,
			   vigil_error *err)
{
	listing list = {.arena = arena, .folder = folder, .suffix = suffix};
	vigil_status status = list_below(&list, "", 0, err);
	if (status != VIGIL_OK)
		return status;
	if (list.count)
		qsort(list.names, list.count, sizeof *list.names, by_bytes);
	*ret = list.names;
	*ret_count = list.count;
	return VIGIL_OK;
}
