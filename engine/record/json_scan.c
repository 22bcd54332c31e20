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

enum { LARGE_OBJECT = 48 };

/* ---- nodes ------------------------------------------------------------- */

RARE bool vg_json_grow_nodes(vg_json_scanner *scanner)
{
	size_t wanted = scanner->node_capacity * 2;
	vg_json_node *nodes = vg_alloc_unset(scanner->arena, wanted * sizeof *nodes);
	vg_json_span *spans = vg_alloc_unset(scanner->arena, wanted * sizeof *spans);
	if (!nodes || !spans)
		return vg_json_fail_memory(scanner);
	memcpy(nodes, scanner->nodes, scanner->node_count * sizeof *nodes);
	memcpy(spans, scanner->spans, scanner->node_count * sizeof *spans);
	scanner->nodes = nodes;
	scanner->spans = spans;
	scanner->node_capacity = wanted;
	return true;
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
	if (VG_UNLIKELY(frame->keys_left-- == 0))
		return vg_json_fail_limit(scanner, at, "the keys of an object are more than", scanner->limits.keys);
	if (VG_UNLIKELY(id == VG_KEY_UNKNOWN))
		return keep_other_key(scanner, frame, at);
	uint64_t known = frame->known[id / 64];
	if (VG_UNLIKELY((known >> id % 64 & 1) != 0))
		return fail_twice(scanner, at);
	frame->known[id / 64] = known | (uint64_t)1 << id % 64;
	return true;
}

/* A key that is not the expected one: returns what follows its closing quotation mark. */
RARE static const char *pass_any_key(vg_json_scanner *scanner, unsigned context, const char *start, unsigned *ret_id)
{
	if (*start++ != '"')
		return vg_json_refuse(scanner, start - 1,
				      "Write each key in double quotes, and no comma behind the last member.",
				      "a key is expected here.");
	bool escaped = false;
	const char *end = scanner->end, *at = vg_json_pass_text(scanner, start, &escaped);
	if (!at)
		return NULL;
	vg_json_text text = {start, (size_t)(at - start)};
	size_t readable = (size_t)(end - start);
	if (VG_UNLIKELY(escaped)) {
		text = vg_json_unescape(scanner->arena, start, text.length);
		readable = text.length;
		if (!text.bytes) {
			vg_json_fail_memory(scanner);
			return NULL;
		}
	}
	vg_json_ends ends = vg_json_ends_of(text.bytes, text.length, readable);
	vg_json_key_id id = vg_json_key_of(text.bytes, text.length, ends);
	if (id == VG_KEY_UNKNOWN) {
		scanner->other = (vg_json_key){text.bytes, (uint32_t)text.length, (uint32_t)(ends.mixed >> 20)};
		if (!vg_json_add_text(scanner, VG_JSON_NAME, VG_KEY_UNKNOWN, start, at, escaped))
			return NULL;
	}
	vg_json_learn(scanner->habits, context, id);
	*ret_id = id;
	return at + 1;
}

static inline const char *pass_colon(vg_json_scanner *scanner, const char *at)
{
	at = vg_json_skip_blanks(at, scanner->end);
	if (VG_LIKELY(*at == ':'))
		return at + 1;
	return vg_json_refuse(scanner, at, "Write a colon between the key and its value.", "a colon is missing here.");
}

