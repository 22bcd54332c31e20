screening "blood-pressure" {
  title     = "Blood pressure screening, 40 years and older",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Hypertension in Adults: Screening", publisher = "US Preventive Services Task Force", year = 2021, grade = "A",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/hypertension-in-adults-screening" },

  for_patients = { age_at_least "40 years" },
  unless_any   = { ever_had "hypertension", meets "in hospice care" },
  satisfied_by = { done "blood pressure" :every "1 year" },
  due_soon     = "60 days",

  remind = "A blood pressure reading is due since {due}. Yearly from 40.",
  ask    = "It is not known when the blood pressure was last measured.",
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "40+: never measured" {
  today  = "2026-03-01",
  given  = { age "50 years" },
  expect = { overdue "blood-pressure" },
}
example "40+: measured in time" {
  today  = "2026-03-01",
  given  = { age "50 years", done "blood pressure" :on "2025-08-01" },
  expect = { up_to_date "blood-pressure" },
}
example "40+: measured, due today" {
  today  = "2026-03-01",
  given  = { age "50 years", done "blood pressure" :on "2025-03-01" },
  expect = { due_soon "blood-pressure" },
}
example "40+: one day late" {
  today  = "2026-03-01",
  given  = { age "50 years", done "blood pressure" :on "2025-02-28" },
  expect = { overdue "blood-pressure" },
}
example "40+: hypertension is known" {
  today  = "2026-03-01",
  given  = { age "50 years", has_condition "hypertension" :on "2020-01-01" },
  expect = { not_applicable "blood-pressure" },
}
example "40+: in hospice care, no reading" {
  today  = "2026-03-01",
  given  = { age "50 years", in_hospice },
  expect = { not_applicable "blood-pressure" },
}
example "40+: a day too young" {
  today  = "2026-03-01",
  given  = { born "1986-03-02" },
  expect = { not_applicable "blood-pressure" },
}
example "40+: just old enough" {
  today  = "2026-03-01",
  given  = { born "1986-02-28" },
  expect = { overdue "blood-pressure" },
}
example "40+: results not supplied" {
  today  = "2026-03-01",
  given  = { age "50 years", no_information "results" },
  expect = { indeterminate "blood-pressure" },
}
example "blood-pressure: sixty days before it falls due" {
  today  = "2026-03-01",
  given  = { age "50 years", done "blood pressure" :on "2025-04-30" },
  expect = { due_soon "blood-pressure" },
}
example "blood-pressure: sixty-one days before it falls due" {
  today  = "2026-03-01",
  given  = { age "50 years", done "blood pressure" :on "2025-05-01" },
  expect = { up_to_date "blood-pressure" },
}
