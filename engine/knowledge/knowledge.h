/*
 * Floor 2, knowledge: codes, concepts, sets, drugs, allergens, units, tables.
 *
 * Packs' CSV files are read, layered (later packs win, row by row, by id),
 * closed over and frozen into one SQLite file that holds flat arrays; opening
 * that file again is a handful of reads.  What is open is immutable and shared
 * by all threads.
 *
 * A concept is one code of one code system, a dense number from 1; 0 is "not
 * known".  A set is a named group of concepts, a dense number from 1; 0 is "no
 * such set".  Every ingredient is also a set of its own name ("warfarin"), and
 * every product, salt and allergen code belongs to the sets of what it
 * contains or stands for: the closure is computed when compiling, so that
 * membership is one look into a concept's sorted list of sets.
 */
#ifndef VG_KNOWLEDGE_H
#define VG_KNOWLEDGE_H

#include "base/base.h"

typedef uint32_t vg_concept;
typedef uint32_t vg_set;
typedef struct vg_knowledge vg_knowledge;

/* ---- opening (open.c, compile.c, csv.c, store.c) ------------------------ */

typedef struct vg_pack_folder { /* one layer; the starter pack is the first */
	const char *folder;
	const char *name, *version; /* from pack.lua, read by the script floor before */
} vg_pack_folder;

typedef struct vg_knowledge_sources {
	const vg_pack_folder *packs;
	size_t pack_count;
	const char *import_dir;     /* imported terminologies, a layer below all packs; NULL: none */
	const char *knowledge_file; /* exact file; NULL: cache_dir/DIGEST.db */
	const char *cache_dir;      /* NULL, or not writable: in memory, with a finding */
} vg_knowledge_sources;

/* Opens the compiled file when its digest is that of the sources, else
 * compiles.  Problems of the tables are findings; rows with errors are left
 * out and named.  Fails only when nothing usable can be made. */
vigil_status vg_knowledge_open(const vg_knowledge_sources *sources, const vg_allocator *allocator, vg_findings *findings,
			       vg_knowledge **ret, vigil_error *err);
void vg_knowledge_free(vg_knowledge *knowledge);
const vg_digest *vg_knowledge_digest(const vg_knowledge *knowledge);                   /* of all sources */
const vg_digest *vg_knowledge_pack_digest(const vg_knowledge *knowledge, size_t pack); /* of one pack's files, Lua included */
/* Proof of passed examples, kept beside the compiled tables under a digest of
 * everything that could change their result. Not an error when it cannot be kept. */
bool vg_knowledge_was_proven(const vg_knowledge *knowledge, const vg_digest *what);
void vg_knowledge_remember_proof(vg_knowledge *knowledge, const vg_digest *what);

/* ---- concepts and sets (concept.c, set.c) ------------------------------- */

/* Code systems are known by URI, by OID ("urn:oid:…") and by short name; the
 * table is engine/knowledge/systems.def: rxnorm, snomed, loinc, icd10cm, cvx,
 * cpt, hcpcs, ndc, unii, atc, icd10pcs, ucum and `local` systems of a site. */
const char *vg_system_uri(const char *short_name_or_uri); /* canonical URI; the argument itself when unknown */
const char *vg_system_name(const char *uri);              /* "RxNorm"; the argument itself when unknown */
const char *vg_system_known(const char *text);            /* vg_system_uri, but NULL when unknown */
/* A code system in this knowledge's numbering, for whoever looks up many codes of it; UINT32_MAX: it has none of its codes. */
uint32_t vg_system_number(const vg_knowledge *knowledge, const char *system);
const char *vg_system_of_number(uint32_t number); /* the URI; NULL: none that is known without a pack */

/* The concept of a code; ICD-10-CM falls back to its longest known prefix
 * (dots ignored, case ignored).  0 when the knowledge does not have it. */
vg_concept vg_concept_find(const vg_knowledge *knowledge, const char *system, const char *code);
vg_concept vg_concept_of(const vg_knowledge *knowledge, uint32_t system_number, const char *code);
/* Last resort for text without a usable code: the drug, allergen or test whose
 * name or synonym is this text (folded; strength, form and salt words of a
 * drug's name are ignored).  Whoever uses it marks the fact. */
typedef enum vg_name_kind { VG_NAME_DRUG, VG_NAME_ALLERGEN, VG_NAME_OTHER } vg_name_kind;
vg_concept vg_concept_by_name(const vg_knowledge *knowledge, vg_name_kind kind, const char *text);
size_t vg_concept_count(const vg_knowledge *knowledge);
const char *vg_concept_system(const vg_knowledge *knowledge, vg_concept concept);
const char *vg_concept_code(const vg_knowledge *knowledge, vg_concept concept);
const char *vg_concept_name(const vg_knowledge *knowledge, vg_concept concept);

typedef struct vg_ids { /* a borrowed list, ascending */
	const uint32_t *ids;
	size_t count;
} vg_ids;

