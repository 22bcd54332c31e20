/*
 * Population stores that are none, damaged, in use, or of another version: each
 * is said, and no patient is ever left out of what is read without a word.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/population_internal.h"
#include "store/population_support.h"

static void expect_words(vigil_status status, vigil_status wanted, const char *words)
{
	CHECK(status == wanted, "status %d instead of %d", (int)status, (int)wanted);
	CHECK(strstr(last_error.text, words) != NULL || strstr(last_error.advice, words) != NULL, "\"%s\" is not said: %s %s",
	      words, last_error.text, last_error.advice);
	CHECK(*last_error.advice != '\0' && *last_error.file != '\0', "no advice or no file: %s", last_error.text);
}

static vigil_status try_open(const char *file)
{
	vg_population *population = NULL;
	last_error = (vigil_error)VIGIL_ERROR_INIT;
	vigil_status status = vg_population_open(file, NULL, &population, &last_error);
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
	unlink(at.store);
	import_fine(&at, NULL);
	run_sql(&at, "DROP TABLE part;");
	expect_words(try_open(at.store), VIGIL_BAD_INPUT, "lacks 1 of the 10 tables");
	expect_words(import_from(&at, NULL, 0), VIGIL_BAD_INPUT, "lacks 1 of the 10 tables");
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
	CHECK(try_open(at.store) == VIGIL_OK, "two cannot read: %s", last_error.text);
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
		CHECK(status != VIGIL_OK || (strcmp(got.text, whole.text) == 0 && got.patients == whole.patients),
		      "byte %zu changes what is read", changed);
		CHECK(pwrite(file, bytes + changed, 1, (off_t)changed) == 1, "not written back");
		close(file);
	}
	CHECK(errors >= 20, "only %zu of the changes were found", errors);
	place_remove(&at);
}

/* The smallest number in the store, as SQL. */
#define FIRST "(SELECT min(number) FROM patient)"

static void lost_patients_are_found(void)
{
	static const char *const losses[] = {
	    "DELETE FROM patient WHERE number = " FIRST,
	    "DELETE FROM patient WHERE number = (SELECT max(number) FROM patient)",
	    "UPDATE patient SET number = number + 1 WHERE number = " FIRST,
	    "UPDATE patient SET number = number | (1 << 55) WHERE number = (SELECT number FROM patient WHERE number & (1 << "
	    "55) = 0 "
	    "LIMIT 1)",
	    "UPDATE patient SET record = (SELECT record FROM patient WHERE number <> " FIRST " LIMIT 1) WHERE number = " FIRST,
	    "DELETE FROM patient",
	    "UPDATE part SET patients = patients + 1 WHERE number = (SELECT min(number) FROM part)",
	    "DELETE FROM part WHERE number = (SELECT min(number) FROM part)",
	    "UPDATE figures SET patients = patients - 1",
	    "UPDATE figures SET sum = sum + 1",
	};
	place at;
	place_make(&at);
	put_many(&at, 40);
	import_fine(&at, NULL);
	const char *copy = vg_format(&at.arena, "cp %s %s.whole", at.store, at.store);
	const char *back = vg_format(&at.arena, "cp %s.whole %s", at.store, at.store);
	CHECK(system(copy) == 0, "no copy of the store");
	static contents whole, got;
	CHECK(read_contents(&at, &whole) == VIGIL_OK && whole.patients > 20, "%zu patients", whole.patients);
	for (size_t i = 0; i < VG_COUNT(losses); i++) {
		run_sql(&at, losses[i]);
		last_error = (vigil_error)VIGIL_ERROR_INIT;
		vigil_status status = read_contents(&at, &got);
		CHECK(status == VIGIL_BAD_INPUT && strstr(last_error.advice, "damaged") && *last_error.file, "%s: %d, %s",
		      losses[i], (int)status, last_error.text);
		CHECK(system(back) == 0, "no whole store");
	}
	CHECK(read_contents(&at, &got) == VIGIL_OK && got.patients == whole.patients, "the copy is not whole");
	place_remove(&at);
}

