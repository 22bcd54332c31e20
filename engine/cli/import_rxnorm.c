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
#include "cli/import_rxnorm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FIELDS = 18, LINE_SIZE = 1 << 17 };

const char *const vg_rxnorm_types[TTY_COUNT] = {"IN",   "PIN",  "MIN", "BN",  "SCDC", "SBDC", "SCDF", "SBDF",
						"SCDG", "SBDG", "SCD", "SBD", "GPCK", "BPCK", "DF",   "DFG"};

const vg_rxnorm_step vg_rxnorm_steps[VG_RXNORM_STEPS] = {
    {TTY_PIN, TTY_IN, TTY_IN},      {TTY_MIN, TTY_IN, TTY_IN},      {TTY_BN, TTY_IN, TTY_IN},
    {TTY_BN, TTY_PIN, TTY_MIN},     {TTY_SCDC, TTY_IN, TTY_IN},     {TTY_SCDC, TTY_PIN, TTY_PIN},
    {TTY_SBDC, TTY_SCDC, TTY_SCDC}, {TTY_SCDF, TTY_IN, TTY_IN},     {TTY_SCDF, TTY_MIN, TTY_MIN},
    {TTY_SCDG, TTY_IN, TTY_IN},     {TTY_SCDG, TTY_MIN, TTY_MIN},   {TTY_SBDF, TTY_SCDF, TTY_SCDF},
    {TTY_SBDF, TTY_BN, TTY_BN},     {TTY_SBDG, TTY_SCDG, TTY_SCDG}, {TTY_SBDG, TTY_BN, TTY_BN},
    {TTY_SCD, TTY_SCDC, TTY_SCDC},  {TTY_SCD, TTY_MIN, TTY_MIN},    {TTY_SCD, TTY_SCDF, TTY_SCDF},
    {TTY_SBD, TTY_SCDC, TTY_SCDC},  {TTY_SBD, TTY_SCD, TTY_SCD},    {TTY_SBD, TTY_SBDC, TTY_SBDC},
    {TTY_GPCK, TTY_SCD, TTY_SCD},   {TTY_BPCK, TTY_SBD, TTY_SCD},   {TTY_BPCK, TTY_GPCK, TTY_GPCK},
};

/* ---- files --------------------------------------------------------------------------------- */

typedef bool (*line_taker)(vg_rxnorm *r, char *const *fields); /* false: memory ran out */

static vigil_status fail_at(vigil_error *err, const char *path, int line, const char *advice, const char *text)
{
	vg_fail(err, VIGIL_BAD_INPUT, advice, "%s", text);
	vg_error_place(err, path, line);
	return VIGIL_BAD_INPUT;
}

/* The file in the folder, or in its rrf/, as the release is unpacked. */
static FILE *open_file(vg_rxnorm *r, const char *name, const char **ret_path, vigil_error *err)
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

static vigil_status read_file(vg_rxnorm *r, const char *name, size_t field_count, line_taker take, vigil_error *err)
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

static const vg_rxnorm_concept *find(const vg_rxnorm *r, const char *text)
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

static bool take_concept(vg_rxnorm *r, char *const *fields)
{
	size_t type = 0;
	uint32_t code = read_code(fields[CONSO_CODE]);
	if (!code || strcmp(fields[CONSO_SOURCE], "RXNORM") != 0 || fields[CONSO_SUPPRESS][0] == 'Y')
		return true;
	while (type < TTY_COUNT && strcmp(fields[CONSO_TYPE], vg_rxnorm_types[type]) != 0)
		type++;
	if (type == TTY_COUNT)
		return true;
	vg_rxnorm_concept *items = vg_grow(r->arena, r->concepts, r->concept_count, &r->concept_capacity, sizeof *items);
	if (!items)
		return false;
	r->concepts = items;
	const char *name = vg_copy_text(r->arena, fields[CONSO_NAME], strlen(fields[CONSO_NAME]));
	items[r->concept_count++] = (vg_rxnorm_concept){
	    .code = code, .type = (uint8_t)type, .suppressed = fields[CONSO_SUPPRESS][0] != 'N', .name = name};
	return name != NULL;
}

/* Of two lines for one code the one that is not suppressed comes first and counts. */
static int by_code(const void *a, const void *b)
{
	const vg_rxnorm_concept *x = a, *y = b;
	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	if (x->suppressed != y->suppressed)
		return x->suppressed ? 1 : -1;
	return (x->type > y->type) - (x->type < y->type);
}

static void sort_concepts(vg_rxnorm *r)
{
	size_t kept = 0;
	if (r->concept_count)
		qsort(r->concepts, r->concept_count, sizeof *r->concepts, by_code);
	for (size_t i = 0; i < r->concept_count; i++)
		if (kept == 0 || r->concepts[kept - 1].code != r->concepts[i].code)
			r->concepts[kept++] = r->concepts[i];
	r->concept_count = kept;
}

