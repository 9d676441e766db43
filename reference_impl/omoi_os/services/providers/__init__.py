"""LLM providers, each asked through its official client and answering in one form."""
