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
#include <string.h>
#include <strings.h>

#include "service/auth_internal.h"

enum {
	LONGEST_TOKEN = 8192, /* bytes */
	LONGEST_LIFE = 3600,  /* seconds that a token may still live, by the specification's best practices */
	CLOCK_SKEW = 60,      /* seconds that clocks may differ */
	LONGEST_ID = 256
};

struct vg_auth {
	vg_arena arena;
	const char *const *issuers;
	size_t issuer_count;
	const char *audience, *tenant;
	vg_key_ring keys;
	vg_seen seen;
	jose_cfg_t *jose;
};

typedef struct token_parts {
	const char *text, *payload, *signature;
	size_t header_length, payload_length;
} token_parts;

static void say_nothing(void *user, const char *file, int line, uint64_t number, const char *format, va_list arguments)
{
	(void)user;
	(void)file;
	(void)line;
	(void)number;
	(void)format;
	(void)arguments;
}

/* "Bearer " and three parts; the scheme's case does not matter. */
static bool split(const char *header, token_parts *ret, const char **ret_why)
{
	static const char scheme[] = "Bearer ";
	if (!header || strncasecmp(header, scheme, sizeof scheme - 1) != 0) {
		*ret_why = "there is no bearer token";
		return false;
	}
	const char *token = header + sizeof scheme - 1, *payload = strchr(token, '.');
	const char *signature = payload ? strchr(payload + 1, '.') : NULL;
	if (!signature || strlen(token) > LONGEST_TOKEN || strchr(signature + 1, '.')) {
		*ret_why = "it is not a token of three parts";
		return false;
	}
	*ret = (token_parts){token, payload + 1, signature + 1, (size_t)(payload - token), (size_t)(signature - payload - 1)};
	return true;
}

static json_t *decode(vg_arena *arena, const char *part, size_t length)
{
	size_t size = jose_b64_dec_buf(NULL, length, NULL, 0);
	char *text = size <= LONGEST_TOKEN ? vg_alloc(arena, size + 1) : NULL;
	return text && jose_b64_dec_buf(part, length, text, size) == size ? json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL)
									  : NULL;
}

static const char *text_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	return json_is_string(value) ? json_string_value(value) : NULL;
}

/* Whether one of the keys of the right kind (and name, when the header names one) made the signature. */
static bool verify(vg_auth *auth, const json_t *header, const json_t *keys, const token_parts *token)
{
	const char *algorithm = text_of(header, "alg"), *name = text_of(header, "kid");
	const char *wanted = strcmp(algorithm, "ES384") == 0 ? "EC" : "RSA";
	bool good = false;
	size_t i;
	json_t *key, *message = json_pack("{s:s%, s:s%, s:s}", "protected", token->text, token->header_length, "payload",
					  token->payload, token->payload_length, "signature", token->signature);
	json_array_foreach(keys, i, key)
	{
		const char *kind = text_of(key, "kty"), *own_name = text_of(key, "kid"), *own_algorithm = text_of(key, "alg");
		if (strcmp(kind, wanted) != 0 || (name && own_name && strcmp(name, own_name) != 0) ||
		    (own_algorithm && strcmp(own_algorithm, algorithm) != 0))
			continue;
		good = message && jose_jws_ver(auth->jose, message, NULL, key, false);
		if (good)
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
		{
			if (!json_is_array(item) && has_audience(auth, item, url))
				return true;
		}
		return false;
	}
	if (!json_is_string(claim))
		return false;
	const char *text = json_string_value(claim);
	return strcmp(text, url) == 0 || (auth->audience && strcmp(text, auth->audience) == 0);
}

static bool is_issuer(const vg_auth *auth, const char *issuer)
{
	for (size_t i = 0; issuer && i < auth->issuer_count; i++)
		if (strcmp(auth->issuers[i], issuer) == 0)
			return true;
	return false;
}

static const char *judge_claims(const vg_auth *auth, const json_t *claims, const char *url, int64_t now)
{
	const json_t *expires = json_object_get(claims, "exp"), *issued = json_object_get(claims, "iat"),
		     *from = json_object_get(claims, "nbf");
	const char *id = text_of(claims, "jti"), *tenant = text_of(claims, "tenant");
	double moment = (double)now;
	if (!is_issuer(auth, text_of(claims, "iss")))
		return "its issuer is not on the list";
	if (!has_audience(auth, json_object_get(claims, "aud"), url))
		return "it is meant for another audience";
	if (!json_is_number(expires) || json_number_value(expires) <= moment)
		return "it has expired";
	if (json_number_value(expires) > moment + LONGEST_LIFE + CLOCK_SKEW)
		return "it lives longer than an hour";
	if (!json_is_number(issued) || json_number_value(issued) > moment + CLOCK_SKEW)
		return "it does not tell when it was issued, or was issued in the future";
	if (from && (!json_is_number(from) || json_number_value(from) > moment + CLOCK_SKEW))
		return "it is not valid yet";
	if (!id || !*id || strlen(id) > LONGEST_ID)
		return "it has no id";
	if (auth->tenant && !vg_same_text(tenant, auth->tenant))
		return "it is of another tenant";
	return NULL;
}

