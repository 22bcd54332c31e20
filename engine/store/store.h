/*
 * Floor 8, store: what outlives a process.
 *
 * The journal is an append-only SQLite file (WAL).  Each row's code is an HMAC
 * over its own contents, its cards and the code of the row before, so that a changed,
 * removed or reordered row is found; the code of the newest row in it is written
 * from time to time to a file beside it (the checkpoint), so that an end that
 * was cut off is found back to there.
 *
 * A row is first written to a plain file beside it, its tail, which takes some
 * microseconds; a thread of the journal moves rows from there into SQLite's file within a second, and
 * writes the checkpoint behind them.  Readers (verify, export, statistics) open the files on their own, and see the
 * rows of both.
 */
#ifndef VG_STORE_H
#define VG_STORE_H

#include "library/library.h"

typedef struct vg_journal vg_journal; /* shared by threads */

typedef enum vg_durability {
	VG_DURABLE_PROCESS, /* an appended row survives SIGKILL */
	VG_DURABLE_POWER    /* and power loss: the tail is synced before append returns, once for all rows that wait */
} vg_durability;

typedef struct vg_journal_config {
	const char *file;
	const char *key_file; /* 32 bytes, mode 600; NULL: FILE.key, made when absent */
	vg_durability durability;
} vg_journal_config;

typedef struct vg_journal_card {                     /* a card that was given, so that feedback finds it */
	const char *uuid, *rule, *severity, *status; /* no uuid twice; status "active", or "shadow": it would have been given */
} vg_journal_card;

typedef struct vg_journal_row {
	uint64_t number;  /* 1, 2, …; written by append */
	int64_t at;       /* milliseconds since 1970-01-01T00:00:00Z */
	const char *kind; /* "answer", "feedback", "reload", "switch" */
	const char *body; /* JSON, no patient data but for the keyed hash */
	const vg_journal_card *cards;
	size_t card_count;
} vg_journal_row;

/* Opens or creates, and moves what a killed process left in its tails.  Says which of: a folder that is not there,
 * not writable, not a journal, of a newer version, damaged, another process's, of another key, shorter than its
 * checkpoint says, rows missing before those of its tails. */
vigil_status vg_journal_open(const vg_journal_config *config, const vg_allocator *allocator, vg_journal **ret,
			     vigil_error *err);
/* Returns when the row is as durable as configured; it does not wait for SQLite's file.  VIGIL_BAD_OUTPUT: the row
 * is not there (disk full, read-only, or the tail is full as nothing can be moved), and the journal stays usable. */
vigil_status vg_journal_append(vg_journal *journal, vg_journal_row *row, vigil_error *err);
/* The rule of a card that was given; false when the journal does not have it.  `rule` holds at most `size` bytes. */
bool vg_journal_card_rule(vg_journal *journal, const char *uuid, char *rule, size_t size);
/* A keyed hash, so that one patient's rows can be told to belong together and nothing else. */
void vg_journal_hash(const vg_journal *journal, const char *text, char out[33]);
/* Whether rows find their way from the tails into the file. */
typedef struct vg_journal_health {
	uint64_t waiting;    /* rows in the tails that the file does not have yet */
	vigil_error trouble; /* why they could not be moved the last time; status VIGIL_OK: they could */
} vg_journal_health;
void vg_journal_health_of(vg_journal *journal, vg_journal_health *ret);
void vg_journal_close(vg_journal *journal); /* moves all rows, writes the checkpoint, and takes the tails away */

/* ---- reading (journal_read.c) ------------------------------------------------------ */

typedef struct vg_journal_report {
	uint64_t rows, checkpoint; /* rows read; the row that the checkpoint names, 0: no checkpoint file */
	uint64_t bad_row;          /* first row that is wrong; 0: none */
	char problem[256];         /* what is wrong, "" when nothing is */
} vg_journal_report;
/* Reads every row and compares.  VIGIL_OK with a problem in the report is a journal that was tampered with. */
vigil_status vg_journal_verify(const char *file, const char *key_file, vg_journal_report *ret, vigil_error *err);

/* Every row from `from` to before `until` (milliseconds) with its cards, in order. The callback returns false to stop;
 * what it is given lives until it returns. */
typedef bool (*vg_journal_visit)(void *user, const vg_journal_row *row);
vigil_status vg_journal_read(const char *file, int64_t from, int64_t until, vg_journal_visit visit, void *user,
			     vigil_error *err);
/* How many rows of a kind there are in that time. */
vigil_status vg_journal_count(const char *file, int64_t from, int64_t until, const char *kind, uint64_t *ret, vigil_error *err);

