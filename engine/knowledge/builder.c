/*
 * What a compilation gathers: texts, concepts, sets, names, findings.
 *
 * Everything is in lists whose items never move, so that maps may point into
 * them, and every text is in the pool once and known by its offset.  The first
 * allocation that fails marks the builder as failed; from then on functions
 * return 0 or NULL, and vg_compile ends with VIGIL_NO_MEMORY.
 */
#include "knowledge/knowledge_internal.h"

#include <stdio.h>
#include <string.h>

/* ---- lists and arrays ------------------------------------------------------ */

void vg_list_init(vg_list *list, vg_arena *arena, size_t item_size)
{
	*list = (vg_list){.arena = arena, .item_size = (item_size + 7) & ~(size_t)7};
}

void *vg_list_add(vg_list *list)
{
	if (list->count == list->chunk_count * VG_LIST_CHUNK) {
		char **chunks = vg_grow(list->arena, list->chunks, list->chunk_count, &list->chunk_capacity, sizeof *chunks);
		if (!chunks)
			return NULL;
		list->chunks = chunks;
		chunks[list->chunk_count] = vg_alloc_array(list->arena, VG_LIST_CHUNK, list->item_size);
		if (!chunks[list->chunk_count])
			return NULL;
		list->chunk_count++;
	}
	return vg_list_at(list, list->count++);
}

void *vg_build_array(vg_builder *builder, size_t count, size_t item_size)
{
	void *array = vg_alloc_array(&builder->arena, count ? count : 1, item_size);
	builder->failed = builder->failed || !array;
	return array;
}

bool vg_push_id(vg_builder *builder, uint32_t **ids, size_t *count, size_t *capacity, uint32_t id)
{
	uint32_t *grown = vg_grow(&builder->arena, *ids, *count, capacity, sizeof *grown);
	if (!grown) {
		builder->failed = true;
		return false;
	}
	*ids = grown;
	grown[(*count)++] = id;
	return true;
}

/* ---- the pool of texts ----------------------------------------------------- */

static bool pool_grow_slots(vg_pool *pool)
{
	size_t capacity = pool->slot_capacity ? pool->slot_capacity * 2 : 1024;
	vg_arena fresh;
	vg_arena_init(&fresh, &pool->arena->allocator, 0);
	vg_pool_slot *slots = vg_alloc_array(&fresh, capacity, sizeof *slots);
	if (!slots) {
		vg_arena_free(&fresh);
		return false;
	}
	for (size_t i = 0; i < pool->slot_capacity; i++) {
		if (!pool->slots[i].offset)
			continue;
		size_t place = pool->slots[i].hash & (capacity - 1);
		while (slots[place].offset)
			place = (place + 1) & (capacity - 1);
		slots[place] = pool->slots[i];
	}
	vg_arena_free(&pool->slot_arena);
	pool->slot_arena = fresh;
	pool->slots = slots;
	pool->slot_capacity = capacity;
	return true;
}

static bool pool_add_chunk(vg_pool *pool)
{
	if (pool->chunk_count >= (size_t)1 << (32 - VG_POOL_SHIFT))
		return false;
	char **chunks = vg_grow(pool->arena, pool->chunks, pool->chunk_count, &pool->chunk_capacity, sizeof *chunks);
	if (!chunks)
		return false;
	pool->chunks = chunks;
	chunks[pool->chunk_count] = vg_alloc(pool->arena, VG_POOL_CHUNK);
	if (!chunks[pool->chunk_count])
		return false;
	pool->chunk_count++;
	pool->used = 0;
	return true;
}

static bool pool_init(vg_pool *pool, vg_arena *arena)
{
	*pool = (vg_pool){.arena = arena};
	vg_arena_init(&pool->slot_arena, &arena->allocator, 0);
	if (!pool_add_chunk(pool) || !pool_grow_slots(pool))
		return false;
	pool->used = 1; /* offset 0 is "" */
	return true;
}

