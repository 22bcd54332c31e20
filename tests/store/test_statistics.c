/*
 * Figures of rules, and the alarm for those that fall silent or jump.
 *
 * A simulated feed: each case writes a journal whose answers say which rules
 * spoke, by a rate or a plan, and asks for its figures.
 */
#include <stdio.h>
#include <string.h>

#include "store/journal_support.h"

typedef struct feed {
	journal_place place;
	vg_journal *journal;
	vg_arena arena;
	uint64_t answers;
	const char *packs;
	uint64_t random;
} feed;

static void feed_open(feed *own)
{
	memset(own, 0, sizeof *own);
	journal_place_make(&own->place);
	own->journal = journal_open(&own->place, VG_DURABLE_PROCESS);
	own->packs = "\"aaaa\"";
	own->random = 88172645463325252u;
	vg_arena_init(&own->arena, NULL, 0);
}

static void feed_close(feed *own)
{
	vg_journal_close(own->journal);
	vg_arena_free(&own->arena);
	journal_place_remove(&own->place);
}

static int64_t at_of(uint64_t answer) { return 1767225600000 + (int64_t)answer * 60000; }

/* One answer in which these rules spoke, a card each; a name that begins with "~" speaks in shadow. */
static void answer(feed *own, const char *hook, const char *const *rules, size_t count)
{
	char body[256], uuids[8][40];
	vg_journal_card cards[8];
	uint64_t number = own->answers++;
	for (size_t i = 0; i < count; i++) {
		bool shadow = rules[i][0] == '~';
		snprintf(uuids[i], sizeof uuids[i], "card-%llu-%zu", (unsigned long long)number, i);
		cards[i] = (vg_journal_card){uuids[i], rules[i] + shadow, "warning", shadow ? "shadow" : "active"};
	}
	snprintf(body, sizeof body, "{\"schema\":\"vigil.journal.answer/1\",\"hook\":\"%s\",\"packs\":[%s],\"fired\":[]}", hook,
		 own->packs);
	vg_journal_row row = {.at = at_of(number), .kind = "answer", .body = body, .cards = cards, .card_count = count};
	CU_ASSERT_EQUAL_FATAL(vg_journal_append(own->journal, &row, NULL), VIGIL_OK);
}

/* `count` answers at a hook; `rule` speaks in each `every`th of them, 0: in none. */
static void answers(feed *own, const char *hook, unsigned count, const char *rule, unsigned every)
{
	for (unsigned i = 1; i <= count; i++)
		answer(own, hook, &rule, every && i % every == 0);
}

static void other_row(feed *own, const char *kind, const char *body)
{
	vg_journal_row row = {.at = at_of(own->answers), .kind = kind, .body = body};
	CU_ASSERT_EQUAL_FATAL(vg_journal_append(own->journal, &row, NULL), VIGIL_OK);
}

static void feedback(feed *own, const char *card, const char *outcome, const char *more)
{
	char body[256];
	snprintf(body, sizeof body, "{\"card\":\"%s\",\"rule\":\"%s\",\"outcome\":\"%s\"%s}", card,
		 vg_starts_with(card, "card-") ? "r" : "", outcome, more);
	other_row(own, "feedback", body);
}

static vg_journal_statistics figures_of(feed *own, int64_t from, int64_t until)
{
	vg_journal_statistics figures;
	vigil_error error = VIGIL_ERROR_INIT;
	vigil_status status = vg_journal_count_rules(own->place.file, from, until, &own->arena, &figures, &error);
	CHECK(status == VIGIL_OK, "the journal cannot be counted: %s", error.text);
	return figures;
}
static vg_journal_statistics all_figures(feed *own) { return figures_of(own, INT64_MIN, INT64_MAX); }

static vg_rule_figures of_rule(const vg_journal_statistics *figures, const char *rule)
{
	for (size_t i = 0; i < figures->rule_count; i++)
		if (strcmp(figures->rules[i].rule, rule) == 0)
			return figures->rules[i];
	CHECK(false, "there are no figures of %s", rule);
	return (vg_rule_figures){.rule = ""};
}

/* What the alarm of rule "r" is, in a word. */
static const char *alarm_of(feed *own)
{
	static const char *const names[] = {"none", "stopped", "jumped"};
	vg_journal_statistics figures = all_figures(own);
	return names[of_rule(&figures, "r").alarm];
}

/* ---- counting ------------------------------------------------------------------------------ */

