/*
 * What the parts of the JSON scan share: json_scan.c walks over the text and
 * decides whether it is valid, with json_text.c for errors and escapes;
 * json_notes.c notes where resources lie.
 *
 * A *role* says what a value means to the notes: the walk learns it from the
 * key (or from the list) in front of the value and hands it back with the
 * value.  Most values of a record lie deeper than any role and have none, so
 * the walk does nothing for them but validate.
 */
#ifndef VG_RECORD_JSON_INTERNAL_H
#define VG_RECORD_JSON_INTERNAL_H

#include "record/json_keys.h"
#include "record/json_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define VG_LIKELY(condition) __builtin_expect((condition), 1)
#define VG_UNLIKELY(condition) __builtin_expect((condition), 0)

typedef enum vg_json_role {
	ROLE_NONE,
	ROLE_ROOT,    /* the whole text's value */
	ROLE_CONTEXT, /* of a CDS Hooks request */
	ROLE_PREFETCH,
	ROLE_RESOURCE, /* a resource: an entry's, or a member's */
	ROLE_TYPE,     /* texts of a resource: resourceType */
	ROLE_ID,
	ROLE_BUNDLE_TYPE,
	ROLE_ENTRIES, /* the list `entry` of a Bundle */
	ROLE_ENTRY,   /* one element of it */
	ROLE_FULL_URL,
	ROLE_REQUEST, /* entry.request, and its text */
	ROLE_METHOD,
	ROLE_SEARCH, /* entry.search, and its text */
	ROLE_MODE,
	ROLE_LINKS, /* the list `link` of a Bundle, an element, and its text */
	ROLE_LINK,
	ROLE_RELATION,
	ROLE_SUBJECT, /* subject or patient, and its text */
	ROLE_REFERENCE,
	ROLE_CODE,      /* what a resource is about */
	ROLE_PARTS,     /* what else of it has codes */
	ROLE_MEMBER,    /* any other member of the request */
	ROLE_MISPLACED, /* a list where a resource should be */
	ROLE_COUNT
} vg_json_role;

/* A key of an open object that is none of the known, for finding it twice. */
typedef struct vg_json_key {
	const char *bytes;
	uint32_t length, mark;
} vg_json_key;

/* An open object or list. */
typedef struct vg_json_frame {
	uint64_t known[4];  /* a bit for each known key: vg_json_key_id */
	uint64_t marks;     /* one bit for each other key's mark: a bit that is not set proves a new key */
	vg_map *large;      /* the other keys of an object with many */
	size_t first_key;   /* of the other keys */
	size_t keys_left;   /* how many more it may have */
	vg_json_node *node; /* its own; NULL: none are made */
	uint32_t entry;     /* the entry that it belongs to, when it has a role */
	uint32_t member;    /* the member whose value it is, or VG_JSON_NONE */
	uint8_t around;     /* the key whose value it is, or in whose list it lies */
	uint8_t before;     /* its own last key; of a list the one around: vg_json_context */
	uint8_t role;       /* vg_json_role */
	bool is_object;
} vg_json_frame;

typedef struct vg_json_scanner {
	vg_arena *arena;
	const char *text, *end;
	const char *last; /* behind the last bracket, or the end (set_end) */
	vg_limits limits;
	vigil_error *err;
	vigil_status status;

	vg_json_frame *frames;
	size_t depth, frame_capacity;
	vg_json_key *keys;
	size_t key_count, key_capacity;
	vg_json_key other; /* the last key that was none of the known */
	size_t nodes_left; /* how many more values the text may have */

	vg_json_node *nodes, *next_node, *nodes_end; /* NULL: none are made */
	char *copy;                                  /* of the text, in which the nodes' texts end */

	vg_json_entry *entries;
	size_t entry_count, entry_capacity;
	vg_json_member *members;
	size_t member_count, member_capacity;
	uint32_t pending; /* the member whose value comes next, or VG_JSON_NONE */

	const char *guess_end; /* quotes from here on are too near to the end for a guess at the key */
	vg_json_habits *habits;
	vg_json_frame first_frames[24];
	vg_json_key first_keys[128];
} vg_json_scanner;

/* The node that was made last: of the value that a note is about. */
static inline uint32_t vg_json_last_node(const vg_json_scanner *scanner)
{
	return (uint32_t)(scanner->next_node - scanner->nodes) - 1; /* of none, any */
}

/* Each returns false after setting `status` (and the error).  Cold, so that the
 * compiler keeps what leads to them out of the way. */
__attribute__((cold)) bool vg_json_fail(vg_json_scanner *scanner, const char *at, const char *advice, const char *what);
__attribute__((cold)) bool vg_json_fail_memory(vg_json_scanner *scanner);
__attribute__((cold)) bool vg_json_fail_limit(vg_json_scanner *scanner, const char *at, const char *what, size_t limit);

/* The same, with the place to go on from, NULL. */
__attribute__((cold)) const char *vg_json_refuse(vg_json_scanner *scanner, const char *at, const char *advice,
						 const char *what);
__attribute__((cold)) const char *vg_json_refuse_end(vg_json_scanner *scanner); /* in place of a value */

bool vg_json_has_word(const char *at, const char *end, const char *word);
/* A number, or one of the words: returns what follows it, or NULL after an error. */
const char *vg_json_pass_scalar(vg_json_scanner *scanner, const char *at, vg_json_kind *kind);
/* A text with escapes, with characters beyond ASCII, or with what it must not have: `at` is the first such byte of the text
 * that begins at `start`.  Returns the closing quote, or NULL after an error. */
