/*
 * What can be done about an alert: suggestions with codes, reasons for which it
 * may be overridden, and the source that it rests on.
 */
#include "evaluation/evaluation_internal.h"

/* ---- suggestions -------------------------------------------------------------- */

static bool is_drug_system(const char *system)
{
	static const char *const names[] = {"RxNorm", "NDC", "ATC", "UNII", "CVX"};
	const char *name = vg_system_name(system);
	for (size_t i = 0; i < VG_COUNT(names); i++)
		if (vg_same_text(names[i], name))
			return true;
	return false;
}

/* The preferred code of a set; false when the set has none that could be ordered. */
static bool take_code(vg_work *work, vg_set set, vg_suggestion *out)
{
	vg_concept concept = vg_set_preferred(work->knowledge, set);
	if (!concept)
		return false;
	out->system = vg_concept_system(work->knowledge, concept);
	out->code = vg_concept_code(work->knowledge, concept);
	out->display = vg_concept_name(work->knowledge, concept);
	if (!out->display || !*out->display)
		out->display = vg_set_name(work->knowledge, set);
	out->orders_medication = is_drug_system(out->system);
	return true;
}

static const char *or_empty(const char *text) { return text ? text : ""; }

static bool make_suggestion(vg_work *work, const vg_action *action, const vg_clinical_fact *order, vg_suggestion *out)
{
	*out = (vg_suggestion){.kind = action->kind, .label = "", .url = or_empty(action->url)};
	const char *name = action->set ? vg_set_name(work->knowledge, action->set) : "";
	switch ((vg_action_kind)action->kind) {
	case VG_CANCEL_THIS_ORDER:
		out->order = order;
		out->label = order ? or_empty(vg_format(work->arena, "Cancel %s", vg_fact_words(order))) : "";
		return order != NULL;
	case VG_POSTPONE_THIS_ORDER:
		out->order = order;
		out->label = or_empty(vg_format(work->arena, "Postpone this order: %s", or_empty(action->label)));
		return order != NULL;
	case VG_ORDER_INSTEAD:
		out->order = order;
		out->label = or_empty(vg_format(work->arena, "Order %s instead", name));
		return take_code(work, action->set, out);
	case VG_ORDER:
		out->label = or_empty(vg_format(work->arena, "Order %s", name));
		return take_code(work, action->set, out);
	case VG_LINK:
		out->label = or_empty(action->label);
		return true;
	}
	return false;
}

void vg_suggest(vg_work *work, const vg_rule *rule, const vg_clinical_fact *order, const vg_suggestion **ret, size_t *ret_count)
{
	static const vg_action cancel = {.kind = VG_CANCEL_THIS_ORDER};
	bool own = rule && (rule->action_count || !rule->family);
	const vg_action *actions = own ? rule->actions : &cancel;
	size_t count = own ? rule->action_count : order ? 1 : 0;
	vg_suggestion *items = vg_alloc_array(work->arena, count, sizeof *items);
	*ret = items;
	*ret_count = 0;
	for (size_t i = 0; items && i < count; i++)
		if (make_suggestion(work, &actions[i], order, &items[*ret_count]))
			(*ret_count)++;
}

/* ---- reasons -------------------------------------------------------------------- */

static const char *const interaction_reasons[] = {"Benefit outweighs risk", "Patient tolerates the combination",
						  "Will be monitored", "Patient no longer takes the other drug"};
static const char *const allergy_reasons[] = {"Patient tolerated the drug since", "Not a true allergy",
					      "Benefit outweighs risk, precautions taken", "No alternative"};
static const char *const therapy_reasons[] = {"Intended combination", "Replaces the other drug", "Different indication"};
static const char *const test_reasons[] = {"Clinical change since", "Earlier result is doubtful", "Needed for monitoring"};
static const char *const other_reasons[] = {"Benefit outweighs risk", "Does not apply to this patient", "Will be monitored"};

const char *const *vg_reasons(vg_rule_kind kind, size_t *ret_count)
{
#define REASONS(list) (*ret_count = VG_COUNT(list), list)
	switch (kind) {
	case VG_KIND_INTERACTION:
		return REASONS(interaction_reasons);
	case VG_KIND_ALLERGY:
		return REASONS(allergy_reasons);
	case VG_KIND_DUPLICATE_THERAPY:
		return REASONS(therapy_reasons);
	case VG_KIND_DUPLICATE_TEST:
		return REASONS(test_reasons);
	case VG_KIND_CONTRAINDICATION:
	case VG_KIND_SCREENING:
	case VG_KIND_RULE:
		break;
	}
	return REASONS(other_reasons);
#undef REASONS
}

/* ---- sources ----------------------------------------------------------------------- */

static const char *source_label(vg_work *work, const char *title, const char *publisher, const char *year,
				const char *otherwise)
{
	if (!title || !*title)
		return otherwise && *otherwise ? otherwise : "Vigil";
	const char *text = title;
	bool has_publisher = publisher && *publisher && !strstr(title, publisher),
	     has_year = year && *year && !strstr(title, year);
	if (has_publisher && has_year)
		text = vg_format(work->arena, "%s (%s, %s)", title, publisher, year);
	else if (has_publisher || has_year)
		text = vg_format(work->arena, "%s (%s)", title, has_publisher ? publisher : year);
	return text ? text : title;
}

static const char *pack_name(const vg_work *work, uint32_t pack)
{
	return pack < work->world->pack_count ? work->world->packs[pack].name : "";
}

void vg_source(vg_work *work, const vg_rule *rule, const vg_pair_row *row, const char **ret_label, const char **ret_url)
{
	*ret_label = "Vigil";
	*ret_url = "";
	if (rule) {
		const vg_evidence_source *source = &rule->evidence;
		*ret_label = source_label(work, source->title, source->publisher, source->year, pack_name(work, rule->pack));
		*ret_url = or_empty(source->url);
	} else if (row) {
		*ret_label = source_label(work, row->evidence, row->publisher, row->year, pack_name(work, row->pack));
		*ret_url = or_empty(row->url);
	}
}
