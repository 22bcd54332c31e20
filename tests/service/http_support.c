/* See http_support.h. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "service/http_support.h"

static bool set(test_server *server, const char *setting)
{
	vigil_error error = VIGIL_ERROR_INIT;
	char key[64];
	const char *equals = strchr(setting, '=');
	snprintf(key, sizeof key, "%.*s", (int)(equals - setting), setting);
	bool good = vg_settings_set(&server->settings, &server->arena, key, equals + 1, &error) == VIGIL_OK;
	CHECK(good, "the setting %s is taken: %s", setting, error.text);
	return good;
}

static bool open_service(test_server *server)
{
	static const char *const packs[] = {"fixtures/packs/cases", "fixtures/packs/service"};
	vg_service_config config;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_texts warnings = {0};
	bool good = vg_settings_check(&server->settings, &server->arena, &warnings, &error) == VIGIL_OK &&
		    vg_settings_service(&server->settings, &server->arena, &config, &error) == VIGIL_OK;
	if (good) {
		config.engine.rule_dirs = packs;
		config.engine.rule_dir_count = VG_COUNT(packs);
		config.openapi_file = "docs/service/openapi.json";
		config.engine.knowledge_file = getenv("VIGIL_CACHE");
		good = vg_service_open(&config, NULL, &server->service, &error) == VIGIL_OK &&
		       vg_server_open(&server->settings, server->service, &server->server, &error) == VIGIL_OK;
	}
	CHECK(good, "the server opens: %s", error.text);
	return good;
}

/* The limits of time are the longest that there are: a test of one sets its own, and no other meets any. */
static const char *const usual[] = {"server.listen=127.0.0.1:0", "server.hosts=cds.test",      "server.threads=2",
				    "limits.header_time=600000", "limits.request_time=600000", "limits.idle_time=3600000",
				    "limits.drain_time=600000",  "fetch.deadline=30000"};

bool test_server_open(test_server *server, const char *const *settings)
{
	*server = (test_server){.log_descriptor = -1, .old_stderr = -1};
	vg_arena_init(&server->arena, NULL, 0);
	vg_settings_init(&server->settings);
	strcpy(server->log, "/tmp/vigil-log-XXXXXX");
	server->log_descriptor = mkstemp(server->log);
	snprintf(server->socket, sizeof server->socket, "%s.sock", server->log);
	bool good = true;
	for (size_t i = 0; i < VG_COUNT(usual); i++)
		good = good && set(server, usual[i]);
	char text[96];
	snprintf(text, sizeof text, "server.socket=%s", server->socket);
	good = good && set(server, text);
	bool journal = false;
	for (size_t i = 0; good && settings && settings[i]; i++) {
		good = set(server, settings[i]);
		journal = journal || vg_starts_with(settings[i], "journal.");
	}
	if (good && !journal)
		good = set(server, "journal.none=on");
	fflush(stderr);
	server->old_stderr = dup(STDERR_FILENO);
	dup2(server->log_descriptor, STDERR_FILENO);
	if (!good || !open_service(server)) {
		test_server_close(server);
		return false;
	}
	server->port = atoi(strrchr(vg_server_address(server->server, 0), ':') + 1);
	return true;
}

void test_server_close(test_server *server)
{
	vg_server_close(server->server);
	vg_service_close(server->service);
	fflush(stderr);
	if (server->old_stderr >= 0) {
		dup2(server->old_stderr, STDERR_FILENO);
		close(server->old_stderr);
	}
	if (server->log_descriptor >= 0)
		close(server->log_descriptor);
	unlink(server->log);
	vg_arena_free(&server->arena);
	*server = (test_server){.log_descriptor = -1, .old_stderr = -1};
}

/* The log has a thread of its own: what was logged before is in the file when a line behind it is. */
const char *test_server_log(test_server *server)
{
	char mark[32], *text = NULL;
	size_t length;
	snprintf(mark, sizeof mark, "mark-%u", ++server->marks);
	vg_server_say(server->server, "info", "test", mark);
	WAIT_UNTIL(vg_read_file(&server->arena, server->log, 0, &text, &length, NULL) == VIGIL_OK && strstr(text, mark));
	CHECK(text && strstr(text, mark), "the log's thread writes nothing");
	return text ? text : "";
}

int test_connect(const test_server *server)
{
	struct sockaddr_in place = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)server->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (descriptor >= 0 && connect(descriptor, (struct sockaddr *)&place, sizeof place) == 0)
		return descriptor;
	if (descriptor >= 0)
		close(descriptor);
	return -1;
}

