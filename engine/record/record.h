/*
 * Floor 3, record: one patient's facts, read from FHIR R4 or built call by call.
 *
 * A record is made of facts in one array, frozen and immutable.  It does not
 * depend on a clock: whether a medication is active or a fact lies in the
 * future is asked with the date of evaluation.  What FHIR's statuses mean is
 * one table, engine/record/status.def, which is also the manual's page.
 *
 * Facts that never count (entered-in-error, refuted) are not in the array but
 * are counted.  A resource that comes twice counts once.  An unmapped code is
 * kept with its text and listed, never dropped.
 */
#ifndef VG_RECORD_H
#define VG_RECORD_H

#include "knowledge/knowledge.h"

typedef enum vg_section {
	VG_MEDICATIONS,
	VG_ALLERGIES,
	VG_CONDITIONS,
	VG_RESULTS,
	VG_PROCEDURES,
	VG_IMMUNIZATIONS,
	VG_ENCOUNTERS,
	VG_ORDERS,
	VG_SECTION_COUNT
} vg_section;
const char *vg_section_name(vg_section section); /* "medications", … "immunizations", … */
bool vg_section_find(const char *name, vg_section *ret);

typedef enum vg_supply { VG_NOT_SUPPLIED, VG_SUPPLIED_SINCE, VG_COMPLETE } vg_supply;
typedef struct vg_completeness {
	vg_supply state;
	vg_day since;    /* with VG_SUPPLIED_SINCE */
	const char *why; /* "not supplied", "the query failed (OperationOutcome)", "first page only"; "" when complete */
} vg_completeness;

/* ---- facts ---------------------------------------------------------------- */

typedef enum vg_fact_kind {
	VG_FACT_MEDICATION, /* MedicationRequest, -Statement, -Administration, -Dispense */
	VG_FACT_ALLERGY,
	VG_FACT_CONDITION,
	VG_FACT_RESULT, /* Observation, and each of its components as a fact of its own */
	VG_FACT_REPORT, /* DiagnosticReport */
	VG_FACT_PROCEDURE,
	VG_FACT_IMMUNIZATION,
	VG_FACT_ENCOUNTER,
	VG_FACT_SERVICE, /* ServiceRequest and other requests that are no medication */
	VG_FACT_FAMILY_HISTORY,
	VG_FACT_KIND_COUNT
} vg_fact_kind;
vg_section vg_section_of(vg_fact_kind kind); /* family history belongs to conditions */

typedef enum vg_standing {                 /* what the resource's own status makes of the fact */
			   VG_CURRENT,     /* active, final, completed event, recurrence … */
			   VG_PRELIMINARY, /* a result that may change: counts, and is said */
			   VG_INTENDED,    /* on-hold, intended: counts as current, and is said */
			   VG_PAST,        /* resolved, inactive, stopped, completed course */
			   VG_PLANNED,     /* proposal, plan, option: does not count */
			   VG_NOT_DONE,    /* not-done, doNotPerform: counts only as declined */
			   VG_DRAFT        /* an order being made */
} vg_standing;

typedef struct vg_code {
	const char *system, *code, *display; /* canonical system; any may be "" */
	vg_concept concept;                  /* 0: not known */
} vg_code;

/* Each in a byte: there are many facts, and to copy and to pass over them is a part of every answer's time. */
typedef enum __attribute__((packed)) vg_value_kind {
	VG_VALUE_NONE,
	VG_VALUE_QUANTITY,
	VG_VALUE_CODED,
	VG_VALUE_TEXT,
	VG_VALUE_BOOLEAN,
	VG_VALUE_RANGE
} vg_value_kind;
typedef enum __attribute__((packed)) vg_comparator {
	VG_EXACTLY,
	VG_LESS,
	VG_LESS_OR_SAME,
	VG_GREATER_OR_SAME,
	VG_GREATER
} vg_comparator;
typedef struct vg_value {
	vg_value_kind kind;
	vg_comparator comparator; /* "<5" is VG_LESS 5 */
	bool unit_known;          /* false: the unit's text could not be read; it never converts */
	bool boolean;
	uint16_t code_count;
	const vg_code *codes; /* coded value, then interpretation codes */
	double number, upper; /* upper: with VG_VALUE_RANGE; NAN where open */
	vg_unit unit;
	const char *text; /* as said in an alert: "24 mL/min/1.73 m²", "Positive", "< 5 mg/L" */
} vg_value;