static void counts_what_spoke(void)
{
	feed own;
	feed_open(&own);
	const char *const first[] = {"r", "r", "~s"}, *const second[] = {"~s"};
	answer(&own, "order-sign", first, 3);
	answer(&own, "patient-view", second, 1);
	other_row(&own, "reload", "{\"reloaded\":true}");
	other_row(&own, "answer", "{\"hook\":\"order-sign\",\"fired\":[{\"rule\":\"r\",\"severity\":\"info\"}]}");
	vg_journal_statistics figures = all_figures(&own);
	CU_ASSERT_EQUAL(figures.answers, 3);
	CU_ASSERT_EQUAL(figures.cards, 3);
	CU_ASSERT_EQUAL(figures.rule_count, 2);
	CU_ASSERT_EQUAL(figures.alarms, 0);
	vg_rule_figures r = of_rule(&figures, "r"), s = of_rule(&figures, "s");
	CHECK(r.firings == 2 && r.cards == 3 && r.shadow_cards == 0, "two cards of one answer are one firing: %llu",
	      (unsigned long long)r.firings);
	CHECK(s.firings == 2 && s.cards == 0 && s.shadow_cards == 2, "what is in shadow counts apart: %llu",
	      (unsigned long long)s.shadow_cards);
	CU_ASSERT_EQUAL(r.last_row, 4);
	CU_ASSERT_EQUAL(s.last_row, 2);
	CU_ASSERT_EQUAL(s.last_at, at_of(1));
	figures = figures_of(&own, at_of(1), at_of(2));
	CHECK(figures.answers == 1 && figures.rule_count == 1, "a range: %llu answers", (unsigned long long)figures.answers);
	CU_ASSERT_EQUAL(figures.first_row, 2);
	figures = figures_of(&own, at_of(9), INT64_MAX);
	CHECK(figures.answers == 0 && figures.rule_count == 0, "a time without answers has no figures");
	feed_close(&own);
}

static void counts_feedback_once_a_card(void)
{
	static const char reason[] = ",\"reason\":{\"system\":\"s\",\"code\":\"benefit-outweighs-risk\"}";
	feed own;
	feed_open(&own);
	answers(&own, "order-sign", 5, "r", 1);
	feedback(&own, "card-0-0", "accepted", "");
	feedback(&own, "card-0-0", "overridden", reason); /* the clinician thought again */
	feedback(&own, "card-1-0", "overridden", reason);
	feedback(&own, "card-1-0", "overridden", reason); /* sent twice */
	feedback(&own, "card-2-0", "overridden", ",\"comment\":true");
	feedback(&own, "card-3-0", "overridden", "");
	feedback(&own, "card-4-0", "accepted", "");
	feedback(&own, "unknown", "accepted", "");
	vg_journal_statistics figures = all_figures(&own);
	vg_rule_figures r = of_rule(&figures, "r");
	CHECK(figures.feedback == 8 && figures.unmatched == 1, "%llu feedbacks", (unsigned long long)figures.feedback);
	CHECK(r.accepted == 1 && r.overridden == 4, "%llu accepted, %llu overridden", (unsigned long long)r.accepted,
	      (unsigned long long)r.overridden);
	CU_ASSERT_EQUAL_FATAL(r.reason_count, 3);
	CHECK_TEXT(r.reasons[0].reason, "benefit-outweighs-risk");
	CU_ASSERT_EQUAL(r.reasons[0].count, 2);
	CHECK_TEXT(r.reasons[1].reason, "(comment only)");
	CHECK_TEXT(r.reasons[2].reason, "(no reason)");
	feed_close(&own);
}

/* ---- falling silent ------------------------------------------------------------------------- */

static void a_rule_that_stops_is_told(void)
{
	feed own;
	feed_open(&own);
	answers(&own, "order-sign", 600, "r", 10);
	CHECK_TEXT(alarm_of(&own), "none");
	answers(&own, "order-sign", 92, "r", 0);
	CHECK_TEXT(alarm_of(&own), "none"); /* exp(-9.2) is 0.000101 */
	answers(&own, "order-sign", 1, "r", 0);
	CHECK_TEXT(alarm_of(&own), "stopped"); /* exp(-9.3) is 0.00009 */
	vg_journal_statistics figures = all_figures(&own);
	vg_rule_figures r = of_rule(&figures, "r");
	CHECK(figures.alarms == 1 && strcmp(figures.rules[0].rule, "r") == 0, "alarms come first");
	CHECK(r.seen == 0 && r.among == 93 && r.expected > 9.29 && r.expected < 9.31, "expected %g in %llu", r.expected,
	      (unsigned long long)r.among);
	CHECK(r.last_row == 600 && r.packs_changed_row == 0 && r.switched_off_row == 0, "nothing else happened");
	answers(&own, "order-sign", 1, "r", 1);
	CHECK_TEXT(alarm_of(&own), "none"); /* it speaks again */
	feed_close(&own);
}

