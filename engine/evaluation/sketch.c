/*
 * Sketches: a patient for whom a rule speaks, with one limit in focus.
 *
 * What a rule asks for is given, nothing else: members of `all` all, of `any`
 * one, of `none` and of exceptions nothing, unless the focus lies there; then
 * the way down to it is opened, so that the focus alone decides.  The sketch is
 * a list of words as an author would write them behind `given`; what becomes of
 * the patient is found by running it, never by reasoning about the rule.
 *
 * Called by boundaries.c.
 */
#include "evaluation/authoring_internal.h"

/* ---- words ------------------------------------------------------------------------------ */

static vg_item text_item(const char *text) { return (vg_item){.kind = VG_ITEM_TEXT, .text = text}; }

static vg_phrase *make_phrase(vg_sketch *sketch, const char *word, const char *const *texts, size_t count)
{
	vg_phrase *phrase = vg_alloc(sketch->arena, sizeof *phrase);
	vg_item *arguments = vg_alloc_array(sketch->arena, 3, sizeof *arguments);
	if (!phrase || !arguments)
		return NULL;
	for (size_t i = 0; i < count; i++)
		arguments[i] = text_item(texts[i]);
	*phrase = (vg_phrase){.word = word, .arguments = arguments, .argument_count = count};
	return phrase;
}

static void put(vg_sketch *sketch, vg_phrase *phrase)
{
	vg_item *given = vg_grow(sketch->arena, sketch->given, sketch->count, &sketch->capacity, sizeof *given);
	if (!given)
		return; /* the arena is marked as failed */
	sketch->given = given;
	if (phrase)
		given[sketch->count++] = (vg_item){.kind = VG_ITEM_PHRASE, .phrase = phrase};
}

vg_phrase *vg_sketch_give(vg_sketch *sketch, const char *word, const char *first, const char *second, const char *third)
{
	const char *const texts[] = {first, second, third};
	vg_phrase *phrase = make_phrase(sketch, word, texts, third ? 3 : second ? 2 : first ? 1 : 0);
	put(sketch, phrase);
	return phrase;
}

void vg_sketch_refine(vg_sketch *sketch, vg_phrase *phrase, const char *name, const char *argument)
{
	vg_item *value = vg_alloc(sketch->arena, sizeof *value);
	vg_refinement *all = phrase ? vg_alloc_array(sketch->arena, phrase->refinement_count + 1, sizeof *all) : NULL;
	if (!value || !all)
		return;
	size_t count = 0;
	for (size_t i = 0; i < phrase->refinement_count; i++)
		if (strcmp(phrase->refinements[i].name, name) != 0) /* what is said later counts */
			all[count++] = phrase->refinements[i];
	if (argument)
		*value = text_item(argument);
	all[count++] = (vg_refinement){.name = name, .arguments = value, .argument_count = argument != NULL};
	phrase->refinements = all;
	phrase->refinement_count = count;
}

const char *vg_sketch_day(vg_sketch *sketch, vg_day day)
{
	char text[16];
	vg_day_text(day, text);
	return vg_copy_text(sketch->arena, text, strlen(text));
}

void vg_add_lua_text(vg_buffer *out, const char *text)
{
	vg_add(out, "\"");
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			vg_add(out, "\\");
		vg_add_byte(out, *text == '\n' ? ' ' : *text);
	}
	vg_add(out, "\"");
}

void vg_add_phrase(vg_buffer *out, const vg_phrase *phrase)
{
	vg_add(out, phrase->word);
	vg_add(out, phrase->argument_count > 1 ? "(" : phrase->argument_count ? " " : "");
	for (size_t i = 0; i < phrase->argument_count; i++) {
		vg_add(out, i ? ", " : "");
		vg_add_lua_text(out, phrase->arguments[i].text);
	}
	vg_add(out, phrase->argument_count > 1 ? ")" : "");
	for (size_t i = 0; i < phrase->refinement_count; i++) {
		const vg_refinement *refinement = &phrase->refinements[i];
		vg_addf(out, " :%s", refinement->name);
		vg_add(out, refinement->argument_count ? " " : "");
		if (refinement->argument_count)
			vg_add_lua_text(out, refinement->arguments[0].text);
	}
}

