/* Files and folders: whole or an error that says which. */
#include "base/base.h"
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static const char *path_of(const char *name)
{
	static char paths[4][512];
	static int turn;
	char *path = paths[turn++ % 4];
	snprintf(path, sizeof paths[0], "%s%s%s", folder, *name ? "/" : "", name);
	return path;
}

static void begin(void)
{
	strcpy(folder, P_tmpdir "/vigil-files-XXXXXX");
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
}

static void end(void)
{
	char command[128];
	snprintf(command, sizeof command, "rm -r %s", folder);
	CU_ASSERT_EQUAL(system(command), 0);
}

static void write_file(const char *name, const char *bytes, size_t length)
{
	FILE *file = fopen(path_of(name), "wb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	CU_ASSERT_EQUAL(fwrite(bytes, 1, length, file), length);
	fclose(file);
}

static void make_folder(const char *name) { CU_ASSERT_EQUAL(mkdir(path_of(name), 0700), 0); }

static void check_refused(const char *name, size_t limit, const char *part)
{
	vg_arena arena;
	vigil_error err = VIGIL_ERROR_INIT;
	char *text = NULL;
	size_t length = 77;
	vg_arena_init(&arena, NULL, 0);
	CU_ASSERT_EQUAL(vg_read_file(&arena, path_of(name), limit, &text, &length, &err), VIGIL_BAD_INPUT);
	CHECK(strstr(err.text, part) != NULL, "\"%s\" does not say \"%s\"", err.text, part);
	CHECK_TEXT(err.file, path_of(name));
	CHECK(text == NULL && length == 77, "outputs are written on failure");
	vg_arena_free(&arena);
}

static void reads_whole_files(void)
{
	vg_arena arena;
	begin();
	static char bytes[300000];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7);
	static const size_t sizes[] = {0, 1, 4096, 65535, 65536, 300000};
	vg_arena_init(&arena, NULL, 0);
	for (size_t i = 0; i < VG_COUNT(sizes); i++) {
		char *text;
		size_t length;
		write_file("a", bytes, sizes[i]);
		CU_ASSERT_EQUAL(vg_read_file(&arena, path_of("a"), sizes[i], &text, &length, NULL), VIGIL_OK);
		CHECK(length == sizes[i] && memcmp(text, bytes, length) == 0 && text[length] == '\0',
		      "%zu bytes are read wrongly", sizes[i]);
		CU_ASSERT_EQUAL(vg_read_file(&arena, path_of("a"), 0, &text, &length, NULL), VIGIL_OK);
	}
	vg_arena_free(&arena);
	end();
}

static void reads_pipes(void)
{
	begin();
	CU_ASSERT_EQUAL_FATAL(mkfifo(path_of("pipe"), 0600), 0);
	for (size_t limit = 99999; limit <= 100000; limit++) {
		fflush(NULL);
		pid_t writer = fork();
		if (writer == 0) {
			FILE *file = fopen(path_of("pipe"), "w");
			for (int i = 0; file && i < 100000; i++)
				fputc('a' + i % 26, file);
			_exit(file && fclose(file) == 0 ? 0 : 1);
		}
		vg_arena arena;
		vg_arena_init(&arena, NULL, 0);
		char *text = NULL;
		size_t length = 0;
		vigil_status status = vg_read_file(&arena, path_of("pipe"), limit, &text, &length, NULL);
		CHECK(limit < 100000 ? status == VIGIL_BAD_INPUT
				     : status == VIGIL_OK && length == 100000 && text[99999] == 'a' + 99999 % 26,
		      "a pipe is read wrongly with a limit of %zu", limit);
		vg_arena_free(&arena);
		/* Gone before the next one comes, which would else wait for a reader that has met this one. */
		CU_ASSERT_EQUAL(waitpid(writer, NULL, 0), writer);
	}
	end();
}

