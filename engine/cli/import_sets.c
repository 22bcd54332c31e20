/*
 * Importing sets: FHIR ValueSet resources, VSAC-style tables of many sets, and
 * a site's own laboratory codes with the LOINC codes that they mean.
 *
 * What cannot be imported whole is refused: a set with half of its codes would
 * make rules silent without a word.  So a ValueSet that is defined by filters
 * or by other value sets needs its expansion, and a row without a code is an
 * error with its line.
 */
#include "cli/import.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "knowledge/csv.h"

enum { FILE_LIMIT = 256 * 1024 * 1024 };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* The URI of a system as people and files write it: URIs, OIDs, and the names of VSAC's tables. */
static const char *system_of(vg_cli *cli, const char *text)
{
	static const struct {
		const char *name, *system;
	} names[] = {{"SNOMEDCT", "snomed"}, {"SNOMEDCT_US", "snomed"}, {"SNOMED", "snomed"},        {"SNOMED-CT", "snomed"},
		     {"LNC", "loinc"},       {"ICD10", "icd10cm"},      {"ICD10PCS", "icd10pcs"},    {"ICD9CM", "icd9cm"},
		     {"CPT4", "cpt"},        {"CPT-4", "cpt"},          {"HCPCS Level II", "hcpcs"}, {"HCPT", "cpt"}};
	for (size_t i = 0; i < VG_COUNT(names); i++)
		if (vg_same_fold(text, names[i].name))
			return vg_system_uri(names[i].system);
	if (*text && text[strspn(text, "0123456789.")] == '\0')
		text = vg_format(&cli->arena, "urn:oid:%s", text);
	return text ? vg_system_uri(text) : NULL;
}

static const char *const set_columns[] = {"set", "system", "code", "display", "source", "verified"};

/* Writes one code, or says why a table cannot hold it: a row that no pack can load must not be imported. */
static vigil_status write_code(FILE *stream, const char *set, const char *system, const char *code, const char *display,
			       const char *source, vigil_error *err)
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.";
	const char *const cells[] = {set, system, code, display, source, "imported"};
	if (!strchr(system, ':'))
		return vg_fail(err, VIGIL_BAD_INPUT, "Write its URI.", "\"%.60s\" is no code system.", system);
	if (strcmp(system, vg_system_uri("rxnorm")) == 0 && code[strspn(code, "0123456789")])
		return vg_fail(err, VIGIL_BAD_INPUT, "RxNorm codes are digits.", "\"%.60s\" is no RxNorm code.", code);
	if (strcmp(system, vg_system_uri("icd10cm")) == 0 &&
	    (strspn(code, "0123456789.") > 0 || strlen(code) > 8 || code[strspn(code, letters)]))
		return vg_fail(err, VIGIL_BAD_INPUT, "Write a letter and up to six letters and digits, such as E11.65.",
			       "\"%.60s\" is no ICD-10-CM code.", code);
	if (stream)
		vg_import_row(stream, cells, VG_COUNT(cells));
	return VIGIL_OK;
}

/* ---- ValueSet ---------------------------------------------------------------------- */

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsString(item) && *item->valuestring ? item->valuestring : NULL;
}

typedef struct set_writer {
	FILE *stream; /* NULL: only counts */
	const char *set, *source;
	size_t count;
} set_writer;

/* Codes of an expansion, with those below them. */
static vigil_status write_contains(set_writer *writer, const cJSON *list, int depth, vigil_error *err)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, list)
	{
		const char *system = text_of(item, "system"), *code = text_of(item, "code");
		const cJSON *below = cJSON_GetObjectItemCaseSensitive(item, "contains");
		bool heading = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "abstract")) || !code;
		if (depth > 50)
			return vg_fail(err, VIGIL_BAD_INPUT, "Expand it as a flat list.",
				       "The expansion is nested more than 50 deep.");
		if (!heading && !system)
			return vg_fail(err, VIGIL_BAD_INPUT, "Write its system.", "The code \"%.60s\" has no system.", code);
		vigil_status status = heading ? VIGIL_OK
					      : write_code(writer->stream, writer->set, vg_system_uri(system), code,
							   text_of(item, "display"), writer->source, err);
		writer->count += !heading;
		if (status == VIGIL_OK && below)
			status = write_contains(writer, below, depth + 1, err);
		if (status != VIGIL_OK)
			return status;
	}
	return VIGIL_OK;
}

