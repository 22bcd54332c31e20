/*
 * Mutation: changes of a rule that no example would notice.
 *
 * Each change is compiled into a rulebook of its own, beside all other rules
 * unchanged, and the rule's passing examples are run until one fails.  A
 * change that does not compile, or leaves the rule out, is no change of the
 * rule and is not counted.  A definition is changed with the rules of its own
 * file; one that stands elsewhere belongs to whoever wrote it.
 *
 * Called by `vigil mutate`.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "evaluation/authoring_internal.h"

typedef struct mutator {
	vg_world *world;
	vg_mutation *mutation;
	vg_mutated *current;
	size_t survivor_capacity;
	const vg_declaration *declarations;
	size_t count;
	bool *passes; /* beside declarations: an example that passes unchanged and is about the rule */
} mutator;

static bool same_place(vg_place a, vg_place b)
{
	return a.line == b.line && a.column == b.column && vg_same_text(a.file, b.file);
}

/* ---- what belongs to a rule -------------------------------------------------------------- */

static vigil_status find_examples(mutator *all, vigil_error *err)
{
	vg_example_report report;
	vigil_status status = vg_examples_run(all->world, all->current->rule, &report, err);
	if (status != VIGIL_OK)
		return status;
	for (size_t i = 0; i < all->count; i++) {
		all->passes[i] = false;
		for (size_t k = 0; k < report.count && strcmp(all->declarations[i].kind, "example") == 0; k++)
			all->passes[i] |=
			    report.items[k].passed && same_place(report.items[k].place, all->declarations[i].place);
		all->current->examples += all->passes[i];
	}
	vg_example_report_free(&report);
	return VIGIL_OK;
}

static bool uses_definition(const vg_item *item, const char *name)
{
	for (size_t i = 0; i < item->item_count; i++)
		if (uses_definition(&item->items[i], name))
			return true;
	for (size_t i = 0; i < item->field_count; i++)
		if (uses_definition(&item->fields[i].value, name))
			return true;
	if (item->kind != VG_ITEM_PHRASE)
		return false;
	const vg_phrase *phrase = item->phrase;
	for (size_t i = 0; i < phrase->argument_count; i++) {
		const vg_item *argument = &phrase->arguments[i];
		if (strcmp(phrase->word, "meets") == 0 && argument->kind == VG_ITEM_TEXT && vg_same_fold(argument->text, name))
			return true;
		if (uses_definition(argument, name))
			return true;
	}
	return false;
}

/* The rule itself, or a definition of its file that it uses, through others too. */
static bool belongs(const mutator *all, size_t rule, size_t candidate)
{
	const vg_declaration *it = &all->declarations[candidate], *owner = &all->declarations[rule];
	if (candidate == rule)
		return true;
	if (strcmp(it->kind, "define") != 0 || !vg_same_text(it->place.file, owner->place.file))
		return false;
	if (uses_definition(&owner->body, it->id))
		return true;
	for (size_t i = 0; i < all->count; i++)
		if (i != candidate && i != rule && strcmp(all->declarations[i].kind, "define") == 0 &&
		    vg_same_text(all->declarations[i].place.file, owner->place.file) &&
		    uses_definition(&all->declarations[i].body, it->id) &&
		    uses_definition(&owner->body, all->declarations[i].id))
			return true;
	return false;
}

/* ---- one change -------------------------------------------------------------------------------- */

static bool wants_example(void *user, const vg_declaration *declaration)
{
	const mutator *all = user;
	return all->passes[declaration - all->declarations];
}

/* Whether an example notices: runs them on the changed rules. */
static vigil_status run_changed(mutator *all, vg_rulebook *book, bool *ret_noticed, vigil_error *err)
{
	vg_example_run how = {.wants = wants_example, .stop_at_failure = true, .user = all};
	vg_example_report report;
	vg_world changed = {.knowledge = all->world->knowledge,
			    .script = all->world->script,
			    .rulebook = book,
			    .packs = all->world->packs,
			    .pack_count = all->world->pack_count,
			    .digest = all->world->digest,
			    .allocator = all->world->allocator};
	atomic_init(&changed.references, 1); /* lives here: evaluators come and go */
	vigil_status status = vg_examples_run_as(&changed, &how, &report, err);
	if (status != VIGIL_OK)
		return status;
	*ret_noticed = report.failed > 0;
	vg_example_report_free(&report);
	return VIGIL_OK;
}

static bool keep_survivor(mutator *all, const vg_edit *edit)
{
	vg_arena *arena = &all->mutation->arena;
	vg_mutated *item = all->current;
	vg_mutant *survivors =
	    vg_grow(arena, item->survivors, item->survivor_count, &all->survivor_capacity, sizeof *survivors);
	const char *change = vg_copy_text(arena, edit->change, strlen(edit->change));
	if (!survivors || !change)
		return false;
	item->survivors = survivors;
	survivors[item->survivor_count++] = (vg_mutant){change, edit->place};
	return true;
}

