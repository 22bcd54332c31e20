/* What the tests of packed records and population stores share. */
#ifndef VG_TESTS_POPULATION_SUPPORT_H
#define VG_TESTS_POPULATION_SUPPORT_H

#include "library/library.h"
#include "store/store.h"
#include "support/support.h"

/* The starter pack's world, opened once a run; closed when the program ends. */
vg_world *population_world(void);

#endif
