/*
 * The queue between the threads that read and write, and those that answer.
 *
 * One thread a listening socket reads requests and sends answers, and never
 * waits; workers take whole requests from a short queue.  So the server always
 * knows how much it has to do: while the queue is full, whoever asks next is
 * told 503 as soon as his headers are there, however busy the workers are.
 * Requests whose body is still coming have no place in the queue, so that slow
 * clients cannot fill it.  But while half of it is filled, those whose headers
 * came a moment ago are counted: otherwise one free place lets a dozen bodies in
 * that are read and kept, and then refused.
 *
 * Whoever became idle last is woken first: what he reads, writes and evaluates
 * with is still in the nearest memory, and at one request at a time one thread
 * answers them all.  Taking turns cost a tenth more of processor time a request.
 *
 * A request that is alone is not handed over: the thread that read it answers it,
 * and saves three wakings of threads.  Alone is a request when nothing is being
 * answered and its connection is the one that asked last, or nobody has asked for
 * a while.  Who comes meanwhile waits for one answer; so it must be one that takes
 * no longer than reading a few requests, and after one that took longer the workers
 * are asked for some time.
 *
 * A connection is suspended while it is queued or being answered: it belongs
 * to the queue and its worker then, and to libmicrohttpd again when resumed.
 * Invariants: counts->in_flight is the number of requests queued or being
 * answered; a worker is in the list of idle ones exactly while it is `idle`, and
 * takes nothing from the queue then.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "service/http_internal.h"

/*
 * Steps of niceness that set the workers behind the thread that reads.  As its
 * equals they make it wait its turn, and the refusals with it: at twice the
 * capacity, two processors, others at work, the 99th percentile of refusals was
 * 31 to 218 ms; with 5 steps 10 to 71 ms, with 10 steps 5 to 10 ms.
 */
enum { YIELDING = 10 };

/* Microseconds in which a body on its way has a place while there are few: longer takes what comes slowly. */
enum { FRESH = 10000 };

/* Of requests that are answered where they are read: bytes; microseconds. */
enum {
	SHORT = 1 << 16, /* the longest */
	QUIET = 5000,    /* since somebody asked: whoever asks now is alone */
	LONG = 20000,    /* to answer one: too long to keep others waiting */
	PAUSE = 1000000  /* that follows a long one */
};