vg_set vg_set_find(const vg_knowledge *knowledge, const char *name); /* ignores case and outer blanks */
size_t vg_set_count(const vg_knowledge *knowledge);
const char *vg_set_name(const vg_knowledge *knowledge, vg_set set);
vg_ids vg_set_members(const vg_knowledge *knowledge, vg_set set);          /* concepts, closure included */
vg_ids vg_concept_sets(const vg_knowledge *knowledge, vg_concept concept); /* sets, closure included */
bool vg_set_has(const vg_knowledge *knowledge, vg_set set, vg_concept concept);
vg_concept vg_set_preferred(const vg_knowledge *knowledge, vg_set set); /* the code for a suggestion; 0: none */
vg_place vg_set_place(const vg_knowledge *knowledge, vg_set set); /* where it is defined; file "ingredients" when implicit */
const char *vg_set_nearest(const vg_knowledge *knowledge, const char *name); /* "did you mean", or NULL */
/* What a set's codes are about, from their code systems: in which sections of
 * a record they can be found.  Bits of vg_set_use. */
typedef enum vg_set_use {
	VG_USE_DRUG = 1,         /* RxNorm, NDC, ATC, ingredient */
	VG_USE_RESULT = 2,       /* LOINC */
	VG_USE_PROCEDURE = 4,    /* SNOMED CT, CPT, HCPCS, ICD-10-PCS */
	VG_USE_CONDITION = 8,    /* ICD-10-CM, SNOMED CT */
	VG_USE_IMMUNIZATION = 16 /* CVX */
} vg_set_use;
unsigned vg_set_uses(const vg_knowledge *knowledge, vg_set set);

/* ---- drugs (drug.c) ------------------------------------------------------ */

typedef enum vg_route {
	VG_ROUTE_UNKNOWN,
	VG_ROUTE_ORAL,
	VG_ROUTE_INJECTED,
	VG_ROUTE_TRANSDERMAL,
	VG_ROUTE_RECTAL,
	VG_ROUTE_VAGINAL,
	VG_ROUTE_INHALED,
	VG_ROUTE_NASAL,
	VG_ROUTE_OPHTHALMIC,
	VG_ROUTE_OTIC,
	VG_ROUTE_TOPICAL,
	VG_ROUTE_OTHER
} vg_route;
bool vg_route_systemic(vg_route route);    /* oral, injected, transdermal, rectal, and unknown */
const char *vg_route_name(vg_route route); /* "oral", … */
vg_route vg_route_of_name(
    const char *name); /* "topical" → VG_ROUTE_TOPICAL; VG_ROUTE_UNKNOWN when no such word; "systemic" is not one */
vg_route vg_route_of_code(const char *system, const char *code, const char *text); /* dosage.route of FHIR */

typedef struct vg_strength {         /* of one ingredient in one unit of a product; amount 0: not known */
	double amount;               /* mg, or units for biologicals, per `per` */
	double per;                  /* 1 for a tablet; mL for liquids */
	const char *unit, *per_unit; /* "mg", "[iU]", "mL" or NULL for one piece */
} vg_strength;

/* Ingredients of a product, salt or ingredient concept (itself); none when it is no drug. */
vg_ids vg_drug_ingredients(const vg_knowledge *knowledge, vg_concept concept);
/* Beside them, in the same order; NULL when not known. */
const vg_strength *vg_drug_strengths(const vg_knowledge *knowledge, vg_concept concept);
vg_route vg_drug_route(const vg_knowledge *knowledge, vg_concept concept); /* from the dose form */
bool vg_drug_is_pack(const vg_knowledge *knowledge, vg_concept concept);
vg_set vg_ingredient_set(const vg_knowledge *knowledge, vg_concept ingredient); /* the set of the ingredient's own name */

/* ---- allergens and panels (allergen.c) ----------------------------------- */

typedef enum vg_allergen_kind {
	VG_ALLERGEN_NONE,      /* not in the table: the concept stands for itself */
	VG_ALLERGEN_SUBSTANCE, /* one substance: stands for its ingredients */
	VG_ALLERGEN_CLASS,     /* stands for whole sets */
	VG_ALLERGEN_NEGATED,   /* "no known drug allergy" */
	VG_ALLERGEN_OTHER      /* food, environment: known, no drug */
} vg_allergen_kind;
vg_allergen_kind vg_allergen_kind_of(const vg_knowledge *knowledge, vg_concept concept);
vg_ids vg_allergen_sets(const vg_knowledge *knowledge, vg_concept concept);         /* the sets it stands for */
bool vg_allergen_is_intolerance(const vg_knowledge *knowledge, vg_concept concept); /* a code that says intolerance */

vg_ids vg_panel_members(const vg_knowledge *knowledge, vg_concept panel); /* test concepts; none when it is no panel */

/* ---- units (unit.c) -------------------------------------------------------- */

