/* Packs: what is read, in which order, and what is told when something is missing. */
#include "script/script_tests.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static void put(const char *folder, const char *name, const char *text) { write_file(folder, name, text, strlen(text)); }

static const char pack[] = "pack { name = \"heart\", version = \"1.2.0\", publisher = \"Us\", language = \"1\" }";

static void reads_a_pack_in_byte_order(void)
{
	const char *folder = make_folder();
	char inner[100];
	snprintf(inner, sizeof inner, "%s/b", folder);
	mkdir(inner, 0700);
	put(folder, "pack.lua", pack);
	put(folder, "z.lua", "rule \"z\" { }");
	put(folder, "b/a.lua", "rule \"ba\" { }");
	put(folder, "b.lua", "rule \"b\" { }\ndefine \"b\" { pregnant }");
	put(folder, "Z.lua", "rule \"Z\" { }");
	put(folder, "notes.txt", "no rule");
	test_load loaded;
	load_folders(&loaded, &folder, 1, &vg_system_allocator);
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	CHECK_TEXT(findings_text(&loaded, &arena), "");
	size_t count;
	const vg_pack *packs = vg_script_packs(loaded.script, &count);
	CHECK(count == 1, "%zu packs", count);
	CHECK_TEXT(packs[0].folder, folder);
	CHECK_TEXT(packs[0].name, "heart");
	CHECK_TEXT(packs[0].version, "1.2.0");
	CHECK_TEXT(packs[0].publisher, "Us");
	CHECK_TEXT(packs[0].language, "1");
	const vg_declaration *declarations = vg_script_declarations(loaded.script, &count);
	vg_buffer ids;
	vg_buffer_init(&ids, &arena);
	for (size_t i = 0; i < count; i++)
		vg_addf(&ids, "%s/%s ", declarations[i].kind, declarations[i].id);
	CHECK_TEXT(vg_buffer_text(&ids), "rule/Z rule/b define/b rule/ba rule/z ");
	CHECK_TEXT(declarations[3].place.file, vg_format(&arena, "%s/b/a.lua", folder));
	unload(&loaded);
	vg_arena_free(&arena);
	remove_folder(folder);
}

static void layers_keep_their_numbers(void)
{
	const char *folders[2] = {make_folder(), make_folder()};
	for (int i = 0; i < 2; i++) {
		put(folders[i], "pack.lua", pack);
		put(folders[i], "a.lua",
		    "rule \"a\" { }\nexample \"e\" { today = \"2026-01-01\", given = { }, expect_only = { } }\n"
		    "example \"e\" { today = \"2026-01-01\", given = { }, expect_only = { } }");
	}
	test_load loaded;
	load_folders(&loaded, folders, 2, &vg_system_allocator);
	size_t count;
	const vg_declaration *declarations = vg_script_declarations(loaded.script, &count);
	CHECK(loaded.findings.count == 0 && count == 6, "%zu findings, %zu declarations", loaded.findings.count, count);
	CHECK(declarations[0].pack == 0 && declarations[5].pack == 1, "the layers are %u and %u", declarations[0].pack,
	      declarations[5].pack);
	unload(&loaded);
	remove_folder(folders[0]);
	remove_folder(folders[1]);
}

