"""Finds a Python that a platform says it runs on."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from packaging.specifiers import SpecifierSet

from harness.errors import Misuse
from harness.interpreter import python

_NEWEST: Final = 16
_OLDEST: Final = 10
_PYENV: Final = "~/.pyenv/versions"
_UV: Final = "~/.local/share/uv/python"


def find(wanted: SpecifierSet, *, named: str | None = None) -> str:
    """The Python that was named, or the first one of this machine that fits; Misuse when there is none."""
    for executable in (named,) if named else _candidates():
        try:
            found = python.version(executable)
        except Misuse:
            if named:
                raise
            continue
        if wanted.contains(found, prereleases=True):
            return executable
        if named:
            raise Misuse(f"{named} is Python {found}, and the platform wants {wanted}")
    hint = "install one (`uv python install` can), or name one with --python"
    raise Misuse(f"this machine has no Python {wanted}, which the platform wants", hint=hint)


def _candidates() -> Iterator[str]:
    """By name on the path, oldest first since a platform was made with one of its time; then those of installers."""
    for minor in range(_OLDEST, _NEWEST):
        if found := shutil.which(f"python3.{minor}"):
            yield found
    for home in (_PYENV, _UV):
        for folder in sorted(Path(home).expanduser().glob("*")):
            yield str(folder / "bin" / "python3")
