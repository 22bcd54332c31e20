/*
 * A hook's call: request in, cards out.
 *
 * Order of things: read, refuse or fetch (hooks_request.c); evaluate; take out
 * what was switched off (hooks_filter.c), and say so (hooks_extension.c); cards;
 * look at the cards; journal; answer.  An empty list of cards therefore always
 * means "checked, and nothing to say", and the extension says what was not.
 */
#include "service/answer_internal.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

/* ---- fresh uuids ---------------------------------------------------------------- */

/*
 * Version 7 of RFC 9562: the time in front, so that the journal's table of cards
 * grows at its end.  Random ones would touch a page of it for each card, anywhere
 * in a file that never shrinks.
 */
bool vg_fresh_uuid(void *call, char out[37])
{
	static const char digits[] = "0123456789abcdef";
	vg_call *own = call;
	unsigned char bytes[16];
	struct timespec now;
	if (own->random_left == 0) {
		if (getrandom(own->random, sizeof own->random, 0) != (ssize_t)sizeof own->random)
			return false;
		own->random_left = sizeof own->random;
	}
	own->random_left -= VG_UUID_RANDOM;
	clock_gettime(CLOCK_REALTIME, &now);
	uint64_t milliseconds = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	for (int i = 0; i < 6; i++)
		bytes[i] = (unsigned char)(milliseconds >> (40 - 8 * i));
	memcpy(bytes + 6, own->random + own->random_left, VG_UUID_RANDOM);
	bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x70);
	bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
	return true;
}

static void add_card(vg_call *own, const char *uuid, const char *rule, const char *severity, const char *status)
{
	vg_journal_card *items = vg_grow(own->arena, own->cards, own->card_count, &own->card_capacity, sizeof *own->cards);
	const char *copy = vg_copy_text(own->arena, uuid, strlen(uuid)), *id = vg_copy_text(own->arena, rule, strlen(rule));
	if (items)
		own->cards = items;
	if (items && copy && id)
		own->cards[own->card_count++] = (vg_journal_card){copy, id, severity, status};
	else
		own->failed = true;
}

static void given(void *user, const char *uuid, const char *rule, const char *severity)
{
	add_card(user, uuid, rule, severity, "active");
}

/* ---- answering ------------------------------------------------------------------------ */

/* What rules and rows in shadow would have said, for the journal only: asked apart, so that they cannot change an answer. */
static void add_shadow(vg_call *own, vigil_worker *worker)
{
	vigil_request request = VIGIL_REQUEST_INIT;
	const vg_answer *answer = NULL;
	request.record = own->record;
	request.hook = vg_hook_name(own->hook);
	request.as_of = own->in->now;
	request.all_statuses = 1;
	if (vg_worker_answer(worker, &request, &answer, NULL) != VIGIL_OK)
		return;
	for (size_t i = 0; i < answer->alert_count; i++) {
		const vg_alert *alert = &answer->alerts[i];
		char uuid[37];
		if (alert->status == VG_STATUS_SHADOW && vg_fresh_uuid(own, uuid))
			add_card(own, uuid, alert->rule, vg_severity_name((vigil_severity)alert->severity), "shadow");
	}
}

static void finish(vg_call *own, vigil_worker *worker, const vg_answer *full)
{
	vg_answer answer, shown;
	vg_buffer body;
	const vg_uuids uuids = {vg_fresh_uuid, own, given};
	vg_buffer_init(&body, own->arena);
	if (!vg_call_mark(own, full) || !vg_call_filter(own, full, &answer)) {
		vg_service_refuse(own->out, VIGIL_NO_MEMORY, NULL);
		return;
	}
	shown = answer;
	if (!own->service->config.not_checked_card)
		shown.notice_count = shown.not_checked_count = shown.error_count = 0;
	if (!vg_answer_cards(&shown, &uuids, &body) || own->failed) {
		vg_service_refuse(own->out, VIGIL_NO_MEMORY, NULL);
		return;
	}
	const char *problem = vg_card_problem(body.text, body.length, own->arena);
	if (problem) {
		atomic_fetch_add(&own->service->bad_cards, 1);
		vg_http_refuse(own->out, 500, "exception", "The answer would not have been a valid one: %s.", problem);
		own->out->note = problem;
		return;
	}
	body.text[--body.length] = '\0'; /* the closing brace; the extension comes before it */
	vg_count_answer(own->service, &answer);
	vg_note_failures(own->service, &answer);
	atomic_fetch_add(&own->service->suppressed, own->left_out_count);
	vg_call_extension(own, full, &answer, &body);
	vg_add(&body, "}");
	const char *row = vg_answer_row(own->service, own->in, &answer, &own->asker, own->cards, own->card_count,
					own->left_out_count, vg_service_clock() - own->began, own->arena);
	if (answer.shadow && own->service->journal)
		add_shadow(own, worker); /* last: that gives up the answer that all of the above stands on */
	bool lost = false;
	if (own->failed || !row) {
		vg_service_refuse(own->out, VIGIL_NO_MEMORY, NULL);
		return;
	}
	if (!vg_service_record(own->service, own->in, "answer", row, own->cards, own->card_count, own->out, &lost))
		return;
	if (lost) {
		/* The extension is ours and its last member is known: the note goes before its two braces and the answer's. */
		body.length -= 3;
		body.text[body.length] = '\0';
		vg_add(&body, ",\"journal\":\"lost\"}}}");
	}
	vg_service_send(own->out, &body);
}

static void answer_call(vg_call *own)
{
	vigil_worker *worker = vg_service_take_worker(own->service);
	vigil_request request = VIGIL_REQUEST_INIT;
	vigil_error error = VIGIL_ERROR_INIT;
	const vg_answer *answer = NULL;
	request.record = own->record;
	request.hook = vg_hook_name(own->hook);
	request.as_of = own->in->now;
	/* At other hooks than those that open a chart screenings are no part of what is said: no card, not "fired", no gap. */
	request.all_screenings = (vg_rulebook_triggers(own->hook) & VG_ON_CHART) != 0;
	request.no_screenings = !request.all_screenings;
	vigil_status status = vg_worker_answer(worker, &request, &answer, &error);
	if (status == VIGIL_OK)
		finish(own, worker, answer);
	else
		vg_service_refuse(own->out, status, &error);
	vg_service_give_worker(own->service, worker);
}

void vg_answer_hook(vg_service *service, const vg_http_request *in, vg_http_response *out)
{
	vg_call own = {.service = service, .in = in, .out = out, .began = vg_service_clock(), .arena = out->arena};
	if (!vg_service_hook(in->id, &own.hook)) {
		vg_http_refuse(out, 404, "not-found", "There is no such service; /cds-services lists them.");
		return;
	}
	if (vg_call_read(&own))
		answer_call(&own);
	vigil_record_close(own.record);
	vg_count_latency(service, own.hook, vg_service_clock() - own.began);
}
