/*
 * Load for the service: sends requests over many connections and tells what came back.
 *
 *     load --port PORT --bodies FILE [OPTION VALUE]…
 *
 *     --path PATH          /cds-services/vigil-order-sign
 *     --connections N      1; each sends its next request when it has its answer
 *     --seconds S          2
 *     --rate N             requests a second instead, on a connection that is free (of N at most)
 *     --slow N             beside them, N connections that send a byte a second: half of their headers, half of their body
 *     --ids FILE           write the id of each request that was answered with 200, and connect again when the server is gone
 *     --answers FILE       write the first answer to each body, one a line
 *     --either A,B         each answer must hold exactly one of these texts
 *     --tokens FILE        a bearer token a request, each used once; the run ends when there are no more
 *
 * FILE holds a body a line.  Each is sent once before the clock starts, and all
 * its later answers must be as long as its first one (uuids have one length):
 * an answer that is not counts as wrong, and so does every status but 200 and 503.
 * One line of JSON tells the rest, after the time or at SIGINT or SIGTERM; times are
 * milliseconds from the first byte sent to the last one received, of refusals
 * from the last byte sent to the first one received; "own_cpu" is this program's
 * own processor time a request, in microseconds: it shares the processors with
 * the server, so it keeps what it looks at often small and close together.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 18, HEAD = 4096, SAMPLES = 1 << 22 };

typedef struct lines {
	char *text;
	char **items;
	size_t *lengths, count;
} lines;

typedef struct connection {
	int descriptor; /* -1: not open */
	bool busy, slow, in_body, listed;
	size_t head_length, sent, received, body, dripped;
	char *head, *answer;                          /* HEAD and ROOM bytes */
	double began, told, heard, drip_at, retry_at; /* told: all was sent; heard: the answer's first byte */
	unsigned long id;
	struct connection *next_free;
} connection;

typedef struct samples {
	float *items;
	size_t count;
	unsigned long all;
} samples;

static struct options {
	const char *port, *bodies, *path, *connections, *seconds, *rate, *slow, *ids, *answers, *either, *tokens;
} options = {.path = "/cds-services/vigil-order-sign", .connections = "1", .seconds = "2", .rate = "0", .slow = "0"};

static lines bodies, tokens;
static size_t next_body, next_token, *expected; /* expected: length of each body's answer, 0: not known yet */
static samples answered, refused;
static unsigned long wrong, broken, unsent, next_id;
static int poller;
static connection *free_ones; /* open and without anything under way, where a rate is asked for: the latest first */
static FILE *ids;
static volatile sig_atomic_t ending;

static double now(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void stop(const char *what, const char *name)
{
	fprintf(stderr, "load: %s %s\n", what, name);
	exit(1);
}

static void *get(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size);
	if (!memory)
		stop("memory ran out", "");
	return memory;
}

static void read_lines(const char *path, lines *ret)
{
	FILE *file = fopen(path, "r");
	struct stat info;
	if (!file || fstat(fileno(file), &info) != 0)
		stop("cannot read", path);
	ret->text = get((size_t)info.st_size + 1, 1);
	size_t length = fread(ret->text, 1, (size_t)info.st_size, file), most = 0;
	fclose(file);
	for (size_t i = 0; i < length; i++)
		most += ret->text[i] == '\n';
	ret->items = get(most + 1, sizeof *ret->items);
	ret->lengths = get(most + 1, sizeof *ret->lengths);
	for (char *at = ret->text; *at;) {
		size_t line = strcspn(at, "\n");
		if (line) {
			ret->items[ret->count] = at;
			ret->lengths[ret->count++] = line;
		}
		at += line + (at[line] == '\n');
	}
	if (!ret->count)
		stop("there is nothing in", path);
}

static void keep(samples *to, double seconds)
{
	if (to->count < SAMPLES)
		to->items[to->count++] = (float)(seconds * 1000);
	to->all++;
}

/* ---- connections -------------------------------------------------------------------------------- */

