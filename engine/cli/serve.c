/*
 * `vigil serve`: the service in the foreground.
 *
 * Settings come from the file of --config, then from flags.  The clock's zone,
 * the sockets that systemd hands over, and signals belong to the process, so
 * they are here: SIGTERM and SIGINT end gently (a second one at once), SIGHUP
 * loads the packs again; a journal that cannot take its rows is told.  Ready is what standard output says, a line for each
 * address, and what systemd is told.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "cli/serve.h"

/* ---- settings -------------------------------------------------------------------- */

static vigil_status set_list(vg_cli *cli, vg_settings *settings, const char *key, const vg_list *values, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; i < values->count && status == VIGIL_OK; i++)
		status = vg_settings_set(settings, &cli->arena, key, values->items[i], err);
	return status;
}

static vigil_status set_text(vg_cli *cli, vg_settings *settings, const char *key, const char *value, vigil_error *err)
{
	return value ? vg_settings_set(settings, &cli->arena, key, value, err) : VIGIL_OK;
}

/* Flags win over the file; those that may be repeated add to it. */
static vigil_status apply_flags(vg_cli *cli, const vg_options *options, vg_settings *settings, vigil_error *err)
{
	if (options->journal)
		settings->no_journal = false;
	if (options->no_journal)
		settings->journal = NULL;
	settings->no_journal = settings->no_journal || options->no_journal;
	settings->no_starter = settings->no_starter || options->no_starter;
	vigil_status status = set_list(cli, settings, "server.listen", &options->listen, err);
	if (status == VIGIL_OK)
		status = set_list(cli, settings, "server.allow_origin", &options->allow_origin, err);
	if (status == VIGIL_OK)
		status = set_list(cli, settings, "rules.folder", &options->rules, err);
	if (status == VIGIL_OK)
		status = set_text(cli, settings, "server.socket", options->socket, err);
	if (status == VIGIL_OK)
		status = set_text(cli, settings, "server.time_zone", options->time_zone, err);
	if (status == VIGIL_OK)
		status = set_text(cli, settings, "rules.knowledge", options->knowledge, err);
	if (status == VIGIL_OK)
		status = set_text(cli, settings, "journal.file", options->journal, err);
	return status;
}

/* systemd's LISTEN_FDS, when they are meant for this process. */
static int inherited_sockets(void)
{
	const char *process = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	if (!process || !count || strtol(process, NULL, 10) != (long)getpid())
		return 0;
	long sockets = strtol(count, NULL, 10);
	return sockets > 0 && sockets < 64 ? (int)sockets : 0;
}

/* The zone of the whole process, from now on: threads ask for the local time. */
static vigil_status set_zone(vg_cli *cli, const char *zone, vigil_error *err)
{
	const char *now;
	vigil_status status = vg_now(cli, zone, &now, err);
	if (status != VIGIL_OK || !zone)
		return status;
	const char *offset = now + strlen(now) - strlen("+hh:mm");
	const char *text = zone[0] == '+' || zone[0] == '-' || strcmp(zone, "Z") == 0
			       ? vg_format(&cli->arena, "<%s>%c%s", offset, *offset == '+' ? '-' : '+', offset + 1)
			       : zone;
	if (!text || setenv("TZ", text, 1) != 0)
		return vg_fail_memory(err);
	tzset();
	return VIGIL_OK;
}

/* The description of the native API, in a source tree or an installation. */
static const char *openapi_file(vg_cli *cli)
{
	static const char *const places[] = {"docs/service/openapi.json", "openapi.json"};
	const char *folder = vg_starter_folder(cli);
	for (size_t i = 0; folder && i < VG_COUNT(places); i++) {
		const char *path = vg_format(&cli->arena, "%s/../%s", folder, places[i]);
		if (path && access(path, R_OK) == 0)
			return path;
	}
	return NULL;
}

vigil_status vg_serve_settings(vg_cli *cli, const vg_options *options, vg_settings *settings, vg_texts *warnings,
			       vigil_error *err)
{
	vg_settings_init(settings);
	vigil_status status = options->config ? vg_settings_read(settings, &cli->arena, options->config, err) : VIGIL_OK;
	if (status == VIGIL_OK)
		status = apply_flags(cli, options, settings, err);
	settings->inherited_sockets = inherited_sockets();
	return status == VIGIL_OK ? vg_settings_check(settings, &cli->arena, warnings, err) : status;
}

vg_options vg_serve_packs(const vg_options *options, const vg_settings *settings)
{
	vg_options packs = *options;
	packs.rules = (vg_list){settings->rules.items, settings->rules.count, settings->rules.capacity};
	packs.no_starter = settings->no_starter;
	packs.knowledge = settings->knowledge;
	return packs;
}

static vigil_status open_service(vg_cli *cli, const vg_options *options, const vg_settings *settings, vg_service **ret,
				 vg_findings *findings, vigil_error *err)
{
	vg_service_config config;
	const vg_options packs = vg_serve_packs(options, settings);
	vigil_status status = vg_settings_service(settings, &cli->arena, &config, err);
	if (status == VIGIL_OK)
		status = vg_locate(cli, &packs, &config.engine, err);
	if (status != VIGIL_OK)
		return status;
	config.openapi_file = openapi_file(cli);
	return vg_service_open(&config, findings, ret, err);
}

