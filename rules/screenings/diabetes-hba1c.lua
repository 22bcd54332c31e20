screening "diabetes-hba1c" {
  title     = "HbA1c in diabetes",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Standards of Care in Diabetes", publisher = "American Diabetes Association", year = 2025, grade = "standard of care",
                url = "https://diabetesjournals.org/care/issue/48/Supplement_1" },

  for_patients = { age_at_least "18 years", has_condition "diabetes" },
  unless_any   = { pregnant, meets "in hospice or palliative care" },
  satisfied_by = { done "HbA1c" :every "6 months", done "glucose management indicator" :every "6 months" },
  due_soon     = "60 days",

  remind  = "HbA1c is due since {due}. Every 6 months while stable and at goal; every 3 months after a change of therapy or above goal.",
  ask     = "It is not known when HbA1c was last measured.",
  suggest = { order "HbA1c" },
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "HbA1c: never recorded" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10" },
  expect = { overdue "diabetes-hba1c" },
}
example "HbA1c: done in time" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "HbA1c" :on "2025-12-01" },
  expect = { up_to_date "diabetes-hba1c" },
}
example "HbA1c: due today" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "HbA1c" :on "2025-09-01" },
  expect = { due_soon "diabetes-hba1c" },
}
example "HbA1c: one day late" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "HbA1c" :on "2025-08-31" },
  expect = { overdue "diabetes-hba1c" },
}
example "HbA1c: results were not supplied" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", no_information "results" },
  expect = { indeterminate "diabetes-hba1c" },
}
example "HbA1c: no diabetes" {
  today  = "2026-03-01",
  given  = { age "55 years" },
  expect = { not_applicable "diabetes-hba1c" },
}
example "HbA1c: 17 years old" {
  today  = "2026-03-01",
  given  = { born "2008-03-02", has_condition "diabetes" :on "2015-01-10" },
  expect = { not_applicable "diabetes-hba1c" },
}
example "HbA1c: 18th birthday was yesterday" {
  today  = "2026-03-01",
  given  = { born "2008-02-28", has_condition "diabetes" :on "2015-01-10" },
  expect = { overdue "diabetes-hba1c" },
}
example "HbA1c: pregnant" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", has_condition "diabetes" :on "2015-01-10", pregnant },
  expect = { not_applicable "diabetes-hba1c" },
}
example "HbA1c: in hospice care" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", in_hospice },
  expect = { not_applicable "diabetes-hba1c" },
}
example "HbA1c: conditions were not supplied" {
  today  = "2026-03-01",
  given  = { age "55 years", no_information "conditions" },
  expect = { indeterminate "diabetes-hba1c" },
}
example "HbA1c: falls due in 60 days" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "HbA1c" :on "2025-10-30" },
  expect = { due_soon "diabetes-hba1c" },
}
example "HbA1c: falls due in 61 days" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "HbA1c" :on "2025-11-01" },
  expect = { up_to_date "diabetes-hba1c" },
}
example "a sensor's glucose management indicator will do" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "glucose management indicator" :on "2025-12-01" },
  expect = { up_to_date "diabetes-hba1c" },
}
example "a sensor's glucose management indicator of seven months ago" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "glucose management indicator" :on "2025-08-01" },
  expect = { overdue "diabetes-hba1c" },
}
example "a sensor's glucose management indicator of five and a half months ago" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "glucose management indicator" :on "2025-09-15" },
  expect = { due_soon "diabetes-hba1c" },
}
example "palliative care, no reminder for HbA1c" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", has_condition "palliative care" },
  expect = { not_applicable "diabetes-hba1c" },
}
