-- Off by default: the risks (country of birth, shelter, prison) are not in records.

screening "tuberculosis" {
  title     = "Latent tuberculosis screening",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Latent Tuberculosis Infection in Adults: Screening", publisher = "US Preventive Services Task Force", year = 2023, grade = "B",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/latent-tuberculosis-infection-screening" },

  for_patients = { age_at_least "18 years" },
  satisfied_by = { done "tuberculosis test" :once },
  due_soon     = "60 days",

  remind  = "A test for latent tuberculosis is due for review since {due} for those at raised risk.",
  ask     = "The record does not tell.",
  suggest = { order "tuberculosis test" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
