contraindication "metformin-low-egfr" {
  title     = "Metformin with eGFR below 30",
  severity  = "critical",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Metformin-containing drugs: drug safety communication on use in reduced kidney function", publisher = "US Food and Drug Administration",
                year = 2016, grade = "label", url = "https://www.fda.gov/drugs/drug-safety-and-availability/fda-drug-safety-communication-fda-revises-warnings-regarding-use-diabetes-medicine-metformin-certain" },

  when_ordering = "metformin",
  when_taking   = "metformin",
  replaces      = { "dl01" },
  if_all        = { latest "eGFR" :is_below "30 mL/min/1.73 m²" :within "1 year" },
  if_unknown    = "ask",

  ask     = "No eGFR of the last year is known. Measure it before metformin is ordered or continued.",
  warn    = "eGFR {latest eGFR} on {date of latest eGFR}: metformin is contraindicated below 30 mL/min/1.73 m² because of lactic acidosis. Stop it and choose another drug.",
  suggest = { cancel_this_order, order "eGFR" },
  accept_override = { "Newer eGFR is 30 or more", "Nephrology agrees" },
}

example "metformin ordered with an eGFR of 24" {
  today  = "2026-03-01",
  given  = { age "60 years", result("eGFR", "24 mL/min/1.73 m²", "2026-02-01"), ordering "metformin" },
  expect = { "metformin-low-egfr" },
}
example "metformin taken with an eGFR of 24" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "metformin", result("eGFR", "24 mL/min/1.73 m²", "2026-02-01") },
  expect = { "metformin-low-egfr" },
}
example "eGFR 29.9" {
  today  = "2026-03-01",
  given  = { age "60 years", result("eGFR", "29.9 mL/min/1.73 m²", "2026-02-01"), ordering "metformin" },
  expect = { "metformin-low-egfr" },
}
example "eGFR 30" {
  today  = "2026-03-01",
  given  = { age "60 years", result("eGFR", "30 mL/min/1.73 m²", "2026-02-01"), ordering "metformin" },
  expect = { silent "metformin-low-egfr" },
}
example "a latest eGFR of 24 after an old 80" {
  today  = "2026-03-01",
  given  = { age "60 years", result("eGFR", "80 mL/min/1.73 m²", "2025-04-01"), result("eGFR", "24 mL/min/1.73 m²", "2026-02-01"), ordering "metformin" },
  expect = { "metformin-low-egfr" },
}
example "a latest eGFR of 80 after an old 24" {
  today  = "2026-03-01",
  given  = { age "60 years", result("eGFR", "24 mL/min/1.73 m²", "2025-04-01"), result("eGFR", "80 mL/min/1.73 m²", "2026-02-01"), ordering "metformin" },
  expect = { silent "metformin-low-egfr" },
}
example "eGFR a year old to the day" {
  today  = "2026-03-01",
  given  = { age "60 years", result("eGFR", "24 mL/min/1.73 m²", "2025-03-01"), ordering "metformin" },
  expect = { "metformin-low-egfr" },
}
example "eGFR a year and a day old" {
  today  = "2026-03-01",
  given  = { age "60 years", result("eGFR", "24 mL/min/1.73 m²", "2025-02-28"), ordering "metformin" },
  expect = { ask "metformin-low-egfr" },
}
example "no eGFR at all" {
  today  = "2026-03-01",
  given  = { age "60 years", ordering "metformin" },
  expect = { ask "metformin-low-egfr" },
}
example "another drug with an eGFR of 24" {
  today  = "2026-03-01",
  given  = { age "60 years", result("eGFR", "24 mL/min/1.73 m²", "2026-02-01"), ordering "gabapentin" },
  expect = { silent "metformin-low-egfr" },
}
