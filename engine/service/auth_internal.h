/* What the files of authentication share: key sets, and the tokens that were seen. */
#ifndef VG_AUTH_INTERNAL_H
#define VG_AUTH_INTERNAL_H

#include <gnutls/abstract.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>

#include "service/service_internal.h"

/* ---- keys (auth_keys.c) -------------------------------------------------------------- */

typedef struct vg_key {               /* one that can verify: made ready once, used by many threads at a time */
	const char *name, *algorithm; /* its "kid" and "alg"; NULL: it has none */
	bool elliptic;                /* EC on P-384; else RSA */
	gnutls_pubkey_t key;
} vg_key;

typedef struct vg_keys { /* of one source; they change no more when a second thread can see them */
	_Atomic unsigned users;
	vg_arena arena; /* all of it lives there */
	vg_key *items;
	size_t count, capacity;
} vg_keys;
void vg_keys_release(vg_keys *keys); /* NULL is none */

typedef struct vg_key_set { /* of one allow-listed URL */
	const char *url;
	vg_keys *keys;   /* NULL: none yet */
	int64_t fetched; /* when these keys came, seconds */
	int64_t tried;   /* when they were last asked for; INT64_MIN: never */
} vg_key_set;

typedef struct vg_key_ring {
	pthread_mutex_t lock; /* of the sets */
	vg_allocator allocator;
	vg_keys *own; /* keys of the files */
	vg_key_set *sets;
	size_t set_count;
	vg_key_fetch fetch;
	void *user;
} vg_key_ring;
vigil_status vg_key_ring_open(const vg_auth_config *config, vg_arena *arena, vg_key_ring *ret, vigil_error *err);
void vg_key_ring_close(vg_key_ring *ring);
/* The keys that a token with this `jku` (NULL: none) may be verified with, to
 * be released.  With `anew` the set is fetched again unless that was tried a
 * moment ago.  NULL, and why, when there are none. */
vg_keys *vg_key_ring_keys(vg_key_ring *ring, const json_t *jku, bool anew, int64_t now, const char **ret_why);

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
