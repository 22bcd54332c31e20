/*
 * What a journal tells of its rules: how often each speaks, what was done with
 * its cards, and the alarm for one that fell silent or jumped.
 *
 * A rule counts once an answer, however many cards it gave there, and whether
 * it spoke aloud or in shadow: the alarm asks whether the data still reach it.
 * Answers are counted by hook, as a rule speaks at some hooks only, and more
 * calls of another hook are no silence.
 *
 * Stopped.  By the last answer in which it spoke, a rule had spoken in a share
 * of the answers at each hook.  What this share makes of the answers since is
 * expected; silence then has the probability exp(-expected).
 *
 * Jumped.  The newest answers are compared with all before.  Given how often
 * the rule spoke in both together, the newest have a binomial share of it when
 * nothing changed; the exact test of two rates, which needs no rate to be known
 * and no rule to have spoken before.  Hooks that were not called before the
 * newest answers are left out: nothing is known of them.
 *
 * The journal is read twice: first how many answers there are, to know where
 * the newest begin, then all of them.  It may be written meanwhile.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_internal.h"

enum {
	HOOKS = 16,         /* the last stands for all further ones */
	LEAST_FIRINGS = 5,  /* of a rule that can be said to have stopped */
	LEAST_NEWEST = 100, /* answers that are compared with all before */
	NEWEST_SHARE = 10,  /* or this part of all, when it is more */
	LEAST_JUMP = 3,     /* times the rate before */
};
static const double stopped_below = 1e-4, jumped_below = 1e-6; /* probabilities */

typedef struct rule_tally {
	uint64_t fired[HOOKS], before[HOOKS]; /* answers in which it spoke: all, and those before the newest */
	uint64_t at_last[HOOKS];              /* answers of each hook when it spoke last, that one included */
	uint64_t answer;                      /* the number of that answer: a second card of it does not count */
	uint64_t first_row;
	uint64_t off_row; /* where it was switched off; 0: it is on */
} rule_tally;

typedef struct verdict { /* of a card: its newest feedback counts */
	uint32_t rule;
	bool overridden;
	const char *reason;
} verdict;

typedef struct pack_change {
	uint64_t row;
	int64_t at;
} pack_change;

typedef struct counting {
	vg_arena *arena;
	vg_arena scratch;
	vg_journal_statistics *statistics;
	vg_map rule_places, card_places; /* → place + 1 */
	vg_rule_figures *rules;
	rule_tally *tallies;
	size_t rule_capacity, tally_capacity;
	verdict *verdicts;
	size_t verdict_count, verdict_capacity;
	const char *hooks[HOOKS];
	size_t hook_count;
	uint64_t answers[HOOKS], before[HOOKS];
	uint64_t newest_from, newest_row; /* the answer with which the newest begin, and its row */
	char *packs;
	pack_change *changes;
	size_t change_count, change_capacity;
} counting;

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsString(item) ? item->valuestring : "";
}

static uint32_t place_of_rule(counting *own, const char *rule)
{
	uint32_t *place = vg_map_at(&own->rule_places, rule, strlen(rule), false);
	if (place)
		return *place - 1;
	vg_journal_statistics *statistics = own->statistics;
	const char *copy = vg_copy_text(own->arena, rule, strlen(rule));
	vg_rule_figures *rules =
	    vg_grow(own->arena, own->rules, statistics->rule_count, &own->rule_capacity, sizeof *own->rules);
	rule_tally *tallies =
	    vg_grow(own->arena, own->tallies, statistics->rule_count, &own->tally_capacity, sizeof *own->tallies);
	own->rules = rules ? rules : own->rules;
	own->tallies = tallies ? tallies : own->tallies;
	place = copy && rules && tallies ? vg_map_at(&own->rule_places, copy, strlen(copy), true) : NULL;
	if (!place)
		return UINT32_MAX;
	rules[statistics->rule_count] = (vg_rule_figures){.rule = copy};
	tallies[statistics->rule_count] = (rule_tally){0};
	*place = (uint32_t)++statistics->rule_count;
	return *place - 1;
}

static size_t place_of_hook(counting *own, const char *hook)
{
	for (size_t i = 0; i < own->hook_count; i++)
		if (strcmp(own->hooks[i], hook) == 0)
			return i;
	if (own->hook_count == HOOKS - 1)
		return HOOKS - 1;
	const char *copy = vg_copy_text(own->arena, hook, strlen(hook));
	if (copy)
		own->hooks[own->hook_count++] = copy;
	return own->hook_count ? own->hook_count - 1 : 0; /* without memory the whole count fails in the end */
}

