/*
 * The strict scan of JSON (private to the floor `record`; written in
 * json_scan.c).
 *
 * One pass over the bytes decides whether a text is JSON that Vigil reads at
 * all, and makes a node of each value, which readers walk over; then it is noted
 * where the FHIR resources lie:
 *
 *     vg_json_scan_result scan;
 *     vigil_status status = vg_json_scan(arena, arena, text, length, limits, &scan, err);
 *     for (size_t i = 0; status == VIGIL_OK && i < scan.entry_count; i++)
 *         if (vg_json_text_is(scan.entries[i].type, "Observation"))
 *             read(&scan.nodes[scan.entries[i].node]);
 *
 * What is accepted: RFC 8259, whole text, UTF-8, with these decisions where the
 * RFC leaves the choice, or where two readers of one text could differ:
 *   - a UTF-8 byte-order mark before the text is skipped (Windows clients send it);
 *   - bytes that are not UTF-8, and \u escapes that are half a surrogate pair, are refused;
 *   - \u0000 is refused, in keys and in texts: C texts end there;
 *   - the same key twice in one object is refused, however it is escaped: which
 *     of the two counts differs from reader to reader;
 *   - numbers beyond the largest double are refused; those that are too small
 *     to be told from zero are accepted;
 *   - depth, values, keys of one object, bytes of one text (as written, between its quotes), resources
 *     and the size of the whole have limits, each with its own message.
 *
 * Errors are VIGIL_BAD_INPUT; `line` is set, the text tells line, column and
 * byte offset, the advice how to mend it.  They never quote the text: it is a
 * patient's.
 */
#ifndef VG_RECORD_JSON_SCAN_H
#define VG_RECORD_JSON_SCAN_H

#include <string.h>

#include "record/record.h"

/* A JSON text without its quotes and with its escapes undone; bytes == NULL: absent, or not a text. */
typedef struct vg_json_text {
	const char *bytes;
	size_t length;
} vg_json_text;
static inline bool vg_json_text_is(vg_json_text text, const char *expected)
{
	return text.bytes && text.length == strlen(expected) && memcmp(text.bytes, expected, text.length) == 0;
}

typedef enum vg_json_kind {
	VG_JSON_ABSENT, /* of an entry: it has no "resource" */
	VG_JSON_NULL,
	VG_JSON_TRUE,
	VG_JSON_FALSE,
	VG_JSON_NUMBER,
	VG_JSON_TEXT,
	VG_JSON_ARRAY,
	VG_JSON_OBJECT,
	VG_JSON_NAME /* of a node that is no value */
} vg_json_kind;

/* A value of the text.  Nodes stand in the order of the text: an object or a list is followed by what lies in it.  A member
 * whose name is none of the known (json_keys.h) is preceded by a node for its name. */
typedef struct vg_json_node {
	union {
		const char *text; /* of a text or a name: its escapes undone, ended with a zero */
		double number;
	};
	uint32_t size; /* nodes: itself, and all that lies in it */
	uint8_t kind;  /* vg_json_kind */
	uint8_t key;   /* vg_json_key_id of the member whose value it is; of an element VG_KEY_UNKNOWN */
} vg_json_node;

/* Where a value lies in the text: from its first byte to the one behind its last. */
typedef struct vg_json_span {
	uint32_t start, end;
} vg_json_span;

static inline vg_json_text vg_json_text_of(const vg_json_node *node) /* NULL is nothing */
{
	bool text = node && node->kind == VG_JSON_TEXT;
	return text ? (vg_json_text){node->text, strlen(node->text)} : (vg_json_text){NULL, 0};
}

#define VG_JSON_NONE UINT32_MAX

