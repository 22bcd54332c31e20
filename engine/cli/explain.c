/*
 * `vigil explain`: why a rule fired for a record, or did not.
 *
 * Rules are explained condition by condition.  A row of a pair table has no
 * conditions of its own: its explanation is the alert that it raised or is
 * named in, else which of its two sides the record and the orders have.
 *
 * --full adds the evaluation itself: every step with the facts that it looked at
 * and how long it took.  The times are the only thing that a clock decides here.
 */
#include <string.h>
#include <time.h>

#include "cli/cli.h"

static const char *outcome_name(vg_outcome outcome)
{
	static const char *const names[] = {[VG_SILENT] = "silent",
					    [VG_FIRED] = "alert",
					    [VG_ASKED] = "ask",
					    [VG_NOT_KNOWN] = "unknown",
					    [VG_FAILED] = "error"};
	return names[outcome];
}

/* ---- a rule ------------------------------------------------------------------------- */

/* What a condition rests on: its facts, else the value compared, else what is missing. */
static const char *ground_of(vg_arena *arena, const vg_explained *condition)
{
	vg_buffer out;
	vg_buffer_init(&out, arena);
	if (condition->value && *condition->value)
		vg_add(&out, condition->value);
	for (size_t i = 0; i < condition->fact_count; i++) {
		const vg_shown *fact = &condition->facts[i];
		vg_addf(&out, "%s%s%s%s", out.length ? "; " : "", fact->display ? fact->display : "", fact->date ? ", " : "",
			fact->date ? fact->date : "");
	}
	if (condition->missing && *condition->missing)
		vg_addf(&out, "%s%s", out.length ? "; " : "", condition->missing);
	return vg_buffer_text(&out);
}

/* "line 12", or "contexts.lua:4" where a definition of another file was met. */
static const char *place_of(vg_arena *arena, const vg_explanation *explanation, vg_place place)
{
	const char *own = explanation->rule->place.file;
	if (!place.file || place.line <= 0)
		return "";
	if (own && strcmp(place.file, own) == 0)
		return vg_format(arena, "line %d", place.line);
	const char *slash = strrchr(place.file, '/');
	return vg_format(arena, "%s:%d", slash ? slash + 1 : place.file, place.line);
}