typedef struct vg_dose { /* how a medication is to be taken, as far as it can be read */
	double amount;   /* of one dose; NAN: not readable */
	vg_unit unit;    /* mass, volume, or pure number = pieces (tablets, puffs) */
	bool unit_known;
	double times_per_day;   /* NAN: not readable; as-needed at its maximum */
	double interval_days;   /* between doses; NAN: not readable */
	double maximum_per_day; /* maxDosePerPeriod per day, in `unit`; NAN: none */
	bool as_needed;
	uint16_t
	    sequence; /* instructions of one number are taken together, those of several one after the other; 0: none given */
} vg_dose;

typedef enum vg_criticality { VG_CRITICALITY_UNKNOWN, VG_CRITICALITY_LOW, VG_CRITICALITY_HIGH } vg_criticality;
typedef enum vg_reaction { VG_REACTION_UNKNOWN, VG_REACTION_MILD, VG_REACTION_MODERATE, VG_REACTION_SEVERE } vg_reaction;

/* What is small stands together at the head, so that nothing is lost between members. */
typedef struct vg_clinical_fact vg_clinical_fact;
struct vg_clinical_fact {
	uint8_t kind;     /* vg_fact_kind */
	uint8_t standing; /* vg_standing */
	uint8_t route;    /* vg_route, medications: dosage.route, else the product's form */
	uint8_t code_count;
	bool is_order;    /* an order being made, to be judged: in `orders` */
	bool other_draft; /* a draft of the same ordering session that is not to be judged (not among the `selections`): in
			     `facts` */
	bool by_text;     /* recognised by its name only: said in the answer */
	bool unmapped;    /* none of its codes is known */
	bool as_needed;
	bool without_result; /* results: no value, none of a part, no members, and no reason that stands for a value */
	bool intolerance;    /* allergies */
	uint8_t dose_count;
	uint16_t ingredient_count;
	uint16_t result_count;
	vg_when when;  /* onset, authored, effective, performed, occurrence; for orders the occurrence when given */
	vg_when until; /* abatement, end of the dosage's bounds or of the period */
	/* Medications: whether one counts is asked of each of them for every answer, so
	 * what decides it stands together with the dates. */
	vg_day supply_end;           /* the supply has run out on this day, refills included; VG_NO_DAY: unknown */
	vg_day renewed;              /* newest day on which it was dispensed or given; VG_NO_DAY: not told */
	uint32_t superseded_by;      /* index + 1 of a newer fact about the same medication; 0: none */
	vg_day superseded_from;      /* from this day on the newer one speaks; before it this one still does */
	vg_when recorded;            /* authoredOn, recordedDate, issued */
	const uint32_t *ingredients; /* medications: ingredient concepts; allergies: ingredients of the substance */
	vg_when
	    planned; /* services: when it is to be done (occurrence); of a chart's service `when` is the day of its writing */
	const vg_code *codes;
	const char *reference;            /* "Observation/17", else its urn:uuid: fullUrl; "" when it has neither */
	const char *display;              /* the best name it has; never "" */
	const char *type;                 /* resource type */
	const char *status;               /* as written */
	vg_concept product;               /* the concept that named the ingredients; 0: none */
	uint16_t reaction_count;          /* allergies, and so the next */
	uint8_t criticality, reaction;    /* vg_criticality, worst vg_reaction */
	vg_value value;                   /* results */
	const vg_clinical_fact *parent;   /* of a component: the whole Observation */
	union {                           /* what only one kind has; the counts of the others are 0 */
		const uint32_t *results;  /* reports: their Observations, indexes into `facts` */
		const vg_dose *doses;     /* medications: one a dosage instruction */
		const vg_code *reactions; /* allergies: manifestations */
	};
	const char *prior;    /* medications: reference of the prescription that this one renews; "" */
	double duration_days; /* medications: of the course: bounds, count or supply with refills; NAN: unknown */
	/* family history: the relation's code is codes' last; conditions: the side of the body among
	 * the codes; encounters: class, then type, then where the patient was discharged to; `when` is the end of a finished
	 * one and the start of a current one, `until` its end */
	const char *reason_not_done; /* text; "" */
};

typedef struct vg_patient {
	const char *reference; /* "Patient/123", else its fullUrl */
	const char *full_url;  /* within its bundle; "" when it has none */
	vg_when birth;         /* unknown: first == VG_NO_DAY */
	const char *sex;       /* administrative gender: "male", "female", "other", "unknown"; "" when missing */
	vg_when death;         /* deceasedDateTime */
	bool deceased, deceased_known;
} vg_patient;

