/*
 * The population store: what an import makes of files, again and again, and
 * what it does when it is killed, when the disk is full, and when the store is
 * damaged, in use, or of another version.
 */
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/population_support.h"

typedef struct place { /* a folder with a store and what goes into it */
	char folder[64], store[80], input[80];
	vg_arena arena;
} place;

static void place_make(place *at)
{
	const char *base = getenv("TMPDIR");
	snprintf(at->folder, sizeof at->folder, "%.30s/vigil-population-XXXXXX", base && strlen(base) < 30 ? base : "/tmp");
	CHECK(mkdtemp(at->folder) != NULL, "no temporary folder");
	snprintf(at->store, sizeof at->store, "%.60s/p.db", at->folder);
	snprintf(at->input, sizeof at->input, "%.60s/in", at->folder);
	mkdir(at->input, 0700);
	vg_arena_init(&at->arena, NULL, 0);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info, (void)kind, (void)where;
	return remove(path);
}

static void place_remove(place *at)
{
	nftw(at->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	vg_arena_free(&at->arena);
}

static void put_file(const place *at, const char *name, const char *text)
{
	char path[160];
	snprintf(path, sizeof path, "%s/%s", at->input, name);
	FILE *file = fopen(path, "w");
	CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0, "%s is not written", name);
}

static void drop_file(const place *at, const char *name)
{
	char path[160];
	snprintf(path, sizeof path, "%s/%s", at->input, name);
	unlink(path);
}

static vg_import_report report;
static vigil_error error;

static vigil_status import_from(place *at, const char *source, size_t checkpoint)
{
	const char *paths[] = {at->input};
	vg_import_config config = {.file = at->store,
				   .paths = paths,
				   .path_count = 1,
				   .source = source,
				   .now = "2026-11-22T00:00:00Z",
				   .checkpoint = checkpoint,
				   .buckets = checkpoint ? 7 : 0};
	error = (vigil_error)VIGIL_ERROR_INIT;
	return vg_import_population(&config, &at->arena, &report, &error);
}

static void import_fine(place *at, const char *source)
{
	vigil_status status = import_from(at, source, 0);
	CHECK(status == VIGIL_OK, "the import fails: %s", error.text);
}

/* ---- texts of resources --------------------------------------------------------------- */

static const char *patient_line(vg_arena *arena, const char *id, const char *more)
{
	return vg_format(arena,
			 "{\"resourceType\":\"Patient\",\"id\":\"%s\",\"gender\":\"female\",\"birthDate\":\"1960-02-03\"%s}\n",
			 id, more);
}

static const char *a1c_line(vg_arena *arena, const char *id, const char *patient, const char *value, const char *updated)
{
	return vg_format(
	    arena,
	    "{\"resourceType\":\"Observation\",\"id\":\"%s\",\"meta\":{\"lastUpdated\":\"%s\"},\"status\":\"final\","
	    "\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"4548-4\",\"display\":\"HbA1c\"}]},"
	    "\"subject\":{\"reference\":\"Patient/%s\"},\"effectiveDateTime\":\"2026-01-05\","
	    "\"valueQuantity\":{\"value\":%s,\"unit\":\"%%\",\"code\":\"%%\",\"system\":\"http://unitsofmeasure.org\"}}\n",
	    id, updated, patient, value);
}

#define NEWER "2026-02-01T00:00:00Z"
#define OLDER "2025-02-01T00:00:00Z"

/* ---- asking the store -------------------------------------------------------------------- */

typedef struct contents {
	size_t patients, facts;
	char text[4000]; /* facts of all patients: reference and value */
} contents;

