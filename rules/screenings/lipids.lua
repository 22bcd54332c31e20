-- Off by default: the graded item is the statin; five years between panels is a convention.

screening "lipids" {
  title     = "Lipid screening",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Statin Use for the Primary Prevention of Cardiovascular Disease in Adults: Preventive Medication", publisher = "US Preventive Services Task Force", year = 2022, grade = "B; how often is a convention",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/statin-use-in-adults-preventive-medication" },

  for_patients = { age_between("40 years", "75 years") },
  unless_any   = { ever_had "atherosclerotic cardiovascular disease", meets "in hospice or palliative care" },
  satisfied_by = { done "lipid measurement" :every "5 years" },
  due_soon     = "60 days",

  remind  = "A lipid panel is due for review since {due}, to judge cardiovascular risk.",
  ask     = "The record does not tell.",
  suggest = { order "lipid measurement" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
