/*
 * Workers: one request after the other, each answer living until the next.
 *
 * A request is checked as a whole before anything of the last answer is given
 * up.  What an answer points into (its world, its record, its orders) is held
 * by the worker, so that neither a reload nor a closed record can take it away.
 */
#include "library/library_internal.h"

#include <stdio.h>
#include <string.h>

vigil_status vigil_worker_open(vigil_engine *engine, vigil_worker **ret, vigil_error *reterr)
{
	if (!vg_error_usable(reterr))
		return VIGIL_WRONG_USE;
	if (!engine || !ret)
		return vg_fail(reterr, VIGIL_WRONG_USE, "Give an engine and the address of a vigil_worker pointer.",
			       "An argument is NULL.");
	vigil_worker *worker = vg_new(&engine->allocator, sizeof *worker);
	if (!worker)
		return vg_fail_memory(reterr);
	worker->allocator = engine->allocator;
	worker->engine = engine;
	vg_arena_init(&worker->arena, &engine->allocator, 0);
	vigil_status status = vg_evaluator_open(&engine->allocator, &worker->evaluator, reterr);
	if (status != VIGIL_OK) {
		vigil_worker_close(worker);
		return status;
	}
	*ret = worker;
	return VIGIL_OK;
}

/* Gives up what the last answer stood on. */
static void forget(vigil_worker *worker)
{
	for (size_t i = 0; i < worker->order_count; i++)
		vg_record_free(worker->orders[i]);
	worker->orders = NULL;
	worker->order_count = 0;
	if (worker->has_marked)
		vg_arena_free(&worker->marked.arena);
	worker->has_marked = false;
	vigil_record_close(worker->record);
	worker->record = NULL;
	vg_world_release(worker->world);
	worker->world = NULL;
	worker->result = (vigil_result){0};
	vg_arena_reset(&worker->arena);
}

void vigil_worker_close(vigil_worker *worker)
{
	if (!worker)
		return;
	vg_allocator allocator = worker->allocator;
	if (worker->evaluator)
		vg_evaluator_close(worker->evaluator);
	forget(worker);
	vg_arena_free(&worker->arena);
	vg_delete(&allocator, worker, sizeof *worker);
}

/* ---- what was asked ------------------------------------------------------- */

static vigil_status check_request(const vigil_request *request, vigil_error *err)
{
	if (!request || !vg_given_usable(request, request->size, sizeof *request))
		return vg_fail(err, VIGIL_WRONG_USE, "Begin with vigil_request request = VIGIL_REQUEST_INIT.",
			       "The request is missing, or its size is not one this version knows.");
	if (!request->record == !request->json)
		return vg_fail(err, VIGIL_WRONG_USE, "Set one of `record` and `json`.", "The request has %s.",
			       request->json ? "both a record and a text" : "neither a record nor a text");
	if (request->order_count && !request->orders)
		return vg_fail(err, VIGIL_WRONG_USE, "Set `orders`, or `order_count` to 0.", "`orders` is NULL.");
	for (size_t i = 0; i < request->order_count; i++)
		if (!request->orders[i].text)
			return vg_fail(err, VIGIL_WRONG_USE, "Give each order's text.", "orders[%zu].text is NULL.", i);
	return VIGIL_OK;
}

static vigil_status read_as_of(const vigil_request *request, vg_when *ret, vigil_error *err)
{
	static const char advice[] = "Give a whole date, such as 2026-03-01, or a dateTime with its offset.";
	if (!request->as_of)
		return vg_fail(err, VIGIL_WRONG_USE, advice, "The request has no day of evaluation (as_of).");
	if (!vg_date_parse(request->as_of, strlen(request->as_of), ret) || ret->first != ret->last)
		return vg_fail(err, VIGIL_WRONG_USE, advice, "\"%.40s\" is not a whole date.", request->as_of);
	return VIGIL_OK;
}

/* Older hooks under which clients still send orders to be signed. */
static bool find_hook(const char *name, vg_hook *ret)
{
	static const char *const signing[] = {"medication-prescribe", "order-review"};
	for (size_t i = 0; i < VG_COUNT(signing); i++) {
		if (strcmp(name, signing[i]) == 0) {
			*ret = VG_HOOK_ORDER_SIGN;
			return true;
		}
	}
	return vg_hook_find(name, ret);
}

