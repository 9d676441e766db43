"""An arrow from box to box: a curve that leaves and meets them upright, and places on it where a number can be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from harness.report.figures.layout import BOX, Box

HEAD: Final = 6.0
_BOW: Final = 22.0
_ROOM: Final = 11.0
# From the middle outwards.
_PLACES: Final = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82)

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """The four points of the curve; its head points from below or from above at the last."""

    points: tuple[Point, Point, Point, Point]
    head: float

    @property
    def way(self) -> str:
        """The curve as a path, short of the head."""
        (x1, y1), *bends, (x2, y2) = self.points
        middle = " ".join(f"{x:.1f} {y:.1f}" for x, y in bends)
        return f"M{x1:.1f} {y1:.1f}C{middle} {x2:.1f} {y2 - self.head:.1f}"

    @property
    def tip(self) -> str:
        """The corners of the head."""
        x, y = self.points[3]
        return f"{x:.1f},{y:.1f} {x - 3.5:.1f},{y - self.head:.1f} {x + 3.5:.1f},{y - self.head:.1f}"

    def readable(self, boxes: Iterable[Box], taken: Iterable[Point]) -> Point:
        """A place on the curve that hides no name and no other number; its middle where there is none."""
        boxes, taken = tuple(boxes), tuple(taken)
        free = (at for at in map(self._at, _PLACES) if not any(_hides(at, box) for box in boxes))
        return next((at for at in free if not any(_near(at, one) for one in taken)), self._at(_PLACES[0]))

    def _at(self, part: float) -> Point:
        rest = 1 - part
        weights = (rest**3, 3 * rest**2 * part, 3 * rest * part**2, part**3)
        pairs = tuple(zip(weights, self.points, strict=True))
        return sum(weight * x for weight, (x, _) in pairs), sum(weight * y for weight, (_, y) in pairs)


def between(start: Box, end: Box) -> Arrow:
    """Down or up from one box to the other; within a row, by a bow below it."""
    if start.y == end.y:
        y1 = y2 = start.y + BOX
        bends = (y1 + _BOW, y1 + _BOW)
        head = -HEAD
    else:
        down = end.y > start.y
        y1, y2 = (start.y + BOX, end.y) if down else (start.y, end.y + BOX)
        bends = (y1 + (y2 - y1) * 0.45, y1 + (y2 - y1) * 0.55)
        head = HEAD if down else -HEAD
    x1, x2 = start.middle, end.middle
    return Arrow(points=((x1, y1), (x1, bends[0]), (x2, bends[1]), (x2, y2)), head=head)


def _hides(at: Point, box: Box) -> bool:
    x, y = at
    return box.x - _ROOM < x < box.x + box.width + _ROOM and box.y - _ROOM < y < box.y + BOX + _ROOM


def _near(at: Point, other: Point) -> bool:
    return abs(at[0] - other[0]) < 2 * _ROOM and abs(at[1] - other[1]) < 2 * _ROOM
