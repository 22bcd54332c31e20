/*
 * The closure: which concept belongs to which sets.
 *
 * A set's own rows come first, in this order: codes that are added (with what
 * is derived from an ingredient), ICD-10-CM codes from short to long, so that
 * the longest row that covers a code decides, then removals.  Before them come
 * the members of the sets that it includes.  Sets are done in the order of
 * their includes; an include that closes a circle is a finding and is dropped.
 *
 * Removing an ingredient takes its products along, except those that a row
 * names and those that have another ingredient in the set.
 *
 * While members are gathered, EXPLICIT in a member says that a row named it.
 */
#include "knowledge/knowledge_internal.h"

#include <stdlib.h>
#include <string.h>

#define EXPLICIT 0x80000000u

/* ---- rows of sets/ ------------------------------------------------------------- */

static void note_preferred(vg_builder *builder, const vg_row *row, vg_new_set *set, vg_concept concept)
{
	if (set->preferred_layer == row->layer + 1 && set->preferred != concept) {
		vg_note(builder, VG316, row->file, row->line, "Write preferred = yes in one row only.",
			"The set \"%s\" has two preferred codes: the first one counts.", vg_pool_text(builder, set->name));
	} else if (set->preferred_layer <= row->layer) {
		set->preferred = concept;
		set->preferred_layer = row->layer + 1;
	}
}

static void collect_code(vg_builder *builder, const vg_row *row, vg_new_set *set, const char *match)
{
	const int table = VG_TABLE_sets;
	const char *system_text = vg_row_cell(builder, table, row, VG_COLUMN_sets_system);
	uint32_t system = vg_new_system(builder, system_text);
	vg_concept concept = vg_add_concept(builder, system, vg_row_cell(builder, table, row, VG_COLUMN_sets_code));
	if (concept && vg_concept_at(builder, concept)->means)
	concept = vg_concept_at(builder, concept)->means;
	vg_set_entry *entry = vg_build_array(builder, 1, sizeof *entry);
	vg_set_entry **entries =
	    vg_grow(&builder->arena, set->entries, set->entry_count, &set->entry_capacity, sizeof *entries);
	if (!concept || !entry || !entries) {
		builder->failed = true;
		return;
	}
	set->entries = entries;
	*entry = (vg_set_entry){concept, strcmp(match, "prefix") == 0, strcmp(match, "remove") == 0, row};
	entries[set->entry_count++] = entry;
	vg_new_concept *item = vg_concept_at(builder, concept);
	if (!item->name)
		item->name = row->cells[VG_COLUMN_sets_display - VG_FIRST_sets];
	if (system == VG_SYSTEM_NAME) {
		item->name = item->name ? item->name : item->code;
		item->named_by_set = true;
	}
	if (system == VG_SYSTEM_ICD10CM && (entry->prefix || entry->remove))
		item->flags |= VG_CONCEPT_PREFIX;
	if (!entry->remove && strcmp(vg_row_cell(builder, table, row, VG_COLUMN_sets_preferred), "yes") == 0)
		note_preferred(builder, row, set, concept);
}

static void removes_nothing(vg_builder *builder, const vg_row *row)
{
	vg_note(builder, VG315, row->file, row->line, "Write the code as the set has it, or take the row out.",
		"\"%s\" is removed from the set \"%s\", which does not have it.",
		vg_row_cell(builder, VG_TABLE_sets, row, VG_COLUMN_sets_code),
		vg_row_cell(builder, VG_TABLE_sets, row, VG_COLUMN_sets_set));
}

static void collect_include(vg_builder *builder, const vg_row *row, vg_set id)
{
	const char *name = vg_row_cell(builder, VG_TABLE_sets, row, VG_COLUMN_sets_code);
	vg_set included = vg_look_set(builder, name);
	bool remove = strcmp(vg_row_cell(builder, VG_TABLE_sets, row, VG_COLUMN_sets_match), "remove") == 0;
	if (builder->failed)
		return;
	if (!included) {
		vg_note(builder, VG310, row->file, row->line, vg_nearest_set(builder, name),
			"The set \"%s\" includes \"%s\", which does not exist.",
			vg_pool_text(builder, vg_set_at(builder, id)->name), name);
		return;
	}
	if (remove) {
		if (row->first_file == row->file && row->first_line == row->line)
			removes_nothing(builder, row);
		return;
	}
	vg_new_set *set = vg_set_at(builder, id), *other = vg_set_at(builder, included);
	vg_push_id(builder, &set->includes, &set->include_count, &set->include_capacity, included);
	vg_push_id(builder, &other->included_by, &other->included_by_count, &other->included_by_capacity, id);
}

