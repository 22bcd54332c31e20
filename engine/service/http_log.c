/*
 * The log: JSON lines, written by a thread of its own.
 *
 * Whoever reads the log may be slow or stuck; answers must not wait for that.
 * Lines gather in one of two buffers while the other is being written; a line
 * that finds no room is dropped, and the next one that does tells how many were.
 *
 * No line holds a text from a request: requests are told by endpoint, status,
 * sizes and times, and by an id that can only be hexadecimal digits.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "service/http_internal.h"

enum {
	ROOM = 1 << 18,
	LONGEST_EVENT = 2048,
	LONGEST_NOTE = 160,
	GATHER = 5000000 /* nanoseconds from one writing to the next, so that thousands of lines a second wake it 200 times */
};

struct vg_log {
	int descriptor;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t thread;
	size_t length; /* in `filling` */
	uint64_t lost;
	bool ending;
	char *filling, *writing;
	char rooms[2][ROOM];
};

/* An error of writing ends the attempt: there is nowhere left to tell it. */
static void write_all(int descriptor, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(descriptor, bytes, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return;
		bytes += written;
		length -= (size_t)written;
	}
}

static void *write_lines(void *user)
{
	vg_log *log = user;
	const struct timespec gather = {.tv_nsec = GATHER};
	pthread_mutex_lock(&log->lock);
	while (log->length > 0 || !log->ending) {
		if (log->length == 0) {
			pthread_cond_wait(&log->wake, &log->lock);
			continue;
		}
		size_t length = log->length;
		char *full = log->filling;
		log->filling = log->writing;
		log->writing = full;
		log->length = 0;
		pthread_mutex_unlock(&log->lock);
		write_all(log->descriptor, full, length);
		nanosleep(&gather, NULL);
		pthread_mutex_lock(&log->lock);
	}
	pthread_mutex_unlock(&log->lock);
	return NULL;
}

vigil_status vg_log_open(int descriptor, vg_log **ret, vigil_error *err)
{
	vg_log *log = vg_system_allocator.resize(vg_system_allocator.user, NULL, 0, sizeof *log);
	if (!log)
		return vg_fail_memory(err);
	log->descriptor = descriptor;
	log->length = 0;
	log->lost = 0;
	log->ending = false;
	log->filling = log->rooms[0];
	log->writing = log->rooms[1];
	pthread_mutex_init(&log->lock, NULL);
	pthread_cond_init(&log->wake, NULL);
	if (pthread_create(&log->thread, NULL, write_lines, log) != 0) {
		pthread_cond_destroy(&log->wake);
		pthread_mutex_destroy(&log->lock);
		vg_system_allocator.resize(vg_system_allocator.user, log, sizeof *log, 0);
		return vg_fail(err, VIGIL_INTERNAL, "Allow the process more threads.",
			       "The thread of the log cannot be started.");
	}
	*ret = log;
	return VIGIL_OK;
}

void vg_log_close(vg_log *log)
{
	if (!log)
		return;
	pthread_mutex_lock(&log->lock);
	log->ending = true;
	pthread_cond_signal(&log->wake);
	pthread_mutex_unlock(&log->lock);
	pthread_join(log->thread, NULL);
	pthread_cond_destroy(&log->wake);
	pthread_mutex_destroy(&log->lock);
	vg_system_allocator.resize(vg_system_allocator.user, log, sizeof *log, 0);
}

static void count_loss(vg_log *log)
{
	pthread_mutex_lock(&log->lock);
	log->lost++;
	pthread_mutex_unlock(&log->lock);
}

void vg_log_line(vg_log *log, const char *line, size_t length)
{
	char loss[80];
	pthread_mutex_lock(&log->lock);
	bool first = log->length == 0; /* else the writer has been woken, or will look by itself */
	int more = log->lost ? snprintf(loss, sizeof loss, "{\"level\":\"warning\",\"event\":\"log-lost\",\"lines\":%llu}\n",
					(unsigned long long)log->lost)
			     : 0;
	if (length + (size_t)more > ROOM - log->length) {
		log->lost++;
	} else {
		memcpy(log->filling + log->length, loss, (size_t)more);
		log->length += (size_t)more;
		memcpy(log->filling + log->length, line, length);
		log->length += length;
		log->lost = 0;
	}
	pthread_mutex_unlock(&log->lock);
	if (first)
		pthread_cond_signal(&log->wake);
}

