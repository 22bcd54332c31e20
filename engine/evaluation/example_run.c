/*
 * Examples: running them.
 *
 * An example takes the way of a real record: its Bundles are read as FHIR, with
 * the same limits, and evaluated like any other question.  Draft, shadow and
 * active rules are all asked, so that a rule can be proven before it is put
 * into service.
 *
 * Called when a world is opened, by `vigil test`, and by the authoring tools
 * (authoring_internal.h), which look on, choose, and bring examples of their own.
 */
#include "evaluation/authoring_internal.h"

#include <string.h>

struct runner {
	vg_world *world;
	vg_evaluator *evaluator;
	vg_example_report *report;
	vg_example_result *items; /* of the report */
	size_t capacity;
	const vg_example_run *how;
	const vg_declaration *declaration;
};

static bool is_about(const vg_expectation *expectation, const char *rule)
{
	for (size_t i = 0; i < expectation->claim_count; i++)
		if (strcmp(expectation->claims[i].rule, rule) == 0)
			return true;
	return false;
}

/* "2026-03-01" of the line `today`. */
static bool read_today(const vg_declaration *declaration, vg_day *ret)
{
	const vg_item *today = vg_example_line(declaration, "today");
	vg_when when;
	if (!today || today->kind != VG_ITEM_TEXT || !vg_date_parse(today->text, strlen(today->text), &when) ||
	    when.first != when.last)
		return false;
	*ret = when.first;
	return true;
}

/* Writes the Bundle. False when memory ran out; what is wrong with the example goes into `wrong`. */
static bool build(const struct runner *runner, vg_example *example, vg_buffer *wrong, vg_example_texts *ret)
{
	const vg_item *given = vg_example_line(runner->declaration, "given");
	vg_day today = 0;
	if (!read_today(runner->declaration, &today))
		vg_add(wrong, "`today` is no full date; write today = \"2026-03-01\".");
	if (!given || given->kind != VG_ITEM_TABLE || given->field_count > 0)
		vg_add(wrong, "`given` is no list of words.");
	vg_example_begin(example, runner->world->knowledge, &runner->report->arena, today);
	for (size_t i = 0; given && i < given->item_count; i++)
		vg_example_give(example, &given->items[i]);
	if (example->problem.length)
		vg_addf(wrong, "%s%s", wrong->length ? " " : "", vg_buffer_text(&example->problem));
	return vg_example_end(example, ret);
}

static bool read_hook(const vg_declaration *declaration, vg_hook *ret, vg_buffer *wrong)
{
	const vg_item *hook = vg_example_line(declaration, "hook");
	*ret = VG_HOOK_NONE;
	if (!hook || (hook->kind == VG_ITEM_TEXT && vg_hook_find(hook->text, ret)))
		return true;
	vg_add(wrong, "`hook` is no hook; write hook = \"patient-view\" or \"order-sign\".");
	return false;
}

/* How the rules that a failed example names were judged. The answer ends with it. */
static vigil_status trace(const struct runner *runner, const vg_question *question, const vg_expectation *expectation,
			  vg_buffer *out, vigil_error *err)
{
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; i < expectation->claim_count && status == VIGIL_OK; i++) {
		const vg_explanation *explanations;
		size_t count = 0;
		uint32_t rule = vg_rule_find(runner->world->rulebook, expectation->claims[i].rule);
		if (rule == UINT32_MAX)
			continue;
		status = vg_explain(runner->evaluator, runner->world, question, rule, NULL, &explanations, &count, err);
		for (size_t k = 0; k < count && status == VIGIL_OK; k++) {
			const vg_explanation *one = &explanations[k];
			vg_addf(out, "%s\n", one->sentence);
			for (size_t c = 0; c < one->condition_count; c++) {
				const vg_explained *condition = &one->conditions[c];
				vg_addf(out, "  %-7s  %*s%s%s%s%s  (%s, line %d)\n", vg_truth_text(condition->truth),
					condition->depth * 2, "", condition->sentence,
					condition->value && *condition->value ? ": " : "",
					condition->value ? condition->value : "",
					condition->missing && *condition->missing ? " – not known" : "", condition->part,
					condition->place.line);
			}
		}
	}
	return status;
}

