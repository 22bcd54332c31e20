/*
 * Which of several entries about one resource counts.
 *
 * A resource is known by its type and id, else by its fullUrl, else by its
 * bytes.  The latest meta.lastUpdated counts, then the highest versionId; where
 * neither tells, the later entry, but in a history the earlier one, for
 * histories stand newest first.  There a deletion removes the versions behind
 * it.  What is being ordered is not also a fact of the chart.
 *
 * Each step is one pass over the entries with a map, however many there are:
 * inputs of a hundred thousand versions must not take long.
 */
#include "record/record_internal.h"

static bool names_fact(const vg_entry *entry) { return entry->role != VG_ROLE_NONE && vg_entry_matters(entry); }

static bool in_history(const vg_reading *reading, const vg_entry *entry)
{
	uint32_t bundle = entry->span->bundle;
	return bundle != VG_JSON_NONE && vg_json_text_is(reading->scan.entries[bundle].bundle_type, "history");
}

static bool has_history(const vg_reading *reading)
{
	for (uint32_t i = 0; i < reading->scan.entry_count; i++)
		if (vg_json_text_is(reading->scan.entries[i].bundle_type, "history"))
			return true;
	return false;
}

/* ---- deletions ------------------------------------------------------------------------- */

enum { SEEN = 1, DELETED = 2 }; /* a key's state: whichever came first */

static bool is_deleted(vg_map *states, const char *key)
{
	uint32_t *state = *key ? vg_map_at(states, key, strlen(key), false) : NULL;
	return state && *state == DELETED;
}

static void note(vg_map *states, vg_view key, uint32_t state)
{
	uint32_t *place = key.length ? vg_map_at(states, key.text, key.length, true) : NULL;
	if (place && *place == 0)
		*place = state;
}

static void apply_deletions(vg_reading *reading)
{
	vg_map states;
	if (!has_history(reading))
		return;
	vg_map_init(&states, &reading->in.scratch);
	for (uint32_t i = 0; i < reading->scan.entry_count; i++) {
		vg_entry *entry = &reading->entries[i];
		if (!in_history(reading, entry))
			continue;
		if (vg_json_text_is(entry->span->method, "DELETE")) {
			vg_json_text url = entry->span->url;
			vg_entry_name(&reading->in, entry);
			bool named = *entry->key || !url.bytes;
			note(&states, named ? vg_view_of(entry->key) : vg_reference_key_of((vg_view){url.bytes, url.length}),
			     DELETED);
		} else if (names_fact(entry)) {
			if (is_deleted(&states, entry->key) || is_deleted(&states, entry->alias)) {
				entry->role = VG_ROLE_NONE;
				reading->in.record->errors_left_out++;
			} else {
				note(&states, vg_view_of(entry->key), SEEN);
				note(&states, vg_view_of(entry->alias), SEEN);
			}
		}
	}
}

/* ---- versions -------------------------------------------------------------------------- */

/* meta of a resource that has a rival: it is trimmed away otherwise. */
static void read_version(vg_reading *reading, vg_entry *entry)
{
	if (entry->version_read)
		return;
	entry->version_read = true;
	entry->updated = VG_NO_WHEN;
	entry->version = NAN;
	const vg_json_node *meta = VG_MEMBER(&reading->scan.nodes[entry->span->node], meta);
	entry->updated = vg_read_when(&reading->in, VG_MEMBER(meta, lastUpdated));
	reading->in.unreadable = 0;
	double version;
	if (vg_number_of(VG_MEMBER(meta, versionId), &version))
		entry->version = version;
}

/* Whether b is the later version; `later`: what to say when neither tells. */
static bool is_newer(vg_reading *reading, vg_entry *a, vg_entry *b, bool later)
{
	read_version(reading, a);
	read_version(reading, b);
	if (vg_when_known(a->updated) && vg_when_known(b->updated)) {
		if (a->updated.instant != b->updated.instant)
			return b->updated.instant > a->updated.instant;
		if (a->updated.first != b->updated.first)
			return b->updated.first > a->updated.first;
	}
	if (a->version < b->version || a->version > b->version)
		return b->version > a->version;
	return later;
}

static bool same_type(const vg_entry *a, const vg_entry *b)
{
	return a->span->type.length == b->span->type.length &&
	       memcmp(a->span->type.bytes, b->span->type.bytes, a->span->type.length) == 0;
}

/* The entry that stands for a name so far, when it is of the same type. */
static vg_entry *rival_at(vg_reading *reading, const uint32_t *place, const vg_entry *entry)
{
	vg_entry *other = place && *place ? &reading->entries[*place - 1] : NULL;
	return other && same_type(other, entry) ? other : NULL;
}

/* What has no name at all is known by its bytes; two nameless orders are two orders. */
static bool seen_before(vg_reading *reading, const vg_entry *entry, uint32_t place)
{
	if (entry->role != VG_ROLE_CHART)
		return false;
	uint32_t *found = vg_map_at(&reading->entry_of, reading->text + entry->span->offset, entry->span->length, true);
	if (!found || *found)
		return found != NULL;
	*found = place;
	return false;
}

static void keep_newest(vg_reading *reading, uint32_t i)
{
	vg_entry *entry = &reading->entries[i];
	if (!*entry->key) {
		if (seen_before(reading, entry, i + 1))
			entry->role = VG_ROLE_NONE;
		return;
	}
	size_t alias = *entry->alias ? strlen(entry->alias) : 0;
	uint32_t *place = vg_map_at(&reading->entry_of, entry->key, strlen(entry->key), true);
	if (!place)
		return;
	vg_entry *other = rival_at(reading, place, entry);
	if (!other && alias)
		other = rival_at(reading, vg_map_at(&reading->entry_of, entry->alias, alias, false), entry);
	if (other) {
		bool order = entry->role != VG_ROLE_CHART, other_order = other->role != VG_ROLE_CHART;
		bool newer = order != other_order ? order : is_newer(reading, other, entry, !in_history(reading, entry));
		vg_entry *loser = newer ? other : entry;
		loser->role = VG_ROLE_NONE;
		if (!newer)
			return;
	}
	*place = i + 1;
	place = alias ? vg_map_at(&reading->entry_of, entry->alias, alias, true) : NULL;
	if (place)
		*place = i + 1;
}

void vg_settle_versions(vg_reading *reading)
{
	apply_deletions(reading);
	if (!vg_map_reserve(&reading->entry_of, reading->scan.entry_count))
		return;
	for (uint32_t i = 0; i < reading->scan.entry_count && vg_intake_status(&reading->in) == VIGIL_OK; i++)
		if (names_fact(&reading->entries[i]))
			keep_newest(reading, i);
}