/* ---- statistics (journal_statistics.c) -------------------------------------------------- */

typedef enum vg_alarm {
	VG_ALARM_NONE,
	VG_ALARM_STOPPED, /* silent for so long that it is no chance */
	VG_ALARM_JUMPED   /* speaks so much more often than before that it is no chance */
} vg_alarm;

typedef struct vg_reason_count {
	const char *reason; /* its code; "(comment only)", "(no reason)" */
	uint64_t count;
} vg_reason_count;

typedef struct vg_rule_figures {
	const char *rule;
	uint64_t firings;             /* answers in which it spoke, aloud or in shadow */
	uint64_t cards, shadow_cards; /* given, and not shown because the rule is in shadow */
	uint64_t last_row;            /* in which it spoke last; 0: not in this time */
	int64_t last_at;
	uint64_t silent_answers;       /* since then, at the hooks at which it speaks */
	uint64_t accepted, overridden; /* cards, by the newest feedback of each */
	vg_reason_count *reasons;      /* of those overridden, the most frequent first */
	size_t reason_count, reason_capacity;
	vg_alarm alarm;
	double expected;      /* with an alarm: firings that the rate before makes one expect */
	uint64_t seen, among; /* and those seen, in how many answers */
	/* what happened since, and may be the cause; 0: it did not */
	uint64_t packs_changed_row, switched_off_row;
	int64_t packs_changed_at;
} vg_rule_figures;

typedef struct vg_journal_statistics {
	uint64_t most; /* answers in this time when reading began */
	uint64_t answers, cards, feedback, unmatched;
	uint64_t first_row, last_row; /* of the answers */
	int64_t first_at, last_at;
	vg_rule_figures *rules; /* those with an alarm first, then by rule */
	size_t rule_count, alarms;
	uint64_t unreadable; /* a row that is no JSON object; 0: none */
} vg_journal_statistics;
/* Counts what rows from `from` to before `until` tell; the texts live in `arena`. */
vigil_status vg_journal_count_rules(const char *file, int64_t from, int64_t until, vg_arena *arena, vg_journal_statistics *ret,
				    vigil_error *err);
/* Firings to be expected since a rule spoke last: what its share of the answers until then makes of those since, at each
 * hook at which it speaks.  `at_last`: answers of each hook when it spoke last, that one included. */
double vg_expected_firings(const uint64_t *fired, const uint64_t *at_last, const uint64_t *answers, size_t hooks,
			   uint64_t *ret_since);
struct cJSON;
/* The reason of a feedback row's body, as vg_reason_count has it; NULL: no memory. */
const char *vg_journal_reason(const struct cJSON *feedback, vg_arena *arena);

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

/* ---- importing (import*.c; docs/population/import.md) ---------------------------------- */

typedef struct vg_import_config {
	const char *file;         /* the store; made when it is not there */
	const char *const *paths; /* folders and files of FHIR */
	size_t path_count;
	const char *source; /* where they come from: resource ids are one's own only within a source; NULL: "main" */
	const char *errors; /* file for what could not be used; NULL: FILE.errors.csv */
	const char *now;    /* for the store's list of imports: "2026-11-22T05:30:00Z" */
	size_t line_limit;  /* bytes of a line or of a file that is no NDJSON; 0: 256 MB */
	size_t checkpoint;  /* bytes of input between two places at which a stopped import goes on; 0: 64 MB */
	size_t buckets;     /* files by ranges of patients in which what was read waits; 0: by the size of the input */
	size_t part;        /* bytes of such a file that are joined at a time; 0: 16 MB */
	size_t changes;     /* deletions and changed Medications for which all patients are gone through once; 0: 100,000 */
	size_t dictionary;  /* templates from which on a new resource leaves out whatever may be left out; 0: 262,144 */
	unsigned jobs;      /* threads that read; 0 counts as 1.  The store is the same */
	const vg_allocator *allocator;
	/* Told now and then, by one thread at a time: bytes read of all (phase 0), parts joined of all (phase 1); NULL: nobody
	 * asks. */
	void (*progress)(void *user, int phase, uint64_t done, uint64_t all, uint64_t resources);
	void *user;
} vg_import_config;

typedef struct vg_import_report {
	uint64_t files, texts, bytes; /* texts: lines, and files that are no NDJSON */
	uint64_t resources;           /* from which facts come, Patients and Medications too */
	uint64_t passed_over;         /* of types that no fact comes from */
	uint64_t deletions;
	uint64_t bad, orphans, conflicts; /* could not be read; of no known patient; same identifier, other birth date or sex */
	uint64_t patients, added, changed, removed,
	    joined; /* in the store now; of them by this import; persons found to be one */
	bool resumed;
	char digest[65];    /* of the store's content: as vg_population_info has it */
	const char *errors; /* where what could not be used is listed; NULL: there is nothing */
} vg_import_report;

