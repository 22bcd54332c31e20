/*
 * Loading packs: pack.lua first, then every Lua file in the byte order of its
 * path inside the folder, so that the order does not depend on the machine.
 *
 * Every file is read on its own and leaves findings and declarations behind;
 * whatever is wrong with one, the others are read.  The pack's name, version
 * and language come from pack.lua.
 *
 * Memory: what stays (declarations, the sources of check functions) lives in
 * the script's arena; tokens and forms in an arena that is emptied after each
 * file.
 */
#include "script/script_internal.h"

#include <string.h>
#include <sys/stat.h>

static const size_t largest_file = 1024 * 1024;

struct loader {
	vg_script *script;
	vg_findings *findings;
	const vg_allocator *allocator;
	vg_arena scratch; /* of one file */
};

static vigil_status no_memory(const struct loader *loader, vigil_error *err)
{
	return loader->script->arena.failed || loader->scratch.failed || loader->findings->arena.failed ? vg_fail_memory(err)
													: VIGIL_OK;
}

/* One file: `file` is its name in findings and lives in the script's arena. */
static vigil_status load_file(struct loader *loader, const char *path, const char *file, uint32_t pack, vigil_error *err)
{
	vg_source source = {.file = file, .arena = &loader->scratch, .findings = loader->findings};
	vigil_error reading = VIGIL_ERROR_INIT;
	char *text;
	vg_arena_reset(&loader->scratch);
	vigil_status status = vg_read_file(&loader->scratch, path, largest_file, &text, &source.length, &reading);
	if (status == VIGIL_NO_MEMORY)
		return vg_fail_memory(err);
	if (status != VIGIL_OK) {
		vg_report(loader->findings, VG129, (vg_place){file, 0, 0}, NULL, reading.advice[0] ? reading.advice : NULL,
			  "%s", reading.text);
		return no_memory(loader, err);
	}
	source.text = text;
	vg_program program;
	if (!vg_lex(&source) || !vg_read_forms(&source, loader->script, &program))
		return source.failed || source.arena->failed ? vg_fail_memory(err) : no_memory(loader, err);
	if (source.token_count == 1)
		vg_report(loader->findings, VG128, (vg_place){file, 1, 1}, NULL,
			  "Remove the file, or write the rule with status = \"draft\".",
			  "The file holds no statement: nothing in it can ever fire.");
	status = vg_run_program(&source, &program, loader->script, pack, loader->allocator, err);
	return status != VIGIL_OK ? status : no_memory(loader, err);
}

/* ---- the pack --------------------------------------------------------------------- */

static const char *text_of(const vg_declaration *declaration, const char *name)
{
	for (size_t i = 0; i < declaration->body.field_count; i++) {
		const vg_field *field = &declaration->body.fields[i];
		if (strcmp(field->name, name) == 0 && field->value.kind == VG_ITEM_TEXT)
			return field->value.text;
	}
	return "";
}

static void check_pack_line(struct loader *loader, const vg_declaration *declaration, const char *name)
{
	const char *text = text_of(declaration, name);
	if (text[0] && strlen(text) <= 60 && !strpbrk(text, "\n\r"))
		return;
	vg_report(loader->findings, VG150, declaration->place, NULL,
		  "pack { name = \"heart\", version = \"1.0.0\", language = \"1\" }",
		  "The pack's `%s` is no text of 1 to 60 bytes.", name);
}

static void read_pack(struct loader *loader, const vg_declaration *declaration, vg_pack *pack)
{
	pack->name = text_of(declaration, "name")[0] ? text_of(declaration, "name") : pack->name;
	pack->version = text_of(declaration, "version");
	pack->publisher = text_of(declaration, "publisher");
	pack->language = text_of(declaration, "language");
	check_pack_line(loader, declaration, "name");
	check_pack_line(loader, declaration, "version");
	check_pack_line(loader, declaration, "language");
	if (pack->language[0] && strcmp(pack->language, VG_RULE_LANGUAGE) != 0)
		vg_report(loader->findings, VG152, declaration->place, NULL,
			  "Install a newer Vigil, or an older version of the pack.",
			  "The pack needs version \"%.40s\" of the rule language; this Vigil has version \"" VG_RULE_LANGUAGE
			  "\".",
			  pack->language);
}

/* Takes `pack` declarations out of the list from `first` on; reports those that stand in the wrong file. */
static void take_packs(struct loader *loader, size_t first, bool in_pack_file, vg_pack *pack, bool *found)
{
	vg_script *script = loader->script;
	size_t kept = first;
	for (size_t i = first; i < script->declaration_count; i++) {
		vg_declaration *declaration = &script->declarations[i];
		bool is_pack = strcmp(declaration->kind, "pack") == 0;
		if (is_pack && in_pack_file && !*found) {
			read_pack(loader, declaration, pack);
			*found = true;
		} else if (is_pack) {
			vg_report(loader->findings, VG151, declaration->place, NULL,
				  "Say it once, in pack.lua in the pack's folder.", "`pack` stands here%s.",
				  in_pack_file ? " a second time" : ", outside pack.lua");
		} else if (in_pack_file) {
			vg_report(loader->findings, VG151, declaration->place, declaration->id,
				  "Move it to another file of the pack.", "`%s` stands in pack.lua.", declaration->kind);
		} else {
			script->declarations[kept++] = *declaration;
		}
	}
	script->declaration_count = kept;
}

