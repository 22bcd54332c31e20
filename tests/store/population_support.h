/* What the tests of packed records and population stores share. */
#ifndef VG_TESTS_POPULATION_SUPPORT_H
#define VG_TESTS_POPULATION_SUPPORT_H

#include "library/library.h"
#include "store/store.h"
#include "support/support.h"

/* The starter pack's world, opened once a run; closed when the program ends. */
vg_world *population_world(void);

/* A text's resources and deletions as the contents of a list; the words live in the arena. */
vigil_status pack_text(vg_packer *packer, vg_template_list *templates, vg_packed_list *list, vg_arena *arena, const char *text,
		       size_t length);

typedef struct place { /* a folder with a store and what goes into it */
	char folder[64], store[80], input[80];
	vg_arena arena;
} place;

typedef struct contents {
	size_t patients, facts;
	char text[4000]; /* facts of all patients: reference and value */
	size_t linked;
	char links[100]; /* values of the results of reports */
} contents;

void place_make(place *at);
void place_remove(place *at);
void put_file(const place *at, const char *name, const char *text);
void drop_file(const place *at, const char *name);

/* What the last import told, and the last error. */
extern vg_import_report report;
extern vigil_error last_error;
/* Of the imports that follow: threads, and when the dictionary is full; 0: as ever. */
extern unsigned import_jobs;
extern size_t import_dictionary;
/* `checkpoint`: in small pieces all along; 0: as ever. */
vigil_status import_from(place *at, const char *source, size_t checkpoint);
void import_fine(place *at, const char *source);

#define NEWER "2026-02-01T00:00:00Z"
#define OLDER "2025-02-01T00:00:00Z"
const char *patient_line(vg_arena *arena, const char *id, const char *more);
const char *a1c_line(vg_arena *arena, const char *id, const char *patient, const char *value, const char *updated);
/* An identifier that several Patients may have. */
#define SHARED ",\"identifier\":[{\"system\":\"urn:mrn\",\"value\":\"77\"}]"
/* Patients p0 … with five results each; a third of them has the shared identifier. */
void put_many(place *at, int patients);

/* Reads a whole store. */
vigil_status read_contents(const place *at, contents *ret);
void check_contents(const place *at, size_t patients, const char *text);
void digest_of(const place *at, char out[65]); /* "" when it cannot be opened */

#endif
