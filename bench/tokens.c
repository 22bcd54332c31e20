/*
 * Bearer tokens for bench/load.c: signed with a new key, each good once.
 *
 *     tokens ALGORITHM ISSUER AUDIENCE COUNT KEYS
 *
 * ALGORITHM is ES384 or RS384.  The public key goes to the file KEYS, for
 * `auth.jwks`; a token a line to standard output, good for 50 minutes.
 */
#include <jansson.h>
#include <jose/b64.h>
#include <jose/jose.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void stop(const char *what)
{
	fprintf(stderr, "tokens: %s\n", what);
	exit(1);
}

static json_t *make_key(const char *algorithm, const char *public_file)
{
	json_t *key = json_pack("{s:s, s:s}", "alg", algorithm, "kid", "load");
	if (!key || !jose_jwk_gen(NULL, key))
		stop("no key can be made");
	json_t *public = json_deep_copy(key);
	if (!public || !jose_jwk_pub(NULL, public) || json_dump_file(public, public_file, 0) != 0)
		stop("the public key cannot be written");
	json_decref(public);
	return key;
}

static void print_token(const json_t *key, const char *algorithm, json_t *claims)
{
	char *text = json_dumps(claims, JSON_COMPACT);
	json_t *payload = text ? jose_b64_enc(text, strlen(text)) : NULL;
	json_t *message = json_pack("{s:o}", "payload", payload);
	json_t *template = json_pack("{s:{s:s, s:s}}", "protected", "alg", algorithm, "kid", "load");
	if (!message || !template || !jose_jws_sig(NULL, message, template, key))
		stop("a token cannot be signed");
	printf("%s.%s.%s\n", json_string_value(json_object_get(message, "protected")),
	       json_string_value(json_object_get(message, "payload")),
	       json_string_value(json_object_get(message, "signature")));
	json_decref(message);
	json_decref(template);
	free(text);
}

int main(int count, char **arguments)
{
	if (count != 6)
		stop("needed: ALGORITHM ISSUER AUDIENCE COUNT KEYS");
	json_t *key = make_key(arguments[1], arguments[5]);
	json_int_t now = (json_int_t)time(NULL);
	long wanted = strtol(arguments[4], NULL, 10);
	for (long i = 0; i < wanted; i++) {
		json_t *claims = json_pack("{s:s, s:s, s:I, s:I, s:o}", "iss", arguments[2], "aud", arguments[3], "exp",
					   now + 3000, "iat", now, "jti", json_sprintf("load-%ld-%ld", (long)now, i));
		print_token(key, arguments[1], claims);
		json_decref(claims);
	}
	json_decref(key);
	return 0;
}
