/*
 * One request, from its headers to the end of its answer.
 *
 * libmicrohttpd calls first when the headers are there, then for each part of
 * the body, then once more at its end and again when it was answered, and last
 * when the answer is out or the connection broke.  Everything of a request
 * lives in its connection: the arena and the body's room stay from one request
 * to the next, so that a connection that stays open allocates nothing.
 */
#include <stdio.h>
#include <string.h>

#include "service/http_internal.h"

enum { FIRST_ROOM = 1 << 14, KEPT_ROOM = 1 << 16 };

/* ---- sending ------------------------------------------------------------------------- */

static bool add(struct MHD_Response *response, const char *name, const char *value)
{
	return !value || MHD_add_response_header(response, name, value) == MHD_YES;
}

static bool add_cors(struct MHD_Response *response, const vg_connection *connection)
{
	if (!connection->listener->server->settings->allow_origin.count)
		return true;
	if (!connection->origin)
		return add(response, "Vary", "Origin");
	return add(response, "Vary", "Origin") && add(response, "Access-Control-Allow-Origin", connection->origin) &&
	       add(response, "Access-Control-Allow-Methods", "GET, POST, OPTIONS") &&
	       add(response, "Access-Control-Allow-Headers", "authorization, content-type, x-request-id") &&
	       add(response, "Access-Control-Expose-Headers", "x-request-id, retry-after") &&
	       add(response, "Access-Control-Max-Age", "600");
}

static enum MHD_Result send_answer(vg_connection *connection, struct MHD_Connection *mhd, const vg_http_response *out)
{
	vg_server *server = connection->listener->server;
	const vg_verdict *verdict = &connection->verdict;
	char seconds[16] = "";
	struct MHD_Response *response =
	    MHD_create_response_from_buffer(out->length, (void *)(uintptr_t)out->body, MHD_RESPMEM_PERSISTENT);
	if (!response)
		return MHD_NO;
	if (out->retry_after > 0)
		snprintf(seconds, sizeof seconds, "%d", out->retry_after);
	bool closing = verdict->close || atomic_load(&server->draining);
	bool good = add(response, "Content-Type", out->length ? (out->type ? out->type : "application/json") : NULL) &&
		    add(response, "X-Request-Id", connection->request_id) && add(response, "Cache-Control", "no-store") &&
		    add(response, "X-Content-Type-Options", "nosniff") &&
		    add(response, "Retry-After", seconds[0] ? seconds : NULL) && add(response, "Allow", verdict->allow) &&
		    add(response, "WWW-Authenticate", out->status == 401 ? "Bearer" : NULL) &&
		    add(response, "Connection", closing ? "close" : NULL) && add_cors(response, connection);
	enum MHD_Result result = good ? MHD_queue_response(mhd, (unsigned)out->status, response) : MHD_NO;
	MHD_destroy_response(response);
	if (result == MHD_YES) {
		connection->status = out->status;
		connection->bytes_out = out->length;
		connection->note = out->note;
		atomic_fetch_add_explicit(&server->counts->responses[out->status >= 0 && out->status < 600 ? out->status : 0],
					  1, memory_order_relaxed);
		vg_connection_expect(connection, server->settings->request_time);
	}
	return result;
}

static enum MHD_Result send_verdict(vg_connection *connection, struct MHD_Connection *mhd)
{
	const vg_verdict *verdict = &connection->verdict;
	vg_http_response out = {
	    .arena = &connection->arena, .status = verdict->status, .body = "", .retry_after = verdict->retry_after};
	if (verdict->status >= 400)
		vg_http_refuse(&out, verdict->status, verdict->code, "%s", verdict->text);
	out.note = verdict->why ? verdict->why : verdict->text;
	return send_answer(connection, mhd, &out);
}

/*
 * The whole request is there.  What needs no rules is answered at once, so that
 * health is told while all workers are busy; the rest is queued, and comes back
 * here when it is answered.
 */
static enum MHD_Result proceed(vg_connection *connection, struct MHD_Connection *mhd)
{
	vg_server *server = connection->listener->server;
	if (connection->answered)
		return send_answer(connection, mhd, &connection->out);
	if (connection->verdict.status)
		return send_verdict(connection, mhd);
	atomic_store_explicit(&connection->deadline, INT64_MAX, memory_order_relaxed);
	if (vg_endpoint_info_of(connection->endpoint)->open) {
		vg_request_answer(connection);
		return send_answer(connection, mhd, &connection->out);
	}
	connection->mhd = mhd;
	switch (vg_queue_put(server, connection)) {
	case VG_QUEUED:
		return MHD_YES;
	case VG_ANSWERED_ALONE:
		return send_answer(connection, mhd, &connection->out);
	case VG_QUEUE_FULL:
		break;
	}
	connection->verdict = vg_overloaded(server);
	return send_verdict(connection, mhd);
}

