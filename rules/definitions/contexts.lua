-- Contexts that the tables name: the conditions of tables/pair_cases.csv, and the exceptions
-- in the "unless" columns of tables/retest_intervals.csv and tables/duplicate_therapy.csv.
-- A context that is not known neither lowers nor raises a severity.

-- The patient

define "pregnant now" { pregnant }
define "60 years or older" { age_at_least "60 years" }
define "65 years or older" { age_at_least "65 years" }
define "75 years or older" { age_at_least "75 years" }
define "has diabetes" { has_condition "diabetes" }
define "has heart failure" { has_condition "heart failure" }
define "has liver disease" { has_condition "liver disease" }
define "has chronic kidney disease" { has_condition "chronic kidney disease" }
define "has epilepsy" { has_condition "epilepsy" }
define "has long QT syndrome" { has_condition "long QT syndrome" }
define "has atrioventricular block" { has_condition "atrioventricular block" }
define "has lung disease or sleep apnea" {
  any {
    has_condition "chronic obstructive pulmonary disease",
    has_condition "obstructive sleep apnea",
  },
}
define "has opioid use disorder" { has_condition "opioid use disorder" }
define "has had a peptic ulcer or gastrointestinal bleeding" {
  any {
    ever_had "peptic ulcer",
    ever_had "gastrointestinal bleeding",
  },
}
define "in hospice care" { any { in_hospice, resulted "hospice status" :is "yes" :within "1 year" } }
define "in hospice or palliative care" {
  any {
    meets "in hospice care",
    has_condition "palliative care",
    done "palliative care" :within "1 year",
    visited "palliative care" :within "1 year",
  },
}
define "both breasts were removed" {
  any {
    ever_had "bilateral mastectomy",
    done "bilateral mastectomy",
    all {
      any { ever_had "left mastectomy", done "left mastectomy" },
      any { ever_had "right mastectomy", done "right mastectomy" },
    },
  },
}

-- Other drugs

define "protected by a proton pump inhibitor or misoprostol" {
  any {
    will_be_taking "proton pump inhibitor",
    will_be_taking "misoprostol",
  },
}
define "no stomach protection" { none { will_be_taking "proton pump inhibitor", will_be_taking "misoprostol" } }
define "65 years or older without stomach protection" {
  all {
    age_at_least "65 years",
    none { will_be_taking "proton pump inhibitor", will_be_taking "misoprostol" },
  },
}
define "also taking an NSAID or a platelet inhibitor" {
  any {
    will_be_taking "NSAID",
    will_be_taking "antiplatelet drug",
  },
}
define "also taking a diuretic" { will_be_taking "diuretic" }
define "also taking a renin-angiotensin system inhibitor" { will_be_taking "renin-angiotensin system inhibitor" }
define "no estrogen is taken" { none { will_be_taking "estrogen" } }
define "two or more central nervous system depressants beside the opioid" {
  will_be_taking "central nervous system depressant" :at_least(2),
}
define "selegiline above 10 mg a day" { total_daily_dose("selegiline") :is_above "10 mg" }

-- The order and the pair

define "the NSAID is used on the skin or in the eye" {
  any {
    the "NSAID" :by_route "topical",
    the "NSAID" :by_route "ophthalmic",
  },
}
define "one of the two is used on the skin, in the eye or in the ear" {
  any {
    this_order :by_route "topical",
    this_order :by_route "ophthalmic",
    this_order :by_route "otic",
    other_drug :by_route "topical",
    other_drug :by_route "ophthalmic",
    other_drug :by_route "otic",
  },
}
define "the corticosteroid is not given systemically" {
  any {
    the "systemic corticosteroid" :by_route "topical",
    the "systemic corticosteroid" :by_route "ophthalmic",
    the "systemic corticosteroid" :by_route "otic",
    the "systemic corticosteroid" :by_route "nasal",
    the "systemic corticosteroid" :by_route "inhaled",
  },
}
define "the contraceptive is an intrauterine device" { the "hormonal contraceptive" :by_route "other" }
define "the fluticasone is used on the skin" { the "fluticasone" :by_route "topical" }
define "the dantrolene is taken by mouth" { the "dantrolene" :by_route "oral" }
define "this order is a renewal" { this_order :is_renewal }
define "not a systemic route" {
  any {
    this_order :by_route "topical",
    this_order :by_route "ophthalmic",
    this_order :by_route "otic",
    this_order :by_route "nasal",
    this_order :by_route "inhaled",
  },
}

-- Laboratory values

