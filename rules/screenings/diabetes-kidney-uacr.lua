screening "diabetes-kidney-uacr" {
  title     = "Urine albumin-creatinine ratio in diabetes",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Standards of Care in Diabetes", publisher = "American Diabetes Association", year = 2025, grade = "standard of care",
                url = "https://diabetesjournals.org/care/issue/48/Supplement_1" },

  for_patients = { age_at_least "18 years", has_condition "diabetes" },
  unless_any   = { has_condition "type 1 diabetes" :onset_within "5 years", pregnant, meets "in hospice or palliative care" },
  satisfied_by = { done "urine albumin-creatinine ratio" :every "1 year" },
  due_soon     = "60 days",

  remind  = "The urine albumin-creatinine ratio is due since {due}. Yearly, more often in chronic kidney disease.",
  ask     = "It is not known when urine albumin was last measured.",
  suggest = { order "urine albumin-creatinine ratio" },
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "urine albumin: never recorded" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10" },
  expect = { overdue "diabetes-kidney-uacr" },
}
example "urine albumin: done in time" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "urine albumin-creatinine ratio" :on "2025-08-01" },
  expect = { up_to_date "diabetes-kidney-uacr" },
}
example "urine albumin: due today" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "urine albumin-creatinine ratio" :on "2025-03-01" },
  expect = { due_soon "diabetes-kidney-uacr" },
}
example "urine albumin: one day late" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "urine albumin-creatinine ratio" :on "2025-02-28" },
  expect = { overdue "diabetes-kidney-uacr" },
}
example "urine albumin: results were not supplied" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", no_information "results" },
  expect = { indeterminate "diabetes-kidney-uacr" },
}
example "urine albumin: no diabetes" {
  today  = "2026-03-01",
  given  = { age "55 years" },
  expect = { not_applicable "diabetes-kidney-uacr" },
}
example "urine albumin: 17 years old" {
  today  = "2026-03-01",
  given  = { born "2008-03-02", has_condition "diabetes" :on "2015-01-10" },
  expect = { not_applicable "diabetes-kidney-uacr" },
}
example "urine albumin: 18th birthday was yesterday" {
  today  = "2026-03-01",
  given  = { born "2008-02-28", has_condition "diabetes" :on "2015-01-10" },
  expect = { overdue "diabetes-kidney-uacr" },
}
example "urine albumin: pregnant" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", has_condition "diabetes" :on "2015-01-10", pregnant },
  expect = { not_applicable "diabetes-kidney-uacr" },
}
example "urine albumin: in hospice care" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", in_hospice },
  expect = { not_applicable "diabetes-kidney-uacr" },
}
example "urine albumin: conditions were not supplied" {
  today  = "2026-03-01",
  given  = { age "55 years", no_information "conditions" },
  expect = { indeterminate "diabetes-kidney-uacr" },
}
example "urine albumin: type 1 diabetes for four years" {
  today  = "2026-03-01",
  given  = { age "30 years", has_condition "type 1 diabetes" :on "2022-03-01" },
  expect = { not_applicable "diabetes-kidney-uacr" },
}
example "urine albumin: type 1 diabetes for six years" {
  today  = "2026-03-01",
  given  = { age "30 years", has_condition "type 1 diabetes" :on "2020-03-01" },
  expect = { overdue "diabetes-kidney-uacr" },
}
example "diabetes-kidney-uacr: sixty days before it falls due" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "urine albumin-creatinine ratio" :on "2025-04-30" },
  expect = { due_soon "diabetes-kidney-uacr" },
}
example "diabetes-kidney-uacr: sixty-one days before it falls due" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "urine albumin-creatinine ratio" :on "2025-05-01" },
  expect = { up_to_date "diabetes-kidney-uacr" },
}
example "urine albumin: type 1 diabetes for just under five years" {
  today  = "2026-03-01",
  given  = { age "30 years", has_condition "type 1 diabetes" :on "2021-03-02" },
  expect = { not_applicable "diabetes-kidney-uacr" },
}
example "palliative care, no reminder for the urine" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", has_condition "palliative care" },
  expect = { not_applicable "diabetes-kidney-uacr" },
}
