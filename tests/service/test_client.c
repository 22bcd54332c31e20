/*
 * Asking other servers: only listed hosts, no redirects, within the deadline
 * and the size, and what is sent along.
 */
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/http_internal.h"
#include "support/support.h"

/* A server with one answer for everybody: it keeps what it was asked last. */
typedef struct canned {
	int listening, port;
	const char *answer; /* NULL: none, ever */
	pthread_t thread;
	char asked[4096];
	_Atomic unsigned connections;
	_Atomic bool ending;
} canned;

static void answer_one(canned *server, int descriptor)
{
	size_t length = 0;
	while (length < sizeof server->asked - 1 && !strstr(server->asked, "\r\n\r\n")) {
		ssize_t got = recv(descriptor, server->asked + length, sizeof server->asked - 1 - length, 0);
		if (got <= 0)
			return;
		length += (size_t)got;
		server->asked[length] = '\0';
	}
	if (server->answer)
		send(descriptor, server->answer, strlen(server->answer), MSG_NOSIGNAL);
	else
		while (!atomic_load(&server->ending))
			usleep(5000);
}

static void *run_canned(void *user)
{
	canned *server = user;
	while (!atomic_load(&server->ending)) {
		struct pollfd wait = {server->listening, POLLIN, 0};
		if (poll(&wait, 1, 20) <= 0)
			continue;
		int descriptor = accept(server->listening, NULL, NULL);
		memset(server->asked, 0, sizeof server->asked);
		atomic_fetch_add(&server->connections, 1);
		answer_one(server, descriptor);
		close(descriptor);
	}
	return NULL;
}

