/* See tokens.h. */
#include "tokens.h"

#include <jose/b64.h>
#include <jose/jose.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool token_maker_open(token_maker *maker, const char *algorithm)
{
	*maker = (token_maker){.key = json_pack("{s:s, s:s}", "alg", algorithm, "kid", "k1")};
	bool made = jose_jwk_gen(NULL, maker->key);
	json_t *public = json_deep_copy(maker->key);
	jose_jwk_pub(NULL, public);
	strcpy(maker->file, "/tmp/vigil-keys-XXXXXX");
	int descriptor = mkstemp(maker->file);
	made = made && descriptor >= 0 && json_dumpfd(public, descriptor, 0) == 0;
	close(descriptor);
	json_decref(public);
	snprintf(maker->setting, sizeof maker->setting, "auth.jwks=%s", maker->file);
	CHECK(made, "a key is made");
	return made;
}

void token_maker_close(token_maker *maker)
{
	unlink(maker->file);
	json_decref(maker->key);
}

const char *token_sign(token_maker *maker, vg_arena *arena, const json_t *header, const json_t *claims)
{
	char *text = json_dumps(claims, 0);
	json_t *message = json_object(), *template = json_object();
	json_object_set_new(message, "payload", jose_b64_enc(text, strlen(text)));
	json_object_set_new(template, "protected", json_deep_copy(header));
	CHECK(jose_jws_sig(NULL, message, template, maker->key), "a token is signed");
	const char *token = vg_format(arena, "%s.%s.%s", json_string_value(json_object_get(message, "protected")),
				      json_string_value(json_object_get(message, "payload")),
				      json_string_value(json_object_get(message, "signature")));
	json_decref(message);
	json_decref(template);
	free(text);
	return token;
}

const char *token_for(token_maker *maker, vg_arena *arena, const char *audience)
{
	json_int_t now = (json_int_t)time(NULL);
	json_t *header = json_pack("{s:O, s:s}", "alg", json_object_get(maker->key, "alg"), "kid", "k1");
	json_t *claims = json_pack("{s:s, s:s, s:I, s:I, s:o}", "iss", "https://ehr.test", "aud", audience, "exp", now + 300,
				   "iat", now, "jti", json_sprintf("good-%u", maker->next++));
	const char *token = token_sign(maker, arena, header, claims);
	json_decref(header);
	json_decref(claims);
	return token;
}
