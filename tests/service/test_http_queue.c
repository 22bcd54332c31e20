/*
 * Who answers: the thread that read a request when it is alone, else a worker.
 * Which of them it was is told by the workers' processor time: a thread that
 * sleeps has none.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "service/http_support.h"

#define RECORD                                                                                                                 \
	"{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\","         \
	"\"id\":\"p1\",\"birthDate\":\"1950-01-01\",\"gender\":\"female\"}}]}"

enum { MORE_THAN_SHORT = 70000 };

/* Nanoseconds of all workers together. */
static int64_t time_of_workers(const test_server *server)
{
	const vg_queue *queue = &server->server->queue;
	int64_t sum = 0;
	for (unsigned i = 0; i < queue->answerer_count; i++) {
		clockid_t clock;
		struct timespec time = {0};
		CHECK(pthread_getcpuclockid(queue->answerers[i].thread, &clock) == 0 && clock_gettime(clock, &time) == 0,
		      "a thread has a clock");
		sum += (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
	}
	return sum;
}

/* Until all workers sleep. */
static void wait_for_idle(const test_server *server)
{
	for (int64_t before = -1, now = time_of_workers(server); before != now; now = time_of_workers(server)) {
		before = now;
		usleep(20000);
	}
}

/* Asks for an evaluation with `blanks` behind it; whether a worker answered. */
static bool ask(const test_server *server, int descriptor, size_t blanks, test_answer *answer)
{
	size_t length = strlen(RECORD) + blanks;
	char *text = malloc(length + 200);
	int head =
	    sprintf(text, "POST /v1/evaluate?as_of=2025-06-30T12:00:00Z HTTP/1.1\r\n" HOST JSON "Content-Length: %zu\r\n\r\n%s",
		    length, RECORD);
	memset(text + head, ' ', blanks);
	int64_t before = time_of_workers(server);
	test_send(descriptor, text, (size_t)head + blanks);
	test_receive(descriptor, false, answer);
	free(text);
	return time_of_workers(server) > before;
}

static void answers_who_is_alone(void)
{
	test_server server;
	test_answer first, again, long_one;
	if (!test_server_open(&server, NULL))
		return;
	int descriptor = test_connect(&server);
	wait_for_idle(&server);
	bool alone =
	    false; /* not at once where workers are slow to go to sleep, and not for a second where an answer took long */
	WAIT_UNTIL((alone = !ask(&server, descriptor, 0, &first)));
	CHECK(alone && first.status == 200, "no worker is asked for it: %d", first.status);
	CHECK(ask(&server, descriptor, MORE_THAN_SHORT, &long_one) && long_one.status == 200,
	      "a worker answers what takes long to read: %d", long_one.status);
	ask(&server, descriptor, 0, &again);
	CHECK(first.body_length == long_one.body_length && memcmp(first.body, long_one.body, sizeof first.body) == 0 &&
		  memcmp(first.body, again.body, sizeof first.body) == 0,
	      "the answer is the same, whoever gives it");
	CHECK(atomic_load(&vg_service_counts(server.service)->in_flight) == 0, "nothing is in flight");
	close(descriptor);
	test_server_close(&server);
}

/* Two that ask in turn, at once after each other: what one worker is busy with, the other thread must not wait for. */
static void asks_a_worker_beside_others(void)
{
	test_server server;
	test_answer answer;
	if (!test_server_open(&server, NULL))
		return;
	int descriptor = test_connect(&server);
	wait_for_idle(&server);
	vg_connection other = {0};
	pthread_mutex_lock(&server.server->queue.lock);
	server.server->queue.asked_last = &other;
	server.server->queue.asked_last_at = INT64_MAX / 2;
	pthread_mutex_unlock(&server.server->queue.lock);
	CHECK(ask(&server, descriptor, 0, &answer) && answer.status == 200, "another one has just asked: %d", answer.status);
	wait_for_idle(&server);
	atomic_fetch_add(&vg_service_counts(server.service)->in_flight, 1);
	CHECK(ask(&server, descriptor, 0, &answer) && answer.status == 200, "another one is being answered: %d", answer.status);
	atomic_fetch_sub(&vg_service_counts(server.service)->in_flight, 1);
	wait_for_idle(&server);
	pthread_mutex_lock(&server.server->queue.lock);
	server.server->queue.answer_here_from = INT64_MAX;
	pthread_mutex_unlock(&server.server->queue.lock);
	CHECK(ask(&server, descriptor, 0, &answer) && answer.status == 200, "the last answer took long: %d", answer.status);
	close(descriptor);
	test_server_close(&server);
}

static void asks_a_worker_where_answers_wait(void)
{
	static const char *const fetching[] = {"fetch.enabled=on", "fetch.servers=https://fhir.test", NULL};
	char key[80] = "";
	char file[] = "/tmp/vigil-durable-XXXXXX";
	int descriptor = mkstemp(file);
	close(descriptor);
	unlink(file);
	snprintf(key, sizeof key, "journal.file=%s", file);
	const char *const durable[] = {key, "journal.durability=full", NULL};
	const char *const *const all[] = {fetching, durable};
	for (size_t i = 0; i < VG_COUNT(all); i++) {
		test_server server;
		test_answer answer;
		if (!test_server_open(&server, all[i]))
			return;
		descriptor = test_connect(&server);
		wait_for_idle(&server);
		CHECK(ask(&server, descriptor, 0, &answer) && answer.status == 200, "%s: a worker answers: %d", all[i][0],
		      answer.status);
		close(descriptor);
		test_server_close(&server);
	}
	static const char *const beside[] = {"", ".key", ".head", ".lock", "-wal", "-shm"};
	for (size_t i = 0; i < VG_COUNT(beside); i++) {
		char path[120];
		snprintf(path, sizeof path, "%s%s", file, beside[i]);
		unlink(path);
	}
}

/* Whether a request whose headers came at that microsecond may send its body. */
static bool may_go_on(const test_server *server, vg_connection *connection, int64_t started)
{
	connection->started = started;
	return vg_queue_expect(server->server, connection);
}

static void counts_bodies_on_their_way(void)
{
	enum { SECOND = 1000000, LATER = 15000 };
	static const char *const settings[] = {"limits.in_flight=4", NULL};
	test_server server;
	if (!test_server_open(&server, settings))
		return;
	_Atomic uint64_t *in_flight = &vg_service_counts(server.service)->in_flight;
	vg_connection first = {0}, others = {0};
	unsigned told = 0;
	atomic_store(in_flight, 1);
	for (int i = 0; i < 10; i++)
		told += may_go_on(&server, &others, SECOND);
	CHECK(told == 10, "while the queue is nearly empty bodies have no place in it: %u of 10", told);
	atomic_store(in_flight, 2);
	CHECK(!may_go_on(&server, &others, SECOND + 1), "once half of it is filled they are counted");
	CHECK(may_go_on(&server, &first, SECOND + LATER), "not those that are slow to come");
	CHECK(may_go_on(&server, &others, SECOND + LATER + 1), "two and two are four");
	CHECK(!may_go_on(&server, &others, SECOND + LATER + 2), "a fifth would be refused with its body, so it is now");
	atomic_store(in_flight, 4);
	CHECK(!may_go_on(&server, &others, SECOND + 2 * LATER), "nobody goes on when it is full");
	CHECK(vg_queue_put(server.server, &first) == VG_QUEUE_FULL, "nor gets in");
	atomic_store(in_flight, 2);
	CHECK(may_go_on(&server, &others, SECOND + LATER + 3), "a body that has come makes room for another");
	CHECK(!may_go_on(&server, &others, SECOND + LATER + 4), "for one");
	atomic_store(in_flight, 0);
	test_server_close(&server);
}

const test_case test_cases_http_queue[] = {
    {"a request that is alone is answered by the thread that read it", answers_who_is_alone},
    {"a request beside others is answered by a worker", asks_a_worker_beside_others},
    {"where an answer may wait for a disk or a network, a worker gives it", asks_a_worker_where_answers_wait},
    {"while half of the queue is filled, bodies on their way count", counts_bodies_on_their_way},
    {0}};