static void spoke(counting *own, const vg_journal_row *row, size_t hook, const char *rule, bool shadow)
{
	uint32_t place = place_of_rule(own, rule);
	if (place == UINT32_MAX)
		return;
	vg_rule_figures *figures = &own->rules[place];
	rule_tally *tally = &own->tallies[place];
	figures->shadow_cards += shadow;
	figures->cards += !shadow;
	own->statistics->cards += !shadow;
	if (tally->answer == own->statistics->answers)
		return;
	tally->answer = own->statistics->answers;
	tally->first_row = tally->first_row ? tally->first_row : row->number;
	tally->fired[hook]++;
	tally->before[hook] += own->statistics->answers < own->newest_from;
	memcpy(tally->at_last, own->answers, sizeof tally->at_last);
	figures->firings++;
	figures->last_row = row->number;
	figures->last_at = row->at;
}

/* Whether the packs are those of the answer before is known by their digests. */
static void compare_packs(counting *own, const vg_journal_row *row, const cJSON *body)
{
	vg_buffer packs;
	vg_buffer_init(&packs, &own->scratch);
	const cJSON *pack;
	cJSON_ArrayForEach(pack, cJSON_GetObjectItemCaseSensitive(body, "packs"))
	{
		if (cJSON_IsString(pack))
			vg_addf(&packs, "%s ", pack->valuestring);
	}
	const char *text = vg_buffer_text(&packs);
	if (!text || (own->packs && strcmp(text, own->packs) == 0))
		return;
	if (own->packs) {
		pack_change *changes =
		    vg_grow(own->arena, own->changes, own->change_count, &own->change_capacity, sizeof *changes);
		if (!changes)
			return;
		own->changes = changes;
		changes[own->change_count++] = (pack_change){row->number, row->at};
	}
	own->packs = vg_copy_text(own->arena, text, strlen(text));
}

static void count_answer(counting *own, const vg_journal_row *row, const cJSON *body)
{
	vg_journal_statistics *statistics = own->statistics;
	size_t hook = place_of_hook(own, text_of(body, "hook"));
	const cJSON *fired;
	if (statistics->answers++ == 0) {
		statistics->first_row = row->number;
		statistics->first_at = row->at;
	}
	statistics->last_row = row->number;
	statistics->last_at = row->at;
	own->answers[hook]++;
	if (statistics->answers < own->newest_from)
		own->before[hook]++;
	else if (statistics->answers == own->newest_from)
		own->newest_row = row->number;
	compare_packs(own, row, body);
	for (size_t i = 0; i < row->card_count; i++)
		spoke(own, row, hook, row->cards[i].rule, strcmp(row->cards[i].status, "shadow") == 0);
	/* The native interface gives no cards; what spoke there stands in the body only. */
	cJSON_ArrayForEach(fired, cJSON_GetObjectItemCaseSensitive(body, "fired"))
	{
		if (*text_of(fired, "card") == '\0' && *text_of(fired, "rule"))
			spoke(own, row, hook, text_of(fired, "rule"), false);
	}
}

const char *vg_journal_reason(const cJSON *feedback, vg_arena *arena)
{
	const cJSON *reason = cJSON_GetObjectItemCaseSensitive(feedback, "reason");
	const char *code = text_of(reason, "code");
	if (*code)
		return vg_copy_text(arena, code, strlen(code));
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(feedback, "comment")) ? "(comment only)" : "(no reason)";
}

static void count_feedback(counting *own, const cJSON *body)
{
	const char *card = text_of(body, "card"), *rule = text_of(body, "rule");
	own->statistics->feedback++;
	if (*rule == '\0') {
		own->statistics->unmatched++;
		return;
	}
	bool overridden = strcmp(text_of(body, "outcome"), "overridden") == 0;
	verdict given = {place_of_rule(own, rule), overridden, overridden ? vg_journal_reason(body, own->arena) : ""};
	if (given.rule == UINT32_MAX || !given.reason)
		return;
	uint32_t *place = vg_map_at(&own->card_places, card, strlen(card), false);
	if (place) {
		own->verdicts[*place - 1] = given;
		return;
	}
	const char *copy = vg_copy_text(own->arena, card, strlen(card));
	verdict *verdicts =
	    vg_grow(own->arena, own->verdicts, own->verdict_count, &own->verdict_capacity, sizeof *own->verdicts);
	own->verdicts = verdicts ? verdicts : own->verdicts;
	place = copy && verdicts ? vg_map_at(&own->card_places, copy, strlen(copy), true) : NULL;
	if (!place)
		return;
	verdicts[own->verdict_count++] = given;
	*place = (uint32_t)own->verdict_count;
}

