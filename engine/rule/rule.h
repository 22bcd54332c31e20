/*
 * Floor 4, rule: what rules are, once nobody remembers how they were written.
 *
 * The script floor reads rule files and leaves *declarations*: trees of plain
 * items and *phrases* ("latest "eGFR" :is_below "30 mL/min/1.73 m²"").  This
 * floor compiles declarations and table rows against the knowledge into
 * rules: condition trees over leaves, texts, schedules, and reports every
 * mistake as a finding.  It knows nothing of Lua (a rule may hold an opaque
 * check number) and nothing of JSON.
 *
 * A leaf is one condition over a record, in three values.  Equal leaves are
 * one leaf, so that a memo computes each at most once a request; a leaf that
 * speaks of this order or of the matched pair is *bound* and is not memoised.
 *
 * The trigger index is a promise: candidates(scene) contains every rule whose
 * outcome is not silent.  tests/rule compares it with a full scan.
 */
#ifndef VG_RULE_H
#define VG_RULE_H

#include "record/record.h"

/* ---- declarations: what the script floor hands over -------------------------- */

typedef struct vg_item vg_item;
typedef struct vg_phrase vg_phrase;
typedef enum vg_item_kind {
	VG_ITEM_NONE,
	VG_ITEM_TEXT,
	VG_ITEM_NUMBER,
	VG_ITEM_BOOLEAN,
	VG_ITEM_TABLE,
	VG_ITEM_PHRASE,
	VG_ITEM_FUNCTION
} vg_item_kind;
typedef struct vg_field vg_field;
struct vg_item {
	vg_item_kind kind;
	vg_place place;
	const char *text;
	double number;
	bool boolean;
	uint32_t function; /* check number, matched by rule id across Lua states */
	vg_phrase *phrase;
	const vg_item *items; /* table: its list part … */
	size_t item_count;
	const vg_field *fields; /* … and its named part, in the order written */
	size_t field_count;
};
struct vg_field {
	const char *name;
	vg_place place;
	vg_item value;
};
typedef struct vg_refinement { /* ":within "6 months"" */
	const char *name;
	vg_place place;
	const vg_item *arguments;
	size_t argument_count;
} vg_refinement;
struct vg_phrase {
	const char *word; /* "latest", "all", "pregnant", "done" */
	vg_place place;
	const vg_item *arguments; /* all{…}: one table; latest "x": one text; named(l, c): two */
	size_t argument_count;
	const vg_refinement *refinements;
	size_t refinement_count;
	bool joined; /* set by whoever uses it; a condition joined to nothing is a finding (VG1xx, script floor) */
};
typedef struct vg_declaration {
	const char *kind; /* "interaction", "screening", "define", "example", … */
	const char *id;
	vg_place place;
	vg_item body;  /* a table */
	uint32_t pack; /* layer */
} vg_declaration;

/* The words of the language, from words.def: one table for the loader, the
 * linter, the editor files and the manual. */
typedef enum vg_word_form {
	VG_FORM_BARE,    /* pregnant */
	VG_FORM_CALL,    /* taking "set"; age_between(a, b) */
	VG_FORM_LIST,    /* all { … } */
	VG_FORM_COUNTED, /* at_least(2, { … }) */
	VG_FORM_NAMED    /* named("label", condition) */
} vg_word_form;
typedef enum vg_word_use { /* bits; a word may have several */
			   VG_WORD_CONDITION = 1,
			   VG_WORD_ACTION = 2,  /* in suggest */
			   VG_WORD_EXAMPLE = 4, /* in given and expect */
			   VG_WORD_NEED = 8,    /* in needs, where every condition stands too */
			   VG_WORD_TRIGGER = 16 /* when_ordering = anything */
} vg_word_use;
typedef struct vg_word_info {
	const char *name, *group, *usage, *meaning; /* usage: an example; meaning: one or two sentences */
	vg_word_form form;
	unsigned uses; /* vg_word_use */
	uint8_t least_arguments, most_arguments;
	const char *arguments;   /* kinds, blank-separated, the last one repeats; words.def lists them */
	const char *refinements; /* those it takes, blank-separated */
} vg_word_info;
const vg_word_info *vg_words(size_t *ret_count);
const vg_word_info *vg_word_find(const char *name);
typedef struct vg_refinement_info {
	const char *name, *usage, *meaning, *arguments;
	uint8_t least_arguments, most_arguments;
	uint8_t uses; /* vg_word_use: where it may stand */
} vg_refinement_info;
const vg_refinement_info *vg_refinements(size_t *ret_count);
const vg_refinement_info *vg_refinement_find(const char *name);
/* interaction allergy contraindication duplicate_therapy duplicate_test screening rule define example pack */
typedef struct vg_kind_info {
	const char *name, *usage, *meaning;
	const char *fields; /* the lines it takes, blank-separated, required ones with a "!" behind */
} vg_kind_info;
const vg_kind_info *vg_kinds(size_t *ret_count);
const vg_kind_info *vg_kind_find(const char *name);
typedef struct vg_rule_line_info {                 /* from lines.def */
	const char *name, *type, *usage, *meaning; /* type: text number boolean set sets date duration choice conditions list
						      table function */
} vg_rule_line_info;
const vg_rule_line_info *vg_rule_lines(size_t *ret_count);
const vg_rule_line_info *vg_rule_line_find(const char *name);
/* Whether `word` is one of the blank-separated words of `list`; a "!" behind it does not matter. */
bool vg_list_has(const char *list, const char *word);

