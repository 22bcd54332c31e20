/*
 * Asking leaves and trees.
 *
 * Each word has one function, found by its number.  A tree is walked from left
 * to right and left as soon as its value is certain; leaves that do not speak
 * of this order or of the pair are asked once a memo.
 */
#include "rule/rule_internal.h"

static vg_leaf_function *const functions[VG_WORD_COUNT] = {
    [VG_WORD_AGE_BETWEEN] = vg_truth_age,
    [VG_WORD_AGE_AT_LEAST] = vg_truth_age,
    [VG_WORD_AGE_BELOW] = vg_truth_age,
    [VG_WORD_AGE_IN_YEARS] = vg_truth_age,
    [VG_WORD_SEX] = vg_truth_sex,
    [VG_WORD_PREGNANT] = vg_truth_pregnant,
    [VG_WORD_IN_HOSPICE] = vg_truth_hospice,
    [VG_WORD_DECEASED] = vg_truth_deceased,
    [VG_WORD_IN_SETTING] = vg_truth_setting,
    [VG_WORD_TAKING] = vg_truth_taking,
    [VG_WORD_ORDERING] = vg_truth_ordering,
    [VG_WORD_WILL_BE_TAKING] = vg_truth_will_be_taking,
    [VG_WORD_STARTED] = vg_truth_started,
    [VG_WORD_STOPPED] = vg_truth_stopped,
    [VG_WORD_TOTAL_DAILY_DOSE] = vg_truth_total_dose,
    [VG_WORD_HAS_CONDITION] = vg_truth_condition,
    [VG_WORD_EVER_HAD] = vg_truth_condition,
    [VG_WORD_FAMILY_HISTORY_OF] = vg_truth_family,
    [VG_WORD_HAS_ALLERGY_TO] = vg_truth_allergy,
    [VG_WORD_RESULTED] = vg_truth_event,
    [VG_WORD_LATEST] = vg_truth_latest,
    [VG_WORD_READINGS] = vg_truth_readings,
    [VG_WORD_DONE] = vg_truth_event,
    [VG_WORD_DECLINED] = vg_truth_event,
    [VG_WORD_ORDERED] = vg_truth_event,
    [VG_WORD_VACCINATED] = vg_truth_event,
    [VG_WORD_VISITED] = vg_truth_event,
    [VG_WORD_THIS_ORDER] = vg_truth_order,
    [VG_WORD_THE] = vg_truth_order,
    [VG_WORD_OTHER_DRUG] = vg_truth_order,
};

vg_truth vg_leaf_truth(const vg_scene *scene, const vg_leaf *leaf, const vg_binding *binding, vg_look *look)
{
	return functions[leaf->word](scene, leaf, binding, look);
}

static vg_truth leaf_truth(const vg_scene *scene, uint32_t number, const vg_binding *binding, uint8_t *memo)
{
	const vg_leaf *leaf = &scene->rulebook->leaves[number];
	if (!memo || leaf->bound)
		return vg_leaf_truth(scene, leaf, binding, NULL);
	if (memo[number] == VG_MEMO_UNSET)
		memo[number] = (uint8_t)vg_leaf_truth(scene, leaf, binding, NULL);
	return (vg_truth)memo[number];
}

/* at_least: certain as soon as enough are true, or too few can still be. */
static vg_truth counted_truth(const vg_scene *scene, const vg_node *node, const vg_binding *binding, uint8_t *memo)
{
	uint32_t holding = 0, possible = node->count;
	for (uint32_t i = 0; i < node->count; i++) {
		vg_truth truth = vg_node_truth(scene, scene->rulebook->children[node->first + i], binding, memo);
		holding += truth == VG_TRUE;
		possible -= truth == VG_FALSE;
		if (holding >= node->least)
			return VG_TRUE;
		if (possible < node->least)
			return VG_FALSE;
	}
	return VG_UNKNOWN;
}

static vg_truth list_truth(const vg_scene *scene, const vg_node *node, const vg_binding *binding, uint8_t *memo)
{
	bool all = node->kind == VG_NODE_ALL;
	vg_truth result = all ? VG_TRUE : VG_FALSE, decisive = all ? VG_FALSE : VG_TRUE;
	const uint32_t *children = scene->rulebook->children + node->first;
	for (uint32_t i = 0; i < node->count && result != decisive; i++) {
		const vg_node *child = &scene->rulebook->nodes[children[i]];
		vg_truth truth = child->kind == VG_NODE_LEAF ? leaf_truth(scene, child->leaf, binding, memo)
							     : vg_node_truth(scene, children[i], binding, memo);
		result = all ? vg_and(result, truth) : vg_or(result, truth);
	}
	return node->kind == VG_NODE_NONE ? vg_not(result) : result;
}

vg_truth vg_node_truth(const vg_scene *scene, uint32_t number, const vg_binding *binding, uint8_t *memo)
{
	if (number == VG_NO_NODE)
		return VG_TRUE;
	const vg_node *node = &scene->rulebook->nodes[number];
	if (node->kind == VG_NODE_LEAF)
		return leaf_truth(scene, node->leaf, binding, memo);
	return node->kind == VG_NODE_AT_LEAST ? counted_truth(scene, node, binding, memo)
					      : list_truth(scene, node, binding, memo);
}
