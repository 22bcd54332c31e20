/*
 * A row of the self-test as FHIR: "warfarin; diclofenac, topical" and
 * "eGFR, 25 mL/min/1.73 m2, 30 days ago" become resources.
 *
 * A cell is a list, parted by semicolons; an item is a name and, behind commas,
 * details in any order: a route, a daily dose ("6 g a day"), a value with its
 * unit, an age ("30 days ago"), and for allergies mild, moderate, severe,
 * intolerance or a reaction.  Names are found in the packs' own knowledge, so
 * that the test asks about the codes which the site's records have.  A name or
 * a detail that is not understood makes the row a failed one: a test that
 * silently asks something else is worse than none.
 */
#include <string.h>

#include "cli/selftest.h"

typedef struct script_writer {
	vg_arena *arena;
	const vg_knowledge *knowledge;
	vg_buffer out;
	unsigned entries;   /* of the bundle */
	const char *prefix; /* of ids: orders are no resources of the chart */
	const char *problem;
} script_writer;

enum { DETAILS = 8 };
typedef struct script_item {
	const char *name;
	const char *details[DETAILS];
	size_t detail_count;
	/* what the details say */
	const char *route, *severity, *reaction, *unit, *dose_unit;
	double value, dose;
	bool has_value, intolerance;
	int days_ago;
} script_item;

static void complain(script_writer *writer, const char *what, const char *name)
{
	if (!writer->problem)
		writer->problem = vg_format(writer->arena, "%s \"%s\" is not understood", what, name);
}

/* ---- reading cells ------------------------------------------------------------------ */

/* The next part of a list, without its outer blanks; NULL at the end. */
static const char *next_part(vg_arena *arena, const char **at, const char *separator)
{
	if (!*at)
		return NULL;
	const char *begin = *at + strspn(*at, " ");
	size_t length = strcspn(begin, separator);
	*at = begin[length] ? begin + length + 1 : NULL;
	while (length && begin[length - 1] == ' ')
		length--;
	return vg_copy_text(arena, begin, length);
}

/* "25 mL/min": the number, and what stands behind the blank after it. */
static bool read_quantity(const char *text, double *ret_number, const char **ret_unit)
{
	size_t length = strcspn(text, " ");
	if (!vg_parse_number(text, length, ret_number))
		return false;
	*ret_unit = text[length] ? text + length + 1 : "";
	return true;
}

static bool read_dose(script_writer *writer, script_item *item, const char *detail)
{
	static const char ending[] = " a day";
	size_t length = strlen(detail), tail = sizeof ending - 1;
	if (length <= tail || strcmp(detail + length - tail, ending) != 0)
		return false;
	const char *amount = vg_copy_text(writer->arena, detail, length - tail);
	return amount && read_quantity(amount, &item->dose, &item->dose_unit) && *item->dose_unit;
}

static bool read_detail(script_writer *writer, script_item *item, const char *detail)
{
	static const char *const severities[] = {"mild", "moderate", "severe"};
	double days;
	const char *rest;
	for (size_t i = 0; i < VG_COUNT(severities); i++)
		if (strcmp(detail, severities[i]) == 0) {
			item->severity = severities[i];
			return true;
		}
	if (strcmp(detail, "intolerance") == 0) {
		item->intolerance = true;
		return true;
	}
	if (vg_route_of_name(detail) != VG_ROUTE_UNKNOWN) {
		item->route = detail;
		return true;
	}
	if (read_dose(writer, item, detail))
		return true;
	if (!read_quantity(detail, &days, &rest))
		return false;
	if (strcmp(rest, "days ago") == 0) {
		item->days_ago = days >= 0 && days < 36500 ? (int)days : 0;
		return true;
	}
	item->value = days;
	item->unit = rest;
	item->has_value = true;
	return true;
}

static bool read_item(script_writer *writer, const char *text, bool reactions, script_item *ret)
{
	const char *at = text, *detail;
	*ret = (script_item){.days_ago = 7};
	ret->name = next_part(writer->arena, &at, ",");
	while (ret->name && (detail = next_part(writer->arena, &at, ",")) != NULL) {
		if (read_detail(writer, ret, detail))
			continue;
		if (!reactions || ret->reaction) {
			complain(writer, "the detail", detail);
			return false;
		}
		ret->reaction = detail;
	}
	return ret->name != NULL;
}

