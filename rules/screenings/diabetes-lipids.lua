screening "diabetes-lipids" {
  title     = "Lipids in diabetes",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Standards of Care in Diabetes", publisher = "American Diabetes Association", year = 2025, grade = "standard of care",
                url = "https://diabetesjournals.org/care/issue/48/Supplement_1" },

  for_patients = { age_at_least "18 years", has_condition "diabetes" },
  unless_any   = { pregnant, meets "in hospice or palliative care" },
  satisfied_by = { done "lipid measurement" :every "1 year" },
  due_soon     = "60 days",

  remind  = "A lipid panel is due since {due}. Yearly, and 4 to 12 weeks after a change of treatment.",
  ask     = "It is not known when lipids were last measured.",
  suggest = { order "lipid measurement" },
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "lipids: never recorded" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10" },
  expect = { overdue "diabetes-lipids" },
}
example "lipids: done in time" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "lipid measurement" :on "2025-08-01" },
  expect = { up_to_date "diabetes-lipids" },
}
example "lipids: due today" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "lipid measurement" :on "2025-03-01" },
  expect = { due_soon "diabetes-lipids" },
}
example "lipids: one day late" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "lipid measurement" :on "2025-02-28" },
  expect = { overdue "diabetes-lipids" },
}
example "lipids: results were not supplied" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", no_information "results" },
  expect = { indeterminate "diabetes-lipids" },
}
example "lipids: no diabetes" {
  today  = "2026-03-01",
  given  = { age "55 years" },
  expect = { not_applicable "diabetes-lipids" },
}
example "lipids: 17 years old" {
  today  = "2026-03-01",
  given  = { born "2008-03-02", has_condition "diabetes" :on "2015-01-10" },
  expect = { not_applicable "diabetes-lipids" },
}
example "lipids: 18th birthday was yesterday" {
  today  = "2026-03-01",
  given  = { born "2008-02-28", has_condition "diabetes" :on "2015-01-10" },
  expect = { overdue "diabetes-lipids" },
}
example "lipids: pregnant" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", has_condition "diabetes" :on "2015-01-10", pregnant },
  expect = { not_applicable "diabetes-lipids" },
}
example "lipids: in hospice care" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", in_hospice },
  expect = { not_applicable "diabetes-lipids" },
}
example "lipids: conditions were not supplied" {
  today  = "2026-03-01",
  given  = { age "55 years", no_information "conditions" },
  expect = { indeterminate "diabetes-lipids" },
}
example "diabetes-lipids: sixty days before it falls due" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "lipid measurement" :on "2025-04-30" },
  expect = { due_soon "diabetes-lipids" },
}
example "diabetes-lipids: sixty-one days before it falls due" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "lipid measurement" :on "2025-05-01" },
  expect = { up_to_date "diabetes-lipids" },
}
example "palliative care, no reminder for lipids" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", has_condition "palliative care" },
  expect = { not_applicable "diabetes-lipids" },
}
