/*
 * Boundaries: what becomes of patients just beside each limit of a rule.
 *
 * Every condition is asked for the limits that it has: values, windows, ages,
 * counts, doses; the rule for its own: intervals, the reminder's beginning, how
 * long a stopped drug still counts.  For each, three patients are sketched and
 * run as examples, and what came out is the table.  Nothing is concluded from
 * the rule's text, so that a table shows what the engine does.
 *
 * A limit for which no patient can be made is listed with the reason.
 *
 * Called by `vigil boundaries`.
 */
#include "evaluation/authoring_internal.h"

typedef struct maker {
	vg_world *world;
	vg_boundaries *out;
	vg_rule rule; /* of the rulebook, or made up for a row */
	size_t capacity, untried_capacity;
	vg_declaration *declarations; /* one an edge, in order */
	size_t declaration_count, declaration_capacity;
} maker;

/* ---- examples ------------------------------------------------------------------------------ */

static vg_item text_item(const char *text) { return (vg_item){.kind = VG_ITEM_TEXT, .text = text}; }

/* A declaration as the pack loader would leave it; what it expects is of no account, it is only run. */
static bool declare(maker *all, const vg_sketch *sketch, vg_declaration *ret)
{
	vg_arena *arena = &all->out->arena;
	vg_field *fields = vg_alloc_array(arena, 4, sizeof *fields);
	vg_item *expected = vg_alloc(arena, sizeof *expected);
	char today[16];
	vg_day_text(all->out->today, today);
	const char *day = vg_copy_text(arena, today, strlen(today));
	if (!fields || !expected || !day)
		return false;
	*expected = text_item(all->rule.id);
	size_t count = 0;
	fields[count++] = (vg_field){.name = "today", .value = text_item(day)};
	fields[count++] =
	    (vg_field){.name = "given", .value = {.kind = VG_ITEM_TABLE, .items = sketch->given, .item_count = sketch->count}};
	fields[count++] = (vg_field){.name = "expect", .value = {.kind = VG_ITEM_TABLE, .items = expected, .item_count = 1}};
	if (sketch->hook)
		fields[count++] = (vg_field){.name = "hook", .value = text_item(sketch->hook)};
	*ret = (vg_declaration){.kind = "example",
				.id = all->rule.id,
				.place = {.file = "boundaries", .line = (int)all->declaration_count + 1},
				.body = {.kind = VG_ITEM_TABLE, .fields = fields, .field_count = count}};
	return true;
}