static void count_switch(counting *own, const vg_journal_row *row, const cJSON *body)
{
	uint32_t place = place_of_rule(own, text_of(body, "rule"));
	if (place != UINT32_MAX)
		own->tallies[place].off_row = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(body, "on")) ? 0 : row->number;
}

static bool count_row(void *user, const vg_journal_row *row)
{
	counting *own = user;
	if (strcmp(row->kind, "answer") == 0 && own->statistics->answers == own->statistics->most)
		return false; /* written after they were counted */
	cJSON *body = cJSON_Parse(row->body);
	if (!cJSON_IsObject(body)) {
		own->statistics->unreadable = row->number;
	} else if (strcmp(row->kind, "answer") == 0) {
		count_answer(own, row, body);
	} else if (strcmp(row->kind, "feedback") == 0) {
		count_feedback(own, body);
	} else if (strcmp(row->kind, "switch") == 0) {
		count_switch(own, row, body);
	}
	cJSON_Delete(body);
	bool enough = !own->arena->failed && !own->scratch.failed;
	if (enough) /* a reset would forget that memory ran out */
		vg_arena_reset(&own->scratch);
	return enough && !own->statistics->unreadable;
}

/* ---- the alarms ------------------------------------------------------------------------- */

/* The probability of `seen` or more of `trials`, each with the probability `share`; for seen above the mean. */
static double binomial_tail(uint64_t seen, uint64_t trials, double share)
{
	int sign;
	double n = (double)trials, k = (double)seen;
	double log_term = lgamma_r(n + 1, &sign) - lgamma_r(k + 1, &sign) - lgamma_r(n - k + 1, &sign) + k * log(share) +
			  (n - k) * log1p(-share);
	double term = exp(log_term), sum = 0, odds = share / (1 - share);
	for (; k <= n && term > sum * 1e-12; k++) {
		sum += term;
		term *= (n - k) / (k + 1) * odds;
	}
	return sum;
}

double vg_expected_firings(const uint64_t *fired, const uint64_t *at_last, const uint64_t *answers, size_t hooks,
			   uint64_t *ret_since)
{
	double expected = 0;
	uint64_t since = 0;
	for (size_t i = 0; i < hooks; i++) {
		if (!fired[i])
			continue;
		since += answers[i] - at_last[i];
		expected += (double)fired[i] / (double)at_last[i] * (double)(answers[i] - at_last[i]);
	}
	*ret_since = since;
	return expected;
}

static bool has_stopped(const counting *own, const rule_tally *tally, vg_rule_figures *figures)
{
	uint64_t since;
	double expected = vg_expected_firings(tally->fired, tally->at_last, own->answers, HOOKS, &since);
	figures->silent_answers = since;
	if (figures->firings < LEAST_FIRINGS || exp(-expected) >= stopped_below)
		return false;
	figures->seen = 0;
	figures->expected = expected;
	figures->among = since;
	return true;
}

static bool has_jumped(const counting *own, const rule_tally *tally, vg_rule_figures *figures)
{
	double expected = 0;
	uint64_t before = 0, seen = 0, answers_before = 0, answers = 0;
	for (size_t i = 0; i < HOOKS; i++) {
		if (!tally->fired[i] || !own->before[i])
			continue;
		uint64_t newest = own->answers[i] - own->before[i];
		before += tally->before[i];
		seen += tally->fired[i] - tally->before[i];
		answers_before += own->before[i];
		answers += newest;
		expected += (double)tally->before[i] / (double)own->before[i] * (double)newest;
	}
	if (!seen || !answers_before || (double)seen < LEAST_JUMP * expected)
		return false;
	double exposure = before ? expected / (double)before : (double)answers / (double)answers_before;
	if (binomial_tail(seen, before + seen, exposure / (1 + exposure)) >= jumped_below)
		return false;
	figures->seen = seen;
	figures->expected = expected;
	figures->among = answers;
	return true;
}

