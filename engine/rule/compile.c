/*
 * From declarations and table rows to a rulebook.
 *
 * Order of work: definitions are collected; rows of the families become
 * declarations; of declarations with one id the last layer's is kept; each is
 * compiled on its own, so that a mistake costs its own rule only; contexts of
 * pair rows, unused definitions and overlaps are looked at; all is frozen.
 *
 * The result does not depend on the order of files: rules are sorted by
 * severity and id, leaves are numbered in the order of the declarations, which
 * the script floor gives in the order of paths.
 */
#include "rule/rule_internal.h"

typedef struct rule_candidate { /* a declaration that may become a rule */
	const vg_declaration *declaration;
	const char *family;
	uint32_t overrides; /* layers that it overrode, bits */
	bool dropped;
} rule_candidate;

static bool is_rule_kind(const char *kind)
{
	return vg_kind_find(kind) && !vg_same_text(kind, "define") && !vg_same_text(kind, "example") &&
	       !vg_same_text(kind, "pack");
}

/* ---- definitions ------------------------------------------------------------------------ */

static void add_definition(vg_compiler *compiler, const vg_declaration *declaration)
{
	compiler->rule = declaration->id;
	if (!declaration->id || !*declaration->id) {
		VG_COMPLAIN(compiler, VG207, declaration->place, "Write define \"name\" { … }.", "A definition has no name.");
		return;
	}
	for (size_t i = 0; i < compiler->defined_count; i++) {
		vg_defined *earlier = &compiler->defined[i];
		if (!vg_same_fold(earlier->declaration->id, declaration->id))
			continue;
		if (earlier->declaration->pack != declaration->pack)
			earlier->declaration = declaration;
		else
			VG_COMPLAIN(compiler, VG208, declaration->place, "Give it another name, or keep one of them.",
				    "The definition \"%s\" stands twice in one pack.", declaration->id);
		return;
	}
	compiler->defined[compiler->defined_count] =
	    (vg_defined){.declaration = declaration, .nodes = {VG_NO_NODE, VG_NO_NODE}};
	compiler->defined_names[compiler->defined_count++] = declaration->id;
}

static bool collect_definitions(vg_compiler *compiler, const vg_declaration *declarations, size_t count)
{
	compiler->defined = vg_alloc_array(&compiler->scratch, count, sizeof *compiler->defined);
	compiler->defined_names = vg_alloc_array(&compiler->scratch, count, sizeof *compiler->defined_names);
	if (!compiler->defined || !compiler->defined_names)
		return false;
	for (size_t i = 0; i < count; i++)
		if (vg_same_text(declarations[i].kind, "define"))
			add_definition(compiler, &declarations[i]);
	return true;
}

/* Definitions that nothing uses are compiled all the same, so that their mistakes are told. */
static void check_definitions(vg_compiler *compiler)
{
	for (size_t i = 0; i < compiler->defined_count; i++) {
		vg_defined *defined = &compiler->defined[i];
		bool used = defined->used;
		compiler->rule = defined->declaration->id;
		compiler->frame = VG_FRAME_ORDER | VG_FRAME_PAIR;
		compiler->strict = false;
		if (defined->progress[0] == VG_TO_COMPILE && defined->progress[1] == VG_TO_COMPILE)
			vg_definition_node(compiler, defined->declaration->id, defined->declaration->place);
		defined->used = used;
		if (!used)
			VG_COMPLAIN(compiler, VG242, defined->declaration->place, "Use it as meets \"…\", or take it out.",
				    "The definition \"%s\" is used nowhere.", defined->declaration->id);
	}
}

/* ---- layers ---------------------------------------------------------------------------------- */

/* Adds a declaration, or lets it take the place of an earlier layer's. */
static void add_candidate(vg_compiler *compiler, rule_candidate *candidates, size_t *count, vg_map *by_id, rule_candidate added)
{
	const vg_declaration *declaration = added.declaration;
	const char *id = declaration->id ? declaration->id : "";
	uint32_t *place = vg_map_at(by_id, id, strlen(id), true);
	if (!place)
		return;
	compiler->rule = declaration->id;
	rule_candidate *earlier = *place ? &candidates[*place - 1] : NULL;
	if (!earlier) {
		candidates[(*count)++] = added;
		*place = (uint32_t)*count;
	} else if (declaration->pack == earlier->declaration->pack) {
		VG_COMPLAIN(compiler, VG208, declaration->place, "Give it another id, or keep one of them.",
			    "The id \"%s\" stands twice in one pack, first in %s line %d.", id,
			    earlier->declaration->place.file, earlier->declaration->place.line);
	} else {
		if (declaration->pack < earlier->declaration->pack) {
			rule_candidate later = *earlier;
			*earlier = added;
			added = later;
		}
		added.overrides = earlier->overrides | 1u << (earlier->declaration->pack & 31);
		*earlier = added;
	}
}

