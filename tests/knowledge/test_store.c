/* The compiled file: damage, strangers, no room, two processes at once, proofs. */
#include "knowledge_tests.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The only file of a folder whose name ends so; "" when there is none. */
static const char *file_in(const test_folder *folder, const char *suffix, size_t *ret_files)
{
	static char path[400];
	size_t files = 0;
	DIR *directory = opendir(folder->path);
	path[0] = '\0';
	for (struct dirent *entry; directory && (entry = readdir(directory)) != NULL;) {
		size_t length = strlen(entry->d_name), end = strlen(suffix);
		files += entry->d_name[0] != '.';
		if (length > end && strcmp(entry->d_name + length - end, suffix) == 0)
			snprintf(path, sizeof path, "%s/%s", folder->path, entry->d_name);
	}
	if (directory)
		closedir(directory);
	if (ret_files)
		*ret_files = files;
	return path;
}

static char *read_all(const char *path, size_t *length)
{
	struct stat info;
	FILE *file = fopen(path, "rb");
	char *bytes = file && stat(path, &info) == 0 ? malloc((size_t)info.st_size + 1) : NULL;
	*length = bytes ? fread(bytes, 1, (size_t)info.st_size, file) : 0;
	if (file)
		fclose(file);
	return bytes;
}

static void write_all(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "wb");
	CHECK(file && fwrite(bytes, 1, length, file) == length && fclose(file) == 0, "%s cannot be written", path);
}

static bool usable(const test_world *world)
{
	return world->knowledge && vg_set_find(world->knowledge, "NSAID") &&
	       vg_pair_count(world->knowledge, VG_INTERACTIONS) == 3 &&
	       vg_set_has(world->knowledge, vg_set_find(world->knowledge, "NSAID"),
			  vg_concept_find(world->knowledge, "rxnorm", "310965"));
}

static void is_named_by_its_digest_and_written_once(void)
{
	test_folder cache = folder_make();
	char digest[65];
	size_t files, length, again;
	test_world world = world_open(BASE_PACK, NULL, (test_options){.cache = cache.path});
	const char *path = file_in(&cache, ".db", &files);
	vg_digest_text(vg_knowledge_digest(world.knowledge), digest);
	CHECK(files == 1 && strstr(path, digest) != NULL, "%zu files, \"%s\"", files, path);
	world_close(&world);
	char *before = read_all(path, &length);
	world = world_open(BASE_PACK, NULL, (test_options){.cache = cache.path});
	char *after = read_all(path, &again);
	CHECK(length == again && memcmp(before, after, length) == 0, "opening changed the file");
	world_close(&world);
	free(after);
	unlink(path);
	world = world_open(BASE_PACK, NULL, (test_options){.cache = cache.path});
	after = read_all(path, &again);
	CHECK(length == again && memcmp(before, after, length) == 0, "compiling twice gives two files");
	world_close(&world);
	free(before);
	free(after);
	folder_remove(&cache);
}

/* A changed byte is told, or it is one of those in a database that hold nothing. */
static void damage_is_told_and_mended(void)
{
	test_folder cache = folder_make();
	test_options options = {.cache = cache.path};
	size_t length, damaged = 0;
	test_world world = world_open(BASE_PACK, NULL, options);
	vg_digest whole = everything(world.knowledge);
	world_close(&world);
	char path[400];
	snprintf(path, sizeof path, "%s", file_in(&cache, ".db", NULL));
	char *good = read_all(path, &length), *bad = malloc(length);
	for (size_t at = 0; at < length; at += at < 200 ? 1 : 509) {
		memcpy(bad, good, length);
		bad[at] = (char)(bad[at] ^ 0x5A);
		write_all(path, bad, length);
		world = world_open(BASE_PACK, NULL, options);
		vg_digest found = {{0}};
		if (world.knowledge)
			found = everything(world.knowledge);
		CHECK(memcmp(&whole, &found, sizeof whole) == 0, "a changed byte at %zu changed the knowledge", at);
		CHECK(world.findings.errors == 0, "a changed byte at %zu is an error", at);
		damaged += world_count(&world, "VG351");
		world_close(&world);
	}
	CHECK(damaged > 40, "%zu changed bytes were seen", damaged);
	free(bad);
	free(good);
	folder_remove(&cache);
}

