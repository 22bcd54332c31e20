/*
 * The report's drawings: SVG inside the page, each with a name for those who do
 * not see it and every number as text beside it.  Nothing is told by colour
 * alone: parts are labelled and hidden counts are hatched.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/scan_page.h"

enum { WIDE = 640, BAR_HIGH = 26, TALL = 96, BASE = 78 };

static void begin_drawing(vg_sheet *sheet, const char *name, unsigned width, unsigned height)
{
	vg_addf(sheet->out, "<svg viewBox=\"0 0 %u %u\" role=\"img\" aria-label=\"", width, height);
	vg_html(sheet, name);
	vg_add(sheet->out, "\">");
}

static uint64_t shown_sum(const vg_bar *bars, size_t count)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += bars[i].hidden ? 0 : bars[i].count;
	return sum;
}

void vg_chart_parts(vg_sheet *sheet, const char *name, const vg_bar *bars, size_t count)
{
	uint64_t whole = shown_sum(bars, count);
	double at = 0;
	begin_drawing(sheet, name, WIDE, BAR_HIGH);
	for (size_t i = 0; whole && i < count; i++) {
		double width = bars[i].hidden ? 0 : (double)bars[i].count * WIDE / (double)whole;
		unsigned left = (unsigned)(at + 0.5), right = (unsigned)(at + width + 0.5);
		if (right > left)
			vg_addf(sheet->out, "<rect class=\"%s\" x=\"%u\" y=\"0\" width=\"%u\" height=\"%u\"/>", bars[i].shade,
				left, right - left, BAR_HIGH);
		at += width;
	}
	vg_add(sheet->out, "</svg><ul class=\"legend\">");
	for (size_t i = 0; i < count; i++) {
		vg_addf(sheet->out, "<li><span class=\"key %s\"></span>", bars[i].shade);
		vg_html(sheet, bars[i].label);
		vg_add(sheet->out, " <b>");
		vg_html_count(sheet, bars[i].count, bars[i].hidden);
		vg_add(sheet->out, "</b></li>");
	}
	vg_add(sheet->out, "</ul>\n");
}

void vg_chart_bars(vg_sheet *sheet, const char *name, const vg_bar *bars, size_t count)
{
	uint64_t most = 1;
	unsigned step = WIDE / (unsigned)count, width = step - 8;
	for (size_t i = 0; i < count; i++)
		if (!bars[i].hidden && bars[i].count > most)
			most = bars[i].count;
	begin_drawing(sheet, name, WIDE, TALL + 14);
	for (size_t i = 0; i < count; i++) {
		unsigned left = (unsigned)i * step + 4;
		unsigned high = bars[i].hidden ? 10 : (unsigned)((double)bars[i].count * (BASE - 16) / (double)most + 0.5);
		if (bars[i].count && high == 0)
			high = 1;
		vg_addf(sheet->out, "<rect class=\"%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>",
			bars[i].hidden ? "hidden" : bars[i].shade, left, BASE - high, width, high);
		vg_addf(sheet->out, "<text class=\"value\" x=\"%u\" y=\"%u\">", left + width / 2, BASE - high - 4);
		vg_html_count(sheet, bars[i].count, bars[i].hidden);
		vg_add(sheet->out, "</text>");
		const char *blank = strrchr(bars[i].label, ' '); /* a label of two lines: "within 3" above "months" */
		size_t first = blank ? (size_t)(blank - bars[i].label) : strlen(bars[i].label);
		vg_addf(sheet->out, "<text class=\"tick\" x=\"%u\" y=\"%u\">%.*s</text>", left + width / 2, BASE + 13,
			(int)first, bars[i].label);
		if (blank)
			vg_addf(sheet->out, "<text class=\"tick\" x=\"%u\" y=\"%u\">%s</text>", left + width / 2, BASE + 26,
				blank + 1);
	}
	vg_addf(sheet->out, "<line x1=\"0\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/></svg>\n", BASE, WIDE, BASE);
}
