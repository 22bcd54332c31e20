/*
 * Packs named as arguments of `lint` and `test`: layers over the starter pack,
 * which may be named itself.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static bool same_folder(const char *a, const char *b)
{
	char first[4096], second[4096];
	return a && b && realpath(a, first) && realpath(b, second) && strcmp(first, second) == 0;
}

vigil_status vg_locate_layers(vg_cli *cli, const vg_options *options, vigil_config *ret, vigil_error *err)
{
	vg_options layered = *options;
	const char *starter = vg_starter_folder(cli);
	size_t count = options->rules.count + options->arguments.count;
	const char **folders = vg_alloc_array(&cli->arena, count, sizeof *folders);
	if (!folders)
		return vg_fail_memory(err);
	layered.rules = (vg_list){folders, 0, count};
	for (size_t i = 0; i < options->rules.count; i++)
		folders[layered.rules.count++] = options->rules.items[i];
	for (size_t i = 0; i < options->arguments.count; i++)
		if (options->no_starter || !same_folder(options->arguments.items[i], starter))
			folders[layered.rules.count++] = options->arguments.items[i];
	vigil_status status = vg_locate(cli, &layered, ret, err);
	ret->accept_errors = 1;
	/* The starter pack named as an argument is shown under that name. */
	for (size_t i = 0; i < options->arguments.count && !options->no_starter; i++)
		if (same_folder(options->arguments.items[i], starter))
			ret->starter_dir = options->arguments.items[i];
	return status;
}

bool vg_below_arguments(const vg_options *options, const char *file)
{
	if (!options->arguments.count || !file || !*file)
		return true;
	for (size_t i = 0; i < options->arguments.count; i++) {
		const char *folder = options->arguments.items[i];
		size_t length = strlen(folder);
		while (length > 1 && folder[length - 1] == '/')
			length--;
		if (strncmp(file, folder, length) == 0 && (file[length] == '/' || file[length] == '\0'))
			return true;
	}
	return options->record && strcmp(file, options->record) == 0;
}
