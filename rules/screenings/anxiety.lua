-- Off by default: the guideline names no interval; a year is a convention.

screening "anxiety" {
  title     = "Anxiety screening",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Anxiety Disorders in Adults: Screening", publisher = "US Preventive Services Task Force", year = 2023, grade = "B; how often is a convention",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/anxiety-adults-screening" },

  for_patients = { age_between("18 years", "64 years") },
  unless_any   = { meets "in hospice care" },
  satisfied_by = { done "anxiety screening" :every "1 year" },
  due_soon     = "60 days",

  remind  = "An anxiety questionnaire is due for review since {due}.",
  ask     = "The record does not tell.",
  suggest = { order "anxiety screening" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