static void seldom_rules_are_not_judged(void)
{
	feed own;
	feed_open(&own);
	answers(&own, "order-sign", 4, "r", 1);
	answers(&own, "order-sign", 2000, "r", 0);
	CHECK_TEXT(alarm_of(&own), "none");
	feed_close(&own);
}

static void other_hooks_are_no_silence(void)
{
	feed own;
	feed_open(&own);
	answers(&own, "order-sign", 500, "r", 10);
	answers(&own, "patient-view", 2000, "r", 0);
	CHECK_TEXT(alarm_of(&own), "none");
	answers(&own, "order-sign", 200, "r", 0);
	CHECK_TEXT(alarm_of(&own), "stopped");
	feed_close(&own);
}

static void more_hooks_than_have_names(void)
{
	feed own;
	char hook[16];
	feed_open(&own);
	for (int i = 0; i < 20; i++) {
		snprintf(hook, sizeof hook, "hook-%d", i);
		answers(&own, hook, 20, "r", 2);
	}
	vg_journal_statistics figures = all_figures(&own);
	CU_ASSERT_EQUAL(of_rule(&figures, "r").firings, 200);
	CU_ASSERT_EQUAL(figures.answers, 400);
	CU_ASSERT_EQUAL(figures.alarms, 0);
	feed_close(&own);
}

static void tells_what_may_be_the_cause(void)
{
	feed own;
	feed_open(&own);
	answers(&own, "order-sign", 300, "r", 5);
	other_row(&own, "switch", "{\"rule\":\"r\",\"on\":false,\"why\":\"noise\"}"); /* row 301 */
	own.packs = "\"aaaa\",\"bbbb\"";
	answers(&own, "order-sign", 200, "r", 0);
	vg_journal_statistics figures = all_figures(&own);
	vg_rule_figures r = of_rule(&figures, "r");
	CU_ASSERT_EQUAL(r.alarm, VG_ALARM_STOPPED);
	CU_ASSERT_EQUAL(r.switched_off_row, 301);
	CU_ASSERT_EQUAL(r.packs_changed_row, 302);
	CU_ASSERT_EQUAL(r.packs_changed_at, at_of(300));
	other_row(&own, "switch", "{\"rule\":\"r\",\"on\":true,\"why\":\"mended\"}");
	figures = all_figures(&own);
	CU_ASSERT_EQUAL(of_rule(&figures, "r").switched_off_row, 0);
	feed_close(&own);
}

/* ---- jumping ----------------------------------------------------------------------------------- */

static void a_rule_that_jumps_is_told(void)
{
	feed own;
	feed_open(&own);
	answers(&own, "order-sign", 900, "r", 50);
	answers(&own, "order-sign", 100, "r", 4);
	CHECK_TEXT(alarm_of(&own), "jumped");
	vg_journal_statistics figures = all_figures(&own);
	vg_rule_figures r = of_rule(&figures, "r");
	CHECK(r.seen == 25 && r.among == 100 && r.expected > 1.9 && r.expected < 2.1, "%llu seen, %g expected",
	      (unsigned long long)r.seen, r.expected);
	feed_close(&own);
	feed_open(&own);
	answers(&own, "order-sign", 900, "r", 50);
	answers(&own, "order-sign", 100, "r", 20);
	CHECK_TEXT(alarm_of(&own), "none"); /* five where two were expected */
	feed_close(&own);
	feed_open(&own);
	answers(&own, "order-sign", 4000, "r", 5);
	answers(&own, "order-sign", 444, "r", 2);
	CHECK_TEXT(alarm_of(&own), "none"); /* no chance, yet not three times as often */
	feed_close(&own);
	feed_open(&own);
	answers(&own, "order-sign", 30, "r", 10);
	answers(&own, "order-sign", 60, "r", 1);
	CHECK_TEXT(alarm_of(&own), "none"); /* too few answers to compare */
	feed_close(&own);
}

static void new_rules_and_hooks_are_no_jump(void)
{
	feed own;
	feed_open(&own);
	answers(&own, "order-sign", 900, "other", 0);
	own.packs = "\"aaaa\",\"bbbb\"";
	answers(&own, "order-sign", 100, "r", 3);
	CHECK_TEXT(alarm_of(&own), "none"); /* it came with new packs */
	feed_close(&own);
	feed_open(&own);
	answers(&own, "order-sign", 900, "other", 0);
	answers(&own, "order-sign", 100, "r", 3);
	CHECK_TEXT(alarm_of(&own), "jumped"); /* it was there, and never spoke */
	feed_close(&own);
	feed_open(&own);
	answers(&own, "order-sign", 900, "r", 50);
	answers(&own, "patient-view", 100, "r", 2);
	CHECK_TEXT(alarm_of(&own), "none"); /* nobody called this hook before */
	feed_close(&own);
}

