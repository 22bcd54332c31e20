/*
 * The guard: everything that can be decided about a request at its headers.
 *
 * First what makes the framing doubtful: of two servers in a row each could
 * see another end of such a request, and what follows on the connection could
 * be somebody else's words.  Those are refused and the connection is closed.
 * Then what is asked, of whom, by whom.  The order is that of the list at
 * `vg_guard`.  libmicrohttpd reads some malformed requests without a word;
 * docs/service/deviations.md tells which.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "service/http_internal.h"

enum { MOST_HEADERS = 100, DRAINED = 1 << 16 }; /* bytes of a refused body that are read so that the connection can stay */

/* Methods that exist; another one is not implemented rather than not allowed. */
static const char *const known_methods[] = {"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"};

typedef struct header_view { /* what is seen while the headers are walked once */
	size_t count, bytes;
	unsigned hosts, lengths, encodings, types, authorizations, codings, expectations, origins, ids;
	const char *host, *length, *encoding, *type, *authorization, *coding, *expectation, *origin, *id;
	bool malformed;
} header_view;

static vg_verdict refuse(int status, const char *code, const char *text)
{
	return (vg_verdict){.status = status, .code = code, .text = text};
}

static vg_verdict refuse_and_close(int status, const char *code, const char *text)
{
	return (vg_verdict){.status = status, .close = true, .code = code, .text = text};
}

vg_verdict vg_overloaded(vg_server *server)
{
	atomic_fetch_add_explicit(&server->counts->overloaded, 1, memory_order_relaxed);
	vg_verdict verdict =
	    refuse(503, "throttled", "There are more requests than can be answered in time; nothing was checked.");
	verdict.retry_after = 1;
	return verdict;
}

/* Letters and dashes first: names are made of them. */
static bool is_token(const char *name, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)name[i];
		bool usual = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
		if (!usual && (c <= ' ' || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c)))
			return false;
	}
	return length > 0;
}

