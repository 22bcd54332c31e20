/*
 * Facts straight into their places: how a scan for screenings unpacks records.
 *
 * Where every resource that is seen has a memo - nearly always - nothing has to
 * be collected, linked or looked up: dates and numbers are read off the packed
 * bytes, the facts are sorted by small keys, and each is copied once, from its
 * memo to where it stays.  What a record is made of is what vg_freeze makes of
 * the same facts, in the same order; tests/store/test_place.c compares every
 * field of both.
 *
 * Whatever is out of the ordinary (a resource without a memo, one that has no
 * id of its own, several sources) leaves the whole record to the readers of
 * unpack.c.  So does damage: they say what is wrong.
 *
 * The layout's room and the record's serve the next record, so that a scan soon
 * allocates nothing.
 */
#include "record/packed_internal.h"

#include <stdlib.h>

enum { FEW = 48, NUMBER_ROOM = 32 };

union vg_laid_value { /* of a hole; a memo knows which */
	vg_when when;
	double number;
};

typedef struct name { /* an id as it is packed */
	const unsigned char *bytes;
	uint32_t length; /* of the text */
	bool is_uuid;    /* 16 bytes; else the text itself */
} name;

struct vg_laid_resource {
	const vg_memo *memo;
	name id;
	uint32_t first_value, first_fact;
	const char *reference;
};

struct vg_laid_fact {
	uint64_t key; /* larger: stands before */
	const vg_memo_fact *made;
	uint32_t resource, number;
};

typedef struct laying { /* one record's */
	vg_layout *layout;
	vg_arena *arena; /* of the layout's room */
	const vg_dictionary *dictionary;
	const vg_person_memo *person; /* NULL: no Patient yet */
	name person_id;
	bool person_is_usual; /* his other name is made of his id */
	vg_hole person_alias;
	vg_when person_dates[VG_MEMO_HOLES];
	bool unusual; /* two resources have one name */
} laying;

/* ---- reading ---------------------------------------------------------------------------- */

/* Room for at least `wanted` items where `count` are; NULL when memory ran out. */
static void *more_room(vg_arena *arena, void *items, size_t count, size_t wanted, size_t *room, size_t size)
{
	if (wanted <= *room)
		return items;
	void *larger = vg_alloc_array(arena, wanted * 2, size);
	if (!larger)
		return NULL;
	if (count)
		memcpy(larger, items, count * size);
	*room = wanted * 2;
	return larger;
}

static bool make_room(laying *self, const vg_memo *memo)
{
	vg_layout *to = self->layout;
	size_t fact_end = to->fact_count + memo->fact_count, value_end = to->value_count + VG_MEMO_HOLES;
	if (fact_end <= to->fact_room && value_end <= to->value_room && to->resource_count < to->resource_room)
		return true;
	void *facts = more_room(self->arena, to->facts, to->fact_count, fact_end, &to->fact_room, sizeof *to->facts);
	if (facts)
		to->facts = facts;
	void *values = more_room(self->arena, to->values, to->value_count, value_end, &to->value_room, sizeof *to->values);
	if (values)
		to->values = values;
	void *resources = more_room(self->arena, to->resources, to->resource_count, to->resource_count + 1, &to->resource_room,
				    sizeof *to->resources);
	if (resources)
		to->resources = resources;
	return facts && values && resources;
}

static inline bool read_name(vg_bytes *bytes, name *ret)
{
	const unsigned char *tag = vg_get_bytes(bytes, 1);
	if (!tag || (*tag != VG_HOLE_TEXT && *tag != VG_HOLE_UUID))
		return false;
	if (*tag == VG_HOLE_UUID) {
		*ret = (name){vg_get_bytes(bytes, 16), 36, true};
		return ret->bytes != NULL;
	}
	uint64_t length = vg_get_number(bytes);
	if (length >= UINT32_MAX)
		return false;
	*ret = (name){vg_get_bytes(bytes, (size_t)length + 1), (uint32_t)length, false};
	return ret->bytes && ret->bytes[length] == 0;
}

static vg_bytes alias_of(vg_bytes bytes, vg_hole *ret)
{
	vg_get_hole(&bytes, true, ret);
	return bytes;
}

/* What stands before the holes; false: out of the ordinary. */
static inline __attribute__((always_inline)) bool read_head(vg_bytes *bytes, unsigned flags, name *ret_id, vg_hole *ret_alias)
{
	if (flags & (VG_PACKED_WHOLE_KEY | VG_PACKED_NAMELESS))
		return false;
	if (flags & VG_PACKED_SOURCE)
		vg_get_number(bytes);
	if (!read_name(bytes, ret_id))
		return false;
	if (flags & VG_PACKED_ALIAS)
		*bytes = alias_of(*bytes, ret_alias);
	if (flags & VG_PACKED_UPDATED)
		vg_get_signed(bytes);
	if (flags & VG_PACKED_VERSION)
		vg_get_number(bytes);
	return !bytes->failed;
}

