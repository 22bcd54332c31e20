/*
 * Opening and closing the server: one libmicrohttpd daemon a listening socket,
 * which reads and writes with epoll in a thread of its own (in more where there
 * are many workers), and the workers that answer.
 *
 * Closing is gentle: no new connections, every answer from now on ends its
 * connection, idle connections are ended after a moment, and what still runs
 * has `limits.drain_time` to end.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "service/http_internal.h"

enum {
	LEAST_POOL =
	    1 << 15,       /* bytes of libmicrohttpd's memory for one connection: headers, part of the body, answer's headers */
	IDLE_GRACE = 1000, /* milliseconds in which a draining server still takes requests on open connections */
	LAST_WORDS = 200,  /* milliseconds for sending what was answered at the very end */
	KEY_DEADLINE = 3000, /* milliseconds for fetching a key set */
	LARGEST_KEYS = 1 << 20,
	WORKERS_OF_ONE = 8 /* that one reading thread can feed */
};
static const char tls_versions[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

/* Paths are compared as they came: nothing is decoded. */
static size_t keep_escapes(void *user, struct MHD_Connection *mhd, char *text)
{
	(void)user;
	(void)mhd;
	return strlen(text);
}

/* Called when the request's line is there; what it returns is the request's context. */
static void *keep_query(void *user, const char *uri, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	vg_connection *connection = info ? info->socket_context : NULL;
	const char *mark = uri ? strchr(uri, '?') : NULL;
	(void)user;
	if (connection && mark)
		connection->query = vg_copy_text(&connection->arena, mark + 1, strlen(mark + 1));
	return connection;
}

/* Descriptors for all connections that may be open, as far as the system allows. */
static void raise_descriptors(const vg_server *server)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)server->settings->connection_limit * server->listener_count + 256;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < wanted)
		vg_log_event(server->log, "warning", "few-descriptors",
			     "The system allows %llu open files: fewer connections than limits.connections can be open.",
			     (unsigned long long)limit.rlim_cur);
}

static bool fetch_keys(void *user, vg_arena *arena, const char *url, const char **ret, size_t *ret_length)
{
	vg_server *server = user;
	const vg_fetch fetch = {.url = url, .limit = LARGEST_KEYS, .deadline = KEY_DEADLINE};
	vg_fetched fetched;
	vg_client_get(server->client, &fetch, 1, arena, &fetched);
	*ret = fetched.body;
	*ret_length = fetched.length;
	if (fetched.status != VIGIL_OK)
		vg_log_event(server->log, "error", "key-set", "%s", fetched.error.text);
	return fetched.status == VIGIL_OK;
}

/* Key sets come from the servers of the listed URLs and no others. */
static vigil_status open_client(vg_server *server, vigil_error *err)
{
	const vg_settings *settings = server->settings;
	const char **origins = vg_alloc_array(&server->arena, settings->auth_jku_allow.count + 1, sizeof *origins);
	if (!origins)
		return vg_fail_memory(err);
	for (size_t i = 0; i < settings->auth_jku_allow.count; i++) {
		const char *url = settings->auth_jku_allow.items[i];
		size_t scheme = strlen("https://");
		if (!(origins[i] = vg_copy_text(&server->arena, url, scheme + strcspn(url + scheme, "/?#"))))
			return vg_fail_memory(err);
	}
	const vg_client_config config = {
	    .origins = origins, .origin_count = settings->auth_jku_allow.count, .ca_file = settings->auth_ca_file};
	return vg_client_open(&config, &vg_system_allocator, &server->client, err);
}

static vigil_status open_authentication(vg_server *server, vigil_error *err)
{
	const vg_settings *settings = server->settings;
	if (!settings->auth_required)
		return VIGIL_OK;
	const vg_auth_config config = {.issuers = settings->auth_issuers.items,
				       .issuer_count = settings->auth_issuers.count,
				       .key_files = settings->auth_jwks.items,
				       .key_file_count = settings->auth_jwks.count,
				       .key_urls = settings->auth_jku_allow.items,
				       .key_url_count = settings->auth_jku_allow.count,
				       .audience = settings->auth_audience,
				       .tenant = settings->auth_tenant};
	vigil_status status = open_client(server, err);
	return status == VIGIL_OK ? vg_auth_open(&config, fetch_keys, server, &vg_system_allocator, &server->auth, err)
				  : status;
}

/*
 * libmicrohttpd zeroes all of a connection's memory for each request: with 1,000
 * connections, memory that is in no cache.  Half of it is what is read at once.
 */
static size_t pool_size(const vg_settings *settings)
{
	size_t wanted = 2 * (size_t)settings->header_limit;
	return wanted < LEAST_POOL ? LEAST_POOL : wanted;
}

