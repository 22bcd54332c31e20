/*
 * `vigil selftest`: scripted patients and orders, judged by a site's own packs.
 * What its two files share; see selftest.c.
 */
#ifndef VG_SELFTEST_H
#define VG_SELFTEST_H

#include "cli/cli.h"

#define VG_SELFTEST_DAY "2026-03-01" /* the scripted day: every report can be repeated */

/* The columns of the CSV files in a pack's folder selftest. */
typedef enum vg_selftest_column {
	VG_SELFTEST_ID,
	VG_SELFTEST_CATEGORY,
	VG_SELFTEST_PATIENT,
	VG_SELFTEST_PROBLEMS,
	VG_SELFTEST_ALLERGIES,
	VG_SELFTEST_TAKES,
	VG_SELFTEST_RESULTS,
	VG_SELFTEST_ORDERS,
	VG_SELFTEST_EXPECT,
	VG_SELFTEST_WHY,
	VG_SELFTEST_COLUMNS
} vg_selftest_column;

typedef struct vg_script_patient { /* one row as FHIR */
	vigil_json chart, order;   /* order.text is NULL when nothing is ordered */
	const char *problem;       /* what of the row was not understood; NULL: nothing */
} vg_script_patient;

/* Writes a row's patient and orders as FHIR, with the codes that the packs' own
 * sets and tables have for the names (selftest_patient.c). */
void vg_selftest_patient(vg_arena *arena, const vg_knowledge *knowledge, const char *const *cells, vg_script_patient *ret);

#endif
