"""The stub's book when the stub runs elsewhere: every verb is a call to it, which only whoever has the key may make."""

import json
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import Any, Final

from harness.errors import CannotTell
from harness.services.provider.book import SETTLE_SECONDS, Book, Served

PATH: Final = "/conform/book"
KEY: Final = "X-Conform-Key"
_BEYOND_SECONDS: Final = 30.0


class RemoteBook:
    """Speaks to the book of a stub at `host:port`; see Book for its verbs."""

    def __init__(self, address: str, key: str) -> None:
        self.address = address
        self._key = key
        self._delay_seconds = 0.0

    @property
    def server_port(self) -> int:
        """Where the stub is reached on this machine."""
        return int(self.address.rpartition(":")[2])

    @property
    def delay_seconds(self) -> float:
        """How long every response takes."""
        return self._delay_seconds

    @delay_seconds.setter
    def delay_seconds(self, seconds: float) -> None:
        self._call("delay", seconds=seconds)
        self._delay_seconds = seconds

    def expect(
        self, marker: str, calls: int, latency_seconds: float = 0.0, counts: Iterable[tuple[int, int]] = ()
    ) -> None:
        """Plan so many further responses for a conversation."""
        self._call("expect", marker=marker, calls=calls, latency_seconds=latency_seconds, counts=list(counts))

    def refuse(self, marker: str, statuses: tuple[int, ...]) -> None:
        """Plan refusals."""
        self._call("refuse", marker=marker, statuses=statuses)

    def fail(self, marker: str, *, after: int, status: int) -> None:
        """Plan that a conversation is refused for good after so many responses."""
        self._call("fail", marker=marker, after=after, status=status)

    def hold(self, marker: str, *, after: int | None) -> None:
        """Keep responses back once so many were served, or no longer."""
        self._call("hold", marker=marker, after=after)

    def served(self, marker: str | None = None) -> tuple[Served, ...]:
        """What was served whole; CannotTell when the stub does not know yet."""
        return tuple(Served(**entry) for entry in self._call("served", marker=marker))

    def await_request(self, marker: str, seconds: float, number: int = 1) -> bool:
        """Wait until so many requests of a conversation came."""
        return bool(self._call("await_request", seconds=seconds, marker=marker, number=number))

    def under_way(self, marker: str) -> bool:
        """Whether somebody waits for a response."""
        return bool(self._call("under_way", marker=marker))

    def arrived(self, marker: str) -> int:
        """How many requests came."""
        return int(self._call("arrived", marker=marker))

    def close(self) -> None:
        """Nothing is kept open; whoever started the stub ends it."""

    def _call(self, verb: str, **words: Any) -> Any:
        asked = json.dumps({"verb": verb, "words": words})
        seconds = SETTLE_SECONDS + _BEYOND_SECONDS + float(words.get("seconds", 0))
        with closing(HTTPConnection(self.address, timeout=seconds)) as connection:
            try:
                connection.request("POST", PATH, asked, {KEY: self._key})
                answer = connection.getresponse()
                said = json.loads(answer.read())
            except (OSError, HTTPException, ValueError) as error:
                raise CannotTell("the provider stub does not answer us", causes=(str(error),)) from error
        if answer.status != HTTPStatus.OK:
            raise CannotTell(str(said.get("message", "the provider stub refused us")))
        return said["value"]


class Desk:
    """What a stub lets the holder of its key do with its book."""

    def __init__(self, book: Book, key: str) -> None:
        self._book = book
        self._key = key

    def holds_key(self, shown: str | None) -> bool:
        """Whether somebody may use it."""
        return bool(self._key) and shown == self._key

    def carry_out(self, verb: str, words: Mapping[str, Any]) -> Any:
        """Carry out a verb of the book; its value as JSON can hold it."""
        book = self._book
        match verb:
            case "expect":
                counts = [(prompt, completion) for prompt, completion in words["counts"]]
                return book.expect(words["marker"], words["calls"], words["latency_seconds"], counts)
            case "refuse":
                return book.refuse(words["marker"], tuple(words["statuses"]))
            case "served":
                return [asdict(entry) for entry in book.served(words["marker"])]
            case "fail" | "hold" | "await_request" | "under_way" | "arrived":
                return getattr(book, verb)(**words)
            case _:
                raise CannotTell(f"the provider stub knows no {verb}")
