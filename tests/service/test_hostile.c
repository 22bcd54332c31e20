/*
 * Hostile requests, byte for byte: our own in fixtures/http, and those of
 * ../shared/data/hostile_http, where each gets its status and the next good
 * request is answered.
 */
#include <jose/b64.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "service/http_support.h"
#include "service/tokens.h"

static const char good[] = "GET /healthz HTTP/1.1\r\nHost: cds.test\r\n\r\n";

typedef struct hostile {
	char *id, *status, *connection; /* "400|413", "keep" or "close" */
	char *bytes;
	size_t length;
} hostile;

/* Whether a status is one of "400|413"; "none" stands for no answer. */
static bool wanted(const char *list, int status)
{
	char number[16];
	snprintf(number, sizeof number, "%d", status);
	return strstr(list, status ? number : "none") != NULL;
}

/* Sends one, judges the first answer, then asks something good: on the same connection when it stays. */
static void try_one(const test_server *server, const hostile *request)
{
	test_answer answer, after;
	int descriptor = test_connect(server);
	bool closing = strcmp(request->connection, "close") == 0;
	test_send(descriptor, request->bytes, request->length);
	test_receive(descriptor, closing, &answer);
	CHECK(wanted(request->status, answer.status), "%s: %s is wanted, %d came: %s", request->id, request->status,
	      answer.status, answer.body);
	if (answer.status >= 400 && answer.status != 505)
		CHECK(!strstr(answer.head, "Access-Control-Allow-Origin"), "%s: no other origin may read it", request->id);
	if (closing) {
		CHECK(answer.closed, "%s: the connection is closed", request->id);
	} else if (answer.status) {
		test_send(descriptor, good, strlen(good));
		test_receive(descriptor, false, &after);
		CHECK(after.status == 200, "%s: the connection goes on: %d", request->id, after.status);
	}
	close(descriptor);
	test_ask(server, good, &after);
	CHECK(after.status == 200, "%s: the next good request is answered: %d", request->id, after.status);
}

static char *next_field(char **at, char stop)
{
	char *field = *at, *end = strchr(field, stop);
	if (end)
		*end = '\0';
	*at = end ? end + 1 : field + strlen(field);
	return field;
}

typedef void (*each)(const test_server *server, hostile *request, void *user);

/* Walks an index; `with_class` has the columns of the shared one. */
static unsigned walk(const test_server *server, vg_arena *arena, const char *folder, bool with_class, each visit, void *user)
{
	char *index = NULL;
	size_t length;
	unsigned count = 0;
	const char *path = vg_format(arena, "%s/INDEX.tsv", folder);
	CHECK(vg_read_file(arena, path, 0, &index, &length, NULL) == VIGIL_OK, "%s is there", path);
	if (!index)
		return 0;
	next_field(&index, '\n');
	while (*index) {
		char *line = next_field(&index, '\n');
		hostile request = {.id = next_field(&line, '\t')};
		if (with_class) {
			next_field(&line, '\t');
			next_field(&line, '\t');
		}
		request.status = next_field(&line, '\t');
		request.connection = next_field(&line, '\t');
		path = vg_format(arena, "%s/%s.http", folder, request.id);
		bool read = vg_read_file(arena, path, 0, &request.bytes, &request.length, NULL) == VIGIL_OK;
		CHECK(read, "%s is there", path);
		if (read)
			visit(server, &request, user);
		count++;
	}
	return count;
}

static void visit_own(const test_server *server, hostile *request, void *user)
{
	(void)user;
	try_one(server, request);
}

static void answers_our_own(void)
{
	test_server server;
	if (!test_server_open(&server, NULL))
		return;
	unsigned count = walk(&server, &server.arena, "fixtures/http", false, visit_own, NULL);
	CHECK(count >= 25, "%u requests", count);
	test_server_close(&server);
}

/* The same bytes with one text for another; in the arena. */
static void replace(vg_arena *arena, hostile *request, const char *from, const char *to)
{
	char *place = memmem(request->bytes, request->length, from, strlen(from));
	if (!place)
		return;
	size_t before = (size_t)(place - request->bytes), removed = strlen(from), added = strlen(to);
	size_t rest = request->length - before - removed;
	char *bytes = vg_alloc(arena, before + added + rest + 1);
	memcpy(bytes, request->bytes, before);
	memcpy(bytes + before, to, added);
	memcpy(bytes + before + added, place + removed, rest);
	request->bytes = bytes;
	request->length = before + added + rest;
	replace(arena, request, from, to);
}

