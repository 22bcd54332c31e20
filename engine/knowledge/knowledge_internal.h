/*
 * Shared by the files of the knowledge floor and by nobody else.
 *
 * Compiled knowledge is an image: some forty flat arrays (sections.def), all
 * texts in one pool and everything else naming them by their offset in it.
 * Making an image: layer.c reads the packs' CSV rows into a builder, one row
 * for each key with the last layer's cells; compile_*.c turn rows into arrays;
 * image.c lays the arrays into one block, whether they were just compiled or
 * read from a file by store.c.  Everything that looks up works on the block.
 *
 * Invariant: an image holds no pointers and nothing that depends on the
 * folders' names, so that it can be kept in a file named by its digest.
 */
#ifndef VG_KNOWLEDGE_INTERNAL_H
#define VG_KNOWLEDGE_INTERNAL_H

#include "knowledge/csv.h"
#include "knowledge/knowledge.h"

/* To be raised whenever the meaning of the sections changes; sections.def's
 * text and sizes and all other .def files are part of the digest anyway. */
enum { VG_KNOWLEDGE_FORMAT = 3 };

/* ---- the image -------------------------------------------------------------- */

enum { /* vg_packed_concept.flags */
       VG_CONCEPT_INGREDIENT = 1,
       VG_CONCEPT_DERIVED = 2, /* a product, salt, UNII or substance: belongs to the sets of its ingredients */
       VG_CONCEPT_PACK = 4,
       VG_CONCEPT_PREFIX = 8, /* ICD-10-CM: stands for unknown codes below it too */
       VG_CONCEPT_INTOLERANCE = 16,
       VG_CONCEPT_ROUTE_SHIFT = 8,
       VG_CONCEPT_ALLERGEN_SHIFT = 12
};

typedef struct vg_packed_file {
	uint32_t layer, path; /* layer 0 is the import folder, pack i is layer i + 1 */
} vg_packed_file;
typedef struct vg_packed_place {
	uint32_t file, line, layer;
} vg_packed_place;
typedef struct vg_packed_concept {
	uint32_t system, code, name, flags;
	uint32_t means; /* of a mapped code: the concept that looking it up gives; 0: itself */
} vg_packed_concept;
typedef struct vg_packed_set {
	uint32_t name, file, line, preferred, uses; /* file UINT32_MAX: an ingredient's own set */
} vg_packed_set;
typedef struct vg_packed_name {
	uint32_t text, id, kinds; /* kinds: bits 1 << vg_name_kind; 0 in set_names */
} vg_packed_name;
typedef struct vg_packed_strength {
	double amount, per;
	uint32_t unit, per_unit; /* per_unit 0: one piece */
} vg_packed_strength;
typedef struct vg_packed_span {
	uint32_t key, first, count;
} vg_packed_span;
typedef struct vg_packed_analyte {
	double molar_mass, valence;
	uint32_t set, unit, ifcc, unused;
} vg_packed_analyte;
typedef struct vg_packed_table {
	uint32_t name, first_column, column_count, first_row, row_count, first_cell;
} vg_packed_table;
typedef struct vg_packed_pair {
	uint32_t id, title, a, b, severity, silent, status;
	uint32_t mechanism, effect, management, silences, still_counts_a, still_counts_b;
	uint32_t owner, review_by, evidence, url, publisher, year, grade, source, verified;
	uint32_t first_case, case_count;
	vg_packed_place place;
} vg_packed_pair;
typedef struct vg_packed_group {
	uint32_t a, b, first, count;
} vg_packed_group;
typedef struct vg_packed_case {
	uint32_t definition, changes_severity, silences, severity, say;
	vg_packed_place place;
} vg_packed_case;
typedef struct vg_packed_finding {
	uint32_t code, text, advice; /* code: "VG310" as text; advice 0: none */
	vg_packed_place place;
} vg_packed_finding;

typedef struct vg_image {
#define X(name, type)                                                                                                          \
	struct {                                                                                                               \
		const type *items;                                                                                             \
		size_t count;                                                                                                  \
	} name;
#include "sections.def"
#undef X
} vg_image;

typedef struct vg_directory_entry { /* of one section in a file */
	char name[32];
	uint64_t item_size, count, hash;
} vg_directory_entry;
enum {
#define X(name, type) VG_SECTION_##name,
#include "sections.def"
#undef X
	VG_SECTIONS
};