int test_connect_local(const test_server *server)
{
	struct sockaddr_un place = {.sun_family = AF_UNIX};
	strcpy(place.sun_path, server->socket);
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (descriptor >= 0 && connect(descriptor, (struct sockaddr *)&place, sizeof place) == 0)
		return descriptor;
	if (descriptor >= 0)
		close(descriptor);
	return -1;
}

bool test_send(int descriptor, const void *bytes, size_t length)
{
	for (const char *at = bytes; length > 0;) {
		ssize_t sent = send(descriptor, at, length, MSG_NOSIGNAL);
		if (sent <= 0)
			return false;
		at += sent;
		length -= (size_t)sent;
	}
	return true;
}

void test_expect(const test_server *server, const char *what, const char *text, int status)
{
	test_answer answer;
	test_ask(server, text, &answer);
	CHECK(answer.status == status, "%s gets %d, not %d: %s", what, status, answer.status, answer.body);
	if (answer.status >= 400)
		CHECK(strstr(answer.body, "\"resourceType\":\"OperationOutcome\"") && strstr(answer.body, "\"diagnostics\":\""),
		      "%s: the refusal has an OperationOutcome: %s", what, answer.body);
}

bool test_requests_came(const test_server *server, uint64_t count)
{
	const vg_transport_counts *counts = vg_service_counts(server->service);
	WAIT_UNTIL(atomic_load(&counts->requests) >= count);
	return atomic_load(&counts->requests) >= count;
}

bool test_header(const test_answer *answer, const char *name, char *out, size_t size)
{
	size_t length = strlen(name);
	for (const char *line = strstr(answer->head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':') {
			const char *value = line + length + 3;
			value += *value == ' ';
			snprintf(out, size, "%.*s", (int)strcspn(value, "\r"), value);
			return true;
		}
	*out = '\0';
	return false;
}

/* Whether a whole answer is in the text, and what it says. */
static bool read_answer(const char *text, size_t length, test_answer *ret)
{
	const char *end = memmem(text, length, "\r\n\r\n", 4);
	char number[32];
	if (!end || strncmp(text, "HTTP/1.", 7) != 0)
		return false;
	size_t head = (size_t)(end - text) + 2;
	snprintf(ret->head, sizeof ret->head, "%.*s", (int)head, text);
	ret->status = atoi(text + 9);
	ret->body_length = test_header(ret, "Content-Length", number, sizeof number) ? (size_t)atol(number) : 0;
	size_t have = length - head - 2, kept = ret->body_length < have ? ret->body_length : have;
	snprintf(ret->body, sizeof ret->body, "%.*s", (int)kept, end + 4);
	return have >= ret->body_length;
}

void test_receive(int descriptor, bool closing, test_answer *ret)
{
	test_receive_some(descriptor, closing, TEST_PATIENCE, ret);
}

void test_receive_some(int descriptor, bool closing, int patience, test_answer *ret)
{
	size_t room = 1 << 20, length = 0;
	char *text = malloc(room + 1);
	int64_t until = vg_milliseconds() + patience;
	*ret = (test_answer){0};
	text[0] = '\0';
	while (!ret->closed && length < room) {
		struct pollfd wait = {descriptor, POLLIN, 0};
		int64_t left = until - vg_milliseconds();
		if (left <= 0 || poll(&wait, 1, (int)left) <= 0)
			break;
		ssize_t got = recv(descriptor, text + length, room - length, 0);
		if (got <= 0) {
			ret->closed = true;
			break;
		}
		length += (size_t)got;
		text[length] = '\0';
		if (read_answer(text, length, ret) && !closing)
			break;
	}
	read_answer(text, length, ret);
	for (const char *at = text; (at = memmem(at, length - (size_t)(at - text), "HTTP/1.1 ", 9)); at += 9)
		ret->answers++;
	free(text);
}

void test_ask(const test_server *server, const char *text, test_answer *ret)
{
	*ret = (test_answer){0};
	int descriptor = test_connect(server);
	CHECK(descriptor >= 0, "the server can be reached: %s", strerror(errno));
	if (descriptor < 0)
		return;
	test_send(descriptor, text, strlen(text));
	test_receive(descriptor, false, ret);
	close(descriptor);
}

void test_ask_local(const test_server *server, const char *text, test_answer *ret)
{
	*ret = (test_answer){0};
	int descriptor = test_connect_local(server);
	CHECK(descriptor >= 0, "the server can be reached through its socket: %s", strerror(errno));
	if (descriptor < 0)
		return;
	test_send(descriptor, text, strlen(text));
	test_receive(descriptor, false, ret);
	close(descriptor);
}
