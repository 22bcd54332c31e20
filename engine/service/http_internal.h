/*
 * What the files of the transport share: a server, its listeners, the
 * connections they have, and the log.
 *
 *     http_socket.c  sockets to listen on: TCP, Unix, handed over by systemd
 *     http_server.c  opening and closing; one MHD daemon a listener
 *     http_watch.c   the connections there are, and the end of slow ones
 *     http_guard.c   whether a request may go on: everything decided at the headers
 *     http_request.c one request from headers to answer
 *     http_queue.c   whole requests on their way to the threads that answer
 *     http_log.c     JSON lines
 *
 * Threads: libmicrohttpd reads and writes, workers answer (and the thread that
 * read, when a request is alone), one thread watches, one writes the log.  A connection belongs to the thread of libmicrohttpd
 * that reads it, while it is suspended to the queue and a worker, but for `deadline` and `busy`, which the watching thread
 * reads.
 */
#ifndef VG_HTTP_INTERNAL_H
#define VG_HTTP_INTERNAL_H

#include <gnutls/abstract.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sys/socket.h>

#include "service/service.h"
#include "service/service_internal.h"

/* ---- sockets (http_socket.c) ------------------------------------------------------ */

typedef struct vg_address {
	struct sockaddr_storage place;
	socklen_t length;
	bool loopback;
} vg_address;
/* "127.0.0.1:8080", "[::1]:0"; names are not looked up. */
vigil_status vg_address_parse(const char *text, vg_address *ret, vigil_error *err);

typedef struct vg_listener {
	int descriptor;      /* -1: not open (any more) */
	bool local;          /* a Unix socket */
	bool loopback;       /* TCP on a loopback address */
	const char *path;    /* of a Unix socket that is ours to remove; NULL */
	const char *address; /* for people */
	struct MHD_Daemon *daemon;
	struct vg_server *server;
} vg_listener;
/* Every socket that the settings ask for, bound and listening. On failure none is open. */
vigil_status vg_listeners_open(const vg_settings *settings, vg_arena *arena, vg_listener **ret, size_t *ret_count,
			       vigil_error *err);
void vg_listener_close(vg_listener *listener); /* of its own socket and file; the daemon must be stopped */

/* ---- the log (http_log.c) ----------------------------------------------------------- */

typedef struct vg_log vg_log;
vigil_status vg_log_open(int descriptor, vg_log **ret, vigil_error *err); /* lines go there from a thread of its own */
void vg_log_close(vg_log *log);                                           /* what was written before is out */
/* Takes a whole line. Never waits for the reader: a line that finds no room is counted and the count told later. */
void vg_log_line(vg_log *log, const char *line, size_t length);
/* A line about something that is not a request: level "info", "warning" or "error", a stable name, a text. */
void vg_log_event(vg_log *log, const char *level, const char *event, const char *format, ...) VG_FORMAT(4, 5);

struct vg_connection;
/* The line of a request that has ended, if the settings want one; `whole`: its answer was sent to the end. */
void vg_log_request(struct vg_connection *connection, int64_t micros, bool whole);

/* ---- connections (http_watch.c) --------------------------------------------------------- */

typedef struct vg_verdict { /* what the guard says */
	int status;         /* 0: go on */
	bool close;         /* the connection ends: what follows on it cannot be trusted, or is not read */
	const char *code;   /* OperationOutcome's issue type */
	const char *text;   /* diagnostics, and the log's note */
	const char *why;    /* for the log instead of the text; NULL */
	const char *allow;  /* of a 405 or an OPTIONS; NULL */
	int retry_after;
} vg_verdict;

typedef struct vg_connection {
	struct vg_connection *next, *previous;
	vg_listener *listener;
	int descriptor;
	_Atomic int64_t deadline; /* milliseconds of the monotonic clock; INT64_MAX: none while it is being answered */
	_Atomic bool busy;        /* between headers and the end of the answer */
	bool too_slow;            /* the watch ended it */
	/* the request that it has now */
	vg_arena arena;
	char *body;
	size_t length, capacity;
	bool begun, head, answered;
	vg_verdict verdict;
	const char *origin; /* that may ask; NULL */
	char id[129], request_id[65];
	const char *query;
	vg_endpoint endpoint;
	int64_t started; /* microseconds of the monotonic clock */
	int status;      /* that was answered */
	size_t bytes_out;
	const char *note;
	/* while it is queued or being answered */
	struct MHD_Connection *mhd;
	struct vg_connection *next_queued;
	int64_t expected_since;          /* the queue's, when it was told to go on */
	const char *authorization, *url; /* what has to be judged; NULL: nobody needs a token */
	vg_http_response out;
} vg_connection;

