/*
 * ServiceRequest and the other requests that are no medication: ProcedureRequest
 * and ReferralRequest (STU3), DiagnosticOrder (DSTU2), DeviceRequest, NutritionOrder.
 *
 * `when` is the day of writing; of an order being made the day on which it is
 * to be done, when that is given.  `planned` is that day in any case.
 */
#include "record/record_internal.h"

/* Codes stand in different members of the several types. */
static void read_codes(vg_intake *in, const vg_json_node *resource, vg_codes *codes)
{
	enum { CODE, DEVICE, REQUESTED, TYPE, ITEM, DIET, SUPPLEMENT, FORMULA, MEMBERS };
	static const vg_places names = {VG_AT(code, CODE),
					VG_AT(codeCodeableConcept, DEVICE),
					VG_AT(serviceRequested, REQUESTED),
					VG_AT(type, TYPE),
					VG_AT(item, ITEM),
					VG_AT(oralDiet, DIET),
					VG_AT(supplement, SUPPLEMENT),
					VG_AT(enteralFormula, FORMULA)};
	const vg_json_node *member[MEMBERS];
	VG_PICK(resource, names, member);
	vg_read_concept(in, member[CODE], codes);
	vg_read_concept(in, member[DEVICE], codes);
	vg_read_concept(in, member[REQUESTED], codes);
	if (codes->count == 0 && !*codes->text)
		vg_read_concept(in, member[TYPE], codes);
	for (vg_list list = vg_list_of(member[ITEM]); list.item; vg_list_next(&list))
		vg_read_concept(in, VG_MEMBER(list.item, code), codes);
	vg_read_concept(in, VG_MEMBER(member[DIET], type), codes);
	for (vg_list list = vg_list_of(member[SUPPLEMENT]); list.item; vg_list_next(&list))
		vg_read_concept(in, VG_MEMBER(list.item, type), codes);
	vg_read_concept(in, VG_MEMBER(member[FORMULA], baseFormulaType), codes);
}

static void read_dates(vg_intake *in, const vg_json_node *resource, bool being_made, vg_clinical_fact *fact)
{
	enum { AUTHORED, ORDERED, DATE, TIME, PERIOD, TIMING, MEMBERS };
	static const vg_places names = {VG_AT(authoredOn, AUTHORED),     VG_AT(orderedOn, ORDERED),
					VG_AT(dateTime, DATE),           VG_AT(occurrenceDateTime, TIME),
					VG_AT(occurrencePeriod, PERIOD), VG_AT(occurrenceTiming, TIMING)};
	const vg_json_node *member[MEMBERS];
	VG_PICK(resource, names, member);
	fact->recorded = vg_read_when(in, member[AUTHORED]  ? member[AUTHORED]
					  : member[ORDERED] ? member[ORDERED]
							    : member[DATE]);
	fact->planned = vg_read_when(in, member[TIME]);
	if (member[PERIOD]) {
		vg_period period = vg_read_period(in, member[PERIOD]);
		fact->planned = vg_when_known(period.start) ? period.start : period.end;
		fact->until = period.end;
	}
	for (vg_list list = vg_list_of(VG_MEMBER(member[TIMING], event)); list.item; vg_list_next(&list)) {
		vg_when event = vg_read_when(in, list.item);
		if (vg_when_known(event) && (!vg_when_known(fact->planned) || event.first < fact->planned.first))
			fact->planned = event;
	}
	if (!vg_when_known(fact->planned))
		fact->planned = vg_read_when(in, VG_MEMBER(VG_MEMBER(VG_MEMBER(member[TIMING], repeat), boundsPeriod), start));
	vg_when first = being_made ? fact->planned : fact->recorded, second = being_made ? fact->recorded : fact->planned;
	fact->when = vg_when_known(first) ? first : second;
}

void vg_read_service(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	enum { STATUS, INTENT, DO_NOT_PERFORM, REASON, SUBJECT, PATIENT, MEMBERS };
	static const vg_places names = {VG_AT(status, STATUS),     VG_AT(intent, INTENT),   VG_AT(doNotPerform, DO_NOT_PERFORM),
					VG_AT(reasonCode, REASON), VG_AT(subject, SUBJECT), VG_AT(patient, PATIENT)};
	const vg_json_node *member[MEMBERS];
	VG_PICK(resource, names, member);
	if (!vg_about_patient(in, member[SUBJECT] ? member[SUBJECT] : member[PATIENT], source->reference, VG_ORDERS))
		return;
	vg_sketch *sketch = vg_new_sketch(in, source, VG_FACT_SERVICE);
	vg_clinical_fact *fact = &sketch->fact;
	bool being_made = source->is_order || source->other_draft;
	int standing = vg_read_standing(in, source, "status", vg_text_of(member[STATUS]), VG_CURRENT, &fact->status);
	if (member[INTENT] && !being_made)
		standing = vg_read_standing(in, source, "intent", vg_text_of(member[INTENT]), standing, NULL);
	if (vg_is_true(member[DO_NOT_PERFORM])) {
		standing = vg_read_standing(in, source, "doNotPerform", "true", standing, NULL);
		fact->reason_not_done = vg_read_concept_text(in, member[REASON]);
	}
	if (standing != VG_LEFT_OUT) {
		vg_codes codes = {.text = ""};
		read_codes(in, resource, &codes);
		vg_codes_by_name(in, &codes, VG_NAME_OTHER, false);
		vg_codes_settle(in, &codes, fact);
		read_dates(in, resource, being_made, fact);
	}
	vg_finish_sketch(in, source, sketch, standing);
}
