/*
 * Measures records in memory: reading texts, and deciding and rendering over
 * records that are read.  One line of JSON a measurement, times as medians.
 *
 *     record requests DAY FILE.ndjson PACK...     CDS Hooks requests, a line each: read, evaluated with texts
 *     record bundles DAY FILE.ndjson PACK...      Bundles, a line each: for the first ten screenings of the packs
 *                                                 read whole, read as far as they are seen, decided without texts
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "evaluation/evaluation.h"

enum { MOST_LINES = 4096, ROUNDS = 5, SCREENINGS = 10 };

typedef struct input {
	char *text;
	size_t length;
} input;
static input lines[MOST_LINES];
static size_t line_count, byte_count;
static double times[MOST_LINES * ROUNDS];
static size_t time_count;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void stop(const vigil_error *error)
{
	fprintf(stderr, "record: %s\n", error->text);
	exit(1);
}

static void read_lines(const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;
	while (file && line_count < MOST_LINES && (length = getline(&line, &room, file)) > 0) {
		lines[line_count++] = (input){line, (size_t)length};
		byte_count += (size_t)length;
		line = NULL;
		room = 0;
	}
	if (file)
		fclose(file);
	if (line_count == 0) {
		fprintf(stderr, "record: %s holds nothing\n", path);
		exit(1);
	}
}

/* The median, and the rate at which it would go through all of the bytes. */
static void report(const char *what, bool of_bytes)
{
	qsort(times, time_count, sizeof *times, by_value);
	double median = times[time_count / 2];
	printf("{\"what\":\"%s\",\"n\":%zu,\"p50_us\":%.2f,\"p99_us\":%.2f", what, time_count, median,
	       times[time_count * 99 / 100]);
	if (of_bytes)
		printf(",\"mean_bytes\":%zu,\"mb_per_second\":%.0f", byte_count / line_count,
		       (double)byte_count / (double)line_count / median);
	printf("}\n");
	time_count = 0;
}

typedef vigil_status reader(const char *, size_t, const vg_knowledge *, vg_watch, const vg_limits *, const vg_allocator *,
			    vg_record **, vigil_error *);

static vg_record *read_one(const vg_world *world, const input *line, reader *read)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_record *record = NULL;
	double start = now();
	if (read(line->text, line->length, world->knowledge, world->rulebook->watch, NULL, NULL, &record, &error) != VIGIL_OK)
		stop(&error);
	times[time_count++] = now() - start;
	return record;
}

static void measure_reading(const vg_world *world, reader *read, const char *what)
{
	for (size_t i = 0; i < line_count * ROUNDS; i++)
		vg_record_free(read_one(world, &lines[i % line_count], read));
	report(what, true);
}

static void measure_asking(vg_world *world, vg_when day, bool texts, const char *what)
{
	static vg_record *records[MOST_LINES];
	vigil_error error = VIGIL_ERROR_INIT;
	vg_evaluator *evaluator = NULL;
	const vg_answer *answer = NULL;
	if (vg_evaluator_open(NULL, &evaluator, &error) != VIGIL_OK)
		stop(&error);
	for (size_t i = 0; i < line_count; i++)
		records[i] = read_one(world, &lines[i], vg_record_read);
	time_count = 0;
	for (size_t i = 0; i < line_count * ROUNDS; i++) {
		vg_question question = {.record = records[i % line_count], .as_of = day};
		if (question.record->hook)
			vg_hook_find(question.record->hook, &question.hook);
		double start = now();
		if ((texts ? vg_evaluate : vg_decide)(evaluator, world, &question, &answer, &error) != VIGIL_OK)
			stop(&error);
		times[time_count++] = now() - start;
	}
	report(what, false);
	for (size_t i = 0; i < line_count; i++)
		vg_record_free(records[i]);
	vg_evaluator_close(evaluator);
}

static vg_world *ten_screenings(vg_world *world)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_world *narrow = NULL;
	uint32_t rules[SCREENINGS];
	size_t count = 0;
	for (uint32_t i = 0; i < world->rulebook->rule_count && count < SCREENINGS; i++)
		if (world->rulebook->rules[i].kind == VG_KIND_SCREENING && world->rulebook->rules[i].status == VG_STATUS_ACTIVE)
			rules[count++] = i;
	if (vg_world_narrow(world, rules, count, &narrow, &error) != VIGIL_OK)
		stop(&error);
	return narrow;
}

int main(int count, char **arguments)
{
	vigil_config config = VIGIL_CONFIG_INIT;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_world *world = NULL;
	vg_when day;
	if (count < 5 || !vg_date_parse(arguments[2], strlen(arguments[2]), &day)) {
		fprintf(stderr, "usage: record requests|bundles DAY FILE.ndjson PACK...\n");
		return 2;
	}
	read_lines(arguments[3]);
	config.rule_dirs = (const char *const *)(arguments + 4);
	config.rule_dir_count = (size_t)count - 4;
	config.cache_dir = getenv("VIGIL_CACHE_DIR");
	if (vg_world_open(&config, NULL, &world, &error) != VIGIL_OK)
		stop(&error);
	if (strcmp(arguments[1], "requests") == 0) {
		measure_reading(world, vg_record_read, "reading a request");
		measure_asking(world, day, true, "evaluating it, texts included");
	} else {
		vg_world *narrow = ten_screenings(world);
		measure_reading(narrow, vg_record_read, "reading a bundle whole");
		measure_reading(narrow, vg_record_read_seen, "reading what ten screenings see");
		measure_asking(narrow, day, false, "deciding ten screenings");
		vg_world_release(narrow);
	}
	vg_world_release(world);
	return 0;
}