/* Reads everything into FILE.import/, then joins it into the store in one
 * transaction: until it returns the store is as it was.  Stopped at any moment,
 * the same call goes on.  VIGIL_BAD_INPUT: a path cannot be read, or the store is
 * damaged or of a newer version; VIGIL_BAD_OUTPUT: what is to be written cannot be.
 * Lines that cannot be read are no failure: the report counts them. */
vigil_status vg_import_population(const vg_import_config *config, vg_arena *arena, vg_import_report *ret, vigil_error *err);

/* ---- lines of large files (lines.c) -------------------------------------------- */

/* Whole lines, in memory of their own: what one thread works on while others read on. */
typedef struct vg_chunk {
	vg_allocator allocator;
	char *text;
	size_t length, capacity;
	uint64_t first_line; /* number of its first line, 1-based */
	bool too_long;       /* that line is longer than the limit and was passed over; the chunk holds nothing else */
} vg_chunk;
void vg_chunk_init(vg_chunk *chunk, const vg_allocator *allocator); /* NULL: the system's; allocates nothing */
void vg_chunk_free(vg_chunk *chunk);

typedef struct vg_lines vg_lines; /* one thread at a time */
/* Opens a file, or "-" for the standard input: plain text, gzip or zstd, told by the first
 * bytes.  `limit` is the longest line in bytes.  Folders, missing and unreadable files: VIGIL_BAD_INPUT. */
vigil_status vg_lines_open(const char *path, size_t limit, const vg_allocator *allocator, vg_lines **ret, vigil_error *err);
/* The next whole lines: about a megabyte of a file, of a pipe what has come so
 * far, so that a caller who waits for an answer gets it.  Nothing and not too_long: the end. */
vigil_status vg_lines_fill(vg_lines *lines, vg_chunk *chunk, vigil_error *err);
/* How far it has read, of how many bytes of the file (0: not known, a pipe). */
uint64_t vg_lines_read(const vg_lines *lines, uint64_t *ret_all);
void vg_lines_close(vg_lines *lines); /* NULL is allowed */
/* The chunk's lines one by one, without their breaks; *place begins with 0. */
bool vg_chunk_line(const vg_chunk *chunk, size_t *place, const char **ret, size_t *ret_length);

/* ---- feeds: where records come from (feed.c) --------------------------------------------------- */

/* Where records come from, one after the other: bundles a line, bundles a
 * file, folders of both.  One thread fills a batch at a time; each batch is then
 * worked on by one thread, whichever it is. */
typedef struct vg_feed vg_feed;
typedef struct vg_feed_item { /* one record as it came; lives as long as its batch */
	const char *name;     /* of the file; "standard input" */
	uint64_t line;        /* 0: the whole file is the record */
	uint64_t number;      /* of a store's patient; his record is `packed` */
	vg_packed packed;
	uint32_t input;   /* which store */
	const char *text; /* NULL with `trouble`, and of a store */
	size_t length;
	const char *trouble; /* why it could not be read: a line that is too long, a file that cannot be opened; else NULL */
} vg_feed_item;
typedef struct vg_batch {
	vg_arena arena; /* of a file that is a record */
	vg_chunk chunk;
	uint32_t input;            /* which of the feed's inputs */
	uint64_t line;             /* of the line that vg_reader_next gave last */
	uint64_t behind_line;      /* lines up to here are not given */
	vg_population_range range; /* of a store: the patients of this batch */
	bool sought;               /* the reader's cursor is in it */
	size_t place;
	bool read;          /* of a whole file: it was given */
	uint64_t end_line;  /* the batch ends behind this line … */
	uint32_t end_input; /* … of this input: where a later run may go on */
} vg_batch;
typedef struct vg_shard { /* part `number` (1-based) of `count`; {0, 0} is all */
	uint32_t number, count;
} vg_shard;
/* `paths`: "-", FILE.ndjson (also .gz, .zst), FILE.json, folders of these, population stores.  The paths must outlive the
 * source. */
vigil_status vg_feed_open(const char *const *paths, size_t count, vg_shard shard, const vg_allocator *allocator, vg_feed **ret,
			  vigil_error *err);