static void cut_files_are_told_and_mended(void)
{
	test_folder cache = folder_make();
	test_options options = {.cache = cache.path};
	size_t length;
	test_world world = world_open(BASE_PACK, NULL, options);
	world_close(&world);
	char path[400];
	snprintf(path, sizeof path, "%s", file_in(&cache, ".db", NULL));
	char *good = read_all(path, &length);
	for (size_t part = 0; part < 12; part++) {
		write_all(path, good, length * part / 12);
		world = world_open(BASE_PACK, NULL, options);
		CHECK(usable(&world) && world_count(&world, "VG351") == 1, "%zu twelfths of a file: %zu findings", part,
		      world_count(&world, "VG351"));
		world_close(&world);
		world = world_open(BASE_PACK, NULL, options);
		CHECK(usable(&world) && world_count(&world, "VG351") == 0, "%zu twelfths of a file: not mended", part);
		world_close(&world);
	}
	free(good);
	folder_remove(&cache);
}

static void contents_of_another_digest_are_not_used(void)
{
	test_folder cache = folder_make();
	char base[400], both[400];
	size_t length;
	test_world world = world_open(BASE_PACK, NULL, (test_options){.cache = cache.path});
	world_close(&world);
	snprintf(base, sizeof base, "%s", file_in(&cache, ".db", NULL));
	char *bytes = read_all(base, &length);
	unlink(base);
	world = world_open(BASE_PACK, SITE_PACK, (test_options){.cache = cache.path});
	world_close(&world);
	snprintf(both, sizeof both, "%s", file_in(&cache, ".db", NULL));
	write_all(both, bytes, length); /* the wrong knowledge under the right name */
	world = world_open(BASE_PACK, SITE_PACK, (test_options){.cache = cache.path});
	CHECK(world_count(&world, "VG351") == 1, "it is not told");
	CHECK(world.knowledge && vg_concept_find(world.knowledge, "rxnorm", "1364430"), "the wrong knowledge is used");
	world_close(&world);
	free(bytes);
	folder_remove(&cache);
}

static void a_named_file_is_kept_up_to_date(void)
{
	test_folder folder = folder_make();
	char path[128];
	snprintf(path, sizeof path, "%s/knowledge.db", folder.path);
	test_world world = world_open(BASE_PACK, NULL, (test_options){.file = path});
	CHECK(world.findings.count == world_count(&world, "VG341"), "compiling into a named file is told");
	world_close(&world);
	CHECK(access(path, R_OK) == 0, "the named file was not made");
	world = world_open(BASE_PACK, SITE_PACK, (test_options){.file = path});
	CHECK(world.knowledge && vg_concept_find(world.knowledge, "rxnorm", "1364430"), "the old file is used for other packs");
	CHECK(world_count(&world, "VG351") == 0, "a file of other packs is called damaged");
	world_close(&world);
	folder_remove(&folder);
}

static void strangers_are_left_alone(void)
{
	static const char text[] = "this is a letter and no knowledge at all, and it is long enough to have had a header "
				   "if it had been a database of any kind";
	test_folder folder = folder_make();
	char path[128];
	size_t length;
	snprintf(path, sizeof path, "%s/letter", folder.path);
	write_all(path, text, sizeof text);
	test_world world = world_open(BASE_PACK, NULL, (test_options){.file = path});
	CHECK(usable(&world) && world_count(&world, "VG352") == 1, "a letter is not told");
	CHECK(!vg_knowledge_was_proven(world.knowledge, &(vg_digest){{1}}), "a letter holds a proof");
	world_close(&world);
	char *after = read_all(path, &length);
	CHECK(length == sizeof text && memcmp(after, text, length) == 0, "a letter was written over");
	free(after);
	unlink(path);
	sqlite3 *database = NULL;
	sqlite3_open(path, &database);
	CHECK(sqlite3_exec(database, "CREATE TABLE patient(id)", NULL, NULL, NULL) == SQLITE_OK, "no database");
	sqlite3_close(database);
	char *before = read_all(path, &length);
	size_t again;
	world = world_open(BASE_PACK, NULL, (test_options){.file = path});
	CHECK(usable(&world) && world_count(&world, "VG352") == 1, "another database is not told");
	world_close(&world);
	after = read_all(path, &again);
	CHECK(length == again && memcmp(before, after, length) == 0, "another database was written over");
	free(before);
	free(after);
	folder_remove(&folder);
}

