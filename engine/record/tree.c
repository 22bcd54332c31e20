/*
 * From the text of a resource to a tree of the JSON library's nodes.
 *
 * The strict scan has walked over the text and found it valid, so nothing is
 * checked again and nothing can be wrong: what is left is to lay out nodes and
 * texts.  They lie in a room that each tree takes over from the last, so that
 * after the first few nothing is allocated; readers see plain cJSON.  No node is
 * ever handed to cJSON_Delete: the room's arena takes them back.
 *
 * A node's `valueint` is the number of its member's name (vg_json_key_id), and
 * the `string` of a known one is the one in the table; of an element of a list
 * it is the number of the list's.
 *
 * Half of a resource's bytes tell who, where and in which words.  A trimmed
 * tree leaves out the members that no reader looks at (NEEDLESS in
 * json_keys.def): they are passed over and get no nodes.  Only members of the
 * resource itself are left out, never anything deeper.
 */
#include "record/json_internal.h"
#include "record/record_internal.h"

enum { NODES_OF_A_BLOCK = 64, SLACK = 16 };

struct vg_node_block {
	struct vg_node_block *next;
	cJSON nodes[NODES_OF_A_BLOCK];
};

typedef struct maker {
	vg_tree_room *room;
	const char *at, *end; /* what may be read */
	struct vg_node_block *block;
	size_t used; /* nodes of the block */
	char *bytes; /* where the next text goes: the copies of all texts are no longer than the whole */
	bool trimmed;
} maker;

/* ---- passing over ---------------------------------------------------------- */

/* Behind the closing quote of the text whose first byte is `at`. */
static inline const char *pass_text(const char *at, const char *end)
{
	for (at = vg_json_find_special(at, end); *at != '"'; at = vg_json_find_special(at + 2, end))
		;
	return at + 1;
}

/* Behind a value: at the comma or the bracket that follows it, or the end. */
const char *vg_json_pass_value(const char *at, const char *end)
{
	for (int depth = 0; at < end;) {
		switch (*at++) {
		case '"':
			at = pass_text(at, end);
			break;
		case '{':
		case '[':
			depth++;
			break;
		case ',':
			if (depth == 0)
				return at - 1;
			break;
		case '}':
		case ']':
			if (depth-- == 0)
				return at - 1;
			break;
		default:
			break;
		}
	}
	return at;
}

/* ---- values ------------------------------------------------------------------ */

static inline cJSON *new_node(maker *make)
{
	if (make->used == NODES_OF_A_BLOCK) {
		struct vg_node_block **next = make->block ? &make->block->next : &make->room->blocks;
		if (!*next)
			*next = vg_alloc(make->room->arena, sizeof **next);
		if (!*next)
			return NULL;
		make->block = *next;
		make->used = 0;
	}
	cJSON *node = &make->block->nodes[make->used++];
	*node = (cJSON){.type = cJSON_NULL};
	return node;
}

