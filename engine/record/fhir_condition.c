/*
 * Condition and AllergyIntolerance, and FamilyMemberHistory, whose conditions
 * are facts about a relative.
 *
 * Statuses stand in concepts (R4) or in bare words (DSTU2, STU3); dates as a
 * day, a period in which it began, or an age, which becomes a date when the
 * patient's birth is known.
 */
#include "record/record_internal.h"

/* ---- parts ------------------------------------------------------------------------- */

/* Within a period: it began somewhere between its start and its end. */
static vg_when within(vg_period period)
{
	if (!vg_when_known(period.start))
		return period.end;
	if (vg_when_known(period.end) && period.end.last >= period.start.first)
		return (vg_when){period.start.first, period.end.last, VG_NO_INSTANT};
	return period.start;
}

static void read_onset_age(const vg_json_node *age, const vg_json_node *range, vg_sketch *sketch)
{
	double years;
	if (vg_read_age(age, &years)) {
		sketch->onset_age = sketch->onset_age_to = years;
	} else if (range) {
		if (vg_read_age(VG_MEMBER(range, low), &years))
			sketch->onset_age = years;
		if (vg_read_age(VG_MEMBER(range, high), &years))
			sketch->onset_age_to = years;
		if (isnan(sketch->onset_age))
			sketch->onset_age = sketch->onset_age_to;
	}
}

/* ---- conditions ------------------------------------------------------------------------ */

enum {
	CLINICAL,
	VERIFICATION,
	CODE,
	BODY_SITE,
	ONSET_TIME,
	ONSET_PERIOD,
	ONSET_AGE,
	ONSET_RANGE,
	ABATEMENT_TIME,
	ABATEMENT_PERIOD,
	ABATEMENT_AGE,
	ABATEMENT_BOOLEAN,
	ABATEMENT_STRING,
	RECORDED,
	ASSERTED,
	DATE_RECORDED,
	SUBJECT,
	PATIENT,
	MEMBERS
};
static const vg_places names = {VG_AT(clinicalStatus, CLINICAL),
				VG_AT(verificationStatus, VERIFICATION),
				VG_AT(code, CODE),
				VG_AT(bodySite, BODY_SITE),
				VG_AT(onsetDateTime, ONSET_TIME),
				VG_AT(onsetPeriod, ONSET_PERIOD),
				VG_AT(onsetAge, ONSET_AGE),
				VG_AT(onsetRange, ONSET_RANGE),
				VG_AT(abatementDateTime, ABATEMENT_TIME),
				VG_AT(abatementPeriod, ABATEMENT_PERIOD),
				VG_AT(abatementAge, ABATEMENT_AGE),
				VG_AT(abatementBoolean, ABATEMENT_BOOLEAN),
				VG_AT(abatementString, ABATEMENT_STRING),
				VG_AT(recordedDate, RECORDED),
				VG_AT(assertedDate, ASSERTED),
				VG_AT(dateRecorded, DATE_RECORDED),
				VG_AT(subject, SUBJECT),
				VG_AT(patient, PATIENT)};

static void read_condition_dates(vg_intake *in, const vg_json_node *const *member, vg_sketch *sketch)
{
	vg_clinical_fact *fact = &sketch->fact;
	fact->when = vg_read_when(in, member[ONSET_TIME]);
	if (member[ONSET_PERIOD])
		fact->when = within(vg_read_period(in, member[ONSET_PERIOD]));
	read_onset_age(member[ONSET_AGE], member[ONSET_RANGE], sketch);
	fact->until = vg_read_when(in, member[ABATEMENT_TIME]);
	if (member[ABATEMENT_PERIOD])
		fact->until = within(vg_read_period(in, member[ABATEMENT_PERIOD]));
	double years;
	if (vg_read_age(member[ABATEMENT_AGE], &years))
		sketch->end_age = years;
	const vg_json_node *recorded = member[RECORDED]   ? member[RECORDED]
				       : member[ASSERTED] ? member[ASSERTED]
							  : member[DATE_RECORDED];
	fact->recorded = vg_read_when(in, recorded);
}

