rule "broken" {
  title = "A word that does not exist",
  when_ordering = anything,
  if_all = { takking "warfarin" },
  warn = "Never.",
}
