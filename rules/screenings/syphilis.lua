-- Off by default: risk decides, and records seldom tell it; the date of the statement is unverified.

screening "syphilis" {
  title     = "Syphilis screening",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Syphilis Infection in Nonpregnant Adolescents and Adults: Screening", publisher = "US Preventive Services Task Force", year = 2022, grade = "A; how often is a convention",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/syphilis-infection-nonpregnant-adults-adolescents-screening" },

  for_patients = { age_at_least "15 years", has_condition "HIV infection" },
  satisfied_by = { done "syphilis test" :every "1 year" },
  due_soon     = "60 days",

  remind  = "A syphilis test is due for review since {due}.",
  ask     = "The record does not tell.",
  suggest = { order "syphilis serology" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
