/*
 * Records in, answers out: the one path of a population scan, whatever the
 * records come from and whatever the answers become.
 *
 * Each thread has a reader and an evaluator; each batch has its own output and
 * its own sums, which are written and added in the order of the input.  So any
 * number of threads gives the same bytes.  A record that cannot be read is
 * answered with its trouble and counted; only what would leave answers out
 * (memory, a broken input, an output that cannot be written) ends the scan.
 */
#include "cli/scan.h"

enum { MOST_TOLD = 5 };

typedef struct slot { /* of one batch */
	vg_batch batch;
	vg_arena arena;
	vg_buffer out, members; /* lines; whom the lists of FHIR are to name */
	vg_summary sums;
	uint64_t records, bad;
	uint64_t read, all;          /* bytes of the input up to this batch; of all of it */
	const char *told[MOST_TOLD]; /* the first troubles */
} slot;

typedef struct hand { /* one thread's */
	vg_reader *reader;
	vg_evaluator *evaluator;
	vigil_error error; /* of a record that could not be answered */
} hand;

typedef struct run {
	const vg_scan *scan;
	vg_feed *feed;
	vg_lens *lens;
	hand *hands;
	slot *slots;
	unsigned slot_count;
	vg_scan_result *result;
	vg_meter *meter;
} run;

/* ---- one record ----------------------------------------------------------------------- */

static vigil_status keep_trouble(run *self, slot *at, const vg_feed_item *item, const vigil_error *error, vigil_error *err)
{
	if (error->status == VIGIL_NO_MEMORY || error->status == VIGIL_INTERNAL) {
		*err = *error;
		return error->status;
	}
	vg_scan_trouble(self->scan, item, error->text, &at->out);
	if (at->bad < MOST_TOLD) {
		const char *place = vg_scan_place(item, &at->arena);
		at->told[at->bad] = place ? vg_format(&at->arena, "%s: %s", place, error->text) : NULL;
	}
	at->bad++;
	return at->arena.failed ? vg_fail_memory(err) : VIGIL_OK;
}

/* What falls due in the coming months if nothing is done meanwhile: the same question, asked at each month's end. */
static vigil_status look_ahead(run *self, hand *by, slot *at, vg_question question, vigil_error *err)
{
	const vg_scan *scan = self->scan;
	for (unsigned month = 1; month <= VG_FORECAST_MONTHS; month++) {
		const vg_answer *later;
		question.as_of = (vg_when){scan->months[month], scan->months[month], VG_NO_INSTANT};
		vigil_status status = vg_decide(by->evaluator, scan->world, &question, &later, err);
		if (status != VIGIL_OK)
			return status;
		vg_summary_forecast(&at->sums, later, month, scan->months[month - 1], scan->months[month]);
	}
	return VIGIL_OK;
}

static vigil_status answer_record(run *self, hand *by, slot *at, vg_record *record, vigil_error *err)
{
	const vg_scan *scan = self->scan;
	vg_question question = {.record = record,
				.as_of = scan->as_of,
				.judge_existing = scan->options->alerts,
				.all_screenings = scan->sums || scan->options->all,
				.only_rules = scan->only,
				.only_count = scan->only_count,
				.budget_ms = VG_UNHURRIED_MS};
	const vg_answer *answer;
	vigil_status status = *scan->not_supplied ? vg_record_sections(record, scan->not_supplied, err) : VIGIL_OK;
	if (status == VIGIL_OK)
		status = vg_request_hook(NULL, record, &question.hook, err);
	if (status == VIGIL_OK && scan->texts)
		status = vg_evaluate(by->evaluator, scan->world, &question, &answer, err);
	else if (status == VIGIL_OK)
		status = vg_decide(by->evaluator, scan->world, &question, &answer, err);
	if (status != VIGIL_OK)
		return status;
	vg_scan_rows(scan, by->evaluator, answer, &at->sums, &at->out);
	if (scan->lists)
		vg_scan_lists_note(&at->sums, answer, &at->members);
	if (scan->sums)
		status = vg_summary_add(&at->sums, answer, err);
	if (status == VIGIL_OK && scan->forecast)
		status = look_ahead(self, by, at, question, err);
	at->records++;
	return status;
}

static vigil_status work_item(run *self, hand *by, slot *at, const vg_feed_item *item, vigil_error *err)
{
	vg_record *record = NULL;
	vigil_status status = vg_reader_record(by->reader, item, &record, &by->error);
	if (status == VIGIL_OK)
		status = answer_record(self, by, at, record, &by->error);
	if (record)
		vg_record_free(record);
	return status == VIGIL_OK ? status : keep_trouble(self, at, item, &by->error, err);
}

/* ---- batches ------------------------------------------------------------------------------ */

static vigil_status fill(void *user, unsigned number, bool *ret_any, vigil_error *err)
{
	run *self = user;
	slot *at = &self->slots[number];
	vigil_status status = vg_feed_fill(self->feed, &at->batch, ret_any, err);
	at->read = vg_feed_read(self->feed, &at->all);
	return status;
}