static uint64_t stopwatch(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* "0.4 µs", "12.3 ms" */
static const char *time_text(vg_arena *arena, uint64_t nanoseconds)
{
	bool short_time = nanoseconds < 1000000;
	return vg_format(arena, "%.1f %s", (double)nanoseconds / (short_time ? 1e3 : 1e6), short_time ? "µs" : "ms");
}

/* The steps in their order: value, time, part, place, condition; below each, what it looked at. */
static void add_steps(vg_page *page, const vg_explanation *explanation)
{
	vg_arena *arena = page->out.arena;
	vg_grid grid = {.columns = 5};
	for (size_t i = 0; i < explanation->condition_count; i++) {
		const vg_explained *step = &explanation->conditions[i];
		int inner = step->depth * 2;
		const char *value = step->value && *step->value ? step->value : NULL;
		vg_grid_add(arena, &grid, vg_truth_text(step->truth));
		vg_grid_add(arena, &grid, time_text(arena, step->nanoseconds));
		vg_grid_add(arena, &grid, step->part);
		vg_grid_add(arena, &grid, place_of(arena, explanation, step->place));
		vg_grid_add(arena, &grid,
			    vg_format(arena, "%*s%s%s%s", inner, "", step->sentence, value ? ": " : "", value ? value : ""));
		for (size_t k = 0; k <= step->fact_count; k++) {
			const vg_shown *fact = k < step->fact_count ? &step->facts[k] : NULL;
			const char *missing = step->missing && *step->missing ? step->missing : NULL;
			if (!fact && !missing)
				continue;
			for (size_t column = 0; column < 4; column++)
				vg_grid_add(arena, &grid, "");
			vg_grid_add(arena, &grid,
				    fact ? vg_format(arena, "%*s  ← %s%s%s  %s", inner, "",
						     fact->reference ? fact->reference : "", fact->date ? "  " : "",
						     fact->date ? fact->date : "", fact->display ? fact->display : "")
					 : vg_format(arena, "%*s  ← %s", inner, "", missing));
		}
	}
	vg_page_grid(page, 2, &grid);
	vg_page_item(page, 2, "", VG_DIM,
		     vg_format(arena, "Judged in %s. Judging stops where a list is decided; above stand all steps.",
			       time_text(arena, explanation->nanoseconds)));
}

static void add_conditions(vg_page *page, const vg_explanation *explanation)
{
	vg_arena *arena = page->out.arena;
	vg_grid grid = {.columns = 4};
	for (size_t i = 0; i < explanation->condition_count; i++) {
		const vg_explained *condition = &explanation->conditions[i];
		vg_grid_add(arena, &grid, vg_truth_text(condition->truth));
		vg_grid_add(arena, &grid, condition->part);
		vg_grid_add(arena, &grid, place_of(arena, explanation, condition->place));
		const char *ground = ground_of(arena, condition);
		vg_grid_add(arena, &grid,
			    vg_format(arena, "%*s%s%s%s%s", condition->depth * 2, "", condition->sentence,
				      ground && *ground ? " (" : "", ground ? ground : "", ground && *ground ? ")" : ""));
	}
	vg_page_grid(page, 2, &grid);
}

static void write_text(vg_cli *cli, const vg_explanation *explanations, size_t count, bool full)
{
	vg_page page;
	vg_page_init(&page, cli);
	if (count && explanations[0].death_notice)
		vg_page_item(&page, 0, "▲ ", VG_YELLOW, explanations[0].death_notice);
	for (size_t i = 0; i < count; i++) {
		const vg_explanation *explanation = &explanations[i];
		if (i)
			vg_page_line(&page);
		if (*explanation->subject)
			vg_page_item(&page, 0, "", VG_PLAIN, explanation->subject);
		vg_page_item(&page, 0, "", VG_PLAIN, explanation->sentence);
		if (full)
			add_steps(&page, explanation);
		else
			add_conditions(&page, explanation);
		if (*explanation->change)
			vg_page_item(&page, 0, "→ ", VG_GREEN, explanation->change);
	}
	if (count && explanations[0].rule->place.file)
		vg_page_item(&page, 0, "", VG_DIM,
			     vg_format(&cli->arena, "Written in %s, line %d.", explanations[0].rule->place.file,
				       explanations[0].rule->place.line));
	vg_print_buffer(cli, &page.out);
}

static void write_condition(vg_json_writer *json, const vg_explained *condition, bool full)
{
	vg_json_open(json, NULL, '{');
	vg_json_count(json, "depth", (uint64_t)(condition->depth > 0 ? condition->depth : 0));
	vg_json_text(json, "part", condition->part);
	vg_json_text_always(json, "sentence", condition->sentence);
	vg_json_text_always(json, "truth", vg_truth_text(condition->truth));
	vg_json_text(json, "value", condition->value);
	vg_json_text(json, "missing", condition->missing);
	vg_json_text(json, "would_need", condition->would_need);
	vg_json_open(json, "facts", '[');
	for (size_t i = 0; i < condition->fact_count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text(json, "reference", condition->facts[i].reference);
		vg_json_text(json, "display", condition->facts[i].display);
		vg_json_text(json, "date", condition->facts[i].date);
		vg_json_text(json, "says", condition->facts[i].says);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_text(json, "file", condition->place.file);
	if (condition->place.line > 0)
		vg_json_count(json, "line", (uint64_t)condition->place.line);
	if (full)
		vg_json_count(json, "nanoseconds", condition->nanoseconds);
	vg_json_close(json, '}');
}

static void write_json(vg_cli *cli, const char *rule, const vg_explanation *explanations, size_t count, bool full)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_json_writer writer = {&out, false}, *json = &writer;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "schema", "vigil.explain/1");
	vg_json_text_always(json, "rule", rule);
	vg_json_open(json, "explanations", '[');
	for (size_t i = 0; i < count; i++) {
		const vg_explanation *explanation = &explanations[i];
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "outcome", outcome_name(explanation->outcome));
		vg_json_text_always(json, "sentence", explanation->sentence);
		vg_json_text(json, "subject", explanation->subject);
		vg_json_open(json, "conditions", '[');
		for (size_t j = 0; j < explanation->condition_count; j++)
			write_condition(json, &explanation->conditions[j], full);
		vg_json_close(json, ']');
		if (full)
			vg_json_count(json, "nanoseconds", explanation->nanoseconds);
		vg_json_text(json, "change", explanation->change);
		vg_json_text(json, "notice", explanation->death_notice);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_close(json, '}');
	vg_add(&out, "\n");
	vg_print_buffer(cli, &out);
}

