/*
 * The keys that tokens are verified with: from files, and from key sets at
 * allow-listed URLs (`jku`).
 *
 * A URL comes from a token that nobody has verified yet, so what it can cause
 * is bounded: only listed URLs are asked, each at most once in a while however
 * many tokens name it, one thread at a time; the others go on with the keys
 * that there are.  When a set cannot be fetched, its keys stay good for a day.
 *
 * Only keys that can verify what is accepted are kept: EC on P-384, and RSA of
 * at least 2,048 bits.  A file with a private key is refused: it was not meant
 * to be here.  Who asks for keys gets a copy, so that no two threads count the
 * references of one value.
 */
#include <string.h>

#include "service/auth_internal.h"

enum {
	KEYS_LIVE = 600,        /* seconds until a set is fetched again */
	KEYS_STALE = 24 * 3600, /* until it is no longer used when it cannot be */
	LEAST_PAUSE = 30,       /* between two attempts */
	LARGEST_FILE = 1 << 20,
	LEAST_MODULUS = 342 /* base64url characters of 2,048 bits */
};

static const char *member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	return json_is_string(value) ? json_string_value(value) : "";
}

static bool can_verify(const json_t *key)
{
	const char *use = member(key, "use"), *kind = member(key, "kty");
	if (*use && strcmp(use, "sig") != 0)
		return false;
	return (strcmp(kind, "EC") == 0 && strcmp(member(key, "crv"), "P-384") == 0) ||
	       (strcmp(kind, "RSA") == 0 && strlen(member(key, "n")) >= LEAST_MODULUS);
}

/* The keys of a set, or of one key alone, that can verify; *ret_private when one holds its private half. */
static json_t *read_keys(const char *text, size_t length, bool *ret_private)
{
	json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL), *list = json_array(), *key;
	json_t *given = root ? json_object_get(root, "keys") : NULL;
	size_t i;
	*ret_private = false;
	if (json_is_array(given)) {
		json_array_foreach(given, i, key)
		{
			*ret_private = *ret_private || json_object_get(key, "d");
			if (can_verify(key) && list && json_array_append(list, key) != 0)
				goto no_memory;
		}
	} else if (json_is_object(root)) {
		*ret_private = json_object_get(root, "d") != NULL;
		if (can_verify(root) && list && json_array_append(list, root) != 0)
			goto no_memory;
	}
	json_decref(root);
	return list;
no_memory:
	json_decref(root);
	json_decref(list);
	return NULL;
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
		json_t *keys = read_keys(text, length, &private_key);
		if (!keys)
			status = vg_fail_memory(err);
		else if (private_key)
			status = vg_fail(err, VIGIL_BAD_INPUT, advice, "The key file holds a private key.");
		else if (json_array_size(keys) == 0)
			status =
			    vg_fail(err, VIGIL_BAD_INPUT, advice, "The key file holds no key that can verify ES384 or RS384.");
		else if (json_array_extend(ring->own, keys) != 0)
			status = vg_fail_memory(err);
		if (status == VIGIL_BAD_INPUT)
			vg_error_place(err, path, 0);
		json_decref(keys);
	}
	vg_arena_free(&arena);
	return status;
}

vigil_status vg_key_ring_open(const vg_auth_config *config, vg_arena *arena, vg_key_ring *ret, vigil_error *err)
{
	vg_key_ring ring = {.own = json_array(), .sets = vg_alloc_array(arena, config->key_url_count + 1, sizeof *ring.sets)};
	vigil_status status = ring.own && ring.sets ? VIGIL_OK : vg_fail_memory(err);
	for (size_t i = 0; i < config->key_url_count && status == VIGIL_OK; i++)
		ring.sets[ring.set_count++] = (vg_key_set){config->key_urls[i], NULL, 0, INT64_MIN};
	for (size_t i = 0; i < config->key_file_count && status == VIGIL_OK; i++)
		status = read_key_file(&ring, config->key_files[i], err);
	if (status != VIGIL_OK) {
		json_decref(ring.own);
		return status;
	}
	pthread_mutex_init(&ring.lock, NULL);
	*ret = ring;
	return VIGIL_OK;
}

void vg_key_ring_close(vg_key_ring *ring)
{
	for (size_t i = 0; i < ring->set_count; i++)
		json_decref(ring->sets[i].keys);
	json_decref(ring->own);
	pthread_mutex_destroy(&ring->lock);
}

/* Asks for a set; the lock is not held, and this thread is the only one that asks. */
static json_t *fetch_keys(vg_key_ring *ring, const char *url)
{
	vg_arena arena;
	const char *text = NULL;
	size_t length = 0;
	bool private_key;
	json_t *keys = NULL;
	vg_arena_init(&arena, &vg_system_allocator, 0);
	if (ring->fetch && ring->fetch(ring->user, &arena, url, &text, &length))
		keys = read_keys(text, length, &private_key);
	vg_arena_free(&arena);
	return keys;
}

static bool older_than(int64_t when, int64_t now, int64_t seconds)
{
	return when == INT64_MIN || now - when >= seconds || now < when;
}

static json_t *keys_of_set(vg_key_ring *ring, vg_key_set *set, bool anew, int64_t now)
{
	pthread_mutex_lock(&ring->lock);
	bool wanted = !set->keys || anew || older_than(set->fetched, now, KEYS_LIVE);
	bool ask = wanted && older_than(set->tried, now, LEAST_PAUSE);
	if (ask)
		set->tried = now;
	pthread_mutex_unlock(&ring->lock);
	json_t *fetched = ask ? fetch_keys(ring, set->url) : NULL;
	pthread_mutex_lock(&ring->lock);
	if (fetched) {
		json_decref(set->keys);
		set->keys = fetched;
		set->fetched = now;
	}
	json_t *keys = set->keys && !older_than(set->fetched, now, KEYS_STALE) ? json_deep_copy(set->keys) : NULL;
	pthread_mutex_unlock(&ring->lock);
	return keys;
}

json_t *vg_key_ring_keys(vg_key_ring *ring, const json_t *jku, bool anew, int64_t now, const char **ret_why)
{
	if (!jku)
		return json_deep_copy(ring->own);
	for (size_t i = 0; i < ring->set_count; i++)
		if (json_is_string(jku) && strcmp(ring->sets[i].url, json_string_value(jku)) == 0) {
			json_t *keys = keys_of_set(ring, &ring->sets[i], anew, now);
			if (!keys)
				*ret_why = "the key set of an allow-listed jku could not be fetched";
			return keys;
		}
	*ret_why = "its jku is not on the list";
	return NULL;
}
