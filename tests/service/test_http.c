/*
 * The transport: what it lets through, what it refuses, and what it logs.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/http_support.h"

/* ---- what is decided at the headers -------------------------------------------------------- */

static void answers_each_endpoint(void)
{
	test_server server;
	test_answer answer;
	char value[200];
	if (!test_server_open(&server, NULL))
		return;
	static const char *const gets[] = {GET("/cds-services"), GET("/healthz"), GET("/readyz"), GET("/metrics"),
					   GET("/v1/rules")};
	for (size_t i = 0; i < VG_COUNT(gets); i++)
		test_expect(&server, gets[i], gets[i], 200);
	test_ask(&server, GET("/cds-services"), &answer);
	CHECK(test_header(&answer, "Content-Type", value, sizeof value) && vg_starts_with(value, "application/json"),
	      "it is JSON: %s", value);
	CHECK(test_header(&answer, "Cache-Control", value, sizeof value) && strcmp(value, "no-store") == 0,
	      "nobody keeps it: %s", value);
	CHECK(test_header(&answer, "X-Content-Type-Options", value, sizeof value), "nobody guesses its type");
	CHECK(!test_header(&answer, "Access-Control-Allow-Origin", value, sizeof value),
	      "no page of another origin may read it");
	size_t length = answer.body_length;
	test_ask(&server, "HEAD /cds-services HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", &answer);
	CHECK(answer.status == 200 && answer.body_length == length && answer.body[0] == '\0',
	      "HEAD tells the length (%zu) and sends nothing: %s", answer.body_length, answer.body);
	test_ask(&server, "GET /cds-services HTTP/1.0\r\n\r\n", &answer);
	CHECK(answer.status == 200, "HTTP/1.0 without a host is answered: %d", answer.status);
	test_server_close(&server);
}

static void refuses_paths_and_methods(void)
{
	test_server server;
	test_answer answer;
	char value[200];
	if (!test_server_open(&server, NULL))
		return;
	static const char *const missing[] = {"/",
					      "/cds-services/",
					      "/cds-services//x",
					      "//cds-services",
					      "/cds-services/..",
					      "/cds-services/a/b",
					      "/cds-services/%76igil-order-sign",
					      "/cds-services/vigil-order-sign/feedback/",
					      "/CDS-SERVICES",
					      "/v1/rules/",
					      "/v1/rules/a%00b",
					      "/v1/rules/..%2fx",
					      "/healthz/",
					      "/v1",
					      "/v1/openapi.json/"};
	char text[400];
	for (size_t i = 0; i < VG_COUNT(missing); i++) {
		snprintf(text, sizeof text, "GET %s HTTP/1.1\r\n" HOST "\r\n", missing[i]);
		test_expect(&server, missing[i], text, 404);
	}
	static const struct {
		const char *request, *allow;
	} wrong[] = {{GET("/cds-services/vigil-order-sign"), "POST, OPTIONS"},
		     {"PUT /cds-services/vigil-order-sign HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", "POST, OPTIONS"},
		     {"DELETE /v1/rules HTTP/1.1\r\n" HOST "\r\n", "GET, HEAD, OPTIONS"},
		     {POST("/cds-services", JSON "Content-Length: 2\r\n", "{}"), "GET, HEAD, OPTIONS"},
		     {GET("/v1/evaluate"), "POST, OPTIONS"}};
	for (size_t i = 0; i < VG_COUNT(wrong); i++) {
		test_expect(&server, wrong[i].request, wrong[i].request, 405);
		test_ask(&server, wrong[i].request, &answer);
		test_header(&answer, "Allow", value, sizeof value);
		CHECK_TEXT(value, wrong[i].allow);
	}
	test_expect(&server, "TRACE", "TRACE / HTTP/1.1\r\n" HOST "\r\n", 501);
	test_expect(&server, "a method of our own", "JUMP /cds-services HTTP/1.1\r\n" HOST "\r\n", 501);
	test_server_close(&server);
}