/* ---- a row of a pair table --------------------------------------------------------------- */

static bool names(const vg_alert *alert, const char *rule)
{
	if (strcmp(alert->rule, rule) == 0)
		return true;
	for (size_t i = 0; i < alert->also_count; i++)
		if (strcmp(alert->also[i], rule) == 0)
			return true;
	return false;
}

static void add_members(vg_buffer *out, const vg_record *record, vg_set set, vg_fact_kind kind)
{
	for (uint32_t i = 0; i < record->fact_count + record->order_count; i++) {
		bool order = i >= record->fact_count;
		const vg_clinical_fact *fact = order ? &record->orders[i - record->fact_count] : &record->facts[i];
		if (fact->kind != kind || !vg_fact_in_set(record, fact, set))
			continue;
		vg_addf(out, "%s%s (%s)", out->length ? "; " : "", fact->display,
			order           ? "ordered"
			: *fact->status ? fact->status
					: "no status");
	}
}

/* Names of the facts and orders that belong to a set, "" when there are none. */
static const char *members_of(vg_arena *arena, const vigil_worker *worker, const vg_record *record, vg_set set,
			      vg_fact_kind kind)
{
	size_t count;
	const vg_record *const *orders = vg_worker_orders(worker, &count);
	vg_buffer out;
	vg_buffer_init(&out, arena);
	add_members(&out, record, set, kind);
	for (size_t i = 0; i < count; i++)
		add_members(&out, orders[i], set, kind);
	return vg_buffer_text(&out);
}

static const char *row_sentence(vg_arena *arena, const vg_rulebook *rulebook, const vg_alert *alert, const char *rule,
				const vg_pair_row *row)
{
	const char *instead = vg_rule_replacing(rulebook, rule);
	if (alert && strcmp(alert->rule, rule) == 0)
		return vg_format(arena, "%s fired: %s", rule, alert->summary);
	if (alert)
		return vg_format(arena, "%s found the same as %s and is named in its alert: %s", rule, alert->rule,
				 alert->summary);
	if (row->status != VG_STATUS_ACTIVE)
		return vg_format(arena, "%s did not fire: its status is %s.", rule, vg_rule_status_name(row->status));
	if (instead)
		return vg_format(arena, "%s did not fire: where %s applies, that rule decides in its place.", rule, instead);
	return vg_format(arena, "%s did not fire: no order completes the pair, or another row decided it.", rule);
}

