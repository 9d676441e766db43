"""The stub's book: which conversation is to get how many responses, and what was served, whole."""

import threading
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from typing import Final

from harness.errors import CannotTell
from harness.services.provider.interface import Asked, Refused, Spoken

PROMPT_TOKENS: Final = (1_000, 60_000)
COMPLETION_TOKENS: Final = (500, 20_000)
SETTLE_SECONDS: Final = 30.0


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


class Book:
    """Plans responses and keeps account of them, for many callers at once."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._changed = threading.Condition()
        self._planned: dict[str, int] = {}
        self._latency: dict[str | None, float] = {}
        self._counted: dict[str, deque[tuple[int, int]]] = {}
        self._refusals: dict[str, deque[int]] = {}
        self._failing: dict[str, tuple[int, int]] = {}
        self._held: dict[str | None, int] = {}
        self._served: list[Served] = []
        self._arrived: Counter[str | None] = Counter()
        self._under_way: Counter[str | None] = Counter()
        self._numbers: set[int] = set()

    def expect(
        self, marker: str, calls: int, latency_seconds: float = 0.0, counts: Iterable[tuple[int, int]] = ()
    ) -> None:
        """Plan so many further responses for a conversation that holds these words, none sooner than after a while.

        The first of them have these counts.
        """
        with self._changed:
            self._planned[marker] = self._count(marker) + calls
            self._latency[marker] = latency_seconds
            self._counted[marker] = deque(counts)
            self._failing.pop(marker, None)

    def refuse(self, marker: str, statuses: tuple[int, ...]) -> None:
        """Plan refusals that come before any further response of a conversation."""
        with self._changed:
            self._planned.setdefault(marker, 0)
            self._refusals.setdefault(marker, deque()).extend(statuses)

    def fail(self, marker: str, *, after: int, status: int) -> None:
        """Plan that after so many further responses a conversation is refused whatever it asks."""
        with self._changed:
            self._planned.setdefault(marker, 0)
            self._failing[marker] = (self._count(marker) + after, status)

    def hold(self, marker: str, *, after: int | None) -> None:
        """Keep the responses of a conversation back once it was served so many, or no longer."""
        with self._changed:
            if after is None:
                self._held.pop(marker, None)
            else:
                self._held[marker] = after

    def holds(self, marker: str | None) -> bool:
        """Whether the responses of a conversation are kept back."""
        with self._changed:
            return marker in self._held and self._count(marker) >= self._held[marker]

    def begin(self, asked: Asked) -> Spoken:
        """The response to a request, which is under way from now on; Refused when a refusal was planned."""
        with self._changed:
            marker = self._marker(asked.text)
            self._arrived[marker] += 1
            self._changed.notify_all()
            if marker is not None and (status := self._refusal(marker)):
                raise Refused(status, "The stub was told to refuse this request.")
            self._under_way[marker] += 1
            return self._spoken(marker, asked)

    def end(self, spoken: Spoken, *, whole: bool) -> None:
        """Enter a response that was served whole; one whose client left before the end was not served."""
        with self._changed:
            self._under_way[spoken.marker] -= 1
            if whole:
                self._served.append(_entry(spoken, number=len(self._served) + 1))
            self._changed.notify_all()

    def served(self, marker: str | None = None) -> tuple[Served, ...]:
        """What was served to a conversation, or to everybody, once nothing of it is under way any more.

        CannotTell when something stays under way for longer than any answer may take.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._settled(marker), SETTLE_SECONDS):
                raise CannotTell("the provider stub is still sending a response, so nobody can tell what it served")
            return tuple(entry for entry in self._served if marker in (None, entry.marker))

    def await_request(self, marker: str, seconds: float, number: int = 1) -> bool:
        """Wait until so many requests of a conversation came; false when they did not."""
        with self._changed:
            return self._changed.wait_for(lambda: self._arrived[marker] >= number, seconds)

    def under_way(self, marker: str) -> bool:
        """Whether a response of a conversation is asked for, and neither served nor given up."""
        with self._changed:
            return self._under_way[marker] > 0

    def arrived(self, marker: str) -> int:
        """How many requests of a conversation came, whatever became of them."""
        with self._changed:
            return self._arrived[marker]

    def _settled(self, marker: str | None) -> bool:
        return not (self._under_way[marker] if marker is not None else self._under_way.total())

    def _count(self, marker: str | None) -> int:
        return sum(entry.marker == marker for entry in self._served)

    def _left(self, marker: str) -> int:
        return self._planned[marker] - self._count(marker)

    def _marker(self, text: str) -> str | None:
        """The planned conversation that a request belongs to; of several the one that still awaits responses."""
        mentioned = [marker for marker in self._planned if marker in text]
        # A marker may be the beginning of another, so longer ones come first; one that fails awaits nothing any more.
        return max(mentioned, key=lambda one: (self._left(one) > 0, not self._fails(one), len(one)), default=None)

    def _fails(self, marker: str) -> bool:
        return marker in self._failing and self._count(marker) >= self._failing[marker][0]

    def _refusal(self, marker: str) -> int | None:
        """The status with which the next request of a conversation is refused, if it is."""
        if self._refusals.get(marker):
            return self._refusals[marker].popleft()
        return self._failing[marker][1] if self._fails(marker) else None

    def _spoken(self, marker: str | None, asked: Asked) -> Spoken:
        number = self._arrived.total()
        random = Random(f"{self._seed}/{marker}/{self._arrived[marker]}")  # noqa: S311 - drawn from a seed on purpose
        planned = self._counted.get(marker) if marker is not None else None
        prompt, completion = planned.popleft() if planned else self._counts(random)
        left = self._left(marker) if marker is not None else 1
        words = ("Part", str(number), "of", "the", "work", "is", "done.")
        return Spoken(
            number=number,
            marker=marker,
            asked=asked,
            words=words,
            prompt_tokens=prompt,
            completion_tokens=completion,
            cut_short=left > 1,
            after_seconds=self._latency.get(marker, 0.0),
        )

    def _counts(self, random: Random) -> tuple[int, int]:
        """Two counts which, like their sum, occur nowhere else in the run."""
        while True:
            prompt, completion = random.randint(*PROMPT_TOKENS), random.randint(*COMPLETION_TOKENS)
            drawn = {prompt, completion, prompt + completion}
            if len(drawn) == len((prompt, completion, prompt + completion)) and not drawn & self._numbers:
                self._numbers |= drawn
                return prompt, completion


def _entry(spoken: Spoken, *, number: int) -> Served:
    return Served(
        number=number,
        marker=spoken.marker,
        provider=spoken.asked.provider,
        model=spoken.asked.model,
        prompt_tokens=spoken.prompt_tokens,
        completion_tokens=spoken.completion_tokens,
        streamed=spoken.asked.streamed,
        at=time.monotonic(),
    )
