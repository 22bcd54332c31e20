/*
 * A CDS Hooks request with more in its prefetch, and a searchset that came in
 * pages put together: what a service needs that fetches what a client left out.
 *
 * Everything is text: values keep the bytes in which they were sent, so that a
 * number means the same as if the client had sent it.  Only texts that passed
 * the strict scan are put together, so the result passes it too.
 */
#include "record/record_internal.h"

const char *vg_section_key(vg_section section) { return section == VG_RESULTS ? "observations" : vg_section_name(section); }

/* ---- pages --------------------------------------------------------------------------- */

/* The URL of the link "next" of a page; NULL: it has none, or none that is a text. */
static const char *next_link(const vg_json_scan_result *page, vg_arena *arena)
{
	const char *found = NULL;
	for (vg_list links = vg_list_of(&page->nodes[page->entries[0].link]); links.item; vg_list_next(&links)) {
		const char *url = vg_text_of(VG_MEMBER(links.item, url));
		if (strcmp(vg_text_of(VG_MEMBER(links.item, relation)), "next") == 0 && *url)
			found = vg_copy_text(arena, url, strlen(url));
	}
	return found;
}

static void add_text(vg_buffer *out, const char *key, vg_json_text text)
{
	if (!text.bytes)
		return;
	const char *copy = vg_copy_text(out->arena, text.bytes, text.length);
	out->failed = out->failed || !copy;
	vg_addf(out, "\"%s\":", key);
	vg_add_json_text(out, copy);
	vg_add(out, ",");
}

static void add_entry(vg_buffer *out, const char *page, const vg_json_entry *entry)
{
	vg_add(out, out->text[out->length - 1] == '[' ? "{" : ",{");
	add_text(out, "fullUrl", entry->full_url);
	if (entry->mode.bytes) {
		vg_add(out, "\"search\":{");
		add_text(out, "mode", entry->mode);
		out->text[out->length - 1] = '}'; /* in place of the comma */
		vg_add(out, ",");
	}
	vg_add(out, "\"resource\":");
	vg_add_bytes(out, page + entry->offset, entry->length);
	vg_add(out, "}");
}

vigil_status vg_searchset_add(vg_buffer *bundle, const char *page, size_t length, const char **ret_next, vigil_error *err)
{
	vg_json_scan_result scan;
	vigil_status status = vg_json_scan(bundle->arena, bundle->arena, page, length, NULL, &scan, err);
	if (status != VIGIL_OK)
		return status;
	if (!vg_json_text_is(scan.entries[0].type, "Bundle"))
		return vg_fail(err, VIGIL_BAD_INPUT, "A search is answered with a Bundle of type searchset.",
			       "The answer to a search is no Bundle.");
	if (bundle->length == 0)
		vg_add(bundle, "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[");
	for (size_t i = 1; i < scan.entry_count && !bundle->failed; i++)
		if (scan.entries[i].bundle == 0 && scan.entries[i].kind == VG_JSON_OBJECT)
			add_entry(bundle, page, &scan.entries[i]);
	*ret_next = scan.entries[0].has_next ? next_link(&scan, bundle->arena) : NULL;
	if (scan.entries[0].has_next && !*ret_next && !bundle->arena->failed)
		*ret_next = ""; /* there is more, and no saying where */
	return bundle->failed || bundle->arena->failed ? vg_fail_memory(err) : VIGIL_OK;
}

void vg_searchset_end(vg_buffer *bundle, bool all)
{
	vg_add(bundle, "]");
	if (!all)
		vg_add(bundle, ",\"link\":[{\"relation\":\"next\",\"url\":\"urn:more\"}]");
	vg_add(bundle, "}");
}

bool vg_is_patient(const char *json, size_t length, vg_arena *arena)
{
	vg_json_scan_result scan;
	return vg_json_scan(arena, arena, json, length, NULL, &scan, NULL) == VIGIL_OK &&
	       vg_json_text_is(scan.entries[0].type, "Patient");
}

/* ---- the request ----------------------------------------------------------------------- */

static const char *part_key(const vg_prefetch_part *part)
{
	return part->is_patient ? "patient" : vg_section_key(part->section);
}

static bool is_replaced(vg_json_text key, const vg_prefetch_part *parts, size_t count)
{
	vg_section section;
	bool known = vg_hooks_section_of_key(key, &section);
	for (size_t i = 0; i < count; i++)
		if (parts[i].is_patient ? vg_json_text_is(key, "patient") : known && section == parts[i].section)
			return true;
	return false;
}

/* The members of the prefetch that stay, then the parts. */
static void add_prefetch(const char *json, const vg_json_scan_result *scan, const vg_prefetch_part *parts, size_t count,
			 vg_buffer *out)
{
	bool first = true;
	vg_add(out, "{");
	for (size_t i = 0; i < scan->member_count; i++) {
		const vg_json_member *member = &scan->members[i];
		if (member->group != VG_JSON_PREFETCH || is_replaced(member->key, parts, count))
			continue;
		const char *key = vg_copy_text(out->arena, member->key.bytes, member->key.length);
		out->failed = out->failed || !key;
		vg_add(out, first ? "" : ",");
		vg_add_json_text(out, key);
		vg_add(out, ":");
		vg_add_bytes(out, json + member->offset, member->length);
		first = false;
	}
	for (size_t i = 0; i < count; i++) {
		vg_addf(out, "%s\"%s\":", first ? "" : ",", part_key(&parts[i]));
		vg_add_bytes(out, parts[i].json, parts[i].length);
		first = false;
	}
	vg_add(out, "}");
}

vigil_status vg_request_fill(const char *json, size_t length, const vg_prefetch_part *parts, size_t count, vg_buffer *out,
			     vigil_error *err)
{
	vg_json_scan_result scan;
	vigil_status status = vg_json_scan(out->arena, out->arena, json, length, NULL, &scan, err);
	if (status != VIGIL_OK)
		return status;
	if (scan.shape != VG_JSON_HOOK_REQUEST)
		return vg_fail(err, VIGIL_BAD_INPUT, "Send a CDS Hooks request.", "The request has no prefetch to be filled.");
	const vg_json_member *prefetch = vg_json_member_find(&scan, VG_JSON_TOP, "prefetch");
	size_t place = prefetch ? prefetch->offset : scan.entries[0].offset + 1,
	       rest = prefetch ? place + prefetch->length : place;
	vg_add_bytes(out, json, place);
	if (!prefetch)
		vg_add(out, "\"prefetch\":");
	add_prefetch(json, &scan, parts, count, out);
	if (!prefetch)
		vg_add(out, ",");
	vg_add_bytes(out, json + rest, length - rest);
	return out->failed || out->arena->failed ? vg_fail_memory(err) : VIGIL_OK;
}