static vigil_status write_include(set_writer *writer, const cJSON *include, vigil_error *err)
{
	static const char advice[] = "Import its expansion: ask a terminology server for ValueSet/$expand.";
	const cJSON *concepts = cJSON_GetObjectItemCaseSensitive(include, "concept"), *item;
	const char *system = text_of(include, "system");
	if (cJSON_GetObjectItemCaseSensitive(include, "filter") || cJSON_GetObjectItemCaseSensitive(include, "valueSet"))
		return vg_fail(err, VIGIL_BAD_INPUT, advice, "The value set is defined by a filter or by another value set.");
	if (!system || !cJSON_IsArray(concepts))
		return vg_fail(err, VIGIL_BAD_INPUT, advice,
			       "The value set includes a whole code system, or one without a name.");
	cJSON_ArrayForEach(item, concepts)
	{
		const char *code = text_of(item, "code");
		if (!code)
			return vg_fail(err, VIGIL_BAD_INPUT, "Write its code.", "A concept of the value set has no code.");
		vigil_status status = write_code(writer->stream, writer->set, vg_system_uri(system), code,
						 text_of(item, "display"), writer->source, err);
		if (status != VIGIL_OK)
			return status;
		writer->count++;
	}
	return VIGIL_OK;
}

static vigil_status write_compose(set_writer *writer, const cJSON *resource, vigil_error *err)
{
	const cJSON *compose = cJSON_GetObjectItemCaseSensitive(resource, "compose"), *include;
	if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(compose, "exclude")) > 0)
		return vg_fail(err, VIGIL_BAD_INPUT, "Import its expansion: ask a terminology server for ValueSet/$expand.",
			       "The value set excludes codes.");
	cJSON_ArrayForEach(include, cJSON_GetObjectItemCaseSensitive(compose, "include"))
	{
		vigil_status status = write_include(writer, include, err);
		if (status != VIGIL_OK)
			return status;
	}
	return VIGIL_OK;
}

static vigil_status write_valueset(set_writer *writer, const cJSON *resource, vigil_error *err)
{
	const cJSON *expansion = cJSON_GetObjectItemCaseSensitive(resource, "expansion");
	const cJSON *contains = cJSON_GetObjectItemCaseSensitive(expansion, "contains");
	const cJSON *total = cJSON_GetObjectItemCaseSensitive(expansion, "total");
	writer->count = 0;
	vigil_status status = contains ? write_contains(writer, contains, 0, err) : write_compose(writer, resource, err);
	if (status != VIGIL_OK)
		return status;
	if (cJSON_IsNumber(total) && contains && total->valuedouble > (double)writer->count)
		return vg_fail(err, VIGIL_BAD_INPUT, "Expand it without paging.",
			       "This is one page of an expansion: it has %zu of %.0f codes.", writer->count,
			       total->valuedouble);
	if (writer->count == 0)
		return vg_fail(err, VIGIL_BAD_INPUT, "Import an expanded value set.", "The value set has no codes.");
	return VIGIL_OK;
}

static vigil_status save_valueset(vg_cli *cli, const cJSON *resource, const char *folder, set_writer *writer, const char **ret,
				  vigil_error *err)
{
	vg_import_file file;
	vigil_status status = write_valueset(writer, resource, err);
	if (status != VIGIL_OK)
		return status;
	const char *slug = vg_import_slug(cli, writer->set), *name = vg_format(&cli->arena, "valueset-%s", slug ? slug : "");
	const char *path = vg_format(&cli->arena, "sets/%s.csv", name ? name : "");
	if (!slug || !name || !path)
		return vg_fail_memory(err);
	status = vg_import_begin(cli, folder, path, &file, err);
	if (status != VIGIL_OK)
		return status;
	vg_import_head(&file, name, writer->source, writer->count, "codes");
	vg_import_row(file.stream, set_columns, VG_COUNT(set_columns));
	writer->stream = file.stream;
	status = write_valueset(writer, resource, err);
	status = status == VIGIL_OK ? vg_import_finish(&file, err) : status;
	vg_import_abandon(&file);
	*ret = vg_format(&cli->arena, "The set \"%s\" has %zu codes, as %s.\n", writer->set, writer->count, name);
	return status;
}

