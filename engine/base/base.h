/*
 * Floor 1, base: what every other floor stands on.  Knows nothing clinical.
 *
 * Memory: everything lives in arenas.  An arena hands out zeroed, 16-byte
 * aligned blocks and gives all of them back at once; there are three
 * lifetimes (world, request, load) and nothing in a longer one points into a
 * shorter one.  A failed allocation returns NULL, marks the arena as failed,
 * and is always reported as VIGIL_NO_MEMORY by the function that met it.
 *
 * Numbers and dates never depend on the locale, the environment or a clock.
 */
#ifndef VG_BASE_H
#define VG_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vigil.h"

#define VG_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define VG_FORMAT(text_argument, first) __attribute__((format(printf, text_argument, first)))

/* ---- errors (error.c) -------------------------------------------------- */

/* Fills `err` (may be NULL) and returns `status`, so that callers write
 * `return vg_fail(reterr, VIGIL_BAD_INPUT, "how to mend it", "what %s", x);` */
vigil_status vg_fail(vigil_error *err, vigil_status status, const char *advice, const char *text, ...) VG_FORMAT(4, 5);
vigil_status vg_fail_memory(vigil_error *err);
void vg_error_place(vigil_error *err, const char *file, int line); /* returns nothing, keeps the rest */

/* ---- memory (arena.c) -------------------------------------------------- */

typedef struct vg_allocator {
	vigil_resize resize;
	void *user;
} vg_allocator;
extern const vg_allocator vg_system_allocator;

struct vg_block;
typedef struct vg_arena {
	vg_allocator allocator;
	struct vg_block *blocks; /* newest first */
	char *next, *end;        /* free part of the newest block */
	size_t used, limit;      /* bytes handed out; 0 = no limit */
	bool failed;
} vg_arena;

void vg_arena_init(vg_arena *arena, const vg_allocator *allocator, size_t limit); /* allocates nothing */
void vg_arena_reset(vg_arena *arena); /* forgets the contents, keeps one block for reuse */
void vg_arena_free(vg_arena *arena);
void *vg_alloc(vg_arena *arena, size_t size);
void *vg_alloc_array(vg_arena *arena, size_t count, size_t item_size); /* overflow-checked */
void *vg_alloc_unset(vg_arena *arena, size_t size);                    /* not zeroed: for whoever writes all of it at once */
char *vg_copy_text(vg_arena *arena, const char *text, size_t length);  /* adds the NUL */
char *vg_format(vg_arena *arena, const char *format, ...)
    VG_FORMAT(2, 3); /* %f and the like are not to be used: vg_format_number */
/* Makes room for one more item in a growing array: returns the (possibly moved)
 * array or NULL.  `items` may be NULL with *capacity 0.
 *     x = vg_grow(arena, list->x, list->count, &list->capacity, sizeof *list->x); */
void *vg_grow(vg_arena *arena, void *items, size_t count, size_t *capacity, size_t item_size);

/* ---- texts (buffer.c, text.c, number.c) ------------------------------------------ */

typedef struct vg_buffer { /* a growing text; always NUL-terminated once something was added */
	vg_arena *arena;
	char *text;
	size_t length, capacity;
	bool failed;
} vg_buffer;
void vg_buffer_init(vg_buffer *buffer, vg_arena *arena);
void vg_add(vg_buffer *buffer, const char *text);
void vg_add_byte(vg_buffer *buffer, char byte);
void vg_add_bytes(vg_buffer *buffer, const char *bytes, size_t length);
void vg_addf(vg_buffer *buffer, const char *format, ...) VG_FORMAT(2, 3);
void vg_add_number(vg_buffer *buffer, double number);       /* shortest text that reads back the same */
void vg_add_count(vg_buffer *buffer, uint64_t count);       /* in decimal */
void vg_add_json_text(vg_buffer *buffer, const char *text); /* quoted and escaped; NULL is null */
const char *vg_buffer_text(vg_buffer *buffer);              /* "" when empty; NULL when memory ran out */

bool vg_same_text(const char *a, const char *b); /* exact; NULL equals only NULL */
bool vg_same_fold(const char *a, const char *b); /* ignores case, by Unicode simple folding */
bool vg_starts_with(const char *text, const char *prefix);
bool vg_utf8_valid(const char *text, size_t length);  /* strict: no surrogates, no overlong forms */
size_t vg_utf8_step(const char *text, size_t length); /* bytes of the character at `text`; 0: not valid */
size_t vg_utf8_count(const char *text);               /* code points */
/* Folded, trimmed, inner blanks joined, NFC: the form in which names are compared. */
char *vg_fold_name(vg_arena *arena, const char *text, size_t length);
/* The candidate nearest to `word` within a third of its length, or NULL: "did you mean …". */
const char *vg_nearest(const char *word, const char *const *candidates, size_t count);

