-- Digoxin with cyclosporine: what counts is the digoxin level, the electrolytes,
-- the kidneys, diuretics, and whether the order is new.

define "digoxin level too high" { latest "digoxin level" :is_above "2 ng/mL" :within "30 days" }

define "digoxin is at risk of harm" {
  any {
    latest "potassium" :is_below "3.5 mmol/L" :within "30 days",
    latest "magnesium" :is_below "0.7 mmol/L" :within "30 days",
    latest "creatinine" :risen_by "50 %" :within "30 days",
    will_be_taking "potassium-lowering diuretic",
  },
}

interaction "digoxin-cyclosporine" {
  title     = "Digoxin toxicity: digoxin with cyclosporine",
  severity  = "warning",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Potential Drug-Drug Interaction (PDDI) CDS implementation guide: digoxin and cyclosporine", publisher = "HL7 International", year = 2024,
                grade = "expert consensus", url = "https://hl7.org/fhir/uv/pddi/" },

  between  = { "digoxin", "cyclosporine" },
  replaces = { "dg03" },
  cases    = {
    { if_any = { meets "digoxin level too high" }, severity = "critical", say = "Digoxin level {latest digoxin level} on {date of latest digoxin level}." },
    { if_any = { meets "digoxin is at risk of harm" }, severity = "critical", say = "Low potassium or magnesium, worsening kidney function or a diuretic adds to the risk." },
    { if_all = { this_order :is_renewal, latest "digoxin level" :is_at_most "2 ng/mL" :within "30 days" }, severity = "info",
      say = "Both are taken already, and the digoxin level was {latest digoxin level} on {date of latest digoxin level}." },
  },
  warn    = "Cyclosporine slows the clearance of digoxin: {this_order} with {other_drug}. Check the digoxin level, potassium, magnesium and creatinine now and within a week; lower the digoxin dose when they call for it.",
  suggest = { order "digoxin level" },
  accept_override = { "Digoxin dose was reduced", "Level will be checked" },
}

example "cyclosporine ordered on digoxin" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "warning" },
}
example "digoxin ordered on cyclosporine" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "cyclosporine", ordering "digoxin" },
  expect = { alert "digoxin-cyclosporine" :with_severity "warning" },
}
example "digoxin level of 2.1" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("digoxin level", "2.1 ng/mL", "2026-01-30"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "critical" },
}
example "digoxin level of 2.0" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("digoxin level", "2 ng/mL", "2026-02-20"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "warning" },
}
example "digoxin level of 2.1, thirty-one days old" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("digoxin level", "2.1 ng/mL", "2026-01-29"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "warning" },
}
example "an old normal level does not hide a new high one" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("digoxin level", "1 ng/mL", "2026-02-10"), result("digoxin level", "2.6 ng/mL", "2026-02-28"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "critical" },
}
example "potassium of 3.4" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("potassium", "3.4 mmol/L", "2026-01-30"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "critical" },
}
example "potassium of 3.5" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("potassium", "3.5 mmol/L", "2026-02-20"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "warning" },
}
example "potassium of 3.4, thirty-one days old" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("potassium", "3.4 mmol/L", "2026-01-29"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "warning" },
}
example "magnesium of 0.6" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("magnesium", "0.6 mmol/L", "2026-01-30"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "critical" },
}
example "magnesium of 0.7" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("magnesium", "0.7 mmol/L", "2026-02-20"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "warning" },
}
example "creatinine has risen by half" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("creatinine", "1.0 mg/dL", "2026-02-05"), result("creatinine", "1.5 mg/dL", "2026-02-25"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "critical" },
}
example "creatinine has risen by less" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("creatinine", "1.0 mg/dL", "2026-02-05"), result("creatinine", "1.4 mg/dL", "2026-02-25"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "warning" },
}
example "furosemide besides" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", taking "furosemide", ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "critical" },
}
example "cyclosporine renewed, level in range" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", taking "cyclosporine", result("digoxin level", "1.2 ng/mL", "2026-02-20"), ordering "cyclosporine" :renewing },
  expect = { alert "digoxin-cyclosporine" :with_severity "info" },
}
example "cyclosporine without digoxin" {
  today  = "2026-03-01",
  given  = { age "60 years", ordering "cyclosporine" },
  expect = { silent "digoxin-cyclosporine" },
}
example "cyclosporine on digoxin, results unknown" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", ordering "cyclosporine", no_information "results" },
  expect = { alert "digoxin-cyclosporine" :with_severity "warning" },
}
example "magnesium of 0.6, thirty-one days old" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("magnesium", "0.6 mmol/L", "2026-01-29"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "warning" },
}
example "creatinine has risen by just under half" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("creatinine", "1.0 mg/dL", "2026-02-05"), result("creatinine", "1.495 mg/dL", "2026-02-25"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "warning" },
}
example "creatinine has risen since thirty days ago" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("creatinine", "1.0 mg/dL", "2026-01-30"), result("creatinine", "1.5 mg/dL", "2026-02-25"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "critical" },
}
example "the lower creatinine is thirty-one days old" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("creatinine", "1.0 mg/dL", "2026-01-29"), result("creatinine", "1.5 mg/dL", "2026-02-25"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "warning" },
}
example "a high level is told before a low potassium" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", result("digoxin level", "2.5 ng/mL", "2026-02-20"), result("potassium", "3.0 mmol/L", "2026-02-20"), ordering "cyclosporine" },
  expect = { alert "digoxin-cyclosporine" :with_severity "critical" :saying "Digoxin level 2.5" },
}
example "cyclosporine renewed, level in range, but furosemide besides" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", taking "cyclosporine", taking "furosemide", result("digoxin level", "1.2 ng/mL", "2026-02-20"), ordering "cyclosporine" :renewing },
  expect = { alert "digoxin-cyclosporine" :with_severity "critical" },
}
example "cyclosporine renewed, level at the limit, thirty days old" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", taking "cyclosporine", result("digoxin level", "2 ng/mL", "2026-01-30"), ordering "cyclosporine" :renewing },
  expect = { alert "digoxin-cyclosporine" :with_severity "info" :saying "the digoxin level was 2" },
}
example "cyclosporine renewed, level thirty-one days old" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", taking "cyclosporine", result("digoxin level", "1.2 ng/mL", "2026-01-29"), ordering "cyclosporine" :renewing },
  expect = { alert "digoxin-cyclosporine" :with_severity "info" :not_saying "the digoxin level was" },
}
example "cyclosporine renewed, level never measured" {
  today  = "2026-03-01",
  given  = { age "60 years", taking "digoxin", taking "cyclosporine", ordering "cyclosporine" :renewing },
  expect = { alert "digoxin-cyclosporine" :with_severity "info" :not_saying "the digoxin level was" },
}
