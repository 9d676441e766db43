"""Measured values as a histogram, with the limit and the interval in which the quantile lies."""

import math
from bisect import bisect_right
from collections import Counter
from typing import Final
from xml.etree import ElementTree as ET

from harness.model import Distribution
from harness.report.figures import axis, scale, svg
from harness.report.figures.interface import Drawing
from harness.report.figures.scale import Scale

HEIGHT: Final = 240.0
_FLOOR: Final = HEIGHT - axis.BELOW
_MOST_BINS: Final = 48
_FEWEST_BINS: Final = 8
_LEAST: Final = 2.0


def draw(figure: Distribution) -> Drawing:
    """The histogram; without a value there is nothing to draw."""
    values = sorted(value for value in figure.values if math.isfinite(value))
    told = _told(figure, values)
    root = svg.picture(told, width="100%", height=HEIGHT, style_as="plot")
    if values:
        highest = values[-1] if figure.high is None else figure.high
        fitted = scale.fitting((values[0], values[-1], figure.low, highest, figure.limit))
        right = fitted.place(fitted.high if figure.high is None else figure.high)
        words = f"{_quantile(figure)}: {_interval(figure)}"
        axis.band(root, fitted.place(figure.low), right, floor=_FLOOR, words=words)
        _bars(root, figure, values, fitted)
        bent = ", logarithmic" if fitted.logarithmic else ""
        axis.ruled(root, fitted, floor=_FLOOR, words=f"{figure.unit}{bent}")
        axis.limit(root, fitted.place(figure.limit), floor=_FLOOR, words=f"limit {_amount(figure, figure.limit)}")
    return Drawing(title=figure.title, picture=svg.markup(root), told=told)


def _bars(root: ET.Element, figure: Distribution, values: list[float], fitted: Scale) -> None:
    """One bar for each bin that holds a value; the smallest count can still be seen."""
    number = min(_MOST_BINS, max(_FEWEST_BINS, 2 * math.isqrt(len(values))))
    edges = fitted.edges(number)
    counts = Counter(min(max(bisect_right(edges, value) - 1, 0), number - 1) for value in values)
    most = max(counts.values())
    for place, count in sorted(counts.items()):
        left, right = fitted.place(edges[place]), fitted.place(edges[place + 1])
        tall = max(_LEAST, (_FLOOR - axis.TOP) * count / most)
        svg.add(
            root,
            "rect",
            x=f"{left + 0.1:.2f}%",
            y=_FLOOR - tall,
            width=f"{max(right - left - 0.2, 0.1):.2f}%",
            height=tall,
            tip=f"{count:,} between {_amount(figure, edges[place])} and {_amount(figure, edges[place + 1])}",
            style_as="pile beyond" if edges[place] >= figure.limit else "pile",
        )
    svg.add(root, "line", x1="0%", x2="100%", y1=axis.TOP, y2=axis.TOP, style_as="grid")
    svg.add(root, "text", f"{most:,} values", x="0%", y=axis.TOP - 3)


def _told(figure: Distribution, values: list[float]) -> str:
    if not values:
        return "No value was measured."
    middle = values[len(values) // 2]
    beyond = sum(value > figure.limit for value in values)
    return (
        f"{len(values):,} values from {_amount(figure, values[0])} to {_amount(figure, values[-1])}, "
        f"median {_amount(figure, middle)}; {_quantile(figure)} is {_interval(figure)}, "
        f"the limit {_amount(figure, figure.limit)}; {beyond:,} values lie above the limit."
    )


def _quantile(figure: Distribution) -> str:
    return f"p{100 * figure.quantile:g}"


def _interval(figure: Distribution) -> str:
    if figure.high is None:
        return f"at least {_amount(figure, figure.low)}"
    return f"{svg.number(figure.low)} to {_amount(figure, figure.high)}"


def _amount(figure: Distribution, value: float) -> str:
    return f"{svg.number(value)} {figure.unit}"
