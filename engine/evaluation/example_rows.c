/*
 * Rows of the pair tables, proven by examples that are made for them.
 *
 * For an interaction: a patient takes a drug of one side and is ordered one
 * of the other, both ways.  For a cross-reactivity: a patient is allergic to the
 * one and is ordered the other.  The row must be among what some alert names.
 * A set is stood for by a few of its plainest members, because two sets may
 * share one, and because another row may silence this one for a certain pair.
 *
 * Rows that a Lua rule replaces, and rows that are there to stay silent, are
 * not run.
 *
 * Called by world.c when a world is opened whose tables are not yet proven.
 */
#include "evaluation/example_internal.h"

#include <string.h>

enum { CANDIDATES = 5, MOST_ROWS = 5000 };

struct prover {
	vg_world *world;
	vg_findings *findings;
	vg_evaluator *evaluator;
	vg_arena arena; /* of one example */
	vg_day today;
	vg_arena cache_arena;
	struct candidates **cache; /* by set, as far as asked for */
};

typedef struct candidates candidates;

struct candidates { /* members of a set, the plainest first */
	vg_concept items[CANDIDATES];
	size_t count;
};

static void add_candidate(const vg_knowledge *knowledge, candidates *list, vg_concept concept)
{
	int rank = vg_example_plainness(knowledge, concept, VG_USE_DRUG);
	if (rank > 3) /* no drug */
		return;
	size_t at = list->count;
	while (at > 0 && vg_example_plainness(knowledge, list->items[at - 1], VG_USE_DRUG) > rank)
		at--;
	if (at == CANDIDATES)
		return;
	list->count += list->count < CANDIDATES;
	memmove(&list->items[at + 1], &list->items[at], (list->count - 1 - at) * sizeof list->items[0]);
	list->items[at] = concept;
}

/* NULL when memory ran out. */
static const candidates *candidates_of(struct prover *prover, vg_set set)
{
	const vg_knowledge *knowledge = prover->world->knowledge;
	if (prover->cache[set])
		return prover->cache[set];
	candidates *list = vg_alloc(&prover->cache_arena, sizeof *list);
	if (!list)
		return NULL;
	vg_ids members = vg_set_members(knowledge, set);
	for (size_t i = 0; i < members.count; i++)
		add_candidate(knowledge, list, members.ids[i]);
	vg_concept preferred = vg_set_preferred(knowledge, set);
	if (preferred && list->count && vg_example_plainness(knowledge, preferred, VG_USE_DRUG) <= 3)
		list->items[0] = preferred;
	return prover->cache[set] = list;
}

static bool share_ingredient(const vg_knowledge *knowledge, vg_concept a, vg_concept b)
{
	vg_ids first = vg_drug_ingredients(knowledge, a), second = vg_drug_ingredients(knowledge, b);
	for (size_t i = 0; i < first.count; i++)
		for (size_t k = 0; k < second.count; k++)
			if (first.ids[i] == second.ids[k])
				return true;
	return false;
}

static bool names_row(const vg_answer *answer, const char *id)
{
	for (size_t i = 0; i < answer->alert_count; i++) {
		if (strcmp(answer->alerts[i].rule, id) == 0)
			return true;
		for (size_t k = 0; k < answer->alerts[i].also_count; k++)
			if (strcmp(answer->alerts[i].also[k], id) == 0)
				return true;
	}
	return false;
}

/* Whether the row speaks when `present` is taken (or is an allergy) and `ordered` is ordered. */
static vigil_status speaks(struct prover *prover, vg_family family, vg_concept present, vg_concept ordered, const char *id,
			   bool *ret, vigil_error *err)
{
	vg_world *world = prover->world;
	vg_example example;
	vg_example_texts texts;
	vg_record *record = NULL, *orders = NULL;
	const vg_answer *answer;
	vg_arena_reset(&prover->arena);
	vg_example_begin(&example, world->knowledge, &prover->arena, prover->today);
	if (family == VG_INTERACTIONS)
		vg_example_take(&example, present);
	else
		vg_example_allergy(&example, present);
	vg_example_order(&example, ordered);
	if (!vg_example_end(&example, &texts))
		return vg_fail_memory(err);
	vigil_status status = vg_example_read(world, &texts, &record, &orders, err);
	if (status != VIGIL_OK)
		return status;
	const vg_record *order_record = orders;
	vg_question question = {
	    .record = record, .as_of = {prover->today, prover->today, VG_NO_INSTANT}, .budget_ms = VG_UNHURRIED_MS};
	question.order_records = &order_record;
	question.order_record_count = 1;
	status = vg_decide(prover->evaluator, world, &question, &answer, err);
	if (status == VIGIL_OK)
		*ret = names_row(answer, id);
	vg_record_free(orders);
	vg_record_free(record);
	return status;
}

/* One direction: any of the candidates may show it. */
static vigil_status prove_direction(struct prover *prover, vg_family family, const candidates *present,
				    const candidates *ordered, const char *id, bool *ret, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	*ret = false;
	for (size_t i = 0; i < present->count; i++)
		for (size_t k = 0; k < ordered->count; k++) {
			if (share_ingredient(prover->world->knowledge, present->items[i], ordered->items[k]))
				continue;
			status = speaks(prover, family, present->items[i], ordered->items[k], id, ret, err);
			if (status != VIGIL_OK || *ret)
				return status;
		}
	return status;
}