static void refuses_media_types_and_lengths(void)
{
	test_server server;
	static const char *const settings[] = {"limits.body=4096", NULL};
	if (!test_server_open(&server, settings))
		return;
	test_expect(&server, "text/plain", POST(SIGN_PATH, "Content-Type: text/plain\r\nContent-Length: 2\r\n", "{}"), 415);
	test_expect(&server, "no type", POST(SIGN_PATH, "Content-Length: 2\r\n", "{}"), 415);
	test_expect(&server, "a type that begins like JSON",
		    POST(SIGN_PATH, "Content-Type: application/jsonx\r\nContent-Length: 2\r\n", "{}"), 415);
	test_expect(&server, "UTF-16",
		    POST(SIGN_PATH, "Content-Type: application/json; charset=utf-16\r\nContent-Length: 2\r\n", "{}"), 415);
	test_expect(&server, "a coding", POST(SIGN_PATH, JSON "Content-Encoding: gzip\r\nContent-Length: 2\r\n", "{}"), 415);
	test_expect(&server, "UTF-8",
		    POST(SIGN_PATH, "Content-Type: application/json; charset=\"UTF-8\"\r\nContent-Length: 2\r\n", "{}"), 400);
	test_expect(&server, "FHIR's type",
		    POST(SIGN_PATH, "Content-Type: application/fhir+json\r\nContent-Length: 2\r\n", "{}"), 400);
	test_expect(&server, "no length", POST(SIGN_PATH, JSON, ""), 411);
	test_expect(&server, "an announced giant", POST(SIGN_PATH, JSON "Content-Length: 4097\r\n", ""), 413);
	test_expect(&server, "more than a number holds", POST(SIGN_PATH, JSON "Content-Length: 9999999999999999999\r\n", ""),
		    413);
	/* 4,096 bytes pass, whole or in chunks; one more does not. */
	static char text[12000];
	for (int more = 0; more < 2; more++)
		for (int chunked = 0; chunked < 2; chunked++) {
			int length = snprintf(text, sizeof text, "POST " SIGN_PATH " HTTP/1.1\r\n" HOST JSON);
			if (chunked)
				length += snprintf(text + length, sizeof text - (size_t)length,
						   "Transfer-Encoding: chunked\r\n\r\n%x\r\n", 4096 + more);
			else
				length += snprintf(text + length, sizeof text - (size_t)length, "Content-Length: %d\r\n\r\n",
						   4096 + more);
			memset(text + length, ' ', (size_t)(4096 + more));
			strcpy(text + length + 4096 + more, chunked ? "\r\n0\r\n\r\n" : "");
			test_expect(&server, chunked ? "chunks" : "a whole body", text, more ? 413 : 400);
		}
	test_server_close(&server);
}

static void answers_for_its_own_names(void)
{
	test_server server;
	test_answer answer;
	static const char *const settings[] = {"server.public_url=https://cds.example.org/vigil", NULL};
	if (!test_server_open(&server, settings))
		return;
	static const char *const known[] = {"cds.test",        "CDS.test:8080",      "localhost", "localhost:1",
					    "127.0.0.1:8080",  "192.0.2.7",          "[::1]",     "[::1]:8080",
					    "cds.example.org", "cds.example.org:443"};
	static const char *const strange[] = {
	    "evil.test", "cds.test.evil", "xcds.test", "localhost.evil", "127.0.0.1.evil.test", "", "cds.example.or", "_"};
	char text[300];
	for (size_t i = 0; i < VG_COUNT(known) + VG_COUNT(strange); i++) {
		bool good = i < VG_COUNT(known);
		const char *name = good ? known[i] : strange[i - VG_COUNT(known)];
		snprintf(text, sizeof text, "GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n", name);
		test_expect(&server, name, text, good ? 200 : 421);
	}
	test_ask_local(&server, "GET /healthz HTTP/1.1\r\nHost: anything\r\n\r\n", &answer);
	CHECK(answer.status == 200, "through the Unix socket any name will do: %d", answer.status);
	test_server_close(&server);
}

