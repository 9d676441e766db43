"""Which of our own files the provider stub's image holds, and which version of them."""

import hashlib
from pathlib import Path
from typing import Final

import harness

PROGRAM: Final = "harness.services.provider.program"
_ROOT: Final = Path(harness.__file__).parent
# What the program imports, none of it from outside the standard library.
_PARTS: Final = ("__init__.py", "errors.py", "services/__init__.py", "services/loopback.py", "services/provider/*.py")


def files() -> tuple[Path, ...]:
    """The files."""
    return tuple(path for pattern in _PARTS for path in sorted(_ROOT.glob(pattern)))


def place(path: Path) -> Path:
    """Where one of them lies below a folder that is on Python's path."""
    return Path("harness") / path.relative_to(_ROOT)


def key() -> str:
    """A short name for their content."""
    hashed = hashlib.sha256()
    for path in files():
        hashed.update(hashlib.sha256(path.read_bytes()).digest())
    return hashed.hexdigest()[:16]