static bool replaces_itself(const vg_declaration *declaration)
{
	const vg_item *replaces = vg_item_field(&declaration->body, "replaces");
	for (size_t i = 0; replaces && replaces->kind == VG_ITEM_TABLE && i < replaces->item_count; i++)
		if (replaces->items[i].kind == VG_ITEM_TEXT && vg_same_text(replaces->items[i].text, declaration->id))
			return true;
	return false;
}

/* A rule may not quietly share its id with a row of the pair tables. */
static void check_pair_ids(vg_compiler *compiler, const vg_declaration *declaration)
{
	static const char *const tables[] = {"interactions", "cross_reactivity"};
	for (int family = 0; family < 2; family++) {
		if (vg_pair_find_id(compiler->knowledge, (vg_family)family, declaration->id) == UINT32_MAX ||
		    replaces_itself(declaration))
			continue;
		VG_COMPLAIN(compiler, VG208, declaration->place,
			    vg_format(&compiler->scratch,
				      "Give it another id; add replaces = { \"%s\" } when it is meant instead of the row.",
				      declaration->id),
			    "\"%s\" is the id of a row of tables/%s.csv.", declaration->id, tables[family]);
	}
}

static void compile_candidate(vg_compiler *compiler, const rule_candidate *candidate)
{
	vg_rule *rules =
	    vg_grow(&compiler->scratch, compiler->rules, compiler->rule_count, &compiler->rule_capacity, sizeof *rules);
	if (!rules)
		return;
	compiler->rules = rules;
	vg_rule *rule = &rules[compiler->rule_count];
	if (!vg_compile_rule(compiler, candidate->declaration, candidate->family, rule))
		return;
	if (candidate->declaration->id)
		check_pair_ids(compiler, candidate->declaration);
	rule->overrides = candidate->overrides;
	if (!compiler->failed)
		compiler->rule_count++;
}

static bool compile_all(vg_compiler *compiler, const vg_declaration *declarations, size_t count)
{
	vg_made *made = NULL;
	size_t made_count = 0, candidate_count = 0;
	if (!vg_declare_tables(compiler, &made, &made_count))
		return false;
	rule_candidate *candidates = vg_alloc_array(&compiler->scratch, count + made_count, sizeof *candidates);
	if (!candidates)
		return false;
	vg_map by_id;
	vg_map_init(&by_id, &compiler->scratch);
	for (size_t i = 0; i < made_count; i++)
		add_candidate(compiler, candidates, &candidate_count, &by_id,
			      (rule_candidate){&made[i].declaration, made[i].family, 0, false});
	for (size_t i = 0; i < count; i++) {
		if (is_rule_kind(declarations[i].kind))
			add_candidate(compiler, candidates, &candidate_count, &by_id,
				      (rule_candidate){&declarations[i], NULL, 0, false});
		else if (!vg_kind_find(declarations[i].kind))
			VG_COMPLAIN(compiler, VG202, declarations[i].place,
				    "Write interaction, contraindication, screening, rule, define or example.",
				    "There is no kind of rule \"%s\".", declarations[i].kind);
	}
	for (size_t i = 0; i < candidate_count && vg_compiler_sound(compiler); i++)
		compile_candidate(compiler, &candidates[i]);
	return vg_compiler_sound(compiler);
}

/* ---- the whole -------------------------------------------------------------------------------- */