/* ---- drugs ---------------------------------------------------------------------------------- */

size_t vg_sketch_drugs(vg_sketch *sketch, vg_set set, const char **names, size_t most)
{
	vg_ids members = vg_set_members(sketch->knowledge, set);
	size_t count = 0;
	for (size_t i = 0; i < members.count && count < most; i++) {
		vg_concept concept = members.ids[i];
		vg_ids ingredients = vg_drug_ingredients(sketch->knowledge, concept);
		if (ingredients.count != 1 || ingredients.ids[0] != concept)
			continue;
		vg_set own = vg_ingredient_set(sketch->knowledge, concept);
		if (own && vg_example_concept(sketch->knowledge, own, VG_USE_DRUG))
			names[count++] = vg_set_name(sketch->knowledge, own);
	}
	return count;
}

/* ---- trees ---------------------------------------------------------------------------------- */

static bool holds_focus(const vg_sketch *sketch, uint32_t number)
{
	const vg_node *node = &sketch->book->nodes[number];
	if (node->kind == VG_NODE_LEAF)
		return node->leaf == sketch->focus.leaf;
	for (uint32_t i = 0; i < node->count; i++)
		if (holds_focus(sketch, sketch->book->children[node->first + i]))
			return true;
	return false;
}

/* Whether what makes a leaf true would stand in the way of the focus: a newer result of the same test. */
static bool hides_focus(const vg_sketch *sketch, uint32_t leaf)
{
	if (sketch->focus.leaf == VG_NO_LEAF || leaf == sketch->focus.leaf)
		return false;
	const vg_leaf *one = &sketch->book->leaves[leaf], *focus = &sketch->book->leaves[sketch->focus.leaf];
	bool same = one->word == focus->word || (one->word != VG_WORD_TAKING && focus->word != VG_WORD_TAKING);
	return one->set && one->set == focus->set && same;
}

static void satisfy(vg_sketch *sketch, uint32_t number);

/* Makes `wanted` children true, those with the focus first. */
static void satisfy_some(vg_sketch *sketch, const vg_node *node, uint32_t wanted)
{
	for (int focused = 1; focused >= 0; focused--)
		for (uint32_t i = 0; i < node->count && wanted; i++) {
			uint32_t child = sketch->book->children[node->first + i];
			if (holds_focus(sketch, child) != (focused == 1))
				continue;
			satisfy(sketch, child);
			wanted--;
		}
}

/* Makes a tree true; one of `none` only where the focus is, which makes it false. */
static void satisfy(vg_sketch *sketch, uint32_t number)
{
	const vg_node *node = &sketch->book->nodes[number];
	switch (node->kind) {
	case VG_NODE_LEAF:
		if (!hides_focus(sketch, node->leaf))
			vg_sketch_leaf(sketch, node->leaf);
		break;
	case VG_NODE_ALL:
		satisfy_some(sketch, node, node->count);
		break;
	case VG_NODE_ANY:
		satisfy_some(sketch, node, 1);
		break;
	case VG_NODE_AT_LEAST:
		satisfy_some(sketch, node, node->least);
		break;
	default:
		for (uint32_t i = 0; i < node->count; i++)
			if (holds_focus(sketch, sketch->book->children[node->first + i]))
				satisfy(sketch, sketch->book->children[node->first + i]);
	}
}

/* ---- what the rule is about ----------------------------------------------------------------- */

static void sketch_order(vg_sketch *sketch, const char *name)
{
	if (!sketch->order && name)
		sketch->order = make_phrase(sketch, "ordering", &name, 1);
}

static const char *name_of(const vg_sketch *sketch, vg_set set) { return set ? vg_set_name(sketch->knowledge, set) : NULL; }

/* "the last day on which …": near to a length of time gone by; `ret_day` is the day it began. */
static const char *gone_by(vg_sketch *sketch, vg_duration duration, vg_day *ret_day)
{
	char text[32];
	static const char *const forms[] = {"a day less than %s ago", "%s ago", "%s and a day ago"};
	*ret_day = vg_day_minus(sketch->today, duration) - sketch->focus.step;
	return vg_format(sketch->arena, forms[sketch->focus.step + 1], vg_duration_text(duration, text));
}

