/*
 * Records without JSON: facts given one by one by a host program.
 *
 * The facts go through the same intake as those read from FHIR, so that both
 * ways give the same record.  A call that fails leaves the builder as it was.
 */
#include "record/record_internal.h"

struct vg_builder {
	vg_arena arena; /* holds the builder itself */
	vg_intake in;
	const vg_allocator *allocator;
	bool has_patient;
};

vigil_status vg_builder_open(const vg_knowledge *knowledge, const vg_allocator *allocator, vg_builder **ret, vigil_error *err)
{
	vg_arena arena;
	vg_arena_init(&arena, allocator, 0);
	vg_builder *builder = vg_alloc(&arena, sizeof *builder);
	if (!builder) {
		vg_arena_free(&arena);
		return vg_fail_memory(err);
	}
	builder->arena = arena;
	vigil_status status = vg_intake_open(&builder->in, knowledge, NULL, allocator, err);
	if (status != VIGIL_OK) {
		vg_arena_free(&arena);
		return status;
	}
	builder->in.err = NULL;
	*ret = builder;
	return VIGIL_OK;
}

void vg_builder_close(vg_builder *builder)
{
	if (!builder)
		return;
	vg_intake_close(&builder->in);
	vg_arena arena = builder->arena;
	vg_arena_free(&arena);
}

static vigil_status finished(vigil_error *err)
{
	return vg_fail(err, VIGIL_WRONG_USE, "Open a new builder for the next record.",
		       "The builder's record was finished before.");
}

vigil_status vg_builder_patient(vg_builder *builder, const char *id, const char *birth_date, const char *sex, vigil_error *err)
{
	vg_intake *in = &builder->in;
	if (!in->record)
		return finished(err);
	if (!id || !*id)
		return vg_fail(err, VIGIL_WRONG_USE, "Give the id of the Patient resource, such as \"123\".",
			       "The patient has no id.");
	vg_patient patient = in->record->patient;
	patient.birth = VG_NO_WHEN;
	if (birth_date && *birth_date && !vg_date_parse(birth_date, strlen(birth_date), &patient.birth))
		return vg_fail(err, VIGIL_WRONG_USE, "Write dates as 1957-03-28, 1957-03 or 1957.",
			       "The birth date is not a FHIR date.");
	static const char *const sexes[] = {"", "male", "female", "other", "unknown"};
	patient.sex = NULL;
	for (size_t i = 0; i < VG_COUNT(sexes); i++)
		if (vg_same_text(sex ? sex : "", sexes[i]))
			patient.sex = sexes[i];
	if (!patient.sex)
		return vg_fail(err, VIGIL_WRONG_USE, "Use male, female, other, unknown or NULL.",
			       "The sex is none that FHIR knows.");
	vg_view key = vg_reference_key(id);
	const char *bare = key.length > 8 && vg_starts_with(key.text, "Patient/") ? key.text + 8 : id;
	patient.reference = vg_format(&in->record->arena, "Patient/%s", bare);
	if (!patient.reference) {
		in->record->arena.failed = false;
		return vg_fail_memory(err);
	}
	in->record->patient = patient;
	in->patient_id = patient.reference + 8;
	builder->has_patient = true;
	return VIGIL_OK;
}

/* ---- one fact ------------------------------------------------------------------ */

static const char *usual_status(vg_fact_kind kind, const char *type)
{
	switch (kind) {
	case VG_FACT_RESULT:
	case VG_FACT_REPORT:
		return "final";
	case VG_FACT_ENCOUNTER:
		return "finished";
	case VG_FACT_PROCEDURE:
	case VG_FACT_IMMUNIZATION:
	case VG_FACT_FAMILY_HISTORY:
		return "completed";
	default:
		return vg_same_text(type, "MedicationDispense") || vg_same_text(type, "MedicationAdministration") ? "completed"
														  : "active";
	}
}

static vigil_status read_status(const vg_type_row *row, const vigil_fact *from, int *ret_standing, const char **ret_status,
				vigil_error *err)
{
	const char *status = from->status && *from->status ? from->status
			     : from->is_draft              ? "draft"
							   : usual_status(row->kind, row->type);
	bool clinical = row->kind == VG_FACT_ALLERGY || row->kind == VG_FACT_CONDITION;
	bool known;
	const vg_status_row *found = vg_status_find(row->status_type, clinical ? "clinicalStatus" : "status", status, &known);
	if (!known && clinical)
		found = vg_status_find(row->status_type, "verificationStatus", status, &known);
	if (!known)
		return vg_fail(err, VIGIL_WRONG_USE, "docs/records.md lists the statuses of each type.",
			       "A %s has no status \"%.40s\".", row->type, status);
	*ret_standing = found->standing;
	*ret_status = found->value;
	return VIGIL_OK;
}

