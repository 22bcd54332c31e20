/*
 * Conditions to trees: logic words become nodes, all other words leaves.
 *
 * A tree is compiled knowing whether it is asked for evidence to alert or for
 * evidence to silence (compiler->strict).  none{} turns this round.  It matters
 * to words that take the newest of a section that is not complete: see
 * docs/rules/meaning.md, "What an incomplete section shows".  So a definition
 * has up to two trees.
 *
 * Definitions are compiled when they are first used; one that reaches itself
 * is a finding of every definition on the way.
 */
#include "rule/rule_internal.h"

uint32_t vg_add_node(vg_compiler *compiler, vg_node_kind kind, uint16_t least, const uint32_t *children, size_t count,
		     vg_place place)
{
	vg_node *nodes =
	    vg_grow(&compiler->scratch, compiler->nodes, compiler->node_count, &compiler->node_capacity, sizeof *nodes);
	if (!nodes)
		return VG_NO_NODE;
	compiler->nodes = nodes;
	vg_node node = {.kind = (uint8_t)kind, .least = least, .place = vg_keep_place(compiler, place)};
	node.first = (uint32_t)compiler->child_count;
	node.count = (uint32_t)count;
	for (size_t i = 0; i < count; i++) {
		uint32_t *grown = vg_grow(&compiler->scratch, compiler->children, compiler->child_count,
					  &compiler->child_capacity, sizeof *grown);
		if (!grown)
			return VG_NO_NODE;
		compiler->children = grown;
		grown[compiler->child_count++] = children[i];
	}
	nodes[compiler->node_count] = node;
	return (uint32_t)compiler->node_count++;
}

uint32_t vg_leaf_node(vg_compiler *compiler, uint32_t leaf, vg_place place)
{
	uint32_t node = leaf == VG_NO_LEAF ? VG_NO_NODE : vg_add_node(compiler, VG_NODE_LEAF, 0, NULL, 0, place);
	if (node != VG_NO_NODE)
		compiler->nodes[node].leaf = leaf;
	return node;
}

/* ---- definitions ------------------------------------------------------------------ */

static vg_defined *find_definition(vg_compiler *compiler, const char *name)
{
	for (size_t i = 0; i < compiler->defined_count; i++)
		if (vg_same_fold(compiler->defined[i].declaration->id, name))
			return &compiler->defined[i];
	return NULL;
}

/* Compiles the tree of one polarity, as if it stood in its own statement. */
static void compile_definition(vg_compiler *compiler, vg_defined *defined)
{
	int side = compiler->strict;
	const vg_item *body = &defined->declaration->body;
	const char *rule = compiler->rule;
	bool failed = compiler->failed;
	unsigned frame = compiler->frame, speaks = compiler->speaks;
	defined->progress[side] = VG_COMPILING;
	compiler->rule = defined->declaration->id;
	compiler->failed = false;
	compiler->frame = VG_FRAME_ORDER | VG_FRAME_PAIR;
	compiler->speaks = 0;
	defined->nodes[side] = VG_NO_NODE;
	if (body->kind != VG_ITEM_TABLE || body->item_count != 1 || body->field_count)
		VG_COMPLAIN(compiler, VG244, defined->declaration->place, "Put several into all { … } or any { … }.",
			    "A definition is one condition.");
	else
		defined->nodes[side] = vg_compile_condition(compiler, &body->items[0]);
	defined->faulty |= compiler->failed || defined->nodes[side] == VG_NO_NODE;
	defined->speaks |= (uint8_t)compiler->speaks;
	defined->progress[side] = VG_COMPILED;
	compiler->rule = rule;
	compiler->failed = failed;
	compiler->frame = frame;
	compiler->speaks = speaks;
}

