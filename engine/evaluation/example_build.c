/*
 * Examples as FHIR: the Bundle, its dates, its codes.
 *
 * A set is stood for by one of its codes: the preferred one when there is one,
 * else the plainest, so that the same example is the same Bundle everywhere.
 *
 * Called by example_given.c for what authors write, by example_rows.c for what
 * is generated.
 */
#include "evaluation/example_internal.h"

#include <stdio.h>
#include <string.h>

void vg_example_begin(vg_example *example, const vg_knowledge *knowledge, vg_arena *arena, vg_day today)
{
	*example = (vg_example){.knowledge = knowledge, .arena = arena, .today = today};
	vg_buffer_init(&example->chart, arena);
	vg_buffer_init(&example->orders, arena);
	vg_buffer_init(&example->sections, arena);
	vg_buffer_init(&example->problem, arena);
	example->out = &example->chart;
}

void vg_example_complain(vg_example *example, const char *format, ...)
{
	char text[400];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	vg_addf(&example->problem, "%s%s", example->problem.length ? " " : "", text);
}

/* ---- dates -------------------------------------------------------------------------- */

const char *vg_example_day(vg_example *example, vg_day day)
{
	char text[16];
	vg_day_text(day, text);
	const char *copy = vg_copy_text(example->arena, text, strlen(text));
	return copy ? copy : "";
}

bool vg_example_date(vg_example *example, const char *text, vg_day *ret, const char **ret_text)
{
	static const char ago[] = " ago";
	size_t length = strlen(text), tail = sizeof ago - 1;
	vg_when when;
	vg_duration duration;
	if (strcmp(text, "today") == 0) {
		*ret = example->today;
	} else if (length > tail && strcmp(text + length - tail, ago) == 0) {
		const char *part = vg_copy_text(example->arena, text, length - tail);
		if (!part || !vg_duration_parse(part, &duration))
			return false;
		*ret = vg_day_minus(example->today, duration);
	} else if (vg_date_parse(text, length, &when)) {
		*ret = when.first;
		*ret_text = text; /* partial dates stay partial */
		return true;
	} else {
		return false;
	}
	*ret_text = vg_example_day(example, *ret);
	return true;
}

vg_dated vg_days_before(vg_example *example, int days)
{
	vg_dated date = {example->today - days, vg_example_day(example, example->today - days)};
	return date;
}

/* ---- which code stands for a set ---------------------------------------------------------- */

unsigned vg_uses_of(const vg_knowledge *knowledge, vg_concept concept)
{
	static const struct {
		const char *system;
		unsigned uses;
	} systems[] = {
	    {"rxnorm", VG_USE_DRUG},      {"ndc", VG_USE_DRUG},           {"atc", VG_USE_DRUG},
	    {"unii", VG_USE_DRUG},        {"loinc", VG_USE_RESULT},       {"cpt", VG_USE_PROCEDURE},
	    {"hcpcs", VG_USE_PROCEDURE},  {"icd10pcs", VG_USE_PROCEDURE}, {"icd10cm", VG_USE_CONDITION},
	    {"icd9cm", VG_USE_CONDITION}, {"cvx", VG_USE_IMMUNIZATION},
	};
	const char *system = vg_system_uri(vg_concept_system(knowledge, concept));
	for (size_t i = 0; i < VG_COUNT(systems); i++)
		if (strcmp(system, vg_system_uri(systems[i].system)) == 0)
			return systems[i].uses;
	if (strcmp(system, vg_system_uri("snomed")) == 0)
		return VG_USE_CONDITION | VG_USE_PROCEDURE;
	return VG_USE_DRUG | VG_USE_RESULT | VG_USE_PROCEDURE | VG_USE_CONDITION |
	       VG_USE_IMMUNIZATION; /* a local code, a name */
}

