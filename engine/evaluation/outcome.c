/*
 * Outcome: one rule on one order, medication or pair (RULES.md §4, "Outcome").
 *
 *     requirements   exceptions          outcome
 *     true           false               alert
 *     true           unknown             alert, marked "not excluded"
 *     unknown        false or unknown    by if_unknown; always listed as not evaluated
 *     false          any                 silent
 *     any            true                silent
 *
 * Requirements need evidence to fire, exceptions need evidence to silence.  Of
 * the cases the first true one decides; an unknown one is passed over, so it
 * never lowers a severity.  A check function runs last, when it can still
 * matter; a failed one is an outcome of its own rule and of no other.
 */
#include "evaluation/evaluation_internal.h"

vg_truth vg_ask_node(vg_work *work, uint32_t node, const vg_binding *binding)
{
	return vg_node_truth(&work->scene, node, binding, work->memo);
}

uint8_t vg_lowered(uint8_t severity, unsigned steps)
{
	return steps >= severity ? VIGIL_SEVERITY_INFO : (uint8_t)(severity - steps);
}

static void lower(vg_found *found, unsigned note)
{
	if (found->severity == VIGIL_SEVERITY_INFO)
		return;
	found->severity--;
	found->notes = (uint16_t)(found->notes | note);
}

void vg_lower_found(vg_found *found, bool raised)
{
	if (found->notes & (VG_NOTE_STALE | VG_NOTE_SUBJECT_STALE))
		lower(found, VG_NOTE_STALE_LOWERS);
	if (found->notes & VG_NOTE_RENEWED && !raised)
		lower(found, VG_NOTE_RENEWED_LOWERS);
}

bool vg_row_shown(vg_work *work, vg_rule_status status)
{
	work->met_shadow = work->met_shadow || status == VG_STATUS_SHADOW;
	return status == VG_STATUS_ACTIVE || (work->question->all_statuses && status != VG_STATUS_RETIRED);
}

/* Of several orders or pairs the outcome that says most stays. */
void vg_note_outcome(vg_work *work, uint32_t rule, vg_outcome outcome)
{
	static const uint8_t weight[] = {[VG_SILENT] = 0, [VG_NOT_KNOWN] = 1, [VG_FAILED] = 2, [VG_ASKED] = 3, [VG_FIRED] = 4};
	if (weight[outcome] > weight[work->outcomes[rule]])
		work->outcomes[rule] = (uint8_t)outcome;
}

void vg_add_unsettled(vg_work *work, uint32_t rule, const vg_binding *binding, const char *missing)
{
	vg_note_outcome(work, rule, VG_NOT_KNOWN);
	if (vg_bit_test(work->unsettled_rules, rule))
		return;
	vg_unsettled *items =
	    vg_grow(work->arena, work->unsettled, work->unsettled_count, &work->unsettled_capacity, sizeof *items);
	if (!items)
		return;
	work->unsettled = items;
	items[work->unsettled_count++] = (vg_unsettled){rule, binding ? *binding : (vg_binding){.order = NULL}, missing};
	vg_bit_set(work->unsettled_rules, rule);
}

void vg_explain_unsettled(vg_work *work, uint32_t rule, const char *missing)
{
	for (size_t i = 0; i < work->unsettled_count; i++)
		if (work->unsettled[i].rule == rule && !work->unsettled[i].missing)
			work->unsettled[i].missing = missing;
}

vg_found *vg_add_found(vg_work *work, const vg_found *found)
{
	vg_found *items = vg_grow(work->arena, work->found, work->found_count, &work->found_capacity, sizeof *items);
	if (!items)
		return NULL;
	work->found = items;
	items[work->found_count] = *found;
	return &items[work->found_count++];
}

/* ---- replacing -------------------------------------------------------------------- */

/* Finals of one order or pair hang together, the newest first, and are found by it: there may be tens of thousands. */
void vg_add_final(vg_work *work, uint32_t rule, const vg_binding *binding)
{
	if (work->book->rules[rule].replaces_count == 0 || work->book->rules[rule].status != VG_STATUS_ACTIVE)
		return;
	vg_concerned *key = vg_alloc(work->arena, sizeof *key); /* not in the items, which move */
	vg_final *items = vg_grow(work->arena, work->finals, work->final_count, &work->final_capacity, sizeof *items);
	if (!items)
		return;
	work->finals = items;
	if (!key)
		return;
	*key = (vg_concerned){binding->subject, binding->other};
	if (work->final_count == 0)
		vg_map_init(&work->newest_finals, work->arena);
	uint32_t *newest = vg_map_at(&work->newest_finals, key, sizeof *key, true);
	if (!newest)
		return;
	items[work->final_count++] = (vg_final){rule, *newest};
	*newest = (uint32_t)work->final_count;
}

static bool replaces(const vg_rule *rule, const char *id)
{
	for (size_t i = 0; i < rule->replaces_count; i++)
		if (strcmp(rule->replaces[i], id) == 0)
			return true;
	return false;
}

/* Of two rules that replace each other the first one stands. */
static bool is_replaced_by(const vg_work *work, uint32_t number, uint32_t asker, const char *id)
{
	const vg_rule *rule = &work->book->rules[number];
	bool mutual = asker < number && replaces(&work->book->rules[asker], rule->id);
	return number != asker && !mutual && replaces(rule, id);
}

/* By what is final for this pair, and by what is final for its subject whatever stands beside it. */
bool vg_is_replaced(vg_work *work, uint32_t asker, const char *id, const vg_clinical_fact *subject,
		    const vg_clinical_fact *other)
{
	const vg_concerned keys[2] = {{subject, NULL}, {subject, other}};
	for (int k = 0; work->final_count && k < (other ? 2 : 1); k++) {
		const uint32_t *newest = vg_map_at(&work->newest_finals, &keys[k], sizeof keys[k], false);
		for (uint32_t at = newest ? *newest : 0; at; at = work->finals[at - 1].before)
			if (is_replaced_by(work, work->finals[at - 1].rule, asker, id))
				return true;
	}
	return false;
}

