screening "diabetes-eye-exam" {
  title     = "Retinal examination in diabetes",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Standards of Care in Diabetes", publisher = "American Diabetes Association", year = 2025, grade = "standard of care",
                url = "https://diabetesjournals.org/care/issue/48/Supplement_1" },

  for_patients = { age_at_least "18 years", has_condition "diabetes" },
  unless_any   = { ever_had "absence of both eyes", has_condition "type 1 diabetes" :onset_within "5 years", pregnant, meets "in hospice or palliative care" },
  satisfied_by = { done "diabetic retinal exam" :every "1 year" },
  due_soon     = "60 days",

  remind  = "A dilated or photographic examination of the retina is due since {due}. Yearly; every 2 years may do after normal findings and good control.",
  ask     = "It is not known when the retina was last examined.",
  suggest = { order "diabetic retinal exam" },
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "eye: never recorded" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10" },
  expect = { overdue "diabetes-eye-exam" },
}
example "eye: done in time" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "diabetic retinal exam" :on "2025-08-01" },
  expect = { up_to_date "diabetes-eye-exam" },
}
example "eye: due today" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "diabetic retinal exam" :on "2025-03-01" },
  expect = { due_soon "diabetes-eye-exam" },
}
example "eye: one day late" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "diabetic retinal exam" :on "2025-02-28" },
  expect = { overdue "diabetes-eye-exam" },
}
example "eye: procedures were not supplied" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", no_information "procedures" },
  expect = { indeterminate "diabetes-eye-exam" },
}
example "eye: no diabetes" {
  today  = "2026-03-01",
  given  = { age "55 years" },
  expect = { not_applicable "diabetes-eye-exam" },
}
example "eye: 17 years old" {
  today  = "2026-03-01",
  given  = { born "2008-03-02", has_condition "diabetes" :on "2015-01-10" },
  expect = { not_applicable "diabetes-eye-exam" },
}
example "eye: 18th birthday was yesterday" {
  today  = "2026-03-01",
  given  = { born "2008-02-28", has_condition "diabetes" :on "2015-01-10" },
  expect = { overdue "diabetes-eye-exam" },
}
example "eye: pregnant" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", has_condition "diabetes" :on "2015-01-10", pregnant },
  expect = { not_applicable "diabetes-eye-exam" },
}
example "eye: in hospice care" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", in_hospice },
  expect = { not_applicable "diabetes-eye-exam" },
}
example "eye: conditions were not supplied" {
  today  = "2026-03-01",
  given  = { age "55 years", no_information "conditions" },
  expect = { indeterminate "diabetes-eye-exam" },
}
example "eye: type 1 diabetes for four years" {
  today  = "2026-03-01",
  given  = { age "30 years", has_condition "type 1 diabetes" :on "2022-03-01" },
  expect = { not_applicable "diabetes-eye-exam" },
}
example "eye: type 1 diabetes for six years" {
  today  = "2026-03-01",
  given  = { age "30 years", has_condition "type 1 diabetes" :on "2020-03-01" },
  expect = { overdue "diabetes-eye-exam" },
}
example "diabetes-eye-exam: sixty days before it falls due" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "diabetic retinal exam" :on "2025-04-30" },
  expect = { due_soon "diabetes-eye-exam" },
}
example "diabetes-eye-exam: sixty-one days before it falls due" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", done "diabetic retinal exam" :on "2025-05-01" },
  expect = { up_to_date "diabetes-eye-exam" },
}
example "eye: type 1 diabetes for just under five years" {
  today  = "2026-03-01",
  given  = { age "30 years", has_condition "type 1 diabetes" :on "2021-03-02" },
  expect = { not_applicable "diabetes-eye-exam" },
}
example "no eyes to examine" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", has_condition "absence of both eyes" :on "2001-01-01" },
  expect = { not_applicable "diabetes-eye-exam" },
}
example "palliative care, no reminder for the eyes" {
  today  = "2026-03-01",
  given  = { age "55 years", has_condition "diabetes" :on "2015-01-10", has_condition "palliative care" },
  expect = { not_applicable "diabetes-eye-exam" },
}