typedef struct vg_watch_list {
	pthread_mutex_t lock;
	vg_connection *first;
	size_t count;
	pthread_t thread;
	bool running, ending;
	pthread_cond_t wake;
} vg_watch_list;

typedef struct vg_answerer { /* a thread that answers */
	struct vg_server *server;
	pthread_t thread;
	pthread_cond_t wake;
	bool idle; /* and in the queue's list; guarded by the queue's lock */
	struct vg_answerer *next_idle;
} vg_answerer;

typedef struct vg_queue {
	pthread_mutex_t lock;
	vg_connection *first, *last;
	vg_answerer *answerers, *idle; /* idle: who became so last */
	unsigned answerer_count;
	bool open, ending;
	bool answers_wait;               /* for a disk or for another machine: settled when it starts */
	unsigned expected;               /* bodies on their way whose headers came since `expected_since` */
	int64_t expected_since;          /* microseconds of the monotonic clock, as the next ones are */
	const vg_connection *asked_last; /* who did; only to be compared, it may be gone */
	int64_t asked_last_at, answer_here_from;
} vg_queue;

/* ---- the certificate (http_tls.c) ----------------------------------------------------- */

typedef struct vg_certificate vg_certificate;
void vg_certificates_drop(struct vg_server *server); /* no connection may be open */
/* libmicrohttpd's callback for handshakes, as GnuTLS defines it. */
int vg_certificate_choose(gnutls_session_t session, const gnutls_datum_t *names, int name_count,
			  const gnutls_pk_algorithm_t *algorithms, int algorithm_count, gnutls_pcert_st **ret,
			  unsigned *ret_count, gnutls_privkey_t *ret_key);

struct vg_server {
	vg_arena arena;
	const vg_settings *settings;
	vg_service *service;
	vg_transport_counts *counts;
	vg_auth *auth;     /* NULL: not required */
	vg_client *client; /* for key sets; NULL */
	vg_log *log;
	vg_listener *listeners;
	size_t listener_count;
	vg_watch_list watch;
	vg_queue queue;
	_Atomic bool draining;
	_Atomic uint64_t last_request;
	uint64_t request_seed[2];
	_Atomic uint64_t body_bytes;           /* held in bodies at this moment */
	_Atomic(vg_certificate *) certificate; /* the newest; NULL: no TLS */
};

int64_t vg_milliseconds(void); /* of the monotonic clock */
int64_t vg_microseconds(void);
vigil_status vg_watch_start(vg_server *server, vigil_error *err);
void vg_watch_stop(vg_server *server);
/* Waits until no connection is open or `until`; idle ones are ended after `grace`. */
void vg_watch_drain(vg_server *server, int64_t grace_until, int64_t until);
/* libmicrohttpd's callback for connections that open and close. */
void vg_connection_notify(void *user, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode what);
void vg_connection_drop_body(vg_connection *connection);
void vg_connection_expect(vg_connection *connection, long milliseconds); /* sets the deadline */

/* ---- the queue (http_queue.c) ------------------------------------------------------------- */

#define VG_TOKEN_NEEDED "A valid token is needed."
vigil_status vg_queue_start(vg_server *server, vigil_error *err);
/* What is being answered ends; what is queued, and what comes from now on, gets 503. */
void vg_queue_stop(vg_server *server);
void vg_queue_close(vg_server *server); /* nothing comes any more: the reading threads have ended */
/* Whether a request whose headers are there may go on to its body. */
bool vg_queue_expect(vg_server *server, vg_connection *connection);
typedef enum vg_queued {
	VG_QUEUED,         /* the connection is suspended and handed over */
	VG_QUEUE_FULL,     /* nothing happened */
	VG_ANSWERED_ALONE, /* nobody else had asked, and it is answered: connection->out */
} vg_queued;
vg_queued vg_queue_put(vg_server *server, vg_connection *connection);
/* Answers a whole request: writes connection->out. Called by a worker, or where no waiting is to be feared. */
void vg_request_answer(vg_connection *connection);

/* ---- one request (http_guard.c, http_request.c) ------------------------------------------- */

/* Decides what can be decided at the headers; also fills endpoint, id, query, origin, request_id. */
vg_verdict vg_guard(vg_connection *connection, struct MHD_Connection *mhd, const char *url, const char *method,
		    const char *version);
vg_verdict vg_overloaded(vg_server *server); /* 503, counted */
/* Whether the Host header names this server. */
bool vg_host_known(const vg_server *server, const vg_listener *listener, const char *host);

enum MHD_Result vg_request_handle(void *user, struct MHD_Connection *mhd, const char *url, const char *method,
				  const char *version, const char *upload, size_t *upload_length, void **context);
void vg_request_completed(void *user, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode how);

#endif