static void reads_the_standard_input(void)
{
	begin();
	write_file("input", "{\"a\":1}", 7);
	int saved = dup(STDIN_FILENO);
	CU_ASSERT_PTR_NOT_NULL_FATAL(freopen(path_of("input"), "r", stdin));
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	char *text = NULL;
	size_t length = 0;
	CU_ASSERT_EQUAL(vg_read_file(&arena, "-", 100, &text, &length, NULL), VIGIL_OK);
	CHECK_TEXT(text, "{\"a\":1}");
	CHECK(lseek(STDIN_FILENO, 0, SEEK_CUR) == 7, "the standard input is closed or not at its end");
	if (saved >= 0) {
		dup2(saved, STDIN_FILENO);
		close(saved);
	}
	vg_arena_free(&arena);
	end();
}

static void says_what_is_wrong(void)
{
	begin();
	make_folder("folder");
	write_file("large", "12345", 5);
	CU_ASSERT_EQUAL(symlink("loop", path_of("loop")), 0);
	check_refused("missing", 10, "There is no file");
	check_refused("large/below", 10, "There is no file");
	check_refused("folder", 10, "is a folder");
	check_refused("large", 4, "larger than 4 bytes");
	check_refused("loop", 4, "cannot be read");
	if (geteuid() != 0) {
		CU_ASSERT_EQUAL(chmod(path_of("large"), 0), 0);
		check_refused("large", 100, "may not be read");
	}
	end();
}

static void check_listing(const char *below, const char *suffix, const char *expected)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	const char *const *names;
	size_t count;
	vg_buffer list;
	vg_buffer_init(&list, &arena);
	CU_ASSERT_EQUAL_FATAL(vg_list_files(&arena, path_of(below), suffix, &names, &count, NULL), VIGIL_OK);
	for (size_t i = 0; i < count; i++)
		vg_addf(&list, "%s ", names[i]);
	CHECK_TEXT(vg_buffer_text(&list), expected);
	vg_arena_free(&arena);
}

static void lists_in_order(void)
{
	begin();
	make_folder("b");
	make_folder("b/c");
	make_folder("empty");
	make_folder(".git");
	static const char *const names[] = {"z.csv", "b/2.csv", "b/10.csv",    "b.csv",      "b/c/x.csv",
					    "B.csv", "a.lua",   ".hidden.csv", ".git/y.csv", "b-.csv"};
	for (size_t i = 0; i < VG_COUNT(names); i++)
		write_file(names[i], "", 0);
	CU_ASSERT_EQUAL(symlink("../z.csv", path_of("b/link.csv")), 0);
	CU_ASSERT_EQUAL(symlink("b/c", path_of("linked")), 0);
	check_listing("", ".csv", "B.csv b-.csv b.csv b/10.csv b/2.csv b/c/x.csv b/link.csv linked/x.csv z.csv ");
	check_listing("b", ".csv", "10.csv 2.csv c/x.csv link.csv ");
	check_listing("", ".lua", "a.lua ");
	check_listing("", ".txt", "");
	check_listing("empty", "", "");
	end();
}

static void check_list_refused(const char *name, const char *part)
{
	vg_arena arena;
	vigil_error err = VIGIL_ERROR_INIT;
	const char *const *names = NULL;
	size_t count;
	vg_arena_init(&arena, NULL, 0);
	CU_ASSERT_EQUAL(vg_list_files(&arena, path_of(name), "", &names, &count, &err), VIGIL_BAD_INPUT);
	CHECK(strstr(err.text, part) != NULL, "\"%s\" does not say \"%s\"", err.text, part);
	CHECK(err.file[0] != '\0', "the error has no path");
	vg_arena_free(&arena);
}

static void says_why_it_cannot_list(void)
{
	begin();
	write_file("file", "", 0);
	make_folder("circle");
	CU_ASSERT_EQUAL(symlink("..", path_of("circle/up")), 0);
	check_list_refused("missing", "There is no folder");
	check_list_refused("file", "There is no folder");
	check_list_refused("circle", "deep");
	make_folder("dangling");
	CU_ASSERT_EQUAL(symlink("nowhere", path_of("dangling/link")), 0);
	check_list_refused("dangling", "There is no file");
	end();
}

