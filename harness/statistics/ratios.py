"""By how much one of two measured things is larger, from pairs: an interval that holds for every look at the series.

The logarithms of the ratios are ranked by their size (Wilcoxon), and the bounds are averages of two of them (Hodges and
Lehmann). Nothing is assumed of the noise but that it meets both sides of a pair alike: the ratios then lie evenly
around their median, whether a few of them are far off or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement
from math import exp, inf, log
from statistics import median
from typing import Final, Literal

# After how many pairs somebody may look; each look has its share of the error, so that all of them keep within it.
LOOKS: Final = (8, 12, 16, 20, 25, 30)
ERROR: Final = 0.05
LEVEL: Final = ERROR / 2 / len(LOOKS)

Side = Literal["below", "above", "either"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Longer:
    """By how many percent something is more: the estimate and the bounds of its interval."""

    estimate: float
    low: float
    high: float

    def side(self, limit: float) -> Side:
        """On which side of a limit the whole interval lies; `either` while it reaches both."""
        if self.high < limit:
            return "below"
        return "above" if self.low > limit else "either"

    def __str__(self) -> str:
        """The interval, as percent."""
        return f"{self.low:+.1f} % to {self.high:+.1f} %"


def longer(pairs: Sequence[tuple[float, float]], *, level: float = LEVEL) -> Longer:
    """Bound by how many percent the first of each pair is more than the second, by the median of their ratios.

    Each bound misses it with a chance of `level` at most. Too few pairs bound nothing: then it is -100 to infinity.
    """
    logs = sorted(log(first / second) for first, second in pairs)
    averages = sorted((one + other) / 2 for one, other in combinations_with_replacement(logs, 2))
    place = depth(len(logs), level)
    low, high = (averages[place - 1], averages[-place]) if place else (-inf, inf)
    return Longer(estimate=_percent(median(averages)), low=_percent(low), high=_percent(high))


def beside_itself(values: Sequence[float], *, level: float = LEVEL) -> Longer:
    """Bound one series beside itself, each value by the one before it: how wide an interval is if nothing differs."""
    return longer([(value, values[number - 1]) for number, value in enumerate(values)], level=level)


@cache
def depth(pairs: int, level: float) -> int:
    """Give the place of a bound among the sorted averages, counted from its end; 0 when no average is a bound."""
    # Of all ways to give ranks 1 to n a sign, how many have a sum of positive ranks of so much.
    ways = [1]
    for rank in range(1, pairs + 1):
        ways = [_at(ways, total) + _at(ways, total - rank) for total in range(len(ways) + rank)]
    reached, number = 0, 0
    while (reached := reached + ways[number]) <= level * 2**pairs:
        number += 1
    return number


def _at(ways: list[int], total: int) -> int:
    return ways[total] if 0 <= total < len(ways) else 0


def _percent(logarithm: float) -> float:
    return 100 * (exp(logarithm) - 1)
