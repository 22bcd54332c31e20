-- Ten screenings of plain shape for measurements over a generated population: what a query language can say too.
-- Benchmark shapes, not clinical content.

screening "colorectal" {
  title = "colorectal", status = "active", owner = "bench", review_by = "2099-01-01",
  evidence = { title = "Generated population", url = "https://example.org/bench", publisher = "bench", year = 2026, grade = "none" },
  for_patients = { age_between("45 years", "75 years") },
  unless_any = { ever_had "colorectal cancer" },
  satisfied_by = { done "colonoscopy" :every "10 years", done "CT colonography" :every "5 years", done "stool blood test" :every "1 year" },
  due_soon = "60 days",
  remind = "colorectal is due since {due}.",
  ask = "It is not known when colorectal was last done.",
}
example "colorectal: never done" {
  today = "2026-03-01", given = { age "60 years" }, expect = { overdue "colorectal" },
}
example "colorectal: done last winter" {
  today = "2026-03-01", given = { age "60 years", done "colonoscopy" :on "2025-12-01" }, expect = { up_to_date "colorectal" },
}
example "colorectal: too young" {
  today = "2026-03-01", given = { age "10 years" }, expect = { not_applicable "colorectal" },
}
example "colorectal: excluded" {
  today = "2026-03-01", given = { age "60 years", had "colorectal cancer" :on "2020-01-01" }, expect = { not_applicable "colorectal" },
}
example "colorectal: nothing known of what was done" {
  today = "2026-03-01", given = { age "60 years", no_information "procedures", no_information "observations" }, expect = { indeterminate "colorectal" },
}

screening "breast" {
  title = "breast", status = "active", owner = "bench", review_by = "2099-01-01",
  evidence = { title = "Generated population", url = "https://example.org/bench", publisher = "bench", year = 2026, grade = "none" },
  for_patients = { age_between("40 years", "74 years"), sex "female" },
  unless_any = { done "bilateral mastectomy" },
  satisfied_by = { done "mammography" :every "2 years" },
  due_soon = "60 days",
  remind = "breast is due since {due}.",
  ask = "It is not known when breast was last done.",
}
example "breast: never done" {
  today = "2026-03-01", given = { age "57 years", sex "female" }, expect = { overdue "breast" },
}
example "breast: done last winter" {
  today = "2026-03-01", given = { age "57 years", sex "female", done "mammography" :on "2025-12-01" }, expect = { up_to_date "breast" },
}
example "breast: too young" {
  today = "2026-03-01", given = { age "10 years", sex "female" }, expect = { not_applicable "breast" },
}
example "breast: excluded" {
  today = "2026-03-01", given = { age "57 years", sex "female", done "bilateral mastectomy" :on "2020-01-01" }, expect = { not_applicable "breast" },
}
example "breast: nothing known of what was done" {
  today = "2026-03-01", given = { age "57 years", sex "female", no_information "procedures", no_information "observations" }, expect = { indeterminate "breast" },
}

screening "cervical" {
  title = "cervical", status = "active", owner = "bench", review_by = "2099-01-01",
  evidence = { title = "Generated population", url = "https://example.org/bench", publisher = "bench", year = 2026, grade = "none" },
  for_patients = { age_between("21 years", "65 years"), sex "female" },
  unless_any = { done "hysterectomy" },
  satisfied_by = { done "cervical cytology" :every "3 years", done "HPV test" :every "5 years" },
  due_soon = "60 days",
  remind = "cervical is due since {due}.",
  ask = "It is not known when cervical was last done.",
}
example "cervical: never done" {
  today = "2026-03-01", given = { age "43 years", sex "female" }, expect = { overdue "cervical" },
}
example "cervical: done last winter" {
  today = "2026-03-01", given = { age "43 years", sex "female", done "cervical cytology" :on "2025-12-01" }, expect = { up_to_date "cervical" },
}
example "cervical: too young" {
  today = "2026-03-01", given = { age "10 years", sex "female" }, expect = { not_applicable "cervical" },
}
example "cervical: excluded" {
  today = "2026-03-01", given = { age "43 years", sex "female", done "hysterectomy" :on "2020-01-01" }, expect = { not_applicable "cervical" },
}
example "cervical: nothing known of what was done" {
  today = "2026-03-01", given = { age "43 years", sex "female", no_information "procedures", no_information "observations" }, expect = { indeterminate "cervical" },
}

