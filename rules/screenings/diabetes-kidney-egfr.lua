screening "diabetes-kidney-egfr" {
  title     = "Kidney function in diabetes",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Standards of Care in Diabetes", publisher = "American Diabetes Association", year = 2025, grade = "standard of care",
                url = "https://diabetesjournals.org/care/issue/48/Supplement_1" },

  for_patients = { age_at_least "18 years", has_condition "diabetes" },
  unless_any   = { pregnant, meets "in hospice care" },
  satisfied_by = { done "eGFR" :every "1 year" },
  due_soon     = "60 days",

  remind  = "Kidney function (eGFR) is due since {due}. Yearly, more often in chronic kidney disease.",
  ask     = "It is not known when eGFR was last measured.",
  suggest = { order "eGFR" },
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "kidney: never recorded" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10" },
  expect = { overdue "diabetes-kidney-egfr" },
}
example "kidney: done in time" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "eGFR" :on "2025-08-01" },
  expect = { up_to_date "diabetes-kidney-egfr" },
}
example "kidney: due today" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "eGFR" :on "2025-03-01" },
  expect = { due_soon "diabetes-kidney-egfr" },
}
example "kidney: one day late" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "eGFR" :on "2025-02-28" },
  expect = { overdue "diabetes-kidney-egfr" },
}
example "kidney: results were not supplied" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", no_information "results" },
  expect = { indeterminate "diabetes-kidney-egfr" },
}
example "kidney: no diabetes" {
  today  = "2026-03-01",
  given  = { age "55 years" },
  expect = { not_applicable "diabetes-kidney-egfr" },
}
example "kidney: 17 years old" {
  today  = "2026-03-01",
  given  = { born "2008-03-02", has_condition "diabetes" :on "2015-01-10" },
  expect = { not_applicable "diabetes-kidney-egfr" },
}
example "kidney: 18th birthday was yesterday" {
  today  = "2026-03-01",
  given  = { born "2008-02-28", has_condition "diabetes" :on "2015-01-10" },
  expect = { overdue "diabetes-kidney-egfr" },
}
example "kidney: pregnant" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", has_condition "diabetes" :on "2015-01-10", pregnant },
  expect = { not_applicable "diabetes-kidney-egfr" },
}
example "kidney: in hospice care" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", in_hospice },
  expect = { not_applicable "diabetes-kidney-egfr" },
}
example "kidney: conditions were not supplied" {
  today  = "2026-03-01",
  given  = { age "55 years", no_information "conditions" },
  expect = { indeterminate "diabetes-kidney-egfr" },
}
example "diabetes-kidney-egfr: sixty days before it falls due" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "eGFR" :on "2025-04-30" },
  expect = { due_soon "diabetes-kidney-egfr" },
}
example "diabetes-kidney-egfr: sixty-one days before it falls due" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "eGFR" :on "2025-05-01" },
  expect = { up_to_date "diabetes-kidney-egfr" },
}
