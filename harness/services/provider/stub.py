"""The stub as the harness holds it: what it is told to serve, and what it did serve."""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Self

from harness.services.port import LOOPBACK
from harness.services.provider.book import Book, Served
from harness.services.provider.remote import RemoteBook
from harness.services.provider.server import StubServer

__all__ = ["ProviderStub", "Served"]


class ProviderStub:
    """A provider on loopback; unscripted callers are served one response. Use it in a `with`, or close it."""

    def __init__(self, seed: str, *, elsewhere: RemoteBook | None = None) -> None:
        """`elsewhere` is the book of a stub that runs already, and was given its seed; we do not end that one."""
        self._book: Book | RemoteBook
        self._server: StubServer | RemoteBook
        if elsewhere is not None:
            self._book = self._server = elsewhere
            return
        self._book = own = Book(seed)
        self._server = StubServer(own)

    @property
    def url(self) -> str:
        """Where it is; OpenAI's base URL is this with /v1, Anthropic's is this."""
        return f"http://{LOOPBACK}:{self._server.server_port}"

    @property
    def delay_seconds(self) -> float:
        """How long every response takes; it may be set at any time."""
        return self._server.delay_seconds

    @delay_seconds.setter
    def delay_seconds(self, seconds: float) -> None:
        self._server.delay_seconds = seconds

    def expect(
        self, marker: str, *, calls: int, latency_seconds: float = 0.0, counts: Iterable[tuple[int, int]] = ()
    ) -> None:
        """Serve so many (further) responses to a conversation that holds these words, and end it with the last.

        Each begins so many seconds after it was asked for, whatever others are served meanwhile; the first of them took
        these prompt and completion tokens, where they are given.
        """
        self._book.expect(marker, calls, latency_seconds, counts)

    def refuse(self, marker: str, *statuses: int) -> None:
        """Refuse the next requests of a conversation with these HTTP statuses, in the provider's own shape."""
        self._book.refuse(marker, statuses)

    def fail(self, marker: str, *, after: int, status: int) -> None:
        """Refuse a conversation for good after so many (further) responses, as often as it asks."""
        self._book.fail(marker, after=after, status=status)

    @contextmanager
    def holding(self, marker: str, *, after: int = 0) -> Generator[None]:
        """Keep responses of a conversation back once it was served so many, for a while, at most for a minute each."""
        self._book.hold(marker, after=after)
        try:
            yield
        finally:
            self._book.hold(marker, after=None)

    def await_request(self, marker: str, *, seconds: float, number: int = 1) -> bool:
        """Wait until so many requests of a conversation came; false when they did not."""
        return self._book.await_request(marker, seconds, number)

    def is_waited_for(self, marker: str) -> bool:
        """Whether somebody waits for a response of a conversation at this moment."""
        return self._book.under_way(marker)

    def served(self, marker: str | None = None) -> tuple[Served, ...]:
        """What was served whole to a conversation, or to everybody, in order; waits for what is under way."""
        return self._book.served(marker)

    def arrived(self, marker: str) -> int:
        """How many requests of a conversation came, served or not."""
        return self._book.arrived(marker)

    def close(self) -> None:
        """End every conversation and listen no more."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
