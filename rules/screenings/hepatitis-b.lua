-- Off by default: most of the risks that it is meant for (country of birth, household contacts) are not in records; only HIV infection is.

screening "hepatitis-b" {
  title     = "Hepatitis B screening",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Hepatitis B Virus Infection in Adolescents and Adults: Screening", publisher = "US Preventive Services Task Force", year = 2020, grade = "B",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/hepatitis-b-virus-infection-screening" },

  for_patients = { age_at_least "18 years", has_condition "HIV infection" },
  unless_any   = { ever_had "hepatitis B" },
  satisfied_by = { done "hepatitis B surface antigen" :once },
  due_soon     = "60 days",

  remind  = "A test for hepatitis B surface antigen is due since {due}.",
  ask     = "The record does not tell.",
  suggest = { order "hepatitis B surface antigen" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
