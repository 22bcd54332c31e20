/*
 * Rows of the interaction table on one pair of drugs: one indexed join.
 *
 * Each tag of one drug with each tag of the other is one look into the table's
 * index, so the table's size does not matter.  The same ingredient on both
 * sides is no pair.  Of the rows that match, each is weighed by its own cases;
 * then those that another one silences fall out; the rest is what was found,
 * and grouping makes one alert of it.
 */
#include "evaluation/evaluation_internal.h"

#include <stdlib.h>

bool vg_row_severity(vg_work *work, vg_matched *row)
{
	row->severity = (uint8_t)row->cells.severity;
	for (uint32_t i = 0; i < row->cells.case_count; i++) {
		uint32_t place = row->cells.first_case + i, node = work->book->pair_case_nodes[place];
		vg_truth truth = node == VG_NO_NODE ? VG_FALSE : vg_ask_node(work, node, &row->binding);
		const vg_pair_case *item = vg_pair_case_get(work->knowledge, place);
		if (truth == VG_UNKNOWN && item->changes_severity && !item->silences)
			vg_note_unknown_case(&row->unknown, i, (uint8_t)item->severity);
		if (truth != VG_TRUE)
			continue;
		row->case_number = i + 1;
		if (item->changes_severity)
			row->severity = (uint8_t)item->severity;
		return !item->silences;
	}
	return true;
}

static bool names(const char *list, const char *id)
{
	size_t length = strlen(id);
	for (const char *at = list; (at = strstr(at, id)) != NULL; at += length)
		if ((at == list || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
			return true;
	return false;
}

static int graver_first(const void *left, const void *right)
{
	const vg_matched *a = left, *b = right;
	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* A row that is silenced silences nothing, so at least one always speaks. */
void vg_silence_rows(vg_matched *rows, size_t count)
{
	if (count < 2)
		return;
	qsort(rows, count, sizeof *rows, graver_first);
	for (size_t i = 0; i < count; i++) {
		if (rows[i].silenced || rows[i].cells.status != VG_STATUS_ACTIVE || !*rows[i].cells.silences)
			continue;
		for (size_t k = 0; k < count; k++)
			if (k != i && names(rows[i].cells.silences, rows[k].cells.id))
				rows[k].silenced = true;
	}
}

typedef struct row_list {
	vg_matched *items;
	size_t count, capacity;
} row_list;

static bool is_in(const row_list *list, uint32_t row)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].row == row)
			return true;
	return false;
}

/* Whether the stopped drug, member of `set`, still acts by this row. */
static bool still_acts(const vg_work *work, const vg_pair_row *row, vg_set set, vg_day stopped_on)
{
	const vg_duration counts[2] = {row->still_counts_a, row->still_counts_b};
	const vg_set members[2] = {row->a, row->b};
	for (int i = 0; i < 2; i++)
		if (members[i] == set && vg_duration_given(counts[i]) &&
		    work->scene.as_of <= vg_day_plus(stopped_on, counts[i]))
			return true;
	return false;
}

static void take_row(vg_work *work, const vg_pair *pair, uint32_t number, vg_tag subject, vg_tag other, row_list *list)
{
	vg_matched item = {.row = number};
	vg_pair_get(work->knowledge, VG_INTERACTIONS, number, &item.cells);
	if (!vg_row_shown(work, item.cells.status))
		return;
	if (pair->other->role == VG_ROLE_STOPPED && !still_acts(work, &item.cells, other.set, pair->other->stopped_on))
		return;
	item.binding = (vg_binding){.order = pair->order_side == VG_NO_ORDER ? NULL : pair->subject->fact,
				    .subject = pair->subject->fact,
				    .other = pair->other->fact,
				    .subject_ingredient = subject.ingredient,
				    .other_ingredient = other.ingredient,
				    .subject_set = subject.set,
				    .other_set = other.set};
	if (vg_is_replaced(work, VG_NO_RULE, item.cells.id, item.binding.subject, item.binding.other))
		return;
	if (!vg_row_severity(work, &item))
		return;
	item.notes = vg_pair_notes(work, pair, &item.binding);
	vg_matched *items = vg_grow(work->arena, list->items, list->count, &list->capacity, sizeof *items);
	if (!items)
		return;
	list->items = items;
	items[list->count++] = item;
}

static void match_rows(vg_work *work, const vg_pair *pair, row_list *list)
{
	for (size_t i = 0; i < pair->subject->tag_count; i++) {
		vg_tag subject = pair->subject->tags[i];
		for (size_t k = 0; k < pair->other->tag_count; k++) {
			vg_tag other = pair->other->tags[k];
			if (subject.ingredient && subject.ingredient == other.ingredient)
				continue;
			vg_ids rows = vg_pairs_of(work->knowledge, VG_INTERACTIONS, subject.set, other.set);
			for (size_t r = 0; r < rows.count; r++)
				if (!is_in(list, rows.ids[r]))
					take_row(work, pair, rows.ids[r], subject, other, list);
		}
	}
}

static void add_row(vg_work *work, const vg_matched *row)
{
	vg_found found = {.id = row->cells.id,
			  .rule = VG_NO_RULE,
			  .row = row->row,
			  .family = VG_INTERACTIONS,
			  .kind = VG_KIND_INTERACTION,
			  .severity = (uint8_t)row->severity,
			  .status = (uint8_t)row->cells.status,
			  .notes = (uint16_t)row->notes,
			  .case_number = row->case_number,
			  .unknown = row->unknown,
			  .binding = row->binding};
	vg_lower_found(&found, row->severity > row->cells.severity);
	vg_add_found(work, &found);
}

void vg_judge_pair_rows(vg_work *work, const vg_pair *pair)
{
	vg_side_tags(work, pair->subject, VG_INTERACTIONS);
	vg_side_tags(work, pair->other, VG_INTERACTIONS);
	row_list list = {.items = NULL};
	match_rows(work, pair, &list);
	vg_silence_rows(list.items, list.count);
	for (size_t i = 0; i < list.count; i++)
		if (!list.items[i].silenced)
			add_row(work, &list.items[i]);
}