static void define_set(vg_builder *builder, const vg_row *row, const char *name)
{
	vg_set id = vg_add_set(builder, name);
	vg_new_set *set = id ? vg_set_at(builder, id) : NULL;
	if (!set || set->is_explicit)
		return;
	set->is_explicit = true;
	set->file = row->first_file;
	set->line = row->first_line;
	const uint32_t *synonym = vg_map_at(&builder->synonym_map, &set->folded, sizeof set->folded, false);
	if (synonym && !set->is_ingredient && *synonym != UINT32_MAX)
		vg_note(builder, VG317, row->first_file, row->first_line,
			"Name the set as the ingredient is named, if it is meant to extend it.",
			"\"%s\" is also a synonym of the ingredient \"%s\": as a set's name it means this set.", name,
			vg_pool_text(builder, vg_set_at(builder, *synonym)->name));
}

/* No row of sets/ is left out here: what it needs is its key, without which it was not read. */
void vg_collect_sets(vg_builder *builder)
{
	const int table = VG_TABLE_sets;
	const vg_list *rows = &builder->tables[table].list;
	for (size_t i = 0; i < rows->count && !builder->failed; i++) {
		const vg_row *row = vg_list_at(rows, i);
		define_set(builder, row, vg_row_cell(builder, table, row, VG_COLUMN_sets_set));
	}
	for (size_t i = 0; i < rows->count && !builder->failed; i++) {
		const vg_row *row = vg_list_at(rows, i);
		vg_set id = vg_add_set(builder, vg_row_cell(builder, table, row, VG_COLUMN_sets_set));
		if (builder->failed)
			return;
		if (strcmp(vg_row_cell(builder, table, row, VG_COLUMN_sets_system), "set") == 0)
			collect_include(builder, row, id);
		else
			collect_code(builder, row, vg_set_at(builder, id),
				     vg_row_cell(builder, table, row, VG_COLUMN_sets_match));
		vg_arena_reset(&builder->scratch);
	}
}

/* ---- order of includes -------------------------------------------------------------- */

enum { UNSEEN, OPEN, DONE };

static void drop_include(vg_builder *builder, vg_new_set *set, size_t index)
{
	vg_set included = set->includes[index];
	vg_new_set *other = vg_set_at(builder, included);
	vg_note(builder, VG312, set->file, set->line, "Take one of the includes out.",
		"The sets \"%s\" and \"%s\" include each other, directly or through others: this include is dropped.",
		vg_pool_text(builder, set->name), vg_pool_text(builder, other->name));
	for (size_t i = 0; i < other->included_by_count; i++)
		if (vg_set_at(builder, other->included_by[i]) == set)
			other->included_by[i] = other->included_by[--other->included_by_count];
	memmove(set->includes + index, set->includes + index + 1, (set->include_count - index - 1) * sizeof *set->includes);
	set->include_count--;
}

/* All sets, what is included before what includes it. */
static uint32_t *order_sets(vg_builder *builder)
{
	size_t count = builder->sets.count, depth = 0, done = 0;
	uint32_t *order = vg_build_array(builder, count, sizeof *order), *stack = vg_build_array(builder, count, sizeof *stack);
	uint32_t *next = vg_build_array(builder, count, sizeof *next);
	if (builder->failed)
		return NULL;
	for (vg_set root = 1; root < count; root++) {
		if (vg_set_at(builder, root)->mark != UNSEEN)
			continue;
		vg_set_at(builder, root)->mark = OPEN;
		stack[depth++] = root;
		while (depth) {
			vg_set id = stack[depth - 1];
			vg_new_set *set = vg_set_at(builder, id);
			if (next[id] == set->include_count) {
				set->mark = DONE;
				order[done++] = id;
				depth--;
				continue;
			}
			vg_set included = set->includes[next[id]];
			uint32_t mark = vg_set_at(builder, included)->mark;
			if (mark == OPEN) {
				drop_include(builder, set, next[id]);
				continue;
			}
			next[id]++;
			if (mark == UNSEEN) {
				vg_set_at(builder, included)->mark = OPEN;
				stack[depth++] = included;
			}
		}
	}
	return order;
}

/* ---- members -------------------------------------------------------------------------- */

