/*
 * `vigil journal stats`: how often each rule speaks, what was done with its
 * cards, and the alarm for a rule that fell silent or jumped.  All is counted by
 * engine/store/journal_statistics.c; here it is only written.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/journal.h"

/* A rate or an expectation with one decimal, whatever the locale. */
static const char *tenths(double value, char out[32])
{
	unsigned long long whole = (unsigned long long)llround(value * 10);
	snprintf(out, 32, "%llu.%llu", whole / 10, whole % 10);
	return out;
}

static const char *per_thousand(const vg_journal_statistics *figures, uint64_t firings, char out[32])
{
	return tenths(figures->answers ? 1000.0 * (double)firings / (double)figures->answers : 0, out);
}

/* What the alarm says, in words; NULL: no memory. */
static const char *alarm_text(const vg_rule_figures *rule, vg_arena *arena)
{
	char expected[32], last[VG_MOMENT_TEXT], changed[VG_MOMENT_TEXT];
	vg_buffer text;
	vg_buffer_init(&text, arena);
	tenths(rule->expected, expected);
	if (rule->alarm == VG_ALARM_STOPPED)
		vg_addf(&text, "%s stopped: silent since row %llu (%s); in %llu answers since then %s firings were expected.",
			rule->rule, (unsigned long long)rule->last_row, vg_journal_moment(rule->last_at, last),
			(unsigned long long)rule->among, expected);
	else
		vg_addf(&text, "%s jumped: %llu firings in the newest %llu answers, where %s were expected.", rule->rule,
			(unsigned long long)rule->seen, (unsigned long long)rule->among, expected);
	if (rule->switched_off_row)
		vg_addf(&text, " It was switched off in row %llu.", (unsigned long long)rule->switched_off_row);
	if (rule->packs_changed_row)
		vg_addf(&text, " The packs changed in row %llu (%s).", (unsigned long long)rule->packs_changed_row,
			vg_journal_moment(rule->packs_changed_at, changed));
	return vg_buffer_text(&text);
}

static const char *alarm_name(vg_alarm alarm)
{
	return alarm == VG_ALARM_STOPPED ? "stopped" : alarm == VG_ALARM_JUMPED ? "jumped" : "";
}

static const char *count_text(vg_arena *arena, uint64_t count) { return vg_format(arena, "%llu", (unsigned long long)count); }

/* "benefit-outweighs-risk 12, (no reason) 3" */
static const char *reasons_text(const vg_rule_figures *rule, vg_arena *arena)
{
	vg_buffer text;
	vg_buffer_init(&text, arena);
	for (size_t i = 0; i < rule->reason_count; i++)
		vg_addf(&text, "%s%s %llu", i ? ", " : "", rule->reasons[i].reason, (unsigned long long)rule->reasons[i].count);
	return vg_buffer_text(&text);
}

static bool add_row(vg_arena *arena, vg_grid *grid, const char *const *cells)
{
	bool added = true;
	for (size_t i = 0; i < grid->columns; i++)
		added = added && vg_grid_add(arena, grid, cells[i]);
	return added;
}

/* ---- for people -------------------------------------------------------------------------- */

static void write_text(vg_cli *cli, const vg_journal_statistics *figures, vg_page *page)
{
	vg_arena *arena = &cli->arena;
	char first[VG_MOMENT_TEXT], last[VG_MOMENT_TEXT], rate[32];
	vg_grid grid = {.columns = 8};
	if (!figures->answers) {
		vg_page_item(page, 0, "", VG_PLAIN, "There are no answers in this time.");
		return;
	}
	vg_page_item(page, 0, "", VG_PLAIN,
		     vg_format(arena,
			       "%llu answers from %s to %s gave %llu cards; %llu feedbacks, %llu of them for cards that the "
			       "journal does not have.",
			       (unsigned long long)figures->answers, vg_journal_moment(figures->first_at, first),
			       vg_journal_moment(figures->last_at, last), (unsigned long long)figures->cards,
			       (unsigned long long)figures->feedback, (unsigned long long)figures->unmatched));
	for (size_t i = 0; i < figures->alarms; i++)
		vg_page_item(page, 0, "✖ ALARM  ", VG_RED, alarm_text(&figures->rules[i], arena));
	static const char *const names[] = {"Rule",     "Firings",    "per 1,000", "in shadow",
					    "Accepted", "Overridden", "Last",      "Reasons"};
	bool enough = add_row(arena, &grid, names);
	for (size_t i = 0; i < figures->rule_count && enough; i++) {
		const vg_rule_figures *rule = &figures->rules[i];
		const char *cells[] = {rule->rule,
				       count_text(arena, rule->firings),
				       vg_format(arena, "%s", per_thousand(figures, rule->firings, rate)),
				       count_text(arena, rule->shadow_cards),
				       count_text(arena, rule->accepted),
				       count_text(arena, rule->overridden),
				       rule->last_row ? vg_format(arena, "%.10s", vg_journal_moment(rule->last_at, last)) : "",
				       reasons_text(rule, arena)};
		enough = add_row(arena, &grid, cells);
	}
	vg_page_line(page);
	vg_page_grid(page, 0, &grid);
	if (!figures->alarms)
		vg_page_item(page, 0, "", VG_PLAIN, "No rule fell silent or jumped.");
}

/* ---- for programs -------------------------------------------------------------------------- */

