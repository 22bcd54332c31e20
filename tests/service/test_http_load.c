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

/* Whether the server closes the connection although something comes again and again. */
static bool is_closed(int descriptor, const char *drip, const char *each)
{
	enum { PAUSE = 50 };
	test_answer answer = {0};
	test_send(descriptor, drip, strlen(drip));
	for (int waited = 0; waited < TEST_PATIENCE && !answer.closed; waited += PAUSE) {
		if (each && !test_send(descriptor, each, strlen(each)))
			return true;
		test_receive_some(descriptor, true, PAUSE, &answer);
	}
	return answer.closed;
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
		int64_t began = vg_milliseconds();
		int descriptor = test_connect(&server);
		CHECK(is_closed(descriptor, cases[i].first, cases[i].each), "%s: it is never ended", cases[i].what);
		int64_t took = vg_milliseconds() - began;
		CHECK(took >= 400, "%s: ended after %lld ms, before its time was over", cases[i].what, (long long)took);
		close(descriptor);
	}
	const _Atomic uint64_t *counted = &vg_service_counts(server.service)->timed_out;
	WAIT_UNTIL(atomic_load(counted) >= VG_COUNT(cases));
	CHECK(atomic_load(counted) == VG_COUNT(cases), "each was counted: %llu", (unsigned long long)atomic_load(counted));
	test_answer answer; /* on a slow machine a good request is too slow as well, but not each time */
	WAIT_UNTIL((test_ask(&server, GET("/healthz"), &answer), answer.status == 200));
	CHECK(answer.status == 200, "a good request after all of them: %d", answer.status);
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
	for (int i = 0; i < 100; i++) {
		test_answer answer;
		test_ask(&server, GET("/healthz"), &answer);
		answered += answer.status == 200;
	}
	CHECK(answered == 100, "%u of 100 were answered beside %d slow ones", answered, SLOW);
	for (int i = 0; i < SLOW; i++)
		close(slow[i]);
	test_server_close(&server);
}

typedef struct flood_counts { /* of all together */
	_Atomic unsigned answered, refused;
} flood_counts;

typedef struct flooder { /* asks the same again and again, until some were answered and some refused */
	const test_server *server;
	const char *text;
	size_t length;
	flood_counts *all;
	unsigned asked, other, told;
} flooder;

static void *flood(void *user)
{
	flooder *own = user;
	enum { LEAST = 6, MOST = 10000 };
	while (own->asked < LEAST ||
	       (own->asked < MOST && !(atomic_load(&own->all->answered) && atomic_load(&own->all->refused)))) {
		test_answer answer;
		char value[32];
		int descriptor = test_connect(own->server);
		test_send(descriptor, own->text, own->length);
		test_receive(descriptor, false, &answer);
		own->asked++;
		atomic_fetch_add(&own->all->answered, answer.status == 200);
		atomic_fetch_add(&own->all->refused, answer.status == 503);
		own->other += answer.status != 200 && answer.status != 503;
		own->told +=
		    answer.status == 503 && test_header(&answer, "Retry-After", value, sizeof value) && atoi(value) >= 1;
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
	flood_counts counts = {0};
	pthread_t threads[FLOODERS];
	unsigned asked = 0, other = 0, told = 0;
	static const char *const settings[] = {"limits.in_flight=2", "server.threads=1", NULL};
	if (!test_server_open(&server, settings))
		return;
	size_t length;
	char *text = heavy_request(&length);
	for (size_t i = 0; i < FLOODERS; i++) {
		all[i] = (flooder){.server = &server, .text = text, .length = length, .all = &counts};
		pthread_create(&threads[i], NULL, flood, &all[i]);
	}
	for (int i = 0; i < 20; i++) {
		test_expect(&server, "health meanwhile", GET("/healthz"), 200);
		usleep(2000);
	}
	for (size_t i = 0; i < FLOODERS; i++) {
		pthread_join(threads[i], NULL);
		asked += all[i].asked;
		other += all[i].other;
		told += all[i].told;
	}
	unsigned answered = atomic_load(&counts.answered), refused = atomic_load(&counts.refused);
	CHECK(other == 0 && answered + refused == asked, "each got an answer or 503: %u, %u, %u others", answered, refused,
	      other);
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
	test_receive(descriptor, false, &answer);
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
	enum { LIMIT = 1048576 };
	static const char *const settings[] = {"limits.bodies=1048576", NULL};
	if (!test_server_open(&server, settings))
		return;
	size_t length;
	char *text = heavy_request(&length);
	int held = test_connect(&server);
	test_send(held, text, length - 100);
	WAIT_UNTIL(atomic_load(&server.server->body_bytes) >= LIMIT);
	int descriptor = test_connect(&server);
	test_send(descriptor, text, length);
	test_receive(descriptor, false, &answer);
	CHECK(answer.status == 503, "two bodies of 800 kB are more than 1 MB: %d", answer.status);
	close(descriptor);
	test_send(held, text + length - 100, 100);
	test_receive(held, false, &answer);
	CHECK(answer.status == 200, "the one that was there is answered: %d", answer.status);
	close(held);
	WAIT_UNTIL(atomic_load(&server.server->body_bytes) == 0);
	CHECK(atomic_load(&server.server->body_bytes) == 0, "closed connections hold nothing");
	descriptor = test_connect(&server);
	test_send(descriptor, text, length);
	test_receive(descriptor, false, &answer);
	CHECK(answer.status == 200, "then there is room again: %d", answer.status);
	close(descriptor);
	free(text);
	test_server_close(&server);
}

static void *close_gently(void *user)
{
	test_server *server = user;
	vg_server_close(server->server);
	server->server = NULL;
	return NULL;
}

static bool stops_listening(const test_server *server)
{
	int descriptor = -1;
	WAIT_UNTIL((descriptor = test_connect(server)) < 0 || close(descriptor) != 0);
	return descriptor < 0;
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
	test_receive(idle, false, &answer);
	test_send(running, POST(SIGN_PATH, JSON "Content-Length: 2\r\n", "{"),
		  strlen(POST(SIGN_PATH, JSON "Content-Length: 2\r\n", "{")));
	CHECK(test_requests_came(&server, 2), "the request that runs has come");
	pthread_create(&thread, NULL, close_gently, &server);
	CHECK(stops_listening(&server), "no new connection is taken");
	test_send(idle, GET("/readyz"), strlen(GET("/readyz")));
	test_receive(idle, false, &answer);
	CHECK(answer.status == 503 || answer.closed, "on one that is open for a moment readiness is refused: %d",
	      answer.status);
	test_send(running, "}", 1);
	test_receive(running, true, &answer);
	CHECK(answer.status == 400 && answer.closed, "the running request is answered (%d) and its connection closed",
	      answer.status);
	CHECK(test_header(&answer, "Connection", value, sizeof value) && strcmp(value, "close") == 0, "as it says: %s", value);
	pthread_join(thread, NULL); /* soon: it would wait for ten minutes */
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
	int64_t began = vg_milliseconds();
	close_gently(&server);
	CHECK(vg_milliseconds() - began >= 300, "a request that does not end holds it for its 300 ms: %lld",
	      (long long)(vg_milliseconds() - began));
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
