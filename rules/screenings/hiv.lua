-- Once in a lifetime, as the guideline says; a yearly test is a convention of some programmes, not of the guideline.

screening "hiv" {
  title     = "HIV screening",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Human Immunodeficiency Virus (HIV) Infection: Screening", publisher = "US Preventive Services Task Force", year = 2019, grade = "A",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/human-immunodeficiency-virus-hiv-infection-screening" },

  for_patients = { age_between("15 years", "65 years") },
  unless_any   = { ever_had "HIV infection", meets "in hospice care" },
  satisfied_by = { done "HIV test" :once },

  remind  = "One test for HIV is due since {due}; again only while there is a risk, and in each pregnancy.",
  ask     = "It is not known whether HIV was ever tested for.",
  suggest = { order "HIV test" },
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "never tested for HIV" {
  today  = "2026-03-01",
  given  = { age "40 years" },
  expect = { overdue "hiv" },
}
example "tested once for HIV" {
  today  = "2026-03-01",
  given  = { age "40 years", done "HIV test" :on "2010-01-01" },
  expect = { up_to_date "hiv" },
}
example "HIV is known" {
  today  = "2026-03-01",
  given  = { age "40 years", has_condition "HIV infection" :on "2010-01-01" },
  expect = { not_applicable "hiv" },
}
example "in hospice care, no HIV test" {
  today  = "2026-03-01",
  given  = { age "40 years", in_hospice },
  expect = { not_applicable "hiv" },
}
example "14, HIV" {
  today  = "2026-03-01",
  given  = { born "2011-03-02" },
  expect = { not_applicable "hiv" },
}
example "15 since yesterday, HIV" {
  today  = "2026-03-01",
  given  = { born "2011-02-28" },
  expect = { overdue "hiv" },
}
example "65 still counts for HIV" {
  today  = "2026-03-01",
  given  = { born "1960-03-02" },
  expect = { overdue "hiv" },
}
example "66 no longer counts for HIV" {
  today  = "2026-03-01",
  given  = { born "1960-03-01" },
  expect = { not_applicable "hiv" },
}
example "results not supplied, HIV" {
  today  = "2026-03-01",
  given  = { age "40 years", no_information "results" },
  expect = { indeterminate "hiv" },
}
