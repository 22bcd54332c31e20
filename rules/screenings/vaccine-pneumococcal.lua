-- Off by default: US vaccine policy changed in 2025 and 2026; a site decides and dates it.

screening "vaccine-pneumococcal" {
  title     = "Pneumococcal vaccine",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Adult immunization schedule", publisher = "Centers for Disease Control and Prevention", year = 2025, grade = "routine",
                url = "https://www.cdc.gov/vaccines/hcp/imz-schedules/adult-age.html" },

  for_patients = { age_at_least "50 years" },
  satisfied_by = { vaccinated "pneumococcal vaccine" :once },
  due_soon     = "60 days",

  remind  = "A pneumococcal vaccine is due since {due}.",
  ask     = "The record does not tell.",
  suggest = { order "pneumococcal vaccine" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
