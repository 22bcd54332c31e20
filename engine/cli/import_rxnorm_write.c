/*
 * What an import of RxNorm writes: ingredients with their salts, synonyms and
 * UNIIs, products with their ingredients, strengths and dose forms, and package
 * codes.  A concept's ingredients are those of the first kind of neighbour that
 * it has, in the order of vg_rxnorm_steps.
 */
#include "cli/import_rxnorm.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_PARTS = 256 };

/* ---- ingredients and strengths --------------------------------------------------------------------- */

typedef struct parts {
	const vg_rxnorm_concept *ingredients[MOST_PARTS];
	const char *strengths[MOST_PARTS]; /* as RxNorm writes them; NULL: not known */
	size_t count;
	bool too_many;
	bool exact; /* each with its strength: not a pack, nor joined from several products */
} parts;

static void add_part(parts *p, const vg_rxnorm_concept *ingredient, const char *strength)
{
	for (size_t i = 0; i < p->count && !strength; i++)
		if (p->ingredients[i] == ingredient)
			return;
	if (p->count == MOST_PARTS) {
		p->too_many = true;
		return;
	}
	p->ingredients[p->count] = ingredient;
	p->strengths[p->count++] = strength;
}

/* "warfarin sodium 5 MG" says the strength at its end, should the attribute be missing. */
static const char *strength_of(const vg_rxnorm_concept *component)
{
	const char *name = component->name, *at = name + strlen(name);
	if (component->strength)
		return component->strength;
	for (int words = 0; at > name && words < 2; words += *at == ' ')
		at--;
	return at > name && at[1] >= '0' && at[1] <= '9' ? at + 1 : NULL;
}

static void gather(const vg_rxnorm *r, const vg_rxnorm_concept *of, const char *strength, int depth, parts *p)
{
	if (of->type == TTY_IN) {
		add_part(p, of, strength);
		return;
	}
	if (of->type == TTY_SCDC)
		strength = strength_of(of);
	uint32_t own = (uint32_t)(of - r->concepts);
	size_t before = p->count;
	for (size_t i = 0; i < VG_RXNORM_STEPS && depth < 8 && p->count == before; i++) {
		if (vg_rxnorm_steps[i].of != of->type)
			continue;
		for (size_t j = of->first; j < r->edge_count && r->edges[j].from == own; j++) {
			const vg_rxnorm_concept *next = &r->concepts[r->edges[j].to];
			if (next->type == vg_rxnorm_steps[i].first || next->type == vg_rxnorm_steps[i].also)
				gather(r, next, strength, depth + 1, p);
		}
	}
}

static bool is_product(const vg_rxnorm_concept *of) { return of->type >= TTY_MIN && of->type <= TTY_BPCK; }

static void parts_of(const vg_rxnorm *r, const vg_rxnorm_concept *of, parts *ret)
{
	*ret = (parts){.count = 0};
	gather(r, of, NULL, 0, ret);
	if (ret->too_many) { /* half of a drug is worse than none: it is left out, and counted */
		*ret = (parts){.count = 0};
		return;
	}
	ret->exact = of->type == TTY_SCD || of->type == TTY_SBD || of->type == TTY_SCDC || of->type == TTY_SBDC;
	if (ret->exact)
		return;
	parts once = {.count = 0};
	for (size_t i = 0; i < ret->count; i++)
		add_part(&once, ret->ingredients[i], NULL);
	*ret = once;
}

/* "5 MG" and "0.4 MG/ML" in the words of tables/products.csv; false when a unit is not one that Vigil counts. */
static bool add_strength(vg_buffer *out, const char *text)
{
	static const struct {
		const char *theirs, *ours;
		bool amount;
	} units[] = {{"MG", "mg", true},     {"MCG", "ug", true},   {"G", "g", true},
		     {"ML", "mL", true},     {"UNT", "[iU]", true}, {"MEQ", "meq", true},
		     {"MMOL", "mmol", true}, {"HR", "h", false},    {"ACTUAT", "actuation", false}};
	size_t digits = strspn(text, "0123456789."), length, start = out->length;
	if (!digits || text[digits] != ' ')
		return false;
	vg_add_bytes(out, text, digits);
	text += digits + 1;
	for (bool first = true; first || *text; first = false) {
		size_t i = 0;
		length = strcspn(text, "/");
		while (i < VG_COUNT(units) && (strlen(units[i].theirs) != length || memcmp(units[i].theirs, text, length) != 0))
			i++;
		bool known = i < VG_COUNT(units) && (!first || units[i].amount);
		if (!known || (!first && text[length])) {
			out->length = start;
			out->text[start] = '\0';
			return false;
		}
		vg_addf(out, "%s%s", first ? " " : " / 1 ", units[i].ours);
		text += length + (text[length] == '/');
	}
	return true;
}

