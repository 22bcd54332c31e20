/*
 * Whether one condition holds whenever another does: the same question about
 * a part of the set, or in a shorter window.
 *
 *     taking "warfarin"                    implies  taking "anticoagulant"
 *     done "FIT" :within "1 year"          implies  done "FIT" :within "2 years"
 *
 * Only words of existence are judged so.  `latest` takes the newest value and
 * then judges it, so a shorter window implies nothing about a longer one.
 *
 * Called by contradict.c for each pair of a list.
 */
#include "rule/rule_internal.h"

static bool is_existence(const vg_leaf *leaf)
{
	switch (leaf->word) {
	case VG_WORD_TAKING:
	case VG_WORD_ORDERING:
	case VG_WORD_WILL_BE_TAKING:
	case VG_WORD_HAS_CONDITION:
	case VG_WORD_EVER_HAD:
	case VG_WORD_FAMILY_HISTORY_OF:
	case VG_WORD_RESULTED:
	case VG_WORD_DONE:
	case VG_WORD_DECLINED:
	case VG_WORD_ORDERED:
	case VG_WORD_VACCINATED:
	case VG_WORD_VISITED:
		return leaf->set != 0;
	default:
		return false;
	}
}

/* Every code of `part` is in `whole`. */
static bool is_part(const vg_knowledge *knowledge, vg_set part, vg_set whole)
{
	if (part == whole)
		return true;
	vg_ids members = vg_set_members(knowledge, part);
	for (size_t i = 0; i < members.count; i++)
		if (!vg_set_has(knowledge, whole, members.ids[i]))
			return false;
	return members.count > 0;
}

/* `inner` ends nowhere outside `outer`; no window is the widest of all. */
static bool window_in(vg_duration inner, vg_duration outer)
{
	if (!vg_duration_given(outer))
		return true;
	if (!vg_duration_given(inner) || (inner.hours != 0) != (outer.hours != 0))
		return false;
	if (inner.hours)
		return inner.hours <= outer.hours;
	if (!inner.days == !outer.days) /* both in days, or both in months */
		return inner.days ? inner.days <= outer.days : inner.months <= outer.months;
	/* Months have 28 to 31 days: only what holds for all of them is certain. */
	return inner.days ? inner.days <= outer.months * 30 - (outer.months ? 2 : 0) : inner.months * 31 <= outer.days;
}

/* What a leaf asks but for its set and its window. */
static const char *rest(vg_compiler *compiler, const vg_leaf *leaf)
{
	vg_leaf bare = *leaf;
	bare.set = 0;
	bare.within = (vg_duration){0, 0, 0};
	bare.sections = 0;
	bare.strict = false;
	return vg_leaf_key(&compiler->scratch, &bare);
}

bool vg_leaf_implies(vg_compiler *compiler, const vg_leaf *a, const vg_leaf *b)
{
	return a->word == b->word && is_existence(a) && is_existence(b) && window_in(a->within, b->within) &&
	       is_part(compiler->knowledge, a->set, b->set) && vg_same_text(rest(compiler, a), rest(compiler, b));
}