typedef struct vg_unused { /* something of the record that could not be used, and is said */
	const char *reference, *display, *why;
	uint8_t section; /* vg_section */
	bool unmapped;
	bool of_order; /* `fact` counts in `orders` */
	uint32_t fact; /* index + 1 of the fact in `facts` or `orders`; 0: it is no fact. Lets the caller leave out what no
			  longer counts */
} vg_unused;

typedef struct vg_product { /* a Medication resource: what orders read later may refer to */
	const char *reference;
	const vg_code *codes;
	uint16_t code_count;
	const char *text;
	bool is_compound; /* the codes are those of its ingredients */
	bool has_unknown_ingredient;
} vg_product;

/* When a medication of the chart counts, worked out once, since it is asked of every one of them for every answer. */
typedef struct vg_medication_span {
	vg_day from;  /* the first day on which it may count */
	vg_day until; /* the first day on which it no longer does; not after `from`: it never counts */
	vg_day stale; /* from this day on it is listed, but long not renewed */
} vg_medication_span;

typedef struct vg_record {
	vg_arena arena;
	vg_arena *lender; /* whom the arena's room goes back to when the record is freed; NULL: nobody */
	const vg_knowledge *knowledge;
	vg_patient patient;
	const vg_clinical_fact *facts; /* chart, newest first by `when` within equal sets; unknown dates last */
	uint32_t fact_count;
	const vg_clinical_fact *orders; /* orders being made, in the order given */
	uint32_t order_count;
	vg_completeness sections[VG_SECTION_COUNT];
	const vg_unused *unused;
	size_t unused_count;
	uint32_t errors_left_out; /* entered-in-error, refuted and deleted resources, cancelled results */
	uint32_t unmapped_count;  /* facts none of whose codes is known, of every kind: a figure for reports */
	const vg_product *products;
	size_t product_count;
	/* index: facts of a watched set, newest first.  Slot 0 is "not watched". */
	const uint32_t *watch_first; /* slot → first place in watch_facts; slot_count + 1 items */
	const uint32_t *watch_facts;
	uint32_t slot_count;
	const uint32_t *slot_of_set;                    /* the watch that it was indexed with; borrowed, and only compared */
	const uint32_t *kind_facts[VG_FACT_KIND_COUNT]; /* facts of one kind, newest first */
	uint32_t kind_counts[VG_FACT_KIND_COUNT];
	uint32_t draft_count;                       /* drafts among the facts, to be judged or not */
	const vg_medication_span *medication_spans; /* of kind_facts[VG_FACT_MEDICATION], in that order */
	/* of a CDS Hooks request; NULL otherwise */
	const char *hook, *hook_instance, *fhir_server;
	const char *encounter;                 /* "Encounter/…" of the context; NULL: none */
	const char *user;                      /* context.userId, "Practitioner/…"; NULL: none */
	bool has_extension, has_authorization; /* it has an `extension`, a `fhirAuthorization` */
	bool has_selections;
} vg_record;

/* ---- reading (read.c, fhir_*.c, hooks.c) ----------------------------------- */

typedef struct vg_watch {            /* which sets the rules look at: set → slot */
	const uint32_t *slot_of_set; /* vg_set_count + 1 items; NULL: no index */
	uint32_t slot_count;
} vg_watch;

typedef struct vg_limits {
	size_t bytes, depth, nodes, keys, string_length, entries, codings, orders;
} vg_limits;
extern const vg_limits vg_default_limits; /* 64 MB, depth 100, …: engine/record/limits.c, documented; NULL means these */

/* Reads a Bundle of one patient (every type), a lone resource, or a CDS Hooks
 * request.  Errors: VIGIL_BAD_INPUT with what, where, and how to mend it. */
vigil_status vg_record_read(const char *json, size_t length, const vg_knowledge *knowledge, vg_watch watch,
			    const vg_limits *limits, const vg_allocator *allocator, vg_record **ret, vigil_error *err);
/* The same for screenings of a narrow world: facts that no watched set sees may be left out.  What screenings say
 * does not change; the counts of facts, and lists of what could not be used, do. */
vigil_status vg_record_read_seen(const char *json, size_t length, const vg_knowledge *knowledge, vg_watch watch,
				 const vg_limits *limits, const vg_allocator *allocator, vg_record **ret, vigil_error *err);
