"""A demonstration of the platform, and what it shares with the tests: servers and an LLM provider."""