static vigil_status read_contents(const place *at, contents *ret)
{
	vg_population *population = NULL;
	vg_dictionary *dictionary = NULL;
	vg_unpacker *unpacker = NULL;
	vg_cursor *cursor = NULL;
	const vg_world *world = population_world();
	*ret = (contents){0};
	vigil_status status = vg_population_open(at->store, NULL, &population, &error);
	if (status == VIGIL_OK)
		status = vg_population_dictionary(population, world->knowledge, world->rulebook->watch, &dictionary, &error);
	if (status == VIGIL_OK)
		status = vg_unpacker_open(dictionary, VG_UNPACK_ALL, &unpacker, &error);
	if (status == VIGIL_OK)
		status = vg_cursor_open(population, &cursor, &error);
	if (status == VIGIL_OK)
		status = vg_cursor_seek(cursor, VG_WHOLE_POPULATION, &error);
	size_t used = 0;
	for (bool more = true; status == VIGIL_OK;) {
		uint64_t number;
		vg_packed packed;
		vg_record *record = NULL;
		status = vg_cursor_next(cursor, &number, &packed, &more, &error);
		if (status != VIGIL_OK || !more)
			break;
		status = vg_unpack_record(unpacker, packed, &record, &error);
		ret->patients++;
		for (uint32_t i = 0; status == VIGIL_OK && i < record->fact_count; i++, ret->facts++)
			if (used < sizeof ret->text - 200)
				used += (size_t)snprintf(ret->text + used, 200, "%.60s=%.40s;", record->facts[i].reference,
							 *record->facts[i].value.text ? record->facts[i].value.text
										      : record->facts[i].display);
		vg_record_free(record);
	}
	vg_cursor_close(cursor);
	vg_unpacker_close(unpacker);
	vg_dictionary_free(dictionary);
	vg_population_close(population);
	return status;
}

static void check_contents(const place *at, size_t patients, const char *text)
{
	static contents got;
	vigil_status status = read_contents(at, &got);
	CHECK(status == VIGIL_OK, "the store cannot be read: %s", error.text);
	CHECK(got.patients == patients, "%zu patients instead of %zu", got.patients, patients);
	CHECK_TEXT(got.text, text);
}

/* ---- versions, deletions, persons ------------------------------------------------------------ */

static void newer_counts(void)
{
	place at;
	place_make(&at);
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "a", ""));
	put_file(&at, "Observation.ndjson", a1c_line(&at.arena, "o1", "a", "7.5", NEWER));
	import_fine(&at, NULL);
	check_contents(&at, 1, "Observation/o1=7.5 %;");
	char digest[65];
	memcpy(digest, report.digest, sizeof digest);
	import_fine(&at, NULL);
	CHECK(report.added == 0 && report.changed == 0, "the same import changes something");
	CHECK_TEXT(report.digest, digest);
	put_file(&at, "Observation.ndjson", a1c_line(&at.arena, "o1", "a", "6", OLDER));
	import_fine(&at, NULL);
	check_contents(&at, 1, "Observation/o1=7.5 %;");
	put_file(&at, "Observation.ndjson", a1c_line(&at.arena, "o1", "a", "8.25", "2026-03-01T00:00:00Z"));
	import_fine(&at, NULL);
	check_contents(&at, 1, "Observation/o1=8.25 %;");
	place_remove(&at);
}

static void deletions_are_followed(void)
{
	place at;
	place_make(&at);
	put_file(&at, "Patient.ndjson",
		 vg_format(&at.arena, "%s%s", patient_line(&at.arena, "a", ""), patient_line(&at.arena, "b", "")));
	put_file(&at, "Observation.ndjson",
		 vg_format(&at.arena, "%s%s", a1c_line(&at.arena, "o1", "a", "7", OLDER),
			   a1c_line(&at.arena, "o2", "a", "8", OLDER)));
	import_fine(&at, NULL);
	put_file(
	    &at, "manifest.json",
	    "{\"transactionTime\":\"2026-01-01T00:00:00Z\",\"output\":[],\"deleted\":[{\"type\":\"Bundle\",\"url\":\"https://x/"
	    "gone.ndjson\"}]}");
	put_file(&at, "gone.ndjson",
		 "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[{\"request\":{\"method\":\"DELETE\",\"url\":"
		 "\"Observation/o1\"}},{\"request\":{\"method\":\"DELETE\",\"url\":\"Patient/b\"}}]}\n");
	drop_file(&at, "Patient.ndjson");
	drop_file(&at, "Observation.ndjson");
	import_fine(&at, NULL);
	CHECK(report.deletions == 2 && report.removed == 1 && report.bad == 0, "%d deletions, %d removed",
	      (int)report.deletions, (int)report.removed);
	check_contents(&at, 1, "Observation/o2=8 %;");
	/* An older delivery does not bring it back, a newer one does. */
	put_file(&at, "Observation.ndjson", a1c_line(&at.arena, "o1", "a", "7", OLDER));
	drop_file(&at, "gone.ndjson");
	drop_file(&at, "manifest.json");
	import_fine(&at, NULL);
	check_contents(&at, 1, "Observation/o2=8 %;");
	put_file(&at, "Observation.ndjson", a1c_line(&at.arena, "o1", "a", "9", NEWER));
	import_fine(&at, NULL);
	check_contents(&at, 1, "Observation/o1=9 %;Observation/o2=8 %;");
	place_remove(&at);
}