screening "diabetes-hba1c" {
  title = "diabetes-hba1c", status = "active", owner = "bench", review_by = "2099-01-01",
  evidence = { title = "Generated population", url = "https://example.org/bench", publisher = "bench", year = 2026, grade = "none" },
  for_patients = { age_between("18 years", "75 years"), has_condition "diabetes" },
  satisfied_by = { done "HbA1c" :every "1 year" },
  due_soon = "60 days",
  remind = "diabetes-hba1c is due since {due}.",
  ask = "It is not known when diabetes-hba1c was last done.",
}
example "diabetes-hba1c: never done" {
  today = "2026-03-01", given = { age "46 years", has_condition "diabetes" }, expect = { overdue "diabetes-hba1c" },
}
example "diabetes-hba1c: done last winter" {
  today = "2026-03-01", given = { age "46 years", has_condition "diabetes", done "HbA1c" :on "2025-12-01" }, expect = { up_to_date "diabetes-hba1c" },
}
example "diabetes-hba1c: too young" {
  today = "2026-03-01", given = { age "10 years", has_condition "diabetes" }, expect = { not_applicable "diabetes-hba1c" },
}
example "diabetes-hba1c: nothing known of what was done" {
  today = "2026-03-01", given = { age "46 years", has_condition "diabetes", no_information "procedures", no_information "observations" }, expect = { indeterminate "diabetes-hba1c" },
}

screening "diabetes-eye" {
  title = "diabetes-eye", status = "active", owner = "bench", review_by = "2099-01-01",
  evidence = { title = "Generated population", url = "https://example.org/bench", publisher = "bench", year = 2026, grade = "none" },
  for_patients = { age_between("18 years", "75 years"), has_condition "diabetes" },
  satisfied_by = { done "eye exam" :every "1 year" },
  due_soon = "60 days",
  remind = "diabetes-eye is due since {due}.",
  ask = "It is not known when diabetes-eye was last done.",
}
example "diabetes-eye: never done" {
  today = "2026-03-01", given = { age "46 years", has_condition "diabetes" }, expect = { overdue "diabetes-eye" },
}
example "diabetes-eye: done last winter" {
  today = "2026-03-01", given = { age "46 years", has_condition "diabetes", done "eye exam" :on "2025-12-01" }, expect = { up_to_date "diabetes-eye" },
}
example "diabetes-eye: too young" {
  today = "2026-03-01", given = { age "10 years", has_condition "diabetes" }, expect = { not_applicable "diabetes-eye" },
}
example "diabetes-eye: nothing known of what was done" {
  today = "2026-03-01", given = { age "46 years", has_condition "diabetes", no_information "procedures", no_information "observations" }, expect = { indeterminate "diabetes-eye" },
}

screening "lipids" {
  title = "lipids", status = "active", owner = "bench", review_by = "2099-01-01",
  evidence = { title = "Generated population", url = "https://example.org/bench", publisher = "bench", year = 2026, grade = "none" },
  for_patients = { age_between("40 years", "75 years") },
  satisfied_by = { done "cholesterol" :every "5 years" },
  due_soon = "60 days",
  remind = "lipids is due since {due}.",
  ask = "It is not known when lipids was last done.",
}
example "lipids: never done" {
  today = "2026-03-01", given = { age "57 years" }, expect = { overdue "lipids" },
}
example "lipids: done last winter" {
  today = "2026-03-01", given = { age "57 years", done "cholesterol" :on "2025-12-01" }, expect = { up_to_date "lipids" },
}
example "lipids: too young" {
  today = "2026-03-01", given = { age "10 years" }, expect = { not_applicable "lipids" },
}
example "lipids: nothing known of what was done" {
  today = "2026-03-01", given = { age "57 years", no_information "procedures", no_information "observations" }, expect = { indeterminate "lipids" },
}

