-- Off by default: the guideline names no interval; a year is a convention.

screening "intimate-partner-violence" {
  title     = "Intimate partner violence screening",
  status    = "draft",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Intimate Partner Violence, Elder Abuse, and Abuse of Vulnerable Adults: Screening", publisher = "US Preventive Services Task Force", year = 2018, grade = "B; how often is a convention",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/intimate-partner-violence-and-abuse-of-elderly-and-vulnerable-adults-screening" },

  for_patients = { sex "female", age_between("18 years", "50 years") },
  satisfied_by = { done "intimate partner violence screening" :every "1 year" },
  due_soon     = "60 days",

  remind  = "A question about violence at home is due for review since {due}; ask in private.",
  ask     = "The record does not tell.",
  suggest = { order "intimate partner violence screening" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
