/* Numbers: read as the C library reads them, written so that they read back, in any locale. */
#include "base/base.h"
#include "support/support.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t state = 1;
static uint64_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static bool same_bits(double a, double b) { return memcmp(&a, &b, sizeof a) == 0; }

static void reads_the_grammar(void)
{
	static const char *const good[] = {"0",      "-0",
					   "1",      "-1",
					   "10",     "0.5",
					   "-0.25",  "1e5",
					   "1E5",    "1e+5",
					   "1.5e-3", "0e0",
					   "0.0",    "123456789012345678901234567890",
					   "1e-400", "-1e-999999999999999999999"};
	static const char *const bad[] = {
	    "",   "-",  "+1",  ".5",  "1.",  "01",    "-01",    "1e",    "1e+",   "1.e5", "0x10",
	    "1 ", " 1", "1,5", "NaN", "inf", "1e400", "-1e400", "1.5.2", "1e5.2", "--1",  "1e99999999999999999999",
	    "٣"};
	double value;
	for (size_t i = 0; i < VG_COUNT(good); i++) {
		CHECK(vg_parse_number(good[i], strlen(good[i]), &value), "%s is refused", good[i]);
		CHECK(same_bits(value, strtod(good[i], NULL)), "%s is read as %a", good[i], value);
	}
	for (size_t i = 0; i < VG_COUNT(bad); i++) {
		value = 42;
		CHECK(!vg_parse_number(bad[i], strlen(bad[i]), &value), "%s is accepted as %a", bad[i], value);
		CHECK(value == 42, "%s is refused and written", bad[i]);
	}
	CHECK(vg_parse_number("125", 2, &value) && value == 12, "the length is not kept");
}

static void reads_like_strtod(void)
{
	for (int i = 0; i < 200000; i++) {
		char text[128];
		int length = 0, whole = (int)(next_random() % 25), fraction = (int)(next_random() % 25);
		if (next_random() % 2)
			text[length++] = '-';
		text[length++] = (char)('1' + next_random() % 9);
		while (whole--)
			text[length++] = (char)('0' + next_random() % 10);
		if (fraction) {
			text[length++] = '.';
			while (fraction--)
				text[length++] = (char)('0' + next_random() % 10);
		}
		if (next_random() % 3)
			length += sprintf(text + length, "e%d", (int)(next_random() % 640) - 330);
		text[length] = '\0';
		double value = 0, expected = strtod(text, NULL);
		bool accepted = vg_parse_number(text, (size_t)length, &value);
		CHECK(accepted == (bool)isfinite(expected), "%s is %s", text, accepted ? "accepted" : "refused");
		CHECK(!accepted || same_bits(value, expected), "%s is %a, not %a", text, value, expected);
	}
}

/* Numbers half-way between two doubles, which the last of very many digits decides. */
static void rounds_long_numbers_rightly(void)
{
	char text[2000];
	double value;
	for (int zeros = 0; zeros < 1200; zeros += 37) {
		int length = sprintf(text, "9007199254740993.");
		memset(text + length, '0', (size_t)zeros);
		strcpy(text + length + zeros, "0");
		CHECK(vg_parse_number(text, strlen(text), &value) && value == 9007199254740992.0,
		      "a tie does not go to even (%d)", zeros);
		strcpy(text + length + zeros, "1");
		CHECK(vg_parse_number(text, strlen(text), &value) && value == 9007199254740994.0, "digit %d is not seen",
		      zeros);
	}
	memset(text, '0', sizeof text);
	memcpy(text, "0.", 2);
	strcpy(text + 1500, "15e1500");
	CHECK(vg_parse_number(text, strlen(text), &value) && value == 15.0, "leading zeros change a number to %a", value);
	memset(text, '0', sizeof text);
	text[0] = '5';
	strcpy(text + 1500, "e-1499");
	CHECK(vg_parse_number(text, strlen(text), &value) && value == 5.0, "trailing zeros change a number to %a", value);
}

static const char *written(double number)
{
	static char text[32];
	size_t length = vg_number_text(number, text);
	CHECK(length == strlen(text), "the length of %s is said to be %zu", text, length);
	return text;
}

