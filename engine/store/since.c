/*
 * An earlier result of a scan, to compare with.
 *
 * Kept is a 128-bit hash of patient and rule with the status, in a sorted array:
 * millions of entries, looked up by all threads at once.  An entry that was
 * asked for is marked, so that what nobody asked for can be told in the end.
 */
#include "store/store.h"

#include <cjson/cJSON.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct key {
	uint64_t first, second;
} key;

typedef struct entry {
	key key;
	uint8_t status; /* vg_screening_status */
	_Atomic uint8_t asked;
} entry;

struct vg_since {
	vg_arena arena; /* it lies in it */
	vg_allocator allocator;
	entry *entries;
	size_t count, capacity;
};

static const char *const change_names[VG_CHANGE_COUNT] = {"none",    "newly_overdue", "newly_due", "closed",
							  "dropped", "unknown",       "other"};

const char *vg_change_name(vg_change change) { return change_names[change]; }

vg_change vg_change_between(vg_screening_status before, vg_screening_status now)
{
	bool was_due = before == VG_DUE_SOON || before == VG_OVERDUE;
	if (before == now)
		return VG_CHANGE_NONE;
	switch (now) {
	case VG_OVERDUE:
		return VG_CHANGE_NEWLY_OVERDUE;
	case VG_DUE_SOON:
		return was_due ? VG_CHANGE_OTHER : VG_CHANGE_NEWLY_DUE;
	case VG_UP_TO_DATE:
		return was_due ? VG_CHANGE_CLOSED : VG_CHANGE_OTHER;
	case VG_NOT_APPLICABLE:
		return was_due ? VG_CHANGE_DROPPED : VG_CHANGE_OTHER;
	case VG_INDETERMINATE:
		return VG_CHANGE_UNKNOWN;
	}
	return VG_CHANGE_OTHER;
}

/* ---- entries --------------------------------------------------------------------------- */

static key key_of(const char *patient, size_t patient_length, const char *rule, size_t rule_length)
{
	const uint64_t patients = vg_hash(patient, patient_length), rules = vg_hash(rule, rule_length);
	const uint64_t straight[2] = {patients, rules}, crossed[3] = {rules, patients, patient_length};
	return (key){vg_hash(straight, sizeof straight), vg_hash(crossed, sizeof crossed)};
}

static int compare_keys(const void *left, const void *right)
{
	const key *a = left, *b = right;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return a->second < b->second ? -1 : a->second > b->second;
}

static bool find_status(const char *name, size_t length, vg_screening_status *ret)
{
	for (int status = VG_NOT_APPLICABLE; status <= VG_INDETERMINATE; status++) {
		const char *known = vg_screening_status_name((vg_screening_status)status);
		if (strlen(known) == length && memcmp(known, name, length) == 0) {
			*ret = (vg_screening_status)status;
			return true;
		}
	}
	return false;
}

static vigil_status add_entry(vg_since *since, key at, vg_screening_status status, vigil_error *err)
{
	if (since->count == since->capacity) {
		size_t larger = since->capacity ? since->capacity * 2 : 1024, size = sizeof(entry);
		entry *moved =
		    since->allocator.resize(since->allocator.user, since->entries, since->capacity * size, larger * size);
		if (!moved)
			return vg_fail_memory(err);
		since->entries = moved;
		since->capacity = larger;
	}
	entry *added = &since->entries[since->count++];
	added->key = at;
	added->status = (uint8_t)status;
	atomic_init(&added->asked, 0);
	return VIGIL_OK;
}

static entry *find_entry(const vg_since *since, key at)
{
	return since->count ? bsearch(&at, since->entries, since->count, sizeof(entry), compare_keys) : NULL;
}

vg_screening_status vg_since_before(vg_since *since, const char *patient, const char *rule)
{
	entry *found = find_entry(since, key_of(patient, strlen(patient), rule, strlen(rule)));
	if (!found)
		return VG_NOT_APPLICABLE;
	atomic_store_explicit(&found->asked, 1, memory_order_relaxed);
	return (vg_screening_status)found->status;
}

uint64_t vg_since_left(const vg_since *since)
{
	uint64_t left = 0;
	for (size_t i = 0; i < since->count; i++) {
		bool was_due = since->entries[i].status == VG_DUE_SOON || since->entries[i].status == VG_OVERDUE;
		left += was_due && !atomic_load_explicit(&since->entries[i].asked, memory_order_relaxed);
	}
	return left;
}

/* ---- reading ------------------------------------------------------------------------------- */

static vigil_status not_a_result(const char *path, uint64_t line, vigil_error *err)
{
	vigil_status status =
	    vg_fail(err, VIGIL_BAD_INPUT,
		    "Give what `vigil scan --format csv` or `--format ndjson` wrote, without --alerts and --since.",
		    "This is not a line of an earlier scan's result.");
	vg_error_place(err, path, line < INT32_MAX ? (int)line : 0);
	return status;
}

