/*
 * Pieces for properties: conditions, entries of records, and a seeded source of
 * chance that is the same on every machine.
 */
#ifndef VG_RULE_RANDOM_H
#define VG_RULE_RANDOM_H

#include "rule_tests.h"

typedef struct random_state {
	uint64_t state;
} random_state;
uint32_t draw(random_state *random, uint32_t below);

extern const char *const random_conditions[], *const random_order_conditions[], *const random_drug_sets[];
extern const size_t random_condition_count, random_order_condition_count, random_drug_set_count;
/* Up to eight entries, each followed by "; ". */
void make_record(random_state *random, char *text, size_t size);

#endif
