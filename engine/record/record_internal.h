/*
 * Shared by the files of the record floor: a record while it is being made.
 *
 * An intake collects sketches (facts with what is needed to link them), orders,
 * and what could not be used; vg_freeze turns it into a record.  What stays is
 * allocated in the record's arena, everything else in `scratch`.
 *
 * Failing: a reader of a part never stops by itself.  An allocation that fails
 * marks its arena, an input that must be refused is kept in `status` (the first
 * one wins), and whoever drives the reading asks vg_intake_status after each
 * resource.  So readers return plain values, "" and 0 where they have none.
 */
#ifndef VG_RECORD_INTERNAL_H
#define VG_RECORD_INTERNAL_H

#include "record/json_keys.h"
#include "record/json_scan.h"

#include <math.h>
#include <string.h>

/* ---- statuses (status.c, status.def) --------------------------------------- */

enum { VG_LEFT_OUT = VG_DRAFT + 1 }; /* beside vg_standing: not even kept */
typedef struct vg_status_row {
	const char *type, *member, *value;
	int standing; /* vg_standing or VG_LEFT_OUT */
	const char *standing_name, *meaning;
} vg_status_row;
extern const vg_status_row vg_status_rows[];
extern const size_t vg_status_row_count;
/* The rows of a member, that of "" first; NULL when the table does not have it. */
const vg_status_row *vg_status_member(const char *type, const char *member);
/* Among them the row of a value; the row of "" when the value has none (*known is false then). */
const vg_status_row *vg_status_value(const vg_status_row *member, const char *value, bool *known);
/* The row of a value; the row of "" when the value has none (*known is false
 * then); NULL only when the table does not have the member at all. */
const vg_status_row *vg_status_find(const char *type, const char *member, const char *value, bool *known);
int vg_standing_weaker(int a, int b); /* the one that lets less count */

/* ---- the intake (intake.c) ---------------------------------------------------- */

typedef struct vg_sketch { /* a fact being made */
	vg_clinical_fact fact;
	uint32_t parent; /* place + 1 of the whole Observation; 0: none */
	uint16_t part;   /* number of the component; 0: the whole */
	uint16_t result_count;
	const char *key, *alias;                 /* by which others refer to it; "" */
	const char *source;                      /* statements: who says so; "" */
	const char *prescription;                /* dispenses: key of what was dispensed on; "" */
	const char *const *result_keys;          /* reports: keys of their Observations */
	double onset_age, onset_age_to, end_age; /* years; NAN: none */
	uint32_t scope;                          /* in which the keys that it names are looked up */
	bool dropped;                            /* replaced by a later word about the same resource */
} vg_sketch;

typedef struct vg_source {       /* the resource being read */
	const char *type;        /* as written, static */
	const char *status_type; /* whose rows of the status table apply */
	const char *reference;   /* kept; "" */
	const char *key;         /* key under which others refer to it; "" */
	const char *alias;       /* another one: its fullUrl beside its id; "" */
	bool is_order;           /* to be judged */
	bool other_draft;        /* of the ordering session, not judged */
} vg_source;

typedef struct vg_code_system {
	const char *text; /* as written */
	const char *uri;  /* canonical */
	bool known;       /* one that the table of systems has */
	uint32_t number;  /* vg_system_number of it */
} vg_code_system;

/* The copy of what is read in which the texts of its nodes lie, each ended with a zero: it lives as long as the record, and
 * a text of the input is kept by pointing there. */
typedef struct vg_own_texts {
	const char *copy;
	size_t length; /* 0: there is none, and all that is kept is copied */
} vg_own_texts;

typedef struct vg_known_unit { /* a spelling, and what it says */
	const char *text;
	vg_unit unit;
	bool known; /* false: it could not be read */
} vg_known_unit;

typedef struct vg_own_subject { /* a reference that was found to be about the patient, while these two name him */
	const char *text;       /* NULL: none yet */
	const char *patient_id, *full_url;
} vg_own_subject;

enum { VG_STATUS_MEMBERS = 16 };
typedef struct vg_status_memo { /* a member's rows, as they were found; texts are compared as pointers */
	const char *type, *member;
	const vg_status_row *rows;
	const vg_status_row *last; /* the one that was found last: most resources of a type have the same status */
} vg_status_memo;

/* Parts of a resource that are there and are none: of another type, or of no meaning. */
enum vg_unreadable { VG_BAD_DATE = 1, VG_BAD_CODE = 2, VG_BAD_VALUE = 4 };