/* Copies up to a quote or a backslash; `make->at` stays there. */
static inline char *copy_plain(maker *make, char *to)
{
	const char *at = make->at;
#ifdef __SSE2__
	const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
	while (make->end - at >= 16) {
		__m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
		_mm_storeu_si128((__m128i *)(void *)to, bytes);
		unsigned special =
		    (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
		if (special) {
			unsigned count = (unsigned)__builtin_ctz(special);
			make->at = at + count;
			return to + count;
		}
		at += 16;
		to += 16;
	}
#endif
	while (*at != '"' && *at != '\\')
		*to++ = *at++;
	make->at = at;
	return to;
}

static __attribute__((noinline)) char *copy_escaped(maker *make, char *to)
{
	while (*make->at == '\\') {
		to = vg_json_undo_escape(&make->at, to);
		to = copy_plain(make, to);
	}
	return to;
}

/* A text, its first byte at `make->at`, its escapes undone; afterwards `make->at` is behind its closing quote. */
static inline char *make_text(maker *make)
{
	char *text = make->bytes, *to = copy_plain(make, text);
	if (__builtin_expect(*make->at == '\\', 0))
		to = copy_escaped(make, to);
	make->at++;
	*to = '\0';
	make->bytes = to + 1;
	return text;
}

static void make_number(maker *make, cJSON *node)
{
	const char *start = make->at;
	while (make->at < make->end && (*make->at == '-' || *make->at == '+' || *make->at == '.' || (*make->at | 32) == 'e' ||
					(*make->at >= '0' && *make->at <= '9')))
		make->at++;
	node->type = cJSON_Number;
	vg_parse_number(start, (size_t)(make->at - start), &node->valuedouble);
}

/* ---- keys ------------------------------------------------------------------ */

typedef struct made_key {
	vg_json_key_id id;
	char *text;
} made_key;

/* A key that is not the expected one, its first byte at `make->at`; afterwards `make->at` is at the colon. */
static __attribute__((noinline)) made_key make_any_key(maker *make, unsigned context)
{
	char *text = make->bytes;
	make_text(make);
	size_t length = (size_t)(make->bytes - text) - 1;
	made_key key = {vg_json_key_of(text, length, vg_json_ends_of(text, length, length + SLACK)), text};
	vg_json_learn(&make->room->habits, context, key.id);
	if (key.id != VG_KEY_UNKNOWN) {
		make->bytes = text;
		key.text = (char *)vg_json_known_keys[key.id].text;
	}
	make->at = vg_json_pass_blanks(make->at, make->end);
	return key;
}

/* `make->at` is the key's first byte, afterwards that of its value. */
static inline made_key make_key(maker *make, unsigned context)
{
	made_key key = {VG_KEY_UNKNOWN, NULL};
	if (make->end - make->at >= VG_JSON_KEY_ROOM)
		key.id = vg_json_guess(&make->room->habits, context, make->at);
	if (key.id != VG_KEY_UNKNOWN) {
		const vg_json_known_key *known = &vg_json_known_keys[key.id];
		key.text = (char *)known->text;
		make->at += known->length + 1;
	} else {
		key = make_any_key(make, context);
	}
	make->at = vg_json_pass_blanks(make->at + 1, make->end);
	return key;
}

/* ---- the tree ---------------------------------------------------------------- */

/* A text, a number or a word; afterwards `make->at` is behind it. */
static inline void make_leaf(maker *make, cJSON *node)
{
	switch (*make->at) {
	case '"':
		make->at++;
		node->type = cJSON_String;
		node->valuestring = make_text(make);
		break;
	case 't':
		make->at += 4;
		node->type = cJSON_True;
		break;
	case 'f':
		make->at += 5;
		node->type = cJSON_False;
		break;
	case 'n':
		make->at += 4;
		node->type = cJSON_NULL;
		break;
	default:
		make_number(make, node);
	}
}

/* Goes to the next element of `parent`, or to its next member that is wanted, behind whose key `make->at` stands then; false at
 * the bracket that closes.  `ret` is the key before, afterwards the next one; an element has that of its list. */
static inline bool next_child(maker *make, const cJSON *parent, made_key *ret)
{
	for (;;) {
		if (*make->at == ',')
			make->at = vg_json_pass_blanks(make->at + 1, make->end);
		if (*make->at == '}' || *make->at == ']')
			return false;
		if (parent->type == cJSON_Array) {
			*ret = (made_key){(vg_json_key_id)parent->valueint, NULL};
			return true;
		}
		make->at++;
		*ret = make_key(make, vg_json_context((unsigned)parent->valueint, (unsigned)ret->id));
		if (!make->trimmed || parent->prev || !vg_json_known_keys[ret->id].needless)
			return true;
		make->at = vg_json_pass_value(make->at, make->end);
	}
}

/* While an object or a list is being made, its `prev` is the one around it; that of the outermost is NULL. */
static const cJSON *make_tree(maker *make)
{
	cJSON *root = NULL, *parent = NULL, **place = &root;
	made_key key = {VG_KEY_UNKNOWN, NULL};
	do {
		cJSON *node = new_node(make);
		if (!node)
			return NULL;
		node->string = key.text;
		node->valueint = (int)key.id;
		*place = node;
		place = &node->next;
		if (*make->at == '{' || *make->at == '[') {
			node->type = *make->at++ == '{' ? cJSON_Object : cJSON_Array;
			node->prev = parent;
			parent = node;
			place = &node->child;
			key.id = VG_KEY_UNKNOWN;
		} else {
			make_leaf(make, node);
		}
		make->at = vg_json_pass_blanks(make->at, make->end);
		while (parent && !next_child(make, parent, &key)) {
			make->at = vg_json_pass_blanks(make->at + 1, make->end);
			place = &parent->next;
			key.id = (vg_json_key_id)parent->valueint;
			cJSON *around = parent->prev;
			parent->prev = NULL;
			parent = around;
		}
	} while (parent);
	return root;
}

static bool make_room(vg_tree_room *room, size_t size)
{
	if (size <= room->text_size)
		return true;
	size_t wanted = size < SIZE_MAX / 2 ? size * 2 : size;
	room->text = vg_alloc(room->arena, wanted);
	room->text_size = room->text ? wanted : 0;
	return room->text != NULL;
}

const cJSON *vg_tree_make(vg_tree_room *room, const char *text, size_t length, bool trimmed)
{
	if (!make_room(room, length + SLACK))
		return NULL;
	maker make = {room,   vg_json_pass_blanks(text, text + length), text + length, NULL, NODES_OF_A_BLOCK, room->text,
		      trimmed};
	return make_tree(&make);
}
