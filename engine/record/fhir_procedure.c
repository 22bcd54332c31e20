/*
 * Procedure, Immunization and Encounter: what was done, given and visited.
 */
#include "record/record_internal.h"

/* ---- procedures -------------------------------------------------------------------- */

static void read_performed(vg_intake *in, const vg_json_node *resource, vg_sketch *sketch)
{
	enum { TIME, PERIOD, AGE, RANGE, R5_TIME, R5_PERIOD, RECORDED, DATE_MEMBERS };
	static const vg_places names = {VG_AT(performedDateTime, TIME),     VG_AT(performedPeriod, PERIOD),
					VG_AT(performedAge, AGE),           VG_AT(performedRange, RANGE),
					VG_AT(occurrenceDateTime, R5_TIME), VG_AT(occurrencePeriod, R5_PERIOD),
					VG_AT(recorded, RECORDED)};
	const vg_json_node *member[DATE_MEMBERS];
	VG_PICK(resource, names, member);
	vg_clinical_fact *fact = &sketch->fact;
	const vg_json_node *time = member[TIME] ? member[TIME] : member[R5_TIME];
	const vg_json_node *span = member[PERIOD] ? member[PERIOD] : member[R5_PERIOD];
	fact->when = vg_read_when(in, time);
	fact->recorded = vg_read_when(in, member[RECORDED]);
	if (span) {
		vg_period period = vg_read_period(in, span);
		fact->when = vg_period_event(period);
		fact->until = period.end;
	}
	double years;
	if (vg_read_age(member[AGE], &years))
		sketch->onset_age = sketch->onset_age_to = years;
	if (vg_read_age(VG_MEMBER(member[RANGE], low), &years))
		sketch->onset_age = years;
	if (vg_read_age(VG_MEMBER(member[RANGE], high), &years))
		sketch->onset_age_to = years;
}

void vg_read_procedure(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	enum { STATUS, CODE, BODY_SITE, NOT_DONE, NOT_PERFORMED, STATUS_REASON, NOT_DONE_REASON, SUBJECT, PATIENT, MEMBERS };
	static const vg_places names = {VG_AT(status, STATUS),
					VG_AT(code, CODE),
					VG_AT(bodySite, BODY_SITE),
					VG_AT(notDone, NOT_DONE),
					VG_AT(notPerformed, NOT_PERFORMED),
					VG_AT(statusReason, STATUS_REASON),
					VG_AT(notDoneReason, NOT_DONE_REASON),
					VG_AT(subject, SUBJECT),
					VG_AT(patient, PATIENT)};
	const vg_json_node *member[MEMBERS];
	VG_PICK(resource, names, member);
	if (!vg_about_patient(in, member[SUBJECT] ? member[SUBJECT] : member[PATIENT], source->reference, VG_PROCEDURES))
		return;
	vg_sketch *sketch = vg_new_sketch(in, source, VG_FACT_PROCEDURE);
	vg_clinical_fact *fact = &sketch->fact;
	int standing = vg_read_standing(in, source, "status", vg_text_of(member[STATUS]), VG_CURRENT, &fact->status);
	if (vg_is_true(member[NOT_DONE]) || vg_is_true(member[NOT_PERFORMED])) /* STU3, DSTU2 */
		standing = vg_standing_weaker(VG_NOT_DONE, standing);
	if (standing != VG_LEFT_OUT) {
		vg_codes codes = {.text = ""};
		vg_read_concept(in, member[CODE], &codes);
		vg_read_side(in, member[BODY_SITE], &codes);
		vg_codes_by_name(in, &codes, VG_NAME_OTHER, false);
		vg_codes_settle(in, &codes, fact);
		read_performed(in, resource, sketch);
		fact->reason_not_done =
		    vg_read_concept_text(in, member[STATUS_REASON] ? member[STATUS_REASON] : member[NOT_DONE_REASON]);
	}
	vg_finish_sketch(in, source, sketch, standing);
}

/* ---- immunisations -------------------------------------------------------------------- */

