/* Opening: digests, packs that are missing, the same answers from file and memory. */
#include "knowledge_tests.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static vg_digest digest_of(const char *first, const char *second)
{
	vg_digest digest = {{0}};
	test_world world = world_open(first, second, (test_options){0});
	CHECK(world.knowledge != NULL, "%s cannot be opened: %s", first, world.error.text);
	if (world.knowledge)
		digest = *vg_knowledge_digest(world.knowledge);
	world_close(&world);
	return digest;
}

static bool same(vg_digest a, vg_digest b) { return memcmp(&a, &b, sizeof a) == 0; }

static void digests_are_of_what_counts(void)
{
	test_folder one = folder_make(), two = folder_make();
	folder_text(&one, "sets/a.csv", "set,system,code\nx,loinc,1-8\n");
	folder_text(&two, "sets/a.csv", "set,system,code\nx,loinc,1-8\n");
	vg_digest first = digest_of(one.path, NULL);
	CHECK(same(first, digest_of(one.path, NULL)), "twice the same pack has two digests");
	CHECK(same(first, digest_of(two.path, NULL)), "the folder's name counts");
	folder_text(&two, "README", "not a table");
	folder_text(&two, "notes/list.csv", "not,a,table\n");
	folder_text(&two, "sets/old/list.csv", "not,a,table\n");
	CHECK(same(first, digest_of(two.path, NULL)), "files that are no tables count");
	folder_text(&two, "rules/x.lua", "-- a rule");
	CHECK(same(first, digest_of(two.path, NULL)), "a rule changes the digest of the tables");
	test_world world = world_open(one.path, two.path, (test_options){0});
	CHECK(memcmp(vg_knowledge_pack_digest(world.knowledge, 0), vg_knowledge_pack_digest(world.knowledge, 1),
		     sizeof(vg_digest)) != 0,
	      "a rule does not change the pack's digest");
	CHECK(vg_knowledge_pack_digest(world.knowledge, 2) == NULL, "a third pack has a digest");
	world_close(&world);
	folder_text(&two, "sets/a.csv", "set,system,code\nx,loinc,1-8 \n");
	CHECK(!same(first, digest_of(two.path, NULL)), "one blank does not change the digest");
	folder_text(&two, "sets/a.csv", "set,system,code\nx,loinc,1-8\n");
	folder_text(&two, "sets/b.csv", "");
	CHECK(!same(first, digest_of(two.path, NULL)), "an empty table does not change the digest");
	CHECK(!same(digest_of(one.path, two.path), digest_of(two.path, one.path)), "the order does not change the digest");
	folder_remove(&one);
	folder_remove(&two);
}

static void a_missing_pack_cannot_be_opened(void)
{
	test_world world = world_open("no/such/pack", NULL, (test_options){0});
	CHECK(world.status == VIGIL_BAD_RULES && world.knowledge == NULL, "status %d", world.status);
	CHECK(strstr(world.error.text, "no/such/pack") != NULL, "the error does not name the folder: %s", world.error.text);
	world_close(&world);
}

static void nothing_at_all_can_be_opened(void)
{
	test_world world = world_open(NULL, NULL, (test_options){0});
	CHECK(world.status == VIGIL_OK, "%s", world.error.text);
	if (world.knowledge) {
		CHECK(vg_concept_count(world.knowledge) == 0 && vg_set_count(world.knowledge) == 0, "nothing holds something");
		CHECK(vg_concept_find(world.knowledge, "rxnorm", "1") == 0 && vg_set_find(world.knowledge, "x") == 0,
		      "it is found");
		CHECK(vg_concept_by_name(world.knowledge, VG_NAME_DRUG, "aspirin") == 0, "a name is found");
		CHECK(vg_pairs_of(world.knowledge, VG_INTERACTIONS, 1, 2).count == 0, "a pair is found");
		CHECK(vg_pair_find_id(world.knowledge, VG_INTERACTIONS, "x") == UINT32_MAX, "a row is found");
		CHECK(vg_knowledge_table(world.knowledge, "interactions") == NULL, "a table is found");
		CHECK(vg_set_nearest(world.knowledge, "x") == NULL, "a name is near");
	}
	world_close(&world);
	vg_knowledge_free(NULL);
}

