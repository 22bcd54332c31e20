/*
 * Small numbers, hidden so that nobody can compute them.
 *
 * A table of strata (age bands, sexes, months) whose totals are known: hiding
 * only the small cells would leave the difference.  So strata are hidden as a
 * whole, at least two of them, until what the hidden ones add up to is zero or not
 * small for any of their counts.  Which ones come with a small one is decided by
 * their place, not by their size: whoever knows how it is done learns nothing
 * from it.  Then the totals and everything shown tell no
 * more of a hidden stratum than that it is one of several whose sum is not small.
 * tests/store/test_suppress.c plays the reader who tries to compute them.
 */
#include "store/store.h"

bool vg_is_small(uint64_t count, uint64_t least) { return count > 0 && count < least; }

static bool is_empty(const uint64_t *counts, size_t width)
{
	for (size_t k = 0; k < width; k++)
		if (counts[k])
			return false;
	return true;
}

/* Whether what is hidden cannot be computed from the totals. */
static bool is_safe(const uint64_t *counts, size_t strata, size_t width, uint64_t least, const bool *hidden)
{
	size_t number = 0;
	for (size_t i = 0; i < strata; i++)
		number += hidden[i];
	for (size_t k = 0; k < width; k++) {
		uint64_t sum = 0;
		for (size_t i = 0; i < strata; i++)
			sum += hidden[i] ? counts[i * width + k] : 0;
		if (vg_is_small(sum, least))
			return false;
	}
	return number != 1;
}

void vg_suppress(const uint64_t *counts, size_t strata, size_t width, uint64_t least, bool *hidden)
{
	for (size_t i = 0; i < strata; i++) {
		hidden[i] = false;
		for (size_t k = 0; k < width; k++)
			hidden[i] |= vg_is_small(counts[i * width + k], least);
	}
	size_t first = 0;
	while (first < strata && !hidden[first])
		first++;
	for (size_t i = 1; first < strata && i < strata && !is_safe(counts, strata, width, least, hidden); i++) {
		size_t next = (first + i) % strata;
		hidden[next] |= !is_empty(counts + next * width, width);
	}
	if (is_safe(counts, strata, width, least, hidden))
		return;
	for (size_t i = 0; i < strata; i++) /* not even all that are not empty are enough */
		hidden[i] = true;
}