/* What stands behind a hole that nobody asks for.  Bytes are handed over by value, so that those who read on may keep them
 * in registers. */
static vg_bytes behind_hole(vg_bytes bytes)
{
	vg_hole passed;
	vg_get_hole(&bytes, false, &passed);
	return bytes;
}

static inline bool read_values(const vg_memo *memo, vg_bytes bytes, const unsigned char *end, union vg_laid_value *ret)
{
	const uint8_t *holes = memo->holes;
	for (const uint8_t *last = holes + memo->hole_count; holes < last; holes++, ret++) {
		if (*holes == VG_MEMO_DATE) {
			if (!vg_get_when(&bytes, &ret->when))
				return false;
		} else if (*holes == VG_MEMO_NUMBER) {
			if (!vg_get_double(&bytes, &ret->number))
				return false;
		} else { /* for screenings the names of results are not followed */
			bytes = behind_hole(bytes);
		}
	}
	return !bytes.failed && bytes.at == end;
}

static inline vg_when date_of(const union vg_laid_value *values, int8_t hole)
{
	return hole < 0 ? VG_NO_WHEN : values[hole].when;
}

/* Days in the upper half, the instant, as far from its day as it is, in the lower; what is not known comes last. */
static inline uint64_t key_of(vg_when when)
{
	uint64_t day = (uint32_t)when.last ^ UINT32_C(0x80000000);
	uint64_t instant =
	    when.instant == VG_NO_INSTANT ? 0 : (uint64_t)(when.instant - (int64_t)when.last * 86400 + (INT64_C(1) << 30));
	return day << 32 | (instant & UINT32_MAX);
}

static void lay_facts(laying *self, const vg_memo *memo, name id, const union vg_laid_value *values)
{
	vg_layout *to = self->layout;
	struct vg_laid_resource *resource = &to->resources[to->resource_count];
	*resource = (struct vg_laid_resource){memo, id, (uint32_t)to->value_count, (uint32_t)to->fact_count, ""};
	to->text_size += memo->type_length + id.length + 1;
	for (uint32_t i = 0; i < memo->fact_count; i++) {
		const vg_memo_fact *made = &memo->facts[i];
		struct vg_laid_fact *fact = &to->facts[to->fact_count];
		fact->key = key_of(date_of(values, made->begin));
		fact->made = made;
		fact->resource = (uint32_t)to->resource_count;
		fact->number = (uint32_t)to->fact_count++;
		to->slot_total += made->slot_count;
		to->parts |= made->sketch.parent != 0;
		if (made->number >= 0)
			to->text_size += made->before_length + NUMBER_ROOM + made->behind_length + 1;
	}
	to->value_count += memo->hole_count;
	to->resource_count++;
}

static bool read_person(laying *self, const vg_person_memo *person, vg_bytes bytes, const unsigned char *end, unsigned flags)
{
	if (self->person || !read_head(&bytes, flags, &self->person_id, &self->person_alias))
		return false;
	for (uint8_t i = 0; i < person->hole_count; i++)
		if (!vg_get_when(&bytes, &self->person_dates[i]))
			return false;
	self->person = person;
	self->person_is_usual = !(flags & VG_PACKED_ALIAS);
	self->layout->text_size += sizeof "Patient/urn:uuid:" + 2 * (self->person_id.length + (size_t)1);
	return bytes.at == end;
}

/* One resource; false: the record is one for the readers.  `bytes` goes on to the end of the record, so that only its
 * last numbers have to be read with care; what was read past the resource's own end is found out. */
static bool read_resource(laying *self, const vg_glance *glance, vg_bytes bytes, const unsigned char *end)
{
	if (bytes.at == end)
		return false;
	unsigned flags = *bytes.at++;
	if (flags & VG_PACKED_DELETED)
		return glance->kind != VG_TEMPLATE_NONE;
	if (!glance->memo)
		return false;
	if (glance->kind == VG_TEMPLATE_PATIENT)
		return read_person(self, &self->dictionary->persons[glance->memo - 1], bytes, end, flags);
	const vg_memo *memo = &self->dictionary->memos[glance->memo - 1];
	name id;
	vg_hole alias; /* for screenings nothing asks for a fact by its key */
	if (!read_head(&bytes, flags, &id, &alias) || !make_room(self, memo))
		return false;
	union vg_laid_value *values = &self->layout->values[self->layout->value_count];
	if (!read_values(memo, bytes, end, values))
		return false;
	lay_facts(self, memo, id, values);
	return true;
}

