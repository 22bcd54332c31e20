/*
 * `vigil impact`: who would newly get, or lose, an alert or a due screening
 * were one set of packs replaced by another.
 *
 * Both sets stand on the starter pack and --rules, as `--rules OLD` and
 * `--rules NEW` would.  Each record is read once for each; drugs that are taken
 * already are judged where nothing is ordered.  A record that cannot be read is
 * told and counted, and the status is 3 at the end.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "store/store.h"

enum { MOST_TOLD = 5, MOST_SAMPLES = 1000 };

typedef struct comparison {
	vg_cli *cli;
	const vg_options *options;
	vigil_engine *engines[2];
	vg_world *worlds[2];
	vg_evaluator *evaluators[2];
	vg_lens *lenses[2];
	vg_reader *readers[2];
	vg_feed *feed;
	vg_when as_of;
	vg_impact impact;
	uint64_t bad;
} comparison;

/* ---- numbers ------------------------------------------------------------------------------ */

/* Per so many, with one decimal: "12.3"; "–" of nothing. */
static const char *rate(vg_arena *arena, uint64_t count, uint64_t of, unsigned per)
{
	if (of == 0)
		return "–";
	uint64_t tenths = (count * per * 20 / of + 1) / 2;
	const char *text = vg_format(arena, "%llu.%llu", (unsigned long long)(tenths / 10), (unsigned long long)(tenths % 10));
	return text ? text : "";
}

static const char *number(vg_arena *arena, uint64_t count)
{
	const char *text = vg_format(arena, "%llu", (unsigned long long)count);
	return text ? text : "";
}

static uint64_t sum(const uint64_t counts[3]) { return counts[0] + counts[1] + counts[2]; }

/* ---- text --------------------------------------------------------------------------------- */

static void add_row(vg_arena *arena, vg_grid *grid, const char *what, const char *cells[5])
{
	vg_grid_add(arena, grid, what);
	for (size_t i = 0; i < 5; i++)
		vg_grid_add(arena, grid, cells[i]);
}

static void write_sums(vg_page *page, const vg_impact *all)
{
	vg_arena *arena = page->out.arena;
	static const char *const names[] = {"  info", "  warning", "  critical"};
	vg_grid grid = {.columns = 6};
	add_row(arena, &grid, "",
		(const char *[]){"Before", "After", "Newly", "No longer",
				 all->orders ? "After, per 100 orders" : "After, per 1,000 patients"});
	add_row(arena, &grid, "Patients with an alert",
		(const char *[]){number(arena, all->alerted[0]), number(arena, all->alerted[1]),
				 number(arena, all->alerted_gained), number(arena, all->alerted_lost),
				 all->orders ? "" : rate(arena, all->alerted[1], all->patients, 1000)});
	uint64_t of = all->orders ? all->orders : all->patients;
	unsigned per = all->orders ? 100 : 1000;
	add_row(arena, &grid, "Alerts",
		(const char *[]){number(arena, sum(all->alerts[0])), number(arena, sum(all->alerts[1])), "", "",
				 rate(arena, sum(all->alerts[1]), of, per)});
	for (int severity = 2; severity >= 0; severity--)
		add_row(arena, &grid, names[severity],
			(const char *[]){number(arena, all->alerts[0][severity]), number(arena, all->alerts[1][severity]), "",
					 "", rate(arena, all->alerts[1][severity], of, per)});
	add_row(arena, &grid, "Screenings due",
		(const char *[]){number(arena, all->due[0]), number(arena, all->due[1]), "", "",
				 all->orders ? "" : rate(arena, all->due[1], all->patients, 1000)});
	if (!arena->failed)
		vg_page_grid(page, 0, &grid);
}

