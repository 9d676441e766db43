"""Step definitions by subject: a few lines each, words to driver or probe to assertion."""
