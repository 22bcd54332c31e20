pack { name = "vigil-starter", version = "1.0.0", publisher = "Vigil", language = "1" }
