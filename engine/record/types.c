/*
 * The resource types that facts come from, and who reads them.  Everything else
 * in a bundle is not even parsed.
 */
#include "record/record_internal.h"

static const vg_type_row types[] = {
    /* in byte order: searched by halving */
    {"AllergyIntolerance", "AllergyIntolerance", VG_FACT_ALLERGY, false, vg_read_allergy},
    {"Condition", "Condition", VG_FACT_CONDITION, false, vg_read_condition},
    {"DeviceRequest", "ServiceRequest", VG_FACT_SERVICE, true, vg_read_service},
    {"DiagnosticOrder", "ServiceRequest", VG_FACT_SERVICE, true, vg_read_service}, /* DSTU2 */
    {"DiagnosticReport", "DiagnosticReport", VG_FACT_REPORT, false, vg_read_report},
    {"Encounter", "Encounter", VG_FACT_ENCOUNTER, false, vg_read_encounter},
    {"FamilyMemberHistory", "FamilyMemberHistory", VG_FACT_FAMILY_HISTORY, false, vg_read_family_history},
    {"Immunization", "Immunization", VG_FACT_IMMUNIZATION, false, vg_read_immunization},
    {"MedicationAdministration", "MedicationAdministration", VG_FACT_MEDICATION, false, vg_read_medication_fact},
    {"MedicationDispense", "MedicationDispense", VG_FACT_MEDICATION, false, vg_read_medication_fact},
    {"MedicationOrder", "MedicationRequest", VG_FACT_MEDICATION, true, vg_read_medication_fact}, /* DSTU2 */
    {"MedicationRequest", "MedicationRequest", VG_FACT_MEDICATION, true, vg_read_medication_fact},
    {"MedicationStatement", "MedicationStatement", VG_FACT_MEDICATION, false, vg_read_medication_fact},
    {"NutritionOrder", "ServiceRequest", VG_FACT_SERVICE, true, vg_read_service},
    {"Observation", "Observation", VG_FACT_RESULT, false, vg_read_observation},
    {"Procedure", "Procedure", VG_FACT_PROCEDURE, false, vg_read_procedure},
    {"ProcedureRequest", "ServiceRequest", VG_FACT_SERVICE, true, vg_read_service}, /* STU3 */
    {"ReferralRequest", "ServiceRequest", VG_FACT_SERVICE, true, vg_read_service},  /* STU3 */
    {"ServiceRequest", "ServiceRequest", VG_FACT_SERVICE, true, vg_read_service},
};

const vg_type_row *vg_type_find(const char *type, size_t length)
{
	size_t low = 0, high = VG_COUNT(types);
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strncmp(type, types[middle].type, length);
		if (order == 0 && types[middle].type[length])
			order = -1;
		if (order == 0)
			return &types[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
