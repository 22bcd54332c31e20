/*
 * The keys that tokens are verified with: from files, and from key sets at
 * allow-listed URLs (`jku`).
 *
 * A key is made ready when it is read: checking that a point lies on its curve
 * costs as much as verifying a signature.
 *
 * A URL comes from a token that nobody has verified yet, so what it can cause
 * is bounded: only listed URLs are asked, each at most once in a while however
 * many tokens name it, one thread at a time; the others go on with the keys
 * that there are.  When a set cannot be fetched, its keys stay good for a day.
 *
 * Only keys that can verify what is accepted are kept: EC on P-384, and RSA of
 * at least 2,048 bits.  A file with a private key is refused: it was not meant
 * to be here.
 */
#include <jose/b64.h>
#include <string.h>

#include "service/auth_internal.h"

enum {
	KEYS_LIVE = 600,        /* seconds until a set is fetched again */
	KEYS_STALE = 24 * 3600, /* until it is no longer used when it cannot be */
	LEAST_PAUSE = 30,       /* between two attempts */
	LARGEST_FILE = 1 << 20,
	LEAST_MODULUS = 2048, /* bits */
	LARGEST_NUMBER = 2048 /* bytes */
};

/* ---- one key ------------------------------------------------------------------------ */

static const char *member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	return json_is_string(value) ? json_string_value(value) : "";
}

/* What it says about its use: nothing, or that signatures may be verified with it. */
static bool may_verify(const json_t *key)
{
	const char *use = member(key, "use");
	const json_t *uses = json_object_get(key, "key_ops"), *item;
	bool listed = !uses;
	size_t i;
	json_array_foreach(uses, i, item) { listed = listed || vg_same_text(json_string_value(item), "verify"); }
	return listed && (!*use || strcmp(use, "sig") == 0);
}

/* A number as JSON Web Keys write it; no bytes when it is not there or too large. */
static gnutls_datum_t number_of(vg_arena *arena, const json_t *key, const char *name)
{
	const char *text = member(key, name);
	size_t size = jose_b64_dec_buf(NULL, strlen(text), NULL, 0);
	unsigned char *bytes = size > 0 && size <= LARGEST_NUMBER ? vg_alloc(arena, size) : NULL;
	if (!bytes || jose_b64_dec_buf(text, strlen(text), bytes, size) != size)
		return (gnutls_datum_t){NULL, 0};
	return (gnutls_datum_t){bytes, (unsigned)size};
}

static bool import(vg_arena *arena, const json_t *key, bool elliptic, gnutls_pubkey_t to)
{
	const gnutls_datum_t first = number_of(arena, key, elliptic ? "x" : "n"),
			     second = number_of(arena, key, elliptic ? "y" : "e");
	unsigned bits = 0;
	if (!first.data || !second.data)
		return false;
	if (elliptic)
		return gnutls_pubkey_import_ecc_raw(to, GNUTLS_ECC_CURVE_SECP384R1, &first, &second) == 0 &&
		       gnutls_pubkey_verify_params(to) == 0;
	return gnutls_pubkey_import_rsa_raw(to, &first, &second) == 0 && gnutls_pubkey_verify_params(to) == 0 &&
	       gnutls_pubkey_get_pk_algorithm(to, &bits) == GNUTLS_PK_RSA && bits >= LEAST_MODULUS;
}

static const char *copy_member(vg_arena *arena, const json_t *key, const char *name)
{
	const char *text = json_string_value(json_object_get(key, name));
	return text ? vg_copy_text(arena, text, strlen(text)) : NULL;
}

/* Takes a key up when it can verify. false: memory ran out. */
static bool add_key(vg_keys *keys, const json_t *key)
{
	bool elliptic = strcmp(member(key, "kty"), "EC") == 0 && strcmp(member(key, "crv"), "P-384") == 0;
	if ((!elliptic && strcmp(member(key, "kty"), "RSA") != 0) || !may_verify(key))
		return true;
	vg_key *items = vg_grow(&keys->arena, keys->items, keys->count, &keys->capacity, sizeof *keys->items);
	if (!items)
		return false;
	keys->items = items;
	vg_key *next = &items[keys->count];
	*next = (vg_key){copy_member(&keys->arena, key, "kid"), copy_member(&keys->arena, key, "alg"), elliptic, NULL};
	if (gnutls_pubkey_init(&next->key) != 0)
		return false;
	if (import(&keys->arena, key, elliptic, next->key))
		keys->count++;
	else
		gnutls_pubkey_deinit(next->key);
	return !keys->arena.failed;
}

/* ---- keys of one source ------------------------------------------------------------------ */

static vg_keys *new_keys(const vg_allocator *allocator)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_keys *keys = vg_alloc(&arena, sizeof *keys);
	if (!keys) {
		vg_arena_free(&arena);
		return NULL;
	}
	keys->arena = arena;
	atomic_init(&keys->users, 1);
	return keys;
}

static vg_keys *retain(vg_keys *keys)
{
	atomic_fetch_add(&keys->users, 1);
	return keys;
}

void vg_keys_release(vg_keys *keys)
{
	if (!keys || atomic_fetch_sub(&keys->users, 1) > 1)
		return;
	for (size_t i = 0; i < keys->count; i++)
		gnutls_pubkey_deinit(keys->items[i].key);
	vg_arena arena = keys->arena;
	vg_arena_free(&arena);
}