/* Shards and batches each look at their own part of the store; the loss is found by whoever has it. */
static void losses_are_found_in_their_part(void)
{
	place at;
	place_make(&at);
	put_many(&at, 40);
	import_fine(&at, NULL);
	run_sql(&at, "DELETE FROM patient WHERE number = " FIRST);
	vg_population *population = NULL;
	vg_cursor *cursor = NULL;
	CHECK(vg_population_open(at.store, NULL, &population, &last_error) == VIGIL_OK, "not opened: %s", last_error.text);
	CHECK(vg_cursor_open(population, &cursor, &last_error) == VIGIL_OK, "no cursor: %s", last_error.text);
	size_t failed = 0, read = 0;
	for (uint64_t part = 1; part <= 7; part++) {
		vigil_status status = vg_cursor_seek(cursor, vg_population_part(VG_WHOLE_POPULATION, part, 7), &last_error);
		for (bool more = true; status == VIGIL_OK && more; read += more) {
			uint64_t number;
			vg_packed packed;
			status = vg_cursor_next(cursor, &number, &packed, &more, &last_error);
		}
		failed += status != VIGIL_OK;
		CHECK(status == VIGIL_OK || part == 1, "part %d fails: %s", (int)part, last_error.text);
	}
	CHECK(failed == 1, "the loss is not found");
	vg_cursor_close(cursor);
	vg_population_close(population);
	place_remove(&at);
}

static void imports_between_are_said(void)
{
	place at;
	place_make(&at);
	put_many(&at, 40);
	import_fine(&at, NULL);
	vg_population *population = NULL;
	vg_cursor *cursor = NULL;
	uint64_t number;
	vg_packed packed;
	bool more = true;
	CHECK(vg_population_open(at.store, NULL, &population, &last_error) == VIGIL_OK, "not opened: %s", last_error.text);
	put_many(&at, 90);
	import_fine(&at, NULL);
	vigil_status status = vg_cursor_open(population, &cursor, &last_error);
	if (status == VIGIL_OK)
		status = vg_cursor_seek(cursor, VG_WHOLE_POPULATION, &last_error);
	while (status == VIGIL_OK && more)
		status = vg_cursor_next(cursor, &number, &packed, &more, &last_error);
	expect_words(status, VIGIL_BAD_INPUT, "An import changed the population store");
	vg_cursor_close(cursor);
	vg_population_close(population);
	place_remove(&at);
}

/* Moves patient "a" to the number of "b", as if the hash gave both the same one. */
static void same_numbers_are_refused(void)
{
	place at;
	place_make(&at);
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "a", ""));
	import_fine(&at, NULL);
	uint64_t a = vg_join_number("main", "a"), b = vg_join_number("main", "b");
	char digest[65];
	digest_of(&at, digest);
	run_sql(&at, vg_format(&at.arena, "UPDATE patient SET number = %llu WHERE number = %llu", (unsigned long long)b,
			       (unsigned long long)a));
	put_file(&at, "Patient.ndjson", patient_line(&at.arena, "b", ""));
	expect_words(import_from(&at, NULL, 0), VIGIL_BAD_INPUT, "have the same number");
	char after[65];
	digest_of(&at, after);
	CHECK_TEXT(after, digest);
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

const test_case test_cases_population_damage[] = {
    {"a file that is no store, or of a newer version, is said to be so", wrong_files_are_said},
    {"a store in use is said to be so, and the import goes on later", stores_in_use_are_said},
    {"changed bytes are found, or change nothing", damage_is_found},
    {"a patient that is lost, moved or changed in the store is found", lost_patients_are_found},
    {"a lost patient is found by the part of the population that he is in", losses_are_found_in_their_part},
    {"an import that changes a store while it is read is said", imports_between_are_said},
    {"two patients whose numbers are the same are refused", same_numbers_are_refused},
    {"the parts of a range follow each other and make the whole", parts_make_the_whole},
    {0},
};
