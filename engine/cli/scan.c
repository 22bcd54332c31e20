/*
 * `vigil scan`: who in a population is due for what.
 *
 * Here is what was asked and whether it fits together; the work is done in
 * scan_run.c, the same way for every source and every format.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/scan.h"

enum { MOST_SHARDS = 1000000, LEAST_SHOWN = 11 };

/* ---- what was asked ---------------------------------------------------------------- */

static int read_shard(vg_scan *scan)
{
	const char *given = scan->options->shard, *bar = given ? strchr(given, '/') : NULL;
	char first[16];
	if (!given)
		return VIGIL_OK;
	snprintf(first, sizeof first, "%.*s", bar ? (int)(bar - given < 15 ? bar - given : 15) : 0, given);
	if (!bar || !vg_read_number(first, MOST_SHARDS, &scan->shard.number) ||
	    !vg_read_number(bar + 1, MOST_SHARDS, &scan->shard.count) || scan->shard.number > scan->shard.count)
		return vg_wrong_use("Write the part and how many there are: --shard 1/4.", "--shard does not take \"%.40s\".",
				    given);
	return VIGIL_OK;
}

static int read_least(vg_scan *scan)
{
	const char *given = scan->options->suppress_below;
	unsigned least = LEAST_SHOWN;
	if (given && !vg_read_number(given, MOST_SHARDS, &least))
		return vg_wrong_use("Write a number from 1 on; 1 hides nothing.", "--suppress-below does not take \"%.40s\".",
				    given);
	if (given && !scan->options->report)
		return vg_wrong_use("Add --report FILE.html.", "--suppress-below is for the report, and none is asked for.");
	scan->least = least;
	return VIGIL_OK;
}

static int read_format(vg_scan *scan)
{
	static const char *const names[] = {"table", "csv", "ndjson", "fhir"};
	const vg_options *options = scan->options;
	for (size_t i = 0; i < VG_COUNT(names); i++)
		if (strcmp(options->format, names[i]) == 0)
			scan->format = (vg_scan_format)i;
	scan->forecast = options->forecast || options->report;
	scan->sums = scan->format == VG_SCAN_TABLE || scan->format == VG_SCAN_FHIR || options->report || options->since;
	bool only_screenings = !options->alerts && (scan->format != VG_SCAN_NDJSON || options->since);
	scan->narrow = only_screenings;
	scan->data = options->report || (scan->format == VG_SCAN_TABLE && !options->quick);
	scan->texts = scan->format == VG_SCAN_FHIR || (!only_screenings && scan->format != VG_SCAN_TABLE);
	if (options->resume && !options->out)
		return vg_wrong_use("Name the file that was broken off: --out FILE --resume.", "--resume needs --out.");
	if (options->resume && scan->sums)
		return vg_wrong_use("Use --format csv or ndjson, without --report and --since.",
				    "A sum over all patients cannot go on where a file was broken off.");
	if (options->quick && (scan->data || scan->format != VG_SCAN_TABLE))
		return vg_wrong_use("Leave one of them out.", "--quick is for the table alone, without --report.");
	if (options->since && (options->alerts || scan->format == VG_SCAN_FHIR))
		return vg_wrong_use("Compare screenings, as table, csv or ndjson.", "--since does not go with %s.",
				    options->alerts ? "--alerts" : "--format fhir");
	if (options->forecast && !options->report && scan->format != VG_SCAN_TABLE)
		return vg_wrong_use("Use --format table, or --report FILE.html.",
				    "--forecast is a part of the table and the report.");
	return VIGIL_OK;
}