/* Those of a set, or one key alone, that can verify; *ret_private when one holds its private half. false: no memory. */
static bool read_keys(vg_keys *to, const char *text, size_t length, bool *ret_private)
{
	json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL), *given = json_object_get(root, "keys"), *key;
	bool good = true;
	size_t i;
	*ret_private = json_object_get(root, "d") != NULL;
	if (!json_is_array(given))
		good = !json_is_object(root) || add_key(to, root);
	json_array_foreach(given, i, key)
	{
		*ret_private = *ret_private || json_object_get(key, "d");
		good = good && add_key(to, key);
	}
	json_decref(root);
	return good;
}

static vigil_status read_key_file(vg_key_ring *ring, const char *path, vigil_error *err)
{
	static const char advice[] =
	    "Name a JSON Web Key Set with public EC P-384 or RSA (2,048 bits and more) keys for signatures.";
	vg_arena arena;
	char *text = NULL;
	size_t length = 0;
	bool private_key = false;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	vigil_status status = vg_read_file(&arena, path, LARGEST_FILE, &text, &length, err);
	if (status == VIGIL_OK) {
		size_t before = ring->own->count;
		if (!read_keys(ring->own, text, length, &private_key))
			status = vg_fail_memory(err);
		else if (private_key)
			status = vg_fail(err, VIGIL_BAD_INPUT, advice, "The key file holds a private key.");
		else if (ring->own->count == before)
			status =
			    vg_fail(err, VIGIL_BAD_INPUT, advice, "The key file holds no key that can verify ES384 or RS384.");
		if (status == VIGIL_BAD_INPUT)
			vg_error_place(err, path, 0);
	}
	vg_arena_free(&arena);
	return status;
}

vigil_status vg_key_ring_open(const vg_auth_config *config, vg_arena *arena, vg_key_ring *ret, vigil_error *err)
{
	vg_key_ring ring = {.allocator = arena->allocator,
			    .own = new_keys(&arena->allocator),
			    .sets = vg_alloc_array(arena, config->key_url_count + 1, sizeof *ring.sets)};
	vigil_status status = ring.own && ring.sets ? VIGIL_OK : vg_fail_memory(err);
	for (size_t i = 0; i < config->key_url_count && status == VIGIL_OK; i++)
		ring.sets[ring.set_count++] = (vg_key_set){config->key_urls[i], NULL, 0, INT64_MIN};
	for (size_t i = 0; i < config->key_file_count && status == VIGIL_OK; i++)
		status = read_key_file(&ring, config->key_files[i], err);
	if (status != VIGIL_OK) {
		vg_keys_release(ring.own);
		return status;
	}
	pthread_mutex_init(&ring.lock, NULL);
	*ret = ring;
	return VIGIL_OK;
}

void vg_key_ring_close(vg_key_ring *ring)
{
	for (size_t i = 0; i < ring->set_count; i++)
		vg_keys_release(ring->sets[i].keys);
	vg_keys_release(ring->own);
	pthread_mutex_destroy(&ring->lock);
}

/* Asks for a set; the lock is not held, and this thread is the only one that asks. */
static vg_keys *fetch_keys(vg_key_ring *ring, const char *url)
{
	vg_arena arena;
	const char *text = NULL;
	size_t length = 0;
	bool private_key;
	vg_keys *keys = NULL;
	vg_arena_init(&arena, &ring->allocator, 0);
	if (ring->fetch && ring->fetch(ring->user, &arena, url, &text, &length) && (keys = new_keys(&ring->allocator)) &&
	    !read_keys(keys, text, length, &private_key)) {
		vg_keys_release(keys);
		keys = NULL;
	}
	vg_arena_free(&arena);
	return keys;
}

static bool older_than(int64_t when, int64_t now, int64_t seconds)
{
	return when == INT64_MIN || now - when >= seconds || now < when;
}

static vg_keys *keys_of_set(vg_key_ring *ring, vg_key_set *set, bool anew, int64_t now)
{
	pthread_mutex_lock(&ring->lock);
	bool wanted = !set->keys || anew || older_than(set->fetched, now, KEYS_LIVE);
	bool ask = wanted && older_than(set->tried, now, LEAST_PAUSE);
	if (ask)
		set->tried = now;
	pthread_mutex_unlock(&ring->lock);
	vg_keys *fetched = ask ? fetch_keys(ring, set->url) : NULL;
	pthread_mutex_lock(&ring->lock);
	if (fetched) {
		vg_keys_release(set->keys);
		set->keys = fetched;
		set->fetched = now;
	}
	vg_keys *keys = set->keys && !older_than(set->fetched, now, KEYS_STALE) ? retain(set->keys) : NULL;
	pthread_mutex_unlock(&ring->lock);
	return keys;
}

vg_keys *vg_key_ring_keys(vg_key_ring *ring, const json_t *jku, bool anew, int64_t now, const char **ret_why)
{
	if (!jku)
		return retain(ring->own);
	for (size_t i = 0; i < ring->set_count; i++)
		if (json_is_string(jku) && strcmp(ring->sets[i].url, json_string_value(jku)) == 0) {
			vg_keys *keys = keys_of_set(ring, &ring->sets[i], anew, now);
			if (!keys)
				*ret_why = "the key set of an allow-listed jku could not be fetched";
			return keys;
		}
	*ret_why = "its jku is not on the list";
	return NULL;
}
