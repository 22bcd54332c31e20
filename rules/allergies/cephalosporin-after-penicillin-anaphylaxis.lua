-- A cephalosporin with a side chain of its own is acceptable for most patients
-- with a penicillin allergy, so nothing is said unless the recorded reaction
-- was severe and immediate.  Shared side chains have rows of their own.

allergy "cephalosporin-after-penicillin-anaphylaxis" {
  title     = "Cephalosporin after a severe immediate reaction to a penicillin",
  severity  = "info",
  status    = "active",
  owner     = "Vigil starter pack",
  review_by = "2027-11-01",
  evidence  = { title = "Penicillin and beta-lactam allergy: epidemiology and diagnosis (Macy 2014)", publisher = "Current Allergy and Asthma Reports", year = 2014 },

  allergic_to   = "penicillin",
  when_ordering = "cephalosporin",
  if_all        = { has_allergy_to "penicillin" :with_reaction "severe immediate reaction" },
  unless_any    = { this_order :is "cefazolin" },
  warn = "A severe immediate reaction to a penicillin is recorded. One or two in a hundred such patients react to a cephalosporin with another side chain. Give the first dose of {this_order} under observation.",
  accept_override = { "First dose under observation", "Tolerated since" },
}

example "ceftriaxone after anaphylaxis from penicillin" {
  today  = "2026-03-01",
  given  = { age "40 years", has_allergy_to "penicillin G" :with_reaction "anaphylaxis", ordering "ceftriaxone" },
  expect = { alert "cephalosporin-after-penicillin-anaphylaxis" :with_severity "info" },
}
example "cefazolin after anaphylaxis from penicillin" {
  today  = "2026-03-01",
  given  = { age "40 years", has_allergy_to "penicillin G" :with_reaction "anaphylaxis", ordering "cefazolin" },
  expect = { silent "cephalosporin-after-penicillin-anaphylaxis" },
}
example "ceftriaxone after hives from penicillin" {
  today  = "2026-03-01",
  given  = { age "40 years", has_allergy_to "penicillin G" :with_reaction "hives", ordering "ceftriaxone" },
  expect = { silent "cephalosporin-after-penicillin-anaphylaxis" },
}
example "ceftriaxone, penicillin reaction not recorded" {
  today  = "2026-03-01",
  given  = { age "40 years", has_allergy_to "penicillin G", ordering "ceftriaxone" },
  expect = { not_evaluated "cephalosporin-after-penicillin-anaphylaxis" },
}
