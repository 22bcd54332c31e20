/*
 * What the files of `vigil scan` share.
 *
 *     scan.c          the command: what was asked, opening, ending
 *     scan_run.c      records in, answers out, by several threads in the input's order
 *     scan_rows.c     an answer as lines of CSV or JSON
 *     scan_fhir.c     an answer as FHIR resources, and the lists at the end
 *     scan_output.c   where lines go: standard output, or a file that appears when it is whole
 *     scan_since.c    what has changed since an earlier result
 *     scan_table.c    a population in sum, as text
 *     scan_report.c   the same as a page to print or put on a screen, drawn by scan_charts.c
 */
#ifndef VG_SCAN_H
#define VG_SCAN_H

#include "cli/cli.h"
#include "store/store.h"

typedef enum vg_scan_format { VG_SCAN_TABLE, VG_SCAN_CSV, VG_SCAN_NDJSON, VG_SCAN_FHIR } vg_scan_format;

typedef struct vg_scan_output vg_scan_output;
typedef struct vg_scan_lists vg_scan_lists;

typedef struct vg_scan { /* what was asked: read by all threads, changed by none while they run */
	vg_cli *cli;
	const vg_options *options;
	vg_scan_format format;
	vg_scan_output *output;
	vg_since *since;      /* NULL: nothing to compare with */
	vg_scan_lists *lists; /* of FHIR; NULL else */
	vg_world *world;
	vg_when as_of;
	const char *not_supplied; /* sections, comma-separated; "" */
	uint32_t *only;           /* rules; NULL: all */
	size_t only_count;
	bool narrow;                           /* only screenings are judged */
	bool texts;                            /* reasons and evidence are wanted */
	bool data;                             /* how good the data are is counted */
	bool sums;                             /* a summary is wanted */
	bool forecast;                         /* and what falls due in the coming months */
	vg_day months[VG_FORECAST_MONTHS + 1]; /* today, and the end of each month from today */
	uint64_t least;                        /* the report hides smaller counts */
	unsigned jobs;
	vg_shard shard;
} vg_scan;

/* ---- running (scan_run.c) ----------------------------------------------------------- */

typedef struct vg_scan_result {
	vg_summary summary; /* open when `sums` is set */
	uint64_t bad;       /* records that could not be read */
	uint64_t records;   /* that were answered */
} vg_scan_result;
/* VIGIL_OK also when some records could not be read: `bad` counts them. */
vigil_status vg_scan_run(const vg_scan *scan, vg_feed *feed, vg_scan_result *ret, vigil_error *err);

/* ---- lines (scan_rows.c, scan_fhir.c) ------------------------------------------------- */

/* Whether an alert is among what --only asks for. */
bool vg_scan_wants_alert(const vg_scan *scan, const vg_alert *alert);
void vg_scan_head(const vg_scan *scan, vg_buffer *out); /* before the first: the columns' names of CSV */
/* What an answer is in the output; nothing where only sums are wanted. `sums` counts what has changed. */
void vg_scan_rows(const vg_scan *scan, vg_evaluator *by, const vg_answer *answer, vg_summary *sums, vg_buffer *out);
/* "line 3", "a.ndjson, line 3", "b.json", "c.db, patient number 7"; NULL when memory ran out. */
const char *vg_scan_place(const vg_feed_item *item, vg_arena *arena);
/* In place of an answer: why there is none. */
void vg_scan_trouble(const vg_scan *scan, const vg_feed_item *item, const char *text, vg_buffer *out);

void vg_scan_fhir(const vg_scan *scan, const vg_answer *answer, vg_buffer *out);
void vg_scan_fhir_trouble(const char *text, vg_buffer *out);
/* Who is due, a list a screening, written at the end. */
vigil_status vg_scan_lists_open(vg_cli *cli, const vg_summary *summary, vg_scan_lists **ret, vigil_error *err);
void vg_scan_lists_note(const vg_summary *sums, const vg_answer *answer, vg_buffer *out);  /* a batch's members … */
vigil_status vg_scan_lists_add(vg_scan_lists *lists, const char *notes, vigil_error *err); /* … added in order */
vigil_status vg_scan_lists_write(const vg_scan *scan, vg_scan_lists *lists, vigil_error *err);
void vg_scan_lists_close(vg_scan_lists *lists); /* NULL is allowed */

/* ---- sums (scan_table.c, scan_report.c) ----------------------------------------------- */

/* The codes that the knowledge does not know, the most frequent first; NULL when memory ran out. */
const vg_unmapped **vg_scan_codes(const vg_summary *sums, vg_arena *arena);
void vg_scan_table(const vg_scan *scan, const vg_summary *sums, vg_page *page);
/* A page of HTML that needs nothing but itself. */
vigil_status vg_scan_report(const vg_scan *scan, const vg_summary *sums, const char *path, vigil_error *err);

/* ---- where lines go (scan_output.c) --------------------------------------------------- */

/* `path` NULL: standard output. `signature` names what was asked; with `resume`, an output that was broken off and
 * has the same signature goes on, and ret_input and ret_line say from where. */
vigil_status vg_scan_output_open(vg_cli *cli, const char *path, const char *signature, bool resume, vg_scan_output **ret,
				 vigil_error *err);
bool vg_scan_output_place(const vg_scan_output *output, uint32_t *ret_input, uint64_t *ret_line, uint64_t *ret_bad);
vigil_status vg_scan_output_write(vg_scan_output *output, const char *text, size_t length, vigil_error *err);
/* Everything up to this place of the input is answered. */
vigil_status vg_scan_output_reached(vg_scan_output *output, uint32_t input, uint64_t line, uint64_t bad, vigil_error *err);
vigil_status vg_scan_output_finish(vg_scan_output *output, vigil_error *err);
void vg_scan_output_close(vg_scan_output *output); /* what is not finished stays for --resume; NULL is allowed */

#endif
