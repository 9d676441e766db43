"""Where the suite lies: the checkout that holds features, steps and fixtures."""

from pathlib import Path
from typing import Final

from harness.errors import Misuse

PARTS: Final = ("features", "steps", "fixtures")


def find(named: Path | None) -> Path:
    """Give the suite that was named, or the one around the working directory; Misuse when there is none."""
    if named is not None:
        return _verified(named.resolve())
    here = Path.cwd()
    for folder in (here, *here.parents):
        if all((folder / part).is_dir() for part in PARTS):
            return folder
    raise Misuse("there is no suite around this folder", hint="run inside a checkout, or name one with --suite DIR")


def _verified(folder: Path) -> Path:
    missing = [part for part in PARTS if not (folder / part).is_dir()]
    if missing:
        raise Misuse(f"{folder.name} is no suite: it lacks {', '.join(missing)}/", hint="--suite names a checkout")
    return folder
