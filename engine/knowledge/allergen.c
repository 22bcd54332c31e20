/*
 * Allergens: what a code in an allergy list stands for.  Panels: which tests a
 * panel orders at once.
 */
#include "knowledge/knowledge_internal.h"

#include <string.h>

static vg_ids find_span(const vg_packed_span *spans, size_t count, const uint32_t *ids, uint32_t key)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (spans[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == count || spans[low].key != key || key == 0)
		return (vg_ids){NULL, 0};
	return (vg_ids){ids + spans[low].first, spans[low].count};
}

static uint32_t flags_of(const vg_knowledge *knowledge, vg_concept concept)
{
	return concept < knowledge->image.concepts.count ? knowledge->image.concepts.items[concept].flags : 0;
}

vg_allergen_kind vg_allergen_kind_of(const vg_knowledge *knowledge, vg_concept concept)
{
	return (vg_allergen_kind)(flags_of(knowledge, concept) >> VG_CONCEPT_ALLERGEN_SHIFT & 7);
}

bool vg_allergen_is_intolerance(const vg_knowledge *knowledge, vg_concept concept)
{
	return (flags_of(knowledge, concept) & VG_CONCEPT_INTOLERANCE) != 0;
}

vg_ids vg_allergen_sets(const vg_knowledge *knowledge, vg_concept concept)
{
	const vg_image *image = &knowledge->image;
	return find_span(image->allergens.items, image->allergens.count, image->allergen_sets.items, concept);
}

vg_ids vg_panel_members(const vg_knowledge *knowledge, vg_concept panel)
{
	const vg_image *image = &knowledge->image;
	return find_span(image->panels.items, image->panels.count, image->panel_members.items, panel);
}