/* ---- conditions ----------------------------------------------------------------- */

#include "rule/word_ids.h" /* vg_word_id: one enumerator a condition word, from words.def */

typedef enum vg_comparison {
	VG_NO_COMPARISON,
	VG_BELOW,
	VG_ABOVE,
	VG_AT_LEAST,
	VG_AT_MOST,
	VG_BETWEEN,
	VG_IS, /* VG_IS: coded, in other_set */
	VG_RISEN_BY,
	VG_FALLEN_BY
} vg_comparison;

typedef struct vg_quantity {
	double number;
	bool percent; /* "50 %" of a trend */
	vg_unit unit;
	const char *text; /* as written */
} vg_quantity;

#define VG_ROUTE_SYSTEMIC 255                                                        /* :by_route "systemic" */
typedef enum vg_calendar { VG_NO_CALENDAR, VG_THIS_YEAR, VG_LAST_YEAR } vg_calendar; /* :during "this year" */

/* One shape for all words; a member that a word does not use is zero. */
typedef struct vg_leaf {
	uint8_t word;       /* vg_word_id */
	uint8_t comparison; /* vg_comparison */
	uint8_t route;      /* :by_route, vg_route; VG_ROUTE_SYSTEMIC; 0 none */
	uint8_t severity;   /* :with_severity, vg_reaction */
	uint8_t calendar;   /* :during, vg_calendar */
	bool bound;         /* speaks of this order or the pair: not memoised */
	bool different_days, including_intolerance, ever, renewal;
	bool paired;       /* "140/90 mm[Hg]": low is the systolic limit, high the diastolic one */
	bool dose_limited; /* :daily_dose_above, in low; amounts in mg, or in units with dose_in_units */
	bool dose_in_units;
	bool strict;           /* an exception or a negation: what an incomplete section shows as newest proves nothing */
	vg_set set;            /* taking, latest, done … */
	uint32_t slot;         /* of that set in the record's index */
	vg_set other_set;      /* :is, :unless_result, :with_reaction */
	vg_set helper_sets[3]; /* built-in sets that the word looks at besides (builtin_sets.def), and their slots */
	uint32_t helper_slots[3];
	vg_quantity low, high;                      /* limits; in needs, low.unit is the unit of the number */
	vg_duration within, least, most, after_age; /* :within, :onset_within; ages (`most` is excluded) and :for_at_least */
	vg_duration often, longer;                  /* :more_often_than, :duration_above */
	vg_day day_from, day_to;                    /* :since, :during; VG_NO_DAY: open */
	uint16_t times, last;                       /* :times, :doses_at_least, :at_least; :last; 0: not given */
	uint16_t sections;                          /* bits of vg_section: where "no match" must be complete to be false */
	const char *argument;                       /* sex, setting; else NULL */
	const char *sentence;                       /* "latest eGFR is below 30 mL/min/1.73 m², in the last year" */
	vg_place place;
} vg_leaf;
#define VG_NO_LEAF UINT32_MAX

typedef enum vg_node_kind { VG_NODE_LEAF, VG_NODE_ALL, VG_NODE_ANY, VG_NODE_NONE, VG_NODE_AT_LEAST } vg_node_kind;
typedef struct vg_node {
	uint8_t kind;
	uint16_t least;        /* at_least */
	uint32_t leaf;         /* index of the leaf */
	uint32_t first, count; /* children: rulebook->children[first …] */
	const char *sentence;  /* named(): replaces; else made */
	vg_place place;
} vg_node;
#define VG_NO_NODE UINT32_MAX /* no tree: requirements true, exceptions false */

/* ---- rules ------------------------------------------------------------------------ */

