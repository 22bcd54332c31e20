-- Pack-years are seldom recorded: without them the status is indeterminate, never overdue.
-- Whether a former smoker stopped within 15 years is for the clinician to judge: records rarely hold the date.

screening "lung-cancer" {
  title     = "Lung cancer screening",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Lung Cancer: Screening", publisher = "US Preventive Services Task Force", year = 2021, grade = "B",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/lung-cancer-screening" },

  for_patients = { age_between("50 years", "80 years"), latest "pack-years of smoking" :is_at_least "20 {PackYears}", any { has_condition "current smoker", ever_had "former smoker" } },
  unless_any   = { ever_had "lung cancer", meets "in hospice or palliative care" },
  satisfied_by = { done "low-dose CT of the chest" :every "1 year" },
  due_soon     = "60 days",

  remind  = "Yearly low-dose CT of the chest is due since {due}: 20 pack-years or more, and smoking now or stopped in the last 15 years.",
  ask     = "Pack-years of smoking are not recorded. Ask, and record them, to tell whether lung cancer screening is meant for this patient.",
  suggest = { order "low-dose CT of the chest" },
  accept_override = { "Done elsewhere", "Patient declines", "Stopped smoking more than 15 years ago" },
}

example "thirty pack-years, still smoking, never scanned" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker" },
  expect = { overdue "lung-cancer" },
}
example "exactly twenty pack-years" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "20 {PackYears}", "2025-06-01"), has_condition "current smoker" },
  expect = { overdue "lung-cancer" },
}
example "nineteen pack-years" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "19 {PackYears}", "2025-06-01"), has_condition "current smoker" },
  expect = { not_applicable "lung-cancer" },
}
example "former smoker" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), had "former smoker" :on "2020-01-01" },
  expect = { overdue "lung-cancer" },
}
example "pack-years but neither smoker nor former smoker" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "30 {PackYears}", "2025-06-01") },
  expect = { not_applicable "lung-cancer" },
}
example "scanned eight months ago" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker", done "low-dose CT of the chest" :on "2025-07-01" },
  expect = { up_to_date "lung-cancer" },
}
example "scanned a year ago to the day" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker", done "low-dose CT of the chest" :on "2025-03-01" },
  expect = { due_soon "lung-cancer" },
}
example "scanned a year and a day ago" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker", done "low-dose CT of the chest" :on "2025-02-28" },
  expect = { overdue "lung-cancer" },
}
example "49 is too young for the lung" {
  today  = "2026-03-01",
  given  = { born "1976-03-02", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker" },
  expect = { not_applicable "lung-cancer" },
}
example "50 is old enough for the lung" {
  today  = "2026-03-01",
  given  = { born "1976-02-28", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker" },
  expect = { overdue "lung-cancer" },
}
example "80 still counts for the lung" {
  today  = "2026-03-01",
  given  = { born "1945-03-02", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker" },
  expect = { overdue "lung-cancer" },
}
example "81 no longer counts for the lung" {
  today  = "2026-03-01",
  given  = { born "1945-03-01", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker" },
  expect = { not_applicable "lung-cancer" },
}
example "lung cancer before" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker", had "lung cancer" :on "2015-01-01" },
  expect = { not_applicable "lung-cancer" },
}
example "in hospice care, no scan" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker", in_hospice },
  expect = { not_applicable "lung-cancer" },
}
example "palliative care, no scan" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker", has_condition "palliative care" },
  expect = { not_applicable "lung-cancer" },
}
example "nobody recorded pack-years of a smoker" {
  today  = "2026-03-01",
  given  = { age "60 years", has_condition "current smoker" },
  expect = { indeterminate "lung-cancer" },
}
example "lung-cancer: sixty days before it falls due" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker", done "low-dose CT of the chest" :on "2025-04-30" },
  expect = { due_soon "lung-cancer" },
}
example "lung-cancer: sixty-one days before it falls due" {
  today  = "2026-03-01",
  given  = { age "60 years", result("pack-years of smoking", "30 {PackYears}", "2025-06-01"), has_condition "current smoker", done "low-dose CT of the chest" :on "2025-05-01" },
  expect = { up_to_date "lung-cancer" },
}
