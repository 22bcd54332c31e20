/* What the files of the floor `service` share. */
#ifndef VG_SERVICE_INTERNAL_H
#define VG_SERVICE_INTERNAL_H

#include "store/store.h"

/* ---- authentication (auth.c) ------------------------------------------------- */

typedef struct vg_auth vg_auth; /* shared by threads */
typedef struct vg_auth_config {
	const char *const *issuers;     /* `iss` that may call; at least one */
	size_t issuer_count;
	const char *const *key_files;   /* JSON Web Key Sets */
	size_t key_file_count;
	const char *const *key_urls;    /* `jku` that may be fetched, exact */
	size_t key_url_count;
	const char *audience;           /* base URL that a token's `aud` begins with; NULL: of the request */
	const char *tenant;             /* NULL: any */
} vg_auth_config;

/* Fetches a key set for an allow-listed URL; NULL when it cannot. The caller frees it with free(). */
typedef char *(*vg_key_fetch)(void *user, const char *url);

vigil_status vg_auth_open(const vg_auth_config *config, vg_key_fetch fetch, void *user, vg_auth **ret, vigil_error *err);
void vg_auth_close(vg_auth *auth);
/* Whether the value of an Authorization header lets the request to `url` (the
 * endpoint's exact URL) pass at `now` (seconds).  Why it does not is for the
 * log, and holds no part of the token. */
bool vg_auth_check(vg_auth *auth, const char *header, const char *url, int64_t now, const char **ret_why);

#endif
