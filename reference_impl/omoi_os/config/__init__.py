"""Settings and prices, read when asked and never at import."""
