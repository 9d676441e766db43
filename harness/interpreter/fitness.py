"""Tells whether a Python is one of those that a platform says it runs on.

What goes wrong in any other is not the platform's fault: its syntax may be newer, or its libraries may lack a name.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from packaging.specifiers import SpecifierSet
from pydantic import BaseModel, Field

from harness.errors import CannotTell

_PROJECT: Final = "pyproject.toml"
_MINORS: Final = tuple(f"3.{minor}" for minor in range(8, 40))


class _Project(BaseModel):
    python: str = Field(alias="requires-python")


class _Content(BaseModel):
    project: _Project


def wanted(source: Path) -> SpecifierSet:
    """What `requires-python` asks for in the source root, or else in its parent; nothing where nobody can read it."""
    for folder in (source, source.parent):
        try:
            content = _Content.model_validate(tomllib.loads((folder / _PROJECT).read_text(encoding="utf-8")))
            return SpecifierSet(content.project.python)
        except (OSError, ValueError):
            continue
    return SpecifierSet()


def unfit(source: Path, versions: Iterable[str]) -> CannotTell | None:
    """The error to raise where one of these Pythons is none that the platform runs on; None where all of them are."""
    asked = wanted(source)
    for version in versions:
        if not _fits(asked, version):
            hint = "`conform prepare` makes one for it, or name one with --python"
            return CannotTell(f"the platform wants Python {asked}, and this is Python {version}", hint=hint)
    return None


def nearest(source: Path, version: str) -> str:
    """The minor version to read its code as: that of this Python where it is one of its own, else its oldest."""
    own = ".".join(version.split(".")[:2])
    asked = wanted(source)
    return own if _fits(asked, version) else next((one for one in _MINORS if _fits(asked, f"{one}.99")), own)


def _fits(asked: SpecifierSet, version: str) -> bool:
    # A build from a working copy of Python ends with a plus.
    return asked.contains(version.rstrip("+"), prereleases=True)