static const char *given_text(vg_arena *arena, const vg_sketch *sketch)
{
	vg_buffer out;
	vg_buffer_init(&out, arena);
	for (size_t i = 0; i < sketch->count; i++) {
		vg_add(&out, i ? ", " : "");
		vg_add_phrase(&out, sketch->given[i].phrase);
	}
	return vg_buffer_text(&out);
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void skip(maker *all, const char *sentence, const char *why)
{
	vg_boundaries *out = all->out;
	const char *text = vg_format(&out->arena, "%s: %s", sentence, why);
	const char **untried = vg_grow(&out->arena, out->untried, out->untried_count, &all->untried_capacity, sizeof *untried);
	if (!text || !untried)
		return; /* the arena is marked as failed */
	out->untried = untried;
	for (size_t i = 0; i < out->untried_count; i++)
		if (strcmp(untried[i], text) == 0)
			return;
	untried[out->untried_count++] = text;
}

static bool add_edge(maker *all, vg_boundary *boundary, const vg_focus *focus)
{
	vg_arena *arena = &all->out->arena;
	vg_sketch sketch = {
	    .book = all->world->rulebook, .knowledge = all->world->knowledge, .arena = arena, .today = all->out->today};
	vg_declaration *declarations =
	    vg_grow(arena, all->declarations, all->declaration_count, &all->declaration_capacity, sizeof *declarations);
	if (!declarations)
		return false;
	all->declarations = declarations;
	if (!vg_sketch_make(&sketch, &all->rule, focus))
		return false;
	if (!sketch.what)
		return true; /* there is no such patient: an age of less than nothing */
	vg_edge *edge = &boundary->edges[boundary->count];
	edge->what = sketch.what;
	edge->given = given_text(arena, &sketch);
	edge->example_name = vg_format(arena, "%s, %s: %s", all->rule.id, boundary->sentence, edge->what);
	if (!declare(all, &sketch, &declarations[all->declaration_count]) || !edge->given || !edge->example_name)
		return false;
	all->declaration_count++;
	boundary->count++;
	return true;
}

/* One limit; a limit that is met twice is told once. */
static void approach(maker *all, vg_boundary boundary, vg_focus focus)
{
	vg_arena *arena = &all->out->arena;
	if (!boundary.limit || !boundary.sentence)
		return; /* the arena is marked as failed */
	for (size_t i = 0; i < all->out->count; i++)
		if (strcmp(all->out->items[i].sentence, boundary.sentence) == 0 &&
		    strcmp(all->out->items[i].limit, boundary.limit) == 0 && all->out->items[i].part == boundary.part)
			return;
	for (focus.step = -1; focus.step <= 1; focus.step++)
		if (!add_edge(all, &boundary, &focus))
			return;
	vg_boundary *items = vg_grow(arena, all->out->items, all->out->count, &all->capacity, sizeof *items);
	if (boundary.count == 0)
		skip(all, boundary.sentence, "no patient can be made for it with the words of examples");
	if (!items)
		return; /* the arena is marked as failed */
	all->out->items = items;
	if (boundary.count)
		items[all->out->count++] = boundary;
}

static const char *duration(maker *all, vg_duration span)
{
	char text[32];
	return vg_format(&all->out->arena, "%s", vg_duration_text(span, text));
}

static const char *count(maker *all, unsigned number, const char *what)
{
	return vg_format(&all->out->arena, "%u %s", number, what);
}

/* The limits of one condition: what it is measured by, and how it is written. */
static void approach_leaf(maker *all, const vg_node *node, const char *part, vg_focus focus)
{
	const vg_leaf *leaf = &all->world->rulebook->leaves[node->leaf];
	vg_boundary boundary = {.part = part, .sentence = leaf->sentence, .place = node->place};
	char day[16];
	const struct {
		vg_facet facet;
		bool has;
		const char *limit;
	} facets[] = {
	    {VG_FACET_LEAST_AGE, leaf->word == VG_WORD_AGE_BETWEEN || leaf->word == VG_WORD_AGE_AT_LEAST,
	     duration(all, leaf->least)},
	    {VG_FACET_MOST_AGE, leaf->word == VG_WORD_AGE_BETWEEN || leaf->word == VG_WORD_AGE_BELOW,
	     duration(all, leaf->most)},
	    {VG_FACET_VALUE, leaf->comparison != VG_NO_COMPARISON && leaf->comparison != VG_IS, leaf->low.text},
	    {VG_FACET_HIGH, leaf->comparison == VG_BETWEEN, leaf->high.text},
	    {VG_FACET_HIGH, leaf->paired, vg_format(&all->out->arena, "%s, the second number", leaf->low.text)},
	    {VG_FACET_DOSE, leaf->dose_limited, leaf->low.text},
	    {VG_FACET_COUNT, leaf->times > 0, count(all, leaf->times, "times")},
	    {VG_FACET_WITHIN, vg_duration_given(leaf->within), duration(all, leaf->within)},
	    {VG_FACET_FROM, leaf->day_from != VG_NO_DAY, vg_day_text(leaf->day_from, day)},
	    {VG_FACET_TO, leaf->day_to != VG_NO_DAY, vg_format(&all->out->arena, "%s", vg_day_text(leaf->day_to, day))},
	    {VG_FACET_FROM, leaf->calendar, leaf->calendar == VG_THIS_YEAR ? "this year" : "the beginning of last year"},
	    {VG_FACET_TO, leaf->calendar == VG_LAST_YEAR, "the end of last year"},
	    {VG_FACET_EVENT_AGE, vg_duration_given(leaf->after_age), duration(all, leaf->after_age)},
	    {VG_FACET_LASTING,
	     vg_duration_given(leaf->least) && leaf->word != VG_WORD_AGE_BETWEEN && leaf->word != VG_WORD_AGE_AT_LEAST,
	     duration(all, leaf->least)},
	    {VG_FACET_DURATION, vg_duration_given(leaf->longer), duration(all, leaf->longer)},
	};
	if (leaf->within.hours || leaf->least.hours) {
		skip(all, leaf->sentence, "hours are told apart only where the day of evaluation has a time");
		return;
	}
	if (vg_duration_given(leaf->often))
		skip(all, leaf->sentence, "examples have no word for how often a drug is taken");
	for (size_t i = 0; i < VG_COUNT(facets); i++) {
		bool dose = facets[i].facet == VG_FACET_VALUE && leaf->dose_limited;
		if (!facets[i].has || dose)
			continue;
		boundary.limit = facets[i].limit ? vg_format(&all->out->arena, "%s", facets[i].limit) : NULL;
		focus.facet = facets[i].facet;
		focus.leaf = node->leaf;
		approach(all, boundary, focus);
	}
}

static void approach_tree(maker *all, uint32_t number, const char *part, vg_focus focus)
{
	const vg_rulebook *book = all->world->rulebook;
	if (number == VG_NO_NODE || all->out->arena.failed)
		return;
	const vg_node *node = &book->nodes[number];
	for (uint32_t i = 0; node->kind != VG_NODE_LEAF && i < node->count; i++)
		approach_tree(all, book->children[node->first + i], part, focus);
	if (node->kind == VG_NODE_LEAF)
		approach_leaf(all, node, part, focus);
}

/* ---- the rule's own limits ------------------------------------------------------------------- */

static void approach_options(maker *all)
{
	const vg_rule *rule = &all->rule;
	for (uint32_t i = 0; i < rule->option_count; i++) {
		const vg_option *option = &rule->options[i];
		const vg_leaf *leaf = &all->world->rulebook->leaves[option->leaf];
		vg_boundary boundary = {.part = "option", .sentence = leaf->sentence, .place = option->place};
		vg_focus focus = {.tree = VG_TREE_OPTION, .number = i, .leaf = VG_NO_LEAF, .facet = VG_FACET_INTERVAL};
		if (option->once)
			continue; /* no day decides */
		boundary.limit = duration(all, option->every);
		approach(all, boundary, focus);
		focus.facet = VG_FACET_DUE_SOON;
		const char *soon = duration(all, rule->due_soon);
		boundary.limit = soon ? vg_format(&all->out->arena, "%s before", soon) : NULL;
		if (vg_duration_given(rule->due_soon))
			approach(all, boundary, focus);
	}
}

static void approach_rule(maker *all)
{
	const vg_rule *rule = &all->rule;
	const vg_knowledge *knowledge = all->world->knowledge;
	vg_arena *arena = &all->out->arena;
	vg_boundary boundary = {.part = "rule", .place = rule->place};
	vg_focus focus = {.tree = VG_TREE_RULE, .leaf = VG_NO_LEAF};
	for (uint32_t i = 0; i < 2; i++) {
		if (!(rule->triggers & VG_ON_PAIR) || !vg_duration_given(rule->still_counts[i]))
			continue;
		boundary.sentence =
		    vg_format(arena, "%s still counts after it was stopped", vg_set_name(knowledge, rule->pair[i]));
		boundary.limit = duration(all, rule->still_counts[i]);
		focus.facet = VG_FACET_STOPPED;
		focus.number = i;
		approach(all, boundary, focus);
	}
	if (rule->kind == VG_KIND_DUPLICATE_TEST) {
		boundary.sentence = vg_format(arena, "%s was done lately", vg_set_name(knowledge, rule->subject));
		boundary.limit = duration(all, rule->interval);
		focus.facet = VG_FACET_INTERVAL;
		approach(all, boundary, focus);
	}
	if (rule->kind == VG_KIND_DUPLICATE_THERAPY && rule->subject) {
		boundary.sentence = vg_format(arena, "drugs of %s together", vg_set_name(knowledge, rule->subject));
		boundary.limit = vg_format(arena, "at most %u", rule->at_most);
		focus.facet = VG_FACET_COUNT;
		approach(all, boundary, focus);
	}
}

static void approach_all(maker *all)
{
	const vg_rule *rule = &all->rule;
	approach_rule(all);
	approach_tree(all, rule->requires, "requirement", (vg_focus){.tree = VG_TREE_REQUIRES});
	approach_options(all);
	approach_tree(all, rule->unless, "exception", (vg_focus){.tree = VG_TREE_UNLESS});
	for (uint32_t i = 0; i < rule->case_count; i++)
		approach_tree(all, rule->cases[i].node, "case", (vg_focus){.tree = VG_TREE_CASE, .number = i});
	if (rule->check)
		skip(all, "check", "what a function decides has no limits that could be read; write examples for it");
}

/* ---- what becomes of them ---------------------------------------------------------------------- */

typedef struct reader {
	maker *all;
	size_t next; /* declaration */
	size_t boundary, edge;
} reader;

static void outcome_words(vg_arena *arena, const vg_came *came, const char *rule, vg_edge *edge)
{
	static const struct {
		const char *word, *outcome;
	} words[] = {{"ask", "asks"},
		     {"silent", "says nothing"},
		     {"not_evaluated", "is not evaluated"},
		     {"overdue", "is overdue"},
		     {"due_soon", "is due soon"},
		     {"up_to_date", "is up to date"},
		     {"indeterminate", "is indeterminate"},
		     {"not_applicable", "does not apply"},
		     {"error", "fails"}};
	vg_buffer expect;
	vg_buffer_init(&expect, arena);
	for (size_t i = 0; i < VG_COUNT(words); i++)
		if (strcmp(words[i].word, came->word) == 0)
			edge->outcome = words[i].outcome;
	if (came->severity)
		edge->outcome = vg_format(arena, "alerts (%s)", came->severity);
	if (strcmp(came->word, "error") != 0) {
		vg_addf(&expect, "%s ", came->word);
		vg_add_lua_text(&expect, rule);
		if (came->severity)
			vg_addf(&expect, " :with_severity \"%s\"", came->severity);
	}
	edge->expect = vg_buffer_text(&expect);
	edge->says = vg_copy_text(arena, came->says, strlen(came->says));
}

/* The examples run in the order in which they were made. */
static void read_outcome(void *user, vg_evaluator *evaluator, const vg_question *question, const vg_expectation *expectation)
{
	reader *read = user;
	vg_boundaries *out = read->all->out;
	(void)evaluator;
	(void)question;
	/* A patient who could not be built is not evaluated: his edge keeps no outcome. */
	size_t wanted = (size_t)(expectation->example - read->all->declarations);
	for (; read->next < wanted && read->boundary < out->count; read->next++)
		if (++read->edge == out->items[read->boundary].count) {
			read->edge = 0;
			read->boundary++;
		}
	if (read->boundary >= out->count)
		return;
	vg_came came = vg_example_came(expectation->answer, read->all->rule.id);
	outcome_words(&out->arena, &came, read->all->rule.id, &out->items[read->boundary].edges[read->edge]);
}

/* The same outcome in the same words, numbers apart: a case may add a sentence and leave the severity as it is. */
static bool same_outcome(const vg_edge *a, const vg_edge *b)
{
	static const char digits[] = "0123456789.-";
	const char *left = a->says, *right = b->says;
	if (strcmp(a->outcome, b->outcome) != 0)
		return false;
	while (*left && *right) {
		left += strspn(left, digits);
		right += strspn(right, digits);
		if (*left != *right)
			return false;
		left += *left != '\0';
		right += *right != '\0';
	}
	return left[strspn(left, digits)] == right[strspn(right, digits)];
}

static void settle(maker *all, const vg_example_report *report)
{
	vg_boundaries *out = all->out;
	size_t number = 0;
	for (size_t i = 0; i < out->count; i++) {
		vg_boundary *item = &out->items[i];
		for (size_t k = 0; k < item->count; k++, number++) {
			vg_edge *edge = &item->edges[k];
			if (!edge->outcome && number < report->count) {
				edge->outcome = "could not be tried";
				edge->expect = "";
				edge->says = vg_format(&out->arena, "%s", report->items[number].text);
			}
			item->decides |= k > 0 && !same_outcome(edge, &item->edges[0]);
		}
	}
}

static vigil_status run(maker *all, vigil_error *err)
{
	vg_example_report report;
	reader read = {.all = all};
	vg_example_run how = {
	    .declarations = all->declarations, .count = all->declaration_count, .evaluated = read_outcome, .user = &read};
	if (all->declaration_count == 0)
		return VIGIL_OK;
	vigil_status status = vg_examples_run_as(all->world, &how, &report, err);
	if (status != VIGIL_OK)
		return status;
	if (!all->out->arena.failed)
		settle(all, &report);
	vg_example_report_free(&report);
	return all->out->arena.failed ? vg_fail_memory(err) : VIGIL_OK;
}

/* ---- the whole ------------------------------------------------------------------------------------ */

/* A row of a pair table as a rule that has its cases. */
static bool row_as_rule(maker *all, const char *id)
{
	const vg_knowledge *knowledge = all->world->knowledge;
	const vg_rulebook *book = all->world->rulebook;
	vg_family family = VG_INTERACTIONS;
	uint32_t row = vg_pair_find_id(knowledge, family, id);
	if (row == UINT32_MAX)
		row = vg_pair_find_id(knowledge, family = VG_CROSS_REACTIVITY, id);
	vg_pair_row cells;
	if (row == UINT32_MAX)
		return false;
	vg_pair_get(knowledge, family, row, &cells);
	vg_case *cases = vg_alloc_array(&all->out->arena, cells.case_count + 1, sizeof *cases);
	all->rule = (vg_rule){.id = cells.id,
			      .title = cells.title,
			      .kind = family == VG_CROSS_REACTIVITY ? VG_KIND_ALLERGY : VG_KIND_INTERACTION,
			      .triggers = VG_ON_PAIR,
			      .pair = {cells.a, cells.b},
			      .still_counts = {cells.still_counts_a, cells.still_counts_b},
			      .requires = VG_NO_NODE,
			      .unless = VG_NO_NODE,
			      .cases = cases,
			      .place = cells.place};
	for (uint32_t i = 0; cases && i < cells.case_count; i++) {
		uint32_t node = book->pair_case_nodes[cells.first_case + i];
		if (node != VG_NO_NODE)
			cases[all->rule.case_count++].node = node;
	}
	return true;
}

vigil_status vg_boundaries_make(vg_world *world, const char *id, vg_day today, vg_boundaries *ret, vigil_error *err)
{
	vg_boundaries boundaries = {.today = today};
	maker all = {.world = world, .out = &boundaries};
	vg_arena_init(&boundaries.arena, &world->allocator, 0);
	uint32_t number = vg_rule_find(world->rulebook, id);
	vigil_status status = VIGIL_OK;
	if (number != UINT32_MAX)
		all.rule = world->rulebook->rules[number];
	else if (!row_as_rule(&all, id))
		status = vg_fail(err, VIGIL_BAD_INPUT, "`vigil show` lists all rules.", "There is no rule \"%.100s\".", id);
	if (status == VIGIL_OK) {
		boundaries.rule = all.rule.id;
		boundaries.title = all.rule.title;
		boundaries.replaced_by = vg_rule_replacing(world->rulebook, all.rule.id);
		boundaries.place = all.rule.place;
		boundaries.row = number == UINT32_MAX || all.rule.family != NULL;
		approach_all(&all);
		status = boundaries.arena.failed ? vg_fail_memory(err) : run(&all, err);
	}
	if (status != VIGIL_OK) {
		vg_arena_free(&boundaries.arena);
		return status;
	}
	*ret = boundaries;
	return VIGIL_OK;
}

void vg_boundaries_free(vg_boundaries *boundaries)
{
	vg_arena_free(&boundaries->arena);
	boundaries->items = NULL;
	boundaries->count = 0;
}

const char *vg_boundary_examples(const vg_boundaries *boundaries, vg_arena *arena)
{
	vg_buffer out;
	char today[16];
	vg_buffer_init(&out, arena);
	for (size_t i = 0; i < boundaries->count; i++)
		for (size_t k = 0; k < boundaries->items[i].count; k++) {
			const vg_edge *edge = &boundaries->items[i].edges[k];
			if (!*edge->expect)
				continue;
			vg_add(&out, "example ");
			vg_add_lua_text(&out, edge->example_name);
			vg_addf(&out, " {\n  today  = \"%s\",\n  given  = { %s },\n  expect = { %s },\n}\n",
				vg_day_text(boundaries->today, today), edge->given, edge->expect);
		}
	return vg_buffer_text(&out);
}
