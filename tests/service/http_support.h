/* A server on free ports of this machine, and a client that sends bytes as they are. */
#ifndef VG_TESTS_HTTP_SUPPORT_H
#define VG_TESTS_HTTP_SUPPORT_H

#include "service/http_internal.h"
#include "support/support.h"

#define HOST "Host: cds.test\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"
#define POST(path, headers, body) "POST " path " HTTP/1.1\r\n" HOST headers "\r\n" body
#define JSON "Content-Type: application/json\r\n"

#define SIGN_PATH "/cds-services/vigil-order-sign"

typedef struct test_server {
	vg_arena arena;
	vg_settings settings;
	vg_service *service;
	vg_server *server;
	char socket[80];
	int port;
	char log[64];   /* file with what it logged */
	unsigned marks; /* lines of the tests' own in it */
	int log_descriptor, old_stderr;
} test_server;

/* Opens with the given settings, "key=value" each, a NULL behind the last; a
 * name, a Unix socket and a free port are set.  The log goes to a file.  False
 * when it does not open; the case has failed then. */
bool test_server_open(test_server *server, const char *const *settings);
void test_server_close(test_server *server);
/* What it logged so far, NUL-terminated; lives in the server's arena. */
const char *test_server_log(test_server *server);

typedef struct test_answer {
	int status;         /* of the first answer; 0: none came */
	unsigned answers;   /* how many answers begin in what came */
	bool closed;        /* the server closed the connection */
	char head[4096];    /* the first answer's status line and headers */
	char body[8192];    /* as much of its body as fits */
	size_t body_length; /* the whole of it */
} test_answer;

int test_connect(const test_server *server);       /* TCP; -1: failed */
int test_connect_local(const test_server *server); /* the Unix socket */
bool test_send(int descriptor, const void *bytes, size_t length);
/* Reads one answer; with `closing` goes on until the server closes. */
void test_receive(int descriptor, bool closing, test_answer *ret);
/* The same, but leaves it after `patience` milliseconds. */
void test_receive_some(int descriptor, bool closing, int patience, test_answer *ret);
/* Sends a text on a connection of its own and reads what comes. */
void test_ask(const test_server *server, const char *text, test_answer *ret);
void test_ask_local(const test_server *server, const char *text, test_answer *ret);
/* Sends a text and checks the status; a refusal must have an OperationOutcome. */
void test_expect(const test_server *server, const char *what, const char *text, int status);
/* Waits until the server has read the headers of that many requests; whether it has. */
bool test_requests_came(const test_server *server, uint64_t count);
/* A header's value in an answer, into `out`; false when it is not there. */
bool test_header(const test_answer *answer, const char *name, char *out, size_t size);

#endif
