/*
 * The population store: what an import makes of files, again and again, and
 * what it does when it is killed and when the disk is full.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/population_support.h"

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

/* Bundles that delete the first result of many patients, of whom one says it twice; the older word comes later. */
static void put_deletions(place *at, int patients)
{
	vg_buffer out;
	vg_buffer_init(&out, &at->arena);
	for (int i = 0; i <= patients; i++)
		vg_addf(&out,
			"{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"timestamp\":\"%s\",\"entry\":[{\"request\":{"
			"\"method\":\"DELETE\",\"url\":\"Observation/o%d-0\"}}]}\n",
			i < patients ? NEWER : OLDER, i % patients);
	put_file(at, "gone.ndjson", vg_buffer_text(&out));
	drop_file(at, "Observation.ndjson");
}

/* However small the pieces are in which patients and deletions are worked on, the store is the same. */
static void small_pieces_make_no_difference(void)
{
	enum { SOME = 60 };
	char whole[65], pieces[65];
	static contents got;
	for (int step = 0; step < 2; step++) {
		place at;
		size_t checkpoint = step ? 20000 : 0;
		place_make(&at);
		put_many(&at, SOME);
		CHECK(import_from(&at, NULL, checkpoint) == VIGIL_OK, "the import fails: %s", last_error.text);
		put_deletions(&at, SOME);
		CHECK(import_from(&at, NULL, checkpoint) == VIGIL_OK, "the second import fails: %s", last_error.text);
		CHECK(report.deletions == SOME + 1, "%d deletions", (int)report.deletions);
		digest_of(&at, step ? pieces : whole);
		CHECK(read_contents(&at, &got) == VIGIL_OK && got.facts == 4 * SOME, "%zu facts are left", got.facts);
		/* Delivered between the two words about it: gone. */
		put_file(&at, "Observation.ndjson", a1c_line(&at.arena, "o0-0", "p0", "7", "2025-06-01T00:00:00Z"));
		drop_file(&at, "gone.ndjson");
		CHECK(import_from(&at, NULL, checkpoint) == VIGIL_OK, "the third import fails: %s", last_error.text);
		CHECK(read_contents(&at, &got) == VIGIL_OK && got.facts == 4 * SOME, "a deleted result is back");
		place_remove(&at);
	}
	CHECK_TEXT(pieces, whole);
}

/* Files whose results have templates of their own, lines that cannot be read, and a bundle that is a file. */
static void put_kinds(place *at, int kinds)
{
	put_many(at, 20);
	for (int kind = 0; kind < kinds; kind++) {
		vg_buffer out;
		vg_buffer_init(&out, &at->arena);
		for (int i = 0; i < 20; i++)
			vg_addf(
			    &out,
			    "{\"resourceType\":\"Observation\",\"id\":\"k%d-%d\",\"status\":\"final\",\"code\":{\"text\":\"A "
			    "result "
			    "that only laboratory %d has\"},\"subject\":{\"reference\":\"Patient/p%d\"},\"effectiveDateTime\":"
			    "\"2026-01-05\"}\n",
			    kind, i, kind, i);
		vg_add(&out, "{\"resourceType\":\n");
		put_file(at, vg_format(&at->arena, "Kind%02d.ndjson", kind), vg_buffer_text(&out));
	}
	put_file(at, "bundle.json",
		 vg_format(&at->arena, "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[{\"resource\":%s}]}",
			   a1c_line(&at->arena, "b1", "p1", "7", OLDER)));
}

/* The store has the same contents whatever the threads, also while its dictionary becomes full. */
static void threads_make_no_difference(void)
{
	static const size_t dictionaries[] = {0, 6, 1};
	char first[VG_COUNT(dictionaries)][65], got[65];
	for (size_t i = 0; i < VG_COUNT(dictionaries); i++) {
		for (unsigned jobs = 1; jobs <= 5; jobs++) {
			place at;
			place_make(&at);
			put_kinds(&at, 12);
			import_jobs = jobs;
			import_dictionary = dictionaries[i];
			import_fine(&at, NULL);
			CHECK(report.bad == 12 && report.files == 15 && report.texts == 120 + 12 * 21 + 1,
			      "%d bad, %d files, %d texts", (int)report.bad, (int)report.files, (int)report.texts);
			digest_of(&at, jobs == 1 ? first[i] : got);
			if (jobs > 1)
				CHECK_TEXT(got, first[i]);
			place_remove(&at);
		}
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(first[k], first[i]) != 0, "a full dictionary changes nothing");
	}
	import_jobs = 0;
	import_dictionary = 0;
}

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
	CHECK(report.changed == 1 && report.added == 0, "%d changed, %d added", (int)report.changed, (int)report.added);
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
	CHECK(report.changed == 1 && report.joined == 1, "%d changed: both words about the one person are one change",
	      (int)report.changed);
	place_remove(&at);
}

