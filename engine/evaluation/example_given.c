/*
 * Examples: what each word of `given` adds to the Bundle.
 *
 * What an example does not say is not in the record: without `age` there is no
 * birth date.  Dates that it leaves open are chosen so that the plain words mean
 * what they say: what is `taking` was begun half a year before and goes on,
 * what `has_condition` was noted a year before.
 *
 * A mistake in an example is told in its own result, like a failure.
 */
#include "evaluation/example_internal.h"

#include <string.h>

/* ---- phrases -------------------------------------------------------------------------- */

static const vg_refinement *refinement_of(const vg_phrase *phrase, const char *name)
{
	for (size_t i = 0; i < phrase->refinement_count; i++)
		if (strcmp(phrase->refinements[i].name, name) == 0)
			return &phrase->refinements[i];
	return NULL;
}

/* The text of a refinement's one argument; NULL when it is not there. */
static const char *refined(vg_example *example, const vg_phrase *phrase, const char *name)
{
	const vg_refinement *refinement = refinement_of(phrase, name);
	if (!refinement)
		return NULL;
	if (refinement->argument_count == 1 && refinement->arguments[0].kind == VG_ITEM_TEXT)
		return refinement->arguments[0].text;
	vg_example_complain(example, "`:%s` needs one text.", name);
	return NULL;
}

/* The date of one of two refinements, else `otherwise`. */
static vg_dated dated(vg_example *example, const vg_phrase *phrase, const char *name, const char *also, vg_dated otherwise)
{
	const char *text = refined(example, phrase, name);
	if (!text && also)
		text = refined(example, phrase, also);
	vg_dated date = otherwise;
	if (text && !vg_example_date(example, text, &date.day, &date.text))
		vg_example_complain(example, "\"%s\" is no date; write \"2026-01-02\" or \"3 months ago\".", text);
	return date;
}

static const char *argument(vg_example *example, const vg_phrase *phrase, size_t index)
{
	if (index < phrase->argument_count && phrase->arguments[index].kind == VG_ITEM_TEXT)
		return phrase->arguments[index].text;
	vg_example_complain(example, "`%s` needs a text.", phrase->word);
	return "";
}

/* Whether a word and its refinements can stand in `given`. */
static bool is_sound(vg_example *example, const vg_phrase *phrase)
{
	const vg_word_info *word = vg_word_find(phrase->word);
	if (!word || !(word->uses & VG_WORD_EXAMPLE)) {
		vg_example_complain(example, "`%s` cannot stand in an example.", phrase->word);
		return false;
	}
	if (phrase->argument_count < word->least_arguments || phrase->argument_count > word->most_arguments) {
		vg_example_complain(example, "Write `%s` as in: %s.", phrase->word, word->usage);
		return false;
	}
	for (size_t i = 0; i < phrase->refinement_count; i++) {
		const vg_refinement_info *info = vg_refinement_find(phrase->refinements[i].name);
		if (!info || !(info->uses & VG_WORD_EXAMPLE) || !vg_list_has(word->refinements, info->name)) {
			vg_example_complain(example, "`:%s` cannot stand behind `%s` in an example.",
					    phrase->refinements[i].name, phrase->word);
			return false;
		}
	}
	return true;
}

static vg_set find_set(vg_example *example, const char *name)
{
	vg_set set = vg_set_find(example->knowledge, name);
	const char *near = set ? NULL : vg_set_nearest(example->knowledge, name);
	if (!set)
		vg_example_complain(example,
				    near ? "There is no set \"%s\"; did you mean \"%s\"?" : "There is no set \"%s\".%s", name,
				    near ? near : "");
	return set;
}

/* The concept of the set named by an argument; 0 and a complaint when there is none. */
static vg_concept concept_of(vg_example *example, const char *name, unsigned uses)
{
	vg_set set = find_set(example, name);
	vg_concept concept = set ? vg_example_concept(example->knowledge, set, uses) : 0;
	if (set && !concept)
		vg_example_complain(example, "The set \"%s\" has no code that fits here.", name);
	return concept;
}

