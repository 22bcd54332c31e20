-- The twenty simplified rules of the peers' specification, as a rule pack.
-- Benchmark shapes, not clinical content; the ids end in the peers' numbers.

interaction "peer-01" {
  title = "Rule 01", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  between = { "peer warfarin", "peer NSAID" },
  warn = "{this_order} with {other_drug}.",
}

interaction "peer-02" {
  title = "Rule 02", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  between = { "peer warfarin", "peer sulfamethoxazole" },
  warn = "{this_order} with {other_drug}.",
}

interaction "peer-03" {
  title = "Rule 03", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  between = { "peer statin", "peer macrolide" },
  warn = "{this_order} with {other_drug}.",
}

interaction "peer-04" {
  title = "Rule 04", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  between = { "peer PDE5 inhibitor", "peer nitrate" },
  warn = "{this_order} with {other_drug}.",
}

interaction "peer-05" {
  title = "Rule 05", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  between = { "peer methotrexate", "peer sulfamethoxazole" },
  warn = "{this_order} with {other_drug}.",
}

interaction "peer-06" {
  title = "Rule 06", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  between = { "peer ACE inhibitor", "peer potassium sparer" },
  warn = "{this_order} with {other_drug}.",
}

interaction "peer-07" {
  title = "Rule 07", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  between = { "peer digoxin", "peer amiodarone" },
  warn = "{this_order} with {other_drug}.",
}

interaction "peer-08" {
  title = "Rule 08", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  between = { "peer SSRI", "peer MAOI" },
  warn = "{this_order} with {other_drug}.",
}

interaction "peer-09" {
  title = "Rule 09", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  between = { "peer tramadol", "peer SSRI" },
  warn = "{this_order} with {other_drug}.",
}

interaction "peer-10" {
  title = "Rule 10", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  between = { "peer clopidogrel", "peer PPI" },
  warn = "{this_order} with {other_drug}.",
}

allergy "peer-11" {
  title = "Rule 11", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  allergic_to = "peer penicillin allergy", when_ordering = "peer penicillin",
  warn = "Allergy and {this_order}.",
}

allergy "peer-12" {
  title = "Rule 12", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  allergic_to = "peer sulfonamide allergy", when_ordering = "peer sulfamethoxazole",
  warn = "Allergy and {this_order}.",
}

allergy "peer-13" {
  title = "Rule 13", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  allergic_to = "peer NSAID allergy", when_ordering = "peer NSAID",
  warn = "Allergy and {this_order}.",
}

allergy "peer-14" {
  title = "Rule 14", severity = "warning", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  allergic_to = "peer cephalosporin allergy", when_ordering = "peer cephalosporin",
  warn = "Allergy and {this_order}.",
}

screening "peer-15" {
  title = "Rule 15", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  for_patients = { age_between("45 years", "75 years") },
  unless_any = { ever_had "peer colorectal cancer", done "peer colectomy" },
  satisfied_by = { done "peer colonoscopy" :every "3652 days", done "peer FIT" :every "365 days", done "peer FIT-DNA" :every "1096 days" },
  remind = "Due since {due}.",
}

screening "peer-16" {
  title = "Rule 16", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  for_patients = { sex "female", age_between("40 years", "74 years") },
  unless_any = { done "peer mastectomy" },
  satisfied_by = { done "peer mammography" :every "730 days" },
  remind = "Due since {due}.",
}

screening "peer-17" {
  title = "Rule 17", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  for_patients = { sex "female", age_between("21 years", "65 years") },
  unless_any = { done "peer hysterectomy" },
  satisfied_by = { done "peer Pap test" :every "1096 days", done "peer HPV test" :every "1826 days" },
  remind = "Due since {due}.",
}

screening "peer-18" {
  title = "Rule 18", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  for_patients = { ever_had "peer diabetes" },
  satisfied_by = { done "peer HbA1c" :every "183 days" },
  remind = "Due since {due}.",
}

duplicate_test "peer-19" {
  title = "Rule 19", severity = "info", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  test = "peer lipid panel", within = "90 days",
  warn = "{this_order} was done recently.",
}

duplicate_test "peer-20" {
  title = "Rule 20", severity = "info", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  test = "peer TSH", within = "42 days",
  warn = "{this_order} was done recently.",
}

