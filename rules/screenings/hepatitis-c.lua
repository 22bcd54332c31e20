screening "hepatitis-c" {
  title     = "Hepatitis C screening",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Hepatitis C Virus Infection in Adolescents and Adults: Screening", publisher = "US Preventive Services Task Force", year = 2020, grade = "B",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/hepatitis-c-screening" },

  for_patients = { age_between("18 years", "79 years") },
  unless_any   = { ever_had "hepatitis C", meets "in hospice care" },
  satisfied_by = { done "hepatitis C antibody" :once },

  remind  = "One test for hepatitis C antibody is due since {due}; again only while there is a risk.",
  ask     = "It is not known whether hepatitis C was ever tested for.",
  suggest = { order "hepatitis C antibody" },
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "never tested for hepatitis C" {
  today  = "2026-03-01",
  given  = { age "50 years" },
  expect = { overdue "hepatitis-c" },
}
example "tested once for hepatitis C" {
  today  = "2026-03-01",
  given  = { age "50 years", done "hepatitis C antibody" :on "2010-01-01" },
  expect = { up_to_date "hepatitis-c" },
}
example "hepatitis C is known" {
  today  = "2026-03-01",
  given  = { age "50 years", has_condition "hepatitis C" :on "2010-01-01" },
  expect = { not_applicable "hepatitis-c" },
}
example "in hospice care, no hepatitis test" {
  today  = "2026-03-01",
  given  = { age "50 years", in_hospice },
  expect = { not_applicable "hepatitis-c" },
}
example "17, hepatitis C" {
  today  = "2026-03-01",
  given  = { born "2008-03-02" },
  expect = { not_applicable "hepatitis-c" },
}
example "18 since yesterday, hepatitis C" {
  today  = "2026-03-01",
  given  = { born "2008-02-28" },
  expect = { overdue "hepatitis-c" },
}
example "79 still counts for hepatitis C" {
  today  = "2026-03-01",
  given  = { born "1946-03-02" },
  expect = { overdue "hepatitis-c" },
}
example "80 no longer counts for hepatitis C" {
  today  = "2026-03-01",
  given  = { born "1946-03-01" },
  expect = { not_applicable "hepatitis-c" },
}
example "results not supplied, hepatitis C" {
  today  = "2026-03-01",
  given  = { age "50 years", no_information "results" },
  expect = { indeterminate "hepatitis-c" },
}
