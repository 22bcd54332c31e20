/* Ingredients, strengths, routes and packs. */
#include "knowledge_tests.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *ingredients(const char *code)
{
	const vg_knowledge *k = base_knowledge();
	return concept_names(k, vg_drug_ingredients(k, rx(k, code)));
}

static void knows_ingredients(void)
{
	const vg_knowledge *k = base_knowledge();
	CHECK_TEXT(ingredients("11289"), "warfarin");  /* itself */
	CHECK_TEXT(ingredients("114194"), "warfarin"); /* a salt */
	CHECK_TEXT(ingredients("855332"), "warfarin");
	CHECK_TEXT(ingredients("308297"), "aspirin, acetaminophen, caffeine"); /* in order of their numbers */
	CHECK_TEXT(ingredients("1000001"), "amoxicillin, clarithromycin, lansoprazole");
	CHECK_TEXT(ingredients("861009"), "amphetamine"); /* two salts of one ingredient */
	CHECK(vg_drug_ingredients(k, vg_concept_find(k, "loinc", "4548-4")).count == 0, "a test has ingredients");
	vg_concept aluminum = vg_drug_ingredients(k, rx(k, "861010")).ids[0];
	CHECK_TEXT(vg_concept_code(k, aluminum), "612"); /* known although no row names it */
	CHECK(vg_ingredient_set(k, aluminum) == 0, "an ingredient without a row has a set");
	CHECK(vg_ingredient_set(k, rx(k, "5640")) == set_of(k, "ibuprofen"), "ibuprofen's set is not its own");
	CHECK(vg_ingredient_set(k, rx(k, "310965")) == 0, "a product has an ingredient's set");
}

static void check_strength(const char *code, size_t index, double amount, const char *unit, double per, const char *per_unit)
{
	const vg_knowledge *k = base_knowledge();
	const vg_strength *strengths = vg_drug_strengths(k, rx(k, code));
	CHECK(strengths != NULL, "%s has no strengths", code);
	if (!strengths)
		return;
	CHECK(fabs(strengths[index].amount - amount) < 1e-9 && fabs(strengths[index].per - per) < 1e-9, "%s: %g per %g", code,
	      strengths[index].amount, strengths[index].per);
	CHECK_TEXT(strengths[index].unit, unit);
	CHECK_TEXT(strengths[index].per_unit, per_unit);
}

static void knows_strengths(void)
{
	const vg_knowledge *k = base_knowledge();
	check_strength("310965", 0, 200, "mg", 1, NULL);
	check_strength("197803", 0, 100, "mg", 5, "mL");
	check_strength("861007", 0, 500, "mg", 1, NULL); /* 0.5 g */
	check_strength("861009", 0, 5, "mg", 1, NULL);   /* 2.5 mg and 2500 mcg of the same ingredient */
	check_strength("198029", 0, 0.875, "mg", 1, "h");
	check_strength("861011", 0, 1000000, "[iU]", 1, "mL");
	check_strength("308297", 0, 250, "mg", 1, NULL); /* aspirin: strengths stand beside the sorted ingredients */
	check_strength("308297", 2, 65, "mg", 1, NULL);  /* caffeine */
	CHECK(vg_drug_strengths(k, rx(k, "259966")) == NULL, "a product without strengths has some");
	CHECK(vg_drug_strengths(k, rx(k, "5640")) == NULL, "an ingredient has a strength");
	CHECK(vg_drug_strengths(k, rx(k, "310965")) != vg_drug_strengths(k, rx(k, "197803")), "two strengths are one");
}

