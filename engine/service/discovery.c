/*
 * Discovery: one service a hook, with the prefetch that its active rules need.
 *
 * The keys are fixed, so that a request means the same under every set of
 * rules; which of them a hook asks for follows from the rules.  A template is
 * one read or one search by patient, newest first, in parameters that FHIR R4
 * defines for the type.
 */
#include "service/answer_internal.h"

#include <string.h>

static const struct {
	vg_hook hook;
	const char *title, *description;
} services[] = {
    {VG_HOOK_PATIENT_VIEW, "Vigil: at chart opening",
     "Preventive services that are due, and dangers of what the patient takes."},
    {VG_HOOK_ORDER_SELECT, "Vigil: while ordering", "Checks the selected orders against the patient's record."},
    {VG_HOOK_ORDER_SIGN, "Vigil: before signing", "Checks all orders to be signed against the patient's record."},
    {VG_HOOK_ORDER_DISPATCH, "Vigil: before dispatching", "Checks orders that are handed to a performer."},
    {VG_HOOK_ENCOUNTER_START, "Vigil: at the start of an encounter",
     "Preventive services that are due, and dangers of what the patient takes."},
    {VG_HOOK_ENCOUNTER_DISCHARGE, "Vigil: at discharge",
     "Dangers of what the patient takes, and what has to be settled before leaving."},
    {VG_HOOK_APPOINTMENT_BOOK, "Vigil: at booking", "Preventive services that are due while an appointment is made."},
    {VG_HOOK_ALLERGY_CREATE, "Vigil: at a new allergy", "Checks what the patient takes against a new allergy."},
    {VG_HOOK_PROBLEM_CREATE, "Vigil: at a new problem", "Checks what the patient takes against a new problem."},
    {VG_HOOK_MEDICATION_REFILL, "Vigil: at a refill", "Checks medications to be refilled against the patient's record."},
    {VG_HOOK_MEDICATION_VERIFY, "Vigil: at verification", "Checks a medication order that a pharmacist verifies."},
};

static const char fetches_nothing[] = "Data are taken from the prefetch; the service does not ask the FHIR server.";
static const char fetches[] =
    "What the prefetch lacks is fetched from the request's fhirServer with the access token of the request, if "
    "that server is one that this service may ask.";

static const char *const templates[VG_SECTION_COUNT] = {
    [VG_MEDICATIONS] = "MedicationRequest?patient={{context.patientId}}&_sort=-date",
    [VG_ALLERGIES] = "AllergyIntolerance?patient={{context.patientId}}&_sort=-date",
    [VG_CONDITIONS] = "Condition?patient={{context.patientId}}&_sort=-recorded-date",
    [VG_RESULTS] = "Observation?patient={{context.patientId}}&_sort=-date",
    [VG_PROCEDURES] = "Procedure?patient={{context.patientId}}&_sort=-date",
    [VG_IMMUNIZATIONS] = "Immunization?patient={{context.patientId}}&_sort=-date",
    [VG_ENCOUNTERS] = "Encounter?patient={{context.patientId}}&_sort=-date",
    [VG_ORDERS] = "ServiceRequest?patient={{context.patientId}}&_sort=-authored",
};
const char vg_prefetch_patient[] = "Patient/{{context.patientId}}";

const char *vg_prefetch_template(vg_section section) { return templates[section]; }

bool vg_service_hook(const char *id, vg_hook *ret)
{
	return vg_starts_with(id, "vigil-") && vg_hook_find(id + strlen("vigil-"), ret) && *ret != VG_HOOK_NONE;
}

/* Da Vinci CRD: what a client may switch off for a call, one option a kind of card. */
static void write_options(vg_json_writer *json, unsigned kinds)
{
	static const struct {
		const char *name, *description;
	} options[] = {
	    [VG_KIND_INTERACTION] = {"Drug interactions", "Cards about two drugs together."},
	    [VG_KIND_ALLERGY] = {"Allergies", "Cards about a drug and a recorded allergy."},
	    [VG_KIND_CONTRAINDICATION] = {"Contraindications", "Cards about a drug and the patient's state or results."},
	    [VG_KIND_DUPLICATE_THERAPY] = {"Duplicate therapy", "Cards about two drugs of one ingredient or class."},
	    [VG_KIND_DUPLICATE_TEST] = {"Duplicate tests", "Cards about tests that were done recently."},
	    [VG_KIND_SCREENING] = {"Preventive services", "Cards about screenings that are due."},
	    [VG_KIND_RULE] = {"Other rules", "Cards of the site's other rules."},
	};
	vg_json_open(json, "extension", '{');
	vg_json_open(json, "davinci-crd.configuration-options", '[');
	for (size_t kind = 0; kind < VG_COUNT(options); kind++) {
		if (!(kinds & 1u << kind))
			continue;
		vg_json_open(json, NULL, '{');
		vg_json_text_always(json, "code", vg_rule_kind_name((vg_rule_kind)kind));
		vg_json_text_always(json, "type", "boolean");
		vg_json_text_always(json, "name", options[kind].name);
		vg_json_text_always(json, "description", options[kind].description);
		vg_json_boolean(json, "default", true);
		vg_json_close(json, '}');
	}
	vg_json_close(json, ']');
	vg_json_close(json, '}');
}

void vg_answer_discovery(vg_service *service, vg_http_response *out)
{
	vg_world *world = vg_engine_world(service->engine);
	vg_buffer body;
	vg_buffer_init(&body, out->arena);
	vg_json_writer json = {&body, false};
	vg_json_open(&json, NULL, '{');
	vg_json_open(&json, "services", '[');
	for (size_t i = 0; i < VG_COUNT(services); i++) {
		vg_hook hook = services[i].hook;
		const vg_hook_needs *needs = &world->hooks[hook];
		if (!needs->kinds)
			continue;
		const char *id = vg_format(out->arena, "vigil-%s", vg_hook_name(hook));
		vg_json_open(&json, NULL, '{');
		vg_json_text_always(&json, "hook", vg_hook_name(hook));
		vg_json_text_always(&json, "title", services[i].title);
		vg_json_text_always(&json, "description", services[i].description);
		vg_json_text_always(&json, "id", id);
		vg_json_open(&json, "prefetch", '{');
		vg_json_text_always(&json, "patient", vg_prefetch_patient);
		for (int section = 0; section < VG_SECTION_COUNT; section++)
			if (needs->sections & 1u << section)
				vg_json_text_always(&json, vg_section_key((vg_section)section), templates[section]);
		vg_json_close(&json, '}');
		vg_json_text_always(&json, "usageRequirements", service->client ? fetches : fetches_nothing);
		vg_json_text_always(&json, "version", vigil_version());
		write_options(&json, needs->kinds);
		vg_json_close(&json, '}');
		if (!id)
			body.failed = true;
	}
	vg_json_close(&json, ']');
	vg_json_close(&json, '}');
	vg_world_release(world);
	vg_service_send(out, &body);
}
