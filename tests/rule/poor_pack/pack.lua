pack "poor" { name = "poor", version = "1" }