static vigil_status read_date(const char *text, const char *what, vg_when *ret, vigil_error *err)
{
	*ret = VG_NO_WHEN;
	if (!text || !*text || vg_date_parse(text, strlen(text), ret))
		return VIGIL_OK;
	return vg_fail(err, VIGIL_WRONG_USE, "Write dates as 2026-03-01, 2026-03, 2026 or with a time and zone.",
		       "The %s of a fact is not a FHIR date.", what);
}

static void read_fact_value(vg_intake *in, const vigil_fact *from, vg_value *ret)
{
	static const struct {
		const char *sign;
		vg_comparator comparator;
	} signs[] = {{"<=", VG_LESS_OR_SAME}, {">=", VG_GREATER_OR_SAME}, {"<", VG_LESS}, {">", VG_GREATER}, {"", VG_EXACTLY}};
	const char *text = from->value;
	for (size_t i = 0; i < VG_COUNT(signs); i++) {
		if (!vg_starts_with(text, signs[i].sign))
			continue;
		const char *digits = text + strlen(signs[i].sign);
		double number;
		if (vg_parse_number(digits, strlen(digits), &number))
			vg_value_of_number(in, number, signs[i].comparator, from->unit ? from->unit : "", from->unit, ret);
		else
			vg_value_of_text(in, text, ret);
		return;
	}
}

static void read_codes(vg_intake *in, const vigil_fact *from, vg_clinical_fact *fact)
{
	vg_codes codes = {.text = ""};
	if (from->code && *from->code)
		vg_codes_add(in, &codes, from->system, from->code, from->display);
	else
		codes.text = vg_keep(in, from->display);
	bool drug = fact->kind == VG_FACT_MEDICATION;
	vg_name_kind kind = drug ? VG_NAME_DRUG : fact->kind == VG_FACT_ALLERGY ? VG_NAME_ALLERGEN : VG_NAME_OTHER;
	vg_codes_by_name(in, &codes, kind, kind != VG_NAME_OTHER);
	vg_codes_settle(in, &codes, fact);
}

static vigil_status read_fact(vg_intake *in, const vg_type_row *row, const vigil_fact *from, vg_sketch *sketch,
			      int *ret_standing, vigil_error *err)
{
	vg_clinical_fact *fact = &sketch->fact;
	vg_when end;
	vigil_status status = read_status(row, from, ret_standing, &fact->status, err);
	if (status == VIGIL_OK)
		status = read_date(from->date, "date", &fact->when, err);
	if (status == VIGIL_OK)
		status = read_date(from->end, "end", &end, err);
	if (status != VIGIL_OK)
		return status;
	fact->until = end;
	bool event = row->kind == VG_FACT_RESULT || row->kind == VG_FACT_REPORT || row->kind == VG_FACT_PROCEDURE ||
		     (row->kind == VG_FACT_ENCOUNTER && *ret_standing == VG_PAST);
	if (event && vg_when_known(end))
		fact->when = end;
	if (row->kind == VG_FACT_SERVICE && !from->is_draft)
		fact->recorded = fact->when;
	if (from->id && *from->id) {
		const char *reference = vg_format(&in->record->arena, "%s/%s", row->type, from->id);
		fact->reference = reference ? reference : "";
	}
	if (from->value && *from->value)
		read_fact_value(in, from, &fact->value);
	read_codes(in, from, fact);
	if (row->kind == VG_FACT_MEDICATION)
		vg_settle_medication(in, fact, false);
	return VIGIL_OK;
}

/* ---- all or nothing --------------------------------------------------------------- */

typedef struct mark { /* what a failed call is taken back to */
	size_t sketches, orders, unused;
	uint32_t unmapped, errors, named;
} mark;

static void take_back(vg_intake *in, const mark *before)
{
	in->sketch_count = before->sketches;
	in->order_count = before->orders;
	in->unused_count = before->unused;
	in->record->unmapped_count = before->unmapped;
	in->record->errors_left_out = before->errors;
	in->scratch.failed = in->record->arena.failed = false;
	in->status = VIGIL_OK;
}