static void sketch_pair(vg_sketch *sketch)
{
	const vg_rule *rule = sketch->rule;
	bool near = sketch->focus.facet == VG_FACET_STOPPED;
	uint32_t first = near ? sketch->focus.number : 0; /* which one the patient has already */
	const char *has = name_of(sketch, rule->pair[first]), *gets = name_of(sketch, rule->pair[1 - first]), *both[2];
	if (rule->pair[0] == rule->pair[1] && vg_sketch_drugs(sketch, rule->pair[0], both, 2) == 2) {
		has = both[0];
		gets = both[1];
	}
	sketch_order(sketch, gets);
	if (!near) {
		sketch->taken =
		    vg_sketch_give(sketch, rule->kind == VG_KIND_ALLERGY ? "has_allergy_to" : "taking", has, NULL, NULL);
		return;
	}
	vg_day day;
	sketch->what = gone_by(sketch, rule->still_counts[first], &day);
	sketch->what = vg_format(sketch->arena, "%s stopped %s", has, sketch->what ? sketch->what : "");
	/* The day of a stop is the last one on which the drug was taken: the time without it begins on the next. */
	vg_sketch_refine(sketch, vg_sketch_give(sketch, "stopped", has, NULL, NULL), "on", vg_sketch_day(sketch, day - 1));
}

static void sketch_repeat(vg_sketch *sketch)
{
	const char *name = name_of(sketch, sketch->rule->subject);
	vg_day day = sketch->today - 1;
	if (sketch->focus.facet == VG_FACET_INTERVAL)
		sketch->what = gone_by(sketch, sketch->rule->interval, &day);
	vg_sketch_refine(sketch, vg_sketch_give(sketch, "done", name, NULL, NULL), "on", vg_sketch_day(sketch, day));
	sketch_order(sketch, name);
}

/* Drugs of one class: as many as are allowed, one more, or one less. */
static void sketch_therapy(vg_sketch *sketch)
{
	const char *names[33];
	size_t most = sketch->rule->at_most < VG_COUNT(names) ? sketch->rule->at_most : VG_COUNT(names) - 1;
	bool near = sketch->focus.facet == VG_FACET_COUNT;
	size_t wanted = near ? most + (size_t)(sketch->focus.step + 1) - (most > 0) : most + 1;
	size_t found = vg_sketch_drugs(sketch, sketch->rule->subject, names, VG_COUNT(names));
	if (near)
		sketch->what = found < wanted || wanted == 0
				   ? NULL
				   : vg_format(sketch->arena, wanted == 1 ? "%zu drug of it" : "%zu drugs of it", wanted);
	for (size_t i = 0; i < wanted && i < found; i++)
		if (i + 1 < wanted)
			vg_sketch_give(sketch, "taking", names[i], NULL, NULL);
		else
			sketch_order(sketch, names[i]);
}

static void sketch_subject(vg_sketch *sketch)
{
	const vg_rule *rule = sketch->rule;
	if (rule->triggers & VG_ON_PAIR)
		sketch_pair(sketch);
	else if (rule->kind == VG_KIND_DUPLICATE_TEST)
		sketch_repeat(sketch);
	else if (rule->kind == VG_KIND_DUPLICATE_THERAPY)
		sketch_therapy(sketch);
	else if (rule->triggers & VG_ON_ORDERING)
		sketch_order(sketch, name_of(sketch, rule->ordering));
	else if (rule->triggers & VG_ON_TAKING)
		sketch->taken = vg_sketch_give(sketch, "taking", name_of(sketch, rule->taking), NULL, NULL);
	else if (rule->triggers & VG_ON_ANY_ORDER) /* any drug will do: the first that there is */
		for (vg_set set = 1; set <= vg_set_count(sketch->knowledge) && !sketch->order; set++)
			if (vg_set_uses(sketch->knowledge, set) == VG_USE_DRUG &&
			    vg_example_concept(sketch->knowledge, set, VG_USE_DRUG))
				sketch_order(sketch, name_of(sketch, set));
	if (rule->triggers == VG_ON_DISCHARGE)
		sketch->hook = vg_hook_name(VG_HOOK_ENCOUNTER_DISCHARGE);
}

/* ---- schedules -------------------------------------------------------------------------------- */

