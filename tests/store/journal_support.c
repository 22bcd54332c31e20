/* Folders, rows and tampering for the journal's tests. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/journal_support.h"

void journal_place_make(journal_place *place)
{
	const char *base = getenv("TMPDIR");
	snprintf(place->folder, sizeof place->folder, "%.40s/vigil-store-XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
	CHECK(mkdtemp(place->folder) != NULL, "no temporary folder %s", place->folder);
	snprintf(place->file, sizeof place->file, "%s/journal.db", place->folder);
	snprintf(place->head, sizeof place->head, "%s.head", place->file);
	snprintf(place->key, sizeof place->key, "%s.key", place->file);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info, (void)kind, (void)where;
	return remove(path);
}

void journal_place_remove(journal_place *place) { nftw(place->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS); }

vg_journal *journal_open(const journal_place *place, vg_durability durability)
{
	vg_journal *journal = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_journal_config config = {.file = place->file, .durability = durability};
	vigil_status status = vg_journal_open(&config, &vg_system_allocator, &journal, &error);
	CHECK(status == VIGIL_OK && journal, "the journal does not open: %s (%s)", error.text, error.file);
	return journal;
}

vigil_status journal_try(const journal_place *place, vigil_error *err)
{
	vg_journal *journal = NULL;
	vg_journal_config config = {.file = place->file};
	vigil_status status = vg_journal_open(&config, &vg_system_allocator, &journal, err);
	vg_journal_close(journal);
	return status;
}

vigil_status journal_add(vg_journal *journal, uint64_t n, uint64_t *ret_number)
{
	char body[256], uuids[2][40];
	snprintf(uuids[0], sizeof uuids[0], "card-%llu-a", (unsigned long long)n);
	snprintf(uuids[1], sizeof uuids[1], "card-%llu-b", (unsigned long long)n);
	vg_journal_card cards[] = {{uuids[0], "warfarin-nsaid", "critical", "active"},
				   {uuids[1], "colorectal-cancer", "info", "shadow"}};
	snprintf(body, sizeof body, "{\"hook\":\"order-sign\",\"request\":\"row-%llu-\"}", (unsigned long long)n);
	vg_journal_row row = {.at = 1767225600000 + (int64_t)n * 1000,
			      .kind = "answer",
			      .body = body,
			      .cards = cards,
			      .card_count = n % 2 ? 2 : 0};
	vigil_status status = vg_journal_append(journal, &row, NULL);
	if (ret_number)
		*ret_number = row.number;
	return status;
}

void journal_fill(const journal_place *place, uint64_t rows)
{
	vg_journal *journal = journal_open(place, VG_DURABLE_PROCESS);
	for (uint64_t i = 1; journal && i <= rows; i++)
		CHECK(journal_add(journal, i, NULL) == VIGIL_OK, "row %llu is not written", (unsigned long long)i);
	vg_journal_close(journal);
}

void journal_tamper(const journal_place *place, const char *sql)
{
	sqlite3 *database = NULL;
	char *problem = NULL;
	CU_ASSERT_EQUAL(sqlite3_open(place->file, &database), SQLITE_OK);
	sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	int code = sqlite3_exec(database, sql, NULL, NULL, &problem);
	CHECK(code == SQLITE_OK, "%s: %s", sql, problem ? problem : "");
	sqlite3_free(problem);
	sqlite3_close(database);
}

vg_journal_report journal_verified(const journal_place *place)
{
	vg_journal_report report = {0};
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_status status = vg_journal_verify(place->file, NULL, &report, &error);
	CHECK(status == VIGIL_OK, "the journal cannot be read: %s", error.text);
	return report;
}

void copy_file(const char *from, const char *to)
{
	char bytes[65536];
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	CHECK(in && out, "%s cannot be copied to %s", from, to);
	for (size_t length; in && out && (length = fread(bytes, 1, sizeof bytes, in)) > 0;)
		fwrite(bytes, 1, length, out);
	if (in)
		fclose(in);
	if (out)
		fclose(out);
}