/* dosage or dosageInstruction: route and daily dose. */
static void add_dosage(vg_example *example, const vg_phrase *phrase, const char *member)
{
	const char *route = phrase ? refined(example, phrase, "by_route") : NULL;
	const char *dose = phrase ? refined(example, phrase, "daily_dose") : NULL;
	const char *sign, *unit;
	double number;
	if (!route && !dose)
		return;
	vg_addf(example->out, ",\"%s\":[{\"sequence\":1", member);
	if (route) {
		if (strcmp(route, "systemic") != 0 && vg_route_of_name(route) == VG_ROUTE_UNKNOWN)
			vg_example_complain(example, "\"%s\" is no route.", route);
		vg_add(example->out, ",\"route\":{\"text\":");
		vg_add_json_text(example->out, strcmp(route, "systemic") == 0 ? "oral" : route);
		vg_add(example->out, "}");
	}
	if (dose && vg_split_quantity(example, dose, &sign, &number, &unit) && !sign) {
		vg_add(example->out,
		       ",\"timing\":{\"repeat\":{\"frequency\":1,\"period\":1,\"periodUnit\":\"d\"}},\"doseAndRate\":[{");
		vg_put_quantity(example, "doseQuantity", NULL, number, unit);
		vg_add(example->out, "}]");
	} else if (dose) {
		vg_example_complain(example, "\"%s\" is no dose; write \"2 g\".", dose);
	}
	vg_add(example->out, "}]");
}

/* ---- drugs ----------------------------------------------------------------------------------- */

/* What is or was taken: a statement, because it tells beginning and end apart from when it was noted. */
static void add_statement(vg_example *example, vg_concept drug, const vg_phrase *phrase, const char *status, vg_dated start,
			  const char *stop)
{
	example->last_taken = vg_put_begin(example, "MedicationStatement", "subject");
	vg_put_text(example, "status", status);
	vg_put_concept_as(example, "medicationCodeableConcept", drug);
	vg_add(example->out, ",\"effectivePeriod\":{\"start\":");
	vg_add_json_text(example->out, start.text);
	if (stop)
		vg_put_text(example, "end", stop);
	vg_add(example->out, "}");
	vg_put_text(example, "dateAsserted", vg_example_day(example, example->today));
	add_dosage(example, phrase, "dosage");
	vg_put_end(example);
}

static void give_taking(vg_example *example, const vg_phrase *phrase)
{
	vg_concept drug = concept_of(example, argument(example, phrase, 0), VG_USE_DRUG);
	vg_dated none = {VG_NO_DAY, NULL};
	vg_dated stop = dated(example, phrase, "ended", NULL, none);
	vg_dated start = dated(example, phrase, "since", "on", vg_days_before(example, 180));
	if (!drug)
		return;
	if (stop.text && start.day > stop.day)
		start = stop;
	const char *status = stop.text && stop.day < example->today ? "completed" : "active";
	add_statement(example, drug, phrase, status, start, stop.text);
}

static void give_started(vg_example *example, const vg_phrase *phrase)
{
	vg_concept drug = concept_of(example, argument(example, phrase, 0), VG_USE_DRUG);
	if (drug)
		add_statement(example, drug, phrase, "active",
			      dated(example, phrase, "on", "since", vg_days_before(example, 30)), NULL);
}

static void give_stopped(vg_example *example, const vg_phrase *phrase)
{
	vg_concept drug = concept_of(example, argument(example, phrase, 0), VG_USE_DRUG);
	vg_dated stop = dated(example, phrase, "on", "since", vg_days_before(example, 30));
	vg_dated start = {stop.day - 180, vg_example_day(example, stop.day - 180)};
	if (drug)
		add_statement(example, drug, phrase, "stopped", start, stop.text);
}

static void give_service(vg_example *example, const vg_phrase *phrase, vg_concept service)
{
	vg_put_begin(example, "ServiceRequest", "subject");
	vg_add(example->out, ",\"status\":\"active\",\"intent\":\"order\"");
	vg_put_concept_as(example, "code", service);
	vg_put_text(example, "authoredOn", dated(example, phrase, "on", "since", vg_days_before(example, 7)).text);
	vg_put_end(example);
}

static void give_service_order(vg_example *example, const vg_phrase *phrase, vg_concept service)
{
	vg_put_begin_order(example, "ServiceRequest");
	vg_put_concept_as(example, "code", service);
	if (refinement_of(phrase, "on"))
		vg_put_text(example, "occurrenceDateTime", dated(example, phrase, "on", NULL, vg_days_before(example, 0)).text);
	vg_put_text(example, "authoredOn", vg_example_day(example, example->today));
	vg_put_end(example);
}

