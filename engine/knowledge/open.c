/*
 * Opening knowledge: digests of the sources, then the compiled file of that
 * digest, or a compilation that makes it.
 *
 * The knowledge's digest is over what shapes the image (format, definitions,
 * the layers' CSV files, by their fingerprints); a pack's digest is over all its
 * files that Vigil reads, Lua included, by their digests, which the image keeps
 * for the tables.  Findings of the compilation are part of the image, so
 * that they are told each time it is opened.
 */
#include "knowledge/knowledge_internal.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_LIMIT = 1 << 30 };

/* ---- sources ----------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);
	return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* sets/NAME.csv and tables/NAME.csv; CSV files elsewhere are not Vigil's. */
static bool is_table_file(const char *path)
{
	const char *name = vg_starts_with(path, "sets/") ? path + 5 : vg_starts_with(path, "tables/") ? path + 7 : NULL;
	return name && !strchr(name, '/') && ends_with(name, ".csv");
}

static vigil_status list_files(vg_arena *arena, vg_source_layer *layer, vigil_error *err)
{
	const char *const *names;
	size_t count;
	vigil_status status = vg_list_files(arena, layer->folder, "", &names, &count, err);
	if (status != VIGIL_OK) {
		status = status == VIGIL_NO_MEMORY ? status : VIGIL_BAD_RULES;
		if (err)
			err->status = status;
		return status;
	}
	layer->files = vg_alloc_array(arena, count + 1, sizeof *layer->files);
	if (!layer->files)
		return vg_fail_memory(err);
	for (size_t i = 0; i < count; i++) {
		bool table = is_table_file(names[i]);
		if (!table && !ends_with(names[i], ".lua"))
			continue;
		vg_source_file *file = &layer->files[layer->file_count++];
		*file = (vg_source_file){.path = names[i], .table = table};
		const char *path = vg_format(arena, "%s/%s", layer->folder, file->path);
		if (!path)
			return vg_fail_memory(err);
		file->readable = vg_fingerprint_file(path, FILE_LIMIT, &file->print, table ? NULL : &file->digest);
	}
	return VIGIL_OK;
}

/* Of a pack: every file by its digest.  Of the knowledge: the tables by their fingerprints. */
static void digest_layer(vg_digest_state *state, const vg_source_layer *layer, bool knowledge)
{
	for (size_t i = 0; i < layer->file_count; i++) {
		const vg_source_file *file = &layer->files[i];
		if (knowledge && !file->table)
			continue;
		vg_digest_add_text(state, file->path);
		vg_digest_add_text(state, file->readable ? "" : "not readable");
		if (knowledge)
			vg_digest_add(state, &file->print, sizeof file->print);
		else
			vg_digest_add(state, &file->digest, sizeof file->digest);
	}
	vg_digest_add_text(state, "");
}

/* Takes the tables' digests from the compiled file; false when it has others than these. */
static bool take_digests(const vg_image *image, vg_source_layer *layers, size_t count)
{
	size_t taken = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < layers[i].file_count; k++) {
			if (!layers[i].files[k].table)
				continue;
			if (taken == image->sources.count)
				return false;
			layers[i].files[k].digest = image->sources.items[taken++];
		}
	return taken == image->sources.count;
}

/* Reads every table once more, for its digest or to see that it is still the same. */
static vigil_status read_again(vg_arena *arena, vg_source_layer *layers, size_t count, bool digests, vigil_error *err)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < layers[i].file_count; k++) {
			vg_source_file *file = &layers[i].files[k];
			vg_fingerprint now;
			if (!file->table)
				continue;
			const char *path = vg_format(arena, "%s/%s", layers[i].folder, file->path);
			if (!path)
				return vg_fail_memory(err);
			bool readable = vg_fingerprint_file(path, FILE_LIMIT, &now, digests ? &file->digest : NULL);
			if (readable == file->readable && memcmp(&now, &file->print, sizeof now) == 0)
				continue;
			vg_fail(err, VIGIL_BAD_RULES, "Load the packs again when they are no longer being changed.",
				"The file was changed while the packs were read.");
			vg_error_place(err, path, 0);
			return VIGIL_BAD_RULES;
		}
	return VIGIL_OK;
}

static void digest_sources(vg_knowledge *knowledge, const vg_source_layer *layers, size_t count)
{
	vg_digest_state state;
	const unsigned char format[2] = {VG_KNOWLEDGE_FORMAT, sizeof(size_t)};
	vg_digest_begin(&state);
	vg_digest_add_text(&state, "vigil knowledge " VIGIL_VERSION_TEXT);
	vg_digest_add(&state, format, sizeof format);
	vg_definitions_digest(&state);
	for (size_t i = 0; i < count; i++)
		digest_layer(&state, &layers[i], true);
	vg_digest_end(&state, &knowledge->digest);
}