/* ---- systemd ----------------------------------------------------------------------- */

/* "READY=1" and the like, when systemd listens. Nobody depends on the outcome. */
static void tell_systemd(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un place = {.sun_family = AF_UNIX};
	size_t length = path ? strlen(path) : 0;
	if (length < 2 || length >= sizeof place.sun_path || (*path != '/' && *path != '@'))
		return;
	memcpy(place.sun_path, path, length);
	if (*path == '@')
		place.sun_path[0] = '\0';
	int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return;
	ssize_t sent = sendto(descriptor, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&place,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
	(void)sent;
	close(descriptor);
}

/* Seconds from one look at the service to the next: a few, and at most half of systemd's watchdog time. */
static time_t look_pause(void)
{
	enum { LOOK = 5 };
	const char *text = getenv("WATCHDOG_USEC");
	long long micros = text ? strtoll(text, NULL, 10) : 0;
	return micros >= 2000000 && micros < 2000000LL * LOOK ? (time_t)(micros / 2000000) : LOOK;
}

/* ---- running ------------------------------------------------------------------------- */

static void reload(vg_server *server, vg_service *service)
{
	vigil_error error = VIGIL_ERROR_INIT;
	const char *summary = NULL;
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	if (vg_service_reload(service, &arena, &summary, &error) == VIGIL_OK) {
		vg_server_say(server, "info", "reloaded", summary ? summary : "The packs were loaded again.");
	} else {
		vg_server_say(server, "error", "reload-refused", error.text);
		if (summary)
			vg_server_say(server, "error", "reload-refused", summary);
	}
	vg_arena_free(&arena);
	if (vg_server_renew(server, &error) != VIGIL_OK)
		vg_server_say(server, "error", "certificate-refused", error.text);
}

/* Tells once that rows cannot be moved into the journal's file, and once that they can again. */
static void tell_journal(vg_server *server, vg_service *service, bool *told)
{
	vg_journal_health journal;
	if (!vg_service_journal(service, &journal) || (journal.trouble.status != VIGIL_OK) == *told)
		return;
	*told = !*told;
	if (*told)
		vg_server_say(server, "error", "journal-waits", journal.trouble.text);
	else
		vg_server_say(server, "info", "journal-moved", "Rows are moved into the journal's file again.");
}

static void run(vg_server *server, vg_service *service, const sigset_t *signals)
{
	const struct timespec pause = {.tv_sec = look_pause()};
	bool told = false;
	for (;;) {
		int number = sigtimedwait(signals, NULL, &pause);
		tell_journal(server, service, &told);
		if (number == SIGTERM || number == SIGINT)
			break;
		if (number == SIGHUP)
			reload(server, service);
		tell_systemd("WATCHDOG=1");
	}
	vg_server_say(server, "info", "ending", "No new connections; running requests may end.");
	tell_systemd("STOPPING=1");
	/* A second one does not wait, even if whoever started the process had it ignored. */
	sigset_t ending;
	sigemptyset(&ending);
	sigaddset(&ending, SIGTERM);
	sigaddset(&ending, SIGINT);
	signal(SIGTERM, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	pthread_sigmask(SIG_UNBLOCK, &ending, NULL);
}

static void tell_ready(vg_cli *cli, vg_server *server, const vg_texts *warnings)
{
	for (size_t i = 0; i < warnings->count; i++)
		vg_server_say(server, "warning", "settings", warnings->items[i]);
	for (size_t i = 0; vg_server_address(server, i); i++) {
		vg_server_say(server, "info", "listening", vg_server_address(server, i));
		vg_print(cli, "vigil: ready on ");
		vg_print(cli, vg_server_address(server, i));
		vg_print(cli, "\n");
	}
	fflush(stdout);
	tell_systemd("READY=1");
}

int vg_command_serve(vg_cli *cli, const vg_options *options)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_settings settings;
	vg_texts warnings = {0};
	vg_service *service = NULL;
	vg_server *server = NULL;
	vg_findings findings;
	sigset_t signals;
	if (vg_serve_settings(cli, options, &settings, &warnings, &error) != VIGIL_OK ||
	    set_zone(cli, settings.time_zone, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	/* Blocked before any thread is there, so that this one gets them. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	vg_findings_init(&findings, &vg_system_allocator);
	vigil_status status = open_service(cli, options, &settings, &service, &findings, &error);
	int exit_status = VIGIL_OK;
	if (status != VIGIL_OK) {
		exit_status = vg_tell_error(&error);
		vg_tell_findings(&findings);
	}
	vg_findings_free(&findings);
	if (status == VIGIL_OK && vg_server_open(&settings, service, &server, &error) != VIGIL_OK)
		exit_status = vg_tell_error(&error);
	if (exit_status == VIGIL_OK) {
		tell_ready(cli, server, &warnings);
		run(server, service, &signals);
	}
	vg_server_close(server);
	vg_service_close(service);
	return exit_status;
}