/* Adds what a store holds to a digest: a run that goes on has to find what it began with. */
void vg_feed_sign(const vg_feed *feed, vg_digest_state *state);
/* Goes on behind a place that a batch ended at; before the first batch. */
void vg_feed_go_on(vg_feed *feed, uint32_t input, uint64_t line);
void vg_batch_init(vg_batch *batch, const vg_allocator *allocator);
void vg_batch_free(vg_batch *batch);
/* Fills a batch; *ret_any false: the end.  An input that cannot be read to its end fails. */
vigil_status vg_feed_fill(vg_feed *feed, vg_batch *batch, bool *ret_any, vigil_error *err);
/* How much was read, of how much (0: not known). */
uint64_t vg_feed_read(const vg_feed *feed, uint64_t *ret_all);
void vg_feed_close(vg_feed *feed); /* NULL is allowed */

/* A feed as one world sees it: shared by threads.  The world is taken. */
typedef struct vg_lens vg_lens;
vigil_status vg_lens_open(const vg_feed *feed, vg_world *world, vg_unpack what, const vg_allocator *allocator, vg_lens **ret,
			  vigil_error *err);
void vg_lens_close(vg_lens *lens); /* NULL is allowed */

/* What one thread reads batches with. */
typedef struct vg_reader vg_reader;
vigil_status vg_reader_open(const vg_lens *lens, vg_reader **ret, vigil_error *err);
/* The next item of a batch that belongs to the feed's shard; blank lines are none. */
vigil_status vg_reader_next(vg_reader *reader, vg_batch *batch, vg_feed_item *ret, bool *ret_any, vigil_error *err);
/* The one way from an item to a record; VIGIL_BAD_INPUT says what is wrong with
 * it.  To be freed with vg_record_free by the same thread, before the reader is closed. */
vigil_status vg_reader_record(vg_reader *reader, const vg_feed_item *item, vg_record **ret, vigil_error *err);
void vg_reader_close(vg_reader *reader); /* NULL is allowed */

/* ---- work in order (pipeline.c) --------------------------------------------------------- */

/* Batches are filled one at a time, worked on by several threads, and finished
 * one at a time in the order in which they were filled, whatever the threads
 * do.  With one thread everything runs in the caller's. */
typedef struct vg_pipeline {
	unsigned threads; /* 0 counts as 1 */
	unsigned slots;   /* batches that the caller has room for, numbered from 0; at least one a thread */
	void *user;
	vigil_status (*fill)(void *user, unsigned slot, bool *ret_any, vigil_error *err);
	vigil_status (*work)(void *user, unsigned thread, unsigned slot, vigil_error *err);
	vigil_status (*finish)(void *user, unsigned slot, vigil_error *err);
} vg_pipeline;
/* Everything before the first failure is finished, and the first failure in the order of the batches is the one returned. */
vigil_status vg_pipeline_run(const vg_pipeline *pipeline, vigil_error *err);

/* ---- an earlier result (since.c) ------------------------------------------------------- */

/* What a screening was before and is now, where that matters to somebody. */
typedef enum vg_change {
	VG_CHANGE_NONE,
	VG_CHANGE_NEWLY_OVERDUE,
	VG_CHANGE_NEWLY_DUE, /* due soon, and was not due */
	VG_CHANGE_CLOSED,    /* was due soon or overdue, and is up to date */
	VG_CHANGE_DROPPED,   /* was due soon or overdue, and is not meant for the patient any more */
	VG_CHANGE_UNKNOWN,   /* cannot be told any more */
	VG_CHANGE_OTHER,
	VG_CHANGE_COUNT
} vg_change;
const char *vg_change_name(vg_change change); /* "newly_overdue", … */
vg_change vg_change_between(vg_screening_status before, vg_screening_status now);

typedef struct vg_since vg_since; /* read by many threads */
/* Reads a result of `vigil scan`, CSV or NDJSON, also gzip or zstd: which patient had which status. 32 bytes an entry. */
vigil_status vg_since_open(const char *path, const vg_allocator *allocator, vg_since **ret, vigil_error *err);
/* The status before; VG_NOT_APPLICABLE when the result does not name it. Any thread. */
vg_screening_status vg_since_before(vg_since *since, const char *patient, const char *rule);
/* Entries that were due soon or overdue, and that nobody has asked for: of patients who are not in the population any
 * more, or of rules that are not asked. When the scan is over. */
uint64_t vg_since_left(const vg_since *since);
void vg_since_close(vg_since *since); /* NULL is allowed */

/* ---- a population in sum (summary.c) -------------------------------------------------- */