vigil_status vg_import_valueset(vg_cli *cli, const char *source, const char *folder, const char *set, const char **ret,
				vigil_error *err)
{
	char *text;
	size_t length;
	vigil_status status = vg_read_file(&cli->arena, source, FILE_LIMIT, &text, &length, err);
	if (status != VIGIL_OK)
		return status;
	cJSON *resource = cJSON_ParseWithLengthOpts(text, length, NULL, false);
	const char *type = text_of(resource, "resourceType");
	if (!resource)
		status = vg_fail(err, VIGIL_BAD_INPUT, "Save it again as JSON.", "This is not JSON, or it was cut off.");
	else if (!type || strcmp(type, "ValueSet") != 0)
		status = vg_fail(err, VIGIL_BAD_INPUT, "Give a FHIR ValueSet resource.", "This is a %.40s, not a ValueSet.",
				 type ? type : "JSON text");
	set = set ? set : text_of(resource, "title");
	set = set ? set : text_of(resource, "name");
	set = set ? set : text_of(resource, "id");
	if (status == VIGIL_OK && !set)
		status = vg_fail(err, VIGIL_BAD_INPUT, "Name the set with --name.", "The value set has no title, name or id.");
	set_writer writer = {.set = set, .source = base_name(source)};
	if (status == VIGIL_OK)
		status = save_valueset(cli, resource, folder, &writer, ret, err);
	if (status == VIGIL_BAD_INPUT)
		vg_error_place(err, source, 0);
	cJSON_Delete(resource);
	return status;
}

/* ---- tables with a header ----------------------------------------------------------------- */

enum { MOST_COLUMNS = 6 };
typedef struct wanted { /* a column and how its header may be written */
	const char *name, *spellings[6];
	bool needed;
} wanted;
typedef struct table_reader {
	vg_csv csv;
	const char *path;
	size_t places[MOST_COLUMNS]; /* of the wanted columns; SIZE_MAX: not there */
	size_t width;
	vg_map seen; /* of codes that may stand once only */
} table_reader;

static vigil_status fail_line(const table_reader *reader, vigil_error *err, const char *advice, const char *text)
{
	vg_fail(err, VIGIL_BAD_INPUT, advice, "%s", text);
	vg_error_place(err, reader->path, reader->csv.row_line);
	return VIGIL_BAD_INPUT;
}

static bool spelt(const wanted *column, const char *text)
{
	if (vg_same_fold(text, column->name))
		return true;
	for (size_t i = 0; i < VG_COUNT(column->spellings) && column->spellings[i]; i++)
		if (vg_same_fold(text, column->spellings[i]))
			return true;
	return false;
}

static vigil_status open_table(vg_cli *cli, const char *path, const wanted *columns, size_t count, table_reader *ret,
			       vigil_error *err)
{
	char *text;
	size_t length, name = strlen(path);
	vigil_status status = vg_read_file(&cli->arena, path, FILE_LIMIT, &text, &length, err);
	*ret = (table_reader){.path = path};
	if (status != VIGIL_OK)
		return status;
	vg_map_init(&ret->seen, &cli->arena);
	vg_csv_begin(&ret->csv, text, length);
	if (name > 4 && (strcmp(path + name - 4, ".tsv") == 0 || strcmp(path + name - 4, ".txt") == 0))
		ret->csv.separator = '\t';
	if (!vg_csv_next(&ret->csv))
		return fail_line(ret, err, "Begin the file with a line that names its columns.", "The file is empty.");
	ret->width = ret->csv.cell_count;
	for (size_t i = 0; i < count; i++) {
		ret->places[i] = SIZE_MAX;
		for (size_t j = 0; j < ret->csv.cell_count && ret->places[i] == SIZE_MAX; j++)
			if (spelt(&columns[i], ret->csv.cells[j]))
				ret->places[i] = j;
		if (columns[i].needed && ret->places[i] == SIZE_MAX)
			return fail_line(ret, err, "Name the columns in the first line; docs/commands.md tells them.",
					 vg_format(&cli->arena, "There is no column \"%s\".", columns[i].name));
	}
	return VIGIL_OK;
}

