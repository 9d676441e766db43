"""The report in every format; JSON is canonical and the others derive from it."""
