"""The stub as the harness holds it: what it is told to serve, and what it did serve."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One response that was served whole: to which script, for which model, with which counts, streamed or not."""

    number: int
    marker: str | None
    provider: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    streamed: bool
    at: float


class ProviderStub:
    """A provider on loopback; unscripted callers are served one response."""

    @property
    def url(self) -> str:
        """Where it is; OpenAI's base URL is this with /v1, Anthropic's is this."""
        raise NotImplementedError

    def expect(self, marker: str, *, calls: int) -> None:
        """Serve so many responses to a conversation that holds these words, and end it with the last of them."""
        raise NotImplementedError

    def served(self, marker: str) -> tuple[Served, ...]:
        """What was served to a conversation, in order."""
        raise NotImplementedError