example "peer-01: fires" {
  today = "2026-03-01", given = { taking "peer warfarin", ordering "peer NSAID" }, expect = { "peer-01" },
}
example "peer-01: silent" {
  today = "2026-03-01", given = { ordering "peer NSAID" }, expect = { silent "peer-01" },
}
example "peer-01: unknown" {
  today = "2026-03-01", given = { ordering "peer NSAID", no_information "medications" }, expect = { not_evaluated "peer-01" },
}
example "peer-02: fires" {
  today = "2026-03-01", given = { taking "peer warfarin", ordering "peer sulfamethoxazole" }, expect = { "peer-02" },
}
example "peer-02: silent" {
  today = "2026-03-01", given = { ordering "peer sulfamethoxazole" }, expect = { silent "peer-02" },
}
example "peer-02: unknown" {
  today = "2026-03-01", given = { ordering "peer sulfamethoxazole", no_information "medications" }, expect = { not_evaluated "peer-02" },
}
example "peer-03: fires" {
  today = "2026-03-01", given = { taking "peer statin", ordering "peer macrolide" }, expect = { "peer-03" },
}
example "peer-03: silent" {
  today = "2026-03-01", given = { ordering "peer macrolide" }, expect = { silent "peer-03" },
}
example "peer-03: unknown" {
  today = "2026-03-01", given = { ordering "peer macrolide", no_information "medications" }, expect = { not_evaluated "peer-03" },
}
example "peer-04: fires" {
  today = "2026-03-01", given = { taking "peer PDE5 inhibitor", ordering "peer nitrate" }, expect = { "peer-04" },
}
example "peer-04: silent" {
  today = "2026-03-01", given = { ordering "peer nitrate" }, expect = { silent "peer-04" },
}
example "peer-04: unknown" {
  today = "2026-03-01", given = { ordering "peer nitrate", no_information "medications" }, expect = { not_evaluated "peer-04" },
}
example "peer-05: fires" {
  today = "2026-03-01", given = { taking "peer methotrexate", ordering "peer sulfamethoxazole" }, expect = { "peer-05" },
}
example "peer-05: silent" {
  today = "2026-03-01", given = { ordering "peer sulfamethoxazole" }, expect = { silent "peer-05" },
}
example "peer-05: unknown" {
  today = "2026-03-01", given = { ordering "peer sulfamethoxazole", no_information "medications" }, expect = { not_evaluated "peer-05" },
}
example "peer-06: fires" {
  today = "2026-03-01", given = { taking "peer ACE inhibitor", ordering "peer potassium sparer" }, expect = { "peer-06" },
}
example "peer-06: silent" {
  today = "2026-03-01", given = { ordering "peer potassium sparer" }, expect = { silent "peer-06" },
}
example "peer-06: unknown" {
  today = "2026-03-01", given = { ordering "peer potassium sparer", no_information "medications" }, expect = { not_evaluated "peer-06" },
}
example "peer-07: fires" {
  today = "2026-03-01", given = { taking "peer digoxin", ordering "peer amiodarone" }, expect = { "peer-07" },
}
example "peer-07: silent" {
  today = "2026-03-01", given = { ordering "peer amiodarone" }, expect = { silent "peer-07" },
}
example "peer-07: unknown" {
  today = "2026-03-01", given = { ordering "peer amiodarone", no_information "medications" }, expect = { not_evaluated "peer-07" },
}
example "peer-08: fires" {
  today = "2026-03-01", given = { taking "peer SSRI", ordering "peer MAOI" }, expect = { "peer-08" },
}
example "peer-08: silent" {
  today = "2026-03-01", given = { ordering "peer MAOI" }, expect = { silent "peer-08" },
}
example "peer-08: unknown" {
  today = "2026-03-01", given = { ordering "peer MAOI", no_information "medications" }, expect = { not_evaluated "peer-08" },
}
example "peer-09: fires" {
  today = "2026-03-01", given = { taking "peer tramadol", ordering "peer SSRI" }, expect = { "peer-09" },
}
example "peer-09: silent" {
  today = "2026-03-01", given = { ordering "peer SSRI" }, expect = { silent "peer-09" },
}
example "peer-09: unknown" {
  today = "2026-03-01", given = { ordering "peer SSRI", no_information "medications" }, expect = { not_evaluated "peer-09" },
}
example "peer-10: fires" {
  today = "2026-03-01", given = { taking "peer clopidogrel", ordering "peer PPI" }, expect = { "peer-10" },
}
example "peer-10: silent" {
  today = "2026-03-01", given = { ordering "peer PPI" }, expect = { silent "peer-10" },
}
example "peer-10: unknown" {
  today = "2026-03-01", given = { ordering "peer PPI", no_information "medications" }, expect = { not_evaluated "peer-10" },
}
example "peer-11: fires" {
  today = "2026-03-01", given = { has_allergy_to "peer penicillin allergy", ordering "peer penicillin" }, expect = { "peer-11" },
}
example "peer-11: silent" {
  today = "2026-03-01", given = { ordering "peer penicillin" }, expect = { silent "peer-11" },
}
example "peer-11: unknown" {
  today = "2026-03-01", given = { ordering "peer penicillin", no_information "allergies" }, expect = { not_evaluated "peer-11" },
}
example "peer-12: fires" {
  today = "2026-03-01", given = { has_allergy_to "peer sulfonamide allergy", ordering "peer sulfamethoxazole" }, expect = { "peer-12" },
}
example "peer-12: silent" {
  today = "2026-03-01", given = { ordering "peer sulfamethoxazole" }, expect = { silent "peer-12" },
}
example "peer-12: unknown" {
  today = "2026-03-01", given = { ordering "peer sulfamethoxazole", no_information "allergies" }, expect = { not_evaluated "peer-12" },
}
example "peer-13: fires" {
  today = "2026-03-01", given = { has_allergy_to "peer NSAID allergy", ordering "peer NSAID" }, expect = { "peer-13" },
}
example "peer-13: silent" {
  today = "2026-03-01", given = { ordering "peer NSAID" }, expect = { silent "peer-13" },
}
example "peer-13: unknown" {
  today = "2026-03-01", given = { ordering "peer NSAID", no_information "allergies" }, expect = { not_evaluated "peer-13" },
}
example "peer-14: fires" {
  today = "2026-03-01", given = { has_allergy_to "peer cephalosporin allergy", ordering "peer cephalosporin" }, expect = { "peer-14" },
}
example "peer-14: silent" {
  today = "2026-03-01", given = { ordering "peer cephalosporin" }, expect = { silent "peer-14" },
}
example "peer-14: unknown" {
  today = "2026-03-01", given = { ordering "peer cephalosporin", no_information "allergies" }, expect = { not_evaluated "peer-14" },
}
example "peer-15: overdue" {
  today = "2026-03-01", given = { age "60 years" }, expect = { overdue "peer-15" },
}
example "peer-15: not applicable" {
  today = "2026-03-01", given = { age "10 years" }, expect = { not_applicable "peer-15" },
}
example "peer-15: unknown" {
  today = "2026-03-01", given = { age "60 years", no_information "procedures", no_information "results" }, expect = { indeterminate "peer-15" },
}
example "peer-16: overdue" {
  today = "2026-03-01", given = { sex "female", age "60 years" }, expect = { overdue "peer-16" },
}
example "peer-16: not applicable" {
  today = "2026-03-01", given = { sex "male", age "60 years" }, expect = { not_applicable "peer-16" },
}
example "peer-16: unknown" {
  today = "2026-03-01", given = { sex "female", age "60 years", no_information "procedures", no_information "results" }, expect = { indeterminate "peer-16" },
}
example "peer-17: overdue" {
  today = "2026-03-01", given = { sex "female", age "60 years" }, expect = { overdue "peer-17" },
}
example "peer-17: not applicable" {
  today = "2026-03-01", given = { sex "male", age "60 years" }, expect = { not_applicable "peer-17" },
}
example "peer-17: unknown" {
  today = "2026-03-01", given = { sex "female", age "60 years", no_information "procedures", no_information "results" }, expect = { indeterminate "peer-17" },
}
example "peer-18: overdue" {
  today = "2026-03-01", given = { has_condition "peer diabetes" :on "2010-01-01", age "60 years" }, expect = { overdue "peer-18" },
}
example "peer-18: not applicable" {
  today = "2026-03-01", given = { age "60 years" }, expect = { not_applicable "peer-18" },
}
example "peer-18: unknown" {
  today = "2026-03-01", given = { has_condition "peer diabetes" :on "2010-01-01", age "60 years", no_information "procedures", no_information "results" }, expect = { indeterminate "peer-18" },
}
example "peer-19: fires" {
  today = "2026-03-01", given = { done "peer lipid panel" :on "10 days ago", ordering "peer lipid panel" }, expect = { "peer-19" },
}
example "peer-19: silent" {
  today = "2026-03-01", given = { ordering "peer lipid panel" }, expect = { silent "peer-19" },
}
example "peer-19: unknown" {
  today = "2026-03-01", given = { ordering "peer lipid panel", no_information "results" }, expect = { not_evaluated "peer-19" },
}
example "peer-20: fires" {
  today = "2026-03-01", given = { done "peer TSH" :on "10 days ago", ordering "peer TSH" }, expect = { "peer-20" },
}
example "peer-20: silent" {
  today = "2026-03-01", given = { ordering "peer TSH" }, expect = { silent "peer-20" },
}
example "peer-20: unknown" {
  today = "2026-03-01", given = { ordering "peer TSH", no_information "results" }, expect = { not_evaluated "peer-20" },
}
