/*
 * `vigil journal export`: one line a card that was given and one a feedback, in
 * the form that regulation asks for: intervention, action, feedback, user, date,
 * location.
 *
 * Feedback says little of its own: who saw the card and where is known from the
 * answer that gave it, unless the feedback says otherwise.  So answers are read
 * from the journal's beginning, whatever the time asked for.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "cli/journal.h"

static const char *const columns[] = {"date",   "intervention", "action",  "feedback", "user", "location", "severity",
				      "status", "hook",         "patient", "card",     "row",  "request"};
enum { DATE, INTERVENTION, ACTION, FEEDBACK, USER, LOCATION, SEVERITY, STATUS, HOOK, PATIENT, CARD, ROW, REQUEST };

typedef struct origin { /* of a card */
	const char *user, *location, *hook, *patient, *severity, *status;
} origin;

typedef struct export
{
	vg_cli *cli;
	int64_t from;
	vg_arena arena;   /* of one row */
	vg_arena origins; /* of the whole export */
	vg_map given;     /* card -> index + 1 in `items` */
	origin *items;
	size_t item_count, item_capacity;
	const char *answers[4]; /* user, location, hook, patient of the newest answer, kept once for all its cards */
	bool csv, begun;        /* begun: the columns' names are written */
	uint64_t unreadable;    /* first row whose body is not JSON; 0: none */
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
		vg_add(&out, i ? "," : "");
		vg_add_csv_cell(&out, cells[i]);
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

static const char *kept(export *state, const char *text) { return vg_copy_text(&state->origins, text, strlen(text)); }

static bool remember(export *state, const char *card, const char *severity, const char *status)
{
	const char *key = kept(state, card);
	origin *items = vg_grow(&state->origins, state->items, state->item_count, &state->item_capacity, sizeof *items);
	if (!key || !items)
		return false;
	state->items = items;
	items[state->item_count++] = (origin){state->answers[0], state->answers[1],     state->answers[2],
					      state->answers[3], kept(state, severity), kept(state, status)};
	uint32_t *at = vg_map_at(&state->given, key, strlen(key), true);
	if (at)
		*at = (uint32_t)state->item_count;
	return at && !state->origins.failed;
}

static bool export_card(export *state, const vg_journal_card *card, bool inside, const char *cells[VG_COUNT(columns)])
{
	cells[INTERVENTION] = card->rule;
	cells[SEVERITY] = card->severity;
	cells[STATUS] = card->status;
	cells[CARD] = card->uuid;
	cells[ACTION] = strcmp(card->status, "shadow") == 0 ? "not shown" : "given";
	if (inside)
		write_line(state, cells);
	return !*card->uuid || remember(state, card->uuid, card->severity, card->status);
}

static bool export_answer(export *state, const vg_journal_row *row, const cJSON *body, const char *cells[VG_COUNT(columns)])
{
	static const char *const keys[] = {"user", "location", "hook", "patient"};
	static const int places[] = {USER, LOCATION, HOOK, PATIENT};
	const cJSON *fired;
	for (size_t i = 0; i < VG_COUNT(keys); i++) {
		cells[places[i]] = text_of(body, keys[i]);
		if (row->card_count && !(state->answers[i] = kept(state, cells[places[i]])))
			return false;
	}
	for (size_t i = 0; i < row->card_count; i++)
		if (!export_card(state, &row->cards[i], row->at >= state->from, cells))
			return false;
	/* The native interface gives no cards; what it answered stands in the body only. */
	cJSON_ArrayForEach(fired, cJSON_GetObjectItemCaseSensitive(body, "fired"))
	{
		const vg_journal_card card = {"", text_of(fired, "rule"), text_of(fired, "severity"), "active"};
		if (!*text_of(fired, "card") && !export_card(state, &card, row->at >= state->from, cells))
			return false;
	}
	return true;
}

static bool export_feedback(export *state, const cJSON *body, const char *cells[VG_COUNT(columns)])
{
	static const origin nowhere = {"", "", "", "", "", ""};
	const char *card = text_of(body, "card"), *user = text_of(body, "user"), *location = text_of(body, "location");
	const uint32_t *at = vg_map_at(&state->given, card, strlen(card), false);
	const origin *from = at ? &state->items[*at - 1] : &nowhere;
	cells[INTERVENTION] = text_of(body, "rule");
	cells[ACTION] = text_of(body, "outcome");
	cells[FEEDBACK] = strcmp(cells[ACTION], "overridden") == 0 ? vg_journal_reason(body, &state->arena) : "";
	cells[USER] = *user ? user : from->user;
	cells[LOCATION] = *location ? location : from->location;
	cells[HOOK] = from->hook;
	cells[PATIENT] = from->patient;
	cells[SEVERITY] = from->severity;
	cells[STATUS] = from->status;
	cells[CARD] = card;
	if (!cells[FEEDBACK])
		return false;
	write_line(state, cells);
	return true;
}

static bool export_row(void *user, const vg_journal_row *row)
{
	export *state = user;
	const char *cells[VG_COUNT(columns)];
	char moment[VG_MOMENT_TEXT], number[24];
	bool answer = strcmp(row->kind, "answer") == 0;
	if (!answer && (strcmp(row->kind, "feedback") != 0 || row->at < state->from))
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
	snprintf(number, sizeof number, "%llu", (unsigned long long)row->number);
	cells[DATE] = vg_journal_moment(row->at, moment);
	cells[ROW] = number;
	cells[REQUEST] = text_of(body, "request");
	bool enough = answer ? export_answer(state, row, body, cells) : export_feedback(state, body, cells);
	cJSON_Delete(body);
	return enough && !state->arena.failed && !state->cli->write_failed;
}

int vg_journal_export(vg_cli *cli, const vg_journal_range *range, bool csv)
{
	vigil_error error = VIGIL_ERROR_INIT;
	export state = {.cli = cli, .csv = csv, .from = range->from};
	vg_arena_init(&state.arena, NULL, 0);
	vg_arena_init(&state.origins, NULL, 0);
	vg_map_init(&state.given, &state.origins);
	int status = (int)vg_journal_read(range->file, INT64_MIN, range->until, export_row, &state, &error);
	if (status == VIGIL_OK)
		begin_export(&state);
	if (status != VIGIL_OK)
		status = vg_tell_error(&error);
	else if (state.arena.failed || state.origins.failed)
		status = vg_out_of_memory();
	else if (state.unreadable) {
		vg_fail(&error, VIGIL_BAD_INPUT, "Run `vigil journal verify` on it.", "Row %llu is not a JSON object.",
			(unsigned long long)state.unreadable);
		vg_error_place(&error, range->file, 0);
		status = vg_tell_error(&error);
	}
	vg_arena_free(&state.origins);
	vg_arena_free(&state.arena);
	return status;
}