static void what_cannot_be_written_lives_in_memory(void)
{
	test_folder folder = folder_make();
	folder_text(&folder, "file", "no folder");
	char path[128];
	snprintf(path, sizeof path, "%s/file/cache", folder.path);
	test_world world = world_open(BASE_PACK, NULL, (test_options){.cache = path});
	CHECK(usable(&world) && world_count(&world, "VG350") == 1, "a cache that cannot be written is not told");
	CHECK(world.findings.errors == 0, "it is an error");
	vg_digest what = {{7}};
	vg_knowledge_remember_proof(world.knowledge, &what);
	CHECK(!vg_knowledge_was_proven(world.knowledge, &what), "a proof was kept nowhere");
	world_close(&world);
	snprintf(path, sizeof path, "%s/new/folders/cache", folder.path);
	world = world_open(BASE_PACK, NULL, (test_options){.cache = path});
	CHECK(usable(&world) && world_count(&world, "VG350") == 0 && access(path, X_OK) == 0, "missing folders are not made");
	world_close(&world);
	folder_remove(&folder);
}

/* A disk that fills while the file is written, in a process of its own as the limit cannot be taken back. */
static void a_full_disk_is_survived(void)
{
	for (rlim_t limit = 0; limit < 100000; limit += 12345) {
		test_folder cache = folder_make();
		pid_t child = fork();
		if (child == 0) {
			struct rlimit size = {limit, limit};
			signal(SIGXFSZ, SIG_IGN);
			bool fine = setrlimit(RLIMIT_FSIZE, &size) == 0;
			test_world world = world_open(BASE_PACK, NULL, (test_options){.cache = cache.path});
			fine = fine && usable(&world) && world_count(&world, "VG350") == 1 && world.findings.errors == 0;
			vg_digest what = {{1}};
			if (world.knowledge)
				vg_knowledge_remember_proof(world.knowledge, &what);
			world_close(&world);
			_exit(fine ? 0 : 1);
		}
		int status = -1;
		CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0, "a disk full after %lu bytes",
		      (unsigned long)limit);
		CHECK(strcmp(file_in(&cache, ".db", NULL), "") == 0, "a file is left of a disk full after %lu bytes",
		      (unsigned long)limit);
		test_world world = world_open(BASE_PACK, NULL, (test_options){.cache = cache.path});
		CHECK(usable(&world) && world_count(&world, "VG351") == 0, "after that the knowledge cannot be made");
		world_close(&world);
		folder_remove(&cache);
	}
}

static void no_temporary_file_is_left(const test_folder *cache, size_t expected)
{
	size_t files;
	file_in(cache, ".db", &files);
	CHECK(files == expected, "%zu files are left, not %zu", files, expected);
}

static void processes_may_compile_at_once(void)
{
	enum { PROCESSES = 6 };
	test_folder cache = folder_make();
	pid_t children[PROCESSES];
	for (int i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			int wrong = 0; /* bits, so that a failure tells what it was */
			for (int round = 0; round < 5 && !wrong; round++) {
				test_world world = world_open(BASE_PACK, NULL, (test_options){.cache = cache.path});
				vg_digest what = {{(unsigned char)i, (unsigned char)round}};
				wrong = (usable(&world) ? 0 : 1) | (world_count(&world, "VG350") ? 2 : 0) |
					(world_count(&world, "VG351") ? 4 : 0);
				vg_knowledge_remember_proof(world.knowledge, &what);
				wrong |= vg_knowledge_was_proven(world.knowledge, &what) ? 0 : 8;
				if (round == 1)
					unlink(file_in(&cache, ".db", NULL)); /* so that it is compiled again */
				world_close(&world);
			}
			_exit(wrong);
		}
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status = -1;
		CHECK(children[i] > 0 && waitpid(children[i], &status, 0) == children[i] && status == 0,
		      "process %d failed: status %d (1 unusable, 2 not kept, 4 damaged, 8 not proven)", i,
		      WIFEXITED(status) ? WEXITSTATUS(status) : -status);
	}
	no_temporary_file_is_left(&cache, 2); /* the knowledge and its proofs */
	test_world world = world_open(BASE_PACK, NULL, (test_options){.cache = cache.path});
	CHECK(usable(&world) && world_count(&world, "VG351") == 0, "the file is damaged");
	for (unsigned char i = 0; i < PROCESSES; i++)
		for (unsigned char round = 0; round < 5; round++)
			CHECK(vg_knowledge_was_proven(world.knowledge, &(vg_digest){{i, round}}),
			      "proof %d of process %d is lost", round, i);
	world_close(&world);
	folder_remove(&cache);
}

