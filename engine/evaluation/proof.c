/*
 * Proof: a rule of the packs runs only when its examples pass.
 *
 * An active rule needs an example in which it fires, one in which it stays
 * silent, and one in which something is not known.  A rule that lacks one, or
 * one of whose examples comes out otherwise, becomes a draft and is named.
 * What was proven is remembered under the world's digest, so that opening the
 * same packs again does not prove them again; what was not, is not remembered.
 */
#include "evaluation/evaluation_internal.h"

#include <sys/stat.h>

enum { SHOWS_FIRING = 1, SHOWS_SILENCE = 2, SHOWS_UNKNOWN = 4, SHOWS_ALL = 7 };

/* ---- what the examples show, as they are written ------------------------------------- */

static const vg_item *field(const vg_item *table, const char *name)
{
	for (size_t i = 0; i < table->field_count; i++)
		if (strcmp(table->fields[i].name, name) == 0)
			return &table->fields[i].value;
	return NULL;
}

static bool has_word(const vg_item *list, const char *word)
{
	for (size_t i = 0; list && i < list->item_count; i++)
		if (list->items[i].kind == VG_ITEM_PHRASE && strcmp(list->items[i].phrase->word, word) == 0)
			return true;
	return false;
}

static unsigned shown_by_word(const char *word)
{
	static const struct {
		const char *word;
		unsigned shows;
	} words[] = {
	    {"alert", SHOWS_FIRING},   {"overdue", SHOWS_FIRING},        {"due_soon", SHOWS_FIRING},
	    {"silent", SHOWS_SILENCE}, {"up_to_date", SHOWS_SILENCE},    {"not_applicable", SHOWS_SILENCE},
	    {"ask", SHOWS_UNKNOWN},    {"not_evaluated", SHOWS_UNKNOWN}, {"indeterminate", SHOWS_UNKNOWN},
	};
	for (size_t i = 0; i < VG_COUNT(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].shows;
	return 0;
}

static void add_shown(const vg_rulebook *book, uint8_t *shown, const char *id, unsigned what)
{
	uint32_t rule = id ? vg_rule_find(book, id) : VG_NO_RULE;
	if (rule != VG_NO_RULE)
		shown[rule] |= (uint8_t)what;
}

static void read_expectations(const vg_rulebook *book, uint8_t *shown, const vg_item *list, unsigned besides)
{
	for (size_t i = 0; list && i < list->item_count; i++) {
		const vg_item *item = &list->items[i];
		if (item->kind == VG_ITEM_TEXT)
			add_shown(book, shown, item->text, SHOWS_FIRING | besides);
		else if (item->kind == VG_ITEM_PHRASE && item->phrase->argument_count)
			add_shown(book, shown, item->phrase->arguments[0].text, shown_by_word(item->phrase->word) | besides);
	}
}

/* Rules of the same file that an `expect_only` does not name stay silent. */
static void read_only(const vg_rulebook *book, uint8_t *shown, const vg_declaration *example, const vg_item *list,
		      unsigned besides)
{
	for (uint32_t i = 0; list && i < book->rule_count; i++) {
		const vg_rule *rule = &book->rules[i];
		bool is_named = false;
		for (size_t k = 0; k < list->item_count; k++) {
			const vg_item *item = &list->items[k];
			const char *id = item->kind == VG_ITEM_TEXT ? item->text
					 : item->kind == VG_ITEM_PHRASE && item->phrase->argument_count
					     ? item->phrase->arguments[0].text
					     : NULL;
			is_named |= vg_same_text(id, rule->id);
		}
		if (!is_named && vg_same_text(rule->place.file, example->place.file))
			shown[i] |= (uint8_t)(SHOWS_SILENCE | besides);
	}
}

static void read_example(const vg_rulebook *book, uint8_t *shown, const vg_declaration *example)
{
	const vg_item *given = field(&example->body, "given");
	unsigned besides = has_word(given, "no_information") ? SHOWS_UNKNOWN : 0;
	read_expectations(book, shown, field(&example->body, "expect"), besides);
	read_expectations(book, shown, field(&example->body, "expect_only"), besides);
	read_only(book, shown, example, field(&example->body, "expect_only"), besides);
}

/* ---- withdrawing ------------------------------------------------------------------------ */

static const char *lacking(unsigned shown)
{
	if (!(shown & SHOWS_FIRING))
		return "one in which it fires";
	return shown & SHOWS_SILENCE ? "one in which something is not known" : "one in which it stays silent";
}

static bool withdraw_unshown(vg_world *world, vg_arena *scratch)
{
	vg_rulebook *book = world->rulebook;
	size_t count;
	const vg_declaration *declarations = vg_script_declarations(world->script, &count);
	uint8_t *shown = vg_alloc(scratch, book->rule_count);
	bool all = true;
	for (size_t i = 0; shown && i < count; i++)
		if (strcmp(declarations[i].kind, "example") == 0 && declarations[i].body.kind == VG_ITEM_TABLE)
			read_example(book, shown, &declarations[i]);
	for (uint32_t i = 0; shown && i < book->rule_count; i++) {
		const vg_rule *rule = &book->rules[i];
		if (rule->family || rule->status != VG_STATUS_ACTIVE || shown[i] == SHOWS_ALL)
			continue;
		vg_report(&world->findings, VG400, rule->place, rule->id,
			  "Write the example beside the rule, or give the rule status = \"draft\".",
			  "The active rule %s has no example of %s.", rule->id, lacking(shown[i]));
		vg_rule_withdraw(book, i);
		all = false;
	}
	return all && shown;
}

static bool withdraw_failed(vg_world *world, const vg_example_report *report)
{
	bool all = true;
	for (size_t i = 0; i < report->count; i++) {
		const vg_example_result *result = &report->items[i];
		if (result->passed || result->known_gap)
			continue;
		all = false;
		vg_report(&world->findings, VG401, result->place, result->rule_count ? result->rules[0] : NULL,
			  "Mend the rule or the example; `vigil test` shows the record.",
			  "The example \"%s\" does not come out as written: %s", result->name, result->text);
		for (size_t k = 0; k < result->rule_count; k++) {
			uint32_t rule = vg_rule_find(world->rulebook, result->rules[k]);
			if (rule != VG_NO_RULE && world->rulebook->rules[rule].status == VG_STATUS_ACTIVE)
				vg_rule_withdraw(world->rulebook, rule);
		}
	}
	return all;
}

/* Only packs with a digest of their own can be remembered: a lone file has none. */
static bool can_remember(const vg_world *world)
{
	for (size_t i = 0; i < world->pack_count; i++) {
		struct stat info;
		if (stat(world->packs[i].folder, &info) != 0 || !S_ISDIR(info.st_mode))
			return false;
	}
	return true;
}

vigil_status vg_world_prove(vg_world *world, vigil_error *err)
{
	bool remembers = can_remember(world);
	if (remembers && vg_knowledge_was_proven(world->knowledge, &world->digest))
		return VIGIL_OK;
	vg_arena scratch;
	vg_arena_init(&scratch, &world->allocator, 0);
	vg_example_report report;
	vigil_status status = vg_examples_run(world, NULL, &report, err);
	if (status == VIGIL_OK) {
		bool passed = withdraw_failed(world, &report);
		vg_example_report_free(&report);
		passed &= withdraw_unshown(world, &scratch);
		if (scratch.failed || world->findings.arena.failed)
			status = vg_fail_memory(err);
		else if (passed && remembers && world->findings.errors == 0)
			vg_knowledge_remember_proof(world->knowledge, &world->digest);
	}
	vg_arena_free(&scratch);
	return status;
}
