/*
 * Ingredients, products and what they are made of.
 *
 * An ingredient is a concept and a set of its own name.  Everything else that
 * names a drug (a product, a salt, a UNII, a substance that a patient is
 * allergic to) is derived: it has a list of ingredients, and compile_sets.c
 * puts it into the sets of each of them.  Two or more ingredients that some
 * product has together are a concept of their own, a combination, so that a
 * text such as "acetaminophen / hydrocodone" has something to stand for it.
 */
#include "knowledge/knowledge_internal.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_INGREDIENTS = 64 };

/* The next piece of a list, trimmed; NULL at the end.  Pieces may be empty. */
static const char *next_piece(const char **rest, char separator, size_t *ret_length)
{
	if (!*rest)
		return NULL;
	const char *piece = *rest, *end = strchr(piece, separator);
	size_t length = end ? (size_t)(end - piece) : strlen(piece);
	*rest = end ? end + 1 : NULL;
	while (length && (piece[0] == ' ' || piece[0] == '\t'))
		piece++, length--;
	while (length && (piece[length - 1] == ' ' || piece[length - 1] == '\t'))
		length--;
	*ret_length = length;
	return piece;
}

static const char *piece_text(vg_builder *builder, const char *piece, size_t length)
{
	return vg_pool_text(builder, vg_pool_add(builder, piece, length));
}

/* ---- ingredients ------------------------------------------------------------ */

static void set_ingredients(vg_builder *builder, vg_concept concept, const uint32_t *ids, size_t count)
{
	uint32_t *copy = vg_build_array(builder, count, sizeof *copy);
	if (!copy)
		return;
	memcpy(copy, ids, count * sizeof *copy);
	vg_concept_at(builder, concept)->ingredients = copy;
	vg_concept_at(builder, concept)->ingredient_count = (uint32_t)count;
}

/* A code that means an ingredient: a salt, a UNII. One that has ingredients keeps them and gets this one too. */
static void derive_from(vg_builder *builder, vg_concept derived, vg_concept ingredient)
{
	uint32_t ids[MOST_INGREDIENTS];
	if (!derived || builder->failed)
		return;
	const vg_new_concept *concept = vg_concept_at(builder, derived);
	size_t count = concept->ingredient_count, place = count;
	if (concept->flags & VG_CONCEPT_INGREDIENT || count == MOST_INGREDIENTS)
		return;
	if (count)
		memcpy(ids, concept->ingredients, count * sizeof *ids);
	while (place > 0 && ids[place - 1] > ingredient)
		place--;
	if (place > 0 && ids[place - 1] == ingredient)
		return;
	memmove(ids + place + 1, ids + place, (count - place) * sizeof *ids);
	ids[place] = ingredient;
	set_ingredients(builder, derived, ids, count + 1);
	vg_concept_at(builder, derived)->flags |= VG_CONCEPT_DERIVED;
}

static vg_concept add_ingredient(vg_builder *builder, const char *code)
{
	vg_concept id = vg_add_concept(builder, VG_SYSTEM_RXNORM, code);
	if (!id)
		return 0;
	vg_new_concept *concept = vg_concept_at(builder, id);
	if (!(concept->flags & VG_CONCEPT_INGREDIENT)) {
		concept->flags |= VG_CONCEPT_INGREDIENT;
		set_ingredients(builder, id, &id, 1);
	}
	return id;
}

static void add_own_set(vg_builder *builder, const vg_row *row, vg_concept ingredient, const char *name)
{
	vg_set id = vg_add_set(builder, name);
	vg_set_entry *entry = vg_build_array(builder, 1, sizeof *entry);
	if (!id || !entry)
		return;
	vg_new_set *set = vg_set_at(builder, id);
	vg_set_entry **entries =
	    vg_grow(&builder->arena, set->entries, set->entry_count, &set->entry_capacity, sizeof *entries);
	if (!entries) {
		builder->failed = true;
		return;
	}
	if (set->is_ingredient)
		vg_note(builder, VG344, row->file, row->line, "Keep the row whose code RxNorm still has.",
			"Another ingredient is named \"%s\" too: one set stands for both.", name);
	set->entries = entries;
	entry->concept = ingredient;
	entries[set->entry_count++] = entry;
	set->is_ingredient = true;
	if (!set->preferred)
		set->preferred = ingredient;
	vg_concept_at(builder, ingredient)->ingredient_set = id;
}