bool vg_parse_number(const char *text, size_t length, double *ret); /* JSON's grammar, whole text; false when not finite */
size_t vg_number_text(double number, char out[32]);                 /* its length; "null" for a number that is not finite */

/* ---- maps and bit sets (map.c, bits.c) --------------------------------- */

typedef struct vg_map { /* bytes -> uint32_t; keys are not copied and must outlive the map */
	vg_arena *arena;
	struct vg_map_slot *slots;
	size_t capacity, count;
} vg_map;
void vg_map_init(vg_map *map, vg_arena *arena);
/* Room for so many keys in all, so that the map need not grow on the way; false when memory ran out. */
bool vg_map_reserve(vg_map *map, size_t count);
/* The value's place, made (0) when absent and `make`; NULL when absent or out of memory. */
uint32_t *vg_map_at(vg_map *map, const void *key, size_t length, bool make);
uint64_t vg_hash(const void *bytes, size_t length); /* XXH3; the same on every machine of one endianness */

typedef uint64_t vg_bits; /* arrays of these */
#define VG_BITS_WORDS(count) (((size_t)(count) + 63) / 64)
static inline void vg_bit_set(vg_bits *bits, size_t i) { bits[i >> 6] |= (vg_bits)1 << (i & 63); }
static inline bool vg_bit_test(const vg_bits *bits, size_t i) { return (bits[i >> 6] >> (i & 63)) & 1; }

typedef struct vg_digest { /* SHA-256, by nettle */
	unsigned char bytes[32];
} vg_digest;
typedef struct vg_digest_state {
	unsigned char opaque[160];
} vg_digest_state;
void vg_digest_begin(vg_digest_state *state);
void vg_digest_add(vg_digest_state *state, const void *bytes, size_t length);
void vg_digest_add_text(vg_digest_state *state, const char *text); /* with its length, so that parts cannot run together */
void vg_digest_end(vg_digest_state *state, vg_digest *ret);
void vg_digest_text(const vg_digest *digest, char out[65]);
/* What tells whether a file is the same as before, at the speed of reading it: 128 bits of XXH3 and the length.  Against
 * accidents; what has to stand against forgery is a vg_digest. */
typedef struct vg_fingerprint {
	uint64_t low, high, length;
} vg_fingerprint;
/* Reads a regular file of at most `limit` bytes to its end; `digest` may be NULL.  false when it cannot be read. */
bool vg_fingerprint_file(const char *path, uint64_t limit, vg_fingerprint *ret, vg_digest *digest);

/* ---- files (file.c) ---------------------------------------------------- */

/* Reads a whole file, a pipe, or the standard input ("-") into the arena, a NUL
 * behind it.  VIGIL_BAD_INPUT says which of: missing, a folder, not readable,
 * larger than `limit` bytes (0: no limit); the error's file is the path. */
vigil_status vg_read_file(vg_arena *arena, const char *path, size_t limit, char **ret, size_t *ret_length, vigil_error *err);
/* All files below `folder` whose name ends with `suffix`, relative paths in
 * byte order; links are followed, names that begin with a dot are left out. */
vigil_status vg_list_files(vg_arena *arena, const char *folder, const char *suffix, const char *const **ret, size_t *ret_count,
			   vigil_error *err);

/* ---- processors (processors.c) ------------------------------------------ */

unsigned vg_processors(void); /* that this process may use; at least 1 */

/* ---- three values (truth.c) -------------------------------------------- */

/* Kleene's: unknown is what could be either.  A false makes `and` false and a true makes `or` true whatever the other is. */
typedef enum vg_truth { VG_FALSE = 0, VG_TRUE = 1, VG_UNKNOWN = 2 } vg_truth;
static inline vg_truth vg_and(vg_truth a, vg_truth b)
{
	if (a == VG_FALSE || b == VG_FALSE)
		return VG_FALSE;
	return a == VG_TRUE && b == VG_TRUE ? VG_TRUE : VG_UNKNOWN;
}
static inline vg_truth vg_or(vg_truth a, vg_truth b)
{
	if (a == VG_TRUE || b == VG_TRUE)
		return VG_TRUE;
	return a == VG_FALSE && b == VG_FALSE ? VG_FALSE : VG_UNKNOWN;
}
static inline vg_truth vg_not(vg_truth a)
{
	if (a == VG_UNKNOWN)
		return VG_UNKNOWN;
	return a == VG_TRUE ? VG_FALSE : VG_TRUE;
}
const char *vg_truth_text(vg_truth truth); /* "true", "false", "unknown" */