typedef struct closure {
	vg_builder *builder;
	size_t concept_count;
	uint32_t *derived_first, *derived; /* by ingredient: what is derived from it */
	uint32_t *icd;                     /* ICD-10-CM concepts by code */
	size_t icd_count;
	uint32_t *stamps;  /* by concept: the set being gathered that has it */
	bool *is_explicit; /* by concept, while stamped */
	uint32_t *list;    /* concepts stamped, some of them perhaps twice or no longer */
	size_t list_count, list_capacity;
	vg_arena list_arena;
	vg_set set;
} closure;

static int code_order(const void *a, const void *b, void *context)
{
	const vg_builder *builder = context;
	const uint32_t *x = a, *y = b;
	return strcmp(vg_pool_text(builder, vg_concept_at(builder, *x)->code),
		      vg_pool_text(builder, vg_concept_at(builder, *y)->code));
}

static bool closure_init(closure *c, vg_builder *builder)
{
	size_t count = builder->concepts.count, total = 0;
	*c = (closure){.builder = builder, .concept_count = count};
	vg_arena_init(&c->list_arena, &builder->arena.allocator, 0);
	c->derived_first = vg_build_array(builder, count + 1, sizeof *c->derived_first);
	c->stamps = vg_build_array(builder, count, sizeof *c->stamps);
	c->is_explicit = vg_build_array(builder, count, sizeof *c->is_explicit);
	c->icd = vg_build_array(builder, count, sizeof *c->icd);
	if (builder->failed)
		return false;
	for (vg_concept id = 1; id < count; id++) {
		const vg_new_concept *concept = vg_concept_at(builder, id);
		if (concept->system == VG_SYSTEM_ICD10CM)
			c->icd[c->icd_count++] = id;
		for (uint32_t i = 0; concept->flags & VG_CONCEPT_DERIVED && i < concept->ingredient_count; i++, total++)
			c->derived_first[concept->ingredients[i] + 1]++;
	}
	for (size_t i = 1; i <= count; i++)
		c->derived_first[i] += c->derived_first[i - 1];
	c->derived = vg_build_array(builder, total, sizeof *c->derived);
	uint32_t *at = vg_build_array(builder, count, sizeof *at);
	if (builder->failed)
		return false;
	memcpy(at, c->derived_first, count * sizeof *at);
	for (vg_concept id = 1; id < count; id++) {
		const vg_new_concept *concept = vg_concept_at(builder, id);
		for (uint32_t i = 0; concept->flags & VG_CONCEPT_DERIVED && i < concept->ingredient_count; i++)
			c->derived[at[concept->ingredients[i]]++] = id;
	}
	qsort_r(c->icd, c->icd_count, sizeof *c->icd, code_order, builder);
	return true;
}

static void add_member(closure *c, vg_concept concept, bool is_explicit)
{
	if (c->stamps[concept] == c->set) {
		c->is_explicit[concept] = c->is_explicit[concept] || is_explicit;
		return;
	}
	uint32_t *list = vg_grow(&c->list_arena, c->list, c->list_count, &c->list_capacity, sizeof *list);
	if (!list) {
		c->builder->failed = true;
		return;
	}
	c->list = list;
	list[c->list_count++] = concept;
	c->stamps[concept] = c->set;
	c->is_explicit[concept] = is_explicit;
}

static bool take_out(closure *c, vg_concept concept)
{
	bool was_in = c->stamps[concept] == c->set;
	c->stamps[concept] = 0;
	return was_in;
}

static void add_entry(closure *c, const vg_set_entry *entry)
{
	vg_concept id = entry->concept;
	add_member(c, id, true);
	if (!(vg_concept_at(c->builder, id)->flags & VG_CONCEPT_INGREDIENT))
		return;
	for (uint32_t i = c->derived_first[id]; i < c->derived_first[id + 1]; i++)
		add_member(c, c->derived[i], false);
}

/* The products of removed ingredients, once all these are out. */
static void take_out_derived(closure *c, vg_concept ingredient)
{
	for (uint32_t i = c->derived_first[ingredient]; i < c->derived_first[ingredient + 1]; i++) {
		vg_concept id = c->derived[i];
		const vg_new_concept *derived = vg_concept_at(c->builder, id);
		bool stays = c->stamps[id] != c->set || c->is_explicit[id];
		for (uint32_t j = 0; j < derived->ingredient_count && !stays; j++)
			stays = c->stamps[derived->ingredients[j]] == c->set;
		if (!stays)
			take_out(c, id);
	}
}