static bool open_connection(connection *own)
{
	struct sockaddr_in place = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(options.port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1;
	own->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	own->busy = false;
	if (own->descriptor < 0)
		stop("no more sockets:", strerror(errno));
	if (connect(own->descriptor, (struct sockaddr *)&place, sizeof place) != 0) {
		close(own->descriptor);
		own->descriptor = -1;
		own->retry_at = now() + 0.002;
		return false;
	}
	setsockopt(own->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	fcntl(own->descriptor, F_SETFL, O_NONBLOCK);
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = own};
	epoll_ctl(poller, EPOLL_CTL_ADD, own->descriptor, &event);
	return true;
}

static void close_connection(connection *own)
{
	if (own->descriptor >= 0)
		close(own->descriptor);
	own->descriptor = -1;
	own->busy = false;
	own->retry_at = now() + 0.002;
}

static void fill_head(connection *own, size_t length)
{
	own->id = ++next_id;
	int written =
	    snprintf(own->head, HEAD,
		     "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nContent-Type: application/json\r\nX-Request-Id: %016lx\r\n"
		     "Content-Length: %zu\r\n%s%.*s%s\r\n",
		     options.path, options.port, own->id, length, tokens.count ? "Authorization: Bearer " : "",
		     tokens.count ? (int)tokens.lengths[next_token] : 0, tokens.count ? tokens.items[next_token] : "",
		     tokens.count ? "\r\n" : "");
	if (tokens.count && ++next_token == tokens.count)
		ending = 1;
	own->head_length = (size_t)written;
}

static void go_on_sending(connection *own)
{
	const size_t all = own->head_length + bodies.lengths[own->body];
	while (own->sent < all) {
		size_t in_head = own->sent < own->head_length ? own->head_length - own->sent : 0,
		       in_body = in_head ? 0 : own->sent - own->head_length;
		struct iovec parts[] = {{own->head + own->head_length - in_head, in_head},
					{bodies.items[own->body] + in_body, bodies.lengths[own->body] - in_body}};
		const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
		ssize_t count = sendmsg(own->descriptor, &message, MSG_NOSIGNAL);
		if (count < 0 && errno == EAGAIN) {
			struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = own};
			epoll_ctl(poller, EPOLL_CTL_MOD, own->descriptor, &event);
			return;
		}
		if (count <= 0)
			return; /* the answer, or the end, is read next */
		own->sent += (size_t)count;
	}
	own->told = now();
}

static void begin(connection *own, size_t body)
{
	own->body = body;
	own->busy = true;
	own->sent = own->received = 0;
	own->began = own->told = now();
	fill_head(own, bodies.lengths[body]);
	go_on_sending(own);
}

/* ---- answers ---------------------------------------------------------------------------------------- */

static bool holds_one(const connection *own)
{
	if (!options.either)
		return true;
	const char *comma = strchr(options.either, ',');
	size_t first = (size_t)(comma - options.either);
	bool a = memmem(own->answer, own->received, options.either, first);
	bool b = memmem(own->answer, own->received, comma + 1, strlen(comma + 1));
	return a != b;
}

static void judge(connection *own, const char *body, size_t length)
{
	double took = now() - own->began;
	int status = atoi(own->answer + strlen("HTTP/1.1 "));
	if (status == 503) {
		keep(&refused, own->heard - own->told);
		return;
	}
	if (status == 200 && !expected[own->body])
		expected[own->body] = length;
	if (status != 200 || (!options.either && expected[own->body] != length) || !holds_one(own)) {
		if (wrong++ < 3)
			fprintf(stderr, "load: wrong: %.*s\n", (int)(length < 300 ? length : 300),
				status == 200 ? body : own->answer);
		return;
	}
	keep(&answered, took);
	if (ids)
		fprintf(ids, "%016lx\n", own->id);
}

/* Reads what is there.  True when the answer is whole, or the connection is gone. */
static bool receive(connection *own)
{
	for (;;) {
		if (own->received == ROOM - 1)
			stop("an answer is too long", "");
		ssize_t count = recv(own->descriptor, own->answer + own->received, ROOM - 1 - own->received, 0);
		if (count < 0 && errno == EAGAIN)
			return false;
		if (count <= 0) {
			broken += own->busy;
			close_connection(own);
			return true;
		}
		if (!own->received)
			own->heard = now();
		own->received += (size_t)count;
		own->answer[own->received] = '\0';
		char *end = strstr(own->answer, "\r\n\r\n");
		if (!end)
			continue;
		*end = '\0'; /* what is looked for stands in the head */
		const char *length = strcasestr(own->answer, "\r\ncontent-length:");
		size_t wanted = length ? strtoul(length + strlen("\r\ncontent-length:"), NULL, 10) : 0;
		bool closing = strcasestr(own->answer, "\r\nconnection: close");
		*end = '\r';
		if (own->received < (size_t)(end + 4 - own->answer) + wanted)
			continue;
		if (own->busy)
			judge(own, end + 4, wanted);
		if (closing)
			close_connection(own);
		own->busy = false;
		return true;
	}
}

