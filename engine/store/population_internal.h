/*
 * Shared by the files that read and write population stores.
 */
#ifndef VG_STORE_POPULATION_INTERNAL_H
#define VG_STORE_POPULATION_INTERNAL_H

#include <sqlite3.h>

#include "store/store.h"

#define VG_POPULATION_APPLICATION 0x56474950 /* "VGIP", PRAGMA application_id */
#define VG_POPULATION_VERSION 1              /* PRAGMA user_version */

enum { VG_POPULATION_SOURCES = 32 };

/* Parts: the numbers dealt out equally, by their upper bits.  The store says of
 * each part how many patients it has and what their rows sum up to, so that a
 * reader knows a row that is missing, or that became somebody else's. */
enum { VG_POPULATION_PARTS = 4096, VG_POPULATION_PART_BITS = 51 };
typedef struct vg_population_tally {
	uint64_t patients, sum;
} vg_population_tally;
/* Of a row: its number and the checksum that its record begins with. */
uint64_t vg_population_row_sum(uint64_t number, vg_packed record);
/* Reads all rows of the table `part`: an SQLite code, SQLITE_DONE when they make up the sums of the whole. */
int vg_population_tallies(sqlite3_stmt *row, vg_population_tally *parts, vg_population_tally whole);

/* SQLite's own words about a store, as one of our errors. */
vigil_status vg_population_fail(vigil_error *err, const char *file, sqlite3 *database, int code, const char *doing);
/* A connection, to be closed in any case.  `make`: the file may be missing. */
vigil_status vg_population_connect(const char *file, bool make, sqlite3 **ret, vigil_error *err);
/* Whether it is a store that this release reads; *ret_empty: it is nothing yet. */
vigil_status vg_population_check_kind(sqlite3 *database, const char *file, bool *ret_empty, vigil_error *err);

/* ---- staging (import_stage.c): what was read, before it is joined ------------------- */

/* One word of the input about one patient. */
typedef enum vg_frame_kind {
	VG_FRAME_RESOURCE,
	VG_FRAME_PERSON,   /* a Patient */
	VG_FRAME_DELETION, /* `packed` is the word that it is deleted */
} vg_frame_kind;
typedef struct vg_frame {
	vg_frame_kind kind;
	uint64_t patient; /* number by source and id */
	uint32_t file;    /* where it was read, for the list of errors */
	uint64_t line;
	uint16_t sections;
	const char *product; /* to be written: key of the Medication that it refers to; "" */
	vg_packed key;       /* the same as it is read */
	vg_packed packed;
} vg_frame;

/* Streams beside the buckets, one file each. */
typedef enum vg_stream {
	VG_STREAM_TEMPLATES,   /* new ones, in order: the packed is the text */
	VG_STREAM_IDENTIFIERS, /* vg_staged_identifier */
	VG_STREAM_PRODUCTS,    /* product: the key; packed */
	VG_STREAM_DELETIONS,   /* of what nobody says whose it is: product: the key; packed */
	VG_STREAM_ERRORS,      /* text: the list of errors so far */
	VG_STREAM_COUNT
} vg_stream;
typedef struct vg_staged_identifier {
	uint64_t hash, patient;
	vg_day birth;
	char sex; /* first letter; 0 */
} vg_staged_identifier;

/* What is counted while reading, and where reading is; kept at each checkpoint. */
typedef struct vg_import_state {
	uint64_t input, line; /* everything before this line of this input is staged */
	uint64_t files, texts, bytes, resources, passed_over, deletions, bad;
	uint64_t orphans;  /* those found while reading: nobody is named */
	uint32_t sections; /* bits of vg_section of which a lone resource was there */
	uint32_t source, reading_done;
	uint64_t first_template; /* templates that the store had before */
	char token[64];          /* of this import and no other */
} vg_import_state;

typedef struct vg_stage vg_stage;
/* Opens STORE.import/, making it.  `plan` is what is to be imported, in words:
 * when the folder holds the beginning of the same, *ret_resumed, and the state
 * is that of its last checkpoint; of another plan: VIGIL_WRONG_USE.  `part`: bytes
 * of a bucket that are in memory at a time; 0: 16 MB. */
vigil_status vg_stage_open(const char *store, const char *plan, size_t buckets, size_t part, const vg_allocator *allocator,
			   vg_stage **ret, vg_import_state *state, bool *ret_resumed, vigil_error *err);
