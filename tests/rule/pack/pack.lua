pack "rule-words" { name = "rule-words", version = "1" }
