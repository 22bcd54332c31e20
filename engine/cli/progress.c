/*
 * A progress bar on standard error, when that is a terminal; else nothing.
 */
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"

enum { BAR = 40 };

typedef struct bar {
	const char *what;
	size_t shown; /* + 1: the last percentage drawn */
} bar;

static void draw(void *user, size_t done, size_t all)
{
	bar *self = user;
	size_t percent = all ? done * 100 / all : 100;
	if (percent + 1 == self->shown)
		return;
	self->shown = percent + 1;
	fprintf(stderr, "\r%s [", self->what);
	for (size_t i = 0; i < BAR; i++)
		fputc(i * 100 < percent * BAR ? '#' : '.', stderr);
	fprintf(stderr, "] %3zu %%", percent);
	if (done >= all)
		fprintf(stderr, "\r\033[K");
	fflush(stderr);
}

vg_progress vg_terminal_progress(vg_cli *cli, const char *what)
{
	bar *self = isatty(STDERR_FILENO) ? vg_alloc(&cli->arena, sizeof *self) : NULL;
	if (!self)
		return (vg_progress){NULL, NULL};
	*self = (bar){what, 0};
	return (vg_progress){draw, self};
}