static void read_ingredient(vg_builder *builder, const vg_row *row)
{
	const int table = VG_TABLE_ingredients;
	const char *name = vg_row_cell(builder, table, row, VG_COLUMN_ingredients_name);
	vg_concept ingredient = add_ingredient(builder, vg_row_cell(builder, table, row, VG_COLUMN_ingredients_rxcui));
	if (!ingredient)
		return;
	vg_concept_at(builder, ingredient)->name = vg_pool_add_text(builder, name);
	add_own_set(builder, row, ingredient, name);
	vg_add_name(builder, name, ingredient, 1u << VG_NAME_DRUG, VG_RANK_INGREDIENT);
}

/* Salts and UNIIs come after all ingredients, as an ingredient may stand among another one's salts. */
static void read_salts(vg_builder *builder, const vg_row *row)
{
	const int table = VG_TABLE_ingredients;
	const char *rest = vg_row_cell(builder, table, row, VG_COLUMN_ingredients_salts), *piece;
	const char *unii = vg_row_cell(builder, table, row, VG_COLUMN_ingredients_unii);
	vg_concept ingredient =
	    vg_look_concept(builder, VG_SYSTEM_RXNORM, vg_row_cell(builder, table, row, VG_COLUMN_ingredients_rxcui));
	size_t length;
	if (!ingredient)
		return;
	while ((piece = next_piece(&rest, ' ', &length)) != NULL)
		if (length)
			derive_from(builder, vg_add_concept(builder, VG_SYSTEM_RXNORM, piece_text(builder, piece, length)),
				    ingredient);
	rest = unii;
	while ((piece = next_piece(&rest, ' ', &length)) != NULL)
		if (length)
			derive_from(builder, vg_add_concept(builder, VG_SYSTEM_UNII, piece_text(builder, piece, length)),
				    ingredient);
}

static void add_synonym(vg_builder *builder, const vg_row *row, vg_concept ingredient, uint32_t *text)
{
	vg_add_name(builder, vg_pool_text(builder, *text), ingredient, 1u << VG_NAME_DRUG, VG_RANK_SYNONYM);
	*text = vg_fold_text(builder, vg_pool_text(builder, *text));
	uint32_t *set = *text ? vg_map_at(&builder->synonym_map, text, sizeof *text, true) : NULL;
	if (!set) {
		builder->failed = builder->failed || *text;
		return;
	}
	uint32_t own = vg_concept_at(builder, ingredient)->ingredient_set;
	if (*set && *set != own) {
		vg_note(builder, VG345, row->file, row->line, "Take it out of one of the two rows.",
			"\"%s\" is a synonym of two ingredients: it finds neither.", vg_pool_text(builder, *text));
		*set = UINT32_MAX;
	} else {
		*set = own;
	}
}

static void read_synonyms(vg_builder *builder, const vg_row *row)
{
	const int table = VG_TABLE_ingredients;
	const char *rest = vg_row_cell(builder, table, row, VG_COLUMN_ingredients_synonyms), *piece;
	vg_concept ingredient =
	    vg_look_concept(builder, VG_SYSTEM_RXNORM, vg_row_cell(builder, table, row, VG_COLUMN_ingredients_rxcui));
	size_t length;
	while (ingredient && (piece = next_piece(&rest, ';', &length)) != NULL) {
		uint32_t *text = length ? vg_build_array(builder, 1, sizeof *text) : NULL;
		if (!text)
			continue;
		*text = vg_pool_add(builder, piece, length);
		add_synonym(builder, row, ingredient, text);
	}
}

/* ---- strengths ----------------------------------------------------------------- */

static bool is_piece_word(const char *text, size_t length)
{
	static const char *const words[] = {"tablet", "capsule", "actuat",   "actuation",   "puff", "spray", "dose",
					    "patch",  "piece",   "{actuat}", "suppository", "1",    "film",  "lozenge"};
	for (size_t i = 0; i < VG_COUNT(words); i++)
		if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
			return true;
	return false;
}

