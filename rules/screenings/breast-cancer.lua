screening "breast-cancer" {
  title     = "Breast cancer screening",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Breast Cancer: Screening", publisher = "US Preventive Services Task Force", year = 2024, grade = "B",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/breast-cancer-screening" },

  for_patients = { sex "female", age_between("40 years", "74 years") },
  unless_any   = { meets "both breasts were removed", meets "in hospice or palliative care" },
  satisfied_by = { done "mammography" :every "2 years" },
  due_soon     = "60 days",

  remind  = "A mammogram is due since {due}. Every two years from 40 to 74.",
  ask     = "It is not known when the last mammogram was taken. Ask the patient.",
  suggest = { order "mammography" },
  accept_override = { "Done elsewhere", "Patient declines", "Followed by another service because of high risk" },
}

example "never had a mammogram, at 55" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years" },
  expect = { overdue "breast-cancer" },
}
example "no mammogram for men" {
  today  = "2026-03-01",
  given  = { sex "male", age "55 years" },
  expect = { not_applicable "breast-cancer" },
}
example "39, the day before the birthday" {
  today  = "2026-03-01",
  given  = { sex "female", born "1986-03-02" },
  expect = { not_applicable "breast-cancer" },
}
example "on the 40th birthday" {
  today  = "2026-03-01",
  given  = { sex "female", born "1986-03-01" },
  expect = { due_soon "breast-cancer" },
}
example "74 still counts for the breast" {
  today  = "2026-03-01",
  given  = { sex "female", born "1951-03-02" },
  expect = { overdue "breast-cancer" },
}
example "75 no longer counts for the breast" {
  today  = "2026-03-01",
  given  = { sex "female", born "1951-03-01" },
  expect = { not_applicable "breast-cancer" },
}
example "mammogram nineteen months ago" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years", done "mammography" :on "2024-08-01" },
  expect = { up_to_date "breast-cancer" },
}
example "mammogram two years ago to the day" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years", done "mammography" :on "2024-03-01" },
  expect = { due_soon "breast-cancer" },
}
example "mammogram two years and a day ago" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years", done "mammography" :on "2024-02-29" },
  expect = { overdue "breast-cancer" },
}
example "mammogram falls due in 61 days" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years", done "mammography" :on "2024-05-01" },
  expect = { up_to_date "breast-cancer" },
}
example "mammogram falls due in 60 days" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years", done "mammography" :on "2024-04-30" },
  expect = { due_soon "breast-cancer" },
}
example "both breasts were removed" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years", has_condition "bilateral mastectomy" :on "2018-01-01" },
  expect = { not_applicable "breast-cancer" },
}
example "in hospice care, no mammogram" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years", in_hospice },
  expect = { not_applicable "breast-cancer" },
}
example "palliative care, no mammogram" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years", has_condition "palliative care" },
  expect = { not_applicable "breast-cancer" },
}
example "neither results nor procedures supplied for the breast" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years", no_information "results", no_information "procedures" },
  expect = { indeterminate "breast-cancer" },
}
example "the left breast was removed, then the right one" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years", has_condition "left mastectomy" :on "2012-04-01", done "right mastectomy" :on "2018-01-01" },
  expect = { not_applicable "breast-cancer" },
}
example "one breast was removed, the other still needs its mammogram" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years", has_condition "left mastectomy" :on "2012-04-01" },
  expect = { overdue "breast-cancer" },
}
example "both breasts were removed in one operation" {
  today  = "2026-03-01",
  given  = { sex "female", age "55 years", done "bilateral mastectomy" :on "2018-01-01" },
  expect = { not_applicable "breast-cancer" },
}
