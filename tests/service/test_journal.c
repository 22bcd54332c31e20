/*
 * The journal behind the service: who asked, what is told of rules whose data
 * stop coming, and what happens when no row can be written.
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "asking.h"

static asking own;

#define RULE "t01" /* warfarin with an NSAID, a row of the table */
/* A call at order-sign: the order's code, and what stands in the context and behind it. */
#define ORDER(code, context, more)                                                                                             \
	HEAD("order-sign")                                                                                                     \
	"\"context\":{" context                                                                                                \
	"\"patientId\":\"p1\",\"draftOrders\":" SET(ENTRY(MEDICATION("o1", "draft", code, "a tablet"))) "}," more PREFETCH "}"
#define NSAID "197805"
#define PLACEBO "9999999"

/* ---- what is in shadow ------------------------------------------------------------------------ */

typedef struct shadows {
	size_t rows, active, shadow;
	char rule[16]; /* of the last card in shadow */
} shadows;

static bool count_cards(void *user, const vg_journal_row *row)
{
	shadows *count = user;
	count->rows++;
	for (size_t i = 0; i < row->card_count; i++) {
		bool shadow = strcmp(row->cards[i].status, "shadow") == 0;
		*(shadow ? &count->shadow : &count->active) += 1;
		if (shadow)
			snprintf(count->rule, sizeof count->rule, "%s", row->cards[i].rule);
	}
	return true;
}

static shadows counted(void)
{
	shadows count = {0, 0, 0, ""};
	vigil_error error = VIGIL_ERROR_INIT;
	CHECK(vg_journal_read(own.journal, INT64_MIN, INT64_MAX, count_cards, &count, &error) == VIGIL_OK, "%s", error.text);
	return count;
}

/* Metformin with an NSAID is a row in shadow; warfarin with one is in service. */
static void rows_in_shadow_are_kept(void)
{
	if (!asking_open(&own, true, false))
		return;
	ask_hook(&own, "vigil-order-sign", SIGN);
	shadows count = counted();
	CHECK(count.rows == 1 && count.active == 1 && count.shadow == 0, "%zu cards, %zu in shadow, without such a pair",
	      count.active, count.shadow);
	ask_hook(&own, "vigil-order-sign",
		 HEAD("order-sign") CONTEXT ",\"prefetch\":{\"patient\":" PATIENT ",\"medications\":" SET(
		     ENTRY(MEDICATION("m2", "active", "861007", "metformin 500 MG Oral Tablet"))) "," ALL_EMPTY "}}");
	count = counted();
	CHECK(own.out.status == 200 && !text_at(own.answer, "cards/0/uuid"), "a row in shadow gave a card");
	CHECK(count.rows == 2 && count.active == 1 && count.shadow == 1 && strcmp(count.rule, "t02") == 0,
	      "%zu rows, %zu cards, %zu in shadow", count.rows, count.active, count.shadow);
	asking_close(&own);
}

/* ---- who asked, and where -------------------------------------------------------------------- */

typedef struct bodies { /* of the rows, one a line */
	char text[8192];
	size_t length;
} bodies;

static bool keep_body(void *user, const vg_journal_row *row)
{
	bodies *kept = user;
	kept->length += (size_t)snprintf(kept->text + kept->length, sizeof kept->text - kept->length, "%s\n", row->body);
	return kept->length < sizeof kept->text;
}

static const char *journal_text(bodies *kept)
{
	vigil_error error = VIGIL_ERROR_INIT;
	kept->length = 0;
	kept->text[0] = '\0';
	CHECK(vg_journal_read(own.journal, INT64_MIN, INT64_MAX, keep_body, kept, &error) == VIGIL_OK, "%s", error.text);
	return kept->text;
}

static bool row_holds(size_t number, const char *part)
{
	static bodies kept;
	const char *line = journal_text(&kept), *end;
	for (size_t i = 1; i < number && line; i++)
		line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
	end = line ? strchr(line, '\n') : NULL;
	return end && memmem(line, (size_t)(end - line), part, strlen(part));
}