/* "250 mg", "5 mL", "mL", "actuat": an amount in the unit that Vigil counts in. */
static bool read_amount(vg_builder *builder, const char *text, size_t length, double *amount, uint32_t *unit)
{
	static const struct {
		int dimension;
		const char *unit;
	} counted[] = {{0, "mg"}, {1, "mmol"}, {2, "mL"}, {4, "h"}, {5, "[iU]"}, {6, "meq"}};
	size_t digits = 0;
	vg_unit from, to;
	while (digits < length && (strchr("0123456789.", text[digits]) != NULL))
		digits++;
	*amount = 1;
	if (digits && !vg_parse_number(text, digits, amount))
		return false;
	while (digits < length && text[digits] == ' ')
		digits++;
	*unit = 0;
	if (is_piece_word(text + digits, length - digits) || digits == length)
		return true;
	const char *unit_text = piece_text(builder, text + digits, length - digits);
	if (!vg_unit_parse(&builder->scratch, unit_text, &from))
		return false;
	for (size_t i = 0; i < VG_COUNT(counted); i++) {
		if (!vg_unit_parse(&builder->scratch, counted[i].unit, &to) ||
		    memcmp(to.dimension, from.dimension, sizeof to.dimension) != 0)
			continue;
		*unit = vg_pool_add_text(builder, counted[i].unit);
		return vg_unit_convert(NULL, 0, *amount, &from, &to, amount);
	}
	return false;
}

/* One of "200 mg", "250 mg / 5 mL", "" (not known: amount 0). */
static bool read_strength(vg_builder *builder, const char *text, size_t length, vg_packed_strength *ret)
{
	*ret = (vg_packed_strength){.per = 1};
	if (length == 0)
		return true;
	const char *slash = NULL;
	for (size_t i = 0; i < length && !slash; i++)
		if (text[i] == '/')
			slash = text + i;
	size_t first = slash ? (size_t)(slash - text) : length;
	while (first && text[first - 1] == ' ')
		first--;
	if (!read_amount(builder, text, first, &ret->amount, &ret->unit) || !ret->unit)
		return false;
	if (!slash)
		return true;
	for (slash++; slash < text + length && *slash == ' ';)
		slash++;
	return read_amount(builder, slash, (size_t)(text + length - slash), &ret->per, &ret->per_unit) && ret->per > 0;
}

/* ---- products --------------------------------------------------------------------- */

typedef struct part { /* one ingredient of a product */
	vg_concept ingredient;
	vg_packed_strength strength;
} part;

static int part_order(const void *a, const void *b)
{
	const part *x = a, *y = b;
	return (x->ingredient > y->ingredient) - (x->ingredient < y->ingredient);
}

/* Two salts of one ingredient count as one ingredient with the sum, when both are known alike. */
static size_t join_parts(part *parts, size_t count)
{
	size_t kept = 0;
	qsort(parts, count, sizeof *parts, part_order);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || parts[kept - 1].ingredient != parts[i].ingredient) {
			parts[kept++] = parts[i];
			continue;
		}
		vg_packed_strength *sum = &parts[kept - 1].strength;
		const vg_packed_strength *more = &parts[i].strength;
		bool alike = sum->amount > 0 && more->amount > 0 && sum->unit == more->unit &&
			     sum->per_unit == more->per_unit && !(sum->per > more->per) && !(sum->per < more->per);
		if (alike)
			sum->amount += more->amount;
		else
			*sum = (vg_packed_strength){.per = 1};
	}
	return kept;
}

/* The index + 1 of a list of strengths, each list kept once; 0 when nothing is known. */
static uint32_t strength_list(vg_builder *builder, const part *parts, size_t count)
{
	bool known = false;
	vg_packed_strength list[MOST_INGREDIENTS];
	memset(list, 0, sizeof list);
	for (size_t i = 0; i < count; i++) {
		list[i] = parts[i].strength;
		known = known || list[i].amount > 0;
	}
	if (!known)
		return 0;
	const uint32_t *there = vg_map_at(&builder->strength_map, list, count * sizeof *list, false);
	if (there)
		return *there;
	vg_packed_strength *copy = vg_build_array(builder, count, sizeof *copy);
	if (!copy)
		return 0;
	memcpy(copy, list, count * sizeof *copy);
	uint32_t first = (uint32_t)builder->strengths.count;
	for (size_t i = 0; i < count; i++) {
		vg_packed_strength *item = vg_list_add(&builder->strengths);
		if (!item) {
			builder->failed = true;
			return 0;
		}
		*item = list[i];
	}
	uint32_t *value = vg_map_at(&builder->strength_map, copy, count * sizeof *copy, true);
	if (value)
		*value = first + 1;
	builder->failed = builder->failed || !value;
	return first + 1;
}