const char *vg_pool_text(const vg_builder *builder, uint32_t offset)
{
	return builder->pool.chunks[offset >> VG_POOL_SHIFT] + (offset & (VG_POOL_CHUNK - 1));
}

/* Stores a text that is not there yet; 0 when memory ran out. */
static uint32_t pool_store(vg_pool *pool, const char *text, size_t length)
{
	if (length + 1 > VG_POOL_CHUNK)
		return 0;
	if (pool->used + length + 1 > VG_POOL_CHUNK && !pool_add_chunk(pool))
		return 0;
	uint32_t offset = (uint32_t)((pool->chunk_count - 1) << VG_POOL_SHIFT | pool->used);
	memcpy(pool->chunks[pool->chunk_count - 1] + pool->used, text, length);
	pool->used += length + 1;
	return offset;
}

uint32_t vg_pool_add(vg_builder *builder, const char *text, size_t length)
{
	vg_pool *pool = &builder->pool;
	if (length == 0 || builder->failed)
		return 0;
	if (pool->slot_count >= pool->slot_capacity / 4 * 3 && !pool_grow_slots(pool)) {
		builder->failed = true;
		return 0;
	}
	uint32_t hash = (uint32_t)vg_hash(text, length);
	size_t place = hash & (pool->slot_capacity - 1);
	for (; pool->slots[place].offset; place = (place + 1) & (pool->slot_capacity - 1)) {
		const char *there = vg_pool_text(builder, pool->slots[place].offset);
		if (pool->slots[place].hash == hash && strncmp(there, text, length) == 0 && there[length] == '\0')
			return pool->slots[place].offset;
	}
	uint32_t offset = pool_store(pool, text, length);
	builder->failed = builder->failed || offset == 0;
	if (offset) {
		pool->slots[place] = (vg_pool_slot){hash, offset};
		pool->slot_count++;
	}
	return offset;
}

uint32_t vg_pool_add_text(vg_builder *builder, const char *text) { return vg_pool_add(builder, text, strlen(text)); }

uint32_t vg_fold_text(vg_builder *builder, const char *text)
{
	size_t length = strlen(text);
	char room[VG_STACK_ARENA_BYTES] __attribute__((aligned(16)));
	vg_arena small, *arena = &builder->scratch;
	if (length <= VG_NAME_LIMIT) {
		vg_stack_arena(&small, room, sizeof room);
		arena = &small;
	}
	char *folded = vg_fold_name(arena, text, length);
	builder->failed = builder->failed || !folded;
	return folded ? vg_pool_add_text(builder, folded) : 0;
}

/* ---- findings -------------------------------------------------------------- */

static void add_finding(vg_builder *builder, vg_finding_code code, uint32_t file, uint32_t line, const char *text,
			const char *advice)
{
	vg_packed_finding *finding = text ? vg_list_add(&builder->findings) : NULL;
	if (!finding) {
		builder->failed = true;
		return;
	}
	finding->code = vg_pool_add_text(builder, vg_finding_kind_of(code)->code);
	finding->text = vg_pool_add_text(builder, text);
	finding->advice = advice ? vg_pool_add_text(builder, advice) : 0;
	finding->place = (vg_packed_place){file, line, 0};
}

void vg_note(vg_builder *builder, vg_finding_code code, uint32_t file, uint32_t line, const char *advice, const char *text, ...)
{
	if (builder->failed || builder->finding_counts[code]++ >= VG_FINDINGS_OF_A_CODE)
		return;
	va_list arguments, again;
	va_start(arguments, text);
	va_copy(again, arguments);
	int length = vsnprintf(NULL, 0, text, arguments);
	char *written = length >= 0 ? vg_alloc(&builder->scratch, (size_t)length + 1) : NULL;
	if (written)
		vsnprintf(written, (size_t)length + 1, text, again);
	va_end(again);
	va_end(arguments);
	add_finding(builder, code, file, line, written, advice);
}

