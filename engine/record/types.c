/*
 * The resource types that facts come from, and who reads them.  Everything else
 * in a bundle is not even parsed.
 */
#include "record/record_internal.h"

#define TYPE(type) type, sizeof(type) - 1
static const vg_type_row types[] = {
    {TYPE("AllergyIntolerance"), "AllergyIntolerance", VG_FACT_ALLERGY, false, vg_read_allergy},
    {TYPE("Condition"), "Condition", VG_FACT_CONDITION, false, vg_read_condition},
    {TYPE("DeviceRequest"), "ServiceRequest", VG_FACT_SERVICE, true, vg_read_service},
    {TYPE("DiagnosticOrder"), "ServiceRequest", VG_FACT_SERVICE, true, vg_read_service}, /* DSTU2 */
    {TYPE("DiagnosticReport"), "DiagnosticReport", VG_FACT_REPORT, false, vg_read_report},
    {TYPE("Encounter"), "Encounter", VG_FACT_ENCOUNTER, false, vg_read_encounter},
    {TYPE("FamilyMemberHistory"), "FamilyMemberHistory", VG_FACT_FAMILY_HISTORY, false, vg_read_family_history},
    {TYPE("Immunization"), "Immunization", VG_FACT_IMMUNIZATION, false, vg_read_immunization},
    {TYPE("MedicationAdministration"), "MedicationAdministration", VG_FACT_MEDICATION, false, vg_read_medication_fact},
    {TYPE("MedicationDispense"), "MedicationDispense", VG_FACT_MEDICATION, false, vg_read_medication_fact},
    {TYPE("MedicationOrder"), "MedicationRequest", VG_FACT_MEDICATION, true, vg_read_medication_fact}, /* DSTU2 */
    {TYPE("MedicationRequest"), "MedicationRequest", VG_FACT_MEDICATION, true, vg_read_medication_fact},
    {TYPE("MedicationStatement"), "MedicationStatement", VG_FACT_MEDICATION, false, vg_read_medication_fact},
    {TYPE("NutritionOrder"), "ServiceRequest", VG_FACT_SERVICE, true, vg_read_service},
    {TYPE("Observation"), "Observation", VG_FACT_RESULT, false, vg_read_observation},
    {TYPE("Procedure"), "Procedure", VG_FACT_PROCEDURE, false, vg_read_procedure},
    {TYPE("ProcedureRequest"), "ServiceRequest", VG_FACT_SERVICE, true, vg_read_service}, /* STU3 */
    {TYPE("ReferralRequest"), "ServiceRequest", VG_FACT_SERVICE, true, vg_read_service},  /* STU3 */
    {TYPE("ServiceRequest"), "ServiceRequest", VG_FACT_SERVICE, true, vg_read_service},
};

const vg_type_row *vg_type_find(const char *type, size_t length)
{
	for (size_t i = 0; i < VG_COUNT(types); i++)
		if (types[i].length == length && memcmp(types[i].type, type, length) == 0)
			return &types[i];
	return NULL;
}
