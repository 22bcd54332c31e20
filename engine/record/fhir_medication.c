/*
 * MedicationRequest, MedicationStatement, MedicationAdministration,
 * MedicationDispense, and the Medication that they may refer to; DSTU2's
 * MedicationOrder too.
 *
 * One reader for the four: they differ in where dates and statuses stand, not
 * in what they mean.  A Medication is kept as a product, so that orders read
 * later can refer to it.
 */
#include "record/record_internal.h"

enum {
	STATUS,
	INTENT,
	DO_NOT_PERFORM,
	CONCEPT,
	REFERENCE,
	MEDICATION,
	AUTHORED,
	WRITTEN,
	DOSAGE_INSTRUCTION,
	DOSAGE,
	DISPENSE_REQUEST,
	PRIOR,
	REPORTED,
	REPORTED_BY,
	EFFECTIVE_TIME,
	EFFECTIVE_PERIOD,
	OCCURRED_TIME,
	OCCURRED_PERIOD,
	ASSERTED,
	SOURCE,
	TAKEN,
	WAS_NOT_TAKEN,
	NOT_GIVEN,
	REASON_NOT_TAKEN,
	STATUS_REASON,
	HANDED_OVER,
	PREPARED,
	DAYS_SUPPLY,
	AUTHORIZING,
	SUBJECT,
	PATIENT,
	RECORDED,
	MEMBERS
};
static const vg_places names = {VG_AT(status, STATUS),
				VG_AT(intent, INTENT),
				VG_AT(doNotPerform, DO_NOT_PERFORM),
				VG_AT(medicationCodeableConcept, CONCEPT),
				VG_AT(medicationReference, REFERENCE),
				VG_AT(medication, MEDICATION),
				VG_AT(authoredOn, AUTHORED),
				VG_AT(dateWritten, WRITTEN),
				VG_AT(dosageInstruction, DOSAGE_INSTRUCTION),
				VG_AT(dosage, DOSAGE),
				VG_AT(dispenseRequest, DISPENSE_REQUEST),
				VG_AT(priorPrescription, PRIOR),
				VG_AT(reportedBoolean, REPORTED),
				VG_AT(reportedReference, REPORTED_BY),
				VG_AT(effectiveDateTime, EFFECTIVE_TIME),
				VG_AT(effectivePeriod, EFFECTIVE_PERIOD),
				VG_AT(occurenceDateTime, OCCURRED_TIME),
				VG_AT(occurencePeriod, OCCURRED_PERIOD),
				VG_AT(dateAsserted, ASSERTED),
				VG_AT(informationSource, SOURCE),
				VG_AT(taken, TAKEN),
				VG_AT(wasNotTaken, WAS_NOT_TAKEN),
				VG_AT(notGiven, NOT_GIVEN),
				VG_AT(reasonNotTaken, REASON_NOT_TAKEN),
				VG_AT(statusReason, STATUS_REASON),
				VG_AT(whenHandedOver, HANDED_OVER),
				VG_AT(whenPrepared, PREPARED),
				VG_AT(daysSupply, DAYS_SUPPLY),
				VG_AT(authorizingPrescription, AUTHORIZING),
				VG_AT(subject, SUBJECT),
				VG_AT(patient, PATIENT),
				VG_AT(recorded, RECORDED)};

/* ---- which medication ------------------------------------------------------------ */

typedef struct named { /* what a Medication, or a concept in its place, tells */
	vg_codes codes;
	bool compound;           /* the codes are those of its ingredients */
	bool unknown_ingredient; /* one of these is not known */
} named;

static bool any_known(const vg_codes *codes)
{
	for (uint16_t i = 0; i < codes->count; i++)
		if (codes->items[i].concept)
			return true;
	return false;
}