static void give_ordering(vg_example *example, const vg_phrase *phrase)
{
	const char *name = argument(example, phrase, 0), *lasting = refined(example, phrase, "lasting");
	vg_set set = find_set(example, name);
	if (!set)
		return;
	bool drug = vg_set_uses(example->knowledge, set) & VG_USE_DRUG;
	vg_concept concept =
	    concept_of(example, name, drug ? VG_USE_DRUG : VG_USE_RESULT | VG_USE_PROCEDURE | VG_USE_IMMUNIZATION);
	if (!concept)
		return;
	if (!drug) {
		give_service_order(example, phrase, concept);
		return;
	}
	vg_put_begin_order(example, "MedicationRequest");
	vg_put_concept_as(example, "medicationCodeableConcept", concept);
	vg_put_text(example, "authoredOn", dated(example, phrase, "on", NULL, vg_days_before(example, 0)).text);
	add_dosage(example, phrase, "dosageInstruction");
	vg_duration duration;
	if (lasting && (!vg_duration_parse(lasting, &duration) || duration.hours))
		vg_example_complain(example, "\"%s\" is no length of time in days.", lasting);
	else if (lasting)
		vg_addf(example->out,
			",\"dispenseRequest\":{\"expectedSupplyDuration\":{\"value\":%d,\"unit\":\"days\",\"code\":\"d\"}}",
			(int)(vg_day_plus(example->today, duration) - example->today));
	if (refinement_of(phrase, "renewing")) {
		vg_add(example->out, ",\"priorPrescription\":{\"reference\":");
		vg_add_json_text(example->out, example->last_taken ? example->last_taken : "MedicationRequest/before");
		vg_add(example->out, "}");
	}
	vg_put_end(example);
}

static void give_ordered(vg_example *example, const vg_phrase *phrase)
{
	vg_concept concept =
	    concept_of(example, argument(example, phrase, 0),
		       VG_USE_RESULT | VG_USE_PROCEDURE | VG_USE_IMMUNIZATION | VG_USE_DRUG | VG_USE_CONDITION);
	if (concept)
		give_service(example, phrase, concept);
}

/* ---- problems and allergies ------------------------------------------------------------------- */

static void add_condition(vg_example *example, vg_concept concept, const char *status, vg_dated onset, const char *abatement)
{
	vg_put_begin(example, "Condition", "subject");
	vg_put_code(example, "clinicalStatus", "condition-clinical", status);
	vg_put_code(example, "verificationStatus", "condition-ver-status", "confirmed");
	vg_put_concept_as(example, "code", concept);
	vg_put_text(example, "onsetDateTime", onset.text);
	if (abatement)
		vg_put_text(example, "abatementDateTime", abatement);
	vg_put_end(example);
}

static void give_condition(vg_example *example, const vg_phrase *phrase)
{
	vg_concept concept = concept_of(example, argument(example, phrase, 0), VG_USE_CONDITION);
	if (concept)
		add_condition(example, concept, "active", dated(example, phrase, "on", "since", vg_days_before(example, 365)),
			      NULL);
}

static void give_had(vg_example *example, const vg_phrase *phrase)
{
	vg_concept concept = concept_of(example, argument(example, phrase, 0), VG_USE_CONDITION);
	vg_dated onset = dated(example, phrase, "on", NULL, vg_days_before(example, 5 * 365));
	vg_day over = onset.day + 30 < example->today ? onset.day + 30 : example->today;
	vg_dated open = {over, vg_example_day(example, over)};
	if (concept)
		add_condition(example, concept, "resolved", onset, dated(example, phrase, "ended", NULL, open).text);
}

static void give_family(vg_example *example, const vg_phrase *phrase)
{
	vg_concept concept = concept_of(example, argument(example, phrase, 0), VG_USE_CONDITION);
	if (!concept)
		return;
	vg_put_begin(example, "FamilyMemberHistory", "patient");
	vg_add(example->out, ",\"status\":\"completed\"");
	vg_put_code(example, "relationship", "v3-RoleCode", "MTH");
	vg_add(example->out, ",\"condition\":[{\"id\":\"c\"");
	vg_put_concept_as(example, "code", concept);
	vg_add(example->out, "}]");
	vg_put_end(example);
}

