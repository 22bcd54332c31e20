/*
 * From the builder's lists to the flat sections of the image: concepts, sets,
 * drugs, allergens, names, and the texts last of all.
 */
#include "knowledge/knowledge_internal.h"

#include <stdlib.h>
#include <string.h>

#define SECTION(builder, section, array, number)                                                                               \
	((builder)->image.section.items = (array), (builder)->image.section.count = (number))

uint32_t *vg_build_slots(vg_builder *builder, size_t count, uint64_t (*hash_of)(const vg_builder *, size_t),
			 size_t *ret_capacity)
{
	size_t capacity = 16;
	while (capacity / 2 < count)
		capacity *= 2;
	uint32_t *slots = vg_build_array(builder, capacity, sizeof *slots);
	if (!slots)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t place = hash_of(builder, i) & (capacity - 1);
		while (slots[place])
			place = (place + 1) & (capacity - 1);
		slots[place] = (uint32_t)(i + 1);
	}
	*ret_capacity = capacity;
	return slots;
}

/* ---- concepts and drugs ------------------------------------------------------ */

static uint64_t hash_of_concept(const vg_builder *builder, size_t i)
{
	const vg_new_concept *concept = vg_concept_at(builder, (vg_concept)(i + 1));
	return vg_code_hash(concept->system, vg_pool_text(builder, concept->code));
}

static void freeze_concepts(vg_builder *builder)
{
	size_t count = builder->concepts.count, capacity = 0;
	vg_packed_concept *concepts = vg_build_array(builder, count, sizeof *concepts);
	uint32_t *ingredient_sets = vg_build_array(builder, count, sizeof *ingredient_sets);
	uint32_t *slots = vg_build_slots(builder, count - 1, hash_of_concept, &capacity);
	if (builder->failed)
		return;
	for (vg_concept id = 1; id < count; id++) {
		const vg_new_concept *concept = vg_concept_at(builder, id);
		concepts[id] = (vg_packed_concept){concept->system, concept->code, concept->name,
						   concept->flags | (uint32_t) concept->route << VG_CONCEPT_ROUTE_SHIFT |
						       (uint32_t) concept->allergen << VG_CONCEPT_ALLERGEN_SHIFT,
						   concept->means};
		ingredient_sets[id] = concept->ingredient_set;
	}
	SECTION(builder, concepts, concepts, count);
	SECTION(builder, concept_slots, slots, capacity);
	SECTION(builder, ingredient_sets, ingredient_sets, count);
}

static void freeze_drugs(vg_builder *builder)
{
	size_t count = builder->concepts.count, total = 0;
	for (vg_concept id = 1; id < count; id++)
		total += vg_concept_at(builder, id)->ingredient_count;
	uint32_t *first = vg_build_array(builder, count + 1, sizeof *first), *ids = vg_build_array(builder, total, sizeof *ids);
	uint32_t *lists = vg_build_array(builder, count, sizeof *lists);
	vg_packed_strength *strengths = vg_build_array(builder, builder->strengths.count, sizeof *strengths);
	if (builder->failed)
		return;
	size_t at = 0;
	for (vg_concept id = 1; id < count; id++) {
		const vg_new_concept *concept = vg_concept_at(builder, id);
		first[id] = (uint32_t)at;
		for (uint32_t i = 0; i < concept->ingredient_count; i++)
		ids[at++] = concept->ingredients[i];
		lists[id] = concept->strength_list;
	}
	first[count] = (uint32_t)at;
	for (size_t i = 0; i < builder->strengths.count; i++)
		strengths[i] = *(const vg_packed_strength *)vg_list_at(&builder->strengths, i);
	SECTION(builder, drug_first, first, count + 1);
	SECTION(builder, drug_ingredients, ids, total);
	SECTION(builder, strength_lists, lists, count);
	SECTION(builder, strengths, strengths, builder->strengths.count);
}

