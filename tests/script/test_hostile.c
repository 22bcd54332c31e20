/*
 * Hostile rules: whatever the body of a check function tries, it is refused
 * when it is loaded or stopped when it runs, and the next rule does not notice.
 *
 * Two walls are tested apart.  Loading must refuse, or let through what the
 * sandbox then stops.  The sandbox alone, without the token check, must hold
 * every body as well.
 */
#include "script/script_tests.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double cpu_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/*
 * A call has 25 ms of processor time (P4 promises 100 with what goes before it).
 * What breaks out goes on for minutes; a slow machine needs some more to load,
 * to notice and to clean up, and a virtual one may count what it did not get.
 */
static const double most_ms = 5000;
static const size_t most_bytes = 8 * 1024 * 1024;

static const char wrapper_start[] =
    "rule \"hostile\" { title = \"t\", severity = \"info\", when_opening_chart = true, warn = \"w\",\n"
    "needs = { number = latest \"x\", text = latest \"y\" },\n"
    "check = function(p, this_order)\n";
static const char wrapper_end[] = "\nend }\n";
/* Twenty good rules, some read before the hostile one and some after it; none may notice it. */
enum { GOOD_RULES = 20 };
static const char good_rule[] =
    "rule \"good-%d\" { needs = { number = latest \"x\" },\n"
    "check = function(p) return p.number == 24.5 and math.max(%d, 2) >= 2 and (\"a\"):upper() == \"A\"\n"
    "and string.format(\"%%.1f\", 1.5) == \"1.5\" and tostring(nil) == \"nil\" end }\n";

static void write_good_rules(const char *folder, const char *name, int from, int past)
{
	vg_arena arena;
	vg_buffer text;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	vg_buffer_init(&text, &arena);
	for (int i = from; i < past; i++)
		vg_addf(&text, good_rule, i, i);
	write_file(folder, name, vg_buffer_text(&text), text.length);
	vg_arena_free(&arena);
}

static const vg_argument arguments[] = {{"number", VG_ARGUMENT_NUMBER, 24.5, NULL, false},
					{"text", VG_ARGUMENT_TEXT, 0, "Smith", false}};

/* Loads the body in its wrapper among the good rules and calls all of them. Returns "refused" or the body's outcome. */
static const char *load_and_run(const char *name, const char *body, char codes[256])
{
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	peak_allocator peak = {0};
	vg_allocator allocator = {peak_resize, &peak};
	const char *folder = make_folder(), *text = vg_format(&arena, "%s%s%s", wrapper_start, body, wrapper_end);
	write_file(folder, "hostile.lua", text, strlen(text));
	write_good_rules(folder, "good.lua", 0, GOOD_RULES / 2);
	write_good_rules(folder, "later.lua", GOOD_RULES / 2, GOOD_RULES);
	static const char pack[] = "pack { name = \"h\", version = \"1\", language = \"1\" }";
	write_file(folder, "pack.lua", pack, strlen(pack));
	test_load loaded;
	double start = cpu_ms();
	load_folders(&loaded, &folder, 1, &allocator);
	snprintf(codes, 256, "%s", findings_text(&loaded, &arena));
	const char *outcome = "refused";
	CHECK(loaded.status == VIGIL_OK, "%s: loading failed with status %d", name, (int)loaded.status);
	if (loaded.script) {
		static vg_check_error error;
		vg_truth truth = VG_FALSE;
		vg_checker *checker = NULL;
		size_t count;
		const vg_declaration *declarations = vg_script_declarations(loaded.script, &count);
		CHECK(vg_checker_open(loaded.script, &allocator, &checker, NULL) == VIGIL_OK, "%s: no checker", name);
		int good = 0;
		for (size_t i = 0; checker && i < count; i++) {
			const vg_item *body_item = &declarations[i].body;
			uint32_t check = body_item->fields[body_item->field_count - 1].value.function;
			bool ran = vg_checker_call(checker, check, arguments, 2, NULL, 0, &truth, &error);
			if (vg_starts_with(declarations[i].id, "good-"))
				good += ran && truth == VG_TRUE;
			else
				outcome = ran ? vg_truth_text(truth) : error.code;
			CHECK(ran || !strstr(error.text, "Smith"), "%s: the error tells the patient's name: %s", name,
			      error.text);
		}
		CHECK(good == GOOD_RULES, "%s: of %d good rules beside it %d answered", name, GOOD_RULES, good);
		vg_checker_close(checker);
	}
	double took = cpu_ms() - start;
	CHECK(took < most_ms, "%s: loading and running took %.1f ms", name, took);
	CHECK(peak.peak < most_bytes, "%s: loading and running took %zu bytes", name, peak.peak);
	unload(&loaded);
	CHECK(peak.live == 0, "%s: %zu bytes were left behind", name, peak.live);
	remove_folder(folder);
	vg_arena_free(&arena);
	return outcome;
}