/* Forty rules with steady rates of 0.2 to 8 %, at random: whoever raises an alarm raises a needless one. */
static void steady_rules_raise_no_alarm(void)
{
	enum { RULES = 40 };
	static char names[RULES][8];
	feed own;
	feed_open(&own);
	for (int i = 0; i < RULES; i++)
		snprintf(names[i], sizeof names[i], "r%d", i);
	for (int n = 0; n < 3000; n++) {
		const char *spoke[8];
		size_t count = 0;
		for (unsigned i = 0; i < RULES && count < 8; i++) {
			own.random ^= own.random << 13;
			own.random ^= own.random >> 7;
			own.random ^= own.random << 17;
			if (own.random >> 11 & 1 ? false : (own.random >> 20) % 1000 < 4 * (i + 1))
				spoke[count++] = names[i];
		}
		answer(&own, "order-sign", spoke, count);
	}
	vg_journal_statistics figures = all_figures(&own);
	CU_ASSERT_EQUAL(figures.rule_count, RULES);
	CHECK(figures.alarms == 0, "%zu alarms, the first for %s", figures.alarms, figures.rules[0].rule);
	feed_close(&own);
}

/* ---- what cannot be counted -------------------------------------------------------------------- */

static void bad_rows_and_files_are_told(void)
{
	feed own;
	vg_journal_statistics figures;
	vigil_error error = VIGIL_ERROR_INIT;
	feed_open(&own);
	answers(&own, "order-sign", 2, "r", 1);
	other_row(&own, "answer", "[]");
	CU_ASSERT_EQUAL(vg_journal_count_rules(own.place.file, INT64_MIN, INT64_MAX, &own.arena, &figures, &error),
			VIGIL_BAD_INPUT);
	CHECK(strstr(error.text, "Row 3") && strstr(error.advice, "verify"), "%s %s", error.text, error.advice);
	CHECK_TEXT(error.file, own.place.file);
	CU_ASSERT_EQUAL(vg_journal_count_rules("no-such.db", INT64_MIN, INT64_MAX, &own.arena, &figures, &error),
			VIGIL_BAD_INPUT);
	feed_close(&own);
}

static void counts_or_says_no_memory(void)
{
	feed own;
	feed_open(&own);
	answers(&own, "order-sign", 150, "r", 2);
	feedback(&own, "card-1-0", "overridden", ",\"comment\":true");
	for (size_t fail_at = 1; fail_at < 60; fail_at++) {
		test_allocator state = {.fail_at = fail_at};
		vg_allocator allocator = {test_resize, &state};
		vg_journal_statistics figures;
		vg_arena arena;
		vg_arena_init(&arena, &allocator, 0);
		vigil_status status = vg_journal_count_rules(own.place.file, INT64_MIN, INT64_MAX, &arena, &figures, NULL);
		bool failed = state.calls >= fail_at;
		CHECK(status == (failed ? VIGIL_NO_MEMORY : VIGIL_OK), "allocation %zu: status %d", fail_at, (int)status);
		if (!failed)
			CU_ASSERT_EQUAL(of_rule(&figures, "r").firings, 75);
		vg_arena_free(&arena);
		CHECK(state.live_blocks == 0, "allocation %zu: %zu blocks are left", fail_at, state.live_blocks);
		if (!failed)
			break;
		CU_ASSERT_NOT_EQUAL(fail_at, 59);
	}
	feed_close(&own);
}

const test_case test_cases_statistics[] = {
    {"answers, cards and shadow are counted apart", counts_what_spoke},
    {"a card's newest feedback counts, by reason", counts_feedback_once_a_card},
    {"a rule that stops firing is told", a_rule_that_stops_is_told},
    {"rules that seldom fire are not judged", seldom_rules_are_not_judged},
    {"calls of another hook are no silence", other_hooks_are_no_silence},
    {"more hooks than there are", more_hooks_than_have_names},
    {"other packs and a switch are told as possible causes", tells_what_may_be_the_cause},
    {"a rule that jumps is told", a_rule_that_jumps_is_told},
    {"new rules and new hooks are no jump", new_rules_and_hooks_are_no_jump},
    {"steady rules raise no alarm", steady_rules_raise_no_alarm},
    {"what is no journal's row is told", bad_rows_and_files_are_told},
    {"no memory is told, and nothing leaks", counts_or_says_no_memory},
    {0},
};
