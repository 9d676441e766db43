"""Intervals of a slowdown have the places that tables give them, and keep their promise however often one looks."""

from collections import Counter
from itertools import product
from random import Random
from statistics import median
from typing import Final

import pytest

from harness.statistics import ratios
from harness.statistics.ratios import Longer, Side

SERIES: Final = 400
# One-sided critical values of Wilcoxon's signed ranks at 2.5 %, from any table; a bound is the next average.
TABLE: Final = {6: 0, 7: 2, 8: 3, 9: 5, 10: 8, 15: 25, 20: 52, 25: 89, 30: 137}


@pytest.mark.parametrize(("pairs", "critical"), TABLE.items())
def test_a_bound_has_the_place_that_tables_give_it(pairs: int, critical: int) -> None:
    """As Wilcoxon's critical values say."""
    assert ratios.depth(pairs, 0.025) == critical + 1


@pytest.mark.parametrize("pairs", [1, 4, 9])
def test_a_place_is_that_of_counting_all_signs(pairs: int) -> None:
    """For few pairs every way to sign the ranks can be counted one by one."""
    ranks = range(1, pairs + 1)
    sums = Counter(
        sum(rank for rank, sign in zip(ranks, signs, strict=True) if sign)
        for signs in product((False, True), repeat=pairs)
    )
    chance = {below: sum(sums[total] for total in range(below)) / 2**pairs for below in range(1, sum(ranks) + 1)}
    for level in (0.01, 0.05, 0.2):
        assert ratios.depth(pairs, level) == max((below for below in chance if chance[below] <= level), default=0)


def test_every_look_has_bounds_within_its_share_of_the_error() -> None:
    """The first look may already tell, and all looks together keep within the error."""
    assert all(ratios.depth(look, ratios.LEVEL) for look in ratios.LOOKS)
    assert not ratios.depth(ratios.LOOKS[0] - 1, ratios.LEVEL)
    assert 2 * ratios.LEVEL * len(ratios.LOOKS) == pytest.approx(ratios.ERROR)


def test_an_interval_of_eight_pairs_is_their_range() -> None:
    """At the first look nothing less than all ratios will do, and the estimate is the middle of their averages."""
    percents = (1, 2, 3, 4, 5, 6, 7, 8)
    found = ratios.longer([(100 + percent, 100) for percent in percents])
    assert (found.low, found.high) == (pytest.approx(1), pytest.approx(8))
    assert found.estimate == pytest.approx(4.5, abs=0.05)
    assert str(found) == "+1.0 % to +8.0 %"


def test_too_few_pairs_bound_nothing() -> None:
    """Whatever they are."""
    found = ratios.longer([(2, 1)] * (ratios.LOOKS[0] - 1))
    assert (found.low, found.high) == (-100, float("inf"))
    assert found.side(5) == "either"


@pytest.mark.parametrize(
    ("low", "high", "side"),
    [(-1.0, 4.9, "below"), (5.1, 9.0, "above"), (4.9, 5.1, "either"), (5.0, 9.0, "either"), (0.0, 5.0, "either")],
)
def test_a_side_is_told_only_of_a_whole_interval(low: float, high: float, side: Side) -> None:
    """What touches the limit lies on neither side."""
    assert Longer(estimate=(low + high) / 2, low=low, high=high).side(5) == side


def test_a_series_beside_itself_is_around_nothing() -> None:
    """However it goes, its end and its beginning included."""
    found = ratios.beside_itself([100, 104, 99, 101, 103, 97, 100, 102])
    assert found.low < 0 < found.high


def test_no_error_is_more_frequent_than_it_may_be() -> None:
    """A slowdown of exactly the limit is told to be above or below it in few series, though each has six looks."""
    told = _told(slowdown=1.05, seed=1)
    assert told["above"] <= SERIES * ratios.ERROR / 2
    assert told["below"] <= SERIES * ratios.ERROR / 2


def test_a_slowdown_of_ten_percent_is_found() -> None:
    """In 19 of 20 series at least."""
    assert _told(slowdown=1.1, seed=2)["above"] >= SERIES * 19 / 20


def test_a_slowdown_of_one_percent_is_no_violation() -> None:
    """In none of them, and most end well."""
    told = _told(slowdown=1.01, seed=3)
    assert told["above"] == 0
    assert told["below"] >= SERIES * 4 / 5


def test_noise_of_the_simulation_is_what_a_busy_machine_has() -> None:
    """Two runs of the same differ by some percent, at times by a lot."""
    random = drawn(4)
    apart = sorted(abs(_run(random) / _run(random) - 1) for _ in range(1000))
    assert median(apart) > 0.015
    assert apart[-20] > 0.2


def drawn(seed: int) -> Random:
    """Noise that is the same in every run of these tests."""
    return Random(seed)  # noqa: S311 - drawn from a seed on purpose


def _told(*, slowdown: float, seed: int) -> Counter[Side]:
    """What is told of many series on a machine that is busy with other things."""
    random = drawn(seed)
    return Counter(_side(slowdown, random) for _ in range(SERIES))


def _side(slowdown: float, random: Random) -> Side:
    pairs = [(slowdown * _run(random), _run(random)) for _ in range(ratios.LOOKS[-1])]
    for look in ratios.LOOKS:
        if (side := ratios.longer(pairs[:look]).side(5)) != "either":
            return side
    return "either"


def _run(random: Random) -> float:
    """Some 900 ms, of which every run loses a few to others, and one of ten a lot."""
    lost = random.expovariate(1 / 20) + (random.expovariate(1 / 150) if random.random() < 0.1 else 0)
    return 900 + random.gauss(0, 10) + lost
