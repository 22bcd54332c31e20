/*
 * Opening: where packs and knowledge are, and the files of a request.
 *
 * The starter pack is `rules/` beside the executable (a source tree), else
 * `share/vigil/rules` beside its folder (an installation).  Compiled knowledge
 * is --knowledge, else $VIGIL_CACHE (a file, or a folder that exists), else
 * $XDG_CACHE_HOME/vigil, else ~/.cache/vigil, else it lives in memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

static bool is_folder(const char *path)
{
	struct stat info;
	return path && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static bool is_pack(vg_cli *cli, const char *folder)
{
	struct stat info;
	const char *path = folder ? vg_format(&cli->arena, "%s/pack.lua", folder) : NULL;
	return path && stat(path, &info) == 0;
}

const char *vg_starter_folder(vg_cli *cli)
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	if (length <= 0)
		return NULL;
	path[length] = '\0';
	char *slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	const char *beside = vg_format(&cli->arena, "%s/rules", path);
	if (is_pack(cli, beside))
		return beside;
	const char *installed = vg_format(&cli->arena, "%s/../share/vigil/rules", path);
	return is_pack(cli, installed) ? installed : NULL;
}

static const char *below_home(vg_cli *cli, const char *variable, const char *otherwise)
{
	const char *root = getenv(variable), *home = getenv("HOME");
	if (root && *root == '/')
		return vg_format(&cli->arena, "%s/vigil", root);
	return home && *home == '/' ? vg_format(&cli->arena, "%s/%s/vigil", home, otherwise) : NULL;
}

static void locate_knowledge(vg_cli *cli, const vg_options *options, vigil_config *config)
{
	const char *cache = getenv("VIGIL_CACHE");
	if (options->knowledge)
		config->knowledge_file = options->knowledge;
	else if (cache && *cache && is_folder(cache))
		config->cache_dir = cache;
	else if (cache && *cache)
		config->knowledge_file = cache;
	else
		config->cache_dir = below_home(cli, "XDG_CACHE_HOME", ".cache");
}

vigil_status vg_locate(vg_cli *cli, const vg_options *options, vigil_config *ret, vigil_error *err)
{
	*ret = (vigil_config)VIGIL_CONFIG_INIT;
	if (!options->no_starter) {
		ret->starter_dir = vg_starter_folder(cli);
		if (!ret->starter_dir)
			return vg_fail(err, VIGIL_BAD_RULES,
				       "Install Vigil whole, or name packs with --no-starter --rules DIR.",
				       "The starter pack is neither beside the executable nor in share/vigil/rules.");
	} else if (!options->rules.count) {
		return vg_fail(err, VIGIL_WRONG_USE, "Name a pack with --rules DIR.",
			       "Without the starter pack there are no rules.");
	}
	ret->rule_dirs = options->rules.items;
	ret->rule_dir_count = options->rules.count;
	locate_knowledge(cli, options, ret);
	const char *imported = below_home(cli, "XDG_DATA_HOME", ".local/share");
	ret->import_dir = is_folder(imported) ? imported : NULL;
	return cli->arena.failed ? vg_fail_memory(err) : VIGIL_OK;
}

/* Errors only: who checks a record needs to know what stops him, not what a linter would like. */
void vg_tell_findings(const vigil_findings *findings)
{
	size_t told = 0;
	for (size_t i = 0; i < findings->count && told < 20; i++) {
		const vigil_finding *finding = &findings->items[i];
		if (finding->level != VIGIL_ERROR)
			continue;
		told++;
		fprintf(stderr, "  %s:%d: %s: %s\n", finding->file ? finding->file : "-", finding->line, finding->code,
			finding->text);
	}
	if (findings->errors > told)
		fprintf(stderr, "  … and %zu more; `vigil lint` tells them all\n", findings->errors - told);
}

