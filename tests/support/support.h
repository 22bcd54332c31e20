/*
 * What every test program shares: it names its cases in one table, and
 * tests/support/main.c runs them and ends with CUnit's own summary.
 *
 *     static void knows_leap_years(void) { CU_ASSERT_EQUAL(...); }
 *     const test_case test_cases_date[] = {{"29 February plus a year is 28 February", knows_leap_years}, {0}};
 *
 * Each test program has one file `suites.c` that lists its tables:
 *     const test_suite test_suites[] = {{"dates", test_cases_date}, {0}};
 */
#ifndef VG_TESTS_SUPPORT_H
#define VG_TESTS_SUPPORT_H

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "vigil.h"

typedef struct test_case {
	const char *name;
	void (*run)(void);
} test_case;
typedef struct test_suite {
	const char *name;
	const test_case *cases;
} test_suite;
extern const test_suite test_suites[];

/* Asserts equal texts and prints both when they differ. */
#define CHECK_TEXT(got, expected) test_check_text((got), (expected), __FILE__, __LINE__)
void test_check_text(const char *got, const char *expected, const char *file, int line);
/* Asserts a truth and tells the story when it does not hold.  The condition comes first, so that the story is of what it did.
 */
#define CHECK(condition, ...)                                                                                                  \
	do {                                                                                                                   \
		const bool check_holds = (condition);                                                                          \
		test_check(check_holds, __FILE__, __LINE__, __VA_ARGS__);                                                      \
	} while (0)
void test_check(bool holds, const char *file, int line, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Milliseconds after which a program is taken for broken: no machine is so slow. */
enum { TEST_PATIENCE = 300000 };
/* Waits until a condition holds, as long as it takes; what is checked afterwards is the condition. */
#define WAIT_UNTIL(condition)                                                                                                  \
	for (int waited = 0; waited < TEST_PATIENCE && !(condition); waited++)                                                 \
	usleep(1000)
/* "../shared/data/NAME", or NULL after printing "skipped: …" and counting it. */
const char *test_data(const char *name);
/* Where the tests run: the repository's root. */

/* An allocator that fails its n-th call (1-based; 0: never) and counts calls and live bytes. */
typedef struct test_allocator {
	size_t calls, fail_at, live_bytes, live_blocks;
} test_allocator;
void *test_resize(void *user, void *old, size_t old_size, size_t new_size);

#endif
