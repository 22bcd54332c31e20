/* Folders, rows and tampering for the journal's tests. */
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/journal_internal.h"
#include "store/journal_support.h"

void journal_place_make(journal_place *place)
{
	const char *base = getenv("TMPDIR");
	snprintf(place->folder, sizeof place->folder, "%.40s/vigil-store-XXXXXX", base && strlen(base) < 40 ? base : "/tmp");
	CHECK(mkdtemp(place->folder) != NULL, "no temporary folder %s", place->folder);
	snprintf(place->file, sizeof place->file, "%s/journal.db", place->folder);
	snprintf(place->head, sizeof place->head, "%s.head", place->file);
	snprintf(place->key, sizeof place->key, "%s.key", place->file);
	for (int i = 0; i < 2; i++)
		snprintf(place->tails[i], sizeof place->tails[i], "%s.tail-%c", place->file, "ab"[i]);
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

/* ---- a journal that was killed -------------------------------------------------------------- */

static bool appends_to_second(vg_journal *journal)
{
	pthread_mutex_lock(&journal->lock);
	bool second = journal->tail == &journal->tails[1];
	pthread_mutex_unlock(&journal->lock);
	return second;
}

/* Rows are moved by a second connection's leave only. */
static void be_killed_with(const journal_place *place, vg_durability durability, uint64_t moved, uint64_t rows)
{
	vg_journal *journal = NULL;
	vg_journal_health health;
	sqlite3 *other = NULL;
	vg_journal_config config = {.file = place->file, .durability = durability};
	if (vg_journal_open(&config, &vg_system_allocator, &journal, NULL) != VIGIL_OK)
		_exit(8);
	for (uint64_t row = 1; row <= moved; row++)
		if (journal_add(journal, row, NULL) != VIGIL_OK)
			_exit(7);
	WAIT_UNTIL((vg_journal_health_of(journal, &health), health.waiting == 0));
	if (sqlite3_open(place->file, &other) != SQLITE_OK || sqlite3_busy_timeout(other, 60000) != SQLITE_OK ||
	    sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		_exit(6);
	for (uint64_t row = moved + 1; row <= rows; row++) {
		if (journal_add(journal, row, NULL) != VIGIL_OK)
			_exit(5);
		if (moved == 0 && row == VG_MOVE_ROWS)
			WAIT_UNTIL(appends_to_second(journal));
	}
	kill(getpid(), SIGKILL);
}

void journal_kill(const journal_place *place, vg_durability durability, uint64_t moved, uint64_t rows)
{
	int state = 0;
	pid_t child = fork();
	if (child == 0)
		be_killed_with(place, durability, moved, rows);
	waitpid(child, &state, 0);
	CHECK(WIFSIGNALED(state), "the child was not killed, it ended with %d", WEXITSTATUS(state));
}

static bool see_row(void *user, const vg_journal_row *row)
{
	journal_seen *seen = user;
	seen->rows++;
	CHECK(row->number == seen->last + 1, "row %llu comes after row %llu", (unsigned long long)row->number,
	      (unsigned long long)seen->last);
	seen->last = row->number;
	seen->cards += row->card_count;
	return true;
}

journal_seen journal_read_all(const journal_place *place)
{
	journal_seen seen = {0};
	seen.status = vg_journal_read(place->file, INT64_MIN, INT64_MAX, see_row, &seen, NULL);
	return seen;
}

/* ---- calls of the system, as the tests want them -------------------------------------------- */

tail_calls tail_hooks;

ssize_t real_pwrite(int file, const void *bytes, size_t length, off_t at)
{
	return syscall(SYS_pwrite64, file, bytes, length, at);
}

int real_ftruncate(int file, off_t length) { return (int)syscall(SYS_ftruncate, file, length); }

void path_of(int file, char *out, size_t size)
{
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", file);
	ssize_t length = readlink(link, out, size - 1);
	out[length > 0 ? length : 0] = '\0';
}

static bool is_tail(int file)
{
	char path[256];
	path_of(file, path, sizeof path);
	return strstr(path, ".tail-") != NULL;
}

/* This program's own calls come here, SQLite's do not, but for fdatasync. */
ssize_t pwrite(int file, const void *bytes, size_t length, off_t at)
{
	return tail_hooks.pwrite && is_tail(file) ? tail_hooks.pwrite(file, bytes, length, at)
						  : real_pwrite(file, bytes, length, at);
}

int fdatasync(int file)
{
	return tail_hooks.fdatasync && is_tail(file) ? tail_hooks.fdatasync(file) : (int)syscall(SYS_fdatasync, file);
}

int ftruncate(int file, off_t length)
{
	return tail_hooks.ftruncate && is_tail(file) ? tail_hooks.ftruncate(file, length) : real_ftruncate(file, length);
}

int open(const char *path, int flags, ...)
{
	va_list more;
	va_start(more, flags);
	mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
	va_end(more);
	const char *boot = tail_hooks.boot_file;
	if (boot && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0)
		path = boot;
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