static void tells_who_asked(void)
{
	char body[1024];
	if (!asking_open(&own, true, false))
		return;
	ask_hook(&own, "vigil-order-sign", ORDER(NSAID, "\"userId\":\"Practitioner/7\",", ""));
	CHECK(own.out.status == 200 && row_holds(1, "\"user\":\"Practitioner/7\"") && !row_holds(1, "\"location\""),
	      "the user of the context is not in the row");
	ask_hook(&own, "vigil-order-sign",
		 ORDER(NSAID, "\"userId\":\"Practitioner/7\",",
		       "\"extension\":{\"io.vigil-cds.client\":{\"user\":\"PractitionerRole/8\",\"location\":\"Ward 3\"}},"));
	CHECK(row_holds(2, "\"user\":\"PractitionerRole/8\",\"location\":\"Ward 3\""), "what the client tells does not win");
	ask_hook(&own, "vigil-order-sign", ORDER(NSAID, "\"userId\":\"Patient/p1\",", ""));
	CHECK(row_holds(3, "\"user\":\"") && !row_holds(3, "Patient/p1"), "a patient who asks is not hashed");
	const char *uuid = text_at(own.answer, "cards/0/uuid");
	snprintf(body, sizeof body,
		 "{\"feedback\":[{\"card\":\"%s\",\"outcome\":\"overridden\",\"outcomeTimestamp\":\"2026-03-01T12:01:00Z\","
		 "\"extension\":{\"io.vigil-cds.client\":{\"user\":\"Practitioner/9\",\"location\":\"Ward 4\"}}}]}",
		 uuid ? uuid : "");
	CHECK(ask(&own, VG_ENDPOINT_FEEDBACK, "vigil-order-sign", "", body) == 200, "feedback is %d", own.out.status);
	CHECK(row_holds(4, "\"user\":\"Practitioner/9\",\"location\":\"Ward 4\""), "the feedback's user is not in the row");
	char name[400];
	memset(name, 'x', sizeof name);
	name[sizeof name - 1] = '\0';
	char request[4096];
	snprintf(request, sizeof request, ORDER(NSAID, "\"userId\":\"%s\",", ""), name);
	CHECK(ask_hook(&own, "vigil-order-sign", request) == 200 && !row_holds(5, "\"user\""), "a name of 399 bytes is kept");
	asking_close(&own);
}

/* ---- data that stop coming ----------------------------------------------------------------------- */

/* Calls of which every `every`th orders the NSAID under this code. */
static void feed(unsigned count, unsigned every, const char *nsaid)
{
	static const char placebo[] = ORDER(PLACEBO, "", "");
	char request[4096];
	snprintf(request, sizeof request, ORDER("%s", "", ""), nsaid);
	for (unsigned i = 1; i <= count; i++) {
		const char *body = i % every ? placebo : request;
		if (ask_hook(&own, "vigil-order-sign", body) != 200)
			CHECK(false, "call %u is %d: %s", i, own.out.status, own.out.body);
	}
}

/* The alarm of the rule, in words, from a journal that is still being written. */
static const char *alarm_told(void)
{
	static const char *const names[] = {"none", "stopped", "jumped"};
	vg_journal_statistics figures;
	vg_arena arena;
	const char *found = "no such rule";
	vg_arena_init(&arena, NULL, 0);
	CHECK(vg_journal_count_rules(own.journal, INT64_MIN, INT64_MAX, &arena, &figures, NULL) == VIGIL_OK,
	      "the journal cannot be counted");
	for (size_t i = 0; i < figures.rule_count; i++)
		if (strcmp(figures.rules[i].rule, RULE) == 0)
			found = names[figures.rules[i].alarm];
	vg_arena_free(&arena);
	return found;
}

/* What /metrics says is expected of its table since it spoke last; -1: it says nothing. */
static double expected(void)
{
	static const char line[] = "vigil_rule_expected_firings{table=\"interactions\"} ";
	ask(&own, VG_ENDPOINT_METRICS, "", "", NULL);
	const char *place = own.out.body ? strstr(own.out.body, line) : NULL;
	double value = -1;
	if (place) {
		place += strlen(line);
		if (!vg_parse_number(place, strcspn(place, "\n"), &value))
			value = -1;
	}
	return value;
}

static void a_retired_code_is_told(void)
{
	if (!asking_open(&own, true, false))
		return;
	feed(200, 4, NSAID);
	CHECK_TEXT(alarm_told(), "none");
	CHECK(expected() == 0, "nothing is expected right after it spoke: %g", expected());
	feed(60, 4, "8888888"); /* the same tablet under a code that the EMR's new catalogue has */
	CHECK_TEXT(alarm_told(), "stopped");
	CHECK(expected() > 14.9 && expected() < 15.1, "a quarter of 60 answers: %g", expected());
	feed(4, 4, NSAID);
	CHECK_TEXT(alarm_told(), "none");
	asking_close(&own);
}

static void a_code_that_means_something_else_is_told(void)
{
	if (!asking_open(&own, true, false))
		return;
	feed(300, 100, NSAID);
	CHECK_TEXT(alarm_told(), "none");
	feed(100, 4, NSAID); /* as when a placebo's code becomes the NSAID's */
	CHECK_TEXT(alarm_told(), "jumped");
	asking_close(&own);
}

/* ---- a disk that is full ---------------------------------------------------------------------------- */

