"""Pairs of measurements as their differences in percent, in the order of measurement from the top."""

import math
from statistics import median
from typing import Final
from xml.etree import ElementTree as ET

from harness.model import Pairs
from harness.report.figures import axis, scale, svg
from harness.report.figures.interface import Drawing
from harness.report.figures.scale import Scale

_TALL: Final = 260.0
_WIDEST: Final = 13.0
_NARROWEST: Final = 1.0
# Beyond that nobody points at a single dot, and the page would only grow.
_MOST_TIPS: Final = 200

Pair = tuple[float, float]


def draw(figure: Pairs) -> Drawing:
    """One dot for each pair, the interval of the slowdown, and the limit."""
    pairs = [pair for pair in zip(figure.without, figure.with_it, strict=False) if _usable(pair)]
    told = _told(figure, pairs)
    pitch = min(_WIDEST, max(_NARROWEST, _TALL / max(len(pairs), 1)))
    floor = axis.TOP + 10 + pitch * len(pairs)
    root = svg.picture(told, width="100%", height=floor + axis.BELOW, style_as="plot")
    if pairs:
        fitted = scale.fitting((0.0, figure.low, figure.high, figure.limit, *map(_slower, pairs)), bendable=False)
        places = (fitted.place(figure.low), fitted.place(figure.high))
        axis.band(root, *places, floor=floor, words=f"slower by {figure.low:.2g} to {figure.high:.2g} %")
        nothing = f"{fitted.place(0.0):.2f}%"
        svg.add(root, "line", x1=nothing, x2=nothing, y1=axis.TOP - 10, y2=floor, style_as="grid")
        _dots(root, figure, pairs, fitted, pitch)
        axis.ruled(root, fitted, floor=floor, words="% slower with it, first pair on top")
        axis.limit(root, fitted.place(figure.limit), floor=floor, words=f"limit {svg.number(figure.limit)} %")
    return Drawing(title=figure.title, picture=svg.markup(root), told=told)


def _dots(root: ET.Element, figure: Pairs, pairs: list[Pair], fitted: Scale, pitch: float) -> None:
    tips = len(pairs) <= _MOST_TIPS
    for number, pair in enumerate(pairs):
        slower = _slower(pair)
        svg.add(
            root,
            "circle",
            cx=f"{fitted.place(slower):.2f}%",
            cy=axis.TOP + 5 + pitch * (number + 0.5),
            r=min(4.0, max(1.5, pitch / 2.5)),
            tip=_tip(figure, number + 1, pair) if tips else "",
            style_as="dot beyond" if slower > figure.limit else "dot",
        )


def _usable(pair: Pair) -> bool:
    return all(map(math.isfinite, pair)) and pair[0] > 0


def _slower(pair: Pair) -> float:
    """By how many percent the second of a pair took longer."""
    return 100 * (pair[1] / pair[0] - 1)


def _tip(figure: Pairs, number: int, pair: Pair) -> str:
    without, with_it = (f"{svg.number(value)} {figure.unit}" for value in pair)
    return f"pair {number}: {without} without, {with_it} with it, {_slower(pair):+.2f} %"


def _told(figure: Pairs, pairs: list[Pair]) -> str:
    if not pairs:
        return "No pair was measured."
    without, with_it = (f"{svg.number(median(side))} {figure.unit}" for side in zip(*pairs, strict=True))
    return (
        f"{len(pairs):,} pairs, median {without} without and {with_it} with it; "
        f"slower by {figure.low:.2g} to {figure.high:.2g} %, the limit is {svg.number(figure.limit)} %."
    )