typedef struct span { /* where a resource lies */
	const unsigned char *at;
	uint32_t template, length;
} span;
enum { AT_A_TIME = 64 };

/* The next resources that are seen.  Most of a record is passed over here; since no processor foresees which are seen, each
 * is noted, and the next one is noted over it unless it was.  Fewer than AT_A_TIME: the record is at its end, or
 * all->failed. */
static size_t find_seen(const vg_dictionary *dictionary, vg_bytes *all, span ret[AT_A_TIME])
{
	const vg_glance *glances = dictionary->glances;
	size_t count = 0;
	while (count < AT_A_TIME && all->at != all->end && !all->failed) {
		const unsigned char *at = all->at;
		/* Nearly always the template's number and the length take a byte each: so much as that is there. */
		for (size_t left = (size_t)(all->end - at), step; left > 2 + VG_SHORT_NUMBERS; at += step, left -= step) {
			uint32_t template = at[0], length = at[1];
			if ((template | length) >= VG_SHORT_NUMBERS || count == AT_A_TIME)
				break;
			ret[count] = (span){at + 2, template, length};
			count += glances[template].seen;
			step = 2 + length;
		}
		all->at = at;
		if (count == AT_A_TIME)
			break;
		size_t template = (size_t)vg_get_number(all), length = (size_t)vg_get_number(all);
		ret[count] = (span){all->at, (uint32_t) template, (uint32_t)length};
		all->failed |= template > dictionary->count || !vg_get_bytes(all, length);
		count += !all->failed && glances[template].seen;
	}
	return count;
}

static bool read_resources(laying *self, vg_bytes all)
{
	span seen[AT_A_TIME];
	size_t count;
	do {
		count = find_seen(self->dictionary, &all, seen);
		for (size_t i = 0; i < count; i++)
			if (!read_resource(self, &self->dictionary->glances[seen[i].template],
					   (vg_bytes){seen[i].at, all.end, false}, seen[i].at + seen[i].length))
				return false;
	} while (count == AT_A_TIME);
	return !all.failed;
}

/* ---- the order --------------------------------------------------------------------------- */

static int by_number(uint64_t a, uint64_t b) { return (a < b) - (a > b); } /* larger first */

/* Facts of one time, as vg_freeze orders them.  Two resources of one name, which that order would tell apart by their
 * contents, are left to it. */
static int compare_equal(const struct vg_laid_fact *a, const struct vg_laid_fact *b, laying *self)
{
	const vg_layout *of = self->layout;
	const struct vg_laid_resource *x = &of->resources[a->resource], *y = &of->resources[b->resource];
	int order = by_number(key_of(date_of(&of->values[x->first_value], a->made->recorded)),
			      key_of(date_of(&of->values[y->first_value], b->made->recorded)));
	if (!order)
		order = (int)a->made->sketch.fact.kind - (int)b->made->sketch.fact.kind;
	if (!order && x != y) {
		order = strcmp(x->reference, y->reference);
		self->unusual |= !order;
	}
	return order ? order : (int)a->made->sketch.part - (int)b->made->sketch.part;
}

static int compare(const void *left, const void *right, void *user)
{
	const struct vg_laid_fact *a = left, *b = right;
	return a->key != b->key ? by_number(a->key, b->key) : compare_equal(a, b, user);
}

/* Sorts by keys alone, equal ones staying as they stand.  Each is compared with each before it, and nothing hangs on a
 * comparison but two counts: no processor foresees how dates fall. */
static void sort_by_key(struct vg_laid_fact *facts, size_t count)
{
	struct vg_laid_fact given[FEW];
	uint8_t rank[FEW] = {0}; /* how many stand before it */
	for (size_t i = 1; i < count; i++) {
		uint64_t key = facts[i].key;
		unsigned before = 0;
		for (size_t k = 0; k < i; k++) {
			bool larger = facts[k].key < key;
			rank[k] = (uint8_t)(rank[k] + larger);
			before += !larger;
		}
		rank[i] = (uint8_t)before;
	}
	memcpy(given, facts, count * sizeof *facts);
	for (size_t i = 0; i < count; i++)
		facts[rank[i]] = given[i];
}

