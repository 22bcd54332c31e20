/*
 * Findings: for each code of the range the smallest pack that has it, where it
 * is told, and that nothing else of the pack is lost.
 */
#include "knowledge_tests.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct trial {
	const char *code;
	const char *file, *text; /* beside the good pack below */
	int line;                /* where the finding is */
	const char *says;        /* part of its text or advice */
} trial;

#define INTERACTION_HEADER "id,a,b,severity,status,evidence,review_by,still_counts_a\n"
#define ROW(id, rest) id "," rest "\n"

static const trial trials[] = {
    {"VG300", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,be\"ta,info,draft,e,,\ny,alpha,beta,info,draft,e,,\n", 2,
     "double quote"},
    {"VG300", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,\"beta,info,draft,e,,\ny,alpha,beta,info,draft,e,,\n", 2,
     "never closed"},
    {"VG300", "tables/interactions.csv", "id,\"a\"x,b\n", 1, "closing quote"},
    {"VG302", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,beta,info,draft\ny,alpha,beta,info,draft,e,,\n", 2,
     "5 cells, the header 8"},
    {"VG303", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,b\xE9ta,info,draft,e,,\n", 2, "UTF-8"},
    {"VG304", "tables/interactions.csv", "id,a,b,severty,status\nx,alpha,beta,info,draft\n", 1, "severity"},
    {"VG305", "tables/interactions.csv", "id,a,b,severity,status,evidence,ticket number\nx,alpha,beta,info,draft,e,7\n", 1,
     "ticket number"},
    {"VG306", "tables/interactions.csv", "a,b,severity,status\nalpha,beta,info,draft\n", 1, "\"id\" is missing"},
    {"VG306", "tables/interactions.csv", "id,a,b,a\nx,alpha,beta,gamma\n", 1, "twice"},
    {"VG306", "tables/interactions.csv", "# nothing\n", 1, "empty"},
    {"VG308", "tables/interaction.csv", INTERACTION_HEADER, 0, "interactions"},
    {"VG308", "tables/sets.csv", "set,system,code\n", 0, "no table \"sets\""},
    {"VG310", "tables/interactions.csv", INTERACTION_HEADER "x,alpa,beta,info,draft,e,,\n", 2, "Did you mean \"alpha\""},
    {"VG310", "sets/more.csv", "set,system,code\nmore,rxnorm,1\nmore,set,bta\n", 3, "Did you mean \"beta\""},
    {"VG310", "tables/allergens.csv", "system,code,kind,stands_for\nsnomed,7,class,gama\n", 2, "There is no set \"gama\""},
    {"VG310", "tables/analytes.csv", "set,unit\nsodum,mg\n", 2, "There is no set \"sodum\""},
    {"VG311", "sets/more.csv", "set,system,code,match\nnone,rxnorm,1,\nnone,rxnorm,1,remove\n", 2, "\"none\" is empty"},
    {"VG312", "sets/more.csv", "set,system,code\nm,set,n\nm,rxnorm,1\nn,set,m\n", 4, "include each other"},
    {"VG312", "sets/more.csv", "set,system,code\nself,set,self\nself,rxnorm,1\n", 2, "include each other"},
    {"VG313", "sets/more.csv", "set,system,code\nm,rxnrm,1\n", 2, "Did you mean \"rxnorm\""},
    {"VG313", "sets/more.csv", "set,system,code\nm,combination,1+2\n", 2, "no code system"},
    {"VG313", "tables/allergens.csv", "system,code,kind\nset,1,other\n", 2, "no code system"},
    {"VG314", "sets/more.csv", "set,system,code,match\nm,rxnorm,1,prefix\n", 2, "one by one"},
    {"VG314", "sets/more.csv", "set,system,code,match\nm,icd10cm,E11,all\n", 2, "prefix"},
    {"VG315", "sets/more.csv", "set,system,code,match\nm,rxnorm,1,\nm,rxnorm,2,remove\n", 3, "does not have it"},
    {"VG315", "sets/more.csv", "set,system,code,match\nm,rxnorm,1,\nm,set,alpha,remove\n", 3, "does not have it"},
    {"VG315", "sets/more.csv", "set,system,code,match\nm,icd10cm,E11,prefix\nm,icd10cm,I10,remove\n", 3, "does not have it"},
    {"VG316", "sets/more.csv", "set,system,code,preferred\nm,rxnorm,1,yes\nm,rxnorm,2,yes\n", 3, "the first one counts"},
    {"VG317", "sets/more.csv", "set,system,code\nfirst letter,rxnorm,2\n", 2, "synonym of the ingredient \"alpha\""},
    {"VG318", "sets/more.csv", "set,system,code\nm,rxnorm,1x\n", 2, "digits only"},
    {"VG318", "sets/more.csv", "set,system,code\nm,icd10cm,11.9\n", 2, "E11.65"},
    {"VG318", "tables/interactions.csv", INTERACTION_HEADER "x y,alpha,beta,info,draft,e,,\n", 2, "without blanks"},
    {"VG320", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,beta,info,draft,e,,\nx,alpha,gamma,info,draft,e,,\n", 3,
     "line 2"},
    {"VG321", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,,info,draft,e,,\n", 2, "has no b"},
    {"VG321", "tables/interactions.csv", INTERACTION_HEADER ",alpha,beta,info,draft,e,,\n", 2, "The column \"id\" is empty"},
    {"VG321", "tables/drug_lab_disease.csv", "id,drug,kind,severity,status\nx,alpha,lab,info,draft\n", 2, "has no subject"},
    {"VG321", "tables/drug_lab_disease.csv", "id,drug,kind,severity,status,limit\nx,alpha,age,info,draft,65 years\n", 2,
     "has no comparison"},
    {"VG321", "tables/drug_lab_disease.csv", "id,drug,kind,severity,status,comparison\nx,alpha,age,info,draft,above\n", 2,
     "has no limit"},
    {"VG322", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,beta,major,draft,e,,\n", 2, "info, warning or critical"},
    {"VG322", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,beta,silent,draft,e,,\n", 2, "info, warning or critical"},
    {"VG323", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,beta,info,on,e,,\n", 2,
     "draft, shadow, active or retired"},
    {"VG324", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,beta,info,draft,e,,two weeks\n", 2, "60 days"},
    {"VG325", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,beta,info,draft,e,2027-13-01,\n", 2, "2027-09-01"},
    {"VG325", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,beta,info,draft,e,2027-09,\n", 2, "2027-09-01"},
    {"VG326", "tables/max_daily_dose.csv", "id,ingredient,limit,severity,status\nx,alpha,much,info,draft\n", 2, "65 years"},
    {"VG326", "tables/max_daily_dose.csv", "id,ingredient,limit,severity,status\nx,alpha,4 gg,info,draft\n", 2, "65 years"},
    {"VG326", "tables/duplicate_therapy.csv", "id,class,at_most,severity,status\nx,alpha,one,info,draft\n", 2, "whole number"},
    {"VG326", "tables/analytes.csv", "set,molar_mass\nalpha,-1\n", 2, "above 0"},
    {"VG326", "tables/analytes.csv", "set,unit\nalpha,furlong\n", 2, "mg/dL"},
    {"VG327", "tables/retest_intervals.csv", "id,test,interval,setting,severity,status\nx,alpha,1 day,ward,info,draft\n", 2,
     "inpatient"},
    {"VG327", "tables/max_daily_dose.csv", "id,ingredient,limit,route,severity,status\nx,alpha,4 g,mouth,info,draft\n", 2,
     "systemic"},
    {"VG327", "tables/allergens.csv", "system,code,kind\nsnomed,1,allergy\n", 2, "negated"},
    {"VG327", "sets/more.csv", "set,system,code,preferred\nm,rxnorm,1,1\n", 2, "yes, no"},
    {"VG328", "tables/interactions.csv", INTERACTION_HEADER "x,alpha,beta,info,active,,,\n", 2, "names no source"},
    {"VG329", "tables/interactions.csv", "id,a,b,severity,status,silences\nx,alpha,beta,info,draft,y x\n", 2, "silences \"y\""},
    {"VG330", "tables/pair_cases.csv", "row,order,if,say\nnone,1,d,s\n", 2, "\"none\", which does not exist"},
    {"VG340", "tables/products.csv", "rxcui,name,ingredients\n1,alpha tablet,1\n", 2, "ingredient or a salt"},
    {"VG341", "tables/products.csv", "rxcui,name,ingredients\n90,delta tablet,77 1 78\n", 0, "77 78"},
    {"VG342", "tables/products.csv", "rxcui,name,ingredients,strengths\n90,alpha tablet,1,5 mg; 6 mg\n", 2,
     "doses are not known"},
    {"VG342", "tables/products.csv", "rxcui,name,ingredients,strengths\n90,alpha tablet,1,5 furlongs\n", 2,
     "doses are not known"},
    {"VG344", "tables/ingredients.csv", "rxcui,name,synonyms\n1,alpha,first letter\n2,beta,\n3,gamma,\n4,Beta,\n", 5,
     "one set stands for both"},
    {"VG345", "tables/ingredients.csv", "rxcui,name,synonyms\n1,alpha,letter; first letter\n2,beta,Letter\n3,gamma,\n", 3,
     "finds neither"},
    {"VG347", "tables/allergens.csv", "system,code,name,kind\nsnomed,1,dust,class\n", 2, "\"dust\" stands for no set"},
};

static test_folder good_pack(void)
{
	test_folder folder = folder_make();
	folder_text(&folder, "tables/ingredients.csv", "rxcui,name,synonyms\n1,alpha,first letter\n2,beta,\n3,gamma,\n");
	folder_text(&folder, "tables/cross_reactivity.csv",
		    "id,allergen,drug,severity,status,evidence\ngood,alpha,beta,info,active,a source\n");
	return folder;
}

static bool tells(const vigil_finding *finding, const trial *t, const char *file)
{
	return strcmp(finding->code, t->code) == 0 && finding->line == t->line &&
	       (t->line == 0 || strcmp(finding->file, file) == 0) &&
	       (strstr(finding->text, t->says) || (finding->advice && strstr(finding->advice, t->says)));
}

static void each_is_told_where_it_is(void)
{
	for (size_t i = 0; i < VG_COUNT(trials); i++) {
		const trial *t = &trials[i];
		test_folder folder = good_pack();
		char file[128];
		size_t errors = 0;
		bool told = false;
		folder_text(&folder, t->file, t->text);
		snprintf(file, sizeof file, "%s/%s", folder.path, t->file);
		test_world world = world_open(folder.path, NULL, (test_options){0});
		CHECK(world.knowledge != NULL, "%s: the pack cannot be opened: %s", t->code, world.error.text);
		for (size_t j = 0; j < world.findings.count; j++) {
			told = told || tells(&world.findings.items[j], t, file);
			errors +=
			    world.findings.items[j].level == VIGIL_ERROR && strcmp(world.findings.items[j].code, t->code) != 0;
		}
		CHECK(told, "%s is not told of line %d of\n%s\n(the first of %zu findings: %s:%d %s)", t->code, t->line,
		      t->text, world.findings.count, world.findings.count ? world.findings.items[0].code : "",
		      world.findings.count ? world.findings.items[0].line : 0,
		      world.findings.count ? world.findings.items[0].text : "");
		CHECK(errors == 0 || strcmp(t->code, "VG304") == 0, "%s: an error of another kind is told of\n%s", t->code,
		      t->text);
		if (world.knowledge)
			CHECK(vg_pair_find_id(world.knowledge, VG_CROSS_REACTIVITY, "good") != UINT32_MAX,
			      "%s: a good row was lost", t->code);
		world_close(&world);
		folder_remove(&folder);
	}
}

static void a_good_pack_has_none(void)
{
	test_folder folder = good_pack();
	test_world world = world_open(folder.path, NULL, (test_options){0});
	CHECK(world.findings.count == 0, "%s", world.findings.count ? world.findings.items[0].text : "");
	world_close(&world);
	folder_remove(&folder);
	world = world_open(BASE_PACK, SITE_PACK, (test_options){0});
	CHECK(world.findings.count == world_count(&world, "VG341"), "%s",
	      world.findings.count ? world.findings.items[0].text : "");
	world_close(&world);
}

/* The codes that tell of files are tried where files are: here, in test_store.c and below. */
static void every_code_is_tried(void)
{
	static const char *const elsewhere[] = {"VG307", "VG309", "VG350", "VG351", "VG352"};
	for (int code = 0; code < VG_FINDING_CODES; code++) {
		const char *name = vg_finding_kind_of((vg_finding_code)code)->code;
		bool tried = strncmp(name, "VG3", 3) != 0;
		for (size_t i = 0; i < VG_COUNT(trials) && !tried; i++)
			tried = strcmp(trials[i].code, name) == 0;
		for (size_t i = 0; i < VG_COUNT(elsewhere) && !tried; i++)
			tried = strcmp(elsewhere[i], name) == 0;
		CHECK(tried, "no test has the finding %s", name);
	}
}

/* Of many findings of one code the first are listed, and the rest is counted. */
static void many_findings_are_counted(void)
{
	static char text[64000];
	size_t used = (size_t)snprintf(text, sizeof text, INTERACTION_HEADER);
	for (int i = 0; i < 1000; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "r%d,alpha,nothing %d,info,draft,e,,\n", i, i);
	test_folder folder = good_pack();
	folder_text(&folder, "tables/interactions.csv", text);
	test_world world = world_open(folder.path, NULL, (test_options){0});
	CHECK(world_count(&world, "VG310") == VG_FINDINGS_OF_A_CODE + 1, "%zu findings are listed",
	      world_count(&world, "VG310"));
	CHECK(world.findings.count && strstr(world.findings.items[0].text, "800 more findings"), "the rest is not counted: %s",
	      world.findings.count ? world.findings.items[0].text : "");
	CHECK(world.knowledge && vg_pair_count(world.knowledge, VG_INTERACTIONS) == 0, "rows with unknown sets are in");
	world_close(&world);
	folder_remove(&folder);
}

static void files_that_cannot_be_read(void)
{
	char path[128];
	test_folder folder = good_pack();
	folder_text(&folder, "tables/interactions.csv", INTERACTION_HEADER "x,alpha,beta,info,draft,e,,\n");
	snprintf(path, sizeof path, "%s/tables/interactions.csv", folder.path);
	CHECK(truncate(path, ((off_t)1 << 30) + 1) == 0, "the file cannot be made larger");
	test_world world = world_open(folder.path, NULL, (test_options){0});
	const vigil_finding *finding = world_finding(&world, "VG309");
	CHECK(finding && strcmp(finding->file, path) == 0, "a file of more than 1 GiB is not told");
	CHECK(world.knowledge && vg_pair_count(world.knowledge, VG_INTERACTIONS) == 0, "it was read");
	CHECK(world.knowledge && vg_pair_count(world.knowledge, VG_CROSS_REACTIVITY) == 1, "another table was lost");
	world_close(&world);
	CHECK(unlink(path) == 0 && symlink("nowhere", path) == 0, "the file cannot be replaced");
	world = world_open(folder.path, NULL, (test_options){0});
	CHECK(world.status == VIGIL_BAD_RULES && strstr(world.error.text, "interactions.csv"),
	      "a link to nowhere: status %d, %s", world.status, world.error.text);
	world_close(&world);
	folder_remove(&folder);
}

static void a_misspelt_cell_leaves_the_earlier_row(void)
{
	test_folder first = good_pack(), second = folder_make();
	folder_text(&second, "tables/cross_reactivity.csv", "id,severity\ngood,higher\n");
	test_world world = world_open(first.path, second.path, (test_options){0});
	vg_pair_row row;
	CHECK(world_finding(&world, "VG322") != NULL, "the slip is not told");
	if (world.knowledge) {
		vg_pair_get(world.knowledge, VG_CROSS_REACTIVITY, 0, &row);
		CHECK(row.severity == VIGIL_SEVERITY_INFO && row.status == VG_STATUS_ACTIVE && row.pack == 0,
		      "the slip changed the row");
	}
	world_close(&world);
	folder_remove(&first);
	folder_remove(&second);
}

static void rows_too_large(void)
{
	static char text[80000];
	size_t used = (size_t)snprintf(text, sizeof text, INTERACTION_HEADER "x,alpha,beta,info,draft,");
	memset(text + used, 'e', 70000);
	snprintf(text + used + 70000, sizeof text - used - 70000, ",,\ny,alpha,beta,info,draft,e,,\n");
	test_folder folder = good_pack();
	folder_text(&folder, "tables/interactions.csv", text);
	test_world world = world_open(folder.path, NULL, (test_options){0});
	CHECK(world_count(&world, "VG307") == 1, "a cell of 70,000 bytes is not told");
	CHECK(world.knowledge && vg_pair_count(world.knowledge, VG_INTERACTIONS) == 1, "the row behind it is lost");
	world_close(&world);
	folder_remove(&folder);
}

const test_case test_cases_finding[] = {
    {"each finding is told where it is, and costs nothing else", each_is_told_where_it_is},
    {"a good pack has none", a_good_pack_has_none},
    {"every code of the range is tried", every_code_is_tried},
    {"many findings of one code are counted", many_findings_are_counted},
    {"a file that cannot be read", files_that_cannot_be_read},
    {"a misspelt cell leaves the earlier layer's row as it was", a_misspelt_cell_leaves_the_earlier_row},
    {"rows that are too large", rows_too_large},
    {NULL, NULL},
};
