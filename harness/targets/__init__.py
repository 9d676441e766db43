"""Ways to a platform: the vocabulary, how it is started, and one module per target."""