/* Reads orders being made (a resource or a Bundle of them) for the patient of
 * `record`: the result holds them as orders and nothing else. Another
 * patient's order is an error. */
vigil_status vg_orders_read(const char *json, size_t length, const vg_record *record, vg_watch watch, const vg_limits *limits,
			    const vg_allocator *allocator, vg_record **ret, vigil_error *err);
void vg_record_free(vg_record *record);
/* Marks sections, "allergies,procedures=since 2024-01-01" (from the command line). */
vigil_status vg_record_sections(vg_record *record, const char *text, vigil_error *err);

/* ---- filling a request (fill.c) ------------------------------------------------ */

/* The key of a section in the prefetch that Vigil asks for: "medications", … "observations". */
const char *vg_section_key(vg_section section);

/* Puts the pages of one search together: each call adds a page's entries, byte
 * for byte.  *ret_next is the link to the next page, NULL on the last one, ""
 * where there is one that is no text.  VIGIL_BAD_INPUT: the page is no Bundle or
 * no JSON; nothing of it is added. */
vigil_status vg_searchset_add(vg_buffer *bundle, const char *page, size_t length, const char **ret_next, vigil_error *err);
void vg_searchset_end(vg_buffer *bundle, bool all); /* `all` is false when there are pages that were not added */
bool vg_is_patient(const char *json, size_t length, vg_arena *arena);

typedef struct vg_prefetch_part {
	bool is_patient;
	vg_section section; /* unless it is the patient */
	const char *json;   /* valid JSON */
	size_t length;
} vg_prefetch_part;
/* The CDS Hooks request `json` with the parts in its prefetch, each in place of
 * whatever told of the same section.  `out` is empty and holds all memory. */
vigil_status vg_request_fill(const char *json, size_t length, const vg_prefetch_part *parts, size_t count, vg_buffer *out,
			     vigil_error *err);

/* ---- building (builder.c) ---------------------------------------------------- */

typedef struct vg_builder vg_builder;
vigil_status vg_builder_open(const vg_knowledge *knowledge, const vg_allocator *allocator, vg_builder **ret, vigil_error *err);
vigil_status vg_builder_patient(vg_builder *builder, const char *id, const char *birth_date, const char *sex, vigil_error *err);
vigil_status vg_builder_add(vg_builder *builder, const vigil_fact *fact, vigil_error *err);
vigil_status vg_builder_section(vg_builder *builder, const char *section, bool supplied, const char *since, vigil_error *err);
vigil_status vg_builder_finish(vg_builder *builder, vg_watch watch, vg_record **ret, vigil_error *err);
void vg_builder_close(vg_builder *builder);

/* ---- asking (ask.c, medication.c, dose.c) -------------------------------------- */

/* Facts of a watched set (slot > 0), indexes into facts, newest first. */
static inline vg_ids vg_record_watched(const vg_record *record, uint32_t slot)
{
	vg_ids ids = {record->watch_facts + record->watch_first[slot],
		      record->watch_first[slot + 1] - record->watch_first[slot]};
	return ids;
}
bool vg_fact_in_set(const vg_record *record, const vg_clinical_fact *fact, vg_set set); /* any of its concepts or ingredients */
vg_concept vg_fact_ingredient_in(const vg_record *record, const vg_clinical_fact *fact,
				 vg_set set); /* which ingredient; 0 none */

/* Facts dated more than a day after as_of are not used. */
static inline bool vg_fact_is_future(const vg_clinical_fact *fact, vg_day as_of)
{
	return vg_when_known(fact->when) && fact->when.first > as_of + 1;
}

/* The record says so, and names no later day than `day`. */
static inline bool vg_has_died(const vg_patient *patient, vg_day day)
{
	return patient->deceased && !(vg_when_known(patient->death) && patient->death.first > day);
}

typedef enum vg_activity { VG_NOT_ACTIVE, VG_ACTIVE, VG_STALE } vg_activity;
static inline vg_activity vg_span_activity(const vg_medication_span *span, vg_day as_of)
{
	if (as_of < span->from || as_of >= span->until)
		return VG_NOT_ACTIVE;
	return as_of >= span->stale ? VG_STALE : VG_ACTIVE;
}
/* Whether a medication counts on a day (RULES.md §4): status, end, supply, superseded. */
vg_activity vg_medication_activity(const vg_clinical_fact *fact, vg_day as_of);
/* The day from which it no longer counts, for "still counts N days after it was stopped"; VG_NO_DAY when it still does or is
 * unknown. */