static void freeze_allergens(vg_builder *builder)
{
	size_t count = 0, total = 0, at = 0, item = 0;
	for (vg_concept id = 1; id < builder->concepts.count; id++) {
		count += vg_concept_at(builder, id)->is_allergen;
		total += vg_concept_at(builder, id)->stands_for_count;
	}
	vg_packed_span *spans = vg_build_array(builder, count, sizeof *spans);
	uint32_t *sets = vg_build_array(builder, total, sizeof *sets);
	if (builder->failed)
		return;
	for (vg_concept id = 1; id < builder->concepts.count; id++) {
		const vg_new_concept *concept = vg_concept_at(builder, id);
		if (!concept->is_allergen)
			continue;
		spans[item++] = (vg_packed_span){id, (uint32_t)at, concept->stands_for_count};
		for (uint32_t i = 0; i < concept->stands_for_count; i++)
		sets[at++] = concept->stands_for[i];
	}
	SECTION(builder, allergens, spans, count);
	SECTION(builder, allergen_sets, sets, total);
}

/* ---- sets ---------------------------------------------------------------------- */

static void freeze_members(vg_builder *builder)
{
	size_t concepts = builder->concepts.count, sets = builder->sets.count, total = 0, at = 0;
	for (vg_set id = 1; id < sets; id++)
		total += vg_set_at(builder, id)->member_count;
	if (total > UINT32_MAX) {
		builder->failed = true;
		return;
	}
	uint32_t *member_first = vg_build_array(builder, sets + 1, sizeof *member_first);
	uint32_t *members = vg_build_array(builder, total, sizeof *members);
	uint32_t *set_first = vg_build_array(builder, concepts + 1, sizeof *set_first);
	uint32_t *set_ids = vg_build_array(builder, total, sizeof *set_ids);
	uint32_t *next = vg_build_array(builder, concepts + 1, sizeof *next);
	if (builder->failed)
		return;
	for (vg_set id = 1; id < sets; id++) {
		const vg_new_set *set = vg_set_at(builder, id);
		member_first[id] = (uint32_t)at;
		for (size_t i = 0; i < set->member_count; i++) {
			members[at++] = set->members[i];
			set_first[set->members[i] + 1]++;
		}
	}
	member_first[sets] = (uint32_t)at;
	for (size_t i = 1; i <= concepts; i++)
		set_first[i] += set_first[i - 1];
	memcpy(next, set_first, (concepts + 1) * sizeof *next);
	for (vg_set id = 1; id < sets; id++)
		for (uint32_t i = member_first[id]; i < member_first[id + 1]; i++)
			set_ids[next[members[i]]++] = id;
	SECTION(builder, set_member_first, member_first, sets + 1);
	SECTION(builder, set_members, members, total);
	SECTION(builder, concept_set_first, set_first, concepts + 1);
	SECTION(builder, concept_sets, set_ids, total);
}

static uint64_t hash_of_set_name(const vg_builder *builder, size_t i)
{
	const char *text = vg_pool_text(builder, builder->image.set_names.items[i].text);
	return vg_hash(text, strlen(text));
}

static void freeze_set_names(vg_builder *builder)
{
	size_t sets = builder->sets.count, count = 0, capacity = 0;
	vg_packed_name *names = vg_build_array(builder, sets + builder->names.count, sizeof *names);
	vg_map seen;
	vg_map_init(&seen, &builder->arena);
	if (builder->failed)
		return;
	for (vg_set id = 1; id < sets; id++)
		names[count++] = (vg_packed_name){vg_set_at(builder, id)->folded, id, 0};
	for (size_t i = 0; i < builder->names.count; i++) {
		const vg_new_name *name = vg_list_at(&builder->names, i);
		const uint32_t *set = vg_map_at(&builder->synonym_map, &name->text, sizeof name->text, false);
		if (name->rank != VG_RANK_SYNONYM || !set || *set == UINT32_MAX || *set == 0 ||
		    vg_map_at(&builder->set_map, &name->text, sizeof name->text, false))
			continue;
		uint32_t *first_time = vg_map_at(&seen, &name->text, sizeof name->text, true);
		if (!first_time) {
			builder->failed = true;
			return;
		}
		if (!*first_time)
			names[count++] = (vg_packed_name){name->text, *set, 0};
		*first_time = 1;
	}
	SECTION(builder, set_names, names, count);
	uint32_t *slots = vg_build_slots(builder, count, hash_of_set_name, &capacity);
	SECTION(builder, set_name_slots, slots, capacity);
}

