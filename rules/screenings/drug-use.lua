-- Off by default: the guideline names no interval, and asks for treatment to be at hand.

screening "drug-use" {
  title     = "Unhealthy drug use screening",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Unhealthy Drug Use: Screening", publisher = "US Preventive Services Task Force", year = 2020, grade = "B; how often is a convention",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/drug-use-illicit-screening" },

  for_patients = { age_at_least "18 years" },
  unless_any   = { meets "in hospice care" },
  satisfied_by = { done "drug use screening" :every "1 year" },
  due_soon     = "60 days",

  remind  = "A question about drug use is due for review since {due}; only where treatment can be offered.",
  ask     = "The record does not tell.",
  suggest = { order "drug use screening" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
