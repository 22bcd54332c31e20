/*
 * Sets that nothing uses, and codes in them that the knowledge does not know.
 *
 * Asked for by `vigil lint` alone: looking at each code of each set takes time
 * that a service's start need not spend.  Only sets that a pack writes are
 * looked at; the sets of the ingredients come from the drug tables themselves.
 *
 * Of the code systems only RxNorm's codes can be told to be unknown: products,
 * salts and ingredients are tables, of other systems no list is loaded.  RxNorm
 * takes a code out when a product is withdrawn or its concept is remapped, so
 * an unknown code is mostly a retired one.
 */
#include "rule/rule_internal.h"

typedef struct set_check {
	const vg_rulebook *rulebook;
	const vg_knowledge *knowledge;
	vg_findings *findings;
	vg_arena arena;
	vg_bits *used; /* sets */
} set_check;

static bool is_written(vg_place place) { return place.file && !vg_same_text(place.file, "ingredients"); }

static bool lies_below(const char *file, const char *folder)
{
	size_t length = folder ? strlen(folder) : 0;
	while (length > 1 && folder[length - 1] == '/')
		length--;
	return length && strncmp(file, folder, length) == 0 && file[length] == '/';
}

static void mark(set_check *check, vg_set set)
{
	if (set)
		vg_bit_set(check->used, set);
}

static void mark_name(set_check *check, const char *name)
{
	if (*name)
		mark(check, vg_set_find(check->knowledge, name));
}

/* Every cell of the rule tables that is the name of a set. */
static void mark_tables(set_check *check)
{
	static const char *const tables[] = {"retest_intervals", "duplicate_therapy", "drug_lab_disease", "max_daily_dose"};
	for (size_t i = 0; i < VG_COUNT(tables); i++) {
		const vg_table *table = vg_knowledge_table(check->knowledge, tables[i]);
		for (size_t k = 0; table && k < table->row_count; k++)
			for (size_t c = 0; c < table->column_count; c++)
				mark_name(check, table->rows[k].cells[c]);
	}
	for (int family = VG_INTERACTIONS; family <= VG_CROSS_REACTIVITY; family++)
		for (uint32_t set = 1; set <= vg_set_count(check->knowledge); set++)
			if (vg_pair_uses(check->knowledge, (vg_family)family, set))
				mark(check, set);
}

static void mark_rules(set_check *check)
{
	const vg_rulebook *book = check->rulebook;
	for (uint32_t i = 0; i < book->rule_count; i++) {
		vg_ids sets = vg_rule_sets(book, i, &check->arena);
		for (size_t k = 0; k < sets.count; k++)
			mark(check, sets.ids[k]);
		for (size_t k = 0; k < book->rules[i].action_count; k++)
			mark(check, book->rules[i].actions[k].set);
	}
	for (uint32_t i = 0; i < book->leaf_count; i++) { /* definitions, and cases of rows */
		const vg_leaf *leaf = &book->leaves[i];
		mark(check, leaf->set);
		mark(check, leaf->other_set);
		for (size_t k = 0; k < VG_COUNT(leaf->helper_sets); k++)
			mark(check, leaf->helper_sets[k]);
	}
	for (vg_builtin_set which = 0; which < VG_BUILTIN_COUNT; which++)
		mark_name(check, vg_builtin_name(which));
	mark_name(check, "severe allergic reaction"); /* the check of allergies looks for it */
}

/* What an allergen stands for is used by every check of allergies. */
static void mark_allergens(set_check *check)
{
	for (vg_concept concept = 1; concept <= vg_concept_count(check->knowledge); concept ++) {
		vg_ids sets = vg_allergen_sets(check->knowledge, concept);
		for (size_t i = 0; i < sets.count; i++)
			mark(check, sets.ids[i]);
	}
}

/* A set that is part of a used one may stand in it by name. */
static bool is_part_of_used(const set_check *check, vg_set set)
{
	vg_ids members = vg_set_members(check->knowledge, set);
	if (!members.count)
		return true; /* told as empty */
	vg_ids around = vg_concept_sets(check->knowledge, members.ids[0]);
	for (size_t i = 0; i < around.count; i++) {
		if (around.ids[i] == set || !vg_bit_test(check->used, around.ids[i]))
			continue;
		size_t inside = 0;
		while (inside < members.count && vg_set_has(check->knowledge, around.ids[i], members.ids[inside]))
			inside++;
		if (inside == members.count)
			return true;
	}
	return false;
}

static void check_codes(set_check *check, vg_set set, vg_place place)
{
	vg_ids members = vg_set_members(check->knowledge, set);
	for (size_t i = 0; i < members.count; i++) {
		vg_concept code = members.ids[i];
		const char *name = vg_concept_name(check->knowledge, code);
		if (!vg_same_text(vg_concept_system(check->knowledge, code), vg_system_uri("rxnorm")) ||
		    vg_drug_ingredients(check->knowledge, code).count)
			continue;
		vg_report(check->findings, VG286, place, NULL,
			  "Look the code up at its publisher; replace it, or import the RxNorm that has it.",
			  "\"%s\" holds the RxNorm code %s%s%s, which is no product, salt or ingredient that is loaded.",
			  vg_set_name(check->knowledge, set), vg_concept_code(check->knowledge, code), *name ? " " : "", name);
	}
}

bool vg_rulebook_check_sets(const vg_rulebook *rulebook, const char *vocabulary, const vg_allocator *allocator,
			    vg_findings *findings)
{
	set_check check = {.rulebook = rulebook, .knowledge = rulebook->knowledge, .findings = findings};
	vg_arena_init(&check.arena, allocator, 0);
	size_t count = vg_set_count(rulebook->knowledge);
	check.used = vg_alloc_array(&check.arena, VG_BITS_WORDS(count + 1), sizeof *check.used);
	if (check.used) {
		mark_tables(&check);
		mark_rules(&check);
		mark_allergens(&check);
	}
	for (vg_set set = 1; check.used && !check.arena.failed && set <= count; set++) {
		vg_place place = vg_set_place(rulebook->knowledge, set);
		if (!is_written(place))
			continue;
		check_codes(&check, set, place);
		if (!lies_below(place.file, vocabulary) && !vg_bit_test(check.used, set) && !is_part_of_used(&check, set))
			vg_report(findings, VG285, place, NULL, "Use it in a rule or a row, or take it out.",
				  "No rule, row or other set uses the set \"%s\".", vg_set_name(rulebook->knowledge, set));
	}
	bool sound = !check.arena.failed;
	vg_arena_free(&check.arena);
	return sound;
}