uint32_t vg_definition_node(vg_compiler *compiler, const char *name, vg_place place)
{
	vg_defined *defined = find_definition(compiler, name);
	if (!defined) {
		const char *nearest = vg_nearest(name, compiler->defined_names, compiler->defined_count);
		VG_COMPLAIN(compiler, VG240, place,
			    vg_advise(compiler, nearest, "Write a define of this name, or use one that exists."),
			    "There is no definition \"%s\".", name);
		if (nearest)
			find_definition(compiler, nearest)->used = true; /* it was meant: one finding is enough */
		return VG_NO_NODE;
	}
	int side = compiler->strict;
	defined->used = true;
	if (defined->progress[side] == VG_COMPILING) {
		VG_COMPLAIN(compiler, VG241, place, "Take one of them out of the circle.",
			    "The definition \"%s\" leads back to itself.", name);
		return VG_NO_NODE;
	}
	if (defined->progress[side] == VG_TO_COMPILE)
		compile_definition(compiler, defined);
	if (defined->faulty) {
		compiler->failed = true; /* said where it is written */
		return VG_NO_NODE;
	}
	if (defined->speaks & ~compiler->frame) {
		VG_COMPLAIN(compiler, VG262, place, "Use it in a rule about an order, or take this out of the definition.",
			    "The definition \"%s\" speaks of %s, which this rule does not have.", name,
			    defined->speaks & ~compiler->frame & VG_FRAME_ORDER ? "the order" : "the other drug");
		return VG_NO_NODE;
	}
	compiler->speaks |= defined->speaks;
	return defined->nodes[side];
}

/* ---- logic words --------------------------------------------------------------------- */

/* Compiles every item, so that all mistakes are reported; false when one has failed. */
static bool compile_items(vg_compiler *compiler, const vg_item *table, uint32_t *children)
{
	bool good = true;
	for (size_t i = 0; i < table->item_count; i++) {
		children[i] = vg_compile_condition(compiler, &table->items[i]);
		good &= children[i] != VG_NO_NODE;
	}
	return good;
}

uint32_t vg_compile_list(vg_compiler *compiler, const vg_item *item, vg_node_kind kind, const char *line)
{
	if (item->kind == VG_ITEM_PHRASE) {
		VG_COMPLAIN(compiler, VG218, item->place, vg_format(&compiler->scratch, "Write %s { … }.", line),
			    "`%s` needs a list, with braces around its conditions.", line);
		return VG_NO_NODE;
	}
	if (item->kind != VG_ITEM_TABLE) {
		VG_COMPLAIN(compiler, VG205, item->place, "Write its conditions between braces, with commas between them.",
			    "`%s` is a list of conditions, but here stands %s.", line, vg_item_kind_text(item->kind));
		return VG_NO_NODE;
	}
	if (item->field_count) {
		VG_COMPLAIN(compiler, VG217, item->fields[0].place,
			    "Write the condition alone, without a name and an equals sign.",
			    "`%s =` stands in a list of conditions.", item->fields[0].name);
		return VG_NO_NODE;
	}
	if (!item->item_count) {
		VG_COMPLAIN(compiler, VG216, item->place, "Write the conditions, or take the list out.",
			    "`%s` has an empty list.", line);
		return VG_NO_NODE;
	}
	uint32_t *children = vg_alloc_array(&compiler->scratch, item->item_count, sizeof *children);
	compiler->strict ^= kind == VG_NODE_NONE;
	bool good = children && compile_items(compiler, item, children);
	compiler->strict ^= kind == VG_NODE_NONE;
	if (!good)
		return VG_NO_NODE;
	if (item->item_count == 1 && kind != VG_NODE_NONE)
		return children[0];
	return vg_add_node(compiler, kind, 0, children, item->item_count, item->place);
}