static void write_rules(vg_page *page, const vg_impact *all)
{
	vg_arena *arena = page->out.arena;
	static const char *const heads[] = {"Rule",      "Patients before", "After",  "Newly",
					    "No longer", "Graver",          "Milder", "Newly per 1,000"};
	vg_grid grid = {.columns = VG_COUNT(heads)};
	for (size_t i = 0; i < VG_COUNT(heads); i++)
		vg_grid_add(arena, &grid, heads[i]);
	size_t changed = 0;
	for (size_t i = 0; i < all->rule_count; i++) {
		const vg_impact_rule *rule = &all->rules[i];
		if (!vg_impact_changed(rule))
			continue;
		changed++;
		vg_grid_add(arena, &grid, rule->rule);
		const uint64_t counts[] = {rule->patients[0], rule->patients[1], rule->gained,
					   rule->lost,        rule->graver,      rule->milder};
		for (size_t k = 0; k < VG_COUNT(counts); k++)
			vg_grid_add(arena, &grid, number(arena, counts[k]));
		vg_grid_add(arena, &grid, rate(arena, rule->gained, all->patients, 1000));
	}
	vg_page_line(page);
	if (changed == 0)
		vg_page_item(page, 0, "", VG_PLAIN, "No rule says anything else about any of these patients.");
	else if (!arena->failed)
		vg_page_grid(page, 0, &grid);
}

static void write_cases(vg_page *page, const vg_impact *all)
{
	vg_arena *arena = page->out.arena;
	for (size_t i = 0; i < all->rule_count; i++) {
		const vg_impact_rule *rule = &all->rules[i];
		if (rule->case_count == 0)
			continue;
		vg_page_line(page);
		vg_page_add(page, VG_BOLD, rule->rule);
		vg_page_line(page);
		for (size_t k = 0; k < rule->case_count; k++) {
			const vg_impact_case *one = &rule->cases[k];
			vg_page_item(page, 2, one->gained ? "+ " : "− ", one->gained ? VG_GREEN : VG_YELLOW,
				     vg_format(arena, "%s (%s): %s", one->patient, one->record, one->summary));
			vg_page_item(page, 4, "", VG_PLAIN, one->why);
		}
	}
}

static void write_text(vg_cli *cli, const vg_impact *all, uint64_t bad)
{
	vg_page page;
	vg_page_init(&page, cli);
	vg_page_item(&page, 0, "", VG_PLAIN,
		     vg_format(&cli->arena, "%llu patients, %llu orders%s", (unsigned long long)all->patients,
			       (unsigned long long)all->orders,
			       bad ? vg_format(&cli->arena, "; %llu records could not be read", (unsigned long long)bad) : ""));
	vg_page_line(&page);
	write_sums(&page, all);
	write_rules(&page, all);
	write_cases(&page, all);
	vg_print_buffer(cli, &page.out);
}

/* ---- JSON --------------------------------------------------------------------------------- */

static void write_pair(vg_json_writer *json, const char *name, uint64_t before, uint64_t after)
{
	vg_json_open(json, name, '{');
	vg_json_count(json, "before", before);
	vg_json_count(json, "after", after);
	vg_json_close(json, '}');
}

static void write_alerts(vg_json_writer *json, uint64_t const alerts[2][3])
{
	static const char *const names[] = {"info", "warning", "critical"};
	vg_json_open(json, "alerts", '{');
	for (int severity = 2; severity >= 0; severity--)
		write_pair(json, names[severity], alerts[0][severity], alerts[1][severity]);
	vg_json_close(json, '}');
}

static void write_rule(vg_cli *cli, vg_json_writer *json, const vg_impact *all, const vg_impact_rule *rule)
{
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "rule", rule->rule);
	vg_json_text_always(json, "what", rule->screening ? "due" : "alert");
	write_pair(json, "patients", rule->patients[0], rule->patients[1]);
	vg_json_count(json, "newly", rule->gained);
	vg_json_count(json, "no_longer", rule->lost);
	vg_json_count(json, "graver", rule->graver);
	vg_json_count(json, "milder", rule->milder);
	vg_json_text(json, "newly_per_1000_patients",
		     all->patients ? rate(&cli->arena, rule->gained, all->patients, 1000) : NULL);
	vg_json_text(json, "alerts_per_100_orders",
		     all->orders && !rule->screening ? rate(&cli->arena, sum(rule->alerts[1]), all->orders, 100) : NULL);
	if (!rule->screening)
		write_alerts(json, rule->alerts);
	vg_json_open(json, "cases", '[');
	for (size_t i = 0; i < rule->case_count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "patient", rule->cases[i].patient);
		vg_json_text_always(json, "record", rule->cases[i].record);
		vg_json_text_always(json, "change", rule->cases[i].gained ? "newly" : "no_longer");
		vg_json_text_always(json, "summary", rule->cases[i].summary);
		vg_json_text_always(json, "why", rule->cases[i].why);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_close(json, '}');
}