/* The ingredient codes of a product; a salt's code counts as its ingredients. */
static size_t read_parts(vg_builder *builder, const char *codes, part parts[MOST_INGREDIENTS], vg_buffer *unknown)
{
	const char *piece;
	size_t length, count = 0;
	while ((piece = next_piece(&codes, ' ', &length)) != NULL && count < MOST_INGREDIENTS) {
		if (!length)
			continue;
		const char *code = piece_text(builder, piece, length);
		vg_concept id = vg_look_concept(builder, VG_SYSTEM_RXNORM, code);
		const vg_new_concept *salt = id ? vg_concept_at(builder, id) : NULL;
		if (salt && salt->flags & VG_CONCEPT_DERIVED) {
			for (size_t i = 0; i < salt->ingredient_count && count < MOST_INGREDIENTS; i++)
				parts[count++] = (part){salt->ingredients[i], {.per = 1}};
			continue;
		}
		if (!id || !(vg_concept_at(builder, id)->flags & VG_CONCEPT_INGREDIENT)) {
			id = add_ingredient(builder, code);
			if (unknown->length < 200)
				vg_addf(unknown, "%s%s", unknown->length ? " " : "", code);
			else if (unknown->text[unknown->length - 1] != '.')
				vg_add(unknown, " ...");
		}
		parts[count++] = (part){id, {.per = 1}};
	}
	return count;
}

static bool read_strengths(vg_builder *builder, const char *text, part *parts, size_t count)
{
	const char *piece;
	size_t length, given = 0;
	if (!*text)
		return true;
	bool fine = true;
	while ((piece = next_piece(&text, ';', &length)) != NULL) {
		if (given < count)
			fine = read_strength(builder, piece, length, &parts[given].strength) && fine;
		given++;
	}
	fine = fine && given == count;
	for (size_t i = 0; i < count && !fine; i++)
		parts[i].strength = (vg_packed_strength){.per = 1};
	return fine;
}

/* The concept that stands for these ingredients alone: the one itself, or their combination. */
static vg_concept representative(vg_builder *builder, const uint32_t *ids, size_t count)
{
	if (count == 1)
		return ids[0];
	const uint32_t *known = vg_map_at(&builder->combination_map, ids, count * sizeof *ids, false);
	if (known)
		return *known;
	vg_buffer code, name;
	vg_buffer_init(&code, &builder->scratch);
	vg_buffer_init(&name, &builder->scratch);
	for (size_t i = 0; i < count; i++) {
		const vg_new_concept *ingredient = vg_concept_at(builder, ids[i]);
		vg_addf(&code, "%s%s", i ? "+" : "", vg_pool_text(builder, ingredient->code));
		vg_addf(&name, "%s%s", i ? " / " : "",
			vg_pool_text(builder, ingredient->name ? ingredient->name : ingredient->code));
	}
	if (code.failed || name.failed) {
		builder->failed = true;
		return 0;
	}
	vg_concept combination = vg_add_concept(builder, VG_SYSTEM_COMBINATION, vg_buffer_text(&code));
	if (!combination)
		return 0;
	vg_concept_at(builder, combination)->name = vg_pool_add_text(builder, vg_buffer_text(&name));
	vg_concept_at(builder, combination)->flags |= VG_CONCEPT_DERIVED;
	set_ingredients(builder, combination, ids, count);
	uint32_t *value = builder->failed
			      ? NULL
			      : vg_map_at(&builder->combination_map, vg_concept_at(builder, combination)->ingredients,
					  count * sizeof *ids, true);
	if (!value) {
		builder->failed = true;
		return 0;
	}
	return *value = combination;
}

static void name_product(vg_builder *builder, vg_concept product, const char *name, vg_concept stands)
{
	vg_add_name(builder, name, product, 1u << VG_NAME_DRUG, VG_RANK_PRODUCT);
	char room[VG_STACK_ARENA_BYTES] __attribute__((aligned(16)));
	vg_arena arena;
	vg_stack_arena(&arena, room, sizeof room);
	char *brand = strlen(name) <= VG_NAME_LIMIT ? vg_brand_of(&arena, name) : NULL;
	if (!brand)
		return;
	vg_add_name(builder, brand, stands, 1u << VG_NAME_DRUG, VG_RANK_BRAND);
	char *folded = vg_fold_name(&arena, brand, strlen(brand)), *words = folded ? vg_drug_words(&arena, folded) : NULL;
	if (words && strcmp(words, folded) != 0)
		vg_add_name(builder, words, stands, 1u << VG_NAME_DRUG, VG_RANK_BRAND);
}