/* One ingredient: by its concept, or by what its reference contains. */
static void read_ingredient(vg_intake *in, const vg_json_node *holder, const vg_json_node *ingredient, named *ret)
{
	static const vg_places names_of_parts = {VG_AT(itemCodeableConcept, 0), VG_AT(item, 1), VG_AT(itemReference, 2)};
	const vg_json_node *part[3];
	VG_PICK(ingredient, names_of_parts, part);
	const vg_json_node *substance = vg_contained(holder, vg_reference_text(part[2]));
	vg_codes codes = {.text = ""};
	vg_read_concept(in, part[0] ? part[0] : part[1] ? part[1] : VG_MEMBER(substance, code), &codes);
	vg_codes_by_name(in, &codes, VG_NAME_DRUG, true);
	vg_codes_join(in, &ret->codes, &codes);
	ret->codes.by_text = ret->codes.by_text || codes.by_text;
	ret->compound = true;
	ret->unknown_ingredient = ret->unknown_ingredient || !any_known(&codes);
}

/* A Medication: its code, else its ingredients when we do not know the code. `holder` holds what it refers to by "#". */
static void read_medication(vg_intake *in, const vg_json_node *holder, const vg_json_node *medication, named *ret)
{
	static const vg_places members = {VG_AT(code, 0), VG_AT(ingredient, 1)};
	const vg_json_node *member[2];
	VG_PICK(medication, members, member);
	vg_read_concept(in, member[0], &ret->codes);
	if (any_known(&ret->codes))
		return;
	size_t count = 0;
	for (vg_list list = vg_list_of(member[1]); list.item; vg_list_next(&list)) {
		if (++count > in->limits->codings)
			return vg_refuse(in, "Send each medication with what it is made of.",
					 "A medication has more than %zu ingredients.", in->limits->codings);
		read_ingredient(in, holder, list.item, ret);
	}
}

void vg_read_product(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	named found = {.codes = {.text = ""}};
	read_medication(in, resource, resource, &found);
	if (in->unreadable & VG_BAD_CODE && !any_known(&found.codes))
		vg_unusable(in, VG_MEDICATIONS, source->reference, source->type, "a code of it cannot be read");
	in->unreadable = 0;
	vg_product *products = vg_grow(&in->scratch, in->products, in->product_count, &in->product_capacity, sizeof *products);
	if (!products)
		return;
	in->products = products;
	products[in->product_count++] = (vg_product){.reference = source->reference,
						     .codes = found.codes.items,
						     .code_count = found.codes.count,
						     .text = found.codes.text,
						     .is_compound = found.compound,
						     .has_unknown_ingredient = found.unknown_ingredient};
	vg_intake_name_product(in, source->key, (uint32_t)in->product_count);
	vg_intake_name_product(in, source->alias, (uint32_t)in->product_count);
}

/* An order that names nothing is one that is begun; one that refers to nobody knows what is an order all the same. */
static void say_unresolved(vg_intake *in, const vg_source *source, const vg_json_node *const *member, const named *medication)
{
	bool being_made = source->is_order || source->other_draft;
	bool refers = vg_is_something(member[REFERENCE]) || vg_is_something(member[MEDICATION]);
	if (being_made && refers && medication->codes.count == 0 && !*medication->codes.text)
		vg_unusable(in, VG_MEDICATIONS, source->reference, source->type,
			    "the medication that it refers to is not known");
}

/* By concept, by reference to a contained or separate Medication, or by the reference's own words. */
static void find_medication(vg_intake *in, const vg_json_node *resource, const vg_json_node *const *member, named *ret)
{
	const vg_json_node *concept = member[CONCEPT] ? member[CONCEPT] : VG_MEMBER(member[MEDICATION], concept);
	if (concept)
		return vg_read_concept(in, concept, &ret->codes);
	const vg_json_node *holder = member[REFERENCE] ? member[REFERENCE] : member[MEDICATION];
	const vg_json_node *nested = VG_MEMBER(holder, reference);
	if (vg_is(nested, VG_JSON_OBJECT)) /* R5: CodeableReference.reference */
		holder = nested;
	const char *reference = vg_reference_text(holder);
	const vg_json_node *contained = vg_contained(resource, reference);
	const vg_product *product = contained ? NULL : vg_product_find(in, reference);
	if (contained)
		read_medication(in, resource, contained, ret);
	else if (product)
		*ret = (named){.codes = {.items = (vg_code *)product->codes,
					 .count = product->code_count,
					 .capacity = product->code_count,
					 .text = product->text},
			       .compound = product->is_compound,
			       .unknown_ingredient = product->has_unknown_ingredient};
	if (!*ret->codes.text && ret->codes.count == 0)
		ret->codes.text = vg_keep(in, vg_text_of(VG_MEMBER(holder, display)));
}