static void write_json(vg_cli *cli, const vg_impact *all, uint64_t bad)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_json_writer writer = {&out, false}, *json = &writer;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "schema", "vigil.impact/1");
	vg_json_count(json, "patients", all->patients);
	vg_json_count(json, "orders", all->orders);
	vg_json_count(json, "unreadable", bad);
	write_pair(json, "patients_alerted", all->alerted[0], all->alerted[1]);
	vg_json_count(json, "patients_newly_alerted", all->alerted_gained);
	vg_json_count(json, "patients_no_longer_alerted", all->alerted_lost);
	write_alerts(json, all->alerts);
	write_pair(json, "screenings_due", all->due[0], all->due[1]);
	vg_json_open(json, "rules", '[');
	for (size_t i = 0; i < all->rule_count; i++)
		if (vg_impact_changed(&all->rules[i]))
			write_rule(cli, json, all, &all->rules[i]);
	vg_json_close(json, ']');
	vg_json_close(json, '}');
	vg_add(&out, "\n");
	vg_print_buffer(cli, &out);
}

/* ---- records ---------------------------------------------------------------------------------- */

static const char *place_of(comparison *all, const vg_feed_item *item)
{
	const char *text = item->line
			       ? vg_format(&all->impact.scratch, "%s, line %llu", item->name, (unsigned long long)item->line)
			       : item->name;
	return text ? text : "";
}

static vigil_status compare(comparison *all, const vg_feed_item *item, vg_record *records[2], vigil_error *err)
{
	vg_impact_side sides[2];
	vigil_status status = VIGIL_OK;
	for (int side = 0; side < 2 && status == VIGIL_OK; side++) {
		vg_question question = {.as_of = all->as_of,
					.all_statuses = all->options->all_statuses,
					.record_drafts = all->options->record_drafts,
					.budget_ms = VG_UNHURRIED_MS};
		status = vg_reader_record(all->readers[side], item, &records[side], err);
		if (status == VIGIL_OK)
			status = vg_request_hook(NULL, records[side], &question.hook, err);
		question.record = records[side];
		question.judge_existing = status == VIGIL_OK && records[side]->order_count == 0 && !question.record_drafts;
		sides[side] = (vg_impact_side){all->worlds[side], all->evaluators[side], question};
	}
	const char *place = place_of(all, item);
	place = vg_copy_text(&all->cli->arena, place, strlen(place)); /* the comparison resets what it was made in */
	if (!place)
		return vg_fail_memory(err);
	return status == VIGIL_OK ? vg_impact_add(&all->impact, sides, place, err) : status;
}

/* One record; what cannot be read is told and counted. */
static vigil_status compare_item(comparison *all, const vg_feed_item *item, vg_meter *meter, vigil_error *err)
{
	vg_record *records[2] = {NULL, NULL};
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_status status = compare(all, item, records, &error);
	vg_record_free(records[0]);
	vg_record_free(records[1]);
	if (status == VIGIL_OK)
		return status;
	if (status != VIGIL_BAD_INPUT) {
		*err = error;
		return status;
	}
	if (all->bad++ < MOST_TOLD)
		vg_meter_say(meter, vg_format(&all->cli->arena, "%s: %s", place_of(all, item), error.text));
	return VIGIL_OK;
}

static vigil_status run(comparison *all, vigil_error *err)
{
	vg_meter *meter = vg_meter_open(all->cli, "Comparing", "patients");
	vg_batch batch;
	bool more = true;
	vigil_status status = VIGIL_OK;
	vg_batch_init(&batch, NULL);
	while (status == VIGIL_OK && more) {
		status = vg_feed_fill(all->feed, &batch, &more, err);
		bool any = more;
		while (status == VIGIL_OK && any) {
			vg_feed_item item;
			status = vg_reader_next(all->readers[0], &batch, &item, &any, err);
			if (status == VIGIL_OK && any)
				status = compare_item(all, &item, meter, err);
		}
		uint64_t whole, done = vg_feed_read(all->feed, &whole);
		vg_meter_show(meter, all->impact.patients, done, whole);
	}
	vg_meter_close(meter);
	vg_batch_free(&batch);
	return status;
}

