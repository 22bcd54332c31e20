/*
 * Observation and DiagnosticReport.
 *
 * An Observation is a fact, and each of its components one more that points to
 * it.  One without a value may say why: then it was not done, never became a
 * result, or has a value that is not shown.  A report is a fact that knows its Observations; those it contains
 * become facts too, and its conclusion codes are its value.
 */
#include "record/record_internal.h"

/* ---- dates ----------------------------------------------------------------------- */

/* Both resources have their dates under the same names, which stand before their others. */
enum { TIME, PERIOD, INSTANT, TIMING, ISSUED, DATE_MEMBERS };
#define AT_DATES                                                                                                               \
	VG_AT(effectiveDateTime, TIME), VG_AT(effectivePeriod, PERIOD), VG_AT(effectiveInstant, INSTANT),                      \
	    VG_AT(effectiveTiming, TIMING), VG_AT(issued, ISSUED)

static void read_dates(vg_intake *in, const vg_json_node *const *member, vg_clinical_fact *fact)
{
	fact->recorded = vg_read_when(in, member[ISSUED]);
	if (member[TIME] || member[INSTANT])
		fact->when = vg_read_when(in, member[TIME] ? member[TIME] : member[INSTANT]);
	else if (member[PERIOD])
		fact->when = vg_period_event(vg_read_period(in, member[PERIOD]));
	for (vg_list list = vg_list_of(VG_MEMBER(member[TIMING], event)); list.item; vg_list_next(&list)) {
		vg_when event = vg_read_when(in, list.item);
		if (vg_when_known(event) && (!vg_when_known(fact->when) || event.last > fact->when.last))
			fact->when = event;
	}
	if (!vg_when_known(fact->when))
		fact->when = fact->recorded;
}

/* ---- observations -------------------------------------------------------------------- */

/* Whatever is called value…, known or not: the first one is the value. */
static const vg_json_node *value_of(const vg_json_node *object)
{
	static const vg_places known = {
	    VG_AT(value, 0),          VG_AT(valueBoolean, 0), VG_AT(valueCode, 0),     VG_AT(valueCodeableConcept, 0),
	    VG_AT(valueDateTime, 0),  VG_AT(valueInteger, 0), VG_AT(valueQuantity, 0), VG_AT(valueRange, 0),
	    VG_AT(valueReference, 0), VG_AT(valueString, 0),  VG_AT(valueUri, 0)};
	if (!vg_is(object, VG_JSON_OBJECT))
		return NULL;
	for (const vg_json_node *member = object + 1, *end = object + object->size; member < end; member += member->size) {
		bool unknown = member->key == VG_KEY_UNKNOWN && member->kind != VG_JSON_NAME;
		if (known.of[member->key] || (unknown && strncmp(vg_name_of(member), "value", 5) == 0))
			return member;
	}
	return NULL;
}

enum { CODE = DATE_MEMBERS, INTERPRETATION, ABSENT, STATUS, COMPONENT, HAS_MEMBER, RELATED, SUBJECT, PATIENT, MEMBERS };
static const vg_places names = {AT_DATES,
				VG_AT(code, CODE),
				VG_AT(interpretation, INTERPRETATION),
				VG_AT(dataAbsentReason, ABSENT),
				VG_AT(status, STATUS),
				VG_AT(component, COMPONENT),
				VG_AT(hasMember, HAS_MEMBER),
				VG_AT(related, RELATED),
				VG_AT(subject, SUBJECT),
				VG_AT(patient, PATIENT)};

/* Why there is no value (dataAbsentReason of R4 and STU3, NullFlavor), and what
 * that makes of the fact.  Any other reason, such as `unknown`, says nothing:
 * the test may have been done or not. */