/* A cell of the first three, which are never quoted unless a patient's id is odd; NULL: not one. */
static const char *next_cell(const char **at, const char *end, size_t *ret_length)
{
	const char *cell = *at;
	if (cell < end && *cell == '"') {
		const char *close = memchr(cell + 1, '"', (size_t)(end - cell - 1));
		if (!close || close + 1 >= end || close[1] != ',')
			return NULL;
		*at = close + 2;
		*ret_length = (size_t)(close - cell - 1);
		return cell + 1;
	}
	const char *comma = memchr(cell, ',', (size_t)(end - cell));
	if (!comma)
		return NULL;
	*at = comma + 1;
	*ret_length = (size_t)(comma - cell);
	return cell;
}

static vigil_status read_row(vg_since *since, const char *text, size_t length, const char *path, uint64_t line,
			     vigil_error *err)
{
	const char *at = text, *end = text + length, *cells[3];
	size_t lengths[3];
	vg_screening_status status;
	for (int i = 0; i < 3; i++) {
		cells[i] = next_cell(&at, end, &lengths[i]);
		if (!cells[i])
			return not_a_result(path, line, err);
	}
	if (lengths[2] == 5 && memcmp(cells[2], "error", 5) == 0)
		return VIGIL_OK; /* a record that could not be read */
	if (!find_status(cells[2], lengths[2], &status))
		return not_a_result(path, line, err);
	return add_entry(since, key_of(cells[0], lengths[0], cells[1], lengths[1]), status, err);
}

static vigil_status read_screening(vg_since *since, const char *patient, const cJSON *item, const char *path, uint64_t line,
				   vigil_error *err)
{
	const cJSON *rule = cJSON_GetObjectItemCaseSensitive(item, "rule");
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "status");
	vg_screening_status status;
	if (!cJSON_IsString(rule) || !cJSON_IsString(name) ||
	    !find_status(name->valuestring, strlen(name->valuestring), &status))
		return not_a_result(path, line, err);
	return add_entry(since, key_of(patient, strlen(patient), rule->valuestring, strlen(rule->valuestring)), status, err);
}

static vigil_status read_document(vg_since *since, const char *text, size_t length, const char *path, uint64_t line,
				  vigil_error *err)
{
	cJSON *tree = cJSON_ParseWithLength(text, length);
	const cJSON *patient = cJSON_GetObjectItemCaseSensitive(tree, "patient"), *item;
	const cJSON *screenings = cJSON_GetObjectItemCaseSensitive(tree, "screenings");
	vigil_status status = VIGIL_OK;
	if (cJSON_IsString(patient) && cJSON_IsArray(screenings)) {
		cJSON_ArrayForEach(item, screenings)
		{
			if (status == VIGIL_OK)
				status = read_screening(since, patient->valuestring, item, path, line, err);
		}
	} else if (!cJSON_GetObjectItemCaseSensitive(tree, "error")) {
		status = not_a_result(path, line, err);
	}
	cJSON_Delete(tree);
	return status;
}

static vigil_status read_line(vg_since *since, const char *text, size_t length, const char *path, uint64_t line,
			      vigil_error *err)
{
	static const char head[] = "patient,rule,status,";
	if (length && text[length - 1] == '\r')
		length--;
	if (!length)
		return VIGIL_OK;
	if (*text == '{')
		return read_document(since, text, length, path, line, err);
	if (length >= sizeof head - 1 && memcmp(text, head, sizeof head - 1) == 0)
		return VIGIL_OK; /* also in the middle, where parts were joined */
	return read_row(since, text, length, path, line, err);
}

static vigil_status read_all(vg_since *since, vg_lines *lines, vg_chunk *chunk, const char *path, vigil_error *err)
{
	uint64_t line = 0;
	for (;;) {
		vigil_status status = vg_lines_fill(lines, chunk, err);
		if (status != VIGIL_OK)
			return status;
		if (chunk->too_long)
			return not_a_result(path, chunk->first_line, err);
		if (!chunk->length)
			return VIGIL_OK;
		size_t place = 0, length;
		for (const char *text; status == VIGIL_OK && vg_chunk_line(chunk, &place, &text, &length);)
			status = read_line(since, text, length, path, ++line, err);
		if (status != VIGIL_OK)
			return status;
	}
}

vigil_status vg_since_open(const char *path, const vg_allocator *allocator, vg_since **ret, vigil_error *err)
{
	vg_arena arena;
	vg_chunk chunk;
	vg_lines *lines = NULL;
	vg_arena_init(&arena, allocator, 0);
	vg_chunk_init(&chunk, allocator);
	vg_since *since = vg_alloc(&arena, sizeof *since);
	if (!since) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	since->arena = arena;
	since->allocator = arena.allocator;
	vigil_status status = vg_lines_open(path, vg_default_limits.bytes, allocator, &lines, err);
	if (status == VIGIL_OK)
		status = read_all(since, lines, &chunk, path, err);
	vg_lines_close(lines);
	vg_chunk_free(&chunk);
	if (status != VIGIL_OK) {
		vg_since_close(since);
		return status;
	}
	if (since->count)
		qsort(since->entries, since->count, sizeof(entry), compare_keys);
	*ret = since;
	return VIGIL_OK;
}

void vg_since_close(vg_since *since)
{
	if (!since)
		return;
	if (since->capacity)
		since->allocator.resize(since->allocator.user, since->entries, since->capacity * sizeof(entry), 0);
	vg_arena arena = since->arena; /* it lies in it */
	vg_arena_free(&arena);
}