vigil_status vg_stage_frame(vg_stage *stage, const vg_frame *frame, vigil_error *err);
vigil_status vg_stage_bytes(vg_stage *stage, vg_stream stream, const void *bytes, size_t length, vigil_error *err);
vigil_status vg_stage_keyed(vg_stage *stage, vg_stream stream, const char *key, vg_packed packed, vigil_error *err);
/* Everything until now is there after a kill. */
vigil_status vg_stage_checkpoint(vg_stage *stage, const vg_import_state *state, vigil_error *err);
size_t vg_stage_bucket_count(const vg_stage *stage);
/* A bucket that is larger than a part is joined in several: each has a range of the patients' numbers. */
size_t vg_stage_bucket_parts(const vg_stage *stage, size_t bucket);
typedef struct vg_stage_words { /* frames, one behind the other */
	const char *bytes;
	size_t length, count;
} vg_stage_words;
vigil_status vg_stage_read_bucket(vg_stage *stage, size_t bucket, size_t part, vg_arena *arena, vg_stage_words *ret,
				  vigil_error *err);
typedef struct vg_stage_walk { /* going through a stream, a block at a time */
	vg_stage *stage;
	vg_arena *arena;
	size_t channel, room;
	uint64_t offset;
	char *bytes;
	const char *at, *end;
} vg_stage_walk;
void vg_stage_walk_begin(vg_stage_walk *walk, vg_stage *stage, vg_stream stream, vg_arena *arena);
/* The next key and its bytes, which live until the next call; *ret_any false: the end. */
vigil_status vg_stage_walk_keyed(vg_stage_walk *walk, vg_packed *ret_key, vg_packed *ret, bool *ret_any, vigil_error *err);
/* Identifiers from the `from`th on, at most `count`; *ret_count 0: no more. */
vigil_status vg_stage_read_identifiers(vg_stage *stage, uint64_t from, vg_staged_identifier *out, size_t count,
				       size_t *ret_count, vigil_error *err);
/* Copies a stream into a file of its own, synced and renamed; of an empty one no file is made. */
vigil_status vg_stage_publish(vg_stage *stage, vg_stream stream, const char *head, const char *path, bool *ret_any,
			      vigil_error *err);
/* The next frame of what was read; false at the end. */
bool vg_frame_next(const char **at, const char *end, vg_frame *ret);
/* Done: the folder goes. */
void vg_stage_remove(vg_stage *stage);
void vg_stage_close(vg_stage *stage);

/* ---- what is to be read (import_inputs.c) ----------------------------------------------- */

typedef struct vg_import_input {
	const char *path, *name; /* name: as it is told */
	bool lines;              /* NDJSON; else the file is one text */
	bool deletes;            /* the manifest lists it under `deleted` */
	uint64_t size;
	int64_t transaction; /* the manifest's time, for deletions; VG_NO_INSTANT */
} vg_import_input;
typedef struct vg_import_inputs {
	const vg_import_input *items;
	size_t count;
	uint64_t bytes;
	const char *plan;           /* all of it in words: another plan is another import */
	const char *const *missing; /* files that a manifest names and that are not there */
	size_t missing_count;
} vg_import_inputs;
vigil_status vg_import_find(const char *const *paths, size_t count, const char *source, vg_arena *arena, vg_import_inputs *ret,
			    vigil_error *err);

/* ---- reading (import_read.c) ------------------------------------------------------------ */

typedef struct vg_import_run { /* an import that is under way */
	const vg_import_config *config;
	vg_import_report *report;
	vg_import_inputs inputs;
	const char *source;
	vg_stage *stage;
	vg_template_list *templates; /* the store's dictionary, and what was read adds to it */
	vg_import_state state;
	size_t staged_templates;
	uint64_t imports; /* into the store so far */
} vg_import_run;
/* Reads and stages all inputs from the place that the state tells, to the last checkpoint. */
vigil_status vg_import_read(vg_import_run *all, vigil_error *err);

/* ---- the store's tables (population_tables.c) ------------------------------------------ */