/* The plainer, the smaller: an ingredient, a product of one ingredient, another drug, a code, a name. */
int vg_example_plainness(const vg_knowledge *knowledge, vg_concept concept, unsigned uses)
{
	if (strcmp(vg_concept_system(knowledge, concept), "name") == 0)
		return 9;
	if (!(uses & VG_USE_DRUG))
		return 4;
	vg_ids ingredients = vg_drug_ingredients(knowledge, concept);
	if (ingredients.count == 0)
		return 8;
	if (ingredients.count == 1)
	return ingredients.ids[0] == concept ? 1 : 2;
	return 3;
}

vg_concept vg_example_concept(const vg_knowledge *knowledge, vg_set set, unsigned uses)
{
	vg_concept preferred = vg_set_preferred(knowledge, set), best = 0;
	if (preferred && (vg_uses_of(knowledge, preferred) & uses))
		return preferred;
	int best_plainness = 10;
	vg_ids members = vg_set_members(knowledge, set);
	for (size_t i = 0; i < members.count; i++) {
		vg_concept concept = members.ids[i];
		if (!(vg_uses_of(knowledge, concept) & uses))
			continue;
		int rank = vg_example_plainness(knowledge, concept, uses);
		if (rank < best_plainness) {
			best_plainness = rank;
			best = concept;
		}
	}
	return best;
}

/* ---- pieces of FHIR ---------------------------------------------------------------------- */

/* A CodeableConcept. */
void vg_put_concept(vg_example *example, vg_concept concept)
{
	vg_buffer *out = example->out;
	const char *system = vg_concept_system(example->knowledge, concept),
		   *name = vg_concept_name(example->knowledge, concept);
	const char *code = vg_concept_code(example->knowledge, concept);
	if (strcmp(system, "name") == 0) {
		vg_add(out, "{\"text\":");
		vg_add_json_text(out, code);
		vg_add(out, "}");
		return;
	}
	vg_add(out, "{\"coding\":[{\"system\":");
	vg_add_json_text(out, vg_system_uri(system));
	vg_add(out, ",\"code\":");
	vg_add_json_text(out, code);
	if (name && *name) {
		vg_add(out, ",\"display\":");
		vg_add_json_text(out, name);
	}
	vg_add(out, "}]}");
}

void vg_put_concept_as(vg_example *example, const char *member, vg_concept concept)
{
	vg_addf(example->out, ",\"%s\":", member);
	vg_put_concept(example, concept);
}

void vg_put_text(vg_example *example, const char *member, const char *text)
{
	vg_addf(example->out, ",\"%s\":", member);
	vg_add_json_text(example->out, text);
}

void vg_put_code(vg_example *example, const char *member, const char *system, const char *code)
{
	vg_addf(example->out,
		",\"%s\":{\"coding\":[{\"system\":\"http://terminology.hl7.org/CodeSystem/%s\",\"code\":\"%s\"}]}", member,
		system, code);
}

/* Begins a resource of the patient; returns its reference. */
const char *vg_put_begin(vg_example *example, const char *type, const char *patient)
{
	const char *reference = vg_format(example->arena, "%s/e%u", type, ++example->resources);
	vg_addf(example->out,
		"{\"resource\":{\"resourceType\":\"%s\",\"id\":\"e%u\",\"%s\":{\"reference\":\"Patient/example\"}", type,
		example->resources, patient);
	return reference ? reference : "";
}

void vg_put_end(vg_example *example)
{
	vg_add(example->out, "}},");
	example->out = &example->chart;
}

void vg_put_begin_order(vg_example *example, const char *type)
{
	example->out = &example->orders;
	vg_put_begin(example, type, "subject");
	vg_add(example->out, ",\"status\":\"draft\",\"intent\":\"order\"");
}

