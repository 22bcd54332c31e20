/*
 * `vigil import`: FHIR exports and bundles into a population store.
 *
 * The store's floor does the work; here it is told how far it is, and what
 * came of it: what was read, what it changed, and what could not be used.
 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "store/store.h"

static const char *moment_now(vg_cli *cli, vigil_error *err)
{
	const char *now = NULL;
	return vg_now(cli, "UTC", &now, err) == VIGIL_OK ? now : NULL;
}

typedef struct watcher {
	vg_cli *cli;
	vg_meter *reading, *joining;
	uint64_t resources;
} watcher;

static void show(void *user, int phase, uint64_t done, uint64_t all, uint64_t count)
{
	watcher *self = user;
	if (phase == 0) {
		if (!self->reading)
			self->reading = vg_meter_open(self->cli, "Reading", "resources");
		vg_meter_show(self->reading, count, done, all);
		return;
	}
	if (self->reading)
		vg_meter_close(self->reading);
	self->reading = NULL;
	if (!self->joining)
		self->joining = vg_meter_open(self->cli, "Joining", "patients");
	vg_meter_show(self->joining, count, done, all);
}

static void close_meters(watcher *self)
{
	if (self->reading)
		vg_meter_close(self->reading);
	if (self->joining)
		vg_meter_close(self->joining);
	self->reading = self->joining = NULL;
}

/* What the report holds, in words and by name. */
typedef struct figure {
	const char *name, *words;
	uint64_t value;
	bool always;
} figure;

enum { FIGURES = 14 };
static void list_figures(const vg_import_report *report, figure out[FIGURES])
{
	const figure figures[FIGURES] = {
	    {"patients", "patients in the store", report->patients, true},
	    {"added", "patients added", report->added, true},
	    {"changed", "patients changed", report->changed, true},
	    {"removed", "patients removed", report->removed, false},
	    {"joined", "records joined to a person known by another id", report->joined, false},
	    {"files", "files read", report->files, true},
	    {"texts", "lines and bundles read", report->texts, true},
	    {"bytes", "bytes read", report->bytes, true},
	    {"resources", "resources used", report->resources, true},
	    {"passed_over", "resources of types that no fact comes from", report->passed_over, true},
	    {"deletions", "deletions", report->deletions, false},
	    {"bad", "lines or entries that could not be read", report->bad, false},
	    {"orphans", "resources of no known patient", report->orphans, false},
	    {"conflicts", "identifiers that two persons of different birth date or sex share: not joined", report->conflicts,
	     false},
	};
	memcpy(out, figures, sizeof figures);
}

static void write_text(vg_cli *cli, const vg_import_report *report)
{
	figure figures[FIGURES];
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	list_figures(report, figures);
	if (report->resumed)
		vg_add(&out, "Went on with an import that was stopped.\n");
	for (size_t i = 0; i < FIGURES; i++)
		if (figures[i].always || figures[i].value)
			vg_addf(&out, "%14llu  %s\n", (unsigned long long)figures[i].value, figures[i].words);
	if (report->errors)
		vg_addf(&out, "What could not be used is listed in %s, with file, line and reason.\n", report->errors);
	vg_print_buffer(cli, &out);
}

static void write_json(vg_cli *cli, const vg_import_report *report)
{
	figure figures[FIGURES];
	vg_buffer out;
	vg_buffer_init(&out, &cli->arena);
	vg_json_writer json = {&out, false};
	list_figures(report, figures);
	vg_json_open(&json, NULL, '{');
	vg_json_text(&json, "schema", "vigil.import/1");
	for (size_t i = 0; i < FIGURES; i++)
		vg_json_count(&json, figures[i].name, figures[i].value);
	vg_json_boolean(&json, "resumed", report->resumed);
	vg_json_text(&json, "digest", report->digest);
	vg_json_text(&json, "errors", report->errors);
	vg_json_close(&json, '}');
	vg_add(&out, "\n");
	vg_print_buffer(cli, &out);
}

int vg_command_import_population(vg_cli *cli, const vg_options *options)
{
	vigil_error err = VIGIL_ERROR_INIT;
	watcher told = {.cli = cli};
	vg_import_report report;
	unsigned jobs;
	int wrong = vg_read_jobs(options, &jobs);
	if (wrong)
		return wrong;
	const char *now = moment_now(cli, &err);
	if (!now)
		return vg_tell_error(&err);
	vg_import_config config = {.file = options->arguments.items[0],
				   .paths = options->arguments.items + 1,
				   .path_count = options->arguments.count - 1,
				   .source = options->source,
				   .errors = options->errors,
				   .now = now,
				   .jobs = jobs,
				   .progress = show,
				   .user = &told};
	vigil_status status = vg_import_population(&config, &cli->arena, &report, &err);
	close_meters(&told);
	if (status != VIGIL_OK)
		return vg_tell_error(&err);
	if (options->format && strcmp(options->format, "json") == 0)
		write_json(cli, &report);
	else
		write_text(cli, &report);
	return report.bad || report.orphans ? VIGIL_BAD_INPUT : VIGIL_OK;
}
