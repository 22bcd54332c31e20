/*
 * Measures one check, packs open and the record given as text, as a service
 * does it: opening, then many evaluations, of which it prints the median.
 *
 *     check CACHE RECORD ORDER STARTER [FOLDER]...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "vigil.h"

enum { ROUNDS = 2001 };

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static char *read_text(const char *path, size_t *length)
{
	static char room[2][1 << 20];
	static int used;
	FILE *file = fopen(path, "rb");
	char *text = room[used++ % 2];
	*length = file ? fread(text, 1, sizeof room[0] - 1, file) : 0;
	if (file)
		fclose(file);
	return text;
}

int main(int count, char **arguments)
{
	static double times[ROUNDS];
	vigil_config config = VIGIL_CONFIG_INIT;
	vigil_request request = VIGIL_REQUEST_INIT;
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_json order = {0};
	vigil_engine *engine = NULL;
	vigil_worker *worker = NULL;
	const vigil_result *result = NULL;
	struct rusage usage;
	if (count < 5)
		return 2;
	config.cache_dir = arguments[1];
	config.starter_dir = arguments[4];
	config.rule_dirs = (const char *const *)(arguments + 5);
	config.rule_dir_count = (size_t)count - 5;
	request.json = read_text(arguments[2], &request.json_length);
	order.text = read_text(arguments[3], &order.length);
	request.orders = &order;
	request.order_count = 1;
	request.as_of = "2026-03-01";
	double begin = seconds();
	if (vigil_engine_open(&config, &engine, &error) != VIGIL_OK || vigil_worker_open(engine, &worker, &error) != VIGIL_OK) {
		fprintf(stderr, "%s\n", error.text);
		return 4;
	}
	double opened = seconds() - begin;
	for (int i = 0; i < ROUNDS; i++) {
		begin = seconds();
		if (vigil_evaluate(worker, &request, &result, &error) != VIGIL_OK) {
			fprintf(stderr, "%s\n", error.text);
			return 3;
		}
		times[i] = seconds() - begin;
	}
	qsort(times, ROUNDS, sizeof *times, by_value);
	getrusage(RUSAGE_SELF, &usage);
	printf("opened in %.0f ms, a check takes %.1f us (median), %ld MB at most\n", opened * 1e3, times[ROUNDS / 2] * 1e6,
	       usage.ru_maxrss / 1024);
	vigil_worker_close(worker);
	vigil_engine_close(engine);
	return 0;
}
