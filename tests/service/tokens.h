/* Tokens signed with a key of the test's own, and the file that makes a server know it. */
#ifndef VG_TESTS_SERVICE_TOKENS_H
#define VG_TESTS_SERVICE_TOKENS_H

#include <jansson.h>

#include "service/service.h"
#include "support/support.h"

typedef struct token_maker {
	json_t *key;
	char file[32];    /* the public key */
	char setting[64]; /* "auth.jwks=FILE" */
	unsigned next;
} token_maker;

bool token_maker_open(token_maker *maker, const char *algorithm); /* "RS384", "ES384" */
void token_maker_close(token_maker *maker);
/* "header.claims.signature" */
const char *token_sign(token_maker *maker, vg_arena *arena, const json_t *header, const json_t *claims);
/* A good one of https://ehr.test for this audience, for five minutes from now, with an id of its own. */
const char *token_for(token_maker *maker, vg_arena *arena, const char *audience);

#endif
