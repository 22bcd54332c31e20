/*
 * `vigil test`: the examples of rule packs, for people, as JSON, as JUnit.
 *
 * Examples run through the same path as a record.  A pack whose files have
 * errors is not tested at all but for what could be read: its errors are told
 * and the status is that of a failed test, because an example that was not
 * read has not passed.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

/* The examples of the packs that were named. */
static size_t choose(const vg_options *options, const vg_example_report *report, const vg_example_result **chosen)
{
	size_t count = 0;
	for (size_t i = 0; i < report->count; i++)
		if (vg_below_arguments(options, report->items[i].place.file))
			chosen[count++] = &report->items[i];
	return count;
}

static size_t count_failed(const vg_example_result *const *results, size_t count)
{
	size_t failed = 0;
	for (size_t i = 0; i < count; i++)
		failed += !results[i]->passed && !results[i]->known_gap;
	return failed;
}

/* ---- for people --------------------------------------------------------------------- */

static void write_text(vg_cli *cli, const vg_options *options, const vg_example_result *const *results, size_t count,
		       const vg_coverage *coverage)
{
	vg_page page;
	vg_buffer sum;
	size_t failed = count_failed(results, count), gaps = 0;
	vg_page_init(&page, cli);
	for (size_t i = 0; i < count; i++) {
		const vg_example_result *result = results[i];
		gaps += !result->passed && result->known_gap;
		if (result->passed)
			continue;
		vg_page_add(&page, result->known_gap ? VG_YELLOW : VG_RED, result->known_gap ? "gap     " : "FAILED  ");
		vg_page_item(&page, 0, "", VG_PLAIN,
			     vg_format(&cli->arena, "%s  (%s:%d)", result->name, result->place.file, result->place.line));
		vg_page_item(&page, 8, "", VG_PLAIN, result->text);
		if (*result->trace)
			vg_page_item(&page, 8, "", VG_DIM, result->trace);
	}
	vg_buffer_init(&sum, &cli->arena);
	vg_write_quantity(&sum, count, "example", "examples");
	vg_addf(&sum, ": %zu passed, %zu failed", count - failed - gaps, failed);
	if (gaps)
		vg_addf(&sum, ", %zu known to fail", gaps);
	vg_add(&sum, ".");
	vg_page_item(&page, 0, "", VG_PLAIN, vg_buffer_text(&sum));
	if (coverage)
		vg_write_coverage_text(cli, options, &page, coverage);
	vg_print_buffer(cli, &page.out);
}

/* ---- for machines ------------------------------------------------------------------------ */

static void write_json(vg_cli *cli, const vg_options *options, const vg_example_result *const *results, size_t count,
		       const vg_coverage *coverage)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_json_writer writer = {&out, false}, *json = &writer;
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "schema", "vigil.test/1");
	vg_json_open(json, "examples", '[');
	for (size_t i = 0; i < count; i++) {
		const vg_example_result *result = results[i];
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "name", result->name);
		vg_json_text(json, "file", result->place.file);
		vg_json_count(json, "line", result->place.line > 0 ? (uint64_t)result->place.line : 0);
		vg_json_text_always(json, "status", result->passed ? "passed" : result->known_gap ? "known_gap" : "failed");
		vg_json_texts(json, "rules", result->rules, result->rule_count);
		vg_json_text(json, "text", result->text);
		vg_json_text(json, "trace", result->trace);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_open(json, "counts", '{');
	vg_json_count(json, "examples", count);
	vg_json_count(json, "failed", count_failed(results, count));
	vg_json_close(json, '}');
	if (coverage)
		vg_write_coverage_json(cli, options, json, coverage);
	vg_json_close(json, '}');
	vg_add(&out, "\n");
	vg_print_buffer(cli, &out);
}

static void add_xml(vg_buffer *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			vg_add(out, "&amp;");
			break;
		case '<':
			vg_add(out, "&lt;");
			break;
		case '>':
			vg_add(out, "&gt;");
			break;
		case '"':
			vg_add(out, "&quot;");
			break;
		case '\n':
			vg_add(out, "&#10;");
			break;
		default:
			/* XML 1.0 has no place for other control characters. */
			vg_add_byte(out, (unsigned char)*text < 0x20 ? ' ' : *text);
		}
	}
}

