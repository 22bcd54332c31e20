/* What the files of authentication share: key sets, and the tokens that were seen. */
#ifndef VG_AUTH_INTERNAL_H
#define VG_AUTH_INTERNAL_H

#include <jansson.h>
#include <pthread.h>

#include "service/service_internal.h"

/* ---- keys (auth_keys.c) -------------------------------------------------------------- */

typedef struct vg_key_set { /* of one allow-listed URL */
	const char *url;
	json_t *keys;    /* NULL: none yet */
	int64_t fetched; /* when these keys came, seconds */
	int64_t tried;   /* when they were last asked for; INT64_MIN: never */
} vg_key_set;

typedef struct vg_key_ring {
	pthread_mutex_t lock; /* of the sets */
	json_t *own;          /* keys of the files; never changes */
	vg_key_set *sets;
	size_t set_count;
	vg_key_fetch fetch;
	void *user;
} vg_key_ring;
vigil_status vg_key_ring_open(const vg_auth_config *config, vg_arena *arena, vg_key_ring *ret, vigil_error *err);
void vg_key_ring_close(vg_key_ring *ring);
/* The keys that a token with this `jku` (NULL: none) may be verified with: a
 * copy, the caller's own.  With `anew` the set is fetched again unless
 * that was tried a moment ago.  NULL, and why, when there are none. */
json_t *vg_key_ring_keys(vg_key_ring *ring, const json_t *jku, bool anew, int64_t now, const char **ret_why);

/* ---- tokens that were seen (auth_seen.c) ----------------------------------------------- */

typedef struct vg_seen_token {
	uint64_t hash[2];
	int64_t expires; /* 0: the place is empty */
} vg_seen_token;
typedef struct vg_seen {
	pthread_mutex_t lock;
	vg_allocator allocator;
	vg_seen_token *places; /* open addressing; at most three quarters are not empty */
	size_t capacity, used;
	int64_t full_at; /* the second in which no more could be remembered */
} vg_seen;
void vg_seen_init(vg_seen *seen, const vg_allocator *allocator);
void vg_seen_free(vg_seen *seen);
/* Remembers a token until it expires.  False when it was seen before, or when nothing more can be remembered. */
bool vg_seen_first(vg_seen *seen, const char *issuer, const char *id, int64_t expires, int64_t now);

#endif