typedef enum vg_rule_kind {
	VG_KIND_INTERACTION,
	VG_KIND_ALLERGY,
	VG_KIND_CONTRAINDICATION,
	VG_KIND_DUPLICATE_THERAPY,
	VG_KIND_DUPLICATE_TEST,
	VG_KIND_SCREENING,
	VG_KIND_RULE
} vg_rule_kind;
const char *vg_rule_kind_name(vg_rule_kind kind);
const char *vg_severity_name(vigil_severity severity);
const char *vg_rule_status_name(vg_rule_status status);

enum vg_trigger {                       /* bits */
		  VG_ON_ORDERING = 1,   /* each order being made in `ordering` */
		  VG_ON_ANY_ORDER = 2,  /* when_ordering = anything */
		  VG_ON_TAKING = 4,     /* each active medication in `taking` */
		  VG_ON_CHART = 8,      /* once, at chart opening (patient-view, encounter-start, population scans) */
		  VG_ON_DISCHARGE = 16, /* once, at discharge */
		  VG_ON_PAIR = 32       /* each pair of `pair` that an order completes */
};
typedef enum vg_if_unknown { VG_STAY_SILENT, VG_ASK, VG_WARN } vg_if_unknown;

typedef enum vg_part_kind {
	VG_PART_TEXT,
	VG_PART_THIS_ORDER,
	VG_PART_OTHER_DRUG,
	VG_PART_LATEST,
	VG_PART_DATE_OF_LATEST,
	VG_PART_AGE,
	VG_PART_LAST_DONE,
	VG_PART_DATE_OF_LAST_DONE,
	VG_PART_DUE,
	VG_PART_DAILY_DOSE,
	VG_PART_COUNT
} vg_part_kind;
typedef struct vg_part { /* of a text with placeholders */
	uint8_t kind;
	const char *text; /* VG_PART_TEXT, else as written for messages */
	uint32_t leaf; /* latest, last done, daily dose "of X": an unbound leaf to ask; VG_NO_LEAF: the rule's own schedule or
			  subject */
} vg_part;
typedef struct vg_text {
	const vg_part *parts;
	size_t count; /* 0: no text */
} vg_text;

typedef enum vg_action_kind {
	VG_CANCEL_THIS_ORDER,
	VG_ORDER_INSTEAD,
	VG_ORDER,
	VG_POSTPONE_THIS_ORDER,
	VG_LINK
} vg_action_kind;
typedef struct vg_action {
	uint8_t kind;
	vg_set set;              /* what is ordered: its preferred code */
	const char *label, *url; /* postpone: until when, in words; link */
} vg_action;

typedef struct vg_case { /* the first true one decides severity and adds its sentence */
	uint32_t node;
	bool changes_severity, silences;
	vigil_severity severity;
	vg_text say;
	vg_place place;
} vg_case;
typedef struct vg_need {  /* of a check function */
	const char *name; /* p.NAME */
	uint32_t leaf;
	bool optional;
} vg_need;
typedef struct vg_option { /* of satisfied_by */
	uint32_t leaf;     /* a done/resulted/vaccinated … leaf without a window */
	vg_duration every; /* not given with once */
	bool once;
	uint32_t also; /* node that must hold besides, or VG_NO_NODE (all { done a, done b } :every) */
	vg_place place;
} vg_option;
typedef struct vg_evidence_source {
	const char *title, *url, *publisher, *year, *grade, *source, *verified; /* "" when not given */
} vg_evidence_source;

typedef struct vg_rule {
	const char *id, *title;
	uint8_t kind, severity, status, if_unknown;
	unsigned triggers;
	bool bound;              /* its trees hold a bound leaf */
	vg_set ordering, taking; /* sets of the triggers */
	vg_set pair[2];          /* interaction: drugs; allergy: [0] allergen, [1] drug */
	vg_duration still_counts[2];
	vg_set subject;            /* duplicate_test: the test; duplicate_therapy: the class, 0 = same ingredient */
	vg_duration interval;      /* duplicate_test: within */
	uint16_t at_most;          /* duplicate_therapy */
	uint32_t requires, unless; /* nodes; requires = for_patients of a screening */
	uint32_t check;            /* check number + 1; 0: none */
	const vg_need *needs;
	size_t need_count;
	const vg_case *cases;
	size_t case_count;
	const vg_option *options; /* screening */
	size_t option_count;
	vg_duration due_soon;
	vg_text warn, ask, remind;
	const vg_action *actions;
	size_t action_count;
	const char *const *override_reasons;
	size_t override_count;
	const char *const *replaces; /* ids of rows and rules whose verdict this one's replaces */
	size_t replaces_count;
	const char *owner, *review_by;
	vg_evidence_source evidence;
	const char *family; /* the table it came from; NULL for a Lua rule */
	vg_place place;
	uint32_t pack, overrides; /* layer that decided; layers that it overrode (bits) */
	unsigned sections;        /* bits of vg_section that it reads */
	bool uses_age, uses_sex;
} vg_rule;