/* ---- folders ------------------------------------------------------------------------ */

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

static vigil_status load_folder(struct loader *loader, const char *folder, uint32_t number, vg_pack *pack, vigil_error *err)
{
	vg_arena *arena = &loader->script->arena;
	const char *const *files;
	size_t count;
	vigil_status status = vg_list_files(arena, folder, ".lua", &files, &count, err);
	if (status != VIGIL_OK)
		return status == VIGIL_NO_MEMORY ? status : VIGIL_BAD_RULES;
	bool found = false;
	for (int pass = 0; pass < 2; pass++) /* pack.lua, then the others */
		for (size_t i = 0; i < count; i++) {
			bool is_pack = strcmp(files[i], "pack.lua") == 0;
			if (is_pack != (pass == 0))
				continue;
			size_t length = strlen(folder);
			const char *path =
			    vg_format(arena, "%s%s%s", folder, length && folder[length - 1] == '/' ? "" : "/", files[i]);
			if (!path)
				return vg_fail_memory(err);
			size_t from = loader->script->declaration_count;
			status = load_file(loader, path, path, number, err);
			if (status != VIGIL_OK)
				return status;
			take_packs(loader, from, is_pack, pack, &found);
		}
	if (!found)
		vg_report(loader->findings, VG150, (vg_place){vg_format(arena, "%s/pack.lua", folder), 0, 0}, NULL,
			  "Write pack.lua with: pack { name = \"heart\", version = \"1.0.0\", language = \"1\" }",
			  "The folder does not say which pack it is.");
	return no_memory(loader, err);
}

/* A lone file, for `vigil lint FILE`: a pack of its own. */
static vigil_status load_lone_file(struct loader *loader, const char *path, uint32_t number, vg_pack *pack, vigil_error *err)
{
	size_t first = loader->script->declaration_count;
	bool is_pack = strcmp(last_part(path), "pack.lua") == 0, found = false;
	vigil_status status = load_file(loader, path, path, number, err);
	if (status != VIGIL_OK)
		return status;
	take_packs(loader, first, is_pack, pack, &found);
	return no_memory(loader, err);
}

static vigil_status load_pack(struct loader *loader, const char *given, uint32_t number, vigil_error *err)
{
	vg_arena *arena = &loader->script->arena;
	char *folder = vg_copy_text(arena, given, strlen(given));
	char *name = vg_copy_text(arena, last_part(given), strlen(last_part(given)));
	if (!folder || !name)
		return vg_fail_memory(err);
	name[strcspn(name, "/")] = '\0';
	vg_pack *pack = &loader->script->packs[number];
	*pack = (vg_pack){.folder = folder, .name = name, .version = "", .publisher = "", .language = ""};
	struct stat about;
	if (stat(folder, &about) == 0 && !S_ISDIR(about.st_mode))
		return load_lone_file(loader, folder, number, pack, err);
	return load_folder(loader, folder, number, pack, err);
}

vigil_status vg_script_load(const char *const *folders, size_t count, const vg_allocator *allocator, vg_findings *findings,
			    vg_script **ret, vigil_error *err)
{
	vg_script *script = allocator->resize(allocator->user, NULL, 0, sizeof *script);
	if (!script)
		return vg_fail_memory(err);
	*script = (vg_script){.pack_count = count};
	vg_arena_init(&script->arena, allocator, 0);
	struct loader loader = {.script = script, .findings = findings, .allocator = allocator};
	vg_arena_init(&loader.scratch, allocator, 0);
	script->packs = vg_alloc_array(&script->arena, count ? count : 1, sizeof *script->packs);
	vigil_status status = script->packs ? VIGIL_OK : vg_fail_memory(err);
	for (size_t i = 0; i < count && status == VIGIL_OK; i++)
		status = load_pack(&loader, folders[i], (uint32_t)i, err);
	vg_arena_free(&loader.scratch);
	if (status != VIGIL_OK) {
		vg_script_free(script);
		return status;
	}
	*ret = script;
	return VIGIL_OK;
}

void vg_script_free(vg_script *script)
{
	if (!script)
		return;
	vg_allocator allocator = script->arena.allocator;
	vg_arena_free(&script->arena);
	allocator.resize(allocator.user, script, sizeof *script, 0);
}

const vg_pack *vg_script_packs(const vg_script *script, size_t *ret_count)
{
	*ret_count = script->pack_count;
	return script->packs;
}

const vg_declaration *vg_script_declarations(const vg_script *script, size_t *ret_count)
{
	*ret_count = script->declaration_count;
	return script->declarations;
}