#define SHARED ",\"identifier\":[{\"system\":\"urn:mrn\",\"value\":\"77\"}]"

static void persons_are_joined(void)
{
	place at;
	place_make(&at);
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "a", SHARED));
	put_file(&at, "Observation.ndjson", a1c_line(&at.arena, "o1", "a", "7", OLDER));
	import_fine(&at, "north");
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "z", SHARED));
	put_file(&at, "Observation.ndjson", a1c_line(&at.arena, "o9", "z", "8", OLDER));
	import_fine(&at, "south");
	CHECK(report.joined == 1 && report.patients == 1, "%d joined", (int)report.joined);
	check_contents(&at, 1, "Observation/o1=7 %;Observation/o9=8 %;");
	/* What comes later under the second id is his too. */
	drop_file(&at, "Patient.ndjson");
	put_file(&at, "Observation.ndjson", a1c_line(&at.arena, "o10", "z", "9", OLDER));
	import_fine(&at, "south");
	check_contents(&at, 1, "Observation/o1=7 %;Observation/o10=9 %;Observation/o9=8 %;");
	place_remove(&at);
}

static void known_persons_are_joined_later(void)
{
	place at;
	place_make(&at);
	put_file(&at, "Patient.ndjson",
		 vg_format(&at.arena, "%s%s", patient_line(&at.arena, "a", SHARED), patient_line(&at.arena, "b", "")));
	put_file(&at, "Observation.ndjson",
		 vg_format(&at.arena, "%s%s", a1c_line(&at.arena, "o1", "a", "7", OLDER),
			   a1c_line(&at.arena, "o2", "b", "8", OLDER)));
	import_fine(&at, NULL);
	CHECK(report.patients == 2, "two persons without a common identifier are two");
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "b", SHARED));
	drop_file(&at, "Observation.ndjson");
	import_fine(&at, NULL);
	check_contents(&at, 1, "Observation/o1=7 %;Observation/o2=8 %;");
	place_remove(&at);
}

static void other_birth_dates_are_others(void)
{
	place at;
	place_make(&at);
	put_file(&at, "Patient.ndjson",
		 vg_format(&at.arena, "%s{\"resourceType\":\"Patient\",\"id\":\"b\",\"birthDate\":\"1961-02-03\"" SHARED "}\n",
			   patient_line(&at.arena, "a", SHARED)));
	import_fine(&at, NULL);
	CHECK(report.patients == 2 && report.conflicts == 1 && report.joined == 0, "%d conflicts", (int)report.conflicts);
	place_remove(&at);
}

/* ---- Medications ----------------------------------------------------------------------------------- */

static const char warfarin[] =
    "{\"resourceType\":\"MedicationRequest\",\"id\":\"m\",\"status\":\"active\",\"intent\":\"order\","
    "\"subject\":{\"reference\":\"Patient/a\"},\"authoredOn\":\"2026-01-01\","
    "\"medicationReference\":{\"reference\":\"Medication/w\"}}\n";

static const char *product_line(vg_arena *arena, const char *text, const char *updated)
{
	return vg_format(
	    arena,
	    "{\"resourceType\":\"Medication\",\"id\":\"w\",\"meta\":{\"lastUpdated\":\"%s\"},\"code\":{\"coding\":[{"
	    "\"system\":\"http://www.nlm.nih.gov/research/umls/rxnorm\",\"code\":\"855332\"}],\"text\":\"%s\"}}\n",
	    updated, text);
}

static void products_come_before_or_after(void)
{
	place at;
	place_make(&at);
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "a", ""));
	put_file(&at, "MedicationRequest.ndjson", warfarin);
	import_fine(&at, NULL);
	check_contents(&at, 1, "MedicationRequest/m=MedicationRequest;");
	drop_file(&at, "MedicationRequest.ndjson");
	put_file(&at, "Medication.ndjson", product_line(&at.arena, "Warfarin five", OLDER));
	import_fine(&at, NULL);
	check_contents(&at, 1, "MedicationRequest/m=Warfarin five;");
	put_file(&at, "Medication.ndjson", product_line(&at.arena, "Warfarin 5", NEWER));
	import_fine(&at, NULL);
	check_contents(&at, 1, "MedicationRequest/m=Warfarin 5;");
	place_remove(&at);
	place_make(&at);
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "a", ""));
	put_file(&at, "Medication.ndjson", product_line(&at.arena, "Warfarin 5", NEWER));
	put_file(&at, "MedicationRequest.ndjson", warfarin);
	import_fine(&at, NULL);
	check_contents(&at, 1, "MedicationRequest/m=Warfarin 5;");
	place_remove(&at);
}