/* image.c: lays out sections behind each other in one block; sizes come from
 * `directory`. `starts` receives where each begins. The block's size is
 * returned, 0 when a size is impossible. */
size_t vg_image_layout(const vg_directory_entry directory[VG_SECTIONS], size_t starts[VG_SECTIONS]);
void vg_image_describe(const vg_image *image, vg_directory_entry directory[VG_SECTIONS], const void *contents[VG_SECTIONS]);
void vg_image_attach(vg_image *image, const vg_directory_entry directory[VG_SECTIONS], const char *block);

typedef struct vg_spelling { /* one spelling of a code system */
	const char *text;
	uint32_t system;
} vg_spelling;

struct vg_knowledge {
	vg_arena arena;
	vg_image image;
	vg_digest digest;
	const vg_digest *pack_digests;
	size_t pack_count;
	const char *const *file_names; /* by image.files */
	const char *const *set_labels; /* names of all sets, for "did you mean" */
	vg_spelling *spellings;        /* hash table of spellings of code systems */
	size_t spelling_capacity;
	const vg_strength *strengths; /* by image.strengths */
	const vg_table *tables;
	const vg_pair_case *cases;
	const char *proof_file; /* NULL: proofs are not kept */
};
/* Everything that is derived from the image when it is opened. */
vigil_status vg_knowledge_prepare(vg_knowledge *knowledge, const vg_knowledge_sources *sources, vigil_error *err);
void vg_knowledge_repeat_findings(const vg_knowledge *knowledge, vg_findings *findings);
vg_place vg_packed_place_text(const vg_knowledge *knowledge, uint32_t file, uint32_t line);
static inline const char *vg_pool_at(const vg_knowledge *knowledge, uint32_t offset)
{
	return knowledge->image.pool.items + offset;
}

/* ---- code systems, codes and names (concept.c) --------------------------------- */

enum { /* indices in the order of systems.def that the code needs to know; two more are Vigil's own */
       VG_SYSTEM_RXNORM,
       VG_SYSTEM_SNOMED,
       VG_SYSTEM_LOINC,
       VG_SYSTEM_ICD10CM,
       VG_SYSTEM_ICD9CM,
       VG_SYSTEM_ICD10PCS,
       VG_SYSTEM_CVX,
       VG_SYSTEM_CPT,
       VG_SYSTEM_HCPCS,
       VG_SYSTEM_NDC,
       VG_SYSTEM_UNII,
       VG_SYSTEM_ATC,
       VG_SYSTEM_UCUM,
       VG_SYSTEM_NAME,        /* folded texts that count when nothing better is there */
       VG_SYSTEM_COMBINATION, /* two or more ingredients together, without strength or form */
       VG_SYSTEMS_KNOWN
};
typedef struct vg_system_definition {
	const char *name, *label, *uri, *others;
} vg_system_definition;
extern const vg_system_definition vg_system_definitions[VG_SYSTEMS_KNOWN];
/* The short name, label, URI or another spelling of a known system: its index; VG_SYSTEMS_KNOWN when it is none. */
uint32_t vg_system_index(const char *text);
enum { VG_CODE_SIZE = 32 };
/* The one form in which a code is kept: ICD-10-CM in capitals with its dot, CVX with two digits, others as they are.
 * `room` is used when the form differs. */
const char *vg_canonical_code(uint32_t system, const char *code, char room[VG_CODE_SIZE]);
uint64_t vg_code_hash(uint32_t system, const char *code);
vg_concept vg_concept_exact(const vg_knowledge *knowledge, uint32_t system, const char *code); /* code canonical */

/* An arena that lives in a caller's array and never allocates. */
#define VG_STACK_ARENA_BYTES 8192
void vg_stack_arena(vg_arena *arena, void *room, size_t size);

/* name.c: what a drug's text says when strengths, forms and brackets are taken off. */
enum { VG_NAME_LIMIT = 512 }; /* bytes; longer texts are no names */
/* image.drug_name_starts, of `bits` bits: sets that of a drug's name; those of the words that are taken off before names. */
void vg_mark_name_start(vg_bits *starts, size_t bits, const char *folded);
void vg_mark_word_starts(vg_bits *starts, size_t bits);
/* The name left of one drug's folded text, without brackets, strengths and form words; NULL when nothing is left. */
char *vg_drug_words(vg_arena *arena, const char *folded);
/* The brand in the last square brackets of a product's name; NULL when there is none. */
char *vg_brand_of(vg_arena *arena, const char *name);