static void add_allergy(vg_example *example, vg_concept substance, const vg_phrase *phrase)
{
	bool inactive = phrase && refinement_of(phrase, "inactive"),
	     intolerance = phrase && refinement_of(phrase, "as_intolerance");
	const char *severity = phrase ? refined(example, phrase, "with_severity") : NULL;
	const char *reaction = phrase ? refined(example, phrase, "with_reaction") : NULL;
	vg_concept manifestation = reaction ? concept_of(example, reaction, VG_USE_CONDITION) : 0;
	vg_put_begin(example, "AllergyIntolerance", "patient");
	vg_put_code(example, "clinicalStatus", "allergyintolerance-clinical", inactive ? "inactive" : "active");
	vg_put_code(example, "verificationStatus", "allergyintolerance-verification", "confirmed");
	vg_put_text(example, "type", intolerance ? "intolerance" : "allergy");
	vg_put_concept_as(example, "code", substance);
	vg_dated open = vg_days_before(example, 365);
	vg_put_text(example, "recordedDate", phrase ? dated(example, phrase, "on", NULL, open).text : open.text);
	if (reaction || severity) {
		vg_add(example->out, ",\"reaction\":[{\"manifestation\":[");
		if (manifestation)
			vg_put_concept(example, manifestation);
		else
			vg_add(example->out, "{\"text\":\"reaction\"}");
		vg_add(example->out, "]");
		if (severity && !vg_list_has("mild moderate severe", severity))
			vg_example_complain(example, "\"%s\" is no severity of a reaction; write mild, moderate or severe.",
					    severity);
		if (severity)
			vg_put_text(example, "severity", severity);
		vg_add(example->out, "}]");
	}
	vg_put_end(example);
}

void vg_example_allergy(vg_example *example, vg_concept substance) { add_allergy(example, substance, NULL); }

static void give_allergy(vg_example *example, const vg_phrase *phrase)
{
	vg_concept substance = concept_of(example, argument(example, phrase, 0), VG_USE_DRUG | VG_USE_CONDITION);
	if (substance)
		add_allergy(example, substance, phrase);
}

/* ---- results and events ----------------------------------------------------------------------- */

/* A value of a result: a quantity, a member of a set of coded values, or a text. */
static void add_value(vg_example *example, const char *text)
{
	const char *sign, *unit;
	double number;
	vg_set set = vg_set_find(example->knowledge, text);
	vg_concept concept = set ? vg_example_concept(example->knowledge, set, ~0u) : 0;
	if (concept) {
		vg_put_concept_as(example, "valueCodeableConcept", concept);
	} else if (vg_split_quantity(example, text, &sign, &number, &unit)) {
		vg_add(example->out, ",");
		vg_put_quantity(example, "valueQuantity", sign, number, unit);
	} else {
		vg_put_text(example, "valueString", text);
	}
}

/* "150/95 mm[Hg]": two components of a blood pressure; false when it is no such value. */
static bool add_pressure(vg_example *example, const char *text)
{
	const char *slash = strchr(text, '/'), *unit = slash ? slash + 1 + strspn(slash + 1, "0123456789") : NULL;
	double systolic, diastolic;
	if (!slash || !vg_parse_number(text, (size_t)(slash - text), &systolic) ||
	    !vg_parse_number(slash + 1, (size_t)(unit - slash - 1), &diastolic))
		return false;
	unit += strspn(unit, " ");
	static const char *const codes[] = {"8480-6", "8462-4"};
	const double numbers[] = {systolic, diastolic};
	vg_add(example->out, ",\"component\":[");
	for (size_t i = 0; i < 2; i++) {
		vg_addf(example->out, "%s{\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"%s\"}]},",
			i ? "," : "", codes[i]);
		vg_put_quantity(example, "valueQuantity", NULL, numbers[i], unit);
		vg_add(example->out, "}");
	}
	vg_add(example->out, "]");
	return true;
}

static void add_observation(vg_example *example, vg_concept test, const char *value, const char *when)
{
	vg_put_begin(example, "Observation", "subject");
	vg_add(example->out, ",\"status\":\"final\"");
	vg_put_concept_as(example, "code", test);
	vg_put_text(example, "effectiveDateTime", when);
	if (!add_pressure(example, value))
		add_value(example, value);
	vg_put_end(example);
}