/* ---- slow connections -------------------------------------------------------------------------------- */

static void drip(connection *own)
{
	if (own->descriptor < 0) {
		if (!open_connection(own))
			return;
		fill_head(own, 100000);
		own->dripped = 0;
		if (own->in_body && send(own->descriptor, own->head, own->head_length, MSG_NOSIGNAL) < 0)
			close_connection(own);
	} else {
		char byte = own->in_body ? ' ' : own->head[own->dripped++ % own->head_length];
		if (send(own->descriptor, &byte, 1, MSG_NOSIGNAL) < 0)
			close_connection(own);
	}
	own->drip_at = now() + 1;
}

/* What a slow connection gets is an answer it did not wait for, or its end. */
static void read_slow(connection *own)
{
	char part[4096];
	if (recv(own->descriptor, part, sizeof part, 0) <= 0)
		close_connection(own);
}

/* ---- the run ---------------------------------------------------------------------------------------------- */

static void first_pass(connection *own)
{
	FILE *answers = options.answers ? fopen(options.answers, "w") : NULL;
	if (options.answers && !answers)
		stop("cannot write", options.answers);
	for (size_t i = 0; i < bodies.count; i++) {
		if (own->descriptor < 0 && !open_connection(own))
			stop("nobody listens on port", options.port);
		fcntl(own->descriptor, F_SETFL, 0);
		begin(own, i);
		receive(own);
		const char *end = strstr(own->answer, "\r\n\r\n");
		if (answers && end)
			fprintf(answers, "%s\n", end + 4);
	}
	if (answers)
		fclose(answers);
	close_connection(own);
	if (wrong || broken || refused.all)
		stop("the first pass failed", "");
	answered = (samples){answered.items, 0, 0};
}

static void list_free(connection *own)
{
	if (own->slow || own->listed || own->busy || own->descriptor < 0)
		return;
	own->listed = true;
	own->next_free = free_ones;
	free_ones = own;
}

/* NULL: on all of them something is under way. */
static connection *take_free(void)
{
	while (free_ones) {
		connection *own = free_ones;
		free_ones = own->next_free;
		own->listed = false;
		if (own->descriptor >= 0 && !own->busy)
			return own;
	}
	return NULL;
}

/* Opens what is closed, drips what is slow, and, without a rate, gives each idle connection something to send. */
static void tend(connection *connections, size_t count, size_t slow, bool at_rate, double at)
{
	for (size_t i = 0; i < count + slow; i++) {
		connection *own = &connections[i];
		if (own->slow && own->drip_at <= at)
			drip(own);
		else if (!own->slow && own->descriptor < 0 && own->retry_at <= at)
			open_connection(own);
		if (at_rate)
			list_free(own);
		else if (!own->slow && own->descriptor >= 0 && !own->busy && !ending)
			begin(own, next_body++ % bodies.count);
	}
}

/* What can be read and written on one connection. */
static void serve(connection *own, unsigned events, bool at_rate)
{
	if (own->slow) {
		read_slow(own);
		return;
	}
	if (events & EPOLLOUT) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = own};
		epoll_ctl(poller, EPOLL_CTL_MOD, own->descriptor, &event);
		go_on_sending(own);
	}
	if (!receive(own))
		return;
	if (at_rate)
		list_free(own);
	else if (own->descriptor >= 0 && !ending)
		begin(own, next_body++ % bodies.count);
}

