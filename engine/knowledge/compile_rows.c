/*
 * The rule tables: checks that need all layers, then the two pair tables as
 * packed rows with a hash table over their pairs, and the other tables cell by
 * cell, each in order of id.
 */
#include "knowledge/knowledge_internal.h"

#include <stdlib.h>
#include <string.h>

#define SECTION(builder, section, array, number)                                                                               \
	((builder)->image.section.items = (array), (builder)->image.section.count = (number))

/* ---- checks ---------------------------------------------------------------------- */

static bool is_family(int table) { return table >= VG_TABLE_interactions && table != VG_TABLE_pair_cases; }

/* The number of the column of this name; -1 when the table has none. */
static int column_named(int table, const char *name)
{
	const vg_table_definition *definition = &vg_table_definitions[table];
	for (uint32_t i = 0; i < definition->column_count; i++)
		if (strcmp(vg_column_definitions[definition->first + i].name, name) == 0)
			return (int)(definition->first + i);
	return -1;
}

static void check_sets_of_row(vg_builder *builder, int table, vg_row *row)
{
	const vg_table_definition *definition = &vg_table_definitions[table];
	for (uint32_t i = 0; i < definition->column_count && !row->left_out && !builder->failed; i++) {
		const vg_column_definition *column = &vg_column_definitions[definition->first + i];
		const char *name = vg_pool_text(builder, row->cells[i]);
		if (!*name || (column->kind != VG_CELL_SET && column->kind != VG_CELL_SET_OR_SAME))
			continue;
		if (column->kind == VG_CELL_SET_OR_SAME && vg_same_fold(name, "same ingredient"))
			continue;
		if (vg_cell_set(builder, &row->cells[i]) || builder->failed)
			continue;
		vg_note(builder, VG310, row->file, row->line, vg_nearest_set(builder, name),
			"Row \"%s\": %s: there is no set \"%s\": the row is left out.", vg_pool_text(builder, row->cells[0]),
			column->name, name);
		row->left_out = true;
	}
}

typedef struct checked_columns { /* of one table; looked up once */
	int status, evidence, source, silences;
} checked_columns;

static void check_source(vg_builder *builder, int table, const checked_columns *columns, const vg_row *row)
{
	if (strcmp(vg_row_cell(builder, table, row, columns->status), "active") == 0 &&
	    !*vg_row_cell(builder, table, row, columns->evidence) && !*vg_row_cell(builder, table, row, columns->source))
		vg_note(builder, VG328, row->file, row->line, "Fill in evidence or source, or make it a draft.",
			"Row \"%s\" is active and names no source.", vg_pool_text(builder, row->cells[0]));
}

static vg_row *row_of_id(vg_builder *builder, int table, const char *id)
{
	uint32_t key = vg_pool_add_text(builder, id);
	const uint32_t *index = vg_map_at(&builder->tables[table].by_key, &key, sizeof key, false);
	return index ? vg_row_at(builder, table, *index) : NULL;
}

static void check_silences(vg_builder *builder, int table, const vg_row *row, int column)
{
	const char *text = vg_row_cell(builder, table, row, column);
	while (*text && !builder->failed) {
		size_t length = strcspn(text, " ");
		char *id = length ? vg_copy_text(&builder->scratch, text, length) : NULL;
		builder->failed = builder->failed || (length && !id);
		if (id && !row_of_id(builder, table, id))
			vg_note(builder, VG329, row->file, row->line, "Write the id as its row has it.",
				"Row \"%s\" silences \"%s\", which is no row of this table.",
				vg_pool_text(builder, row->cells[0]), id);
		text += length + (text[length] == ' ');
	}
}

static void check_case(vg_builder *builder, vg_row *row)
{
	const char *id = vg_row_cell(builder, VG_TABLE_pair_cases, row, VG_COLUMN_pair_cases_row);
	if (row_of_id(builder, VG_TABLE_interactions, id) || row_of_id(builder, VG_TABLE_cross_reactivity, id))
		return;
	vg_note(builder, VG330, row->file, row->line, "Write the id as interactions.csv or cross_reactivity.csv has it.",
		"A case belongs to the row \"%s\", which does not exist: it is left out.", id);
	row->left_out = true;
}

void vg_check_rows(vg_builder *builder)
{
	for (int table = 0; table < VG_TABLES && !builder->failed; table++) {
		checked_columns columns = {column_named(table, "status"), column_named(table, "evidence"),
					   column_named(table, "source"), column_named(table, "silences")};
		for (size_t i = 0; i < builder->tables[table].list.count && !builder->failed; i++) {
			vg_row *row = vg_row_at(builder, table, i);
			if (row->left_out)
				continue;
			if (table == VG_TABLE_pair_cases)
				check_case(builder, row);
			if (!is_family(table))
				continue;
			check_sets_of_row(builder, table, row);
			check_source(builder, table, &columns, row);
			if (columns.silences >= 0)
				check_silences(builder, table, row, columns.silences);
		}
		vg_arena_reset(&builder->scratch);
	}
}