/* The signature, with the keys that there are; with a `jku` once more with keys fetched anew, as issuers change theirs. */
static const char *judge_signature(vg_auth *auth, const json_t *header, const token_parts *token, int64_t now)
{
	const json_t *jku = json_object_get(header, "jku");
	const char *why = "its signature does not fit any known key";
	bool good = false;
	for (int attempt = 0; attempt < (jku ? 2 : 1) && !good; attempt++) {
		json_t *keys = vg_key_ring_keys(&auth->keys, jku, attempt == 1, now, &why);
		if (!keys)
			return why;
		good = verify(auth, header, keys, token);
		json_decref(keys);
	}
	return good ? NULL : why;
}

bool vg_auth_check(vg_auth *auth, const char *header_value, const char *url, int64_t now, const char **ret_why)
{
	token_parts token;
	vg_arena arena;
	const char *why = NULL;
	if (!split(header_value, &token, ret_why))
		return false;
	vg_arena_init(&arena, &auth->arena.allocator, 0);
	json_t *header = decode(&arena, token.text, token.header_length);
	json_t *claims = decode(&arena, token.payload, token.payload_length);
	const char *algorithm = text_of(header, "alg");
	if (!vg_same_text(algorithm, "ES384") && !vg_same_text(algorithm, "RS384"))
		why = "its algorithm is not ES384 or RS384";
	else if (json_object_get(header, "crit"))
		why = "it demands an extension";
	else if (!json_is_object(claims))
		why = "its claims cannot be read";
	else if ((why = judge_claims(auth, claims, url, now)) == NULL &&
		 (why = judge_signature(auth, header, &token, now)) == NULL) {
		/* Rounded up, so that it is not forgotten while it is still good. */
		int64_t expires = (int64_t)json_number_value(json_object_get(claims, "exp")) + 1;
		if (!vg_seen_first(&auth->seen, text_of(claims, "iss"), text_of(claims, "jti"), expires, now))
			why = "it was used before";
	}
	json_decref(claims);
	json_decref(header);
	vg_arena_free(&arena);
	*ret_why = why;
	return why == NULL;
}

vigil_status vg_auth_open(const vg_auth_config *config, vg_key_fetch fetch, void *user, const vg_allocator *allocator,
			  vg_auth **ret, vigil_error *err)
{
	vg_arena arena;
	if (config->issuer_count == 0 || config->key_file_count + config->key_url_count == 0)
		return vg_fail(err, VIGIL_WRONG_USE, "Set auth.issuers, and auth.jwks or auth.jku_allow.",
			       "Authentication is on but names no issuer or no keys.");
	vg_arena_init(&arena, allocator, 0);
	vg_auth *auth = vg_alloc(&arena, sizeof *auth);
	jose_cfg_t *jose = auth ? jose_cfg() : NULL;
	vigil_status status = jose ? vg_key_ring_open(config, &arena, &auth->keys, err) : vg_fail_memory(err);
	if (status != VIGIL_OK) {
		if (jose)
			jose_cfg_decref(jose);
		vg_arena_free(&arena);
		return status;
	}
	jose_cfg_set_err_func(jose, say_nothing, NULL);
	auth->keys.fetch = fetch;
	auth->keys.user = user;
	auth->jose = jose;
	auth->issuers = config->issuers;
	auth->issuer_count = config->issuer_count;
	auth->audience = config->audience;
	auth->tenant = config->tenant;
	auth->arena = arena;
	vg_seen_init(&auth->seen, &auth->arena.allocator);
	*ret = auth;
	return VIGIL_OK;
}

void vg_auth_close(vg_auth *auth)
{
	if (!auth)
		return;
	vg_seen_free(&auth->seen);
	vg_key_ring_close(&auth->keys);
	jose_cfg_decref(auth->jose);
	vg_arena arena = auth->arena;
	vg_arena_free(&arena);
}
