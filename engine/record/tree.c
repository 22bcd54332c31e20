/*
 * From the text of a resource to a tree of the JSON library's nodes.
 *
 * The strict scan has walked over the text and found it valid, so nothing is
 * checked again and nothing can be wrong: what is left is to lay out nodes and
 * texts.  They lie in a room that each tree takes over from the last, so that
 * after the first few nothing is allocated; readers see plain cJSON.  It costs a
 * fourth of the library's own parser with its allocation a node.  No node is
 * ever handed to cJSON_Delete: the room's arena takes them back.
 *
 * Half of a resource's bytes tell who, where and in which words.  A trimmed
 * tree leaves out the members that no reader looks at: they are passed over
 * and get no nodes.  Only members of the resource itself are left out, never
 * anything deeper.
 */
#include "record/json_internal.h"
#include "record/record_internal.h"

enum { NODES_OF_A_BLOCK = 64, SLACK = 16 };

/* Members of resources that no fact depends on.  `meta` tells versions: versions.c reads it where two meet. */
static const char *const needless[] = {"address",
				       "asserter",
				       "basedOn",
				       "category",
				       "communication",
				       "contact",
				       "derivedFrom",
				       "device",
				       "diagnosis",
				       "encounter",
				       "extension",
				       "focus",
				       "followUp",
				       "generalPractitioner",
				       "identifier",
				       "implicitRules",
				       "insurance",
				       "language",
				       "link",
				       "location",
				       "managingOrganization",
				       "maritalStatus",
				       "meta",
				       "method",
				       "name",
				       "note",
				       "participant",
				       "partOf",
				       "performer",
				       "photo",
				       "protocolApplied",
				       "reasonReference",
				       "recorder",
				       "referenceRange",
				       "requester",
				       "serviceProvider",
				       "site",
				       "specimen",
				       "supportingInformation",
				       "telecom",
				       "text"};

struct vg_node_block {
	struct vg_node_block *next;
	cJSON nodes[NODES_OF_A_BLOCK];
};

typedef struct maker {
	vg_tree_room *room;
	const char *at, *end;
	struct vg_node_block *block;
	size_t used; /* nodes of the block */
	char *bytes; /* where the next text goes: the copies of all texts are no longer than the whole */
} maker;

/* ---- needless members ----------------------------------------------------- */

bool vg_tree_is_needless(const char *key, size_t length)
{
	size_t low = 0, high = VG_COUNT(needless);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = (unsigned char)key[0] - (unsigned char)needless[middle][0];
		if (order == 0)
			order = strncmp(key, needless[middle], length);
		if (order == 0 && needless[middle][length] == 0)
			return true;
		if (order <= 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

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

static cJSON *new_node(maker *make)
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
static char *copy_plain(maker *make, char *to)
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

/* A text, its first byte at `make->at`, its escapes undone; afterwards `make->at` is behind its closing quote. */
static char *make_text(maker *make)
{
	char *text = make->bytes, *to = copy_plain(make, text);
	while (*make->at == '\\') {
		to = vg_json_undo_escape(&make->at, to);
		to = copy_plain(make, to);
	}
	make->at++;
	*to = '\0';
	make->bytes = to + 1;
	return text;
}

static bool make_value(maker *make, cJSON *node, bool trimmed);

static void make_number(maker *make, cJSON *node)
{
	const char *start = make->at;
	while (make->at < make->end && (*make->at == '-' || *make->at == '+' || *make->at == '.' || (*make->at | 32) == 'e' ||
					(*make->at >= '0' && *make->at <= '9')))
		make->at++;
	node->type = cJSON_Number;
	vg_parse_number(start, (size_t)(make->at - start), &node->valuedouble);
}

/* What lies between the brackets of a list or an object; `make->at` is behind the opening one. */
static bool make_children(maker *make, cJSON *parent, bool trimmed)
{
	bool object = parent->type == cJSON_Object;
	cJSON **place = &parent->child;
	make->at = vg_json_pass_blanks(make->at, make->end);
	while (*make->at != '}' && *make->at != ']') {
		char *key = NULL;
		const char *start = make->at + 1;
		if (object) {
			make->at = start;
			char *bytes = make->bytes;
			key = make_text(make);
			bool skip = trimmed && vg_tree_is_needless(key, (size_t)(make->bytes - key) - 1);
			make->at = vg_json_pass_blanks(vg_json_pass_blanks(make->at, make->end) + 1, make->end);
			if (skip) {
				make->bytes = bytes;
				make->at = vg_json_pass_value(make->at, make->end);
			}
			key = skip ? NULL : key;
		}
		if (!object || key) {
			cJSON *child = new_node(make);
			if (!child)
				return false;
			child->string = key;
			*place = child;
			place = &child->next;
			if (!make_value(make, child, false))
				return false;
		}
		make->at = vg_json_pass_blanks(make->at, make->end);
		if (*make->at == ',')
			make->at = vg_json_pass_blanks(make->at + 1, make->end);
	}
	make->at++;
	return true;
}

/* `make->at` is the value's first byte, afterwards behind it. */
static bool make_value(maker *make, cJSON *node, bool trimmed)
{
	switch (*make->at) {
	case '{':
	case '[':
		node->type = *make->at++ == '{' ? cJSON_Object : cJSON_Array;
		return make_children(make, node, trimmed);
	case '"':
		make->at++;
		node->type = cJSON_String;
		node->valuestring = make_text(make);
		return true;
	case 't':
		make->at += 4;
		node->type = cJSON_True;
		return true;
	case 'f':
		make->at += 5;
		node->type = cJSON_False;
		return true;
	case 'n':
		make->at += 4;
		node->type = cJSON_NULL;
		return true;
	default:
		make_number(make, node);
		return true;
	}
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
	maker make = {room, vg_json_pass_blanks(text, text + length), text + length, NULL, NODES_OF_A_BLOCK, room->text};
	cJSON *root = new_node(&make);
	return root && make_value(&make, root, trimmed) ? root : NULL;
}
