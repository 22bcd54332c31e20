-- Off by default: the guideline names no interval; a year is a convention.

screening "obesity" {
  title     = "Body mass index",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Weight Loss to Prevent Obesity-Related Morbidity and Mortality in Adults: Behavioral Interventions", publisher = "US Preventive Services Task Force", year = 2018, grade = "B; how often is a convention",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/obesity-in-adults-interventions" },

  for_patients = { age_at_least "18 years" },
  unless_any   = { pregnant, meets "in hospice or palliative care" },
  satisfied_by = { done "body mass index" :every "1 year" },
  due_soon     = "60 days",

  remind = "The body mass index is due for review since {due}; from 30, offer an intensive programme.",
  ask    = "The record does not tell.",
  accept_override = { "Done elsewhere", "Patient declines" },
}
