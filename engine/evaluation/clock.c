/*
 * The request's budget of time (P4): the one place below the service that
 * reads a clock, and only to know when to stop.  What it stops is named in the
 * answer as not evaluated, so a slow machine gives less, never something else.
 *
 * The clock is read at the first question and then at every 64th, because a
 * rule costs less than the reading.  Who calls a check function looks at once.
 *
 * All that was found is said, whatever it takes; so for each find the time for
 * its grouping and its words is kept back from the judging.
 */
#include "evaluation/evaluation_internal.h"

#include <time.h>

enum { QUESTIONS_A_READING = 64, DEFAULT_BUDGET_MS = 500, NANOSECONDS_A_FIND = 4000 };

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

bool vg_look_at_clock(vg_work *work)
{
	uint64_t time = now();
	if (work->deadline == 0) {
		uint64_t budget = work->question->budget_ms ? work->question->budget_ms : DEFAULT_BUDGET_MS;
		work->deadline = time + budget * 1000000u;
	}
	work->late = work->late || time + (uint64_t)work->found_count * NANOSECONDS_A_FIND > work->deadline;
	return work->late;
}

bool vg_out_of_time(vg_work *work)
{
	if (work->ticks++ % QUESTIONS_A_READING != 0 || work->late)
		return work->late;
	return vg_look_at_clock(work);
}
