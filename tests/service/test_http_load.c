/*
 * The transport under load: how it ends what is too slow, refuses what is too
 * much, and lets end what runs when it ends itself.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/http_support.h"

static int64_t time_to_close(int descriptor, const char *drip, const char *each, int pause)
{
	int64_t began = vg_milliseconds();
	test_answer answer;
	test_send(descriptor, drip, strlen(drip));
	for (int i = 0; i < 60; i++) {
		if (each && !test_send(descriptor, each, strlen(each)))
			break;
		test_receive(descriptor, true, pause, &answer);
		if (answer.closed)
			return vg_milliseconds() - began;
	}
	return vg_milliseconds() - began;
}

static void ends_slow_connections(void)
{
	test_server server;
	static const char *const settings[] = {"limits.header_time=400", "limits.request_time=400", "limits.idle_time=400",
					       NULL};
	static const struct {
		const char *what, *first, *each;
	} cases[] = {{"headers that drip", "GET /healthz HTTP/1.1\r\nHost: ", "a"},
		     {"a body that drips", POST(SIGN_PATH, JSON "Content-Length: 4000\r\n", "{"), " "},
		     {"chunks that drip", POST(SIGN_PATH, JSON "Transfer-Encoding: chunked\r\n", ""), "1\r\n \r\n"},
		     {"a body that is refused and drips", POST("/nowhere", JSON "Content-Length: 4000\r\n", "{"), " "},
		     {"a connection that says nothing", "", NULL},
		     {"an idle connection", GET("/healthz"), NULL},
		     {"headers that drip after an answer", GET("/healthz") "GET /healthz HTTP/1.1\r\nHost: ", "a"}};
	if (!test_server_open(&server, settings))
		return;
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		int descriptor = test_connect(&server);
		int64_t took = time_to_close(descriptor, cases[i].first, cases[i].each, 50);
		CHECK(took >= 300 && took < 10000, "%s: ended after %lld ms, not about 400", cases[i].what, (long long)took);
		close(descriptor);
	}
	test_expect(&server, "a good request after all of them", GET("/healthz"), 200);
	CHECK(atomic_load(&vg_service_counts(server.service)->timed_out) == VG_COUNT(cases), "each was counted: %llu",
	      (unsigned long long)atomic_load(&vg_service_counts(server.service)->timed_out));
	test_server_close(&server);
}

static void answers_beside_slow_connections(void)
{
	enum { SLOW = 300 };
	test_server server;
	int slow[SLOW];
	unsigned answered = 0;
	if (!test_server_open(&server, NULL))
		return;
	for (int i = 0; i < SLOW; i++) {
		slow[i] = test_connect(&server);
		test_send(slow[i], POST(SIGN_PATH, JSON "Content-Length: 4000\r\n", "{"), (size_t)(i % 80));
	}
	int64_t began = vg_milliseconds();
	for (int i = 0; i < 100; i++) {
		test_answer answer;
		test_ask(&server, GET("/healthz"), &answer);
		answered += answer.status == 200;
	}
	int64_t took = vg_milliseconds() - began;
	CHECK(answered == 100, "%u of 100 were answered beside %d slow ones", answered, SLOW);
	CHECK(took < 20000, "in %lld ms", (long long)took);
	for (int i = 0; i < SLOW; i++)
		close(slow[i]);
	test_server_close(&server);
}

typedef struct flooder { /* asks the same again and again */
	const test_server *server;
	const char *text;
	size_t length;
	unsigned answered, refused, other, told;
	int64_t longest; /* milliseconds until a refusal */
} flooder;

static void *flood(void *user)
{
	flooder *own = user;
	for (int i = 0; i < 6; i++) {
		test_answer answer;
		char value[32];
		int descriptor = test_connect(own->server);
		int64_t began = vg_milliseconds();
		test_send(descriptor, own->text, own->length);
		test_receive(descriptor, false, 60000, &answer);
		int64_t took = vg_milliseconds() - began;
		own->answered += answer.status == 200;
		own->refused += answer.status == 503;
		own->other += answer.status != 200 && answer.status != 503;
		own->told +=
		    answer.status == 503 && test_header(&answer, "Retry-After", value, sizeof value) && atoi(value) >= 1;
		if (answer.status == 503 && took > own->longest)
			own->longest = took;
		close(descriptor);
	}
	return NULL;
}

