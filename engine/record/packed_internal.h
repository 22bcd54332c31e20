/*
 * The packed form of resources, shared by those who write it (pack.c,
 * template.c) and those who read it (unpack.c, dictionary.c).
 *
 * A packed record is
 *     checksum   8 bytes, little end first: XXH3 of all that follows
 *     format     1 byte: VG_PACKED_FORMAT
 *     sections   number: two bits a section (vg_packed_section)
 *     sources    number of them, then each
 *     resources  one behind the other, to the end
 * and a packed resource is
 *     template   number, from 1
 *     length     number: bytes that follow
 *     flags      1 byte: vg_packed_flag
 *     source     number, with VG_PACKED_SOURCE; else it is 1
 *     id         hole; with VG_PACKED_WHOLE_KEY the whole key, with VG_PACKED_NAMELESS 8 bytes that stand for its contents
 *     alias      hole, with VG_PACKED_ALIAS
 *     updated    signed number: seconds since 1970, with VG_PACKED_UPDATED
 *     version    number, with VG_PACKED_VERSION
 *     holes      those of its template, in order
 * Numbers are written seven bits a byte, lowest first, the last byte below 128;
 * signed ones with the sign in the lowest bit.  A hole begins with its tag.
 * docs/internals/population.md shows all of it with an example.
 */
#ifndef VG_RECORD_PACKED_INTERNAL_H
#define VG_RECORD_PACKED_INTERNAL_H

#include "record/record_internal.h"

enum { VG_PACKED_FORMAT = 1, VG_PACKED_CHECKSUM = 8, VG_PACKED_SOURCES = 32 };

typedef enum vg_packed_flag {
	VG_PACKED_SOURCE = 1,
	VG_PACKED_WHOLE_KEY = 2, /* its key is no "Type/id" */
	VG_PACKED_NAMELESS = 4,  /* it has no key */
	VG_PACKED_ALIAS = 8,
	VG_PACKED_UPDATED = 16,
	VG_PACKED_VERSION = 32,
	VG_PACKED_DELETED = 64 /* a word that it is deleted: no holes follow */
} vg_packed_flag;

typedef enum vg_packed_section { VG_SECTION_COMPLETE, VG_SECTION_ABSENT, VG_SECTION_PAGE, VG_SECTION_FAILED } vg_packed_section;

/* ---- numbers and holes (pack_value.c) -------------------------------------------- */

typedef enum vg_hole_tag {
	VG_HOLE_TEXT,      /* length, bytes, a zero byte */
	VG_HOLE_DAY,       /* signed days since 1970: "2019-05-07" */
	VG_HOLE_TIME,      /* form, signed day, second of the day, then by the form: offset in minutes, fraction */
	VG_HOLE_DECIMAL,   /* digits behind the point, signed number without the point */
	VG_HOLE_DOUBLE,    /* 8 bytes */
	VG_HOLE_UUID,      /* 16 bytes */
	VG_HOLE_URN,       /* 16 bytes: "urn:uuid:" and a UUID */
	VG_HOLE_REFERENCE, /* number of the type (vg_reference_types), 16 bytes: "Type/" and a UUID */
} vg_hole_tag;

typedef struct vg_bytes { /* reading packed bytes; behind the end everything is 0 and `failed` is set */
	const unsigned char *at, *end;
	bool failed;
} vg_bytes;

void vg_put_number(vg_buffer *out, uint64_t number);
void vg_put_signed(vg_buffer *out, int64_t number);
void vg_put_text_hole(vg_buffer *out, vg_view text);
void vg_put_number_hole(vg_buffer *out, double number);

uint64_t vg_get_number_slowly(vg_bytes *bytes);
static inline uint64_t vg_get_number(vg_bytes *bytes)
{
	if (bytes->at < bytes->end && *bytes->at < 128)
		return *bytes->at++;
	return vg_get_number_slowly(bytes);
}
int64_t vg_get_signed(vg_bytes *bytes);
const unsigned char *vg_get_bytes(vg_bytes *bytes, size_t length); /* NULL behind the end */

