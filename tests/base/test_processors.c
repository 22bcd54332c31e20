/* Processors: those that the process may use, not those that the machine has. */
#include "base/base.h"
#include "support/support.h"

#include <sched.h>

static void counts_what_may_be_used(void)
{
	cpu_set_t before, one;
	CHECK(sched_getaffinity(0, sizeof before, &before) == 0, "the system tells");
	CHECK(vg_processors() == (unsigned)CPU_COUNT(&before), "%u", vg_processors());
	size_t first = 0;
	while (!CPU_ISSET(first, &before))
		first++;
	CPU_ZERO(&one);
	CPU_SET(first, &one);
	CHECK(sched_setaffinity(0, sizeof one, &one) == 0, "a thread can be kept on one processor");
	CHECK(vg_processors() == 1, "then it is one: %u", vg_processors());
	CHECK(sched_setaffinity(0, sizeof before, &before) == 0, "and be let go again");
}

const test_case test_cases_processors[] = {{"those that may be used are counted", counts_what_may_be_used}, {0}};