/* Files of this process may grow to `bytes`; writing more fails as on a full disk. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit;
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void without_room(vg_on_loss policy)
{
	static const char request[] = ORDER(NSAID, "", "");
	bool refusing = policy == VG_LOSS_REFUSE;
	vg_journal_report report;
	struct rlimit before;
	const vg_service_config config = {.workers = 2, .not_checked_card = true, .on_loss = policy};
	if (!asking_open_as(&own, true, config))
		return;
	getrlimit(RLIMIT_FSIZE, &before);
	void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
	CHECK(ask_hook(&own, "vigil-order-sign", request) == 200, "with room it is %d", own.out.status);
	limit_files(100); /* less than a row */
	for (int i = 0; i < 3; i++) {
		int status = ask_hook(&own, "vigil-order-sign", request);
		const char *told = text_at(own.answer, "extension/io.vigil-cds.answer/journal");
		CHECK(status == (refusing ? 503 : 200), "without room it is %d", status);
		if (refusing)
			CHECK(own.out.retry_after > 0 && !at(own.answer, "cards"), "a refusal with cards, or for ever");
		else
			CHECK(told && strcmp(told, "lost") == 0 && at(own.answer, "cards/0"), "the loss is not told: %s",
			      own.out.body);
		CHECK(own.out.note && strstr(own.out.note, "journal"), "the log is not told");
	}
	ask(&own, VG_ENDPOINT_METRICS, "", "", NULL);
	CHECK(own.out.body && strstr(own.out.body, "vigil_journal_lost_total 3\n"), "the metrics do not count it");
	limit_files(before.rlim_cur);
	signal(SIGXFSZ, old);
	CHECK(ask_hook(&own, "vigil-order-sign", request) == 200 && !strstr(own.out.body, "\"lost\""), "with room again: %s",
	      own.out.body);
	vg_service_close(own.service);
	own.service = NULL;
	CHECK(vg_journal_verify(own.journal, NULL, &report, NULL) == VIGIL_OK && report.rows == 2 && !*report.problem,
	      "the journal has %llu rows, %s", (unsigned long long)report.rows, report.problem);
	asking_close(&own);
}
/* The file cannot be written, and the tails can: answers go on, and the operator is told. */
static void tells_that_rows_wait(void)
{
	static const char request[] = ORDER(NSAID, "", "");
	sqlite3 *other = NULL;
	vg_journal_health health = {0};
	if (!asking_open(&own, true, false))
		return;
	CHECK(ask_hook(&own, "vigil-order-sign", request) == 200, "the call is %d", own.out.status);
	ask(&own, VG_ENDPOINT_READY, "", "", NULL);
	CHECK(own.out.body && !strstr(own.out.body, "journal_waits"), "a journal in order: %s", own.out.body);
	CHECK(sqlite3_open(own.journal, &other) == SQLITE_OK &&
		  sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK,
	      "the journal cannot be locked");
	CHECK(ask_hook(&own, "vigil-order-sign", request) == 200, "with a locked file it is %d", own.out.status);
	WAIT_UNTIL(vg_service_journal(own.service, &health) && health.trouble.status != VIGIL_OK);
	ask(&own, VG_ENDPOINT_READY, "", "", NULL);
	CHECK(own.out.status == 200 && own.out.body && strstr(own.out.body, "\"journal_waits\":true"), "/readyz: %s",
	      own.out.body);
	ask(&own, VG_ENDPOINT_METRICS, "", "", NULL);
	CHECK(own.out.body && strstr(own.out.body, "vigil_journal_waits 1\n") &&
		  strstr(own.out.body, "vigil_journal_waiting_rows ") &&
		  !strstr(own.out.body, "vigil_journal_waiting_rows 0\n"),
	      "the metrics do not tell it");
	CHECK(ask_hook(&own, "vigil-order-sign", request) == 200 && !strstr(own.out.body, "\"lost\""), "then: %s",
	      own.out.body);
	sqlite3_close(other);
	WAIT_UNTIL(vg_service_journal(own.service, &health) && health.trouble.status == VIGIL_OK && health.waiting == 0);
	ask(&own, VG_ENDPOINT_METRICS, "", "", NULL);
	CHECK(own.out.body && strstr(own.out.body, "vigil_journal_waits 0\n") &&
		  strstr(own.out.body, "vigil_journal_waiting_rows 0\n"),
	      "the metrics do not tell that it is over");
	asking_close(&own);
}

static void refuses_without_room(void) { without_room(VG_LOSS_REFUSE); }
static void answers_without_room(void) { without_room(VG_LOSS_ANSWER); }

const test_case test_cases_journal[] = {
    {"a row tells who asked and where", tells_who_asked},
    {"what a row in shadow would have said is kept", rows_in_shadow_are_kept},
    {"a code that is retired raises the alarm", a_retired_code_is_told},
    {"a code that comes to mean something else raises the alarm", a_code_that_means_something_else_is_told},
    {"rows that wait for the journal's file are told", tells_that_rows_wait},
    {"a full disk refuses", refuses_without_room},
    {"a full disk is told in the answer, where the site wants it so", answers_without_room},
    {0}};
