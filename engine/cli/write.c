/*
 * Writing files that authors keep: rule files are replaced at once, or not at
 * all.  A link is followed, and the file's rights stay as they were.
 *
 * Called by `vigil boundaries --write`, `vigil fmt` and `vigil new`.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/import.h"

vigil_status vg_write_file(vg_cli *cli, const char *path, const char *text, size_t length, vigil_error *err)
{
	struct stat was;
	char *real = realpath(path, NULL); /* NULL: it is not there yet */
	const char *target = real ? vg_copy_text(&cli->arena, real, strlen(real)) : path;
	bool there = real && stat(real, &was) == 0;
	free(real);
	if (!target)
		return vg_fail_memory(err);
	const char *slash = strrchr(target, '/');
	const char *folder = slash ? vg_copy_text(&cli->arena, target, slash > target ? (size_t)(slash - target) : 1) : ".";
	vg_import_file file = {.stream = NULL};
	if (!folder)
		return vg_fail_memory(err);
	vigil_status status = vg_import_begin(cli, folder, slash ? slash + 1 : target, &file, err);
	if (status != VIGIL_OK)
		return status;
	if (there)
		fchmod(fileno(file.stream), was.st_mode & 07777);
	fwrite(text, 1, length, file.stream);
	return vg_import_finish(&file, err);
}
