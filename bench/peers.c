/*
 * The peers' work done by Vigil: 20 rules over one frozen in-memory record, one
 * at a time, over the same seeded patients; prints one JSON line like theirs.
 *
 *     peers PACK PATIENTS.tsv [SECONDS]
 *
 * Building the records is timed and printed beside.  The checksum must be that
 * of every peer (see bench/run.sh), else the time means nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "evaluation/evaluation.h"

#define MOST_PATIENTS 4096

typedef struct patient {
	long id;
	vg_record *record;
} patient;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static void stop(const vigil_error *error, const char *what)
{
	fprintf(stderr, "peers: %s: %s (%s:%d)\n", what, error->text, error->file, error->line);
	exit(1);
}

static const vg_day today = 20269; /* 2025-06-30, the peers' day of reference */

static void add(vg_builder *builder, const char *kind, const char *code, int days, bool active, bool order)
{
	static const struct {
		const char *kind, *type, *system, *status;
	} kinds[] = {
	    {"med", "MedicationRequest", "http://www.nlm.nih.gov/research/umls/rxnorm", "active"},
	    {"lab", "Observation", "http://loinc.org", "final"},
	    {"cond", "Condition", "http://hl7.org/fhir/sid/icd-10-cm", "active"},
	    {"proc", "Procedure", "http://snomed.info/sct", "completed"},
	    {"allergy", "AllergyIntolerance", "http://snomed.info/sct", "active"},
	    {"enc", "Encounter", "http://snomed.info/sct", "finished"},
	};
	char date[16];
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_fact fact = VIGIL_FACT_INIT;
	for (size_t i = 0; i < VG_COUNT(kinds); i++) {
		if (strcmp(kinds[i].kind, kind) != 0)
			continue;
		bool laboratory = strcmp(kind, "lab") == 0;
		fact.type = order && laboratory ? "ServiceRequest" : kinds[i].type;
		fact.system = kinds[i].system;
		fact.status = order ? "draft" : strcmp(kind, "med") == 0 && !active ? "stopped" : kinds[i].status;
		fact.value = laboratory && !order ? "1" : NULL;
	}
	/* The peers' made-up codes, in the form that their code systems have. */
	char real[64];
	if (code[0] == 'r' && code[2] >= '0' && code[2] <= '9')
		snprintf(real, sizeof real, "%s", code + 2);
	else if (vg_starts_with(code, "cd-dm"))
		snprintf(real, sizeof real, "E11.%s", code + 5);
	else if (vg_starts_with(code, "cd-crc"))
		snprintf(real, sizeof real, "C18.%s", code + 6);
	else
		snprintf(real, sizeof real, "%s", code);
	fact.code = real;
	fact.display = real;
	fact.date = vg_day_text(today - days, date);
	fact.is_draft = order;
	if (vg_builder_add(builder, &fact, &error) != VIGIL_OK)
		stop(&error, code);
}

static size_t read_patients(const char *path, vg_world *world, patient *patients)
{
	FILE *file = fopen(path, "r");
	char line[256], kind[64], code[64], birth[16], id[24];
	size_t count = 0;
	vg_builder *builder = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	if (!file) {
		fprintf(stderr, "peers: %s cannot be read\n", path);
		exit(1);
	}
	for (;;) {
		bool more = fgets(line, sizeof line, file) != NULL;
		if (builder && (!more || line[0] == 'P')) {
			if (vg_builder_finish(builder, world->rulebook->watch, &patients[count - 1].record, &error) != VIGIL_OK)
				stop(&error, "finish");
			vg_builder_close(builder);
			builder = NULL;
		}
		if (!more || count == MOST_PATIENTS)
			break;
		int days, active, age;
		char sex;
		if (sscanf(line, "P %ld %d %c", &patients[count].id, &age, &sex) == 3) {
			vg_duration years = {age * 12, 0, 0};
			if (vg_builder_open(world->knowledge, &vg_system_allocator, &builder, &error) != VIGIL_OK)
				stop(&error, "builder");
			snprintf(id, sizeof id, "%ld", patients[count].id);
			vg_day_text(vg_day_minus(today, years) - 100, birth);
			if (vg_builder_patient(builder, id, birth, sex == 'F' ? "female" : "male", &error) != VIGIL_OK)
				stop(&error, "patient");
			count++;
		} else if (sscanf(line, "F %63s %63s %d %d", kind, code, &days, &active) == 4) {
			add(builder, kind, code, days, active != 0, false);
		} else if (sscanf(line, "O %63s %63s", kind, code) == 2) {
			add(builder, kind, code, 0, true, true);
		}
	}
	fclose(file);
	return count;
}