static void sort(laying *self)
{
	struct vg_laid_fact *facts = self->layout->facts;
	size_t count = self->layout->fact_count;
	if (count == 0)
		return;
	if (count > FEW) {
		qsort_r(facts, count, sizeof *facts, compare, self);
		return;
	}
	sort_by_key(facts, count);
	for (size_t i = 1; i < count; i++) { /* what is left to do: those of one time */
		struct vg_laid_fact held = facts[i];
		size_t k = i;
		for (; k > 0 && facts[k - 1].key == held.key && compare_equal(&facts[k - 1], &held, self) > 0; k--)
			facts[k] = facts[k - 1];
		facts[k] = held;
	}
}

/* ---- the record --------------------------------------------------------------------------- */

static inline char *write_name(name id, char *to)
{
	if (id.is_uuid)
		return vg_write_uuid(id.bytes, to) + 1;
	memcpy(to, id.bytes, (size_t)id.length + 1);
	return to + id.length + 1;
}

/* "Observation/17": what a resource's facts are named by.  There is room behind the last text for a whole `type`. */
static char *write_references(laying *self, char *text)
{
	vg_layout *of = self->layout;
	for (size_t i = 0; i < of->resource_count; i++) {
		struct vg_laid_resource *resource = &of->resources[i];
		resource->reference = text;
		memcpy(text, resource->memo->type, VG_MEMO_TYPE);
		text = write_name(resource->id, text + resource->memo->type_length);
	}
	return text;
}

static char *write_person(laying *self, vg_record *record, char *text)
{
	static const char before[] = "Patient/", usual[] = "urn:uuid:";
	vg_patient *patient = &record->patient;
	const vg_person_memo *person = self->person;
	if (!person)
		return text;
	*patient = person->patient;
	patient->reference = text;
	memcpy(text, before, sizeof before - 1);
	text = write_name(self->person_id, text + sizeof before - 1);
	patient->full_url = text;
	memcpy(text, usual, sizeof usual - 1);
	if (self->person_is_usual)
		text = write_name(self->person_id, text + sizeof usual - 1);
	else
		patient->full_url = vg_copy_text(&record->arena, self->person_alias.text, strlen(self->person_alias.text));
	if (person->birth >= 0)
		patient->birth = self->person_dates[person->birth];
	if (person->death >= 0)
		patient->death = self->person_dates[person->death];
	return text;
}

static char *write_value(const vg_memo_fact *made, double number, vg_value *value, char *text)
{
	value->number = number;
	value->text = text;
	memcpy(text, made->before, made->before_length);
	text += made->before_length;
	text += vg_shown_number(number, text);
	memcpy(text, made->behind, (size_t)made->behind_length + 1);
	return text + made->behind_length + 1;
}

/* In two parts, each short enough for plain moves: compilers make a string instruction of one copy of this size, which takes
 * three times as long. */
static inline void copy_fact(vg_clinical_fact *to, const vg_clinical_fact *from)
{
	enum { FIRST = 128 };
	memcpy(to, from, FIRST);
	memcpy((char *)to + FIRST, (const char *)from + FIRST, sizeof *to - FIRST);
}

static void fill_facts(laying *self, vg_record *record, vg_clinical_fact *facts, char *text)
{
	const vg_layout *of = self->layout;
	for (size_t i = 0; i < of->fact_count; i++) {
		const struct vg_laid_fact *laid = &of->facts[i];
		const struct vg_laid_resource *resource = &of->resources[laid->resource];
		const union vg_laid_value *values = &of->values[resource->first_value];
		const vg_memo_fact *made = laid->made;
		vg_clinical_fact *fact = &facts[i];
		copy_fact(fact, &made->sketch.fact);
		fact->reference = resource->reference;
		fact->when = date_of(values, made->begin);
		if (made->until >= 0)
			fact->until = values[made->until].when;
		if (made->recorded >= 0)
			fact->recorded = values[made->recorded].when;
		if (made->planned >= 0)
			fact->planned = values[made->planned].when;
		if (made->number >= 0)
			text = write_value(made, values[made->number].number, &fact->value, text);
		record->unmapped_count += fact->unmapped;
	}
	record->facts = facts;
	record->fact_count = (uint32_t)of->fact_count;
}

/* Parts point to their wholes, wherever those have come to stand. */
static bool link_parts(laying *self, vg_clinical_fact *facts)
{
	vg_layout *of = self->layout;
	uint32_t *places = more_room(self->arena, of->places, 0, of->fact_count, &of->place_room, sizeof *places);
	if (!places)
		return false;
	of->places = places;
	for (size_t i = 0; i < of->fact_count; i++)
		places[of->facts[i].number] = (uint32_t)i;
	for (size_t i = 0; i < of->fact_count; i++) {
		const struct vg_laid_fact *laid = &of->facts[i];
		uint32_t parent = laid->made->sketch.parent;
		if (parent)
			facts[i].parent = &facts[places[of->resources[laid->resource].first_fact + parent - 1]];
	}
	return true;
}

