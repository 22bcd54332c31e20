/*
 * Lists whose conditions exclude, repeat or imply each other.
 *
 * Only what is certain is reported: the same condition twice, a condition and
 * its opposite, limits and ages that leave nothing or that one of them makes
 * needless, a requirement that is also an exception.
 */
#include "rule/rule_internal.h"

enum { MOST_TERMS = 64 };

typedef struct term { /* a leaf of a list, or its negation */
	const vg_leaf *leaf;
	vg_place place; /* where it is written in this list; equal leaves of other lists have their own */
	bool negated;
} term;
typedef struct term_list {
	term items[MOST_TERMS];
	size_t count;
} term_list;

typedef struct range { /* low … high; an end that is not included is open */
	double low, high;
	bool low_open, high_open;
} range;

/* The leaves that must all be true for `node` to be: all{} inside all{} is one list. */
static void collect(const vg_compiler *compiler, uint32_t number, vg_node_kind joint, bool negated, term_list *ret)
{
	const vg_node *node = &compiler->nodes[number];
	if (node->kind == VG_NODE_LEAF) {
		if (ret->count < MOST_TERMS)
			ret->items[ret->count++] = (term){&compiler->leaves[node->leaf], node->place, negated};
		return;
	}
	bool inside = node->kind == joint || (node->kind == VG_NODE_NONE && joint == VG_NODE_ALL && !negated);
	for (uint32_t i = 0; inside && i < node->count; i++) {
		uint32_t child = compiler->children[node->first + i];
		if (node->kind != VG_NODE_NONE || compiler->nodes[child].kind == VG_NODE_LEAF)
			collect(compiler, child, joint, negated || node->kind == VG_NODE_NONE, ret);
	}
}

/* Equal but for what only matters to incomplete sections. */
static bool same_question(const vg_leaf *a, const vg_leaf *b)
{
	return a->word == b->word && vg_same_text(a->sentence, b->sentence);
}

static bool age_range(const vg_leaf *leaf, range *ret)
{
	if (leaf->word != VG_WORD_AGE_BELOW && leaf->word != VG_WORD_AGE_AT_LEAST && leaf->word != VG_WORD_AGE_BETWEEN)
		return false;
	*ret = (range){vg_day_plus(0, leaf->least), INFINITY, false, true};
	if (vg_duration_given(leaf->most))
		ret->high = vg_day_plus(0, leaf->most);
	return true;
}

static bool limit_range(const vg_leaf *leaf, range *ret)
{
	double low = leaf->low.number;
	if ((leaf->word != VG_WORD_LATEST && leaf->word != VG_WORD_TOTAL_DAILY_DOSE) || leaf->paired)
		return false;
	switch (leaf->comparison) {
	case VG_BELOW:
	case VG_AT_MOST:
		*ret = (range){-INFINITY, low, true, leaf->comparison == VG_BELOW};
		return true;
	case VG_ABOVE:
	case VG_AT_LEAST:
		*ret = (range){low, INFINITY, leaf->comparison == VG_ABOVE, true};
		return true;
	case VG_BETWEEN:
		*ret = (range){low, leaf->high.number, false, false};
		return true;
	default:
		return false;
	}
}

static bool same_value(const vg_leaf *a, const vg_leaf *b)
{
	return a->word == b->word && a->set == b->set && a->route == b->route && a->calendar == b->calendar &&
	       a->day_from == b->day_from && a->day_to == b->day_to && memcmp(&a->within, &b->within, sizeof a->within) == 0;
}

static bool ranges_of(vg_compiler *compiler, const vg_leaf *a, const vg_leaf *b, range *ret_a, range *ret_b)
{
	if (age_range(a, ret_a) && age_range(b, ret_b))
		return true;
	if (!limit_range(a, ret_a) || !limit_range(b, ret_b) || !same_value(a, b))
		return false;
	double ends[2] = {ret_b->low, ret_b->high};
	for (int i = 0; i < 2; i++)
		if (isfinite(ends[i]) &&
		    !vg_unit_convert(compiler->knowledge, a->set, ends[i], &b->low.unit, &a->low.unit, &ends[i]))
			return false;
	ret_b->low = ends[0];
	ret_b->high = ends[1];
	return true;
}

