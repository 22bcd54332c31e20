screening "prediabetes" {
  title     = "Prediabetes and type 2 diabetes screening",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Prediabetes and Type 2 Diabetes: Screening", publisher = "US Preventive Services Task Force", year = 2021, grade = "B",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/screening-for-prediabetes-and-type-2-diabetes" },

  for_patients = { age_between("35 years", "70 years"), latest "body mass index" :is_at_least "25 kg/m2" :within "3 years" },
  unless_any   = { ever_had "diabetes", pregnant, meets "in hospice or palliative care" },
  satisfied_by = { done "diabetes screening test" :every "3 years" },
  due_soon     = "60 days",

  remind  = "A blood glucose or HbA1c to look for diabetes is due since {due}: 35 to 70 years with a body mass index of 25 or more.",
  ask     = "The body mass index is not known; measure it to tell whether screening for diabetes is meant for this patient.",
  suggest = { order "diabetes screening test" },
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "BMI 31, never tested" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "31 kg/m2", "2025-06-01") },
  expect = { overdue "prediabetes" },
}
example "BMI 25 exactly" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "25 kg/m2", "2025-06-01") },
  expect = { overdue "prediabetes" },
}
example "BMI 24.9" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "24.9 kg/m2", "2025-06-01") },
  expect = { not_applicable "prediabetes" },
}
example "BMI four years old" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "31 kg/m2", "2022-02-28") },
  expect = { indeterminate "prediabetes" },
}
example "BMI three years old to the day" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "31 kg/m2", "2023-03-01") },
  expect = { overdue "prediabetes" },
}
example "tested two years ago" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "31 kg/m2", "2025-06-01"), done "diabetes screening test" :on "2024-03-01" },
  expect = { up_to_date "prediabetes" },
}
example "tested three years ago to the day" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "31 kg/m2", "2025-06-01"), done "diabetes screening test" :on "2023-03-01" },
  expect = { due_soon "prediabetes" },
}
example "tested three years and a day ago" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "31 kg/m2", "2025-06-01"), done "diabetes screening test" :on "2023-02-28" },
  expect = { overdue "prediabetes" },
}
example "diabetes is known" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "31 kg/m2", "2025-06-01"), has_condition "diabetes" :on "2020-01-01" },
  expect = { not_applicable "prediabetes" },
}
example "pregnant, diabetes screening" {
  today  = "2026-03-01",
  given  = { sex "female", age "38 years", result("body mass index", "31 kg/m2", "2025-06-01"), pregnant },
  expect = { not_applicable "prediabetes" },
}
example "in hospice care, no glucose" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "31 kg/m2", "2025-06-01"), in_hospice },
  expect = { not_applicable "prediabetes" },
}
example "palliative care, no glucose" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "31 kg/m2", "2025-06-01"), has_condition "palliative care" },
  expect = { not_applicable "prediabetes" },
}
example "34, diabetes screening" {
  today  = "2026-03-01",
  given  = { born "1991-03-02", result("body mass index", "31 kg/m2", "2025-06-01") },
  expect = { not_applicable "prediabetes" },
}
example "35 since yesterday, diabetes screening" {
  today  = "2026-03-01",
  given  = { born "1991-02-28", result("body mass index", "31 kg/m2", "2025-06-01") },
  expect = { overdue "prediabetes" },
}
example "70 still counts, diabetes screening" {
  today  = "2026-03-01",
  given  = { born "1955-03-02", result("body mass index", "31 kg/m2", "2025-06-01") },
  expect = { overdue "prediabetes" },
}
example "71 no longer counts, diabetes screening" {
  today  = "2026-03-01",
  given  = { born "1955-03-01", result("body mass index", "31 kg/m2", "2025-06-01") },
  expect = { not_applicable "prediabetes" },
}
example "prediabetes: sixty days before it falls due" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "31 kg/m2", "2025-06-01"), done "diabetes screening test" :on "2023-04-30" },
  expect = { due_soon "prediabetes" },
}
example "prediabetes: sixty-one days before it falls due" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "31 kg/m2", "2025-06-01"), done "diabetes screening test" :on "2023-05-01" },
  expect = { up_to_date "prediabetes" },
}
example "BMI 31, three years and a day ago" {
  today  = "2026-03-01",
  given  = { age "50 years", result("body mass index", "31 kg/m2", "2023-02-28") },
  expect = { indeterminate "prediabetes" },
}