static void shares_with_listed_origins(void)
{
	test_server server;
	test_answer answer;
	char value[200];
	static const char *const settings[] = {"server.allow_origin=https://emr.test",
					       "server.allow_origin=http://localhost:8080", NULL};
	if (!test_server_open(&server, settings))
		return;
	static const char *const paths[] = {"/cds-services", "/cds-services/vigil-order-sign",
					    "/cds-services/vigil-order-sign/feedback", "/nowhere"};
	char text[400];
	for (size_t i = 0; i < VG_COUNT(paths); i++) {
		snprintf(text, sizeof text,
			 "OPTIONS %s HTTP/1.1\r\n" HOST
			 "Origin: https://emr.test\r\nAccess-Control-Request-Method: POST\r\n\r\n",
			 paths[i]);
		test_ask(&server, text, &answer);
		CHECK(answer.status == 204, "a preflight of %s gets 204, not %d", paths[i], answer.status);
		test_header(&answer, "Access-Control-Allow-Origin", value, sizeof value);
		CHECK_TEXT(value, "https://emr.test");
		test_header(&answer, "Access-Control-Allow-Methods", value, sizeof value);
		CHECK_TEXT(value, "GET, POST, OPTIONS");
		test_header(&answer, "Access-Control-Allow-Headers", value, sizeof value);
		CHECK(vg_starts_with(value, "authorization, content-type"), "its headers may be sent: %s", value);
	}
	static const char *const others[] = {"https://evil", "https://emr.test.evil", "null", "http://emr.test", "*"};
	for (size_t i = 0; i < VG_COUNT(others); i++) {
		snprintf(text, sizeof text, "OPTIONS /cds-services HTTP/1.1\r\n" HOST "Origin: %s\r\n\r\n", others[i]);
		test_ask(&server, text, &answer);
		CHECK(answer.status == 204 && !test_header(&answer, "Access-Control-Allow-Origin", value, sizeof value),
		      "%s is told nothing: %s", others[i], value);
	}
	test_ask(&server, "GET /nowhere HTTP/1.1\r\n" HOST "Origin: https://emr.test\r\n\r\n", &answer);
	CHECK(answer.status == 404 && test_header(&answer, "Access-Control-Allow-Origin", value, sizeof value),
	      "a page can read its refusals, too");
	test_server_close(&server);
	static const char *const all[] = {"server.allow_origin=*", NULL};
	if (!test_server_open(&server, all))
		return;
	test_ask(&server, "GET /cds-services HTTP/1.1\r\n" HOST "Origin: https://x\r\n\r\n", &answer);
	test_header(&answer, "Access-Control-Allow-Origin", value, sizeof value);
	CHECK_TEXT(value, "*");
	CHECK(!test_header(&answer, "Access-Control-Allow-Credentials", value, sizeof value),
	      "never together with credentials");
	test_server_close(&server);
}