const char *vg_json_pass_special_text(vg_json_scanner *scanner, const char *start, const char *at, bool *escaped);
/* `at` is a backslash in a text: returns what follows the escape, or NULL after an error. */
const char *vg_json_pass_escape(vg_json_scanner *scanner, const char *at);
/* Undoes the escapes of a text that has been validated; bytes NULL when memory ran out. */
vg_json_text vg_json_unescape(vg_arena *arena, const char *bytes, size_t length);

/* The same in its own place; returns where it ends. */
char *vg_json_unescape_here(char *bytes, size_t length);

/* Undoes one escape of a validated text: *place is its backslash, afterwards what follows; writes to `to`, returns where it
 * ends. */
char *vg_json_undo_escape(const char **place, char *to);

/* The roles that known keys give inside an object of each role. */
extern const uint8_t vg_json_roles_within[ROLE_COUNT][VG_KEY_COUNT];
/* The role of the value behind a key, in an object whose members are noted: ROLE_ROOT to ROLE_PREFETCH. */
bool vg_json_note_key(vg_json_scanner *scanner, vg_json_key_id id, vg_json_role *ret);
/* The role of the value behind a key in the innermost object. */
static inline bool vg_json_role_of_key(vg_json_scanner *scanner, const vg_json_frame *frame, vg_json_key_id id,
				       vg_json_role *ret)
{
	*ret = ROLE_NONE;
	if (frame->role == ROLE_NONE)
		return true;
	if (frame->role <= ROLE_PREFETCH)
		return vg_json_note_key(scanner, id, ret);
	*ret = (vg_json_role)vg_json_roles_within[frame->role][id];
	return true;
}
/* The innermost list's elements. */
static inline vg_json_role vg_json_element_role(vg_json_role list)
{
	return list == ROLE_ENTRIES ? ROLE_ENTRY : list == ROLE_LINKS ? ROLE_LINK : ROLE_NONE;
}
/* An object or list with a role has been pushed, and will be popped; a value of another kind has been read. */
bool vg_json_note_open(vg_json_scanner *scanner, vg_json_role role, const char *at);
void vg_json_note_close(vg_json_scanner *scanner, const char *end);
bool vg_json_note_scalar(vg_json_scanner *scanner, vg_json_role role, vg_json_kind kind, const char *at, const char *end,
			 bool escaped);
bool vg_json_note_start(vg_json_scanner *scanner);
bool vg_json_note_end(vg_json_scanner *scanner, vg_json_scan_result *ret);

/* For tree.c: makes the nodes of `text`, a value that the scan has found valid before, with the byte that followed it; their
 * texts lie in `copy`, a copy of it.  They take the place of those in *nodes, *capacity of them; false: memory ran out. */
bool vg_json_make_nodes(vg_arena *arena, const char *text, size_t length, char *copy, vg_json_habits *habits,
			vg_json_node **nodes, size_t *capacity);

/* ---- going over a text that may be anything --------------------------------------------------------- */

static inline bool vg_json_is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
const char *vg_json_pass_many_blanks(const char *at, const char *end);
/* Inside of the text there is always something that is no blank. */
static inline const char *vg_json_skip_blanks(const char *at, const char *end)
{
	return VG_LIKELY(*at > ' ') ? at : vg_json_pass_many_blanks(at, end);
}

/* The first byte that ends a text or needs care: a quote, a backslash, a
 * control character, the beginning of a character beyond ASCII; or `end`.
 * Thirty-two bytes a turn: most texts end in the first, and a loop whose number
 * of turns differs from text to text costs more than the bytes that it saves. */
#ifdef __SSE2__
static inline unsigned special_bits(const char *at)
{
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(' ');
	__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
	/* Signed: bytes from 0x80 are below the space too. */
	__m128i special = _mm_or_si128(_mm_cmplt_epi8(bytes, space),
				       _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
	return (unsigned)_mm_movemask_epi8(special);
}
#endif

static inline const char *vg_json_find_care(const char *at, const char *end)
{
#ifdef __SSE2__
	while (VG_LIKELY(end - at >= 32)) {
		unsigned found = special_bits(at) | special_bits(at + 16) << 16;
		if (VG_LIKELY(found))
			return at + __builtin_ctz(found);
		at += 32;
	}
#else
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	while (end - at >= 8) {
		uint64_t bytes;
		memcpy(&bytes, at, sizeof bytes);
		uint64_t quote = bytes ^ ones * '"', backslash = bytes ^ ones * '\\';
		uint64_t special = (quote - ones) | (backslash - ones) | (bytes - ones * ' ') | bytes;
		if (special & high)
			break; /* one of the eight; the loop below finds it, and passes a false alarm */
		at += 8;
	}
#endif
	while (at < end && (unsigned char)*at - 0x20u < 0x60u && *at != '"' && *at != '\\')
		at++;
	return at;
}

/* ---- going over a text that the scan has found valid (members.c, template_write.c) -------------------- */

static inline const char *vg_json_pass_blanks(const char *at, const char *end)
{
	while (at < end && (unsigned char)*at <= ' ')
		at++;
	return at;
}

/* The next quote or backslash; the text is valid, so there is one. */
static inline const char *vg_json_find_special(const char *at, const char *end)
{
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
	while (end - at >= 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		unsigned special =
		    (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
		if (special)
			return at + __builtin_ctz(special);
		at += 16;
	}
#else
	(void)end;
#endif
	while (*at != '"' && *at != '\\')
		at++;
	return at;
}

#endif
