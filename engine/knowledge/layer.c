/*
 * Reading the CSV files of one layer into the builder's rows.
 *
 * A row is known by its key (the id, or the leading columns).  The first layer
 * that has a key makes the row; later ones change the cells that they fill in,
 * "-" empties a cell.  Each CSV row is checked before it is layered, and left
 * out as a whole when something in it does not fit, with a finding.  What only
 * shows when all layers are read (cells that are still missing, unknown sets)
 * is checked afterwards.
 */
#include "knowledge/knowledge_internal.h"

#include <stdio.h>
#include <string.h>

enum { FILE_LIMIT = 1 << 30 };

typedef struct table_reader {
	vg_builder *builder;
	const vg_table_definition *definition;
	int table;
	uint32_t line;
	uint32_t columns[VG_CSV_COLUMNS]; /* of each cell: column of the definition; UINT32_MAX: none */
	size_t header_count;
	uint32_t cells[VG_COLUMNS]; /* of the row being read; texts */
	bool emptied[VG_COLUMNS];   /* the cell is "-" */
} table_reader;

static void note(table_reader *reader, vg_finding_code code, const char *advice, const char *text)
{
	vg_note(reader->builder, code, reader->builder->file, reader->line, advice, "%s", text);
}

/* ---- header -------------------------------------------------------------------- */

static void unknown_column(table_reader *reader, const char *name)
{
	vg_builder *builder = reader->builder;
	const char *names[VG_COLUMNS];
	for (uint32_t i = 0; i < reader->definition->column_count; i++)
		names[i] = vg_column_definitions[reader->definition->first + i].name;
	const char *advice = vg_did_you_mean(builder, name, names, reader->definition->column_count);
	vg_note(builder, advice ? VG304 : VG305, builder->file, reader->line, advice, "The table \"%s\" has no column \"%s\".",
		reader->definition->name, name);
}

static uint32_t column_of_name(const vg_table_definition *definition, const char *name)
{
	for (uint32_t i = 0; i < definition->column_count; i++)
		if (vg_same_fold(vg_column_definitions[definition->first + i].name, name))
			return i;
	return UINT32_MAX;
}

static bool read_header(table_reader *reader, vg_csv *csv)
{
	vg_builder *builder = reader->builder;
	bool seen[VG_COLUMNS] = {false}, usable = true;
	if (!vg_csv_next(csv)) {
		reader->line = 1;
		note(reader, VG306, "Write the names of the columns into the first line.",
		     "The file is empty: it has no header line.");
		return false;
	}
	reader->line = (uint32_t)csv->row_line;
	if (csv->problem != VG_CSV_FINE) {
		note(reader, csv->problem == VG_CSV_NOT_UTF8 ? VG303 : VG300, NULL, vg_csv_problem_text(csv->problem));
		return false;
	}
	reader->header_count = csv->cell_count;
	for (size_t i = 0; i < csv->cell_count; i++) {
		uint32_t column = column_of_name(reader->definition, csv->cells[i]);
		reader->columns[i] = column;
		if (column == UINT32_MAX) {
			unknown_column(reader, csv->cells[i]);
		} else if (seen[column]) {
			vg_note(builder, VG306, builder->file, reader->line, NULL, "The column \"%s\" comes twice.",
				csv->cells[i]);
			usable = false;
		} else {
			seen[column] = true;
		}
	}
	for (uint32_t i = 0; i < reader->definition->key_count; i++) {
		if (seen[i])
			continue;
		vg_note(builder, VG306, builder->file, reader->line, NULL,
			"The column \"%s\" is missing: the file is not read.",
			vg_column_definitions[reader->definition->first + i].name);
		usable = false;
	}
	return usable;
}

/* ---- cells --------------------------------------------------------------------- */

static const char *cell_text(const table_reader *reader, uint32_t column)
{
	return vg_pool_text(reader->builder, reader->cells[column]);
}

static bool reject(table_reader *reader, vg_finding_code code, const char *column, const char *text, const char *expected)
{
	vg_builder *builder = reader->builder;
	const char *advice = vg_format(&builder->scratch, "Write %s.", expected);
	builder->failed = builder->failed || !advice;
	vg_note(builder, code, builder->file, reader->line, advice, "The column \"%s\" cannot be \"%s\": the row is left out.",
		column, text);
	return false;
}

