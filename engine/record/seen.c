/*
 * Which resources of a text no rule of a narrow world can see.
 *
 * A scan for a few screenings looks at a tenth of a chart.  Whether a result, a
 * report, a problem, a procedure or a vaccination is in a watched set hangs on
 * its code alone; so the code is read as its reader would read it, once for each
 * different one of a record, and a resource whose code nobody watches is passed
 * over.
 * Whatever has parts of its own, or a body site, is read in any case.
 */
#include "record/record_internal.h"

enum { NOT_YET, UNSEEN, SEEN };

bool vg_is_watched(const vg_knowledge *knowledge, vg_watch watch, vg_concept concept)
{
	vg_ids sets = concept ? vg_concept_sets(knowledge, concept) : (vg_ids){NULL, 0};
	for (size_t i = 0; i < sets.count; i++)
		if (watch.slot_of_set[sets.ids[i]])
			return true;
	return false;
}

static bool is_seen(vg_reading *reading, const vg_json_node *code)
{
	vg_intake *in = &reading->in;
	vg_codes codes = {.text = ""};
	vg_read_concept(in, code, &codes);
	vg_codes_by_name(in, &codes, VG_NAME_OTHER, false);
	for (uint16_t i = 0; i < codes.count; i++)
		if (vg_is_watched(in->knowledge, *reading->only_seen, codes.items[i].concept))
			return true;
	return false;
}

/* Kinds whose facts have the codes of this one member and no others. */
static bool has_one_code(const vg_type_row *row)
{
	return row->kind == VG_FACT_RESULT || row->kind == VG_FACT_REPORT || row->kind == VG_FACT_CONDITION ||
	       row->kind == VG_FACT_PROCEDURE || row->kind == VG_FACT_IMMUNIZATION;
}

static bool has_items(const vg_json_node *node) { return vg_is(node, VG_JSON_OBJECT) || vg_is(node, VG_JSON_ARRAY); }

bool vg_entry_is_unseen(vg_reading *reading, const vg_entry *entry)
{
	enum { CODE, VACCINE, COMPONENT, CONTAINED, BODY_SITE, MEMBERS };
	static const vg_places names = {VG_AT(code, CODE), VG_AT(vaccineCode, VACCINE), VG_AT(component, COMPONENT),
					VG_AT(contained, CONTAINED), VG_AT(bodySite, BODY_SITE)};
	const vg_json_node *member[MEMBERS];
	if (!reading->only_seen || !has_one_code(entry->row) || entry->role != VG_ROLE_CHART)
		return false;
	VG_PICK(entry->node, names, member);
	const vg_json_node *code = has_items(member[CODE]) ? member[CODE] : member[VACCINE];
	if (!has_items(code) || has_items(member[COMPONENT]) || has_items(member[CONTAINED]) || has_items(member[BODY_SITE]))
		return false;
	if (entry->span->bundle != VG_JSON_NONE && reading->scan.entries[entry->span->bundle].has_next)
		return false; /* how far back the page reaches is told by all of its facts */
	vg_json_span span = reading->scan.spans[code - reading->scan.nodes];
	uint32_t *known = vg_map_at(&reading->glances, reading->text + span.start, span.end - span.start, true);
	if (!known)
		return false; /* the arena is marked */
	if (*known == NOT_YET)
		*known = is_seen(reading, code) ? SEEN : UNSEEN;
	return *known == UNSEEN;
}
