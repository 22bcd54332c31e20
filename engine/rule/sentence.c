/*
 * Conditions in plain English.
 *
 * A leaf's sentence is made once, when it is compiled: "latest eGFR is below
 * 30 mL/min/1.73 m², in the last year".  Trees are joined on demand; `named`
 * replaces what it holds.  A sentence tells everything that changes the
 * condition's truth, because it is what traces, coverage reports and boundary
 * tables show to those who sign a rule.
 */
#include "rule/rule_internal.h"

/* "last year", "last 6 months": what stands behind "in the". */
static void add_span(vg_buffer *buffer, vg_duration duration)
{
	char text[32];
	vg_duration_text(duration, text);
	vg_add(buffer, vg_starts_with(text, "1 ") ? text + 2 : text);
}

static void add_duration(vg_buffer *buffer, const char *before, vg_duration duration, const char *after)
{
	char text[32];
	if (vg_duration_given(duration))
		vg_addf(buffer, "%s%s%s", before, vg_duration_text(duration, text), after);
}

static void add_window(vg_buffer *buffer, const vg_leaf *leaf)
{
	char from[16], to[16];
	if (vg_duration_given(leaf->within)) {
		vg_add(buffer, ", in the last ");
		add_span(buffer, leaf->within);
	}
	if (leaf->calendar)
		vg_add(buffer, leaf->calendar == VG_THIS_YEAR ? ", in this calendar year" : ", in the last calendar year");
	if (leaf->day_to != VG_NO_DAY)
		vg_addf(buffer, ", from %s to %s", vg_day_text(leaf->day_from, from), vg_day_text(leaf->day_to, to));
	else if (leaf->day_from != VG_NO_DAY)
		vg_addf(buffer, ", since %s", vg_day_text(leaf->day_from, from));
	add_duration(buffer, ", at the age of ", leaf->after_age, " or later");
}

const char *vg_window_text(vg_arena *arena, const vg_leaf *leaf)
{
	vg_buffer buffer;
	vg_buffer_init(&buffer, arena);
	add_window(&buffer, leaf);
	const char *text = vg_buffer_text(&buffer);
	return text ? text : "";
}

static void add_comparison(vg_buffer *buffer, const vg_knowledge *knowledge, const vg_leaf *leaf)
{
	switch (leaf->comparison) {
	case VG_BELOW:
		vg_addf(buffer, " is below %s", leaf->low.text);
		break;
	case VG_ABOVE:
		vg_addf(buffer, " is above %s", leaf->low.text);
		break;
	case VG_AT_LEAST:
		vg_addf(buffer, " is at least %s", leaf->low.text);
		break;
	case VG_AT_MOST:
		vg_addf(buffer, " is at most %s", leaf->low.text);
		break;
	case VG_BETWEEN:
		vg_addf(buffer, " is between %s and %s", leaf->low.text, leaf->high.text);
		break;
	case VG_IS:
		vg_addf(buffer, " is %s", vg_set_name(knowledge, leaf->other_set));
		break;
	case VG_RISEN_BY:
		vg_addf(buffer, " has risen by %s or more", leaf->low.text);
		break;
	case VG_FALLEN_BY:
		vg_addf(buffer, " has fallen by %s or more", leaf->low.text);
		break;
	default:
		break;
	}
}

static const char *route_text(const vg_leaf *leaf)
{
	return leaf->route == VG_ROUTE_SYSTEMIC ? "systemic" : vg_route_name((vg_route)leaf->route);
}

/* What may follow any word about drugs. */
static void add_drug_refinements(vg_buffer *buffer, const vg_leaf *leaf)
{
	if (leaf->route)
		vg_addf(buffer, ", by the %s route", route_text(leaf));
	if (leaf->dose_limited)
		vg_addf(buffer, ", more than %s a day", leaf->low.text);
	add_duration(buffer, ", more often than every ", leaf->often, "");
	add_duration(buffer, ", for at least ", leaf->least, "");
	add_duration(buffer, ", for longer than ", leaf->longer, "");
}