enum { VG_HOLE_ROOM = 72 };
typedef struct vg_hole {
	vg_hole_tag tag;
	double number;    /* of the numbers */
	vg_when when;     /* of days and times */
	const char *text; /* of all others, and of days and times when they were asked for as texts */
	char room[VG_HOLE_ROOM];
} vg_hole;
/* `texts`: days and times are written out. */
void vg_get_hole(vg_bytes *bytes, bool texts, vg_hole *ret);

/* "Type/id", with `before` in front of it; NULL when memory ran out. */
char *vg_packed_key(vg_arena *arena, const char *before, vg_view type, vg_view id);

/* ---- a resource's members (members.c) -------------------------------------------------- */

typedef struct vg_member {
	const char *at; /* its key's quote */
	vg_view key, value;
	bool left_out; /* of the template: needless, or told elsewhere */
} vg_member;
typedef struct vg_members { /* of one resource; the room is used again for the next */
	vg_arena *arena;
	vg_member *items;
	size_t count, capacity;
} vg_members;
/* Finds the members of an object in its text, which the scan has found valid; false: memory ran out.  `keys`: where
 * keys with escapes go. */
bool vg_members_find(vg_members *members, const char *text, size_t length, vg_arena *keys);
vg_member *vg_members_named(const vg_members *members, const char *name); /* NULL: there is none */

/* ---- templates (template_write.c, template.c) ------------------------------------------ */

/* Writes a resource as a template: JSON, with "$" where a hole is, and the
 * holes' values.  `sparse`: the dictionary is full, everything that may be a
 * hole is one.  `resourceType` stands first: of the members it is to be left out. */
typedef struct vg_template_writer {
	vg_buffer *text, *holes;
	bool sparse;
} vg_template_writer;
void vg_template_write(vg_template_writer *writer, vg_view type, const vg_members *members);

typedef struct vg_template { /* a template's tree, to be filled */
	cJSON *tree;
	cJSON **holes; /* in order */
	size_t hole_count;
} vg_template;
/* VIGIL_BAD_INPUT when the text is no template. */
vigil_status vg_template_read(vg_arena *arena, vg_packed text, vg_template *ret, vigil_error *err);

/* ---- memos (memo.c) --------------------------------------------------------------------- */

enum { VG_MEMO_HOLES = 6 };
typedef struct vg_memo { /* what a reader makes of a template, but for the holes */
	vg_sketch sketch;
	uint8_t hole_count;
	int8_t when, until, recorded, planned; /* which hole is this date; -1: none */
	int8_t number;                         /* which hole is the value's number; -1: none */
	const char *before, *behind;           /* what stands around it in the value's text */
} vg_memo;
/* Whether a template's facts can be made from a memo.  What it points to lives in the intake's record. */
bool vg_memo_make(vg_intake *in, const vg_type_row *row, const vg_template *template, vg_memo *ret);
/* Adds the fact; false: this one has to be read. */
bool vg_memo_use(vg_intake *in, const vg_memo *memo, const vg_source *source, vg_bytes holes);

/* ---- packed resources (packed.c) -------------------------------------------------------- */

typedef struct vg_packed_resource {
	uint32_t template, source;
	uint8_t flags;
	vg_hole id, alias;
	int64_t updated;
	double version;  /* NAN: none */
	vg_packed whole; /* all of it */
	vg_bytes holes;
} vg_packed_resource;
typedef struct vg_packed_head {
	uint16_t sections;
	uint32_t source_count;
	uint32_t sources[VG_PACKED_SOURCES];
} vg_packed_head;
/* Checks the sum and reads what stands before the resources; `ret` then stands at the first. */
bool vg_packed_begin(vg_packed packed, vg_packed_head *ret_head, vg_bytes *ret);
/* The next resource's template and bytes; false at the end, and when the bytes are damaged (`failed`). */
static inline bool vg_packed_next(vg_bytes *bytes, uint32_t *ret_template, vg_bytes *ret)
{
	if (bytes->at == bytes->end)
		return false;
	*ret_template = (uint32_t)vg_get_number(bytes);
	size_t length = (size_t)vg_get_number(bytes);
	const unsigned char *start = vg_get_bytes(bytes, length);
	*ret = (vg_bytes){start, start ? start + length : NULL, false};
	return start != NULL;
}
/* What stands before the holes. */
bool vg_packed_read(uint32_t template, vg_bytes bytes, vg_packed_resource *ret);

#endif
