/* Small numbers: a reader who knows the totals, what is shown, and how it was hidden tries to compute the rest. */
#include <string.h>

#include "store/store.h"
#include "support/support.h"

enum { MOST = 4, LEAST = 5 };

typedef struct reader { /* what he knows, and the values that each hidden stratum may have for all he knows */
	size_t strata;
	uint64_t counts[MOST];
	bool hidden[MOST];
	uint64_t lowest[MOST], highest[MOST];
} reader;

static void consider(reader *self, const uint64_t *guess)
{
	bool hidden[MOST];
	vg_suppress(guess, self->strata, 1, LEAST, hidden);
	if (memcmp(hidden, self->hidden, self->strata * sizeof *hidden) != 0)
		return; /* it would have been hidden otherwise */
	for (size_t i = 0; i < self->strata; i++) {
		self->lowest[i] = guess[i] < self->lowest[i] ? guess[i] : self->lowest[i];
		self->highest[i] = guess[i] > self->highest[i] ? guess[i] : self->highest[i];
	}
}

/* Every way to share `left` among the hidden strata from `at` on. */
static void guess_all(reader *self, uint64_t *guess, size_t at, uint64_t left)
{
	while (at < self->strata && !self->hidden[at])
		at++;
	size_t next = at + 1;
	while (next < self->strata && !self->hidden[next])
		next++;
	if (at >= self->strata) {
		consider(self, guess);
	} else if (next >= self->strata) {
		guess[at] = left;
		consider(self, guess);
	} else {
		for (uint64_t value = 0; value <= left; value++) {
			guess[at] = value;
			guess_all(self, guess, next, left - value);
		}
	}
}

static uint64_t next_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *state >> 33;
}

static void nothing_hidden_can_be_computed(void)
{
	uint64_t state = 7, seen_hidden = 0, seen_shown = 0;
	for (int round = 0; round < 600; round++) {
		reader self = {.strata = 2 + next_random(&state) % (MOST - 1)};
		uint64_t guess[MOST], sum = 0;
		for (size_t i = 0; i < self.strata; i++)
			self.counts[i] = next_random(&state) % 3 ? next_random(&state) % 22 : next_random(&state) % 3;
		vg_suppress(self.counts, self.strata, 1, LEAST, self.hidden);
		for (size_t i = 0; i < self.strata; i++) {
			guess[i] = self.counts[i];
			self.lowest[i] = UINT64_MAX;
			sum += self.hidden[i] ? self.counts[i] : 0;
			seen_shown += !self.hidden[i];
			CHECK(self.hidden[i] || !vg_is_small(self.counts[i], LEAST), "a small number is shown: %d",
			      (int)self.counts[i]);
		}
		guess_all(&self, guess, 0, sum);
		for (size_t i = 0; i < self.strata; i++) {
			if (!self.hidden[i])
				continue;
			seen_hidden++;
			/* A sum that is small itself is not shown by who calls this: see the report. */
			CHECK(sum < LEAST || self.highest[i] > self.lowest[i], "round %d: stratum %zu can only be %d", round, i,
			      (int)self.lowest[i]);
		}
	}
	CHECK(seen_hidden > 100 && seen_shown > 100, "both happen: %d and %d", (int)seen_hidden, (int)seen_shown);
}

static void both_counts_of_a_stratum_are_kept(void)
{
	static const uint64_t counts[5][2] = {{40, 60}, {3, 20}, {0, 0}, {12, 14}, {30, 90}};
	bool hidden[5];
	vg_suppress(&counts[0][0], 5, 2, 11, hidden);
	CHECK(hidden[1] && hidden[3], "the small one, and its neighbour");
	CHECK(!hidden[0] && !hidden[2] && !hidden[4], "nothing else");
	vg_suppress(&counts[0][0], 5, 2, 1, hidden);
	for (int i = 0; i < 5; i++)
		CHECK(!hidden[i], "below 1 there is nothing to hide: %d", i);
}

static void all_is_hidden_when_nothing_less_is_safe(void)
{
	static const uint64_t alone[3] = {0, 4, 0}, few[3] = {2, 3, 1};
	bool hidden[3];
	vg_suppress(alone, 3, 1, 11, hidden);
	CHECK(hidden[0] && hidden[1] && hidden[2], "one small number among zeros");
	vg_suppress(few, 3, 1, 11, hidden);
	CHECK(hidden[0] && hidden[1] && hidden[2], "few in all");
}

const test_case test_cases_suppress[] = {
    {"nothing that is hidden can be computed", nothing_hidden_can_be_computed},
    {"both counts of a stratum are kept", both_counts_of_a_stratum_are_kept},
    {"all is hidden when nothing less is safe", all_is_hidden_when_nothing_less_is_safe},
    {0},
};
