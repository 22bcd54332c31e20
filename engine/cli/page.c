/*
 * Pages: text for people, wrapped to the width of their terminal.
 *
 * Texts of a record are shown as text: control characters, the C1 set and the
 * characters that change the direction of writing become a visible
 * replacement, so that no record can steer a terminal or disguise a dose.
 * Widths are those of Unicode, not of a locale.
 */
#include <string.h>
#include <unistr.h>
#include <uniwidth.h>

#include "cli/cli.h"

static const char *const inks[] = {
    [VG_PLAIN] = "",          [VG_BOLD] = "\033[1m",  [VG_DIM] = "\033[2m", [VG_RED] = "\033[1;31m", [VG_YELLOW] = "\033[1;33m",
    [VG_CYAN] = "\033[1;36m", [VG_GREEN] = "\033[32m"};

void vg_page_init(vg_page *page, vg_cli *cli)
{
	vg_buffer_init(&page->out, &cli->arena);
	page->width = cli->width;
	page->colour = cli->colour;
}

static bool steers(ucs4_t character)
{
	return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x2028 || character == 0x2029 ||
	       (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069) ||
	       character == 0x200E || character == 0x200F || character == 0x61C;
}

/* Adds up to `length` bytes as they may be shown, and returns the columns they take. */
static unsigned add_shown(vg_buffer *out, const char *text, size_t length)
{
	unsigned columns = 0;
	for (size_t at = 0; at < length;) {
		ucs4_t character;
		int step = u8_mbtouc(&character, (const uint8_t *)text + at, length - at);
		if (character == '\t') {
			character = ' ';
			if (out)
				vg_add(out, " ");
		} else if (steers(character)) {
			character = 0xFFFD;
			if (out)
				vg_add(out, "\xEF\xBF\xBD");
		} else if (out) {
			vg_add_bytes(out, text + at, (size_t)step);
		}
		int width = uc_width(character, "UTF-8");
		columns += width > 0 ? (unsigned)width : 0;
		at += (size_t)step;
	}
	return columns;
}

unsigned vg_text_width(const char *text) { return add_shown(NULL, text, strlen(text)); }

static void add_inked(vg_page *page, vg_ink ink, const char *text, size_t length)
{
	bool coloured = page->colour && ink != VG_PLAIN && length;
	if (coloured)
		vg_add(&page->out, inks[ink]);
	add_shown(&page->out, text, length);
	if (coloured)
		vg_add(&page->out, "\033[0m");
}

/* A text that could not be made is NULL, and its arena says so: such a page is never printed. */
void vg_page_add(vg_page *page, vg_ink ink, const char *text)
{
	if (text)
		add_inked(page, ink, text, strlen(text));
}

void vg_page_line(vg_page *page) { vg_add(&page->out, "\n"); }

void vg_page_blanks(vg_page *page, unsigned count)
{
	while (count--)
		vg_add(&page->out, " ");
}

/* Wraps `text` from `column`, which the line has reached already; further lines
 * begin in the same column, below the text's first letter. */
static void wrap(vg_page *page, unsigned column, vg_ink ink, const char *text)
{
	unsigned lead = (unsigned)strspn(text, " ");
	vg_page_blanks(page, lead);
	column += lead;
	text += lead;
	unsigned room = page->width > column + 20 ? page->width - column : 20, used = 0;
	while (*text) {
		if (*text == '\n' || (*text == ' ' && used == 0)) {
			if (*text == '\n') {
				vg_page_line(page);
				used = 0;
				if (text[1] && text[1] != '\n')
					vg_page_blanks(page, column);
			}
			text++;
			continue;
		}
		size_t blanks = strspn(text, " ");
		size_t word = strcspn(text + blanks, " \n");
		unsigned columns = add_shown(NULL, text + blanks, word);
		if (used && used + blanks + columns > room && word) {
			vg_page_line(page);
			vg_page_blanks(page, column);
			used = 0;
			blanks = 0;
			text += strspn(text, " ");
		}
		if (word)
			add_inked(page, ink, text, blanks + word);
		used += (unsigned)blanks + columns;
		text += blanks + word;
	}
	vg_page_line(page);
}

void vg_page_item(vg_page *page, unsigned indent, const char *mark, vg_ink ink, const char *text)
{
	if (!text)
		return;
	vg_page_blanks(page, indent);
	vg_page_add(page, ink, mark);
	wrap(page, indent + vg_text_width(mark), VG_PLAIN, text);
}

enum { LABEL_WIDTH = 14 };

void vg_page_field(vg_page *page, unsigned indent, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	unsigned width = vg_text_width(label);
	vg_page_blanks(page, indent);
	vg_page_add(page, VG_DIM, label);
	vg_page_blanks(page, width < LABEL_WIDTH ? LABEL_WIDTH - width : 1);
	wrap(page, indent + LABEL_WIDTH, VG_PLAIN, text);
}

bool vg_grid_add(vg_arena *arena, vg_grid *grid, const char *cell)
{
	const char **cells = vg_grow(arena, grid->cells, grid->count, &grid->capacity, sizeof *cells);
	if (!cells)
		return false;
	grid->cells = cells;
	grid->cells[grid->count++] = cell ? cell : "";
	return true;
}

void vg_page_grid(vg_page *page, unsigned indent, const vg_grid *grid)
{
	unsigned widths[16] = {0};
	for (size_t i = 0; i < grid->count; i++) {
		unsigned width = vg_text_width(grid->cells[i]);
		if (width > widths[i % grid->columns])
			widths[i % grid->columns] = width;
	}
	for (size_t i = 0; i < grid->count; i += grid->columns) {
		unsigned column = indent;
		vg_page_blanks(page, indent);
		for (size_t j = 0; j + 1 < grid->columns; j++) {
			const char *cell = grid->cells[i + j];
			vg_page_add(page, VG_PLAIN, cell);
			vg_page_blanks(page, widths[j] + 2 - vg_text_width(cell));
			column += widths[j] + 2;
		}
		wrap(page, column, VG_PLAIN, grid->cells[i + grid->columns - 1]);
	}
}
