/*
 * The packed form of resources, shared by those who write it (pack.c,
 * template.c) and those who read it (dictionary.c, unpack.c, place.c).
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
	const unsigned char *at = bytes->at;
	if (bytes->end - at >= 3) { /* template numbers, lengths, days and seconds of the day have up to three bytes */
		if (at[0] < 128) {
			bytes->at = at + 1;
			return at[0];
		}
		if (at[1] < 128) {
			bytes->at = at + 2;
			return (uint64_t)(at[0] & 127) | (uint64_t)at[1] << 7;
		}
		if (at[2] < 128) {
			bytes->at = at + 3;
			return (uint64_t)(at[0] & 127) | (uint64_t)(at[1] & 127) << 7 | (uint64_t)at[2] << 14;
		}
	}
	vg_bytes rest = *bytes; /* so that the caller's may stay in registers */
	uint64_t number = vg_get_number_slowly(&rest);
	*bytes = rest;
	return number;
}
static inline int64_t vg_get_signed(vg_bytes *bytes)
{
	uint64_t number = vg_get_number(bytes);
	return (int64_t)(number & 1 ? ~(number >> 1) : number >> 1);
}
static inline const unsigned char *vg_get_bytes(vg_bytes *bytes, size_t length) /* NULL behind the end */
{
	const unsigned char *start = bytes->at;
	if (!start || length > (size_t)(bytes->end - start)) {
		bytes->failed = true;
		bytes->at = bytes->end;
		return NULL;
	}
	bytes->at += length;
	return start;
}
char *vg_write_uuid(const unsigned char *bytes, char *to); /* 36 characters and a zero byte; gives where that is */

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
enum { VG_MOST_DIGITS = 9 };
extern const double vg_powers_of_ten[VG_MOST_DIGITS + 1];
enum {
	VG_ZONE_NONE,
	VG_ZONE_Z,
	VG_ZONE_PLUS,
	VG_ZONE_MINUS,
	VG_FRACTION_SHIFT = 2
}; /* a time's form: zone, digits of the fraction */
enum { VG_MOST_SECONDS = 360000, VG_MOST_OFFSET = 6000 };

/* The same for holes of one kind, without their texts; false: another hole, or one that no writer of ours wrote. */
static inline bool vg_get_when(vg_bytes *bytes, vg_when *ret)
{
	const unsigned char *at = bytes->at;
	if (bytes->end - at < 2 || (at[0] != VG_HOLE_DAY && at[0] != VG_HOLE_TIME))
		return false;
	bool timed = at[0] == VG_HOLE_TIME;
	bytes->at = at + 1 + timed;
	vg_day day = (vg_day)vg_get_signed(bytes);
	ret->first = ret->last = day;
	ret->instant = VG_NO_INSTANT;
	if (!timed)
		return !bytes->failed;
	unsigned form = at[1], zone = form & 3;
	uint64_t second = vg_get_number(bytes), offset = zone >= VG_ZONE_PLUS ? vg_get_number(bytes) : 0;
	if (form >> VG_FRACTION_SHIFT)
		vg_get_number(bytes);
	if (second >= VG_MOST_SECONDS || offset >= VG_MOST_OFFSET)
		return false;
	int64_t ahead = zone == VG_ZONE_MINUS ? -(int64_t)offset : (int64_t)offset;
	if (zone != VG_ZONE_NONE)
		ret->instant = (int64_t)day * 86400 + (int64_t)second - ahead * 60;
	return !bytes->failed;
}
static inline bool vg_get_double(vg_bytes *bytes, double *ret)
{
	const unsigned char *tag = vg_get_bytes(bytes, 1);
	if (tag && *tag == VG_HOLE_DECIMAL) {
		const unsigned char *digits = vg_get_bytes(bytes, 1);
		int64_t whole = vg_get_signed(bytes);
		*ret = (double)whole / vg_powers_of_ten[digits && *digits <= VG_MOST_DIGITS ? *digits : 0];
		return !bytes->failed;
	}
	const unsigned char *number = tag && *tag == VG_HOLE_DOUBLE ? vg_get_bytes(bytes, sizeof *ret) : NULL;
	if (number)
		memcpy(ret, number, sizeof *ret);
	return number != NULL;
}

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
	vg_json_node *tree;
	vg_json_node **holes; /* in order */
	size_t hole_count;
} vg_template;
/* VIGIL_BAD_INPUT when the text is no template. */
vigil_status vg_template_read(vg_arena *arena, vg_packed text, vg_template *ret, vigil_error *err);

/* ---- memos (memo.c) --------------------------------------------------------------------- */

