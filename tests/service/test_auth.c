/*
 * Tokens: the specification's own example as a known answer, then each way in
 * which one may be wrong, with keys made here.
 */
#include <jansson.h>
#include <jose/b64.h>
#include <jose/jose.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "service/auth_internal.h"
#include "support/support.h"

static const char spec_token[] =
    "Bearer "
    "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCIsImtpZCI6ImV4YW1wbGUta2lkIiwiamt1IjoiaHR0cHM6Ly9maGlyLWVoci5leGFtcGxlLmNvbS"
    "9qd2tfdXJpIn0."
    "eyJpc3MiOiJodHRwczovL2ZoaXItZWhyLmV4YW1wbGUuY29tLyIsImF1ZCI6Imh0dHBzOi8vY2RzLmV4YW1wbGUub3JnL2Nkcy1zZXJ2aWNlcy"
    "9zb21lLXNlcnZpY2UiLCJleHAiOjE0MjI1Njg4NjAsImlhdCI6MTMxMTI4MDk3MCwianRpIjoiZWUyMmIwMjEtZTFiNy00NjExLWJhNWItOGVl"
    "YzZhMzNhYzFlIiwidGVuYW50IjoiMmRkZDZjM2EtOGU5YS00NGM2LWEzMDUtNTIxMTFhZDMwMmEyIn0."
    "d1WfLjGRKlcWB94l9do4cM8REXeYJLL6SGUBO8VHZhfM8mwKYP70EMxJ67War4TQblEpaQrp11wx5p7oPFm2ETYgCicS84vXWEIYTdjooZdooC"
    "SDf2L8-i4awdoUwiEb";
static const char spec_keys[] =
    "{\"keys\":[{\"kty\":\"EC\",\"use\":\"sig\",\"crv\":\"P-384\",\"kid\":\"example-kid\","
    "\"x\":\"46SDH7Znh821wblCBglA61sNE9ZrHYKKt3qRtRTmSXyOI_FIGBLWrWa0GPUkDCEk\","
    "\"y\":\"XMcRuuoGW7CXjQdy-F5i3FeBE0x9hPLdeFdSoDd3ELmx404tLX0VRRcqzAsPhXcI\",\"alg\":\"ES384\"}]}";
static const char spec_url[] = "https://cds.example.org/cds-services/some-service";
enum { SPEC_EXPIRES = 1422568860 };

/* ---- what the tests share ------------------------------------------------------------ */

typedef struct fetcher { /* answers with a text, counts how often it was asked */
	const char *text;
	unsigned asked;
} fetcher;

static bool fetch(void *user, vg_arena *arena, const char *url, const char **ret, size_t *ret_length)
{
	fetcher *from = user;
	(void)url;
	from->asked++;
	if (!from->text)
		return false;
	*ret_length = strlen(from->text);
	*ret = vg_copy_text(arena, from->text, *ret_length);
	return *ret != NULL;
}

static vg_auth *spec_auth(fetcher *from)
{
	static const char *const issuers[] = {"https://fhir-ehr.example.com/"}, *const urls[] = {
										    "https://fhir-ehr.example.com/jwk_uri"};
	const vg_auth_config config = {.issuers = issuers, .issuer_count = 1, .key_urls = urls, .key_url_count = 1};
	vigil_error error = VIGIL_ERROR_INIT;
	vg_auth *auth = NULL;
	CHECK(vg_auth_open(&config, fetch, from, &vg_system_allocator, &auth, &error) == VIGIL_OK, "authentication opens: %s",
	      error.text);
	return auth;
}

enum { NOW = 1800000000 };
static const char url[] = "https://cds.test/cds-services/demo";

typedef struct keys { /* two private keys of our own, and a file with their public halves */
	json_t *ec, *rsa;
	char file[32];
} keys;

static json_t *make_key(const char *kind)
{
	json_t *key = json_loads(kind, 0, NULL);
	CHECK(jose_jwk_gen(NULL, key), "a key is made");
	return key;
}

