/* What the files of the floor `service` share. */
#ifndef VG_SERVICE_INTERNAL_H
#define VG_SERVICE_INTERNAL_H

#include "service/service.h"

/* ---- authentication (auth.c, auth_keys.c, auth_seen.c) ---------------------------- */

typedef struct vg_auth vg_auth; /* shared by threads */
typedef struct vg_auth_config {
	const char *const *issuers; /* `iss` that may call; at least one */
	size_t issuer_count;
	const char *const *key_files; /* JSON Web Key Sets */
	size_t key_file_count;
	const char *const *key_urls; /* `jku` that may be fetched, exact */
	size_t key_url_count;
	const char *audience; /* accepted as `aud` beside the called URL itself; NULL: none */
	const char *tenant;   /* NULL: any */
} vg_auth_config;

/* Fetches a key set from an allow-listed URL into the arena; false when it cannot. */
typedef bool (*vg_key_fetch)(void *user, vg_arena *arena, const char *url, const char **ret, size_t *ret_length);

/* The config's texts must outlive it. */
vigil_status vg_auth_open(const vg_auth_config *config, vg_key_fetch fetch, void *user, const vg_allocator *allocator,
			  vg_auth **ret, vigil_error *err);
void vg_auth_close(vg_auth *auth);
/* Whether the value of an Authorization header lets the request to `url` (the
 * endpoint's exact URL) pass at `now` (seconds).  Why it does not is for the
 * log, and holds no part of the token. */
bool vg_auth_check(vg_auth *auth, const char *header, const char *url, int64_t now, const char **ret_why);

#endif
