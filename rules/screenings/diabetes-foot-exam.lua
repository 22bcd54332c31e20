screening "diabetes-foot-exam" {
  title     = "Foot examination in diabetes",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Standards of Care in Diabetes", publisher = "American Diabetes Association", year = 2025, grade = "standard of care",
                url = "https://diabetesjournals.org/care/issue/48/Supplement_1" },

  for_patients = { age_at_least "18 years", has_condition "diabetes" },
  unless_any   = { pregnant, meets "in hospice care" },
  satisfied_by = { done "diabetic foot exam" :every "1 year" },
  due_soon     = "60 days",

  remind  = "A comprehensive foot examination is due since {due}. Yearly; at every visit with an ulcer or loss of feeling.",
  ask     = "It is not known when the feet were last examined.",
  suggest = { order "diabetic foot exam" },
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "feet: never recorded" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10" },
  expect = { overdue "diabetes-foot-exam" },
}
example "feet: done in time" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "diabetic foot exam" :on "2025-08-01" },
  expect = { up_to_date "diabetes-foot-exam" },
}
example "feet: due today" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "diabetic foot exam" :on "2025-03-01" },
  expect = { due_soon "diabetes-foot-exam" },
}
example "feet: one day late" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "diabetic foot exam" :on "2025-02-28" },
  expect = { overdue "diabetes-foot-exam" },
}
example "feet: procedures were not supplied" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", no_information "procedures" },
  expect = { indeterminate "diabetes-foot-exam" },
}
example "feet: no diabetes" {
  today  = "2026-03-01",
  given  = { age "55 years" },
  expect = { not_applicable "diabetes-foot-exam" },
}
example "feet: 17 years old" {
  today  = "2026-03-01",
  given  = { born "2008-03-02", has_condition "diabetes" :on "2015-01-10" },
  expect = { not_applicable "diabetes-foot-exam" },
}
example "feet: 18th birthday was yesterday" {
  today  = "2026-03-01",
  given  = { born "2008-02-28", has_condition "diabetes" :on "2015-01-10" },
  expect = { overdue "diabetes-foot-exam" },
}
example "feet: pregnant" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", has_condition "diabetes" :on "2015-01-10", pregnant },
  expect = { not_applicable "diabetes-foot-exam" },
}
example "feet: in hospice care" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", in_hospice },
  expect = { not_applicable "diabetes-foot-exam" },
}
example "feet: conditions were not supplied" {
  today  = "2026-03-01",
  given  = { age "55 years", no_information "conditions" },
  expect = { indeterminate "diabetes-foot-exam" },
}
example "diabetes-foot-exam: sixty days before it falls due" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "diabetic foot exam" :on "2025-04-30" },
  expect = { due_soon "diabetes-foot-exam" },
}
example "diabetes-foot-exam: sixty-one days before it falls due" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "diabetic foot exam" :on "2025-05-01" },
  expect = { up_to_date "diabetes-foot-exam" },
}
