/*
 * The engine: opening, findings, reloading, and every wrong argument.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "library/sample.h"
#include "support/support.h"

static void refuses_wrong_configurations(void)
{
	vigil_engine *engine = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_config config = VIGIL_CONFIG_INIT;
	const char *empty[] = {""};
	CHECK(vigil_engine_open(NULL, &engine, &error) == VIGIL_WRONG_USE, "no configuration");
	CHECK(vigil_engine_open(&config, &engine, &error) == VIGIL_WRONG_USE, "no pack at all");
	config.starter_dir = TEST_PACK;
	CHECK(vigil_engine_open(&config, NULL, &error) == VIGIL_WRONG_USE, "nowhere to put the engine");
	config.size = 8;
	CHECK(vigil_engine_open(&config, &engine, &error) == VIGIL_WRONG_USE, "a size that is too small");
	config.size = sizeof config;
	config.rule_dir_count = 1;
	CHECK(vigil_engine_open(&config, &engine, &error) == VIGIL_WRONG_USE, "a count without folders");
	config.rule_dirs = empty;
	CHECK(vigil_engine_open(&config, &engine, &error) == VIGIL_WRONG_USE, "a folder without a name");
	CHECK(*error.text && *error.advice, "a refusal tells what is wrong and how to mend it");
	CHECK(engine == NULL, "an output was written on failure");
	vigil_engine_close(NULL);
}

/* A caller compiled against a later vigil.h: understood as long as he asks for nothing that is unknown here. */
static void later_callers(void)
{
	struct {
		vigil_config config;
		long later;
	} longer = {VIGIL_CONFIG_INIT, 0};
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_engine *engine = NULL;
	longer.config.size = sizeof longer;
	longer.config.starter_dir = TEST_PACK;
	CHECK(vigil_engine_open(&longer.config, &engine, &error) == VIGIL_OK, "%s", error.text);
	vigil_engine_close(engine);
	longer.later = 1;
	engine = NULL;
	CHECK(vigil_engine_open(&longer.config, &engine, &error) == VIGIL_WRONG_USE, "a wish that is not known was forgotten");
}

static void an_error_structure_without_size(void)
{
	vigil_error error = {0};
	vigil_engine *engine = NULL;
	vigil_config config = VIGIL_CONFIG_INIT;
	config.starter_dir = TEST_PACK;
	CHECK(vigil_engine_open(&config, &engine, &error) == VIGIL_WRONG_USE && !*error.text,
	      "written into a structure of unknown size");
	CHECK(vigil_engine_open(&config, &engine, NULL) == VIGIL_OK, "the error structure is optional");
	vigil_engine_close(engine);
}

static void a_missing_folder(void)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_engine *engine = NULL;
	vigil_config config = VIGIL_CONFIG_INIT;
	config.starter_dir = "tests/library/no_such_pack";
	CHECK(vigil_engine_open(&config, &engine, &error) == VIGIL_BAD_RULES, "status %d: %s", (int)error.status, error.text);
	CHECK(engine == NULL && *error.text, "a failed opening says why");
}

static void findings(void)
{
	const char *const dirs[] = {"tests/library/broken_pack"};
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_engine *engine = NULL;
	vigil_findings *list = NULL;
	vigil_config config = VIGIL_CONFIG_INIT;
	config.starter_dir = TEST_PACK;
	config.rule_dirs = dirs;
	config.rule_dir_count = 1;
	CHECK(vigil_engine_open(&config, &engine, &error) == VIGIL_BAD_RULES, "a broken rule was accepted");
	config.accept_errors = 1;
	CHECK(vigil_engine_open(&config, &engine, &error) == VIGIL_OK, "%s", error.text);
	if (!engine)
		return;
	CHECK(vigil_engine_findings(engine, NULL, &error) == VIGIL_WRONG_USE, "nowhere to put findings");
	CHECK(vigil_engine_findings(engine, &list, &error) == VIGIL_OK, "%s", error.text);
	vigil_engine_close(engine);
	bool named = false;
	for (size_t i = 0; i < vigil_findings_count(list); i++) {
		vigil_finding finding = VIGIL_FINDING_INIT;
		CHECK(vigil_findings_get(list, i, &finding) == VIGIL_OK, "a finding cannot be read");
		named = named || (finding.level == VIGIL_ERROR && strstr(finding.text, "takking"));
	}
	CHECK(named, "the misspelt word is not among %zu findings", vigil_findings_count(list));
	vigil_finding small = {.size = 4};
	CHECK(vigil_findings_get(list, 0, &small) == VIGIL_WRONG_USE, "a structure that is too small was filled");
	CHECK(vigil_findings_get(list, 0, NULL) == VIGIL_WRONG_USE, "nowhere to put a finding");
	CHECK(vigil_findings_get(list, 100000, &small) == VIGIL_WRONG_USE, "a finding that is not there");
	vigil_findings_close(list);
	vigil_findings_close(NULL);
}

/* ---- reloading -------------------------------------------------------------------------- */

static char folder[64];

