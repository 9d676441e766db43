"""Bounds of a quantile by order statistics alone: whatever the distribution is, they hold.

Of independent values, the number of those up to a quantile is binomially distributed. So the k-th smallest lies below
the quantile only if at least k of n values do, and above it only if fewer than k do. Both bounds are one-sided.
"""

import math
from collections.abc import Sequence


def estimate(values: Sequence[int], quantile: float) -> int:
    """The smallest value that at least this share of the values does not exceed."""
    return sorted(values)[max(1, math.ceil(len(values) * quantile)) - 1]


def upper(values: Sequence[int], quantile: float, *, risk: float) -> int | None:
    """A bound that lies below the quantile with at most this risk; None when the values are too few for one."""
    fewer = 0.0
    for rank, value in enumerate(sorted(values)):
        fewer += _chance(rank, len(values), quantile)
        if 1 - fewer <= risk:
            return value
    return None


def lower(values: Sequence[int], quantile: float, *, risk: float) -> int | None:
    """A bound that lies above the quantile with at most this risk; None when the values are too few for one."""
    fewer, bound = 0.0, None
    for rank, value in enumerate(sorted(values)):
        fewer += _chance(rank, len(values), quantile)
        if fewer > risk:
            break
        bound = value
    return bound


def _chance(successes: int, trials: int, probability: float) -> float:
    """The chance of exactly so many successes."""
    ways = math.lgamma(trials + 1) - math.lgamma(successes + 1) - math.lgamma(trials - successes + 1)
    hit, miss = successes * math.log(probability), (trials - successes) * math.log1p(-probability)
    return math.exp(ways + hit + miss)
