"""Tells whether a platform answers in time, or that this machine is too restless for anybody to tell.

Calls of the platform are timed one by one, with calls of our own control between them. The platform is in time when a
bound above its quantile lies below the limit. It is too slow only when a bound below lies above the limit even after
what disturbed the control at the same time is taken off. Between the two nothing is said.
"""

import gc
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

from harness.errors import CannotTell
from harness.journal import Journal
from harness.model import Distribution
from harness.statistics import quantiles

INSTRUMENT: Final = "latency"
Ask = Callable[[], int]
Side = Literal["within", "over", "unclear"]

# A first look ends quickly what is far too slow, a second one what is quick enough; three larger batches may follow for
# what is close or a machine that is busy, each of so many percent of the usual calls. Each look has its share of the
# risk.
_RISK: Final = 0.05
_BATCHES: Final = (10, 60, 100, 140, 190)
_SHARE: Final = _RISK / len(_BATCHES)
_HALF: Final = 0.5
_QUICK: Final = 0.1
# If even the quickest of many calls take too long, so do the slower ones; and quick calls are less disturbed.
_COMMON: Final = (_QUICK, _HALF)
# Each look asks at that many quantiles, with a bound for the platform and one for our control at each.
_PARTS: Final = 2 * (len(_COMMON) + 1)
_CAUTION: Final = 2
_SLOW_CALLS: Final = 7
_WARM: Final = 50
_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A share of the calls that must be answered within a limit; `calls` make a usual batch."""

    quantile: float
    limit_ms: int
    calls: int

    @property
    def slow_ms(self) -> int:
        """How long an answer takes that must be told from one in time."""
        return self.limit_ms * 21 // 20

    @property
    def limit(self) -> int:
        """The limit in nanoseconds."""
        return self.limit_ms * _MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Our own server: one call of it, and one in which it waits for so many milliseconds first."""

    plain: Ask
    slow: Callable[[int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one operation stands against its limit, and the figures in words."""

    title: str
    demand: Demand
    side: Side
    words: str


@dataclass(slots=True, kw_only=True)
class _Course:
    """What was measured so far, in nanoseconds."""

    asks: Mapping[str, Ask]
    values: dict[str, list[int]]
    control: list[int] = field(default_factory=list[int])


class Latency:
    """The instrument of NFR-PERF-001 and NFR-PERF-002.

    `planted` holds how many nanoseconds our own server took when it waited so many milliseconds on purpose; it is
    filled up to what a verdict needs, and kept for the next one.
    """

    def __init__(self, journal: Journal, control: Control, planted: dict[int, list[int]]) -> None:
        self._journal = journal
        self._control = control
        self._planted = planted

    def measure(self, demand: Demand, asks: Mapping[str, Ask]) -> tuple[Standing, ...]:
        """How each operation stands; CannotTell when our own server's planted delay is not seen."""
        begun = time.perf_counter()
        course = _Course(asks=asks, values={title: [] for title in asks})
        with _undisturbed():
            self._warm_up(demand, asks)
            for percent in _BATCHES:
                unsettled = [title for title in asks if _side(demand, course, title) == "unclear"]
                self._batch(demand, course, unsettled, demand.calls * percent // 100)
                _must_see_slow(demand, self._planted.get(demand.slow_ms, ()))
        self._draw("our own server meanwhile", demand, course.control)
        return tuple(self._told(demand, course, title, seconds=time.perf_counter() - begun) for title in asks)

    def _warm_up(self, demand: Demand, asks: Mapping[str, Ask]) -> None:
        for _ in range(max(2, demand.calls // _WARM)):
            for ask in (self._control.plain, *asks.values()):
                ask()

    def _batch(self, demand: Demand, course: _Course, titles: Sequence[str], calls: int) -> None:
        slow = self._planted.setdefault(demand.slow_ms, [])
        for _ in range(calls if titles else 0):
            course.control.append(self._control.plain())
            if len(slow) < _SLOW_CALLS:
                slow.append(self._control.slow(demand.slow_ms))
            for title in titles:
                course.values[title].append(course.asks[title]())

    def _told(self, demand: Demand, course: _Course, title: str, *, seconds: float) -> Standing:
        values = course.values[title]
        low, high = _bounds(values, demand.quantile)
        share = f"{demand.quantile:.0%}"
        words = (
            f"{share} of {len(values):,} calls took up to {_ms(quantiles.estimate(values, demand.quantile))} "
            f"(between {_ms(low)} and {_ms(high)}), half of them {_ms(quantiles.estimate(values, _HALF))}; "
            f"beside them our control took {_ms(quantiles.estimate(course.control, demand.quantile))} and "
            f"{_ms(quantiles.estimate(course.control, _HALF))}; too slow would show from "
            f"{_ms(_shown_from(demand, course.control, values))} on"
        )
        claim = f"{share} of calls: {title}"
        wanted = f"below {demand.limit_ms} ms"
        self._journal.note(INSTRUMENT, claim, observed=words, examined=len(values), expected=wanted, seconds=seconds)
        self._draw(title, demand, values)
        return Standing(title=title, demand=demand, side=_side(demand, course, title), words=words)

    def _draw(self, title: str, demand: Demand, values: Sequence[int]) -> None:
        low, high = _bounds(values, demand.quantile)
        figure = Distribution(
            title=title,
            unit="ms",
            values=tuple(_rounded(value) for value in values),
            quantile=demand.quantile,
            low=_rounded(low or 0),
            high=None if high is None else _rounded(high),
            limit=demand.limit_ms,
        )
        self._journal.draw(figure)


def _side(demand: Demand, course: _Course, title: str) -> Side:
    values = course.values[title]
    _, high = _bounds(values, demand.quantile)
    if high is not None and high < demand.limit:
        return "within"
    return "over" if any(_exceeds(demand, course.control, values, one) for one in _rungs(demand)) else "unclear"


def _exceeds(demand: Demand, control: Sequence[int], values: Sequence[int], quantile: float) -> bool:
    """Whether a quantile lies above the limit, even without what the machine may have added to it."""
    low = quantiles.lower(values, quantile, risk=_SHARE / _PARTS)
    noise = _noise(control, values, quantile)
    return low is not None and noise is not None and low - noise > demand.limit


def _noise(control: Sequence[int], values: Sequence[int], quantile: float) -> int | None:
    """How much of a quantile may be the machine's doing; None when too little is known of it."""
    high = quantiles.upper(control, quantile, risk=_SHARE / _PARTS)
    return None if high is None else round((high - min(control)) * _burden(control, values))


def _burden(control: Sequence[int], values: Sequence[int]) -> float:
    """How many times as much as our control a platform may be held up: as much as it has more to do.

    Neither the ratio of the quickest calls, which a platform may have spent waiting, nor that of how far common calls
    lie apart, which may differ by themselves, is too small for that; so the smaller one is taken, and doubled, since
    both are estimates.
    """
    ratios = [min(values) / min(control)]
    if apart := _apart(control):
        ratios.append(_apart(values) / apart)
    return _CAUTION * max(1.0, min(ratios))


def _apart(values: Sequence[int]) -> int:
    return quantiles.estimate(values, 1 - _QUICK) - quantiles.estimate(values, _QUICK)


def _rungs(demand: Demand) -> tuple[float, ...]:
    return (*_COMMON, demand.quantile)


def _shown_from(demand: Demand, control: Sequence[int], values: Sequence[int]) -> int:
    """How long a call must always take for the machine not to be able to hide that it is too slow."""
    noises = (_noise(control, values, one) for one in _rungs(demand))
    return demand.limit + min((noise for noise in noises if noise is not None), default=0)


def _bounds(values: Sequence[int], quantile: float) -> tuple[int | None, int | None]:
    return quantiles.lower(values, quantile, risk=_SHARE), quantiles.upper(values, quantile, risk=_SHARE)


def _must_see_slow(demand: Demand, slow: Sequence[int]) -> None:
    seen = quantiles.lower(slow, _HALF, risk=_SHARE)
    if seen is None or seen <= demand.limit:
        raise CannotTell(
            f"our own server was slower than {demand.limit_ms} ms on purpose, and that was not seen",
            causes=(f"{len(slow)} such calls, the quickest in {_ms(min(slow, default=0))}",),
        )


@contextmanager
def _undisturbed() -> Generator[None]:
    """Let our own garbage lie meanwhile: collecting it would take time from whoever is timed."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _ms(nanoseconds: int | None) -> str:
    return "anything" if nanoseconds is None else f"{nanoseconds / _MS:.1f} ms"


def _rounded(nanoseconds: int) -> float:
    return round(nanoseconds / _MS, 3)