static void keeps_harmless_request_ids(void)
{
	test_server server;
	test_answer answer;
	char value[200], text[400], first[200] = "";
	if (!test_server_open(&server, NULL))
		return;
	static const struct {
		const char *id;
		bool kept;
	} cases[] = {{"d1577c69-dfbe-44ad-ba6d-3e05e953b2ea", true},
		     {"0123456789abcdef0123456789ABCDEF", true},
		     {"00-4bf92f3577b34da6a3ce929d0e0e4736-00", true},
		     {"1234567", false},
		     {"Patient/1234", false},
		     {"MUSTER^MAX 1950", false},
		     {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0", false}};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		snprintf(text, sizeof text, "GET /healthz HTTP/1.1\r\n" HOST "X-Request-Id: %s\r\n\r\n", cases[i].id);
		test_ask(&server, text, &answer);
		CHECK(test_header(&answer, "X-Request-Id", value, sizeof value) && *value, "there is always an id");
		CHECK((strcmp(value, cases[i].id) == 0) == cases[i].kept, "%s is %s: %s", cases[i].id,
		      cases[i].kept ? "kept" : "replaced", value);
	}
	test_ask(&server, GET("/healthz"), &answer);
	test_header(&answer, "X-Request-Id", first, sizeof first);
	test_ask(&server, GET("/healthz"), &answer);
	test_header(&answer, "X-Request-Id", value, sizeof value);
	CHECK(strcmp(first, value) != 0, "two requests have two ids");
	test_server_close(&server);
}

static void keeps_administration_local(void)
{
	test_server server;
	test_answer answer;
	struct stat info;
	static const char *const settings[] = {"server.socket_mode=0600", NULL};
	if (!test_server_open(&server, settings))
		return;
	test_expect(&server, "a reload over TCP", POST("/v1/reload", JSON "Content-Length: 2\r\n", "{}"), 403);
	test_expect(&server, "a switch over TCP", POST("/v1/rules/x/switch", JSON "Content-Length: 2\r\n", "{}"), 403);
	test_ask_local(&server, POST("/v1/reload", "Content-Length: 0\r\n", ""), &answer);
	CHECK(answer.status == 200, "a reload through the Unix socket: %d %s", answer.status, answer.body);
	CHECK(stat(server.socket, &info) == 0 && (info.st_mode & 0777) == 0600, "the socket has its mode");
	char path[80];
	strcpy(path, server.socket);
	test_server_close(&server);
	CHECK(stat(path, &info) != 0, "and is removed at the end");
}

/* ---- the log ---------------------------------------------------------------------------------- */

static void logs_no_patient(void)
{
	test_server server;
	test_answer answer;
	if (!test_server_open(&server, NULL))
		return;
	test_ask(&server,
		 "GET /cds-services?name=CANARY HTTP/1.1\r\n" HOST "X-Name: CANARY\r\nX-Request-Id: CANARY-CANARY\r\n\r\n",
		 &answer);
	test_ask(&server, "GET /CANARY HTTP/1.1\r\n" HOST "\r\n", &answer);
	CHECK(!strstr(answer.body, "CANARY"), "nor does the refusal: %s", answer.body);
	test_ask(&server, "GET /v1/rules/CANARY HTTP/1.1\r\n" HOST "\r\n", &answer);
	test_ask(&server, "CANARY / HTTP/1.1\r\nHost: CANARY\r\n\r\n", &answer);
	test_ask(&server, POST(SIGN_PATH, "Content-Type: CANARY\r\nContent-Length: 2\r\n", "{}"), &answer);
	test_ask(&server, POST(SIGN_PATH, JSON "Content-Length: 19\r\n", "{\"hook\":\"CANARY\",}}"), &answer);
	test_ask(&server, POST(SIGN_PATH, JSON "Content-Length: CANARY\r\n", ""), &answer);
	const char *log = test_server_log(&server);
	CHECK(!strstr(log, "CANARY"), "the log holds nothing of a request: %s", log);
	unsigned lines = 0;
	for (const char *at = log; (at = strstr(at, "\"event\":\"")); at++)
		lines++;
	CHECK(lines >= 7, "but a line for each: %u\n%s", lines, log);
	CHECK(strstr(log, "\"endpoint\":\"hook\"") && strstr(log, "\"status\":415") && strstr(log, "\"note\":\""),
	      "with endpoint, status and reason: %s", log);
	test_server_close(&server);
}

/* What the log says about a request, behind its moment. */
static const char *line_of(vg_connection *connection, bool whole, char *text, size_t size)
{
	static const char shape[] = "{\"time\":\"0000-00-00T00:00:00.000Z\"";
	vg_server *server = connection->listener->server;
	vigil_error error = VIGIL_ERROR_INIT;
	int ends[2];
	CHECK(pipe(ends) == 0 && vg_log_open(ends[1], &server->log, &error) == VIGIL_OK, "a log on a pipe");
	vg_log_request(connection, 1234567, whole);
	vg_log_close(server->log);
	close(ends[1]);
	ssize_t length = read(ends[0], text, size - 1);
	text[length > 0 ? length : 0] = '\0';
	close(ends[0]);
	size_t fitting = 0;
	while (shape[fitting] &&
	       (text[fitting] == shape[fitting] || (shape[fitting] == '0' && text[fitting] >= '0' && text[fitting] <= '9')))
		fitting++;
	if (text[0])
		CHECK(!shape[fitting], "a line begins with its moment: %s", text);
	return text + fitting;
}

static void writes_a_line_for_each_request(void)
{
	enum { LONGEST = 160 };
	static const char usual[] =
	    ",\"level\":\"info\",\"event\":\"request\",\"id\":\"1f-2\",\"endpoint\":\"hook\",\"socket\":\"tcp\","
	    "\"status\":200,\"bytes_in\":33000,\"bytes_out\":0,\"micros\":1234567}\n";
	static const char broken[] =
	    ",\"level\":\"warning\",\"event\":\"request\",\"id\":\"1f-2\",\"endpoint\":\"hook\",\"socket\":\"unix\","
	    "\"status\":200,\"bytes_in\":33000,\"bytes_out\":0,\"micros\":1234567,\"broken\":true,\"note\":\"";
	char text[2000],
	    note[] = "\"\\\n\xc3\xa9 long "
		     "................................................................................"
		     "................................................................................",
	    wanted[1000];
	vg_settings settings = {.log = "all"};
	vg_server server = {.settings = &settings};
	vg_listener listener = {.server = &server};
	vg_connection connection = {
	    .listener = &listener, .endpoint = VG_ENDPOINT_HOOK, .status = 200, .length = 33000, .request_id = "1f-2"};
	vg_arena_init(&connection.arena, &vg_system_allocator, 0);
	CHECK_TEXT(line_of(&connection, true, text, sizeof text), usual);
	settings.log = "refused";
	CHECK_TEXT(line_of(&connection, true, text, sizeof text), "");
	listener.local = true;
	connection.note = note;
	snprintf(wanted, sizeof wanted, "%s''''' long %.*s\"}\n", broken, LONGEST - 11, strchr(note, '.'));
	CHECK_TEXT(line_of(&connection, false, text, sizeof text), wanted);
	settings.log = "none";
	CHECK_TEXT(line_of(&connection, false, text, sizeof text), "");
	vg_arena_free(&connection.arena);
}

static void never_waits_for_the_log(void)
{
	int ends[2];
	vg_log *log = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	char line[1001];
	memset(line, 'x', sizeof line);
	line[1000] = '\n';
	CHECK(pipe(ends) == 0 && vg_log_open(ends[1], &log, &error) == VIGIL_OK, "a log on a pipe that nobody reads");
	for (int i = 0; i < 2000; i++) /* who waited here would wait for ever */
		vg_log_line(log, line, sizeof line);
	/* Read it all: the loss is told once there is room. */
	static char text[8 << 20];
	static const char loss[] = "\"event\":\"log-lost\",\"lines\":", after[] = "\\\"quotes\\\" and\\na break.";
	size_t length = 0;
	do {
		vg_log_event(log, "info", "after", "A line with \"quotes\" and\na break.");
		ssize_t got = read(ends[0], text + length, sizeof text - 1 - length); /* waits: a line is on its way */
		length += got > 0 ? (size_t)got : 0;
		text[length] = '\0';
	} while (length < sizeof text - 1 && !(strstr(text, loss) && strstr(text, after)));
	CHECK(strstr(text, loss) != NULL, "how many lines were lost is told");
	CHECK(strstr(text, after) != NULL, "texts are escaped");
	vg_log_close(log); /* writes the last lines, so somebody still has to be there to read them */
	close(ends[0]);
	close(ends[1]);
}

const test_case test_cases_http[] = {{"each endpoint is answered", answers_each_endpoint},
				     {"404, 405 with Allow, 501", refuses_paths_and_methods},
				     {"411, 413, 415", refuses_media_types_and_lengths},
				     {"421 for other hosts' names", answers_for_its_own_names},
				     {"pages of listed origins may ask, others are told nothing", shares_with_listed_origins},
				     {"request ids are echoed when they are harmless", keeps_harmless_request_ids},
				     {"reload and switch are for the Unix socket", keeps_administration_local},
				     {"the log holds no patient data", logs_no_patient},
				     {"a request's line in the log", writes_a_line_for_each_request},
				     {"a stuck reader of the log holds nobody", never_waits_for_the_log},
				     {0}};
