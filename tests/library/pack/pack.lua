pack { name = "test", version = "1.2.3", publisher = "Vigil", language = "1" }