static void tells_every_failure(void)
{
	begin();
	write_file("a.csv", "123", 3);
	make_folder("b");
	write_file("b/c.csv", "123", 3);
	for (size_t limit = 16; limit < 1000; limit += 16) {
		vg_arena arena;
		vg_arena_init(&arena, NULL, limit);
		const char *const *names = NULL;
		size_t count = 0;
		vigil_status status = vg_list_files(&arena, path_of(""), ".csv", &names, &count, NULL);
		CHECK(status == (arena.failed ? VIGIL_NO_MEMORY : VIGIL_OK), "with %zu bytes the listing says %d", limit,
		      status);
		CHECK(status || count == 2, "with %zu bytes %zu files are listed", limit, count);
		vg_arena_free(&arena);
	}
	vg_arena arena;
	vg_arena_init(&arena, NULL, 1);
	char *text = NULL;
	size_t length;
	CU_ASSERT_EQUAL(vg_read_file(&arena, path_of("a.csv"), 0, &text, &length, NULL), VIGIL_NO_MEMORY);
	vg_arena_free(&arena);
	end();
}

static void fingerprints_tell_files_apart(void)
{
	static char bytes[300001];
	vg_fingerprint first, again, other, shorter;
	vg_digest digest, whole;
	vg_digest_state state;
	begin();
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 13);
	write_file("a", bytes, sizeof bytes);
	write_file("c", bytes, sizeof bytes - 1);
	CU_ASSERT_TRUE(vg_fingerprint_file(path_of("a"), 1 << 20, &first, &digest));
	CU_ASSERT_TRUE(vg_fingerprint_file(path_of("a"), 1 << 20, &again, NULL));
	CU_ASSERT_TRUE(vg_fingerprint_file(path_of("c"), 1 << 20, &shorter, NULL));
	bytes[200000] ^= 1;
	write_file("a", bytes, sizeof bytes);
	CU_ASSERT_TRUE(vg_fingerprint_file(path_of("a"), 1 << 20, &other, NULL));
	CHECK(memcmp(&first, &again, sizeof first) == 0, "the same file has two fingerprints");
	CHECK(memcmp(&first, &other, sizeof first) != 0, "one bit is not noticed");
	CHECK(memcmp(&first, &shorter, sizeof first) != 0 && shorter.length == sizeof bytes - 1, "a cut is not noticed");
	bytes[200000] ^= 1;
	vg_digest_begin(&state);
	vg_digest_add(&state, bytes, sizeof bytes);
	vg_digest_end(&state, &whole);
	CHECK(memcmp(&whole, &digest, sizeof whole) == 0, "the digest beside it is another");
	CU_ASSERT_TRUE(vg_fingerprint_file(path_of("a"), sizeof bytes, &other, NULL));
	CU_ASSERT_FALSE(vg_fingerprint_file(path_of("a"), sizeof bytes - 1, &other, NULL)); /* longer than the limit */
	CU_ASSERT_FALSE(vg_fingerprint_file(path_of("none"), 1 << 20, &other, NULL));
	CU_ASSERT_FALSE(vg_fingerprint_file(path_of(""), 1 << 20, &other, NULL)); /* a folder */
	end();
}

const test_case test_cases_file[] = {
    {"whole files are read, bytes as they are", reads_whole_files},
    {"pipes are read to their end, within the limit", reads_pipes},
    {"\"-\" is the standard input", reads_the_standard_input},
    {"each reason not to read a file is told apart", says_what_is_wrong},
    {"folders are listed in the order of bytes", lists_in_order},
    {"each reason not to list a folder is told apart", says_why_it_cannot_list},
    {"each allocation fails in turn", tells_every_failure},
    {"fingerprints tell files apart", fingerprints_tell_files_apart},
    {NULL, NULL},
};