define "INR above 4 in the last 14 days" { latest "INR" :is_above "4" :within "14 days" }
define "warfarin is being started with a heparin bridge" {
  all {
    started "warfarin" :within "10 days",
    will_be_taking "heparin or fondaparinux",
    latest "INR" :is_below "2" :within "7 days",
  },
}
define "potassium above 5.5 in the last 90 days" { latest "potassium" :is_above "5.5 mmol/L" :within "90 days" }
define "potassium above 5.0 in the last 90 days" { latest "potassium" :is_above "5.0 mmol/L" :within "90 days" }
define "potassium of 4.5 or more in the last 90 days" {
  latest "potassium" :is_at_least "4.5 mmol/L" :within "90 days",
}
define "potassium below 3.5 in the last 90 days" { latest "potassium" :is_below "3.5 mmol/L" :within "90 days" }
define "no potassium in the last 90 days" { none { resulted "potassium" :within "90 days" } }
define "heart failure with a potassium of 5.0 or less in the last 90 days" {
  all {
    has_condition "heart failure",
    latest "potassium" :is_at_most "5.0 mmol/L" :within "90 days",
  },
}
define "loop diuretic with a potassium below 4.0 in the last 90 days" {
  all {
    will_be_taking "loop diuretic",
    latest "potassium" :is_below "4.0 mmol/L" :within "90 days",
  },
}
define "potassium of 3.5 or more and magnesium of 0.7 or more in the last 90 days" {
  all {
    latest "potassium" :is_at_least "3.5 mmol/L" :within "90 days",
    latest "magnesium" :is_at_least "0.7 mmol/L" :within "90 days",
  },
}
define "magnesium below 0.7 in the last 90 days" { latest "magnesium" :is_below "0.7 mmol/L" :within "90 days" }
define "QTc of 500 ms or more in the last 90 days" { latest "QTc interval" :is_at_least "500 ms" :within "90 days" }
define "two or more lesser risks of torsades" {
  at_least(2, { sex "female", age_at_least "68 years", will_be_taking "loop diuretic", has_condition "heart failure" }),
}
define "eGFR below 30 in the last year" { latest "eGFR" :is_below "30 mL/min/1.73 m2" :within "1 year" }
define "eGFR below 50 in the last year" { latest "eGFR" :is_below "50 mL/min/1.73 m2" :within "1 year" }
define "eGFR below 60 in the last year" { latest "eGFR" :is_below "60 mL/min/1.73 m2" :within "1 year" }
define "eGFR of 60 or more in the last year" { latest "eGFR" :is_at_least "60 mL/min/1.73 m2" :within "1 year" }
define "creatinine clearance below 30 in the last year" {
  latest "creatinine clearance" :is_below "30 mL/min" :within "1 year",
}
define "creatinine clearance below 50 in the last year" {
  latest "creatinine clearance" :is_below "50 mL/min" :within "1 year",
}

-- Doses

define "simvastatin above 20 mg a day" { total_daily_dose("simvastatin") :is_above "20 mg" }
define "simvastatin at most 20 mg a day" { total_daily_dose("simvastatin") :is_at_most "20 mg" }
define "simvastatin above 10 mg a day" { total_daily_dose("simvastatin") :is_above "10 mg" }
define "simvastatin at most 10 mg a day" { total_daily_dose("simvastatin") :is_at_most "10 mg" }
define "lovastatin above 40 mg a day" { total_daily_dose("lovastatin") :is_above "40 mg" }
define "lovastatin at most 40 mg a day" { total_daily_dose("lovastatin") :is_at_most "40 mg" }
define "lovastatin above 20 mg a day" { total_daily_dose("lovastatin") :is_above "20 mg" }
define "lovastatin at most 20 mg a day" { total_daily_dose("lovastatin") :is_at_most "20 mg" }
define "atorvastatin above 20 mg a day" { total_daily_dose("atorvastatin") :is_above "20 mg" }
define "atorvastatin at most 20 mg a day" { total_daily_dose("atorvastatin") :is_at_most "20 mg" }
define "high-dose methotrexate" { total_daily_dose("methotrexate") :is_above "25 mg" }
define "low-dose methotrexate" { total_daily_dose("methotrexate") :is_at_most "4 mg" }
define "low-dose methotrexate with an eGFR of 60 or more" {
  all {
    total_daily_dose("methotrexate") :is_at_most "4 mg",
    latest "eGFR" :is_at_least "60 mL/min/1.73 m2" :within "1 year",
  },
}
define "low-dose methotrexate with normal kidneys and a recent blood count" {
  all {
    total_daily_dose("methotrexate") :is_at_most "4 mg",
    latest "eGFR" :is_at_least "60 mL/min/1.73 m2" :within "1 year",
    any { resulted "complete blood count" :within "90 days", resulted "leukocyte count" :within "90 days" },
  },
}
define "lamotrigine and valproate together for 8 weeks or more" {
  all {
    taking "lamotrigine" :for_at_least "56 days",
    taking "valproate" :for_at_least "56 days",
  },
}