/* The first ICD-10-CM concept whose code is not below `code`. */
static size_t icd_place(const closure *c, const char *code)
{
	size_t low = 0, high = c->icd_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(vg_pool_text(c->builder, vg_concept_at(c->builder, c->icd[middle])->code), code) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void apply_icd(closure *c, const vg_set_entry *entry)
{
	const char *code = vg_pool_text(c->builder, vg_concept_at(c->builder, entry->concept)->code);
	bool removed = false;
	if (!entry->prefix && !entry->remove) {
		add_member(c, entry->concept, true);
		return;
	}
	for (size_t i = icd_place(c, code); i < c->icd_count; i++) {
		if (!vg_starts_with(vg_pool_text(c->builder, vg_concept_at(c->builder, c->icd[i])->code), code))
			break;
		if (entry->remove)
			removed = take_out(c, c->icd[i]) || removed;
		else
			add_member(c, c->icd[i], true);
	}
	if (entry->remove && !removed && entry->row->first_line == entry->row->line &&
	    entry->row->first_file == entry->row->file)
		removes_nothing(c->builder, entry->row);
}

static int entry_order(const void *a, const void *b, void *context)
{
	const vg_set_entry *const *x = a, *const *y = b;
	return code_order(&(*x)->concept, &(*y)->concept, context);
}

static int id_order(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void apply_entries(closure *c, vg_new_set *set)
{
	vg_builder *builder = c->builder;
	vg_set_entry **icd = vg_alloc_array(&builder->scratch, set->entry_count + 1, sizeof *icd);
	size_t icd_count = 0;
	if (!icd) {
		builder->failed = true;
		return;
	}
	for (size_t i = 0; i < set->entry_count; i++) {
		if (vg_concept_at(builder, set->entries[i]->concept)->system == VG_SYSTEM_ICD10CM)
			icd[icd_count++] = set->entries[i];
		else if (!set->entries[i]->remove)
			add_entry(c, set->entries[i]);
	}
	qsort_r(icd, icd_count, sizeof *icd, entry_order, builder);
	for (size_t i = 0; i < icd_count; i++)
		apply_icd(c, icd[i]);
	for (size_t i = 0; i < set->entry_count; i++) {
		const vg_set_entry *entry = set->entries[i];
		if (!entry->remove || vg_concept_at(builder, entry->concept)->system == VG_SYSTEM_ICD10CM)
			continue;
		if (!take_out(c, entry->concept) && entry->row->first_line == entry->row->line &&
		    entry->row->first_file == entry->row->file)
			removes_nothing(builder, entry->row);
	}
	for (size_t i = 0; i < set->entry_count; i++)
		if (set->entries[i]->remove)
			take_out_derived(c, set->entries[i]->concept);
}

static void gather(closure *c, vg_set id)
{
	vg_builder *builder = c->builder;
	vg_new_set *set = vg_set_at(builder, id);
	c->set = id;
	c->list_count = 0;
	for (size_t i = 0; i < set->include_count; i++) {
		const vg_new_set *included = vg_set_at(builder, set->includes[i]);
		for (size_t j = 0; j < included->member_count; j++)
			add_member(c, included->members[j] & ~EXPLICIT, (included->members[j] & EXPLICIT) != 0);
	}
	apply_entries(c, set);
	size_t count = 0;
	for (size_t i = 0; i < c->list_count; i++) {
		if (c->stamps[c->list[i]] != id)
			continue;
		c->stamps[c->list[i]] = 0; /* so that a concept that came back is taken once */
		c->list[count++] = c->list[i];
	}
	if (count)
		qsort(c->list, count, sizeof *c->list, id_order);
	set->members = vg_build_array(builder, count, sizeof *set->members);
	for (size_t i = 0; i < count && set->members; i++)
		set->members[i] = c->list[i] | (c->is_explicit[c->list[i]] ? EXPLICIT : 0);
	set->member_count = set->members ? count : 0;
}

/* ---- what sets are about, allergens, empty sets --------------------------------------- */

static unsigned uses_of_concept(const vg_new_concept *concept)
{
	if (concept->ingredient_count)
		return VG_USE_DRUG;
	switch (concept->system) {
	case VG_SYSTEM_RXNORM:
	case VG_SYSTEM_NDC:
	case VG_SYSTEM_ATC:
	case VG_SYSTEM_UNII:
		return VG_USE_DRUG;
	case VG_SYSTEM_LOINC:
		return VG_USE_RESULT;
	case VG_SYSTEM_SNOMED:
		return VG_USE_PROCEDURE | VG_USE_CONDITION;
	case VG_SYSTEM_CPT:
	case VG_SYSTEM_HCPCS:
	case VG_SYSTEM_ICD10PCS:
		return VG_USE_PROCEDURE;
	case VG_SYSTEM_ICD10CM:
	case VG_SYSTEM_ICD9CM:
		return VG_USE_CONDITION;
	case VG_SYSTEM_CVX:
		return VG_USE_IMMUNIZATION;
	default:
		return 0;
	}
}

/* Local codes and names tell nothing; a set of nothing else may be about anything. */
static void find_uses(vg_builder *builder, vg_new_set *set)
{
	const uint32_t anything = VG_USE_DRUG | VG_USE_RESULT | VG_USE_PROCEDURE | VG_USE_CONDITION | VG_USE_IMMUNIZATION;
	for (size_t i = 0; i < set->member_count; i++)
		set->uses |= uses_of_concept(vg_concept_at(builder, set->members[i] & ~EXPLICIT));
	if (set->member_count && !set->uses)
		set->uses = anything;
}

/* The set and every set that includes it, each once: marks are `stamp`. */
static void join_upwards(vg_builder *builder, vg_set set, vg_concept concept, uint32_t stamp, uint32_t *stack)
{
	size_t depth = 0;
	if (vg_set_at(builder, set)->mark == stamp)
		return;
	vg_set_at(builder, set)->mark = stamp;
	stack[depth++] = set;
	while (depth) {
		vg_new_set *joined = vg_set_at(builder, stack[--depth]);
		if (!vg_push_id(builder, &joined->extras, &joined->extra_count, &joined->extra_capacity, concept))
			return;
		for (size_t i = 0; i < joined->included_by_count; i++) {
			vg_new_set *above = vg_set_at(builder, joined->included_by[i]);
			if (above->mark == stamp)
				continue;
			above->mark = stamp;
			stack[depth++] = joined->included_by[i];
		}
	}
}

static void join_allergens(vg_builder *builder)
{
	uint32_t *stack = vg_build_array(builder, builder->sets.count, sizeof *stack), stamp = DONE;
	for (vg_concept id = 1; id < builder->concepts.count && !builder->failed; id++) {
		const vg_new_concept *concept = vg_concept_at(builder, id);
		if (concept->ingredient_count || !concept->stands_for_count)
			continue;
		stamp++;
		for (uint32_t i = 0; i < concept->stands_for_count && !builder->failed; i++)
			join_upwards(builder, concept->stands_for[i], id, stamp, stack);
	}
}

/* Members with the allergens among them, without EXPLICIT, ascending. */
static void finish_members(vg_builder *builder, vg_new_set *set)
{
	size_t count = 0, total = set->member_count + set->extra_count;
	uint32_t *members = set->extra_count ? vg_build_array(builder, total, sizeof *members) : set->members;
	if (builder->failed)
		return;
	for (size_t i = 0; i < set->member_count; i++)
		members[i] = set->members[i] & ~EXPLICIT;
	for (size_t i = 0; i < set->extra_count; i++)
		members[set->member_count + i] = set->extras[i];
	if (set->extra_count)
		qsort(members, total, sizeof *members, id_order);
	for (size_t i = 0; i < total; i++)
		if (i == 0 || members[i] != members[i - 1])
			members[count++] = members[i];
	set->members = members;
	set->member_count = count;
}

void vg_close_sets(vg_builder *builder)
{
	closure c;
	uint32_t *order = order_sets(builder);
	if (order && closure_init(&c, builder)) {
		for (size_t i = 0; i + 1 < builder->sets.count && !builder->failed; i++) {
			gather(&c, order[i]);
			vg_arena_reset(&builder->scratch);
		}
		vg_arena_free(&c.list_arena);
	}
	for (vg_set id = 1; id < builder->sets.count && !builder->failed; id++)
		find_uses(builder, vg_set_at(builder, id));
	if (!builder->failed)
		join_allergens(builder);
	for (vg_set id = 1; id < builder->sets.count && !builder->failed; id++) {
		vg_new_set *set = vg_set_at(builder, id);
		finish_members(builder, set);
		if (set->member_count == 0)
			vg_note(builder, VG311, set->file, set->line, "Add codes, or take the set out.",
				"The set \"%s\" is empty.", vg_pool_text(builder, set->name));
	}
}
