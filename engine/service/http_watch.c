/*
 * The connections there are, and the end of those that are too slow.
 *
 * libmicrohttpd ends a connection on which nothing happens; one that sends a
 * byte now and then would stay for ever.  So each connection has a deadline:
 * for its headers, for its body, for taking the answer, for its next request.
 * One thread looks at all of them a few times a second and shuts down what is
 * past its own; libmicrohttpd then sees the end and cleans up.
 *
 * Invariant: a connection is in the list exactly as long as its descriptor is
 * open: the callback that takes it out comes before the descriptor is closed,
 * and both it and the watch hold the lock.  So no other connection's
 * descriptor can be shut down by mistake.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "service/http_internal.h"

enum { LOOK_EVERY = 100 }; /* milliseconds */

static int64_t monotonic(int64_t per_second)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * per_second + (int64_t)now.tv_nsec / (1000000000 / per_second);
}

int64_t vg_milliseconds(void) { return monotonic(1000); }

int64_t vg_microseconds(void) { return monotonic(1000000); }

void vg_connection_expect(vg_connection *connection, long milliseconds)
{
	atomic_store_explicit(&connection->deadline, vg_milliseconds() + milliseconds, memory_order_relaxed);
}

static void add_connection(vg_server *server, vg_connection *connection)
{
	vg_watch_list *watch = &server->watch;
	pthread_mutex_lock(&watch->lock);
	connection->next = watch->first;
	if (watch->first)
		watch->first->previous = connection;
	watch->first = connection;
	watch->count++;
	pthread_mutex_unlock(&watch->lock);
	atomic_fetch_add_explicit(&server->counts->connections_opened, 1, memory_order_relaxed);
}

static void remove_connection(vg_server *server, vg_connection *connection)
{
	vg_watch_list *watch = &server->watch;
	pthread_mutex_lock(&watch->lock);
	if (connection->next)
		connection->next->previous = connection->previous;
	if (connection->previous)
		connection->previous->next = connection->next;
	else
		watch->first = connection->next;
	watch->count--;
	pthread_cond_broadcast(&watch->wake);
	pthread_mutex_unlock(&watch->lock);
	atomic_fetch_add_explicit(&server->counts->connections_closed, 1, memory_order_relaxed);
}

void vg_connection_drop_body(vg_connection *connection)
{
	atomic_fetch_sub(&connection->listener->server->body_bytes, connection->capacity);
	vg_system_allocator.resize(vg_system_allocator.user, connection->body, connection->capacity, 0);
	connection->body = NULL;
	connection->capacity = 0;
}

void vg_connection_notify(void *user, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode what)
{
	vg_listener *listener = user;
	vg_server *server = listener->server;
	const vg_allocator *allocator = &vg_system_allocator;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
		vg_connection *connection = info ? allocator->resize(allocator->user, NULL, 0, sizeof *connection) : NULL;
		*context = connection;
		if (!connection)
			return; /* its requests are refused */
		memset(connection, 0, sizeof *connection);
		connection->listener = listener;
		connection->descriptor = info->connect_fd;
		vg_arena_init(&connection->arena, allocator, 0);
		vg_connection_expect(connection, server->settings->header_time);
		add_connection(server, connection);
	} else if (*context) {
		vg_connection *connection = *context;
		remove_connection(server, connection);
		if (connection->too_slow)
			atomic_fetch_add_explicit(&server->counts->timed_out, 1, memory_order_relaxed);
		vg_arena_free(&connection->arena);
		vg_connection_drop_body(connection);
		allocator->resize(allocator->user, connection, sizeof *connection, 0);
		*context = NULL;
	}
}

/* Ends what is past its deadline, or, with `idle`, what has no request. The lock is held. */
static void end_slow(vg_watch_list *watch, int64_t now, bool idle)
{
	for (vg_connection *connection = watch->first; connection; connection = connection->next) {
		bool late = atomic_load_explicit(&connection->deadline, memory_order_relaxed) <= now;
		if ((!late && !idle) || connection->too_slow || (!late && atomic_load(&connection->busy)))
			continue;
		connection->too_slow = late;
		shutdown(connection->descriptor, SHUT_RDWR);
	}
}

/* Waits for the list to change, at most LOOK_EVERY. The lock is held. */
static void wait_a_little(vg_watch_list *watch)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_EVERY * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&watch->wake, &watch->lock, &until);
}

static void *watch_connections(void *user)
{
	vg_server *server = user;
	vg_watch_list *watch = &server->watch;
	int64_t looked = 0;
	pthread_mutex_lock(&watch->lock);
	while (!watch->ending) {
		int64_t now = vg_milliseconds();
		if (now - looked >= LOOK_EVERY) {
			end_slow(watch, now, false);
			looked = now;
		}
		wait_a_little(watch);
	}
	pthread_mutex_unlock(&watch->lock);
	return NULL;
}

vigil_status vg_watch_start(vg_server *server, vigil_error *err)
{
	vg_watch_list *watch = &server->watch;
	pthread_condattr_t kind;
	pthread_condattr_init(&kind);
	pthread_condattr_setclock(&kind, CLOCK_MONOTONIC);
	pthread_mutex_init(&watch->lock, NULL);
	pthread_cond_init(&watch->wake, &kind);
	pthread_condattr_destroy(&kind);
	if (pthread_create(&watch->thread, NULL, watch_connections, server) == 0) {
		watch->running = true;
		return VIGIL_OK;
	}
	pthread_cond_destroy(&watch->wake);
	pthread_mutex_destroy(&watch->lock);
	return vg_fail(err, VIGIL_INTERNAL, "Allow the process more threads.",
		       "The thread that watches connections cannot be started.");
}

void vg_watch_stop(vg_server *server)
{
	vg_watch_list *watch = &server->watch;
	if (!watch->running)
		return;
	pthread_mutex_lock(&watch->lock);
	watch->ending = true;
	pthread_cond_broadcast(&watch->wake);
	pthread_mutex_unlock(&watch->lock);
	pthread_join(watch->thread, NULL);
	pthread_cond_destroy(&watch->wake);
	pthread_mutex_destroy(&watch->lock);
	watch->running = false;
}

void vg_watch_drain(vg_server *server, int64_t grace_until, int64_t until)
{
	vg_watch_list *watch = &server->watch;
	pthread_mutex_lock(&watch->lock);
	for (int64_t now = vg_milliseconds(); watch->count > 0 && now < until; now = vg_milliseconds()) {
		if (now >= grace_until)
			end_slow(watch, now, true);
		wait_a_little(watch);
	}
	pthread_mutex_unlock(&watch->lock);
}