enum { VG_MEMO_HOLES = 24 };
typedef enum vg_memo_hole {
	VG_MEMO_DATE,
	VG_MEMO_NUMBER,
	VG_MEMO_PASSED, /* a reference from a report to a result */
} vg_memo_hole;
typedef struct vg_memo_fact {                  /* one fact, but for what the holes hold */
	vg_sketch sketch;                      /* `parent`: place + 1 in the memo */
	int8_t when, until, recorded, planned; /* which hole is this date; -1: none */
	int8_t begin;                /* of `when` or, of problems and allergies, its best guess: as vg_freeze has it */
	int8_t number;               /* which hole is the value's number; -1: none */
	const char *before, *behind; /* what stands around it in the value's text */
	uint32_t before_length, behind_length;
	const uint32_t *slots; /* of the watched sets that it belongs to */
	uint32_t slot_count;
} vg_memo_fact;
enum { VG_MEMO_TYPE = 24 };
typedef struct vg_memo {         /* what a reader makes of a template */
	char type[VG_MEMO_TYPE]; /* "Observation/": what the names of its facts begin with */
	uint32_t type_length;
	uint8_t hole_count;
	uint8_t holes[VG_MEMO_HOLES]; /* vg_memo_hole */
	bool only_seen;               /* results that it names are not linked: for VG_UNPACK_SEEN alone */
	uint32_t fact_count;
	const vg_memo_fact *facts; /* a whole before its parts */
} vg_memo;
/* Whether a template's facts can be made from a memo.  What it points to lives in the intake's record. */
bool vg_memo_make(vg_intake *in, const vg_type_row *row, const vg_template *template, vg_watch watch, vg_memo *ret);
/* Adds the facts; false: this resource has to be read. */
bool vg_memo_use(vg_intake *in, const vg_memo *memo, const vg_source *source, vg_bytes holes);

typedef struct vg_person_memo { /* what is known of a Patient, but for the holes */
	vg_patient patient;
	int8_t birth, death; /* which hole; -1: none */
	uint8_t hole_count;  /* all of them dates */
} vg_person_memo;
bool vg_person_memo_make(vg_intake *in, const vg_template *template, vg_person_memo *ret);

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

/* ---- dictionaries and unpackers (dictionary.c, unpack.c, place.c) ------------------------ */

enum { VG_SHORT_NUMBERS = 128 }; /* those below take one byte */
typedef enum vg_template_kind {
	VG_TEMPLATE_FACT,
	VG_TEMPLATE_PATIENT,
	VG_TEMPLATE_PRODUCT,
	VG_TEMPLATE_NOTHING, /* no fact comes from it: a mark of deletion */
	VG_TEMPLATE_NONE     /* no template has the number */
} vg_template_kind;
typedef struct vg_glance { /* what is asked of a template for each of its resources */
	uint8_t kind;      /* vg_template_kind */
	bool seen;         /* for screenings, too, its resources are to be read */
	uint32_t memo;     /* place + 1 in `memos`, of a Patient in `persons`; 0: none */
} vg_glance;

struct vg_dictionary {
	vg_arena arena; /* the dictionary itself */
	const vg_packed *templates;
	size_t count;
	const uint32_t *sources;
	size_t source_count;
	const vg_knowledge *knowledge;
	vg_watch watch;
	const vg_type_row **rows; /* by number - 1; NULL: Patient, Medication, or a mark of deletion */
	vg_glance *glances;       /* by number; numbers of one byte have one even where there is no such template */
	vg_memo *memos;
	vg_person_memo *persons;
	size_t memo_count, memo_capacity, person_count, person_capacity;
	vg_intake keeper; /* in whose record lies what the memos point to */
};

typedef struct vg_layout { /* what place.c lays facts out in; its room serves one record after the other */
	struct vg_laid_fact *facts;
	struct vg_laid_resource *resources;
	union vg_laid_value *values;
	size_t fact_count, fact_room, resource_count, resource_room, value_count, value_room;
	uint32_t *places; /* number of a laid fact → its place in the record */
	size_t place_room;
	size_t text_size; /* of all texts that the facts need */
	size_t slot_total;
	bool parts; /* some of the facts are parts of others */
} vg_layout;

struct vg_unpacker {
	vg_arena arena; /* the unpacker itself */
	const vg_dictionary *dictionary;
	vg_unpack what;
	vg_template *ready; /* by number - 1; tree NULL: not made yet */
	vg_hole *room;      /* of the holes of one resource */
	size_t room_count;
	bool many_sources; /* the record being read is of: a key is its own source's only */
	vg_arena spare;    /* the room of a record that is no more, for the next */
	vg_layout layout;
};

vigil_status vg_fail_damaged(vigil_error *err, const char *what);
/* Fills in what the head and the sources say. */
void vg_packed_sections(const vg_dictionary *dictionary, const vg_packed_head *head, vg_record *record);
/* The record of a patient all of whose seen resources have memos, straight from its bytes.  *ret stays NULL where one
 * has to be read, or is damaged. */
vigil_status vg_place_record(vg_unpacker *unpacker, const vg_packed_head *head, vg_bytes resources, vg_record **ret,
			     vigil_error *err);

#endif
