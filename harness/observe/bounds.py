"""Says from where to where the numbers of a schema go, whichever keywords state it."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_FLOORS: Final = ("minimum", "exclusiveMinimum")
_CEILINGS: Final = ("maximum", "exclusiveMaximum")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One end of a range, as its keyword states it."""

    keyword: str
    value: float

    def __str__(self) -> str:
        """As a description writes it."""
        return f"{self.keyword} {self.value:g}"

    def strictness(self, *, whole: bool) -> tuple[float, bool]:
        """Greater for the bound that admits less; among whole numbers, more than 0 is the same as at least 1."""
        exclusive = self.keyword.startswith("exclusive")
        value = self.value if self.keyword in _FLOORS else -self.value
        if whole and math.isfinite(value):
            return (math.floor(value) + 1 if exclusive else math.ceil(value)), False
        return value, exclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """From where to where; None is without end."""

    floor: Bound | None = None
    ceiling: Bound | None = None


ENDLESS: Final = Range()


def stated(node: Mapping[str, Any]) -> Range:
    """The range that the keywords of this very node state; in 3.0 the exclusive ones are flags on the others."""
    words = {word: node[word] for word in (*_FLOORS, *_CEILINGS) if word in node}
    for bound, flag in (_FLOORS, _CEILINGS):
        if isinstance(words.get(flag), bool):
            exclusive = words.pop(flag)
            if exclusive and bound in words:
                words[flag] = words.pop(bound)
    floors, ceilings = (
        [Bound(keyword=word, value=float(words[word])) for word in side if word in words]
        for side in (_FLOORS, _CEILINGS)
    )
    return Range(floor=_strictest(floors), ceiling=_strictest(ceilings))


def both(one: Range, other: Range) -> Range:
    """What lies in both ranges."""
    return Range(floor=_strictest((one.floor, other.floor)), ceiling=_strictest((one.ceiling, other.ceiling)))


def narrowed(was: Range, now: Range, *, whole: bool) -> Iterator[tuple[Bound, Bound]]:
    """The ends that both state and the new one draws closer, as they were and as they are."""
    for before, after in ((was.floor, now.floor), (was.ceiling, now.ceiling)):
        if before and after and after.strictness(whole=whole) > before.strictness(whole=whole):
            yield before, after


def _strictest(bounds: Iterable[Bound | None]) -> Bound | None:
    stated = [bound for bound in bounds if bound is not None]
    return max(stated, key=lambda bound: bound.strictness(whole=False), default=None)