static void give_result(vg_example *example, const vg_phrase *phrase)
{
	vg_concept test = concept_of(example, argument(example, phrase, 0), VG_USE_RESULT);
	const char *value = argument(example, phrase, 1);
	vg_dated date = vg_days_before(example, 0);
	if (phrase->argument_count > 2) {
		const char *text = argument(example, phrase, 2);
		if (!vg_example_date(example, text, &date.day, &date.text))
			vg_example_complain(example, "\"%s\" is no date; write \"2026-01-02\" or \"3 months ago\".", text);
	}
	if (test)
		add_observation(example, test, value, date.text);
}

static void add_event(vg_example *example, vg_concept concept, const char *status, const char *when)
{
	bool vaccine = vg_uses_of(example->knowledge, concept) == VG_USE_IMMUNIZATION;
	vg_put_begin(example, vaccine ? "Immunization" : "Procedure", vaccine ? "patient" : "subject");
	vg_put_text(example, "status", status);
	vg_put_concept_as(example, vaccine ? "vaccineCode" : "code", concept);
	vg_put_text(example, vaccine ? "occurrenceDateTime" : "performedDateTime", when);
	vg_put_end(example);
}

static void give_done(vg_example *example, const vg_phrase *phrase)
{
	const char *name = argument(example, phrase, 0), *value = refined(example, phrase, "with_result");
	const char *when = dated(example, phrase, "on", "since", vg_days_before(example, 180)).text;
	/* A result can only be told of a test. */
	unsigned uses = value ? VG_USE_RESULT : VG_USE_RESULT | VG_USE_PROCEDURE | VG_USE_IMMUNIZATION;
	vg_set set = find_set(example, name);
	vg_concept concept = set ? vg_example_concept(example->knowledge, set, uses) : 0;
	if (set && !concept && value)
	concept = vg_example_concept(example->knowledge, set, VG_USE_PROCEDURE);
	if (set && !concept)
		vg_example_complain(example, "The set \"%s\" has no code of a test, a procedure or a vaccine.", name);
	if (!concept)
		return;
	if (vg_uses_of(example->knowledge, concept) & VG_USE_RESULT)
		add_observation(example, concept, value ? value : "Negative", when);
	else if (value)
		vg_example_complain(example, "\"%s\" is no test that has a result.", name);
	else
		add_event(example, concept, "completed", when);
}

static void give_declined(vg_example *example, const vg_phrase *phrase)
{
	vg_concept concept =
	    concept_of(example, argument(example, phrase, 0), VG_USE_RESULT | VG_USE_PROCEDURE | VG_USE_IMMUNIZATION);
	if (concept)
		add_event(example, concept, "not-done",
			  dated(example, phrase, "on", "since", vg_days_before(example, 30)).text);
}

static void give_vaccinated(vg_example *example, const vg_phrase *phrase)
{
	vg_concept concept = concept_of(example, argument(example, phrase, 0), VG_USE_IMMUNIZATION);
	if (concept)
		add_event(example, concept, "completed",
			  dated(example, phrase, "on", "since", vg_days_before(example, 180)).text);
}

static void add_encounter(vg_example *example, const char *status, const char *class, vg_concept type, const char *start,
			  const char *stop)
{
	vg_put_begin(example, "Encounter", "subject");
	vg_put_text(example, "status", status);
	vg_addf(example->out, ",\"class\":{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ActCode\",\"code\":\"%s\"}",
		class);
	if (type) {
		vg_add(example->out, ",\"type\":[");
		vg_put_concept(example, type);
		vg_add(example->out, "]");
	}
	vg_add(example->out, ",\"period\":{\"start\":");
	vg_add_json_text(example->out, start);
	if (stop)
		vg_put_text(example, "end", stop);
	vg_add(example->out, "}");
	vg_put_end(example);
}

static void give_visited(vg_example *example, const vg_phrase *phrase)
{
	vg_concept type = concept_of(example, argument(example, phrase, 0), ~0u);
	const char *when = dated(example, phrase, "on", "since", vg_days_before(example, 30)).text;
	if (type)
		add_encounter(example, "finished", "AMB", type, when, when);
}

static void give_setting(vg_example *example, const vg_phrase *phrase)
{
	static const struct {
		const char *setting, *class;
	} classes[] = {{"inpatient", "IMP"}, {"outpatient", "AMB"}, {"emergency", "EMER"}, {"home", "HH"}, {"virtual", "VR"}};
	const char *setting = argument(example, phrase, 0);
	for (size_t i = 0; i < VG_COUNT(classes); i++)
		if (strcmp(classes[i].setting, setting) == 0) {
			add_encounter(example, "in-progress", classes[i].class, 0, vg_example_day(example, example->today),
				      NULL);
			return;
		}
	vg_example_complain(example, "\"%s\" is no setting; write inpatient, outpatient, emergency, home or virtual.", setting);
}