static int read_question(vg_scan *scan)
{
	vigil_error error = VIGIL_ERROR_INIT;
	const char *day;
	vg_buffer sections;
	int status = vg_read_jobs(scan->options, &scan->jobs);
	if (status == VIGIL_OK)
		status = read_shard(scan);
	if (status == VIGIL_OK)
		status = read_format(scan);
	if (status == VIGIL_OK)
		status = read_least(scan);
	if (status != VIGIL_OK)
		return status;
	if (vg_moment(scan->cli, scan->options, &day, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	if (!vg_date_parse(day, strlen(day), &scan->as_of) || scan->as_of.first != scan->as_of.last)
		return vg_wrong_use("Give a whole date, such as 2026-03-01, or a dateTime with its offset.",
				    "\"%.40s\" is not a whole date.", day);
	for (int month = 0; month <= VG_FORECAST_MONTHS; month++)
		scan->months[month] = vg_day_plus(scan->as_of.first, (vg_duration){month, 0, 0});
	vg_buffer_init(&sections, &scan->cli->arena);
	for (size_t i = 0; i < scan->options->not_supplied.count; i++)
		vg_addf(&sections, "%s%s", i ? "," : "", scan->options->not_supplied.items[i]);
	scan->not_supplied = vg_buffer_text(&sections);
	return scan->not_supplied ? VIGIL_OK : vg_out_of_memory();
}

static bool is_row(const vg_world *world, const char *id)
{
	return vg_pair_find_id(world->knowledge, VG_INTERACTIONS, id) != UINT32_MAX ||
	       vg_pair_find_id(world->knowledge, VG_CROSS_REACTIVITY, id) != UINT32_MAX;
}

static int add_only(vg_scan *scan, const char *id)
{
	const vg_rulebook *book = scan->world->rulebook;
	uint32_t rule = vg_rule_find(book, id);
	bool is_screening = rule != UINT32_MAX && book->rules[rule].kind == VG_KIND_SCREENING;
	if (rule == UINT32_MAX && !is_row(scan->world, id))
		return vg_unknown_rule(scan->cli, scan->world, id);
	if (scan->narrow && !is_screening)
		return vg_wrong_use("Add --alerts.", "\"%.100s\" is not a screening; only --alerts asks for it.", id);
	if (rule != UINT32_MAX)
		scan->only[scan->only_count++] = rule;
	return VIGIL_OK;
}

/* Alerts of the engine's own checks and of rows are told apart by their id when they are written. */
static int read_only(vg_scan *scan)
{
	int status = VIGIL_OK;
	for (const char *at = scan->options->only; *at && status == VIGIL_OK;) {
		size_t length = strcspn(at, ",");
		const char *id = vg_copy_text(&scan->cli->arena, at, length);
		status = id ? add_only(scan, id) : vg_out_of_memory();
		at += length + (at[length] == ',');
	}
	return status;
}

/* Where only screenings are of interest nothing else is judged, nor looked for in a record. */
static int choose_rules(vg_scan *scan)
{
	vigil_error error = VIGIL_ERROR_INIT;
	const vg_rulebook *book = scan->world->rulebook;
	vg_world *narrow;
	size_t most = book->rule_count + (scan->options->only ? strlen(scan->options->only) : 0);
	if (!scan->options->only && !scan->narrow)
		return VIGIL_OK;
	scan->only = vg_alloc_array(&scan->cli->arena, most, sizeof *scan->only);
	if (!scan->only)
		return vg_out_of_memory();
	int status = scan->options->only ? read_only(scan) : VIGIL_OK;
	for (uint32_t i = 0; !scan->options->only && i < book->rule_count; i++)
		if (book->rules[i].kind == VG_KIND_SCREENING && book->rules[i].status == VG_STATUS_ACTIVE)
			scan->only[scan->only_count++] = i;
	if (status != VIGIL_OK || !scan->narrow)
		return status;
	if (vg_world_narrow(scan->world, scan->only, scan->only_count, &narrow, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	vg_world_release(scan->world);
	scan->world = narrow;
	scan->only = NULL;
	scan->only_count = 0;
	return VIGIL_OK;
}

/* Everything that decides the output's bytes, but the input. */
static const char *sign(const vg_scan *scan, const vg_feed *feed)
{
	const vg_options *options = scan->options;
	const char *const texts[] = {options->format,
				     options->only ? options->only : "",
				     scan->not_supplied,
				     options->shard ? options->shard : "",
				     options->alerts ? "alerts" : "",
				     options->all ? "all" : "",
				     options->since ? options->since : ""};
	vg_digest_state state;
	vg_digest digest;
	char text[65];
	vg_digest_begin(&state);
	vg_digest_add(&state, scan->world->digest.bytes, sizeof scan->world->digest.bytes);
	vg_digest_add(&state, &scan->as_of.first, sizeof scan->as_of.first);
	for (size_t i = 0; i < VG_COUNT(texts); i++)
		vg_digest_add_text(&state, texts[i]);
	for (size_t i = 0; i < options->arguments.count; i++)
		vg_digest_add_text(&state, options->arguments.items[i]);
	vg_feed_sign(feed, &state);
	vg_digest_end(&state, &digest);
	vg_digest_text(&digest, text);
	return vg_copy_text(&scan->cli->arena, text, sizeof text - 1);
}

/* ---- doing it ------------------------------------------------------------------------------ */

static vigil_status write_head(const vg_scan *scan, vigil_error *err)
{
	vg_buffer head;
	vg_buffer_init(&head, &scan->cli->arena);
	vg_scan_head(scan, &head);
	const char *text = vg_buffer_text(&head);
	if (!text)
		return vg_fail_memory(err);
	return head.length ? vg_scan_output_write(scan->output, text, head.length, err) : VIGIL_OK;
}

/* What comes when every record is answered. */
static vigil_status write_sums(const vg_scan *scan, const vg_scan_result *result, vigil_error *err)
{
	vg_page page;
	if (scan->lists)
		return vg_scan_lists_write(scan, scan->lists, err);
	if (scan->format != VG_SCAN_TABLE)
		return VIGIL_OK;
	vg_page_init(&page, scan->cli);
	page.colour &= !scan->options->out;
	vg_scan_table(scan, &result->summary, &page);
	const char *text = vg_buffer_text(&page.out);
	return text && !scan->cli->arena.failed ? vg_scan_output_write(scan->output, text, page.out.length, err)
						: vg_fail_memory(err);
}

static vigil_status scan_feed(vg_scan *scan, vg_feed *feed, vg_scan_result *result, vigil_error *err)
{
	uint32_t input;
	uint64_t line;
	vigil_status status = VIGIL_OK;
	if (vg_scan_output_place(scan->output, &input, &line, &result->bad))
		vg_feed_go_on(feed, input, line);
	else
		status = write_head(scan, err);
	if (status == VIGIL_OK)
		status = vg_scan_run(scan, feed, result, err);
	result->summary.bad = result->bad;
	if (status == VIGIL_OK)
		status = write_sums(scan, result, err);
	if (status == VIGIL_OK && scan->options->report)
		status = vg_scan_report(scan, &result->summary, scan->options->report, err);
	if (status == VIGIL_OK)
		status = vg_scan_output_finish(scan->output, err);
	return status;
}

/* Everything that can be wrong before the first record is read. */
static vigil_status open_all(vg_scan *scan, vg_feed **feed, vg_scan_result *result, vigil_error *err)
{
	const vg_options *options = scan->options;
	vigil_status status = VIGIL_OK;
	if (scan->sums)
		status = vg_summary_open(&result->summary, scan->world, scan->only, scan->only_count, NULL, err);
	result->summary.data = scan->data;
	if (status == VIGIL_OK && scan->format == VG_SCAN_FHIR)
		status = vg_scan_lists_open(scan->cli, &result->summary, &scan->lists, err);
	if (status == VIGIL_OK && options->since)
		status = vg_since_open(options->since, NULL, &scan->since, err);
	if (status == VIGIL_OK)
		status = vg_feed_open(options->arguments.items, options->arguments.count, scan->shard, NULL, feed, err);
	const char *signature = status == VIGIL_OK ? sign(scan, *feed) : NULL;
	if (status == VIGIL_OK && !signature)
		status = vg_fail_memory(err);
	if (status == VIGIL_OK)
		status = vg_scan_output_open(scan->cli, options->out, signature, options->resume, &scan->output, err);
	return status;
}

static int scan_world(vg_scan *scan)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_scan_result result = {.bad = 0};
	vg_feed *feed = NULL;
	int status = choose_rules(scan);
	if (status != VIGIL_OK)
		return status;
	vigil_status done = open_all(scan, &feed, &result, &error);
	if (done == VIGIL_OK)
		done = scan_feed(scan, feed, &result, &error);
	if (done != VIGIL_OK)
		status =
		    scan->cli->write_failed ? VIGIL_BAD_OUTPUT : vg_tell_error(&error); /* vg_finish tells of standard output */
	else if (result.bad)
		status = VIGIL_BAD_INPUT;
	vg_scan_output_close(scan->output);
	vg_feed_close(feed);
	vg_since_close(scan->since);
	vg_scan_lists_close(scan->lists);
	if (scan->sums)
		vg_summary_free(&result.summary);
	return status;
}

int vg_command_scan(vg_cli *cli, const vg_options *options)
{
	vg_scan scan = {.cli = cli, .options = options};
	vigil_engine *engine = NULL;
	int status = read_question(&scan);
	if (status == VIGIL_OK)
		status = vg_open_engine(cli, options, &engine);
	if (status != VIGIL_OK)
		return status;
	signal(SIGPIPE, SIG_IGN); /* a reader who went away is an output that cannot be written, not a silent end */
	scan.world = vg_engine_world(engine);
	status = scan_world(&scan);
	vg_world_release(scan.world);
	vigil_engine_close(engine);
	return status;
}