static void write_keys(keys *ring, bool with_private)
{
	json_t *set = json_object(), *list = json_array();
	json_t *const all[] = {ring->ec, ring->rsa};
	for (size_t i = 0; i < VG_COUNT(all); i++) {
		json_t *copy = json_deep_copy(all[i]);
		if (!with_private)
			jose_jwk_pub(NULL, copy);
		json_array_append_new(list, copy);
	}
	json_object_set_new(set, "keys", list);
	strcpy(ring->file, "/tmp/vigil-keys-XXXXXX");
	int descriptor = mkstemp(ring->file);
	CHECK(descriptor >= 0 && json_dumpfd(set, descriptor, 0) == 0, "the key file is written");
	close(descriptor);
	json_decref(set);
}

static keys make_keys(void)
{
	keys ring = {make_key("{\"alg\":\"ES384\",\"kid\":\"k-ec\"}"), make_key("{\"alg\":\"RS384\",\"kid\":\"k-rsa\"}"), ""};
	write_keys(&ring, false);
	return ring;
}

static void drop_keys(keys *ring)
{
	unlink(ring->file);
	json_decref(ring->ec);
	json_decref(ring->rsa);
}

static vg_auth *own_auth(const keys *ring, fetcher *from)
{
	static const char *const issuers[] = {"https://ehr.test", "https://other.test"}, *const urls[] = {
											     "https://ehr.test/keys"};
	static const char *files[1];
	files[0] = ring->file;
	const vg_auth_config config = {.issuers = issuers,
				       .issuer_count = 2,
				       .key_files = files,
				       .key_file_count = 1,
				       .key_urls = urls,
				       .key_url_count = 1,
				       .audience = "https://cds.test",
				       .tenant = "t1"};
	vigil_error error = VIGIL_ERROR_INIT;
	vg_auth *auth = NULL;
	CHECK(vg_auth_open(&config, fetch, from, &vg_system_allocator, &auth, &error) == VIGIL_OK, "authentication opens: %s",
	      error.text);
	return auth;
}

/* "Bearer …" of a header and claims, signed with `key`. The caller frees it. */
static char *signed_token(const char *header, const char *claims, json_t *key)
{
	json_t *head = json_loads(header, 0, NULL), *jws = json_object(), *signature = json_object();
	json_object_set_new(jws, "payload", jose_b64_enc(claims, strlen(claims)));
	json_object_set_new(signature, "protected", head);
	CHECK(jose_jws_sig(NULL, jws, signature, key), "the token is signed: %s", header);
	const char *protected = json_string_value(json_object_get(jws, "protected"));
	const char *payload = json_string_value(json_object_get(jws, "payload"));
	const char *made = json_string_value(json_object_get(jws, "signature"));
	size_t size = strlen(protected) + strlen(payload) + strlen(made) + 16;
	char *token = malloc(size);
	snprintf(token, size, "Bearer %s.%s.%s", protected, payload, made);
	json_decref(jws);
	json_decref(signature);
	return token;
}

/* The same with a signature that is given. */
static char *forged_token(const char *header, const char *claims, const char *signature)
{
	json_t *head = jose_b64_enc(header, strlen(header)), *body = jose_b64_enc(claims, strlen(claims));
	size_t size = strlen(header) * 2 + strlen(claims) * 2 + strlen(signature) + 32;
	char *token = malloc(size);
	snprintf(token, size, "Bearer %s.%s.%s", json_string_value(head), json_string_value(body), signature);
	json_decref(head);
	json_decref(body);
	return token;
}

#define EC "{\"alg\":\"ES384\",\"kid\":\"k-ec\"}"
#define RSA "{\"alg\":\"RS384\",\"kid\":\"k-rsa\"}"
#define CLAIMS(rest) "{\"iss\":\"https://ehr.test\",\"tenant\":\"t1\"," rest "}"
#define GOOD(id)                                                                                                               \
	CLAIMS("\"aud\":\"https://cds.test/cds-services/demo\",\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"" id "\"")

/* ---- the specification's example --------------------------------------------------------- */

