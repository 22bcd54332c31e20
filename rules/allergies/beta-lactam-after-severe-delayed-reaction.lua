-- After a severe delayed reaction (severe skin reaction, drug reaction with
-- eosinophilia) no side chain makes another beta-lactam safe.  This is a rule
-- and not a row, because the rows that keep cefazolin, carbapenems and aztreonam
-- silent in penicillin allergy must not keep it silent.

allergy "beta-lactam-after-severe-delayed-reaction" {
  title     = "Beta-lactam after a severe delayed reaction to a beta-lactam",
  severity  = "critical",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Beta-lactam allergy chart", publisher = "Bugs & Drugs", url = "https://www.bugsanddrugs.org/" },

  allergic_to   = "beta-lactam",
  when_ordering = "beta-lactam",
  if_all        = { has_allergy_to "beta-lactam" :with_reaction "severe skin reaction" },
  warn    = "A severe skin reaction to a beta-lactam is recorded, and side chains do not predict such reactions. Avoid {this_order} and all other beta-lactams until an allergy specialist has advised.",
  suggest = { cancel_this_order },
  accept_override = { "Allergy specialist has advised", "The recorded reaction was another one" },
}

example "cefazolin after DRESS from amoxicillin" {
  today  = "2026-03-01",
  given  = { age "40 years", has_allergy_to "amoxicillin" :with_reaction "severe skin reaction", ordering "cefazolin" },
  expect = { alert "beta-lactam-after-severe-delayed-reaction" :with_severity "critical" },
}
example "meropenem after DRESS from a cephalosporin" {
  today  = "2026-03-01",
  given  = { age "40 years", has_allergy_to "ceftriaxone" :with_reaction "severe skin reaction", ordering "meropenem" },
  expect = { alert "beta-lactam-after-severe-delayed-reaction" :with_severity "critical" },
}
example "cefazolin after anaphylaxis from amoxicillin" {
  today  = "2026-03-01",
  given  = { age "40 years", has_allergy_to "amoxicillin" :with_reaction "anaphylaxis", ordering "cefazolin" },
  expect = { silent "beta-lactam-after-severe-delayed-reaction" },
}
example "cefazolin, penicillin reaction not recorded" {
  today  = "2026-03-01",
  given  = { age "40 years", has_allergy_to "amoxicillin", ordering "cefazolin" },
  expect = { not_evaluated "beta-lactam-after-severe-delayed-reaction" },
}
example "azithromycin after DRESS from amoxicillin" {
  today  = "2026-03-01",
  given  = { age "40 years", has_allergy_to "amoxicillin" :with_reaction "severe skin reaction", ordering "azithromycin" },
  expect = { silent "beta-lactam-after-severe-delayed-reaction" },
}
example "cefazolin, allergies not supplied" {
  today  = "2026-03-01",
  given  = { age "40 years", no_information "allergies", ordering "cefazolin" },
  expect = { silent "beta-lactam-after-severe-delayed-reaction" },
}
