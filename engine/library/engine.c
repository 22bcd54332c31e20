/*
 * The engine: a configuration and the world that was last loaded from it.
 *
 * A world is immutable and counted.  Whoever needs it takes a reference under
 * a plain mutex and keeps it for as long as he needs it, so that a reload can
 * swap the world at any moment: what is being answered keeps the old one, and
 * no answer ever mixes two.  Loading happens outside that mutex, one reload at
 * a time; a failed one changes nothing.
 */
#include "library/library_internal.h"

#include <string.h>

static vigil_status check_config(const vigil_config *config, vigil_error *err)
{
	if (!config || !vg_given_usable(config, config->size, sizeof *config))
		return vg_fail(err, VIGIL_WRONG_USE, "Begin with vigil_config config = VIGIL_CONFIG_INIT.",
			       "The configuration is missing, or its size is not one this version knows.");
	if (config->rule_dir_count && !config->rule_dirs)
		return vg_fail(err, VIGIL_WRONG_USE, "Set rule_dirs, or rule_dir_count to 0.", "rule_dirs is NULL.");
	for (size_t i = 0; i < config->rule_dir_count; i++)
		if (!config->rule_dirs[i] || !*config->rule_dirs[i])
			return vg_fail(err, VIGIL_WRONG_USE, "Name a folder in each of them.", "rule_dirs[%zu] is empty.", i);
	if (!config->rule_dir_count && !config->starter_dir)
		return vg_fail(err, VIGIL_WRONG_USE, "Set starter_dir or rule_dirs.", "No rule pack is configured.");
	return VIGIL_OK;
}

/* NULL stays NULL; *ok turns false when memory runs out. */
static const char *copied(vg_arena *arena, const char *text, bool *ok)
{
	if (!text)
		return NULL;
	const char *copy = vg_copy_text(arena, text, strlen(text));
	*ok = *ok && copy;
	return copy;
}

static bool copy_config(vigil_engine *engine, const vigil_config *config)
{
	bool ok = true;
	memcpy(&engine->config, config, sizeof engine->config);
	engine->config.size = sizeof engine->config;
	engine->config.resize = engine->allocator.resize;
	engine->config.resize_user = engine->allocator.user;
	engine->config.starter_dir = copied(&engine->arena, config->starter_dir, &ok);
	engine->config.knowledge_file = copied(&engine->arena, config->knowledge_file, &ok);
	engine->config.cache_dir = copied(&engine->arena, config->cache_dir, &ok);
	engine->config.import_dir = copied(&engine->arena, config->import_dir, &ok);
	engine->config.rule_dirs = NULL;
	if (config->rule_dir_count) {
		const char **dirs = vg_alloc_array(&engine->arena, config->rule_dir_count, sizeof *dirs);
		if (!dirs)
			return false;
		for (size_t i = 0; i < config->rule_dir_count; i++)
			dirs[i] = copied(&engine->arena, config->rule_dirs[i], &ok);
		engine->config.rule_dirs = dirs;
	}
	return ok;
}

/* A pack's file that cannot be read is a matter of the rules, not of a caller's input. */
static vigil_status open_world(vigil_engine *engine, vg_findings *findings, vg_world **ret, vigil_error *err)
{
	vigil_status status = vg_world_open(&engine->config, findings, ret, err);
	if (status == VIGIL_BAD_INPUT)
		status = VIGIL_BAD_RULES;
	if (status != VIGIL_OK && err)
		err->status = status;
	return status;
}

