/*
 * `vigil journal verify|export FILE`: whether the service's journal is whole,
 * and what it holds as a table, one line a card that was given and one a
 * feedback: intervention, action, feedback, user, date, location.
 *
 * The rows' bodies are JSON; docs/internals/journal.md tells what is read here.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "store/store.h"

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

/* ---- export ---------------------------------------------------------------------------- */

static const char *const columns[] = {"date",     "intervention", "action", "feedback", "user", "location",
				      "severity", "status",       "hook",   "patient",  "card", "row"};
enum { DATE, INTERVENTION, ACTION, FEEDBACK, USER, LOCATION, SEVERITY, STATUS, HOOK, PATIENT, CARD, ROW };

typedef struct export
{
	vg_cli *cli;
	vg_arena arena;  /* of one row */
	vg_arena places; /* of the whole export: which card was given where */
	vg_map given;    /* card -> index + 1 in `locations` */
	const char **locations;
	size_t location_count, location_capacity;
	bool csv, begun;     /* begun: the columns' names are written */
	uint64_t unreadable; /* first row whose body is not the JSON of an answer or a feedback; 0: none */
}
export;

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsString(item) ? item->valuestring : "";
}

static void write_line(export *state, const char *const cells[VG_COUNT(columns)])
{
	vg_buffer out;
	vg_buffer_init(&out, &state->arena);
	vg_json_writer json = {&out, false};
	if (!state->csv)
		vg_json_open(&json, NULL, '{');
	for (size_t i = 0; i < VG_COUNT(columns); i++) {
		if (!state->csv) {
			vg_json_text_always(&json, columns[i], cells[i]);
			continue;
		}
		vg_add(&out, i ? ",\"" : "\"");
		for (const char *at = cells[i]; *at; at++)
			vg_add_bytes(&out, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
		vg_add(&out, "\"");
	}
	if (!state->csv)
		vg_json_close(&json, '}');
	vg_add(&out, state->csv ? "\r\n" : "\n");
	vg_print_buffer(state->cli, &out);
}

/* The names of the columns come first, but not before a journal could be opened. */
static void begin_export(export *state)
{
	if (state->csv && !state->begun)
		write_line(state, columns);
	state->begun = true;
}

/* Feedback names a card; where that card was given is known from its answer. */
static bool remember_place(export *state, const char *card, const char *location)
{
	const char *key = vg_copy_text(&state->places, card, strlen(card));
	const char **grown = vg_grow(&state->places, state->locations, state->location_count, &state->location_capacity,
				     sizeof *state->locations);
	if (!key || !grown)
		return false;
	state->locations = grown;
	grown[state->location_count++] = vg_copy_text(&state->places, location, strlen(location));
	uint32_t *at = vg_map_at(&state->given, key, strlen(key), true);
	if (at)
		*at = (uint32_t)state->location_count;
	return at && grown[state->location_count - 1];
}

static const char *place_of(export *state, const char *card)
{
	const uint32_t *at = vg_map_at(&state->given, card, strlen(card), false);
	return at ? state->locations[*at - 1] : "";
}

static bool export_answer(export *state, const cJSON *body, const char *cells[VG_COUNT(columns)])
{
	const cJSON *fired = cJSON_GetObjectItemCaseSensitive(body, "fired"), *card;
	cells[USER] = text_of(body, "user");
	cells[LOCATION] = text_of(body, "location");
	cells[HOOK] = text_of(body, "hook");
	cells[PATIENT] = text_of(body, "patient");
	cJSON_ArrayForEach(card, fired)
	{
		cells[INTERVENTION] = text_of(card, "rule");
		cells[SEVERITY] = text_of(card, "severity");
		cells[STATUS] = text_of(card, "status");
		cells[CARD] = text_of(card, "card");
		cells[ACTION] = strcmp(cells[STATUS], "shadow") == 0 ? "not shown" : "given";
		if (*cells[CARD] && !remember_place(state, cells[CARD], cells[LOCATION]))
			return false;
		write_line(state, cells);
	}
	return true;
}

static void export_feedback(export *state, const cJSON *body, const char *cells[VG_COUNT(columns)])
{
	cells[INTERVENTION] = text_of(body, "rule");
	cells[ACTION] = text_of(body, "outcome");
	cells[FEEDBACK] = text_of(body, "reason");
	cells[USER] = text_of(body, "user");
	cells[CARD] = text_of(body, "card");
	cells[LOCATION] = place_of(state, cells[CARD]);
	write_line(state, cells);
}

static bool export_row(void *user, const vg_journal_row *row)
{
	export *state = user;
	const char *cells[VG_COUNT(columns)];
	char date[16], number[24];
	bool answer = strcmp(row->kind, "answer") == 0;
	if (!answer && strcmp(row->kind, "feedback") != 0)
		return true;
	cJSON *body = cJSON_Parse(row->body);
	if (!cJSON_IsObject(body)) {
		state->unreadable = row->number;
		cJSON_Delete(body);
		return false;
	}
	for (size_t i = 0; i < VG_COUNT(cells); i++)
		cells[i] = "";
	begin_export(state);
	vg_arena_reset(&state->arena);
	int64_t day = row->at / 86400000, rest = row->at % 86400000;
	if (rest < 0)
		day--, rest += 86400000;
	cells[DATE] = vg_format(&state->arena, "%sT%02d:%02d:%02d.%03dZ", vg_day_text((vg_day)day, date), (int)(rest / 3600000),
				(int)(rest / 60000 % 60), (int)(rest / 1000 % 60), (int)(rest % 1000));
	snprintf(number, sizeof number, "%llu", (unsigned long long)row->number);
	cells[ROW] = number;
	bool enough = cells[DATE] != NULL;
	if (enough && answer)
		enough = export_answer(state, body, cells);
	else if (enough)
		export_feedback(state, body, cells);
	cJSON_Delete(body);
	return enough && !state->arena.failed && !state->cli->write_failed;
}

static int export_rows(vg_cli *cli, const vg_options *options)
{
	const char *file = options->arguments.items[1];
	vigil_error error = VIGIL_ERROR_INIT;
	export state = {.cli = cli, .csv = strcmp(options->format, "ndjson") != 0};
	vg_arena_init(&state.arena, NULL, 0);
	vg_arena_init(&state.places, NULL, 0);
	vg_map_init(&state.given, &state.places);
	int status = (int)vg_journal_read(file, INT64_MIN, INT64_MAX, export_row, &state, &error);
	if (status == VIGIL_OK)
		begin_export(&state);
	if (status != VIGIL_OK)
		status = vg_tell_error(&error);
	else if (state.arena.failed || state.places.failed)
		status = vg_out_of_memory();
	else if (state.unreadable) {
		vg_fail(&error, VIGIL_BAD_INPUT, "Run `vigil journal verify` on it.", "Row %llu is not a JSON object.",
			(unsigned long long)state.unreadable);
		vg_error_place(&error, file, 0);
		status = vg_tell_error(&error);
	}
	vg_arena_free(&state.places);
	vg_arena_free(&state.arena);
	return status;
}

int vg_command_journal(vg_cli *cli, const vg_options *options)
{
	const char *what = options->arguments.items[0], *format = options->format;
	bool verifying = strcmp(what, "verify") == 0;
	if (!verifying && strcmp(what, "export") != 0)
		return vg_wrong_use("Usage: vigil journal verify FILE, or vigil journal export FILE",
				    "`vigil journal` does not know \"%.40s\".", what);
	if (verifying ? strcmp(format, "text") != 0 && strcmp(format, "json") != 0 : strcmp(format, "json") == 0)
		return vg_wrong_use("verify writes text or json; export writes csv, its text, or ndjson.",
				    "`vigil journal %s` has no format \"%.40s\".", what, format);
	if (!verifying && options->key)
		return vg_wrong_use("Leave it out: only verify needs the key.", "`vigil journal export` takes no --key.");
	return verifying ? verify(cli, options) : export_rows(cli, options);
}