/* ---- dates (date.c) ---------------------------------------------------- */

typedef int32_t vg_day; /* days since 1970-01-01, proleptic Gregorian calendar */
#define VG_NO_DAY INT32_MIN
#define VG_NO_INSTANT INT64_MIN
#define VG_FAR_FUTURE (INT32_MAX / 2)

/* A date as precisely as it is known.  2019-05 is first=2019-05-01,
 * last=2019-05-31.  A dateTime counts on the day written in it, in its own
 * offset, and has an instant; a missing one has first == VG_NO_DAY. */
typedef struct vg_when {
	vg_day first, last;
	int64_t instant; /* seconds since 1970-01-01T00:00:00Z, or VG_NO_INSTANT */
} vg_when;
#define VG_NO_WHEN ((vg_when){VG_NO_DAY, VG_NO_DAY, VG_NO_INSTANT})
static inline bool vg_when_known(vg_when when) { return when.first != VG_NO_DAY; }

/* A length of calendar time, as written: "10 years", "6 months", "90 days", "48 hours". */
typedef struct vg_duration {
	int32_t months, days, hours; /* one of them is not zero; years are 12 months, weeks 7 days */
} vg_duration;
static inline bool vg_duration_given(vg_duration d) { return d.months || d.days || d.hours; }

bool vg_date_parse(const char *text, size_t length, vg_when *ret); /* FHIR date, dateTime, instant; years 1800–2200 */
bool vg_duration_parse(const char *text, vg_duration *ret); /* positive; English units, singular or plural, years … hours */
vg_day vg_day_from(int year, int month, int day);           /* VG_NO_DAY when there is no such day */
void vg_day_split(vg_day day, int *year, int *month, int *day_of_month);
/* 29 February plus a year is 28 February; begun days of hours count whole; VG_NO_DAY stays. */
vg_day vg_day_plus(vg_day day, vg_duration duration);
vg_day vg_day_minus(vg_day day, vg_duration duration);
int vg_years_between(vg_day birth, vg_day day);    /* completed years */
const char *vg_day_text(vg_day day, char out[16]); /* "2026-03-01" */
const char *vg_when_text(vg_when when,
			 char out[32]); /* as precisely as known: "2019", "2019-05", "2019-05-07"; "date unknown" */
const char *vg_duration_text(vg_duration duration, char out[32]); /* "10 years", "6 months", "90 days" */

/* ---- findings (finding.c) ---------------------------------------------- */

/* A place in a source file. */
typedef struct vg_place {
	const char *file;
	int line, column;
} vg_place;

/* The codes are data: engine/base/findings.def lists the files with
 *     X(code, level, name, title, why, wrong, right)
 * one file a range: VG1xx form of the language, VG2xx meaning of rules, VG3xx
 * knowledge and sets, VG4xx examples and governance, VG5xx records. */
typedef enum vg_finding_code {
#define X(code, level, name, title, why, wrong, right) code,
#include "findings.def"
#undef X
	VG_FINDING_CODES
} vg_finding_code;
typedef struct vg_finding_kind {
	const char *code, *name, *title, *why, *wrong, *right;
	vigil_level level;
} vg_finding_kind;
const vg_finding_kind *vg_finding_kind_of(vg_finding_code code);
const vg_finding_kind *vg_finding_kind_find(const char *code); /* "VG104"; NULL when there is none */

struct vigil_findings { /* every finding of one load; texts live in its arena */
	vg_arena arena;
	vigil_finding *items;
	size_t count, capacity, errors;
};
typedef struct vigil_findings vg_findings;
void vg_findings_init(vg_findings *findings, const vg_allocator *allocator);
void vg_findings_free(vg_findings *findings);
/* Adds one; `rule` and `advice` may be NULL.  When memory runs out the arena is
 * marked failed, and whoever owns the list answers VIGIL_NO_MEMORY. */
void vg_report(vg_findings *findings, vg_finding_code code, vg_place place, const char *rule, const char *advice,
	       const char *text, ...) VG_FORMAT(6, 7);
void vg_findings_sort(vg_findings *findings); /* by file, line, column, code; doubles removed */

#endif