/* ---- lines ------------------------------------------------------------------------------ */

/* The last digits of a number, as many as wanted. */
static void add_digits(vg_buffer *line, long number, size_t count)
{
	char digits[4];
	for (size_t i = count; i > 0; number /= 10)
		digits[--i] = (char)('0' + number % 10);
	vg_add_bytes(line, digits, count);
}

/* How every line begins: the moment in UTC, the level, the event. */
static void begin_line(vg_buffer *line, vg_arena *arena, const char *level, const char *event)
{
	struct timespec now;
	struct tm parts;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	const struct {
		const char *before;
		long number;
		size_t digits;
	} moment[] = {{"{\"time\":\"", parts.tm_year + 1900, 4},
		      {"-", parts.tm_mon + 1, 2},
		      {"-", parts.tm_mday, 2},
		      {"T", parts.tm_hour, 2},
		      {":", parts.tm_min, 2},
		      {":", parts.tm_sec, 2},
		      {".", now.tv_nsec / 1000000, 3}};
	vg_buffer_init(line, arena);
	for (size_t i = 0; i < VG_COUNT(moment); i++) {
		vg_add(line, moment[i].before);
		add_digits(line, moment[i].number, moment[i].digits);
	}
	vg_add(line, "Z\",\"level\":\"");
	vg_add(line, level);
	vg_add(line, "\",\"event\":\"");
	vg_add(line, event);
	vg_add(line, "\"");
}

/* A line for which there is no memory is one more that was lost. */
static void end_line(vg_log *log, vg_buffer *line)
{
	vg_add(line, "}\n");
	const char *text = vg_buffer_text(line);
	if (text)
		vg_log_line(log, text, line->length);
	else
		count_loss(log);
}

void vg_log_event(vg_log *log, const char *level, const char *event, const char *format, ...)
{
	char text[LONGEST_EVENT / 2];
	va_list arguments;
	vg_arena arena;
	vg_buffer line;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	vg_arena_init(&arena, &vg_system_allocator, 0);
	begin_line(&line, &arena, level, event);
	vg_add(&line, ",\"text\":");
	vg_add_json_text(&line, text);
	end_line(log, &line);
	vg_arena_free(&arena);
}

static void add_text(vg_buffer *line, const char *before, const char *text)
{
	vg_add(line, before);
	vg_add(line, text);
}

static void add_count(vg_buffer *line, const char *before, uint64_t count)
{
	vg_add(line, before);
	vg_add_count(line, count);
}

/* One of our own texts: what JSON would want escaped becomes an apostrophe. */
static void add_note(vg_buffer *line, const char *text)
{
	char note[LONGEST_NOTE];
	size_t length = 0;
	for (; length < sizeof note && text[length]; length++) {
		unsigned char byte = (unsigned char)text[length];
		note[length] = byte == '"' || byte == '\\' || byte < ' ' || byte > '~' ? '\'' : (char)byte;
	}
	vg_add(line, ",\"note\":\"");
	vg_add_bytes(line, note, length);
	vg_add(line, "\"");
}

void vg_log_request(vg_connection *connection, int64_t micros, bool whole)
{
	vg_server *server = connection->listener->server;
	const char *what = server->settings->log;
	bool refused = connection->status >= 400 || !whole;
	vg_buffer line;
	if (strcmp(what, "none") == 0 || (strcmp(what, "refused") == 0 && !refused))
		return;
	begin_line(&line, &connection->arena, refused ? "warning" : "info", "request");
	add_text(&line, ",\"id\":\"", connection->request_id);
	add_text(&line, "\",\"endpoint\":\"", vg_endpoint_info_of(connection->endpoint)->name);
	add_text(&line, "\",\"socket\":\"", connection->listener->local ? "unix" : "tcp");
	add_count(&line, "\",\"status\":", (uint64_t)connection->status);
	add_count(&line, ",\"bytes_in\":", connection->length);
	add_count(&line, ",\"bytes_out\":", connection->bytes_out);
	add_count(&line, ",\"micros\":", (uint64_t)micros);
	if (!whole)
		vg_add(&line, ",\"broken\":true");
	if (connection->note)
		add_note(&line, connection->note);
	end_line(server->log, &line);
}