static vigil_status digest_packs(vg_knowledge *knowledge, const vg_source_layer *layers, size_t pack_count, vigil_error *err)
{
	vg_digest *digests = vg_alloc_array(&knowledge->arena, pack_count + 1, sizeof *digests);
	if (!digests)
		return vg_fail_memory(err);
	for (size_t i = 0; i < pack_count; i++) {
		vg_digest_state state;
		vg_digest_begin(&state);
		digest_layer(&state, &layers[i + 1], false);
		vg_digest_end(&state, &digests[i]);
	}
	knowledge->pack_digests = digests;
	knowledge->pack_count = pack_count;
	return VIGIL_OK;
}

static bool is_folder(const char *path)
{
	struct stat info;
	return path && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The import folder is layer 0 and may be missing; a pack's folder must be there. */
static vigil_status find_sources(const vg_knowledge_sources *sources, vg_arena *arena, vg_source_layer **ret, vigil_error *err)
{
	vg_source_layer *layers = vg_alloc_array(arena, sources->pack_count + 1, sizeof *layers);
	if (!layers)
		return vg_fail_memory(err);
	if (is_folder(sources->import_dir))
		layers[0].folder = sources->import_dir;
	for (size_t i = 0; i < sources->pack_count; i++)
		layers[i + 1].folder = sources->packs[i].folder;
	for (size_t i = 0; i <= sources->pack_count; i++) {
		vigil_status status = layers[i].folder ? list_files(arena, &layers[i], err) : VIGIL_OK;
		if (status != VIGIL_OK)
			return status;
	}
	*ret = layers;
	return VIGIL_OK;
}

/* ---- the compiled file ------------------------------------------------------------ */

static vigil_status choose_file(const vg_knowledge *knowledge, const vg_knowledge_sources *sources, vg_arena *scratch,
				const char **ret, vigil_error *err)
{
	char digest[65];
	*ret = sources->knowledge_file;
	if (*ret || !sources->cache_dir)
		return VIGIL_OK;
	vg_digest_text(&knowledge->digest, digest);
	*ret = vg_format(scratch, "%s/%s.db", sources->cache_dir, digest);
	return *ret ? VIGIL_OK : vg_fail_memory(err);
}

/* Makes the folder of the cache and those above it, as far as they are missing. */
static void make_folders(vg_arena *scratch, const char *folder)
{
	char *path = vg_copy_text(scratch, folder, strlen(folder));
	for (char *at = path ? path + 1 : NULL; at && *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		mkdir(path, 0755);
		*at = '/';
	}
	if (path)
		mkdir(path, 0755); /* whether it is there now shows when a file is written */
}

static vigil_status copy_image(vg_knowledge *knowledge, const vg_image *image, vigil_error *err)
{
	vg_directory_entry directory[VG_SECTIONS];
	const void *contents[VG_SECTIONS];
	size_t starts[VG_SECTIONS];
	vg_image_describe(image, directory, contents);
	size_t size = vg_image_layout(directory, starts);
	if (size == 0)
		return vg_fail(err, VIGIL_BAD_RULES, "Leave tables out that are not needed.",
			       "The tables are too large to be compiled.");
	char *block = vg_alloc(&knowledge->arena, size);
	if (!block)
		return vg_fail_memory(err);
	for (int i = 0; i < VG_SECTIONS; i++)
		if (directory[i].count)
			memcpy(block + starts[i], contents[i], (size_t)directory[i].count * (size_t)directory[i].item_size);
	vg_image_attach(&knowledge->image, directory, block);
	return VIGIL_OK;
}

/* Puts the tables' digests into the image, in the order of take_digests. */
static void keep_digests(vg_builder *builder, const vg_source_layer *layers, size_t count)
{
	size_t tables = 0, kept = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < layers[i].file_count; k++)
			tables += layers[i].files[k].table;
	vg_digest *digests = vg_build_array(builder, tables, sizeof *digests);
	for (size_t i = 0; digests && i < count; i++)
		for (size_t k = 0; k < layers[i].file_count; k++)
			if (layers[i].files[k].table)
				digests[kept++] = layers[i].files[k].digest;
	builder->image.sources.items = digests;
	builder->image.sources.count = kept;
}

/* What is compiled is what was fingerprinted: a table that changes meanwhile fails the opening, and is never kept under
 * the old one's digest. */
static vigil_status compile(vg_knowledge *knowledge, vg_source_layer *layers, size_t count, vg_arena *scratch, vigil_error *err)
{
	vg_builder *builder = vg_alloc(&knowledge->arena, sizeof *builder);
	if (!builder)
		return vg_fail_memory(err);
	vigil_status status = vg_builder_init(builder, &knowledge->arena.allocator) ? VIGIL_OK : vg_fail_memory(err);
	if (status == VIGIL_OK)
		status = read_again(scratch, layers, count, true, err);
	if (status == VIGIL_OK)
		status = vg_compile(builder, layers, count, err);
	if (status == VIGIL_OK)
		status = read_again(scratch, layers, count, false, err);
	if (status == VIGIL_OK) {
		keep_digests(builder, layers, count);
		status = builder->failed ? vg_fail_memory(err) : VIGIL_OK;
	}
	if (status == VIGIL_OK)
		status = copy_image(knowledge, &builder->image, err);
	vg_builder_free(builder);
	return status;
}