static bool is_field_value(const char *value, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)value[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static enum MHD_Result look_at_header(void *user, enum MHD_ValueKind kind, const char *name, size_t name_length,
				      const char *value, size_t value_length)
{
	header_view *view = user;
	const struct {
		const char *name;
		unsigned *count;
		const char **value;
	} single[] = {{"Host", &view->hosts, &view->host},
		      {"Content-Length", &view->lengths, &view->length},
		      {"Transfer-Encoding", &view->encodings, &view->encoding},
		      {"Content-Type", &view->types, &view->type},
		      {"Authorization", &view->authorizations, &view->authorization},
		      {"Content-Encoding", &view->codings, &view->coding},
		      {"Expect", &view->expectations, &view->expectation},
		      {"Origin", &view->origins, &view->origin},
		      {"X-Request-Id", &view->ids, &view->id}};
	(void)kind;
	view->count++;
	view->bytes += name_length + value_length;
	if (!is_token(name, name_length) || !is_field_value(value ? value : "", value_length)) {
		view->malformed = true;
		return MHD_NO;
	}
	for (size_t i = 0; i < VG_COUNT(single); i++)
		if (strcasecmp(name, single[i].name) == 0) {
			*single[i].value = value ? value : "";
			(*single[i].count)++;
			break;
		}
	return view->count > MOST_HEADERS ? MHD_NO : MHD_YES;
}

/* What makes it doubtful where this request ends, or what it is. */
static vg_verdict judge_framing(const header_view *view, const char *version)
{
	bool old = strcmp(version, MHD_HTTP_VERSION_1_0) == 0;
	if (!old && strcmp(version, MHD_HTTP_VERSION_1_1) != 0)
		return refuse_and_close(505, "not-supported", "This server speaks HTTP/1.1.");
	if (view->count > MOST_HEADERS)
		return refuse_and_close(431, "too-long", "There are more headers than a request may have.");
	if (view->malformed)
		return refuse_and_close(400, "invalid", "A header is malformed.");
	if (view->hosts > 1 || (view->hosts == 0 && !old))
		return refuse_and_close(400, "invalid", "There must be one Host header.");
	if (view->lengths > 1 || view->encodings > 1 || (view->lengths && view->encodings))
		return refuse_and_close(400, "invalid", "The length of the body is told more than once.");
	if (view->types > 1 || view->authorizations > 1 || view->codings > 1 || view->origins > 1)
		return refuse_and_close(400, "invalid", "A header that may be there once is there twice.");
	if (view->encodings && (old || strcasecmp(view->encoding, "chunked") != 0))
		return refuse_and_close(400, "invalid", "The transfer encoding must be chunked, in HTTP/1.1.");
	if (view->lengths && (view->length[0] == '\0' || strspn(view->length, "0123456789") != strlen(view->length)))
		return refuse_and_close(400, "invalid", "Content-Length is not a number.");
	if (view->expectations && strcasecmp(view->expectation, "100-continue") != 0)
		return refuse_and_close(417, "not-supported", "This expectation cannot be met.");
	return (vg_verdict){0};
}

/*
 * libmicrohttpd hands over what it understood and not what was sent, but it
 * tells how long that was.  Headers that are longer than their names and values
 * explain had something in them that it took away: a folded line, a NUL, what
 * stood behind a line without a name.  The blanks that HTTP allows around a
 * value look the same and are refused with them; server.strict_headers lets
 * them pass.  Headers that are shorter than with CRLF, even when no value has
 * a blank before it, had lines that end otherwise.
 */
static vg_verdict judge_size(const vg_connection *connection, const header_view *view, size_t size, const char *url,
			     const char *method, const char *version)
{
	const vg_settings *settings = connection->listener->server->settings;
	size_t line =
	    strlen(method) + strlen(url) + (connection->query ? strlen(connection->query) + 1 : 0) + strlen(version) + 4;
	size_t most = line + view->bytes + 4 * view->count + 2, least = line + view->bytes + 3 * view->count + 2;
	if (size > (size_t)settings->header_limit)
		return refuse_and_close(431, "too-long", "The headers are larger than the limit.");
	if (settings->strict_headers && (size > most || size < least))
		return refuse_and_close(400, "invalid", "Header lines must have the form \"Name: value\", and end with CRLF.");
	return (vg_verdict){0};
}

static size_t declared_length(const header_view *view)
{
	if (!view->lengths)
		return 0;
	return strlen(view->length) > 18 ? SIZE_MAX : (size_t)strtoull(view->length, NULL, 10);
}

/* "application/json" and the FHIR one, with no other character set than UTF-8. */
static bool is_json_type(const char *type)
{
	static const char *const types[] = {"application/json", "application/fhir+json"};
	size_t length = strcspn(type, "; \t");
	bool known = false;
	for (size_t i = 0; i < VG_COUNT(types); i++)
		known = known || (strlen(types[i]) == length && strncasecmp(types[i], type, length) == 0);
	const char *charset = strcasestr(type + length, "charset=");
	if (charset) {
		charset += strlen("charset=");
		charset += *charset == '"';
		size_t rest = strcspn(charset, "\"; \t");
		known = known && rest == 5 && strncasecmp(charset, "utf-8", 5) == 0;
	}
	return known;
}

/* Whether the Host header names this machine by address, or by a name that was configured. */
bool vg_host_known(const vg_server *server, const vg_listener *listener, const char *host)
{
	const vg_settings *settings = server->settings;
	if (listener->local || !host)
		return true;
	size_t length = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	if (host[0] == '[' || strspn(host, "0123456789.") == length)
		return length > 0;
	if (length == strlen("localhost") && strncasecmp(host, "localhost", length) == 0)
		return true;
	for (size_t i = 0; i < settings->hosts.count; i++) {
		const char *known = settings->hosts.items[i];
		if (strcasecmp(known, host) == 0 || (strlen(known) == length && strncasecmp(known, host, length) == 0))
			return true;
	}
	const char *own = settings->public_url ? strstr(settings->public_url, "://") : NULL;
	if (!own)
		return false;
	own += 3;
	return length > 0 && strcspn(own, ":/") == length && strncasecmp(own, host, length) == 0;
}

/* The origin when its pages may ask; "*" when all may. */
static const char *allowed_origin(const vg_settings *settings, const char *origin)
{
	for (size_t i = 0; origin && i < settings->allow_origin.count; i++) {
		const char *allowed = settings->allow_origin.items[i];
		if (strcmp(allowed, "*") == 0 || strcmp(allowed, origin) == 0)
			return allowed;
	}
	return NULL;
}

/* A client's own id is kept when it can hold nothing but a number: digits, a to f, dashes. */
static void name_request(vg_connection *connection, const char *given)
{
	vg_server *server = connection->listener->server;
	size_t length = given ? strlen(given) : 0;
	if (length >= 8 && length < sizeof connection->request_id && strspn(given, "0123456789abcdefABCDEF-") == length) {
		memcpy(connection->request_id, given, length + 1);
		return;
	}
	uint64_t number = atomic_fetch_add_explicit(&server->last_request, 1, memory_order_relaxed) + 1;
	snprintf(connection->request_id, sizeof connection->request_id, "%016llx-%08llx",
		 (unsigned long long)server->request_seed[0], (unsigned long long)number);
}

static const char *allow_of(vg_endpoint endpoint)
{
	if (endpoint == VG_ENDPOINT_NONE)
		return "GET, HEAD, POST, OPTIONS";
	return vg_endpoint_info_of(endpoint)->post ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
}

static vg_verdict judge_method(vg_connection *connection, const char *method)
{
	const vg_endpoint_info *info = vg_endpoint_info_of(connection->endpoint);
	connection->head = strcmp(method, "HEAD") == 0;
	bool fits = info->post ? strcmp(method, "POST") == 0 : strcmp(method, "GET") == 0 || connection->head;
	vg_verdict verdict = {0};
	if (connection->endpoint == VG_ENDPOINT_NONE)
		return refuse(404, "not-found", "There is nothing at this path.");
	if (!fits) {
		verdict = refuse(405, "not-supported", "This path does not take this method.");
		verdict.allow = allow_of(connection->endpoint);
	}
	return verdict;
}

/*
 * The token, on TCP: a Unix socket's file mode has decided already.  That there
 * is one is seen here; whether it is good costs half a millisecond and is
 * judged by the worker that answers.
 */
static vg_verdict judge_caller(vg_connection *connection, const header_view *view, const char *path)
{
	vg_server *server = connection->listener->server;
	const vg_endpoint_info *info = vg_endpoint_info_of(connection->endpoint);
	connection->authorization = NULL;
	if (info->local_only && !connection->listener->local)
		return refuse(403, "forbidden", "This can be done through the Unix socket only.");
	if (!server->auth || info->open || connection->listener->local)
		return (vg_verdict){0};
	if (!view->authorization || strncasecmp(view->authorization, "Bearer ", 7) != 0) {
		vg_verdict verdict = refuse(401, "login", VG_TOKEN_NEEDED);
		verdict.why = "there is no bearer token";
		return verdict;
	}
	const char *base = server->settings->public_url;
	connection->url = vg_format(&connection->arena, "%s%s", base ? base : "", path);
	connection->authorization = vg_copy_text(&connection->arena, view->authorization, strlen(view->authorization));
	if (!connection->url || !connection->authorization)
		return refuse(503, "throttled", "There is no memory for this request; nothing was checked.");
	return (vg_verdict){0};
}

static vg_verdict judge_body(const vg_connection *connection, const header_view *view)
{
	const vg_endpoint_info *info = vg_endpoint_info_of(connection->endpoint);
	if (declared_length(view) > (size_t)connection->listener->server->settings->body_limit)
		return refuse_and_close(413, "too-long", "The body is larger than the limit.");
	if (info->post && !view->lengths && !view->encodings && !info->body_optional)
		return refuse_and_close(411, "required", "The length of the body must be told.");
	return (vg_verdict){0};
}

/* A full queue is told before the body is there; health is told in any case. */
static vg_verdict judge_load(vg_connection *connection)
{
	vg_server *server = connection->listener->server;
	if (vg_endpoint_info_of(connection->endpoint)->open || vg_queue_expect(server, connection))
		return (vg_verdict){0};
	return vg_overloaded(server);
}

/* A body with a coding or of another type is not understood, whatever the path. */
static vg_verdict judge_type(const header_view *view, const char *method)
{
	if (strcmp(method, "POST") != 0)
		return (vg_verdict){0};
	if (view->codings && strcasecmp(view->coding, "identity") != 0)
		return refuse_and_close(415, "not-supported", "Bodies are taken without a content coding.");
	bool has_body = view->encodings || declared_length(view) > 0 || view->types;
	if (has_body && !(view->types && is_json_type(view->type)))
		return refuse(415, "not-supported", "Bodies are application/json in UTF-8.");
	return (vg_verdict){0};
}

static vg_verdict judge_request(vg_connection *connection, const header_view *view, const char *url, const char *method)
{
	const vg_server *server = connection->listener->server;
	bool known = false;
	for (size_t i = 0; i < VG_COUNT(known_methods); i++)
		known = known || strcmp(method, known_methods[i]) == 0;
	if (!known)
		return refuse(501, "not-supported", "This method is not known here.");
	if (!vg_host_known(server, connection->listener, view->host))
		return refuse(421, "not-found",
			      "This server does not answer for that host name; server.hosts lists those that it knows.");
	if (strcmp(method, "OPTIONS") == 0)
		return (vg_verdict){.status = 204, .allow = allow_of(connection->endpoint)};
	vg_verdict verdict = judge_type(view, method);
	if (!verdict.status)
		verdict = judge_method(connection, method);
	if (!verdict.status)
		verdict = judge_caller(connection, view, url);
	if (!verdict.status)
		verdict = judge_body(connection, view);
	if (!verdict.status)
		verdict = judge_load(connection);
	return verdict;
}

/*
 * In this order: version, size and form of the headers, framing (400, 417, 431,
 * 505, always closing); method known (501); host (421); OPTIONS (204, never a
 * token); media type (415); path (404); method allowed (405); socket (403);
 * whether there is a token (401); length (411, 413); load (503).
 */
vg_verdict vg_guard(vg_connection *connection, struct MHD_Connection *mhd, const char *url, const char *method,
		    const char *version)
{
	vg_server *server = connection->listener->server;
	header_view view = {0};
	const union MHD_ConnectionInfo *size = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, look_at_header, &view);
	name_request(connection, view.malformed ? NULL : view.id);
	connection->endpoint = vg_endpoint_find(url, connection->id);
	connection->origin = view.malformed ? NULL : allowed_origin(server->settings, view.origin);
	vg_verdict verdict = judge_framing(&view, version);
	if (!verdict.status && size)
		verdict = judge_size(connection, &view, size->header_size, url, method, version);
	if (!verdict.status)
		verdict = judge_request(connection, &view, url, method);
	/* A refused body is read to its end when it is short, so that the connection can go on. */
	if (verdict.status && (declared_length(&view) > DRAINED || view.expectations))
		verdict.close = true;
	return verdict;
}