/* Short names become URIs; "set" and "name" stay what they are. */
static bool settle_system(table_reader *reader, uint32_t column)
{
	vg_builder *builder = reader->builder;
	const char *text = cell_text(reader, column);
	if (reader->table == VG_TABLE_sets && strcmp(text, "set") == 0)
		return true;
	uint32_t index = vg_system_index(text);
	if (index == VG_SYSTEM_COMBINATION || (index == VG_SYSTEMS_KNOWN && !strchr(text, ':'))) {
		const char *names[VG_SYSTEMS_KNOWN];
		for (uint32_t i = 0; i < VG_SYSTEMS_KNOWN; i++)
			names[i] = i == VG_SYSTEM_COMBINATION ? "set" : vg_system_definitions[i].name;
		const char *advice = vg_did_you_mean(builder, text, names, VG_SYSTEMS_KNOWN);
		if (!advice)
			advice = "Write a short name such as rxnorm, loinc or icd10cm, or a URI.";
		vg_note(builder, VG313, builder->file, reader->line, advice, "\"%s\" is no code system: the row is left out.",
			text);
		return false;
	}
	if (index < VG_SYSTEMS_KNOWN)
		reader->cells[column] = vg_pool_add_text(builder, vg_system_definitions[index].uri);
	return true;
}

static bool only(const char *text, const char *characters) { return *text && text[strspn(text, characters)] == '\0'; }