/* A unit, parsed: UCUM's case-sensitive codes and the usual spellings ("mcg",
 * "µg", "mL/min/1.73m2", "IU/L", "%"), as a factor and a dimension. */
typedef struct vg_unit {
	double factor, offset; /* to the dimension's base: base = value * factor + offset */
	int8_t dimension[10];  /* exponents of mass, amount, volume, length, time, arbitrary units, equivalents, pressure,
				  temperature, charge */
	const char *text;      /* as written, without annotations; "" for a pure number */
} vg_unit;
bool vg_unit_parse(vg_arena *arena, const char *text, vg_unit *ret); /* false when it cannot be read */
/* value in `from` → value in `to`.  Mass and amount of substance convert when
 * `analyte` (a set of tests; 0: none) has a molar mass in tables/analytes.csv.
 * A missing unit converts only to a missing unit.  false: does not convert. */
bool vg_unit_convert(const vg_knowledge *knowledge, vg_set analyte, double value, const vg_unit *from, const vg_unit *to,
		     double *ret);
double vg_analyte_molar_mass(const vg_knowledge *knowledge, vg_set test); /* g/mol; 0 when none */
const char *vg_analyte_unit(const vg_knowledge *knowledge, vg_set test);  /* usual unit; NULL when none */
bool vg_set_is_measured(const vg_knowledge *knowledge, vg_set test);      /* it stands in tables/analytes.csv */

/* ---- tables (table.c) ------------------------------------------------------- */

/* The rule tables after layering, in order of id, cell by cell; empty cells are "".
 * Not the pair tables `interactions`, `cross_reactivity` and `pair_cases` (see below), nor the
 * tables of drugs, allergens, panels and analytes, which the functions above answer from. */
#define VG_PACK_IMPORT UINT32_MAX /* the layer of imported terminologies, below all packs */
typedef struct vg_table_row {
	const char *const *cells;
	vg_place place;
	uint32_t pack; /* index of the pack that decided last, or VG_PACK_IMPORT */
} vg_table_row;
typedef struct vg_table {
	const char *name;
	const char *const *columns;
	size_t column_count;
	const vg_table_row *rows;
	size_t row_count;
} vg_table;
const vg_table *vg_knowledge_table(const vg_knowledge *knowledge, const char *name);     /* NULL when no pack has it */
const char *vg_cell(const vg_table *table, const vg_table_row *row, const char *column); /* "" when there is no such column */

/* Pair rows: `a` with `b`.  interactions: two drugs, either may come first.
 * cross_reactivity: allergy to `a`, order of `b`. */
typedef enum vg_family { VG_INTERACTIONS, VG_CROSS_REACTIVITY } vg_family;
typedef enum vg_rule_status { VG_STATUS_DRAFT, VG_STATUS_SHADOW, VG_STATUS_ACTIVE, VG_STATUS_RETIRED } vg_rule_status;
typedef struct vg_pair_row {
	const char *id, *title; /* title "": made of the names */
	vg_set a, b;
	vigil_severity severity;
	bool silent; /* cross_reactivity: this pair stays silent whatever other rows say */
	vg_rule_status status;
	const char *mechanism, *effect, *management; /* texts, may be "" */
	const char *silences;                        /* ids of rows that this one silences for the same pair, blank-separated */
	vg_duration still_counts_a, still_counts_b;  /* acts so long after it was stopped */
	const char *owner, *review_by, *evidence, *url, *publisher, *year, *grade, *source, *verified;
	uint32_t first_case, case_count; /* into vg_pair_cases: contexts that change the severity */
	vg_place place;
	uint32_t pack;
} vg_pair_row;
typedef struct vg_pair_case {   /* tables/pair_cases.csv: row,if,severity,say; first true one decides */
	const char *definition; /* name of a `define` */
	bool changes_severity;  /* an empty severity only adds its sentence */
	bool silences;          /* severity "silent" */
	vigil_severity severity;
	const char *say;
	vg_place place;
} vg_pair_case;
size_t vg_pair_count(const vg_knowledge *knowledge, vg_family family);
/* Rows are unpacked on demand (a million of them stay small): fills `ret`, texts borrowed. `row` < count, in order of id. */
void vg_pair_get(const vg_knowledge *knowledge, vg_family family, uint32_t row, vg_pair_row *ret);
const vg_pair_case *vg_pair_case_get(const vg_knowledge *knowledge, uint32_t index);
uint32_t vg_pair_find_id(const vg_knowledge *knowledge, vg_family family, const char *id); /* UINT32_MAX: none */
/* The rows whose sets are {a, b} in this order (cross_reactivity) or either order (interactions). */
vg_ids vg_pairs_of(const vg_knowledge *knowledge, vg_family family, vg_set a, vg_set b);
/* Whether any row of the family has this set on either side: lets the join skip quickly. */
bool vg_pair_uses(const vg_knowledge *knowledge, vg_family family, vg_set set);

#endif
