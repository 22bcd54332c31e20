/*
 * `vigil journal verify|export|stats FILE`: whether the service's journal is
 * whole, and what it holds: as a table (journal_export.c), and as figures of its
 * rules with the alarm for those that fell silent or jumped (journal_stats.c).
 */
#include <stdio.h>
#include <string.h>

#include "cli/journal.h"

static int verify(vg_cli *cli, const vg_options *options)
{
	const char *file = options->arguments.items[1];
	vigil_error error = VIGIL_ERROR_INIT;
	vg_journal_report report;
	vg_page page;
	if (vg_journal_verify(file, options->key, &report, &error) != VIGIL_OK)
		return vg_tell_error(&error);
	bool whole = report.problem[0] == '\0';
	vg_page_init(&page, cli);
	if (strcmp(options->format, "json") == 0) {
		vg_json_writer json = {&page.out, false};
		vg_json_open(&json, NULL, '{');
		vg_json_text_always(&json, "schema", "vigil.journal/1");
		vg_json_boolean(&json, "whole", whole);
		vg_json_count(&json, "rows", report.rows);
		vg_json_count(&json, "checkpoint", report.checkpoint);
		if (!whole)
			vg_json_count(&json, "bad_row", report.bad_row);
		vg_json_text(&json, "problem", report.problem);
		vg_json_close(&json, '}');
		vg_add(&page.out, "\n");
	} else if (whole) {
		vg_addf(&page.out, "The journal is whole: %llu rows.\n", (unsigned long long)report.rows);
		if (report.checkpoint == 0)
			vg_add(&page.out, "No checkpoint stands beside it: a tail that was cut off could not be seen.\n");
	} else {
		vg_addf(&page.out, "The journal is not whole. Row %llu: %s.\n%llu rows before it are.\n",
			(unsigned long long)report.bad_row, report.problem, (unsigned long long)report.rows);
	}
	vg_print_buffer(cli, &page.out);
	return whole ? VIGIL_OK : VG_EXIT_FOUND;
}

/* ---- what they have in common ----------------------------------------------------------- */

const char *vg_journal_moment(int64_t at, char out[VG_MOMENT_TEXT])
{
	char date[16];
	int64_t day = at / 86400000, rest = at % 86400000;
	if (rest < 0)
		day--, rest += 86400000;
	snprintf(out, VG_MOMENT_TEXT, "%sT%02d:%02d:%02d.%03dZ", vg_day_text((vg_day)day, date), (int)(rest / 3600000),
		 (int)(rest / 60000 % 60), (int)(rest / 1000 % 60), (int)(rest % 1000));
	return out;
}

/* The first millisecond of a date (UTC) or moment, or with `behind` the first one behind it. */
static bool read_moment(const char *text, bool behind, int64_t *ret)
{
	vg_when when;
	if (!text)
		return true;
	if (!vg_date_parse(text, strlen(text), &when))
		return false;
	if (when.instant != VG_NO_INSTANT)
		*ret = (when.instant + behind) * 1000;
	else
		*ret = (behind ? (int64_t)when.last + 1 : when.first) * 86400000;
	return true;
}

/* Wrong usage is told, and its status returned. */
static int read_range(const vg_options *options, int64_t *ret_from, int64_t *ret_until)
{
	*ret_from = INT64_MIN;
	*ret_until = INT64_MAX;
	const char *wrong = !read_moment(options->from, false, ret_from) ? "from"
			    : !read_moment(options->to, true, ret_until) ? "to"
									 : NULL;
	if (wrong)
		return vg_wrong_use("Write 2026-03-01, 2026-03, or a moment with its offset, 2026-03-01T08:00:00Z.",
				    "--%s is no date.", wrong);
	if (*ret_from >= *ret_until)
		return vg_wrong_use("Let --from come before --to.", "The time from --from to --to is empty.");
	return VIGIL_OK;
}

/* ---- the command --------------------------------------------------------------------------- */

static const struct job {
	const char *name, *formats;
	bool key, range, fail_on;
} jobs[] = {
    {"verify", "text json", true, false, false},
    {"export", "csv ndjson", false, true, false},
    {"stats", "text csv json", false, true, true},
};

static bool has_word(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = words; (at = strstr(at, word)) != NULL; at += length)
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

/* NULL, and told, when the job does not exist or does not go with the options. */
static const struct job *find_job(const vg_options *options, const char **ret_format)
{
	const char *what = options->arguments.items[0], *format = options->format;
	const struct job *found = NULL;
	for (size_t i = 0; i < VG_COUNT(jobs); i++)
		if (strcmp(jobs[i].name, what) == 0)
			found = &jobs[i];
	if (!found) {
		vg_wrong_use("Usage: vigil journal verify FILE, vigil journal export FILE, or vigil journal stats FILE",
			     "`vigil journal` does not know \"%.40s\".", what);
		return NULL;
	}
	bool has_text = has_word(found->formats, "text"), known = has_word(found->formats, format);
	*ret_format = known ? format : "csv"; /* an export's text is its CSV */
	if (!known && (has_text || strcmp(format, "text") != 0))
		vg_wrong_use("verify writes text or json; export writes csv, its text, or ndjson; stats text, csv or json.",
			     "`vigil journal %s` has no format \"%.40s\".", what, format);
	else if (options->key && !found->key)
		vg_wrong_use("Leave it out: only verify needs the key.", "`vigil journal %s` takes no --key.", what);
	else if ((options->from || options->to) && !found->range)
		vg_wrong_use("Leave it out: the chain is judged as a whole.", "`vigil journal %s` takes no range of time.",
			     what);
	else if (options->fail_on.count && !found->fail_on)
		vg_wrong_use("Leave it out: only stats has alarms.", "`vigil journal %s` takes no --fail-on.", what);
	else if (options->fail_on.count && strcmp(options->fail_on.items[0], "alarm") != 0)
		vg_wrong_use("Write --fail-on alarm.", "--fail-on does not know \"%.40s\".", options->fail_on.items[0]);
	else
		return found;
	return NULL;
}

int vg_command_journal(vg_cli *cli, const vg_options *options)
{
	vg_journal_range range = {.file = options->arguments.items[1]};
	const char *format = NULL;
	const struct job *job = find_job(options, &format);
	int status = job ? read_range(options, &range.from, &range.until) : VIGIL_WRONG_USE;
	if (status != VIGIL_OK)
		return status;
	if (job == &jobs[0])
		return verify(cli, options);
	if (job == &jobs[1])
		return vg_journal_export(cli, &range, strcmp(format, "csv") == 0);
	return vg_journal_stats(cli, &range, format, options->fail_on.count > 0);
}
