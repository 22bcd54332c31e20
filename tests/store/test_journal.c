/* Appending: numbers, threads, killed processes, full disks, and files that are no journal. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/journal_internal.h"
#include "store/journal_support.h"

static void appends_and_reads_back(void)
{
	journal_place place;
	journal_place_make(&place);
	char rule[64] = "";
	vg_journal *journal = journal_open(&place, VG_DURABLE_PROCESS);
	for (uint64_t i = 1; i <= 3; i++) {
		uint64_t number = 0;
		CU_ASSERT_EQUAL(journal_add(journal, i, &number), VIGIL_OK);
		CU_ASSERT_EQUAL(number, i);
	}
	CU_ASSERT_TRUE(vg_journal_card_rule(journal, "card-3-b", rule, sizeof rule));
	CHECK_TEXT(rule, "colorectal-cancer");
	CU_ASSERT_FALSE(vg_journal_card_rule(journal, "card-2-a", rule, sizeof rule));
	CU_ASSERT_TRUE(vg_journal_card_rule(journal, "card-1-a", rule, 4));
	CHECK_TEXT(rule, "war");
	vg_journal_close(journal);
	journal = journal_open(&place, VG_DURABLE_POWER);
	uint64_t number = 0;
	CU_ASSERT_EQUAL(journal_add(journal, 4, &number), VIGIL_OK);
	CU_ASSERT_EQUAL(number, 4);
	vg_journal_report live = journal_verified(&place);
	CHECK(live.rows == 4 && live.problem[0] == '\0', "read beside the writer: %s", live.problem);
	vg_journal_close(journal);
	vg_journal_report report = journal_verified(&place);
	CHECK_TEXT(report.problem, "");
	CU_ASSERT_EQUAL(report.rows, 4);
	CU_ASSERT_EQUAL(report.checkpoint, 4);
	CU_ASSERT_EQUAL(report.bad_row, 0);
	struct stat info;
	const char *const files[] = {place.file, place.key, place.head};
	for (size_t i = 0; i < 3; i++)
		CHECK(stat(files[i], &info) == 0 && (info.st_mode & 077) == 0, "%s can be read by others", files[i]);
	journal_place_remove(&place);
}

static bool count_row(void *user, const vg_journal_row *row)
{
	uint64_t *state = user; /* count, first, most */
	if (state[0]++ == 0)
		state[1] = row->number;
	return state[0] < state[2];
}

static void reads_a_range(void)
{
	journal_place place;
	journal_place_make(&place);
	journal_fill(&place, 9);
	const struct {
		int64_t from, until;
		uint64_t most, count, first;
	} cases[] = {
	    {INT64_MIN, INT64_MAX, 99, 9, 1},
	    {1767225603000, 1767225606000, 99, 3, 3},
	    {1767225603000, 1767225603000, 99, 0, 0},
	    {INT64_MIN, INT64_MAX, 2, 2, 1},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		uint64_t state[3] = {0, 0, cases[i].most};
		CU_ASSERT_EQUAL(vg_journal_read(place.file, cases[i].from, cases[i].until, count_row, state, NULL), VIGIL_OK);
		CHECK(state[0] == cases[i].count && state[1] == cases[i].first, "range %zu: %llu rows from %llu on", i,
		      (unsigned long long)state[0], (unsigned long long)state[1]);
	}
	journal_place_remove(&place);
}

enum { THREADS = 8, EACH = 100 };
typedef struct appender {
	vg_journal *journal;
	uint64_t numbers[EACH];
	unsigned base, failures;
} appender;

static void *append_many(void *user)
{
	appender *own = user;
	char rule[64];
	for (unsigned i = 0; i < EACH; i++) {
		char uuid[40];
		own->failures += journal_add(own->journal, own->base + i, &own->numbers[i]) != VIGIL_OK;
		snprintf(uuid, sizeof uuid, "card-%u-a", (own->base + i) | 1u);
		if ((own->base + i) % 2)
			own->failures += !vg_journal_card_rule(own->journal, uuid, rule, sizeof rule);
	}
	return NULL;
}

