/*
 * Keys and signatures at their edges.  Tokens are signed by libjose, or by
 * GnuTLS where libjose would not sign so; keys are written by libjose.
 */
#include <gnutls/abstract.h>
#include <jose/b64.h>
#include <jose/jose.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/service_internal.h"
#include "service/tokens.h"

enum { NOW = 1800000000, HALF = 48 };
static const char url[] = "https://cds.test/cds-services/demo";

static vigil_status open_auth(const char *file, vg_auth **ret, vigil_error *err)
{
	static const char *const issuers[] = {"https://ehr.test"};
	const char *files[] = {file};
	const vg_auth_config config = {.issuers = issuers, .issuer_count = 1, .key_files = files, .key_file_count = 1};
	return vg_auth_open(&config, NULL, NULL, &vg_system_allocator, ret, err);
}

static vg_auth *auth_of(const token_maker *maker)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_auth *auth = NULL;
	CHECK(open_auth(maker->file, &auth, &error) == VIGIL_OK, "authentication opens: %s", error.text);
	return auth;
}

static json_t *claims_of(unsigned number)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:o}", "iss", "https://ehr.test", "aud", url, "exp", NOW + 300, "iat", NOW,
			 "jti", json_sprintf("t-%u", number));
}

static bool is_accepted(vg_auth *auth, vg_arena *arena, const char *token)
{
	const char *why = NULL;
	return vg_auth_check(auth, vg_format(arena, "Bearer %s", token), url, NOW, &why);
}

/* One signature in 256 has a first or a second number with a zero in front, and is 96 bytes long all the same. */
static void accepts_small_numbers(void)
{
	token_maker maker;
	vg_arena arena;
	bool seen[2] = {false, false};
	if (!token_maker_open(&maker, "ES384"))
		return;
	vg_arena_init(&arena, NULL, 0);
	vg_auth *auth = auth_of(&maker);
	json_t *header = json_pack("{s:s}", "alg", "ES384");
	for (unsigned i = 0; i < 20000 && !(seen[0] && seen[1]); i++) {
		unsigned char bytes[2 * HALF] = {1};
		json_t *claims = claims_of(i);
		const char *token = token_sign(&maker, &arena, header, claims), *signature = strrchr(token, '.') + 1;
		CHECK(jose_b64_dec_buf(signature, strlen(signature), bytes, sizeof bytes) == sizeof bytes, "96 bytes");
		json_decref(claims);
		for (int half = 0; half < 2; half++)
			if (bytes[half * HALF] == 0 && !seen[half]) {
				seen[half] = true;
				CHECK(is_accepted(auth, &arena, token), "number %d begins with a zero", half);
			}
		vg_arena_reset(&arena);
	}
	CHECK(seen[0] && seen[1], "both came");
	json_decref(header);
	vg_auth_close(auth);
	vg_arena_free(&arena);
	token_maker_close(&maker);
}

static gnutls_datum_t number_of(vg_arena *arena, const json_t *key, const char *name)
{
	const char *text = json_string_value(json_object_get(key, name));
	size_t size = jose_b64_dec_buf(NULL, strlen(text), NULL, 0);
	unsigned char *bytes = vg_alloc(arena, size);
	jose_b64_dec_buf(text, strlen(text), bytes, size);
	return (gnutls_datum_t){bytes, (unsigned)size};
}

/* A signature of a whole token that says RS384, made as another algorithm makes it. */
static const char *signed_as(gnutls_sign_algorithm_t algorithm, const json_t *key, vg_arena *arena, unsigned number)
{
	static const char header[] = "{\"alg\":\"RS384\"}";
	json_t *claims = claims_of(number);
	char *text = json_dumps(claims, 0);
	json_t *first = jose_b64_enc(header, strlen(header)), *second = jose_b64_enc(text, strlen(text));
	const char *body = vg_format(arena, "%s.%s", json_string_value(first), json_string_value(second));
	const gnutls_datum_t n = number_of(arena, key, "n"), e = number_of(arena, key, "e"), d = number_of(arena, key, "d"),
			     p = number_of(arena, key, "p"), q = number_of(arena, key, "q"),
			     message = {(unsigned char *)(uintptr_t)body, (unsigned)strlen(body)};
	gnutls_privkey_t private;
	gnutls_datum_t signature = {NULL, 0};
	gnutls_privkey_init(&private);
	CHECK(gnutls_privkey_import_rsa_raw(private, &n, &e, &d, &p, &q, NULL, NULL, NULL) == 0 &&
		  gnutls_privkey_sign_data2(private, algorithm, 0, &message, &signature) == 0,
	      "it is signed");
	json_t *third = jose_b64_enc(signature.data, signature.size);
	const char *token = vg_format(arena, "%s.%s", body, json_string_value(third));
	gnutls_free(signature.data);
	gnutls_privkey_deinit(private);
	json_decref(first);
	json_decref(second);
	json_decref(third);
	json_decref(claims);
	free(text);
	return token;
}