vigil_status vg_engine_open(const vigil_config *config, vg_findings *findings, vigil_engine **ret, vigil_error *err)
{
	vigil_status status = check_config(config, err);
	if (status != VIGIL_OK)
		return status;
	vg_allocator allocator = vg_system_allocator;
	if (config->resize)
		allocator = (vg_allocator){config->resize, config->resize_user};
	vigil_engine *engine = vg_new(&allocator, sizeof *engine);
	if (!engine)
		return vg_fail_memory(err);
	engine->allocator = allocator;
	vg_arena_init(&engine->arena, &allocator, 0);
	if (!copy_config(engine, config)) {
		status = vg_fail_memory(err);
		goto failed;
	}
	status = open_world(engine, findings, &engine->world, err);
	if (status != VIGIL_OK)
		goto failed;
	/* Default mutexes: on Linux their initialisation cannot fail, but the interface says it may. */
	if (pthread_mutex_init(&engine->lock, NULL) != 0) {
		status = vg_fail_memory(err);
		goto failed;
	}
	if (pthread_mutex_init(&engine->reload_lock, NULL) != 0) {
		pthread_mutex_destroy(&engine->lock);
		status = vg_fail_memory(err);
		goto failed;
	}
	*ret = engine;
	return VIGIL_OK;
failed:
	vg_world_release(engine->world);
	vg_arena_free(&engine->arena);
	vg_delete(&allocator, engine, sizeof *engine);
	return status;
}

vigil_status vigil_engine_open(const vigil_config *config, vigil_engine **ret, vigil_error *reterr)
{
	if (!vg_error_usable(reterr))
		return VIGIL_WRONG_USE;
	if (!ret)
		return vg_fail(reterr, VIGIL_WRONG_USE, "Give the address of a vigil_engine pointer.", "`ret` is NULL.");
	return vg_engine_open(config, NULL, ret, reterr);
}

vg_world *vg_engine_world(vigil_engine *engine)
{
	pthread_mutex_lock(&engine->lock);
	vg_world *world = vg_world_take(engine->world);
	pthread_mutex_unlock(&engine->lock);
	return world;
}

vigil_status vigil_engine_reload(vigil_engine *engine, vigil_findings **ret, vigil_error *reterr)
{
	if (!vg_error_usable(reterr))
		return VIGIL_WRONG_USE;
	if (!engine)
		return vg_fail(reterr, VIGIL_WRONG_USE, "Open an engine first.", "`engine` is NULL.");
	vigil_findings *findings = vg_findings_new(&engine->allocator);
	if (!findings)
		return vg_fail_memory(reterr);
	vg_world *world = NULL;
	pthread_mutex_lock(&engine->reload_lock);
	vigil_status status = open_world(engine, findings, &world, reterr);
	if (status == VIGIL_OK) {
		pthread_mutex_lock(&engine->lock);
		vg_world *old = engine->world;
		engine->world = world;
		pthread_mutex_unlock(&engine->lock);
		vg_world_release(old);
	}
	pthread_mutex_unlock(&engine->reload_lock);
	if (ret)
		*ret = findings;
	else
		vigil_findings_close(findings);
	return status;
}

vigil_status vigil_engine_findings(vigil_engine *engine, vigil_findings **ret, vigil_error *reterr)
{
	if (!vg_error_usable(reterr))
		return VIGIL_WRONG_USE;
	if (!engine || !ret)
		return vg_fail(reterr, VIGIL_WRONG_USE, "Give an engine and the address of a vigil_findings pointer.",
			       "An argument is NULL.");
	vigil_findings *findings = vg_findings_new(&engine->allocator);
	if (!findings)
		return vg_fail_memory(reterr);
	vg_world *world = vg_engine_world(engine);
	bool copied_all = vg_findings_copy(findings, &world->findings);
	vg_world_release(world);
	if (!copied_all) {
		vigil_findings_close(findings);
		return vg_fail_memory(reterr);
	}
	*ret = findings;
	return VIGIL_OK;
}

void vigil_engine_close(vigil_engine *engine)
{
	if (!engine)
		return;
	vg_allocator allocator = engine->allocator;
	vg_world_release(engine->world);
	pthread_mutex_destroy(&engine->lock);
	pthread_mutex_destroy(&engine->reload_lock);
	vg_arena_free(&engine->arena);
	vg_delete(&allocator, engine, sizeof *engine);
}
