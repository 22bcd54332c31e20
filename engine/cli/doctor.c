/*
 * `vigil doctor`: what is installed and whether it is sound.
 *
 * Every check is one line with a verdict; a doctor that cannot open the packs
 * still tells what he found.
 */
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

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
	look_at_packs(&report, options);
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
