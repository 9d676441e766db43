"""Names of events as a platform's source writes them, for whoever awaited one that never came under its own name."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.source import PACKAGE

_MOST: Final = 3
_SEPARATOR: Final = r"[._:]"
_WRITTEN: Final = re.compile(rf"""["']([A-Za-z][A-Za-z0-9]*(?:{_SEPARATOR}[A-Za-z0-9]+)+)["']""")


def alike(source: Path, event_type: str) -> tuple[str, ...]:
    """Names that hold every word of a type and are not it, each with the file and line of its first place."""
    found: dict[str, str] = {}
    for name, place in _written(source):
        if name != event_type and _words(event_type) <= _words(name):
            found.setdefault(name, place)
    return tuple(f"{name} ({place})" for name, place in found.items())[:_MOST]


def _written(source: Path) -> Iterator[tuple[str, str]]:
    for file in sorted((source / PACKAGE).rglob("*.py")):
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            for name in _WRITTEN.findall(line):
                yield name, f"{file.relative_to(source)}:{number}"


def _words(name: str) -> frozenset[str]:
    return frozenset(re.split(_SEPARATOR, name.lower()))
