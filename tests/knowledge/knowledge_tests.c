/* The helpers of the knowledge floor's tests; see knowledge_tests.h. */
#include "knowledge_tests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

test_world world_open(const char *first, const char *second, test_options options)
{
	test_world world = {.error = VIGIL_ERROR_INIT};
	vg_pack_folder packs[2] = {{first, "first", "1"}, {second, "second", "1"}};
	vg_knowledge_sources sources = {packs, first ? (second ? 2 : 1) : 0, options.import, options.file, options.cache};
	vg_findings_init(&world.findings, options.allocator);
	world.status = vg_knowledge_open(&sources, options.allocator, &world.findings, &world.knowledge, &world.error);
	vg_findings_sort(&world.findings);
	return world;
}

void world_close(test_world *world)
{
	vg_knowledge_free(world->knowledge);
	vg_findings_free(&world->findings);
	world->knowledge = NULL;
}

static const vg_knowledge *opened_once(test_world *world, const char *second)
{
	if (!world->knowledge)
		*world = world_open(BASE_PACK, second, (test_options){0});
	if (!world->knowledge)
		CU_FAIL_FATAL("the packs of the tests cannot be opened");
	return world->knowledge;
}

const vg_knowledge *base_knowledge(void)
{
	static test_world world;
	return opened_once(&world, NULL);
}

const vg_knowledge *site_knowledge(void)
{
	static test_world world;
	return opened_once(&world, SITE_PACK);
}

const vigil_finding *world_finding(const test_world *world, const char *code)
{
	for (size_t i = 0; i < world->findings.count; i++)
		if (strcmp(world->findings.items[i].code, code) == 0)
			return &world->findings.items[i];
	return NULL;
}

size_t world_count(const test_world *world, const char *code)
{
	size_t count = 0;
	for (size_t i = 0; i < world->findings.count; i++)
		count += strcmp(world->findings.items[i].code, code) == 0;
	return count;
}

test_folder folder_make(void)
{
	test_folder folder;
	snprintf(folder.path, sizeof folder.path, "%s/vigil-knowledge-XXXXXX", P_tmpdir);
	CHECK(mkdtemp(folder.path) != NULL, "a temporary folder cannot be made: %s", strerror(errno));
	return folder;
}

void folder_write(const test_folder *folder, const char *name, const char *text, size_t length)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder->path, name);
	for (char *slash = strchr(path + strlen(folder->path) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	FILE *file = fopen(path, "wb");
	bool fine = file && fwrite(text, 1, length, file) == length;
	if (file)
		fine = fclose(file) == 0 && fine;
	CHECK(fine, "%s cannot be written", path);
}

void folder_text(const test_folder *folder, const char *name, const char *text)
{
	folder_write(folder, name, text, strlen(text));
}

void folder_remove(const test_folder *folder)
{
	char command[256];
	snprintf(command, sizeof command, "chmod -R u+w '%s' && rm -rf '%s'", folder->path, folder->path);
	CHECK(system(command) == 0, "%s cannot be removed", folder->path);
}

vg_concept rx(const vg_knowledge *knowledge, const char *code)
{
	vg_concept concept = vg_concept_find(knowledge, "rxnorm", code);
	CHECK(concept != 0, "RxNorm %s is not known", code);
	return concept;
}

vg_set set_of(const vg_knowledge *knowledge, const char *name)
{
	vg_set set = vg_set_find(knowledge, name);
	CHECK(set != 0, "there is no set \"%s\"", name);
	return set;
}

bool in_set(const vg_knowledge *knowledge, const char *set, const char *system, const char *code)
{
	vg_concept concept = vg_concept_find(knowledge, system, code);
	CHECK(concept != 0, "%s %s is not known", system, code);
	return vg_set_has(knowledge, set_of(knowledge, set), concept);
}

static const char *joined(const vg_knowledge *knowledge, vg_ids ids, const char *(*name)(const vg_knowledge *, uint32_t))
{
	static char text[4096];
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < ids.count && used < sizeof text; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? ", " : "", name(knowledge, ids.ids[i]));
	return text;
}

const char *concept_names(const vg_knowledge *knowledge, vg_ids ids) { return joined(knowledge, ids, vg_concept_name); }
const char *set_names(const vg_knowledge *knowledge, vg_ids ids) { return joined(knowledge, ids, vg_set_name); }

vg_digest everything(const vg_knowledge *k)
{
	vg_digest_state state;
	vg_digest digest;
	vg_digest_begin(&state);
	for (vg_concept id = 0; id <= vg_concept_count(k); id++) {
		vg_ids lists[] = {vg_concept_sets(k, id), vg_drug_ingredients(k, id), vg_allergen_sets(k, id),
				  vg_panel_members(k, id)};
		uint32_t numbers[] = {vg_drug_route(k, id), vg_drug_is_pack(k, id), vg_ingredient_set(k, id),
				      vg_allergen_kind_of(k, id), vg_allergen_is_intolerance(k, id)};
		const vg_strength *strengths = vg_drug_strengths(k, id);
		vg_digest_add_text(&state, vg_concept_system(k, id));
		vg_digest_add_text(&state, vg_concept_code(k, id));
		vg_digest_add_text(&state, vg_concept_name(k, id));
		vg_digest_add(&state, numbers, sizeof numbers);
		for (size_t i = 0; i < VG_COUNT(lists); i++)
			vg_digest_add(&state, lists[i].count ? (const void *)lists[i].ids : "",
				      lists[i].count * sizeof(uint32_t));
		for (size_t i = 0; strengths && i < lists[1].count; i++) {
			vg_digest_add(&state, &strengths[i].amount, sizeof strengths[i].amount);
			vg_digest_add_text(&state, strengths[i].unit);
			vg_digest_add_text(&state, strengths[i].per_unit);
		}
	}
	for (vg_set set = 0; set <= vg_set_count(k); set++) {
		uint32_t numbers[] = {vg_set_preferred(k, set), vg_set_uses(k, set), (uint32_t)vg_set_place(k, set).line};
		vg_digest_add_text(&state, vg_set_name(k, set));
		vg_digest_add_text(&state, vg_set_place(k, set).file);
		vg_digest_add(&state, numbers, sizeof numbers);
	}
	for (int family = VG_INTERACTIONS; family <= VG_CROSS_REACTIVITY; family++)
		for (uint32_t i = 0; i < vg_pair_count(k, (vg_family)family); i++) {
			vg_pair_row row;
			vg_pair_get(k, (vg_family)family, i, &row);
			uint32_t numbers[] = {row.a,      row.b,          row.severity,   row.silent,
					      row.status, row.first_case, row.case_count, row.pack};
			const char *texts[] = {row.id,         row.title,    row.mechanism, row.effect,
					       row.management, row.silences, row.owner,     row.review_by,
					       row.evidence,   row.url,      row.publisher, row.year,
					       row.grade,      row.source,   row.verified,  row.place.file};
			vg_digest_add(&state, numbers, sizeof numbers);
			for (size_t j = 0; j < VG_COUNT(texts); j++)
				vg_digest_add_text(&state, texts[j]);
		}
	vg_digest_end(&state, &digest);
	return digest;
}
