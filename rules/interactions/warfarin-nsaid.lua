-- The model of an interaction whose weight depends on context, after the guide
-- of the HL7 drug-interaction working group for this pair.

define "stomach protection" { any { will_be_taking "proton pump inhibitor", will_be_taking "misoprostol" } }

define "raised risk of stomach bleeding" {
  any {
    age_at_least "66 years",
    ever_had "peptic ulcer",
    will_be_taking "systemic corticosteroid",
    will_be_taking "spironolactone",
    will_be_taking "eplerenone",
    will_be_taking "systemic NSAID" :at_least(2),
  },
}

interaction "warfarin-nsaid" {
  title     = "Bleeding risk: warfarin with an NSAID",
  severity  = "warning",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Potential Drug-Drug Interaction (PDDI) CDS implementation guide: warfarin and NSAIDs", publisher = "HL7 International", year = 2024,
                grade = "expert consensus", url = "https://hl7.org/fhir/uv/pddi/" },

  between  = { "warfarin", "systemic NSAID" },
  replaces = { "wf01" },
  cases    = {
    { if_any = { the "systemic NSAID" :by_route "topical" }, severity = "info", say = "Topical use adds little." },
    { if_any = { the "systemic NSAID" :by_route "ophthalmic", the "systemic NSAID" :by_route "otic" }, severity = "info",
      say = "In the eye or in the ear it adds little." },
    { if_any = { latest "INR" :is_above "4" :within "14 days" }, severity = "critical", say = "INR {latest INR} on {date of latest INR}." },
    { if_all = { meets "stomach protection", meets "raised risk of stomach bleeding" }, severity = "warning",
      say = "The stomach is protected, but another risk of bleeding is present (age over 65, an earlier ulcer, a corticosteroid, an aldosterone antagonist or a second NSAID)." },
    { if_all = { meets "stomach protection" }, severity = "info", say = "Stomach protection is ordered." },
    { if_all = { none { meets "stomach protection" } }, severity = "critical", say = "No proton pump inhibitor or misoprostol is ordered." },
  },
  warn    = "{this_order} with {other_drug} raises the risk of serious bleeding. Choose another painkiller if possible; otherwise protect the stomach and check the INR within a week.",
  suggest = { cancel_this_order, order_instead "acetaminophen" },
  accept_override = { "Benefit outweighs risk", "Short course, INR monitored", "Patient has taken both without harm" },
}

example "ibuprofen ordered on warfarin, nothing protects the stomach" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "critical" },
}
example "warfarin ordered on ibuprofen" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "ibuprofen", ordering "warfarin" },
  expect = { alert "warfarin-nsaid" :with_severity "critical" },
}
example "ibuprofen on warfarin with omeprazole" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", taking "omeprazole", ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "info" },
}
example "ibuprofen on warfarin with misoprostol" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", taking "misoprostol", ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "info" },
}
example "ibuprofen on warfarin with omeprazole, at 66" {
  today  = "2026-03-01",
  given  = { born "1960-03-01", taking "warfarin", taking "omeprazole", ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "warning" },
}
example "ibuprofen on warfarin with omeprazole, at 65" {
  today  = "2026-03-01",
  given  = { born "1960-03-02", taking "warfarin", taking "omeprazole", ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "info" },
}
example "ibuprofen on warfarin with omeprazole after an ulcer" {
  today  = "2026-03-01",
  given  = { age "50 years", had "peptic ulcer" :on "2020-01-01", taking "warfarin", taking "omeprazole", ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "warning" },
}
example "ibuprofen on warfarin with omeprazole and prednisone" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", taking "omeprazole", taking "prednisone", ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "warning" },
}
example "ibuprofen on warfarin with omeprazole and spironolactone" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", taking "omeprazole", taking "spironolactone", ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "warning" },
}
example "ibuprofen on warfarin with omeprazole and eplerenone" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", taking "omeprazole", taking "eplerenone", ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "warning" },
}
example "a second NSAID on warfarin with omeprazole" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", taking "omeprazole", taking "naproxen", ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "warning" },
}
example "INR of 4.1 ten days ago" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", taking "omeprazole", result("INR", "4.1", "2026-02-19"), ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "critical" },
}
example "INR of 4.0 ten days ago" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", taking "omeprazole", result("INR", "4", "2026-02-19"), ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "info" },
}
example "INR of 4.1 fifteen days ago" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", taking "omeprazole", result("INR", "4.1", "2026-02-14"), ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "info" },
}
example "INR of 4.1 fourteen days ago" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", taking "omeprazole", result("INR", "4.1", "2026-02-15"), ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "critical" },
}
example "diclofenac gel on warfarin" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", ordering "diclofenac" :by_route "topical" },
  expect = { alert "warfarin-nsaid" :with_severity "info" },
}
example "ketorolac eye drops ordered on warfarin" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", ordering "ketorolac" :by_route "ophthalmic" },
  expect = { alert "warfarin-nsaid" :with_severity "info" },
}
example "diclofenac ear drops ordered on warfarin" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", ordering "diclofenac" :by_route "otic" },
  expect = { alert "warfarin-nsaid" :with_severity "info" },
}
example "acetaminophen on warfarin is another matter" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", ordering "acetaminophen" },
  expect = { silent "warfarin-nsaid" },
}
example "ibuprofen without warfarin" {
  today  = "2026-03-01",
  given  = { age "50 years", ordering "ibuprofen" },
  expect = { silent "warfarin-nsaid" },
}
example "ibuprofen on warfarin, age and history unknown" {
  today  = "2026-03-01",
  given  = { taking "warfarin", taking "omeprazole", ordering "ibuprofen", no_information "conditions" },
  expect = { alert "warfarin-nsaid" },
}
example "diclofenac gel on warfarin with an INR of 4.5" {
  today  = "2026-03-01",
  given  = { age "50 years", taking "warfarin", result("INR", "4.5", "2026-02-19"), ordering "diclofenac" :by_route "topical" },
  expect = { alert "warfarin-nsaid" :with_severity "info" },
}
example "INR of 4.1 ten days ago, with omeprazole, at 70" {
  today  = "2026-03-01",
  given  = { age "70 years", taking "warfarin", taking "omeprazole", result("INR", "4.1", "2026-02-19"), ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "critical" },
}
example "ibuprofen on warfarin at 70, nothing protects the stomach" {
  today  = "2026-03-01",
  given  = { age "70 years", taking "warfarin", ordering "ibuprofen" },
  expect = { alert "warfarin-nsaid" :with_severity "critical" },
}