static vigil_status start_daemon(vg_server *server, vg_listener *listener, vigil_error *err)
{
	const vg_settings *settings = server->settings;
	bool secure = settings->tls_certificate && !listener->local;
	unsigned threads = 1 + vg_server_threads(settings) / WORKERS_OF_ONE;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | (secure ? MHD_USE_TLS : 0);
	struct MHD_OptionItem more[6];
	size_t count = 0;
	if (threads > 1)
		more[count++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)threads, NULL};
	if (settings->client_connection_limit && !listener->local)
		more[count++] =
		    (struct MHD_OptionItem){MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->client_connection_limit, NULL};
	if (secure) {
		more[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)vg_certificate_choose};
		more[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)tls_versions};
	}
	more[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
	listener->server = server;
	listener->daemon = MHD_start_daemon(
	    flags, 0, NULL, NULL, vg_request_handle, server, MHD_OPTION_LISTEN_SOCKET, listener->descriptor, MHD_OPTION_ARRAY,
	    more, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_MEMORY_LIMIT, pool_size(settings),
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)settings->connection_limit, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)(settings->idle_time / 1000 + 1), MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL,
	    MHD_OPTION_URI_LOG_CALLBACK, keep_query, NULL, MHD_OPTION_NOTIFY_COMPLETED, vg_request_completed, listener,
	    MHD_OPTION_NOTIFY_CONNECTION, vg_connection_notify, listener, MHD_OPTION_END);
	if (listener->daemon)
		return VIGIL_OK;
	return vg_fail(err, VIGIL_WRONG_USE, "Allow the process more memory, threads and open files.",
		       "No server can be started on %.100s.", listener->address);
}

vigil_status vg_server_open(const vg_settings *settings, vg_service *service, vg_server **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	vg_server *server = vg_alloc(&arena, sizeof *server);
	if (!server)
		return vg_fail_memory(err);
	server->arena = arena;
	server->settings = settings;
	server->service = service;
	server->counts = vg_service_counts(service);
	vigil_status status = vg_log_open(STDERR_FILENO, &server->log, err);
	if (status == VIGIL_OK &&
	    getrandom(server->request_seed, sizeof server->request_seed, 0) != (ssize_t)sizeof server->request_seed)
		status = vg_fail(err, VIGIL_INTERNAL, "Look at the system.", "The system gives no random numbers.");
	if (status == VIGIL_OK)
		status = open_authentication(server, err);
	if (status == VIGIL_OK)
		status = vg_server_renew(server, err);
	if (status == VIGIL_OK)
		status = vg_listeners_open(settings, &server->arena, &server->listeners, &server->listener_count, err);
	if (status == VIGIL_OK)
		status = vg_watch_start(server, err);
	if (status == VIGIL_OK)
		status = vg_queue_start(server, err);
	if (status == VIGIL_OK)
		raise_descriptors(server);
	for (size_t i = 0; i < server->listener_count && status == VIGIL_OK; i++)
		status = start_daemon(server, &server->listeners[i], err);
	if (status == VIGIL_OK)
		*ret = server;
	else
		vg_server_close(server);
	return status;
}

const char *vg_server_address(const vg_server *server, size_t index)
{
	return index < server->listener_count ? server->listeners[index].address : NULL;
}

void vg_server_say(vg_server *server, const char *level, const char *event, const char *text)
{
	vg_log_event(server->log, level, event, "%s", text);
}

/* Takes the listening sockets back; connections that are open go on. */
static void stop_listening(vg_server *server)
{
	for (size_t i = 0; i < server->listener_count; i++) {
		vg_listener *listener = &server->listeners[i];
		/* What libmicrohttpd does not give back it closes itself when it stops. */
		if (listener->daemon && MHD_quiesce_daemon(listener->daemon) == MHD_INVALID_SOCKET)
			listener->descriptor = -1;
		vg_listener_close(listener);
	}
}

void vg_server_close(vg_server *server)
{
	if (!server)
		return;
	int64_t now = vg_milliseconds(), until = now + server->settings->drain_time;
	atomic_store(&server->draining, true);
	stop_listening(server);
	if (server->watch.running)
		vg_watch_drain(server, now + IDLE_GRACE < until ? now + IDLE_GRACE : until, until);
	/* libmicrohttpd must not end with suspended connections; what was refused now gets a moment to be sent. */
	vg_queue_stop(server);
	if (server->watch.running)
		vg_watch_drain(server, now, vg_milliseconds() + LAST_WORDS);
	for (size_t i = 0; i < server->listener_count; i++)
		if (server->listeners[i].daemon)
			MHD_stop_daemon(server->listeners[i].daemon);
	vg_queue_close(server);
	vg_watch_stop(server);
	vg_auth_close(server->auth);
	vg_certificates_drop(server);
	vg_client_close(server->client);
	vg_log_close(server->log);
	vg_arena arena = server->arena;
	vg_arena_free(&arena);
}
