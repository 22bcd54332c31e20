screening "abdominal-aortic-aneurysm" {
  title     = "Abdominal aortic aneurysm screening",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Abdominal Aortic Aneurysm: Screening", publisher = "US Preventive Services Task Force", year = 2019, grade = "B",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/abdominal-aortic-aneurysm-screening" },

  for_patients = { sex "male", age_between("65 years", "75 years"), any { has_condition "current smoker", ever_had "former smoker", latest "pack-years of smoking" :is_above "0 {PackYears}" } },
  unless_any   = { ever_had "abdominal aortic aneurysm", meets "in hospice or palliative care" },
  satisfied_by = { done "abdominal aortic ultrasound" :once },

  remind  = "One ultrasound of the abdominal aorta is due since {due}: men of 65 to 75 who ever smoked.",
  ask     = "It is not recorded whether this man ever smoked. Ask, to tell whether an ultrasound of the aorta is meant for him.",
  suggest = { order "abdominal aortic ultrasound" },
  accept_override = { "Done elsewhere", "Patient declines" },
}

example "a smoker of 68, never scanned" {
  today  = "2026-03-01",
  given  = { sex "male", age "68 years", has_condition "current smoker" },
  expect = { overdue "abdominal-aortic-aneurysm" },
}
example "a former smoker of 68" {
  today  = "2026-03-01",
  given  = { sex "male", age "68 years", had "former smoker" :on "2010-01-01" },
  expect = { overdue "abdominal-aortic-aneurysm" },
}
example "ten pack-years recorded" {
  today  = "2026-03-01",
  given  = { sex "male", age "68 years", result("pack-years of smoking", "10 {PackYears}", "2025-06-01") },
  expect = { overdue "abdominal-aortic-aneurysm" },
}
example "no pack-years, never smoked" {
  today  = "2026-03-01",
  given  = { sex "male", age "68 years", result("pack-years of smoking", "0 {PackYears}", "2025-06-01") },
  expect = { not_applicable "abdominal-aortic-aneurysm" },
}
example "a woman of 68 who smokes" {
  today  = "2026-03-01",
  given  = { sex "female", age "68 years", has_condition "current smoker" },
  expect = { not_applicable "abdominal-aortic-aneurysm" },
}
example "64 is too young for the aorta" {
  today  = "2026-03-01",
  given  = { sex "male", born "1961-03-02", has_condition "current smoker" },
  expect = { not_applicable "abdominal-aortic-aneurysm" },
}
example "65 is old enough for the aorta" {
  today  = "2026-03-01",
  given  = { sex "male", born "1961-02-28", has_condition "current smoker" },
  expect = { overdue "abdominal-aortic-aneurysm" },
}
example "75 still counts for the aorta" {
  today  = "2026-03-01",
  given  = { sex "male", born "1950-03-02", has_condition "current smoker" },
  expect = { overdue "abdominal-aortic-aneurysm" },
}
example "76 no longer counts for the aorta" {
  today  = "2026-03-01",
  given  = { sex "male", born "1950-03-01", has_condition "current smoker" },
  expect = { not_applicable "abdominal-aortic-aneurysm" },
}
example "scanned once, long ago" {
  today  = "2026-03-01",
  given  = { sex "male", age "70 years", has_condition "current smoker", done "abdominal aortic ultrasound" :on "2021-03-01" },
  expect = { up_to_date "abdominal-aortic-aneurysm" },
}
example "the aneurysm is known" {
  today  = "2026-03-01",
  given  = { sex "male", age "68 years", has_condition "current smoker", has_condition "abdominal aortic aneurysm" :on "2020-01-01" },
  expect = { not_applicable "abdominal-aortic-aneurysm" },
}
example "in hospice care, no aorta" {
  today  = "2026-03-01",
  given  = { sex "male", age "68 years", has_condition "current smoker", in_hospice },
  expect = { not_applicable "abdominal-aortic-aneurysm" },
}
example "nobody recorded whether he smoked" {
  today  = "2026-03-01",
  given  = { sex "male", age "68 years" },
  expect = { indeterminate "abdominal-aortic-aneurysm" },
}
example "half a pack-year counts" {
  today  = "2026-03-01",
  given  = { sex "male", age "68 years", result("pack-years of smoking", "0.5 {PackYears}", "2020-06-01") },
  expect = { overdue "abdominal-aortic-aneurysm" },
}
