/*
 * Floor 8, store: what outlives a process.
 *
 * The journal is an append-only SQLite file (WAL).  Each row's code is an HMAC
 * over its own contents, its cards and the code of the row before, so that a changed,
 * removed or reordered row is found; the code of the newest row is written
 * from time to time to a file beside it (the checkpoint), so that a tail that
 * was cut off is found back to there.
 *
 * One connection writes and checkpoints its own log, under one lock; readers
 * (verify, export, stats) open the file on their own.
 */
#ifndef VG_STORE_H
#define VG_STORE_H

#include "library/library.h"

typedef struct vg_journal vg_journal; /* shared by threads */

typedef enum vg_durability {
	VG_DURABLE_PROCESS, /* an appended row survives SIGKILL (WAL, synchronous=NORMAL): the caller's own transaction */
	VG_DURABLE_POWER    /* and power loss (synchronous=FULL): one writer commits what has gathered */
} vg_durability;

typedef struct vg_journal_config {
	const char *file;
	const char *key_file; /* 32 bytes, mode 600; NULL: FILE.key, made when absent */
	vg_durability durability;
} vg_journal_config;

typedef struct vg_journal_card {                     /* a card that was given, so that feedback finds it */
	const char *uuid, *rule, *severity, *status; /* status "active", or "shadow": it would have been given */
} vg_journal_card;

typedef struct vg_journal_row {
	uint64_t number;  /* 1, 2, …; written by append */
	int64_t at;       /* milliseconds since 1970-01-01T00:00:00Z */
	const char *kind; /* "answer", "feedback", "reload", "switch" */
	const char *body; /* JSON, no patient data but for the keyed hash */
	const vg_journal_card *cards;
	size_t card_count;
} vg_journal_row;

/* Opens or creates.  Says which of: a folder that is not there, not writable,
 * not a journal, of a newer version, damaged, another process's, of another key,
 * shorter than its checkpoint says. */
vigil_status vg_journal_open(const vg_journal_config *config, const vg_allocator *allocator, vg_journal **ret,
			     vigil_error *err);
/* Returns when the row is as durable as configured.  VIGIL_BAD_OUTPUT: the row
 * is not there (disk full, read-only), and the journal stays usable. */
vigil_status vg_journal_append(vg_journal *journal, vg_journal_row *row, vigil_error *err);
/* The rule of a card that was given; false when the journal does not have it.  `rule` holds at most `size` bytes. */
bool vg_journal_card_rule(vg_journal *journal, const char *uuid, char *rule, size_t size);
/* A keyed hash, so that one patient's rows can be told to belong together and nothing else. */
void vg_journal_hash(const vg_journal *journal, const char *text, char out[33]);
void vg_journal_close(vg_journal *journal); /* writes the checkpoint */

/* ---- reading (journal_read.c) ------------------------------------------------------ */

typedef struct vg_journal_report {
	uint64_t rows, checkpoint; /* rows read; the row that the checkpoint names, 0: no checkpoint file */
	uint64_t bad_row;          /* first row that is wrong; 0: none */
	char problem[256];         /* what is wrong, "" when nothing is */
} vg_journal_report;
/* Reads every row and compares.  VIGIL_OK with a problem in the report is a journal that was tampered with. */
vigil_status vg_journal_verify(const char *file, const char *key_file, vg_journal_report *ret, vigil_error *err);

/* Every row from `from` to before `until` (milliseconds), in order. The callback returns false to stop. */
typedef bool (*vg_journal_visit)(void *user, const vg_journal_row *row);
vigil_status vg_journal_read(const char *file, int64_t from, int64_t until, vg_journal_visit visit, void *user,
			     vigil_error *err);

/* ---- the population (population*.c; docs/internals/population.md) ------------------ */

/* A population store is one SQLite file: a packed record a patient, the
 * dictionary they are coded by, and what is needed to find and count.  Patients
 * are in the order of their number, 63 evenly spread bits that depend on the
 * patient's source and id only: the same population has the same order however
 * it was imported, and equal parts of the numbers hold equal shares of it. */
typedef struct vg_population vg_population; /* open for reading; shared by threads */
typedef struct vg_cursor vg_cursor;         /* one thread's */

typedef struct vg_population_info {
	uint64_t patients, resources; /* in the store now */
	uint64_t without_birth_date, without_sex;
	uint64_t orphans;           /* resources of the imports so far whose Patient was never supplied */
	uint64_t bad_lines;         /* of the imports so far: could not be read */
	const char *imported_at;    /* "2026-11-22T05:30:00Z", of the last import; "" when none */
	const char *digest;         /* 64 hexadecimal digits: of the packed records, for --resume and --since */
	const char *const *sources; /* names, in the order of their numbers */
	size_t source_count;
} vg_population_info;

/* Opens for reading.  Says which of: not there, not readable, not a population
 * store, of a newer version, damaged, an import into it is being written. */
vigil_status vg_population_open(const char *file, const vg_allocator *allocator, vg_population **ret, vigil_error *err);
const vg_population_info *vg_population_info_of(const vg_population *population);
/* The dictionary as a world sees it; to be freed before the population is closed. */
vigil_status vg_population_dictionary(const vg_population *population, const vg_knowledge *knowledge, vg_watch watch,
				      vg_dictionary **ret, vigil_error *err);
void vg_population_close(vg_population *population);

/* The numbers [from, until) of part `part` (1 … parts) of a range; parts of parts are well defined too. */
typedef struct vg_population_range {
	uint64_t from, until;
} vg_population_range;
#define VG_WHOLE_POPULATION ((vg_population_range){0, UINT64_C(1) << 63})
vg_population_range vg_population_part(vg_population_range range, uint64_t part, uint64_t parts);

vigil_status vg_cursor_open(const vg_population *population, vg_cursor **ret, vigil_error *err);
/* The patients of a range, in order; may be called again for another range. */
vigil_status vg_cursor_seek(vg_cursor *cursor, vg_population_range range, vigil_error *err);
/* *ret_more false: the range is at its end.  The bytes live until the cursor's next call. */
vigil_status vg_cursor_next(vg_cursor *cursor, uint64_t *ret_number, vg_packed *ret, bool *ret_more, vigil_error *err);
void vg_cursor_close(vg_cursor *cursor);

#endif
