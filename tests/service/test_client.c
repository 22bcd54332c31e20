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
	const char *answer;   /* NULL: none, ever */
	struct canned *other; /* it answers when this one was asked as well */
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
	while (server->other && !atomic_load(&server->other->connections) && !atomic_load(&server->ending))
		usleep(1000);
	if (server->answer)
		send(descriptor, server->answer, strlen(server->answer), MSG_NOSIGNAL);
	else
		while (!atomic_load(&server->ending))
			usleep(1000);
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

static void open_canned(canned *server, const char *answer, canned *other)
{
	struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof place;
	*server = (canned){.answer = answer, .other = other, .listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
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
	char origin[40];
	const char *origins[] = {origin};
	vg_fetched fetched;
	vg_client *client = NULL;
	snprintf(origin, sizeof origin, "http://127.0.0.1:%d", server->port);
	const vg_client_config config = {.origins = origins, .origin_count = 1};
	CHECK(vg_client_open(&config, &vg_system_allocator, &client, error) == VIGIL_OK, "a client opens");
	if (!fetch.url)
		fetch.url = vg_format(arena, "%s/x", origin);
	vg_client_get(client, &fetch, 1, arena, &fetched);
	CHECK(fetched.status != VIGIL_OK || strlen(fetched.body) == fetched.length, "the length is that of the text");
	CHECK(fetched.status == VIGIL_OK || !fetched.body, "what failed has no body");
	*ret = fetched.body ? fetched.body : "(nothing)";
	*ret_status = fetched.http_status;
	*error = fetched.error;
	vg_client_close(client);
	return fetched.status;
}

static void brings_what_is_there(void)
{
	canned server;
	vg_arena arena;
	vigil_error error = VIGIL_ERROR_INIT;
	const char *text;
	int status;
	vg_arena_init(&arena, NULL, 0);
	open_canned(&server, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", NULL);
	vg_fetch fetch = {.bearer = "secret-token", .accept = "application/fhir+json", .limit = 5, .deadline = TEST_PATIENCE};
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
	    /* the last one is over when its time is, the others as soon as they answer */
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
		open_canned(&server, cases[i].answer, NULL);
		const vg_fetch fetch = {
		    .bearer = "secret-token", .limit = 1000, .deadline = cases[i].answer ? TEST_PATIENCE : 300};
		CHECK(ask(&server, fetch, &arena, &text, &status, &error) == VIGIL_BAD_INPUT, "%s is no answer", cases[i].what);
		CHECK_TEXT(text, "(nothing)");
		CHECK(status == cases[i].status, "%s: status %d, not %d", cases[i].what, cases[i].status, status);
		CHECK(!strstr(error.text, "secret") && !strstr(error.text, "/x") && *error.advice,
		      "%s: the error tells no token and no path: %s", cases[i].what, error.text);
		WAIT_UNTIL(atomic_load(&server.connections) > 0);
		CHECK(atomic_load(&server.connections) == 1, "%s: asked once", cases[i].what);
		close_canned(&server);
		vg_arena_free(&arena);
	}
}

static void asks_listed_servers_only(void)
{
	static const char *const origins[] = {"https://fhir.test", "https://Other.test:8443", "https://[::1]:9",
					      "http://plain.test"};
	static const struct {
		const char *url;
		bool allowed;
	} cases[] = {
	    {"https://fhir.test/r4/Patient/1", true},
	    {"https://FHIR.test/", true},
	    {"https://fhir.test:443/", true},
	    {"http://fhir.test/", false},
	    {"http://fhir.test:443/", false},
	    {"https://fhir.test:80/", false},
	    {"https://other.test:8443/", true},
	    {"https://other.test/", false},
	    {"http://plain.test/", true},
	    {"http://plain.test:80/", true},
	    {"https://plain.test/", false},
	    {"https://plain.test:80/", false},
	    {"https://[::1]:9/", true},
	    {"https://fhir.test.evil/", false},
	    {"https://xfhir.test/", false},
	    {"https://fhir.tes/", false},
	    {"https://fhir.test@evil/", false},
	    {"https://user:pass@fhir.test/", false},
	    {"https://evil/?x=fhir.test", false},
	    {"https://evil\\@fhir.test/", false},
	    {"https://fhir.test/#x", false},
	    {"ftp://fhir.test/", false},
	    {"file:///etc/passwd", false},
	    {"gopher://fhir.test/", false},
	    {"fhir.test", false},
	    {"//fhir.test/", false},
	    {"https://", false},
	    {"", false},
	    {"https://fhir.test\r\nX: y/", false},
	    {"https://169.254.169.254/", false},
	};
	const vg_client_config config = {.origins = origins, .origin_count = VG_COUNT(origins)};
	vigil_error error = VIGIL_ERROR_INIT;
	vg_client *client = NULL;
	CHECK(vg_client_open(&config, &vg_system_allocator, &client, &error) == VIGIL_OK, "a client opens: %s", error.text);
	for (size_t i = 0; i < VG_COUNT(cases); i++)
		CHECK(vg_client_allows(client, cases[i].url) == cases[i].allowed, "%s may%s be asked", cases[i].url,
		      cases[i].allowed ? "" : " not");
	CHECK(!vg_client_allows(client, NULL), "nothing may not be asked");
	vg_client_close(client);
	const vg_client_config none = {.origins = NULL};
	CHECK(vg_client_open(&none, &vg_system_allocator, &client, NULL) == VIGIL_OK &&
		  !vg_client_allows(client, "https://fhir.test/"),
	      "an empty list lists nobody");
	vg_client_close(client);
}

static void refuses_lists_that_are_none(void)
{
	static const char *const bad[] = {"fhir.test",
					  "https://fhir.test/",
					  "https://fhir.test/r4",
					  "https://a@fhir.test",
					  "ftp://fhir.test",
					  "https://fhir.test?x",
					  "https://",
					  "*"};
	for (size_t i = 0; i < VG_COUNT(bad); i++) {
		const vg_client_config config = {.origins = &bad[i], .origin_count = 1};
		vigil_error error = VIGIL_ERROR_INIT;
		vg_client *client = NULL;
		CHECK(vg_client_open(&config, &vg_system_allocator, &client, &error) == VIGIL_WRONG_USE && *error.advice,
		      "%s is no origin", bad[i]);
	}
}

static void follows_on_the_same_server_only(void)
{
	static const struct {
		const char *link, *whole;
	} cases[] = {{"https://fhir.test/r4?page=2", "https://fhir.test/r4?page=2"},
		     {"https://FHIR.test:443/r4?page=2", "https://FHIR.test:443/r4?page=2"},
		     {"?page=2", "https://fhir.test/r4/Condition?page=2"},
		     {"/r4?page=2", "https://fhir.test/r4?page=2"},
		     {"http://fhir.test/r4?page=2", NULL},
		     {"https://fhir.test:8443/", NULL},
		     {"//evil.test/r4", NULL},
		     {"https://evil.test/", NULL},
		     {"https://a:b@fhir.test/", NULL}};
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		const char *found = vg_client_follow("https://fhir.test/r4/Condition?patient=1", cases[i].link, &arena);
		CHECK((!found && !cases[i].whole) || (found && cases[i].whole && strcmp(found, cases[i].whole) == 0),
		      "%s leads to %s", cases[i].link, found ? found : "nothing");
	}
	vg_arena_free(&arena);
}

