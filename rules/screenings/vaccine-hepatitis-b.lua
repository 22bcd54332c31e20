-- Off by default: US vaccine policy changed in 2025 and 2026; a site decides and dates it.

screening "vaccine-hepatitis-b" {
  title     = "Hepatitis B vaccine",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Adult immunization schedule", publisher = "Centers for Disease Control and Prevention", year = 2025, grade = "routine",
                url = "https://www.cdc.gov/vaccines/hcp/imz-schedules/adult-age.html" },

  for_patients = { age_between("19 years", "59 years") },
  satisfied_by = { vaccinated "hepatitis B vaccine" :doses_at_least(2) :once },
  due_soon     = "60 days",

  remind  = "A hepatitis B vaccine series is due since {due}.",
  ask     = "The record does not tell.",
  suggest = { order "hepatitis B vaccine" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