/* ---- writing ------------------------------------------------------------------------------------------ */

static const char *form_of(const vg_rxnorm *r, const vg_rxnorm_concept *of, vg_arena *arena)
{
	uint32_t own = (uint32_t)(of - r->concepts);
	for (size_t i = of->first; i < r->edge_count && r->edges[i].from == own; i++) {
		const vg_rxnorm_concept *form = &r->concepts[r->edges[i].to];
		if (form->type != TTY_DF && form->type != TTY_DFG)
			continue;
		char *text = vg_copy_text(arena, form->name, strlen(form->name));
		for (char *at = text; at && *at; at++)
			*at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
		return text;
	}
	return "";
}

static bool write_product(const vg_rxnorm *r, const vg_rxnorm_concept *of, FILE *stream, vg_arena *scratch)
{
	parts p;
	vg_buffer codes, strengths;
	char code[16];
	bool all = true;
	parts_of(r, of, &p);
	vg_buffer_init(&codes, scratch);
	vg_buffer_init(&strengths, scratch);
	vg_add(&strengths, "");
	for (size_t i = 0; i < p.count; i++) {
		vg_addf(&codes, "%s%u", i ? " " : "", p.ingredients[i]->code);
		vg_add(&strengths, i ? "; " : "");
		all = p.exact && p.strengths[i] && strengths.text && add_strength(&strengths, p.strengths[i]) && all;
	}
	const char *form = form_of(r, of, scratch);
	if (codes.failed || strengths.failed || !form)
		return false;
	/* Strengths that are not all known would be summed up wrongly where two salts are one ingredient. */
	snprintf(code, sizeof code, "%u", of->code);
	const char *const cells[] = {
	    code, vg_rxnorm_types[of->type], of->name, codes.text, all ? strengths.text : "", form, "RxNorm", "imported"};
	vg_import_row(stream, cells, VG_COUNT(cells));
	return true;
}

/* The codes or texts that belong to an ingredient: its own and, for UNIIs, those of its salts. */
static bool write_ingredients(const vg_rxnorm *r, FILE *stream, vg_arena *scratch)
{
	vg_buffer *salts = vg_alloc_array(scratch, r->concept_count + 1, sizeof *salts);
	vg_buffer *synonyms = vg_alloc_array(scratch, r->concept_count + 1, sizeof *synonyms);
	vg_buffer *uniis = vg_alloc_array(scratch, r->concept_count + 1, sizeof *uniis);
	char code[16];
	if (!salts || !synonyms || !uniis)
		return false;
	for (size_t i = 0; i < r->concept_count; i++) {
		vg_buffer_init(&salts[i], scratch);
		vg_buffer_init(&synonyms[i], scratch);
		vg_buffer_init(&uniis[i], scratch);
	}
	for (size_t i = 0; i < r->edge_count; i++)
		if (r->concepts[r->edges[i].from].type == TTY_PIN)
			vg_addf(&salts[r->edges[i].to], "%s%u", salts[r->edges[i].to].length ? " " : "",
				r->concepts[r->edges[i].from].code);
	for (size_t i = 0; i < r->label_count; i++) {
		parts p;
		parts_of(r, &r->concepts[r->labels[i].concept], &p);
		for (size_t j = 0; j < p.count; j++) {
			size_t of = (size_t)(p.ingredients[j] - r->concepts);
			vg_buffer *list = r->labels[i].unii ? &uniis[of] : &synonyms[of];
			vg_addf(list, "%s%s", !list->length ? "" : r->labels[i].unii ? " " : "; ", r->labels[i].text);
		}
	}
	for (size_t i = 0; i < r->concept_count; i++) {
		if (r->concepts[i].type != TTY_IN)
			continue;
		snprintf(code, sizeof code, "%u", r->concepts[i].code);
		const char *const cells[] = {code,
					     r->concepts[i].name,
					     vg_buffer_text(&salts[i]),
					     vg_buffer_text(&synonyms[i]),
					     vg_buffer_text(&uniis[i]),
					     "RxNorm",
					     "imported"};
		vg_import_row(stream, cells, VG_COUNT(cells));
	}
	return !scratch->failed;
}

