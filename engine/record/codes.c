/*
 * Codes of a fact: from codings to concepts, and from concepts to what a drug
 * or an allergen is made of.
 *
 * Several codings of one concept say the same thing in several languages: all
 * of them count for membership in sets, the first one that the knowledge maps
 * gives the ingredients.  A name is looked up only when no code is known, and
 * the fact is marked, so that the answer can say so.
 */
#include "record/record_internal.h"

void vg_codes_add(vg_intake *in, vg_codes *codes, const char *system, const char *code, const char *display)
{
	size_t limit = in->limits->codings < UINT8_MAX ? in->limits->codings : UINT8_MAX;
	if (codes->count >= limit)
		return vg_refuse(in, "Send each concept with the codings that it needs.",
				 "A resource has more than %zu codings.", limit);
	if (codes->count == codes->capacity) {
		uint16_t capacity = (uint16_t)(codes->capacity * 2 + 2);
		vg_code *items = vg_alloc_unset(&in->record->arena, capacity * sizeof *items);
		if (!items)
			return;
		if (codes->count)
			memcpy(items, codes->items, codes->count * sizeof *items);
		codes->items = items;
		codes->capacity = capacity;
	}
	vg_code *item = &codes->items[codes->count++];
	vg_code_system found = vg_intake_system(in, system);
	item->system = found.uri;
	item->code = vg_keep(in, code);
	item->display = vg_keep(in, display);
	item->concept = vg_concept_of(in->knowledge, found.number, item->code);
	codes->of_known_system = codes->of_known_system || (found.known && *item->code);
}

void vg_codes_join(vg_intake *in, vg_codes *codes, const vg_codes *more)
{
	for (uint16_t i = 0; i < more->count; i++) {
		uint16_t count = codes->count;
		vg_codes_add(in, codes, more->items[i].system, more->items[i].code, more->items[i].display);
		if (codes->count > count)
		codes->items[count].concept = more->items[i].concept; /* found by name, perhaps */
	}
}

static bool any_known(const vg_code *codes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (codes[i].concept)
			return true;
	return false;
}

static vg_concept by_name(vg_intake *in, vg_name_kind kind, const char *text)
{
	if (!text || !*text)
		return 0;
	vg_concept concept = vg_concept_by_name(in->knowledge, kind, text);
	if (!concept && kind == VG_NAME_ALLERGEN)
	concept = vg_concept_by_name(in->knowledge, VG_NAME_DRUG, text);
	return concept;
}

void vg_codes_by_name(vg_intake *in, vg_codes *codes, vg_name_kind kind, bool always)
{
	if (any_known(codes->items, codes->count) || (!always && codes->of_known_system))
		return;
	const char *text = codes->text;
	vg_concept concept = by_name(in, kind, text);
	uint16_t count = codes->count;
	for (uint16_t i = 0; !concept && i < count; i++) {
		bool again = text && strcmp(text, codes->items[i].display) == 0; /* label and text are often the same words */
		text = codes->items[i].display;
		concept = again ? 0 : by_name(in, kind, text);
	}
	if (!concept)
		return;
	vg_codes_add(in, codes, "", "", text);
	if (codes->count > count) {
		codes->items[count].concept = concept;
		codes->by_text = true;
	}
}

/* The best name: what the writer said, else the label of the code we know, else any label, else the code. */
static const char *best_name(vg_intake *in, const vg_codes *codes)
{
	if (codes->text && *codes->text)
		return codes->text;
	const char *label = "", *code = "";
	for (size_t i = codes->count; i-- > 0;) {
		const vg_code *item = &codes->items[i];
		if (*item->display && (item->concept || !*label))
			label = item->display;
		if (*item->code)
			code = item->code;
	}
	if (*label)
		return label;
	for (size_t i = 0; i < codes->count; i++)
		if (codes->items[i].concept)
			return vg_intern(in, vg_concept_name(in->knowledge, codes->items[i].concept));
	return code;
}

void vg_codes_settle(vg_intake *in, const vg_codes *codes, vg_clinical_fact *fact)
{
	fact->codes = codes->items;
	fact->code_count = (uint8_t)codes->count;
	fact->unmapped = !any_known(codes->items, codes->count);
	fact->by_text = codes->by_text;
	const char *name = best_name(in, codes);
	if (!*fact->display)
		fact->display = *name ? name : fact->type;
}

/* Adds those of `more` that the list does not have. */
static void join_ingredients(vg_intake *in, vg_clinical_fact *fact, vg_ids more)
{
	if (more.count == 0 || more.count > (size_t)(UINT16_MAX - fact->ingredient_count))
		return;
	uint32_t *joined = vg_alloc_array(&in->record->arena, fact->ingredient_count + more.count, sizeof *joined);
	if (!joined)
		return;
	uint16_t count = fact->ingredient_count;
	if (count)
		memcpy(joined, fact->ingredients, count * sizeof *joined);
	for (size_t i = 0; i < more.count; i++) {
		uint16_t at = 0;
		while (at < count && joined[at] != more.ids[i])
			at++;
		if (at == count)
			joined[count++] = more.ids[i];
	}
	fact->ingredients = joined;
	fact->ingredient_count = count;
}

void vg_settle_medication(vg_intake *in, vg_clinical_fact *fact, bool compound)
{
	unsigned drugs = 0;
	for (uint8_t i = 0; i < fact->code_count && (compound || drugs == 0); i++) {
		vg_concept concept = fact->codes[i].concept;
		vg_ids ingredients = concept ? vg_drug_ingredients(in->knowledge, concept) : (vg_ids){NULL, 0};
		if (ingredients.count == 0)
			continue;
		join_ingredients(in, fact, ingredients);
		fact->product = drugs++ ? 0 : concept; /* of several no one strength is known */
		if (fact->route == VG_ROUTE_UNKNOWN)
			fact->route = (uint8_t)vg_drug_route(in->knowledge, concept);
	}
}

static bool is_negated(const vg_intake *in, vg_concept concept)
{
	return concept && vg_allergen_kind_of(in->knowledge, concept) == VG_ALLERGEN_NEGATED;
}

bool vg_settle_allergy(vg_intake *in, vg_clinical_fact *fact)
{
	for (uint8_t i = 0; i < fact->code_count; i++) {
		vg_concept concept = fact->codes[i].concept;
		if (is_negated(in, concept))
			return false;
		if (!concept)
			continue;
		if (vg_allergen_is_intolerance(in->knowledge, concept))
			fact->intolerance = true;
		vg_ids ingredients = vg_drug_ingredients(in->knowledge, concept);
		join_ingredients(in, fact, ingredients); /* of a combination any part may be to blame */
		if (fact->product == 0 && ingredients.count)
		fact->product = concept;
	}
	return true;
}