vg_day vg_medication_stopped_on(const vg_clinical_fact *fact);
/* Current, and not ended by its abatement; one that ended after as_of was active then. */
bool vg_condition_active(const vg_clinical_fact *fact, vg_day as_of);
/* Both speak of one resource: an order read apart is not also a fact of the chart. */
bool vg_same_resource(const vg_clinical_fact *a, const vg_clinical_fact *b);
bool vg_allergy_active(const vg_clinical_fact *fact);
/* An order that renews what is active already: priorPrescription, or same ingredients and route. */
bool vg_order_is_renewal(const vg_record *record, const vg_clinical_fact *order, const vg_clinical_fact *medication);
/* Daily dose of one ingredient (index into fact->ingredients) in mg (or [iU]); false: not readable. */
bool vg_daily_dose(const vg_record *record, const vg_clinical_fact *fact, uint16_t ingredient, double *ret,
		   const char **ret_unit);

/* ---- packed records (pack_*.c, unpack_*.c; docs/internals/population.md) -------- */

/* A patient's resources as a population store keeps them: what readers look at
 * and nothing else, not yet seen with any knowledge.  Resources that differ
 * only in ids, dates and measured values share a template of the store's
 * dictionary; a packed record holds a template's number and what fills it. */
typedef struct vg_packed {
	const void *bytes; /* borrowed */
	size_t length;
} vg_packed;
typedef struct vg_dictionary
    vg_dictionary;                      /* a store's templates, seen with one world's knowledge; immutable, shared by threads */
typedef struct vg_unpacker vg_unpacker; /* one thread's */
typedef enum vg_unpack {
	VG_UNPACK_ALL,  /* every fact: the same record as the one that was packed */
	VG_UNPACK_SEEN, /* for screenings: leaves out facts that no watched set and no word without a set looks at */
} vg_unpack;

/* `templates[i]` is the template number i + 1; their bytes must outlive the
 * dictionary.  `sources[i]` are the sections (bits of vg_section) that source
 * i + 1 supplied for all of its patients. */
vigil_status vg_dictionary_open(const vg_packed *templates, size_t count, const uint32_t *sources, size_t source_count,
				const vg_knowledge *knowledge, vg_watch watch, const vg_allocator *allocator,
				vg_dictionary **ret, vigil_error *err);
void vg_dictionary_free(vg_dictionary *dictionary);
vigil_status vg_unpacker_open(const vg_dictionary *dictionary, vg_unpack what, vg_unpacker **ret, vigil_error *err);
/* The record owns its texts but for those of the dictionary, which must outlive
 * it; it is to be freed (vg_record_free) by the same thread, before the unpacker
 * is closed.  VIGIL_BAD_INPUT: the bytes are damaged. */
vigil_status vg_unpack_record(vg_unpacker *unpacker, vg_packed packed, vg_record **ret, vigil_error *err);
void vg_unpacker_close(vg_unpacker *unpacker);

/* ---- packing (pack.c): what an import makes of FHIR ------------------------------- */

typedef enum vg_packed_kind {
	VG_PACKED_FACT,
	VG_PACKED_PATIENT,
	VG_PACKED_PRODUCT, /* a Medication: others refer to it, of several patients perhaps */
	VG_PACKED_DELETION,
	VG_PACKED_NOTHING, /* a type that no fact comes from */
	VG_PACKED_BAD      /* `why` says what is wrong */
} vg_packed_kind;
typedef struct vg_identifier {
	const char *system, *value; /* neither is "" */
} vg_identifier;
typedef struct vg_packed_item {
	vg_packed_kind kind;
	const char *key;            /* "Observation/17", "urn:uuid:…"; "" when it has none */
	const char *patient;        /* id of the patient that it is about; "" when none can be told */
	const char *product;        /* key of the Medication that it refers to; "" */
	vg_packed template, packed; /* the text of its template, and what fills it: vg_template_list_pack puts them together */
	int section;                /* vg_section, or -1: Patient, Medication, deletion */
	/* of a Patient */
	vg_day birth; /* VG_NO_DAY: not known to the day */
	const char *sex;
	const vg_identifier *identifiers;
	size_t identifier_count;
	int64_t updated; /* of a deletion: seconds since 1970; VG_NO_INSTANT: not told */
	const char *why; /* of a bad one */
	int line;        /* of a bad one in a text of many lines; 0: the text as a whole */
} vg_packed_item;