/* "24 mL/min/1.73 m²", "< 5 mg/L": sign, number and unit; false when it does not begin with a number. */
bool vg_split_quantity(vg_example *example, const char *text, const char **ret_sign, double *ret_number, const char **ret_unit)
{
	static const char *const signs[] = {"<=", ">=", "<", ">"};
	*ret_sign = NULL;
	for (size_t i = 0; i < VG_COUNT(signs) && !*ret_sign; i++)
		if (vg_starts_with(text, signs[i])) {
			*ret_sign = signs[i];
			text += strlen(signs[i]);
		}
	text += strspn(text, " ");
	size_t digits = strspn(text, "-+.0123456789eE");
	while (digits > 0 && !vg_parse_number(text, digits, ret_number))
		digits--; /* "5e" of "5 each" */
	*ret_unit = vg_copy_text(example->arena, text + digits + strspn(text + digits, " "),
				 strlen(text + digits + strspn(text + digits, " ")));
	return digits > 0 && *ret_unit;
}

void vg_put_quantity(vg_example *example, const char *member, const char *sign, double number, const char *unit)
{
	vg_addf(example->out, "\"%s\":{\"value\":", member);
	vg_add_number(example->out, number);
	if (sign)
		vg_addf(example->out, ",\"comparator\":\"%s\"", sign);
	if (*unit)
		vg_put_text(example, "unit", unit);
	vg_add(example->out, "}");
}

/* ---- drugs --------------------------------------------------------------------------- */

void vg_example_take(vg_example *example, vg_concept drug)
{
	example->last_taken = vg_put_begin(example, "MedicationRequest", "subject");
	vg_add(example->out, ",\"status\":\"active\",\"intent\":\"order\"");
	vg_put_concept_as(example, "medicationCodeableConcept", drug);
	vg_put_text(example, "authoredOn", vg_days_before(example, 180).text);
	vg_put_end(example);
}

void vg_example_order(vg_example *example, vg_concept drug)
{
	vg_put_begin_order(example, "MedicationRequest");
	vg_put_concept_as(example, "medicationCodeableConcept", drug);
	vg_put_text(example, "authoredOn", vg_example_day(example, example->today));
	vg_put_end(example);
}

/* ---- texts --------------------------------------------------------------------------- */

static const char bundle_open[] = "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[";

static void put_patient(vg_example *example)
{
	vg_buffer *out = example->out;
	vg_add(out, "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"example\"");
	if (example->birth)
		vg_put_text(example, "birthDate", example->birth);
	if (example->sex)
		vg_put_text(example, "gender", example->sex);
	if (example->deceased)
		vg_add(out, ",\"deceasedBoolean\":true");
	vg_put_end(example);
}

/* A Bundle of entries that each end with a comma; NULL when memory ran out. */
static const char *bundle_of(vg_example *example, const char *entries, const char *more)
{
	vg_buffer text;
	vg_buffer_init(&text, example->arena);
	vg_add(&text, bundle_open);
	vg_add(&text, entries);
	vg_add(&text, more);
	if (text.failed)
		return NULL;
	text.length--; /* the last comma */
	vg_add(&text, "]}");
	return vg_buffer_text(&text);
}

bool vg_example_end(vg_example *example, vg_example_texts *ret)
{
	put_patient(example);
	const char *chart = vg_buffer_text(&example->chart), *orders = vg_buffer_text(&example->orders);
	if (!chart || !orders)
		return false;
	ret->chart = bundle_of(example, chart, "");
	ret->orders = *orders ? bundle_of(example, orders, "") : NULL;
	ret->bundle = bundle_of(example, chart, orders);
	return !example->arena->failed;
}

vigil_status vg_example_read(vg_world *world, const vg_example_texts *texts, vg_record **ret, vg_record **ret_orders,
			     vigil_error *err)
{
	vg_record *record = NULL, *orders = NULL;
	vg_watch watch = world->rulebook->watch;
	vigil_status status = vg_record_read(texts->chart, strlen(texts->chart), world->knowledge, watch, &vg_default_limits,
					     &world->allocator, &record, err);
	if (status == VIGIL_OK && texts->orders)
		status = vg_orders_read(texts->orders, strlen(texts->orders), record, watch, &vg_default_limits,
					&world->allocator, &orders, err);
	if (status != VIGIL_OK) {
		vg_record_free(record);
		return status;
	}
	*ret = record;
	*ret_orders = orders;
	return VIGIL_OK;
}