/* The first change of packs behind one row and not behind another. */
static const pack_change *change_between(const counting *own, uint64_t after, uint64_t until)
{
	for (size_t i = 0; i < own->change_count; i++)
		if (own->changes[i].row > after && own->changes[i].row <= until)
			return &own->changes[i];
	return NULL;
}

static void judge(counting *own, vg_rule_figures *figures, const rule_tally *tally)
{
	uint64_t from = 0;
	if (has_stopped(own, tally, figures)) {
		figures->alarm = VG_ALARM_STOPPED;
		from = figures->last_row;
	} else if (own->newest_from > 1 && has_jumped(own, tally, figures)) {
		/* What first spoke after other packs came is a new rule. */
		if (tally->first_row >= own->newest_row && change_between(own, own->newest_row - 1, tally->first_row))
			return;
		figures->alarm = VG_ALARM_JUMPED;
		from = own->newest_row - 1;
	}
	if (!figures->alarm)
		return;
	own->statistics->alarms++;
	const pack_change *change = change_between(own, from, UINT64_MAX);
	figures->packs_changed_row = change ? change->row : 0;
	figures->packs_changed_at = change ? change->at : 0;
	figures->switched_off_row = tally->off_row;
}

/* ---- what was done with cards --------------------------------------------------------------- */

static void add_reason(counting *own, vg_rule_figures *figures, const char *reason)
{
	for (size_t i = 0; i < figures->reason_count; i++)
		if (strcmp(figures->reasons[i].reason, reason) == 0) {
			figures->reasons[i].count++;
			return;
		}
	vg_reason_count *reasons =
	    vg_grow(own->arena, figures->reasons, figures->reason_count, &figures->reason_capacity, sizeof *reasons);
	if (!reasons)
		return;
	figures->reasons = reasons;
	reasons[figures->reason_count++] = (vg_reason_count){reason, 1};
}

static int by_count(const void *a, const void *b)
{
	const vg_reason_count *x = a, *y = b;
	return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->reason, y->reason);
}

static int by_alarm_then_rule(const void *a, const void *b)
{
	const vg_rule_figures *x = a, *y = b;
	if (!x->alarm != !y->alarm)
		return x->alarm ? -1 : 1;
	return strcmp(x->rule, y->rule);
}

static void conclude(counting *own)
{
	vg_journal_statistics *statistics = own->statistics;
	for (size_t i = 0; i < own->verdict_count; i++) {
		vg_rule_figures *figures = &own->rules[own->verdicts[i].rule];
		if (own->verdicts[i].overridden) {
			figures->overridden++;
			add_reason(own, figures, own->verdicts[i].reason);
		} else {
			figures->accepted++;
		}
	}
	for (size_t i = 0; i < statistics->rule_count; i++) {
		judge(own, &own->rules[i], &own->tallies[i]);
		if (own->rules[i].reason_count)
			qsort(own->rules[i].reasons, own->rules[i].reason_count, sizeof *own->rules[i].reasons, by_count);
	}
	if (statistics->rule_count)
		qsort(own->rules, statistics->rule_count, sizeof *own->rules, by_alarm_then_rule);
	statistics->rules = own->rules;
}

vigil_status vg_journal_count_rules(const char *file, int64_t from, int64_t until, vg_arena *arena, vg_journal_statistics *ret,
				    vigil_error *err)
{
	counting own = {.arena = arena, .statistics = ret};
	*ret = (vg_journal_statistics){0};
	vg_arena_init(&own.scratch, &arena->allocator, 0);
	vg_map_init(&own.rule_places, arena);
	vg_map_init(&own.card_places, arena);
	vigil_status status = vg_journal_count(file, from, until, "answer", &ret->most, err);
	uint64_t newest = ret->most / NEWEST_SHARE > LEAST_NEWEST ? ret->most / NEWEST_SHARE : LEAST_NEWEST;
	own.newest_from = ret->most > newest ? ret->most - newest + 1 : 1;
	if (status == VIGIL_OK)
		status = vg_journal_read(file, from, until, count_row, &own, err);
	if (status == VIGIL_OK && ret->unreadable) {
		status = vg_fail(err, VIGIL_BAD_INPUT, "Run `vigil journal verify` on it.", "Row %llu is not a JSON object.",
				 (unsigned long long)ret->unreadable);
		vg_error_place(err, file, 0);
	}
	if (status == VIGIL_OK)
		conclude(&own);
	if (status == VIGIL_OK && (arena->failed || own.scratch.failed))
		status = vg_fail_memory(err);
	vg_arena_free(&own.scratch);
	return status;
}