enum absence { NOT_DONE, NO_RESULT, NOT_SHOWN };
static const struct {
	const char *code;
	enum absence absence;
} absences[] = {
    {"not-performed", NOT_DONE},
    {"asked-declined", NOT_DONE},
    {"not-asked", NOT_DONE},
    {"not-permitted", NOT_DONE},
    {"NASK", NOT_DONE},
    {"error", NO_RESULT},
    {"not-a-number", NO_RESULT},
    {"NaN", NO_RESULT},
    {"not-applicable", NO_RESULT},
    {"NA", NO_RESULT},
    {"masked", NOT_SHOWN},
    {"MSK", NOT_SHOWN},
    {"as-text", NOT_SHOWN},
    {"astext", NOT_SHOWN},
    {"negative-infinity", NOT_SHOWN},
    {"NINF", NOT_SHOWN},
    {"positive-infinity", NOT_SHOWN},
    {"PINF", NOT_SHOWN},
};

/* What stands in place of a value; gives the fact's standing. */
static int read_absence(vg_intake *in, const vg_json_node *reason, vg_clinical_fact *fact, int standing)
{
	fact->without_result = true;
	for (vg_list list = vg_list_of(VG_MEMBER(vg_list_of(reason).item, coding)); list.item; vg_list_next(&list)) {
		const char *code = vg_text_of(VG_MEMBER(list.item, code));
		size_t i = 0;
		while (i < VG_COUNT(absences) && strcmp(absences[i].code, code) != 0)
			i++;
		if (i == VG_COUNT(absences))
			continue;
		fact->without_result = absences[i].absence != NOT_SHOWN;
		if (absences[i].absence == NOT_SHOWN)
			vg_value_of_text(in, vg_read_concept_text(in, reason), &fact->value);
		if (absences[i].absence == NOT_DONE)
			fact->reason_not_done = vg_read_concept_text(in, reason);
		return absences[i].absence == NOT_SHOWN
			   ? standing
			   : vg_standing_weaker(absences[i].absence == NOT_DONE ? VG_NOT_DONE : VG_LEFT_OUT, standing);
	}
	return standing;
}

static bool has_parts(const vg_json_node *const *member)
{
	if (vg_list_of(member[HAS_MEMBER]).item || vg_list_of(member[RELATED]).item)
		return true;
	for (vg_list list = vg_list_of(member[COMPONENT]); list.item; vg_list_next(&list))
		if (value_of(list.item))
			return true;
	return false;
}

static int read_measured(vg_intake *in, const vg_json_node *object, const vg_json_node *const *member, vg_clinical_fact *fact,
			 int standing)
{
	vg_codes codes = {.text = ""};
	vg_read_concept(in, member[CODE], &codes);
	vg_codes_by_name(in, &codes, VG_NAME_OTHER, false);
	vg_codes_settle(in, &codes, fact);
	vg_read_value(in, value_of(object), member[ABSENT] ? NULL : member[INTERPRETATION], &fact->value);
	return fact->value.kind != VG_VALUE_NONE || has_parts(member) ? standing
								      : read_absence(in, member[ABSENT], fact, standing);
}

static void read_components(vg_intake *in, const vg_source *source, const vg_json_node *components, uint32_t parent,
			    int standing)
{
	uint16_t part = 0;
	for (vg_list list = vg_list_of(components); list.item; vg_list_next(&list)) {
		if (!vg_is(list.item, VG_JSON_OBJECT) || part == UINT16_MAX)
			continue;
		const vg_json_node *member[MEMBERS];
		VG_PICK(list.item, names, member);
		vg_sketch *sketch = vg_new_sketch(in, source, VG_FACT_RESULT);
		vg_clinical_fact *fact = &sketch->fact;
		const vg_clinical_fact *whole = &in->sketches[parent - 1].fact;
		fact->status = whole->status;
		fact->when = whole->when;
		fact->recorded = whole->recorded;
		sketch->part = ++part;
		sketch->parent = parent;
		vg_finish_sketch(in, source, sketch, read_measured(in, list.item, member, fact, standing));
	}
}

void vg_read_observation(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	const vg_json_node *member[MEMBERS];
	VG_PICK(resource, names, member);
	if (!vg_about_patient(in, member[SUBJECT] ? member[SUBJECT] : member[PATIENT], source->reference, VG_RESULTS))
		return;
	vg_sketch *sketch = vg_new_sketch(in, source, VG_FACT_RESULT);
	vg_clinical_fact *fact = &sketch->fact;
	int standing = vg_read_standing(in, source, "status", vg_text_of(member[STATUS]), VG_CURRENT, &fact->status);
	if (standing != VG_LEFT_OUT) {
		standing = read_measured(in, resource, member, fact, standing);
		read_dates(in, member, fact);
	}
	uint32_t parent = vg_finish_sketch(in, source, sketch, standing);
	if (parent)
		read_components(in, source, member[COMPONENT], parent, standing);
}