static void write_csv(vg_cli *cli, const vg_journal_statistics *figures, vg_buffer *out)
{
	static const char *const columns[] = {
	    "rule",      "firings",    "per_1000_answers", "cards", "shadow_cards", "last_fired",
	    "accepted",  "overridden", "override_reasons", "alarm", "seen",         "expected",
	    "in_answers"};
	vg_arena *arena = &cli->arena;
	for (size_t i = 0; i < VG_COUNT(columns); i++) {
		vg_add(out, i ? "," : "");
		vg_add_csv_cell(out, columns[i]);
	}
	vg_add(out, "\r\n");
	for (size_t i = 0; i < figures->rule_count; i++) {
		const vg_rule_figures *rule = &figures->rules[i];
		char rate[32], expected[32], last[VG_MOMENT_TEXT];
		const char *cells[] = {rule->rule,
				       count_text(arena, rule->firings),
				       per_thousand(figures, rule->firings, rate),
				       count_text(arena, rule->cards),
				       count_text(arena, rule->shadow_cards),
				       rule->last_row ? vg_journal_moment(rule->last_at, last) : "",
				       count_text(arena, rule->accepted),
				       count_text(arena, rule->overridden),
				       reasons_text(rule, arena),
				       alarm_name(rule->alarm),
				       rule->alarm ? count_text(arena, rule->seen) : "",
				       rule->alarm ? tenths(rule->expected, expected) : "",
				       rule->alarm ? count_text(arena, rule->among) : ""};
		for (size_t j = 0; j < VG_COUNT(cells) && !arena->failed; j++) {
			vg_add(out, j ? "," : "");
			vg_add_csv_cell(out, cells[j]);
		}
		vg_add(out, "\r\n");
	}
}

static void write_number(vg_json_writer *json, const char *key, const char *number)
{
	if (json->comma)
		vg_add(json->out, ",");
	vg_addf(json->out, "\"%s\":%s", key, number);
	json->comma = true;
}

static void write_alarm(vg_json_writer *json, const vg_rule_figures *rule, vg_arena *arena)
{
	char expected[32];
	vg_json_open(json, "alarm", '{');
	vg_json_text_always(json, "kind", alarm_name(rule->alarm));
	vg_json_count(json, "seen", rule->seen);
	write_number(json, "expected", tenths(rule->expected, expected));
	vg_json_count(json, "in_answers", rule->among);
	if (rule->packs_changed_row)
		vg_json_count(json, "packs_changed_row", rule->packs_changed_row);
	if (rule->switched_off_row)
		vg_json_count(json, "switched_off_row", rule->switched_off_row);
	vg_json_text(json, "text", alarm_text(rule, arena));
	vg_json_close(json, '}');
}

static void write_rule(vg_json_writer *json, const vg_journal_statistics *figures, const vg_rule_figures *rule, vg_arena *arena)
{
	char rate[32], last[VG_MOMENT_TEXT];
	vg_json_open(json, NULL, '{');
	vg_json_text_always(json, "rule", rule->rule);
	vg_json_count(json, "firings", rule->firings);
	write_number(json, "per_1000_answers", per_thousand(figures, rule->firings, rate));
	vg_json_count(json, "cards", rule->cards);
	vg_json_count(json, "shadow_cards", rule->shadow_cards);
	if (rule->last_row) {
		vg_json_text(json, "last_fired", vg_journal_moment(rule->last_at, last));
		vg_json_count(json, "last_row", rule->last_row);
		vg_json_count(json, "silent_answers", rule->silent_answers);
	}
	vg_json_count(json, "accepted", rule->accepted);
	vg_json_count(json, "overridden", rule->overridden);
	vg_json_open(json, "override_reasons", '[');
	for (size_t i = 0; i < rule->reason_count; i++) {
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "reason", rule->reasons[i].reason);
		vg_json_count(json, "count", rule->reasons[i].count);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	if (rule->alarm)
		write_alarm(json, rule, arena);
	vg_json_close(json, '}');
}

static void write_json(vg_cli *cli, const vg_journal_statistics *figures, vg_buffer *out)
{
	vg_json_writer json = {out, false};
	char first[VG_MOMENT_TEXT], last[VG_MOMENT_TEXT];
	vg_json_open(&json, NULL, '{');
	vg_json_text_always(&json, "schema", "vigil.journal.stats/1");
	vg_json_count(&json, "answers", figures->answers);
	if (figures->answers) {
		vg_json_text(&json, "from", vg_journal_moment(figures->first_at, first));
		vg_json_text(&json, "to", vg_journal_moment(figures->last_at, last));
	}
	vg_json_count(&json, "cards", figures->cards);
	vg_json_count(&json, "feedback", figures->feedback);
	vg_json_count(&json, "unmatched_feedback", figures->unmatched);
	vg_json_count(&json, "alarms", figures->alarms);
	vg_json_open(&json, "rules", '[');
	for (size_t i = 0; i < figures->rule_count; i++)
		write_rule(&json, figures, &figures->rules[i], &cli->arena);
	vg_json_close(&json, ']');
	vg_json_close(&json, '}');
	vg_add(out, "\n");
}

int vg_journal_stats(vg_cli *cli, const vg_journal_range *range, const char *format, bool fail_on_alarm)
{
	vigil_error error = VIGIL_ERROR_INIT;
	vg_journal_statistics figures;
	vg_page page;
	if (vg_journal_count_rules(range->file, range->from, range->until, &cli->arena, &figures, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	vg_page_init(&page, cli);
	if (strcmp(format, "json") == 0)
		write_json(cli, &figures, &page.out);
	else if (strcmp(format, "csv") == 0)
		write_csv(cli, &figures, &page.out);
	else
		write_text(cli, &figures, &page);
	if (cli->arena.failed)
		return vg_out_of_memory();
	vg_print_buffer(cli, &page.out);
	return fail_on_alarm && figures.alarms ? VG_EXIT_FOUND : VIGIL_OK;
}