screening "blood-pressure" {
  title = "blood-pressure", status = "active", owner = "bench", review_by = "2099-01-01",
  evidence = { title = "Generated population", url = "https://example.org/bench", publisher = "bench", year = 2026, grade = "none" },
  for_patients = { age_between("18 years", "90 years") },
  satisfied_by = { done "blood pressure" :every "1 year" },
  due_soon = "60 days",
  remind = "blood-pressure is due since {due}.",
  ask = "It is not known when blood-pressure was last done.",
}
example "blood-pressure: never done" {
  today = "2026-03-01", given = { age "54 years" }, expect = { overdue "blood-pressure" },
}
example "blood-pressure: done last winter" {
  today = "2026-03-01", given = { age "54 years", done "blood pressure" :on "2025-12-01" }, expect = { up_to_date "blood-pressure" },
}
example "blood-pressure: too young" {
  today = "2026-03-01", given = { age "10 years" }, expect = { not_applicable "blood-pressure" },
}
example "blood-pressure: nothing known of what was done" {
  today = "2026-03-01", given = { age "54 years", no_information "procedures", no_information "observations" }, expect = { indeterminate "blood-pressure" },
}

screening "bone-density" {
  title = "bone-density", status = "active", owner = "bench", review_by = "2099-01-01",
  evidence = { title = "Generated population", url = "https://example.org/bench", publisher = "bench", year = 2026, grade = "none" },
  for_patients = { age_between("65 years", "90 years"), sex "female" },
  satisfied_by = { done "bone density scan" :every "2 years" },
  due_soon = "60 days",
  remind = "bone-density is due since {due}.",
  ask = "It is not known when bone-density was last done.",
}
example "bone-density: never done" {
  today = "2026-03-01", given = { age "77 years", sex "female" }, expect = { overdue "bone-density" },
}
example "bone-density: done last winter" {
  today = "2026-03-01", given = { age "77 years", sex "female", done "bone density scan" :on "2025-12-01" }, expect = { up_to_date "bone-density" },
}
example "bone-density: too young" {
  today = "2026-03-01", given = { age "10 years", sex "female" }, expect = { not_applicable "bone-density" },
}
example "bone-density: nothing known of what was done" {
  today = "2026-03-01", given = { age "77 years", sex "female", no_information "procedures", no_information "observations" }, expect = { indeterminate "bone-density" },
}

screening "hepatitis-c" {
  title = "hepatitis-c", status = "active", owner = "bench", review_by = "2099-01-01",
  evidence = { title = "Generated population", url = "https://example.org/bench", publisher = "bench", year = 2026, grade = "none" },
  for_patients = { age_between("18 years", "79 years") },
  satisfied_by = { done "hepatitis C test" :once },
  due_soon = "60 days",
  remind = "hepatitis-c is due since {due}.",
  ask = "It is not known when hepatitis-c was last done.",
}
example "hepatitis-c: never done" {
  today = "2026-03-01", given = { age "48 years" }, expect = { overdue "hepatitis-c" },
}
example "hepatitis-c: done last winter" {
  today = "2026-03-01", given = { age "48 years", done "hepatitis C test" :on "2025-12-01" }, expect = { up_to_date "hepatitis-c" },
}
example "hepatitis-c: too young" {
  today = "2026-03-01", given = { age "10 years" }, expect = { not_applicable "hepatitis-c" },
}
example "hepatitis-c: nothing known of what was done" {
  today = "2026-03-01", given = { age "48 years", no_information "procedures", no_information "observations" }, expect = { indeterminate "hepatitis-c" },
}

screening "hiv" {
  title = "hiv", status = "active", owner = "bench", review_by = "2099-01-01",
  evidence = { title = "Generated population", url = "https://example.org/bench", publisher = "bench", year = 2026, grade = "none" },
  for_patients = { age_between("15 years", "65 years") },
  satisfied_by = { done "HIV test" :once },
  due_soon = "60 days",
  remind = "hiv is due since {due}.",
  ask = "It is not known when hiv was last done.",
}
example "hiv: never done" {
  today = "2026-03-01", given = { age "40 years" }, expect = { overdue "hiv" },
}
example "hiv: done last winter" {
  today = "2026-03-01", given = { age "40 years", done "HIV test" :on "2025-12-01" }, expect = { up_to_date "hiv" },
}
example "hiv: too young" {
  today = "2026-03-01", given = { age "10 years" }, expect = { not_applicable "hiv" },
}
example "hiv: nothing known of what was done" {
  today = "2026-03-01", given = { age "40 years", no_information "procedures", no_information "observations" }, expect = { indeterminate "hiv" },
}
