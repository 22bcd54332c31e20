/* The CSV reader: RFC 4180 and nothing else. */
#include "knowledge_tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* All rows of a text, cells joined by "|", rows by a line break; a row with a problem as "!problem" and its line. */
static const char *rows_of(const char *text, size_t length)
{
	static char shown[8192];
	char *copy = malloc(length + 1);
	size_t used = 0;
	vg_csv csv;
	memcpy(copy, text, length);
	copy[length] = '\0';
	shown[0] = '\0';
	vg_csv_begin(&csv, copy, length);
	while (vg_csv_next(&csv)) {
		used += (size_t)snprintf(shown + used, sizeof shown - used, "%s%d:", used ? "\n" : "", csv.row_line);
		if (csv.problem != VG_CSV_FINE)
			used += (size_t)snprintf(shown + used, sizeof shown - used, "!%d", csv.problem);
		for (size_t i = 0; i < csv.cell_count && csv.problem == VG_CSV_FINE; i++) {
			CHECK(strlen(csv.cells[i]) == csv.lengths[i], "the length of cell %zu is not that of its text", i);
			used += (size_t)snprintf(shown + used, sizeof shown - used, "%s%s", i ? "|" : "", csv.cells[i]);
		}
	}
	free(copy);
	return shown;
}

static const char *rows(const char *text) { return rows_of(text, strlen(text)); }

static void reads_rows(void)
{
	CHECK_TEXT(rows("a,b\n1,2\n"), "1:a|b\n2:1|2");
	CHECK_TEXT(rows("a,b\r\n1,2\r\n"), "1:a|b\n2:1|2");
	CHECK_TEXT(rows("a,b\n1,2"), "1:a|b\n2:1|2");
	CHECK_TEXT(rows("a,,c\n,,\n"), "1:a||c\n2:||");
	CHECK_TEXT(rows("a\n"), "1:a");
	CHECK_TEXT(rows(""), "");
}

static void ignores_comments_blanks_and_mark(void)
{
	CHECK_TEXT(rows("\xEF\xBB\xBF"
			"a,b\n"),
		   "1:a|b");
	CHECK_TEXT(rows("# about\n\n   \na,b\n#1,2\n\n3,4\n\n"), "4:a|b\n7:3|4");
	CHECK_TEXT(rows("a,#b\n"), "1:a|#b");
	CHECK_TEXT(rows(" a ,\t b\t, c d \n"), "1:a|b|c d");
}

static void reads_quotes(void)
{
	CHECK_TEXT(rows("\"a\",\"b,c\"\n"), "1:a|b,c");
	CHECK_TEXT(rows("\"say \"\"no\"\"\",\"\"\n"), "1:say \"no\"|");
	CHECK_TEXT(rows("\"two\nlines\",x\ny,z\n"), "1:two\nlines|x\n3:y|z");
	CHECK_TEXT(rows("\" kept \" ,x\n"), "1: kept |x");
	CHECK_TEXT(rows("\"# no comment\"\n"), "1:# no comment");
}

static void refuses_what_rfc_4180_does_not_allow(void)
{
	char shown[16];
	snprintf(shown, sizeof shown, "1:!%d\n2:ok", VG_CSV_QUOTE_INSIDE);
	CHECK_TEXT(rows("a\"b,c\nok\n"), shown);
	snprintf(shown, sizeof shown, "1:!%d\n2:ok", VG_CSV_AFTER_QUOTE);
	CHECK_TEXT(rows("\"a\"b,c\nok\n"), shown);
	snprintf(shown, sizeof shown, "2:!%d", VG_CSV_UNFINISHED_QUOTE);
	CHECK(strstr(rows("a,b\n1,\"2\n3,4\n5,6\n"), shown) != NULL, "an open quote is not told at its line");
	snprintf(shown, sizeof shown, "1:!%d\n2:ok", VG_CSV_NOT_UTF8);
	CHECK_TEXT(rows("caf\xE9\nok\n"), shown);
	snprintf(shown, sizeof shown, "1:!%d\n2:ok", VG_CSV_CONTROL);
	CHECK_TEXT(rows("a\x01"
			"b\nok\n"),
		   shown);
	CHECK_TEXT(rows("a\rb\nok\n"), shown);
	CHECK_TEXT(rows_of("a\0b\nok\n", 7), shown);
}

static void has_limits(void)
{
	char wide[VG_CSV_COLUMNS * 2 + 8], shown[16];
	size_t used = 0;
	for (int i = 0; i <= VG_CSV_COLUMNS; i++)
		used += (size_t)snprintf(wide + used, sizeof wide - used, "%s1", i ? "," : "");
	snprintf(shown, sizeof shown, "1:!%d", VG_CSV_TOO_MANY_CELLS);
	CHECK_TEXT(rows(wide), shown);
	wide[used - 2] = '\0'; /* one cell less */
	CHECK(strchr(rows(wide), '!') == NULL, "64 cells are too many");
	char *cell = malloc(VG_CSV_CELL + 1);
	memset(cell, 'x', VG_CSV_CELL);
	snprintf(shown, sizeof shown, "1:!%d", VG_CSV_CELL_TOO_LONG);
	CHECK_TEXT(rows_of(cell, VG_CSV_CELL), shown);
	free(cell);
}

static void tells_every_problem(void)
{
	CHECK_TEXT(vg_csv_problem_text(VG_CSV_FINE), "");
	for (int problem = VG_CSV_FINE + 1; problem <= VG_CSV_CONTROL; problem++)
		CHECK(strlen(vg_csv_problem_text((vg_csv_problem)problem)) > 10, "problem %d has no text", problem);
}

/* Whatever bytes come, the reader ends, stays inside the text and makes no cell longer than it. */
static void survives_any_bytes(void)
{
	static const char alphabet[] = "a,\"\n\r# \t\xC3\xA9\x01";
	uint32_t seed = 7;
	for (int round = 0; round < 20000; round++) {
		char text[24];
		size_t length = 0, row_count = 0;
		for (; length < sizeof text - 1; length++) {
			seed = seed * 1664525 + 1013904223;
			if (seed >> 28 == 0)
				break;
			text[length] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		text[length] = '\0';
		vg_csv csv;
		vg_csv_begin(&csv, text, length);
		while (vg_csv_next(&csv) && row_count <= length)
			for (size_t i = (row_count++, 0); i < csv.cell_count; i++)
				if (csv.cells[i] < text || csv.cells[i] + csv.lengths[i] > text + length)
					CU_FAIL_FATAL("a cell lies outside the text");
		CHECK(row_count <= length, "there are more rows than bytes");
	}
}

const test_case test_cases_csv[] = {
    {"rows and cells", reads_rows},
    {"comments, blank lines and the byte-order mark are no rows", ignores_comments_blanks_and_mark},
    {"quotes hold commas, quotes and line breaks", reads_quotes},
    {"what RFC 4180 does not allow is a problem of its row", refuses_what_rfc_4180_does_not_allow},
    {"64 cells and 65,535 bytes are the limits", has_limits},
    {"every problem has a text", tells_every_problem},
    {"any bytes are survived", survives_any_bytes},
    {NULL, NULL},
};