vg_route vg_route_of_form(const char *text);        /* by the words of a dose form or an RxNorm name; route.c */
void vg_definitions_digest(vg_digest_state *state); /* everything compiled in that shapes an image; layer.c */

/* ---- columns (tables.def, schema.c) ---------------------------------------------------- */

typedef enum vg_cell_kind {
	VG_CELL_TEXT,
	VG_CELL_WORD /* without blanks */,
	VG_CELL_SET_NAME,
	VG_CELL_SET,
	VG_CELL_SET_OR_SAME,
	VG_CELL_SETS,
	VG_CELL_SYSTEM,
	VG_CELL_CODE,
	VG_CELL_MATCH,
	VG_CELL_YES,
	VG_CELL_ALLERGEN_KIND,
	VG_CELL_SEVERITY,
	VG_CELL_SEVERITY_OR_SILENT,
	VG_CELL_STATUS,
	VG_CELL_DURATION,
	VG_CELL_DATE,
	VG_CELL_NUMBER,
	VG_CELL_INTEGER,
	VG_CELL_QUANTITY,
	VG_CELL_UNIT,
	VG_CELL_SETTING,
	VG_CELL_FACT_KIND,
	VG_CELL_COMPARISON,
	VG_CELL_APPLIES_TO,
	VG_CELL_ROUTE
} vg_cell_kind;
enum {
#define TABLE(name, keys) VG_TABLE_##name,
#define COLUMN(table, column, kind, needed)
#include "tables.def"
#undef TABLE
#undef COLUMN
	VG_TABLES
};
enum { /* every column of every table has a number; VG_FIRST_x is that of x's first */
#define TABLE(name, keys) VG_FIRST_##name, VG_BEFORE_##name = VG_FIRST_##name - 1,
#define COLUMN(table, column, kind, needed) VG_COLUMN_##table##_##column,
#include "tables.def"
#undef TABLE
#undef COLUMN
       VG_COLUMNS
};
typedef struct vg_column_definition {
	const char *name;
	vg_cell_kind kind;
	bool needed;
} vg_column_definition;
typedef struct vg_table_definition {
	const char *name;
	uint32_t key_count, first, column_count;
} vg_table_definition;
extern const vg_column_definition vg_column_definitions[VG_COLUMNS];
extern const vg_table_definition vg_table_definitions[VG_TABLES];

/* Whether a cell's text can stand in a column of this kind, sets and codes
 * apart.  False: `ret_code` is the finding and `ret_expected` what would do. */
bool vg_cell_fits(vg_arena *arena, vg_cell_kind kind, const char *text, vg_finding_code *ret_code, const char **ret_expected);
bool vg_severity_of_name(const char *name, vigil_severity *ret);
bool vg_rule_status_of_name(const char *name, vg_rule_status *ret);
vg_allergen_kind vg_allergen_kind_of_name(const char *name); /* VG_ALLERGEN_NONE: no such word */

/* ---- the builder (builder.c) -------------------------------------------------------------- */

typedef struct vg_list { /* items of one size that never move */
	vg_arena *arena;
	char **chunks;
	size_t chunk_count, chunk_capacity, item_size, count;
} vg_list;
enum { VG_LIST_CHUNK = 256 };
void vg_list_init(vg_list *list, vg_arena *arena, size_t item_size);
void *vg_list_add(vg_list *list); /* zeroed; NULL when memory ran out */
static inline void *vg_list_at(const vg_list *list, size_t i)
{
	return list->chunks[i / VG_LIST_CHUNK] + i % VG_LIST_CHUNK * list->item_size;
}

enum { VG_POOL_SHIFT = 18, VG_POOL_CHUNK = 1 << VG_POOL_SHIFT };
typedef struct vg_pool_slot {
	uint32_t hash, offset; /* offset 0: free */
} vg_pool_slot;
typedef struct vg_pool { /* texts, each once; an offset never changes */
	vg_arena *arena, slot_arena;
	char **chunks;
	size_t chunk_count, chunk_capacity, used; /* used: bytes of the last chunk */
	vg_pool_slot *slots;
	size_t slot_capacity, slot_count;
} vg_pool;

typedef struct vg_row {
	uint32_t key, file, line, layer; /* place: of the layer that decided last */
	uint32_t first_file, first_line;
	bool left_out;
	uint32_t cells[]; /* texts; by the number of the column within its table */
} vg_row;
typedef struct vg_rows {
	vg_list list;
	vg_map by_key;
	bool present; /* some layer has this table */
} vg_rows;

