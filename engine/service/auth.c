/*
 * Authentication as CDS Hooks 2.0 says: a JSON Web Token on every call, signed
 * by the client with ES384 or RS384.
 *
 * The checks stand in one order, cheap ones first, and the signature is only
 * verified with a key of the kind that the algorithm wants: a token cannot
 * choose to have a public key used as a secret.  A token's `jku` is followed
 * only when it is on the list, and its id (`jti`) is remembered until it has
 * expired, so that it is good once.  The caller learns one word: no.
 */
#include <jansson.h>
#include <jose/b64.h>
#include <jose/cfg.h>
#include <jose/jws.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/service_internal.h"

enum {
	LONGEST_TOKEN = 8192,     /* bytes */
	LONGEST_LIFE = 3600,      /* seconds that a token may still live, by the specification's best practices */
	CLOCK_SKEW = 60,          /* seconds that clocks may differ */
	KEYS_LIVE = 600,          /* seconds until a fetched key set is fetched again */
	MOST_TOKENS = 1 << 18,    /* ids remembered; more in an hour is an attack or a misconfiguration */
	LONGEST_ID = 256
};

typedef struct key_set { /* of one allow-listed URL */
	const char *url;
	json_t *keys;
	int64_t fetched;
} key_set;

typedef struct seen_token {
	uint64_t hash[2];
	int64_t expires;
} seen_token;

struct vg_auth {
	json_t *issuers;   /* texts */
	json_t *keys;      /* of the files */
	char *audience, *tenant;
	key_set *sets;
	size_t set_count;
	vg_key_fetch fetch;
	void *user;
	jose_cfg_t *jose;
	pthread_mutex_t lock;
	seen_token *seen;  /* open addressing; expired places are free */
};

static void say_nothing(void *user, const char *file, int line, uint64_t number, const char *format, va_list arguments)
{
	(void)user;
	(void)file;
	(void)line;
	(void)number;
	(void)format;
	(void)arguments;
}

/* A key set, or one key alone, as a list of keys that may verify. */
static json_t *read_keys(const char *text)
{
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *list = json_array(), *key;
	json_t *given = root ? json_object_get(root, "keys") : NULL;
	size_t i;
	if (json_is_array(given)) {
		json_array_foreach(given, i, key)
			json_array_append(list, key);
	} else if (json_is_object(root)) {
		json_array_append(list, root);
	}
	json_decref(root);
	for (i = json_array_size(list); i-- > 0;) {
		const char *use = NULL, *kind = NULL, *curve = "";
		key = json_array_get(list, i);
		json_unpack(key, "{s?s, s?s, s?s}", "use", &use, "kty", &kind, "crv", &curve);
		bool fits = kind && ((strcmp(kind, "EC") == 0 && strcmp(curve, "P-384") == 0) || strcmp(kind, "RSA") == 0);
		if (!fits || (use && strcmp(use, "sig") != 0))
			json_array_remove(list, i);
	}
	return list;
}

static json_t *decode(const char *part, size_t length)
{
	char *text;
	size_t size = jose_b64_dec_buf(NULL, length, NULL, 0);
	json_t *ret = NULL;
	if (size == SIZE_MAX || size > LONGEST_TOKEN || !(text = malloc(size + 1)))
		return NULL;
	if (jose_b64_dec_buf(part, length, text, size) == size)
		ret = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
	free(text);
	return ret;
}

/* The keys that this header may be verified with; borrowed list is held by the caller's reference. */
static json_t *keys_for(vg_auth *auth, const json_t *header, int64_t now, const char **ret_why)
{
	json_t *url = json_object_get(header, "jku");
	if (!url)
		return json_incref(auth->keys);
	for (size_t i = 0; i < auth->set_count; i++) {
		key_set *set = &auth->sets[i];
		if (!json_is_string(url) || strcmp(set->url, json_string_value(url)) != 0)
			continue;
		pthread_mutex_lock(&auth->lock);
		json_t *keys = set->keys && now - set->fetched < KEYS_LIVE ? json_incref(set->keys) : NULL;
		pthread_mutex_unlock(&auth->lock);
		if (keys)
			return keys;
		char *text = auth->fetch ? auth->fetch(auth->user, set->url) : NULL;
		if (!text) {
			*ret_why = "the key set of an allow-listed jku could not be fetched";
			return NULL;
		}
		keys = read_keys(text);
		free(text);
		pthread_mutex_lock(&auth->lock);
		json_decref(set->keys);
		set->keys = json_incref(keys);
		set->fetched = now;
		pthread_mutex_unlock(&auth->lock);
		return keys;
	}
	*ret_why = "its jku is not on the list";
	return NULL;
}