void vg_read_condition(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	const vg_json_node *member[MEMBERS];
	VG_PICK(resource, names, member);
	if (!vg_about_patient(in, member[SUBJECT] ? member[SUBJECT] : member[PATIENT], source->reference, VG_CONDITIONS))
		return;
	vg_sketch *sketch = vg_new_sketch(in, source, VG_FACT_CONDITION);
	vg_clinical_fact *fact = &sketch->fact;
	int standing =
	    vg_read_standing(in, source, "verificationStatus", vg_read_concept_code(member[VERIFICATION]), VG_CURRENT, NULL);
	standing =
	    vg_read_standing(in, source, "clinicalStatus", vg_read_concept_code(member[CLINICAL]), standing, &fact->status);
	bool over = vg_is_true(member[ABATEMENT_BOOLEAN]) || *vg_text_of(member[ABATEMENT_STRING]);
	if (over && !member[CLINICAL])
		standing = vg_standing_weaker(VG_PAST, standing);
	if (standing != VG_LEFT_OUT) {
		vg_codes codes = {.text = ""};
		vg_read_concept(in, member[CODE], &codes);
		vg_read_side(in, member[BODY_SITE], &codes);
		vg_codes_by_name(in, &codes, VG_NAME_OTHER, false);
		vg_codes_settle(in, &codes, fact);
		read_condition_dates(in, member, sketch);
	}
	vg_finish_sketch(in, source, sketch, standing);
}

/* ---- allergies ---------------------------------------------------------------------------- */

static vg_reaction severity_of(const vg_json_node *reaction)
{
	static const struct {
		const char *word;
		vg_reaction severity;
	} words[] = {{"mild", VG_REACTION_MILD}, {"moderate", VG_REACTION_MODERATE}, {"severe", VG_REACTION_SEVERE}};
	const char *severity = vg_text_of(VG_MEMBER(reaction, severity));
	for (size_t i = 0; i < VG_COUNT(words); i++)
		if (strcmp(words[i].word, severity) == 0)
			return words[i].severity;
	return VG_REACTION_UNKNOWN;
}

/* A concept on its own, by name where no code is known; its words when it has nothing else. */
static vg_codes read_one(vg_intake *in, const vg_json_node *concept, vg_name_kind kind)
{
	vg_codes codes = {.text = ""};
	vg_read_concept(in, concept, &codes);
	vg_codes_by_name(in, &codes, kind, kind == VG_NAME_ALLERGEN);
	if (codes.count == 0 && *codes.text)
		vg_codes_add(in, &codes, "", "", codes.text);
	return codes;
}

/* Manifestations, the worst severity, and the substance of the event, which may be more particular than the code. */
static void read_reactions(vg_intake *in, const vg_json_node *reactions, vg_clinical_fact *fact, vg_codes *substances)
{
	vg_codes manifestations = {.text = ""};
	for (vg_list list = vg_list_of(reactions); list.item; vg_list_next(&list)) {
		vg_reaction severity = severity_of(list.item);
		if (severity > (vg_reaction)fact->reaction)
			fact->reaction = (uint8_t)severity;
		const vg_json_node *substance = VG_MEMBER(list.item, substance);
		if (substance) {
			vg_codes found = read_one(in, substance, VG_NAME_ALLERGEN);
			vg_codes_join(in, substances, &found);
			substances->by_text = substances->by_text || found.by_text;
		}
		for (vg_list each = vg_list_of(VG_MEMBER(list.item, manifestation)); each.item; vg_list_next(&each)) {
			vg_codes found = read_one(in, each.item, VG_NAME_OTHER);
			vg_codes_join(in, &manifestations, &found);
		}
	}
	fact->reactions = manifestations.items;
	fact->reaction_count = manifestations.count;
}