static vigil_status try_edit(mutator *all, size_t place, const vg_edit *edit, vg_arena *scratch, vigil_error *err)
{
	vg_findings findings;
	vg_rulebook *book = NULL;
	vg_declaration *declarations = vg_alloc_array(scratch, all->count, sizeof *declarations);
	if (!declarations)
		return vg_fail_memory(err);
	memcpy(declarations, all->declarations, all->count * sizeof *declarations);
	declarations[place].body = vg_edited(&all->declarations[place].body, edit, scratch);
	if (scratch->failed)
		return vg_fail_memory(err);
	vg_findings_init(&findings, &all->world->allocator);
	vigil_status status =
	    vg_rulebook_compile(declarations, all->count, all->world->knowledge, &all->world->allocator, &findings, &book, err);
	bool stands = status == VIGIL_OK && vg_rule_find(book, all->current->rule) != UINT32_MAX &&
		      findings.errors <= all->world->findings.errors,
	     noticed = false;
	vg_findings_free(&findings);
	if (stands) {
		status = run_changed(all, book, &noticed, err);
		all->current->changes += status == VIGIL_OK;
		all->current->noticed += status == VIGIL_OK && noticed;
		if (status == VIGIL_OK && !noticed && !keep_survivor(all, edit))
			status = vg_fail_memory(err);
	}
	vg_rulebook_free(book);
	return status;
}

/* ---- rules -------------------------------------------------------------------------------------- */

static vigil_status mutate_rule(mutator *all, const vg_rule *rule, const vg_progress *progress, size_t done, size_t count,
				vigil_error *err)
{
	size_t place = 0;
	while (place < all->count && !(strcmp(all->declarations[place].id ? all->declarations[place].id : "", rule->id) == 0 &&
				       same_place(all->declarations[place].place, rule->place)))
		place++;
	vigil_status status = find_examples(all, err);
	for (size_t i = 0; place < all->count && i < all->count && status == VIGIL_OK; i++) {
		vg_arena arena, scratch;
		vg_edit_list edits = {.items = NULL};
		if (!belongs(all, place, i))
			continue;
		vg_arena_init(&arena, &all->world->allocator, 0);
		vg_arena_init(&scratch, &all->world->allocator, 0);
		vg_list_edits(all->world->knowledge, &all->declarations[i], &arena, &edits);
		if (arena.failed)
			status = vg_fail_memory(err);
		for (size_t k = 0; k < edits.count && status == VIGIL_OK; k++) {
			if (progress && progress->step)
				progress->step(progress->user, done * 1000 + k * 1000 / edits.count, count * 1000);
			status = try_edit(all, i, &edits.items[k], &scratch, err);
			vg_arena_reset(&scratch);
		}
		vg_arena_free(&scratch);
		vg_arena_free(&arena);
	}
	return status;
}

static int by_id(const void *left, const void *right)
{
	return strcmp(((const vg_mutated *)left)->rule, ((const vg_mutated *)right)->rule);
}

vigil_status vg_mutate(vg_world *world, const uint32_t *rules, size_t rule_count, const vg_progress *progress, vg_mutation *ret,
		       vigil_error *err)
{
	vg_mutation mutation = {.count = 0};
	mutator all = {.world = world, .mutation = &mutation};
	vg_arena_init(&mutation.arena, &world->allocator, 0);
	all.declarations = vg_script_declarations(world->script, &all.count);
	all.passes = vg_alloc_array(&mutation.arena, all.count + 1, sizeof *all.passes);
	mutation.items = vg_alloc_array(&mutation.arena, rule_count + 1, sizeof *mutation.items);
	vigil_status status = mutation.arena.failed ? vg_fail_memory(err) : VIGIL_OK;
	for (size_t i = 0; i < rule_count && status == VIGIL_OK; i++) {
		const vg_rule *rule = &world->rulebook->rules[rules[i]];
		all.current = &mutation.items[mutation.count++];
		all.survivor_capacity = 0;
		*all.current = (vg_mutated){.rule = rule->id, .place = rule->place};
		status = mutate_rule(&all, rule, progress, i, rule_count, err);
	}
	if (status != VIGIL_OK) {
		vg_arena_free(&mutation.arena);
		return status;
	}
	if (progress && progress->step)
		progress->step(progress->user, rule_count * 1000, rule_count * 1000);
	if (mutation.count)
		qsort(mutation.items, mutation.count, sizeof *mutation.items, by_id);
	*ret = mutation;
	return VIGIL_OK;
}

void vg_mutation_free(vg_mutation *mutation)
{
	vg_arena_free(&mutation->arena);
	mutation->items = NULL;
	mutation->count = 0;
}

unsigned vg_mutation_score(const vg_mutated *item)
{
	return item->changes ? (unsigned)(item->noticed * 100 / item->changes) : 100;
}