/* Reads what was built and evaluates it. An error that is the example's goes into `wrong`, the others are returned. */
static vigil_status evaluate(const struct runner *runner, vg_example *example, const vg_example_texts *texts,
			     vg_expectation *expectation, vg_buffer *traced, vigil_error *err)
{
	vg_record *record = NULL, *orders = NULL;
	const vg_record *order_record; /* the question points to it for as long as it is looked at */
	vigil_error error = VIGIL_ERROR_INIT;
	vg_question question = {.all_statuses = true, .all_screenings = true, .budget_ms = VG_UNHURRIED_MS};
	question.as_of = (vg_when){example->today, example->today, VG_NO_INSTANT};
	if (!read_hook(runner->declaration, &question.hook, &expectation->wrong))
		return VIGIL_OK;
	vigil_status status = vg_example_read(runner->world, texts, &record, &orders, &error);
	if (status == VIGIL_OK && example->sections.length)
		status = vg_record_sections(record, vg_buffer_text(&example->sections), &error);
	if (status == VIGIL_OK) {
		order_record = orders;
		question.record = record;
		question.order_records = &order_record;
		question.order_record_count = orders != NULL;
		status = vg_evaluate(runner->evaluator, runner->world, &question, &expectation->answer, &error);
	}
	if (status == VIGIL_OK) {
		vg_example_compare(expectation);
		if (runner->how->evaluated)
			runner->how->evaluated(runner->how->user, runner->evaluator, &question, expectation);
		if (runner->how->trace && expectation->wrong.length)
			status = trace(runner, &question, expectation, traced, &error);
	}
	if (status == VIGIL_BAD_INPUT)
		vg_addf(&expectation->wrong, "The record that it makes cannot be read: %s", error.text);
	else if (status != VIGIL_OK && err)
		*err = error;
	vg_record_free(orders);
	vg_record_free(record);
	return status == VIGIL_BAD_INPUT ? VIGIL_OK : status;
}

static bool keep(struct runner *runner, vg_expectation *expectation, const char *bundle, vg_buffer *traced)
{
	vg_example_report *report = runner->report;
	vg_example_result *items = vg_grow(&report->arena, runner->items, report->count, &runner->capacity, sizeof *items);
	const char *text = vg_buffer_text(&expectation->wrong), *how = vg_buffer_text(traced);
	const vg_declaration *declaration = runner->declaration;
	const char *name = vg_copy_text(&report->arena, declaration->id, strlen(declaration->id));
	const char *file = vg_copy_text(&report->arena, declaration->place.file, strlen(declaration->place.file));
	const char **rules = vg_alloc_array(&report->arena, expectation->claim_count + 1, sizeof *rules);
	if (!items || !text || !how || !name || !file || !rules)
		return false;
	for (size_t i = 0; i < expectation->claim_count; i++)
		rules[i] = expectation->claims[i].rule;
	runner->items = items;
	report->items = items;
	vg_example_result *result = &items[report->count++];
	*result = (vg_example_result){
	    .name = name, .place = declaration->place, .pack = declaration->pack, .text = text, .record = bundle, .trace = how};
	result->place.file = file;
	result->rules = rules;
	result->rule_count = expectation->claim_count;
	result->claims = expectation->claims;
	result->known_gap = vg_example_line(declaration, "known_gap") != NULL;
	result->passed = text[0] == '\0';
	report->failed += !result->passed && !result->known_gap;
	return true;
}

static vigil_status run_one(struct runner *runner, vigil_error *err)
{
	vg_arena *arena = &runner->report->arena;
	vg_expectation expectation = {.world = runner->world, .example = runner->declaration, .arena = arena};
	vg_example example;
	vg_example_texts texts;
	vg_buffer traced;
	vg_buffer_init(&expectation.wrong, arena);
	vg_buffer_init(&traced, arena);
	vg_example_claims(&expectation);
	if (arena->failed)
		return vg_fail_memory(err);
	if (runner->how->rule && !is_about(&expectation, runner->how->rule))
		return VIGIL_OK;
	if (!build(runner, &example, &expectation.wrong, &texts))
		return vg_fail_memory(err);
	if (expectation.wrong.length == 0) {
		vigil_status status = evaluate(runner, &example, &texts, &expectation, &traced, err);
		if (status != VIGIL_OK)
			return status;
	}
	return keep(runner, &expectation, texts.bundle, &traced) ? VIGIL_OK : vg_fail_memory(err);
}

static bool is_wanted(const vg_example_run *how, const vg_declaration *declaration)
{
	return strcmp(declaration->kind, "example") == 0 && (!how->wants || how->wants(how->user, declaration));
}

vigil_status vg_examples_run_as(vg_world *world, const vg_example_run *how, vg_example_report *ret, vigil_error *err)
{
	vg_example_report report = {.count = 0};
	struct runner runner = {.world = world, .report = &report, .how = how};
	size_t count = how->count;
	const vg_declaration *declarations =
	    how->declarations ? how->declarations : vg_script_declarations(world->script, &count);
	vg_arena_init(&report.arena, &world->allocator, 0);
	vigil_status status = vg_evaluator_open(&world->allocator, &runner.evaluator, err);
	for (size_t i = 0; i < count && status == VIGIL_OK && !(how->stop_at_failure && report.failed); i++) {
		if (!is_wanted(how, &declarations[i]))
			continue;
		runner.declaration = &declarations[i];
		status = run_one(&runner, err);
	}
	vg_evaluator_close(runner.evaluator);
	if (status != VIGIL_OK) {
		vg_arena_free(&report.arena);
		return status;
	}
	*ret = report;
	return VIGIL_OK;
}

vigil_status vg_examples_run(vg_world *world, const char *rule, vg_example_report *ret, vigil_error *err)
{
	return vg_examples_run_as(world, &(vg_example_run){.rule = rule, .trace = true}, ret, err);
}

void vg_example_report_free(vg_example_report *report)
{
	vg_arena_free(&report->arena);
	report->items = NULL;
	report->count = report->failed = 0;
}