/* What does not add up is unknown, and what is unknown is said once. */
static void doubtful_products(void)
{
	static char many[4000];
	size_t used = (size_t)snprintf(many, sizeof many,
				       "rxcui,name,ingredients,strengths\n90,two salts,11 12,5 mg; 5 mL\n"
				       "91,one known,1 2,5 mg;\n92,no number,1,5.5.5 mg\n93,no unit,1,5 Cel\n"
				       "94,a shared salt,13,\n95,no amount,1,mg / 0 mL\n96,a piece,1,5 mg / tablet\n");
	for (int i = 0; i < 100; i++)
		used += (size_t)snprintf(many + used, sizeof many - used, "%d,product %d,%d,\n", 1000 + i, i, 5000 + i);
	test_folder folder = folder_make();
	folder_text(&folder, "tables/ingredients.csv", "rxcui,name,salts\n1,alpha,11 12 13 \n2,beta,13\n");
	folder_text(&folder, "tables/products.csv", many);
	test_world world = world_open(folder.path, NULL, (test_options){0});
	const vg_knowledge *k = world.knowledge;
	CHECK(k != NULL, "%s", world.error.text);
	if (k) {
		CHECK(vg_drug_strengths(k, rx(k, "90")) == NULL, "5 mg and 5 mL of one ingredient add up");
		CHECK_TEXT(concept_names(k, vg_drug_ingredients(k, rx(k, "90"))), "alpha");
		const vg_strength *half = vg_drug_strengths(k, rx(k, "91"));
		CHECK(half && half[0].amount > 4.9 && !(half[1].amount > 0), "one of two strengths is not known");
		CHECK(!vg_drug_strengths(k, rx(k, "92")) && !vg_drug_strengths(k, rx(k, "93")) &&
			  !vg_drug_strengths(k, rx(k, "95")),
		      "what cannot be read is known");
		CHECK(world_count(&world, "VG342") == 3, "%zu strengths are told", world_count(&world, "VG342"));
		CHECK_TEXT(concept_names(k, vg_drug_ingredients(k, rx(k, "13"))),
			   "alpha, beta"); /* a salt in two rows means both */
		CHECK_TEXT(concept_names(k, vg_drug_ingredients(k, rx(k, "94"))), "alpha, beta");
		const vg_strength *piece = vg_drug_strengths(k, rx(k, "96"));
		CHECK(piece && piece[0].per_unit == NULL, "a tablet is no piece");
		const vigil_finding *unknown = world_finding(&world, "VG341");
		CHECK(unknown && strstr(unknown->text, "5000 5001") && strstr(unknown->text, "...") &&
			  strlen(unknown->text) < 400,
		      "a hundred unknown ingredients: %s", unknown ? unknown->text : "not told");
	}
	world_close(&world);
	folder_remove(&folder);
}

static void knows_routes_of_products(void)
{
	const vg_knowledge *k = base_knowledge();
	CHECK(vg_drug_route(k, rx(k, "310965")) == VG_ROUTE_ORAL, "a dose form");
	CHECK(vg_drug_route(k, rx(k, "855332")) == VG_ROUTE_ORAL, "the tail of a name");
	CHECK(vg_drug_route(k, rx(k, "259966")) == VG_ROUTE_TOPICAL, "a gel");
	CHECK(vg_drug_route(k, rx(k, "198029")) == VG_ROUTE_TRANSDERMAL, "a patch");
	CHECK(vg_drug_route(k, rx(k, "861011")) == VG_ROUTE_INJECTED, "an injection");
	CHECK(vg_drug_route(k, rx(k, "1000001")) == VG_ROUTE_ORAL, "a pack of oral drugs");
	CHECK(vg_drug_route(k, rx(k, "5640")) == VG_ROUTE_UNKNOWN, "an ingredient has no route");
	CHECK(vg_drug_is_pack(k, rx(k, "1000001")) && vg_drug_is_pack(k, rx(k, "1000002")), "a pack is none");
	CHECK(!vg_drug_is_pack(k, rx(k, "310965")), "a tablet is a pack");
}