/* Whether one of the keys of the right kind (and name, when the header names one) made the signature. */
static bool verify(vg_auth *auth, const json_t *header, const char *algorithm, json_t *keys, const char *token, size_t header_length,
		   size_t payload_length, const char *signature)
{
	const char *wanted = strcmp(algorithm, "ES384") == 0 ? "EC" : "RSA", *name = NULL;
	bool good = false;
	size_t i;
	json_t *key, *message = json_pack("{s:s%, s:s%, s:s}", "protected", token, header_length, "payload", token + header_length + 1,
					  payload_length, "signature", signature);
	json_unpack((json_t *)(uintptr_t)header, "{s?s}", "kid", &name);
	json_array_foreach(keys, i, key) {
		const char *kind = "", *own_name = NULL, *own_algorithm = NULL;
		json_unpack(key, "{s?s, s?s, s?s}", "kty", &kind, "kid", &own_name, "alg", &own_algorithm);
		if (strcmp(kind, wanted) != 0 || (name && own_name && strcmp(name, own_name) != 0) ||
		    (own_algorithm && strcmp(own_algorithm, algorithm) != 0))
			continue;
		if ((good = message && jose_jws_ver(auth->jose, message, NULL, key, false)))
			break;
	}
	json_decref(message);
	return good;
}

static bool has_audience(const vg_auth *auth, const json_t *claim, const char *url)
{
	size_t i;
	json_t *item;
	if (json_is_array(claim)) {
		json_array_foreach(claim, i, item)
			if (has_audience(auth, item, url))
				return true;
		return false;
	}
	if (!json_is_string(claim))
		return false;
	const char *text = json_string_value(claim);
	return strcmp(text, url) == 0 || (auth->audience && strcmp(text, auth->audience) == 0);
}

static const char *judge_claims(const vg_auth *auth, const json_t *claims, const char *url, int64_t now)
{
	json_t *issuer = json_object_get(claims, "iss"), *expires = json_object_get(claims, "exp"), *issued = json_object_get(claims, "iat"),
	       *from = json_object_get(claims, "nbf"), *id = json_object_get(claims, "jti"), *known;
	size_t i;
	bool listed = false;
	json_array_foreach(auth->issuers, i, known)
		listed = listed || json_equal(known, issuer);
	if (!listed)
		return "its issuer is not on the list";
	if (!has_audience(auth, json_object_get(claims, "aud"), url))
		return "it is meant for another audience";
	if (!json_is_integer(expires) || json_integer_value(expires) <= now)
		return "it has expired";
	if (json_integer_value(expires) > now + LONGEST_LIFE + CLOCK_SKEW)
		return "it lives longer than an hour";
	if (issued && (!json_is_integer(issued) || json_integer_value(issued) > now + CLOCK_SKEW))
		return "it was issued in the future";
	if (from && (!json_is_integer(from) || json_integer_value(from) > now + CLOCK_SKEW))
		return "it is not valid yet";
	if (!json_is_string(id) || json_string_length(id) == 0 || json_string_length(id) > LONGEST_ID)
		return "it has no id";
	if (auth->tenant && !(json_is_string(json_object_get(claims, "tenant")) &&
			      strcmp(json_string_value(json_object_get(claims, "tenant")), auth->tenant) == 0))
		return "it is of another tenant";
	return NULL;
}

/* Remembers a token's id; false when it was seen before, or no more can be remembered. */
static bool first_use(vg_auth *auth, const json_t *claims, int64_t now)
{
	vg_digest_state state;
	vg_digest digest;
	seen_token token = {.expires = json_integer_value(json_object_get(claims, "exp"))};
	vg_digest_begin(&state);
	vg_digest_add_text(&state, json_string_value(json_object_get(claims, "iss")));
	vg_digest_add_text(&state, json_string_value(json_object_get(claims, "jti")));
	vg_digest_end(&state, &digest);
	memcpy(token.hash, digest.bytes, sizeof token.hash);
	bool fresh = false;
	pthread_mutex_lock(&auth->lock);
	seen_token *place = NULL;
	/* An expired place may lie before the same id: the whole run is looked at, up to a place that was never used. */
	for (size_t i = 0; i < MOST_TOKENS; i++) {
		seen_token *at = &auth->seen[(token.hash[0] + i) % MOST_TOKENS];
		if (at->expires <= now && !place)
			place = at;
		if (at->expires == 0)
			break;
		if (at->expires > now && memcmp(at->hash, token.hash, sizeof token.hash) == 0) {
			place = NULL;
			break;
		}
	}
	if (place) {
		*place = token;
		fresh = true;
	}
	pthread_mutex_unlock(&auth->lock);
	return fresh;
}