/* A good request that takes some time to read: a long list in its extension. */
static char *heavy_request(size_t *ret_length)
{
	enum { ITEMS = 400000 };
	static const char front[] =
	    "{\"hook\":\"order-sign\",\"hookInstance\":\"7f1c9f5e-3b0b-4b5e-9d6c-0a3a6d1f2b11\",\"context\":{\"userId\":"
	    "\"Practitioner/1\",\"patientId\":\"p1\",\"draftOrders\":{\"resourceType\":\"Bundle\",\"entry\":[]}},\"prefetch\":"
	    "{\"patient\":{\"resourceType\":\"Patient\",\"id\":\"p1\"}},\"extension\":{\"test.list\":[0";
	size_t body = sizeof front - 1 + 2 * ITEMS + 3, length;
	char *text = malloc(body + 300);
	length =
	    (size_t)sprintf(text, "POST " SIGN_PATH " HTTP/1.1\r\n" HOST JSON "Content-Length: %zu\r\n\r\n%s", body, front);
	for (int i = 0; i < ITEMS; i++, length += 2)
		memcpy(text + length, ",0", 2);
	memcpy(text + length, "]}}", 4);
	*ret_length = length + 3;
	return text;
}

static void refuses_more_than_it_can_hold(void)
{
	enum { FLOODERS = 8 };
	test_server server;
	flooder all[FLOODERS];
	pthread_t threads[FLOODERS];
	unsigned answered = 0, refused = 0, other = 0, told = 0;
	static const char *const settings[] = {"limits.in_flight=2", "server.threads=1", NULL};
	if (!test_server_open(&server, settings))
		return;
	size_t length;
	char *text = heavy_request(&length);
	for (size_t i = 0; i < FLOODERS; i++) {
		all[i] = (flooder){.server = &server, .text = text, .length = length};
		pthread_create(&threads[i], NULL, flood, &all[i]);
	}
	for (int i = 0; i < 20; i++) {
		test_expect(&server, "health meanwhile", GET("/healthz"), 200);
		usleep(2000);
	}
	for (size_t i = 0; i < FLOODERS; i++) {
		pthread_join(threads[i], NULL);
		answered += all[i].answered;
		refused += all[i].refused;
		other += all[i].other;
		told += all[i].told;
		CHECK(all[i].longest < 10000, "a refusal took %lld ms", (long long)all[i].longest);
	}
	CHECK(other == 0 && answered + refused == 6 * FLOODERS, "each got an answer or 503: %u, %u, %u others", answered,
	      refused, other);
	CHECK(answered > 0 && refused > 0, "of eight at a time some are answered (%u) and some refused (%u)", answered,
	      refused);
	CHECK(told == refused, "each refusal tells when to come again");
	CHECK(atomic_load(&vg_service_counts(server.service)->overloaded) == refused, "each was counted");
	CHECK(atomic_load(&vg_service_counts(server.service)->in_flight) == 0, "at the end nothing is in flight");
	/* Bodies that do not come have no place in the queue. */
	int slow[20];
	uint64_t before = atomic_load(&vg_service_counts(server.service)->requests);
	for (int i = 0; i < 20; i++) {
		slow[i] = test_connect(&server);
		test_send(slow[i], text, 500);
	}
	CHECK(test_requests_came(&server, before + 20), "their headers have come");
	test_answer answer;
	int descriptor = test_connect(&server);
	test_send(descriptor, text, length);
	test_receive(descriptor, false, 60000, &answer);
	CHECK(answer.status == 200, "beside twenty that are slow to send theirs one is answered: %d", answer.status);
	close(descriptor);
	for (int i = 0; i < 20; i++)
		close(slow[i]);
	free(text);
	test_server_close(&server);
}

