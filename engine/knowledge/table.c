/*
 * Rows of tables, and the pair rows found by their two sets.
 */
#include "knowledge/knowledge_internal.h"

#include <string.h>

const vg_table *vg_knowledge_table(const vg_knowledge *knowledge, const char *name)
{
	for (size_t i = 0; i < knowledge->image.tables.count; i++)
		if (strcmp(knowledge->tables[i].name, name) == 0)
			return &knowledge->tables[i];
	return NULL;
}

const char *vg_cell(const vg_table *table, const vg_table_row *row, const char *column)
{
	for (size_t i = 0; i < table->column_count; i++)
		if (strcmp(table->columns[i], column) == 0)
			return row->cells[i];
	return "";
}

/* ---- pairs ----------------------------------------------------------------------- */

typedef struct family_view {
	const vg_packed_pair *pairs;
	const vg_packed_group *groups;
	const uint32_t *slots, *rows;
	size_t count, slot_count;
} family_view;

static family_view view_of(const vg_knowledge *knowledge, vg_family family)
{
	const vg_image *image = &knowledge->image;
	if (family == VG_INTERACTIONS)
		return (family_view){image->interactions.items,      image->interaction_groups.items,
				     image->interaction_slots.items, image->interaction_rows.items,
				     image->interactions.count,      image->interaction_slots.count};
	return (family_view){image->cross_reactivity.items,       image->cross_reactivity_groups.items,
			     image->cross_reactivity_slots.items, image->cross_reactivity_rows.items,
			     image->cross_reactivity.count,       image->cross_reactivity_slots.count};
}

size_t vg_pair_count(const vg_knowledge *knowledge, vg_family family) { return view_of(knowledge, family).count; }

void vg_pair_get(const vg_knowledge *knowledge, vg_family family, uint32_t row, vg_pair_row *ret)
{
	const family_view view = view_of(knowledge, family);
	const vg_packed_pair *packed = &view.pairs[row];
	const vg_duration *durations = knowledge->image.durations.items;
#define TEXT(name) .name = vg_pool_at(knowledge, packed->name)
	*ret = (vg_pair_row){TEXT(id),
			     TEXT(title),
			     .a = packed->a,
			     .b = packed->b,
			     .severity = (vigil_severity)packed->severity,
			     .silent = packed->silent,
			     .status = (vg_rule_status)packed->status,
			     TEXT(mechanism),
			     TEXT(effect),
			     TEXT(management),
			     TEXT(silences),
			     .still_counts_a = durations[packed->still_counts_a],
			     .still_counts_b = durations[packed->still_counts_b],
			     TEXT(owner),
			     TEXT(review_by),
			     TEXT(evidence),
			     TEXT(url),
			     TEXT(publisher),
			     TEXT(year),
			     TEXT(grade),
			     TEXT(source),
			     TEXT(verified),
			     .first_case = packed->first_case,
			     .case_count = packed->case_count,
			     .place = vg_packed_place_text(knowledge, packed->place.file, packed->place.line),
			     .pack = packed->place.layer - 1};
#undef TEXT
}

const vg_pair_case *vg_pair_case_get(const vg_knowledge *knowledge, uint32_t index)
{
	return index < knowledge->image.cases.count ? &knowledge->cases[index] : NULL;
}

uint32_t vg_pair_find_id(const vg_knowledge *knowledge, vg_family family, const char *id)
{
	family_view view = view_of(knowledge, family);
	size_t low = 0, high = view.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(vg_pool_at(knowledge, view.pairs[middle].id), id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < view.count && strcmp(vg_pool_at(knowledge, view.pairs[low].id), id) == 0 ? (uint32_t)low : UINT32_MAX;
}

vg_ids vg_pairs_of(const vg_knowledge *knowledge, vg_family family, vg_set a, vg_set b)
{
	family_view view = view_of(knowledge, family);
	if (family == VG_INTERACTIONS && a > b) {
		vg_set larger = a;
		a = b;
		b = larger;
	}
	size_t mask = view.slot_count - 1;
	for (size_t place = vg_pair_hash(a, b) & mask; view.slots[place]; place = (place + 1) & mask) {
		const vg_packed_group *group = &view.groups[view.slots[place] - 1];
		if (group->a == a && group->b == b)
			return (vg_ids){view.rows + group->first, group->count};
	}
	return (vg_ids){NULL, 0};
}

bool vg_pair_uses(const vg_knowledge *knowledge, vg_family family, vg_set set)
{
	const vg_image *image = &knowledge->image;
	size_t words = image->pair_uses.count / 2;
	return set < image->sets.count && vg_bit_test(image->pair_uses.items + (family == VG_INTERACTIONS ? 0 : words), set);
}
