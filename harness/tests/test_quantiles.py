"""Bounds of quantiles are those that the binomial distribution gives, and hold as often as they promise."""

from fractions import Fraction
from math import comb
from random import Random
from typing import Final

import pytest

from harness.statistics import quantiles

# The least numbers of values of which the highest, second highest … bounds 95 % or 99 % of all with 95 % confidence,
# as tables of tolerance limits give them.
TOLERANCE: Final = {0.95: (59, 93, 124, 153, 181), 0.99: (299, 473, 628, 773, 913)}
RISK: Final = 0.05


def _exact(count: int, quantile: Fraction, risk: Fraction) -> tuple[int | None, int | None]:
    """The ranks of both bounds in exact arithmetic, straight from their definition."""
    chances = [comb(count, k) * quantile**k * (1 - quantile) ** (count - k) for k in range(count + 1)]
    lower = [rank for rank in range(1, count + 1) if sum(chances[:rank]) <= risk]
    upper = [rank for rank in range(1, count + 1) if sum(chances[rank:]) <= risk]
    return max(lower, default=None), min(upper, default=None)


@pytest.mark.parametrize("quantile", TOLERANCE)
@pytest.mark.parametrize("place", range(5))
def test_the_upper_bound_is_that_of_the_tables(quantile: float, place: int) -> None:
    """As many values as the table names allow for so many outliers, and one value less allows for one outlier less."""
    count = TOLERANCE[quantile][place]
    assert quantiles.upper(range(count), quantile, risk=RISK) == count - 1 - place
    fewer = quantiles.upper(range(count - 1), quantile, risk=RISK)
    assert fewer == (count - 1 - place if place else None)


@pytest.mark.parametrize("count", [1, 4, 5, 12, 59, 150])
@pytest.mark.parametrize("percent", [10, 50, 95, 99])
@pytest.mark.parametrize("risk", [Fraction(1, 19), Fraction(1, 80)])
def test_both_bounds_are_those_of_exact_arithmetic(count: int, percent: int, risk: Fraction) -> None:
    """Ranks come out as fractions give them, absent bounds too."""
    values, quantile = range(1, count + 1), Fraction(percent, 100)
    bounds = [bound(values, percent / 100, risk=float(risk)) for bound in (quantiles.lower, quantiles.upper)]
    assert bounds == [*_exact(count, quantile, risk)]


def test_nothing_bounds_what_was_not_measured() -> None:
    """Without values there is neither bound."""
    assert quantiles.lower([], 0.5, risk=RISK) is None
    assert quantiles.upper([], 0.5, risk=RISK) is None


def test_the_estimate_is_a_value_that_was_measured() -> None:
    """No quantile lies between two values, whatever their order."""
    values = [40, 10, 30, 20]
    assert [quantiles.estimate(values, share) for share in (0.1, 0.5, 0.51, 0.75, 0.95)] == [10, 20, 30, 30, 40]


@pytest.mark.parametrize(("quantile", "count"), [(0.5, 12), (0.95, 150), (0.99, 1000)])
def test_bounds_hold_as_often_as_they_promise(quantile: float, count: int) -> None:
    """Of many samples of a known distribution, no more are wrong than the risk allows, chance set aside."""
    random, trials = Random(f"coverage {quantile}"), 400  # noqa: S311 - drawn from a seed on purpose
    true = round(quantile * 10**9)
    wrong = [0, 0]
    for _ in range(trials):
        values = [random.randrange(10**9) for _ in range(count)]
        low, high = (bound(values, quantile, risk=RISK) for bound in (quantiles.lower, quantiles.upper))
        wrong[0] += low is not None and low > true
        wrong[1] += high is None or high < true
    # Three standard deviations above the mean of a risk of 5 %.
    assert max(wrong) <= trials * RISK + 3 * (trials * RISK * (1 - RISK)) ** 0.5
