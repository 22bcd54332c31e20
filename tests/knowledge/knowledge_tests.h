/*
 * Shared by the tests of the knowledge floor: worlds opened from the packs in
 * fixtures/packs, and packs that a test writes file by file.
 */
#ifndef VG_KNOWLEDGE_TESTS_H
#define VG_KNOWLEDGE_TESTS_H

#include "knowledge/knowledge_internal.h"
#include "support/support.h"

#define BASE_PACK "fixtures/packs/knowledge-base"
#define SITE_PACK "fixtures/packs/knowledge-site"

typedef struct test_world {
	vg_knowledge *knowledge; /* NULL when it could not be opened */
	vg_findings findings;    /* sorted */
	vigil_status status;
	vigil_error error;
} test_world;
typedef struct test_options { /* all may be NULL */
	const char *cache, *file, *import;
	const vg_allocator *allocator;
} test_options;
/* Packs are given lowest first; `second` may be NULL. */
test_world world_open(const char *first, const char *second, test_options options);
void world_close(test_world *world);
/* The base pack alone, and with the site's pack over it: opened once, and closed with the program. */
const vg_knowledge *base_knowledge(void);
const vg_knowledge *site_knowledge(void);
/* The first finding of a code; NULL when there is none. */
const vigil_finding *world_finding(const test_world *world, const char *code);
size_t world_count(const test_world *world, const char *code);

/* A folder of its own for one test, below the system's temporary folder. */
typedef struct test_folder {
	char path[64];
} test_folder;
test_folder folder_make(void);
void folder_write(const test_folder *folder, const char *name, const char *text, size_t length);
void folder_text(const test_folder *folder, const char *name, const char *text);
void folder_remove(const test_folder *folder); /* with all that is in it */

/* Looked up and expected to be there. */
vg_concept rx(const vg_knowledge *knowledge, const char *code);
vg_set set_of(const vg_knowledge *knowledge, const char *name);
bool in_set(const vg_knowledge *knowledge, const char *set, const char *system, const char *code);
/* The names of ids, joined by ", ". The text is static. */
const char *concept_names(const vg_knowledge *knowledge, vg_ids ids);
const char *set_names(const vg_knowledge *knowledge, vg_ids ids);
/* Everything that a reader can see of a knowledge, as one digest. */
vg_digest everything(const vg_knowledge *knowledge);

#endif
