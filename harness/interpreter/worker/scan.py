"""Reads every source file of a package without running any: what it imports, when, and which classes it defines.

The files are parsed by the platform's own Python, whose syntax they are written in.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .blame import CannotLook
from .statements import Statements

SKIPPED = {"__pycache__", "node_modules"}


def read(package: str) -> dict[str, Any]:
    """One entry for every file of the package, and the top-level names that the source root itself offers."""
    root = Path.cwd()
    if not (root / package).is_dir():
        raise CannotLook(f"there is no package {package} in {root}")
    paths = sorted(find(root / package))
    return {
        "root": str(root),
        "package": package,
        "files": [describe(path, root) for path in paths],
        "own": sorted(own_names(root) | {package}),
        "stdlib": sorted(sys.stdlib_module_names),
    }


def find(folder: Path) -> Iterator[Path]:
    """Every .py file below the folder, through links too, each folder once."""
    entered: set[str] = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in entered:
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(set(folders) - SKIPPED)
        yield from (Path(place, name) for name in names if name.endswith(".py"))


def own_names(root: Path) -> set[str]:
    """The top-level modules in the source root; a folder without __init__.py gives way to an installed package."""
    files = {path.stem for path in root.glob("*.py")}
    return files | {path.parent.name for path in root.glob("*/__init__.py")}


def describe(path: Path, root: Path) -> dict[str, Any]:
    """What one file is called, whether it can be imported, and what it says."""
    parts = path.relative_to(root).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    module = ".".join(parts[:-1] if is_package else parts)
    entry: dict[str, Any] = {
        "module": module,
        "path": str(path.relative_to(root)),
        "unreachable": unreachable(path, root),
        "executed": executed(path),
        "error": None,
        "imports": [],
        "classes": [],
    }
    entry.update(parse(path, module if is_package else module.rpartition(".")[0]))
    return entry


def unreachable(path: Path, root: Path) -> str:
    """Why no import statement can name this file, or nothing."""
    parts = path.relative_to(root).with_suffix("").parts
    odd = [part for part in parts if not part.isidentifier()]
    if odd:
        return f"{odd[0]!r} is not a name that can be imported"
    if path.name != "__init__.py" and (path.with_suffix("") / "__init__.py").exists():
        return "a package of the same name beside it is imported instead"
    for folder in path.parents:
        if folder == root:
            return ""
        if folder.with_suffix(".py").exists() and not (folder / "__init__.py").exists():
            return f"the module {folder.name}.py beside its folder is imported instead"
    return ""


def executed(path: Path) -> bool:
    """Whether a program runs this file and nothing imports it: `python -m`, or Alembic's environment."""
    alembic = path.name == "env.py" and (
        (path.parent / "versions").is_dir() or path.with_name("script.py.mako").exists()
    )
    return path.name == "__main__.py" or alembic


def parse(path: Path, package: str) -> dict[str, Any]:
    """The imports and classes of one file, or where its syntax breaks."""
    try:
        content = path.read_bytes()
        tree = ast.parse(content, filename=str(path))
    except SyntaxError as error:
        return {"error": {"line": error.lineno or 0, "message": error.msg}}
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        return {"error": {"line": 0, "message": f"{type(error).__name__}: {error}"}}
    calls = b"import_module" in content or b"__import__" in content
    statements = Statements(package, calls=calls)
    try:
        statements.read(tree.body)
    except RecursionError:
        return {"error": {"line": 0, "message": "nested too deeply to be read"}}
    return {"imports": statements.imports, "classes": statements.classes}
