/*
 * Sets: found by name, and membership in both directions.
 */
#include "knowledge/knowledge_internal.h"

#include <string.h>

static vg_ids span(const uint32_t *first, const uint32_t *ids, size_t key, size_t keys)
{
	if (key + 1 >= keys)
		return (vg_ids){NULL, 0};
	return (vg_ids){ids + first[key], first[key + 1] - first[key]};
}

vg_set vg_set_find(const vg_knowledge *knowledge, const char *name)
{
	const vg_image *image = &knowledge->image;
	size_t length = name ? strlen(name) : 0;
	char room[VG_STACK_ARENA_BYTES] __attribute__((aligned(16)));
	vg_arena arena;
	if (length == 0 || length > VG_NAME_LIMIT)
		return 0;
	vg_stack_arena(&arena, room, sizeof room);
	const char *folded = vg_fold_name(&arena, name, length);
	if (!folded)
		return 0;
	size_t mask = image->set_name_slots.count - 1;
	for (size_t place = vg_hash(folded, strlen(folded)) & mask; image->set_name_slots.items[place];
	     place = (place + 1) & mask) {
		const vg_packed_name *entry = &image->set_names.items[image->set_name_slots.items[place] - 1];
		if (strcmp(vg_pool_at(knowledge, entry->text), folded) == 0)
			return entry->id;
	}
	return 0;
}

size_t vg_set_count(const vg_knowledge *knowledge) { return knowledge->image.sets.count - 1; }

static const vg_packed_set *set_at(const vg_knowledge *knowledge, vg_set set)
{
	return &knowledge->image.sets.items[set < knowledge->image.sets.count ? set : 0];
}

const char *vg_set_name(const vg_knowledge *knowledge, vg_set set)
{
	return vg_pool_at(knowledge, set_at(knowledge, set)->name);
}

vg_ids vg_set_members(const vg_knowledge *knowledge, vg_set set)
{
	const vg_image *image = &knowledge->image;
	return span(image->set_member_first.items, image->set_members.items, set, image->set_member_first.count);
}

vg_ids vg_concept_sets(const vg_knowledge *knowledge, vg_concept concept)
{
	const vg_image *image = &knowledge->image;
	return span(image->concept_set_first.items, image->concept_sets.items, concept, image->concept_set_first.count);
}

bool vg_set_has(const vg_knowledge *knowledge, vg_set set, vg_concept concept)
{
	vg_ids sets = vg_concept_sets(knowledge, concept);
	size_t low = 0, high = sets.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (sets.ids[middle] < set)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sets.count && sets.ids[low] == set;
}

vg_concept vg_set_preferred(const vg_knowledge *knowledge, vg_set set) { return set_at(knowledge, set)->preferred; }

vg_place vg_set_place(const vg_knowledge *knowledge, vg_set set)
{
	const vg_packed_set *packed = set_at(knowledge, set);
	if (packed->file == UINT32_MAX)
		return (vg_place){"ingredients", 0, 0};
	return vg_packed_place_text(knowledge, packed->file, packed->line);
}

const char *vg_set_nearest(const vg_knowledge *knowledge, const char *name)
{
	return vg_nearest(name, knowledge->set_labels, vg_set_count(knowledge));
}

unsigned vg_set_uses(const vg_knowledge *knowledge, vg_set set) { return set_at(knowledge, set)->uses; }