/* The next row's wanted cells; *ret_more false at the end. */
static vigil_status next_row(table_reader *reader, const wanted *columns, size_t count, const char *cells[MOST_COLUMNS],
			     bool *ret_more, vigil_error *err)
{
	*ret_more = vg_csv_next(&reader->csv);
	if (!*ret_more)
		return VIGIL_OK;
	if (reader->csv.problem != VG_CSV_FINE)
		return fail_line(reader, err, "Mend the line; nothing was imported.", vg_csv_problem_text(reader->csv.problem));
	if (reader->csv.cell_count != reader->width)
		return fail_line(reader, err, "Mend the line, or quote its cells; nothing was imported.",
				 "The line has another number of cells than the header.");
	for (size_t i = 0; i < count; i++) {
		cells[i] = reader->places[i] == SIZE_MAX ? "" : reader->csv.cells[reader->places[i]];
		if (columns[i].needed && !*cells[i]) {
			vg_fail(err, VIGIL_BAD_INPUT, "Fill it in; nothing was imported.", "The line has no %s.",
				columns[i].name);
			vg_error_place(err, reader->path, reader->csv.row_line);
			return VIGIL_BAD_INPUT;
		}
	}
	return VIGIL_OK;
}

/* A system that Vigil can look up: known, or a URI. */
static const char *checked_system(vg_cli *cli, const table_reader *reader, const char *text, vigil_error *err)
{
	const char *system = system_of(cli, text);
	if (system && !strchr(system, ':')) {
		fail_line(reader, err,
			  "Write loinc, snomed, icd10cm, rxnorm, cpt, hcpcs, cvx or another short name, an OID, or a URI.",
			  vg_format(&cli->arena, "\"%.60s\" is no code system.", text));
		return NULL;
	}
	if (!system)
		vg_fail_memory(err);
	return system;
}

typedef vigil_status (*row_writer)(vg_cli *cli, table_reader *reader, FILE *stream, const char *const *cells, vigil_error *err);

static vigil_status import_table(vg_cli *cli, const char *source, const char *folder, const char *path, const char *name,
				 const wanted *columns, size_t count, const char *const *header, size_t header_count,
				 row_writer write, size_t *ret_rows, vigil_error *err)
{
	table_reader reader;
	vg_import_file file = {0};
	const char *cells[MOST_COLUMNS];
	bool more;
	*ret_rows = 0;
	vigil_status status = open_table(cli, source, columns, count, &reader, err);
	if (status == VIGIL_OK)
		status = vg_import_begin(cli, folder, path, &file, err);
	if (status != VIGIL_OK)
		return status;
	/* The number of codes is not known yet; the head is written over when it is. */
	fprintf(file.stream, "# vigil import %s from %s, ", name, base_name(source));
	long place = ftell(file.stream);
	fprintf(file.stream, "%12zu codes\n", (size_t)0);
	vg_import_row(file.stream, header, header_count);
	for (;;) {
		status = next_row(&reader, columns, count, cells, &more, err);
		if (status != VIGIL_OK || !more)
			break;
		status = write(cli, &reader, file.stream, cells, err);
		if (status != VIGIL_OK)
			break;
		++*ret_rows;
	}
	if (status == VIGIL_OK && *ret_rows == 0)
		status = fail_line(&reader, err, "Write a line for each code below the header.", "The file has no rows.");
	if (status == VIGIL_OK && fseek(file.stream, place, SEEK_SET) == 0)
		fprintf(file.stream, "%12zu", *ret_rows);
	if (status == VIGIL_OK)
		status = vg_import_finish(&file, err);
	vg_import_abandon(&file);
	return status;
}