/* ---- opening ------------------------------------------------------------------------------------ */

/* The packs of one side: --rules, then its own folder; "-" is none. */
static int open_side(comparison *all, int side)
{
	vg_options options = *all->options;
	const char *folder = options.arguments.items[side];
	size_t count = options.rules.count;
	const char **rules = vg_alloc_array(&all->cli->arena, count + 1, sizeof *rules);
	if (!rules)
		return vg_out_of_memory();
	for (size_t i = 0; i < count; i++)
		rules[i] = options.rules.items[i];
	if (strcmp(folder, "-") != 0)
		rules[count++] = folder;
	options.rules = (vg_list){rules, count, count};
	int status = vg_open_engine(all->cli, &options, &all->engines[side]);
	if (status == VIGIL_OK)
		all->worlds[side] = vg_engine_world(all->engines[side]);
	return status;
}

static vigil_status open_readers(comparison *all, vigil_error *err)
{
	const vg_list *arguments = &all->options->arguments;
	vigil_status status = vg_feed_open(arguments->items + 2, arguments->count - 2, (vg_shard){0, 0}, NULL, &all->feed, err);
	for (int side = 0; side < 2 && status == VIGIL_OK; side++) {
		status = vg_lens_open(all->feed, all->worlds[side], VG_UNPACK_ALL, NULL, &all->lenses[side], err);
		if (status == VIGIL_OK)
			status = vg_reader_open(all->lenses[side], &all->readers[side], err);
		if (status == VIGIL_OK)
			status = vg_evaluator_open(NULL, &all->evaluators[side], err);
	}
	return status;
}

static void close_all(comparison *all)
{
	for (int side = 0; side < 2; side++) {
		vg_evaluator_close(all->evaluators[side]);
		vg_reader_close(all->readers[side]);
		vg_lens_close(all->lenses[side]);
	}
	vg_feed_close(all->feed);
	for (int side = 0; side < 2; side++) {
		vg_world_release(all->worlds[side]);
		vigil_engine_close(all->engines[side]);
	}
	vg_impact_free(&all->impact);
}

static int read_sample(const char *text, size_t *ret)
{
	double count = 3; /* without the option */
	if (text && (!vg_parse_number(text, strlen(text), &count) || count < 0 || count > MOST_SAMPLES ||
		     count != (double)(size_t)count))
		return vg_wrong_use("Write a number from 0 to 1000.", "\"%.40s\" is no number of cases.", text);
	*ret = (size_t)count;
	return VIGIL_OK;
}

static int read_moment(comparison *all)
{
	vigil_error error = VIGIL_ERROR_INIT;
	const char *day;
	if (vg_moment(all->cli, all->options, &day, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	if (!vg_date_parse(day, strlen(day), &all->as_of) || all->as_of.first != all->as_of.last)
		return vg_wrong_use("Give a whole date, such as 2026-03-01, or a dateTime with its offset.",
				    "\"%.40s\" is no day.", day);
	return VIGIL_OK;
}

int vg_command_impact(vg_cli *cli, const vg_options *options)
{
	comparison all = {.cli = cli, .options = options};
	vigil_error error = VIGIL_ERROR_INIT;
	size_t sample = 0;
	int status = read_sample(options->sample, &sample);
	if (status == VIGIL_OK)
		status = read_moment(&all);
	if (status != VIGIL_OK)
		return status;
	vg_impact_init(&all.impact, NULL, sample);
	for (int side = 0; side < 2 && status == VIGIL_OK; side++)
		status = open_side(&all, side);
	if (status == VIGIL_OK && (open_readers(&all, &error) != VIGIL_OK || run(&all, &error) != VIGIL_OK)) {
		status = vg_tell_error(&error);
	} else if (status == VIGIL_OK) {
		vg_impact_finish(&all.impact);
		if (strcmp(options->format, "json") == 0)
			write_json(cli, &all.impact, all.bad);
		else
			write_text(cli, &all.impact, all.bad);
		status = all.bad ? VIGIL_BAD_INPUT : VIGIL_OK;
	}
	close_all(&all);
	return status;
}
