/*
 * `vigil test --watch`: once more after each change.
 *
 * The folders of the packs are watched, those below them too, and anew before
 * each run, because folders come and go; so a change during a run counts.  An
 * editor writes a file in several steps, so a change counts when it has been
 * quiet for a moment.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

enum { QUIET_MS = 150, CHANGES = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO };

/* One folder and those below it; false when it cannot be watched. */
static bool watch_folder(vg_cli *cli, int watcher, const char *path)
{
	const char *const *names;
	size_t count;
	struct stat what;
	if (stat(path, &what) != 0 || inotify_add_watch(watcher, path, CHANGES) < 0)
		return false;
	if (!S_ISDIR(what.st_mode))
		return true;
	if (vg_list_files(&cli->arena, path, "", &names, &count, NULL) != VIGIL_OK)
		return false;
	const char *last = "";
	for (size_t i = 0; i < count; i++) { /* files in order of their paths: folders follow each other */
		const char *slash = strrchr(names[i], '/');
		size_t length = slash ? (size_t)(slash - names[i]) : 0;
		if (length == 0 || (strlen(last) == length && memcmp(last, names[i], length) == 0))
			continue;
		last = vg_copy_text(&cli->arena, names[i], length);
		const char *folder = last ? vg_format(&cli->arena, "%s/%s", path, last) : NULL;
		if (!folder || inotify_add_watch(watcher, folder, CHANGES) < 0)
			return false;
	}
	return true;
}

static bool watch_all(vg_cli *cli, int watcher, const vg_options *options)
{
	const vg_list *lists[] = {&options->arguments, &options->rules};
	bool fine = true;
	for (size_t i = 0; i < VG_COUNT(lists); i++)
		for (size_t k = 0; k < lists[i]->count; k++)
			fine &= watch_folder(cli, watcher, lists[i]->items[k]);
	const char *starter = options->arguments.count + options->rules.count == 0 ? vg_starter_folder(cli) : NULL;
	return fine && (!starter || watch_folder(cli, watcher, starter));
}

/* Waits for a change, then until it is quiet; false when interrupted. */
static bool wait_for_change(int watcher)
{
	char events[8192];
	struct pollfd one = {.fd = watcher, .events = POLLIN};
	if (poll(&one, 1, -1) < 0)
		return false;
	while (poll(&one, 1, QUIET_MS) > 0)
		if (read(watcher, events, sizeof events) <= 0)
			return false;
	return true;
}

/* One round, in memory of its own: this goes on for as long as somebody writes rules. */
static int watch_once(vg_cli *cli, int watcher, const vg_options *options, int (*run)(vg_cli *cli, const vg_options *options),
		      bool *ret_watched)
{
	vg_cli round = *cli;
	int status = VIGIL_OK;
	vg_arena_init(&round.arena, &vg_system_allocator, 0);
	*ret_watched = watch_all(&round, watcher, options);
	if (*ret_watched && (status = run(&round, options)) == VIGIL_OK && !wait_for_change(watcher))
		status = VG_EXIT_FOUND; /* interrupted */
	cli->write_failed |= round.write_failed;
	cli->write_errno = round.write_errno;
	vg_arena_free(&round.arena);
	return status;
}

int vg_watch_packs(vg_cli *cli, const vg_options *options, int (*run)(vg_cli *cli, const vg_options *options))
{
	int watcher = inotify_init1(IN_CLOEXEC), status = VIGIL_OK;
	bool watched = watcher >= 0;
	while (watched && status == VIGIL_OK)
		status = watch_once(cli, watcher, options, run, &watched);
	int reason = errno;
	if (watcher >= 0)
		close(watcher);
	if (watched)
		return status == VG_EXIT_FOUND ? VIGIL_OK : status;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_fail(&error, VIGIL_BAD_INPUT, "See that the folders are there, or run it without --watch.",
		"The packs cannot be watched: %s.", strerror(reason));
	return vg_tell_error(&error);
}