/* ---- the shared corpus ------------------------------------------------------------------- */

/* docs/service/deviations.md tells why. */
static const struct {
	const char *id, *status;
} deviations[] = {{"020_chunk_ext_flood", "500"}};

static void visit_shared(const test_server *server, hostile *request, void *user)
{
	vg_arena arena;
	(void)user;
	if (strstr(request->id, "_jwt_"))
		return;
	vg_arena_init(&arena, NULL, 0);
	/* "demo" stands for a service that exists; these requests are of the hook order-select. */
	replace(&arena, request, "/cds-services/demo", "/cds-services/vigil-order-select");
	for (size_t i = 0; i < VG_COUNT(deviations); i++)
		if (strcmp(request->id, deviations[i].id) == 0)
			request->status = (char *)(uintptr_t)deviations[i].status;
	if (strcmp(request->id, "047_pipelined_1000") == 0) {
		/* All thousand are answered in order; the one behind them says that it is the last. */
		static const char last[] = "GET /healthz HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
		test_answer answer;
		int descriptor = test_connect(server);
		test_send(descriptor, request->bytes, request->length);
		test_send(descriptor, last, strlen(last));
		test_receive(descriptor, true, &answer);
		CHECK(answer.answers == 1001 && answer.closed, "%u answers to 1,001 requests in one go", answer.answers);
		close(descriptor);
	} else {
		try_one(server, request);
	}
	vg_arena_free(&arena);
}

static void answers_the_shared_corpus(void)
{
	static const char *const settings[] = {"limits.header_time=1500", NULL};
	const char *folder = test_data("hostile_http");
	test_server server;
	if (!folder || !test_server_open(&server, settings))
		return;
	folder = vg_format(&server.arena, "%s", folder);
	unsigned count = walk(&server, &server.arena, folder, true, visit_shared, NULL);
	CHECK(count >= 80, "%u requests", count);
	test_server_close(&server);
}

/* ---- its tokens ---------------------------------------------------------------------------- */

/*
 * Where a case is about something else than the signature, its token gets a
 * good one of the test key, the algorithm that this server takes, and an end in
 * the near future unless the end is what it is about.
 */
static const char *signed_case(token_maker *maker, vg_arena *arena, const char *id, const char *token)
{
	static const char *const about_something_else[] = {"115_jwt_kid_sql",  "116_jwt_jku_evil",  "118_jwt_crit_unknown",
							   "119_jwt_expired",  "121_jwt_wrong_aud", "122_jwt_wrong_iss",
							   "124_jwt_long_life"};
	bool found = false;
	for (size_t i = 0; i < VG_COUNT(about_something_else); i++)
		found = found || strcmp(id, about_something_else[i]) == 0;
	const char *dot = strchr(token, '.'), *second = dot ? strchr(dot + 1, '.') : NULL;
	if (!found || !second)
		return NULL;
	char text[2][2048] = {"", ""};
	jose_b64_dec_buf(token, (size_t)(dot - token), text[0], sizeof text[0] - 1);
	jose_b64_dec_buf(dot + 1, (size_t)(second - dot - 1), text[1], sizeof text[1] - 1);
	json_t *header = json_loads(text[0], 0, NULL), *claims = json_loads(text[1], 0, NULL);
	CHECK(header && claims, "%s has a token", id);
	json_object_set_new(header, "alg", json_string("RS384"));
	if (!strstr(id, "expired") && !strstr(id, "long_life"))
		json_object_set_new(claims, "exp", json_integer((json_int_t)time(NULL) + 300));
	json_object_set_new(claims, "jti", json_sprintf("case-%u", maker->next++));
	const char *made = token_sign(maker, arena, header, claims);
	json_decref(header);
	json_decref(claims);
	return made;
}

static void ask_with_token(const test_server *server, token_maker *maker, const char *id)
{
	vg_arena arena;
	test_answer answer;
	vg_arena_init(&arena, NULL, 0);
	const char *token = token_for(maker, &arena, "https://cds.test/cds-services");
	const char *text =
	    vg_format(&arena, "GET /cds-services HTTP/1.1\r\nHost: cds.test\r\nAuthorization: Bearer %s\r\n\r\n", token);
	test_ask(server, text, &answer);
	CHECK(answer.status == 200, "%s: a good token is let in: %d %s", id, answer.status, answer.body);
	test_ask(server, text, &answer);
	CHECK(answer.status == 401, "%s: but once: %d", id, answer.status);
	vg_arena_free(&arena);
}