/* ---- order of id -------------------------------------------------------------------- */

typedef struct key_context {
	const vg_builder *builder;
	int table;
} key_context;

static int row_order(const void *a, const void *b, void *context)
{
	const vg_row *const *x = a, *const *y = b;
	const key_context *key = context;
	int order = strcmp(vg_pool_text(key->builder, (*x)->cells[0]), vg_pool_text(key->builder, (*y)->cells[0]));
	if (order || key->table != VG_TABLE_pair_cases)
		return order;
	long first = strtol(vg_row_cell(key->builder, key->table, *x, VG_COLUMN_pair_cases_order), NULL, 10);
	long second = strtol(vg_row_cell(key->builder, key->table, *y, VG_COLUMN_pair_cases_order), NULL, 10);
	return (first > second) - (first < second);
}

/* The rows of a table that are not left out, in order of id (cases: and of their number). */
static const vg_row **sorted_rows(vg_builder *builder, int table, size_t *ret_count)
{
	size_t total = builder->tables[table].list.count, count = 0;
	key_context context = {builder, table};
	const vg_row **rows = vg_build_array(builder, total, sizeof *rows);
	bool sorted = true;
	if (!rows)
		return NULL;
	for (size_t i = 0; i < total; i++) {
		const vg_row *row = vg_row_at(builder, table, i);
		if (row->left_out)
			continue;
		rows[count++] = row;
		sorted = sorted && (count < 2 || row_order(&rows[count - 2], &rows[count - 1], &context) <= 0);
	}
	if (!sorted)
		qsort_r(rows, count, sizeof *rows, row_order, &context);
	*ret_count = count;
	return rows;
}

/* ---- durations and cases ---------------------------------------------------------------- */

typedef struct duration_list {
	vg_duration *items;
	size_t count, capacity;
} duration_list;

static uint32_t add_duration(vg_builder *builder, duration_list *list, const char *text)
{
	vg_duration duration = {0, 0, 0};
	if (!*text || !vg_duration_parse(text, &duration))
		return 0;
	for (size_t i = 0; i < list->count; i++)
		if (memcmp(&list->items[i], &duration, sizeof duration) == 0)
			return (uint32_t)i;
	vg_duration *items = vg_grow(&builder->arena, list->items, list->count, &list->capacity, sizeof *items);
	if (!items) {
		builder->failed = true;
		return 0;
	}
	list->items = items;
	items[list->count] = duration;
	return (uint32_t)list->count++;
}

static void freeze_cases(vg_builder *builder, const vg_row **rows, size_t count)
{
	const int table = VG_TABLE_pair_cases;
	vg_packed_case *cases = vg_build_array(builder, count, sizeof *cases);
	for (size_t i = 0; i < count && cases; i++) {
		const vg_row *row = rows[i];
		const char *word = vg_row_cell(builder, table, row, VG_COLUMN_pair_cases_severity);
		vigil_severity severity = VIGIL_SEVERITY_INFO;
		cases[i].changes_severity = vg_severity_of_name(word, &severity);
		cases[i].severity = (uint32_t)severity;
		cases[i].silences = strcmp(word, "silent") == 0;
		cases[i].definition = row->cells[VG_COLUMN_pair_cases_if - VG_FIRST_pair_cases];
		cases[i].say = row->cells[VG_COLUMN_pair_cases_say - VG_FIRST_pair_cases];
		cases[i].place = (vg_packed_place){row->file, row->line, row->layer};
	}
	SECTION(builder, cases, cases, count);
}

/* The first case of a row id among the sorted cases, and how many there are. */
static void find_cases(const vg_builder *builder, const vg_row **cases, size_t count, const char *id, vg_packed_pair *pair)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(vg_pool_text(builder, cases[middle]->cells[0]), id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	pair->first_case = (uint32_t)low;
	while (low < count && strcmp(vg_pool_text(builder, cases[low]->cells[0]), id) == 0)
		low++;
	pair->case_count = (uint32_t)low - pair->first_case;
}

/* ---- pairs ------------------------------------------------------------------------------- */

uint64_t vg_pair_hash(uint32_t a, uint32_t b)
{
	uint64_t hash = ((uint64_t)a << 32 | b) * UINT64_C(0x9E3779B97F4A7C15);
	return hash ^ hash >> 29;
}

typedef struct pair_sections {
	vg_packed_pair *pairs;
	vg_packed_group *groups;
	uint32_t *slots, *rows;
	size_t count, group_count, slot_count;
} pair_sections;

