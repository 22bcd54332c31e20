/*
 * Shared by the files of the library floor and by nobody else: what the opaque
 * handles of vigil.h are, and how arguments are checked.
 */
#ifndef VG_LIBRARY_INTERNAL_H
#define VG_LIBRARY_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "library/library.h"

struct vigil_engine {
	vg_allocator allocator;
	vg_arena arena; /* of the copied configuration */
	vigil_config config;
	pthread_mutex_t lock;        /* guards `world`, held for as long as it takes to count a reference */
	pthread_mutex_t reload_lock; /* one reload at a time; `lock` is free while one loads */
	vg_world *world;
};

struct vigil_record { /* counted: a worker holds the record of its answer */
	vg_allocator allocator;
	_Atomic uint32_t references;
	vg_world *world;
	vg_record *record;
	uint64_t hash; /* of what it was made from */
};

struct vigil_result {
	vigil_worker *worker;
	const vg_answer *answer;
	const vigil_screening *screenings;
	const vigil_gap *gaps;
	size_t gap_count;
	bool trace;
	vg_digest seed; /* of derived uuids */
	const char *json, *cards;
};

struct vigil_worker {
	vg_allocator allocator;
	vigil_engine *engine;
	vg_evaluator *evaluator;
	vg_arena arena; /* of the current request: what is not the answer's own */
	/* of the current answer */
	vg_world *world;
	vigil_record *record; /* a counted reference to the caller's record or to what was read for this request */
	vg_record marked;     /* that record with other sections; its arena is its own, the facts are not */
	bool has_marked;
	vg_record **orders;
	size_t order_count;
	vigil_result result;
};

/* Memory of a handle: zeroed; NULL when there is none. */
void *vg_new(const vg_allocator *allocator, size_t size);
void vg_delete(const vg_allocator *allocator, void *block, size_t size);

/* Whether the caller's error structure can be written: NULL or of full size. */
bool vg_error_usable(const vigil_error *err);
/* Whether a structure of the caller's is one that this library understands:
 * not smaller than its first version, and zero in members that it does not know. */
bool vg_given_usable(const void *given, size_t size, size_t known);
/* Fills a structure of the caller's that begins with its size. VIGIL_WRONG_USE when it is NULL or too small. */
vigil_status vg_give(void *ret, const void *full, size_t size);

vigil_findings *vg_findings_new(const vg_allocator *allocator);
bool vg_findings_copy(vigil_findings *to, const vigil_findings *from); /* false when memory ran out */

/* A handle without facts yet: made first, so that what was read is never lost for want of it.  NULL: no memory. */
vigil_record *vg_record_handle(vg_world *world, const vg_allocator *allocator);
vigil_record *vg_record_take(vigil_record *record);

/* Makes what the accessors give out; false when memory ran out. */
bool vg_result_prepare(vigil_result *result, vg_arena *arena);

#endif