/* ---- names to concepts ---------------------------------------------------------------- */

static bool is_drug(const vg_knowledge *knowledge, vg_concept concept)
{
	return vg_drug_ingredients(knowledge, concept).count > 0;
}

/* The ingredient itself, else the product of fewest ingredients: what is plain is what was meant. */
static vg_concept plainest_drug(const vg_knowledge *knowledge, vg_ids members)
{
	vg_concept best = 0;
	size_t best_count = SIZE_MAX;
	for (size_t i = 0; i < members.count; i++) {
		vg_ids ingredients = vg_drug_ingredients(knowledge, members.ids[i]);
		size_t count = ingredients.count * 2;
		if (count == 2 && ingredients.ids[0] == members.ids[i])
			count = 1;
		if (count && count < best_count) {
			best = members.ids[i];
			best_count = count;
		}
	}
	return best;
}

static vg_concept find_drug(const vg_knowledge *knowledge, const char *name)
{
	vg_set set = vg_set_find(knowledge, name);
	vg_concept concept = set ? plainest_drug(knowledge, vg_set_members(knowledge, set)) : 0;
	if (!concept)
	concept = vg_concept_by_name(knowledge, VG_NAME_DRUG, name);
	return concept && is_drug(knowledge, concept) ? concept : 0;
}

static bool is_of_system(const vg_knowledge *knowledge, vg_concept concept, const char *const *systems, size_t count)
{
	const char *uri = vg_system_uri(vg_concept_system(knowledge, concept));
	for (size_t i = 0; i < count; i++)
		if (strcmp(uri, vg_system_uri(systems[i])) == 0)
			return true;
	return false;
}

/* A code of a set that can stand in a section with these systems: the preferred one, else the first. */
static vg_concept find_code(const vg_knowledge *knowledge, const char *name, const char *const *systems, size_t count)
{
	vg_set set = vg_set_find(knowledge, name);
	vg_concept preferred = set ? vg_set_preferred(knowledge, set) : 0;
	if (!set || (preferred && is_of_system(knowledge, preferred, systems, count)))
		return preferred;
	vg_ids members = vg_set_members(knowledge, set);
	for (size_t i = 0; i < members.count; i++)
		if (is_of_system(knowledge, members.ids[i], systems, count))
			return members.ids[i];
	return 0;
}

static vg_concept find_problem(const vg_knowledge *knowledge, const char *name)
{
	static const char *const systems[] = {"snomed", "icd10cm"};
	return find_code(knowledge, name, systems, VG_COUNT(systems));
}

static vg_concept find_test(const vg_knowledge *knowledge, const char *name)
{
	static const char *const systems[] = {"loinc", "snomed", "cpt"};
	return find_code(knowledge, name, systems, VG_COUNT(systems));
}

static vg_concept find_allergen(const vg_knowledge *knowledge, const char *name)
{
	vg_concept concept = vg_concept_by_name(knowledge, VG_NAME_ALLERGEN, name);
	return concept ? concept : find_drug(knowledge, name);
}

/* ---- writing ------------------------------------------------------------------------------ */

static void add_concept(script_writer *writer, const char *member, vg_concept concept)
{
	const char *system = vg_concept_system(writer->knowledge, concept);
	vg_addf(&writer->out, ",\"%s\":{", member);
	if (strcmp(system, "name") == 0) {
		vg_add(&writer->out, "\"text\":");
		vg_add_json_text(&writer->out, vg_concept_code(writer->knowledge, concept));
	} else {
		vg_add(&writer->out, "\"coding\":[{\"system\":");
		vg_add_json_text(&writer->out, vg_system_uri(system));
		vg_add(&writer->out, ",\"code\":");
		vg_add_json_text(&writer->out, vg_concept_code(writer->knowledge, concept));
		vg_add(&writer->out, ",\"display\":");
		vg_add_json_text(&writer->out, vg_concept_name(writer->knowledge, concept));
		vg_add(&writer->out, "}]");
	}
	vg_add(&writer->out, "}");
}

static void begin(script_writer *writer, const char *type, const char *patient)
{
	writer->entries++;
	vg_addf(&writer->out,
		"%s{\"resource\":{\"resourceType\":\"%s\",\"id\":\"%s%u\",\"%s\":{\"reference\":\"Patient/selftest\"}",
		writer->entries > 1 ? "," : "", type, writer->prefix, writer->entries, patient);
}

