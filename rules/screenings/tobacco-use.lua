-- Off by default: the guideline names no interval; two years is a convention.

screening "tobacco-use" {
  title     = "Tobacco use: ask and advise",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Tobacco Smoking Cessation in Adults, Including Pregnant Persons: Interventions", publisher = "US Preventive Services Task Force", year = 2021, grade = "A; how often is a convention",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/tobacco-use-in-adults-and-pregnant-women-counseling-and-interventions" },

  for_patients = { age_at_least "18 years" },
  unless_any   = { meets "in hospice care" },
  satisfied_by = { done "tobacco use status" :every "2 years" },
  due_soon     = "60 days",

  remind  = "Tobacco use is due for review since {due}: ask, advise, and offer help to stop.",
  ask     = "The record does not tell.",
  suggest = { order "tobacco use status" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
