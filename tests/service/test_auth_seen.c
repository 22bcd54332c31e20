/* Ids of tokens: remembered until they expire, in a room that is bounded. */
#include <stdio.h>

#include "service/auth_internal.h"
#include "support/support.h"

enum { NOW = 1800000000 };

static void forgets_expired_ids(void)
{
	vg_seen seen;
	char id[32];
	vg_seen_init(&seen, &vg_system_allocator);
	/* A day of ten tokens a second, each good for five minutes. */
	size_t largest = 0, wrong = 0;
	for (int64_t second = 0; second < 86400; second += 10)
		for (int i = 0; i < 100; i++) {
			snprintf(id, sizeof id, "%lld-%d", (long long)second, i);
			wrong += !vg_seen_first(&seen, "issuer", id, NOW + second + 300, NOW + second);
			largest = seen.capacity > largest ? seen.capacity : largest;
		}
	CHECK(wrong == 0, "%zu first uses were taken for second ones", wrong);
	CHECK(largest <= 8192, "3,000 live ids need no more than 8,192 places, not %zu", largest);
	snprintf(id, sizeof id, "%d-%d", 86390, 5);
	CHECK(!vg_seen_first(&seen, "issuer", id, NOW + 86690, NOW + 86400), "a live id is still known");
	CHECK(vg_seen_first(&seen, "another issuer", id, NOW + 86690, NOW + 86400), "ids are each issuer's own");
	CHECK(vg_seen_first(&seen, "issuer", "0-0", NOW + 86690, NOW + 86400), "an expired one is forgotten");
	vg_seen_free(&seen);
}

static void refuses_when_it_cannot_remember(void)
{
	vg_seen seen;
	char id[32];
	size_t accepted = 0;
	vg_seen_init(&seen, &vg_system_allocator);
	for (int i = 0; i < 1100000; i++) {
		snprintf(id, sizeof id, "%d", i);
		accepted += vg_seen_first(&seen, "i", id, NOW + 3000, NOW);
	}
	CHECK(accepted >= 500000 && accepted < 1000000, "about as many as there is room for are taken: %zu", accepted);
	CHECK(seen.capacity <= 1 << 20, "the room is bounded");
	CHECK(vg_seen_first(&seen, "i", "later", NOW + 9000, NOW + 4000), "after they expired there is room again");
	vg_seen_free(&seen);
}

const test_case test_cases_auth_seen[] = {{"expired ids are forgotten and their room is used again", forgets_expired_ids},
					  {"what cannot be remembered is refused", refuses_when_it_cannot_remember},
					  {0}};
