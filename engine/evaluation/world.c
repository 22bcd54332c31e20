/*
 * Worlds: packs and knowledge loaded, compiled, proven, frozen.
 *
 * Opening is all or nothing (P6): whatever fails, nothing is left behind but
 * the findings.  A world that is open is immutable and shared by reference
 * count; the last release frees it, so an answer stays valid however many
 * reloads follow it.
 *
 * The world lies in the arena of its own findings.
 */
#include "evaluation/evaluation_internal.h"

#include <stdatomic.h>
#include <sys/stat.h>

/* ---- findings of a load ------------------------------------------------------------- */

static bool copy_text(vg_arena *arena, const char **text)
{
	if (*text)
		*text = vg_copy_text(arena, *text, strlen(*text));
	return !arena->failed;
}

static void copy_findings(const vg_findings *from, vg_findings *to)
{
	for (size_t i = 0; to && i < from->count; i++) {
		vigil_finding finding = from->items[i];
		vigil_finding *items = vg_grow(&to->arena, to->items, to->count, &to->capacity, sizeof *items);
		if (!items)
			return;
		to->items = items;
		if (!copy_text(&to->arena, &finding.code) || !copy_text(&to->arena, &finding.file) ||
		    !copy_text(&to->arena, &finding.rule) || !copy_text(&to->arena, &finding.text) ||
		    !copy_text(&to->arena, &finding.advice))
			return;
		items[to->count++] = finding;
		to->errors += finding.level == VIGIL_ERROR;
	}
}

static vigil_status refuse(const vg_findings *findings, vigil_error *err)
{
	const vigil_finding *first = NULL;
	for (size_t i = 0; i < findings->count && !first; i++)
		if (findings->items[i].level == VIGIL_ERROR)
			first = &findings->items[i];
	if (!first)
		return vg_fail(err, VIGIL_BAD_RULES, "`vigil lint` lists them all.", "The rules cannot be loaded.");
	vg_fail(err, VIGIL_BAD_RULES,
		findings->errors > 1 ? "`vigil lint` lists them all."
		: first->advice      ? first->advice
				     : "",
		"%s%s", first->text, findings->errors > 1 ? " (the first of several errors)" : "");
	vg_error_place(err, first->file, first->line);
	return VIGIL_BAD_RULES;
}

/* ---- loading -------------------------------------------------------------------------- */

