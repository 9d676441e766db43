"""What an agent and a provider say to each other, whichever provider it is."""

from dataclasses import dataclass
from typing import Literal, Protocol

from omoi_os.services.errors import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of a conversation; the user begins."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One call to be made: to a model, with a conversation so far, answered at once or as a stream."""

    model: str
    instructions: str
    turns: tuple[Turn, ...]
    streamed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One response as the provider reports and bills it; one that was cut short wants to be asked on."""

    model: str
    prompt_tokens: int
    completion_tokens: int
    text: str
    cut_short: bool


class ProviderFailed(Refusal):
    """A provider gave no answer, or none whose cost is known."""

    status = 502
    slug = "provider-failed"
    title = "The LLM provider did not answer"

    def __init__(self, provider: str, reason: str) -> None:
        super().__init__(f"{provider}: {reason}")


class Provider(Protocol):
    """One provider's client; it may be asked by several threads at once."""

    def ask(self, question: Question) -> Answer:
        """Make one call and wait for all of its answer; raises ProviderFailed."""
        ...

    def close(self) -> None:
        """Give the connections back."""
        ...