bool vg_auth_check(vg_auth *auth, const char *header_value, const char *url, int64_t now, const char **ret_why)
{
	static const char scheme[] = "Bearer ";
	json_t *header = NULL, *claims = NULL, *keys = NULL;
	const char *why = NULL, *algorithm = NULL;
	if (!header_value || strncmp(header_value, scheme, sizeof scheme - 1) != 0) {
		*ret_why = "there is no bearer token";
		return false;
	}
	const char *token = header_value + sizeof scheme - 1, *payload, *signature;
	if (strlen(token) > LONGEST_TOKEN || !(payload = strchr(token, '.')) || !(signature = strchr(payload + 1, '.')) ||
	    strchr(signature + 1, '.')) {
		*ret_why = "it is not a token of three parts";
		return false;
	}
	size_t header_length = (size_t)(payload - token), payload_length = (size_t)(signature - payload - 1);
	header = decode(token, header_length);
	json_t *named = header ? json_object_get(header, "alg") : NULL;
	algorithm = json_is_string(named) ? json_string_value(named) : "";
	if (strcmp(algorithm, "ES384") != 0 && strcmp(algorithm, "RS384") != 0)
		why = "its algorithm is not ES384 or RS384";
	else if (json_object_get(header, "crit"))
		why = "it demands an extension";
	else if (!json_is_object(claims = decode(payload + 1, payload_length)))
		why = "its claims cannot be read";
	else if ((why = judge_claims(auth, claims, url, now)) == NULL && (keys = keys_for(auth, header, now, &why)) != NULL) {
		if (!verify(auth, header, algorithm, keys, token, header_length, payload_length, signature + 1))
			why = "its signature does not fit any known key";
		else if (!first_use(auth, claims, now))
			why = "it was used before";
	}
	json_decref(keys);
	json_decref(claims);
	json_decref(header);
	*ret_why = why;
	return why == NULL;
}

static vigil_status read_key_file(vg_auth *auth, const char *path, vigil_error *err)
{
	vg_arena arena;
	char *text = NULL;
	size_t length = 0;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	vigil_status status = vg_read_file(&arena, path, 1 << 20, &text, &length, err);
	if (status == VIGIL_OK) {
		json_t *keys = read_keys(text);
		if (json_array_size(keys) == 0) {
			status = vg_fail(err, VIGIL_BAD_INPUT, "Name a JSON Web Key Set with a public EC P-384 or RSA key for signatures.",
					 "The key file holds no key that can verify ES384 or RS384.");
			vg_error_place(err, path, 0);
		}
		json_array_extend(auth->keys, keys);
		json_decref(keys);
	}
	vg_arena_free(&arena);
	return status;
}

vigil_status vg_auth_open(const vg_auth_config *config, vg_key_fetch fetch, void *user, vg_auth **ret, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	if (config->issuer_count == 0 || config->key_file_count + config->key_url_count == 0)
		return vg_fail(err, VIGIL_WRONG_USE, "Set auth.issuers, and auth.jwks or auth.jku_allow.",
			       "Authentication is on but names no issuer or no keys.");
	vg_auth *auth = calloc(1, sizeof *auth);
	if (!auth)
		return vg_fail_memory(err);
	pthread_mutex_init(&auth->lock, NULL);
	auth->fetch = fetch;
	auth->user = user;
	auth->jose = jose_cfg();
	auth->issuers = json_array();
	auth->keys = json_array();
	auth->seen = calloc(MOST_TOKENS, sizeof *auth->seen);
	auth->sets = calloc(config->key_url_count + 1, sizeof *auth->sets);
	auth->audience = config->audience ? strdup(config->audience) : NULL;
	auth->tenant = config->tenant ? strdup(config->tenant) : NULL;
	if (!auth->jose || !auth->issuers || !auth->keys || !auth->seen || !auth->sets || (config->audience && !auth->audience) ||
	    (config->tenant && !auth->tenant)) {
		status = vg_fail_memory(err);
		goto out;
	}
	jose_cfg_set_err_func(auth->jose, say_nothing, NULL);
	for (size_t i = 0; i < config->issuer_count; i++)
		json_array_append_new(auth->issuers, json_string(config->issuers[i]));
	for (size_t i = 0; i < config->key_url_count; i++) {
		auth->sets[i].url = strdup(config->key_urls[i]);
		auth->set_count++;
		if (!auth->sets[i].url) {
			status = vg_fail_memory(err);
			goto out;
		}
	}
	for (size_t i = 0; i < config->key_file_count && status == VIGIL_OK; i++)
		status = read_key_file(auth, config->key_files[i], err);
	if (status == VIGIL_OK) {
		*ret = auth;
		auth = NULL;
	}
out:
	vg_auth_close(auth);
	return status;
}

void vg_auth_close(vg_auth *auth)
{
	if (!auth)
		return;
	for (size_t i = 0; i < auth->set_count; i++) {
		json_decref(auth->sets[i].keys);
		free((void *)(uintptr_t)auth->sets[i].url);
	}
	json_decref(auth->issuers);
	json_decref(auth->keys);
	jose_cfg_decref(auth->jose);
	free(auth->sets);
	free(auth->seen);
	free(auth->audience);
	free(auth->tenant);
	pthread_mutex_destroy(&auth->lock);
	free(auth);
}
