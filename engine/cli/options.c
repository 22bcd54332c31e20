/*
 * Options: one table for all commands; each command names those it takes.
 *
 * Only long options, `--name value` or `--name=value`; `--` ends them and `-`
 * is an argument.  An option given twice is wrong usage unless it is a list:
 * the caller of a script should not have to guess which one counted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

#define FLAG(field, name, help)                                                                                                \
	{                                                                                                                      \
		name, NULL, help, VG_OPTION_FLAG, offsetof(vg_options, field)                                                  \
	}
#define TEXT(field, name, argument, help)                                                                                      \
	{                                                                                                                      \
		name, argument, help, VG_OPTION_TEXT, offsetof(vg_options, field)                                              \
	}
#define LIST(field, name, argument, help)                                                                                      \
	{                                                                                                                      \
		name, argument, help, VG_OPTION_LIST, offsetof(vg_options, field)                                              \
	}

static const vg_option_info infos[] = {
    LIST(order, "order", "FILE", "an order being made: a FHIR resource or a Bundle of them; repeatable"),
    TEXT(as_of, "as-of", "DATE", "the day of evaluation, 2026-03-01, or a dateTime with offset; today without it"),
    TEXT(time_zone, "time-zone", "ZONE", "the zone in which it is today: an IANA name or +hh:mm; the system's without it"),
    LIST(rules, "rules", "DIR", "a rule pack layered over the starter pack; repeatable, later ones win"),
    FLAG(no_starter, "no-starter", "without the starter pack"),
    TEXT(hook, "hook", "NAME", "as at this CDS hook: order-sign with orders and patient-view without are the defaults"),
    LIST(not_supplied, "not-supplied", "SECTION[=since DATE]",
	 "a section of the record that is not supplied, or complete only since a date: medications, allergies, conditions, "
	 "results, procedures, immunizations, encounters, orders; repeatable"),
    FLAG(alerts, "alerts", "also judge pairs that the patient takes already"),
    FLAG(all_statuses, "all-statuses", "also what shadow and draft rules say, marked so"),
    FLAG(record_drafts, "record-drafts", "draft orders inside the record count as orders"),
    FLAG(all, "all", "also screenings that are not applicable"),
    TEXT(format, "format", "FORMAT", "how to write what was found"),
    FLAG(trace, "trace", "tell each alert's conditions and their values"),
    FLAG(full, "full", "the whole evaluation: every step with the facts it looked at and how long it took"),
    LIST(fail_on, "fail-on", "WHAT", "end with status 1 when this was found"),
    TEXT(knowledge, "knowledge", "FILE", "the compiled knowledge; made when it is missing or out of date"),
    TEXT(explain, "explain", "CODE", "tell what a finding means, with a wrong and a right example"),
    TEXT(record, "record", "FILE", "list the codes of this record that the knowledge does not know"),
    TEXT(today, "today", "DATE", "the day with which dates of review are compared; today without it"),
    TEXT(rule, "rule", "ID", "only the examples that say something about this rule"),
    FLAG(coverage, "coverage", "also which conditions of each rule the examples show, and the examples that are missing"),
    TEXT(at_least, "at-least", "PERCENT", "end with status 1 when a rule's score is lower"),
    FLAG(write, "write", "keep the patients as examples of the rule; written again, they replace those of before"),
    FLAG(watch, "watch", "run them again whenever a file of the packs changes, until it is interrupted"),
    TEXT(sample, "sample", "N", "so many patients of each rule and direction are shown; 3 without it"),
    FLAG(check, "check", "change nothing; name the files that would change, and end with 1 when there are some"),
    TEXT(from, "from", "DATE", "the first day (UTC) or moment that counts"),
    TEXT(to, "to", "DIR|DATE",
	 "of an import, the folder: $XDG_DATA_HOME/vigil, else ~/.local/share/vigil, without it; of a range of time, the last "
	 "day (UTC) or moment that counts"),
    TEXT(name, "name", "NAME", "the set's name, instead of the value set's title"),
    TEXT(key, "key", "FILE", "the journal's key; FILE.key beside the journal without it"),
    LIST(listen, "listen", "ADDR:PORT", "listen there over TCP, 127.0.0.1:8080; port 0 is a free one; repeatable"),
    TEXT(socket, "socket", "PATH", "listen on this Unix socket"),
    TEXT(journal, "journal", "FILE", "the journal of answers and feedback"),
    FLAG(no_journal, "no-journal", "without a journal"),
    LIST(allow_origin, "allow-origin", "ORIGIN", "web pages of this origin may ask, https://emr.example.org; repeatable"),
    TEXT(config, "config", "FILE", "settings, a `key = value` a line; docs/service/configuration.md lists them"),
    TEXT(only, "only", "RULE,…", "only these rules, comma-separated"),
    TEXT(out, "out", "FILE|DIR", "write there: into a file that appears when it is whole, or, of `new`, into a folder"),
    TEXT(jobs, "jobs", "N", "so many threads; one a processor without it"),
    TEXT(shard, "shard", "I/N", "only part I of N of the population"),
    FLAG(resume, "resume", "go on with an output file that was broken off"),
    TEXT(since, "since", "FILE", "an earlier result, CSV or NDJSON: what has changed since"),
    FLAG(quick, "quick", "the table without the report on the data: several times as fast"),
    FLAG(forecast, "forecast", "also how many fall due in each of the next 12 months"),
    TEXT(report, "report", "FILE.html", "also write a page to print or put on a screen"),
    TEXT(suppress_below, "suppress-below", "N", "in the report, hide counts from 1 to N - 1; 11 without it"),
    TEXT(source, "source", "NAME",
	 "where the resources come from: the same id means the same resource only within a source; main without it"),
    TEXT(errors, "errors", "FILE", "where to list what could not be used; POPULATION.db.errors.csv without it"),
    FLAG(help, "help", "this text"),
};

const vg_option_info *vg_option_infos(size_t *ret_count)
{
	*ret_count = VG_COUNT(infos);
	return infos;
}

static bool word_in(const char *words, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = words; at && *at;) {
		size_t next = strcspn(at, " ");
		if (next == length && memcmp(at, word, length) == 0)
			return true;
		at += next + (at[next] == ' ');
	}
	return false;
}

bool vg_command_takes(const vg_command *command, const char *option)
{
	return strcmp(option, "help") == 0 || word_in(command->options, option);
}

const char *vg_next_word(vg_arena *arena, const char **at)
{
	if (!*at || !**at)
		return NULL;
	size_t length = strcspn(*at, " ");
	const char *word = vg_copy_text(arena, *at, length);
	*at += length + ((*at)[length] == ' ');
	return word;
}

static const vg_option_info *find_option(const vg_command *command, const char *name, size_t length)
{
	for (size_t i = 0; i < VG_COUNT(infos); i++)
		if (strlen(infos[i].name) == length && memcmp(infos[i].name, name, length) == 0)
			return vg_command_takes(command, infos[i].name) ? &infos[i] : NULL;
	return NULL;
}

static vigil_status unknown_option(const vg_command *command, const char *given)
{
	const char *names[VG_COUNT(infos)];
	char name[64], advice[128];
	size_t count = 0, length = strcspn(given, "=");
	for (size_t i = 0; i < VG_COUNT(infos); i++)
		if (vg_command_takes(command, infos[i].name))
			names[count++] = infos[i].name;
	snprintf(name, sizeof name, "%.*s", length < 60 ? (int)length : 60, given);
	const char *nearest = vg_nearest(name, names, count);
	if (nearest)
		snprintf(advice, sizeof advice, "Did you mean --%s?", nearest);
	else
		snprintf(advice, sizeof advice, "`vigil help %s` lists its options.", command->name);
	return (vigil_status)vg_wrong_use(advice, "`vigil %s` has no option --%s.", command->name, name);
}

static vigil_status append(vg_cli *cli, vg_list *list, const char *text)
{
	const char **items = vg_grow(&cli->arena, list->items, list->count, &list->capacity, sizeof *items);
	if (!items)
		return (vigil_status)vg_out_of_memory();
	list->items = items;
	list->items[list->count++] = text;
	return VIGIL_OK;
}

static vigil_status set_option(vg_cli *cli, const vg_option_info *info, const char *value, vg_options *options)
{
	void *member = (char *)options + info->offset;
	if (info->kind == VG_OPTION_FLAG) {
		*(bool *)member = true;
		return VIGIL_OK;
	}
	if (!*value)
		return (vigil_status)vg_wrong_use("Write the value behind it.", "--%s needs a value: %s.", info->name,
						  info->argument);
	if (info->kind == VG_OPTION_LIST)
		return append(cli, member, value);
	const char **text = member;
	if (*text)
		return (vigil_status)vg_wrong_use("Give it once.", "--%s is given twice.", info->name);
	*text = value;
	return VIGIL_OK;
}

static vigil_status check_format(vg_cli *cli, const vg_command *command, vg_options *options)
{
	const char *names[8], *at = command->formats;
	size_t count = 0;
	for (const char *name; count < VG_COUNT(names) && (name = vg_next_word(&cli->arena, &at));)
		names[count++] = name;
	if (cli->arena.failed)
		return (vigil_status)vg_out_of_memory();
	if (!options->format) {
		options->format = count ? names[0] : "text";
		return VIGIL_OK;
	}
	if (word_in(command->formats, options->format) && !strchr(options->format, ' '))
		return VIGIL_OK;
	const char *nearest = vg_nearest(options->format, names, count);
	char advice[128];
	snprintf(advice, sizeof advice, nearest ? "Did you mean %s?" : "Formats of this command: %s.",
		 nearest ? nearest : command->formats);
	return (vigil_status)vg_wrong_use(advice, "`vigil %s` has no format \"%.40s\".", command->name, options->format);
}

static vigil_status check_count(const vg_command *command, const vg_options *options)
{
	size_t count = options->arguments.count;
	char advice[256];
	snprintf(advice, sizeof advice, "Usage: vigil %s %s [OPTION]…", command->name, command->arguments);
	if (count < command->least)
		return (vigil_status)vg_wrong_use(advice, "`vigil %s` needs %s.", command->name, command->arguments);
	if (count > command->most)
		return (vigil_status)vg_wrong_use(advice, "`vigil %s` does not take the argument \"%.80s\".", command->name,
						  options->arguments.items[command->most]);
	return VIGIL_OK;
}

vigil_status vg_options_read(vg_cli *cli, const vg_command *command, int count, char **arguments, vg_options *ret)
{
	bool ended = false;
	*ret = (vg_options){0};
	for (int i = 0; i < count; i++) {
		const char *given = arguments[i];
		vigil_status status;
		if (ended || given[0] != '-' || given[1] == '\0') {
			status = append(cli, &ret->arguments, given);
		} else if (strcmp(given, "--") == 0) {
			ended = true;
			continue;
		} else if (strcmp(given, "-h") == 0) {
			ret->help = true;
			continue;
		} else if (given[1] != '-') {
			status = (vigil_status)vg_wrong_use("Options are long ones: --order FILE.", "There is no option %.40s.",
							    given);
		} else {
			const char *name = given + 2, *value = strchr(name, '=');
			const vg_option_info *info = find_option(command, name, strcspn(name, "="));
			if (!info)
				return unknown_option(command, name);
			if (info->kind == VG_OPTION_FLAG && value)
				return (vigil_status)vg_wrong_use("Leave the value out.", "--%s takes no value.", info->name);
			if (info->kind != VG_OPTION_FLAG && !value && i + 1 < count)
				value = arguments[++i];
			else if (value)
				value++;
			status = set_option(cli, info, value ? value : "", ret);
		}
		if (status != VIGIL_OK)
			return status;
	}
	if (ret->help)
		return VIGIL_OK;
	vigil_status status = check_format(cli, command, ret);
	return status == VIGIL_OK ? check_count(command, ret) : status;
}

/* ---- values ----------------------------------------------------------------------------- */

enum { MOST_JOBS = 256 };

bool vg_read_number(const char *text, unsigned long most, unsigned *ret)
{
	char *end;
	errno = 0;
	unsigned long number = strtoul(text, &end, 10);
	if (end == text || *end || errno || number < 1 || number > most || *text == '-' || *text == '+')
		return false;
	*ret = (unsigned)number;
	return true;
}

int vg_read_jobs(const vg_options *options, unsigned *ret)
{
	unsigned processors = vg_processors();
	*ret = processors > MOST_JOBS ? MOST_JOBS : processors;
	if (options->jobs && !vg_read_number(options->jobs, MOST_JOBS, ret))
		return vg_wrong_use("Write a number from 1 to 256: --jobs 4.", "--jobs does not take \"%.40s\".",
				    options->jobs);
	return VIGIL_OK;
}
