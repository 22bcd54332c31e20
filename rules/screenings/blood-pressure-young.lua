screening "blood-pressure-young" {
  title     = "Blood pressure screening, 18 to 39 years",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Hypertension in Adults: Screening", publisher = "US Preventive Services Task Force", year = 2021, grade = "A",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/hypertension-in-adults-screening" },

  for_patients = { age_between("18 years", "39 years") },
  unless_any   = { ever_had "hypertension", meets "in hospice care" },
  satisfied_by = { done "blood pressure" :every "5 years" },
  due_soon     = "60 days",

  remind = "A blood pressure reading is due since {due}. Every 3 to 5 years from 18 to 39 without raised risk.",
  ask    = "It is not known when the blood pressure was last measured.",
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "18+: never measured" {
  today  = "2026-03-01",
  given  = { age "30 years" },
  expect = { overdue "blood-pressure-young" },
}
example "18+: measured in time" {
  today  = "2026-03-01",
  given  = { age "30 years", done "blood pressure" :on "2022-03-01" },
  expect = { up_to_date "blood-pressure-young" },
}
example "18+: measured, due today" {
  today  = "2026-03-01",
  given  = { age "30 years", done "blood pressure" :on "2021-03-01" },
  expect = { due_soon "blood-pressure-young" },
}
example "18+: one day late" {
  today  = "2026-03-01",
  given  = { age "30 years", done "blood pressure" :on "2021-02-28" },
  expect = { overdue "blood-pressure-young" },
}
example "18+: hypertension is known" {
  today  = "2026-03-01",
  given  = { age "30 years", has_condition "hypertension" :on "2020-01-01" },
  expect = { not_applicable "blood-pressure-young" },
}
example "18+: in hospice care, no reading" {
  today  = "2026-03-01",
  given  = { age "30 years", in_hospice },
  expect = { not_applicable "blood-pressure-young" },
}
example "18+: a day too young" {
  today  = "2026-03-01",
  given  = { born "2008-03-02" },
  expect = { not_applicable "blood-pressure-young" },
}
example "18+: just old enough" {
  today  = "2026-03-01",
  given  = { born "2008-02-28" },
  expect = { overdue "blood-pressure-young" },
}
example "18+: last day" {
  today  = "2026-03-01",
  given  = { born "1986-03-02" },
  expect = { overdue "blood-pressure-young" },
}
example "18+: a day too old" {
  today  = "2026-03-01",
  given  = { born "1986-03-01" },
  expect = { not_applicable "blood-pressure-young" },
}
example "18+: results not supplied" {
  today  = "2026-03-01",
  given  = { age "30 years", no_information "results" },
  expect = { indeterminate "blood-pressure-young" },
}
example "blood-pressure-young: sixty days before it falls due" {
  today  = "2026-03-01",
  given  = { age "30 years", done "blood pressure" :on "2021-04-30" },
  expect = { due_soon "blood-pressure-young" },
}
example "blood-pressure-young: sixty-one days before it falls due" {
  today  = "2026-03-01",
  given  = { age "30 years", done "blood pressure" :on "2021-05-01" },
  expect = { up_to_date "blood-pressure-young" },
}
