/*
 * Importing RxNorm's release files: RXNCONSO.RRF (names), RXNREL.RRF
 * (relations) and RXNSAT.RRF (attributes), of the full release or of the
 * Current Prescribable Content, which have one form.
 *
 * The files are read line by line; kept are RxNorm's own concepts, one edge for
 * each relation that leads from a product towards its ingredients, and package
 * codes.  An edge is told by the term types of its two ends, so its direction
 * in the file does not matter.  A concept's ingredients are those of the first
 * kind of neighbour that it has, in the order of `paths`.
 *
 * A line without all its fields means a file that was cut off: nothing is
 * written then.  What has no ingredient is left out and counted.
 */
#include "cli/import.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PARTS = 64, MOST_FIELDS = 18, LINE_SIZE = 1 << 17 };

typedef enum term_type {
	TTY_IN,
	TTY_PIN,
	TTY_MIN,
	TTY_BN,
	TTY_SCDC,
	TTY_SBDC,
	TTY_SCDF,
	TTY_SBDF,
	TTY_SCDG,
	TTY_SBDG,
	TTY_SCD,
	TTY_SBD,
	TTY_GPCK,
	TTY_BPCK,
	TTY_DF,
	TTY_DFG,
	TTY_COUNT
} term_type;
static const char *const type_names[TTY_COUNT] = {"IN",   "PIN",  "MIN", "BN",  "SCDC", "SBDC", "SCDF", "SBDF",
						  "SCDG", "SBDG", "SCD", "SBD", "GPCK", "BPCK", "DF",   "DFG"};

/* Where a concept's ingredients are looked for: the first neighbours of these types that there are; `also` beside `first`. */
typedef struct step {
	term_type of, first, also;
} step;
static const step paths[] = {
    {TTY_PIN, TTY_IN, TTY_IN},      {TTY_MIN, TTY_IN, TTY_IN},      {TTY_BN, TTY_IN, TTY_IN},
    {TTY_BN, TTY_PIN, TTY_MIN},     {TTY_SCDC, TTY_IN, TTY_IN},     {TTY_SCDC, TTY_PIN, TTY_PIN},
    {TTY_SBDC, TTY_SCDC, TTY_SCDC}, {TTY_SCDF, TTY_IN, TTY_IN},     {TTY_SCDF, TTY_MIN, TTY_MIN},
    {TTY_SCDG, TTY_IN, TTY_IN},     {TTY_SCDG, TTY_MIN, TTY_MIN},   {TTY_SBDF, TTY_SCDF, TTY_SCDF},
    {TTY_SBDF, TTY_BN, TTY_BN},     {TTY_SBDG, TTY_SCDG, TTY_SCDG}, {TTY_SBDG, TTY_BN, TTY_BN},
    {TTY_SCD, TTY_SCDC, TTY_SCDC},  {TTY_SCD, TTY_MIN, TTY_MIN},    {TTY_SCD, TTY_SCDF, TTY_SCDF},
    {TTY_SBD, TTY_SCDC, TTY_SCDC},  {TTY_SBD, TTY_SCD, TTY_SCD},    {TTY_SBD, TTY_SBDC, TTY_SBDC},
    {TTY_GPCK, TTY_SCD, TTY_SCD},   {TTY_BPCK, TTY_SBD, TTY_SCD},   {TTY_BPCK, TTY_GPCK, TTY_GPCK},
};

typedef struct concept {
	uint32_t code, first; /* first: into the edges */
	uint8_t type;
	bool suppressed;
	const char *name, *strength;
}
concept;
typedef struct edge { /* indices of concepts */
	uint32_t from, to;
} edge;
typedef struct label { /* of an ingredient: a synonym, or a UNII */
	uint32_t concept;
	bool unii;
	const char *text;
} label;
typedef struct package {
	uint64_t code;
	uint32_t concept;
	bool suppressed;
} package;
typedef struct rxnorm {
	vg_cli *cli;
	vg_arena *arena;
	const char *folder;
	concept *concepts;
	edge *edges;
	label *labels;
	package *packages;
	size_t concept_count, concept_capacity, edge_count, edge_capacity, label_count, label_capacity, package_count,
	    package_capacity;
} rxnorm;