static vigil_status fail_hook(const char *name, vigil_error *err)
{
	const char *names[VG_HOOK_COUNT];
	char advice[128] = "Hooks are named as in CDS Hooks: patient-view, order-select, order-sign …";
	for (int hook = VG_HOOK_PATIENT_VIEW; hook < VG_HOOK_COUNT; hook++)
		names[hook - 1] = vg_hook_name((vg_hook)hook);
	const char *nearest = vg_nearest(name, names, VG_HOOK_COUNT - 1);
	if (nearest)
		snprintf(advice, sizeof advice, "Did you mean %s?", nearest);
	return vg_fail(err, VIGIL_WRONG_USE, advice, "There is no hook \"%.60s\".", name);
}

vigil_status vg_request_hook(const char *name, const vg_record *record, vg_hook *ret, vigil_error *err)
{
	vg_hook given = VG_HOOK_NONE, own = VG_HOOK_NONE;
	if (name && !find_hook(name, &given))
		return fail_hook(name, err);
	if (record->hook && *record->hook && !find_hook(record->hook, &own))
		return vg_fail(err, VIGIL_BAD_INPUT,
			       "Vigil answers the hooks of the CDS Hooks library that concern one patient's care.",
			       "The request's hook \"%.60s\" is not one that Vigil knows.", record->hook);
	if (given != VG_HOOK_NONE && own != VG_HOOK_NONE && given != own)
		return vg_fail(err, VIGIL_WRONG_USE, "Leave the hook out, or send the request under the hook it was made for.",
			       "The hook %s contradicts the request, which says %s.", vg_hook_name(given), vg_hook_name(own));
	*ret = given != VG_HOOK_NONE ? given : own;
	return VIGIL_OK;
}

static vigil_status take_record(vigil_worker *worker, const vigil_request *request, vigil_error *err)
{
	if (!request->record)
		return vigil_record_read(worker->engine, request->json, request->json_length, &worker->record, err);
	/* The count is not part of what `const` promises: no fact is touched. */
	worker->record = vg_record_take((vigil_record *)(uintptr_t)request->record);
	return VIGIL_OK;
}

/* The record with the request's own sections.  The facts stay where they are;
 * only the copy's own arena, empty at first, grows. */
static vigil_status mark_sections(vigil_worker *worker, const vigil_request *request, const vg_record **ret, vigil_error *err)
{
	*ret = worker->record->record;
	if (!request->not_supplied || !*request->not_supplied)
		return VIGIL_OK;
	worker->marked = **ret;
	vg_arena_init(&worker->marked.arena, &worker->allocator, 0);
	worker->has_marked = true;
	*ret = &worker->marked;
	return vg_record_sections(&worker->marked, request->not_supplied, err);
}

static vigil_status read_orders(vigil_worker *worker, const vigil_request *request, const vg_record *record, vigil_error *err)
{
	if (!request->order_count)
		return VIGIL_OK;
	worker->orders = vg_alloc_array(&worker->arena, request->order_count, sizeof(vg_record *));
	if (!worker->orders)
		return vg_fail_memory(err);
	for (size_t i = 0; i < request->order_count; i++) {
		vigil_status status =
		    vg_orders_read(request->orders[i].text, request->orders[i].length, record, worker->world->rulebook->watch,
				   &vg_default_limits, &worker->allocator, &worker->orders[i], err);
		if (status != VIGIL_OK) {
			char place[32];
			snprintf(place, sizeof place, "orders[%zu]", i);
			if (status == VIGIL_BAD_INPUT && err)
				vg_error_place(err, place, err->line);
			return status;
		}
		worker->order_count++;
	}
	return VIGIL_OK;
}

static void digest_request(const vigil_worker *worker, const vigil_request *request, vg_hook hook, vg_digest *ret)
{
	const int flags[] = {request->judge_existing != 0, request->all_statuses != 0,  request->record_drafts != 0,
			     request->all_screenings != 0, request->no_screenings != 0, (int)hook};
	vg_digest_state state;
	vg_digest_begin(&state);
	vg_digest_add(&state, worker->world->digest.bytes, sizeof worker->world->digest.bytes);
	vg_digest_add(&state, &worker->record->hash, sizeof worker->record->hash);
	for (size_t i = 0; i < request->order_count; i++) {
		uint64_t hash = vg_hash(request->orders[i].text, request->orders[i].length);
		vg_digest_add(&state, &hash, sizeof hash);
	}
	vg_digest_add_text(&state, request->as_of);
	vg_digest_add_text(&state, request->not_supplied ? request->not_supplied : "");
	vg_digest_add(&state, flags, sizeof flags);
	vg_digest_end(&state, ret);
}