void vg_note_counts(vg_builder *builder)
{
	for (int code = 0; code < VG_FINDING_CODES; code++) {
		uint32_t count = builder->finding_counts[code];
		if (count <= VG_FINDINGS_OF_A_CODE)
			continue;
		char *text = vg_format(&builder->scratch, "%u more findings of this code are not listed.",
				       count - VG_FINDINGS_OF_A_CODE);
		add_finding(builder, (vg_finding_code)code, UINT32_MAX, 0, text, NULL);
	}
}

const char *vg_did_you_mean(vg_builder *builder, const char *word, const char *const *candidates, size_t count)
{
	const char *nearest = vg_nearest(word, candidates, count);
	if (!nearest)
		return NULL;
	const char *advice = vg_format(&builder->scratch, "Did you mean \"%s\"?", nearest);
	builder->failed = builder->failed || !advice;
	return advice;
}

const char *vg_nearest_set(vg_builder *builder, const char *name)
{
	if (builder->finding_counts[VG310] >= VG_FINDINGS_OF_A_CODE) /* no one would see it */
		return NULL;
	size_t count = builder->sets.count - 1;
	const char **names = vg_alloc_array(&builder->scratch, count + 1, sizeof *names);
	if (!names) {
		builder->failed = true;
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		names[i] = vg_pool_text(builder, vg_set_at(builder, (vg_set)(i + 1))->name);
	return vg_did_you_mean(builder, name, names, count);
}

/* ---- systems, concepts, sets, names ------------------------------------------ */

uint32_t vg_new_system(vg_builder *builder, const char *uri)
{
	uint32_t offset = vg_pool_add_text(builder, uri);
	uint32_t *known = vg_map_at(&builder->system_map, &offset, sizeof offset, false);
	if (known)
		return *known;
	uint32_t *item = builder->failed ? NULL : vg_list_add(&builder->systems);
	uint32_t *value = NULL;
	if (item) {
		*item = offset;
		value = vg_map_at(&builder->system_map, item, sizeof *item, true);
	}
	if (!value) {
		builder->failed = true;
		return 0;
	}
	return *value = (uint32_t)(builder->systems.count - 1);
}

vg_concept vg_look_concept(vg_builder *builder, uint32_t system, const char *canonical_code)
{
	uint32_t key[2] = {system, vg_pool_add_text(builder, canonical_code)};
	const uint32_t *known = vg_map_at(&builder->concept_map, key, sizeof key, false);
	return known ? *known : 0;
}

vg_concept vg_add_concept(vg_builder *builder, uint32_t system, const char *canonical_code)
{
	vg_concept known = vg_look_concept(builder, system, canonical_code);
	if (known || builder->failed)
		return known;
	vg_new_concept *concept = vg_list_add(&builder->concepts);
	uint32_t *value = NULL;
	if (concept) {
		concept->system = system;
		concept->code = vg_pool_add_text(builder, canonical_code);
		value = vg_map_at(&builder->concept_map, concept, 2 * sizeof(uint32_t), true);
	}
	if (!value) {
		builder->failed = true;
		return 0;
	}
	return *value = (vg_concept)(builder->concepts.count - 1);
}

static vg_set look_folded(vg_builder *builder, uint32_t folded)
{
	const uint32_t *known = folded ? vg_map_at(&builder->set_map, &folded, sizeof folded, false) : NULL;
	return known ? *known : 0;
}

vg_set vg_look_set(vg_builder *builder, const char *name)
{
	uint32_t folded = vg_fold_text(builder, name);
	vg_set set = look_folded(builder, folded);
	if (set || !folded)
		return set;
	const uint32_t *synonym = vg_map_at(&builder->synonym_map, &folded, sizeof folded, false);
	return synonym && *synonym != UINT32_MAX ? *synonym : 0;
}

vg_set vg_cell_set(vg_builder *builder, const uint32_t *cell)
{
	const uint32_t *known = vg_map_at(&builder->set_cell_map, cell, sizeof *cell, false);
	if (known)
		return *known - 1;
	vg_set set = vg_look_set(builder, vg_pool_text(builder, *cell));
	uint32_t *value = builder->failed ? NULL : vg_map_at(&builder->set_cell_map, cell, sizeof *cell, true);
	if (!value) {
		builder->failed = true;
		return 0;
	}
	*value = set + 1;
	return set;
}

vg_set vg_add_set(vg_builder *builder, const char *name)
{
	uint32_t folded = vg_fold_text(builder, name);
	vg_set known = look_folded(builder, folded);
	if (known || builder->failed || !folded)
		return known;
	vg_new_set *set = vg_list_add(&builder->sets);
	uint32_t *value = NULL;
	if (set) {
		set->folded = folded;
		set->name = vg_pool_add_text(builder, name);
		set->file = UINT32_MAX;
		value = vg_map_at(&builder->set_map, set, sizeof set->folded, true);
	}
	if (!value) {
		builder->failed = true;
		return 0;
	}
	return *value = (vg_set)(builder->sets.count - 1);
}

void vg_add_name(vg_builder *builder, const char *text, vg_concept concept, uint32_t kinds, uint32_t rank)
{
	if (strlen(text) > VG_NAME_LIMIT)
		return;
	uint32_t folded = vg_fold_text(builder, text);
	vg_new_name *name = folded ? vg_list_add(&builder->names) : NULL;
	if (name)
		*name = (vg_new_name){folded, concept, kinds, rank};
	else
		builder->failed = builder->failed || folded;
}

const char *vg_row_cell(const vg_builder *builder, int table, const vg_row *row, int column)
{
	return vg_pool_text(builder, row->cells[(uint32_t)column - vg_table_definitions[table].first]);
}

/* ---- beginning and end -------------------------------------------------------- */

static bool add_known_systems(vg_builder *builder)
{
	for (uint32_t i = 0; i < VG_SYSTEMS_KNOWN; i++)
		if (vg_new_system(builder, vg_system_definitions[i].uri) != i)
			return false;
	return true;
}

bool vg_builder_init(vg_builder *builder, const vg_allocator *allocator)
{
	memset(builder, 0, sizeof *builder);
	vg_arena_init(&builder->arena, allocator, 0);
	vg_arena_init(&builder->scratch, allocator, 0);
	vg_arena *arena = &builder->arena;
	vg_list_init(&builder->files, arena, sizeof(vg_packed_file));
	vg_list_init(&builder->systems, arena, sizeof(uint32_t));
	vg_list_init(&builder->concepts, arena, sizeof(vg_new_concept));
	vg_list_init(&builder->sets, arena, sizeof(vg_new_set));
	vg_list_init(&builder->names, arena, sizeof(vg_new_name));
	vg_list_init(&builder->findings, arena, sizeof(vg_packed_finding));
	vg_list_init(&builder->strengths, arena, sizeof(vg_packed_strength));
	for (int i = 0; i < VG_TABLES; i++) {
		vg_list_init(&builder->tables[i].list, arena,
			     sizeof(vg_row) + vg_table_definitions[i].column_count * sizeof(uint32_t));
		vg_map_init(&builder->tables[i].by_key, arena);
	}
	vg_map *maps[] = {&builder->system_map,   &builder->concept_map,  &builder->set_map,        &builder->synonym_map,
			  &builder->set_cell_map, &builder->strength_map, &builder->combination_map};
	for (size_t i = 0; i < VG_COUNT(maps); i++)
		vg_map_init(maps[i], arena);
	return pool_init(&builder->pool, arena) && vg_list_add(&builder->concepts) && vg_list_add(&builder->sets) &&
	       add_known_systems(builder);
}

void vg_builder_free(vg_builder *builder)
{
	vg_arena_free(&builder->pool.slot_arena);
	vg_arena_free(&builder->scratch);
	vg_arena_free(&builder->arena);
}
