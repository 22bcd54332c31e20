-- Off by default: US vaccine policy changed in 2025 and 2026; a site decides and dates it.

screening "vaccine-tetanus" {
  title     = "Tetanus and diphtheria booster",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Adult immunization schedule", publisher = "Centers for Disease Control and Prevention", year = 2025, grade = "routine",
                url = "https://www.cdc.gov/vaccines/hcp/imz-schedules/adult-age.html" },

  for_patients = { age_at_least "19 years" },
  satisfied_by = { vaccinated "tetanus-diphtheria vaccine" :every "10 years" },
  due_soon     = "60 days",

  remind  = "A tetanus and diphtheria booster is due since {due}.",
  ask     = "The record does not tell.",
  suggest = { order "tetanus-diphtheria vaccine" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