void vg_freeze_sets(vg_builder *builder)
{
	size_t count = builder->sets.count;
	vg_packed_set *sets = vg_build_array(builder, count, sizeof *sets);
	if (builder->failed)
		return;
	for (vg_set id = 1; id < count; id++) {
		const vg_new_set *set = vg_set_at(builder, id);
		sets[id] = (vg_packed_set){set->name, set->file, set->line, set->preferred, set->uses};
	}
	SECTION(builder, sets, sets, count);
	static void (*const steps[])(vg_builder *) = {freeze_concepts, freeze_drugs, freeze_allergens, freeze_members,
						      freeze_set_names};
	for (size_t i = 0; i < VG_COUNT(steps) && !builder->failed; i++)
		steps[i](builder);
}

/* ---- names ------------------------------------------------------------------------- */

static bool is_drug_system(uint32_t system)
{
	return system == VG_SYSTEM_RXNORM || system == VG_SYSTEM_NDC || system == VG_SYSTEM_ATC || system == VG_SYSTEM_UNII ||
	       system == VG_SYSTEM_COMBINATION;
}

/* Texts that sets name directly.  For a drug they are the last resort, as an
 * ingredient or a product tells more; tests have nothing that tells more. */
static void add_alias(vg_builder *builder, vg_concept id)
{
	const vg_image *image = &builder->image;
	const char *text = vg_pool_text(builder, vg_concept_at(builder, id)->code);
	uint32_t uses = 0;
	for (uint32_t i = image->concept_set_first.items[id]; i < image->concept_set_first.items[id + 1]; i++)
		uses |= vg_set_at(builder, image->concept_sets.items[i])->uses;
	if (uses & VG_USE_DRUG)
		vg_add_name(builder, text, id, 1u << VG_NAME_DRUG, VG_RANK_OTHER);
	if (uses & ~(uint32_t)VG_USE_DRUG)
		vg_add_name(builder, text, id, 1u << VG_NAME_OTHER, VG_RANK_ALIAS);
}

/* Aliases, and the names of tests, conditions and procedures. */
static void add_other_names(vg_builder *builder)
{
	for (vg_concept id = 1; id < builder->concepts.count && !builder->failed; id++) {
		const vg_new_concept *concept = vg_concept_at(builder, id);
		const char *name = vg_pool_text(builder, concept->name);
		if (concept->named_by_set)
			add_alias(builder, id);
		else if (*name && concept->system != VG_SYSTEM_NAME && !concept->ingredient_count &&
			 !is_drug_system(concept->system))
			vg_add_name(builder, name, id, 1u << VG_NAME_OTHER, VG_RANK_OTHER);
	}
}

static int name_order(const void *a, const void *b)
{
	const vg_new_name *x = a, *y = b;
	if (x->text != y->text)
		return x->text < y->text ? -1 : 1;
	if (x->kinds != y->kinds)
		return x->kinds < y->kinds ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return (x->concept > y->concept) - (x->concept < y->concept);
}

/* Whether it makes no difference which of two concepts a text means. */
static bool same_meaning(const vg_builder *builder, vg_concept a, vg_concept b)
{
	const vg_new_concept *x = vg_concept_at(builder, a), *y = vg_concept_at(builder, b);
	const vg_image *image = &builder->image;
	if (x->ingredient_count || y->ingredient_count)
		return x->ingredient_count == y->ingredient_count &&
		       memcmp(x->ingredients, y->ingredients, x->ingredient_count * sizeof *x->ingredients) == 0;
	const uint32_t *first = image->concept_set_first.items, *sets = image->concept_sets.items;
	size_t count = first[a + 1] - first[a];
	return x->allergen == y->allergen && count == first[b + 1] - first[b] &&
	       memcmp(sets + first[a], sets + first[b], count * sizeof *sets) == 0;
}

static uint64_t hash_of_name(const vg_builder *builder, size_t i)
{
	const char *text = vg_pool_text(builder, builder->image.names.items[i].text);
	return vg_hash(text, strlen(text));
}

