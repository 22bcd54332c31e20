/*
 * One cell of CSV: always in quotes, and never a formula.
 *
 * Spreadsheets take a cell that begins with "=", "+", "-", "@", a tab or a
 * carriage return for a formula, quoted or not.  An apostrophe before it makes
 * it text again.  Who reads the file by program takes one away in front of these.
 */
#include <string.h>

#include "cli/cli.h"

void vg_add_csv_cell(vg_buffer *out, const char *text)
{
	vg_add(out, *text && strchr("=+-@\t\r", *text) ? "\"'" : "\"");
	for (const char *at = text; *at; at++)
		vg_add_bytes(out, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
	vg_add(out, "\"");
}