static void sketch_option(vg_sketch *sketch)
{
	const vg_option *option = &sketch->rule->options[sketch->focus.number];
	const char *name = name_of(sketch, sketch->book->leaves[option->leaf].set);
	vg_duration soon = sketch->rule->due_soon;
	vg_day day;
	char text[32];
	sketch->what = gone_by(sketch, option->every, &day);
	if (sketch->focus.facet ==
	    VG_FACET_DUE_SOON) { /* the day on which the reminder begins is `due_soon` before it is due */
		static const char *const forms[] = {"a day more than %s before it is due", "%s before it is due",
						    "a day less than %s before it is due"};
		sketch->what = vg_format(sketch->arena, forms[sketch->focus.step + 1], vg_duration_text(soon, text));
		day = vg_day_minus(vg_day_plus(sketch->today, soon), option->every) - sketch->focus.step;
	}
	if (option->also != VG_NO_NODE)
		satisfy(sketch, option->also);
	const char *word = sketch->book->leaves[option->leaf].word == VG_WORD_VISITED ? "visited" : "done";
	vg_phrase *event = vg_sketch_give(sketch, word, name, NULL, NULL);
	vg_sketch_refine(sketch, event, "on", vg_sketch_day(sketch, day));
	uint16_t times = sketch->book->leaves[option->leaf].times;
	for (uint16_t i = 1; i < times; i++) /* the newest one is what the interval counts from */
		vg_sketch_refine(sketch, vg_sketch_give(sketch, word, name, NULL, NULL), "on",
				 vg_sketch_day(sketch, day - 60 * i));
}

/* ---- the whole ---------------------------------------------------------------------------------- */

/* An age within the bounds; 50 years when nothing binds it. */
static void sketch_age(vg_sketch *sketch)
{
	vg_day by = sketch->born_by, after = sketch->born_after, day = sketch->born;
	if (day == VG_NO_DAY) {
		vg_day usual = vg_day_minus(sketch->today, (vg_duration){.months = 600});
		bool fits = (by == VG_NO_DAY || usual <= by) && (after == VG_NO_DAY || usual > after);
		if (fits)
			day = usual;
		else if (by != VG_NO_DAY && after != VG_NO_DAY)
			day = by - (by - after) / 2;
		else
			day = by != VG_NO_DAY ? by - 366 : after + (sketch->today - after) / 2;
	}
	vg_sketch_give(sketch, "born", vg_sketch_day(sketch, day), NULL, NULL);
	if (sketch->sex)
		vg_sketch_give(sketch, "sex", sketch->sex, NULL, NULL);
}

static const char *phrase_text(vg_sketch *sketch, const vg_phrase *phrase)
{
	vg_buffer out;
	vg_buffer_init(&out, sketch->arena);
	vg_add_phrase(&out, phrase);
	const char *text = vg_buffer_text(&out);
	return text ? text : "";
}

/* What two conditions ask for is given once. */
static void drop_repeated(vg_sketch *sketch)
{
	size_t kept = 0;
	for (size_t i = 0; i < sketch->count; i++) {
		bool seen = false;
		for (size_t k = 0; k < kept && !seen; k++)
			seen = strcmp(phrase_text(sketch, sketch->given[k].phrase),
				      phrase_text(sketch, sketch->given[i].phrase)) == 0;
		if (!seen)
			sketch->given[kept++] = sketch->given[i];
	}
	sketch->count = kept;
}

bool vg_sketch_make(vg_sketch *sketch, const vg_rule *rule, const vg_focus *focus)
{
	sketch->rule = rule;
	sketch->focus = *focus;
	sketch->born = sketch->born_by = sketch->born_after = VG_NO_DAY;
	sketch_subject(sketch);
	if (rule->requires != VG_NO_NODE)
		satisfy(sketch, rule->requires);
	if (focus->tree == VG_TREE_UNLESS)
		satisfy(sketch, rule->unless);
	if (focus->tree == VG_TREE_CASE)
		satisfy(sketch, rule->cases[focus->number].node);
	if (focus->tree == VG_TREE_OPTION)
		sketch_option(sketch);
	sketch_age(sketch);
	drop_repeated(sketch);
	if (sketch->order)
		put(sketch, sketch->order);
	return !sketch->arena->failed;
}