/* ---- what cannot be used ------------------------------------------------------------------------------ */

static void bad_lines_are_listed(void)
{
	place at;
	place_make(&at);
	put_file(&at, "Patient.ndjson", vg_format(&at.arena, "%s\n{\"resourceType\":\n", patient_line(&at.arena, "a", "")));
	put_file(&at, "Observation.ndjson",
		 vg_format(&at.arena, "%s%s{\"resourceType\":\"Observation\",\"id\":\"x\",\"status\":\"final\"}\n",
			   a1c_line(&at.arena, "o1", "a", "7", OLDER), a1c_line(&at.arena, "o2", "nobody", "8", OLDER)));
	put_file(&at, "manifest.json",
		 "{\"transactionTime\":\"2026-01-01T00:00:00Z\",\"output\":[{\"type\":\"Condition\",\"url\":\"https://x/"
		 "Condition.ndjson\"}]}");
	import_fine(&at, NULL);
	CHECK(report.bad == 2 && report.orphans == 2, "%d bad, %d orphans", (int)report.bad, (int)report.orphans);
	check_contents(&at, 1, "Observation/o1=7 %;");
	char *text = NULL;
	size_t length;
	CHECK(report.errors && vg_read_file(&at.arena, report.errors, 0, &text, &length, NULL) == VIGIL_OK,
	      "no list of errors");
	const char *expected[] = {"file,line,reason\n", "\"Condition.ndjson\",0,", "/in/Patient.ndjson\",3,",
				  "/in/Observation.ndjson\",3,", "/in/Observation.ndjson\",2,"};
	for (size_t i = 0; text && i < VG_COUNT(expected); i++)
		CHECK(strstr(text, expected[i]) != NULL, "%s is not in: %s", expected[i], text);
	CHECK(!text || !strstr(text, "nobody"), "the list names a patient");
	place_remove(&at);
}

/* ---- kills, full disks -------------------------------------------------------------------------------------- */

static void put_many(place *at, int patients)
{
	vg_buffer persons, results;
	vg_buffer_init(&persons, &at->arena);
	vg_buffer_init(&results, &at->arena);
	for (int i = 0; i < patients; i++) {
		const char *id = vg_format(&at->arena, "p%d", i);
		vg_add(&persons, patient_line(&at->arena, id, i % 3 ? "" : SHARED));
		for (int k = 0; k < 5; k++)
			vg_add(&results, a1c_line(&at->arena, vg_format(&at->arena, "o%d-%d", i, k), id,
						  vg_format(&at->arena, "%d.%d", 4 + k, i % 10), OLDER));
	}
	put_file(at, "Patient.ndjson", vg_buffer_text(&persons));
	put_file(at, "Observation.ndjson", vg_buffer_text(&results));
}

/* Runs the import in a process of its own; `limit` is the largest file that it may write, 0: none. */
static pid_t start_import(place *at, rlim_t limit)
{
	pid_t child = fork();
	if (child)
		return child;
	if (limit) {
		signal(SIGXFSZ, SIG_IGN);
		struct rlimit most = {limit, RLIM_INFINITY};
		setrlimit(RLIMIT_FSIZE, &most);
	}
	vigil_status status = import_from(at, NULL, 20000);
	if (status != VIGIL_OK && status != VIGIL_BAD_OUTPUT)
		fprintf(stderr, "the import ends with %s (%s)\n", error.text, error.file);
	_exit(status == VIGIL_OK ? 0 : status == VIGIL_BAD_OUTPUT && *error.advice ? 6 : 99);
}

