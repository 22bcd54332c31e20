/* Layers: what a later pack changes, and what it leaves. */
#include "knowledge_tests.h"

#include <string.h>

static void later_cells_win(void)
{
	const vg_knowledge *k = site_knowledge();
	vg_pair_row row;
	vg_pair_get(k, VG_INTERACTIONS, vg_pair_find_id(k, VG_INTERACTIONS, "wf01"), &row);
	CHECK(row.severity == VIGIL_SEVERITY_CRITICAL, "the site's severity does not count");
	CHECK(row.status == VG_STATUS_ACTIVE, "an empty cell changed the status");
	CHECK_TEXT(row.title, "Bleeding risk");
	CHECK_TEXT(row.management, ""); /* "-" empties */
	CHECK_TEXT(row.effect, "bleeding");
	CHECK(row.pack == 1, "pack %u decided last", row.pack);
	CHECK_TEXT(row.place.file, SITE_PACK "/tables/interactions.csv");
	CHECK(row.place.line == 2, "line %d", row.place.line);
	vg_pair_get(k, VG_INTERACTIONS, vg_pair_find_id(k, VG_INTERACTIONS, "ab01"), &row);
	CHECK(row.status == VG_STATUS_RETIRED && row.severity == VIGIL_SEVERITY_INFO, "a retired row");
	vg_pair_get(k, VG_INTERACTIONS, vg_pair_find_id(k, VG_INTERACTIONS, "wf02"), &row);
	CHECK(row.pack == 0, "a row that the site does not name was decided by pack %u", row.pack);
}

static void sets_grow_and_lose_members(void)
{
	const vg_knowledge *k = site_knowledge();
	CHECK(in_set(k, "HbA1c", "urn:example:lab", "A1C") && in_set(k, "HbA1c", "loinc", "4548-4"), "a set did not grow");
	CHECK_TEXT(vg_concept_code(k, vg_set_preferred(k, set_of(k, "HbA1c"))), "A1C"); /* the later layer's */
	CHECK(in_set(k, "anticoagulant", "rxnorm", "1364430") && in_set(k, "anticoagulant", "rxnorm", "855332"),
	      "anticoagulant");
	CHECK(!in_set(k, "systemic NSAID", "rxnorm", "259966") && in_set(k, "NSAID", "rxnorm", "259966"), "the gel");
	CHECK(in_set(k, "systemic NSAID", "rxnorm", "310965"), "more than the gel went");
	CHECK_TEXT(vg_set_place(k, set_of(k, "HbA1c")).file, BASE_PACK "/sets/tests.csv"); /* where it is defined */
}

static void removing_an_ingredient_takes_its_products_along(void)
{
	const vg_knowledge *k = site_knowledge();
	CHECK(!in_set(k, "NSAID", "rxnorm", "1191"), "aspirin is still in");
	CHECK(!in_set(k, "NSAID", "rxnorm", "308297"), "a product of aspirin is still in");
	CHECK(!in_set(k, "systemic NSAID", "rxnorm", "308297"), "it is in the set that includes");
	CHECK(in_set(k, "aspirin", "rxnorm", "308297"), "it left its own ingredient's set");
	CHECK(in_set(base_knowledge(), "NSAID", "rxnorm", "308297"), "it was never in");
}