static void file_and_memory_are_the_same(void)
{
	test_folder cache = folder_make();
	test_options options = {.cache = cache.path};
	test_world memory = world_open(BASE_PACK, SITE_PACK, (test_options){0});
	test_world compiled = world_open(BASE_PACK, SITE_PACK, options), loaded = world_open(BASE_PACK, SITE_PACK, options);
	CHECK(memory.knowledge && compiled.knowledge && loaded.knowledge, "they cannot be opened");
	if (memory.knowledge && compiled.knowledge && loaded.knowledge) {
		CHECK(same(everything(memory.knowledge), everything(compiled.knowledge)),
		      "compiled with a cache it is another");
		CHECK(same(everything(memory.knowledge), everything(loaded.knowledge)), "loaded from the file it is another");
	}
	world_close(&memory);
	world_close(&compiled);
	world_close(&loaded);
	folder_remove(&cache);
}

static void findings_are_told_each_time(void)
{
	test_folder pack = folder_make(), cache = folder_make();
	folder_text(&pack, "sets/a.csv", "set,system,code\nx,loinc,1-8\ny,lonc,2-6\n");
	size_t errors[2];
	for (int i = 0; i < 2; i++) {
		test_world world = world_open(pack.path, NULL, (test_options){.cache = cache.path});
		const vigil_finding *finding = world_finding(&world, "VG313");
		CHECK(finding && finding->line == 3 && strstr(finding->file, "sets/a.csv") && finding->advice,
		      "time %d: not told", i + 1);
		errors[i] = world.findings.errors;
		world_close(&world);
	}
	CHECK(errors[0] == 1 && errors[1] == 1, "%zu errors, then %zu", errors[0], errors[1]);
	folder_remove(&pack);
	folder_remove(&cache);
}

static void files_are_named_as_the_caller_names_the_folder(void)
{
	test_folder cache = folder_make();
	char longer[] = "fixtures/../" BASE_PACK;
	test_world one = world_open(BASE_PACK, NULL, (test_options){.cache = cache.path});
	test_world other = world_open(longer, NULL, (test_options){.cache = cache.path});
	if (one.knowledge && other.knowledge) {
		CHECK_TEXT(vg_set_place(one.knowledge, set_of(one.knowledge, "NSAID")).file, BASE_PACK "/sets/drugs.csv");
		CHECK_TEXT(vg_set_place(other.knowledge, set_of(other.knowledge, "NSAID")).file,
			   "fixtures/../" BASE_PACK "/sets/drugs.csv");
	}
	CHECK(one.knowledge && other.knowledge, "they cannot be opened");
	world_close(&one);
	world_close(&other);
	folder_remove(&cache);
}

static void the_starter_pack_opens(void)
{
	test_world world = world_open("rules", NULL, (test_options){0});
	CHECK(world.status == VIGIL_OK && world.findings.errors == 0, "%s %s", world.error.text,
	      world.findings.count ? world.findings.items[0].text : "");
	if (world.knowledge)
		CHECK(vg_concept_count(world.knowledge) > 5000 && vg_pair_count(world.knowledge, VG_INTERACTIONS) > 200,
		      "%zu concepts, %zu interactions", vg_concept_count(world.knowledge),
		      vg_pair_count(world.knowledge, VG_INTERACTIONS));
	world_close(&world);
}

