"""The platform's source as a folder: where its package is, and the digest that says which build was judged."""

import hashlib
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.errors import TargetNotFound

PACKAGE: Final = "omoi_os"
LEFT_OUT: Final = frozenset(
    {"__pycache__", ".git", ".venv", "node_modules", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".coverage"}
)


def locate(folder: Path, *, option: str = "--source") -> Path:
    """Give the absolute source root: the folder that holds the package, or TargetNotFound for the option naming it."""
    root = folder.resolve()
    if not root.is_dir():
        raise TargetNotFound(f"{folder} is not a folder", hint=f"{option} names the folder that holds {PACKAGE}/")
    if not (root / PACKAGE).is_dir():
        raise TargetNotFound(
            f"{folder} holds no package {PACKAGE}",
            hint=f"{option} names the folder in which {PACKAGE}/, alembic.ini and migrations/ lie side by side",
        )
    return root


def digest(root: Path) -> str:
    """SHA-256 over the sorted relative paths and the bytes of the source, without caches."""
    hashed = hashlib.sha256()
    for path in sorted(_files(root), key=lambda path: path.relative_to(root).as_posix()):
        content = path.read_bytes()
        hashed.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        hashed.update(content)
    return hashed.hexdigest()


def version(root: Path) -> str:
    """The version that the platform's own pyproject.toml states, or "unknown"."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return "unknown"
    return str(project.get("version", "unknown"))


def _files(root: Path) -> Iterator[Path]:
    linked: set[Path] = set()
    for folder, folders, names in os.walk(root, followlinks=True):
        folders[:] = [name for name in sorted(folders) if name not in LEFT_OUT and _is_new(Path(folder, name), linked)]
        yield from (path for name in names if name not in LEFT_OUT and (path := Path(folder, name)).is_file())


def _is_new(folder: Path, linked: set[Path]) -> bool:
    # A linked folder is part of the build, but only once: links may run in circles.
    if not folder.is_symlink():
        return True
    new = folder.resolve() not in linked
    linked.add(folder.resolve())
    return new