static void run(connection *connections, size_t count, size_t slow, double seconds, double rate)
{
	double began = now(), due = began, tended = 0;
	struct epoll_event events[256];
	while (!ending && now() < began + seconds) {
		double at = now();
		if (at >= tended + 0.001) { /* it looks at all connections: not for every answer */
			tend(connections, count, slow, rate > 0, at);
			tended = at;
		}
		for (; rate > 0 && due <= at && !ending; due += 1 / rate) {
			connection *free_one = take_free();
			if (free_one)
				begin(free_one, next_body++ % bodies.count);
			else
				unsent++;
		}
		int ready = epoll_wait(poller, events, 256, 1);
		for (int i = 0; i < ready; i++) {
			connection *own = events[i].data.ptr;
			if (own->descriptor >= 0)
				serve(own, events[i].events, rate > 0);
		}
	}
}

static void end(int signal)
{
	(void)signal;
	ending = 1;
}

/* Microseconds of processor time that this process has had. */
static double own_time(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static int by_time(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

static double part(samples *from, double share)
{
	if (!from->count)
		return 0;
	qsort(from->items, from->count, sizeof *from->items, by_time);
	return from->items[(size_t)((double)(from->count - 1) * share)];
}

static void read_options(int count, char **arguments)
{
	const struct {
		const char *name, **place;
	} known[] = {{"--port", &options.port},       {"--bodies", &options.bodies},
		     {"--path", &options.path},       {"--connections", &options.connections},
		     {"--seconds", &options.seconds}, {"--rate", &options.rate},
		     {"--slow", &options.slow},       {"--ids", &options.ids},
		     {"--answers", &options.answers}, {"--either", &options.either},
		     {"--tokens", &options.tokens}};
	for (int i = 1; i < count; i += 2) {
		size_t j = 0;
		while (j < sizeof known / sizeof *known && strcmp(known[j].name, arguments[i]) != 0)
			j++;
		if (j == sizeof known / sizeof *known || i + 1 == count)
			stop("what is", arguments[i]);
		*known[j].place = arguments[i + 1];
	}
	if (!options.port || !options.bodies || (options.either && !strchr(options.either, ',')))
		stop("needed:", "--port PORT --bodies FILE");
}

int main(int argument_count, char **arguments)
{
	struct rlimit files;
	read_options(argument_count, arguments);
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* who started it was killed: nobody else would end it */
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	read_lines(options.bodies, &bodies);
	if (options.tokens)
		read_lines(options.tokens, &tokens);
	size_t count = strtoul(options.connections, NULL, 10), slow = strtoul(options.slow, NULL, 10);
	double seconds = strtod(options.seconds, NULL);
	connection *connections = get(count + slow, sizeof *connections);
	expected = get(bodies.count, sizeof *expected);
	answered.items = get(SAMPLES, sizeof *answered.items);
	refused.items = get(SAMPLES, sizeof *refused.items);
	poller = epoll_create1(EPOLL_CLOEXEC);
	double at = now();
	for (size_t i = 0; i < count + slow; i++) {
		connections[i] = (connection){.descriptor = -1, .slow = i >= count, .in_body = i % 2};
		connections[i].head = get(HEAD, 1);
		connections[i].answer = i < count ? get(ROOM, 1) : NULL;
		connections[i].drip_at = at + (double)i / (double)(count + slow);
	}
	first_pass(&connections[0]);
	if (options.ids && !(ids = fopen(options.ids, "w")))
		stop("cannot write", options.ids);
	if (ids)
		setvbuf(ids, NULL, _IOLBF, 0); /* who waits for answers sees each */
	signal(SIGINT, end);
	signal(SIGTERM, end);
	double cpu = own_time();
	at = now();
	run(connections, count, slow, seconds, strtod(options.rate, NULL));
	seconds = now() - at;
	cpu = (own_time() - cpu) / (double)(answered.all + refused.all + 1);
	if (ids)
		fclose(ids);
	printf("{\"answered\":%lu,\"refused\":%lu,\"wrong\":%lu,\"broken\":%lu,\"unsent\":%lu,\"seconds\":%.2f,", answered.all,
	       refused.all, wrong, broken, unsent, seconds);
	printf("\"per_second\":%.0f,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.1f,", (double)answered.all / seconds,
	       part(&answered, 0.5), part(&answered, 0.99), part(&answered, 1));
	printf("\"refused_p50\":%.3f,\"refused_p99\":%.3f,\"refused_max\":%.1f,\"own_cpu\":%.0f}\n", part(&refused, 0.5),
	       part(&refused, 0.99), part(&refused, 1), cpu);
	return wrong ? 1 : 0;
}