static void add_drug(vg_buffer *buffer, const vg_knowledge *knowledge, const vg_leaf *leaf, const char *verb)
{
	if (leaf->times > 1)
		vg_addf(buffer, "%s at least %d different drugs of %s", verb, leaf->times, vg_set_name(knowledge, leaf->set));
	else
		vg_addf(buffer, "%s %s", verb, vg_set_name(knowledge, leaf->set));
	add_drug_refinements(buffer, leaf);
	add_window(buffer, leaf);
}

static void add_age(vg_buffer *buffer, const vg_leaf *leaf)
{
	if (leaf->word == VG_WORD_AGE_BELOW)
		vg_addf(buffer, "age is below %s", leaf->low.text);
	else if (leaf->word == VG_WORD_AGE_AT_LEAST)
		vg_addf(buffer, "age is at least %s", leaf->low.text);
	else
		vg_addf(buffer, "age is between %s and %s, both included", leaf->low.text, leaf->high.text);
}

static void add_event(vg_buffer *buffer, const vg_knowledge *knowledge, const vg_leaf *leaf, const char *verb)
{
	vg_addf(buffer, "%s %s", vg_set_name(knowledge, leaf->set), verb);
	add_comparison(buffer, knowledge, leaf);
	if (leaf->times > 1)
		vg_addf(buffer, leaf->word == VG_WORD_VACCINATED ? ", at least %d doses" : " at least %d times", leaf->times);
	if (leaf->different_days && leaf->word != VG_WORD_VACCINATED)
		vg_add(buffer, " on different days");
	if (leaf->word != VG_WORD_HAS_ALLERGY_TO && leaf->other_set && leaf->comparison != VG_IS)
		vg_addf(buffer, ", unless the result is %s", vg_set_name(knowledge, leaf->other_set));
	add_window(buffer, leaf);
}

static void add_problem(vg_buffer *buffer, const vg_knowledge *knowledge, const vg_leaf *leaf, const char *verb)
{
	vg_addf(buffer, "%s %s", verb, vg_set_name(knowledge, leaf->set));
	add_duration(buffer, ", for at least ", leaf->least, "");
	if (vg_duration_given(leaf->within)) {
		vg_add(buffer, ", begun in the last ");
		add_span(buffer, leaf->within);
	}
	vg_leaf rest = *leaf;
	rest.within = (vg_duration){0};
	add_window(buffer, &rest);
}

static void add_allergy(vg_buffer *buffer, const vg_knowledge *knowledge, const vg_leaf *leaf)
{
	static const char *const severities[] = {"", "a mild", "a moderate", "a severe"};
	vg_addf(buffer, "%s an allergy to %s", leaf->ever ? "has or had" : "has", vg_set_name(knowledge, leaf->set));
	if (leaf->including_intolerance)
		vg_add(buffer, " or an intolerance of it");
	if (leaf->other_set)
		vg_addf(buffer, ", with the reaction %s", vg_set_name(knowledge, leaf->other_set));
	if (leaf->severity)
		vg_addf(buffer, ", with at least %s reaction", severities[leaf->severity & 3]);
}

static void add_readings(vg_buffer *buffer, const vg_knowledge *knowledge, const vg_leaf *leaf)
{
	const char *set = vg_set_name(knowledge, leaf->set);
	if (leaf->last && leaf->times)
		vg_addf(buffer, "of the last %d readings of %s at least %d are", leaf->last, set, leaf->times);
	else if (leaf->last)
		vg_addf(buffer, "the last %d readings of %s are all", leaf->last, set);
	else
		vg_addf(buffer, "at least %d readings of %s are", leaf->times, set);
	vg_addf(buffer, " %s %s", leaf->comparison == VG_BELOW ? "below" : "above", leaf->low.text);
	if (leaf->different_days)
		vg_add(buffer, ", on different days");
	add_window(buffer, leaf);
}