/* The moment of arrival, in the zone of the process. */
static void tell_time(vg_http_request *request, char now[100])
{
	struct timespec at;
	struct tm local;
	clock_gettime(CLOCK_REALTIME, &at);
	localtime_r(&at.tv_sec, &local);
	long offset = local.tm_gmtoff / 60, minutes = labs(offset);
	snprintf(now, 100, "%04d-%02d-%02dT%02d:%02d:%02d%c%02ld:%02ld", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
		 local.tm_hour, local.tm_min, local.tm_sec, offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
	request->now = now;
	request->arrived = (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

void vg_request_answer(vg_connection *connection)
{
	vg_server *server = connection->listener->server;
	vg_http_request in = {.endpoint = connection->endpoint,
			      .id = connection->id,
			      .query = connection->query ? connection->query : "",
			      .body = connection->body ? connection->body : "",
			      .length = connection->length,
			      .local = connection->listener->local,
			      .draining = atomic_load(&server->draining),
			      .request_id = connection->request_id};
	char now[100];
	const char *why = NULL;
	connection->out = (vg_http_response){.arena = &connection->arena, .status = 500, .body = ""};
	tell_time(&in, now);
	if (connection->authorization &&
	    !vg_auth_check(server->auth, connection->authorization, connection->url, in.arrived / 1000, &why)) {
		vg_http_refuse(&connection->out, 401, "login", VG_TOKEN_NEEDED);
		connection->out.note = why;
		return;
	}
	vg_service_answer(server->service, &in, &connection->out);
}

/* On Linux nice() is about the calling thread alone. */
static void yield_to_reading(vg_server *server)
{
	errno = 0;
	if (nice(YIELDING) == -1 && errno != 0)
		vg_log_event(server->log, "warning", "priority",
			     "The system refuses setpriority: under overload, refusals will wait behind answers.");
}

/* The lock is held, here and in the next. */
static void join_idle(vg_queue *queue, vg_answerer *own)
{
	own->idle = true;
	own->next_idle = queue->idle;
	queue->idle = own;
}

/* Takes the latest idle one out of the list; NULL: all have something to do. */
static vg_answerer *take_idle(vg_queue *queue)
{
	vg_answerer *latest = queue->idle;
	if (latest) {
		queue->idle = latest->next_idle;
		latest->idle = false;
	}
	return latest;
}

static void *work(void *user)
{
	vg_answerer *own = user;
	vg_server *server = own->server;
	vg_queue *queue = &server->queue;
	yield_to_reading(server);
	pthread_mutex_lock(&queue->lock);
	for (;;) {
		while (own->idle && !queue->ending)
			pthread_cond_wait(&own->wake, &queue->lock);
		vg_connection *connection = queue->first;
		if (!connection && queue->ending)
			break;
		if (!connection) {
			join_idle(queue, own);
			continue;
		}
		queue->first = connection->next_queued;
		if (!queue->first)
			queue->last = NULL;
		bool late = queue->ending;
		pthread_mutex_unlock(&queue->lock);
		if (late) {
			connection->out = (vg_http_response){.arena = &connection->arena, .retry_after = 1};
			vg_http_refuse(&connection->out, 503, "throttled", "The server is ending; nothing was checked.");
		} else {
			vg_request_answer(connection);
		}
		connection->answered = true;
		atomic_fetch_sub(&server->counts->in_flight, 1);
		/* Idle before the answer is sent: the client's next request may be there before this thread runs again. */
		pthread_mutex_lock(&queue->lock);
		if (!queue->first && !queue->ending)
			join_idle(queue, own);
		pthread_mutex_unlock(&queue->lock);
		MHD_resume_connection(connection->mhd);
		pthread_mutex_lock(&queue->lock);
	}
	pthread_mutex_unlock(&queue->lock);
	return NULL;
}

vigil_status vg_queue_start(vg_server *server, vigil_error *err)
{
	vg_queue *queue = &server->queue;
	unsigned wanted = vg_server_threads(server->settings);
	queue->answerers = vg_alloc_array(&server->arena, wanted, sizeof *queue->answerers);
	if (!queue->answerers)
		return vg_fail_memory(err);
	const vg_settings *settings = server->settings;
	queue->answers_wait =
	    settings->fetch_enabled || settings->auth_jku_allow.count > 0 || strcmp(settings->journal_durability, "full") == 0;
	pthread_mutex_init(&queue->lock, NULL);
	queue->open = true;
	for (; queue->answerer_count < wanted; queue->answerer_count++) {
		vg_answerer *next = &queue->answerers[queue->answerer_count];
		next->server = server;
		pthread_cond_init(&next->wake, NULL);
		if (pthread_create(&next->thread, NULL, work, next) != 0) {
			pthread_cond_destroy(&next->wake);
			return vg_fail(err, VIGIL_INTERNAL, "Allow the process more threads, or set server.threads.",
				       "The threads that answer cannot be started.");
		}
	}
	return VIGIL_OK;
}

void vg_queue_stop(vg_server *server)
{
	vg_queue *queue = &server->queue;
	if (!queue->open)
		return;
	pthread_mutex_lock(&queue->lock);
	queue->ending = true;
	for (vg_answerer *idle = take_idle(queue); idle; idle = take_idle(queue))
		pthread_cond_signal(&idle->wake);
	pthread_mutex_unlock(&queue->lock);
	for (unsigned i = 0; i < queue->answerer_count; i++)
		pthread_join(queue->answerers[i].thread, NULL);
}

void vg_queue_close(vg_server *server)
{
	vg_queue *queue = &server->queue;
	if (!queue->open)
		return;
	for (unsigned i = 0; i < queue->answerer_count; i++)
		pthread_cond_destroy(&queue->answerers[i].wake);
	pthread_mutex_destroy(&queue->lock);
	queue->open = false;
}

/* ---- putting in ----------------------------------------------------------------- */

static bool is_full(const vg_server *server, uint64_t expected)
{
	return atomic_load_explicit(&server->counts->in_flight, memory_order_relaxed) + expected >=
	       (uint64_t)server->settings->in_flight_limit;
}

bool vg_queue_expect(vg_server *server, vg_connection *connection)
{
	vg_queue *queue = &server->queue;
	if (is_full(server, 0))
		return false;
	pthread_mutex_lock(&queue->lock);
	if (connection->started - queue->expected_since > FRESH) {
		queue->expected_since = connection->started;
		queue->expected = 0;
	}
	bool busy = is_full(server, (uint64_t)server->settings->in_flight_limit / 2);
	bool room = !is_full(server, busy ? queue->expected : 0);
	if (room) {
		queue->expected++;
		connection->expected_since = queue->expected_since;
	}
	pthread_mutex_unlock(&queue->lock);
	return room;
}

/* Whether the thread that read this request answers it, too. The lock is held. */
static bool is_alone(const vg_server *server, const vg_connection *connection)
{
	const vg_queue *queue = &server->queue;
	bool evaluates = connection->endpoint == VG_ENDPOINT_HOOK || connection->endpoint == VG_ENDPOINT_EVALUATE;
	bool alone = queue->asked_last == connection || connection->started - queue->asked_last_at > QUIET;
	return alone && evaluates && !queue->answers_wait && connection->length <= SHORT &&
	       connection->started >= queue->answer_here_from && atomic_load(&server->counts->in_flight) == 0;
}

static void answer_alone(vg_server *server, vg_connection *connection)
{
	int64_t began = vg_microseconds();
	vg_request_answer(connection);
	atomic_fetch_sub(&server->counts->in_flight, 1);
	int64_t ended = vg_microseconds();
	if (ended - began <= LONG)
		return;
	pthread_mutex_lock(&server->queue.lock);
	server->queue.answer_here_from = ended + PAUSE;
	pthread_mutex_unlock(&server->queue.lock);
}

/* The lock is held. */
static void append(vg_queue *queue, vg_connection *connection)
{
	connection->next_queued = NULL;
	if (queue->last)
		queue->last->next_queued = connection;
	else
		queue->first = connection;
	queue->last = connection;
}

vg_queued vg_queue_put(vg_server *server, vg_connection *connection)
{
	vg_queue *queue = &server->queue;
	vg_answerer *idle = NULL;
	pthread_mutex_lock(&queue->lock);
	if (queue->expected > 0 && connection->expected_since == queue->expected_since)
		queue->expected--;
	bool room = !queue->ending && !is_full(server, 0);
	bool alone = room && is_alone(server, connection);
	queue->asked_last = connection;
	queue->asked_last_at = connection->started;
	if (room)
		atomic_fetch_add(&server->counts->in_flight, 1);
	if (room && !alone) {
		/* Suspended first: a worker may be done before this function is. */
		MHD_suspend_connection(connection->mhd);
		append(queue, connection);
		idle = take_idle(queue);
	}
	pthread_mutex_unlock(&queue->lock);
	/* Without the lock: who wakes under it runs at once into it, and takes the processor from this thread for that. */
	if (idle)
		pthread_cond_signal(&idle->wake);
	if (alone)
		answer_alone(server, connection);
	return !room ? VG_QUEUE_FULL : alone ? VG_ANSWERED_ALONE : VG_QUEUED;
}