static void tells_what_is_wrong_with_a_pack(void)
{
	static const struct {
		const char *pack, *rules, *codes;
	} cases[] = {
	    {NULL, "rule \"a\" { }", "VG150@0:0"},
	    {"pack { name = \"h\", version = \"1\", language = \"2\" }", "rule \"a\" { }", "VG152@1:1"},
	    {"pack { version = \"1\", language = \"1\" }", "rule \"a\" { }", "VG150@0:0 VG204@1:1"},
	    {"pack { name = \"\", version = 1, language = \"1\" }", "rule \"a\" { }", "VG150@1:1 VG150@1:1"},
	    {"pack { name = \"h\", version = \"1\", language = \"1\", nmae = \"x\" }", "rule \"a\" { }",
	     "VG150@0:0 VG203@1:51"},
	    {"rule \"a\" { }", "rule \"b\" { }", "VG150@0:0 VG151@1:1"},
	    {pack, pack, "VG151@1:1"},
	    {"pack { name = \"h\", version = \"1\", language = \"1\" }\npack { name = \"h\", version = \"1\", language = \"1\" "
	     "}",
	     "rule \"a\" { }", "VG151@2:1"},
	    {pack, "-- nothing yet", "VG128@1:1"},
	};
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		vg_arena arena;
		test_load loaded;
		vg_arena_init(&arena, &vg_system_allocator, 0);
		const char *folder = make_folder();
		if (cases[i].pack)
			put(folder, "pack.lua", cases[i].pack);
		put(folder, "rules.lua", cases[i].rules);
		load_folders(&loaded, &folder, 1, &vg_system_allocator);
		const char *text = findings_text(&loaded, &arena);
		CHECK(loaded.status == VIGIL_OK && strcmp(text, cases[i].codes) == 0,
		      "pack %s, rules %s\n    got      %s\n    expected %s", cases[i].pack, cases[i].rules, text,
		      cases[i].codes);
		unload(&loaded);
		remove_folder(folder);
		vg_arena_free(&arena);
	}
}

static void tells_all_findings_of_all_files(void)
{
	const char *folder = make_folder();
	put(folder, "pack.lua", pack);
	put(folder, "a.lua", "rule \"a\" { if_all = { x, y } }\nrule \"b\" { title = 1 + 1 }");
	put(folder, "b.lua", "\x1bLua");
	put(folder, "c.lua", "rule \"c\" { if_all = { pregnant or deceased } }");
	char big[100];
	snprintf(big, sizeof big, "%s/d.lua", folder);
	FILE *file = fopen(big, "wb");
	for (int i = 0; file && i < 300000; i++)
		fputs("-- filler\n", file);
	if (file)
		fclose(file);
	test_load loaded;
	load_folders(&loaded, &folder, 1, &vg_system_allocator);
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	CHECK_TEXT(findings_text(&loaded, &arena), "VG200@1:23 VG200@1:26 VG106@2:22 VG100@1:1 VG104@1:32 VG129@0:0");
	unload(&loaded);
	vg_arena_free(&arena);
	remove_folder(folder);
}

static void a_missing_folder_is_bad_rules(void)
{
	const char *folder = "/tmp/vigil-no-such-folder";
	test_load loaded;
	load_folders(&loaded, &folder, 1, &vg_system_allocator);
	CHECK(loaded.status == VIGIL_BAD_RULES && !loaded.script, "status %d", (int)loaded.status);
	CHECK(strstr(loaded.error.text, folder) != NULL, "the error does not name the folder: %s", loaded.error.text);
	unload(&loaded);
}

/* A byte-order mark and the line ends of desktop editors are accepted. */
static void accepts_what_editors_write(void)
{
	vg_arena arena;
	test_load loaded;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	load_text(&loaded, "\xEF\xBB\xBFrule \"a\" {\r\n  title = \"t\"\r\n}\r\n\r\nrule \"b\" { if_all = { x } }\r\n");
	CHECK_TEXT(findings_text(&loaded, &arena), "VG200@5:23");
	unload(&loaded);
	vg_arena_free(&arena);
}

