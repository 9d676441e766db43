"""Layers as bands from the highest to the lowest, imports as arrows, those against it numbered and listed."""

from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from harness.model import Hierarchy, LayerImport
from harness.report.figures import arrow, layout, svg
from harness.report.figures.arrow import Point
from harness.report.figures.interface import Drawing
from harness.report.figures.layout import BOX, WIDTH, Band, Box

_MANY: Final = 60
_MOST_LISTED: Final = 60

Ends = tuple[Box, Box]


def draw(figure: Hierarchy) -> Drawing:
    """The bands, what is allowed behind the boxes, what is not in front of them."""
    bands = layout.place(figure.layers)
    wrong = [one for one in figure.imports if not one.allowed]
    told = _told(figure, wrong)
    height = bands[-1].y + bands[-1].height if bands else BOX
    root = svg.picture(told, viewBox=f"-1 -1 {WIDTH + 2:g} {height + 24:.0f}", style_as="layers")
    boxes = {box.module: box for band in bands for box in band.boxes}
    _bands(root, bands)
    _allowed(root, figure.imports, boxes)
    _boxes(root, boxes, {box for one in wrong for box in _ends(one, boxes) or ()})
    _offending(root, wrong, boxes)
    return Drawing(title=figure.title, picture=svg.markup(root), told=told, listed=_listed(wrong))


def _bands(root: ET.Element, bands: Sequence[Band]) -> None:
    for number, band in enumerate(bands, 1):
        svg.add(root, "rect", x=0, y=band.y, width=WIDTH, height=band.height, rx=6, style_as="layer")
        ends = {1: ", the highest", len(bands): ", the lowest"} if len(bands) > 1 else {}
        svg.add(root, "text", f"layer {number}{ends.get(number, '')}", x=10, y=band.y + 16, style_as="what")


def _allowed(root: ET.Element, imports: Sequence[LayerImport], boxes: Mapping[str, Box]) -> None:
    """One thin arrow for each pair; where there are many, lines without heads, which would only hide each other."""
    pairs = dict.fromkeys(ends for one in imports if one.allowed and (ends := _ends(one, boxes)))
    many = len(pairs) > _MANY
    for ends in pairs:
        drawn = arrow.between(*ends)
        svg.add(root, "path", d=drawn.way, style_as="faint many" if many else "faint")
        if not many:
            svg.add(root, "polygon", points=drawn.tip, style_as="faint")


def _boxes(root: ET.Element, boxes: Mapping[str, Box], struck: set[Box]) -> None:
    for box in boxes.values():
        style_as = "module struck" if box in struck else "module"
        svg.add(root, "rect", x=box.x, y=box.y, width=box.width, height=BOX, rx=4, tip=box.module, style_as=style_as)
        svg.add(root, "text", box.shown, x=box.middle, y=box.y + 16, text_anchor="middle")


def _offending(root: ET.Element, wrong: Sequence[LayerImport], boxes: Mapping[str, Box]) -> None:
    """One red arrow for each pair, with the number by which its first import is listed."""
    numbers: dict[Ends, list[int]] = {}
    for number, one in enumerate(wrong, 1):
        if ends := _ends(one, boxes):
            numbers.setdefault(ends, []).append(number)
    drawn = {ends: arrow.between(*ends) for ends in numbers}
    for one in drawn.values():
        svg.add(root, "path", d=one.way, style_as="wrong")
        svg.add(root, "polygon", points=one.tip, style_as="wrong")
    # The numbers last, so that no arrow crosses them.
    taken: list[Point] = []
    for ends, named in numbers.items():
        taken.append(drawn[ends].readable(boxes.values(), taken))
        _badge(root, taken[-1], named, tip=f"{ends[0].module} → {ends[1].module}")


def _badge(root: ET.Element, at: Point, named: Sequence[int], *, tip: str) -> None:
    x, y = at
    words = f"{named[0]}" if len(named) == 1 else f"{named[0]}+"
    svg.add(root, "circle", cx=x, cy=y, r=9, style_as="badge", tip=tip)
    svg.add(root, "text", words, x=x, y=y + 4, text_anchor="middle", style_as="badge")


def _ends(one: LayerImport, boxes: Mapping[str, Box]) -> Ends | None:
    """The boxes that an import leads from and to; none within one box, nor where one of them has none."""
    start, end = _box(one.importer, boxes), _box(one.imported, boxes)
    return None if start is None or end is None or start == end else (start, end)


def _box(module: str, boxes: Mapping[str, Box]) -> Box | None:
    """The box of a module, or that of the package around it."""
    while module and module not in boxes:
        module = module.rpartition(".")[0]
    return boxes.get(module)


def _listed(wrong: Sequence[LayerImport]) -> tuple[str, ...]:
    lines = tuple(f"{one.importer} imports {one.imported} at {one.where}" for one in wrong[:_MOST_LISTED])
    more = len(wrong) - len(lines)
    return (*lines, f"and {more:,} more, which report.json lists") if more else lines


def _told(figure: Hierarchy, wrong: Sequence[LayerImport]) -> str:
    modules = sum(map(len, figure.layers))
    verdict = f"{len(wrong):,} of them against the hierarchy" if wrong else "none of them against the hierarchy"
    return f"{len(figure.layers)} layers with {modules:,} modules; {len(figure.imports):,} imports, {verdict}."
