-- Off by default: the graded item is exercise for those at risk; yearly assessment is a convention.

screening "fall-risk" {
  title     = "Falls: risk assessment",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Falls Prevention in Community-Dwelling Older Adults: Interventions", publisher = "US Preventive Services Task Force", year = 2024, grade = "B; how often is a convention",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/falls-prevention-community-dwelling-older-adults-interventions" },

  for_patients = { age_at_least "65 years" },
  unless_any   = { meets "in hospice care" },
  satisfied_by = { done "fall risk assessment" :every "1 year" },
  due_soon     = "60 days",

  remind  = "An assessment of the risk of falls is due for review since {due}; offer exercise where it is raised.",
  ask     = "The record does not tell.",
  suggest = { order "fall risk assessment" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