static bool take_label(vg_rxnorm *r, char *const *fields)
{
	bool unii = strcmp(fields[CONSO_SOURCE], "MTHSPL") == 0 && strcmp(fields[CONSO_TYPE], "SU") == 0 &&
		    strlen(fields[CONSO_SOURCE_CODE]) == 10;
	bool synonym = strcmp(fields[CONSO_SOURCE], "RXNORM") == 0 && strcmp(fields[CONSO_TYPE], "SY") == 0 &&
		       fields[CONSO_SUPPRESS][0] == 'N' && !strchr(fields[CONSO_NAME], ';');
	const vg_rxnorm_concept *of = unii || synonym ? find(r, fields[CONSO_CODE]) : NULL;
	if (!of || (of->type != TTY_IN && (synonym || of->type != TTY_PIN)))
		return true;
	vg_rxnorm_label *items = vg_grow(r->arena, r->labels, r->label_count, &r->label_capacity, sizeof *items);
	if (!items)
		return false;
	r->labels = items;
	const char *text = fields[unii ? CONSO_SOURCE_CODE : CONSO_NAME];
	items[r->label_count] =
	    (vg_rxnorm_label){(uint32_t)(of - r->concepts), unii, vg_copy_text(r->arena, text, strlen(text))};
	return items[r->label_count++].text != NULL;
}

static bool leads_to(uint8_t from, uint8_t to)
{
	if (to == TTY_DF || to == TTY_DFG)
		return from >= TTY_SCDF && from <= TTY_SBD;
	for (size_t i = 0; i < VG_RXNORM_STEPS; i++)
		if (vg_rxnorm_steps[i].of == from && (vg_rxnorm_steps[i].first == to || vg_rxnorm_steps[i].also == to))
			return true;
	return false;
}

static bool take_edge(vg_rxnorm *r, char *const *fields)
{
	if (strcmp(fields[10], "RXNORM") != 0)
		return true;
	const vg_rxnorm_concept *a = find(r, fields[0]), *b = find(r, fields[4]);
	if (!a || !b || (!leads_to(a->type, b->type) && !leads_to(b->type, a->type)))
		return true;
	vg_rxnorm_edge *items = vg_grow(r->arena, r->edges, r->edge_count, &r->edge_capacity, sizeof *items);
	if (!items)
		return false;
	r->edges = items;
	uint32_t x = (uint32_t)(a - r->concepts), y = (uint32_t)(b - r->concepts);
	items[r->edge_count++] = leads_to(a->type, b->type) ? (vg_rxnorm_edge){x, y} : (vg_rxnorm_edge){y, x};
	return true;
}

static int by_ends(const void *a, const void *b)
{
	const vg_rxnorm_edge *x = a, *y = b;
	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

/* Relations stand in the file in both directions: each edge is kept once. */
static void sort_edges(vg_rxnorm *r)
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

static bool take_package(vg_rxnorm *r, const vg_rxnorm_concept *of, const char *text, bool suppressed)
{
	if (strlen(text) != 11 || text[strspn(text, "0123456789")])
		return true;
	vg_rxnorm_package *items = vg_grow(r->arena, r->packages, r->package_count, &r->package_capacity, sizeof *items);
	if (!items)
		return false;
	r->packages = items;
	items[r->package_count++] = (vg_rxnorm_package){strtoull(text, NULL, 10), (uint32_t)(of - r->concepts), suppressed};
	return true;
}

static bool take_attribute(vg_rxnorm *r, char *const *fields)
{
	bool strength = strcmp(fields[8], "RXN_STRENGTH") == 0, ndc = strcmp(fields[8], "NDC") == 0;
	if ((!strength && !ndc) || strcmp(fields[9], "RXNORM") != 0)
		return true;
	const vg_rxnorm_concept *of = find(r, fields[0]);
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
	const vg_rxnorm_package *x = a, *y = b;
	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	if (x->suppressed != y->suppressed)
		return x->suppressed ? 1 : -1;
	return (x->concept > y->concept) - (x->concept < y->concept);
}

vigil_status vg_import_rxnorm(vg_cli *cli, const char *source, const char *folder, const char **ret, vigil_error *err)
{
	vg_rxnorm r = {.cli = cli, .arena = &cli->arena, .folder = source};
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
	vg_rxnorm_counts c = vg_rxnorm_count(&r);
	for (size_t i = 0; i < r.package_count; i++)
		c.packages += i == 0 || r.packages[i].code != r.packages[i - 1].code;
	if (!c.ingredients || !c.products)
		return vg_fail(err, VIGIL_BAD_INPUT, "Name the folder of RxNorm's own release.",
			       "The files in \"%s\" have no ingredients, or no products with ingredients.", source);
	status = vg_rxnorm_write(&r, folder, &c, err);
	*ret = vg_format(&cli->arena,
			 "RxNorm: %zu ingredients, %zu products and %zu package codes are imported, as rxnorm.\n"
			 "Products without known ingredients, or with more than 256 parts, are left out: %zu.\n",
			 c.ingredients, c.products, c.packages, c.left_out);
	return status;
}