/* ---- files --------------------------------------------------------------------------------- */

typedef bool (*line_taker)(rxnorm *r, char *const *fields); /* false: memory ran out */

static vigil_status fail_at(vigil_error *err, const char *path, int line, const char *advice, const char *text)
{
	vg_fail(err, VIGIL_BAD_INPUT, advice, "%s", text);
	vg_error_place(err, path, line);
	return VIGIL_BAD_INPUT;
}

/* The file in the folder, or in its rrf/, as the release is unpacked. */
static FILE *open_file(rxnorm *r, const char *name, const char **ret_path, vigil_error *err)
{
	static const char *const places[] = {"", "rrf/", "prescribe/rrf/"};
	for (size_t i = 0; i < VG_COUNT(places); i++) {
		*ret_path = vg_format(r->arena, "%s/%s%s", r->folder, places[i], name);
		FILE *stream = *ret_path ? fopen(*ret_path, "re") : NULL;
		if (stream)
			return stream;
	}
	vg_fail(err, VIGIL_BAD_INPUT,
		"Unpack RxNorm's release and name the folder that holds RXNCONSO.RRF, RXNREL.RRF and RXNSAT.RRF.",
		"There is no readable %s in \"%s\".", name, r->folder);
	return NULL;
}

static bool split(char *line, char **fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		fields[i] = line;
		line = strchr(line, '|');
		if (!line)
			return false;
		*line++ = '\0';
	}
	return *line == '\0';
}

static vigil_status read_file(rxnorm *r, const char *name, size_t field_count, line_taker take, vigil_error *err)
{
	char *fields[MOST_FIELDS], *line = vg_alloc(r->arena, LINE_SIZE);
	const char *path;
	FILE *stream = line ? open_file(r, name, &path, err) : NULL;
	int number = 0;
	vigil_status status = VIGIL_OK;
	if (!stream)
		return line ? VIGIL_BAD_INPUT : vg_fail_memory(err);
	while (status == VIGIL_OK && fgets(line, LINE_SIZE, stream)) {
		size_t length = strlen(line);
		number++;
		bool whole = length && line[length - 1] == '\n';
		while (length && (line[length - 1] == '\n' || line[length - 1] == '\r'))
			line[--length] = '\0';
		if (!split(line, fields, field_count) || !whole)
			status = fail_at(err, path, number, "Unpack the release again; nothing was imported.",
					 vg_format(r->arena,
						   "The line does not have its %zu fields: the file was cut off or changed.",
						   field_count));
		else if (!take(r, fields))
			status = vg_fail_memory(err);
	}
	if (status == VIGIL_OK && ferror(stream))
		status = fail_at(err, path, number, "Copy it to another disk.", "The file cannot be read to its end.");
	if (status == VIGIL_OK && number == 0)
		status = fail_at(err, path, 0, "Unpack the release again; nothing was imported.", "The file is empty.");
	fclose(stream);
	return status;
}

/* ---- what is kept of them ------------------------------------------------------------------------ */

static uint32_t read_code(const char *text)
{
	char *end;
	unsigned long code = *text ? strtoul(text, &end, 10) : 0;
	return code && *end == '\0' && code < UINT32_MAX ? (uint32_t)code : 0;
}

static const concept *find(const rxnorm *r, const char *text)
{
	uint32_t code = read_code(text);
	size_t low = 0, high = r->concept_count;
	while (code && low < high) {
		size_t middle = low + (high - low) / 2;
		if (r->concepts[middle].code < code)
			low = middle + 1;
		else
			high = middle;
	}
	return code && low < r->concept_count && r->concepts[low].code == code ? &r->concepts[low] : NULL;
}

enum { CONSO_CODE = 0, CONSO_SOURCE = 11, CONSO_TYPE = 12, CONSO_SOURCE_CODE = 13, CONSO_NAME = 14, CONSO_SUPPRESS = 16 };

