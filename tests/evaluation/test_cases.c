/*
 * Cases as folders: fixtures/cases/NAME with record.json, order*.json, args,
 * README and expect.txt.  Nothing is registered; UPDATE=1 in the environment
 * rewrites the expectations, and the difference is reviewed.
 */
#include "evaluation_tests.h"

#include <dirent.h>
#include <stdlib.h>

static int by_name(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static char **list_cases(vg_arena *arena, size_t *ret_count)
{
	size_t count = 0, capacity = 0;
	char **names = NULL;
	DIR *folder = opendir("fixtures/cases");
	CHECK(folder != NULL, "fixtures/cases is there");
	for (struct dirent *entry; folder && (entry = readdir(folder));) {
		if (entry->d_name[0] == '.')
			continue;
		names = vg_grow(arena, names, count, &capacity, sizeof *names);
		names[count++] = vg_format(arena, "fixtures/cases/%s", entry->d_name);
	}
	if (folder)
		closedir(folder);
	qsort(names, count, sizeof *names, by_name);
	*ret_count = count;
	return names;
}

static void write_expectation(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	CHECK(file != NULL, "%s can be written", path);
	if (!file)
		return;
	fputs(text, file);
	fclose(file);
}

static void check_case(vg_evaluator *evaluator, const char *folder)
{
	test_sample sample;
	if (sample_read(&sample, cases_world(), folder, NULL)) {
		const char *got = ask(evaluator, &sample, true, &sample.arena);
		char path[256], *expected = NULL;
		size_t length;
		snprintf(path, sizeof path, "%s/expect.txt", folder);
		if (getenv("UPDATE")) {
			write_expectation(path, got);
		} else {
			vg_read_file(&sample.arena, path, 1 << 20, &expected, &length, NULL);
			CHECK(expected && strcmp(got, expected) == 0, "%s\n--- got\n%s--- expected\n%s", folder, got,
			      expected ? expected : "(no file)\n");
		}
	}
	sample_close(&sample);
}

static void each_case_comes_out_as_expected(void)
{
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	vg_evaluator *evaluator = NULL;
	size_t count = 0;
	char **folders = list_cases(&arena, &count);
	CHECK(count >= 40, "there are %zu cases", count);
	if (cases_world() && vg_evaluator_open(NULL, &evaluator, NULL) == VIGIL_OK)
		for (size_t i = 0; i < count; i++)
			check_case(evaluator, folders[i]);
	CHECK(evaluator != NULL, "an evaluator opens");
	vg_evaluator_close(evaluator);
	vg_arena_free(&arena);
}

/* The whole pack's own statement: it loads without an error and nothing is withdrawn. */
static void the_pack_of_the_cases_is_sound(void)
{
	vg_world *world = cases_world();
	CHECK(world && world->findings.errors == 0, "the pack has %zu errors", world ? world->findings.errors : 0);
	for (uint32_t i = 0; world && i < world->rulebook->rule_count; i++) {
		const vg_rule *rule = &world->rulebook->rules[i];
		bool draft = strstr(rule->id, "draft") != NULL;
		CHECK(draft == (rule->status != VG_STATUS_ACTIVE), "%s is %s", rule->id,
		      vg_rule_status_name((vg_rule_status)rule->status));
	}
}

const test_case test_cases_cases[] = {
    {"the pack of the cases is sound", the_pack_of_the_cases_is_sound},
    {"each case comes out as expected", each_case_comes_out_as_expected},
    {0},
};