static void open_canned(canned *server, const char *answer)
{
	struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof place;
	*server = (canned){.answer = answer, .listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	bool good = bind(server->listening, (struct sockaddr *)&place, sizeof place) == 0 &&
		    listen(server->listening, 16) == 0 &&
		    getsockname(server->listening, (struct sockaddr *)&place, &length) == 0;
	CHECK(good, "a server for the test listens");
	server->port = ntohs(place.sin_port);
	pthread_create(&server->thread, NULL, run_canned, server);
}

static void close_canned(canned *server)
{
	atomic_store(&server->ending, true);
	pthread_join(server->thread, NULL);
	close(server->listening);
}

/* Asks the canned server for /x; what came, and the error. */
static vigil_status ask(canned *server, vg_fetch fetch, vg_arena *arena, const char **ret, int *ret_status, vigil_error *error)
{
	char host[40];
	const char *hosts[] = {host};
	size_t length = 0;
	vg_client *client = NULL;
	snprintf(host, sizeof host, "127.0.0.1:%d", server->port);
	const vg_client_config config = {.hosts = hosts, .host_count = 1, .plain_http = true};
	CHECK(vg_client_open(&config, &vg_system_allocator, &client, error) == VIGIL_OK, "a client opens");
	if (!fetch.url)
		fetch.url = vg_format(arena, "http://%s/x", host);
	*ret = "(nothing)";
	vigil_status status = vg_client_get(client, &fetch, arena, ret, &length, ret_status, error);
	CHECK(status != VIGIL_OK || strlen(*ret) == length, "the length is that of the text");
	vg_client_close(client);
	return status;
}

static void brings_what_is_there(void)
{
	canned server;
	vg_arena arena;
	vigil_error error = VIGIL_ERROR_INIT;
	const char *text;
	int status;
	vg_arena_init(&arena, NULL, 0);
	open_canned(&server, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
	vg_fetch fetch = {.bearer = "secret-token", .accept = "application/fhir+json", .limit = 5, .deadline = 3000};
	CHECK(ask(&server, fetch, &arena, &text, &status, &error) == VIGIL_OK, "it is brought: %s", error.text);
	CHECK_TEXT(text, "hello");
	CHECK(status == 200, "with its status");
	CHECK(strstr(server.asked, "GET /x HTTP/1.1\r\n") && strstr(server.asked, "Authorization: Bearer secret-token\r\n") &&
		  strstr(server.asked, "Accept: application/fhir+json\r\n"),
	      "it was asked for with token and type: %s", server.asked);
	fetch.bearer = NULL;
	fetch.accept = NULL;
	CHECK(ask(&server, fetch, &arena, &text, &status, &error) == VIGIL_OK, "without a token, too");
	CHECK(!strstr(server.asked, "Authorization") && strstr(server.asked, "Accept: application/json\r\n"),
	      "then none is sent: %s", server.asked);
	fetch.limit = 4;
	CHECK(ask(&server, fetch, &arena, &text, &status, &error) == VIGIL_BAD_INPUT, "five bytes are more than four");
	CHECK(strstr(error.text, "larger than the limit"), "and that is told: %s", error.text);
	close_canned(&server);
	vg_arena_free(&arena);
}

static void brings_nothing_else(void)
{
	static const struct {
		const char *what, *answer;
		int status;
	} cases[] = {
	    {"a redirect", "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/y\r\nContent-Length: 0\r\n\r\n", 302},
	    {"404", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}", 404},
	    {"401", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", 401},
	    {"500", "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", 500},
	    {"204", "HTTP/1.1 204 No Content\r\n\r\n", 204},
	    {"a body cut short", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", 200},
	    {"noise", "hello hello hello\r\n\r\n", 0},
	    {"nothing before the deadline", NULL, 0},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		canned server;
		vg_arena arena;
		vigil_error error = VIGIL_ERROR_INIT;
		const char *text;
		int status = -1;
		vg_arena_init(&arena, NULL, 0);
		open_canned(&server, cases[i].answer);
		int64_t began = vg_milliseconds();
		const vg_fetch fetch = {.bearer = "secret-token", .limit = 1000, .deadline = 300};
		CHECK(ask(&server, fetch, &arena, &text, &status, &error) == VIGIL_BAD_INPUT, "%s is no answer", cases[i].what);
		CHECK(vg_milliseconds() - began < 2000, "%s: the deadline is kept", cases[i].what);
		CHECK_TEXT(text, "(nothing)");
		CHECK(status == cases[i].status, "%s: status %d, not %d", cases[i].what, cases[i].status, status);
		CHECK(!strstr(error.text, "secret") && !strstr(error.text, "/x") && *error.advice,
		      "%s: the error tells no token and no path: %s", cases[i].what, error.text);
		CHECK(atomic_load(&server.connections) == 1, "%s: asked once", cases[i].what);
		close_canned(&server);
		vg_arena_free(&arena);
	}
}

static void asks_listed_hosts_only(void)
{
	static const char *const hosts[] = {"fhir.test", "other.test:8443", "[::1]:9"};
	static const struct {
		const char *url;
		bool secure, plain; /* allowed without and with plain_http */
	} cases[] = {
	    {"https://fhir.test/r4/Patient/1", true, true},
	    {"https://FHIR.test/", true, true},
	    {"https://fhir.test:443/", true, true},
	    {"http://fhir.test/", false, true},
	    {"http://fhir.test:80/", false, true},
	    {"https://fhir.test:80/", false, false},
	    {"http://fhir.test:443/", false, false},
	    {"https://other.test:8443/", true, true},
	    {"https://other.test/", false, false},
	    {"https://[::1]:9/", true, true},
	    {"https://fhir.test.evil/", false, false},
	    {"https://xfhir.test/", false, false},
	    {"https://fhir.tes/", false, false},
	    {"https://fhir.test@evil/", false, false},
	    {"https://user:pass@fhir.test/", false, false},
	    {"https://evil/?x=fhir.test", false, false},
	    {"https://evil\\@fhir.test/", false, false},
	    {"https://fhir.test/#x", false, false},
	    {"ftp://fhir.test/", false, false},
	    {"file:///etc/passwd", false, false},
	    {"gopher://fhir.test/", false, false},
	    {"fhir.test", false, false},
	    {"//fhir.test/", false, false},
	    {"https://", false, false},
	    {"", false, false},
	    {"https://fhir.test\r\nX: y/", false, false},
	    {"https://169.254.169.254/", false, false},
	};
	for (int plain = 0; plain < 2; plain++) {
		const vg_client_config config = {.hosts = hosts, .host_count = VG_COUNT(hosts), .plain_http = plain};
		vigil_error error = VIGIL_ERROR_INIT;
		vg_client *client = NULL;
		CHECK(vg_client_open(&config, &vg_system_allocator, &client, &error) == VIGIL_OK, "a client opens");
		for (size_t i = 0; i < VG_COUNT(cases); i++)
			CHECK(vg_client_allows(client, cases[i].url) == (plain ? cases[i].plain : cases[i].secure),
			      "%s may%s be asked%s", cases[i].url, (plain ? cases[i].plain : cases[i].secure) ? "" : " not",
			      plain ? " (plain http)" : "");
		CHECK(!vg_client_allows(client, NULL), "nothing may not be asked");
		vg_client_close(client);
	}
	const vg_client_config none = {.hosts = NULL};
	vg_client *client = NULL;
	CHECK(vg_client_open(&none, &vg_system_allocator, &client, NULL) == VIGIL_OK &&
		  !vg_client_allows(client, "https://fhir.test/"),
	      "an empty list lists nobody");
	vg_client_close(client);
}

static void sends_nothing_it_should_not(void)
{
	canned server;
	vg_arena arena;
	vigil_error error = VIGIL_ERROR_INIT;
	const char *text;
	int status;
	vg_arena_init(&arena, NULL, 0);
	open_canned(&server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	vg_fetch fetch = {.url = "http://127.0.0.1:1/x", .limit = 10, .deadline = 300};
	CHECK(ask(&server, fetch, &arena, &text, &status, &error) == VIGIL_WRONG_USE, "another port is another host");
	fetch.url = NULL;
	fetch.bearer = "a\r\nX-Evil: 1";
	CHECK(ask(&server, fetch, &arena, &text, &status, &error) == VIGIL_WRONG_USE, "a token cannot begin another header");
	fetch.bearer = NULL;
	fetch.deadline = 0;
	CHECK(ask(&server, fetch, &arena, &text, &status, &error) == VIGIL_WRONG_USE, "without a deadline nothing is asked");
	CHECK(atomic_load(&server.connections) == 0, "nobody was asked");
	/* The environment has no say. */
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	fetch.deadline = 2000;
	CHECK(ask(&server, fetch, &arena, &text, &status, &error) == VIGIL_OK, "a proxy of the environment is not used: %s",
	      error.text);
	CHECK_TEXT(text, "");
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
	close_canned(&server);
	vg_arena_free(&arena);
}

static void survives_lack_of_memory(void)
{
	static const char *const hosts[] = {"fhir.test"};
	bool opened = false;
	for (size_t fail_at = 1; fail_at < 20 && !opened; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		const vg_allocator allocator = {test_resize, &state};
		const vg_client_config config = {.hosts = hosts, .host_count = 1, .ca_file = "/a"};
		vg_client *client = NULL;
		vigil_error error = VIGIL_ERROR_INIT;
		vigil_status status = vg_client_open(&config, &allocator, &client, &error);
		opened = state.calls < fail_at;
		CHECK(status == (opened ? VIGIL_OK : VIGIL_NO_MEMORY), "allocation %zu fails: %d", fail_at, status);
		vg_client_close(client);
		CHECK(state.live_blocks == 0, "allocation %zu fails: all is given back", fail_at);
	}
	CHECK(opened, "with all its memory it opens");
}

const test_case test_cases_client[] = {{"what is there is brought, within the limit", brings_what_is_there},
				       {"redirects, refusals, noise and silence are no answers", brings_nothing_else},
				       {"only listed hosts are asked", asks_listed_hosts_only},
				       {"nothing is sent that should not be", sends_nothing_it_should_not},
				       {"lack of memory is told", survives_lack_of_memory},
				       {0}};
