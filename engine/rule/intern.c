/*
 * Equal leaves are one leaf, so that an evaluation computes each at most once,
 * however many rules and rows ask it.
 *
 * A leaf is known by what it asks, written out as text: every member that
 * changes its truth, and none that does not (its place, its spelling).
 */
#include "rule/rule_internal.h"

static void add_quantity(vg_buffer *buffer, const vg_quantity *quantity)
{
	vg_add_number(buffer, isnan(quantity->number) ? 0 : quantity->number);
	vg_addf(buffer, "%d%d,", quantity->percent, isnan(quantity->number));
	vg_add_number(buffer, quantity->unit.factor);
	vg_add(buffer, ",");
	vg_add_number(buffer, quantity->unit.offset);
	for (size_t i = 0; i < VG_COUNT(quantity->unit.dimension); i++)
		vg_addf(buffer, ",%d", quantity->unit.dimension[i]);
	vg_add(buffer, ";");
}

static void add_duration(vg_buffer *buffer, vg_duration duration)
{
	vg_addf(buffer, "%d,%d,%d;", duration.months, duration.days, duration.hours);
}

const char *vg_leaf_key(vg_arena *arena, const vg_leaf *leaf)
{
	vg_buffer buffer;
	vg_buffer_init(&buffer, arena);
	vg_addf(&buffer, "%d,%d,%d,%d,%d;%d%d%d%d%d%d%d%d%d;", leaf->word, leaf->comparison, leaf->route, leaf->severity,
		leaf->calendar, leaf->bound, leaf->different_days, leaf->including_intolerance, leaf->ever, leaf->renewal,
		leaf->paired, leaf->dose_limited, leaf->dose_in_units, leaf->strict);
	vg_addf(&buffer, "%u,%u,%u,%u,%u;", leaf->set, leaf->other_set, leaf->helper_sets[0], leaf->helper_sets[1],
		leaf->helper_sets[2]);
	add_quantity(&buffer, &leaf->low);
	add_quantity(&buffer, &leaf->high);
	const vg_duration durations[] = {leaf->within, leaf->least, leaf->most, leaf->after_age, leaf->often, leaf->longer};
	for (size_t i = 0; i < VG_COUNT(durations); i++)
		add_duration(&buffer, durations[i]);
	vg_addf(&buffer, "%d,%d,%u,%u,%u;%s", leaf->day_from, leaf->day_to, leaf->times, leaf->last, leaf->sections,
		leaf->argument ? leaf->argument : "");
	return vg_buffer_text(&buffer);
}

uint32_t vg_intern_leaf(vg_compiler *compiler, vg_leaf *leaf)
{
	if (leaf->bound)
		compiler->speaks |= leaf->word == VG_WORD_OTHER_DRUG ? VG_FRAME_PAIR : VG_FRAME_ORDER;
	leaf->slot = vg_watch_set(compiler, leaf->set);
	for (size_t i = 0; i < VG_COUNT(leaf->helper_sets); i++)
		leaf->helper_slots[i] = vg_watch_set(compiler, leaf->helper_sets[i]);
	const char *key = vg_leaf_key(&compiler->scratch, leaf);
	uint32_t *number = key ? vg_map_at(&compiler->leaf_of, key, strlen(key), true) : NULL;
	if (!number) {
		compiler->scratch.failed = true;
		return VG_NO_LEAF;
	}
	if (*number)
		return *number - 1;
	vg_leaf *leaves =
	    vg_grow(&compiler->scratch, compiler->leaves, compiler->leaf_count, &compiler->leaf_capacity, sizeof *leaves);
	if (!leaves)
		return VG_NO_LEAF;
	compiler->leaves = leaves;
	leaf->place = vg_keep_place(compiler, leaf->place);
	leaf->sentence = vg_keep_text(compiler, vg_leaf_sentence(&compiler->scratch, compiler->knowledge, leaf));
	leaves[compiler->leaf_count++] = *leaf;
	*number = (uint32_t)compiler->leaf_count;
	return *number - 1;
}