typedef struct vg_intake {
	vg_record *record;
	vg_arena scratch;
	const vg_knowledge *knowledge;
	const vg_limits *limits;
	vg_sketch *sketches, *orders;
	size_t sketch_count, sketch_capacity, order_count, order_capacity;
	vg_sketch lost; /* where a fact is made when there is no memory for it */
	vg_unused *unused;
	size_t unused_count, unused_capacity;
	vg_product *products;
	size_t product_count, product_capacity;
	vg_map fact_of; /* reference key -> place + 1 among the sketches, of the first `named_count` */
	size_t named_count;
	vg_map product_of;                  /* reference key -> place + 1 among the products */
	vg_map unit_of, text_of, system_of; /* spelling -> place + 1 */
	vg_code_system *systems;
	size_t system_count, system_capacity;
	size_t last_system; /* place + 1 of the one that was asked for last: most codes follow one of their own system */
	vg_known_unit *units;
	size_t unit_count, unit_capacity;
	uint32_t last_unit; /* place + 1 of the one that was asked for last: most results have the unit of the one before */
	const char **texts;
	size_t text_count, text_capacity;
	uint32_t scope; /* of the resources being read: keys of different ones never meet (one record of several sources); 0:
			   the only one */
	const char *patient_id; /* "" as long as it is not known */
	vg_own_subject own;
	vg_own_texts own_texts;
	vg_status_memo statuses[VG_STATUS_MEMBERS];
	size_t status_count;
	unsigned unreadable; /* vg_unreadable: what of the resource being read could not be understood */
	vigil_status status;
	vigil_error *err;
} vg_intake;

/* Makes an empty record and an intake for it; to be closed in any case. */
vigil_status vg_intake_open(vg_intake *in, const vg_knowledge *knowledge, const vg_limits *limits,
			    const vg_allocator *allocator, vigil_error *err);
void vg_intake_close(vg_intake *in); /* the record too, unless vg_freeze gave it away */
/* What has gone wrong so far. */
vigil_status vg_intake_no_memory(vg_intake *in);
static inline vigil_status vg_intake_status(vg_intake *in)
{
	if (in->status == VIGIL_OK && (in->scratch.failed || in->record->arena.failed))
		return vg_intake_no_memory(in);
	return in->status;
}
/* Refuses the input; keeps the first refusal. */
void vg_refuse(vg_intake *in, const char *advice, const char *text, ...) VG_FORMAT(3, 4);
/* A text that lives as long as the record: in its own texts, or a copy; "" for NULL and when memory ran out. */
const char *vg_keep(vg_intake *in, const char *text);
const char *vg_keep_bytes(vg_intake *in, const char *text, size_t length);
const char *vg_intern(vg_intake *in, const char *text); /* one copy of each */
vg_value vg_empty_value(void);                          /* texts "", numbers unknown */
/* A fact is made where it will stay: in the next free place of the chart or of
 * the orders, which nothing counts before vg_intake_add.  One at a time; the
 * place moves with those that are added after it.  Never NULL. */
vg_sketch *vg_intake_next(vg_intake *in, bool order);
/* The same, with an empty fact in it: texts "", numbers unknown, named as the source is. */
vg_sketch *vg_new_sketch(vg_intake *in, const vg_source *source, vg_fact_kind kind);
/* Adds what was made in the next place, lists it when it is not known to the
 * knowledge; returns its place + 1, 0 when memory had run out. */
uint32_t vg_intake_add(vg_intake *in, const vg_source *source, vg_sketch *sketch);
/* The fact that a key names within a scope, place + 1; 0: none.  Facts are put into a map when the first one is asked for. */
uint32_t vg_intake_fact(vg_intake *in, uint32_t scope, const char *key);
void vg_intake_name_product(vg_intake *in, const char *key, uint32_t place); /* in the present scope; "" is no name */
void vg_unusable(vg_intake *in, vg_section section, const char *reference, const char *display, const char *why);
/* A code system by any of its names, looked up once a record. */
vg_code_system vg_intake_system(vg_intake *in, const char *text);
/* A unit's spelling, parsed once a record. */
bool vg_intake_unit(vg_intake *in, const char *text, vg_unit *ret);
/* Freezes: links, sorts, indexes.  On success the intake no longer owns the record. */
vigil_status vg_freeze(vg_intake *in, vg_watch watch, vg_record **ret);
/* The record's indexes, of facts that stand in their order: by kind with the spans of medications, and by watched set.
 * false: memory ran out, which the arena is marked with. */
