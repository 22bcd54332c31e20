/*
 * The compiled file: one SQLite database of blobs.
 *
 *     section(name TEXT PRIMARY KEY, data BLOB)   the parts of the sections
 *     meta(name TEXT PRIMARY KEY, data BLOB)      digest, directory, check
 *
 * It is written under another name in the same folder, synced and renamed, and
 * never changed afterwards, so that two processes that compile at once write
 * the same bytes and neither sees half a file.  Large sections are cut into
 * parts, as SQLite limits a blob to 1 GB.  The directory holds a hash of each
 * section and `check` one of directory and digest: a file that was cut, changed
 * or made by something else is told from a good one and never used.
 *
 * Proofs are kept in a text beside it, a digest a line.  A line is appended by
 * one write, so that processes neither wait for nor overwrite each other; what
 * is torn or foreign in there is no digest that anybody asks for.
 */
#include "knowledge/knowledge_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { APPLICATION_ID = 0x5647434B /* "VGCK" */, PART = 1 << 28, MOST_PROOFS = 1 << 20 /* bytes */ };

/* ---- reading -------------------------------------------------------------------- */

/* Whether a file is none, or one that Vigil made, judged by SQLite's header. */
static vg_load look_at_header(const char *path)
{
	unsigned char header[100];
	size_t have = 0;
	ssize_t got;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return errno == ENOENT ? VG_LOAD_ABSENT : VG_LOAD_FOREIGN;
	while (have < sizeof header && (got = read(file, header + have, sizeof header - have)) > 0)
		have += (size_t)got;
	close(file);
	if (have == 0)
		return VG_LOAD_DAMAGED;
	if (have < sizeof header || memcmp(header, "SQLite format 3", 16) != 0)
		return VG_LOAD_FOREIGN;
	uint32_t id = (uint32_t)header[68] << 24 | (uint32_t)header[69] << 16 | (uint32_t)header[70] << 8 | header[71];
	return id == APPLICATION_ID ? VG_LOADED : VG_LOAD_FOREIGN;
}

static int prepare(sqlite3 *database, const char *text, const char *name, sqlite3_stmt **ret)
{
	int code = sqlite3_prepare_v2(database, text, -1, ret, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_bind_text(*ret, 1, name, -1, SQLITE_STATIC);
	return code;
}

static vg_load failure(int code) { return code == SQLITE_NOMEM ? VG_LOAD_NO_MEMORY : VG_LOAD_DAMAGED; }

/* A blob of meta, exactly `size` bytes. */
static vg_load read_meta(sqlite3 *database, const char *name, void *to, size_t size)
{
	sqlite3_stmt *statement = NULL;
	vg_load result = VG_LOAD_DAMAGED;
	int code = prepare(database, "SELECT data FROM meta WHERE name = ?", name, &statement);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW) {
		const void *data = sqlite3_column_blob(statement, 0);
		if (data && (size_t)sqlite3_column_bytes(statement, 0) == size) {
			memcpy(to, data, size);
			result = VG_LOADED;
		}
	} else {
		result = failure(code);
	}
	sqlite3_finalize(statement);
	return result;
}

static uint64_t directory_check(const vg_directory_entry directory[VG_SECTIONS], const vg_digest *digest)
{
	uint64_t parts[2] = {vg_hash(directory, VG_SECTIONS * sizeof *directory), vg_hash(digest, sizeof *digest)};
	return vg_hash(parts, sizeof parts);
}

/* Reads one part straight to its place. */
static vg_load read_part(sqlite3 *database, sqlite3_stmt *find, const char *name, char *to, size_t size)
{
	sqlite3_blob *blob = NULL;
	vg_load result = VG_LOAD_DAMAGED;
	sqlite3_reset(find);
	int code = sqlite3_bind_text(find, 1, name, -1, SQLITE_STATIC);
	if (code != SQLITE_OK || (code = sqlite3_step(find)) != SQLITE_ROW)
		return failure(code);
	code = sqlite3_blob_open(database, "main", "section", "data", sqlite3_column_int64(find, 0), 0, &blob);
	if (code == SQLITE_OK && (size_t)sqlite3_blob_bytes(blob) == size) {
		code = size ? sqlite3_blob_read(blob, to, (int)size, 0) : SQLITE_OK;
		result = code == SQLITE_OK ? VG_LOADED : failure(code);
	} else if (code != SQLITE_OK) {
		result = failure(code);
	}
	sqlite3_blob_close(blob);
	return result;
}

static void part_name(char name[48], const char *section, size_t part)
{
	snprintf(name, 48, part ? "%.32s/%zu" : "%.32s", section, part);
}

