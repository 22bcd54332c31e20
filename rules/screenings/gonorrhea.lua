-- Off by default: it is meant for the sexually active, which records seldom tell, and a year is a convention.

screening "gonorrhea" {
  title     = "Gonorrhea screening",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Chlamydia and Gonorrhea: Screening", publisher = "US Preventive Services Task Force", year = 2021, grade = "B; how often is a convention",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/chlamydia-and-gonorrhea-screening" },

  for_patients = { sex "female", age_between("15 years", "24 years") },
  unless_any   = { meets "in hospice care" },
  satisfied_by = { done "gonorrhea test" :every "1 year" },
  due_soon     = "60 days",

  remind  = "A gonorrhea test is due for review since {due} for sexually active women up to 24.",
  ask     = "The record does not tell.",
  suggest = { order "gonorrhea nucleic acid test" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
