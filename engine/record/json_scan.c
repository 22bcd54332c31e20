/*
 * The strict JSON scan: see json_scan.h for what it promises.
 *
 * One loop reads a key and its value, then what follows them, with a stack of
 * open objects and lists instead of recursion, so that depth costs a limit and
 * no C stack.  Texts and blanks are passed sixteen bytes at a time where the
 * processor has SSE2 and eight at a time elsewhere; a key that is the expected
 * one is passed with one comparison (json_keys.h).
 *
 * The same key twice in one object: of the known keys an object keeps a set of
 * bits.  Of any other it keeps the bytes, and one bit for a mark of 32 bits
 * made of its ends.  While the bit of a key is not set, the key is new.
 * Otherwise it is compared with the others, and from LARGE_OBJECT of them on an
 * object keeps a hash map, so that many keys take linear time.
 */
#include "record/json_internal.h"

/* What is rare stays out of the loop, so that the compiler can keep the loop's variables in registers. */
#define RARE __attribute__((noinline))
#define LIKELY(condition) __builtin_expect((condition), 1)
#define UNLIKELY(condition) __builtin_expect((condition), 0)

enum { LARGE_OBJECT = 48 };

__attribute__((cold, noinline)) static const char *refuse(vg_json_scanner *scanner, const char *at, const char *advice,
							  const char *what)
{
	vg_json_fail(scanner, at, advice, what);
	return NULL;
}

static const char *refuse_end(vg_json_scanner *scanner)
{
	return refuse(scanner, scanner->end, "Send a JSON object; the text may have been cut off.",
		      "a value is expected, and the text ends.");
}

/* ---- blanks and texts -------------------------------------------------- */

static inline bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

RARE static const char *skip_many_blanks(const char *at, const char *end)
{
#ifdef __SSE2__
	const __m128i space = _mm_set1_epi8(' '), line = _mm_set1_epi8('\n'), ret = _mm_set1_epi8('\r'),
		      tab = _mm_set1_epi8('\t');
	while (end - at >= 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		__m128i blank = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, space), _mm_cmpeq_epi8(bytes, line)),
					     _mm_or_si128(_mm_cmpeq_epi8(bytes, ret), _mm_cmpeq_epi8(bytes, tab)));
		unsigned others = (unsigned)_mm_movemask_epi8(blank) ^ 0xFFFFu;
		if (others)
			return at + __builtin_ctz(others);
		at += 16;
	}
#endif
	while (at < end && is_blank(*at))
		at++;
	return at;
}