/* What a load that gave nothing says about the file; whether it may be written anew. */
static bool report_load(vg_load load, bool is_own_name, const char *path, vg_findings *findings)
{
	vg_place place = {path, 0, 0};
	if (load == VG_LOAD_DAMAGED || (load != VG_LOAD_ABSENT && is_own_name))
		vg_report(findings, VG351, place, NULL, NULL, "The compiled knowledge was damaged: it is made again.");
	else if (load == VG_LOAD_FOREIGN)
		vg_report(findings, VG352, place, NULL, "Name another file, or remove this one.",
			  "This is no compiled knowledge of Vigil: it is left alone, and the knowledge is kept in memory.");
	return load != VG_LOAD_FOREIGN || is_own_name;
}

static vigil_status load_or_compile(vg_knowledge *knowledge, const vg_knowledge_sources *sources, vg_source_layer *layers,
				    vg_arena *scratch, vg_findings *findings, vigil_error *err)
{
	const char *path, *why;
	bool writable = false;
	vigil_status status = choose_file(knowledge, sources, scratch, &path, err);
	if (status != VIGIL_OK)
		return status;
	if (path) {
		vg_load load = vg_store_load(path, &knowledge->digest, &knowledge->arena, &knowledge->image);
		if (load == VG_LOAD_NO_MEMORY)
			return vg_fail_memory(err);
		if (load == VG_LOADED && !take_digests(&knowledge->image, layers, sources->pack_count + 1))
			load = VG_LOAD_DAMAGED;
		writable = load == VG_LOADED || report_load(load, !sources->knowledge_file, path, findings);
		if (writable) {
			knowledge->proof_file = vg_format(&knowledge->arena, "%s-proofs", path);
			if (!knowledge->proof_file)
				return vg_fail_memory(err);
		}
		if (load == VG_LOADED)
			return VIGIL_OK;
	}
	status = compile(knowledge, layers, sources->pack_count + 1, scratch, err);
	if (status != VIGIL_OK || !writable)
		return status;
	if (!sources->knowledge_file)
		make_folders(scratch, sources->cache_dir);
	bool saved = vg_store_save(scratch, path, &knowledge->digest, &knowledge->image, &why);
	if (saved && !sources->knowledge_file)
		vg_store_prune(scratch, sources->cache_dir, path);
	if (!saved) {
		if (scratch->failed)
			return vg_fail_memory(err);
		vg_report(findings, VG350, (vg_place){path, 0, 0}, NULL,
			  "Make its folder writable, so that opening takes milliseconds.",
			  "The compiled knowledge cannot be kept: %s.", why);
	}
	return VIGIL_OK;
}

/* ---- open and close ------------------------------------------------------------------ */

vigil_status vg_knowledge_open(const vg_knowledge_sources *sources, const vg_allocator *allocator, vg_findings *findings,
			       vg_knowledge **ret, vigil_error *err)
{
	vg_arena arena, scratch;
	vg_source_layer *layers = NULL;
	vg_arena_init(&arena, allocator, 0);
	vg_arena_init(&scratch, allocator, 0);
	vg_knowledge *knowledge = vg_alloc(&arena, sizeof *knowledge);
	vigil_status status = VIGIL_NO_MEMORY;
	if (!knowledge) {
		vg_fail_memory(err);
		goto end;
	}
	knowledge->arena = arena; /* from here on the knowledge owns it */
	status = find_sources(sources, &scratch, &layers, err);
	if (status != VIGIL_OK)
		goto end;
	digest_sources(knowledge, layers, sources->pack_count + 1);
	status = load_or_compile(knowledge, sources, layers, &scratch, findings, err);
	if (status == VIGIL_OK)
		status = digest_packs(knowledge, layers, sources->pack_count, err);
	if (status == VIGIL_OK)
		status = vg_knowledge_prepare(knowledge, sources, err);
	if (status != VIGIL_OK)
		goto end;
	vg_knowledge_repeat_findings(knowledge, findings);
	if (findings->arena.failed)
		status = vg_fail_memory(err);
end:
	vg_arena_free(&scratch);
	if (status == VIGIL_OK)
		*ret = knowledge;
	else if (knowledge)
		vg_knowledge_free(knowledge);
	return status;
}

void vg_knowledge_free(vg_knowledge *knowledge)
{
	if (!knowledge)
		return;
	vg_arena arena = knowledge->arena; /* the knowledge lies in it */
	vg_arena_free(&arena);
}

const vg_digest *vg_knowledge_digest(const vg_knowledge *knowledge) { return &knowledge->digest; }

const vg_digest *vg_knowledge_pack_digest(const vg_knowledge *knowledge, size_t pack)
{
	return pack < knowledge->pack_count ? &knowledge->pack_digests[pack] : NULL;
}