static void writes_plainly(void)
{
	CHECK_TEXT(written(0), "0");
	CHECK_TEXT(written(-0.0), "-0");
	CHECK_TEXT(written(30), "30");
	CHECK_TEXT(written(-7), "-7");
	CHECK_TEXT(written(1.73), "1.73");
	CHECK_TEXT(written(0.1), "0.1");
	CHECK_TEXT(written(0.1 + 0.2), "0.30000000000000004");
	CHECK_TEXT(written(0.00012), "0.00012");
	CHECK_TEXT(written(1234.5), "1234.5");
	CHECK_TEXT(written(1e15), "1000000000000000");
	CHECK_TEXT(written(123456789012345680.0), "123456789012345680");
	CHECK_TEXT(written(1e20), "100000000000000000000");
	CHECK_TEXT(written(1e21), "1e21");
	CHECK_TEXT(written(1.25e-9), "1.25e-9");
	CHECK_TEXT(written(1e-6), "0.000001");
	CHECK_TEXT(written(1e-7), "1e-7");
	CHECK_TEXT(written(DBL_MAX), "1.7976931348623157e308");
	CHECK_TEXT(written(DBL_MIN), "2.2250738585072014e-308");
	CHECK_TEXT(written(4.9406564584124654e-324), "5e-324");
	CHECK_TEXT(written(9007199254740991.0), "9007199254740991");
	CHECK_TEXT(written(9007199254740994.0), "9007199254740994");
	CHECK_TEXT(written(NAN), "null");
	CHECK_TEXT(written(INFINITY), "null");
	CHECK_TEXT(written(-INFINITY), "null");
}

static void reads_back_what_it_writes(void)
{
	for (int i = 0; i < 200000; i++) {
		uint64_t bits = next_random();
		double number, read = 0;
		if (i % 3 == 0)
			number = (double)(int64_t)(bits % 2000000) / 1000.0;
		else if (i % 3 == 1)
			number = ldexp((double)(bits >> 11), (int)(bits % 100) - 100);
		else
			memcpy(&number, &bits, sizeof number);
		if (!isfinite(number))
			continue;
		const char *text = written(number);
		CHECK(strlen(text) < 26, "%s is long", text);
		CHECK(vg_parse_number(text, strlen(text), &read) && same_bits(read, number), "%a is written as %s", number,
		      text);
	}
}

/* In a child process, which ends here: the C library does not give back all that a locale needs. */
static void child_with_comma(const char *folder)
{
	setenv("LOCPATH", folder, 1);
	locale_t comma = newlocale(LC_ALL_MASK, "comma", (locale_t)0);
	if (!comma)
		_exit(2);
	uselocale(comma);
	unsigned failed_before = CU_get_number_of_failures();
	char point[16];
	snprintf(point, sizeof point, "%.1f", 0.5);
	CHECK_TEXT(point, "0,5");
	double value = 0;
	CHECK(vg_parse_number("1.73", 4, &value) && value == 1.73, "1.73 is %a", value);
	CHECK(vg_parse_number("0.1234567890123456789012", 24, &value) && value == 0.1234567890123456789012, "it is %a", value);
	CHECK(!vg_parse_number("1,73", 4, &value), "a comma is a point");
	writes_plainly();
	reads_back_what_it_writes();
	_exit(CU_get_number_of_failures() != failed_before);
}

/* Makes a locale whose decimal point is a comma, in a folder of its own, since the system may have none. */
static void ignores_the_locale(void)
{
	char folder[] = P_tmpdir "/vigil-locale-XXXXXX", command[256];
	CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
	snprintf(command, sizeof command, "localedef -c -f UTF-8 -i de_DE %s/comma >/dev/null 2>&1", folder);
	bool made = system(command) == 0;
	if (!made)
		printf("skipped: no locale with a decimal comma can be made here\n");
	fflush(NULL);
	pid_t child = made ? fork() : -1;
	if (child == 0)
		child_with_comma(folder);
	int status = 0;
	if (child > 0)
		CHECK(waitpid(child, &status, 0) == child && status == 0, "numbers differ where the decimal point is a comma");
	snprintf(command, sizeof command, "rm -r %s", folder);
	CU_ASSERT_EQUAL(system(command), 0);
}

const test_case test_cases_number[] = {
    {"numbers follow JSON's grammar", reads_the_grammar},
    {"200,000 random numbers are read as strtod reads them", reads_like_strtod},
    {"very long numbers are rounded rightly", rounds_long_numbers_rightly},
    {"numbers are written plainly", writes_plainly},
    {"200,000 random numbers read back", reads_back_what_it_writes},
    {"a locale with a decimal comma changes nothing", ignores_the_locale},
    {NULL, NULL},
};