typedef struct vg_new_concept { /* while compiling; its id is its index in the list */
	uint32_t system, code;  /* first, as they are the map's key */
	uint32_t name, flags;
	vg_route route;
	const uint32_t *ingredients; /* ascending concepts */
	uint32_t ingredient_count, strength_list;
	uint32_t ingredient_set;    /* of an ingredient */
	const uint32_t *stands_for; /* of an allergen: sets */
	uint32_t stands_for_count;
	vg_allergen_kind allergen;
	uint32_t means;                 /* of a mapped code: the concept that is meant; 0: itself */
	bool is_allergen, named_by_set; /* named_by_set: a text that a row of sets/ names */
} vg_new_concept;
typedef struct vg_new_set {
	uint32_t folded; /* first, as it is the map's key */
	uint32_t name, file, line, preferred, preferred_layer, uses;
	bool is_explicit, is_ingredient;
	uint32_t mark;                 /* used by walks */
	struct vg_set_entry **entries; /* of its own rows */
	size_t entry_count, entry_capacity;
	uint32_t *includes, *included_by;
	size_t include_count, include_capacity, included_by_count, included_by_capacity;
	uint32_t *members, *extras; /* ascending; see compile_sets.c for the high bit. extras: allergen codes */
	size_t member_count, extra_count, extra_capacity;
} vg_new_set;
typedef struct vg_set_entry {
	uint32_t concept;
	bool prefix, remove;
	const struct vg_row *row; /* NULL: the ingredient itself */
} vg_set_entry;
typedef struct vg_new_name { /* one way to name a concept by text */
	uint32_t text, concept, kinds, rank;
} vg_new_name;

/* Of two meanings of one text the lower rank counts. */
enum { VG_RANK_ALIAS, VG_RANK_INGREDIENT, VG_RANK_SYNONYM, VG_RANK_ALLERGEN, VG_RANK_PRODUCT, VG_RANK_BRAND, VG_RANK_OTHER };

typedef struct vg_builder {
	vg_arena arena, scratch; /* scratch: emptied after each file or step */
	bool failed;             /* memory ran out */
	vg_pool pool;
	uint32_t layer, file; /* being read */
	vg_list files;        /* vg_packed_file */
	vg_list systems;      /* uint32_t, URIs */
	vg_map system_map;
	vg_rows tables[VG_TABLES];
	vg_list concepts; /* vg_new_concept; 0 is unused */
	vg_map concept_map;
	vg_list sets;                /* vg_new_set; 0 is unused */
	vg_map set_map, synonym_map; /* folded name -> set */
	vg_map set_cell_map;         /* a cell's text -> set + 1 */
	vg_list names;               /* vg_new_name */
	vg_list findings;            /* vg_packed_finding */
	uint32_t finding_counts[VG_FINDING_CODES];
	vg_list strengths; /* vg_packed_strength */
	vg_map strength_map;
	vg_map combination_map;
	vg_image image; /* filled step by step */
} vg_builder;

bool vg_builder_init(vg_builder *builder, const vg_allocator *allocator);
void vg_builder_free(vg_builder *builder);
uint32_t vg_pool_add(vg_builder *builder, const char *text, size_t length); /* 0: "" or failed */
uint32_t vg_pool_add_text(vg_builder *builder, const char *text);
const char *vg_pool_text(const vg_builder *builder, uint32_t offset);
uint32_t vg_fold_text(vg_builder *builder, const char *text);              /* the folded name, in the pool */
void *vg_build_array(vg_builder *builder, size_t count, size_t item_size); /* sets builder->failed */
bool vg_push_id(vg_builder *builder, uint32_t **ids, size_t *count, size_t *capacity, uint32_t id);

/* A finding of the compilation. Advice may be NULL. At most VG_FINDINGS_OF_A_CODE of each code are kept, the rest is counted.
 */
enum { VG_FINDINGS_OF_A_CODE = 200 };
void vg_note(vg_builder *builder, vg_finding_code code, uint32_t file, uint32_t line, const char *advice, const char *text, ...)
    VG_FORMAT(6, 7);
void vg_note_counts(vg_builder *builder); /* says how many were not kept */
const char *vg_did_you_mean(vg_builder *builder, const char *word, const char *const *candidates,
			    size_t count); /* NULL: nothing near */

