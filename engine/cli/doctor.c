/*
 * `vigil doctor`: what is installed and whether it is sound; with --config also
 * whether a service with these settings would start, and what is dangerous about it.
 *
 * Nothing is changed: no socket is opened, and a journal that is not there is not made.  Every check is one line with a
 * verdict; a doctor that cannot open the packs still tells what he found.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/serve.h"

typedef enum doctor_verdict { WELL, NOTICE, ILL } doctor_verdict;
typedef struct checked {
	doctor_verdict verdict;
	const char *what, *text;
} checked;
typedef struct doctor_report {
	vg_cli *cli;
	checked *lines;
	size_t count, capacity;
} doctor_report;

static void tell(doctor_report *report, doctor_verdict verdict, const char *what, const char *text)
{
	checked *lines =
	    text ? vg_grow(&report->cli->arena, report->lines, report->count, &report->capacity, sizeof *lines) : NULL;
	if (!lines)
		return; /* the arena says so, and nothing is printed */
	report->lines = lines;
	report->lines[report->count++] = (checked){verdict, what, text};
}

static void look_at_cache(doctor_report *report, const vigil_config *config)
{
	vg_arena *arena = &report->cli->arena;
	if (config->knowledge_file)
		tell(report, WELL, "knowledge", vg_format(arena, "the file %s", config->knowledge_file));
	else if (!config->cache_dir)
		tell(report, NOTICE, "knowledge",
		     "no cache: neither XDG_CACHE_HOME nor HOME is set; it is compiled anew each time");
	else if (access(config->cache_dir, W_OK) != 0 && access(config->cache_dir, F_OK) == 0)
		tell(report, NOTICE, "knowledge",
		     vg_format(arena, "%s may not be written; it is compiled anew each time", config->cache_dir));
	else
		tell(report, WELL, "knowledge", vg_format(arena, "the cache %s", config->cache_dir));
}

static void look_at_findings(doctor_report *report, const vg_findings *findings)
{
	size_t counts[3] = {0};
	for (size_t i = 0; i < findings->count; i++)
		counts[findings->items[i].level]++;
	vg_buffer out;
	vg_buffer_init(&out, &report->cli->arena);
	vg_write_quantity(&out, counts[VIGIL_ERROR], "error", "errors");
	vg_add(&out, ", ");
	vg_write_quantity(&out, counts[VIGIL_WARNING], "warning", "warnings");
	if (counts[VIGIL_ERROR] || counts[VIGIL_WARNING])
		vg_add(&out, "; `vigil lint` tells them");
	tell(report, counts[VIGIL_ERROR] ? ILL : counts[VIGIL_WARNING] ? NOTICE : WELL, "findings", vg_buffer_text(&out));
}

static void look_at_rules(doctor_report *report, const vg_world *world)
{
	size_t counts[4] = {0};
	for (uint32_t i = 0; i < world->rulebook->rule_count; i++)
		counts[world->rulebook->rules[i].status]++;
	tell(report, counts[VG_STATUS_ACTIVE] ? WELL : NOTICE, "rules",
	     vg_format(&report->cli->arena,
		       "%zu active, %zu shadow, %zu draft, %zu retired; %zu rows of drug pairs, %zu of allergies",
		       counts[VG_STATUS_ACTIVE], counts[VG_STATUS_SHADOW], counts[VG_STATUS_DRAFT], counts[VG_STATUS_RETIRED],
		       vg_pair_count(world->knowledge, VG_INTERACTIONS), vg_pair_count(world->knowledge, VG_CROSS_REACTIVITY)));
}

static void look_at_examples(doctor_report *report, vg_world *world)
{
	vg_example_report examples = {0};
	vigil_error error = VIGIL_ERROR_INIT;
	if (vg_examples_run(world, NULL, &examples, &error) != VIGIL_OK) {
		tell(report, ILL, "examples", vg_format(&report->cli->arena, "cannot be run: %s", error.text));
		return;
	}
	tell(report, examples.failed ? ILL : WELL, "examples",
	     vg_format(&report->cli->arena, "%zu of %zu passed%s", examples.count - examples.failed, examples.count,
		       examples.failed ? "; `vigil test` tells more" : ""));
	vg_example_report_free(&examples);
}

static void look_at_packs(doctor_report *report, const vg_options *options)
{
	vigil_config config;
	vigil_engine *engine = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_findings findings;
	vg_arena *arena = &report->cli->arena;
	if (vg_locate(report->cli, options, &config, &error) != VIGIL_OK) {
		tell(report, ILL, "starter pack", vg_format(arena, "%s", error.text));
		return;
	}
	look_at_cache(report, &config);
	config.accept_errors = 1;
	vg_findings_init(&findings, &vg_system_allocator);
	if (vg_engine_open(&config, &findings, &engine, &error) != VIGIL_OK) {
		tell(report, ILL, "packs", vg_format(arena, "cannot be loaded: %s", error.text));
	} else {
		vg_world *world = vg_engine_world(engine);
		for (size_t i = 0; i < world->pack_count; i++)
			tell(report, WELL, "pack",
			     vg_format(arena, "%s %s in %s", world->packs[i].name, world->packs[i].version,
				       world->packs[i].folder));
		look_at_rules(report, world);
		look_at_examples(report, world);
		vg_world_release(world);
		vigil_engine_close(engine);
	}
	look_at_findings(report, &findings);
	vg_findings_free(&findings);
}

/* ---- the service ------------------------------------------------------------------ */