void vg_read_immunization(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	enum {
		STATUS,
		CODE,
		TIME,
		DATE,
		RECORDED,
		NOT_GIVEN,
		WAS_NOT_GIVEN,
		SUBPOTENT,
		STATUS_REASON,
		PATIENT,
		SUBJECT,
		MEMBERS
	};
	static const vg_places names = {VG_AT(status, STATUS),
					VG_AT(vaccineCode, CODE),
					VG_AT(occurrenceDateTime, TIME),
					VG_AT(date, DATE),
					VG_AT(recorded, RECORDED),
					VG_AT(notGiven, NOT_GIVEN),
					VG_AT(wasNotGiven, WAS_NOT_GIVEN),
					VG_AT(isSubpotent, SUBPOTENT),
					VG_AT(statusReason, STATUS_REASON),
					VG_AT(patient, PATIENT),
					VG_AT(subject, SUBJECT)};
	const vg_json_node *member[MEMBERS];
	VG_PICK(resource, names, member);
	if (!vg_about_patient(in, member[PATIENT] ? member[PATIENT] : member[SUBJECT], source->reference, VG_IMMUNIZATIONS))
		return;
	vg_sketch *sketch = vg_new_sketch(in, source, VG_FACT_IMMUNIZATION);
	vg_clinical_fact *fact = &sketch->fact;
	int standing = vg_read_standing(in, source, "status", vg_text_of(member[STATUS]), VG_CURRENT, &fact->status);
	if (vg_is_true(member[NOT_GIVEN]) || vg_is_true(member[WAS_NOT_GIVEN])) /* STU3, DSTU2 */
		standing = vg_read_standing(in, source, "status", "not-done", standing, NULL);
	if (vg_is_true(member[SUBPOTENT]))
		standing = vg_read_standing(in, source, "status", "subpotent", standing, NULL);
	if (standing != VG_LEFT_OUT) {
		vg_codes codes = {.text = ""};
		vg_read_concept(in, member[CODE], &codes);
		vg_codes_by_name(in, &codes, VG_NAME_OTHER, false);
		vg_codes_settle(in, &codes, fact);
		fact->when = vg_read_when(in, member[TIME] ? member[TIME] : member[DATE]);
		fact->recorded = vg_read_when(in, member[RECORDED]);
		fact->reason_not_done = vg_read_concept_text(in, member[STATUS_REASON]);
	}
	vg_finish_sketch(in, source, sketch, standing);
}

/* ---- encounters ------------------------------------------------------------------------- */

/* R4's class is a Coding, R5's a list of concepts, STU3's may be a bare word. */
static void read_class(vg_intake *in, const vg_json_node *class, vg_codes *codes)
{
	static const char *const act_codes = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
	for (vg_list list = vg_list_of(class); list.item; vg_list_next(&list)) {
		static const vg_places names = {VG_AT(system, 0), VG_AT(code, 1), VG_AT(display, 2), VG_AT(coding, 3)};
		const vg_json_node *member[4];
		VG_PICK(list.item, names, member);
		if (vg_is(list.item, VG_JSON_TEXT))
			vg_codes_add(in, codes, act_codes, vg_text_of(list.item), "");
		else if (member[3])
			vg_read_concept(in, list.item, codes);
		else if (member[1])
			vg_codes_add(in, codes, *vg_text_of(member[0]) ? vg_text_of(member[0]) : act_codes,
				     vg_text_of(member[1]), vg_text_of(member[2]));
	}
}

void vg_read_encounter(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	enum { STATUS, CLASS, TYPE, SERVICE_TYPE, STAY, R5_STAY, PERIOD, ACTUAL_PERIOD, SUBJECT, PATIENT, MEMBERS };
	static const vg_places names = {
	    VG_AT(status, STATUS),        VG_AT(class, CLASS),       VG_AT(type, TYPE),     VG_AT(serviceType, SERVICE_TYPE),
	    VG_AT(hospitalization, STAY), VG_AT(admission, R5_STAY), VG_AT(period, PERIOD), VG_AT(actualPeriod, ACTUAL_PERIOD),
	    VG_AT(subject, SUBJECT),      VG_AT(patient, PATIENT)};
	const vg_json_node *member[MEMBERS];
	VG_PICK(resource, names, member);
	if (!vg_about_patient(in, member[SUBJECT] ? member[SUBJECT] : member[PATIENT], source->reference, VG_ENCOUNTERS))
		return;
	vg_sketch *sketch = vg_new_sketch(in, source, VG_FACT_ENCOUNTER);
	vg_clinical_fact *fact = &sketch->fact;
	int standing = vg_read_standing(in, source, "status", vg_text_of(member[STATUS]), VG_CURRENT, &fact->status);
	if (standing != VG_LEFT_OUT) {
		vg_codes codes = {.text = ""};
		read_class(in, member[CLASS], &codes);
		uint16_t classes = codes.count;
		codes.text = "";
		vg_read_concept(in, member[TYPE], &codes);
		vg_read_concept(in, member[SERVICE_TYPE], &codes);
		for (uint16_t i = classes; i < codes.count && !*codes.text; i++)
			codes.text = codes.items[i].display; /* the visit's name is its type's, not its class's */
		vg_codes whereto = {.text = ""};             /* the discharge tells more of the visit: "to hospice care" */
		vg_read_concept(in, VG_MEMBER(member[STAY] ? member[STAY] : member[R5_STAY], dischargeDisposition), &whereto);
		vg_codes_join(in, &codes, &whereto);
		vg_codes_settle(in, &codes, fact);
		vg_period period = vg_read_period(in, member[PERIOD] ? member[PERIOD] : member[ACTUAL_PERIOD]);
		fact->when = standing == VG_PAST           ? vg_period_event(period)
			     : vg_when_known(period.start) ? period.start
							   : period.end;
		fact->until = period.end;
	}
	vg_finish_sketch(in, source, sketch, standing);
}
