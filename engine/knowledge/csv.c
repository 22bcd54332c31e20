/*
 * A strict reader of CSV (RFC 4180): commas, double quotes, quotes doubled
 * inside quotes, lines that end with LF or CRLF.
 *
 * A row is read in place: quotes are taken out and each cell gets its NUL
 * where its comma stood, so that reading allocates nothing.  Blank lines and
 * lines that begin with # are not rows; a byte-order mark is skipped; blanks
 * around an unquoted cell do not belong to it.  What RFC 4180 does not allow
 * is a problem of its row: the reader goes on with the next line, except after
 * a quote that nothing closes, which has swallowed the rest.  layer.c calls it.
 */
#include "knowledge/csv.h"

#include <string.h>

void vg_csv_begin(vg_csv *csv, char *text, size_t length)
{
	*csv = (vg_csv){.next = text, .end = text + length, .separator = ',', .line = 1};
	if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		csv->next += 3;
}

const char *vg_csv_problem_text(vg_csv_problem problem)
{
	switch (problem) {
	case VG_CSV_QUOTE_INSIDE:
		return "A double quote stands inside a cell that does not begin with one.";
	case VG_CSV_AFTER_QUOTE:
		return "Something other than a separator follows a closing quote.";
	case VG_CSV_UNFINISHED_QUOTE:
		return "A quoted cell begins here and is never closed; the rest of the file is not read.";
	case VG_CSV_TOO_MANY_CELLS:
		return "The row has more than 64 cells.";
	case VG_CSV_CELL_TOO_LONG:
		return "A cell is longer than 65,535 bytes.";
	case VG_CSV_NOT_UTF8:
		return "The row is not UTF-8.";
	case VG_CSV_CONTROL:
		return "The row holds a control character.";
	case VG_CSV_FINE:
		break;
	}
	return "";
}

static void note_problem(vg_csv *csv, vg_csv_problem problem)
{
	if (csv->problem == VG_CSV_FINE)
		csv->problem = problem;
}

/* Skips what is left of a line after a problem. */
static char *line_end(const vg_csv *csv, char *at)
{
	char *end = memchr(at, '\n', (size_t)(csv->end - at));
	return end ? end : csv->end;
}

static bool at_line_end(const vg_csv *csv, const char *at)
{
	return at == csv->end || *at == '\n' || (*at == '\r' && (at + 1 == csv->end || at[1] == '\n'));
}

/* Takes a quoted cell; returns where its closing quote's successor is, or NULL when nothing closes it. */
static char *read_quoted(vg_csv *csv, char *at, char **ret_end)
{
	char *to = at;
	for (; at < csv->end; at++) {
		if (*at == '"') {
			if (at + 1 == csv->end || at[1] != '"') {
				*ret_end = to;
				return at + 1;
			}
			at++;
		} else if (*at == '\n') {
			csv->line++;
		}
		*to++ = *at;
	}
	return NULL;
}

static void check_cell(vg_csv *csv, const char *cell, size_t length)
{
	if (length >= VG_CSV_CELL)
		note_problem(csv, VG_CSV_CELL_TOO_LONG);
	if (!vg_utf8_valid(cell, length))
		note_problem(csv, VG_CSV_NOT_UTF8);
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)cell[i];
		if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F)
			note_problem(csv, VG_CSV_CONTROL);
	}
}

static void add_cell(vg_csv *csv, char *from, char *to)
{
	if (csv->cell_count == VG_CSV_COLUMNS) {
		note_problem(csv, VG_CSV_TOO_MANY_CELLS);
		return;
	}
	check_cell(csv, from, (size_t)(to - from));
	csv->cells[csv->cell_count] = from;
	csv->lengths[csv->cell_count++] = (size_t)(to - from);
}

static bool is_blank(const vg_csv *csv, char byte) { return byte == ' ' || (byte == '\t' && csv->separator != '\t'); }

/* Reads one cell from `at`; returns where its comma or line end is, NULL after an unfinished quote. */
static char *read_cell(vg_csv *csv, char *at)
{
	while (at < csv->end && is_blank(csv, *at))
		at++;
	char *from = at, *to;
	if (at < csv->end && *at == '"') {
		at = read_quoted(csv, ++from, &to);
		if (!at)
			return NULL;
		while (at < csv->end && is_blank(csv, *at))
			at++;
		if (!at_line_end(csv, at) && *at != csv->separator) {
			note_problem(csv, VG_CSV_AFTER_QUOTE);
			at = line_end(csv, at);
		}
	} else {
		for (; !at_line_end(csv, at) && *at != csv->separator; at++) {
			if (*at == '"')
				note_problem(csv, VG_CSV_QUOTE_INSIDE);
			if (*at == '\r')
				note_problem(csv, VG_CSV_CONTROL);
		}
		for (to = at; to > from && is_blank(csv, to[-1]); to--)
			;
	}
	add_cell(csv, from, to);
	return at;
}

static bool skip_line(const vg_csv *csv)
{
	const char *at = csv->next;
	if (*at == '#')
		return true;
	while (at < csv->end && is_blank(csv, *at))
		at++;
	return at_line_end(csv, at);
}

bool vg_csv_next(vg_csv *csv)
{
	while (csv->next < csv->end && skip_line(csv)) {
		char *end = line_end(csv, csv->next);
		csv->next = end < csv->end ? end + 1 : end;
		csv->line++;
	}
	if (csv->next >= csv->end)
		return false;
	csv->row_line = csv->line;
	csv->cell_count = 0;
	csv->problem = VG_CSV_FINE;
	char *at = csv->next;
	for (;;) {
		at = read_cell(csv, at);
		if (!at) {
			csv->problem = VG_CSV_UNFINISHED_QUOTE;
			csv->next = csv->end;
			return true;
		}
		if (at == csv->end || *at != csv->separator)
			break;
		at++;
	}
	csv->next = line_end(csv, at);
	if (csv->next < csv->end)
		csv->next++;
	csv->line++;
	for (size_t i = 0; i < csv->cell_count; i++)
		csv->cells[i][csv->lengths[i]] = '\0';
	return true;
}