static void accepts_the_specification(void)
{
	fetcher from = {spec_keys, 0};
	vg_auth *auth = spec_auth(&from);
	const char *why = "";
	CHECK(vg_auth_check(auth, spec_token, spec_url, SPEC_EXPIRES - 100, &why),
	      "the published token is good before it expires: %s", why);
	CHECK(!vg_auth_check(auth, spec_token, spec_url, SPEC_EXPIRES - 99, &why), "it is good once");
	CHECK_TEXT(why, "it was used before");
	CHECK(from.asked == 1, "its key set was fetched once, not %u times", from.asked);
	vg_auth_close(auth);
	auth = spec_auth(&from);
	CHECK(!vg_auth_check(auth, spec_token, spec_url, NOW, &why), "it expired in January 2015");
	CHECK_TEXT(why, "it has expired");
	CHECK(!vg_auth_check(auth, spec_token, spec_url, SPEC_EXPIRES, &why), "the second of its end is not before its end");
	CHECK(!vg_auth_check(auth, spec_token, "https://cds.example.org/cds-services/other", SPEC_EXPIRES - 100, &why),
	      "another audience");
	vg_auth_close(auth);
}

static void refuses_each_changed_bit(void)
{
	fetcher from = {spec_keys, 0};
	vg_auth *auth = spec_auth(&from);
	const char *why = "";
	char token[sizeof spec_token];
	for (size_t i = strlen("Bearer "); i < sizeof spec_token - 1; i++) {
		memcpy(token, spec_token, sizeof token);
		token[i] = (char)(token[i] ^ (1 << (i % 7)));
		CHECK(!vg_auth_check(auth, token, spec_url, SPEC_EXPIRES - 100, &why), "bit %zu of character %zu is flipped",
		      i % 7, i);
	}
	CHECK(vg_auth_check(auth, spec_token, spec_url, SPEC_EXPIRES - 100, &why), "the unchanged one is still good: %s", why);
	vg_auth_close(auth);
}

/* ---- our own keys -------------------------------------------------------------------------- */

static void accepts_both_algorithms(void)
{
	keys ring = make_keys();
	fetcher from = {NULL, 0};
	vg_auth *auth = own_auth(&ring, &from);
	const char *why = "";
	char *tokens[] = {
	    signed_token(EC, GOOD("a"), ring.ec), signed_token(RSA, GOOD("b"), ring.rsa),
	    signed_token("{\"alg\":\"ES384\"}", GOOD("c"), ring.ec), /* no kid */
	    signed_token(EC,
			 CLAIMS("\"aud\":[\"x\",\"https://cds.test/cds-services/"
				"demo\"],\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"d\""),
			 ring.ec),
	    signed_token(EC, CLAIMS("\"aud\":\"https://cds.test\",\"exp\":1800000300,\"iat\":1800000050,\"jti\":\"e\""),
			 ring.ec)};
	for (size_t i = 0; i < VG_COUNT(tokens); i++) {
		CHECK(vg_auth_check(auth, tokens[i], url, NOW, &why), "good token %zu: %s", i, why);
		CHECK(!vg_auth_check(auth, tokens[i], url, NOW + 1, &why), "token %zu a second time", i);
		free(tokens[i]);
	}
	char *again = signed_token(EC, GOOD("a"), ring.ec);
	CHECK(!vg_auth_check(auth, again, url, NOW, &why), "another token with an id that was used");
	again[0] = 'b';
	free(again);
	CHECK(from.asked == 0, "nothing was fetched");
	vg_auth_close(auth);
	drop_keys(&ring);
}

