/*
 * Member names that are known beforehand: json_keys.def (private to the floor
 * `record`).
 *
 * A name that stands in a text is looked up by its ends: its first and its last
 * eight bytes give a slot of a table, and in the slot is the number of the only
 * known name that it can be.  Most names need not even that: records repeat
 * themselves, so the name that followed the last one the last time is compared
 * first, quotation mark and colon included.
 *
 * The scan finds doubled members by the numbers, nodes carry them, and what a
 * resource says is found by them.
 */
#ifndef VG_RECORD_JSON_KEYS_H
#define VG_RECORD_JSON_KEYS_H

#include "base/base.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef enum vg_json_key_id { /* VG_KEY_code, … */
			      VG_KEY_UNKNOWN,
#define KEY(slot, name) VG_KEY_##name,
#define NEEDLESS(slot, name) VG_KEY_##name,
#include "record/json_keys.def"
#undef KEY
#undef NEEDLESS
			      VG_KEY_COUNT
} vg_json_key_id;

typedef struct vg_json_known_key {
	char written[32]; /* "name": and zeros */
	char text[26];    /* the name */
	uint8_t length;   /* of the name */
	bool needless;
	uint32_t bytes; /* a bit for each byte of `written` that counts */
} vg_json_known_key;
extern const vg_json_known_key vg_json_known_keys[VG_KEY_COUNT];

/* ---- looking up -------------------------------------------------------- */

#define VG_JSON_KEY_FACTOR UINT64_C(0x25EF2114BA6E736D)
enum { VG_JSON_KEY_SLOTS = 4096 };
extern const uint8_t vg_json_key_slots[VG_JSON_KEY_SLOTS]; /* vg_json_key_id */

static inline uint64_t vg_json_eight(const char *bytes)
{
	uint64_t eight;
	memcpy(&eight, bytes, sizeof eight);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	eight = __builtin_bswap64(eight);
#endif
	return eight;
}

typedef struct vg_json_ends {
	uint64_t first, last; /* eight bytes each; of less than eight, `first` has all and zeros behind, `last` is 0 */
	uint64_t mixed;
} vg_json_ends;

/* `readable` bytes may be read from `bytes` on, at least `length`. */
static inline vg_json_ends vg_json_ends_of(const char *bytes, size_t length, size_t readable)
{
	vg_json_ends ends = {0, 0, 0};
	if (length >= 8) {
		ends.first = vg_json_eight(bytes);
		ends.last = vg_json_eight(bytes + length - 8);
	} else if (readable >= 8) {
		ends.first = vg_json_eight(bytes) & (((uint64_t)1 << 8 * length) - 1);
	} else {
		char copy[8] = "";
		memcpy(copy, bytes, length);
		ends.first = vg_json_eight(copy);
	}
	ends.mixed = (ends.first ^ ends.last * UINT64_C(0x9E3779B97F4A7C15)) * VG_JSON_KEY_FACTOR;
	return ends;
}

static inline size_t vg_json_slot_of(vg_json_ends ends) { return (size_t)(ends.mixed >> 52); }

/* The number of a name whose escapes are undone; VG_KEY_UNKNOWN when it is none of the known. */
static inline vg_json_key_id vg_json_key_of(const char *bytes, size_t length, vg_json_ends ends)
{
	uint8_t id = vg_json_key_slots[vg_json_slot_of(ends)];
	const vg_json_known_key *known = &vg_json_known_keys[id];
	if (known->length != length || memcmp(known->text, bytes, length) != 0)
		return VG_KEY_UNKNOWN;
	return (vg_json_key_id)id;
}

/* Whether no fact depends on a member of a resource: a packed resource leaves it out. */
static inline bool vg_json_is_needless(const char *key, size_t length)
{
	return vg_json_known_keys[vg_json_key_of(key, length, vg_json_ends_of(key, length, length))].needless;
}

/* ---- guessing ---------------------------------------------------------- */

enum { VG_JSON_KEY_ROOM = 32 }; /* bytes that must be readable where a key is guessed */

/* The key that came last in each context.  A context is a pair of keys, its place in the table a number made of both; where
 * two pairs have the same number, a guess is wrong now and then. */
enum { VG_JSON_CONTEXTS = 1024 };
typedef struct vg_json_habits {
	uint8_t next[VG_JSON_CONTEXTS]; /* vg_json_key_id */
} vg_json_habits;

/* Of the key that follows `before` (VG_KEY_UNKNOWN: of the first) in an object that is the value of `around` or lies in its
 * list. */
static inline unsigned vg_json_context(unsigned around, unsigned before) { return (around * 225 + before) % VG_JSON_CONTEXTS; }

/* Whether a known key, not VG_KEY_UNKNOWN, stands at `at`, with its quotation marks and the colon. */
static inline bool vg_json_stands_at(const vg_json_known_key *known, const char *at)
{
#ifdef __SSE2__
	__m128i low = _mm_loadu_si128((const __m128i *)(const void *)at),
		high = _mm_loadu_si128((const __m128i *)(const void *)(at + 16)),
		low_known = _mm_loadu_si128((const __m128i *)(const void *)known->written),
		high_known = _mm_loadu_si128((const __m128i *)(const void *)(known->written + 16));
	uint32_t equal = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(low, low_known)) |
			 (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(high, high_known)) << 16;
	return (known->bytes & ~equal) == 0;
#else
	return memcmp(at, known->written, known->length + 3) == 0;
#endif
}

/* The key that came last, a vg_json_key_id. */
static inline unsigned vg_json_habit(const vg_json_habits *habits, unsigned context) { return habits->next[context]; }

static inline void vg_json_learn(vg_json_habits *habits, unsigned context, vg_json_key_id id)
{
	habits->next[context] = (uint8_t)id;
}

#endif