-- Reasons to repeat a test or to give two drugs of a class

define "glucose-lowering therapy started in the last 60 days" { started "glucose-lowering drug" :within "60 days" }
define "anemia treatment or transfusion is likely" { any { has_condition "anemia", will_be_taking "iron salt" } }
define "thyroid therapy changed in the last 42 days" {
  any {
    started "thyroid hormone" :within "42 days",
    started "antithyroid drug" :within "42 days",
    stopped "thyroid hormone" :within "42 days",
    stopped "antithyroid drug" :within "42 days",
  },
}
define "amiodarone or lithium started in the last 90 days" {
  any {
    started "amiodarone" :within "90 days",
    started "lithium" :within "90 days",
  },
}
define "statin or fibrate started in the last 84 days" {
  any {
    started "statin" :within "84 days",
    started "fibrate" :within "84 days",
  },
}
define "on thiopurine, methotrexate or clozapine" {
  any {
    taking "thiopurine",
    taking "methotrexate",
    taking "clozapine",
  },
}
define "taking a vitamin K antagonist" { will_be_taking "vitamin K antagonist" }
define "allopurinol or febuxostat started in the last 42 days" {
  any {
    started "allopurinol" :within "42 days",
    started "febuxostat" :within "42 days",
  },
}
define "lithium started in the last 30 days" { started "lithium" :within "30 days" }
define "digoxin started in the last 14 days" { started "digoxin" :within "14 days" }
define "last urine albumin-creatinine ratio was abnormal" {
  latest "urine albumin-creatinine ratio" :is_at_least "30 mg/g",
}
define "systemic steroid started in the last 180 days" { started "systemic corticosteroid" :within "180 days" }
define "drug commonly given in several strengths" { this_order :is "drug given in several strengths" }
define "opioid or stimulant in long-acting and short-acting form" {
  this_order :is "drug with extended and immediate release",
}
define "fludrocortisone is part of the treatment" { will_be_taking "fludrocortisone" }
define "emergency contraceptive is part of the treatment" { this_order :is "emergency contraceptive" }

-- Recorded allergic reactions

define "penicillin allergy recorded as mild" {
  all {
    has_allergy_to "penicillin" :with_severity "mild",
    none { has_allergy_to "penicillin" :with_severity "moderate" },
    none { has_allergy_to "penicillin" :with_reaction "severe allergic reaction" },
  },
}
define "breathing reaction to an NSAID is recorded" {
  any {
    has_allergy_to "COX-1 inhibiting NSAID" :with_reaction "bronchospasm",
    all { has_allergy_to "COX-1 inhibiting NSAID", has_condition "asthma", ever_had "nasal polyps" },
  },
}
define "hives or swelling from an NSAID is recorded" {
  any {
    has_allergy_to "COX-1 inhibiting NSAID" :with_reaction "hives",
    has_allergy_to "COX-1 inhibiting NSAID" :with_reaction "angioedema",
  },
}
define "stomach upset from a salicylate is recorded" {
  has_allergy_to "salicylate" :with_reaction "stomach upset" :including_intolerance,
}
define "severe immediate reaction to an opioid is recorded" {
  has_allergy_to "opioid" :with_reaction "severe immediate reaction",
}
define "severe skin reaction to an aromatic anticonvulsant is recorded" {
  has_allergy_to "aromatic anticonvulsant" :with_reaction "severe skin reaction",
}
define "angioedema from an ACE inhibitor is recorded" {
  has_allergy_to "ACE inhibitor" :with_reaction "angioedema" :including_intolerance,
}
define "cough from an ACE inhibitor is recorded" {
  has_allergy_to "ACE inhibitor" :with_reaction "cough" :including_intolerance,
}
define "anaphylaxis to egg is recorded" { has_allergy_to "egg" :with_reaction "anaphylaxis" }
define "anaphylaxis to gelatin is recorded" { has_allergy_to "gelatin" :with_reaction "anaphylaxis" }
define "anaphylaxis to neomycin is recorded" { has_allergy_to "neomycin" :with_reaction "anaphylaxis" }