bool vg_index_kinds(vg_record *record);
bool vg_index_watched(vg_record *record, vg_arena *scratch, vg_watch watch);
vg_medication_span vg_medication_span_of(const vg_clinical_fact *fact); /* medication.c */
void vg_supersede(vg_intake *in); /* supersede.c: which medication entries speak for others */

/* ---- codes (codes.c) ------------------------------------------------------------ */

typedef struct vg_codes { /* one or more concepts, flattened */
	vg_code *items;
	uint16_t count, capacity;
	const char *text;     /* of the first concept that has one; "" */
	bool by_text;         /* the last item was found by its name only */
	bool of_known_system; /* one has a code of a system that we know: it says more than its name */
} vg_codes;
void vg_codes_add(vg_intake *in, vg_codes *codes, const char *system, const char *code, const char *display);
void vg_codes_join(vg_intake *in, vg_codes *codes, const vg_codes *more);
/* When nothing is known: looks for the names. `always` also when a code is of a
 * system that we know (drugs and allergens); else only for codes of nobody. */
void vg_codes_by_name(vg_intake *in, vg_codes *codes, vg_name_kind kind, bool always);
void vg_codes_settle(vg_intake *in, const vg_codes *codes, vg_clinical_fact *fact); /* codes, display, unmapped, by_text */
/* Ingredients, product and route from its codes: of the first that is a drug, of a compound's all. */
void vg_settle_medication(vg_intake *in, vg_clinical_fact *fact, bool compound);
bool vg_settle_allergy(vg_intake *in, vg_clinical_fact *fact); /* false: "no known allergy", no fact */

/* ---- JSON (json.c) ----------------------------------------------------------------- */

/* NULL is nothing. */
static inline bool vg_is(const vg_json_node *item, vg_json_kind kind) { return item && item->kind == kind; }

/* FHIR says where an array stands, senders do not always listen: a single value counts as a list of one. */
typedef struct vg_list {
	const vg_json_node *item, *end;
} vg_list;
static inline vg_list vg_list_from(const vg_json_node *item, const vg_json_node *end)
{
	while (item < end && item->kind == VG_JSON_NULL)
		item++;
	return (vg_list){item < end ? item : NULL, end};
}
static inline void vg_list_next(vg_list *list) { *list = vg_list_from(list->item + list->item->size, list->end); }
static inline vg_list vg_list_of(const vg_json_node *item)
{
	bool many = vg_is(item, VG_JSON_ARRAY);
	return item ? vg_list_from(item + many, item + item->size) : (vg_list){NULL, NULL};
}

/* Whether there is anything in it: null, "", [] and {} are nothing. */
static inline bool vg_is_something(const vg_json_node *item)
{
	if (!item || item->kind == VG_JSON_NULL)
		return false;
	return item->kind == VG_JSON_TEXT                                    ? *item->text != '\0'
	       : item->kind == VG_JSON_ARRAY || item->kind == VG_JSON_OBJECT ? item->size > 1
									     : true;
}

/* "" when it is no string */
static inline const char *vg_text_of(const vg_json_node *item) { return vg_is(item, VG_JSON_TEXT) ? item->text : ""; }
/* The name of a member, which stands before it when it is none of the known; "" of an element. */
static inline const char *vg_name_of(const vg_json_node *member)
{
	if (member->key != VG_KEY_UNKNOWN)
		return vg_json_known_keys[member->key].text;
	return member[-1].kind == VG_JSON_NAME ? member[-1].text : "";
}
bool vg_number_of(const vg_json_node *item, double *ret); /* a number, or a string that holds one */
bool vg_is_true(const vg_json_node *item);
const vg_json_node *vg_member_of(const vg_json_node *object, vg_json_key_id key); /* of an array's first item */
#define VG_MEMBER(object, name) vg_member_of((object), VG_KEY_##name)
/* Which members of an object are wanted, and where: 1 + their places.
 *     static const vg_places names = {VG_AT(code, CODE), VG_AT(status, STATUS)}; */
