/*
 * What each hook asks of a record, found out once when a world is opened: a
 * service asks several times a request, and walking over all rules for it costs
 * more than many an evaluation.
 */
#include "evaluation/evaluation_internal.h"

static void add_pairs(const vg_world *world, vg_hook_needs *needs)
{
	if (!vg_pair_count(world->knowledge, VG_INTERACTIONS) && !vg_pair_count(world->knowledge, VG_CROSS_REACTIVITY))
		return;
	needs->kinds |= 1u << VG_KIND_INTERACTION | 1u << VG_KIND_ALLERGY;
	needs->sections |= world->rulebook->pair_sections | 1u << VG_MEDICATIONS | 1u << VG_ALLERGIES;
}

static void add_rule(const vg_rule *rule, unsigned triggers, vg_hook_needs *needs)
{
	unsigned found = rule->triggers & triggers;
	if (rule->status != VG_STATUS_ACTIVE || !found)
		return;
	needs->kinds |= 1u << rule->kind;
	needs->sections |= rule->sections;
	if (found & (VG_ON_TAKING | VG_ON_PAIR))
		needs->sections |= 1u << VG_MEDICATIONS;
}

void vg_find_hook_needs(vg_world *world)
{
	const vg_rulebook *book = world->rulebook;
	for (int hook = 0; hook < VG_HOOK_COUNT; hook++) {
		unsigned triggers = vg_rulebook_triggers((vg_hook)hook);
		vg_hook_needs *needs = &world->hooks[hook];
		*needs = (vg_hook_needs){0};
		if (triggers & VG_ON_PAIR)
			add_pairs(world, needs);
		for (uint32_t i = 0; i < book->rule_count; i++)
			add_rule(&book->rules[i], triggers, needs);
	}
	/* Its context names the orders; the resources come with the prefetch. */
	world->hooks[VG_HOOK_ORDER_DISPATCH].sections |= 1u << VG_MEDICATIONS | 1u << VG_ORDERS;
	world->has_shadow = false;
	for (uint32_t i = 0; i < book->rule_count; i++)
		world->has_shadow |= book->rules[i].status == VG_STATUS_SHADOW;
}