static void visit_token(const test_server *server, hostile *request, void *user)
{
	token_maker *maker = user;
	vg_arena arena;
	test_answer answer;
	static const char scheme[] = "Authorization: Bearer ";
	if (!strstr(request->id, "_jwt_"))
		return;
	vg_arena_init(&arena, NULL, 0);
	const char *place = memmem(request->bytes, request->length, scheme, strlen(scheme));
	if (place) {
		place += strlen(scheme);
		const char *old = vg_copy_text(&arena, place, strcspn(place, "\r")),
			   *made = signed_case(maker, &arena, request->id, old);
		if (made)
			replace(&arena, request, old, made);
	}
	int descriptor = test_connect(server);
	test_send(descriptor, request->bytes, request->length);
	test_receive(descriptor, false, &answer);
	CHECK(wanted(request->status, answer.status), "%s: %s is wanted, %d came", request->id, request->status, answer.status);
	if (answer.status == 401)
		CHECK(strstr(answer.body, "A valid token is needed.") && strstr(answer.head, "WWW-Authenticate: Bearer\r\n"),
		      "%s: the refusal is the same for all: %s", request->id, answer.body);
	close(descriptor);
	ask_with_token(server, maker, request->id);
	vg_arena_free(&arena);
}

static void refuses_shared_tokens(void)
{
	token_maker maker;
	test_server server;
	const char *folder = test_data("hostile_http");
	if (!folder || !token_maker_open(&maker, "RS384"))
		return;
	const char *const settings[] = {"auth.required=on", "auth.issuers=https://ehr.test",
					"server.public_url=https://cds.test", maker.setting, NULL};
	if (test_server_open(&server, settings)) {
		unsigned count =
		    walk(&server, &server.arena, vg_format(&server.arena, "%s", folder), true, visit_token, &maker);
		CHECK(count > 0, "there are cases");
		CHECK(!strstr(test_server_log(&server), "eyJ"), "no token is in the log");
		test_server_close(&server);
	}
	token_maker_close(&maker);
}

/* What needs a token, and what must not. */
static void asks_for_tokens_everywhere(void)
{
	token_maker maker;
	test_server server;
	test_answer answer;
	if (!token_maker_open(&maker, "RS384"))
		return;
	const char *const settings[] = {
	    "auth.required=on", "auth.issuers=https://ehr.test", "server.public_url=https://cds.test",
	    maker.setting,      "server.allow_origin=*",         NULL};
	if (test_server_open(&server, settings)) {
		for (int i = VG_ENDPOINT_NONE + 1; i < VG_ENDPOINTS; i++) {
			const vg_endpoint_info *info = vg_endpoint_info_of((vg_endpoint)i);
			char path[100], text[400];
			const char *place = strstr(info->path, "{id}");
			snprintf(path, sizeof path, "%.*s%s%s", place ? (int)(place - info->path) : 99, info->path,
				 place ? "vigil-order-sign" : "", place ? place + 4 : "");
			snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: cds.test\r\n%s\r\n%s", info->post ? "POST" : "GET",
				 path, info->post ? "Content-Type: application/json\r\nContent-Length: 2\r\n" : "",
				 info->post ? "{}" : "");
			test_ask(&server, text, &answer);
			int expected = info->open ? 200 : info->local_only ? 403 : 401;
			CHECK(answer.status == expected, "%s without a token gets %d, not %d", path, expected, answer.status);
			snprintf(text, sizeof text, "OPTIONS %s HTTP/1.1\r\nHost: cds.test\r\nOrigin: https://x\r\n\r\n", path);
			test_ask(&server, text, &answer);
			CHECK(answer.status == 204, "a preflight of %s needs none: %d", path, answer.status);
		}
		test_ask_local(&server, "GET /cds-services HTTP/1.1\r\nHost: x\r\n\r\n", &answer);
		CHECK(answer.status == 200, "on the Unix socket nobody needs one: %d", answer.status);
		ask_with_token(&server, &maker, "discovery");
		test_server_close(&server);
	}
	token_maker_close(&maker);
}

const test_case test_cases_hostile[] = {{"our own hostile requests get their statuses", answers_our_own},
					{"the shared hostile requests get their statuses", answers_the_shared_corpus},
					{"the shared hostile tokens are refused", refuses_shared_tokens},
					{"tokens are asked for wherever they must be", asks_for_tokens_everywhere},
					{0}};