static vigil_status work(void *user, unsigned thread, unsigned number, vigil_error *err)
{
	run *self = user;
	slot *at = &self->slots[number];
	bool any = true;
	vigil_status status = VIGIL_OK;
	vg_arena_reset(&at->arena);
	vg_buffer_init(&at->out, &at->arena);
	vg_buffer_init(&at->members, &at->arena);
	while (status == VIGIL_OK && any) {
		vg_feed_item item;
		status = vg_reader_next(self->hands[thread].reader, &at->batch, &item, &any, err);
		if (status == VIGIL_OK && any)
			status = work_item(self, &self->hands[thread], at, &item, err);
	}
	if (status == VIGIL_OK && (at->out.failed || at->members.failed || at->arena.failed))
		status = vg_fail_memory(err);
	return status;
}

static vigil_status finish(void *user, unsigned number, vigil_error *err)
{
	run *self = user;
	slot *at = &self->slots[number];
	vg_scan_result *result = self->result;
	vigil_status status = VIGIL_OK;
	if (at->out.length)
		status = vg_scan_output_write(self->scan->output, at->out.text, at->out.length, err);
	if (status == VIGIL_OK && at->members.length)
		status = vg_scan_lists_add(self->scan->lists, at->members.text, err);
	for (uint64_t i = 0; i < at->bad && result->bad + i < MOST_TOLD; i++)
		vg_meter_say(self->meter, at->told[i]);
	result->bad += at->bad;
	result->records += at->records;
	at->bad = at->records = 0;
	if (status == VIGIL_OK && self->scan->sums)
		status = vg_summary_move(&result->summary, &at->sums, err);
	if (status == VIGIL_OK)
		status = vg_scan_output_reached(self->scan->output, at->batch.end_input, at->batch.end_line, result->bad, err);
	vg_meter_show(self->meter, result->records + result->bad, at->read, at->all);
	return status;
}

/* ---- all of them ------------------------------------------------------------------------------ */

static void close_run(run *self)
{
	for (unsigned i = 0; self->slots && i < self->slot_count; i++) {
		vg_batch_free(&self->slots[i].batch);
		vg_arena_free(&self->slots[i].arena);
		if (self->scan->sums)
			vg_summary_free(&self->slots[i].sums);
	}
	for (unsigned i = 0; self->hands && i < self->scan->jobs; i++) {
		vg_evaluator_close(self->hands[i].evaluator);
		vg_reader_close(self->hands[i].reader);
	}
	vg_lens_close(self->lens);
}

static vigil_status open_run(run *self, vigil_error *err)
{
	const vg_scan *scan = self->scan;
	vg_arena *arena = &scan->cli->arena;
	self->slot_count = scan->jobs == 1 ? 1 : 2 * scan->jobs;
	self->slots = vg_alloc_array(arena, self->slot_count, sizeof *self->slots);
	self->hands = vg_alloc_array(arena, scan->jobs, sizeof *self->hands);
	if (!self->slots || !self->hands)
		return vg_fail_memory(err);
	/* Screenings look at little of a record; what nobody looks at need not be read, unless it is to be counted. */
	vg_unpack what = scan->narrow && !scan->data ? VG_UNPACK_SEEN : VG_UNPACK_ALL;
	vigil_status status = vg_lens_open(self->feed, scan->world, what, NULL, &self->lens, err);
	for (unsigned i = 0; i < self->slot_count; i++) {
		vg_batch_init(&self->slots[i].batch, NULL);
		vg_arena_init(&self->slots[i].arena, NULL, 0);
		if (scan->sums && status == VIGIL_OK)
			status = vg_summary_open(&self->slots[i].sums, scan->world, scan->only, scan->only_count, NULL, err);
		self->slots[i].sums.data = scan->data;
	}
	for (unsigned i = 0; i < scan->jobs && status == VIGIL_OK; i++) {
		self->hands[i].error = (vigil_error)VIGIL_ERROR_INIT;
		status = vg_reader_open(self->lens, &self->hands[i].reader, err);
		if (status == VIGIL_OK)
			status = vg_evaluator_open(NULL, &self->hands[i].evaluator, err);
	}
	return status;
}

vigil_status vg_scan_run(const vg_scan *scan, vg_feed *feed, vg_scan_result *ret, vigil_error *err)
{
	run self = {.scan = scan, .feed = feed, .result = ret, .meter = vg_meter_open(scan->cli, "Scanning", "patients")};
	vigil_status status = open_run(&self, err);
	const vg_pipeline pipeline = {scan->jobs, self.slot_count, &self, fill, work, finish};
	if (status == VIGIL_OK)
		status = vg_pipeline_run(&pipeline, err);
	vg_meter_close(self.meter);
	close_run(&self);
	if (ret->bad > MOST_TOLD)
		vg_meter_say(self.meter, vg_format(&scan->cli->arena, "… and %llu more that could not be read",
						   (unsigned long long)(ret->bad - MOST_TOLD)));
	return status;
}