typedef enum vg_table_statement {
	VG_SQL_TEMPLATE_ADD,
	VG_SQL_SOURCE_PUT,
	VG_SQL_SOURCE_NAME,
	VG_SQL_PATIENT_GET,
	VG_SQL_PATIENT_NEXT,
	VG_SQL_PATIENT_PUT,
	VG_SQL_PATIENT_DELETE,
	VG_SQL_LINK_GET,
	VG_SQL_LINK_ANY,
	VG_SQL_LINK_MOVE,
	VG_SQL_LINK_ADD,
	VG_SQL_IDENTIFIER_GET,
	VG_SQL_IDENTIFIER_PUT,
	VG_SQL_PRODUCT_GET,
	VG_SQL_PRODUCT_PUT,
	VG_SQL_WANTED_ADD,
	VG_SQL_WANTED_GET,
	VG_SQL_WANTED_DELETE,
	VG_SQL_FIGURES_GET,
	VG_SQL_PARTS_GET,
	VG_SQL_PART_PUT,
	VG_SQL_FIGURES_PUT,
	VG_SQL_IMPORT_ADD,
	VG_SQL_IMPORT_FIND,
	VG_SQL_IMPORT_NEXT,
	VG_SQL_COUNT
} vg_table_statement;
typedef struct vg_tables { /* a store open for writing */
	sqlite3 *database;
	const char *file;
	sqlite3_stmt *statements[VG_SQL_COUNT];
} vg_tables;
/* Opens for writing, making the file, and begins the one transaction; makes the tables when it is new. */
vigil_status vg_tables_open(const char *file, vg_tables *ret, vigil_error *err);
/* A statement, ready to be bound; it was prepared before. */
sqlite3_stmt *vg_tables_use(vg_tables *tables, vg_table_statement which);
/* Runs one that gives no rows. */
vigil_status vg_tables_run(vg_tables *tables, sqlite3_stmt *statement, vigil_error *err);
/* Runs one that gives at most one row; *ret_row: it did, and is to be reset. */
vigil_status vg_tables_row(vg_tables *tables, sqlite3_stmt *statement, bool *ret_row, vigil_error *err);
vigil_status vg_tables_commit(vg_tables *tables, vigil_error *err);
void vg_tables_close(vg_tables *tables); /* what was not committed did not happen */

/* ---- joining (import_join.c) --------------------------------------------------------------- */

typedef struct vg_joining {
	const vg_import_config *config;
	const vg_import_inputs *inputs;
	vg_stage *stage;
	vg_template_list *templates;
	const vg_import_state *state;
	const char *source;
	vg_import_report *report;
} vg_joining;
typedef struct vg_figures { /* what the store is counted by, as it goes */
	uint64_t patients, resources, without_birth_date, without_sex, sum;
} vg_figures;

typedef struct vg_join { /* a joining that is under way */
	const vg_joining *given;
	vg_tables tables;
	vg_arena arena; /* of one bucket */
	vg_packed_list *list;
	vg_figures now;
	vg_population_tally *parts, *parts_before; /* by number: as they are now, as they stand in the store */
	bool any_links;
	int64_t import;    /* number of this import */
	vg_arena changing; /* of these three, until every patient was asked about them */
	vg_map changes;    /* "source key" → place + 1 in `changed`: deletions and Medications for all patients */
	vg_packed *changed;
	size_t change_count, change_capacity;
	vg_arena lasting;
} vg_join;
typedef struct vg_patient_row { /* what the store has of a patient; the record lives in the arena */
	bool there;
	vg_packed record;
	int64_t added, changed; /* the imports that added it, and that changed it last; 0: none */
} vg_patient_row;
bool vg_same_bytes(vg_packed a, vg_packed b);
/* Reads a row and takes it out of the figures; settling it adds it again (import_persons.c). */
vigil_status vg_join_take_row(vg_join *all, uint64_t number, vg_patient_row *ret, vigil_error *err);
/* The list as it is now is the patient's: written, or, without a Patient in it, taken away. */
vigil_status vg_join_settle_row(vg_join *all, uint64_t number, const vg_patient_row *before, bool *ret_known, vigil_error *err);
/* The number of a patient, by the name of his source and his id there. */
uint64_t vg_join_number(const char *source, const char *patient);
/* The number of the person that a number was found to be. */
vigil_status vg_join_find_person(vg_join *all, uint64_t number, uint64_t *ret, vigil_error *err);
/* Uses every identifier that was staged. */
vigil_status vg_join_identifiers(vg_join *all, vigil_error *err);
/* In one transaction; VIGIL_OK: it is on the disk. */
vigil_status vg_import_join(const vg_joining *joining, vigil_error *err);
/* Notes what could not be used, for the list of errors. */
vigil_status vg_import_note(vg_stage *stage, const char *name, uint64_t line, const char *why, vigil_error *err);

#endif