/* Each refinement of an order is a predicate of its own. */
static void add_predicate(vg_buffer *buffer, size_t *count, const char *before, const char *text, const char *after)
{
	vg_addf(buffer, "%s%s%s%s", (*count)++ ? " and " : " ", before, text, after);
}

static void add_order(vg_buffer *buffer, const vg_knowledge *knowledge, const vg_leaf *leaf)
{
	char text[32];
	size_t count = 0;
	if (leaf->word == VG_WORD_THE)
		vg_addf(buffer, "the %s", vg_set_name(knowledge, leaf->set));
	else
		vg_add(buffer, leaf->word == VG_WORD_THIS_ORDER ? "this order" : "the other drug");
	if (leaf->other_set)
		add_predicate(buffer, &count, "is of ", vg_set_name(knowledge, leaf->other_set), "");
	if (leaf->renewal)
		add_predicate(buffer, &count, "is a renewal", "", "");
	if (leaf->route)
		add_predicate(buffer, &count, "is given by the ", route_text(leaf), " route");
	if (leaf->dose_limited)
		add_predicate(buffer, &count, "gives more than ", leaf->low.text, " a day");
	if (vg_duration_given(leaf->often))
		add_predicate(buffer, &count, "is taken more often than every ", vg_duration_text(leaf->often, text), "");
	if (vg_duration_given(leaf->longer))
		add_predicate(buffer, &count, "runs for longer than ", vg_duration_text(leaf->longer, text), "");
	if (!count)
		add_predicate(buffer, &count, "is concerned", "", "");
}

static void add_leaf(vg_buffer *buffer, const vg_knowledge *knowledge, const vg_leaf *leaf)
{
	switch (leaf->word) {
	case VG_WORD_AGE_BETWEEN:
	case VG_WORD_AGE_AT_LEAST:
	case VG_WORD_AGE_BELOW:
		add_age(buffer, leaf);
		break;
	case VG_WORD_SEX:
		vg_addf(buffer, "sex is %s", leaf->argument);
		break;
	case VG_WORD_PREGNANT:
		vg_add(buffer, "is pregnant");
		break;
	case VG_WORD_IN_HOSPICE:
		vg_add(buffer, "is in hospice care");
		break;
	case VG_WORD_DECEASED:
		vg_add(buffer, "has died");
		break;
	case VG_WORD_IN_SETTING:
		vg_addf(buffer, "the setting is %s", leaf->argument);
		break;
	case VG_WORD_TAKING:
		add_drug(buffer, knowledge, leaf, "is taking");
		break;
	case VG_WORD_ORDERING:
		add_drug(buffer, knowledge, leaf, "there is an order for");
		break;
	case VG_WORD_WILL_BE_TAKING:
		add_drug(buffer, knowledge, leaf, "is or will be taking");
		break;
	case VG_WORD_STARTED:
		add_drug(buffer, knowledge, leaf, "has started");
		break;
	case VG_WORD_STOPPED:
		add_drug(buffer, knowledge, leaf, "has stopped");
		break;
	case VG_WORD_TOTAL_DAILY_DOSE:
		vg_addf(buffer, "the total daily dose of %s", vg_set_name(knowledge, leaf->set));
		add_comparison(buffer, knowledge, leaf);
		add_drug_refinements(buffer, leaf);
		break;
	case VG_WORD_HAS_CONDITION:
		add_problem(buffer, knowledge, leaf, "has");
		break;
	case VG_WORD_EVER_HAD:
		add_problem(buffer, knowledge, leaf, "has or had");
		break;
	case VG_WORD_FAMILY_HISTORY_OF:
		add_problem(buffer, knowledge, leaf, "has a family history of");
		break;
	case VG_WORD_HAS_ALLERGY_TO:
		add_allergy(buffer, knowledge, leaf);
		break;
	case VG_WORD_RESULTED:
		add_event(buffer, knowledge, leaf, leaf->comparison ? "has a result that" : "has a result");
		break;
	case VG_WORD_LATEST:
		vg_addf(buffer, "latest %s", vg_set_name(knowledge, leaf->set));
		add_comparison(buffer, knowledge, leaf);
		add_window(buffer, leaf);
		break;
	case VG_WORD_READINGS:
		add_readings(buffer, knowledge, leaf);
		break;
	case VG_WORD_DONE:
		add_event(buffer, knowledge, leaf, "was done");
		break;
	case VG_WORD_DECLINED:
		add_event(buffer, knowledge, leaf, "was declined");
		break;
	case VG_WORD_ORDERED:
		add_event(buffer, knowledge, leaf, "was ordered");
		break;
	case VG_WORD_VACCINATED:
		add_event(buffer, knowledge, leaf, "was given");
		break;
	case VG_WORD_VISITED:
		add_event(buffer, knowledge, leaf, "was visited");
		break;
	case VG_WORD_AGE_IN_YEARS:
		vg_add(buffer, "age in years");
		break;
	default:
		add_order(buffer, knowledge, leaf);
		break;
	}
}