static bool is_empty(range a, range b)
{
	double low = a.low > b.low ? a.low : b.low, high = a.high < b.high ? a.high : b.high;
	bool low_open = (a.low == low && a.low_open) || (b.low == low && b.low_open);
	bool high_open = (a.high == high && a.high_open) || (b.high == high && b.high_open);
	return low > high || (low == high && (low_open || high_open));
}

/* Everything in `inner` lies in `outer`. */
static bool lies_in(range inner, range outer)
{
	bool low = outer.low < inner.low || (outer.low == inner.low && (!outer.low_open || inner.low_open));
	bool high = outer.high > inner.high || (outer.high == inner.high && (!outer.high_open || inner.high_open));
	return low && high;
}

static void check_pair(vg_compiler *compiler, const term *a, const term *b)
{
	const vg_place place = b->place;
	range first, second;
	if (same_question(a->leaf, b->leaf)) {
		if (a->negated != b->negated)
			VG_COMPLAIN(compiler, VG280, place, "Take one of the two out.", "\"%s\" is required and excluded.",
				    a->leaf->sentence);
		else
			VG_COMPLAIN(compiler, VG282, place, "Take one of them out.", "\"%s\" stands twice.", a->leaf->sentence);
		return;
	}
	bool narrower = !a->negated && vg_leaf_implies(compiler, a->leaf, b->leaf);
	bool wider = !b->negated && vg_leaf_implies(compiler, b->leaf, a->leaf);
	if ((narrower && b->negated) || (wider && a->negated)) {
		VG_COMPLAIN(compiler, VG280, place, "Take one of the two out.",
			    "\"%s\" is required, and \"%s\", which it implies, is excluded.",
			    narrower ? a->leaf->sentence : b->leaf->sentence, narrower ? b->leaf->sentence : a->leaf->sentence);
		return;
	}
	if (a->negated || b->negated)
		return;
	if (narrower || wider)
		VG_COMPLAIN(compiler, VG281, place, "Take the wider one out.", "\"%s\" implies \"%s\".",
			    narrower ? a->leaf->sentence : b->leaf->sentence, narrower ? b->leaf->sentence : a->leaf->sentence);
	if (a->leaf->word == VG_WORD_SEX && b->leaf->word == VG_WORD_SEX)
		VG_COMPLAIN(compiler, VG280, place, "Use any { … } for either.", "\"%s\" and \"%s\" are never both true.",
			    a->leaf->sentence, b->leaf->sentence);
	if (!ranges_of(compiler, a->leaf, b->leaf, &first, &second))
		return;
	if (is_empty(first, second))
		VG_COMPLAIN(compiler, VG280, place, "Correct the limits, or use any { … }.",
			    "\"%s\" and \"%s\" are never both true.", a->leaf->sentence, b->leaf->sentence);
	else if (lies_in(first, second) || lies_in(second, first))
		VG_COMPLAIN(compiler, VG281, place, "Take the wider one out.", "Of \"%s\" and \"%s\" one implies the other.",
			    a->leaf->sentence, b->leaf->sentence);
}

static void check_any(vg_compiler *compiler, const term_list *terms)
{
	for (size_t i = 0; i < terms->count; i++)
		for (size_t j = i + 1; j < terms->count; j++) {
			const vg_leaf *a = terms->items[i].leaf, *b = terms->items[j].leaf;
			vg_place place = terms->items[j].place;
			if (same_question(a, b)) {
				VG_COMPLAIN(compiler, VG282, place, "Take one of them out.", "\"%s\" stands twice.",
					    a->sentence);
				continue;
			}
			bool narrower = vg_leaf_implies(compiler, a, b);
			if (narrower || vg_leaf_implies(compiler, b, a))
				VG_COMPLAIN(compiler, VG281, place, "Take the narrower one out.", "\"%s\" is a part of \"%s\".",
					    narrower ? a->sentence : b->sentence, narrower ? b->sentence : a->sentence);
		}
}

static void check_list(vg_compiler *compiler, uint32_t number, vg_node_kind joint, term_list *ret)
{
	ret->count = 0;
	collect(compiler, number, joint, false, ret);
	if (joint == VG_NODE_ANY) {
		check_any(compiler, ret);
		return;
	}
	for (size_t i = 0; i < ret->count; i++)
		for (size_t j = i + 1; j < ret->count; j++)
			check_pair(compiler, &ret->items[i], &ret->items[j]);
}