static vg_load read_sections(sqlite3 *database, const vg_directory_entry directory[VG_SECTIONS],
			     const size_t starts[VG_SECTIONS], char *block)
{
	sqlite3_stmt *find = NULL;
	vg_load result = VG_LOADED;
	int code = sqlite3_prepare_v2(database, "SELECT rowid FROM section WHERE name = ?", -1, &find, NULL);
	if (code != SQLITE_OK)
		return failure(code);
	for (int i = 0; i < VG_SECTIONS && result == VG_LOADED; i++) {
		size_t size = (size_t)directory[i].count * (size_t)directory[i].item_size;
		for (size_t part = 0; part * PART < size && result == VG_LOADED; part++) {
			char name[48];
			size_t left = size - part * PART;
			part_name(name, directory[i].name, part);
			result = read_part(database, find, name, block + starts[i] + part * PART, left < PART ? left : PART);
		}
		if (result == VG_LOADED && vg_hash(block + starts[i], size) != directory[i].hash)
			result = VG_LOAD_DAMAGED;
	}
	sqlite3_finalize(find);
	return result;
}

static vg_load read_image(sqlite3 *database, const vg_digest *digest, vg_arena *arena, vg_image *image)
{
	vg_directory_entry directory[VG_SECTIONS];
	size_t starts[VG_SECTIONS];
	uint64_t check;
	vg_digest there;
	vg_load result = read_meta(database, "digest", &there, sizeof there);
	if (result != VG_LOADED)
		return result;
	if (memcmp(&there, digest, sizeof there) != 0)
		return VG_LOAD_OTHER;
	result = read_meta(database, "directory", directory, sizeof directory);
	if (result == VG_LOADED)
		result = read_meta(database, "check", &check, sizeof check);
	if (result != VG_LOADED)
		return result;
	size_t size = check == directory_check(directory, digest) ? vg_image_layout(directory, starts) : 0;
	if (size == 0)
		return VG_LOAD_DAMAGED;
	char *block = vg_alloc(arena, size);
	if (!block)
		return VG_LOAD_NO_MEMORY;
	result = read_sections(database, directory, starts, block);
	if (result == VG_LOADED)
		vg_image_attach(image, directory, block);
	return result;
}

vg_load vg_store_load(const char *path, const vg_digest *digest, vg_arena *arena, vg_image *image)
{
	sqlite3 *database = NULL;
	vg_load result = look_at_header(path);
	if (result != VG_LOADED)
		return result;
	int code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_CANTOPEN) /* its header was there a moment ago: somebody prunes or exchanges it */
		result = VG_LOAD_ABSENT;
	else
		result = code == SQLITE_OK ? read_image(database, digest, arena, image) : failure(code);
	sqlite3_close(database);
	return result;
}

/* ---- writing -------------------------------------------------------------------- */