/* Facts stand in their order, and slots keep it: a counting sort, as vg_index_watched makes it. */
static bool index_watched(laying *self, vg_record *record)
{
	const vg_layout *of = self->layout;
	size_t slots = self->dictionary->watch.slot_count;
	uint32_t *first = vg_alloc_array(&record->arena, slots + 3, sizeof *first); /* one more, to count on */
	uint32_t *facts = vg_alloc_array(&record->arena, of->slot_total, sizeof *facts);
	if (!first || !facts)
		return false;
	for (size_t i = 0; i < of->fact_count; i++)
		for (uint32_t k = 0; k < of->facts[i].made->slot_count; k++)
			first[of->facts[i].made->slots[k] + 2]++;
	for (size_t slot = 2; slot < slots + 3; slot++)
		first[slot] += first[slot - 1];
	/* first[slot + 1] is where the slot begins, and goes on to where it ends: where the next one begins. */
	for (size_t i = 0; i < of->fact_count; i++)
		for (uint32_t k = 0; k < of->facts[i].made->slot_count; k++)
			facts[first[of->facts[i].made->slots[k] + 1]++] = (uint32_t)i;
	record->watch_first = first;
	record->watch_facts = facts;
	record->slot_count = self->dictionary->watch.slot_count;
	record->slot_of_set = self->dictionary->watch.slot_of_set;
	return true;
}

static vg_record *open_record(vg_unpacker *unpacker)
{
	vg_arena arena = unpacker->spare;
	vg_arena_init(&unpacker->spare, &arena.allocator, 0);
	vg_record *record = vg_alloc(&arena, sizeof *record);
	if (!record) {
		vg_arena_free(&arena);
		return NULL;
	}
	record->arena = arena;
	record->lender = &unpacker->spare;
	record->knowledge = unpacker->dictionary->knowledge;
	record->patient = (vg_patient){.reference = "", .full_url = "", .sex = "", .birth = VG_NO_WHEN, .death = VG_NO_WHEN};
	for (int section = 0; section < VG_SECTION_COUNT; section++)
		record->sections[section] = (vg_completeness){VG_COMPLETE, VG_NO_DAY, ""};
	return record;
}

/* false: memory ran out, or two resources have one name. */
static bool fill_record(laying *self, vg_record *record)
{
	const vg_layout *of = self->layout;
	char *text = vg_alloc_unset(&record->arena, of->text_size + VG_MEMO_TYPE);
	vg_clinical_fact *facts = vg_alloc_unset(&record->arena, of->fact_count * sizeof *facts);
	if (!text || !facts)
		return false;
	text = write_person(self, record, text);
	text = write_references(self, text);
	sort(self);
	fill_facts(self, record, facts, text);
	return !self->unusual && (!of->parts || link_parts(self, facts)) && vg_index_kinds(record) &&
	       index_watched(self, record) && !record->arena.failed;
}

vigil_status vg_place_record(vg_unpacker *unpacker, const vg_packed_head *head, vg_bytes resources, vg_record **ret,
			     vigil_error *err)
{
	laying self; /* what is of the Patient is set when he is found */
	vg_layout *layout = self.layout = &unpacker->layout;
	self.arena = &unpacker->arena;
	self.dictionary = unpacker->dictionary;
	self.person = NULL;
	self.unusual = false;
	layout->fact_count = layout->resource_count = layout->value_count = layout->text_size = layout->slot_total = 0;
	layout->parts = false;
	if (head->source_count > 1 || !self.dictionary->watch.slot_of_set)
		return VIGIL_OK;
	bool usual = read_resources(&self, resources);
	bool failed = unpacker->arena.failed;
	unpacker->arena.failed = false; /* the next record may fit */
	if (failed)
		return vg_fail_memory(err);
	if (!usual)
		return VIGIL_OK;
	vg_record *record = open_record(unpacker);
	if (!record)
		return vg_fail_memory(err);
	vg_packed_sections(self.dictionary, head, record);
	if (!fill_record(&self, record)) {
		failed = record->arena.failed || unpacker->arena.failed;
		unpacker->arena.failed = false;
		vg_record_free(record);
		return failed ? vg_fail_memory(err) : VIGIL_OK;
	}
	*ret = record;
	return VIGIL_OK;
}
