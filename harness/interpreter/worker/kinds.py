"""Tells unit tests from broader ones by their folders, files and marks.

Unit tests are those in a folder of that name or marked so; where there are none, all but those in folders, in files or
with marks of integration and end-to-end tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

UNIT = {"unit", "units", "unittest", "unittests"}
BROAD = {"integration", "integrations", "e2e"}
PHRASE = "endtoend"
WORDS = re.compile(r"[a-z0-9]+")


def is_below(file: Path, homes: list[Path]) -> bool:
    """Whether a file lies in one of these folders, or is one of them."""
    return any(file.is_relative_to(home) for home in homes)


def candidates(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that may hold unit tests; which of them hold any, the platform's pytest decides."""
    root = Path.cwd()
    for path in paths:
        inside = path.relative_to(root)
        if any("test" in part for part in inside.parts) and not is_broad(inside):
            yield path


def unit(items: list[Any]) -> list[Any]:
    """The unit tests among those that were collected."""
    named = [item for item in items if is_unit(item)]
    return named or [item for item in items if not is_broad(place(item)) and not marks(item) & BROAD]


def is_unit(item: Any) -> bool:
    """Whether a test lies in a folder of unit tests or is marked as one."""
    return bool(words(place(item).parent) & UNIT or marks(item) & UNIT)


def is_broad(path: Path) -> bool:
    """Whether the folders or the name of a file say that its tests are broader than unit tests."""
    said = words(path.with_suffix(""))
    return bool(said & BROAD) or PHRASE in "".join(WORDS.findall(path.as_posix().lower()))


def words(path: Path) -> set[str]:
    """The words in the names along a path."""
    return set(WORDS.findall(path.as_posix().lower()))


def place(item: Any) -> Path:
    """Where a test lies below the source root."""
    root = Path.cwd()
    return item.path.relative_to(root) if item.path.is_relative_to(root) else Path(item.path.name)


def marks(item: Any) -> set[str]:
    """The names of the marks on a test, its class and its module."""
    return {mark.name.lower() for mark in item.iter_markers()}
