/*
 * The ids (`jti`) of tokens that were used, so that each is good once.
 *
 * An id is remembered as a hash of issuer and id until its token expires.  The
 * table is open-addressed; expired places are taken out when it fills up, and
 * it grows only when those that are left need the room.  So its size follows
 * the number of tokens of an hour and not the time that the server runs, and a
 * look-up is short.  Only ids of tokens whose signature was good get here.
 */
#include <string.h>

#include "service/auth_internal.h"

enum { LEAST = 1 << 10, MOST = 1 << 20 }; /* places; 24 bytes each */

void vg_seen_init(vg_seen *seen, const vg_allocator *allocator)
{
	*seen = (vg_seen){.allocator = *allocator, .full_at = INT64_MIN};
	pthread_mutex_init(&seen->lock, NULL);
}

void vg_seen_free(vg_seen *seen)
{
	if (seen->places)
		seen->allocator.resize(seen->allocator.user, seen->places, seen->capacity * sizeof *seen->places, 0);
	pthread_mutex_destroy(&seen->lock);
}

/* The place of this hash, or the empty place where it belongs. */
static vg_seen_token *place_of(vg_seen_token *places, size_t capacity, const uint64_t hash[2])
{
	for (size_t i = (size_t)hash[0] & (capacity - 1);; i = (i + 1) & (capacity - 1))
		if (places[i].expires == 0 || memcmp(places[i].hash, hash, sizeof places[i].hash) == 0)
			return &places[i];
}

/* A table with what has not expired at `now`, at most half full. */
static bool rebuild(vg_seen *seen, int64_t now)
{
	size_t live = 0, capacity = LEAST;
	if (seen->full_at == now)
		return false;
	for (size_t i = 0; i < seen->capacity; i++)
		live += seen->places[i].expires > now;
	while (capacity < (live + 1) * 2)
		capacity *= 2;
	if (capacity > MOST) {
		seen->full_at = now; /* tried again in the next second, not for each token of this one */
		return false;
	}
	vg_seen_token *places = seen->allocator.resize(seen->allocator.user, NULL, 0, capacity * sizeof *places);
	if (!places)
		return false;
	memset(places, 0, capacity * sizeof *places);
	for (size_t i = 0; i < seen->capacity; i++)
		if (seen->places[i].expires > now)
			*place_of(places, capacity, seen->places[i].hash) = seen->places[i];
	if (seen->places)
		seen->allocator.resize(seen->allocator.user, seen->places, seen->capacity * sizeof *places, 0);
	seen->places = places;
	seen->capacity = capacity;
	seen->used = live;
	return true;
}

bool vg_seen_first(vg_seen *seen, const char *issuer, const char *id, int64_t expires, int64_t now)
{
	vg_digest_state state;
	vg_digest digest;
	uint64_t hash[2];
	vg_digest_begin(&state);
	vg_digest_add_text(&state, issuer);
	vg_digest_add_text(&state, id);
	vg_digest_end(&state, &digest);
	memcpy(hash, digest.bytes, sizeof hash);
	bool fresh = false;
	pthread_mutex_lock(&seen->lock);
	if ((seen->used + 1) * 4 <= seen->capacity * 3 || rebuild(seen, now)) {
		vg_seen_token *place = place_of(seen->places, seen->capacity, hash);
		fresh = place->expires <= now;
		if (fresh) {
			seen->used += place->expires == 0;
			memcpy(place->hash, hash, sizeof hash);
			place->expires = expires;
		}
	}
	pthread_mutex_unlock(&seen->lock);
	return fresh;
}