void vg_note_unknown_case(vg_unknown_case *unknown, uint32_t place, uint8_t severity)
{
	if (!unknown->number || severity > unknown->severity)
		*unknown = (vg_unknown_case){place + 1, severity};
}

/* ---- judging ------------------------------------------------------------------------- */

/* The first case that is true; false when it silences.  Of those that are not
 * known the gravest is kept, to be said. */
static bool apply_cases(vg_work *work, const vg_rule *rule, const vg_binding *binding, vg_found *found)
{
	for (size_t i = 0; i < rule->case_count; i++) {
		const vg_case *item = &rule->cases[i];
		vg_truth truth = vg_ask_node(work, item->node, binding);
		if (truth == VG_UNKNOWN && item->changes_severity && !item->silences)
			vg_note_unknown_case(&found->unknown, (uint32_t)i, (uint8_t)item->severity);
		if (truth != VG_TRUE)
			continue;
		found->case_number = (uint32_t)i + 1;
		if (item->changes_severity)
			found->severity = (uint8_t)item->severity;
		return !item->silences;
	}
	return true;
}

static vg_outcome speak(vg_work *work, uint32_t number, const vg_binding *binding, vg_truth requirements, vg_truth exceptions,
			unsigned notes)
{
	const vg_rule *rule = &work->book->rules[number];
	vg_found found = {.id = rule->id,
			  .rule = number,
			  .row = VG_NO_ROW,
			  .kind = rule->kind,
			  .severity = rule->severity,
			  .status = rule->status,
			  .exception_unknown = exceptions == VG_UNKNOWN,
			  .warned = requirements == VG_UNKNOWN && rule->if_unknown == VG_WARN,
			  .ask = requirements == VG_UNKNOWN && rule->if_unknown == VG_ASK,
			  .notes = (uint16_t)notes,
			  .binding = *binding};
	if (!apply_cases(work, rule, binding, &found))
		return VG_SILENT;
	vg_lower_found(&found, found.severity > rule->severity);
	vg_add_found(work, &found);
	return found.ask ? VG_ASKED : VG_FIRED;
}

/* Requirements and exceptions; false when the check function failed. */
static bool weigh(vg_work *work, uint32_t number, const vg_binding *binding, vg_truth *requirements, vg_truth *exceptions)
{
	const vg_rule *rule = &work->book->rules[number];
	if (*requirements != VG_FALSE)
		*requirements = vg_and(*requirements, vg_ask_node(work, rule->requires, binding));
	*exceptions = VG_FALSE;
	if (*requirements != VG_FALSE && rule->unless != VG_NO_NODE)
		*exceptions = vg_ask_node(work, rule->unless, binding);
	if (!rule->check || *requirements == VG_FALSE || *exceptions == VG_TRUE)
		return true;
	vg_truth checked = VG_UNKNOWN;
	if (!vg_call_check(work, number, binding, &checked))
		return false;
	*requirements = vg_and(*requirements, checked);
	return true;
}

vg_outcome vg_judge_rule(vg_work *work, uint32_t number, const vg_binding *binding, vg_truth met, unsigned notes)
{
	vg_truth requirements = met, exceptions = VG_FALSE;
	vg_outcome outcome = VG_SILENT;
	if (!weigh(work, number, binding, &requirements, &exceptions)) {
		outcome = VG_FAILED;
	} else if (requirements == VG_TRUE && exceptions != VG_TRUE) {
		outcome = speak(work, number, binding, requirements, exceptions, notes);
	} else if (requirements == VG_UNKNOWN && exceptions != VG_TRUE) {
		vg_add_unsettled(work, number, binding, NULL);
		outcome = VG_NOT_KNOWN;
		if (work->book->rules[number].if_unknown != VG_STAY_SILENT)
			outcome = speak(work, number, binding, requirements, exceptions, notes);
	}
	/* What was not known or failed replaces nothing: the rows it stands for speak. */
	if (outcome != VG_NOT_KNOWN && outcome != VG_FAILED)
		vg_add_final(work, number, binding);
	vg_note_outcome(work, number, outcome);
	return outcome;
}

/* The half of a rule's own requirement that lies in a section nobody supplied is
 * unknown; its conditions may still settle the matter. */
void vg_judge_untold(vg_work *work, uint32_t number, const vg_clinical_fact *order, vg_section section)
{
	static const char *const missing[VG_SECTION_COUNT] = {
	    [VG_MEDICATIONS] = "medications not supplied",
	    [VG_ALLERGIES] = "allergies not supplied",
	};
	const vg_rule *rule = &work->book->rules[number];
	vg_binding binding = {.order = order, .subject = order};
	if (work->outcomes[number] != VG_SILENT)
		return;
	if (rule->bound) { /* what its conditions say of a drug that nobody knows is worth nothing */
		vg_add_unsettled(work, number, &binding, missing[section]);
	} else if (order) {
		if (vg_judge_rule(work, number, &binding, VG_UNKNOWN, 0) != VG_SILENT)
			vg_explain_unsettled(work, number, missing[section]);
	} else if (vg_ask_node(work, rule->requires, &binding) != VG_FALSE &&
		   (rule->unless == VG_NO_NODE || vg_ask_node(work, rule->unless, &binding) != VG_TRUE)) {
		vg_add_unsettled(work, number, NULL, missing[section]); /* nobody is asked about a drug that may not be taken */
	}
}