static void look_at_certificate(doctor_report *report, const vg_settings *settings)
{
	enum { SOON = 30 };
	vg_arena *arena = &report->cli->arena;
	vigil_error error = VIGIL_ERROR_INIT;
	int64_t expires = 0;
	if (!settings->tls_certificate)
		return;
	if (vg_certificate_check(settings, &expires, &error) != VIGIL_OK) {
		tell(report, ILL, "certificate", vg_format(arena, "%s: %s", error.file, error.text));
		return;
	}
	long long days = (expires - (int64_t)time(NULL)) / 86400;
	tell(report, days < SOON ? NOTICE : WELL, "certificate",
	     vg_format(arena, "%s is good for %lld days", settings->tls_certificate, days));
}

static void look_at_journal(doctor_report *report, const vg_settings *settings)
{
	vg_arena *arena = &report->cli->arena;
	vigil_error error = VIGIL_ERROR_INIT;
	vg_journal_report found;
	if (!settings->journal) {
		tell(report, NOTICE, "journal", "none: nothing that is answered can be shown later");
		return;
	}
	if (access(settings->journal, F_OK) != 0) {
		const char *slash = strrchr(settings->journal, '/');
		const char *folder = !slash ? "."
				     : slash == settings->journal
					 ? "/"
					 : vg_copy_text(arena, settings->journal, (size_t)(slash - settings->journal));
		bool writable = folder && access(folder, W_OK) == 0;
		tell(
		    report, writable ? WELL : ILL, "journal",
		    vg_format(arena,
			      writable ? "%s will be made" : "%s cannot be made: its folder is not there or may not be written",
			      settings->journal));
	} else if (access(settings->journal, W_OK) != 0) {
		tell(report, ILL, "journal", vg_format(arena, "%s may not be written", settings->journal));
	} else if (vg_journal_verify(settings->journal, settings->journal_key, &found, &error) != VIGIL_OK) {
		tell(report, ILL, "journal", vg_format(arena, "%s: %s", settings->journal, error.text));
	} else {
		tell(report, *found.problem ? ILL : WELL, "journal",
		     vg_format(arena, "%s: %llu rows%s%s", settings->journal, (unsigned long long)found.rows,
			       *found.problem ? ", " : ", all as they were written", found.problem));
	}
}

static void look_at_keys(doctor_report *report, const vg_settings *settings)
{
	vg_arena *arena = &report->cli->arena;
	for (size_t i = 0; i < settings->auth_jwks.count; i++) {
		const char *file = settings->auth_jwks.items[i];
		bool readable = access(file, R_OK) == 0;
		tell(report, readable ? WELL : ILL, "keys",
		     vg_format(arena, readable ? "the file %s" : "%s cannot be read", file));
	}
}

/* The options with the packs of the settings: the same options when there are none. */
static vg_options look_at_service(doctor_report *report, const vg_options *options)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_settings settings;
	vg_texts warnings = {0};
	vg_arena *arena = &report->cli->arena;
	if (!options->config)
		return *options;
	if (vg_serve_settings(report->cli, options, &settings, &warnings, &error) != VIGIL_OK) {
		const char *text = *error.file
				       ? vg_format(arena, "%s:%d: %s %s", error.file, error.line, error.text, error.advice)
				       : vg_format(arena, "%s %s", error.text, error.advice);
		tell(report, ILL, "settings", text);
		return *options;
	}
	tell(report, WELL, "settings", options->config);
	for (size_t i = 0; i < warnings.count; i++)
		tell(report, NOTICE, "settings", warnings.items[i]);
	look_at_certificate(report, &settings);
	look_at_keys(report, &settings);
	look_at_journal(report, &settings);
	return vg_serve_packs(options, &settings);
}

int vg_command_doctor(vg_cli *cli, const vg_options *options)
{
	static const char *const words[] = {[WELL] = "ok", [NOTICE] = "notice", [ILL] = "problem"};
	static const struct {
		const char *symbol;
		vg_ink ink;
	} marks[] = {[WELL] = {"✓ ", VG_GREEN}, [NOTICE] = {"▲ ", VG_YELLOW}, [ILL] = {"✖ ", VG_RED}};
	doctor_report report = {cli, NULL, 0, 0};
	bool as_json = strcmp(options->format, "json") == 0;
	int status = VIGIL_OK;
	vg_page page;
	vg_page_init(&page, cli);
	vg_json_writer json = {&page.out, false};
	tell(&report, WELL, "vigil", vigil_version());
	const vg_options packs = look_at_service(&report, options);
	look_at_packs(&report, &packs);
	if (as_json) {
		vg_json_open(&json, NULL, '{');
		vg_json_text_always(&json, "schema", "vigil.doctor/1");
		vg_json_open(&json, "checks", '[');
	}
	for (size_t i = 0; i < report.count; i++) {
		const checked *line = &report.lines[i];
		if (line->verdict == ILL)
			status = VG_EXIT_FOUND;
		if (!as_json) {
			vg_page_item(&page, 0, marks[line->verdict].symbol, marks[line->verdict].ink,
				     vg_format(&cli->arena, "%s: %s", line->what, line->text));
			continue;
		}
		vg_json_open(&json, NULL, '{');
		vg_json_text_always(&json, "check", line->what);
		vg_json_text_always(&json, "verdict", words[line->verdict]);
		vg_json_text_always(&json, "text", line->text);
		vg_json_close(&json, '}');
	}
	if (as_json) {
		vg_json_close(&json, ']');
		vg_json_close(&json, '}');
		vg_add(&page.out, "\n");
	}
	vg_print_buffer(cli, &page.out);
	return status;
}
