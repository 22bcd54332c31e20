/*
 * Floor 9, service: the engine behind HTTP.
 *
 * Two halves meet here.  The transport (http*.c, endpoint.c, …) turns sockets into
 * whole requests that are allowed to ask, and sends what it gets back.  The
 * service behind it is a function from a request's bytes to an answer's bytes:
 * it knows nothing of sockets and is tested without them.
 *
 * What the transport has settled before the service is asked: framing and
 * header limits, the host, the path and its endpoint (404), the method (405,
 * OPTIONS), the media type (415), the body's size (411, 413), the token (401),
 * whether the endpoint may be used on this socket (403), overload (503).  All
 * else, the body's contents first of all, is the service's.
 *
 * A refusal always has an OperationOutcome as its body (outcome.c).  No text
 * that comes from a request stands in a log line, a metric or a refusal's
 * diagnostics, names of its members excepted.
 */
#ifndef VG_SERVICE_H
#define VG_SERVICE_H

#include <stdatomic.h>

#include "store/store.h"

/* ---- endpoints (endpoint.c) ----------------------------------------------------------- */

typedef enum vg_endpoint {
	VG_ENDPOINT_NONE,      /* 404 */
	VG_ENDPOINT_DISCOVERY, /* GET  /cds-services */
	VG_ENDPOINT_HOOK,      /* POST /cds-services/{id} */
	VG_ENDPOINT_FEEDBACK,  /* POST /cds-services/{id}/feedback */
	VG_ENDPOINT_EVALUATE,  /* POST /v1/evaluate */
	VG_ENDPOINT_EXPLAIN,   /* POST /v1/explain */
	VG_ENDPOINT_RULES,     /* GET  /v1/rules */
	VG_ENDPOINT_RULE,      /* GET  /v1/rules/{id} */
	VG_ENDPOINT_SWITCH,    /* POST /v1/rules/{id}/switch, Unix socket only */
	VG_ENDPOINT_RELOAD,    /* POST /v1/reload, Unix socket only */
	VG_ENDPOINT_OPENAPI,   /* GET  /v1/openapi.json */
	VG_ENDPOINT_HEALTH,    /* GET  /healthz, without a token */
	VG_ENDPOINT_READY,     /* GET  /readyz, without a token */
	VG_ENDPOINT_METRICS,   /* GET  /metrics, without a token */
	VG_ENDPOINTS
} vg_endpoint;

typedef struct vg_endpoint_info {
	const char *name;   /* for logs and metrics: "hook", "feedback" … */
	const char *path;   /* as above, {id} for the one variable part */
	bool post;          /* POST with a body; else GET (and HEAD) */
	bool local_only;    /* on the Unix socket only */
	bool open;          /* without a token */
	bool body_optional; /* POST that may have no body */
} vg_endpoint_info;
const vg_endpoint_info *vg_endpoint_info_of(vg_endpoint endpoint);
/* The endpoint of a path (no query, as it stands on the wire).  The variable part
 * must be of letters, digits, "-", "_", ".", at most 128 bytes, and is written
 * to `id`; a path with an escape, a doubled or trailing slash, or dot segments has none. */
vg_endpoint vg_endpoint_find(const char *path, char id[129]);

/* ---- what a client is asked to send along (discovery.c) -------------------------------------- */

extern const char vg_prefetch_patient[];
const char *vg_prefetch_template(vg_section section);

/* ---- one request, one answer ------------------------------------------------------- */

typedef struct vg_http_request {
	vg_endpoint endpoint;
	const char *id;    /* the path's variable part: a service's or a rule's id; "" when there is none */
	const char *query; /* what stands behind "?", undecoded; "" when nothing does */
	const char *body;  /* NUL behind it; may hold others */
	size_t length;
	bool local;             /* came through the Unix socket */
	bool draining;          /* the server is ending: /readyz answers 503 */
	const char *request_id; /* of the client's X-Request-Id when it is a harmless text, else made here */
	const char *now;        /* the moment of arrival in the service's zone, a FHIR dateTime with offset */
	int64_t arrived;        /* the same, milliseconds since 1970-01-01T00:00:00Z */
} vg_http_request;

typedef struct vg_http_response {
	vg_arena *arena;  /* in: lives until the answer is sent; the body may stand in it */
	int status;       /* out */
	const char *type; /* out: NULL is "application/json" */
	const char *body; /* out: in the arena or static; NULL with length 0 is none */
	size_t length;    /* out */
	int retry_after;  /* out: seconds; 0: no such header */
	const char *note; /* out: for the log line; NULL: none; no patient data, no text of the request */
} vg_http_response;

/* Makes `out` a refusal: an OperationOutcome with one issue of severity error,
 * the type `code` ("invalid", "required", "not-found", …) and the diagnostics
 * `text`.  Never fails: when memory ran out the body is a fixed one, and the
 * status stays. */