static void bounds_what_bodies_hold(void)
{
	test_server server;
	test_answer answer;
	static const char *const settings[] = {"limits.bodies=1048576", NULL};
	if (!test_server_open(&server, settings))
		return;
	size_t length;
	char *text = heavy_request(&length);
	int held = test_connect(&server);
	test_send(held, text, length - 100);
	for (int i = 0; i < 2000 && atomic_load(&server.server->body_bytes) < 1048576; i++)
		usleep(5000);
	int descriptor = test_connect(&server);
	test_send(descriptor, text, length);
	test_receive(descriptor, false, 5000, &answer);
	CHECK(answer.status == 503, "two bodies of 800 kB are more than 1 MB: %d", answer.status);
	close(descriptor);
	test_send(held, text + length - 100, 100);
	test_receive(held, false, 60000, &answer);
	CHECK(answer.status == 200, "the one that was there is answered: %d", answer.status);
	close(held);
	for (int i = 0; i < 2000 && atomic_load(&server.server->body_bytes) > 0; i++)
		usleep(5000);
	CHECK(atomic_load(&server.server->body_bytes) == 0, "closed connections hold nothing");
	descriptor = test_connect(&server);
	test_send(descriptor, text, length);
	test_receive(descriptor, false, 60000, &answer);
	CHECK(answer.status == 200, "then there is room again: %d", answer.status);
	close(descriptor);
	free(text);
	test_server_close(&server);
}

typedef struct closing {
	test_server *server;
	int64_t took;
} closing;

static void *close_gently(void *user)
{
	closing *own = user;
	int64_t began = vg_milliseconds();
	vg_server_close(own->server->server);
	own->server->server = NULL;
	own->took = vg_milliseconds() - began;
	return NULL;
}

static bool stops_listening(const test_server *server)
{
	for (int i = 0; i < 5000; i++) {
		int descriptor = test_connect(server);
		if (descriptor < 0)
			return true;
		close(descriptor);
		usleep(1000);
	}
	return false;
}

static void lets_running_requests_end(void)
{
	test_server server;
	test_answer answer;
	char value[64];
	pthread_t thread;
	if (!test_server_open(&server, NULL))
		return;
	int idle = test_connect(&server), running = test_connect(&server);
	test_send(idle, GET("/healthz"), strlen(GET("/healthz")));
	test_receive(idle, false, 5000, &answer);
	test_send(running, POST(SIGN_PATH, JSON "Content-Length: 2\r\n", "{"),
		  strlen(POST(SIGN_PATH, JSON "Content-Length: 2\r\n", "{")));
	CHECK(test_requests_came(&server, 2), "the request that runs has come");
	closing own = {&server, 0};
	pthread_create(&thread, NULL, close_gently, &own);
	CHECK(stops_listening(&server), "no new connection is taken");
	test_send(idle, GET("/readyz"), strlen(GET("/readyz")));
	test_receive(idle, false, 5000, &answer);
	CHECK(answer.status == 503, "on open ones readiness is refused: %d", answer.status);
	test_send(running, "}", 1);
	test_receive(running, true, 5000, &answer);
	CHECK(answer.status == 400 && answer.closed, "the running request is answered (%d) and its connection closed",
	      answer.status);
	CHECK(test_header(&answer, "Connection", value, sizeof value) && strcmp(value, "close") == 0, "as it says: %s", value);
	pthread_join(thread, NULL);
	CHECK(own.took < 5000, "it ended after %lld ms", (long long)own.took);
	close(idle);
	close(running);
	test_server_close(&server);
}

static void ends_what_does_not_end(void)
{
	test_server server;
	static const char *const settings[] = {"limits.drain_time=300", NULL};
	if (!test_server_open(&server, settings))
		return;
	int stuck = test_connect(&server);
	test_send(stuck, POST(SIGN_PATH, JSON "Content-Length: 2\r\n", "{"),
		  strlen(POST(SIGN_PATH, JSON "Content-Length: 2\r\n", "{")));
	CHECK(test_requests_came(&server, 1), "the request has come");
	closing own = {&server, 0};
	close_gently(&own);
	CHECK(own.took >= 250 && own.took < 10000, "a request that does not end holds it for its 300 ms: %lld",
	      (long long)own.took);
	close(stuck);
	test_server_close(&server);
}

const test_case test_cases_http_load[] = {
    {"slow connections are ended, whatever they are slow at", ends_slow_connections},
    {"slow connections do not slow the others", answers_beside_slow_connections},
    {"503 at the headers when the queue is full, and slow bodies do not fill it", refuses_more_than_it_can_hold},
    {"503 when bodies hold too much", bounds_what_bodies_hold},
    {"running requests end before the server does", lets_running_requests_end},
    {"a request that does not end does not hold the server", ends_what_does_not_end},
    {0}};