typedef struct vg_places {
	uint8_t of[VG_KEY_COUNT];
} vg_places;
#define VG_AT(name, place) .of[VG_KEY_##name] = (place) + 1
/* Walks an object once: ret[place] is the member that belongs there, or stays NULL. */
void vg_pick_members(const vg_json_node *object, const vg_places *names, const vg_json_node **ret);
#define VG_PICK(object, names, ret) (memset((ret), 0, sizeof(ret)), vg_pick_members((object), &(names), (ret)))

/* ---- references (references.c) ------------------------------------------------------ */

typedef struct vg_view {
	const char *text;
	size_t length;
} vg_view;
static inline vg_view vg_view_of(const char *text) { return (vg_view){text, strlen(text)}; }
static inline bool vg_view_is(vg_view view, const char *text)
{
	size_t length = strlen(text);
	return length == view.length && memcmp(view.text, text, length) == 0;
}
/* What two spellings of one reference have in common: "Type/id" of relative and
 * absolute ones (history and version cut off), the whole of urn: ones.  Empty
 * for contained ones and for none. */
vg_view vg_reference_key(const char *reference);
vg_view vg_reference_key_of(vg_view reference);
/* Whether it is a path that nothing cuts off: no urn, version, query or fragment.  Told quickly: false when in doubt. */
bool vg_reference_is_plain(vg_view reference);
const char *vg_reference_text(const vg_json_node *reference); /* Reference, or liberal string; "" */
typedef enum vg_aboutness { VG_ABOUT_PATIENT, VG_ABOUT_ANOTHER, VG_ABOUT_SOMETHING_ELSE } vg_aboutness;
vg_aboutness vg_about(vg_intake *in, vg_view subject);
void vg_refuse_other_patient(vg_intake *in, const char *reference);
/* Whether a resource speaks of the record's patient.  Another patient is
 * refused; something that is no patient (a group, a device) is listed. */
bool vg_about_patient(vg_intake *in, const vg_json_node *subject, const char *reference, vg_section section);
const vg_json_node *vg_contained(const vg_json_node *resource, const char *reference); /* "#x" in `contained`; NULL */
/* The Medication a reference names: contained, in the input, or known from the record before. */
const vg_product *vg_product_find(vg_intake *in, const char *reference);

/* ---- parts of FHIR (fhir_parts.c, fhir_value.c, fhir_dosage.c) ----------------------- */

typedef struct vg_period {
	vg_when start, end;
} vg_period;
vg_when vg_read_when(vg_intake *in, const vg_json_node *item);
vg_period vg_read_period(vg_intake *in, const vg_json_node *item);
vg_when vg_period_event(vg_period period); /* counts at its end; ongoing, at its start */
void vg_read_concept(vg_intake *in, const vg_json_node *concept, vg_codes *codes); /* appends */
/* The side of the body, told beside the code: each SNOMED CT code with its laterality is added, in the terminology's own
 * grammar ("248802009:272741003=7771000"), where the knowledge has it. */
void vg_read_side(vg_intake *in, const vg_json_node *body_site, vg_codes *codes);
const char *vg_read_concept_text(vg_intake *in, const vg_json_node *concept); /* its text, else the first display; "" */
const char *vg_read_concept_code(const vg_json_node *concept);                /* the first code, or the string itself; "" */
bool vg_read_days(const vg_json_node *duration, double *ret);                 /* a Duration in days */
bool vg_read_age(const vg_json_node *age, double *ret_years);
const char *vg_quantity_unit(const vg_json_node *quantity); /* as a unit is best parsed; "" */
void vg_read_value(vg_intake *in, const vg_json_node *value, const vg_json_node *interpretation, vg_value *ret);
void vg_value_of_text(vg_intake *in, const char *text, vg_value *ret);
void vg_value_of_number(vg_intake *in, double number, vg_comparator comparator, const char *unit, const char *shown_unit,
			vg_value *ret);
size_t vg_shown_number(double number, char out[32]); /* as values are shown; its length */
typedef struct vg_course {                           /* what all dosage instructions say together */
	vg_dose *doses;
	uint8_t count;
	vg_when start, end; /* of the bounds; end only when each instruction has one */
	double days;        /* length of the course; NAN: not told */
	vg_route route;
	bool as_needed;
} vg_course;
/* `from`: the day from which durations count. */
void vg_read_dosage(vg_intake *in, const vg_json_node *dosage, vg_when from, vg_course *ret);

/* ---- resources (fhir_*.c) -------------------------------------------------------------- */