static bool is_file(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static const char **list_folders(vg_arena *arena, const vigil_config *config, size_t *ret_count)
{
	const char **folders = vg_alloc_array(arena, config->rule_dir_count + 1, sizeof *folders);
	*ret_count = 0;
	if (folders && config->starter_dir)
		folders[(*ret_count)++] = config->starter_dir;
	for (size_t i = 0; folders && i < config->rule_dir_count; i++)
		folders[(*ret_count)++] = config->rule_dirs[i];
	return folders;
}

/* The packs with tables: a single rule file has none. */
static vigil_status open_knowledge(vg_world *world, const vigil_config *config, vg_arena *scratch, vigil_error *err)
{
	vg_pack_folder *packs = vg_alloc_array(scratch, world->pack_count, sizeof *packs);
	if (!packs)
		return vg_fail_memory(err);
	vg_knowledge_sources sources = {.packs = packs,
					.import_dir = config->import_dir,
					.knowledge_file = config->knowledge_file,
					.cache_dir = config->cache_dir};
	for (size_t i = 0; i < world->pack_count; i++)
		if (!is_file(world->packs[i].folder))
			packs[sources.pack_count++] =
			    (vg_pack_folder){world->packs[i].folder, world->packs[i].name, world->packs[i].version};
	return vg_knowledge_open(&sources, &world->allocator, &world->findings, &world->knowledge, err);
}

static vigil_status make_digests(vg_world *world, vigil_error *err)
{
	world->pack_digests = vg_alloc_array(&world->findings.arena, world->pack_count, sizeof *world->pack_digests);
	if (!world->pack_digests)
		return vg_fail_memory(err);
	vg_digest_state state;
	vg_digest_begin(&state);
	vg_digest_add_text(&state, "vigil world " VIGIL_VERSION_TEXT);
	vg_digest_add(&state, vg_knowledge_digest(world->knowledge), sizeof(vg_digest));
	size_t known = 0;
	for (size_t i = 0; i < world->pack_count; i++) {
		vg_digest none = {{0}};
		const vg_digest *digest =
		    is_file(world->packs[i].folder) ? &none : vg_knowledge_pack_digest(world->knowledge, known++);
		vg_digest_text(digest ? digest : &none, world->pack_digests[i]);
		vg_digest_add_text(&state, world->pack_digests[i]);
		vg_digest_add_text(&state, world->packs[i].name ? world->packs[i].name : "");
		vg_digest_add_text(&state, world->packs[i].version ? world->packs[i].version : "");
	}
	vg_digest_end(&state, &world->digest);
	return VIGIL_OK;
}

static vigil_status load(vg_world *world, const vigil_config *config, vg_arena *scratch, vigil_error *err)
{
	size_t folder_count, declaration_count;
	const char **folders = list_folders(scratch, config, &folder_count);
	if (!folders)
		return vg_fail_memory(err);
	vigil_status status = vg_script_load(folders, folder_count, &world->allocator, &world->findings, &world->script, err);
	if (status != VIGIL_OK)
		return status;
	world->packs = vg_script_packs(world->script, &world->pack_count);
	status = open_knowledge(world, config, scratch, err);
	if (status == VIGIL_OK)
		status = make_digests(world, err);
	if (status != VIGIL_OK)
		return status;
	const vg_declaration *declarations = vg_script_declarations(world->script, &declaration_count);
	status = vg_rulebook_compile(declarations, declaration_count, world->knowledge, &world->allocator, &world->findings,
				     &world->rulebook, err);
	if (status != VIGIL_OK)
		return status;
	if (world->findings.errors && !config->accept_errors)
		return VIGIL_OK; /* refused below: examples of rules that do not stand prove nothing */
	return vg_world_prove(world, config, err);
}

static void free_world(vg_world *world)
{
	vg_world *whole = world->whole;
	vg_rulebook_free(world->rulebook);
	if (!whole) {
		vg_knowledge_free(world->knowledge);
		vg_script_free(world->script);
	}
	vg_findings findings = world->findings; /* the world lies in its arena */
	vg_findings_free(&findings);
	vg_world_release(whole);
}

vigil_status vg_world_open(const vigil_config *config, vg_findings *findings, vg_world **ret, vigil_error *err)
{
	vg_allocator allocator = config->resize ? (vg_allocator){config->resize, config->resize_user} : vg_system_allocator;
	vg_findings home;
	vg_findings_init(&home, &allocator);
	vg_world *world = vg_alloc(&home.arena, sizeof *world);
	if (!world) {
		vg_findings_free(&home);
		return vg_fail_memory(err);
	}
	world->findings = home;
	world->allocator = allocator;
	atomic_init(&world->references, 1);
	vg_arena scratch;
	vg_arena_init(&scratch, &allocator, 0);
	vigil_status status = load(world, config, &scratch, err);
	vg_arena_free(&scratch);
	vg_findings_sort(&world->findings);
	if (status == VIGIL_OK && world->findings.errors && !config->accept_errors)
		status = refuse(&world->findings, err);
	copy_findings(&world->findings, findings);
	if (world->findings.arena.failed || (findings && findings->arena.failed))
		status = vg_fail_memory(err);
	if (status != VIGIL_OK) {
		free_world(world);
		return status;
	}
	vg_find_hook_needs(world);
	*ret = world;
	return VIGIL_OK;
}

vigil_status vg_world_narrow(vg_world *world, const uint32_t *rules, size_t count, vg_world **ret, vigil_error *err)
{
	vg_findings home;
	vg_findings_init(&home, &world->allocator);
	vg_world *narrow = vg_alloc(&home.arena, sizeof *narrow);
	if (!narrow) {
		vg_findings_free(&home);
		return vg_fail_memory(err);
	}
	memcpy(narrow, world, sizeof *narrow);
	narrow->findings = home;
	narrow->whole = vg_world_take(world);
	narrow->rulebook = NULL;
	atomic_init(&narrow->references, 1);
	vigil_status status = vg_rulebook_narrow(world->rulebook, rules, count, &world->allocator, &narrow->rulebook, err);
	if (status != VIGIL_OK) {
		free_world(narrow);
		return status;
	}
	vg_find_hook_needs(narrow);
	*ret = narrow;
	return VIGIL_OK;
}

vg_world *vg_world_take(vg_world *world)
{
	atomic_fetch_add_explicit(&world->references, 1, memory_order_relaxed);
	return world;
}

void vg_world_release(vg_world *world)
{
	if (world && atomic_fetch_sub_explicit(&world->references, 1, memory_order_acq_rel) == 1)
		free_world(world);
}
