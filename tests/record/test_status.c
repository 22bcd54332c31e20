/* The status table: searchable, complete, and the same as the manual's. */
#include "record/record_internal.h"
#include "record_support.h"

#include <stdio.h>
#include <stdlib.h>

static void is_in_byte_order(void)
{
	for (size_t i = 1; i < vg_status_row_count; i++) {
		const vg_status_row *a = &vg_status_rows[i - 1], *b = &vg_status_rows[i];
		int order = strcmp(a->type, b->type);
		order = order ? order : strcmp(a->member, b->member);
		order = order ? order : strcmp(a->value, b->value);
		CHECK(order < 0, "status.def: %s.%s \"%s\" must not stand before \"%s\"", a->type, a->member, a->value,
		      b->value);
	}
}

static void every_member_has_a_row_for_its_absence(void)
{
	for (size_t i = 0; i < vg_status_row_count; i++) {
		bool known;
		const vg_status_row *row =
		    vg_status_find(vg_status_rows[i].type, vg_status_rows[i].member, "no such value", &known);
		CHECK(row && !known && !*row->value, "%s.%s has no row \"\"", vg_status_rows[i].type, vg_status_rows[i].member);
	}
}

static void finds_every_row(void)
{
	for (size_t i = 0; i < vg_status_row_count; i++) {
		const vg_status_row *row = &vg_status_rows[i];
		bool known;
		CHECK(vg_status_find(row->type, row->member, row->value, &known) == row && known, "%s.%s \"%s\" is not found",
		      row->type, row->member, row->value);
	}
	bool known;
	CHECK(vg_status_find("Observation", "clinicalStatus", "active", &known) == NULL,
	      "a member that Observations do not have");
}

static void entered_in_error_never_counts(void)
{
	size_t count = 0;
	for (size_t i = 0; i < vg_status_row_count; i++) {
		const vg_status_row *row = &vg_status_rows[i];
		bool error = strcmp(row->value, "entered-in-error") == 0 || strcmp(row->value, "refuted") == 0;
		count += error;
		CHECK(!error || row->standing == VG_LEFT_OUT, "%s.%s \"%s\" counts", row->type, row->member, row->value);
	}
	CHECK(count >= 13, "only %zu rows tell of errors", count);
}

static void the_weaker_member_decides(void)
{
	static const int order[] = {VG_CURRENT, VG_PRELIMINARY, VG_INTENDED, VG_DRAFT,
				    VG_PAST,    VG_PLANNED,     VG_NOT_DONE, VG_LEFT_OUT};
	for (size_t a = 0; a < VG_COUNT(order); a++)
		for (size_t b = 0; b < VG_COUNT(order); b++)
			CHECK(vg_standing_weaker(order[a], order[b]) == order[a > b ? a : b], "%d and %d", order[a], order[b]);
}

static char *table_text(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	const char *type = "";
	for (size_t i = 0; i < vg_status_row_count; i++) {
		const vg_status_row *row = &vg_status_rows[i];
		if (strcmp(type, row->type) != 0)
			fprintf(out, "%s### %s\n\n| member | value | stands as | meaning |\n| --- | --- | --- | --- |\n",
				*type ? "\n" : "", row->type);
		type = row->type;
		fprintf(out, "| `%s` | %s%s%s | %s | %s |\n", row->member, *row->value ? "`" : "",
			*row->value ? row->value : "missing, or another word", *row->value ? "`" : "", row->standing_name,
			row->meaning);
	}
	fclose(out);
	return text;
}

/* UPDATE=1 writes the table into the manual anew. */
static void the_manual_prints_this_table(void)
{
	static const char path[] = "docs/records.md", begin[] = "<!-- statuses -->\n", end[] = "<!-- end of statuses -->";
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	char *manual;
	size_t length;
	vigil_error error = VIGIL_ERROR_INIT;
	char *expected = table_text();
	CHECK(vg_read_file(&arena, path, 1 << 20, &manual, &length, &error) == VIGIL_OK, "%s", error.text);
	char *from = *error.text ? NULL : strstr(manual, begin), *to = from ? strstr(from, end) : NULL;
	CHECK(from && to, "%s has no place for the table", path);
	if (from && to && expected) {
		from += strlen(begin);
		bool same = strlen(expected) == (size_t)(to - from) && memcmp(expected, from, strlen(expected)) == 0;
		if (!same && getenv("UPDATE")) {
			FILE *out = fopen(path, "w");
			if (out) {
				fprintf(out, "%.*s%s%s", (int)(from - manual), manual, expected, to);
				fclose(out);
			}
		}
		CHECK(same, "%s and engine/record/status.def differ; UPDATE=1 writes the table anew", path);
	}
	free(expected);
	vg_arena_free(&arena);
}

const test_case test_cases_status[] = {
    {"the status table is in byte order", is_in_byte_order},
    {"every member has a row for its absence", every_member_has_a_row_for_its_absence},
    {"every row is found", finds_every_row},
    {"entered in error and refuted never count", entered_in_error_never_counts},
    {"the weaker member decides how a resource stands", the_weaker_member_decides},
    {"the manual prints this table", the_manual_prints_this_table},
    {0},
};