static void read_product(vg_builder *builder, const vg_row *row, vg_buffer *unknown)
{
	const int table = VG_TABLE_products;
	part parts[MOST_INGREDIENTS];
	uint32_t ids[MOST_INGREDIENTS];
	const char *code = vg_row_cell(builder, table, row, VG_COLUMN_products_rxcui);
	const char *name = vg_row_cell(builder, table, row, VG_COLUMN_products_name);
	const char *form = vg_row_cell(builder, table, row, VG_COLUMN_products_form);
	const char *kind = vg_row_cell(builder, table, row, VG_COLUMN_products_tty);
	vg_concept product = vg_add_concept(builder, VG_SYSTEM_RXNORM, code);
	if (!product)
		return;
	if (vg_concept_at(builder, product)->flags & (VG_CONCEPT_INGREDIENT | VG_CONCEPT_DERIVED)) {
		if (row->layer) /* below the packs, an import may call a product what a pack calls an ingredient */
			vg_note(builder, VG340, row->file, row->line, NULL,
				"%s is the code of an ingredient or a salt, not of a product.", code);
		return;
	}
	size_t count = read_parts(builder, vg_row_cell(builder, table, row, VG_COLUMN_products_ingredients), parts, unknown);
	if (!read_strengths(builder, vg_row_cell(builder, table, row, VG_COLUMN_products_strengths), parts, count))
		vg_note(builder, VG342, row->file, row->line,
			"Write one for each ingredient, such as \"200 mg; 250 mg / 5 mL\".",
			"The strengths of \"%s\" cannot be read: its doses are not known.", name);
	count = join_parts(parts, count);
	for (size_t i = 0; i < count; i++)
		ids[i] = parts[i].ingredient;
	if (builder->failed || count == 0)
		return;
	set_ingredients(builder, product, ids, count);
	vg_concept stands = representative(builder, ids, count);
	uint32_t list = strength_list(builder, parts, count);
	vg_new_concept *concept = vg_concept_at(builder, product);
	concept->name = vg_pool_add_text(builder, name);
	concept->flags |= VG_CONCEPT_DERIVED;
	if (strcmp(kind, "GPCK") == 0 || strcmp(kind, "BPCK") == 0 || (name[0] == '{' && strstr(name, "} Pack")))
	concept->flags |= VG_CONCEPT_PACK;
	concept->strength_list = list;
	concept->route = vg_route_of_form(*form ? form : name);
	name_product(builder, product, name, stands);
}

void vg_compile_drugs(vg_builder *builder)
{
	const vg_list *rows = &builder->tables[VG_TABLE_ingredients].list;
	static void (*const steps[])(vg_builder *, const vg_row *) = {read_ingredient, read_salts, read_synonyms};
	for (size_t step = 0; step < VG_COUNT(steps); step++) {
		for (size_t i = 0; i < rows->count && !builder->failed; i++) {
			const vg_row *row = vg_list_at(rows, i);
			if (!row->left_out)
				steps[step](builder, row);
		}
	}
	vg_arena unknown_arena; /* not the scratch, which is emptied on the way */
	vg_buffer unknown;
	vg_arena_init(&unknown_arena, &builder->arena.allocator, 0);
	vg_buffer_init(&unknown, &unknown_arena);
	rows = &builder->tables[VG_TABLE_products].list;
	for (size_t i = 0; i < rows->count && !builder->failed; i++) {
		const vg_row *row = vg_list_at(rows, i);
		if (!row->left_out)
			read_product(builder, row, &unknown);
		vg_arena_reset(&builder->scratch);
	}
	builder->failed = builder->failed || unknown.failed;
	if (unknown.length && !builder->failed)
		vg_note(builder, VG341, UINT32_MAX, 0, "Add rows to tables/ingredients.csv, so that sets can name them.",
			"Products name ingredient codes that have no row in ingredients.csv: %s.", vg_buffer_text(&unknown));
	vg_arena_free(&unknown_arena);
}
