"""The provider stub: an LLM provider that speaks OpenAI's and Anthropic's wire protocols and counts what it serves."""