static bool take_concept(rxnorm *r, char *const *fields)
{
	size_t type = 0;
	uint32_t code = read_code(fields[CONSO_CODE]);
	if (!code || strcmp(fields[CONSO_SOURCE], "RXNORM") != 0 || fields[CONSO_SUPPRESS][0] == 'Y')
		return true;
	while (type < TTY_COUNT && strcmp(fields[CONSO_TYPE], type_names[type]) != 0)
		type++;
	if (type == TTY_COUNT)
		return true;
	concept *items = vg_grow(r->arena, r->concepts, r->concept_count, &r->concept_capacity, sizeof *items);
	if (!items)
		return false;
	r->concepts = items;
	const char *name = vg_copy_text(r->arena, fields[CONSO_NAME], strlen(fields[CONSO_NAME]));
	items[r->concept_count++] =
	    (concept){.code = code, .type = (uint8_t)type, .suppressed = fields[CONSO_SUPPRESS][0] != 'N', .name = name};
	return name != NULL;
}

/* Of two lines for one code the one that is not suppressed comes first and counts. */
static int by_code(const void *a, const void *b)
{
	const concept *x = a, *y = b;
	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	if (x->suppressed != y->suppressed)
		return x->suppressed ? 1 : -1;
	return (x->type > y->type) - (x->type < y->type);
}

static void sort_concepts(rxnorm *r)
{
	size_t kept = 0;
	if (r->concept_count)
		qsort(r->concepts, r->concept_count, sizeof *r->concepts, by_code);
	for (size_t i = 0; i < r->concept_count; i++)
		if (kept == 0 || r->concepts[kept - 1].code != r->concepts[i].code)
			r->concepts[kept++] = r->concepts[i];
	r->concept_count = kept;
}

static bool take_label(rxnorm *r, char *const *fields)
{
	bool unii = strcmp(fields[CONSO_SOURCE], "MTHSPL") == 0 && strcmp(fields[CONSO_TYPE], "SU") == 0 &&
		    strlen(fields[CONSO_SOURCE_CODE]) == 10;
	bool synonym = strcmp(fields[CONSO_SOURCE], "RXNORM") == 0 && strcmp(fields[CONSO_TYPE], "SY") == 0 &&
		       fields[CONSO_SUPPRESS][0] == 'N' && !strchr(fields[CONSO_NAME], ';');
	const concept *of = unii || synonym ? find(r, fields[CONSO_CODE]) : NULL;
	if (!of || (of->type != TTY_IN && (synonym || of->type != TTY_PIN)))
		return true;
	label *items = vg_grow(r->arena, r->labels, r->label_count, &r->label_capacity, sizeof *items);
	if (!items)
		return false;
	r->labels = items;
	const char *text = fields[unii ? CONSO_SOURCE_CODE : CONSO_NAME];
	items[r->label_count] = (label){(uint32_t)(of - r->concepts), unii, vg_copy_text(r->arena, text, strlen(text))};
	return items[r->label_count++].text != NULL;
}

static bool leads_to(uint8_t from, uint8_t to)
{
	if (to == TTY_DF || to == TTY_DFG)
		return from >= TTY_SCDF && from <= TTY_SBD;
	for (size_t i = 0; i < VG_COUNT(paths); i++)
		if (paths[i].of == from && (paths[i].first == to || paths[i].also == to))
			return true;
	return false;
}

static bool take_edge(rxnorm *r, char *const *fields)
{
	if (strcmp(fields[10], "RXNORM") != 0)
		return true;
	const concept *a = find(r, fields[0]), *b = find(r, fields[4]);
	if (!a || !b || (!leads_to(a->type, b->type) && !leads_to(b->type, a->type)))
		return true;
	edge *items = vg_grow(r->arena, r->edges, r->edge_count, &r->edge_capacity, sizeof *items);
	if (!items)
		return false;
	r->edges = items;
	uint32_t x = (uint32_t)(a - r->concepts), y = (uint32_t)(b - r->concepts);
	items[r->edge_count++] = leads_to(a->type, b->type) ? (edge){x, y} : (edge){y, x};
	return true;
}