/* Whether the word is one of the list. */
static bool among(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = strstr(words, word); at; at = strstr(at + 1, word))
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	return false;
}

/* The same of what an attack may end with: where a limit is, a slow machine may meet that of time first. */
static bool ends_well(const char *run, const char *outcome)
{
	bool limited = among(run, "memory") || among(run, "instructions");
	return among(run, outcome) || (limited && strcmp(outcome, "time") == 0);
}

/* ---- the corpus of our own ----------------------------------------------------------- */

static char *read_text(const char *path, vg_arena *arena)
{
	char *text = NULL;
	size_t length;
	vigil_status status = vg_read_file(arena, path, 1 << 20, &text, &length, NULL);
	CHECK(status == VIGIL_OK, "%s cannot be read", path);
	return status == VIGIL_OK ? text : NULL;
}

/* The value of "-- key: value". */
static const char *header(const char *text, const char *key, char out[100])
{
	char line[32];
	snprintf(line, sizeof line, "-- %s: ", key);
	const char *at = strstr(text, line);
	out[0] = '\0';
	if (at)
		snprintf(out, 100, "%.*s", (int)strcspn(at + strlen(line), "\r\n"), at + strlen(line));
	return out;
}

static void own_corpus(void)
{
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	const char *const *files;
	size_t count = 0;
	CHECK(vg_list_files(&arena, "fixtures/hostile", ".lua", &files, &count, NULL) == VIGIL_OK && count >= 50,
	      "fixtures/hostile holds %zu files", count);
	for (size_t i = 0; i < count; i++) {
		char load[100], run[100], codes[256];
		char *text = read_text(vg_format(&arena, "fixtures/hostile/%s", files[i]), &arena);
		if (!text)
			continue;
		header(text, "load", load);
		header(text, "run", run);
		const char *outcome = load_and_run(files[i], text, codes);
		if (strcmp(load, "accepted") == 0)
			CHECK(ends_well(run, outcome), "%s: loaded and run, it ends with %s (%s), not with one of: %s",
			      files[i], outcome, codes, run);
		else
			CHECK(strcmp(outcome, "refused") == 0 && strstr(codes, load), "%s: loading says \"%s\" (%s), not %s",
			      files[i], codes, outcome, load);
		vg_check_error error;
		double start = cpu_ms();
		const char *alone = run_body(text, &error);
		CHECK(ends_well(run, alone), "%s: the sandbox alone lets it end with %s (%s), not with one of: %s", files[i],
		      alone, error.text, run);
		CHECK(cpu_ms() - start < most_ms, "%s: the sandbox alone took %.1f ms", files[i], cpu_ms() - start);
		CHECK(!strstr(error.text, "Smith"), "%s: the error tells the patient's name: %s", files[i], error.text);
	}
	CHECK(access("/tmp/vigil-canary", F_OK) != 0, "a hostile rule ran a command");
	vg_arena_free(&arena);
}

static void harmless_twin(void)
{
	char codes[256];
	CHECK_TEXT(load_and_run("twin", "return p.number > 20 and p.text == \"Smith\"", codes), "true");
	CHECK_TEXT(codes, "");
}

/* ---- the shared corpus ------------------------------------------------------------------ */

/* Names that its bodies expect, so that the sandbox alone meets the attack and not a missing name. */
static const char stand_ins[] =
    "local patient = { name = \"Smith\", birth_date = \"1950-01-01\", allergies = { { name = \"penicillin\" } },\n"
    "meds = { { name = \"warfarin\", code = \"1\" }, { name = \"ibuprofen\", code = \"2\" } }, labs = { inr = { value = 5 } } "
    "}\n"
    "local ctx = { now = \"2026-01-01\", hook = \"order-sign\" }\n"
    "local function alert(x) return x end local function log(x) return x end\n";

