/*
 * The image in one block, and what is derived from it when it is opened.
 *
 * The directory (name, item size, count and hash of each section) decides where
 * each section begins; a file's directory must be that of this build, so that
 * an image of another build is never read with the wrong eyes.
 */
#include "knowledge/knowledge_internal.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	size_t item_size;
} section_types[VG_SECTIONS] = {
#define X(name, type) {#name, sizeof(type)},
#include "sections.def"
#undef X
};

size_t vg_image_layout(const vg_directory_entry directory[VG_SECTIONS], size_t starts[VG_SECTIONS])
{
	size_t total = 0;
	for (int i = 0; i < VG_SECTIONS; i++) {
		const vg_directory_entry *entry = &directory[i];
		if (strncmp(entry->name, section_types[i].name, sizeof entry->name) != 0 ||
		    entry->item_size != section_types[i].item_size || entry->count > UINT32_MAX)
			return 0;
		starts[i] = total;
		total += ((size_t)entry->count * (size_t)entry->item_size + 15) & ~(size_t)15;
	}
	return total + 16;
}

void vg_image_describe(const vg_image *image, vg_directory_entry directory[VG_SECTIONS], const void *contents[VG_SECTIONS])
{
	memset(directory, 0, VG_SECTIONS * sizeof *directory);
#define X(section, type)                                                                                                       \
	directory[VG_SECTION_##section].count = image->section.count;                                                          \
	contents[VG_SECTION_##section] = image->section.items;
#include "sections.def"
#undef X
	for (int i = 0; i < VG_SECTIONS; i++) {
		snprintf(directory[i].name, sizeof directory[i].name, "%s", section_types[i].name);
		directory[i].item_size = section_types[i].item_size;
		directory[i].hash =
		    vg_hash(contents[i] ? contents[i] : "", (size_t)directory[i].count * section_types[i].item_size);
	}
}

void vg_image_attach(vg_image *image, const vg_directory_entry directory[VG_SECTIONS], const char *block)
{
	size_t starts[VG_SECTIONS];
	vg_image_layout(directory, starts);
#define X(section, type)                                                                                                       \
	image->section.items = (const type *)(const void *)(block + starts[VG_SECTION_##section]);                             \
	image->section.count = (size_t)directory[VG_SECTION_##section].count;
#include "sections.def"
#undef X
}

/* ---- prepared when opened ---------------------------------------------------- */

static bool prepare_files(vg_knowledge *knowledge, const vg_knowledge_sources *sources)
{
	const vg_image *image = &knowledge->image;
	const char **names = vg_alloc_array(&knowledge->arena, image->files.count + 1, sizeof *names);
	for (size_t i = 0; i < image->files.count && names; i++) {
		uint32_t layer = image->files.items[i].layer;
		const char *folder = layer ? sources->packs[layer - 1].folder : sources->import_dir;
		names[i] = vg_format(&knowledge->arena, "%s/%s", folder, vg_pool_at(knowledge, image->files.items[i].path));
		if (!names[i])
			return false;
	}
	knowledge->file_names = names;
	return names != NULL;
}

static bool prepare_set_labels(vg_knowledge *knowledge)
{
	size_t count = vg_set_count(knowledge);
	const char **labels = vg_alloc_array(&knowledge->arena, count + 1, sizeof *labels);
	for (size_t i = 0; i < count && labels; i++)
		labels[i] = vg_set_name(knowledge, (vg_set)(i + 1));
	knowledge->set_labels = labels;
	return labels != NULL;
}

static void add_spelling(vg_knowledge *knowledge, const char *text, uint32_t system)
{
	size_t mask = knowledge->spelling_capacity - 1, place = vg_hash(text, strlen(text)) & mask;
	while (knowledge->spellings[place].text && strcmp(knowledge->spellings[place].text, text) != 0)
		place = (place + 1) & mask;
	if (!knowledge->spellings[place].text)
		knowledge->spellings[place] = (vg_spelling){text, system};
}

static size_t count_words(const char *text)
{
	size_t count = *text != '\0';
	for (; *text; text++)
		count += *text == ' ';
	return count;
}

static bool prepare_spellings(vg_knowledge *knowledge)
{
	const vg_image *image = &knowledge->image;
	size_t count = image->systems.count, capacity = 16;
	for (uint32_t i = 0; i < VG_SYSTEMS_KNOWN; i++)
		count += 2 + count_words(vg_system_definitions[i].others);
	while (capacity < 2 * count)
		capacity *= 2;
	knowledge->spellings = vg_alloc_array(&knowledge->arena, capacity, sizeof *knowledge->spellings);
	if (!knowledge->spellings)
		return false;
	knowledge->spelling_capacity = capacity;
	for (uint32_t i = 0; i < image->systems.count; i++)
		add_spelling(knowledge, vg_pool_at(knowledge, image->systems.items[i]), i);
	for (uint32_t i = 0; i < VG_SYSTEMS_KNOWN; i++) {
		const char *others = vg_system_definitions[i].others;
		add_spelling(knowledge, vg_system_definitions[i].name, i);
		add_spelling(knowledge, vg_system_definitions[i].label, i);
		while (*others) {
			size_t length = strcspn(others, " ");
			char *word = vg_copy_text(&knowledge->arena, others, length);
			if (!word)
				return false;
			add_spelling(knowledge, word, i);
			others += length + (others[length] == ' ');
		}
	}
	return true;
}

static bool prepare_strengths(vg_knowledge *knowledge)
{
	const vg_image *image = &knowledge->image;
	vg_strength *strengths = vg_alloc_array(&knowledge->arena, image->strengths.count + 1, sizeof *strengths);
	for (size_t i = 0; i < image->strengths.count && strengths; i++) {
		const vg_packed_strength *packed = &image->strengths.items[i];
		strengths[i] = (vg_strength){packed->amount, packed->per, vg_pool_at(knowledge, packed->unit),
					     packed->per_unit ? vg_pool_at(knowledge, packed->per_unit) : NULL};
	}
	knowledge->strengths = strengths;
	return strengths != NULL;
}

vg_place vg_packed_place_text(const vg_knowledge *knowledge, uint32_t file, uint32_t line)
{
	return (vg_place){file < knowledge->image.files.count ? knowledge->file_names[file] : "", (int)line, 0};
}

static bool prepare_cases(vg_knowledge *knowledge)
{
	const vg_image *image = &knowledge->image;
	vg_pair_case *cases = vg_alloc_array(&knowledge->arena, image->cases.count + 1, sizeof *cases);
	for (size_t i = 0; i < image->cases.count && cases; i++) {
		const vg_packed_case *packed = &image->cases.items[i];
		cases[i] = (vg_pair_case){.definition = vg_pool_at(knowledge, packed->definition),
					  .changes_severity = packed->changes_severity,
					  .silences = packed->silences,
					  .severity = (vigil_severity)packed->severity,
					  .say = vg_pool_at(knowledge, packed->say),
					  .place = vg_packed_place_text(knowledge, packed->place.file, packed->place.line)};
	}
	knowledge->cases = cases;
	return cases != NULL;
}

static bool prepare_table(vg_knowledge *knowledge, const vg_packed_table *packed, vg_table *table)
{
	const vg_image *image = &knowledge->image;
	const char **columns = vg_alloc_array(&knowledge->arena, packed->column_count + 1, sizeof *columns);
	const char **cells =
	    vg_alloc_array(&knowledge->arena, (size_t)packed->row_count * packed->column_count + 1, sizeof *cells);
	vg_table_row *rows = vg_alloc_array(&knowledge->arena, packed->row_count + (size_t)1, sizeof *rows);
	if (!columns || !cells || !rows)
		return false;
	for (uint32_t i = 0; i < packed->column_count; i++)
		columns[i] = vg_pool_at(knowledge, image->table_columns.items[packed->first_column + i]);
	for (size_t i = 0; i < (size_t)packed->row_count * packed->column_count; i++)
		cells[i] = vg_pool_at(knowledge, image->table_cells.items[packed->first_cell + i]);
	for (uint32_t i = 0; i < packed->row_count; i++) {
		const vg_packed_place *place = &image->table_rows.items[packed->first_row + i];
		rows[i] = (vg_table_row){cells + (size_t)i * packed->column_count,
					 vg_packed_place_text(knowledge, place->file, place->line), place->layer - 1};
	}
	*table = (vg_table){vg_pool_at(knowledge, packed->name), columns, packed->column_count, rows, packed->row_count};
	return true;
}

static bool prepare_tables(vg_knowledge *knowledge)
{
	const vg_image *image = &knowledge->image;
	vg_table *tables = vg_alloc_array(&knowledge->arena, image->tables.count + 1, sizeof *tables);
	for (size_t i = 0; i < image->tables.count && tables; i++)
		if (!prepare_table(knowledge, &image->tables.items[i], &tables[i]))
			return false;
	knowledge->tables = tables;
	return tables != NULL;
}

vigil_status vg_knowledge_prepare(vg_knowledge *knowledge, const vg_knowledge_sources *sources, vigil_error *err)
{
	bool fine = prepare_files(knowledge, sources) && prepare_set_labels(knowledge) && prepare_spellings(knowledge) &&
		    prepare_strengths(knowledge) && prepare_cases(knowledge) && prepare_tables(knowledge);
	return fine ? VIGIL_OK : vg_fail_memory(err);
}

static vg_finding_code code_of_text(const char *text)
{
	for (int code = 0; code < VG_FINDING_CODES; code++)
		if (strcmp(vg_finding_kind_of((vg_finding_code)code)->code, text) == 0)
			return (vg_finding_code)code;
	return VG300;
}

void vg_knowledge_repeat_findings(const vg_knowledge *knowledge, vg_findings *findings)
{
	for (size_t i = 0; i < knowledge->image.findings.count; i++) {
		const vg_packed_finding *finding = &knowledge->image.findings.items[i];
		vg_report(findings, code_of_text(vg_pool_at(knowledge, finding->code)),
			  vg_packed_place_text(knowledge, finding->place.file, finding->place.line), NULL,
			  finding->advice ? vg_pool_at(knowledge, finding->advice) : NULL, "%s",
			  vg_pool_at(knowledge, finding->text));
	}
}