static void complain(const struct prover *prover, const vg_pair_row *row, const char *text, const char *detail)
{
	vg_report(prover->findings, VG406, row->place, row->id,
		  "Look at the members of its two sets, and at rows that silence it.", "The row \"%s\" %s%s.", row->id, text,
		  detail);
}

/* Its sets have members, and at least one pair of two different drugs. */
static bool is_sound(const struct prover *prover, const vg_pair_row *row, const candidates *a, const candidates *b)
{
	const vg_knowledge *knowledge = prover->world->knowledge;
	if (a->count == 0 || b->count == 0) {
		complain(prover, row, "has a side without any drug: ", vg_set_name(knowledge, a->count == 0 ? row->a : row->b));
		return false;
	}
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b->count; k++)
			if (!share_ingredient(knowledge, a->items[i], b->items[k]))
				return true;
	complain(prover, row, "has the same drug on both sides", "");
	return false;
}

static vigil_status prove_row(struct prover *prover, vg_family family, const vg_pair_row *row, bool run, size_t *proven,
			      vigil_error *err)
{
	const candidates *a = candidates_of(prover, row->a), *b = candidates_of(prover, row->b);
	bool forth = false, back = family != VG_INTERACTIONS;
	if (!a || !b)
		return vg_fail_memory(err);
	if (!is_sound(prover, row, a, b) || !run)
		return VIGIL_OK;
	vigil_status status = prove_direction(prover, family, a, b, row->id, &forth, err);
	if (status == VIGIL_OK && !back)
		status = prove_direction(prover, family, b, a, row->id, &back, err);
	if (status != VIGIL_OK)
		return status;
	*proven += forth && back;
	const vg_knowledge *knowledge = prover->world->knowledge;
	if (!forth)
		complain(prover, row,
			 family == VG_INTERACTIONS ? "does not speak when the first drug is taken and this is ordered: "
						   : "does not speak when the allergy is recorded and this is ordered: ",
			 vg_set_name(knowledge, row->b));
	if (!back)
		complain(prover, row,
			 "does not speak when the second drug is taken and this is ordered: ", vg_set_name(knowledge, row->a));
	return VIGIL_OK;
}

static bool is_in_service(const vg_rulebook *book, vg_family family, uint32_t number, const vg_pair_row *row)
{
	const vg_bits *replaced = book->replaced_rows[family];
	return row->status == VG_STATUS_ACTIVE && !row->silent && !(replaced && vg_bit_test(replaced, number));
}

static vigil_status prove_family(struct prover *prover, vg_family family, size_t *proven, vigil_error *err)
{
	const vg_knowledge *knowledge = prover->world->knowledge;
	vg_place table = {family == VG_INTERACTIONS ? "interactions" : "cross_reactivity", 0, 0};
	size_t count = vg_pair_count(knowledge, family), ran = 0, active = 0;
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; i < count && status == VIGIL_OK; i++) {
		vg_pair_row row;
		vg_pair_get(knowledge, family, (uint32_t)i, &row);
		if (!is_in_service(prover->world->rulebook, family, (uint32_t)i, &row))
			continue;
		/* Evenly spread over all rows: the i-th is run when it begins a new one of MOST_ROWS equal parts. */
		bool run = count <= MOST_ROWS || i * MOST_ROWS / count != (i + 1) * MOST_ROWS / count;
		active++;
		ran += run;
		status = prove_row(prover, family, &row, run, proven, err);
	}
	if (status == VIGIL_OK && ran < active)
		vg_report(prover->findings, VG407, table, NULL, NULL,
			  "Of %zu active rows all were looked at and %zu, evenly spread, were run.", active, ran);
	return status;
}

vigil_status vg_rows_prove(vg_world *world, vg_findings *findings, size_t *ret_proven, vigil_error *err)
{
	struct prover prover = {.world = world, .findings = findings, .today = vg_day_from(2026, 1, 1)};
	size_t proven = 0;
	vigil_status status = vg_evaluator_open(&world->allocator, &prover.evaluator, err);
	if (status != VIGIL_OK)
		return status;
	vg_arena_init(&prover.arena, &world->allocator, 0);
	vg_arena_init(&prover.cache_arena, &world->allocator, 0);
	prover.cache = vg_alloc_array(&prover.cache_arena, vg_set_count(world->knowledge) + 1, sizeof *prover.cache);
	status = prover.cache ? prove_family(&prover, VG_INTERACTIONS, &proven, err) : vg_fail_memory(err);
	if (status == VIGIL_OK)
		status = prove_family(&prover, VG_CROSS_REACTIVITY, &proven, err);
	vg_evaluator_close(prover.evaluator);
	vg_arena_free(&prover.arena);
	vg_arena_free(&prover.cache_arena);
	if (status == VIGIL_OK && findings->arena.failed)
		status = vg_fail_memory(err);
	if (status == VIGIL_OK)
		*ret_proven = proven;
	return status;
}
