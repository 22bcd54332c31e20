/*
 * Whether a condition says something, and nothing against itself.
 *
 * Each check is one way of writing a condition that would silently be always
 * true, never true, or about something else than its author thinks.
 */
#include "rule/rule_internal.h"

static bool compares(const vg_leaf *leaf) { return leaf->comparison != VG_NO_COMPARISON; }

static void check_comparison(vg_compiler *compiler, const vg_leaf *leaf, vg_place place)
{
	bool need = compiler->frame & VG_FRAME_NEED;
	switch (leaf->word) {
	case VG_WORD_LATEST:
		if (!compares(leaf) && !need)
			VG_COMPLAIN(compiler, VG215, place,
				    "Add :is_below, :is_above or the like; `resulted` asks whether there is a result.",
				    "`latest` is not compared with anything.");
		if (!compares(leaf) && need && !leaf->low.text)
			VG_COMPLAIN(compiler, VG226, place, "Add :in_unit, as in latest \"x\" :in_unit \"mg/dL\".",
				    "The function would read a number of \"%s\" in an unknown unit.",
				    vg_set_name(compiler->knowledge, leaf->set));
		break;
	case VG_WORD_TOTAL_DAILY_DOSE:
		if (!compares(leaf) && !vg_duration_given(leaf->often) && !need)
			VG_COMPLAIN(compiler, VG215, place, "Add :is_above \"4 g\" or the like.",
				    "`total_daily_dose` is not compared with anything.");
		break;
	case VG_WORD_READINGS:
		if (!compares(leaf))
			VG_COMPLAIN(compiler, VG215, place, "Add :above \"140/90 mm[Hg]\" or the like.",
				    "`readings` are not compared with anything.");
		else if (!leaf->times && !leaf->last)
			VG_COMPLAIN(compiler, VG215, place, "Add :last(3), :at_least(2), or both.",
				    "It is not said how many readings count.");
		break;
	case VG_WORD_THIS_ORDER:
	case VG_WORD_OTHER_DRUG:
		if (!leaf->other_set && !leaf->route && !leaf->dose_limited && !leaf->renewal &&
		    !vg_duration_given(leaf->often) && !vg_duration_given(leaf->longer))
			VG_COMPLAIN(compiler, VG215, place, "Add :is \"set\", :by_route \"oral\" or the like.",
				    "The condition asks nothing and is always true.");
		break;
	default:
		break;
	}
}

static void check_windows(vg_compiler *compiler, const vg_leaf *leaf, vg_place place)
{
	bool during = leaf->calendar || leaf->day_to != VG_NO_DAY;
	int windows = vg_duration_given(leaf->within) + (during || leaf->day_from != VG_NO_DAY);
	if (windows > 1)
		VG_COMPLAIN(compiler, VG214, place, "Keep one of :within, :since and :during.", "Two windows are given.");
	if (leaf->comparison != VG_RISEN_BY && leaf->comparison != VG_FALLEN_BY)
		return;
	if (!windows)
		VG_COMPLAIN(compiler, VG214, place, "Add :within \"7 days\" or the like.",
			    "A rise or fall needs the time in which it happened.");
}

static void check_counts(vg_compiler *compiler, const vg_leaf *leaf, vg_place place)
{
	if (leaf->word == VG_WORD_READINGS && leaf->last && leaf->times > leaf->last)
		VG_COMPLAIN(compiler, VG214, place, "The number in :at_least is at most that in :last.",
			    "Of the last %d readings %d are asked for.", leaf->last, leaf->times);
	if (leaf->different_days && leaf->word != VG_WORD_READINGS && leaf->word != VG_WORD_VACCINATED && leaf->times < 2)
		VG_COMPLAIN(compiler, VG214, place, "Add :times(2), or leave it out.",
			    "`:on_different_days` without `:times` says nothing.");
}

static void check_frame(vg_compiler *compiler, const vg_leaf *leaf, vg_place place)
{
	const char *word = leaf->word == VG_WORD_THIS_ORDER ? "this_order" : leaf->word == VG_WORD_THE ? "the" : "other_drug";
	unsigned wanted = leaf->word == VG_WORD_OTHER_DRUG ? VG_FRAME_PAIR : VG_FRAME_ORDER;
	if (!leaf->bound || (compiler->frame & wanted))
		return;
	if (compiler->frame & VG_FRAME_NEED)
		VG_COMPLAIN(compiler, VG262, place, "The function reads the order from its second parameter.",
			    "`%s` cannot be a need.", word);
	else if (leaf->word == VG_WORD_OTHER_DRUG)
		VG_COMPLAIN(compiler, VG262, place, "Write `taking` or `will_be_taking`.",
			    "There is no other drug here: the rule has no pair.");
	else
		VG_COMPLAIN(compiler, VG262, place,
			    "Write when_ordering or when_taking, or ask `taking` and `ordering` instead.",
			    "There is no order here that %s could mean.", word);
}

void vg_check_leaf(vg_compiler *compiler, const vg_leaf *leaf, vg_place place)
{
	check_comparison(compiler, leaf, place);
	check_windows(compiler, leaf, place);
	check_counts(compiler, leaf, place);
	check_frame(compiler, leaf, place);
}
