pack { name = "broken", version = "1.0.0", publisher = "Vigil", language = "1" }
