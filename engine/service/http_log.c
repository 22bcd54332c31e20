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

void vg_log_event(vg_log *log, const char *level, const char *event, const char *format, ...)
{
	char text[LONGEST_EVENT / 2];
	struct timespec now;
	struct tm parts;
	va_list arguments;
	vg_arena arena;
	vg_buffer line;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	vg_arena_init(&arena, &vg_system_allocator, 0);
	vg_buffer_init(&line, &arena);
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	vg_addf(&line, "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\",\"level\":\"%s\",\"event\":\"%s\",\"text\":",
		parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
		now.tv_nsec / 1000000, level, event);
	vg_add_json_text(&line, text);
	vg_add(&line, "}\n");
	if (vg_buffer_text(&line))
		vg_log_line(log, line.text, line.length);
	vg_arena_free(&arena);
}