static int wait_for(pid_t child)
{
	int status = 0;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void digest_of(const place *at, char out[65])
{
	vg_population *population = NULL;
	out[0] = '\0';
	if (vg_population_open(at->store, NULL, &population, &error) == VIGIL_OK)
		snprintf(out, 65, "%s", vg_population_info_of(population)->digest);
	vg_population_close(population);
}

enum { MANY = 300 };

static void kills_change_nothing(void)
{
	place calm, killed;
	char expected[65], got[65];
	place_make(&calm);
	put_many(&calm, MANY);
	CHECK(import_from(&calm, NULL, 20000) == VIGIL_OK, "the undisturbed import fails: %s", error.text);
	digest_of(&calm, expected);
	unsigned seed = 12345;
	size_t kills = 0;
	for (int round = 0; round < 6; round++) {
		place_make(&killed);
		put_many(&killed, MANY);
		int status = -1;
		for (int attempt = 0; status != 0 && attempt < 200; attempt++) {
			pid_t child = start_import(&killed, 0);
			seed = seed * 1664525 + 1013904223;
			usleep(1000 + (seed >> 16) % 9000 + (unsigned)attempt * 4000);
			kill(child, SIGKILL);
			status = wait_for(child);
			kills += status == -1;
			digest_of(&killed, got); /* a store that is there is whole: what was, or what is to be */
			CHECK(!*got || strcmp(got, expected) == 0, "a half-written store");
		}
		CHECK(status == 0, "it never ends: status %d", status);
		digest_of(&killed, got);
		CHECK_TEXT(got, expected);
		place_remove(&killed);
	}
	CHECK(kills >= 6, "%zu kills are too few to show anything", kills);
	place_remove(&calm);
}

static void full_disks_are_survived(void)
{
	place at, calm;
	char expected[65], got[65];
	place_make(&calm);
	place_make(&at);
	put_many(&calm, MANY);
	put_many(&at, MANY);
	CHECK(import_from(&calm, NULL, 20000) == VIGIL_OK, "the undisturbed import fails: %s", error.text);
	digest_of(&calm, expected);
	for (rlim_t limit = 8192; limit < 100000; limit += 8192) {
		int status = wait_for(start_import(&at, limit));
		CHECK(status == 6 || status == 0, "with files of at most %d bytes it ends with %d", (int)limit, status);
		digest_of(&at, got);
		CHECK(!*got || strcmp(got, expected) == 0, "a half-written store");
	}
	CHECK(wait_for(start_import(&at, 0)) == 0, "it does not go on when there is room again");
	digest_of(&at, got);
	CHECK_TEXT(got, expected);
	place_remove(&at);
	place_remove(&calm);
}

/* ---- stores that are none, damaged, newer, in use -------------------------------------------------------------- */

static void expect_words(vigil_status status, vigil_status wanted, const char *words)
{
	CHECK(status == wanted, "status %d instead of %d", (int)status, (int)wanted);
	CHECK(strstr(error.text, words) != NULL || strstr(error.advice, words) != NULL, "\"%s\" is not said: %s %s", words,
	      error.text, error.advice);
	CHECK(*error.advice != '\0' && *error.file != '\0', "no advice or no file: %s", error.text);
}

static vigil_status try_open(const char *file)
{
	vg_population *population = NULL;
	error = (vigil_error)VIGIL_ERROR_INIT;
	vigil_status status = vg_population_open(file, NULL, &population, &error);
	vg_population_close(population);
	return status;
}

static void run_sql(const place *at, const char *sql)
{
	sqlite3 *database = NULL;
	CHECK(sqlite3_open(at->store, &database) == SQLITE_OK && sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK,
	      "no such SQL: %s", sql);
	sqlite3_close(database);
}

static void wrong_files_are_said(void)
{
	place at;
	place_make(&at);
	expect_words(try_open(at.store), VIGIL_BAD_INPUT, "No such file");
	expect_words(try_open(at.folder), VIGIL_BAD_INPUT, "not a file");
	put_file(&at, "x.db", "This is no database at all, whatever its name may say; it is text, and rather a lot of it.");
	expect_words(try_open(vg_format(&at.arena, "%s/x.db", at.input)), VIGIL_BAD_INPUT, "not a population store");
	drop_file(&at, "x.db");
	run_sql(&at, "CREATE TABLE t(x); PRAGMA application_id=7;");
	expect_words(try_open(at.store), VIGIL_BAD_INPUT, "not a population store");
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "a", ""));
	expect_words(import_from(&at, NULL, 0), VIGIL_BAD_INPUT, "not a population store");
	unlink(at.store);
	import_fine(&at, NULL);
	run_sql(&at, "PRAGMA user_version=99;");
	expect_words(try_open(at.store), VIGIL_BAD_INPUT, "newer release");
	expect_words(import_from(&at, NULL, 0), VIGIL_BAD_INPUT, "newer release");
	place_remove(&at);
}

