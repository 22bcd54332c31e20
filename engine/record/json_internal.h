/*
 * What the parts of the JSON scan share: json_scan.c walks over the text, decides
 * whether it is valid and makes the nodes, with json_text.c for errors and
 * escapes; json_alike.c passes elements of a list that are like an earlier one;
 * json_notes.c notes where resources lie, once the nodes are made.
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
/* What is rare stays out of the loops, so that the compiler can keep their variables in registers. */
#define RARE __attribute__((noinline))

/* A key of an open object that is none of the known, for finding it twice. */
typedef struct vg_json_key {
	const char *bytes;
	uint32_t length, mark;
} vg_json_key;

/* An open object or list. */
typedef struct vg_json_frame {
	uint64_t known[4]; /* a bit for each known key: vg_json_key_id */
	uint64_t marks;    /* one bit for each other key's mark: a bit that is not set proves a new key */
	vg_map *large;     /* the other keys of an object with many */
	size_t first_key;  /* of the other keys */
	size_t keys_left;  /* how many more it may have */
	uint32_t node;     /* its own */
	uint8_t around;    /* the key whose value it is, or in whose list it lies */
	uint8_t before;    /* its own last key; of a list the one around: vg_json_context */
	bool is_object;
} vg_json_frame;

/* An element of a list that others are expected to be like: see json_alike.c, which keeps what it needs of it. */
typedef struct vg_json_model {
	uint32_t node, leaf_count, branch_count;
	uint8_t follower; /* the model that the element behind it was like, the last time */
	size_t depth;     /* of the list: how many frames are open */
	struct vg_json_leaf *leaves;
	struct vg_json_branch *branches;
	uint32_t *shifts;
	uint32_t rest_from, rest_length; /* of what stands behind the last leaf */
} vg_json_model;
enum { VG_JSON_MODELS = 8 };

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

	vg_json_node *nodes;
	vg_json_span *spans; /* of each node; of a name nothing */
	size_t node_count, node_capacity;
	char *copy; /* of the text, in which the nodes' texts end */

	vg_json_model models[VG_JSON_MODELS];
	uint8_t model_count, next_model, last_model; /* next: the place of the next one that is kept */

	vg_json_entry *entries;
	size_t entry_count, entry_capacity;
	vg_json_member *members;
	size_t member_count, member_capacity;

	const char *guess_end; /* quotes from here on are too near to the end for a guess at the key */
	vg_json_habits *habits;
	vg_json_frame first_frames[24];
	vg_json_key first_keys[128];
} vg_json_scanner;

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

/* The same to a place that has as many bytes; returns where it ends. */
char *vg_json_unescape_to(const char *bytes, size_t length, char *to);

/* Undoes one escape of a validated text: *place is its backslash, afterwards what follows; writes to `to`, returns where it
 * ends. */
char *vg_json_undo_escape(const char **place, char *to);

/* Notes the resources and the request's members of a text whose nodes are made. */
bool vg_json_note(vg_json_scanner *scanner, vg_json_scan_result *ret);

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

/* `start` follows the opening quote; returns the closing quote, or NULL after an error. */
static inline const char *vg_json_pass_text(vg_json_scanner *scanner, const char *start, bool *escaped)
{
	const char *at = vg_json_find_care(start, scanner->end);
	if (at == scanner->end || *at != '"') {
		at = vg_json_pass_special_text(scanner, start, at, escaped);
		if (!at)
			return NULL;
	}
	if (VG_UNLIKELY((size_t)(at - start) > scanner->limits.string_length)) {
		vg_json_fail_limit(scanner, start, "a text has more bytes than", scanner->limits.string_length);
		return NULL;
	}
	return at;
}

/* ---- making nodes ---------------------------------------------------------------------------------- */

bool vg_json_grow_nodes(vg_json_scanner *scanner); /* doubles their places */

static inline vg_json_span vg_json_span_of(const vg_json_scanner *scanner, const char *start, const char *end)
{
	return (vg_json_span){(uint32_t)(start - scanner->text), (uint32_t)(end - scanner->text)};
}

static inline bool vg_json_add_node(vg_json_scanner *scanner, vg_json_node node, const char *start, const char *end)
{
	if (VG_UNLIKELY(scanner->node_count == scanner->node_capacity) && !vg_json_grow_nodes(scanner))
		return false;
	scanner->spans[scanner->node_count] = vg_json_span_of(scanner, start, end);
	scanner->nodes[scanner->node_count++] = node;
	return true;
}

/* What stands between `start` and the quotation mark at `end`, as the nodes have it. */
static inline const char *vg_json_kept_text(vg_json_scanner *scanner, const char *start, const char *end, bool escaped)
{
	char *text = scanner->copy + (start - scanner->text), *until = text + (end - start);
	if (VG_UNLIKELY(escaped))
		until = vg_json_unescape_to(start, (size_t)(end - start), text);
	*until = '\0';
	return text;
}

/* A node for a text or a name. */
static inline bool vg_json_add_text(vg_json_scanner *scanner, vg_json_kind kind, unsigned key, const char *start,
				    const char *end, bool escaped)
{
	vg_json_node node = {
	    .text = vg_json_kept_text(scanner, start, end, escaped), .size = 1, .kind = (uint8_t)kind, .key = (uint8_t)key};
	return vg_json_add_node(scanner, node, start - 1, end + 1);
}

/* A number or a word, which stands between `start` and `end`. */
void vg_json_set_scalar(vg_json_node *node, vg_json_kind kind, const char *start, const char *end);

/* json_alike.c: an object in the innermost list begins at `at`.  Returns what follows it, its nodes being made; NULL, and
 * nothing is changed, when it is like none of the models, or not valid. */
const char *vg_json_pass_alike(vg_json_scanner *scanner, const char *at);
/* An object has been read whose element of the list just around it the node is. */
void vg_json_keep_model(vg_json_scanner *scanner, uint32_t node);

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
