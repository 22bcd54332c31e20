/*
 * How many processors this process may use: in a container or under taskset
 * that can be two of sixty-four, and as many threads as the machine has would
 * wait for each other there.
 */
#include "base/base_internal.h"

#include <sched.h>
#include <unistd.h>

unsigned vg_processors(void)
{
	cpu_set_t allowed;
	if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
		return (unsigned)CPU_COUNT(&allowed);
	/* More processors than the set has room for. */
	long online = sysconf(_SC_NPROCESSORS_ONLN);
	return online > 0 ? (unsigned)online : 1;
}