/* A key and its colon, maybe behind blanks: returns what follows them. */
static inline const char *pass_key(vg_json_scanner *scanner, vg_json_frame *frame, const char *at)
{
	unsigned context = vg_json_context(frame->around, frame->before), id = vg_json_habit(scanner->habits, context);
	const vg_json_known_key *guess = &vg_json_known_keys[id];
	bool guessed = id != VG_KEY_UNKNOWN && at < scanner->guess_end && vg_json_stands_at(guess, at);
	const char *start = at;
	if (VG_LIKELY(guessed)) {
		at += guess->length + 3;
	} else {
		start = vg_json_skip_blanks(at, scanner->end);
		at = pass_any_key(scanner, context, start, &id);
		if (!at)
			return NULL;
	}
	frame->before = (uint8_t)id;
	if (!keep_key(scanner, frame, id, start))
		return NULL;
	return guessed ? at : pass_colon(scanner, at);
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

/* `key`: of the member whose value it is; `around`: the same, or of the list in which it lies. */
static inline vg_json_frame *open_frame(vg_json_scanner *scanner, const char *at, unsigned key, unsigned around)
{
	if (VG_UNLIKELY(scanner->depth == scanner->frame_capacity) && !grow_frames(scanner, at))
		return NULL;
	vg_json_frame *frame = &scanner->frames[scanner->depth++];
	memset(frame->known, 0, sizeof frame->known);
	frame->marks = 0;
	frame->large = NULL;
	frame->first_key = scanner->key_count;
	frame->keys_left = scanner->limits.keys;
	frame->is_object = *at == '{';
	frame->around = (uint8_t)around;
	frame->before = frame->is_object ? VG_KEY_UNKNOWN : (uint8_t)around;
	frame->node = (uint32_t)scanner->node_count;
	uint8_t kind = frame->is_object ? VG_JSON_OBJECT : VG_JSON_ARRAY;
	return vg_json_add_node(scanner, (vg_json_node){.kind = kind, .key = (uint8_t)key}, at, at) ? frame : NULL;
}

/* `at` follows its bracket. */
static inline void close_frame(vg_json_scanner *scanner, const vg_json_frame *frame, const char *at)
{
	scanner->nodes[frame->node].size = (uint32_t)scanner->node_count - frame->node;
	scanner->spans[frame->node].end = (uint32_t)(at - scanner->text);
	scanner->key_count = frame->first_key;
	scanner->depth--;
	if (frame->is_object && scanner->depth && !frame[-1].is_object)
		vg_json_keep_model(scanner, frame->node);
}

RARE static const char *refuse_separator(vg_json_scanner *scanner, const char *at)
{
	const vg_json_frame *frame = &scanner->frames[scanner->depth - 1];
	if (at == scanner->end)
		return vg_json_refuse(scanner, at, "The text may have been cut off; send it whole.",
				      frame->is_object ? "the text ends inside an object." : "the text ends inside a list.");
	return vg_json_refuse(scanner, at, "Check the quotation marks, commas and brackets around this place.",
			      frame->is_object ? "a comma or } is missing here." : "a comma or ] is missing here.");
}

/* What follows a value, which ends at `at`: closes what ends there, up to a comma, and returns what follows that; or the end
 * of the whole, with nothing left open. */
static inline const char *pass_separators(vg_json_scanner *scanner, vg_json_frame **frame, const char *at)
{
	const char *end = scanner->end;
	for (;;) {
		at = vg_json_skip_blanks(at, end);
		if (*at == ',')
			return at + 1;
		if (VG_UNLIKELY(*at != ((*frame)->is_object ? '}' : ']')))
			return refuse_separator(scanner, at);
		close_frame(scanner, *frame, ++at);
		if (scanner->depth == 0)
			return at;
		if (VG_UNLIKELY(at == scanner->last))
			return refuse_separator(scanner, end);
		--*frame; /* they lie one behind the other */
	}
}

/* A text, whose opening quotation mark is at `at`, of the member `key`: returns what follows it. */
static inline const char *pass_leaf_text(vg_json_scanner *scanner, const char *at, unsigned key)
{
	bool escaped = false;
	const char *start = at + 1;
	at = vg_json_pass_text(scanner, start, &escaped);
	return VG_LIKELY(at != NULL) && vg_json_add_text(scanner, VG_JSON_TEXT, key, start, at, escaped) ? at + 1 : NULL;
}

void vg_json_set_scalar(vg_json_node *node, vg_json_kind kind, const char *start, const char *end)
{
	node->kind = (uint8_t)kind;
	if (kind == VG_JSON_NUMBER)
		vg_parse_number(start, (size_t)(end - start), &node->number);
}

/* A number or a word, of the member `key`: returns what follows it. */
RARE static const char *pass_leaf(vg_json_scanner *scanner, const char *at, unsigned key)
{
	const char *start = at;
	vg_json_kind kind;
	vg_json_node node = {.size = 1, .key = (uint8_t)key};
	at = vg_json_pass_scalar(scanner, at, &kind);
	if (!at)
		return NULL;
	vg_json_set_scalar(&node, kind, start, at);
	return vg_json_add_node(scanner, node, start, at) ? at : NULL;
}

RARE static const char *refuse_value(vg_json_scanner *scanner, const char *at)
{
	at = vg_json_skip_blanks(at, scanner->end);
	if (at == scanner->end)
		return vg_json_refuse_end(scanner);
	vg_json_fail_limit(scanner, at, "the text has more values than", scanner->limits.nodes);
	return NULL;
}

static inline bool is_open(char c) { return c == '{' || c == '['; }

/* One value, maybe behind blanks, and all that is in it; returns what follows it. */
static const char *pass_document(vg_json_scanner *scanner, const char *at)
{
	const char *end = scanner->end;
	vg_json_frame *frame = NULL;
	unsigned key = VG_KEY_UNKNOWN;
	do {
		bool opens = false;
		const char *behind = NULL;
		if (VG_UNLIKELY(*at <= ' '))
			at = vg_json_pass_many_blanks(at, end);
		if (*at == '{' && frame && !frame->is_object && scanner->model_count)
			behind = vg_json_pass_alike(scanner, at);
		if (behind) {
			at = behind;
		} else if (VG_UNLIKELY(scanner->nodes_left-- == 0)) {
			return refuse_value(scanner, at);
		} else if (*at == '"') {
			at = pass_leaf_text(scanner, at, key);
		} else if (is_open(*at)) {
			frame = open_frame(scanner, at, key, frame ? frame->before : VG_KEY_UNKNOWN);
			if (!frame)
				return NULL;
			at = vg_json_skip_blanks(at + 1, end);
			opens = *at != (frame->is_object ? '}' : ']');
		} else {
			at = pass_leaf(scanner, at, key);
		}
		if (at && frame && !opens)
			at = pass_separators(scanner, &frame, at);
		if (!at || !scanner->depth)
			return at;
		if (frame->is_object) {
			at = pass_key(scanner, frame, at);
			key = frame->before;
		} else {
			key = VG_KEY_UNKNOWN;
		}
	} while (at);
	return NULL;
}

/* The end is looked for behind brackets that close and inside of texts only: before anything else ends, there is a byte that
 * stops it.  Most texts end with such a bracket, and maybe blanks; of any other a copy is scanned, with a zero behind it. */
static bool set_end(vg_json_scanner *scanner, size_t length)
{
	const char *last = scanner->text + length;
	while (last > scanner->text && vg_json_is_blank(last[-1]))
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

/* Few values take less than sixteen bytes; where there are more, the places for nodes grow. */
static bool begin(vg_json_scanner *scanner, vg_arena *arena, vg_arena *texts, const char *text, size_t length,
		  const vg_limits *limits, vg_json_habits *habits)
{
	vigil_error *err = scanner->err;
	memset(scanner, 0, offsetof(vg_json_scanner, first_frames));
	scanner->err = err;
	scanner->arena = arena;
	scanner->text = text;
	scanner->limits = *limits;
	if (scanner->limits.bytes > UINT32_MAX)
		scanner->limits.bytes =
		    UINT32_MAX; /* places are kept in 32 bits, and so are nodes, of which each has a byte at least */
	scanner->nodes_left = scanner->limits.nodes;
	scanner->frames = scanner->first_frames;
	scanner->frame_capacity =
	    VG_COUNT(scanner->first_frames) < limits->depth ? VG_COUNT(scanner->first_frames) : limits->depth;
	scanner->keys = scanner->first_keys;
	scanner->key_capacity = VG_COUNT(scanner->first_keys);
	scanner->habits = habits;
	if (length > scanner->limits.bytes)
		return vg_json_fail_limit(scanner, text, "the text has more bytes than", scanner->limits.bytes);
	if (!set_end(scanner, length))
		return false;
	scanner->node_capacity = length / 16 + 8;
	scanner->copy = vg_copy_text(texts, scanner->text, length);
	scanner->nodes = vg_alloc_unset(arena, scanner->node_capacity * sizeof *scanner->nodes);
	scanner->spans = vg_alloc_unset(arena, scanner->node_capacity * sizeof *scanner->spans);
	return (scanner->copy && scanner->nodes && scanner->spans) || vg_json_fail_memory(scanner);
}

vigil_status vg_json_scan(vg_arena *arena, vg_arena *texts, const char *text, size_t length, const vg_limits *limits,
			  vg_json_scan_result *ret, vigil_error *err)
{
	vg_json_scanner scanner;
	vg_json_habits habits = {0};
	scanner.err = err;
	if (!begin(&scanner, arena, texts, text, length, limits ? limits : &vg_default_limits, &habits))
		return scanner.status;
	text = scanner.text;
	const char *at = vg_json_has_word(text, scanner.end, "\xEF\xBB\xBF") ? text + 3 : text;
	at = pass_document(&scanner, at);
	if (!at)
		return scanner.status;
	at = vg_json_pass_many_blanks(at, scanner.end);
	if (at != scanner.end) {
		vg_json_fail(&scanner, at, "Send one JSON object and nothing behind it.",
			     "something follows the end of the object.");
		return scanner.status;
	}
	if (arena->failed) /* a model could not be kept */
		vg_json_fail_memory(&scanner);
	return !arena->failed && vg_json_note(&scanner, ret) ? VIGIL_OK : scanner.status;
}