/* Groups rows of one pair together, in order of row within a group. */
static void group_pairs(vg_builder *builder, pair_sections *s, bool either_order)
{
	size_t count = s->count;
	for (s->slot_count = 16; s->slot_count / 2 < count;)
		s->slot_count *= 2;
	s->slots = vg_build_array(builder, s->slot_count, sizeof *s->slots);
	s->groups = vg_build_array(builder, count, sizeof *s->groups);
	s->rows = vg_build_array(builder, count, sizeof *s->rows);
	uint32_t *group_of = vg_build_array(builder, count, sizeof *group_of);
	if (builder->failed)
		return;
	for (size_t i = 0; i < count; i++) {
		uint32_t a = s->pairs[i].a, b = s->pairs[i].b;
		if (either_order && a > b) {
			a = s->pairs[i].b;
			b = s->pairs[i].a;
		}
		size_t place = vg_pair_hash(a, b) & (s->slot_count - 1);
		for (; s->slots[place]; place = (place + 1) & (s->slot_count - 1))
			if (s->groups[s->slots[place] - 1].a == a && s->groups[s->slots[place] - 1].b == b)
				break;
		if (!s->slots[place]) {
			s->groups[s->group_count++] = (vg_packed_group){a, b, 0, 0};
			s->slots[place] = (uint32_t)s->group_count;
		}
		group_of[i] = s->slots[place] - 1;
		s->groups[group_of[i]].count++;
	}
	for (size_t i = 0, first = 0; i < s->group_count; i++) {
		s->groups[i].first = (uint32_t)first;
		first += s->groups[i].count;
		s->groups[i].count = 0;
	}
	for (size_t i = 0; i < count; i++) {
		vg_packed_group *group = &s->groups[group_of[i]];
		s->rows[group->first + group->count++] = (uint32_t)i;
	}
}

/* The texts that both tables have, or one of them. */
static const struct {
	const char *column;
	size_t offset;
} pair_texts[] = {
#define X(name)                                                                                                                \
	{                                                                                                                      \
#name, offsetof(vg_packed_pair, name)                                                                          \
	}
    X(id),       X(title), X(mechanism), X(effect), X(management), X(silences), X(owner),    X(review_by),
    X(evidence), X(url),   X(publisher), X(year),   X(grade),      X(source),   X(verified),
#undef X
};
enum { PAIR_TEXTS = VG_COUNT(pair_texts) };
typedef struct pair_columns { /* of one of the two tables; looked up once */
	int texts[PAIR_TEXTS], severity, status;
} pair_columns;

static pair_columns columns_of_pairs(int table)
{
	pair_columns columns = {.severity = column_named(table, "severity"), .status = column_named(table, "status")};
	for (size_t i = 0; i < PAIR_TEXTS; i++)
		columns.texts[i] = column_named(table, pair_texts[i].column);
	return columns;
}

static void fill_pair(vg_builder *builder, int table, const pair_columns *columns, const vg_row *row, vg_packed_pair *pair)
{
	uint32_t first = vg_table_definitions[table].first;
	for (size_t i = 0; i < PAIR_TEXTS; i++)
		if (columns->texts[i] >= 0)
			memcpy((char *)pair + pair_texts[i].offset, &row->cells[(uint32_t)columns->texts[i] - first],
			       sizeof(uint32_t));
	const char *word = vg_row_cell(builder, table, row, columns->severity);
	vigil_severity severity = VIGIL_SEVERITY_INFO;
	vg_rule_status status = VG_STATUS_DRAFT;
	vg_severity_of_name(word, &severity);
	vg_rule_status_of_name(vg_row_cell(builder, table, row, columns->status), &status);
	pair->severity = (uint32_t)severity;
	pair->silent = strcmp(word, "silent") == 0;
	pair->status = (uint32_t)status;
	pair->a = vg_cell_set(builder, &row->cells[1]); /* a, allergen */
	pair->b = vg_cell_set(builder, &row->cells[2]); /* b, drug */
	pair->place = (vg_packed_place){row->file, row->line, row->layer};
}

static pair_sections freeze_family(vg_builder *builder, int table, const vg_row **cases, size_t case_count,
				   duration_list *durations)
{
	pair_sections s = {.count = 0};
	pair_columns columns = columns_of_pairs(table);
	const vg_row **rows = sorted_rows(builder, table, &s.count);
	s.pairs = rows ? vg_build_array(builder, s.count, sizeof *s.pairs) : NULL;
	for (size_t i = 0; i < s.count && !builder->failed; i++) {
		fill_pair(builder, table, &columns, rows[i], &s.pairs[i]);
		find_cases(builder, cases, case_count, vg_pool_text(builder, s.pairs[i].id), &s.pairs[i]);
		if (table != VG_TABLE_interactions)
			continue;
		s.pairs[i].still_counts_a = add_duration(
		    builder, durations, vg_row_cell(builder, table, rows[i], VG_COLUMN_interactions_still_counts_a));
		s.pairs[i].still_counts_b = add_duration(
		    builder, durations, vg_row_cell(builder, table, rows[i], VG_COLUMN_interactions_still_counts_b));
	}
	if (!builder->failed)
		group_pairs(builder, &s, table == VG_TABLE_interactions);
	return s;
}