/* ---- when, and how long -------------------------------------------------------------- */

static void read_request_supply(vg_intake *in, const vg_json_node *dispense, vg_clinical_fact *fact)
{
	static const vg_places members = {VG_AT(validityPeriod, 0), VG_AT(numberOfRepeatsAllowed, 1),
					  VG_AT(expectedSupplyDuration, 2)};
	const vg_json_node *member[3];
	VG_PICK(dispense, members, member);
	vg_period validity = vg_read_period(in, member[0]);
	if (!vg_when_known(fact->when))
		fact->when = validity.start;
	double days, repeats = 0;
	if (!vg_read_days(member[2], &days))
		return;
	if (!vg_number_of(member[1], &repeats) || !(repeats > 0 && repeats < 1000))
		repeats = 0;
	double whole = days * (1 + floor(repeats));
	vg_when from = vg_when_known(validity.start) ? validity.start : fact->when;
	if (isnan(fact->duration_days))
		fact->duration_days = whole;
	if (vg_when_known(from) && whole < 365250)
		fact->supply_end = from.last + (vg_day)ceil(whole);
}

static void read_dates(vg_intake *in, const vg_json_node *const *member, vg_clinical_fact *fact)
{
	vg_when authored = vg_read_when(in, member[AUTHORED] ? member[AUTHORED] : member[WRITTEN]);
	fact->recorded = vg_read_when(in, member[ASSERTED] ? member[ASSERTED] : member[RECORDED]);
	if (vg_when_known(authored))
		fact->recorded = fact->when = authored;
	const vg_json_node *time = member[EFFECTIVE_TIME] ? member[EFFECTIVE_TIME] : member[OCCURRED_TIME];
	const vg_json_node *span = member[EFFECTIVE_PERIOD] ? member[EFFECTIVE_PERIOD] : member[OCCURRED_PERIOD];
	if (time)
		fact->when = vg_read_when(in, time);
	if (span) {
		vg_period period = vg_read_period(in, span);
		fact->when = vg_when_known(period.start) ? period.start : period.end;
		fact->until = period.end;
	}
	const vg_json_node *handed = member[HANDED_OVER] ? member[HANDED_OVER] : member[PREPARED];
	if (handed)
		fact->when = vg_read_when(in, handed);
}

static void read_course(vg_intake *in, const vg_json_node *const *member, vg_clinical_fact *fact)
{
	const vg_json_node *dosage = member[DOSAGE_INSTRUCTION] ? member[DOSAGE_INSTRUCTION] : member[DOSAGE];
	vg_course course;
	vg_read_dosage(in, dosage, fact->when, &course);
	fact->doses = course.doses;
	fact->dose_count = course.count;
	fact->route = (uint8_t)course.route;
	fact->as_needed = course.as_needed;
	fact->duration_days = course.days;
	if (!vg_when_known(fact->when))
		fact->when = course.start;
	if (vg_when_known(course.end) && !vg_when_known(fact->until))
		fact->until = course.end;
}

/* An administration's `dosage` holds the one dose that was given: it says nothing of days. */
static void read_supply(vg_intake *in, const vg_json_node *const *member, vg_clinical_fact *fact)
{
	if (member[DISPENSE_REQUEST])
		read_request_supply(in, member[DISPENSE_REQUEST], fact);
	double days;
	if (member[DAYS_SUPPLY] && vg_read_days(member[DAYS_SUPPLY], &days)) {
		fact->duration_days = days;
		if (vg_when_known(fact->when) && days < 36525)
			fact->supply_end = fact->when.last + (vg_day)ceil(days);
	}
}

