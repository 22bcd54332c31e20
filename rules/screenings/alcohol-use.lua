-- Off by default: the guideline names no interval; a year is a convention.

screening "alcohol-use" {
  title     = "Unhealthy alcohol use screening",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Unhealthy Alcohol Use in Adolescents and Adults: Screening and Behavioral Counseling Interventions", publisher = "US Preventive Services Task Force", year = 2018, grade = "B; how often is a convention",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/unhealthy-alcohol-use-in-adolescents-and-adults-screening-and-behavioral-counseling-interventions" },

  for_patients = { age_at_least "18 years" },
  unless_any   = { meets "in hospice care" },
  satisfied_by = { done "alcohol use screening" :every "1 year" },
  due_soon     = "60 days",

  remind  = "A questionnaire on alcohol is due for review since {due}.",
  ask     = "The record does not tell.",
  suggest = { order "alcohol use screening" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