static int by_ends(const void *a, const void *b)
{
	const edge *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

/* Relations stand in the file in both directions: each edge is kept once. */
static void sort_edges(rxnorm *r)
{
	size_t kept = 0, at = 0;
	if (r->edge_count)
		qsort(r->edges, r->edge_count, sizeof *r->edges, by_ends);
	for (size_t i = 0; i < r->edge_count; i++)
		if (kept == 0 || by_ends(&r->edges[kept - 1], &r->edges[i]) != 0)
			r->edges[kept++] = r->edges[i];
	r->edge_count = kept;
	for (size_t i = 0; i < r->concept_count; i++) {
		while (at < kept && r->edges[at].from < i)
			at++;
		r->concepts[i].first = (uint32_t)at;
	}
}

static bool take_package(rxnorm *r, const concept *of, const char *text, bool suppressed)
{
	if (strlen(text) != 11 || text[strspn(text, "0123456789")])
		return true;
	package *items = vg_grow(r->arena, r->packages, r->package_count, &r->package_capacity, sizeof *items);
	if (!items)
		return false;
	r->packages = items;
	items[r->package_count++] = (package){strtoull(text, NULL, 10), (uint32_t)(of - r->concepts), suppressed};
	return true;
}

static bool take_attribute(rxnorm *r, char *const *fields)
{
	bool strength = strcmp(fields[8], "RXN_STRENGTH") == 0, ndc = strcmp(fields[8], "NDC") == 0;
	if ((!strength && !ndc) || strcmp(fields[9], "RXNORM") != 0)
		return true;
	const concept *of = find(r, fields[0]);
	if (!of)
		return true;
	if (ndc)
		return take_package(r, of, fields[10], fields[11][0] != 'N');
	const char *copy = vg_copy_text(r->arena, fields[10], strlen(fields[10]));
	r->concepts[of - r->concepts].strength = copy;
	return copy != NULL;
}

static int by_package(const void *a, const void *b)
{
	const package *x = a, *y = b;
	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	if (x->suppressed != y->suppressed)
		return x->suppressed ? 1 : -1;
	return (x->concept > y->concept) - (x->concept < y->concept);
}

/* ---- ingredients and strengths --------------------------------------------------------------------- */

typedef struct parts {
	const concept *ingredients[MOST_PARTS];
	const char *strengths[MOST_PARTS]; /* as RxNorm writes them; NULL: not known */
	size_t count;
	bool exact; /* each with its strength: not a pack, nor joined from several products */
} parts;

static void add_part(parts *p, const concept *ingredient, const char *strength)
{
	for (size_t i = 0; i < p->count && !strength; i++)
		if (p->ingredients[i] == ingredient)
			return;
	if (p->count == MOST_PARTS)
		return;
	p->ingredients[p->count] = ingredient;
	p->strengths[p->count++] = strength;
}

/* "warfarin sodium 5 MG" says the strength at its end, should the attribute be missing. */
static const char *strength_of(const concept *component)
{
	const char *name = component->name, *at = name + strlen(name);
	if (component->strength)
		return component->strength;
	for (int words = 0; at > name && words < 2; words += *at == ' ')
		at--;
	return at > name && at[1] >= '0' && at[1] <= '9' ? at + 1 : NULL;
}

static void gather(const rxnorm *r, const concept *of, const char *strength, int depth, parts *p)
{
	if (of->type == TTY_IN) {
		add_part(p, of, strength);
		return;
	}
	if (of->type == TTY_SCDC)
		strength = strength_of(of);
	uint32_t own = (uint32_t)(of - r->concepts);
	size_t before = p->count;
	for (size_t i = 0; i < VG_COUNT(paths) && depth < 8 && p->count == before; i++) {
		if (paths[i].of != of->type)
			continue;
		for (size_t j = of->first; j < r->edge_count && r->edges[j].from == own; j++) {
			const concept *next = &r->concepts[r->edges[j].to];
			if (next->type == paths[i].first || next->type == paths[i].also)
				gather(r, next, strength, depth + 1, p);
		}
	}
}

static bool is_product(const concept *of) { return of->type >= TTY_MIN && of->type <= TTY_BPCK; }

static void parts_of(const rxnorm *r, const concept *of, parts *ret)
{
	*ret = (parts){.count = 0};
	gather(r, of, NULL, 0, ret);
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

static const char *form_of(const rxnorm *r, const concept *of, vg_arena *arena)
{
	uint32_t own = (uint32_t)(of - r->concepts);
	for (size_t i = of->first; i < r->edge_count && r->edges[i].from == own; i++) {
		const concept *form = &r->concepts[r->edges[i].to];
		if (form->type != TTY_DF && form->type != TTY_DFG)
			continue;
		char *text = vg_copy_text(arena, form->name, strlen(form->name));
		for (char *at = text; at && *at; at++)
			*at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
		return text;
	}
	return "";
}

static bool write_product(const rxnorm *r, const concept *of, FILE *stream, vg_arena *scratch)
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
	    code, type_names[of->type], of->name, codes.text, all ? strengths.text : "", form, "RxNorm", "imported"};
	vg_import_row(stream, cells, VG_COUNT(cells));
	return true;
}