/* A later word about the same resource replaces the earlier one. */
static void replace(vg_intake *in, const mark *before, const char *reference, bool order)
{
	if (!*reference)
		return;
	if (!order && before->named)
		in->sketches[before->named - 1].dropped = true;
	for (size_t i = 0; order && i < before->orders; i++)
		if (strcmp(in->orders[i].fact.reference, reference) == 0)
			in->orders[i].dropped = true;
}

vigil_status vg_builder_add(vg_builder *builder, const vigil_fact *from, vigil_error *err)
{
	vg_intake *in = &builder->in;
	if (!in->record)
		return finished(err);
	const vg_type_row *row = from->type ? vg_type_find(from->type, strlen(from->type)) : NULL;
	if (!row)
		return vg_fail(err, VIGIL_WRONG_USE, "docs/records.md lists the resource types that facts come from.",
			       "No facts come from a resource of type \"%.60s\".", from->type ? from->type : "");
	if (from->is_draft && !row->can_be_ordered)
		return vg_fail(err, VIGIL_WRONG_USE, "Orders are MedicationRequest, ServiceRequest and their like.",
			       "A %s cannot be an order being made.", row->type);
	vg_source source = {.type = row->type,
			    .status_type = row->status_type,
			    .reference = "",
			    .key = "",
			    .alias = "",
			    .is_order = from->is_draft != 0};
	vg_sketch *sketch = vg_new_sketch(in, &source, row->kind);
	mark before = {.sketches = in->sketch_count,
		       .orders = in->order_count,
		       .unused = in->unused_count,
		       .unmapped = in->record->unmapped_count,
		       .errors = in->record->errors_left_out};
	int standing = VG_CURRENT;
	vigil_status status = read_fact(in, row, from, sketch, &standing, err);
	if (status == VIGIL_OK) {
		source.reference = source.key = sketch->fact.reference;
		before.named = vg_intake_fact(in, 0, source.key);
		bool negated = row->kind == VG_FACT_ALLERGY && !vg_settle_allergy(in, &sketch->fact);
		if (!negated)
			vg_finish_sketch(in, &source, sketch, standing);
		in->err = err;
		status = vg_intake_status(in);
		in->err = NULL;
	}
	if (status == VIGIL_OK) {
		replace(in, &before, source.key, source.is_order);
		return VIGIL_OK;
	}
	take_back(in, &before);
	return status;
}

vigil_status vg_builder_section(vg_builder *builder, const char *section, bool supplied, const char *since, vigil_error *err)
{
	vg_intake *in = &builder->in;
	if (!in->record)
		return finished(err);
	vg_section found;
	if (!section || !vg_section_find(section, &found))
		return vg_fail(err, VIGIL_WRONG_USE,
			       "The sections are medications, allergies, conditions, results, procedures, immunizations, "
			       "encounters, orders.",
			       "There is no section \"%.60s\".", section ? section : "");
	vg_when when = VG_NO_WHEN;
	if (since && *since && !vg_date_parse(since, strlen(since), &when))
		return vg_fail(err, VIGIL_WRONG_USE, "Write the date as 2024-01-01.",
			       "The date since which a section is complete is not one.");
	vg_completeness completeness = {VG_COMPLETE, VG_NO_DAY, ""};
	if (vg_when_known(when)) {
		char day[16];
		completeness =
		    (vg_completeness){VG_SUPPLIED_SINCE, when.last,
				      vg_format(&in->record->arena, "supplied since %s only", vg_day_text(when.last, day))};
	} else if (!supplied) {
		completeness = (vg_completeness){VG_NOT_SUPPLIED, VG_NO_DAY, "not supplied"};
	}
	if (!completeness.why) {
		in->record->arena.failed = false;
		return vg_fail_memory(err);
	}
	in->record->sections[found] = completeness;
	return VIGIL_OK;
}

vigil_status vg_builder_finish(vg_builder *builder, vg_watch watch, vg_record **ret, vigil_error *err)
{
	vg_intake *in = &builder->in;
	if (!in->record)
		return finished(err);
	if (!builder->has_patient)
		return vg_fail(err, VIGIL_WRONG_USE, "Give the patient's id before finishing the record.",
			       "The record has no patient.");
	in->err = err;
	vigil_status status = vg_freeze(in, watch, ret);
	in->err = NULL;
	if (status != VIGIL_OK) { /* it may be tried again */
		in->scratch.failed = in->record->arena.failed = false;
		in->status = VIGIL_OK;
	}
	return status;
}