static void end(script_writer *writer) { vg_add(&writer->out, "}}"); }

static void add_day(script_writer *writer, const char *member, int days_ago)
{
	char text[16];
	vg_when when;
	if (vg_date_parse(VG_SELFTEST_DAY, strlen(VG_SELFTEST_DAY), &when))
		vg_addf(&writer->out, ",\"%s\":\"%s\"", member, vg_day_text(when.first - days_ago, text));
}

static void add_dosage(script_writer *writer, const script_item *item)
{
	if (!item->route && !item->dose_unit)
		return;
	vg_add(&writer->out, ",\"dosageInstruction\":[{\"sequence\":1");
	if (item->route) {
		vg_add(&writer->out, ",\"route\":{\"text\":");
		vg_add_json_text(&writer->out, item->route);
		vg_add(&writer->out, "}");
	}
	if (item->dose_unit) {
		vg_add(&writer->out, ",\"timing\":{\"repeat\":{\"frequency\":1,\"period\":1,\"periodUnit\":\"d\"}},"
				     "\"doseAndRate\":[{\"doseQuantity\":{\"value\":");
		vg_add_number(&writer->out, item->dose);
		vg_add(&writer->out, ",\"unit\":");
		vg_add_json_text(&writer->out, item->dose_unit);
		vg_add(&writer->out, "}}]");
	}
	vg_add(&writer->out, "}]");
}

static void write_drug(script_writer *writer, const script_item *item, vg_concept drug, bool ordered)
{
	begin(writer, "MedicationRequest", "subject");
	vg_addf(&writer->out, ",\"status\":\"%s\",\"intent\":\"order\"", ordered ? "draft" : "active");
	add_concept(writer, "medicationCodeableConcept", drug);
	add_day(writer, "authoredOn", ordered ? 0 : item->days_ago == 7 ? 180 : item->days_ago);
	add_dosage(writer, item);
	end(writer);
}

static void write_order(script_writer *writer, const script_item *item)
{
	vg_concept drug = find_drug(writer->knowledge, item->name);
	vg_concept test = drug ? 0 : find_test(writer->knowledge, item->name);
	if (drug) {
		write_drug(writer, item, drug, true);
	} else if (test) {
		begin(writer, "ServiceRequest", "subject");
		vg_add(&writer->out, ",\"status\":\"draft\",\"intent\":\"order\"");
		add_concept(writer, "code", test);
		add_day(writer, "authoredOn", 0);
		end(writer);
	} else {
		complain(writer, "the order", item->name);
	}
}

static void write_taken(script_writer *writer, const script_item *item)
{
	vg_concept drug = find_drug(writer->knowledge, item->name);
	if (drug)
		write_drug(writer, item, drug, false);
	else
		complain(writer, "the drug", item->name);
}

#define HL7 "http://terminology.hl7.org/CodeSystem/"

static void write_problem(script_writer *writer, const script_item *item)
{
	vg_concept problem = find_problem(writer->knowledge, item->name);
	if (!problem) {
		complain(writer, "the problem", item->name);
		return;
	}
	begin(writer, "Condition", "subject");
	vg_add(&writer->out,
	       ",\"clinicalStatus\":{\"coding\":[{\"system\":\"" HL7 "condition-clinical\",\"code\":\"active\"}]},"
	       "\"verificationStatus\":{\"coding\":[{\"system\":\"" HL7 "condition-ver-status\","
	       "\"code\":\"confirmed\"}]}");
	add_concept(writer, "code", problem);
	add_day(writer, "onsetDateTime", item->days_ago == 7 ? 90 : item->days_ago);
	end(writer);
}