/* Where a patient stands in a screening's funnel. */
typedef enum vg_step {
	VG_STEP_NOT_MEANT, /* not in `for_patients`, or deceased */
	VG_STEP_EXCLUDED,  /* meant for, and an exception took the patient out */
	VG_STEP_UP_TO_DATE,
	VG_STEP_DUE_SOON,
	VG_STEP_OVERDUE,
	VG_STEP_INDETERMINATE,
	VG_STEP_COUNT
} vg_step;
enum { VG_BAND_COUNT = 7, VG_SEX_COUNT = 4, VG_FORECAST_MONTHS = 12, VG_DUE_COUNT = 10, VG_OVERDUE_COUNT = 4 };
const char *vg_step_name(vg_step step);  /* "not_meant", "excluded", "up_to_date", … */
const char *vg_band_name(unsigned band); /* "0-17", "18-39", "40-49", "50-64", "65-74", "75+", "unknown" */
const char *vg_sex_name(unsigned sex);   /* "female", "male", "other", "unknown" */
const char *vg_due_name(unsigned due);   /* "over 2 years", … of overdue; "within 3 months", … of what is not due yet */

typedef struct vg_unmapped { /* a code that the knowledge does not know */
	const char *kind, *system, *code, *display;
	uint64_t count;
} vg_unmapped;
typedef struct vg_screening_sum {
	const char *rule, *title;
	uint64_t cells[VG_BAND_COUNT][VG_SEX_COUNT][VG_STEP_COUNT];
	uint64_t due[VG_DUE_COUNT]; /* the first VG_OVERDUE_COUNT: of those overdue; then of those who are not due yet */
	uint64_t forecast[VG_FORECAST_MONTHS]; /* fall due in month 1 … 12 from today */
	uint64_t changes[VG_CHANGE_COUNT];     /* since an earlier result */
} vg_screening_sum;
typedef struct vg_summary {
	vg_arena arena;
	const vg_rulebook *book;
	uint32_t *number_of; /* rule number -> index + 1 in screenings; 0: no screening */
	vg_screening_sum *screenings;
	size_t screening_count;
	bool data; /* how good the data are is counted: needs records of which nothing is left out */
	bool today_known;
	vg_day today, born[VG_BAND_COUNT - 2];       /* the last day of birth behind each age that parts bands */
	vg_day back[VG_OVERDUE_COUNT - 1], ahead[4]; /* days that part due dates */
	uint64_t patients, bad, deceased, without_birth_date, without_sex, incomplete, rule_errors;
	uint64_t people[VG_BAND_COUNT][VG_SEX_COUNT];                     /* the living */
	uint64_t not_supplied[VG_SECTION_COUNT], empty[VG_SECTION_COUNT]; /* patients */
	uint64_t facts, future_facts;
	uint64_t section_facts[VG_SECTION_COUNT], unmapped[VG_SECTION_COUNT]; /* facts; those whose code is not known */
	uint64_t alerts[3], with_alerts;                                      /* by severity; patients with one */
	vg_arena code_arena;
	vg_unmapped *codes; /* in the order of their first appearance */
	size_t code_count, code_capacity;
	vg_map code_of;
	vg_buffer code_key;      /* room in which a code is spelt to look it up */
	uint64_t codes_left_out; /* facts whose code came when the list was full */
} vg_summary;
/* Sums of the screenings among `rules` (NULL: all that are active) of a world, which must outlive it. */
vigil_status vg_summary_open(vg_summary *summary, const vg_world *world, const uint32_t *rules, size_t count,
			     const vg_allocator *allocator, vigil_error *err);
/* Counts one answer, given with all_screenings. */
vigil_status vg_summary_add(vg_summary *summary, const vg_answer *answer, vigil_error *err);
/* Which month from today (1 …) a screening falls due in that is not due yet; `later` is the answer at that month's
 * end, if nothing is done meanwhile.  See docs/population/results.md. */
void vg_summary_forecast(vg_summary *summary, const vg_answer *later, unsigned month, vg_day after, vg_day until);
/* Counts what has changed since an earlier result. */
void vg_summary_change(vg_summary *summary, const vg_screening *screening, vg_change change);
/* Adds `from` to `to`, and empties it. */
vigil_status vg_summary_move(vg_summary *to, vg_summary *from, vigil_error *err);
void vg_summary_free(vg_summary *summary);
uint64_t vg_screening_count(const vg_screening_sum *sum, vg_step step);

/* ---- small numbers (suppress.c) ------------------------------------------------------------ */

bool vg_is_small(uint64_t count, uint64_t least); /* 1 … least - 1 */
/* Which strata of a table to hide, whose totals of each of the `width` counts are known. All of them when
 * nothing less is safe. */
void vg_suppress(const uint64_t *counts, size_t strata, size_t width, uint64_t least, bool *hidden);

#endif