static void refuses_wrong_claims(void)
{
	static const struct {
		const char *what, *claims, *why;
	} cases[] = {
	    {"an issuer that is not listed",
	     "{\"iss\":\"https://evil\",\"tenant\":\"t1\",\"aud\":\"https://"
	     "cds.test\",\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"a\"}",
	     "its issuer is not on the list"},
	    {"no issuer",
	     "{\"tenant\":\"t1\",\"aud\":\"https://cds.test\",\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"a\"}",
	     "its issuer is not on the list"},
	    {"two issuers",
	     "{\"iss\":\"https://ehr.test\",\"iss\":\"https://evil\",\"aud\":\"https://"
	     "cds.test\",\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"a\"}",
	     "its claims cannot be read"},
	    {"an issuer in a list",
	     "{\"iss\":[\"https://ehr.test\"],\"aud\":\"https://"
	     "cds.test\",\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"a\"}",
	     "its issuer is not on the list"},
	    {"another audience", CLAIMS("\"aud\":\"https://cds.test/\",\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"a\""),
	     "it is meant for another audience"},
	    {"an audience that begins alike",
	     CLAIMS("\"aud\":\"https://cds.test/cds-services/dem\",\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"a\""),
	     "it is meant for another audience"},
	    {"no audience", CLAIMS("\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"a\""), "it is meant for another audience"},
	    {"nested audiences", CLAIMS("\"aud\":[[\"https://cds.test\"]],\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"a\""),
	     "it is meant for another audience"},
	    {"expired this second", CLAIMS("\"aud\":\"https://cds.test\",\"exp\":1800000000,\"iat\":1799990000,\"jti\":\"a\""),
	     "it has expired"},
	    {"no expiry", CLAIMS("\"aud\":\"https://cds.test\",\"iat\":1800000000,\"jti\":\"a\""), "it has expired"},
	    {"an expiry in words",
	     CLAIMS("\"aud\":\"https://cds.test\",\"exp\":\"1800000300\",\"iat\":1800000000,\"jti\":\"a\""), "it has expired"},
	    {"a life of two hours", CLAIMS("\"aud\":\"https://cds.test\",\"exp\":1800007200,\"iat\":1800000000,\"jti\":\"a\""),
	     "it lives longer than an hour"},
	    {"issued in the future", CLAIMS("\"aud\":\"https://cds.test\",\"exp\":1800000300,\"iat\":1800000061,\"jti\":\"a\""),
	     "it does not tell when it was issued, or was issued in the future"},
	    {"no moment of issue", CLAIMS("\"aud\":\"https://cds.test\",\"exp\":1800000300,\"jti\":\"a\""),
	     "it does not tell when it was issued, or was issued in the future"},
	    {"not valid yet",
	     CLAIMS("\"aud\":\"https://cds.test\",\"exp\":1800000300,\"iat\":1800000000,\"nbf\":1800000100,\"jti\":\"a\""),
	     "it is not valid yet"},
	    {"no id", CLAIMS("\"aud\":\"https://cds.test\",\"exp\":1800000300,\"iat\":1800000000"), "it has no id"},
	    {"an empty id", CLAIMS("\"aud\":\"https://cds.test\",\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"\""),
	     "it has no id"},
	    {"another tenant",
	     "{\"iss\":\"https://ehr.test\",\"tenant\":\"t2\",\"aud\":\"https://"
	     "cds.test\",\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"a\"}",
	     "it is of another tenant"},
	    {"no tenant",
	     "{\"iss\":\"https://ehr.test\",\"aud\":\"https://cds.test\",\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"a\"}",
	     "it is of another tenant"},
	    {"claims that are a list", "[]", "its claims cannot be read"},
	    {"claims that are not JSON", "{", "its claims cannot be read"},
	};
	keys ring = make_keys();
	fetcher from = {NULL, 0};
	vg_auth *auth = own_auth(&ring, &from);
	for (size_t i = 0; i < VG_COUNT(cases); i++) {
		const char *why = "";
		char *token = signed_token(RSA, cases[i].claims, ring.rsa);
		CHECK(!vg_auth_check(auth, token, url, NOW, &why), "%s is refused", cases[i].what);
		CHECK_TEXT(why, cases[i].why);
		free(token);
	}
	vg_auth_close(auth);
	drop_keys(&ring);
}