/* The number that a person gets by an identifier may have no row yet: he is the same person all the same. */
static void moved_persons_are_not_added(void)
{
	place at;
	place_make(&at);
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "b", ""));
	put_file(&at, "Observation.ndjson", a1c_line(&at.arena, "o2", "b", "8", OLDER));
	import_fine(&at, NULL);
	put_file(&at, "Patient.ndjson",
		 vg_format(&at.arena, "%s%s", patient_line(&at.arena, "a", SHARED), patient_line(&at.arena, "b", SHARED)));
	drop_file(&at, "Observation.ndjson");
	import_fine(&at, NULL);
	check_contents(&at, 1, "Observation/o2=8 %;");
	CHECK(report.patients == 1 && report.added == 0 && report.changed == 1 && report.joined == 1,
	      "%d added, %d changed, %d joined", (int)report.added, (int)report.changed, (int)report.joined);
	place_remove(&at);
}

/* A panel of one source and a result of the other by the same id. */
static void keys_are_of_their_source(void)
{
	static const char report_line[] =
	    "{\"resourceType\":\"DiagnosticReport\",\"id\":\"r\",\"status\":\"final\",\"code\":{\"coding\":[{\"system\":\"http:"
	    "//"
	    "loinc.org\",\"code\":\"24323-8\"}]},\"subject\":{\"reference\":\"Patient/%s\"},\"result\":[{\"reference\":"
	    "\"Observation/1\"}]}\n";
	place at;
	place_make(&at);
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "a", SHARED));
	put_file(&at, "Observation.ndjson", a1c_line(&at.arena, "1", "a", "7", OLDER));
	put_file(&at, "DiagnosticReport.ndjson", vg_format(&at.arena, report_line, "a"));
	import_fine(&at, "north");
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "z", SHARED));
	put_file(&at, "Observation.ndjson", a1c_line(&at.arena, "1", "z", "8", OLDER));
	put_file(&at, "DiagnosticReport.ndjson", vg_format(&at.arena, report_line, "z"));
	import_fine(&at, "south");
	static contents got;
	vigil_status status = read_contents(&at, &got);
	CHECK(status == VIGIL_OK && got.patients == 1 && got.facts == 4, "%zu facts: %s", got.facts, last_error.text);
	CHECK(got.linked == 2 && strstr(got.links, "7 %;") && strstr(got.links, "8 %;"),
	      "two reports do not have a result each: %s", got.links);
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
		fprintf(stderr, "the import ends with %s (%s)\n", last_error.text, last_error.file);
	_exit(status == VIGIL_OK ? 0 : status == VIGIL_BAD_OUTPUT && *last_error.advice ? 6 : 99);
}

static int wait_for(pid_t child)
{
	int status = 0;
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

enum { MANY = 300, KILLS = 60 };

static void kills_change_nothing(void)
{
	place calm, killed;
	char expected[65], got[65];
	place_make(&calm);
	put_many(&calm, MANY);
	CHECK(import_from(&calm, NULL, 20000) == VIGIL_OK, "the undisturbed import fails: %s", last_error.text);
	digest_of(&calm, expected);
	unsigned seed = 12345;
	size_t kills = 0;
	for (int round = 0; round < 6; round++) {
		place_make(&killed);
		put_many(&killed, MANY);
		import_jobs = 1 + (unsigned)round % 3;
		int status = -1;
		for (unsigned attempt = 0; status != 0 && attempt <= KILLS; attempt++) {
			pid_t child = start_import(&killed, 0);
			seed = seed * 1664525 + 1013904223;
			usleep(1000 + (seed >> 16) % 9000 + attempt * 4000);
			if (attempt < KILLS) /* the last one is let be: a slow machine may have finished none */
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
	import_jobs = 0;
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
	CHECK(import_from(&calm, NULL, 20000) == VIGIL_OK, "the undisturbed import fails: %s", last_error.text);
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

const test_case test_cases_population[] = {
    {"of two versions of a resource the newer counts, and the same import changes nothing", newer_counts},
    {"deletions are followed and not taken back by older deliveries", deletions_are_followed},
    {"patients and deletions in small pieces or in one: the same store", small_pieces_make_no_difference},
    {"however many threads read: the same store, also when its dictionary is full", threads_make_no_difference},
    {"who gets another number by an identifier is changed, not added", moved_persons_are_not_added},
    {"persons of two sources with a common identifier are one", persons_are_joined},
    {"persons that are in the store already are joined when they turn out to be one", known_persons_are_joined_later},
    {"an identifier shared by persons of different birth dates joins nobody", other_birth_dates_are_others},
    {"a Medication may come before or after what refers to it, and may change", products_come_before_or_after},
    {"what cannot be used is listed with file, line and reason", bad_lines_are_listed},
    {"killed at any moment, the same import comes to the same end", kills_change_nothing},
    {"on a full disk nothing is half-written, and it goes on when there is room", full_disks_are_survived},
    {"ids of two sources of one person stay apart", keys_are_of_their_source},
    {0},
};
