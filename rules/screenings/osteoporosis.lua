screening "osteoporosis" {
  title     = "Osteoporosis screening",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Osteoporosis to Prevent Fractures: Screening", publisher = "US Preventive Services Task Force", year = 2025, grade = "B",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/osteoporosis-screening" },

  for_patients = { sex "female", age_at_least "65 years" },
  unless_any   = { ever_had "osteoporosis", meets "in hospice or palliative care" },
  satisfied_by = { done "bone density measurement" :once },

  remind  = "One measurement of bone density is due since {due}: women from 65.",
  ask     = "It is not known whether bone density was ever measured.",
  suggest = { order "bone density measurement" },
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "never measured, at 70" {
  today  = "2026-03-01",
  given  = { sex "female", age "70 years" },
  expect = { overdue "osteoporosis" },
}
example "measured once" {
  today  = "2026-03-01",
  given  = { sex "female", age "70 years", done "bone density measurement" :on "2021-01-01" },
  expect = { up_to_date "osteoporosis" },
}
example "a man of 70" {
  today  = "2026-03-01",
  given  = { sex "male", age "70 years" },
  expect = { not_applicable "osteoporosis" },
}
example "64, bone" {
  today  = "2026-03-01",
  given  = { sex "female", born "1961-03-02" },
  expect = { not_applicable "osteoporosis" },
}
example "65 since yesterday, bone" {
  today  = "2026-03-01",
  given  = { sex "female", born "1961-02-28" },
  expect = { overdue "osteoporosis" },
}
example "osteoporosis is known" {
  today  = "2026-03-01",
  given  = { sex "female", age "70 years", has_condition "osteoporosis" :on "2020-01-01" },
  expect = { not_applicable "osteoporosis" },
}
example "in hospice care, no bone density" {
  today  = "2026-03-01",
  given  = { sex "female", age "70 years", in_hospice },
  expect = { not_applicable "osteoporosis" },
}
example "palliative care, no bone density" {
  today  = "2026-03-01",
  given  = { sex "female", age "70 years", has_condition "palliative care" },
  expect = { not_applicable "osteoporosis" },
}
example "results not supplied, bone" {
  today  = "2026-03-01",
  given  = { sex "female", age "70 years", no_information "results" },
  expect = { indeterminate "osteoporosis" },
}
