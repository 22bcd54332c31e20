/*
 * FamilyMemberHistory: each condition of the relative is a fact, its relation
 * the last of the fact's codes.
 */
#include "record/record_internal.h"

static void read_relatives_condition(vg_intake *in, const vg_source *source, const vg_json_node *condition,
				     const vg_json_node *relationship, vg_sketch *sketch, int standing)
{
	vg_clinical_fact *fact = &sketch->fact;
	vg_codes codes = {.text = ""}, relation = {.text = ""};
	vg_read_concept(in, VG_MEMBER(condition, code), &codes);
	vg_codes_by_name(in, &codes, VG_NAME_OTHER, false);
	vg_codes_settle(in, &codes, fact);
	vg_read_concept(in, relationship, &relation);
	const char *name = relation.text;
	for (uint16_t i = 0; i < relation.count && !*name; i++)
		name = relation.items[i].display;
	if (relation.count)
		vg_codes_add(in, &codes, relation.items[0].system, relation.items[0].code,
			     *name ? name : relation.items[0].display);
	else
		vg_codes_add(in, &codes, "", "", *name ? name : "relative");
	fact->codes = codes.items;
	fact->code_count = (uint8_t)codes.count;
	const char *display = *name ? vg_format(&in->record->arena, "%s (%s)", fact->display, name) : fact->display;
	fact->display = display ? display : "";
	vg_finish_sketch(in, source, sketch, standing);
}

void vg_read_family_history(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	enum { STATUS, DATE, RELATIONSHIP, CONDITION, PATIENT, MEMBERS };
	static const vg_places names = {VG_AT(status, STATUS), VG_AT(date, DATE), VG_AT(relationship, RELATIONSHIP),
					VG_AT(condition, CONDITION), VG_AT(patient, PATIENT)};
	const vg_json_node *member[MEMBERS];
	VG_PICK(resource, names, member);
	if (!vg_about_patient(in, member[PATIENT], source->reference, VG_CONDITIONS))
		return;
	const char *status = "";
	int standing = vg_read_standing(in, source, "status", vg_text_of(member[STATUS]), VG_CURRENT, &status);
	if (standing == VG_LEFT_OUT) {
		vg_finish_sketch(in, source, vg_new_sketch(in, source, VG_FACT_FAMILY_HISTORY), standing);
		return;
	}
	vg_when recorded = vg_read_when(in, member[DATE]);
	uint16_t part = 0;
	for (vg_list list = vg_list_of(member[CONDITION]); list.item; vg_list_next(&list)) {
		vg_sketch *sketch = vg_new_sketch(in, source, VG_FACT_FAMILY_HISTORY);
		sketch->fact.status = status;
		sketch->fact.when = sketch->fact.recorded = recorded;
		sketch->part = part;
		part = (uint16_t)(part + (part < UINT16_MAX));
		read_relatives_condition(in, source, list.item, member[RELATIONSHIP], sketch, standing);
	}
	in->unreadable = 0;
}
