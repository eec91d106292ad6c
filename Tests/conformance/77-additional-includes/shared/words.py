WORDS = "shared"
