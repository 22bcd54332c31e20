/*
 * What the two files of the report share: scan_report.c says what stands on the
 * page, scan_charts.c draws it.
 */
#ifndef VG_SCAN_PAGE_H
#define VG_SCAN_PAGE_H

#include "cli/scan.h"

typedef struct vg_sheet { /* the page being written */
	const vg_scan *scan;
	const vg_summary *sums;
	vg_buffer *out;
	uint64_t least; /* counts from 1 to least - 1 are hidden */
} vg_sheet;

void vg_html(vg_sheet *sheet, const char *text);                  /* as text: nothing in it is markup */
void vg_html_number(vg_sheet *sheet, uint64_t number);            /* 12,345 */
void vg_html_count(vg_sheet *sheet, uint64_t count, bool hidden); /* or what stands for a hidden one */
bool vg_html_small(const vg_sheet *sheet, uint64_t count);

/* What of a screening may be shown. */
typedef struct vg_shown_sum {
	uint64_t steps[VG_STEP_COUNT];
	uint64_t apart, due, settled; /* not meant or excluded; due soon or overdue; up to date or cannot be told */
	bool any;                     /* the three sums are shown; else nothing is */
	bool apart_split, due_split, settled_split; /* their parts are shown, too */
} vg_shown_sum;

typedef struct vg_bar {
	const char *label;
	uint64_t count;
	bool hidden;
	const char *shade; /* a class of the style sheet */
} vg_bar;

/* One bar of several parts, with a legend. */
void vg_chart_parts(vg_sheet *sheet, const char *name, const vg_bar *bars, size_t count);
/* Bars side by side, of one scale. */
void vg_chart_bars(vg_sheet *sheet, const char *name, const vg_bar *bars, size_t count);

#endif
