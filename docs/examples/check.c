/*
 * Checks one order against one record, with libvigil:
 *
 *     cc $(pkg-config --cflags --libs vigil) check.c -o check
 *     ./check /usr/local/share/vigil/rules record.json order.json 2026-03-01
 *
 * It prints the alerts with what they rest on, the screenings, and what could
 * not be checked.  It ends with 0, or with the status of the call that failed.
 * C99, no other library.
 */
#include <stdio.h>
#include <stdlib.h>
#include <vigil.h>

static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	char *text = NULL;
	long size;
	if (file && fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && fseek(file, 0, SEEK_SET) == 0 &&
	    (text = malloc((size_t)size + 1)) != NULL) {
		*length = fread(text, 1, (size_t)size, file);
		text[*length] = '\0';
	}
	if (file)
		fclose(file);
	if (!text)
		fprintf(stderr, "%s cannot be read\n", path);
	return text;
}

static void print_alerts(const vigil_result *result)
{
	static const char *const words[] = {"INFO", "WARNING", "CRITICAL"};
	for (size_t i = 0; i < vigil_result_alert_count(result); i++) {
		vigil_alert alert = VIGIL_ALERT_INIT;
		vigil_result_alert(result, i, &alert);
		printf("%s: %s\n  %s\n", words[alert.severity], alert.summary, alert.detail);
		if (alert.order_display)
			printf("  order: %s\n", alert.order_display);
		for (size_t j = 0; j < alert.evidence_count; j++) {
			vigil_evidence evidence = VIGIL_EVIDENCE_INIT;
			vigil_result_evidence(result, i, j, &evidence);
			printf("  because: %s (%s): %s\n", evidence.display ? evidence.display : "?",
			       evidence.date ? evidence.date : "no date", evidence.says ? evidence.says : "");
		}
		for (size_t j = 0; j < alert.not_excluded_count; j++)
			printf("  not excluded: %s\n", vigil_result_not_excluded(result, i, j));
		printf("  source: %s\n", alert.source_label);
	}
}

static void print_screenings(const vigil_result *result)
{
	for (size_t i = 0; i < vigil_result_screening_count(result); i++) {
		vigil_screening screening = VIGIL_SCREENING_INIT;
		vigil_result_screening(result, i, &screening);
		printf("%s: %s%s%s\n", screening.title, screening.status, screening.due ? ", due " : "",
		       screening.due ? screening.due : "");
	}
}

/* An answer without this part would look complete when it is not. */
static void print_gaps(const vigil_result *result)
{
	for (size_t i = 0; i < vigil_result_gap_count(result); i++) {
		vigil_gap gap = VIGIL_GAP_INIT;
		vigil_result_gap(result, i, &gap);
		printf("not checked: %s%s%s\n", gap.rule ? gap.rule : "", gap.rule ? ": " : "", gap.text);
	}
	if (!vigil_result_complete(result))
		printf("The answer is not complete.\n");
}

int main(int argc, char **argv)
{
	vigil_config config = VIGIL_CONFIG_INIT;
	vigil_request request = VIGIL_REQUEST_INIT;
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_engine *engine = NULL;
	vigil_worker *worker = NULL;
	const vigil_result *result = NULL;
	vigil_json order;
	char *record = NULL, *order_text = NULL;

	if (argc != 5) {
		fprintf(stderr, "usage: %s RULES RECORD ORDER DATE\n", argv[0]);
		return VIGIL_WRONG_USE;
	}
	record = read_file(argv[2], &request.json_length);
	order_text = read_file(argv[3], &order.length);
	if (!record || !order_text) {
		free(record);
		free(order_text);
		return VIGIL_BAD_INPUT;
	}
	config.starter_dir = argv[1];
	order.text = order_text;
	request.json = record;
	request.orders = &order;
	request.order_count = 1;
	request.as_of = argv[4];

	if (vigil_engine_open(&config, &engine, &error) == VIGIL_OK && vigil_worker_open(engine, &worker, &error) == VIGIL_OK &&
	    vigil_evaluate(worker, &request, &result, &error) == VIGIL_OK) {
		print_alerts(result);
		print_screenings(result);
		print_gaps(result);
	} else {
		fprintf(stderr, "%s %s\n", error.text, error.advice);
	}
	vigil_worker_close(worker);
	vigil_engine_close(engine);
	free(order_text);
	free(record);
	return (int)error.status;
}