static void asks_for_several_at_once(void)
{
	canned good, late, silent;
	vg_arena arena;
	vg_client *client = NULL;
	vg_fetched fetched[4];
	vg_arena_init(&arena, NULL, 0);
	open_canned(&good, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", NULL);
	open_canned(&late, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nworld", &good);
	open_canned(&silent, NULL, NULL);
	const char *origins[] = {vg_format(&arena, "http://127.0.0.1:%d", good.port),
				 vg_format(&arena, "http://127.0.0.1:%d", silent.port), "http://169.254.169.254",
				 vg_format(&arena, "http://127.0.0.1:%d", late.port)};
	const vg_client_config config = {.origins = origins, .origin_count = VG_COUNT(origins)};
	CHECK(vg_client_open(&config, &vg_system_allocator, &client, NULL) == VIGIL_OK, "a client opens");
	const vg_fetch fetches[] = {{.url = vg_format(&arena, "%s/x", origins[1]), .limit = 10, .deadline = 300},
				    {.url = vg_format(&arena, "%s/x", origins[3]), .limit = 10, .deadline = TEST_PATIENCE},
				    {.url = vg_format(&arena, "%s/x", origins[0]), .limit = 10, .deadline = TEST_PATIENCE},
				    {.url = "http://169.254.169.254/latest/meta-data", .limit = 10, .deadline = 3000}};
	vg_client_get(client, fetches, VG_COUNT(fetches), &arena, fetched);
	CHECK(fetched[0].status == VIGIL_BAD_INPUT && strstr(fetched[0].error.text, "in time"), "the silent one: %s",
	      fetched[0].error.text);
	CHECK(fetched[1].status == VIGIL_OK, "one that answers when the next one was asked: %s", fetched[1].error.text);
	CHECK_TEXT(fetched[1].body, "world");
	CHECK(fetched[2].status == VIGIL_OK, "the next one: %s", fetched[2].error.text);
	CHECK_TEXT(fetched[2].body, "hello");
	CHECK(fetched[3].status == VIGIL_BAD_INPUT && strstr(fetched[3].error.text, "could not be asked"),
	      "an address that no server has is not connected to, listed or not: %s", fetched[3].error.text);
	vg_client_close(client);
	close_canned(&good);
	close_canned(&late);
	close_canned(&silent);
	vg_arena_free(&arena);
}

static void sends_nothing_it_should_not(void)
{
	canned server;
	vg_arena arena;
	vigil_error error = VIGIL_ERROR_INIT;
	const char *text;
	int status;
	vg_arena_init(&arena, NULL, 0);
	open_canned(&server, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL);
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
	fetch.deadline = TEST_PATIENCE;
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
	static const char *const origins[] = {"https://fhir.test"};
	bool opened = false;
	for (size_t fail_at = 1; fail_at < 20 && !opened; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		const vg_allocator allocator = {test_resize, &state};
		const vg_client_config config = {.origins = origins, .origin_count = 1, .ca_file = "/a"};
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
				       {"only listed servers are asked", asks_listed_servers_only},
				       {"a list holds origins", refuses_lists_that_are_none},
				       {"links lead to the same server only", follows_on_the_same_server_only},
				       {"several are asked at once", asks_for_several_at_once},
				       {"nothing is sent that should not be", sends_nothing_it_should_not},
				       {"lack of memory is told", survives_lack_of_memory},
				       {0}};