/* The peers' rule numbers that fired, as bits. */
static uint32_t fired(const vg_answer *answer)
{
	uint32_t bits = 0;
	for (size_t i = 0; i < answer->alert_count; i++) {
		const vg_alert *alert = &answer->alerts[i];
		if (vg_starts_with(alert->rule, "peer-"))
			bits |= 1u << atoi(alert->rule + 5);
		for (size_t k = 0; k < alert->also_count; k++)
			if (vg_starts_with(alert->also[k], "peer-"))
				bits |= 1u << atoi(alert->also[k] + 5);
	}
	for (size_t i = 0; i < answer->screening_count; i++)
		if (answer->screenings[i].status == VG_OVERDUE && vg_starts_with(answer->screenings[i].rule->id, "peer-"))
			bits |= 1u << atoi(answer->screenings[i].rule->id + 5);
	return bits;
}

int main(int argc, char **argv)
{
	static patient patients[MOST_PATIENTS];
	vigil_config config = VIGIL_CONFIG_INIT;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_world *world = NULL;
	vg_evaluator *evaluator = NULL;
	const vg_answer *answer = NULL;
	if (argc < 3) {
		fprintf(stderr, "usage: peers PACK PATIENTS.tsv [SECONDS]\n");
		return 2;
	}
	const char *dirs[] = {argv[1]};
	config.rule_dirs = dirs;
	config.rule_dir_count = 1;
	if (vg_world_open(&config, NULL, &world, &error) != VIGIL_OK ||
	    vg_evaluator_open(&vg_system_allocator, &evaluator, &error) != VIGIL_OK)
		stop(&error, "open");

	double start = now();
	size_t count = read_patients(argv[2], world, patients);
	double build = now() - start;

	vg_question question = {.hook = VG_HOOK_NONE, .as_of = {today, today, VG_NO_INSTANT}};
	long long sum = 0, counts[21] = {0};
	for (size_t i = 0; i < count; i++) {
		question.record = patients[i].record;
		if (vg_decide(evaluator, world, &question, &answer, &error) != VIGIL_OK)
			stop(&error, "decide");
		uint32_t bits = fired(answer);
		for (int id = 1; id <= 20; id++) {
			if (bits >> id & 1) {
				counts[id]++;
				sum = (sum + (patients[i].id + 1) * (long long)id * 31 + (long long)id * id) % 1000000007;
			}
		}
	}

	double seconds = argc > 3 ? atof(argv[3]) : 4;
	size_t most = 8000000, n = 0;
	double *times = malloc(most * sizeof *times), t = now();
	start = t;
	if (!times)
		return 1;
	do {
		question.record = patients[n % count].record;
		if (vg_decide(evaluator, world, &question, &answer, &error) != VIGIL_OK)
			stop(&error, "decide");
		double after = now();
		times[n++] = after - t;
		t = after;
	} while (t - start < seconds && n < most);
	qsort(times, n, sizeof *times, by_time);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	printf("{\"peer\":\"vigil\",\"work\":\"20 rules x 1 patient, frozen record in memory, one at a "
	       "time\",\"n\":%zu,\"seconds\":%.3f,"
	       "\"per_second\":%.1f,\"p50\":%.5f,\"p99\":%.5f,\"rss_mb\":%.1f,\"build_records_per_second\":%.0f,\"fired\":\"",
	       n, t - start, (double)n / (t - start), times[n / 2] * 1e3, times[n * 99 / 100] * 1e3,
	       (double)usage.ru_maxrss / 1024 - (double)(n * sizeof *times) / 1048576, (double)count / build);
	for (int id = 1; id <= 20; id++)
		printf("%lld%s", counts[id], id < 20 ? "," : "");
	printf("\",\"check\":%lld}\n", sum);
	for (size_t i = 0; i < count; i++)
		vg_record_free(patients[i].record);
	free(times);
	vg_evaluator_close(evaluator);
	vg_world_release(world);
	return sum == 879525898 ? 0 : 1;
}
