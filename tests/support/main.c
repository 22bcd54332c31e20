/* Runs the suites of one test program; see support.h. */
#include "support.h"

#include <CUnit/Basic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static unsigned skipped;

void test_check_text(const char *got, const char *expected, const char *file, int line)
{
	bool same = got && expected ? strcmp(got, expected) == 0 : got == expected;
	test_check(same, file, line, "got      \"%s\"\n    expected \"%s\"", got ? got : "(null)",
		   expected ? expected : "(null)");
}

void test_check(bool holds, const char *file, int line, const char *format, ...)
{
	char text[4096];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	if (!holds)
		fprintf(stderr, "\n  %s:%d: %s\n", file, line, text);
	CU_assertImplementation(holds ? CU_TRUE : CU_FALSE, (unsigned)line, text, file, "", CU_FALSE);
}

const char *test_data(const char *name)
{
	static char path[512];
	struct stat info;
	snprintf(path, sizeof path, "../shared/data/%s", name);
	if (stat(path, &info) == 0)
		return path;
	printf("skipped: %s is not here\n", path);
	skipped++;
	return NULL;
}

void *test_resize(void *user, void *old, size_t old_size, size_t new_size)
{
	test_allocator *state = user;
	if (new_size == 0) {
		if (old) {
			state->live_bytes -= old_size;
			state->live_blocks--;
		}
		free(old);
		return NULL;
	}
	if (++state->calls == state->fail_at)
		return NULL;
	void *block = realloc(old, new_size);
	if (block) {
		state->live_bytes += new_size - (old ? old_size : 0);
		state->live_blocks += old == NULL;
	}
	return block;
}

int main(void)
{
	if (CU_initialize_registry() != CUE_SUCCESS)
		return 5;
	for (const test_suite *suite = test_suites; suite->name; suite++) {
		CU_pSuite registered = CU_add_suite(suite->name, NULL, NULL);
		for (const test_case *test = suite->cases; registered && test->name; test++)
			CU_add_test(registered, test->name, test->run);
	}
	CU_basic_set_mode(CU_BRM_NORMAL);
	CU_basic_run_tests();
	unsigned failed = CU_get_number_of_tests_failed(), run = CU_get_number_of_tests_run();
	CU_cleanup_registry();
	if (skipped)
		printf("%u checks over the shared data were skipped\n", skipped);
	printf("%u passed, %u failed, %u skipped\n", run - failed, failed, skipped);
	return failed || run == 0 ? 1 : 0;
}