/* A cache that could not be kept costs time at every start: whoever runs the command should know. */
static void warn_about_cache(const vigil_findings *findings)
{
	static const vg_finding_code codes[] = {VG350, VG351, VG352};
	for (size_t i = 0; i < findings->count; i++)
		for (size_t j = 0; j < VG_COUNT(codes); j++)
			if (strcmp(findings->items[i].code, vg_finding_kind_of(codes[j])->code) == 0)
				fprintf(stderr, "vigil: warning: %s\n", findings->items[i].text);
}

int vg_open_engine(vg_cli *cli, const vg_options *options, vigil_engine **ret)
{
	vigil_config config;
	vigil_error error = VIGIL_ERROR_INIT;
	if (vg_locate(cli, options, &config, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	vg_findings findings;
	vg_findings_init(&findings, &vg_system_allocator);
	vigil_status status = vg_engine_open(&config, &findings, ret, &error);
	int exit_status = VIGIL_OK;
	if (status != VIGIL_OK) {
		exit_status = vg_tell_error(&error);
		vg_tell_findings(&findings);
	} else {
		warn_about_cache(&findings);
	}
	vg_findings_free(&findings);
	return exit_status;
}

/* ---- a request's files ---------------------------------------------------------- */

static vigil_status read_orders(vg_cli *cli, const vg_options *options, vg_asked *asked, vigil_error *err)
{
	size_t count = options->order.count;
	vigil_json *orders = vg_alloc_array(&cli->arena, count, sizeof *orders);
	if (!orders)
		return vg_fail_memory(err);
	for (size_t i = 0; i < count; i++) {
		char *text;
		if (strcmp(options->order.items[i], "-") == 0 && strcmp(asked->record_name, "-") == 0)
			return vg_fail(err, VIGIL_WRONG_USE, "Give one of them as a file.",
				       "The record and an order cannot both be read from standard input.");
		vigil_status status =
		    vg_read_file(&cli->arena, options->order.items[i], vg_default_limits.bytes, &text, &orders[i].length, err);
		if (status != VIGIL_OK)
			return status;
		orders[i].text = text;
	}
	asked->names = options->order.items;
	asked->request.orders = orders;
	asked->request.order_count = count;
	return VIGIL_OK;
}

static vigil_status join_sections(vg_cli *cli, const vg_options *options, vg_asked *asked, vigil_error *err)
{
	vg_buffer joined;
	vg_buffer_init(&joined, &cli->arena);
	for (size_t i = 0; i < options->not_supplied.count; i++)
		vg_addf(&joined, "%s%s", i ? "," : "", options->not_supplied.items[i]);
	asked->request.not_supplied = vg_buffer_text(&joined);
	return asked->request.not_supplied ? VIGIL_OK : vg_fail_memory(err);
}

vigil_status vg_ask(vg_cli *cli, const vg_options *options, const char *record, vg_asked *ret, vigil_error *err)
{
	char *text;
	*ret = (vg_asked){.request = VIGIL_REQUEST_INIT, .record_name = record};
	vigil_status status = vg_moment(cli, options, &ret->request.as_of, err);
	if (status == VIGIL_OK)
		status = vg_read_file(&cli->arena, record, vg_default_limits.bytes, &text, &ret->request.json_length, err);
	if (status != VIGIL_OK)
		return status;
	ret->request.json = text;
	status = read_orders(cli, options, ret, err);
	if (status == VIGIL_OK)
		status = join_sections(cli, options, ret, err);
	ret->request.hook = options->hook;
	ret->request.judge_existing = options->alerts;
	ret->request.all_statuses = options->all_statuses;
	ret->request.record_drafts = options->record_drafts;
	ret->request.all_screenings = options->all;
	ret->request.trace = options->trace;
	return status;
}

void vg_name_file(const vg_asked *asked, vigil_error *err)
{
	size_t number;
	if (err->status != VIGIL_BAD_INPUT)
		return;
	const char *name = asked->record_name;
	if (sscanf(err->file, "orders[%zu]", &number) == 1 && number < asked->request.order_count)
		name = asked->names[number];
	else if (*err->file && strcmp(err->file, "record") != 0)
		return;
	vg_error_place(err, strcmp(name, "-") == 0 ? "standard input" : name, err->line);
}