static bool is_icd10cm(const char *canonical)
{
	size_t length = strlen(canonical);
	if (canonical[0] < 'A' || canonical[0] > 'Z' || length > 8)
		return false;
	return length == 1 || only(canonical + 1, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.");
}

static bool settle_code(table_reader *reader, uint32_t system_column, uint32_t column)
{
	vg_builder *builder = reader->builder;
	char room[VG_CODE_SIZE];
	const char *text = cell_text(reader, column), *system = cell_text(reader, system_column);
	if (strcmp(system, "set") == 0)
		return true;
	if (strcmp(system, "name") == 0) {
		reader->cells[column] = vg_fold_text(builder, text);
		return true;
	}
	uint32_t index = vg_system_index(system);
	const char *canonical = vg_canonical_code(index, text, room);
	if (index == VG_SYSTEM_RXNORM && !only(canonical, "0123456789"))
		return reject(reader, VG318, "code", text, "digits only, as codes of RxNorm have");
	if (index == VG_SYSTEM_ICD10CM && !is_icd10cm(canonical))
		return reject(reader, VG318, "code", text,
			      "a letter and up to six letters and digits, as codes of ICD-10-CM have, such as E11.65");
	if (canonical != text)
		reader->cells[column] = vg_pool_add_text(builder, canonical);
	return true;
}

static bool check_cell(table_reader *reader, uint32_t column)
{
	const vg_column_definition *definition = &vg_column_definitions[reader->definition->first + column];
	const char *text = cell_text(reader, column), *expected = "";
	vg_finding_code code;
	if (!*text || vg_cell_fits(&reader->builder->scratch, definition->kind, text, &code, &expected))
		return true;
	return reject(reader, code, definition->name, text, expected);
}

static bool settle_row(table_reader *reader)
{
	const vg_table_definition *table = reader->definition;
	uint32_t system_column = 0;
	for (uint32_t i = 0; i < table->column_count; i++) {
		vg_cell_kind kind = vg_column_definitions[table->first + i].kind;
		if (i < table->key_count && !reader->cells[i]) {
			vg_note(reader->builder, VG321, reader->builder->file, reader->line, NULL,
				"The column \"%s\" is empty: the row is left out.",
				vg_column_definitions[table->first + i].name);
			return false;
		}
		if (!check_cell(reader, i))
			return false;
		if (kind == VG_CELL_SYSTEM && !settle_system(reader, system_column = i))
			return false;
		if (kind == VG_CELL_CODE && !settle_code(reader, system_column, i))
			return false;
	}
	if (reader->table == VG_TABLE_sets && strcmp(cell_text(reader, VG_COLUMN_sets_match - VG_FIRST_sets), "prefix") == 0 &&
	    vg_system_index(cell_text(reader, system_column)) != VG_SYSTEM_ICD10CM)
		return reject(reader, VG314, "match", "prefix", "the codes one by one: only those of ICD-10-CM have prefixes");
	return !reader->builder->failed;
}

/* ---- layering -------------------------------------------------------------------- */

static uint32_t row_key(table_reader *reader)
{
	vg_builder *builder = reader->builder;
	const vg_table_definition *table = reader->definition;
	vg_buffer key;
	vg_buffer_init(&key, &builder->scratch);
	for (uint32_t i = 0; i < table->key_count; i++) {
		vg_cell_kind kind = vg_column_definitions[table->first + i].kind;
		uint32_t text = reader->cells[i];
		bool is_set = kind == VG_CELL_SET_NAME || kind == VG_CELL_SET ||
			      (kind == VG_CELL_CODE && strcmp(cell_text(reader, i - 1), "set") == 0);
		if (is_set)
			text = vg_fold_text(builder, vg_pool_text(builder, text));
		if (table->key_count == 1)
			return text;
		vg_add(&key, vg_pool_text(builder, text));
		vg_add(&key, "\x1f");
	}
	const char *text = vg_buffer_text(&key);
	builder->failed = builder->failed || !text;
	return text ? vg_pool_add_text(builder, text) : 0;
}

static vg_row *new_row(table_reader *reader, uint32_t key)
{
	vg_rows *rows = &reader->builder->tables[reader->table];
	vg_row *row = key ? vg_list_add(&rows->list) : NULL;
	uint32_t *index = NULL;
	if (row) {
		row->key = key;
		row->first_file = reader->builder->file;
		row->first_line = reader->line;
		index = vg_map_at(&rows->by_key, &row->key, sizeof row->key, true);
	}
	if (!index) {
		reader->builder->failed = true;
		return NULL;
	}
	*index = (uint32_t)(rows->list.count - 1);
	return row;
}

/* An empty `match` means "exact" and so takes back an earlier layer's "remove". */
static void take_back_removal(const table_reader *reader, vg_row *row)
{
	uint32_t match = VG_COLUMN_sets_match - VG_FIRST_sets;
	if (!reader->cells[match] && strcmp(vg_pool_text(reader->builder, row->cells[match]), "remove") == 0)
		row->cells[match] = 0;
}

static void layer_row(table_reader *reader)
{
	vg_builder *builder = reader->builder;
	vg_rows *rows = &builder->tables[reader->table];
	uint32_t key = row_key(reader);
	const uint32_t *known = key ? vg_map_at(&rows->by_key, &key, sizeof key, false) : NULL;
	vg_row *row = known ? vg_list_at(&rows->list, *known) : new_row(reader, key);
	if (!row)
		return;
	if (known && row->file == builder->file && reader->table != VG_TABLE_sets) {
		vg_note(builder, VG320, builder->file, reader->line, "Give it an id of its own, or take one of the two out.",
			"\"%s\" stands in line %u too: this second row is left out.", cell_text(reader, 0), row->line);
		return;
	}
	if (known && reader->table == VG_TABLE_sets)
		take_back_removal(reader, row);
	for (uint32_t i = 0; i < reader->definition->column_count; i++) {
		if (reader->emptied[i])
			row->cells[i] = 0;
		else if (reader->cells[i])
			row->cells[i] = reader->cells[i];
	}
	row->file = builder->file;
	row->line = reader->line;
	row->layer = builder->layer;
}

static void read_row(table_reader *reader, const vg_csv *csv)
{
	vg_builder *builder = reader->builder;
	reader->line = (uint32_t)csv->row_line;
	if (csv->problem != VG_CSV_FINE) {
		bool limit = csv->problem == VG_CSV_TOO_MANY_CELLS || csv->problem == VG_CSV_CELL_TOO_LONG;
		note(reader,
		     csv->problem == VG_CSV_NOT_UTF8 ? VG303
		     : limit                         ? VG307
						     : VG300,
		     NULL, vg_csv_problem_text(csv->problem));
		return;
	}
	if (csv->cell_count != reader->header_count) {
		vg_note(builder, VG302, builder->file, reader->line,
			"Put cells that hold a comma into double quotes, and write a comma for each empty cell.",
			"The row has %zu cells, the header %zu: the row is left out.", csv->cell_count, reader->header_count);
		return;
	}
	memset(reader->cells, 0, sizeof reader->cells);
	memset(reader->emptied, 0, sizeof reader->emptied);
	for (size_t i = 0; i < csv->cell_count; i++) {
		uint32_t column = reader->columns[i];
		if (column == UINT32_MAX)
			continue;
		if (strcmp(csv->cells[i], "-") == 0)
			reader->emptied[column] = true;
		else
			reader->cells[column] = vg_pool_add(builder, csv->cells[i], csv->lengths[i]);
	}
	if (!builder->failed && settle_row(reader))
		layer_row(reader);
}

/* ---- files ------------------------------------------------------------------------- */

/* "tables/products.csv" is the table products, as is "tables/products.PART.csv", anything in sets/ the table sets; -1 when
 * Vigil knows none of that name. */
static int table_of_path(vg_builder *builder, const char *path, uint32_t file)
{
	if (vg_starts_with(path, "sets/"))
		return VG_TABLE_sets;
	const char *name = path + strlen("tables/"), *names[VG_TABLES];
	size_t length = strcspn(name, ".");
	for (int i = 0; i < VG_TABLES; i++) {
		names[i] = vg_table_definitions[i].name;
		if (i != VG_TABLE_sets && strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
			return i;
	}
	char *word = vg_copy_text(&builder->scratch, name, length);
	builder->failed = builder->failed || !word;
	if (word)
		vg_note(builder, VG308, file, 0, vg_did_you_mean(builder, word, names + 1, VG_TABLES - 1),
			"There is no table \"%s\": the file is not read.", word);
	return -1;
}

static void read_table(vg_builder *builder, int table, char *text, size_t length)
{
	vg_csv csv;
	table_reader reader = {.builder = builder, .definition = &vg_table_definitions[table], .table = table};
	builder->tables[table].present = true;
	vg_csv_begin(&csv, text, length);
	if (!read_header(&reader, &csv))
		return;
	while (!builder->failed && vg_csv_next(&csv))
		read_row(&reader, &csv);
}

static uint32_t add_file(vg_builder *builder, const char *path)
{
	vg_packed_file *file = vg_list_add(&builder->files);
	if (!file) {
		builder->failed = true;
		return 0;
	}
	*file = (vg_packed_file){builder->layer, vg_pool_add_text(builder, path)};
	return (uint32_t)(builder->files.count - 1);
}

static vigil_status read_source(vg_builder *builder, const char *folder, const vg_source_file *source, vigil_error *err)
{
	vg_digest digest = {{0}};
	vg_digest_state state;
	char *text;
	size_t length;
	vigil_error reason = VIGIL_ERROR_INIT;
	uint32_t file = builder->file = add_file(builder, source->path);
	if (!source->readable) {
		vg_note(builder, VG309, file, 0, "Make it a readable file of at most 1 GiB.", "The file cannot be read.");
		return VIGIL_OK;
	}
	int table = table_of_path(builder, source->path, file);
	const char *path = vg_format(&builder->scratch, "%s/%s", folder, source->path);
	if (!path || builder->failed)
		return vg_fail_memory(err);
	if (table < 0)
		return VIGIL_OK;
	vigil_status status = vg_read_file(&builder->scratch, path, FILE_LIMIT, &text, &length, &reason);
	if (status == VIGIL_NO_MEMORY)
		return vg_fail_memory(err);
	if (status == VIGIL_OK) {
		vg_digest_begin(&state);
		vg_digest_add(&state, text, length);
		vg_digest_end(&state, &digest);
	}
	if (status != VIGIL_OK || memcmp(&digest, &source->digest, sizeof digest) != 0)
		return vg_fail(err, VIGIL_BAD_RULES, "Load again when nobody is changing the pack.",
			       "%s changed while it was being read.", path);
	read_table(builder, table, text, length);
	return builder->failed ? vg_fail_memory(err) : VIGIL_OK;
}

vigil_status vg_read_layer(vg_builder *builder, const vg_source_layer *layer, uint32_t number, vigil_error *err)
{
	builder->layer = number;
	for (size_t i = 0; i < layer->file_count; i++) {
		if (!layer->files[i].table)
			continue;
		vigil_status status = read_source(builder, layer->folder, &layer->files[i], err);
		vg_arena_reset(&builder->scratch);
		if (status != VIGIL_OK)
			return status;
	}
	return VIGIL_OK;
}

/* ---- after all layers ------------------------------------------------------------------ */

static void missing_cell(vg_builder *builder, vg_row *row, int column)
{
	vg_note(builder, VG321, row->file, row->line, NULL, "Row \"%s\" has no %s, in no layer: it is left out.",
		vg_pool_text(builder, row->cells[0]), vg_column_definitions[column].name);
	row->left_out = true;
}

/* drug_lab_disease: what a row needs depends on its kind. */
static void check_fact_row(vg_builder *builder, vg_row *row)
{
	const int table = VG_TABLE_drug_lab_disease;
	const char *kind = vg_row_cell(builder, table, row, VG_COLUMN_drug_lab_disease_kind);
	bool lab = strcmp(kind, "lab") == 0, age = strcmp(kind, "age") == 0, disease = strcmp(kind, "disease") == 0;
	if ((lab || disease) && !*vg_row_cell(builder, table, row, VG_COLUMN_drug_lab_disease_subject))
		missing_cell(builder, row, VG_COLUMN_drug_lab_disease_subject);
	else if ((lab || age) && !*vg_row_cell(builder, table, row, VG_COLUMN_drug_lab_disease_comparison))
		missing_cell(builder, row, VG_COLUMN_drug_lab_disease_comparison);
	else if ((lab || age) && !*vg_row_cell(builder, table, row, VG_COLUMN_drug_lab_disease_limit))
		missing_cell(builder, row, VG_COLUMN_drug_lab_disease_limit);
}

void vg_check_needed_cells(vg_builder *builder)
{
	for (int table = 0; table < VG_TABLES && !builder->failed; table++) {
		const vg_table_definition *definition = &vg_table_definitions[table];
		for (size_t i = 0; i < builder->tables[table].list.count; i++) {
			vg_row *row = vg_row_at(builder, table, i);
			for (uint32_t j = 0; j < definition->column_count && !row->left_out; j++)
				if (vg_column_definitions[definition->first + j].needed && !row->cells[j])
					missing_cell(builder, row, (int)(definition->first + j));
			if (table == VG_TABLE_drug_lab_disease && !row->left_out)
				check_fact_row(builder, row);
		}
	}
}

void vg_definitions_digest(vg_digest_state *state)
{
	static const char sections[] =
#define X(name, type) #name " " #type "\n"
#include "sections.def"
#undef X
	    ;
	static const char words[] =
#define ROUTE(route, name) #route name "\n"
#define FORM(text, route) text " " #route "\n"
#include "routes.def"
#undef ROUTE
#undef FORM
#define SALT(word) word "\n"
#define METAL(word) word " metal\n"
#define FORM_WORD(word) word " form\n"
#define MEASURE(word) word " measure\n"
#include "words.def"
#undef SALT
#undef METAL
#undef FORM_WORD
#undef MEASURE
	    ;
	static const size_t sizes[] = {
#define X(name, type) sizeof(type),
#include "sections.def"
#undef X
	};
	vg_digest_add_text(state, sections);
	vg_digest_add_text(state, words);
	vg_digest_add(state, sizes, sizeof sizes);
	for (int i = 0; i < VG_SYSTEMS_KNOWN; i++)
		vg_digest_add_text(state, vg_system_definitions[i].uri);
	for (int i = 0; i < VG_COLUMNS; i++) {
		unsigned char kind[2] = {(unsigned char)vg_column_definitions[i].kind, vg_column_definitions[i].needed};
		vg_digest_add_text(state, vg_column_definitions[i].name);
		vg_digest_add(state, kind, sizeof kind);
	}
}