/* ---- reports ------------------------------------------------------------------------------ */

/* Observations that live inside the report: facts under the report's name and "#id". */
static void read_contained(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	for (vg_list list = vg_list_of(VG_MEMBER(resource, contained)); list.item; vg_list_next(&list)) {
		if (strcmp(vg_text_of(VG_MEMBER(list.item, resourceType)), "Observation") != 0)
			continue;
		const char *id = vg_text_of(VG_MEMBER(list.item, id));
		const char *reference = vg_format(&in->record->arena, "%s#%s", source->reference, id[0] == '#' ? id + 1 : id);
		if (!reference)
			return;
		vg_source inner = {
		    .type = "Observation", .status_type = "Observation", .reference = reference, .key = reference, .alias = ""};
		vg_read_observation(in, &inner, list.item);
	}
}

static void read_results(vg_intake *in, const vg_source *source, const vg_json_node *results, vg_sketch *sketch)
{
	size_t count = 0;
	for (vg_list list = vg_list_of(results); list.item; vg_list_next(&list))
		count += count < UINT16_MAX;
	const char **keys = vg_alloc_array(&in->scratch, count, sizeof *keys);
	if (!keys)
		return;
	for (vg_list list = vg_list_of(results); list.item; vg_list_next(&list)) {
		const char *reference = vg_reference_text(list.item);
		vg_view key = vg_reference_key(reference);
		const char *kept = key.length ? vg_copy_text(&in->scratch, key.text, key.length)
				   : reference[0] == '#' && *source->reference
				       ? vg_format(&in->scratch, "%s%s", source->reference, reference)
				       : NULL;
		if (kept && sketch->result_count < count)
			keys[sketch->result_count++] = kept;
	}
	sketch->result_keys = keys;
}

void vg_read_report(vg_intake *in, const vg_source *source, const vg_json_node *resource)
{
	enum { R_STATUS = DATE_MEMBERS, R_CODE, R_RESULT, R_CONCLUSION, R_CONCLUSION_CODE, R_SUBJECT, R_PATIENT, R_MEMBERS };
	static const vg_places report_names = {AT_DATES,
					       VG_AT(status, R_STATUS),
					       VG_AT(code, R_CODE),
					       VG_AT(result, R_RESULT),
					       VG_AT(conclusion, R_CONCLUSION),
					       VG_AT(conclusionCode, R_CONCLUSION_CODE),
					       VG_AT(subject, R_SUBJECT),
					       VG_AT(patient, R_PATIENT)};
	const vg_json_node *member[R_MEMBERS];
	VG_PICK(resource, report_names, member);
	if (!vg_about_patient(in, member[R_SUBJECT] ? member[R_SUBJECT] : member[R_PATIENT], source->reference, VG_RESULTS))
		return;
	vg_sketch *sketch = vg_new_sketch(in, source, VG_FACT_REPORT);
	vg_clinical_fact *fact = &sketch->fact;
	int standing = vg_read_standing(in, source, "status", vg_text_of(member[R_STATUS]), VG_CURRENT, &fact->status);
	if (standing != VG_LEFT_OUT) {
		vg_codes codes = {.text = ""};
		vg_read_concept(in, member[R_CODE], &codes);
		vg_codes_by_name(in, &codes, VG_NAME_OTHER, false);
		vg_codes_settle(in, &codes, fact);
		read_dates(in, member, fact);
		if (member[R_CONCLUSION_CODE])
			vg_read_value(in, NULL, member[R_CONCLUSION_CODE], &fact->value);
		else
			vg_value_of_text(in, vg_text_of(member[R_CONCLUSION]), &fact->value);
		read_results(in, source, member[R_RESULT], sketch);
	}
	vg_finish_sketch(in, source, sketch, standing);
	if (standing != VG_LEFT_OUT)
		read_contained(in, source, resource);
}