static int explain_row(vg_cli *cli, const vg_options *options, vigil_worker *worker, vg_asked *asked, vg_family family,
		       uint32_t number)
{
	vigil_error error = VIGIL_ERROR_INIT;
	const vigil_result *result;
	if (vigil_evaluate(worker, &asked->request, &result, &error) != VIGIL_OK) {
		vg_name_file(asked, &error);
		return vg_tell_error(&error);
	}
	const vg_answer *answer = vg_result_answer(result);
	const vg_knowledge *knowledge = answer->world->knowledge;
	const char *rule = options->arguments.items[0];
	const vg_alert *alert = NULL;
	vg_pair_row row;
	vg_pair_get(knowledge, family, number, &row);
	for (size_t i = 0; i < answer->alert_count && !alert; i++)
		if (names(&answer->alerts[i], rule))
			alert = &answer->alerts[i];
	const char *sentence = row_sentence(&cli->arena, answer->world->rulebook, alert, rule, &row);
	const vg_set sets[2] = {row.a, row.b};
	vg_page page;
	vg_page_init(&page, cli);
	vg_json_writer writer = {&page.out, false}, *json = &writer;
	bool as_json = strcmp(options->format, "json") == 0;
	if (as_json) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "schema", "vigil.explain/1");
		vg_json_text_always(json, "rule", rule);
		vg_json_text_always(json, "sentence", sentence);
		vg_json_text(json, "notice", answer->death_notice);
		vg_json_open(json, "pair", '[');
	} else {
		if (answer->death_notice)
			vg_page_item(&page, 0, "▲ ", VG_YELLOW, answer->death_notice);
		vg_page_item(&page, 0, "", VG_PLAIN, sentence);
	}
	for (size_t i = 0; i < 2; i++) {
		vg_fact_kind kind = family == VG_CROSS_REACTIVITY && i == 0 ? VG_FACT_ALLERGY : VG_FACT_MEDICATION;
		const char *members = members_of(&cli->arena, worker, answer->record, sets[i], kind),
			   *name = vg_set_name(knowledge, sets[i]);
		if (as_json) {
			vg_json_open(json, NULL, '{');
			vg_json_text_always(json, "set", name);
			vg_json_text_always(json, "in_record", members);
			vg_json_close(json, '}');
		} else {
			vg_page_field(
			    &page, 2, kind == VG_FACT_ALLERGY ? "Allergy to" : "Drug",
			    vg_format(&cli->arena, "%s: %s", name, members && *members ? members : "none in the record"));
		}
	}
	if (as_json) {
		vg_json_close(json, ']');
		vg_json_close(json, '}');
		vg_add(&page.out, "\n");
	}
	vg_print_buffer(cli, &page.out);
	return VIGIL_OK;
}

/* ---- the command --------------------------------------------------------------------------- */

static int explain_rule(vg_cli *cli, const vg_options *options, vigil_worker *worker, vg_asked *asked)
{
	vigil_error error = VIGIL_ERROR_INIT;
	const vg_explanation *explanations;
	size_t count;
	const char *rule = options->arguments.items[0];
	if (vg_worker_explain(worker, &asked->request, rule, options->full ? stopwatch : NULL, &explanations, &count, &error) !=
	    VIGIL_OK) {
		vg_name_file(asked, &error);
		return vg_tell_error(&error);
	}
	if (strcmp(options->format, "json") == 0)
		write_json(cli, rule, explanations, count, options->full);
	else
		write_text(cli, explanations, count, options->full);
	return VIGIL_OK;
}

int vg_command_explain(vg_cli *cli, const vg_options *options)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_engine *engine = NULL;
	vigil_worker *worker = NULL;
	vg_asked asked;
	if (vg_ask(cli, options, options->arguments.items[1], &asked, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	int status = vg_open_engine(cli, options, &engine);
	if (status != VIGIL_OK)
		return status;
	vg_world *world = vg_engine_world(engine);
	const char *rule = options->arguments.items[0];
	if (vigil_worker_open(engine, &worker, &error) != VIGIL_OK) {
		status = vg_tell_error(&error);
	} else if (vg_rule_find(world->rulebook, rule) == UINT32_MAX) {
		vg_family family = VG_INTERACTIONS;
		uint32_t row = vg_pair_find_id(world->knowledge, family, rule);
		if (row == UINT32_MAX)
			row = vg_pair_find_id(world->knowledge, family = VG_CROSS_REACTIVITY, rule);
		if (row != UINT32_MAX)
			status = explain_row(cli, options, worker, &asked, family, row);
		else
			status = vg_unknown_rule(cli, world, rule);
	} else {
		status = explain_rule(cli, options, worker, &asked);
	}
	vg_world_release(world);
	vigil_worker_close(worker);
	vigil_engine_close(engine);
	return status;
}