/* One resource: the root, the object of a member, or an element of a Bundle's `entry`. */
typedef struct vg_json_entry {
	uint32_t bundle;       /* the Bundle that holds it, an index of `entries`; VG_JSON_NONE: the root itself, or a member */
	uint32_t member;       /* the member that holds it, an index of `members`; VG_JSON_NONE: not below a member */
	vg_json_kind kind;     /* of the resource's value; other than VG_JSON_OBJECT it is not a resource */
	size_t offset, length; /* of the resource's value in the text; length 0 when VG_JSON_ABSENT */
	uint32_t node;         /* of the resource's value, an index of `nodes` */
	uint32_t link;         /* of a Bundle: of the value of `link`; 0: none, or no object or list */
	vg_json_text type;     /* resourceType */
	vg_json_text id;       /* id */
	vg_json_text full_url; /* of an entry: fullUrl */
	vg_json_text method;   /* of an entry: request.method */
	vg_json_text url;      /* of an entry: request.url */
	vg_json_text mode;     /* of an entry: search.mode ("match", "include", "outcome") */
	vg_json_text bundle_type; /* of a Bundle: type ("searchset", "transaction", …) */
	bool has_next;            /* of a Bundle: it has a link whose relation is "next", so it is one page of several */
	bool bad_entries;         /* of a Bundle: its `entry` is no list, and not null */
	uint32_t entry_count;     /* of a Bundle: elements of `entry`; those below a nested Bundle count for that one */
} vg_json_entry;

typedef enum vg_json_group { VG_JSON_TOP, VG_JSON_CONTEXT, VG_JSON_PREFETCH } vg_json_group;

/* One member of a CDS Hooks request: "hook", "context.patientId", "prefetch.medications". */
typedef struct vg_json_member {
	vg_json_group group; /* the request itself, its `context`, its `prefetch` */
	vg_json_text key;    /* "patientId" */
	vg_json_kind kind;
	size_t offset, length; /* of the value in the text */
	uint32_t node;         /* of the value */
	vg_json_text text;     /* of a VG_JSON_TEXT: its value */
} vg_json_member;

typedef enum vg_json_shape {
	VG_JSON_RESOURCE,     /* the root object has a `resourceType`; a Bundle is one too */
	VG_JSON_HOOK_REQUEST, /* it has none, and has a `hook`, `context` or `prefetch` */
	VG_JSON_OTHER         /* neither: valid JSON, but nothing that Vigil knows */
} vg_json_shape;

/* entries[0] is always the root value, whatever its kind.
 *   - a resource: entries[0] alone;
 *   - a Bundle: entries[0], then one entry for each element of its `entry`, in
 *     order, each nested Bundle directly followed by its own;
 *   - a CDS Hooks request: entries[0] (without type), then, in order, each
 *     object that is a member of `context` or `prefetch`, and below a Bundle its
 *     entries.  `members` lists every member of the request, of `context` and of
 *     `prefetch`: texts, nulls and lists too.  No members otherwise.
 * An element of `entry` without a resource is listed too (VG_JSON_ABSENT). */
typedef struct vg_json_scan_result {
	vg_json_shape shape;
	const vg_json_entry *entries;
	size_t entry_count; /* at least 1 */
	const vg_json_member *members;
	size_t member_count;
	const vg_json_node *nodes; /* of all values; the first is the root */
	const vg_json_span *spans; /* where each of them lies; of a name nothing */
	const char *copy;          /* of the text, as long: in it lie the texts of nodes, each ended with a zero */
} vg_json_scan_result;

/* Scans a text (no NUL is needed behind it); `limits` NULL means vg_default_limits.
 * `ret` is written on VIGIL_OK only; what it points to lives in `arena`, and all
 * texts in a copy that lies in `texts`; nothing in the text.  VIGIL_BAD_INPUT or VIGIL_NO_MEMORY otherwise. */
vigil_status vg_json_scan(vg_arena *arena, vg_arena *texts, const char *text, size_t length, const vg_limits *limits,
			  vg_json_scan_result *ret, vigil_error *err);
/* The member `key` of a group; NULL when there is none. */
const vg_json_member *vg_json_member_find(const vg_json_scan_result *scan, vg_json_group group, const char *key);

/* The 1-based line of an offset in the text, for errors about a resource. */
int vg_json_line(const char *text, size_t offset);

#endif