/* Each allocation failed in turn: the same declarations, or VIGIL_NO_MEMORY and nothing left behind. */
static void survives_every_failed_allocation(void)
{
	const char *folder = make_folder();
	put(folder, "pack.lua", pack);
	put(folder, "a.lua",
	    "local x = latest \"INR\" :is_above \"4\"\nrule \"a\" { if_all = { x, any { pregnant } }, cases = { { say = \"s\" "
	    "} },\n"
	    "needs = { n = latest \"n\" }, check = function(p) return p.n > 1 end }\n");
	put(folder, "b.lua", "rule \"b\" { title = 1 + 1, if_all = { foo } }\nrule \"a\" { }");
	test_load whole;
	load_folders(&whole, &folder, 1, &vg_system_allocator);
	size_t declarations, failures = 0;
	vg_script_declarations(whole.script, &declarations);
	for (size_t at = 1;; at++) {
		test_allocator state = {.fail_at = at};
		vg_allocator allocator = {test_resize, &state};
		test_load loaded;
		load_folders(&loaded, &folder, 1, &allocator);
		bool over = state.calls < at;
		if (loaded.status == VIGIL_OK) {
			size_t count;
			vg_script_declarations(loaded.script, &count);
			CHECK(count == declarations && loaded.findings.count == whole.findings.count,
			      "allocation %zu failed, and %zu declarations and %zu findings came instead of %zu and %zu", at,
			      count, loaded.findings.count, declarations, whole.findings.count);
		} else {
			failures++;
			CHECK(loaded.status == VIGIL_NO_MEMORY && !loaded.script, "allocation %zu failed: status %d", at,
			      (int)loaded.status);
		}
		unload(&loaded);
		CHECK(state.live_blocks == 0 && state.live_bytes == 0, "allocation %zu failed: %zu blocks are left", at,
		      state.live_blocks);
		if (over)
			break;
	}
	CHECK(failures > 100, "only %zu failures", failures);
	unload(&whole);
	remove_folder(folder);
}

/* A megabyte of one thing: read in linear time, refused where nobody would write it. */
static void megabytes_are_read_in_time(void)
{
	static const struct {
		const char *start, *piece, *finding; /* finding: one that must be there; NULL: none is needed */
	} cases[] = {
	    {"rule \"a\" {", "{", "VG126"},
	    {"rule \"a\" { x = ", "(", "VG126"},
	    {"rule \"a\" { if_all = { ", "not ", "VG126"},
	    {"rule \"a\" { if_all = { latest \"x\" ", ":is ", "VG126"},
	    {"rule \"a\" { if_all = { ", "q, ", "VG122"},
	    {"rule \"a\" { ", ",", "VG122"},
	    {"", "$", "VG122"},
	    {"", "--[[\n", "VG122"},
	    {"", "x = [[\n", "VG122"},
	    {"rule \"a\" { title = \"", "\\q", "VG122"},
	    {"", "rule \"a\" { check = function(p)\n", "VG122"},
	    {"rule \"a\" { check = function(p) ", "local a = 1 ", "VG115"},
	    {"", "local a = pregnant\n", "VG122"},
	    {"", "end ", "VG108"},
	    {"rule \"a\" { x = { ", "taking \"x\", ", "VG115"},
	    {"rule \"a\" { needs = { x = latest \"x\" }, check = function(p) return p.x", " + p.x", "VG115"},
	};
	static char text[1000000];
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		size_t length = strlen(cases[i].start), piece = strlen(cases[i].piece);
		memcpy(text, cases[i].start, length);
		for (; length + piece <= sizeof text; length += piece)
			memcpy(text + length, cases[i].piece, piece);
		test_load loaded;
		clock_t start = clock();
		load_bytes(&loaded, text, length);
		double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
		CHECK(loaded.status == VIGIL_OK && seconds < 10, "\"%s\" a million times: status %d, %.1f s", cases[i].piece,
		      (int)loaded.status, seconds);
		CHECK(finding_of(&loaded, cases[i].finding), "\"%s\" a million times: no %s among %zu findings", cases[i].piece,
		      cases[i].finding, loaded.findings.count);
		CHECK(loaded.findings.count < 1000, "\"%s\" a million times: %zu findings", cases[i].piece,
		      loaded.findings.count);
		unload(&loaded);
	}
}

const test_case test_cases_load[] = {{"files in byte order of their paths, pack.lua first", reads_a_pack_in_byte_order},
				     {"layers are numbered; a later pack may use a name again", layers_keep_their_numbers},
				     {"packs without a name, with another language", tells_what_is_wrong_with_a_pack},
				     {"one loading tells the findings of all files", tells_all_findings_of_all_files},
				     {"a folder that is not there", a_missing_folder_is_bad_rules},
				     {"byte-order marks and CRLF", accepts_what_editors_write},
				     {"a megabyte of anything is read in time", megabytes_are_read_in_time},
				     {"each allocation failed in turn", survives_every_failed_allocation},
				     {0}};