static uint32_t compile_at_least(vg_compiler *compiler, const vg_phrase *phrase)
{
	const vg_item *count = &phrase->arguments[0], *list = &phrase->arguments[1];
	uint16_t least = 0;
	if (!vg_take_count(compiler, count, "the number in at_least", 1, UINT16_MAX, &least))
		return VG_NO_NODE;
	if (list->kind == VG_ITEM_TABLE && least > list->item_count) {
		VG_COMPLAIN(compiler, VG219, count->place, "Lower the number, or add conditions.",
			    "At least %d of %zu can never be.", least, list->item_count);
		return VG_NO_NODE;
	}
	uint32_t node = vg_compile_list(compiler, list, VG_NODE_AT_LEAST, "at_least");
	if (node != VG_NO_NODE && list->item_count > 1)
		compiler->nodes[node].least = least;
	return node;
}

/* The same tree under a sentence of its own. */
static uint32_t compile_named(vg_compiler *compiler, const vg_phrase *phrase)
{
	const char *label;
	bool good = vg_take_text(compiler, &phrase->arguments[0], "the label", &label);
	uint32_t inner = vg_compile_condition(compiler, &phrase->arguments[1]);
	if (!good || inner == VG_NO_NODE)
		return VG_NO_NODE;
	uint32_t node = vg_add_node(compiler, VG_NODE_ALL, 0, &inner, 1, phrase->place);
	if (node != VG_NO_NODE)
		compiler->nodes[node].sentence = vg_keep_text(compiler, label);
	return node;
}

static uint32_t compile_meets(vg_compiler *compiler, const vg_phrase *phrase)
{
	const char *name;
	if (!vg_take_text(compiler, &phrase->arguments[0], "the name of a definition", &name))
		return VG_NO_NODE;
	return vg_definition_node(compiler, name, phrase->arguments[0].place);
}

static uint32_t compile_logic(vg_compiler *compiler, const vg_phrase *phrase, vg_word_id word)
{
	const vg_word_info *info = vg_phrase_word(compiler, phrase, VG_WORD_CONDITION, "where a condition is needed");
	if (!info)
		return VG_NO_NODE;
	if (phrase->refinement_count) {
		VG_COMPLAIN(compiler, VG212, phrase->refinements[0].place, "Put the refinement behind the conditions inside.",
			    "`%s` takes no refinements here.", info->name);
		return VG_NO_NODE;
	}
	switch (word) {
	case VG_WORD_AT_LEAST:
		return compile_at_least(compiler, phrase);
	case VG_WORD_MEETS:
		return compile_meets(compiler, phrase);
	case VG_WORD_NAMED:
		return compile_named(compiler, phrase);
	default:
		return vg_compile_list(compiler, &phrase->arguments[0],
				       word == VG_WORD_ALL   ? VG_NODE_ALL
				       : word == VG_WORD_ANY ? VG_NODE_ANY
							     : VG_NODE_NONE,
				       info->name);
	}
}

static const char *condition_advice(const vg_item *item)
{
	switch (item->kind) {
	case VG_ITEM_TEXT:
		return vg_word_find(item->text) ? "Write the word without quotes."
						: "Say what about it, such as taking \"warfarin\".";
	case VG_ITEM_TABLE:
		return "Write all { … }, any { … } or none { … } in front of an inner list.";
	case VG_ITEM_FUNCTION:
		return "A function stands only behind `check =`.";
	default:
		return "Write a condition, such as taking \"warfarin\".";
	}
}

uint32_t vg_compile_condition(vg_compiler *compiler, const vg_item *item)
{
	if (item->kind != VG_ITEM_PHRASE || !item->phrase) {
		VG_COMPLAIN(compiler, VG217, item->place, condition_advice(item), "A condition is needed, but here stands %s.",
			    vg_item_kind_text(item->kind));
		return VG_NO_NODE;
	}
	const vg_phrase *phrase = item->phrase;
	const vg_word_info *info = vg_word_find(phrase->word);
	vg_word_id word = info ? vg_word_id_of(info) : VG_WORD_COUNT;
	if (word <= VG_WORD_NAMED)
		return compile_logic(compiler, phrase, word);
	return vg_leaf_node(compiler, vg_compile_phrase(compiler, phrase, NULL, NULL), phrase->place);
}
