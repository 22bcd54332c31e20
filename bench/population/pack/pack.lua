pack { name = "vigil-population-bench", version = "1.0.0", publisher = "Vigil", language = "1" }
