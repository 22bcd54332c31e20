screening "cervical-cancer" {
  title     = "Cervical cancer screening",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Cervical Cancer: Screening", publisher = "US Preventive Services Task Force", year = 2018, grade = "A",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/cervical-cancer-screening" },

  for_patients = { sex "female", age_between("21 years", "65 years") },
  unless_any   = { ever_had "absence of cervix", meets "in hospice or palliative care" },
  satisfied_by = {
    done "Pap test" :every "3 years",
    done "HPV test" :after_age "30 years" :every "5 years",
  },
  due_soon = "60 days",

  remind  = "Cervical screening is due since {due}. From 21 a Pap test every 3 years; from 30 an HPV test every 5 years, alone or with a Pap test, does as well.",
  ask     = "It is not known when the cervix was last screened. Ask the patient.",
  suggest = { order "Pap test", order "HPV test" },
  accept_override = { "Done elsewhere", "Patient declines", "Followed after an abnormal result" },
}

example "never screened, at 35" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years" },
  expect = { overdue "cervical-cancer" },
}
example "no cervical screening for men" {
  today  = "2026-03-01",
  given  = { sex "male", age "35 years" },
  expect = { not_applicable "cervical-cancer" },
}
example "20, the day before the birthday" {
  today  = "2026-03-01",
  given  = { sex "female", born "2005-03-02" },
  expect = { not_applicable "cervical-cancer" },
}
example "on the 21st birthday" {
  today  = "2026-03-01",
  given  = { sex "female", born "2005-03-01" },
  expect = { due_soon "cervical-cancer" },
}
example "65 still counts for the cervix" {
  today  = "2026-03-01",
  given  = { sex "female", born "1960-03-02" },
  expect = { overdue "cervical-cancer" },
}
example "66 no longer counts for the cervix" {
  today  = "2026-03-01",
  given  = { sex "female", born "1960-03-01" },
  expect = { not_applicable "cervical-cancer" },
}
example "Pap test two years ago" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", done "Pap test" :on "2024-03-01" },
  expect = { up_to_date "cervical-cancer" },
}
example "Pap test three years and a day ago" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", done "Pap test" :on "2023-02-28" },
  expect = { overdue "cervical-cancer" },
}
example "Pap test three years ago to the day" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", done "Pap test" :on "2023-03-01" },
  expect = { due_soon "cervical-cancer" },
}
example "Pap test falls due in 61 days" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", done "Pap test" :on "2023-05-01" },
  expect = { up_to_date "cervical-cancer" },
}
example "HPV test four years ago, at 35" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", done "HPV test" :on "2022-03-01" },
  expect = { up_to_date "cervical-cancer" },
}
example "HPV test five years and a day ago" {
  today  = "2026-03-01",
  given  = { sex "female", age "38 years", done "HPV test" :on "2021-02-28" },
  expect = { overdue "cervical-cancer" },
}
example "an HPV test before 30 does not count" {
  today  = "2026-03-01",
  given  = { sex "female", born "1995-03-02", done "HPV test" :on "2025-03-01" },
  expect = { overdue "cervical-cancer" },
}
example "an HPV test on the 30th birthday counts" {
  today  = "2026-03-01",
  given  = { sex "female", born "1995-03-02", done "HPV test" :on "2025-03-02" },
  expect = { up_to_date "cervical-cancer" },
}
example "the cervix was removed" {
  today  = "2026-03-01",
  given  = { sex "female", age "50 years", has_condition "absence of cervix" :on "2018-01-01" },
  expect = { not_applicable "cervical-cancer" },
}
example "in hospice care, no cervical screening" {
  today  = "2026-03-01",
  given  = { sex "female", age "50 years", in_hospice },
  expect = { not_applicable "cervical-cancer" },
}
example "palliative care, no cervical screening" {
  today  = "2026-03-01",
  given  = { sex "female", age "50 years", has_condition "palliative care" },
  expect = { not_applicable "cervical-cancer" },
}
example "results were not supplied for the cervix" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", no_information "results" },
  expect = { indeterminate "cervical-cancer" },
}
example "cervical-cancer: sixty days before it falls due" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", done "Pap test" :on "2023-04-30" },
  expect = { due_soon "cervical-cancer" },
}
example "cervical-cancer: sixty-one days before it falls due" {
  today  = "2026-03-01",
  given  = { sex "female", age "35 years", done "Pap test" :on "2023-05-01" },
  expect = { up_to_date "cervical-cancer" },
}