static void write_file(const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	CHECK(file != NULL, "%s cannot be written", path);
	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

static void make_pack(void)
{
	strcpy(folder, "/tmp/vigil-test-XXXXXX");
	CHECK(mkdtemp(folder) != NULL, "no folder for a pack");
	write_file("pack.lua", "pack { name = \"site\", version = \"1.0.0\", publisher = \"Vigil\", language = \"1\" }\n");
}

static void remove_pack(void)
{
	char path[128];
	static const char *const names[] = {"pack.lua", "broken.lua"};
	for (size_t i = 0; i < VG_COUNT(names); i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static vigil_engine *open_site_engine(void)
{
	const char *const dirs[] = {folder};
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_engine *engine = NULL;
	vigil_config config = VIGIL_CONFIG_INIT;
	config.starter_dir = TEST_PACK;
	config.rule_dirs = dirs;
	config.rule_dir_count = 1;
	CHECK(vigil_engine_open(&config, &engine, &error) == VIGIL_OK, "%s", error.text);
	return engine;
}

static void a_failed_reload_keeps_the_old(void)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_findings *list = NULL;
	make_pack();
	vigil_engine *engine = open_site_engine();
	if (!engine)
		return;
	vg_world *before = vg_engine_world(engine);
	write_file("broken.lua",
		   "rule \"x\" { when_ordering = anything, if_all = { nonsense }, warn = \"x\", title = \"x\" }\n");
	CHECK(vigil_engine_reload(engine, &list, &error) == VIGIL_BAD_RULES, "a broken pack was loaded");
	CHECK(vigil_findings_count(list) > 0, "a failed reload tells no findings");
	vigil_findings_close(list);
	vg_world *after = vg_engine_world(engine);
	CHECK(before == after, "a failed reload changed the world");
	vg_world_release(after);
	remove_pack();
	make_pack();
	CHECK(vigil_engine_reload(NULL, NULL, &error) == VIGIL_WRONG_USE, "no engine");
	vg_world_release(before);
	vigil_engine_close(engine);
	remove_pack();
}

typedef struct shared_state {
	vigil_engine *engine;
	atomic_int stop, answers, wrong;
} shared_state;

static void *evaluate_all_the_time(void *user)
{
	shared_state *with = user;
	vigil_worker *worker = NULL;
	vigil_error error = VIGIL_ERROR_INIT;
	const vigil_json order = {test_ibuprofen, strlen(test_ibuprofen)};
	if (vigil_worker_open(with->engine, &worker, &error) != VIGIL_OK) {
		atomic_fetch_add(&with->wrong, 1);
		return NULL;
	}
	while (!atomic_load(&with->stop)) {
		vigil_request request = VIGIL_REQUEST_INIT;
		const vigil_result *result;
		request.json = test_record;
		request.json_length = strlen(test_record);
		request.orders = &order;
		request.order_count = 1;
		request.as_of = "2026-03-01";
		if (vigil_evaluate(worker, &request, &result, &error) != VIGIL_OK || vigil_result_alert_count(result) != 1 ||
		    !vigil_result_json(result))
			atomic_fetch_add(&with->wrong, 1);
		atomic_fetch_add(&with->answers, 1);
	}
	vigil_worker_close(worker);
	return NULL;
}

static void reloads_under_load(void)
{
	shared_state with = {0};
	pthread_t threads[2];
	make_pack();
	with.engine = open_site_engine();
	if (!with.engine)
		return;
	for (size_t i = 0; i < VG_COUNT(threads); i++)
		pthread_create(&threads[i], NULL, evaluate_all_the_time, &with);
	for (int i = 0; i < 20; i++) {
		bool broken = i % 2;
		if (broken)
			write_file("broken.lua", "this is no rule\n");
		vigil_status status = vigil_engine_reload(with.engine, NULL, NULL);
		CHECK(status == (broken ? VIGIL_BAD_RULES : VIGIL_OK), "reload %d ended with %d", i, (int)status);
		if (broken) {
			char path[128];
			snprintf(path, sizeof path, "%s/broken.lua", folder);
			unlink(path);
		}
	}
	WAIT_UNTIL(atomic_load(&with.answers) >= 20 || atomic_load(&with.wrong));
	atomic_store(&with.stop, 1);
	for (size_t i = 0; i < VG_COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	CHECK(atomic_load(&with.wrong) == 0, "%d of %d answers were wrong while packs were reloaded", atomic_load(&with.wrong),
	      atomic_load(&with.answers));
	vigil_engine_close(with.engine);
	remove_pack();
}

const test_case test_cases_engine[] = {{"wrong configurations are refused with advice", refuses_wrong_configurations},
				       {"a later caller's unknown wishes are refused, not forgotten", later_callers},
				       {"an error structure without size is not written", an_error_structure_without_size},
				       {"a missing pack", a_missing_folder},
				       {"findings are the caller's own", findings},
				       {"a failed reload keeps the old world", a_failed_reload_keeps_the_old},
				       {"reloads under load never spoil an answer", reloads_under_load},
				       {0}};