/* The codes or texts that belong to an ingredient: its own and, for UNIIs, those of its salts. */
static bool write_ingredients(const rxnorm *r, FILE *stream, vg_arena *scratch)
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

typedef struct counts {
	size_t ingredients, products, packages, left_out;
} counts;

static counts count_all(const rxnorm *r)
{
	counts c = {0};
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

static void write_packages(const rxnorm *r, FILE *stream)
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

static bool write_files(const rxnorm *r, vg_import_file files[FILES], const counts *c)
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

static vigil_status write_all(const rxnorm *r, const char *folder, const counts *c, vigil_error *err)
{
	static const char *const names[FILES] = {"tables/ingredients.csv", "tables/code_map.rxnorm.csv", "tables/products.csv"};
	vg_import_file files[FILES] = {{0}};
	vigil_status status = VIGIL_OK;
	for (size_t i = 0; i < FILES && status == VIGIL_OK; i++)
		status = vg_import_begin(r->cli, folder, names[i], &files[i], err);
	if (status == VIGIL_OK && !write_files(r, files, c))
		status = vg_fail_memory(err);
	for (size_t i = 0; i < FILES && status == VIGIL_OK; i++)
		status = vg_import_finish(&files[i], err);
	for (size_t i = 0; i < FILES; i++)
		vg_import_abandon(&files[i]);
	return status;
}

vigil_status vg_import_rxnorm(vg_cli *cli, const char *source, const char *folder, const char **ret, vigil_error *err)
{
	rxnorm r = {.cli = cli, .arena = &cli->arena, .folder = source};
	vigil_status status = read_file(&r, "RXNCONSO.RRF", 18, take_concept, err);
	if (status == VIGIL_OK) {
		sort_concepts(&r);
		status = read_file(&r, "RXNCONSO.RRF", 18, take_label, err);
	}
	if (status == VIGIL_OK)
		status = read_file(&r, "RXNREL.RRF", 16, take_edge, err);
	if (status == VIGIL_OK)
		status = read_file(&r, "RXNSAT.RRF", 13, take_attribute, err);
	if (status != VIGIL_OK)
		return status;
	sort_edges(&r);
	if (r.package_count)
		qsort(r.packages, r.package_count, sizeof *r.packages, by_package);
	counts c = count_all(&r);
	for (size_t i = 0; i < r.package_count; i++)
		c.packages += i == 0 || r.packages[i].code != r.packages[i - 1].code;
	if (!c.ingredients || !c.products)
		return vg_fail(err, VIGIL_BAD_INPUT, "Name the folder of RxNorm's own release.",
			       "The files in \"%s\" have no ingredients, or no products with ingredients.", source);
	status = write_all(&r, folder, &c, err);
	*ret = vg_format(&cli->arena,
			 "RxNorm: %zu ingredients, %zu products and %zu package codes are imported, as rxnorm.\n"
			 "Products without known ingredients are left out: %zu.\n",
			 c.ingredients, c.products, c.packages, c.left_out);
	return status;
}
