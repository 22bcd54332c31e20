/*
 * The closure against a slow one: random packs of ingredients, products,
 * sets with includes and ICD-10-CM prefixes, and for each code and set the
 * definition itself, worked out by recursion.
 */
#include "knowledge_tests.h"

#include <stdio.h>
#include <string.h>

enum { INGREDIENTS = 12, PRODUCTS = 20, SETS = 10, CODES = 30 };

typedef struct model {
	bool contains[PRODUCTS][INGREDIENTS];
	bool names_ingredient[SETS][INGREDIENTS], names_product[SETS][PRODUCTS];
	int includes[SETS]; /* a set of a smaller number; -1: none */
	char codes[CODES][8];
	enum { UNNAMED, EXACT, PREFIX } names_code[SETS][CODES];
} model;

static uint32_t seed;
static uint32_t pick(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static void make_model(model *m)
{
	memset(m, 0, sizeof *m);
	for (int p = 0; p < PRODUCTS; p++)
		for (uint32_t n = 1 + pick(3); n; n--)
			m->contains[p][pick(INGREDIENTS)] = true;
	for (int c = 0; c < CODES; c++) {
		size_t length = 1 + pick(4);
		m->codes[c][0] = 'A';
		for (size_t i = 1; i <= length; i++)
			m->codes[c][i] = (char)('0' + pick(2));
	}
	for (int s = 0; s < SETS; s++) {
		m->includes[s] = s && pick(2) ? (int)pick((uint32_t)s) : -1;
		m->names_ingredient[s][pick(INGREDIENTS)] = pick(3) > 0;
		m->names_product[s][pick(PRODUCTS)] = pick(3) > 0;
		for (int i = 0; i < 2; i++)
			m->names_code[s][pick(CODES)] = pick(2) ? EXACT : PREFIX;
		m->names_code[s][pick(CODES)] = EXACT; /* no set is empty */
	}
}

static void write_model(const model *m, const test_folder *folder)
{
	char text[16384];
	size_t used = (size_t)snprintf(text, sizeof text, "rxcui,name\n");
	for (int i = 0; i < INGREDIENTS; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%d,ingredient %d\n", 100 + i, i);
	folder_text(folder, "tables/ingredients.csv", text);
	used = (size_t)snprintf(text, sizeof text, "rxcui,name,ingredients\n");
	for (int p = 0; p < PRODUCTS; p++) {
		used += (size_t)snprintf(text + used, sizeof text - used, "%d,product %d,", 1000 + p, p);
		for (int i = 0; i < INGREDIENTS; i++)
			if (m->contains[p][i])
				used += (size_t)snprintf(text + used, sizeof text - used, "%d ", 100 + i);
		used += (size_t)snprintf(text + used, sizeof text - used, "\n");
	}
	folder_text(folder, "tables/products.csv", text);
	used = (size_t)snprintf(text, sizeof text, "set,system,code,match\n");
	for (int s = 0; s < SETS; s++) {
		if (m->includes[s] >= 0)
			used += (size_t)snprintf(text + used, sizeof text - used, "set %d,set,set %d,\n", s, m->includes[s]);
		for (int i = 0; i < INGREDIENTS; i++)
			if (m->names_ingredient[s][i])
				used += (size_t)snprintf(text + used, sizeof text - used, "set %d,rxnorm,%d,\n", s, 100 + i);
		for (int p = 0; p < PRODUCTS; p++)
			if (m->names_product[s][p])
				used += (size_t)snprintf(text + used, sizeof text - used, "set %d,rxnorm,%d,\n", s, 1000 + p);
		for (int c = 0; c < CODES; c++)
			if (m->names_code[s][c] != UNNAMED)
				used += (size_t)snprintf(text + used, sizeof text - used, "set %d,icd10cm,%s,%s\n", s,
							 m->codes[c], m->names_code[s][c] == PREFIX ? "prefix" : "");
	}
	folder_text(folder, "sets/all.csv", text);
}

static bool has_ingredient(const model *m, int set, int ingredient)
{
	return m->names_ingredient[set][ingredient] ||
	       (m->includes[set] >= 0 && has_ingredient(m, m->includes[set], ingredient));
}

static bool has_product(const model *m, int set, int product)
{
	bool has = m->names_product[set][product] || (m->includes[set] >= 0 && has_product(m, m->includes[set], product));
	for (int i = 0; i < INGREDIENTS; i++)
		has = has || (m->contains[product][i] && has_ingredient(m, set, i));
	return has;
}

static bool has_code(const model *m, int set, const char *code)
{
	for (int c = 0; c < CODES; c++)
		if ((m->names_code[set][c] == EXACT && strcmp(m->codes[c], code) == 0) ||
		    (m->names_code[set][c] == PREFIX && strncmp(m->codes[c], code, strlen(m->codes[c])) == 0))
			return true;
	return m->includes[set] >= 0 && has_code(m, m->includes[set], code);
}

/* Two rows of one set and code are one row, of which the later counts: so does the later of equal random codes. */
static void join_equal_codes(model *m)
{
	for (int s = 0; s < SETS; s++)
		for (int a = 0; a < CODES; a++)
			for (int b = a + 1; b < CODES; b++)
				if (strcmp(m->codes[a], m->codes[b]) == 0 && m->names_code[s][a] != UNNAMED &&
				    m->names_code[s][b] != UNNAMED)
					m->names_code[s][b] = m->names_code[s][a] =
					    m->names_code[s][a] == PREFIX || m->names_code[s][b] == PREFIX ? PREFIX : EXACT;
}

static void compare(const model *m, const vg_knowledge *k, uint32_t round)
{
	for (int s = 0; s < SETS; s++) {
		char name[16], code[16];
		snprintf(name, sizeof name, "set %d", s);
		vg_set set = vg_set_find(k, name);
		CHECK(set != 0, "round %u: there is no \"%s\"", round, name);
		for (int i = 0; i < INGREDIENTS; i++) {
			snprintf(code, sizeof code, "%d", 100 + i);
			CHECK(vg_set_has(k, set, vg_concept_find(k, "rxnorm", code)) == has_ingredient(m, s, i),
			      "round %u: ingredient %d and %s", round, i, name);
		}
		for (int p = 0; p < PRODUCTS; p++) {
			snprintf(code, sizeof code, "%d", 1000 + p);
			CHECK(vg_set_has(k, set, vg_concept_find(k, "rxnorm", code)) == has_product(m, s, p),
			      "round %u: product %d and %s", round, p, name);
		}
		for (int c = 0; c < CODES; c++) {
			char room[VG_CODE_SIZE];
			vg_concept concept =
			    vg_concept_exact(k, VG_SYSTEM_ICD10CM, vg_canonical_code(VG_SYSTEM_ICD10CM, m->codes[c], room));
			if (concept)
				CHECK(vg_set_has(k, set, concept) == has_code(m, s, m->codes[c]), "round %u: code %s and %s",
				      round, m->codes[c], name);
		}
	}
}

static void closure_is_the_definition(void)
{
	for (uint32_t round = 1; round <= 40; round++) {
		model m;
		seed = round;
		make_model(&m);
		join_equal_codes(&m);
		test_folder folder = folder_make();
		write_model(&m, &folder);
		test_world world = world_open(folder.path, NULL, (test_options){0});
		CHECK(world.knowledge && world.findings.errors == 0, "round %u: %s", round,
		      world.findings.count ? world.findings.items[0].text : world.error.text);
		if (world.knowledge)
			compare(&m, world.knowledge, round);
		world_close(&world);
		folder_remove(&folder);
	}
}

const test_case test_cases_closure[] = {
    {"forty random packs: every membership is as defined, and no other", closure_is_the_definition},
    {NULL, NULL},
};
