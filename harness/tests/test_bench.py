"""What the bench prints follows from what it measured."""

from dataclasses import replace

import pytest

from harness.bench import figures, timing
from harness.bench.figures import Measure, Point, Versus
from harness.tests import specimen


def test_a_ratio_above_one_is_more_than_the_target() -> None:
    """Whoever reads the line need not know which side is better."""
    assert str(Measure(what="whole run", measured=120.0, target=80.0, unit="s")).endswith("ratio  1.50")
    assert str(Versus(what="graph", ours=1.0, peer="lint-imports", theirs=4.0)).endswith("ratio  0.25")


@pytest.mark.parametrize(("number", "expected"), [(1, (1, 1, 1)), (100, (50, 95, 99)), (8, (4, 8, 8))])
def test_quantiles_are_measured_values(number: int, expected: tuple[int, int, int]) -> None:
    """Of few values the high quantiles are the largest, and nothing is made up between two."""
    assert Point(rows=1, values=tuple(float(one) for one in range(number, 0, -1))).quantiles == expected


def test_the_marks_of_a_curve_stand_in_order_on_one_axis() -> None:
    """More records move the marks to the right, and both ends are on the axis."""
    few, many = (Point(rows=rows, values=(1.0 * rows, 2.0 * rows, 4.0 * rows)) for rows in (1, 1_000))
    low, high = figures.ends((few, many))
    left, right = figures.curve((few, many), low=low, high=high)
    assert left.index("o") < left.index("+") < right.index("o") < right.index("+")
    assert left.startswith("         1")
    assert "p50     2.00" in left
    assert "n = 3" in left
    assert "ms" in figures.axis(low, high)


def test_marks_at_one_place_show_the_lowest() -> None:
    """Three equal quantiles are one mark."""
    flat = Point(rows=5, values=(3.0,))
    [line] = figures.curve((flat,), low=1.0, high=9.0)
    assert ("o" in line, "*" in line.partition("p50")[0]) == (True, False)


def test_the_time_of_a_run_is_told_by_lane_and_check() -> None:
    """Executions of one check add up, and a lane ends with its last outcome."""
    subject = specimen.record()
    later = replace(subject.evidence[-1], seconds=2.0)
    told = timing.read(
        replace(subject, evidence=(*subject.evidence[:-1], later)),
        began=specimen.STARTED.timestamp() - 5.0,
        whole=40.0,
        megabytes=1.0,
    )
    assert (told.first, told.lanes) == (5.0, {"source": 5.0})
    assert told.checks["REQ-BILL-003.1/default"] == pytest.approx(3.5)
