/*
 * Check functions: needs become arguments, the answer one of three values.
 *
 * A need that is unknown makes the answer unknown without a call, unless it is
 * optional; then the function reads nil.  A function that fails or exceeds a
 * limit is an error of its own rule, listed once, and its Lua state is thrown
 * away by the script floor.
 */
#include "evaluation/evaluation_internal.h"

bool vg_need_argument(vg_work *work, const vg_need *need, const vg_binding *binding, vg_argument *ret)
{
	vg_reading reading;
	*ret = (vg_argument){.name = need->name, .kind = VG_ARGUMENT_MISSING};
	if (!vg_leaf_reading(&work->scene, &work->book->leaves[need->leaf], binding, &reading))
		return false;
	switch (reading.kind) {
	case VG_VALUE_QUANTITY:
		ret->kind = VG_ARGUMENT_NUMBER;
		ret->number = reading.number;
		break;
	case VG_VALUE_BOOLEAN:
		ret->kind = VG_ARGUMENT_BOOLEAN;
		ret->boolean = reading.boolean;
		break;
	default:
		ret->kind = VG_ARGUMENT_TEXT;
		ret->text = reading.text;
		break;
	}
	return true;
}

/* What `this_order` gives: its name, its route, whether it renews, how long it runs. */
static size_t order_arguments(const vg_work *work, const vg_clinical_fact *order, vg_argument out[4])
{
	if (!order)
		return 0;
	size_t count = 0;
	out[count++] = (vg_argument){.name = "display", .kind = VG_ARGUMENT_TEXT, .text = order->display};
	bool drug = order->kind == VG_FACT_MEDICATION;
	bool renewal = false;
	for (uint32_t i = work->first_chart_side; drug && i < work->side_count; i++)
		renewal |= work->sides[i].role != VG_ROLE_STOPPED &&
			   vg_order_is_renewal(work->scene.record, order, work->sides[i].fact);
	out[count++] = (vg_argument){.name = "is_renewal", .kind = VG_ARGUMENT_BOOLEAN, .boolean = renewal};
	if (drug && order->route != VG_ROUTE_UNKNOWN)
		out[count++] =
		    (vg_argument){.name = "route", .kind = VG_ARGUMENT_TEXT, .text = vg_route_name((vg_route)order->route)};
	if (drug && !isnan(order->duration_days))
		out[count++] =
		    (vg_argument){.name = "duration_days", .kind = VG_ARGUMENT_NUMBER, .number = order->duration_days};
	return count;
}

static void add_error(vg_work *work, const char *rule, const vg_check_error *error)
{
	for (size_t i = 0; i < work->error_count; i++)
		if (work->errors[i].rule == rule)
			return;
	vg_rule_error *items = vg_grow(work->arena, work->errors, work->error_count, &work->error_capacity, sizeof *items);
	if (!items)
		return;
	work->errors = items;
	const char *code = vg_copy_text(work->arena, error->code, strlen(error->code));
	const char *text = vg_copy_text(work->arena, error->text, strlen(error->text));
	items[work->error_count++] = (vg_rule_error){rule, code, text};
}

static bool open_checker(vg_work *work)
{
	vg_evaluator *evaluator = work->evaluator;
	if (evaluator->checker)
		return true;
	return vg_checker_open(work->world->script, &evaluator->checker_allocator, &evaluator->checker, NULL) == VIGIL_OK;
}

bool vg_call_check(vg_work *work, uint32_t number, const vg_binding *binding, vg_truth *ret)
{
	const vg_rule *rule = &work->book->rules[number];
	vg_argument *arguments = vg_alloc_array(work->arena, rule->need_count, sizeof *arguments);
	*ret = VG_UNKNOWN;
	if (!arguments)
		return true; /* the arena is marked */
	for (size_t i = 0; i < rule->need_count; i++)
		if (!vg_need_argument(work, &rule->needs[i], binding, &arguments[i]) && !rule->needs[i].optional)
			return true;
	if (vg_look_at_clock(work)) {
		vg_add_unsettled(work, number, binding, "the request's time was used up");
		return true;
	}
	vg_check_error error = {.code = "error", .text = "the function could not be loaded"};
	vg_argument order[4];
	size_t order_count = order_arguments(work, binding->order, order);
	if (open_checker(work) && vg_checker_call(work->evaluator->checker, rule->check - 1, arguments, rule->need_count, order,
						  order_count, ret, &error)) {
		vg_look_at_clock(work);
		return true;
	}
	*ret = VG_UNKNOWN;
	work->arena->failed |= work->evaluator->starved; /* no fault of the rule's: the whole call answers for it */
	add_error(work, rule->id, &error);
	vg_look_at_clock(work);
	return false;
}