vg_rxnorm_counts vg_rxnorm_count(const vg_rxnorm *r)
{
	vg_rxnorm_counts c = {0};
	for (size_t i = 0; i < r->concept_count; i++) {
		parts p;
		c.ingredients += r->concepts[i].type == TTY_IN;
		if (!is_product(&r->concepts[i]))
			continue;
		parts_of(r, &r->concepts[i], &p);
		c.products += p.count > 0;
		c.left_out += p.count == 0;
	}
	return c;
}

static void write_packages(const vg_rxnorm *r, FILE *stream)
{
	uint64_t last = 0;
	for (size_t i = 0; i < r->package_count; i++) {
		char code[24], means[16];
		if (r->packages[i].code == last)
			continue;
		last = r->packages[i].code;
		snprintf(code, sizeof code, "%011llu", (unsigned long long)last);
		snprintf(means, sizeof means, "%u", r->concepts[r->packages[i].concept].code);
		const char *const cells[] = {"ndc", code, "rxnorm", means, "RxNorm", "imported"};
		vg_import_row(stream, cells, VG_COUNT(cells));
	}
}

enum { INGREDIENTS, PACKAGES, PRODUCTS, FILES };

static bool write_files(const vg_rxnorm *r, vg_import_file files[FILES], const vg_rxnorm_counts *c)
{
	static const char *const columns[FILES][8] = {
	    {"rxcui", "name", "salts", "synonyms", "unii", "source", "verified"},
	    {"system", "code", "to_system", "to_code", "source", "verified"},
	    {"rxcui", "tty", "name", "ingredients", "strengths", "form", "source", "verified"}};
	static const size_t widths[FILES] = {7, 6, 8};
	static const char *const what[FILES] = {"ingredients", "package codes", "products"};
	const size_t numbers[FILES] = {c->ingredients, c->packages, c->products};
	vg_arena scratch;
	vg_arena_init(&scratch, &vg_system_allocator, 0);
	for (size_t i = 0; i < FILES; i++) {
		vg_import_head(&files[i], "rxnorm", r->folder, numbers[i], what[i]);
		vg_import_row(files[i].stream, columns[i], widths[i]);
	}
	bool fine = write_ingredients(r, files[INGREDIENTS].stream, &scratch);
	write_packages(r, files[PACKAGES].stream);
	for (size_t i = 0; i < r->concept_count && fine; i++) {
		parts p;
		parts_of(r, &r->concepts[i], &p);
		vg_arena_reset(&scratch);
		if (is_product(&r->concepts[i]) && p.count)
			fine = write_product(r, &r->concepts[i], files[PRODUCTS].stream, &scratch);
	}
	vg_arena_free(&scratch);
	return fine;
}

vigil_status vg_rxnorm_write(const vg_rxnorm *r, const char *folder, const vg_rxnorm_counts *c, vigil_error *err)
{
	static const char *const names[FILES] = {"tables/ingredients.csv", "tables/code_map.rxnorm.csv", "tables/products.csv"};
	vg_import_file files[FILES] = {{0}};
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; i < FILES && status == VIGIL_OK; i++)
		status = vg_import_begin(r->cli, folder, names[i], &files[i], err);
	if (status == VIGIL_OK && !write_files(r, files, c))
		status = vg_fail_memory(err);
	if (status == VIGIL_OK)
		status = vg_import_finish_all(r->cli, files, FILES, err);
	for (size_t i = 0; i < FILES; i++)
		vg_import_abandon(&files[i]);
	return status;
}
