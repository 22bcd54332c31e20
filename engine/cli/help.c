/*
 * Help, from the tables of commands and options.
 */
#include <string.h>

#include "cli/cli.h"

static const char statuses[] =
    "Exit status: 0 done; 1 done, and something was found that was asked for; 2 wrong usage; 3 input that "
    "cannot be read; 4 rules or knowledge that cannot be loaded; 5 internal error or out of memory; 6 "
    "output that cannot be written.";

static void help_all(vg_cli *cli, vg_page *page)
{
	size_t count;
	vg_grid grid = {.columns = 2};
	const vg_command *commands = vg_commands(&count);
	vg_page_item(
	    page, 0, "", VG_PLAIN,
	    "vigil checks a patient's record and the orders being made against rules, and says what is dangerous, what is "
	    "due, and what could not be checked.");
	vg_page_line(page);
	vg_page_item(page, 0, "Usage: ", VG_BOLD, "vigil COMMAND [ARGUMENT]… [OPTION]…");
	vg_page_line(page);
	for (size_t i = 0; i < count; i++) {
		vg_grid_add(&cli->arena, &grid, vg_format(&cli->arena, "%s %s", commands[i].name, commands[i].arguments));
		vg_grid_add(&cli->arena, &grid, commands[i].summary);
	}
	vg_page_grid(page, 2, &grid);
	vg_page_line(page);
	vg_page_item(page, 0, "", VG_PLAIN, "`vigil help COMMAND` tells its options.");
}

static void help_one(vg_cli *cli, vg_page *page, const vg_command *command)
{
	size_t count;
	vg_grid grid = {.columns = 2};
	const vg_option_info *infos = vg_option_infos(&count);
	const char *usage =
	    vg_format(&cli->arena, "vigil %s %s%s[OPTION]…", command->name, command->arguments, *command->arguments ? " " : "");
	vg_page_item(page, 0, "Usage: ", VG_BOLD, usage ? usage : "");
	vg_page_item(page, 0, "", VG_PLAIN, command->summary);
	vg_page_line(page);
	if (*command->details) {
		vg_page_item(page, 0, "", VG_PLAIN, command->details);
		vg_page_line(page);
	}
	for (size_t i = 0; i < count; i++) {
		const vg_option_info *info = &infos[i];
		const char *help = info->help;
		if (!vg_command_takes(command, info->name))
			continue;
		if (strcmp(info->name, "format") == 0)
			help = vg_format(&cli->arena, "%s, the first without it: %s", info->help, command->formats);
		vg_grid_add(&cli->arena, &grid,
			    vg_format(&cli->arena, "--%s%s%s", info->name, info->argument ? " " : "",
				      info->argument ? info->argument : ""));
		vg_grid_add(&cli->arena, &grid, help);
	}
	vg_page_grid(page, 2, &grid);
}

int vg_command_help(vg_cli *cli, const vg_options *options)
{
	vg_page page;
	vg_page_init(&page, cli);
	if (options->arguments.count) {
		const char *name = options->arguments.items[0];
		const vg_command *command = vg_command_find(name);
		if (!command)
			return vg_wrong_use("`vigil help` lists them.", "There is no command \"%.60s\".", name);
		help_one(cli, &page, command);
	} else {
		help_all(cli, &page);
	}
	vg_page_line(&page);
	vg_page_item(&page, 0, "", VG_PLAIN, statuses);
	vg_print_buffer(cli, &page.out);
	return VIGIL_OK;
}
