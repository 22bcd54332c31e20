/*
 * Power cuts: the journal on a disk that keeps only what was synced.
 *
 * SQLite is given a file system of ours, and the tails calls of ours, that pass everything on to the real
 * one and remember, of each file, what it held at its last sync and which
 * writes came since.  A cut leaves the former and any part of the latter, here
 * none or each with even chance, beside the head as it stands, which is the
 * newest that could be there.  Cuts are made before each sync and between
 * rows; then the remains are verified and continued as after a real one.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/journal_support.h"

enum { MOST_FILES = 6, PATH_ROOM = 160, SECTOR = 512 };

typedef struct change { /* a write, or a truncation (bytes NULL) */
	sqlite3_int64 offset;
	int length;
	char *bytes;
	struct change *next;
} change;

typedef struct disk_file {
	char path[PATH_ROOM];
	char *synced; /* what it held at the last sync */
	size_t size;
	change *first, **last; /* since then */
} disk_file;

static struct {
	pthread_mutex_t lock; /* who writes rows and who keeps the head are two threads */
	sqlite3_vfs vfs, *real;
	sqlite3_io_methods methods;
	disk_file files[MOST_FILES];
	const journal_place *place;
	vg_durability durability;
	uint64_t dice;
	uint64_t acknowledged;
	unsigned cuts, losses; /* losses: cuts after which acknowledged rows were gone */
} disk;

typedef struct opened { /* a file that SQLite opened: ours, and the real one behind it */
	sqlite3_file base;
	disk_file *file; /* NULL: one that no cut concerns */
	sqlite3_file *real;
} opened;
static opened *own(sqlite3_file *file) { return (opened *)file; }
static sqlite3_file *real(sqlite3_file *file) { return own(file)->real; }

/* ---- what is on the disk ------------------------------------------------------------ */

static disk_file *file_at(const char *path)
{
	for (size_t i = 0; i < MOST_FILES; i++) {
		disk_file *file = &disk.files[i];
		if (file->path[0] && strcmp(file->path, path) == 0)
			return file;
		if (!file->path[0]) {
			snprintf(file->path, sizeof file->path, "%s", path);
			file->last = &file->first;
			return file;
		}
	}
	abort();
}

/* A coin that falls alike in every run. */
static bool flip(void)
{
	disk.dice = disk.dice * 6364136223846793005u + 1442695040888963407u;
	return disk.dice >> 63;
}

static void remember(disk_file *file, const void *bytes, int length, sqlite3_int64 offset)
{
	change *one = calloc(1, sizeof *one);
	*one = (change){.offset = offset, .length = length};
	if (bytes) {
		one->bytes = malloc((size_t)length);
		memcpy(one->bytes, bytes, (size_t)length);
	}
	*file->last = one;
	file->last = &one->next;
}

static void apply(char **content, size_t *size, const change *one)
{
	size_t end = (size_t)one->offset + (one->bytes ? (size_t)one->length : 0);
	if (end > *size || !one->bytes) {
		*content = realloc(*content, end + 1);
		if (end > *size)
			memset(*content + *size, 0, end - *size);
		*size = end;
	}
	if (one->bytes)
		memcpy(*content + one->offset, one->bytes, (size_t)one->length);
}

static void forget_changes(disk_file *file, bool synced)
{
	while (file->first) {
		change *one = file->first;
		file->first = one->next;
		if (synced)
			apply(&file->synced, &file->size, one);
		free(one->bytes);
		free(one);
	}
	file->last = &file->first;
}

/* What a cut leaves of a file; `some`: each change since the sync with even chance. */
static void write_remains(const disk_file *file, const char *path, bool some)
{
	size_t size = file->size;
	char *content = malloc(size + 1);
	if (size)
		memcpy(content, file->synced, size);
	for (const change *one = file->first; one; one = one->next)
		if (some && flip())
			apply(&content, &size, one);
	FILE *out = fopen(path, "wb");
	CHECK(out && fwrite(content, 1, size, out) == size, "%s cannot be written", path);
	if (out)
		fclose(out);
	free(content);
}