/* ---- receiving --------------------------------------------------------------------------- */

/* Room for `more` bytes and a NUL: doubled, so that what was only announced costs nothing. */
static bool make_room(vg_connection *connection, size_t more)
{
	size_t needed = connection->length + more + 1, capacity = connection->capacity ? connection->capacity : FIRST_ROOM;
	if (needed <= connection->capacity)
		return true;
	while (capacity < needed)
		capacity *= 2;
	vg_server *server = connection->listener->server;
	uint64_t more_room = capacity - connection->capacity;
	if (atomic_fetch_add(&server->body_bytes, more_room) + more_room > (uint64_t)server->settings->bodies_limit) {
		atomic_fetch_sub(&server->body_bytes, more_room);
		return false;
	}
	char *body = vg_system_allocator.resize(vg_system_allocator.user, connection->body, connection->capacity, capacity);
	if (!body) {
		atomic_fetch_sub(&server->body_bytes, more_room);
		return false;
	}
	connection->body = body;
	connection->capacity = capacity;
	return true;
}

/* One part of the body: kept, or, of a refused request, read and forgotten. */
static void receive(vg_connection *connection, const char *bytes, size_t length)
{
	vg_server *server = connection->listener->server;
	vg_verdict *verdict = &connection->verdict;
	atomic_fetch_add_explicit(&server->counts->bytes_in, length, memory_order_relaxed);
	if (verdict->status)
		return;
	if (length > (size_t)server->settings->body_limit - connection->length)
		*verdict = (vg_verdict){
		    .status = 413, .close = true, .code = "too-long", .text = "The body is larger than the limit."};
	else if (!make_room(connection, length))
		*verdict = (vg_verdict){.status = 503,
					.close = true,
					.code = "throttled",
					.text = "There is no memory for this request; nothing was checked.",
					.retry_after = 1};
	if (verdict->status)
		return;
	memcpy(connection->body + connection->length, bytes, length);
	connection->length += length;
	connection->body[connection->length] = '\0';
}

static void begin(vg_connection *connection, struct MHD_Connection *mhd, const char *url, const char *method,
		  const char *version)
{
	vg_server *server = connection->listener->server;
	connection->begun = true;
	connection->started = vg_microseconds();
	connection->status = 0;
	connection->length = 0;
	connection->note = NULL;
	connection->answered = false;
	atomic_store(&connection->busy, true);
	vg_connection_expect(connection, server->settings->request_time);
	atomic_fetch_add_explicit(&server->counts->requests, 1, memory_order_relaxed);
	connection->verdict = vg_guard(connection, mhd, url, method, version);
	if (connection->body)
		connection->body[0] = '\0';
}

enum MHD_Result vg_request_handle(void *user, struct MHD_Connection *mhd, const char *url, const char *method,
				  const char *version, const char *upload, size_t *upload_length, void **context)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	vg_connection *connection = info ? info->socket_context : NULL;
	(void)user;
	if (!connection)
		return MHD_NO; /* memory ran out when it was opened */
	if (!*context || !connection->begun) {
		*context = connection;
		begin(connection, mhd, url, method, version);
		return connection->verdict.status && connection->verdict.close ? send_verdict(connection, mhd) : MHD_YES;
	}
	if (*upload_length > 0) {
		receive(connection, upload, *upload_length);
		*upload_length = 0;
		return MHD_YES;
	}
	return proceed(connection, mhd);
}

/* ---- the end ------------------------------------------------------------------------------ */

/* libmicrohttpd refused it before its headers were whole: it is told all the same. */
static void refused_unseen(vg_connection *connection, struct MHD_Connection *mhd)
{
	vg_server *server = connection->listener->server;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_HTTP_STATUS);
	unsigned status = info ? info->http_status : 0;
	connection->query = NULL;
	vg_arena_reset(&connection->arena);
	if (status < 400 || status >= 600)
		return;
	atomic_fetch_add_explicit(&server->counts->responses[status], 1, memory_order_relaxed);
	vg_log_event(server->log, "warning", "malformed", "A request was refused with %u while its headers were read.", status);
}

void vg_request_completed(void *user, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how)
{
	vg_connection *connection = *context;
	(void)user;
	*context = NULL;
	if (!connection)
		return;
	if (!connection->begun) {
		refused_unseen(connection, mhd);
		return;
	}
	vg_server *server = connection->listener->server;
	atomic_fetch_add_explicit(&server->counts->bytes_out, connection->bytes_out, memory_order_relaxed);
	vg_log_request(connection, vg_microseconds() - connection->started, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	connection->begun = false;
	connection->query = NULL;
	connection->verdict = (vg_verdict){0};
	vg_arena_reset(&connection->arena);
	if (connection->capacity > KEPT_ROOM)
		vg_connection_drop_body(connection);
	vg_connection_expect(connection, server->settings->idle_time);
	atomic_store(&connection->busy, false);
}
