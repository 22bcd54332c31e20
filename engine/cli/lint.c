/*
 * `vigil lint`: the findings of rule packs, and which codes of a record the
 * knowledge does not know.  explain_finding.c tells what a finding means.
 *
 * A pack is read as a layer over the starter pack, because its rules name the
 * starter pack's sets; what is shown are its own findings.
 */
#include <string.h>

#include "cli/cli.h"

/* ---- --record, dates of review ------------------------------------------------------ */

static void report_fact(vg_findings *findings, const char *file, const vg_clinical_fact *fact, vg_arena *arena)
{
	vg_buffer codes;
	vg_buffer_init(&codes, arena);
	for (uint8_t i = 0; i < fact->code_count; i++)
		if (*fact->codes[i].code)
			vg_addf(&codes, "%s%s|%s", codes.length ? ", " : "", vg_system_name(fact->codes[i].system),
				fact->codes[i].code);
	const char *text = vg_buffer_text(&codes);
	vg_report(findings, VG500, (vg_place){file, 0, 0}, NULL,
		  "Map it in a set of the pack, or send a code that is known beside it.", "%s%s\"%s\" (%s) is not known.",
		  fact->reference, *fact->reference ? ": " : "", fact->display, text && *text ? text : "no code");
}

static vigil_status report_record(vg_cli *cli, const char *path, vigil_engine *engine, vg_findings *findings, vigil_error *err)
{
	char *text;
	size_t length;
	vigil_record *handle = NULL;
	vigil_status status = vg_read_file(&cli->arena, path, vg_default_limits.bytes, &text, &length, err);
	if (status == VIGIL_OK)
		status = vigil_record_read(engine, text, length, &handle, err);
	if (status != VIGIL_OK) {
		if (status == VIGIL_BAD_INPUT && !*err->file)
			vg_error_place(err, path, err->line);
		return status;
	}
	const vg_record *record = vg_record_behind(handle);
	for (uint32_t i = 0; i < record->fact_count; i++)
		if (record->facts[i].unmapped)
			report_fact(findings, path, &record->facts[i], &cli->arena);
	for (uint32_t i = 0; i < record->order_count; i++)
		if (record->orders[i].unmapped)
			report_fact(findings, path, &record->orders[i], &cli->arena);
	vigil_record_close(handle);
	return VIGIL_OK;
}

static vigil_status read_today(vg_cli *cli, const vg_options *options, vg_day *ret, vigil_error *err)
{
	const char *text = options->today;
	vg_when when;
	vigil_status status = text ? VIGIL_OK : vg_now(cli, NULL, &text, err);
	if (status != VIGIL_OK)
		return status;
	if (!vg_date_parse(text, strlen(text), &when) || when.first != when.last)
		return vg_fail(err, VIGIL_WRONG_USE, "Write it as 2026-03-01.", "\"%.40s\" is not a whole date.", text);
	*ret = when.first;
	return VIGIL_OK;
}

/* ---- the command -------------------------------------------------------------------------- */

static int read_level(const vg_options *options, vigil_level *ret)
{
	*ret = VIGIL_ERROR;
	for (size_t i = 0; i < options->fail_on.count; i++) {
		const char *given = options->fail_on.items[i];
		vigil_level level = VIGIL_NOTE;
		while (level <= VIGIL_ERROR && strcmp(vg_level_name(level), given) != 0)
			level++;
		if (level > VIGIL_ERROR)
			return vg_wrong_use("It takes error, warning or note.", "--fail-on does not know \"%.40s\".", given);
		if (level < *ret)
			*ret = level;
	}
	return VIGIL_OK;
}

static bool choose(vg_cli *cli, const vg_options *options, const vg_findings *all, vg_findings *ret)
{
	vigil_finding *items = vg_alloc_array(&cli->arena, all->count, sizeof *items);
	size_t count = 0;
	if (!items)
		return false;
	for (size_t i = 0; i < all->count; i++)
		if (vg_below_arguments(options, all->items[i].file))
			items[count++] = all->items[i];
	*ret = (vg_findings){.items = items, .count = count};
	return true;
}