static void write_allergy(script_writer *writer, const script_item *item)
{
	vg_concept allergen = find_allergen(writer->knowledge, item->name);
	if (!allergen) {
		complain(writer, "the allergen", item->name);
		return;
	}
	begin(writer, "AllergyIntolerance", "patient");
	vg_addf(&writer->out,
		",\"clinicalStatus\":{\"coding\":[{\"system\":\"" HL7 "allergyintolerance-clinical\",\"code\":\"active\"}]},"
		"\"verificationStatus\":{\"coding\":[{\"system\":\"" HL7 "allergyintolerance-verification\","
		"\"code\":\"confirmed\"}]},\"type\":\"%s\"",
		item->intolerance ? "intolerance" : "allergy");
	add_concept(writer, "code", allergen);
	add_day(writer, "recordedDate", 365);
	if (item->reaction || item->severity) {
		vg_add(&writer->out, ",\"reaction\":[{\"manifestation\":[{\"text\":");
		vg_add_json_text(&writer->out, item->reaction ? item->reaction : "reaction");
		vg_add(&writer->out, "}]");
		if (item->severity)
			vg_addf(&writer->out, ",\"severity\":\"%s\"", item->severity);
		vg_add(&writer->out, "}]");
	}
	end(writer);
}

static void write_result(script_writer *writer, const script_item *item)
{
	vg_concept test = find_test(writer->knowledge, item->name);
	if (!test) {
		complain(writer, "the test", item->name);
		return;
	}
	begin(writer, "Observation", "subject");
	vg_add(&writer->out, ",\"status\":\"final\"");
	add_concept(writer, "code", test);
	add_day(writer, "effectiveDateTime", item->days_ago);
	if (item->has_value) {
		vg_add(&writer->out, ",\"valueQuantity\":{\"value\":");
		vg_add_number(&writer->out, item->value);
		vg_add(&writer->out, ",\"unit\":");
		vg_add_json_text(&writer->out, item->unit);
		vg_add(&writer->out, "}");
	}
	end(writer);
}

static void write_cell(script_writer *writer, const char *cell, bool reactions,
		       void (*write)(script_writer *writer, const script_item *item))
{
	const char *at = *cell ? cell : NULL, *part;
	while ((part = next_part(writer->arena, &at, ";")) != NULL) {
		script_item item;
		if (read_item(writer, part, reactions, &item))
			write(writer, &item);
	}
}

/* "70 years, female"; the birthday was a month ago, so that the age is a whole number of years. */
static void write_person(script_writer *writer, const char *cell)
{
	const char *at = cell, *part, *sex = NULL, *unit = "";
	double years = -1;
	while ((part = next_part(writer->arena, &at, ",")) != NULL) {
		if (strcmp(part, "female") == 0 || strcmp(part, "male") == 0)
			sex = part;
		else if (!read_quantity(part, &years, &unit) || strcmp(unit, "years") != 0)
			years = -1;
	}
	if (!sex || years < 0 || years > 120) {
		complain(writer, "the patient", cell);
		return;
	}
	writer->entries++;
	vg_addf(&writer->out,
		"{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"selftest\",\"gender\":\"%s\","
		"\"birthDate\":\"%04d-02-01\"}}",
		sex, 2026 - (int)years);
}

static void begin_bundle(script_writer *writer, const char *prefix)
{
	vg_buffer_init(&writer->out, writer->arena);
	writer->entries = 0;
	writer->prefix = prefix;
	vg_add(&writer->out, "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[");
}

static vigil_json end_bundle(script_writer *writer)
{
	vg_add(&writer->out, "]}");
	return (vigil_json){vg_buffer_text(&writer->out), writer->out.length};
}

void vg_selftest_patient(vg_arena *arena, const vg_knowledge *knowledge, const char *const *cells, vg_script_patient *ret)
{
	script_writer writer = {.arena = arena, .knowledge = knowledge};
	begin_bundle(&writer, "chart");
	write_person(&writer, cells[VG_SELFTEST_PATIENT]);
	write_cell(&writer, cells[VG_SELFTEST_PROBLEMS], false, write_problem);
	write_cell(&writer, cells[VG_SELFTEST_ALLERGIES], true, write_allergy);
	write_cell(&writer, cells[VG_SELFTEST_TAKES], false, write_taken);
	write_cell(&writer, cells[VG_SELFTEST_RESULTS], false, write_result);
	ret->chart = end_bundle(&writer);
	ret->order = (vigil_json){NULL, 0};
	if (*cells[VG_SELFTEST_ORDERS]) {
		begin_bundle(&writer, "order");
		write_cell(&writer, cells[VG_SELFTEST_ORDERS], false, write_order);
		ret->order = end_bundle(&writer);
	}
	ret->problem = writer.problem;
}
