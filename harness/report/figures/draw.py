"""Draws a figure, whatever its kind."""

from typing import assert_never

from harness.model import Distribution, Figure, Hierarchy, Pairs
from harness.report.figures import distribution, hierarchy, pairs
from harness.report.figures.interface import Drawing


def drawing(figure: Figure) -> Drawing:
    """The figure as a picture, with a sentence that tells the same."""
    match figure:
        case Distribution():
            return distribution.draw(figure)
        case Pairs():
            return pairs.draw(figure)
        case Hierarchy():
            return hierarchy.draw(figure)
        case _:
            assert_never(figure)
