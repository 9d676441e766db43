"""Loads every step and fixture module of the suite; a new file needs no entry anywhere."""

from pathlib import Path

_SUITE = Path(__file__).resolve().parent.parent
_OWN = {"__init__", "conftest", "test_features"}

pytest_plugins = [
    f"{folder}.{path.stem}"
    for folder in ("fixtures", "steps")
    for path in sorted((_SUITE / folder).glob("*.py"))
    if path.stem not in _OWN
]