const char *vg_leaf_sentence(vg_arena *arena, const vg_knowledge *knowledge, const vg_leaf *leaf)
{
	vg_buffer buffer;
	vg_buffer_init(&buffer, arena);
	add_leaf(&buffer, knowledge, leaf);
	const char *text = vg_buffer_text(&buffer);
	return text ? text : "";
}

/* ---- trees ------------------------------------------------------------------------ */

static void add_node(vg_buffer *buffer, const vg_rulebook *rulebook, uint32_t number, bool inner);

/* "not (a)", "neither a nor b", "none of (a; b; c)": a list of alternatives alone in it is as good as its members. */
static void add_none(vg_buffer *buffer, const vg_rulebook *rulebook, const vg_node *node)
{
	while (node->count == 1) {
		const vg_node *only = &rulebook->nodes[rulebook->children[node->first]];
		if (only->kind != VG_NODE_ANY || only->sentence)
			break;
		node = only;
	}
	bool both = node->count == 2;
	vg_add(buffer, both ? "neither " : node->count == 1 ? "not (" : "none of (");
	for (uint32_t i = 0; i < node->count; i++) {
		vg_add(buffer, i == 0 ? "" : both ? " nor " : "; ");
		add_node(buffer, rulebook, rulebook->children[node->first + i], both);
	}
	vg_add(buffer, both ? "" : ")");
}

static void add_node(vg_buffer *buffer, const vg_rulebook *rulebook, uint32_t number, bool inner)
{
	const vg_node *node = &rulebook->nodes[number];
	if (node->sentence) {
		vg_add(buffer, node->sentence);
		return;
	}
	if (node->kind == VG_NODE_LEAF) {
		vg_add(buffer, rulebook->leaves[node->leaf].sentence);
		return;
	}
	if (node->kind == VG_NODE_NONE) {
		add_none(buffer, rulebook, node);
		return;
	}
	const char *joint = node->kind == VG_NODE_ALL ? " and " : node->kind == VG_NODE_AT_LEAST ? "; " : " or ";
	bool brackets = (inner && node->count > 1) || node->kind == VG_NODE_AT_LEAST;
	if (node->kind == VG_NODE_AT_LEAST)
		vg_addf(buffer, "at least %d of ", node->least);
	vg_add(buffer, brackets ? "(" : "");
	for (uint32_t i = 0; i < node->count; i++) {
		vg_add(buffer, i ? joint : "");
		add_node(buffer, rulebook, rulebook->children[node->first + i], !brackets || node->kind != VG_NODE_AT_LEAST);
	}
	vg_add(buffer, brackets ? ")" : "");
}

const char *vg_node_sentence(const vg_rulebook *rulebook, uint32_t node, vg_arena *arena)
{
	vg_buffer buffer;
	vg_buffer_init(&buffer, arena);
	if (node != VG_NO_NODE)
		add_node(&buffer, rulebook, node, false);
	return vg_buffer_text(&buffer);
}