static void write_junit(vg_cli *cli, const vg_example_result *const *results, size_t count)
{
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_addf(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"vigil\" tests=\"%zu\" failures=\"%zu\">\n",
		count, count_failed(results, count));
	for (size_t i = 0; i < count; i++) {
		const vg_example_result *result = results[i];
		vg_add(&out, "  <testcase name=\"");
		add_xml(&out, result->name);
		vg_add(&out, "\" classname=\"");
		add_xml(&out, result->rule_count ? result->rules[0] : "");
		vg_add(&out, "\" file=\"");
		add_xml(&out, result->place.file ? result->place.file : "");
		vg_addf(&out, "\" line=\"%d\"", result->place.line);
		if (result->passed) {
			vg_add(&out, "/>\n");
			continue;
		}
		vg_addf(&out, "><%s message=\"", result->known_gap ? "skipped" : "failure");
		add_xml(&out, result->text);
		vg_add(&out, "\">");
		add_xml(&out, result->trace);
		vg_addf(&out, "</%s></testcase>\n", result->known_gap ? "skipped" : "failure");
	}
	vg_add(&out, "</testsuite>\n");
	vg_print_buffer(cli, &out);
}

/* ---- the command --------------------------------------------------------------------------- */

/* Errors of files and tables; what failing examples say is told by the examples themselves. */
static size_t tell_unread(const vg_options *options, const vg_findings *findings)
{
	size_t count = 0;
	for (size_t i = 0; i < findings->count; i++) {
		const vigil_finding *finding = &findings->items[i];
		if (finding->level != VIGIL_ERROR || vg_starts_with(finding->code, "VG4") ||
		    !vg_below_arguments(options, finding->file))
			continue;
		if (count++ < 10)
			fprintf(stderr, "vigil: %s:%d: %s: %s\n", finding->file ? finding->file : "-", finding->line,
				finding->code, finding->text);
	}
	if (count)
		fprintf(stderr, "       What was not read was not tested; `vigil lint` tells more.\n");
	return count;
}

static int run_examples(vg_cli *cli, const vg_options *options, vg_world *world)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_example_report report = {0};
	if (options->coverage && strcmp(options->format, "junit") == 0)
		return vg_wrong_use("Leave --coverage out, or write --format json.", "JUnit has no place for coverage.");
	uint32_t number = options->rule ? vg_rule_find(world->rulebook, options->rule) : 0;
	if (number == UINT32_MAX && vg_pair_find_id(world->knowledge, VG_INTERACTIONS, options->rule) == UINT32_MAX &&
	    vg_pair_find_id(world->knowledge, VG_CROSS_REACTIVITY, options->rule) == UINT32_MAX)
		return vg_wrong_use("`vigil show` lists all rules.", "There is no rule \"%.100s\".", options->rule);
	vg_coverage covered = {0}, *coverage = options->coverage ? &covered : NULL;
	vigil_status run = coverage ? vg_examples_cover(world, options->rule, &report, coverage, &error)
				    : vg_examples_run(world, options->rule, &report, &error);
	if (run != VIGIL_OK)
		return vg_tell_error(&error);
	const vg_example_result **chosen = vg_alloc_array(&cli->arena, report.count, sizeof *chosen);
	int status = VIGIL_INTERNAL;
	if (chosen) {
		size_t count = choose(options, &report, chosen);
		if (strcmp(options->format, "json") == 0)
			write_json(cli, options, chosen, count, coverage);
		else if (strcmp(options->format, "junit") == 0)
			write_junit(cli, chosen, count);
		else
			write_text(cli, options, chosen, count, coverage);
		status = count_failed(chosen, count) ? VG_EXIT_FOUND : VIGIL_OK;
	}
	if (coverage)
		vg_coverage_free(coverage);
	vg_example_report_free(&report);
	return status;
}

static int run_once(vg_cli *cli, const vg_options *options)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_config config;
	vigil_engine *engine = NULL;
	vg_findings findings;
	if (vg_locate_layers(cli, options, &config, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	vg_findings_init(&findings, &vg_system_allocator);
	int status;
	if (vg_engine_open(&config, &findings, &engine, &error) != VIGIL_OK) {
		tell_unread(options, &findings);
		status = vg_tell_error(&error);
	} else {
		vg_world *world = vg_engine_world(engine);
		status = run_examples(cli, options, world);
		vg_world_release(world);
		vigil_engine_close(engine);
		if (tell_unread(options, &findings) && status == VIGIL_OK)
			status = VG_EXIT_FOUND;
	}
	vg_findings_free(&findings);
	return status;
}

/* One of many runs: what failed is told, and the next change is waited for. */
static int run_watched(vg_cli *cli, const vg_options *options)
{
	int status = vg_finish(cli, run_once(cli, options));
	vg_print(cli, "\n");
	return status == VIGIL_BAD_OUTPUT ? VIGIL_BAD_OUTPUT : VIGIL_OK;
}

int vg_command_test(vg_cli *cli, const vg_options *options)
{
	return options->watch ? vg_watch_packs(cli, options, run_watched) : run_once(cli, options);
}