/* Same length, same times: only the bytes tell. */
static void a_change_is_noticed_by_its_bytes(void)
{
	test_folder pack = folder_make(), cache = folder_make();
	test_options options = {.cache = cache.path};
	char path[128];
	struct stat info;
	folder_text(&pack, "sets/a.csv", "set,system,code\nx,loinc,1-8\n");
	snprintf(path, sizeof path, "%s/sets/a.csv", pack.path);
	test_world before = world_open(pack.path, NULL, options);
	CU_ASSERT_EQUAL(stat(path, &info), 0);
	folder_text(&pack, "sets/a.csv", "set,system,code\nx,loinc,2-8\n");
	CU_ASSERT_EQUAL(utimensat(AT_FDCWD, path, (struct timespec[2]){info.st_atim, info.st_mtim}, 0), 0);
	test_world after = world_open(pack.path, NULL, options);
	CHECK(before.knowledge && vg_concept_find(before.knowledge, "loinc", "1-8") != 0, "the first code is not there");
	CHECK(after.knowledge && vg_concept_find(after.knowledge, "loinc", "2-8") != 0, "the change was not noticed");
	CHECK(after.knowledge && vg_concept_find(after.knowledge, "loinc", "1-8") == 0, "the old code is still there");
	world_close(&before);
	world_close(&after);
	folder_remove(&pack);
	folder_remove(&cache);
}

/* An allocator that writes a table anew at its n-th call. */
typedef struct meddler {
	const test_folder *pack;
	long calls, at;
} meddler;

static void *meddle(void *context, void *block, size_t old_size, size_t new_size)
{
	meddler *state = context;
	if (++state->calls == state->at)
		folder_text(state->pack, "sets/a.csv", "set,system,code\nx,loinc,2-8\n");
	test_allocator none = {0};
	return test_resize(&none, block, old_size, new_size);
}

/* Whenever a table changes while it is being read: old or new or refused, and what is kept is what its digest says. */
static void a_change_while_opening_is_never_mixed(void)
{
	int refused = 0, old = 0, new = 0;
	test_folder pack = folder_make();
	for (long at = 1; at < 200; at++) {
		test_folder cache = folder_make();
		meddler state = {&pack, 0, at};
		vg_allocator allocator = {meddle, &state};
		folder_text(&pack, "sets/a.csv", "set,system,code\nx,loinc,1-8\n");
		test_world first = world_open(pack.path, NULL, (test_options){.cache = cache.path, .allocator = &allocator});
		bool has_new = first.knowledge && vg_concept_find(first.knowledge, "loinc", "2-8") != 0;
		bool has_old = first.knowledge && vg_concept_find(first.knowledge, "loinc", "1-8") != 0;
		CHECK(first.knowledge ? has_old != has_new : first.status == VIGIL_BAD_RULES, "at %ld: status %d, \"%s\"", at,
		      first.status, first.error.text);
		refused += !first.knowledge;
		old += has_old;
		new += has_new;
		/* Back to the old table: what was kept under its digest must be the old one. */
		folder_text(&pack, "sets/a.csv", "set,system,code\nx,loinc,1-8\n");
		test_world second = world_open(pack.path, NULL, (test_options){.cache = cache.path});
		CHECK(second.knowledge && vg_concept_find(second.knowledge, "loinc", "1-8") != 0 &&
			  vg_concept_find(second.knowledge, "loinc", "2-8") == 0,
		      "at %ld: the new table was kept under the old one's digest", at);
		bool over = state.calls < at;
		world_close(&first);
		world_close(&second);
		folder_remove(&cache);
		if (over)
			break;
	}
	folder_remove(&pack);
	CHECK(refused > 0 && old > 0 && new > 0, "refused %d times, old %d times, new %d times", refused, old, new);
}

const test_case test_cases_open[] = {
    {"digests are of what counts and of nothing else", digests_are_of_what_counts},
    {"a missing pack cannot be opened", a_missing_pack_cannot_be_opened},
    {"no packs at all are empty knowledge", nothing_at_all_can_be_opened},
    {"file and memory give the same answers", file_and_memory_are_the_same},
    {"findings are told each time, from the file too", findings_are_told_each_time},
    {"files are named as the caller names the folder", files_are_named_as_the_caller_names_the_folder},
    {"the starter pack opens without an error", the_starter_pack_opens},
    {"a change is noticed by its bytes", a_change_is_noticed_by_its_bytes},
    {"a change while opening is never mixed", a_change_while_opening_is_never_mixed},
    {NULL, NULL},
};