/* Inside of the text there is always something that is no blank. */
static inline const char *skip_blanks(const char *at, const char *end)
{
	return LIKELY(*at > ' ') ? at : skip_many_blanks(at, end);
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

static inline const char *find_special(const char *at, const char *end)
{
#ifdef __SSE2__
	while (LIKELY(end - at >= 32)) {
		unsigned found = special_bits(at) | special_bits(at + 16) << 16;
		if (LIKELY(found))
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

/* A text with escapes, with characters beyond ASCII, or with what it must not
 * have: `at` is the first such byte of the text that begins at `start`. */
RARE static const char *pass_special_text(vg_json_scanner *scanner, const char *start, const char *at, bool *escaped)
{
	const char *end = scanner->end;
	for (;; at = find_special(at, end)) {
		if (at == end)
			return refuse(scanner, start, "Close the text with a quotation mark; the end may have been cut off.",
				      "a text begins here and does not end.");
		if (*at == '"')
			return at;
		if (*at == '\\') {
			*escaped = true;
			at = vg_json_pass_escape(scanner, at);
			if (!at)
				return NULL;
		} else if ((unsigned char)*at < 0x20) {
			return refuse(scanner, at, "Write line breaks as \\n, tabs as \\t, others as \\u and four digits.",
				      "a control character stands in a text.");
		}
		while (at < end && (unsigned char)*at >= 0x80) {
			size_t step = vg_utf8_step(at, (size_t)(end - at));
			if (step == 0)
				return refuse(scanner, at, "Send the record in UTF-8.",
					      "bytes that are not UTF-8 stand in a text.");
			at += step;
		}
	}
}

/* `start` follows the opening quote; returns the closing quote. */
static inline const char *pass_text(vg_json_scanner *scanner, const char *start, bool *escaped)
{
	const char *at = find_special(start, scanner->end);
	if (at == scanner->end || *at != '"') {
		at = pass_special_text(scanner, start, at, escaped);
		if (!at)
			return NULL;
	}
	if ((size_t)(at - start) > scanner->limits.string_length) {
		vg_json_fail_limit(scanner, start, "a text has more bytes than", scanner->limits.string_length);
		return NULL;
	}
	return at;
}

/* ---- numbers and words ------------------------------------------------- */

static inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

static const char *pass_number(vg_json_scanner *scanner, const char *at)
{
	enum { SAFE_DIGITS = 300 }; /* the largest double has 309 before the point */
	static const char advice[] = "Write numbers as in 12, -0.5 or 1e3.";
	const char *start = at;
	at += *at == '-';
	if (!is_digit(*at))
		return refuse(scanner, start, advice, "a minus sign is not followed by a digit.");
	if (*at == '0' && is_digit(at[1]))
		return refuse(scanner, start, advice, "a number begins with a needless zero.");
	while (is_digit(*at))
		at++;
	bool large = at - start > SAFE_DIGITS;
	if (*at == '.') {
		if (!is_digit(*++at))
			return refuse(scanner, start, advice, "a decimal point is not followed by a digit.");
		while (is_digit(*at))
			at++;
	}
	if ((*at | 32) == 'e') {
		at++;
		at += *at == '+' || *at == '-';
		if (!is_digit(*at))
			return refuse(scanner, start, advice, "an exponent has no digits.");
		while (is_digit(*at))
			at++;
		large = true;
	}
	double value;
	if (large && !vg_parse_number(start, (size_t)(at - start), &value))
		return refuse(scanner, start, "No clinical value is that large: check the unit and the exponent.",
			      "a number is beyond the largest that can be kept (1.8e308).");
	return at;
}

static bool has_word(const char *at, const char *end, const char *word)
{
	size_t length = strlen(word);
	return (size_t)(end - at) >= length && memcmp(at, word, length) == 0;
}

RARE static const char *pass_scalar(vg_json_scanner *scanner, const char *at, vg_json_kind *kind)
{
	const char *end = scanner->end;
	*kind = VG_JSON_NUMBER;
	if (*at == '-' || is_digit(*at))
		return pass_number(scanner, at);
	if (has_word(at, end, "true")) {
		*kind = VG_JSON_TRUE;
		return at + 4;
	}
	if (has_word(at, end, "false")) {
		*kind = VG_JSON_FALSE;
		return at + 5;
	}
	if (has_word(at, end, "null")) {
		*kind = VG_JSON_NULL;
		return at + 4;
	}
	if (at == end)
		return refuse_end(scanner);
	if (*at == ']' || *at == '}' || *at == ',')
		return refuse(scanner, at, "Remove the comma or the colon before it, or write the value.",
			      "a value is missing here.");
	return refuse(scanner, at, "Write a text in double quotes, a number, true, false, null, { or [.",
		      "this is not a value.");
}

/* ---- keys -------------------------------------------------------------- */

static bool fail_twice(vg_json_scanner *scanner, const char *at)
{
	return vg_json_fail(scanner, at, "Send each key of an object once: programs differ in which of two they use.",
			    "an object has this key twice.");
}

/* An object with many unknown keys: all of them go into a map. */
static bool keep_in_map(vg_json_scanner *scanner, vg_json_frame *frame, vg_json_text key, const char *at)
{
	if (!frame->large) {
		frame->large = vg_alloc(scanner->arena, sizeof *frame->large);
		if (!frame->large)
			return vg_json_fail_memory(scanner);
		vg_map_init(frame->large, scanner->arena);
		for (size_t i = frame->first_key; i < scanner->key_count; i++) {
			uint32_t *known = vg_map_at(frame->large, scanner->keys[i].bytes, scanner->keys[i].length, true);
			if (!known)
				return vg_json_fail_memory(scanner);
			*known = 1;
		}
	}
	uint32_t *known = vg_map_at(frame->large, key.bytes, key.length, true);
	if (!known)
		return vg_json_fail_memory(scanner);
	if (*known)
		return fail_twice(scanner, at);
	*known = 1;
	return true;
}

static bool grow_keys(vg_json_scanner *scanner)
{
	vg_json_key *keys = vg_alloc_array(scanner->arena, scanner->key_capacity * 2, sizeof *keys);
	if (!keys)
		return vg_json_fail_memory(scanner);
	memcpy(keys, scanner->keys, scanner->key_count * sizeof *keys);
	scanner->keys = keys;
	scanner->key_capacity *= 2;
	return true;
}

/* Keeps a key that is none of the known (scanner->other), or refuses it. */
RARE static bool keep_other_key(vg_json_scanner *scanner, vg_json_frame *frame, const char *at)
{
	vg_json_key key = scanner->other;
	if (scanner->key_count - frame->first_key >= LARGE_OBJECT)
		return keep_in_map(scanner, frame, (vg_json_text){key.bytes, key.length}, at);
	uint64_t bit = (uint64_t)1 << (key.mark & 63);
	if (frame->marks & bit)
		for (size_t i = frame->first_key; i < scanner->key_count; i++)
			if (scanner->keys[i].mark == key.mark && scanner->keys[i].length == key.length &&
			    memcmp(scanner->keys[i].bytes, key.bytes, key.length) == 0)
				return fail_twice(scanner, at);
	frame->marks |= bit;
	if (scanner->key_count == scanner->key_capacity && !grow_keys(scanner))
		return false;
	scanner->keys[scanner->key_count++] = key;
	return true;
}

/* Keeps a key of the innermost object, or refuses it. */
static inline bool keep_key(vg_json_scanner *scanner, vg_json_frame *frame, unsigned id, const char *at)
{
	if (UNLIKELY(frame->keys_left == 0))
		return vg_json_fail_limit(scanner, at, "the keys of an object are more than", scanner->limits.keys);
	frame->keys_left--;
	if (UNLIKELY(id == VG_KEY_UNKNOWN))
		return keep_other_key(scanner, frame, at);
	uint64_t known = frame->known[id / 64];
	if (UNLIKELY((known >> id % 64 & 1) != 0))
		return fail_twice(scanner, at);
	frame->known[id / 64] = known | (uint64_t)1 << id % 64;
	return true;
}

typedef struct passed_key {
	const char *at; /* behind its closing quote; NULL after an error */
	vg_json_key_id id;
} passed_key;

/* A key that is not the expected one, its `start` behind the opening quote. */
RARE static passed_key pass_any_key(vg_json_scanner *scanner, unsigned context, const char *start)
{
	bool escaped = false;
	passed_key key = {pass_text(scanner, start, &escaped), VG_KEY_UNKNOWN};
	if (!key.at)
		return key;
	vg_json_text text = {start, (size_t)(key.at++ - start)};
	size_t readable = (size_t)(scanner->end - start);
	if (UNLIKELY(escaped)) {
		text = vg_json_unescape(scanner->arena, start, text.length);
		readable = text.length;
		if (!text.bytes) {
			vg_json_fail_memory(scanner);
			return (passed_key){NULL, VG_KEY_UNKNOWN};
		}
	}
	vg_json_ends ends = vg_json_ends_of(text.bytes, text.length, readable);
	key.id = vg_json_key_of(text.bytes, text.length, ends);
	if (key.id == VG_KEY_UNKNOWN)
		scanner->other = (vg_json_key){text.bytes, (uint32_t)text.length, (uint32_t)(ends.mixed >> 20)};
	vg_json_learn(&scanner->habits, context, key.id);
	return key;
}

/* A key, its colon, and the blanks around: returns where the value begins. */
static inline const char *pass_key(vg_json_scanner *scanner, vg_json_frame *frame, const char *at, vg_json_role *role)
{
	const char *end = scanner->end;
	if (UNLIKELY(*at != '"'))
		return refuse(scanner, at, "Write each key in double quotes, and no comma behind the last member.",
			      "a key is expected here.");
	passed_key key = {at, VG_KEY_UNKNOWN};
	unsigned context = vg_json_context(frame->around, frame->before);
	if (LIKELY(at < scanner->guess_end))
		key.id = vg_json_guess(&scanner->habits, context, at + 1);
	if (LIKELY(key.id != VG_KEY_UNKNOWN))
		key.at += vg_json_known_keys[key.id].length + 2;
	else
		key = pass_any_key(scanner, context, at + 1);
	if (UNLIKELY(!key.at))
		return NULL;
	frame->before = (uint8_t)key.id;
	if (!keep_key(scanner, frame, key.id, at) || !vg_json_role_of_key(scanner, frame, key.id, role))
		return NULL;
	at = skip_blanks(key.at, end);
	if (UNLIKELY(*at != ':'))
		return refuse(scanner, at, "Write a colon between the key and its value.", "a colon is missing here.");
	return skip_blanks(at + 1, end);
}

/* ---- objects and lists ------------------------------------------------- */

RARE static bool grow_frames(vg_json_scanner *scanner, const char *at)
{
	if (scanner->depth >= scanner->limits.depth)
		return vg_json_fail_limit(scanner, at, "objects and lists lie inside each other deeper than",
					  scanner->limits.depth);
	size_t capacity =
	    scanner->limits.depth < scanner->frame_capacity * 2 ? scanner->limits.depth : scanner->frame_capacity * 2;
	vg_json_frame *frames = vg_alloc_array(scanner->arena, capacity, sizeof *frames);
	if (!frames)
		return vg_json_fail_memory(scanner);
	memcpy(frames, scanner->frames, scanner->depth * sizeof *frames);
	scanner->frames = frames;
	scanner->frame_capacity = capacity;
	return true;
}

/* `key`: of which it is the value, or in whose list it lies. */
static inline vg_json_frame *open_frame(vg_json_scanner *scanner, const char *at, unsigned key, vg_json_role role)
{
	if (UNLIKELY(scanner->depth == scanner->frame_capacity) && !grow_frames(scanner, at))
		return NULL;
	vg_json_frame *frame = &scanner->frames[scanner->depth++];
	memset(frame->known, 0, sizeof frame->known);
	frame->marks = 0;
	frame->large = NULL;
	frame->first_key = scanner->key_count;
	frame->keys_left = scanner->limits.keys;
	frame->role = ROLE_NONE;
	frame->is_object = *at == '{';
	frame->around = (uint8_t)key;
	frame->before = frame->is_object ? VG_KEY_UNKNOWN : (uint8_t)key;
	return role == ROLE_NONE || vg_json_note_open(scanner, role, at) ? frame : NULL;
}

static inline void close_frame(vg_json_scanner *scanner, const vg_json_frame *frame, const char *end)
{
	if (frame->role != ROLE_NONE)
		vg_json_note_close(scanner, end);
	scanner->key_count = frame->first_key;
	scanner->depth--;
}

RARE static const char *refuse_separator(vg_json_scanner *scanner, const char *at)
{
	const vg_json_frame *frame = &scanner->frames[scanner->depth - 1];
	if (at == scanner->end)
		return refuse(scanner, at, "The text may have been cut off; send it whole.",
			      frame->is_object ? "the text ends inside an object." : "the text ends inside a list.");
	return refuse(scanner, at, "Check the quotation marks, commas and brackets around this place.",
		      frame->is_object ? "a comma or } is missing here." : "a comma or ] is missing here.");
}

/* What follows a value, which ends at `at`: closes what ends there, up to a comma, and returns where the next value or key
 * begins; or the end of the whole, with nothing left open. */
static inline const char *pass_separators(vg_json_scanner *scanner, vg_json_frame **frame, const char *at)
{
	const char *end = scanner->end;
	for (;;) {
		at = skip_blanks(at, end);
		if (*at == ',')
			return skip_blanks(at + 1, end);
		if (UNLIKELY(*at != ((*frame)->is_object ? '}' : ']')))
			return refuse_separator(scanner, at);
		close_frame(scanner, *frame, ++at);
		if (scanner->depth == 0)
			return at;
		if (UNLIKELY(at == scanner->last))
			return refuse_separator(scanner, end);
		--*frame; /* they lie one behind the other */
	}
}

/* A text, a number or a word: returns what follows it. */
static inline const char *pass_leaf(vg_json_scanner *scanner, const char *at, vg_json_role role)
{
	const char *start = at;
	vg_json_kind kind = VG_JSON_TEXT;
	bool escaped = false;
	if (*at == '"') {
		at = pass_text(scanner, at + 1, &escaped);
		at += at != NULL;
	} else {
		at = pass_scalar(scanner, at, &kind);
	}
	return at && (role == ROLE_NONE || vg_json_note_scalar(scanner, role, kind, start, at, escaped)) ? at : NULL;
}

RARE static bool refuse_value(vg_json_scanner *scanner, const char *at)
{
	return at == scanner->end ? refuse_end(scanner) != NULL
				  : vg_json_fail_limit(scanner, at, "the text has more values than", scanner->limits.nodes);
}

/* One value and all that is in it; returns what follows it. */
static const char *pass_document(vg_json_scanner *scanner, const char *at)
{
	const char *end = scanner->end;
	vg_json_frame *frame = NULL;
	vg_json_role role = ROLE_ROOT;
	do {
		if (UNLIKELY(scanner->nodes_left == 0)) {
			refuse_value(scanner, at);
			return NULL;
		}
		scanner->nodes_left--;
		if (*at == '{' || *at == '[') {
			frame = open_frame(scanner, at, frame ? frame->before : VG_KEY_UNKNOWN, role);
			if (!frame)
				return NULL;
			at = skip_blanks(at + 1, end);
			if (*at == (frame->is_object ? '}' : ']'))
				at = pass_separators(scanner, &frame, at);
		} else {
			at = pass_leaf(scanner, at, role);
			if (at && frame)
				at = pass_separators(scanner, &frame, at);
		}
		if (!at || !scanner->depth)
			return at;
		if (frame->is_object)
			at = pass_key(scanner, frame, at, &role);
		else
			role = vg_json_element_role(frame->role);
	} while (at);
	return NULL;
}

/* The end is looked for behind brackets that close and inside of texts only: before anything else ends, there is a byte that
 * stops it.  Most texts end with such a bracket, and maybe blanks; of any other a copy is scanned, with a zero behind it. */
static bool set_end(vg_json_scanner *scanner, size_t length)
{
	const char *last = scanner->text + length;
	while (last > scanner->text && is_blank(last[-1]))
		last--;
	if (last == scanner->text || (last[-1] != '}' && last[-1] != ']')) {
		scanner->text = vg_copy_text(scanner->arena, scanner->text, length);
		if (!scanner->text)
			return vg_json_fail_memory(scanner);
		last = scanner->text + length;
	}
	scanner->last = last;
	scanner->end = scanner->text + length;
	bool guess = length >= VG_JSON_KEY_ROOM && scanner->limits.string_length >= VG_JSON_KEY_ROOM;
	scanner->guess_end = guess ? scanner->end - VG_JSON_KEY_ROOM : scanner->text;
	return true;
}

vigil_status vg_json_scan(vg_arena *arena, const char *text, size_t length, const vg_limits *limits, vg_json_scan_result *ret,
			  vigil_error *err)
{
	vg_json_scanner scanner;
	memset(&scanner, 0, offsetof(vg_json_scanner, first_frames));
	scanner.arena = arena;
	scanner.text = text;
	scanner.end = text + length;
	scanner.limits = limits ? *limits : vg_default_limits;
	scanner.err = err;
	scanner.frames = scanner.first_frames;
	scanner.frame_capacity =
	    VG_COUNT(scanner.first_frames) < scanner.limits.depth ? VG_COUNT(scanner.first_frames) : scanner.limits.depth;
	scanner.keys = scanner.first_keys;
	scanner.key_capacity = VG_COUNT(scanner.first_keys);
	if (scanner.limits.string_length > UINT32_MAX)
		scanner.limits.string_length = UINT32_MAX; /* lengths of keys are kept in 32 bits */
	if (length > scanner.limits.bytes) {
		vg_json_fail_limit(&scanner, text, "the text has more bytes than", scanner.limits.bytes);
		return scanner.status;
	}
	if (!set_end(&scanner, length) || !vg_json_note_start(&scanner))
		return scanner.status;
	text = scanner.text;
	scanner.nodes_left = scanner.limits.nodes;
	const char *at = has_word(text, scanner.end, "\xEF\xBB\xBF") ? text + 3 : text;
	at = pass_document(&scanner, skip_many_blanks(at, scanner.end));
	if (!at)
		return scanner.status;
	at = skip_many_blanks(at, scanner.end);
	if (at != scanner.end) {
		vg_json_fail(&scanner, at, "Send one JSON object and nothing behind it.",
			     "something follows the end of the object.");
		return scanner.status;
	}
	return vg_json_note_end(&scanner, ret) ? VIGIL_OK : scanner.status;
}