/* One set of rules, frozen.  Rules are sorted by severity (critical first),
 * then id; the index in this order is the rule's number. */
typedef struct vg_rulebook {
	vg_arena arena;
	const vg_knowledge *knowledge;
	const vg_rule *rules;
	uint32_t rule_count;
	const vg_leaf *leaves;
	uint32_t leaf_count;
	const vg_node *nodes;
	uint32_t node_count;
	const uint32_t *children;
	vg_watch watch;                          /* for reading records */
	const struct vg_trigger_index *triggers; /* trigger.c */
	size_t words;                            /* VG_BITS_WORDS(rule_count) */
	const struct vg_definition *definitions; /* `define`s, by name */
	uint32_t definition_count;
	const uint32_t *pair_case_nodes; /* knowledge's pair case → node; VG_NO_NODE when its definition is unknown */
	const vg_text *pair_case_says;
	size_t pair_case_count;
	const vg_bits
	    *replaced_rows[2]; /* per family: rows that some rule replaces (quick test); the rules' `replaces` decide */
	unsigned pair_sections;
} vg_rulebook;
typedef struct vg_definition {
	const char *name;
	uint32_t node;
	vg_place place;
	bool used;
} vg_definition;

/* Compiles declarations (define and rule kinds; examples are not looked at)
 * and the knowledge's tables.  A rule with an error is left out and named by
 * its findings.  Later packs' rules replace earlier ones of the same id. */
vigil_status vg_rulebook_compile(const vg_declaration *declarations, size_t count, const vg_knowledge *knowledge,
				 const vg_allocator *allocator, vg_findings *findings, vg_rulebook **ret, vigil_error *err);
/* A rulebook of these rules only, with few leaves and few watched sets.  It borrows from `whole`, which must outlive
 * it; rows of the tables have no part in it. */
vigil_status vg_rulebook_narrow(const vg_rulebook *whole, const uint32_t *rules, size_t count, const vg_allocator *allocator,
				vg_rulebook **ret, vigil_error *err);
void vg_rulebook_free(vg_rulebook *rulebook);
uint32_t vg_rule_find(const vg_rulebook *rulebook, const char *id); /* UINT32_MAX: none */
/* The id of the rule that decides in the place of this row or rule; NULL: none. */
const char *vg_rule_replacing(const vg_rulebook *rulebook, const char *id);
/* The sections that a tree reads, as bits. Sets what of the patient's attributes it uses; leaves true what is true already. */
unsigned vg_node_needs(const vg_rulebook *rulebook, uint32_t node, bool *age, bool *sex);
/* Takes a rule out of service (its examples failed); `draft` status afterwards. Only before the world is shared. */
void vg_rule_withdraw(vg_rulebook *rulebook, uint32_t rule);
/* "latest eGFR is below 30 mL/min/1.73 m², in the last year and …": a whole tree in English. */
const char *vg_node_sentence(const vg_rulebook *rulebook, uint32_t node, vg_arena *arena);

/* ---- asking a record ------------------------------------------------------------------ */

/* What is being judged: one record, the orders, a day. Immutable during an evaluation. */
typedef struct vg_scene {
	const vg_rulebook *rulebook;
	const vg_knowledge *knowledge;
	const vg_record *record;
	const vg_clinical_fact *const *orders; /* judged */
	uint32_t order_count;
	const vg_clinical_fact *const *drafts; /* other drafts: context only */
	uint32_t draft_count;
	const uint8_t *activity; /* vg_activity of each fact of the record (medications), for as_of */
	vg_day as_of;
	int64_t as_of_instant; /* VG_NO_INSTANT: midday is not assumed; hour windows are unknown */
	const char *setting;   /* "inpatient", … or NULL */
	vg_completeness sections[VG_SECTION_COUNT];
	int32_t age_months; /* completed on as_of, and one more; 0: not reckoned, or the date of birth is not exact */
	unsigned complete;  /* bits of sections that are known to be VG_COMPLETE; a section without its bit is looked at */
} vg_scene;
typedef struct vg_binding {              /* whom a bound leaf speaks of */
	const vg_clinical_fact *order;   /* this_order; NULL when a taken medication is judged */
	const vg_clinical_fact *subject; /* the order or the medication judged */
	const vg_clinical_fact *other;   /* the other member of a pair, or NULL */
	vg_concept subject_ingredient, other_ingredient;
	vg_set subject_set, other_set; /* which set each matched */
} vg_binding;