static void appends_from_threads(vg_durability durability)
{
	static appender appenders[THREADS];
	static bool seen[THREADS * EACH + 1];
	journal_place place;
	pthread_t threads[THREADS];
	journal_place_make(&place);
	memset(seen, 0, sizeof seen);
	vg_journal *journal = journal_open(&place, durability);
	for (unsigned i = 0; i < THREADS; i++) {
		appenders[i] = (appender){.journal = journal, .base = 1 + i * EACH};
		CU_ASSERT_EQUAL(pthread_create(&threads[i], NULL, append_many, &appenders[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		CU_ASSERT_EQUAL(appenders[i].failures, 0);
		for (unsigned j = 0; j < EACH; j++) {
			uint64_t number = appenders[i].numbers[j];
			CHECK(number >= 1 && number <= THREADS * EACH && !seen[number], "row %llu is given twice",
			      (unsigned long long)number);
			if (number <= THREADS * EACH)
				seen[number] = true;
		}
	}
	vg_journal_close(journal);
	vg_journal_report report = journal_verified(&place);
	CHECK_TEXT(report.problem, "");
	CU_ASSERT_EQUAL(report.rows, THREADS * EACH);
	journal_place_remove(&place);
}
static void threads_of_a_process(void) { appends_from_threads(VG_DURABLE_PROCESS); }
static void threads_under_power_loss(void) { appends_from_threads(VG_DURABLE_POWER); }

/* One row that no tail has room for fails alone. */
static void *append_too_large(void *user)
{
	static char body[VG_TAIL_ROOM + 1];
	appender *own = user;
	memset(body, ' ', sizeof body - 1);
	for (unsigned i = 0; i < EACH; i++) {
		vg_journal_row row = {.kind = "answer", .body = body};
		vigil_error error = VIGIL_ERROR_INIT;
		own->failures += vg_journal_append(own->journal, &row, &error) == VIGIL_BAD_OUTPUT && error.text[0];
	}
	return NULL;
}

static void a_bad_row_fails_alone(void)
{
	static appender good, bad;
	journal_place place;
	pthread_t threads[2];
	journal_place_make(&place);
	vg_journal *journal = journal_open(&place, VG_DURABLE_POWER);
	good = (appender){.journal = journal, .base = 1};
	bad = (appender){.journal = journal};
	pthread_create(&threads[0], NULL, append_many, &good);
	pthread_create(&threads[1], NULL, append_too_large, &bad);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	vg_journal_close(journal);
	CU_ASSERT_EQUAL(good.failures, 0);
	CU_ASSERT_EQUAL(bad.failures, EACH);
	vg_journal_report report = journal_verified(&place);
	CHECK(report.problem[0] == '\0' && report.rows == EACH, "%llu rows: %s", (unsigned long long)report.rows,
	      report.problem);
	journal_place_remove(&place);
}

/* ---- a killed process ---------------------------------------------------------------- */

typedef struct killed {
	vg_journal *journal;
	int pipe;
	uint64_t base;
} killed;

static void *append_for_ever(void *user)
{
	killed *own = user;
	for (uint64_t i = 0;; i++) {
		uint64_t number = 0;
		if (journal_add(own->journal, own->base + i, &number) != VIGIL_OK ||
		    write(own->pipe, &number, sizeof number) != sizeof number)
			_exit(9);
	}
	return NULL;
}

static void be_killed(const journal_place *place, vg_durability durability, int pipe, uint64_t base)
{
	static killed own[3];
	pthread_t threads[3];
	vg_journal *journal = NULL;
	vg_journal_config config = {.file = place->file, .durability = durability};
	if (vg_journal_open(&config, &vg_system_allocator, &journal, NULL) != VIGIL_OK)
		_exit(8);
	for (unsigned i = 0; i < 3; i++) {
		own[i] = (killed){journal, pipe, base + i * 10000000u};
		if (pthread_create(&threads[i], NULL, append_for_ever, &own[i]) != 0)
			_exit(7);
	}
	for (;;)
		pause();
}

static void survives_kills(vg_durability durability, unsigned rounds)
{
	journal_place place;
	uint64_t acknowledged = 0, total = 0;
	journal_place_make(&place);
	for (unsigned round = 0; round < rounds; round++) {
		int ends[2], state = 0;
		uint64_t number;
		CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
		pid_t child = fork();
		if (child == 0)
			be_killed(&place, durability, ends[1], 1 + round * 100000000ull);
		close(ends[1]);
		/* Killed somewhere behind a number of rows that differs from round to round. */
		unsigned wanted = 1 + round * 37 % 90;
		for (unsigned i = 0; i < wanted && read(ends[0], &number, sizeof number) == sizeof number; i++, total++)
			acknowledged = number > acknowledged ? number : acknowledged;
		kill(child, SIGKILL);
		waitpid(child, &state, 0);
		for (; read(ends[0], &number, sizeof number) == sizeof number; total++)
			acknowledged = number > acknowledged ? number : acknowledged;
		close(ends[0]);
		CHECK(WIFSIGNALED(state), "round %u: the child ended with %d", round, WEXITSTATUS(state));
		if (round % 10 == 9 || round + 1 == rounds) {
			vg_journal_report report = journal_verified(&place);
			CHECK(report.problem[0] == '\0', "round %u, row %llu: %s", round, (unsigned long long)report.bad_row,
			      report.problem);
			CHECK(report.rows >= acknowledged, "round %u: row %llu was acknowledged, %llu are there", round,
			      (unsigned long long)acknowledged, (unsigned long long)report.rows);
		}
	}
	CHECK(total >= rounds, "only %llu rows were acknowledged", (unsigned long long)total);
	journal_place_remove(&place);
}
static void killed_as_a_process(void) { survives_kills(VG_DURABLE_PROCESS, 100); }
static void killed_with_power(void) { survives_kills(VG_DURABLE_POWER, 20); }

/* ---- what cannot be written ---------------------------------------------------------------- */

static void survives_a_full_disk(vg_durability durability)
{
	journal_place place;
	int state = 0;
	journal_place_make(&place);
	journal_fill(&place, 2);
	pid_t child = fork();
	if (child == 0) { /* files of this process may not grow beyond 200 kB; writing more fails as a full disk does */
		vg_journal *journal = NULL;
		vigil_error error = VIGIL_ERROR_INIT;
		vg_journal_config config = {.file = place.file, .durability = durability};
		struct rlimit limit, old;
		signal(SIGXFSZ, SIG_IGN);
		getrlimit(RLIMIT_FSIZE, &old);
		limit = old;
		limit.rlim_cur = 200000;
		if (setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
		    vg_journal_open(&config, &vg_system_allocator, &journal, &error) != VIGIL_OK)
			_exit(10);
		uint64_t good = 0, row = 3;
		/* A tail that is full has room again as long as the keeper can still move it. */
		for (int refused = 0; refused < 10 && row < 20000; row++) {
			char body[512] = "{}";
			memset(body + 2, ' ', sizeof body - 3);
			vg_journal_row next = {.kind = "answer", .body = body};
			refused = vg_journal_append(journal, &next, &error) == VIGIL_OK ? 0 : refused + 1;
			good += refused == 0;
			if (refused && (error.status != VIGIL_BAD_OUTPUT || !error.text[0] || !error.advice[0]))
				_exit(12);
			if (refused)
				usleep(10000);
		}
		if (row == 20000)
			_exit(11);             /* it had room all the time: the test would show nothing */
		setrlimit(RLIMIT_FSIZE, &old); /* room again: the same journal goes on */
		if (journal_add(journal, row, NULL) != VIGIL_OK)
			_exit(13);
		vg_journal_close(journal);
		vg_journal_report report;
		if (vg_journal_verify(place.file, NULL, &report, NULL) != VIGIL_OK || report.problem[0])
			_exit(14);
		_exit(good > 3 && report.rows == good + 3 ? 0 : 15);
	}
	waitpid(child, &state, 0);
	CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 0, "a full disk: step %d went wrong", WEXITSTATUS(state));
	journal_place_remove(&place);
}
static void full_disk(void) { survives_a_full_disk(VG_DURABLE_PROCESS); }
static void full_disk_with_power(void) { survives_a_full_disk(VG_DURABLE_POWER); }

static void refuses(const journal_place *place, vigil_status expected, const char *what)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_status status = journal_try(place, &error);
	CHECK(status == expected, "%s: status %d: %s", what, (int)status, error.text);
	CHECK(error.text[0] && error.advice[0] && error.file[0], "%s: no text, advice or file", what);
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");
	fputs(text, file);
	fclose(file);
}

static void refuses_what_is_no_journal(void)
{
	journal_place place, other;
	vigil_error error = VIGIL_ERROR_INIT;
	journal_place_make(&place);
	journal_place_make(&other);
	snprintf(other.file, sizeof other.file, "%s/nowhere/journal.db", other.folder);
	refuses(&other, VIGIL_BAD_OUTPUT, "a folder that is not there");
	snprintf(other.file, sizeof other.file, "%s", other.folder);
	refuses(&other, VIGIL_BAD_OUTPUT, "a folder instead of a file");
	write_text(place.file,
		   "This is a text, and a long one, so that SQLite has a header to look at; it is not a database.\n");
	refuses(&place, VIGIL_BAD_INPUT, "a text");
	unlink(place.file);
	journal_tamper(&place, "CREATE TABLE a(b)");
	refuses(&place, VIGIL_BAD_INPUT, "another database");
	unlink(place.file);
	vg_journal_report report;
	CU_ASSERT_EQUAL(vg_journal_verify(place.file, NULL, &report, &error), VIGIL_BAD_INPUT);
	write_text(place.file, "");
	CU_ASSERT_EQUAL(vg_journal_verify(place.file, NULL, &report, &error), VIGIL_BAD_INPUT);
	journal_fill(&place, 2); /* an empty file may become one */
	journal_tamper(&place, "PRAGMA user_version=2");
	refuses(&place, VIGIL_BAD_INPUT, "a newer version");
	CU_ASSERT_EQUAL(vg_journal_verify(place.file, NULL, &report, &error), VIGIL_BAD_INPUT);
	CHECK(strstr(error.text, "newer") != NULL, "%s", error.text);
	journal_place_remove(&place);
	journal_place_remove(&other);
}

static void refuses_a_second_writer(void)
{
	journal_place place;
	int state = 0;
	journal_place_make(&place);
	vg_journal *journal = journal_open(&place, VG_DURABLE_PROCESS);
	CU_ASSERT_EQUAL(journal_add(journal, 1, NULL), VIGIL_OK);
	refuses(&place, VIGIL_BAD_OUTPUT, "a second writer in this process");
	pid_t child = fork();
	if (child == 0)
		_exit(journal_try(&place, NULL) == VIGIL_BAD_OUTPUT ? 0 : 1);
	waitpid(child, &state, 0);
	CU_ASSERT_TRUE(WIFEXITED(state) && WEXITSTATUS(state) == 0);
	CU_ASSERT_EQUAL(journal_add(journal, 2, NULL), VIGIL_OK);
	vg_journal_close(journal);
	CU_ASSERT_EQUAL(journal_try(&place, NULL), VIGIL_OK);
	CHECK_TEXT(journal_verified(&place).problem, "");
	journal_place_remove(&place);
}

static void refuses_another_key(void)
{
	journal_place place;
	char kept[128];
	journal_place_make(&place);
	journal_fill(&place, 3);
	snprintf(kept, sizeof kept, "%s.kept", place.key);
	rename(place.key, kept);
	refuses(&place, VIGIL_BAD_INPUT, "no key");
	write_text(place.key, "0123456789abcdef0123456789abcdef");
	refuses(&place, VIGIL_BAD_INPUT, "a key that others may read");
	chmod(place.key, 0600);
	refuses(&place, VIGIL_BAD_INPUT, "another key");
	CU_ASSERT_EQUAL(journal_verified(&place).bad_row, 1);
	write_text(place.key, "0123456789abcdef0123456789abcde");
	refuses(&place, VIGIL_BAD_INPUT, "a short key");
	write_text(place.key, "0123456789abcdef0123456789abcdef0");
	refuses(&place, VIGIL_BAD_INPUT, "a long key");
	rename(kept, place.key);
	CU_ASSERT_EQUAL(journal_try(&place, NULL), VIGIL_OK);
	journal_place_remove(&place);
}

static void hashes_with_the_key(void)
{
	journal_place places[2];
	char hashes[2][33], other[33];
	for (int i = 0; i < 2; i++) {
		journal_place_make(&places[i]);
		vg_journal *journal = journal_open(&places[i], VG_DURABLE_PROCESS);
		vg_journal_hash(journal, "Patient/1", hashes[i]);
		vg_journal_hash(journal, "Patient/2", other);
		CU_ASSERT_STRING_NOT_EQUAL(hashes[i], other);
		vg_journal_hash(journal, "Patient/1", other);
		CHECK_TEXT(other, hashes[i]);
		CU_ASSERT_EQUAL(strspn(other, "0123456789abcdef"), 32);
		vg_journal_close(journal);
		journal_place_remove(&places[i]);
	}
	CU_ASSERT_STRING_NOT_EQUAL(hashes[0], hashes[1]);
}

static void opens_or_says_no_memory(void)
{
	journal_place place;
	journal_place_make(&place);
	for (size_t fail_at = 1; fail_at < 50; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		vg_allocator allocator = {test_resize, &state};
		vg_journal *journal = NULL;
		vg_journal_config config = {.file = place.file, .durability = VG_DURABLE_POWER};
		vigil_status status = vg_journal_open(&config, &allocator, &journal, NULL);
		CHECK(status == (journal ? VIGIL_OK : VIGIL_NO_MEMORY), "allocation %zu: status %d", fail_at, (int)status);
		vg_journal_close(journal);
		CHECK(state.live_blocks == 0, "allocation %zu: %zu blocks are left", fail_at, state.live_blocks);
		if (state.calls < fail_at)
			break;
		CU_ASSERT_NOT_EQUAL(fail_at, 49);
	}
	journal_place_remove(&place);
}

const test_case test_cases_journal[] = {
    {"rows are numbered, found and read back", appends_and_reads_back},
    {"a range of time is read in order", reads_a_range},
    {"eight threads append, durable over a kill", threads_of_a_process},
    {"eight threads append, durable over a power loss", threads_under_power_loss},
    {"one bad row does not fail those gathered with it", a_bad_row_fails_alone},
    {"100 SIGKILLs lose no acknowledged row", killed_as_a_process},
    {"20 SIGKILLs lose no acknowledged row of a gathering writer", killed_with_power},
    {"a full disk fails the row, and the journal goes on", full_disk},
    {"a full disk fails gathered rows, and the journal goes on", full_disk_with_power},
    {"what is no journal is refused and told", refuses_what_is_no_journal},
    {"a second writer is locked out", refuses_a_second_writer},
    {"another key is refused", refuses_another_key},
    {"a patient's hash depends on the key", hashes_with_the_key},
    {"no memory is told, and nothing leaks", opens_or_says_no_memory},
    {0},
};
