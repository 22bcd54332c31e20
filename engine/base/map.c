/*
 * Maps from bytes to numbers, and the hash that they and others use.
 *
 * Open addressing with linear probing; the capacity is a power of two and at
 * most three quarters are filled.  A slot keeps the key's hash (never 0; 0 is
 * a free slot), so that growing does not read the keys.  Nothing is removed.
 * The order of slots is nobody's business: there is no way to walk them.
 */
#include "base/base_internal.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct vg_map_slot {
	uint64_t hash;
	const void *key;
	uint32_t length, value;
};

enum { SHORT = 240 }; /* up to here XXH3 has ways of its own, for which a call would cost more than the hash */

uint64_t vg_hash(const void *bytes, size_t length)
{
	return length <= SHORT ? XXH3_64bits(bytes, length) : vg_hash_long(bytes, length);
}

void vg_map_init(vg_map *map, vg_arena *arena) { *map = (vg_map){.arena = arena}; }

static bool grow(vg_map *map, size_t capacity)
{
	struct vg_map_slot *slots = vg_alloc_array(map->arena, capacity, sizeof *slots);
	if (!slots)
		return false;
	for (size_t i = 0; i < map->capacity; i++) {
		if (!map->slots[i].hash)
			continue;
		size_t place = map->slots[i].hash & (capacity - 1);
		while (slots[place].hash)
			place = (place + 1) & (capacity - 1);
		slots[place] = map->slots[i];
	}
	map->slots = slots;
	map->capacity = capacity;
	return true;
}

bool vg_map_reserve(vg_map *map, size_t count)
{
	size_t capacity = map->capacity ? map->capacity : 16;
	while (count > capacity / 4 * 3 && capacity <= SIZE_MAX / 4)
		capacity *= 2;
	return capacity == map->capacity || grow(map, capacity);
}

uint32_t *vg_map_at(vg_map *map, const void *key, size_t length, bool make)
{
	if (length > UINT32_MAX) {
		map->arena->failed = map->arena->failed || make;
		return NULL;
	}
	if (make && map->count >= map->capacity / 4 * 3 && !vg_map_reserve(map, map->count + 1))
		return NULL;
	if (map->capacity == 0)
		return NULL;
	uint64_t hash = vg_hash(key, length);
	if (hash == 0)
		hash = 1;
	size_t place = hash & (map->capacity - 1);
	for (; map->slots[place].hash; place = (place + 1) & (map->capacity - 1)) {
		struct vg_map_slot *slot = &map->slots[place];
		if (slot->hash == hash && slot->length == length && (length == 0 || memcmp(slot->key, key, length) == 0))
			return &slot->value;
	}
	if (!make)
		return NULL;
	map->slots[place] = (struct vg_map_slot){hash, key, (uint32_t)length, 0};
	map->count++;
	return &map->slots[place].value;
}