enum {
	A_CLINICAL,
	A_VERIFICATION,
	A_STATUS,
	A_TYPE,
	A_CRITICALITY,
	A_CODE,
	A_SUBSTANCE,
	A_ONSET_TIME,
	A_ONSET_PERIOD,
	A_ONSET_AGE,
	A_ONSET_RANGE,
	A_ONSET,
	A_RECORDED,
	A_ASSERTED,
	A_REACTION,
	A_PATIENT,
	A_SUBJECT,
	A_MEMBERS
};
static const vg_places allergy_names = {VG_AT(clinicalStatus, A_CLINICAL),
					VG_AT(verificationStatus, A_VERIFICATION),
					VG_AT(status, A_STATUS),
					VG_AT(type, A_TYPE),
					VG_AT(criticality, A_CRITICALITY),
					VG_AT(code, A_CODE),
					VG_AT(substance, A_SUBSTANCE),
					VG_AT(onsetDateTime, A_ONSET_TIME),
					VG_AT(onsetPeriod, A_ONSET_PERIOD),
					VG_AT(onsetAge, A_ONSET_AGE),
					VG_AT(onsetRange, A_ONSET_RANGE),
					VG_AT(onset, A_ONSET),
					VG_AT(recordedDate, A_RECORDED),
					VG_AT(assertedDate, A_ASSERTED),
					VG_AT(reaction, A_REACTION),
					VG_AT(patient, A_PATIENT),
					VG_AT(subject, A_SUBJECT)};

static int read_allergy_standing(vg_intake *in, const vg_source *source, const vg_json_node *const *member,
				 vg_clinical_fact *fact)
{
	int standing =
	    vg_read_standing(in, source, "verificationStatus", vg_read_concept_code(member[A_VERIFICATION]), VG_CURRENT, NULL);
	if (member[A_STATUS] && !member[A_CLINICAL]) /* DSTU2 */
		return vg_read_standing(in, source, "status", vg_text_of(member[A_STATUS]), standing, &fact->status);
	return vg_read_standing(in, source, "clinicalStatus", vg_read_concept_code(member[A_CLINICAL]), standing,
				&fact->status);
}

static void read_allergy_dates(vg_intake *in, const vg_json_node *const *member, vg_sketch *sketch)
{
	vg_clinical_fact *fact = &sketch->fact;
	fact->when = vg_read_when(in, member[A_ONSET_TIME] ? member[A_ONSET_TIME] : member[A_ONSET]);
	if (member[A_ONSET_PERIOD])
		fact->when = within(vg_read_period(in, member[A_ONSET_PERIOD]));
	read_onset_age(member[A_ONSET_AGE], member[A_ONSET_RANGE], sketch);
	fact->recorded = vg_read_when(in, member[A_RECORDED] ? member[A_RECORDED] : member[A_ASSERTED]);
}

void vg_read_allergy(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	const vg_json_node *member[A_MEMBERS];
	VG_PICK(resource, allergy_names, member);
	if (!vg_about_patient(in, member[A_PATIENT] ? member[A_PATIENT] : member[A_SUBJECT], source->reference, VG_ALLERGIES))
		return;
	vg_sketch *sketch = vg_new_sketch(in, source, VG_FACT_ALLERGY);
	vg_clinical_fact *fact = &sketch->fact;
	int standing = read_allergy_standing(in, source, member, fact);
	if (standing != VG_LEFT_OUT) {
		vg_codes codes = {.text = ""};
		vg_read_concept(in, member[A_CODE] ? member[A_CODE] : member[A_SUBSTANCE], &codes);
		vg_codes_by_name(in, &codes, VG_NAME_ALLERGEN, true);
		read_reactions(in, member[A_REACTION], fact, &codes);
		vg_codes_settle(in, &codes, fact);
		fact->intolerance = strcmp(vg_read_concept_code(member[A_TYPE]), "intolerance") == 0;
		const char *criticality = vg_text_of(member[A_CRITICALITY]);
		fact->criticality =
		    (uint8_t)(strcmp(criticality, "high") == 0 || strcmp(criticality, "CRITH") == 0  ? VG_CRITICALITY_HIGH
			      : strcmp(criticality, "low") == 0 || strcmp(criticality, "CRITL") == 0 ? VG_CRITICALITY_LOW
												     : VG_CRITICALITY_UNKNOWN);
		read_allergy_dates(in, member, sketch);
		if (!vg_settle_allergy(in, fact)) {
			in->unreadable = 0;
			return; /* "no known allergy": the section stands without it */
		}
	}
	vg_finish_sketch(in, source, sketch, standing);
}