void vg_http_refuse(vg_http_response *out, int status, const char *code, const char *text, ...) VG_FORMAT(4, 5);

/* ---- asking other servers (http_client.c) ----------------------------------------------- */

typedef struct vg_client vg_client; /* shared by threads */

typedef struct vg_client_config {
	const char *const *origins; /* "https://host" or "https://host:port" that may be asked: scheme, host and port, exact */
	size_t origin_count;
	const char *ca_file; /* NULL: the system's certificates */
} vg_client_config;

typedef struct vg_fetch {
	const char *url;
	const char *bearer; /* access token; NULL: none */
	const char *accept; /* media type; NULL: application/json */
	size_t limit;       /* bytes of the answer's body */
	int deadline;       /* milliseconds for everything, name look-up included; must be positive */
} vg_fetch;

typedef struct vg_fetched {
	vigil_status status; /* VIGIL_WRONG_USE: not allow-listed, nothing was sent.  VIGIL_BAD_INPUT: no answer in time, not
				200, too large. */
	int http_status;     /* 0: no answer */
	const char *body;    /* with VIGIL_OK, in the arena */
	size_t length;
	vigil_error error; /* holds no part of URL or token but the host */
} vg_fetched;

/* VIGIL_WRONG_USE: an origin is none. */
vigil_status vg_client_open(const vg_client_config *config, const vg_allocator *allocator, vg_client **ret, vigil_error *err);
void vg_client_close(vg_client *client);
/* Whether this URL's origin is on the list and its form is plain (no user, no fragment). */
bool vg_client_allows(const vg_client *client, const char *url);
/* The URL that `link` means on the page `from` when it has the same origin; NULL when not, or without memory. */
const char *vg_client_follow(const char *from, const char *link, vg_arena *arena);
/* GETs all of them at once; returns when each has its answer or its failure.
 * Redirects are not followed; a token is sent to its URL's host only. */
void vg_client_get(vg_client *client, const vg_fetch *fetches, size_t count, vg_arena *arena, vg_fetched *ret);

/* ---- the service (answer.c and the files of its endpoints) -------------------------------- */

typedef struct vg_service vg_service; /* shared by threads */

typedef enum vg_on_loss {                 /* when the journal cannot be written */
			  VG_LOSS_REFUSE, /* 503: no answer without its row */
			  VG_LOSS_ANSWER  /* the answer says that it is not in the journal */
} vg_on_loss;

typedef struct vg_service_config {
	vigil_config engine;
	const vg_journal_config *journal; /* NULL: none (--no-journal) */
	vg_on_loss on_loss;
	unsigned workers;              /* how many threads ask at once; evaluators are made for them */
	bool lenient_requests;         /* compatibility.lenient: {hook, prefetch} alone is a request */
	bool not_checked_card;         /* cards.not_checked: what could not be checked is a visible card (default) */
	bool plain_patients;           /* journal.patient = reference: as it is, not as a keyed hash */
	const vg_client_config *fetch; /* FHIR servers that may be asked for what a request lacks; NULL: fetching is off */
	int fetch_deadline;            /* milliseconds for all of one request */
	unsigned fetch_pages;          /* of one search */
	size_t fetch_size;             /* bytes of all answers for one request */
	unsigned fetch_at_once;        /* requests that may be fetched for at one time; others are answered without */
	const char *public_url;        /* base URL that clients use, without a slash at its end; NULL: not known */
	const char *openapi_file;      /* what /v1/openapi.json answers; NULL: 404 */
} vg_service_config;

/* Opens engine, workers and journal.  `findings` (may be NULL, else initialised)
 * receives what was found in the packs.  The config's texts must outlive the service. */
vigil_status vg_service_open(const vg_service_config *config, vg_findings *findings, vg_service **ret, vigil_error *err);
void vg_service_close(vg_service *service); /* no call may be running */

/* Answers one request.  Any thread; as many at once as there are workers, more
 * wait for one.  Never fails: what goes wrong is a refusal in `out`, and a row
 * that had to be in the journal is there when this returns with 200. */
void vg_service_answer(vg_service *service, const vg_http_request *in, vg_http_response *out);

/* SIGHUP, and POST /v1/reload: lints, tests and swaps, or keeps what there is.
 * The summary, one line for the log, goes to `arena`. VIGIL_OK: swapped. */
vigil_status vg_service_reload(vg_service *service, vg_arena *arena, const char **ret_summary, vigil_error *err);

/* Whether rows find their way into the journal's file; false: there is no journal. */
bool vg_service_journal(vg_service *service, vg_journal_health *ret);