static void products_leave_with_their_last_ingredient(void)
{
	test_folder folder = folder_make();
	folder_text(&folder, "tables/ingredients.csv", "rxcui,name,salts\n1,alpha,11\n2,beta,\n3,gamma,\n");
	folder_text(&folder, "tables/products.csv",
		    "rxcui,name,ingredients\n90,alpha tablet,1\n91,alpha and beta tablet,1 2\n92,named alpha tablet,1\n"
		    "93,alpha and gamma tablet,1 3\n94,beta and gamma tablet,2 3\n");
	folder_text(
	    &folder, "sets/all.csv",
	    "set,system,code,match\nall,rxnorm,1,\nall,rxnorm,2,\nmost,set,all,\nmost,rxnorm,1,remove\nmost,rxnorm,92,\n"
	    "fewer,set,most,\nfewer,rxnorm,91,remove\nfewer,rxnorm,92,remove\n");
	test_world world = world_open(folder.path, NULL, (test_options){0});
	const vg_knowledge *k = world.knowledge;
	CHECK(k && world.findings.count == 0, "%s", world.findings.count ? world.findings.items[0].text : world.error.text);
	if (k) {
		CHECK(in_set(k, "all", "rxnorm", "90") && in_set(k, "all", "rxnorm", "11"), "the whole set");
		CHECK(!in_set(k, "most", "rxnorm", "1") && !in_set(k, "most", "rxnorm", "11"),
		      "the ingredient or its salt is in");
		CHECK(!in_set(k, "most", "rxnorm", "90") && !in_set(k, "most", "rxnorm", "93"),
		      "a product of the ingredient alone is in");
		CHECK(in_set(k, "most", "rxnorm", "91"), "a product with another ingredient of the set is out");
		CHECK(in_set(k, "most", "rxnorm", "92"), "a product that a row names is out");
		CHECK(in_set(k, "most", "rxnorm", "94"), "another product is out");
		CHECK(in_set(k, "fewer", "rxnorm", "2") && in_set(k, "fewer", "rxnorm", "94"), "what is left is out");
		CHECK(!in_set(k, "fewer", "rxnorm", "91") && !in_set(k, "fewer", "rxnorm", "92"), "removed products are in");
		CHECK(in_set(k, "alpha", "rxnorm", "91") && in_set(k, "beta", "rxnorm", "91"), "the ingredients' sets changed");
	}
	world_close(&world);
	folder_remove(&folder);
}

static void removing_below_a_prefix(void)
{
	const vg_knowledge *k = site_knowledge();
	CHECK(!in_set(k, "diabetes", "icd10cm", "E11.9"), "E11.9 is still in");
	CHECK(!in_set(k, "diabetes", "icd10cm", "E11.99"), "what is below a removed code is still in");
	CHECK(in_set(k, "diabetes", "icd10cm", "E11.9A"), "a longer row does not win over a shorter one");
	CHECK(in_set(k, "diabetes", "icd10cm", "E11.65") && in_set(k, "diabetes", "icd10cm", "E11"), "the rest went too");
	CHECK(in_set(k, "endocrine disease", "icd10cm", "E11.9"), "another set lost it");
}

static vg_knowledge *open_three(const char *const text[3], test_folder folders[3])
{
	vg_pack_folder packs[3];
	vg_findings findings;
	vg_knowledge *knowledge = NULL;
	vg_findings_init(&findings, NULL);
	for (int i = 0; i < 3; i++) {
		folders[i] = folder_make();
		folder_text(&folders[i], "sets/all.csv", text[i]);
		packs[i] = (vg_pack_folder){folders[i].path, "pack", "1"};
	}
	vg_knowledge_sources sources = {packs, 3, NULL, NULL, NULL};
	CHECK(vg_knowledge_open(&sources, NULL, &findings, &knowledge, NULL) == VIGIL_OK, "three layers cannot be opened");
	for (size_t i = 0; i < findings.count; i++)
		CHECK(findings.items[i].level != VIGIL_ERROR, "%s", findings.items[i].text);
	vg_findings_free(&findings);
	return knowledge;
}