static void refuses_wrong_headers(void)
{
	static const struct {
		const char *what, *header;
	} cases[] = {
	    {"no algorithm", "{}"},
	    {"none", "{\"alg\":\"none\"}"},
	    {"None", "{\"alg\":\"None\"}"},
	    {"an empty algorithm", "{\"alg\":\"\"}"},
	    {"HS256 with the public key as its secret", "{\"alg\":\"HS256\",\"kid\":\"k-rsa\"}"},
	    {"HS384", "{\"alg\":\"HS384\",\"kid\":\"k-ec\"}"},
	    {"a list of algorithms", "{\"alg\":[\"ES384\"]}"},
	    {"ES256", "{\"alg\":\"ES256\",\"kid\":\"k-ec\"}"},
	    {"RS256", "{\"alg\":\"RS256\",\"kid\":\"k-rsa\"}"},
	    {"two algorithms", "{\"alg\":\"ES384\",\"alg\":\"ES384\"}"},
	    {"a demanded extension", "{\"alg\":\"ES384\",\"kid\":\"k-ec\",\"crit\":[\"x\"],\"x\":1}"},
	    {"an empty demand", "{\"alg\":\"ES384\",\"kid\":\"k-ec\",\"crit\":[]}"},
	    {"a jku that is not listed", "{\"alg\":\"ES384\",\"kid\":\"k-ec\",\"jku\":\"http://169.254.169.254/keys\"}"},
	    {"a jku that begins like a listed one", "{\"alg\":\"ES384\",\"kid\":\"k-ec\",\"jku\":\"https://ehr.test/keys/x\"}"},
	    {"a jku that is a list", "{\"alg\":\"ES384\",\"kid\":\"k-ec\",\"jku\":[\"https://ehr.test/keys\"]}"},
	    {"a key's name with a query in it", "{\"alg\":\"ES384\",\"kid\":\"x' UNION SELECT 'k\"}"},
	    {"a key in the header", "{\"alg\":\"ES384\",\"jwk\":{\"kty\":\"EC\"}}"}};
	/* r = s = 0 in 96 bytes; and as DER would have it. */
	static const char *const signatures[] = {"", "AAAA",
						 ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
						  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")};
	keys ring = make_keys();
	fetcher from = {NULL, 0};
	vg_auth *auth = own_auth(&ring, &from);
	const char *why = "";
	for (size_t i = 0; i < VG_COUNT(cases); i++)
		for (size_t j = 0; j < VG_COUNT(signatures); j++) {
			char *token = forged_token(cases[i].header, GOOD("a"), signatures[j]);
			CHECK(!vg_auth_check(auth, token, url, NOW, &why), "%s, signature %zu, is refused", cases[i].what, j);
			free(token);
		}
	for (size_t j = 0; j < VG_COUNT(signatures); j++) {
		char *token = forged_token(EC, GOOD("a"), signatures[j]);
		CHECK(!vg_auth_check(auth, token, url, NOW, &why), "ES384 with signature %zu is refused", j);
		free(token);
	}
	CHECK(from.asked == 0, "no token made the server ask anybody; it asked %u times", from.asked);
	vg_auth_close(auth);
	drop_keys(&ring);
}

static void refuses_what_is_no_token(void)
{
	static const char *const headers[] = {NULL,
					      "",
					      "Bearer",
					      "Bearer ",
					      "Basic YTpi",
					      "Bearer a",
					      "Bearer a.b",
					      "Bearer a.b.c.d",
					      "Bearer ..",
					      "Bearer .a.",
					      "Bearer a.b.",
					      "bearer a.b.c",
					      "Bearer  a.b.c",
					      "Bearer \xff.\xff.\xff"};
	keys ring = make_keys();
	fetcher from = {NULL, 0};
	vg_auth *auth = own_auth(&ring, &from);
	const char *why = "";
	for (size_t i = 0; i < VG_COUNT(headers); i++)
		CHECK(!vg_auth_check(auth, headers[i], url, NOW, &why) && why, "\"%s\" is refused",
		      headers[i] ? headers[i] : "(no header)");
	char *huge = malloc(60008);
	memset(huge, 'A', 60007);
	huge[60007] = '\0';
	memcpy(huge, "Bearer ", 7);
	huge[100] = huge[200] = '.';
	CHECK(!vg_auth_check(auth, huge, url, NOW, &why), "60 kB are refused before they are decoded");
	CHECK_TEXT(why, "it is not a token of three parts");
	free(huge);
	json_t *stranger = make_key("{\"alg\":\"ES384\",\"kid\":\"k-ec\"}");
	char *token = signed_token(EC, GOOD("a"), stranger);
	CHECK(!vg_auth_check(auth, token, url, NOW, &why), "a stranger's key with a known name is refused");
	CHECK_TEXT(why, "its signature does not fit any known key");
	free(token);
	json_decref(stranger);
	vg_auth_close(auth);
	drop_keys(&ring);
}

static void fetches_key_sets_seldom(void)
{
#define JKU "{\"alg\":\"ES384\",\"kid\":\"k-ec\",\"jku\":\"https://ehr.test/keys\"}"
#define AT(when, id) CLAIMS("\"aud\":\"https://cds.test\",\"exp\":" when ",\"iat\":1800000000,\"jti\":\"" id "\"")
	keys ring = make_keys(), old = make_keys();
	json_t *public = json_deep_copy(ring.ec), *before = json_deep_copy(old.ec);
	jose_jwk_pub(NULL, public);
	jose_jwk_pub(NULL, before);
	char *new_text = json_dumps(public, 0), *old_text = json_dumps(before, 0);
	fetcher from = {NULL, 0};
	vg_auth *auth = own_auth(&ring, &from);
	const char *why = "";
	char *token = signed_token(JKU, AT("1800000300", "a"), ring.ec);
	CHECK(!vg_auth_check(auth, token, url, NOW, &why), "no keys, no entry");
	CHECK_TEXT(why, "the key set of an allow-listed jku could not be fetched");
	CHECK(!vg_auth_check(auth, token, url, NOW + 5, &why) && from.asked == 1,
	      "a server that fails is left alone for a while (%u)", from.asked);
	from.text = old_text;
	CHECK(!vg_auth_check(auth, token, url, NOW + 40, &why) && from.asked == 2, "the issuer still shows its old key (%u)",
	      from.asked);
	from.text = new_text;
	CHECK(!vg_auth_check(auth, token, url, NOW + 50, &why) && from.asked == 2, "it is not asked for each bad token (%u)",
	      from.asked);
	CHECK(vg_auth_check(auth, token, url, NOW + 90, &why) && from.asked == 3,
	      "then it changed its key, and the new one is found (%u)", from.asked);
	free(token);
	token = signed_token(JKU, AT("1800000400", "b"), ring.ec);
	CHECK(vg_auth_check(auth, token, url, NOW + 100, &why) && from.asked == 3, "known keys are not fetched again (%u)",
	      from.asked);
	free(token);
	from.text = NULL;
	token = signed_token(JKU, AT("1800004000", "c"), ring.ec);
	CHECK(vg_auth_check(auth, token, url, NOW + 1000, &why) && from.asked == 4,
	      "keys stay good while the issuer is away (%u): %s", from.asked, why);
	free(token);
	token = signed_token(JKU, AT("1800090000", "d"), ring.ec);
	CHECK(!vg_auth_check(auth, token, url, NOW + 87000, &why), "but not for more than a day");
	free(token);
	free(new_text);
	free(old_text);
	json_decref(public);
	json_decref(before);
	vg_auth_close(auth);
	drop_keys(&ring);
	drop_keys(&old);
}

static void opens_with_public_keys_only(void)
{
	static const char *const issuers[] = {"https://ehr.test"};
	keys ring = make_keys();
	const char *files[] = {ring.file};
	const vg_auth_config config = {.issuers = issuers, .issuer_count = 1, .key_files = files, .key_file_count = 1};
	vg_auth_config none = config;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_auth *auth = NULL;
	unlink(ring.file);
	CHECK(vg_auth_open(&config, fetch, NULL, &vg_system_allocator, &auth, &error) == VIGIL_BAD_INPUT,
	      "a missing file is told");
	write_keys(&ring, true);
	files[0] = ring.file;
	CHECK(vg_auth_open(&config, fetch, NULL, &vg_system_allocator, &auth, &error) == VIGIL_BAD_INPUT,
	      "a private key is refused");
	CHECK_TEXT(error.text, "The key file holds a private key.");
	FILE *file = fopen(ring.file, "w");
	fputs("{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"},{\"kty\":\"EC\",\"crv\":\"P-256\"},{\"kty\":\"RSA\",\"n\":"
	      "\"AQAB\",\"e\":\"AQAB\"}]}",
	      file);
	fclose(file);
	CHECK(vg_auth_open(&config, fetch, NULL, &vg_system_allocator, &auth, &error) == VIGIL_BAD_INPUT,
	      "secrets, other curves, short keys are none");
	none.issuer_count = 0;
	CHECK(vg_auth_open(&none, fetch, NULL, &vg_system_allocator, &auth, &error) == VIGIL_WRONG_USE,
	      "somebody must be listed");
	none = config;
	none.key_file_count = 0;
	CHECK(vg_auth_open(&none, fetch, NULL, &vg_system_allocator, &auth, &error) == VIGIL_WRONG_USE, "there must be keys");
	CHECK(auth == NULL, "outputs are untouched on failure");
	drop_keys(&ring);
}

static void survives_lack_of_memory(void)
{
	keys ring = make_keys();
	static const char *const issuers[] = {"https://ehr.test"};
	const char *files[] = {ring.file};
	const vg_auth_config config = {.issuers = issuers,
				       .issuer_count = 1,
				       .key_files = files,
				       .key_file_count = 1,
				       .audience = "https://cds.test",
				       .tenant = "t1"};
	char *token = signed_token(RSA, GOOD("a"), ring.rsa);
	bool passed = false;
	for (size_t fail_at = 1; fail_at < 100 && !passed; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		const vg_allocator allocator = {test_resize, &state};
		vigil_error error = VIGIL_ERROR_INIT;
		vg_auth *auth = NULL;
		const char *why = "";
		vigil_status status = vg_auth_open(&config, fetch, NULL, &allocator, &auth, &error);
		CHECK(status == VIGIL_OK || status == VIGIL_NO_MEMORY, "allocation %zu fails: status %d", fail_at, status);
		bool let_in = status == VIGIL_OK && vg_auth_check(auth, token, url, NOW, &why);
		CHECK(state.calls < fail_at || !let_in, "allocation %zu fails: nobody is let in by mistake", fail_at);
		passed = let_in && state.calls < fail_at;
		vg_auth_close(auth);
		CHECK(state.live_blocks == 0, "allocation %zu fails: everything is given back", fail_at);
	}
	CHECK(passed, "with all its memory the token is good");
	free(token);
	drop_keys(&ring);
}

/* ---- threads ------------------------------------------------------------------------ */

typedef struct racer {
	vg_auth *auth;
	char **tokens;
	unsigned accepted;
} racer;

static void *race(void *user)
{
	racer *own = user;
	const char *why = "";
	for (size_t i = 0; i < 20; i++)
		own->accepted += vg_auth_check(own->auth, own->tokens[i], url, NOW, &why);
	return NULL;
}

static void lets_one_thread_use_a_token(void)
{
	keys ring = make_keys();
	json_t *public = json_deep_copy(ring.rsa);
	jose_jwk_pub(NULL, public);
	char *text = json_dumps(public, 0), *tokens[20], claims[400];
	fetcher from = {text, 0};
	vg_auth *auth = own_auth(&ring, &from);
	for (int i = 0; i < 20; i++) {
		snprintf(claims, sizeof claims,
			 CLAIMS("\"aud\":\"https://cds.test\",\"exp\":1800000300,\"iat\":1800000000,\"jti\":\"r%d\""), i);
		tokens[i] = signed_token(
		    i % 2 ? RSA : "{\"alg\":\"RS384\",\"kid\":\"k-rsa\",\"jku\":\"https://ehr.test/keys\"}", claims, ring.rsa);
	}
	racer racers[4];
	pthread_t threads[4];
	unsigned accepted = 0;
	for (size_t i = 0; i < 4; i++) {
		racers[i] = (racer){auth, tokens, 0};
		pthread_create(&threads[i], NULL, race, &racers[i]);
	}
	for (size_t i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		accepted += racers[i].accepted;
	}
	/* While one thread fetches the set, the others have no keys yet; afterwards all go. */
	for (size_t i = 0; i < 20; i++) {
		const char *why = "";
		accepted += vg_auth_check(auth, tokens[i], url, NOW, &why);
		free(tokens[i]);
	}
	CHECK(accepted == 20, "of four threads with the same 20 tokens each token lets one in: %u", accepted);
	free(text);
	json_decref(public);
	vg_auth_close(auth);
	drop_keys(&ring);
}

const test_case test_cases_auth[] = {
    {"the specification's example is good once, until it expires", accepts_the_specification},
    {"the specification's example with any character's bit flipped is refused", refuses_each_changed_bit},
    {"ES384 and RS384 are accepted", accepts_both_algorithms},
    {"wrong claims are refused", refuses_wrong_claims},
    {"wrong headers are refused and fetch nothing", refuses_wrong_headers},
    {"what is no token is refused", refuses_what_is_no_token},
    {"key sets are fetched seldom, and new keys are found", fetches_key_sets_seldom},
    {"key files hold public keys", opens_with_public_keys_only},
    {"lack of memory lets nobody in", survives_lack_of_memory},
    {"threads with the same token: one wins", lets_one_thread_use_a_token},
    {0}};