static void proofs_are_kept(void)
{
	test_folder cache = folder_make();
	vg_digest one = {{1, 2, 3}}, two = {{1, 2, 4}};
	test_world world = world_open(BASE_PACK, NULL, (test_options){.cache = cache.path});
	CHECK(!vg_knowledge_was_proven(world.knowledge, &one), "proven before it was");
	vg_knowledge_remember_proof(world.knowledge, &one);
	vg_knowledge_remember_proof(world.knowledge, &one);
	CHECK(vg_knowledge_was_proven(world.knowledge, &one), "not kept");
	CHECK(!vg_knowledge_was_proven(world.knowledge, &two), "another digest is proven");
	world_close(&world);
	world = world_open(BASE_PACK, NULL, (test_options){.cache = cache.path});
	CHECK(vg_knowledge_was_proven(world.knowledge, &one), "not kept for the next");
	const char *path = file_in(&cache, "-proofs", NULL);
	write_all(path, "damaged", 7);
	CHECK(!vg_knowledge_was_proven(world.knowledge, &one), "a damaged proof counts");
	vg_knowledge_remember_proof(world.knowledge, &two);
	CHECK(vg_knowledge_was_proven(world.knowledge, &two), "not kept behind something torn");
	CHECK(truncate(path, 2 << 20) == 0, "the proofs cannot be made large");
	CHECK(!vg_knowledge_was_proven(world.knowledge, &two), "a file without end is read");
	vg_knowledge_remember_proof(world.knowledge, &one);
	CHECK(vg_knowledge_was_proven(world.knowledge, &one), "a file that grew too large is not begun anew");
	CHECK(unlink(path) == 0 && mkdir(path, 0700) == 0, "the proofs cannot be made unreadable");
	vg_knowledge_remember_proof(world.knowledge, &one); /* no error, no crash */
	CHECK(!vg_knowledge_was_proven(world.knowledge, &one), "kept in a folder");
	CHECK(rmdir(path) == 0, "something was put into the folder");
	world_close(&world);
	world = world_open(BASE_PACK, NULL, (test_options){0});
	vg_knowledge_remember_proof(world.knowledge, &one);
	CHECK(!vg_knowledge_was_proven(world.knowledge, &one), "knowledge in memory keeps proofs");
	world_close(&world);
	folder_remove(&cache);
}

/* Old compiled files go, with their proofs; the newest and what is not Vigil's stay. */
static void old_files_are_pruned(void)
{
	test_folder pack = folder_make(), cache = folder_make();
	char name[128], path[256];
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "%064d.db", i);
		folder_text(&cache, name, "old");
		snprintf(path, sizeof path, "%s/%s", cache.path, name);
		CU_ASSERT_EQUAL(utimensat(AT_FDCWD, path, (struct timespec[2]){{1000 + i, 0}, {1000 + i, 0}}, 0), 0);
		snprintf(name, sizeof name, "%064d.db-proofs", i);
		folder_text(&cache, name, "old");
	}
	folder_text(&cache, "mine.db", "not a digest");
	folder_text(&pack, "sets/a.csv", "set,system,code\nx,loinc,1-8\n");
	test_world world = world_open(pack.path, NULL, (test_options){.cache = cache.path});
	CHECK(world.knowledge != NULL, "%s", world.error.text);
	int left = 0;
	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof path, "%s/%064d.db", cache.path, i);
		bool there = access(path, F_OK) == 0;
		left += there;
		CHECK(there == (i >= 5), "number %d is %s", i, there ? "kept" : "gone");
		snprintf(path, sizeof path, "%s/%064d.db-proofs", cache.path, i);
		CHECK((access(path, F_OK) == 0) == there, "the proofs of number %d have another fate", i);
	}
	CHECK(left == 15, "%d are kept beside the new one", left);
	snprintf(path, sizeof path, "%s/mine.db", cache.path);
	CHECK(access(path, F_OK) == 0, "a file that is not Vigil's is gone");
	world_close(&world);
	folder_remove(&pack);
	folder_remove(&cache);
}

const test_case test_cases_store[] = {
    {"is named by its digest and written once", is_named_by_its_digest_and_written_once},
    {"changed bytes are told and mended", damage_is_told_and_mended},
    {"cut files are told and mended", cut_files_are_told_and_mended},
    {"contents of another digest are not used", contents_of_another_digest_are_not_used},
    {"a named file is kept up to date", a_named_file_is_kept_up_to_date},
    {"what Vigil did not make is left alone", strangers_are_left_alone},
    {"what cannot be written lives in memory", what_cannot_be_written_lives_in_memory},
    {"a full disk costs the file and nothing else", a_full_disk_is_survived},
    {"six processes compile at once", processes_may_compile_at_once},
    {"proofs are kept, and their loss is no error", proofs_are_kept},
    {"old compiled files are pruned", old_files_are_pruned},
    {NULL, NULL},
};