/* Whether an outcome of the sandbox is what the corpus expects, or stricter: failing at once instead of at a limit. */
static bool is_safe(const char *expected, const char *outcome, const char *class)
{
	if (class[0] == 'G' || strstr(expected, "LINT"))
		return true; /* about alerts' contents, which no check function makes: loading decides */
	bool ran = among("true false unknown result", outcome);
	if (ran)
		return strstr(expected, "OK") != NULL;
	if (strcmp(outcome, "error") == 0)
		return true;
	return strstr(expected, "LIMIT") != NULL && among("instructions time memory", outcome);
}

static void shared_file(const char *folder, char *row, vg_arena *arena, unsigned *refused)
{
	char *name = strsep(&row, "\t"), *class = strsep(&row, "\t"), *expected = strsep(&row, "\t"), codes[256];
	char *text = read_text(vg_format(arena, "%s/%s", folder, name), arena);
	if (!text)
		return;
	bool whole = strstr(expected, "LOAD_ERROR") || strcmp(expected, "LINT") == 0;
	if (whole && class[0] == 'B') { /* about the file itself */
		test_load loaded;
		double start = cpu_ms();
		const char *path = vg_format(arena, "%s/%s", folder, name);
		load_folders(&loaded, &path, 1, &vg_system_allocator);
		CHECK(loaded.status == VIGIL_OK && loaded.findings.errors > 0, "%s: the file is not refused", name);
		CHECK(cpu_ms() - start < most_ms, "%s: took %.1f ms", name, cpu_ms() - start);
		unload(&loaded);
	}
	if (text[0] == '\x1b')
		return;
	const char *outcome = load_and_run(name, text, codes);
	*refused += strcmp(outcome, "refused") == 0;
	CHECK(strcmp(outcome, "refused") == 0 || is_safe(expected, outcome, class),
	      "%s: loaded and run, it ends with %s, not with %s", name, outcome, expected);
	vg_check_error error;
	double start = cpu_ms();
	outcome = run_body(vg_format(arena, "%s%s", stand_ins, text), &error);
	/* Two bodies only write to what stands in for the corpus's host; for ours see fixtures/hostile. */
	bool stand_in = strcmp(name, "100_alert_overwrite.lua") == 0 || strcmp(name, "106_patient_overwrite_deep.lua") == 0;
	CHECK(stand_in || is_safe(expected, outcome, class), "%s: the sandbox alone lets it end with %s (%s), not with %s",
	      name, outcome, error.text, expected);
	CHECK(cpu_ms() - start < most_ms, "%s: the sandbox alone took %.1f ms", name, cpu_ms() - start);
	CHECK(!strstr(error.text, "Smith"), "%s: the error tells the patient's name: %s", name, error.text);
	if (getenv("SHOW"))
		printf("%-34s %-28s load: %-60.60s alone: %s %s\n", name, expected, codes, outcome, error.text);
}

static void shared_corpus(void)
{
	const char *folder = test_data("hostile_rules");
	if (!folder)
		return;
	vg_arena arena;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	char *index = read_text(vg_format(&arena, "%s/INDEX.tsv", folder), &arena), *row;
	folder = vg_copy_text(&arena, folder, strlen(folder));
	unsigned count = 0, refused = 0;
	strsep(&index, "\n");
	while ((row = strsep(&index, "\n")))
		if (row[0]) {
			char path[300];
			snprintf(path, sizeof path, "%s/%.*s", folder, (int)strcspn(row, "\t"), row);
			if (access(path, R_OK) != 0)
				continue; /* the index lists more than the folder holds */
			shared_file(folder, row, &arena, &refused);
			count++;
		}
	CHECK(count >= 100, "the corpus holds %u files", count);
	printf("(%u files, %u refused when loaded) ", count, refused);
	CHECK(access("/tmp/cds_canary", F_OK) != 0, "a hostile rule reached the file system");
	vg_arena_free(&arena);
}

const test_case test_cases_hostile[] = {{"the twin of every hostile rule, with a harmless body, runs", harmless_twin},
					{"fixtures/hostile: each body is refused or stopped", own_corpus},
					{"the shared corpus: each file is refused or stopped", shared_corpus},
					{0}};
