screening "colonoscopy" {
  title = "Colonoscopy", status = "active", owner = "Testers", review_by = "2099-01-01",
  evidence = { title = "A test", publisher = "Example", url = "https://example.org/s", year = 2020, grade = "A" },
  for_patients = { age_between("45 years", "75 years") },
  unless_any = { ever_had "colorectal cancer" },
  satisfied_by = { done "colonoscopy" :every "10 years" },
  due_soon = "60 days",
  remind = "A colonoscopy is due since {due}.",
  ask = "When was the last one?",
  suggest = { order "colonoscopy" },
  accept_override = { "Done elsewhere", "Patient declines" },
}
example "never looked at, at 60" {
  today = "2026-03-01", given = { age "60 years" }, expect = { overdue "colonoscopy" },
}
example "looked at last year" {
  today = "2026-03-01", given = { age "60 years", done "colonoscopy" :on "2025-03-01" }, expect = { up_to_date "colonoscopy" },
}
example "no history of procedures" {
  today = "2026-03-01", given = { age "60 years", no_information "procedures" }, expect = { indeterminate "colonoscopy" },
}

contraindication "metformin-low-egfr" {
  title = "Metformin with eGFR below 30", severity = "critical", status = "active", owner = "Testers", review_by = "2099-01-01",
  evidence = { title = "A test", publisher = "Example", url = "https://example.org/m", year = 2020, grade = "A" },
  when_ordering = "metformin",
  if_all = { latest "eGFR" :is_below "30 mL/min/1.73 m²" :within "1 year" },
  if_unknown = "ask", ask = "No eGFR in the last year.",
  warn = "eGFR {latest eGFR} on {date of latest eGFR}.",
  suggest = { cancel_this_order, order "eGFR" },
  accept_override = { "Nephrology agrees" },
}
example "metformin with a low eGFR" {
  today = "2026-03-01",
  given = { age "60 years", ordering "metformin", result("eGFR", "24 mL/min/1.73 m²", "2026-02-01") },
  expect = { "metformin-low-egfr" },
}
example "metformin with a good eGFR" {
  today = "2026-03-01",
  given = { age "60 years", ordering "metformin", result("eGFR", "90 mL/min/1.73 m²", "2026-02-01") },
  expect = { silent "metformin-low-egfr" },
}
example "metformin without an eGFR" {
  today = "2026-03-01", given = { age "60 years", ordering "metformin" }, expect = { ask "metformin-low-egfr" },
}
