"""What is behind each word: one module a word, each with its ``app``."""