/* ---- the patient -------------------------------------------------------------------------------- */

static void give_age(vg_example *example, const vg_phrase *phrase)
{
	vg_duration age;
	const char *text = argument(example, phrase, 0);
	if (vg_duration_parse(text, &age) && !age.hours)
		example->birth = vg_example_day(example, vg_day_minus(example->today, age));
	else
		vg_example_complain(example, "\"%s\" is no age; write \"70 years\".", text);
}

static void give_born(vg_example *example, const vg_phrase *phrase)
{
	vg_when when;
	const char *text = argument(example, phrase, 0);
	if (vg_date_parse(text, strlen(text), &when))
		example->birth = text;
	else
		vg_example_complain(example, "\"%s\" is no date of birth.", text);
}

static void give_sex(vg_example *example, const vg_phrase *phrase) { example->sex = argument(example, phrase, 0); }

static void give_deceased(vg_example *example, const vg_phrase *phrase)
{
	(void)phrase;
	example->deceased = true;
}

static void give_pregnant(vg_example *example, const vg_phrase *phrase)
{
	(void)phrase;
	vg_concept concept = concept_of(example, "pregnancy", VG_USE_CONDITION);
	if (concept)
		add_condition(example, concept, "active", vg_days_before(example, 60), NULL);
}

/* As an order of the last months: hospice codes are conditions, encounters, procedures or orders. */
static void give_hospice(vg_example *example, const vg_phrase *phrase)
{
	(void)phrase;
	vg_concept concept = concept_of(example, "hospice care", ~0u);
	if (!concept)
		return;
	vg_put_begin(example, "ServiceRequest", "subject");
	vg_add(example->out, ",\"status\":\"active\",\"intent\":\"order\"");
	vg_put_concept_as(example, "code", concept);
	vg_put_text(example, "authoredOn", vg_days_before(example, 30).text);
	vg_put_end(example);
}

static void give_no_information(vg_example *example, const vg_phrase *phrase)
{
	const char *name = argument(example, phrase, 0), *since = refined(example, phrase, "since"), *text;
	vg_section section;
	vg_day day;
	if (!vg_section_find(name, &section)) {
		vg_example_complain(example, "\"%s\" is no section of a record.", name);
		return;
	}
	vg_addf(&example->sections, "%s%s", example->sections.length ? "," : "", name);
	if (since && vg_example_date(example, since, &day, &text))
		vg_addf(&example->sections, "=since %s", vg_example_day(example, day));
	else if (since)
		vg_example_complain(example, "\"%s\" is no date; write \"2026-01-02\" or \"3 months ago\".", since);
	example->has_gap = true;
}

/* ---- words ------------------------------------------------------------------------------------------ */

void vg_example_give(vg_example *example, const vg_item *item)
{
	static const struct {
		const char *word;
		void (*give)(vg_example *, const vg_phrase *);
	} words[] = {
	    {"age", give_age},
	    {"born", give_born},
	    {"sex", give_sex},
	    {"deceased", give_deceased},
	    {"pregnant", give_pregnant},
	    {"in_hospice", give_hospice},
	    {"in_setting", give_setting},
	    {"taking", give_taking},
	    {"started", give_started},
	    {"stopped", give_stopped},
	    {"ordering", give_ordering},
	    {"ordered", give_ordered},
	    {"has_condition", give_condition},
	    {"had", give_had},
	    {"family_history_of", give_family},
	    {"has_allergy_to", give_allergy},
	    {"result", give_result},
	    {"done", give_done},
	    {"declined", give_declined},
	    {"vaccinated", give_vaccinated},
	    {"visited", give_visited},
	    {"no_information", give_no_information},
	};
	if (item->kind != VG_ITEM_PHRASE) {
		vg_example_complain(example, "`given` holds words such as age \"70 years\" and taking \"warfarin\".");
		return;
	}
	if (!is_sound(example, item->phrase))
		return;
	for (size_t i = 0; i < VG_COUNT(words); i++)
		if (strcmp(words[i].word, item->phrase->word) == 0) {
			words[i].give(example, item->phrase);
			return;
		}
	vg_example_complain(example, "`%s` says what is expected, not what is given.", item->phrase->word);
}
