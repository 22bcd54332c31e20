pack { name = "empty", version = "1.0.0", publisher = "Vigil", language = "1" }
