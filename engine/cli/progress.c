/*
 * A progress bar on standard error, when that is a terminal; else nothing.
 *
 * It appears after two seconds, so that quick work is not disturbed, and is
 * drawn ten times a second at most.  Rate and time left are those since the
 * beginning: steady, and right for work whose parts are alike.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"

enum { BAR = 24, FIRST_MS = 2000, BETWEEN_MS = 100 };

struct vg_meter {
	const char *what, *things;
	int64_t begun, drawn; /* milliseconds */
	bool visible;
};

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

vg_meter *vg_meter_open(vg_cli *cli, const char *what, const char *things)
{
	vg_meter *meter = isatty(STDERR_FILENO) ? vg_alloc(&cli->arena, sizeof *meter) : NULL;
	if (meter)
		*meter = (vg_meter){.what = what, .things = things, .begun = now_ms()};
	return meter;
}

static void draw(vg_meter *meter, uint64_t count, uint64_t done, uint64_t all, int64_t spent)
{
	uint64_t rate = spent > 0 ? count * 1000 / (uint64_t)spent : 0;
	fprintf(stderr, "\r\033[K%s ", meter->what);
	if (all) {
		uint64_t share = done < all ? done : all;
		fputc('[', stderr);
		for (uint64_t i = 0; i < BAR; i++)
			fputc(i * all < share * BAR ? '#' : '.', stderr);
		fprintf(stderr, "] %3d %%  ", (int)((double)share * 100.0 / (double)all));
	}
	fprintf(stderr, "%llu %s", (unsigned long long)count, meter->things);
	if (rate)
		fprintf(stderr, ", %llu a second", (unsigned long long)rate);
	if (all && done && done < all) {
		uint64_t left = (uint64_t)((double)spent / 1000.0 * (double)(all - done) / (double)done);
		fprintf(stderr, ", %llu:%02llu left", (unsigned long long)(left / 60), (unsigned long long)(left % 60));
	}
	fflush(stderr);
}

void vg_meter_show(vg_meter *meter, uint64_t count, uint64_t done, uint64_t all)
{
	int64_t now = meter ? now_ms() : 0;
	if (!meter || now - meter->begun < FIRST_MS || now - meter->drawn < BETWEEN_MS)
		return;
	draw(meter, count, done, all, now - meter->begun);
	meter->drawn = now;
	meter->visible = true;
}

void vg_meter_say(vg_meter *meter, const char *text)
{
	vg_meter_close(meter);
	fprintf(stderr, "vigil: %s\n", text ? text : "");
}

void vg_meter_close(vg_meter *meter)
{
	if (meter && meter->visible)
		fputs("\r\033[K", stderr);
	if (meter)
		meter->visible = false;
}

static void show_progress(void *user, size_t done, size_t all)
{
	if (done >= all)
		vg_meter_close(user);
	else
		vg_meter_show(user, done, done, all);
}

vg_progress vg_terminal_progress(vg_cli *cli, const char *what)
{
	vg_meter *meter = vg_meter_open(cli, what, "done");
	return meter ? (vg_progress){show_progress, meter} : (vg_progress){NULL, NULL};
}
