screening "colorectal-cancer" {
  title     = "Colorectal cancer screening",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Colorectal Cancer: Screening", publisher = "US Preventive Services Task Force", year = 2021, grade = "A (50 to 75 years), B (45 to 49 years)",
                url = "https://www.uspreventiveservicestaskforce.org/uspstf/recommendation/colorectal-cancer-screening" },

  for_patients = { age_between("45 years", "75 years") },
  unless_any   = { ever_had "colorectal cancer", done "total colectomy", meets "in hospice or palliative care" },
  satisfied_by = {
    done "colonoscopy" :every "10 years",
    done "CT colonography" :every "5 years",
    done "flexible sigmoidoscopy" :every "5 years",
    done "FIT-DNA" :unless_result "abnormal" :every "3 years",
    done "stool blood test" :unless_result "abnormal" :every "1 year",
  },
  due_soon = "60 days",

  remind  = "Colorectal cancer screening is due since {due}. Offer a yearly stool test or a colonoscopy, as the patient prefers.",
  ask     = "It is not known when colorectal cancer was last screened for. Ask the patient.",
  suggest = { order "FIT", order "colonoscopy" },
  accept_override = { "Done elsewhere", "Patient declines", "Life expectancy under 10 years" },
}

example "nobody ever looked, at 60" {
  today  = "2026-03-01",
  given  = { age "60 years" },
  expect = { overdue "colorectal-cancer" },
}
example "44 years and 364 days is too young" {
  today  = "2026-03-01",
  given  = { born "1981-03-02" },
  expect = { not_applicable "colorectal-cancer" },
}
example "on the 45th birthday it is due" {
  today  = "2026-03-01",
  given  = { born "1981-03-01" },
  expect = { due_soon "colorectal-cancer" },
}
example "75 still counts" {
  today  = "2026-03-01",
  given  = { born "1950-03-02" },
  expect = { overdue "colorectal-cancer" },
}
example "76 no longer counts" {
  today  = "2026-03-01",
  given  = { born "1950-03-01" },
  expect = { not_applicable "colorectal-cancer" },
}
example "a colonoscopy nine years ago" {
  today  = "2026-03-01",
  given  = { age "60 years", done "colonoscopy" :on "2017-03-01" },
  expect = { up_to_date "colorectal-cancer" },
}
example "a colonoscopy ten years ago to the day" {
  today  = "2026-03-01",
  given  = { age "60 years", done "colonoscopy" :on "2016-03-01" },
  expect = { due_soon "colorectal-cancer" },
}
example "a colonoscopy ten years and a day ago" {
  today  = "2026-03-01",
  given  = { age "60 years", done "colonoscopy" :on "2016-02-29" },
  expect = { overdue "colorectal-cancer" },
}
example "within 60 days of falling due" {
  today  = "2026-03-01",
  given  = { age "60 years", done "colonoscopy" :on "2016-04-30" },
  expect = { due_soon "colorectal-cancer" },
}
example "61 days before falling due" {
  today  = "2026-03-01",
  given  = { age "60 years", done "colonoscopy" :on "2016-05-01" },
  expect = { up_to_date "colorectal-cancer" },
}
example "CT colonography four years ago" {
  today  = "2026-03-01",
  given  = { age "60 years", done "CT colonography" :on "2022-03-01" },
  expect = { up_to_date "colorectal-cancer" },
}
example "CT colonography six years ago" {
  today  = "2026-03-01",
  given  = { age "60 years", done "CT colonography" :on "2020-03-01" },
  expect = { overdue "colorectal-cancer" },
}
example "sigmoidoscopy four years ago" {
  today  = "2026-03-01",
  given  = { age "60 years", done "flexible sigmoidoscopy" :on "2022-03-01" },
  expect = { up_to_date "colorectal-cancer" },
}
example "sigmoidoscopy six years ago" {
  today  = "2026-03-01",
  given  = { age "60 years", done "flexible sigmoidoscopy" :on "2020-03-01" },
  expect = { overdue "colorectal-cancer" },
}
example "stool DNA test two years ago" {
  today  = "2026-03-01",
  given  = { age "60 years", done "FIT-DNA" :on "2024-03-01" },
  expect = { up_to_date "colorectal-cancer" },
}
example "stool DNA test four years ago" {
  today  = "2026-03-01",
  given  = { age "60 years", done "FIT-DNA" :on "2022-03-01" },
  expect = { overdue "colorectal-cancer" },
}
example "an abnormal stool DNA test does not satisfy" {
  today  = "2026-03-01",
  given  = { age "60 years", done "FIT-DNA" :on "2025-12-01" :with_result "abnormal" },
  expect = { overdue "colorectal-cancer" },
}
example "stool blood test eight months ago" {
  today  = "2026-03-01",
  given  = { age "60 years", done "stool blood test" :on "2025-07-01" },
  expect = { up_to_date "colorectal-cancer" },
}
example "stool blood test eleven and a half months ago" {
  today  = "2026-03-01",
  given  = { age "60 years", done "stool blood test" :on "2025-03-15" },
  expect = { due_soon "colorectal-cancer" },
}
example "stool blood test thirteen months ago" {
  today  = "2026-03-01",
  given  = { age "60 years", done "stool blood test" :on "2025-02-01" },
  expect = { overdue "colorectal-cancer" },
}
example "an abnormal stool blood test needs its follow-up" {
  today  = "2026-03-01",
  given  = { age "60 years", done "stool blood test" :on "2025-12-01" :with_result "abnormal" },
  expect = { overdue "colorectal-cancer" },
}
example "colorectal cancer years ago" {
  today  = "2026-03-01",
  given  = { age "60 years", had "colorectal cancer" :on "2015-05-01" },
  expect = { not_applicable "colorectal-cancer" },
}
example "the colon was removed" {
  today  = "2026-03-01",
  given  = { age "60 years", done "total colectomy" :on "2012-01-10" },
  expect = { not_applicable "colorectal-cancer" },
}
example "in hospice care, no reminder for the bowel" {
  today  = "2026-03-01",
  given  = { age "60 years", in_hospice },
  expect = { not_applicable "colorectal-cancer" },
}
example "palliative care, no reminder for the bowel" {
  today  = "2026-03-01",
  given  = { age "60 years", has_condition "palliative care" },
  expect = { not_applicable "colorectal-cancer" },
}
example "nobody supplied the procedures" {
  today  = "2026-03-01",
  given  = { age "60 years", no_information "procedures" },
  expect = { indeterminate "colorectal-cancer" },
}
example "a palliative visit in the last year" {
  today  = "2026-03-01",
  given  = { age "60 years", visited "palliative care" :on "2025-10-01" },
  expect = { not_applicable "colorectal-cancer" },
}
example "palliative treatment more than a year ago" {
  today  = "2026-03-01",
  given  = { age "60 years", done "palliative care" :on "2025-02-28" },
  expect = { overdue "colorectal-cancer" },
}
example "palliative treatment in the last year" {
  today  = "2026-03-01",
  given  = { age "60 years", done "palliative care" :on "2025-03-01" },
  expect = { not_applicable "colorectal-cancer" },
}
example "an assessment says that the patient is in hospice care" {
  today  = "2026-03-01",
  given  = { age "60 years", result("hospice status", "yes", "2025-12-01") },
  expect = { not_applicable "colorectal-cancer" },
}
example "an assessment says that the patient is not in hospice care" {
  today  = "2026-03-01",
  given  = { age "60 years", result("hospice status", "no", "2025-12-01") },
  expect = { overdue "colorectal-cancer" },
}