static vigil_status write_set_row(vg_cli *cli, table_reader *reader, FILE *stream, const char *const *cells, vigil_error *err)
{
	const char *system = checked_system(cli, reader, cells[1], err);
	if (!system)
		return err->status;
	vigil_status status =
	    write_code(stream, cells[0], system, cells[2], cells[3], *cells[4] ? cells[4] : base_name(reader->path), err);
	if (status != VIGIL_OK)
		vg_error_place(err, reader->path, reader->csv.row_line);
	return status;
}

vigil_status vg_import_sets(vg_cli *cli, const char *source, const char *folder, const char **ret, vigil_error *err)
{
	static const wanted columns[] = {{"name", {"set", "value set name", "value set", "valueset name"}, true},
					 {"system", {"code system", "code system name", "code system oid", "codesystem"}, true},
					 {"code", {NULL}, true},
					 {"display", {"description", "concept", "name of code"}, false},
					 {"oid", {"valueset", "value set oid"}, false}};
	size_t rows;
	char *stem = vg_copy_text(&cli->arena, base_name(source), strlen(base_name(source)));
	if (stem && strrchr(stem, '.'))
		*strrchr(stem, '.') = '\0';
	const char *slug = stem ? vg_import_slug(cli, stem) : NULL;
	const char *name = slug ? vg_format(&cli->arena, "sets-%s", slug) : NULL;
	const char *path = name ? vg_format(&cli->arena, "sets/%s.csv", name) : NULL;
	if (!path)
		return vg_fail_memory(err);
	vigil_status status = import_table(cli, source, folder, path, name, columns, VG_COUNT(columns), set_columns,
					   VG_COUNT(set_columns), write_set_row, &rows, err);
	if (status == VIGIL_OK)
		*ret = vg_format(&cli->arena, "%zu codes of sets are imported, as %s.\n", rows, name);
	return status;
}

/* ---- local codes ------------------------------------------------------------------------------ */

static vigil_status write_local_row(vg_cli *cli, table_reader *reader, FILE *stream, const char *const *cells, vigil_error *err)
{
	const char *system = checked_system(cli, reader, cells[0], err);
	if (!system)
		return err->status;
	size_t digits = strspn(cells[2], "0123456789");
	if (digits == 0 || cells[2][digits] != '-' || strlen(cells[2]) != digits + 2 ||
	    !strchr("0123456789", cells[2][digits + 1]))
		return fail_line(reader, err, "Write digits, a hyphen and the check digit, such as 4548-4.",
				 vg_format(&cli->arena, "\"%.40s\" is no LOINC code.", cells[2]));
	const char *key = vg_format(&cli->arena, "%s|%s", system, cells[1]);
	uint32_t *seen = key ? vg_map_at(&reader->seen, key, strlen(key), true) : NULL;
	if (!seen)
		return vg_fail_memory(err);
	if ((*seen)++)
		return fail_line(reader, err, "Take one of the two lines out; nothing was imported.",
				 "The code stands in an earlier line too.");
	const char *const row[] = {system,    cells[1], vg_system_uri("loinc"), cells[2], cells[3], base_name(reader->path),
				   "imported"};
	vg_import_row(stream, row, VG_COUNT(row));
	return VIGIL_OK;
}

vigil_status vg_import_local_codes(vg_cli *cli, const char *source, const char *folder, const char **ret, vigil_error *err)
{
	static const wanted columns[] = {{"system", {"code system"}, true},
					 {"code", {"local code", "local"}, true},
					 {"loinc", {"loinc code", "loinc_num"}, true},
					 {"display", {"name", "description"}, false}};
	static const char *const header[] = {"system", "code", "to_system", "to_code", "display", "source", "verified"};
	size_t rows;
	vigil_status status = import_table(cli, source, folder, "tables/code_map.local.csv", "local-codes", columns,
					   VG_COUNT(columns), header, VG_COUNT(header), write_local_row, &rows, err);
	if (status == VIGIL_OK)
		*ret = vg_format(&cli->arena, "%zu local codes stand for LOINC codes now, as local-codes.\n", rows);
	return status;
}