static int put(sqlite3_stmt *insert, const char *name, const void *data, size_t size)
{
	sqlite3_reset(insert);
	int code = sqlite3_bind_text(insert, 1, name, -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_bind_blob64(insert, 2, size ? data : "", size, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_step(insert);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int put_meta(sqlite3 *database, const vg_digest *digest, const vg_directory_entry directory[VG_SECTIONS])
{
	sqlite3_stmt *insert = NULL;
	uint64_t check = directory_check(directory, digest);
	int code = sqlite3_prepare_v2(database, "INSERT INTO meta VALUES (?, ?)", -1, &insert, NULL);
	if (code == SQLITE_OK)
		code = put(insert, "digest", digest, sizeof *digest);
	if (code == SQLITE_OK)
		code = put(insert, "directory", directory, VG_SECTIONS * sizeof *directory);
	if (code == SQLITE_OK)
		code = put(insert, "check", &check, sizeof check);
	sqlite3_finalize(insert);
	return code;
}

static int put_sections(sqlite3 *database, const vg_digest *digest, const vg_image *image)
{
	vg_directory_entry directory[VG_SECTIONS];
	const void *contents[VG_SECTIONS];
	sqlite3_stmt *insert = NULL;
	vg_image_describe(image, directory, contents);
	int code = sqlite3_prepare_v2(database, "INSERT INTO section VALUES (?, ?)", -1, &insert, NULL);
	for (int i = 0; i < VG_SECTIONS && code == SQLITE_OK; i++) {
		size_t size = (size_t)directory[i].count * (size_t)directory[i].item_size;
		for (size_t part = 0; part * PART < size && code == SQLITE_OK; part++) {
			char name[48];
			size_t left = size - part * PART;
			part_name(name, directory[i].name, part);
			code = put(insert, name, (const char *)contents[i] + part * PART, left < PART ? left : PART);
		}
	}
	sqlite3_finalize(insert);
	return code == SQLITE_OK ? put_meta(database, digest, directory) : code;
}

/* No journal and no syncs of SQLite's own: nobody knows the file yet, and it is synced as a whole. */
static int fill_database(const char *path, const vg_digest *digest, const vg_image *image)
{
	static const char begin[] = "PRAGMA page_size = 16384; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
				    "PRAGMA locking_mode = EXCLUSIVE; PRAGMA application_id = 1447510859;"
				    "BEGIN; CREATE TABLE section(name TEXT PRIMARY KEY, data BLOB);"
				    "CREATE TABLE meta(name TEXT PRIMARY KEY, data BLOB);";
	_Static_assert(APPLICATION_ID == 1447510859, "the pragma must name the application id");
	sqlite3 *database = NULL;
	int code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(database, begin, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = put_sections(database, digest, image);
	if (code == SQLITE_OK)
		code = sqlite3_exec(database, "COMMIT", NULL, NULL, NULL);
	int closed = sqlite3_close(database);
	return code == SQLITE_OK ? closed : code;
}

static bool sync_path(const char *path, int flags)
{
	int file = open(path, flags | O_CLOEXEC);
	bool fine = file >= 0 && fsync(file) == 0;
	if (file >= 0)
		close(file);
	return fine;
}

static char *folder_of(vg_arena *scratch, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return vg_copy_text(scratch, ".", 1);
	return vg_copy_text(scratch, path, slash == path ? 1 : (size_t)(slash - path));
}

bool vg_store_save(vg_arena *scratch, const char *path, const vg_digest *digest, const vg_image *image, const char **why)
{
	char *temporary = vg_format(scratch, "%s.XXXXXX", path), *folder = folder_of(scratch, path);
	*why = "memory ran out";
	if (!temporary || !folder)
		return false;
	int file = mkstemp(temporary);
	if (file < 0) {
		*why = vg_copy_text(scratch, strerror(errno), strlen(strerror(errno)));
		return false;
	}
	fchmod(file, 0644);
	close(file);
	int code = fill_database(temporary, digest, image);
	*why = sqlite3_errstr(code);
	if (code == SQLITE_OK) {
		*why = "it could not be synced and renamed";
		/* A folder that cannot be synced loses the file at worst, not the order of what is in it. */
		if (sync_path(temporary, O_RDONLY) && rename(temporary, path) == 0) {
			(void)sync_path(folder, O_RDONLY | O_DIRECTORY);
			return true;
		}
	}
	unlink(temporary);
	return false;
}

/* ---- pruning ----------------------------------------------------------------------- */

enum { KEPT_FILES = 16, NAME_LENGTH = 64 + 3 /* a digest and ".db" */ };

typedef struct kept_file {
	const char *path;
	struct timespec written;
} kept_file;

static int newest_first(const void *left, const void *right)
{
	const kept_file *a = left, *b = right;
	if (a->written.tv_sec != b->written.tv_sec)
		return a->written.tv_sec > b->written.tv_sec ? -1 : 1;
	if (a->written.tv_nsec != b->written.tv_nsec)
		return a->written.tv_nsec > b->written.tv_nsec ? -1 : 1;
	return strcmp(a->path, b->path);
}

/* Whoever reads an old file has it in memory; whoever wants it again compiles it again. */
void vg_store_prune(vg_arena *scratch, const char *folder, const char *keep)
{
	const char *const *names;
	size_t count = 0, found = 0;
	vigil_error ignored = VIGIL_ERROR_INIT;
	if (vg_list_files(scratch, folder, ".db", &names, &count, &ignored) != VIGIL_OK || count <= KEPT_FILES)
		return;
	kept_file *files = vg_alloc_array(scratch, count, sizeof *files);
	for (size_t i = 0; files && i < count; i++) {
		struct stat info;
		if (strlen(names[i]) != NAME_LENGTH || strspn(names[i], "0123456789abcdef") != NAME_LENGTH - 3)
			continue;
		files[found].path = vg_format(scratch, "%s/%s", folder, names[i]);
		if (files[found].path && strcmp(files[found].path, keep) != 0 && stat(files[found].path, &info) == 0)
			files[found++].written = info.st_mtim;
	}
	if (found > 1)
		qsort(files, found, sizeof *files, newest_first);
	for (size_t i = KEPT_FILES - 1; i < found; i++) {
		const char *proofs = vg_format(scratch, "%s-proofs", files[i].path);
		unlink(files[i].path);
		if (proofs)
			unlink(proofs);
	}
}

/* ---- proofs ------------------------------------------------------------------------ */

bool vg_knowledge_was_proven(const vg_knowledge *knowledge, const vg_digest *what)
{
	char line[65], *proofs;
	size_t length;
	vg_arena scratch;
	vigil_error ignored = VIGIL_ERROR_INIT;
	if (!knowledge->proof_file)
		return false;
	vg_digest_text(what, line);
	line[sizeof line - 1] = '\n';
	vg_arena_init(&scratch, &knowledge->arena.allocator, 0);
	bool found = vg_read_file(&scratch, knowledge->proof_file, MOST_PROOFS, &proofs, &length, &ignored) == VIGIL_OK &&
		     memmem(proofs, length, line, sizeof line) != NULL;
	vg_arena_free(&scratch);
	return found;
}

void vg_knowledge_remember_proof(vg_knowledge *knowledge, const vg_digest *what)
{
	char line[65];
	struct stat info;
	if (!knowledge->proof_file)
		return;
	vg_digest_text(what, line);
	line[sizeof line - 1] = '\n';
	int file = open(knowledge->proof_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (file < 0)
		return;
	bool fits = fstat(file, &info) == 0 && (info.st_size < MOST_PROOFS - (off_t)sizeof line || ftruncate(file, 0) == 0);
	ssize_t ignored = fits ? write(file, line, sizeof line) : 0; /* what is not kept is proven again */
	(void)ignored;
	close(file);
}