/* Lists inside the lists; what belongs to one list with its parent was seen there. */
static void check_inside(vg_compiler *compiler, uint32_t number, int parent)
{
	const vg_node *node = &compiler->nodes[number];
	int joint = node->kind == VG_NODE_ALL || node->kind == VG_NODE_ANY ? node->kind : -1;
	term_list terms;
	if (joint >= 0 && joint != parent)
		check_list(compiler, number, (vg_node_kind)joint, &terms);
	for (uint32_t i = 0; i < node->count; i++)
		check_inside(compiler, compiler->children[node->first + i], joint);
}

/* A requirement against an exception: one that always holds with it, or never. */
static void check_exception(vg_compiler *compiler, const vg_leaf *required, const term *excepted)
{
	range first, second;
	bool ranges = ranges_of(compiler, required, excepted->leaf, &first, &second);
	if (same_question(required, excepted->leaf))
		VG_COMPLAIN(compiler, VG283, excepted->place, "Take it out of one of the two lists.",
			    "\"%s\" is required and also an exception, so the rule never fires.", required->sentence);
	else if ((ranges && lies_in(first, second)) || vg_leaf_implies(compiler, required, excepted->leaf))
		VG_COMPLAIN(compiler, VG283, excepted->place, "Narrow the exception, or take it out.",
			    "\"%s\" is required, and with it the exception \"%s\" always holds, so the rule never fires.",
			    required->sentence, excepted->leaf->sentence);
	else if (ranges && is_empty(first, second))
		VG_COMPLAIN(compiler, VG287, excepted->place, "Correct the limits, or take the exception out.",
			    "\"%s\" is required, and with it the exception \"%s\" never holds.", required->sentence,
			    excepted->leaf->sentence);
}

void vg_check_tree(vg_compiler *compiler, uint32_t requires, uint32_t unless)
{
	term_list required = {.count = 0}, excepted = {.count = 0};
	if (requires != VG_NO_NODE) {
		check_list(compiler, requires, VG_NODE_ALL, &required);
		check_inside(compiler, requires, VG_NODE_ALL);
	}
	if (unless == VG_NO_NODE)
		return;
	check_list(compiler, unless, VG_NODE_ANY, &excepted);
	check_inside(compiler, unless, VG_NODE_ANY);
	for (size_t i = 0; i < required.count; i++)
		for (size_t j = 0; j < excepted.count && !required.items[i].negated; j++)
			check_exception(compiler, required.items[i].leaf, &excepted.items[j]);
}

static bool replaces(const vg_rule *rule, const char *id)
{
	for (size_t i = 0; i < rule->replaces_count; i++)
		if (vg_same_text(rule->replaces[i], id))
			return true;
	return false;
}

/* Two rules with the same occasion and the same requirements say the same twice. */
void vg_check_overlaps(vg_compiler *compiler)
{
	const vg_rulebook *book = compiler->book;
	vg_map seen;
	vg_map_init(&seen, &compiler->scratch);
	for (uint32_t i = 0; i < book->rule_count; i++) {
		const vg_rule *rule = &book->rules[i];
		if (rule->status == VG_STATUS_RETIRED || rule->check || rule->kind == VG_KIND_SCREENING)
			continue;
		const char *requires = vg_node_sentence(book, rule->requires, &compiler->scratch);
		const char *key =
		    vg_format(&compiler->scratch, "%u %u %u %u %u %u %s", rule->triggers, rule->ordering, rule->taking,
			      rule->pair[0], rule->pair[1], rule->subject, requires ? requires : "");
		uint32_t *first = key ? vg_map_at(&seen, key, strlen(key), true) : NULL;
		if (!first)
			return;
		const vg_rule *other = *first ? &book->rules[*first - 1] : NULL;
		if (other && (replaces(rule, other->id) || replaces(other, rule->id)))
			continue;
		if (other) {
			compiler->rule = rule->id;
			VG_COMPLAIN(compiler, VG284, rule->place, "Join them, or let one replace the other.",
				    "The rule asks the same as \"%s\".", other->id);
		} else {
			*first = i + 1;
		}
	}
}