static void reads_dose_forms(void)
{
	static const struct {
		const char *form;
		vg_route route;
	} forms[] = {
	    {"Oral Tablet", VG_ROUTE_ORAL},
	    {"Extended Release Oral Capsule", VG_ROUTE_ORAL},
	    {"Chewable Tablet", VG_ROUTE_ORAL},
	    {"Sublingual Film", VG_ROUTE_ORAL},
	    {"Mucosal Spray", VG_ROUTE_ORAL},
	    {"Extended Release Suspension", VG_ROUTE_ORAL},
	    {"miconazole 20 MG/ML Oral Gel", VG_ROUTE_ORAL},
	    {"Injectable Solution", VG_ROUTE_INJECTED},
	    {"Injection", VG_ROUTE_INJECTED},
	    {"Prefilled Syringe", VG_ROUTE_INJECTED},
	    {"Auto-Injector", VG_ROUTE_INJECTED},
	    {"Pen Injector", VG_ROUTE_INJECTED},
	    {"Drug Implant", VG_ROUTE_INJECTED},
	    {"Transdermal System", VG_ROUTE_TRANSDERMAL},
	    {"24hr nicotine transdermal patch", VG_ROUTE_TRANSDERMAL},
	    {"Medicated Patch", VG_ROUTE_TOPICAL},
	    {"Topical Cream", VG_ROUTE_TOPICAL},
	    {"Medicated Shampoo", VG_ROUTE_TOPICAL},
	    {"Rectal Suppository", VG_ROUTE_RECTAL},
	    {"Enema", VG_ROUTE_RECTAL},
	    {"Vaginal Cream", VG_ROUTE_VAGINAL},
	    {"Vaginal Insert", VG_ROUTE_VAGINAL},
	    {"Metered Dose Inhaler", VG_ROUTE_INHALED},
	    {"Inhalation Solution", VG_ROUTE_INHALED},
	    {"Metered Dose Nasal Spray", VG_ROUTE_NASAL},
	    {"Ophthalmic Solution", VG_ROUTE_OPHTHALMIC},
	    {"Ophthalmic Ointment", VG_ROUTE_OPHTHALMIC},
	    {"Otic Suspension", VG_ROUTE_OTIC},
	    {"Intrauterine System", VG_ROUTE_OTHER},
	    {"Irrigation Solution", VG_ROUTE_OTHER},
	    {"Solution", VG_ROUTE_UNKNOWN},
	    {"", VG_ROUTE_UNKNOWN},
	    {"cromolyn 40 MG/ML Solution [Nasal Relief]", VG_ROUTE_UNKNOWN}, /* a brand tells nothing */
	    {"orally disintegrating", VG_ROUTE_ORAL},
	    {"temporal", VG_ROUTE_UNKNOWN},         /* "oral" inside a word */
	    {"{ORAL TABLETS} Pack", VG_ROUTE_ORAL}, /* a pack without parts */
	    {"{1 (clotrimazole 100 MG Vaginal Insert) / 1 (clotrimazole 10 MG/ML Vaginal Cream) } Pack", VG_ROUTE_VAGINAL},
	    {"{1 (fluconazole 150 MG Oral Tablet) / 1 (miconazole 20 MG/ML Vaginal Cream) } Pack", VG_ROUTE_UNKNOWN},
	    {"{1 (x 1 MG/ML Topical Cream) / 1 (y 1 MG/ML Vaginal Cream) } Pack", VG_ROUTE_OTHER},
	};
	for (size_t i = 0; i < VG_COUNT(forms); i++)
		CHECK(vg_route_of_form(forms[i].form) == forms[i].route, "\"%s\" is %s", forms[i].form,
		      vg_route_name(vg_route_of_form(forms[i].form)));
}

static void knows_routes_by_code_and_name(void)
{
	CHECK(vg_route_of_code("http://snomed.info/sct", "26643006", NULL) == VG_ROUTE_ORAL, "SNOMED CT");
	CHECK(vg_route_of_code("http://snomed.info/sct", "6064005", "Topical route") == VG_ROUTE_TOPICAL, "SNOMED CT");
	CHECK(vg_route_of_code("http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration", "PO", NULL) == VG_ROUTE_ORAL,
	      "HL7");
	CHECK(vg_route_of_code("x", "unknown-code", "Intravenous route") == VG_ROUTE_INJECTED, "the text of an unknown code");
	CHECK(vg_route_of_code(NULL, NULL, "by mouth") == VG_ROUTE_ORAL, "a text alone");
	CHECK(vg_route_of_code(NULL, NULL, NULL) == VG_ROUTE_UNKNOWN, "nothing");
	for (int route = VG_ROUTE_UNKNOWN; route <= VG_ROUTE_OTHER; route++)
		CHECK(vg_route_of_name(vg_route_name((vg_route)route)) == (vg_route)route, "\"%s\" is not its own name",
		      vg_route_name((vg_route)route));
	CHECK(vg_route_of_name("systemic") == VG_ROUTE_UNKNOWN && vg_route_of_name("") == VG_ROUTE_UNKNOWN, "no route");
	CHECK(vg_route_systemic(VG_ROUTE_UNKNOWN) && vg_route_systemic(VG_ROUTE_ORAL) && vg_route_systemic(VG_ROUTE_RECTAL) &&
		  vg_route_systemic(VG_ROUTE_INJECTED) && vg_route_systemic(VG_ROUTE_TRANSDERMAL),
	      "a systemic route is none");
	for (int route = VG_ROUTE_VAGINAL; route <= VG_ROUTE_OTHER; route++)
		CHECK(!vg_route_systemic((vg_route)route), "%s is systemic", vg_route_name((vg_route)route));
}

const test_case test_cases_drug[] = {
    {"ingredients of products, salts and packs", knows_ingredients},
    {"strengths in mg, units and mL", knows_strengths},
    {"doubtful strengths and ingredients", doubtful_products},
    {"routes of products, and packs", knows_routes_of_products},
    {"routes from the words of dose forms", reads_dose_forms},
    {"routes by code, text and name", knows_routes_by_code_and_name},
    {NULL, NULL},
};
