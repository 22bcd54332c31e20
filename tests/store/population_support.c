/* The world of the tests of packed records and population stores. */
#include "store/population_support.h"

#include <stdlib.h>

static vg_world *world;

static void close_world(void) { vg_world_release(world); }

vg_world *population_world(void)
{
	if (world)
		return world;
	vigil_config config = VIGIL_CONFIG_INIT;
	vigil_error error = VIGIL_ERROR_INIT;
	config.starter_dir = "rules";
	vigil_status status = vg_world_open(&config, NULL, &world, &error);
	CHECK(status == VIGIL_OK, "the starter pack does not open: %s", error.text);
	atexit(close_world);
	return world;
}
