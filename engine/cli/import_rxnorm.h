/*
 * What reading RxNorm's release keeps (import_rxnorm.c) and what is written of
 * it (import_rxnorm_write.c).
 *
 * Invariant: the concepts are sorted by code, each once; the edges by their two
 * ends, each once; `first` of a concept is its first edge.
 */
#ifndef VG_IMPORT_RXNORM_H
#define VG_IMPORT_RXNORM_H

#include "cli/import.h"

typedef enum vg_rxnorm_type {
	TTY_IN,
	TTY_PIN,
	TTY_MIN,
	TTY_BN,
	TTY_SCDC,
	TTY_SBDC,
	TTY_SCDF,
	TTY_SBDF,
	TTY_SCDG,
	TTY_SBDG,
	TTY_SCD,
	TTY_SBD,
	TTY_GPCK,
	TTY_BPCK,
	TTY_DF,
	TTY_DFG,
	TTY_COUNT
} vg_rxnorm_type;

/* Where a concept's ingredients are looked for: the first neighbours of these types that there are; `also` beside `first`. */
typedef struct vg_rxnorm_step {
	vg_rxnorm_type of, first, also;
} vg_rxnorm_step;
enum { VG_RXNORM_STEPS = 24 };
extern const vg_rxnorm_step vg_rxnorm_steps[VG_RXNORM_STEPS];
extern const char *const vg_rxnorm_types[TTY_COUNT]; /* "IN", … */

typedef struct vg_rxnorm_concept {
	uint32_t code, first; /* first: into the edges */
	uint8_t type;
	bool suppressed;
	const char *name, *strength;
} vg_rxnorm_concept;
typedef struct vg_rxnorm_edge { /* indices of concepts */
	uint32_t from, to;
} vg_rxnorm_edge;
typedef struct vg_rxnorm_label { /* of an ingredient: a synonym, or a UNII */
	uint32_t concept;
	bool unii;
	const char *text;
} vg_rxnorm_label;
typedef struct vg_rxnorm_package {
	uint64_t code;
	uint32_t concept;
	bool suppressed;
} vg_rxnorm_package;
typedef struct vg_rxnorm {
	vg_cli *cli;
	vg_arena *arena;
	const char *folder;
	vg_rxnorm_concept *concepts;
	vg_rxnorm_edge *edges;
	vg_rxnorm_label *labels;
	vg_rxnorm_package *packages;
	size_t concept_count, concept_capacity, edge_count, edge_capacity, label_count, label_capacity, package_count,
	    package_capacity;
} vg_rxnorm;

typedef struct vg_rxnorm_counts {
	size_t ingredients, products, packages, left_out;
} vg_rxnorm_counts;
vg_rxnorm_counts vg_rxnorm_count(const vg_rxnorm *r); /* all but the packages */
vigil_status vg_rxnorm_write(const vg_rxnorm *r, const char *folder, const vg_rxnorm_counts *c, vigil_error *err);

#endif