static void stores_in_use_are_said(void)
{
	place at;
	place_make(&at);
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "a", ""));
	import_fine(&at, NULL);
	sqlite3 *other = NULL;
	sqlite3_open(at.store, &other);
	sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
	expect_words(try_open(at.store), VIGIL_BAD_OUTPUT, "Another process");
	expect_words(import_from(&at, NULL, 0), VIGIL_BAD_OUTPUT, "Another process");
	sqlite3_exec(other, "COMMIT; BEGIN; SELECT count(*) FROM patient", NULL, NULL, NULL);
	CHECK(try_open(at.store) == VIGIL_OK, "two cannot read: %s", error.text);
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "b", ""));
	expect_words(import_from(&at, NULL, 0), VIGIL_BAD_OUTPUT, "Another process");
	sqlite3_exec(other, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(other);
	import_fine(&at, NULL);
	CHECK(report.resumed && report.patients == 2, "it does not go on with what was read");
	place_remove(&at);
}

/* Whatever byte is changed: an error, or the same contents; never other ones. */
static void damage_is_found(void)
{
	place at;
	place_make(&at);
	put_many(&at, 40);
	import_fine(&at, NULL);
	static contents whole, got;
	CHECK(read_contents(&at, &whole) == VIGIL_OK && whole.facts == 200, "%zu facts", whole.facts);
	char *bytes = NULL;
	size_t length = 0, errors = 0;
	CHECK(vg_read_file(&at.arena, at.store, 0, &bytes, &length, NULL) == VIGIL_OK, "the store cannot be read");
	unsigned seed = 99;
	for (int i = 0; i < 4000; i++) {
		seed = seed * 1664525 + 1013904223;
		size_t changed = (seed >> 4) % length;
		if (!bytes[changed]) /* most of a small store is empty pages */
			continue;
		int file = open(at.store, O_RDWR);
		char other = (char)(bytes[changed] ^ (1 << (seed & 7)));
		CHECK(pwrite(file, &other, 1, (off_t)changed) == 1, "not written");
		vigil_status status = read_contents(&at, &got);
		errors += status != VIGIL_OK;
		CHECK(status != VIGIL_OK || strcmp(got.text, whole.text) == 0 || got.patients != whole.patients,
		      "byte %zu changes what is read", changed);
		CHECK(pwrite(file, bytes + changed, 1, (off_t)changed) == 1, "not written back");
		close(file);
	}
	CHECK(errors >= 20, "only %zu of the changes were found", errors);
	place_remove(&at);
}

static void parts_make_the_whole(void)
{
	for (uint64_t parts = 1; parts < 40; parts += 3) {
		uint64_t next = 0;
		for (uint64_t part = 1; part <= parts; part++) {
			vg_population_range range = vg_population_part(VG_WHOLE_POPULATION, part, parts);
			CHECK(range.from == next && range.until >= range.from, "part %d of %d does not follow", (int)part,
			      (int)parts);
			next = range.until;
		}
		CHECK(next == UINT64_C(1) << 63, "%d parts are not the whole", (int)parts);
	}
}

const test_case test_cases_population[] = {
    {"of two versions of a resource the newer counts, and the same import changes nothing", newer_counts},
    {"deletions are followed and not taken back by older deliveries", deletions_are_followed},
    {"persons of two sources with a common identifier are one", persons_are_joined},
    {"persons that are in the store already are joined when they turn out to be one", known_persons_are_joined_later},
    {"an identifier shared by persons of different birth dates joins nobody", other_birth_dates_are_others},
    {"a Medication may come before or after what refers to it, and may change", products_come_before_or_after},
    {"what cannot be used is listed with file, line and reason", bad_lines_are_listed},
    {"killed at any moment, the same import comes to the same end", kills_change_nothing},
    {"on a full disk nothing is half-written, and it goes on when there is room", full_disks_are_survived},
    {"a file that is no store, or of a newer version, is said to be so", wrong_files_are_said},
    {"a store in use is said to be so, and the import goes on later", stores_in_use_are_said},
    {"changed bytes are found, or change nothing", damage_is_found},
    {"the parts of a range follow each other and make the whole", parts_make_the_whole},
    {0},
};
