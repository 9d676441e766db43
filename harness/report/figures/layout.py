"""Where the modules of a hierarchy stand: one band for each layer, boxes in rows, names as short as they stay clear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 880.0
BOX: Final = 24.0
_LETTER: Final = 6.7
_MOST_LETTERS: Final = 30
_GAP: Final = 10.0
_MARGIN: Final = 16.0
_HEAD: Final = 24.0
_BETWEEN: Final = 46.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One module: its place, its size, its whole name and the one that is shown."""

    module: str
    shown: str
    x: float
    y: float
    width: float

    @property
    def middle(self) -> float:
        """Where arrows meet it."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One layer from its top to its bottom."""

    y: float
    height: float
    boxes: tuple[Box, ...]


def place(layers: Sequence[Sequence[str]]) -> tuple[Band, ...]:
    """Each layer as a band below the one before."""
    names = _short([module for layer in layers for module in layer])
    bands: list[Band] = []
    top = 0.0
    for layer in layers:
        boxes = _boxes(layer, names, top + _HEAD)
        bottom = max((box.y + BOX for box in boxes), default=top + _HEAD) + _GAP
        bands.append(Band(y=top, height=bottom - top, boxes=boxes))
        top = bottom + _BETWEEN
    return tuple(bands)


def _boxes(layer: Sequence[str], names: Mapping[str, str], top: float) -> tuple[Box, ...]:
    """The modules of a layer in rows, each row in the middle of the band."""
    rows: list[list[tuple[str, float]]] = [[]]
    used = 0.0
    for module in layer:
        width = len(names[module]) * _LETTER + 16
        if rows[-1] and used + width > WIDTH - 2 * _MARGIN:
            rows.append([])
            used = 0.0
        rows[-1].append((module, width))
        used += width + _GAP
    return tuple(box for number, row in enumerate(rows) for box in _row(row, names, top + number * (BOX + _GAP)))


def _row(row: Sequence[tuple[str, float]], names: Mapping[str, str], y: float) -> tuple[Box, ...]:
    widths = [width for _, width in row]
    x = (WIDTH - sum(widths) - _GAP * (len(row) - 1)) / 2
    boxes: list[Box] = []
    for module, width in row:
        boxes.append(Box(module=module, shown=names[module], x=x, y=y, width=width))
        x += width + _GAP
    return tuple(boxes)


def _short(modules: Sequence[str]) -> dict[str, str]:
    """Names without the packages that all of them share, cut at the front where they are still long."""
    split = [module.split(".") for module in modules]
    shared = 0
    while split and all(len(parts) > shared + 1 and parts[shared] == split[0][shared] for parts in split):
        shared += 1
    return {module: _cut(".".join(parts[shared:])) for module, parts in zip(modules, split, strict=True)}


def _cut(name: str) -> str:
    return name if len(name) <= _MOST_LETTERS else f"…{name[1 - _MOST_LETTERS :]}"