/* The lock is held. */
static void cut(bool some)
{
	journal_place after;
	char path[PATH_ROOM];
	vigil_error error = VIGIL_ERROR_INIT;
	if (disk.acknowledged == 0)
		return; /* nobody relies on anything yet */
	journal_place_make(&after);
	for (size_t i = 0; i < MOST_FILES && disk.files[i].path[0]; i++) {
		snprintf(path, sizeof path, "%s%s", after.folder, disk.files[i].path + strlen(disk.place->folder));
		write_remains(&disk.files[i], path, some);
	}
	copy_file(disk.place->key, after.key);
	chmod(after.key, 0600);
	if (access(disk.place->head, F_OK) == 0)
		copy_file(disk.place->head, after.head);
	snprintf(path, sizeof path, "%s/boot", after.folder);
	write_remains(&(disk_file){.synced = "another start", .size = 13}, path, false);
	tail_hooks.boot_file = path;
	sqlite3_vfs_register(disk.real, 1); /* what follows is another process, on a disk that holds */
	vg_journal_report report = journal_verified(&after);
	disk.cuts++;
	disk.losses += report.rows < disk.acknowledged;
	CHECK(report.problem[0] == '\0', "cut %u behind row %llu: row %llu: %s", disk.cuts,
	      (unsigned long long)disk.acknowledged, (unsigned long long)report.bad_row, report.problem);
	CHECK(report.rows >= report.checkpoint, "cut %u: the head names row %llu, %llu are there", disk.cuts,
	      (unsigned long long)report.checkpoint, (unsigned long long)report.rows);
	CHECK(disk.durability == VG_DURABLE_PROCESS || report.rows >= disk.acknowledged,
	      "cut %u: row %llu was acknowledged, %llu are there", disk.cuts, (unsigned long long)disk.acknowledged,
	      (unsigned long long)report.rows);
	CHECK(journal_try(&after, &error) == VIGIL_OK, "cut %u: it is not continued: %s", disk.cuts, error.text);
	sqlite3_vfs_register(&disk.vfs, 1);
	tail_hooks.boot_file = NULL;
	journal_place_remove(&after);
}

/* ---- the file system that SQLite sees ------------------------------------------------- */