uint32_t vg_new_system(vg_builder *builder, const char *uri);
vg_concept vg_add_concept(vg_builder *builder, uint32_t system, const char *canonical_code);
vg_concept vg_look_concept(vg_builder *builder, uint32_t system, const char *canonical_code); /* 0: not there */
static inline vg_new_concept *vg_concept_at(const vg_builder *builder, vg_concept id)
{
	return vg_list_at(&builder->concepts, id);
}
vg_set vg_add_set(vg_builder *builder, const char *name);
vg_set vg_look_set(vg_builder *builder, const char *name);     /* by name or synonym; 0: not there */
vg_set vg_cell_set(vg_builder *builder, const uint32_t *cell); /* vg_look_set, remembered by the cell's text */
static inline vg_new_set *vg_set_at(const vg_builder *builder, vg_set id) { return vg_list_at(&builder->sets, id); }
void vg_add_name(vg_builder *builder, const char *text, vg_concept concept, uint32_t kinds, uint32_t rank);
/* The nearest set's name as advice "did you mean …?"; NULL when none is near. */
const char *vg_nearest_set(vg_builder *builder, const char *name);

static inline vg_row *vg_row_at(const vg_builder *builder, int table, size_t i)
{
	return vg_list_at(&builder->tables[table].list, i);
}
/* The text of a column of a row; `column` is VG_COLUMN_table_column. */
const char *vg_row_cell(const vg_builder *builder, int table, const vg_row *row, int column);

/* ---- steps, in their order (layer.c, compile_*.c) ----------------------------------------------- */

typedef struct vg_source_file {
	const char *path;     /* relative to its layer's folder */
	vg_fingerprint print; /* of its contents */
	vg_digest digest;     /* of its contents; of a table's, known when it is compiled or loaded */
	bool readable, table; /* table: sets/ or tables/ *.csv, else Lua */
} vg_source_file;
typedef struct vg_source_layer {
	const char *folder; /* NULL: none (no import folder) */
	vg_source_file *files;
	size_t file_count;
} vg_source_layer;

vigil_status vg_read_layer(vg_builder *builder, const vg_source_layer *layer, uint32_t number, vigil_error *err);
void vg_check_needed_cells(vg_builder *builder);
void vg_compile_code_map(vg_builder *builder);  /* codes that stand for another system's */
void vg_compile_drugs(vg_builder *builder);     /* ingredients, products, strengths, combinations */
void vg_compile_allergens(vg_builder *builder); /* allergens, panels, analytes */
void vg_collect_sets(vg_builder *builder);      /* rows of sets/ into sets' entries */
void vg_close_sets(vg_builder *builder);        /* members */
void vg_freeze_sets(vg_builder *builder);       /* sections of concepts, sets, drugs, allergens */
void vg_freeze_names(vg_builder *builder);
void vg_check_rows(vg_builder *builder); /* sets in rows, silences, sources */
void vg_freeze_pairs(vg_builder *builder);
void vg_freeze_tables(vg_builder *builder);
void vg_freeze_rest(vg_builder *builder); /* pool, files, systems, findings: last */
/* All of it. `layers` has pack_count + 1 items, the import folder first. */
vigil_status vg_compile(vg_builder *builder, const vg_source_layer *layers, size_t layer_count, vigil_error *err);

/* A hash table over `count` items whose hash is given: slots hold index + 1. NULL when memory ran out. */
uint32_t *vg_build_slots(vg_builder *builder, size_t count, uint64_t (*hash_of)(const vg_builder *, size_t),
			 size_t *ret_capacity);
uint64_t vg_pair_hash(uint32_t a, uint32_t b);

/* ---- the file (store.c) ---------------------------------------------------------------------------- */

typedef enum vg_load {
	VG_LOADED,
	VG_LOAD_ABSENT,
	VG_LOAD_OTHER /* another digest */,
	VG_LOAD_DAMAGED,
	VG_LOAD_FOREIGN,
	VG_LOAD_NO_MEMORY
} vg_load;
vg_load vg_store_load(const char *path, const vg_digest *digest, vg_arena *arena, vg_image *image);
/* Writes through a temporary file in the same folder.  False: `why` tells. */
bool vg_store_save(vg_arena *scratch, const char *path, const vg_digest *digest, const vg_image *image, const char **why);
/* Of the compiled files in a folder the newest stay, `keep` among them; what else is in it stays too. */
void vg_store_prune(vg_arena *scratch, const char *folder, const char *keep);

#endif
