/* FHIR resources as short as they can be; see evaluation_tests.h. */
#include "evaluation_tests.h"

#define RXNORM "http://www.nlm.nih.gov/research/umls/rxnorm"

const char *bundle(const char *const *resources, size_t count, vg_arena *arena)
{
	vg_buffer out;
	vg_buffer_init(&out, arena);
	vg_add(&out, "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[");
	for (size_t i = 0; i < count; i++)
		vg_addf(&out, "%s{\"resource\":%s}", i ? "," : "", resources[i]);
	vg_add(&out, "]}");
	return vg_buffer_text(&out);
}

const char *patient_json(const char *birth, const char *sex, vg_arena *arena)
{
	return vg_format(arena, "{\"resourceType\":\"Patient\",\"id\":\"p\",\"birthDate\":\"%s\",\"gender\":\"%s\"}", birth,
			 sex);
}

const char *drug_json(const char *id, const char *rxnorm, const char *status, const char *date, vg_arena *arena)
{
	return vg_format(arena,
			 "{\"resourceType\":\"MedicationRequest\",\"id\":\"%s\",\"status\":\"%s\",\"intent\":\"order\","
			 "\"subject\":{\"reference\":\"Patient/p\"},"
			 "\"medicationCodeableConcept\":{\"coding\":[{\"system\":\"" RXNORM
			 "\",\"code\":\"%s\"}],\"text\":\"drug %s\"},\"authoredOn\":\"%s\"}",
			 id, status, rxnorm, rxnorm, date);
}

const char *allergy_json(const char *id, const char *system, const char *code, const char *extra, vg_arena *arena)
{
	return vg_format(arena,
			 "{\"resourceType\":\"AllergyIntolerance\",\"id\":\"%s\",\"patient\":{\"reference\":\"Patient/p\"},%s"
			 "\"clinicalStatus\":{\"coding\":[{\"code\":\"active\"}]},\"code\":{\"coding\":[{\"system\":\"%s\","
			 "\"code\":\"%s\"}],\"text\":\"substance %s\"}}",
			 id, extra, system, code, code);
}

const char *result_json(const char *id, const char *loinc, const char *value, const char *unit, const char *date,
			vg_arena *arena)
{
	return vg_format(
	    arena,
	    "{\"resourceType\":\"Observation\",\"id\":\"%s\",\"status\":\"final\",\"subject\":{\"reference\":\"Patient/p\"},"
	    "\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"%s\"}],\"text\":\"test %s\"},"
	    "\"effectiveDateTime\":\"%s\",\"valueQuantity\":{\"value\":%s,\"unit\":\"%s\",\"system\":\"http://"
	    "unitsofmeasure.org\",\"code\":\"%s\"}}",
	    id, loinc, loinc, date, value, unit, unit);
}

const char *test_json(const char *id, const char *loinc, const char *status, const char *date, vg_arena *arena)
{
	return vg_format(arena,
			 "{\"resourceType\":\"ServiceRequest\",\"id\":\"%s\",\"status\":\"%s\",\"intent\":\"order\","
			 "\"subject\":{\"reference\":\"Patient/p\"},"
			 "\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"%s\"}],\"text\":\"test "
			 "%s\"},\"authoredOn\":\"%s\"}",
			 id, status, loinc, loinc, date);
}

const char *condition_json(const char *id, const char *system, const char *code, const char *onset, vg_arena *arena)
{
	return vg_format(arena,
			 "{\"resourceType\":\"Condition\",\"id\":\"%s\",\"subject\":{\"reference\":\"Patient/p\"},"
			 "\"clinicalStatus\":{\"coding\":[{\"code\":\"active\"}]},\"code\":{\"coding\":[{\"system\":\"%s\","
			 "\"code\":\"%s\"}],\"text\":\"problem %s\"},"
			 "\"onsetDateTime\":\"%s\"}",
			 id, system, code, code, onset);
}

const char *procedure_json(const char *id, const char *snomed, const char *date, vg_arena *arena)
{
	return vg_format(
	    arena,
	    "{\"resourceType\":\"Procedure\",\"id\":\"%s\",\"status\":\"completed\",\"subject\":{\"reference\":\"Patient/p\"},"
	    "\"code\":{\"coding\":[{\"system\":\"http://snomed.info/sct\",\"code\":\"%s\"}],\"text\":\"procedure "
	    "%s\"},\"performedDateTime\":\"%s\"}",
	    id, snomed, snomed, date);
}