typedef void vg_resource_reader(vg_intake *in, const vg_source *source, const vg_json_node *resource);
vg_resource_reader vg_read_patient, vg_read_allergy, vg_read_condition, vg_read_medication_fact, vg_read_product,
    vg_read_observation, vg_read_report, vg_read_procedure, vg_read_immunization, vg_read_service, vg_read_encounter,
    vg_read_family_history;
typedef struct vg_type_row { /* a resource type that facts come from */
	const char *type;    /* as written in resourceType */
	size_t length;
	const char *status_type; /* whose rows of the status table apply */
	vg_fact_kind kind;
	bool can_be_ordered;
	vg_resource_reader *read;
} vg_type_row;
const vg_type_row *vg_type_find(const char *type, size_t length); /* NULL: nothing is read from it */
/* Standing of one member, joined to what stood before; sets fact->status by `shown`. */
int vg_read_standing(vg_intake *in, const vg_source *source, const char *member, const char *value, int standing,
		     const char **ret_status);
/* Common end of every reader: left out, listed or kept; place + 1 or 0. */
uint32_t vg_finish_sketch(vg_intake *in, const vg_source *source, vg_sketch *sketch, int standing);

bool vg_unit_is_plain(const vg_unit *unit);                      /* a pure number */
extern const vg_unit vg_milligram, vg_millilitre, vg_biological; /* what daily doses are computed in (dose.c) */

/* ---- reading an input (read.c, hooks.c) ------------------------------------------------- */

typedef enum vg_role { VG_ROLE_CHART, VG_ROLE_ORDER, VG_ROLE_OTHER_DRAFT, VG_ROLE_NONE } vg_role;
typedef enum vg_matter {
	VG_MATTER_NOTHING, /* no resource, or of a type that nothing is read from */
	VG_MATTER_FACT,    /* facts come from it: it has a row */
	VG_MATTER_PATIENT,
	VG_MATTER_PRODUCT, /* a Medication */
	VG_MATTER_OUTCOME  /* an OperationOutcome */
} vg_matter;
typedef struct vg_entry { /* one resource of the input */
	const vg_json_entry *span;
	const vg_type_row *row;   /* NULL: no facts come from it */
	const char *key, *alias;  /* kept; "" */
	const vg_json_node *node; /* of the resource; of what the context wraps, the inner one's */
	uint8_t role;             /* vg_role */
	uint8_t matter;           /* vg_matter */
	bool version_read;        /* the next two are read where two versions meet */
	vg_when updated;
	double version;
} vg_entry;
static inline bool vg_entry_matters(const vg_entry *entry) /* and so has a name */
{
	return entry->matter == VG_MATTER_FACT || entry->matter == VG_MATTER_PATIENT || entry->matter == VG_MATTER_PRODUCT;
}
/* Whether it is formed as all names of FHIR's types are: a capital, then letters, small ones among them. */
bool vg_is_type_name(vg_json_text type);
void vg_entry_name(vg_intake *in, vg_entry *entry); /* key and alias, from id and fullUrl */
typedef struct vg_page {                            /* a Bundle of the input: what it tells of its sections */
	bool failed;                                /* it holds an OperationOutcome that says so */
	bool unsorted;                              /* its facts do not stand newest first, or have no dates */
	vg_day oldest;
} vg_page;
typedef struct vg_reading {
	vg_intake in;
	const char *text;
	vg_json_scan_result scan;
	vg_entry *entries; /* one for each of the scan's */
	vg_page *pages;
	vg_map entry_of;           /* key -> place + 1 */
	const vg_watch *only_seen; /* what is not watched is passed over; NULL: everything is read */
	vg_map glances;            /* text of a code -> whether it is watched */
} vg_reading;
/* seen.c: whether no watched set sees what would come of the entry. */
bool vg_entry_is_unseen(vg_reading *reading, const vg_entry *entry);
/* Whether a concept is in a set that somebody watches. */
bool vg_is_watched(const vg_knowledge *knowledge, vg_watch watch, vg_concept concept);
/* Of several entries about one resource one keeps its role (versions.c). */
void vg_settle_versions(vg_reading *reading);
/* CDS Hooks: the request's own members, roles of its resources; afterwards its sections. */
void vg_hooks_begin(vg_reading *reading);
void vg_hooks_end(vg_reading *reading);
/* The section that a prefetch key tells of; false: a key of another meaning. */
bool vg_hooks_section_of_key(vg_json_text key, vg_section *ret);

#endif