#define VG_LONE_RESOURCE 0x5555     /* sections of a text that is no Bundle: it tells nothing of what else there is */
typedef struct vg_packer vg_packer; /* one thread's */
vigil_status vg_packer_open(const vg_allocator *allocator, vg_packer **ret, vigil_error *err);
/* Reads a resource or a Bundle of any number of patients.  What the items point
 * to lives until the packer's next call.  Only memory can fail it: what is wrong
 * with the text is an item.  `sections` of the patients in the text: two bits
 * each as a packed record has them; a lone resource's are all "not supplied".
 * `sparse`: the dictionary is full, so that whatever may be left out of a template is. */
vigil_status vg_pack_text(vg_packer *packer, const char *text, size_t length, uint32_t source, bool sparse,
			  const vg_packed_item **ret, size_t *ret_count, uint16_t *ret_sections, vigil_error *err);
/* The word that a key of a source is deleted; to be had after vg_pack_text, until its next call. */
vigil_status vg_pack_deletion(vg_packer *packer, const char *key, uint32_t source, int64_t updated, vg_packed *ret_template,
			      vg_packed *ret, vigil_error *err);
void vg_packer_close(vg_packer *packer);

/* The dictionary while it grows (template_list.c); one thread at a time. */
typedef struct vg_template_list vg_template_list;
vigil_status vg_template_list_open(const vg_allocator *allocator, vg_template_list **ret, vigil_error *err);
/* Templates that are there already, in the order of their numbers. */
vigil_status vg_template_list_add(vg_template_list *templates, vg_packed text, vigil_error *err);
size_t vg_template_list_count(const vg_template_list *templates);
vg_packed vg_template_list_text(const vg_template_list *templates, size_t number); /* from 1 */
/* A packed resource: the number of its template, which is a new one when it was not there, and what fills it.  It is
 * written over `out`. */
vigil_status vg_template_list_pack(vg_template_list *templates, vg_packed template, vg_packed packed, vg_buffer *out,
				   vg_packed *ret, vigil_error *err);
void vg_template_list_close(vg_template_list *templates);

/* A patient's packed resources, while they are joined. */
typedef struct vg_packed_list vg_packed_list;
vigil_status vg_packed_list_open(const vg_allocator *allocator, vg_packed_list **ret, vigil_error *err);
void vg_packed_list_clear(vg_packed_list *list);
/* A record as it was; VIGIL_BAD_INPUT when it is damaged.  Its bytes must outlive the list's contents. */
vigil_status vg_packed_list_record(vg_packed_list *list, const vg_template_list *templates, vg_packed record, vigil_error *err);
/* One more resource: of two with the same key and source the newer stays, the later of equally old ones.
 * Sections: complete when any delivery says so. */
vigil_status vg_packed_list_add(vg_packed_list *list, const vg_template_list *templates, vg_packed resource, vigil_error *err);
void vg_packed_list_sections(vg_packed_list *list, uint16_t sections);
bool vg_packed_list_has(const vg_packed_list *list, const char *key, uint32_t source); /* and it is not deleted */
/* The resources one by one, deletions too: which `index` (from 0) has; NULL behind the last. */
const char *vg_packed_list_key(const vg_packed_list *list, size_t index, uint32_t *ret_source);
/* Whom the resources are about; false: there is no Patient among them. `birth`: VG_NO_DAY when not known to the day. */
bool vg_packed_list_person(vg_packed_list *list, const vg_template_list *templates, vg_day *ret_birth, const char **ret_sex);
/* The keys of its Patients one by one, `index` from 0, as vg_packed_list_key. */
const char *vg_packed_list_patient(const vg_packed_list *list, size_t index, uint32_t *ret_source);
const char *vg_person_name(const char *key); /* what the several spellings of a patient's key have in common: the bare id */
size_t vg_packed_list_count(const vg_packed_list *list); /* of those that are not deleted */
/* Whether the later delivered of two resources of one key is the newer word. */
bool vg_packed_is_newer(vg_packed later, vg_packed earlier);
/* Writes the record: sorted, so that the same resources give the same bytes. */
vigil_status vg_packed_list_write(vg_packed_list *list, vg_packed *ret, vigil_error *err);
void vg_packed_list_close(vg_packed_list *list);

#endif