/* ---- status ------------------------------------------------------------------------------ */

static int read_standing(vg_intake *in, const vg_source *source, const vg_json_node *const *member, vg_clinical_fact *fact)
{
	int standing = vg_read_standing(in, source, "status", vg_text_of(member[STATUS]), VG_CURRENT, &fact->status);
	bool proposed = source->is_order || source->other_draft;
	if (member[INTENT] && !proposed) { /* an order being made may be called anything */
		const char *intent = vg_text_of(member[INTENT]);
		bool reported = vg_is_true(member[REPORTED]) || member[REPORTED_BY];
		if (reported && strcmp(intent, "plan") == 0)
			intent = "plan, reported";
		standing = vg_read_standing(in, source, "intent", intent, standing, NULL);
	}
	if (vg_is_true(member[DO_NOT_PERFORM]))
		standing = vg_read_standing(in, source, "doNotPerform", "true", standing, NULL);
	if (vg_is(member[TAKEN], VG_JSON_TEXT))
		standing = vg_read_standing(in, source, "taken", vg_text_of(member[TAKEN]), standing, NULL);
	if (vg_is_true(member[WAS_NOT_TAKEN]))
		standing = vg_read_standing(in, source, "taken", "n", standing, NULL);
	if (vg_is_true(member[NOT_GIVEN]))
		standing = vg_read_standing(in, source, "status", "not-done", standing, NULL);
	return standing;
}

static const char *source_of(vg_intake *in, const vg_json_node *information_source)
{
	if (!information_source)
		return "";
	vg_list list = vg_list_of(information_source);
	vg_view key = vg_reference_key(vg_reference_text(list.item));
	if (key.length)
		return vg_keep_bytes(in, key.text, key.length);
	return vg_keep(in, vg_text_of(VG_MEMBER(list.item, display)));
}

static const char *key_of(vg_intake *in, const vg_json_node *reference)
{
	if (!reference)
		return "";
	vg_list list = vg_list_of(reference);
	vg_view key = vg_reference_key(vg_reference_text(list.item));
	return vg_keep_bytes(in, key.text, key.length);
}

void vg_read_medication_fact(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	const vg_json_node *member[MEMBERS];
	VG_PICK(resource, names, member);
	if (!vg_about_patient(in, member[SUBJECT] ? member[SUBJECT] : member[PATIENT], source->reference, VG_MEDICATIONS))
		return;
	vg_sketch *sketch = vg_new_sketch(in, source, VG_FACT_MEDICATION);
	vg_clinical_fact *fact = &sketch->fact;
	int standing = read_standing(in, source, member, fact);
	if (standing == VG_LEFT_OUT) {
		vg_finish_sketch(in, source, sketch, standing);
		return;
	}
	named medication = {.codes = {.text = ""}};
	find_medication(in, resource, member, &medication);
	vg_codes_by_name(in, &medication.codes, VG_NAME_DRUG, true);
	say_unresolved(in, source, member, &medication);
	read_dates(in, member, fact);
	read_course(in, member, fact);
	read_supply(in, member, fact);
	vg_codes_settle(in, &medication.codes, fact);
	vg_settle_medication(in, fact, medication.compound);
	if (medication.unknown_ingredient && !fact->unmapped)
		vg_unusable(in, VG_MEDICATIONS, source->reference, fact->display, "an ingredient's code is not known");
	fact->prior = key_of(in, member[PRIOR]);
	fact->reason_not_done =
	    vg_read_concept_text(in, member[STATUS_REASON] ? member[STATUS_REASON] : member[REASON_NOT_TAKEN]);
	sketch->source = source_of(in, member[SOURCE]);
	sketch->prescription = key_of(in, member[AUTHORIZING]);
	vg_finish_sketch(in, source, sketch, standing);
}
