"""Takes a document apart: sections under their headings, and in them lists, blocks of code and paragraphs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_HEADING: Final = re.compile(r"#{1,6}\s|={1,6}\s")
_UNDERLINE: Final = re.compile(r"([=\-~^\"'`#*+])\1{2,}\s*$")
_FENCE: Final = re.compile(r"\s*(```|~~~)")
_ITEM: Final = re.compile(r"\s+\S|[-*+•]\s|\d+[.)]\s|\|")

_Numbered = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A list, a block of code or a paragraph, the number of its first line, and the section that it is part of."""

    first: int
    lines: tuple[str, ...]
    about: str


def passages(text: str) -> Iterator[Passage]:
    """Every passage of a document, in order."""
    for section in _sections(text):
        about = "\n".join(line for _, line in section)
        for block in _blocks(section):
            yield Passage(first=block[0][0], lines=tuple(line for _, line in block), about=about)


def _sections(text: str) -> Iterator[list[_Numbered]]:
    """The lines of each section, its heading first."""
    section: list[_Numbered] = []
    fenced = False
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        fenced ^= _FENCE.match(line) is not None
        following = lines[number] if number < len(lines) else ""
        underlined = bool(line[:1].strip()) and not _ITEM.match(line) and _UNDERLINE.match(following) is not None
        if section and not fenced and (underlined or _HEADING.match(line)):
            yield section
            section = []
        section.append((number, line))
    yield section


def _blocks(section: list[_Numbered]) -> Iterator[list[_Numbered]]:
    """What stands together: between fences, or without an empty line; those between items of a list do not part."""
    block: list[_Numbered] = []
    fenced = gap = False
    for number, line in section:
        fence = _FENCE.match(line) is not None
        parted = gap and not (block and _ITEM.match(line) and _ITEM.match(block[-1][1]))
        if block and (fence or (parted and not fenced)):
            yield block
            block = []
        fenced ^= fence
        gap = not line.strip()
        if not (fence or gap):
            block.append((number, line))
    if block:
        yield block
