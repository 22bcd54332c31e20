-- The peers' four screening rules as they answer them: a card with the order.
-- Vigil's own screenings speak when a chart is opened; bench/service.sh puts these in their place.

rule "peer-15" {
  title = "Rule 15", severity = "info", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  when_ordering = anything,
  if_all = { age_between("45 years", "75 years"), none {
    done "peer colonoscopy" :within "3652 days", done "peer FIT" :within "365 days", done "peer FIT-DNA" :within "1096 days",
    ever_had "peer colorectal cancer", done "peer colectomy" } },
  warn = "Due.",
}
example "peer-15: fires" { today = "2026-03-01", given = { age "60 years", ordering "peer TSH" }, expect = { "peer-15" } }
example "peer-15: silent" { today = "2026-03-01", given = { age "10 years", ordering "peer TSH" }, expect = { silent "peer-15" } }
example "peer-15: unknown" { today = "2026-03-01", given = { age "60 years", ordering "peer TSH", no_information "procedures" }, expect = { not_evaluated "peer-15" } }

rule "peer-16" {
  title = "Rule 16", severity = "info", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  when_ordering = anything,
  if_all = { sex "female", age_between("40 years", "74 years"), none { done "peer mammography" :within "730 days", done "peer mastectomy" } },
  warn = "Due.",
}
example "peer-16: fires" { today = "2026-03-01", given = { sex "female", age "60 years", ordering "peer TSH" }, expect = { "peer-16" } }
example "peer-16: silent" { today = "2026-03-01", given = { sex "male", age "60 years", ordering "peer TSH" }, expect = { silent "peer-16" } }
example "peer-16: unknown" { today = "2026-03-01", given = { sex "female", age "60 years", ordering "peer TSH", no_information "procedures" }, expect = { not_evaluated "peer-16" } }

rule "peer-17" {
  title = "Rule 17", severity = "info", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  when_ordering = anything,
  if_all = { sex "female", age_between("21 years", "65 years"), none {
    done "peer Pap test" :within "1096 days", done "peer HPV test" :within "1826 days", done "peer hysterectomy" } },
  warn = "Due.",
}
example "peer-17: fires" { today = "2026-03-01", given = { sex "female", age "60 years", ordering "peer TSH" }, expect = { "peer-17" } }
example "peer-17: silent" { today = "2026-03-01", given = { sex "male", age "60 years", ordering "peer TSH" }, expect = { silent "peer-17" } }
example "peer-17: unknown" { today = "2026-03-01", given = { sex "female", age "60 years", ordering "peer TSH", no_information "results" }, expect = { not_evaluated "peer-17" } }

rule "peer-18" {
  title = "Rule 18", severity = "info", status = "active", owner = "bench", review_by = "2099-01-01", evidence = { title = "The peers' specification", url = "https://example.org/bench", publisher = "bench", year = 2025, grade = "none" },
  when_ordering = anything,
  if_all = { ever_had "peer diabetes", none { done "peer HbA1c" :within "183 days" } },
  warn = "Due.",
}
example "peer-18: fires" { today = "2026-03-01", given = { has_condition "peer diabetes" :on "2010-01-01", ordering "peer TSH" }, expect = { "peer-18" } }
example "peer-18: silent" { today = "2026-03-01", given = { ordering "peer TSH" }, expect = { silent "peer-18" } }
example "peer-18: unknown" { today = "2026-03-01", given = { has_condition "peer diabetes" :on "2010-01-01", ordering "peer TSH", no_information "results" }, expect = { not_evaluated "peer-18" } }