static void mark_uses(const pair_sections *s, vg_bits *bits)
{
	for (size_t i = 0; i < s->count; i++) {
		vg_bit_set(bits, s->pairs[i].a);
		vg_bit_set(bits, s->pairs[i].b);
	}
}

void vg_freeze_pairs(vg_builder *builder)
{
	size_t case_count = 0, words = VG_BITS_WORDS(builder->sets.count);
	duration_list durations = {NULL, 1, 0};
	durations.items = vg_grow(&builder->arena, NULL, 0, &durations.capacity, sizeof *durations.items); /* 0 is "none" */
	const vg_row **cases = sorted_rows(builder, VG_TABLE_pair_cases, &case_count);
	vg_bits *uses = vg_build_array(builder, 2 * words, sizeof *uses);
	builder->failed = builder->failed || !durations.items;
	if (builder->failed)
		return;
	freeze_cases(builder, cases, case_count);
	pair_sections s = freeze_family(builder, VG_TABLE_interactions, cases, case_count, &durations);
	if (builder->failed)
		return;
	mark_uses(&s, uses);
	SECTION(builder, interactions, s.pairs, s.count);
	SECTION(builder, interaction_slots, s.slots, s.slot_count);
	SECTION(builder, interaction_groups, s.groups, s.group_count);
	SECTION(builder, interaction_rows, s.rows, s.count);
	s = freeze_family(builder, VG_TABLE_cross_reactivity, cases, case_count, &durations);
	if (builder->failed)
		return;
	mark_uses(&s, uses + words);
	SECTION(builder, cross_reactivity, s.pairs, s.count);
	SECTION(builder, cross_reactivity_slots, s.slots, s.slot_count);
	SECTION(builder, cross_reactivity_groups, s.groups, s.group_count);
	SECTION(builder, cross_reactivity_rows, s.rows, s.count);
	SECTION(builder, pair_uses, uses, 2 * words);
	SECTION(builder, durations, durations.items, durations.count);
}

/* ---- the other tables ------------------------------------------------------------------------ */

static bool is_given_as_table(const vg_builder *builder, int table)
{
	return builder->tables[table].present && table > VG_TABLE_pair_cases;
}

void vg_freeze_tables(vg_builder *builder)
{
	size_t tables = 0, columns = 0, rows = 0, cells = 0;
	for (int table = 0; table < VG_TABLES; table++) {
		if (!is_given_as_table(builder, table))
			continue;
		tables++;
		columns += vg_table_definitions[table].column_count;
		rows += builder->tables[table].list.count;
		cells += builder->tables[table].list.count * vg_table_definitions[table].column_count;
	}
	vg_packed_table *table_items = vg_build_array(builder, tables, sizeof *table_items);
	uint32_t *column_items = vg_build_array(builder, columns, sizeof *column_items);
	vg_packed_place *row_items = vg_build_array(builder, rows, sizeof *row_items);
	uint32_t *cell_items = vg_build_array(builder, cells, sizeof *cell_items);
	tables = columns = rows = cells = 0;
	for (int table = 0; table < VG_TABLES && !builder->failed; table++) {
		const vg_table_definition *definition = &vg_table_definitions[table];
		size_t count = 0;
		if (!is_given_as_table(builder, table))
			continue;
		const vg_row **sorted = sorted_rows(builder, table, &count);
		if (!sorted)
			return;
		table_items[tables++] = (vg_packed_table){vg_pool_add_text(builder, definition->name),
							  (uint32_t)columns,
							  definition->column_count,
							  (uint32_t)rows,
							  (uint32_t)count,
							  (uint32_t)cells};
		for (uint32_t i = 0; i < definition->column_count; i++)
			column_items[columns++] = vg_pool_add_text(builder, vg_column_definitions[definition->first + i].name);
		for (size_t i = 0; i < count; i++) {
			row_items[rows++] = (vg_packed_place){sorted[i]->file, sorted[i]->line, sorted[i]->layer};
			memcpy(cell_items + cells, sorted[i]->cells, definition->column_count * sizeof *cell_items);
			cells += definition->column_count;
		}
	}
	SECTION(builder, tables, table_items, tables);
	SECTION(builder, table_columns, column_items, columns);
	SECTION(builder, table_rows, row_items, rows);
	SECTION(builder, table_cells, cell_items, cells);
}