/* Everything of a request but the evaluation itself. On failure the worker holds nothing. */
static vigil_status prepare(vigil_worker *worker, const vigil_request *request, vg_question *question, vigil_error *err)
{
	const vg_record *record = NULL;
	*question = (vg_question){0};
	vigil_status status = check_request(request, err);
	if (status == VIGIL_OK)
		status = read_as_of(request, &question->as_of, err);
	if (status != VIGIL_OK)
		return status;
	forget(worker);
	status = take_record(worker, request, err);
	if (status != VIGIL_OK)
		goto failed;
	worker->world = vg_world_take(worker->record->world);
	status = mark_sections(worker, request, &record, err);
	if (status == VIGIL_OK)
		status = vg_request_hook(request->hook, record, &question->hook, err);
	if (status == VIGIL_OK)
		status = read_orders(worker, request, record, err);
	if (status != VIGIL_OK)
		goto failed;
	question->record = record;
	question->order_records = (const vg_record *const *)worker->orders;
	question->order_record_count = worker->order_count;
	question->judge_existing = request->judge_existing != 0;
	question->all_statuses = request->all_statuses != 0;
	question->record_drafts = request->record_drafts != 0;
	question->trace = request->trace != 0;
	question->all_screenings = request->all_screenings != 0;
	question->no_screenings = request->no_screenings != 0;
	return VIGIL_OK;
failed:
	forget(worker);
	return status;
}

/* ---- answering -------------------------------------------------------------- */

static vigil_status answer(vigil_worker *worker, const vigil_request *request, vg_question *question, vigil_error *err)
{
	vigil_status status = prepare(worker, request, question, err);
	if (status != VIGIL_OK)
		return status;
	status = vg_evaluate(worker->evaluator, worker->world, question, &worker->result.answer, err);
	if (status != VIGIL_OK)
		forget(worker);
	return status;
}

vigil_status vg_worker_answer(vigil_worker *worker, const vigil_request *request, const vg_answer **ret, vigil_error *err)
{
	vg_question question;
	vigil_status status = answer(worker, request, &question, err);
	if (status == VIGIL_OK)
		*ret = worker->result.answer;
	return status;
}

vigil_status vigil_evaluate(vigil_worker *worker, const vigil_request *request, const vigil_result **ret, vigil_error *reterr)
{
	if (!vg_error_usable(reterr))
		return VIGIL_WRONG_USE;
	if (!worker || !ret)
		return vg_fail(reterr, VIGIL_WRONG_USE, "Give a worker and the address of a vigil_result pointer.",
			       "An argument is NULL.");
	vg_question question;
	vigil_status status = answer(worker, request, &question, reterr);
	if (status != VIGIL_OK)
		return status;
	vigil_result *result = &worker->result;
	if (!vg_result_prepare(result, &worker->arena)) {
		forget(worker);
		return vg_fail_memory(reterr);
	}
	digest_request(worker, request, question.hook, &result->seed);
	result->worker = worker;
	result->trace = question.trace;
	*ret = result;
	return VIGIL_OK;
}

vigil_status vg_worker_explain(vigil_worker *worker, const vigil_request *request, const char *rule, vg_stopwatch *stopwatch,
			       const vg_explanation **ret, size_t *ret_count, vigil_error *err)
{
	vg_question question;
	vigil_status status = prepare(worker, request, &question, err);
	if (status != VIGIL_OK)
		return status;
	uint32_t number = vg_rule_find(worker->world->rulebook, rule);
	if (number == UINT32_MAX)
		status = vg_fail(err, VIGIL_WRONG_USE, "`vigil show` lists all rules.", "There is no rule \"%.100s\".", rule);
	else
		status = vg_explain(worker->evaluator, worker->world, &question, number, stopwatch, ret, ret_count, err);
	if (status != VIGIL_OK)
		forget(worker);
	return status;
}

const vg_record *const *vg_worker_orders(const vigil_worker *worker, size_t *ret_count)
{
	*ret_count = worker->order_count;
	return (const vg_record *const *)worker->orders;
}

const vg_answer *vg_result_answer(const vigil_result *result) { return result->answer; }

vg_arena *vg_result_arena(const vigil_result *result) { return &result->worker->arena; }
