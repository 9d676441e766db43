"""What one provider's wire protocol is to the stub: how it asks, how it answers, how it refuses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as far as the stub cares; `text` is all of it, `wants_usage` whether a stream is to report counts."""

    provider: str
    model: str
    streamed: bool
    wants_usage: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One response to be sent after so many seconds; one that is cut short tells the caller to ask on."""

    number: int
    marker: str | None
    asked: Asked
    words: tuple[str, ...]
    prompt_tokens: int
    completion_tokens: int
    cut_short: bool
    after_seconds: float = 0.0


class Refused(Exception):
    """The stub will not answer this request, with an HTTP status, as the real provider would not."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Wire(Protocol):
    """One provider's protocol over HTTP."""

    provider: str
    path: str

    def read(self, document: Document, headers: Mapping[str, str]) -> Asked:
        """Read a request; Refused when the provider would not take it."""
        ...

    def whole(self, spoken: Spoken) -> Document:
        """The response in one piece."""
        ...

    def events(self, spoken: Spoken) -> Iterator[bytes]:
        """The response as server-sent events, each with its closing empty line."""
        ...

    def refusal(self, refused: Refused) -> Document:
        """The body of a refusal."""
        ...


def demand(document: Document, name: str, kind: type) -> Any:
    """A field of a request; Refused when it is missing or of another type."""
    value = document.get(name)
    if not isinstance(value, kind):
        raise Refused(400, f"{name}: a {kind.__name__} is required")
    return value