/* What the transport counts and /metrics tells.  The service owns it. */
typedef struct vg_transport_counts {
	_Atomic uint64_t connections_opened, connections_closed;
	_Atomic uint64_t requests;            /* whose headers were read */
	_Atomic uint64_t in_flight;           /* a level, not a count: being answered, or waiting for it */
	_Atomic uint64_t overloaded;          /* answered 503 because of load */
	_Atomic uint64_t timed_out;           /* connections ended because they were too slow */
	_Atomic uint64_t bytes_in, bytes_out; /* of bodies */
	_Atomic uint64_t responses[600];      /* by status */
} vg_transport_counts;
vg_transport_counts *vg_service_counts(vg_service *service);

/* ---- the configuration (config.c): one table of keys ------------------------------------- */

typedef struct vg_texts { /* a key that may be given several times */
	const char **items;
	size_t count, capacity;
} vg_texts;

typedef struct vg_settings {
	/* listening */
	vg_texts listen, allow_origin, hosts;
	const char *socket, *socket_mode, *socket_group;
	const char *tls_certificate, *tls_key;
	const char *public_url, *time_zone;
	bool strict_headers;
	long threads;
	/* limits */
	long body_limit, header_limit, connection_limit, client_connection_limit, in_flight_limit, bodies_limit;
	long header_time, request_time, idle_time, drain_time;
	/* authentication */
	bool auth_required;
	vg_texts auth_issuers, auth_jwks, auth_jku_allow;
	const char *auth_audience, *auth_tenant, *auth_ca_file;
	/* rules */
	vg_texts rules;
	const char *knowledge;
	bool no_starter;
	/* journal */
	const char *journal, *journal_key, *journal_durability, *journal_on_failure, *journal_patient;
	bool no_journal;
	/* fetching */
	bool fetch_enabled;
	vg_texts fetch_servers;
	long fetch_deadline, fetch_pages, fetch_size, fetch_at_once;
	const char *fetch_ca_file;
	/* answers */
	bool lenient, not_checked_card;
	const char *log;
	int inherited_sockets; /* of systemd, from descriptor 3 on; not in the table, the command finds them */
} vg_settings;

typedef enum vg_setting_kind {
	VG_SETTING_TEXT,
	VG_SETTING_TEXTS,
	VG_SETTING_NUMBER,
	VG_SETTING_SWITCH,
	VG_SETTING_CHOICE
} vg_setting_kind;
typedef struct vg_setting_info {
	const char *key; /* "auth.issuers" */
	vg_setting_kind kind;
	const char *initial; /* as it would be written; NULL: not set */
	const char *choices; /* of a choice: "refuse answer" */
	long least, most;    /* of a number */
	const char *option;  /* the flag that says the same, "listen"; NULL: none */
	const char *help;    /* one sentence, unit included */
	size_t offset;       /* in vg_settings */
} vg_setting_info;
const vg_setting_info *vg_setting_infos(size_t *ret_count);
void vg_settings_init(vg_settings *settings); /* the table's initial values; allocates nothing */
/* Reads a file of `key = value` lines over what is there; repeated keys of a
 * list add to it.  VIGIL_BAD_INPUT names the line. Texts live in the arena. */
vigil_status vg_settings_read(vg_settings *settings, vg_arena *arena, const char *file, vigil_error *err);
/* One value, as if written in a file; for flags. */
vigil_status vg_settings_set(vg_settings *settings, vg_arena *arena, const char *key, const char *value, vigil_error *err);
/* What contradicts itself, and what is dangerous: `warnings` receives lines for the log. */
vigil_status vg_settings_check(const vg_settings *settings, vg_arena *arena, vg_texts *warnings, vigil_error *err);
/* The settings as the service's half of them. The journal's config goes to the arena. */
vigil_status vg_settings_service(const vg_settings *settings, vg_arena *arena, vg_service_config *ret, vigil_error *err);

/* ---- the server (http*.c) ---------------------------------------------------------------- */

typedef struct vg_server vg_server;

/* Opens the sockets (or takes those that systemd hands over) and answers on
 * them until closed. The settings must outlive the server. */
vigil_status vg_server_open(const vg_settings *settings, vg_service *service, vg_server **ret, vigil_error *err);
/* How many threads a server with these settings answers with: the service's `workers`. */
unsigned vg_server_threads(const vg_settings *settings);
/* Where it listens, for people: "http://127.0.0.1:8080"; NULL behind the last. */
const char *vg_server_address(const vg_server *server, size_t index);
/* A line of its log about something that is not a request: level "info", "warning" or "error". */
void vg_server_say(vg_server *server, const char *level, const char *event, const char *text);
/* Reads the certificate and its key again; on failure the old ones stay.  For SIGHUP. */
vigil_status vg_server_renew(vg_server *server, vigil_error *err);
/* What vg_server_open will read: whether it is whole, belongs together and has not run out; when it does, seconds since 1970.
 */
vigil_status vg_certificate_check(const vg_settings *settings, int64_t *ret_expires, vigil_error *err);
/* Takes no more connections, lets running requests end (at most drain_time), closes. */
void vg_server_close(vg_server *server);

#endif
