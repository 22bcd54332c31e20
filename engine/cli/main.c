/*
 * The command `vigil`: finds the subcommand, reads its options, runs it, and
 * ends with a status that says whether the output was written, too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"

/* Columns that a line is read well in; a terminal's own when it has fewer. */
enum { WIDEST = 100 };

static void look_at_terminal(vg_cli *cli)
{
	struct winsize size;
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	cli->terminal = isatty(STDOUT_FILENO);
	cli->colour = cli->terminal && !(no_colour && *no_colour) && term && strcmp(term, "dumb") != 0;
	cli->width = WIDEST;
	if (cli->terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40 && size.ws_col < WIDEST)
		cli->width = size.ws_col;
}

static int unknown_command(const char *name)
{
	const char *names[32];
	char advice[128];
	size_t count;
	const vg_command *commands = vg_commands(&count);
	for (size_t i = 0; i < count && i < VG_COUNT(names); i++)
		names[i] = commands[i].name;
	const char *nearest = vg_nearest(name, names, count < VG_COUNT(names) ? count : VG_COUNT(names));
	snprintf(advice, sizeof advice, nearest ? "Did you mean `vigil %s`?" : "`vigil help` lists the commands.", nearest);
	return vg_wrong_use(advice, "There is no command \"%.60s\".", name);
}

static int run(vg_cli *cli, int count, char **arguments)
{
	const char *name = count > 1 ? arguments[1] : NULL;
	vg_options options = {0};
	if (!name) {
		fputs("vigil: A command is missing.\n       `vigil help` lists the commands.\n", stderr);
		return VIGIL_WRONG_USE;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (strcmp(name, "--version") == 0)
		name = "version";
	const vg_command *command = vg_command_find(name);
	if (!command)
		return unknown_command(name);
	vigil_status status = vg_options_read(cli, command, count - 2, arguments + 2, &options);
	if (status != VIGIL_OK)
		return (int)status;
	if (options.help) {
		const char *topic = command->name;
		options = (vg_options){.arguments = {&topic, 1, 1}};
		return vg_command_help(cli, &options);
	}
	return command->run(cli, &options);
}

int main(int count, char **arguments)
{
	vg_cli cli = {0};
	vg_arena_init(&cli.arena, NULL, 0);
	look_at_terminal(&cli);
	int status = vg_finish(&cli, run(&cli, count, arguments));
	vg_arena_free(&cli.arena);
	return status;
}