static void refuses_other_signatures(void)
{
	token_maker maker;
	vg_arena arena;
	if (!token_maker_open(&maker, "RS384"))
		return;
	vg_arena_init(&arena, NULL, 0);
	vg_auth *auth = auth_of(&maker);
	CHECK(is_accepted(auth, &arena, signed_as(GNUTLS_SIGN_RSA_SHA384, maker.key, &arena, 1)), "RS384 is what it says");
	CHECK(!is_accepted(auth, &arena, signed_as(GNUTLS_SIGN_RSA_SHA256, maker.key, &arena, 2)), "RS256");
	CHECK(!is_accepted(auth, &arena, signed_as(GNUTLS_SIGN_RSA_SHA512, maker.key, &arena, 3)), "RS512");
	CHECK(!is_accepted(auth, &arena, signed_as(GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, maker.key, &arena, 4)), "PS384");
	vg_auth_close(auth);
	vg_arena_free(&arena);
	token_maker_close(&maker);
}

/* Whether the maker's token is good when its public key has one member set, or with `value` NULL removed. */
static bool accepts_with(const token_maker *maker, const char *member, json_t *value)
{
	json_t *key = json_deep_copy(maker->key), *header = json_pack("{s:O}", "alg", json_object_get(maker->key, "alg"));
	json_t *claims = claims_of(1);
	vigil_error error = VIGIL_ERROR_INIT;
	token_maker copy = *maker;
	vg_auth *auth = NULL;
	vg_arena arena;
	vg_arena_init(&arena, NULL, 0);
	jose_jwk_pub(NULL, key);
	if (value)
		json_object_set_new(key, member, value);
	else
		json_object_del(key, member);
	json_dump_file(key, maker->file, 0);
	bool accepted = open_auth(maker->file, &auth, &error) == VIGIL_OK &&
			is_accepted(auth, &arena, token_sign(&copy, &arena, header, claims));
	vg_auth_close(auth);
	vg_arena_free(&arena);
	json_decref(key);
	json_decref(header);
	json_decref(claims);
	return accepted;
}

static void trusts_keys_that_may_verify(void)
{
	static const struct {
		const char *what, *algorithm, *member, *value; /* JSON; NULL: the member is removed */
		bool accepted;
	} cases[] = {
	    {"as it is", "ES384", "use", "\"sig\"", true},
	    {"without a name", "ES384", "kid", NULL, true},
	    {"for encryption", "ES384", "use", "\"enc\"", false},
	    {"for verifying, among others", "ES384", "key_ops", "[\"wrapKey\",\"verify\"]", true},
	    {"for signing alone", "ES384", "key_ops", "[\"sign\"]", false},
	    {"for nothing", "ES384", "key_ops", "[]", false},
	    {"of another algorithm", "RS384", "alg", "\"RS256\"", false},
	    {"a point that is not on the curve", "ES384", "x", "\"AQ\"", false},
	    {"a point without a half", "ES384", "y", NULL, false},
	    {"a half that is no base64url", "ES384", "y", "\"+/+/\"", false},
	    {"a half that is a number", "ES384", "y", "7", false},
	    {"another curve's name", "ES384", "crv", "\"P-256\"", false},
	    {"a short modulus", "RS384", "n", "\"u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0\"", false},
	    {"no exponent", "RS384", "e", NULL, false},
	};
	token_maker makers[2];
	if (!token_maker_open(&makers[0], "ES384") || !token_maker_open(&makers[1], "RS384"))
		return;
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		json_t *value = cases[i].value ? json_loads(cases[i].value, JSON_DECODE_ANY, NULL) : NULL;
		bool accepted = accepts_with(&makers[strcmp(cases[i].algorithm, "RS384") == 0], cases[i].member, value);
		CHECK(accepted == cases[i].accepted, "%s: its tokens are%s accepted", cases[i].what, accepted ? "" : " not");
	}
	token_maker_close(&makers[0]);
	token_maker_close(&makers[1]);
}

const test_case test_cases_auth_keys[] = {
    {"signatures whose numbers begin with zeros are accepted", accepts_small_numbers},
    {"a signature of another algorithm is refused, whatever the token says", refuses_other_signatures},
    {"a key verifies when it is whole, and meant for that", trusts_keys_that_may_verify},
    {0}};