static int file_close(sqlite3_file *file)
{
	return real(file)->pMethods ? real(file)->pMethods->xClose(real(file)) : SQLITE_OK;
}
static int file_read(sqlite3_file *file, void *to, int length, sqlite3_int64 offset)
{
	return real(file)->pMethods->xRead(real(file), to, length, offset);
}
static int file_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset)
{
	pthread_mutex_lock(&disk.lock);
	remember(own(file)->file, bytes, length, offset);
	pthread_mutex_unlock(&disk.lock);
	return real(file)->pMethods->xWrite(real(file), bytes, length, offset);
}
static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	pthread_mutex_lock(&disk.lock);
	remember(own(file)->file, NULL, 0, size);
	pthread_mutex_unlock(&disk.lock);
	return real(file)->pMethods->xTruncate(real(file), size);
}
static int file_sync(sqlite3_file *file, int flags)
{
	(void)flags; /* nothing has to reach a real disk */
	pthread_mutex_lock(&disk.lock);
	cut(false);
	cut(true);
	forget_changes(own(file)->file, true);
	pthread_mutex_unlock(&disk.lock);
	return SQLITE_OK;
}
static int file_size(sqlite3_file *file, sqlite3_int64 *ret) { return real(file)->pMethods->xFileSize(real(file), ret); }
static int file_lock(sqlite3_file *file, int level) { return real(file)->pMethods->xLock(real(file), level); }
static int file_unlock(sqlite3_file *file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
static int file_reserved(sqlite3_file *file, int *ret) { return real(file)->pMethods->xCheckReservedLock(real(file), ret); }
static int file_control(sqlite3_file *file, int what, void *argument)
{
	return real(file)->pMethods->xFileControl(real(file), what, argument);
}
static int file_sector(sqlite3_file *file) { return real(file)->pMethods->xSectorSize(real(file)); }
static int file_device(sqlite3_file *file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }
static int shared_map(sqlite3_file *file, int region, int size, int extend, void volatile **ret)
{
	return real(file)->pMethods->xShmMap(real(file), region, size, extend, ret);
}
static int shared_lock(sqlite3_file *file, int offset, int count, int flags)
{
	return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
static void shared_barrier(sqlite3_file *file) { real(file)->pMethods->xShmBarrier(real(file)); }
static int shared_unmap(sqlite3_file *file, int delete) { return real(file)->pMethods->xShmUnmap(real(file), delete); }

static int open_file(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *ret_flags)
{
	(void)vfs;
	opened *one = own(file);
	one->real = (sqlite3_file *)(one + 1);
	int code = disk.real->xOpen(disk.real, path, one->real, flags, ret_flags);
	bool kept = flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
	one->file = kept ? file_at(path) : NULL;
	one->base.pMethods = code == SQLITE_OK ? &disk.methods : NULL;
	CHECK(code != SQLITE_OK || kept, "SQLite opens no other files than these");
	return code;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int sync)
{
	(void)vfs;
	disk_file *file = file_at(path);
	forget_changes(file, false);
	file->size = 0;
	return disk.real->xDelete(disk.real, path, sync);
}

/* ---- and that the tails see ------------------------------------------------------------ */

/* A tail of the journal whose disk this is, with the lock held; NULL, without it: one that a cut left, which lies on a disk
 * that holds. */
static disk_file *lock_tail(int file)
{
	char path[PATH_ROOM];
	path_of(file, path, sizeof path);
	if (!vg_starts_with(path, disk.place->folder))
		return NULL;
	pthread_mutex_lock(&disk.lock);
	return file_at(path);
}

/* A disk writes sectors: each of them may reach it or not. */
static ssize_t tail_write(int descriptor, const void *bytes, size_t length, off_t at)
{
	disk_file *file = lock_tail(descriptor);
	size_t done = 0;
	for (size_t part; file && done < length; done += part) {
		part = SECTOR - ((size_t)at + done) % SECTOR;
		part = part < length - done ? part : length - done;
		remember(file, (const char *)bytes + done, (int)part, at + (off_t)done);
	}
	if (file)
		pthread_mutex_unlock(&disk.lock);
	return real_pwrite(descriptor, bytes, length, at);
}

static int tail_cut(int descriptor, off_t length)
{
	disk_file *file = lock_tail(descriptor);
	if (file) {
		remember(file, NULL, 0, length);
		pthread_mutex_unlock(&disk.lock);
	}
	return real_ftruncate(descriptor, length);
}

static int tail_sync(int descriptor)
{
	disk_file *file = lock_tail(descriptor);
	if (file) {
		cut(disk.cuts % 2);
		forget_changes(file, true);
		pthread_mutex_unlock(&disk.lock);
	}
	return 0;
}

static void begin_disk(const journal_place *place, vg_durability durability)
{
	memset(&disk, 0, sizeof disk);
	pthread_mutex_init(&disk.lock, NULL);
	disk.real = sqlite3_vfs_find(NULL);
	disk.vfs = *disk.real;
	disk.vfs.zName = "cut";
	disk.vfs.pNext = NULL;
	disk.vfs.szOsFile = (int)sizeof(opened) + disk.real->szOsFile;
	disk.vfs.xOpen = open_file;
	disk.vfs.xDelete = delete_file;
	disk.methods = (sqlite3_io_methods){.iVersion = 2,
					    .xClose = file_close,
					    .xRead = file_read,
					    .xWrite = file_write,
					    .xTruncate = file_truncate,
					    .xSync = file_sync,
					    .xFileSize = file_size,
					    .xLock = file_lock,
					    .xUnlock = file_unlock,
					    .xCheckReservedLock = file_reserved,
					    .xFileControl = file_control,
					    .xSectorSize = file_sector,
					    .xDeviceCharacteristics = file_device,
					    .xShmMap = shared_map,
					    .xShmLock = shared_lock,
					    .xShmBarrier = shared_barrier,
					    .xShmUnmap = shared_unmap};
	disk.place = place;
	disk.durability = durability;
	disk.dice = 0xd15c;
	sqlite3_vfs_register(&disk.vfs, 1);
	tail_hooks = (tail_calls){tail_write, tail_sync, tail_cut, NULL};
}

static void end_disk(void)
{
	tail_hooks = (tail_calls){0};
	sqlite3_vfs_register(disk.real, 1);
	sqlite3_vfs_unregister(&disk.vfs);
	for (size_t i = 0; i < MOST_FILES; i++) {
		forget_changes(&disk.files[i], false);
		free(disk.files[i].synced);
	}
	pthread_mutex_destroy(&disk.lock);
}

/* ---- the tests ------------------------------------------------------------------------------ */

/* Enough rows for the head to be written twice. */
static void survives_cuts(vg_durability durability, uint64_t rows)
{
	journal_place place;
	journal_place_make(&place);
	begin_disk(&place, durability);
	vg_journal *journal = journal_open(&place, durability);
	for (uint64_t row = 1; journal && row <= rows; row++) {
		CHECK(journal_add(journal, row, NULL) == VIGIL_OK, "row %llu is not written", (unsigned long long)row);
		pthread_mutex_lock(&disk.lock);
		disk.acknowledged = row;
		if (row % 7 == 0)
			cut(row % 2);
		pthread_mutex_unlock(&disk.lock);
	}
	vg_journal_close(journal);
	end_disk();
	CHECK(disk.cuts > rows / 7, "only %u cuts were made", disk.cuts);
	if (durability == VG_DURABLE_PROCESS)
		CHECK(disk.losses > rows / 14, "only %u of %u cuts lost rows: the disk keeps too much", disk.losses, disk.cuts);
	journal_place_remove(&place);
}
static void survives_cuts_with_full(void) { survives_cuts(VG_DURABLE_POWER, 300); }
static void stays_whole_with_normal(void) { survives_cuts(VG_DURABLE_PROCESS, 700); }

const test_case test_cases_power[] = {
    {"no power cut loses an acknowledged row of a full journal", survives_cuts_with_full},
    {"a power cut leaves a normal journal whole to its new end", stays_whole_with_normal},
    {NULL, NULL},
};
