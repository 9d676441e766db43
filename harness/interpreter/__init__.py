"""The platform's own Python, spoken to over JSON lines."""