/* What a leaf looked at, for traces, evidence and texts. */
typedef struct vg_look {
	vg_arena *arena;
	const vg_clinical_fact **facts; /* that made it so; newest first */
	size_t fact_count, fact_capacity;
	const char *missing;    /* why unknown: "no eGFR in the last year", "allergies not supplied"; NULL */
	const char *value;      /* what was compared, as text; NULL */
	const char *would_need; /* what would change it: "eGFR below 30"; NULL */
} vg_look;
/* look == NULL on the fast path. */
vg_truth vg_leaf_truth(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look);
/* A whole tree in Kleene's logic, from left to right as far as needed. VG_NO_NODE
 * is true (no requirement); who asks for exceptions tests for it first. `memo`
 * has leaf_count bytes, 0xff where not yet known; bound leaves are not kept in
 * it. NULL: no memo. */
#define VG_MEMO_UNSET 0xff
vg_truth vg_node_truth(const vg_scene *scene, uint32_t node, const vg_binding *binding, uint8_t *memo);
/* What a check function reads for a need: a number (latest, total_daily_dose,
 * age_in_years), a text (a coded latest) or a truth. false: unknown. */
typedef struct vg_reading {
	vg_value_kind kind; /* VG_VALUE_QUANTITY, VG_VALUE_TEXT, VG_VALUE_BOOLEAN */
	double number;      /* in the leaf's low.unit */
	const char *text;
	bool boolean;
} vg_reading;
bool vg_leaf_reading(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_reading *ret);
/* The fact that `latest "set"` means (a result, its date), for texts; NULL when none. */
const vg_clinical_fact *vg_leaf_latest(const vg_scene *scene, const vg_leaf *leaf);

bool vg_value_readable(const vg_clinical_fact *fact); /* there is a value, and it is not "hemolyzed" */

/* Events for schedules: the newest fact that satisfies a done/resulted/vaccinated leaf, disregarding its window. */
typedef struct vg_event {
	const vg_clinical_fact *fact;     /* NULL: none */
	vg_day first, last;               /* day it counts, as known */
	const vg_clinical_fact *excepted; /* newest one that :unless_result excepts, when newer or alone */
	const vg_clinical_fact
	    *doubtful;        /* newest one that may satisfy (its result or date cannot be read), when newer or alone */
	bool unknown;         /* none found but the section is not complete, or one is doubtful (missing says why) */
	vg_day unseen_before; /* events before this day may be missing from the record: VG_NO_DAY none, VG_FAR_FUTURE any */
	const char *missing;  /* static text or borrowed from the scene; NULL */
} vg_event;
bool vg_leaf_event(const vg_scene *scene, const vg_leaf *leaf, vg_event *ret);

/* Since when a medication of the leaf's set is taken, what it renews counted in. */
vg_when vg_course_start(const vg_scene *scene, const vg_leaf *leaf, const vg_clinical_fact *fact);
/* Facts of medications that are active (or stale), as `taking` counts them. */
bool vg_taking(const vg_scene *scene, uint32_t fact);

/* The rules that can matter: bits[rulebook->words], to be zeroed by the caller. */
void vg_candidates(const vg_scene *scene, unsigned triggers /* vg_trigger bits of the hook */, vg_bits *bits);
void vg_all_rules(const vg_rulebook *rulebook, vg_bits *bits); /* full scan, for the property test */

/* Whether no promise was found for the rule, so that it is checked for every request; `lint` says so. */
bool vg_rule_always_checked(const vg_rulebook *rulebook, uint32_t rule);
/* Rules and rows whose review_by lies before `today`, or that have none, are findings; for `lint`. */
void vg_rulebook_review(const vg_rulebook *rulebook, vg_day today, vg_findings *findings);

/* Sets that nothing uses, and codes in them that the knowledge does not know; for `lint`.  Sets below the folder
 * `vocabulary` (the starter pack; NULL) are there for others to use.  False: memory ran out. */
bool vg_rulebook_check_sets(const vg_rulebook *rulebook, const char *vocabulary, const vg_allocator *allocator,
			    vg_findings *findings);

/* What a rule needs, for `show`, prefetch and FHIR searches. */
unsigned vg_rule_sections(const vg_rulebook *rulebook, uint32_t rule);
vg_ids vg_rule_sets(const vg_rulebook *rulebook, uint32_t rule, vg_arena *arena);

#endif
