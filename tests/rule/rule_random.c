/*
 * Random rules and records are made of these pieces; see rule_random.h.
 */
#include "rule_random.h"

#include <stdio.h>

uint32_t draw(random_state *random, uint32_t below)
{
	random->state = random->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random->state >> 33) % below;
}

const char *const random_conditions[] = {
    "taking \"warfarin\"",
    "taking \"statin\" :at_least(2)",
    "taking \"systemic NSAID\" :by_route \"topical\"",
    "ordering \"statin\"",
    "ordering \"FIT\"",
    "will_be_taking \"proton pump inhibitor\"",
    "started \"metformin\" :within \"60 days\"",
    "stopped \"MAO inhibitor\" :within \"14 days\"",
    "total_daily_dose(\"acetaminophen\") :is_above \"2 g\"",
    "total_daily_dose(\"acetaminophen\") :is_below \"2 g\"",
    "has_condition \"diabetes\"",
    "ever_had \"colorectal cancer\"",
    "has_condition \"diabetes\" :onset_within \"1 year\"",
    "family_history_of \"breast cancer\"",
    "has_allergy_to \"penicillin\"",
    "has_allergy_to \"penicillin\" :with_severity \"severe\"",
    "has_allergy_to \"amoxicillin\" :including_intolerance",
    "resulted \"HbA1c\" :within \"1 year\"",
    "resulted \"HbA1c\" :is_above \"9 %\"",
    "latest \"eGFR\" :is_below \"30 mL/min/1.73 m²\"",
    "latest \"INR\" :is_above \"4\" :within \"14 days\"",
    "latest \"creatinine\" :risen_by \"50 %\" :within \"1 year\"",
    "readings \"blood pressure\" :last(2) :above \"140/90 mm[Hg]\"",
    "done \"colonoscopy\" :within \"10 years\"",
    "done \"FIT\" :unless_result \"abnormal\" :within \"1 year\"",
    "declined \"colonoscopy\"",
    "ordered \"colonoscopy\" :within \"90 days\"",
    "vaccinated \"zoster vaccine\" :doses_at_least(2)",
    "visited \"dialysis\" :within \"30 days\"",
    "pregnant",
    "in_hospice",
    "deceased",
    "sex \"female\"",
    "age_at_least \"65 years\"",
    "age_below \"30 years\"",
    "in_setting \"inpatient\"",
    "meets \"frail patient\"",
    "meets \"hospice services\"",
    "meets \"high INR\"",
};
const char *const random_order_conditions[] = {
    "this_order :is \"statin\"",
    "this_order :is_renewal",
    "this_order :by_route \"oral\"",
    "the \"systemic NSAID\" :by_route \"topical\"",
    "this_order :is \"systemic NSAID\" :by_route \"systemic\"",
    "this_order :daily_dose_above \"1 g\"",
};
const char *const random_drug_sets[] = {"warfarin",  "statin",        "systemic NSAID", "penicillin",
					"metformin", "acetaminophen", "MAO inhibitor"};
const size_t random_condition_count = VG_COUNT(random_conditions);
const size_t random_order_condition_count = VG_COUNT(random_order_conditions);
const size_t random_drug_set_count = VG_COUNT(random_drug_sets);

const char *const random_entries[] = {
    "med warfarin on=2026-01-01",
    "med atorvastatin on=2026-01-01",
    "med simvastatin on=2026-02-01",
    "med ibuprofen-gel on=2026-01-01",
    "med ibuprofen-somehow on=2026-01-01",
    "med metformin on=2026-02-15",
    "med metformin on=2024-01-01",
    "med phenelzine on=2025-06-01",
    "med phenelzine on=2025-01-01 to=2026-02-25",
    "med phenelzine on=2025-01-01 status=stopped",
    "med oxycodone-acetaminophen on=2026-01-01 dose=1 per=4",
    "med omeprazole on=2026-01-01",
    "order ibuprofen",
    "order warfarin",
    "order atorvastatin",
    "order amoxicillin",
    "order acetaminophen500 dose=2 per=5",
    "order metformin",
    "test FIT",
    "draft omeprazole",
    "draft simvastatin",
    "draft ibuprofen",
    "cond diabetes on=2025-06-01",
    "cond diabetes status=resolved",
    "cond colon-cancer status=resolved",
    "cond pregnancy on=2026-01-01",
    "cond pregnancy on=2024-01-01",
    "cond hypertension",
    "family breast-cancer",
    "allergy amoxicillin",
    "allergy penicillin-class severity=severe",
    "allergy ibuprofen",
    "allergy amoxicillin type=intolerance",
    "lab HbA1c 9.5 % on=2026-01-01",
    "lab HbA1c 6 % on=2020-01-01",
    "lab eGFR 24 mL/min/{1.73_m2} on=2026-01-01",
    "lab eGFR 80 mL/min/{1.73_m2} on=2026-01-05",
    "lab INR 5 on=2026-02-25",
    "lab creatinine 1 mg/dL on=2025-12-01",
    "lab creatinine 2 mg/dL on=2026-01-01",
    "bp 150/95 on=2026-01-01",
    "bp 150/95 on=2026-01-02",
    "proc colonoscopy on=2020-01-01",
    "proc colonoscopy on=2020-01-01 status=not-done",
    "coded FIT positive on=2026-01-01",
    "coded FIT negative on=2026-01-01",
    "report FIT on=2026-02-01",
    "service colonoscopy on=2026-02-01",
    "shot zoster on=2020-01-01",
    "shot zoster on=2021-01-01",
    "visit dialysis on=2026-02-20 to=2026-02-20",
    "visit hospice on=2026-02-20 to=2026-02-20",
    "died",
    "sex female",
    "sex male",
    "born 1950-01-01",
    "born 1990-01-01",
    "setting inpatient",
    "no medications",
    "no results",
    "no procedures",
    "no conditions",
    "no allergies",
    "no encounters",
    "no immunizations",
    "no orders",
    "since medications 2025-01-01",
    "since results 2026-01-01",
    "since procedures 2015-01-01",
    "since conditions 2025-01-01",
};

void make_record(random_state *random, char *text, size_t size)
{
	text[0] = '\0';
	for (uint32_t i = 0, count = draw(random, 9); i < count; i++) {
		size_t length = strlen(text);
		snprintf(text + length, size - length, "%s; ", random_entries[draw(random, VG_COUNT(random_entries))]);
	}
}