static bool compile_book(vg_compiler *compiler, const vg_declaration *declarations, size_t count)
{
	vg_arena *arena = &compiler->book->arena;
	vg_map_init(&compiler->leaf_of, &compiler->scratch);
	vg_map_init(&compiler->text_of, &compiler->scratch);
	compiler->slot_count = 1;
	compiler->slot_of_set = vg_alloc_array(arena, vg_set_count(compiler->knowledge) + 1, sizeof *compiler->slot_of_set);
	if (!compiler->slot_of_set || !collect_definitions(compiler, declarations, count) ||
	    !compile_all(compiler, declarations, count))
		return false;
	vg_compile_pair_cases(compiler);
	check_definitions(compiler);
	if (!vg_compiler_sound(compiler) || !vg_freeze_rulebook(compiler))
		return false;
	vg_check_overlaps(compiler);
	return vg_compiler_sound(compiler);
}

vigil_status vg_rulebook_compile(const vg_declaration *declarations, size_t count, const vg_knowledge *knowledge,
				 const vg_allocator *allocator, vg_findings *findings, vg_rulebook **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_rulebook *book = vg_alloc(&arena, sizeof *book);
	if (!book) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	book->arena = arena;
	book->knowledge = knowledge;
	vg_compiler compiler = {.book = book, .knowledge = knowledge, .findings = findings};
	vg_arena_init(&compiler.scratch, allocator, 0);
	bool good = compile_book(&compiler, declarations, count);
	vg_arena_free(&compiler.scratch);
	if (!good) {
		vg_rulebook_free(book);
		return vg_fail_memory(err);
	}
	*ret = book;
	return VIGIL_OK;
}

void vg_rulebook_free(vg_rulebook *rulebook)
{
	if (!rulebook)
		return;
	vg_arena arena = rulebook->arena; /* the rulebook lives in it */
	vg_arena_free(&arena);
}

uint32_t vg_rule_find(const vg_rulebook *rulebook, const char *id)
{
	for (uint32_t i = 0; i < rulebook->rule_count; i++)
		if (vg_same_text(rulebook->rules[i].id, id))
			return i;
	return UINT32_MAX;
}

void vg_rule_withdraw(vg_rulebook *rulebook, uint32_t rule)
{
	vg_rule *rules = (vg_rule *)rulebook->rules; /* ours; not yet shared */
	rules[rule].status = VG_STATUS_DRAFT;
}

/* Whether a day of review lies before `today`; what cannot be read was told when the pack was read. */
static bool is_past(const char *review_by, vg_day today)
{
	vg_when when;
	return vg_date_parse(review_by, strlen(review_by), &when) && when.last < today;
}

static void tell_review(vg_findings *findings, vg_place place, const char *rule, const char *review_by)
{
	vg_report(findings, VG291, place, rule, "Review it against the evidence, then move review_by on.",
		  "It was to be reviewed by %s.", review_by);
}

/* Rows without a day are told once a table: a table comes from one hand. */
static void review_rows(const vg_rulebook *rulebook, vg_family family, vg_day today, vg_findings *findings)
{
	vg_pair_row row, first = {.id = NULL};
	size_t without = 0;
	for (uint32_t i = 0; i < vg_pair_count(rulebook->knowledge, family); i++) {
		vg_pair_get(rulebook->knowledge, family, i, &row);
		if (row.status == VG_STATUS_RETIRED)
			continue;
		if (is_past(row.review_by, today))
			tell_review(findings, row.place, row.id, row.review_by);
		if (!*row.review_by && without++ == 0)
			first = row;
	}
	if (without)
		vg_report(findings, VG292, first.place, first.id, "Fill in review_by: 2028-01-01.",
			  without == 1 ? "This row has no review_by."
				       : "This row has no review_by, and %zu other rows of its table have none.",
			  without - 1);
}

void vg_rulebook_review(const vg_rulebook *rulebook, vg_day today, vg_findings *findings)
{
	for (uint32_t i = 0; i < rulebook->rule_count; i++) {
		const vg_rule *rule = &rulebook->rules[i];
		if (rule->status == VG_STATUS_RETIRED)
			continue;
		if (!*rule->review_by)
			vg_report(findings, VG292, rule->place, rule->id, "Add review_by = \"2028-01-01\".",
				  "Nothing says by when it is to be reviewed.");
		else if (is_past(rule->review_by, today))
			tell_review(findings, rule->place, rule->id, rule->review_by);
	}
	review_rows(rulebook, VG_INTERACTIONS, today, findings);
	review_rows(rulebook, VG_CROSS_REACTIVITY, today, findings);
}
