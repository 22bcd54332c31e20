-- Off by default: the guideline names no interval; a year is a convention.

screening "depression" {
  title     = "Depression screening",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Depression and Suicide Risk in Adults: Screening", publisher = "US Preventive Services Task Force", year = 2023, grade = "B; how often is a convention",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/screening-depression-suicide-risk-adults" },

  for_patients = { age_at_least "12 years" },
  unless_any   = { ever_had "bipolar disorder", meets "in hospice care" },
  satisfied_by = { done "depression screening" :every "1 year" },
  due_soon     = "60 days",

  remind  = "A depression questionnaire is due for review since {due}.",
  ask     = "The record does not tell.",
  suggest = { order "depression screening" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