static void what_was_removed_can_come_back(void)
{
	static const char *const texts[3] = {
	    "set,system,code,match\nx,loinc,1-8,\nx,loinc,2-6,\ny,loinc,3-4,\nx,set,y,\nz,icd10cm,E11,prefix\n",
	    "set,system,code,match\nx,loinc,1-8,remove\nx,set,y,remove\nz,icd10cm,E11,remove\nz,icd10cm,I10,\n",
	    "set,system,code,match\nX,loinc,1-8,\nX,SET,Y,\n"};
	test_folder folders[3];
	const char *fixed[3] = {texts[0], texts[1], "set,system,code,match\nX,loinc,1-8,\nX,set,Y,\n"};
	vg_knowledge *k = open_three(fixed, folders);
	if (k) {
		CHECK(in_set(k, "x", "loinc", "1-8"), "a code that came back is out");
		CHECK(in_set(k, "x", "loinc", "3-4"), "an include that came back is out");
		CHECK(in_set(k, "z", "icd10cm", "I10") && !in_set(k, "z", "icd10cm", "E11"), "a removed prefix is in");
	}
	vg_knowledge_free(k);
	for (int i = 0; i < 3; i++)
		folder_remove(&folders[i]);
}

static void imports_lie_below_all_packs(void)
{
	test_folder import = folder_make();
	folder_text(&import, "tables/ingredients.csv",
		    "rxcui,name,synonyms\n11289,warfarin (imported),imported name\n99,imported drug,\n");
	folder_text(&import, "tables/interactions.csv",
		    "id,a,b,severity,status,source\nim01,imported drug,warfarin,info,active,test\n");
	test_world world = world_open(BASE_PACK, NULL, (test_options){.import = import.path});
	const vg_knowledge *k = world.knowledge;
	if (k) {
		vg_pair_row row;
		CHECK_TEXT(vg_concept_name(k, rx(k, "11289")), "warfarin"); /* the pack's */
		CHECK_TEXT(vg_concept_name(k, rx(k, "99")), "imported drug");
		vg_pair_get(k, VG_INTERACTIONS, vg_pair_find_id(k, VG_INTERACTIONS, "im01"), &row);
		CHECK(row.pack == VG_PACK_IMPORT, "an imported row is of pack %u", row.pack);
		CHECK(strncmp(row.place.file, import.path, strlen(import.path)) == 0, "it is in %s", row.place.file);
	}
	CHECK(k != NULL, "%s", world.error.text);
	world_close(&world);
	folder_remove(&import);
	world = world_open(BASE_PACK, NULL, (test_options){.import = "no/such/folder"});
	CHECK(world.status == VIGIL_OK && world.findings.count == world_count(&world, "VG341"),
	      "a missing import folder is a problem");
	world_close(&world);
}

static void the_order_of_packs_counts(void)
{
	test_world one = world_open(BASE_PACK, SITE_PACK, (test_options){0});
	test_world other = world_open(SITE_PACK, BASE_PACK, (test_options){0});
	vg_pair_row row;
	CHECK(one.knowledge && other.knowledge, "both orders open");
	if (one.knowledge && other.knowledge) {
		CHECK(memcmp(vg_knowledge_digest(one.knowledge), vg_knowledge_digest(other.knowledge), sizeof(vg_digest)) != 0,
		      "two orders have one digest");
		vg_pair_get(other.knowledge, VG_INTERACTIONS, vg_pair_find_id(other.knowledge, VG_INTERACTIONS, "wf01"), &row);
		CHECK(row.severity == VIGIL_SEVERITY_WARNING && row.pack == 0 + 1, "the later pack does not win");
		CHECK(memcmp(vg_knowledge_pack_digest(one.knowledge, 0), vg_knowledge_pack_digest(other.knowledge, 1),
			     sizeof(vg_digest)) == 0,
		      "a pack's digest depends on its place");
	}
	world_close(&one);
	world_close(&other);
}

const test_case test_cases_layer[] = {
    {"a later pack's cells win, empty ones change nothing, \"-\" empties", later_cells_win},
    {"sets grow, and lose what is removed", sets_grow_and_lose_members},
    {"a removed ingredient takes its products along", removing_an_ingredient_takes_its_products_along},
    {"products leave a set with their last ingredient", products_leave_with_their_last_ingredient},
    {"removing a code below a prefix", removing_below_a_prefix},
    {"what was removed can come back", what_was_removed_can_come_back},
    {"imported terminologies lie below all packs", imports_lie_below_all_packs},
    {"the order of packs counts", the_order_of_packs_counts},
    {NULL, NULL},
};