static void write_sum(vg_page *page, const vg_findings *shown)
{
	size_t counts[3] = {0};
	vg_buffer sum;
	for (size_t i = 0; i < shown->count; i++)
		counts[shown->items[i].level]++;
	vg_buffer_init(&sum, page->out.arena);
	vg_write_quantity(&sum, counts[VIGIL_ERROR], "error", "errors");
	vg_add(&sum, ", ");
	vg_write_quantity(&sum, counts[VIGIL_WARNING], "warning", "warnings");
	vg_add(&sum, ", ");
	vg_write_quantity(&sum, counts[VIGIL_NOTE], "note", "notes");
	vg_add(&sum, shown->count ? "; `vigil lint --explain CODE` tells what a finding means." : ".");
	vg_page_item(page, 0, "", VG_PLAIN, vg_buffer_text(&sum));
}

static int show(vg_cli *cli, const vg_options *options, const vg_findings *all, vigil_level fail_on)
{
	vg_findings shown;
	vg_page page;
	int status = VIGIL_OK;
	if (!choose(cli, options, all, &shown))
		return vg_out_of_memory();
	vg_page_init(&page, cli);
	vg_findings_form form = strcmp(options->format, "json") == 0      ? VG_FINDINGS_JSON
				: strcmp(options->format, "oneline") == 0 ? VG_FINDINGS_ONELINE
				: strcmp(options->format, "sarif") == 0   ? VG_FINDINGS_SARIF
									  : VG_FINDINGS_TEXT;
	vg_write_findings(cli, &shown, form, &page);
	if (form == VG_FINDINGS_TEXT) {
		write_sum(&page, &shown);
		vg_print_buffer(cli, &page.out);
	}
	for (size_t i = 0; i < shown.count; i++)
		if (shown.items[i].level >= fail_on)
			status = VG_EXIT_FOUND;
	return status;
}

static vigil_status collect(vg_cli *cli, const vg_options *options, vg_findings *findings, vigil_error *err)
{
	vigil_config config;
	vigil_engine *engine = NULL;
	vg_day today = 0;
	vigil_status status = read_today(cli, options, &today, err);
	if (status == VIGIL_OK)
		status = vg_locate_layers(cli, options, &config, err);
	/* A proof that is remembered tells its warnings no more: lint proves anew, in memory. */
	config.knowledge_file = config.cache_dir = NULL;
	if (status == VIGIL_OK)
		status = vg_engine_open(&config, findings, &engine, err);
	if (status != VIGIL_OK)
		return status;
	vg_world *world = vg_engine_world(engine);
	vg_rulebook_review(world->rulebook, today, findings);
	if (!vg_rulebook_check_sets(world->rulebook, config.starter_dir, &vg_system_allocator, findings))
		status = vg_fail_memory(err);
	if (status == VIGIL_OK && options->record)
		status = report_record(cli, options->record, engine, findings, err);
	vg_world_release(world);
	vigil_engine_close(engine);
	vg_findings_sort(findings);
	if (status == VIGIL_OK && findings->arena.failed)
		status = vg_fail_memory(err);
	return status;
}

int vg_command_lint(vg_cli *cli, const vg_options *options)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_level fail_on;
	vg_findings findings;
	int status = read_level(options, &fail_on);
	if (status != VIGIL_OK)
		return status;
	if (options->explain)
		return vg_explain_finding(cli, options);
	if (strcmp(options->format, "markdown") == 0)
		return vg_wrong_use("Write --explain all --format markdown for the page of all findings.",
				    "The format markdown is for --explain.");
	vg_findings_init(&findings, &vg_system_allocator);
	if (collect(cli, options, &findings, &error) == VIGIL_OK) {
		status = show(cli, options, &findings, fail_on);
	} else {
		if (error.status == VIGIL_BAD_RULES)
			show(cli, options, &findings, fail_on);
		status = vg_tell_error(&error);
	}
	vg_findings_free(&findings);
	return status;
}