/* One array with one item for each kind of each name. */
static vg_new_name *flat_names(vg_builder *builder, size_t *ret_count)
{
	size_t count = 0;
	vg_new_name *flat = vg_build_array(builder, builder->names.count * 3, sizeof *flat);
	for (size_t i = 0; i < builder->names.count && flat; i++) {
		const vg_new_name *name = vg_list_at(&builder->names, i);
		for (uint32_t kind = VG_NAME_DRUG; kind <= VG_NAME_OTHER; kind++) {
			if (!(name->kinds & 1u << kind))
				continue;
			flat[count] = *name;
			flat[count++].kinds = 1u << kind;
		}
	}
	*ret_count = count;
	return flat;
}

/* So few of the bits are set that what begins like no name mostly meets none; see may_name_drug in name.c. */
static void freeze_drug_name_starts(vg_builder *builder)
{
	enum { BITS_OF_A_NAME = 4, FEWEST_BITS = 1024 }; /* FEWEST: the words take some */
	const vg_image *image = &builder->image;
	size_t bits = FEWEST_BITS;
	while (bits < image->names.count * BITS_OF_A_NAME)
		bits *= 2;
	vg_bits *starts = vg_build_array(builder, VG_BITS_WORDS(bits), sizeof *starts);
	if (!starts)
		return;
	vg_mark_word_starts(starts, bits);
	for (size_t i = 0; i < image->names.count; i++)
		if (image->names.items[i].kinds == 1u << VG_NAME_DRUG)
			vg_mark_name_start(starts, bits, vg_pool_text(builder, image->names.items[i].text));
	SECTION(builder, drug_name_starts, starts, VG_BITS_WORDS(bits));
}

void vg_freeze_names(vg_builder *builder)
{
	size_t count, kept = 0, capacity = 0;
	add_other_names(builder);
	vg_new_name *flat = builder->failed ? NULL : flat_names(builder, &count);
	vg_packed_name *names = flat ? vg_build_array(builder, count, sizeof *names) : NULL;
	if (!names)
		return;
	qsort(flat, count, sizeof *flat, name_order);
	for (size_t i = 0, end; i < count; i = end) {
		bool clear = true;
		for (end = i + 1; end < count && flat[end].text == flat[i].text && flat[end].kinds == flat[i].kinds; end++)
			if (flat[end].rank == flat[i].rank)
				clear = clear && same_meaning(builder, flat[i].concept, flat[end].concept);
		if (clear)
			names[kept++] = (vg_packed_name){flat[i].text, flat[i].concept, flat[i].kinds};
	}
	SECTION(builder, names, names, kept);
	uint32_t *slots = vg_build_slots(builder, kept, hash_of_name, &capacity);
	SECTION(builder, name_slots, slots, capacity);
	freeze_drug_name_starts(builder);
}

/* ---- the rest -------------------------------------------------------------------------- */

static void freeze_pool(vg_builder *builder)
{
	const vg_pool *pool = &builder->pool;
	size_t whole = (pool->chunk_count - 1) << VG_POOL_SHIFT;
	char *texts = vg_build_array(builder, whole + pool->used, 1);
	if (!texts)
		return;
	for (size_t i = 0; i + 1 < pool->chunk_count; i++)
		memcpy(texts + (i << VG_POOL_SHIFT), pool->chunks[i], VG_POOL_CHUNK);
	memcpy(texts + whole, pool->chunks[pool->chunk_count - 1], pool->used);
	SECTION(builder, pool, texts, whole + pool->used);
}

void vg_freeze_rest(vg_builder *builder)
{
	vg_packed_file *files = vg_build_array(builder, builder->files.count, sizeof *files);
	uint32_t *systems = vg_build_array(builder, builder->systems.count, sizeof *systems);
	vg_note_counts(builder);
	vg_packed_finding *findings = vg_build_array(builder, builder->findings.count, sizeof *findings);
	if (builder->failed)
		return;
	for (size_t i = 0; i < builder->files.count; i++)
		files[i] = *(const vg_packed_file *)vg_list_at(&builder->files, i);
	for (size_t i = 0; i < builder->systems.count; i++)
		systems[i] = *(const uint32_t *)vg_list_at(&builder->systems, i);
	for (size_t i = 0; i < builder->findings.count; i++)
		findings[i] = *(const vg_packed_finding *)vg_list_at(&builder->findings, i);
	SECTION(builder, files, files, builder->files.count);
	SECTION(builder, systems, systems, builder->systems.count);
	SECTION(builder, findings, findings, builder->findings.count);
	freeze_pool(builder);
}
