"""How measured figures are printed: beside a target, side by side as a ratio, or as marks on one axis of time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_WIDTH: Final = 40
_QUANTILES: Final = (0.50, 0.95, 0.99)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measured figure with its target; a ratio above 1 is more than that."""

    what: str
    measured: float
    target: float
    unit: str

    def __str__(self) -> str:
        """The figure, its target and the ratio of both on one line."""
        ratio = self.measured / self.target
        return f"{self.what:<38} {self.measured:8.2f} {self.unit:<3} target {self.target:6.1f}  ratio {ratio:5.2f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """The same work done by us and by a peer, in seconds; a ratio below 1 says that we are faster."""

    what: str
    ours: float
    peer: str
    theirs: float

    def __str__(self) -> str:
        """Both on one line."""
        ratio = self.ours / self.theirs
        return f"{self.what:<38} ours {self.ours:7.2f} s  {self.peer} {self.theirs:7.2f} s  ratio {ratio:5.2f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Measurements of one operation at one number of records, in ms."""

    rows: int
    values: tuple[float, ...]

    @property
    def quantiles(self) -> tuple[float, float, float]:
        """The p50, p95 and p99, each the smallest value that so many do not exceed."""
        ordered = sorted(self.values)
        p50, p95, p99 = (ordered[math.ceil(part * len(ordered)) - 1] for part in _QUANTILES)
        return p50, p95, p99


def curve(points: Sequence[Point], *, low: float, high: float) -> list[str]:
    """One line for each size: p50 (o), p95 (+) and p99 (*) on a logarithmic axis from `low` to `high`."""
    return [_line(point, low, high) for point in points]


def axis(low: float, high: float) -> str:
    """The ends of that axis and its middle, above the marks."""
    middle = math.sqrt(low * high)
    ends = f"{low:.3g} ms{f'{middle:.3g} ms':^{_WIDTH - 14}}{f'{high:.3g} ms':>7}"
    return f"{'records':>10}  {ends}"


def ends(points: Sequence[Point]) -> tuple[float, float]:
    """An axis that holds the p50, p95 and p99 of all points."""
    quantiles = [one for point in points for one in point.quantiles]
    return min(quantiles) / 1.05, max(quantiles) * 1.05


def _line(point: Point, low: float, high: float) -> str:
    marks = [_place(one, low, high) for one in point.quantiles]
    drawn = ["·" if place < marks[0] else "─" if place < marks[2] else " " for place in range(_WIDTH)]
    for place, mark in zip(reversed(marks), "*+o", strict=True):
        drawn[place] = mark
    told = "  ".join(f"p{100 * part:.0f} {one:8.2f}" for part, one in zip(_QUANTILES, point.quantiles, strict=True))
    return f"{point.rows:>10,}  {''.join(drawn)}  {told} ms  (n = {len(point.values)})"


def _place(value: float, low: float, high: float) -> int:
    part = math.log(value / low) / math.log(high / low)
    return min(_WIDTH - 1, max(0, round(part * (_WIDTH - 1))))
