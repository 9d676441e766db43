"""What both kinds of measured figures share: an axis with ticks, and marks across it with their words above."""

from typing import Final
from xml.etree import ElementTree as ET

from harness.report.figures import svg
from harness.report.figures.scale import Scale

TOP: Final = 44.0
BELOW: Final = 44.0
_MIDDLE: Final = 50.0


def ruled(root: ET.Element, scale: Scale, *, floor: float, words: str) -> None:
    """Draw the axis at the floor of the plot, its ticks with their values, and what it measures."""
    svg.add(root, "line", x1="0%", x2="100%", y1=floor, y2=floor, style_as="axis")
    for tick in scale.ticks():
        at = f"{scale.place(tick):.2f}%"
        svg.add(root, "line", x1=at, x2=at, y1=floor, y2=floor + 4, style_as="axis")
        svg.add(root, "text", svg.number(tick), x=at, y=floor + 17, text_anchor="middle")
    svg.add(root, "text", words, x="50%", y=floor + 36, text_anchor="middle", style_as="what")


def limit(root: ET.Element, at: float, *, floor: float, words: str) -> None:
    """Draw the limit, with its words in the upper row."""
    where = f"{at:.2f}%"
    svg.add(root, "line", x1=where, x2=where, y1=4, y2=floor, style_as="limit")
    _label(root, at, y=14, words=words, style_as="limit")


def band(root: ET.Element, left: float, right: float, *, floor: float, words: str) -> None:
    """Draw an interval of confidence, with its words in the lower row."""
    width = max(right - left, 0.4)
    svg.add(root, "rect", x=f"{left:.2f}%", y=TOP - 10, width=f"{width:.2f}%", height=floor - TOP + 10, style_as="band")
    _label(root, (left + right) / 2, y=30, words=words, style_as="band")


def _label(root: ET.Element, at: float, *, y: float, words: str, style_as: str) -> None:
    anchor, shift = ("start", 5) if at < _MIDDLE else ("end", -5)
    svg.add(root, "text", words, x=f"{at:.2f}%", dx=shift, y=y, text_anchor=anchor, style_as=style_as)
